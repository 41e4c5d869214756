"""Differences between groups, tested: whole articles are shuffled between groups, and drawn again for the intervals."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb
from typing import NamedTuple

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
    here), least_p (the smallest p that so few articles allow), articles, other_articles, note. Refused: fewer than two groups.

    Tested is whether mean shares are the same, even if the groups are unlike in spread. What is shuffled is the difference by its
    standard error, once from each group's spread in the topic, once with spreads lifted to what the group has over all topics together (few
    articles, mostly without the topic, look steadier than they are); p is the larger of the two. Where one group holds excerpts of mostly one topic
    each, p can still be too small: with equal means, 12 topics and Dirichlet strengths of 9 and 1, p < .05 was measured in .03-.09 of topics
    with 34 and 12 articles (either the wide one), in .08-.11 with 22 and 12 (wide), in .14-.16 with 12 and 12; in .04 where spreads are equal.
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
    seen = _moments(*_two(a, b, wa, wb, draws, rng))
    p = np.maximum(_welch(seen, seen.errors), _welch(seen, _lifted(seen)))
    return p, np.full(a.shape[1], least_p(len(a), len(b), draws))


class Moments(NamedTuple):
    """Mean shares of groups and their squared errors, as they are (first) and in every shuffle of articles: draws × groups × topics."""

    means: np.ndarray
    errors: np.ndarray
    sizes: np.ndarray  # articles of each group
    share: np.ndarray  # of each topic in all articles: shuffling leaves it as it is


def _moments(numbers: np.ndarray, weights: np.ndarray, codes: np.ndarray, drawn: np.ndarray) -> Moments:
    sizes = np.bincount(codes).astype(np.float64)
    means, errors = np.empty((2, 1 + len(drawn), len(sizes), numbers.shape[1]))
    kernels.moments(numbers, weights, np.concatenate((codes[None], drawn)), means, errors)
    return Moments(means, errors, sizes, mean(numbers, weights))


def _lifted(found: Moments) -> np.ndarray:
    """Return squared errors that are no less than what the spread of a group in all topics together makes of them."""
    errors = np.empty_like(found.errors)
    kernels.lifted(found.errors, found.share * (1 - found.share), errors)
    return errors


def _welch(found: Moments, errors: np.ndarray) -> np.ndarray:
    """Return the p of Welch's F for every topic, with these errors."""
    drawn = np.empty((len(found.means), len(found.share)))
    kernels.welch(found.means, errors, found.sizes, found.share * (1 - found.share), drawn)
    return p_value(drawn[1:], drawn[0])


def _welch_apart(found: Moments) -> float:
    """Return the p of the distance of two groups by its error, over all topics."""
    drawn = np.empty(len(found.means))
    kernels.welch_apart(found.means, found.errors, drawn)
    return float(p_value(drawn[1:], drawn[0]))


def _two(
    a: np.ndarray, b: np.ndarray, wa: np.ndarray, wb: np.ndarray, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return shares and weights of two groups, which group each article is of (0 or 1), and that shuffled."""
    codes = np.repeat([0, 1], [len(a), len(b)])
    drawn = (~shuffled(len(a), len(b), draws, rng)).astype(codes.dtype)
    return np.concatenate((a, b)), np.concatenate((wa, wb)), codes, drawn


def shuffled(one: int, other: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Shuffle the labels of two groups: draws × articles, true for the first."""
    return rng.permuted(np.tile(np.arange(one + other) < one, (draws, 1)), axis=1)


def least_p(one: int, other: int, draws: int) -> float:
    """Return the smallest p that shuffling two groups of these sizes can give, with this many draws."""
    ways = comb(one + other, one)
    return max((2 if one == other else 1) / ways, 1 / (1 + draws))


def overall(table: Grouped, draws: int = 10000, seed: int = 1) -> pd.DataFrame:
    """Tell which topics differ between groups at all: the part of the spread over articles that lies between groups, tested by shuffling articles.

    One row a topic: topic, between (eta squared), chance (what shuffled groups have on average), p, holm, bh, groups, articles. Groups of
    one article are not counted. Refused: fewer than two groups of two articles and more.

    Tested is whether mean shares are the same, even if the groups are unlike in spread. p is the larger of two from the same shuffles: of eta
    squared, which a small group of wide spread makes large without any difference of means, and of Welch's F, where each group mean counts by
    its precision. There a group's spread in a topic is no less than what it has over all topics together, so that three like articles
    do not pass for certainty. With equal means, 12 topics and spreads as far apart as Dirichlet strengths of 9 and 1, p < .05 was measured in
    .04-.09 of topics (34 and 12 articles, the wide group small or large; three and seven groups), but in .08-.12 with 22 and 12 (wide)
    and in .15-.17 with 12 and 12: there p is too small.
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
    moments = _moments(numbers, weights, codes, drawn)
    p = np.maximum(p_value(null, seen[0]), _welch(moments, _lifted(moments)))
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

    Tested is whether mean shares are the same, even if the groups are unlike in spread. What is shuffled for p is therefore not the distance
    but Welch's statistic over all topics (Alekseyenko 2016): the squared difference of the two means by its squared error, the sum of either
    group's spread by its articles. Both are plain squared differences of shares: with squared Jensen-Shannon distances, which say too little
    of the spread of articles of one topic each, equal groups came out as different in a fifth of the cases. With equal means, 12 topics and
    Dirichlet strengths of 9 and 1, p < .05 was measured in .03-.05 of pairs (34 and 12, 22 and 12, 12 and 12 articles, either the wide
    one). A difference in a rare topic alone is better seen by `differences`.
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
            moments = _moments(*_two(a, b, wa, wb, draws, keyed(seed, "shuffle", one, other)))
            chance = float(_apart(moments.means[1:, 0], moments.means[1:, 1]).mean())
            p, least = _welch_apart(moments), least_p(len(a), len(b), draws)
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
