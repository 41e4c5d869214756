"""The containers that Word and Excel write, seen before they are opened: which of them it is, and what must not be opened."""

import io
import re
import zipfile

from nqp_topics.documents.formats.rows import Unread

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .doc, .xls, .ppt, and new files with a password
_PROGRAMS = {"docx": "Word", "xlsx": "Excel"}
_MEMBERS, _UNPACKED = 20_000, 1 << 30
_SUSPECT, _RATIO = 32 << 20, 150  # texts in XML shrink to a twentieth at best
_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")  # also in UTF-16
_PLACES = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])(?:[^>]*?\sr\s*=\s*[\"']([^\"']*))?")


def inside(content: bytes) -> str:
    """Tell what a ZIP container holds: docx, xlsx, other, or nothing where it cannot be opened."""
    names = {member.filename for member in _members(content)}
    if "word/document.xml" in names:
        return "docx"
    return "xlsx" if "xl/workbook.xml" in names else "other" if names else ""


def _members(content: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            return container.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def not_swollen(content: bytes) -> None:
    """Refuse a container that unpacks to more than any document holds."""
    members = _members(content)
    size = sum(member.file_size for member in members)
    if len(members) > _MEMBERS:
        detail = f"{len(members):,} parts inside, where up to {_MEMBERS:,} are opened; save it anew"
        raise Unread("too large", detail)
    if size > _UNPACKED or (size > _SUSPECT and size > _RATIO * len(content)):
        times = size // max(len(content), 1)
        detail = f"{size / 2**20:,.0f} MB when unpacked, {times} times its size; up to {_UNPACKED >> 20} MB and {_RATIO} times are opened; save it anew, in several files if it is long"
        raise Unread("too large", detail)


def to_open(content: bytes, wanted: str) -> io.BytesIO:
    """Return a container to be opened. Refused: what is none of the wanted kind, and one that would lose text silently.

    Neither Word nor Excel writes a document type, behind which texts may hide, or rows and cells that do not follow each other.
    """
    held, program = inside(content), _PROGRAMS[wanted]
    if held == "" and content.startswith(b"PK"):
        todo = f"the end of the .{wanted} container is missing; copy or download it again"
        raise Unread("truncated", todo)
    if held != wanted:
        came = "a container, but not one" if held else f"the bytes are not those of a .{wanted} file, not one"
        raise Unread("unreadable", f"{came} that {program} wrote; open and save it as .{wanted}")
    with zipfile.ZipFile(io.BytesIO(content)) as container:
        for name in container.namelist():
            part = container.read(name) if name.lower().endswith((".xml", ".rels")) else b""
            odd = f"{name} declares a document type" if _DOCTYPE.search(part) else _misplaced(name, part)
            if odd:
                todo = f"{odd}, as {program} never does; open and save it as .{wanted}"
                raise Unread("unreadable", todo)
    return io.BytesIO(content)


def _misplaced(name: str, part: bytes) -> str:
    """Say which row or cell of a sheet stands where it would hide another; nothing for other parts."""
    if part.startswith((b"\xff\xfe", b"\xfe\xff")):
        part = part.decode("utf-16", "replace").encode()
    if b"sheetData" not in part:
        return ""
    row, column = 0, (0, b"")
    for found in _PLACES.finditer(part):
        kind, place = found[1], found[2]
        if kind == b"row":
            number = int(place) if place and place.isdigit() and len(place) < 20 else 0 if place else row + 1
            if number <= row:
                return f"row {place.decode('utf-8', 'replace')[:20]} of {name} stands behind row {row}"
            row, column = number, (0, b"")
        elif place:
            letters = place.rstrip(b"0123456789").upper()
            if (len(letters), letters) <= column:
                return f"cell {place.decode('utf-8', 'replace')[:20]} of {name} stands behind one in column {column[1].decode()}"
            column = (len(letters), letters)
    return ""


def old(content: bytes) -> Unread:
    """Return why a container of the older Office is not read: a file with a password, or .doc and .xls."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return Unread("encrypted", "the file has a password; open it, remove the password and save it again")
    todo = "a file of the older Office (.doc, .xls); open it and save it as .docx or .xlsx"
    return Unread("unknown format", todo)
