"""Split: documents → articles → passages.

First a proposal from the look of the pages (`propose`), then a person's word: `articles.csv`, one row an article, which wins over
every guess (`registry`).
"""

import re
import warnings
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import compress, takewhile
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.checks import Remark, listed, one_of
from nqp_topics.documents.clean import apply, assemble, han, steps
from nqp_topics.documents.cleaning.furniture import ends_sentence
from nqp_topics.documents.propose import propose
from nqp_topics.documents.registry import REGISTRY, naming, read_sources
from nqp_topics.documents.registry import read as read_registry
from nqp_topics.documents.speaking import without_labels
from nqp_topics.files.tables import read_written
from nqp_topics.study import (
    Problem,
    Refused,
    Repair,
    Study,
    line_ranges,
    progress,
    refuse_if,
    rules_of,
)

# one row an article: what the registry holds, and its text
ARTICLES = [*(name for name in REGISTRY if name != "fingerprint"), "text"]
REPEATED = 3  # articles that have a line make it one that repeats
LEFT = 0.2  # of an article: where less would remain without what it shares, it is a reprint
EDGES = (
    0.1  # of the articles: so many begin or end with a short line that is theirs by form (点击关注, 推荐阅读)
)
SHORT = 20  # characters: shorter lines are alike by chance (答：是的。)
_TEXT_FORMATS = ("text", "markdown")
_PAGES = "pdf"
_PRINTED_HEADS = ("pdf", "docx", "html")  # what is known of title and author is printed above the text too


def by_study(documents: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Cut documents as `study.toml` says: by its registry where it names one, with its repairs and its script, without paragraphs that articles share where it drops them."""
    if study.sources:
        known = read_sources(study.path(study.sources))
        todo = "name a document of sources.csv"
        where = "study.toml [[clean.repair]] {} source"
        repairs = study.repairs
        refuse_if(*(one_of(where.format(one.name), one.source, known["source"], todo) for one in repairs))
        documents = naming(known)(documents)
    registry = read_registry(study.path(study.articles), study.voices) if study.articles else None
    found = articles(documents, registry, study.rules, study.script, study.voices)
    return as_counted(found, study)


def as_counted(articles: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return articles as topics are made of them: without paragraphs that they share, where the study drops these. Fingerprints are those before."""
    return without_shared(articles)[0] if study.repeated == "drop" else articles


def repeated(names: Iterable[str], texts: Iterable[str]) -> dict[str, int]:
    """Return the lines that three articles or more have word for word, and how often each stands; `names`: the article of each text."""
    stands: dict[str, list[str]] = {}
    for name, text in zip(names, texts, strict=True):
        for line in text.split("\n"):
            stands.setdefault(line.strip(), []).append(name)
    return {line: len(where) for line, where in stands.items() if len(set(where)) >= REPEATED}


def shared(articles: pd.DataFrame) -> set[str]:
    """Return the paragraphs of 20 characters or more that three articles or more have word for word."""
    return {line for line in repeated(articles["id"], articles["text"]) if len(line) >= SHORT}


def edges(articles: pd.DataFrame) -> set[str]:
    """Return the shorter lines, no sentences, with which a tenth of the articles begin or end, before or behind other lines that three articles or more have."""
    again, many = repeated(articles["id"], articles["text"]), Counter[str]()
    for text in articles["text"]:
        many.update({line for run in _outer(text.split("\n"), again) for line in run})
    often = max(REPEATED, EDGES * len(articles))
    short = (line for line, count in many.items() if count >= often and len(line) < SHORT)
    return {line for line in short if not ends_sentence(line)}


def _outer(lines: list[str], again: Container[str]) -> tuple[list[str], list[str]]:
    """Return the lines at the head and at the foot of an article, up to the first that is not among these."""
    head, foot = (list(takewhile(again.__contains__, map(str.strip, run))) for run in (lines, lines[::-1]))
    return head, foot


def without_shared(
    articles: pd.DataFrame, again: set[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take out of articles the paragraphs that they share (what every judgment ends with), or those of `again`, which others share; short ones at its head and foot alone.

    Returns the articles, and what went, one row a paragraph: article, source, step, han, removed. An article of which less than a fifth
    of its Chinese characters would remain keeps its text: it is a reprint, and what it shares is no form.
    """
    again = shared(articles) | edges(articles) if again is None else again
    rows, texts = [], []
    for one in articles.itertuples():
        lines = one.text.split("\n")
        head, foot = map(len, _outer(lines, again))
        outer = {*range(head), *range(len(lines) - foot, len(lines))}
        goes = [
            n in outer or (len(line.strip()) >= SHORT and line.strip() in again)
            for n, line in enumerate(lines)
        ]
        gone, left = list(compress(lines, goes)), "\n".join(compress(lines, (not one for one in goes)))
        if not left.strip() or han(left) < LEFT * han(one.text):
            gone, left = [], one.text
        rows += [(one.id, one.source, "drop_shared", han(line), line) for line in gone]
        texts.append(left)
    lost = pd.DataFrame(rows, columns=["article", "source", "step", "han", "removed"])
    return articles.assign(text=texts), lost


def articles(
    documents: pd.DataFrame,
    registry: pd.DataFrame | None = None,
    repairs: Iterable[Repair] = (),
    script: str = "as printed",
    voices: Sequence[str] = (),
) -> pd.DataFrame:
    """Cut documents into articles and clean them: one row an article, in the order of documents and lines.

    `documents` is the table that `read` gives. With a registry, its rows are the articles, and a document without a row is left out.
    Without one, text documents are cut as `propose` says (PDFs where titles with bylines stand), a guessed voice is kept where it is one of the `voices`; in other formats a document is one article.
    Refused: lines beyond the end of a document.
    """
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    repairs = tuple(repairs)
    known: dict[str, list[dict[str, Any]]] = {}
    for row in () if registry is None else registry.reindex(columns=ARTICLES[:-1]).to_dict("records"):
        known.setdefault(row["source"], []).append(row)
    for document in progress(list(documents.itertuples()), "articles"):
        own = rules_of(repairs, document.id)
        keep, join = steps(document.text, own, script, document.format)
        kept = apply(keep, document.text)
        total = kept.count("\n") + 1
        for part in _proposed(document, voices) if registry is None else known.get(document.id, []):
            claimed = [] if pd.isna(part["start_line"]) else [(part["start_line"], part["end_line"])]
            body = line_ranges(part["body"]) or claimed or [(1, total)]
            if beyond := next((piece for piece in [*body, *claimed] if piece[1] > total), None):
                came = f"lines {beyond[0]}:{beyond[1]} of {document.id}"
                allowed = f"lines 1:{total}, which is all the document has"
                todo = "correct the lines, or check that this is the document the registry was made for"
                problems.append(Problem(f"registry id {part['id']}", came, allowed, todo))
                continue
            said = (
                without_labels(kept, body, part["author"], part["id"])
                if part["body"] and registry is not None
                else kept
            )
            text = assemble(said, body, join)
            if document.format in _PRINTED_HEADS:
                text = _without_head(text, document.title or "", document.author or "")
            lines = f"{claimed[0][0]}:{claimed[0][1]}" if claimed else ""
            rows.append({**part, "body": part["body"] or lines, "text": text})
    refuse_if(problems)
    table = pd.DataFrame(rows, columns=ARTICLES).astype({"start_line": "Int64", "end_line": "Int64"})
    return table.fillna({name: "" for name in ARTICLES if name not in ("start_line", "end_line")})


def _proposed(document: Any, voices: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the articles of one document as the look of its pages proposes."""
    names = ("title", "author", "outlet", "voice", "date")
    given = {name: getattr(document, name, "") or "" for name in names}
    whole = {"id": document.id, "source": document.id, "start_line": None, "end_line": None, "body": ""}
    if document.format not in (*_TEXT_FORMATS, _PAGES):
        yield {**whole, **given}
        return
    parts = propose(document.text, by_titles=document.format == _PAGES)
    if document.format == _PAGES and not parts[0]["author"] and len(parts) == 1:
        yield {**whole, **given}
        return
    digits = max(2, len(str(len(parts))))
    for number, part in enumerate(parts, 1):
        lines = f"{part.pop('body_line')}:{part['end_line']}"
        one = {**whole, **part, "body": lines, "voice": part["voice"] if part["voice"] in voices else ""}
        if len(parts) > 1:
            yield {**one, "id": f"{document.id}-{number:0{digits}d}"}
        else:
            yield {**one, **{name: value for name, value in given.items() if value}}


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
        allowed = "two numbers of characters, the first smaller and above 0"
        todo = "40 and 600 suit newspaper and journal prose"
        where = "split.passages(shortest, longest)"
        raise Refused(Problem(where, f"{shortest}, {longest}", allowed, todo))
    pairs = list(zip(articles["id"], articles["text"], strict=True))
    if empty := [name for name, text in pairs if not text.strip()]:
        told = f"{len(empty)} articles have no text and so no passage: {listed(empty)}"
        warnings.warn(told, Remark, stacklevel=2)
    rows = []
    for name, text in pairs:
        blocks = _joined(text.split("\n"), shortest)
        for place, piece in enumerate((piece for block in blocks for piece in _cut(block, longest)), 1):
            rows.append((f"{name}-p{place:03d}", name, place, han(piece), piece))
    return pd.DataFrame(rows, columns=["id", "article", "place", "han", "text"])


def _joined(paragraphs: list[str], shortest: int) -> list[str]:
    blocks, waiting, long = list[str](), list[str](), 0
    for paragraph in paragraphs:
        waiting.append(paragraph)
        long += han(paragraph)
        if long >= shortest:
            blocks.append("\n".join(waiting))
            waiting, long = [], 0
    if any(waiting) or (waiting and blocks):
        blocks = [*blocks[:-1], "\n".join([*blocks[-1:], *waiting])]
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
    return read_written(file, {"id": str, "article": str})
