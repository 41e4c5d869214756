"""Web pages (.html, .htm): the main text without menus and advertisements, and what the page says about itself."""

import html
import logging
import re
from typing import Any

from nqp_topics.documents.formats.encoding import decode
from nqp_topics.documents.formats.rows import Found, Unread, damage, document, remark, same_breaks
from nqp_topics.study import Study

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.I)
# browsers read these as their supersets, and so is done here
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}
_AUTHOR = re.compile(
    r"<meta[^>]{0,200}?name\s*=\s*[\"']?author[\"']?\s+content\s*=\s*[\"']([^\"'<>]{1,80})[\"']", re.I
)
_CROWDED = re.compile(  # a tag of a thousand attributes: the parser compares each with all
    r"<[A-Za-z][^\s>]*+(?:[\s/]*+[^\s>/=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+){1000}"
)
_SENTENCE = re.compile("[。！？；!?]")
# The library's limits are those of English; below them it takes menus for text.
_SHORT = {"MIN_EXTRACTED_SIZE": "60", "MIN_OUTPUT_SIZE": "1"}
_LATEST = "2099-12-31"  # the library's own limit is today's date, and results must not depend on the day


def read(content: bytes, study: Study) -> Found:
    """Read the main text of a page. Refused: a page without any, and a tag with more attributes than anybody writes."""
    declared = _CHARSET.search(content[:8192])
    name = declared[1].decode("ascii").lower() if declared else ""
    decoded = decode(content, _SUPERSETS.get(name, name))
    if _CROWDED.search(decoded.text):
        raise Unread("too large", "a tag with over a thousand attributes; save the page anew in a browser")
    from trafilatura import bare_extraction
    from trafilatura.settings import use_config

    settings = use_config()
    settings["DEFAULT"].update(_SHORT)
    for noisy in ("trafilatura", "htmldate"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    dates = {"original_date": True, "extensive_search": False, "max_date": _LATEST}
    asked: dict[str, Any] = {"include_comments": False, "date_extraction_params": dates}
    asked["with_metadata"] = True
    page = bare_extraction(decoded.text, config=settings, **asked)
    known = page if isinstance(page, dict) else page.as_dict() if page else {}
    text = same_breaks(known.get("text") or "")
    if not _SENTENCE.search(text):
        todo = "no main text on the page (a list of links, or text that appears only in the browser?); open it in the browser and save its text as .txt"
        raise Unread("no text", todo)
    ended = not decoded.cut and re.search(r"</html\s*>", decoded.text[-2000:], re.I)
    end = "" if ended else "the page has no end mark </html>: part may be missing"
    about = {name: known.get(name) or "" for name in ("title", "author", "date")}
    if not about["author"] and (named := _AUTHOR.search(decoded.text[:20000])):
        about["author"] = html.unescape(named[1]).strip()  # the library passes over names without a space
    said = remark(damage(text), end)
    outlet = known.get("sitename") or ""
    return Found([document("html", decoded.encoding, text, outlet=outlet, remarks=said, **about)])
