"""Beside: topic shares beside what else measures the same: counts of keywords, and codes that a person gave."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, listed, refuse_if
from nqp_topics.compare.given import Names, known
from nqp_topics.compare.grouping import effective, witness_codes
from nqp_topics.compare.resample import limits
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics, belong

FOLDS = 5
OfRows: TypeAlias = Callable[[np.ndarray], float]


def beside(
    run: Topics,
    counts: Counts,
    keywords: Mapping[str, Sequence[str]] | None = None,
    coded: pd.Series | None = None,
    level: float = 0.95,
    draws: int = 500,
    seed: int = 1,
    within: Names | None = None,
) -> pd.DataFrame:
    """Set topic shares of passages beside keyword counts and beside codes: one row a topic and measure.

    `keywords`: topic → words; measure keywords is the rank correlation of the topic's share with the share of these words among the passage's
    tokens. `coded`: passage → code; measure coded is how well shares foretell the codes (accuracy of a multinomial regression, folds by article),
    counts how well the words themselves do, commonest how often the commonest code is right; topic is "all". Columns: topic, measure, passages, value, low,
    high (witnesses drawn with return, as far out as so few ask; `within`: article → witness, else every article is its own; what a regression
    learnt from is not drawn: intervals of coded and counts hold .82 to .97 and .77 to .88). Refused: neither, words the counts do not know,
    passages without a code, fewer articles than folds.
    """
    belong(run, counts)
    if keywords is None and coded is None:
        todo = "give keywords={topic: [words]} or coded=a series of passage → code"
        raise Refused(Problem("validate.beside", "neither keywords nor codes", "one of them at least", todo))
    random, rows = np.random.default_rng([seed, 22]), []
    articles = np.array(counts.articles, dtype=object)
    who = witness_codes(within, counts.articles, "validate.beside(within)")
    for topic, some in (keywords or {}).items():
        value = _of_keywords(run, counts, topic, list(some))
        rows.append((topic, "keywords", len(articles), value, who))
    if coded is not None:
        here, hits = _of_codes(run, counts, coded, articles)
        for measure, hit in hits.items():
            rows.append(("all", measure, len(here), partial(_share, hit), who[here]))
    columns = ["topic", "measure", "passages", "value", "low", "high"]
    found = [(*head, *_drawn(value, of, level, draws, random)) for *head, value, of in rows]
    return pd.DataFrame(found, columns=columns)


def _drawn(value: OfRows, who: np.ndarray, level: float, draws: int, random: Any) -> list[float]:
    """Return a value of rows, and its interval from witnesses drawn with return."""
    rows_of = [np.flatnonzero(who == one) for one in dict.fromkeys(who.tolist())]
    again = random.integers(0, len(rows_of), (draws, len(rows_of)))
    found = np.array([value(np.concatenate([rows_of[one] for one in row])) for row in again])
    units = effective(np.array([float(len(rows)) for rows in rows_of]))
    told = np.isfinite(found)
    low, high = limits(found[told] if told.any() else found, units, level)
    return [value(np.arange(len(who))), float(low), float(high)]


def _of_keywords(run: Topics, counts: Counts, topic: str, some: list[str]) -> OfRows:
    """Return what says of rows how the topic's share follows that of the words."""
    from scipy.stats import rankdata

    known([topic], run.names, "validate.beside(keywords)", "topic")
    known(some, counts.words, "validate.beside(keywords)", "word")
    places = counts.names[1].get_indexer(some)
    share = np.asarray(counts.matrix[:, places].sum(axis=1)).ravel() / counts.lengths.to_numpy()
    pair = np.column_stack([run.passages[topic].to_numpy(), share])

    def value(rows: np.ndarray) -> float:
        ranks = rankdata(pair[rows], axis=0)
        return float(np.corrcoef(ranks.T)[0, 1]) if len(np.unique(pair[rows, 1])) > 1 else np.nan

    return value


def _of_codes(
    run: Topics, counts: Counts, coded: pd.Series, articles: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the passages that have codes, and which of these each measure foretells."""
    where, codes = "validate.beside(coded)", coded[~coded.index.duplicated()].reindex(list(counts.ids))
    if (absent := codes.isna()).all():
        todo = f"passages are called {listed(counts.ids, 3)}"
        raise Refused(Problem(where, "no passage of this run", "passage → code", todo))
    here = np.flatnonzero(~absent.to_numpy())
    names, of = codes.to_numpy(dtype=object)[here].astype(str), articles[here]
    many = len(set(of))
    few = Problem(where, f"codes in {many} articles", f"{FOLDS} articles at least", "code more")
    alike = Problem(where, "one code alone", "two codes at least", "code what differs")
    refuse_if([few] * (many < FOLDS), [alike] * (len(set(names)) < 2))
    words = counts.matrix[here].toarray() / counts.lengths.to_numpy()[here][:, None]
    return here, {
        "coded": _foretold(run.passages.to_numpy()[here], names, of),
        "counts": _foretold(np.sqrt(words), names, of),
        "commonest": names == pd.Series(names).mode().iloc[0],
    }


def _share(hit: np.ndarray, rows: np.ndarray) -> float:
    return float(hit[rows].mean())


def _foretold(table: np.ndarray, codes: np.ndarray, articles: np.ndarray) -> np.ndarray:
    """Tell which codes are foretold rightly, each from the articles of other folds."""
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GroupKFold
    except ImportError:
        came, allowed = "scikit-learn is not installed", "scikit-learn, which reckons the baseline"
        todo = "pip install scikit-learn"
        raise Refused(Problem("validate.beside(coded)", came, allowed, todo)) from None
    hit = np.zeros(len(codes), bool)
    for train, test in GroupKFold(FOLDS).split(table, codes, articles):
        if len(set(codes[train])) < 2:
            hit[test] = codes[test] == codes[train][0]
            continue
        model = LogisticRegression(C=10.0, max_iter=500).fit(table[train], codes[train])
        hit[test] = model.predict(table[test]) == codes[test]
    return hit
