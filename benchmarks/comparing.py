"""How long comparisons take: all of them on the study, and the distances of ten thousand articles.

python benchmarks/comparing.py [K]      (default: 14 topics on data/counts)

Prints seconds for each comparison with 2,000 bootstrap and 10,000 permutation draws, their sum with and without compiling (the first run on a
machine compiles, later ones do not), and seconds for the distances of 10,000 articles × 100 topics.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics import counts as count
from nqp_topics.topics import train

ROOT = Path(__file__).resolve().parents[1]


def ways(topics: int) -> dict[str, Callable[[], object]]:
    counts = count.load(ROOT / "data" / "counts")
    runs = train(counts, topics, seeds=range(1, 4))
    run = runs.medoid
    voice = pd.read_csv(ROOT / "data" / "articles.csv", dtype=str).set_index("id")["voice"]
    shares = run.articles(counts)
    table = compare.distances(shares)
    voices = compare.grouped(shares, voice)
    one, other = shares.index[:2]
    return {
        "article_shares": lambda: compare.article_shares(run, counts),
        "concentration": lambda: compare.concentration(run, counts),
        "trends": lambda: compare.trends(run, counts),
        "article_distances": lambda: compare.article_distances(run, counts),
        "drivers": lambda: compare.drivers(run, counts, one, other),
        "tree, 200 draws": lambda: compare.tree(table, drawn=compare.redrawn(run, counts)),
        "map_with_intervals": lambda: compare.map_with_intervals(run, counts),
        "group_shares": lambda: compare.group_shares(voices),
        "differences": lambda: compare.differences(voices),
        "overall": lambda: compare.overall(voices),
        "group_distances": lambda: compare.group_distances(voices),
        "wording, every topic": lambda: [
            compare.wording(run, counts, voice, topic, "academic") for topic in run.names
        ],
        "together": lambda: compare.together(run.passages, counts.articles),
        "group shares over 3 runs": lambda: compare.over_runs(
            run,
            list(runs),
            counts,
            lambda found: compare.group_shares(compare.grouped(found, voice)),
            "share",
            ["group", "topic"],
        ),
    }


def seconds(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def main() -> None:
    found = ways(int(sys.argv[1]) if len(sys.argv) > 1 else 14)
    rows = [(name, seconds(way), seconds(way)) for name, way in found.items()]
    table = pd.DataFrame(rows, columns=["comparison", "first", "again"]).set_index("comparison")
    table.loc["all"] = table.sum()
    print(table.round(2).to_string(), end="\n\n")
    many_articles = pd.DataFrame(np.random.default_rng(0).dirichlet(np.full(100, 0.1), 10_000))
    print(
        f"distances of 10,000 articles × 100 topics: {seconds(lambda: compare.distances(many_articles)):.1f} s"
    )


if __name__ == "__main__":
    main()
