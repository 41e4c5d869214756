"""Lines: texts come in and tokens go out, one row at a time: tables, pairs, files of JSON lines."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.checks import said
from nqp_topics.files import from_json
from nqp_topics.study import Problem, Refused, refuse_if

_ESCAPED = re.compile('["\\\\\x00-\x1f\ud800-\udfff]')  # what JSON or UTF-8 cannot hold as it is


def rows(texts: pd.DataFrame | Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield id and text of a table or of pairs. Refused: missing columns, doubled ids of a table, a text that is not one."""
    if isinstance(texts, pd.DataFrame):
        if missing := [name for name in ("id", "text") if name not in texts]:
            raise Refused(
                Problem(
                    "segment texts",
                    f"columns {', '.join(map(str, texts.columns))}",
                    f"also {', '.join(missing)}",
                    "rename the columns",
                )
            )
        refuse_if(
            Problem(f"segment id {name}", "two rows", "one row an id", "give the second another id")
            for name in (
                texts["id"][texts["id"].duplicated()].unique()[:20] if not texts["id"].is_unique else ()
            )
        )
        texts = zip(texts["id"].tolist(), texts["text"].tolist(), strict=True)
    for name, text in texts:
        if not isinstance(text, str):
            raise Refused(
                Problem(
                    f"segment id {name}",
                    f"a text of type {type(text).__name__}",
                    "a string",
                    "fill it or leave the row out",
                )
            )
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


def read_lines(file: str | Path, articles: deque[Any] | None = None) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of a file of JSON lines, one at a time; `articles` is told the article of each, None where none is given.

    Refused: a line without the two, or that is not JSON.
    """
    for name, text, row in _given(file):
        if articles is not None:
            articles.append(row.get("article"))
        yield name, text


def read_texts(file: str | Path) -> pd.DataFrame:
    """Read texts of JSON lines: one row a text, columns id, article (its id where none is given), text. Refused: as `read_lines`, and no line."""
    rows = [(name, str(row.get("article", name)), text) for name, text, row in _given(file)]
    if not rows:
        raise Refused(
            Problem(str(file), "no line", "at least one", "check the path, or what was left out before")
        )
    return pd.DataFrame(rows, columns=["id", "article", "text"])


def read_tokens(file: str | Path) -> pd.DataFrame:
    """Read tokens as `as_line` writes them: one row a text, columns id, article (its id where none is given) and tokens.

    Refused: a line without id and tokens, no line at all.
    """
    found = []
    for number, row in _objects(file):
        name, words = row.get("id"), row.get("tokens")
        if name is None or not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise Refused(_not_so(file, number, f"{sorted(row)}", '{"id": …, "tokens": ["…", …]}'))
        found.append((str(name), str(row.get("article", name)), words))
    if not found:
        raise Refused(
            Problem(str(file), "no line", "at least one", "check the path, or what was left out before")
        )
    return pd.DataFrame(found, columns=["id", "article", "tokens"])


def _given(file: str | Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield id, text and all that a line says."""
    for number, row in _objects(file):
        name, text = row.get("id"), row.get("text")
        if name is None or not isinstance(text, str):
            raise Refused(_not_so(file, number, f"{sorted(row)}", '{"id": …, "text": "…"}'))
        yield str(name), text, row


def _objects(file: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    path = Path(file)
    if not path.is_file():
        raise Refused(Problem(str(path), "no such file", "a file of JSON lines", "correct the path"))
    with path.open("rb") as stream:
        for number, text in enumerate(stream, 1):
            if not text.strip():
                continue
            try:
                row = from_json(text.decode("utf-8-sig"))
            except ValueError as error:
                came = f"{said(text[:60].decode('utf-8', 'replace').strip())} ({said(str(error))[1:-1]})"
                allowed = 'JSON lines in UTF-8, such as {"id": "a", "text": "…"}'
                todo = (
                    "mend the line, or make such lines of documents: nqp-topics passages FILE -o texts.jsonl"
                )
                raise Refused(Problem(f"{path} line {number}", came, allowed, todo)) from None
            if not isinstance(row, dict):
                raise Refused(_not_so(path, number, type(row).__name__, "a JSON object in UTF-8"))
            yield number, row


def _not_so(file: str | Path, number: int, came: str, allowed: str) -> Problem:
    return Problem(f"{file} line {number}", came, allowed, "mend the line")


def as_lines(rows: Iterable[tuple[str, Sequence[str]]], articles: deque[Any]) -> Iterator[str]:
    """Yield rows of tokens as lines of JSON, each with the article that `read_lines` noted."""
    for name, words in rows:
        yield as_line(name, words, articles.popleft())


def as_line(name: str, words: Sequence[str], article: object = None) -> str:
    """Return a row of tokens as a line of JSON; a lone surrogate, which no file in UTF-8 can hold, is written as \\udXXX."""
    if article is None and not _ESCAPED.search(name) and not _ESCAPED.search("".join(words)):
        listed = '", "'.join(words)
        return f'{{"id": "{name}", "tokens": [{chr(34) + listed + chr(34) if words else ""}]}}'
    row = {"id": name, **({} if article is None else {"article": str(article)}), "tokens": list(words)}
    text = json.dumps(row, ensure_ascii=False)
    return text if not re.search("[\ud800-\udfff]", text) else json.dumps(row)
