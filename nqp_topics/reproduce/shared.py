"""What may be shared of documents whose text may not: lengths, losses, counts, what became of words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nqp_topics.study import Problem, Study, fingerprint, refuse_if, whole

if TYPE_CHECKING:
    from nqp_topics.counts.table import Counts

SHARED = 8  # characters of a mined term that is handed on: longer ones are clauses of somebody's text
MINED = 3000  # how many: of the terms that a reader wants kept, 500 hold half, 3,000 nine in ten, more hardly another
PASSAGES = ["id", "article", "place", "han"]
WORDS = ("cut_by", "guess", "general_stopwords", "shortest_word", "numbers", "parts", "min_df", "max_df")


def facts(study: Study, documents: pd.DataFrame) -> dict[str, pd.DataFrame | Counts]:
    """Return what may be shared of documents whose text may not: tables by file name, and the counts.

    passages.csv: one row a passage, with its article, its place in it and its Chinese characters. losses.csv: one row a document and
    cleaning step, with the pieces and the Chinese characters it took away. counts: how often each word stands in each passage, without
    order. audit.csv: one row a term of the lexicon. sifted.csv: one row a word that the filters took out. trimmed.csv: one row a word
    that is in too few or too many passages. candidates.csv: one row a mined term, without its contexts.
    """
    from nqp_topics.documents import registry, split
    from nqp_topics.documents.clean import losses

    if study.sources:
        found = registry.sources(study.path(study.sources), documents)
        refuse_if(_absent(study, found))
        documents = registry.named(documents, found)
        rows = registry.read(study.path(study.articles)) if study.articles else None
        wanted = {*found["source"], *(rows["source"] if rows is not None else [])}
        documents = documents[documents["id"].isin(wanted)]
    lost = []
    for row in documents.itertuples():
        repairs = [repair for repair in study.repairs if repair.source == row.id]
        lost.append(losses(row.text, (), repairs, study.script, row.format).assign(source=row.id))
    by_step = pd.concat(lost).groupby(["source", "step"], sort=True)["han"].agg(pieces="size", han="sum")
    cut = split.passages(split.by_study(documents, study), study.shortest, study.longest)
    return {"passages.csv": cut[PASSAGES], "losses.csv": by_step.reset_index(), **words(study, cut)}


def _absent(study: Study, found: pd.DataFrame) -> Iterator[Problem]:
    absent = [f"{row.source} ({row.file}): {row.state}" for row in found.itertuples() if row.state != "here"]
    if absent:
        yield Problem(
            str(study.raw),
            f"without {', '.join(absent)}",
            "every document of sources.csv, byte for byte",
            f"put the documents there{f', or name their folder in {study.elsewhere}' if study.elsewhere else ''}",
        )


def words(study: Study, passages: pd.DataFrame) -> dict[str, pd.DataFrame | Counts]:
    """Cut, filter and count passages as `study.toml` says; return the counts and the tables of what was changed and left out."""
    from nqp_topics.counts import make as count
    from nqp_topics.words import audit, lexicon, segment, sift, terms

    file = study.path(study.lexicon) if study.lexicon else None
    by = segment.cutter(lexicon.read(file) if file else None, study.cut_by, study.guess)
    notes = audit.Ledger(by)
    tokens = segment.tokens(passages, by, watch=notes.note).assign(article=passages["article"].to_numpy())
    own = [study.path(study.stopwords)] if study.stopwords else []
    stop = sift.stop_words(*own, general=study.general_stopwords)
    kept, gone = sift.keep(tokens, stop, study.shortest_word, study.numbers, study.parts, by.terms)
    made_from = fingerprint(
        json.dumps(
            [
                passages[["id", "article", "text"]].values.tolist(),
                file.read_text("utf-8") if file else "",
                stop[["word", "list"]].values.tolist(),
                {name: getattr(study, name) for name in WORDS},
                {name: version(name) for name in ("nqp-topics", "jieba")},
            ],
            ensure_ascii=False,
        )
    )
    counted = count.counts(kept, None, study.min_df, study.max_df, made_from)
    mined = terms.mine(passages)
    mined = mined[mined["term"].map(len) <= SHARED].head(MINED)
    return {
        "counts": counted.counts,
        "audit.csv": notes.table(),
        "sifted.csv": gone,
        "trimmed.csv": counted.trimmed,
        "candidates.csv": mined,
    }


def share(study: Study, documents: pd.DataFrame, folder: str | Path | None = None) -> list[Path]:
    """Write the facts of a study beside its registry (or into a folder), and return the files."""
    from nqp_topics.counts import make as count

    counts = Path(folder) / "counts" if folder else study.written(study.counts or "data/counts")
    place = Path(folder) if folder else study.written(study.facts.relative_to(study.folder))
    written = []
    for name, table in facts(study, documents).items():
        if isinstance(table, pd.DataFrame):
            with whole(place / name) as stream:
                table.to_csv(stream, index=False, lineterminator="\n", float_format="%.6g")
            written.append(place / name)
        else:
            count.save(table, counts)
            written.append(counts)
    return written
