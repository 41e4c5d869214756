"""The verbs of what is handed on: share, figures."""

from __future__ import annotations

import argparse

from nqp_topics.cli.common import Verb, study_of
from nqp_topics.cli.documents import reading_of


def add(verb: Verb) -> None:
    """Add the verbs to the command line."""
    verb(
        "share",
        _share,
        "Write what may be shared of the study's documents: lengths, losses, word counts, the audit of the lexicon.",
    )

    command = verb(
        "figures", _figures, "Run the notebooks from fresh kernels; they write the figures and the ledger."
    )
    command.add_argument(
        "notebooks", metavar="NAME", nargs="*", help="only these, by number or name (default: all)"
    )
    command.add_argument("--keep", action="store_true", help="write the outputs back into the notebooks")


def _share(options: argparse.Namespace) -> None:
    from nqp_topics import report

    study = study_of(options)
    for file in report.share(study, reading_of(options, study).documents):
        print(file)


def _figures(options: argparse.Namespace) -> None:
    from nqp_topics import report

    study = study_of(options)
    files = report.notebooks(study.path("notebooks"), options.notebooks)
    for row in report.run(files, files[0].parent if options.keep else None).itertuples():
        print(f"{row.notebook}: {row.cells} cells, {row.seconds} s")
    table = report.ledger(study)
    report.write_ledger(table, study.figures / "README.md", study.title or study.name)
    print(f"{study.figures}: {len(table)} figures, listed in its README.md")
