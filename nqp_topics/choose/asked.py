"""Asked: whether what is asked of `choose` can be done; everything that cannot is told together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import pandas as pd

from nqp_topics.checks import columns, named_once, one_of, whole_number
from nqp_topics.choose.scores import ORDERED, SCORES
from nqp_topics.counts import Counts
from nqp_topics.study import Problem, Refused, refuse_if
from nqp_topics.topics.fit import seeds_of


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
        yield from one_of("choose scores", name, SCORES)
        if name in ORDERED and tokens is None:
            yield Problem(
                "choose tokens",
                f"none, for {name}",
                "the tokens in the order of the texts, which counts do not have",
                "give tokens, or take npmi_passages and umass",
            )
    if tokens is not None:
        yield from columns("choose tokens", tokens, ["id", "tokens"], "use the table that segment gives")
    yield from top_n_problems(top_n, counts)


def top_n_problems(top_n: int, counts: Counts) -> list[Problem]:
    """Tell what is wrong with a number of top words."""
    return whole_number(
        "choose top_n", top_n, 2, len(counts.words), "10 is usual; more words than there are, are none"
    )


def sizes(counts: Counts, topics: Any, seeds: Any) -> tuple[list[int], list[int]]:
    """Return the numbers of topics in rising order, and the seeds. Refused, together: none, some twice, some that cannot be."""
    passages, words = counts.matrix.shape
    most = min(passages, words)
    told: list[Problem] = []
    # the numbers that can be are no more than `most`: one more says that there are too many, without listing a million
    ks = list(islice(topics, most + 1)) if isinstance(topics, Iterable) else [topics]
    todo = f"leave it out: there are {passages} passages to fit and {words} words"
    told += [problem for k in ks for problem in whole_number("choose topics", k, 2, most, todo)]
    told += named_once("choose topics", ks) if not told else []
    if not ks:
        told.append(
            Problem(
                "choose topics", "no number", f"whole numbers from 2 to {most}", "for example range(5, 31, 5)"
            )
        )
    numbers: list[int] = []
    try:
        numbers = seeds_of("choose seeds", seeds)
    except Refused as refused:
        told += refused.problems
    refuse_if(told)
    return sorted(map(int, ks)), numbers
