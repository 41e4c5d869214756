"""Planted worlds, whose truth is known: counts, and runs on them, that more than one file of tests looks at."""

import string

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csr_array

from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics, topic_names


def run_of(counts, phi, shares, seed=0):
    """A run that holds these words, a row a topic, and these shares, a row a passage."""
    names = topic_names(len(phi))
    mass = (shares * counts.matrix.sum(axis=1)[:, None]).sum(axis=0)
    return Topics(
        words=pd.DataFrame(phi.T, index=pd.Index(counts.words, name="word"), columns=names),
        passages=pd.DataFrame(shares, index=pd.Index(counts.ids, name="id"), columns=names),
        tokens=pd.Series(mass, index=names, name="tokens"),
        prior=pd.Series(0.1, index=names, name="prior"),
        word_prior=0.01,
        seed=seed,
        engine="planted",
        version="1",
        iterations=1,
        trace=pd.DataFrame({"iteration": [1], "log_likelihood": [-1.0]}),
        counts_fingerprint=counts.fingerprint,
    )


def mixes(articles, k=5, seed=1, scale=0.6):
    rng = np.random.default_rng(seed)
    return {f"a{number:02d}": rng.dirichlet(np.full(k, scale)) for number in range(articles)}


def of_mixes(mixes, passages, seed=0, strength=8.0, words=40):
    """A run and its counts, where each passage is drawn round the mix of its article."""
    rng = np.random.default_rng(seed)
    k = len(next(iter(mixes.values())))
    rows = [
        (f"{name}-p{place:03d}", name, rng.dirichlet(strength * np.asarray(mix) + 1e-3))
        for name, mix in mixes.items()
        for place in range(1, (passages[name] if isinstance(passages, dict) else passages) + 1)
    ]
    shares = np.array([row[2] for row in rows])
    phi = rng.dirichlet(np.full(words, 0.2), k)
    lengths = rng.integers(20, 120, len(rows))
    matrix = np.vstack(
        [rng.multinomial(n, p @ phi / (p @ phi).sum()) for n, p in zip(lengths, shares, strict=True)]
    )
    counts = Counts(
        tuple(row[0] for row in rows),
        tuple(f"词{number:03d}" for number in range(words)),
        sparse.csr_array(matrix),
        tuple(row[1] for row in rows),
    )
    return run_of(counts, phi, shares, seed), counts


def of_topics(seed=1, passages=300, length=60, words=200, topics=5, prior=0.2):
    """Counts drawn from topics that are known: (counts, topics × words, passages × topics)."""
    random = np.random.default_rng(seed)
    truth = random.dirichlet(np.full(words, 0.05), topics)
    shares = random.dirichlet(np.full(topics, prior), passages)
    rows = [random.multinomial(length, share @ truth) for share in shares]
    return csr_array(np.array(rows, dtype=np.int32)), truth, shares


def of_common_words(seed=1, passages=300, length=60, topics=6, words=300, common=50, part=0.4):
    """Counts of which about a part are words that no topic has, more in some passages than in others: (counts, topics × words and last the common ones, passages × topics)."""
    random = np.random.default_rng(seed)
    truth = np.zeros((topics + 1, words + common))
    truth[:topics, :words] = random.dirichlet(np.full(words, 0.05), topics)
    truth[topics, words:] = random.dirichlet(np.ones(common))
    shares = random.dirichlet(np.full(topics, 0.1), passages)
    parts = random.beta(5 * part, 5 * (1 - part), passages)[:, None]
    rows = [random.multinomial(length, mix @ truth) for mix in np.hstack([shares * (1 - parts), parts])]
    return csr_array(np.array(rows, dtype=np.int32)), truth, shares


def of_one_topic_each(topics=6, passages=180, words=120, seed=1):
    """Passages of which each speaks mostly of one topic; topics share no telling word."""
    draws = np.random.default_rng(seed)
    table = np.full((topics, words), 0.002)
    for topic in range(topics):
        own = slice(topic * words // topics, (topic + 1) * words // topics)
        table[topic, own] = draws.uniform(0.5, 1.5, words // topics)
    table /= table.sum(axis=1, keepdims=True)
    home = np.arange(passages) % topics
    shares = np.full((passages, topics), 0.02)
    shares[np.arange(passages), home] = 1 - 0.02 * (topics - 1)
    rows = np.array([draws.multinomial(20, share @ table) for share in shares])
    ids = [f"a{number // 4:03d}-{number % 4}" for number in range(passages)]
    return Counts(
        ids, [f"词{n:03d}" for n in range(words)], csr_array(rows), [name.split("-")[0] for name in ids]
    )


STEP, MEAN = 0.15, np.array([0.3, 0.3, 0.2, 0.2])


def of_two_groups(seed, length=15, speakers=40):
    """Short passages of articles of speakers with habits; group b has STEP more of the first topic and STEP less of the second. Years mean nothing."""
    rng = np.random.default_rng(seed)
    words = rng.dirichlet(np.full(150, 0.05), 4)
    rows, articles, known, shares = [], [], {}, []
    for speaker in range(speakers):
        group = "ab"[speaker % 2]
        mean = MEAN + np.array([1, -1, 0, 0]) * (STEP / 2 if group == "b" else -STEP / 2)
        habit = rng.dirichlet(30 * mean)
        for number in range(int(rng.choice([1, 1, 2, 3]))):
            article = f"a{speaker:02d}{number}"
            known[article] = (group, f"w{speaker}", 2000 + int(rng.integers(0, 20)))
            own = rng.dirichlet(9 * habit)
            for _ in range(int(rng.integers(3, 8))):
                shares.append(rng.dirichlet(3 * own + 1e-4))
                rows.append(rng.multinomial(length, shares[-1] @ words))
                articles.append(article)
    ids = [f"{name}-{place}" for place, name in enumerate(articles)]
    counts = Counts(ids, [f"v{n:03d}" for n in range(150)], np.array(rows), articles)
    about = pd.DataFrame(known, index=["group", "witness", "year"]).T.rename_axis("id")
    about.attrs["gap"] = gap(pd.DataFrame(shares).groupby(articles).mean(), about)
    return counts, about, words


def gap(shares, about):
    """How much more of each topic articles of b have."""
    in_b = (about["group"].reindex(shares.index) == "b").to_numpy()
    return (shares[in_b].mean() - shares[~in_b].mean()).to_numpy()


WORDS = tuple(f"词{n}" for n in range(12))
YEARS = [year for year in range(2000, 2020) if year not in (2008, 2009)]


def spoken(rows, words, tokens=60):
    """A run and its counts: article → (shares, the words of each topic), two passages an article."""
    ids, articles, shares, table = [], [], [], []
    for name, (share, spoken) in rows.items():
        rng = np.random.default_rng([7, *map(int, name[1:].split("-"))])
        for place in range(2):
            ids.append(f"{name}-{place}")
            articles.append(name)
            shares.append(share)
            table.append(rng.multinomial(tokens, np.array(share) @ spoken))
    counts = Counts(tuple(ids), WORDS, sparse.csr_array(np.array(table)), tuple(articles))
    return run_of(counts, np.array(words), np.array(shares), 1), counts


def with_a_break(order=sorted, voices=False):
    """Four topics of three words each. In 2010, behind a gap, T01 goes from .1 to .4 of T02; inside T03 two words change places. T04 is flat."""
    rng = np.random.default_rng(4)
    usual = np.kron(np.eye(4), np.full(3, 1 / 3))
    rows, dates, voice = {}, {}, {}
    for year in YEARS:
        late, now = year >= 2010, usual.copy()
        now[2, 6:8] = (0.1, 0.6) if late else (0.6, 0.1)
        for number in range(3):
            name = f"a{year}-{number}"
            voice[name] = (
                "press"
                if number < (3 if late else 0) + (1 if year % 5 == 0 else 0) - 2 * (year == 2015)
                else "party"
            )
            first = {"press": 0.4, "party": 0.1}[voice[name]] if voices else 0.4 if late else 0.1
            mean = np.array([first, 0.5 - first, 0.3, 0.2])
            rows[name], dates[name] = (rng.dirichlet(60 * mean), now), str(year)
    return *spoken({name: rows[name] for name in order(rows)}, usual), dates, voice


def of_four_kinds(lengths=(40, 20, 20, 10)):
    """Articles of one passage and three topics, a row a length: T01 lives in all of them, T02 in the first of every four, T03 in the next two."""
    words = ["甲", "乙", "丙", "丁"]
    ids = [string.ascii_lowercase[n] if n < 26 else f"a{n}" for n in range(len(lengths))]
    matrix = sparse.csr_array([[n // 4 + (n % 4 > k) for k in range(4)] for n in lengths])
    counts = Counts(ids, words, matrix)
    four = np.array([[0.25, 0.75, 0.0], [0.5, 0.0, 0.5], [0.5, 0.0, 0.5], [1.0, 0.0, 0.0]])
    shares = dict(zip(("T01", "T02", "T03"), four[np.arange(len(ids)) % 4].T, strict=True))
    weights = {"T01": [0.4, 0.3, 0.2, 0.1], "T02": [0.1, 0.2, 0.3, 0.4], "T03": [0.25, 0.15, 0.4, 0.2]}
    return run_of(counts, pd.DataFrame(weights, words).T, pd.DataFrame(shares, ids), 1), counts


def framed(counts):
    """Counts as a table: one row a passage, one column a word."""
    return pd.DataFrame(counts.matrix.toarray(), index=list(counts.ids), columns=list(counts.words))
