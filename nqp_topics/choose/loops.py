"""Compiled loops of the scores: sums in a fixed order, so that the same runs have the same scores whatever else the machine does."""

import numpy as np

from nqp_topics.files.compiled import compiled


@compiled
def windows(ends, tokens, size, words, forgetful):
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
def divided(ends, words, times, chance, shares):
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
def chance_information(rows, columns, logs):
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
