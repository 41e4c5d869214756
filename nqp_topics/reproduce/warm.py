"""Warm: have every loop that the notebooks need compiled once, when the environment is set up, on a few made-up sentences.

python -m nqp_topics.reproduce.warm
"""

import multiprocessing
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import choose, compare
from nqp_topics import counts as count
from nqp_topics.counts import Counts
from nqp_topics.topics import Topics, train
from nqp_topics.words import segment, sift, terms
from nqp_topics.words.cut import bulk

WORDS = ("创新", "人才", "教育", "绿色", "生态", "工业", "数据", "企业", "农业", "市场", "改革", "学校")


def texts(articles: int = 8) -> pd.DataFrame:
    """Make up passages of two kinds of words: one row a passage: id, article, text."""
    rng = np.random.default_rng(1)
    rows = []
    for article in range(articles):
        own = WORDS[:6] if article % 2 else WORDS[6:]
        for place in range(4):
            said = "，".join(str(word) for word in rng.choice(own, 12))
            rows.append((f"a{article}-{place}", f"a{article}", f"{said}。"))
    return pd.DataFrame(rows, columns=["id", "article", "text"])


def counted(table: pd.DataFrame) -> Counts:
    """Cut, sift and count the passages."""
    tokens = segment.tokens(table, segment.cutter()).assign(article=table["article"].to_numpy())
    kept, _ = sift.keep(tokens, sift.stop_words())
    terms.kwic(table, WORDS[0])
    return count.count(kept, None, 1, 1.0).counts


def lines() -> None:
    """Go once through the loops that read and write JSON lines."""
    with tempfile.TemporaryDirectory() as scratch:
        file, by = Path(scratch) / "texts.jsonl", segment.cutter()
        texts()[["id", "text"]].to_json(file, orient="records", lines=True, force_ascii=False)
        for _ in bulk.as_json(segment.parts(file, by), by.letters):
            pass


def made_up(counts: Counts) -> Topics:
    """Make up a run of these counts, so that comparing need not wait until fitting is compiled."""
    rng, names = np.random.default_rng(1), ["T01", "T02", "T03", "T04"]
    words = pd.DataFrame(rng.dirichlet(np.ones(len(counts.words)), 4).T, list(counts.words), names)
    passages = pd.DataFrame(rng.dirichlet(np.ones(4), len(counts.ids)), list(counts.ids), names)
    even = pd.Series(1.0, names)
    trace = pd.DataFrame({"iteration": [1], "log_likelihood": [-1.0]})
    return Topics(words, passages, even, even, 0.1, 1, "none", "", 1, trace, counts.fingerprint)


def fitting() -> None:
    """Go once through cutting, fitting and choosing."""
    lines()
    counts = counted(texts())
    fits: dict[str, Any] = {"chains": 1, "sweeps": 4}
    choose.grid(counts, [4, 5], 2, scores=["held_out", "npmi_passages", "separation"], **fits)
    train(counts, 4, 1, chains=2, sweeps=4)
    runs = train(counts, 4, seeds=2, **fits)
    choose.stability(runs, counts)
    runs[1].shares(counts)


def comparing() -> None:
    """Go once through comparing, with a run that is made up."""
    said = texts()
    tokens = [text.strip("。").split("，") for text in said["text"]]
    counts = count.count(said.assign(tokens=tokens)).counts
    run, draws = made_up(counts), 100
    shares = run.articles(counts)
    groups = {name: "odd" if int(name[1:]) % 2 else "even" for name in shares.index}
    table = compare.grouped(shares, groups)
    compare.article_distances(run, counts, draws=draws)
    compare.tree(compare.distances(shares), drawn=compare.redrawn(run, counts, draws=draws))
    compare.map_with_intervals(run, counts, draws=draws)
    compare.differences(table, draws=draws)
    compare.group_distances(table, draws=draws, intervals=draws)
    compare.drivers(run, counts, "a0", "a1")


def everything() -> None:
    """Compile on two cores: comparing in a process of its own, the rest here."""
    beside = multiprocessing.Process(target=comparing)
    beside.start()
    fitting()
    beside.join()
    if beside.exitcode:
        raise SystemExit(
            "nqp_topics.reproduce.warm: comparing could not be compiled; the reason stands above"
        )


if __name__ == "__main__":
    everything()
