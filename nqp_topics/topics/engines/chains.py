"""Many chains of one corpus: eight abreast where they are small, and as many eights at once as there are threads."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from nqp_topics.topics.engines import abreast, kernels
from nqp_topics.topics.engines.bodies import PRIOR, Bodies, Chain, Plan
from nqp_topics.topics.engines.kernels import Prior
from nqp_topics.topics.engines.lanes import LANES

Used = TypeVar("Used")
Alone = Callable[[int, threading.Event], Chain]


def run(
    bodies: Bodies,
    topics: Sequence[int],
    seeds: Sequence[int],
    plan: Plan,
    threads: int,
    use: Callable[[int, Chain], Used],
    alone: Alone,
    most: int = LANES,
) -> list[Used]:
    """Run a chain for each seed, with its own number of topics, and return what `use` makes of each and its number.

    Up to `most` run abreast, those with most topics first, and as many eights at once as there are threads, which changes nothing but the time.
    One that is left over runs `alone`, by its number.
    """
    stop = threading.Event()
    numbers = sorted(range(len(seeds)), key=lambda number: -topics[number])
    jobs = [numbers[at : at + most] for at in range(0, len(numbers), most)]

    def work(job: list[int]) -> list[tuple[int, Used]]:
        if len(job) == 1:
            found = [alone(job[0], stop)]
        else:
            found = eight(bodies, [topics[n] for n in job], [seeds[n] for n in job], plan, stop)
        return [(number, use(number, one)) for number, one in zip(job, found, strict=True)]

    with ThreadPoolExecutor(max(1, min(len(jobs), threads))) as pool:
        try:
            done = [pair for pairs in pool.map(work, jobs) for pair in pairs]
        except BaseException:
            stop.set()
            raise
    return [used for _, used in sorted(done, key=lambda pair: pair[0])]


def eight(
    bodies: Bodies, topics: Sequence[int], seeds: Sequence[int], plan: Plan, stop: threading.Event
) -> list[Chain]:
    """Run up to eight chains abreast, from random starts; each ends as it would alone."""
    ends, words, times, vocabulary, _ = bodies
    beta, tokens, most, passages = plan.word_prior, bodies.tokens, max(topics), len(ends) - 1
    own, last, prior = np.zeros(LANES, np.uint64), np.zeros(LANES, np.uint8), np.zeros((most, LANES))
    own[: len(seeds)] = seeds
    for lane, number in enumerate(topics):
        prior[:number, lane], last[lane] = PRIOR / number, number - 1
    shares, table = np.zeros((passages, most * LANES)), np.zeros((vocabulary, most * LANES))
    abreast.scatter_words(ends, words, times, shares, table, np.array(topics, np.uint64), own)
    traces: list[list[tuple[int, float]]] = [[] for _ in seeds]

    def note(step: int, found: np.ndarray) -> None:
        for trace, value in zip(traces, found.tolist(), strict=False):
            trace.append((step, value / tokens))

    if plan.start:
        before = (shares, table, prior.ravel(), beta, plan.start)
        note(plan.start, abreast.expectation(ends, words, times, *before))
    if plan.sweeps:
        labels, numbers = np.zeros(tokens * LANES, np.uint8), np.zeros((vocabulary, most * LANES), np.int32)
        abreast.draw(ends, words, times, shares, table, prior.ravel(), last, beta, own, labels, numbers)
        totals, lengths = numbers.sum(axis=0, dtype=np.float64), np.bincount(bodies.lengths)
        for sweep in range(plan.sweeps):
            if stop.is_set():
                break
            learn, noted = plan.learns(sweep), plan.notes(sweep)
            histogram = np.zeros((LANES, most, len(lengths)) if learn else (0, 0, 0), np.int32)
            state = (labels, numbers, totals, prior.ravel(), last, beta, own, sweep + 2, histogram, noted)
            found = abreast.sweep(ends, words, times, *state)
            for lane, number in enumerate(topics if learn else ()):
                learnt = prior[:number, lane].copy()
                kernels.learn(learnt, histogram[lane, :number], lengths, 1)
                prior[:number, lane] = learnt
            if noted:
                note(plan.start + sweep + 1, found)
        shares[:] = 0.0
        abreast.tokens_of(ends, times, labels, shares)
        table[:] = numbers
    after = (shares, table, prior.ravel(), beta, plan.finish)
    note(plan.start + plan.sweeps + plan.finish, abreast.expectation(ends, words, times, *after))
    of_passages, of_words = (part.reshape(len(part), most, LANES) for part in (shares, table))
    none, found = np.zeros(passages, np.int64), []
    for lane, number in enumerate(topics):
        own_shares, own_table = (part[:, :number, lane].copy() for part in (of_passages, of_words))
        own_prior = Prior(prior[:number, lane].copy()[None], none)
        found.append(Chain(own_shares, own_table, own_prior, beta, traces[lane]))
    return found
