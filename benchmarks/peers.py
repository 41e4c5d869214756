# ruff: noqa: E402
"""The peers on the same arrays: each gives topics × words, passages × topics, the document prior, and the CPU seconds of the fit alone."""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # CPU time of a fit, not of threads that wait for each other

import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from nqp_topics.study import load
from nqp_topics.topics import engines

ROOT = Path(__file__).resolve().parents[1]
TINY = 1e-7  # for words that a peer says cannot be


class Model(NamedTuple):
    """Topics of an engine; `mixed`: words and prior of all that its texts are made of, where that is more than the topics."""

    words: np.ndarray
    shares: np.ndarray
    prior: np.ndarray
    seconds: float
    mixed: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def made_of(self) -> tuple[np.ndarray, np.ndarray]:
        return self.mixed or (self.words, self.prior)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begin = time.process_time()
    done = work()
    return done, time.process_time() - begin


def ours(counts: csr_array, topics: int, seed: int, **settings: Any) -> Model:
    room = engines.engine("sampler")
    fit, seconds = timed(lambda: room.fit(counts, topics, seed, **{"threads": 1} | settings))
    common = fit.common
    mixed = common and (np.vstack([fit.words, common.words]), np.append(fit.prior, common.prior))
    return Model(fit.words, fit.shares, fit.prior, seconds, mixed)


def gensim(counts: csr_array, topics: int, seed: int, passes: int = 20) -> Model:
    from gensim.models import LdaModel

    from nqp_topics.topics.engines.gensim import bags

    rows = bags(counts)
    names = {number: str(number) for number in range(counts.shape[1])}
    model, seconds = timed(
        lambda: LdaModel(rows, num_topics=topics, id2word=names, passes=passes, random_state=seed)
    )
    shares = model.inference(rows)[0].astype(float)
    return Model(
        model.get_topics().astype(float),
        shares / shares.sum(axis=1, keepdims=True),
        np.asarray(model.alpha, float),
        seconds,
    )


def sklearn(counts: csr_array, topics: int, seed: int, iterations: int = 100) -> Model:
    from sklearn.decomposition import LatentDirichletAllocation

    model = LatentDirichletAllocation(topics, max_iter=iterations, random_state=seed)
    _, seconds = timed(lambda: model.fit(counts))
    words = model.components_ / model.components_.sum(axis=1, keepdims=True)
    return Model(words, model.transform(counts), np.full(topics, 1 / topics), seconds)


def texts(counts: csr_array) -> list[list[str]]:
    ends, words, times = engines.arrays(counts)
    return [[str(word) for word in np.repeat(words[a:b], times[a:b])] for a, b in pairwise(ends)]


def placed(found: Any, vocabulary: Any, width: int) -> np.ndarray:
    words = np.zeros((len(found), width))
    words[:, [int(word) for word in vocabulary]] = found
    words = np.maximum(words, TINY)
    return words / words.sum(axis=1, keepdims=True)


def tomotopy(counts: csr_array, topics: int, seed: int, iterations: int = 500) -> Model:
    from tomotopy import LDAModel

    model = LDAModel(k=topics, seed=seed)
    for text in texts(counts):
        model.add_doc(text)
    _, seconds = timed(lambda: model.train(iterations, workers=1))
    found = [model.get_topic_word_dist(topic) for topic in range(topics)]
    shares = np.array([document.get_topic_dist() for document in model.docs])
    return Model(placed(found, model.used_vocabs, counts.shape[1]), shares, np.array(model.alpha), seconds)


def topica(counts: csr_array, topics: int, seed: int, iterations: int = 1000) -> Model:
    from topica import LDA

    model, rows = LDA(topics, seed=seed), texts(counts)
    _, seconds = timed(lambda: model.fit(rows, iters=iterations, num_threads=1))
    found = np.asarray(model.topic_word)
    return Model(
        placed(found, model.vocabulary, counts.shape[1]),
        np.asarray(model.doc_topic),
        np.array(model.alpha),
        seconds,
    )


# name → (library, fit)
PEERS: dict[str, tuple[str, Callable[..., Model]]] = {
    "nqp_topics, in a search": ("numba", lambda *given: ours(*given, chains=1, sweeps=40)),
    "nqp_topics, one chain of 80": ("numba", lambda *given: ours(*given, chains=1, sweeps=80, finish=15)),
    "nqp_topics": ("numba", ours),
    "nqp_topics, as reported": ("numba", lambda *given: ours(*given, **load(ROOT).engines["sampler"])),
    "gensim, 20 passes": ("gensim", gensim),
    "scikit-learn, 100 iterations": ("sklearn", sklearn),
    "tomotopy, 500 iterations": ("tomotopy", tomotopy),
    "tomotopy, 1000 iterations": ("tomotopy", lambda *given: tomotopy(*given, 1000)),
    "topica, 1000 iterations": ("topica", topica),
}


def present(only: str = "") -> dict[str, Callable[..., Model]]:
    """Return the fits whose library is installed, where `only` (a,b) is given those of that name or whose name holds that word."""
    wanted = [word for word in only.split(",") if word]
    return {
        name: fit
        for name, (library, fit) in PEERS.items()
        if find_spec(library)
        and (not wanted or any(word == name or (word in name and word not in PEERS) for word in wanted))
    }
