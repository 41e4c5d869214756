"""The map of articles: where each lies by its distances from all others."""

import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import columns, refuse_if
from nqp_topics.compare.arrangement import MANY, Map
from nqp_topics.compare.given import Names, Some, number_problems
from nqp_topics.counts import Counts
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import article_rows, extremes
from nqp_topics.figures.legends import Legend, dot, legend, write_legend
from nqp_topics.figures.letters import shortened, smallest, text_width
from nqp_topics.figures.page import Axes, Drawing, beside, blank, needs, preset
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.figures.styles import INK, MARKERS, SOFT, Drawn, Style, by_number, paper, styles

# how many letters of half width stand across a map of the narrowest page, and how many lines of them up and down
ACROSS, LINE = 48, 2.6
BOX = ["x", "y", "x_low", "x_high", "y_low", "y_high"]
SPREAD = ["middle_x", "middle_y", "long", "short", "turn"]
LITTLE = 0.2  # of whose distance less is shown is drawn open
NAME = 0.35  # of the width of the map for a name, at most
SIDE = 0.36  # of the page for a legend beside the map
LINES = ("-", "--", ":", "-.")  # of groups' spread, in black and white
Place = tuple[float, float, float]  # of a name: where it begins, ends and how high it stands

FEW = 200  # articles: of more, intervals take fewer draws


def at_hand(found: Any, counts: Counts, groups: Names, names: Some = None, most: int = 6) -> pd.DataFrame:
    """Lay out the articles of the reported run by their distances, with intervals over passages: of 2,000 draws up to 200 articles, of 500 up to 500
    articles and of 100 above, where crosses are many and cost minutes.

    The steps: `compare.map_with_intervals` and `figures.article_map.table`, which see for what is given and what one row is.
    """
    articles = len(set(counts.articles))
    draws = 2000 if articles <= FEW else 500 if articles <= MANY else 100
    return table(compare.map_with_intervals(reported(found), counts, draws=draws), groups, names, most)


def table(found: Map, groups: Names, names: Some = None, most: int = 6) -> pd.DataFrame:
    """Lay out a map of articles: one row an article, in the map's order.

    Columns: article, name, group, x, y, x_low, x_high, y_low, y_high (none where the map has no intervals), shown (the share of its squared distance
    from the middle that the two axes show), x_share, y_share (what each axis shows of all), middle_x, middle_y (the mean of its group), long, short, turn (of a
    group of three articles and more: one standard deviation along the direction in which it spreads most and across, and the angle of that direction), named
    (whether its name is printed) and side (of its dot: right, left, above, below). Named are at most `most`: the article farthest from the middle of all, the
    one nearest to the middle of each group, the largest first, then the next farthest; one whose name would run into another name, into dots or into the
    mark of a group's middle goes without, save the farthest. Refused: a map of fewer than two axes, groups of other articles.
    """
    where, points, todo = "figures.article_map.table", found.points, "article_map(table, axes=2) makes it"
    lacking = columns(f"{where}(map)", points, ["article", "x", "y", "shown"], todo)
    refuse_if(number_problems(where, n=most), lacking)
    table = article_rows(points["article"], groups, names, where)
    table[[*BOX, "shown"]] = points.reindex(columns=[*BOX, "shown"]).to_numpy(dtype=np.float64)
    share = dict(zip(found.axes["axis"], found.axes["share"], strict=True))
    table["x_share"], table["y_share"] = float(share["x"]), float(share["y"])
    spread = {group: _spread(rows) for group, rows in table.groupby("group")}
    table[SPREAD] = [spread[group] for group in table["group"]]
    side = pd.Series(_sides(table, most), dtype=str).reindex(table.index)
    return table.assign(named=side.notna(), side=side.fillna("right"))


def _spread(rows: pd.DataFrame) -> tuple[float, ...]:
    """Return where the middle of some articles lies, how far they spread along and across their main direction, and its angle."""
    spots = rows[["x", "y"]].to_numpy(dtype=np.float64)
    x, y = map(float, spots.mean(axis=0))
    if len(spots) < 3:
        return x, y, np.nan, np.nan, np.nan
    (a, b), (_, d) = (spots - (x, y)).T @ (spots - (x, y)) / (len(spots) - 1)
    half, root = (a + d) / 2, float(np.hypot((a - d) / 2, b))
    turn = np.degrees(np.arctan2(2 * b, a - d) / 2)
    return x, y, (half + root) ** 0.5, max(half - root, 0.0) ** 0.5, float(turn)


def _sides(table: pd.DataFrame, most: int) -> dict[int, str]:
    """Return row → side of its name, for the rows whose names are printed."""
    spots = table[["x", "y"]].to_numpy(dtype=np.float64)
    # letters of half width; Chinese characters are two
    names = [sum(1 + (unicodedata.east_asian_width(one) in "WF") for one in name) for name in table["name"]]
    left, right = float(spots[:, 0].min()), float(spots[:, 0].max())
    letter = (right - left) / ACROSS or 1.0
    groups = [group for group in by_number(table["group"]) if group]
    middle = ((spots - table[["middle_x", "middle_y"]].to_numpy()) ** 2).sum(axis=1).round(12)
    central = [int(pd.Series(middle)[table["group"] == group].idxmin()) for group in groups]
    far = np.argsort(-np.round((spots**2).sum(axis=1), 12), kind="stable").tolist()
    large = table.dropna(subset="long")[["middle_x", "middle_y"]].drop_duplicates().to_numpy()
    placed: list[Place] = []
    found: dict[int, str] = {}
    for row in dict.fromkeys([*far[:1], *central, *far]):
        if len(found) >= most:
            break
        beside = _beside(spots[row], names[row], letter)
        free = [
            side
            for side, place in beside.items()
            if _free(spots, row, place, placed, letter) and not _covers(large, place, letter)
        ]
        if not free and row == far[0]:  # it is always named, on the side that looks to the middle
            free = ["left" if spots[row, 0] > 0 else "right"]
        if free:
            # a name that would stand beyond the outermost dots makes the map wider
            low, high = left - letter, right + letter
            inside = [side for side in free if low < beside[side][0] and beside[side][1] < high]
            found[row] = (inside or free)[0]
            placed.append(beside[found[row]])
    return found


def _beside(spot: np.ndarray, letters: int, letter: float) -> dict[str, Place]:
    """Return the places that a name can have at a dot: at its right, its left, above and below."""
    (x, y), long, away = spot, letter * letters, letter * LINE * 0.8
    return {
        "right": (x + 1.4 * letter, x + 1.4 * letter + long, y),
        "left": (x - 1.4 * letter - long, x - 1.4 * letter, y),
        "above": (x - long / 2, x + long / 2, y + away),
        "below": (x - long / 2, x + long / 2, y - away),
    }


def _free(spots: np.ndarray, row: int, place: Place, placed: list[Place], letter: float) -> bool:
    """Tell whether a name meets no other name and covers no dot."""
    start, end, high = place
    near = (other for other in placed if abs(high - other[2]) < letter * LINE)
    free = all(end + letter < left or right + letter < start for left, right, _ in near)
    return free and not _covers(np.delete(spots, row, axis=0), place, letter)


def _covers(spots: np.ndarray, place: Place, letter: float) -> bool:
    """Tell whether a name stands over one of some dots."""
    start, end, high = place
    beside = (spots[:, 0] > start - letter) & (spots[:, 0] < end + letter)
    return bool((beside & (np.abs(spots[:, 1] - high) < letter * LINE * 0.8)).any())


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say what the axes show, and which article is farthest from the middle, if neither another article nor its own interval makes it so."""
    x, y = table["x_share"].iloc[0], table["y_share"].iloc[0]
    low, high = f"{table['shown'].min():.0%}", f"{table['shown'].max():.0%}"
    span, zh_span = (low, low) if low == high else (f"between {low} and {high}", f"{low}至{high}")
    english = f"{len(table)} articles on a map of their distances; its two axes show {x:.0%} and {y:.0%} of the squared "
    english += f"distance; of that of a single article they show {span}."
    chinese = f"{len(table)}篇文章按彼此距离绘成的图；两轴分别反映距离平方的{x:.0%}和{y:.0%}；就单篇文章而言，两轴合计反映{zh_span}。"
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
    """Draw every article as a small dot, groups by their middle and one standard deviation around it, few articles by name with their interval."""
    words, numbers = ("article", "name", "group", "side"), (*BOX, *SPREAD, "shown", "x_share", "y_share")
    table = needs(table, "article_map", words, numbers, ("named",))
    order = by_number(table["group"])
    drawn = styles(order, page)
    named, usual = table[table["named"]], paper(page).letters
    size = max(smallest(page), 0.85 * usual)
    x_share, y_share = table[["x_share", "y_share"]].iloc[0]
    with preset(page) as wide:
        figure = blank(wide, wide)
        axes = figure.add_axes((0, 0, 1, 1))
        handles: dict[str, Any] = {}
        for group, n in order.items():
            mark = _group(axes, table[table["group"] == group], drawn[group], page)
            handles[f"{label(group, language)}  {n}"] = mark
        handles |= _explained(table, named, language, usual)
        handles[label("two axes", language).format(share=float(x_share + y_share))] = None
        said = [legend(handles, usual, page), legend(handles, usual, page, SIDE)]
        _limits(axes, table)
        for _ in range(4):  # a wider map needs less room for names
            across, spot = _placed(figure, axes, said, len(table), page)
            if not _widened(axes, named, across, 0.5 * usual, size):
                break
        _middles(axes, table, drawn, usual)
        look: dict[str, Any] = {"color": SOFT, "linewidth": 0.6, "zorder": 2}
        for along, at, line in (("x", "y", axes.hlines), ("y", "x", axes.vlines)):
            low, high = named[f"{along}_low"], named[f"{along}_high"]
            line(named[at], low, high, **look)
            line(named[at], named[along].clip(low, high), named[along], linestyle=":", **look)
        _names(axes, named, across, 0.5 * usual, size)
        axes.set_xlabel(label("axis", language).format(number=1, share=x_share))
        axes.set_ylabel(label("axis", language).format(number=2, share=y_share))
        write_legend(figure, *spot)
    return figure


def _group(axes: Axes, rows: pd.DataFrame, style: Style, page: str) -> Any:
    """Draw the articles of a group, its middle and its spread; return what stands for it in the legend."""
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Ellipse

    size, grey = paper(page).letters, paper(page).grey
    tone, middle = INK if grey else style.colour, rows.iloc[0]
    fill = ["white" if shown < LITTLE else style.colour for shown in rows["shown"]]
    look: dict[str, Any] = {"marker": style.marker, "clip_on": False}
    small = {**look, "s": style.area(0.42 * size), "facecolor": fill, "edgecolor": tone, "linewidth": 0.5}
    axes.scatter(rows["x"], rows["y"], zorder=3, **small)
    large = {**look, "s": style.area(size), "facecolor": style.colour, "edgecolor": INK, "linewidth": 0.9}
    if len(rows) > 2:
        spot = middle["middle_x"], middle["middle_y"]
        line = LINES[MARKERS.index(style.marker) % len(LINES)] if grey else "-"
        ellipse = Ellipse(spot, 2 * middle["long"], 2 * middle["short"], angle=middle["turn"])
        ellipse.set(facecolor=to_rgba(tone, 0.0 if grey else 0.07), edgecolor=tone)
        ellipse.set(linewidth=0.9, linestyle=line)
        axes.add_patch(ellipse)
    return axes.scatter([], [], zorder=4, **large)


def _middles(axes: Axes, table: pd.DataFrame, drawn: Drawn, size: float) -> None:
    """Draw the middle of each group of three articles and more; one that a later one would cover is so much larger that it is seen below it."""
    rows = table.dropna(subset="long").drop_duplicates("group").set_index("group")
    groups = [group for group in drawn if group in rows.index]
    spots = axes.transData.transform(rows.loc[groups, ["middle_x", "middle_y"]].to_numpy())
    spots *= 72 / axes.figure.dpi
    for place, (group, (x, y)) in enumerate(zip(groups, spots, strict=True)):
        covered = int((np.hypot(*(spots[place + 1 :] - (x, y)).T) < 0.7 * size).sum())
        style, row = drawn[group], rows.loc[group]
        look: dict[str, Any] = {"marker": style.marker, "s": style.area((1 + 0.6 * covered) * size)}
        look |= {"facecolor": style.colour, "edgecolor": INK, "linewidth": 0.9, "clip_on": False}
        axes.scatter(row["middle_x"], row["middle_y"], zorder=4, **look)


def _explained(table: pd.DataFrame, named: pd.DataFrame, language: str, size: float) -> dict[str, Any]:
    """Return what large and open dots, ellipses and crosses are."""
    shown = {}
    if table["long"].notna().any():
        shown["middle and spread"] = dot(size, "none")
    if (table["shown"] < LITTLE).any():
        shown["little shown"] = dot(0.45 * size, "white", markeredgewidth=0.5)
    if (named["x_low"].notna() | named["y_low"].notna()).any():
        shown["interval over passages"] = dot(size, SOFT, SOFT, "+", markeredgewidth=0.6)
    return {label(key, language).format(share=LITTLE): mark for key, mark in shown.items()}


def _limits(axes: Axes, table: pd.DataFrame) -> None:
    """Let the map hold all dots, the ellipses and the intervals of named articles."""
    half = np.radians(table["turn"])
    sides = ("x", axes.set_xlim, np.cos, np.sin), ("y", axes.set_ylim, np.sin, np.cos)
    for name, limit, one, other in sides:
        cross = table.loc[table["named"], [f"{name}_low", f"{name}_high"]].stack()
        middle = table[f"middle_{name}"]
        away = np.hypot(table["long"] * one(half), table["short"] * other(half))
        seen = pd.concat([table[name], cross, middle - away, middle + away])
        margin = 0.04 * (seen.max() - seen.min()) or 0.1
        limit(seen.min() - margin, seen.max() + margin)


def _widened(axes: Axes, rows: pd.DataFrame, across: float, dot: float, size: float) -> bool:
    """Move the left and the right edge outwards until every name fits on a map of so many points; return whether that was needed."""
    low, high = left, right = axes.get_xlim()
    for row in rows.itertuples():
        wide = min(text_width(row.name, size), NAME * across) + 0.75 * dot + 5
        part = across / (across - wide)
        if row.side == "right":
            right = max(right, left + (row.x - left) * part)
        elif row.side == "left":
            left = min(left, right - (right - row.x) * part)
    axes.set_xlim(left, right)
    return (right - left) > (high - low) * (1 + 1e-6)


def _names(axes: Axes, rows: pd.DataFrame, across: float, dot: float, size: float) -> None:
    from matplotlib import patheffects

    away = 0.75 * dot
    across_of = {"right": (away, "left"), "left": (-away, "right")}
    up_of = {"above": (away, "bottom"), "below": (-away, "top")}
    look: dict[str, Any] = {"fontsize": size, "zorder": 5}
    look["path_effects"] = [patheffects.withStroke(linewidth=2.4, foreground="white")]
    for row in rows.itertuples():
        x, side = across_of.get(row.side, (0, "center"))
        y, up = up_of.get(row.side, (0, "center_baseline"))
        beside(axes, shortened(row.name, NAME * across, size), row.x, row.y, x, y, ha=side, va=up, **look)


def _placed(
    figure: Drawing, axes: Axes, said: list[Legend], many: int, page: str
) -> tuple[float, tuple[Legend, float, float]]:
    """Give the map the width of the page, or less where it would be too high, and its legend the side that leaves it more room.

    Returned are the width of the map in points, and the legend with the place where it begins.
    """
    wide, high, size = paper(page).wide, paper(page).high, paper(page).letters
    most = high * min(0.8, 0.3 + 0.02 * many)  # few articles need no large map
    left, below, edge = 5.0 * size, 3.6 * size, 0.8 * size
    (low, to), (down, up) = axes.get_xlim(), axes.get_ylim()
    ratio, foot = (up - down) / (to - low), said[0].high
    under = min(wide - left - edge, (most - below - foot - edge) / ratio)
    by_side = min((1 - SIDE) * wide - left - edge, (most - below - edge) / ratio)
    across, foot = (under, foot) if under >= by_side else (by_side, 0.0)
    tall = max(foot + below + across * ratio + edge, 0.0 if foot else said[1].high + edge)
    figure.set_size_inches(wide / 72, tall / 72)
    axes.set_position((left / wide, 1 - (edge + across * ratio) / tall, across / wide, across * ratio / tall))
    axes.set_aspect("equal")
    if foot:
        return across, (said[0], foot - 0.4 * size, 0.0)
    return across, (said[1], tall - edge, left + across + 2 * edge)


article_map = Figure(table, draw, says, at_hand)
