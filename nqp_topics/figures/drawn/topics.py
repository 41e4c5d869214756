"""Figures of topics: how many, how they split and merge, what they are made of, whether another seed finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from nqp_topics.figures.captions import label
from nqp_topics.figures.letters import broken, fitting, shortened, smallest, widest
from nqp_topics.figures.page import FAINT, SOFT, hue, needs, paper, preset, topic_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def evidence(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.evidence` gathered: a panel a score over the number of topics, its mean over seeds and its range."""
    from matplotlib import pyplot as plt
    from matplotlib.ticker import MaxNLocator

    table = needs(table, "draw.evidence", ("score",), ("K", "mean", "lowest", "highest", "chance"))
    scores = table["score"].drop_duplicates().tolist()
    across = min(1 if paper(page).width < 100 else 2, len(scores))
    down = -(-len(scores) // across)
    tall = min(0.31 if across > 1 else 0.42, 0.94 * paper(page).height / paper(page).width / down)
    with preset(page) as wide:
        figure, grid = plt.subplots(
            down, across, figsize=(wide, tall * wide * down), sharex=True, squeeze=False
        )
        for axes in grid.flat[len(scores) :]:
            axes.set_visible(False)
        for axes, score in zip(grid.flat, scores, strict=False):
            rows = table[table["score"] == score]
            axes.fill_between(
                rows["K"], rows["lowest"], rows["highest"], color=hue(page), alpha=0.18, linewidth=0
            )
            axes.plot(
                rows["K"],
                rows["mean"],
                color=hue(page),
                linewidth=1.2,
                marker="o",
                markersize=0.4 * paper(page).letters,
            )
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
        for number, axes in enumerate(grid.flat[: len(scores)]):
            if number + across >= len(scores):
                axes.set_xlabel(label("K", language))
                axes.set_xticks(sorted(set(table["K"])))
                axes.tick_params(labelbottom=True)
        _band_explained(figure, page, language)
        plt.close(figure)
    return figure


def _band_explained(figure: Figure, page: str, language: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    dotted = Line2D([], [], color=hue(page), linewidth=1.2, marker="o", markersize=0.4 * paper(page).letters)
    figure.legend(
        [dotted, Patch(facecolor=hue(page), alpha=0.18, linewidth=0)],
        [label("mean over seeds", language), label("range over seeds", language)],
        loc="outside upper center", ncols=2, frameon=False, handlelength=1.8, columnspacing=1.6,
    )  # fmt: skip


def lineage(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.lineage` arranged: a column a number of topics, a bar a topic as high as its share, bands for what they have in common."""
    from matplotlib import pyplot as plt

    numbers = (
        "K",
        "next_K",
        "mass",
        "share",
        "next_share",
        "base",
        "next_base",
        "bottom",
        "next_bottom",
        "colour",
    )
    words = ("topic", "next_topic", "words", "next_words")
    table = needs(table, "draw.lineage", words, numbers, ("drawn",)).astype(
        {"K": int, "next_K": int, "colour": int}
    )
    ks = sorted({*table["K"], *table["next_K"]})
    place = {k: number for number, k in enumerate(ks)}
    with preset(page) as wide:
        letters = max(smallest(page), paper(page).letters * 0.8)
        tall = min(max(0.11 * wide + 2.3 * letters / 72 * max(ks), 0.5 * wide), paper(page).height / 25.4)
        figure, axes = plt.subplots(figsize=(wide, tall))
        room = 0.86 * wide * 72 / (len(ks) + 0.9)  # from a column to the next
        bands = table[table["drawn"]]
        for row in bands.itertuples():
            left, right = place[row.K] + 0.03, place[row.next_K] - 0.03
            tone = topic_colour(row.colour, page)
            _band(axes, left, right, row.bottom, row.next_bottom, row.mass, tone, paper(page).grey)
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
                shortened(f"{row.topic} {row.words}", room, letters), (place[row.K] + (0.05 if last else -0.05), row.base + row.share / 2),
                ha="left" if last else "right", va="center", fontsize=letters,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.4},
            )  # fmt: skip
        axes.set_xticks(range(len(ks)), [f"K = {k}" for k in ks])
        axes.tick_params(axis="x", length=0)
        axes.set_yticks([])
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.set_xlim(-0.95, len(ks) - 1 + 0.95)
        foot = (ends["base"] + ends["share"]).max()
        axes.set_ylim(foot * 1.01, -0.01 * foot)
        plt.close(figure)
    return figure


def _band(
    axes: Axes, left: float, right: float, low: float, next_low: float, mass: float, colour: str, grey: bool
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    middle = (left + right) / 2
    points = [
        (left, low), (middle, low), (middle, next_low), (right, next_low), (right, next_low + mass),
        (middle, next_low + mass), (middle, low + mass), (left, low + mass), (left, low),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(
        PathPatch(Path(points, codes), facecolor=colour, alpha=0.85 if grey else 0.45, linewidth=0)
    )


def topic_words(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw the words of topics: a panel a topic, its words with their weight; `title` stands above (the label, where there is one)."""
    from matplotlib import pyplot as plt

    table = needs(
        table.assign(title_zh=table.get("title_zh", table.get("title"))),
        "draw.topic_words",
        ("topic", "word", "title", "title_zh"),
        ("weight",),
    )
    topics = table["topic"].drop_duplicates().tolist()
    most = int(table.groupby("topic").size().max())
    across = min({"single": 2, "journal-zh": 3}.get(page, 4), len(topics))
    down = -(-len(topics) // across)
    titles = table.drop_duplicates("topic")["title_zh" if language == "zh" else "title"].tolist()
    size = fitting(down * (1.35 * most + 3.6) + 3, page)
    with preset(page, size) as wide:
        room = wide * 72 / across - widest(table["word"], size * 0.9) - 1.2 * size
        titles = [broken(title, room, size, 3) for title in titles]
        lines = 1 + max(title.count("\n") for title in titles)
        high = down * (1.35 * most + 1.3 * lines + 1.2) + 3.5
        figure, grid = plt.subplots(
            down, across, figsize=(wide, high * size / 72), squeeze=False, sharex=True
        )
        for axes in grid.flat[len(topics) :]:
            axes.set_visible(False)
        for number, (axes, topic) in enumerate(zip(grid.flat, topics, strict=False)):
            rows = table[table["topic"] == topic]
            axes.barh(range(len(rows)), rows["weight"], color=hue(page), height=0.66, alpha=0.85)
            axes.set_yticks(range(len(rows)), rows["word"].tolist())
            axes.tick_params(axis="y", length=0, labelsize=size * 0.9)
            axes.spines["left"].set_visible(False)
            axes.set_ylim(len(rows) - 0.4, -0.6)
            axes.set_title(titles[number], fontsize=size)
            axes.xaxis.set_major_formatter("{x:.0%}")
            axes.tick_params(axis="x", labelbottom=number + across >= len(topics))
        figure.supxlabel(label("weight", language), fontsize=size)
        plt.close(figure)
    return figure


def stability(table: pd.DataFrame, language: str = "en", page: str = "single") -> Figure:
    """Draw how far other seeds find each topic of a run: a row a topic, the agreement of top words, and what chance would give."""
    from matplotlib import pyplot as plt

    table = needs(
        table.assign(title_zh=table.get("title_zh", table.get("title"))),
        "draw.stability",
        ("title", "title_zh"),
        ("top_words", "chance_top_words"),
    )
    high = 1.55 * len(table) + 5.5
    size = fitting(high, page)
    with preset(page, size) as wide:
        figure, axes = plt.subplots(figsize=(wide, high * size / 72))
        names = [
            shortened(title, 0.58 * wide * 72, size * 0.95)
            for title in table["title_zh" if language == "zh" else "title"]
        ]
        places = range(len(table))
        axes.hlines(places, table["chance_top_words"], table["top_words"], color=FAINT, linewidth=1.2)
        axes.scatter(
            table["chance_top_words"],
            places,
            s=(0.42 * size) ** 2,
            facecolor="white",
            edgecolor=SOFT,
            linewidth=0.8,
            zorder=3,
        )
        axes.scatter(table["top_words"], places, s=(0.52 * size) ** 2, color=hue(page), zorder=3)
        axes.annotate(
            label("by chance", language), (table["chance_top_words"].iloc[0], 0), xytext=(0, 0.55 * size),
            textcoords="offset points", ha="center", color=SOFT,
        )  # fmt: skip
        axes.set_yticks(places, names)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_ylim(len(table) - 0.4, -1.3)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel(label("agreement", language), loc="right")
        plt.close(figure)
    return figure
