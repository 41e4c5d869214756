"""Standing: where a study stands, step by step, and what is to be done next. Nothing is computed: files are counted."""

import pandas as pd

from nqp_topics.checks import Refused
from nqp_topics.counts import of_study
from nqp_topics.documents import registry
from nqp_topics.files.tables import read_table
from nqp_topics.naming import given
from nqp_topics.study import Study


def standing(study: Study) -> pd.DataFrame:
    """Return one row a step: step, done, state (in numbers), todo (the command, or what a person does). Nothing of it blocks what follows."""
    steps = [_documents, _registry, _lexicon, _stop_words, _counts, _number, _labels, _figures]
    return pd.DataFrame([step(study) for step in steps], columns=["step", "done", "state", "todo"])


def _documents(study: Study) -> tuple[str, bool, str, str]:
    here = study.raw.is_dir()
    many = (
        sum(1 for file in study.raw.rglob("*") if file.is_file() and not file.name.startswith("."))
        if here
        else 0
    )
    state = f"{many} files in {study.raw}" if many else f"no file in {study.raw}"
    return "documents", many > 0 or _has_counts(study), state, "copy your documents into that folder"


def _registry(study: Study) -> tuple[str, bool, str, str]:
    place = study.path(study.articles) if study.articles else None
    if place is None or not place.is_file():
        return (
            "articles",
            False,
            "no registry",
            "nqp-topics articles --write-registry articles.csv, then [split] articles in study.toml",
        )
    rows = registry.read(place)
    written = read_table(
        place, registry.REGISTRY_IS, registry.WRITE_ONE
    )  # check is no column that the registry reads back
    open_ = int((written["check"].str.strip() != "").sum()) if "check" in written else 0
    state = f"{len(rows)} articles in {place}" + (f", {open_} with a remark to check" if open_ else "")
    return "articles", not open_, state, f"read the column check in {place}, mend the row or empty the cell"


def _lexicon(study: Study) -> tuple[str, bool, str, str]:
    return _list(
        study,
        "terms",
        study.lexicon,
        "nqp-topics terms -o terms.csv, accept, nqp-topics terms --accept terms.csv",
    )


def _stop_words(study: Study) -> tuple[str, bool, str, str]:
    return _list(
        study,
        "stop words",
        study.stopwords,
        "write words with their reasons into a file, then [segment] stopwords in study.toml",
    )


def _list(study: Study, step: str, place: str, todo: str) -> tuple[str, bool, str, str]:
    file = study.path(place) if place else None
    if file is None or not file.is_file():
        return step, False, "none of the study's own", todo
    lines = [
        line for line in file.read_text("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")
    ]
    return step, bool(lines), f"{len(lines)} lines in {file}", todo


def _counts(study: Study) -> tuple[str, bool, str, str]:
    todo = "nqp-topics share"
    if not _has_counts(study):
        return "counts", False, "not made yet", todo
    try:
        return "counts", True, repr(of_study(study)), todo
    except Refused as refused:
        return "counts", False, refused.problems[0].came, todo


def _has_counts(study: Study) -> bool:
    return bool(study.counts) and study.path(study.counts).is_dir()


def _number(study: Study) -> tuple[str, bool, str, str]:
    state = f"{study.topics} topics, seed {study.seed}" if study.topics else "not chosen"
    todo = "nqp-topics choose --topics 5:30:5 -o scores.csv, or notebook 3; then [train] topics in study.toml, with the reason"
    return "number of topics", bool(study.topics), state, todo


def _labels(study: Study) -> tuple[str, bool, str, str]:
    rows = given(study)
    runs = rows.groupby("fingerprint").size()
    many = int(runs.max()) if len(runs) else 0
    state = f"{many} of {study.topics or '?'} topics are named"
    return (
        "labels",
        bool(study.topics) and many >= study.topics,
        state,
        "nqp-topics labels, fill in labels.xlsx",
    )


def _figures(study: Study) -> tuple[str, bool, str, str]:
    many = len(list(study.figures.glob("*.pdf"))) if study.figures.is_dir() else 0
    state = f"{many} files in {study.figures}" if many else "none yet"
    return "figures", many > 0, state, "nqp-topics figures"
