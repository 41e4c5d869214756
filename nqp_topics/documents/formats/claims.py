"""What a web page says of itself: title, author, outlet and date, each from where it is said and not from what stands beside."""

import re
from typing import Any

from nqp_topics.documents.cleaning.furniture import SURNAMES
from nqp_topics.documents.formats.rows import properties

_EDGE = r"(?:^|$|[\s_|｜·–—-])"  # where a site's name is joined to a title
_DATE = re.compile(r"((?:19|20)\d\d)\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})")
_CLOCK = re.compile(rf"{_DATE.pattern}日?\s*(?:星期.)?\s*\d{{1,2}}:\d\d")
_TOLD = re.compile(r"\"(?:datePublished|pubDate)\"\s*:\s*\"([^\"]{8,40})\"")  # as search engines ask for it
_DATED = "article:published_time,pubdate,publishdate,firstpublishedtime,og:time,apub:time,dateupdate".split(
    ","
)
_ELSEWHERE = {"a", "title", "script", "style", "option", "html", "head", "body"}  # no own title stands there
_FOREIGN = r"[\u4e00-\u9fff]{1,8}(?:·[\u4e00-\u9fff]{1,8})+"
_NAME = re.compile(
    rf"(?:欧阳|司马|上官|诸葛|司徒|慕容|[{SURNAMES}])[\u4e00-\u9fff]{{1,2}}|{_FOREIGN}|[A-Z][\w.'-]+(?: [A-Z][\w.'-]*){{1,3}}"
)
_SIGNED = re.compile(rf"作\s*者\s*[:：]\s*({_FOREIGN}|[\u4e00-\u9fff]{{2,4}})(?![\u4e00-\u9fff·])")
_NOBODY = re.compile(r"未知|佚名|匿名|不详|网络.*|综合.*|本站|编辑|\d*|.*[@＠].*")


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
    title = said.get("articletitle") or _title(
        tree, named, said.get("og:title", ""), guessed.get("title", "")
    )
    outlet = said.get("contentsource") or said.get("sitename") or known.get("sitename") or ""
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", outlet):  # news.site.cn and sport.site.cn are one outlet
        outlet = known.get("hostname") or outlet
    outlet = re.sub(r"\s*版权所有.*", "", outlet)
    visible = "\n".join(_lines(tree))
    beside = "".join(named.split(title)) if title else named
    author = _author(said, visible, f"{outlet} {beside}", guessed.get("author", ""))
    date = _date(tree, said, visible, guessed.get("date", ""))
    return {"title": title, "author": author, "outlet": outlet, "date": date}


def _title(tree: Any, named: str, shared: str, guessed: str) -> str:
    """Return the part of <title> that stands alone on the page, a heading before other elements and a longer before a shorter."""
    found = {(True, shared)} if shared else set()
    heads = False
    for one in tree.iter():
        if isinstance(one.tag, str) and one.tag not in _ELSEWHERE:
            text = _short(one, len(named))
            head = one.tag in ("h1", "h2", "h3")
            heads |= one.tag == "h1"
            if 3 < len(text) <= len(named) and (head or text != _short(one, len(named), "a")):
                found.add((head, text))
    fit = [
        (head, len(text), text)
        for head, text in found
        if (head or named.startswith(text) or 2 * len(text) >= len(named))
        and re.search(f"{_EDGE}{re.escape(text)}{_EDGE}", named)
    ]
    head, _, best = max(fit, default=(False, 0, ""))
    if best and (head or best != named):
        return best
    return (guessed if heads else "") or named or guessed  # <title> may name the site alone


def _short(element: Any, longest: int, *tags: str) -> str:
    """Return the text of an element, or of its beginning where it is longer than any title here; of `tags` alone."""
    pieces, size = [], 0
    for piece in (piece for one in (element.iter(*tags) if tags else [element]) for piece in one.itertext()):
        pieces.append(piece)
        size += len(piece.strip())
        if size > longest:
            break
    return _plain(" ".join(pieces))


def _author(said: dict[str, str], visible: str, outlets: str, guessed: str) -> str:
    """Return who a page says wrote it: neither the site itself, nor an editor, nor whoever commented."""
    squeezed = re.sub(r"\W", "", outlets).lower()
    for name in ("author", "article:author", "og:article:author"):
        written = re.sub(r"^作\s*者\s*[:：]\s*", "", said.get(name, ""))
        ours = (bare := re.sub(r"\W", "", written).lower()) and bare in squeezed
        if len(written) <= 80 and not ours and not _NOBODY.fullmatch(written):
            return written
    if (signed := _SIGNED.search(visible)) and not _NOBODY.fullmatch(signed[1]):
        return signed[1]
    own = re.sub(r"\W", "", guessed).lower() in squeezed
    parts = [part.strip() for part in guessed.split(";")]
    named = all(_NAME.fullmatch(part) and not _NOBODY.fullmatch(part) for part in parts)
    return properties("", guessed)["author"] if named and not own else ""


def _date(tree: Any, said: dict[str, str], visible: str, guessed: str) -> str:
    told = [text for one in tree.iter("script") for text in _TOLD.findall(one.text or "")]
    for written in [*(said.get(name, "") for name in _DATED[:-1]), *told, said.get(_DATED[-1], "")]:
        if match := _DATE.search(written):
            return _iso(match)
    return guessed or (_iso(match) if (match := _CLOCK.search(visible)) else "")


def _iso(match: re.Match[str]) -> str:
    year, month, day = (int(part) for part in match.groups()[:3])
    return f"{year}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else ""


def _lines(tree: Any) -> list[str]:
    """Return the texts that a reader of the page sees, in its order."""
    unseen = {"script", "style", "title", "noscript"}
    pieces = []
    for one in tree.iter():
        if isinstance(one.tag, str) and one.tag not in unseen and one.text:
            pieces.append(one.text)
        if one.tail:
            pieces.append(one.tail)
    return [line for piece in pieces if (line := _plain(piece))]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
