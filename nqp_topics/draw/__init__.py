"""Draw: a table becomes a figure. No arithmetic on the numbers here; what is drawn is what stands in the table.

`draw.NAME(table, language, page)` returns a matplotlib figure; `draw.save(draw.NAME, table, stem, shows)` writes it in both languages
as pdf, png and csv under one stem, with the same bytes for the same table.
"""

from nqp_topics.draw.corpus import corpus, lengths, telling_words
from nqp_topics.draw.page import LABELS, PALETTE, check_glyphs, font_file, label, preset, save
from nqp_topics.draw.topics import evidence, lineage, stability, topic_words

__all__ = [
    "LABELS",
    "PALETTE",
    "check_glyphs",
    "corpus",
    "evidence",
    "font_file",
    "label",
    "lengths",
    "lineage",
    "preset",
    "save",
    "stability",
    "telling_words",
    "topic_words",
]
