"""Lanes reckon as plain loops do, to the byte, and a chain comes out the same whoever runs beside it."""

import numpy as np
import pytest
from worlds import of_topics as planted

from nqp_topics.files.compiled import compiled
from nqp_topics.topics.engines import abreast, arrays, bodies, chains, kernels, lanes, sampler

AT = np.uint64(0)
RANDOM = np.random.default_rng(5)
ONE, OTHER, THIRD = RANDOM.random((3, 8)) - 0.4
LABELS = np.array([0, 3, 1, 2, 2, 0, 3, 1], np.uint8)


@compiled
def reckoned(one, other, third, labels, states, tables, numbers, out, bits):
    """Every operation once: rows of `out`, and of `bits` what is told a bit a lane."""
    a, b, c = lanes.load(one, AT), lanes.load(other, AT), lanes.load(third, AT)
    lanes.store(out[0], AT, a + b)
    lanes.store(out[1], AT, a - b)
    lanes.store(out[2], AT, a * b)
    lanes.store(out[3], AT, a / b)
    lanes.store(out[4], AT, a * b + c)
    lanes.store(out[5], AT, lanes.alike(0.1) + a)
    lanes.store(out[6], AT, lanes.where_less(a, b, c, a))
    lanes.store(out[7], AT, lanes.picked(tables, labels, AT))
    lanes.store(out[8], AT, lanes.picked(numbers, labels, AT))
    lanes.store(out[9], AT, lanes.load(numbers, np.uint64(8)))
    lanes.store(out[10], AT, lanes.random(states))
    lanes.store(out[11], AT, lanes.random(states))
    lanes.store(out[12], AT, lanes.alike(lanes.total(a)))
    here = lanes.load_labels(labels, AT)
    bits[0] = lanes.unlike(here, lanes.lesser(here, lanes.label(np.uint64(2))))
    bits[1] = lanes.below(a, b)
    bits[2] = lanes.lowest(np.uint64(40))
    lanes.store_labels(labels, AT, lanes.past(here, a, b))


def test_lanes_reckon_as_plain_loops_do_to_the_byte():
    tables, numbers = RANDOM.random(32), RANDOM.integers(0, 10**6, 32).astype(np.int32)
    states = np.arange(8, dtype=np.uint64) * np.uint64(10**18)
    out, bits, labels = np.zeros((13, 8)), np.zeros(3, np.uint64), LABELS.copy()
    reckoned(ONE, OTHER, THIRD, labels, states.copy(), tables, numbers, out, bits)
    places = LABELS.astype(int) * 8 + np.arange(8)
    drawn = []
    for step in (1, 2):
        with np.errstate(over="ignore"):
            now = [int(kernels.scatter(state + np.uint64(step) * kernels.STEP)) >> 11 for state in states]
        drawn.append(np.array(now) * 2.0**-53)
    in_halves = ONE
    while len(in_halves) > 1:
        in_halves = in_halves[: len(in_halves) // 2] + in_halves[len(in_halves) // 2 :]
    wanted = [
        ONE + OTHER, ONE - OTHER, ONE * OTHER, ONE / OTHER, ONE * OTHER + THIRD, 0.1 + ONE,
        np.where(ONE < OTHER, THIRD, ONE), tables[places], numbers[places], numbers[8:16], *drawn, np.full(8, in_halves),
    ]  # fmt: skip
    for row, (mine, theirs) in enumerate(zip(out, wanted, strict=True)):
        assert mine.tobytes() == np.asarray(theirs, float).tobytes(), row
    weights = 2 ** np.arange(8)
    assert bits.tolist() == [(weights * (LABELS > 2)).sum(), (weights * (ONE < OTHER)).sum(), 3]
    assert (labels == LABELS + (ONE <= OTHER)).all()


def same(one, other):
    assert one.trace == other.trace
    pairs = zip((*one.learnt, one.prior.rows), (*other.learnt, other.prior.rows), strict=True)
    assert all(a.tobytes() == b.tobytes() for a, b in pairs)


@pytest.mark.parametrize("plan", [(0, 12, 1), (2, 3, 2), (3, 0, 1)], ids=["sweeps", "both", "EM alone"])
def test_a_chain_comes_out_the_same_whoever_runs_beside_it(plan):
    counts, *_ = planted(passages=60)
    here = bodies.Bodies(*arrays(counts), counts.shape[1])
    how = bodies.Plan(*plan, word_prior=0.05)
    topics, seeds = [5, 9, 2, 5, 3, 7, 7, 4, 6, 8], [bodies.chain_seed(3, n) for n in range(10)]

    def alone(number, stop):
        return sampler.chain(here, topics[number], seeds[number], how, stop)

    kept = lambda number, chain: chain  # noqa: E731
    singly = chains.run(here, topics, seeds, how, 1, kept, alone, 1)
    for threads, most in ((1, 8), (2, 8), (1, 3)):
        for one, other in zip(
            singly, chains.run(here, topics, seeds, how, threads, kept, alone, most), strict=True
        ):
            same(one, other)


@pytest.mark.parametrize("topics", [4, 60])
def test_labels_are_those_of_a_slow_sampler(topics):
    """One sweep, token by token, with chances that are added up in Python."""
    counts, *_ = planted(passages=40, topics=4)
    ends, words, times = arrays(counts)
    beta, prior = 0.05, np.full(topics, 0.3)
    tokens = np.repeat(words, times)
    passage = np.repeat(np.arange(40), np.diff(np.append(0, np.cumsum(times))[ends]))
    labels = (np.arange(len(tokens)) * 7 % topics).astype(np.uint8)
    table = np.zeros((counts.shape[1], topics), np.int32)
    np.add.at(table, (tokens, labels), 1)
    here = np.zeros((40, topics), int)
    np.add.at(here, (passage, labels), 1)
    slow, numbers = labels.copy(), table.astype(int)
    state = 0
    for at, (word, row) in enumerate(zip(tokens, passage, strict=True)):
        if at == 0 or passage[at - 1] != row:
            state = int(kernels.key(np.uint64(9), 2, row))
        numbers[word, slow[at]] -= 1
        here[row, slow[at]] -= 1
        chance = (here[row] + prior) * (numbers[word] + beta) / (numbers.sum(axis=0) + len(numbers) * beta)
        state = (state + int(kernels.STEP)) % 2**64
        drawn = (int(kernels.scatter(np.uint64(state))) >> 11) * 2.0**-53 * chance.sum()
        slow[at] = min(int((np.cumsum(chance) <= drawn).sum()), topics - 1)
        numbers[word, slow[at]] += 1
        here[row, slow[at]] += 1
    one, alone, of_topics = labels.copy(), table.copy(), table.sum(axis=0, dtype=np.int64)
    rows = kernels.Prior(prior[None], np.zeros(40, np.int64))
    after = (beta, np.uint64(9), 2, np.zeros((0, 0), np.int32))
    kernels.sweep(ends, words, times, one, alone, of_topics, rows, *after)
    assert (one == slow).all() and (alone == numbers).all()
    every = np.repeat(labels[:, None], 8, axis=1).ravel().copy()
    eight = np.repeat(table[:, :, None], 8, axis=2).reshape(len(table), -1).copy()
    totals = eight.sum(axis=0, dtype=float)
    seeds, last = np.full(8, 9, np.uint64), np.full(8, topics - 1, np.uint8)
    none = np.zeros((0, 0, 0), np.int32)
    abreast.sweep(ends, words, times, every, eight, totals, np.repeat(prior, 8), last, beta, seeds, 2, none)
    assert (every.reshape(-1, 8) == slow[:, None]).all() and (slow != labels).any()
    assert (eight.reshape(len(table), topics, 8) == numbers[:, :, None]).all()
