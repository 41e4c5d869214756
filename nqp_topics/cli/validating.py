"""The verbs of doubt: validate asks readers whether they see the topics, vary asks whether findings hold with other choices."""

import re
from argparse import Namespace
from pathlib import Path

from nqp_topics import figures, validate, vary
from nqp_topics.checks import Problem, Refused, one_of, refuse_if, said
from nqp_topics.checks.chinese import language
from nqp_topics.cli.common import tell
from nqp_topics.cli.studying import asked, run_of, texts_of
from nqp_topics.files.tables import write_table
from nqp_topics.validate.sealed import ANSWERS
from nqp_topics.validate.tasks import EACH, QUESTIONS


def _validate(options: Namespace) -> None:
    study, counts, run = run_of(options)
    folder = Path(options.output or study.written(study.validation))
    spoken = study.language or language()
    tasks = validate.begun(study, run, counts, folder, options.draw, _each(options.each), spoken)
    given = options.answers or validate.given(folder)
    if given:
        found = validate.score(validate.read_answers(given, tasks), tasks, study.line)
        write_table(found.precision.assign(run=tasks.run), folder / "scores.csv")
        write_table(found.agreement, folder / "agreement.csv")
        write_table(found.grades, folder / "grades.csv")
        print(figures.readers.says(figures.readers.table(found))[language() == "zh"])
        return
    texts = None if options.no_texts else texts_of(options, study)
    holds = "" if texts is None else "-with-texts"
    validate.write_page(tasks, folder / f"page{holds}.html", texts, spoken, study.title or study.name)
    validate.write_sheet(tasks, folder / f"sheet{holds}.xlsx", texts, spoken)
    seen, place = validate.shown(tasks.items, texts), folder / ANSWERS
    minutes, seal = validate.minutes(seen), validate.seal(tasks)
    tell(f"{folder}: {len(seen)} items, about {minutes} minutes a reader; seal {seal}")
    if texts is not None:
        tell(f"the page and the sheet hold text of the documents: hand them to readers, not to {place}")
    tell(f"put what readers send back into {place}, and run nqp-topics validate again")


def _vary(options: Namespace) -> None:
    study = asked(options)
    table = vary.run(study, vary.findings(study, options.findings), options.universes, options.draw)
    usual = study.facts.relative_to(study.folder) / "multiverse.csv"
    file = Path(options.output or study.written(usual))
    write_table(table, file, digits="%.6g")
    print(figures.multiverse.says(table)[language() == "zh"])
    tell(f"{file}: {table['universe'].nunique()} universes")


def _each(written: list[str]) -> dict[str, int]:
    """Read TASK=NUMBER as how many items a topic has."""
    found = dict(EACH)
    for one in written:
        match = re.fullmatch(r"([a-z]+)=([0-9]{1,3})", one.strip())
        if not match:
            raise Refused(Problem("--each", said(one), "TASK=NUMBER", "for example words=3"))
        refuse_if(one_of("--each", match[1], QUESTIONS))
        found[match[1]] = int(match[2])
    return found
