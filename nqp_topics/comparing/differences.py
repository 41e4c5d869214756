"""Differences between groups, tested: whole articles are shuffled between groups, and drawn again for the intervals."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from nqp_topics.comparing import kernels
from nqp_topics.comparing.groups import ONE_ARTICLE, Grouped, mean, means
from nqp_topics.comparing.resample import (
    corrected,
    distance_limits,
    drawn_weights,
    keyed,
    limits,
    p_value,
    weighted,
)
from nqp_topics.comparing.tables import number_problems
from nqp_topics.study import Problem, Refused, refuse_if


def differences(
    table: Grouped,
    draws: int = 10000,
    intervals: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Difference between every two groups in every topic, tested by shuffling the articles of both between them.

    One row a pair and topic: group, other, topic, share, other_share, difference, low, high, effect (Cliff's delta: how much oftener an
    article of the first has more of the topic than less, from -1 to 1), effect_low, effect_high, p, holm, bh (corrected for all rows tested
    here), least_p (the smallest p that so few articles allow), articles, other_articles, note. What is shuffled is the difference by its
    standard error, so that groups of unlike spread do not look different. Refused: fewer than two groups.
    """
    refuse_if(
        [
            *number_problems("differences", draws=draws, seed=seed, level=level),
            *number_problems("differences intervals:", draws=intervals),
            *_too_few(table, "differences"),
        ]
    )
    topics = list(table.shares.columns)
    rows = []
    for one, other in combinations(table.sizes["group"], 2):
        (a, wa), (b, wb) = table.members(one), table.members(other)
        gap = mean(a, wa) - mean(b, wb)
        row = {
            "group": one,
            "other": other,
            "topic": topics,
            "share": mean(a, wa),
            "other_share": mean(b, wb),
            "difference": gap,
        }
        signs = np.empty((len(a), len(b), len(topics)))
        kernels.signs(a, b, signs)
        effect = signs.mean(axis=(0, 1))
        names = ("low", "high", "effect_low", "effect_high", "p", "least_p")
        found = dict.fromkeys(names, np.full(len(topics), np.nan))
        if len(a) > 1 and len(b) > 1:
            drawn_a, drawn_b = (
                drawn_weights(len(side), intervals, keyed(seed, "difference", one, other, name))
                for side, name in ((a, one), (b, other))
            )
            mean_a, mean_b = (
                weighted(drawn * w, side) / (drawn * w).sum(axis=1, keepdims=True)
                for drawn, w, side in ((drawn_a, wa, a), (drawn_b, wb, b))
            )
            fewest = min(len(a), len(b))
            found["low"], found["high"] = limits(mean_a - mean_b, fewest, level)
            found["effect_low"], found["effect_high"] = limits(
                _deltas(drawn_a, drawn_b, signs), fewest, level
            )
            found["p"], found["least_p"] = _tested(a, b, wa, wb, draws, keyed(seed, "shuffle", one, other))
        rows.append(
            pd.DataFrame(
                {
                    **row,
                    "low": found["low"],
                    "high": found["high"],
                    "effect": effect,
                    "effect_low": found["effect_low"],
                    "effect_high": found["effect_high"],
                    "p": found["p"],
                    "least_p": found["least_p"],
                    "articles": len(a),
                    "other_articles": len(b),
                    "note": _note(one, other, len(a), len(b)),
                }
            )
        )
    result = pd.concat(rows, ignore_index=True)
    holm, share = corrected(result["p"].to_numpy())
    place = list(result.columns).index("p") + 1
    result.insert(place, "holm", holm)
    result.insert(place + 1, "bh", share)
    return result


def _deltas(drawn_a: np.ndarray, drawn_b: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Cliff's delta in every draw: draws × topics."""
    many_a, many_b, topics = signs.shape
    half = weighted(drawn_a, signs.reshape(many_a, -1)).reshape(len(drawn_a), many_b, topics)
    total = np.zeros((len(drawn_a), topics))
    for place in range(many_b):
        total += drawn_b[:, place, None] * half[:, place]
    return total / (many_a * many_b)


def _tested(
    a: np.ndarray, b: np.ndarray, wa: np.ndarray, wb: np.ndarray, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return p-values of all topics, from the same shuffles, and the smallest that the sizes allow."""
    numbers, weights = np.concatenate((a, b)), np.concatenate((wa, wb))
    labels = shuffled(len(a), len(b), draws, rng)
    drawn = np.empty((draws, numbers.shape[1]))
    kernels.welch(numbers, weights, labels, drawn)
    seen = np.empty((1, numbers.shape[1]))
    kernels.welch(numbers, weights, (np.arange(len(numbers)) < len(a))[None], seen)
    return p_value(drawn, seen[0]), np.full(numbers.shape[1], least_p(len(a), len(b), draws))


def shuffled(one: int, other: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Shuffle the labels of two groups: draws × articles, true for the first."""
    return rng.permuted(np.tile(np.arange(one + other) < one, (draws, 1)), axis=1)


def least_p(one: int, other: int, draws: int) -> float:
    """Return the smallest p that shuffling two groups of these sizes can give, with this many draws."""
    ways = comb(one + other, one)
    return max((2 if one == other else 1) / ways, 1 / (1 + draws))


def overall(table: Grouped, draws: int = 10000, seed: int = 1) -> pd.DataFrame:
    """Tell which topics differ between groups at all: the part of the spread over articles that lies between groups, tested by shuffling articles.

    One row a topic: topic, between (eta squared), p, holm, bh, groups, articles, and `chance` (what shuffled groups have on average). Groups of one
    article are not counted. Refused: fewer than two groups of two articles and more.
    """
    refuse_if(number_problems("overall", draws=draws, seed=seed))
    sizes = table.sizes[table.sizes["articles"] > 1]
    if len(sizes) < 2:
        raise Refused(
            Problem(
                "overall(groups)",
                f"{len(sizes)} groups of two articles and more",
                "at least two",
                "join small groups, or compare other ones",
            )
        )
    here = table.of.isin(sizes["group"]).to_numpy()
    numbers, weights = table.shares.to_numpy()[here], table.weights.to_numpy()[here]
    codes = pd.Categorical(table.of[here], categories=list(sizes["group"])).codes.astype(np.int64)
    rng = keyed(seed, "overall")
    drawn = rng.permuted(np.tile(codes, (draws, 1)), axis=1)
    seen, null = (_between(numbers, weights, labels, len(sizes)) for labels in (codes[None], drawn))
    p = p_value(null, seen[0])
    holm, share = corrected(p)
    return pd.DataFrame(
        {
            "topic": list(table.shares.columns),
            "between": seen[0],
            "chance": null.mean(axis=0),
            "p": p,
            "holm": holm,
            "bh": share,
            "groups": len(sizes),
            "articles": int(here.sum()),
        }
    )


def _between(numbers: np.ndarray, weights: np.ndarray, labels: np.ndarray, groups: int) -> np.ndarray:
    """Return the part of the weighted spread that lies between groups: draws × topics."""
    middle = mean(numbers, weights)
    away = numbers - middle
    total = weighted(weights[None], away**2)[0]
    between = np.zeros((len(labels), numbers.shape[1]))
    for group in range(groups):
        member = (labels == group) * weights
        between += weighted(member, away) ** 2 / member.sum(axis=1, keepdims=True)
    return between / np.where(total > 0, total, 1.0)


def group_distances(
    table: Grouped,
    draws: int = 10000,
    intervals: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Jensen-Shannon distance between the mean shares of every two groups, beside what shuffled articles give.

    One row a pair: group, other, distance, low, high, unbiased (drawing articles again, freed of chance as in `article_distances`), chance
    (the mean distance of shuffled groups, as even equal groups are apart), p, holm, bh, least_p, articles, other_articles, note. Refused:
    fewer than two groups.
    """
    refuse_if(
        [
            *number_problems("group_distances", draws=draws, seed=seed, level=level),
            *number_problems("group_distances intervals:", draws=intervals),
            *_too_few(table, "group_distances"),
        ]
    )
    rows = []
    for one, other in combinations(table.sizes["group"], 2):
        (a, wa), (b, wb) = table.members(one), table.members(other)
        seen = float(_apart(mean(a, wa)[None], mean(b, wb)[None])[0])
        low = high = unbiased = chance = p = least = np.nan
        if len(a) > 1 and len(b) > 1:
            drawn = _apart(
                means(a, wa, intervals, keyed(seed, "distance", one, other, one)),
                means(b, wb, intervals, keyed(seed, "distance", one, other, other)),
            )
            low, high, unbiased = map(
                float, distance_limits(drawn, np.array(seen), min(len(a), len(b)), level)
            )
            numbers, weights = np.concatenate((a, b)), np.concatenate((wa, wb))
            labels = shuffled(len(a), len(b), draws, keyed(seed, "shuffle", one, other))
            sides = []
            for member in (labels * weights, ~labels * weights):
                sides.append(weighted(member, numbers) / member.sum(axis=1, keepdims=True))
            null = _apart(*sides)
            chance, least = float(null.mean()), least_p(len(a), len(b), draws)
            p = float(p_value(null, np.array(seen)))
        rows.append(
            (
                one,
                other,
                seen,
                low,
                high,
                unbiased,
                chance,
                p,
                least,
                len(a),
                len(b),
                _note(one, other, len(a), len(b)),
            )
        )
    names = [
        "group",
        "other",
        "distance",
        "low",
        "high",
        "unbiased",
        "chance",
        "p",
        "least_p",
        "articles",
        "other_articles",
        "note",
    ]
    result = pd.DataFrame(rows, columns=names)
    holm, share = corrected(result["p"].to_numpy())
    result.insert(8, "holm", holm)
    result.insert(9, "bh", share)
    return result


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    found = np.empty(len(one))
    kernels.between_rows(np.ascontiguousarray(one), np.ascontiguousarray(other), found)
    return found


def _note(one: str, other: str, size: int, other_size: int) -> str:
    alone = [name for name, many in ((one, size), (other, other_size)) if many < 2]
    return f"{', '.join(alone)}: {ONE_ARTICLE}" if alone else ""


def _too_few(table: Grouped, where: str) -> Iterator[Problem]:
    if len(table.sizes) < 2:
        yield Problem(
            f"{where}(groups)",
            f"one group, {table.sizes['group'].iloc[0]!r}",
            "two groups or more",
            "choose a column that tells articles apart",
        )
