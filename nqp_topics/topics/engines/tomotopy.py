"""The engine tomotopy (collapsed Gibbs, C++), for cross-checks: an optional library, one worker so that a seed means something."""

from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from nqp_topics.topics.engines import Fit, arrays

# settings that are whole numbers, and the least that each can be
WHOLE = {"iterations": 1, "every": 1}


def version() -> str:
    """Return the version of the library that fits."""
    import tomotopy

    return str(tomotopy.__version__)


def fit(
    counts: csr_array,
    topics: int,
    seed: int,
    iterations: int = 1000,
    prior: float = 0.1,
    word_prior: float = 0.01,
    every: int = 100,
) -> Fit:
    """Fit with one worker; the log-likelihood is noted after `every` iterations."""
    import tomotopy

    model = tomotopy.LDAModel(k=topics, seed=seed, alpha=prior, eta=word_prior)
    ends, words, times = arrays(counts)
    for a, b in pairwise(ends):
        model.add_doc([str(word) for word in np.repeat(words[a:b], times[a:b])])
    trace = []
    for start in range(0, iterations, every):
        step = min(every, iterations - start)
        model.train(step, workers=1)
        trace.append((start + step, float(model.ll_per_word)))
    shares = np.array([document.get_topic_dist() for document in model.docs], dtype=np.float64)
    places = np.array([int(word) for word in model.used_vocabs])
    found = np.zeros((topics, counts.shape[1]))
    found[:, places] = [model.get_topic_word_dist(topic) for topic in range(topics)]
    found = np.maximum(found, float(np.finfo(np.float64).tiny))
    words, shares = (table / table.sum(axis=1, keepdims=True) for table in (found, shares))
    tokens, alpha = (np.asarray(of, dtype=np.float64) for of in (model.get_count_by_topics(), model.alpha))
    return Fit(words, shares, tokens, alpha, float(model.eta), iterations, trace)
