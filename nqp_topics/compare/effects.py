"""Effects: what moves a topic. Shares of articles are explained by what is known of them; who speaks is drawn and flipped whole.

Shares are those of tokens whose topics are drawn anew for every interval (`topics.drawn`), of a run with a formula with λ learnt anew too.
Intervals: witnesses are weighed anew many times (the Bayesian bootstrap: nobody is ever lost, so no level runs empty), each with what leaving it out
changes (the jackknife: without, one who speaks much holds a line to himself), moved outwards as few witnesses ask. Tests, of shares that nothing known of articles went into: what the other terms leave unexplained is summed by witness and its sign flipped (Hemerik, Goeman and Finos 2020), which
asks neither for equal spreads nor for independent articles. A cluster variance (CR1) is not used: with few witnesses it finds what is not there.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, listed, named_once, refuse_if
from nqp_topics.compare.given import Names, checked, number_problems
from nqp_topics.compare.grouping import witness_codes
from nqp_topics.compare.resample import corrected, keyed, p_value, tail
from nqp_topics.counts import Counts
from nqp_topics.topics.drawn import drawn
from nqp_topics.topics.formula import Design, alone, by_id, design
from nqp_topics.topics.model import Topics

QUARTERS = (0.25, 0.75)  # a curve is told by the difference between these
FLIPS = 1999  # draws of the tests
LEFT = 0.001  # of the weight of a witness that is left out: a column that it alone tells of stays
FREE = 3.0  # degrees of freedom that a contrast is tested with at least
PREDICTED = ["topic", "term", "level", "share", "low", "high"]


class Effects(NamedTuple):
    """What a formula found. `contrasts`: one row a topic and contrast: topic, contrast, term, level, reference, estimate, low, high, p, holm, bh, articles,
    witnesses. A factor has one contrast a level, with its reference; the other columns are as the articles have them. `both` terms have one row a column.

    `terms`: one row a topic and term: topic, term, p, holm, bh (the whole term at once). `predicted`: one row a topic, term and level or value: topic, term, level, share,
    low, high: the share with all else as the articles have it. `left_out`: one row an article that has no row in the table.
    """

    contrasts: pd.DataFrame
    terms: pd.DataFrame
    predicted: pd.DataFrame
    left_out: pd.DataFrame


class _Ask(NamedTuple):
    """What was asked, checked: the articles that the table tells of and those that it does not, the design, witnesses and weights of articles, and the chance of it."""

    ids: list[str]
    lost: list[str]
    made: Design
    codes: np.ndarray
    weights: np.ndarray
    masses: np.ndarray
    flips: np.ndarray
    level: float


class _Fit(NamedTuple):
    """What all terms are read off, beside what was `asked`: shares of topics for tests (articles × topics), the coefficients as they were `fitted` and
    as they were `drawn`, and what each witness makes of them (`said`: witnesses × columns × topics).
    """

    ask: _Ask
    tested: np.ndarray
    fitted: np.ndarray
    drawn: np.ndarray
    said: np.ndarray
    topics: list[str]


class _Contrast(NamedTuple):
    """One contrast: its `term`, what is held against what, and the `step` from one to the other (in columns of the design)."""

    term: str
    level: str
    reference: str
    step: np.ndarray

    @property
    def said(self) -> str:
        """What the contrast is called."""
        return f"{self.term}: {self.level}" + (f" - {self.reference}" if self.reference else "")


def effects(
    run: Topics,
    counts: Counts,
    about: pd.DataFrame,
    formula: str,
    witness: Names | None = None,
    tokens: pd.Series | None = None,
    draws: int = 500,
    seed: int = 1,
    level: float = 0.95,
) -> Effects:
    """Explain the share of every topic by a formula such as "voice + cr(year, df=4)".

    `about`: what is known of articles, by id; `witness`: article → who speaks (`witnesses(registry)`), else every article is its own; `tokens`: article →
    weight, else every article has one voice. An estimate is a difference in shares: to the reference level, for one more of a number, between the quarters of a curve.
    Intervals reach as far as the witnesses behind a contrast ask for, few of its level or one who outweighs the others; its p is the larger of that of flipped signs and Student's (of a whole factor: of its clearest step; of a curve: of flipped signs alone).
    Correction is over topics within a contrast or term. Where passages are short, words of several topics go by the prior: take a run with this formula (`prevalence`).
    Refused: counts of another run, a formula that does not fit the table, missing values, fewer witnesses than twice the columns, a level with one witness.
    """
    names = sorted(set(counts.articles))
    ask = _asked(names, about, formula, witness, tokens, draws, seed, level)
    place = np.searchsorted(names, ask.ids)
    mass = np.ones((draws, len(names)))
    mass[:, place] = ask.masses[:, ask.codes]
    found = drawn(run, counts, mass, seed)
    return _explained(ask, found.mean[place], found.draws[:, place], found.level[place], run.names)


def effects_of_shares(
    shares: pd.DataFrame, about: pd.DataFrame, formula: str, witness: Names | None = None, draws: int = 2000
) -> Effects:
    """Explain shares (articles × topics, each row summing to one) that came from anywhere, taken for certain; else as `effects`."""
    checked(shares, "effects")
    ask = _asked(sorted(map(str, shares.index)), about, formula, witness, None, draws)
    y = shares.set_axis(shares.index.map(str), axis=0).loc[ask.ids].to_numpy(dtype=np.float64)
    return _explained(ask, y, None, y, list(map(str, shares.columns)))


def _asked(
    names: list[str],
    about: pd.DataFrame,
    formula: str,
    witness: Names | None,
    tokens: pd.Series | None,
    draws: int,
    seed: int = 1,
    level: float = 0.95,
) -> _Ask:
    table = by_id(about)
    twice = named_once("effects(about)", list(table.index), "give each article once")
    refuse_if(number_problems("effects", draws=draws, seed=seed, level=level), twice)
    ids = [name for name in names if name in set(table.index)]
    if not ids:
        came, todo = f"none of {listed(names, 3)}", 'registry.set_index("id")'
        raise Refused(Problem("effects(about)", came, "rows by the id of the article", todo))
    made = design(formula, table.loc[ids], "effects")
    codes = witness_codes(witness, ids, "effects(witness)", sort=True)
    weights = np.ones(len(ids)) if tokens is None else _weights_of(tokens, ids, "effects(tokens)").to_numpy()
    many, columns = int(codes.max()) + 1, made.matrix.shape[1]
    came, allowed = f"{columns} columns for {many} witnesses", f"at most {many // 2} columns"
    few = Problem("effects(formula)", came, allowed, "leave terms out, or join levels")
    refuse_if([few] * (many < 2 * columns), alone(made, codes, "effects", "witness"))
    rng = keyed(seed, "effects", formula)
    masses = rng.standard_exponential((draws, many))
    flips = rng.integers(0, 2, size=(FLIPS, many)) * 2.0 - 1
    lost = sorted(set(names) - set(ids))
    return _Ask(ids, lost, made, codes, weights / weights.mean(), masses, flips, level)


def _explained(
    ask: _Ask, y: np.ndarray, draws: np.ndarray | None, tested: np.ndarray, topics: list[str]
) -> Effects:
    made, codes, weights = ask.made, ask.codes, ask.weights
    fitted, many = _fitted(made.matrix, y, weights), ask.masses.shape[1]
    without = [_fitted(made.matrix, y, weights * np.where(codes == one, LEFT, 1.0)) for one in range(many)]
    said = (fitted - np.stack(without)) * np.sqrt((many - 1) / many)
    again = fitted + np.einsum("dw,wct->dct", ask.masses - 1, said)
    if draws is not None:
        each = zip(draws - y, ask.masses, strict=True)
        chance = np.stack([_fitted(made.matrix, off, weights * mass[codes]) for off, mass in each])
        again += chance - chance.mean(axis=0)  # λ learnt anew lies a little aside, whatever the weights
    fit, whole = _Fit(ask, tested, fitted, again, said, topics), []
    for number, term in enumerate(made.terms):
        here = np.flatnonzero(made.of == number)
        p = _p(fit, made.matrix, here)
        if made.terms[number].kind != "curve":
            p = np.maximum(p, _p_of_steps(fit, here))
        whole.append(pd.DataFrame({"topic": topics, "term": term.said, "p": p}))
    contrasts = _corrected([_contrast(fit, asked) for asked in _contrasts(fit)], "contrast")
    contrasts = contrasts.assign(articles=len(ask.ids), witnesses=many)
    predicted = [_predicted(fit, name, said, values) for name, said, values in _values(fit)]
    shown = pd.concat(predicted, ignore_index=True) if predicted else pd.DataFrame(columns=PREDICTED)
    left_out = pd.DataFrame([(name, "not in the table") for name in ask.lost], columns=["article", "why"])
    return Effects(contrasts, _corrected(whole, "term"), shown, left_out)


def _weights_of(tokens: pd.Series, here: list[str], where: str) -> pd.Series:
    """Return the weight of every article. Refused: an article twice, one without a weight above 0."""
    refuse_if(named_once(where, tokens.index, "give each article once"))
    known = {str(key): float(value) for key, value in tokens.items()}
    allowed, todo = "a weight above 0 for every article", "give the tokens of every article"
    wrong = [name for name in here if not 0 < known.get(name, 0.0) < np.inf]
    refuse_if(Problem(f"{where} {name}", repr(known.get(name)), allowed, todo) for name in wrong)
    return pd.Series([known[name] for name in here], index=here)


def _fitted(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return least-squares coefficients, columns × topics, rounded so that machines agree."""
    heavy = x * weights[:, None]
    return np.round(np.linalg.solve(np.einsum("ij,ik->jk", heavy, x), np.einsum("ij,ik->jk", heavy, y)), 12)


def _scores(fit: _Fit, matrix: np.ndarray, here: np.ndarray) -> np.ndarray:
    """Return what each witness says for some columns of a matrix beyond all others: columns × witnesses × topics."""
    rest = np.delete(matrix, here, axis=1)
    left = fit.tested - rest @ _fitted(rest, fit.tested, fit.ask.weights)
    own = matrix[:, here] - rest @ _fitted(rest, matrix[:, here], fit.ask.weights)
    parts = (own * fit.ask.weights[:, None]).T[:, :, None] * left[None]
    total = np.zeros((len(here), fit.ask.codes.max() + 1, left.shape[1]))
    for column in range(len(here)):
        np.add.at(total[column], fit.ask.codes, parts[column])
    return total


def _p(fit: _Fit, matrix: np.ndarray, here: np.ndarray) -> np.ndarray:
    """Return the p-value of each topic for some columns: how often flipped signs sum to as much, columns by their joint spread.

    Those of a curve say much the same, and those of a factor hang on its reference: each by its own spread, a hill was found in .06 of planted
    worlds (60 articles) in which it is found in .25.
    """
    scores = _scores(fit, matrix, here)
    level = scores / np.maximum(np.sqrt((scores**2).sum(axis=1, keepdims=True)), 1e-300)
    joint = np.linalg.inv(np.einsum("cwt,ewt->tce", level, level) + 1e-9 * np.eye(len(here)))
    sums = np.stack([np.einsum("dw,wt->dt", fit.ask.flips, column) for column in level], axis=2)
    seen, drawn = (np.einsum("...tc,tce,...te->...t", x, joint, x) for x in (level.sum(axis=1).T, sums))
    return p_value(np.round(drawn, 8), np.round(seen, 8))


def _free(ask: _Ask, step: np.ndarray) -> float:
    """Return the degrees of freedom of a contrast's error: few where few witnesses carry it, or one its level alone (after Bell and McCaffrey 2002)."""
    x, codes = ask.made.matrix, ask.codes
    heavy = x * ask.weights[:, None]
    solved = np.linalg.solve(np.einsum("ij,ik->jk", heavy, x), np.column_stack([step, heavy.T]))
    carries = np.einsum("ij,j->i", heavy, solved[:, 0])
    # who speaks on both sides of a contrast carries both
    part = np.bincount(codes, carries.clip(min=0)) ** 2 + np.bincount(codes, carries.clip(max=0)) ** 2
    alone = np.bincount(codes, np.einsum("ij,ji->i", x, solved[:, 1:])).clip(0, 0.9)
    return round(max(float(part.sum() ** 2 / (part**2 / (1 - alone)).sum()), 1.0), 6)


def _p_of_witnesses(fit: _Fit, step: np.ndarray) -> np.ndarray:
    """Return Student's p of a contrast for each topic, by what is left of it without each witness: signs that are flipped about a mean that one witness sets are no chance."""
    from scipy.special import stdtr

    error = np.sqrt((np.einsum("c,wct->wt", step, fit.said) ** 2).sum(axis=0))
    size = np.abs(np.einsum("c,ct->t", step, fit.fitted)) / np.maximum(error, 1e-12)
    return np.round(2 * stdtr(max(_free(fit.ask, step), FREE), -size), 9)


def _p_of_steps(fit: _Fit, here: np.ndarray) -> np.ndarray:
    """Return Student's p of the clearest step between two levels: a level that one witness sets is no finding of the term. How many steps there are flipped signs know already."""
    columns = np.eye(len(fit.ask.made.of))[here]
    steps = [*columns, *(one - other for one, other in combinations(columns, 2))]
    return np.min([_p_of_witnesses(fit, step) for step in steps], axis=0)


def _values(fit: _Fit) -> Iterator[tuple[str, str, list[object]]]:
    """Yield each column of the table that moves topics by itself, what it is called, and the levels or values to look at."""
    made = fit.ask.made
    for name in made.table:
        mine = [term for term in made.terms if term.reads == (name,)]
        if mine:
            said = mine[0].said if len(mine) == 1 else name
            numbers = pd.to_numeric(made.table[name], errors="coerce")
            along = np.unique(np.round(np.linspace(numbers.min(), numbers.max(), 21), 6))
            yield name, said, list(mine[0].levels or along)


def _usual(fit: _Fit, name: str, values: list[object]) -> np.ndarray:
    """Return a row for each value: the mean row of the design were a column of this value in every article."""
    table, many = fit.ask.made.table, len(fit.ask.weights)
    every = pd.concat([table] * len(values), ignore_index=True)
    column = pd.Series(np.repeat(np.array(values, dtype=object), many))
    every[name] = column.astype(float) if pd.api.types.is_float_dtype(table[name]) else column
    rows = fit.ask.made.at(every).reshape(len(values), many, -1)
    return np.einsum("a,vac->vc", fit.ask.weights, rows) / fit.ask.weights.sum()


def _contrasts(fit: _Fit) -> Iterator[_Contrast]:
    """Yield what is asked: levels against their reference, one more of a number, the quarters of a curve; of columns of two, each by itself."""
    made = fit.ask.made
    for name, said, values in _values(fit):
        mine = [term for term in made.terms if term.reads == (name,)]
        if mine[0].kind == "factor":
            rows = _usual(fit, name, values)
            for value, row in zip(values[1:], rows[1:], strict=True):
                yield _Contrast(said, str(value), str(values[0]), row - rows[0])
            continue
        low, high = (float(x) for x in np.quantile(made.table[name], QUARTERS))
        if [term.kind for term in mine] == ["number"]:
            yield _Contrast(said, "one more", "", np.diff(_usual(fit, name, [low, low + 1]), axis=0)[0])
        else:
            step = np.diff(_usual(fit, name, [low, high]), axis=0)[0]
            yield _Contrast(said, f"{high:g}", f"{low:g}", step)
    for number, term in enumerate(made.terms):
        if term.kind == "both":
            for column in np.flatnonzero(made.of == number):
                yield _Contrast(term.said, made.names[column], "", np.eye(len(made.names))[column])


def _contrast(fit: _Fit, asked: _Contrast) -> pd.DataFrame:
    columns = np.flatnonzero(np.abs(asked.step) > 1e-12)
    step = asked.step[columns]
    head = {"contrast": asked.said, "term": asked.term, "level": asked.level, "reference": asked.reference}
    low, high = _limits(fit, asked.step)
    found = {"estimate": np.einsum("c,ct->t", step, fit.fitted[columns]), "low": low, "high": high}
    matrix = _turned(fit.ask.made.matrix, columns, step)
    p = np.maximum(_p(fit, matrix, columns[:1]), _p_of_witnesses(fit, asked.step))
    return pd.DataFrame({"topic": fit.topics, **head, **found, "p": p})


def _turned(matrix: np.ndarray, columns: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return a matrix with some columns turned so that the first holds the contrast alone and the others what is free of it."""
    turn = np.linalg.qr(step[:, None], mode="complete")[0]
    turned = matrix.copy()
    turned[:, columns] = np.einsum("ij,jk->ik", matrix[:, columns], turn)
    return turned


def _limits(fit: _Fit, step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of a contrast, or of what a row of the design foretells, for each topic."""
    out = tail(max(2.0, 1 + _free(fit.ask, step)), fit.ask.level)
    low, high = np.quantile(np.einsum("c,dct->dt", step, fit.drawn), [out, 1 - out], axis=0)
    return np.round(low, 9), np.round(high, 9)


def _predicted(fit: _Fit, name: str, said: str, values: list[object]) -> pd.DataFrame:
    """Return the share of every topic at each level or along a column's values, all other columns as the articles have them."""
    rows = _usual(fit, name, values)
    limits = np.stack([_limits(fit, row) for row in rows], axis=1)
    shares = np.einsum("vc,ct->vt", rows, fit.fitted), *limits
    shown = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
    head = [(topic, said, level) for level in shown for topic in fit.topics]
    table = pd.DataFrame(head, columns=PREDICTED[:3])
    return table.assign(**{of: np.clip(x, 0, 1).ravel() for of, x in zip(PREDICTED[3:], shares, strict=True)})


def _corrected(tables: list[pd.DataFrame], key: str) -> pd.DataFrame:
    """Put tables below each other, p corrected over the topics of a contrast."""
    table = pd.concat(tables, ignore_index=True).assign(holm=np.nan, bh=np.nan)
    for rows in table.groupby(key, sort=False).groups.values():
        table.loc[rows, "holm"], table.loc[rows, "bh"] = corrected(table.loc[rows, "p"].to_numpy())
    return table
