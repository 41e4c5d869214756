"""Propose where articles begin and end in a document that holds several: a first guess for a person to correct.

The evidence is what a reader would use: a short page that closes a sentence ends an article, the first page of the next
is short because its title stands on it (or was lost from it), a byline is a short first line without an end, a dated
source line ends an excerpt, an author's note ends a newspaper article.
"""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from nqp_topics.documents.bylines import (
    DATE,
    ISSUE,
    NUMBERED,
    OUTLET,
    SOURCE_LINE,
    day_of,
    is_byline,
    is_name,
    once,
    signed,
    signs_alone,
    who,
)
from nqp_topics.documents.cleaning.characters import (
    HAN,
    as_simplified,
    drop_invisible,
    fold_widths,
    unify_line_ends,
    width,
)
from nqp_topics.documents.cleaning.furniture import POSTS, bare, ends_sentence
from nqp_topics.documents.cleaning.pages import drop_contents, drop_page_numbers, drop_running_heads

_SENTENCE_MARK = re.compile(r"[。！？!?；;：:，,…]")
_NOTE_END = re.compile(r"^[（(〔\[]\s*(?:本文)?作者(?:单位)?\s*(?:系|为|是|[:：]|分别)")
_NO_TITLE = re.compile(
    r"[。！!；;…>|｜\t]|[，,、：:]$|^[➤▶►●■◆▲▪•※★]|(?:名单|名录|一览表?|人员|获得者|获奖者|如下)$|\d{4}\s*年\s*第\s*\d+\s*期\W*$"
)
_OFFICE = re.compile(rf"(?:{POSTS}|总理|省长)$")
# what may stand before a title: a link, an item of a list of links, an entry of contents, a row of numbers, a note in brackets
_BESIDE = re.compile(r"[>|｜]|^[➤▶►※★]|[…·.]{4}.*\d\W*$|(?:^|\s)\d[\d.,%]*$|^[（(][^（）()]*[）)]$")


@dataclass(frozen=True)
class _Line:
    number: int  # counted from 1, in the file
    raw: str
    text: str
    page_start: bool
    gap_after: bool


def propose(text: str, by_titles: bool = False) -> list[dict[str, Any]]:
    """Return one row an article, in the order of the document; a document without a sign of parts is one article.

    `by_titles`: nothing but a title with a byline begins one (pages that say where they end are short for many reasons).

    start_line and end_line (from 1, both included), body_line (first line behind title and byline), title, author, affiliation,
    outlet, voice, date (empty where the page does not say), why (the evidence, in words).
    """
    text = unify_line_ends(text)
    read = as_simplified(text)
    lines = _printed(read)
    by_names = {0: "the document begins"} | _titles_with_bylines(lines, {}) if by_titles else {}
    starts = (by_names or _starts(lines)) if lines else {}
    bounds = pairwise([*sorted(starts), len(lines)])
    rows = [{**_describe(lines, first, after - 1), "why": starts[first]} for first, after in bounds]
    return rows if read is text else [_as_printed(row, text.split("\n"), read.split("\n")) for row in rows]


def _as_printed(row: dict[str, Any], lines: list[str], read: list[str]) -> dict[str, Any]:
    """Write title and names of a Traditional text as they are printed."""
    head = range(row["start_line"] - 1, row["body_line"])
    of = {new: old for n in head for old, new in zip(lines[n], read[n], strict=True) if old != new}
    names = ("title", "author", "affiliation", "outlet")
    return {**row, **{name: row[name].translate(str.maketrans(of)) for name in names}}


def _printed(text: str) -> list[_Line]:
    """Return the lines that carry text, with the sign of a new page: a form feed, a page number before, or the space it leaves."""
    raw = text.split("\n")
    plain = fold_widths(drop_invisible("\n".join(raw))).split("\n")
    kept = drop_contents(drop_running_heads(drop_page_numbers("\n".join(plain)))).split("\n")
    spread = sum(not line.strip() for line in raw) > 0.1 * len(raw)
    lines, footer = [], False
    for number, (line, left) in enumerate(zip(plain, kept, strict=True), 1):
        if left.strip():
            leading = spread and re.match(r" \S", line) and number > 1 and raw[number - 2].strip()
            gap = number >= len(raw) or not raw[number].strip()
            opens = footer or line.startswith("\f") or bool(leading)
            lines.append(_Line(number, left, left.strip(" \t\f　"), opens, gap))
            footer = False
        elif line.strip() or line.startswith("\f"):
            footer = True
    return lines


def _starts(lines: list[_Line]) -> dict[int, str]:
    """Return the first lines of articles (positions in `lines`) with the evidence."""
    starts = {0: "the document begins"}
    starts |= _after_source_lines(lines)
    starts |= _after_author_notes(lines)
    starts |= _at_pages(lines, starts)
    starts |= _titles_with_bylines(lines, starts)
    cover = next((n for n, line in enumerate(lines[:40]) if bare(line.text).startswith("出版确认")), None)
    if cover is not None and cover + 1 < len(lines):
        del starts[0]
        starts[cover + 1] = "the cover sheet ends"
    return starts


def _after_source_lines(lines: list[_Line]) -> dict[int, str]:
    """Find excerpts: each says something and ends with a dated line `——2024 年 1 月 31 日，…` that closes without a full stop.

    Such a line below a title, where nothing was said yet, tells when a speech was held.
    """
    ends: list[int] = []
    for position, line in enumerate(lines):
        if not SOURCE_LINE.match(line.text):
            continue
        said = lines[ends[-1] + 1 if ends else 0 : position]
        if any("。" in one.text for one in said):
            last = position
            while last < min(position + 3, len(lines) - 1) and not _closes_paragraph(lines, last):
                last += 1
            if not ends_sentence(lines[last].text):
                ends.append(last)
    return {end + 1: "a dated source line stands before" for end in ends if end + 1 < len(lines)}


def _after_author_notes(lines: list[_Line]) -> dict[int, str]:
    """Find articles behind a bracketed note on the author, where enough sentences follow to be one."""
    found = {}
    stops = [0]  # full stops up to a line
    for line in lines:
        stops.append(stops[-1] + line.text.count("。"))
    for position, line in enumerate(lines):
        if not _NOTE_END.match(line.text):
            continue
        near = range(position, min(position + 8, len(lines)))
        last = next((n for n in near if re.search(r"[）)〕\]]$", lines[n].text)), position)
        if stops[-1] - stops[last + 1] >= 5:
            found[last + 1] = "an author's note stands before"
    return found


def _closes_paragraph(lines: list[_Line], position: int) -> bool:
    """Tell whether the extraction closes a paragraph here: a space behind the line, or a line that stops short."""
    line = lines[position]
    spoken = re.search(r"(?:讲话|演讲|致辞|讲稿|指示|批示|贺信|回信|谈话|文章|报告|发言)[）)]?$", line.text)
    return line.raw.endswith(" ") or width(line.text) < 20 or bool(spoken)


def _at_pages(lines: list[_Line], known: dict[int, str]) -> dict[int, str]:
    """Find articles that begin with a page, from how many lines the pages hold and from bylines."""
    heads = [0] + [position for position, line in enumerate(lines) if line.page_start and position]
    sizes = [after - head for head, after in pairwise([*heads, len(lines)])]
    full, often = Counter(sizes).most_common(1)[0]
    even = len(heads) >= 6 and often >= 0.4 * len(heads) and full >= 10
    spaced = any(line.raw.endswith(" ") for line in lines[:200])
    found: dict[int, str] = {}
    first_page = True  # the page before opened an article
    for index in range(1, len(heads)):
        start, head = heads[index - 1], heads[index]
        foot = head - 1
        short_before, short_here = even and sizes[index - 1] < full, even and sizes[index] < full
        signed = foot > start and is_byline(lines[foot].text)
        byline_before = signed and _ends_article(lines[foot - 1], spaced)
        if byline_before and short_here:
            found[foot] = "a byline stands at the foot of the page before"
            first_page = True
            continue
        closed = head not in known and _ends_article(lines[foot], spaced)
        byline = is_byline(lines[head].text) and _stands_alone(lines, head)
        if closed and byline and (not even or short_here):
            found[head] = "a byline opens a page" + (", the page before is short" if short_before else "")
        elif closed and short_before and short_here and not first_page:
            found[head] = "the page before is short and closes a sentence; this page is short of its title"
        opened = index == 1 and any(start < position < head for position in known)
        first_page = head in known or head in found or opened
    return found


def _ends_article(line: _Line, spaced: bool) -> bool:
    """Tell whether an article may end here: with a sentence, and with a space where the extraction closes paragraphs so."""
    return ends_sentence(line.text) and (line.raw.endswith(" ") or not spaced)


def _stands_alone(lines: list[_Line], position: int) -> bool:
    """Tell whether a byline is followed by a new paragraph, another name or a date rather than by the rest of its sentence."""
    line = lines[position]
    return position + 1 < len(lines) and (line.raw.endswith(" ") or width(line.text) < 16)


def _titles_with_bylines(lines: list[_Line], known: dict[int, str]) -> dict[int, str]:
    """Find `title / name` on two short lines where a new block of the page begins, and names that open a block."""
    found = {}
    few_pages = 0 < sum(line.page_start for line in lines) < 6
    for position in range(1, len(lines) - 3):
        before, line, after = lines[position - 1 : position + 2]
        text = line.text
        heading = 6 <= width(text) <= 30 and not _SENTENCE_MARK.search(text) and not NUMBERED.match(text)
        follows = "".join(one.text for one in lines[position + 2 : position + 6])
        body = heading and not text.startswith(("#", "▶")) and _SENTENCE_MARK.search(follows)
        alone = line.page_start and not any(one.page_start for one in lines[position + 1 : position + 3])
        opens = alone and not is_byline(text) and line.gap_after and re.match(rf" [{HAN}]", line.raw)
        named = re.fullmatch(rf"[{HAN}]{{2,4}}", text) and after.page_start
        if (body and ends_sentence(before.text) and is_name(after.text)) or (
            _is_closed(lines, position - 1)
            and not _heads(lines[: min(position, 4)])
            and (long := _title_lines(lines, position, len(lines) - 2))
            and not any(later in known for later in range(position + 1, position + long))
            and any(
                _SENTENCE_MARK.search(one.text) for one in lines[position + long + 1 : position + long + 9]
            )
        ):
            found[position] = "a title and a name"
        elif few_pages and body and opens:
            found[position] = "a title opens a block of the page"
        elif few_pages and named and not re.search(r"[？?：:]$", before.text):
            found[position] = "a name opens a block of the page"
    return found


def _title_lines(lines: list[_Line], position: int, last: int) -> int:
    """Return over how many lines runs the title that begins here, one to four, names or the paper and day of its issue below it; 0 where none does."""
    title = ""
    for count in range(1, min(5, last - position + 1)):
        text = lines[position + count - 1].text
        title += once(bare(text))
        if (
            _NO_TITLE.search(text)
            or _BESIDE.search(text)
            or text.startswith("—" if count == 1 else "#")
            or NUMBERED.match(bare(text))
            or DATE.match(text)
            or signs_alone(text)
        ):
            return 0
        below = position + count
        if 5 <= width(title) <= 64 and signs_alone(lines[below + _is_office(lines, below, last)].text):
            return count
    return 0


def _is_office(lines: list[_Line], position: int, last: int) -> bool:
    """Tell a line that says only which office or institute the name on the next belongs to."""
    text = lines[position].text
    office = position < last and _OFFICE.search(text) and width(text) <= 30
    return bool(office) and signs_alone(lines[position + 1].text)


def _heads(lines: list[_Line]) -> bool:
    """Tell whether lines may stand above a title, such as the links of a page: few, and no text."""
    return len(lines) < 4 and not any(re.search("[，。；]", line.text) for line in lines)


def _is_closed(lines: list[_Line], position: int) -> bool:
    """Tell whether an article may begin behind this line: it ends a sentence, signs, or is no text: an entry of contents, a row of numbers, a link."""
    text = lines[position].text
    return bool(ends_sentence(text) or _BESIDE.search(text) or signs_alone(text))


def _describe(lines: list[_Line], first: int, last: int) -> dict[str, Any]:
    """Read title, author, outlet, voice and date off the first and last lines of an article."""
    title, outlet, position, long = "", "", first, 0
    while position < last and not (long := _title_lines(lines, position, last)):
        position += 1
        if not _heads(lines[first:position]):
            break
    position = position if long else first
    begins = position
    if long or (not is_byline(lines[position].text) and _is_title(lines, position, last)):
        position += max(long, 1)
        title = "".join(once(bare(line.text)) for line in lines[begins:position])
    names: list[str] = []
    posts: list[str] = []
    date = ""
    while position <= min(begins + 5, last):
        printed = lines[position].text
        line = signed(printed)
        dressed = line != bare(printed)
        if (match := DATE.match(line)) and position > first:
            date = day_of(match)
        elif position > first and (match := ISSUE.match(line)):
            outlet, date = match[1], day_of(match)
        elif (dressed or is_byline(once(line))) and (position == first or not ends_sentence(printed)):
            found = who(once(line))
            names += found[0]
            posts += found[1]
        elif _is_office(lines, position, last):
            posts.append(line)
        else:
            break
        position += 1
    author, affiliation = ";".join(names), ";".join(posts)
    named = re.search(OUTLET, affiliation + author) or re.match(r"(新华社|人民网)", author + affiliation)
    tail = range(last, max(last - 4, first), -1)
    end = next((n for n in tail if SOURCE_LINE.match(lines[n].text)), None)
    if end is not None and (match := SOURCE_LINE.match(lines[end].text)):
        date = day_of(match)
        said = "".join(line.text for line in lines[end : last + 1])
        speaker = re.search(rf"[，,]\s*([{HAN}]{{2,4}}?)(?:在|同|对|给|致|向|为)", said)
        author = author or (speaker[1] if speaker else "")
    head = "".join(line.text for line in lines[first : first + 30])
    return {
        "start_line": lines[first].number,
        "end_line": lines[last].number,
        "body_line": lines[min(position, last)].number,
        "title": title,
        "author": author,
        "affiliation": affiliation,
        "outlet": outlet or (named[1] if named else ""),
        "voice": "leader_speech" if end is not None else _voice(affiliation + author, head),
        "date": date,
    }


def _is_title(lines: list[_Line], position: int, last: int) -> bool:
    line = lines[position]
    text = bare(line.text)
    if position >= last or ends_sentence(text) or NUMBERED.match(text):
        return False
    if _SENTENCE_MARK.search(re.sub(r"[:：，,]", "", text)):
        return False
    byline = width(once(text)) <= 30 and is_byline(once(signed(lines[position + 1].text)))
    return line.text.startswith("#") or byline or (line.raw.endswith(" ") and width(text) < 25)


def _voice(byline: str, head: str) -> str:
    """Guess the kind of voice from the byline and the first lines; `other` where they say nothing."""
    if re.search(r"评论员|网评|日报$|新华社", byline):
        return "newspaper_commentary"
    if re.search(r"(?:记者|问|主持人)[：:]|专访", head):
        return "interview"
    if re.search(r"[市县区州旗].{0,12}(?:局|委|办公室|厅|中心|政府|书记|市长|县长|区长|主任)", byline):
        return "local_official"
    if re.search(r"大学|学院|党校|研究院|研究所|社科院|科学院|教授|研究员|研究中心", byline):
        return "academic"
    return "expert_opinion" if byline else "other"
