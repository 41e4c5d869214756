"""What every reader gives back: rows of documents and rows of refusals, as plain dicts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from nqp_topics.study import Study

Row = dict[str, str | None]

# Why a thing could not be read: the codes of the column `reason`.
REASONS = (
    "encrypted",
    "no text (scanned)",
    "no text",
    "empty",
    "binary",
    "wrong encoding",
    "truncated",
    "too large",
    "cell cut at 32767",
    "unknown format",
    "unreadable",
    "column missing",
    "no text in cell",
)

_KNOWN = ("title", "author", "outlet", "date", "voice", "keywords", "abstract", "remarks")


@dataclass
class Found:
    """What one file holds: a row a document, a row a thing that could not be read."""

    rows: list[Row] = field(default_factory=list)
    refusals: list[Row] = field(default_factory=list)


Reader = Callable[[bytes, Study], Found]


def document(
    form: str,
    encoding: str,
    text: str,
    place: str | None = None,
    name: str | None = None,
    **known: str,
) -> Row:
    """Make the row of one document; `name` is its own id or its number in the file, None for a whole file."""
    row: Row = {"place": place, "name": name, "format": form, "encoding": encoding, "text": text}
    return {**row, **{key: one_line(known.get(key, "")) for key in _KNOWN if key != "abstract"}} | {
        "abstract": known.get("abstract", "")
    }


def refusal(reason: str, detail: str, place: str | None = None) -> Row:
    """Make the row of one thing that could not be read: a code of `REASONS` and a sentence that says what to do."""
    if reason not in REASONS:
        raise ValueError(f"{reason!r} is not one of the reasons: {', '.join(REASONS)}")
    return {"place": place, "reason": reason, "detail": detail}


def refused(reason: str, detail: str) -> Found:
    """Refuse a whole file."""
    return Found([], [refusal(reason, detail)])


def same_breaks(text: str) -> str:
    r"""Turn `\r\n` and `\r` into `\n`, and nothing else, so that lines keep the numbers an editor shows."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str) -> str:
    """Put a title or a name that runs over several lines into one."""
    return re.sub(r"\s*\n\s*", " ", text).strip()


def remark(*parts: str) -> str:
    """Join what is to be said about a document."""
    return "; ".join(part for part in parts if part)


def damage(text: str) -> str:
    """Say where a text holds U+FFFD, the mark of a character that was lost before the file came here."""
    if (count := text.count("\ufffd")) == 0:
        return ""
    line = text.count("\n", 0, text.index("\ufffd")) + 1
    return f"{count} damaged character{'s' if count > 1 else ''} (U+FFFD), the first in line {line}"


def zeros(content: bytes) -> str:
    """Say where a file holds a stretch of zero bytes: what a disk or a download leaves where a part was lost."""
    found = re.search(rb"\x00{256,}", content)
    return (
        f"{found.end() - found.start():,} zero bytes from byte {found.start():,} on: part of the file may be lost"
        if found
        else ""
    )
