"""The sheet on which topics are named: what to read of each topic, and cells for what a person calls it; filled in Excel, read back."""

from pathlib import Path

import pandas as pd

from nqp_topics.counts import Counts
from nqp_topics.files.workbook import write_workbook
from nqp_topics.naming.about import by_measure, purest
from nqp_topics.naming.changes import labels_here
from nqp_topics.naming.labels import LABELS
from nqp_topics.topics.model import Topics

HEADS = {
    "topic": "主题", "share": "占比", "zh": "中文名", "en": "英文名", "who": "命名者", "when": "日期", "note": "备注",
    "probability": "高频词", "frex": "专有词", "lift": "提升度", "relevance": "相关词", "fingerprint": "运行",
    "passage_1": "段落", "passage_2": "段落", "passage_3": "段落",
}  # fmt: skip
FILL = ("zh", "en", "who", "when", "note")


def topics_sheet(
    topics: Topics, counts: Counts, labels: pd.DataFrame, texts: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Gather what a person reads before naming a topic: one row a topic, then the labels of other runs, so that nothing written is lost.

    Columns: topic, share (of all tokens), zh, en, who, when, note (as `labels` has them, else empty), the first words (ten at most) by probability,
    frex, lift and relevance, passage_1 to passage_3 (the purest: id, share and, where `texts` are given, the text), fingerprint.
    """
    table = pd.DataFrame({"topic": topics.names, "share": (topics.tokens / topics.tokens.sum()).to_numpy()})
    least = min(5.0, float(topics.tokens.min()))
    words = by_measure(topics, min(10, len(topics.words)), least)
    table = table.merge(words, "left", "topic", validate="one_to_one")
    pure = purest(topics, counts, 3)
    text = {} if texts is None else {row.id: f"\n{row.text}" for row in texts.itertuples()}
    pure["passage"] = [f"{row.id} ({row.share:.0%}){text.get(row.id, '')}" for row in pure.itertuples()]
    for rank in (1, 2, 3):
        read = pure[pure["rank"] == rank].set_index("topic")["passage"]
        table[f"passage_{rank}"] = table["topic"].map(read)
    table["fingerprint"] = topics.fingerprint
    given = labels.reindex(columns=[*LABELS, "note"]).fillna("").astype(str)
    mine = given["fingerprint"] == topics.fingerprint
    own = labels_here(given, topics).set_index("topic").reindex(topics.names)
    for place, name in enumerate(FILL):
        table.insert(2 + place, name, own[name].fillna("").to_numpy())
    return pd.concat([table, given[~mine]], ignore_index=True)


def write_sheet(table: pd.DataFrame, file: str | Path) -> None:
    """Write the sheet as a workbook; what is to be filled in is tinted."""
    write_workbook({"labels": table}, file, HEADS, shares=("share",), fill=FILL)
