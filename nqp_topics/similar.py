"""Similar: how alike topics, runs and articles are, one way of each that all rooms share.

logarithm(x), exponential(x)  # from + - * / alone; for compiled loops
divergences(left, right)   # Jensen-Shannon, each column of one table and each of another; its square root is the distance
parts(one, other)          # what each word, or topic, gives to the divergence of two
cosines(left, right)       # each column and each
matched(alike)             # one to one, so that the sum is the largest possible
frex(words, weight, rows)  # frequent and exclusive
coordinates(table, axes)   # principal coordinates of distances

A distribution is a column: words × topics, or topics × articles. Sums go in one order, so that the same tables give the same bytes.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from nqp_topics.files.compiled import compiled

LN2 = 0.6931471805599453
# the bits of a double: its exponent counts from the square root of a half on, which lies as far below 1 as twice it above
ROOT: Any = np.uint64(0x3FE6A09E667F3BCD)
SHIFT: Any = np.uint64((0x3FF << 52) - 0x3FE6A09E667F3BCD)
MANTISSA: Any = np.uint64((1 << 52) - 1)
# with these upper bits a double is 2**52 and the whole number in its lower bits
WHOLE: Any = np.uint64(0x433 << 52)
BITS: Any = np.uint64(52)
OFFSET = 2.0**52 + 1023.0
TOGETHER = 512  # pairs of columns in one loop: short loops are slow, and what a long one goes over leaves the nearest memory
BLOCK = 8  # columns that are set against all that follow at once
NEAR = 1e-4  # below this, entropies cancel each other: the sum is taken part by part


@compiled
def logarithm(x):
    """Return ln x for x > 0, the same on every machine; of 0 a finite number, so that 0 log 0 is 0. Without branches: loops do several at once."""
    bits = np.float64(x).view(np.uint64) + SHIFT
    power = np.uint64((bits >> BITS) | WHOLE).view(np.float64) - OFFSET
    rest = np.uint64((bits & MANTISSA) + ROOT).view(np.float64)
    ratio = (rest - 1.0) / (rest + 1.0)
    square = ratio * ratio
    total = 0.0
    for odd in range(25, 0, -2):
        total = total * square + 1.0 / odd
    return power * LN2 + 2.0 * ratio * total


@compiled
def exponential(x):
    """Return e to the power of x for |x| below 700, the same on every machine: a series of what is left of halves of ln 2, doubled so often."""
    times = np.int64(np.floor(x / LN2 + 0.5))
    rest = x - times * LN2
    total = 1.0
    for step in range(17, 0, -1):
        total = 1.0 + total * rest / step
    double = 2.0 if times > 0 else 0.5
    for _ in range(abs(times)):
        total *= double
    return total


@compiled
def part(p, q):
    """Return what one place of two distributions gives to their divergence, never below 0; exact too where they are nearly equal."""
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
        return both * y * series / (4.0 * LN2)
    total = 0.0
    if p > 0.0:
        total += p * logarithm(1.0 + d)
    if q > 0.0:
        total += q * logarithm(1.0 - d)
    return max(0.5 * total / LN2, 0.0)


@compiled
def entropies(table):
    """Return the entropy of each column, in nats."""
    found = np.zeros(table.shape[1])
    for row in range(table.shape[0]):
        for column in range(table.shape[1]):
            found[column] -= table[row, column] * logarithm(table[row, column])
    return found


@compiled
def apart(left, right, of_left, of_right):
    """Return `divergences` of tables of which `entropies` are known already."""
    many, others = left.shape[1], right.shape[1]
    out = np.empty((many, others))
    some = max(1, TOGETHER // max(1, others))
    half, total = np.empty(some * others), np.empty(some * others)
    for begin in range(0, many, some):
        end = min(begin + some, many)
        pairs = (end - begin) * others
        total[:pairs] = 0.0
        for row in range(left.shape[0]):
            for i in range(begin, end):
                p, at = left[row, i], (i - begin) * others
                for j in range(others):
                    half[at + j] = (p + right[row, j]) * 0.5
            for pair in range(pairs):
                total[pair] -= half[pair] * logarithm(half[pair])
        for i in range(begin, end):
            for j in range(others):
                out[i, j] = total[(i - begin) * others + j]
    for i in range(many):
        for j in range(others):
            found = (out[i, j] - 0.5 * (of_left[i] + of_right[j])) / LN2
            if found < NEAR:
                found = 0.0
                for row in range(left.shape[0]):
                    found += part(left[row, i], right[row, j])
            out[i, j] = min(found, 1.0)
    return out


def divergences(left: np.ndarray, right: np.ndarray | None = None, threads: int = 1) -> np.ndarray:
    """Return the Jensen-Shannon divergence (base 2) of each column of `left` and each of `right`, or of `left` itself: 0 the same, 1 nothing in common."""
    left = _copied(left)
    of_left = entropies(left)
    if right is not None:
        right = _copied(right)
        return np.asarray(apart(left, right, of_left, entropies(right)))
    found = np.empty((left.shape[1], left.shape[1]))

    def fill(begin: int) -> None:
        here, rest = slice(begin, begin + BLOCK), slice(begin, None)  # both ways at once
        block = apart(_copied(left[:, here]), _copied(left[:, rest]), of_left[here], of_left[rest])
        found[here, rest], found[rest, here] = block, block.T

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(0, len(found), BLOCK)))
    return found


@compiled
def parts_of(one, other):
    """Return `part` of each place of two tables."""
    out = np.empty(one.shape)
    for row in range(one.shape[0]):
        for column in range(one.shape[1]):
            out[row, column] = part(one[row, column], other[row, column])
    return out


def parts(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return what each place of two distributions, or of the rows of two tables, gives to their divergence; the sum is the divergence."""
    found = parts_of(*(np.atleast_2d(_copied(table)) for table in (one, other)))
    return np.asarray(found).reshape(np.shape(one))


@compiled
def products(left, right):
    """Return the sums of products of each column of `left` and each of `right`, added row by row."""
    total = np.zeros((left.shape[1], right.shape[1]))
    for row in range(left.shape[0]):
        for i in range(left.shape[1]):
            for j in range(right.shape[1]):
                total[i, j] += left[row, i] * right[row, j]
    return total


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the cosine of each column of `left` and each of `right`; 0 where one has no length."""
    return cosines_of(unit(left), unit(right))


def cosines_of(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return `cosines` of tables that are `unit` already."""
    return np.asarray(np.clip(products(left, right), -1.0, 1.0))


def unit(table: np.ndarray) -> np.ndarray:
    """Return each column over its length: the products of two tables are `cosines`."""
    table = _copied(table)
    size = np.sqrt((table**2).sum(axis=0))
    return np.divide(table, size, out=np.zeros_like(table), where=size > 0)


def matched(alike: np.ndarray) -> np.ndarray:
    """Return for each row of `alike` the column it is matched with, one to one, so that the sum is the largest possible; -1: none is left."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(alike, maximize=True)
    found = np.full(len(alike), -1)
    found[rows] = columns
    return found


def frex(words: np.ndarray, weight: float, rows: np.ndarray) -> np.ndarray:
    """Return the FREX of the words in `rows` (topics × some), from 0 to 1 (Bischof and Airoldi 2012).

    It is the harmonic mean of two ranks among all words of the topic, as shares: of how exclusive a word is (its weight here over the
    sum of its weights in all topics), which counts for `weight`, and of how frequent it is. Equal words share the mean of their ranks.
    """
    sums = words.sum(axis=1, keepdims=True)
    exclusive = np.divide(words, sums, out=np.zeros_like(words), where=sums > 0)
    found = np.empty(rows.shape)
    for topic, places in enumerate(rows):
        rare, often = (_ranks(table[:, topic], places) / len(words) for table in (exclusive, words))
        found[topic] = 1 / (weight / rare + (1 - weight) / often)
    return found


def _ranks(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    order, wanted = np.sort(values), values[places]
    return (np.searchsorted(order, wanted, "left") + np.searchsorted(order, wanted, "right") + 1) / 2


def coordinates(table: np.ndarray, axes: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return principal coordinates (points × axes) of square distances, what each axis shows of all squared distance, and that in all.

    An axis points to where its farthest point lies, so that no map is mirrored from run to run.
    """
    from scipy.linalg import eigh

    squares, many = table**2, len(table)
    middle = squares.mean(axis=0)
    centred = -0.5 * (squares - middle[:, None] - middle[None, :] + middle.mean())
    values, vectors = eigh(centred, subset_by_index=[many - axes, many - 1])
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    farthest = np.abs(np.round(vectors, 9)).argmax(axis=0)
    vectors = vectors * np.where(vectors[farthest, np.arange(axes)] < 0, -1.0, 1.0)
    return vectors * np.sqrt(values), values, float(np.trace(centred))


def _copied(table: np.ndarray) -> np.ndarray:
    """Return a table in one order of memory that may be written: else loops were compiled once more (see `compiled`), and sums went another way."""
    return np.array(table, dtype=np.float64, order="C")
