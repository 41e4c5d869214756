"""Turns: where a topic's share, or the words it is spoken of in, change more than chance, whole articles laid out anew along time."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from nqp_topics.checks import number, one_of, refuse_if, whole_number
from nqp_topics.compare.given import Names, number_problems
from nqp_topics.compare.grouping import FEWEST, witness_codes
from nqp_topics.compare.over_time import dated, said_time
from nqp_topics.compare.resample import corrected, keyed, p_value
from nqp_topics.compare.wording import expected, gathered
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics

LEAST = 2  # articles on either side of a moment that is looked at
STAYS = 0.75  # of what chance allows, that a turn is beyond whichever witness is left out
SHOWN = 5  # words that a turn of words names
AT_ONCE = 500_000  # numbers that are laid out together
COLUMNS = ["topic", "of", "time", "since", "before", "after", "change", "strength", "chance", "p", "bh", "turn",
           "more", "less", "articles_before", "articles_after"]  # fmt: skip


class Sides(NamedTuple):
    """What stands against each other at the moments that are looked at: articles `first` up to `at` and `at` up to `last`, in the order of time; and `who` speaks in each."""

    time: list[int]
    since: list[int]
    first: np.ndarray
    at: np.ndarray
    last: np.ndarray
    who: np.ndarray

    def sums(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sum rows (… × articles × values) before every moment and from it on."""
        total = np.concatenate([np.zeros_like(rows[..., :1, :]), rows.cumsum(axis=-2)], axis=-2)
        first, at, last = (total[..., place, :] for place in (self.first, self.at, self.last))
        return at - first, last - at


def turns(
    topics: Topics,
    counts: Counts,
    dates: Names,
    by: str = "year",
    span: int = 5,
    held: Names | None = None,
    within: Names | None = None,
    least: float = 5.0,
    draws: int = 1000,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Tell in which years (or months) a topic turns: its share, and the words inside it, beside those before.

    At every moment the articles of the `span` moments before it stand against those of the `span` moments from it on (moments that have
    articles; at either end fewer, half of them at least; no more than half of all moments). `change` of a share is after - before, of words 1 - the cosine of the topic's words
    before and after (the measure of Rieger 2022). `strength` is the squared distance of both sides by how far articles within a side are
    apart; in words an article weighs by how much it holds of the topic. Chance: witnesses are laid out anew along time, each with all its
    articles; `p` is how often the strongest moment of such a course is as strong (it holds for all moments of a topic together), `bh` the
    smallest p of the topic, corrected over topics. `turn`: p and bh below 1 - level, three witnesses on either side, whichever of whom is left out three quarters
    of what chance allows are surpassed (else it is one article that differs), and no stronger moment within the span.

    `dates`, `held` and `within` as in `over_time`; with `held` articles are taken by how they differ from the mean of their voice. `least`: words
    expected so often in the topic. One row a topic, `of` ("share" or "words") and moment: topic, of, time, since (the moment before it), before,
    after (shares), change, strength, chance (below which the strongest moment of a chance course stays at `level`), p, bh, turn, more, less (where
    words turn: those that gain and lose most), articles_before, articles_after. A slope that is steep enough turns where it is steepest.
    Refused: what `over_time` refuses, a span below two moments.
    """
    numbers = number_problems("turns", draws=draws, seed=seed, level=level)
    sizes = [*number("turns(least)", least, todo="5 tokens is usual")]
    sizes += whole_number("turns(span)", span, 2, todo="5 is usual")
    refuse_if(one_of("turns(by)", by, ("year", "month")), numbers, sizes)
    shares = topics.articles(counts)
    shares = shares.set_axis(shares.index.map(str), axis=0)
    read = dated("turns", sorted(shares.index), dates, by, None, held)
    names = sorted(read.moment, key=lambda name: (read.moment[name], name))
    times = sorted(set(read.moment.values()))
    span = max(2, min(span, len(times) // 2))
    who = witness_codes(within, names, "turns(within)")
    sides = _sides(np.array([read.moment[name] for name in names]), times, span, who)
    voice = [read.voice[name] for name in names]
    # witnesses in a new order, articles of one side by side: the article that comes to each place
    ranks = keyed(seed, "turns", by).random((draws, who.max() + 1)).argsort(axis=1).argsort(axis=1)
    layouts = ranks[:, who].argsort(axis=1, kind="stable")
    gather, words = gathered(counts, names), np.array(counts.words, dtype=object)
    tables = []
    for topic in topics.names:
        share = shares.loc[names, topic].to_numpy(dtype=np.float64)
        found = gather @ expected(topics, counts, topic)
        kept = np.flatnonzero(np.asarray(found.sum(axis=0)).ravel() >= least)
        dense = np.asarray(found[:, kept].todense())
        parts = {"share": _of_shares(share, voice, sides, layouts, level)}
        parts["words"] = _of_words(dense, words[kept], voice, sides, layouts, level)
        tables += [pd.DataFrame({"topic": topic, "of": of, **part}) for of, part in parts.items()]
    table = _when(pd.concat(tables, ignore_index=True), sides, by)
    return _turning(table, [times.index(time) for time in sides.time], span, level)


def _when(table: pd.DataFrame, sides: Sides, by: str) -> pd.DataFrame:
    """Put beside every row its moment, the one before, and how many articles stand on either side."""
    columns: dict[str, Any] = {"articles_before": sides.at - sides.first}
    columns["articles_after"] = sides.last - sides.at
    for name, side in (("time", sides.time), ("since", sides.since)):
        columns[name] = np.array([said_time(one, by) for one in side], dtype=object)
    many = len(table) // len(sides.time)
    return table.assign(**{name: np.tile(values, many) for name, values in columns.items()})


def _sides(moment: np.ndarray, times: Sequence[int], span: int, who: np.ndarray) -> Sides:
    """Return the moments that have half a span of moments on either side, with two articles at least, and which articles stand there."""
    edges = np.append(np.searchsorted(moment, times), len(moment))
    half, many = (span + 1) // 2, len(times)
    place = np.arange(half, many - half + 1)
    first, at, last = edges[np.maximum(place - span, 0)], edges[place], edges[np.minimum(place + span, many)]
    enough = (at - first >= LEAST) & (last - at >= LEAST)
    place, first, at, last = (part[enough] for part in (place, first, at, last))
    return Sides([times[n] for n in place], [times[n - 1] for n in place], first, at, last, who)


def _strength(rows: np.ndarray, sides: Sides) -> np.ndarray:
    """Return how far both sides of every moment are apart, by how far articles within sides are: rows of weight × values, weight, weight × squares."""
    both = sides.sums(rows)
    means = _means(both)
    return np.round(_apart(means) / _usual(both, means, sides), 9)


Means: TypeAlias = Sequence[tuple[np.ndarray, np.ndarray]]


def _means(both: Sequence[np.ndarray]) -> Means:
    """Return the weight of either side, and its mean."""
    mass = [np.maximum(side[..., -2], 1e-12) for side in both]
    return [(weight, side[..., :-2] / weight[..., None]) for side, weight in zip(both, mass, strict=True)]


def _apart(means: Means) -> np.ndarray:
    """Return the squared distance of two sides, as heavy as both are."""
    (one, before), (other, after) = means
    return ((after - before) ** 2).sum(axis=-1) * one * other / (one + other)


def _usual(both: Sequence[np.ndarray], means: Means, sides: Sides) -> np.ndarray:
    """Return how far articles within sides are apart."""
    each = zip(both, means, strict=True)
    inside = sum(side[..., -1] - weight * (mean**2).sum(axis=-1) for side, (weight, mean) in each)
    return np.maximum(inside.sum(axis=-1, keepdims=True) / (sides.last - sides.first - 2).sum(), 1e-12)


def _whoever_is_left_out(rows: np.ndarray, sides: Sides, moments: np.ndarray) -> np.ndarray:
    """Return how strong some moments are without the witness whose lack makes them weakest; 0 where fewer than three speak on a side."""
    both, found = sides.sums(rows), np.zeros(len(sides.at))
    usual = _usual(both, _means(both), sides)
    for place in moments.tolist():
        first, at, last = (int(part[place]) for part in (sides.first, sides.at, sides.last))
        codes, names = pd.factorize(sides.who[first:last])
        said = np.zeros((2, len(names), rows.shape[1]))
        np.add.at(said, ((np.arange(first, last) >= at).astype(int), codes), rows[first:last])
        if (said[..., -2] > 0).sum(axis=1).min() >= FEWEST:
            found[place] = _apart(_means(said.sum(axis=1, keepdims=True) - said)).min() / usual[0]
    return found


def _against(
    values: np.ndarray, weights: np.ndarray, sides: Sides, layouts: np.ndarray, level: float
) -> dict[str, Any]:
    """Return the strength of every moment, what the strongest of a chance course is, and p."""
    if values.shape[1] > len(values):  # as far apart in as many directions as there are articles
        values = np.round(np.asarray(np.linalg.qr(values.T, mode="r")).T, 12)
    heavy = weights[:, None] * values
    rows = np.column_stack([heavy, weights, (heavy * values).sum(axis=1)])
    seen, step = _strength(rows, sides), max(1, AT_ONCE // rows.size)
    parts = [layouts[start : start + step] for start in range(0, len(layouts), step)]
    worst = np.concatenate([_strength(rows[part], sides).max(axis=1) for part in parts])
    p, chance = p_value(worst[:, None], seen), float(np.quantile(worst, level))
    borne = _whoever_is_left_out(rows, sides, np.flatnonzero(p < 1 - level)) > STAYS * chance
    return {"strength": seen, "chance": chance, "p": p, "borne": borne}


def _centred(values: np.ndarray, weights: np.ndarray, voice: list[str]) -> np.ndarray:
    """Return values as they differ from the mean of their voice; as they are where there is one."""
    codes, names = pd.factorize(np.array(voice, dtype=object))
    if len(names) < 2:
        return values
    total, mass = np.zeros((len(names), values.shape[1])), np.bincount(codes, weights)
    np.add.at(total, codes, weights[:, None] * values)
    return values - (total / np.maximum(mass, 1e-12)[:, None])[codes]


def _of_shares(
    share: np.ndarray, voice: list[str], sides: Sides, layouts: np.ndarray, level: float
) -> dict[str, Any]:
    """Look at shares, on a scale on which small and large ones spread alike."""
    even = np.ones(len(share))
    one, two = (side[:, 0] / side[:, 1] for side in sides.sums(np.column_stack([share, even])))
    seen = _against(_centred(np.arcsin(np.sqrt(share))[:, None], even, voice), even, sides, layouts, level)
    return {"before": one, "after": two, "change": two - one, "more": "", "less": "", **seen}


def _of_words(
    found: np.ndarray, words: np.ndarray, voice: list[str], sides: Sides, layouts: np.ndarray, level: float
) -> dict[str, Any]:
    """Look at the words of a topic (articles × words, expected tokens)."""
    mass = found.sum(axis=1)
    rate = found / np.where(mass > 0, mass, 1.0)[:, None]
    weights = _weights(rate, mass)
    values = _centred(rate, weights, voice)
    seen = _against(values, weights, sides, layouts, level)
    one, two = sides.sums(found)
    across = np.sqrt((one**2).sum(axis=1) * (two**2).sum(axis=1))
    like = np.where(across > 0, (one * two).sum(axis=1) / np.where(across > 0, across, 1.0), 1.0)
    sums = sides.sums(np.column_stack([weights[:, None] * values, weights]))
    one, two = (side[:, :-1] / np.maximum(side[:, -1:], 1e-12) for side in sums)
    more, less = ([_largest(sign * gap, words) for gap in two - one] for sign in (1, -1))
    change = {"before": np.nan, "after": np.nan, "change": 1 - np.minimum(like, 1.0)}
    return {**change, "more": more, "less": less, **seen}


def _largest(gap: np.ndarray, words: np.ndarray) -> str:
    order = np.argsort(-np.round(gap, 12), kind="stable")
    return " ".join(words[n] for n in order[:SHOWN] if gap[n] > 0)


def _weights(rate: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Return what the words of each article weigh: by its tokens, as far as articles do not differ in words anyway."""
    total = max(mass.sum(), 1e-12)
    middle = (mass[:, None] * rate).sum(axis=0) / total
    token = 1 - float((middle**2).sum())  # squared distance of one token's word from the mean of all
    own = float((mass * ((rate - middle) ** 2).sum(axis=1)).sum() - token * (mass > 0).sum()) / total
    return mass / (mass + token / max(own, 1e-6))


def _turning(table: pd.DataFrame, place: list[int], span: int, level: float) -> pd.DataFrame:
    """Correct p over topics, and mark the moments that turn: the strongest within a span of those that more than one witness bears out."""
    smallest = table.groupby(["of", "topic"], sort=False)["p"].min()
    bh = smallest.groupby("of", sort=False).transform(lambda p: corrected(p.to_numpy())[1])
    table["bh"] = bh.loc[pd.MultiIndex.from_frame(table[["of", "topic"]])].to_numpy()
    places = np.array(place)
    table["turn"] = False
    for rows in table.groupby(["topic", "of"], sort=False).groups.values():
        part = table.loc[rows]
        left = ((part["p"] < 1 - level) & (part["bh"] < 1 - level) & part["borne"]).to_numpy(dtype=bool)
        strength = part["strength"].to_numpy()
        while left.any():
            best = int(np.where(left, strength, -1.0).argmax())
            table.loc[rows[best], "turn"] = True
            left = left & (np.abs(places - places[best]) >= span)
    table.loc[~table["turn"], ["more", "less"]] = ""
    return table[COLUMNS]
