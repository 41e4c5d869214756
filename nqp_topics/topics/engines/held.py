"""Held: words that a person gave to topics before anything was fitted; the topics are the first ones of every chain.

While a chain runs, such words weigh more in their topic, as tokens that never move, which lie on the counts of words × topics; passages in which they
stand have more of it beforehand, others less (planted themes that share most of their words are told apart so; words alone gather only themselves).
All of it is taken off at the end. No compiled loop knows of it, and chains agree about these topics without being matched.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from nqp_topics.topics.engines import consensus, kernels
from nqp_topics.topics.engines.kernels import Prior

TIMES = 3  # as many tokens as a word has in all texts weigh in its topic
LIFT = 10  # tokens of the topic for each such word of a passage
DAMP = 0.05  # the part of the prior of a passage without such words
# of the tokens of a passage, on the mean of all chains: from here on it is a passage of that topic
MOST = 0.5


class Held(NamedTuple):
    """`words[n]` weighs `weight[n]` tokens more in the topic `topics[n]`.

    `lift` (rows that differ × the topics that have such words, the first ones; row 0 has none) is what passages have more, `of` the row of each.
    """

    words: np.ndarray
    topics: np.ndarray
    weight: np.ndarray
    lift: np.ndarray
    of: np.ndarray


def held(counts: csr_array, words: Sequence[Sequence[int]]) -> Held | None:
    """Return what is held of words (numbers of columns), a list of them for each of the first topics."""
    if not words:
        return None
    flat = np.array([word for some in words for word in some], np.int64)
    topics = np.repeat(np.arange(len(words)), [len(some) for some in words])
    often = np.bincount(counts.indices, counts.data, counts.shape[1]).astype(np.int64)
    seen = np.zeros((counts.shape[0] + 1, len(words)), np.int64)  # the last row: a passage without any
    for number, some in enumerate(words):
        seen[:-1, number] = counts[:, some].sum(axis=1)
    rows, of = np.unique(seen, axis=0, return_inverse=True)
    return Held(flat, topics, TIMES * often[flat], LIFT * rows, of.ravel()[:-1].astype(np.int64))


def keep_out(held: Held | None, shares: np.ndarray) -> None:
    """Begin with nothing of these topics in passages without their words."""
    if held:
        shares[:, : held.lift.shape[1]] *= held.lift[held.of] > 0


def lifted(held: Held | None, prior: Prior) -> Prior:
    """Return the document priors of passages under one prior that is learnt."""
    if held is None:
        return prior
    rows = np.repeat(prior.rows[:1], len(held.lift), axis=0)
    here = rows[:, : held.lift.shape[1]]
    here[:] = np.where(held.lift > 0, here + held.lift, DAMP * here)
    return Prior(rows, held.of)


def lay(held: Held | None, numbers: np.ndarray, totals: np.ndarray, sign: int = 1) -> None:
    """Lay the tokens that never move on counts of words × topics and their totals, or (-1) take them off."""
    if held:
        np.add.at(numbers, (held.words, held.topics), sign * held.weight)
        np.add.at(totals, held.topics, sign * held.weight)


def laid(held: Held | None, table: np.ndarray) -> np.ndarray:
    """Return expected counts of words × topics with what is held on them."""
    if held is None:
        return table
    found = table.copy()
    np.add.at(found, (held.words, held.topics), held.weight)
    return found


def expectation(
    bodies: Any, shares: np.ndarray, table: np.ndarray, prior: Prior, word_prior: float, passes: int
) -> float:
    """Run EM as `kernels.expectation` does, with what is held laid on the table before every pass."""
    texts, after = (bodies.ends, bodies.words, bodies.times), (prior, word_prior)
    if bodies.held is None:
        return float(kernels.expectation(*texts, shares, table, *after, passes))
    found = 0.0
    for _ in range(passes):
        table[:] = laid(bodies.held, table)
        found = kernels.expectation(*texts, shares, table, *after, 1)
    return float(found)


def groups(
    held: Held | None, roots: np.ndarray, chains: int, lengths: np.ndarray, topics: int, seed: int
) -> np.ndarray:
    """Return the group of each passage, as `consensus.groups` does for topics without such words, which follow by size.

    A passage of which most tokens, on the mean of all chains, are in a topic with held words is of its group.
    """
    if held is None:
        return consensus.groups(roots.copy(), lengths, topics, seed)
    each, many = roots.shape[1] // chains, held.lift.shape[1]
    share = np.zeros((len(roots), many))
    for chain in range(chains):
        share += np.square(roots[:, chain * each : chain * each + many], dtype=np.float64)
    found, most = share.argmax(axis=1), share.max(axis=1)
    if (free := topics - many) > 0:
        rest = most <= MOST * chains
        rest[np.argsort(most, kind="stable")[:free]] = True  # a passage for every other topic at least
        found[rest] = many + consensus.groups(roots[rest], lengths[rest], free, seed)
    return found
