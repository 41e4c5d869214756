"""Bylines: lines that say who wrote a text, for which paper and on which day, and what of them is a name."""

import re

from nqp_topics.documents.cleaning.characters import HAN, width
from nqp_topics.documents.cleaning.furniture import BEGINS, PEN_NAMES, POSTS, bare

NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十\d]+[）)]|第[一二三四五六七八九十]+[章节条]|\d+[.．、\s])"
)
POST_END = re.compile(rf"(?:{POSTS})$")
_DAY = r"(?:中华民国\s*(?P<republic>\d{2,3})|(?P<year>\d{4}))\s*[年/.-]\s*(?P<month>\d{1,2})\s*(?:[月/.-]\s*(?:(?P<day>\d{1,2})\s*日?)?)?"
DATE = re.compile(rf"^\s*[（(]?{_DAY}[)）]?\s*$")
# how an excerpt ends
SOURCE_LINE = re.compile(
    r"^\s*——\s*(?:(?P<year>\d{4})\s*年\s*(?:(?P<month>\d{1,2})\s*月\s*)?(?:(?P<day>\d{1,2})\s*日)?)"
)
# how a collection of the press says where an article stood: a paper, a day, a page
ISSUE = re.compile(
    rf"(?=.*?([{HAN}]{{2,8}}?(?:报|新闻|时报|周刊|杂志|网|社)(?![{HAN}])))(?=.*?(?<!\d){_DAY}(?!\d))[^。；，！？]{{8,50}}$"
)
_ONE = rf"{BEGINS}[{HAN}]{{1,2}}"
# a name of two characters before a place that is known: 马洁台南市报道
_PLACE = "台[北中南东]|新北|桃园|高雄|基隆|新竹|苗栗|彰化|南投|云林|嘉义|屏东|宜兰|花莲|澎湖|金门|综合|香港|澳门|北京|上海"
_BEFORE = rf"(?:{BEGINS}[{HAN}]{{1,2}}?(?=(?:{_PLACE})[{HAN}]{{0,6}}报[道导])|{_ONE})"
_REPORTS = re.compile(
    rf"^[【（(]?(?:[{HAN}]{{2,6}})?记者\s*((?:{_ONE}[、\s]+)*{_BEFORE})(?:[／/\s]*[{HAN}／/]{{2,8}}?报[道导])?\s*[】）)]?$"
)
OUTLET = rf"([{HAN}]{{2,10}}(?:日报|晚报|时报|新华社|人民网|传媒中心|周刊|杂志))"


def is_byline(line: str) -> bool:
    """Tell a byline: names, or posts and names; short, without the marks and numbers of a sentence or a heading."""
    text = bare(line)
    if not 2 <= width(text) <= 30 or NUMBERED.match(text) or re.search(r"[。！？!?；;：:…“”]", text):
        return False
    text = close_name(text)
    pieces = [piece for piece in re.split(r"[\s,，、]+", text) if piece]
    if all(re.fullmatch(rf"[{HAN}·]{{2,4}}", piece) for piece in pieces):
        return len(pieces) > 1 or "·" in text or bool(_signs(text) or POST_END.search(text))
    if re.search(r"[,，]", text) or not re.search(rf"(?:{POSTS})", text):
        return False
    behind = rf"(?:(?:{POSTS}){BEGINS}[{HAN}]{{1,3}}|\s[{HAN}]{{2,4}})(?:\s[{HAN}]{{2,4}})*$"
    return bool(POST_END.search(text) or re.search(behind, text))


def _signs(text: str) -> bool:
    """Tell whether a word may be a name: by how it begins, or as papers sign."""
    return text in PEN_NAMES or bool(re.match(BEGINS, text))


def signs_alone(printed: str) -> bool:
    """Tell names (with posts, or dressed) and the paper and day of an issue from all else: every name begins as one."""
    line = signed(printed)
    if ISSUE.match(line):
        return True
    names = who(once(line))[0] if is_byline(once(line)) or line != bare(printed) else []
    if len(names) > 1 and all(name[-1] in "省市区县旗州镇乡村" for name in names):
        return False  # 高明区 万州区: the head of a table
    if " " not in line and width(line) > 12 and re.search(rf"[厅局处部社]{BEGINS}[{HAN}]{{1,2}}$", line):
        return False  # 承担起处方流转: a line of text that is broken anywhere
    return bool(names) and all(name in PEN_NAMES or re.fullmatch(f"{_ONE}|.+·.+", name) for name in names)


def is_name(line: str) -> bool:
    """Tell the name of one person, or that under which a paper comments."""
    name = signed(line)
    closed = re.sub(r"\s", "", name)
    person = re.fullmatch(rf"[{HAN}](?:\s?[{HAN}·]){{1,5}}", name) and len(closed) <= 4 and _signs(closed)
    return bool(person or re.fullmatch(rf"[{HAN}]{{0,6}}(?:本报|特约|日报|晚报)[{HAN}]{{0,2}}评论员", line))


def signed(line: str) -> str:
    """Take the dress off a signature: `作者：张建国`, `■ 张建国`, `本报记者 张建国` and `张建国（某大学教授）` name one person."""
    dress = r"^[■●◆▲□★\s]*(?:(?:文|作者|撰文|撰稿)\s*[/／:：|丨]|(?:本报|本刊)?(?:特约)?记者\s+)?\s*"
    raised = rf"<sup>[^<]*</sup>|(?<=[{HAN}])[\d*†‡]+(?=[\s,，、]|$)"
    marked = re.sub(raised, "", line)
    named = any(re.fullmatch(_ONE, piece) for piece in re.split(r"[\s,，、\d]+", bare(marked)))
    # 工作总结2 is a heading, no name with a mark
    text = re.sub(dress, "", bare(marked if named or POST_END.search(bare(marked)) else line))
    name = _REPORTS.match(text) or re.fullmatch(
        rf"([{HAN}](?:\s?[{HAN}·]){{1,5}}|{_ONE}(?:、{_ONE})+)\s*[（(][^（）()]{{2,30}}[）)]", text
    )
    return name[1] if name else text


def once(text: str) -> str:
    """Write what is printed over itself once: 李晓华李晓华, 李李晓晓华华."""
    half = len(text) // 2
    if len(text) >= 12 and text[::2] == text[1::2]:
        return text[::2]
    return text[:half] if len(text) >= 4 and len(text) % 2 == 0 and text[:half] == text[half:] else text


def day_of(found: re.Match[str]) -> str:
    """Return year, month and day of a line as 2021-03-05, as far as they are there; a year of the Republic counts from 1912."""
    year = int(found["year"] or 0) or int(found["republic"]) + 1911
    return "-".join([str(year), *(f"{int(part):02d}" for part in (found["month"], found["day"]) if part)])


def close_name(line: str) -> str:
    """Write a name of two characters that is spread over three (王 静) without its space."""
    return re.sub(rf"(?<![{HAN}])([{HAN}])\s+([{HAN}])(?![{HAN}])", r"\1\2", line)


def who(line: str) -> tuple[list[str], list[str]]:
    """Part a byline into names and posts: the last pieces of two to four characters, or what is glued behind a post."""
    names, posts = [], []
    for piece in re.split(r"[\s,，、]+", close_name(line)):
        glued = re.match(rf"(.*(?:{POSTS}))({BEGINS}[{HAN}·]{{1,3}})$", piece)
        if re.fullmatch(rf"[{HAN}·]{{2,4}}", piece) and not POST_END.search(piece):
            names.append(piece)
        elif glued and not POST_END.search(piece):
            posts.append(glued[1])
            names.append(glued[2])
        elif piece:
            posts.append(piece)
    return names, posts
