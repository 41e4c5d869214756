"""Our engine: collapsed Gibbs sampling and collapsed EM on the same arrays, two chains, the likelier kept.

One chain: Gibbs sweeps from a random start while the document prior of each topic is learnt, then EM from where they end (an average
instead of one draw). A large corpus gets one short chain from anchor words, with EM before the sweeps (fast into a good basin).
benchmarks/NOTES.md says what was tried.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from nqp_topics import __version__
from nqp_topics.engines import Fit, arrays, kernels, sparse
from nqp_topics.engines.anchors import first_table

PRIOR = 5.0  # of a document, for all topics together, where learning begins
LEARN_FROM = 0.4  # of the sweeps: learnt sooner, topics die before they are found
LEARN_EVERY = 2  # sweeps
NOTE_EVERY = 10  # sweeps
MANY = 256  # topics: from here on a sweep goes word by word, and its cost does not grow with their number
LARGE = 1_000_000  # tokens: from here on the start is looked for with care, and one short chain is enough
# settings that are whole numbers, and the least that each can be
WHOLE = {"chains": 1, "start": 0, "sweeps": 0, "finish": 1, "threads": 1}


def version() -> str:
    """Return the version of what fits: this library's own."""
    return __version__


def search(counts: csr_array) -> dict[str, int]:
    """Return the settings for a search over many numbers of topics, where seeds are chains enough and short ones rank alike."""
    return {} if counts.sum(dtype=np.int64) >= LARGE else {"chains": 1, "sweeps": 40, "finish": 10}


class Bodies(NamedTuple):
    """Passages as the compiled loops want them."""

    ends: np.ndarray
    words: np.ndarray
    times: np.ndarray
    vocabulary: int

    @property
    def tokens(self) -> int:
        """How many tokens there are."""
        return int(self.times.sum(dtype=np.int64))


class Plan(NamedTuple):
    """How long a chain is: passes and sweeps, and the word prior it runs under."""

    start: int
    sweeps: int
    finish: int
    word_prior: float


@dataclass
class Chain:
    """One chain as it ends: expected tokens of passages × topics and words × topics, the prior, and how likely the tokens are."""

    shares: np.ndarray
    table: np.ndarray
    prior: np.ndarray
    likelihood: float
    trace: list[tuple[int, float]]


def fit(
    counts: csr_array,
    topics: int,
    seed: int,
    chains: int | None = None,
    start: int | None = None,
    sweeps: int | None = None,
    finish: int = 30,
    word_prior: float = 0.05,
    smoothing: float = 0.1,
    threads: int | None = None,
) -> Fit:
    """Run `chains` chains of `start` EM passes, `sweeps` Gibbs sweeps and `finish` EM passes; keep the one whose tokens are likeliest.

    Usual are 2 chains of 0, 400 and 30 from random starts, and on a million tokens or more one of 5, 4 and 2 from anchor words.
    `word_prior` is that of fitting, `smoothing` that of the words that come out. `threads` says how many chains run at once (default: as
    many as there are processors); it changes nothing but the time.
    """
    bodies = Bodies(*arrays(counts), counts.shape[1])
    large = bodies.tokens >= LARGE
    chains = chains or (1 if large else 2)
    plan = Plan(
        start=start if start is not None else 5 if large else 0,
        sweeps=sweeps if sweeps is not None else 4 if large else 400,
        finish=min(finish, 2) if large else finish,
        word_prior=word_prior,
    )
    stop = threading.Event()

    def one(number: int) -> Chain:
        return chain(bodies, topics, chain_seed(seed, number), plan, large and number == 0, stop)

    best: Chain | None = None
    with ThreadPoolExecutor(max(1, min(chains, threads or os.cpu_count() or 1))) as pool:
        try:
            for found in pool.map(one, range(chains)):
                if best is None or found.likelihood > best.likelihood:
                    best = found
        except BaseException:
            stop.set()
            raise
    assert best is not None
    tokens = best.table.sum(axis=0)
    best.table += smoothing
    best.table /= best.table.sum(axis=0)
    best.shares += best.prior
    best.shares /= best.shares.sum(axis=1, keepdims=True)
    return Fit(
        words=best.table.T,
        shares=best.shares,
        tokens=tokens,
        prior=best.prior,
        word_prior=smoothing,
        iterations=plan.start + plan.sweeps + plan.finish,
        trace=best.trace,
    )


def chain_seed(seed: int, number: int) -> int:
    """Return the seed of one chain of a run: chains of different runs share no random numbers."""
    return int(kernels.scatter(np.uint64(kernels.scatter(np.uint64(seed))) + np.uint64(number)))


def chain(
    bodies: Bodies, topics: int, seed: int, plan: Plan, with_anchors: bool, stop: threading.Event
) -> Chain:
    """Run one chain; `stop` ends it early, for Ctrl-C."""
    ends, words, times, vocabulary = bodies
    beta, tokens, number64 = plan.word_prior, bodies.tokens, np.uint64(seed)
    trace: list[tuple[int, float]] = []
    prior = np.full(topics, PRIOR / topics)
    shares = np.zeros((len(ends) - 1, topics))
    if with_anchors:
        table = first_table(ends, words, times, vocabulary, topics, seed)
    else:
        table = np.zeros((vocabulary, topics))
        kernels.scatter_words(ends, words, times, shares, table, number64)
    if plan.start:
        found = kernels.expectation(ends, words, times, shares, table, prior, beta, plan.start)
        trace.append((plan.start, found / tokens))
    if plan.sweeps:
        labels = np.zeros(tokens, np.uint16 if topics <= 2**16 else np.uint32)
        numbers = np.zeros((vocabulary, topics), np.int32)
        kernels.draw(ends, words, times, shares, table, prior, beta, number64, labels, numbers)
        totals = numbers.sum(axis=0, dtype=np.int64)
        lengths = kernels.sizes(ends, times)
        order = sparse.order(ends, words, times, vocabulary, tokens) if topics >= MANY else None
        for sweep in range(plan.sweeps):
            if stop.is_set():
                break
            learn = sweep >= LEARN_FROM * plan.sweeps and sweep % LEARN_EVERY == 0
            histogram = np.zeros((topics, len(lengths)) if learn else (0, 0), np.int32)
            state = (labels, numbers, totals, prior, beta, number64, sweep + 2)
            if order is None:
                found = kernels.sweep(ends, words, times, *state, histogram)
            else:
                found = sparse.sweep_by_word(*order, *state)
                if learn:
                    sparse.count_lengths(order.firsts, labels, histogram)
            if learn:
                kernels.learn(prior, histogram, lengths, 1)
            if (sweep + 1) % NOTE_EVERY == 0:
                trace.append((plan.start + sweep + 1, found / tokens))
        shares[:] = 0.0
        kernels.tokens_of(ends, times, labels, shares)
        table[:] = numbers
        del labels, numbers  # two bytes a token that are no longer needed
    found = kernels.expectation(ends, words, times, shares, table, prior, beta, plan.finish)
    trace.append((plan.start + plan.sweeps + plan.finish, found / tokens))
    return Chain(shares, table, prior, trace[-1][1], trace)
