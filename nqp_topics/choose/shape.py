"""Shape: what the tables of one run show by themselves: how far apart its topics are, how exclusive their words, how even their sizes.

All functions take `words` as a run has it, words × topics, each column summing to one.
"""

import numpy as np

from nqp_topics import similar
from nqp_topics.similar import products


def top(words: np.ndarray, top_n: int) -> np.ndarray:
    """Return topics × `top_n` places of words, the likeliest first; of equally likely ones the earlier word first."""
    return np.argsort(-words, axis=0, kind="stable")[:top_n].T


def exclusivity(words: np.ndarray, top_n: int = 10) -> np.ndarray:
    """Return for each topic the mean FREX of its top words, from 0 to 1, what is exclusive counting for 0.7 (Bischof and Airoldi 2012; stm gives the sum over ten)."""
    return np.asarray(similar.frex(words, 0.7, top(words, top_n)).mean(axis=1))


def separation(words: np.ndarray) -> float:
    """Return the mean Jensen-Shannon divergence of all pairs of topics, from 0 to 1."""
    return pairs_mean(similar.divergences(words))


def effective(tokens: np.ndarray) -> float:
    """Return how many topics of equal size would be as uneven as these: the exponential of the entropy of the topics' shares."""
    shares = tokens / tokens.sum()
    shares = shares[shares > 0]
    return float(np.exp(-np.sum(shares * np.log(shares))))


def diversity(words: np.ndarray, top_n: int = 10) -> float:
    """Return the share of different words among the top words of all topics: 1 where no topic shares one (Dieng et al. 2020)."""
    places = top(words, top_n)
    return len(np.unique(places)) / places.size


def cao_juan(words: np.ndarray) -> float:
    """Return the mean cosine of all pairs of topics (Cao, Xia, Li, Zhang and Tang 2009, the first author often cited as Cao Juan)."""
    return pairs_mean(similar.cosines(words, words))


def arun(words: np.ndarray, shares: np.ndarray, lengths: np.ndarray) -> float:
    """Return the symmetric Kullback-Leibler divergence of two distributions over topics (Arun et al. 2010).

    One is that of the singular values of the topics × words matrix, the other that of the passages' lengths times their shares; both are
    normalised and sorted before they are set against each other. (ldatuning does neither, so that its values are others.)
    """
    table = np.ascontiguousarray(words)
    # the square roots of the eigenvalues of the small matrix topics × topics, because a decomposition of the large one
    # gives other last digits with other numbers of threads
    spectrum = np.sqrt(np.maximum(np.linalg.eigvalsh(products(table, table)), 0.0))
    weights = np.ascontiguousarray(lengths, dtype=np.float64)[:, None]
    sizes = products(weights, np.ascontiguousarray(shares))[0]
    one, other = (np.sort(values)[::-1] / values.sum() for values in (spectrum, sizes))
    return _divergence(one, other) + _divergence(other, one)


def deveaud(words: np.ndarray) -> float:
    """Return the mean over all pairs of topics of (KL(p‖q) + KL(q‖p)) / 2, in nats, over all words (Deveaud et al. 2014).

    They divide the sum over ordered pairs by K(K-1), which is this mean; ldatuning adds every pair once and so gives half of it.
    A word that one topic has and another cannot have makes it infinite.
    """
    table = np.ascontiguousarray(words)
    with np.errstate(divide="ignore"):
        logs = np.log(table)
    if np.isneginf(logs).any():
        never = (table > 0).astype(np.float64), (table == 0).astype(np.float64)
        if products(*never).any():
            return float("inf")
        logs = np.where(table > 0, logs, 0.0)
    crossed = products(table, np.ascontiguousarray(logs))
    own = np.diag(crossed)
    return pairs_mean((own[:, None] + own[None, :] - crossed - crossed.T) / 2)


def _divergence(one: np.ndarray, other: np.ndarray) -> float:
    there = one > 0
    if (other[there] <= 0).any():
        return float("inf")
    return float(np.sum(one[there] * np.log(one[there] / other[there])))


def pairs_mean(table: np.ndarray) -> float:
    """Return the mean over all pairs of topics of a symmetric table, topics × topics."""
    return float(table[np.triu_indices(len(table), 1)].mean())
