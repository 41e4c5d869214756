"""Validate: do readers see the topics? Tasks drawn and sealed, answered on a page, a sheet or in a notebook, and scored against chance.

tasks = begun(study, run, counts)                    # words, passages, labels, ratings; the key apart; hashed before the first answer
page(tasks, texts)                                   # one file for a browser; write_sheet, buttons: the same items
answers = read_answers(given(folder), tasks)
score(answers, tasks)                                # right, against chance; Krippendorff's alpha; grades beside shares
beside(run, counts, keywords=…, coded=…)             # what else measures the same
"""

from nqp_topics.validate.answers import append, buttons, page, read_answers, write_page, write_sheet
from nqp_topics.validate.beside import beside
from nqp_topics.validate.score import Score, score
from nqp_topics.validate.sealed import begun, given, outlived, read, seal, write
from nqp_topics.validate.tasks import QUESTIONS, Tasks, draw, minutes, overview, shown
