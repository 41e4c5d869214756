"""Split: documents → articles → passages.

First a proposal from the look of the pages (`propose`), then a person's word: `articles.csv`, one row an article, whose rows
win over every guess and carry the fingerprint of the text they were checked on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.clean import apply, assemble, han, steps
from nqp_topics.propose import propose
from nqp_topics.study import (
    Problem,
    Refused,
    Repair,
    fingerprint,
    line_ranges,
    progress,
    refuse_if,
    whole,
)

VOICES = (
    "leader_speech",
    "official_report",
    "newspaper_commentary",
    "academic",
    "interview",
    "local_official",
    "expert_opinion",
    "other",
)
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
ARTICLES = [
    "id",
    "source",
    "start_line",
    "end_line",
    "title",
    "author",
    "affiliation",
    "outlet",
    "voice",
    "region",
    "date",
    "text",
]
_TEXT_FORMATS = ("text", "markdown")
_END = 10**9  # behind the last line of any document


def read_registry(file: str | Path) -> pd.DataFrame:
    """Read `articles.csv`: one row an article.

    `source` is the document's name in `sources.csv` (or its id, where a study has none); `start_line` to `end_line` (from 1) is all
    that belongs to the article, both empty for a document that is one article; `body` is its text without title and byline, as pieces `A:B;C:D` in reading order; `fingerprint` is that of the clean
    text. Refused: missing columns, ids that return, lines that do not exist or that two articles claim, unknown voices.
    """
    path = Path(file)
    if not path.is_file():
        raise Refused(
            Problem(
                str(path),
                "no such file",
                "a registry of articles",
                "write one with: nqp-topics articles FILE… --write-registry articles.csv",
            )
        )
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise Refused(
            Problem(str(path), str(error).strip(), "a CSV file in UTF-8", "save it again as CSV UTF-8")
        ) from None
    if missing := [name for name in ("id", "source", "start_line", "end_line") if name not in table]:
        raise Refused(
            Problem(
                str(path),
                f"columns {', '.join(table.columns)}",
                f"also {', '.join(missing)}",
                "add the columns; see data/README.md",
            )
        )
    for name in REGISTRY:
        if name not in table:
            table[name] = ""
    refuse_if(_registry_problems(table, str(path)))
    for name in ("start_line", "end_line"):
        table[name] = pd.to_numeric(table[name]).astype("Int64")
    return table[REGISTRY]


def _registry_problems(table: pd.DataFrame, file: str) -> Iterator[Problem]:
    for name in table["id"][table["id"].duplicated()].unique():
        yield Problem(f"{file} id {name}", "two rows", "one row an article", "give the second another id")
    taken: dict[str, list[tuple[int, int, str]]] = {}
    for row in table.itertuples():
        where = f"{file} id {row.id}"
        numbers = f"{row.start_line}:{row.end_line}"
        if row.voice and row.voice not in VOICES:
            yield Problem(
                f"{where} voice", repr(row.voice), ", ".join(VOICES), "choose one of these, or leave it empty"
            )
        alone = numbers == ":" and not row.body
        if not alone and (
            not re.fullmatch(r"\d+:\d+", numbers) or not 0 < int(row.start_line) <= int(row.end_line)
        ):
            yield Problem(
                where,
                f"lines {numbers}",
                "start_line and end_line, from 1 on, the first not larger; both empty for a whole document",
                "correct the row",
            )
            continue
        try:
            body = [(1, _END)] if alone else line_ranges(row.body or numbers, f"{where} body")
        except Refused as refused:
            yield from refused.problems
            continue
        for first, last in body:
            for other_first, other_last, other in taken.get(row.source, []):
                if first <= other_last and other_first <= last:
                    yield Problem(
                        f"{where} {'whole document' if alone else f'body {first}:{last}'}",
                        f"lines that {'this row' if other == row.id else 'id ' + other} claims too ({other_first}:{other_last})",
                        "every line in one article only",
                        "correct the lines of one of them",
                    )
            taken.setdefault(row.source, []).append((first, last, row.id))


def articles(
    documents: pd.DataFrame,
    registry: pd.DataFrame | None = None,
    repairs: Iterable[Repair] = (),
    script: str = "as printed",
) -> pd.DataFrame:
    """Cut documents into articles and clean them: one row an article, in the order of documents and lines.

    `documents` is the table that `read` gives. Documents that the registry names are cut as it says; text documents that it
    does not name are cut as `propose` says; in other formats a document is one article.
    Refused: lines beyond the end of a document.
    """
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    repairs = tuple(repairs)
    known = {} if registry is None else dict(list(registry.groupby("source", sort=False)))
    for document in progress(list(documents.itertuples()), "articles"):
        keep, join = steps(
            document.text, [r for r in repairs if r.source == document.id], script, document.format
        )
        kept = apply(keep, document.text)
        total = kept.count("\n") + 1
        for part in _parts(document, known.get(document.id)):
            body = part.pop("body")
            if beyond := [piece for piece in body if piece[1] > total]:
                problems.append(
                    Problem(
                        f"articles.csv id {part['id']}",
                        f"lines {beyond[0][0]}:{beyond[0][1]} of {document.id}",
                        f"lines 1:{total}, which is all the document has",
                        "correct the lines, or check that this is the document the registry was made for",
                    )
                )
                continue
            text = assemble(kept, body, join)
            if document.format not in _TEXT_FORMATS:
                text = _without_head(text, part["title"], part["author"])
            rows.append({**part, "text": text})
    refuse_if(problems)
    table = pd.DataFrame(rows, columns=ARTICLES)
    for name in ("start_line", "end_line"):
        table[name] = table[name].astype("Int64")
    return table.fillna({name: "" for name in ARTICLES if name not in ("start_line", "end_line")})


def _parts(document: Any, registered: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    """Yield what is known of each article of one document, with `body`, the lines of its text."""
    if registered is not None:
        for row in registered.itertuples():
            given = {name: getattr(row, name) for name in ARTICLES if name != "text"}
            body = row.body or ("" if pd.isna(row.start_line) else f"{row.start_line}:{row.end_line}")
            yield {**given, "body": line_ranges(body) or [(1, document.text.count("\n") + 1)]}
        return
    given = {
        name: getattr(document, name, "") or "" for name in ("title", "author", "outlet", "voice", "date")
    }
    if document.format not in _TEXT_FORMATS:
        whole_document = (1, document.text.count("\n") + 1)
        yield {
            "id": document.id,
            "source": document.id,
            "start_line": None,
            "end_line": None,
            **given,
            "body": [whole_document],
        }
        return
    proposal = propose(document.text)
    digits = max(2, len(str(len(proposal))))
    for number, row in enumerate(proposal.itertuples(), 1):
        found = {
            name: getattr(row, name) for name in ("title", "author", "affiliation", "outlet", "voice", "date")
        }
        alone = len(proposal) == 1
        yield {
            "id": document.id if alone else f"{document.id}-{number:0{digits}d}",
            "source": document.id,
            "start_line": row.start_line,
            "end_line": row.end_line,
            **found,
            **({name: value for name, value in given.items() if value} if alone else {}),
            "region": "",
            "body": [(row.body_line, row.end_line)],
        }


def _without_head(text: str, title: str, author: str) -> str:
    """Take title and byline off the head of a document that is one article, where they repeat what is known of it."""
    paragraphs = text.split("\n")
    known = {_letters(title), _letters(author), _letters(title) + _letters(author)} - {""}
    while len(paragraphs) > 1 and _letters(paragraphs[0]) in known:
        del paragraphs[0]
    return "\n".join(paragraphs)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def write_registry(proposal: pd.DataFrame, file: str | Path) -> None:
    """Write articles as a registry for a person to correct, with the fingerprints of their texts."""
    table = proposal.copy()
    table["body"] = ""
    table["notes"] = ""
    table["fingerprint"] = [fingerprint(text) for text in proposal["text"]]
    with whole(file) as stream:
        table.reindex(columns=REGISTRY).to_csv(stream, index=False, lineterminator="\n")


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


def passages(articles: pd.DataFrame, shortest: int = 40, longest: int = 600) -> pd.DataFrame:
    """Cut articles into passages, the unit that topics are fitted on: one row a passage.

    A passage is a paragraph. One with fewer than `shortest` Chinese characters (a heading) is joined to the next, at the end of an article
    to the one before; one with more than `longest` is cut at sentence ends into pieces of about equal length. Columns: id,
    article, place (from 1), han (Chinese characters), text. Joining them again gives the article's text.
    """
    if not 0 < shortest < longest:
        raise Refused(
            Problem(
                "split.passages(shortest, longest)",
                f"{shortest}, {longest}",
                "two numbers of characters, the first smaller and above 0",
                "40 and 600 suit newspaper and journal prose",
            )
        )
    rows = []
    for row in articles.itertuples():
        pieces = [
            piece for block in _joined(row.text.split("\n"), shortest) for piece in _cut(block, longest)
        ]
        rows += [
            (f"{row.id}-p{place:03d}", row.id, place, han(text), text) for place, text in enumerate(pieces, 1)
        ]
    return pd.DataFrame(rows, columns=["id", "article", "place", "han", "text"])


def _joined(paragraphs: list[str], shortest: int) -> list[str]:
    blocks: list[str] = []
    waiting: list[str] = []
    for paragraph in paragraphs:
        waiting.append(paragraph)
        if sum(map(han, waiting)) >= shortest:
            blocks.append("\n".join(waiting))
            waiting = []
    if waiting and blocks:
        blocks[-1] = "\n".join([blocks[-1], *waiting])
    elif any(waiting):
        blocks.append("\n".join(waiting))
    return blocks


def _cut(block: str, longest: int) -> list[str]:
    """Cut a block at sentence ends into as few pieces as `longest` allows, each about as long as the others."""
    total = han(block)
    if total <= longest:
        return [block]
    sentences = re.findall(r".+?(?:[。！？!?…；]+[”’」』）)]*|\n|$)\n?", block, re.S)
    wanted = -(-total // longest)
    pieces: list[str] = []
    piece, done = "", 0
    for sentence in sentences:
        size = han(sentence)
        target = total * (len(pieces) + 1) / wanted
        if piece and (han(piece) + size > longest or (done + size / 2 > target and len(pieces) + 1 < wanted)):
            pieces.append(piece)
            piece = ""
        piece += sentence
        done += size
    return [*(part.strip("\n") for part in pieces), piece.strip("\n")]


def read_passages(file: str | Path) -> pd.DataFrame:
    """Read the table of passages that a study shares: id, article, place, han; no text."""
    return pd.read_csv(file, dtype={"id": str, "article": str})


def sources(file: str | Path, documents: pd.DataFrame) -> pd.DataFrame:
    """Find a study's documents among those that were read, by fingerprint, whatever their files are called.

    One row a row of `sources.csv`, with `state`: here, changed (a file of that name, other bytes) or not here, and
    `found`, the file that holds it.
    """
    path = Path(file)
    if not path.is_file():
        raise Refused(
            Problem(
                str(path),
                "no such file",
                "a table with the columns source, file, sha256",
                "write it, and set [split] sources in study.toml",
            )
        )
    listed = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if missing := [name for name in ("source", "file", "sha256") if name not in listed]:
        raise Refused(
            Problem(
                str(path), f"columns {', '.join(listed.columns)}", f"also {', '.join(missing)}", "add them"
            )
        )
    prints = dict(zip(documents["fingerprint"], documents["file"], strict=True))
    names = {Path(name).name: name for name in documents["file"]}
    states = [
        ("here", prints[row.sha256])
        if row.sha256 in prints
        else ("changed", names[Path(row.file).name])
        if Path(row.file).name in names
        else ("not here", "")
        for row in listed.itertuples()
    ]
    return listed.assign(state=[state for state, _ in states], found=[place for _, place in states])


def named(documents: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Give the documents of a study the names that its registry uses; documents that the study does not list keep theirs."""
    names = {row.found: row.source for row in found.itertuples() if row.state == "here"}
    return documents.assign(id=[names.get(row.file, row.id) for row in documents.itertuples()])
