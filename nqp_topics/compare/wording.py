"""Wording: how two groups speak of the same topic."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics.compare.resample import corrected
from nqp_topics.compare.tables import known, number_problems
from nqp_topics.counts import Counts
from nqp_topics.study import Problem, refuse_if
from nqp_topics.topics.model import Topics, belong


def wording(
    topics: Topics,
    counts: Counts,
    groups: Mapping[str, object] | pd.Series,
    topic: str,
    group: str,
    other: str | None = None,
    prior: float = 200.0,
    least: float = 5.0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Tell which words set a group apart where it speaks of one topic: weighted log-odds inside the topic (after Monroe et al. 2008).

    Every token is shared out over topics as the run expects it; `groups` maps articles to groups, `other` is the group beside it (None: all
    others together). The prior is the topic itself, weighing as much as `prior` tokens. The standard error is that of whole articles, where
    it is larger than that of single tokens: a word that one article repeats is no habit of its group.

    One row a word expected at least `least` times in the topic in both together: word, count and other_count (expected tokens),
    per_thousand and other_per_thousand (of the topic's tokens), log_odds, low, high, z, p, bh, articles and other_articles (in how many it
    stands); the most telling for `group` first. Refused: a topic or group that does not exist, a side of fewer than two articles.
    """
    from scipy.special import ndtr, ndtri

    belong(topics, counts)
    known([topic], topics.names, "wording", "topic")
    of = {str(key): str(value) for key, value in dict(groups).items() if value == value and value is not None}
    label = np.array([of.get(article, "") for article in counts.articles], dtype=object)
    there = sorted(set(label.tolist()) - {""})
    known([group, *([] if other is None else [other])], there, "wording", "group")
    refuse_if(_number_problems(prior, least, level, group, other))
    mass = expected(topics, counts, topic)
    codes, names = pd.factorize(np.array(counts.articles, dtype=object))
    gather = sparse.csr_array(
        (np.ones(len(codes)), (codes, np.arange(len(codes)))), shape=(len(names), len(codes))
    )
    per_article = np.asarray((gather @ mass).todense())
    stands = np.asarray((gather @ (counts.matrix > 0).astype(np.int64)).todense()) > 0
    label_of = np.array([of.get(name, "") for name in names], dtype=object)
    sides = [
        label_of == group,
        (label_of != "") & (label_of != group) if other is None else label_of == other,
    ]
    refuse_if(
        Problem(
            f"wording({what})",
            f"{name!r} with {int(side.sum())} article{'s' if side.sum() != 1 else ''}",
            "two articles or more on either side",
            "one article's words are its author's, not a group's: choose or join groups",
        )
        for what, name, side in zip(("group", "other"), (group, other or "all others"), sides, strict=True)
        if side.sum() < 2
    )
    both = per_article[sides[0] | sides[1]].sum(axis=0)
    alpha = prior * (both + 1e-12) / (both + 1e-12).sum()
    odds, variances, sums = [], [], []
    for side in sides:
        rows = per_article[side]
        total = rows.sum(axis=0)
        inside, outside = total + alpha, total.sum() + prior - total - alpha
        slope = 1 / inside + 1 / outside
        # what each article gives beyond the group's usual part of its tokens
        away = (rows - rows.sum(axis=1, keepdims=True) * (total / total.sum())) * slope
        articles = len(rows) / (len(rows) - 1) * (away**2).sum(axis=0)
        odds.append(np.log(inside) - np.log(outside))
        variances.append(np.maximum(articles, 1 / inside))
        sums.append(total)
    gap = odds[0] - odds[1]
    error = np.sqrt(variances[0] + variances[1])
    wide = float(ndtri((1 + level) / 2))
    table = pd.DataFrame(
        {
            "word": counts.words,
            "count": sums[0],
            "other_count": sums[1],
            "per_thousand": 1000 * sums[0] / sums[0].sum(),
            "other_per_thousand": 1000 * sums[1] / sums[1].sum(),
            "log_odds": gap,
            "low": gap - wide * error,
            "high": gap + wide * error,
            "z": gap / error,
            "p": 2 * ndtr(-np.abs(gap / error)),
            "articles": stands[sides[0]].sum(axis=0),
            "other_articles": stands[sides[1]].sum(axis=0),
        }
    )[both >= least]
    table.insert(10, "bh", corrected(table["p"].to_numpy())[1])
    return table.sort_values(["z", "word"], ascending=[False, True], kind="stable", ignore_index=True)


def expected(topics: Topics, counts: Counts, topic: str) -> sparse.csr_array:
    """Return how often each word is expected to stand in each passage for one topic's sake: passages × words. Over all topics they are the counts."""
    matrix = counts.matrix
    rows = np.repeat(np.arange(len(counts.ids)), np.diff(matrix.indptr))
    words, shares = topics.words.to_numpy(), topics.passages.to_numpy()
    total = np.zeros(matrix.nnz)
    for k in range(words.shape[1]):
        total += words[matrix.indices, k] * shares[rows, k]
    k = topics.names.index(topic)
    here = words[matrix.indices, k] * shares[rows, k]
    data = matrix.data * np.where(total > 0, here / np.where(total > 0, total, 1.0), 1 / words.shape[1])
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _number_problems(
    prior: float, least: float, level: float, group: str, other: str | None
) -> list[Problem]:
    problems = list(number_problems("wording", level=level))
    if group == other:
        problems.append(Problem("wording(other)", f"{other!r}, as group", "another group", "name another"))
    if not prior > 0:
        problems.append(Problem("wording(prior)", repr(prior), "a number of tokens above 0", "200 is usual"))
    if not least >= 0:
        problems.append(Problem("wording(least)", repr(least), "a number of tokens from 0 on", "5 is usual"))
    return problems
