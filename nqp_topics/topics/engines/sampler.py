"""Our engine: collapsed Gibbs sampling and collapsed EM on the same arrays, and the consensus of many short chains.

One chain: Gibbs sweeps from a random start while the document prior of each topic is learnt, then EM from where they end (an average
instead of one draw). Chains differ; what passages go together in most of them does not, and that is what a fit gives (`consensus`).
A large corpus gets one short chain from anchor words, with EM before the sweeps (fast into a good basin). benchmarks/NOTES.md says what was tried.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from nqp_topics import __version__
from nqp_topics.similar import logarithm
from nqp_topics.topics.engines import Fit, arrays, consensus, kernels, prevalence, sparse
from nqp_topics.topics.engines import held as holding
from nqp_topics.topics.engines.anchors import first_table
from nqp_topics.topics.engines.bodies import (
    LEARN_EVERY,
    LEARN_FROM,
    NOTE_EVERY,
    PRIOR,
    Bodies,
    Chain,
    Plan,
    alike,
    chain_seed,
    label_type,
)
from nqp_topics.topics.engines.chains import run
from nqp_topics.topics.engines.kernels import Prior
from nqp_topics.topics.engines.lanes import LANES
from nqp_topics.topics.engines.prevalence import Known

MANY = 256  # topics: from here on a sweep goes word by word, and its cost does not grow with their number
LARGE = 1_000_000  # tokens: from here on the start is looked for with care, and one short chain is enough
CHAINS, SWEEPS = 32, 40  # usual; many short chains agree better than few long ones of the same cost
SETTLE, ENDS, STEPS = (
    40,
    4,
    2,
)  # sweeps with what is known of passages, how often over, and steps of λ after each
# EM passes at the end, one for four tokens of a text: more fit a short text to itself
SHORTEST, LONGEST = 2, 20
# settings that are whole numbers, and the least that each can be
WHOLE = {"chains": 1, "start": 0, "sweeps": 0, "finish": 1, "threads": 1}


def version() -> str:
    """Return the version of what fits: this library's own."""
    return __version__


def search(counts: csr_array) -> dict[str, int]:
    """Return the settings for a search over many numbers of topics, where seeds are chains enough and short ones rank alike."""
    return {"chains": 1, "sweeps": 40} if small(counts) else {}


def small(counts: csr_array) -> bool:
    """Whether a corpus is small enough for many chains from random starts."""
    return bool(counts.sum(dtype=np.int64) < LARGE)


def fit(
    counts: csr_array,
    topics: int,
    seed: int,
    chains: int | None = None,
    start: int | None = None,
    sweeps: int | None = None,
    finish: int | None = None,
    finer: float = 1.0,
    word_prior: float = 0.05,
    smoothing: float = 0.1,
    threads: int | None = None,
    known: Known | None = None,
    anchored: Sequence[Sequence[int]] = (),
) -> Fit:
    """Run `chains` chains of `start` EM passes and `sweeps` Gibbs sweeps, find what they agree on, and end with `finish` EM passes.

    Usual are 32 chains of 0 and 40 from random starts and one pass at the end for every four tokens of a passage on the mean, from 2 to 20;
    on a million tokens or more one chain of 5, 4 and 2, from anchor words. `chains=1` is that chain alone, without a consensus. Of several, each has
    `finer` times as many topics as are asked for: with 1.5 runs with other seeds agree better and unseen texts are foretold a little worse.
    `word_prior` is that of fitting, `smoothing` that of the words that come out. `threads` says how many chains run at once (default: as many as
    there are processors); it changes nothing but the time. What is `known` of passages is learnt by sweeps at the end (`settle`). `anchored`: words
    (columns) that are held to the first topics, a list for each (`held`).
    """
    bodies = Bodies(*arrays(counts), counts.shape[1], holding.held(counts, anchored))
    large = bodies.tokens >= LARGE
    chains = chains or (1 if large else CHAINS)
    plan = planned(bodies, start, sweeps, finish, word_prior)
    agreed = None
    if chains == 1:
        found = chain(bodies, topics, chain_seed(seed, 0), plan, large, threading.Event())
        if known:
            found = settle(bodies, found, known, max(1, plan.sweeps // 4), chain_seed(seed, 1))
    else:
        each = min(max(2, len(anchored), round(finer * topics)), *counts.shape)
        found, agreed = together(bodies, topics, each, chains, seed, plan, large, threads, known)
    fit = ended(found, smoothing, {"chains": chains, **plan._asdict(), "finer": finer})
    if known is None:
        return fit._replace(agreement=agreed)
    prior = found.prior.rows[known.of].sum(axis=0) / len(known.of)
    learnt = None if found.weights is None else known.to_design(found.weights)
    return fit._replace(agreement=agreed, prior=prior, prevalence=learnt)


def fits(
    counts: csr_array,
    places: Sequence[tuple[int, int]],
    start: int | None = None,
    sweeps: int | None = None,
    finish: int | None = None,
    word_prior: float = 0.05,
    smoothing: float = 0.1,
    **_: Any,
) -> list[Fit]:
    """Fit a single chain for each number of topics and seed, as `fit` with `chains=1` does, eight abreast; on one thread."""
    bodies = Bodies(*arrays(counts), counts.shape[1])
    plan = planned(bodies, start, sweeps, finish, word_prior)
    ran = {"chains": 1, **plan._asdict(), "finer": 1.0}
    topics, seeds = [number for number, _ in places], [chain_seed(seed, 0) for _, seed in places]

    def alone(number: int, stop: threading.Event) -> Chain:
        return chain(bodies, topics[number], seeds[number], plan, False, stop)

    most = LANES if max(topics) < MANY else 1
    return run(
        bodies, topics, seeds, plan, 1, lambda _, found: ended(found, smoothing, dict(ran)), alone, most
    )


def planned(
    bodies: Bodies, start: int | None, sweeps: int | None, finish: int | None, word_prior: float
) -> Plan:
    """Return how long a chain is, where it is not said as is usual on such a corpus."""
    large = bodies.tokens >= LARGE
    return Plan(
        start=start if start is not None else 5 if large else 0,
        sweeps=sweeps if sweeps is not None else 4 if large else SWEEPS,
        finish=finish or (2 if large else passes(bodies)),
        word_prior=word_prior,
    )


def ended(found: Chain, smoothing: float, ran: dict[str, Any]) -> Fit:
    """Return what is handed on of a chain, or of what chains have together; its table becomes the words."""
    tokens = found.table.sum(axis=0)
    found.table += smoothing
    found.table /= found.table.sum(axis=0)
    return Fit(
        words=found.table.T,
        shares=found.smoothed,
        tokens=tokens,
        prior=found.prior.rows[0],
        word_prior=smoothing,
        iterations=found.trace[-1][0],
        trace=found.trace,
        ran=ran,
    )


def passes(bodies: Bodies) -> int:
    """Return how many EM passes suit texts of this length at the end."""
    return min(LONGEST, max(SHORTEST, bodies.tokens // max(1, len(bodies.ends) - 1) // 4))


def memory(
    counts: csr_array,
    topics: int,
    chains: int | None = None,
    finer: float = 1.0,
    threads: int | None = None,
    **_: Any,
) -> int:
    """Return how many bytes the shares of all chains take, in which their consensus is found, and the tables of the eights that run at once."""
    large = counts.sum(dtype=np.int64) >= LARGE
    number, each = chains or (1 if large else CHAINS), finer * topics
    if number == 1:
        return 0
    passages, vocabulary = counts.shape
    eights = 0 if large else min(threads or os.cpu_count() or 1, -(-number // LANES))
    return int(4 * passages * number * each + eights * LANES * each * (4 * passages + 10 * vocabulary))


def together(
    bodies: Bodies,
    topics: int,
    each: int,
    chains: int,
    seed: int,
    plan: Plan,
    large: bool,
    threads: int | None,
    known: Known | None,
) -> tuple[Chain, tuple[np.ndarray, np.ndarray]]:
    """Run chains of `each` topics, part the passages into what most chains have together, and soften that by EM; say how far chains agree."""
    lengths, own = bodies.lengths.astype(np.float64), plan._replace(finish=1)
    roots = np.empty((len(lengths), chains * each), np.float32)
    seeds = [chain_seed(seed, number) for number in range(chains)]

    def keep(number: int, found: Chain) -> list[tuple[int, float]]:
        roots[:, number * each : (number + 1) * each] = np.sqrt(found.smoothed)
        return found.trace

    def alone(number: int, stop: threading.Event) -> Chain:
        return chain(bodies, each, seeds[number], own, large and number == 0, stop)

    most = 1 if large or bodies.held or each >= MANY else LANES
    traces = run(bodies, [each] * chains, seeds, own, threads, keep, alone, most)
    steps = zip(*(trace[:-1] for trace in traces), strict=True)
    trace = [(step[0][0], sum(value for _, value in step) / chains) for step in steps]
    group_of = holding.groups(bodies.held, roots, chains, lengths, topics, seed)
    found = soften(bodies, group_of, topics, plan, trace)
    if known:
        found = settled(bodies, found, known, [chain_seed(seed, chains + n) for n in range(ENDS)], threads)
    shares = found.smoothed
    home = consensus.homes(roots, shares, lengths)
    return found, consensus.agreement(roots, home, chains, shares, lengths)


def soften(
    bodies: Bodies, group_of: np.ndarray, topics: int, plan: Plan, trace: list[tuple[int, float]]
) -> Chain:
    """Turn groups of passages into topics: `plan.finish` passes of EM from where each passage is of its group alone, priors learnt after each."""
    ends, words, times, vocabulary, _ = bodies
    lengths, prior = np.bincount(bodies.lengths), alike(topics, len(ends) - 1)
    shares, table = np.zeros((len(ends) - 1, topics)), np.zeros((vocabulary, topics))
    consensus.place(ends, words, times, group_of, shares, table)
    done = plan.start + plan.sweeps
    for step in range(plan.finish):
        found = holding.expectation(bodies, shares, table, prior, plan.word_prior, 1)
        kernels.learn(prior.rows[0], consensus.histogram(shares, len(lengths)), lengths, 1)
        trace.append((done + step + 1, found / bodies.tokens))
    return Chain(shares, table, prior, plan.word_prior, trace)


def settled(bodies: Bodies, chain: Chain, known: Known, seeds: list[int], threads: int | None) -> Chain:
    """Return the mean of several ends of what chains have together: topics keep their places, as all begin from the same."""
    with ThreadPoolExecutor(max(1, min(len(seeds), threads or os.cpu_count() or 1))) as pool:
        ends = list(pool.map(lambda seed: settle(bodies, chain, known, SETTLE, seed), seeds))
    first = ends[0]
    for end in ends[1:]:
        for total, part in zip(first.learnt, end.learnt, strict=True):
            total += part
    for total in first.learnt:
        total /= len(ends)
    first.prior = Prior(prevalence.priors(known.basis, first.learnt[2]), known.of)
    return first


def settle(bodies: Bodies, chain: Chain, known: Known, sweeps: int, seed: int) -> Chain:
    """Go on from where a chain, or several together, ended, with priors of what is known of passages, learnt after every sweep.

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
    totals, none = numbers.sum(axis=0, dtype=np.int64), np.zeros((0, 0), np.int32)
    holding.lay(held, numbers, totals)
    first, last, trace = sweeps // 2, chain.trace[-1][0], list(chain.trace)
    drawn, shares = np.zeros((passages, topics)), np.zeros((passages, topics))
    table, mean = np.zeros((vocabulary, topics)), np.zeros_like(weights)
    for sweep in range(sweeps):
        noted = (sweep + 1) % NOTE_EVERY == 0 or sweep + 1 == sweeps
        state = (labels, numbers, totals, prior, beta, number64, sweep + 2, none, noted)
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


def chain(
    bodies: Bodies, topics: int, seed: int, plan: Plan, with_anchors: bool, stop: threading.Event
) -> Chain:
    """Run one chain; `stop` ends it early, for Ctrl-C."""
    ends, words, times, vocabulary, held = bodies
    beta, tokens, number64 = plan.word_prior, bodies.tokens, np.uint64(seed)
    trace: list[tuple[int, float]] = []
    usual = alike(topics, len(ends) - 1)
    prior = holding.lifted(held, usual)
    shares = np.zeros((len(ends) - 1, topics))
    if with_anchors:
        table = first_table(ends, words, times, vocabulary, topics, seed, held)
    else:
        table = np.zeros((vocabulary, topics))
        kernels.scatter_words(ends, words, times, shares, table, number64)
        holding.keep_out(held, shares)
    if plan.start:
        found = holding.expectation(bodies, shares, table, prior, beta, plan.start)
        trace.append((plan.start, found / tokens))
    if plan.sweeps:
        labels = np.zeros(tokens, label_type(topics))
        numbers = np.zeros((vocabulary, topics), np.int32)
        table = holding.laid(held, table)
        kernels.draw(ends, words, times, shares, table, prior, beta, number64, labels, numbers)
        totals = numbers.sum(axis=0, dtype=np.int64)
        holding.lay(held, numbers, totals)
        lengths = np.bincount(bodies.lengths)
        order = sparse.order(ends, words, times, vocabulary, tokens) if topics >= MANY else None
        for sweep in range(plan.sweeps):
            if stop.is_set():
                break
            learn = sweep >= LEARN_FROM * plan.sweeps and sweep % LEARN_EVERY == 0
            histogram = np.zeros((topics, len(lengths)) if learn else (0, 0), np.int32)
            after, noted = (beta, number64, sweep + 2), (sweep + 1) % NOTE_EVERY == 0
            if order is None:
                state = (labels, numbers, totals, prior, *after, histogram, noted)
                found = kernels.sweep(ends, words, times, *state)
            else:
                found = sparse.sweep_by_word(*order, labels, numbers, totals, usual.rows[0], *after)
                if learn:
                    sparse.count_lengths(order.firsts, labels, histogram)
            if learn:
                kernels.learn(usual.rows[0], histogram, lengths, 1)
                prior = holding.lifted(held, usual)
            if noted:
                trace.append((plan.start + sweep + 1, found / tokens))
        shares[:] = 0.0
        kernels.tokens_of(ends, times, labels, shares)
        holding.lay(held, numbers, totals, -1)
        table[:] = numbers
        del labels, numbers  # two bytes a token that are no longer needed
    found = holding.expectation(bodies, shares, table, usual, beta, plan.finish)
    trace.append((plan.start + plan.sweeps + plan.finish, found / tokens))
    return Chain(shares, table, usual, beta, trace)
