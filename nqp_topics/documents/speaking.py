"""Turns: who speaks where in interviews, minutes and debates, and where the parts of a file begin, so that what each one says is an article of its own."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pandas as pd

from nqp_topics.documents.cleaning.characters import HAN
from nqp_topics.study.repairs import PIECES

_CLOCK = r"[\[（(]?\d{1,2}[:：]\d\d(?:[:：]\d\d)?(?:[.,]\d+)?[\]）)]?"
# as programs that write down speech call them: 发言人 1, SPEAKER_00; what follows is no clock
_COUNTED = r"(?:发言人|说话人|讲话人|[Ss](?:peaker|PEAKER))[ _]?\d{1,2}(?!\d|[:：]\d\d(?!\d))"
_NAME = rf"{_COUNTED}|[{HAN}·]{{1,20}}[A-Za-z]?\d{{0,4}}|[A-Z][A-Za-z.'-]*\d{{0,4}}(?:[ ][A-Z][A-Za-z.'-]*)*"
# 问：, 受访者A：, 12 [00:01:30] A03：, 陈先生（译文）：, MR CHAN:, and a name beside a clock on a line of their own
_LABEL = re.compile(
    rf"[\s\u3000]*(?:\d{{1,4}}[.、．)）]?[ \t]+|\d{{1,4}}[.、．)）])?(?:{_CLOCK}\s*)?(?:\*\*)?(?P<name>{_NAME})(?:\*\*)?"
    rf"[ ]?(?:[（(][^（）()\n]{{1,20}}[）)])?(?:\*\*)?\s*(?:[:：]|{_CLOCK}\s*(?:[:：]\s*)?$)(?:\*\*)?[ \t]*"
)
# who is somebody else in every document: what one of them says is no word of the others
_ROLE = re.compile(
    r"[问答QA]|[记主]者?|主持人?|主席|(?:被|受)[访试]者?.{0,4}|(?:访谈|采访|访问|提问|调查)[者员人].{0,4}|嘉宾.{0,4}|[男女]\d*"
    rf"|{_COUNTED}"
)

KNOWN = (
    "title",
    "author",
    "outlet",
    "voice",
    "date",
)  # what may be known of a document, the first not of its parts


def speaks(line: str) -> str:
    """Return the name of who begins to speak in a line; empty where it has no label."""
    found = _LABEL.match(line)
    return found["name"] if found else ""


def speakers(texts: Iterable[str]) -> tuple[Counter[str], list[str]]:
    """Return who speaks in these texts, with how many turns, and the labels of lines that are taken for none.

    A label that returns is a speaker; so is one that stands once and is called as others are (周议员, where 陈议员 returns). All else (总之：) is text.
    """
    labels = Counter(name for text in texts for line in text.split("\n") if (name := speaks(line)))
    called = {_called(name) for name, many in labels.items() if many > 1} - {""}
    found = {n: many for n, many in labels.items() if many > 1 or _ROLE.fullmatch(n) or _called(n) in called}
    return Counter(found), [name for name in labels if name not in found]


def _called(name: str) -> str:
    """Return how somebody is called without the name: 议员 of 陈议员, 受访者 of 受访者A, Mr of Mr Chan; empty of a name alone."""
    if not re.match(f"[{HAN}]", name):
        return name.partition(" ")[0] if " " in name else ""
    return re.sub(r"[A-Za-z]?\d*$", "", name)[-2:] if len(name) > 2 else ""


def parts(text: str, begins: str) -> list[tuple[int, int]]:
    """Return the parts of a text as pairs of first and last line: each begins with a line in which the expression is found, the first with the text."""
    lines = text.split("\n")
    starts = [n for n, line in enumerate(lines, 1) if begins and re.search(begins, line)]
    filled = any(line.strip() for line in lines[: starts[0] - 1]) if starts else True
    return [
        (first, after - 1)
        for first, after in pairwise([*([1] if filled else []), *starts, len(lines) + 1])
        if first < after
    ]


def cut(documents: pd.DataFrame, begins: str, by_speaker: bool) -> Iterator[dict[str, Any]]:
    """Yield the articles of documents by the lines that begin one, and by who speaks: what one speaker says in a part is one, what stands before
    the first turn is left out, and a part in which nobody speaks is one article.
    """
    known = speakers(documents["text"])[0] if by_speaker else {}
    for document in documents.itertuples():
        lines, ranges = document.text.split("\n"), parts(document.text, begins)
        for number, (first, last) in enumerate(ranges, 1):
            name = document.id if len(ranges) == 1 else f"{document.id}-{number:02d}"
            one = {key: getattr(document, key, "") or "" for key in KNOWN[len(ranges) > 1 :]}
            one |= {"source": document.id, "start_line": first, "end_line": last}
            heads = [(n, who) for n in range(first, last + 1) if (who := speaks(lines[n - 1])) in known]
            if not heads:
                yield {**one, "id": name, "body": f"{first}:{last}"}
            said: dict[str, list[str]] = {}
            for (start, who), (after, _) in pairwise([*heads, (last + 1, "")]):
                said.setdefault(who, []).append(f"{start}:{after - 1}")
            for who, turns in said.items():
                author = f"{who}（{name}）" if _ROLE.fullmatch(who) else who
                for at in range(0, len(turns), PIECES):
                    own = f"{name}-{who}" + (f"-{at // PIECES + 1}" if at else "")
                    of = {"title": own, "author": author, "body": ";".join(turns[at : at + PIECES])}
                    yield {**one, **of, "id": own}


def without_labels(text: str, pieces: Iterable[tuple[int, int]], author: str, article: str) -> str:
    """Take the label off turns: the pieces of one article that all begin with that of its author or its id, of a single one that of its author. Lines stay."""
    lines, starts = text.split("\n"), [first - 1 for first, _ in pieces]
    names = {speaks(lines[start]) for start in starts}
    name = names.pop()
    own = author.partition("（")[0] == name or (len(starts) > 1 and f"-{name}" in article)
    if names or not name or not own:
        return text
    for start in starts:
        lines[start] = _LABEL.sub("", lines[start], count=1)
    return "\n".join(lines)
