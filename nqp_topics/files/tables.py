"""Tables: one way to write them as CSV and one to read them, whatever a spreadsheet made of them meanwhile."""

import codecs
import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, Remark, listed, named_once, refuse_if
from nqp_topics.files import LARGEST, read_bytes, whole

# pandas will read numbers to the last digit by itself one day; until then it is asked to
warnings.filterwarnings("ignore", "The 'float_precision'")

ROWS, COLUMNS, UNPACKED = 200_000, 1_000, 200_000_000  # of a workbook that a person keeps by hand
IN_CHINESE = re.compile(r"^[\u4e00-\u9fff]+[\s\u3000]+(?=[a-z][a-z_0-9]*$)")  # 标题 title is the column title
MERGED = re.compile(rb'mergeCell [^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
# what a formula that fails leaves in a cell, in Excel, WPS and LibreOffice
ERROR = re.compile(
    r"^(?:#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|GETTING_DATA)|Err:\d{3})$"
)
_FORMULA = re.compile(r"(?s)'*[=+\-@\t\r].")  # a sign alone runs nothing
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def write_table(table: pd.DataFrame, file: str | Path, digits: str | None = None) -> None:
    """Write a table as CSV, whole or not at all, so that no spreadsheet runs a cell of it.

    Texts that begin with = + - @ bear an apostrophe, which `read_table` takes off. A mark at the head tells Excel that the file is UTF-8.
    """
    texts = table.columns[~table.dtypes.map(pd.api.types.is_numeric_dtype)]
    safe = table.assign(**{name: table[name].map(_inert) for name in texts}).rename(columns=_inert)
    broken = any(isinstance(cell, str) and "\r" in cell for name in texts for cell in table[name])
    quoting = csv.QUOTE_ALL if broken else csv.QUOTE_MINIMAL  # a bare \r would end the row
    with whole(file) as stream:
        stream.write("\ufeff")
        safe.to_csv(stream, index=False, lineterminator="\n", quoting=quoting, float_format=digits)


def _inert(cell: Any) -> Any:
    runs = isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if runs else cell


def without_apostrophe(cell: str) -> str:
    """Return a cell as it was before `write_table` kept a spreadsheet from running it."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell[1:]) else cell


def write_own(table: pd.DataFrame, file: str | Path) -> None:
    """Write a table as CSV that the library alone opens, for `read_own`: every cell as it is, numbers to the last digit, no mark."""
    with whole(file) as stream:
        table.to_csv(stream, index=False, lineterminator="\n")


def read_own(file: str | Path, kinds: type | dict[str, type] = str, most: int = LARGEST) -> pd.DataFrame:
    """Read a table that the library wrote: all cells as texts, or columns of these kinds and the others as what they look like.

    Raised where it is none: OSError, ValueError.
    """
    content: Any = io.BytesIO(read_bytes(file, most))
    exact: Any = {"keep_default_na": False, "float_precision": "round_trip", "encoding": "utf-8-sig"}
    return pd.read_csv(content, dtype=kinds, **exact)


def read_written(file: str | Path, kinds: type | dict[str, type] = str) -> pd.DataFrame:
    """Read a table that `write_table` wrote, as `read_own` does, without the apostrophes that keep a spreadsheet from running a cell."""
    table = read_own(file, kinds).rename(columns=without_apostrophe)
    return table.map(lambda cell: without_apostrophe(cell) if isinstance(cell, str) else cell)


def read_table(file: str | Path, what: str, todo: str) -> pd.DataFrame:
    """Read a table as spreadsheets write it: the sheet of an XLSX that bears its name, or the first; a CSV with or without a mark, in GB 18030, with semicolons or tabs.

    `what` it is and what `todo` where there is none are for the refusal of a file that does not exist.
    """
    path = Path(file)
    try:
        if not path.exists():
            raise Refused(Problem(str(path), "no such file", what, todo))
        content = read_bytes(path)
    except OSError as error:
        raise Refused(Problem(str(path), error.strerror or str(error), what, todo)) from None
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return _workbook(path, content)
    text = _text(path, content)
    sign = max(",;\t", key=text.split("\n", 1)[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True))
    except csv.Error as error:
        raise _no_table(path, str(error), "a CSV file") from None
    return _table(path, [[without_apostrophe(cell) for cell in row] for row in rows if row])


def without_errors(
    table: pd.DataFrame,
    file: str | Path,
    names: Iterable[str],
    called: str = "id",
    heads: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return a table in which what failed formulas left in these columns is empty, and say where that was; rows are `called` by a column, columns by their `heads` in the file."""
    cells, heads = table[list(names)], heads or {}
    wrong = cells.apply(lambda column: column.str.strip().str.fullmatch(ERROR)).astype(bool)
    if wrong.any(axis=None):
        places = np.argwhere(wrong.to_numpy()).tolist()
        at_head = [heads.get(name, name) for name in cells]
        which = [f"{table[called].iloc[row]} {at_head[at]} {cells.iat[row, at]}" for row, at in places]
        message = f"{file}: cells that are errors of a spreadsheet, taken as empty: {listed(which, 5)}"
        warnings.warn(message, Remark, stacklevel=3)
    table = table.copy()
    table[list(cells)] = cells.mask(wrong, "")
    return table


def _table(path: Path, rows: list[list[str]]) -> pd.DataFrame:
    """Make a table of rows of which the first names the columns. Refused: none, a name twice, a filled cell beyond the last name."""
    head, *body = rows or [[]]
    names = [IN_CHINESE.sub("", name.strip()) for name in head]
    wide = len(names)
    if not any(names) or wide > COLUMNS:
        came = f"{wide:,} columns" if any(names) else "no row of names"
        raise _no_table(path, came, "a table with a row of names")
    refuse_if(named_once(f"{path} columns", [name for name in names if name]))
    for number, row in enumerate(body, 2):
        if len(row) < wide or any(row[wide:]):
            came = f"row {number} with {len(row)} cells under {wide} names"
            raise _no_table(path, came, "a cell under every name, a name over every cell")
    table = pd.DataFrame([row[:wide] for row in body], columns=names, dtype=object)
    return table.loc[:, [bool(name) for name in names]]


def _no_table(path: Path, came: str, allowed: str) -> Refused:
    return Refused(Problem(str(path), came, allowed, "save it again as CSV UTF-8"))


def _uncut(path: Path, text: str, encoding: str) -> None:
    """Refuse UTF-8 of which a few characters are cut, which GB 18030 would read as others."""
    broken = text.count("\ufffd")
    if encoding == "utf-8-sig" and sum("\u4e00" <= char <= "\u9fff" for char in text) >= broken:
        raise _no_table(path, f"{broken} characters cut or damaged", "UTF-8 or GB 18030")


def _text(path: Path, content: bytes) -> str:
    marked = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    for encoding in (marked,) if content[:3] == codecs.BOM_UTF8 else (marked, "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            _uncut(path, content.decode(encoding, "replace"), encoding)
            continue
        if "\0" in text:
            raise _no_table(path, "the character NUL, which no text holds", "UTF-8 or GB 18030")
        return text
    raise _no_table(path, "another encoding", "UTF-8 or GB 18030")


def _workbook(path: Path, content: bytes) -> pd.DataFrame:
    """Read the sheet of an XLSX that is called as the file is, else the first that is seen and filled: dates as 2023-05-06, whole numbers without a point, 9:12 as it was typed.

    Cells that were merged have all of them what is shown for them, but in the row of names.
    """
    from openpyxl import load_workbook

    if content[:4] != b"PK\x03\x04":
        came = "an old workbook (.xls, .et), or one with a password"
        todo = "save it as .xlsx, without a password"
        raise Refused(Problem(str(path), came, "an XLSX, or a CSV file", todo))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(member.file_size for member in packed.infolist()) > UNPACKED:
                raise ValueError(f"more than {UNPACKED // 10**6} MB unpacked")
            sheets: Any = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets
            seen = [one for one in sheets if one.sheet_state == "visible"] or sheets[:1]
            own = (one for one in seen if one.title == path.stem)
            sheet = next(own, None) or next(filter(_filled, seen), seen[0])
            merged = MERGED.findall(packed.read(sheet._worksheet_path))
        sheet.reset_dimensions()
        cells = islice(sheet.iter_rows(values_only=True), ROWS + 1)
        rows = [[_typed(cell) for cell in row] for row in cells]
        if len(rows) > ROWS:
            raise ValueError(f"more than {ROWS:,} rows")
        for area in merged:
            _fill_merged(rows, area.decode())
    except Exception as error:  # whatever a broken or hostile package makes the parser say
        came = f"a workbook that cannot be read ({str(error)[:100]})"
        raise _no_table(path, came, "an XLSX, or a CSV file") from None
    rows = [row for row in rows if any(row)]
    wide = max(map(len, rows), default=0)
    return _table(path, [row + [""] * (wide - len(row)) for row in rows])


def _filled(sheet: Any) -> bool:
    """Tell whether a sheet has anything in its first rows."""
    return any(cell is not None for row in islice(sheet.iter_rows(values_only=True), 100) for cell in row)


def _fill_merged(rows: list[list[str]], area: str) -> None:
    """Give every cell of a merged area below the names what stands in its first."""
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = (number or 1 for number in range_boundaries(area))
    if top > 1 and top <= len(rows) and left <= len(rows[top - 1]):
        value = rows[top - 1][left - 1]
        for row in rows[top - 1 : bottom]:
            row += [""] * (min(right, len(rows[0])) - len(row))
            row[left - 1 : right] = [value] * len(row[left - 1 : right])


def _typed(cell: Any) -> str:
    if isinstance(cell, dt.datetime | dt.date):
        return cell.isoformat()[:10]
    if isinstance(cell, dt.time):  # lines 9:12 become a time of the day
        cell = dt.timedelta(hours=cell.hour, minutes=cell.minute)
    if isinstance(cell, dt.timedelta):
        return f"{int(cell.total_seconds() // 3600)}:{int(cell.total_seconds() // 60 % 60)}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
