"""Furniture: lines a page carries beside its text. Every function blanks whole lines and keeps their number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from nqp_topics.cleaners.characters import HAN, width

_SENTENCE_END = re.compile(rf"(?:[。！？!?…；;]|(?<=[{HAN}])\.)[”’」』）)\]］】]*$")
_MARKUP = re.compile(r"^[#>\s　]*|\*\*|</?sup>")
CIRCLED = "①-⑳⓪㉑-㉟"


def bare(line: str) -> str:
    """Return a line without Markdown marks, indents and outer spaces."""
    return _MARKUP.sub("", line).strip()


def ends_sentence(line: str) -> bool:
    """Tell whether a line closes a sentence (note marks and spaces behind the full stop are looked through)."""
    line = re.sub(
        rf"(?:<sup>[^<]*</sup>|[\[［〔][\d\s,，、—–~～-]*[\]］〕]|[{CIRCLED}])+\s*$", "", line.rstrip()
    ).rstrip("* \t")
    return bool(_SENTENCE_END.search(line))


def drop_page_numbers(text: str) -> str:
    """Blank page numbers: `— 45 —` (also over two lines), `第 3 页`, `3/10`, and bare numbers that count up page by page."""
    lines = text.split("\n")
    dash = "[—–―‐－·•~～-]"
    for number, line in enumerate(lines):
        body = line.strip(" \t\f　")
        if re.fullmatch(
            rf"{dash}+\s*\d{{1,4}}\s*{dash}+|第?\s*\d{{1,4}}\s*页(?:[\s,，/]*共\s*\d{{1,4}}\s*页)?|\d{{1,4}}\s*/\s*\d{{1,4}}",
            body,
        ):
            lines[number] = _blank(line)
        elif re.fullmatch(rf"{dash}+\s*\d{{1,4}}", body):
            following = next((n for n in range(number + 1, len(lines)) if lines[n].strip()), None)
            if following is not None and re.fullmatch(rf"{dash}+", lines[following].strip()):
                lines[number], lines[following] = _blank(line), _blank(lines[following])
    for number in _counting(lines):
        lines[number] = _blank(lines[number])
    return "\n".join(lines)


def _counting(lines: list[str]) -> list[int]:
    """Return the lines that hold a bare number which goes up by about one a page: at least three, never far apart in value."""
    bare_numbers = [
        (number, int(line.strip()))
        for number, line in enumerate(lines)
        if re.fullmatch(r"[ \t\f　]*\d{1,4}[ \t]*", line)
    ]
    apart = 8
    if any(line.startswith("\f") for line in lines):
        apart = 1
        edges = {n for page in _pages(lines) for n in (*page[:2], *page[-2:])}
        bare_numbers = [(n, value) for n, value in bare_numbers if n in edges]
    chain: list[tuple[int, int]] = []
    best: list[tuple[int, int]] = []
    for number, value in bare_numbers:
        if chain and not (0 < value - chain[-1][1] <= 3 and number - chain[-1][0] >= apart):
            chain = []
        chain.append((number, value))
        best = max(best, chain, key=len)
    return [number for number, _ in best] if len(best) >= 3 else []


def _pages(lines: list[str]) -> list[list[int]]:
    """Return the printed lines of each page, pages being parted by form feeds."""
    pages: list[list[int]] = [[]]
    for number, line in enumerate(lines):
        if line.startswith("\f"):
            pages.append([])
        if line.strip():
            pages[-1].append(number)
    return [page for page in pages if page]


def drop_running_heads(text: str) -> str:
    """Blank what stands at the head or foot of page after page; digits may change from one to the next.

    Pages are known by form feeds. A line counts as a running head when it stands in the first or last two lines of
    at least three pages and of a fifth of all, or of both pages where there are two: a byline or a heading that returns
    inside pages is left alone.
    """
    lines = text.split("\n")
    pages = _pages(lines)
    if len(pages) < 2:
        return text
    places: dict[str, list[int]] = {}
    printed = sorted(width(lines[number]) for page in pages for number in page)
    usual = printed[len(printed) // 2]
    for page in pages:
        for number in dict.fromkeys((*page[:2], *page[-2:])):
            if width(lines[number]) > 0.85 * usual and not re.search(r"\d|\s\s|　", lines[number].strip()):
                continue  # as wide as the text: a sentence that returns
            shape = re.sub(r"\d+|\s", "#", re.sub(r"\s+", "", lines[number]))
            if 0 < len(shape) <= 40 and not ends_sentence(lines[number]):
                places.setdefault(shape, []).append(number)
    for shape, numbers in places.items():
        if len(numbers) >= max(min(3, len(pages)), len(pages) / 5) and re.search(rf"[{HAN}A-Za-z#]", shape):
            for number in numbers:
                lines[number] = _blank(lines[number])
    return "\n".join(lines)


def _blank(line: str) -> str:
    """Return an empty line that still begins a page where the line did."""
    return "\f" if line.startswith("\f") else ""


# ——— blocks that announce themselves ———

_LABEL = re.compile(
    r"[\[【［(（]?(?:关\s*键\s*词|中图分类号|文献标[识志]码|文章编号|文章\s*ID|DOI|doi|收稿日期|修回日期|录用日期|网络首发(?:日期)?|出版确认|引用格式"
    r"|基金项目|资助项目|作者简介|第一作者(?:简介)?|通信作者|通讯作者|本文引用格式|作者单位|责任编辑|责任校对|编辑|投稿邮箱)[\]】］)）]?\s*[:：]?"
)
_LABEL_CLOSED = re.compile(r"^[\[【［(（]?\s*(?:关\s*键\s*词)\s*[\]】］)）]")
_REFERENCES = re.compile(
    r"^[【\[［]?\s*(?:主要)?(?:参\s*考\s*文\s*献|注\s*释|References|REFERENCES|本刊相关文献(?:链接)?)\s*[】\]］]?\s*[:：]?$"
)
_REFERENCE = re.compile(
    r"^(?:[-*]\s*)?(?:[\[［〔【]\s*\d+\s*[\]］〕】]|\d{1,3}[.．、]\s)|\[(?:[JMDNCRSPZ]|[JNDBMCPEO]{1,2}/OL)\]"
)
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_HAN_CHAR = re.compile(f"[{HAN}]")
_CAPTION = re.compile(rf"^(?:[图表]\s*\d+(?:[-–.]\d+)?[a-z]?[\s　:：.]+(?=[\d{HAN}“《A-Z]))(?!.*[。；]$)")
_SOURCE = re.compile(r"^(?:数据|资料|图片|图表)?来源\s*[:：]")
_AUTHOR_NOTE = re.compile(
    r"^[（(〔\[【]\s*(?:(?:本文|课题组?|执笔|第一|通讯)?作者(?:简介|单位)?\s*(?:[:：系是]|为(?![了何什])|分别)|(?:责任?编辑|责任校对|编辑|执笔)\s*[:：\s])"
)
_AUTHOR_NOTE_PLAIN = re.compile(
    rf"^(?:(?:作者(?:简介|单位)|责任编辑|责任校对|执笔人)\s*[:：]|(?:作者|执笔)\s*[:：][{HAN}·\s、;；]{{2,30}}$)"
)


def drop_front_matter(text: str) -> str:
    """Blank what a journal prints around an article: cover sheet, keywords, numbers, dates, grants, authors' posts, affiliations.

    The Chinese abstract stays (its label goes later): it is the author's text.
    """
    lines = text.split("\n")
    for number in _cover(lines):
        lines[number] = _blank(lines[number])
    names_follow = False
    for first, last in _blocks(lines):
        body = bare(lines[first])
        if match := _LABEL.match(body):
            named = bool(
                re.search(r"[:：]\s*$", match[0])
                or _LABEL_CLOSED.match(body)
                or re.fullmatch(r"[【\[［].*[】\]］]", match[0])
            )
            if named:
                _blank_block(lines, first, _runs_on(lines, first, last))
                names_follow = match[0].startswith(("作者简介", "第一作者"))
                continue
        if (
            _is_affiliation(body)
            or _is_author_line(lines[first])
            or (names_follow and re.match(rf"[{HAN}]{{2,4}}\s*[（(]\s*\d{{4}}", body))
        ):
            _blank_block(lines, first, _runs_on(lines, first, last))
        else:
            names_follow = False
    return "\n".join(lines)


def _runs_on(lines: list[str], first: int, last: int) -> int:
    """Return the last line of what begins with a label: it runs on while printed lines are full, never into what follows."""
    widest = max(width(lines[number]) for number in range(first, last + 1))
    number = first
    while (
        number < last
        and widest - 2.5 <= width(lines[number]) <= 60
        and not lines[number + 1].startswith("　　")
    ):
        number += 1
    return number


def _cover(lines: list[str]) -> range:
    """Return the lines of an online-first cover sheet: from the top to its statement 出版确认."""
    for number, line in enumerate(lines[:80]):
        if bare(line).startswith("出版确认") and any("网络首发" in other for other in lines[:number]):
            return range(number + 1)
    return range(0)


def _is_affiliation(line: str) -> bool:
    """Tell `1. Some institute, some city 330108` and `(1. …` from a numbered paragraph by the postal code at its end."""
    return bool(
        re.match(
            rf"[（(]?\s*(?:\d{{1,2}}\s*[.．,，、]?\s*)?[{HAN}].{{3,60}}?[\s,，;；]\d{{6}}\s*[)）;；.]?$", line
        )
    )


def _is_author_line(line: str) -> bool:
    """Tell a line of names with raised marks from text."""
    marked = re.findall(rf"[{HAN}](?: ?[{HAN}]){{1,3}}\s*<sup>[\d,，*]+</sup>", line)
    return (
        bool(marked) and not re.sub(rf"[{HAN}\s,，、;；*]|<sup>[\d,，*]+</sup>", "", line) and len(line) < 200
    )


def _blocks(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield runs of lines without a blank between; in text whose lines are all parted by blanks, single lines."""
    first = None
    for number, line in enumerate([*lines, ""]):
        if line.strip() and first is None:
            first = number
        elif not line.strip() and first is not None:
            yield first, number - 1
            first = None


def _blank_block(lines: list[str], first: int, last: int) -> None:
    for number in range(first, last + 1):
        lines[number] = _blank(lines[number])


def drop_references(text: str) -> str:
    """Blank the list under 参考文献 (注释, References …) up to the next heading or the first paragraph that is no reference."""
    lines = text.split("\n")
    inside, previous = False, ""
    for number, line in enumerate(lines):
        body = bare(line)
        if not body:
            continue
        if _REFERENCES.match(body):
            following = next((bare(other) for other in lines[number + 1 :] if bare(other)), "")
            inside = bool(_REFERENCE.search(following) or re.match(rf"[{CIRCLED}]|\d|$", following))
            previous = ""
        elif inside and not _REFERENCE.search(body):
            finished = bool(re.search(r"[.。)）\d>]$", previous))
            note = bool(re.match(rf"[{CIRCLED}]|<?https?:", body))
            if line.startswith("#") or (
                finished and not note and _HAN_CHAR.search(body) and not line.startswith(" ")
            ):
                inside = False
        if inside:
            lines[number] = _blank(line)
            if not re.match(
                rf"[{CIRCLED}]", body
            ):  # a note at the foot of the page parts one entry of the list in two
                previous = body
    return "\n".join(lines)


def drop_english(text: str) -> str:
    """Blank English titles, abstracts and keywords: lines without a Chinese character and with three or more words.

    In text wrapped at a column a single such line may be the middle of a Chinese sentence and stays.
    """
    lines = text.split("\n")
    printed = [number for number, line in enumerate(lines) if line.strip()]
    wrapped = sorted(width(lines[n]) for n in printed)[len(printed) // 2] < 50 if printed else False
    latin = {
        n
        for n in printed
        if not _HAN_CHAR.search(lines[n])
        and (len(_LATIN_WORD.findall(lines[n])) >= 3 or re.match(r"ISSN\b", bare(lines[n])))
    }
    follows = dict(pairwise(printed))
    before = {after: number for number, after in follows.items()}
    for number in sorted(latin):
        alone = follows.get(number) not in latin and before.get(number) not in latin
        inside = (
            number in before
            and not ends_sentence(lines[before[number]])
            and width(lines[before[number]]) >= 10
        )
        if not (wrapped and alone and inside):
            lines[number] = _blank(lines[number])
    return "\n".join(lines)


def drop_captions(text: str) -> str:
    """Blank captions of figures and tables and their `数据来源：` lines; a sentence that begins with 图 1 stays."""
    lines = text.split("\n")
    previous = ""
    for number, line in enumerate(lines):
        body = bare(line)
        if not body:
            continue
        caption = (
            _CAPTION.match(body)
            and len(body) <= 60
            and not re.search(r"^[图表]\s*\d+\s*(?:所示|显示|表明|可见|给出|中)", body)
        )
        if (
            caption
            and (ends_sentence(previous) or not previous or width(previous) > 60 or line.count(" ") > 1)
        ) or _SOURCE.match(body):
            lines[number] = _blank(line)
        else:
            previous = body
    return "\n".join(lines)


def drop_marks_of_layout(text: str) -> str:
    """Blank lines that are no words: pictures of Markdown, rules, comments, the line under the head of a table."""
    mark = re.compile(
        r"!\[[^\]]*\]\([^)]*\)|<!--.*-->|(?:[-*_=—]\s*){3,}|```\w*|\|?(?:\s*:?-{3,}:?\s*\|?)+|<img[^>]*>"
    )
    return "\n".join(_blank(line) if mark.fullmatch(bare(line)) else line for line in text.split("\n"))


def drop_footnotes(text: str) -> str:
    """Blank notes that stand inside the text: a block that opens with a circled number which the text has used as a mark."""
    lines = text.split("\n")
    seen: Counter[str] = Counter()
    for first, last in _blocks(lines):
        body = lines[first].strip()
        note = re.match(rf"([{CIRCLED}])\s*(?![。，、；：”’）])\S", body)
        marked = note and (seen[note[1]] or re.search(r"https?:|www\.", body))
        if note and marked and (first == 0 or not lines[first - 1].strip()) and not _continues(lines, first):
            _blank_block(lines, first, last)
            continue
        seen.update(re.findall(rf"(?<=\S)\s*([{CIRCLED}])", " ".join(lines[first : last + 1])))
    # a mark may follow its note: the note stands at the foot of the page, the sentence goes on behind it
    later = "\n".join(lines)
    for first, last in _blocks(lines):
        note = re.match(rf"([{CIRCLED}])\s*\S", lines[first].strip())
        if note and f"<sup>{note[1]}</sup>" in later and not _continues(lines, first):
            _blank_block(lines, first, last)
    return "\n".join(lines)


def _continues(lines: list[str], first: int) -> bool:
    """Tell whether a circled number is the mark of the wrapped line before it rather than the start of a note."""
    previous = next((lines[n] for n in range(first - 1, -1, -1) if lines[n].strip()), "")
    return (
        8 < width(previous) < 50
        and not ends_sentence(previous)
        and abs(width(previous) - width(lines[first])) < 6
    )


def drop_author_notes(text: str) -> str:
    """Blank `（作者系…）`, `（责任编辑：…）` and `作者简介：…`, over as many lines as they take."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        body = bare(lines[number])
        if _AUTHOR_NOTE.match(body):
            last = (
                number  # the first bracket that closes must close the line: else it is a sentence in brackets
            )
            while last < min(number + 8, len(lines) - 1) and not re.search(r"[）)〕\]】]", lines[last]):
                last += 1
            if re.search(r"^[^）)〕\]】]*[）)〕\]】]+\s*$", lines[last]):
                _blank_block(lines, number, last)
                number = last
        elif _AUTHOR_NOTE_PLAIN.match(body):
            lines[number] = _blank(lines[number])
        number += 1
    return "\n".join(lines)
