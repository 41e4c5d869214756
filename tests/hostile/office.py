"""Word, Excel and PDF files: containers with one part exchanged, sheets that lie about their size, pages that draw themselves."""

from __future__ import annotations

import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial

from hostile import ANYTHING, EITHER, READ, REFUSE, Case
from hostile.documents import COLUMNS, READ_IT, TEXT, file

Parts = dict[str, bytes]
LATIN = ["The library beside the park opens at eight.", "Children read there until the evening.", "The path along the river was mended.", "The market moved to the station."]


def cases(chance: random.Random) -> Iterator[Case]:
    """Yield the cases of Word, Excel and PDF files."""
    for kind, whole, main in (("docx", _docx(), "word/document.xml"), ("xlsx", _xlsx(), "xl/worksheets/sheet1.xml")):
        run = COLUMNS if kind == "xlsx" else READ_IT
        for name, made, right in [*_containers(whole), *_members(whole, chance), *(_sheets(whole) if kind == "xlsx" else _letters(whole))]:
            yield file(kind, name, f".{kind}", made, right, run=run)
        for at in range(5, 100, 15):
            place = len(whole) * at // 100
            yield file(kind, f"cut at {at} %", f".{kind}", whole[:place], REFUSE, run=run)
            yield file(kind, f"zeros at {at} %", f".{kind}", whole[:place] + bytes(90) + whole[place + 90 :], EITHER, run=run)
        yield file(kind, f"{main} called .txt", ".txt", _parts(whole)[main], ANYTHING, run=run)
    yield from _pdfs()


def _docx() -> bytes:
    import docx

    made = docx.Document()
    for line in TEXT.splitlines():
        made.add_paragraph(line)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def _xlsx() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["标题", "正文"])
    for number, line in enumerate(TEXT.splitlines()):
        book.active.append([f"题{number}", line])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _parts(whole: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(whole)) as container:
        return {name: container.read(name) for name in container.namelist()}


def _zip(parts: Parts, more: Callable[[zipfile.ZipFile], object] = lambda container: None) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in parts.items():
            container.writestr(name, content)
        more(container)
    return stream.getvalue()


def _fed(name: str, size: int, head: bytes = b"", tail: bytes = b"") -> Callable[[zipfile.ZipFile], object]:
    """Return what adds a part of `size` spaces to a container, without holding it."""

    def more(container: zipfile.ZipFile) -> None:
        with container.open(name, "w", force_zip64=True) as stream:
            stream.write(head)
            for _ in range(size >> 20):
                stream.write(b" " * (1 << 20))
            stream.write(tail)

    return more


def _containers(whole: bytes) -> Iterator[tuple[str, bytes | Callable[[], bytes], set[str]]]:
    """Yield containers that are broken, too large or dressed up; their parts are whole."""
    parts = _parts(whole)
    largest = max(parts, key=lambda name: name.startswith(("word/document", "xl/worksheets")))
    less = {name: content for name, content in parts.items() if name != largest}
    yield "as it is", whole, READ
    yield "stored", _stored(parts), READ
    yield "bytes before it", b"#!/bin/sh\n" * 20 + whole, EITHER
    yield "bytes after it", whole + b"\x00" * 500, EITHER
    yield "itself again after it", whole + whole, EITHER
    yield "a part twice", _zip(parts, lambda c: c.writestr(largest, parts[largest])), EITHER
    yield "20,000 parts", lambda: _zip(parts, lambda c: [c.writestr(f"x/{n}", b"") for n in range(20000)]), EITHER
    yield "a part outside", _zip(parts, lambda c: c.writestr("../../../outside.txt", b"x")), READ
    yield "600 MB of spaces beside", lambda: _zip(parts, _fed("x/bomb.bin", 600 << 20)), EITHER
    head, tail = parts[largest][:-200], parts[largest][-200:]
    yield "600 MB of spaces in the text", lambda: _zip(less, _fed(largest, 600 << 20, head, tail)), EITHER
    yield "600 MB that say 1 KB", lambda: _lying(_zip(less, _fed(largest, 600 << 20, head, tail)), largest), EITHER
    yield "a wrong checksum", re.sub(rb"(PK\x01\x02.{12})....", rb"\1abcd", whole, count=1, flags=re.S), EITHER
    yield "says it is encrypted", _flag(whole, 8, 1), EITHER
    yield "packed in an unknown way", _flag(whole, 10, 99), EITHER
    yield "only the end mark", b"PK\x05\x06" + bytes(18), REFUSE
    yield "another container", _zip({"a.txt": b"x"}), REFUSE
    yield "no parts", _zip({}), REFUSE


def _stored(parts: Parts) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as container:
        for name, content in parts.items():
            container.writestr(name, content)
    return stream.getvalue()


def _flag(whole: bytes, at: int, value: int) -> bytes:
    made = bytearray(whole)
    for found in re.finditer(b"PK\x01\x02", whole):
        made[found.start() + at : found.start() + at + 2] = value.to_bytes(2, "little")
    return bytes(made)


def _lying(whole: bytes, name: str) -> bytes:
    """Let the directory of a container say that a part unpacks to a thousand bytes."""
    made, at = bytearray(whole), whole.rindex(b"PK\x01\x02" + whole[whole.rindex(b"PK\x01\x02") + 4 :][:0])
    for found in re.finditer(b"PK\x01\x02", whole):
        at = found.start()
        if whole[at + 46 : at + 46 + len(name)] == name.encode():
            made[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    return bytes(made)


def _members(whole: bytes, chance: random.Random) -> Iterator[tuple[str, bytes | Callable[[], bytes], set[str]]]:
    """Yield containers of which one part is exchanged; nothing of the system or of a bomb may come through."""
    parts = _parts(whole)
    laughs = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    for member, content in parts.items():
        if not member.endswith((".xml", ".rels")):
            continue
        text = content.decode()
        declared = re.sub(r"^<\?xml.*?\?>\s*", "", text)
        inside = re.sub(r"(<(?:w:t|t|title|dc:title|v)[^>/]*>)", r"\1&j;", declared, count=3)
        deep = re.sub(r"(</[^<>]+>)\s*$", "<x>" * 10**5 + "</x>" * 10**5 + r"\1", text)
        changes = {
            "missing": None,
            "empty": b"",
            "cut": content[: len(content) // 2],
            "zeros": bytes(len(content)),
            "zeros inside": content[: len(content) // 2] + bytes(40) + content[len(content) // 2 + 40 :],
            "not XML": b"<<<>>>",
            "another root": b"<root/>",
            "entities that grow": f'<!DOCTYPE r [<!ENTITY a "{"ha" * 50}">{laughs}]>{inside}'.encode(),
            "a file of the system": f'<!DOCTYPE r [<!ENTITY j SYSTEM "file:///etc/passwd">]>{inside}'.encode(),
            "100,000 elements deep": deep.encode(),
            "UTF-16": ('<?xml version="1.0" encoding="UTF-16"?>' + declared).encode("utf-16"),
            "says another encoding": ('<?xml version="1.0" encoding="big5"?>' + declared).encode(),
            "FF inside": content[:200] + b"\xff" + content[200:],
        }
        for name in chance.sample(sorted(changes), 7):
            made = changes[name]
            left = {key: value for key, value in parts.items() if key != member}
            yield f"{member}: {name}", partial(_zip, {**left, **({} if made is None else {member: made})}), EITHER


def _letters(whole: bytes) -> Iterator[tuple[str, bytes | Callable[[], bytes], set[str]]]:
    parts = _parts(whole)
    name = "word/document.xml"
    text = parts[name].decode()
    paragraph = re.findall(r"<w:p>.*?</w:p>", text, re.S)[0]
    for what, made in {
        "tables in tables, 3,000 deep": text.replace(paragraph, "<w:tbl><w:tr><w:tc>" * 3000 + paragraph + "</w:tc></w:tr></w:tbl>" * 3000, 1),
        "spans in spans, 5,000 deep": text.replace(paragraph, paragraph.replace("<w:r>", "<w:sdt><w:sdtContent>" * 5000 + "<w:r>").replace("</w:r>", "</w:r>" + "</w:sdtContent></w:sdt>" * 5000), 1),
        "a paragraph of a million": text.replace("公园门口", "公园门口" * 250000, 1),
        "100,000 paragraphs": text.replace(paragraph, paragraph * 10**5, 1),
        "no body": re.sub(r"<w:body>.*</w:body>", "", text, flags=re.S),
        "two bodies": re.sub(r"(<w:body>.*</w:body>)", r"\1\1", text, flags=re.S),
    }.items():
        more = {"a paragraph of a million": EITHER | {"other"}, "100,000 paragraphs": EITHER | {"other"}}
        yield what, partial(_zip, {**parts, name: made.encode()}), more.get(what, EITHER)


def _sheets(whole: bytes) -> Iterator[tuple[str, bytes | Callable[[], bytes], set[str]]]:
    parts = _parts(whole)
    name = "xl/worksheets/sheet1.xml"
    text = parts[name].decode()
    last = "</sheetData>"
    for what, (old, new, right) in {
        "a dimension too small": (r'<dimension ref="[^"]*"', '<dimension ref="A1:B3"', READ),
        "a dimension of one cell": (r'<dimension ref="[^"]*"', '<dimension ref="A1"', READ),
        "a dimension too narrow": (r'<dimension ref="[^"]*"', '<dimension ref="A1:A13"', READ),
        "no dimension": (r"<dimension[^>]*/>", "", READ),
        "a dimension that is too large": (r'<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"', EITHER),
        "a dimension that is none": (r'<dimension ref="[^"]*"', '<dimension ref="#REF!"', EITHER),
        "row 1,000,000,000": (last, '<row r="1000000000"><c r="A1000000000"><v>1</v></c></row>' + last, EITHER),
        "row 1,048,576": (last, '<row r="1048576"><c r="A1048576"><v>1</v></c></row>' + last, EITHER),
        "row 0": (r'<row r="2"', '<row r="0"', EITHER),
        "row -1": (r'<row r="2"', '<row r="-1"', EITHER),
        "row x": (r'<row r="2"', '<row r="x"', EITHER),
        "row of 5,000 digits": (r'<row r="3"', f'<row r="{"9" * 5000}"', EITHER),
        "rows turned": (r'<row r="2"', '<row r="9"', EITHER),
        "column ZZZZZZZ": (last, '<row r="99"><c r="ZZZZZZZ99"><v>1</v></c></row>' + last, EITHER),
        "column XFD": (last, '<row r="99"><c r="XFD99"><v>1</v></c></row>' + last, EITHER),
        "no places of cells": (r'(<c) r="[A-Z]+\d+"', r"\1", EITHER),
        "a cell that stands twice": (r'r="A2"', 'r="B2"', EITHER),
        "text 999,999": (r"<v>3</v>", "<v>999999</v>", EITHER),
        "text -1": (r"<v>3</v>", "<v>-1</v>", EITHER),
        "text x": (r"<v>3</v>", "<v>x</v>", EITHER),
        "a kind that is none": (r't="s"', 't="zz"', EITHER),
        "an error for a text": (r'<c r="B2"[^>]*>.*?</c>', '<c r="B2" t="e"><v>#REF!</v></c>', EITHER),
        "a formula without its value": (r'<c r="B2"[^>]*>.*?</c>', '<c r="B2"><f>A2</f></c>', EITHER),
        "a number of 400 digits": (r'<c r="A2"[^>]*>.*?</c>', f'<c r="A2"><v>{"9" * 400}</v></c>', EITHER),
        "a date that is none": (r'<c r="A2"[^>]*>.*?</c>', '<c r="A2" s="0" t="d"><v>2024-99-99</v></c>', EITHER),
        "a style that is none": (r'<c r="A2"', '<c s="9999" r="A2"', EITHER),
        "no rows": (r"<sheetData>.*</sheetData>", "<sheetData/>", REFUSE),
        "100,000 empty rows": (last, "".join(f'<row r="{n}"/>' for n in range(100, 100100)) + last, EITHER),
        "100,000 cells in a row": (last, '<row r="99">' + "<c><v>1</v></c>" * 10**5 + "</row>" + last, EITHER),
    }.items():
        made = re.sub(old, lambda found, new=new: found.expand(new) if "\\1" in new else new, text, flags=re.S)  # type: ignore[misc]
        yield what, partial(_zip, {**parts, name: made.encode()}), right


def _pdf(content: bytes, page: str = "", resources: str = "", more: tuple[bytes, ...] = (), packed: bool = True, catalog: str = "") -> bytes:
    """Write a PDF of one page by hand: 1 catalogue, 2 pages, 3 page, 4 content, 5 font, then what else is given."""
    packing, data = (" /Filter /FlateDecode", zlib.compress(content)) if packed else ("", content)
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> {resources} >> {page} >>".encode(),
        f"<< /Length {len(data)}{packing} >>\nstream\n".encode() + data + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    ]
    made, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return made


def _form(draws: str, number: int) -> bytes:
    return f"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X {number} 0 R /Y {number} 0 R >> >> /Length {len(draws)} >>\nstream\n{draws}\nendstream".encode()


def _pdfs() -> Iterator[Case]:
    text = b"BT /F1 12 Tf 60 700 Td 18 TL " + b"".join(b"(%s) Tj T* " % line.encode() for line in LATIN) + b"ET"
    plain, packed = _pdf(text, packed=False), _pdf(text)
    many = b"BT /F1 1 Tf 1 700 Td (" + b"park " * 20000 + b") Tj ET"
    each = b"".join(b"BT /F1 1 Tf %d %d Td (p) Tj ET " % (n % 500, n % 700) for n in range(10**5))
    made: dict[str, tuple[bytes | Callable[[], bytes], set[str]]] = {
        "as it is": (plain, READ),
        "packed": (packed, READ),
        "two in one file": (plain + plain.replace(b"library", b"station"), EITHER),
        "bytes before it": (b"x" * 500 + plain, EITHER),
        "bytes after it": (plain + b"\n" * 5000, EITHER),
        "no table of places": (re.sub(rb"xref.*?trailer", b"trailer", plain, flags=re.S), EITHER),
        "a wrong table of places": (re.sub(rb"0000000\d{3} 00000 n", b"0000000001 00000 n", plain), EITHER),
        "no end mark": (plain.replace(b"%%EOF", b""), EITHER),
        "a length too short": (plain.replace(b"/Length %d" % len(text), b"/Length 60"), EITHER),
        "a length too long": (plain.replace(b"/Length %d" % len(text), b"/Length 99999999"), EITHER),
        "a form that draws itself": (_pdf(text + b" /X Do", resources="/XObject << /X 6 0 R >>", more=(_form("/X Do", 6),)), EITHER),
        "a form that draws itself twice": (_pdf(text + b" /X Do", resources="/XObject << /X 6 0 R >>", more=(_form("/X Do /Y Do", 6),)), EITHER),
        "forms that draw ten of the next": (_pdf(text + b" /X Do", resources="/XObject << /X 6 0 R >>", more=tuple(_form("/X Do " * 10 + "BT (x) Tj ET", n + 1) for n in range(6, 30))), EITHER),
        "pages that hold themselves": (plain.replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]"), EITHER),
        "a million pages that are not there": (plain.replace(b"/Count 1", b"/Count 1000000"), EITHER),
        "-1 pages": (plain.replace(b"/Count 1", b"/Count -1"), EITHER),
        "one page 10,000 times": (plain.replace(b"/Kids [3 0 R] /Count 1", b"/Kids [" + b"3 0 R " * 10**4 + b"] /Count 10000"), EITHER | {"other"}),
        "no page": (plain.replace(b"/Kids [3 0 R] /Count 1", b"/Kids [] /Count 0"), REFUSE),
        "a page without size": (plain.replace(b"[0 0 595 842]", b"[0 0 0 0]"), EITHER),
        "a page of 10^30": (plain.replace(b"[0 0 595 842]", b"[0 0 1e30 1e30]"), EITHER),
        "a page of nan": (plain.replace(b"[0 0 595 842]", b"[nan nan inf inf]"), EITHER),
        "turned by 45": (_pdf(text, "/Rotate 45"), EITHER),
        "turned by 90": (_pdf(text, "/Rotate 90"), READ),
        "letters of size 0": (_pdf(text.replace(b"/F1 12", b"/F1 0")), EITHER),
        "letters of size 10^30": (_pdf(text.replace(b"/F1 12", b"/F1 " + b"9" * 30)), EITHER),
        "letters of size -12": (_pdf(text.replace(b"/F1 12", b"/F1 -12")), ANYTHING),
        "all at infinity": (_pdf(text.replace(b"60 700", b"1" * 300 + b" 700")), EITHER),
        "a matrix of zeros": (_pdf(b"0 0 0 0 0 0 cm " + text), EITHER),
        "a font that is not there": (_pdf(text.replace(b"/F1", b"/F9")), EITHER),
        "100,000 glyphs in a line": (_pdf(many), EITHER | {"other"}),
        "100,000 objects of a glyph": (_pdf(each), EITHER | {"other"}),
        "200 MB of spaces": (lambda: _pdf(text + b" " * (200 << 20)), EITHER),
        "200,000 states saved": (_pdf(b"q " * 200000 + text), EITHER),
        "arrays 100,000 deep": (plain.replace(b"/Count 1", b"/Count 1 /X " + b"[" * 10**5 + b"]" * 10**5), EITHER),
        "a text 100,000 brackets deep": (_pdf(text + b" BT " + b"(" * 10**5 + b")" * 10**5 + b" Tj ET"), EITHER | {"other"}),
        "no letters": (_pdf(b"0 0 m 9 9 l S"), REFUSE),
        "only the head": (b"%PDF-1.7\n", REFUSE),
        "a head and zeros": (b"%PDF-1.7\n" + bytes(9999), REFUSE),
        "a head and noise": (b"%PDF-1.7\n" + random.Random(5).randbytes(9999) + b"%%EOF", REFUSE),
        "says it is encrypted": (plain.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /Filter /Standard /V 1 /R 2 /O (x) /U (y) /P -4 >>"), EITHER),
        "an unknown filter": (plain.replace(b"/Length", b"/Filter /None /Length"), EITHER),
        "packed, damaged": (packed.replace(zlib.compress(text)[20:60], bytes(40)), EITHER),
        "a script": (_pdf(text, catalog="/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), READ),
    }
    for source, name in ((plain, ""), (packed, " (packed)")):
        for at in range(10, 100, 12):
            place = len(source) * at // 100
            made[f"zeros at {at} %{name}"] = (source[:place] + bytes(90) + source[place + 90 :], EITHER)
            made[f"cut at {at} %{name}"] = (source[:place], EITHER)
    for name, (content, right) in made.items():
        yield file("pdf", name, ".pdf", content, right, "".join(LATIN))
