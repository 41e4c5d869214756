"""Detectable: how large a difference must be to be found in four of five cases, and why none is named where none would be."""

import numpy as np

from nqp_topics.compare.distances import between_rows
from nqp_topics.compare.grouping import Group, mean, means
from nqp_topics.compare.resample import keyed, spread_of

FOUND = 0.8  # the part of cases in which a difference that is called detectable is found
NOT_TESTED = "not tested"
TOO_LARGE = "more than can be told apart by so few"


def too_few(least: float, alpha: float) -> str:
    """Say that no p can be small enough; nothing where one can."""
    return f"no p below {least:.2g} is possible and {alpha:.2g} is asked" if least > alpha else ""


def in_topics(a: Group, b: Group, alpha: float, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Return for every topic the smallest difference that a test at `alpha` finds in four of five cases, and why there is none.

    The smaller group has so much more of the topic; a share that grows spreads more, until it is one half.
    """
    from scipy.special import stdtrit

    if why := too_few(least, alpha):
        return np.full(a.shares.shape[1], np.nan), np.full(a.shares.shape[1], why, dtype=object)
    small, large = (a, b) if a.effective <= b.effective else (b, a)
    base, spreads = _together(a, b), []
    for side in (small, large):
        whole, own, _ = spread_of(side.shares, side.weights)
        spreads.append(np.maximum(whole, own) / side.effective)
    gap = np.full(len(base), 0.1)
    for _ in range(60):
        more = np.minimum(base + gap, 1.0)
        parts = [spreads[0] * more * (1 - more), spreads[1] * base * (1 - base)]
        total = np.maximum(parts[0] + parts[1], 1e-12)
        free_of = small.effective - 1, large.effective - 1
        less = parts[0] ** 2 / free_of[0] + np.maximum(parts[1], 1e-12) ** 2 / free_of[1]
        free = np.maximum(total**2 / less, 1.0)
        wanted = (stdtrit(free, 1 - alpha / 2) + stdtrit(free, FOUND)) * np.sqrt(total)
        gap = (gap + wanted) / 2
    room = base + gap < 1
    return np.where(room, gap, np.nan), np.where(room, "", TOO_LARGE).astype(object)


def in_distance(
    a: Group, b: Group, alpha: float, least: float, limit: float, seed: int, draws: int, *names: str
) -> tuple[float, str]:
    """Return the smallest distance of two groups that a test at `alpha` finds in four of five cases, and why there is none.

    `limit` is what the squared difference of the means must exceed. One group lies where both are, the other in any direction from there
    (drawn round it); both have the errors of witnesses drawn again.
    """
    if why := too_few(least, alpha):
        return np.nan, why
    base = _together(a, b)
    rng = keyed(seed, "detectable", *names)
    toward = np.round(rng.dirichlet(2 * base + 1e-6, draws), 9)
    toward /= toward.sum(axis=1, keepdims=True)
    middle = np.broadcast_to(base, toward.shape)
    noise = np.zeros(toward.shape)
    for sign, side, name in ((1, a, names[0]), (-1, b, names[1])):
        noise += sign * (means(side, draws, seed, "detectable", *names, name) - side.mean)

    def power(distance: float) -> float:
        part = np.minimum(distance / far, 1.0)
        for _ in range(3):
            there = between_rows(middle, middle + part[:, None] * (toward - middle))
            part = np.minimum(part * distance / np.maximum(there, 1e-12), 1.0)
        gap = part[:, None] * (toward - middle) + noise
        return float(((gap**2).sum(axis=1) > limit).mean())

    far = between_rows(middle, toward)
    low, high = 0.0, float(np.median(far))
    if power(high) < FOUND:
        return np.nan, TOO_LARGE
    for _ in range(20):
        half = (low + high) / 2
        low, high = (low, half) if power(half) >= FOUND else (half, high)
    return high, ""


def _together(a: Group, b: Group) -> np.ndarray:
    return mean(np.concatenate((a.shares, b.shares)), np.concatenate((a.weights, b.weights)))
