"""Articles: what each is about, whether it has one theme or ten, and what comes first in it; each number with its interval."""

from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.checks import refuse_if, whole_number
from nqp_topics.compare import resample
from nqp_topics.compare.given import Names, number_problems, passages
from nqp_topics.compare.grouping import effective, witness_codes
from nqp_topics.compare.resample import keyed, middle_part, p_value, vein, weighted, with_corrected
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics

TOGETHER = 500  # articles that are drawn at a time: 2,000 draws of all take gigabytes
ONE_PASSAGE = "one passage: no interval"


def article_shares(topics: Topics, counts: Counts, level: float = 0.95) -> pd.DataFrame:
    """Share of every topic in every article: the sum of its passages weighted by their tokens, with an interval.

    One row an article and topic: article, topic, share, low, high, passages, tokens, note. The interval says how far the share would
    move had the author written other passages in the same vein: that of a share among as many independent voices as the spread of the
    passages allows, neighbours counting for less (a beta distribution, its spread pooled over articles). It is wide where an article is
    short: two passages do not say that a topic is absent. For shares below .02 it is many times as wide as passages drawn again would make it:
    those cannot draw what is not there, and hold the truth in less than half of the cases. An article of one passage has no interval, and the
    note says so. Refused: counts of another run.
    """
    refuse_if(number_problems("article_shares", level=level))
    table = passages(topics, counts)
    each, shares = len(table.topics), topics.articles(counts).to_numpy()
    many = np.repeat(table.sizes, each)
    low, high = resample.share_limits(shares, vein(table).units, level)
    found: dict[str, Any] = {"article": np.repeat(np.array(table.articles, dtype=object), each)}
    found["topic"] = np.tile(np.array(table.topics, dtype=object), len(table.articles))
    found["share"] = shares.ravel()
    found["low"], found["high"] = (np.where(many > 1, limit.ravel(), np.nan) for limit in (low, high))
    tokens = np.repeat(table.sums(table.tokens).astype(np.int64), each)
    return pd.DataFrame(found | {"passages": many, "tokens": tokens, "note": _said(many)})


def _said(passages: np.ndarray) -> np.ndarray:
    return np.where(passages > 1, "", ONE_PASSAGE).astype(object)


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
    told, known = np.full((3, len(table.articles)), np.nan), vein(table)
    several = np.flatnonzero(table.sizes > 1)  # of one passage, as thousands of posts are, nothing is drawn
    for some in np.array_split(several, -(-len(several) // TOGETHER) or 1):
        if len(some):
            drawn = np.exp(_entropy(resample.drawn_articles(table, draws, seed, some.tolist(), known)))
            told[:, some] = drawn.mean(axis=0), *middle_part(drawn, level)
    entropy = _entropy(shares)
    inner = table.sums(_entropy(table.shares) * table.tokens) / table.sums(table.tokens)
    first = shares.argmax(axis=1)
    found = pd.DataFrame({"article": table.articles, "topics": np.exp(entropy)})
    found["unbiased"], found["low"], found["high"] = told
    found["within"], found["across"] = np.exp(inner), np.exp(entropy - inner)
    found["largest"] = [table.topics[k] for k in first]
    found["share"] = shares[np.arange(len(first)), first]
    return found.assign(passages=table.sizes, note=_said(table.sizes))


def _entropy(shares: np.ndarray) -> np.ndarray:
    """Return the entropy of shares along the last axis, in nats."""
    return -np.where(shares > 0, shares * np.log(np.where(shares > 0, shares, 1.0)), 0.0).sum(axis=-1)


def trends(
    topics: Topics,
    counts: Counts,
    bins: int = 5,
    within: Names | None = None,
    draws: int = 10000,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Tell which topics open articles and which close them: the rise of the share from beginning to end, tested over witnesses.

    One row a topic: topic, rise (mean over articles of the straight line's rise from the first part to the last), low, high, p, holm, bh,
    articles (those of two passages and more: where they are fewer than two, as with titles or posts, nothing can be told, and no number stands).
    `within`: article → witness, as in `grouped`. The test turns all articles of a witness round at random: without an order, one who is read backwards
    is as likely. Refused: fewer than two parts; counts of another run.
    """
    from scipy.special import stdtrit

    refuse_if(number_problems("trends", draws=draws, seed=seed, level=level))
    names, numbers = _parts(topics, counts, bins)
    many, place = len(numbers), np.arange(bins) - (bins - 1) / 2
    if many < 2:
        nothing = dict.fromkeys(("rise", "low", "high", "p", "holm", "bh"), np.nan)
        return pd.DataFrame({"topic": topics.names, **nothing, "articles": many})
    rises = (numbers * place[None, :, None]).sum(axis=1) / (place**2).sum() * (bins - 1)
    who = witness_codes(within, names, "trends(within)", sort=True)
    spoken, mean = np.bincount(who), rises.mean(axis=0)
    own = np.zeros((len(spoken), rises.shape[1]))
    np.add.at(own, who, rises)
    units = effective(spoken)
    turned = weighted(keyed(seed, "trends").integers(0, 2, size=(draws, len(own))) * 2.0 - 1.0, own) / many
    p = p_value(np.abs(turned), np.abs(mean))
    error = ((own - spoken[:, None] * mean) ** 2).sum(axis=0) / many**2
    wide: Any = np.nan  # of fewer than two nothing is known
    if units >= 2:
        wide = stdtrit(units - 1, (1 + level) / 2) * np.sqrt(error * units / (units - 1))
    table = pd.DataFrame({"topic": topics.names, "rise": mean, "low": mean - wide, "high": mean + wide})
    return with_corrected(table.assign(p=p)).assign(articles=many)


def _parts(topics: Topics, counts: Counts, bins: int) -> tuple[list[str], np.ndarray]:
    """Return articles of two passages and more, sorted by name, and them × parts × topics; a passage may lie in two parts, each sums to one."""
    refuse_if(whole_number("trends(bins)", bins, 2, todo="5 shows beginning, middle and end"))
    table = passages(topics, counts)
    names = sorted((name, place) for place, name in enumerate(table.articles) if table.sizes[place] > 1)
    found = np.empty((len(names), bins, len(table.topics)))
    edges = np.arange(bins + 1) / bins
    for place, (_, article) in enumerate(names):
        rows = table.rows(article)
        ends = np.cumsum(table.tokens[rows])
        starts = np.concatenate(([0.0], ends[:-1])) / ends[-1]
        ends = ends / ends[-1]
        overlap = np.minimum(ends[:, None], edges[1:]) - np.maximum(starts[:, None], edges[:-1])
        parts = weighted(np.maximum(overlap, 0).T, table.shares[rows])
        found[place] = parts / parts.sum(axis=1, keepdims=True)
    return [name for name, _ in names], found
