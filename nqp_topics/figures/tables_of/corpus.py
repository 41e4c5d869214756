"""Corpus: what there is, counted before anything is modelled, and how a table is set for reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from nqp_topics.compare import contrast
from nqp_topics.figures.captions import label
from nqp_topics.study import Problem, Refused, fingerprint

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

    from nqp_topics.counts import Counts


def show(table: pd.DataFrame, **formats: str) -> Styler:
    """Set a table for reading in a notebook: no index, numbers to the right, words to the left; `share=".1%"` formats a column."""
    table = table.reset_index(drop=True)
    words = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    given: dict[Any, Any] = {name: "{:" + form + "}" for name, form in formats.items()}
    left = [{"selector": f".col{table.columns.get_loc(name)}", "props": "text-align: left"} for name in words]
    body = table.style.hide().format(given, na_rep="", escape="html").set_table_styles(left, overwrite=False)
    return body.set_properties(subset=words, **{"white-space": "pre-wrap"}).set_uuid(
        fingerprint(table.to_csv())[:8]
    )


def lengths(passages: pd.DataFrame, step: int = 50) -> pd.DataFrame:
    """Count passages by length: one row a class of `step` Chinese characters. Columns: above, upto (included), passages."""
    low = (passages["han"] - 1).clip(lower=0) // step * step
    counted = low.value_counts()
    floors = range(0, int(low.max()) + step, step)
    rows = [(floor, floor + step, int(counted.get(floor, 0))) for floor in floors]
    return pd.DataFrame(rows, columns=["above", "upto", "passages"])


def telling_words(
    counts: Counts,
    registry: pd.DataFrame,
    by: str = "voice",
    words: int = 10,
    articles: int = 5,
    within: Mapping[str, str] | None = None,
    draws: int = 200,
    seed: int = 1,
) -> pd.DataFrame:
    """Find the words that set each group of articles apart from the rest: one row a group and word, the most telling first.

    Columns: group, articles (in the group), rank, those of `contrast.keywords` (word, count, rest, per_thousand, rest_per_thousand, log_odds, z), and
    chance: the z that the first word of this group stays below in 95 of 100 cases when groups are shuffled over articles (`draws` times), or over
    witnesses with all their articles (`within`: article → witness, as `compare.witnesses` gives it). Words below it are no finding. Groups with
    fewer than `articles` articles are left out: their words would be those of one author.
    """
    group_of = dict(zip(registry["id"], registry[by], strict=True))
    here = registry[registry["id"].isin(set(counts.articles))]
    sizes = here[by].value_counts()
    tables = []
    if not (sizes >= articles).any() or len(sizes) < 2:
        raise Refused(
            Problem(
                f"explore.telling_words(by={by!r})",
                f"{len(sizes)} groups, the largest of {sizes.max() if len(sizes) else 0} articles",
                f"two groups, one of them of at least {articles} articles",
                "lower `articles`, or group by another column",
            )
        )
    chance = contrast.largest_by_chance(counts, group_of, within, draws, seed)
    for group in sorted(sizes[sizes >= articles].index, key=lambda name: (-sizes[name], name)):
        found = contrast.keywords(counts, group_of, group).head(words)
        found.insert(0, "rank", range(1, len(found) + 1))
        tables.append(found.assign(group=group, articles=int(sizes[group]), chance=chance[group]))
    table = pd.concat(tables, ignore_index=True)
    return table[["group", "articles", *(name for name in table if name not in ("group", "articles"))]]


def lengths_in_words(passages: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of passage lengths shows."""
    quarter, middle, most = (f"{passages['han'].quantile(q):.0f}" for q in (0.25, 0.5, 0.75))
    total = len(passages)
    return (
        f"{total:,} passages by length: the middle half of them hold {quarter} to {most} Chinese characters, the median is {middle}.",
        f"{total:,}个段落按长度分布：居中的一半在{quarter}至{most}个汉字之间，中位数为{middle}。",
    )


def telling_words_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of telling words shows."""
    first = table[table["rank"] == 1]
    beyond, total = int((table["z"] > table["chance"]).sum()), len(table)
    english = "; ".join(
        f"{label(row.group, 'en')}: {row.word} (z = {row.z:.1f}, by chance {row.chance:.1f})"
        for row in first.itertuples()
    )
    chinese = "；".join(
        f"{label(row.group, 'zh')}：{row.word}（z = {row.z:.1f}，随机水平{row.chance:.1f}）"
        for row in first.itertuples()
    )
    return (
        f"The words that set each kind of voice apart from the others, by weighted log-odds; {beyond} of {total} stand beyond the highest z that "
        f"shuffled voices reach in 95 of 100 cases (dashed). The first of each: {english}.",
        f"各类发言者区别于其他人的词，按加权对数优势比排列；{total}个词中有{beyond}个超出发言者类别随机打乱时最高 z 值的95%分位数（虚线）。每类第一个：{chinese}。",
    )
