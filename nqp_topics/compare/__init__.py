"""Compare: from topics to tables, each row keyed by id, each number with its uncertainty.

Articles   article_shares, concentration, trends
Distances  distances, article_distances, extremes, drivers, tree, article_map, map_with_intervals
Causes     effects, effects_of_shares
Groups     grouped, witnesses, large, group_shares, differences, overall, group_distances, wording
Topics     together
Time       over_time, turns, words_over_time, word_course
Runs       match, renamed, named_as, over_runs, effects_over_runs, both_countings

articles = registry.read("data/articles.csv").set_index("id")
voice, speaks = articles["voice"], witnesses(articles)
voices = grouped(topics.articles(counts), voice, within=speaks)  # who is in which group, who speaks there, and who is left out
differences(voices)                                              # which topics set the voices apart
over_runs(topics, runs, counts, lambda shares: differences(grouped(shares, voice, within=speaks)),
          "difference", ["group", "other", "topic"])             # and whether they do in every run
"""

from nqp_topics.compare.arrangement import Map, Tree, article_map, map_with_intervals, redrawn, tree
from nqp_topics.compare.differences import differences, group_distances, overall
from nqp_topics.compare.distances import article_distances, distances, drivers, extremes
from nqp_topics.compare.effects import Effects, effects, effects_of_shares
from nqp_topics.compare.grouping import Grouped, group_shares, grouped, large, witnesses
from nqp_topics.compare.matching import match, named_as, renamed
from nqp_topics.compare.occurrence import together
from nqp_topics.compare.over_runs import both_countings, effects_over_runs, over_runs
from nqp_topics.compare.over_time import over_time
from nqp_topics.compare.resample import corrected
from nqp_topics.compare.shares_of_articles import article_shares, concentration, trends
from nqp_topics.compare.turns import turns
from nqp_topics.compare.wording import expected, wording
from nqp_topics.compare.words_over_time import word_course, words_over_time
