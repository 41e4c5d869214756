"""The sampler: exact where it can be checked exactly, the same everywhere, and it finds what was planted."""

import itertools
import math
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.special import gammaln
from worlds import of_common_words
from worlds import of_topics as planted

from nqp_topics.study import fingerprint
from nqp_topics.topics.engines import Fit, arrays, axes, bodies, chains, consensus, kernels, sampler, sparse


def one_prior(prior, passages):
    return kernels.Prior(prior[None].copy(), np.zeros(passages, np.int64))


def found(fit: Fit, truth):
    one, other = (table / np.linalg.norm(table, axis=1, keepdims=True) for table in (fit.words, truth))
    cosine = one @ other.T
    return cosine[linear_sum_assignment(-cosine)].mean()


def digest(fit: Fit):
    parts = (*fit[:4], *(fit.agreement or ()))
    return fingerprint(
        b"".join(np.ascontiguousarray(part).tobytes() for part in parts) + repr(fit.trace).encode()
    )


def test_random_numbers_are_those_of_splitmix64():
    state, drawn = np.uint64(0), []
    with np.errstate(over="ignore"):
        for _ in range(3):
            state += kernels.STEP
            drawn.append(int(kernels.scatter(state)))
    assert drawn == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_random_numbers_differ_between_seeds_sweeps_and_passages():
    keys = {int(kernels.key(np.uint64(a), b, c)) for a in range(20) for b in range(20) for c in range(20)}
    assert len(keys) == 8000


@pytest.mark.parametrize("by_word", [False, True], ids=["by passage", "by word"])
def test_gibbs_draws_from_the_exact_posterior(by_word):
    """Five tokens, two topics: all 32 labellings are listed, and the share of sweeps that end in each is compared with its probability."""
    counts = csr_array(np.array([[2, 1, 0], [0, 1, 1]], dtype=np.int32))
    prior, beta = np.array([0.3, 0.8]), 0.4
    ends, words, times = arrays(counts)
    passage, word = np.repeat([0, 1], [3, 2]), np.repeat(words, times)
    states = list(itertools.product((0, 1), repeat=5))
    weight = []
    for state in states:
        here, there = np.zeros((2, 2)), np.zeros((3, 2))
        np.add.at(here, (passage, list(state)), 1)
        np.add.at(there, (word, list(state)), 1)
        both = gammaln(here + prior).sum() + gammaln(there + beta).sum()
        weight.append(both - gammaln(there.sum(axis=0) + 3 * beta).sum())
    exact = np.exp(weight - np.logaddexp.reduce(weight))
    labels, numbers = np.zeros(5, np.uint8), np.zeros((3, 2), np.int32)
    np.add.at(numbers, (word, labels), 1)
    totals = numbers.sum(axis=0, dtype=np.int64)
    seen = dict.fromkeys(states, 0)
    none = np.zeros((0, 0), np.int32)
    order = sparse.order(ends, words, times, 3, 5)
    sweeps = 40_000
    for number in range(sweeps):
        after = (beta, np.uint64(7), number)
        if by_word:
            sparse.sweep_by_word(*order, labels, numbers, totals, prior, *after)
        else:
            kernels.sweep(ends, words, times, labels, numbers, totals, one_prior(prior, 2), *after, none)
        seen[tuple(labels.tolist())] += 1
    drawn = np.array([seen[state] for state in states]) / sweeps
    assert np.abs(drawn - exact).max() < 0.012


def test_a_sweep_keeps_its_counts_in_step():
    counts, *_ = planted()
    ends, words, times = arrays(counts)
    word = np.repeat(words, times)
    labels = (np.arange(len(word)) % 5).astype(np.uint8)
    numbers = np.zeros((200, 5), np.int32)
    np.add.at(numbers, (word, labels), 1)
    totals = numbers.sum(axis=0, dtype=np.int64)
    histogram = np.zeros((5, 61), np.int32)
    before = labels.copy()
    told = kernels.sweep(
        *(ends, words, times, labels, numbers, totals),
        *(one_prior(np.full(5, 0.1), 300), 0.05, np.uint64(1), 2, histogram),
    )
    again = np.zeros_like(numbers)
    np.add.at(again, (word, labels), 1)
    assert (labels != before).any() and (numbers == again).all() and (totals == again.sum(axis=0)).all()
    tokens = np.zeros((300, 5))
    kernels.tokens_of(ends, times, labels, tokens)
    for topic in range(5):
        assert (histogram[topic] == np.bincount(tokens[:, topic].astype(int), minlength=61)).all()
    assert -math.log(200) * 1.5 < told / len(word) < 0


def test_many_topics_are_sampled_word_by_word(monkeypatch):
    counts, truth, _ = planted()
    by_passage = sampler.fit(counts, 5, 1, chains=2)
    monkeypatch.setattr(sparse, "MANY", 2)
    by_word = sampler.fit(counts, 5, 1, chains=2)
    assert digest(by_word) != digest(by_passage)
    assert found(by_word, truth) > 0.97
    assert by_word.trace[-1][1] == pytest.approx(by_passage.trace[-1][1], abs=0.02)
    assert np.allclose(np.sort(by_word.prior), np.sort(by_passage.prior), rtol=0.25)


def test_the_prior_is_learnt():
    random = np.random.default_rng(3)
    truth = np.array([0.05, 0.3, 1.2])
    tokens = np.array([random.multinomial(80, random.dirichlet(truth)) for _ in range(4000)])
    histogram = np.array([np.bincount(column, minlength=81) for column in tokens.T], dtype=np.int32)
    prior = np.full(3, 0.5)
    kernels.learn(prior, histogram, np.bincount(np.full(4000, 80)), 200)
    assert np.allclose(prior, truth, rtol=0.1)


def test_shares_and_words_sum_to_one_and_every_token_has_a_topic():
    counts, *_ = planted()
    fit = sampler.fit(counts, 5, 1, chains=2, sweeps=20)
    assert np.allclose(fit.words.sum(axis=1), 1) and np.allclose(fit.shares.sum(axis=1), 1)
    assert fit.words.min() > 0 and fit.shares.min() > 0
    assert fit.tokens.sum() + fit.common.tokens == pytest.approx(counts.sum())
    assert fit.trace[-1][0] == fit.iterations == 0 + 20 + 60 // 4


def test_planted_topics_are_found():
    counts, truth, _ = planted()
    fit = sampler.fit(counts, 5, 1)
    assert found(fit, truth) > 0.97
    assert fit.trace[-1][1] > fit.trace[0][1]


def test_planted_topics_of_a_large_corpus_are_found_from_their_axes(monkeypatch):
    monkeypatch.setattr(sampler, "LARGE", 1000)
    monkeypatch.setattr(sampler, "LARGEST", 144)  # one passage, in which no chains are run
    counts, truth, _ = planted(passages=2000, words=1000, topics=12)
    fit = sampler.fit(counts, 12, 1)
    assert fit.iterations == 5 + 4 + 2
    assert found(fit, truth) > 0.95


def test_many_topics_are_looked_for_in_more_passages(monkeypatch):
    monkeypatch.setattr(sampler, "LARGE", 1000)
    monkeypatch.setattr(axes, "FEW", 100)
    monkeypatch.setattr(sampler, "LARGEST", 400)
    counts, truth, _ = planted(passages=3200, length=60, words=4000, topics=20, prior=0.5)
    assert (axes.enough(20), axes.enough(2)) == (3200, 100)
    many = found(sampler.fit(counts, 20, 1), truth)
    monkeypatch.setattr(axes, "EACH", 0)
    assert many > 0.75 and many > found(sampler.fit(counts, 20, 1), truth) + 0.3


def test_a_large_corpus_ends_where_chains_agree_if_that_is_likelier(monkeypatch):
    counts, truth, _ = planted(passages=400, words=600, topics=8)
    few = sampler.fit(counts, 8, 1, chains=8)
    monkeypatch.setattr(sampler, "LARGE", 1000)
    by_axes = sampler.fit(counts, 8, 1)
    monkeypatch.setattr(axes, "first", lambda bodies, topics, seed: np.ones((bodies.vocabulary, topics)))
    agreed, asked = sampler.fit(counts, 8, 1), sampler.fit(counts, 8, 1, sweeps=3)
    assert [run.ran["sweeps"] for run in (by_axes, agreed, asked)] == [4, 0, 3]
    assert found(agreed, truth) > found(few, truth) - 0.02 and found(asked, truth) > 0.9
    assert agreed.iterations == 5 + 2 and asked.iterations == 5 + 3 + 2
    assert sampler.fit(counts, 8, 1, chains=8).ran["sweeps"] == 40  # many chains, as of a small corpus


def test_a_run_says_what_was_run_and_what_was_asked_is_run(monkeypatch):
    counts, *_ = planted()
    usual = sampler.fit(counts, 5, 1, chains=3, sweeps=4)
    ran = {"finish": 15, "sweeps": 4, "chains": 3, "start": 0, "common": consensus.COMMON}
    assert usual.ran | ran == usual.ran and usual.common is not None
    asked = sampler.fit(counts, 5, 1, chains=3, sweeps=4, common=0)
    assert "common" not in asked.ran and asked.common is None and asked.iterations == usual.iterations
    short, *_ = planted(length=5)
    few = sampler.fit(short, 5, 1, chains=2, sweeps=4)
    assert few.ran["finish"] == 2 and few.common is None  # so few tokens do not tell what is common
    monkeypatch.setattr(sampler, "LARGE", 1000)
    assert sampler.fit(counts, 5, 1).ran["finish"] == 2
    asked = sampler.fit(counts, 5, 1, finish=7)
    assert asked.ran["finish"] == 7 and asked.iterations == 5 + 4 + 7
    assert asked.ran["chains"] == 1 and asked.agreement is None


def test_the_consensus_finds_planted_topics_at_least_as_well_as_one_chain():
    counts, truth, _ = planted(passages=150, length=30, topics=8)
    both = [
        [found(sampler.fit(counts, 8, seed, **one), truth) for one in ({"common": 0}, {"chains": 1})]
        for seed in (1, 2, 3)
    ]
    together, alone = np.mean(both, axis=0)
    assert together >= alone - 0.005 and together > 0.9


@pytest.mark.parametrize("held", [False, True], ids=["free", "with words held"])
def test_words_that_all_passages_have_in_common_are_set_apart_and_topics_keep_their_places(held):
    counts, truth, shares = of_common_words()
    themes, common = truth[:-1], truth[-1]
    given = {"anchored": [np.argsort(-row)[:4].tolist() for row in themes[:2]]} if held else {}
    blurred, clear = (sampler.fit(counts, 6, 1, common=part, **given) for part in (0, None))
    assert found(clear, themes) > max(found(blurred, themes) + 0.05, 0.97)
    assert (blurred.words @ clear.words.T).argmax(axis=1).tolist() == list(range(6))
    alike = clear.common.words @ common / np.linalg.norm(clear.common.words) / np.linalg.norm(common)
    assert alike > 0.97 and 0.25 < clear.common.tokens / counts.sum() < 0.4
    assert clear.common.passages.mean() == pytest.approx(clear.common.tokens / counts.sum(), abs=0.02)
    place = linear_sum_assignment(-(themes @ clear.words.T))[1]
    off = [np.abs(fit.shares.mean(axis=0)[place] - shares.mean(axis=0)).max() for fit in (blurred, clear)]
    assert off[1] < (0.03 if held else 0.01) and (held or off[1] < off[0])
    assert np.allclose(clear.shares.sum(axis=1), 1) and np.allclose(clear.words.sum(axis=1), 1)


def test_where_nothing_is_common_next_to_nothing_is_set_apart():
    counts, truth, _ = of_common_words(part=0.01)
    blurred, clear = (sampler.fit(counts, 6, 1, common=part) for part in (0, None))
    assert found(clear, truth[:-1]) > found(blurred, truth[:-1]) - 0.003
    assert clear.common.tokens / counts.sum() < 0.05


@pytest.mark.parametrize("finer", [1.0, 1.5])
def test_chains_agree_in_a_clear_world_and_not_in_one_of_noise(finer):
    clear, *_ = planted(prior=0.05)
    random = np.random.default_rng(2)
    noise = csr_array(random.multinomial(60, np.full(200, 1 / 200), 300).astype(np.int32))
    for of_clear, of_noise in zip(
        *(sampler.fit(counts, 5, 1, chains=8, finer=finer).agreement for counts in (clear, noise)),
        strict=True,
    ):
        assert of_clear.mean() > 0.85 and of_clear.max() <= 1
        assert of_noise.mean() < 0.6 and of_noise.min() >= 0


def test_a_passage_that_chains_part_differently_agrees_less():
    """Three chains of two topics; all have the first passages in one, and each deals the last one otherwise."""
    shares = np.array([[1, 0], [1, 0], [0, 1], [1, 0]], float)
    roots = np.concatenate(
        [np.sqrt(np.vstack([shares[:3], [[last, 1 - last]]])) for last in (1.0, 0.5, 0.0)], axis=1
    )
    roots[:, 2:4] = roots[:, 3:1:-1].copy()  # a chain's topics come in any order
    roots, lengths = roots.astype(np.float32), np.array([10.0, 10, 10, 5])
    home = consensus.homes(roots, shares, lengths)
    assert home.tolist() == [0, 1, 1, 0, 0, 1]
    of_topics, of_passages = consensus.agreement(roots, home, 3, shares, lengths)
    assert np.allclose(of_passages, [1, 1, 1, 0.5])
    dice = [np.mean([1, 45 / 47.5, 40 / 45]), np.mean([1, 20 / 22.5, 20 / 25])]
    assert np.allclose(of_topics, dice)


def test_passages_are_parted_into_planted_groups_the_largest_first():
    random = np.random.default_rng(4)
    group = random.choice(4, 400, p=[0.1, 0.2, 0.3, 0.4])
    points = np.eye(4)[group] @ random.random((4, 30)) + 0.05 * random.standard_normal((400, 30))
    found = consensus.groups(points.astype(np.float32), np.full(400, 20.0), 4, 1)
    assert (found == 3 - group).all()
    alike = consensus.groups(np.ones((6, 4), np.float32), np.full(6, 1.0), 3, 1)  # nothing tells them apart
    assert set(alike) <= {0, 1, 2}


def test_same_seed_same_bytes_for_any_number_of_threads():
    counts, *_ = planted()
    runs = {
        (part, digest(sampler.fit(counts, 5, 9, chains=3, sweeps=12, common=part, threads=threads)))
        for part in (0, 0.5)
        for threads in (1, 2, 3, None)
    }
    assert len(runs) == 2
    assert digest(sampler.fit(counts, 5, 10, chains=3, sweeps=12)) not in {run for _, run in runs}


def test_the_counts_that_came_are_left_as_they_were():
    counts, *_ = planted()
    before = [array.copy() for array in (counts.indptr, counts.indices, counts.data)]
    sampler.fit(counts, 5, 1, chains=1, sweeps=3)
    for array, old in zip((counts.indptr, counts.indices, counts.data), before, strict=True):
        assert (array == old).all()


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from test_sampler import digest, planted
from nqp_topics.topics.engines import sampler, sparse
for sampler.LARGE, sparse.MANY, chains in eval(sys.argv[2]):
    print(digest(sampler.fit(planted()[0], 5, 3, chains=chains, sweeps=15)))
"""


def test_same_bytes_on_a_generic_and_on_this_processor(monkeypatch):
    # random start; from axes, in blocks; word by word
    ways = [(10**6, 256, 2), (1000, 256, 1), (10**6, 2, 2)]
    here = []
    for large, many, number in ways:
        monkeypatch.setattr(sampler, "LARGE", large)
        monkeypatch.setattr(sparse, "MANY", many)
        here.append(digest(sampler.fit(planted()[0], 5, 3, chains=number, sweeps=15)))
    assert len(set(here)) == len(ways)
    environment = {**os.environ, "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    environment["PYTHONHASHSEED"] = "77"
    folder = str(Path(__file__).parent)
    command = [sys.executable, "-c", PROGRAM, folder, str(ways)]
    there = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert there.stdout.split() == here


def test_a_chain_that_is_stopped_ends_early():
    counts, *_ = planted()
    given = bodies.Bodies(*arrays(counts), counts.shape[1])
    stop = threading.Event()
    stop.set()
    plan = bodies.Plan(start=1, sweeps=10**9, finish=1, word_prior=0.05)
    chain = sampler.chain(given, 5, 1, plan, stop)
    assert len(chain.trace) == 2


def test_a_stop_reaches_every_chain(monkeypatch):
    seen = []

    def some(bodies, topics, seeds, plan, stop):
        seen.append(stop)
        raise KeyboardInterrupt

    monkeypatch.setattr(chains, "eight", some)
    with pytest.raises(KeyboardInterrupt):
        sampler.fit(planted()[0], 5, 1, chains=20, threads=1)
    assert all(stop.is_set() for stop in seen)


def test_fold_in_does_not_depend_on_neighbours():
    counts, truth, shares = planted()
    chance, prior = np.ascontiguousarray(truth.T) + 1e-9, one_prior(np.full(5, 0.2), 300)
    all_at_once = kernels.fold(*arrays(counts), chance, prior, 200)
    alone = kernels.fold(*arrays(counts[[7]]), chance, prior, 200)
    assert (all_at_once[7] == alone[0]).all()
    assert np.abs(all_at_once - shares).mean() < 0.06
