"""Lineage: how topics split and merge from one number of topics to the next."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from nqp_topics import engines
from nqp_topics.counts import Counts
from nqp_topics.scores.shape import cosines
from nqp_topics.topics import Topics


def flows(runs: list[Topics], counts: Counts) -> pd.DataFrame:
    """Return what flows from every topic of a run to every topic of the next, in the order of the runs."""
    tokens = engines.arrays(counts.matrix)
    return pd.concat([_flow(one, other, tokens) for one, other in pairwise(runs)], ignore_index=True)


def _flow(one: Topics, other: Topics, tokens: tuple[np.ndarray, np.ndarray, np.ndarray]) -> pd.DataFrame:
    from nqp_topics.scores.loops import flowing

    tables = [
        np.array(table.to_numpy(), order="C")  # copied: see compiled
        for run in (one, other)
        for table in (run.words, run.passages)
    ]
    mass = flowing(*tokens, *tables)
    mass /= mass.sum()
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
