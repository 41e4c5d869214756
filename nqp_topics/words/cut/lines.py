"""Lines: what a file of JSON lines holds, texts or tokens, one row at a time; and what a chunk of texts is, before and after the cut."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nqp_topics.checks import Problem, Refused, file_here, refuse_if, said
from nqp_topics.files import from_json

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 1 << 28  # bytes of a line
_NOTHING = ("no line", "at least one", "check the path, or what was left out before")
_ROWS = {"text": '{"id": …, "text": "…"}', "tokens": '{"id": …, "tokens": ["…", …]}'}
_decoded = json.JSONDecoder(parse_constant=int).raw_decode  # int raises for NaN and infinity


class Source(NamedTuple):
    """Where texts come from: their articles (None where none is given), the numbers of their lines, and why no more could be read."""

    articles: Sequence[str | None] = ()
    lines: Sequence[int] = ()
    wrong: Refused | None = None


class Chunk(NamedTuple):
    """Several texts as one, a line end between two: white space is no token, and no term or run goes over it.

    `points` are the codes of its characters, `ends` is where each text ends.
    """

    names: list[str]
    text: str
    points: np.ndarray
    ends: np.ndarray
    source: Source


class Tokens(NamedTuple):
    """The tokens of several texts as numbers, which loops can count and processes can send to each other.

    `names` are the ids of the texts. In `numbers` a token is the place of its word among those of the cutter, or ~place in `other`.
    `limits` is where the tokens of each text end.
    """

    names: list[str]
    numbers: np.ndarray
    limits: np.ndarray
    other: list[str]
    source: Source = Source()


def read_texts(file: str | Path) -> pd.DataFrame:
    """Read texts of JSON lines: one row a text, columns id, article (its id where none is given), text. Refused: as `read_rows`, and no line."""
    return _table(file, "text")


def read_tokens(file: str | Path) -> pd.DataFrame:
    """Read tokens as `as_json` writes them: one row a text, columns id, article and tokens. Refused: as `read_texts`."""
    return _table(file, "tokens")


def has_tokens(file: str | Path) -> bool:
    """Tell whether the first line of a file holds tokens and no text. Refused: as `read_rows`."""
    _, row = next(_objects(file), (0, {}))
    return "tokens" in row and "text" not in row


def _table(file: str | Path, what: str) -> pd.DataFrame:
    import pandas as pd  # a third of a second, which a cut from file to file does not wait

    rows = read_rows(file, what)
    named_so = ((name, row.get("article"), value) for name, value, row in rows)
    found = [(name, name if of is None else str(of), value) for name, of, value in named_so]
    refuse_if([] if found else [Problem(str(file), *_NOTHING)])
    return pd.DataFrame(found, columns=["id", "article", what])


def read_rows(file: str | Path, what: str = "text") -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Yield the id of each line, its text (or tokens) and all that it says.

    Refused: a line without the two, or that is not JSON, names that are no text and no number, an id that returns.
    """
    line_of: dict[str, int] = {}
    for number, row in _objects(file):
        name = named(file, number, row, what)
        once(file, name, number, line_of)
        yield name, row[what], row


def named(file: str | Path, number: int, row: dict[str, Any], what: str = "text") -> str:
    """Return the id of a line. Refused: a line without it or without a text (or tokens), names that are no text and no number."""
    name, value, article = row.get("id"), row.get(what), row.get("article")
    tokens = isinstance(value, list) and all(isinstance(word, str) for word in value)
    if name is None or not (isinstance(value, str) if what == "text" else tokens):
        raise Refused(Problem(f"{file} line {number}", f"{sorted(row)}", _ROWS[what], "mend the line"))
    for key, one in (("id", name), ("article", article)):
        if one is not None and type(one) not in (str, int, float):
            came, allowed = f"{key} {said(one)}", "a text or a number for a name"
            raise Refused(Problem(f"{file} line {number}", came, allowed, "mend the line"))
    return str(name)


def once(file: str | Path, name: str, number: int, line_of: dict[str, int]) -> None:
    """Refuse an id that an earlier line has, `line_of` being those; it is told this one."""
    if (first := line_of.setdefault(name, number)) != number:
        came, allowed = f"id {said(name)}, which line {first} has too", "every id once"
        raise Refused(Problem(f"{file} line {number}", came, allowed, "give the second another id"))


def _objects(file: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    refuse_if(file_here(file, "a file of JSON lines"))
    with Path(file).open("rb") as stream:
        for number, line in enumerate(iter(partial(stream.readline, LONGEST), b""), 1):
            if not line.isspace():
                yield number, from_line(file, number, line)


def from_line(file: str | Path, number: int, line: bytes) -> dict[str, Any]:
    """Read one line. Refused: what is no object of JSON."""
    try:
        row = _object(line.removeprefix(BOM_UTF8).decode())
        if not isinstance(row, dict):
            raise ValueError(f"{type(row).__name__}, and no object")
    except ValueError as error:
        came = f"{said(line[:60].decode('utf-8', 'replace').strip())} ({said(str(error))[1:-1]})"
        allowed = 'JSON lines in UTF-8, such as {"id": "a", "text": "…"}'
        todo = "mend the line, or make such lines: nqp-topics passages FILE -o texts.jsonl"
        raise Refused(Problem(f"{file} line {number}", came, allowed, todo)) from None
    return row


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
