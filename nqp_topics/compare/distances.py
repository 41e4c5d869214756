"""Distances between articles: Jensen-Shannon, base 2, square root; 0 for the same shares, 1 for no topic in common."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from nqp_topics import similar
from nqp_topics.checks import Problem, Refused, columns, refuse_if
from nqp_topics.compare.given import checked, known, number_problems, passages
from nqp_topics.compare.resample import drawn_articles, middle_part, vein
from nqp_topics.counts import Counts
from nqp_topics.topics.fit import free_memory
from nqp_topics.topics.model import Topics

BLOCK = 32  # articles whose distances to all that follow are reckoned at once


def distances(shares: pd.DataFrame) -> pd.DataFrame:
    """Jensen-Shannon distance between all articles, a square table keyed by article on both sides.

    Symmetric, zero to itself, within [0, 1]; a metric, so that a map of it is honest. Refused: rows that are no shares, more articles than
    memory holds.
    """
    distributions = np.array(checked(shares, "distances").to_numpy(dtype=np.float64).T, order="C")
    many = distributions.shape[1]
    _fits(8 * many * many, f"{many} articles: a table of {many} × {many}")
    found = np.empty((many, many))

    def fill(first: int) -> None:
        here = slice(first, first + BLOCK)
        apart = np.sqrt(similar.divergences(distributions[:, here], distributions[:, first:]))
        found[here, first:] = apart
        found[first:, here] = apart.T

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(fill, range(0, many, BLOCK)))
    return pd.DataFrame(found, index=shares.index, columns=pd.Index(shares.index, name="other"))


def between_rows(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the distance between the rows of two tables, row by row."""
    return np.sqrt(np.minimum(similar.parts(one, other).sum(axis=1), 1.0))


def article_distances(
    topics: Topics,
    counts: Counts,
    articles: Sequence[str] | None = None,
    draws: int = 2000,
    seed: int = 1,
    level: float = 0.95,
    ends: int | None = None,
) -> pd.DataFrame:
    """Distance between every two articles, with an interval from drawing what both may be about, given their passages and all other articles.

    One row a pair: article, other, distance, low, high, unbiased, note. Chance parts even equal articles: the interval is freed of that,
    and `unbiased` is what the draws have on average (the root of the mean square: chance adds to the square); it may lie well below the
    distance where articles are short. `low` is 0 where equal articles could be as far apart. No interval where an article has one passage. `ends`: intervals of so
    many pairs that are nearest and as many that are farthest alone, where the others are not asked for. Refused: an article that does not exist, counts of another run, more draws than memory
    holds.
    """
    refuse_if(
        number_problems("article_distances", draws=draws, seed=seed, level=level),
        [] if ends is None else number_problems("article_distances", n=ends),
    )
    table = passages(topics, counts)
    there = table.articles
    names = there if articles is None else known(articles, there, "article_distances", "article")
    many = len(names)
    if many < 2 or len(set(names)) < many:
        todo = "name others"
        came = f"{many} articles"
        raise Refused(Problem("article_distances(articles)", came, "two or more, each once", todo))
    _fits(8 * draws * many * len(table.topics), f"{draws} draws of {many} articles")
    place = {name: number for number, name in enumerate(there)}
    rows, known_of = [place[name] for name in names], vein(table)
    drawn = np.ascontiguousarray(drawn_articles(table, draws, seed, rows, known_of).transpose(1, 0, 2))
    first, second = np.triu_indices(many, 1)

    named, exact = np.array(names, dtype=object), distances(topics.articles(counts).loc[names]).to_numpy()
    pairs = pd.DataFrame({"article": named[first], "other": named[second], "distance": exact[first, second]})
    asked = np.arange(len(pairs))
    if ends is not None:
        order = pairs.sort_values(["distance", "article", "other"]).index
        last = pairs.sort_values(["distance", "article", "other"], ascending=[False, True, True]).index
        asked = np.unique([*order[:ends], *last[:ends]])

    def pair(one: int, other: int) -> tuple[float, float, float]:
        apart = between_rows(drawn[one], drawn[other])
        low, high = middle_part(apart, level)
        return float(low), float(high), float(np.round(np.sqrt((apart**2).mean()), 12))

    found = np.full((len(pairs), 3), np.nan)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        found[asked] = list(pool.map(pair, first[asked].tolist(), second[asked].tolist()))
    units, single = known_of.whole[rows], table.sizes[rows] < 2
    equal = pairs["distance"].to_numpy() ** 2 <= _chance(len(table.topics), level) * (
        1 / units[first] + 1 / units[second]
    )
    found[equal & ~np.isnan(found[:, 0]), 0] = 0.0
    alone = single[first] | single[second]
    found[alone] = np.nan
    pairs[["low", "high", "unbiased"]] = found
    return pairs.assign(note=np.where(alone, "an article of one passage: no interval", "").astype(object))


def _chance(topics: int, level: float) -> float:
    """Return how far two equal articles of one voice each may be apart by chance, squared (a chi-squared to its first term)."""
    from scipy.special import chdtri

    return float(chdtri(topics - 1, (1 - level) / 2)) / (8 * np.log(2))


def extremes(pairs: pd.DataFrame, n: int = 5) -> pd.DataFrame:
    """Return the pairs of articles that are nearest and farthest: which (nearest | farthest), rank, and what the table says of the pair."""
    refuse_if(number_problems("extremes", n=n), _pairs(pairs, "extremes"))
    found = []
    for which, up in (("nearest", True), ("farthest", False)):
        some = pairs.sort_values(["distance", "article", "other"], ascending=[up, True, True]).head(n)
        some = some.reset_index(drop=True)
        some.insert(0, "rank", np.arange(1, len(some) + 1))
        some.insert(0, "which", which)
        found.append(some)
    return pd.concat(found, ignore_index=True)


def _pairs(pairs: pd.DataFrame, where: str) -> list[Problem]:
    todo = "give the table of article_distances"
    return columns(f"{where}(pairs)", pairs, ("article", "other", "distance"), todo)


def _fits(need: int, what: str) -> None:
    free = free_memory()
    if free is not None and need > free:
        came = f"{what}: about {need / 2**30:.1f} GiB of memory"
        allowed = f"what is free now, {free / 2**30:.1f} GiB"
        todo = "take fewer articles or draws, or a larger machine"
        raise Refused(Problem("distances", came, allowed, todo))
