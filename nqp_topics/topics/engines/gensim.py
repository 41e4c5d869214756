"""The engine gensim: its LdaModel (online variational Bayes), with settings that suit a corpus of some thousand passages."""

from itertools import pairwise
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from nqp_topics.topics.engines import Fit, arrays

# settings that are whole numbers, and the least that each can be
WHOLE = {"passes": 1, "iterations": 1, "chunk": 1}
EPSILON = float(np.finfo(np.float64).tiny)


def version() -> str:
    """Return the version of the library that fits."""
    import gensim

    return str(gensim.__version__)


def bags(counts: csr_array) -> list[list[tuple[int, int]]]:
    """Return passages as gensim wants them: lists of (word number, count)."""
    ends, words, times = arrays(counts)
    return [list(zip(words[a:b].tolist(), times[a:b].tolist(), strict=True)) for a, b in pairwise(ends)]


def fit(
    counts: csr_array,
    topics: int,
    seed: int,
    passes: int = 20,
    iterations: int = 50,
    chunk: int = 2000,
    prior: str = "auto",
    word_prior: float | str | None = "auto",
) -> Fit:
    """Fit with one worker, which is the only way that gives the same topics for the same seed.

    `passes` over all passages, at most `iterations` on each passage in a pass, `chunk` passages at a time, both priors learnt.
    """
    from gensim.models import LdaModel

    bodies = bags(counts)
    tokens = int(counts.sum())
    settings: dict[str, Any] = {"passes": passes, "iterations": iterations, "chunksize": chunk}
    settings |= {"alpha": prior, "eta": word_prior, "eval_every": None, "gamma_threshold": 1e-4}
    settings |= {"random_state": np.random.RandomState(seed), "dtype": np.float64}
    names = {number: str(number) for number in range(counts.shape[1])}
    model = LdaModel(bodies, num_topics=topics, id2word=names, **settings)
    gamma, _ = model.inference(bodies)
    gamma = np.asarray(gamma, dtype=np.float64)
    words = np.maximum(np.asarray(model.get_topics(), dtype=np.float64), EPSILON)
    words /= words.sum(axis=1, keepdims=True)
    shares = gamma / gamma.sum(axis=1, keepdims=True)
    lengths = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    bound = float(model.bound(bodies)) / tokens
    priors = np.asarray(model.alpha, dtype=np.float64), float(np.mean(model.eta))
    return Fit(words, shares, lengths @ shares, *priors, passes, [(passes, bound)])
