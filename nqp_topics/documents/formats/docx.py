"""Word files (.docx): paragraphs and table cells in the order of the document, one a line; notes and deleted text stay out."""

from collections.abc import Iterator
from typing import Any

from nqp_topics.documents.formats import office
from nqp_topics.documents.formats.rows import Found, Unread, damage, document, properties, same_breaks
from nqp_topics.study import Study

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# deleted text, field codes, the reading aid above a character, and what Word repeats for older versions of itself
_LEFT_OUT = {
    *(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "rt", "pPr", "rPr")),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_SIGNS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


def read(content: bytes, study: Study) -> Found:
    """Read a .docx file."""
    container = office.to_open(content, "docx")
    import docx

    opened: Any = docx.Document(container)
    text = same_breaks("\n".join(_paragraphs(opened.element.body)))
    if not text.strip():
        todo = "the document holds no text (only pictures?); recognise its text (OCR) first"
        raise Unread("no text", todo)
    known = opened.core_properties
    styled = (one.text for one in opened.paragraphs if one.style is not None and one.style.name == "Title")
    about = properties(" ".join(next(styled, "").split()) or known.title, known.author)
    return Found([document("docx", "utf-8", text, remarks=damage(text), **about)])


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
