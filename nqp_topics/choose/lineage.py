"""Lineage: how topics split and merge from one number of topics to the next."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from nqp_topics.counts import Counts
from nqp_topics.similar import cosines
from nqp_topics.topics.model import Topics


def flows(runs: list[Topics], counts: Counts) -> pd.DataFrame:
    """Return what flows from every topic of a run to every topic of the next, in the order of the runs.

    A passage flows whole, from its strongest topic to its strongest topic, and weighs as much as it has tokens: a run keeps all of itself.
    """
    tokens = np.asarray(counts.matrix.sum(axis=1), dtype=np.float64).ravel()
    return pd.concat([_flow(one, other, tokens) for one, other in pairwise(runs)], ignore_index=True)


def _flow(one: Topics, other: Topics, tokens: np.ndarray) -> pd.DataFrame:
    mass = np.zeros((len(one.names), len(other.names)))
    np.add.at(mass, tuple(run.passages.to_numpy().argmax(axis=1) for run in (one, other)), tokens)
    mass /= mass.sum()
    # a topic that is the strongest nowhere has nothing to give
    sums = [np.maximum(mass.sum(axis=axis, keepdims=True), 1e-300) for axis in (1, 0)]
    return pd.DataFrame(
        {
            "K": len(one.names),
            "topic": np.repeat(one.names, len(other.names)),
            "next_K": len(other.names),
            "next_topic": np.tile(other.names, len(one.names)),
            "mass": mass.ravel(),
            "of_topic": (mass / sums[0]).ravel(),
            "of_next": (mass / sums[1]).ravel(),
            "cosine": cosines(one.words.to_numpy(), other.words.to_numpy()).ravel(),
        }
    )
