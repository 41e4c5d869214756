"""Labels: what a person calls the topics of a run, kept beside the run's fingerprint, and carried to another run by matching."""

import os
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.checks import Problem, Refused, Remark, columns, listed, one_of, refuse_if
from nqp_topics.compare.given import known
from nqp_topics.compare.matching import match
from nqp_topics.counts import of_study
from nqp_topics.files.tables import read_table, write_table
from nqp_topics.naming.about import words
from nqp_topics.naming.changes import labels_here
from nqp_topics.study import Study
from nqp_topics.topics.fit import train
from nqp_topics.topics.model import Topics

SHEET = "labels.xlsx"  # in the folder of a study
TELLING = 3  # words that stand for a topic that has no name yet
# one row a topic of a run
LABELS = ["fingerprint", "topic", "zh", "en", "who", "when"]


BELOW = "†"  # at the name of a topic that readers did not see


class WeakMatch(Remark):
    """A label was carried to a topic that is not clearly the same."""


def read_labels(file: str | Path) -> pd.DataFrame:
    """Read labels: one row a topic of a run: fingerprint, topic, zh, en, who, when. No file: no labels yet. Refused: other columns, a topic twice."""
    path = Path(file)
    if not os.path.lexists(path):
        return pd.DataFrame(columns=LABELS, dtype=object)
    table = read_table(path, "the labels of a study", "correct the path")
    return _fit(table, str(path))


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
    found: Any = here.set_index("topic").reindex(topics.names)
    given = (found["zh"].fillna("") + found["en"].fillna("")).str.strip() != ""
    found = found.fillna("").assign(labelled=given)
    name = pd.Series(topics.names, index=topics.names)
    english = found["en"].where(found["en"] != "", found["zh"]).where(given, name)
    chinese = found["zh"].where(found["zh"] != "", found["en"]).where(given, name)
    found = found.assign(zh=chinese, en=english).rename_axis("topic").reset_index()
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
    if found["weak"].any():
        weak = found[found["weak"]]
        shown = ", ".join(
            f"{row.was} → {row.topic} ({row.likeness:.2f}; {row.second} is {row.margin:.2f} less like)"
            for row in weak.itertuples()
        )
        said.append(f"weak: {shown}")
    lost = [name for name in here["topic"] if name not in set(found["was"])]
    if lost:
        near = match(old.words[lost], new.words, one_to_one=False)
        rows = near.itertuples()
        shown = ", ".join(f"{row.topic} (most like {row.other}, {row.likeness:.2f})" for row in rows)
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
    filled = ["zh", "en", "who", "when", "note"] if unnamed else ["zh", "en"]
    named = table[(table[filled] != "").any(axis=1)].reset_index(drop=True)
    twice = named[named.duplicated(["fingerprint", "topic"])]
    todo, allowed = "keep one of the rows", "one name a topic"
    refuse_if(Problem(f"{file} {topic}", "two rows with a name", allowed, todo) for topic in twice["topic"])
    return named


def _sheet(file: str | Path) -> pd.DataFrame:
    table = read_table(file, "the sheet on which topics are named", "nqp-topics labels writes it")
    todo = "nqp-topics labels writes a new sheet; copy the names into it"
    refuse_if(columns(str(file), table, LABELS, todo))
    return table.reindex(columns=[*LABELS, "note"], fill_value="").map(lambda cell: str(cell).strip())


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


def unseen(study: Study, run: Topics) -> list[str]:
    """Return the topics of a run that readers did not see: those that `nqp-topics validate` scored below the line."""
    file = study.path(study.validation) / "scores.csv"
    if not file.is_file():
        return []
    rows = read_table(file, "the scores of readers", "nqp-topics validate writes them")
    refuse_if(
        columns(str(file), rows, ["run", "task", "topic", "seen"], "nqp-topics validate writes them anew")
    )
    mine = rows[
        (rows["run"] == run.fingerprint) & (rows["task"] == "all") & (rows["seen"].str.lower() == "false")
    ]
    return [name for name in run.names if name in set(mine["topic"])]


def labels_of_study(study: Study, run: Topics) -> pd.DataFrame:
    """Return the labels of a study for a run, as `_given_names` finds them; those that readers did not see bear a †."""
    found, below = _given_names(study, run), unseen(study, run)
    for language in ("zh", "en") if below else ():
        found[language] = found[language].where(~found["topic"].isin(below), found[language] + BELOW)
    return found


def _given_names(study: Study, run: Topics) -> pd.DataFrame:
    """Return the labels of a study for a run: its own or, for another seed, engine or number of topics, those of the reported run by matching.

    One row a topic: topic, zh, en, weak (carried to a topic that is not clearly the same: the label has a question mark). A topic without a
    label is called by its three most telling words. The labels are those of `labels` in study.toml; with labels that belong to no run of these counts, that is
    said and words are used.
    """
    table = given(study)
    here = set(table["fingerprint"])
    if len(labels_here(table, run)) or not here:
        return _telling(labels_of(table, run), run).assign(weak=False)
    said = study.as_reported()
    reported = None
    if said.topics:
        reported = train(of_study(study), said.topics, said.seed, **said.fits)
    if reported is None or reported.fingerprint not in here:
        runs = listed(sorted(one[:8] for one in here))
        message = f"the labels of {study.labels} belong to other runs ({runs}): topics go by their words"
        warnings.warn(message, WeakMatch, stacklevel=3)
        return _telling(labels_of(table.iloc[:0], run), run).assign(weak=False)
    carried = carry(table, reported, run)
    found = labels_of(carried, run)
    names = _telling(found, run).set_index("topic")
    weak = carried.set_index("topic")["weak"].reindex(run.names).eq(True)
    for language in ("zh", "en"):
        names[language] = names[language].where(~weak, names[language] + "?")
    return names[["zh", "en"]].assign(weak=weak).reset_index()


def _telling(labels: pd.DataFrame, run: Topics) -> pd.DataFrame:
    """Call topics without a label by the name that their anchors bear, else by their most telling words, in both languages."""
    told = words(run, min(TELLING, len(run.words)), by="relevance")
    first = labels["topic"].map({**told.groupby("topic")["word"].agg("·".join), **run.anchored})
    names = {name: labels[name].where(labels["labelled"], first) for name in ("zh", "en")}
    return labels[["topic"]].assign(**names)
