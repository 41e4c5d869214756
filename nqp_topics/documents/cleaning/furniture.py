"""Furniture: lines a page carries beside its text. Every function blanks whole lines and keeps their number."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby, pairwise

from nqp_topics.documents.cleaning.characters import HAN, width

_SENTENCE_END = re.compile(rf"(?:[。！？!?…；;]|(?<=[{HAN}])\.)[”’」』）)\]］】]*$")
_MARKUP = re.compile(r"^[#>\s　]*|\*\*|</?sup>")
_NOTICE = 20  # lines that a notice may run over: no list of keywords, grants or posts is longer
CIRCLED = "①-⑳⓪㉑-㉟"
_NOTE_MARK = re.compile(rf"(?:<sup>[^<]*</sup>|[\[［〔][\d\s,，、—–~～-]*[\]］〕]|[{CIRCLED}])+\s*$")


def bare(line: str) -> str:
    """Return a line without Markdown marks, indents and outer spaces."""
    return _MARKUP.sub("", line).strip()


def ends_sentence(line: str) -> bool:
    """Tell whether a line closes a sentence (note marks and spaces behind the full stop are looked through)."""
    end = _NOTE_MARK.sub("", line.rstrip()[-200:])  # no more: a line may be long
    return bool(_SENTENCE_END.search(end.rstrip("* \t")))


def blank(line: str) -> str:
    """Return an empty line that still begins a page where the line did."""
    return "\f" if line.startswith("\f") else ""


def blank_all(lines: list[str], numbers: Iterable[int]) -> None:
    """Blank these lines of a text."""
    for number in numbers:
        lines[number] = blank(lines[number])


# ——— blocks that announce themselves: a label, and a value that no sentence and no speaker would give it ———

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
    "雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜肖詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍覃霍翁隋植"
    "甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫苟褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花艾巩戎司闫宗邝付丛卞虞蔺岑胥鞠匡"
)
TWOFOLD = "欧阳|司马|上官|诸葛|司徒|慕容|皇甫|夏侯|东方|令狐|尉迟|公孙|端木|宇文|长孙|南宫|呼延|闻人|钟离|轩辕|澹台|赫连|鲜于|拓跋"
# how names begin that may stand alone in a line: rare ones and those of other peoples too; then what papers sign with
BEGINS = rf"(?:{TWOFOLD}|[{SURNAMES}佟谌缪佘綦訾亓阚呙阿巴乌扎尼])"
PEN_NAMES = frozenset("国纪平 宣言 仲音 和音 望海楼 闻言 秋石 求是".split())
_NAME = rf"(?:[{SURNAMES}](?:\s?[{HAN}]){{1,3}}|[{HAN}]{{1,6}}·[{HAN}·]{{1,9}})"
_NAMES = rf"{_NAME}(?:[\s、,，;；/]+{_NAME})*"
_STAFF = r"(?:责\s*任\s*编\s*辑|责\s*编|编\s*辑|责\s*任\s*校\s*对|校\s*对|执\s*笔\s*人?|作\s*者)"
_CREDIT = re.compile(rf"{_STAFF}\s*[:：\s]\s*{_NAMES}(?:[\s,，;；|/]*{_STAFF}\s*[:：]\s*{_NAMES})*\s*[。.]?")
_SPOKEN = re.compile(rf"({_STAFF})\s*[:：]")
# how the names of offices and posts end
POSTS = (
    "研究中心|研究院|研究所|研究会|社科院|科学院|委员会|编辑部|课题组|新华社|人民网|电视台|"
    "办公室|副教授|研究员|秘书长|总经理|董事长|评论员|大学|学院|党校|中心|集团|公司|医院|银行|"
    "协会|学会|日报|晚报|时报|周刊|政府|教授|主任|院长|所长|书记|市长|县长|区长|州长|局长|"
    "厅长|部长|会长|校长|行长|主席|记者|编辑|网评|代表|委员|厅|局|处|部|社"
)
_POST = rf"(?:{POSTS}|博士后?|硕士|研究生|讲师|工程师|经济师|助理|顾问|专家|院士|导师|人员)"
_LABEL = re.compile(
    r"[\[【［(（]?\s*(?:(?P<keywords>关\s*键\s*词)|(?P<number>中图分类号|文献标[识志]码|文章编号|文章\s*ID|DOI|doi|(?:收稿|修回|录用)日期|网络首发(?:日期)?|投稿邮箱)"
    r"|(?P<cited>(?:本文)?引用格式)|(?P<grant>(?:基金|资助)项目)|(?P<person>作者简介|第一作者(?:简介)?|通[信讯]作者|作者单位))\s*(?:[\]】］)）]\s*[:：]?|[:：])"
)
_SHOWS = {
    "number": re.compile(r"[^。？！?!]*[A-Za-z\d][^。？！?!]*"),
    "cited": re.compile(r".*(?:\[[A-Z]|\d{4}).*"),
    "grant": re.compile(r".*(?:[A-Z\d]{5}|基金.{0,20}(?:项目|课题)).*"),
    "person": re.compile(
        rf"{_NAMES}|{_NAME}\s*[,，、(（].*|.*(?:@|\d{{4}}|{_POST}(?=[\s,，、;；。.(（)）]|$)).*"
    ),
}
_AUTHOR_NOTE = re.compile(
    r"(?:本文|课题组?|执笔|第一|通[讯信])?作者(?:简介|单位)?\s*(?P<is>[:：]|系(?![统列])|是|为(?![了何什此着])|分别)\s*(?P<who>.*)"
)
_REFERENCES = re.compile(
    r"^[【\[［]?\s*(?:主要)?(?:参\s*考\s*文\s*献|注\s*释|References|REFERENCES|本刊相关文献(?:链接)?)\s*[】\]］]?\s*[:：]?$"
)
_REFERENCE = re.compile(
    r"^(?:[-*]\s*)?(?:[\[［〔【]\s*\d+\s*[\]］〕】]|\d{1,3}[.．、]\s)|\[(?:[JMDNCRSPZ]|[JNDBMCPEO]{1,2}/OL)\]"
)
_POINT = re.compile(rf"\s*[{HAN}“A-Za-z]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_HAN_CHAR = re.compile(f"[{HAN}]")
_CAPTION = re.compile(
    rf"^(?:[图表]\s*\d+(?:[-–.]\d+)?[a-z]?[\s　:：.]+(?=[\d{HAN}“《A-Z]))"
    r"(?!.*[，。；])(?!\s*(?:所示|所列|显示|表明|说明|反映|可见|给出|列出|报告|描述|展示|中|的|和|与|及|是|为|则|将))"
)
_SOURCE = re.compile(r"^(?:(?:数据|资料|图片|图表)来源\s*[:：][^。；]*[。；]?|来源\s*[:：][^，。；]*)$")


def drop_front_matter(text: str) -> str:
    """Blank what a journal prints around an article: cover sheet, keywords, numbers, dates, grants, authors' posts, affiliations.

    The Chinese abstract stays (its label goes later): it is the author's text.
    """
    lines = text.split("\n")
    blank_all(lines, range(_cover_ends(lines) + 1))
    names_follow = False
    for first, last in _blocks(lines):
        end = first - 1
        # how wide the widest line is from each to the last of the block
        widest = [*accumulate(map(width, reversed(lines[first : last + 1])), max)][::-1]
        for number in range(first, last + 1):
            if number <= end:
                continue
            body = bare(lines[number])
            label = _LABEL.match(body)
            runs_on = _runs_on(lines, number, last, widest[number - first]) if label else 0
            found = _notice_ends(lines, number, runs_on, label) if label else None
            born = names_follow and re.match(rf"[{HAN}]{{2,4}}\s*[（(]\s*\d{{4}}", body)
            if found is None and (born or _names_an_author(lines[number])):
                found = number
            names_follow = found is not None and (names_follow or body.startswith(("作者简介", "第一作者")))
            if found is not None:
                blank_all(lines, range(number, found + 1))
                end = found
    return "\n".join(lines)


def _notice_ends(lines: list[str], first: int, runs_on: int, label: re.Match[str]) -> int | None:
    """Return the last line of what a label announces; None where its value is not one: the text uses the word."""
    printed = [bare(lines[first])[label.end() :], *map(bare, lines[first + 1 : runs_on + 1])]
    shows = _SHOWS.get(label.lastgroup or "")
    for end in range(len(printed), 0, -1):
        value = " ".join(printed[:end]).strip()
        if _lists_keywords(value) if shows is None else shows.fullmatch(value):
            return first + end - 1
    return None


def _lists_keywords(value: str) -> bool:
    """Tell a list of keywords from a sentence and from a heading of one word."""
    sign = next((sign for sign in (";；", ",，、") if re.search(f"[{sign}]", value)), r"\s")
    value = value.rstrip("。.;； ") if sign == ";；" else value
    words = [word for word in re.split(f"[{sign}]", value) if word.strip()]
    return len(words) > 1 and all(width(word) <= 16 and not _SENTENCE_END.search(word) for word in words)


def _runs_on(lines: list[str], first: int, last: int, widest: float) -> int:
    """Return how far what begins with a label can run: while printed lines are full, never into what follows."""
    last = min(last, first + _NOTICE)
    for number in range(first, last):
        if not widest - 2.5 <= width(lines[number]) <= 60 or lines[number + 1].startswith("　　"):
            return number
    return last


def _cover_ends(lines: list[str]) -> int:
    """Return the last line of an online-first cover sheet, its statement 出版确认; -1 where there is none."""
    for number, line in enumerate(lines[:80]):
        if bare(line).startswith("出版确认") and any("网络首发" in other for other in lines[:number]):
            return number
    return -1


def _names_an_author(line: str) -> bool:
    """Tell a line of names with raised marks, and `1. Some institute, some city 330108`, from text and from rows of a table."""
    body = bare(line)
    names = rf"[{HAN}](?: ?[{HAN}]){{1,3}}\s*<sup>[\d,，*]+</sup>"
    if re.search(names, line) and len(line) < 200:
        return not re.sub(rf"[{HAN}\s,，、;；*]|<sup>[\d,，*]+</sup>", "", line)
    place = rf"[{HAN}]{{2,4}}(?:\s+[{HAN}]{{2,4}})?\s*\d{{6}}"
    numbered = rf"[（(]?\s*\d{{1,2}}\s*[.．,，、]\s*[{HAN}].{{3,60}}?[\s,，;；]\d{{6}}\s*[)）;；.]?$"
    plain = rf"[（(]?\s*[{HAN}\s]{{2,40}}?{_POST}\s*[,，]\s*(?!共|合计|总|约|达){place}\s*[)）;；.]?$"
    return bool(re.match(numbered, body) or re.match(plain, body))


def _blocks(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield runs of lines without a blank between; in text whose lines are all parted by blanks, single lines."""
    for printed, run in groupby(enumerate(tuple(lines)), key=lambda numbered: bool(numbered[1].strip())):
        if printed:
            numbers = [number for number, _ in run]
            yield numbers[0], numbers[-1]


def drop_references(text: str) -> str:
    """Blank the list under 参考文献 (注释, References …) up to the next heading or the first paragraph that is no reference."""
    lines = text.split("\n")
    printed = [(number, body) for number, line in enumerate(lines) if (body := bare(line))]
    inside, previous = False, ""
    for (number, body), (_, following) in pairwise([*printed, (0, "")]):
        line = lines[number]
        if _REFERENCES.match(body):
            inside = bool(_REFERENCE.search(following) or re.match(rf"[{CIRCLED}]|\d|$", following))
            previous = ""
        elif inside and not _REFERENCE.search(body):
            prose = ends_sentence(body) and not re.search(r"\d{4}|\[[A-Z]", body)
            finished = prose or re.search(r"[.。)）\d>]$", previous)
            note = re.match(rf"[{CIRCLED}]|<?https?:", body)
            own = finished and not note and _HAN_CHAR.search(body) and not line.startswith(" ")
            inside = not (own or line.startswith("#"))
        if inside:
            lines[number] = blank(line)
            # a note at a page's foot parts an entry of the list in two
            previous = previous if re.match(rf"[{CIRCLED}]", body) else body
    return "\n".join(lines)


def drop_english(text: str) -> str:
    """Blank English titles, abstracts and keywords: lines without a Chinese character and with three or more words.

    In text wrapped at a column a single such line may be the middle of a Chinese sentence and stays.
    """
    lines = text.split("\n")
    printed = [number for number, line in enumerate(lines) if line.strip()]
    wrapped = bool(printed) and sorted(width(lines[n]) for n in printed)[len(printed) // 2] < 50
    latin = [_is_english(lines[n]) for n in printed]
    for place, number in enumerate(printed):
        if not latin[place]:
            continue
        before = lines[printed[place - 1]] if place else ""
        alone = not any(latin[max(place - 1, 0) : place] + latin[place + 1 : place + 2])
        inside = before and not ends_sentence(before) and width(before) >= 10
        quoted = re.search(r"[：:“]$", before.rstrip())
        if not quoted and not (wrapped and alone and inside):
            lines[number] = blank(lines[number])
    return "\n".join(lines)


def _is_english(line: str) -> bool:
    words = len(_LATIN_WORD.findall(line)) >= 3 or re.match(r"ISSN\b", bare(line))
    return bool(words) and not _HAN_CHAR.search(line)


def drop_captions(text: str) -> str:
    """Blank captions of figures and tables and their `数据来源：` lines; a sentence that begins with 图 1 stays."""
    lines = text.split("\n")
    previous = ""
    for number, line in enumerate(lines):
        body = bare(line)
        caption = _CAPTION.match(body) and len(body) <= 60
        alone = caption and (ends_sentence(previous) or not previous or width(previous) > 60)
        if alone or (caption and line.count(" ") > 1) or (_SOURCE.match(body) and width(body) <= 60):
            lines[number] = blank(line)
        elif body:
            previous = body
    return "\n".join(lines)


def drop_marks_of_layout(text: str) -> str:
    """Blank lines that are no words: pictures of Markdown, rules, comments, the line under the head of a table."""
    mark = r"!\[[^\]]*\]\([^)]*\)|<!--.*-->|(?:[-*_=—]\s*){3,}|```\w*|(?=.*---)[|:\s-]+|<img[^>]*>"
    return "\n".join(blank(line) if re.fullmatch(mark, bare(line)) else line for line in text.split("\n"))


def drop_footnotes(text: str) -> str:
    """Blank notes that stand inside the text: a block that opens with a circled number which the text has used as a mark."""
    lines = text.split("\n")
    seen: Counter[str] = Counter()
    for first, last in _blocks(lines):
        body = lines[first].strip()
        note = re.match(rf"([{CIRCLED}])\s*(?![。，、；：”’）])\S", body)
        marked = note and (seen[note[1]] or re.search(r"https?:|www\.", body))
        if note and marked and (first == 0 or not lines[first - 1].strip()) and not _continues(lines, first):
            blank_all(lines, range(first, last + 1))
            continue
        block = " ".join(lines[first : last + 1])
        if not counts_points(block):
            seen.update(re.findall(rf"(?<=\S)\s*([{CIRCLED}])", block))
    # a mark may follow its note: the note stands at the foot of the page, the sentence goes on behind it
    later = "\n".join(lines)
    for first, last in _blocks(lines):
        note = re.match(rf"([{CIRCLED}])\s*\S", lines[first].strip())
        if note and f"<sup>{note[1]}</sup>" in later and not _continues(lines, first):
            blank_all(lines, range(first, last + 1))
    return "\n".join(lines)


def counts_points(paragraph: str) -> list[re.Match[str]]:
    """Return the circled numbers that count an author's points (①…；②…) in a paragraph, where there are two from ① on."""
    points = [
        found
        for found in re.finditer(rf"\s*([{CIRCLED}])\s*", paragraph)
        if paragraph[max(found.start() - 1, 0) : found.start()] in "：:；;，,。、是有为"
        and _POINT.match(paragraph, found.end(1))
    ]
    return points if len(points) > 1 and points[0][1] == "①" else []


def _continues(lines: list[str], first: int) -> bool:
    """Tell whether a circled number is the mark of the wrapped line before it rather than the start of a note."""
    previous = next((lines[n] for n in range(first - 1, -1, -1) if lines[n].strip()), "")
    apart = abs(width(previous) - width(lines[first]))
    return 8 < width(previous) < 50 and not ends_sentence(previous) and apart < 6


def drop_author_notes(text: str) -> str:
    """Blank `（作者系…）`, `（责任编辑：…）` and `编辑：…`, over as many lines as they take: names and posts, no sentences.

    Where the same label speaks (an interview by the editor), it is no furniture anywhere in the document.
    """
    lines = text.split("\n")
    labels = [_SPOKEN.match(bare(line)) for line in lines]
    named = [re.sub(r"\s", "", label[1]) if label else "" for label in labels]
    ends = [_note(lines, number) for number in range(len(lines))]
    speaks = {name for name, end in zip(named, ends, strict=True) if name and end is None}
    for number, (name, end) in enumerate(zip(named, ends, strict=True)):
        if end is not None and name not in speaks:
            blank_all(lines, range(number, end + 1))
    return "\n".join(lines)


def _note(lines: list[str], number: int) -> int | None:
    """Return the line with which a note on author or editor ends that begins here; None where there is none."""
    body = bare(lines[number])
    if not re.match(r"[（(〔\[【]", body):
        return number if _CREDIT.fullmatch(body) else None
    last = number  # the first bracket that closes must close the line: else it is a sentence in brackets
    while last < min(number + 8, len(lines) - 1) and not re.search(r"[）)〕\]】]", lines[last]):
        last += 1
    within = "".join(bare(line) for line in lines[number : last + 1])
    if not (inside := re.fullmatch(r".\s*([^）)〕\]】]*?)\s*[）)〕\]】]+", within)):
        return None
    if _CREDIT.fullmatch(inside[1]):
        return last
    if not (note := _AUTHOR_NOTE.fullmatch(inside[1])):
        return None
    formal = note["is"] in (":", "：", "系")
    proven = _SHOWS["person"].fullmatch(note["who"]) if formal else re.search(f"{_POST}[。.]?$", note["who"])
    return last if proven else None
