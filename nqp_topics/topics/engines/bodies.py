"""What a chain works on, how long it is, and how it ends; which every way of running one shares."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nqp_topics.topics.engines import kernels
from nqp_topics.topics.engines.held import Held
from nqp_topics.topics.engines.kernels import Prior

PRIOR = 5.0  # of a document, for all topics together, where learning begins
LEARN_FROM = 0.4  # of the sweeps: learnt sooner, topics die before they are found
LEARN_EVERY = 2  # sweeps
NOTE_EVERY = 10  # sweeps


class Bodies(NamedTuple):
    """Passages as the compiled loops want them, and the words that are held to topics."""

    ends: np.ndarray
    words: np.ndarray
    times: np.ndarray
    vocabulary: int
    held: Held | None = None

    @property
    def tokens(self) -> int:
        """How many tokens there are."""
        return int(self.times.sum(dtype=np.int64))

    @property
    def lengths(self) -> np.ndarray:
        """How many tokens each passage has."""
        return np.diff(np.append(0, np.cumsum(self.times, dtype=np.int64))[self.ends])


class Plan(NamedTuple):
    """How long a chain is: passes and sweeps, and the word prior it runs under."""

    start: int
    sweeps: int
    finish: int
    word_prior: float

    def learns(self, sweep: int, first: float = LEARN_FROM) -> bool:
        """Whether the prior is learnt after a sweep, of which the first is 0; from a part of all sweeps on."""
        return sweep >= first * self.sweeps and sweep % LEARN_EVERY == 0

    def notes(self, sweep: int) -> bool:
        """Whether the likelihood is noted after a sweep."""
        return (sweep + 1) % NOTE_EVERY == 0


@dataclass
class Chain:
    """One chain as it ends: expected tokens of passages × topics and words × topics, the prior, and how likely the tokens were on the way."""

    shares: np.ndarray
    table: np.ndarray
    prior: Prior
    word_prior: float
    trace: list[tuple[int, float]]
    weights: np.ndarray | None = None
    settled: bool = False  # it began where chains agree, and ran no sweeps

    @property
    def learnt(self) -> list[np.ndarray]:
        """Tokens of passages and words, and λ or the prior."""
        return [self.shares, self.table, self.prior.rows if self.weights is None else self.weights]

    @property
    def smoothed(self) -> np.ndarray:
        """The shares of topics in passages, each row summing to one."""
        found = self.shares + self.prior.rows[self.prior.of]
        return found / found.sum(axis=1, keepdims=True)


class Start(NamedTuple):
    """Where a chain of a large corpus begins: words × topics in tokens, how likely tokens of a sample are, the prior of each topic, and whether no sweeps are wanted, as chains agree about it."""

    table: np.ndarray
    likely: float
    rows: np.ndarray
    settled: bool = False


def alike(topics: int, passages: int) -> Prior:
    """Return the prior with which learning begins, one for all passages."""
    return Prior(np.full((1, topics), PRIOR / topics), np.zeros(passages, np.int64))


def chain_seed(seed: int, number: int) -> int:
    """Return the seed of one chain of a run: chains of different runs share no random numbers."""
    return int(kernels.scatter(np.uint64(kernels.scatter(np.uint64(seed))) + np.uint64(number)))


def label_type(topics: int) -> Any:
    """Return the narrowest whole numbers that tell so many topics apart."""
    return np.uint8 if topics <= 2**8 else np.uint16 if topics <= 2**16 else np.uint32
