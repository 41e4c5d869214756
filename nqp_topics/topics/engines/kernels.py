"""Compiled arithmetic of the sampler: each function is a page of plain loops over counts.

Same input, same bytes: no fastmath, sums in a fixed order, only + - * / on floats (all exact by the standard, so that no processor and no
mathematical library gives other digits), and random numbers that are a function of (seed, sweep, passage, place).
"""

from typing import Any, NamedTuple

import numba
import numpy as np

from nqp_topics.files.compiled import compiled
from nqp_topics.similar import logarithm
from nqp_topics.topics.engines.lanes import WIDE, among_many

# inside compiled code these are casts; a type checker takes them for signatures
int32: Any = numba.int32
int64: Any = numba.int64
uint32: Any = numba.uint32
uint64: Any = numba.uint64
float64: Any = numba.float64
STEP: Any = np.uint64(0x9E3779B97F4A7C15)
ONE: Any = np.uint64(1)


class Prior(NamedTuple):
    """The document priors of passages: `rows` (one or several) × topics, and `of`, the row of each passage."""

    rows: Any
    of: Any


@compiled
def scatter(number):
    """Scatter 64 bits: neighbouring numbers become unrelated ones (the finaliser of splitmix64)."""
    x = uint64(number)
    x = (x ^ (x >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> uint64(27))) * uint64(0x94D049BB133111EB)
    return x ^ (x >> uint64(31))


@compiled
def key(seed, sweep, passage):
    """Return where the random numbers of one passage in one sweep begin."""
    return scatter(scatter(scatter(uint64(seed)) + uint64(sweep) * STEP) + uint64(passage) * STEP)


@compiled
def expectation(ends, words, times, shares, table, prior, word_prior, passes):
    """Run EM on the collapsed counts: each word of a passage is divided among topics by what the other counts say.

    `shares` (passages × topics) and `table` (words × topics) hold expected tokens and are changed in place. Returned is the log-likelihood of
    all tokens in the last pass.
    """
    passages = shares.shape[0]
    topics = uint64(shares.shape[1])
    vocabulary = table.shape[0]
    chance = np.empty((vocabulary, topics))
    mine = np.empty(topics)
    part = np.empty(topics)
    weight = np.empty(topics)
    result = 0.0
    for step in range(passes):
        last = step == passes - 1
        total = np.zeros(topics)
        for word in range(vocabulary):
            for topic in range(topics):
                total[topic] += table[word, topic]
        for topic in range(topics):
            total[topic] = 1.0 / (total[topic] + vocabulary * word_prior)
        for word in range(vocabulary):
            for topic in range(topics):
                chance[word, topic] = (table[word, topic] + word_prior) * total[topic]
                table[word, topic] = 0.0
        for passage in range(passages):
            length = 0
            known = 0.0
            before = prior.rows[prior.of[passage]]
            for topic in range(topics):
                known += before[topic]
                weight[topic] = shares[passage, topic] + before[topic]
                mine[topic] = 0.0
            for place in range(ends[passage], ends[passage + 1]):
                row = chance[uint32(words[place])]
                new = table[uint32(words[place])]
                whole = 0.0
                for topic in range(topics):
                    some = weight[topic] * row[topic]
                    part[topic] = some
                    whole += some
                scale = times[place] / whole
                if last:
                    length += times[place]
                    result += times[place] * logarithm(whole)
                for topic in range(topics):
                    some = part[topic] * scale
                    mine[topic] += some
                    new[topic] += some
            for topic in range(topics):
                shares[passage, topic] = mine[topic]
            if last:
                result -= length * logarithm(length + known)
    return result


@compiled
def scatter_words(ends, words, times, shares, table, seed):
    """Give each word of each passage to a random topic: where EM begins."""
    topics = uint64(shares.shape[1])
    for passage in range(shares.shape[0]):
        state = key(seed, 0, passage)
        for place in range(ends[passage], ends[passage + 1]):
            state += STEP
            topic = (scatter(state) >> uint64(32)) * topics >> uint64(32)
            shares[passage, topic] += times[place]
            table[words[place], topic] += times[place]


@compiled
def draw(ends, words, times, shares, table, prior, word_prior, seed, labels, counts):
    """Draw one topic for each token from expected counts; `labels` and `counts` (words × topics) are filled."""
    topics = shares.shape[1]
    vocabulary = table.shape[0]
    total = np.zeros(topics)
    for word in range(vocabulary):
        for topic in range(topics):
            total[topic] += table[word, topic]
    part = np.empty(topics)
    token = 0
    for passage in range(shares.shape[0]):
        state = key(seed, 1, passage)
        before = prior.rows[prior.of[passage]]
        for place in range(ends[passage], ends[passage + 1]):
            word = words[place]
            whole = 0.0
            for topic in range(topics):
                some = (shares[passage, topic] + before[topic]) * (table[word, topic] + word_prior)
                whole += some / (total[topic] + vocabulary * word_prior)
                part[topic] = whole
            for _ in range(times[place]):
                state += STEP
                chance = (scatter(state) >> uint64(11)) * (1.0 / 9007199254740992.0) * whole
                topic = 0
                while topic < topics - 1 and part[topic] <= chance:
                    topic += 1
                labels[token] = topic
                counts[word, topic] += 1
                token += 1


@compiled
def sweep(
    ends, words, times, labels, counts, totals, prior, word_prior, seed, number, histogram, noted=False
):
    """Draw every token's topic once from its full conditional (collapsed Gibbs), passage by passage.

    `counts` (words × topics) and `totals` are kept in step with `labels`. Where it has rows, `histogram` (topics × length) counts how many
    passages have how many tokens of a topic. Returned is the log-likelihood of all tokens, each as told from all others; where it is `noted`, it is summed
    topic by topic, the token's own in its place, without the digits that a difference loses.
    """
    topics = uint64(counts.shape[1])
    smooth = counts.shape[0] * word_prior
    # 1 over the tokens of a topic, and over those without one of them
    inverse, without = np.zeros(topics), np.zeros(topics)
    weight, suits, part = np.zeros(topics), np.zeros(topics), np.zeros(topics + ONE)
    for topic in range(topics):
        inverse[topic] = 1.0 / (totals[topic] + smooth)
        without[topic] = 1.0 / (totals[topic] - 1.0 + smooth)
    result = 0.0
    token = 0
    for passage in range(ends.shape[0] - 1):
        state = key(seed, number, passage)
        first = token
        known = 0.0
        before = prior.rows[prior.of[passage]]
        for topic in range(topics):
            known += before[topic]
            weight[topic] = before[topic]
        for place in range(ends[passage], ends[passage + 1]):
            for _ in range(times[place]):
                weight[labels[token]] += 1.0
                token += 1
        for topic in range(topics):
            suits[topic] = weight[topic] * inverse[topic]
        others = 1.0 / (token - first - 1.0 + known)
        product = 1.0
        token = first
        for place in range(ends[passage], ends[passage + 1]):
            row = counts[uint32(words[place])]
            for _ in range(times[place]):
                old = uint64(labels[token])
                # the token itself is not counted when its topic is drawn: its own topic is that much less likely
                less = (weight[old] - 1.0) * (row[old] - 1.0 + word_prior) * without[old]
                less -= suits[old] * (row[old] + word_prior)
                state += STEP
                chance = (scatter(state) >> uint64(11)) * (1.0 / 9007199254740992.0)
                if topics < WIDE:
                    whole = 0.0
                    for topic in range(topics):
                        whole += suits[topic] * (row[topic] + word_prior)
                        part[topic + ONE] = whole
                    whole += less
                    chance *= whole
                    limit = chance if chance < part[old] else chance - less
                    new = uint64(0)
                    for topic in range(ONE, topics):
                        new += uint64(part[topic] <= limit)
                else:
                    whole, new = among_many(suits, row, word_prior, old, less, chance, part)
                if noted:
                    own = (weight[old] - 1.0) * (row[old] - 1.0 + word_prior) / (totals[old] - 1.0 + smooth)
                    whole = 0.0
                    for topic in range(topics):
                        some = weight[topic] * (row[topic] + word_prior) * inverse[topic]
                        whole += own if topic == old else some
                if new != old:
                    labels[token] = new
                    row[old] -= int32(1)
                    row[new] += int32(1)
                    weight[old] -= 1.0
                    weight[new] += 1.0
                    totals[old] -= 1
                    totals[new] += 1
                    inverse[old] = without[old]
                    without[new] = inverse[new]
                    without[old] = 1.0 / (totals[old] - 1.0 + smooth)
                    inverse[new] = 1.0 / (totals[new] + smooth)
                    suits[old] = weight[old] * inverse[old]
                    suits[new] = weight[new] * inverse[new]
                product *= whole * others
                if product < 1e-200:
                    result += logarithm(product)
                    product = 1.0
                token += 1
        result += logarithm(product)
        if histogram.shape[0] > 0:
            for topic in range(topics):
                histogram[topic, int64(weight[topic] - before[topic] + 0.5)] += 1
    return result


@compiled
def learn(prior, histogram, lengths, rounds):
    """Learn the document prior from how many passages have how many tokens of each topic (Minka's fixed point).

    Differences of the digamma function at whole distances are plain sums of reciprocals. `lengths` counts passages by tokens.
    """
    topics = prior.shape[0]
    for _ in range(rounds):
        total = 0.0
        for topic in range(topics):
            total += prior[topic]
        below = 0.0
        gap = 0.0
        for length in range(1, lengths.shape[0]):
            gap += 1.0 / (total + length - 1.0)
            below += lengths[length] * gap
        for topic in range(topics):
            above = 0.0
            gap = 0.0
            last = lengths.shape[0] - 1
            while last > 0 and histogram[topic, last] == 0:
                last -= 1
            for length in range(1, last + 1):
                gap += 1.0 / (prior[topic] + length - 1.0)
                above += histogram[topic, length] * gap
            prior[topic] = max(prior[topic] * above / below, 1e-4)


@compiled
def tokens_of(ends, times, labels, shares):
    """Add to `shares` (passages × topics) how many tokens of each passage have each topic."""
    token = 0
    for passage in range(ends.shape[0] - 1):
        for place in range(ends[passage], ends[passage + 1]):
            for _ in range(times[place]):
                shares[passage, labels[token]] += 1.0
                token += 1


@compiled
def fold(ends, words, times, chance, prior, passes):
    """Return passages × topics, rows summing to one: shares of texts under topics that stay as they are, by EM from the prior.

    `chance` is words × topics. No random number is used: the same text has the same shares every time, whatever stands beside it.
    """
    topics = chance.shape[1]
    shares = np.empty((ends.shape[0] - 1, topics))
    part = np.empty(topics)
    mass = np.empty(topics)
    weight = np.empty(topics)
    for passage in range(ends.shape[0] - 1):
        before = prior.rows[prior.of[passage]]
        for topic in range(topics):
            weight[topic] = before[topic]
        for _ in range(passes):
            for topic in range(topics):
                mass[topic] = before[topic]
            for place in range(ends[passage], ends[passage + 1]):
                word = uint32(words[place])
                whole = 0.0
                for topic in range(topics):
                    part[topic] = weight[topic] * chance[word, topic]
                    whole += part[topic]
                scale = times[place] / whole
                for topic in range(topics):
                    mass[topic] += part[topic] * scale
            change = 0.0
            size = 0.0
            for topic in range(topics):
                change += abs(mass[topic] - weight[topic])
                size += mass[topic]
                weight[topic] = mass[topic]
            if change <= 1e-9 * size:
                break
        whole = 0.0
        for topic in range(topics):
            whole += weight[topic]
        for topic in range(topics):
            shares[passage, topic] = weight[topic] / whole
    return shares
