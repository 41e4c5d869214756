"""Dictionary: jieba's words and its cut without guessing, compiled: the same tokens as jieba's, many times faster.

Of all ways to write a stretch of text as dictionary words, the most likely is taken: the greatest sum of the logarithms of
their frequencies; of two equals the longer word. The words and frequencies are read from the installed jieba.
"""

import contextlib
import hashlib
import importlib.util
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from nqp_topics.checks import Refused
from nqp_topics.files import whole
from nqp_topics.files.compiled import compiled, sources
from nqp_topics.words.cut.scan import tree

IN_WORDS, LATIN, SPACE = 1, 2, 4
ALONE = 0x10000  # a token of one character that is no word has a number too, up to this code
# what is kept: letters, places, mixed, ids, tree, numbers, and the logarithm of the sum of all frequencies
KEPT = ("u1", "i4", "u1", "u2", "2f8", "i4", "f8")


@dataclass(frozen=True)
class Dictionary:
    """Words and the arrays that `cut` takes; nothing changes it, so all cutters may share one.

    `letters` are the words, then every character that may stand alone, as `as_written` gives them.
    """

    size: int  # how many words
    letters: tuple[np.ndarray, np.ndarray]
    mixed: tuple[str, ...]  # those that mix Latin letters or digits with Chinese (T恤, 4S店)
    arrays: tuple[np.ndarray | float, ...]


@lru_cache(maxsize=1)
def dictionary() -> Dictionary:
    """Read the dictionary of the installed jieba, without importing it."""
    found = importlib.util.find_spec("jieba")
    places = found.submodule_search_locations if found else None
    if not places:
        raise ModuleNotFoundError("jieba is not installed: run pip install nqp-topics again")
    source = (Path(places[0]) / "dict.txt").read_bytes()
    key = hashlib.sha256(source + sources().encode()).digest()
    file = Path(__file__).parent / "__pycache__" / "dictionary.kept"
    if not (parts := _kept(file, key)):
        parts = _made(source)
        sizes = np.array([part.size for part in parts])
        body = b"".join(part.tobytes() + bytes(-part.nbytes % 8) for part in (sizes, *parts))
        with contextlib.suppress(OSError, Refused), whole(file, "wb") as stream:  # nowhere to keep it
            stream.write(hashlib.sha256(key + body).digest() + body)
    letters, limits, mixed, ids, likely, numbers, total = parts
    words = tuple(mixed.tobytes().decode().splitlines())
    arrays = (_kinds(), ids, likely.view(np.uint32), likely, numbers, -float(total[0]))
    return Dictionary(len(limits) - 1 - ALONE, (letters, limits), words, arrays)


def _kept(file: Path, key: bytes) -> list[np.ndarray]:
    """Return the arrays that were kept for this dictionary and this code, or none: what its seal does not fit is not looked at."""
    try:
        data = np.fromfile(file, np.uint8)
    except OSError:
        return []
    seal = hashlib.sha256(key)
    seal.update(data[32:].data)
    if seal.digest() != data[:32].tobytes():
        return []
    at = 32 + 8 * len(KEPT)
    parts = []
    for kind, size in zip(KEPT, data[32:at].view(np.int64).tolist(), strict=True):
        end = at + size * int(kind[-1])
        part = data[at:end].view(kind[-2:])
        parts.append(part.reshape(-1, 2) if kind[0] == "2" else part)
        at = end + -end % 8
    return parts


def _made(source: bytes) -> list[np.ndarray]:
    """Make what is kept, from the lines of a dictionary."""
    fields = source.decode("utf-8").split()  # word, frequency, part of speech
    counts = np.array(list(map(int, fields[1::3])), np.int64)
    # of a word that returns the last line counts
    last = {word: line for line, word in enumerate(fields[::3])}
    used = np.array(list(last.values()), np.int64)
    used = used[counts[used] > 0]
    # frequent words first and anew, so that what is used together lies together: the cut waits for memory, not for arithmetic
    ranked = used[np.argsort(-counts[used], kind="stable")]
    words = list(map(fields[::3].__getitem__, ranked.tolist()))
    total = math.log(int(counts.sum()))
    logs = {count: math.log(count) - total for count in set(counts[ranked].tolist())}
    likely = np.array([logs[count] for count in counts[ranked].tolist()])
    signs = frozenset(map(chr, range(33, 127)))  # ASCII that shows
    mixed = [word for word in words if len(word) > 1 and not word.isascii() and not signs.isdisjoint(word)]
    letters = as_written([*words, *map(chr, range(ALONE))])
    mixing = np.frombuffer("\n".join(mixed).encode(), np.uint8)
    return [*letters, mixing, *_packed(words, likely), np.array([total])]


def as_written(words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return words as strings of JSON, with one byte between them, and the places of these bytes."""
    written = json.dumps(words, ensure_ascii=False, separators=("\n", "")).encode("utf-8", "surrogatepass")
    letters = np.frombuffer(bytearray(written), np.uint8)
    return letters, np.concatenate([[0], np.flatnonzero(letters == 10), [len(letters) - 1]]).astype(np.int32)


def _packed(words: list[str], likely: np.ndarray) -> list[np.ndarray]:
    """Lay the tree of the words out so that one look tells whether a letter leads on.

    Characters are numbered from 1, those that lead to most words first; each stands at its number as the first of a word. Of each place, side by
    side: where its letters are counted from, where it is reached from, and how likely a word ends there, or NaN; then which word.
    """
    edges, starts, ends = tree(words)
    edges = edges[edges != 0]
    parent, point, node = edges >> 42, edges >> 21 & 0x1FFFFF, edges & 0x1FFFFF
    firsts = np.flatnonzero(starts)
    often = np.bincount(np.concatenate([point, firsts]), minlength=0x10000)
    ids = np.zeros(0x10000, np.int64)
    ids[np.argsort(-often, kind="stable")] = np.arange(1, 0x10001)
    ids[often == 0] = 0
    order = np.lexsort((ids[point], parent))
    parent, letter, node = parent[order], ids[point[order]], node[order]
    begins = np.flatnonzero(np.diff(parent, prepend=-1))
    sizes = np.diff(begins, append=len(parent))
    widest = np.argsort(-sizes, kind="stable")
    bases, place = np.zeros((2, len(ends)), np.int64)
    bases[parent[begins[widest]]] = _pack(begins[widest], sizes[widest], letter, ids.max())
    place[starts[firsts]], place[node] = ids[firsts], bases[parent] + letter
    found = np.full((max(place.max(), bases.max() + ids.max()) + 1, 2), np.nan)
    numbers = np.full(len(found), -1, np.int32)
    units = found.view(np.uint32)
    units[:, :2] = 0, 0xFFFFFFFF
    units[place, 0] = bases
    units[ids[firsts], 1], units[place[node], 1] = 0, place[parent]
    whole_words = np.flatnonzero(ends >= 0)
    numbers[place[whole_words]] = ends[whole_words]
    found[place[whole_words], 1] = likely[ends[whole_words]]
    return [ids.astype(np.uint16), found, numbers]


@compiled
def _pack(begins, sizes, letter, most):
    """Say where the letters of each family are counted from, so that no two members share a place, nor one of the first, those of the characters themselves.

    The largest families come first.
    """
    size = 4 * len(letter) + 0x40000
    taken = np.zeros(size, np.bool_)
    taken[: most + 1] = True
    after = np.arange(1, size + 1)  # the next place that may be free
    bases = np.empty(len(begins), np.int64)
    begin = width = 0
    for n in range(len(begins)):
        i, j = begins[n], begins[n] + sizes[n]
        if sizes[n] != width:
            begin, width = 0, sizes[n]
        before, free, tries = begin, after[begin], 0
        while True:
            while taken[free]:
                free = after[free]
            after[before] = free
            base = free - letter[i]
            fits = base > 0
            k = i + 1
            while fits and k < j:
                fits = not taken[base + letter[k]]
                k += 1
            if fits:
                break
            before, free, tries = free, after[free], tries + 1
        if tries > 50:
            begin = before
        bases[n] = base
        for k in range(i, j):
            taken[base + letter[k]] = True
    return bases


def _kinds() -> np.ndarray:
    """Tell what the first 0x10000 characters are: IN_WORDS (all others stand alone), LATIN letters and digits, white SPACE."""
    kinds = np.zeros(0x10000, np.uint8)
    kinds[0x4E00:0x9FD6] = IN_WORDS
    kinds[list(b"+#&._%-")] = IN_WORDS
    kinds[[code for code in range(128) if chr(code).isalnum()]] = IN_WORDS | LATIN
    kinds[[code for code in range(0x3001) if chr(code).isspace()]] = SPACE
    return kinds


@compiled
def _kind(kinds, c):
    return kinds[c] if c < 0x10000 else 0


@compiled
def cut(points, held, of_form, alone, kinds, ids, units, likely, words, unknown):
    """Cut what is free between the pieces that are held.

    One column a token: begin, end and its word: a number of the dictionary; for a held form its number in `of_form`; for a sign that
    stands alone `alone` + its code; -1 for what has no number. White space is no token.
    """
    size = len(points)
    score = np.empty(size + 1, np.float64)
    letters = np.empty(size, np.uint32)
    following = np.empty(size, np.int32)
    reached = np.empty(size, np.uint32)
    out = np.empty((3, size), np.int32)
    count = i = 0
    while i < size:
        j = i + 1
        if held[i] != 0:
            while j < size and held[j] == -1:
                j += 1
            out[0, count], out[1, count] = i, j
            out[2, count] = of_form[held[i] - 1] if held[i] > 0 else -1
            count += 1
            i = j
            continue
        kind = _kind(kinds, points[i])
        if not kind & IN_WORDS:
            if not kind & SPACE:
                out[0, count], out[1, count] = i, j
                out[2, count] = alone + points[i] if points[i] < 0x10000 else -1
                count += 1
            i = j
            continue
        j = i
        while j < size and held[j] == 0 and _kind(kinds, points[j]) & IN_WORDS:
            letters[j] = ids[points[j]]
            j += 1
        score[j] = 0.0
        for k in range(j - 1, i - 1, -1):
            best = -np.inf
            end, place = k + 1, np.uint64(0)
            node = np.uint64(letters[k])  # never below zero, which would be asked at every look
            m = k + 1
            while node != 0:
                s = likely[node, 1] + score[m]
                if s >= best:  # never where no word ends, whose likelihood is no number
                    best, end, place = s, m, node
                if m == j:
                    break
                lower = np.uint64(units[node, 0] + letters[m])
                node = lower if units[lower, 1] == node else np.uint64(0)
                m += 1
            score[k] = unknown + score[k + 1] if place == 0 else best
            following[k], reached[k] = end, place
        while i < j:
            k = following[i]
            w = words[reached[i]]
            if k == i + 1 and _kind(kinds, points[i]) & LATIN:
                while k < j and following[k] == k + 1 and _kind(kinds, points[k]) & LATIN:
                    k += 1
                    w = -1
            if w < 0 and k == i + 1:
                w = alone + points[i]
            out[0, count], out[1, count], out[2, count] = i, k, w
            count += 1
            i = k
    return out[:, :count]
