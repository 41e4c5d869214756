"""Drawn: what articles may be about, given a run: the topics of their tokens drawn anew, sweep by sweep.

One set of topics for all tokens is one of those that the words and the prior of passages allow (method of composition). Its sums are shares of
tokens, which no prior draws towards the usual once topics are said; where words could be of several topics, the prior says which, and so matters.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, refuse_if
from nqp_topics.counts import Counts
from nqp_topics.similar import logarithm
from nqp_topics.topics import engines
from nqp_topics.topics.engines import bodies, prevalence
from nqp_topics.topics.engines.kernels import Prior
from nqp_topics.topics.engines.prevalence import Known
from nqp_topics.topics.formula import design, known_of
from nqp_topics.topics.model import Topics, belong

FIRST, MEAN = 20, 60  # sweeps before anything is kept, and those whose mean is the estimate
EACH, LAST = 5, 2  # sweeps of one draw from where the first ended, and how many of them are kept


class Drawn(NamedTuple):
    """Shares of articles (sorted by name) × topics: the `mean` of many sweeps, `draws` (draws × articles × topics), and `level`: the mean
    under a prior that is the same for all, of which nothing can follow from what is known of them."""

    articles: list[str]
    mean: np.ndarray
    draws: np.ndarray
    level: np.ndarray


class _State(NamedTuple):
    """Topics of all tokens, how many of each topic every passage has, the priors, and λ where the run has a formula."""

    labels: np.ndarray
    tokens: np.ndarray
    prior: Prior
    weights: np.ndarray | None


class _Work(NamedTuple):
    """What all chains share."""

    bodies: tuple[np.ndarray, np.ndarray, np.ndarray]
    chance: np.ndarray
    topics: int
    known: Known | None
    seed: int
    article: np.ndarray
    lengths: np.ndarray


def drawn(run: Topics, counts: Counts, mass: np.ndarray, seed: int) -> Drawn:
    """Draw shares of articles, once for each row of `mass`: how much every article (sorted by name) weighs in that draw.

    A run with a formula learns λ anew in each draw, from articles of that weight: what chance did to λ shows. Refused: counts of another run.
    """
    belong(run, counts)
    todo = "ask the run that topics were left out of, and leave their rows out"
    allowed = "a run with all of its topics, among which tokens are drawn"
    without = Problem("drawn(run)", "a run without some topics", allowed, todo)
    refuse_if([without] * (run.left_out is not None))
    article, names = pd.factorize(np.array(counts.articles, dtype=object), sort=True)
    lengths = np.bincount(article, counts.lengths)
    known = None
    if run.prevalence is not None and run.about is not None:
        known = known_of(design(run.formula, run.about, "drawn"), counts)
    chance = np.ascontiguousarray(run.chances)
    own = bodies.chain_seed(seed, run.seed)
    work = _Work(engines.arrays(counts.matrix), chance, len(run.names), known, own, article, lengths)
    begun = _begun(work, Prior(run.priors_of_all[None].copy(), np.zeros(len(article), np.int64)))
    level = mean = _swept(work, begun, 0, FIRST, MEAN)
    if known is not None and run.prevalence is not None:
        weights = known.from_design(run.prevalence.to_numpy())
        begun = _begun(work, Prior(prevalence.priors(known.basis, weights), known.of), weights)
        mean = _swept(work, begun, 0, FIRST, MEAN)

    def one(number: int) -> np.ndarray:
        return _swept(work, deepcopy(begun), number + 1, EACH - LAST, LAST, mass[number])

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        draws = np.array(list(pool.map(one, range(len(mass))))).reshape(-1, *mean.shape)
    return Drawn(list(names), mean, draws, level)


def _begun(work: _Work, prior: Prior, weights: np.ndarray | None = None) -> _State:
    passages, topics = len(work.article), work.chance.shape[1]
    labels = np.zeros(int(work.bodies[2].sum()), bodies.label_type(topics))
    return _State(labels, np.zeros((passages, topics)), prior, weights)


def _swept(
    work: _Work, state: _State, number: int, before: int, kept: int, mass: np.ndarray | None = None
) -> np.ndarray:
    """Go on from a state and return the shares of articles, the mean of the last sweeps; with `mass` of articles, λ is learnt anew meanwhile."""
    sums = np.zeros((len(work.lengths), work.chance.shape[1]))
    usual = logarithm(bodies.PRIOR / work.chance.shape[1])
    labels, tokens, prior, weights = state
    for sweep in range(before + kept):
        step = 1000 * number + sweep
        prevalence.sweep(*work.bodies, labels, work.chance, prior, np.uint64(work.seed), step, tokens)
        if mass is not None and work.known is not None:
            prevalence.learn(prior, work.known.basis, weights, usual, tokens, mass[work.article], 1)
        if sweep >= before:
            np.add.at(sums, work.article, tokens)
    sums /= kept
    own = sums[:, : work.topics]
    other = sums[:, work.topics :].sum(axis=1)  # of words that all have in common
    held = (work.lengths - other)[:, None]
    # an article whose words are all common tells nothing: it has what all have
    return np.where(held > 0, own / np.where(held > 0, held, 1.0), own.sum(axis=0) / own.sum())
