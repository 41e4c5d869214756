"""Naming: what a topic is about: its words, its passages, its words in context, and the labels that a person gives it."""

from __future__ import annotations

from nqp_topics.naming.labels import LABELS, called, carry, label, labels_of, read_labels, write_labels
from nqp_topics.naming.sheet import SHEET, given, read_sheet, topics_sheet, write_sheet
from nqp_topics.naming.words import between, contexts, distinctive, purest, words

__all__ = [
    "LABELS",
    "SHEET",
    "between",
    "called",
    "carry",
    "contexts",
    "distinctive",
    "given",
    "label",
    "labels_of",
    "purest",
    "read_labels",
    "read_sheet",
    "topics_sheet",
    "words",
    "write_labels",
    "write_sheet",
]
