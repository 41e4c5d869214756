"""Wide: one draw among many topics, eight of which are added at a time."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from nqp_topics.files.compiled import compiled
from nqp_topics.topics.engines import lanes
from nqp_topics.topics.engines.lanes import alike, load, total

uint64: Any = numba.uint64
LANES: Any = np.uint64(lanes.LANES)
ONE: Any = np.uint64(1)
WIDE: Any = np.uint64(48)  # topics: from here on it is quicker


@compiled
def among_many(
    suits: Any, row: Any, word_prior: float, old: Any, less: float, chance: float, part: Any
) -> Any:
    """Return the sum over all topics and the topic that is drawn from it: first eight topics, then one of them."""
    topics = uint64(suits.shape[0])
    wide, mine = topics // LANES, old // LANES
    beta = alike(word_prior)
    whole = 0.0
    for block in range(wide):
        whole += total(load(suits, block * LANES) * (load(row, block * LANES) + beta))
        part[block + ONE] = whole + (less if block >= mine else 0.0)
    for topic in range(wide * LANES, topics):
        whole += suits[topic] * (row[topic] + word_prior)
    whole += less
    chance *= whole
    block = uint64(0)
    for some in range(ONE, (topics + LANES - ONE) // LANES):
        block += uint64(part[some] <= chance)
    here = part[block]
    new = block * LANES
    for topic in range(block * LANES, min(block * LANES + LANES, topics) - ONE):
        here += suits[topic] * (row[topic] + word_prior) + (less if topic == old else 0.0)
        new += uint64(here <= chance)
    return whole, new
