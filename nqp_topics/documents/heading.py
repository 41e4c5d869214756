"""Heading: the title of a text file, where its first line is one."""

import re
from collections.abc import Sequence

from nqp_topics.documents.cleaning.furniture import ends_sentence

LONGEST, APART = 40, 60  # characters of a heading; of one that stands apart from the text below it
SHORTEST = 12  # of a line that is broken where the page ends
_SAID = re.compile(r"^(?:标题|题目|题名|篇名)\s*[:：]\s*")
_GLUED = re.compile(
    r"([^。；：，\t\u3000]{2,40})(?:\u3000{2,}|\t+| {3,})(?=[^\s\u3000]{15})"
)  # where a line end was lost
_OPEN = re.compile(r"[。；：，、]$")


def heading(lines: Sequence[str]) -> tuple[str, int]:
    """Return the heading with which an article begins, and how many of its lines are above the text: none where both share a line.

    A heading is short and has no end of a sentence, or that of a question where it stands apart (a blank line, or only the text is indented); of a text
    whose lines are all broken at one width the first is none.
    """
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if not filled:
        return "", 0
    first = lines[filled[0]].strip().lstrip("# ")
    if glued := _GLUED.match(first):
        return glued[1].strip(), 0
    if len(filled) < 2 or _OPEN.search(first):
        return "", 0
    above, below = lines[filled[0]], lines[filled[1]]
    apart = filled[1] > filled[0] + 1 or bool(re.match(r"[ \t\u3000]{2}|\u3000", below) and above[:1].strip())
    asks = bool(re.search(r"[？！?!…]$", first))
    size = len(below.strip())
    broken = size >= SHORTEST and len(first) >= (1.0 if ends_sentence(below) else 0.8) * size
    if _SAID.match(first) or (
        len(first) <= (APART if apart else LONGEST) and (apart or not (asks or broken))
    ):
        return _SAID.sub("", first), filled[0] + 1
    return "", 0
