"""One printed page: characters with their places → lines in reading order.

Characters make pieces (printed without a gap), pieces make columns, columns are read one after another; a piece that spans two
columns ends them, and what lies below begins anew. Only places and sizes decide, never words.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from math import fsum
from statistics import median, median_low
from typing import NamedTuple, TypeVar

INDENT = "　　"
_SAME_LINE = 0.4  # of a letter's height: how far baselines of one line may be apart
_SPLIT = 0.7  # of a letter's width: a gap from here on may be the one between columns
_GAP = 1.6  # of the usual distance of lines: from here on it is an empty line
_OTHER_TYPE = 1.15  # letters larger by this much are another type: a title, a note at the foot of a column
_DEEPEST = 6  # columns inside columns


class Char(NamedTuple):
    """One character on the page, in points; `gap_after` where a space is seen behind it that the file does not hold."""

    text: str
    left: float
    right: float
    base: float
    size: float
    tilted: bool = False
    gap_after: bool = False


@dataclass
class Piece:
    """Characters of one line printed without a column's gap between them."""

    chars: list[Char]
    size: float
    base: float
    spread: bool = False  # letters set wide apart
    left: float = field(init=False)
    right: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.chars[0].left
        self.right = max(char.right for char in self.chars)


Block = list[Piece]
Placed = TypeVar("Placed", Char, Piece)


def lay_out(chars: list[Char]) -> list[str]:
    """Return the lines of a page in reading order.

    A line that begins about two letters inside its column begins with two ideographic spaces; an empty line stands
    where the distance is clearly larger than usual or the type changes. Letters turned on the page (a mark across it) come last.
    """
    upright = [char for char in chars if not char.tilted]
    pieces = [piece for row in _baselines(upright) for piece in _pieces(row)]
    lines = _lines(pieces) if pieces else []
    for tilted, run in groupby(chars, key=lambda char: char.tilted):
        if tilted and (text := "".join(char.text for char in run).strip()):
            lines.append(text)
    return lines


def _levels(items: Iterable[Placed], slack: float) -> list[list[Placed]]:
    """Gather what stands on one line, from the top, each row from the left; `slack` is in heights of a letter."""
    fallen = sorted(items, key=lambda item: -item.base)
    rows = _gathered(fallen, lambda row, one: row[0].base - one.base <= slack * min(one.size, row[0].size))
    return [sorted(row, key=lambda item: item.left) for row in rows]


def _gathered(items: Iterable[Placed], goes: Callable[[list[Placed], Placed], bool]) -> list[list[Placed]]:
    """Put what comes one after another into groups: each begins with what does not go to the group before."""
    groups: list[list[Placed]] = []
    for item in items:
        if groups and goes(groups[-1], item):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _baselines(chars: list[Char]) -> list[list[Char]]:
    """Gather the characters of each baseline, from the top; raised note marks go with the line they belong to."""
    rows = _levels(chars, 0.25)
    for number, row in enumerate(rows):
        near = [
            other
            for other in rows[max(number - 3, 0) : number + 4]
            if other is not row and other and row and abs(other[0].base - row[0].base) < other[0].size
        ]
        for mark in _runs(row) if near else ():
            host = next((other for other in near if _raised(mark, other)), None)
            if host is not None:
                host += mark
                host.sort(key=lambda char: char.left)
                taken = set(map(id, mark))
                row[:] = [char for char in row if id(char) not in taken]
    return [row for row in rows if any(not char.text.isspace() for char in row)]


def _runs(row: list[Char]) -> list[list[Char]]:
    return _gathered(row, lambda run, char: char.left - run[-1].right < 0.5 * char.size)


def _raised(mark: list[Char], line: list[Char]) -> bool:
    """Tell whether a run of smaller characters stands at a character of this line, raised or lowered."""
    size = max(char.size for char in mark)
    for char in line:
        rise = mark[0].base - char.base
        if size <= 0.8 * char.size and -0.4 * char.size <= rise <= 0.75 * char.size:
            reach = 0.5 * char.size
            if abs(mark[0].left - char.right) <= reach or abs(mark[-1].right - char.left) <= reach:
                return True
    return False


def _pieces(row: list[Char]) -> list[Piece]:
    """Cut one baseline where a gap may be that between columns; words set wide apart stay together."""
    groups: list[list[Char]] = []
    spaces: list[Char] = []
    for char in row:
        if char.text.isspace():
            spaces.append(char)
            continue
        if groups and _together(groups[-1][-1], spaces, char):
            groups[-1] += [*spaces, char]
        else:
            groups.append([char])
        spaces = []
    largest = [max(group, key=lambda char: char.size) for group in groups]
    return _spread([Piece(group, big.size, big.base) for group, big in zip(groups, largest, strict=True)])


def _together(last: Char, spaces: list[Char], char: Char) -> bool:
    """Tell whether a character goes on what stands before it: near by, or behind spaces that fill most of the gap."""
    gap, printed = char.left - last.right, fsum(space.right - space.left for space in spaces)
    return gap <= _SPLIT * max(last.size, char.size) or (printed >= 0.8 * gap and gap <= 2.5 * char.size)


def _spread(pieces: list[Piece]) -> list[Piece]:
    """Put single Chinese characters at even distances together again: a heading set wide."""
    result: list[Piece] = []
    run: list[Piece] = []

    def close() -> None:
        gaps = [after.left - before.right for before, after in pairwise(run)]
        even = gaps and max(gaps) <= 1.6 * min(gaps) + 1
        if even and (len(run) > 2 or gaps[0] <= 3 * run[0].size):
            chars = [char for piece in run for char in piece.chars]
            result.append(Piece(chars, run[0].size, run[0].base, spread=True))
        else:
            result.extend(run)
        run.clear()

    for piece in pieces:
        single = len(piece.chars) == 1 and piece.chars[0].text > "\u2e80"
        if not single or (run and piece.left - run[-1].right > 4 * piece.size):
            close()
        run.append(piece)
        if not single:
            close()
    close()
    return result


# ——— columns ———


def _lines(pieces: list[Piece]) -> list[str]:
    pitch = _pitch(pieces)
    rows = _levels(pieces, _SAME_LINE)
    above, below = _set_apart(rows, pitch), _set_apart(rows[::-1], pitch)
    body = [piece for row in rows[above : len(rows) - below] for piece in row]
    if above + below >= len(rows):
        above, below, body = 0, 0, pieces
    blocks: list[Block] = [*rows[:above], *_columns(body), *rows[len(rows) - below :]]
    return _written(blocks, pitch)


def _pitch(pieces: list[Piece]) -> float:
    """Return the usual distance of a line to the next below it in the same column."""
    ordered = sorted(pieces, key=lambda piece: -piece.base)
    steps = []
    for number, piece in enumerate(ordered):
        for other in ordered[number + 1 : number + 12]:
            overlap = min(piece.right, other.right) - max(piece.left, other.left)
            if overlap > 0 and piece.base - other.base > _SAME_LINE * piece.size:
                steps.append(piece.base - other.base)
                break
    return median(steps) if steps else max(piece.size for piece in pieces) * 1.5


def _set_apart(rows: list[Block], pitch: float) -> int:
    """Count the rows (two at most) at this end of the page that a gap parts from the rest: running heads, page numbers."""
    for count in (1, 2):
        if len(rows) > count and abs(rows[count - 1][0].base - rows[count][0].base) > _GAP * pitch:
            return count
    return 0


def _columns(pieces: list[Piece], depth: int = 0) -> list[Block]:
    """Cut what lies below and beside each other into blocks in reading order: left column, then right, band after band."""
    cut = _gutter(pieces) if depth < _DEEPEST else None
    if cut is None:
        return [pieces] if pieces else []
    slack = 0.3 * median(piece.size for piece in pieces)

    def spans(row: Block) -> bool:
        return any(piece.left < cut - slack and piece.right > cut + slack for piece in row)

    blocks: list[Block] = []
    for spanning, band in groupby(_levels(pieces, _SAME_LINE), key=spans):
        inside = [piece for row in band for piece in row]
        if spanning:
            blocks.append(inside)
            continue
        middle = [(piece.left + piece.right) / 2 < cut for piece in inside]
        for side in (True, False):
            part = [piece for piece, left in zip(inside, middle, strict=True) if left is side]
            blocks += _columns(part, depth + 1)
    return blocks


def _gutter(pieces: list[Piece]) -> float | None:
    """Find where two columns part: at least three full lines end left of it, and three begin right of it."""
    if len(pieces) < 6:
        return None
    em = median(piece.size for piece in pieces)
    slack = 0.3 * em
    best: tuple[int, int, float] | None = None
    for start in sorted({round(piece.left) for piece in pieces}):
        left = [piece for piece in pieces if piece.right <= start + slack]
        right = [piece for piece in pieces if piece.left >= start - slack - 1]
        if min(len(left), len(right)) < 3:
            continue
        edge = max(piece.right for piece in left)
        begin = min(piece.left for piece in right)
        if begin - edge < 0.5 * em:
            continue
        ending = [p for p in left if p.right > edge - 1.2 * em and p.right - p.left >= 6 * em]
        starting = [p for p in right if p.left < begin + 2.6 * em and p.right - p.left >= 6 * em]
        if min(len(ending), len(starting)) < 3 or not _beside(ending, starting):
            continue
        spanning = len(pieces) - len(left) - len(right)
        found = (min(len(left), len(right)), -spanning, (edge + begin) / 2)
        best = max(best, found) if best else found
    return best[2] if best else None


def _beside(left: Block, right: Block) -> bool:
    """Tell whether two columns stand beside each other and not one below the other."""
    top = min(max(piece.base for piece in left), max(piece.base for piece in right))
    bottom = max(min(piece.base for piece in left), min(piece.base for piece in right))
    return top - bottom > max(left[0].size, right[0].size)


# ——— lines ———


def _written(blocks: list[Block], pitch: float) -> list[str]:
    """Write the rows of all blocks, with indents and empty lines."""
    rows_of = [_levels(block, _SAME_LINE) for block in blocks]
    edges = [_edge(rows) for rows in rows_of]
    known = [edge for edge, rows in zip(edges, rows_of, strict=True) if len(rows) >= 3]
    lines: list[str] = []
    before: Piece | None = None
    for rows, own in zip(rows_of, edges, strict=True):
        em = rows[0][0].size
        near = [edge for edge in known if -0.5 * em <= own - edge <= 3 * em]
        edge = own if len(rows) >= 3 or not near else min(near, key=lambda edge: abs(own - edge - 2 * em))
        for row in rows:
            first = row[0]
            if before is not None:
                step = before.base - first.base
                small, large = sorted((before.size, first.size))
                if step > max(_GAP * pitch, 1.5 * large) or large > _OTHER_TYPE * small:
                    lines.append("")
            inside = (first.left - edge) / first.size
            printed = " ".join("".join(_letters(piece)) for piece in row).strip()
            lines.append((INDENT if 1.5 <= inside <= 2.8 else "") + printed)
            before = first
    return lines


def _edge(rows: list[Block]) -> float:
    """Return the left edge of a column: the leftmost place where at least two lines begin."""
    starts = sorted(row[0].left for row in rows)
    half = 0.5 * rows[0][0].size
    return next((one for one, other in pairwise(starts) if other - one <= half), starts[0])


def _letters(piece: Piece) -> Iterator[str]:
    """Yield the characters of a piece; a space that is only seen counts between Latin words.

    Between Chinese characters it does where it is clearly wider than the others of a line that is no sentence: names side by side.
    """
    gaps = [after.left - char.right for char, after in pairwise(piece.chars)]
    usual = median_low(gaps) if gaps else 0.0
    sentence = any(char.text in "，。；：！？" for char in piece.chars)
    for (char, after), gap in zip(pairwise(piece.chars), gaps, strict=True):
        yield char.text
        latin = char.text < "\u2e80" and after.text < "\u2e80"
        both = char.text > "\u2e80" < after.text and not sentence
        clear = both and gap > max(2 * usual, usual + 0.15 * char.size)
        if char.gap_after and not piece.spread and (latin or clear):
            yield "" if after.text.isspace() or char.text.isspace() else " "
    yield piece.chars[-1].text
