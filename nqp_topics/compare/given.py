"""What comparisons are given: checked once, so that everything after may rely on names and sums."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, is_number, named_once, refuse_if, said, whole_number
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics, belong

Names: TypeAlias = Mapping[str, object] | pd.Series  # article → its group, its witness, what it is called
Some: TypeAlias = Names | None  # the same, or nothing
LEAST = {"draws": (100, "2000 is usual"), "seed": (0, "any will do"), "n": (1, "10 is usual")}


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

    def sums(self, numbers: np.ndarray) -> np.ndarray:
        """Sum numbers of passages over every article."""
        return np.add.reduceat(numbers, self.ends[:-1])

    @property
    def sizes(self) -> np.ndarray:
        """How many passages every article has."""
        return np.diff(self.ends)


def passages(topics: Topics, counts: Counts) -> Passages:
    """Put the passages of a run beside each other, article by article in the order of the counts. Refused: other counts."""
    belong(topics, counts)
    codes, names = pd.factorize(np.array(counts.articles, dtype=object))
    order = np.argsort(codes, kind="stable")
    tokens = topics.mass(counts)[order]
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
        came = f"{len(shares)} × {shares.shape[1]}" if isinstance(shares, pd.DataFrame) else said(shares)
        yield Problem(f"{where}(shares)", came, allowed, todo)
        return
    yield from named_once(f"{where}(shares) rows", shares.index, todo)
    yield from named_once(f"{where}(shares) topics", shares.columns, todo)
    try:
        numbers = shares.to_numpy(dtype=np.float64)
    except (TypeError, ValueError):
        yield Problem(f"{where}(shares)", "values that are no numbers", allowed, todo)
        return
    sums = numbers.sum(axis=1)
    wrong = ~np.isfinite(sums) | (numbers < 0).any(axis=1) | ~(np.abs(sums - 1) <= 1e-6)
    for row in np.flatnonzero(wrong)[:1]:
        came = f"a row that sums to {sums[row]:g}"
        yield Problem(f"{where}(shares) {shares.index[row]}", came, allowed, todo)


def known(asked: Iterable[str], there: Iterable[str], where: str, what: str) -> list[str]:
    """Return the names that were asked for. Refused, all at once: names that are not there."""
    names, allowed = [asked] if isinstance(asked, str) else list(asked), list(map(str, there))
    here = set(allowed)
    shown = f"{allowed[0]} to {allowed[-1]} ({len(allowed)})" if allowed else "none"
    todo = f"use one of these {what}s"
    missing = [name for name in names if name not in here]
    refuse_if(Problem(f"{where}({what})", f"{name!r}, which does not exist", shown, todo) for name in missing)
    return names


def by_name(given: Names, where: str) -> dict[str, str]:
    """Return article → name, without room at either end; nothing and NaN are the empty name. Refused: an article named twice."""
    if isinstance(given, pd.Series):
        refuse_if(named_once(where, given.index, "give each article once"))
    return {str(key): name_of(value) for key, value in dict(given).items()}


def name_of(value: object) -> str:
    """Return a value of a table as a name: nothing and NaN are the empty one."""
    return "" if value is None or value != value else str(value).strip()


def number_problems(where: str, **given: float) -> Iterator[Problem]:
    """Tell which of draws, level, seed and n cannot be used."""
    for name, value in given.items():
        asked = f"{where}({name})"
        if name != "level":
            least, todo = LEAST[name]
            yield from whole_number(asked, value, least, todo=todo)
        elif not (is_number(value) and 0.5 <= value < 1):
            yield Problem(asked, said(value), "a share from 0.5 to below 1", "0.95 is usual")
