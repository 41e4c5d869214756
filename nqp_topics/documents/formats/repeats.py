"""Documents that repeat others: exactly (white space aside), or nearly (shared runs of five characters)."""

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from math import ceil

import numpy as np
import pandas as pd

from nqp_topics.study import fingerprint, progress

COLUMNS = ["id", "of", "kind", "similarity", "kept"]
GRAM = 5
_LONGEST = 20_000_000  # characters of a text that is compared run by run; a longer one only as a whole
_TOGETHER = 1 << 20  # characters whose runs are counted at a time
_KEPT = 1 << 25  # runs of documents held while they are compared


def find(ids: list[str], texts: list[str], near: float, dropping: str = "keep") -> pd.DataFrame:
    """Find documents that repeat an earlier one: one row a repeating document, in reading order.

    `of` is the first document that it repeats (among the kept ones, if any); `similarity` is the share of their five-character
    runs that they have in common (Jaccard), counted and not estimated; `kept` is False where `dropping` says to drop it. A document is
    dropped only when one that it repeats is kept. A text of more than 20 million characters is compared as a whole only.
    """
    bare = ["".join(text.split()) for text in texts]
    first: dict[str, int] = {}
    of = [first.setdefault(fingerprint(text), place) for place, text in enumerate(bare)]
    originals = [place for place, same in enumerate(of) if place == same and len(bare[place]) <= _LONGEST]
    similar = _near(bare, originals, near, dropping == "drop near")
    rows = []
    for place, same in enumerate(of):
        if place != same:
            rows.append((ids[place], ids[same], "exact", 1.0, dropping == "keep"))
        elif place in similar:
            earlier, share, kept = similar[place]
            rows.append((ids[place], ids[earlier], "near", share, kept))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"similarity": float, "kept": bool})


def _near(
    bare: list[str], originals: list[int], near: float, drop: bool
) -> dict[int, tuple[int, float, bool]]:
    """Return place → (the earlier place that it nearly repeats, how much, whether it is kept)."""
    longest = max((len(bare[place]) for place in originals), default=1)
    held: dict[int, np.ndarray] = {}

    @lru_cache(maxsize=max(_KEPT // max(longest, 1), 2))
    def runs(place: int) -> np.ndarray:
        return held[place] if place in held else grams([bare[place]])[0]

    dropped: set[int] = set()
    found: dict[int, tuple[int, float, bool]] = {}
    for place, candidates in _candidates(bare, originals, near, held):
        for earlier in sorted(candidates, key=lambda other: (other in dropped, other)):
            share = jaccard(runs(earlier), runs(place), near)
            if share >= near:
                kept = not drop or earlier in dropped
                found[place] = (earlier, share, kept)
                if not kept:
                    dropped.add(place)
                break
    return found


def _candidates(
    bare: list[str], originals: list[int], near: float, held: dict[int, np.ndarray]
) -> Iterator[tuple[int, set[int]]]:
    """Yield each document that may be like earlier ones, with these; none that is like it is missed. All runs are `held` if they fit.

    Of two sets that share so much, any so many members of one hold a member of as many of the other, where all are put in one
    order. Rare runs come first: few documents share them.
    """
    if len(originals) < 2:
        return
    often = np.zeros(1 << 22, dtype=np.uint32)
    fits = sum(len(bare[place]) for place in originals) <= _KEPT
    blocks = list(_together(bare, originals)) if fits else None
    for _, some, _ in blocks or _together(bare, originals):
        np.add.at(often, some >> np.uint64(42), 1)
    index: dict[int, list[int]] = defaultdict(list)
    sizes: dict[int, int] = {}
    for places, some, limits in progress(blocks or _together(bare, originals), "duplicates"):
        rare = often[some >> np.uint64(42)]
        for place, start, end in zip(places, limits, limits[1:], strict=False):
            size = sizes[place] = end - start
            if fits:
                held[place] = some[start:end]
            first = np.argsort(rare[start:end], kind="stable")[: size - ceil(near * size - 1e-9) + 1]
            like: set[int] = set()
            for run in some[start:end][first].tolist():
                if others := index[run]:
                    like.update(other for other in others if near * size <= sizes[other] <= size / near)
                others.append(place)
            if like:
                yield place, like


def _together(bare: list[str], places: list[int]) -> Iterator[tuple[list[int], np.ndarray, list[int]]]:
    """Yield documents, a million characters at a time, with the runs of all of them and where those of each begin and end."""
    some: list[int] = []
    size = 0
    for place in [*places, None]:
        if some and (place is None or size + len(bare[place]) > _TOGETHER):
            runs, owner = grams([bare[one] for one in some])
            yield some, runs, np.searchsorted(owner, np.arange(len(some) + 1)).tolist()
            some, size = [], 0
        if place is not None:
            some.append(place)
            size += len(bare[place])


def grams(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return a 64-bit number for every run of five characters of every text, each once a text and in order, and the text it is of.

    A shorter text is one run.
    """
    if len(texts) == 1 and len(texts[0]) > 2 * _TOGETHER:  # by pieces: it costs fifty bytes a character
        places = range(0, len(texts[0]) - GRAM + 1, _TOGETHER)
        parts = [grams([texts[0][at : at + _TOGETHER + GRAM - 1]])[0] for at in places]
        every = np.unique(np.concatenate(parts))
        return every, np.zeros(len(every), np.int64)
    lengths = np.array([len(text) for text in texts])
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    owner = np.repeat(np.arange(len(texts)), lengths)
    sizes = np.minimum(lengths, GRAM)
    starts = np.flatnonzero(np.arange(len(points)) + sizes[owner] <= np.cumsum(lengths)[owner])
    owner = owner[starts]
    total = np.zeros(len(starts), dtype=np.uint64)
    for offset in range(GRAM):
        piece = points[np.minimum(starts + offset, len(points) - 1)] * np.uint64(0x9E3779B97F4A7C15)
        mixed = total + piece + np.uint64(offset + 1)  # wrapping multiplication is meant
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = mixed ^ (mixed >> np.uint64(32))
        total = np.where(sizes[owner] > offset, mixed, total)
    order = np.lexsort((total, owner)) if len(texts) > 1 else np.argsort(total)
    total, owner = total[order], owner[order]
    once = np.ones(len(total), np.bool_)
    once[1:] = (total[1:] != total[:-1]) | (owner[1:] != owner[:-1])
    return total[once], owner[once]


def jaccard(one: np.ndarray, other: np.ndarray, least: float = 0.0) -> float:
    """Return the Jaccard similarity of two sets given as sorted numbers; 0 where their sizes alone rule out `least`."""
    small, large = sorted((len(one), len(other)))
    if large == 0 or small < least * large:
        return 0.0
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)
