"""Wording: how two groups speak of the same topic."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics.checks import Problem, number, refuse_if
from nqp_topics.compare.given import Names, by_name, known, number_problems
from nqp_topics.compare.grouping import effective, witness_codes
from nqp_topics.compare.resample import corrected
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics, belong


def wording(
    topics: Topics,
    counts: Counts,
    groups: Names,
    topic: str,
    group: str,
    other: str | None = None,
    prior: float = 200.0,
    least: float = 5.0,
    level: float = 0.95,
    within: Names | None = None,
) -> pd.DataFrame:
    """Tell which words set a group apart where it speaks of one topic: weighted log-odds inside the topic (after Monroe et al. 2008).

    Every token is shared out over topics as the run expects it; `groups` maps articles to groups, `other` is the group beside it (None: all
    others together), `within` to witnesses, as in `grouped`. The prior is the topic itself, weighing as much as `prior` tokens. The error is that
    of whole witnesses (Student's, with as many as there are: Welch 1947), where it is larger than that of single tokens: a word that one repeats is no habit of its group.

    One row a word expected at least `least` times in the topic in both together: word, count and other_count (expected tokens),
    per_thousand and other_per_thousand (of the topic's tokens), log_odds, low, high, z, p, bh, articles and other_articles (in how many it
    stands); the most telling for `group` first. Refused: a topic or group that does not exist, a side of fewer than two witnesses.
    """
    from scipy.special import stdtr, stdtrit

    belong(topics, counts)
    of = by_name(groups, "wording(groups)")
    known([topic], topics.names, "wording", "topic")
    there = sorted({of.get(article, "") for article in counts.articles} - {""})
    known([group, *([] if other is None else [other])], there, "wording", "group")
    refuse_if(
        number_problems("wording", level=level),
        number("wording(prior)", prior, above=True, todo="200 tokens is usual"),
        number("wording(least)", least, todo="5 tokens is usual"),
        [Problem("wording(other)", "the same as group", "another group", "name another")] * (group == other),
    )
    names = list(dict.fromkeys(counts.articles))
    gather = gathered(counts, names)
    per_article = np.asarray((gather @ expected(topics, counts, topic)).todense())
    stands = np.asarray((gather @ (counts.matrix > 0).astype(np.int64)).todense()) > 0
    label = np.array([of.get(name, "") for name in names], dtype=object)
    sides = [label == group, (label != "") & (label != group) if other is None else label == other]
    who = witness_codes(within, names, "wording(within)")
    refuse_if(_few((group, other or "all others"), [who[side] for side in sides], within is None))
    both = per_article[sides[0] | sides[1]].sum(axis=0)
    alpha = prior * (both + 1e-12) / (both + 1e-12).sum()
    found = [_odds(_summed(per_article[side], who[side]), alpha) for side in sides]
    (one, count, error, free), (two, other_count, other_error, other_free) = found
    gap, off = one - two, np.sqrt(error + other_error)
    units = off**4 / (error**2 / free + other_error**2 / other_free)
    wide, z = stdtrit(units, (1 + level) / 2) * off, gap / off
    table = pd.DataFrame({"word": counts.words, "count": count, "other_count": other_count})
    table["per_thousand"] = 1000 * count / count.sum()
    table["other_per_thousand"] = 1000 * other_count / other_count.sum()
    table = table.assign(log_odds=gap, low=gap - wide, high=gap + wide, z=z, p=2 * stdtr(units, -np.abs(z)))
    table["articles"], table["other_articles"] = (stands[side].sum(axis=0) for side in sides)
    table = table[both >= least]
    table.insert(10, "bh", corrected(table["p"].to_numpy())[1])
    return table.sort_values(["z", "word"], ascending=[False, True], kind="stable", ignore_index=True)


def _few(groups: Sequence[str], codes: Sequence[np.ndarray], articles: bool) -> Iterator[Problem]:
    """Ask for two who speak on either side."""
    todo = "one article's words are its author's, not a group's: choose or join groups"
    for what, name, who in zip(("group", "other"), groups, codes, strict=True):
        if (many := len(set(who))) < 2:
            came = f"{name!r} with {many} articles" if articles else f"{name!r} with {many} witness"
            yield Problem(f"wording({what})", came, "two or more on either side", todo)


def _summed(rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Sum the rows of articles for each witness."""
    names, places = np.unique(codes, return_inverse=True)
    total = np.zeros((len(names), rows.shape[1]))
    np.add.at(total, places, rows)
    return total


def _odds(rows: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return log-odds of words of some witnesses, the tokens behind them, the squared error of whole witnesses, no less than that of tokens, and its degrees of freedom."""
    total, prior = rows.sum(axis=0), alpha.sum()
    inside, outside = total + alpha, total.sum() + prior - total - alpha
    # what each witness gives beyond the group's usual part of its tokens
    away = (rows - rows.sum(axis=1, keepdims=True) * (total / total.sum())) * (1 / inside + 1 / outside)
    whole = len(rows) / (len(rows) - 1) * (away**2).sum(axis=0)
    odds, error = np.log(inside) - np.log(outside), np.maximum(whole, 1 / inside)
    return odds, total, error, max(effective(rows.sum(axis=1)) - 1, 1.0)


def gathered(counts: Counts, names: Sequence[str]) -> sparse.csr_array:
    """Return what sums passages into these articles: articles × passages."""
    codes, every = pd.factorize(np.array(counts.articles, dtype=object))
    found = sparse.csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))))
    return found[pd.Index(every).get_indexer(list(names))]


def expected(topics: Topics, counts: Counts, topic: str) -> sparse.csr_array:
    """Return how often each word is expected to stand in each passage for one topic's sake: passages × words. Over all topics, and the common words where they were set apart, they are the counts."""
    matrix = counts.matrix
    rows = np.repeat(np.arange(len(counts.ids)), np.diff(matrix.indptr))
    words, shares = topics.chances, topics.mixture
    total = np.zeros(matrix.nnz)
    for k in range(words.shape[1]):
        total += words[matrix.indices, k] * shares[rows, k]
    k = topics.names.index(topic)
    here = words[matrix.indices, k] * shares[rows, k]
    data = matrix.data * np.where(total > 0, here / np.where(total > 0, total, 1.0), 1 / words.shape[1])
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
