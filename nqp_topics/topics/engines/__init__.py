"""Engines: the only rooms that know how topics are fitted; arrays go in, arrays come out, and no tables.

An engine is a module with `fit(counts, topics, seed, **settings) -> Fit`, `version() -> str` and `WHOLE`, the settings that are whole numbers and
the least that each can be. `ENGINES` names them all.
"""

from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from nqp_topics.checks import Problem, Refused, one_of, refuse_if

ENGINES = {name: f"nqp_topics.topics.engines.{name}" for name in ("sampler", "gensim", "tomotopy")}


class Common(NamedTuple):
    """What belongs to no topic in particular: words that all share, and of a passage that no topic fits nearly all; the chance of each of its `words`, its share of each passage, its document prior, and how many tokens it has."""

    words: Any
    passages: Any
    prior: float
    tokens: float

    def told(self, tokens: int, n: int) -> tuple[str, list[str], str]:
        """Return how much of all tokens it is, its likeliest words, and how many of the passages it makes up by half, as a run has them."""
        first = self.words.sort_values(ascending=False, kind="stable").index[:n]
        return f"{self.tokens / tokens:.0%}", list(first), f"{(self.passages > 0.5).mean():.1%}"


class Fit(NamedTuple):
    """What a fit gives: `words` topics × words and `shares` passages × topics, each row of both summing to one.

    `tokens` is how many tokens each topic has, `prior` the document prior of each topic, `word_prior` the prior of each word, `trace`
    pairs of iteration and log-likelihood per token, as the engine reckons it. `ran`: what was run where settings left it to the engine;
    `agreement`: how far chains agree about each topic and each passage, from 0 to 1, or None where there are not several.
    `prevalence`: λ, columns of a design × topics, where one was given. `common`: what was set apart beside the topics, if anything was.
    """

    words: np.ndarray
    shares: np.ndarray
    tokens: np.ndarray
    prior: np.ndarray
    word_prior: float
    iterations: int
    trace: list[tuple[int, float]]
    ran: dict[str, Any] = {}  # noqa: RUF012
    agreement: tuple[np.ndarray, np.ndarray] | None = None
    prevalence: np.ndarray | None = None
    common: Common | None = None


def engine(name: str) -> ModuleType:
    """Return the engine of that name; refused: a name that is none, and one whose library is not installed."""
    refuse_if(one_of("engine", name, ENGINES, "choose one of these; sampler is ours"))
    if name == "tomotopy":
        try:
            import_module(name)
        except ImportError:
            came, allowed = "'tomotopy', which is not installed", "an engine whose library is installed"
            todo = 'pip install "nqp-topics[tomotopy]", or choose sampler or gensim'
            raise Refused(Problem("engine", came, allowed, todo)) from None
    return import_module(ENGINES[name])


def arrays(counts: csr_array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row ends, words and counts as int64, int32, int32; what is so already is not copied."""
    words, times = (np.ascontiguousarray(part, dtype=np.int32) for part in (counts.indices, counts.data))
    return np.ascontiguousarray(counts.indptr, dtype=np.int64), words, times
