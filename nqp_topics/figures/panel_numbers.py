"""The numbers of the topic panel: what its script asks for, from the tables of a run.

`pyLDAvis.prepare` gives the same where the counts are those that the model expects. It is not called, since it puts what the model
expects in the place of what was counted, takes every topic for equally large where it ranks salient words, and lets last digits and the
processor decide between equal words. Here equal words stay in the order of `words`, and numbers are rounded before they are ranked.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import similar

ROOM = 30  # words that the panel can show
STEPS = 100  # steps of the slider from 0 to 1
RARE = 1e-12  # stands for a probability of zero where its logarithm is asked for


def numbers(
    words: pd.DataFrame,
    passages: pd.DataFrame,
    lengths: pd.Series,
    frequencies: pd.Series,
    apart: pd.Series | None = None,
) -> dict[str, Any]:
    """Return the numbers of the topic panel, as its script reads them.

    `topics`: one row a topic: topic, x, y (its place on the map), share (of the tokens of all topics). `words`: one row a topic and word that it may show: word,
    topic (empty: the words that part topics most, ranked by saliency), inside (how often it is expected in the topic), total (how often it was counted), log_share (of its
    probability in the topic), log_lift (of that by its probability in all). `given`: one row a word and topic: word, topic, share (of the word's tokens).

    `words` is words × topics and `passages` passages × topics; `lengths` has the tokens that topics have of each passage, `frequencies` how often each
    word was counted (never: it is not shown), `apart` how often it is expected to be no topic's, where words were set apart or topics left out. Each topic has up
    to 30 words. Tables are joined by name.
    """
    from scipy.special import rel_entr

    words = words[frequencies[words.index] > 0]
    passages, lengths = passages[words.columns], lengths[passages.index]
    sizes = passages.mul(lengths, axis=0).sum().to_numpy()
    share = sizes / sizes.sum()
    weights = words.to_numpy(float)
    counted = frequencies[words.index].to_numpy(float)
    expected = weights * share
    every = expected.sum(axis=1, keepdims=True)
    if apart is not None:
        every += apart[words.index].to_numpy()[:, None] / sizes.sum()
    given = expected / np.maximum(every, RARE)
    marginal = counted / counted.sum()
    logs = np.log(np.maximum(weights, RARE)).round(4)
    lifts = np.log(np.maximum(weights, RARE) / marginal[:, None]).round(4)
    inside = given * counted[:, None]
    most = min(ROOM, len(words))

    rows = _largest((marginal * rel_entr(given, share).sum(axis=1)).round(12), most)
    ranks = np.arange(most, 0, -1.0)
    blocks, shown = [_block(words.index, rows, counted, counted, "", ranks, ranks)], set(rows.tolist())
    for topic, name in enumerate(words.columns):
        own, lift = logs[:, topic], lifts[:, topic]
        steps = (step / STEPS for step in range(STEPS + 1))
        rows = np.unique([_largest(at * own + (1 - at) * lift, most) for at in steps])
        ranked = own[rows], lift[rows]
        blocks.append(_block(words.index, rows, inside[:, topic], counted, str(name), *ranked))
        shown |= set(rows.tolist())
    topics = range(words.shape[1])
    pairs = [(row, topic) for row in sorted(shown) for topic in topics if inside[row, topic] >= 0.5]
    x, y = coordinates(words).T.tolist()
    return {
        "topics": {"topic": [str(name) for name in words.columns], "x": x, "y": y, "share": _plain(share)},
        "words": pd.concat(blocks).to_dict(orient="list"),
        "given": {
            "word": [str(words.index[row]) for row, _ in pairs],
            "topic": [str(words.columns[topic]) for _, topic in pairs],
            "share": _plain(given[row, topic] for row, topic in pairs),
        },
        "most": most,
        "passages": len(passages),
    }


def coordinates(words: pd.DataFrame) -> np.ndarray:
    """Lay topics out by principal coordinates of their Jensen-Shannon divergences (in nats): one row a topic, two columns.

    The first topic that is off the middle of an axis stands on its positive side. Equal topics stand on one spot.
    """
    topics, axes = words.to_numpy(float), min(2, words.shape[1])
    places = np.zeros((words.shape[1], 2))
    apart = similar.divergences(topics, topics) * similar.LN2
    places[:, :axes] = similar.coordinates(apart, axes)[0].round(6)
    for column in places.T:
        column *= np.sign(column[np.flatnonzero(column)[:1]].sum() or 1.0)
    return places + 0.0  # no negative zero


def _largest(values: np.ndarray, most: int) -> np.ndarray:
    """Return the places of the largest values, largest first; of equal ones the first."""
    least = np.partition(values, len(values) - most)[len(values) - most]
    places = np.flatnonzero(values >= least)
    return places[np.argsort(-values[places], kind="stable")][:most]


def _block(
    words: pd.Index, rows: np.ndarray, inside: np.ndarray, total: np.ndarray, topic: str, *ranked: np.ndarray
) -> pd.DataFrame:
    columns = {"word": words[rows].astype(str), "topic": topic}
    columns |= {"inside": _plain(inside[rows]), "total": _plain(total[rows])}
    return pd.DataFrame({**columns, "log_share": ranked[0], "log_lift": ranked[1]})


def _plain(values: Iterable[float]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]
