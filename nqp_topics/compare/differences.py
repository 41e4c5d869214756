"""Differences between groups, tested: whole witnesses are shuffled between groups."""

from collections.abc import Iterator
from itertools import combinations
from math import comb
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import refuse_if
from nqp_topics.compare import detectable
from nqp_topics.compare import shuffled as loops
from nqp_topics.compare.distances import between_rows
from nqp_topics.compare.given import number_problems
from nqp_topics.compare.grouping import Group, Grouped, interval, mean, means, tested, two_groups
from nqp_topics.compare.resample import apart, distance_limits, keyed, p_value, weighted, with_corrected


def differences(table: Grouped, draws: int = 10000, seed: int = 1, level: float = 0.95) -> pd.DataFrame:
    """Difference between every two groups in every topic, tested by shuffling the witnesses of both between them.

    One row a pair and topic: group, other, topic, share, other_share, difference, low, high, effect (Cliff's delta: how much oftener an
    article of the first has more of the topic than less, from -1 to 1), effect_low, effect_high, p, holm, bh (corrected for all rows tested
    here), least_p (the smallest p that so few witnesses allow), detectable (the smallest difference that would be found, corrected, in four of
    five cases; of few witnesses, or uneven ones, in .58 to .98), undetectable (why there is none), articles, other_articles, witnesses, other_witnesses
    (effective numbers), note. A group of fewer than three witnesses (articles, where no witness is named: two) is not tested. Refused: fewer than two groups.

    Tested is whether mean shares are the same, even if the groups are unlike in spread. What is shuffled is the difference by its
    standard error, once from each group's spread in the topic, once with spreads lifted to what the group has over all topics together (few
    articles, mostly without the topic, look steadier than they are); p is the larger of the two. Where one group holds excerpts of mostly one topic
    each, p can still be too small: with equal means, 12 topics and Dirichlet strengths of 9 and 1, p < .05 was measured in .03-.09 of topics
    with 34 and 12 articles (either the wide one), in .08-.11 with 22 and 12 (wide), in .14-.16 with 12 and 12; in .04 where spreads are equal.
    """
    numbers = number_problems("differences", draws=draws, seed=seed, level=level)
    refuse_if(numbers, two_groups(table, "differences"))
    rows, topics = [], list(table.shares.columns)
    for one, other, a, b, many in _pairs(table):
        found: dict[str, Any] = {"group": one, "other": other, "topic": topics, "share": a.mean}
        found |= {"other_share": b.mean, "difference": a.mean - b.mean}
        found["low"], found["high"] = apart(a.mean, b.mean, interval(a, level), interval(b, level))
        deltas = _deltas(table, one, other, level)
        found |= dict(zip(("effect", "effect_low", "effect_high"), deltas, strict=True))
        found |= {"p": np.nan, "least_p": np.nan, "detectable": np.nan, "undetectable": detectable.NOT_TESTED}
        if a.tested and b.tested:
            seen = _moments(*_shuffled([a, b], draws, keyed(seed, "shuffle", one, other)))
            found["p"] = np.maximum(_welch(seen, seen.errors), _welch(seen, _lifted(seen)))
            found["least_p"] = least = least_p(len(a.weights), len(b.weights), draws)
            smallest = detectable.in_topics(a, b, 0.05 / (many * len(topics)), least)
            found["detectable"], found["undetectable"] = smallest
        rows.append(pd.DataFrame(found | _sizes(table, one, other)))
    return with_corrected(pd.concat(rows, ignore_index=True))


def _pairs(table: Grouped) -> Iterator[tuple[str, str, Group, Group, int]]:
    """Yield every two groups, by name and as they are, and how many such pairs can be tested."""
    groups = table.groups()
    pairs = list(combinations(groups, 2))
    many = sum(groups[one].tested and groups[other].tested for one, other in pairs)
    for one, other in pairs:
        yield one, other, groups[one], groups[other], many


def _sizes(table: Grouped, one: str, other: str) -> dict[str, Any]:
    sizes, found = table.sizes.set_index("group"), {}
    for name, kind in (("articles", int), ("witnesses", float)):
        found[name], found[f"other_{name}"] = kind(sizes.loc[one, name]), kind(sizes.loc[other, name])
    notes = {name: sizes.loc[name, "note"] for name in (one, other)}
    return found | {"note": "; ".join(f"{name}: {note}" for name, note in notes.items() if note)}


def _deltas(table: Grouped, one: str, other: str, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return Cliff's delta of every topic, with the interval of Newcombe (2006, method 5), which has width where groups do not overlap at all.

    Articles are compared; the interval is that of as many as there are effective witnesses.
    """
    from scipy.special import ndtri

    a, b = table.members(one), table.members(other)
    signs = np.empty((len(a), len(b), a.shape[1]))
    loops.signs(a, b, signs)
    delta = signs.mean(axis=(0, 1))
    sizes = [table.group(name).effective for name in (one, other)]
    if min(sizes) < 1.5:
        nothing = np.full(len(delta), np.nan)
        return delta, nothing, nothing.copy()
    chance, wide, half = (delta + 1) / 2, float(ndtri((1 + level) / 2)), sum(sizes) / 2 - 1

    def outside(truth: np.ndarray) -> np.ndarray:
        room = 1 + half * ((1 - truth) / (2 - truth) + truth / (1 + truth))
        return np.abs(chance - truth) > wide * np.sqrt(truth * (1 - truth) * room / (sizes[0] * sizes[1]))

    ends = []
    for end in (0.0, 1.0):
        inner, outer = chance.copy(), np.full(len(chance), end)
        for _ in range(40):
            middle = (inner + outer) / 2
            out = outside(middle)
            inner, outer = np.where(out, inner, middle), np.where(out, middle, outer)
        ends.append(2 * inner - 1)
    return delta, ends[0], ends[1]


class Moments(NamedTuple):
    """Mean shares of groups and their squared errors, as they are (first) and in every shuffle of witnesses: draws × groups × topics."""

    means: np.ndarray
    errors: np.ndarray
    sizes: np.ndarray  # witnesses of each group
    share: np.ndarray  # of each topic in all articles: shuffling leaves it as it is


def _moments(numbers: np.ndarray, weights: np.ndarray, codes: np.ndarray, drawn: np.ndarray) -> Moments:
    sizes = np.bincount(codes).astype(np.float64)
    means, errors = np.empty((2, 1 + len(drawn), len(sizes), numbers.shape[1]))
    loops.moments(numbers, weights, np.concatenate((codes[None], drawn)), means, errors)
    return Moments(means, errors, sizes, mean(numbers, weights))


def _lifted(found: Moments) -> np.ndarray:
    """Return squared errors that are no less than what the spread of a group in all topics together makes of them."""
    errors = np.empty_like(found.errors)
    loops.lifted(found.errors, found.share * (1 - found.share), errors)
    return errors


def _welch(found: Moments, errors: np.ndarray) -> np.ndarray:
    """Return the p of Welch's F for every topic, with these errors."""
    drawn = np.empty((len(found.means), len(found.share)))
    loops.welch(found.means, errors, found.sizes, found.share * (1 - found.share), drawn)
    return p_value(drawn[1:], drawn[0])


def _shuffled(groups: list[Group], draws: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return shares and weights of the witnesses of groups, which group each is of (0, 1, …), and that shuffled.

    Two groups that can be told apart in no more ways than there are draws are so in all of them: drawn, what is seen came by chance too often or too seldom.
    """
    shares, weights = (np.concatenate([group[place] for group in groups]) for place in (0, 1))
    sizes = [len(group.weights) for group in groups]
    codes = np.repeat(np.arange(len(groups)), sizes)
    if len(groups) > 2 or (ways := comb(len(codes), sizes[0])) > draws + 1:
        return shares, weights, codes, rng.permuted(np.tile(codes, (draws, 1)), axis=1)
    every = np.ones((ways, len(codes)), codes.dtype)
    every[np.arange(ways)[:, None], list(combinations(range(len(codes)), sizes[0]))] = 0
    return shares, weights, codes, every[1:]  # the first is what is seen


def least_p(one: int, other: int, draws: int) -> float:
    """Return the smallest p that shuffling two groups of these sizes can give, with this many draws."""
    ways = comb(one + other, one)
    return max((2 if one == other else 1) / ways, 1 / (1 + draws))


def overall(table: Grouped, draws: int = 10000, seed: int = 1) -> pd.DataFrame:
    """Tell which topics differ between groups at all: the part of the spread that lies between groups, tested by shuffling witnesses.

    One row a topic: topic, between (eta squared), chance (what shuffled groups have on average), p, holm, bh, groups, articles, witnesses
    (effective number). Groups of fewer than three witnesses are not counted. Refused: fewer than two others.

    Tested is whether mean shares are the same, even if the groups are unlike in spread. p is the larger of two from the same shuffles: of eta
    squared, which a small group of wide spread makes large without any difference of means, and of Welch's F, where each group mean counts by
    its precision. There a group's spread in a topic is no less than what it has over all topics together, so that three like articles
    do not pass for certainty. With equal means, 12 topics and spreads as far apart as Dirichlet strengths of 9 and 1, p < .05 was measured in
    .04-.09 of topics (34 and 12 articles, the wide group small or large; three and seven groups), but in .08-.12 with 22 and 12 (wide)
    and in .15-.17 with 12 and 12: there p is too small.
    """
    refuse_if(number_problems("overall", draws=draws, seed=seed))
    groups = tested(table, "overall")
    numbers, weights, codes, drawn = _shuffled(list(groups.values()), draws, keyed(seed, "overall"))
    seen, null = (_between(numbers, weights, labels, len(groups)) for labels in (codes[None], drawn))
    moments = _moments(numbers, weights, codes, drawn)
    p = np.maximum(p_value(null, seen[0]), _welch(moments, _lifted(moments)))
    sizes = table.sizes[table.sizes["group"].isin(groups)]
    result = {"topic": list(table.shares.columns), "between": seen[0], "chance": null.mean(axis=0), "p": p}
    result |= {"groups": len(groups), "articles": int(sizes["articles"].sum())}
    return with_corrected(pd.DataFrame(result | {"witnesses": float(sizes["witnesses"].sum())}))


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
    table: Grouped, draws: int = 10000, intervals: int = 2000, seed: int = 1, level: float = 0.95
) -> pd.DataFrame:
    """Jensen-Shannon distance between the mean shares of every two groups, beside what shuffled witnesses give.

    One row a pair: group, other, distance, low (0 where shuffled groups are as far apart), high, unbiased (drawing witnesses again, freed of chance: even equal groups are apart), chance
    (the mean distance of shuffled groups), p, holm, bh, least_p, detectable (the smallest distance that would be found, corrected, in four of five
    cases, or a little less: .68 to .78), undetectable (why there is none), articles, other_articles, witnesses, other_witnesses (effective numbers), note.
    A group of fewer than three witnesses has no interval and is not tested. With 0 `intervals` pairs are tested and no more is said of them: all
    that is asked of other runs. Refused: fewer than two groups.

    Tested is whether mean shares are the same, even if the groups are unlike in spread. What is shuffled for p is therefore not the distance
    but Welch's statistic over all topics (Alekseyenko 2016): the squared difference of the two means by its squared error, the sum of either
    group's spread by its witnesses. Both are plain squared differences of shares: with squared Jensen-Shannon distances, which say too little
    of the spread of articles of one topic each, equal groups came out as different in a fifth of the cases. With equal means, 12 topics and
    Dirichlet strengths of 9 and 1, p < .05 was measured in .03-.05 of pairs (34 and 12, 22 and 12, 12 and 12 articles, either the wide
    one). A difference in a rare topic alone is better seen by `differences`. Of many topics and few witnesses with habits of their own groups look
    farther apart than they are, and `low` and `unbiased` are too large: of 60 topics, 4 to 12 witnesses beside 34, intervals hold .76 to .86 (of 12 topics .95 to .97).
    """
    numbers = number_problems("group_distances", draws=draws, seed=seed, level=level)
    more = number_problems("group_distances intervals:", draws=intervals) if intervals != 0 else ()
    refuse_if(numbers, more, two_groups(table, "group_distances"))
    rows = []
    for one, other, a, b, many in _pairs(table):
        seen = float(between_rows(a.mean[None], b.mean[None])[0])
        found: dict[str, Any] = {"group": one, "other": other, "distance": seen}
        columns = ("low", "high", "unbiased", "chance", "p", "least_p", "detectable")
        found |= dict.fromkeys(columns, np.nan) | {"undetectable": detectable.NOT_TESTED}
        if a.tested and b.tested:
            moments = _moments(*_shuffled([a, b], draws, keyed(seed, "shuffle", one, other)))
            drawn = np.empty(len(moments.means))
            loops.welch_apart(moments.means, moments.errors, drawn)
            found["p"] = float(p_value(drawn[1:], drawn[0]))
            found["least_p"] = least = least_p(len(a.weights), len(b.weights), draws)
        if a.tested and b.tested and intervals:
            key = (intervals, seed, "distance", one, other)
            both = means(a, *key, one), means(b, *key, other)
            units = min(a.effective, b.effective)
            limits = map(float, distance_limits(between_rows(*both), np.array(seen), units, level))
            found |= dict(zip(("low", "high", "unbiased"), limits, strict=True))
            found["low"] = found["low"] if found["p"] <= 1 - level else 0.0
            found["chance"] = float(between_rows(moments.means[1:, 0], moments.means[1:, 1]).mean())
            alpha, error = 0.05 / many, float(moments.errors[0].sum())
            limit = float(np.quantile(drawn[1:], 1 - alpha)) * error
            smallest = detectable.in_distance(a, b, alpha, least, limit, seed, intervals, one, other)
            found["detectable"], found["undetectable"] = smallest
        rows.append(found | _sizes(table, one, other))
    return with_corrected(pd.DataFrame(rows))
