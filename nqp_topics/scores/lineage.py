"""Lineage: how topics split and merge from one number of topics to the next."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from nqp_topics.counts import Counts
from nqp_topics.scores.shape import cosines
from nqp_topics.topics import Topics


def flows(runs: list[Topics], counts: Counts) -> pd.DataFrame:
    """Return what flows from every topic of a run to every topic of the next, in the order of the runs."""
    lengths = np.asarray(counts.matrix.sum(axis=1), dtype=np.float64).ravel()
    return pd.concat([_flow(one, other, lengths) for one, other in pairwise(runs)], ignore_index=True)


def _flow(one: Topics, other: Topics, lengths: np.ndarray) -> pd.DataFrame:
    from nqp_topics.scores.loops import products

    left = np.ascontiguousarray(one.passages.to_numpy() * (lengths / lengths.sum())[:, None])
    mass = products(left, np.ascontiguousarray(other.passages.to_numpy()))
    return pd.DataFrame(
        {
            "K": len(one.names),
            "topic": np.repeat(one.names, len(other.names)),
            "next_K": len(other.names),
            "next_topic": np.tile(other.names, len(one.names)),
            "mass": mass.ravel(),
            "of_topic": (mass / mass.sum(axis=1, keepdims=True)).ravel(),
            "of_next": (mass / mass.sum(axis=0)).ravel(),
            "cosine": cosines(one.words.to_numpy(), other.words.to_numpy()).ravel(),
        }
    )
