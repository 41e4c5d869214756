"""The verbs of documents: read, clean, articles, passages."""

import os
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from nqp_topics.checks import Problem, Refused, listed
from nqp_topics.checks.chinese import told
from nqp_topics.cli.common import aside, study_of, write_lines
from nqp_topics.documents import read, registry, split
from nqp_topics.documents.clean import clean, han, losses
from nqp_topics.files import whole
from nqp_topics.files.tables import write_table
from nqp_topics.study import Repair, Study, line_ranges, rules_of


def _places(options: Namespace, study: Study) -> Path | list[Path]:
    places = [Path(name) for name in getattr(options, "files", [])] or [study.raw]
    return places[0] if len(places) == 1 else places


def reading_of(options: Namespace, study: Study, each: bool = False) -> read.Reading:
    """Read everything that was asked for, and tell what could not be read (of a study's own documents only how many, unless `each` is asked for) and what repeats."""
    workers, own = getattr(options, "workers", None), not getattr(options, "files", [])
    if own and not workers and (study.folder / "study.toml").is_file():
        reading = read.of_study(study)
    else:
        reading = read.folder(_places(options, study), study, workers)
    if len(reading.duplicates):
        aside(f"{len(reading.duplicates)} documents repeat another (see nqp-topics read --duplicates FILE)")
    _tell(reading.refusals, len(reading.documents), _places(options, study), each or not own)
    return reading


def _each(options: Namespace, study: Study) -> Iterator[pd.DataFrame]:
    """Yield the documents file by file where no repeat has to be dropped, so that their number does not matter."""
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
    every = pd.concat(refusals, ignore_index=True) if refusals else pd.DataFrame()
    _tell(every, count, _places(options, study), bool(getattr(options, "files", [])))


def _tell(refusals: pd.DataFrame, documents: int, places: Path | list[Path], each: bool) -> None:
    """Tell what could not be read, or how much; refuse to go on with nothing."""
    if len(refusals):
        many = len(read.lost(refusals))
        if documents and not each:
            if many:
                aside(f"{many} could not be read (nqp-topics read says which, and why)")
            return
        if many:
            aside(f"{many} could not be read:")
        for line in read.not_read(refusals):
            aside(line)
    if not documents:
        where = listed(places if isinstance(places, list) else [places], 5)
        came = "nothing that could be read (the reasons stand above)"
        allowed = "text, Markdown, PDF, DOCX, HTML, CSV, XLSX, JSONL or a CNKI export"
        raise Refused(Problem(where, came, allowed, "mend or convert the files that are named"))


def _read(options: Namespace) -> None:
    study = study_of(options)
    reading = reading_of(options, study, each=True)
    characters = reading.documents["text"].str.len().sum()
    many = len(read.lost(reading.refusals))
    aside(f"{len(reading.documents)} documents, {characters:,} characters, {many} not read")
    told_of = reading.refusals.assign(detail=reading.refusals["detail"].map(told))
    for table, place in ((told_of, options.refusals), (reading.duplicates, options.duplicates)):
        if place:
            write_table(table, place)
    if options.output:
        write_lines(reading.documents.to_dict("records"), options.output, "documents")


def _clean(options: Namespace) -> None:
    study = study_of(options)
    options.files = [options.file]
    read_documents = reading_of(options, study).documents
    documents = _names(study)(read_documents)
    known = _repairs(read_documents, documents, study, options)
    ranges = line_ranges(options.lines, "--lines") if options.lines else []
    if options.lines is not None and not ranges:
        todo = "for example --lines 120:345"
        raise Refused(Problem("--lines", repr(options.lines), "A:B, or A:B;C:D", todo))
    if len(documents) > 1 and ranges:
        came, allowed = f"a file of {len(documents)} documents", "a file that is one document"
        raise Refused(Problem("--lines", came, allowed, "leave --lines out"))
    texts, went = [], 0
    for row in documents.itertuples():
        repairs = rules_of(known, row.id)
        if options.losses:
            lost = losses(row.text, ranges, repairs, study.script, row.format).assign(document=row.id)
            texts.append(lost.to_csv(index=False, lineterminator="\n").rstrip("\n"))
            went += len(lost)
        else:
            texts.append(clean(row.text, ranges, repairs, study.script, row.format))
    text = "\n\n".join(texts)
    if options.losses and not went:
        aside("nothing was taken away")
    if options.output:
        with whole(options.output) as stream:
            stream.write(text + "\n")
    elif text:
        print(text)
    else:
        aside("nothing is left: all of it is furniture of the page")


def _names(study: Study, file: Path | None = None) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return what gives documents the names by which the study's `sources.csv`, or the one beside a registry, lists them.

    A study that names a list must have it; beside another registry there may be none.
    """
    own = study.sources and (not file or file == study.path(study.articles))
    beside = study.path(study.sources) if own else file and file.parent / "sources.csv"
    if not beside or not (own or os.path.lexists(beside)):  # a link to nowhere is told too
        return lambda documents: documents
    known = registry.read_sources(beside)
    prints, named = set(known["sha256"]), registry.naming(known)
    return lambda rows: named(rows) if file or rows["fingerprint"].isin(prints).any() else rows


def _repairs(
    documents: pd.DataFrame, named: pd.DataFrame, study: Study, options: Namespace
) -> tuple[Repair, ...]:
    """Return the study's repairs; a file that only stands in the study's folder is repaired where `sources.csv` knows it."""
    if options.study or not study.sources or not getattr(options, "files", None):
        return study.rules
    known = set(named["id"]) - set(documents["id"])
    return tuple(repair for repair in study.rules if repair.source in ("", *known))


def _registry(options: Namespace, study: Study) -> Path | None:
    """Return the registry: the one given, else the study's where the study was named or its own documents are read."""
    if file := getattr(options, "registry", None):
        return Path(file)
    return study.path(study.articles) if study.articles and (options.study or not options.files) else None


def _cut(options: Namespace, study: Study) -> Iterator[pd.DataFrame]:
    """Yield the articles file by file, by the registry where there is one, as fingerprints are made of them: with what they share."""
    file = _registry(options, study)
    rows = registry.read(file, study.voices) if file else None
    places = {} if rows is None else rows.groupby("source").indices
    names = _names(study, file)
    here: list[str] = []
    for documents in _each(options, study):
        named = names(documents)
        here += named["id"].tolist()
        theirs = [number for name in named["id"] for number in places.get(name, [])]
        given = None if rows is None else rows.iloc[theirs]
        repairs = _repairs(documents, named, study, options)
        articles = split.articles(named, given, repairs, study.script, study.voices)
        if given is not None and given["fingerprint"].any():
            checked = registry.check(articles, given)
            for name in checked["id"][checked["state"] == "changed"]:
                aside(
                    f"{name}: the text is not the one its fingerprint was made of; if you mean it so, renew the fingerprints:"
                    f" --registry {file} --write-registry {file}"
                )
        _no_chinese(articles)
        yield articles
    if rows is not None:
        _tell_unmatched(rows, here, file)


def _counted(options: Namespace, study: Study) -> Iterator[pd.DataFrame]:
    """Yield the articles as topics are made of them: file by file, all at once where what they share is dropped."""
    cut = _cut(options, study)
    if study.repeated == "keep":
        yield from cut
    else:
        yield split.as_counted(pd.concat(cut, ignore_index=True), study)


def _no_chinese(articles: pd.DataFrame) -> None:
    for name, text in zip(articles["id"], articles["text"], strict=True):
        if not han(text):
            nothing = f"{name}: no text is left of it, so it has no passage"
            aside(f"{name}: no Chinese character in it" if text.strip() else nothing)


def _tell_unmatched(rows: pd.DataFrame, here: list[str], file: Path | None) -> None:
    """Tell which rows have no document and which documents no row; refuse where nothing meets."""
    wanted, there = dict.fromkeys(rows["source"]), dict.fromkeys(here)
    absent = [name for name in wanted if name not in there]
    unlisted = [name for name in here if name not in wanted]
    if len(absent) == len(wanted):
        came = f"rows for {', '.join(list(wanted)[:5])}; documents {', '.join(here[:5])}"
        allowed = "rows whose source is the id of a document (spreadsheets make 1 of 001)"
        todo = "correct the column source, or check sources.csv beside the registry: it knows documents by their SHA-256"
        raise Refused(Problem(str(file), came, allowed, todo))
    if absent:
        aside(f"{len(absent)} in the registry, but not among the documents: {listed(absent, 10)}")
    if unlisted:
        aside(f"{len(unlisted)} without a row in the registry, left out: {listed(unlisted, 10)}")


def _articles(options: Namespace) -> None:
    study = study_of(options)
    keys = ["id", "source", "start_line", "end_line", "title", "author", "outlet", "voice", "date", "text"]
    if options.write_registry:
        table = pd.concat(_cut(options, study), ignore_index=True)
        if options.registry and Path(options.write_registry).is_file():
            renewed = registry.renew(options.write_registry, table)
            aside(f"{options.write_registry}: {renewed} fingerprints renewed")
        else:
            registry.write(table, options.write_registry)
            aside(f"{options.write_registry}: {len(table)} articles to check by hand")
        if not options.output:
            return
        cut = iter([split.as_counted(table, study)])
    else:
        cut = _counted(options, study)
    rows = (row for articles in cut for row in articles[keys].to_dict("records"))
    write_lines(rows, options.output, "articles")


def in_passages(articles: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Cut the articles that have text into passages."""
    return split.passages(articles[articles["text"] != ""], study.shortest, study.longest)


def passages_of(options: Namespace, study: Study) -> pd.DataFrame:
    """Return all passages of the documents that were asked for, with the voice of their article."""
    articles = pd.concat(_counted(options, study), ignore_index=True)
    passages = in_passages(articles, study)
    voices = dict(zip(articles["id"], articles["voice"], strict=True))
    return passages.assign(voice=passages["article"].map(voices))


def _passages(options: Namespace) -> None:
    study = study_of(options)
    cut = (in_passages(articles, study) for articles in _counted(options, study))
    write_lines((row for some in cut for row in some.to_dict("records")), options.output, "passages")
