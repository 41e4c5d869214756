"""Articles: what each is about, whether it has one theme or ten, and what comes first in it; each number with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nqp_topics.compare.resample import (
    Beta,
    corrected,
    drawn_articles,
    drawn_weights,
    keyed,
    limits,
    middle_part,
    p_value,
    vein,
    weighted,
)
from nqp_topics.compare.tables import number_problems, passages
from nqp_topics.counts import Counts
from nqp_topics.study import Problem, Refused, refuse_if
from nqp_topics.topics.model import Topics

ONE_PASSAGE = "one passage: no interval"


def article_shares(topics: Topics, counts: Counts, level: float = 0.95) -> pd.DataFrame:
    """Share of every topic in every article: the sum of its passages weighted by their tokens, with an interval.

    One row an article and topic: article, topic, share, low, high, passages, tokens, note. The interval says how far the share would
    move had the author written other passages in the same vein: that of a share among as many independent voices as the spread of the
    passages allows, neighbours counting for less (a beta distribution, its spread pooled over articles). It is wide where an article is
    short: two passages do not say that a topic is absent. An article of one passage has no interval, and the note says so. Refused: counts
    of another run.
    """
    refuse_if(number_problems("article_shares", level=level))
    table = passages(topics, counts)
    many = np.diff(table.ends)
    tokens = np.add.reduceat(table.tokens, table.ends[:-1])
    shares = topics.articles(counts).to_numpy()
    low, high = (
        np.where(many[:, None] > 1, part, np.nan) for part in Beta(shares, vein(table).units).limits(level)
    )
    return pd.DataFrame(
        {
            "article": np.repeat(np.array(table.articles, dtype=object), len(table.topics)),
            "topic": np.tile(np.array(table.topics, dtype=object), len(table.articles)),
            "share": shares.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "passages": np.repeat(many, len(table.topics)),
            "tokens": np.repeat(tokens.astype(np.int64), len(table.topics)),
            "note": np.repeat(np.where(many > 1, "", ONE_PASSAGE).astype(object), len(table.topics)),
        }
    )


def concentration(
    topics: Topics, counts: Counts, draws: int = 2000, seed: int = 1, level: float = 0.95
) -> pd.DataFrame:
    """Tell whether an article has one theme or ten: its effective number of topics, with an interval.

    One row an article: article, topics (exp of the entropy of its shares: as many topics of equal share would be as mixed), unbiased, low,
    high, within (the same for its passages on average), across (topics / within: how many themes it goes through one after another),
    largest (its first topic), share (of that), passages, note. A few passages cannot hold what an article is about: `topics` is then
    too small, and only `unbiased` (the mean of what the article may be, given it and all others) lies in the interval for certain.
    Refused: counts of another run.
    """
    refuse_if(number_problems("concentration", draws=draws, seed=seed, level=level))
    table = passages(topics, counts)
    shares = topics.articles(counts).to_numpy()
    drawn = np.exp(_entropy(drawn_articles(table, draws, seed)))
    low, high = middle_part(drawn, level)
    entropy = _entropy(shares)
    tokens = np.add.reduceat(table.tokens, table.ends[:-1])
    inner = np.add.reduceat(_entropy(table.shares) * table.tokens, table.ends[:-1]) / tokens
    many = np.diff(table.ends)
    first = shares.argmax(axis=1)
    return pd.DataFrame(
        {
            "article": table.articles,
            "topics": np.exp(entropy),
            "unbiased": np.where(many > 1, drawn.mean(axis=0), np.nan),
            "low": np.where(many > 1, low, np.nan),
            "high": np.where(many > 1, high, np.nan),
            "within": np.exp(inner),
            "across": np.exp(entropy - inner),
            "largest": [table.topics[k] for k in first],
            "share": shares[np.arange(len(first)), first],
            "passages": many,
            "note": np.where(many > 1, "", ONE_PASSAGE).astype(object),
        }
    )


def _entropy(shares: np.ndarray) -> np.ndarray:
    """Return the entropy of shares along the last axis, in nats."""
    return -np.where(shares > 0, shares * np.log(np.where(shares > 0, shares, 1.0)), 0.0).sum(axis=-1)


def positions(topics: Topics, counts: Counts, bins: int = 5) -> pd.DataFrame:
    """Share of every topic in every part of every article; parts hold equally many tokens, a passage may lie in two.

    One row an article and part: index (article, part from 1 on), one column a topic, each row summing to one. Passages stand in the order
    of the counts. Refused: fewer than two parts; counts of another run.
    """
    if isinstance(bins, bool) or not isinstance(bins, (int, np.integer)) or bins < 2:
        raise Refused(
            Problem(
                "positions(bins)", repr(bins), "a whole number from 2 on", "5 shows beginning, middle and end"
            )
        )
    table = passages(topics, counts)
    found = np.empty((len(table.articles), bins, len(table.topics)))
    edges = np.arange(bins + 1) / bins
    for article in range(len(table.articles)):
        rows = table.rows(article)
        ends = np.cumsum(table.tokens[rows])
        starts = np.concatenate(([0.0], ends[:-1])) / ends[-1]
        ends = ends / ends[-1]
        overlap = np.minimum(ends[:, None], edges[1:]) - np.maximum(starts[:, None], edges[:-1])
        parts = weighted(np.maximum(overlap, 0).T, table.shares[rows])
        found[article] = parts / parts.sum(axis=1, keepdims=True)
    index = pd.MultiIndex.from_product([table.articles, range(1, bins + 1)], names=["article", "part"])
    return pd.DataFrame(found.reshape(-1, len(table.topics)), index=index, columns=table.topics)


def along(
    topics: Topics, counts: Counts, bins: int = 5, draws: int = 2000, seed: int = 1, level: float = 0.95
) -> pd.DataFrame:
    """Topic shares along an article, the mean of all articles of two passages and more.

    One row a part and topic: part (1: the opening), topic, share, low, high, articles. The interval draws articles again. Refused: fewer
    than two such articles; counts of another run.
    """
    refuse_if(number_problems("along", draws=draws, seed=seed, level=level))
    names, numbers, columns = _runs_of_parts(topics, counts, bins, "along")
    flat = numbers.reshape(len(names), -1)
    weights = drawn_weights(len(names), draws, keyed(seed, "along"))
    low, high = limits(weighted(weights, flat) / len(names), len(names), level)
    return pd.DataFrame(
        {
            "part": np.repeat(np.arange(1, bins + 1), len(columns)),
            "topic": np.tile(np.array(columns, dtype=object), bins),
            "share": flat.mean(axis=0),
            "low": low,
            "high": high,
            "articles": len(names),
        }
    )


def trends(
    topics: Topics, counts: Counts, bins: int = 5, draws: int = 10000, seed: int = 1, level: float = 0.95
) -> pd.DataFrame:
    """Tell which topics open articles and which close them: the rise of the share from beginning to end, tested over articles.

    One row a topic: topic, rise (mean over articles of the straight line's rise from the first part to the last), low, high, p, holm, bh,
    articles. The test turns articles round at random: without an order, an article read backwards is as likely. Refused as by `along`.
    """
    refuse_if(number_problems("trends", draws=draws, seed=seed, level=level))
    names, numbers, columns = _runs_of_parts(topics, counts, bins, "trends")
    place = np.arange(bins) - (bins - 1) / 2
    rises = (numbers * place[None, :, None]).sum(axis=1) / (place**2).sum() * (bins - 1)
    mean = rises.mean(axis=0)
    rng = keyed(seed, "trends")
    low, high = limits(weighted(drawn_weights(len(names), draws, rng), rises) / len(names), len(names), level)
    turned = weighted(rng.integers(0, 2, size=(draws, len(names))) * 2.0 - 1.0, rises) / len(names)
    p = p_value(np.abs(turned), np.abs(mean))
    holm, share = corrected(p)
    return pd.DataFrame(
        {
            "topic": columns,
            "rise": mean,
            "low": low,
            "high": high,
            "p": p,
            "holm": holm,
            "bh": share,
            "articles": len(names),
        }
    )


def _runs_of_parts(
    topics: Topics, counts: Counts, bins: int, where: str
) -> tuple[list[str], np.ndarray, list[str]]:
    """Return articles of two passages and more, sorted by name, with articles × parts × topics."""
    table = positions(topics, counts, bins)
    size = pd.Series(1, index=list(counts.articles)).groupby(level=0).sum()
    names = sorted(size.index[size > 1])
    if len(names) < 2:
        raise Refused(
            Problem(
                f"{where}(counts)",
                f"{len(names)} articles of two passages and more",
                "at least two",
                "cut articles into passages before counting",
            )
        )
    numbers = table.to_numpy().reshape(-1, bins, table.shape[1])
    order = {name: place for place, name in enumerate(dict.fromkeys(counts.articles))}
    return names, numbers[[order[name] for name in names]], list(table.columns)
