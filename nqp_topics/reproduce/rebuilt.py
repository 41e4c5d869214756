"""Rebuilt: what a study keeps of its documents, made again from the first page where the documents are here."""

import pandas as pd

from nqp_topics import counts
from nqp_topics.documents import read, registry, split
from nqp_topics.study import Study


def rebuilt(study: Study) -> pd.DataFrame:
    """Make articles, passages and counts again and compare them with those that are kept: one row a kind of thing that the study keeps.

    Columns: what (documents, articles, passages, counts), kept (how many), same (how many come out as they are kept), state (same, changed; not
    here: not all documents are at hand, and nothing is made again).
    """
    documents = read.if_here(study)
    here = registry.complete(study, documents)
    listed = registry.sources(study.path(study.sources), documents)["state"] if study.sources else None
    articles = registry.read(study.path(study.articles))
    rows = [
        (
            "documents",
            *((len(documents),) * 2 if listed is None else (len(listed), int(listed.eq("here").sum()))),
        )
    ]
    again = split.by_study(documents, study) if here else None
    cut = split.passages(again, study.shortest, study.longest) if again is not None else None
    same = registry.check(again, articles)["state"].eq("same").sum() if again is not None else 0
    rows.append(("articles", len(articles), int(same)))
    if (file := study.facts / "passages.csv").is_file():
        kept = split.read_passages(file)
        rows.append(("passages", len(kept), _same(kept, cut) if cut is not None else 0))
    if study.counts and study.path(study.counts).is_dir():
        alike = (
            cut is not None
            and counts.by_study(study, cut).counts.fingerprint == counts.of_study(study).fingerprint
        )
        rows.append(("counts", 1, int(alike)))
    table = pd.DataFrame(rows, columns=["what", "kept", "same"])
    state = [
        "same" if row.kept == row.same else "changed" if here else "not here" for row in table.itertuples()
    ]
    return table.assign(state=state)


def _same(kept: pd.DataFrame, cut: pd.DataFrame) -> int:
    """Count the passages that are kept as they come out again."""
    return len(kept.merge(cut[list(kept)]))
