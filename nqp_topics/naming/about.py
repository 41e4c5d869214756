"""About: what a topic is about, its words and its purest passages."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, number, one_of, refuse_if, said, whole_number
from nqp_topics.compare.given import known
from nqp_topics.counts import Counts
from nqp_topics.similar import frex
from nqp_topics.topics.model import Topics, belong

FAMILIES = ("probability", "frex", "lift", "relevance")


def words(
    topics: Topics,
    n: int = 10,
    by: str = "probability",
    weight: float | None = None,
    least: float = 0.0,
    only: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Return the words of each topic, the `n` that score highest: one row a topic and rank, topics in their order.

    `by` is probability (the word's share of the topic); lift (that share by the word's share of everything); relevance (λ log share + (1 -
    λ) log lift, Sievert and Shirley 2014); frex (harmonic mean of the rank by share and the rank by exclusiveness, Bischof and Airoldi
    2012). `weight` is λ (0.6) or the weight of exclusiveness (0.5). `least` leaves out words expected fewer times in the topic: lift is led
    by rare words, with which 5 deals. Columns: topic, rank, word, weight (the share), score. Refused: another family, a weight outside [0,
    1] or for a family that has none, more words than there are, a topic that does not exist.
    """
    refuse_if(
        whole_number("words(n)", n, 1, len(topics.words), "10 is usual"),
        number("words(least)", least, todo="0 keeps all"),
        one_of("words(by)", by, FAMILIES),
        _weight_problems(by, weight),
    )
    wanted = topics.names if only is None else known(only, topics.names, "words", "topic")
    share, tokens = topics.words.to_numpy(), topics.tokens.to_numpy()
    scores = np.where(share * tokens >= least, _scores(share, tokens, by, weight), -np.inf)
    tables = []
    for topic in wanted:
        k = topics.names.index(topic)
        # ties: the likelier word, then the order of the words
        first = np.lexsort((np.arange(len(share)), -share[:, k], -scores[:, k]))[:n]
        first = first[scores[first, k] > -np.inf]
        rows = {"topic": topic, "rank": np.arange(1, len(first) + 1)}
        rows["word"] = topics.words.index.to_numpy(dtype=object)[first]
        tables.append(pd.DataFrame({**rows, "weight": share[first, k], "score": scores[first, k]}))
    return pd.concat(tables, ignore_index=True)


def _weight_problems(by: str, weight: float | None) -> Iterator[Problem]:
    if weight is not None and by in FAMILIES:
        if by in ("probability", "lift"):
            allowed = "a weight for relevance and frex alone"
            yield Problem("words(weight)", f"{said(weight)} with {by}", allowed, "leave it out")
        else:
            yield from number("words(weight)", weight, 0, 1, todo="leave it out for the usual")


def _scores(share: np.ndarray, tokens: np.ndarray, by: str, weight: float | None) -> np.ndarray:
    if by == "probability":
        return share
    if by == "frex":
        every = np.tile(np.arange(len(share)), (share.shape[1], 1))
        return frex(share, 0.5 if weight is None else weight, every).T
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = (share * tokens).sum(axis=1, keepdims=True) / tokens.sum()
        lift = np.where(share > 0, share / whole, 0.0)
        if by == "lift":
            return lift
        part = 0.6 if weight is None else weight
        return np.where(share > 0, part * np.log(share) + (1 - part) * np.log(lift), -np.inf)


def by_measure(topics: Topics, n: int = 8, least: float = 10) -> pd.DataFrame:
    """Set the words of topics by four measures side by side: one row a topic; columns topic, probability, frex, lift, relevance.

    `least` leaves out words that are expected fewer times in the topic, which would lead by lift.
    """
    found = {by: words(topics, n, by, least=least).groupby("topic")["word"].agg(" ".join) for by in FAMILIES}
    return pd.DataFrame(found).rename_axis("topic").reset_index()


def purest(
    topics: Topics,
    counts: Counts,
    n: int = 5,
    least: int | None = None,
    only: Iterable[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the passages that speak most purely for each topic: the `n` with the largest shares, among those of which topics have `least` tokens
    and more (usual are 20, or those of the longest passage where that is shorter).

    One row a topic and rank: topic, rank, id, article, share, low, high, tokens. The interval is that of a share known from so many tokens
    (a beta distribution round it): a short passage is pure by chance more easily. Refused: a topic that does not exist, counts of another
    run, no passage that long.
    """
    from scipy.special import betaincinv

    belong(topics, counts)
    tokens = topics.mass(counts)
    least = min(20, int(tokens.max())) if least is None else least
    todo = "ask for less: so long is the longest passage"
    refuse_if(
        whole_number("purest(n)", n, 1, todo="10 is usual"),
        number("purest(level)", level, 0.5, 0.9999, todo="0.95 is usual"),
        number("purest(least)", least, 0, int(tokens.max()), todo=todo),
    )
    wanted = topics.names if only is None else known(only, topics.names, "purest", "topic")
    long, shares = np.flatnonzero(tokens >= least), topics.passages.to_numpy()
    ids, articles = (np.array(names, dtype=object) for names in (counts.ids, counts.articles))
    tables = []
    for topic in wanted:
        column = shares[:, topics.names.index(topic)]
        rows = long[np.argsort(-column[long], kind="stable")[:n]]
        share, known_by = column[rows], tokens[rows] + topics.prior.sum()
        inside = [np.clip(part * known_by, 1e-9, None) for part in (share, 1 - share)]
        low, high = (betaincinv(*inside, place) for place in ((1 - level) / 2, (1 + level) / 2))
        found = {"topic": topic, "rank": np.arange(1, len(rows) + 1), "id": ids[rows]}
        found |= {"article": articles[rows], "share": share, "low": low, "high": high}
        tables.append(pd.DataFrame({**found, "tokens": counts.lengths.to_numpy()[rows]}))
    return pd.concat(tables, ignore_index=True)
