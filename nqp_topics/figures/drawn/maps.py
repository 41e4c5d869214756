"""The map of articles: where each lies by its distances from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from nqp_topics.figures.captions import label
from nqp_topics.figures.letters import flowed, smallest, text_width, widest
from nqp_topics.figures.page import FAINT, INK, SOFT, by_number, needs, paper, preset, styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def article_map(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.article_map` laid out: every article a dot, its group by colour and shape, its intervals a faint cross, some by name."""
    from matplotlib import pyplot as plt

    numbers = ("x", "y", "x_low", "x_high", "y_low", "y_high", "x_share", "y_share")
    table = needs(table, "draw.article_map", ("article", "name", "group", "side"), numbers, ("named",))
    order = by_number(table["group"])
    drawn = styles(sorted(order), page)
    said = [f"{label(group, language)}  {n}" for group, n in order.items()]
    crossed = bool((table["x_low"].notna() | table["y_low"].notna()).any())
    if crossed:
        said.append(label("interval over passages", language))
    with preset(page) as wide:
        figure = plt.figure(figsize=(wide, wide), layout="none")
        axes = figure.add_axes((0, 0, 1, 1))
        _limits(axes, table)
        named = table[table["named"]]
        for _ in range(4):  # a wider map has smaller letters on it, which need less room
            across, where = _placed(figure, axes, said, page)
            dot = min(0.7 * paper(page).letters, across / 55)
            letters = max(smallest(page), min(0.72 * paper(page).letters, across / 40))
            if not _widened(axes, named, across, dot, letters):
                break
        axes.hlines(table["y"], table["x_low"], table["x_high"], color=FAINT, linewidth=0.5, zorder=1)
        axes.vlines(table["x"], table["y_low"], table["y_high"], color=FAINT, linewidth=0.5, zorder=1)
        handles: list[Any] = []
        for group in order:
            rows, style = table[table["group"] == group], drawn[group]
            look: dict[str, Any] = {
                "marker": style.marker,
                "linewidth": 0.4,
                "edgecolor": INK if paper(page).grey else "white",
            }
            axes.scatter(rows["x"], rows["y"], s=style.area(dot), color=style.colour, zorder=3, **look)
            handles.append(
                axes.scatter([], [], s=style.area(0.7 * paper(page).letters), color=style.colour, **look)
            )
        if crossed:
            handles += axes.plot(
                [],
                [],
                color=SOFT,
                linewidth=0,
                marker="+",
                markersize=paper(page).letters,
                markeredgewidth=0.5,
            )
        _names(axes, named, dot, letters)
        for spot, entries in where:
            figure.legend(
                [handles[entry] for entry in entries], [said[entry] for entry in entries], loc="upper left", bbox_to_anchor=spot,
                ncols=len(entries) if len(where) > 1 or spot[1] < 0.5 else 1, labelspacing=0.6, columnspacing=1.2, frameon=False,
                handletextpad=0.2, borderpad=0, borderaxespad=0, handlelength=1.4,
            )  # fmt: skip
        for write, number, share in (
            (axes.set_xlabel, 1, table["x_share"].iloc[0]),
            (axes.set_ylabel, 2, table["y_share"].iloc[0]),
        ):
            write(label("axis", language).format(number=number, share=share))
        plt.close(figure)
    return figure


def _limits(axes: Axes, table: pd.DataFrame) -> None:
    for name, limit in (("x", axes.set_xlim), ("y", axes.set_ylim)):
        seen = table[[name, f"{name}_low", f"{name}_high"]]
        low, high = seen.min().min(), seen.max().max()
        margin = 0.03 * (high - low) or 0.1
        limit(low - margin, high + margin)


def _widened(axes: Axes, rows: pd.DataFrame, across: float, dot: float, size: float) -> bool:
    """Move the left and the right edge outwards until every name fits on a map of so many points; return whether that was needed."""
    low, high = axes.get_xlim()
    left, right = low, high
    for row in rows.itertuples():
        wide = text_width(row.name, size) + 0.75 * dot + 5
        part = across / (across - min(wide, 0.6 * across))
        if row.side == "right":
            right = max(right, left + (row.x - left) * part)
        elif row.side == "left":
            left = min(left, right - (right - row.x) * part)
    axes.set_xlim(left, right)
    return (right - left) > (high - low) * (1 + 1e-6)


def _names(axes: Axes, rows: pd.DataFrame, dot: float, size: float) -> None:
    from matplotlib import patheffects

    halo = [patheffects.withStroke(linewidth=1.6, foreground="white")]
    away = 0.75 * dot
    sides = {
        "right": ((away, 0), "left", "center_baseline"),
        "left": ((-away, 0), "right", "center_baseline"),
        "above": ((0, away), "center", "bottom"),
        "below": ((0, -away), "center", "top"),
    }
    for row in rows.itertuples():
        offset, across, up = sides[row.side]
        axes.annotate(
            row.name, (row.x, row.y), xytext=offset, textcoords="offset points", ha=across, va=up, fontsize=size, zorder=4,
            path_effects=halo,
        )  # fmt: skip


def _placed(
    figure: Figure, axes: Axes, said: list[str], page: str
) -> tuple[float, list[tuple[tuple[float, float], list[int]]]]:
    """Give the map the page's width or height, whichever it fills first, and its legend the side that leaves it more room.

    Returned are the width of the map in points, and where each line of the legend stands with its entries.
    """
    size = paper(page).letters
    wide, most = (side / 25.4 * 72 for side in (paper(page).width, paper(page).height))
    left, below, right, above = 5.4 * size, 3.9 * size, 0.8 * size, 0.8 * size
    (low, high), (down, up) = axes.get_xlim(), axes.get_ylim()
    ratio = (up - down) / (high - low)
    lines = flowed(said, wide - left, size)
    beside, under = widest(said, size) + 2.6 * size, (1.5 * len(lines) + 0.4) * size
    by_side = min(wide - left - right - beside, (most - below - above) / ratio)
    by_foot = min(wide - left - right, (most - below - above - under) / ratio)
    across = max(by_side, by_foot)
    foot = below + (0 if by_side >= by_foot else under)
    tall = foot + across * ratio + above
    figure.set_size_inches(wide / 72, tall / 72)
    axes.set_position((left / wide, foot / tall, across / wide, across * ratio / tall))
    axes.set_aspect("equal")
    if by_side >= by_foot:
        return across, [(((left + across + size) / wide, 1 - above / tall), list(range(len(said))))]
    return across, [
        ((left / wide, (under - 1.5 * size * row) / tall), entries) for row, entries in enumerate(lines)
    ]
