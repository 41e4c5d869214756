"""Results: the tables that a researcher takes along to Excel, R, SPSS or Stata: one workbook of topics, one of articles, and their csv twins."""

from pathlib import Path
from typing import TypeAlias

import pandas as pd

from nqp_topics.compare.shares_of_articles import article_shares
from nqp_topics.counts import Counts
from nqp_topics.documents.registry import HEADS as OF_REGISTRY
from nqp_topics.files.tables import write_table
from nqp_topics.files.workbook import write_workbook
from nqp_topics.naming.about import words
from nqp_topics.topics.model import Topics

HEADS = {
    "topic": "主题", "zh": "中文名", "en": "英文名", "share": "占比", "words": "高频词", "telling": "相关词", "rank": "位次", "word": "词",
    "article": "文章", "low": "下限", "high": "上限", "passages": "段落数", "tokens": "词数", "apart": "不归主题的词", "note": "说明", "agreement": "链间一致度",
    "overlap": "不同种子前列词重合度", "probability": "概率", "by_relevance": "按相关度排列的词",
}  # fmt: skip
Tables: TypeAlias = dict[str, pd.DataFrame]
WORDS = 30  # of a topic, in the sheet of words


def topics_tables(topics: Topics, labels: pd.DataFrame, overlap: pd.Series | None = None) -> Tables:
    """Gather topics for a spreadsheet. `topics`: one row a topic, the largest first: topic, zh, en, share, words (the ten most probable),
    telling (the ten of highest relevance), agreement (of chains, where there are several), overlap (of top words with other seeds, where it
    is given). `words`: one row a topic and rank: topic, rank, word, probability, by_relevance (the word of that rank by relevance).
    """
    ranked = {by: words(topics, min(WORDS, len(topics.words)), by) for by in ("probability", "relevance")}
    table = labels[["topic", "zh", "en"]].assign(share=(topics.tokens / topics.tokens.sum()).to_numpy())
    for name, by in (("words", "probability"), ("telling", "relevance")):
        ten = ranked[by][ranked[by]["rank"] <= 10]
        table[name] = table["topic"].map(ten.groupby("topic")["word"].agg(" ".join))
    if topics.topic_agreement is not None:
        table["agreement"] = topics.topic_agreement.reindex(table["topic"]).to_numpy()
    if overlap is not None:
        table["overlap"] = overlap.reindex(table["topic"]).to_numpy()
    keys = ["topic", "rank"]
    listed = ranked["probability"][[*keys, "word", "score"]].rename(columns={"score": "probability"})
    telling = ranked["relevance"][[*keys, "word"]].rename(columns={"word": "by_relevance"})
    listed = listed.merge(telling, on=keys, how="left", validate="one_to_one")
    return {"topics": table.sort_values("share", ascending=False, kind="stable"), "words": listed}


def articles_tables(topics: Topics, counts: Counts, registry: pd.DataFrame, labels: pd.DataFrame) -> Tables:
    """Gather articles for a spreadsheet. `articles`: one row an article: its columns of the registry, passages, tokens, apart (the part
    of its tokens that is no topic's, where some were set apart or a topic was dropped: shares are those of the rest), then one column a topic with its share. `intervals`: one row an article and topic: article, topic, zh, en, share, low, high, note. `names`: what the topics are called.
    """
    long = article_shares(topics, counts)
    wide = long.pivot(index="article", columns="topic", values="share")[topics.names]
    sizes = long.drop_duplicates("article").set_index("article")[["passages", "tokens"]]
    if topics.apart:
        both = {"held": topics.mass(counts), "all": counts.lengths.to_numpy()}
        sums = pd.DataFrame(both, index=pd.Index(counts.articles)).groupby(level=0).sum().reindex(sizes.index)
        sizes = sizes.assign(apart=1 - sums["held"] / sums["all"])
    about = registry.astype(object).set_index("id").reindex(wide.index).fillna("")
    about = about.loc[:, [(about[name].astype(str) != "").any() for name in about]]
    about = about.drop(columns=["check", "fingerprint", "passages", "tokens", "apart"], errors="ignore")
    table = about.join(sizes).join(wide).rename_axis("article").reset_index()
    names = labels[["topic", "zh", "en"]]
    long = long.merge(names, on="topic", how="left", validate="many_to_one")
    intervals = long[["article", "topic", "zh", "en", "share", "low", "high", "note"]]
    return {"articles": table, "intervals": intervals, "names": names}


def write_results(tables: Tables, folder: str | Path, stem: str, names: list[str]) -> list[Path]:
    """Write tables as the workbook `stem`.xlsx and each as a csv that Excel opens with its Chinese whole; return the files."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{stem}.xlsx"
    write_workbook(tables, file, OF_REGISTRY | HEADS, shares=("share", "low", "high", "apart", *names))
    files = [file]
    for name, table in tables.items():
        files.append(folder / (f"{stem}.csv" if name == stem else f"{stem}_{name}.csv"))
        write_table(table, files[-1])
    return files
