"""Naming: what a topic is about: its words, its passages, its words in context, and the labels that a person gives it."""

from __future__ import annotations

from nqp_topics.naming.labels import LABELS, called, carry, label, labels_of, read_labels, write_labels
from nqp_topics.naming.words import between, contexts, distinctive, purest, words

__all__ = [
    "LABELS",
    "between",
    "called",
    "carry",
    "contexts",
    "distinctive",
    "label",
    "labels_of",
    "purest",
    "read_labels",
    "words",
    "write_labels",
]
