"""Beside: topic shares beside what else measures the same: counts of keywords, and codes that a person gave."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, listed, refuse_if
from nqp_topics.compare.given import known
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics, belong

FOLDS = 5


def beside(
    run: Topics,
    counts: Counts,
    keywords: Mapping[str, Sequence[str]] | None = None,
    coded: pd.Series | None = None,
    level: float = 0.95,
    draws: int = 500,
    seed: int = 1,
) -> pd.DataFrame:
    """Set topic shares of passages beside keyword counts and beside codes: one row a topic and measure.

    `keywords`: topic → words; measure keywords is the rank correlation of the topic's share with the share of these words among the passage's
    tokens. `coded`: passage → code; measure coded is how well shares foretell the codes (accuracy of a multinomial regression, folds by article),
    counts how well the words themselves do, commonest how often the commonest code is right; topic is "all". Columns: topic, measure, passages, value, low,
    high (articles drawn with return). Refused: neither, words the counts do not know, passages without a code, fewer articles than folds.
    """
    belong(run, counts)
    if keywords is None and coded is None:
        todo = "give keywords={topic: [words]} or coded=a series of passage → code"
        raise Refused(Problem("validate.beside", "neither keywords nor codes", "one of them at least", todo))
    articles = np.array(counts.articles, dtype=object)
    random = np.random.default_rng([seed, 22])
    rows = [
        _keywords(run, counts, topic, list(some), articles, level, draws, random)
        for topic, some in (keywords or {}).items()
    ]
    if coded is not None:
        rows += _coded(run, counts, coded, articles, level, draws, random)
    return pd.DataFrame(rows, columns=["topic", "measure", "passages", "value", "low", "high"])


def _keywords(
    run: Topics,
    counts: Counts,
    topic: str,
    some: list[str],
    articles: np.ndarray,
    level: float,
    draws: int,
    random: np.random.Generator,
) -> list[object]:
    from scipy.stats import rankdata

    known([topic], run.names, "validate.beside(keywords)", "topic")
    known(some, counts.words, "validate.beside(keywords)", "word")
    places = [list(counts.words).index(word) for word in some]
    share = np.asarray(counts.matrix[:, places].sum(axis=1)).ravel() / counts.lengths.to_numpy()
    pair = np.column_stack([run.passages[topic].to_numpy(), share])

    def value(rows: np.ndarray) -> float:
        ranks = np.apply_along_axis(rankdata, 0, pair[rows])
        return float(np.corrcoef(ranks.T)[0, 1]) if len(np.unique(pair[rows, 1])) > 1 else np.nan

    return [topic, "keywords", len(pair), *_drawn(value, articles, level, draws, random)]


def _drawn(
    value: Callable[[np.ndarray], float],
    articles: np.ndarray,
    level: float,
    draws: int,
    random: np.random.Generator,
) -> list[float]:
    """Return a value of rows, and its interval from articles drawn with return."""
    rows_of = [np.flatnonzero(articles == name) for name in dict.fromkeys(articles)]
    found = [
        value(np.concatenate([rows_of[one] for one in random.integers(0, len(rows_of), len(rows_of))]))
        for _ in range(draws)
    ]
    low, high = np.nanpercentile(found, [50 * (1 - level), 50 * (1 + level)])
    return [value(np.arange(len(articles))), float(low), float(high)]


def _coded(
    run: Topics,
    counts: Counts,
    coded: pd.Series,
    articles: np.ndarray,
    level: float,
    draws: int,
    random: np.random.Generator,
) -> list[list[object]]:
    codes = coded[~coded.index.duplicated()].reindex(list(counts.ids))
    if (absent := codes.isna()).all():
        raise Refused(
            Problem(
                "validate.beside(coded)",
                "no passage of this run",
                "passage → code",
                f"passages are called {listed(counts.ids, 3)}",
            )
        )
    here = np.flatnonzero(~absent.to_numpy())
    names = codes.to_numpy(dtype=object)[here].astype(str)
    of = articles[here]
    many = len(dict.fromkeys(of))
    refuse_if(
        [
            Problem(
                "validate.beside(coded)",
                f"codes in {many} articles",
                f"{FOLDS} articles at least",
                "code more",
            )
        ]
        if many < FOLDS
        else [],
        [Problem("validate.beside(coded)", "one code alone", "two codes at least", "code what differs")]
        if len(set(names)) < 2
        else [],
    )
    lengths = counts.lengths.to_numpy()[here]
    words = np.asarray(counts.matrix[here].todense()) / lengths[:, None]
    commonest = pd.Series(names).mode().iloc[0]
    hits = {
        "coded": _foretold(run.passages.to_numpy()[here], names, of),
        "counts": _foretold(np.sqrt(words), names, of),
        "commonest": names == commonest,
    }
    return [
        [
            "all",
            measure,
            len(here),
            *_drawn(partial(_share, hit), of, level, draws, random),
        ]
        for measure, hit in hits.items()
    ]


def _share(hit: np.ndarray, rows: np.ndarray) -> float:
    return float(hit[rows].mean())


def _foretold(table: np.ndarray, codes: np.ndarray, articles: np.ndarray) -> np.ndarray:
    """Tell which codes are foretold rightly, each from the articles of other folds."""
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GroupKFold
    except ImportError:
        todo = "pip install scikit-learn"
        raise Refused(
            Problem(
                "validate.beside(coded)",
                "scikit-learn is not installed",
                "scikit-learn, which reckons the baseline",
                todo,
            )
        ) from None
    hit = np.zeros(len(codes), bool)
    for train, test in GroupKFold(FOLDS).split(table, codes, articles):
        if len(set(codes[train])) < 2:
            hit[test] = codes[test] == codes[train][0]
            continue
        model = LogisticRegression(C=10.0, max_iter=500).fit(table[train], codes[train])
        hit[test] = model.predict(table[test]) == codes[test]
    return hit
