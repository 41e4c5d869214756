"""What every reader gives back: rows of documents and rows of refusals, as plain dicts."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from nqp_topics.checks import UNSEEN
from nqp_topics.checks.plural import singular
from nqp_topics.study import Study

Row = dict[str, str | None]

# Why a thing could not be read: the codes of the column `reason`.
REASONS = (
    *("encrypted", "no text (scanned)", "no text", "empty", "binary", "wrong encoding", "truncated"),
    *("too large", "cell cut at 32767", "unknown format", "unreadable", "column missing", "no text in cell"),
)
_KNOWN = ("title", "author", "outlet", "date", "voice", "keywords", "abstract", "remarks")
_NOBODY = re.compile(
    r"(?i)^(?:python-docx|administrator|admin|user\d*|owner|lenovo|dell|hp|asus|pc|windows.*|微软.*|.*用户|未知|unknown|root)?$"
)
_NO_TITLE = re.compile(
    r"(?i)^(?:microsoft |powerpoint|word document|untitled|无标题|未命名|文档\s*\d*$|幻灯片|document\d*$)"
    r"|\.(?:docx?|wps|indd|pdf|pmd|fbd|qxd|s\d+|fit|tif|txt|ps|cdr|xlsx?|pptx?)$"
)


@dataclass
class Found:
    """What one file holds: a row a document, a row a thing that could not be read."""

    rows: list[Row] = field(default_factory=list)
    refusals: list[Row] = field(default_factory=list)


class Unread(Exception):
    """A whole file, or a cell, that cannot be read: a code of `REASONS` and a sentence that says what to do."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


Reader = Callable[[bytes, Study], Found]


def document(
    form: str, encoding: str, text: str, place: str | None = None, name: str | None = None, **known: str
) -> Row:
    """Make the row of one document; `name` is its own id or its number in the file, None for a whole file."""
    row: Row = {"place": place, "name": name, "format": form, "encoding": encoding, "text": text}
    flat = {key: re.sub(r"\s*[^\S \u3000]\s*", " ", known.get(key, "")) for key in _KNOWN}
    lines = {key: UNSEEN.sub("", value).strip() for key, value in flat.items()}
    return row | lines | {"abstract": known.get("abstract", "")}


def refusal(reason: str, detail: str, place: str | None = None) -> Row:
    """Make the row of one thing that could not be read: a code of `REASONS` and a sentence that says what to do."""
    if reason not in REASONS:
        raise ValueError(f"{reason!r} is not one of the reasons: {', '.join(REASONS)}")
    return {"place": place, "reason": reason, "detail": detail}


def same_breaks(text: str) -> str:
    r"""Turn `\r\n` and `\r` into `\n`, and nothing else, so that lines keep the numbers an editor shows."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def remark(*parts: str) -> str:
    """Join what is to be said about a document."""
    return "; ".join(filter(None, parts))


def damage(text: str) -> str:
    """Say where a text holds U+FFFD, the mark of a character that was lost before the file came here."""
    if (count := text.count("\ufffd")) == 0:
        return ""
    line = text.count("\n", 0, text.index("\ufffd")) + 1
    return singular(f"{count} damaged characters (U+FFFD), the first in line {line}")


def properties(title: str | None, author: str | None) -> dict[str, str]:
    """Return title and author as a file's properties say them; nothing where a program or a computer put its own name there."""
    title, author = ((written or "").replace("\x00", "").strip() for written in (title, author))
    said = re.search(r"[\u4e00-\u9fff]{2}|[A-Za-z]{3,} [A-Za-z]", title) and not _NO_TITLE.search(title)
    person = re.search(r"[\u4e00-\u9fff]{2}|[A-Z][A-Za-z.'-]* +[A-Z]", author) and not _NOBODY.match(author)
    known = (("title", title, said), ("author", author, person))
    return {name: written if fine and "\ufffd" not in written else "" for name, written, fine in known}
