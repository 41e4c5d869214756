"""Where to begin on a large corpus: words that stand for one topic each (anchors), found from what words stand together.

Random starts lose topics that no number of sweeps brings back (two planted topics in one, one in two halves). Words whose company
differs most from that of all words chosen before are far corners of the same space, one a topic: seen at once, from second moments.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nqp_topics.topics.engines.held import Held
from nqp_topics.topics.engines.kernels import STEP, compiled, scatter, uint64

CANDIDATES = 3000  # words that stand in most passages; rarer ones are noise
DIMENSIONS = 128  # of the random projection
DOUBT = 300.0  # passages: a word that stands in as many is drawn half way to the middle
COMMON = 0.6  # how much of the company of an anchor is that of any word


@compiled
def tally(words: Any, times: Any, passages: Any, tokens: Any) -> None:
    """Add up in how many passages each word stands, and how often."""
    for at in range(words.shape[0]):
        passages[words[at]] += 1
        tokens[words[at]] += times[at]


@compiled
def company(
    ends: Any, words: Any, times: Any, place: Any, rows: int, dimensions: int, seed: Any
) -> np.ndarray:
    """Return words × dimensions: what stands beside each word, as shares of its neighbours, projected at random to few dimensions.

    `place` gives each word its row, or -1.
    """
    signs = np.empty((place.shape[0], dimensions))
    for word in range(place.shape[0]):
        bits = uint64(0)
        for dimension in range(dimensions):
            if dimension % 64 == 0:
                bits = scatter(scatter(uint64(seed) + uint64(word) * STEP) + uint64(dimension))
            signs[word, dimension] = 1.0 if (bits >> uint64(dimension % 64)) & uint64(1) else -1.0
    found = np.zeros((rows, dimensions))
    pairs = np.zeros(rows)
    near = np.empty(dimensions)
    for passage in range(ends.shape[0] - 1):
        near[:] = 0.0
        length = 0.0
        for at in range(ends[passage], ends[passage + 1]):
            length += times[at]
            for dimension in range(dimensions):
                near[dimension] += times[at] * signs[words[at], dimension]
        for at in range(ends[passage], ends[passage + 1]):
            row = place[words[at]]
            if row < 0:
                continue
            pairs[row] += times[at] * (length - 1.0)
            for dimension in range(dimensions):
                found[row, dimension] += times[at] * (near[dimension] - signs[words[at], dimension])
    for row in range(rows):
        scale = 1.0 / max(pairs[row], 1.0)
        for dimension in range(dimensions):
            found[row, dimension] *= scale
    return found


@compiled
def farthest(points: Any, number: int) -> np.ndarray:
    """Return the rows that lie farthest out, one after another, each apart from all those before (Gram-Schmidt); changes `points`."""
    rows, dimensions = points.shape
    chosen = np.empty(number, np.int64)
    for step in range(number):
        best = -1.0
        for row in range(rows):
            size = 0.0
            for dimension in range(dimensions):
                size += points[row, dimension] * points[row, dimension]
            if size > best:
                best = size
                chosen[step] = row
        axis = points[chosen[step]].copy()
        for row in range(rows):
            along = 0.0
            for dimension in range(dimensions):
                along += points[row, dimension] * axis[dimension]
            along /= max(best, 1e-300)
            for dimension in range(dimensions):
                points[row, dimension] -= along * axis[dimension]
    return chosen


@compiled
def beside(ends: Any, words: Any, times: Any, topic_of: Any, table: Any) -> None:
    """Add to `table` (words × topics) the passages in which the anchor of each topic stands, as often as it stands there."""
    for passage in range(ends.shape[0] - 1):
        for at in range(ends[passage], ends[passage + 1]):
            topic = topic_of[words[at]]
            if topic >= 0:
                for other in range(ends[passage], ends[passage + 1]):
                    table[words[other], topic] += times[at] * times[other]


def first_table(
    ends: np.ndarray,
    words: np.ndarray,
    times: np.ndarray,
    vocabulary: int,
    topics: int,
    seed: int,
    held: Held | None = None,
) -> np.ndarray:
    """Return words × topics, as many tokens in each: the company of each topic's anchor, less what any word's company is.

    What a person holds to a topic is its anchor.
    """
    passages, every = np.zeros(vocabulary, np.int64), np.zeros(vocabulary)
    tally(words, times, passages, every)
    number = min(vocabulary, max(CANDIDATES, 4 * topics))
    candidates = np.sort(np.argsort(-passages, kind="stable")[:number])
    place = np.full(vocabulary, -1)
    place[candidates] = np.arange(number)
    points = company(ends, words, times, place, number, max(DIMENSIONS, 2 * topics), np.uint64(seed))
    points -= points.mean(axis=0)
    points *= (passages[candidates] / (passages[candidates] + DOUBT))[:, None]
    topic_of = np.full(vocabulary, -1)
    many = held.lift.shape[1] if held else 0
    topic_of[candidates[farthest(points, topics)[: topics - many]]] = np.arange(many, topics)
    if held:
        topic_of[held.words] = held.topics
    table = np.zeros((vocabulary, topics))
    beside(ends, words, times, topic_of, table)
    share = every.sum() / topics
    table *= share / np.maximum(table.sum(axis=0), 1.0)
    table -= COMMON / topics * every[:, None]
    return np.maximum(table, 0.0)
