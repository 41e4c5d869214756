"""Documents that repeat others: exactly (white space aside), or nearly (shared runs of five characters)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import count

import numpy as np
import pandas as pd

from nqp_topics.study import fingerprint, progress

COLUMNS = ["id", "of", "kind", "similarity", "kept"]
GRAM = 5
_SEED = 20240131
_FEW = 60  # up to here every pair is compared: sketches would take longer to set up


def find(ids: list[str], texts: list[str], near: float, dropping: str = "keep") -> pd.DataFrame:
    """Find documents that repeat an earlier one: one row a repeating document, in reading order.

    `of` is the first document that it repeats (among the kept ones, if any); `similarity` is the share of their five-character
    runs that they have in common (Jaccard), counted and not estimated; `kept` is False where `dropping` says to drop it. A document is
    dropped only when one that it repeats is kept.
    """
    bare = [re.sub(r"\s+", "", text) for text in texts]
    first: dict[str, int] = {}
    of = [first.setdefault(fingerprint(text), place) for place, text in enumerate(bare)]
    originals = [place for place, same in enumerate(of) if place == same]
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
    for place, candidates in _candidates(bare, originals, near):
        for earlier in sorted(candidates, key=lambda other: (other in dropped, other)):
            share = jaccard(runs(earlier), runs(place), near)
            if share >= near:
                kept = not drop or earlier in dropped
                found[place] = (earlier, share, kept)
                if not kept:
                    dropped.add(place)
                break
    return found


def _candidates(bare: list[str], originals: list[int], near: float) -> Iterator[tuple[int, list[int]]]:
    """Yield each document with the earlier ones that may be like it: all of them for few, by MinHash for many."""
    if len(originals) <= _FEW:
        for number, place in enumerate(originals):
            yield place, originals[:number]
        return
    from datasketch import MinHash, MinHashLSH

    # as many bands as make it all but certain (one in a million) that a pair at the threshold shares one
    size = 64 if near >= 0.8 else 128
    width = next((rows for rows in range(16, 1, -1) if (1 - near**rows) ** (size // rows) < 1e-6), 1)
    index = MinHashLSH(num_perm=size, params=(size // width, width))
    hashes = (
        np.unique((grams(bare[place]) >> np.uint64(32)).astype(np.uint32)).tolist() for place in originals
    )
    sketches = MinHash.generator(hashes, num_perm=size, seed=_SEED, hashfunc=int)
    for place, sketch in zip(progress(originals, "duplicates"), sketches, strict=True):
        yield place, sorted(index.query(sketch))
        index.insert(place, sketch, check_duplication=False)


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
