"""Anchoring: words that a person gives to topics before anything is fitted, each topic with its name.

anchors.toml has a line a topic: `"绿色" = ["低碳", "减排"]`. These words weigh more in that topic from the first sweep to the last (`engines.held`);
the topics are the first of the run, in the order of the file, and bear their names until a person gives others.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from nqp_topics.checks import Problem, file_here, listed, refuse_if, said
from nqp_topics.counts import Counts
from nqp_topics.files.settings import read_settings

Anchors: TypeAlias = Mapping[str, Sequence[str]] | Sequence[Any] | str | Path | None
Pairs: TypeAlias = list[list[Any]]  # a topic's name and its words

LINE = '"绿色" = ["低碳", "减排"]'
# a Chinese name without its quotes
_BARE = re.compile(r"(?m)^([ \t]*)([^\s\"'#=\[\]]*[^\x00-\x7f][^\s\"'#=]*)(?=[ \t]*=)")


def pairs(anchors: Anchors) -> Pairs:
    """Return the names of anchored topics and their words, of a table or of the file that holds it; none where there is nothing.

    Refused, all together: what is no list of words under a name, a name or a word that is empty, a word in two topics.
    """
    where = "train(anchors)"
    if isinstance(anchors, str | Path):
        where, anchors = str(anchors), _read(anchors)
    rows: list[Any] = list(anchors.items()) if isinstance(anchors, Mapping) else list(anchors or ())
    refuse_if(_problems(rows, where))
    return [[name.strip(), list(dict.fromkeys(word.strip() for word in words))] for name, words in rows]


def _read(file: str | Path) -> dict[str, Any]:
    allowed, todo = f"a line a topic: {LINE}", "write the names and words of topics into it"
    refuse_if(file_here(file, allowed, todo))
    return read_settings(file, allowed, lambda text: _BARE.sub(r'\1"\2"', text))


def _problems(rows: list[Any], where: str) -> Iterator[Problem]:
    allowed, todo = f"a name and a list of words, such as {LINE}", "correct the line"
    taken: dict[str, str] = {}
    for row in rows:
        name, words = row if isinstance(row, list | tuple) and len(row) == 2 else (row, None)
        some = words if isinstance(words, list | tuple) else ()
        fine = isinstance(name, str) and name.strip() and some
        if not fine or not all(isinstance(word, str) and word.strip() for word in some):
            yield Problem(f"{where} {said(name)}", said(words), allowed, todo)
            continue
        for word in dict.fromkeys(word.strip() for word in some):
            if (other := taken.setdefault(word, name)) != name:
                came = f"{word}, which is a word of {other} too"
                only = "every word in one topic"
                yield Problem(f"{where} {name}", came, only, "take it out of one of them")


def placed(anchored: Pairs, counts: Counts, topics: int) -> list[list[int]]:
    """Return the columns of anchored words. Refused, all together: words that no passage has, more anchored topics than topics."""
    place = {word: number for number, word in enumerate(counts.words)}
    refuse_if(_not_here(anchored, place, topics))
    return [[place[word] for word in words] for _, words in anchored]


def _not_here(anchored: Pairs, place: Mapping[str, int], topics: int) -> Iterator[Problem]:
    if len(anchored) > topics:
        came, allowed = f"{len(anchored)} topics with words of their own, of {topics}", f"at most {topics}"
        yield Problem("train(anchors)", came, allowed, "take more topics, or fewer anchors")
    for name, words in anchored:
        for word in words:
            if word not in place:
                near = [other for other in place if word in other or (other in word and len(other) > 1)][:5]
                near = near or difflib.get_close_matches(word, place, 5, 0.5)
                came, allowed = f"{word}, which no passage has", "words that are counted"
                without = "take it out, or keep it whole with the lexicon"
                todo = f"near it: {listed(near)}" if near else without
                yield Problem(f"train(anchors) {name}", came, allowed, todo)
