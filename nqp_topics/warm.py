"""Warm: have every loop that the notebooks need compiled once, when the environment is set up, on a few made-up sentences.

python -m nqp_topics.warm
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import choose, compare, count, segment, sift, terms, train
from nqp_topics.counts import Counts

WORDS = ("创新", "人才", "教育", "绿色", "生态", "工业", "数据", "企业", "农业", "市场", "改革", "学校")


def texts(articles: int = 8, passages: int = 4) -> pd.DataFrame:
    """Make up passages of two kinds of words: one row a passage: id, article, text."""
    rng = np.random.default_rng(1)
    rows = []
    for article in range(articles):
        own = WORDS[:6] if article % 2 else WORDS[6:]
        for place in range(passages):
            said = "，".join(str(word) for word in rng.choice(own, 12))
            rows.append((f"a{article}-{place}", f"a{article}", f"{said}。"))
    return pd.DataFrame(rows, columns=["id", "article", "text"])


def counted(table: pd.DataFrame) -> Counts:
    """Cut, sift and count the passages."""
    tokens = segment.tokens(table, segment.cutter()).assign(article=table["article"].to_numpy())
    kept, _ = sift.keep(tokens, sift.stop_words())
    terms.kwic(table, WORDS[0])
    return count.counts(kept, None, 1, 1.0).counts


def everything() -> None:
    """Go once through fitting, choosing and comparing."""
    counts = counted(texts())
    fits: dict[str, Any] = {"chains": 1, "sweeps": 4}
    choose.grid(counts, [4, 5], 2, scores=["held_out", "npmi_passages", "separation"], **fits)
    runs = train.many(counts, 4, 2, **fits).runs
    choose.stability(runs, counts)
    choose.lineage([runs[0], train.train(counts, 5, 1, **fits)], counts)
    choose.per_topic(runs[0], counts)
    run, draws = runs[0], 100
    run.shares(counts)
    shares = run.articles(counts)
    groups = {name: "odd" if int(name[1:]) % 2 else "even" for name in shares.index}
    table = compare.grouped(shares, groups)
    compare.article_distances(run, counts, draws=draws)
    compare.tree(compare.distances(shares), drawn=compare.redrawn(run, counts, draws=draws))
    compare.map_with_intervals(run, counts, draws=draws)
    compare.differences(table, draws=draws, intervals=draws)
    compare.group_distances(table, draws=draws, intervals=draws)
    compare.drivers(run, counts, "a0", "a1", draws=draws)


if __name__ == "__main__":
    everything()
