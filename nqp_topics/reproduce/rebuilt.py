"""Rebuilt: what a study keeps of its documents, made again from the first page where the documents are here."""

import numpy as np
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
        rows.append(("passages", len(kept), len(kept.merge(cut[list(kept)])) if cut is not None else 0))
    if study.counts and study.path(study.counts).is_dir():
        again = counts.by_study(study, cut).counts.fingerprint if cut is not None else ""
        alike = again == counts.of_study(study).fingerprint
        rows.append(("counts", 1, int(alike)))
    table = pd.DataFrame(rows, columns=["what", "kept", "same"])
    other = "changed" if here else "not here"
    return table.assign(state=np.where(table["kept"] == table["same"], "same", other))
