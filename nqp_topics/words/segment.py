"""Segment: text → tokens, with the terms of a lexicon whole.

The terms are taken first and guaranteed: an entry is one token wherever it stands as written, also where a word of the default cut
lies across its border (主体 in 民主体制: write `not after 民`; the column `across` of `audit` shows which terms need it). Numbers,
dates, ranges and runs of Latin letters are taken next. What is left between them is cut as jieba cuts it.
Filters come after the cut, in `sift`; `audit` shows what the lexicon changed.
"""

from __future__ import annotations

import json
import re
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from nqp_topics.checks import Problem, Refused, columns, named_once, one_of, refuse_if
from nqp_topics.documents.cleaning.characters import script
from nqp_topics.study import progress
from nqp_topics.words import lexicon as lexicons
from nqp_topics.words.cut import bulk, dictionary, runs, scan
from nqp_topics.words.cut.lines import Chunk, Source, Tokens, once, words_of
from nqp_topics.words.cut.script import says_so

if TYPE_CHECKING:
    import pandas as pd

    Rows: TypeAlias = pd.DataFrame | Iterable[tuple[str, str]]
    Texts: TypeAlias = Rows | str | Path  # a table, pairs of id and text, or a file of JSON lines
    Given: TypeAlias = list[tuple[str, str]] | tuple[str | Path, bytes, int] | Chunk

ENGINES = ("compiled", "rjieba", "jieba")
CHUNK = 1 << 17  # characters that are cut at once
_ODD = re.compile("([\ud800-\udfff])")  # half characters, which no other library reads


@dataclass(frozen=True)
class Cutter:
    """A lexicon and a dictionary, made ready by `cutter`: the same settings give the same cut, always."""

    entries: list[dict[str, Any]]  # of the lexicon
    engine: str
    hmm: bool
    terms: frozenset[str]
    script: str  # of the terms
    forms: scan.Forms
    of_form: np.ndarray  # form → place of its term in words
    held: tuple[str, ...]  # the terms, then what the dictionary has that is held too
    default: Callable[[str], list[str]] | None  # the cut of another library

    def __reduce__(self) -> tuple[Any, ...]:  # in another process it is made again
        return _cutter, (self.entries, self.engine, self.hmm)

    @cached_property
    def letters(self) -> tuple[np.ndarray, np.ndarray]:
        """The words as JSON has them: those of the dictionary, then every character that may stand alone, then `held`."""
        known, places = dictionary.dictionary().letters
        more, others = dictionary.as_written(self.held)
        more[0] = 10  # what stands between two words, where the list opened
        return np.concatenate([known[:-1], more]), np.concatenate([places[:-1], others + (len(known) - 1)])

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words as they are, in the same order."""
        written = self.letters[0].tobytes().replace(b"\n", b",")
        return tuple(json.loads(written.decode("utf-8", "surrogatepass")))

    @cached_property
    def default_cuts(self) -> list[str]:
        """The cut that each term would have by itself without the lexicon, its parts joined by a slash."""
        terms = [entry["term"] for entry in self.entries]
        text = "\n".join(terms)
        held = plain(text, [run.start() for run in runs.NEAR.finditer(text)])
        begins, ends, _ = cut_free(text, scan.codes(text), held, self)
        parts: list[list[str]] = [[] for _ in terms]
        starts = np.cumsum([0, *(len(term) + 1 for term in terms)])
        places = np.searchsorted(starts, begins, "right") - 1
        for place, begin, end in zip(places.tolist(), begins.tolist(), ends.tolist(), strict=True):
            parts[place].append(text[begin:end])
        return ["/".join(cut) for cut in parts]


def cutter(lexicon: pd.DataFrame | None = None, engine: str = "", hmm: bool = False) -> Cutter:
    """Make a cutter.

    `engine`: compiled (jieba's cut in this library, the default), rjieba (the same in Rust, the default with `hmm`) or jieba (the
    reference). All give the same tokens; a test sees to it. `hmm` lets jieba guess words that its dictionary does not
    have; without it the cut is nearer to what readers cut. Refused: another engine, `hmm` with the compiled one, a
    lexicon that contradicts itself.
    """
    engine = engine or ("rjieba" if hmm else "compiled")
    where = "segment engine that guesses (hmm)" if hmm else "segment engine"
    refuse_if(one_of(where, engine, ENGINES[1:] if hmm else ENGINES, "choose one of these"))
    if lexicon is None:
        return _cutter([], engine, hmm)
    lexicons.check(lexicon, "lexicon")
    return _cutter(lexicon.to_dict("records"), engine, hmm)


def _cutter(entries: list[dict[str, Any]], engine: str, hmm: bool) -> Cutter:
    known = dictionary.dictionary()
    forms = scan.forms(entries, known.mixed)
    terms = [entry["term"] for entry in entries]
    rows = int(forms.row.max(initial=-1)) + 1
    held = (*terms, *forms.written[len(forms.row) - rows + len(terms) :])
    of_form = known.size + dictionary.ALONE + forms.row
    told = script("".join(terms))
    return Cutter(entries, engine, hmm, frozenset(terms), told, forms, of_form, held, _library(engine, hmm))


def _library(engine: str, hmm: bool) -> Callable[[str], list[str]] | None:
    """Return the cut of a library with a dictionary of its own: no file and no word is shared with other programs."""
    if engine == "rjieba":
        import rjieba

        own = rjieba.Jieba()
        return lambda text: own.cut(text, hmm)
    if engine == "jieba":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import jieba
        tokenizer = jieba.Tokenizer()
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
        tokenizer.initialized = True  # or it would trust a cache file in the shared temporary folder
        return lambda text: tokenizer.lcut(text, HMM=hmm)
    return None


def cut(text: str, by: Cutter) -> list[str]:
    """Cut one text into tokens: joined again they are the text, but for white space and aliases, which become their term."""
    return cut_all([text], by)[0]


def cut_all(texts: Sequence[str], by: Cutter) -> list[list[str]]:
    """Cut several texts at once, which is faster than one by one and gives the same."""
    if not texts:
        return []
    return [tokens for _, tokens in words_of(_cut([("", text) for text in texts], by), by.words)]


class Found(NamedTuple):
    """What the scan found in texts joined to one: codes, what is held where, which forms are held, lost, and how often each stands."""

    text: str
    points: np.ndarray
    held: np.ndarray
    spans: np.ndarray
    losses: np.ndarray
    tally: np.ndarray
    near: list[int]  # where Latin letters or digits begin
    dots: bool


Watch: TypeAlias = Callable[[Chunk, Found], None]


def find(text: str, points: np.ndarray, by: Cutter) -> Found:
    """Find the terms of the lexicon, and the runs between them, in several texts at once."""
    tally = np.zeros((len(by.forms.written), 5), np.int64)
    held, spans, losses, near, holds = scan.scan(points, *by.forms.arrays, tally)
    places = near.tolist()
    runs.hold_runs(text, held, places, spans[:, 0])
    return Found(text, points, held, spans, losses, tally, places, bool(holds & scan.DOT))


def plain(text: str, near: Sequence[int]) -> np.ndarray:
    """Return what is held of a text without a lexicon: the runs."""
    held = np.zeros(len(text), np.int32)
    runs.hold_runs(text, held, near, np.zeros(0, np.int64))
    return held


def cut_free(text: str, points: np.ndarray, held: np.ndarray, by: Cutter) -> np.ndarray:
    """Cut what is not held: one column a token, its begin, end and number, as `dictionary.cut` gives them."""
    if by.default:
        return _cut_by(by.default, text, held, by)
    known = dictionary.dictionary()
    return dictionary.cut(points, held, by.of_form, known.size, *known.arrays)


def _cut_by(library: Callable[[str], list[str]], text: str, held: np.ndarray, by: Cutter) -> np.ndarray:
    """Cut what is free with another library: one column a token, as `dictionary.cut` gives them."""
    found: list[tuple[int, int, int]] = []
    begin = 0
    for mark in [*np.flatnonzero((held > 0) | (held == -2)).tolist(), len(text)]:
        for part in filter(None, _ODD.split(text[begin:mark])):
            for token in [part] if _ODD.fullmatch(part) else library(part):
                if not token.isspace():
                    found.append((begin, begin + len(token), -1))
                begin += len(token)
        if mark < len(text):
            begin = mark + 1
            while begin < len(text) and held[begin] == -1:
                begin += 1
            found.append((mark, begin, int(by.of_form[held[mark] - 1]) if held[mark] > 0 else -1))
    return np.ascontiguousarray(np.array(found, np.int32).reshape(-1, 3).T)


def _opened(given: Given) -> Chunk:
    if isinstance(given, Chunk):
        return given
    rows, source = (given, Source()) if isinstance(given, list) else bulk.read(*given)
    text = "\n".join(text for _, text in rows)
    ends = np.cumsum([len(text) + 1 for _, text in rows], dtype=np.int64) - 1
    return Chunk([name for name, _ in rows], text, scan.codes(text), ends, source)


def _cut(given: Given, by: Cutter, watch: Watch | None = None) -> Tokens:
    chunk = _opened(given)
    found = find(chunk.text, chunk.points, by)
    if watch:
        watch(chunk, found)
    begin, end, numbers = cut_free(found.text, found.points, found.held, by)
    limits = np.searchsorted(begin, chunk.ends)
    without = np.flatnonzero(numbers < 0)
    numbers[without] = ~np.arange(len(without))
    places = zip(begin[without].tolist(), end[without].tolist(), strict=True)
    other = [found.text[first:last] for first, last in places]
    cut = Tokens(chunk.names, numbers, limits, other, chunk.source)
    if not found.dots:
        return cut
    first_held = dictionary.dictionary().size + dictionary.ALONE

    def token(place: int) -> str:
        number = int(numbers[place])
        return by.held[number - first_held] if number >= first_held else found.text[begin[place] : end[place]]

    dots = np.flatnonzero((end - begin == 1) & np.isin(found.points[begin], scan.codes(runs.DOTS)))
    return runs.hold_names(cut, dots.tolist(), token, by.terms)


def _rows(texts: Rows, size: int) -> Iterator[list[tuple[str, str]]]:
    """Yield rows of id and text that have about `size` characters together. Refused: missing columns, doubled ids of a table, a text that is not one."""
    if hasattr(texts, "columns"):
        table: Any = texts
        refuse_if(columns("segment(texts)", table, ["id", "text"], "rename the columns"))
        refuse_if(named_once("segment(texts) id", table["id"], "give the second another id"))
        texts = zip(table["id"].tolist(), table["text"].tolist(), strict=True)
    part: list[tuple[str, str]] = []
    room = size
    for name, text in texts:
        if not isinstance(text, str):
            came, todo = f"a text of type {type(text).__name__}", "fill it or leave the row out"
            raise Refused(Problem(f"segment id {name}", came, "a string", todo))
        part.append((name, text))
        room -= len(text)
        if room <= 0 or len(part) == 4096:
            yield part
            part, room = [], size
    if part:
        yield part


def parts(
    texts: Texts, by: Cutter, workers: int = 1, watch: Watch | None = None, chunk: int = CHUNK
) -> Iterator[Tokens]:
    """Yield tokens as numbers in the order of the texts, however many processes cut; memory does not grow with the texts.

    `chunk` is how many characters are cut at once; `watch` is told of each chunk what was found in it (`audit.Notes` take it down).
    Refused: no text at all, a watch over several processes; of a file, what `lines.read_rows` refuses.
    """
    given: Iterator[Given]
    given = bulk.blocks(texts, 3 * chunk) if isinstance(texts, str | Path) else _rows(texts, chunk)
    first = next(given, None)
    todo = "check the path, or what was left out before"
    nothing = Problem("segment(texts)", "no text", "at least one", todo)
    came, todo = f"{workers} with an audit", "cut in one process, or audit afterwards"
    both = Problem("segment(workers)", came, "1", todo)
    refuse_if([] if first else [nothing], [both] if watch and workers > 1 else [])
    opened = _opened(first) if first else None
    if opened and opened.names:
        says_so(opened.text[: opened.ends[:64][-1]], by.script, "lexicon")
    given = chain([opened], given) if opened else given
    some = False
    line_of: dict[str, int] = {}
    for part in map(partial(_cut, by=by, watch=watch), given) if workers <= 1 else _pool(given, by, workers):
        for name, line in zip(part.names, part.source.lines, strict=False):  # rows have no lines
            once(str(texts), name, line, line_of)
        if part.source.wrong:
            raise part.source.wrong
        if part.names:
            some = True
            yield part
    refuse_if([] if some else [nothing])


# the cutter of a worker process
_own: list[Cutter] = []


def _begin(by: Cutter) -> None:
    _own[:] = [by]


def _work(given: Given) -> Tokens:
    return _cut(given, _own[0])


def _pool(given: Iterator[Given], by: Cutter, workers: int) -> Iterator[Tokens]:
    """Cut chunks in processes, in order; never more than four chunks a process wait, so that memory stays as it is."""
    waiting: deque[Future[Tokens]] = deque()
    try:
        with ProcessPoolExecutor(workers, initializer=_begin, initargs=(by,)) as pool:
            for part in given:
                waiting.append(pool.submit(_work, part))
                if len(waiting) > 4 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    except BrokenProcessPool:
        came = f"one of {workers} processes ended by itself"
        allowed = "enough memory for each, and a script with if __name__ == '__main__'"
        raise Refused(Problem("segment(workers)", came, allowed, "use fewer workers")) from None


def tokens(
    texts: Texts, by: Cutter | None = None, workers: int = 1, watch: Watch | None = None
) -> pd.DataFrame:
    """Cut a table: one row a text, columns id and tokens (a list)."""
    import pandas as pd  # a third of a second, which a cut from file to file does not wait

    by = by or cutter()
    total = len(texts) if isinstance(texts, pd.DataFrame) else None
    cut = chain.from_iterable(words_of(part, by.words) for part in parts(texts, by, workers, watch))
    return pd.DataFrame(list(progress(cut, "segment", total)), columns=["id", "tokens"])
