"""Rebuilt: what a study keeps of its documents, made again from the first page where the documents are here."""

import json
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import counts
from nqp_topics.documents import read, registry, split
from nqp_topics.files import fingerprint, once, print_of
from nqp_topics.study import CHOICES, Study


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
    again = split.by_study(documents, study) if here else None
    cut = split.passages(again, study.shortest, study.longest) if again is not None else None
    same = registry.check(again, articles)["state"].eq("same").sum() if again is not None else 0
    rows.append(("articles", len(articles), int(same)))
    if (file := study.facts / "passages.csv").is_file():
        kept = split.read_passages(file)
        rows.append(("passages", len(kept), len(kept.merge(cut[list(kept)])) if cut is not None else 0))
    if study.has_counts:
        again = counts.by_study(study, cut).counts.fingerprint if cut is not None else ""
        alike = again == counts.of_study(study).fingerprint
        rows.append(("counts", 1, int(alike)))
    table = pd.DataFrame(rows, columns=["what", "kept", "same"])
    other = "changed" if here else "not here"
    return table.assign(state=np.where(table["kept"] == table["same"], "same", other))
