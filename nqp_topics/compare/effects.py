"""Effects: what moves a topic. Shares of articles are explained by what is known of them; who speaks is drawn and flipped whole.

Intervals: witnesses are weighed anew many times (the Bayesian bootstrap: nobody is ever lost, so no level runs empty), moved outwards as few
witnesses ask. Tests: what the other terms leave unexplained is summed by witness and its sign flipped (Hemerik, Goeman and Finos 2020), which
asks neither for equal spreads nor for independent articles. A cluster variance (CR1) is not used: with few witnesses it finds what is not there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, listed, named_once, refuse_if
from nqp_topics.compare.formula import Design, Term, columns_of, design
from nqp_topics.compare.given import checked, number_problems
from nqp_topics.compare.grouping import effective, weights_of, witness_of
from nqp_topics.compare.resample import corrected, keyed, p_value, tail

QUARTERS = (0.25, 0.75)  # a curve is told by the difference between these


class Effects(NamedTuple):
    """What a formula found. `contrasts`: one row a topic and contrast: topic, term, level, reference, estimate, low, high, p, holm, bh, articles, witnesses.

    `terms`: one row a topic and term: topic, term, p, holm, bh (the whole term at once). `predicted`: one row a topic, term and level or value: topic, term, level, share,
    low, high: the share with all else as the articles have it. `left_out`: one row an article that has no row in the table.
    """

    contrasts: pd.DataFrame
    terms: pd.DataFrame
    predicted: pd.DataFrame
    left_out: pd.DataFrame


class _Fit(NamedTuple):
    """What all terms are read off: shares `y` (articles × topics) by the columns of `made`, `codes` (the witness of each article), its `weights`, the
    coefficients as they were `fitted` and as they were `drawn`, how far out limits lie (`spread`), and the signs of witnesses (`flips`).
    """

    made: Design
    table: pd.DataFrame
    y: np.ndarray
    codes: np.ndarray
    weights: np.ndarray
    fitted: np.ndarray
    drawn: np.ndarray
    spread: float
    flips: np.ndarray
    topics: list[str]


def effects(
    shares: pd.DataFrame,
    about: pd.DataFrame,
    formula: str,
    witness: pd.Series | None = None,
    tokens: pd.Series | None = None,
    draws: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> Effects:
    """Explain the share of every topic by a formula such as "voice + cr(year, df=4)".

    `shares`: articles × topics (`run.articles(counts)`); `about`: what is known of articles, by id; `witness`: article → who speaks
    (`witnesses(registry)`), else every article is its own; `tokens`: article → weight, else every article has one voice. An estimate is a difference in shares: to the
    reference level, for one more of a number, between the quarters of a curve. Correction is over topics within a contrast or term. Refused: a formula that
    does not fit the table, missing values, fewer witnesses than twice the columns, a level with one witness.
    """
    refuse_if(number_problems("effects", draws=draws, seed=seed, level=level))
    checked(shares, "effects")
    ids, table = _told_of(shares, about)
    y = shares.set_axis(shares.index.map(str), axis=0).loc[ids].to_numpy(dtype=np.float64)
    made = design(formula, table, "effects")
    codes, weights = _voices(ids, witness, tokens)
    refuse_if(_few(made, table, codes))
    many = codes.max() + 1
    rng = keyed(seed, "effects", formula)
    drawn = np.stack(
        [_fitted(made.matrix, y, weights * mass[codes]) for mass in rng.standard_exponential((draws, many))]
    )
    spread = tail(max(2.0, effective(np.bincount(codes, weights)) - 2 * made.matrix.shape[1] + 1), level)
    flips = rng.integers(0, 2, size=(draws, many)) * 2.0 - 1
    fitted, topics = _fitted(made.matrix, y, weights), list(map(str, shares.columns))
    fit = _Fit(made, table, y, codes, weights, fitted, drawn, spread, flips, topics)
    rows, whole, predicted = [], [], []
    for number, term in enumerate(made.terms):
        here = np.flatnonzero(made.of == number)
        whole.append(pd.DataFrame({"topic": topics, "term": term.said, "p": _p(fit, made.matrix, here)}))
        rows.append(_contrasts(fit, term, here))
        predicted.append(_predicted(fit, term, here))
    lost = [(name, "not in the table") for name in sorted(map(str, shares.index)) if name not in set(ids)]
    contrasts, terms = (
        _corrected(pd.concat(found, ignore_index=True), keys)
        for found, keys in ((rows, ["term", "level"]), (whole, ["term"]))
    )
    return Effects(
        contrasts.assign(articles=len(ids), witnesses=int(many)),
        terms,
        pd.concat(predicted, ignore_index=True),
        pd.DataFrame(lost, columns=["article", "why"]),
    )


def _told_of(shares: pd.DataFrame, about: pd.DataFrame) -> tuple[list[str], pd.DataFrame]:
    """Return the articles that the table tells of, by name, and their rows. Refused: none."""
    refuse_if(named_once("effects(about)", list(map(str, about.index)), "give each article once"))
    there = set(map(str, about.index))
    ids = [name for name in sorted(map(str, shares.index)) if name in there]
    if not ids:
        came, todo = f"none of {listed(shares.index, 3)}", 'registry.set_index("id")'
        raise Refused(Problem("effects(about)", came, "rows by the id of the article", todo))
    return ids, about.set_axis(about.index.map(str), axis=0).loc[ids]


def _voices(
    ids: list[str], witness: pd.Series | None, tokens: pd.Series | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each article's witness, and the weight of each article, one on average."""
    who, _ = witness_of(witness, ids, "effects(witness)")
    codes, _ = pd.factorize(who.to_numpy(), sort=True)
    if tokens is None:
        return codes, np.ones(len(ids))
    given = weights_of(tokens, ids, "effects(tokens)").to_numpy()
    return codes, given / given.mean()


def _few(made: Design, table: pd.DataFrame, codes: np.ndarray) -> list[Problem]:
    many, columns = codes.max() + 1, made.matrix.shape[1]
    found = []
    if many < 2 * columns:
        found.append(
            Problem(
                "effects(formula)",
                f"{columns} columns for {many} witnesses",
                f"at most {many // 2} columns",
                "leave terms out, or join levels",
            )
        )
    for term in made.terms:
        if term.kind == "factor":
            words = table[term.column].astype(str).str.strip().to_numpy()
            for name in term.levels:
                if (who := len(set(codes[words == name]))) < 2:
                    found.append(
                        Problem(
                            f"effects(formula) {term.column}",
                            f"{name!r} with {who} witness",
                            "two witnesses or more of every level",
                            "join levels, or leave these articles out",
                        )
                    )
    return found


def _fitted(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return least-squares coefficients, columns × topics, rounded so that machines agree."""
    heavy = x * weights[:, None]
    return np.round(np.linalg.solve(np.einsum("ij,ik->jk", heavy, x), np.einsum("ij,ik->jk", heavy, y)), 12)


def _scores(fit: _Fit, matrix: np.ndarray, here: np.ndarray) -> np.ndarray:
    """Return what each witness says for some columns of a matrix beyond all others: columns × witnesses × topics."""
    rest = np.delete(matrix, here, axis=1)
    left = fit.y - rest @ _fitted(rest, fit.y, fit.weights)
    own = matrix[:, here] - rest @ _fitted(rest, matrix[:, here], fit.weights)
    parts = (own * fit.weights[:, None]).T[:, :, None] * left[None]
    total = np.zeros((len(here), fit.codes.max() + 1, fit.y.shape[1]))
    for column in range(len(here)):
        np.add.at(total[column], fit.codes, parts[column])
    return total


def _p(fit: _Fit, matrix: np.ndarray, here: np.ndarray) -> np.ndarray:
    """Return the p-value of each topic for some columns: how often flipped signs sum to as much, each column by its own spread."""
    scores = _scores(fit, matrix, here)
    spread = np.sqrt((scores**2).sum(axis=1, keepdims=True))
    level = scores / np.maximum(spread, 1e-300)
    seen = (level.sum(axis=1) ** 2).sum(axis=0)
    drawn = sum(np.einsum("dw,wt->dt", fit.flips, column) ** 2 for column in level)
    return p_value(np.round(drawn, 9), np.round(seen, 9))


def _contrasts(fit: _Fit, term: Term, here: np.ndarray) -> pd.DataFrame:
    """Return one row a topic and contrast of a term."""
    if term.kind == "curve":
        low, high = np.quantile(pd.to_numeric(fit.table[term.column]), QUARTERS)
        step = np.diff(columns_of(term, [low, high])[0], axis=0)
        asked = [(f"{high:g}", f"{low:g}", step[0], here)]
    elif term.kind == "number":
        asked = [("one more", "", np.ones(1), here)]
    else:
        asked = [
            (level, term.levels[0], np.ones(1), here[[place]]) for place, level in enumerate(term.levels[1:])
        ]
    rows = []
    for level, reference, step, columns in asked:
        p = _p(fit, _turned(fit.made.matrix, columns, step), columns[:1])
        estimate = np.einsum("c,ct->t", step, fit.fitted[columns])
        low, high = _limits(np.einsum("c,dct->dt", step, fit.drawn[:, columns]), fit.spread)
        rows.append(
            pd.DataFrame(
                {
                    "topic": fit.topics,
                    "term": term.said,
                    "level": level,
                    "reference": reference,
                    "estimate": estimate,
                    "low": low,
                    "high": high,
                    "p": p,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _turned(matrix: np.ndarray, columns: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return a matrix with some columns turned so that the first holds the contrast alone and the others what is free of it."""
    turn = np.linalg.qr(step[:, None], mode="complete")[0]
    turned = matrix.copy()
    turned[:, columns] = np.einsum("ij,jk->ik", matrix[:, columns], turn)
    return turned


def _limits(drawn: np.ndarray, spread: float) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.quantile(drawn, [spread, 1 - spread], axis=0)
    return np.round(low, 9), np.round(high, 9)


def _predicted(fit: _Fit, term: Term, here: np.ndarray) -> pd.DataFrame:
    """Return the share of every topic at each level or along a term's values, all other columns as they are on average."""
    if term.kind == "factor":
        values: list[object] = list(term.levels)
    else:
        numbers = pd.to_numeric(fit.table[term.column])
        values = list(np.unique(np.round(np.linspace(numbers.min(), numbers.max(), 21), 6)))
    usual = (fit.made.matrix * fit.weights[:, None]).sum(axis=0) / fit.weights.sum()
    rows = np.tile(usual, (len(values), 1))
    rows[:, here] = columns_of(term, values)[0]
    share = np.einsum("vc,ct->vt", rows, fit.fitted)
    low, high = _limits(np.einsum("vc,dct->dvt", rows, fit.drawn), fit.spread)
    many = len(fit.topics)
    return pd.DataFrame(
        {
            "topic": fit.topics * len(values),
            "term": term.said,
            "level": np.repeat(
                np.array(
                    [f"{value:g}" if isinstance(value, float) else str(value) for value in values],
                    dtype=object,
                ),
                many,
            ),
            "share": np.clip(share, 0, 1).ravel(),
            "low": np.clip(low, 0, 1).ravel(),
            "high": np.clip(high, 0, 1).ravel(),
        }
    )


def _corrected(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Correct p over the topics of a contrast."""
    table = table.assign(holm=np.nan, bh=np.nan)
    for rows in table.groupby(keys, sort=False).groups.values():
        table.loc[rows, "holm"], table.loc[rows, "bh"] = corrected(table.loc[rows, "p"].to_numpy())
    return table
