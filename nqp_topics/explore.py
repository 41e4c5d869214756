"""Explore: what there is, counted before anything is modelled. Tables in, tables out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler


def show(table: pd.DataFrame, **formats: str) -> Styler:
    """Set a table for reading in a notebook: no index, numbers to the right, words to the left; `share=".1%"` formats a column."""
    table = table.reset_index(drop=True)
    words = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    given: dict[Any, Any] = {name: "{:" + form + "}" for name, form in formats.items()}
    left = [{"selector": f".col{table.columns.get_loc(name)}", "props": "text-align: left"} for name in words]
    body = table.style.hide().format(given, na_rep="", escape="html").set_table_styles(left, overwrite=False)
    return body.set_properties(subset=words, **{"white-space": "pre-wrap"}).set_uuid(str(len(table)))


def corpus(registry: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Say how much each article holds: one row an article, in the registry's order.

    Columns: id, source, voice, year (empty where the article bears no date), passages, han (Chinese characters).
    """
    held = passages.groupby("article")["han"].agg(passages="size", han="sum")
    table = registry[["id", "source", "voice"]].assign(year=registry["date"].str[:4])
    table = table.merge(held, left_on="id", right_index=True, how="left", validate="1:1")
    return table.fillna({"passages": 0, "han": 0}).astype({"passages": int, "han": int})


def groups(corpus: pd.DataFrame, by: str = "voice") -> pd.DataFrame:
    """Sum up articles by voice, source or year: one row a group, largest first.

    Columns: the group; articles; passages; han; share (of all Chinese characters); shortest, median and longest article.
    """
    grouped = corpus.groupby(by)["han"]
    table = pd.DataFrame(
        {
            "articles": grouped.size(),
            "passages": corpus.groupby(by)["passages"].sum(),
            "han": grouped.sum(),
            "share": grouped.sum() / corpus["han"].sum(),
            "shortest": grouped.min(),
            "median": grouped.median().astype(int),
            "longest": grouped.max(),
        }
    )
    return table.reset_index().sort_values(["articles", by], ascending=[False, True], ignore_index=True)


def lengths(passages: pd.DataFrame, step: int = 50) -> pd.DataFrame:
    """Count passages by length: one row a class of `step` Chinese characters. Columns: above, upto (included), passages."""
    low = (passages["han"] - 1).clip(lower=0) // step * step
    counted = low.value_counts()
    floors = range(0, int(low.max()) + step, step)
    rows = [(floor, floor + step, int(counted.get(floor, 0))) for floor in floors]
    return pd.DataFrame(rows, columns=["above", "upto", "passages"])


def corpus_in_words(corpus: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of the corpus shows."""
    most, dated = groups(corpus).iloc[0], int((corpus["year"] != "").sum())
    low, high, total = corpus["han"].min(), corpus["han"].max(), len(corpus)
    return (
        f"{total} articles as dots by kind of voice and length, from {low:,} to {high:,} Chinese characters; "
        f"the largest group has {most['articles']}; {dated} bear a date.",
        f"{total}篇文章按发言者类别和长度排列，每点一篇，{low:,}至{high:,}个汉字；最大一类{most['articles']}篇；{dated}篇有日期。",
    )


def lengths_in_words(passages: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of passage lengths shows."""
    quarter, middle, most = (int(passages["han"].quantile(q)) for q in (0.25, 0.5, 0.75))
    total = len(passages)
    return (
        f"{total:,} passages by length: half of them hold {quarter} to {most} Chinese characters, the median is {middle}.",
        f"{total:,}个段落按长度分布：半数在{quarter}至{most}个汉字之间，中位数为{middle}。",
    )
