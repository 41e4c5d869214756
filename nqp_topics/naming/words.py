"""Name: what a topic is about: its words, its passages, its words in context, and the labels that a person gives it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nqp_topics.compare.drivers import parts
from nqp_topics.compare.tables import known, number_problems
from nqp_topics.counts import Counts
from nqp_topics.naming.labels import LABELS, called, carry, label, labels_of, read_labels, write_labels
from nqp_topics.similar import frex
from nqp_topics.study import Problem, Refused, refuse_if
from nqp_topics.topics.model import Topics, belong
from nqp_topics.words import terms

__all__ = [
    "LABELS",
    "between",
    "called",
    "carry",
    "contexts",
    "distinctive",
    "label",
    "labels_of",
    "purest",
    "read_labels",
    "words",
    "write_labels",
]

FAMILIES = ("probability", "frex", "lift", "relevance")


def words(
    topics: Topics,
    n: int = 10,
    by: str = "probability",
    weight: float | None = None,
    least: float = 0.0,
    only: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the words of each topic, the `n` that score highest: one row a topic and rank, topics in their order.

    `by` is probability (the word's share of the topic); lift (that share by the word's share of everything); relevance (λ log share + (1 -
    λ) log lift, Sievert and Shirley 2014); frex (harmonic mean of the rank by share and the rank by exclusiveness, Bischof and Airoldi
    2012). `weight` is λ (0.6) or the weight of exclusiveness (0.5). `least` leaves out words expected fewer times in the topic: lift is led
    by rare words, with which 5 deals. Columns: topic, rank, word, weight (the share), score. Refused: another family, a weight outside [0,
    1] or for a family that has none, more words than there are, a topic that does not exist.
    """
    refuse_if(_word_problems(topics, n, by, weight, least))
    wanted = topics.names if only is None else known(only, topics.names, "words", "topic")
    share = topics.words.to_numpy()
    scores = _scores(share, topics.tokens.to_numpy(), by, weight)
    scores = np.where(share * topics.tokens.to_numpy() >= least, scores, -np.inf)
    tables = []
    for topic in wanted:
        k = topics.names.index(topic)
        # ties: the likelier word, then the order of the words
        first = np.lexsort((np.arange(len(share)), -share[:, k], -scores[:, k]))[:n]
        first = first[scores[first, k] > -np.inf]
        tables.append(
            pd.DataFrame(
                {
                    "topic": topic,
                    "rank": np.arange(1, len(first) + 1),
                    "word": topics.words.index.to_numpy(dtype=object)[first],
                    "weight": share[first, k],
                    "score": scores[first, k],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _scores(share: np.ndarray, tokens: np.ndarray, by: str, weight: float | None) -> np.ndarray:
    if by == "probability":
        return share
    with np.errstate(divide="ignore", invalid="ignore"):
        if by == "frex":
            every = np.tile(np.arange(len(share)), (share.shape[1], 1))
            return frex(share, 0.5 if weight is None else weight, every).T
        whole = (share * tokens).sum(axis=1, keepdims=True) / tokens.sum()
        lift = np.where(share > 0, share / whole, 0.0)
        if by == "lift":
            return lift
        part = 0.6 if weight is None else weight
        return np.where(share > 0, part * np.log(share) + (1 - part) * np.log(lift), -np.inf)


def _word_problems(topics: Topics, n: int, by: str, weight: float | None, least: float) -> list[Problem]:
    problems = list(number_problems("words", n=n))
    if not problems and n > len(topics.words):
        problems.append(
            Problem("words(n)", repr(n), f"at most {len(topics.words)}, the words there are", "ask for fewer")
        )
    if by not in FAMILIES:
        problems.append(Problem("words(by)", repr(by), " | ".join(FAMILIES), "choose one of these"))
    elif weight is not None and (by in ("probability", "lift") or not 0 <= weight <= 1):
        allowed = "a weight from 0 to 1, for relevance and frex"
        problems.append(
            Problem("words(weight)", f"{weight!r} with {by}", allowed, "leave it out for the usual")
        )
    if not least >= 0:
        problems.append(Problem("words(least)", repr(least), "a number of tokens from 0 on", "0 keeps all"))
    return problems


def distinctive(topics: Topics, one: str, other: str, n: int = 10) -> pd.DataFrame:
    """Return the words that tell two topics apart: the `n` of each that give most to their Jensen-Shannon distance.

    One row a topic and rank: topic (that has more of the word), rank, word, weight (in it), other_weight, log_ratio (base 2), contribution
    (to the squared distance), part. Refused: a topic that does not exist, the same one twice.
    """
    refuse_if(number_problems("distinctive", n=n))
    _two(topics, one, other, "distinctive")
    p, q = topics.words[one].to_numpy(), topics.words[other].to_numpy()
    given = parts(p, q)
    tables = []
    for name, here, there in ((one, p, q), (other, q, p)):
        first = np.argsort(np.where(here > there, -given, np.inf), kind="stable")[:n]
        first = first[here[first] > there[first]]
        with np.errstate(divide="ignore"):
            ratio = np.log2(here[first] / there[first])
        tables.append(
            pd.DataFrame(
                {
                    "topic": name,
                    "rank": np.arange(1, len(first) + 1),
                    "word": topics.words.index.to_numpy(dtype=object)[first],
                    "weight": here[first],
                    "other_weight": there[first],
                    "log_ratio": ratio,
                    "contribution": given[first],
                    "part": given[first] / given.sum() if given.sum() > 0 else 0.0,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def purest(
    topics: Topics,
    counts: Counts,
    n: int = 5,
    least: int = 20,
    only: Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the passages that speak most purely for each topic: the `n` with the largest shares, among those of `least` tokens and more.

    One row a topic and rank: topic, rank, id, article, share, low, high, tokens. The interval is that of a share known from so many tokens
    (a beta distribution round it): a short passage is pure by chance more easily. Refused: a topic that does not exist, counts of another
    run, no passage that long.
    """
    refuse_if(number_problems("purest", n=n, level=level))
    wanted = topics.names if only is None else known(only, topics.names, "purest", "topic")
    shares, tokens, rows = _long_enough(topics, counts, least, "purest")
    tables = []
    for topic in wanted:
        k = topics.names.index(topic)
        first = rows[np.argsort(-shares[rows, k], kind="stable")[:n]]
        tables.append(_passages(topics, counts, first, tokens, {"share": k}, level).assign(topic=topic))
    table = pd.concat(tables, ignore_index=True)
    return table[["topic", *(name for name in table if name != "topic")]]


def between(
    topics: Topics, counts: Counts, one: str, other: str, n: int = 5, least: int = 20, level: float = 0.95
) -> pd.DataFrame:
    """Return the passages that sit between two topics: the `n` whose lesser share of the two is largest.

    One row a passage: rank, id, article, share (of `one`), low, high, other_share, other_low, other_high, tokens. Refused as by `purest`;
    the same topic twice.
    """
    refuse_if(number_problems("between", n=n, level=level))
    _two(topics, one, other, "between")
    shares, tokens, rows = _long_enough(topics, counts, least, "between")
    a, b = topics.names.index(one), topics.names.index(other)
    lesser = np.minimum(shares[rows, a], shares[rows, b])
    first = rows[np.argsort(-lesser, kind="stable")[:n]]
    return _passages(topics, counts, first, tokens, {"share": a, "other_share": b}, level)


def _long_enough(
    topics: Topics, counts: Counts, least: int, where: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    belong(topics, counts)
    tokens = np.asarray(counts.matrix.sum(axis=1)).ravel()
    rows = np.flatnonzero(tokens >= least)
    if not rows.size:
        raise Refused(
            Problem(
                f"{where}(least)",
                repr(least),
                f"at most {tokens.max()}, the tokens of the longest passage",
                "ask for less",
            )
        )
    return topics.passages.to_numpy(), tokens, rows


def _passages(
    topics: Topics,
    counts: Counts,
    rows: np.ndarray,
    tokens: np.ndarray,
    columns: dict[str, int],
    level: float,
) -> pd.DataFrame:
    from scipy.special import betaincinv

    table = pd.DataFrame(
        {
            "rank": np.arange(1, len(rows) + 1),
            "id": [counts.ids[row] for row in rows],
            "article": [counts.articles[row] for row in rows],
        }
    )
    known_by = tokens[rows] + topics.prior.sum()
    for name, k in columns.items():
        share = topics.passages.to_numpy()[rows, k]
        table[name] = share
        inside = np.clip(share * known_by, 1e-9, None), np.clip((1 - share) * known_by, 1e-9, None)
        for limit, place in (("low", (1 - level) / 2), ("high", (1 + level) / 2)):
            table[name.replace("share", limit)] = betaincinv(*inside, place)
    table["tokens"] = tokens[rows]
    return table


def contexts(
    topics: Topics,
    texts: pd.DataFrame,
    n: int = 5,
    places: int = 3,
    width: int = 20,
    by: str = "relevance",
    only: Sequence[str] | None = None,
    lexicon: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Show the words of each topic in context, where the texts are at hand: the purest passages first.

    One row a place: topic, word (of the topic's `n`), id, article, share (of the topic in that passage), place, left, term, right; at most
    `places` a word, in different passages. Such a table holds text of the documents and is the reader's own. Refused: texts that the run
    does not know, a topic that does not exist.
    """
    refuse_if(number_problems("contexts", n=n))
    found = words(topics, n, by, only=only)
    here = texts[texts["id"].isin(topics.passages.index)] if "id" in texts else texts.iloc[:0]
    if not len(here):
        raise Refused(
            Problem(
                "contexts(texts)",
                f"{len(texts)} texts, none of which the run knows",
                f"passages by their id, such as {topics.passages.index[0]!r}",
                "give the table that split.passages gives",
            )
        )
    tables = []
    for topic, word in zip(found["topic"], found["word"], strict=True):
        table = terms.kwic(here, word, width, lexicon=lexicon).drop_duplicates("id")
        table.insert(0, "topic", topic)
        table.insert(1, "word", word)
        share = topics.passages[topic].reindex(table["id"]).to_numpy()
        table.insert(list(table.columns).index("article") + 1, "share", share)
        tables.append(table.sort_values("share", ascending=False, kind="stable").head(places))
    return pd.concat(tables, ignore_index=True)


def _two(topics: Topics, one: str, other: str, where: str) -> None:
    known([one, other], topics.names, where, "topic")
    if one == other:
        raise Refused(Problem(f"{where}(one, other)", f"{one!r} twice", "two topics", "name another"))
