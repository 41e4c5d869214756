"""Where to begin on a large corpus: along which axes passages differ, turned until each passage lies near few of them.

Random starts lose topics that no number of sweeps brings back (two in one, one in two halves), and fits of too many topics that are merged join
wrong ones. The directions in which passages differ most span the topics, and all are seen at once; as a passage is of few topics, the axes near which
passages lie are the topics themselves (singular vectors of the weighed counts, turned by varimax).
"""

from math import fsum
from typing import Any

import numpy as np

from nqp_topics.similar import cosines, logarithm
from nqp_topics.topics.engines.bodies import Bodies, Plan, alike
from nqp_topics.topics.engines.held import expectation, lifted
from nqp_topics.topics.engines.kernels import STEP, Prior, compiled, fold, key, scatter, uint64

TURNS = 10  # of the power method
ROUNDS = 30  # of turning every pair of axes, at most
FEW = 20_000  # passages by which axes are turned, and that EM begins with
# passages for each pair of topics: the part of a topic in how passages differ falls with their number, and what noise leaves of it with the root of that of passages
EACH = 8
ROOM = 2**26  # passages × topics at most
SMOOTH = 0.1  # of words of topics that are tried on other passages
FOLDS = 20  # passes that give these their shares


def enough(topics: int) -> int:
    """Return how many passages show so many topics: from about half as many on their axes are not told from noise (planted topics)."""
    return max(FEW, min(EACH * topics**2, ROOM // topics))


def first(bodies: Bodies, topics: int, seed: int) -> np.ndarray:
    """Return first topics, words × topics in tokens: the axes of as many passages as show them.

    What a person holds to topics (`held`) begins as the company of its words, in the place of the axes that are most like it.
    """
    ends, words, times, vocabulary, held = thinned(bodies, enough(topics))
    table = first_table(ends, words, times, vocabulary, topics, seed)
    if held:
        many = held.lift.shape[1]
        own, topic_of = np.zeros((vocabulary, many)), np.full(vocabulary, -1)
        topic_of[held.words] = held.topics
        beside(ends, words, times, topic_of, own)
        own *= table[:, :1].sum() / np.maximum(own.sum(axis=0), 1.0)
        near = cosines(own, table)
        for topic in range(many):
            near[:, near[topic].argmax()] = -1.0
        table = np.concatenate([own, table[:, near[0] > -1.0]], axis=1)
    return table


def tried(bodies: Bodies, table: np.ndarray, plan: Plan) -> float:
    """Make a table into topics by EM on few passages, in place, and return how likely their tokens are."""
    few, topics = thinned(bodies, FEW), table.shape[1]
    table *= few.tokens / fsum(table.sum(axis=0))
    passages = len(few.ends) - 1
    shares, prior = np.zeros((passages, topics)), lifted(few.held, alike(topics, passages))
    return expectation(few, shares, table, prior, plan.word_prior, max(1, plan.start)) / few.tokens


def foretold(bodies: Bodies, table: np.ndarray, rows: np.ndarray) -> float:
    """Return how likely every other word of passages is by topics (words × topics in tokens), of which the words between tell the shares."""
    ends, words, times, _, _ = bodies
    chance, odd = table + SMOOTH, np.arange(len(words)) % 2 == 1
    chance /= chance.sum(axis=0)
    parts = [(np.append(0, np.cumsum(here))[ends], words[here], times[here]) for here in (~odd, odd)]
    shares = fold(*parts[0], chance, Prior(rows[None], np.zeros(len(ends) - 1, np.int64)), FOLDS)
    return float(told(*parts[1], chance, shares)) / max(1, int(times[odd].sum()))


@compiled
def told(ends, words, times, chance, shares):
    """Return the log-likelihood of tokens."""
    found = 0.0
    for passage in range(ends.shape[0] - 1):
        for at in range(ends[passage], ends[passage + 1]):
            whole = 0.0
            for topic in range(shares.shape[1]):
                whole += shares[passage, topic] * chance[words[at], topic]
            found += times[at] * logarithm(whole)
    return found


@compiled
def beside(ends, words, times, topic_of, table):
    """Add to `table` (words × topics) the passages in which words of each topic stand, as often as they stand there."""
    for passage in range(ends.shape[0] - 1):
        for at in range(ends[passage], ends[passage + 1]):
            topic = topic_of[words[at]]
            if topic >= 0:
                for other in range(ends[passage], ends[passage + 1]):
                    table[words[other], topic] += times[at] * times[other]


def thinned(bodies: Bodies, most: int, after: int = 0) -> Bodies:
    """Return `most` of the passages, as far apart as they go, or those so many places `after` them; all where there are no more."""
    ends, words, times, vocabulary, held = bodies
    passages = len(ends) - 1
    if passages <= most:
        return bodies
    rows = np.arange(most) * passages // most + after
    sizes = ends[rows + 1] - ends[rows]
    limits = np.append(0, np.cumsum(sizes))
    at = np.repeat(ends[rows] - limits[:-1], sizes) + np.arange(limits[-1])
    return Bodies(limits, words[at], times[at], vocabulary, held and held._replace(of=held.of[rows]))


def first_table(ends: Any, words: Any, times: Any, vocabulary: int, topics: int, seed: int) -> np.ndarray:
    """Return words × topics, as many tokens in each: what stands in the passages of each axis, less what stands in those of the others."""
    lengths = np.add.reduceat(times, ends[:-1]).astype(np.float64)
    every = np.bincount(words, times, vocabulary)
    scale = 1.0 / np.sqrt(every + every.sum() / np.count_nonzero(every))
    values = times * scale[words] / np.repeat(np.sqrt(lengths), np.diff(ends))
    places = spanned(ends, words, values, vocabulary, topics, np.uint64(seed))
    table = np.zeros((vocabulary, topics))
    back(ends, words, values, places, table)
    few = min(len(places), FEW)
    axes = np.concatenate([places[np.arange(few) * len(places) // few], np.eye(topics)]).T.copy()
    turned(axes, few)
    table = np.maximum(along(table, axes[:, few:].T.copy()) / scale[:, None], 0.0)
    return table * (every.sum() / topics / np.maximum(table.sum(axis=0), 1e-300))


@compiled
def spanned(ends, words, values, vocabulary, topics, seed):
    """Return passages × topics: upright columns that span how passages differ most, by turns of the power method from random signs."""
    passages = ends.shape[0] - 1
    sides = np.empty((vocabulary, topics))
    for word in range(vocabulary):
        state = key(seed, 0, word)
        for axis in range(topics):
            state += STEP
            sides[word, axis] = 1.0 if scatter(state) >> uint64(63) else -1.0
    places = np.empty((passages, topics))
    for turn in range(TURNS):
        places[:] = 0.0
        for passage in range(passages):
            row = places[passage]
            for at in range(ends[passage], ends[passage + 1]):
                side = sides[words[at]]
                for axis in range(topics):
                    row[axis] += values[at] * side[axis]
        upright(places, 1 if turn + 1 < TURNS else 2)
        if turn + 1 < TURNS:
            sides[:] = 0.0
            back(ends, words, values, places, sides)
    return places


@compiled
def back(ends, words, values, places, sides):
    """Add to `sides` (words × axes) the places of the passages in which each word stands."""
    axes = places.shape[1]
    for passage in range(places.shape[0]):
        row = places[passage]
        for at in range(ends[passage], ends[passage + 1]):
            side = sides[words[at]]
            for axis in range(axes):
                side[axis] += values[at] * row[axis]


@compiled
def along(table, turn):
    """Return rows of `table` along other axes, whose places are the columns of `turn`."""
    found = np.zeros_like(table)
    for row in range(table.shape[0]):
        mine = found[row]
        for other in range(turn.shape[0]):
            for axis in range(turn.shape[1]):
                mine[axis] += table[row, other] * turn[other, axis]
    return found


@compiled
def upright(places, times):
    """Make the columns upright to each other and as long as one, `times` over for what rounding left (Cholesky of their products)."""
    rows, axes = places.shape
    for _ in range(times):
        product = np.zeros((axes, axes))
        for row in range(rows):
            place = places[row]
            for axis in range(axes):
                own = product[axis]
                for other in range(axes):
                    own[other] += place[axis] * place[other]
        # rows of the upper triangle; a direction that has nothing of its own is left out
        for axis in range(axes):
            before = product[axis, axis]
            for other in range(axis):
                for at in range(axis, axes):
                    product[axis, at] -= product[other, axis] * product[other, at]
            own = product[axis, axis]
            scale = 1.0 / np.sqrt(own) if own > 1e-12 * before else 0.0
            for at in range(axis, axes):
                product[axis, at] *= scale
        for row in range(rows):
            place = places[row]
            for axis in range(axes):
                own = product[axis]
                place[axis] = place[axis] / own[axis] if own[axis] > 0.0 else 0.0
                for other in range(axis + 1, axes):
                    place[other] -= place[axis] * own[other]


@compiled
def turned(axes, passages):
    """Turn axes × passages until no turn of two axes brings passages nearer to them (varimax), each with its many passages on the side above 0.

    Columns after so many `passages` are turned with them.

    Angles are halved by square roots: sines of a mathematical library differ between machines.
    """
    number, columns = axes.shape
    for _ in range(ROUNDS):
        most = 0.0
        for left in range(number):
            for right in range(left + 1, number):
                one, other = axes[left], axes[right]
                a = b = c = d = 0.0
                for passage in range(passages):
                    u = one[passage] * one[passage] - other[passage] * other[passage]
                    v = 2.0 * one[passage] * other[passage]
                    a += u
                    b += v
                    c += u * u - v * v
                    d += 2.0 * u * v
                rise, run = d - 2.0 * a * b / passages, c - (a * a - b * b) / passages
                size = np.sqrt(rise * rise + run * run)
                if size <= 0.0:
                    continue
                twice = np.sqrt(max(0.5 + 0.5 * run / size, 0.0))
                cosine = np.sqrt(0.5 + 0.5 * twice)
                sine = np.sqrt(max(0.5 - 0.5 * twice, 0.0))
                most = max(most, sine)
                if rise < 0.0:
                    sine = -sine
                for passage in range(columns):
                    x, y = one[passage], other[passage]
                    one[passage] = cosine * x + sine * y
                    other[passage] = cosine * y - sine * x
        if most < 1e-3:
            break
    for axis in range(number):
        third = 0.0
        for passage in range(passages):
            third += axes[axis, passage] * axes[axis, passage] * axes[axis, passage]
        if third < 0.0:
            for passage in range(columns):
                axes[axis, passage] = -axes[axis, passage]
