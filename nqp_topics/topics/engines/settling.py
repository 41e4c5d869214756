"""What is known of passages, learnt by sweeps at the end of a chain, or of what several have together."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from nqp_topics.similar import logarithm
from nqp_topics.topics.engines import held as holding
from nqp_topics.topics.engines import kernels, prevalence
from nqp_topics.topics.engines.bodies import NOTE_EVERY, PRIOR, Bodies, Chain, label_type
from nqp_topics.topics.engines.kernels import Prior
from nqp_topics.topics.engines.prevalence import Known

KNOWN, STEPS = 40, 2  # sweeps with what is known, and steps of λ after each
ENDS = 4  # how often over


def settled(bodies: Bodies, chain: Chain, known: Known, sweeps: int, seeds: list[int], threads: int) -> Chain:
    """Return the mean of several ends of what chains have together: topics keep their places, as all begin from the same."""
    with ThreadPoolExecutor(min(len(seeds), threads)) as pool:
        ends = list(pool.map(lambda seed: settle(bodies, chain, known, sweeps, seed), seeds))
    first = ends[0]
    for end in ends[1:]:
        for total, part in zip(first.learnt, end.learnt, strict=True):
            total += part
    for total in first.learnt:
        total /= len(ends)
    first.prior = Prior(prevalence.priors(known.basis, first.learnt[2]), known.of)
    return first


def settle(bodies: Bodies, chain: Chain, known: Known, sweeps: int, seed: int) -> Chain:
    """Go on from where a chain, or several together, ended, while priors are learnt with what is known of passages.

    Tokens of passages, of words, and λ are the means of the later half of the sweeps.
    """
    ends, words, times, vocabulary, held = bodies
    passages, topics = chain.shares.shape
    number64, beta, usual = np.uint64(seed), chain.word_prior, logarithm(PRIOR / topics)
    labels = np.zeros(bodies.tokens, label_type(topics))
    numbers, mass = np.zeros((vocabulary, topics), np.int32), np.ones(passages)
    table = holding.laid(held, chain.table)
    kernels.draw(ends, words, times, chain.shares, table, chain.prior, beta, number64, labels, numbers)
    weights = np.zeros((known.basis.shape[1], topics))
    weights[0] = [logarithm(one) for one in chain.prior.rows[0]]
    prior = Prior(prevalence.priors(known.basis, weights), known.of)
    totals, unused = numbers.sum(axis=0, dtype=np.int64), np.zeros((0, 0), np.int32)
    holding.lay(held, numbers, totals)
    first, last, trace = sweeps // 2, chain.trace[-1][0], list(chain.trace)
    drawn, shares = np.zeros((passages, topics)), np.zeros((passages, topics))
    table, mean = np.zeros((vocabulary, topics)), np.zeros_like(weights)
    for sweep in range(sweeps):
        noted = (sweep + 1) % NOTE_EVERY == 0 or sweep + 1 == sweeps
        state = (labels, numbers, totals, prior, beta, number64, sweep + 2, unused, noted)
        found = kernels.sweep(ends, words, times, *state)
        drawn[:] = 0.0
        kernels.tokens_of(ends, times, labels, drawn)
        prevalence.learn(prior, known.basis, weights, usual, drawn, mass, STEPS)
        if sweep >= first:
            shares += drawn
            table += numbers
            mean += weights
        if noted:
            trace.append((last + sweep + 1, found / bodies.tokens))
    for total in (shares, table, mean):
        total /= sweeps - first
    holding.lay(held, table, totals, -1)
    return Chain(shares, table, Prior(prevalence.priors(known.basis, mean), known.of), beta, trace, mean)
