"""Labels: what a person calls the topics of a run, kept beside the run's fingerprint, and carried to another run by matching."""

import difflib
import os
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.checks import Problem, Refused, Remark, columns, listed, one_of, refuse_if, said
from nqp_topics.compare.given import known
from nqp_topics.compare.matching import match
from nqp_topics.counts import of_study
from nqp_topics.files import from_json, read_bytes
from nqp_topics.files.tables import read_table, without_errors, write_table
from nqp_topics.naming.about import words
from nqp_topics.naming.changes import labels_here
from nqp_topics.study import Study
from nqp_topics.topics.fit import train
from nqp_topics.topics.model import Topics
from nqp_topics.topics.on_disk import load

SHEET = "labels.xlsx"  # in the folder of a study
TELLING = 3  # words that stand for a topic that has no name yet
# one row a topic of a run
LABELS = ["fingerprint", "topic", "zh", "en", "who", "when"]
SCORED = ["run", "task", "topic", "seen", "answers", "items", "right", "low", "high", "chance"]
# at the name of a topic that readers did not see, and at one that was carried to a topic that is not clearly the same
BELOW, WEAK = "†", "?"


class WeakMatch(Remark):
    """A label was carried to a topic that is not clearly the same."""


def read_labels(file: str | Path) -> pd.DataFrame:
    """Read labels: one row a topic of a run: fingerprint, topic, zh, en, who, when. No file: no labels yet. Refused: other columns, a topic twice."""
    path = Path(file)
    if not os.path.lexists(path):
        return pd.DataFrame(columns=LABELS, dtype=object)
    table = read_table(path, "the labels of a study", "correct the path")
    return without_errors(_fit(table, str(path)), path, LABELS[2:], "topic")


def write_labels(table: pd.DataFrame, file: str | Path) -> None:
    """Write labels, in their order; what `carry` says beside them is left out. Refused: what `read_labels` refuses."""
    write_table(_fit(table, "write_labels(table)"), file)


def _fit(table: pd.DataFrame, where: str) -> pd.DataFrame:
    refuse_if(columns(where, table, LABELS, "add them"))
    table = table[LABELS].fillna("").astype(str).reset_index(drop=True)
    twice = table[table.duplicated(["fingerprint", "topic"])]
    allowed = "one label a topic and run"
    refuse_if(
        Problem(f"{where} {topic}", f"labelled twice for run {run[:8]}", allowed, "keep one")
        for run, topic in zip(twice["fingerprint"], twice["topic"], strict=True)
    )
    return table


def label(
    table: pd.DataFrame, topics: Topics, topic: str, zh: str, en: str, who: str = "", when: str = ""
) -> pd.DataFrame:
    """Return the labels with one more, or with that of the topic put in place of an earlier one. Refused: a topic that does not exist, no name at all."""
    known([topic], topics.names, "label", "topic")
    if not (zh.strip() or en.strip()):
        allowed = "a name in one language or both"
        raise Refused(Problem("label(zh, en)", "two empty names", allowed, "name it"))
    table = _fit(table, "label(table)")
    old = (table["fingerprint"] == topics.fingerprint) & (table["topic"] == topic)
    row = dict(zip(LABELS, (topics.fingerprint, topic, zh.strip(), en.strip(), who, when), strict=True))
    if old.any():
        table.loc[old, LABELS] = list(row.values())
        return table
    return pd.concat([table, pd.DataFrame([row])], ignore_index=True)


def labels_of(table: pd.DataFrame, topics: Topics) -> pd.DataFrame:
    """Return the labels of a run: one row a topic, in its order: topic, zh, en, who, when, labelled. Unlabelled topics are called by their name.

    Refused: labels of other runs alone (they may say nothing about this one: `carry` them), a label for a topic that does not exist.
    """
    table = _fit(table, "labels_of(table)")
    here = labels_here(table, topics)
    if len(table) and not len(here):
        runs = listed(sorted({run[:8] for run in table["fingerprint"]}))
        came = f"labels for run {runs}, but this is run {topics.fingerprint[:8]}"
        todo = "carry(labels, old run, new run) brings them over and says where that is weak"
        raise Refused(Problem("labels_of(table)", came, "labels of this run", todo))
    refuse_if(*[one_of(f"{SHEET}, a name for", name, topics.names) for name in here["topic"]])
    found: Any = here.set_index("topic").reindex(pd.Index(topics.names, name="topic"), fill_value="")
    given = (found["zh"] + found["en"]).str.strip() != ""
    name = found.index.to_series()
    english = found["en"].where(found["en"] != "", found["zh"]).where(given, name)
    chinese = found["zh"].where(found["zh"] != "", found["en"]).where(given, name)
    found = found.assign(zh=chinese, en=english, labelled=given).reset_index()
    return found[["topic", "zh", "en", "who", "when", "labelled"]]


def carry(table: pd.DataFrame, old: Topics, new: Topics) -> pd.DataFrame:
    """Carry the labels of one run to another (a refit, another K) by matching their topics: rows of labels for the new run.

    One row a new topic that got a label: the columns of labels, then was (the old topic), likeness (cosine of their words), second and
    margin (the next best old topic), weak. A weak match is carried and warned of; labels that found no topic, and new topics without a
    label, are named in the warning. Refused: no label for the old run, a label for a topic that does not exist.
    """
    table = _fit(table, "carry(table)")
    here = table[table["fingerprint"] == old.fingerprint]
    if not len(here):
        came, todo = f"no label for run {old.fingerprint[:8]}", "give the run that was labelled"
        raise Refused(Problem("carry(table, old)", came, "labels of the old run", todo))
    known(here["topic"], old.names, "carry", "topic")
    pairs = match(new.words, old.words).rename(columns={"topic": "new"})
    pairs = pairs[pairs["other"] != ""]  # more topics than were labelled
    keys = {"left_on": "other", "right_on": "topic"}
    found = pairs.merge(here, how="inner", validate="one_to_one", sort=False, **keys)
    found = found.assign(fingerprint=new.fingerprint, was=found["other"], topic=found["new"])
    found = found.set_index("new").reindex([name for name in new.names if name in set(found["new"])])
    found = found[[*LABELS, "was", "likeness", "second", "margin", "weak"]].reset_index(drop=True)
    said = []
    if weak := [
        f"{row.was} → {row.topic} ({row.likeness:.2f}; {row.second} is {row.margin:.2f} less like)"
        for row in found[found["weak"]].itertuples()
    ]:
        said.append(f"weak: {', '.join(weak)}")
    if lost := [name for name in here["topic"] if name not in set(found["was"])]:
        near = match(old.words[lost], new.words, one_to_one=False).itertuples()
        shown = ", ".join(f"{row.topic} (most like {row.other}, {row.likeness:.2f})" for row in near)
        said.append(f"no topic for the labels of {shown}")
    if bare := [name for name in new.names if name not in set(found["topic"])]:
        said.append(f"no label for {', '.join(bare)}")
    if said:
        what = f"labels carried to run {new.fingerprint[:8]}: {'; '.join(said)}. Read their passages again"
        warnings.warn(what, WeakMatch, stacklevel=2)
    return found


def read_sheet(file: str | Path, unnamed: bool = False) -> pd.DataFrame:
    """Read what was filled in: one row a named topic, the columns of labels and note. Refused: heads that were changed, a topic twice."""
    table = _sheet(file)
    written = table[(table[["zh", "en", "who", "when", "note"]] != "").any(axis=1)].reset_index(drop=True)
    named = written if unnamed else written[has_name(written)].reset_index(drop=True)
    twice = written[written.duplicated(["fingerprint", "topic"])]
    todo, allowed = "keep one of the rows", "one name a topic"
    refuse_if(Problem(f"{file} {topic}", "two rows with a name", allowed, todo) for topic in twice["topic"])
    return named


def _sheet(file: str | Path) -> pd.DataFrame:
    table = read_table(file, "the sheet on which topics are named", "nqp-topics labels writes it")
    todo = "nqp-topics labels writes a new sheet; copy the names into it"
    refuse_if(columns(str(file), table, LABELS, todo))
    table = table.reindex(columns=[*LABELS, "note"], fill_value="").map(lambda cell: str(cell).strip())
    table = without_errors(table, file, (*LABELS[2:], "note"), "topic")
    own = next(filter(None, table["fingerprint"]), "")  # a row that a person adds is of the sheet's own run
    return table.assign(fingerprint=table["fingerprint"].where(table["fingerprint"] != "", own))


def has_name(table: pd.DataFrame) -> pd.Series:
    """Tell which rows of labels bear a name."""
    return (table[["zh", "en"]] != "").any(axis=1)


def given(study: Study, unnamed: bool = False) -> pd.DataFrame:
    """Return all names that a study's topics were given: those of `labels` in study.toml, and those filled in on its sheet, which win.

    A topic whose cells are empty on the sheet has no name any more, unless `labels` was written later.
    """
    file, place = study.path(study.labels) if study.labels else None, study.path(SHEET)
    known = read_labels(file) if file else pd.DataFrame(columns=LABELS)
    if not place.is_file():
        return known.assign(note="")
    named = read_sheet(place, unnamed)
    if file and file.is_file() and file.stat().st_mtime_ns < place.stat().st_mtime_ns:
        keys = ["fingerprint", "topic"]
        on_sheet = pd.MultiIndex.from_frame(_sheet(place)[keys])
        known = known[~pd.MultiIndex.from_frame(known[keys]).isin(on_sheet)]
    both = pd.concat([known, named], ignore_index=True).fillna("")
    return both.drop_duplicates(["fingerprint", "topic"], keep="last", ignore_index=True)


def given_for(study: Study, run: Topics, unnamed: bool = False) -> pd.DataFrame:
    """Return all names that a study's topics were given, as `given` does, where those of this run are of topics that it has.

    Refused, all together: a name for another topic; the topic that the sheet lacks is offered. Where the sheet has every topic, one that `labels` alone has
    is left aside, which is said.
    """
    table = given(study, unnamed)
    table["fingerprint"] = table["fingerprint"].where(table["fingerprint"] != "", run.fingerprint)
    own = table["fingerprint"] == run.fingerprint
    wrong = table.loc[own & ~table["topic"].isin(run.names), "topic"].tolist()
    if not wrong:
        return table
    place = study.path(SHEET)
    sheet = _sheet(place) if place.is_file() else table.iloc[:0]
    there = set(sheet.loc[sheet["fingerprint"].isin(["", run.fingerprint]), "topic"])
    lacking = [name for name in run.names if name not in there]
    problems = []
    for name in wrong:
        file = SHEET if name in there else study.labels
        near = difflib.get_close_matches(name[:60], lacking, 1) if there and name else []
        todo = f"did you mean {near[0]}?" if near else "correct the topic in that row, or empty the row"
        if name in there or lacking:
            problems.append(Problem(f"{file}, a name for", said(name), listed(run.names), todo))
    refuse_if(problems)
    message = f"{study.labels} names {listed(wrong)}, which neither {SHEET} nor the run has: left aside"
    warnings.warn(message, WeakMatch, stacklevel=2)
    return table[~(own & table["topic"].isin(wrong))].reset_index(drop=True)


def kept_runs(study: Study) -> dict[str, dict[str, Any]]:
    """Return what is kept of runs, by their fingerprints, the latest first: what run.json says, and `place`."""
    places = sorted((study.cache / "runs").glob("*/run.json"), key=lambda file: -file.stat().st_mtime_ns)
    found: dict[str, dict[str, Any]] = {}
    for file in places:
        try:
            about = from_json(read_bytes(file))
            found.setdefault(about["fingerprint"], {**about, "place": file.parent})
        except (OSError, ValueError, LookupError, TypeError):
            continue  # cut or edited: it will be fitted again
    return found


def carried_over(study: Study, run: Topics, table: pd.DataFrame) -> pd.DataFrame:
    """Carry names to a run on new counts from the latest kept run on other counts that has names and as many topics; no row where there is none.

    One row a topic that gets a name: the columns of labels, weak. A weak name has a question mark.
    """
    table = table[has_name(table)]
    named = set(table["fingerprint"]) - {run.fingerprint}
    for print_, about in kept_runs(study).items():
        same = about["counts"] == run.counts_fingerprint
        if print_ not in named or same or len(about["prior"]) != len(run.names):
            continue
        try:
            old = load(about["place"])
        except Refused:
            continue
        mine = table["fingerprint"].ne(print_) | table["topic"].isin(old.names)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WeakMatch)  # the question mark says it
            return _carried(table[mine], old, run)
    return pd.DataFrame(columns=[*LABELS, "weak"])


def _carried(table: pd.DataFrame, old: Topics, new: Topics) -> pd.DataFrame:
    """Carry names as `carry` does, the weak ones with a question mark: the columns of labels, weak."""
    found = carry(table, old, new)
    found = found.loc[has_name(found), [*LABELS, "weak"]].astype({"weak": bool})
    return _with_sign(found, found["weak"], WEAK)


def scored(study: Study, run: Topics) -> pd.DataFrame:
    """Return what `nqp-topics validate` scored on a run over all tasks, by topic and over all; no row where it has not."""
    file = study.path(study.validation) / "scores.csv"
    if not file.is_file():
        return pd.DataFrame(columns=SCORED)
    rows = read_table(file, "the scores of readers", "nqp-topics validate writes them")
    refuse_if(columns(str(file), rows, SCORED, "nqp-topics validate writes them anew"))
    return rows[(rows["run"] == run.fingerprint) & (rows["task"] == "all")]


def unseen(study: Study, run: Topics) -> list[str]:
    """Return the topics of a run that readers did not see: those that were scored below the line."""
    rows = scored(study, run)
    below = set(rows.loc[rows["seen"].astype(str).str.lower() == "false", "topic"])
    return [name for name in run.names if name in below]


def labels_of_study(study: Study, run: Topics) -> pd.DataFrame:
    """Return the labels of a study for a run, as `_given_names` finds them; those that readers did not see bear a †. Topics of one name are told of."""
    found = _given_names(study, run)
    _told_alike(found)
    return _with_sign(found, found["topic"].isin(unseen(study, run)), BELOW)


def _told_alike(labels: pd.DataFrame) -> None:
    """Tell of topics that have the same name: figures and tables have T01 beside it, and keep them apart."""
    topics = {name: labels.groupby(name, sort=False)["topic"].agg(list) for name in ("zh", "en")}
    alike = {tuple(of): name for each in topics.values() for name, of in each.items() if len(of) > 1}
    if alike:
        which = listed((f"{name} ({', '.join(of)})" for of, name in alike.items()), 5)
        message = f"topics that have one name: {which}; a name of its own tells a reader more"
        warnings.warn(message, Remark, stacklevel=3)


def _with_sign(labels: pd.DataFrame, where: pd.Series, sign: str) -> pd.DataFrame:
    """Put a sign behind some names in both languages; not behind one that bears it, nor where there is none."""
    both = {
        name: labels[name].where(~where, labels[name].str.removesuffix(sign) + sign) for name in ("zh", "en")
    }
    return labels.assign(**{name: cells.where(labels[name] != "", "") for name, cells in both.items()})


def _given_names(study: Study, run: Topics) -> pd.DataFrame:
    """Return the labels of a study for a run: its own or, for another seed, engine or number of topics, those of the reported run by matching.

    One row a topic: topic, zh, en, weak (carried to a topic that is not clearly the same: the label has a question mark). A topic without a
    label is called by its three most telling words. The labels are those of `labels` in study.toml; with labels that belong to no run of these counts, that is
    said and words are used.
    """
    table = given_for(study, run)
    here = set(table["fingerprint"])
    if len(labels_here(table, run)) or not here:
        return _telling(labels_of(table, run), run).assign(weak=False)
    said = study.as_reported()
    reported = train(of_study(study), said.topics, said.seed, **said.fits) if said.topics else None
    if reported and reported.fingerprint in here:
        found = _carried(given_for(study, reported), reported, run)
    elif (found := carried_over(study, run, table)).empty:
        runs = listed(sorted(one[:8] for one in here))
        message = f"the labels of {study.labels} belong to other runs ({runs}): topics go by their words"
        warnings.warn(message, WeakMatch, stacklevel=3)
    weak = found.set_index("topic")["weak"].reindex(run.names).eq(True)
    return _telling(labels_of(found, run), run).assign(weak=weak.to_numpy())


def _telling(labels: pd.DataFrame, run: Topics) -> pd.DataFrame:
    """Call topics without a label by the name that their anchors bear, else by their most telling words, in both languages."""
    told = words(run, min(TELLING, len(run.words)), by="relevance")
    first = labels["topic"].map({**told.groupby("topic")["word"].agg("·".join), **run.anchored})
    names = {name: labels[name].where(labels["labelled"], first) for name in ("zh", "en")}
    return labels[["topic"]].assign(**names)
