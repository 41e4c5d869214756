"""Plain text and Markdown: one file is one document, its lines keep their numbers."""

import re

from nqp_topics.documents.formats import cnki
from nqp_topics.documents.formats.encoding import decode
from nqp_topics.documents.formats.rows import Found, Unread, damage, document, remark, same_breaks
from nqp_topics.study import Study

_TWO_COLUMNS = re.compile("[\u4e00-\u9fff，。；：、]{8} {3,}\\S{8}")


def read(content: bytes, study: Study, form: str) -> Found:
    """Read a text or Markdown file, whose marks stay: cleaning is the next step's work. One that is an export of references is read record by record."""
    decoded = decode(content)
    text = same_breaks(decoded.text)
    if export := cnki.style(text):
        return cnki.records(export, text, decoded)
    if decoded.cut:
        line = text.count("\n") + 1
        todo = f"the file ends in the middle of a character (line {line}); copy or download it again"
        raise Unread("truncated", todo)
    if not text.strip("\ufeff \t\n\f\u3000"):
        raise Unread("empty", "the file holds no characters; take it out or get it again")
    return Found([document(form, decoded.encoding, text, remarks=remark(damage(text), _abreast(text)))])


def _abreast(text: str) -> str:
    """Say where most lines hold two columns side by side, whose sentences no reader can part any more."""
    lines = [line for line in text.split("\n") if line.strip()]
    count = sum(bool(_TWO_COLUMNS.search(line)) for line in lines)
    if count < max(20, 0.3 * len(lines)):
        return ""
    return f"{count} lines with two columns side by side, sentences are mixed: read the PDF itself, or extract it without -layout"
