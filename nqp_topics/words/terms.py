"""Terms: new words mined from the corpus, for a person to accept; and where a word stands, in its context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from nqp_topics.files.tables import read_table, write_table
from nqp_topics.study import Problem, Refused, refuse_if, whole
from nqp_topics.words import lexicon, mining

COLUMNS = [
    "term",
    "count",
    "passages",
    "articles",
    "cohesion",
    "freedom_left",
    "freedom_right",
    "score",
    "default_cut",
    "place_1",
    "place_2",
    "place_3",
]
YES = frozenset({"yes", "y", "1", "true", "x", "ok", "是", "对", "要", "√", "✓", "✔"})
NO = frozenset({"", "no", "n", "0", "false", "-", "否", "不", "×", "✗"})

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
    wrong = [
        Problem(f"terms.mine({name}=…)", repr(value), allowed, todo)
        for name, value, allowed, todo, fine in (
            ("fewest", fewest, "2 or more", "3 suits a corpus of a book's size", fewest >= 2),
            (
                "longest",
                longest,
                "2 or more characters",
                "12 holds all but the longest slogans",
                longest >= 2,
            ),
            (
                "fold",
                fold,
                "a share above 0 and up to 1",
                "0.9 folds what nearly always stands inside",
                0 < fold <= 1,
            ),
        )
        if not fine
    ]
    if not len(table):
        wrong.append(
            Problem(
                "terms.mine(texts)", "no texts", "a table with id and text", "read and split documents first"
            )
        )
    refuse_if(wrong)
    row = mining.units(table["text"].tolist())
    found, places = mining.candidates(row, longest, fewest)
    found["score"] = mining.scores(found, row.closing)
    found = found[found["score"] > 0]
    found = found[~mining.folded(found["term"].tolist(), found["count"].tolist(), fold)]
    found = found.sort_values(["score", "term"], ascending=[False, True], ignore_index=True)
    ids = table["id"].tolist()
    articles = table["article"].tolist()
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
    found = found.rename(columns={"texts": "passages"}).assign(
        default_cut=["/".join(parts) for parts in found["parts"]]
    )
    for name in ("cohesion", "freedom_left", "freedom_right", "score"):
        found[name] = found[name].astype(float).round(4)
    return pd.concat([found, where], axis=1)[COLUMNS]


def _table(texts: Texts) -> pd.DataFrame:
    """Return the texts as a table with id, text and article; without articles each text is its own."""
    if not isinstance(texts, pd.DataFrame):
        texts = pd.DataFrame(list(texts), columns=["id", "text"])
    if missing := [name for name in ("id", "text") if name not in texts]:
        raise Refused(
            Problem(
                "texts",
                f"columns {', '.join(map(str, texts.columns))}",
                f"also {', '.join(missing)}",
                "give passages as split.passages makes them",
            )
        )
    return texts if "article" in texts else texts.assign(article=texts["id"])


def review(candidates: pd.DataFrame, file: str | Path, texts: Texts | None = None, width: int = 10) -> None:
    """Write candidates as a csv for a person to accept: `accept` and `reason` are empty and wait to be filled in.

    With `texts`, the three places are shown with `width` characters on either side; such a file holds text of the documents and
    is the reader's own. UTF-8 with a mark, so that spreadsheets open it as what it is.
    """
    table = candidates.copy()
    if texts is not None:
        text_of = _table(texts).set_index("id")["text"]
        for name in ("place_1", "place_2", "place_3"):
            table[name.replace("place", "context")] = [
                _around(text_of, place, len(term), width) if place else ""
                for term, place in zip(table["term"], table[name], strict=True)
            ]
    table.insert(0, "accept", "")
    table.insert(2, "reason", "")
    write_table(table, file)


def _around(text_of: pd.Series, place: str, length: int, width: int) -> str:
    text_id, _, offset = place.rpartition(":")
    if text_id not in text_of.index:
        raise Refused(
            Problem(
                "terms.review(texts)",
                f"no text {text_id!r}",
                "the texts that were mined",
                "give the same texts to mine and review",
            )
        )
    text, start = text_of[text_id], int(offset)
    piece = f"{text[max(0, start - width) : start]}[{text[start : start + length]}]{text[start + length : start + length + width]}"
    return piece.replace("\n", "⏎")


def accepted(file: str | Path) -> pd.DataFrame:
    """Read a review table back: one row an accepted term, as lexicon entries with their reasons.

    Accepted: yes, y, 1, true, x, ok, 是, 对, 要, √. Not accepted: an empty cell, no, n, 0, false, 否, 不, ×. Refused, all at once: any other word.
    A file that a spreadsheet wrote again is read too (semicolons or tabs, GB 18030).
    """
    path = Path(file)
    table = read_table(path, "a review table that `terms` wrote", "write one first: nqp-topics terms")
    names = list(table.columns)
    rows = table.to_dict("records")
    if missing := [name for name in ("accept", "term") if name not in names]:
        raise Refused(
            Problem(
                str(path),
                f"columns {', '.join(names)}",
                f"also {', '.join(missing)}",
                "keep the first line of the review table",
            )
        )
    taken: dict[str, str] = {}
    problems = []
    for number, row in enumerate(rows, 2):
        term = (row["term"] or "").strip()
        word = (row["accept"] or "").strip()
        if word.lower() in YES and term:
            taken.setdefault(term, " ".join((row.get("reason") or "").split()))
        elif word.lower() not in NO:
            problems.append(
                Problem(
                    f"{path} row {number} accept ({term})",
                    repr(word),
                    "yes, y, 1, x, 是 for yes; an empty cell, no, n, 0, 否 for no",
                    "write one of these",
                )
            )
    refuse_if(problems)
    table = lexicon.of(taken)
    table["reason"] = list(taken.values())
    return table


def add(table: pd.DataFrame, file: str | Path) -> pd.DataFrame:
    """Add entries to a lexicon file, below what stands there, which keeps its lines, remarks and order.

    One row a given term: term, state = added | already there (as a term or an alias). Refused, with nothing written: entries that
    contradict the file.
    """
    path = Path(file)
    old = lexicon.read(path) if path.is_file() else lexicon.of([])
    forms = {form for row in old.itertuples() for form in (row.term, *row.aliases)}
    known = table["term"].isin(forms)
    fresh = table[~known]
    lexicon.check(pd.concat([old, fresh], ignore_index=True), str(path))
    before = path.read_bytes().decode("utf-8-sig") if path.is_file() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    if len(fresh):
        with whole(path) as stream:
            stream.write(before)
            stream.writelines(f"{lexicon.entry(row)}\n" for row in fresh.to_dict("records"))
    return pd.DataFrame(
        {"term": table["term"], "state": ["already there" if there else "added" for there in known]}
    )


def kwic(
    texts: Texts,
    term: str,
    width: int = 20,
    by: Sequence[str] = (),
    lexicon: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Keyword in context: one row a place, in the order of the texts, or sorted by columns of the texts (voice, article).

    Columns: id, article, voice (if the texts have it), place (character from 0), left, term, right. With a lexicon, the other
    forms of the term's entry are found too. A line end is shown as ⏎. Refused: an empty term; a width below 0; an unknown column.
    """
    table = _table(texts)
    by = (by,) if isinstance(by, str) else tuple(by)
    problems = []
    if not term.strip():
        problems.append(Problem("kwic(term)", repr(term), "a word or a term", "for example 卡脖子"))
    if width < 0:
        problems.append(Problem("kwic(width=…)", repr(width), "0 or more characters", "20 fills a line"))
    if unknown := [name for name in by if name not in table]:
        problems.append(
            Problem(
                "kwic(by=…)",
                ", ".join(unknown),
                ", ".join(map(str, table.columns)),
                "use a column of the texts",
            )
        )
    refuse_if(problems)
    forms = {term}
    if lexicon is not None:
        for entry in lexicon.itertuples():
            if term in (entry.term, *entry.aliases):
                forms |= {entry.term, *entry.aliases}
    pattern = re.compile("|".join(map(re.escape, sorted(forms, key=lambda form: (-len(form), form)))))
    given = [name for name in ("id", "article", "voice", *by) if name in table]
    given = list(dict.fromkeys(given))
    rows = []
    for values, text in zip(table[given].itertuples(index=False), table["text"], strict=True):
        for found in pattern.finditer(text):
            left = text[max(0, found.start() - width) : found.start()].replace("\n", "⏎")
            right = text[found.end() : found.end() + width].replace("\n", "⏎")
            rows.append((*values, found.start(), left, found[0], right))
    result = pd.DataFrame(rows, columns=[*given, "place", "left", "term", "right"])
    return result.sort_values(list(by), kind="stable", ignore_index=True) if by else result
