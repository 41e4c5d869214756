"""PDF files: the text of every page in reading order, with the indents and gaps that tell where paragraphs begin."""

import ctypes
import math
import os
import re
import zlib
from collections import Counter
from functools import cache
from typing import Any

from nqp_topics.checks.plural import singular
from nqp_topics.documents.formats.layout import Char, lay_out
from nqp_topics.documents.formats.rows import Found, Unread, damage, document, properties, remark
from nqp_topics.study import Study, font_file

_TILTED = 0.06  # of a right angle; letters turned further are marks across the page, not lines of it
_PAGES = 20_000  # in a file; a page that is full has 2,000 letters, that of a newspaper 20,000
_LETTERS = 200_000  # on a page
_AGAIN = 100  # times that a page may stand in the list of pages
_KIDS = re.compile(rb"/Kids\s*\[([\s\dR]*)")
_HOLE = re.compile(rb"\x00{32,}")
_SEVERAL = re.compile(rb"%%EOF\s{0,64}%PDF-\d")


def read(content: bytes, study: Study) -> Found:
    r"""Read a PDF file; every page begins with `\f`.

    Refused: a password, no text on any page, a file without its end, several PDFs one behind the other (viewers show one of them),
    more pages or letters than a print has, one page a hundred times.
    """
    _as_written(content)
    pypdfium2 = library()
    ended = b"%%EOF" in content[-2048:]
    try:
        opened = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise _cannot_open(str(error), ended) from None
    try:
        if len(opened) > _PAGES:
            raise Unread("too large", f"{len(opened):,} pages, where up to {_PAGES:,} are read; cut the file")
        pages, without, foreign = [], [], []
        for number in range(1, len(opened) + 1):
            chars, own = _chars(opened, number - 1)
            if len(chars) > _LETTERS:
                detail = f"page {number} has more than {_LETTERS:,} letters; take that page out, or print it as pages"
                raise Unread("too large", detail)
            lines = lay_out(chars)
            if not own:
                foreign.append(number)
            if not any(line.strip() for line in lines):
                without.append(number)
            pages.append("\f" + "\n".join(lines))
        known = opened.get_metadata_dict(skip_empty=True)
    finally:
        opened.close()
    if len(without) == len(pages):
        detail = f"none of its {len(pages)} pages holds text, they are pictures; recognise the text (OCR) and save it as .txt"
        raise Unread("no text (scanned)", detail)
    text = "\n".join(pages)
    private = len(re.findall(r"[\ue000-\uf8ff]", text))  # codes that mean nothing elsewhere
    by_ours = f"fonts not embedded on {_pages(foreign)}: letters placed by those of Noto Sans SC"
    said = remark(
        f"no text on {_pages(without)} of {len(pages)} (pictures or blank)" if without else "",
        "" if ended else "the file has no end mark: pages may be missing",
        by_ours if foreign else "",
        *(_broken(content), damage(text)),
        f"{private} characters that the fonts do not explain (private codes)" if private else "",
    )
    about = properties(known.get("Title"), known.get("Author"))
    return Found([document("pdf", "", text, remarks=said, **about)])


def _as_written(content: bytes) -> None:
    """Refuse what the bytes alone show to be no PDF as programs write it."""
    if content.find(b"%PDF-", 0, 1024) < 0:
        todo = "the bytes are not those of a PDF, whatever the name says; get the document again"
        raise Unread("unreadable", todo)
    if more := len(_SEVERAL.findall(content)):
        todo = f"{more + 1} PDFs one behind the other in one file, of which a viewer shows one; get each as a file of its own"
        raise Unread("unreadable", todo)
    pages = Counter(page for kids in _KIDS.findall(content) for page in re.findall(rb"\d+\s+\d+\s+R", kids))
    if (most := max(pages.values(), default=0)) > _AGAIN:
        todo = f"one page stands {most:,} times in it; open it in a viewer and print it as PDF"
        raise Unread("too large", todo)


def _broken(content: bytes) -> str:
    """Say where a file holds many zeros, which a disk or a download leaves where a part was lost, or how many parts are damaged.

    These hold few zeros where text should stand, or cannot be unpacked; pictures and fonts may hold zeros.
    """
    if found := re.search(rb"\x00{256,}", content):
        size, start = found.end() - found.start(), found.start()
        return f"{size:,} zero bytes from byte {start:,} on: part of the file may be lost"
    if b"/Encrypt" in content:
        return ""
    broken, at = 0, 0
    while (start := content.find(b"stream", at)) >= 0:
        end = content.find(b"endstream", start)
        end = len(content) if end < 0 else end
        head, body = content[max(at, start - 4096) : start], content[start + 6 : end].lstrip(b"\r\n")
        head = head[head.rfind(b"obj") :]
        hole = _HOLE.search(body) is not None
        if b"85Decode" not in head and b"HexDecode" not in head:  # of which none holds zeros
            if b"/FlateDecode" in head:
                hole = not _unpacks(body, hole)
            elif re.search(rb"/Image|/Length1|/FontFile|/Type1C|/CIDFontType0C|/OpenType", head):
                hole = False
        broken += hole or _HOLE.search(content, at, start) is not None
        at = end + 9
    broken += _HOLE.search(content, at) is not None
    return singular(f"{broken:,} damaged parts inside: text may be lost") if broken else ""


def _unpacks(body: bytes, hole: bool) -> bool:
    unpacked = zlib.decompressobj()
    try:
        while body and not unpacked.eof:
            unpacked.decompress(body, 1 << 20)
            body = unpacked.unconsumed_tail
    except zlib.error:
        return False
    return unpacked.eof or not hole


@cache
def library() -> Any:
    """Return PDFium, started so that it knows one font only, the one this library brings.

    What a PDF does not embed PDFium replaces by a font of the system, and drops letters that this one lacks: texts would depend on
    the machine.
    """
    import pypdfium2
    import pypdfium2.raw as raw

    folder = ctypes.create_string_buffer(os.fsencode(font_file().parent))
    letter = ctypes.POINTER(ctypes.c_char)
    places = (letter * 2)(ctypes.cast(folder, letter), letter())  # must outlive the library
    raw.FPDF_DestroyLibrary()  # started when it was imported, with the system's fonts
    raw.FPDF_InitLibraryWithConfig(raw.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=places))
    pypdfium2.font_places = (folder, places)
    return pypdfium2


def _cannot_open(error: str, ended: bool) -> Unread:
    if re.search("password|security", error, re.I):
        todo = "the PDF has a password; open it, remove the protection and save it again"
        return Unread("encrypted", todo)
    if not ended:
        return Unread("truncated", "the end of the PDF is missing; copy or download it again")
    return Unread("unreadable", f"the PDF is damaged ({error}); open it in a viewer and print it as PDF")


def _pages(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:8]))
    return f"page{'s' if len(numbers) > 1 else ''} {shown}{' …' if len(numbers) > 8 else ''}"


def _chars(opened: Any, number: int) -> tuple[list[Char], bool]:
    """Return the characters of a page with their places, in the order of the file, and whether all their fonts are embedded.

    Nothing more is looked at on a page that holds too many; one that cannot be opened has none.
    """
    import pypdfium2.raw as raw

    try:
        page = opened[number]
    except library().PdfiumError:
        return [], True
    page_text = page.get_textpage()
    handle = page_text.raw
    own, seen = True, None
    box, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    chars: list[tuple[Char, float]] = []
    high = 0
    for index in range(min(raw.FPDFText_CountChars(handle), _LETTERS + 1)):
        code = raw.FPDFText_GetUnicode(handle, index)
        if raw.FPDFText_IsGenerated(handle, index) == 1:
            # spaces the PDF does not hold but shows, as gaps between words
            if code == 32 and chars:
                chars[-1] = (chars[-1][0]._replace(gap_after=True), chars[-1][1])
            continue
        if 0xD800 <= code < 0xDC00:  # rare characters come in two halves
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0xFFFD
            high = 0
        if code == 2 or raw.FPDFText_IsHyphen(handle, index) == 1:
            code = 45
        if code < 32 or code in (0xFFFE, 0xFFFF) or not raw.FPDFText_GetLooseCharBox(handle, index, box):
            continue
        piece = raw.FPDFText_GetTextObject(handle, index)
        if own and piece and ctypes.addressof(piece.contents) != seen:
            seen = ctypes.addressof(piece.contents)
            own = raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(piece)) != 0
        raw.FPDFText_GetCharOrigin(handle, index, x, y)
        raw.FPDFText_GetMatrix(handle, index, matrix)
        size = max(raw.FPDFText_GetFontSize(handle, index) * math.hypot(matrix.c, matrix.d), 0.1)
        turn = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
        # as they are when the page is turned so that the letters stand upright
        ways = [(box.left, box.right, y.value), (box.bottom, box.top, -x.value)]
        ways += [(-box.right, -box.left, -y.value), (-box.top, -box.bottom, x.value)]
        left, right, base = ways[round(turn) % 4]
        chars.append((Char(chr(code), left, right, base, size), turn))
    page_text.close()
    page.close()
    # a page may lie on its side: the direction of most letters is that of its lines
    usual = Counter(round(turn) % 4 for _, turn in chars).most_common(1)
    off = [min((turn - usual[0][0]) % 4, (usual[0][0] - turn) % 4) for _, turn in chars]
    return [char._replace(tilted=turn > _TILTED) for (char, _), turn in zip(chars, off, strict=True)], own
