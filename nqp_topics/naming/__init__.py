"""Naming: what a topic is about: its words, its passages, and the labels that a person gives it."""

from nqp_topics.naming.about import by_measure, purest, words
from nqp_topics.naming.changes import drop, merge
from nqp_topics.naming.labels import (
    LABELS,
    SHEET,
    WeakMatch,
    carried_over,
    carry,
    given,
    given_for,
    has_name,
    kept_runs,
    label,
    labels_of,
    labels_of_study,
    read_labels,
    read_sheet,
    write_labels,
)
from nqp_topics.naming.sheet import topics_sheet, write_sheet
