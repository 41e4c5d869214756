"""Our engine: collapsed Gibbs sampling and collapsed EM on the same arrays, and the consensus of many short chains.

One chain: Gibbs sweeps from a random start while the document prior of each topic is learnt, then EM from where they end (an average
instead of one draw). Chains differ; what passages go together in most of them does not, and that is what a fit gives (`consensus`). Words that all passages
have in common are set apart meanwhile (`consensus.set_apart`), so that they blur no topic.
A large corpus gets one short chain in blocks (`blocks`), from the axes along which its passages differ, with EM before the sweeps. benchmarks/NOTES.md says what was tried.
"""

import os
import threading
from collections.abc import Callable, Sequence
from functools import partial, reduce
from math import fsum
from operator import add
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from nqp_topics import __version__
from nqp_topics.topics.engines import Common, Fit, arrays, axes, consensus, kernels, settling, sparse
from nqp_topics.topics.engines import blocks as in_blocks
from nqp_topics.topics.engines import held as holding
from nqp_topics.topics.engines.blocks import Kept
from nqp_topics.topics.engines.bodies import Bodies, Chain, Plan, Start, alike, chain_seed, label_type
from nqp_topics.topics.engines.chains import run
from nqp_topics.topics.engines.lanes import LANES
from nqp_topics.topics.engines.prevalence import Known

LARGE = 1_000_000  # tokens: from here on the start is looked for with care, and one short chain is enough
# tokens and passages × topics² at most, and passages a topic at least, of which chains are run to find a start
PART, LARGEST, EACH = 250_000, 2**25, 20
CHAINS, SWEEPS = 32, 40  # usual; many short chains agree better than few long ones of the same cost
SHORTEST, LONGEST = 2, 20  # EM passes at the end, one for four tokens of a text: more fit it to itself
# settings that are whole numbers, and the least that each can be
WHOLE = {"chains": 1, "start": 0, "sweeps": 0, "finish": 1, "blocks": 1, "threads": 1}


def version() -> str:
    """Return the version of what fits: this library's own."""
    return __version__


def search(counts: csr_array) -> dict[str, int]:
    """Return the settings for a search over many numbers of topics, where seeds are chains enough and short ones rank alike."""
    return {"chains": 1, "sweeps": 40} if small(counts) else {}


def small(counts: csr_array) -> bool:
    """Whether a corpus is small enough for many chains from random starts."""
    return bool(counts.sum(dtype=np.int64) < LARGE)


def usual_chains(counts: csr_array) -> int:
    """Return how many chains are run where nobody says it."""
    return CHAINS if small(counts) else 1


class Way(NamedTuple):
    """How a chain is run: in how many blocks (0: passage after passage), from where (None: at random), by how many threads or which cluster."""

    blocks: int
    begin: Callable[[], Start] | None
    threads: int
    cluster: Any
    kept: Kept | None


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
    blocks: int | None = None,
    threads: int | None = None,
    common: float | None = None,
    known: Known | None = None,
    anchored: Sequence[Sequence[int]] = (),
    cluster: Any = None,
    kept: Kept | None = None,
) -> Fit:
    """Run `chains` chains of `start` EM passes and `sweeps` Gibbs sweeps, and find what they agree on by `finish` EM passes.

    Usual are 32 chains of 0 and 40 from random starts and one pass at the end for every four tokens of a passage on the mean, from 2 to 20;
    on a million tokens or more one chain in blocks: 5 passes on a sample from the axes along which passages differ (`axes`), 16 sweeps down to 4, and 2; no sweeps where
    what eight chains of a part agree on is `likelier`. `common`: the part of every word that begins as common to all passages before the EM passes, which tell how much
    of it is so; shares of topics are then of all other tokens. Usual .5, and 0, none, where passages have fewer than 20 tokens on the mean, where something is
    `known` of them, and for one chain. `chains=1` is that chain alone, without a consensus. Of several, each has `finer` times as many topics as are asked for: with 1.5 runs with other seeds agree better and unseen texts are foretold a little worse.
    `word_prior` is that of fitting, `smoothing` that of the words that come out. `threads` says how many chains run at once (default: as many as
    there are processors); it changes nothing but the time. What is `known` of passages is learnt by sweeps at the end (`settling`). `anchored`: words
    (columns) that are held to the first topics, a list for each (`held`).
    """
    bodies = Bodies(*arrays(counts), counts.shape[1], holding.held(counts, anchored))
    chains = chains or usual_chains(counts)
    large, running = bodies.tokens >= LARGE and chains == 1, threads or os.cpu_count() or 1
    plan = planned(bodies, topics, large, (start, sweeps, finish), word_prior)
    first = partial(likelier, bodies, topics, chain_seed(seed, 0), plan, sweeps is None) if large else None
    if not blocks and (large or cluster is not None):
        blocks = in_blocks.usual(bodies.tokens, counts.shape[0], counts.shape[1] * topics)
    way = Way(blocks or 0, first, running, cluster, kept if chains == 1 else None)
    agreed = None
    if chains == 1:
        found = one(bodies, topics, chain_seed(seed, 0), plan, way, threading.Event())
        if known:
            found = settling.settle(bodies, found, known, max(1, plan.sweeps // 4), chain_seed(seed, 1))
    else:
        each = min(max(2, len(anchored), round(finer * topics)), *counts.shape)
        if common is None:
            common = consensus.usual_common(bodies.tokens, counts.shape[0], known)
        found, agreed = together(bodies, topics, each, chains, seed, plan, way, common, known)
    ran = {"chains": chains, **plan._asdict(), "finer": finer} | ({"sweeps": 0} if found.settled else {})
    ran |= {"common": common} if common and chains > 1 else {}
    fit = ended(found, topics, smoothing, ran | ({"blocks": way.blocks} if way.blocks else {}))
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
    plan = planned(bodies, 0, bodies.tokens >= LARGE, (start, sweeps, finish), word_prior)
    ran = {"chains": 1, **plan._asdict(), "finer": 1.0}
    topics, seeds = [number for number, _ in places], [chain_seed(seed, 0) for _, seed in places]

    def alone(number: int, stop: threading.Event) -> Chain:
        return chain(bodies, topics[number], seeds[number], plan, stop)

    most = LANES if max(topics) < sparse.MANY else 1
    chains = run(bodies, topics, seeds, plan, 1, lambda _, found: found, alone, most)
    return [ended(found, number, smoothing, dict(ran)) for number, found in zip(topics, chains, strict=True)]


def planned(
    bodies: Bodies, topics: int, large: bool, asked: tuple[int | None, ...], word_prior: float
) -> Plan:
    """Return how long a chain is, where it is not said as is usual on such a corpus; in a `large` one 16 sweeps at 20,000 tokens a topic, whose mean is told from noise, 4 at four times as many."""
    start, sweeps, finish = asked
    usual = min(16, max(4, 16 * LARGE * max(topics, 50) // 50 // bodies.tokens)) if large else SWEEPS
    start = start if start is not None else 5 if large else 0
    sweeps = sweeps if sweeps is not None else usual
    return Plan(start, sweeps, finish or (2 if large else passes(bodies)), word_prior)


def ended(found: Chain, topics: int, smoothing: float, ran: dict[str, Any]) -> Fit:
    """Return what is handed on of a chain, or of what chains have together; its table becomes the words, and what comes after the topics the common ones."""
    tokens, shares, prior = found.table.sum(axis=0), found.smoothed, found.prior.rows[0]
    found.table += smoothing
    found.table /= found.table.sum(axis=0)
    words, common = found.table.T, None
    if len(tokens) > topics:
        own = words[topics].copy(), shares[:, topics].copy()
        common = Common(*own, float(prior[topics]), float(tokens[topics]))
        words, tokens, prior = words[:topics], tokens[:topics], prior[:topics].copy()
        shares = consensus.topical(shares, topics)
    made = words, shares, tokens, prior, smoothing
    return Fit(*made, found.trace[-1][0], found.trace, ran, common=common)


def passes(bodies: Bodies) -> int:
    """Return how many EM passes suit texts of this length at the end."""
    return min(LONGEST, max(SHORTEST, bodies.tokens // max(1, len(bodies.ends) - 1) // 4))


def memory(
    counts: csr_array,
    topics: int,
    chains: int | None = None,
    finer: float = 1.0,
    blocks: int | None = None,
    threads: int | None = None,
    known: Any = None,
    **_: Any,
) -> int:
    """Return how many bytes the shares of all chains take, in which their consensus is found, and the tables of eights, blocks or ends that run at once."""
    number = chains or usual_chains(counts)
    large, each, (passages, vocabulary) = number == 1 and not small(counts), finer * topics, counts.shape
    shares, running = 0 if number == 1 else 4 * passages * number * each, threads or os.cpu_count() or 1
    if large and (part := LARGEST // int(each) ** 2) > EACH * each:
        shares += LANES * each * (4 * min(passages, part) + 10 * vocabulary)
    if blocks or large:
        return int(shares + in_blocks.COPY // 2 * min(running, blocks or in_blocks.MOST) * vocabulary * each)
    if number == 1:
        return 0
    eights = min(running, -(-number // LANES)) * LANES * each * (4 * passages + 10 * vocabulary)
    if not known:
        return int(shares + eights)
    at_once = min(running, settling.ENDS)
    ends = topics * (8 * settling.ENDS * (passages + vocabulary) + at_once * (8 * passages + 4 * vocabulary))
    return int(shares + max(eights, ends + at_once * int(counts.sum(dtype=np.int64))))


def together(
    bodies: Bodies,
    topics: int,
    each: int,
    chains: int,
    seed: int,
    plan: Plan,
    way: Way,
    common: float = 0.0,
    known: Known | None = None,
) -> tuple[Chain, tuple[np.ndarray, np.ndarray]]:
    """Run chains of `each` topics, part the passages into what most chains have together, and soften that by EM, or by sweeps with what is known; say how far chains agree."""
    lengths, own = bodies.lengths.astype(np.float64), plan._replace(finish=1)
    roots = np.empty((len(lengths), chains * each), np.float32)
    seeds = [chain_seed(seed, number) for number in range(chains)]

    def keep(number: int, found: Chain) -> list[tuple[int, float]]:
        roots[:, number * each : (number + 1) * each] = np.sqrt(found.smoothed)
        return found.trace

    def alone(number: int, stop: threading.Event) -> Chain:
        return one(bodies, each, seeds[number], own, way, stop)

    most = 1 if way.blocks or bodies.held or each >= sparse.MANY else LANES
    traces = run(bodies, [each] * chains, seeds, own, 1 if way.blocks else way.threads, keep, alone, most)
    steps = zip(*(trace[:-1] for trace in traces), strict=True)
    # one after another: what `sum` does with fractions depends on the version of Python
    trace = [(step[0][0], reduce(add, (value for _, value in step)) / chains) for step in steps]
    group_of = holding.groups(bodies.held, roots, chains, lengths, topics, seed)
    columns = topics + bool(common)
    shares, table = np.zeros((len(lengths), columns)), np.zeros((bodies.vocabulary, columns))
    consensus.place(bodies.ends, bodies.words, bodies.times, group_of, shares, table)
    if common:
        consensus.set_apart(shares, common)
        consensus.set_apart(table, common)
    found = Chain(shares, table, alike(columns, len(lengths)), plan.word_prior, trace)
    soften(bodies, found, plan.finish, plan.start + plan.sweeps)
    if known:
        own_seeds = [chain_seed(seed, chains + n) for n in range(settling.ENDS)]
        found = settling.settled(bodies, found, known, settling.KNOWN, own_seeds, way.threads)
    shares = consensus.topical(found.smoothed, topics) if common else found.smoothed
    home = consensus.homes(roots, shares, lengths)
    return found, consensus.agreement(roots, home, chains, shares, lengths)


def soften(bodies: Bodies, found: Chain, passes: int, done: int) -> None:
    """Run passes of EM, priors learnt after each, from where each passage is of its group alone."""
    lengths = np.bincount(bodies.lengths)
    for step in range(passes):
        state = (found.shares, found.table, found.prior, found.word_prior)
        likely = holding.expectation(bodies, *state, 1)
        kernels.learn(found.prior.rows[0], consensus.histogram(found.shares, len(lengths)), lengths, 1)
        found.trace.append((done + step + 1, likely / bodies.tokens))


def one(bodies: Bodies, topics: int, seed: int, plan: Plan, way: Way, stop: threading.Event) -> Chain:
    """Run one chain as `way` says: passage after passage, or in blocks, here or on a cluster."""
    if not way.blocks:
        return chain(bodies, topics, seed, plan, stop)
    parts = in_blocks.cut(bodies, way.blocks)
    if way.cluster is None:
        crew = in_blocks.Crew(parts, topics, seed, way.threads)
        return in_blocks.chain(bodies, topics, plan, way.begin, crew, way.kept)
    from nqp_topics.topics.engines.cluster import crew as on_cluster

    with on_cluster(way.cluster, parts, topics, seed, plan) as away:
        return in_blocks.chain(bodies, topics, plan, way.begin, away, way.kept)


def likelier(bodies: Bodies, topics: int, seed: int, plan: Plan, settled: bool) -> Start:
    """Return where a chain of a large corpus begins: along its axes, or where eight chains of a part of it agree (`settled`: and ends), whichever foretells other passages better.

    Planted topics are found by axes, of which random starts lose some; those of real texts, whose words hang together in more ways, by what chains agree on.
    """
    table = axes.first(bodies, topics, seed)
    found = Start(table, axes.tried(bodies, table, plan), alike(topics, 1).rows[0])
    passages = len(bodies.ends) - 1
    many = min(PART * passages // bodies.tokens, LARGEST // topics**2, passages // 2)
    if many < EACH * topics:
        return found
    part, others = (axes.thinned(bodies, many, after) for after in (0, 1))
    own = Plan(0, SWEEPS, passes(part), plan.word_prior)
    agreed, _ = together(part, topics, topics, LANES, seed, own, Way(0, None, 1, None, None))
    shares, table = np.zeros((len(part.ends) - 1, topics)), table * (part.tokens / fsum(table.sum(axis=0)))
    alone = Chain(shares, table, alike(topics, len(shares)), own.word_prior, [])
    soften(part, alone, own.finish, SWEEPS)
    by_axes, by_chains = (axes.foretold(others, one.table, one.prior.rows[0]) for one in (alone, agreed))
    better = Start(agreed.table, agreed.trace[-1][1], agreed.prior.rows[0], settled)
    return better if by_chains > by_axes else found


def chain(bodies: Bodies, topics: int, seed: int, plan: Plan, stop: threading.Event) -> Chain:
    """Run one chain; `stop` ends it early, for Ctrl-C."""
    ends, words, times, vocabulary, held = bodies
    beta, tokens, number64 = plan.word_prior, bodies.tokens, np.uint64(seed)
    trace: list[tuple[int, float]] = []
    usual = alike(topics, len(ends) - 1)
    prior = holding.lifted(held, usual)
    shares = np.zeros((len(ends) - 1, topics))
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
        order = sparse.order(ends, words, times, vocabulary, tokens) if topics >= sparse.MANY else None
        for sweep in range(plan.sweeps):
            if stop.is_set():
                break
            learn, noted, after = plan.learns(sweep), plan.notes(sweep), (beta, number64, sweep + 2)
            histogram = np.zeros((topics, len(lengths)) if learn else (0, 0), np.int32)
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
