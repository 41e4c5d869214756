"""First look: the registry of a study that is begun: articles with the titles that they seem to have, and what a person is to check."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import compress, takewhile
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from nqp_topics.documents import registry, split
from nqp_topics.documents.clean import han
from nqp_topics.documents.cleaning.characters import script, to_simplified
from nqp_topics.documents.cleaning.furniture import BEGINS, HAN, POSTS, ends_sentence

MOST = 20  # folders that are taken for groups, or a third of the articles
FIRST = 12  # characters that tell a person which article a row is
LONGEST, APART = 40, 60  # characters of a heading; of one that stands apart from the text below it
FEW = 30  # of a line below which a letter or a judgment is signed
SHORTEST = 12  # of a line that is broken where the page ends
# labels of lines above a text: a person's hand sets them, so that no other ending will do, and lines that may be text need one that cannot
ABOVE = {
    "title": "标题 题名 篇名 题目",
    "author": "作者 记者 署名 作者姓名 受访者 被访者",
    "outlet": "来源 文章来源 稿件来源 信息来源 来源网站 媒体 报纸 刊名 期刊",
    "date": "日期 发布时间 发表时间 发布日期 发表日期 成文日期 发文日期 印发日期",
    "else": "浏览 浏览量 浏览次数 浏览数 阅读 阅读量 阅读数 阅读次数 点击 点击量 点击数 点击率 字号 字体 责任编辑 责编 文号 发文字号 索引号 案号 编号 关键词 关键字",
    "when": "时间 访谈时间",
    "perhaps": "地点 访谈地点 会议地点 单位 作者单位 编辑",
}
_OF_LABEL = {label: what for what, labels in ABOVE.items() for label in labels.split()}
_LABELLED = re.compile(rf"[【\[]?([{HAN}][{HAN} \u3000]{{0,8}}[{HAN}])[】\]]?\s*[:：]\s*(.*)")
# where another label begins on the same line
_NEXT = re.compile(rf"[\s\u3000|｜]+(?=[{HAN}]{{2,6}}\s*[:：])")
_PERSON = re.compile(
    rf"[{HAN}]{{2,4}}|[{HAN}A-Za-z]*[·.][{HAN}A-Za-z·. ]*|[A-Za-z-]+|[{HAN}]{{0,6}}(?:记者|通讯员|评论员)[{HAN}]{{0,4}}"
)
_DAY = re.compile(
    r"[（(〔]?((?:19|20)\d\d(?:年\d{1,2}月(?:\d{1,2}日)?|[-/.]\d{1,2}[-/.]\d{1,2}\b)|二[〇○零一二三四五六七八九]{3}年[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}日)?)"
)
_HOUR = re.compile(r"\s*(?:星期[一二三四五六日天]\s*)?(?:\d{1,2}[:：]\d\d(?:[:：]\d\d)?)?[）)〕]?")
_SAID = re.compile(r"^(?:标题|题目|题名|篇名)\s*[:：]\s*")
# where a line end was lost
_GLUED = re.compile(r"([^。；：，\t\u3000]{2,40})(?:\u3000{2,}|\t+| {3,})(?=[^\s\u3000]{15})")
_INSIDE, _OPEN = re.compile("[。；：:，？！]"), re.compile(r"[。；：，、的]$")
# a byline or date below a title
_BESIDE = re.compile(rf"[。；：:，]|(?:{POSTS})$|^\s*{BEGINS}(?:\s?[{HAN}]){{1,3}}(?:\s|$)|\d{{4}}")


def proposed(documents: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """Return articles as rows for a person to look at: the columns of the registry, then begins (its first characters, where there is no title), han, check (what to look at).

    The group is the column `voice` of a table, or else the folder that the file lies in, where there are several and not too many.
    """
    said = documents.set_index("id")
    given = articles["source"].map(said["voice"].fillna("")).fillna("")
    folders = _folders(documents, articles)
    use = folders[folders != ""].nunique() > 1 and not too_many_folders(documents, articles)
    table = articles.assign(voice=given.where(given != "", folders if use else ""), fingerprint="")
    table = table.reindex(columns=registry.REGISTRY)
    text = articles["text"]
    table = table.assign(begins=text.map(lambda t: re.sub(r"\s+", " ", t)[:FIRST]), han=text.map(han))
    table = _headed(table, documents)
    table["date"] = _dates(table, documents)
    table["check"] = to_check(table, articles, documents)
    return table.assign(begins=table["begins"].where(table["title"] == "", ""))  # a title tells which it is


def too_many_folders(documents: pd.DataFrame, articles: pd.DataFrame) -> int:
    """Return in how many folders articles lie, where these are too many to be groups: more than 20, and than a third of the articles; else 0."""
    folders = _folders(documents, articles)
    many = folders[folders != ""].nunique()
    return many if many > max(MOST, len(articles) // 3) else 0


def _folders(documents: pd.DataFrame, articles: pd.DataFrame) -> pd.Series:
    """Return the folder that each article's file lies in, empty where it is the outermost."""
    files = documents.set_index("id")["file"].str.replace("\\", "/")
    return articles["source"].map(files.map(lambda file: PurePosixPath(file).parent.name)).fillna("")


def _dates(table: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Return the dates of articles, of those without one what the name of their file or its folders says.

    Only where four fifths of these names hold a date and not all the same, and of files that are one article: rows of a table and parts of
    a volume are of other days.
    """
    files, dates = documents.set_index("id")["file"], table["date"].fillna("")
    files = table["source"].map(files[~files.duplicated(keep=False)])
    without = files[files.notna() & ~table["source"].duplicated(keep=False) & (dates == "")]
    paths = [PurePosixPath(file.replace("\\", "/")) for file in without]
    names = ([path.stem, *(folder.name for folder in path.parents)] for path in paths)
    found = [next(filter(None, map(registry.date_in, of)), "") for of in names]
    told = set(found) - {""}
    if len(told) < 2 or sum(map(bool, found)) < 0.8 * len(found):
        return dates
    dates[without.index] = found
    return dates


def _headed(table: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Give articles what stands above their texts: what lines with labels say (`about`), a day that has a line of its own, and for a title the heading.

    Of a text file those lines are no part of the body. A heading that three articles share tells none of them: the short lines below it belong to it, or the name of the file takes its place.
    """
    known = {
        row.id: (row.text.split("\n"), row.format in ("text", "markdown"), row.file)
        for row in documents.itertuples()
    }
    rows, read = table.to_dict("records"), {}
    for number, row in enumerate(rows):
        lines, plain, file = known.get(row["source"], ([], False, ""))
        first, last = (None if pd.isna(row[name]) else int(row[name]) for name in ("start_line", "end_line"))
        lines = lines[(first or 1) - 1 : last]
        said, above = about(lines)
        said, row["title"] = {"date": _day(lines), **said}, _SAID.sub("", row["title"] or "")
        if not row["title"] and "title" not in said:
            skipped = above if lines[:above] and _labelled(_first(lines)) else 0  # a heading below them
            said["title"], head = heading(lines[skipped:])
            above = max(above, skipped + head if said["title"] else 0)
            read[number] = lines[max(above, skipped) :], PurePosixPath(file.replace("\\", "/")).stem
        row |= {name: value for name, value in said.items() if value and not row[name]}
        begins, _, ends = row["body"].partition(":")
        inside = plain and above and ends == str(last)
        if inside and first and last and first <= int(begins) < first + above <= last:
            row["body"] = f"{first + above}:{last}"
    _tell_apart(rows, read)
    names = ("title", "author", "outlet", "date", "body")
    return table.assign(**{name: [row[name] for row in rows] for name in names})


def _tell_apart(rows: list[dict[str, Any]], read: dict[int, tuple[list[str], str]]) -> None:
    """Give articles whose heading others have too a title of their own: the next short lines with it, or the name of the file."""
    for longer in (True, False):
        many = Counter(rows[number]["title"] for number in read)
        for number, (below, file) in read.items():
            if (title := rows[number]["title"]) and many[title] >= split.REPEATED:
                filled = [line.strip() for line in below if line.strip()][:2]
                short = takewhile(lambda line: len(line) <= LONGEST and not _INSIDE.search(line), filled)
                named = file if re.search(f"[{HAN}]{{2}}", file) else title
                rows[number]["title"] = " ".join([title, *short]) if longer else named


def about(lines: Sequence[str]) -> tuple[dict[str, str], int]:
    """Return what the lines above a text say of it, each behind its label (发布日期：2021-03-05), and how many lines end with them.

    One line may stand before: a heading. Of lines that all may be text (时间：, 地点：) and of such below which nothing stands nothing is read. A label that returns
    is that of a speaker, and its lines are text.
    """
    filled = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    labels = Counter(found[1] for _, line in filled if (found := _LABELLED.match(line)))
    said: dict[str, str] = {}
    until, (_, head) = 0, heading(lines)
    for place, (number, line) in enumerate(filled):
        found = _LABELLED.match(line)
        pieces = [] if found and labels[found[1]] > 1 else _labelled(line)
        if not pieces and not (place == 0 and head == number):
            break
        said = dict(pieces) | said
        until = number if pieces else until
    if not filled or until == filled[-1][0] or not said.keys() - {"perhaps", "when"}:
        return {}, 0
    said.setdefault("date", _when(_spelt(said.get("when", ""))))
    return {what: said[what] for what in ("title", "author", "outlet", "date") if said.get(what)}, until


def _labelled(line: str) -> list[tuple[str, str]]:
    """Return what a line with labels says: title, author, outlet, date, or something else, with its value; nothing where any of it is text."""
    told = []
    for piece in _NEXT.split(line.strip()):
        found = _LABELLED.fullmatch(piece)
        what = _OF_LABEL.get(re.sub(r"\s", "", found[1])) if found else None
        if not found or not what or len(found[2]) > LONGEST or re.search("[。？！?!；]", found[2]):
            return []
        value = found[2].strip()
        spelt = _spelt(value)
        when, day = _when(spelt), _DAY.search(spelt)
        if what == "date" and not when:
            return []
        if what == "author" and not all(map(_PERSON.fullmatch, re.split(r"[\s、，,;；/]+", value))):
            return []
        # 来源：新华网 2021-03-05 10:00
        if what == "outlet" and day and (behind := _when(spelt[day.start() :])):
            told.append(("date", behind))
            value = spelt[: day.start()].strip()
        told.append((what, when if what == "date" else value))
    return told


def _when(text: str) -> str:
    """Return the day that a text is, with or without the hour; nothing where it is more, or on no calendar."""
    day = _DAY.match(text)
    return day[1] if day and _HOUR.fullmatch(text[day.end() :]) and not registry.no_date(day[1]) else ""


def _day(lines: Sequence[str]) -> str:
    """Return the day that stands on a line of its own below the heading, or behind the text with short lines (who signed) below it; nothing where there are several."""
    bare = [_spelt(line) for line in lines if line.strip()]
    alone = [(place, day) for place, line in enumerate(bare) if (day := _when(line))]
    long = [place for place, line in enumerate(bare) if len(line) > FEW or ends_sentence(line)] or [0]
    full = [(place, day) for place, day in alone if re.search(r"日|\d[-/.]\d+[-/.]\d", day)]
    head = [day for place, day in full if 0 < place < min(4, long[0])]
    last = [day for place, day in alone if place > long[-1] and place >= len(bare) - 8]
    return (head or last)[0] if len(head or last) == 1 and len(alone) <= 2 else ""


def _spelt(day: str) -> str:
    return re.sub(r"\s*([年月日])\s*", r"\1", day).strip()


def _first(lines: Sequence[str]) -> str:
    return next((line.strip() for line in lines if line.strip()), "")


def heading(lines: Sequence[str]) -> tuple[str, int]:
    """Return the heading with which an article begins, and how many of its lines are above the text: none where both share a line.

    A heading is short and has no end of a sentence, or that of a question where it stands apart (a blank line, or only the text is indented); of a text
    whose lines are all broken at one width the first is none.
    """
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if not filled:
        return "", 0
    first = lines[filled[0]].strip().lstrip("# ")
    if glued := _GLUED.match(first):
        return glued[1].strip(), 0
    if len(filled) < 2:
        return "", 0
    if over := _over_lines(lines, filled[0]):
        return "".join(over), filled[0] + len(over)
    if _OPEN.search(first):
        return "", 0
    above, below = lines[filled[0]], lines[filled[1]]
    apart = filled[1] > filled[0] + 1 or bool(re.match(r"[ \t\u3000]{2}|\u3000", below) and above[:1].strip())
    asks = bool(re.search(r"[？！?!…]$", first))
    size = len(below.strip())
    broken = size >= SHORTEST and len(first) >= (1.0 if ends_sentence(below) else 0.8) * size
    fits = len(first) <= (APART if apart else LONGEST)
    if _SAID.match(first) or (fits and (apart or not (asks or broken))):
        return _SAID.sub("", first), filled[0] + 1
    return "", 0


def _over_lines(lines: Sequence[str], first: int) -> list[str]:
    """Return the lines of a title at the head of a printed page that is broken over two or three, a blank line below; else none."""
    if not lines[first].startswith("\f"):
        return []
    block = [line.strip() for line in takewhile(str.strip, lines[first : first + 4])]
    below = lines[first + 1 : first + len(block) + 1]  # to the blank line, which there must be
    whole = len(block[0]) >= SHORTEST and sum(map(len, block)) <= APART and len(below) == len(block)
    indented = any(line.startswith(("\u3000", "  ")) for line in below)  # a paragraph begins
    others = indented or any(map(_BESIDE.search, block[1:]))
    return block if len(block) in (2, 3) and whole and not others else []


def doubtful_authors(table: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Tell which articles have an author that was read from the text, short as a name, that begins with no usual surname."""
    known = dict(zip(documents["id"], documents["author"].fillna(""), strict=True))
    found = []
    for source, author in zip(table["source"], table["author"].fillna(""), strict=True):
        names = author.split(";") if author != known.get(source, "") else []
        short = (name for name in names if 2 <= len(name) <= 4)
        found.append(any(not re.match(BEGINS, to_simplified(name)) for name in short))
    return pd.Series(found, index=table.index, dtype=bool)


def to_check(table: pd.DataFrame, articles: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Return the remarks on each row of a registry, joined by semicolons; empty where there is none."""
    text = articles["text"]
    again = split.shared(articles)  # of reprints too, which keep their text
    shared = text.map(lambda t: any(line.strip() in again for line in t.split("\n")))
    letters = text.map(lambda t: max(1, len(re.sub(r"\s", "", t))))
    scripts = text.map(script)
    known = table["source"].map(documents.set_index("id")["date"].fillna("")) != ""
    guessed = (table["date"].fillna("") != "") & ~known
    remarks = {
        "no Chinese character": table["han"] == 0,
        "mostly not Chinese": (table["han"] > 0) & (table["han"] < 0.3 * letters),
        "very short": table["han"].between(1, 99) & ~_answers(table, documents),
        "a paragraph that other documents have too": shared
        & (shared.mean() <= 0.5),  # else no row stands out
        "in Traditional script, others in Simplified": (scripts == "Traditional")
        & (scripts == "Simplified").any(),
        "no group": (table["voice"] == "") & (table["voice"] != "").any(),
        "a date that is none": table["date"].fillna("").astype(str).map(registry.no_date).astype(bool),
        "author read from the text": doubtful_authors(table, documents),
        "date read from the text": guessed & (guessed.mean() <= 0.5),  # else new says how many
    }
    of_reading = _of_reading(table, documents)
    rows = zip(zip(*remarks.values(), strict=True), of_reading, strict=True)
    check = ["; ".join(filter(None, [*compress(remarks, here), said])) for here, said in rows]
    return pd.Series(check, table.index, dtype=str)


def _of_reading(table: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Return what was remarked while a document was read, at its first article: characters that are damaged, pages without text; not what is said of more than half of many."""
    said = table["source"].map(documents.reindex(columns=["id", "remarks"]).set_index("id")["remarks"])
    said = said.fillna("").where(~table["source"].duplicated(), "")
    parts = said.map(said.groupby(said).size()) / max(1, table["source"].nunique())
    return said.where((parts <= 0.5) | (len(table) <= 3), "")


def _answers(table: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Tell which articles are rows of a table most of whose rows are as short: answers, not articles of which something is missing."""
    said = documents.set_index("id")
    usual = table["han"].groupby(table["source"].map(said["file"])).transform("median")
    return table["source"].map(said["place"]).notna() & (usual < 100)
