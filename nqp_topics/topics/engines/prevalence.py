"""What is known of articles, in the prior of their passages (Dirichlet-multinomial regression, Mimno and McCallum 2008).

A passage of an article with the row x of a design has the document prior exp(x · λ) of every topic. λ is learnt from topics that were drawn: each step takes
the part of the likelihood that lies below it everywhere and touches it here (Minka 2000), which is a Poisson regression for each topic, and goes by
Newton's method towards its top. Columns are made upright first, so that a step and the penalty do not depend on how a factor is written.
"""

from typing import NamedTuple

import numpy as np

from nqp_topics.similar import exponential
from nqp_topics.topics.engines.consensus import upright
from nqp_topics.topics.engines.kernels import STEP, compiled, key, scatter, uint32, uint64

SPREAD = 1.0  # of λ for columns that vary by one: what is not said by texts stays near 0
FAR = 9.0  # the farthest that a logarithm of a prior can go: e**-9 is one in eight thousand
LONGEST = 1.0  # step of a logarithm


class Known(NamedTuple):
    """What is known of passages: `basis`, the different rows of a design made upright (the first column ones, the others of mean 0 and variance 1
    over articles), the row `of` each passage, and `into`, a triangle that makes the basis into the design.
    """

    basis: np.ndarray
    of: np.ndarray
    into: np.ndarray

    def to_design(self, weights: np.ndarray) -> np.ndarray:
        """Return λ of the design's columns from λ of the basis."""
        found = weights.copy()
        for row in range(len(found) - 1, -1, -1):
            for later in range(row + 1, len(found)):
                found[row] -= self.into[row, later] * found[later]
            found[row] /= self.into[row, row]
        return found

    def from_design(self, weights: np.ndarray) -> np.ndarray:
        """Return λ of the basis from λ of the design's columns."""
        found = np.zeros_like(weights)
        for row in range(len(found)):
            for later in range(row, len(found)):
                found[row] += self.into[row, later] * weights[later]
        return found


def known(design: np.ndarray, article: np.ndarray) -> Known:
    """Return what is known of passages; `design` (articles × columns, the first ones) has the rows, `article` that of each passage."""
    _, first, of = np.unique(design, axis=0, return_index=True, return_inverse=True)
    many = len(design)
    axes = design - design.sum(axis=0) / many
    axes[:, 0] = 0.0
    upright(axes)
    axes *= np.sqrt(many)
    axes[:, 0] = 1.0
    into = np.triu([[float((axis * column).sum()) / many for column in design.T] for axis in axes.T])
    return Known(axes[first], of.ravel()[article], into)


def priors(basis: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the prior of every row (rows × topics) that λ (`weights`, columns × topics) gives."""
    found = np.empty((len(basis), weights.shape[1]))
    fill(np.ascontiguousarray(basis), weights, found)
    return found


@compiled
def fill(basis, weights, rows):
    """Write the prior of every row."""
    for row in range(basis.shape[0]):
        for topic in range(weights.shape[1]):
            power = 0.0
            for column in range(basis.shape[1]):
                power += basis[row, column] * weights[column, topic]
            rows[row, topic] = exponential(min(max(power, -FAR), FAR))


@compiled
def learn(prior, basis, weights, usual, tokens, mass, rounds):
    """Move λ (`weights`) towards what tokens of passages × topics say, each passage with its `mass`, and with it the prior.

    Differences of the digamma function at whole distances are sums of reciprocals; between whole numbers they go straight, as what is
    expected of a number that is one or the other.
    """
    many, columns = basis.shape
    topics = weights.shape[1]
    above, below = np.empty((many, topics)), np.empty(many)
    slope, bend, step = np.empty(columns), np.empty((columns, columns)), np.empty(columns)
    for _ in range(rounds):
        above[:] = 0.0
        below[:] = 0.0
        for passage in range(tokens.shape[0]):
            row = prior.of[passage]
            mine = prior.rows[row]
            length = 0.0
            total = 0.0
            for topic in range(topics):
                length += tokens[passage, topic]
                total += mine[topic]
                if tokens[passage, topic] > 0.0:
                    some = mass[passage] * mine[topic]
                    above[row, topic] += some * reciprocals(mine[topic], tokens[passage, topic])
            below[row] += mass[passage] * reciprocals(total, length)
        for topic in range(topics):
            slope[:] = 0.0
            bend[:] = 0.0
            for row in range(many):
                expected = below[row] * prior.rows[row, topic]
                for column in range(columns):
                    slope[column] += basis[row, column] * (above[row, topic] - expected)
                    for other in range(column + 1):
                        bend[column, other] += expected * basis[row, column] * basis[row, other]
            slope[0] -= 0.01 * (weights[0, topic] - usual)
            bend[0, 0] += 0.01
            for column in range(1, columns):
                slope[column] -= weights[column, topic] / (SPREAD * SPREAD)
                bend[column, column] += 1.0 / (SPREAD * SPREAD)
            solve(bend, slope, step)
            longest = LONGEST
            for row in range(many):
                moved = 0.0
                for column in range(columns):
                    moved += basis[row, column] * step[column]
                longest = max(longest, abs(moved))
            for column in range(columns):
                weights[column, topic] += step[column] * (LONGEST / longest)
        fill(basis, weights, prior.rows)


@compiled
def reciprocals(start, length):
    """Return 1/start + 1/(start + 1) + …, `length` terms, of the last one as much as there is of it."""
    whole = int(length)
    total = (length - whole) / (start + whole)
    for step in range(whole):
        total += 1.0 / (start + step)
    return total


@compiled
def solve(bend, slope, step):
    """Solve bend · step = slope by Cholesky's triangle, which takes the place of the lower half of `bend`."""
    size = slope.shape[0]
    for row in range(size):
        for column in range(row + 1):
            rest = bend[row, column]
            for inner in range(column):
                rest -= bend[row, inner] * bend[column, inner]
            bend[row, column] = np.sqrt(max(rest, 1e-12)) if row == column else rest / bend[column, column]
    for row in range(size):
        rest = slope[row]
        for inner in range(row):
            rest -= bend[row, inner] * step[inner]
        step[row] = rest / bend[row, row]
    for row in range(size - 1, -1, -1):
        rest = step[row]
        for inner in range(row + 1, size):
            rest -= bend[inner, row] * step[inner]
        step[row] = rest / bend[row, row]


@compiled
def sweep(ends, words, times, labels, chance, prior, seed, number, tokens):
    """Draw every token's topic once under topics that stay as they are (`chance`: words × topics); `tokens` (passages × topics) is kept in step.

    In the first sweep, number 0, a passage begins without topics.
    """
    topics = uint64(chance.shape[1])
    part = np.empty(topics)
    token = 0
    for passage in range(ends.shape[0] - 1):
        state = key(seed, number, passage)
        before, mine = prior.rows[prior.of[passage]], tokens[passage]
        for place in range(ends[passage], ends[passage + 1]):
            row = chance[uint32(words[place])]
            for _ in range(times[place]):
                if number > 0:
                    mine[labels[token]] -= 1.0
                whole = 0.0
                for topic in range(topics):
                    whole += (mine[topic] + before[topic]) * row[topic]
                    part[topic] = whole
                state += STEP
                left = (scatter(state) >> uint64(11)) * (1.0 / 9007199254740992.0) * whole
                new = uint64(0)
                for topic in range(topics - uint64(1)):
                    new += uint64(part[topic] <= left)
                labels[token] = new
                mine[new] += 1.0
                token += 1
