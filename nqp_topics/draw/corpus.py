"""Figures of the documents and of their words, before any topic is fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from nqp_topics.draw.page import FAINT, PALETTE, PRESETS, SOFT, colour, label, preset

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def corpus(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.corpus` found: every article a dot by voice and length, and the articles of each year."""
    from matplotlib import pyplot as plt

    voices = (
        table["voice"].value_counts().sort_index().sort_values(ascending=False, kind="stable").index.tolist()
    )
    with preset(page) as wide:
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(wide, wide * (0.14 + 0.035 * len(voices))), width_ratios=[3, 1.25]
        )
        _lengths_by_voice(left, table, voices, language)
        _years(right, table, voices, language)
        plt.close(figure)
    return figure


def _lengths_by_voice(axes: Axes, table: pd.DataFrame, voices: list[str], language: str) -> None:
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log")
    for row, voice in enumerate(voices):
        articles = table.loc[table["voice"] == voice, "han"].sort_values().tolist()
        axes.axhline(row, color=FAINT, linewidth=0.5, zorder=0)
        axes.scatter(
            articles,
            _spread(articles, row),
            s=13,
            color=colour(voice),
            alpha=0.85,
            linewidth=0.3,
            edgecolor="white",
        )
    names = [f"{label(voice, language)}  {sum(table['voice'] == voice)}" for voice in voices]
    axes.set_yticks(range(len(voices)), names)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(voices) - 0.45, -0.55)
    ticks = [n for n in (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000) if _within(n, table["han"])]
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


def _years(axes: Axes, table: pd.DataFrame, voices: list[str], language: str) -> None:
    years = sorted(set(table["year"]) - {""})
    names = [*years, *([""] if (table["year"] == "").any() else [])]
    for place, year in enumerate(names):
        left = 0
        for voice in voices:
            number = int(((table["year"] == year) & (table["voice"] == voice)).sum())
            axes.barh(place, number, left=left, height=0.68, color=colour(voice), linewidth=0)
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

    with preset(page) as wide:
        figure, axes = plt.subplots(figsize=(wide, wide * 0.5))
        axes.bar(
            table["above"], table["passages"], width=table["upto"] - table["above"], align="edge",
            color=PALETTE[0], edgecolor="white", linewidth=0.4,
        )  # fmt: skip
        axes.set_xlabel(label("passage length", language))
        axes.set_ylabel(label("passages", language))
        axes.set_xlim(0)
        plt.close(figure)
    return figure


def telling_words(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.telling_words` found: a panel a group, its words with their z."""
    from matplotlib import pyplot as plt

    groups = table["group"].drop_duplicates().tolist()
    across = min(3, len(groups))
    down = -(-len(groups) // across)
    most = table.groupby("group").size().max()
    with preset(page) as wide:
        figure, grid = plt.subplots(
            down, across, figsize=(wide, down * (0.55 + 0.17 * most)), sharex=True, squeeze=False
        )
        for axes in grid.flat[len(groups) :]:
            axes.set_visible(False)
        for axes, group in zip(grid.flat, groups, strict=False):
            rows = table[table["group"] == group]
            places = range(len(rows))
            axes.hlines(places, 0, rows["z"], color=colour(group), linewidth=1.2, alpha=0.6)
            axes.scatter(rows["z"], places, s=14, color=colour(group), zorder=3)
            axes.set_yticks(places, rows["word"].tolist())
            axes.tick_params(axis="y", length=0)
            axes.tick_params(axis="x", labelbottom=True)
            axes.spines["left"].set_visible(False)
            axes.set_ylim(len(rows) - 0.4, -0.6)
            axes.set_title(f"{label(group, language)}  {rows['articles'].iloc[0]}")
        grid[0, 0].set_xlim(0)
        figure.supxlabel(label("z", language), fontsize=PRESETS[page][1])
        plt.close(figure)
    return figure
