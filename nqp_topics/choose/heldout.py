"""Held out: how well a run foretells articles it has never seen, by document completion.

Some articles are kept out of training. Each of their passages is dealt into two halves: from the first, shares are found with the topics as
they are; the second is what they have to foretell. The same estimator serves every engine.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics.checks import Problem, Refused, number, refuse_if, whole_number
from nqp_topics.counts import Counts
from nqp_topics.files import fingerprint
from nqp_topics.topics.model import Topics

_STEP = np.uint64(0x9E3779B97F4A7C15)


class Split(NamedTuple):
    """Counts to train on, the two halves of the passages held out, the articles held out, and how many of their tokens are left out.

    Left out are tokens whose word never occurs in training, which no topic can know, and passages with fewer than two tokens.
    """

    train: Counts
    first: Counts
    second: Counts
    articles: tuple[str, ...]
    left_out: int


def split(counts: Counts, share: float = 0.2, seed: int = 0) -> Split:
    """Hold out whole articles with up to `share` of all tokens, drawn by `seed`; the same articles for every number of topics.

    Refused: a share that is none, counts of a single article, and a split whose parts have nothing to say to each other.
    """
    few = len(set(counts.articles))
    allowed = "at least two: whole articles are held out, because passages of one resemble each other"
    todo = "use more articles, or leave the held-out score out"
    asked = number("held out share", share, 0, 0.99, above=True, todo="0.2 holds out a fifth")
    asked += whole_number("held out split_seed", seed, todo="0 is usual")
    refuse_if(asked, [Problem("held out counts", f"{few} article", allowed, todo)] * (few < 2))
    tokens: dict[str, int] = counts.lengths.groupby(list(counts.articles), sort=False).sum().to_dict()
    drawn = sorted(tokens, key=lambda article: (fingerprint(f"{seed}\n{article}"), article))
    held: set[str] = set()
    room = share * sum(tokens.values())
    for article in drawn:
        if tokens[article] <= room:
            held.add(article)
            room -= tokens[article]
    if not held:
        held = {min(drawn, key=lambda article: tokens[article])}
    of = dict(zip(counts.ids, counts.articles, strict=True))
    inside = counts.select(name for name in counts.ids if of[name] not in held)
    seen = np.bincount(inside.matrix.indices, minlength=len(inside.words)) > 0
    inside = inside.without(word for word, there in zip(inside.words, seen, strict=True) if not there)
    outside = counts.select(name for name in counts.ids if of[name] in held)
    all_tokens = outside.tokens
    outside = outside.without(word for word, there in zip(outside.words, seen, strict=True) if not there)
    enough = np.asarray(outside.matrix.sum(axis=1)).ravel() >= 2
    if not enough.any():
        came = f"{len(held)} articles, none of whose passages has two words that occur in the others"
        todo = "hold out a larger share, or another draw (split_seed)"
        raise Refused(Problem("held out", came, "articles that have words in common", todo))
    outside = outside.select(name for name, there in zip(outside.ids, enough, strict=True) if there)
    first, second = _halves(outside, seed)
    articles = tuple(article for article in tokens if article in held)
    return Split(inside, first, second, articles, all_tokens - outside.tokens)


def log_likelihood(topics: Topics, first: Counts, second: Counts, about: pd.DataFrame | None = None) -> float:
    """Return the mean log-likelihood (natural logarithm) of the tokens of `second`, with the shares that `first` has (and what is known `about` its articles); higher is better."""
    shares = topics.mixed(first, about)
    words = pd.DataFrame(topics.chances, topics.words.index).reindex(list(second.words)).to_numpy()
    table = second.matrix
    passage = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    with np.errstate(divide="ignore"):
        each = np.log((shares[passage] * words[table.indices]).sum(axis=1))
    return float(np.sum(each * table.data) / table.data.sum())


def _halves(counts: Counts, seed: int) -> tuple[Counts, Counts]:
    """Deal the tokens of every passage at random into two halves; the first has one more where their number is odd.

    A passage is dealt by its id and the seed alone, whatever stands beside it.
    """
    table = counts.matrix
    lengths = np.asarray(table.sum(axis=1)).ravel()
    words = np.repeat(table.indices, table.data)
    passage = np.repeat(np.arange(len(lengths)), lengths)
    begins = np.cumsum(lengths) - lengths
    keys = np.array([int(fingerprint(f"{seed}\n{name}")[:16], 16) for name in counts.ids], np.uint64)
    place = (np.arange(len(words)) - begins[passage]).astype(np.uint64)
    order = np.lexsort((_scatter(keys[passage] + place * _STEP), passage))
    in_first = np.arange(len(words)) - begins[passage] < (lengths - lengths // 2)[passage]

    def part(chosen: np.ndarray) -> Counts:
        rows, columns = passage[order][chosen], words[order][chosen]
        matrix = sparse.csr_array((np.ones(len(rows), np.int32), (rows, columns)), shape=table.shape)
        return Counts(counts.ids, counts.words, matrix, counts.articles, counts.made_from)

    return part(in_first), part(~in_first)


def _scatter(numbers: np.ndarray) -> np.ndarray:
    """Scatter 64 bits (the finaliser of splitmix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
