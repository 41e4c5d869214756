"""Marks: what is printed inside a paragraph but does not belong to its words. Text in, text out, paragraph by paragraph."""

from __future__ import annotations

import re

from nqp_topics.cleaners.characters import HAN, WIDE
from nqp_topics.cleaners.furniture import CIRCLED

_NUMBERS = r"\d{1,3}(?:\s*[-–—~～,，、]\s*\d{1,3})*"
_BRACKETS = rf"(?:\[\s*{_NUMBERS}\s*\]|［\s*{_NUMBERS}\s*］|〔\s*{_NUMBERS}\s*〕|【\s*{_NUMBERS}\s*】)"
# a page number behind a citation mark is never the start of a date, a quantity or a name
_PAGES = rf"(?:\s*[（(]\s*[PpＰ]?\.?\s*\d{{1,4}}(?:\s*[-–—~～]\s*\d{{1,4}})?\s*[）)]|\s*[Pp]\.?\s*\d{{1,4}}|\s*\d{{1,4}}(?:\s*[-–—~～,，、]\s*\d{{1,4}})*(?![\d%％‰°+＋×.．A-Za-z~～-])(?!\s*[年月日个项家次位名种亿万千百十余多倍元点岁世届])(?=\s*[{HAN}{WIDE}]|\s*$))?"
_SUP = re.compile(rf"\s*<sup>\s*(?:{_BRACKETS}|[\d\s,，、*†‡–—-]+|[{CIRCLED}\s,，]+)\s*</sup>")
_CITATION = re.compile(rf"\s*{_BRACKETS}{_PAGES}")
_SWAPPED = re.compile(r"\[(\d{1,3})([《“（])\]")
_NAME = rf"(?:[{HAN}]{{2,4}}(?:\s*·\s*[{HAN}]+)?|[A-Z][A-Za-z.'’-]+(?:\s+[A-Z][A-Za-z.'’-]*)*)(?:\s*等|\s+et\s+al\.?)?"
_GROUP = rf"{_NAME}(?:\s*[,，、&和与]\s*{_NAME})*\s*[,，]?\s*(?:1[89]|20)\d\d[a-z]?(?:\s*[,，、]\s*(?:1[89]|20)\d\d[a-z]?)*(?:\s*[:：]\s*\d+(?:[-–—]\d+)?)?"
_AUTHOR_YEAR = re.compile(rf"\s*[（(]\s*(?:参见|见|转引自)?\s*{_GROUP}(?:\s*[;；]\s*{_GROUP})*\s*[）)]")
_STOCK = re.compile(r"[（(]\s*\d+\.\d+\s*[,，]\s*[+-]?\d+\.\d+\s*[,，]\s*[+-]?\d+\.\d+%\s*[）)]")
_LABEL = re.compile(
    r"^(\**)[\[【［(（]?\s*(?:内容)?(?:摘\s*要|提\s*要)\s*[\]】］)）]?\s*[:：]?\s*(\**)\s*[:：]?\s*(?=\S{6})",
    re.M,
)
_LINK = re.compile(r"\[([^\]\n]*)\]\((?:https?:|www\.)[^)\s]*\)|<(?:https?://|www\.)[^>\s]+>")
_WIDE = dict(zip(",;:?!", "，；：？！", strict=True))
_CJK = f"{HAN}，。、；：？！“”‘’（）《》〈〉「」『』【】〔〕…—"


def drop_markup(text: str) -> str:
    """Take Markdown and HTML marks off the words they mark."""
    text = re.sub(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]+|[-*+][ \t]+(?=\S))", "", text, flags=re.M)
    text = _LINK.sub(lambda match: match[1] or "", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"\1", text)
    text = re.sub(r"</?(?:sup|sub|b|i|u|em|strong|br|span)[^<>]*>", "", text)
    return re.sub(r"^[▶►●■◆▲▪]\s*", "", text, flags=re.M)


def drop_citation_marks(text: str) -> str:
    """Take out note marks in their many shapes: [1], [1-2], ［4］533, 〔17〕, raised numbers, circled numbers.

    A circled number that counts points (①…；②…) is the author's and stays.
    """
    text = _SWAPPED.sub(r"[\1]\2", text)
    text = re.sub(r"\[(\d{1,3})([《“])\](?=.)", r"[\1]\2", text)
    text = _SUP.sub("", text)
    text = _CITATION.sub("", text)
    return "\n".join(_drop_circled(paragraph) for paragraph in text.split("\n"))


def _drop_circled(paragraph: str) -> str:
    marks = list(re.finditer(rf"\s*([{CIRCLED}])\s*", paragraph))
    points = [
        m
        for m in marks
        if re.search(r"(?:^|[：:；;，,。、])\s*$", paragraph[: m.start(1)])
        and re.match(rf"\s*[{HAN}“A-Za-z]", paragraph[m.end(1) :])
    ]
    if (len(points) >= 2 and points[0][1] == "①") or (
        len(points) == len(marks) == 1 and marks[0].start(1) == 0
    ):
        marks = [m for m in marks if m not in points]
    for match in reversed(marks):
        paragraph = paragraph[: match.start()] + paragraph[match.end() :]
    return paragraph


def drop_author_years(text: str) -> str:
    """Take out brackets that hold nothing but authors and years: （陈劲，2024；王昌林，2024）."""
    return _AUTHOR_YEAR.sub("", text)


def drop_web_inserts(text: str) -> str:
    """Take out what a web page pasted in: a stock's price and change behind a name."""
    return _STOCK.sub("", text)


def drop_labels(text: str) -> str:
    """Take the label 摘要 off an abstract."""
    return _LABEL.sub(lambda match: match[1] if match[1] and not match[2] else "", text)


def widen_punctuation(text: str) -> str:
    """Make ASCII , ; : ? ! ( ) full-width where they stand beside Chinese; numbers (1,000; 8:30) keep theirs."""
    text = re.sub(
        rf"(?<=[{_CJK}%])[ ]*([,;:?!])|([,;:?!])(?=[ ]*[{_CJK}])", lambda m: _WIDE[m[1] or m[2]], text
    )
    pairs = re.compile(r"\(([^()（）\n]*)([)）])|（([^()（）\n]*)\)")

    def pair(match: re.Match[str]) -> str:
        inner = match[1] if match[1] is not None else match[3]
        near = (
            text_now[max(match.start() - 2, 0) : match.start()].rstrip(" ")[-1:]
            + text_now[match.end() : match.end() + 2].lstrip(" ")[:1]
        )
        chinese = re.search(rf"[{_CJK}]", inner + near) or match[0][0] == "（" or match[0][-1] == "）"
        return f"（{inner}）" if chinese else match[0]

    text_now = text
    text = pairs.sub(pair, text)
    text_now = text
    return pairs.sub(pair, text)


def close_spaces(text: str) -> str:
    """Take out spaces that belong to the printing: between Chinese, digits, Latin letters and marks, in letter-spaced words.

    What stays: spaces between Latin words or numbers, and a single space that parts the halves of a heading or two
    names (a line without punctuation).
    """
    return "\n".join(_close(line.strip(" \t　\f")) for line in text.split("\n"))


def _close(line: str) -> str:
    line = re.sub(r"[ \t　\f]+", " ", line)
    line = re.sub(rf" (?=[{_CJK}{WIDE}])(?<=[0-9A-Za-z%‰℃°)\]+{WIDE}] )|(?<=[{WIDE}]) ", "", line)
    line = re.sub(
        rf"(?<=[{HAN}]) (?=[0-9A-Za-z+\-~<>＜＞×{WIDE}])|(?<=[0-9A-Za-z%‰℃°\]+*/×-]) (?=[{HAN}{WIDE}])",
        "",
        line,
    )
    line = re.sub(r"(?<=\d) (?=[%‰℃°])|(?<=[\d%‰℃]) (?=[—–~～×+=-])|(?<=[—–~～×+=-]) (?=\d)", "", line)
    if re.search(r"[，。；：！？]", line):
        return re.sub(rf"(?<=[{HAN}]) (?=[{HAN}])", "", line)
    spaced = rf"(?<![{HAN}])[{HAN}](?: [{HAN}]){{2,}}(?![{HAN}])"
    line = re.sub(spaced, lambda m: m[0].replace(" ", ""), line)
    return re.sub(rf"^([{HAN}]) ([{HAN}])$", r"\1\2", line)


def drop_empty_lines(text: str) -> str:
    """Leave no empty paragraph, and no pair of brackets that has lost all it held."""
    text = re.sub(r"（[\s，；、]*）|\(\s*\)|\[\s*\]", "", text)
    return "\n".join(line for line in text.split("\n") if line.strip())
