"""The verbs of what is handed on: share, figures, verify."""

from argparse import Namespace

from nqp_topics import reproduce as report
from nqp_topics.checks import Problem, Refused, refuse_if, typed, whole_number
from nqp_topics.cli.common import aside, study_of, tell
from nqp_topics.cli.reading import reading_of
from nqp_topics.counts import of_study
from nqp_topics.files.tables import write_table
from nqp_topics.reproduce.begin import made_ready, ready
from nqp_topics.reproduce.notebooks import MANY, lacking
from nqp_topics.study import Study, unnumbered
from nqp_topics.topics.fit import number_problems

MOST_TOPICS = 1000  # that a figure is drawn for, whatever the corpus


def _share(options: Namespace) -> None:
    study = study_of(options)
    for file in report.share(study, reading_of(options, study).documents, options.output):
        print(file)
    if not options.output and not study.sources:
        ready(study)


def _redraw(study: Study, options: Namespace) -> None:
    """Draw the figures for another page, from their tables. Refused: what asks for notebooks too."""
    others = {"NAME": options.notebooks, "--keep": options.keep, "--again": options.again}
    came, where = [f"{name} too" for name, value in others.items() if value], f"figures --page {options.page}"
    allowed, todo = "--page alone: no notebook runs", "leave out one of the two"
    refuse_if(Problem(where, one, allowed, todo) for one in came)
    for stem in report.redraw(study, options.page):
        print(stem)


def _figures(options: Namespace) -> None:
    study = study_of(options)
    if options.topics is not None:
        todo = "choose shows what speaks for which"
        refuse_if(whole_number("--topics", options.topics, 2, MOST_TOPICS, todo))
        study = study.but(topics=options.topics)
    if options.keep and (options.topics is not None or study.topics != study.reported):
        came = "--keep with --topics" if options.topics is not None else "--keep with NQP_TOPICS"
        allowed = "notebooks with the outputs of the study's own number"
        raise Refused(Problem("figures", came, allowed, "leave out one of the two"))
    if options.page:
        return _redraw(study, options)
    if not options.notebooks:  # those up to 3 need no number
        refuse_if(unnumbered(study))
    if made_ready(study):
        tell(f"{study.path(study.counts)}: documents cut and counted")
    if options.topics is not None and study.has_counts:  # before a notebook runs for minutes
        refuse_if(number_problems("--topics", of_study(study), options.topics))
    files = report.notebooks(study.path("notebooks"), options.notebooks)
    same = [] if options.keep or options.again else report.unchanged(study, files)
    if same:
        tell(f"unchanged since they ran: {', '.join(file.stem for file in same)} (--again runs them too)")
    without = lacking(study)
    ran = report.run(
        [file for file in files if file not in same],
        files[0].parent if options.keep else None,
        topics=options.topics,
        done=lambda file, began: report.note(study, file, began),
        hide=None if study.publish_texts or not options.keep else study.raw,
        without=without,
    )
    if "reported" in without:
        tell("no number of topics in study.toml yet: what is asked of the reported run alone was left out")
    if "groups" in without:
        tell(
            f"no two groups in the column {study.groups} of the registry that have four articles of three witnesses: what compares groups was left out"
        )
    if "time" in without:
        tell("fewer than twenty dated articles of five years: what is told over the years was left out")
    if "few" in without:
        tell(f"more than {MANY:,} articles: what holds each against each (tree, map) was left out")
    if "readers" in without:
        tell(
            f"the tasks in {study.validation} are of an earlier run: what readers saw was left out; answers stay theirs, and [validate] folder in study.toml names a new place"
        )
    for row in ran.itertuples():
        tell(f"{row.notebook}: {row.cells} cells, {row.seconds} s")
    kinds = report.write_ledger(study)["kind"].tolist()
    drawn, tables, pages = (kinds.count(kind) for kind in ("figure", "table", "page"))
    tell(f"{study.figures}: {drawn} figures, {tables} tables, {pages} pages, listed in its README.md")


def _bundle(options: Namespace) -> None:
    names = report.bundle(study_of(options), options.output, options.texts)
    tell(f"{options.output}: {len(names)} files; nqp-topics verify {typed(options.output)} checks them")


def _verify(options: Namespace) -> int:
    if options.archive:
        checked = report.check_bundle(options.archive)
        if options.output:
            write_table(checked, options.output)
        other = checked[checked["verdict"] != "match"]
        for row in other.itertuples():
            tell(f"{row.file}: DIFFERS ({row.why})")
        tell(f"in all: {len(checked) - len(other)} match, {len(other)} differ, 0 cannot be checked")
        return int(len(other) > 0)
    table = report.verify(study_of(options), options.tolerance)
    if options.output:
        write_table(table, options.output)
    summed = report.summary(table)
    for file, match, differs, unchecked, first in summed.itertuples(index=False):
        said = [f"{match} match"] * bool(match) + [f"{differs} DIFFER"] * bool(differs)
        said += [f"{unchecked} cannot be checked"] * bool(unchecked)
        tell(f"{file}: {', '.join(said)}{f' ({first})' if first else ''}")
    match, differs, unchecked = (int(summed[name].sum()) for name in summed.columns[1:4])
    tell(f"in all: {match} match, {differs} differ, {unchecked} cannot be checked")
    if differs:
        aside("what differs stands above; -o FILE writes every number")
    return 1 if differs else 0
