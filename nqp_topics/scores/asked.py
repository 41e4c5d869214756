"""Asked: whether what is asked of `choose` can be done; everything that cannot is told together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.counts import Counts
from nqp_topics.scores import ORDERED, SCORES
from nqp_topics.study import Problem, refuse_if


def scores(
    names: Iterable[str] | None, tokens: pd.DataFrame | None, counts: Counts, top_n: int, usual: list[str]
) -> list[str]:
    """Return the keys of the scores that are wanted, in the order of SCORES. Refused: unknown ones, and ones that lack what they need."""
    if names is None:
        wanted = [name for name in usual if tokens is not None or name not in ORDERED]
    else:
        wanted = [names] if isinstance(names, str) else list(names)
    refuse_if(_score_problems(wanted, tokens, counts, top_n))
    return [name for name in SCORES if name in wanted]


def _score_problems(
    wanted: list[str], tokens: pd.DataFrame | None, counts: Counts, top_n: int
) -> Iterator[Problem]:
    allowed = ", ".join(SCORES)
    if not wanted:
        yield Problem("choose scores", "none", allowed, "name at least one, or leave it out for the usual")
    for name in wanted:
        if name not in SCORES:
            yield Problem("choose scores", repr(name), allowed, "use one of these names")
        elif name in ORDERED and tokens is None:
            yield Problem(
                "choose tokens",
                f"none, for {name}",
                "the tokens in the order of the texts, which counts do not have",
                "give tokens, or take npmi_passages and umass",
            )
    if tokens is not None and (missing := [name for name in ("id", "tokens") if name not in tokens]):
        yield Problem(
            "choose tokens",
            f"columns {', '.join(map(str, tokens.columns))}",
            f"also {', '.join(missing)}",
            "use the table that segment gives",
        )
    yield from top_n_problems(top_n, counts)


def top_n_problems(top_n: int, counts: Counts) -> Iterator[Problem]:
    """Yield what is wrong with a number of top words."""
    if not whole(top_n) or not 2 <= top_n <= len(counts.words):
        yield Problem(
            "choose top_n",
            repr(top_n),
            f"a whole number from 2 to {len(counts.words)}, the number of words",
            "10 is usual",
        )


def sizes(counts: Counts, topics: Any, seeds: Any) -> tuple[list[int], list[int]]:
    """Return the numbers of topics in rising order, and the seeds. Refused, together: none, some twice, some that cannot be."""
    ks = list(topics) if isinstance(topics, Iterable) else [topics]
    numbers = range(1, seeds + 1) if whole(seeds) else seeds
    numbers = list(numbers) if isinstance(numbers, Iterable) else [numbers]
    refuse_if([*_k_problems(ks, counts), *_seed_problems(numbers)])
    return sorted(map(int, ks)), list(map(int, numbers))


def _k_problems(ks: list[Any], counts: Counts) -> Iterator[Problem]:
    passages, words = counts.matrix.shape
    most = min(passages, words)
    allowed = f"whole numbers from 2 to {most} ({passages} passages to fit, {words} words), none twice"
    if not ks:
        yield Problem("choose topics", "no number", allowed, "for example range(5, 31, 5)")
    bad = [k for k in ks if not whole(k) or not 2 <= k <= most]
    for k in bad:
        yield Problem("choose topics", repr(k), allowed, "leave it out")
    if not bad and len(set(ks)) < len(ks):
        twice = sorted({k for k in ks if ks.count(k) > 1})
        yield Problem(
            "choose topics", f"{', '.join(map(str, twice))} more than once", allowed, "name each once"
        )


def _seed_problems(seeds: list[Any]) -> Iterator[Problem]:
    allowed = "how many seeds, or different whole numbers from 0 on"
    if not seeds or any(not whole(seed) or not 0 <= seed < 2**63 for seed in seeds):
        yield Problem("choose seeds", repr(seeds), allowed, "5 or range(1, 6) are usual")
    elif len(set(seeds)) < len(seeds):
        yield Problem("choose seeds", repr(seeds), allowed, "name each once: the same seed is the same run")


def whole(value: Any) -> bool:
    """Tell whether a value is a whole number; True and False are none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
