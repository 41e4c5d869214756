"""Counts: how often each word stands in each passage.

by_study(study)          passages, tokens, counts and what was left out on the way, as study.toml says
of_study(study)          the counts that the study keeps
count(tokens)            counts of any tokens
save, load               a folder that R and a spreadsheet can read
"""

from nqp_topics.counts.folder import load, of_study, save
from nqp_topics.counts.making import Counted, Steps, by_study, count
from nqp_topics.counts.table import Counts
