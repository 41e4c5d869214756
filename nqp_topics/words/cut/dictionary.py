"""Dictionary: jieba's words and its cut without guessing, compiled: the same tokens as jieba's, many times faster.

Of all ways to write a stretch of text as dictionary words, the most likely is taken: the greatest sum of the logarithms of
their frequencies; of two equals the longer word. The words and frequencies are read from the installed jieba.
"""

import contextlib
import hashlib
import importlib.util
import io
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from nqp_topics.checks import Refused
from nqp_topics.files import whole
from nqp_topics.files.compiled import sources
from nqp_topics.words.cut.scan import child, compiled, tree

IN_WORDS, LATIN, SPACE = 1, 2, 4


@dataclass(frozen=True)
class Dictionary:
    """Words and the arrays that `cut` takes; nothing changes it, so all cutters may share one."""

    words: tuple[str, ...]
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
        with contextlib.suppress(OSError, Refused), whole(file, "wb") as stream:  # nowhere to keep it
            body = io.BytesIO()
            for array in parts:
                np.save(body, array, allow_pickle=False)
            stream.write(hashlib.sha256(key + body.getbuffer()).digest() + body.getbuffer())
    letters, *arrays, likely, total = parts
    words = tuple(letters.tobytes().decode().split("\n"))
    ends = np.flatnonzero(letters == ord("\n"))
    signs = np.flatnonzero((letters > 32) & (letters < 127))  # ASCII that shows
    with_signs = map(words.__getitem__, np.unique(np.searchsorted(ends, signs)).tolist())
    mixed = tuple(word for word in with_signs if len(word) > 1 and not word.isascii())
    return Dictionary(words, mixed, (_kinds(), *arrays, likely, float(total)))


def _kept(file: Path, key: bytes) -> list[np.ndarray]:
    """Return the arrays that were kept for this dictionary and this code, or none: what its seal does not fit is not looked at."""
    try:
        data = memoryview(file.read_bytes())
        if hashlib.sha256(key + data[32:]).digest() != data[:32]:
            return []
        body = io.BytesIO(data[32:])
        return [np.load(body, allow_pickle=False) for _ in range(6)]
    except (OSError, ValueError):
        return []


def _made(source: bytes) -> list[np.ndarray]:
    """Make what is kept: the words one a line, the three arrays of the tree, the logarithms of the frequencies and of their sum."""
    fields = source.decode("utf-8").split()  # word, frequency, part of speech
    counts = np.array(list(map(int, fields[1::3])), np.int64)
    # of a word that returns the last line counts
    last = {word: line for line, word in enumerate(fields[::3])}
    used = np.array(list(last.values()), np.int64)
    used = used[counts[used] > 0]
    # frequent words first and anew, so that what is used together lies together: the cut waits for memory, not for arithmetic
    ranked = used[np.argsort(-counts[used], kind="stable")]
    written = "\n".join(map(fields[::3].__getitem__, ranked.tolist()))
    logs = {count: math.log(count) for count in set(counts[ranked].tolist())}
    likely = np.array([logs[count] for count in counts[ranked].tolist()])
    letters = np.frombuffer(written.encode(), np.uint8)
    return [letters, *tree(written.split("\n")), likely, np.array(math.log(int(counts.sum())))]


def _kinds() -> np.ndarray:
    """Tell what the first 0x10000 characters are: IN_WORDS (all others stand alone), LATIN letters and digits, white SPACE."""
    kinds = np.zeros(0x10000, np.uint8)
    kinds[0x4E00:0x9FD6] = IN_WORDS
    kinds[list(b"+#&._%-")] = IN_WORDS
    kinds[[code for code in range(128) if chr(code).isalnum()]] = IN_WORDS | LATIN
    kinds[[code for code in range(0x3001) if chr(code).isspace()]] = SPACE
    return kinds


@compiled
def _kind(kinds, c):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    return kinds[c] if c < 0x10000 else 0


@compiled
def cut(points, held, of_form, alone, kinds, edges, starts, ends, logs, log_total):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Cut what is free between the pieces that are held.

    One column a token: begin, end and its word: a number of the dictionary; for a held form its number in `of_form`; for a sign that
    stands alone `alone` + its code; -1 for what has no number. White space is no token.
    """
    size = len(points)
    score = np.zeros(size + 1, np.float64)
    following = np.empty(size, np.int32)
    word = np.empty(size, np.int32)
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
        while j < size and held[j] == 0 and _kind(kinds, points[j]) & IN_WORDS:
            j += 1
        score[j] = 0.0
        for k in range(j - 1, i - 1, -1):
            best = -np.inf
            node = starts[points[k]]
            m = k + 1
            while node != 0:
                w = ends[node]
                if w >= 0:
                    s = logs[w] - log_total + score[m]
                    if s >= best:
                        best, following[k], word[k] = s, m, w
                if m == j:
                    break
                node = child(edges, node, points[m])
                m += 1
            if best == -np.inf:
                best, following[k], word[k] = 0.0 - log_total + score[k + 1], k + 1, -1
            score[k] = best
        while i < j:
            k = following[i]
            w = word[i]
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


@compiled
def join(numbers, limits, letters, places, others, other_places):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Write tokens one after another, a comma and a space between those of a text; return this and where each text ends.

    `letters` are the words one after another with one byte between them, at `places`; `others` the same of those below zero.
    """
    size = 0
    for n in numbers:
        size += 1 + (places[n + 1] - places[n] if n >= 0 else other_places[-n] - other_places[-n - 1])
    out = np.empty(size, np.uint8)
    ends = np.empty(len(limits), np.int64)
    begin = at = 0
    for text in range(len(limits)):
        for i in range(begin, limits[text]):
            if i > begin:
                out[at], out[at + 1] = 44, 32
                at += 2
            n = numbers[i]
            if n >= 0:
                for k in range(places[n] + 1, places[n + 1]):
                    out[at] = letters[k]
                    at += 1
            else:
                for k in range(other_places[-n - 1] + 1, other_places[-n]):
                    out[at] = others[k]
                    at += 1
        begin = limits[text]
        ends[text] = at
    return out, ends
