"""Arrangement: articles put in a tree and on a map by their distances, and how far either can be believed."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from nqp_topics import similar
from nqp_topics.checks import Problem, Refused, refuse_if, whole_number
from nqp_topics.compare.distances import distances
from nqp_topics.compare.given import number_problems, passages
from nqp_topics.compare.resample import drawn_articles, middle_part, vein
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics

MANY = 500  # articles: of more, leaves are ordered by one axis and fewer draws are taken; all that takes the cube of them, or more, takes hours


class Tree(NamedTuple):
    """A tree of articles.

    `merges`: one row a step, step, left, right (articles by name, earlier steps as #1 …), height (distance at which they join), articles (below
    it), and with draws `support` (in what share of draws the same articles stand together; NaN where no draw can move any of them, and of all articles, which always do). `order`:
    articles from left to right, neighbours as like as the tree allows. `linkage`: the same for scipy's dendrogram. `faith`: correlation of
    heights and distances (cophenetic), 1: the tree says all.
    """

    merges: pd.DataFrame
    order: list[str]
    linkage: np.ndarray
    faith: float


def tree(table: pd.DataFrame, drawn: np.ndarray | None = None) -> Tree:
    """Cluster articles by a table of `distances` (average linkage), with the optimal order of leaves; of more than 500 articles, each join
    has the side first whose articles lie farther to the left on the first axis of their map.

    `drawn`, shares drawn again (`redrawn(topics, counts)`, draws × articles × topics, articles in the order of the table), adds how often
    each cluster comes back. Articles of one passage are the same in every draw: a cluster of such articles alone has no support (NaN), as
    nothing in it was put to the test, and in one with others support tells what the others do. In planted worlds a cluster stands in the tree
    of what articles are truly about as often as its support says, or oftener where that is below one half. Refused: a table that is no distances, fewer
    than two articles.
    """
    from scipy.cluster.hierarchy import cophenet, leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    numbers = _square(table, "tree")
    names, many = [str(name) for name in table.index], len(table)
    flat = squareform(numbers, checks=False)
    links = linkage(flat, "average")
    links = optimal_leaf_ordering(links, flat) if many <= MANY else _along(links, numbers)
    called = np.array([*names, *(f"#{step}" for step in range(1, many))], dtype=object)
    left, right = called[links[:, :2].astype(int)].T
    merges = pd.DataFrame({"step": called[many:], "left": left, "right": right, "height": links[:, 2]})
    merges["articles"] = links[:, 3].astype(np.int64)
    if drawn is not None:
        merges["support"] = _support(links, many, drawn)
    heights = cophenet(links)
    told = many > 2 and flat.std() > 0 and heights.std() > 0
    faith = float(np.corrcoef(heights, flat)[0, 1]) if told else 1.0
    return Tree(merges, [names[place] for place in leaves_list(links)], links, faith)


def _along(links: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return the joins of a tree, each with the side first whose articles lie farther to the left on the first axis."""
    axis = similar.coordinates(numbers, 1)[0][:, 0]
    middle, turned = [*axis.tolist()], links.copy()
    sizes = [1.0] * len(axis) + links[:, 3].tolist()
    for step, (one, other) in enumerate(links[:, :2].astype(int).tolist()):
        if middle[other] < middle[one]:
            turned[step, :2] = other, one
        both = middle[one] * sizes[one] + middle[other] * sizes[other]
        middle.append(both / (sizes[one] + sizes[other]))
    return turned


def _support(links: np.ndarray, many: int, drawn: np.ndarray) -> np.ndarray:
    """Return in what share of draws each cluster comes back; NaN where no draw can move any of its articles, and of all articles."""
    from scipy.cluster.hierarchy import linkage

    if drawn.ndim != 3 or drawn.shape[1] != many:
        came = f"an array of {' × '.join(map(str, drawn.shape))}"
        todo = "redrawn(topics, counts) of the same articles"
        raise Refused(Problem("tree(drawn)", came, f"draws × {many} articles × topics", todo))
    wanted, upper = _clusters(links, many), np.triu_indices(many, 1)
    again = np.zeros(len(wanted))
    moved = (np.ptp(drawn, axis=0) > 1e-12).any(axis=1)
    for shares in drawn if moved.any() else ():
        apart = np.sqrt(similar.divergences(shares.T))
        there = set(_clusters(linkage(apart[upper], "average"), many))
        again += [cluster in there for cluster in wanted]
    movable = sum(1 << place for place in np.flatnonzero(moved).tolist())
    support = np.where([bool(cluster & movable) for cluster in wanted], again / len(drawn), np.nan)
    support[-1] = np.nan  # all articles stand together in every tree
    return support


def redrawn(topics: Topics, counts: Counts, draws: int | None = None, seed: int = 1) -> np.ndarray:
    """Draw the passages of every article again: draws × articles × topics, shares, articles in the order of `topics.articles(counts)`.

    The usual draws are 200, and 100 of more than 500 articles.
    """
    rows = passages(topics, counts)
    draws = (200 if len(rows.sizes) <= MANY else 100) if draws is None else draws
    refuse_if(number_problems("redrawn", draws=draws, seed=seed))
    return drawn_articles(rows, draws, seed)


def _clusters(links: np.ndarray, many: int) -> list[int]:
    """Return the members of every cluster, as the bits of one number."""
    members = [1 << place for place in range(many)]
    for left, right in links[:, :2].astype(int).tolist():
        members.append(members[left] | members[right])
    return members[many:]


class Map(NamedTuple):
    """A map of articles.

    `points`: one row an article: article, one column an axis (x, y, …), with draws x_low, x_high … (where the article would fall if its
    passages were drawn again), shown (the share of its squared distance from the middle that these axes show). `axes`: one row an axis:
    axis, share (of all squared distance). `shown`: their sum.
    """

    points: pd.DataFrame
    axes: pd.DataFrame
    shown: float


def article_map(table: pd.DataFrame, axes: int = 2) -> Map:
    """Put articles on a map by a table of `distances`: principal coordinates, which says how much of the distance it shows.

    An axis points to where its farthest article lies, so that the map is not mirrored from run to run. Refused: a table that is no distances,
    more axes than articles allow.
    """
    return _mapped(table, axes)[0]


def map_with_intervals(
    topics: Topics, counts: Counts, axes: int = 2, draws: int = 2000, seed: int = 1, level: float = 0.95
) -> Map:
    """Put the articles of a run on a map, each with an interval on every axis: where what it may be about would fall, the others staying where they are.

    Refused: counts of another run, what `article_map` refuses. An article of one passage has no interval.
    """
    refuse_if(number_problems("map_with_intervals", draws=draws, seed=seed, level=level))
    shares = topics.articles(counts)
    table = distances(shares)
    found, points, values = _mapped(table, axes)
    rows = passages(topics, counts)
    known, fixed, squares = vein(rows), shares.to_numpy().T, table.to_numpy() ** 2
    edges = np.full((2, len(table), axes), np.nan)
    usable = values > 1e-12
    for article in np.flatnonzero(rows.sizes > 1).tolist():
        drawn = drawn_articles(rows, draws, seed, [article], known)[:, 0]
        # Gower's formula: where a new point falls among those that are there
        gap = squares.mean(axis=0) - similar.divergences(drawn.T, fixed) - squares.mean() / 2
        place = np.zeros((draws, axes))
        scaled = points[:, usable] / values[usable]
        place[:, usable] = 0.5 * np.einsum("dn,nk->dk", gap, scaled, optimize=False)
        edges[:, article] = middle_part(place, level, less=0.5)  # the axes are estimated too
    for axis in range(axes):
        found.points[f"{_axis(axis)}_low"], found.points[f"{_axis(axis)}_high"] = edges[:, :, axis]
    return found


def _mapped(table: pd.DataFrame, wanted: int) -> tuple[Map, np.ndarray, np.ndarray]:
    """Return a map, the places of its points and what each axis shows."""
    numbers = _square(table, "article_map")
    refuse_if(whole_number("article_map(axes)", wanted, 1, len(numbers) - 1, "2 can be printed"))
    (points, values, total), squares = similar.coordinates(numbers, wanted), numbers**2
    lengths = squares.mean(axis=0) - squares.mean() / 2  # squared distances from the middle
    parts = values / total if total > 0 else np.zeros(len(values))
    frame = pd.DataFrame({"article": list(table.index)})
    for axis in range(points.shape[1]):
        frame[_axis(axis)] = points[:, axis]
    with np.errstate(divide="ignore", invalid="ignore"):
        frame["shown"] = np.where(lengths > 1e-12, np.minimum((points**2).sum(axis=1) / lengths, 1), 1.0)
    axes = pd.DataFrame({"axis": [_axis(axis) for axis in range(len(values))], "share": parts})
    return Map(frame, axes, float(parts.sum())), points, values


def _axis(number: int) -> str:
    return "xyz"[number] if number < 3 else f"axis{number + 1}"


def _square(table: pd.DataFrame, where: str) -> np.ndarray:
    """Return a table of distances as numbers; refused: one that is not square, not symmetric, or not zero on its diagonal."""
    numbers = table.to_numpy(dtype=np.float64)
    if numbers.ndim != 2 or numbers.shape[0] != numbers.shape[1] or list(table.index) != list(table.columns):
        came = f"{numbers.shape[0]} × {numbers.shape[1]}, or other names beside than above"
    elif len(numbers) < 2:
        came = "fewer than two articles"
    elif not np.isfinite(numbers).all() or (numbers < 0).any():
        came = "distances below 0 or missing"
    elif np.abs(numbers - numbers.T).max() > 1e-12 or np.abs(np.diag(numbers)).max() > 0:
        came = "a table that is not symmetric, or not zero on its diagonal"
    else:
        return numbers
    raise Refused(Problem(f"{where}(table)", came, "the table of distances(shares)", "make it again"))
