"""Sift: leave tokens out after the cut: signs, numbers, stop words, short words, parts of speech; and tell what went."""

import re
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, Remark, columns, listed, refuse_if, whole_number
from nqp_topics.documents.cleaning.characters import script
from nqp_topics.words.cut.lines import Tokens
from nqp_topics.words.cut.script import says_so
from nqp_topics.words.lexicon import read_words

Stop: TypeAlias = pd.DataFrame | Iterable[str] | None

GENERAL = Path(__file__).parent / "stopwords.txt"
_NUMBER = re.compile(
    r"[0-9０-９][0-9０-９.．,:/年月日号%％‰℃—–―~～－-]*|(?:第|百分之)?[零〇一二三四五六七八九十百千万亿兩两萬億]+(?:点[零〇一二三四五六七八九]+)?"
    r"|[零〇一二三四五六七八九]{2,4}年|[一二三四五六七八九十]{1,3}[月日]"  # dates in Chinese numerals, and spans of neighbours (三五年, 一日); 三年 and 百年 are words
)
_DIGITS = frozenset("0123456789０１２３４５６７８９第百零〇一二三四五六七八九十千万亿兩两萬億")


def stop_words(*files: str | Path, general: bool = True) -> pd.DataFrame:
    """Read stop words: one row a word, columns word, reason, list; the general list first, then the study's own.

    The general list has both scripts and function words only; what a word is doing on a list stands in `reason`.
    """
    lists = [*([(GENERAL, "general")] if general else []), *((file, Path(file).name) for file in files)]
    tables = [read_words(file).assign(list=name) for file, name in lists]
    table = pd.concat([pd.DataFrame(columns=["word", "reason", "list"]), *tables], ignore_index=True)
    return table[["word", "reason", "list"]].drop_duplicates("word", ignore_index=True)


def judge(
    stop: Stop = None,
    shortest: int = 1,
    numbers: bool = False,
    parts: Sequence[str] = (),
    terms: Collection[str] = (),
) -> Callable[[Iterable[str]], dict[str, str]]:
    """Return a function that takes different words and gives those that go, each with the reason.

    `stop`: a table of `stop_words` or plain words. `shortest`: the fewest characters. `numbers`: whether numbers and dates stay. `parts`: the
    parts of speech that stay, as jieba's dictionary calls them (n, v, a …; n takes nr, ns, nz too), judged by the word
    alone, not in its sentence; a word that the dictionary does not have stays. `terms`: what a person put into the lexicon (the `terms` of a
    cutter): no filter takes it for a number, a sign or too short (十四五, AI), only a stop list names it.
    """
    named = not isinstance(parts, str) and all(isinstance(part, str) and part for part in parts)
    no_parts = Problem("sift(parts)", repr(parts), "parts of speech, such as n, v, a", "give a list of these")
    few = whole_number("sift(shortest)", shortest, 1, todo="1 keeps every word")
    refuse_if(few, [] if named else [no_parts])
    table = _table(stop)
    reasons = zip(table["word"].tolist(), table["reason"].tolist(), strict=True)
    listed = {word: f"stop word: {reason}" if reason else "stop word" for word, reason in reasons}
    part_of = _part_of_speech() if parts else None
    wanted, kept = tuple(parts), frozenset(terms)

    def why(words: Iterable[str]) -> dict[str, str]:
        words = list(words)
        named = {word: listed[word] for word in words if word in listed}
        words = [word for word in words if word not in kept]
        goes = {word: "short" for word in words if len(word) < shortest}
        if part_of:
            found = {word: part_of(word) for word in words}
            goes |= {w: f"part of speech: {p}" for w, p in found.items() if p and not p.startswith(wanted)}
        if not numbers:
            goes |= {w: "number" for w in words if w[:1] in _DIGITS and _NUMBER.fullmatch(w)}
        goes |= {w: "sign" for w in words if not w.isalnum() and not any(map(str.isalnum, w))}
        return goes | named

    return why


def keep(
    tokens: pd.DataFrame,
    stop: Stop = None,
    shortest: int = 1,
    numbers: bool = False,
    parts: Sequence[str] = (),
    terms: Collection[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Filter a table of tokens; return it with what stayed, and a table of what went.

    One row of the second is a word: word, why (as `judge` says it), count, share of all tokens; the most frequent first. Refused:
    a table without id and tokens, tokens of which nothing stays.
    """
    refuse_if(columns("sift(tokens)", tokens, ["id", "tokens"], "use the table that segment gives"))
    table = _table(stop)
    counts = Counter(chain.from_iterable(tokens["tokens"].tolist()))
    tell_script(islice(counts, 5000), table)
    why = judge(table, shortest, numbers, parts, terms)(counts)
    refuse_if(_nothing_left(counts, why))
    foreign = frozenset(filter(latin, counts))
    pairs = zip(tokens["id"].tolist(), tokens["tokens"].tolist(), strict=True)
    often = ((name, sum(map(foreign.__contains__, words)), len(words)) for name, words in pairs)
    _tell_foreign([name for name, times, size in often if _mostly(times, size)])
    good = (counts.keys() - why.keys()).__contains__
    kept = tokens.assign(tokens=[list(filter(good, words)) for words in tokens["tokens"].tolist()])
    return kept, removed(counts, why)


def kept_stream(
    parts: Iterable[Tokens],
    words: Sequence[str],
    why: Callable[[Iterable[str]], dict[str, str]],
    counts: Counter[str],
) -> Iterator[Tokens]:
    """Filter tokens as `segment.parts` gives them, `words` being those of the cutter.

    `counts` is told, at the end, how often each word stood. Refused, at the end: nothing stayed.
    """
    tally: np.ndarray = np.zeros(len(words), np.int64)
    gone: np.ndarray = np.zeros(len(words), np.bool_)
    goes: dict[str, str] = {}
    asked: set[str] = set()
    foreign: list[str] = []
    for part in parts:
        there = np.bincount(part.numbers[part.numbers >= 0], minlength=len(words))
        counts.update(part.other[~number] for number in part.numbers[part.numbers < 0].tolist())
        first = np.flatnonzero((there > 0) & (tally == 0)).tolist()
        tally += there
        new = {word for word in chain(map(words.__getitem__, first), part.other) if word not in asked}
        goes |= why(new)
        asked |= new
        gone[first] = [words[number] in goes for number in first]
        other = np.array([word in goes for word in reversed(part.other)], np.bool_)
        strange = np.flatnonzero(part.numbers < 0)
        strange = strange[np.array([*map(latin, part.other)], np.bool_)[~part.numbers[strange]]]
        ends = np.concatenate([[0], part.limits])
        of_text = np.diff(np.searchsorted(strange, ends)).tolist()
        sizes = zip(part.names, of_text, np.diff(ends).tolist(), strict=True)
        foreign += [name for name, times, size in sizes if _mostly(times, size)]
        stays = ~np.concatenate([gone, other])[part.numbers]  # what has no number counts from behind
        limits = np.concatenate([[0], np.cumsum(stays)])[part.limits]
        yield part._replace(numbers=part.numbers[stays], limits=limits)
    for number in np.flatnonzero(tally).tolist():
        counts[words[number]] += int(tally[number])
    refuse_if(_nothing_left(counts, goes))
    _tell_foreign(foreign)


def removed(counts: Counter[str], why: dict[str, str]) -> pd.DataFrame:
    """Return what went, one row a word: word, why, count, share of all tokens; the most frequent first."""
    total = counts.total()
    rows = [(word, why[word], counts[word], counts[word] / total) for word in why]
    rows.sort(key=lambda row: (-row[2], row[0]))
    return pd.DataFrame(rows, columns=["word", "why", "count", "share"])


def summary(went: pd.DataFrame) -> pd.DataFrame:
    """Sum up what went, one row a kind of filter: kind, words, count, share of all tokens."""
    kinds = went.groupby(went["why"].str.partition(":")[0].rename("kind"))
    return kinds.agg(words=("word", "size"), count=("count", "sum"), share=("share", "sum")).reset_index()


def tell_script(words: Iterable[str], stop: pd.DataFrame) -> None:
    """Say so, as a warning, where the words are in one script and a stop list in the other."""
    text = "".join(words)
    for name, rows in stop.groupby("list", sort=False):
        says_so(text, script("".join(rows["word"])), f"stop list {name}" if name else "stop list")


def latin(word: str) -> bool:
    """Whether a word is of Latin letters and no abbreviation."""
    return len(word) > 1 and word.isascii() and word.isalpha() and not word.isupper()


def _mostly(times: int, size: int) -> bool:
    """Whether a text of some tokens is mostly of such words, and long enough to tell."""
    return 2 * times > max(size, 20)


def _tell_foreign(texts: list[str]) -> None:
    if texts:
        said = f"{len(texts)} texts are mostly words in Latin letters ({listed(texts, 5)}), which make a topic of their own: leave these texts out, or keep to the Chinese of them"
        warnings.warn(said, Remark, stacklevel=3)


def _table(stop: Stop) -> pd.DataFrame:
    if isinstance(stop, pd.DataFrame):
        return stop.assign(**{name: "" for name in ("reason", "list") if name not in stop})
    if isinstance(stop, str):
        allowed, todo = "a table of stop_words, or several words", f"sift.stop_words({stop!r})"
        raise Refused(Problem("sift(stop)", repr(stop), allowed, todo))
    return pd.DataFrame({"word": list(stop or ())}).assign(reason="", list="")


def _nothing_left(counts: Counter[str], why: dict[str, str]) -> Iterator[Problem]:
    if not counts.keys() <= why.keys():
        return
    kinds = Counter[str]()
    for word, count in counts.items():
        kinds[why[word].partition(":")[0]] += count
    each = ", ".join(f"{count} by {kind}" for kind, count in sorted(kinds.items())) or "no token at all"
    came, todo = f"all {counts.total()} tokens went: {each}", "shorten the stop list"
    yield Problem("sift", came, "at least one that stays", todo)


def _part_of_speech() -> Callable[[str], str]:
    """Return a function that gives the part of speech of a word, and nothing for a word that the dictionary does not have."""
    import rjieba

    own: Any = rjieba.Jieba()

    def part(word: str) -> str:
        if re.search("[\ud800-\udfff]", word):
            return ""
        tags = own.tag(word, False)
        return str(tags[0][1]) if len(tags) == 1 and own.has_word(word) else ""

    return part
