"""The dirt of the sample study: each function spoils clean Chinese text in one way that real documents are spoilt.

Text in, text out; nothing here is random, so that the same documents are written every time.
"""

from __future__ import annotations

import re

HAN = "\u4e00-\u9fff"
NOT_FIRST = "，。、；：？！）》”’%％…"  # a printed line does not begin with these
COMPATIBILITY = {
    "更": "\uf901",
    "路": "\uf937",
    "年": "\uf98e",
    "理": "\uf9e4",
    "行": "\ufa08",
    "度": "\ufa01",
}


def width(text: str) -> int:
    """Return the printed width in half characters."""
    return sum(2 if ord(char) > 0x2000 else 1 for char in text)


def wrap(paragraph: str, wide: int = 34, first: int = 2) -> list[str]:
    """Break a paragraph into printed lines of `wide` characters, the first one `first` characters narrower.

    Numbers and Latin words are not parted, and a space where a line ends is not printed.
    """
    pieces = re.findall(rf"[0-9A-Za-z.—～:%+~-]+[{NOT_FIRST}]*|.[{NOT_FIRST}]*", paragraph)
    lines, line, room = [], "", 2 * (wide - first)
    for piece in pieces:
        if line and width((line + piece).rstrip(NOT_FIRST)) > room:
            lines.append(line.rstrip(" "))
            line, room = "", 2 * wide
        line += piece if line else piece.lstrip(" ")
    return [*lines, line]


def space_numbers(text: str) -> str:
    """Put spaces between Chinese and digits or Latin letters, as many extractions do."""
    text = re.sub(rf"([{HAN}])([0-9A-Za-z])", r"\1 \2", text)
    return re.sub(rf"([0-9A-Za-z%])([{HAN}])", r"\1 \2", text)


def letter_space(text: str, words: list[str]) -> str:
    """Print these words with a space behind each character."""
    for word in words:
        text = text.replace(word, " " + " ".join(word) + " ")
    return text


def full_width(text: str) -> str:
    """Print digits, Latin letters and % as wide as Chinese characters."""
    return re.sub(r"[0-9A-Za-z%]", lambda match: chr(ord(match[0]) + 0xFEE0), text)


def ascii_marks(text: str) -> str:
    """Replace Chinese commas, semicolons, colons and brackets by ASCII ones."""
    return text.translate(str.maketrans("，；：？！（）", ",;:?!()"))


def invisible(text: str) -> str:
    """Put zero-width characters, soft hyphens and byte-order marks between the words."""
    marks = ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad"]
    pieces = re.split(r"(?<=[，。])", text)
    return "".join(piece + marks[n % len(marks)] for n, piece in enumerate(pieces) if piece)


def compatibility(text: str) -> str:
    """Write some characters with their compatibility code points, which look the same and count as other words."""
    return text.translate(str.maketrans(COMPATIBILITY))


def marks(paragraphs: list[str], shapes: list[str]) -> list[str]:
    """Set note marks of these shapes, one behind the last sentence but one of each paragraph."""
    spoilt = []
    for n, paragraph in enumerate(paragraphs):
        head, stop, tail = paragraph[:-1].rpartition("。")
        mark = shapes[n % len(shapes)]
        spoilt.append(
            head + mark + stop + tail + paragraph[-1] if stop else paragraph[:-1] + mark + paragraph[-1]
        )
    return spoilt


def paged(lines: list[str], height: int = 22) -> list[list[str]]:
    """Cut printed lines into pages of `height` lines."""
    return [lines[start : start + height] for start in range(0, len(lines), height)]
