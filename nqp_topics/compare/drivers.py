"""Drivers: what parts two articles, topic by topic and word by word."""

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, refuse_if, whole_number
from nqp_topics.compare.given import known, number_problems, passages
from nqp_topics.compare.resample import Beta, apart, vein, weighted
from nqp_topics.counts import Counts
from nqp_topics.similar import parts
from nqp_topics.topics.model import Topics


def drivers(topics: Topics, counts: Counts, one: str, other: str, level: float = 0.95) -> pd.DataFrame:
    """Tell which topics drive the distance between two articles: one row a topic, the strongest first.

    Columns: topic, share (in `one`), other_share, difference, low, high (its interval, from those of both shares; none where an article has one passage), contribution (to the
    squared distance), part (of it; they sum to one). Refused: an article that does not exist, the same one twice.
    """
    refuse_if(number_problems("drivers", level=level))
    table = passages(topics, counts)
    rows = _two(one, other, table.articles, "drivers")
    shares = topics.articles(counts).loc[[one, other]].to_numpy()
    low, high = np.full((2, len(table.topics)), np.nan)
    if table.sizes[rows].min() > 1:
        units = vein(table).units[rows]
        sides = [Beta(share, many).limits(level) for share, many in zip(shares, units, strict=True)]
        low, high = apart(shares[0], shares[1], *sides)
    found = pd.DataFrame(
        {
            "topic": table.topics,
            "share": shares[0],
            "other_share": shares[1],
            "difference": shares[0] - shares[1],
            "low": low,
            "high": high,
        }
    )
    return _with_parts(found, parts(shares[0], shares[1]), "topic")


def driving_words(
    topics: Topics, counts: Counts, one: str, other: str, n: int = 20, level: float = 0.95
) -> pd.DataFrame:
    """Tell which words drive the distance between two articles as the run sees them: one row a word, the `n` strongest.

    Columns: word, topic (through which most of the difference comes), per_thousand and other_per_thousand (as the run expects them), difference,
    low, high, counted and other_counted (how often per thousand tokens the word really stands there), contribution (to the squared distance
    of the expected words), part. Refused as by `drivers`; more words than there are.
    """
    there = whole_number("driving_words(n)", n, 1, len(counts.words), "ask for no more words than there are")
    refuse_if(number_problems("driving_words", level=level), there)
    table = passages(topics, counts)
    rows = _two(one, other, table.articles, "driving_words")
    shares = topics.articles(counts).loc[[one, other]].to_numpy()
    per_topic = topics.words.to_numpy()
    expected = weighted(shares, np.ascontiguousarray(per_topic.T))
    given = parts(expected[0], expected[1])
    first = np.lexsort((np.arange(len(given)), -given))[:n]
    gap = per_topic[first] * (shares[0] - shares[1])
    up = np.where(gap.sum(axis=1) >= 0, 1.0, -1.0)
    wide = np.full(n, np.nan)
    if table.sizes[rows].min() > 1:
        wide = 1000 * _reach(per_topic[first], shares, vein(table).whole[rows], level)
    away = 1000 * (expected[0, first] - expected[1, first])
    article = np.array(counts.articles, dtype=object)
    said = []
    for name in (one, other):
        here = np.asarray(counts.matrix[np.flatnonzero(article == name)].sum(axis=0)).ravel()
        said.append(1000 * here[first] / here.sum())
    found = pd.DataFrame(
        {
            "word": [topics.words.index[place] for place in first],
            "topic": [table.topics[k] for k in (gap * up[:, None]).argmax(axis=1)],
            "per_thousand": 1000 * expected[0, first],
            "other_per_thousand": 1000 * expected[1, first],
            "difference": away,
            "low": away - wide,
            "high": away + wide,
            "counted": said[0],
            "other_counted": said[1],
        }
    )
    return _with_parts(found, given[first], "word", float(given.sum()))


def _reach(words: np.ndarray, shares: np.ndarray, units: np.ndarray, level: float) -> np.ndarray:
    """Return half the width of the interval of what two articles expect of words (words × topics), with one voice more that may speak of any topic."""
    from scipy.special import ndtri

    total = np.zeros(len(words))
    for share, many in zip(shares, units, strict=True):
        held = (many * share + 1 / len(share)) / (many + 1)
        total += ((words * words * held).sum(axis=1) - (words * held).sum(axis=1) ** 2) / many
    return float(ndtri((1 + level) / 2)) * np.sqrt(total)


def _two(one: str, other: str, articles: list[str], where: str) -> list[int]:
    known([one, other], articles, where, "article")
    if one == other:
        raise Refused(Problem(f"{where}(one, other)", f"{one!r} twice", "two articles", "name another"))
    return [articles.index(one), articles.index(other)]


def _with_parts(table: pd.DataFrame, given: np.ndarray, key: str, total: float | None = None) -> pd.DataFrame:
    total = float(given.sum()) if total is None else total
    table["contribution"] = given
    table["part"] = given / total if total > 0 else 0.0
    return table.sort_values(["contribution", key], ascending=[False, True], kind="stable", ignore_index=True)
