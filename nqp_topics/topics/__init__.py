"""Topics: topics from counts: train one run or many, save and load them."""

from __future__ import annotations

from nqp_topics.topics.fit import Runs, many, train
from nqp_topics.topics.model import Topics, belong, load, save, topic_names

__all__ = [
    "Runs",
    "Topics",
    "belong",
    "load",
    "many",
    "save",
    "topic_names",
    "train",
]
