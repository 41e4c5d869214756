"""Letters: how wide a text stands on the page, and how it is broken or shortened to fit."""

import re
import unicodedata
from bisect import bisect
from collections.abc import Iterable
from functools import cache
from itertools import combinations, pairwise
from math import fsum
from typing import NamedTuple
from warnings import catch_warnings, simplefilter

from nqp_topics.figures.styles import LEAST, paper
from nqp_topics.files import font_file

LEADING = 1.3  # from line to line, in sizes of the letter
BREAKS = " 与的、和及或，；：·/–-"  # a line may end behind these
ENDINGS = "化性力义者率型论学家"  # characters that mostly end a Chinese word of any length
BAD = 2.0  # what a break inside a word costs
PIECES = re.compile(r"[\u3400-\u9fff]|[^\u3400-\u9fff]+")  # a Chinese character moves no neighbour


def smallest(page: str) -> float:
    """Return the size in points below which letters are not legible on a page."""
    return max(LEAST, 0.5 * paper(page).letters)


def fitting(high: float, page: str) -> float:
    """Return the size in points at which a figure of so many sizes in height fits the page: that of the page, or less, but legible."""
    return min(paper(page).letters, max(smallest(page), paper(page).high / high))


class Grid(NamedTuple):
    """How panels stand: how many beside each other and in all, and the size of their letters."""

    across: int
    shown: int
    size: float


def grid(
    panels: int, panel: tuple[float, float], usual: int, page: str, left: float = 0.0, around: float = 0.0
) -> Grid:
    """Find the largest letters with which so many panels fit the page; with the smallest, as many panels as fit.

    All lengths are in em: 1 em is the size of the letters, whatever that comes to be (a line of 20 Chinese characters is 20 em wide and 1.3 em high;
    `widest(texts, 1)` is the width of texts in em). A `panel` is so wide and so high, all that belongs to it included; so much stands at the `left` of
    all panels, and `around` them (above and below together). `usual` many stand beside each other, more where the page would not hold all.
    """
    (wide, high), size = panel, paper(page).letters
    while True:
        most = max(1, int((paper(page).wide / size - left) / wide))
        down = max(1, int((paper(page).high / size - around) / high))
        across = min(usual, most)
        if across * down < panels:
            across = min(most, -(-panels // down))
        if across * down >= panels or size <= smallest(page):
            return Grid(min(across, panels), min(across * down, panels), size)
        size = max(size - 0.25, smallest(page))


def text_width(text: str, size: float) -> float:
    """Return how wide a line of text stands, in points."""
    return fsum(_of_a_hundred(piece) for piece in PIECES.findall(text)) * size / 100


@cache
def _of_a_hundred(piece: str) -> float:
    """Return how wide a piece stands in letters of a hundred points, in whole 64ths: sums of them are exact."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(fname=str(font_file()), size=text_to_path.FONT_SCALE)
    with catch_warnings():
        simplefilter("ignore")  # a letter that the font lacks is refused when the figure is saved
        return float(text_to_path.get_text_width_height_descent(piece, font, ismath=False)[0])


def widest(texts: Iterable[str], size: float) -> float:
    """Return how wide the widest of some texts stands, in points; 0 for none."""
    return max((text_width(line, size) for text in texts for line in text.split("\n")), default=0.0)


def shortened(text: str, points: float, size: float) -> str:
    """Return a text, or as much of it as fits into so many points, with … behind it."""
    if text_width(text, size) <= points:
        return text
    ends = range(1, len(text))
    fit = bisect(ends, points, key=lambda end: text_width(f"{text[:end].rstrip()}…", size))
    return f"{text[:fit].rstrip()}…"


def broken(text: str, points: float, size: float, lines: int = 2) -> str:
    """Return a text in at most so many lines that fit into so many points, in as few as can be, of like length.

    It is broken at spaces; between Chinese characters behind 与, 的, 、 and their like first, else where a word is likely to end. One line more is
    taken where a word would have to be broken otherwise. A text that does not fit is shortened in its last line.
    """
    best: tuple[float, list[str]] | None = None
    for number in range(1, lines + 1):
        found = _split(text, points, size, number)
        if found and (best is None or found[0] < best[0]):
            best = found
        if best and best[0] < BAD:
            break
    pieces = best[1] if best else filled(text, points, size, lines)
    return "\n".join([*pieces[:-1], shortened(pieces[-1], points, size)])


def _split(text: str, points: float, size: float, lines: int) -> tuple[float, list[str]] | None:
    """Return the best way to break a text into so many lines that fit, with its cost: that of its breaks, and how unlike the lines are."""
    best: tuple[float, list[str]] | None = None
    for ends in combinations([end for end in range(1, len(text)) if _may_break(text, end)], lines - 1):
        edges = [0, *ends, len(text)]
        pieces = [text[low:high].strip() for low, high in pairwise(edges)]
        if not all(piece and text_width(piece, size) <= points for piece in pieces):
            continue
        widths = [text_width(piece, size) for piece in pieces]
        cost = fsum(_cost(text, end) for end in ends) + max(widths) * lines / fsum(widths) - 1
        cost += 0.5 * (min(widths) < 0.35 * max(widths))  # a name such as T01 alone in its line
        if best is None or cost < best[0] - 1e-9:
            best = cost, pieces
    return best


def filled(text: str, points: float, size: float, lines: int) -> list[str]:
    """Fill lines from the first on, as many as are needed; the last of all holds what is left, however long."""
    pieces: list[str] = []
    rest = text
    while len(pieces) < lines - 1 and text_width(rest, size) > points:
        may = (end for end in range(1, len(rest)) if _may_break(rest, end))
        ends = [end for end in may if text_width(rest[:end].rstrip(), size) <= points]
        if not ends:
            break
        good = [end for end in ends if _cost(rest, end) < BAD and end > ends[-1] / 2]
        end = (good or ends)[-1]
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*pieces, rest]


def _may_break(text: str, end: int) -> bool:
    before, behind = text[end - 1], text[end]
    if before == " " or behind == " ":
        return before == " "
    wide = [unicodedata.east_asian_width(one) in "WF" for one in (before, behind)]
    return before == "·" or (all(wide) and behind not in "，。、；：！？）》”" and before not in "（《“")


def _cost(text: str, end: int) -> float:
    """Return how much a break between two characters disturbs a reader: nothing at a space, most inside what looks like a word."""
    before, behind = text[end - 1], text[end]
    if before in BREAKS:
        return 0.0
    if behind in ENDINGS or behind in BREAKS:
        return BAD
    if before in ENDINGS:
        return 0.4
    start = end  # most words have two characters, counted from the last place where one certainly began
    while start and text[start - 1] not in BREAKS + ENDINGS and not text[start - 1].isascii():
        start -= 1
    stop = end
    while stop < len(text) and text[stop] not in BREAKS and not text[stop].isascii():
        stop += 1
    return 0.6 if (end - start) % 2 == 0 and stop - end > 1 else BAD
