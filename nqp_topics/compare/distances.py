"""Distances between articles: Jensen-Shannon, base 2, square root; 0 for the same shares, 1 for no topic in common; and what parts two of them."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from nqp_topics import similar
from nqp_topics.checks import Problem, Refused, columns, refuse_if
from nqp_topics.compare.given import checked, known, number_problems, passages
from nqp_topics.compare.resample import apart, drawn_articles, middle_part, share_limits, vein
from nqp_topics.counts import Counts
from nqp_topics.topics.fit import memory_problems
from nqp_topics.topics.model import Topics


def distances(shares: pd.DataFrame) -> pd.DataFrame:
    """Jensen-Shannon distance between all articles, a square table keyed by article on both sides.

    Symmetric, zero to itself, within [0, 1]; a metric, so that a map of it is honest. Refused: rows that are no shares, more articles than
    memory holds.
    """
    distributions = np.array(checked(shares, "distances").to_numpy(dtype=np.float64).T, order="C")
    many = distributions.shape[1]
    _fits(8 * many * many, f"{many} articles: a table of {many} × {many}")
    found = similar.divergences(distributions, threads=os.cpu_count() or 1)
    np.sqrt(found, out=found)
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
    from scipy.special import chdtri

    asked = {} if ends is None else {"n": ends}
    refuse_if(number_problems("article_distances", draws=draws, seed=seed, level=level, **asked))
    table = passages(topics, counts)
    there = table.articles
    names = there if articles is None else known(articles, there, "article_distances", "article")
    many = len(names)
    if many < 2 or len(set(names)) < many:
        where, came = "article_distances(articles)", f"{many} articles"
        raise Refused(Problem(where, came, "two or more, each once", "name others"))
    _fits(8 * draws * many * len(table.topics), f"{draws} draws of {many} articles")
    place = {name: number for number, name in enumerate(there)}
    rows, known_of = [place[name] for name in names], vein(table)
    drawn = np.ascontiguousarray(drawn_articles(table, draws, seed, rows, known_of).transpose(1, 0, 2))
    first, second = np.triu_indices(many, 1)

    named, exact = np.array(names, dtype=object), distances(topics.articles(counts).loc[names]).to_numpy()
    pairs = pd.DataFrame({"article": named[first], "other": named[second], "distance": exact[first, second]})
    wanted = np.arange(len(pairs))
    if ends is not None:
        by = ["distance", "article", "other"]
        orders = (pairs.sort_values(by, ascending=[up, True, True]).index[:ends] for up in (True, False))
        wanted = np.unique(np.concatenate([*orders]))

    def pair(one: int, other: int) -> tuple[float, float, float]:
        again = between_rows(drawn[one], drawn[other])
        low, high = middle_part(again, level)
        return float(low), float(high), float(np.round(np.sqrt((again**2).mean()), 12))

    found = np.full((len(pairs), 3), np.nan)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        found[wanted] = list(pool.map(pair, first[wanted].tolist(), second[wanted].tolist()))
    units, single = known_of.whole[rows], table.sizes[rows] < 2
    # how far two equal articles may be apart, squared: a chi-squared to its first term
    chance = float(chdtri(len(table.topics) - 1, (1 - level) / 2)) / (8 * np.log(2))
    by_chance = chance * (1 / units[first] + 1 / units[second])
    equal = pairs["distance"].to_numpy() ** 2 <= by_chance
    found[equal & ~np.isnan(found[:, 0]), 0] = 0.0
    alone = single[first] | single[second]
    found[alone] = np.nan
    pairs[["low", "high", "unbiased"]] = found
    return pairs.assign(note=np.where(alone, "an article of one passage: no interval", "").astype(object))


def extremes(pairs: pd.DataFrame, n: int = 5) -> pd.DataFrame:
    """Return the pairs of articles that are nearest and farthest: which (nearest | farthest), rank, and what the table says of the pair."""
    todo = "give the table of article_distances"
    lacking = columns("extremes(pairs)", pairs, ("article", "other", "distance"), todo)
    refuse_if(number_problems("extremes", n=n), lacking)
    found = []
    for which, up in (("nearest", True), ("farthest", False)):
        some = pairs.sort_values(["distance", "article", "other"], ascending=[up, True, True]).head(n)
        head = pd.DataFrame({"which": which, "rank": np.arange(1, len(some) + 1)})
        found.append(head.join(some.reset_index(drop=True)))
    return pd.concat(found, ignore_index=True)


def _fits(need: int, what: str) -> None:
    refuse_if(memory_problems("distances", need, what, "take fewer articles or draws, or a larger machine"))


def drivers(topics: Topics, counts: Counts, one: str, other: str, level: float = 0.95) -> pd.DataFrame:
    """Tell which topics drive the distance between two articles: one row a topic, the strongest first.

    Columns: topic, share (in `one`), other_share, difference, low, high (its interval, from those of both shares; none where an article has one passage), contribution (to the
    squared distance), part (of it; they sum to one). Refused: an article that does not exist, the same one twice.
    """
    refuse_if(number_problems("drivers", level=level))
    table = passages(topics, counts)
    known([one, other], table.articles, "drivers", "article")
    if one == other:
        where = "drivers"
        raise Refused(Problem(f"{where}(one, other)", f"{one!r} twice", "two articles", "name another"))
    rows = [table.articles.index(name) for name in (one, other)]
    shares = topics.articles(counts).loc[[one, other]].to_numpy()
    low, high = np.full((2, len(table.topics)), np.nan)
    if table.sizes[rows].min() > 1:
        units = vein(table).units[rows]
        sides = [share_limits(share, many, level) for share, many in zip(shares, units, strict=True)]
        low, high = apart(shares[0], shares[1], *sides)
    found = pd.DataFrame({"topic": table.topics, "share": shares[0], "other_share": shares[1]})
    found = found.assign(difference=shares[0] - shares[1], low=low, high=high)
    found["contribution"] = given = similar.parts(*shares)
    found["part"] = given / given.sum() if given.sum() > 0 else 0.0
    by = ["contribution", "topic"]
    return found.sort_values(by, ascending=[False, True], kind="stable", ignore_index=True)
