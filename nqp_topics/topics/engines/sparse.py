"""Gibbs sampling for many topics: a sweep word by word whose cost does not grow with their number.

A topic's chance is (tokens in the passage + prior) × how well it suits the word. The first part is the sum over the other tokens of the passage of how
well *their* topics suit the word: as many terms as the passage has tokens. The second, over all topics, is kept in a tree of sums
that changes in two leaves when a token moves. Both are exact: no proposal is made and refused.
"""

from typing import NamedTuple

import numpy as np

from nqp_topics.similar import logarithm
from nqp_topics.topics.engines.kernels import compiled, key, scatter, uint32, uint64

MANY = 256  # topics: from here on a sweep goes word by word, and its cost does not grow with their number


class Order(NamedTuple):
    """Tokens by word: word w has `tokens[starts[w]:starts[w + 1]]`; `passages` are theirs; `firsts` is where passages begin."""

    starts: np.ndarray
    tokens: np.ndarray
    passages: np.ndarray
    firsts: np.ndarray


def order(ends: np.ndarray, words: np.ndarray, times: np.ndarray, vocabulary: int, tokens: int) -> Order:
    """Return the tokens in the order of their words; eight bytes a token."""
    sizes = (vocabulary + 1, np.int64), (tokens, np.uint32), (tokens, np.uint32), (len(ends), np.int64)
    found = Order(*(np.zeros(size, kind) for size, kind in sizes))
    fill(ends, words, times, *found)
    return found


@compiled
def fill(ends, words, times, starts, tokens, passages, firsts):
    """Fill the arrays of an `Order`, by counting."""
    for at in range(words.shape[0]):
        starts[words[at] + 1] += times[at]
    for word in range(starts.shape[0] - 1):
        starts[word + 1] += starts[word]
    next_place = starts.copy()
    token = 0
    for passage in range(ends.shape[0] - 1):
        for at in range(ends[passage], ends[passage + 1]):
            for _ in range(times[at]):
                place = next_place[words[at]]
                tokens[place] = token
                passages[place] = passage
                next_place[words[at]] += 1
                token += 1
        firsts[passage + 1] = token


@compiled
def plant(tree, leaf, value):
    """Put a value into one leaf of a tree of sums (the root is 1, the leaves are the second half)."""
    node = leaf + tree.shape[0] // 2
    tree[node] = value
    node //= 2
    while node >= 1:
        tree[node] = tree[2 * node] + tree[2 * node + 1]
        node //= 2


@compiled
def sweep_by_word(starts, tokens, passages, firsts, labels, counts, totals, prior, word_prior, seed, number):
    """Draw every token's topic once from its full conditional, word by word; return what `kernels.sweep` returns."""
    topics = counts.shape[1]
    vocabulary = counts.shape[0]
    smooth = vocabulary * word_prior
    leaves = 1
    while leaves < topics:
        leaves *= 2
    tree = np.zeros(2 * leaves)
    suits = np.zeros(topics)
    inverse = np.zeros(topics)
    known = 0.0
    for topic in range(topics):
        known += prior[topic]
        inverse[topic] = 1.0 / (totals[topic] + smooth)
    result = 0.0
    product = 1.0
    for word in range(vocabulary):
        if starts[word] == starts[word + 1]:
            continue
        row = counts[word]
        for topic in range(topics):
            suits[topic] = (row[topic] + word_prior) * inverse[topic]
            tree[leaves + topic] = prior[topic] * suits[topic]
        for node in range(leaves - 1, 0, -1):
            tree[node] = tree[2 * node] + tree[2 * node + 1]
        for place in range(starts[word], starts[word + 1]):
            token = tokens[place]
            first = firsts[passages[place]]
            after = firsts[passages[place] + uint32(1)]
            old = labels[token]
            row[old] -= 1
            totals[old] -= 1
            inverse[old] = 1.0 / (totals[old] + smooth)
            suits[old] = (row[old] + word_prior) * inverse[old]
            plant(tree, old, prior[old] * suits[old])
            here = -suits[old]
            for other in range(first, after):
                here += suits[labels[other]]
            here = max(here, 0.0)
            whole = here + tree[1]
            chance = (scatter(key(seed, number, token)) >> uint64(11)) * (1.0 / 9007199254740992.0) * whole
            new = old
            if chance < here:
                for other in range(first, after):
                    if other != token:
                        new = labels[other]
                        chance -= suits[new]
                        if chance < 0.0:
                            break
            else:
                chance -= here
                node = 1
                while node < leaves:
                    node *= 2
                    if chance >= tree[node] and tree[node + 1] > 0.0:
                        chance -= tree[node]
                        node += 1
                new = labels.dtype.type(node - leaves)
            labels[token] = new
            row[new] += 1
            totals[new] += 1
            inverse[new] = 1.0 / (totals[new] + smooth)
            suits[new] = (row[new] + word_prior) * inverse[new]
            plant(tree, new, prior[new] * suits[new])
            product *= whole / (after - first - 1.0 + known)
            if product < 1e-200:
                result += logarithm(product)
                product = 1.0
    return result + logarithm(product)


@compiled
def count_lengths(firsts, labels, histogram):
    """Count in `histogram` (topics × length) how many passages have how many tokens of each topic."""
    topics = histogram.shape[0]
    here = np.zeros(topics, np.int64)
    for passage in range(firsts.shape[0] - 1):
        here[:] = 0
        for token in range(firsts[passage], firsts[passage + 1]):
            here[labels[token]] += 1
        for topic in range(topics):
            histogram[topic, here[topic]] += 1
