"""Split: documents → articles → passages.

First a proposal from the look of the pages (`propose`), then a person's word: `articles.csv`, one row an article, which wins over
every guess (`registry`).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.checks import listed
from nqp_topics.documents.clean import apply, assemble, han, steps
from nqp_topics.documents.propose import propose
from nqp_topics.documents.registry import REGISTRY, named, sources
from nqp_topics.documents.registry import read as read_registry
from nqp_topics.files.tables import read_own
from nqp_topics.study import Problem, Refused, Repair, Study, line_ranges, progress, refuse_if

# one row an article: what the registry holds, and its text
ARTICLES = [*(name for name in REGISTRY if name != "fingerprint"), "text"]
_TEXT_FORMATS = ("text", "markdown")
_PRINTED_HEADS = ("pdf", "docx", "html")  # what is known of title and author is printed above the text too


def by_study(documents: pd.DataFrame, study: Study, registry: pd.DataFrame | None = None) -> pd.DataFrame:
    """Cut documents as `study.toml` says: by its registry where it names one (or by the one given), with its repairs and its script."""
    if study.sources:
        found = sources(study.path(study.sources), documents)
        refuse_if(
            Problem(
                f"study.toml [[clean.repair]] {repair.name}",
                f"source {repair.source!r}",
                ", ".join(found["source"]),
                "name a document of sources.csv",
            )
            for repair in study.repairs
            if repair.source not in set(found["source"])
        )
        documents = named(documents, found)
    if registry is None and study.articles:
        registry = read_registry(study.path(study.articles), study.voices)
    return articles(documents, registry, study.repairs, study.script)


def articles(
    documents: pd.DataFrame,
    registry: pd.DataFrame | None = None,
    repairs: Iterable[Repair] = (),
    script: str = "as printed",
) -> pd.DataFrame:
    """Cut documents into articles and clean them: one row an article, in the order of documents and lines.

    `documents` is the table that `read` gives. With a registry, its rows are the articles, and a document without a row is left out.
    Without one, text documents are cut as `propose` says; in other formats a document is one article.
    Refused: lines beyond the end of a document.
    """
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    repairs = tuple(repairs)
    known: dict[str, list[Any]] = {}
    for row in () if registry is None else registry.itertuples():
        known.setdefault(row.source, []).append(row)
    for document in progress(list(documents.itertuples()), "articles"):
        keep, join = steps(
            document.text, [r for r in repairs if r.source == document.id], script, document.format
        )
        kept = apply(keep, document.text)
        total = kept.count("\n") + 1
        for part in _proposed(document) if registry is None else _registered(known.get(document.id, [])):
            body = line_ranges(part["body"]) or [(1, total)]
            ends = [] if pd.isna(part["end_line"]) else [(part["start_line"], part["end_line"])]
            if beyond := [piece for piece in [*body, *ends] if piece[1] > total]:
                problems.append(
                    Problem(
                        f"registry id {part['id']}",
                        f"lines {beyond[0][0]}:{beyond[0][1]} of {document.id}",
                        f"lines 1:{total}, which is all the document has",
                        "correct the lines, or check that this is the document the registry was made for",
                    )
                )
                continue
            text = assemble(kept, body, join)
            if document.format in _PRINTED_HEADS:
                text = _without_head(text, document.title or "", document.author or "")
            rows.append({**part, "text": text})
    refuse_if(problems)
    table = pd.DataFrame(rows, columns=ARTICLES)
    for name in ("start_line", "end_line"):
        table[name] = table[name].astype("Int64")
    return table.fillna({name: "" for name in ARTICLES if name not in ("start_line", "end_line")})


def _registered(rows: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of one document; `body` says the lines of the text, nothing for all of the document."""
    for row in rows:
        lines = "" if pd.isna(row.start_line) else f"{row.start_line}:{row.end_line}"
        given = {name: getattr(row, name) for name in ARTICLES if name != "text"}
        yield {**given, "body": row.body or lines}


def _proposed(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the articles of one document as the look of its pages proposes."""
    known = ("title", "author", "outlet", "voice", "date")
    given = {name: getattr(document, name, "") or "" for name in known}
    if document.format not in _TEXT_FORMATS:
        yield {
            "id": document.id,
            "source": document.id,
            "start_line": None,
            "end_line": None,
            **given,
            "body": "",
        }
        return
    proposal = propose(document.text)
    digits = max(2, len(str(len(proposal))))
    for number, row in enumerate(proposal.itertuples(), 1):
        alone = len(proposal) == 1
        yield {
            "id": document.id if alone else f"{document.id}-{number:0{digits}d}",
            "source": document.id,
            "start_line": row.start_line,
            "end_line": row.end_line,
            **{name: getattr(row, name) for name in (*known, "affiliation")},
            **({name: value for name, value in given.items() if value} if alone else {}),
            "body": f"{row.body_line}:{row.end_line}",
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


def passages(articles: pd.DataFrame, shortest: int = 40, longest: int = 600) -> pd.DataFrame:
    """Cut articles into passages, the unit that topics are fitted on: one row a passage.

    A passage is a paragraph. One with fewer than `shortest` Chinese characters (a heading) is joined to the next, at the end of an article
    to the one before; one with more than `longest` is cut at sentence ends into pieces of about equal length. Columns: id,
    article, place (from 1), han (Chinese characters), text. Joining them again gives the article's text; an article
    without text has no passage, of which a warning tells.
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
    if empty := [row.id for row in articles.itertuples() if not row.text.strip()]:
        warnings.warn(f"{len(empty)} articles have no text and so no passage: {listed(empty)}", stacklevel=2)
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
    long = 0
    for paragraph in paragraphs:
        waiting.append(paragraph)
        long += han(paragraph)
        if long >= shortest:
            blocks.append("\n".join(waiting))
            waiting, long = [], 0
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
    piece, long, done = "", 0, 0
    for sentence in sentences:
        size = han(sentence)
        target = total * (len(pieces) + 1) / wanted
        if piece and (long + size > longest or (done + size / 2 > target and len(pieces) + 1 < wanted)):
            pieces.append(piece)
            piece, long = "", 0
        piece += sentence
        long += size
        done += size
    return [*(part.strip("\n") for part in pieces), piece.strip("\n")]


def read_passages(file: str | Path) -> pd.DataFrame:
    """Read the table of passages that a study shares: id, article, place, han; no text."""
    return read_own(file, {"id": str, "article": str})
