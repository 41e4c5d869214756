"""Tables that comparisons take: checked once, so that everything after may rely on names and sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nqp_topics.counts import Counts
from nqp_topics.study import Problem, refuse_if
from nqp_topics.topics.model import Topics, belong


@dataclass(frozen=True, eq=False)
class Passages:
    """Passages sorted by article: `mass` is shares times tokens, `ends[a]:ends[a + 1]` the rows of article a, in their order of reading."""

    articles: list[str]
    topics: list[str]
    shares: np.ndarray
    tokens: np.ndarray
    mass: np.ndarray
    ends: np.ndarray

    def rows(self, article: int) -> slice:
        """Return where the passages of an article stand."""
        return slice(int(self.ends[article]), int(self.ends[article + 1]))


def passages(topics: Topics, counts: Counts) -> Passages:
    """Put the passages of a run beside each other, article by article in the order of the counts. Refused: other counts."""
    belong(topics, counts)
    codes, names = pd.factorize(np.array(counts.articles, dtype=object))
    order = np.argsort(codes, kind="stable")
    tokens = np.asarray(counts.matrix.sum(axis=1), dtype=np.float64).ravel()[order]
    shares = np.ascontiguousarray(topics.passages.to_numpy(dtype=np.float64)[order])
    ends = np.concatenate(([0], np.cumsum(np.bincount(codes, minlength=len(names)))))
    return Passages(list(names), topics.names, shares, tokens, shares * tokens[:, None], ends)


def checked(shares: pd.DataFrame, where: str, rows: str = "articles") -> pd.DataFrame:
    """Return shares as they came, one row an article; refused: an id twice, numbers that are no shares, no row or fewer than two topics."""
    refuse_if(_share_problems(shares, where, rows))
    return shares


def _share_problems(shares: pd.DataFrame, where: str, rows: str) -> Iterator[Problem]:
    allowed = f"{rows} × topics, each row summing to one"
    todo = "give the table that topics.articles(counts) gives"
    if not isinstance(shares, pd.DataFrame) or not len(shares) or shares.shape[1] < 2:
        came = f"{len(shares)} × {shares.shape[1]}" if isinstance(shares, pd.DataFrame) else repr(shares)
        yield Problem(f"{where}(shares)", came, allowed, todo)
        return
    for what, names in (("row", shares.index), ("topic", shares.columns)):
        if names.has_duplicates:
            twice = names[names.duplicated()][0]
            yield Problem(f"{where}(shares)", f"{what} {twice!r} twice", "every name once", todo)
    try:
        numbers = shares.to_numpy(dtype=np.float64)
    except (TypeError, ValueError):
        yield Problem(f"{where}(shares)", "values that are no numbers", allowed, todo)
        return
    sums = numbers.sum(axis=1)
    wrong = ~np.isfinite(sums) | (numbers < 0).any(axis=1) | ~(np.abs(sums - 1) <= 1e-6)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        yield Problem(
            f"{where}(shares) {shares.index[row]}", f"a row that sums to {sums[row]:g}", allowed, todo
        )


def known(asked: Iterable[str], there: Iterable[str], where: str, what: str) -> list[str]:
    """Return the names that were asked for. Refused, all at once: names that are not there."""
    names, allowed = [asked] if isinstance(asked, str) else list(asked), list(map(str, there))
    here = set(allowed)
    shown = f"{allowed[0]} to {allowed[-1]} ({len(allowed)})" if allowed else "none"
    refuse_if(
        Problem(f"{where}({what})", f"{name!r}, which does not exist", shown, f"use one of these {what}s")
        for name in names
        if name not in here
    )
    return names


def number_problems(where: str, **given: float) -> Iterator[Problem]:
    """Tell which of draws, level, seed and n cannot be used."""
    rules = {
        "draws": (lambda x: _whole(x) and x >= 100, "a whole number from 100 on", "2000 is usual"),
        "level": (lambda x: 0.5 <= x < 1, "a share from 0.5 to below 1", "0.95 is usual"),
        "seed": (lambda x: _whole(x) and 0 <= x < 2**63, "a whole number from 0 on", "any will do"),
        "n": (lambda x: _whole(x) and x >= 1, "a whole number from 1 on", "10 is usual"),
    }
    for name, value in given.items():
        fine, allowed, todo = rules[name]
        if not fine(value):
            yield Problem(f"{where}({name})", repr(value), allowed, todo)


def _whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
