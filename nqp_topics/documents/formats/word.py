"""Word files (.docx): paragraphs and table cells in the order of the document, one a line; notes and deleted text stay out."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from nqp_topics.documents.formats.rows import Found, damage, document, refused, same_breaks
from nqp_topics.study import Study

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .doc, .xls, .ppt, and new files with a password
_MEMBERS, _UNPACKED = 20_000, 1 << 30
_SUSPECT, _RATIO = 32 << 20, 150  # texts in XML shrink to a twentieth at best
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# deleted text, field codes, the reading aid above a character, and what Word repeats for older versions of itself
_LEFT_OUT = {
    f"{_W}del",
    f"{_W}moveFrom",
    f"{_W}instrText",
    f"{_W}delText",
    f"{_W}rt",
    f"{_W}pPr",
    f"{_W}rPr",
    _FALLBACK,
}
_SIGNS = {
    f"{_W}tab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "-",
}
_NOBODY = re.compile(
    r"(?i)^(?:python-docx|administrator|admin|user\d*|owner|lenovo|dell|hp|asus|pc|windows.*|微软.*|.*用户|未知|unknown|root)?$"
)
_NO_TITLE = re.compile(
    r"(?i)^(?:microsoft |powerpoint|word document|untitled|无标题|未命名|文档\s*\d*$|幻灯片|document\d*$)"
    r"|\.(?:docx?|wps|indd|pdf|pmd|fbd|qxd|s\d+|fit|tif|txt|ps|cdr|xlsx?|pptx?)$"
)


def read(content: bytes, study: Study) -> Found:
    """Read a .docx file."""
    inside = zipped(content)
    if inside != "docx":
        return _not_word(content, inside)
    import docx

    opened: Any = docx.Document(io.BytesIO(content))
    lines = [line for paragraph in _paragraphs(opened.element.body) for line in paragraph.split("\n")]
    text = same_breaks("\n".join(lines))
    if not text.strip():
        return refused(
            "no text", "the document holds no text (only pictures?); recognise its text (OCR) first"
        )
    properties = opened.core_properties
    return Found(
        [
            document(
                "docx",
                "utf-8",
                text,
                title=real_title(properties.title or ""),
                author=real_author(properties.author or ""),
                remarks=damage(text),
            )
        ]
    )


def _paragraphs(element: Any) -> Iterator[str]:
    """Yield the text of every paragraph, those of tables, text boxes and forms included, in the order of the file."""
    for child in element:
        if child.tag == f"{_W}p":
            boxes: list[Any] = []
            yield "".join(_pieces(child, boxes))
            for box in boxes:
                yield from _paragraphs(box)
        elif child.tag not in _LEFT_OUT:
            yield from _paragraphs(child)


def _pieces(element: Any, boxes: list[Any]) -> Iterator[str]:
    """Yield the characters of one paragraph; text boxes inside it are put aside, to follow it."""
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag == f"{_W}txbxContent":
            boxes.append(child)
        elif child.tag not in _LEFT_OUT:
            yield from _pieces(child, boxes)


def zipped(content: bytes) -> str:
    """Tell what a ZIP container holds: docx, xlsx, other, or nothing where it cannot be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            names = set(container.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ""
    if "word/document.xml" in names:
        return "docx"
    return "xlsx" if "xl/workbook.xml" in names else "other"


def swollen(content: bytes) -> str:
    """Say what is wrong with a container that unpacks to more than any document holds; nothing where all is well."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            members = container.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ""
    size = sum(member.file_size for member in members)
    if len(members) > _MEMBERS:
        return f"{len(members):,} parts inside, where up to {_MEMBERS:,} are opened; save it anew"
    if size > _UNPACKED or (size > _SUSPECT and size > _RATIO * len(content)):
        return (
            f"{size / 2**20:,.0f} MB when unpacked, {size // max(len(content), 1)} times its size; up to {_UNPACKED >> 20} MB and"
            f" {_RATIO} times are opened; save it anew, in several files if it is long"
        )
    return ""


def _not_word(content: bytes, inside: str) -> Found:
    return not_office(content, inside, "Word", ".docx")


def not_office(content: bytes, inside: str, program: str, ending: str) -> Found:
    """Say why a file that should be a Word or Excel container is none."""
    if inside:
        return refused(
            "unreadable", f"a container, but not one that {program} wrote; open and save it as {ending}"
        )
    if content.startswith(b"PK"):
        return refused(
            "truncated", f"the end of the {ending} container is missing; copy or download it again"
        )
    return refused(
        "unreadable",
        f"the bytes are not those of a {ending} file, whatever the name says; open it with the program that made it and save it as {ending}",
    )


def old_office(content: bytes) -> Found:
    """Refuse a container of the older Office: a file with a password, or .doc and .xls."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return refused("encrypted", "the file has a password; open it, remove the password and save it again")
    return refused(
        "unknown format", "a file of the older Office (.doc, .xls); open it and save it as .docx or .xlsx"
    )


def real_title(written: str) -> str:
    """Return a title from a file's properties, or nothing where it is what a program put there."""
    title = written.replace("\x00", "").strip()
    if _NO_TITLE.search(title) or not re.search(r"[\u4e00-\u9fff]{2}|[A-Za-z]{3,} [A-Za-z]", title):
        return ""
    return "" if "\ufffd" in title else title


def real_author(written: str) -> str:
    """Return an author from a file's properties, or nothing where it is the name of a computer or a program."""
    author = written.replace("\x00", "").strip()
    person = re.search(r"[\u4e00-\u9fff]{2}|[A-Z][A-Za-z.'-]* +[A-Z]", author)
    return author if person and not _NOBODY.match(author) and "\ufffd" not in author else ""
