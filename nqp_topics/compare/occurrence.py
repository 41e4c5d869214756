"""Occurrence: which topics are spoken of together, freed of what shares force on each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nqp_topics.compare.resample import corrected, drawn_weights, keyed, limits, weighted
from nqp_topics.compare.tables import checked, number_problems
from nqp_topics.study import Problem, Refused, refuse_if


def together(
    shares: pd.DataFrame,
    articles: Sequence[str] | None = None,
    draws: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Correlation between every two topics from the log-ratios of their shares, with an interval that draws whole articles again.

    Shares sum to one, so where one topic grows the others must shrink, and their plain correlation is below zero by force. The spread of
    log-ratios is free of that; from it come the correlations that the topics would have unforced, if most pairs have none (Friedman and Alm
    2012). `shares` are articles, or passages with the article of each in `articles`. A share of 0 is taken as half the least share above 0.

    One row a pair: topic, other, correlation (from -1 to 1), low, high, p (from the draws' standard error), holm, bh, articles. The most
    alike first. Refused: fewer than four topics, fewer than three articles.
    """
    from scipy.special import ndtr

    checked(shares, "together", "articles or passages")
    names = [str(name) for name in (shares.index if articles is None else articles)]
    topics = [str(topic) for topic in shares.columns]
    problems = list(number_problems("together", draws=draws, seed=seed, level=level))
    if len(names) != len(shares):
        problems.append(
            Problem(
                "together(articles)",
                f"{len(names)} for {len(shares)} rows",
                "one a row",
                "give counts.articles",
            )
        )
    if len(topics) < 4 or len(set(names)) < 3:
        problems.append(
            Problem(
                "together(shares)",
                f"{len(set(names))} articles, {len(topics)} topics",
                "at least three articles and four topics",
                "with fewer, shares force the correlations altogether",
            )
        )
    refuse_if(problems)
    numbers = shares.to_numpy(dtype=np.float64)
    logs = np.log(np.where(numbers > 0, numbers, numbers[numbers > 0].min() / 2))
    logs -= logs.mean(axis=1, keepdims=True)
    logs -= logs.mean(axis=0)  # sums of products of small numbers lose less
    order = sorted(set(names))
    place = {name: number for number, name in enumerate(order)}
    codes = np.array([place[name] for name in names])
    k = len(topics)
    # what an article gives to the number of rows, their sums and sums of products
    moments = np.zeros((len(order), 1 + k + k * k))
    given = np.concatenate(
        (np.ones((len(logs), 1)), logs, (logs[:, :, None] * logs[:, None]).reshape(len(logs), -1)), axis=1
    )
    np.add.at(moments, codes, given)
    seen = _correlations(moments.sum(axis=0, keepdims=True), k)[0]
    drawn = _correlations(weighted(drawn_weights(len(order), draws, keyed(seed, "together")), moments), k)
    low, high = limits(drawn, len(order), level)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Fisher's scale, on which the spread hardly depends on the correlation
        wide = [np.arctanh(np.clip(part, -0.999999, 0.999999)) for part in (seen, drawn)]
        error = wide[1].std(axis=0, ddof=1)
        p = np.where(
            error > 1e-9, 2 * ndtr(-np.abs(wide[0]) / error), np.nan
        )  # without spread nothing is tested
    holm, share = corrected(p)
    first, second = np.triu_indices(k, 1)
    table = pd.DataFrame(
        {
            "topic": [topics[i] for i in first],
            "other": [topics[j] for j in second],
            "correlation": seen,
            "low": low,
            "high": high,
            "p": p,
            "holm": holm,
            "bh": share,
            "articles": len(order),
        }
    )
    return table.sort_values(
        ["correlation", "topic", "other"], ascending=[False, True, True], ignore_index=True
    )


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
    alone = np.maximum(alone, 1e-9 * np.maximum(ratios.max(axis=(1, 2)), 1e-300)[:, None])
    first, second = np.triu_indices(k, 1)
    both = alone[:, first] + alone[:, second] - ratios[:, first, second]
    return np.clip(both / (2 * np.sqrt(alone[:, first] * alone[:, second])), -1.0, 1.0)


def partners(pairs: pd.DataFrame, topic: str) -> pd.DataFrame:
    """Return the rows of `together` about one topic, which stands first in each. Refused: a topic that does not exist."""
    there = sorted({*pairs["topic"], *pairs["other"]})
    if topic not in there:
        raise Refused(
            Problem(
                "partners(topic)",
                f"{topic!r}, which does not exist",
                f"{there[0]} to {there[-1]}",
                "use one of these",
            )
        )
    turned = pairs.rename(columns={"topic": "other", "other": "topic"})[list(pairs.columns)]
    both = pd.concat([pairs, turned], ignore_index=True)
    both = both[both["topic"] == topic]
    return both.sort_values(["correlation", "other"], ascending=[False, True], ignore_index=True)
