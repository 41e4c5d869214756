"""Terms: new words mined from the corpus, for a person to accept; and where a word stands, in its context."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from nqp_topics.checks import Problem, Refused, columns, number, refuse_if, whole_number
from nqp_topics.documents.split import REPEATED, repeated
from nqp_topics.files import whole
from nqp_topics.files.tables import read_table, write_table
from nqp_topics.words import lexicon, mining

COLUMNS = [
    *("term", "count", "passages", "articles", "cohesion", "freedom_left", "freedom_right", "score"),
    *("default_cut", "place_1", "place_2", "place_3"),
]
YES = frozenset({"yes", "y", "1", "true", "x", "ok", "是", "对", "要", "√", "✓", "✔"})
NO = frozenset({"", "no", "n", "0", "false", "-", "否", "不", "×", "✗"})
ANSWERS = "yes, y, 1, x, 是 for yes; an empty cell, no, n, 0, 否 for no"
WIDEST = 10_000  # characters on either side of a word that is shown

Texts: TypeAlias = pd.DataFrame | Iterable[tuple[str, str]]


def mine(texts: Texts, fewest: int = 3, longest: int = 12, fold: float = 0.9) -> pd.DataFrame:
    """Mine terms that the default cut takes apart: one row a candidate, the best first.

    `texts` has the columns id, text and, if known, article; or gives (id, text). Columns: term; count, passages, articles (in how
    many of each); cohesion (NPMI at the weakest inner cut, at most 1); freedom_left, freedom_right (branching entropy, ends of
    sentences count as free); score; default_cut (parts joined by /); place_1 to place_3 (passage:character from 0, in different
    passages where possible). A term that stands in `fold` of its places inside one longer candidate is left to that one.
    Refused: no texts; fewest below 2; longest below 2; fold outside (0, 1].
    """
    table = _table(texts)
    nothing = Problem("terms.mine(texts)", "no texts", "id and text", "read and split documents first")
    refuse_if(
        whole_number("terms.mine(fewest)", fewest, 2, todo="3 suits a corpus of a book's size"),
        whole_number("terms.mine(longest)", longest, 2, 1000, "12 holds all but the longest slogans"),
        number("terms.mine(fold)", fold, 0, 1, above=True, todo="0.9 folds what nearly always stands inside"),
        [] if len(table) else [nothing],
    )
    row = mining.units(table["text"].tolist())
    found, places = mining.candidates(row, longest, fewest)
    found["score"] = mining.scores(found, row.closing)
    found = found[found["score"] > 0]
    found = found[~mining.folded(found["term"].tolist(), found["count"].tolist(), fold)]
    found = found.sort_values(["score", "term"], ascending=[False, True], ignore_index=True)
    ids, articles = table["id"].tolist(), table["article"].tolist()
    spots = []
    for first, count, length in zip(found["first"], found["count"], found["length"], strict=True):
        starts = places[length][first : first + count]
        texts_of = row.text[starts].tolist()
        apart = dict(zip(reversed(texts_of), reversed(starts.tolist()), strict=True))
        shown = [apart[text] for text in sorted(apart)[:3]]
        shown += [start for start in starts.tolist() if start not in shown][: 3 - len(shown)]
        marks = [f"{ids[row.text[start]]}:{row.offset[start]}" for start in sorted(shown)]
        spots.append((len({articles[text] for text in apart}), *marks, *[""] * (3 - len(marks))))
    where = pd.DataFrame(spots, columns=["articles", "place_1", "place_2", "place_3"])
    found = found.rename(columns={"texts": "passages"}).assign(default_cut=found["parts"].map("/".join))
    measures = ["cohesion", "freedom_left", "freedom_right", "score"]
    found[measures] = found[measures].astype(float).round(4)
    return pd.concat([found, where], axis=1)[COLUMNS]


def _table(texts: Texts) -> pd.DataFrame:
    """Return the texts as a table with id, text and article; without articles each text is its own."""
    if not isinstance(texts, pd.DataFrame):
        texts = pd.DataFrame(list(texts), columns=["id", "text"])
    refuse_if(columns("texts", texts, ["id", "text"], "give passages as split.passages makes them"))
    return texts if "article" in texts else texts.assign(article=texts["id"])


def review(candidates: pd.DataFrame, file: str | Path, texts: Texts | None = None) -> None:
    """Write candidates as a csv for a person to accept: `accept` and `reason` are empty and wait to be filled in.

    With `texts`, the three places are shown with ten characters on either side, and `note` tells of a term that mostly stands in
    lines which articles repeat word for word (编辑点评, a licence); such a file holds text of the documents and is the reader's own. UTF-8 with a mark, so that spreadsheets open it as what it is.
    """
    table = candidates.copy()
    table.insert(0, "accept", "")
    table.insert(2, "reason", "")
    if texts is not None:
        known = _table(texts)
        table.insert(3, "note", _notes(candidates, known))
        text_of = known.set_index("id")["text"]
        for number in (1, 2, 3):
            places = zip(table["term"], table[f"place_{number}"], strict=True)
            table[f"context_{number}"] = [_around(text_of, place, len(term)) for term, place in places]
    write_table(table, file)


def _notes(candidates: pd.DataFrame, texts: pd.DataFrame) -> list[str]:
    """Tell of which terms more than half of the places stand in lines that three articles or more have word for word."""
    again = repeated(texts["article"], texts["text"])
    notes = []
    for term, count in zip(candidates["term"], candidates["count"], strict=True):
        times = sum(line.count(term) * often for line, often in again.items() if term in line)
        told = f"{times} of its {count} places are in lines that {REPEATED} articles or more repeat"
        notes.append(told if 2 * times > count else "")
    return notes


def _around(text_of: pd.Series, place: str, length: int) -> str:
    if not place:
        return ""
    text_id, _, offset = place.rpartition(":")
    if text_id not in text_of.index:
        came, todo = f"no text {text_id!r}", "give the same texts to mine and review"
        raise Refused(Problem("terms.review(texts)", came, "the texts that were mined", todo))
    return "{}[{}]{}".format(*_beside(text_of[text_id], int(offset), int(offset) + length, 10))


def _beside(text: str, start: int, end: int, width: int) -> list[str]:
    """Return what stands so many characters before a place of a text, at it, and behind it; ⏎ for a line end."""
    pieces = text[max(0, start - width) : start], text[start:end], text[end : end + width]
    return [piece.replace("\n", "⏎") for piece in pieces]


def accepted(file: str | Path) -> pd.DataFrame:
    """Read a review table back: one row an accepted term, as lexicon entries with their reasons.

    A file that a spreadsheet wrote again is read too (semicolons or tabs, GB 18030). Refused: what `taken` refuses.
    """
    table = read_table(file, "a review table that `terms` wrote", "write one first: nqp-topics terms")
    refuse_if(columns(str(file), table, ["accept", "term"], "keep the first line of the review table"))
    table = taken(table.reindex(columns=["accept", "term", "reason"], fill_value=""), file, "term")
    return lexicon.of(table["term"]).assign(reason=table["reason"].str.split().str.join(" ").tolist())


def taken(table: pd.DataFrame, file: str | Path, name: str) -> pd.DataFrame:
    """Return the rows of a table of answers whose word, in the column `name`, a person accepts, each word once.

    Accepted: yes, y, 1, true, x, ok, 是, 对, 要, √. Not accepted: an empty cell, no, n, 0, false, 否, 不, ×. Refused, all together: another
    answer, an answer without a word, a word with two answers.
    """
    answers, words = table["accept"].str.strip(), table[name].str.strip()
    refuse_if(_answer_problems(answers, words, file))
    return table.assign(**{name: words})[answers.str.lower().isin(YES)].drop_duplicates(name)


def _answer_problems(answers: pd.Series, words: pd.Series, file: str | Path) -> Iterator[Problem]:
    first: dict[str, bool] = {}
    for row, (answer, word) in enumerate(zip(answers, words, strict=True), 2):
        where, yes = f"{file} row {row} accept ({word})", answer.lower() in YES
        if not yes and answer.lower() not in NO:
            yield Problem(where, repr(answer), ANSWERS, "write yes or no there, or empty the cell")
        elif answer and not word:
            todo = "write the word, or empty the row"
            yield Problem(where, "an answer without a word", "a word in every row", todo)
        elif answer and first.setdefault(word, yes) != yes:
            yield Problem(where, "yes and no for one word", "one answer a word", "keep one of the rows")


def add(table: pd.DataFrame, file: str | Path) -> pd.DataFrame:
    """Add entries to a lexicon file, below what stands there, which keeps its lines, remarks and order.

    One row a given term: term, state = added | already there (as a term or an alias). Refused, with nothing written: entries that
    contradict the file, or that its grammar would read as others.
    """
    path = Path(file)
    old = lexicon.read(path) if path.is_file() else lexicon.of([])
    known = table["term"].isin(lexicon.forms(old))
    fresh = table[~known]
    lines = lexicon.written(fresh)
    lexicon.check(pd.concat([old, fresh], ignore_index=True), str(path))
    before = path.read_bytes().decode("utf-8-sig") if path.is_file() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    if lines:
        with whole(path) as stream:
            stream.write(before)
            stream.writelines(f"{line}\n" for line in lines)
    state = known.map({True: "already there", False: "added"})
    return pd.DataFrame({"term": table["term"], "state": state})


def kwic(
    texts: Texts, term: str, width: int = 20, by: Sequence[str] = (), lexicon: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Keyword in context: one row a place, in the order of the texts, or sorted by columns of the texts (voice, article).

    Columns: id, article, voice (if the texts have it), place (character from 0), left, term, right. With a lexicon, the other
    forms of the term's entry are found too. A line end is shown as ⏎. Refused: an empty term; a width below 0; an unknown column.
    """
    table = _table(texts)
    by = (by,) if isinstance(by, str) else tuple(by)
    empty = Problem("kwic(term)", repr(term), "a word or a term", "for example 卡脖子")
    refuse_if(
        [] if term.strip() else [empty],
        whole_number("kwic(width)", width, 0, WIDEST, "20 fills a line"),
        columns("kwic(by)", table, by, "use columns of the texts"),
    )
    forms = {term}
    if lexicon is not None:
        for entry in lexicon.itertuples():
            if term in (entry.term, *entry.aliases):
                forms |= {entry.term, *entry.aliases}
    pattern = re.compile("|".join(map(re.escape, sorted(forms, key=lambda form: (-len(form), form)))))
    given = list(dict.fromkeys(name for name in ("id", "article", "voice", *by) if name in table))
    rows = []
    for values, text in zip(table[given].itertuples(index=False), table["text"], strict=True):
        for found in pattern.finditer(text):
            left, _, right = _beside(text, found.start(), found.end(), width)
            rows.append((*values, found.start(), left, found[0], right))
    result = pd.DataFrame(rows, columns=[*given, "place", "left", "term", "right"])
    return result.sort_values(list(by), kind="stable", ignore_index=True) if by else result
