"""Contrast: what counts say without a topic model: which words set a group apart, which are spread evenly, which stand together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics.counts.table import Counts
from nqp_topics.study import Problem, refuse_if


def keywords(
    counts: Counts, groups: Mapping[str, str], group: str, prior: float = 1000.0, least: int = 5
) -> pd.DataFrame:
    """Find the words that set one group apart from the rest: weighted log-odds with an informative Dirichlet prior (Monroe et al. 2008).

    `groups` maps passage ids, or articles, to a group (a voice). The prior is the whole of the counts, weighing as much as `prior` tokens: it keeps
    rare words from looking telling. One row a word that occurs at least `least` times: word, count and rest (in the group, outside), per_thousand
    and rest_per_thousand, log_odds, z (log-odds by its standard error, as if every token were drawn for itself; the yardstick of the highest is what
    `largest_by_chance` says, not 1.96); the most telling first. Refused: a passage without a group, a group that is empty or everything.
    """
    member = _members(counts, groups, group, prior)
    inside = _sum(counts.matrix[np.flatnonzero(member)])
    outside = _sum(counts.matrix[np.flatnonzero(~member)])
    both = inside + outside
    delta, z = _log_odds(inside, both, prior)
    table = pd.DataFrame(
        {
            "word": counts.words,
            "count": inside.astype(int),
            "rest": outside.astype(int),
            "per_thousand": 1000 * inside / max(inside.sum(), 1),
            "rest_per_thousand": 1000 * outside / max(outside.sum(), 1),
            "log_odds": delta,
            "z": z,
        }
    )
    table = table[both >= max(least, 1)]
    return table.sort_values(["z", "word"], ascending=[False, True], ignore_index=True)


def _log_odds(inside: np.ndarray, both: np.ndarray, prior: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the log-odds of words in a group against the rest, and their z; `inside` may be several such groups, one a row."""
    alpha = prior * both / both.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = [
            np.log((n + alpha) / (n.sum(axis=-1, keepdims=True) + prior - n - alpha))
            for n in (inside, both - inside)
        ]
        delta = odds[0] - odds[1]
        return delta, delta / np.sqrt(1 / (inside + alpha) + 1 / (both - inside + alpha))


def largest_by_chance(
    counts: Counts,
    groups: Mapping[str, str],
    within: Mapping[str, str] | None = None,
    draws: int = 200,
    seed: int = 1,
    level: float = 0.95,
    prior: float = 1000.0,
    least: int = 5,
) -> dict[str, float]:
    """Return, for each group, the z that its most telling word stays below in `level` of cases when groups are shuffled over articles.

    Authors repeat themselves and words are many: the highest z of `keywords` is far beyond 1.96 where groups say the same. `groups`: article → group;
    articles without one are left out. `within`: article → witness, whose articles are shuffled together. Refused: fewer than 100 draws, a level
    outside 0.5 to 1, fewer than two groups.
    """
    known, speaks = dict(groups), {} if within is None else dict(within)
    articles = [name for name in sorted(set(counts.articles)) if known.get(name)]
    names = sorted({known[name] for name in articles})
    problems = [] if draws >= 100 else [Problem("contrast draws", repr(draws), "100 or more", "200 is usual")]
    if not 0.5 <= level < 1:
        problems.append(
            Problem("contrast level", repr(level), "a share from 0.5 to below 1", "0.95 is usual")
        )
    if len(names) < 2:
        came = ", ".join(names) or "no group"
        problems.append(Problem("contrast groups", came, "two or more", "give a group to every article"))
    refuse_if(problems)
    units = sorted({(known[name], speaks.get(name) or f"\0{name}") for name in articles})
    place = {unit: number for number, unit in enumerate(units)}
    of = {name: place[known[name], speaks.get(name) or f"\0{name}"] for name in articles}
    rows = np.flatnonzero([article in of for article in counts.articles])
    unit = np.array([of[counts.articles[row]] for row in rows])
    gather = sparse.csr_array(
        (np.ones(len(rows)), (unit, np.arange(len(rows)))), shape=(len(units), len(rows))
    )
    table = sparse.csr_array(gather @ counts.matrix[rows])
    both = _sum(table)
    often = np.flatnonzero(both >= max(least, 1))
    codes = np.array([names.index(group) for group, _ in units])
    drawn = np.random.default_rng(seed).permuted(np.tile(codes, (draws, 1)), axis=1)
    found = {}
    for code, name in enumerate(names):
        inside = (table.T @ (drawn == code).T.astype(np.float64)).T
        largest = _log_odds(inside, both, prior)[1][:, often].max(axis=1)
        found[name] = round(float(np.quantile(largest, level)), 6)
    return found


def _members(counts: Counts, groups: Mapping[str, str], group: str, prior: float) -> np.ndarray:
    """Tell which passages belong to the group, by their id or else by their article."""
    known = dict(groups)
    of_passage = [
        known.get(name, known.get(article)) for name, article in zip(counts.ids, counts.articles, strict=True)
    ]
    member = np.array([found == group for found in of_passage], bool)
    problems = [
        Problem(
            f"contrast id {name}",
            "no group",
            "the group of every passage or article",
            "add it, or select passages",
        )
        for name, found in zip(counts.ids, of_passage, strict=True)
        if found is None
    ][:20]
    if not problems and (member.all() or not member.any()):
        there = ", ".join(sorted(set(map(str, of_passage))))
        problems.append(
            Problem(
                "contrast group",
                repr(group),
                f"one of several groups: {there}",
                "choose one that is there, with others beside it",
            )
        )
    if not prior > 0:
        problems.append(Problem("contrast prior", repr(prior), "a number of tokens above 0", "1000 is usual"))
    refuse_if(problems)
    return member


def dispersion(counts: Counts, parts: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Tell how evenly each word is spread: Gries' deviation of proportions, normalised (Lijffijt and Gries 2012).

    0: every part has its due share; 1: all of it in the smallest part. `parts` maps passage ids or articles to parts; without it the
    articles are the parts. One row a word: word, tokens, parts (in how many it stands), dp; the most uneven first. Refused: a
    passage without a part, fewer than two parts.
    """
    known = None if parts is None else dict(parts)
    names = [
        article if known is None else known.get(name, known.get(article))
        for name, article in zip(counts.ids, counts.articles, strict=True)
    ]
    problems = [
        Problem(f"contrast id {name}", "no part", "the part of every passage or article", "add it")
        for name, found in zip(counts.ids, names, strict=True)
        if found is None
    ][:20]
    labels = sorted(set(map(str, names)))
    if not problems and len(labels) < 2:
        problems.append(
            Problem("contrast parts", ", ".join(labels) or "none", "at least two", "give parts to compare")
        )
    refuse_if(problems)
    place = {label: number for number, label in enumerate(labels)}
    rows = np.array([place[str(name)] for name in names])
    gather = sparse.csr_array(
        (np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(len(labels), len(rows))
    )
    table = sparse.csc_array(gather @ counts.matrix)
    table.eliminate_zeros()
    expected = np.asarray(table.sum(axis=1)) / table.sum()
    totals = _sum(table)
    column = np.repeat(np.arange(len(counts.words)), np.diff(table.indptr))
    due = expected[table.indices]
    there = np.bincount(column, np.abs(table.data / totals[column] - due), minlength=len(counts.words))
    absent = 1 - np.bincount(column, due, minlength=len(counts.words))
    smallest = expected[expected > 0].min()
    frame = pd.DataFrame(
        {
            "word": counts.words,
            "tokens": totals.astype(int),
            "parts": np.diff(table.indptr),
            "dp": np.clip((there + absent) / 2 / (1 - smallest), 0, 1),
        }
    )
    frame = frame[totals > 0]
    return frame.sort_values(["dp", "tokens", "word"], ascending=[False, False, True], ignore_index=True)


def together(counts: Counts, words: Iterable[str] | None = None, least: int = 5) -> pd.DataFrame:
    """Tell which words stand in the same passages: normalised pointwise mutual information (Bouma 2009), from -1 to 1.

    One row a pair that shares at least `least` passages: word, other, passages (that they share), npmi; the closest first. With `words` only
    pairs in which the first is one of them. Refused: a word that is not counted.
    """
    place = {word: number for number, word in enumerate(counts.words)}
    wanted = list(counts.words) if words is None else list(words)
    problems = [
        Problem(
            "contrast words",
            repr(word),
            f"{len(place)} words that are counted",
            "check the word, or what was trimmed",
        )
        for word in wanted
        if word not in place
    ][:20]
    if least < 1:
        problems.append(
            Problem("contrast least", repr(least), "a number of passages from 1 on", "5 is usual")
        )
    refuse_if(problems)
    here = sparse.csc_array(counts.matrix > 0, dtype=np.int64)
    passages = _sum(here)
    often = np.flatnonzero(passages >= least)
    first = [number for number in map(place.__getitem__, wanted) if passages[number] >= least]
    shared = sparse.coo_array(here[:, first].T @ here[:, often])
    a, b, n = np.array(first, np.int64)[shared.row], often[shared.col], shared.data
    used = (n >= least) & ((a < b) if words is None else (a != b))
    a, b, n = a[used], b[used], n[used]
    total = len(counts.ids)
    with np.errstate(divide="ignore", invalid="ignore"):
        npmi = np.log(n * total / (passages[a] * passages[b])) / -np.log(n / total)
    table = pd.DataFrame(
        {
            "word": [counts.words[k] for k in a],
            "other": [counts.words[k] for k in b],
            "passages": n,
            "npmi": np.where(n == total, 1.0, npmi),
        }
    )
    return table.sort_values(
        ["npmi", "passages", "word", "other"], ascending=[False, False, True, True], ignore_index=True
    )


def _sum(matrix: sparse.sparray) -> np.ndarray:
    """Return how often each word occurs."""
    return np.asarray(matrix.sum(axis=0), np.float64).ravel()
