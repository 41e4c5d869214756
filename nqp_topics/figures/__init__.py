"""Figures: one file a figure, which holds its table, its sentence and its drawing.

corpus, lengths, telling_words, evidence, lineage, stability, topic_words, articles, article_map, group_shares, group_distances, effect_sizes,
over_years, rising_words, readers, multiverse are called with what they are made of and show themselves: `figures.corpus(registry, passages).save(study.figures / "corpus")`. Their steps can be called one by one:
`figures.corpus.table(…)`, `.says(table)`, `.draw(table, language, page)`. `language` chooses the language of all, `order` the order of groups, `saved` shows what was saved,
`look` sets a table for reading, `told` puts tables that no figure draws into sentences, `topics_table`, `differences_table` and `save_table` print
for the paper, `panel` makes a page to click through.
"""

from nqp_topics.figures.article_map import article_map
from nqp_topics.figures.articles import articles
from nqp_topics.figures.captions import label
from nqp_topics.figures.corpus import corpus, groups
from nqp_topics.figures.effect_sizes import effect_sizes
from nqp_topics.figures.evidence import evidence
from nqp_topics.figures.group_distances import group_distances
from nqp_topics.figures.group_shares import group_shares
from nqp_topics.figures.labelled import names_of
from nqp_topics.figures.lengths import lengths
from nqp_topics.figures.lineage import becomes, lineage
from nqp_topics.figures.look import crossed, look
from nqp_topics.figures.multiverse import multiverse
from nqp_topics.figures.over_years import dated, over_years
from nqp_topics.figures.panel import panel
from nqp_topics.figures.paper_tables import carried_by, differences_table, topics_table
from nqp_topics.figures.printed import Column, save_table, set_table
from nqp_topics.figures.readers import readers
from nqp_topics.figures.rising_words import rising_words
from nqp_topics.figures.saved import saved
from nqp_topics.figures.shown import FIGURES, language, order, said
from nqp_topics.figures.stability import stability
from nqp_topics.figures.telling_words import telling_words
from nqp_topics.figures.topic_words import topic_words
from nqp_topics.naming import by_measure
