"""Scan: find the terms of a lexicon in a text, compiled because every character passes here.

Whatever stands as written is found; where two overlap, the longer wins, then the one further left. A term that begins or ends
with a Latin letter or a digit is not found inside a longer run of them (AI is not in SAIC). Everything here needs numba.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nqp_topics.files.compiled import compiled
from nqp_topics.words.lexicon import RULES

DOT = 1  # the text holds a dot as foreign names have it
STANDS, LONGER, FORBIDDEN, OVERLAPPED, IN_RUN = range(5)  # the columns of the tally: one row a form


@dataclass(frozen=True)
class Forms:
    """The forms of a lexicon (terms and aliases) as arrays; `row` is the entry of each, `arrays` what `scan` takes."""

    written: tuple[str, ...]
    row: np.ndarray
    arrays: tuple[np.ndarray, ...]


def forms(entries: Sequence[Mapping[str, Any]], also: Sequence[str] = ()) -> Forms:
    """Lay the entries of a lexicon out for the scanner; words of `also` are held too, behind them, where no entry has them."""
    written: list[str] = []
    row: list[int] = []
    limits = [0]
    contexts: list[str] = []
    for number, entry in enumerate(entries):
        for form in (entry["term"], *entry["aliases"]):
            written.append(form)
            row.append(number)
            for name in RULES:
                contexts += entry[name]
                limits.append(len(contexts))
    known = set(written)
    for number, word in enumerate((word for word in also if word not in known), len(entries)):
        written.append(word)
        row.append(number)
        limits += [len(contexts)] * 4
    places = np.cumsum([0, *map(len, contexts)]).astype(np.int32)
    rules = np.array(limits, np.int32)
    pairs, alone = np.zeros(1 << 17, np.bool_), np.zeros(0x110000, np.bool_)
    for form in written:
        alone[ord(form[0])] |= len(form) == 1
        if len(form) > 1:
            pairs[(ord(form[0]) * 0x9E5F + ord(form[1])) & 0x1FFFF] = True
    arrays = (*tree(written), pairs, alone, rules, places, codes("".join(contexts)))
    return Forms(tuple(written), np.array(row, np.int32), arrays)


def tree(words: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lay words out as a tree of characters: its edges as a hash table, the node of each first character, the word of each node."""
    limits = np.zeros(len(words) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, words), np.int64, len(words)), out=limits[1:])
    edges = np.zeros(1 << max(4, int(2 * limits[-1]).bit_length()), np.int64)
    starts = np.zeros(0x110000, np.int32)
    ends = np.full(limits[-1] + 1, -1, np.int32)
    nodes = _grow(codes("".join(words)), limits, edges, starts, ends)
    return edges, starts, ends[:nodes].copy()


def codes(text: str) -> np.ndarray:
    """Return the code points of a text, lone surrogates included."""
    return np.frombuffer(bytearray(text.encode("utf-32-le", "surrogatepass")), np.uint32)


@compiled
def _slot(edges, key):
    """Return where an edge (node, character) stands in the table, or the free place where it belongs."""
    mask = len(edges) - 1
    slot = (key * 0x9E3779B97F4A7C1 >> 21) & mask
    while edges[slot] != 0 and edges[slot] >> 21 != key:
        slot = (slot + 1) & mask
    return slot


@compiled
def _grow(points, limits, edges, starts, ends):
    nodes = 1
    for word in range(len(limits) - 1):
        node = starts[points[limits[word]]]
        if node == 0:
            node = nodes
            nodes += 1
            starts[points[limits[word]]] = node
        for k in range(limits[word] + 1, limits[word + 1]):
            key = np.int64(node) << 21 | np.int64(points[k])
            slot = _slot(edges, key)
            if edges[slot] == 0:
                edges[slot] = key << 21 | nodes
                nodes += 1
            node = edges[slot] & 0x1FFFFF
        ends[node] = word
    return nodes


@compiled
def child(edges, node, point):
    """Return the node that a character leads to, or 0."""
    return edges[_slot(edges, np.int64(node) << 21 | np.int64(point))] & 0x1FFFFF


@compiled
def joins(c):
    """Whether a character is a Latin, Greek or Cyrillic letter or a digit, half or full width."""
    return (
        48 <= c <= 57
        or 65 <= c <= 90
        or 97 <= c <= 122
        or (0xC0 <= c <= 0x52F and c != 0xD7 and c != 0xF7)
        or 0xFF10 <= c <= 0xFF19
        or 0xFF21 <= c <= 0xFF3A
        or 0xFF41 <= c <= 0xFF5A
    )


@compiled
def _stands(points, place, first, last, contexts, letters, before):
    """Whether one of the contexts follows at `place` (before) or precedes it."""
    for n in range(first, last):
        size = contexts[n + 1] - contexts[n]
        begin = place if before else place - size
        if begin < 0 or begin + size > len(points):
            continue
        same = True
        for k in range(size):
            if points[begin + k] != letters[contexts[n] + k]:
                same = False
                break
        if same:
            return True
    return False


@compiled
def scan(points, edges, starts, ends, pairs, alone, rules, contexts, letters, tally):
    """Find the forms in a text.

    Returns, for each character, 0 where it is free, 1 + form where a form that is held begins, -1 where it goes on; begin, end, form
    and 0 of these; begin, end, form and cause of those that are neither held nor inside a longer one; and what else
    the text holds. `tally` is added to in place.
    """
    size = len(points)
    holds = count = 0
    room = 64
    before_latin = False
    near = np.empty(size, np.int32)
    nears = 0
    found = np.empty((room, 4), np.int64)  # begin, end, form, cause (0: it may be held)
    for i in range(size):
        c = points[i]
        latin = False
        if c < 0x3100:
            if c < 0x530:
                latin = joins(c)
            if c == 0xB7 or c == 0x2022 or c == 0x2027 or c == 0x30FB:
                holds |= DOT
        elif c >= 0xFF10:
            latin = joins(c)
        if latin and not before_latin:
            near[nears] = i
            nears += 1
        before_latin = latin
        # a table small enough to stay near tells for most places that no form of two or more begins there
        if not alone[c] and not (i + 1 < size and pairs[(c * 0x9E5F + points[i + 1]) & 0x1FFFF]):
            continue
        node = starts[c]
        j = i + 1
        while node != 0:
            form = ends[node]
            if form >= 0:
                r = 4 * form
                cause = 0
                if (i > 0 and joins(c) and joins(points[i - 1])) or (
                    j < size and joins(points[j]) and joins(points[j - 1])
                ):
                    cause = IN_RUN
                elif rules[r] != rules[r + 4] and (
                    _stands(points, j, rules[r], rules[r + 1], contexts, letters, True)
                    or _stands(points, i, rules[r + 1], rules[r + 2], contexts, letters, False)
                    or (
                        rules[r + 2] != rules[r + 3]
                        and not _stands(points, j, rules[r + 2], rules[r + 3], contexts, letters, True)
                    )
                    or (
                        rules[r + 3] != rules[r + 4]
                        and not _stands(points, i, rules[r + 3], rules[r + 4], contexts, letters, False)
                    )
                ):
                    cause = FORBIDDEN
                if count == room:
                    room *= 2
                    wider = np.empty((room, 4), np.int64)
                    # by hand: to compile what a slice says when it does not fit takes four seconds
                    for n in range(count):
                        for part in range(4):
                            wider[n, part] = found[n, part]
                    found = wider
                found[count, 0], found[count, 1], found[count, 2], found[count, 3] = i, j, form, cause
                count += 1
            if j == size:
                break
            node = child(edges, node, points[j])
            j += 1
    longest = allowed = 0
    for n in range(count):
        if found[n, 3] == 0:
            longest = max(longest, found[n, 1] - found[n, 0])
            allowed += 1
    before = np.zeros(longest + 1, np.int64)  # how many are longer
    for n in range(count):
        if found[n, 3] == 0:
            for width in range(found[n, 1] - found[n, 0]):
                before[width] += 1
    order = np.empty(allowed, np.int64)
    for n in range(count):
        if found[n, 3] == 0:
            width = found[n, 1] - found[n, 0]
            order[before[width]] = n
            before[width] += 1
    holder = np.full(size, -1, np.int64)  # the match that holds each character
    for place in range(allowed):
        n = order[place]
        begin, end = found[n, 0], found[n, 1]
        # what is held already is at least as long, so it covers an end if it covers anything
        if holder[begin] < 0 and holder[end - 1] < 0:
            holder[begin:end] = n
    held = np.zeros(size, np.int32)
    spans = np.empty((allowed, 4), np.int64)
    losses = np.empty((count, 4), np.int64)
    kept = lost = 0
    for n in range(count):
        begin, end, form = found[n, 0], found[n, 1], found[n, 2]
        tally[form, STANDS] += 1
        by = holder[begin]
        if by == n:
            spans[kept, 0], spans[kept, 1], spans[kept, 2], spans[kept, 3] = begin, end, form, 0
            kept += 1
            held[begin] = 1 + form
            held[begin + 1 : end] = -1
        elif by >= 0 and end <= found[by, 1] and end - begin < found[by, 1] - found[by, 0]:
            tally[form, LONGER] += 1
        else:
            cause = found[n, 3] if found[n, 3] else OVERLAPPED
            tally[form, cause] += 1
            losses[lost, 0], losses[lost, 1], losses[lost, 2], losses[lost, 3] = begin, end, form, cause
            lost += 1
    return held, spans[:kept], losses[:lost], near[:nears], holds
