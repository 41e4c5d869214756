"""Compiled loops over shuffled witnesses: means, errors and Welch's statistics, sums in a fixed order."""

import numpy as np

from nqp_topics.files.compiled import compiled


@compiled
def signs(one, other, out):
    """Count, for each unit of `one` and `other` and each topic, which has more: 1, 0 or -1."""
    for i in range(len(one)):
        for j in range(len(other)):
            for k in range(one.shape[1]):
                out[i, j, k] = (one[i, k] > other[j, k]) * 1.0 - (one[i, k] < other[j, k]) * 1.0


@compiled
def sums(weights, rows, out):
    """Add to `out`, draws × columns, the rows of all units by their weights, one unit after another."""
    for draw in range(len(weights)):
        for unit in range(len(rows)):
            weight = weights[draw, unit]
            for k in range(rows.shape[1]):
                out[draw, k] += weight * rows[unit, k]


@compiled
def moments(numbers, weights, labels, means, errors):
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
def lifted(errors, usual, out):
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
def welch(means, errors, sizes, usual, out):
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
def welch_apart(means, errors, out):
    """Squared difference of two groups' means over all topics by its squared error, in every draw."""
    for draw in range(len(means)):
        apart = error = 0.0
        for k in range(means.shape[2]):
            gap = means[draw, 0, k] - means[draw, 1, k]
            apart += gap * gap
            error += errors[draw, 0, k] + errors[draw, 1, k]
        out[draw] = apart / max(error, 1e-12)
