"""What may be shared of documents whose text may not: lengths, losses, counts, what became of words; and whether it comes out again."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import counts as count
from nqp_topics.checks import Problem, Remark, file_here, listed, refuse_if
from nqp_topics.counts import Counts
from nqp_topics.documents import read, registry, split
from nqp_topics.documents.clean import losses
from nqp_topics.files import fingerprint, once, print_of
from nqp_topics.files.tables import read_written, write_table
from nqp_topics.study import CHOICES, Study, rules_of
from nqp_topics.words import terms

SHARED = 8  # characters of a mined term that is handed on: longer ones are clauses of somebody's text
MINED = 3000  # how many: of the terms that a reader wants kept, 500 hold half, 3,000 nine in ten, more hardly another
PASSAGES = ["id", "article", "place", "han"]


def facts(study: Study, documents: pd.DataFrame) -> dict[str, pd.DataFrame | Counts]:
    """Return what may be shared of documents whose text may not: tables by file name, and the counts.

    passages.csv: one row a passage, with its article, its place in it and its Chinese characters. losses.csv: one row a document and
    cleaning step, with the pieces and the Chinese characters it took away. counts: how often each word stands in each passage, without
    order. audit.csv: one row a term of the lexicon. sifted.csv: one row a word that the filters took out. trimmed.csv: one row a word
    that is in too few or too many passages. candidates.csv: one row a mined term, without its contexts.
    """
    rows = registry.of_study(study)
    if study.sources:
        found = registry.sources(study.path(study.sources), documents)
        refuse_if(_absent(study, found))
        documents = registry.naming(found)(documents)
        wanted = {*found["source"], *(rows["source"] if rows is not None else [])}
        documents = documents[documents["id"].isin(wanted)]
    elif rows is not None:
        if lone := sorted(set(documents["id"]) - set(rows["source"])):
            said = f"{len(lone)} documents without a row in the registry, left out: {listed(lone)}"
            warnings.warn(said, Remark, stacklevel=2)
        if lone := sorted(set(rows["source"]) - set(documents["id"])):
            said = f"{len(lone)} rows of the registry without their document, left out: {listed(lone)}"
            warnings.warn(said, Remark, stacklevel=2)
    lost = []
    for row in documents.itertuples():
        repairs = rules_of(study.rules, row.id)
        lost.append(losses(row.text, (), repairs, study.script, row.format).assign(source=row.id))
    found, shared = split.by_study(documents, study.but(repeated="keep")), []
    if study.repeated == "drop":
        found, gone = split.without_shared(found)
        shared = [gone]
    pieces = pd.concat([*lost, *shared]).groupby(["source", "step"], sort=True)["han"]
    cut = split.passages(found, study.shortest, study.longest)
    steps = count.by_study(study, cut)
    if empty := sorted(set(cut["article"]) - set(steps.counts.articles)):
        said = f"{len(empty)} articles without a word that is counted, left out: {listed(empty)}"
        warnings.warn(said, Remark, stacklevel=2)
    mined = terms.mine(cut)
    return {
        "passages.csv": cut[PASSAGES],
        "losses.csv": pieces.agg(pieces="size", han="sum").reset_index(),
        "counts": steps.counts,
        "audit.csv": steps.audit,
        "sifted.csv": steps.sifted,
        "trimmed.csv": steps.trimmed,
        "candidates.csv": mined[mined["term"].map(len) <= SHARED].head(MINED),
    }


def _absent(study: Study, found: pd.DataFrame) -> Iterator[Problem]:
    absent = [f"{row.source} ({row.file}): {row.state}" for row in found.itertuples() if row.state != "here"]
    todo = (
        f"put the documents there{f', or name their folder in {study.elsewhere}' if study.elsewhere else ''}"
    )
    if absent:
        allowed = "every document of sources.csv, byte for byte"
        yield Problem(str(study.raw), f"without {', '.join(absent)}", allowed, todo)


def shared_table(study: Study, name: str) -> pd.DataFrame:
    """Read a table that `share` wrote, by its name: passages, losses, audit, sifted, trimmed or candidates."""
    file, todo = study.facts / f"{name}.csv", f"make it: nqp-topics share --study {study.folder}"
    refuse_if(file_here(file, "a table that the study shares", todo))
    return read_written(file, {"source": str})


def share(study: Study, documents: pd.DataFrame, folder: str | Path | None = None) -> list[Path]:
    """Write the facts of a study beside its registry (or into a folder), and return the files."""
    counts = Path(folder) / "counts" if folder else study.written(study.counts or "data/counts")
    place = Path(folder) if folder else study.written(Path(study.articles).parent)
    written = []
    for name, table in facts(study, documents).items():
        if isinstance(table, pd.DataFrame):
            write_table(table, place / name, digits="%.6g")
            written.append(place / name)
        else:
            count.save(table, counts)
            written.append(counts)
    return written


def rebuilt(study: Study) -> pd.DataFrame:
    """Make articles, passages and counts again and compare them with those that are kept: one row a kind of thing that the study keeps.

    Columns: what (documents, articles, passages, counts), kept (how many), same (how many come out as they are kept), state (same, changed; not
    here: not all documents are at hand, and nothing is made again).
    """
    documents = read.state(study) if study.raw.is_dir() else ""
    name = fingerprint(json.dumps([once.code(), _state(study), documents]))
    return pd.DataFrame(once.once(study.cache / "rebuilt", name, lambda: _compared(study).to_dict("list")))


def _state(study: Study) -> list[Any]:
    """Return what a study keeps, by its bytes, and its settings."""
    named = (study.sources, study.articles, study.lexicon, study.stopwords)
    files = [study.path(name) for name in (*named, study.terms_sheet, study.stopwords_sheet) if name]
    files.append(study.facts / "passages.csv")
    files += sorted(study.path(study.counts).glob("*")) if study.counts else []
    chosen = {name: repr(getattr(study, name)) for name in CHOICES if name not in ("documents", "elsewhere")}
    return [chosen, *map(print_of, files)]


def _compared(study: Study) -> pd.DataFrame:
    documents = read.if_here(study)
    here = registry.complete(study, documents)
    listed = registry.sources(study.path(study.sources), documents)["state"] if study.sources else None
    articles = registry.read(study.path(study.articles))
    many = (len(documents),) * 2 if listed is None else (len(listed), int(listed.eq("here").sum()))
    rows = [("documents", *many)]
    again = split.by_study(documents, study.but(repeated="keep")) if here else None
    cut = None
    if again is not None:
        cut = split.passages(split.as_counted(again, study), study.shortest, study.longest)
    same = registry.check(again, articles)["state"].eq("same").sum() if again is not None else 0
    rows.append(("articles", len(articles), int(same)))
    if (file := study.facts / "passages.csv").is_file():
        kept = split.read_passages(file)
        rows.append(("passages", len(kept), len(kept.merge(cut[list(kept)])) if cut is not None else 0))
    if study.has_counts:
        again = count.by_study(study, cut).counts.fingerprint if cut is not None else ""
        alike = again == count.of_study(study).fingerprint
        rows.append(("counts", 1, int(alike)))
    table = pd.DataFrame(rows, columns=["what", "kept", "same"])
    other = "changed" if here else "not here"
    return table.assign(state=np.where(table["kept"] == table["same"], "same", other))
