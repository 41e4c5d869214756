"""Workbooks: tables that a person opens, reads and fills in, written with the same bytes for the same tables."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, refuse_if
from nqp_topics.files import whole

ROWS, COLUMNS, LETTERS = 1_048_576, 16_384, 32_767  # of a sheet, and of a cell
BARRED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # no workbook can hold these
PRINTED = 240  # letters that stand side by side on a sheet of A4, half as large as usual
WIDEST = 60  # characters of a column; longer cells are wrapped


def write_workbook(
    sheets: Mapping[str, pd.DataFrame],
    file: str | Path,
    heads: Mapping[str, str] | None = None,
    shares: Collection[str] = (),
    fill: Collection[str] = (),
    drops: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write tables as the sheets of one XLSX: heads that stay in sight, numbers as numbers, text as text, never as a formula.

    `heads`: what is put before the name of a column, such as its name in Chinese. `shares`: columns shown as per cent; `fill`: those that a
    person fills in, which are tinted; `drops`: column → for each row what may be chosen from a list, with commas. Refused: a table that no sheet can hold.
    """
    from openpyxl import Workbook

    large = {name: one.shape for name, one in sheets.items() if len(one) >= ROWS or one.shape[1] > COLUMNS}
    allowed, todo = f"{ROWS:,} rows and {COLUMNS:,} columns, which a workbook holds", "take the csv beside it"
    refuse_if(
        Problem(f"{file}, sheet {name}", f"{rows:,} rows and {wide:,} columns", allowed, todo)
        for name, (rows, wide) in large.items()
    )
    book = Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        _fill_in(sheet, table, dict(heads or {}), shares, fill)
        for column, lists in (drops or {}).items():
            _drop(sheet, list(table.columns).index(column) + 1, lists)
    book.properties.created = book.properties.modified = dt.datetime(2000, 1, 1)
    book.properties.creator = None
    written = io.BytesIO()
    book.save(written)
    with whole(file, "wb") as stream:
        stream.write(repacked(written.getvalue()))


def _fill_in(
    sheet: Any, table: pd.DataFrame, heads: dict[str, str], shares: Collection[str], fill: Collection[str]
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    tint = PatternFill("solid", fgColor="FFF7DC")
    top, bold = Alignment(vertical="top", wrap_text=True), Font(bold=True)
    for place, name in enumerate(table.columns, 1):
        head = sheet.cell(1, place, f"{heads[name]} {name}" if name in heads else str(name))
        head.font, head.alignment, head.data_type = bold, top, "s"
        column, longest = table[name], _wide(head.value)
        many = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        for row, value in enumerate(column, 2):
            if pd.isna(value):
                value = ""
            cell = sheet.cell(row, place)
            if many and value != "":
                cell.value = value.item() if isinstance(value, np.generic) else value
                form = "0" if float(value).is_integer() else "0.0000"
                cell.number_format = "0.0%" if name in shares else form
                cell.alignment = Alignment(vertical="top")
            elif value != "":
                cell.value = BARRED.sub("\ufffd", str(value))[:LETTERS]
                cell.data_type, cell.alignment = "s", top
                longest = max(longest, _wide(cell.value))
            if name in fill:
                cell.fill = tint
        sheet.column_dimensions[get_column_letter(place)].width = min(longest, WIDEST) + 2
    sheet.freeze_panes = "B2"
    # printed on A4, the heads on every page, all columns side by side where they can be read so
    side_by_side = sum(column.width for column in sheet.column_dimensions.values()) <= PRINTED
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=side_by_side)
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 9, 0
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:A"


def _drop(sheet: Any, place: int, lists: Sequence[str]) -> None:
    """Let the cells of a column be chosen from lists: one rule for all rows of the same list."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for one in dict.fromkeys(lists):
        rule = DataValidation("list", formula1=f'"{one}"', allow_blank=True)
        rule.error, rule.errorTitle, rule.showErrorMessage = one, "nqp_topics", True
        for row, list_ in enumerate(lists, 2):
            if list_ == one:
                rule.add(f"{get_column_letter(place)}{row}")
        sheet.add_data_validation(rule)


def _wide(text: str) -> int:
    """Return how many letters wide a text is: a Chinese character takes two."""
    first = max(str(text).split("\n"), key=len)
    return sum(1 + (char > "\u2e7f") for char in first[:WIDEST])


def repacked(package: bytes) -> bytes:
    """Return an office file `packed` anew, so that the same content has the same bytes."""
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    core = "docProps/core.xml"  # the library writes the hour of saving into it whatever it is told
    parts[core] = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", parts[core])
    return packed(parts)


def packed(members: Mapping[str, bytes], rights: int = 0o600) -> bytes:
    """Return a ZIP of these members by name, without the hour of writing; `rights` are those of the files that are unpacked."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in sorted(members):
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.create_system, part.compress_type, part.external_attr = 3, zipfile.ZIP_DEFLATED, rights << 16
            archive.writestr(part, members[name])
    return written.getvalue()
