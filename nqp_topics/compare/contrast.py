"""Contrast: which words set a group apart, as counts say it without a topic model, and what chance makes of it."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics.checks import Problem, Refused, number, refuse_if, whole_number
from nqp_topics.compare.grouping import FEWEST
from nqp_topics.compare.resample import weighted
from nqp_topics.counts import Counts

Of: TypeAlias = Mapping[str, str]  # article → its group, or who speaks
PRIOR, LEAST = 1000.0, 5  # tokens that the prior weighs; how often a word stands


def keywords(
    counts: Counts, groups: Of, group: str, prior: float = PRIOR, least: int = LEAST
) -> pd.DataFrame:
    """Find the words that set one group apart from the rest: weighted log-odds with an informative Dirichlet prior (Monroe et al. 2008).

    `groups` maps passage ids, or articles, to a group (a voice). The prior is the whole of the counts, weighing as much as `prior` tokens: it keeps
    rare words from looking telling. One row a word that occurs at least `least` times: word, count and rest (in the group, outside), per_thousand
    and rest_per_thousand, log_odds, z (log-odds by its standard error, as if every token were drawn for itself; the yardstick of the highest is what
    `largest_by_chance` says, not 1.96); the most telling first. Refused: a passage without a group, a group that is empty or everything.
    """
    few = whole_number("contrast(least)", least, 1, todo="5 is usual")
    refuse_if(number("contrast(prior)", prior, 0, above=True, todo="1000 is usual"), few)
    member = _members(counts, groups, group)
    inside = _sum(counts.matrix[np.flatnonzero(member)])
    outside = _sum(counts.matrix[np.flatnonzero(~member)])
    delta, z = _log_odds(inside, inside + outside, prior)
    per, rest = (1000 * side / max(side.sum(), 1) for side in (inside, outside))
    table = pd.DataFrame({"word": counts.words, "count": inside.astype(int), "rest": outside.astype(int)})
    table = table.assign(per_thousand=per, rest_per_thousand=rest, log_odds=delta, z=z)
    table = table[inside + outside >= least]
    return table.sort_values(["z", "word"], ascending=[False, True], ignore_index=True)


def largest_by_chance(
    counts: Counts, groups: Of, within: Of | None = None, draws: int = 200, seed: int = 1
) -> dict[str, float]:
    """Return, for each group, the z that its most telling word stays below in 95 of 100 cases when groups are shuffled over articles.

    Authors repeat themselves and words are many: the highest z of `keywords` is far beyond 1.96 where groups say the same. `groups`: article → group;
    articles without one are left out. `within`: article → witness, whose articles are shuffled together; where few witnesses speak much of a group, or of what
    stands beside it, more than in shuffled groups, z of words in which witnesses differ is larger by chance. NaN: fewer than three witnesses (two articles, where none is
    named) on either side. Refused: fewer than 100 draws, fewer than two groups.
    """
    known, speaks = dict(groups), {} if within is None else dict(within)
    articles = [name for name in sorted(set(counts.articles)) if known.get(name)]
    names = sorted({known[name] for name in articles})
    todo = "give a group to every article"
    few = Problem("contrast(groups)", ", ".join(names) or "none", "two or more", todo)
    refuse_if(whole_number("contrast(draws)", draws, 100, todo="200 is usual"), [few] * (len(names) < 2))
    unit_of = {name: (known[name], speaks.get(name) or f"\0{name}") for name in articles}
    units = sorted(set(unit_of.values()))
    place = {unit: row for row, unit in enumerate(units)}
    rows = np.flatnonzero([article in unit_of for article in counts.articles])
    unit = np.array([place[unit_of[counts.articles[row]]] for row in rows.tolist()])
    shape = (len(units), len(rows))
    gather = sparse.csr_array((np.ones(len(rows)), (unit, np.arange(len(rows)))), shape=shape)
    table = sparse.csr_array(gather @ counts.matrix[rows])
    both = _sum(table)
    often = np.flatnonzero(both >= LEAST)
    codes = np.array([names.index(group) for group, _ in units])
    drawn = np.random.default_rng(seed).permuted(np.tile(codes, (draws, 1)), axis=1)
    found, tokens, fewest = {}, np.asarray(table.sum(axis=1)).ravel(), 2 if within is None else FEWEST
    for code, name in enumerate(names):
        here, labels = codes == code, (drawn == code).astype(np.float64)
        if min(here.sum(), (~here).sum()) < fewest:
            found[name] = np.nan
            continue
        z = _log_odds((table.T @ labels.T).T, both)[1][:, often]
        usual, uneven = _uneven(labels, tokens).mean(), _uneven(here[None].astype(np.float64), tokens)[0]
        # of each word, what witnesses add to the chance of tokens
        habit = np.maximum((z**2).mean(axis=0) - 1, 0) / usual
        z *= np.sqrt(np.maximum((1 + habit * uneven) / (1 + habit * usual), 1))
        found[name] = round(float(np.quantile(z.max(axis=1), 0.95)), 6)
    return found


def _uneven(labels: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Return how much wider log-odds are by the habits of witnesses than by their tokens, for each row of labels: many where one has most of a side's tokens."""
    inside = weighted(labels, np.column_stack([tokens, tokens**2])).T
    outside = np.array([[tokens.sum()], [(tokens**2).sum()]]) - inside
    sides = inside, outside
    return sum(square / many**2 for many, square in sides) / sum(1 / many for many, _ in sides)


def first_words(counts: Counts, groups: Of, group: str) -> set[str]:
    """Return the words that are first in `keywords` of a group when one of its articles is left out, each in turn."""
    member = _members(counts, groups, group)
    both, inside = _sum(counts.matrix), _sum(counts.matrix[np.flatnonzero(member)])
    articles = np.array(counts.articles, dtype=object)
    found = set()
    for article in dict.fromkeys(articles[member]):
        left = _sum(counts.matrix[np.flatnonzero(articles == article)])
        mine = inside - _sum(counts.matrix[np.flatnonzero((articles == article) & member)])
        z = np.where(both - left >= LEAST, _log_odds(mine, both - left)[1], -np.inf)
        found.add(counts.words[int(z.argmax())])  # of equals the first, as words stand in their order
    return found


def _log_odds(inside: np.ndarray, both: np.ndarray, prior: float = PRIOR) -> tuple[np.ndarray, np.ndarray]:
    """Return the log-odds of words in a group against the rest, and their z; `inside` may be several such groups, one a row, and `both` too."""
    alpha = prior * both / both.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = inside, both - inside
        odds = [np.log((n + alpha) / (n.sum(axis=-1, keepdims=True) + prior - n - alpha)) for n in sides]
        delta = odds[0] - odds[1]
        return delta, delta / np.sqrt(1 / (inside + alpha) + 1 / (both - inside + alpha))


def _members(counts: Counts, groups: Of, group: str) -> np.ndarray:
    """Tell which passages belong to the group, by their id or else by their article."""
    known = dict(groups)
    pairs = zip(counts.ids, counts.articles, strict=True)
    of_passage = [known.get(name, known.get(article)) for name, article in pairs]
    allowed, todo = "a group of every passage or article", "add it, or select passages"
    without = (name for name, found in zip(counts.ids, of_passage, strict=True) if found is None)
    refuse_if(Problem(f"contrast id {name}", "no group", allowed, todo) for name in without)
    member = np.array([found == group for found in of_passage], bool)
    if member.all() or not member.any():
        there = f"one of several groups: {', '.join(sorted(set(map(str, of_passage))))}"
        todo = "choose one that is there, with others beside it"
        raise Refused(Problem("contrast(group)", repr(group), there, todo))
    return member


def _sum(matrix: sparse.sparray) -> np.ndarray:
    return np.asarray(matrix.sum(axis=0), np.float64).ravel()
