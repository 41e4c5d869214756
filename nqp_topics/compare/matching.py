"""Matching: which topic of one run is which of another: other seeds, other K, other engines, other corpora."""

import numpy as np
import pandas as pd

from nqp_topics import similar
from nqp_topics.checks import Problem, Refused
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics

WEAK = 0.6  # a cosine below this joins topics that share little but frequent words
CLOSE = 0.1  # a second candidate this near is as good a match


def match(one: pd.DataFrame, other: pd.DataFrame, one_to_one: bool = True) -> pd.DataFrame:
    """Match the topics of two runs by their words (`topics.words`): one row a topic of `one`, in its order.

    Columns: topic, other ("" where none is left), likeness (cosine of word shares, 1: the same), distance (Jensen-Shannon), second (the
    next best topic), margin (by how much it is less like), shared (the least part of the two topics' mass that lies on words both runs
    know), weak (likeness below 0.6, or a margin below 0.1). `one_to_one`: each topic is used once and the sum of likeness is the largest
    possible; else each takes its most like one. Runs of unlike K or over unlike words can be matched, on the words they share. Refused: no
    word in common.
    """
    there = set(other.index)
    both = [word for word in one.index if word in there]
    if not both:
        came = f"{len(one)} and {len(other)} words, none in common"
        todo = "cut and filter both corpora alike"
        raise Refused(Problem("match(one, other)", came, "runs over the same or overlapping words", todo))
    left, right = (np.array(table.loc[both].to_numpy(dtype=np.float64), order="C") for table in (one, other))
    kept = [side.sum(axis=0) for side in (left, right)]
    alike = similar.cosines(left, right)
    found = similar.matched(alike) if one_to_one else alike.argmax(axis=1)
    shares = (side / np.maximum(size, 1e-300) for side, size in zip((left, right), kept, strict=True))
    apart = similar.divergences(*shares)
    names, lines = [str(name) for name in other.columns], []
    for k, j in enumerate(found.tolist()):
        if j < 0:
            lines.append(("", np.nan, np.nan, "", np.nan, np.nan, True))
            continue
        rest = np.where(np.arange(len(names)) == j, -1.0, alike[k])
        second, margin = ("", 1.0) if len(names) < 2 else (names[rest.argmax()], alike[k, j] - rest.max())
        shared = min(kept[0][k], kept[1][j], 1.0)
        weak = bool(alike[k, j] < WEAK or margin < CLOSE)
        lines.append((names[j], alike[k, j], np.sqrt(apart[k, j]), second, margin, shared, weak))
    columns = ["other", "likeness", "distance", "second", "margin", "shared", "weak"]
    return pd.DataFrame({"topic": list(one.columns)}).join(pd.DataFrame(lines, columns=columns))


def named_as(table: pd.DataFrame, run: Topics, reference: Topics) -> pd.DataFrame:
    """Return a table about topics of a run with the names of those topics of a reference that they match; none where they match none."""
    pairs = match(reference.words, run.words)
    return table.assign(topic=table["topic"].map(dict(zip(pairs["other"], pairs["topic"], strict=True))))


def renamed(run: Topics, reference: Topics, counts: Counts) -> pd.DataFrame:
    """Return article shares of a run under the topic names of a reference that they match. Refused: another number of topics."""
    if len(run.names) != len(reference.names):
        came = f"{len(run.names)} and {len(reference.names)} topics"
        todo = "match shows what becomes of topics at another K"
        raise Refused(Problem("renamed(run, reference)", came, "the same number", todo))
    pairs = match(reference.words, run.words)
    return run.articles(counts)[list(pairs["other"])].set_axis(list(pairs["topic"]), axis=1)
