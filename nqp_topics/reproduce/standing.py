"""Standing: where a study stands, step by step, and what is to be done next. Nothing is computed: files are counted."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from nqp_topics.checks import Refused, listed
from nqp_topics.counts import of_study
from nqp_topics.documents import registry
from nqp_topics.documents.formats import sources
from nqp_topics.documents.read import READERS
from nqp_topics.files.tables import read_table
from nqp_topics.naming import SHEET, given, has_name, kept_runs
from nqp_topics.reproduce.begin import outdated
from nqp_topics.study import Study
from nqp_topics.words import drafts

# step → the choices of study.toml that name its list and its sheet
LISTS = {"terms": ("lexicon", "terms_sheet"), "stop words": ("stopwords", "stopwords_sheet")}
Row = tuple[bool, list[str], str]  # done, state, todo


def standing(study: Study) -> pd.DataFrame:
    """Return one row a step: step, done, state (a list of what can be said of it), todo (the command, or what a person does). Nothing of it blocks what follows."""
    steps: dict[str, Callable[[Study], Row]] = {"documents": _documents, "articles": _registry}
    steps |= {step: _list(*takes) for step, takes in LISTS.items()}
    steps |= {"counts": _counts, "number of topics": _number, "labels": _labels, "figures": _figures}
    rows = []
    for name, step in steps.items():
        try:
            rows.append((name, *step(study)))
        except Refused as refused:  # one file that cannot be read hides no other step
            problem = refused.problems[0]
            rows.append((name, False, [f"{problem.where}: {problem.came}"], problem.todo))
    return pd.DataFrame(rows, columns=["step", "done", "state", "todo"])


def _documents(study: Study) -> Row:
    many = len(sources.listed(study.raw, READERS)) if study.raw.is_dir() else 0
    state = f"{many} files in {study.raw}" if many else f"no file in {study.raw}"
    return many > 0 or study.has_counts, [state], "copy your documents into that folder"


def _registry(study: Study) -> Row:
    place = study.path(study.articles)
    if not place.is_file():
        todo = "nqp-topics articles --write-registry articles.csv, then [split] articles in study.toml"
        return False, ["no registry"], todo
    # check is no column that the registry reads back, and it reads dates that are none as empty
    written = read_table(place, registry.REGISTRY_IS, registry.WRITE_ONE)
    dates = written["date"].map(registry.no_date) if "date" in written else pd.Series(dtype=bool)
    wrong = int(dates.sum())
    rows = len(written) if wrong else len(registry.read(place))
    open_ = int((written["check"].str.strip() != "").sum()) if "check" in written else 0
    told = [f"{rows} articles in {place}", *[f"{open_} with a remark to check"] * bool(open_)]
    told += [f"{wrong} with a date that is none"] * bool(wrong)
    if study.groups not in written and study.groups != Study.groups:  # a registry need not have the usual one
        todo = f"correct [compare] groups in study.toml, or add that column to {place}"
        return False, [*told, f"no column {study.groups} for the groups"], todo
    todo = f"read the column check in {place}, mend the row or empty the cell"
    return not open_ and not wrong, told, todo if open_ else f"mend the column date in {place}"


def _list(choice: str, sheet: str) -> Callable[[Study], Row]:
    def step(study: Study) -> Row:
        file, answers = study.path(getattr(study, choice)), study.path(getattr(study, sheet))
        done, told = False, []
        todo = f"nqp-topics terms, answer in {answers.name if getattr(study, sheet) else 'terms.csv'}"
        if file.is_file():
            written = file.read_text("utf-8-sig").splitlines()
            lines = [line for line in written if line.strip() and not line.startswith("#")]
            done, told = bool(lines), [f"{len(lines)} lines in {file}"]
        if answers.is_file():
            many, open_ = drafts.waiting(answers)
            taken = len(drafts.accepted(answers))
            done = done or open_ < many or not many
            told = [f"{many} proposed in {answers}, {taken} accepted, {open_} without an answer", *told]
            todo = f"answer in {answers}: yes for the words that you take, no or nothing for the others; one answer will do"
        return done, told or ["none of the study's own"], todo

    return step


def _again(study: Study) -> str:
    """Return the command that counts and draws."""
    return "nqp-topics figures" if study.topics else "nqp-topics figures --topics 10"


def _counts(study: Study) -> Row:
    by_hand = bool(study.sources) or not study.raw.is_dir()
    todo = "nqp-topics share" if by_hand else _again(study)
    if not study.has_counts:
        return False, ["not made yet"], todo
    if outdated(study):
        old = "older than the documents, the registry, the terms, the stop words or the settings"
        return False, [old], todo
    try:
        return True, [repr(of_study(study))], todo
    except Refused as refused:
        return False, [refused.problems[0].came], "nqp-topics share"


def _number(study: Study) -> Row:
    if study.topics:
        return True, [f"{study.topics} topics, seed {study.seed}"], ""
    many, of, _ = _named(study)
    todo = "nqp-topics choose --topics 5:30:5 -o scores.csv, or notebook 3; then [train] topics in study.toml, with the reason"
    if of and many >= of:
        todo = f"write topics = {of} under [train] in study.toml, with the reason: these topics are named; nqp-topics choose compares numbers"
    return False, ["not chosen"], todo


def _named(study: Study) -> tuple[int, int, int]:
    """Return how many topics of the run are named, how many it has, and how many names are those of runs on other counts.

    The run is the kept one on these counts with the number of topics that is chosen, and of several the one with most names; where none is kept, the one
    that the names themselves tell of.
    """
    rows = given(study)
    rows = rows[has_name(rows)]
    kept = kept_runs(study)
    counts = of_study(study).fingerprint if study.has_counts else ""
    here = {name: list(about["prior"]) for name, about in kept.items() if about["counts"] == counts}
    if study.topics:
        here = {name: topics for name, topics in here.items() if len(topics) == study.topics}
    if here:
        found = [
            (int(((rows["fingerprint"] == name) & rows["topic"].isin(topics)).sum()), len(topics))
            for name, topics in here.items()
        ]
        many, of = max(found, key=lambda one: one[0])
        elsewhere = rows[rows["fingerprint"].isin(set(kept) - set(here))].groupby("fingerprint").size()
        return many, of if many or study.topics else 0, int(max(elsewhere, default=0))
    many = int(max(rows.groupby("fingerprint")["topic"].nunique(), default=0))
    of = study.topics or many
    return min(many, of), of, 0


def _labels(study: Study) -> Row:
    many, of, elsewhere = _named(study)
    trial = [] if study.topics else [place.name.removeprefix("K").split("-")[0] for place in _trials(study)]
    command = "nqp-topics labels" + ("" if study.topics else f" --topics {of or next(iter(trial), 10)}")
    state = f"{many} of {of} topics are named" if of else "no topic is named yet"
    if elsewhere and not many:
        state += f", {elsewhere} names belong to a run on older counts"
        return False, [state], f"{command}: it carries the names over"
    return 0 < of <= many, [state], f"{command}, fill in {SHEET}"


def _trials(study: Study) -> list[Path]:
    """Return the folders of figures of numbers of topics that were tried."""
    home = study.as_reported().figures if study.topics else study.figures
    return sorted(place for place in home.glob("K*") if any(place.glob("*.pdf")))


def _figures(study: Study) -> Row:
    many = len(list(study.figures.glob("*.pdf"))) if study.figures.is_dir() else 0
    state = f"{many} files in {study.figures}" if many else "none yet"
    trials = _trials(study)
    if trials and not many:
        which = listed(place.name for place in trials)
        state = (
            f"none of the chosen number yet, but of tried ones: {which}"
            if study.topics
            else f"tried, before a number is chosen: {which}"
        )
    return many > 0 or (bool(trials) and not study.topics), [state], _again(study)
