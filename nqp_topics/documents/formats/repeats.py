"""Documents that repeat others: exactly (white space aside), or nearly (shared runs of five characters)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import count
from math import ceil

import numpy as np
import pandas as pd

from nqp_topics.study import fingerprint, progress

COLUMNS = ["id", "of", "kind", "similarity", "kept"]
GRAM = 5
_LONGEST = 20_000_000  # characters of a text that is compared run by run; a longer one only as a whole


def find(ids: list[str], texts: list[str], near: float, dropping: str = "keep") -> pd.DataFrame:
    """Find documents that repeat an earlier one: one row a repeating document, in reading order.

    `of` is the first document that it repeats (among the kept ones, if any); `similarity` is the share of their five-character
    runs that they have in common (Jaccard), counted and not estimated; `kept` is False where `dropping` says to drop it. A document is
    dropped only when one that it repeats is kept. A text of more than 20 million characters is compared as a whole only.
    """
    bare = [re.sub(r"\s+", "", text) for text in texts]
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

    @lru_cache(maxsize=4096)
    def runs(place: int) -> np.ndarray:
        return np.unique(grams(bare[place]))

    dropped: set[int] = set()
    found: dict[int, tuple[int, float, bool]] = {}
    for place, candidates in _candidates(originals, runs, near):
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
    originals: list[int], runs: Callable[[int], np.ndarray], near: float
) -> Iterator[tuple[int, list[int]]]:
    """Yield each document with the earlier ones that may be like it; none that is like it is missed.

    Of two sets that share so much, any so many members of one hold a member of as many of the other, where all are put in one
    order. Rare runs come first: few documents share them.
    """
    if len(originals) < 2:
        return
    often = np.zeros(1 << 22, dtype=np.uint32)
    sizes = {}
    for place in originals:
        some = runs(place)
        np.add.at(often, some >> np.uint64(42), 1)
        sizes[place] = len(some)
    index: dict[int, list[int]] = defaultdict(list)
    for place in progress(originals, "duplicates"):
        some, size = runs(place), sizes[place]
        first = np.argsort(often[some >> np.uint64(42)], kind="stable")[: size - ceil(near * size - 1e-9) + 1]
        like: set[int] = set()
        for run in some[first].tolist():
            like.update(other for other in index[run] if near * size <= sizes[other] <= size / near)
            index[run].append(place)
        yield place, list(like)


def grams(text: str) -> np.ndarray:
    """Return a 64-bit number for every run of five characters of a text; a shorter text is one run."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    size = min(GRAM, len(points))
    total = np.zeros(max(len(points) - size + 1, 0), dtype=np.uint64)
    for offset, factor in zip(range(size), count(1), strict=False):
        piece = points[offset : len(points) - size + 1 + offset]
        total = _mix(total + piece * np.uint64(0x9E3779B97F4A7C15) + np.uint64(factor))
    return total


def _mix(values: np.ndarray) -> np.ndarray:
    """Spread numbers over 64 bits; wrapping multiplication is meant."""
    values = (values ^ (values >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return values ^ (values >> np.uint64(32))


def jaccard(one: np.ndarray, other: np.ndarray, least: float = 0.0) -> float:
    """Return the Jaccard similarity of two sets given as sorted numbers; 0 where their sizes alone rule out `least`."""
    small, large = sorted((len(one), len(other)))
    if large == 0 or small < least * large:
        return 0.0
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)
