"""New texts: what topics they have, and how much of their vocabulary the run knows."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from nqp_topics import counts
from nqp_topics.checks import Refused, Remark
from nqp_topics.documents import read, registry, split
from nqp_topics.study import Study, rules_of
from nqp_topics.topics.model import Topics
from nqp_topics.words.cut.lines import read_texts

NOTHING_KNOWN = "no word that the run knows"


def texts_of(place: str | Path, study: Study) -> pd.DataFrame:
    """Read new texts, one row a text: id, title, text. They are documents, a folder of them, or JSON lines with id and text.

    Documents are cleaned as those of the study; each is one text: no registry says where others begin.
    Where the study drops paragraphs that its articles share, new texts lose them too; a remark where its documents, which tell them, are not here.
    Refused: what cannot be read at all.
    """
    found = _read(place, study)
    if study.repeated == "drop":
        documents = read.if_here(study)
        if registry.complete(study, documents):
            own = split.by_study(documents, study.but(repeated="keep"))
            again = split.shared(own) | split.edges(own)
            return split.without_shared(found.assign(source=found["id"]), again)[0][list(found)]
        said = "paragraphs that the articles of the study share stay in new texts: they are known from its documents, which are not here"
        warnings.warn(said, Remark, stacklevel=2)
    return found


def _read(place: str | Path, study: Study) -> pd.DataFrame:
    if Path(place).suffix.lower() in (".jsonl", ".ndjson"):
        try:
            return read_texts(place).reindex(columns=["id", "title", "text"], fill_value="")
        except Refused:  # lines of other names, which the columns of the study may tell
            pass
    found = split.articles(read.folder(place, study).documents, None, rules_of(study.rules, ""), study.script)
    return found[["id", "title", "text"]]


def shares_of_texts(run: Topics, texts: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Find the topics of texts that a run has not seen, cut into passages and words as the study cuts: one row a text, in their order.

    Columns: id, title, passages, tokens (that the filters leave), known (the share of them whose word the run knows), T01 … (shares, those of its
    passages by those of their known tokens that topics have; empty where it knows none), note. Refused: texts without a word, and without any that the run knows.
    """
    cut = split.passages(texts.assign(title=""), study.shortest, study.longest)
    made = counts.by_study(study.but(min_df=1, max_df=1.0), cut).counts
    known = made.without(set(made.words) - set(run.words.index)).lengths
    of_topics = run.mixed(made)[:, : len(run.names)] * known.to_numpy()[:, None]
    passages = pd.DataFrame(of_topics, columns=run.names)
    by = list(made.articles)
    mass, of_text, tokens = (one.groupby(by).sum() for one in (passages, known, made.lengths))
    shares = mass.div(mass.sum(axis=1).where(of_text > 0), axis=0)
    table = texts[["id", "title"]].assign(passages=texts["id"].map(cut.groupby("article").size()))
    table["tokens"], table["known"] = texts["id"].map(tokens), texts["id"].map(of_text / tokens)
    table = table.fillna({"passages": 0, "tokens": 0, "known": 0.0}).astype({"passages": int, "tokens": int})
    table = table.join(shares, on="id")
    return table.assign(note=np.where(table["known"] > 0, "", NOTHING_KNOWN)).reset_index(drop=True)
