"""The figure of articles: what each is about, beside the tree of all."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from nqp_topics.figures.captions import label
from nqp_topics.figures.letters import LEADING, broken, flowed, shortened, smallest, text_width, widest
from nqp_topics.figures.page import INK, SOFT, Style, by_number, needs, paper, preset, shades, styles
from nqp_topics.study import Problem, Refused

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

TIGHT = 0.92  # rows may stand so close, in sizes of their letters


class _Sheet(NamedTuple):
    """Where the parts of the heat map stand, in points from the left and from the top, and the sizes of its letters."""

    size: float
    tree: float
    strip: float
    cells: float
    names: float
    wide: float
    top: float
    rows: float
    bottom: float
    row_size: float
    heads: list[str]
    head_size: float
    lean: float


def articles(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.articles` laid out: articles × topics, the darker the larger the share, with the tree and the groups at the left.

    Names stand at the rows as long as they are legible, up to about 110 articles on a page 235 mm high; beyond, rows are without names.
    Where columns are narrower than letters, every second, third … topic is named. Refused: a table that lacks articles or topics of some rows.
    """
    from matplotlib import pyplot as plt

    table = needs(
        table, "draw.articles", ("article", "name", "group", "topic", "en", "zh"), ("place", "joins_next", "topic_place", "share"),
    )  # fmt: skip
    _whole(table)
    rows = table.drop_duplicates("place").sort_values("place", ignore_index=True)
    columns = table.drop_duplicates("topic_place").sort_values("topic_place", ignore_index=True)
    called = columns["zh" if language == "zh" else "en"]
    heads = [
        topic if topic == name else f"{topic} {name}"
        for topic, name in zip(columns["topic"], called, strict=True)
    ]
    with preset(page) as wide:
        order = by_number(rows["group"])
        drawn = styles(sorted(set(rows["group"])), page)
        said = [f"{label(group, language)}  {n}" for group, n in order.items()]
        size = min(paper(page).letters, paper(page).height / 14.4)  # smaller where the page is low
        lines = flowed(said, wide * 72, size)
        sheet = _sheet(rows["name"].tolist(), heads, size, len(lines), page)
        high = sheet.top + sheet.rows + sheet.bottom
        figure = plt.figure(figsize=(wide, high / 72), layout="none")

        def part(left: float, width: float, top: float = sheet.top, rows_high: float = sheet.rows) -> Axes:
            box = (left / 72 / wide, 1 - (top + rows_high) / high, width / 72 / wide, rows_high / high)
            axes = figure.add_axes(box)
            axes.tick_params(length=0)
            return axes

        cells = part(sheet.cells, sheet.names - sheet.cells)
        shown = _cells(cells, table, rows, sheet, page)
        _strip(part(sheet.strip, sheet.cells - sheet.strip), rows["group"].tolist(), drawn, sheet, page)
        _tree(part(sheet.tree, sheet.strip - sheet.tree - 1), rows["joins_next"].tolist(), language, size)
        bar = part(sheet.tree + 0.6 * size, max(sheet.strip - sheet.tree, 8.5 * size), 2.0 * size, 0.8 * size)
        figure.colorbar(shown, cax=bar, orientation="horizontal")
        bar.set_title(label("share of the article", language), fontsize=size * 0.9, pad=0.35 * size)
        bar.xaxis.set_major_formatter("{x:.0%}")
        bar.locator_params(axis="x", nbins=3)
        bar.tick_params(length=2, labelsize=size * 0.85)
        bar.spines["outline"].set_linewidth(0.4)
        _legend(figure, list(order), said, lines, drawn, sheet)
        plt.close(figure)
    return figure


def _whole(table: pd.DataFrame) -> None:
    cells = table["place"].nunique() * table["topic_place"].nunique()
    if len(table) != cells or table.duplicated(["place", "topic_place"]).any():
        raise Refused(
            Problem(
                "draw.articles(table)",
                f"{len(table)} rows for {table['place'].nunique()} articles and {table['topic_place'].nunique()} topics",
                f"one row an article and topic, {cells} in all",
                "give the whole table of explore.articles; its `only` keeps some topics",
            )
        )


def _sheet(names: list[str], heads: list[str], size: float, legend_lines: int, page: str) -> _Sheet:
    wide, high = (side / 25.4 * 72 for side in (paper(page).width, paper(page).height))
    least = smallest(page)
    bottom = (3.6 + 1.5 * legend_lines) * size
    tree = 0.012 * wide
    strip = tree + 0.13 * wide
    cells = strip + max(0.016 * wide, 1.5 * least)
    head_size = max(least, size * 0.9)
    # how high the topics' names stand depends on their lean, that on the width of a column, and that on the rows' names
    pitch = (high - bottom - 9 * size) / len(names)
    row_size = min(max(pitch / LEADING, least), size * 0.9)
    named = pitch >= least * TIGHT
    right = min(widest(names, row_size), 0.3 * wide) + 0.6 * size if named else 0.015 * wide
    column = (wide - right - cells) / len(heads)
    lean = 55.0 if column >= 1.45 * head_size else 90.0
    if lean == 90:
        head_size = max(least, min(head_size, column))
    lines = 2 if lean < 90 and column * 0.82 >= 2.4 * head_size else 1
    heads = [broken(head, (0.22 if lines > 1 else 0.46) * wide, head_size, lines) for head in heads]
    long, rise = widest(heads, head_size), 0.82 if lean < 90 else 1.0
    top = max(long * rise + (0.8 + 0.7 * lines) * head_size, 6.5 * size)
    pitch = min((high - bottom - top) / len(names), 1.6 * size)
    row_size = min(max(pitch / LEADING, least), size * 0.9) if pitch >= least * TIGHT else 0.0
    if not row_size:
        right = 0.015 * wide
    for place, head in enumerate(heads, 1):
        over = widest([head], head_size) * (1 - rise**2) ** 0.5 + lines * head_size
        right = max(right, over - (len(heads) - place + 0.5) * column)
    return _Sheet(
        size, tree, strip, cells, wide - right, wide, top, pitch * len(names), bottom, row_size, heads, head_size, lean,
    )  # fmt: skip


def _cells(axes: Axes, table: pd.DataFrame, rows: pd.DataFrame, sheet: _Sheet, page: str) -> QuadMesh:
    numbers = table.pivot(index="place", columns="topic_place", values="share").to_numpy()
    shown = axes.pcolormesh(
        numbers, cmap=shades(page), vmin=0, vmax=numbers.max(), rasterized=numbers.size > 20000
    )
    axes.set_ylim(len(rows), 0)
    axes.vlines(range(1, len(sheet.heads)), 0, len(rows), color="white", linewidth=0.6)
    axes.yaxis.tick_right()
    room = sheet.wide - sheet.names - 0.3 * sheet.size
    names = [shortened(name, room, sheet.row_size) for name in rows["name"]] if sheet.row_size else []
    axes.set_yticks([place + 0.5 for place in range(len(names))], names, fontsize=sheet.row_size or None)
    axes.tick_params(axis="y", pad=0.3 * sheet.size)
    axes.set_xticks([])
    every = ceil(sheet.head_size * 0.99 * len(sheet.heads) / (sheet.names - sheet.cells))
    for place, head in list(enumerate(sheet.heads))[::every]:
        axes.annotate(
            head, (place + 0.5, 0), xytext=(0, (0.7 + 0.35 * head.count("\n")) * sheet.head_size), textcoords="offset points",
            rotation=sheet.lean, rotation_mode="anchor", ha="left", va="center", fontsize=sheet.head_size, linespacing=1.1,
            annotation_clip=False,
        )  # fmt: skip
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.4, edgecolor=SOFT)
    return shown


def _strip(axes: Axes, groups: list[str], drawn: dict[str, Style], sheet: _Sheet, page: str) -> None:
    pitch = sheet.rows / len(groups)
    size = min(pitch * 0.9, sheet.size * 0.85, (sheet.cells - sheet.strip) * 0.8)
    for place, group in enumerate(groups):
        style = drawn[group]
        axes.barh(place + 0.5, 1, height=1, color=style.colour, linewidth=0)
        if size >= 4:
            axes.annotate(
                style.letter, (0.5, place + 0.5), ha="center", va="center_baseline", fontsize=max(size, smallest(page)),
                color=_on(style.colour),
            )  # fmt: skip
    axes.set(xlim=(-0.12, 1.12), ylim=(len(groups), 0), xticks=[], yticks=[])
    axes.axis("off")


def _on(colour: str) -> str:
    """Return what can be read on a colour: white or black letters."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.55 else INK


def _tree(axes: Axes, joins: list[float], language: str, size: float) -> None:
    """Draw the tree that the heights between neighbours say: the lowest gap is closed first."""
    from matplotlib.collections import LineCollection

    first = {place: place for place in range(len(joins))}  # the last row of a branch → its first
    last = dict(first)
    middle = {
        place: place + 0.5 for place in range(len(joins))
    }  # the first row of a branch → where it stands
    at = dict.fromkeys(range(len(joins)), 0.0)
    lines = []
    for gap in sorted(range(len(joins) - 1), key=lambda gap: (joins[gap], gap)):
        up, down, end = first[gap], gap + 1, last[gap + 1]
        height = joins[gap]
        lines.append(
            [(at[up], middle[up]), (height, middle[up]), (height, middle[down]), (at[down], middle[down])]
        )
        first[end], last[up] = up, end
        middle[up], at[up] = (middle[up] + middle[down]) / 2, height
    axes.add_collection(LineCollection(lines, colors=INK, linewidths=0.5, joinstyle="miter"))
    axes.set_ylim(len(joins), 0)
    axes.set_xlim(max([*joins[:-1], 1e-9]) * 1.03, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=3)
    axes.tick_params(axis="x", length=2, labelsize=size * 0.9)
    axes.set_xlabel(label("distance", language), labelpad=1, fontsize=size * 0.9)


def _legend(
    figure: Figure,
    groups: list[str],
    said: list[str],
    lines: list[list[int]],
    drawn: dict[str, Style],
    sheet: _Sheet,
) -> None:
    size = sheet.size
    high = sheet.top + sheet.rows + sheet.bottom
    axes = figure.add_axes((0, 0, 1, 1.5 * size * (len(lines) + 0.4) / high))
    axes.set(xlim=(0, sheet.wide), ylim=(len(lines) + 0.4, 0))
    axes.axis("off")
    for row, entries in enumerate(lines):
        at = sheet.tree
        for entry in entries:
            style = drawn[groups[entry]]
            axes.barh(row + 0.5, 1.5 * size, left=at, height=0.75, color=style.colour, linewidth=0)
            axes.annotate(
                style.letter, (at + 0.75 * size, row + 0.5), ha="center", va="center_baseline", color=_on(style.colour),
                fontsize=size * 0.9,
            )  # fmt: skip
            axes.annotate(said[entry], (at + 2 * size, row + 0.5), va="center_baseline", fontsize=size)
            at += text_width(said[entry], size) + 3.6 * size
