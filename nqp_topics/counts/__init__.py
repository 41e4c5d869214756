"""Counts: how often each word stands in each passage, made from tokens, saved, and exchanged with other libraries."""

from __future__ import annotations

from nqp_topics.counts.make import Counted, counts, load, save
from nqp_topics.counts.table import Counts, from_frame, from_gensim, from_sklearn

__all__ = [
    "Counted",
    "Counts",
    "counts",
    "from_frame",
    "from_gensim",
    "from_sklearn",
    "load",
    "save",
]
