"""Occurrence: which topics are spoken of together, freed of what shares force on each other."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, refuse_if
from nqp_topics.compare.given import Names, checked, number_problems
from nqp_topics.compare.grouping import effective, witness_codes
from nqp_topics.compare.resample import drawn_weights, keyed, limits, weighted, with_corrected


def together(
    shares: pd.DataFrame,
    articles: Sequence[str] | None = None,
    within: Names | None = None,
    draws: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Correlation between every two topics from the log-ratios of their shares, with an interval that draws whole witnesses again.

    Shares sum to one, so where one topic grows the others must shrink, and their plain correlation is below zero by force. The spread of
    log-ratios is free of that; from it come the correlations that the topics would have unforced, if most pairs have none (Friedman and Alm
    2012). `shares` are articles, or passages with the article of each in `articles`; `within`: article → witness, as in `grouped`. A share of 0
    is taken as half the least share above 0.

    One row a pair: topic, other, correlation (from -1 to 1), low, high, p (from the draws' standard error and as many degrees of freedom as there are
    effective witnesses, less one), holm, bh, articles. The most alike first. Refused: fewer than four topics, fewer than three articles.
    """
    from scipy.special import stdtr

    checked(shares, "together", "articles or passages")
    names = [str(name) for name in (shares.index if articles is None else articles)]
    topics = [str(topic) for topic in shares.columns]
    numbers = number_problems("together", draws=draws, seed=seed, level=level)
    refuse_if(numbers, _too_few(names, len(shares), len(topics)))
    # in the order of their names, so that draws do not depend on that of rows
    codes, k = witness_codes(within, names, "together(within)", sort=True), len(topics)
    moments, units = _moments(shares.to_numpy(dtype=np.float64), codes), effective(np.bincount(codes))
    seen = _correlations(moments.sum(axis=0, keepdims=True), k)[0]
    drawn = _correlations(weighted(drawn_weights(len(moments), draws, keyed(seed, "together")), moments), k)
    low, high = limits(drawn, units, level)
    # Fisher's scale, on which the spread hardly depends on the correlation
    wide = [np.arctanh(np.clip(part, -0.999999, 0.999999)) for part in (seen, drawn)]
    p = np.full(len(seen), np.nan)
    if units >= 2:
        error = wide[1].std(axis=0, ddof=1) * np.sqrt(units / (units - 1))
        spread = error > 1e-9  # without it nothing is tested
        p[spread] = 2 * stdtr(units - 1, -np.abs(wide[0][spread]) / error[spread])
    first, second = np.triu_indices(k, 1)
    pairs = {"topic": [topics[i] for i in first], "other": [topics[j] for j in second]}
    table = pd.DataFrame(pairs | {"correlation": seen, "low": low, "high": high, "p": p})
    table = with_corrected(table).assign(articles=len(set(names)))
    by = ["correlation", "topic", "other"]
    return table.sort_values(by, ascending=[False, True, True], ignore_index=True)


def _too_few(names: Sequence[str], rows: int, topics: int) -> Iterator[Problem]:
    if len(names) != rows:
        allowed = "one a row"
        yield Problem("together(articles)", f"{len(names)} for {rows} rows", allowed, "give counts.articles")
    if topics < 4 or len(set(names)) < 3:
        came = f"{len(set(names))} articles, {topics} topics"
        todo = "with fewer, shares force the correlations altogether"
        yield Problem("together(shares)", came, "at least three articles and four topics", todo)


def _moments(numbers: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return what each witness gives to the number of rows, the sums of their log-ratios and the sums of products."""
    least = max(numbers[numbers > 0].min() / 2, 1e-300)
    logs = np.log(np.maximum(np.where(numbers > 0, numbers, least), 1e-300))
    logs -= logs.mean(axis=1, keepdims=True)
    logs -= logs.mean(axis=0)  # sums of products of small numbers lose less
    products = (logs[:, :, None] * logs[:, None]).reshape(len(logs), -1)
    given = np.concatenate((np.ones((len(logs), 1)), logs, products), axis=1)
    moments = np.zeros((codes.max() + 1, given.shape[1]))
    np.add.at(moments, codes, given)
    return moments


def _correlations(moments: np.ndarray, k: int) -> np.ndarray:
    """Return correlations from sums: draws × pairs of topics."""
    many = moments[:, :1]
    means = moments[:, 1 : 1 + k] / many
    cross = moments[:, 1 + k :].reshape(-1, k, k) / many[:, :, None] - means[:, :, None] * means[:, None]
    own = np.einsum("dii->di", cross)
    ratios = own[:, :, None] + own[:, None] - 2 * cross  # variance of the log-ratio of two topics
    sums = ratios.sum(axis=2)
    # sum over j of var(i) + var(j), if pairs are mostly uncorrelated, solved for var(i)
    alone = (sums - sums.sum(axis=1, keepdims=True) / (2 * (k - 1))) / (k - 2)
    alone = np.maximum(alone, 1e-9 * np.maximum(ratios.max(axis=(1, 2)), 1e-100)[:, None])
    first, second = np.triu_indices(k, 1)
    both = alone[:, first] + alone[:, second] - ratios[:, first, second]
    return np.clip(both / (2 * np.sqrt(alone[:, first] * alone[:, second])), -1.0, 1.0)
