"""Compiled arithmetic of comparisons: plain loops, sums in a fixed order, and a logarithm of its own.

A logarithm from a library has other last digits on another machine and takes most of the time; this one is + - * / alone, and the compiler
can do several at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nqp_topics.files.compiled import compiled

# 1/sqrt(2) split off the exponent: adding SHIFT to the bits makes the mantissa run from sqrt(1/2) to sqrt(2)
SHIFT = 0x95F6400000000
LOWEST = 0x3FE6A09C00000000
MANTISSA = 0xFFFFFFFFFFFFF
FLOAT_OF_INT = (
    0x4330000000000000  # a double with these upper bits is 2**52 plus the whole number in its lower bits
)
OFFSET = 4503599627370496.0 + 1023.0
TWICE_BY_LN2 = 2.8853900817779268
NEAR = 1e-4  # below this, entropies cancel each other: the sum is taken term by term


@compiled
def spent(sums: Any, bits: Any, power: Any, power_bits: Any, rest: Any, rest_bits: Any, total: Any) -> None:
    """Take x log2 x of every number from `total`; the other arrays are room to work in, each seen as floats and as bits."""
    for t in range(len(sums)):
        b = bits[t] + SHIFT
        power_bits[t] = (b >> 52) | FLOAT_OF_INT
        rest_bits[t] = (b & MANTISSA) + LOWEST
    for t in range(len(sums)):
        ratio = (rest[t] - 1.0) / (rest[t] + 1.0)
        y = ratio * ratio
        series = 1.0 / 17.0
        series = series * y + 1.0 / 15.0
        series = series * y + 1.0 / 13.0
        series = series * y + 1.0 / 11.0
        series = series * y + 1.0 / 9.0
        series = series * y + 1.0 / 7.0
        series = series * y + 1.0 / 5.0
        series = series * y + 1.0 / 3.0
        series = series * y + 1.0
        total[t] -= sums[t] * ((power[t] - OFFSET) + ratio * series * TWICE_BY_LN2)


@compiled
def entropies(columns: Any) -> Any:
    """Return the entropy in bits of each distribution; `columns` is topics × distributions."""
    many = columns.shape[1]
    sums, power, rest, total = np.empty(many), np.empty(many), np.empty(many), np.zeros(many)
    for k in range(columns.shape[0]):
        for t in range(
            many
        ):  # one by one: a whole row would bring numpy's messages with it, four seconds to compile
            sums[t] = columns[k, t]
        spent(sums, sums.view(np.int64), power, power.view(np.int64), rest, rest.view(np.int64), total)
    return total


@compiled
def term(p: float, q: float) -> float:
    """Return what one topic gives to the Jensen-Shannon divergence, never below 0; exact too where the shares are nearly equal."""
    both = p + q
    if both <= 0.0 or p == q:
        return 0.0
    d = (p - q) / both
    if abs(d) < 0.1:
        y = d * d
        series = 1.0 / 91.0
        series = series * y + 1.0 / 66.0
        series = series * y + 1.0 / 45.0
        series = series * y + 1.0 / 28.0
        series = series * y + 1.0 / 15.0
        series = series * y + 1.0 / 6.0
        series = series * y + 1.0
        return both * y * series * 0.3606737602222409  # 1 / (4 ln 2)
    total = 0.0
    if p > 0.0:
        total += p * np.log2(1.0 + d)
    if q > 0.0:
        total += q * np.log2(1.0 - d)
    return max(0.5 * total, 0.0)


@compiled
def from_one(columns: Any, entropy: Any, one: int, first: int, out: Any) -> None:
    """Write the Jensen-Shannon distances from distribution `one` to those from `first` on; `columns` is topics × distributions."""
    block = 256
    sums, power, rest, total = np.empty(block), np.empty(block), np.empty(block), np.empty(block)
    bits, power_bits, rest_bits = sums.view(np.int64), power.view(np.int64), rest.view(np.int64)
    for start in range(first, columns.shape[1], block):
        size = min(block, columns.shape[1] - start)
        total[:] = 0.0
        for k in range(columns.shape[0]):
            p = columns[k, one]
            row = columns[k, start : start + size]
            for t in range(size):
                sums[t] = (p + row[t]) * 0.5
            spent(
                sums[:size],
                bits[:size],
                power[:size],
                power_bits[:size],
                rest[:size],
                rest_bits[:size],
                total[:size],
            )
        for t in range(size):
            found = total[t] - 0.5 * (entropy[one] + entropy[start + t])
            if found < NEAR:
                found = 0.0
                for k in range(columns.shape[0]):
                    found += term(columns[k, one], columns[k, start + t])
            out[start - first + t] = np.sqrt(min(found, 1.0))


@compiled
def some_rows(columns: Any, entropy: Any, begin: int, step: int, out: Any) -> None:
    """Fill every `step`-th row of the upper half of a table of distances."""
    for one in range(begin, columns.shape[1], step):
        out[one, one] = 0.0
        if one + 1 < columns.shape[1]:
            from_one(columns, entropy, one, one + 1, out[one, one + 1 :])


@compiled
def mirror(table: Any) -> None:
    """Copy the upper half of a table to the lower, in squares that fit the cache."""
    many, side = len(table), 64
    for top in range(0, many, side):
        for left in range(top, many, side):
            for i in range(top, min(top + side, many)):
                for j in range(max(left, i + 1), min(left + side, many)):
                    table[j, i] = table[i, j]


@compiled
def drawn_from_one(columns: Any, entropy: Any, one: int, first: int, out: Any) -> None:
    """Distances from `one` to those from `first` on, in every draw; `columns` is draws × topics × distributions."""
    for draw in range(len(columns)):
        from_one(columns[draw], entropy[draw], one, first, out[draw])


@compiled
def between_rows(one: Any, other: Any, out: Any) -> None:
    """Jensen-Shannon distance between the rows of two tables, row by row."""
    for row in range(len(one)):
        total = 0.0
        for k in range(one.shape[1]):
            total += term(one[row, k], other[row, k])
        out[row] = np.sqrt(min(total, 1.0))


@compiled
def signs(one: Any, other: Any, out: Any) -> None:
    """Count, for each unit of `one` and `other` and each topic, which has more: 1, 0 or -1."""
    for i in range(len(one)):
        for j in range(len(other)):
            for k in range(one.shape[1]):
                out[i, j, k] = (one[i, k] > other[j, k]) * 1.0 - (one[i, k] < other[j, k]) * 1.0


@compiled
def moments(numbers: Any, weights: Any, labels: Any, means: Any, errors: Any) -> None:
    """Write the weighted mean share of each group and its squared standard error: draws × groups × topics; `labels` is draws × units.

    The error is the spread of units over their effective number. (What each unit gives to the mean, squared and summed, is next to nothing
    where one unit is most of the group: that one is always near the mean.)
    """
    draws, groups, topics = means.shape
    mass, square = np.empty(groups), np.empty(groups)
    for draw in range(draws):
        mass[:], square[:] = 0.0, 0.0
        mean, error = means[draw], errors[draw]
        mean[:], error[:] = 0.0, 0.0
        for unit in range(len(numbers)):
            group, weight = labels[draw, unit], weights[unit]
            mass[group] += weight
            square[group] += weight * weight
            for k in range(topics):
                mean[group, k] += weight * numbers[unit, k]
        for group in range(groups):
            for k in range(topics):
                mean[group, k] /= mass[group]
        for unit in range(len(numbers)):
            group, weight = labels[draw, unit], weights[unit]
            for k in range(topics):
                away = numbers[unit, k] - mean[group, k]
                error[group, k] += weight * away * away
        for group in range(groups):
            part = square[group] / (mass[group] * mass[group])
            for k in range(topics):
                error[group, k] *= part / ((1.0 - part) * mass[group])


@compiled
def lifted(errors: Any, usual: Any, out: Any) -> None:
    """Let no squared standard error be less than a group has over all topics together, as each topic's `usual` spread shares it out."""
    draws, groups, topics = errors.shape
    whole = 0.0
    for k in range(topics):
        whole += usual[k]
    for draw in range(draws):
        for group in range(groups):
            total = 0.0
            for k in range(topics):
                total += errors[draw, group, k]
            part = total / whole if whole > 0.0 else 0.0
            for k in range(topics):
                out[draw, group, k] = max(errors[draw, group, k], part * usual[k])


@compiled
def welch(means: Any, errors: Any, sizes: Any, usual: Any, out: Any) -> None:
    """Welch's F of every draw and topic; for two groups the squared difference by its squared error. A spread of zero counts as next to none."""
    draws, groups, topics = means.shape
    for draw in range(draws):
        for k in range(topics):
            least = 1e-12 * usual[k]
            if least <= 0.0:
                out[draw, k] = 0.0
                continue
            total = middle = 0.0
            for group in range(groups):
                weight = 1.0 / max(errors[draw, group, k], least)
                total += weight
                middle += weight * means[draw, group, k]
            middle /= total
            apart = loose = 0.0
            for group in range(groups):
                weight = 1.0 / max(errors[draw, group, k], least)
                away = means[draw, group, k] - middle
                apart += weight * away * away
                rest = 1.0 - weight / total
                loose += rest * rest / (sizes[group] - 1.0)
            few = 1.0 + 2.0 * (groups - 2.0) / (groups * groups - 1.0) * loose
            out[draw, k] = apart / (groups - 1.0) / few


@compiled
def welch_apart(means: Any, errors: Any, out: Any) -> None:
    """Squared difference of two groups' means over all topics by its squared error, in every draw."""
    for draw in range(len(means)):
        apart = error = 0.0
        for k in range(means.shape[2]):
            gap = means[draw, 0, k] - means[draw, 1, k]
            apart += gap * gap
            error += errors[draw, 0, k] + errors[draw, 1, k]
        out[draw] = apart / max(error, 1e-12)


@compiled
def drawn_to_fixed(columns: Any, entropy: Any, draws: int, out: Any) -> None:
    """Distances from each of the first `draws` distributions to all that come after them; `columns` is topics × distributions."""
    for one in range(draws):
        from_one(columns, entropy, one, draws, out[one])
