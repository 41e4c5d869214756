"""Tables of the paper: the topics, how many articles carry them, and the differences between groups; each a call that sets itself in a notebook and saves when asked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from nqp_topics import choose, naming
from nqp_topics.counts import Counts
from nqp_topics.figures.labelled import Labels, topic_labels, with_labels
from nqp_topics.figures.look import look
from nqp_topics.figures.printed import Column, save_table, set_table
from nqp_topics.figures.shown import language, reported, said, tell_below
from nqp_topics.figures.styles import asked
from nqp_topics.figures.told import clear
from nqp_topics.topics.model import Topics

ENDS = (".csv", ".tex", ".docx", ".zh.tex", ".zh.docx")
GROUPS = [
    Column("group", "label", ("Group", "甲组"), once=True),
    Column("other", "label", ("Other", "乙组"), once=True),
]


class Printed:
    """A table as the paper prints it, in a notebook in the language that `figures.language` chose; with no row there is no table."""

    def __init__(
        self,
        table: pd.DataFrame,
        columns: Sequence[Column],
        caption: tuple[str, str],
        note: tuple[str, str] = ("", ""),
        run: str = "",
    ) -> None:
        self.table, self.columns, self.caption, self.note, self.run = table, columns, caption, note, run

    def save(self, stem: str | Path) -> Self:
        """Write it under one stem as csv, LaTeX and Word, and return it; without rows, what an earlier run wrote there goes."""
        if len(self.table):
            save_table(self.table, stem, self.caption, self.columns, self.note, run=self.run)
        else:
            for end in ENDS:
                Path(f"{stem}{end}").unlink(missing_ok=True)
        return self

    def _ipython_display_(self) -> None:
        from IPython.display import display

        tell_below(repr(self))
        if len(self.table):
            display(look(set_table(self.table, self.columns, language())))

    def __repr__(self) -> str:
        caption = said(self.caption)
        return caption if len(self.table) else said((f"{caption}: none", f"{caption}：无"))


def carried_by(run: Topics, counts: Counts, labels: Labels = None) -> pd.DataFrame:
    """Say how many articles carry each topic: one row a topic, the largest first; one that lives in one article is that article's, not the corpus's.

    Columns: topic, en, zh, share (of the tokens of all topics), articles (their effective number: as many that held equal parts of it would be as uneven),
    largest (the article with most of it) and its part, prior (a high one: a little in many passages), and for a consensus agreement (how far its
    chains agree on the topic's passages). Refused: counts of another run.
    """
    shares = run.articles(counts)
    tokens = pd.Series(run.mass(counts)).groupby(list(counts.articles)).sum().reindex(shares.index)
    mass = shares.mul(tokens, axis=0)
    parts = (mass / mass.sum(axis=0)).fillna(0.0)  # a topic that nobody has is in no article
    called = topic_labels(shares.columns, labels, "figures.carried_by")
    logs = np.log(parts.where(parts > 0, 1.0))
    found = with_labels(pd.DataFrame({"topic": list(shares.columns)}), called)
    found["share"] = (mass.sum(axis=0) / mass.to_numpy().sum()).to_numpy()
    found["articles"] = np.exp(-(parts * logs).sum(axis=0)).to_numpy()
    found["largest"], found["part"] = parts.idxmax(axis=0).to_numpy(), parts.max(axis=0).to_numpy()
    found["prior"] = run.prior.to_numpy()
    if run.topic_agreement is not None:
        found["agreement"] = run.topic_agreement.to_numpy()
    return found.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def topics_table(found: Any, counts: Counts, labels: pd.DataFrame) -> Printed:
    """Print the topics of the reported run: label, most probable words, share, how many articles carry it, and how far other seeds find it.

    One row a topic: topic, en, zh, share, articles, largest, part (as `figures.carried_by` says), prior, probability and frex (eight words
    each), stable (mean Jaccard coefficient of top words over the other runs).
    """
    run = reported(found)
    table = carried_by(run, counts, labels).set_index("topic").loc[run.names].reset_index()
    table = table[["topic", "en", "zh", "share", "articles", "largest", "part", "prior"]]
    words = naming.by_measure(run, 8, least=10).set_index("topic")
    for by in ("probability", "frex"):
        table[by] = table["topic"].map(words[by])
    stable = choose.stability(found, counts).topics
    table["stable"] = table["topic"].map(stable[stable["seed"] == run.seed].set_index("topic")["top_words"])
    columns = [
        Column("topic", heading=("Topic", "主题")),
        Column("en", zh="zh", heading=("Label", "名称")),
        Column("probability", heading=("Most probable words", "概率最高的词")),
        Column("share", ".1%", ("Share", "占比")),
        Column("articles", ".1f", ("Articles", "有效文章数")),
        Column("stable", ".2f", ("Other seeds", "其他种子")),
    ]
    many = len(table)
    caption = (
        f"The {many} topics: labels, words, shares and agreement with other seeds",
        f"{many}个主题的名称、主题词、占比及其在其他种子中的重现程度",
    )
    note = (
        "Articles: effective number that carry the topic. Other seeds: overlap of their top words with these (mean Jaccard coefficient: words in common by all words of both).",
        "有效文章数：承载该主题的文章的有效数目；其他种子：与其主题词的重合度（Jaccard 系数的均值：共有的词除以两者所有的词）。",
    )
    return Printed(table, columns, caption, note, run.fingerprint)


def differences_table(differences: pd.DataFrame, labels: pd.DataFrame, run: str = "") -> Printed:
    """Print the differences between groups that hold in every run that has the topic, with how many witnesses stand behind them.

    `differences` is the table of `compare.differences` out of `compare.over_runs`; one row a pair and topic, its columns and the labels of the topic.
    """
    table = clear(differences)
    names = {*table["group"], *table["other"]}
    order = list(dict.fromkeys([*asked(names), *sorted(names)]))
    by: dict[str, Any] = {"key": lambda cells: cells if cells.name == "p" else cells.map(order.index)}
    table = table.sort_values(["group", "other", "p"], **by).merge(labels, on="topic")
    columns = [
        *GROUPS,
        Column("en", zh="zh", heading=("Topic", "主题")),
        Column("difference", ".1%", ("Difference\n(points)", "差异\n（百分点）")),
        Column(("low", "high"), "interval .1%", ("95% interval", "95%区间")),
        Column(("run_low", "run_high"), "interval .1%", ("Other seeds", "其他种子")),
        Column("witnesses", ".1f", ("Witnesses", "甲组来源")),
        Column("other_witnesses", ".1f", ("(other)", "乙组来源")),
        Column("p", "p", ("p", "p")),
        Column("run_bh", "p", ("p (BH),\nall runs", "p（BH校正，\n各次最大）")),
    ]
    caption = (
        "Differences between groups that hold in every run that has the topic",
        "在找到该主题的每次运行中均成立的组间差异",
    )
    note = (
        "Shares of articles, each article counted once; witnesses: their effective number in either group; p from shuffling whole witnesses.",
        "文章主题占比之差，每篇文章权重相同；来源：两组各自的有效独立来源数；p值由整体置换独立来源得出。",
    )
    return Printed(table, columns, caption, note, run)
