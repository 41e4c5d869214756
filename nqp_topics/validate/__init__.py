"""Validate: do readers see the topics? Tasks drawn and sealed, answered on a page, a sheet or in a notebook, and scored against chance.

tasks = draw(run, counts, labels)                    # words, passages, labels, ratings; the key apart
write(tasks, "validation")                           # hashed before the first answer
page(tasks, texts)                                   # one file for a browser; write_sheet, buttons: the same items
answers = read_answers(files, tasks)
score(answers, tasks)                                # right, against chance; Krippendorff's alpha; grades beside shares
beside(run, counts, keywords=…, coded=…)             # what else measures the same
"""

from __future__ import annotations

from nqp_topics.validate.answers import append, buttons, read_answers, write_sheet
from nqp_topics.validate.beside import beside
from nqp_topics.validate.coder_page import page, write_page
from nqp_topics.validate.score import Score, says, score
from nqp_topics.validate.sealed import read, seal, write
from nqp_topics.validate.tasks import QUESTIONS, Tasks, draw, minutes, shown

__all__ = [
    "QUESTIONS",
    "Score",
    "Tasks",
    "append",
    "beside",
    "buttons",
    "draw",
    "minutes",
    "page",
    "read",
    "read_answers",
    "says",
    "score",
    "seal",
    "shown",
    "write",
    "write_page",
    "write_sheet",
]
