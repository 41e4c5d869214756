"""Bulk: JSON lines of texts read by the piece, and lines of tokens written by a compiled loop."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from nqp_topics.checks import Refused, file_here, refuse_if
from nqp_topics.files.compiled import compiled
from nqp_topics.words.cut.dictionary import as_written
from nqp_topics.words.cut.lines import LONGEST, Source, Tokens, from_line, named

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


def read(file: str | Path, data: bytes, number: int) -> tuple[list[tuple[str, str]], Source]:
    """Read the texts of a piece of a file, with their ids; where a line cannot be read, those before it, and the refusal beside them."""
    rows: list[tuple[str, str]] = []
    articles: list[str | None] = []
    numbers: list[int] = []
    for place, line in enumerate(io.BytesIO(data), number):
        if line.isspace():
            continue
        try:
            row = from_line(file, place, line)
            rows.append((named(file, place, row), row["text"]))
        except Refused as refused:
            return rows, Source(articles, numbers, refused)
        article = row.get("article")
        articles.append(None if article is None else str(article))
        numbers.append(place)
    return rows, Source(articles, numbers)


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
def join(numbers, limits, letters, places, others, other_places, heads, starts):
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
