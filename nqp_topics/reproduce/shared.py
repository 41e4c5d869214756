"""What may be shared of documents whose text may not: lengths, losses, counts, what became of words."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from nqp_topics import counts as count
from nqp_topics.checks import Remark, file_here, listed
from nqp_topics.counts import Counts
from nqp_topics.files.tables import read_own, write_table
from nqp_topics.study import Problem, Study, refuse_if

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
    from nqp_topics.documents import registry, split
    from nqp_topics.documents.clean import losses
    from nqp_topics.words import terms

    if study.sources:
        found = registry.sources(study.path(study.sources), documents)
        refuse_if(_absent(study, found))
        documents = registry.naming(found)(documents)
        rows = registry.read(study.path(study.articles)) if study.articles else None
        wanted = {*found["source"], *(rows["source"] if rows is not None else [])}
        documents = documents[documents["id"].isin(wanted)]
    elif study.articles:
        rows = registry.read(study.path(study.articles))
        for one, other, why in (
            (documents["id"], rows["source"], "documents without a row in the registry, left out"),
            (rows["source"], documents["id"], "rows of the registry without their document, left out"),
        ):
            if lone := sorted(set(one) - set(other)):
                warnings.warn(f"{len(lone)} {why}: {listed(lone)}", Remark, stacklevel=2)
    lost = []
    for row in documents.itertuples():
        repairs = [repair for repair in study.repairs if repair.source == row.id]
        lost.append(losses(row.text, (), repairs, study.script, row.format).assign(source=row.id))
    by_step = pd.concat(lost).groupby(["source", "step"], sort=True)["han"].agg(pieces="size", han="sum")
    cut = split.passages(split.by_study(documents, study), study.shortest, study.longest)
    steps = count.by_study(study, cut)
    mined = terms.mine(cut)
    return {
        "passages.csv": cut[PASSAGES],
        "losses.csv": by_step.reset_index(),
        "counts": steps.counts,
        "audit.csv": steps.audit,
        "sifted.csv": steps.sifted,
        "trimmed.csv": steps.trimmed,
        "candidates.csv": mined[mined["term"].map(len) <= SHARED].head(MINED),
    }


def _absent(study: Study, found: pd.DataFrame) -> Iterator[Problem]:
    absent = [f"{row.source} ({row.file}): {row.state}" for row in found.itertuples() if row.state != "here"]
    if absent:
        yield Problem(
            str(study.raw),
            f"without {', '.join(absent)}",
            "every document of sources.csv, byte for byte",
            f"put the documents there{f', or name their folder in {study.elsewhere}' if study.elsewhere else ''}",
        )


def shared_table(study: Study, name: str) -> pd.DataFrame:
    """Read a table that `share` wrote, by its name: passages, losses, audit, sifted, trimmed or candidates."""
    file, todo = study.facts / f"{name}.csv", f"make it: nqp-topics share --study {study.folder}"
    refuse_if(file_here(file, "a table that the study shares", todo))
    return read_own(file, {"source": str})


def share(study: Study, documents: pd.DataFrame, folder: str | Path | None = None) -> list[Path]:
    """Write the facts of a study beside its registry (or into a folder), and return the files."""
    counts = Path(folder) / "counts" if folder else study.written(study.counts or "data/counts")
    place = Path(folder) if folder else study.written(Path(study.articles).parent)
    written = []
    for name, table in facts(study, documents).items():
        if isinstance(table, pd.DataFrame):
            write_table(table, place / name, mark=False, digits="%.6g")
            written.append(place / name)
        else:
            count.save(table, counts)
            written.append(counts)
    return written
