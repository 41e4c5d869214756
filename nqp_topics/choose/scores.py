"""Scores: what can be said of runs in numbers; every score says which way is better."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, columns, listed, one_of, refuse_if, whole_number
from nqp_topics.choose import coherence, shape
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics, belong


class Score(NamedTuple):
    """A score: its name, in which its direction stands, and the direction alone: higher, lower or neither."""

    name: str
    better: str


def _score(what: str, better: str) -> Score:
    names = {"higher": f"{what} (higher is better)", "lower": f"{what} (lower is better)"}
    return Score(names.get(better, f"{what} (neither way is better)"), better)


HELD_OUT = "held_out"
APART = "separation", "cao_juan", "deveaud"  # these are told by words alone
ORDERED = ("c_v", "npmi")  # these need the order of the tokens
COLUMNS = ["K", "seed", "score", "value", "better"]

SCORES: dict[str, Score] = {
    HELD_OUT: _score("held-out log-likelihood per word", "higher"),
    "c_v": _score("c_v coherence", "higher"),
    "npmi": _score("NPMI coherence in windows", "higher"),
    "npmi_passages": _score("NPMI coherence in passages", "higher"),
    "umass": _score("UMass coherence in passages", "higher"),
    "exclusivity": _score("exclusivity of top words", "higher"),
    "separation": _score("separation of topics", "higher"),
    "effective": _score("effective number of topics", "neither"),
    "diversity": _score("diversity of top words", "higher"),
    "cao_juan": _score("Cao and Juan 2009", "lower"),
    "arun": _score("Arun 2010", "lower"),
    "deveaud": _score("Deveaud 2014", "higher"),
}


def score(
    runs: Sequence[Topics],
    counts: Counts,
    tokens: pd.DataFrame | None = None,
    scores: Iterable[str] | None = None,
    top_n: int = 10,
    as_gensim: bool = False,
) -> pd.DataFrame:
    """Score runs that are there: rows as those of `grid`, run by run.

    `tokens`: the table that the counts were made from, in the order of the texts, for coherence in windows. `as_gensim`: coherence with the
    values of gensim's CoherenceModel (`coherence.c_v` says where they differ). Refused: runs of other counts.
    """
    wanted = asked(scores, tokens, counts, top_n, usual=[name for name in SCORES if name != HELD_OUT])
    if HELD_OUT in wanted:
        allowed, todo = "scores of runs on all articles", "choose.held_out, which fits without some articles"
        raise Refused(Problem("choose.score(scores)", repr(HELD_OUT), allowed, todo))
    of_counts(runs, counts, "choose.score(runs)")
    lengths = counts.lengths.to_numpy(dtype=np.float64)
    coherent = _coherences(runs, counts, tokens, wanted, top_n, as_gensim)
    rows = []
    for number, run in enumerate(runs):
        words, shares = np.ascontiguousarray(run.words.to_numpy()), run.passages.to_numpy()
        values: dict[str, Callable[[], Any]]
        values = {name: partial(np.asarray, found[number]) for name, found in coherent.items()}
        values |= {name: partial(getattr(shape, name), words) for name in APART}
        values |= {name: partial(getattr(shape, name), words, top_n) for name in ("exclusivity", "diversity")}
        values["effective"] = partial(shape.effective, run.tokens.to_numpy())
        values["arun"] = partial(shape.arun, words, shares, lengths)
        for name in wanted:
            about = SCORES[name]
            rows.append((len(run.names), run.seed, about.name, float(np.mean(values[name]())), about.better))
    return pd.DataFrame(rows, columns=COLUMNS)


def spread(table: pd.DataFrame) -> pd.DataFrame:
    """Sum up a table of `grid` over seeds: one row a score and K, columns score, better, K, seeds, mean, sd, lowest, highest."""
    groups = table.groupby(["score", "better", "K"], sort=False)["value"]
    found = groups.agg(seeds="size", mean="mean", sd="std", lowest="min", highest="max").reset_index()
    order = {about.name: place for place, about in enumerate(SCORES.values())}
    rows = found["score"].map(order).to_frame("place").assign(K=found["K"])
    return found.loc[rows.sort_values(["place", "K"], kind="stable").index].reset_index(drop=True)


def asked(
    names: Iterable[str] | None, tokens: pd.DataFrame | None, counts: Counts, top_n: int, usual: list[str]
) -> list[str]:
    """Return the keys of the scores that are wanted, in the order of SCORES. Refused: unknown ones, and ones that lack what they need."""
    if names is None:
        wanted = [name for name in usual if tokens is not None or name not in ORDERED]
    else:
        wanted = [names] if isinstance(names, str) else list(names)
    refuse_if(_problems(wanted, tokens), top_n_problems(top_n, counts))
    return [name for name in SCORES if name in wanted]


def _problems(wanted: list[str], tokens: pd.DataFrame | None) -> Iterator[Problem]:
    if not wanted:
        todo = "name at least one, or leave it out for the usual"
        yield Problem("choose scores", "none", listed(SCORES), todo)
    for name in wanted:
        yield from one_of("choose scores", name, SCORES)
        if name in ORDERED and tokens is None:
            allowed = "the tokens in the order of the texts, which counts do not have"
            todo = "give tokens, or take npmi_passages and umass"
            yield Problem("choose tokens", f"none, for {name}", allowed, todo)
    if tokens is not None:
        yield from columns("choose tokens", tokens, ["id", "tokens"], "use the table that segment gives")


def top_n_problems(top_n: int, counts: Counts) -> list[Problem]:
    """Tell what is wrong with a number of top words."""
    todo = "10 is usual; more words than there are, are none"
    return whole_number("choose top_n", top_n, 2, len(counts.words), todo)


def of_counts(runs: Iterable[Topics], counts: Counts, where: str) -> None:
    """Refuse runs of other counts, and no run."""
    there = list(runs)
    if not there:
        raise Refused(Problem(where, "no run", "at least one", "fit some with choose.runs"))
    for run in there:
        belong(run, counts)


def _coherences(
    runs: Sequence[Topics],
    counts: Counts,
    tokens: pd.DataFrame | None,
    wanted: Iterable[str],
    top_n: int,
    as_gensim: bool,
) -> dict[str, list[np.ndarray]]:
    """Return for each coherence that is wanted one array a run, with a value for each topic; words are counted once for all runs."""
    tops = np.concatenate([shape.top(run.words.to_numpy(), top_n) for run in runs])
    limits = np.cumsum([len(run.names) for run in runs])[:-1]
    makers = {"npmi_passages": partial(coherence.npmi_passages, tops, counts.matrix)}
    makers["umass"] = partial(coherence.umass, tops, counts.matrix, as_gensim)
    if tokens is not None and set(ORDERED) & set(wanted):
        ordered = coherence.ordered(tokens, counts)
        makers["c_v"] = partial(coherence.c_v, tops, *ordered, as_gensim)
        makers["npmi"] = partial(coherence.npmi, tops, *ordered, as_gensim)
    return {name: np.split(make(), limits) for name, make in makers.items() if name in wanted}
