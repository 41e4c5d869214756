"""Files: known by their fingerprint, written whole or not at all; tables read as spreadsheets write them."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pandas as pd

from nqp_topics.refusals import Problem, Refused


def fingerprint(content: bytes | str) -> str:
    """Return the SHA-256 of a content; texts are taken as UTF-8, lone surrogates included."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


@contextmanager
def whole(file: str | Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Write a file whole or not at all: it appears under its name when the last byte is on the disk."""
    target = Path(file)
    text: dict[str, Any] = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    if target.is_dir():
        raise Refused(Problem(str(target), "a folder", "the name of a file", "add a file name to it"))
    if target.exists() and not target.is_file():  # a device or a pipe is written into, not replaced
        with target.open(mode, **text) as stream:
            yield stream
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    except OSError as error:
        raise Refused(_cannot_write(target, error)) from error
    try:
        with os.fdopen(handle, mode, **text) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(target)
    except OSError as error:
        raise Refused(_cannot_write(target, error)) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _cannot_write(target: Path, error: OSError) -> Problem:
    return Problem(
        str(target),
        error.strerror or str(error),
        "a folder that can be written and has room; an earlier file of this name is untouched",
        "make room or choose another place with -o",
    )


_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def write_table(table: pd.DataFrame, stream: IO[str], **form: Any) -> None:
    """Write a table as CSV of which no spreadsheet runs a cell: texts that begin with = + - @ bear an apostrophe, which `read_table` takes off."""
    texts = table.columns[~table.dtypes.map(pd.api.types.is_numeric_dtype)]
    safe = table.assign(**{name: table[name].map(_inert) for name in texts}).rename(columns=_inert)
    broken = any(isinstance(cell, str) and "\r" in cell for name in texts for cell in table[name])
    quoting = csv.QUOTE_ALL if broken else csv.QUOTE_MINIMAL  # a bare \r would end the row
    safe.to_csv(stream, index=False, lineterminator="\n", quoting=quoting, **form)


def _inert(cell: Any) -> Any:
    runs = isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if runs else cell


def _as_written(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell[1:]) else cell


def read_table(file: str | Path, what: str, todo: str) -> pd.DataFrame:
    """Read a table as spreadsheets write it: an XLSX's first sheet; a CSV with or without a mark, in GB 18030, with semicolons or tabs.

    `what` it is and what `todo` where there is none are for the refusal of a file that does not exist.
    """
    path = Path(file)
    if not path.is_file():
        raise Refused(Problem(str(path), "no such file", what, todo))
    content = path.read_bytes()
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return _workbook(path, content)
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = _chinese(path, content)
    head = text.split("\n", 1)[0]
    sign = max(",;\t", key=head.count)
    try:
        table = pd.read_csv(io.StringIO(text), sep=sign, dtype=str, keep_default_na=False, index_col=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise Refused(
            Problem(str(path), str(error).strip()[:200], "a CSV file", "save it again as CSV UTF-8")
        ) from None
    return table.map(_as_written).rename(columns=lambda name: _as_written(name).strip())


def _workbook(path: Path, content: bytes) -> pd.DataFrame:
    """Read the first sheet of an XLSX: dates as 2023-05-06, whole numbers without a point, 9:12 as it was typed."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(member.file_size for member in packed.infolist()) > 200_000_000:
                raise ValueError("more than 200 MB unpacked")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = [[_typed(cell) for cell in row] for row in islice(sheet.iter_rows(values_only=True), 200_001)]
        if len(rows) > 200_000:
            raise ValueError("more than 200,000 rows")
    except Exception as error:  # whatever a broken or hostile package makes the parser say
        raise Refused(
            Problem(
                str(path),
                f"a workbook that cannot be read ({str(error)[:100]})",
                "an XLSX, or a CSV file",
                "save it again as CSV UTF-8",
            )
        ) from None
    rows = [row for row in rows if any(row)] or [[]]
    wide = max(map(len, rows))
    head, *body = [row + [""] * (wide - len(row)) for row in rows]
    table = pd.DataFrame(body, columns=[name.strip() for name in head], dtype=str)
    return table.loc[:, [bool(name) for name in table.columns]]


def _typed(cell: Any) -> str:
    if isinstance(cell, dt.datetime | dt.date):
        return cell.isoformat()[:10]
    if isinstance(cell, dt.time | dt.timedelta):  # lines 9:12 become a time of the day
        seconds = (
            cell.total_seconds() if isinstance(cell, dt.timedelta) else cell.hour * 3600 + cell.minute * 60
        )
        return f"{int(seconds // 3600)}:{int(seconds // 60 % 60)}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _chinese(path: Path, content: bytes) -> str:
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError:
        raise Refused(
            Problem(str(path), "another encoding", "UTF-8 or GB 18030", "save it again as CSV UTF-8")
        ) from None


@cache
def font_file() -> Path:
    """Return the file of Noto Sans SC that the package zhplot carries: the only font used, so that no machine's own one matters."""
    try:
        found = [Path(str(f.locate())) for f in files("zhplot") or [] if f.name == "NotoSansSC-Regular.ttf"]
    except PackageNotFoundError:
        found = []
    if not found or not found[0].is_file():
        raise Refused(
            Problem(
                "the font of figures and of PDFs",
                "no NotoSansSC-Regular.ttf",
                "the file that the package zhplot carries",
                "install the packages of requirements.lock again: make clean, then make figures",
            )
        )
    return found[0]
