"""The corpus: how long the articles of each kind of voice are, and how many there are of each year."""

from __future__ import annotations

import re
from math import log10
from typing import TYPE_CHECKING, Any

import pandas as pd

from nqp_topics.checks import columns
from nqp_topics.figures.captions import label
from nqp_topics.figures.letters import text_width, widest
from nqp_topics.figures.page import (
    FAINT,
    INK,
    SOFT,
    Style,
    as_rows,
    beside,
    by_number,
    in_order,
    needs,
    panels,
    paper,
    preset,
    styles,
)
from nqp_topics.figures.shown import Figure
from nqp_topics.study import Problem, refuse_if

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
YEAR = re.compile(r"(?<![0-9])((?:1[5-9]|20)[0-9]{2})(?=[0-9]{4}(?![0-9])|[0-9]{2}(?![0-9])|(?![0-9]))")


def table(registry: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Say how much each article holds: one row an article, in the registry's order.

    Columns: id, source, voice, year (empty where the article bears no date), passages, han (Chinese characters). Refused: passages of articles
    that the registry lacks.
    """
    where, todo = "figures.corpus(passages)", "give both tables of one study"
    refuse_if(
        columns("figures.corpus(registry)", registry, ["id", "source", "voice", "date"]),
        columns(where, passages, ["article", "han"]),
    )
    unknown = sorted(set(passages["article"]) - set(registry["id"]))
    refuse_if(
        Problem(where, f"passages of article {name}", "articles of the registry", todo) for name in unknown
    )
    held = passages.groupby("article")["han"].agg(passages="size", han="sum")
    found = registry[["id", "source", "voice"]].assign(year=registry["date"].map(year_of))
    found = found.merge(held, left_on="id", right_index=True, how="left", validate="1:1")
    return found.fillna({"passages": 0, "han": 0}).astype({"passages": int, "han": int})


def year_of(date: str) -> str:
    """Return the year that a date names, however it is written (May 2023, 24/4/2011, 20110424, 二〇二三年五月); empty where it names none."""
    plain = re.sub("[〇○零一二三四五六七八九]{4}(?=年)", lambda found: found[0].translate(DIGITS), str(date))
    year = YEAR.search(plain)
    return year[1] if year else ""


def groups(corpus: pd.DataFrame, by: str = "voice") -> pd.DataFrame:
    """Sum up articles by voice, source or year: one row a group, largest first, periods in their order.

    Columns: the group; articles; passages; han; share (of all Chinese characters); shortest, median and longest article.
    """
    grouped = corpus.groupby(by)
    han = grouped["han"]
    found = grouped.agg(articles=("han", "size"), passages=("passages", "sum"), han=("han", "sum"))
    found["share"] = found["han"] / corpus["han"].sum()
    found = found.assign(shortest=han.min(), median=han.median().astype(int), longest=han.max())
    found = found.set_axis(found.index.map(str), axis=0).rename_axis(by)
    return found.loc[in_order(found["articles"])].reset_index()


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say how many articles there are, how long they are, whose most are and how many are dated."""
    sizes, dated = groups(table), int((table["year"] != "").sum())
    total, numbers = len(table), sizes["articles"].tolist()
    low, high = f"{table['han'].min():,}", f"{table['han'].max():,}"
    english = f"{total} articles as dots by kind of voice and length, from {low} to {high} Chinese characters"
    chinese = f"{total}篇文章按发言者类别和长度排列，每点一篇，{low}至{high}个汉字"
    # no single article makes it the largest
    if numbers[0] >= 4 and (len(numbers) == 1 or numbers[0] > numbers[1] + 1):
        name, part = sizes["voice"].iloc[0], f"{sizes['share'].iloc[0]:.0%}"
        english += f"; the largest group, {label(name, 'en')}, has {numbers[0]} and {part} of all characters"
        chinese += f"；最大一类为{label(name, 'zh')}，{numbers[0]}篇，占全部汉字的{part}"
    return f"{english}; {dated} bear a date.", f"{chinese}；{dated}篇有日期。"


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw every article as a dot by voice and length, and the articles of each year as bars."""
    table = needs(table, "corpus", ("voice", "year"), ("han",))
    voices = list(by_number(table["voice"]))
    drawn = styles(voices, page)
    table = table.assign(year=_spans(table["year"]))
    years = [*sorted(set(table["year"]) - {""}), *[""] * bool((table["year"] == "").any())]
    shape: dict[str, Any]
    with preset(page) as wide:
        size = paper(page).letters
        rows, other = 2.4 * len(voices) + 4, 1.7 * len(years) + 4
        if paper(page).width < 100:
            high, shape = rows + other, {"down": 2, "height_ratios": [rows, other]}
        else:
            high, shape = max(rows, 1.5 * len(years) + 4), {"across": 2, "width_ratios": [3, 1.25]}
        figure, (left, right) = panels((wide, high * size / 72), 2, **shape)
        _lengths_by_voice(left, table, drawn, language, page)
        _years(right, table, years, drawn, language, page)
    return figure


def _spans(years: pd.Series) -> pd.Series:
    """Return years as they are or, where they would be too many bars to read, the spans of 2, 5, 10 … years they stand in."""
    known = sorted({int(year) for year in years if year})
    step = next(
        step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if len({year // step for year in known}) <= 16
    )
    if step == 1:
        return years
    first = {str(year): year // step * step for year in known}
    return years.map({year: f"{low}–{low + step - 1}" for year, low in first.items()}).fillna("")


def _lengths_by_voice(
    axes: Axes, table: pd.DataFrame, drawn: dict[str, Style], language: str, page: str
) -> None:
    from matplotlib.ticker import NullLocator

    size, grey = paper(page).letters, paper(page).grey
    dot, edge = 0.48 * size, INK if grey else "white"
    axes.set_xscale("log")
    for row, (voice, style) in enumerate(drawn.items()):
        articles = table.loc[table["voice"] == voice, "han"].sort_values().tolist()
        look = (style.area(dot), style.marker, None) if grey else (dot**2, "o", 0.85)
        area, marker, alpha = look
        axes.axhline(row, color=FAINT, linewidth=0.5, zorder=0)
        axes.scatter(
            articles,
            _spread(articles, row),
            s=area,
            color=style.colour,
            marker=marker,
            alpha=alpha,
            linewidth=0.3,
            edgecolor=edge,
        )
    names = [f"{label(voice, language)}  {sum(table['voice'] == voice)}" for voice in drawn]
    as_rows(axes, names, 0.45)
    low, high = table["han"].min(), table["han"].max()
    ticks = [n for n in (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000) if low / 2 < n < high * 2]
    share = 1.0 if paper(page).width < 100 else 0.7
    room = share * paper(page).width / 25.4 * 72 - widest(names, size * 0.95) - 2 * size
    decades = log10(high / low) + 0.2
    if 0.3 * room / decades < text_width("10,000", size * 0.95) + 0.4 * size:  # from 5,000 to 10,000
        ticks = [n for n in ticks if str(n)[0] == "1"] or ticks
    axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(label("articles by length", language))


def _spread(values: list[int], row: int) -> list[float]:
    """Set dots of nearly equal length beside each other instead of over each other."""
    taken: list[tuple[float, float]] = []
    for value in values:
        for step in range(7):  # not into the next row
            offset = (step + 1) // 2 * 0.14 * (-1) ** step
            if all(abs(offset - other) > 0.1 or value > 1.09 * near for near, other in taken[-12:]):
                break
        taken.append((value, offset))
    return [row + offset for _, offset in taken]


def _years(
    axes: Axes, table: pd.DataFrame, names: list[str], drawn: dict[str, Style], language: str, page: str
) -> None:
    grey = paper(page).grey
    # articles are counted here, since the csv is one table with one row an article, as the dots of the other panel need it
    for place, year in enumerate(names):
        left = 0
        for voice, style in drawn.items():
            number = int(((table["year"] == year) & (table["voice"] == voice)).sum())
            axes.barh(
                place,
                number,
                left=left,
                height=0.68,
                color=style.colour,
                linewidth=0.4 if grey and number else 0,
                edgecolor=INK,
                hatch=style.hatch if grey else None,
            )
            left += number
        beside(axes, f"{left}", left, place, color=SOFT)
    as_rows(axes, [year or label("undated", language) for year in names], 0.45)
    axes.margins(x=0.15)
    axes.set_xlabel(label("articles by year", language))


corpus = Figure(table, draw, says)
