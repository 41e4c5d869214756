"""Explore: tables that figures draw, and a sentence about each in English and in Chinese. Tables in, tables out.

Corpus     corpus, groups, lengths, telling_words, show
Topics     evidence, lineage, becomes, first_words, titles, stability, topic_words, panel, carried_by
Articles   articles, article_map
Groups     group_shares, group_distances

`NAME_in_words(table)` says what the figure of that name shows.
"""

from __future__ import annotations

from nqp_topics.figures.article_map import article_map
from nqp_topics.figures.articles import articles
from nqp_topics.figures.corpus import corpus, groups
from nqp_topics.figures.group_distances import group_distances
from nqp_topics.figures.group_shares import group_shares
from nqp_topics.figures.saved import saved
from nqp_topics.figures.shown import FIGURES, language
from nqp_topics.figures.tables_of.corpus import (
    lengths,
    lengths_in_words,
    show,
    telling_words,
    telling_words_in_words,
)
from nqp_topics.figures.tables_of.panel import panel
from nqp_topics.figures.tables_of.topics import (
    becomes,
    carried_by,
    evidence,
    evidence_in_words,
    first_words,
    lineage,
    lineage_in_words,
    stability,
    stability_in_words,
    titles,
    topic_words,
    topic_words_in_words,
)

__all__ = [
    "FIGURES",
    "article_map",
    "articles",
    "becomes",
    "carried_by",
    "corpus",
    "evidence",
    "evidence_in_words",
    "first_words",
    "group_distances",
    "group_shares",
    "groups",
    "language",
    "lengths",
    "lengths_in_words",
    "lineage",
    "lineage_in_words",
    "panel",
    "saved",
    "show",
    "stability",
    "stability_in_words",
    "telling_words",
    "telling_words_in_words",
    "titles",
    "topic_words",
    "topic_words_in_words",
]

# those that have no file of their own yet, until they move
from nqp_topics.figures import drawn
from nqp_topics.figures.shown import Figure

for _name in ("lengths", "telling_words", "evidence", "lineage", "stability", "topic_words"):
    _moving = Figure(globals()[_name], getattr(drawn, _name), globals().get(f"{_name}_in_words", tuple))
    _moving.name = _name
    FIGURES[_name] = _moving
for _name in [name for name in FIGURES if name not in globals()]:
    del FIGURES[_name]
FIGURES["corpus"] = corpus
