"""The verbs of documents: read, clean, articles, passages."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nqp_topics.cli.common import Verb, study_of, write_lines
from nqp_topics.study import Problem, Refused, Study, line_ranges, whole

if TYPE_CHECKING:
    from nqp_topics.read import Reading


def add(verb: Verb) -> None:
    """Add the verbs to the command line."""
    command = verb(
        "read", _read, "Read documents of any supported format; say what could not be read and what repeats."
    )
    documents_arguments(command)
    command.add_argument(
        "-o", "--output", metavar="FILE", help="write the documents as JSON lines (default: only report)"
    )
    command.add_argument("--refusals", metavar="FILE", help="write what could not be read as CSV")
    command.add_argument("--duplicates", metavar="FILE", help="write what repeats as CSV")

    command = verb("clean", _clean, "Print the clean text of a document or of some of its lines.")
    command.add_argument("file", metavar="FILE")
    command.add_argument(
        "--lines",
        metavar="A:B",
        help="only these lines, counted from 1; several pieces as A:B;C:D in reading order",
    )
    command.add_argument(
        "--losses", action="store_true", help="print instead what cleaning takes away, as CSV"
    )
    command.add_argument("-o", "--output", metavar="FILE", help="write here instead of printing")

    registry_help = "articles.csv: a person's word on where articles begin and end"
    command = verb("articles", _articles, "Cut documents into clean articles, one JSON object a line.")
    documents_arguments(command)
    command.add_argument("--registry", metavar="FILE", help=registry_help)
    command.add_argument(
        "--write-registry", metavar="FILE", help="write the proposal as a registry to correct by hand"
    )
    command.add_argument("-o", "--output", metavar="FILE", help="write here instead of printing")

    command = verb("passages", _passages, "Cut articles into passages, one JSON object a line.")
    documents_arguments(command)
    command.add_argument("--registry", metavar="FILE", help=registry_help)
    command.add_argument("-o", "--output", metavar="FILE", help="write here instead of printing")


def documents_arguments(command: argparse.ArgumentParser) -> None:
    """Add what says which documents, and how their tables are to be read."""
    command.add_argument(
        "files", metavar="FILE", nargs="*", help="files or folders (default: the documents of the study)"
    )
    for name in ("text", "title", "author", "outlet", "date", "voice"):
        command.add_argument(
            f"--{name}-column", metavar="NAME", help=f"the column of a table that holds the {name}"
        )
    command.add_argument("--workers", type=int, metavar="N", help="processes (default: as many as pay)")


def _places(options: argparse.Namespace, study: Study) -> Path | list[Path]:
    places = [Path(name) for name in getattr(options, "files", [])] or [study.raw]
    return places[0] if len(places) == 1 else places


def reading_of(options: argparse.Namespace, study: Study) -> Reading:
    """Read everything that was asked for, and tell what could not be read and what repeats."""
    from nqp_topics import read

    reading = read.folder(_places(options, study), study, getattr(options, "workers", None))
    if len(reading.duplicates):
        print(
            f"{len(reading.duplicates)} repeat another document (see nqp-topics read --duplicates FILE)",
            file=sys.stderr,
        )
    _tell(reading.refusals, len(reading.documents), _places(options, study))
    return reading


def _each(options: argparse.Namespace, study: Study) -> Iterator[pd.DataFrame]:
    """Yield the documents file by file where no repeat has to be dropped, so that their number does not matter."""
    from nqp_topics import read

    if study.duplicates != "keep":
        yield reading_of(options, study).documents
        return
    count, refusals = 0, []
    for reading in read.each(_places(options, study), study, options.workers):
        count += len(reading.documents)
        if len(reading.refusals):
            refusals.append(reading.refusals)
        if len(reading.documents):
            yield reading.documents
    _tell(pd.concat(refusals) if refusals else pd.DataFrame(), count, _places(options, study))


def _tell(refusals: pd.DataFrame, documents: int, places: Path | list[Path]) -> None:
    """Tell what could not be read; refuse to go on with nothing."""
    if len(refusals):
        print(f"{len(refusals)} could not be read:", file=sys.stderr)
        for row in refusals.head(20).itertuples():
            place = f" {row.place}" if row.place else ""
            print(f"  {row.file}{place}: {row.reason} - {row.detail}", file=sys.stderr)
        if len(refusals) > 20:
            print("  … (all of them: nqp-topics read --refusals FILE)", file=sys.stderr)
    if not documents:
        raise Refused(
            Problem(
                ", ".join(map(str, places if isinstance(places, list) else [places])),
                "nothing that could be read (the reasons stand above)",
                "text, Markdown, PDF, DOCX, HTML, CSV, XLSX, JSONL or a CNKI export",
                "mend or convert the files that are named",
            )
        )


def _read(options: argparse.Namespace) -> None:
    study = study_of(options)
    reading = reading_of(options, study)
    print(
        f"{len(reading.documents)} documents, {reading.documents['text'].str.len().sum():,} characters",
        file=sys.stderr,
    )
    for table, place in ((reading.refusals, options.refusals), (reading.duplicates, options.duplicates)):
        if place:
            with whole(place) as stream:
                table.to_csv(stream, index=False, lineterminator="\n")
    if options.output:
        write_lines(reading.documents.to_dict("records"), options.output)


def _clean(options: argparse.Namespace) -> None:
    from nqp_topics.clean import clean, losses

    study = study_of(options)
    options.files = [options.file]
    documents = _named(reading_of(options, study).documents, study)
    ranges = line_ranges(options.lines, "--lines") if options.lines else []
    if len(documents) > 1 and ranges:
        raise Refused(
            Problem(
                "--lines",
                f"a file of {len(documents)} documents",
                "a file that is one document",
                "leave --lines out",
            )
        )
    texts = []
    for row in documents.itertuples():
        repairs = [repair for repair in study.repairs if repair.source == row.id]
        if options.losses:
            texts.append(
                losses(row.text, ranges, repairs, study.script, row.format)
                .to_csv(index=False, lineterminator="\n")
                .rstrip("\n")
            )
        else:
            texts.append(clean(row.text, ranges, repairs, study.script, row.format))
    text = "\n\n".join(texts)
    if options.output:
        with whole(options.output) as stream:
            stream.write(text + "\n")
    elif text:
        print(text)


def _named(documents: pd.DataFrame, study: Study, registry: Path | None = None) -> pd.DataFrame:
    """Give the documents that `sources.csv` lists (the study's, or the one beside a registry) their names."""
    from nqp_topics import split

    beside = registry.parent / "sources.csv" if registry else study.path(study.sources)
    if not beside.is_file():
        return documents
    return split.named(documents, split.sources(beside, documents))


def _cut(options: argparse.Namespace, study: Study) -> Iterator[pd.DataFrame]:
    """Yield the articles file by file, by the registry where one is given."""
    from nqp_topics import split

    beside = Path(options.registry) if options.registry else None
    registry = split.read_registry(beside) if beside else None
    used = 0
    seen: list[str] = []
    for documents in _each(options, study):
        documents = _named(documents, study, beside)
        seen += documents["id"].head(5 - len(seen)).tolist()
        if registry is None:
            yield split.articles(documents, None, study.repairs, study.script)
            continue
        rows = registry[registry["source"].isin(documents["id"])]
        used += len(rows)
        articles = split.articles(documents, rows, study.repairs, study.script)
        for name in split.check(articles, rows).query("state == 'changed'")["id"]:
            print(f"{name}: the text is not the one its fingerprint was made of", file=sys.stderr)
        yield articles
    if registry is not None and not used:
        raise Refused(
            Problem(
                options.registry,
                f"no row for {', '.join(seen)}",
                "rows whose source is one of these documents",
                "check sources.csv beside the registry: a document is known by its SHA-256",
            )
        )


def _articles(options: argparse.Namespace) -> None:
    from nqp_topics import split

    cut = _cut(options, study_of(options))
    keys = ["id", "source", "start_line", "end_line", "title", "author", "outlet", "voice", "date", "text"]
    if options.write_registry:
        table = pd.concat(cut, ignore_index=True)
        split.write_registry(table, options.write_registry)
        print(f"{options.write_registry}: {len(table)} articles to check by hand", file=sys.stderr)
        if not options.output:
            return
        cut = iter([table])
    write_lines((row for articles in cut for row in articles[keys].to_dict("records")), options.output)


def passages_of(options: argparse.Namespace, study: Study) -> pd.DataFrame:
    """Return all passages of the documents that were asked for, with the voice of their article."""
    from nqp_topics import split

    if not hasattr(options, "registry"):
        here = study.path(study.articles) if study.articles and not options.files else None
        options.registry = here if here and here.is_file() else None
    articles = pd.concat(_cut(options, study), ignore_index=True)
    passages = split.passages(articles, study.shortest, study.longest)
    voices = dict(zip(articles["id"], articles["voice"], strict=True))
    return passages.assign(voice=passages["article"].map(voices))


def _passages(options: argparse.Namespace) -> None:
    from nqp_topics import split

    study = study_of(options)
    write_lines(
        (
            row
            for articles in _cut(options, study)
            for row in split.passages(articles, study.shortest, study.longest).to_dict("records")
        ),
        options.output,
    )
