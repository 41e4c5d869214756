"""Choose: what speaks for which number of topics. Tables come out, never a number: a person reads them and writes K and the reason down.

table = grid(counts, topics=range(5, 31, 5), seeds=5, tokens=tokens, cache=".nqp-cache")
spread(table)                                                    # each score with its spread over seeds
found = runs(counts, range(5, 31, 5), seeds=5, cache=".nqp-cache")     # at once: the grid has kept them
stability(found, counts).models                                  # agreement of seeds, beside chance, convergence, separation
lineage([medoid(found, K) for K in range(5, 31, 5)], counts)     # how topics split and merge
"""

from nqp_topics.choose.agreement import Stability, lineage, stability
from nqp_topics.choose.scores import SCORES, score, spread
from nqp_topics.choose.search import grid, held_out, medoid, possible, runs
