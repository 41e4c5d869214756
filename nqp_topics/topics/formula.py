"""Formulas: what may move a topic, written as R and stm write it, made into columns of numbers.

`voice + year` · a column with words is a factor, one with numbers a number; `ref(voice, academic)` says the level that others are held against,
`cr(year, df=4)` is a smooth curve (natural cubic, straight beyond its ends), `voice*year` lets one depend on the other. Names with spaces or signs
stand between backticks, levels with them between quotes. formulaic reads it: what it knows (`C`, `bs`, `poly`, `np.log`) can be used too.
"""

import re
import warnings
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, columns, listed, named_once, refuse_if, said
from nqp_topics.counts import Counts
from nqp_topics.files.tables import read_table, without_errors
from nqp_topics.topics.engines import prevalence
from nqp_topics.topics.engines.prevalence import Known

ALLOWED = "columns of the table joined by +, * or :, such as voice + cr(year, df=4)"
CORRECT = "correct the formula"
_NAMES = re.compile(r"`([^`]+)`|(?<![\w.])([^\W\d]\w*)\b(?!\s*[(.]|\s*=[^=])")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_REF = re.compile(r"\bref\(\s*(`[^`]+`|[^,()`]+?)\s*,\s*(?:'([^']*)'|\"([^\"]*)\"|([^()'\"]+?))\s*\)")


class Term(NamedTuple):
    """A term of a formula: what it is called, the columns of the table that it reads, `kind` (factor, number, curve, both) and the levels of a factor, the first the reference."""

    said: str
    reads: tuple[str, ...]
    kind: str
    levels: tuple[str, ...] = ()


class Design(NamedTuple):
    """A `formula` made into numbers: `matrix` (rows × columns, the first column ones), `names` of columns, `of` (the term of each, -1: the mean), `terms`.

    `table`: the columns that the formula reads, one row an article; `made`: what makes other rows by the same levels and knots.
    """

    formula: str
    matrix: np.ndarray
    names: list[str]
    of: np.ndarray
    terms: list[Term]
    table: pd.DataFrame
    made: Any

    def at(self, table: pd.DataFrame) -> np.ndarray:
        """Return the columns of other rows."""
        return _numbers(self.made, table)


def read_about(file: str | Path) -> pd.DataFrame:
    """Read what is known of articles, by their id; a year of its own where only a date stands. Refused: no such table, no column id."""
    todo = "say --about FILE: a CSV or XLSX with a column id and what is known of each article"
    table = read_table(file, "a table with one row an article, by the column id", todo)
    refuse_if(columns(str(file), table, ["id"], todo))
    table = without_errors(table, file, table.columns.drop("id"))
    if "date" in table and "year" not in table:
        table["year"] = table["date"].str.extract(r"^\s*(\d{4})", expand=False).fillna("")
    return table.set_index("id")


def design(formula: str, about: pd.DataFrame, where: str) -> Design:
    """Make a formula into columns, one row a row of `about`.

    Refused: columns that are not there, missing values (by row), a formula that cannot be read, a level that does not exist, what does not vary, and what
    follows from other terms.
    """
    table = known(about, columns_read(formula, about, where), where)
    refuse_if(_references(formula, table, where))
    asked = _REF.sub(lambda match: f"ref({match[1]}, {_level(match)!r})", str(formula))
    try:
        from formulaic import Formula, model_matrix

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = model_matrix(Formula(asked), table, context=_own()).model_spec
            terms = [term for term in made.terms if str(term) != "1"]
            if made.column_names[0] != "Intercept" or not terms:
                raise ValueError("no mean, or nothing beside it")
            matrix = _numbers(made, table)
            if not np.isfinite(matrix).all():
                raise ValueError("numbers that are not finite")
    except Exception as error:  # whatever the formula makes Python say
        came = f"{formula!r}: {said(re.sub('⧛.*?⧚', '', str(error)))}"
        raise Refused(Problem(f"{where}(formula)", came, ALLOWED, CORRECT)) from None
    of = np.full(matrix.shape[1], -1)
    for number, term in enumerate(terms):
        of[made.term_slices[term]] = number
    told = [_term(term, made, table) for term in terms]
    refuse_if(_flat(told, table, where) or _follows(matrix, of, told, where))
    return Design(str(formula), matrix, ["mean", *map(str, made.column_names[1:])], of, told, table, made)


def columns_read(formula: str, about: pd.DataFrame, where: str) -> list[str]:
    """Return the columns that a formula reads. Refused: those that are not there, told with those that are."""
    found = _NAMES.finditer(_QUOTED.sub("", _REF.sub(r"\1", str(formula))))
    names = list(dict.fromkeys(match[1] or match[2] for match in found))
    names = [name for name in names if name not in ("True", "False", "None")]
    todo = "correct the formula, or add the column; names with spaces or signs stand between backticks"
    there, strange = listed(about.columns), [name for name in names if name not in about]
    refuse_if(Problem(f"{where}(formula)", f"{name!r}, which is no column", there, todo) for name in strange)
    return names


def known(about: pd.DataFrame, names: list[str], where: str) -> pd.DataFrame:
    """Return some columns, each of numbers or of words. Refused: an article for which nothing stands there."""
    problems, found = [], {}
    for name in names:
        column = about[name]
        words = column.astype(str).str.strip()
        missing = list(map(str, about.index[column.isna() | (words == "")]))
        if missing:
            came, todo = f"nothing for {listed(missing)}", "fill it in, or select articles that have one"
            problems.append(Problem(f"{where}(about) {name}", came, "a value for every article", todo))
        numbers = pd.to_numeric(column, errors="coerce")
        is_number = numbers.notna().all() and np.isfinite(numbers.astype(float)).all()
        found[name] = numbers.astype(np.float64) if is_number else words.astype(object)
    refuse_if(problems)
    return pd.DataFrame(found, index=about.index)


def of_articles(formula: str, about: pd.DataFrame | None, counts: Counts) -> Design:
    """Make a formula into columns, one row an article of counts. Refused: as by `design`, no row for an article, fewer articles than columns, a level with one."""
    articles = list(dict.fromkeys(counts.articles))
    made = design(formula, rows_of(about, articles, "train"), "train")
    many, wide = made.matrix.shape
    if many <= wide:
        came, allowed = f"{wide} columns for {many} articles", f"at most {many - 1} columns"
        refuse_if([Problem("train(formula)", came, allowed, "leave terms out, or join levels")])
    refuse_if(alone(made, np.arange(many), "train", "article"))
    return made


def rows_of(about: pd.DataFrame | None, articles: list[str], where: str) -> pd.DataFrame:
    """Return the rows of some articles, by their index or a column id. Refused: no table, an article twice, articles without a row."""
    todo = 'give what is known of articles: about=registry.set_index("id")'
    if not isinstance(about, pd.DataFrame):
        raise Refused(Problem(f"{where}(about)", said(about), "a table with one row an article, by id", todo))
    table = by_id(about)
    missing = [name for name in articles if name not in table.index]
    twice = named_once(f"{where}(about)", table.index, "give each article once")
    without = Problem(f"{where}(about)", f"no row for {listed(missing)}", "a row for every article", todo)
    refuse_if(twice, [without] if missing else [])
    return table.loc[articles]


def by_id(about: pd.DataFrame) -> pd.DataFrame:
    """Return a table with texts for its index: that which it has, or its column id."""
    table = about.set_index("id") if "id" in about else about
    return table.set_axis(table.index.map(str), axis=0)


def alone(made: Design, of: np.ndarray, where: str, what: str) -> Iterator[Problem]:
    """Tell which levels one article, or one witness, alone has (`of`: the number of each row's)."""
    for term in made.terms:
        if term.kind == "factor":
            words = made.table[term.reads[0]].map(_word).to_numpy()
            for level in term.levels:
                if (many := len(set(of[words == level]))) < 2:
                    came, allowed = f"{level!r} with {many} witness", "two witnesses or more of every level"
                    if what == "article":
                        came = f"{level!r} with {many} article"
                        allowed = "two articles or more of every level"
                    todo = "join levels, or leave these articles out"
                    yield Problem(f"{where}(formula) {term.said}", came, allowed, todo)


def known_of(made: Design, counts: Counts) -> Known:
    """Return what is known of passages, from a design with one row an article of these counts, in their order."""
    codes, _ = pd.factorize(np.array(counts.articles, dtype=object))
    return prevalence.known(made.matrix, codes)


def strange(made: Design, table: pd.DataFrame, where: str) -> Iterator[Problem]:
    """Tell which levels of other rows the formula does not know."""
    for term in made.terms:
        if term.kind == "factor":
            (name,) = term.reads
            if new := sorted(set(map(_word, table[name])) - set(term.levels)):
                todo = "join levels, or train with articles of these too"
                yield Problem(f"{where}(about) {name}", listed(new), listed(term.levels), todo)


def _numbers(made: Any, table: pd.DataFrame) -> np.ndarray:
    return np.round(np.asarray(made.get_model_matrix(table, context=_own()), dtype=np.float64), 9)


def _word(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _level(match: re.Match[str]) -> str:
    return next(part for part in match.groups()[1:] if part is not None)


def _own() -> dict[str, Any]:
    """Return what a formula can call beside all that formulaic knows: ref and cr, which stand for it with a mean and need no linear algebra."""
    from formulaic.transforms import stateful_transform
    from formulaic.transforms.contrasts import C, TreatmentContrasts

    @stateful_transform
    def cr(x: Any, df: int = 3, _state: dict[str, Any] = {}) -> dict[str, np.ndarray]:  # noqa: B006
        if "knots" not in _state:
            _state["knots"] = _knots(np.asarray(x, dtype=np.float64), df)
        columns = curve(np.asarray(x, dtype=np.float64), _state["knots"])
        return {str(number): column for number, column in enumerate(columns, 1)}

    def ref(x: Any, level: str) -> Any:
        return C(pd.Series(x).map(_word), TreatmentContrasts(base=level))

    return {"cr": cr, "ref": ref}


def _knots(x: np.ndarray, df: int) -> np.ndarray:
    if not 2 <= df <= 10 or len(np.unique(x)) <= df:
        raise ValueError(f"df={df} for {len(np.unique(x))} different numbers: 2 to 10, and fewer than differ")
    return np.quantile(np.unique(x), np.linspace(0, 1, df + 1))


def curve(x: np.ndarray, knots: np.ndarray) -> list[np.ndarray]:
    """Return the columns of a natural cubic curve: as many as there are knots, less one."""
    first, last = knots[0], knots[-1]
    x, knots = (x - first) / (last - first), (knots - first) / (last - first)

    def rising(knot: float) -> np.ndarray:
        return (np.maximum(x - knot, 0) ** 3 - np.maximum(x - 1, 0) ** 3) / (1 - knot)

    return [x, *(rising(knot) - rising(knots[-2]) for knot in knots[:-2])]


def _references(formula: str, table: pd.DataFrame, where: str) -> Iterator[Problem]:
    for match in _REF.finditer(str(formula)):
        levels = sorted(set(map(_word, table[match[1].strip("`")])))
        if (level := _level(match)) not in levels:
            yield Problem(f"{where}(formula)", f"{level!r} in {match[0]}", listed(levels), CORRECT)


def _term(term: Any, made: Any, table: pd.DataFrame) -> Term:
    reads = tuple(name for name in table if name in {str(part) for part in made.term_variables[term]})
    factors = [factor.expr for factor in term.factors]
    if len(factors) > 1:
        return Term(str(term), reads, "both")
    kind, state = made.encoder_state[factors[0]]
    if kind.value != "categorical" or len(reads) != 1:
        return Term(str(term), reads, "number" if factors[0] in reads else "curve")
    levels = [_word(level) for level in state["categories"]]
    base = getattr(getattr(state.get("contrasts"), "contrasts", None), "base", None)
    first = base if isinstance(base, str) and base in levels else levels[0]
    return Term(str(term), reads, "factor", (first, *(level for level in levels if level != first)))


def _flat(terms: list[Term], table: pd.DataFrame, where: str) -> list[Problem]:
    read = dict.fromkeys(chain(*(term.reads for term in terms)))
    problem = "one value", "values that differ", "leave it out"
    return [Problem(f"{where}(formula) {name}", *problem) for name in read if table[name].nunique() < 2]


def _follows(matrix: np.ndarray, of: np.ndarray, terms: list[Term], where: str) -> Iterator[Problem]:
    size = np.abs(matrix).max(axis=0)
    rank = 1
    for number, term in enumerate(terms):
        before, rank = rank, np.linalg.matrix_rank((matrix / np.where(size > 0, size, 1))[:, of <= number])
        if rank < before + (of == number).sum():
            came = f"{term.said}, which follows from the others"
            todo = "leave one out: effects of the two cannot be told apart"
            yield Problem(f"{where}(formula)", came, "terms that each say something of their own", todo)
