"""Letters: how wide a text stands on the page, and how it is broken or shortened to fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from warnings import catch_warnings, simplefilter

from nqp_topics.draw.page import font_file, paper

LEADING = 1.3  # from line to line, in sizes of the letter


def smallest(page: str) -> float:
    """Return the size in points below which letters are not legible on a page."""
    return max(5.0, 0.62 * paper(page).letters)


def fitting(high: float, page: str) -> float:
    """Return the size in points at which a figure of so many sizes in height fits the page: that of the page, or less, but legible."""
    return min(paper(page).letters, max(smallest(page), paper(page).height / 25.4 * 72 / high))


@cache
def text_width(text: str, size: float) -> float:
    """Return how wide a line of text stands, in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(fname=str(font_file()))
    with catch_warnings():
        simplefilter("ignore")  # a letter that the font lacks is refused when the figure is saved
        wide = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
    return float(wide * size / font.get_size())


def widest(texts: Iterable[str], size: float) -> float:
    """Return how wide the widest of some texts stands, in points; 0 for none."""
    return max((text_width(line, size) for text in texts for line in text.split("\n")), default=0.0)


def shortened(text: str, points: float, size: float) -> str:
    """Return a text, or as much of it as fits into so many points, with … behind it."""
    if text_width(text, size) <= points:
        return text
    for end in range(len(text) - 1, 0, -1):
        if text_width(short := f"{text[:end].rstrip()}…", size) <= points:
            return short
    return "…"


def broken(text: str, points: float, size: float, lines: int = 2) -> str:
    """Return a text in at most so many lines that fit into so many points, of like length; broken at spaces and between Chinese characters."""
    pieces = _pieces(text, points, size, lines)
    for part in (0.5, 0.6, 0.7, 0.8, 0.9):
        closer = _pieces(text, part * points, size, len(pieces))
        if len(closer) == len(pieces) and max(text_width(piece, size) for piece in closer) <= part * points:
            pieces = closer
            break
    return "\n".join([*pieces[:-1], shortened(pieces[-1], points, size)])


def _pieces(text: str, points: float, size: float, lines: int) -> list[str]:
    """Fill lines from the first on; the last holds what is left, however long."""
    pieces: list[str] = []
    rest = text
    while rest and len(pieces) < lines - 1 and text_width(rest, size) > points:
        ends = [
            end
            for end in range(1, len(rest))
            if _may_break(rest, end) and text_width(rest[:end].rstrip(), size) <= points
        ]
        if not ends:
            break
        pieces.append(rest[: ends[-1]].rstrip())
        rest = rest[ends[-1] :].lstrip()
    return [*pieces, rest]


def _may_break(text: str, end: int) -> bool:
    before, behind = text[end - 1], text[end]
    if before == " " or behind == " ":
        return True
    wide = unicodedata.east_asian_width(before) in "WF" and unicodedata.east_asian_width(behind) in "WF"
    return wide and behind not in "，。、；：！？）》”" and before not in "（《“"


def flowed(said: list[str], wide: float, size: float) -> list[list[int]]:
    """Put the entries of a legend into lines as wide as so many points: a list of lines, each of the numbers of its entries."""
    lines: list[list[int]] = []
    at = wide
    for entry, text in enumerate(said):
        need = text_width(text, size) + 3.6 * size
        if at + need > wide * 0.99:
            lines.append([])
            at = 0.0
        lines[-1].append(entry)
        at += need
    return lines
