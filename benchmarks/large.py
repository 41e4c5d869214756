"""A large corpus whose topics are known: time to find them, and what a token costs from one million to a hundred million.

python benchmarks/large.py                     50,000 passages × 200 words, 20,000 words, 50 topics: truth found and CPU seconds
python benchmarks/large.py --peer 200 --step 20    tomotopy on the same corpus, truth found after every 20 of 200 iterations
python benchmarks/large.py --cost 1,10,100     nanoseconds and bytes a token for so many million tokens, each in a fresh process
    --topics 200     so many planted topics; --cluster local:2     on a cluster, by the clock
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from peers import ours, placed, texts
from quality import planted, truth_found

TOPICS = 50


def find(seed: int) -> None:
    ours(planted(9, 100)[0], 5, 1)
    ours(planted(9, 6000)[0], TOPICS, 1)  # compiled now, or taken from the cache
    counts, truth = planted(seed, 50_000)
    model = ours(counts, TOPICS, seed)
    print(f"nqp_topics        {model.seconds:7.1f} CPU s   truth found {truth_found(model.words, truth):.4f}")


def peer(seed: int, iterations: int, step: int) -> None:
    from tomotopy import LDAModel

    counts, truth = planted(seed, 50_000)
    model = LDAModel(k=TOPICS, seed=seed)
    for text in texts(counts):
        model.add_doc(text)
    seconds = 0.0
    for done in range(step, iterations + 1, step):
        begin = time.process_time()
        model.train(step, workers=1)
        seconds += time.process_time() - begin
        words = placed(
            [model.get_topic_word_dist(topic) for topic in range(TOPICS)], model.used_vocabs, counts.shape[1]
        )
        print(
            f"tomotopy {done:5d}    {seconds:7.1f} CPU s   truth found {truth_found(words, truth):.4f}",
            flush=True,
        )


def cost(millions: float, topics: int, cluster: str) -> None:
    more = {"cluster": cluster} if cluster else {"threads": 1}
    ours(planted(9, 6000, topics=topics)[0], topics, 1, threads=1)
    counts, truth = planted(1, int(millions * 5000), topics=topics)
    tokens = int(counts.sum(dtype=np.int64))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    held, begin = current(), time.perf_counter()
    model = ours(counts, topics, 1, **more)
    peak = max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, before)
    seconds = time.perf_counter() - begin if cluster else model.seconds
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(
        f"{millions:g} million tokens, {topics} topics: {seconds / tokens * 1e9:.0f} ns a token, at most {(peak - held) * 1024 / tokens:.1f} bytes"
        f" a token beside the counts ({8 * counts.nnz / tokens:.1f}), truth found {truth_found(model.words, truth):.4f}"
        + (f", {workers:.2f} GiB the largest worker" if cluster else ""),
        flush=True,
    )


def current() -> int:
    """Memory of this process now, in KiB (Linux)."""
    with Path("/proc/self/status").open() as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer", type=int, default=0)
    parser.add_argument("--step", type=int, default=20)
    parser.add_argument("--cost", default="")
    parser.add_argument("--topics", type=int, default=TOPICS)
    parser.add_argument("--cluster", default="")
    options = parser.parse_args()
    sizes = [float(size) for size in options.cost.split(",") if size]
    if len(sizes) == 1:
        cost(sizes[0], options.topics, options.cluster)
    for size in sizes if len(sizes) > 1 else []:
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--cost", f"{size:g}"], check=True)
    if options.peer:
        peer(options.seed, options.peer, options.step)
    if not sizes and not options.peer:
        find(options.seed)
