"""Figures of topics: how many, how they split and merge, what they are made of, whether another seed finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from nqp_topics.draw.page import FAINT, PALETTE, PRESETS, SOFT, label, preset

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def evidence(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.evidence` gathered: a panel a score over the number of topics, its mean over seeds and its range."""
    from matplotlib import pyplot as plt
    from matplotlib.ticker import MaxNLocator

    scores = table["score"].drop_duplicates().tolist()
    with preset(page) as wide:
        figure, grid = plt.subplots(
            -(-len(scores) // 2),
            2,
            figsize=(wide, 0.31 * wide * -(-len(scores) // 2)),
            sharex=True,
            squeeze=False,
        )
        for axes in grid.flat[len(scores) :]:
            axes.set_visible(False)
        for axes, score in zip(grid.flat, scores, strict=False):
            rows = table[table["score"] == score]
            axes.fill_between(
                rows["K"], rows["lowest"], rows["highest"], color=PALETTE[0], alpha=0.18, linewidth=0
            )
            axes.plot(rows["K"], rows["mean"], color=PALETTE[0], linewidth=1.2, marker="o", markersize=3)
            if rows["chance"].notna().any():
                axes.plot(rows["K"], rows["chance"], color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
                last = rows.iloc[-1]
                axes.annotate(
                    label("by chance", language), (last["K"], last["chance"]), xytext=(0, 4),
                    textcoords="offset points", ha="right", color=SOFT,
                )  # fmt: skip
            axes.set_title(label(score, language))
            axes.yaxis.set_major_locator(MaxNLocator(5))
            axes.grid(axis="y", color=FAINT, linewidth=0.5)
            axes.set_axisbelow(True)
        for axes in grid[-1]:
            axes.set_xlabel(label("K", language))
            axes.set_xticks(sorted(set(table["K"])))
            axes.tick_params(labelbottom=True)
        plt.close(figure)
    return figure


def lineage(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.lineage` arranged: a column a number of topics, a bar a topic as high as its share, bands for what they have in common."""
    from matplotlib import pyplot as plt

    ks = sorted({*table["K"], *table["next_K"]})
    place = {k: number for number, k in enumerate(ks)}
    with preset(page) as wide:
        figure, axes = plt.subplots(figsize=(wide, wide * (0.1 + 0.042 * max(ks))))
        bands = table[table["drawn"]]
        for row in bands.itertuples():
            left, right = place[row.K] + 0.03, place[row.next_K] - 0.03
            _band(
                axes, left, right, row.bottom, row.next_bottom, row.mass, PALETTE[row.colour % len(PALETTE)]
            )
        ends = pd.concat(
            [
                table[["K", "topic", "base", "share", "words"]],
                table[["next_K", "next_topic", "next_base", "next_share", "next_words"]].set_axis(
                    ["K", "topic", "base", "share", "words"], axis=1
                ),
            ]
        ).drop_duplicates(["K", "topic"])
        for row in ends.itertuples():
            axes.bar(place[row.K], row.share, bottom=row.base, width=0.06, color=SOFT, linewidth=0)
            last = ks[-1] == row.K
            axes.annotate(
                f"{row.topic} {row.words}", (place[row.K] + (0.05 if last else -0.05), row.base + row.share / 2),
                ha="left" if last else "right", va="center", fontsize=PRESETS[page][1] * 0.8,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.4},
            )  # fmt: skip
        axes.set_xticks(range(len(ks)), [f"K = {k}" for k in ks])
        axes.tick_params(axis="x", length=0)
        axes.set_yticks([])
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.set_xlim(-0.95, len(ks) - 1 + 0.95)
        axes.invert_yaxis()
        plt.close(figure)
    return figure


def _band(
    axes: Axes, left: float, right: float, low: float, next_low: float, mass: float, colour: str
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    middle = (left + right) / 2
    points = [
        (left, low), (middle, low), (middle, next_low), (right, next_low), (right, next_low + mass),
        (middle, next_low + mass), (middle, low + mass), (left, low + mass), (left, low),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=0.45, linewidth=0))


def topic_words(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw the words of topics: a panel a topic, its words with their weight; `title` stands above (the label, where there is one)."""
    from matplotlib import pyplot as plt

    topics = table["topic"].drop_duplicates().tolist()
    most = int(table.groupby("topic").size().max())
    across = 4
    down = -(-len(topics) // across)
    with preset(page) as wide:
        figure, grid = plt.subplots(
            down, across, figsize=(wide, down * (0.32 + 0.135 * most)), squeeze=False, sharex=True
        )
        for axes in grid.flat[len(topics) :]:
            axes.set_visible(False)
        for number, (axes, topic) in enumerate(zip(grid.flat, topics, strict=False)):
            rows = table[table["topic"] == topic]
            axes.barh(range(len(rows)), rows["weight"], color=PALETTE[0], height=0.66, alpha=0.85)
            axes.set_yticks(range(len(rows)), rows["word"].tolist())
            axes.tick_params(axis="y", length=0, labelsize=PRESETS[page][1] * 0.9)
            axes.spines["left"].set_visible(False)
            axes.set_ylim(len(rows) - 0.4, -0.6)
            axes.set_title(
                rows["title" if language == "en" or "title_zh" not in rows else "title_zh"].iloc[0],
                fontsize=PRESETS[page][1],
            )
            axes.xaxis.set_major_formatter("{x:.0%}")
            axes.tick_params(axis="x", labelbottom=number + across >= len(topics))
        figure.supxlabel(label("weight", language), fontsize=PRESETS[page][1])
        plt.close(figure)
    return figure


def stability(table: pd.DataFrame, language: str = "en", page: str = "single") -> Figure:
    """Draw how far other seeds find each topic of a run: a row a topic, the agreement of top words, and what chance would give."""
    from matplotlib import pyplot as plt

    with preset(page) as wide:
        figure, axes = plt.subplots(figsize=(wide, 0.5 + 0.15 * len(table)))
        places = range(len(table))
        axes.hlines(places, table["chance_top_words"], table["top_words"], color=FAINT, linewidth=1.2)
        axes.scatter(
            table["chance_top_words"], places, s=9, facecolor="white", edgecolor=SOFT, linewidth=0.8, zorder=3
        )
        axes.scatter(table["top_words"], places, s=14, color=PALETTE[0], zorder=3)
        axes.annotate(
            label("by chance", language), (table["chance_top_words"].iloc[0], 0), xytext=(0, 5),
            textcoords="offset points", ha="center", color=SOFT,
        )  # fmt: skip
        axes.set_yticks(places, table["title"].tolist())
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_ylim(len(table) - 0.4, -1.1)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel(label("agreement", language))
        plt.close(figure)
    return figure
