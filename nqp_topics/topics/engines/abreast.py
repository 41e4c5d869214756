"""Eight chains abreast: the loops of `kernels` on the same passages, a chain in each lane.

Each lane adds in the order in which the loop of one chain does, with its own random numbers: a chain comes out the same, to the last byte, whoever runs
beside it. Tables are rows × places, and a place is topic · 8 + lane. Where a lane has fewer topics than others, the prior of the rest is 0; a lane
without a chain has no prior at all.
"""

from typing import Any

import numpy as np

from nqp_topics.similar import logarithm
from nqp_topics.topics.engines.kernels import (
    STEP,
    compiled,
    float64,
    int32,
    int64,
    key,
    scatter,
    uint32,
    uint64,
)
from nqp_topics.topics.engines.lanes import (
    EACH,
    ONE,
    alike,
    below,
    label,
    lesser,
    load,
    load_labels,
    lowest,
    past,
    picked,
    random,
    store,
    store_labels,
    unlike,
    where_alike,
    where_less,
)

NONE: Any = np.uint64(0)


@compiled
def sweep(
    ends, words, times, labels, counts, totals, prior, most, word_prior, seeds, number, histogram, noted=False
):
    """Draw every token's topic once in each lane; see `kernels.sweep`.

    `labels` are tokens · lanes, `counts` (int32) words × places, `totals` and `prior` (doubles) have a number for each place, `most` and `seeds`
    one for each lane. Where it has rows, `histogram` is lanes × topics × length.
    """
    width = uint64(counts.shape[1])
    topics = width // EACH
    smooth = counts.shape[0] * word_prior
    weight, inverse, without = np.zeros(width), np.zeros(width), np.zeros(width)
    suits, part = np.zeros(width), np.zeros(width + EACH)
    known, product, result = np.zeros(EACH), np.zeros(EACH), np.zeros(EACH)
    state, fresh = np.zeros(EACH, np.uint64), np.zeros(EACH, labels.dtype)
    for at in range(width):
        known[at % EACH] += prior[at]
        inverse[at] = 1.0 / (totals[at] + smooth)
        without[at] = 1.0 / (totals[at] - 1.0 + smooth)
    there = NONE
    for lane in range(EACH):
        if known[lane] > 0.0:
            there |= ONE << lane
    one, beta, tiny = alike(1.0), alike(word_prior), alike(1e-200)
    last = load_labels(most, NONE)
    token = NONE
    for passage in range(ends.shape[0] - 1):
        first = token
        for lane in range(EACH):
            state[lane] = key(seeds[lane], number, passage)
            product[lane] = 1.0
        for at in range(width):
            weight[at] = prior[at]
        for place in range(ends[passage], ends[passage + 1]):
            for _ in range(times[place]):
                for lane in range(EACH):
                    weight[labels[token + lane] * EACH + lane] += 1.0
                token += EACH
        for at in range(width):
            suits[at] = weight[at] * inverse[at]
        others = one / (alike(float64((token - first) // EACH)) - one + load(known, NONE))
        token = first
        for place in range(ends[passage], ends[passage + 1]):
            row = counts[uint32(words[place])]
            for _ in range(times[place]):
                old = load_labels(labels, token)
                whole = alike(0.0)
                for topic in range(topics):
                    at = topic * EACH
                    whole = whole + load(suits, at) * (load(row, at) + beta)
                    store(part, at + EACH, whole)
                # the token itself is not counted when its topic is drawn: its own topic is that much less likely
                many = picked(row, labels, token)
                less = (picked(weight, labels, token) - one) * (many - one + beta)
                less = less * picked(without, labels, token)
                less = less - picked(suits, labels, token) * (many + beta)
                whole = whole + less
                chance = random(state) * whole
                limit = where_less(chance, picked(part, labels, token), chance, chance - less)
                new = label(NONE)
                for topic in range(ONE, topics):
                    new = past(new, load(part, topic * EACH), limit)
                new = lesser(new, last)
                if noted:
                    own = (picked(weight, labels, token) - one) * (many - one + beta)
                    own = own / (picked(totals, labels, token) - one + alike(smooth))
                    whole = alike(0.0)
                    for topic in range(topics):
                        at = topic * EACH
                        some = load(weight, at) * (load(row, at) + beta) * load(inverse, at)
                        whole = whole + where_alike(old, label(topic), own, some)
                likely = load(product, NONE) * (whole * others)
                store(product, NONE, likely)
                if below(likely, tiny) & there:
                    for lane in range(EACH):
                        if product[lane] < 1e-200:
                            result[lane] += logarithm(product[lane])
                            product[lane] = 1.0
                moved = unlike(new, old) & there
                store_labels(fresh, NONE, new)
                while moved:
                    lane = lowest(moved)
                    moved &= moved - ONE
                    out = labels[token + lane] * EACH + lane
                    into = fresh[lane] * EACH + lane
                    labels[token + lane] = fresh[lane]
                    weight[out] -= 1.0
                    weight[into] += 1.0
                    row[out] -= int32(1)
                    row[into] += int32(1)
                    totals[out] -= 1.0
                    totals[into] += 1.0
                    inverse[out] = without[out]
                    without[into] = inverse[into]
                    without[out] = 1.0 / (totals[out] - 1.0 + smooth)
                    inverse[into] = 1.0 / (totals[into] + smooth)
                    suits[out] = weight[out] * inverse[out]
                    suits[into] = weight[into] * inverse[into]
                token += EACH
        for lane in range(EACH):
            result[lane] += logarithm(product[lane])
        if histogram.shape[0] > 0:
            for at in range(width):
                histogram[at % EACH, at // EACH, int64(weight[at] - prior[at] + 0.5)] += 1
    return result


@compiled
def scatter_words(ends, words, times, shares, table, topics, seeds):
    """Give each word of each passage to a random topic in each lane that has a chain; see `kernels.scatter_words`."""
    for passage in range(shares.shape[0]):
        for lane in range(topics.shape[0]):
            state = key(seeds[lane], 0, passage)
            for place in range(ends[passage], ends[passage + 1]):
                state += STEP
                topic = (scatter(state) >> uint64(32)) * topics[lane] >> uint64(32)
                at = topic * EACH + uint64(lane)
                shares[passage, at] += times[place]
                table[words[place], at] += times[place]


@compiled
def draw(ends, words, times, shares, table, prior, most, word_prior, seeds, labels, counts):
    """Draw one topic for each token in each lane from expected counts; see `kernels.draw`."""
    width = uint64(shares.shape[1])
    topics = width // EACH
    smooth = table.shape[0] * word_prior
    total, part = np.zeros(width), np.zeros(width)
    state = np.zeros(EACH, np.uint64)
    for word in range(table.shape[0]):
        for at in range(width):
            total[at] += table[word, at]
    for at in range(width):
        total[at] += smooth
    beta, last = alike(word_prior), load_labels(most, NONE)
    token = NONE
    for passage in range(shares.shape[0]):
        for lane in range(EACH):
            state[lane] = key(seeds[lane], 1, passage)
        mine = shares[passage]
        for place in range(ends[passage], ends[passage + 1]):
            row, numbers = table[words[place]], counts[words[place]]
            whole = alike(0.0)
            for topic in range(topics):
                at = topic * EACH
                some = (load(mine, at) + load(prior, at)) * (load(row, at) + beta) / load(total, at)
                whole = whole + some
                store(part, at, whole)
            for _ in range(times[place]):
                chance = random(state) * whole
                new = label(NONE)
                for topic in range(topics - ONE):
                    new = past(new, load(part, topic * EACH), chance)
                store_labels(labels, token, lesser(new, last))
                for lane in range(EACH):
                    numbers[labels[token + lane] * EACH + lane] += int32(1)
                token += EACH


@compiled
def tokens_of(ends, times, labels, shares):
    """Add to `shares` (passages × places) how many tokens of each passage have each topic."""
    token = NONE
    for passage in range(ends.shape[0] - 1):
        mine = shares[passage]
        for place in range(ends[passage], ends[passage + 1]):
            for _ in range(times[place]):
                for lane in range(EACH):
                    mine[labels[token + lane] * EACH + lane] += 1.0
                token += EACH


@compiled
def expectation(ends, words, times, shares, table, prior, word_prior, passes):
    """Run EM on the collapsed counts in each lane; see `kernels.expectation`."""
    width = uint64(shares.shape[1])
    topics = width // EACH
    smooth = table.shape[0] * word_prior
    chance = np.empty(table.shape)
    mine, part, weight = np.empty(width), np.empty(width), np.empty(width)
    wholes, known, result = np.empty(EACH), np.zeros(EACH), np.zeros(EACH)
    for at in range(width):
        known[at % EACH] += prior[at]
    for step in range(passes):
        last = step == passes - 1
        total = np.zeros(width)
        for word in range(table.shape[0]):
            for at in range(width):
                total[at] += table[word, at]
        for at in range(width):
            total[at] = 1.0 / (total[at] + smooth)
        for word in range(table.shape[0]):
            for at in range(width):
                chance[word, at] = (table[word, at] + word_prior) * total[at]
                table[word, at] = 0.0
        for passage in range(shares.shape[0]):
            length = 0
            for at in range(width):
                weight[at] = shares[passage, at] + prior[at]
                mine[at] = 0.0
            for place in range(ends[passage], ends[passage + 1]):
                row = chance[uint32(words[place])]
                new = table[uint32(words[place])]
                whole = alike(0.0)
                for topic in range(topics):
                    at = topic * EACH
                    some = load(weight, at) * load(row, at)
                    store(part, at, some)
                    whole = whole + some
                scale = alike(float64(times[place])) / whole
                if last:
                    length += times[place]
                    store(wholes, NONE, whole)
                    for lane in range(EACH):
                        result[lane] += times[place] * logarithm(wholes[lane])
                for topic in range(topics):
                    at = topic * EACH
                    some = load(part, at) * scale
                    store(mine, at, load(mine, at) + some)
                    store(new, at, load(new, at) + some)
            for at in range(width):
                shares[passage, at] = mine[at]
            if last:
                for lane in range(EACH):
                    result[lane] -= length * logarithm(length + known[lane])
    return result
