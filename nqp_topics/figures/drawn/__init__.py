"""Draw: a table becomes a figure. No arithmetic on the numbers here; what is drawn is what stands in the table.

`draw.NAME(table, language, page)` returns a matplotlib figure; `draw.save(draw.NAME, table, stem, shows)` writes it in both languages
as pdf, png and csv under one stem, with the same bytes for the same table.
"""

from nqp_topics.figures.captions import LABELS, label
from nqp_topics.figures.drawn.browser import browser, save_browser
from nqp_topics.figures.drawn.corpus import lengths, telling_words
from nqp_topics.figures.drawn.topics import evidence, lineage, stability, topic_words
from nqp_topics.figures.page import PALETTE, check_glyphs, preset, save
from nqp_topics.figures.printed import Column, save_table, set_table
from nqp_topics.figures.saved import table_of as saved

__all__ = [
    "LABELS",
    "PALETTE",
    "Column",
    "browser",
    "check_glyphs",
    "evidence",
    "label",
    "lengths",
    "lineage",
    "preset",
    "save",
    "save_browser",
    "save_table",
    "saved",
    "set_table",
    "stability",
    "telling_words",
    "topic_words",
]
