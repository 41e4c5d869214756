"""Figures of the documents and of their words, before any topic is fitted."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

import pandas as pd

from nqp_topics.figures.captions import label
from nqp_topics.figures.drawn.letters import broken, fitting, text_width, widest
from nqp_topics.figures.drawn.page import (
    FAINT,
    INK,
    SOFT,
    Style,
    by_number,
    hue,
    needs,
    paper,
    preset,
    styles,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def corpus(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.corpus` found: every article a dot by voice and length, and the articles of each year."""
    from matplotlib import pyplot as plt

    table = needs(table, "draw.corpus", ("voice", "year"), ("han",))
    voices = list(by_number(table["voice"]))
    drawn = styles(voices, page)
    table = table.assign(year=_spans(table["year"]))
    years = _years_of(table)
    narrow = paper(page).width < 100
    with preset(page) as wide:
        size = paper(page).letters
        rows = 2.4 * len(voices) + 4
        if narrow:
            other = 1.7 * len(years) + 4
            figure, (left, right) = plt.subplots(
                2, 1, figsize=(wide, (rows + other) * size / 72), height_ratios=[rows, other]
            )
        else:
            figure, (left, right) = plt.subplots(
                1, 2, figsize=(wide, max(rows, 1.5 * len(years) + 4) * size / 72), width_ratios=[3, 1.25]
            )
        _lengths_by_voice(left, table, drawn, language, page)
        _years(right, table, years, drawn, language, page)
        plt.close(figure)
    return figure


def _spans(years: pd.Series) -> pd.Series:
    """Return years as they are or, where they would be too many bars to read, the spans of 2, 5, 10 … years they stand in."""
    known = sorted({int(year) for year in years if year})
    for step in (1, 2, 5, 10, 20, 50, 100):
        if len({year // step for year in known}) <= 16:
            break
    return years.map(
        lambda year: (
            year
            if step == 1 or not year
            else f"{int(year) // step * step}–{int(year) // step * step + step - 1}"
        )
    )


def _years_of(table: pd.DataFrame) -> list[str]:
    return [*sorted(set(table["year"]) - {""}), *([""] if (table["year"] == "").any() else [])]


def _lengths_by_voice(
    axes: Axes, table: pd.DataFrame, drawn: dict[str, Style], language: str, page: str
) -> None:
    from matplotlib.ticker import NullLocator

    voices, size = list(drawn), paper(page).letters
    grey = paper(page).grey
    axes.set_xscale("log")
    for row, voice in enumerate(voices):
        articles = table.loc[table["voice"] == voice, "han"].sort_values().tolist()
        axes.axhline(row, color=FAINT, linewidth=0.5, zorder=0)
        axes.scatter(
            articles, _spread(articles, row), s=drawn[voice].area(0.48 * size) if grey else (0.48 * size) ** 2,
            color=drawn[voice].colour, marker=drawn[voice].marker if grey else "o", alpha=None if grey else 0.85, linewidth=0.3,
            edgecolor=INK if grey else "white",
        )  # fmt: skip
    names = [f"{label(voice, language)}  {sum(table['voice'] == voice)}" for voice in voices]
    axes.set_yticks(range(len(voices)), names)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(voices) - 0.45, -0.55)
    ticks = [n for n in (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000) if _within(n, table["han"])]
    share = 1.0 if paper(page).width < 100 else 0.7
    room = share * paper(page).width / 25.4 * 72 - widest(names, size * 0.95) - 2 * size
    decades = log10(table["han"].max() / table["han"].min()) + 0.2
    if 0.3 * room / decades < text_width("10,000", size * 0.95) + 0.4 * size:  # from 5,000 to 10,000
        ticks = [n for n in ticks if str(n)[0] == "1"] or ticks
    axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(label("articles by length", language))


def _within(tick: int, values: pd.Series) -> bool:
    return values.min() / 2 < tick < values.max() * 2


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
                place, number, left=left, height=0.68, color=style.colour, linewidth=0.4 if grey and number else 0, edgecolor=INK,
                hatch=style.hatch if grey else None,
            )  # fmt: skip
            left += number
        axes.annotate(
            f"{left}", (left, place), xytext=(2, 0), textcoords="offset points", va="center", color=SOFT
        )
    axes.set_yticks(range(len(names)), [year or label("undated", language) for year in names])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.margins(x=0.15)
    axes.set_xlabel(label("articles by year", language))


def lengths(table: pd.DataFrame, language: str = "en", page: str = "single") -> Figure:
    """Draw what `explore.lengths` counted: passages by number of Chinese characters."""
    from matplotlib import pyplot as plt

    table = needs(table, "draw.lengths", (), ("above", "upto", "passages"))
    with preset(page) as wide:
        figure, axes = plt.subplots(figsize=(wide, wide * 0.5))
        axes.bar(
            table["above"], table["passages"], width=table["upto"] - table["above"], align="edge",
            color=hue(page), edgecolor="white", linewidth=0.4,
        )  # fmt: skip
        axes.set_xlabel(label("passage length", language))
        axes.set_ylabel(label("passages", language))
        axes.set_xlim(0)
        plt.close(figure)
    return figure


def telling_words(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.telling_words` found: a panel a group, its words with their z; dashed: the highest that chance gives."""
    from matplotlib import pyplot as plt

    table = needs(table, "draw.telling_words", ("group", "word"), ("articles", "z", "chance"))
    groups = table["group"].drop_duplicates().tolist()
    drawn = styles(groups, page)
    across = min(2 if paper(page).width < 100 else 3, len(groups))
    down = -(-len(groups) // across)
    high = down * (1.45 * int(table.groupby("group").size().max()) + 4) + 2
    size = fitting(high, page)
    with preset(page, size) as wide:
        room = wide * 72 / across - widest(table["word"], size * 0.95) - 1.2 * size
        figure, grid = plt.subplots(
            down, across, figsize=(wide, high * size / 72), sharex=True, squeeze=False
        )
        for axes in grid.flat[len(groups) :]:
            axes.set_visible(False)
        for axes, group in zip(grid.flat, groups, strict=False):
            rows = table[table["group"] == group]
            places = range(len(rows))
            style = drawn[group]
            axes.hlines(
                places,
                0,
                rows["z"],
                color=SOFT if paper(page).grey else style.colour,
                linewidth=1.2,
                alpha=0.6,
            )
            axes.scatter(
                rows["z"], places, s=style.area(0.5 * size), color=style.colour, marker=style.marker if paper(page).grey else "o",
                edgecolor=INK if paper(page).grey else style.colour, linewidth=0.4, zorder=3,
            )  # fmt: skip
            axes.axvline(rows["chance"].iloc[0], color=INK, linewidth=0.6, linestyle=(0, (4, 2)), zorder=1)
            axes.set_yticks(places, rows["word"].tolist())
            axes.tick_params(axis="y", length=0)
            axes.tick_params(axis="x", labelbottom=True)
            axes.spines["left"].set_visible(False)
            axes.set_ylim(len(rows) - 0.4, -0.6)
            title = f"{label(group, language)}  {rows['articles'].iloc[0]:.0f}"
            axes.set_title(broken(title, room, size * 1.1))
        grid[0, 0].set_xlim(0)
        figure.supxlabel(label("z", language), fontsize=size)
        plt.close(figure)
    return figure
