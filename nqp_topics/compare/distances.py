"""Distances between articles: Jensen-Shannon, base 2, square root; 0 for the same shares, 1 for no topic in common."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from nqp_topics.compare import kernels
from nqp_topics.compare.resample import drawn_articles, middle_part, vein
from nqp_topics.compare.tables import checked, known, number_problems, passages
from nqp_topics.counts import Counts
from nqp_topics.study import Problem, Refused, refuse_if
from nqp_topics.topics.fit import free_memory
from nqp_topics.topics.model import Topics


def distances(shares: pd.DataFrame) -> pd.DataFrame:
    """Jensen-Shannon distance between all articles, a square table keyed by article on both sides.

    Symmetric, zero to itself, within [0, 1]; a metric, so that a map of it is honest. Refused: rows that are no shares, more articles than
    memory holds.
    """
    columns = np.array(checked(shares, "distances").to_numpy(dtype=np.float64).T, order="C")
    many = columns.shape[1]
    _fits(8 * many * many, f"{many} articles: a table of {many} × {many}")
    found = np.empty((many, many))
    entropy = kernels.entropies(columns)
    threads = min(os.cpu_count() or 1, many) if many > 200 else 1
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda t: kernels.some_rows(columns, entropy, t, threads, found), range(threads)))
    kernels.mirror(found)
    return pd.DataFrame(found, index=shares.index, columns=pd.Index(shares.index, name="other"))


def article_distances(
    topics: Topics,
    counts: Counts,
    articles: Sequence[str] | None = None,
    draws: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Distance between every two articles, with an interval from drawing what both may be about, given their passages and all other articles.

    One row a pair: article, other, distance, low, high, unbiased, note. Chance parts even equal articles: the interval is freed of that,
    and `unbiased` is the mean of the draws; it may lie well below the distance where articles are short. `low` is 0 where equal articles
    could be as far apart.
    No interval where an article has one passage. Refused: an article that does not exist, counts of another run, more draws than memory
    holds.
    """
    from scipy.special import chdtri

    refuse_if(number_problems("article_distances", draws=draws, seed=seed, level=level))
    table = passages(topics, counts)
    place = {name: number for number, name in enumerate(table.articles)}
    names = (
        table.articles
        if articles is None
        else known(articles, table.articles, "article_distances", "article")
    )
    many = len(names)
    if many < 2 or len(set(names)) < many:
        raise Refused(
            Problem(
                "article_distances(articles)", f"{many} articles", "two or more, each once", "name others"
            )
        )
    _fits(24 * draws * many * len(table.topics), f"{draws} draws of {many} articles")
    shares = topics.articles(counts).loc[names]
    exact = distances(shares).to_numpy()
    rows = [place[name] for name in names]
    known_of = vein(table)
    columns = np.ascontiguousarray(drawn_articles(table, draws, seed, rows, known_of).transpose(0, 2, 1))
    entropy = np.stack([kernels.entropies(one) for one in columns])
    sizes = np.diff(table.ends)[rows]
    units = known_of.whole[rows]
    nothing = float(chdtri(len(table.topics) - 1, (1 - level) / 2)) / (8 * np.log(2))

    def row(one: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        drawn = np.empty((draws, many - one - 1))
        kernels.drawn_from_one(columns, entropy, one, one + 1, drawn)
        low, high = middle_part(drawn, level)
        # what equal articles may be apart by chance (the divergence is a chi-squared to its first term)
        chance = exact[one, one + 1 :] ** 2 <= nothing * (1 / units[one] + 1 / units[one + 1 :])
        return np.where(chance, 0.0, low), high, np.round(drawn.mean(axis=0), 12)

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        found = list(pool.map(row, range(many - 1)))
    low, high, unbiased = (np.concatenate(part) for part in zip(*found, strict=True))
    first, second = np.triu_indices(many, 1)
    single = (sizes[first] < 2) | (sizes[second] < 2)
    low, high, unbiased = (np.where(single, np.nan, part) for part in (low, high, unbiased))
    named = np.array(names, dtype=object)
    return pd.DataFrame(
        {
            "article": named[first],
            "other": named[second],
            "distance": exact[first, second],
            "low": low,
            "high": high,
            "unbiased": unbiased,
            "note": np.where(single, "an article of one passage: no interval", "").astype(object),
        }
    )


def neighbours(pairs: pd.DataFrame, n: int = 5, farthest: bool = False) -> pd.DataFrame:
    """Nearest (or farthest) articles of each article, from the table of `article_distances`.

    One row an article and rank: article, rank, other and what the table says of the pair. Ties by name. Refused: n below 1, a table
    of another kind.
    """
    refuse_if(number_problems("neighbours", n=n))
    _pairs(pairs, "neighbours")
    turned = pairs.rename(columns={"article": "other", "other": "article"})[list(pairs.columns)]
    both = pd.concat([pairs, turned], ignore_index=True)
    order = {name: place for place, name in enumerate(dict.fromkeys([*pairs["article"], *pairs["other"]]))}
    both = both.assign(place=both["article"].map(order)).sort_values(
        ["place", "distance", "other"], ascending=[True, not farthest, True], kind="stable"
    )
    rank = both.groupby("place", sort=False).cumcount() + 1
    both.insert(1, "rank", rank)
    return both[rank <= n].drop(columns="place").reset_index(drop=True)


def extremes(pairs: pd.DataFrame, n: int = 5) -> pd.DataFrame:
    """Return the pairs of articles that are nearest and farthest: which (nearest | farthest), rank, and what the table says of the pair."""
    refuse_if(number_problems("extremes", n=n))
    _pairs(pairs, "extremes")
    found = []
    for which, up in (("nearest", True), ("farthest", False)):
        some = pairs.sort_values(["distance", "article", "other"], ascending=[up, True, True]).head(n)
        some = some.reset_index(drop=True)
        some.insert(0, "rank", np.arange(1, len(some) + 1))
        some.insert(0, "which", which)
        found.append(some)
    return pd.concat(found, ignore_index=True)


def _pairs(pairs: pd.DataFrame, where: str) -> None:
    if missing := [name for name in ("article", "other", "distance") if name not in pairs]:
        raise Refused(
            Problem(
                f"{where}(pairs)",
                f"columns {', '.join(map(str, pairs.columns))}",
                f"also {', '.join(missing)}",
                "give the table of article_distances",
            )
        )


def _fits(need: int, what: str) -> None:
    free = free_memory()
    if free is not None and need > free:
        raise Refused(
            Problem(
                "distances",
                f"{what}: about {need / 2**30:.1f} GiB of memory",
                f"what is free now, {free / 2**30:.1f} GiB",
                "take fewer articles or draws, or a larger machine",
            )
        )
