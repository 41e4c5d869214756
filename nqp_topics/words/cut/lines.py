"""Lines: texts come in and tokens go out, one row at a time: tables, pairs, files of JSON lines."""

import json
import re
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, columns, file_here, named_once, refuse_if, said
from nqp_topics.files import from_json

LONGEST = 1 << 28  # bytes of a line
_NOTHING = ("no line", "at least one", "check the path, or what was left out before")
_ROWS = {"text": '{"id": …, "text": "…"}', "tokens": '{"id": …, "tokens": ["…", …]}'}
_decoded = json.JSONDecoder(parse_constant=int).raw_decode  # int raises for NaN and infinity
_quoted = json.encoder.encode_basestring
_HALF = re.compile(rb"\xed[\xa0-\xbf]")  # half a character in bytes


class Tokens(NamedTuple):
    """The tokens of several texts as numbers, which loops can count and processes can send to each other.

    `names` are the ids of the texts. In `numbers` a token is the place of its word among those of the cutter, or ~place in `other`.
    `limits` is where the tokens of each text end.
    """

    names: list[str]
    numbers: np.ndarray
    limits: np.ndarray
    other: list[str]


def rows(texts: pd.DataFrame | Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield id and text of a table or of pairs. Refused: missing columns, doubled ids of a table, a text that is not one."""
    if isinstance(texts, pd.DataFrame):
        refuse_if(columns("segment(texts)", texts, ["id", "text"], "rename the columns"))
        refuse_if(named_once("segment(texts) id", texts["id"], "give the second another id"))
        texts = zip(texts["id"].tolist(), texts["text"].tolist(), strict=True)
    for name, text in texts:
        if not isinstance(text, str):
            came, todo = f"a text of type {type(text).__name__}", "fill it or leave the row out"
            raise Refused(Problem(f"segment id {name}", came, "a string", todo))
        yield name, text


def chunks(texts: Iterable[tuple[str, str]], size: int) -> Iterator[list[tuple[str, str]]]:
    """Yield rows that have about `size` characters together."""
    part: list[tuple[str, str]] = []
    room = size
    for row in texts:
        part.append(row)
        room -= len(row[1])
        if room <= 0 or len(part) == 4096:
            yield part
            part, room = [], size
    if part:
        yield part


def read_lines(file: str | Path, articles: deque[Any]) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of a file of JSON lines, one at a time; `articles` is told the article of each, None where none is given.

    Refused: a line without the two, or that is not JSON, names that are no text and no number, an id that returns.
    """
    for name, text, row in read_rows(file):
        articles.append(row.get("article"))
        yield name, text


def read_texts(file: str | Path) -> pd.DataFrame:
    """Read texts of JSON lines: one row a text, columns id, article (its id where none is given), text. Refused: as `read_lines`, and no line."""
    return _table(file, "text")


def read_tokens(file: str | Path) -> pd.DataFrame:
    """Read tokens as `as_json` writes them: one row a text, columns id, article and tokens. Refused: as `read_texts`."""
    return _table(file, "tokens")


def has_tokens(file: str | Path) -> bool:
    """Tell whether the first line of a file holds tokens and no text. Refused: as `read_lines`."""
    _, row = next(_objects(file), (0, {}))
    return "tokens" in row and "text" not in row


def _table(file: str | Path, what: str) -> pd.DataFrame:
    rows = read_rows(file, what)
    found = [
        (name, name if (of := row.get("article")) is None else str(of), value) for name, value, row in rows
    ]
    refuse_if([] if found else [Problem(str(file), *_NOTHING)])
    return pd.DataFrame(found, columns=["id", "article", what])


def read_rows(file: str | Path, what: str = "text") -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Yield the id of each line, its text (or tokens) and all that it says. Refused: as `read_lines`."""
    line_of: dict[str, int] = {}
    for number, row in _objects(file):
        name, value = row.get("id"), row.get(what)
        whole = isinstance(value, list) and all(isinstance(word, str) for word in value)
        if name is None or not (isinstance(value, str) if what == "text" else whole):
            raise Refused(Problem(f"{file} line {number}", f"{sorted(row)}", _ROWS[what], "mend the line"))
        for key in ("id", "article"):
            if row.get(key) is not None and type(row[key]) not in (str, int, float):
                came, allowed = f"{key} {said(row[key])}", "a text or a number for a name"
                raise Refused(Problem(f"{file} line {number}", came, allowed, "mend the line"))
        if (first := line_of.setdefault(str(name), number)) != number:
            came, allowed = f"id {said(str(name))}, which line {first} has too", "every id once"
            raise Refused(Problem(f"{file} line {number}", came, allowed, "give the second another id"))
        yield str(name), value, row


def _objects(file: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    refuse_if(file_here(file, "a file of JSON lines"))
    with Path(file).open("rb") as stream:
        for number, text in enumerate(iter(partial(stream.readline, LONGEST), b""), 1):
            if text.isspace():
                continue
            try:
                row = _object(text.removeprefix(BOM_UTF8).decode())
                if not isinstance(row, dict):
                    raise ValueError(f"{type(row).__name__}, and no object")
            except ValueError as error:
                came = f"{said(text[:60].decode('utf-8', 'replace').strip())} ({said(str(error))[1:-1]})"
                allowed = 'JSON lines in UTF-8, such as {"id": "a", "text": "…"}'
                todo = "mend the line, or make such lines: nqp-topics passages FILE -o texts.jsonl"
                raise Refused(Problem(f"{file} line {number}", came, allowed, todo)) from None
            yield number, row


def _object(text: str) -> Any:
    """Read a line of JSON; the usual one, which ends with its object, without the steps that others need. Raised: as `from_json`."""
    try:
        row, end = _decoded(text)
        return row if text[end:] in ("\n", "") else from_json(text)
    except (ValueError, RecursionError):
        return from_json(text)


def words_of(part: Tokens, words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield id and tokens of each text; `words` are those of the cutter."""
    found = list(map(words.__getitem__, np.maximum(part.numbers, 0).tolist()))
    for place in np.flatnonzero(part.numbers < 0).tolist():
        found[place] = part.other[~part.numbers[place]]
    first = 0
    for name, last in zip(part.names, part.limits.tolist(), strict=True):
        yield name, found[first:last]
        first = last


def as_json(parts: Iterable[Tokens], words: Sequence[str], articles: deque[Any]) -> Iterator[str]:
    """Yield tokens as lines of JSON, {id, article where `read_lines` noted one, tokens}, those of a part together.

    A line with half a character (a lone surrogate), which no file in UTF-8 can hold, has \\uXXXX for all that is not ASCII.
    """
    from nqp_topics.words.cut.dictionary import join  # numba takes half a second

    known = _letters(words)
    for part in parts:
        body, ends = join(part.numbers, part.limits, *known, *_letters(part.other))
        tokens = body.tobytes()
        lines = []
        first = 0
        for name, last in zip(part.names, ends.tolist(), strict=True):
            article = articles.popleft()
            noted = "" if article is None else f', "article": {_quoted(str(article))}'
            head = f'{{"id": {_quoted(name)}{noted}, "tokens": ['.encode("utf-8", "surrogatepass")
            line = head + tokens[first:last] + b"]}\n"
            if _HALF.search(line):
                line = json.dumps(json.loads(line.decode("utf-8", "surrogatepass"))).encode() + b"\n"
            lines.append(line)
            first = last
        yield b"".join(lines).decode()


def _letters(words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return words as strings of JSON, with one byte between them, and the places of these bytes."""
    written = json.dumps(words, ensure_ascii=False, separators=("\n", "")).encode("utf-8", "surrogatepass")
    letters = np.frombuffer(written, np.uint8)
    return letters, np.concatenate([[0], np.flatnonzero(letters == 10), [len(letters) - 1]])
