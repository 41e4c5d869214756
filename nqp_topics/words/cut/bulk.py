"""Bulk: JSON lines of texts read, and lines of tokens written, by compiled loops; what is unusual is read line by line as `lines` reads it."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from nqp_topics.checks import Refused, file_here, refuse_if
from nqp_topics.files.compiled import compiled
from nqp_topics.words.cut.dictionary import as_written
from nqp_topics.words.cut.lines import LONGEST, Chunk, Source, Tokens, from_line, named
from nqp_topics.words.cut.scan import codes

ID, TEXT, ARTICLE = tuple(b"id"), tuple(b"text"), tuple(b"article")
_quoted = json.encoder.encode_basestring
_HALF = re.compile(rb"\xed[\xa0-\xbf]")  # half a character in bytes


def blocks(file: str | Path, size: int) -> Iterator[tuple[str | Path, bytes, int]]:
    """Yield a file in pieces of whole lines, of about `size` bytes, each with the number of its first line."""
    refuse_if(file_here(file, "a file of JSON lines"))
    number = 1
    with Path(file).open("rb") as stream:
        while data := stream.read(size):
            data += stream.readline(LONGEST)
            yield file, data, number
            number += data.count(b"\n")


def read(file: str | Path, data: bytes, number: int) -> Chunk:
    """Read the texts of a piece of a file; where a line cannot be read, those before it, and the refusal beside them."""
    raw = np.frombuffer(data, np.uint8)
    points = np.empty(len(data) + 1, np.uint32)  # what stands in so many bytes is never more characters
    rows = np.empty((data.count(b"\n") + 1, 6), np.int64)
    odd: dict[int, tuple[str, str | None]] = {}
    at = filled = count = 0
    wrong = None
    while True:
        at, filled, count, number = take(raw, at, points, filled, rows, count, number)
        if at == len(data):
            break
        end = data.find(b"\n", at) + 1 or len(data)
        try:
            if not (line := data[at:end]).isspace():
                row = from_line(file, number, line)
                article = row.get("article")
                odd[count] = named(file, number, row), None if article is None else str(article)
                own = codes(row["text"])
                points[filled : filled + len(own)] = own
                points[filled + len(own)] = 10
                rows[count, 4:] = filled + len(own), number
                filled += len(own) + 1
                count += 1
        except Refused as refused:
            wrong = refused
            break
        at, number = end, number + 1
    points = points[: max(filled - 1, 0)]
    names, articles = [], []
    for place, (a, b, c, d, _, _) in enumerate(rows[:count].tolist()):
        name, article = odd.get(place) or (data[a:b].decode(), data[c:d].decode() if c else None)
        names.append(name)
        articles.append(article)
    text = points.tobytes().decode("utf-32-le", "surrogatepass")
    return Chunk(
        names, text, points, rows[:count, 4].copy(), Source(articles, rows[:count, 5].tolist(), wrong)
    )


def as_json(parts: Iterable[Tokens], letters: tuple[np.ndarray, np.ndarray]) -> Iterator[bytes]:
    """Yield tokens as lines of JSON, {id, article where the source has one, tokens}, those of a part together; `letters` are the cutter's.

    A line with half a character (a lone surrogate), which no file in UTF-8 can hold, has \\uXXXX for all that is not ASCII.
    """
    for part in parts:
        heads = []
        for name, article in zip(part.names, part.source.articles or [None] * len(part.names), strict=True):
            noted = "" if article is None else f', "article": {_quoted(article)}'
            heads.append(f'{{"id": {_quoted(name)}{noted}, "tokens": ['.encode("utf-8", "surrogatepass"))
        head = np.frombuffer(bytearray(b"".join(heads)), np.uint8)
        starts = np.cumsum([0, *map(len, heads)])
        found = join(part.numbers, part.limits, *letters, *as_written(part.other), head, starts)
        lines = found.tobytes()
        if b"\xed" in lines and _HALF.search(lines):
            lines = b"".join(map(_without_half, lines.splitlines(keepends=True)))
        yield lines


def _without_half(line: bytes) -> bytes:
    if not _HALF.search(line):
        return line
    return json.dumps(json.loads(line.decode("utf-8", "surrogatepass"))).encode() + b"\n"


@compiled
def join(numbers, limits, letters, places, others, other_places, heads, starts):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Write a line for each text: its head, its tokens with a comma and a space between them, and what closes them.

    `letters` are the words one after another with one byte between them, at `places`; `others` the same of those below zero.
    """
    size = len(heads) + 3 * len(limits)
    for n in numbers:
        size += 1 + (places[n + 1] - places[n] if n >= 0 else other_places[-n] - other_places[-n - 1])
    out = np.empty(size, np.uint8)
    begin = at = 0
    for text in range(len(limits)):
        for k in range(starts[text], starts[text + 1]):
            out[at] = heads[k]
            at += 1
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
        out[at], out[at + 1], out[at + 2] = 93, 125, 10
        at += 3
    return out[:at]


@compiled
def _string(data, p, points, filled):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Read the string whose first quotation mark stands before p. Returns where it has ended, or 0 for what is none; where its characters end; whether one was escaped."""
    size = len(data)
    escaped = False
    while p < size:
        c = np.int64(data[p])
        if c == 34:
            return p + 1, filled, escaped
        if c < 32:
            break
        if c < 128 and c != 92:
            p += 1
        elif p + 4 > size:
            break
        elif c == 92:
            escaped = True
            c, p = _escaped(data, p)
            if p == 0:
                break
        else:
            c, p = _wide(data, p)
            if p == 0:
                break
        points[filled] = c
        filled += 1
    return 0, filled, escaped


@compiled
def _wide(data, p):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Read a character of several bytes; returns it and where it ends, or 0 for what is none in UTF-8. Four bytes are there."""
    a, b = np.int64(data[p]), np.int64(data[p + 1]) ^ 0x80
    c, d = np.int64(data[p + 2]) ^ 0x80, np.int64(data[p + 3]) ^ 0x80
    if a >> 4 == 14 and b < 64 and c < 64:
        code = (a & 15) << 12 | b << 6 | c
        return code, p + 3 if code >= 0x800 and code >> 11 != 27 else 0
    if a >> 5 == 6 and b < 64:
        code = (a & 31) << 6 | b
        return code, p + 2 if code >= 0x80 else 0
    if a >> 3 == 30 and b < 64 and c < 64 and d < 64:
        code = (a & 7) << 18 | b << 12 | c << 6 | d
        return code, p + 4 if 0x10000 <= code < 0x110000 else 0
    return a, 0


@compiled
def _four(data, p):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    r"""Read \uXXXX at p; returns its code, or 0x110000 for what is none."""
    if p + 6 > len(data) or data[p] != 92 or data[p + 1] != 117:
        return 0x110000
    code = 0
    for k in range(p + 2, p + 6):
        c = np.int64(data[k])
        if 48 <= c <= 57:
            code = code << 4 | (c - 48)
        elif 65 <= c & 0xDF <= 70:
            code = code << 4 | ((c & 0xDF) - 55)
        else:
            return 0x110000
    return code


@compiled
def _escaped(data, p):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Read what follows a backslash at p; returns the character and where it has ended, or 0 for what is none."""
    c = np.int64(data[p + 1])
    if c == 117:
        code = _four(data, p)
        if code >> 10 == 54:  # the first half of a character, and perhaps the second
            low = _four(data, p + 6)
            if low >> 10 == 55:
                return 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF)), p + 12
        return code, p + 6 if code < 0x110000 else 0
    if c == 34 or c == 92 or c == 47:
        return c, p + 2
    code = 8 if c == 98 else 12 if c == 102 else 10 if c == 110 else 13 if c == 114 else 9 if c == 116 else 0
    return code, p + 2 if code else 0


@compiled
def _blank(data, p):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Go over blanks; a line end is none."""
    while p < len(data) and (data[p] == 32 or data[p] == 9 or data[p] == 13):
        p += 1
    return p


@compiled
def _plain(data, p):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Go over a whole number, true, false or null at p; returns where it has ended, or 0 for what is none of these."""
    size = len(data)
    if p + 5 < size:
        a, b, c, d = data[p], data[p + 1], data[p + 2], data[p + 3]
        if (a == 116 and b == 114 and c == 117 and d == 101) or (
            a == 110 and b == 117 and c == 108 and d == 108
        ):
            return p + 4
        if a == 102 and b == 97 and c == 108 and d == 115 and data[p + 4] == 101:
            return p + 5
    if p < size and data[p] == 45:
        p += 1
    first = p
    while p < size and 48 <= data[p] <= 57:
        p += 1
    return p if p == first + 1 or (first < p < first + 18 and data[first] != 48) else 0


@compiled
def _same(data, begin, end, word):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    k = 0
    while k < len(word) and data[begin + k] == word[k]:
        k += 1
    return k == len(word) == end - begin


@compiled
def take(data, at, points, filled, rows, count, number):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Read lines from `at` on into `points`, a line end behind each text, as far as they are of the usual kind.

    That is an object of strings, whole numbers, true, false and null, with an id, a text and perhaps an article, once each, names and keys
    without escapes. Of each line one row: begin and end of its id, of its article (0 for none), end of its text in `points`, its number.
    Returns where the first other line begins, or the end, and how much is filled.
    """
    size = len(data)
    while at < size:
        begin, first = at, filled
        told = 0  # 1: an id, 2: a text, 4: an article
        rows[count, 2] = rows[count, 3] = 0
        p = _blank(data, at)
        more = p < size and data[p] == 123
        while more:
            p = _blank(data, p + 1)
            if p >= size or data[p] != 34:
                break
            key = p + 1
            p, _, escaped = _string(data, key, points, filled)
            if p == 0 or escaped:
                break
            what = 1 if _same(data, key, p - 1, ID) else 2 if _same(data, key, p - 1, TEXT) else 0
            what = 4 if _same(data, key, p - 1, ARTICLE) else what
            p = _blank(data, p)
            if p >= size or data[p] != 58 or told & what:
                break
            p = _blank(data, p + 1)
            if p < size and data[p] == 34:
                value = p + 1
                p, end, escaped = _string(data, value, points, filled)
                if p == 0 or (escaped and what & 5):
                    break
                if what == 1:
                    rows[count, 0], rows[count, 1] = value, p - 1
                elif what == 4:
                    rows[count, 2], rows[count, 3] = value, p - 1
                elif what == 2:
                    rows[count, 4] = end
                    points[end] = 10
                    filled = end + 1
            else:
                p = 0 if what else _plain(data, p)
                if p == 0:
                    break
            told |= what
            p = _blank(data, p)
            if p >= size:
                break
            if data[p] == 125:
                p = _blank(data, p + 1)
                if told & 3 == 3 and (p == size or data[p] == 10):
                    at = min(p + 1, size)
                break
            more = data[p] == 44
        if at == begin:
            return begin, first, count, number
        rows[count, 5] = number
        number += 1
        count += 1
    return at, filled, count, number
