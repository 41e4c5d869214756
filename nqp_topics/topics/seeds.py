"""Seeds: several runs on the same counts, of which one can ask: how alike are they, and which is to be reported?"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations, islice
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, listed, named_once, refuse_if, whole_number
from nqp_topics.similar import cosines, matched
from nqp_topics.topics.model import Topics

SEEDS = 1000  # fits of one number of topics: more is a slip of the finger


class Runs:
    """Runs with different seeds: `found[3]` is that of seed 3, and they can be gone through and counted. Refused: a seed that none has."""

    def __init__(self, runs: Sequence[Topics], seed: int | None = None) -> None:
        self._runs = {run.seed: run for run in runs}
        self._seed = seed

    def __iter__(self) -> Iterator[Topics]:
        return iter(self._runs.values())

    def __len__(self) -> int:
        return len(self._runs)

    def __getitem__(self, seed: int) -> Topics:
        if seed not in self._runs:
            raise Refused(Problem("runs[seed]", repr(seed), listed(self.seeds), "use one of these seeds"))
        return self._runs[seed]

    def __repr__(self) -> str:
        first = next(iter(self))
        return f"{len(self)} runs of {len(first.names)} topics: seeds {listed(self.seeds)}, {first.engine}"

    @property
    def seeds(self) -> list[int]:
        """The seeds, in the order in which they were asked for."""
        return list(self._runs)

    @cached_property
    def alike(self) -> pd.DataFrame:
        """How alike the runs are: seeds × seeds, 1 for the same topics."""
        found = np.ones((len(self), len(self)))
        for (i, one), (j, other) in combinations(enumerate(self), 2):
            found[i, j] = found[j, i] = likeness(one, other)
        labels = pd.Index(self.seeds, name="seed")
        return pd.DataFrame(found, index=labels, columns=labels)

    @property
    def medoid(self) -> Topics:
        """The run that is most like all others, the first of equals."""
        return list(self)[int(np.argmax(np.round(self.alike.to_numpy().sum(axis=1), 9)))]

    @property
    def reported(self) -> Topics:
        """The run to report: that of the seed that was said for it, else the medoid."""
        return self.medoid if self._seed is None else self[self._seed]

    @property
    def others(self) -> list[Topics]:
        """All runs but the one that is reported: findings are held against them."""
        return [run for run in self if run is not self.reported]


def likeness(one: Topics, other: Topics) -> float:
    """Return how alike two runs are: topics matched one to one, the mean cosine of their word shares (1: the same topics).

    Refused: runs over different words or with different numbers of topics.
    """
    if not one.words.index.equals(other.words.index) or len(one.names) != len(other.names):
        came = " and ".join(f"{len(run.words)} words × {len(run.names)} topics" for run in (one, other))
        allowed = "two runs over the same words with the same number of topics"
        raise Refused(Problem("likeness(one, other)", came, allowed, "train both on the same counts"))
    alike = cosines(one.words.to_numpy(), other.words.to_numpy())
    return float(np.mean(alike[np.arange(len(alike)), matched(alike)]))


def seeds_of(where: str, seeds: Any) -> list[int]:
    """Return the seeds that are said, or as many as are asked for: 1, 2, …. Refused: none, one twice, thousands, what is no seed."""
    todo = "5 or range(1, 6) are usual"
    if not isinstance(seeds, Iterable):
        refuse_if(whole_number(where, seeds, 1, SEEDS, todo))
        return list(range(1, int(seeds) + 1))
    wanted = list(islice(seeds, SEEDS + 1))
    if not 0 < len(wanted) <= SEEDS:
        came = "none" if not wanted else f"more than {SEEDS}"
        raise Refused(Problem(where, came, f"from 1 to {SEEDS} seeds", todo))
    refuse_if(*[whole_number(where, seed, todo=todo) for seed in wanted], named_once(where, wanted))
    return list(map(int, wanted))
