"""Scores: known answers on tables small enough to reckon by hand, laws, gensim's values, and a planted model that comes first."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from scipy import sparse

from nqp_topics.choose import agreement, coherence, heldout, loops, shape
from nqp_topics.counts import Counts
from nqp_topics.study import Refused
from nqp_topics.topics.fit import train
from nqp_topics.topics.model import Topics, topic_names

# four words, two topics
TWO = np.array([[0.5, 0.1], [0.3, 0.1], [0.1, 0.3], [0.1, 0.5]])


def random_words(seed, words=60, topics=5, evenness=0.1):
    return np.random.default_rng(seed).dirichlet(np.full(words, evenness), topics).T


def as_topics(words, prior, counts, shares=None, seed=0):
    names = topic_names(words.shape[1])
    shares = np.full((len(counts.ids), len(names)), 1 / len(names)) if shares is None else shares
    return Topics(
        words=pd.DataFrame(words, index=pd.Index(counts.words, name="word"), columns=names),
        passages=pd.DataFrame(shares, index=pd.Index(counts.ids, name="id"), columns=names),
        tokens=pd.Series(shares.sum(axis=0), index=names, name="tokens"),
        prior=pd.Series(prior, index=names, name="prior"),
        word_prior=0.05,
        seed=seed,
        engine="planted",
        version="1",
        iterations=1,
        trace=pd.DataFrame({"iteration": [1], "log_likelihood": [-1.0]}),
        counts_fingerprint=counts.fingerprint,
    )


def planted(articles=60, passages=6, length=40, topics=4, words=120, seed=3, evenness=0.05):
    """A corpus whose topics are known: counts, words × topics, the prior of a passage, shares."""
    draw = np.random.default_rng(seed)
    table = draw.dirichlet(np.full(words, evenness), topics).T
    table = (table + 1e-5) / (table + 1e-5).sum(axis=0)
    prior = np.full(topics, 0.2)
    shares = draw.dirichlet(prior, articles * passages)
    rows = np.array([draw.multinomial(length, table @ share) for share in shares])
    ids = [f"a{n // passages:02d}-p{n % passages}" for n in range(len(rows))]
    counts = Counts(ids, [f"词{n}" for n in range(words)], sparse.csr_array(rows), [name[:3] for name in ids])
    return counts, table, prior, shares


# shape


def test_top_words_are_those_of_a_stable_sort():
    words = np.round(random_words(1, 200, 7), 2)  # rounded: many are equal
    expected = np.argsort(-words, axis=0, kind="stable")[:10].T
    assert (shape.top(words, 10) == expected).all()
    assert (shape.top(words, 200) == np.argsort(-words, axis=0, kind="stable").T).all()


def test_separation_of_two_topics_by_hand():
    p, q = TWO.T
    m = (p + q) / 2
    expected = (np.sum(p * np.log2(p / m)) + np.sum(q * np.log2(q / m))) / 2
    assert math.isclose(shape.separation(TWO), expected, rel_tol=1e-12)
    three = np.column_stack([TWO, TWO[:, 0]])
    assert math.isclose(shape.separation(three), expected * 2 / 3, rel_tol=1e-12)


def test_exclusivity_by_hand():
    # topic 1: of words 1 and 2 the shares among topics are .5/.6 and .3/.4, ranks 4 and 3 of 4; by weight ranks 4 and 3
    expected = (1 + 1 / (0.7 / (3 / 4) + 0.3 / (3 / 4))) / 2
    assert np.allclose(shape.exclusivity(TWO, top_n=2), [expected, expected])
    # the third and fourth word of topic 1 have the same weight, .1: rank 1.5 each; by share .25 and 1/6: ranks 2 and 1
    both = [1, 3 / 4, 1 / (0.7 / (2 / 4) + 0.3 / (1.5 / 4)), 1 / (0.7 / (1 / 4) + 0.3 / (1.5 / 4))]
    assert np.allclose(shape.exclusivity(TWO, top_n=4)[0], np.mean(both))


def test_effective_number_and_diversity_by_hand():
    assert math.isclose(shape.effective(np.array([5.0, 5.0, 5.0, 5.0])), 4)
    assert math.isclose(shape.effective(np.array([7.0, 0.0])), 1)
    assert math.isclose(shape.effective(np.array([3.0, 1.0])), 4 / 27**0.25)
    assert shape.diversity(TWO, 2) == 1 and shape.diversity(TWO, 3) == 4 / 6
    assert shape.diversity(np.column_stack([TWO[:, 0], TWO[:, 0]]), 2) == 0.5


def test_cao_juan_by_hand():
    assert math.isclose(shape.cao_juan(TWO), (0.05 + 0.03 + 0.03 + 0.05) / 0.36, rel_tol=1e-12)
    assert math.isclose(shape.cao_juan(np.eye(3)), 0)
    assert math.isclose(shape.cao_juan(np.full((4, 3), 0.25)), 1)


def test_deveaud_by_hand():
    by_hand = 0.4 * math.log(5) + 0.2 * math.log(3)  # both directions are equal here: .4 ln 5 + .2 ln 3
    assert math.isclose(shape.deveaud(TWO), by_hand, rel_tol=1e-12)
    words = random_words(5, evenness=1.0)
    pairs = [
        (np.sum(words[:, i] * np.log(words[:, i] / words[:, j])) + np.sum(words[:, j] * np.log(words[:, j] / words[:, i]))) / 2
        for i, j in combinations(range(5), 2)
    ]  # fmt: skip
    assert math.isclose(shape.deveaud(words), np.mean(pairs), rel_tol=1e-10)
    assert math.isinf(shape.deveaud(np.eye(3)))
    assert shape.deveaud(np.array([[0.5, 0.5], [0.5, 0.5], [0.0, 0.0]])) == 0


def test_arun_by_hand():
    # M1 = identity: singular values 1, 1, so (1/2, 1/2); lengths times shares: 30 · (1, 0) + 10 · (0, 1): (3/4, 1/4)
    shares = np.array([[1.0, 0.0], [0.0, 1.0]])
    expected = 0.25 * math.log(1.5) - 0.25 * math.log(0.5)
    assert math.isclose(shape.arun(np.eye(2), shares, np.array([30, 10])), expected, rel_tol=1e-12)
    # the order of topics does not matter, for both are sorted
    assert math.isclose(shape.arun(np.eye(2), shares, np.array([10, 30])), expected, rel_tol=1e-12)
    assert math.isclose(shape.arun(np.eye(2), shares, np.array([7, 7])), 0, abs_tol=1e-12)


def test_arun_takes_the_singular_values():
    words = random_words(4)
    shares = np.random.default_rng(0).dirichlet(np.ones(5), 30)
    lengths = np.random.default_rng(1).integers(5, 60, 30)
    one = np.linalg.svd(words.T, compute_uv=False)
    other = np.sort(lengths @ shares)[::-1]
    one, other = one / one.sum(), other / other.sum()
    expected = np.sum(one * np.log(one / other)) + np.sum(other * np.log(other / one))
    assert math.isclose(shape.arun(words, shares, lengths), expected, rel_tol=1e-9)


def test_scores_do_not_care_for_the_order_of_topics():
    words = random_words(8)
    turned = words[:, [3, 1, 4, 0, 2]]
    for score in (shape.separation, shape.cao_juan, shape.deveaud, shape.diversity):
        assert math.isclose(score(words), score(turned), rel_tol=1e-12)


# coherence


def texts(seed=0, many=80, vocabulary=25):
    draw = np.random.default_rng(seed)
    weights = draw.dirichlet(np.full(vocabulary, 0.5))
    lengths = draw.integers(2, 180, many)
    return [[f"词{n}" for n in draw.choice(vocabulary, size, p=weights)] for size in lengths]


def counted(rows):
    words = sorted({token for row in rows for token in row})
    number = {word: place for place, word in enumerate(words)}
    table = np.zeros((len(rows), len(words)), np.int64)
    for place, row in enumerate(rows):
        for token in row:
            table[place, number[token]] += 1
    ids = [f"p{n}" for n in range(len(rows))]
    return Counts(ids, words, sparse.csr_array(table)), pd.DataFrame({"id": ids, "tokens": rows})


def by_force(rows, size, words):
    windows = [row[at : at + size] for row in rows for at in range(max(1, len(row) - size + 1)) if row]
    there = np.array([[word in window for word in words] for window in windows], np.int64)
    return there.T @ there, len(windows)


@pytest.mark.parametrize("size", [1, 2, 10, 110, 1000])
def test_windows_are_counted_as_the_definition_says(size):
    rows = [*texts(many=20), [], ["词1"]]
    words = [f"词{n}" for n in range(12)]
    ends = np.cumsum([0, *map(len, rows)])
    tokens = np.array(
        [words.index(token) if token in words else -1 for row in rows for token in row], np.int64
    )
    found, total = loops.windows(ends, tokens, size, len(words), False)
    expected, windows = by_force(rows, size, words)
    assert total == windows and (found == expected).all()


def test_a_repeated_word_is_where_gensim_and_the_definition_part():
    # 甲 stands twice in the first window of three; gensim forgets it when the first one leaves
    tokens, ends = np.array([0, 0, 1, 1]), np.array([0, 4])
    ours, _ = loops.windows(ends, tokens, 3, 2, False)
    theirs, _ = loops.windows(ends, tokens, 3, 2, True)
    assert ours.tolist() == [[2, 2], [2, 2]]
    assert theirs.tolist() == [[1, 1], [1, 2]]


@pytest.mark.parametrize("measure", ["c_v", "c_npmi", "u_mass"])
def test_as_gensim_is_gensims_coherence_model(measure):
    from gensim.models import CoherenceModel

    rows = texts()
    counts, tokens = counted(rows)
    topics = shape.top(random_words(3, len(counts.words), 6), 8)
    names, corpus = counts.to_gensim()
    expected = CoherenceModel(
        topics=[[counts.words[place] for place in row] for row in topics],
        texts=rows,
        corpus=corpus,
        dictionary=names,
        coherence=measure,
        topn=8,
        processes=1,
    ).get_coherence_per_topic()
    ends, numbers = coherence.ordered(tokens, counts)
    if measure == "u_mass":
        found = coherence.umass(topics, counts.matrix, as_gensim=True)
    else:
        score = coherence.c_v if measure == "c_v" else coherence.npmi
        found = score(topics, ends, numbers, as_gensim=True)
        assert np.abs(found - score(topics, ends, numbers)).max() > 1e-4
    assert np.abs(found - expected).max() < 1e-9


def test_npmi_and_umass_by_hand():
    # 甲 and 乙 together in two of four passages, 甲 alone in one, none in one
    counts, _ = counted([["乙", "甲"], ["甲", "乙", "乙"], ["甲"], ["丙"]])
    topics = np.array([[counts.words.index(word) for word in "甲乙"]])
    npmi = math.log(0.5 / (0.75 * 0.5)) / -math.log(0.5)
    assert math.isclose(coherence.npmi_passages(topics, counts.matrix)[0], npmi, rel_tol=1e-9)
    assert math.isclose(coherence.umass(topics, counts.matrix)[0], math.log(3 / 3), abs_tol=1e-12)
    assert math.isclose(coherence.umass(topics[:, ::-1], counts.matrix)[0], math.log(3 / 2), rel_tol=1e-12)


def test_words_counted_in_parts_have_the_same_coherence(monkeypatch):
    counts, tokens = counted(texts())
    topics = shape.top(random_words(3, len(counts.words), 6), 8)
    whole = coherence.c_v(topics, *coherence.ordered(tokens, counts))
    monkeypatch.setattr(coherence, "UNION", 10)
    assert (coherence.c_v(topics, *coherence.ordered(tokens, counts)) == whole).all()


def test_tokens_of_other_counts_are_refused():
    counts, tokens = counted(texts())
    rows = [row[1:] if place == 5 else row for place, row in enumerate(tokens["tokens"])]
    other = tokens.assign(tokens=rows)
    refuses("'p5' has other words", coherence.ordered, other, counts)
    refuses("no tokens of 1 passage, such as 'p0'", coherence.ordered, tokens[1:], counts)


def test_tokens_may_stand_in_another_order_of_passages_and_hold_words_that_are_not_counted():
    counts, tokens = counted(texts())
    fewer = counts.without(["词0"])
    ends, numbers = coherence.ordered(tokens[::-1], fewer)
    assert np.diff(ends).tolist() == [len(row) for row in tokens["tokens"]]
    assert (numbers == -1).sum() == sum(row.count("词0") for row in tokens["tokens"])


# held out


def test_whole_articles_are_held_out_and_nothing_is_lost():
    counts, *_ = planted()
    parts = heldout.split(counts, 0.25, 7)
    outside = {name for name in counts.ids if name[:3] in parts.articles}
    assert set(parts.train.ids) == set(counts.ids) - outside
    assert not set(parts.train.articles) & set(parts.articles)
    assert 0.2 * counts.tokens < counts.tokens - parts.train.tokens <= 0.25 * counts.tokens
    assert parts.first.tokens + parts.second.tokens + parts.left_out == counts.select(sorted(outside)).tokens
    lengths = np.asarray((parts.first.matrix + parts.second.matrix).sum(axis=1)).ravel()
    assert (np.asarray(parts.second.matrix.sum(axis=1)).ravel() == lengths // 2).all()
    whole = counts.select(parts.first.ids).without(set(counts.words) - set(parts.train.words))
    assert ((parts.first.matrix + parts.second.matrix) != whole.matrix).nnz == 0


def test_the_split_is_the_same_every_time_and_for_any_order_of_passages():
    counts, *_ = planted()
    one, two = heldout.split(counts), heldout.split(counts)
    assert [part.fingerprint for part in one[:3]] == [part.fingerprint for part in two[:3]]
    turned = heldout.split(counts.select(counts.ids[::-1]))
    assert sorted(turned.articles) == sorted(one.articles)
    assert turned.first.select(one.first.ids).fingerprint == one.first.fingerprint
    assert set(heldout.split(counts, seed=1).articles) != set(one.articles)


def test_a_word_that_training_never_saw_is_left_out():
    rows = np.array([[3, 2, 0], [2, 3, 0], [1, 1, 4]])
    counts = Counts("abc", ["甲", "乙", "丙"], sparse.csr_array(rows), ["x", "x", "y"])
    parts = heldout.split(counts, 0.4)
    assert parts.articles == ("y",)  # x has more than the share
    assert parts.train.words == ("甲", "乙") and parts.left_out == 4
    assert parts.first.tokens == parts.second.tokens == 1


def test_what_cannot_be_held_out_is_refused():
    counts, *_ = planted()
    with pytest.raises(Refused) as refused:
        heldout.split(Counts(counts.ids, counts.words, counts.matrix, ["one"] * len(counts.ids)), 1.5, "x")
    assert len(refused.value.problems) == 3
    apart = Counts("ab", ["甲", "乙"], sparse.csr_array(np.array([[3, 0], [0, 3]])))
    refuses("none of whose passages", heldout.split, apart, 0.5)


def test_log_likelihood_by_hand():
    # one topic only has the prior's shares whatever it reads: every word is foretold by its own weight
    counts = Counts("ab", ["甲", "乙"], sparse.csr_array(np.array([[2, 1], [1, 1]])))
    run = as_topics(np.array([[0.75, 0.75], [0.25, 0.25]]), [1.0, 1.0], counts)
    expected = (3 * math.log(0.75) + 2 * math.log(0.25)) / 5
    assert math.isclose(heldout.log_likelihood(run, counts, counts), expected, rel_tol=1e-12)


@pytest.mark.parametrize("seed", [3, 4])
def test_the_planted_model_foretells_best(seed):
    counts, table, prior, _ = planted(seed=seed)
    parts = heldout.split(counts)
    place = [counts.words.index(word) for word in parts.train.words]
    true = table[place] / table[place].sum(axis=0)

    def found(words):
        run = as_topics(words, np.full(words.shape[1], prior[0]), parts.train)
        return heldout.log_likelihood(run, parts.first, parts.second)

    best = found(true)
    others = {
        "even": found(np.full_like(true, 1 / len(true))),
        "one topic": found(np.repeat(true.mean(axis=1, keepdims=True), 4, axis=1)),
        "three of four": found(true[:, :3]),
        "merged": found(np.column_stack([true[:, :2], true[:, 2:].mean(axis=1)])),
        "blurred": found(0.9 * true + 0.1 / len(true)),
        "sharpened": found(true**1.2 / (true**1.2).sum(axis=0)),
    }
    for topics in (2, 3, 4, 5, 8):
        run = train(parts.train, topics, 1, chains=1)
        others[f"sampler {topics}"] = heldout.log_likelihood(run, parts.first, parts.second)
    run = train(parts.train, 4, 1, "gensim", passes=5)
    others["gensim 4"] = heldout.log_likelihood(run, parts.first, parts.second)
    assert max(others.values()) < best, (best, others)
    assert others["sampler 4"] > max(others["sampler 2"], others["sampler 3"], others["blurred"])


# stability


def sides(words, shares, top_n=10):
    return agreement.side(words, shares, top_n)


def test_topics_in_another_order_agree_wholly():
    words, order = random_words(1), [2, 0, 4, 1, 3]
    shares = np.random.default_rng(0).dirichlet(np.full(5, 0.3), 50)
    matched, table, strongest = agreement.agreement(
        sides(words, shares), sides(words[:, order], shares[:, order])
    )
    assert [order[place] for place in matched] == [0, 1, 2, 3, 4]
    assert np.allclose(table, [0, 1, 1, 1]) and math.isclose(strongest, 1)


def test_agreement_of_one_topic_by_hand():
    shares = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    other = np.column_stack([TWO[:, 0], [0.1, 0.5, 0.3, 0.1]])
    matched, table, _ = agreement.agreement(sides(TWO, shares, 2), sides(other, shares[::-1], 2))
    assert matched.tolist() == [0, 1]
    assert table[0, :3].tolist() == [0, 1, 1]
    assert math.isclose(table[1, 1], (0.01 + 0.05 + 0.09 + 0.05) / 0.36, rel_tol=1e-12)
    assert math.isclose(table[1, 2], 1 / 3)  # words 4, 3 and 2, 3
    expected = np.corrcoef(shares[:, 0], shares[::-1, 0])[0, 1]
    assert math.isclose(table[0, 3], expected, rel_tol=1e-12)


def test_adjusted_information_is_that_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    draw = np.random.default_rng(0)
    for topics in (2, 5, 9):
        one = draw.integers(0, topics, 200)
        other = np.where(draw.random(200) < 0.5, one, draw.integers(0, topics, 200))
        expected = metrics.adjusted_mutual_info_score(one, other)
        assert math.isclose(agreement.adjusted_information(one, other), expected, rel_tol=1e-9)
    one = np.repeat([0, 1, 2], 5)
    assert math.isclose(agreement.adjusted_information(one, (one + 1) % 3), 1)
    assert agreement.adjusted_information(one, np.zeros(15, int)) == 0
    assert agreement.adjusted_information(np.zeros(15, int), np.zeros(15, int)) == 1


def test_chance_keeps_the_sizes_and_the_distances_of_topics():
    counts, table, prior, shares = planted()
    run = as_topics(table, prior, counts, shares)
    found = agreement.by_chance(run, counts, 10, 0)
    assert np.allclose(found.words.sum(axis=0), 1)
    assert math.isclose(shape.separation(found.words), shape.separation(table), rel_tol=1e-9)
    real = agreement.side(table, shares, 10)
    assert (np.bincount(found.strongest) == np.bincount(real.strongest)).all()
    assert np.allclose(np.sort(found.unit_shares, axis=0), np.sort(real.unit_shares, axis=0))
    assert not (found.words == table).all()
    again = agreement.by_chance(run, counts, 10, 0)
    assert (again.words == found.words).all() and (again.unit_shares == found.unit_shares).all()


def test_topics_that_are_all_alike_agree_by_chance_as_much_as_in_truth():
    counts, table, prior, shares = planted()
    corpus = np.asarray(counts.matrix.sum(axis=0)).ravel() + 0.5
    draw = np.random.default_rng(1)

    def vague(seed):
        words = corpus[:, None] * draw.uniform(0.8, 1.2, (len(corpus), 4))
        return as_topics(words / words.sum(axis=0), prior, counts, draw.dirichlet(np.full(4, 9.0), 360), seed)

    model, _ = agreement.compare([vague(seed) for seed in range(3)], counts, 10)
    settled, _ = agreement.compare(
        [as_topics(table, prior, counts, shares, seed) for seed in range(3)], counts, 10
    )
    assert model["cosine"] > 0.95 and settled["cosine"] > 0.999  # by itself this says little
    assert model["separation"] < 0.05 < 0.4 < settled["separation"]
    assert abs(model["passages"]) < 0.2 and settled["passages"] > 0.999
    assert model["chance_cosine"] - settled["chance_cosine"] > 0.3


def test_a_run_that_was_stopped_early_would_still_move():
    counts, *_ = planted()
    early, late = (
        agreement.convergence(train(counts, 4, 1, chains=1, start=0, sweeps=0, finish=passes), counts)
        for passes in (2, 300)
    )
    assert early["moved"] > 3 * late["moved"] and late["moved"] < 0.01
    assert math.isnan(early["gain"])  # one note only
    run = train(counts, 4, 1, chains=1, start=0, sweeps=20, finish=10)
    steps = run.trace.iloc[-1] - run.trace.iloc[-2]
    gain = agreement.convergence(run, counts)["gain"]
    assert math.isclose(gain, steps["log_likelihood"] / steps["iteration"], rel_tol=1e-12)
