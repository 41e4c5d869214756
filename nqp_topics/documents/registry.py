"""Registry: what a person says of the documents: which there are (`sources.csv`), and where each article stands (`articles.csv`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from nqp_topics.checks import listed, said
from nqp_topics.files.tables import read_table, write_table
from nqp_topics.study import Problem, Refused, Study, fingerprint, line_ranges, refuse_if

REGISTRY_IS = "a registry of articles"
WRITE_ONE = "write one with: nqp-topics articles FILE… --write-registry articles.csv"
REGISTRY = [
    "id",
    "source",
    "start_line",
    "end_line",
    "body",
    "title",
    "author",
    "affiliation",
    "outlet",
    "voice",
    "region",
    "date",
    "notes",
    "fingerprint",
]
TYPED = str.maketrans("０１２３４５６７８９：；－", "0123456789:;-")  # what an input method types
_END = 10**9  # behind the last line of any document


def read(file: str | Path, voices: Sequence[str] = ()) -> pd.DataFrame:
    """Read `articles.csv`: one row an article.

    `source` is the document's name in `sources.csv` (or its id, where a study has none); `start_line` to `end_line` (from 1) is all
    that belongs to the article, both empty for a document that is one article; `body` is its text without title and byline, as
    pieces `A:B;C:D` in reading order; `fingerprint` is that of the clean text. Refused: missing columns, ids that return, lines that do not exist or that two
    articles claim, and where `voices` are given, a voice that is none of them.
    """
    path = Path(file)
    table = read_table(path, REGISTRY_IS, WRITE_ONE)
    if missing := [name for name in ("id", "source", "start_line", "end_line") if name not in table]:
        raise Refused(
            Problem(
                str(path),
                f"columns {listed(table.columns)}",
                f"also {', '.join(missing)}",
                "add the columns; data/README.md says what each holds",
            )
        )
    for name in REGISTRY:
        if name not in table:
            table[name] = ""
    for name in ("start_line", "end_line", "body"):  # what spreadsheets make of 7 and of 9:12
        table[name] = table[name].str.translate(TYPED).str.strip()
        table[name] = table[name].str.replace(r"(?<=\d)\.0$|(?<=\d:\d\d):00$|(?<=\d:\d):00$", "", regex=True)
    table["date"] = table["date"].map(_iso)
    refuse_if(_problems(table, str(path), voices))
    for name in ("start_line", "end_line"):
        table[name] = pd.to_numeric(table[name]).astype("Int64")
    return table[REGISTRY]


def _problems(table: pd.DataFrame, file: str, voices: Sequence[str]) -> Iterator[Problem]:
    for number, name in enumerate(table["id"], 2):
        if not name.strip() or len(name) > 300 or not name.isprintable():
            came = said(name) if name else "nothing"
            yield Problem(
                f"{file} row {number} id", came, "a name for the article, on one line", "give it one"
            )
    for name in table["id"][table["id"].duplicated()].unique():
        yield Problem(f"{file} id {name}", "two rows", "one row an article", "give the second another id")
    taken: dict[str, list[tuple[int, int, str, str]]] = {}
    for row in table.itertuples():
        where = f"{file} id {row.id}"
        numbers = f"{row.start_line}:{row.end_line}"
        if row.voice and voices and row.voice not in voices:
            yield Problem(
                f"{where} voice",
                repr(row.voice),
                listed(voices),
                "choose one of these, leave it empty, or add it to study.toml",
            )
        alone = numbers == ":" and not row.body
        try:
            ((first, last),) = [(1, _END)] if alone else line_ranges(numbers, where)
            body = [] if alone else line_ranges(row.body, f"{where} body")
        except (Refused, ValueError):
            yield Problem(
                where,
                f"lines {numbers[:60]}, body {row.body[:60]!r}",
                "start_line and end_line, two line numbers from 1 on, the first not larger, and pieces of them as A:B;C:D; all empty for a whole document",
                "correct the row",
            )
            continue
        if outside := [piece for piece in body if not first <= piece[0] <= piece[1] <= last]:
            yield Problem(
                f"{where} body {outside[0][0]}:{outside[0][1]}",
                "lines that do not belong to the article",
                f"pieces of start_line to end_line, {numbers}",
                "correct the body, or the lines that all of the article takes",
            )
        taken.setdefault(row.source, []).append((first, last, row.id, ""))
        taken.setdefault(f"{row.source}\0{row.id}", []).extend((*piece, row.id, "body ") for piece in body)
    for pieces in taken.values():
        until, other = 0, ""
        for first, last, name, what in sorted(pieces):
            if first <= until:
                yield Problem(
                    f"{file} id {name} {what}{'whole document' if last == _END else f'{first}:{last}'}",
                    f"lines that {'this row' if name == other and what else 'id ' + other} claims too (up to {until if until < _END else 'the end'})",
                    "every line in one article only",
                    "correct the lines of one of them",
                )
            until, other = max((until, other), (last, name))


def _iso(date: str) -> str:
    """Write 2023/5/6 as 2023-05-06; what is no date stays."""
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?", date.strip())
    return (
        "-".join([match[1], *(f"{int(part):02d}" for part in match.groups()[1:] if part)]) if match else date
    )


def write(articles: pd.DataFrame, file: str | Path) -> None:
    """Write articles as a registry for a person to correct, with the fingerprints of their texts.

    With a mark, so that spreadsheets open it as UTF-8.
    """
    table = articles.assign(fingerprint=[fingerprint(text) for text in articles["text"]])
    _write(table.reindex(columns=REGISTRY), file)


def _write(table: pd.DataFrame, file: str | Path) -> None:
    if Path(file).suffix.lower() in (".xlsx", ".xls"):
        raise Refused(
            Problem(
                str(file),
                "the name of a workbook",
                "a CSV file, which spreadsheets open too",
                "call it articles.csv, or save the workbook as CSV UTF-8",
            )
        )
    write_table(table, file)


def renew(file: str | Path, articles: pd.DataFrame) -> int:
    """Write new fingerprints into a registry, for the articles that are here; rows, columns and order stay. Return how many."""
    table = read_table(file, REGISTRY_IS, WRITE_ONE)
    prints = {row.id: fingerprint(row.text) for row in articles.itertuples()}
    old = table["fingerprint"] if "fingerprint" in table else pd.Series("", index=table.index)
    table["fingerprint"] = table["id"].map(prints).fillna(old)
    _write(table, file)
    return int(table["id"].isin(prints).sum())


def check(found: pd.DataFrame, registry: pd.DataFrame) -> pd.DataFrame:
    """Compare articles with the fingerprints a person approved: one row an article, `state` = same | changed | no fingerprint | not here."""
    texts = dict(zip(found["id"], found["text"], strict=True))
    rows = []
    for row in registry.itertuples():
        text = texts.get(row.id)
        state = (
            "not here"
            if text is None
            else "no fingerprint"
            if not row.fingerprint
            else "same"
            if fingerprint(text) == row.fingerprint
            else "changed"
        )
        rows.append((row.id, row.source, state))
    return pd.DataFrame(rows, columns=["id", "source", "state"])


def sources(file: str | Path, documents: pd.DataFrame) -> pd.DataFrame:
    """Find a study's documents among those that were read, by fingerprint, whatever their files are called.

    One row a row of `sources.csv`, with `state`: here, changed (a file of that name, other bytes) or not here, and
    `found`, the file that holds it.
    """
    return found_among(read_sources(file), documents)


def read_sources(file: str | Path) -> pd.DataFrame:
    """Read `sources.csv`: one row a document of the study; refused: missing columns, names that return."""
    path = Path(file)
    found = read_table(
        path,
        "a table with the columns source, file, sha256",
        "write it, and set [split] sources in study.toml",
    )
    if missing := [name for name in ("source", "file", "sha256") if name not in found]:
        raise Refused(
            Problem(str(path), f"columns {listed(found.columns)}", f"also {', '.join(missing)}", "add them")
        )
    refuse_if(
        Problem(f"{path} source {name}", "two rows", "one row a document", "give the second another name")
        for name in found["source"][found["source"].duplicated()].unique()
    )
    return found.assign(
        sha256=found["sha256"].str.strip().str.lower(), name=[Path(name).name for name in found["file"]]
    )


def found_among(known: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Say of each row of `sources.csv` whether its document is among those that were read: columns state and found."""
    prints = dict(zip(documents["fingerprint"], documents["file"], strict=True))
    names = {Path(name).name: name for name in documents["file"]}
    states = [
        ("here", prints[sha])
        if sha in prints
        else ("changed", names[name])
        if name in names
        else ("not here", "")
        for sha, name in zip(known["sha256"], known["name"], strict=True)
    ]
    return known.drop(columns="name").assign(
        state=[state for state, _ in states], found=[place for _, place in states]
    )


def complete(study: Study, documents: pd.DataFrame) -> bool:
    """Tell whether all documents of a study are among those that were read; without a list of them, whether there are any."""
    if not study.sources:
        return len(documents) > 0
    return bool(sources(study.path(study.sources), documents)["state"].eq("here").all())


def named(documents: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Give the documents of a study the names that its registry uses; documents that the study does not list keep theirs."""
    rows = zip(found["source"], found["state"], found["found"], strict=True)
    names = {file: source for source, state, file in rows if state == "here"}
    listed_names = set(found["source"])
    together = list(zip(documents["file"], documents["id"], strict=True))
    refuse_if(
        Problem(
            f"sources.csv {name}",
            f"{file}, which bears that name and has other bytes",
            "the document with the SHA-256 that stands there",
            "take the file away, rename it, or write its own SHA-256 (then check the registry)",
        )
        for file, name in together
        if file not in names and name in listed_names
    )
    return documents.assign(id=[names.get(file, name) for file, name in together])
