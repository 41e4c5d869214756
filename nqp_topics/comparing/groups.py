"""Groups: voices, sources, periods. Articles are held together: they are drawn and shuffled whole, with all their passages.

A group of one article is shown and said to be one; it has no interval and is not tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.comparing.resample import (
    drawn_weights,
    keyed,
    limits,
    weighted,
)
from nqp_topics.comparing.tables import checked, number_problems
from nqp_topics.study import Problem, Refused, refuse_if

ONE_ARTICLE = "one article: not tested"


class Grouped(NamedTuple):
    """Articles in groups: `shares` (articles × topics, sorted by article), `of` (article → group), `weights` (one an article), and what was `left_out`.

    `sizes`: one row a group: group, articles, weight, note. `left_out`: one row an article: article, why.
    """

    shares: pd.DataFrame
    of: pd.Series
    weights: pd.Series
    sizes: pd.DataFrame
    left_out: pd.DataFrame

    def members(self, group: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the shares and weights of a group's articles."""
        here = (self.of == group).to_numpy()
        return self.shares.to_numpy()[here], self.weights.to_numpy()[here]


def grouped(
    shares: pd.DataFrame,
    groups: Mapping[str, object] | pd.Series,
    tokens: Mapping[str, float] | pd.Series | None = None,
) -> Grouped:
    """Put articles into groups by name. Groups stand in the order of their names.

    `groups`: article → group (a column of articles.csv by id). `tokens`: article → weight; without it every article has one voice, however long.
    An article whose group is missing or empty is left out, and so is one that has a group and no passages: both are told. Refused: groups for other
    articles, a weight that is missing or not above 0, no article that has a group.
    """
    checked(shares, "grouped")
    given = {str(key): _name(value) for key, value in dict(groups).items()}
    names = sorted(map(str, shares.index))
    here = [name for name in names if given.get(name)]
    if not here:
        matched = sum(name in given for name in names)
        came = (
            f"{matched} articles, all without a group"
            if matched
            else f"groups for {', '.join(list(given)[:3]) or 'nothing'}, but shares of {', '.join(names[:3])}"
        )
        raise Refused(
            Problem("grouped(groups)", came, "article → group", "use a column of articles.csv, by its id")
        )
    left = [(name, "no group") for name in names if not given.get(name)]
    left += [(name, "no passages") for name in sorted(given) if name not in set(names)]
    weights = pd.Series(1.0, index=here)
    if tokens is not None:
        known = {str(key): float(value) for key, value in dict(tokens).items()}
        refuse_if(
            Problem(
                f"grouped(tokens) {name}",
                repr(known.get(name)),
                "a weight above 0 for every article",
                "give the tokens of every article",
            )
            for name in [n for n in here if not 0 < known.get(n, 0.0) < np.inf][:20]
        )
        weights = pd.Series([known[name] for name in here], index=here)
    of = pd.Series([given[name] for name in here], index=here, dtype=object)
    table = shares.set_axis(shares.index.map(str), axis=0).loc[here]
    count = of.value_counts().sort_index()
    sizes = pd.DataFrame(
        {
            "group": list(count.index),
            "articles": count.to_numpy(),
            "weight": weights.groupby(of).sum().sort_index().to_numpy(),
            "note": [ONE_ARTICLE if size < 2 else "" for size in count],
        }
    )
    return Grouped(table, of, weights, sizes, pd.DataFrame(left, columns=["article", "why"]))


def _name(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()


def group_shares(table: Grouped, draws: int = 2000, seed: int = 1, level: float = 0.95) -> pd.DataFrame:
    """Share of every topic in every group, with an interval that draws whole articles again.

    One row a group and topic: group, topic, share, low, high, articles, note.
    """
    refuse_if(number_problems("group_shares", draws=draws, seed=seed, level=level))
    rows = []
    topics = list(table.shares.columns)
    for group, size, note in zip(
        table.sizes["group"], table.sizes["articles"], table.sizes["note"], strict=True
    ):
        numbers, weights = table.members(group)
        low, high = limits(means(numbers, weights, draws, keyed(seed, "group", group)), size, level)
        share = mean(numbers, weights)
        rows.append(
            pd.DataFrame(
                {
                    "group": group,
                    "topic": topics,
                    "share": share,
                    "low": low,
                    "high": high,
                    "articles": size,
                    "note": note,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def mean(numbers: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean share of each topic."""
    return weighted(weights[None], numbers)[0] / weights.sum()


def means(numbers: np.ndarray, weights: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw articles again: draws × topics, their mean shares."""
    drawn = drawn_weights(len(numbers), draws, rng) * weights
    return weighted(drawn, numbers) / drawn.sum(axis=1, keepdims=True)
