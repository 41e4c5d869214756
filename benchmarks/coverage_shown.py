"""Planted worlds for what figures and tables say besides intervals and p: whether a course may be flat, joins of a tree that come back, how far readers agree.

Courses of twelve or 24 years whose shares never change, told by witnesses with ways of their own: of one year, of many years, or who write much of one year.
40 articles, half of them of five clades of four; the true tree is that of what articles are about. Readers who give one of three answers, of which one may be
usual: a reader sees the true answer (.5) or draws one; true alpha is that of 30,000 items.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.compare.arrangement import _clusters
from nqp_topics.topics.model import topic_names
from nqp_topics.validate.score import _alpha, alpha

MEAN = np.array([0.3, 0.3, 0.2, 0.1, 0.07, 0.03])
# years, fewest and most articles of a year, most articles of a witness in a year (0: ten witnesses who stay)
COURSES = {
    "24 years of 1 to 4 articles": (24, 1, 4, 2),
    "12 years of 6 to 14, witnesses stay": (12, 6, 14, 0),
    "8 years of 4 to 8, some by one witness": (8, 4, 8, 8),
}
CLADES = {"4-20 passages, no clades": (0, 4, 20), "30-60 passages, clades": (5, 30, 60)}
SUPPORT = {0.1: (0.05, 0.2), 0.35: (0.2, 0.5), 0.65: (0.5, 0.8), 0.9: (0.8, 1.0)}
USUAL = {"three answers alike": 1 / 3, "one answer .8": 0.8, "one answer .9": 0.9}


def flat_courses(found: Any, seed: int) -> None:
    """How often a course that is flat is said not to be, where no level line fits into its band; naive: every article its own witness."""
    for case, (years, fewest, most, many) in COURSES.items():
        rng = np.random.default_rng([seed, 41])
        ways = [rng.dirichlet(12 * MEAN + 1e-9) for _ in range(10)]
        since, rows, date, who = rng.integers(0, years, 10), [], {}, {}
        for year in range(years):
            left = 0
            for number in range(int(rng.integers(fewest, most + 1))):
                if many and not left:
                    speaker, left = f"{year}/{number}", int(rng.integers(1, many + 1))
                    way = rng.dirichlet(12 * MEAN + 1e-9)
                elif not many:
                    there = np.flatnonzero(np.abs(since - year) <= years / 4)
                    place = int(rng.choice(there if len(there) else 10))
                    speaker, way = f"w{place}", ways[place]
                left -= 1
                name = f"a{year:02d}{number:02d}"
                date[name], who[name] = str(2000 + year), speaker
                rows.append(rng.dirichlet(9 * way + 1e-6))
        shares = pd.DataFrame(rows, index=list(date), columns=topic_names(6))
        cell = found["over_time", "test", 0.05, f"a flat course called moved, {case}"]
        for within, hits in ((who, cell.ours), (None, cell.naive)):
            table = compare.over_time(shares, date, within=within, draws=400)
            hits.extend((~table.groupby("topic")["flat"].first()).astype(float))


def joins(found: Any, seed: int, fitted: Any, mean: np.ndarray) -> None:
    """How often joins of so much support stand in the tree of what articles are truly about."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    for case, (clades, fewest, most) in CLADES.items():
        rng, names = np.random.default_rng([seed, 42]), topic_names(len(mean))
        middle, rows, truth = [rng.dirichlet(9 * mean) for _ in range(5)], [], {}
        for number in range(40):
            article, near = f"a{number:02d}", clades and number < 4 * clades
            truth[article] = rng.dirichlet(200 * middle[number // 4] + 1e-6 if near else 9 * mean + 1e-6)
            drawn = rng.dirichlet(1.5 * truth[article] + 1e-4, int(rng.integers(fewest, most + 1)))
            rows += [(f"{article}-{place:02d}", article, share) for place, share in enumerate(drawn)]
        run, counts = fitted(rows, rng, names)
        shares = run.articles(counts)
        tree = compare.tree(compare.distances(shares), drawn=compare.redrawn(run, counts, draws=100))
        apart = compare.distances(pd.DataFrame(truth, names).T.loc[shares.index])
        true = set(_clusters(linkage(squareform(apart.to_numpy(), checks=False), "average"), 40))
        stands = np.array([cluster in true for cluster in _clusters(tree.linkage, 40)], float)
        for nominal, (low, high) in SUPPORT.items():
            some = tree.merges["support"].between(low, high, "left" if high < 1 else "both")
            of = f"of support {low:.2f} to {high:.2f}, {case}"
            found["tree", "join", nominal, of].ours.extend(stands[some])


def agreed(found: Any, seed: int) -> None:
    """Intervals of alpha, and how often there is one (kind shown), of two and four readers."""
    for usual, part in USUAL.items():
        chances = np.array([part, *[(1 - part) / 2] * 2])

        def answers(many: int, readers: int, rng: Any, p: np.ndarray = chances) -> np.ndarray:
            true, sees = rng.choice(3, (many, 1), p=p), rng.random((many, readers)) < 0.5
            return np.where(sees, true, rng.choice(3, (many, readers), p=p))

        for readers in (2, 4):
            every = answers(30_000, readers, np.random.default_rng(0))
            truth = alpha(np.stack([(every == k).sum(axis=1) for k in range(3)], 1), "words")
            for many in (12, 36):
                given = answers(many, readers, np.random.default_rng([seed, many, readers]))
                table = pd.DataFrame({"item": np.repeat(np.arange(many), readers), "answer": given.ravel()})
                table["coder"] = np.tile(np.arange(readers), many)
                low, high = _alpha(table, "words", 0.95, 1)[-2:]
                case = f"{usual}, {readers} readers, {many} items"
                found["alpha", "shown", np.nan, case].ours.append(float(low == low))
                if low == low:
                    found["alpha", "interval", 0.95, case].ours.append(float(low <= truth <= high))
