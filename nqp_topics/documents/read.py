"""Read: files of any supported format → one table of documents, one of what could not be read, one of what repeats.

To add a format: write a function (bytes, study) → `Found` in a room of `readers/`, and name its extensions in `READERS`.
"""

from __future__ import annotations

import errno
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pandas as pd

from nqp_topics.documents.formats import cnki, pdf, repeats, tables, text, web, word
from nqp_topics.documents.formats.files import Source, listed, trouble
from nqp_topics.documents.formats.rows import Found, Reader, Row, refused
from nqp_topics.documents.formats.workers import in_order
from nqp_topics.files import read_bytes
from nqp_topics.study import Problem, Refused, Study, fingerprint, progress, refuse_if

READERS: dict[str, Reader] = {
    ".txt": text.read_text,
    ".md": text.read_markdown,
    ".markdown": text.read_markdown,
    ".pdf": pdf.read,
    ".docx": word.read,
    ".html": web.read,
    ".htm": web.read,
    ".csv": tables.read_csv,
    ".tsv": tables.read_tsv,
    ".xlsx": tables.read_xlsx,
    ".jsonl": tables.read_jsonl,
    ".enw": cnki.read,
    ".net": cnki.read,
    ".ris": cnki.read,
    ".eln": cnki.read,
}
# what opens a format, where a file can bring that down or keep it busy for ever: such files are read in a process of their own
_OPENS = {
    ".pdf": "pypdfium2",
    ".docx": "docx",
    ".xlsx": "openpyxl",
    ".html": "trafilatura",
    ".htm": "trafilatura",
}
_BIG = 32 << 20  # bytes; so are files of any kind that are larger
_LARGEST = 1 << 30
COLUMNS = [
    "id",
    "file",
    "place",
    "format",
    "encoding",
    "title",
    "author",
    "outlet",
    "date",
    "voice",
    "keywords",
    "abstract",
    "fingerprint",
    "remarks",
    "text",
]
REFUSALS = ["file", "place", "reason", "detail"]
_ADVICE = {
    ".doc": "open it in Word and save it as .docx",
    ".wps": "open it in WPS and save it as .docx",
    ".rtf": "open it in Word and save it as .docx",
    ".odt": "open it and save it as .docx",
    ".xls": "open it in Excel and save it as .xlsx",
    ".et": "open it in WPS and save it as .xlsx",
    ".json": "write one object a line and call it .jsonl",
    ".caj": "open it in CAJViewer and print it as PDF, or download the PDF",
    ".epub": "convert it to .html or .txt",
    ".mht": "save the page as .html",
    ".zip": "unpack it",
    ".rar": "unpack it",
    ".7z": "unpack it",
    ".jpg": "recognise its text (OCR) and save that as .txt",
    ".png": "recognise its text (OCR) and save that as .txt",
    ".tif": "recognise its text (OCR) and save that as .txt",
}


@dataclass(frozen=True)
class Reading:
    """What was read: `documents` (a row a document), `refusals` (a row a thing not read), `duplicates` (a row a repeat)."""

    documents: pd.DataFrame
    refusals: pd.DataFrame
    duplicates: pd.DataFrame


def folder(
    place: str | Path | Sequence[str | Path], study: Study | None = None, workers: int | None = None
) -> Reading:
    """Read a folder (with all folders in it, in the order of names), one file, or a list of both.

    Documents: one row a document. `id` is the name of its file, longer only where two would be the same; rows of tables and
    records get a number. `text` is as printed: cleaning is the next step's work. What cannot be read is a row of
    `refusals` and stops nothing else. Refused: a path that does not exist, and a folder without any file in a
    format that can be read.
    """
    study = study or Study(folder=Path(), name="documents")
    rows: list[Row] = []
    refusals: list[Row] = []
    for more, said in _numbered(place, study, workers):
        rows += more
        refusals += said
    found = _table(rows, COLUMNS)
    twice = repeats.find(list(found["id"]), list(found["text"]), study.near, study.duplicates)
    dropped = set(twice.loc[~twice["kept"], "id"])
    found = found[~found["id"].isin(dropped)].reset_index(drop=True)
    return Reading(found, _table(refusals, REFUSALS), twice)


def each(
    place: str | Path | Sequence[str | Path], study: Study | None = None, workers: int | None = None
) -> Iterator[Reading]:
    """Read like `folder`, but yield a `Reading` a file, so that only the files in work are in memory; repeats are not looked for."""
    study = study or Study(folder=Path(), name="documents")
    nothing = repeats.find([], [], study.near)
    for rows, said in _numbered(place, study, workers):
        yield Reading(_table(rows, COLUMNS), _table(said, REFUSALS), nothing)


def _numbered(
    place: str | Path | Sequence[str | Path], study: Study, workers: int | None
) -> Iterator[tuple[list[Row], list[Row]]]:
    """Yield rows and refusals of each file; an id that an earlier document has (two tables may bring the same) gets a number."""
    refuse_if(_workers_problem(workers))
    sources = listed(place, READERS)
    _some_readable(place, sources)
    taken: Counter[str] = Counter()
    without: list[Row] = []
    with_column = False
    for rows, said in progress(documents(sources, study, workers), "read", total=len(sources)):
        without += [row for row in said if row["reason"] == "column missing" and not row["place"]]
        with_column = with_column or any(row["format"] in tables.FORMS for row in rows)
        for row in rows:
            name = str(row["id"])
            while taken[str(row["id"])]:
                taken[name] += 1
                row["id"] = f"{name}-{taken[name]}"
            taken[str(row["id"])] = 1
        yield rows, said
    if study.text_column and without and not with_column:  # no table has it: what is wrong is the name
        raise Refused(
            *(
                Problem(
                    f"text_column, {row['file']}",
                    repr(study.text_column),
                    str(row["detail"]),
                    "name the column that holds the text ([read] text_column, --text-column)",
                )
                for row in without
            )
        )


def _table(rows: list[Row], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    # an empty place is no text: it stays None whatever the other rows hold
    table["place"] = table["place"].where(table["place"].notna(), None)
    return table


def if_here(study: Study) -> pd.DataFrame:
    """Return the documents of a study that the reader has at hand; an empty table where there are none."""
    if not study.raw.is_dir() or not any(
        source.path.suffix.lower() in READERS for source in listed(study.raw, READERS)
    ):
        return pd.DataFrame(columns=COLUMNS)
    return folder(study.raw, study).documents


def documents(
    files: Iterable[str | Path | Source], study: Study | None = None, workers: int | None = 1
) -> Iterator[tuple[list[Row], list[Row]]]:
    """Read files one after another and yield for each its documents and its refusals, as rows.

    Only the files in work are in memory. Ids are those of the file alone: `folder` makes them unique among all.
    """
    study = study or Study(folder=Path(), name="documents")
    sources = [
        file if isinstance(file, Source) else Source(Path(file), Path(file).name, id=Path(file).stem)
        for file in files
    ]
    costs, apart = [_cost(source.path) for source in sources], [_apart(source) for source in sources]
    for name in sorted(set(apart) - {"", "big"}):
        import_module(name)  # once, not in every process
    tasks = [(source, study) for source in sources]
    yield from in_order(_read_one, tasks, costs, workers, [bool(name) for name in apart], _lost)


def _lost(task: tuple[Source, Study], why: str) -> tuple[list[Row], list[Row]]:
    """Refuse a file that takes more to read than any document does."""
    detail = f"reading it takes {why}; open it in the program that made it and save it anew, in several files if it is long"
    return [], [{"file": task[0].file, **row} for row in refused("too large", detail).refusals]


def _apart(source: Source) -> str:
    """Name what is to be read in a process of its own: by the module that opens it, or as big; nothing for other files."""
    try:
        if source.problem or not stat.S_ISREG(source.path.stat().st_mode):
            return ""
        with source.path.open("rb") as stream:
            head = stream.read(1024)
    except OSError:
        return ""
    if b"%pdf-" in head.lower():
        return _OPENS[".pdf"]
    if name := _OPENS.get(source.path.suffix.lower()):
        return name
    if b"<html" in head.lower() or head.startswith(b"PK"):
        return _OPENS[".html" if b"<html" in head.lower() else ".docx"]
    return "big" if _BIG < source.path.stat().st_size <= _LARGEST else ""


def _read_one(task: tuple[Source, Study]) -> tuple[list[Row], list[Row]]:
    """Read one file into rows that carry its name and its fingerprint."""
    source, study = task
    found, content_print = _open(source, study)
    for row in found.rows:
        number = row.pop("name")
        row["id"] = (
            source.id if number is None else f"{source.id}{number}" if number.startswith("-") else number
        )
        row["file"] = source.file
        whole_file = row["place"] is None
        row["fingerprint"] = content_print if whole_file else fingerprint(f"{content_print}\n{row['text']}")
    return found.rows, [{"file": source.file, **row} for row in found.refusals]


def _open(source: Source, study: Study) -> tuple[Found, str]:
    """Open a file and hand it to the reader of its format; whatever goes wrong is a refusal."""
    if source.problem:
        return refused("unreadable", source.problem), ""
    try:
        reader = READERS.get(source.path.suffix.lower())
        if reader is None and source.path.is_file():
            return refused("unknown format", _unknown(source.path)), ""
        content = read_bytes(source.path, _LARGEST)
    except OSError as error:
        if error.errno == errno.EFBIG:
            return refused("too large", f"{trouble(error)}; cut it into several files"), ""
        return refused("unreadable", f"{trouble(error)}; take it out, or mend it so that it may be read"), ""
    if not content or reader is None:
        return refused("empty", "the file has no bytes; take it out or get it again"), ""
    return _sniffed(reader, content, study), fingerprint(content)


def _sniffed(reader: Reader, content: bytes, study: Study) -> Found:
    """Choose the reader by the first bytes where they contradict the name, and say so in the remarks."""
    if content.startswith(b"PK") and (bomb := word.swollen(content)):
        return refused("too large", bomb)
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    actual, called = reader, ""
    if b"%pdf-" in content[:1024].lower() and reader is not pdf.read:
        actual, called = pdf.read, "PDF"
    elif content.startswith(b"PK\x03\x04") and (inside := word.zipped(content)):
        actual, called = (word.read, "DOCX") if inside == "docx" else (tables.read_xlsx, "XLSX")
    elif content.startswith(word.OLD_OFFICE):
        return word.old_office(content)
    elif head.startswith((b"<!doctype html", b"<html")) and reader in (pdf.read, word.read, text.read_text):
        actual, called = web.read, "HTML"
    try:
        found = actual(content, study)
    except MemoryError:
        raise  # whoever asked for the file refuses it
    except RecursionError:
        return refused("unreadable", "too deeply nested to read; open and save it again")
    except (
        Exception
    ) as error:  # a reader must not stop the others, whatever a damaged file does to its library
        detail = f"{type(error).__name__}: {error}".replace("\n", " ")[:200]
        return refused("unreadable", f"the file is damaged or unusual ({detail}); open and save it again")
    if actual is not reader:
        for row in found.rows:
            row["remarks"] = "; ".join(
                part for part in (f"the file is {called}, whatever its name says", row["remarks"]) if part
            )
    return found


def _unknown(path: Path) -> str:
    suffix = path.suffix.lower()
    what = f"{suffix} files are not read" if suffix else "the name has no ending that tells the format"
    return f"{what}; {_ADVICE.get(suffix, 'convert it to one of ' + ' '.join(READERS) + ', or take it out')}"


def _some_readable(place: str | Path | Sequence[str | Path], sources: list[Source]) -> None:
    """Refuse a folder (or a list) in which no file has a format that can be read; a single file gets its refusal row."""
    if any(not s.problem and s.path.suffix.lower() in READERS for s in sources):
        return
    if isinstance(place, str | Path) and not Path(place).is_dir():
        return
    shown = ", ".join(source.file for source in sources[:5])
    where = str(place) if isinstance(place, str | Path) else ", ".join(map(str, place)) or "read.folder([])"
    came = f"only {shown}{' …' if len(sources) > 5 else ''}" if sources else "no document"
    raise Refused(
        Problem(
            where,
            came,
            f"files ending in {' '.join(READERS)}",
            "put the documents there, or give the folder that holds them",
        )
    )


def _workers_problem(workers: int | None) -> Iterator[Problem]:
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
        yield Problem("workers", repr(workers), "a whole number from 1 on, or None", "leave it out")


def _cost(path: Path) -> float:
    """Guess the seconds that reading a file takes, to decide whether several processes pay."""
    speed = {".pdf": 1.5e6, ".docx": 2e6, ".html": 2e6, ".htm": 2e6, ".xlsx": 1e6}.get(
        path.suffix.lower(), 20e6
    )
    try:
        return path.stat().st_size / speed
    except OSError:
        return 0.0
