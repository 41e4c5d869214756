"""Web pages (.html, .htm): the main text without menus and advertisements, and what the page says about itself."""

from __future__ import annotations

import html
import logging
import re

from nqp_topics.documents.formats.encoding import decode
from nqp_topics.documents.formats.rows import Found, damage, document, refused, same_breaks, zeros
from nqp_topics.study import Study

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.I)
_AUTHOR = re.compile(
    r"<meta[^>]{0,200}?name\s*=\s*[\"']?author[\"']?\s+content\s*=\s*[\"']([^\"'<>]{1,80})[\"']", re.I
)
_SENTENCE = re.compile("[。！？；!?]")
# The library's limits are those of English; below them it takes menus for text.
_SHORT = {"MIN_EXTRACTED_SIZE": "60", "MIN_OUTPUT_SIZE": "1"}
_LATEST = "2099-12-31"  # the library's own limit is today's date, and results must not depend on the day


def read(content: bytes, study: Study) -> Found:
    """Read the main text of a page; a page without any is refused."""
    declared = _CHARSET.search(content[:8192])
    decoded = decode(content, _encoding(declared[1]) if declared else "")
    if decoded.reason:
        return refused(decoded.reason, decoded.detail)
    from trafilatura import bare_extraction
    from trafilatura.settings import use_config

    settings = use_config()
    for name, size in _SHORT.items():
        settings["DEFAULT"][name] = size
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    page = bare_extraction(
        decoded.text,
        include_comments=False,
        config=settings,
        with_metadata=True,
        date_extraction_params={"original_date": True, "extensive_search": False, "max_date": _LATEST},
    )
    known = page if isinstance(page, dict) else page.as_dict() if page else {}
    text = same_breaks(known.get("text") or "")
    if not _SENTENCE.search(text):
        return refused(
            "no text",
            "no main text on the page (a list of links, or text that appears only in the browser?); open it in the browser and save its text as .txt",
        )
    said = "; ".join(part for part in (damage(text), zeros(content)) if part)
    if decoded.cut or not re.search(r"</html\s*>", decoded.text[-2000:], re.I):
        said = "; ".join(
            part for part in (said, "the page has no end mark </html>: part may be missing") if part
        )
    return Found(
        [
            document(
                "html",
                decoded.encoding,
                text,
                title=known.get("title") or "",
                author=known.get("author") or _author(decoded.text),
                outlet=known.get("sitename") or "",
                date=known.get("date") or "",
                remarks=said,
            )
        ]
    )


def _encoding(name: bytes) -> str:
    """Return Python's name for what a page declares; browsers read gb2312 and gbk as their superset, and so is done here."""
    declared = name.decode("ascii").lower()
    return {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}.get(declared, declared)


def _author(page: str) -> str:
    """Return the author whom the page names in its head; the library passes over names without a space in them."""
    found = _AUTHOR.search(page[:20000])
    return html.unescape(found[1]).strip() if found else ""
