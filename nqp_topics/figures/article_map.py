"""The map of articles: where each lies by its distances from all others."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import columns
from nqp_topics.compare import Map
from nqp_topics.compare.given import number_problems
from nqp_topics.counts import Counts
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import article_groups, article_names, extremes
from nqp_topics.figures.letters import flowed, smallest, text_width, widest
from nqp_topics.figures.page import FAINT, INK, SOFT, by_number, needs, paper, preset, styles
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.study import refuse_if

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

# how many letters of half width stand across a map of the narrowest page, and how many lines of them up and down
ACROSS, LINE = 80, 2.3
BOX = ["x", "y", "x_low", "x_high", "y_low", "y_high"]
Place = tuple[float, float, float]  # of a name: where it begins, ends and how high it stands

MANY = 200  # articles: of more, intervals take fewer draws


def at_hand(
    found: Any,
    counts: Counts,
    groups: Mapping[str, object] | pd.Series,
    names: Mapping[str, object] | pd.Series | None = None,
    most: int = 20,
) -> pd.DataFrame:
    """Lay out the articles of the reported run by their distances, with intervals over passages: of 2,000 draws up to 200 articles, of 500 above,
    where crosses are many and cost a minute.

    The steps: `compare.map_with_intervals` and `figures.article_map.table`, which see for what is given and what one row is.
    """
    draws = 2000 if len(set(counts.articles)) <= MANY else 500
    return table(compare.map_with_intervals(reported(found), counts, draws=draws), groups, names, most)


def table(
    found: Map,
    groups: Mapping[str, object] | pd.Series,
    names: Mapping[str, object] | pd.Series | None = None,
    most: int = 20,
) -> pd.DataFrame:
    """Lay out a map of articles: one row an article, in the map's order.

    Columns: article, name, group, x, y, x_low, x_high, y_low, y_high (none where the map has no intervals), shown (the share of its squared distance
    from the middle that the two axes show), x_share, y_share (what each axis shows of all), named (whether its name is printed) and side (of its
    dot: right, left, above, below). Named are at most `most`: the article farthest from the middle of all, the one nearest to the middle of each
    group, then the next farthest; one whose name would run into another name or into dots goes without, save the farthest. Refused: a map
    of fewer than two axes, groups of other articles.
    """
    where, points, todo = "figures.article_map.table", found.points, "article_map(table, axes=2) makes it"
    refuse_if(
        number_problems(where, n=most), columns(f"{where}(map)", points, ["article", "x", "y", "shown"], todo)
    )
    ids = list(map(str, points["article"]))
    table = pd.DataFrame({"article": ids, "name": article_names(ids, names)})
    table["group"] = article_groups(ids, groups, where)
    for column in [*BOX, "shown"]:
        table[column] = points[column].to_numpy(dtype=np.float64) if column in points else np.nan
    share = dict(zip(found.axes["axis"], found.axes["share"], strict=True))
    table["x_share"], table["y_share"] = float(share["x"]), float(share["y"])
    sides = _sides(table, most)
    table["named"] = [place in sides for place in range(len(table))]
    table["side"] = [sides.get(place, "right") for place in range(len(table))]
    return table


class _Edges(NamedTuple):
    """Where a map ends at the left and at the right, and how wide a letter stands on it."""

    left: float
    right: float

    @property
    def letter(self) -> float:
        return (self.right - self.left) / ACROSS or 1.0


def _sides(table: pd.DataFrame, most: int) -> dict[int, str]:
    """Return row → side of its name, for the rows whose names are printed."""
    spots = table[["x", "y"]].to_numpy(dtype=np.float64)
    # letters of half width; Chinese characters are two
    names = [sum(1 + (unicodedata.east_asian_width(one) in "WF") for one in name) for name in table["name"]]
    seen = table[["x", "x_low", "x_high"]].to_numpy(dtype=np.float64)
    edges = _Edges(float(np.nanmin(seen)), float(np.nanmax(seen)))
    edges = _Edges(edges.left - 2.4 * edges.letter, edges.right + 2.4 * edges.letter)
    central = [
        _nearest(spots, np.flatnonzero(table["group"] == group))
        for group in sorted(set(table["group"]) - {""})
    ]
    far = np.argsort(-np.round((spots**2).sum(axis=1), 12), kind="stable").tolist()
    placed: list[Place] = []
    found: dict[int, str] = {}
    if most and far and not _free(spots, far[0], names[far[0]], edges, placed, 1):
        edges = _with_room(edges, spots[far[0], 0], names[far[0]])
    for row in dict.fromkeys([*far[:1], *central, *far]):
        if len(found) >= most:
            break
        farthest = row == far[0]
        place = _free(spots, row, names[row], edges, placed, int(farthest))
        if not place and farthest:  # it is always named, on the side that looks away from the middle
            place = _beside(spots[row], names[row], edges.letter)[int(spots[row, 0] < 0)]
        if place:
            found[row] = place[0]
            placed.append(place[1])
    return found


def _with_room(edges: _Edges, x: float, letters: int) -> _Edges:
    """Return wider edges, so that a name fits between a dot and the edge behind it; not more than twice as wide."""
    part = ACROSS / (ACROSS - min(letters + 2.4, ACROSS / 2))
    if x < 0:
        return edges._replace(left=min(edges.left, edges.right - (edges.right - x) * part))
    return edges._replace(right=max(edges.right, edges.left + (x - edges.left) * part))


def _beside(spot: np.ndarray, letters: int, letter: float) -> list[tuple[str, Place]]:
    """Return the places that a name can have at a dot, and on which side of it each is."""
    (x, y), long, away = spot, letter * letters, letter * LINE * 0.8
    return [
        ("right", (x + 1.4 * letter, x + 1.4 * letter + long, y)),
        ("left", (x - 1.4 * letter - long, x - 1.4 * letter, y)),
        ("above", (x - long / 2, x + long / 2, y + away)),
        ("below", (x - long / 2, x + long / 2, y - away)),
    ]


def _free(
    spots: np.ndarray, row: int, letters: int, edges: _Edges, placed: list[Place], covering: int
) -> tuple[str, Place] | None:
    """Return the first place of a name that lies inside, meets no other name and covers at most so many dots."""
    letter = edges.letter
    slack = 1e-9 * letter
    for side, (start, end, high) in _beside(spots[row], letters, letter):
        if start < edges.left - slack or end > edges.right + slack:
            continue
        if any(_meet((start, end, high), other, letter) for other in placed):
            continue
        covered = (spots[:, 0] > start - letter) & (spots[:, 0] < end + letter)
        covered &= np.abs(spots[:, 1] - high) < letter * LINE * 0.8
        covered[row] = False
        if covered.sum() <= covering:
            return side, (start, end, high)
    return None


def _nearest(spots: np.ndarray, rows: np.ndarray) -> int:
    """Return which of some rows lies nearest to their middle."""
    away = ((spots[rows] - spots[rows].mean(axis=0)) ** 2).sum(axis=1)
    return int(rows[int(np.round(away, 12).argmin())])


def _meet(one: Place, other: Place, letter: float) -> bool:
    beside = one[1] + letter < other[0] or other[1] + letter < one[0]
    return not beside and abs(one[2] - other[2]) < letter * LINE


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say what the axes show, and which article is farthest from the middle, if neither another article nor its own interval makes it so."""
    x, y = table["x_share"].iloc[0], table["y_share"].iloc[0]
    low, high = f"{table['shown'].min():.0%}", f"{table['shown'].max():.0%}"
    english = f"{len(table)} articles on a map of their distances; its two axes show {x:.0%} and {y:.0%} of the squared "
    english += f"distance, and of a single article between {low} and {high}."
    chinese = f"{len(table)}篇文章按彼此距离绘成的图；两轴分别表示距离平方的{x:.0%}和{y:.0%}，单篇文章在{low}至{high}之间。"
    far = extremes(_away(table), np.full(len(table), len(table) >= 4))
    if "most" in far:
        name = table["name"].iloc[far.index("most")]
        english += f" Farthest from the middle is {name}, whichever other article is left out."
        chinese += f"离中心最远的是{name}，去掉其他任何一篇文章仍是如此。"
    return english, chinese


def _away(table: pd.DataFrame) -> np.ndarray:
    """Return how far every article is from the middle, as it is and with each other one left out, the farthest no farther than its interval allows."""
    spots = table[["x", "y"]].to_numpy(dtype=np.float64)
    middle = np.vstack((np.zeros(2), -spots / max(len(spots) - 1, 1)))  # that of all is 0
    away = np.sqrt(((spots - middle[:, None]) ** 2).sum(axis=-1))
    low, high = (table[[f"x_{end}", f"y_{end}"]].to_numpy(dtype=np.float64) for end in ("low", "high"))
    near = np.sqrt((np.clip(0.0, low, high) ** 2).sum(axis=1))
    first, every = int(away[0].argmax()), np.arange(len(spots))
    away[1 + every, every] = 0.0  # what is left out is not the farthest
    away[:, first] = np.fmin(away[:, first], near[first])
    return np.delete(away, 1 + first, axis=0)


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw every article as a dot, its group by colour and shape, its intervals as a faint cross, some by name."""
    from matplotlib import pyplot as plt

    words, numbers = ("article", "name", "group", "side"), (*BOX, "x_share", "y_share")
    table = needs(table, "article_map", words, numbers, ("named",))
    order = by_number(table["group"])
    drawn = styles(sorted(order), page)
    said = [f"{label(group, language)}  {n}" for group, n in order.items()]
    crossed = bool((table["x_low"].notna() | table["y_low"].notna()).any())
    if crossed:
        said.append(label("interval over passages", language))
    usual = paper(page).letters
    with preset(page) as wide:
        figure = plt.figure(figsize=(wide, wide), layout="none")
        axes = figure.add_axes((0, 0, 1, 1))
        _limits(axes, table)
        named = table[table["named"]]
        for _ in range(4):  # a wider map has smaller letters on it, which need less room
            across, where = _placed(figure, axes, said, page)
            dot = min(0.7 * usual, across / 55)
            letters = max(smallest(page), min(0.72 * usual, across / 40))
            if not _widened(axes, named, across, dot, letters):
                break
        axes.hlines(table["y"], table["x_low"], table["x_high"], color=FAINT, linewidth=0.5, zorder=1)
        axes.vlines(table["x"], table["y_low"], table["y_high"], color=FAINT, linewidth=0.5, zorder=1)
        handles: list[Any] = []
        for group in order:
            rows, style = table[table["group"] == group], drawn[group]
            look: dict[str, Any] = {"marker": style.marker, "linewidth": 0.4, "color": style.colour}
            look["edgecolor"] = INK if paper(page).grey else "white"
            axes.scatter(rows["x"], rows["y"], s=style.area(dot), zorder=3, **look)
            handles.append(axes.scatter([], [], s=style.area(0.7 * usual), **look))
        if crossed:
            look = {"color": SOFT, "linewidth": 0, "marker": "+", "markersize": usual, "markeredgewidth": 0.5}
            handles += axes.plot([], [], **look)
        _names(axes, named, dot, letters)
        look = {"frameon": False, "borderpad": 0, "borderaxespad": 0, "loc": "upper left"}
        look |= {"labelspacing": 0.6, "columnspacing": 1.2, "handletextpad": 0.2, "handlelength": 1.4}
        for spot, entries in where:
            shown = [handles[entry] for entry in entries], [said[entry] for entry in entries]
            columns = len(entries) if len(where) > 1 or spot[1] < 0.5 else 1
            figure.legend(*shown, bbox_to_anchor=spot, ncols=columns, **look)
        axis = label("axis", language)
        axes.set_xlabel(axis.format(number=1, share=table["x_share"].iloc[0]))
        axes.set_ylabel(axis.format(number=2, share=table["y_share"].iloc[0]))
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

    away = 0.75 * dot
    sides = {
        "right": ((away, 0), "left", "center_baseline"),
        "left": ((-away, 0), "right", "center_baseline"),
        "above": ((0, away), "center", "bottom"),
        "below": ((0, -away), "center", "top"),
    }
    look: dict[str, Any] = {"textcoords": "offset points", "fontsize": size, "zorder": 4}
    look["path_effects"] = [patheffects.withStroke(linewidth=1.6, foreground="white")]
    for row in rows.itertuples():
        offset, across, up = sides[row.side]
        axes.annotate(row.name, (row.x, row.y), xytext=offset, ha=across, va=up, **look)


def _placed(
    figure: Drawing, axes: Axes, said: list[str], page: str
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
    spots = [(left / wide, (under - 1.5 * size * row) / tall) for row in range(len(lines))]
    return across, list(zip(spots, lines, strict=True))


article_map = Figure(table, draw, says, at_hand)
