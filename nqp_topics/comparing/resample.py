"""Drawing again: intervals that hold what belongs together, p-values, and their correction for being many."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

import numpy as np

from nqp_topics.comparing.tables import Passages


def keyed(seed: int, *names: str) -> np.random.Generator:
    """Return random numbers that belong to a seed and names, so that they do not depend on what else is compared, or in which order."""
    data = hashlib.sha256(json.dumps([int(seed), *names]).encode()).digest()
    return np.random.default_rng(np.frombuffer(data, dtype="<u4").tolist())


class Beta(NamedTuple):
    """Shares seen among `units` effective voices (numbers or arrays), whose spread is known as well as from `reach` degrees of freedom."""

    share: np.ndarray
    units: np.ndarray
    reach: float = np.inf

    def limits(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper limits: never below 0 or above 1, and with room above 0 for what was not seen.

        Beta quantiles with a third of a voice added on the side that is looked at (Tukey's rule: the middle between what never covers too
        little and what covers right on average), as for surveys in clusters (Korn and Graubard 1998).
        """
        from scipy.special import betaincinv, ndtri, stdtrit

        out = (1 + level) / 2
        units = (
            self.units * (ndtri(out) / stdtrit(self.reach, out)) ** 2 if self.reach < np.inf else self.units
        )
        seen = self.share * units
        missing = units - seen
        low = betaincinv(seen + 1 / 3, missing + 2 / 3, 1 - out)
        high = betaincinv(seen + 2 / 3, missing + 1 / 3, out)
        return np.minimum(np.where(self.share > 0, low, 0.0), self.share), np.maximum(high, self.share)


def apart(
    one: np.ndarray, other: np.ndarray, limits_one: tuple, limits_other: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of a difference from those of its two sides (Zou and Donner 2008): skew as theirs, within [-1, 1]."""
    gap = one - other
    low = gap - np.sqrt((one - limits_one[0]) ** 2 + (limits_other[1] - other) ** 2)
    high = gap + np.sqrt((limits_one[1] - one) ** 2 + (other - limits_other[0]) ** 2)
    return low, high


def spread_of(shares: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray, float]:
    """Return how far units spread relative to m(1 - m), the most that shares can: over all topics together, in each, and how well that is known.

    1 is units of one topic each, 0 units that are all alike. The last number is degrees of freedom: topics tell of the spread too.
    """
    total, square = weights.sum(), (weights**2).sum()
    middle = weighted(weights[None], shares)[0] / total
    seen = weighted(weights[None], (shares - middle) ** 2)[0] / (total - square / total)
    # m(1 - m) of what is, not of what was seen, which is too small by the error of the mean
    room = np.maximum(middle * (1 - middle) + seen * square / total**2, 1e-12)
    whole = min(max(float(seen.sum() / room.sum()), 1e-6), 1.0)
    topics = room.sum() ** 2 / (room**2).sum()
    reach = max(total**2 / square - 1, 0.5) * max(topics / 2, 1.0)
    return whole, np.minimum(seen / room, 1.0), reach


def tail(units: float, level: float) -> float:
    """Return the share of draws to leave out at either end.

    The bootstrap of few units is too narrow: by n / (n - 1) in its variance, and as the normal curve is beside Student's. The percentiles are
    moved outwards by both (Hesterberg 2015, expanded percentiles); limits then stay where the quantity can be.
    """
    from scipy.special import ndtr, stdtrit

    if units < 2:
        return 0.0
    return float(ndtr(-np.sqrt(units / (units - 1)) * stdtrit(units - 1, (1 + level) / 2)))


def limits(drawn: np.ndarray, units: float, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper limits from draws (along the first axis) of `units` units that were drawn again; NaN for fewer than two."""
    if units < 2:
        nothing = np.full(drawn.shape[1:], np.nan)
        return nothing, nothing.copy()
    out = tail(units, level)
    low, high = np.quantile(drawn, [out, 1 - out], axis=0)
    return low, high


def distance_limits(
    drawn: np.ndarray, seen: np.ndarray, units: float, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lower limit, upper limit and what is left without chance, for distances that were drawn again.

    Chance parts even equal things: what was seen is further than what is, and what is drawn again is further still. On the squared
    distance both steps are the same, so the draws are moved back by two of them. This covers the truth at its rate from equal to far apart;
    plain percentiles never do for things that are nearly equal.
    """
    squares, square = drawn * drawn, seen * seen
    step = squares.mean(axis=0) - square
    low, high = limits(squares, units, level)
    left = square - step if units >= 2 else np.full(np.shape(seen), np.nan)
    lower, upper, middle = (np.sqrt(np.clip(x, 0, 1)) for x in (low - 2 * step, high - 2 * step, left))
    return lower, upper, middle


def block_length(passages: int) -> int:
    """Return how many passages in a row are drawn together: neighbours speak of the same thing, so they are no independent witnesses.

    The cube root, rounded up; below eight passages one at a time, as too few blocks would be left to draw from.
    """
    return 1 if passages < 8 else int(np.ceil(round(passages ** (1 / 3), 9)))


def blocks(rows: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw runs of neighbouring rows with replacement, from a row that closes into a circle; return their sums, one row a draw."""
    many = len(rows)
    length = block_length(many)
    full, rest = divmod(many, length)
    running = np.concatenate((np.zeros((1, rows.shape[1])), np.cumsum(np.concatenate((rows, rows)), axis=0)))
    starts = rng.integers(0, many, size=(full + (rest > 0), draws))
    total = np.zeros((draws, rows.shape[1]))
    for place, start in enumerate(starts):
        size = length if place < full else rest
        total += running[start + size] - running[start]
    return total


def drawn_articles(table: Passages, draws: int, seed: int, chosen: list[int] | None = None) -> np.ndarray:
    """Draw the passages of articles again: draws × articles × topics, shares. Each article has random numbers of its own."""
    wanted = range(len(table.articles)) if chosen is None else chosen
    found = np.empty((draws, len(wanted), len(table.topics)))
    for place, article in enumerate(wanted):
        rows = table.rows(article)
        sums = np.maximum(blocks(table.mass[rows], draws, keyed(seed, "article", table.articles[article])), 0)
        found[:, place] = sums / sums.sum(axis=1, keepdims=True)
    return found


def drawn_weights(units: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw units with replacement: draws × units, how often each was drawn."""
    picked = rng.integers(0, units, size=(draws, units)) + units * np.arange(draws)[:, None]
    return np.bincount(picked.ravel(), minlength=draws * units).reshape(draws, units).astype(np.float64)


def weighted(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Sum rows by weights, draws × units times units × columns, in one order on every machine (a BLAS has its own)."""
    total = np.zeros((len(weights), rows.shape[1]))
    for weight, row in zip(weights.T, rows, strict=True):
        total += weight[:, None] * row
    return total


def p_value(drawn: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return the share of draws under the null at least as far out as what was seen, which itself counts as one of them."""
    # the same labels in another order may differ in the last digits
    slack = np.where(np.isfinite(seen), 1e-9 * np.abs(seen) + 1e-12, 0.0)
    return (1 + (drawn >= seen - slack).sum(axis=0)) / (1 + len(drawn))


def corrected(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correct p-values for their number: Holm (no false finding at all) and Benjamini-Hochberg (their share). NaN: not tested, not counted."""
    p = np.asarray(p, dtype=np.float64)
    holm, share = np.full(p.shape, np.nan), np.full(p.shape, np.nan)
    tested = np.flatnonzero(np.isfinite(p))
    if tested.size:
        order = tested[np.argsort(p[tested], kind="stable")]
        many = len(order)
        holm[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(many, 0, -1)), 1)
        share[order] = np.minimum(
            np.minimum.accumulate((p[order] * many / np.arange(1, many + 1))[::-1])[::-1], 1
        )
    return holm, share
