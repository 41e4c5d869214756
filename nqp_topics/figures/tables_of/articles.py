"""Articles: what each is about beside the tree of what they share, and the map of their distances."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.compare.arrangement import Map, Tree
from nqp_topics.compare.tables import number_problems
from nqp_topics.figures.labelled import (
    article_groups,
    article_names,
    chosen,
    extremes,
    has,
    topic_labels,
)
from nqp_topics.study import Problem, Refused, refuse_if

# how many letters of half width stand across a map of the narrowest page, and how many lines of them up and down
ACROSS, LINE = 80, 2.3


def articles(
    shares: pd.DataFrame,
    found_tree: Tree,
    groups: Mapping[str, object] | pd.Series,
    names: Mapping[str, object] | pd.Series | None = None,
    labels: pd.DataFrame | None = None,
    only: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Put the shares of articles into the order of their tree: one row an article and topic.

    Columns: article, name (what stands at its row; its id where `names` has none), group, place (row, from 1), joins_next (the height at which it
    joins the article below it; none in the last row: these heights are the whole tree), topic, en, zh (its label, of the table of `name.labels_of`),
    topic_place (column, from 1, in the model's order), share. `only` keeps some topics. Refused: a tree of other articles, groups of other
    articles, a topic that does not exist.
    """
    ids = list(map(str, shares.index))
    if sorted(ids) != sorted(found_tree.order):
        strange = sorted(set(ids) ^ set(found_tree.order))
        raise Refused(
            Problem(
                "explore.articles(found_tree)",
                f"{len(found_tree.order)} articles, but shares of {len(ids)}; not in both: {', '.join(strange[:5])}",
                "the tree of these articles",
                "tree(distances(shares)) makes it",
            )
        )
    topics = chosen(shares.columns, only, "explore.articles")
    called = topic_labels(shares.columns, labels, "explore.articles")
    order = found_tree.order
    rows = pd.DataFrame(
        {
            "article": order,
            "name": article_names(order, names),
            "group": article_groups(order, groups, "explore.articles"),
            "place": range(1, len(order) + 1),
            "joins_next": _joins(found_tree),
        }
    )
    numbers = shares.set_axis(ids, axis=0).set_axis(list(map(str, shares.columns)), axis=1).loc[order, topics]
    table = rows.loc[rows.index.repeat(len(topics))].reset_index(drop=True)
    return table.assign(
        topic=topics * len(order),
        en=[called[topic][0] for topic in topics] * len(order),
        zh=[called[topic][1] for topic in topics] * len(order),
        topic_place=list(range(1, len(topics) + 1)) * len(order),
        share=numbers.to_numpy(dtype=np.float64).ravel(),
    )


def _joins(found_tree: Tree) -> list[float]:
    """Return for every article in the tree's order the height at which it joins the next one; none for the last."""
    spans = {name: (place, place) for place, name in enumerate(found_tree.order)}
    joins = [float("nan")] * len(spans)
    merges = found_tree.merges
    for step, left, right, height in zip(
        merges["step"], merges["left"], merges["right"], merges["height"], strict=True
    ):
        (low, edge), (_, high) = sorted((spans[left], spans[right]))
        joins[edge] = float(height)
        spans[step] = (low, high)
    return joins


def articles_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of articles shows."""
    rows = table.drop_duplicates("place")
    topics = table.drop_duplicates("topic_place").sort_values("topic_place")
    heights = rows["joins_next"].dropna()
    english = (
        f"{len(rows)} articles in rows, like ones beside each other, and {len(topics)} topics in columns."
    )
    chinese = f"{len(rows)}篇文章为行（相近者相邻），{len(topics)}个主题为列。"
    cells = table.pivot(index="place", columns="topic_place", values="share").to_numpy()
    means = np.vstack((cells.mean(axis=0), (cells.sum(axis=0) - cells) / max(len(cells) - 1, 1)))
    said = extremes(means, np.full(cells.shape[1], len(cells) >= 4))
    for place in [place for place, word in enumerate(said) if word == "most"]:
        most, mean = topics.iloc[place], means[0, place]
        english += f" The largest mean share is that of {most['topic']} ({most['en']}), {mean:.0%}, whichever article is left out."
        chinese += f"平均占比最高的是{most['topic']}（{most['zh']}），{mean:.0%}，去掉任何一篇文章仍是如此。"
    if len(heights):
        low, high = f"{heights.min():.2f}", f"{heights.max():.2f}"
        english += (
            f" In the tree the first two articles join at a distance of {low}, the last groups at {high}."
        )
        chinese += f"树中最先合并的两篇距离为{low}，最后合并处为{high}。"
    return english, chinese


def article_map(
    found_map: Map,
    groups: Mapping[str, object] | pd.Series,
    names: Mapping[str, object] | pd.Series | None = None,
    label_n: int = 20,
) -> pd.DataFrame:
    """Lay out a map of articles: one row an article, in the map's order.

    Columns: article, name, group, x, y, x_low, x_high, y_low, y_high (none where the map has no intervals), shown (the share of its squared distance
    from the middle that the two axes show), x_share, y_share (what each axis shows of all), named (whether its name is printed) and side (of its
    dot: right, left, above, below). Named are at most `label_n`: the article farthest from the middle of all, the one nearest to the middle of each
    group, then the next farthest; one whose name would run into another name or into dots goes without, save the farthest. Refused: a map of fewer than two axes, groups of other articles.
    """
    refuse_if(number_problems("explore.article_map", n=label_n))
    points = found_map.points
    has(
        points,
        ("article", "x", "y", "shown"),
        "explore.article_map(found_map)",
        "article_map(table, axes=2) makes it",
    )
    ids = list(map(str, points["article"]))
    table = pd.DataFrame(
        {
            "article": ids,
            "name": article_names(ids, names),
            "group": article_groups(ids, groups, "explore.article_map"),
        }
    )
    for column in ("x", "y", "x_low", "x_high", "y_low", "y_high", "shown"):
        given = points[column].to_numpy(dtype=np.float64) if column in points else np.nan
        table[column] = given
    share = dict(zip(found_map.axes["axis"], found_map.axes["share"], strict=True))
    table = table.assign(x_share=float(share["x"]), y_share=float(share["y"]))
    sides = _sides(table, label_n)
    return table.assign(
        named=[place in sides for place in range(len(table))],
        side=[sides.get(place, "right") for place in range(len(table))],
    )


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
    names = [_letters(str(name)) for name in table["name"]]
    seen = table[["x", "x_low", "x_high"]].to_numpy(dtype=np.float64)
    edges = _Edges(float(np.nanmin(seen)), float(np.nanmax(seen)))
    edges = _Edges(edges.left - 2.4 * edges.letter, edges.right + 2.4 * edges.letter)
    central = [_nearest(spots, rows) for rows in _rows(table)]
    far = np.argsort(-np.round((spots**2).sum(axis=1), 12), kind="stable").tolist()
    placed: list[tuple[float, float, float]] = []
    found: dict[int, str] = {}
    if most and far and not _placed(spots, far[0], names[far[0]], edges, placed, 1):
        edges = _with_room(edges, spots[far[0], 0], names[far[0]])
    for row in dict.fromkeys([*far[:1], *central, *far]):
        if len(found) >= most:
            break
        farthest = row == far[0]
        place = _placed(spots, row, names[row], edges, placed, int(farthest))
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


def _beside(spot: np.ndarray, letters: int, letter: float) -> list[tuple[str, tuple[float, float, float]]]:
    """Return the places that a name can have at a dot: its side, and where it begins, ends and how high it stands."""
    (x, y), long, away = spot, letter * letters, letter * LINE * 0.8
    return [
        ("right", (x + 1.4 * letter, x + 1.4 * letter + long, y)),
        ("left", (x - 1.4 * letter - long, x - 1.4 * letter, y)),
        ("above", (x - long / 2, x + long / 2, y + away)),
        ("below", (x - long / 2, x + long / 2, y - away)),
    ]


def _placed(
    spots: np.ndarray,
    row: int,
    letters: int,
    edges: _Edges,
    placed: list[tuple[float, float, float]],
    covering: int,
) -> tuple[str, tuple[float, float, float]] | None:
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


def _nearest(spots: np.ndarray, rows: list[int]) -> int:
    """Return which of some rows lies nearest to their middle."""
    away = ((spots[rows] - spots[rows].mean(axis=0)) ** 2).sum(axis=1)
    return rows[int(np.round(away, 12).argmin())]


def _rows(table: pd.DataFrame) -> list[list[int]]:
    groups = sorted(set(table["group"]) - {""})
    return [np.flatnonzero((table["group"] == group).to_numpy()).tolist() for group in groups]


def _meet(one: tuple[float, float, float], other: tuple[float, float, float], letter: float) -> bool:
    beside = one[1] + letter < other[0] or other[1] + letter < one[0]
    return not beside and abs(one[2] - other[2]) < letter * LINE


def _letters(name: str) -> int:
    """Count letters of half width; Chinese characters are two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in name)


def article_map_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the map of articles shows."""
    x, y = table["x_share"].iloc[0], table["y_share"].iloc[0]
    far = table.loc[(table["x"] ** 2 + table["y"] ** 2).idxmax()]
    return (
        f"{len(table)} articles on a map of their distances; its two axes show {x:.0%} and {y:.0%} of the squared distance, and of a single article "
        f"between {table['shown'].min():.0%} and {table['shown'].max():.0%}. Farthest from the middle is {far['name']}.",
        f"{len(table)}篇文章按彼此距离绘成的图；两轴分别表示距离平方的{x:.0%}和{y:.0%}，单篇文章在{table['shown'].min():.0%}至{table['shown'].max():.0%}之间。"
        f"离中心最远的是{far['name']}。",
    )
