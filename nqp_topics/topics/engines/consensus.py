"""What many chains agree on: which passages go together. It is found without matching topics of one chain with those of another.

The square roots of every chain's passage shares stand side by side; the directions in which passages differ most are kept, which leaves out what
single chains see alone; passages that lie near each other there, weighed by their tokens, are a group (k-means), and each group a topic.
"""

import numpy as np

from nqp_topics.topics.engines.kernels import STEP, compiled, key, scatter, uint64

DIRECTIONS = 2  # a topic, in which passages are told apart
TURNS = 8  # that it takes to find them
STARTS = 30  # of k-means, the tightest kept
ROUNDS = 100  # of one start, at most: it mostly settles after twenty
COMMON = 0.5  # part of every word that begins as common to all passages
TOLD = 20  # tokens that a passage has at least, on the mean, where it can be told what is


def groups(points: np.ndarray, lengths: np.ndarray, topics: int, seed: int) -> np.ndarray:
    """Return the group of each passage, the one with most tokens first.

    `points` (passages × chains · topics) holds square roots of shares and is changed, `lengths` the tokens of each passage.
    """
    weight = lengths / lengths.mean()
    number = min(DIRECTIONS * topics, *points.shape)
    found = tightest(directions(points, weight, number, np.uint64(seed)), weight, topics, np.uint64(seed))
    size = np.bincount(found, weights=lengths, minlength=topics)
    place = np.empty(topics, np.int64)
    place[np.argsort(-size, kind="stable")] = np.arange(topics)
    return place[found]


@compiled
def directions(points, weight, number, seed):
    """Return passages × `number`: their places along the directions in which they differ most, by turns of the power method.

    `points` is centred in place.
    """
    passages, columns = points.shape
    middle = np.zeros(columns)
    total = 0.0
    for passage in range(passages):
        total += weight[passage]
        for column in range(columns):
            middle[column] += weight[passage] * points[passage, column]
    for passage in range(passages):
        for column in range(columns):
            points[passage, column] -= middle[column] / total
    axes = np.empty((columns, number))
    for column in range(columns):
        state = key(seed, column, 0)
        for axis in range(number):
            state += STEP
            axes[column, axis] = (scatter(state) >> uint64(11)) * (1.0 / 9007199254740992.0) - 0.5
    here = np.empty((passages, number))
    for turn in range(TURNS + 1):
        upright(axes)
        here[:] = 0.0
        for passage in range(passages):
            row = here[passage]
            for column in range(columns):
                value = points[passage, column]
                for axis in range(number):
                    row[axis] += value * axes[column, axis]
        if turn < TURNS:
            axes[:] = 0.0
            for passage in range(passages):
                row = here[passage]
                for column in range(columns):
                    value = weight[passage] * points[passage, column]
                    for axis in range(number):
                        axes[column, axis] += value * row[axis]
    return here


@compiled
def upright(axes):
    """Make the columns of `axes` as long as one and upright to each other (Gram-Schmidt); one without a part of its own becomes 0."""
    columns, number = axes.shape
    for axis in range(number):
        before = 0.0
        for column in range(columns):
            before += axes[column, axis] * axes[column, axis]
        for _ in range(2):  # once more for what rounding left
            for other in range(axis):
                along = 0.0
                for column in range(columns):
                    along += axes[column, axis] * axes[column, other]
                for column in range(columns):
                    axes[column, axis] -= along * axes[column, other]
        size = 0.0
        for column in range(columns):
            size += axes[column, axis] * axes[column, axis]
        scale = 1.0 / np.sqrt(size) if size > 1e-20 * before else 0.0
        for column in range(columns):
            axes[column, axis] *= scale


@compiled
def tightest(points, weight, groups, seed):
    """Part passages into groups by k-means; of all starts the tightest is kept, the first of equals."""
    passages = points.shape[0]
    best = np.zeros(passages, np.int64)
    least = 1e300
    for start in range(STARTS):
        centres = first_centres(points, weight, groups, seed, start)
        group_of = np.full(passages, -1)
        away = np.zeros(passages)
        for _ in range(ROUNDS):
            if nearest(points, centres, group_of, away) == 0:
                break
            middles(points, weight, group_of, away, centres)
        total = 0.0
        for passage in range(passages):
            total += weight[passage] * away[passage]
        if total < least:
            least = total
            best = group_of
    return best


@compiled
def first_centres(points, weight, groups, seed, start):
    """Draw passages as first centres (axes × groups), the likelier the farther they lie from those before (k-means++)."""
    passages, axes = points.shape
    centres = np.empty((axes, groups))
    away = np.full(passages, 1.0)
    state = key(seed, start, 0)
    for group in range(groups):
        total = 0.0
        for passage in range(passages):
            total += weight[passage] * away[passage]
        state += STEP
        left = (scatter(state) >> uint64(11)) * (1.0 / 9007199254740992.0) * total
        place = 0
        while place < passages - 1 and left >= weight[place] * away[place]:
            left -= weight[place] * away[place]
            place += 1
        for axis in range(axes):
            centres[axis, group] = points[place, axis]
        for passage in range(passages):
            gap = 0.0
            for axis in range(axes):
                apart = points[passage, axis] - points[place, axis]
                gap += apart * apart
            away[passage] = gap if group == 0 else min(away[passage], gap)
    return centres


@compiled
def nearest(points, centres, group_of, away):
    """Give each passage to the nearest centre, `away` its squared distance less its own size; return how many changed."""
    axes, groups = centres.shape
    size = np.zeros(groups)
    for axis in range(axes):
        for group in range(groups):
            size[group] += centres[axis, group] * centres[axis, group]
    gap = np.empty(groups)
    changed = 0
    for passage in range(points.shape[0]):
        for group in range(groups):
            gap[group] = size[group]
        for axis in range(axes):
            twice = 2.0 * points[passage, axis]
            for group in range(groups):
                gap[group] -= twice * centres[axis, group]
        best = 0
        for group in range(1, groups):
            if gap[group] < gap[best]:
                best = group
        away[passage] = gap[best]
        if group_of[passage] != best:
            group_of[passage] = best
            changed += 1
    return changed


@compiled
def middles(points, weight, group_of, away, centres):
    """Put each centre into the middle of its passages; an empty group first takes the passage that lies farthest out of a larger one."""
    axes, groups = centres.shape
    members = np.zeros(groups, np.int64)
    for passage in range(points.shape[0]):
        members[group_of[passage]] += 1
    for group in range(groups):
        if members[group] == 0:
            worst = -1
            for passage in range(points.shape[0]):
                if members[group_of[passage]] > 1 and (worst < 0 or away[passage] > away[worst]):
                    worst = passage
            members[group_of[worst]] -= 1
            members[group] = 1
            group_of[worst] = group
            away[worst] = -1e300
    centres[:] = 0.0
    mass = np.zeros(groups)
    for passage in range(points.shape[0]):
        group = group_of[passage]
        mass[group] += weight[passage]
        for axis in range(axes):
            centres[axis, group] += weight[passage] * points[passage, axis]
    for axis in range(axes):
        for group in range(groups):
            centres[axis, group] /= mass[group]


@compiled
def homes(roots, shares, lengths):
    """Return for each topic of each chain, a column of `roots`, the topic of `shares` in which most of its tokens are."""
    passages, topics = shares.shape
    columns = roots.shape[1]
    common = np.zeros((columns, topics))
    for passage in range(passages):
        for column in range(columns):
            tokens = lengths[passage] * roots[passage, column] * roots[passage, column]
            for topic in range(topics):
                common[column, topic] += tokens * shares[passage, topic]
    home = np.zeros(columns, np.int64)
    for column in range(columns):
        for topic in range(1, topics):
            if common[column, topic] > common[column, home[column]]:
                home[column] = topic
    return home


@compiled
def agreement(roots, home, chains, shares, lengths):
    """Say how far chains agree with what came of them, from 0 to 1: for each topic, and for each passage.

    A passage: the share of its tokens that a chain gives to the same topics, on the mean of all chains. A topic: the tokens that it has in
    common with the topics of a chain that are at home in it, over the mean of both (Dice's coefficient), on the mean of all chains.
    """
    passages, topics = shares.shape
    each = roots.shape[1] // chains
    of_topics, of_passages = np.zeros(topics), np.zeros(passages)
    mine = np.empty(topics)
    for chain in range(chains):
        common, both = np.zeros(topics), np.zeros(topics)
        for passage in range(passages):
            mine[:] = 0.0
            for column in range(chain * each, (chain + 1) * each):
                mine[home[column]] += roots[passage, column] * roots[passage, column]
            for topic in range(topics):
                same = min(mine[topic], shares[passage, topic])
                of_passages[passage] += same / chains
                common[topic] += lengths[passage] * same
                both[topic] += lengths[passage] * (mine[topic] + shares[passage, topic])
        for topic in range(topics):
            of_topics[topic] += 2.0 * common[topic] / both[topic] / chains
    return np.minimum(of_topics, 1.0), np.minimum(of_passages, 1.0)


@compiled
def place(ends, words, times, group_of, shares, table):
    """Add all tokens of each passage to the topic that is its group, in `shares` and in `table` (words × topics)."""
    for passage in range(ends.shape[0] - 1):
        topic = group_of[passage]
        for at in range(ends[passage], ends[passage + 1]):
            shares[passage, topic] += times[at]
            table[words[at], topic] += times[at]


@compiled
def histogram(shares, lengths):
    """Count how many passages have how many tokens of each topic (topics × length), expected tokens taken to the nearest whole number."""
    found = np.zeros((shares.shape[1], lengths), np.int32)
    for passage in range(shares.shape[0]):
        for topic in range(shares.shape[1]):
            found[topic, min(int(shares[passage, topic] + 0.5), lengths - 1)] += 1
    return found


def usual_common(tokens: int, passages: int, known: object) -> float:
    """Return what part of words begins as common where nobody says it: none of short passages, which cannot tell, and none where sweeps with what is known follow."""
    return 0.0 if known or tokens < TOLD * passages else COMMON


def set_apart(tokens: np.ndarray, part: float) -> None:
    """Move a part of all tokens into the last column, where what is common to all passages begins: the words of the whole corpus."""
    tokens[:, -1] = part * tokens.sum(axis=1)
    tokens[:, :-1] *= 1.0 - part


def topical(shares: np.ndarray, topics: int) -> np.ndarray:
    """Return the shares of topics alone, each row summing to one."""
    return np.ascontiguousarray(shares[:, :topics] / shares[:, :topics].sum(axis=1, keepdims=True))
