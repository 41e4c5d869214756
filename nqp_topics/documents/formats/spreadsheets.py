"""Tables (.csv, .tsv, .xlsx, .jsonl): one row is one document; the study names the column that holds the text."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from math import isfinite
from typing import Any

from nqp_topics.checks import listed, on_one_line
from nqp_topics.documents.cleaning.characters import printed
from nqp_topics.documents.formats import office
from nqp_topics.documents.formats import rows as made
from nqp_topics.documents.formats.encoding import decode
from nqp_topics.documents.formats.rows import Found, Row, Unread, damage, refusal, remark, same_breaks
from nqp_topics.files.tables import ERROR
from nqp_topics.study import Study

FORMS = ("csv", "tsv", "xlsx", "jsonl")
_ROWS, _CELLS = 1_048_576, 16_384  # of a sheet, and of a row, in Excel
CELL_LIMIT = 32767  # Excel cuts a longer text here and says nothing
# The columns taken where the study names none: for the text only when exactly one of them is there.
_TEXT = ("text", "正文", "content", "全文")
_CNKI = {
    "text": "Summary-摘要",
    "title": "Title-题名",
    "author": "Author-作者",
    "outlet": "Source-文献来源",
    "date": "PubTime-发表时间",
}
_KNOWN = ("title", "author", "outlet", "date", "voice")


@dataclass
class Table:
    """A table as found in a file: the names of its columns, its rows by number, why others were refused; `sheet` where several are read."""

    form: str
    encoding: str
    columns: list[str]
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    bad: dict[int, tuple[str, str]] = field(default_factory=dict)
    sheet: str = ""


def read(content: bytes, study: Study, form: str) -> Found:
    """Read a table: csv (commas, semicolons or tabs between), tsv, jsonl (one object a line) or xlsx: all sheets that have the text column.

    A broken line is refused and the others are read.
    """
    tables = _tables(content, form)
    if form == "xlsx":
        tables = [one for one in tables if _text_column(one.columns, study)[0]] or tables[:1]
    return _documents(tables, study)


def _tables(content: bytes, form: str, most: int = _ROWS + 1) -> list[Table]:
    if form == "xlsx":
        return _sheets(content, most)
    return _json_lines(content) if form == "jsonl" else _separated(content, form)


def first_rows(content: bytes, form: str, most: int) -> dict[str, list[str]]:
    """Return the first cells of each column of a table, of a workbook those of its widest sheet, as a person reads them."""
    if form == "xlsx":
        office.not_swollen(content)
    table = max(_tables(content, form, 5 * most), key=lambda one: len(one.columns))
    rows = list(table.rows.values())[:most]
    return {name: [_plain(row.get(name)) for row in rows] for name in table.columns if name}


def beside(content: bytes, study: Study, form: str, columns: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return what stands in other columns: the place of a row, as `read` names it (row 7) → column → cell."""
    tables = [one for one in _tables(content, form) if _text_column(one.columns, study)[0]]
    found = {}
    for table in tables:
        where = f"{table.sheet if len(tables) > 1 else ''}row"
        for number, cells in table.rows.items():
            read = {name: printed(_plain(cells.get(name))) for name in columns}
            found[f"{where} {number}"] = {name: ERROR.sub("", cell) for name, cell in read.items()}
    return found


def _separated(content: bytes, form: str) -> list[Table]:
    decoded = decode(content)
    text = decoded.text.lstrip("\ufeff")
    table: Table | None = None
    for number, cells in _lines(text, form):
        if isinstance(cells, csv.Error):
            if table is None:
                raise Unread("unreadable", f"the first line cannot be read ({cells}); save the table again")
            table.bad[number] = _torn(str(cells))
        elif not any(cell.strip() for cell in cells):
            continue
        elif table is None:
            table = Table(form, decoded.encoding, [cell.strip() for cell in cells])
        elif any(cell.strip() for cell in cells[len(table.columns) :]):
            detail = f"{len(cells)} cells, but the table has {len(table.columns)} columns; a text that holds the separator must stand in quotation marks"
            table.bad[number] = ("unreadable", detail)
        else:
            table.rows[number] = dict(zip(table.columns, cells, strict=False))
    if table is None:
        raise Unread("empty", "the table has no rows; take it out or get it again")
    last = max(table.rows, default=0)
    if last > max(table.bad, default=0) and (
        decoded.cut or (not text.endswith(("\n", "\r")) and len(table.rows[last]) < len(table.columns))
    ):
        del table.rows[last]
        table.bad[last] = ("truncated", "the file ends inside this row; get it again")
    return [table]


def _lines(text: str, form: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yield the rows of a separated table with their numbers, that of the names is 1; an error in the place of one that cannot be read."""
    csv.field_size_limit(2**31 - 1)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = "\t" if form == "tsv" else max(",;\t", key=lambda mark: (first.count(mark), mark == ","))
    quoted = form == "csv" or '\t"' in text or '\n"' in text
    quoting: Any = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, quoting=quoting)
    number = 0
    while True:
        try:
            cells: list[str] | csv.Error = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            cells = error
        # empty lines above the names are not counted
        number += bool(number or isinstance(cells, csv.Error) or any(cell.strip() for cell in cells))
        yield number, cells


def _torn(error: str) -> tuple[str, str]:
    if "unexpected end" in error:
        detail = "the file ends inside quotation marks that were opened in this row; get it again, or mend the marks"
        return "truncated", detail
    return "unreadable", f"the row cannot be taken apart ({error}); mend its quotation marks"


def _sheets(content: bytes, most: int) -> list[Table]:
    container = office.to_open(content, "xlsx")
    import openpyxl

    book = openpyxl.load_workbook(container, read_only=True, data_only=True)
    tables = []
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what the file says of its size may be wrong: rows beyond it would be passed over
            if table := _sheet(islice(sheet.iter_rows(values_only=True), most), sheet.title):
                tables.append(table)
    finally:
        book.close()
    if not tables:
        raise Unread("empty", "the workbook has no filled cells; take it out or get it again")
    return tables


def _sheet(lines: Iterator[tuple[Any, ...]], title: str) -> Table | None:
    table: Table | None = None
    for number, cells in enumerate(lines, 1):
        if number > _ROWS:
            table = table or Table("xlsx", "", [])
            detail = f"a row beyond the last of Excel ({_ROWS:,}); save the workbook anew"
            table.bad[number] = ("too large", detail)
            break
        if all(cell is None or not str(cell).strip() for cell in cells):
            continue
        if table is None:
            names = ["" if cell is None else str(cell).strip() for cell in cells]
            table = Table("xlsx", "", names, sheet=f"{title} ")
        elif len(cells) > _CELLS:
            todo = f"{len(cells):,} cells, where a row of Excel has up to {_CELLS:,}; save the workbook anew"
            table.bad[number] = ("too large", todo)
        else:
            table.rows[number] = dict(zip(table.columns, cells, strict=False))
    return table


def _json_lines(content: bytes) -> list[Table]:
    decoded = decode(content)
    lines = same_breaks(decoded.text.lstrip("\ufeff")).split("\n")
    whole_end = not lines[-1].strip() and not decoded.cut
    while lines and not lines[-1].strip():
        lines.pop()
    table = Table("jsonl", decoded.encoding, [])
    columns: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            table.bad[number] = "unreadable", f"line {number} is not JSON ({error}); mend or remove it"
            if number == len(lines) and not whole_end:
                table.bad[number] = "truncated", f"the file ends inside line {number}; get it again"
            continue
        if not isinstance(value, dict):
            detail = f"line {number} is no object {{…}} but {type(value).__name__}; mend it"
            table.bad[number] = "unreadable", detail
            continue
        cells = {str(key).strip(): cell for key, cell in value.items()}
        table.rows[number] = cells
        columns |= dict.fromkeys(cells)
    table.columns = list(columns)
    return [table]


# ——— from rows to documents ———


def _documents(tables: list[Table], study: Study) -> Found:
    rows: list[Row] = []
    refusals: list[tuple[int, Row]] = []
    done, total = 0, sum(len(table.rows) + len(table.bad) for table in tables)
    for table in tables:
        where = f"{table.sheet if len(tables) > 1 else ''}row"
        refusals += [(n, refusal(*why, f"{where} {n}")) for n, why in table.bad.items()]
        if table.form == "jsonl" and not table.rows:
            continue
        column, said = _text_column(table.columns, study)
        if not column:
            why = f"{len(table.rows):,} rows not read: {said}" if table.rows else said
            refusals.append((0, refusal("column missing", why)))
            continue
        columns, missing = _known_columns(table.columns, study)
        refusals += [(0, row) for row in missing]
        names, no_names = _names(table, done, max(4, len(str(total))))
        done += len(table.rows) + len(table.bad)
        for (number, cells), name in zip(table.rows.items(), names, strict=True):
            place = f"{where} {number}"
            try:
                text = _text(cells.get(column))
            except Unread as unread:
                refusals.append((number, refusal(unread.reason, unread.detail, place)))
                continue
            known = {key: printed(_plain(cells.get(of))) for key, of in columns.items()}
            wrong = [f"{columns[key]} {cell}" for key, cell in known.items() if ERROR.fullmatch(cell)]
            known = {key: ERROR.sub("", cell) for key, cell in known.items()}
            errors = f"errors of a spreadsheet, taken as empty: {listed(wrong)}" if wrong else ""
            remarks = remark(said, no_names, errors, damage(text))
            of = table.form, table.encoding, text, place, name
            rows.append(made.document(*of, remarks=remarks, **known))
    if not rows and not refusals:
        raise Unread("empty", "names of columns, and no row below them; take it out or get it again")
    return Found(rows, [row for _, row in sorted(refusals, key=lambda one: one[0])])


def column_of(wanted: str, columns: Iterable[str]) -> str:
    """Return the column that is meant: the one of that name, else the first that is there of several with ; between them."""
    there = set(columns)
    names = (wanted, *map(str.strip, re.split("[;；]", wanted)))
    return next((name for name in names if name in there), wanted)


def _text_column(columns: list[str], study: Study) -> tuple[str, str]:
    """Return the text column and what is to be said about the choice; no column, and why, where there is none."""
    here = listed(filter(None, columns)) or "none"
    if wanted := column_of(study.text_column, columns):
        if columns.count(wanted) == 1:
            return wanted, ""
        what = "stands twice" if wanted in columns else "does not exist"
        said = f"column {wanted!r} {what}; the columns are: {here}; set [read] text_column to the right one"
        return "", said
    likely = [name for name in columns if name.lower() in _TEXT]
    if len(likely) == 1:
        return likely[0], f"text from the column {likely[0]}"
    if not likely and columns.count(_CNKI["text"]) == 1:
        return _CNKI["text"], f"text from the column {_CNKI['text']}: the abstract"
    said = f"no text column is named; the columns are: {here}; name the one with the text (--text-column NAME, or [read] text_column)"
    return "", said


def _known_columns(columns: list[str], study: Study) -> tuple[dict[str, str], list[Row]]:
    """Return which column holds the title, the author and so on, and a refusal for each that is named but not there."""
    chosen: dict[str, str] = {}
    missing = []
    for key in _KNOWN:
        wanted = column_of(getattr(study, f"{key}_column"), columns)
        if wanted and columns.count(wanted) != 1:
            what = "stands twice" if wanted in columns else "does not exist"
            here = listed(filter(None, columns))
            detail = f"column {wanted!r} {what}, so the {key} stays empty; the columns are: {here}; correct [read] {key}_column"
            missing.append(refusal("column missing", detail, f"{key}_column"))
        elif wanted:
            chosen[key] = wanted
        elif columns.count(_CNKI.get(key, "")) == 1 and _CNKI["text"] in columns:
            chosen[key] = _CNKI[key]
        elif columns.count(key) == 1:
            chosen[key] = key
    return chosen, missing


def _names(table: Table, done: int, width: int) -> tuple[list[str], str]:
    """Return the rows' ids: from a column `id` that is complete and unique, each on one line, else numbers in the order of the file.

    The refused rows are counted too, so that mending one moves no other.
    """
    order = {number: place for place, number in enumerate(sorted([*table.rows, *table.bad]), done + 1)}
    numbers = [f"-{order[number]:0{width}d}" for number in table.rows]
    if "id" not in table.columns:
        return numbers, ""
    ids = [ERROR.sub("", _plain(cells.get("id"))) for cells in table.rows.values()]
    fine = all(one and not one.startswith("-") and on_one_line(one) for one in ids)
    if fine and len(set(ids)) == len(ids) > 0:
        return ids, ""
    return numbers, "rows are numbered, since the column id is not complete and unique, each on one line"


def _text(cell: Any) -> str:
    if isinstance(cell, list | dict | bool):
        what = {list: "a list", dict: "an object", bool: "true or false"}[type(cell)]
        raise Unread("unreadable", f"the text is {what}, not a string; write it as one string")
    text = cell if isinstance(cell, str) else _plain(cell)
    if CELL_LIMIT in (len(text), len(_wide(text)) // 2):
        detail = "the text is exactly as long as an Excel cell may be, so its end is lost; keep the text in a file of its own"
        raise Unread("cell cut at 32767", detail)
    text = same_breaks(re.sub(r"_x000D_\n?", "\n", _in_whole(text)))
    if not text.strip() or ERROR.fullmatch(text.strip()):
        raise Unread("no text in cell", "the text cell is empty; fill it or remove the row")
    return text


def _plain(cell: Any) -> str:
    """Write a cell as a person reads it: whole numbers without a decimal point, dates as 2024-01-31."""
    if cell is None or (isinstance(cell, float) and not isfinite(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return f"{cell:.0f}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, list):
        return ";".join(map(_plain, cell))
    return _in_whole(str(cell)).strip()


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _in_whole(text: str) -> str:
    """Return a text with U+FFFD for halves of characters, which JSON may hold."""
    return _wide(text).decode("utf-16-le", "replace")
