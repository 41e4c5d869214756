"""Word files of printed tables: three rules, Chinese and Latin fonts side by side, the same bytes for the same table."""

import io
import re
from math import fsum
from typing import Any

import docx
import pandas as pd
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from nqp_topics.files.workbook import repacked

LATIN, CHINESE, CHINESE_HEAVY = "Times New Roman", "宋体", "黑体"
# in points
TEXT, SMALL, SMALLEST, THICK, THIN = 9.0, 8.0, 7.5, 1.5, 0.75
SIDE = 3.5  # between the words of a cell and its edge
PAGE, MARGIN = (210.0, 297.0), 25.4  # A4, in mm
HAN = "[\u3000-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
# parts of the blank document that a table has no use for: a picture of it, traces of its maker, its lists
UNUSED = ("thumbnail", "extended-properties", "stylesWithEffects", "customXml", "numbering")


def three_lines(cells: pd.DataFrame, right: list[bool], caption: str, note: str, language: str) -> bytes:
    """Return a Word file with one table of strings: a rule above, below its head and at its end; caption above, note below.

    `right` says which columns hold numbers, which are never broken: where the line is too short for them, letters are smaller, then the page is laid
    across. The number of the table is a field of Word, which counts again when the table is pasted into the paper.
    """
    size, across, widths = _fitted(cells, right)
    document = _blank(across)
    chinese = language == "zh"
    title = document.add_paragraph(style="Caption")
    title.paragraph_format.keep_with_next = True
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER if chinese else WD_ALIGN_PARAGRAPH.LEFT
    dress: dict[str, Any] = {"bold": not chinese, "east": CHINESE_HEAVY}
    _write(title, "表 " if chinese else "Table ", **dress)
    instr = rf" SEQ {'表' if chinese else 'Table'} \* ARABIC "
    number: Any = _set(OxmlElement("w:fldSimple"), instr=instr)
    one = _write(title, "1", **dress)
    one._r.addprevious(number)
    number.append(one._r)
    _write(title, f"\u3000{caption}" if chinese else f". {caption}", **dress)

    _lines(document, cells, right, size, widths)
    below = document.add_paragraph()
    if note:
        _write(below, "注：" if chinese else "Note. ", size=SMALL, italic=not chinese)
        _write(below, note, size=SMALL)
    return _saved(document)


def _saved(document: Any) -> bytes:
    saved = io.BytesIO()
    document.save(saved)
    return repacked(saved.getvalue())


def _lines(document: Any, cells: pd.DataFrame, right: list[bool], size: float, widths: list[float]) -> None:
    """Set strings as a table of three lines."""
    table = document.add_table(len(cells) + 1, len(cells.columns))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = True
    _rules(table)
    for place, width in enumerate(widths):
        table.columns[place].width = Pt(width)
    rows = [list(map(str, cells.columns)), *cells.itertuples(index=False, name=None)]
    for number, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
        _mark(row, head=number == 0)
        for cell, text, number_column, width in zip(row.cells, texts, right, widths, strict=True):
            cell.width = Pt(width)
            _shape(cell, head=number == 0, unbroken=number_column)
            paragraph = cell.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if number_column else WD_ALIGN_PARAGRAPH.LEFT
            paragraph.paragraph_format.keep_with_next = number == 0 or None
            _write(paragraph, text.replace(" ", "\u00a0") if number and number_column else text, size)


def _fitted(cells: pd.DataFrame, right: list[bool]) -> tuple[float, bool, list[float]]:
    """Return the size of letters, whether the page is laid across, and the width of every column, in points.

    A column is at least as wide as its longest number, or its longest word; what is left of the line goes to columns of words, by what they hold.
    """
    least, wishes = [], []
    for place, number in enumerate(right):
        rows, head = list(map(str, cells.iloc[:, place])), re.split(r"\s", str(cells.columns[place]))
        parts = [*head, *(rows if number else (word for row in rows for word in re.split(r"\s", row)))]
        least.append(max(min(_ems(part), 8.0 if re.search(HAN, part) else 99.0) for part in parts))
        wishes.append(max(0.0, max(map(_ems, [*rows, *head])) - least[-1]))
    for across, size in ((False, TEXT), (False, SMALL), (True, TEXT), (True, SMALL), (True, SMALLEST)):
        line = (PAGE[across] - 2 * MARGIN) / 25.4 * 72
        rest = line - fsum(width * size + 2 * SIDE for width in least)
        if rest >= 0:
            break
    share = min(size, max(rest, 0.0) / max(fsum(wishes), 1e-9))
    widths = zip(least, wishes, strict=True)
    return size, across, [width * size + 2 * SIDE + wish * share for width, wish in widths]


def _ems(text: str) -> float:
    """Return how wide a line stands at most, in sizes of its letters."""
    latin = re.sub(HAN, "", text)
    wide = fsum(0.85 if one in "%@WMmw—" else 0.72 if one.isupper() else 0.54 for one in latin)
    return len(text) - len(latin) + wide


def _blank(across: bool = False) -> Any:
    """Return an A4 page, laid across or not, with no trace of who made it and when, its styles in the fonts of the table."""
    document: Any = docx.Document()
    package = document.part.package
    for relations in (package.rels, document.part.rels):
        for key in [key for key, to in relations.items() if to.reltype.endswith(UNUSED)]:
            del relations[key]
    about = package.core_properties._element
    for child in list(about):
        about.remove(child)
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:type")) in ("table", "numbering") and style.get(qn("w:default")) is None:
            styles.remove(style)
    for numbered in list(styles.iter(qn("w:numPr"))):
        numbered.getparent().remove(numbered)
    for speech in (*styles.iter(qn("w:lang")), *document.settings.element.iter(qn("w:themeFontLang"))):
        _set(speech, eastAsia="zh-CN")
    for name in ("Normal", "Caption"):
        style = document.styles[name]
        style.font.size = Pt(TEXT)
        style.font.bold = False
        _fonts(style, CHINESE)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(2)
        style.paragraph_format.line_spacing = 1.0
    colour = document.styles["Caption"].element.rPr.find(qn("w:color"))
    colour.getparent().remove(colour)
    section = document.sections[0]
    section.page_width, section.page_height = (Mm(side) for side in (PAGE[::-1] if across else PAGE))
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", Mm(MARGIN))
    return document


def _fonts(styled: Any, east: str) -> Any:
    styled.font.name = LATIN
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    return _set(fonts, eastAsia=east, cs=LATIN)


def _set(element: Any, **values: object) -> Any:
    """Set attributes of an element of Word."""
    for name, value in values.items():
        element.set(qn(f"w:{name}"), str(value))
    return element


def _write(
    below: Any, text: str, size: float = TEXT, bold: bool = False, italic: bool = False, east: str = CHINESE
) -> Any:
    """Add a run with fonts of its own, which it keeps when it is pasted into another document."""
    run = below.add_run()
    for number, part in enumerate(re.split(r"(?<=\d)-(?=\d)", text)):
        if number:  # 004-12 stays in one line
            run._r.append(OxmlElement("w:noBreakHyphen"))
        run.add_text(part)
    run.font.size = Pt(size)
    run.font.bold, run.font.italic = bold or None, italic or None
    fonts = _fonts(run, east)
    if re.search(HAN, text):
        # quotation marks and dashes as wide as the characters beside them
        _set(fonts, hint="eastAsia")
    return run


def _rule(side: str, points: float) -> Any:
    rule: Any = _set(OxmlElement(f"w:{side}"), val="single" if points else "nil")
    return _set(rule, sz=round(points * 8), space=0, color="000000") if points else rule


def _rules(table: Any) -> None:
    borders: Any = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(_rule(side, THICK if side in ("top", "bottom") else 0.0))
    layout = table._tbl.tblPr.find(qn("w:tblLayout"))
    layout.addprevious(borders)
    margins: Any = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_set(OxmlElement(f"w:{side}"), w=round(SIDE * 20), type="dxa"))
    layout.addnext(margins)


def _mark(row: Any, head: bool) -> None:
    """Keep a row on one page; the head is repeated on the next."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))


def _shape(cell: Any, head: bool, unbroken: bool) -> None:
    properties = cell._tc.get_or_add_tcPr()
    if head:
        borders: Any = OxmlElement("w:tcBorders")
        borders.append(_rule("bottom", THIN))
        properties.append(borders)
    elif unbroken:
        properties.append(OxmlElement("w:noWrap"))
    cell.vertical_alignment = WD_ALIGN_VERTICAL.BOTTOM if head else WD_ALIGN_VERTICAL.TOP


def prose(sections: list[tuple[str, str]], cells: pd.DataFrame, language: str) -> bytes:
    """Return a Word file of headed paragraphs with a table of strings at the end, in the fonts of the tables."""
    document = _blank()
    for head, text in sections:
        _write(document.add_paragraph(), head, size=11.0, bold=True, east=CHINESE_HEAVY)
        if not text:
            continue
        body = document.add_paragraph()
        body.paragraph_format.line_spacing = 1.5
        if language == "zh":
            body.paragraph_format.first_line_indent = Pt(21)
        _write(body, text, size=10.5)
    right = [False] * len(cells.columns)
    size, _, widths = _fitted(cells, right)
    _lines(document, cells, right, size, widths)
    return _saved(document)
