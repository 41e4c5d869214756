"""Drivers: what parts two articles, topic by topic."""

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, refuse_if
from nqp_topics.compare.given import known, number_problems, passages
from nqp_topics.compare.resample import Beta, apart, vein
from nqp_topics.counts import Counts
from nqp_topics.similar import parts
from nqp_topics.topics.model import Topics


def drivers(topics: Topics, counts: Counts, one: str, other: str, level: float = 0.95) -> pd.DataFrame:
    """Tell which topics drive the distance between two articles: one row a topic, the strongest first.

    Columns: topic, share (in `one`), other_share, difference, low, high (its interval, from those of both shares; none where an article has one passage), contribution (to the
    squared distance), part (of it; they sum to one). Refused: an article that does not exist, the same one twice.
    """
    refuse_if(number_problems("drivers", level=level))
    table = passages(topics, counts)
    known([one, other], table.articles, "drivers", "article")
    if one == other:
        where = "drivers"
        raise Refused(Problem(f"{where}(one, other)", f"{one!r} twice", "two articles", "name another"))
    rows = [table.articles.index(name) for name in (one, other)]
    shares = topics.articles(counts).loc[[one, other]].to_numpy()
    low, high = np.full((2, len(table.topics)), np.nan)
    if table.sizes[rows].min() > 1:
        units = vein(table).units[rows]
        sides = [Beta(share, many).limits(level) for share, many in zip(shares, units, strict=True)]
        low, high = apart(shares[0], shares[1], *sides)
    found = pd.DataFrame({"topic": table.topics, "share": shares[0], "other_share": shares[1]})
    found = found.assign(difference=shares[0] - shares[1], low=low, high=high)
    found["contribution"] = given = parts(shares[0], shares[1])
    found["part"] = given / given.sum() if given.sum() > 0 else 0.0
    by = ["contribution", "topic"]
    return found.sort_values(by, ascending=[False, True], kind="stable", ignore_index=True)
