"""Read: files of any supported format → one table of documents, one of what could not be read, one of what repeats.

To add a format: write a function (bytes, study) → `Found` in `formats/`, and name its extensions in `READERS`.
"""

import errno
import json
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.checks import TOLD, whole_number
from nqp_topics.checks import listed as named
from nqp_topics.checks.chinese import told
from nqp_topics.documents.formats import cnki, docx, office, pdf, repeats, spreadsheets, text, web
from nqp_topics.documents.formats.rows import Found, Reader, Row, Unread, refusal, remark
from nqp_topics.documents.formats.sources import Source, listed, trouble
from nqp_topics.documents.formats.workers import in_order
from nqp_topics.files import once, read_bytes
from nqp_topics.study import Problem, Refused, Study, fingerprint, progress, refuse_if

READERS: dict[str, Reader] = {
    ".txt": partial(text.read, form="text"),
    **dict.fromkeys((".md", ".markdown"), partial(text.read, form="markdown")),
    ".pdf": pdf.read,
    ".docx": docx.read,
    **dict.fromkeys((".html", ".htm"), web.read),
    **{f".{form}": partial(spreadsheets.read, form=form) for form in spreadsheets.FORMS},
    **dict.fromkeys((".enw", ".net", ".ris", ".eln"), cnki.read),
}
# what opens a format, where a file can bring that down or keep it busy for ever: such files are read in a process of their own
_OPENS = {
    **{".pdf": "pypdfium2", ".docx": "docx", ".xlsx": "openpyxl"},
    **dict.fromkeys((".html", ".htm"), "trafilatura"),
}
_SPEED = {  # bytes a second; those of other kinds 20 MB
    **{".pdf": 1.5e6, ".xlsx": 1e6},
    **dict.fromkeys((".docx", ".html", ".htm"), 2e6),
    **dict.fromkeys((".csv", ".tsv", ".jsonl"), 5e6),
}
_BIG = 32 << 20  # bytes; files of any kind that are larger are read apart, too
_AT_ONCE = 200  # documents and refusals of small files that are handed on together
_LARGEST = 1 << 30
_LIBRARIES = ("pypdfium2", "python-docx", "openpyxl", "trafilatura", "lxml", "pandas")  # what opens formats
COLUMNS = [
    *("id", "file", "place", "format", "encoding", "title", "author", "outlet", "date", "voice"),
    *("keywords", "abstract", "fingerprint", "remarks", "text"),
]
REFUSALS = ["file", "place", "reason", "detail"]
_ADVICE = {
    **dict.fromkeys((".doc", ".rtf"), "open it in Word and save it as .docx"),
    ".wps": "open it in WPS and save it as .docx",
    ".odt": "open it and save it as .docx",
    ".xls": "open it in Excel and save it as .xlsx",
    ".et": "open it in WPS and save it as .xlsx",
    ".json": "write one object a line and call it .jsonl",
    ".caj": "open it in CAJViewer and print it as PDF, or download the PDF",
    ".epub": "convert it to .html or .txt",
    ".mht": "save the page as .html",
    **dict.fromkeys((".zip", ".rar", ".7z"), "unpack it"),
    **dict.fromkeys((".jpg", ".png", ".tif"), "recognise its text (OCR) and save that as .txt"),
}
ALIKE = 20  # characters; a shorter row of a table is an answer that two may give
Places = str | Path | Sequence[str | Path]
Rows = tuple[list[Row], list[Row]]  # of documents, and of what could not be read


@dataclass(frozen=True)
class Reading:
    """What was read: `documents` (a row a document), `refusals` (a row a thing not read), `duplicates` (a row a repeat)."""

    documents: pd.DataFrame
    refusals: pd.DataFrame
    duplicates: pd.DataFrame


def folder(place: Places, study: Study | None = None, workers: int | None = None) -> Reading:
    """Read a folder (with all folders in it, in the order of names), one file, or a list of both.

    Documents: one row a document. `id` is the name of its file, longer only where two would be the same; rows of tables and
    records get a number. `text` is as printed: cleaning is the next step's work. What cannot be read is a row of
    `refusals` and stops nothing else. Refused: a path that does not exist, and a folder without any file in a
    format that can be read. A short row of a table repeats nothing: two people may answer with the same words.
    """
    study = study or Study(folder=Path(), name="documents")
    files = list(_numbered(place, study, workers))
    found = _table([row for rows, _ in files for row in rows], COLUMNS)
    refusals = _table([row for _, said in files for row in said], REFUSALS)
    long = found[found["place"].isna() | (found["text"].str.len() >= ALIKE)]
    twice = repeats.find(list(long["id"]), list(long["text"]), study.near, study.duplicates)
    dropped = set(twice.loc[~twice["kept"], "id"])
    found = found[~found["id"].isin(dropped)].reset_index(drop=True)
    return Reading(found, refusals, twice)


def each(place: Places, study: Study | None = None, workers: int | None = None) -> Iterator[Reading]:
    """Read like `folder`, but yield a `Reading` of a few files at a time, so that the rest is not in memory; repeats are not looked for."""
    study = study or Study(folder=Path(), name="documents")
    nothing = repeats.find([], [], study.near)
    found: list[Row] = []
    refusals: list[Row] = []
    for rows, said in _numbered(place, study, workers):
        found += rows
        refusals += said
        if len(found) + len(refusals) >= _AT_ONCE or sum(len(row["text"] or "") for row in found) > 2_000_000:
            yield Reading(_table(found, COLUMNS), _table(refusals, REFUSALS), nothing)
            found, refusals = [], []
    if found or refusals:
        yield Reading(_table(found, COLUMNS), _table(refusals, REFUSALS), nothing)


def lost(refusals: pd.DataFrame) -> pd.DataFrame:
    """Return the refusals of what was not read; the others are of tables that were read, and lack a column that [read] names."""
    return refusals[(refusals["reason"] != "column missing") | refusals["place"].isna()]


def not_read(refusals: pd.DataFrame) -> Iterator[str]:
    """Yield a line, in the reader's language, for each thing that could not be read, then for each column that a table which was read lacks; of many for the first."""
    gone = lost(refusals)
    yield from _lines(gone)
    lacking = refusals.drop(gone.index)
    if len(lacking):
        yield told(f"{lacking['file'].nunique()} tables were read without a column that [read] names:")
        yield from _lines(lacking)


def _lines(refusals: pd.DataFrame) -> Iterator[str]:
    for row in refusals.head(TOLD).itertuples():
        place = f" {row.place}" if row.place else ""
        yield f"  {row.file}{place}: {told(row.reason)} - {told(row.detail)}"
    if len(refusals) > TOLD:
        yield "  … (all of them: nqp-topics read --refusals FILE)"


def _numbered(place: Places, study: Study, workers: int | None) -> Iterator[Rows]:
    """Yield rows and refusals of each file; an id that an earlier document has (two tables may bring the same) gets a number."""
    refuse_if([] if workers is None else whole_number("workers", workers, 1, todo="leave it out"))
    sources = listed(place, READERS)
    _some_readable(place, sources)
    taken: Counter[str] = Counter()
    without: list[Row] = []
    with_column = False
    for rows, said in progress(_documents(sources, study, workers), "read", total=len(sources)):
        without += [row for row in said if row["reason"] == "column missing" and not row["place"]]
        with_column = with_column or any(row["format"] in spreadsheets.FORMS for row in rows)
        for row in rows:
            name = str(row["id"])
            while taken[str(row["id"])]:
                taken[name] += 1
                row["id"] = f"{name}-{taken[name]}"
            taken[str(row["id"])] = 1
        yield rows, said
    if study.text_column and without and not with_column:  # no table has it: what is wrong is the name
        came = repr(study.text_column)
        todo = "name the column that holds the text ([read] text_column, --text-column)"
        refuse_if(Problem(f"text_column, {row['file']}", came, str(row["detail"]), todo) for row in without)


def _table(rows: list[Row], columns: list[str]) -> pd.DataFrame:
    return _typed(pd.DataFrame(rows, columns=columns, dtype=object))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    # an empty place is no text: it stays None whatever the other rows hold
    table["place"] = table["place"].where(table["place"].notna(), None)
    return table


def of_study(study: Study, reading: Reading | None = None) -> Reading:
    """Read the documents of a study, once: what came of it is kept in its cache for as long as no file, setting or reader changes.

    A `reading` that was made of them already, with these settings, is kept as it is.
    """
    if not study.raw.is_dir():
        return folder(study.raw, study)  # refuses it

    def made() -> dict[str, Any]:
        found, names = reading or folder(study.raw, study), ("documents", "refusals", "duplicates")
        return {name: getattr(found, name).to_dict("split") for name in names}

    def table(name: str, kind: type | None = object) -> pd.DataFrame:
        return pd.DataFrame(kept[name]["data"], columns=kept[name]["columns"], dtype=kind)

    kept = once.once(study.cache / "read", state(study), made, _lasts)
    documents, refusals = (_typed(table(name)) for name in ("documents", "refusals"))
    return Reading(documents, refusals, table("duplicates", None).astype({"similarity": float, "kept": bool}))


def _lasts(kept: dict[str, Any]) -> bool:
    """Tell whether another day's reading would come to the same: what could not be opened, or took too long, may do so tomorrow."""
    return not {"unreadable", "too large"} & {str(row[2]) for row in kept["refusals"]["data"]}


def state(study: Study) -> str:
    """Return the fingerprint of what a reading follows from: every file by its bytes, the settings, the code that reads."""
    files = [[one.file, one.problem, _bytes_of(one)] for one in listed(study.raw, READERS)]
    places = "documents", "elsewhere"
    chosen = {name: one for name, one in study.set_in("read").items() if name not in places}
    readers = [f"{name} {version(name)}" for name in _LIBRARIES]
    return fingerprint(json.dumps([once.code(), readers, chosen, files]))


def _bytes_of(source: Source) -> str:
    try:
        return fingerprint(read_bytes(source.path, _LARGEST))
    except OSError as error:
        return trouble(error)


def if_here(study: Study) -> pd.DataFrame:
    """Return the documents of a study that the reader has at hand; an empty table where there are none."""
    here = listed(study.raw, READERS) if study.raw.is_dir() else []
    if any(source.path.suffix.lower() in READERS for source in here):
        return of_study(study).documents
    return pd.DataFrame(columns=COLUMNS)


def _documents(sources: list[Source], study: Study, workers: int | None) -> Iterator[Rows]:
    """Read files one after another and yield for each its documents and its refusals, as rows; only the files in work are in memory."""
    costs = [_size(source.path) / _SPEED.get(source.path.suffix.lower(), 20e6) for source in sources]
    apart = [_apart(source) for source in sources]
    for name in sorted(set(apart) - {"", "big"}):
        import_module(name)  # once, not in every process
    tasks = [(source, study) for source in sources]
    yield from in_order(_read_one, tasks, costs, workers, list(map(bool, apart)), _lost)


def _lost(task: tuple[Source, Study], why: str) -> Rows:
    detail = f"reading it takes {why}; open it in the program that made it and save it anew, in several files if it is long"
    return [], [{"file": task[0].file, **refusal("too large", detail)}]


def _size(path: Path) -> int:
    """Return the size of a file; 0 for what is no file or cannot be asked."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _apart(source: Source) -> str:
    """Name what is to be read in a process of its own: by the module that opens it, or as big; nothing for other files."""
    if source.problem or not (size := _size(source.path)):
        return ""
    try:
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
    return "big" if _BIG < size <= _LARGEST else ""


def _read_one(task: tuple[Source, Study]) -> Rows:
    """Read one file into rows that carry its name and its fingerprint; whatever goes wrong is a refusal."""
    source, study = task
    try:
        reader, content = _open(source)
        found = _sniffed(reader, content, study)
    except Unread as unread:
        return [], [{"file": source.file, **refusal(unread.reason, unread.detail)}]
    whole = fingerprint(content)
    for row in found.rows:
        number = row.pop("name")
        of_file = number is None or number.startswith("-")
        row["id"] = f"{source.id}{number or ''}" if of_file else number
        row["file"] = source.file
        row["fingerprint"] = whole if row["place"] is None else fingerprint(f"{whole}\n{row['text']}")
    return found.rows, [{"file": source.file, **row} for row in found.refusals]


def _open(source: Source) -> tuple[Reader, bytes]:
    suffix = source.path.suffix.lower()
    if source.problem:
        raise Unread("unreadable", source.problem)
    try:
        if suffix not in READERS and source.path.is_file():
            no_ending = "the name has no ending that tells the format"
            what = f"{suffix} files are not read" if suffix else no_ending
            todo = _ADVICE.get(suffix, f"convert it to one of {' '.join(READERS)}, or take it out")
            raise Unread("unknown format", f"{what}; {todo}")
        content = read_bytes(source.path, _LARGEST)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise Unread("too large", f"{trouble(error)}; cut it into several files") from None
        todo = f"{trouble(error)}; take it out, or mend it so that it may be read"
        raise Unread("unreadable", todo) from None
    if not content:
        raise Unread("empty", "the file has no bytes; take it out or get it again")
    return READERS[suffix], content


def _sniffed(reader: Reader, content: bytes, study: Study) -> Found:
    """Choose the reader by the first bytes where they contradict the name, and say so in the remarks."""
    if content.startswith(b"PK"):
        office.not_swollen(content)
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    actual, called = reader, ""
    if b"%pdf-" in content[:1024].lower() and reader is not pdf.read:
        actual, called = pdf.read, "PDF"
    elif content.startswith(b"PK\x03\x04") and (inside := office.inside(content)):
        actual, called = (docx.read, "DOCX") if inside == "docx" else (READERS[".xlsx"], "XLSX")
    elif content.startswith(office.OLD):
        raise office.old(content)
    elif head.startswith((b"<!doctype html", b"<html")) and reader in (pdf.read, docx.read, READERS[".txt"]):
        actual, called = web.read, "HTML"
    try:
        found = actual(content, study)
    except (MemoryError, Unread):
        raise  # whoever asked for the file refuses it
    except RecursionError:
        raise Unread("unreadable", "too deeply nested to read; open and save it again") from None
    except Exception as error:  # whatever a damaged file does to the library that opens it
        came = f"{type(error).__name__}: {error}".replace("\n", " ")[:200]
        todo = f"the file is damaged or unusual ({came}); open and save it again"
        raise Unread("unreadable", todo) from None
    if actual is not reader:
        for row in found.rows:
            row["remarks"] = remark(f"the file is {called}, whatever its name says", str(row["remarks"]))
    return found


def _some_readable(place: Places, sources: list[Source]) -> None:
    """Refuse a folder (or a list) in which no file has a format that can be read; a single file gets its refusal row."""
    if any(not s.problem and s.path.suffix.lower() in READERS for s in sources):
        return
    if isinstance(place, str | Path) and not Path(place).is_dir():
        return
    where = str(place) if isinstance(place, str | Path) else ", ".join(map(str, place)) or "read.folder([])"
    came = f"only {named([source.file for source in sources], 5)}" if sources else "no document"
    todo = "put the documents there, or give the folder that holds them"
    raise Refused(Problem(where, came, f"files ending in {' '.join(READERS)}", todo))
