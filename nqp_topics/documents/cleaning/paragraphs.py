"""Paragraphs: printed lines become paragraphs again. Text in, text out; one line of the result is one paragraph."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from nqp_topics.documents.cleaning.characters import HAN, width
from nqp_topics.documents.cleaning.furniture import ends_sentence

_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十百]+[章节部分编]|\d{1,2}(?:\.\d{1,2}){0,3}[\s.．、](?!\d))"
)
_OPENS = re.compile(r"^(?:　　|#|\*\*|[-*+]\s|[▶►●■◆▲▪•]|>\s)")
_INSIDE = re.compile(r"[，,、；;：:。！？!?]")
_NEVER_FIRST = re.compile(r"[》〉」』）)、。，；：！？”’…%％]|[《〈「『（(]$")
_NEVER_LAST = re.compile(r"[《〈「『（(、“‘]$")
END = "\u2029"  # stands behind the last line of a paragraph
LONG = 60  # a printed line of Chinese is rarely wider: text with longer lines has one paragraph a line


@dataclass(frozen=True)
class Layout:
    """How one document prints its paragraphs, learnt from the whole of it even where only a part is joined."""

    ends_in_space: bool  # the extraction left a space behind the last line of a paragraph
    speakers: frozenset[str]  # who speaks in an interview: names that open paragraphs with a colon
    indents: bool = False  # paragraphs open with two wide spaces: a line without them goes on


def layout(text: str) -> Layout:
    """Learn a document's habits: does a trailing space close its paragraphs, and who are its speakers?"""
    lines = [line for line in text.split("\n") if line.strip()]
    spaced = [line for line in lines if line.endswith(" ") and not line.endswith("  ")]
    closing = sum(ends_sentence(line) or width(line) < 22 for line in spaced)
    share = len(spaced) / max(len(lines), 1)
    opening = re.findall(rf"^[^\S\n]*(?:\*\*)?([{HAN}·]{{1,6}})(?:\*\*)?[：:]", text, re.M)
    known = ("记者", "本报记者", "主持人", "问", "答")
    speakers = {name for name, times in Counter(opening).items() if times >= 2 or name in known}
    return Layout(0.02 < share < 0.6 and closing > 0.8 * len(spaced), frozenset(speakers), _indents(lines))


def _indents(lines: list[str]) -> bool:
    """Tell whether what follows a clear end of a paragraph (a short last line) is mostly indented."""
    short = 0.8 * max(map(width, lines), default=0)
    after = [b for a, b in pairwise(lines) if ends_sentence(a) and width(a) < short]
    opened = sum(line.lstrip("\f").startswith("　　") for line in after)
    return opened >= 3 and opened >= 0.5 * len(after)


def undouble(text: str) -> str:
    """Write a headline or a name once that the page prints over itself: whole (李晓华李晓华), or each character (新新质质).

    Words may be doubled so too (平平安安快快乐乐): such a line is known by its odd pairs, its length, or as it stands elsewhere.
    """
    lines = text.split("\n")
    runs = cache(lambda long: {text[at : at + long] for at in range(len(text))})
    for number, line in enumerate(lines):
        body = line.strip()
        half = len(body) // 2
        twice = len(body) >= 6 and len(body) % 2 == 0 and body[:half] == body[half:]
        if twice and not _INSIDE.search(body) and len(set(re.sub(rf"[^{HAN}]", "", body))) > 2:
            lines[number] = line.replace(body, body[:half])
        elif body[::2] == body[1::2] and len(re.findall(f"[{HAN}]", body)) >= 8:
            odd = half % 2 or half >= 8 or body[::2] in runs(half)
            lines[number] = line.replace(body, body[::2]) if odd else line
    return "\n".join(lines)


def mark_paragraphs(text: str, habits: Layout) -> str:
    """Mark the printed lines with which paragraphs end. Keeps the number of lines.

    Where a paragraph ends is seen from the page: an indent, a heading, a line that stops short, the two characters by which a first
    line is narrower; a page or column that breaks off in mid-sentence goes on in the next. What is decided on the whole document
    holds for every part of it.
    """
    lines, rows, start = text.split("\n"), _rows(text), 0
    for index, row in enumerate(rows):
        if index + 1 == len(rows) or _breaks(rows, index, start, habits):
            lines[row.line] += END
            start = index + 1
    return "\n".join(lines)


def mark_lines(text: str) -> str:
    """Mark every line as a paragraph: a Word file or a web page says itself where they end."""
    return "\n".join(line + END if line.strip() else line for line in text.split("\n"))


def join_lines(text: str) -> str:
    """Join printed lines into paragraphs: nothing between Chinese characters, a space between Latin words."""
    parts = [[line.strip() for line in paragraph.split("\n")] for paragraph in text.split(END)]
    return "\n".join(filter(None, (_glue(filter(None, lines)) for lines in parts)))


@dataclass(frozen=True)
class _Row:
    line: int  # its place in the text
    raw: str
    text: str
    gap: int  # blank lines before it
    width: float
    column: float = 0  # how wide a full line is here


def _rows(text: str) -> list[_Row]:
    rows: list[_Row] = []
    gap = 0
    for number, line in enumerate(text.split("\n")):
        if line.strip():
            rows.append(_Row(number, line, line.strip(), gap, width(line)))
            gap = 0
        else:
            gap += 1
    widths = [row.width for row in rows]
    return [replace(row, column=_column(widths, index)) for index, row in enumerate(rows)]


def _column(widths: list[float], index: int) -> float:
    """Return the width of a full line around here: the smaller of what the lines before and those after show."""
    sides = [sorted(widths[max(index - 8, 0) : index + 1]), sorted(widths[index : index + 9])]
    full = [side[-3] for side in sides if len(side) >= 6] or [side[-3] for side in sides if len(side) >= 3]
    return min(full) if full else max(widths[max(index - 2, 0) : index + 3])


def _breaks(rows: list[_Row], index: int, start: int, habits: Layout) -> bool:
    row, after = rows[index], rows[index + 1]
    if _NEVER_FIRST.match(after.text) or _NEVER_LAST.search(row.text):
        return False
    finished = ends_sentence(row.text)
    if finished and (turn := re.match(rf"([{HAN}·]{{1,6}})[：:]", after.text)) and turn[1] in habits.speakers:
        return True
    bold = re.fullmatch(r"\*\*[^*]+\*\*", row.text) and not finished
    if _OPENS.match(after.raw.lstrip("\f")) or row.text.startswith("#") or bold:
        return not (after.raw.startswith("　　") and not finished and _INSIDE.search(row.text[-1:]))
    if after.text.startswith("——") and re.search(r"\d{4}", after.text) and finished:
        return True
    if row.text.startswith(("——", "（")) and start == index and finished and row.width < row.column - 1.5:
        return True
    if row.width > LONG or row.column > LONG:
        return _breaks_long(rows, index, start, finished)
    if start == index and not _INSIDE.search(row.text + after.text) and after.width < 0.4 * after.column:
        return True  # a title, and a name under it
    if finished and start < index and row.width < min(rows[index - 1].width - 4, 0.8 * rows[index - 1].width):
        return True
    indent = 2 if row.raw.lstrip("\f").startswith("　　") or (start == index and finished) else 0
    full = row.column - 2.5 <= row.width + indent < row.column + 4
    if habits.ends_in_space:
        return _breaks_spaced(rows, index, start, finished, full)
    if not full:
        set_apart = habits.indents and after.gap > 0 and row.width < 0.75 * row.column
        return finished or set_apart or _is_heading(rows, index, start)
    spread = row.gap > 0 or (index + 2 < len(rows) and rows[index + 2].gap > 0)
    if not finished and re.match("[▶►●■◆▲▪•]", rows[start].text) and after.gap > 0 and not spread:
        return True  # the last of a list
    if not finished or habits.indents:
        return False
    indented = after.column - 4 <= after.width <= after.column - 1.5
    third = rows[index + 2] if index + 2 < len(rows) else None
    goes_on = third and (
        third.width >= after.column - 1.5 or third.width > after.width or ends_sentence(third.text)
    )
    return bool(indented and goes_on) or (after.gap > 0 and not spread)


def _is_heading(rows: list[_Row], index: int, start: int) -> bool:
    """Tell a short line without an end from one that the column cut: a heading has no marks and what follows begins anew."""
    row, after = rows[index], rows[index + 1]
    if re.search(r"[，,、（“《]$", row.text) or index - start > 8:
        return False
    if any(_INSIDE.search(r.text) for r in rows[start : index + 1]):
        return False
    wide = row.width >= row.column + 4  # runs over the columns
    return row.width < 0.75 * row.column or wide or after.width <= after.column - 1.5


def _breaks_long(rows: list[_Row], index: int, start: int, finished: bool) -> bool:
    """One paragraph a line: a line that breaks off in mid-sentence goes on behind the page break."""
    row, after = rows[index], rows[index + 1]
    if finished or re.search(r"[：:]$", row.text):
        number = re.match(r"[（(](\d{1,2})[）)]", after.text)
        if not number or not row.text.endswith(("；", ";")):
            return True
        so_far = "".join(r.text for r in rows[start : index + 1])
        return not re.search(rf".[（(]{int(number[1]) - 1}[）)]", so_far)
    heading = row.width < 40 and not re.search(r"[，,、。；;]", row.text)
    return heading or bool(_NUMBERED.match(after.text)) or bool(_NUMBERED.match(row.text) and row.width < 40)


def _breaks_spaced(rows: list[_Row], index: int, start: int, finished: bool, full: bool) -> bool:
    """The extraction marks a paragraph's last line with a space; a space in mid-sentence is only a space."""
    row = rows[index]
    if not row.raw.endswith(" "):
        return not full and finished and row.width < row.column - 6
    if row.text.endswith("……"):
        so_far = "".join(r.text for r in rows[start : index + 1])
        if so_far.count("“") > so_far.count("”"):
            return False
    if finished or re.search(r"[：:]$", row.text):
        return True
    if index - start > 1 or any(re.search("[。！？；]", r.text) for r in rows[start : index + 1]):
        return False  # the middle of a paragraph: what breaks off here is no heading
    return not re.search(r"[，,、\d]$", row.text) and (not full or bool(_NUMBERED.match(rows[start].text)))


def _glue(lines: Iterable[str]) -> str:
    joined = ""
    for line in lines:
        latin = re.search(r"[A-Za-z]{2,}[,.;:]?$", joined[-3:]) and re.match(r"[A-Za-z]", line)
        joined += f" {line}" if latin else line
    return joined


def split_turns(text: str, habits: Layout) -> str:
    """Begin a paragraph where one begins inside a line: an interview's next speaker (`…有哪些？ 魏际刚：…`), two spaces behind a sentence."""
    text = re.sub(rf"(?<=[。？！”])  +(?=[{HAN}“（])|(?<=[？?]) +(?=[{HAN}·]{{2,4}}[：:])", "\n", text)
    if not habits.speakers:
        return text
    names = "|".join(re.escape(name) for name in sorted(habits.speakers, key=len, reverse=True))
    return re.sub(rf"(?<=[。？！?!”]) +(?=(?:{names})[：:])", "\n", text)
