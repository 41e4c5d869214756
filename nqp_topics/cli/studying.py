"""The verbs for those who work in spreadsheets: labels, results, and next, which says where a study stands."""

import re
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from nqp_topics import naming
from nqp_topics.checks import file_here, listed, refuse_if, typed
from nqp_topics.checks.chinese import language, told
from nqp_topics.choose import stability
from nqp_topics.cli.common import WHATS, aside, called, given, study_of, tell
from nqp_topics.cli.reading import reading_of
from nqp_topics.counts import Counts, of_study
from nqp_topics.documents import registry, split
from nqp_topics.files.tables import write_table
from nqp_topics.files.workbook import write_workbook
from nqp_topics.reproduce import new_texts
from nqp_topics.reproduce.begin import begin, outdated
from nqp_topics.reproduce.methods import methods, tally, write_methods
from nqp_topics.reproduce.results import articles_tables, topics_tables, write_results
from nqp_topics.reproduce.standing import standing
from nqp_topics.study import Study, unnumbered
from nqp_topics.topics import Topics, load, train

CHOSEN = ("topics", "seed")  # options that ask for another run of a study
FEW_KNOWN = 0.5  # share of a text's words: a run that knows fewer says little of it


def _new(options: Namespace) -> None:
    columns = {what: column for what in WHATS if (column := getattr(options, f"{what}_column"))}
    spoken = options.language or language()
    keep = [name for one in re.split("[;；]", options.keep_column) if (name := one.strip())]
    cut = {"begins": options.begins, "by_speaker": options.by_speaker}
    of = options.folder, options.documents, options.name, columns, spoken, tell, called(), keep
    study = begin(*of, **cut)
    tell(
        f"{study.folder}: look at articles.xlsx, or go on at once: nqp-topics figures --study {typed(study.folder)} --topics 10"
    )


def asked(options: Namespace, chosen: Iterable[str] = CHOSEN) -> Study:
    """Return the study with the number of topics and the seed that are asked for. Refused: one without a number of topics."""
    study = study_of(options).but(**given(options, chosen))
    refuse_if(unnumbered(study))
    return study


def run_of(options: Namespace, chosen: Iterable[str] = CHOSEN) -> tuple[Study, Counts, Topics]:
    """Return the study, its counts and the run that is asked for, fitted only where it is not kept."""
    study = asked(options, chosen)
    counts = of_study(study)
    return study, counts, train(counts, study.topics, study.seed, **study.fits)


def is_study(folder: str) -> bool:
    """Tell whether a folder that RUN names is a study, whose run is meant."""
    return (Path(folder) / "study.toml").is_file()


def named_run(options: Namespace, chosen: Iterable[str] = CHOSEN) -> tuple[Study, Topics]:
    """Return the study and the run that RUN names: a folder that train wrote, or a study, whose run it is."""
    if not is_study(options.run):
        allowed = "the folder of a study, or one that nqp-topics train wrote"
        refuse_if(file_here(Path(options.run) / "run.json", allowed, "train, or correct the path"))
        return study_of(options), load(options.run)
    options.study = options.study or options.run
    study, _, run = run_of(options, chosen)
    return study, run


def _labels(options: Namespace) -> None:
    study, counts, run = run_of(options)
    table = naming.given_for(study, run, unnamed=True)  # before anything is written
    named = table[naming.has_name(table)]
    if outdated(study):
        tell(
            "the counts are older than the terms, stop words, registry or settings: nqp-topics figures counts anew, then nqp-topics labels carries the names over"
        )
    if not (named["fingerprint"] == run.fingerprint).any():
        over = naming.carried_over(study, run, table)
        if len(over):
            weak, kept = int(over["weak"].sum()), int((~over["weak"]).sum())
            tell(
                f"{kept} names carried over from the run on older counts, {weak} to be given again (marked with ?)"
            )
            rest = table[(table["fingerprint"] != run.fingerprint) | ~table["topic"].isin(over["topic"])]
            table = pd.concat([over.drop(columns="weak").assign(note=""), rest], ignore_index=True)
            named = table[naming.has_name(table)]
    texts = None if options.no_texts else texts_of(options, study)
    file = study.written(naming.SHEET)
    naming.write_sheet(naming.topics_sheet(run, counts, table, texts), file)
    if study.labels and len(named):
        naming.write_labels(named, study.written(study.labels))
    named = named[named["fingerprint"] == run.fingerprint]
    for row in named.itertuples():
        if registry.no_date(row.when):
            tell(f"{naming.SHEET} {row.topic}: {row.when} is no date; write it as 2026-03-05")
    tell(f"{file}: {len(run.names)} topics, {len(named)} of them named")
    if len(named) < len(run.names):
        tell(
            "fill in the tinted cells and save the file; the names stand on every figure after nqp-topics figures"
        )


def texts_of(options: Namespace, study: Study) -> pd.DataFrame | None:
    """Return the passages with their texts, where the documents are here."""
    if not study.raw.is_dir():
        tell("the documents are not here: the passages to read are named by their ids")
        return None
    articles = split.by_study(reading_of(options, study).documents, study)
    return split.passages(articles, study.shortest, study.longest)


def _results(options: Namespace) -> None:
    study, counts, run = run_of(options)
    labels = naming.labels_of_study(study, run)
    runs = train(counts, study.topics, seeds=study.run_seeds, **study.fits)
    agreed = stability(runs, counts).topics
    overlap: pd.Series = agreed[agreed["seed"] == run.seed].set_index("topic")["top_words"]
    folder = options.output or study.written("results")
    rows = registry.of_study(study)
    about = pd.DataFrame({"id": sorted(set(counts.articles))}) if rows is None else rows
    files = write_results(topics_tables(run, labels, overlap), folder, "topics", run.names)
    files += write_results(articles_tables(run, counts, about, labels), folder, "articles", run.names)
    for file in files:
        print(file)


def _methods(options: Namespace) -> None:
    study = asked(options)
    table = methods(study)
    for file in write_methods(table, options.output or study.written("methods")):
        print(file)
    answered, needless, missing = tally(table).values()
    aside(f"{answered} items answered, {needless} not applicable, {missing} missing")
    for row in table[table["state"] == "MISSING"].itertuples():
        aside(f"missing: {row.item} ({row.todo})")


def _shares(options: Namespace) -> None:
    study, run = named_run(options)
    table = new_texts.shares_of_texts(run, new_texts.texts_of(options.documents, study), study)
    if Path(options.output).suffix.lower() == ".xlsx":
        write_workbook({"shares": table}, options.output, {}, shares=("known", *run.names))
    else:
        write_table(table, options.output)
    few = table[table["known"] < FEW_KNOWN]
    tell(f"{options.output}: {len(table)} texts, {table['known'].median():.0%} of their words known (median)")
    if len(few):
        tell(f"of {len(few)} texts the run knows less than half of the words: {listed(few['id'], 5)}")


def _next(options: Namespace) -> None:
    table = standing(study_of(options))
    sign = "；" if language() == "zh" else "; "
    for row in table.itertuples():
        state = sign.join(map(told, row.state))
        print(f"{'✓' if row.done else '·'} {told(row.step)}: {state}")
    todo = table.loc[~table["done"], "todo"].tolist()
    tell(f"next: {todo[0]}" if todo else "all is done: nqp-topics verify makes it again and compares")
