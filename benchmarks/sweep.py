"""How long the search over K takes: 145 models with their scores, beside gensim and tomotopy in the same run.

python benchmarks/sweep.py [--whole] [--seeds N]

Ours: K = 2..30 × 5 seeds, each fitted twice (on all articles, and without those held out) and scored by everything that `choose` has.
The peers: one fit and gensim's c_v for each, nothing else. Without --whole they run on K = 2, 9, 16, 23, 30 with one seed, and the
mean of their seconds is multiplied by 145: `measured` says how many were fitted. tomotopy is left out where it is not installed.
Seconds are of processor time and by the clock; run it with OMP_NUM_THREADS=1, or gensim's linear algebra takes more processor time.

The counts are those of data/counts; the windows of c_v need texts in order, which cannot be shared: without them a passage's words are
put in the order of their code points, for all alike, which changes the values and not the work.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import choose
from nqp_topics import counts as count
from nqp_topics.choose import coherence, shape
from nqp_topics.counts import Counts

ROOT = Path(__file__).resolve().parents[1]
KS = range(2, 31)
SOME = (2, 9, 16, 23, 30)
QUICK: dict[str, Any] = {"chains": 1, "start": 0, "sweeps": 0, "finish": 60}


def texts_of(counts: Counts) -> pd.DataFrame:
    """Tokens in a made-up order: as many as are counted."""
    words = np.array(counts.words, dtype=object)
    table = counts.matrix
    rows = [
        words[np.repeat(table.indices[a:b], table.data[a:b])].tolist()
        for a, b in zip(table.indptr, table.indptr[1:], strict=False)
    ]
    return pd.DataFrame({"id": list(counts.ids), "tokens": rows})


def seconds(work: Callable[[], Any]) -> tuple[np.ndarray, Any]:
    """Seconds of processor time and by the clock on the wall, and what came of the work."""
    start = np.array([time.process_time(), time.perf_counter()])
    found = work()
    return np.array([time.process_time(), time.perf_counter()]) - start, found


def ours(counts: Counts, tokens: pd.DataFrame, seeds: int, name: str, **settings: Any) -> Iterator[dict]:
    choose.grid(counts, [2], 2, tokens, **QUICK)  # compiled code is loaded
    choose.stability(choose.runs(counts, [2], 2, **QUICK), counts)
    fits, runs = seconds(lambda: choose.runs(counts, KS, seeds, **settings))
    outside, _ = seconds(lambda: choose.held_out(counts, KS, seeds, **settings))
    scores, _ = seconds(lambda: choose.score(runs, counts, tokens))
    again, _ = seconds(lambda: choose.stability(runs, counts))
    tops = np.concatenate([shape.top(run.words.to_numpy(), 10) for run in runs])
    ends, numbers = coherence.ordered(tokens, counts)
    windows, _ = seconds(lambda: coherence.c_v(tops, ends, numbers))
    for part, spent in (
        ("fits", fits),
        ("fits, and c_v as the peers have it", fits + windows),
        ("held-out fits and score", outside),
        ("all other scores", scores),
        ("of which c_v", windows),
        ("stability", again),
        ("everything", fits + outside + scores + again),
    ):
        yield {"who": name, "what": part, "measured": len(runs), "processor": spent[0], "wall": spent[1]}


def peer(
    counts: Counts, tokens: pd.DataFrame, seeds: int, whole: bool, name: str, fit: Callable[[int, int], Any]
) -> dict:
    from gensim.models import CoherenceModel

    names, _ = counts.to_gensim()
    texts = tokens["tokens"].tolist()
    jobs = [(k, seed) for k in (KS if whole else SOME) for seed in range(1, (seeds if whole else 1) + 1)]

    def one(k: int, seed: int) -> float:
        model = CoherenceModel(
            topics=fit(k, seed), texts=texts, dictionary=names, coherence="c_v", topn=10, processes=1
        )
        return float(model.get_coherence())

    spent, _ = seconds(lambda: [one(k, seed) for k, seed in jobs])
    processor, wall = spent * len(KS) * seeds / len(jobs)
    return {
        "who": name,
        "what": "fits and c_v",
        "measured": len(jobs),
        "processor": processor,
        "wall": wall,
    }


def peers(counts: Counts, tokens: pd.DataFrame, seeds: int, whole: bool) -> Iterator[dict]:
    from gensim.models import LdaModel

    names, corpus = counts.to_gensim()

    def by_gensim(k: int, seed: int) -> list[list[str]]:
        model = LdaModel(corpus, k, names, passes=10, random_state=seed)
        return [[word for word, _ in model.show_topic(topic, 10)] for topic in range(k)]

    yield peer(counts, tokens, seeds, whole, "gensim, 10 passes + CoherenceModel", by_gensim)
    try:
        import tomotopy
    except ImportError:
        return
    texts = tokens["tokens"].tolist()

    def by_tomotopy(k: int, seed: int) -> list[list[str]]:
        model = tomotopy.LDAModel(k=k, seed=seed)
        for words in texts:
            model.add_doc(words)
        model.train(500, workers=1)
        return [[word for word, _ in model.get_topic_words(topic, 10)] for topic in range(k)]

    yield peer(counts, tokens, seeds, whole, "tomotopy, 500 + CoherenceModel", by_tomotopy)


def main() -> None:
    ask = argparse.ArgumentParser(description="the search over K, beside the peers")
    ask.add_argument("--whole", action="store_true", help="the peers fit all models too (half an hour)")
    ask.add_argument("--seeds", type=int, default=5)
    ask.add_argument("--tokens", help="JSON lines with id and tokens, in the order of the texts")
    asked = ask.parse_args()
    if asked.tokens:
        rows = [json.loads(line) for line in Path(asked.tokens).read_text("utf-8").splitlines()]
        tokens = pd.DataFrame(rows)
        counts = count.count(tokens, min_df=3, max_df=0.5).counts
    else:
        counts = count.load(ROOT / "data" / "counts")
        tokens = texts_of(counts)
    print(f"{len(counts.ids)} passages, {len(counts.words)} words, {counts.tokens} tokens\n")
    ways: tuple[tuple[str, dict[str, Any]], ...] = (("nqp_topics", {}), ("nqp_topics, only EM", QUICK))
    found = chain(
        *(ours(counts, tokens, asked.seeds, name, **settings) for name, settings in ways),
        peers(counts, tokens, asked.seeds, asked.whole),
    )
    table = pd.DataFrame(found)
    print(table.round({"processor": 2, "wall": 2}).to_string(index=False), end="\n\n")
    whole = table[table["what"].isin(["everything", "fits, and c_v as the peers have it"])]
    for other in table[table["what"] == "fits and c_v"].itertuples():
        for row in whole.itertuples():
            times = f"{other.processor / row.processor:.1f} (processor), {other.wall / row.wall:.1f} (wall)"
            print(f"{row.who}, {row.what}: {times} times as fast as {other.who}")


if __name__ == "__main__":
    main()
