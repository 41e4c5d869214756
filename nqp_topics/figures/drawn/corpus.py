"""Figures of the documents and of their words, before any topic is fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from nqp_topics.figures.captions import label
from nqp_topics.figures.letters import broken, fitting, widest
from nqp_topics.figures.page import (
    INK,
    SOFT,
    hue,
    needs,
    paper,
    preset,
    styles,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
