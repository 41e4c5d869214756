"""Marks: what is printed inside a paragraph but does not belong to its words. Text in, text out, paragraph by paragraph."""

import re

from nqp_topics.documents.cleaning.characters import HAN, WIDE
from nqp_topics.documents.cleaning.furniture import CIRCLED, SURNAMES, counts_points

_NUMBERS = r"\d{1,3}(?:\s*[-–—~～,，、]\s*\d{1,3})*"
_BRACKETS = rf"(?:\[\s*{_NUMBERS}\s*\]|［\s*{_NUMBERS}\s*］|〔\s*{_NUMBERS}\s*〕|【\s*{_NUMBERS}\s*】)"
# a page number stands at the citation mark and closes its clause: [3]12所 and [4] 35 条 are quantities
_PAGES = rf"(?:\s*[（(]\s*[PpＰ]?\.?\s*\d{{1,4}}(?:\s*[-–—~～]\s*\d{{1,4}})?\s*[）)]|\s*[Pp]\.?\s*\d{{1,4}}|\d{{1,4}}(?:\s*[-–—~～,，、]\s*\d{{1,4}})*(?![\d%％‰°+＋×.．A-Za-z~～-])(?!\s*[年月日个项家次位名种亿万千百十余多倍元点岁世届])(?=[{WIDE}]|\s+[{HAN}{WIDE}]|\s*$))?"
# raised 2 and 3 behind a unit or a lone letter, and what is raised behind 10, are exponents
_SUP = re.compile(
    rf"\s*<sup>\s*(?:{_BRACKETS}|(?<!10<sup>)(?<![kcdmh]m<sup>)(?<![^A-Za-z][A-Za-zχ]<sup>)[\d\s,，、*†‡–—-]+|[{CIRCLED}\s,，]+)\s*</sup>"
)
_CITATION = re.compile(  # behind a quotation a page number may stand directly before the next word
    rf"(?<=[”』」。])\s*{_BRACKETS}\s*\d{{1,4}}(?:[-–—]\d{{1,4}})?(?=\s*[{HAN}])(?!\s*[年月日个项家次位种亿万千百所座条处])|\s*{_BRACKETS}{_PAGES}"
)
_INTERVAL = re.compile(
    r"(?:区间|范围|取值|值域|集合|属于|数组|向量|[∈⊂⊆=＝<>≤≥×]|(?<![A-Za-z])[a-z]|第|[发字函办])\s*$"
)
_AFTER_INTERVAL = re.compile(r"\s*(?:区间|之间|范围|以内|上的|内的|[∪∩×]|[号期])")
_COUNTED = re.compile(r"(?:方案|情形|公式|步骤|条件|路径|模式|阶段|类型|[图表式第类])$")
_SWAPPED = re.compile(r"\[(\d{1,3})([《“（])\]")
_NAME = rf"(?:[{HAN}]{{2,4}}(?:\s*·\s*[{HAN}]+)?|[A-Z][A-Za-z.'’-]+(?:\s+[A-Z][A-Za-z.'’-]*)*)(?:\s*等|\s+et\s+al\.?)?"
_GROUP = rf"{_NAME}(?:\s*[,，、&和与]\s*{_NAME})*\s*[,，]?\s*(?:1[89]|20)\d\d[a-z]?(?:\s*[,，、]\s*(?:1[89]|20)\d\d[a-z]?)*(?:\s*[:：]\s*\d+(?:[-–—]\d+)?)?"
_AUTHOR_YEAR = re.compile(rf"\s*[（(]\s*(?:参见|见|转引自)?\s*{_GROUP}(?:\s*[;；]\s*{_GROUP})*\s*[）)]")
_AUTHOR = re.compile(
    rf"[A-Za-z·等]|(?<![{HAN}])(?!(?:江苏|江西|安徽|武汉|成都|甘肃|宁夏|温州|常州|徐州|郑州|苏州|黄山|安康)[^{HAN}])[{SURNAMES}][{HAN}]{{1,3}}\s*[,，、;；&和与]"
)
_STOCK = re.compile(r"[（(]\s*(\d+\.\d+)\s*[,，]\s*([+-]?\d+\.\d+)\s*[,，]\s*([+-]?\d+\.\d+)%\s*[）)]")
_LABEL = re.compile(
    r"^(\**)(?:[\[【［(（]\s*(?:内容)?(?:摘\s*要|提\s*要)\s*[\]】］)）]\s*[:：]?|(?:内容)?(?:摘\s*要|提\s*要)(?:\s*[:：]|\s*\*\*\s*[:：]?|\s*\n|(?<!提要)\s+|(?=本文|本研究)))"
    r"\s*(\**)\s*[:：]?\s*(?=\S{6})",
    re.M,
)
_LINK = re.compile(
    r"\[([^\[\]\n]*)\]\((?:https?:|www\.|javascript:\w*(?:\(0\))?;?(?=\)))[^)\s]{0,2000}\)|<(?:https?://|www\.)[^>\s]{1,2000}>"
)
_PAIR = re.compile(r"\(([^()（）\n]*)[)）]|（([^()（）\n]*)\)")
_SPACED = re.compile(r"(?<!\S)\S(?: \S){7,}(?!\S)")
_WIDE = dict(zip(",;:?!", "，；：？！", strict=True))
_CJK = f"{HAN}，。、；：？！“”‘’（）《》〈〉「」『』【】〔〕…—"


def drop_markup(text: str) -> str:
    """Take Markdown and HTML marks off the words they mark."""
    text = re.sub(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]+(?!\d)|[-*+][ \t]+(?=\S))", "", text, flags=re.M)
    text = _LINK.sub(lambda match: match[1] or "", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"\1", text)
    text = re.sub(r"</?(?:sup|sub|b|i|u|em|strong|br|span)(?:\s+[\w-]+=[^<>]*)?\s*/?>", "", text)
    return re.sub(r"^[▶►●■◆▲▪]\s*", "", text, flags=re.M)


def drop_citation_marks(text: str) -> str:
    """Take out note marks in their many shapes: [1], [1-2], ［4］533, 〔17〕, raised numbers, circled numbers.

    A circled number that counts points (①…；②…) is the author's and stays.
    """
    text = _SUP.sub("", _SWAPPED.sub(r"[\1]\2", text))
    text = _CITATION.sub(lambda mark: mark[0] if _is_interval(mark) else "", text)
    return "\n".join(_drop_circled(paragraph) for paragraph in text.split("\n"))


def _is_interval(mark: re.Match[str]) -> bool:
    """Tell [0,1], x∈[1,3], a[2] and 〔12〕号 from citation marks, which count from 1 and stand behind words."""
    numbers = [int(number) for number in re.findall(r"\d+", re.sub(r"[\]］〕】].*", "", mark[0], flags=re.S))]
    before, after = mark.string[max(mark.start() - 8, 0) : mark.start()], mark.string[mark.end() :][:8]
    return 0 in numbers or bool(_INTERVAL.search(before) or _AFTER_INTERVAL.match(after))


def _drop_circled(paragraph: str) -> str:
    points = {point.start(1) for point in counts_points(paragraph)}
    marks = [m for m in re.finditer(rf"\s*([{CIRCLED}])\s*", paragraph) if m.start(1) not in points]
    if len(marks) == 1 and re.match(rf"[{CIRCLED}]\s*[{HAN}“A-Za-z]", paragraph):
        return paragraph  # a point of a list that has a paragraph for each
    kept, at = "", 0
    for match in marks:
        if not _COUNTED.search(paragraph[max(match.start() - 2, 0) : match.start()]):
            kept += paragraph[at : match.start()]
            at = match.end()
    return kept + paragraph[at:]


def drop_author_years(text: str) -> str:
    """Take out brackets that hold nothing but authors and years: （陈劲，2024；王昌林，2024）.

    One of them must be a name by its surname, by 等 or by foreign letters: （修订，2021）, （北京2022） and （截至2023） stay.
    """
    return _AUTHOR_YEAR.sub(lambda found: "" if _AUTHOR.search(found[0]) else found[0], text)


def drop_web_inserts(text: str) -> str:
    """Take out what a web page pasted in: a stock's price, its change and the same in percent of the price before."""

    def agrees(found: re.Match[str]) -> str:
        price, change, percent = map(float, found.groups())
        before = price - change
        return "" if before > 0 and abs(100 * change / before - percent) < 0.02 else found[0]

    return _STOCK.sub(agrees, text)


def drop_labels(text: str) -> str:
    """Take the label 摘要 off an abstract, and <正>, by which CNKI says that an article begins."""
    text = re.sub(r"^(?:<|&lt;)正(?:>|&gt;)[~～\s]*", "", text, flags=re.M)
    return _LABEL.sub(lambda match: match[1] if match[1] and not match[2] else "", text)


def widen_punctuation(text: str) -> str:
    """Make ASCII , ; : ? ! ( ) full-width where they stand beside Chinese; numbers (1,000; 8:30) keep theirs."""
    sign = rf"(?<=[{_CJK}%])[ ]*([,;:?!])|([,;:?!])(?=[ ]*[{_CJK}])"
    text = re.sub(sign, lambda match: _WIDE[match[1] or match[2]], text)
    for _ in range(2):  # a pair inside a pair
        text = _PAIR.sub(_widened, text)
    return text


def _widened(match: re.Match[str]) -> str:
    inner = match[1] if match[1] is not None else match[2]
    before, behind = match.string[max(match.start() - 2, 0) : match.start()], match.string[match.end() :][:2]
    near = before.rstrip(" ")[-1:] + behind.lstrip(" ")[:1]
    chinese = re.search(rf"[{_CJK}]", inner + near) or match[0][0] == "（" or match[0][-1] == "）"
    return f"（{inner}）" if chinese else match[0]


def close_spaces(text: str) -> str:
    """Take out spaces that belong to the printing: between Chinese, digits, Latin letters and marks, in letter-spaced words.

    What stays: spaces between Latin words or numbers, and a single space that parts the halves of a heading or two
    names (a line without punctuation).
    """
    return "\n".join(_close(line.strip(" \t　\f")) for line in text.split("\n"))


def _close(line: str) -> str:
    line = _SPACED.sub(_closed, re.sub(r"[ \t　\f]+", " ", line))
    line = re.sub(rf" (?=[{_CJK}{WIDE}])(?<=[0-9A-Za-z%‰℃°)\]+{WIDE}] )|(?<=[{WIDE}]) ", "", line)
    beside = rf"(?<=[{HAN}]) (?=[0-9A-Za-z+\-~<>＜＞×{WIDE}])|(?<=[0-9A-Za-z%‰℃°\]+*/×-]) (?=[{HAN}{WIDE}])"
    line = re.sub(beside, "", line)
    line = re.sub(r"(?<=\d) (?=[%‰℃°])|(?<=[\d%‰℃]) (?=[—–~～×+=-])|(?<=[—–~～×+=-]) (?=\d)", "", line)
    if re.search(r"[，。；：！？]", line):
        return re.sub(rf"(?<=[{HAN}]) (?=[{HAN}])", "", line)
    spaced = rf"(?<![{HAN}])[{HAN}](?: [{HAN}]){{2,}}(?![{HAN}])"
    line = re.sub(spaced, lambda m: m[0].replace(" ", ""), line)
    return re.sub(rf"^([{HAN}]) ([{HAN}])$", r"\1\2", line)


def _closed(run: re.Match[str]) -> str:
    """Close a run of single characters, digits too (2 0 2 4 年 底), where most of them are Chinese."""
    chinese = len(re.findall(f"[{_CJK}]", run[0]))
    return run[0].replace(" ", "") if 4 * chinese > len(run[0]) else run[0]


def drop_empty_lines(text: str) -> str:
    """Leave no empty paragraph, and no pair of brackets that has lost all it held."""
    text = re.sub(r"（[\s，；、]*）|\(\s*\)|\[\s*\]", "", text)
    return "\n".join(line for line in text.split("\n") if line.strip())
