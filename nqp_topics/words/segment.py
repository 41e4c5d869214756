"""Segment: text → tokens, with the terms of a lexicon whole.

The terms are taken first and guaranteed: an entry is one token wherever it stands as written, also where a word of the default cut
lies across its border (主体 in 民主体制: write `not after 民`; the column `across` of `audit` shows which terms need it). Numbers,
dates, ranges and runs of Latin letters are taken next. What is left between them is cut as jieba cuts it.
Filters come after the cut, in `sift`; `audit` shows what the lexicon changed.
"""

import re
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, one_of, refuse_if
from nqp_topics.study import progress
from nqp_topics.words import lexicon as lexicons
from nqp_topics.words.cut import dictionary, runs, scan
from nqp_topics.words.cut.lines import Tokens, chunks, rows, words_of
from nqp_topics.words.cut.script import says_so, script

ENGINES = ("compiled", "rjieba", "jieba")
CHUNK = 1 << 17  # characters that are cut at once
ALONE = 0x10000  # a token of one character that is no word has a number too, up to this code
_BETWEEN = "\n"  # two texts: white space is no token, and no term or run goes over it
_ODD = re.compile("([\ud800-\udfff])")  # half characters, which no other library reads

Texts: TypeAlias = pd.DataFrame | Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Cutter:
    """A lexicon and a dictionary, made ready by `cutter`: the same settings give the same cut, always."""

    lexicon: pd.DataFrame
    engine: str
    hmm: bool
    terms: frozenset[str]
    script: str  # of the terms
    forms: scan.Forms
    of_form: np.ndarray  # form → place of its term in words
    words: tuple[str, ...]  # of the dictionary, then the terms, then every character that may stand alone
    default: Callable[[str], list[str]] | None  # the cut of another library

    @cached_property
    def default_cuts(self) -> list[str]:
        """The cut that each term would have by itself without the lexicon, its parts joined by a slash."""
        terms = self.lexicon["term"].tolist()
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
    table = lexicons.of(()) if lexicon is None else lexicon
    lexicons.check(table, "lexicon")
    known = dictionary.dictionary()
    forms = scan.forms(table, known.mixed)
    entries = int(forms.row.max(initial=-1)) + 1
    terms = [*table["term"], *forms.written[len(forms.row) - entries + len(table) :]]
    return Cutter(
        table,
        engine,
        hmm,
        frozenset(table["term"]),
        script("".join(table["term"])),
        forms,
        len(known.words) + forms.row,
        (*known.words, *terms, *map(chr, range(ALONE))),
        _library(engine, hmm),
    )


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
    return [tokens for _, tokens in words_of(_cut_rows([("", text) for text in texts], by), by.words)]


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


Watch: TypeAlias = Callable[[list[str], list[str], Found], None]


def find(texts: Sequence[str], by: Cutter) -> Found:
    """Find the terms of the lexicon, and the runs between them, in several texts at once."""
    text = _BETWEEN.join(texts)
    points = scan.codes(text)
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
    alone = len(by.words) - ALONE
    return dictionary.cut(points, held, by.of_form, alone, *dictionary.dictionary().arrays)


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


def _cut_rows(part: list[tuple[str, str]], by: Cutter, watch: Watch | None = None) -> Tokens:
    """Cut a chunk of texts."""
    names, texts = [name for name, _ in part], [text for _, text in part]
    found = find(texts, by)
    if watch:
        watch(names, texts, found)
    begin, end, numbers = cut_free(found.text, found.points, found.held, by)
    limits = np.searchsorted(begin, np.cumsum([len(text) + 1 for text in texts]))
    without = np.flatnonzero(numbers < 0)
    numbers[without] = ~np.arange(len(without))
    places = zip(begin[without].tolist(), end[without].tolist(), strict=True)
    other = [found.text[first:last] for first, last in places]
    cut = Tokens(names, numbers, limits, other)
    return runs.hold_names(cut, texts, by.words, by.terms) if found.dots else cut


def parts(
    texts: Texts, by: Cutter, workers: int = 1, watch: Watch | None = None, chunk: int = CHUNK
) -> Iterator[Tokens]:
    """Yield tokens as numbers in the order of the texts, however many processes cut; memory does not grow with the texts.

    `chunk` is how many characters are cut at once; `watch` is told of each chunk what was found in it (`audit.Notes` take it down).
    Refused: no text at all, a watch over several processes.
    """
    source = rows(texts)
    first = list(islice(source, 64))
    todo = "check the path, or what was left out before"
    nothing = Problem("segment(texts)", "no text", "at least one", todo)
    came, todo = f"{workers} with an audit", "cut in one process, or audit afterwards"
    both = Problem("segment(workers)", came, "1", todo)
    refuse_if([] if first else [nothing], [both] if watch and workers > 1 else [])
    says_so("".join(text for _, text in first), by.script, "lexicon")
    given = chunks(chain(first, source), chunk)
    yield from (_cut_rows(part, by, watch) for part in given) if workers <= 1 else _pool(given, by, workers)


# the cutter of a worker process: a dictionary cannot be sent from one process to another
_own: list[Cutter] = []


def _begin(*recipe: Any) -> None:
    _own[:] = [cutter(*recipe)]


def _work(part: list[tuple[str, str]]) -> Tokens:
    return _cut_rows(part, _own[0])


def _pool(given: Iterator[list[tuple[str, str]]], by: Cutter, workers: int) -> Iterator[Tokens]:
    """Cut chunks in processes, in order; never more than four chunks a process wait, so that memory stays as it is."""
    waiting: deque[Future[Tokens]] = deque()
    recipe = by.lexicon, by.engine, by.hmm
    try:
        with ProcessPoolExecutor(workers, initializer=_begin, initargs=recipe) as pool:
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
    by = by or cutter()
    total = len(texts) if isinstance(texts, pd.DataFrame) else None
    cut = chain.from_iterable(words_of(part, by.words) for part in parts(texts, by, workers, watch))
    return pd.DataFrame(list(progress(cut, "segment", total)), columns=["id", "tokens"])
