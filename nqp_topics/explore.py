"""Explore: what there is, counted before anything is modelled. Tables in, tables out."""

from __future__ import annotations

import pandas as pd


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
    """Count passages by length: one row a class of `step` Chinese characters. Columns: from, below, passages."""
    low = passages["han"] // step * step
    counted = low.value_counts()
    floors = range(0, int(low.max()) + step, step)
    return pd.DataFrame(
        [(n, n + step, int(counted.get(n, 0))) for n in floors], columns=["from", "below", "passages"]
    )
