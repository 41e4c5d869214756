"""What a web page says of itself: title, author, outlet and date, each from where it is said and not from what stands beside."""

import re
from datetime import date
from typing import Any

from nqp_topics.documents.cleaning.furniture import HAN, SURNAMES, TWOFOLD

_EDGE = r"(?:^|$|[\s_|｜·–—-])"  # where a site's name is joined to a title
_LONGEST = 300  # characters of a title
_DATE = r"((?:19|20)\d\d)\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})"
_SHOWN = re.compile(
    rf"(?:(?<!截止)(?:时间|日期)\s*[:：]|发[布表]于)\s*{_DATE}|{_DATE}日?\s*(?:(?:星期.)?\s*\d{{1,2}}:\d\d|来源\s*[:：])"
)
_TOLD = re.compile(r"\"(?:datePublished|pubDate)\"\s*:\s*\"([^\"]{8,40})\"")  # as search engines ask for it
_DATED = ("article:published_time", "pubdate", "publishdate", "firstpublishedtime", "og:time", "apub:time")
_ELSEWHERE = {"a", "title", "script", "style", "option", "html", "head", "body"}  # no own title stands there
_NAME = (
    rf"(?>(?:{TWOFOLD}|[{SURNAMES}]{{1,2}})[{HAN}]{{1,2}}|[{SURNAMES}][\x20\u3000]+[{HAN}](?![{HAN}])|[{HAN}]{{1,8}}(?:·[{HAN}]{{1,8}})+"
    r"|[A-Z][\w.'-]*(?:\x20(?:(?:van|von|der|de|la|bin)\x20)*[A-Z][\w.'-]*){1,3})"
)
_NAMES = re.compile(rf"{_NAME}(?:(?:[ \u3000]+|\s*[、;；]\s*){_NAME})*")
_SIGNED = re.compile(
    rf"作\s*者\s*[:：](?:\s*({_NAMES.pattern})|[^\S\n]*([{HAN}]{{2,4}}))(?![{HAN}·]|\s*[:：])"
)
_BEFORE = re.compile(r"^(?:文|撰文|作\s*者|[^\s:：]{0,6}(?:记者|通讯员))\s*[/:：|;\s]\s*")
_INLINE = {"a", "b", "em", "font", "i", "span", "strong", "u"}
_SITE = re.compile(".*[网报社台界刊]")
_NOBODY = re.compile(
    r"(?i)未知|佚名|匿名|不详|网络.*|综合.*|本站|编辑|.*编辑[:：].*|admin.*|root|\d*|.*[@＠].*"
)


def claims(tree: Any, known: dict[str, Any]) -> dict[str, str]:
    """Return title, author, outlet and date of a page; `known` is what the library guesses, used where the page says nothing.

    The library takes a title up to its first quotation mark, a commenter for the author and the earliest day that a text
    mentions for its date: what the page declares goes before.
    """
    said: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("name") or meta.get("property") or meta.get("itemprop") or ""
        said.setdefault(name.strip().lower(), _plain(meta.get("content") or ""))
    named = next((_plain(" ".join(one.itertext())) for one in tree.iter("title")), "")
    guessed = {name: value or "" for name, value in known.items() if name in ("title", "author", "date")}
    shared = said.get("og:title", "")
    title = said.get("articletitle") or _title(tree, named, shared, guessed.get("title", ""))
    told = (said.get("contentsource", ""), said.get("sitename", ""), known.get("sitename") or "")
    outlet = next((one for one in told if not _NOBODY.fullmatch(one)), "")
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", outlet):  # news.site.cn and sport.site.cn are one outlet
        outlet = known.get("hostname") or outlet
    outlet = re.sub(r"\s*版权所有.*", "", outlet)
    visible = _visible(tree)
    beside = "".join(named.split(title)) if title else named
    author = _author(said, visible, f"{outlet} {beside}", guessed.get("author", ""))
    date = _date(tree, said, visible, guessed.get("date", ""))
    return {"title": title, "author": author, "outlet": outlet, "date": date}


def _title(tree: Any, named: str, shared: str, guessed: str) -> str:
    """Return the part of <title> that stands alone on the page, a heading before other elements and a longer before a shorter."""
    found = {(True, shared)} if shared else set()
    heads = False
    held: dict[Any, tuple[str, int]] = {}  # how the text of an element begins, and how much is in links
    for one in reversed([one for one in tree.iter() if isinstance(one.tag, str)]):
        pieces, linked = [one.text or ""], 0
        for part in one:
            inside, of_links = held.pop(part, ("", 0))
            pieces += [inside, part.tail or ""]
            linked += of_links
        text = re.sub(r"\s+", " ", "".join(pieces))[: _LONGEST + 1]
        held[one] = text, len(text) if one.tag == "a" else linked
        heads |= one.tag == "h1"
        head = one.tag in ("h1", "h2", "h3")
        if one.tag not in _ELSEWHERE and 3 < len(text) <= _LONGEST and (head or len(text.strip()) > linked):
            found.add((head, text))
    bare, fit = re.sub(r"\s", "", named), []
    for head, text in found:
        letters = re.sub(r"\s", "", text)
        first = head or bare.startswith(letters) or 2 * len(letters) >= len(bare)
        if first and len(letters) > 3 and letters in bare:
            spaced = r"\s*".join(map(re.escape, letters))
            if match := re.search(f"{_EDGE}({spaced}){_EDGE}", named):
                fit.append((head, len(letters), match[1]))
    head, _, best = max(fit, default=(False, 0, ""))
    if best and (head or best != named):
        return best
    return (guessed if heads else "") or named or guessed  # <title> may name the site alone


def _author(said: dict[str, str], visible: str, outlets: str, guessed: str) -> str:
    """Return who a page says wrote it: neither the site itself, nor an editor, nor whoever commented."""
    squeezed = re.sub(r"\W", "", outlets).lower()
    signed = _SIGNED.search(visible)
    declared = [said.get(name, "") for name in ("author", "article:author", "og:article:author")]
    for number, written in enumerate((*declared, (signed[1] or signed[2]) if signed else "", guessed)):
        if len(written) > 80:
            continue
        written = re.sub(rf"^([{HAN}])\s+([{HAN}])$", r"\1\2", _BEFORE.sub("", written))
        person = _NAMES.fullmatch(written) and not _SITE.fullmatch(written)
        ours = re.sub(r"\W", "", written).lower() in squeezed and not (person and written > "z")
        if not ours and not _NOBODY.fullmatch(written) and (person or number < 4):
            return written
    return ""


def _date(tree: Any, said: dict[str, str], visible: str, guessed: str) -> str:
    """Return the day that the page declares or, where it declares none, the one that is guessed or shown beside an hour or a word for it."""
    told = [text for one in tree.iter("script") for text in _TOLD.findall(one.text or "")]
    declared = [*(said.get(name, "") for name in _DATED), *told, said.get("dateupdate", "")]
    shown = _SHOWN.search(visible)
    named = ((one.text or "", f"{one.get('id')} {one.get('class')}") for one in tree.iter("*"))
    alone = [
        text
        for text, name in named
        if re.search("time|date", name) and re.fullmatch(rf"\s*{_DATE}日?\s*", text)
    ]
    days = [
        re.search(_DATE, written) for written in (*declared, guessed, shown[0] if shown else "", *alone[:1])
    ]
    return next(filter(None, map(_iso, filter(None, days))), "")


def _iso(match: re.Match[str]) -> str:
    year, month, day = (int(part) for part in match.groups())
    try:
        written = date(year, month, day).isoformat()
    except ValueError:  # no day of the calendar
        return ""
    return "" if written == "1970-01-01" else written  # nothing was filled in


def _visible(tree: Any) -> str:
    """Return the texts that a reader of the page sees, in its order and lines."""
    from lxml.etree import iterwalk

    pieces = []
    for event, one in iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event == "start":
            seen = one.tag not in ("script", "style", "title", "noscript")
            pieces += [" " if one.tag in _INLINE else "\n", _plain(one.text or "") if seen else ""]
        else:
            pieces += [" " if event != "end" or one.tag in _INLINE else "\n", _plain(one.tail or "")]
    return "".join(pieces)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
