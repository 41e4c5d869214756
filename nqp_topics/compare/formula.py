"""Formulas: what may move a topic, written as R and stm write it, made into columns of numbers.

`voice + year` · a column with words is a factor, one with numbers a number; `ref(voice, academic)` says the level that others are
held against; `cr(year, df=4)` is a smooth curve (natural cubic, straight beyond its ends).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, listed, refuse_if

ALLOWED = "columns of the table joined by +, each NAME, ref(NAME, LEVEL) or cr(NAME, df=3)"
_TERM = re.compile(
    r"(?:(?P<kind>ref|cr)\(\s*(?P<inner>[^(),]+?)\s*,\s*(?:df\s*=\s*)?(?P<more>[^()]+?)\s*\)|(?P<name>[^()+,*:~]+?))"
)


class Term(NamedTuple):
    """A term of a formula: what it is called, its column, `kind` (factor, number, curve), the `levels` of a factor (the first is the reference) or the knots of a curve."""

    said: str
    column: str
    kind: str
    levels: tuple[str, ...]
    knots: np.ndarray


class Design(NamedTuple):
    """A formula made into numbers: `matrix` (rows × columns, the first column ones), `names` of columns, `of` (the term of each column, -1: the mean), `terms`."""

    matrix: np.ndarray
    names: list[str]
    of: np.ndarray
    terms: list[Term]


def design(formula: str, about: pd.DataFrame, where: str) -> Design:
    """Make a formula into columns, one row a row of `about`. Refused: columns that are not there, missing values (by row), a level with one value, what follows from other terms."""
    terms = [_term(part.strip(), about, where) for part in str(formula).split("+")]
    refuse_if(
        Problem(f"{where}(formula)", f"{t.column} twice", "each column once", "take one out")
        for t in terms
        if [other.column for other in terms].count(t.column) > 1
    )
    blocks = [np.ones((len(about), 1))]
    names, of = ["mean"], [-1]
    for number, term in enumerate(terms):
        block, called = columns_of(term, about[term.column])
        blocks.append(block)
        names += called
        of += [number] * len(called)
    matrix = np.concatenate(blocks, axis=1)
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        raise Refused(
            Problem(
                f"{where}(formula)",
                f"{formula!r}, of which one term follows from the others",
                "terms that each say something of their own",
                "leave one out: effects of the two cannot be told apart",
            )
        )
    return Design(matrix, names, np.array(of), terms)


def _term(text: str, about: pd.DataFrame, where: str) -> Term:
    match = _TERM.fullmatch(text)
    name = (match["name"] or match["inner"]).strip() if match else ""
    if not match or name not in about:
        came = f"{text!r}, and the columns {listed(about.columns)}" if match else repr(text)
        raise Refused(Problem(f"{where}(formula)", came, ALLOWED, "correct the formula, or add the column"))
    column = about[name]
    missing = list(map(str, about.index[column.isna() | (column.astype(str).str.strip() == "")]))
    if missing:
        came = f"nothing for {listed(missing, 5)}"
        raise Refused(
            Problem(
                f"{where}(about) {name}",
                came,
                "a value for every article",
                "fill it in, or select articles that have one",
            )
        )
    numbers = pd.to_numeric(column, errors="coerce")
    if match["kind"] == "cr":
        return _curve(text, name, numbers, match["more"], where)
    if match["kind"] is None and numbers.notna().all():
        if numbers.nunique() < 2:
            raise Refused(
                Problem(f"{where}(formula) {name}", "one value", "values that differ", "leave it out")
            )
        return Term(text, name, "number", (), np.empty(0))
    words = column.astype(str).str.strip()
    levels = sorted(words.unique())
    first = (match["more"] or "").strip("'\" ") or levels[0]
    if first not in levels or len(levels) < 2:
        came = "one level" if len(levels) < 2 else f"{first!r}"
        raise Refused(
            Problem(
                f"{where}(formula) {name}",
                came,
                f"two levels or more: {listed(levels)}",
                "correct the formula",
            )
        )
    return Term(text, name, "factor", (first, *(level for level in levels if level != first)), np.empty(0))


def _curve(text: str, name: str, numbers: pd.Series, more: str, where: str) -> Term:
    df = int(more) if more.isdigit() else 0
    if numbers.isna().any() or not 2 <= df <= 10 or numbers.nunique() <= df:
        came = f"{numbers.nunique()} different numbers, df={more}"
        raise Refused(
            Problem(
                f"{where}(formula) {text}",
                came,
                "numbers, and df from 2 to 10 below how many differ",
                "take a smaller df, or the column as it is",
            )
        )
    knots = np.quantile(np.unique(numbers), np.linspace(0, 1, df + 1))
    return Term(text, name, "curve", (), knots)


def columns_of(term: Term, values: Sequence[object] | pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return the columns of a term for some values, and their names."""
    if term.kind == "factor":
        words = np.array([str(value).strip() for value in values], dtype=object)
        return np.stack([(words == level).astype(float) for level in term.levels[1:]], axis=1), list(
            term.levels[1:]
        )
    numbers = np.asarray(pd.to_numeric(pd.Series(list(values))), dtype=np.float64)
    if term.kind == "number":
        return numbers[:, None], [term.column]
    first, last = term.knots[0], term.knots[-1]
    x, knots = (numbers - first) / (last - first), (term.knots - first) / (last - first)

    def rising(knot: float) -> np.ndarray:
        return (np.maximum(x - knot, 0) ** 3 - np.maximum(x - 1, 0) ** 3) / (1 - knot)

    end = rising(knots[-2])
    columns = [x, *(rising(knot) - end for knot in knots[:-2])]
    return np.stack(columns, axis=1), [f"{term.said} {number}" for number in range(1, len(columns) + 1)]
