"""Standing: where a study stands, step by step, and what is to be done next. Nothing is computed: files are counted."""

import pandas as pd

from nqp_topics.checks import Refused
from nqp_topics.counts import of_study
from nqp_topics.documents import registry
from nqp_topics.files.tables import read_table
from nqp_topics.naming import given
from nqp_topics.study import Study
from nqp_topics.words import drafts

# step → the choices of study.toml that name its list and its sheet, and what to do where there is none
LISTS = {
    "terms": ("lexicon", "terms_sheet", "nqp-topics terms, answer in terms.xlsx"),
    "stop words": ("stopwords", "stopwords_sheet", "nqp-topics terms, answer in stopwords.xlsx"),
}
Row = tuple[str, bool, str, str]


def standing(study: Study) -> pd.DataFrame:
    """Return one row a step: step, done, state (in numbers), todo (the command, or what a person does). Nothing of it blocks what follows."""
    lists = [_list(study, step, *takes) for step, takes in LISTS.items()]
    rest = [step(study) for step in (_counts, _number, _labels, _figures)]
    rows = [_documents(study), _registry(study), *lists, *rest]
    return pd.DataFrame(rows, columns=["step", "done", "state", "todo"])


def _documents(study: Study) -> Row:
    here = study.raw.rglob("*") if study.raw.is_dir() else []
    many = sum(1 for file in here if file.is_file() and not file.name.startswith("."))
    state = f"{many} files in {study.raw}" if many else f"no file in {study.raw}"
    return "documents", many > 0 or _has_counts(study), state, "copy your documents into that folder"


def _registry(study: Study) -> Row:
    place = study.path(study.articles) if study.articles else None
    if place is None or not place.is_file():
        todo = "nqp-topics articles --write-registry articles.csv, then [split] articles in study.toml"
        return "articles", False, "no registry", todo
    rows = registry.read(place)
    # check is no column that the registry reads back
    written = read_table(place, registry.REGISTRY_IS, registry.WRITE_ONE)
    open_ = int((written["check"].str.strip() != "").sum()) if "check" in written else 0
    state = f"{len(rows)} articles in {place}" + (f", {open_} with a remark to check" if open_ else "")
    return "articles", not open_, state, f"read the column check in {place}, mend the row or empty the cell"


def _list(study: Study, step: str, choice: str, sheet: str, todo: str) -> Row:
    file, answers = (
        study.path(place) if (place := getattr(study, name)) else None for name in (choice, sheet)
    )
    done, told = False, []
    if file is not None and file.is_file():
        written = file.read_text("utf-8-sig").splitlines()
        lines = [line for line in written if line.strip() and not line.startswith("#")]
        done, told = bool(lines), [f"{len(lines)} lines in {file}"]
    if answers is not None and answers.is_file():
        many, open_ = drafts.waiting(answers)
        done, told = not open_, [*told, f"{many} proposed in {answers}, {open_} of them without an answer"]
    return step, done, "; ".join(told) or "none of the study's own", todo


def _counts(study: Study) -> Row:
    todo = "nqp-topics share"
    if not _has_counts(study):
        return "counts", False, "not made yet", todo
    try:
        return "counts", True, repr(of_study(study)), todo
    except Refused as refused:
        return "counts", False, refused.problems[0].came, todo


def _has_counts(study: Study) -> bool:
    return bool(study.counts) and study.path(study.counts).is_dir()


def _number(study: Study) -> Row:
    state = f"{study.topics} topics, seed {study.seed}" if study.topics else "not chosen"
    todo = "nqp-topics choose --topics 5:30:5 -o scores.csv, or notebook 3; then [train] topics in study.toml, with the reason"
    return "number of topics", bool(study.topics), state, todo


def _labels(study: Study) -> Row:
    rows = given(study)
    runs = rows.groupby("fingerprint").size()
    many = int(runs.max()) if len(runs) else 0
    state = f"{many} of {study.topics or '?'} topics are named"
    done = bool(study.topics) and many >= study.topics
    return "labels", done, state, "nqp-topics labels, fill in labels.xlsx"


def _figures(study: Study) -> Row:
    many = len(list(study.figures.glob("*.pdf"))) if study.figures.is_dir() else 0
    state = f"{many} files in {study.figures}" if many else "none yet"
    return "figures", many > 0, state, "nqp-topics figures"
