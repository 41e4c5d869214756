"""A large corpus whose topics are known: time to find them, and what a token costs from one million to a hundred million.

python benchmarks/large.py                     50,000 passages × 200 words, 20,000 words, 50 topics: truth found and CPU seconds
python benchmarks/large.py --peer 200 --step 20    tomotopy on the same corpus, truth found after every 20 of 200 iterations
python benchmarks/large.py --cost 1,10,100     nanoseconds and bytes a token for so many million tokens, each in a fresh process
python benchmarks/large.py --peer 200 --topics 200     the same with so many planted topics; --passages 5000: a million tokens
python benchmarks/large.py --cost 100 --cluster local:2 --memory 2GB     on so many workers of this machine, by the clock, with the memory of the larger one
python benchmarks/large.py --limit 100     what can be found: from the planted topic of every token, after so many sweeps
"""

import argparse
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from peers import gensim, ours, placed, texts
from quality import planted, truth_found

from nqp_topics.topics.engines import arrays, kernels

TOPICS = 50


def find(seed: int, passages: int, topics: int) -> None:
    ours(planted(9, 100)[0], 5, 1)
    ours(planted(9, 6000)[0], topics, 1)  # compiled now, or taken from the cache
    counts, truth = planted(seed, passages, topics=topics)
    model = ours(counts, topics, seed)
    print(f"nqp_topics        {model.seconds:7.1f} CPU s   truth found {truth_found(model.words, truth):.4f}")


def peer(seed: int, iterations: int, step: int, passages: int, topics: int) -> None:
    from tomotopy import LDAModel

    counts, truth = planted(seed, passages, topics=topics)
    model = gensim(counts, topics, seed, 5)
    print(f"gensim, 5 passes  {model.seconds:7.1f} CPU s   truth found {truth_found(model.words, truth):.4f}")
    model = LDAModel(k=topics, seed=seed)
    for text in texts(counts):
        model.add_doc(text)
    seconds = 0.0
    for done in range(step, iterations + 1, step):
        begin = time.process_time()
        model.train(step, workers=1)
        seconds += time.process_time() - begin
        words = placed(
            [model.get_topic_word_dist(topic) for topic in range(topics)], model.used_vocabs, counts.shape[1]
        )
        print(
            f"tomotopy {done:5d}    {seconds:7.1f} CPU s   truth found {truth_found(words, truth):.4f}",
            flush=True,
        )


def limit(seed: int, sweeps: int, passages: int, topics: int) -> None:
    """Say what counting the planted topics of all tokens finds, and the mean of the later half of so many sweeps from there."""
    labels = np.empty(200 * passages, np.uint16)
    counts, truth = planted(seed, passages, topics=topics, labels=labels)
    ends, words, times = arrays(counts)
    table = np.zeros((counts.shape[1], topics), np.int32)
    np.add.at(table, (np.repeat(words, times), labels), 1)
    print(f"every token's topic known     truth found {truth_found(table.T, truth):.4f}")
    prior = kernels.Prior(np.full((1, topics), 0.1), np.zeros(passages, np.int64))
    totals, none, mean = table.sum(axis=0, dtype=np.int64), np.zeros((0, 0), np.int32), np.zeros(table.shape)
    for sweep in range(sweeps):
        told = kernels.sweep(
            ends, words, times, labels, table, totals, prior, 0.05, np.uint64(seed), sweep + 2, none, True
        )
        mean += table if sweep >= sweeps // 2 else 0
    print(f"{sweeps} sweeps from there, the mean     truth found {truth_found(mean.T, truth):.4f}")
    print(
        f"the last of them     truth found {truth_found(table.T, truth):.4f}, {told / len(labels):.4f} a token"
    )


def cost(millions: float, topics: int, cluster: str, memory: str) -> None:
    ours(planted(9, 6000, topics=topics)[0], topics, 1, threads=1)
    counts, truth = planted(1, int(millions * 5000), topics=topics)
    tokens = int(counts.sum(dtype=np.int64))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with workers(cluster, memory) as (where, seen):
        held, begin = current(), time.perf_counter()
        model = ours(counts, topics, 1, **where)
        seconds = time.perf_counter() - begin if cluster else model.seconds
    peak = max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, before)
    there = [f"{seen[len(seen) * part // 4 - 1] / 2**30:.2f}" for part in (1, 2, 3, 4)] if seen else []
    print(
        f"{millions:g} million tokens, {topics} topics: {seconds / tokens * 1e9:.0f} ns a token, at most {(peak - held) * 1024 / tokens:.1f} bytes"
        f" a token beside the counts ({8 * counts.nnz / tokens:.1f}), truth found {truth_found(model.words, truth):.4f}"
        + (f", the larger worker at most {max(seen) / 2**30:.2f} GiB, by quarters {there}" if seen else ""),
        flush=True,
    )


@contextmanager
def workers(cluster: str, memory: str) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """Give what a fit takes to work there, and what the larger worker of `cluster` holds, in bytes, second by second."""
    if not cluster:
        yield {"threads": 1}, []
        return
    import psutil
    from distributed import Client, LocalCluster

    number, seen, stop = int(cluster.removeprefix("local:")), list[int](), threading.Event()
    options = {"threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(number, memory_limit=memory, **options) as machine, Client(machine) as client:
        crew = [psutil.Process(process) for process in client.run(os.getpid).values()]

        def look() -> None:
            while not stop.wait(1):
                seen.append(max(one.memory_info().rss for one in crew))

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield {"cluster": client}, seen
        finally:
            stop.set()
            thread.join()


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
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--passages", type=int, default=50_000)
    parser.add_argument("--topics", type=int, default=TOPICS)
    parser.add_argument("--cluster", default="")
    parser.add_argument("--memory", default="auto")
    options = parser.parse_args()
    sizes, world = (
        [float(size) for size in options.cost.split(",") if size],
        (options.passages, options.topics),
    )
    if len(sizes) == 1:
        cost(sizes[0], options.topics, options.cluster, options.memory)
    for size in sizes if len(sizes) > 1 else []:
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--cost", f"{size:g}"], check=True)
    if options.peer:
        peer(options.seed, options.peer, options.step, *world)
    if options.limit:
        limit(options.seed, options.limit, *world)
    if not (sizes or options.peer or options.limit):
        find(options.seed, *world)
