"""Web pages (.html, .htm): the main text without menus and advertisements, and what the page says about itself."""

import logging
import re
from itertools import islice
from typing import Any

from nqp_topics.documents.formats.claims import claims
from nqp_topics.documents.formats.encoding import decode
from nqp_topics.documents.formats.rows import Found, Unread, damage, document, remark, same_breaks
from nqp_topics.study import Study

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.I)
# browsers read these as their supersets, and so is done here
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}
_CROWDED = re.compile(  # a tag of a thousand attributes: the parser compares each with all
    r"<[A-Za-z][^\s>]*+(?:[\s/]*+[^\s>/=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+){1000}"
)
_SENTENCE = re.compile("[。！？；，!?]")
_HAN, _STOP = re.compile("[\u4e00-\u9fff]"), re.compile("[。；]")
_INSIDE = {"a", "b", "br", "em", "font", "i", "span", "strong", "sub", "sup", "u"}  # of a paragraph
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
    from trafilatura import bare_extraction, load_html
    from trafilatura.settings import use_config

    settings = use_config()
    settings["DEFAULT"].update(_SHORT)
    for noisy in ("trafilatura", "htmldate"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    dates = {"original_date": True, "extensive_search": False, "max_date": _LATEST}
    page: Any = None
    if (tree := load_html(decoded.text)) is not None:
        drop_link_lists(tree)
        unwrap(tree)
        asked: dict[str, Any] = {"config": settings, "date_extraction_params": dates}
        page = bare_extraction(tree, include_comments=False, with_metadata=True, **asked)
    known = page.as_dict() if page else {}
    text = same_breaks(known.get("text") or "")
    if not _SENTENCE.search(text):
        todo = "no main text on the page (a list of links, or text that appears only in the browser?); open it in the browser and save its text as .txt"
        raise Unread("no text", todo)
    ended = not decoded.cut and re.search(r"</html\s*>", decoded.text[-2000:], re.I)
    end = "" if ended else "the page has no end mark </html>: part may be missing"
    said = remark(damage(text), end)
    claimed = claims(load_html(decoded.text), known)
    return Found([document("html", decoded.encoding, text, remarks=said, **claimed)])


def drop_link_lists(tree: Any) -> None:
    """Take out what holds three links or more and hardly a word beside them: menus, what others read, what is hot today.

    A link that holds a full stop is a paragraph that somebody may press, and stays; links in a sentence, and a
    picture above its caption, are links no more, as the library throws away what has many.
    """
    from lxml.etree import strip_tags

    blocks = [one for one in tree.iter() if isinstance(one.tag, str)]
    held: dict[Any, list[int]] = {}  # links, characters in links, characters: with all that stands inside
    for block in reversed(blocks):
        own = [block.text or "", *(one.tail or "" for one in block)]
        size = sum(len(_HAN.findall(text)) for text in own) if block.tag not in ("script", "style") else 0
        inside = [held[one] for one in block if one in held]
        held[block] = [sum(numbers) for numbers in zip([0, 0, size], *inside, strict=True)]
        if block.tag == "a" and block.get("href"):
            told = _STOP.search("".join(block.itertext()))
            held[block][:2] = [1, 0 if told else held[block][2]]
        links, linked, _ = held[block]
        if block.tag == "p" and (not linked or (links > 2 and any(map(_STOP.search, own)))):
            strip_tags(block, "a")
            held[block][:2] = [0, 0]
    gone = set()
    for block in blocks:
        links, linked, size = held[block]
        if block.getparent() in gone:
            gone.add(block)
        elif links > 2 and linked and linked >= 0.8 * size and block.tag not in ("html", "body", "head"):
            gone.add(block)
            block.drop_tree()


def unwrap(tree: Any) -> None:
    """Make blocks of the tables and lists that hold an article for the sake of its place on the page, so that its paragraphs stay apart.

    A centred line is a line, and so is a box of sentences without a block inside, which the library passes over; what is cut off at the edge of a box
    is not hidden, as it believes.
    """
    for box in list(tree.iter("section", "div")):
        alone = not any(one.tag not in _INSIDE for one in box.iterdescendants() if isinstance(one.tag, str))
        if alone and _SENTENCE.search("".join(box.itertext())):
            line = box.makeelement("p")
            line.text, box.text = box.text, None
            line.extend(list(box))
            box.append(line)
    for cell in list(tree.iter("td", "li", "dd")):
        if len(list(islice(cell.iter("p", "br"), 2))) > 1:
            for one in (cell, *cell.iterancestors("tr", "tbody", "table", "ul", "ol", "dl")):
                one.tag = "div"
    for line in list(tree.iter("center")):
        blocks = list(islice(line.iter("center", "p", "div", "table"), 2))
        line.tag = "div" if len(blocks) > 1 else "p"
    for box in tree.xpath("//*[contains(@style,'hidden')]"):
        box.set("style", re.sub(r"(overflow[\w-]*\s*:\s*)hidden", r"\1clip", box.get("style"), flags=re.I))
