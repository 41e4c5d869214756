"""Drawing again: intervals that hold what belongs together, p-values, and their correction for being many."""

import hashlib
import json
from typing import NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.compare.given import Passages
from nqp_topics.compare.shuffled import sums


def keyed(seed: int, *names: str) -> np.random.Generator:
    """Return random numbers that belong to a seed and names, so that they do not depend on what else is compared, or in which order."""
    data = hashlib.sha256(json.dumps([int(seed), *names]).encode()).digest()
    return np.random.default_rng(np.frombuffer(data, dtype="<u4").tolist())


def share_limits(
    share: np.ndarray, units: np.ndarray, level: float, reach: float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper limits of shares seen among `units` effective voices (numbers or arrays), whose spread is known as well as from `reach`
    degrees of freedom: never below 0 or above 1, and with room above 0 for what was not seen.

    Beta quantiles with a third of a voice added on the side that is looked at (Tukey's rule: the middle between what never covers too
    little and what covers right on average), as for surveys in clusters (Korn and Graubard 1998).
    """
    from scipy.special import betaincinv, ndtri, stdtrit

    out = (1 + level) / 2
    if reach < np.inf:
        units = units * (ndtri(out) / stdtrit(reach, out)) ** 2
    seen = share * units
    missing = units - seen
    low = betaincinv(seen + 1 / 3, missing + 2 / 3, 1 - out)
    high = betaincinv(seen + 2 / 3, missing + 1 / 3, out)
    low = np.where(share > 0, np.round(low, 9), 0.0)
    return np.minimum(low, share), np.maximum(np.round(high, 9), share)


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
    plain percentiles never do for things that are nearly equal. Units drawn one fewer (`grouping.means`) are once more moved outwards here (`tail`): 2 to 5 %
    wider, without which .00 to .03 less is held.
    """
    squares, square = drawn * drawn, seen * seen
    step = squares.mean(axis=0) - square
    low, high = limits(squares, units, level)
    left = square - step if units >= 2 else np.full(np.shape(seen), np.nan)
    lower, upper, middle = (np.sqrt(np.clip(x, 0, 1)) for x in (low - 2 * step, high - 2 * step, left))
    return lower, upper, middle


class Vein(NamedTuple):
    """In what vein articles are written, which says how much one knows of them: `units` (articles × topics) and `whole` (articles), effective
    voices; `prior` (topics), what an article holds on average, weighing as many voices as articles are alike.
    """

    units: np.ndarray
    whole: np.ndarray
    prior: np.ndarray


def vein(table: Passages) -> Vein:
    """Learn from all articles how far passages of one article spread, how like neighbours are, and how far articles are apart.

    Neighbours that speak of the same thing are no two voices (their likeness is taken to fade as the distance grows). Spread is relative to
    m(1 - m), pooled over topics and articles; an article and a topic of their own spread are heard as far as they have passages.
    """
    usual, near = _usual(table)
    shares = table.sums(table.mass) / table.sums(table.tokens)[:, None]
    units = np.empty(shares.shape)
    whole = np.empty(len(shares))
    for article in range(len(shares)):
        weights = table.tokens[table.rows(article)]
        lag = np.abs(np.subtract.outer(np.arange(len(weights)), np.arange(len(weights))))
        part = weights / weights.sum()
        held = float((part[:, None] * part * near**lag).sum())  # one by passages that speak for themselves
        mixed, topics = usual, np.full(shares.shape[1], usual)
        if len(weights) > 1:
            of_all, own, _ = spread_of(table.shares[table.rows(article)], weights)
            mixed = (10 * usual + (1 / held - 1) * of_all) / (9 + 1 / held)
            topics = np.maximum(mixed, (10 * mixed + (1 / held - 1) * own) / (9 + 1 / held))
        whole[article], units[article] = 1 / (held * mixed), 1 / (held * topics)
    order = _order(table)
    return Vein(units, whole, _prior(shares[order], whole[order]))


def _order(table: Passages) -> list[int]:
    """Return articles by name, so that sums do not depend on the order of the counts."""
    return sorted(range(len(table.articles)), key=table.articles.__getitem__)


def _usual(table: Passages) -> tuple[float, float]:
    """Return the usual spread of the passages of an article, from such as are no neighbours, and the likeness of neighbours."""
    far, near = np.zeros(2), np.zeros(2)
    for article in _order(table):
        rows = table.shares[table.rows(article)]
        for step in range(1, len(rows)):
            one, other = rows[step:], rows[:-step]
            both = np.array([((one - other) ** 2).sum() / 2, (1 - (one * other).sum(axis=1)).sum()])
            near += both if step == 1 else 0
            far += both / len(rows) if step > 2 else 0
    far = far if far[1] > 0 else near  # short articles alone
    if not far[1] > 0:
        return 1.0, 0.0
    spread, beside = (min(max(float(x[0] / x[1]), 1e-3), 1.0) for x in (far, near))
    like = (spread - beside) / (spread * (1 - beside)) if beside < 1 else 0.0
    return spread, min(max(like, 0.0), 0.9)


def _prior(shares: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return the mean of articles times the voices that it is worth: many where articles are alike, few where each is of its own."""
    many = len(shares)
    if many < 3:
        return np.full(shares.shape[1], 1 / shares.shape[1])
    squares, total = (shares * shares).sum(), shares.sum(axis=0)
    alike = ((total * total).sum() - squares) / (many * (many - 1))
    chance = (1 - (shares * shares).sum(axis=1)) / np.maximum(units - 1, 0.5)
    spread = (squares / many - alike - chance.mean()) / max(1 - alike, 1e-9)
    spread = min(max(float(spread), 0.02), 0.9)
    weights = 1 / (spread + 1 / units)
    return weighted(weights[None], shares)[0] / weights.sum() * (1 / spread - 1)


def drawn_articles(
    table: Passages, draws: int, seed: int, chosen: list[int] | None = None, known: Vein | None = None
) -> np.ndarray:
    """Draw what articles may be about, given their passages and all other articles: draws × articles × topics, shares.

    A Dirichlet distribution of the article's effective voices and the prior: chance scatters articles, so what is drawn lies nearer to the
    usual than what was seen, the shorter the nearer. An article of one passage stays as it is. Each has random numbers of its own.
    """
    wanted = range(len(table.articles)) if chosen is None else chosen
    known = known or vein(table)
    found = np.empty((draws, len(wanted), len(table.topics)))
    for place, article in enumerate(wanted):
        rows = table.rows(article)
        share = table.mass[rows].sum(axis=0) / table.tokens[rows].sum()
        if rows.stop - rows.start < 2:
            found[:, place] = share
            continue
        rng = keyed(seed, "article", table.articles[article])
        strength = known.prior + known.whole[article] * share
        parts = rng.standard_gamma(np.broadcast_to(strength, (draws, len(share)))) + 1e-300
        # nine digits: what libraries of other machines make of the last ones does not show
        found[:, place] = np.round(parts / parts.sum(axis=1, keepdims=True), 9)
        found[:, place] /= found[:, place].sum(axis=1, keepdims=True)
    return found


def middle_part(drawn: np.ndarray, level: float, less: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of the middle part of draws; by `less` less is left out at either end, as what draws are made with is itself estimated."""
    out = (1 - less) * (1 - level) / 2
    low, high = np.quantile(drawn, [out, 1 - out], axis=0)
    return low, high


def drawn_weights(units: int, draws: int, rng: np.random.Generator, many: int = 0) -> np.ndarray:
    """Draw as many units as there are (or so `many`) with replacement: draws × units, how often each was drawn."""
    picked = rng.integers(0, units, size=(draws, many or units)) + units * np.arange(draws)[:, None]
    return np.bincount(picked.ravel(), minlength=draws * units).reshape(draws, units).astype(np.float64)


def weighted(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Sum rows by weights, draws × units times units × columns, in one order on every machine (a BLAS has its own)."""
    assert weights.shape[1] == len(rows)
    total = np.zeros((len(weights), rows.shape[1]))
    sums(*(np.array(table, dtype=np.float64, order="C") for table in (weights, rows)), total)
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
        steps = p[order] * many / np.arange(1, many + 1)
        share[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1)
    return holm, share


def with_corrected(table: pd.DataFrame) -> pd.DataFrame:
    """Put the corrected p (holm, bh) beside the p of a table."""
    holm, share = corrected(table["p"].to_numpy(dtype=np.float64))
    place = table.columns.get_loc("p") + 1
    table.insert(place, "holm", holm)
    table.insert(place + 1, "bh", share)
    return table
