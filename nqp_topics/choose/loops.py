"""Compiled loops of the scores: sums in a fixed order, so that the same runs have the same scores whatever else the machine does."""

from __future__ import annotations

import numpy as np

from nqp_topics.topics.engines.kernels import compiled

HALF_ROOT = 0x3FE6A09E667F3BCD  # the bits of the square root of a half
TWO_OVER_LN2 = 2.8853900817779268


@compiled
def windows(
    ends: np.ndarray, tokens: np.ndarray, size: int, words: int, forgetful: bool
) -> tuple[np.ndarray, int]:
    """Count in how many windows of `size` tokens each pair of words stands; the diagonal is in how many a word stands.

    `tokens` are numbers of words, -1 where a token is none of them; a text shorter than a window is one window. `forgetful`: a word is
    forgotten as soon as one of its tokens leaves the window, though another is still there. Returned with the number of windows.
    """
    both = np.zeros((words, words), np.int64)
    times = np.zeros(words, np.int64)  # tokens of a word in the window
    since = np.zeros(words, np.int64)  # the window from which on it has been there
    place = np.full(words, -1, np.int64)  # where it stands in `here`
    here = np.zeros(words, np.int64)
    found = 0
    total = 0
    for text in range(ends.shape[0] - 1):
        begin = ends[text]
        length = ends[text + 1] - begin
        if length == 0:
            total += 1 if forgetful else 0
            continue
        last = max(1, length - size + 1)
        for window in range(last + 1):
            if window == last:
                # the text is over: all words leave
                while found:
                    word = here[found - 1]
                    times[word] = 0
                    found -= 1
                    place[word] = -1
                    both[word, word] += window - since[word]
                    for other in range(found):
                        both[word, here[other]] += window - max(since[word], since[here[other]])
                break
            if window:
                word = tokens[begin + window - 1]
                if word >= 0 and place[word] >= 0:
                    times[word] -= 1
                    if times[word] == 0 or forgetful:
                        times[word] = 0
                        found -= 1
                        moved = here[found]
                        here[place[word]] = moved
                        place[moved] = place[word]
                        place[word] = -1
                        both[word, word] += window - since[word]
                        for other in range(found):
                            both[word, here[other]] += window - max(since[word], since[here[other]])
            first = begin + window + size - 1 if window else begin
            for token in range(first, min(begin + window + size, begin + length)):
                word = tokens[token]
                if word >= 0:
                    times[word] += 1
                    if place[word] < 0:
                        place[word] = found
                        here[found] = word
                        since[word] = window
                        found += 1
        total += last
    for word in range(words):
        for other in range(word):
            both[word, other] += both[other, word]
            both[other, word] = both[word, other]
    return both, total


@compiled
def logarithms(values: np.ndarray, found: np.ndarray) -> None:
    """Write the logarithms to base 2 of `values` to `found`, from whole numbers and + - * / alone; 0 for 0, so that 0 log 0 is 0.

    A number is 2^k m with m around 1, and log m is a series in (m - 1) / (m + 1). The whole row is reckoned at once, without branches.
    """
    bits = values.view(np.int64)
    shifted = np.empty(values.shape[0], np.int64)
    ones = shifted.view(np.float64)
    for place in range(values.shape[0]):
        power = (bits[place] - HALF_ROOT) >> 52
        shifted[place] = bits[place] - (power << 52)
        found[place] = power
    for place in range(values.shape[0]):
        ratio = (ones[place] - 1.0) / (ones[place] + 1.0)
        square = ratio * ratio
        series = 1.0 / 21.0
        series = series * square + 1.0 / 19.0
        series = series * square + 1.0 / 17.0
        series = series * square + 1.0 / 15.0
        series = series * square + 1.0 / 13.0
        series = series * square + 1.0 / 11.0
        series = series * square + 1.0 / 9.0
        series = series * square + 1.0 / 7.0
        series = series * square + 1.0 / 5.0
        series = series * square + 1.0 / 3.0
        series = series * square + 1.0
        log = found[place] + ratio * series * TWO_OVER_LN2
        found[place] = log if values[place] > 0.0 else 0.0


@compiled
def divergences(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the Jensen-Shannon divergences, from 0 to 1, of each column of `left` and each of `right` (words × topics)."""
    rows, columns = left.shape[1], right.shape[1]
    total = np.zeros(rows * columns)
    half = np.empty(rows * columns)
    logs = np.empty(rows * columns)
    one = np.empty(rows)
    other = np.empty(columns)
    for word in range(left.shape[0]):
        logarithms(left[word], one)
        logarithms(right[word], other)
        for i in range(rows):
            one[i] *= left[word, i]
        for j in range(columns):
            other[j] *= right[word, j]
        for i in range(rows):
            for j in range(columns):
                half[i * columns + j] = 0.5 * (left[word, i] + right[word, j])
        logarithms(half, logs)
        for i in range(rows):
            for j in range(columns):
                pair = i * columns + j
                total[pair] += one[i] + other[j] - 2.0 * half[pair] * logs[pair]
    for pair in range(rows * columns):
        total[pair] = min(1.0, max(0.0, 0.5 * total[pair]))
    return total.reshape(rows, columns)


@compiled
def highest(words: np.ndarray, top_n: int) -> np.ndarray:
    """Return for each column of `words` the places of its `top_n` highest values, the highest first, of equal ones the earlier first."""
    topics = words.shape[1]
    found = np.zeros((topics, top_n), np.int64)
    filled = 0
    for word in range(words.shape[0]):
        for topic in range(topics):
            value = words[word, topic]
            if filled == top_n and not value > words[found[topic, top_n - 1], topic]:
                continue
            place = min(filled, top_n - 1)
            while place > 0 and value > words[found[topic, place - 1], topic]:
                found[topic, place] = found[topic, place - 1]
                place -= 1
            found[topic, place] = word
        filled = min(top_n, filled + 1)
    return found


@compiled
def products(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the sums of products of each column of `left` and each of `right`, added row by row."""
    total = np.zeros((left.shape[1], right.shape[1]))
    for row in range(left.shape[0]):
        for i in range(left.shape[1]):
            for j in range(right.shape[1]):
                total[i, j] += left[row, i] * right[row, j]
    return total


@compiled
def divided(
    ends: np.ndarray, words: np.ndarray, times: np.ndarray, chance: np.ndarray, shares: np.ndarray
) -> np.ndarray:
    """Divide every token among topics by `chance` (words × topics) and `shares` (passages × topics); return words × topics."""
    topics = chance.shape[1]
    table = np.zeros(chance.shape)
    part = np.empty(topics)
    for passage in range(ends.shape[0] - 1):
        for place in range(ends[passage], ends[passage + 1]):
            word = words[place]
            whole = 0.0
            for topic in range(topics):
                part[topic] = chance[word, topic] * shares[passage, topic]
                whole += part[topic]
            if whole > 0:
                scale = times[place] / whole
                for topic in range(topics):
                    table[word, topic] += part[topic] * scale
    return table


@compiled
def chance_information(rows: np.ndarray, columns: np.ndarray, logs: np.ndarray) -> float:
    """Return the mutual information that two labellings of these sizes have by chance; `logs` are the logarithms of 0!, 1!, … n!."""
    many = logs.shape[0] - 1
    total = 0.0
    for a in rows:
        for b in columns:
            for both in range(max(1, a + b - many), min(a, b) + 1):
                weight = (
                    logs[a] + logs[b] + logs[many - a] + logs[many - b]
                    - logs[many] - logs[both] - logs[a - both] - logs[b - both] - logs[many - a - b + both]
                )  # fmt: skip
                total += both / many * np.log(many * both / (a * b)) * np.exp(weight)
    return total
