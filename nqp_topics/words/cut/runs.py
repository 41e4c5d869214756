"""Runs: numbers, dates, ranges, runs of Latin letters and foreign names, which are one token each whatever the dictionary says.

10.5%, 1,234.5, PM2.5, Wi-Fi, R&D, 2019—2023年, 2023年9月7日, 10%—15%; 安娜·李维 where one side of the dot is written with the
characters of foreign names.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np

from nqp_topics.words.cut.lines import Tokens

_D = "0-9０-９"
_L = "A-Za-zÀ-ÖØ-öø-ԯ\u0300-\u036fＡ-Ｚａ-ｚ"
_NUMBER = rf"[{_D}]+(?:,[{_D}]{{3}}(?![{_D}]))*(?:[.．:][{_D}]+)*"
_QUANTITY = (
    rf"(?:[12１２][{_D}]{{3}}年(?:[{_D}]{{1,2}}月(?:[{_D}]{{1,2}}[日号])?)?|[{_D}]{{1,2}}月(?:[{_D}]{{1,2}}[日号])?"
    rf"|[{_D}]{{1,2}}日|{_NUMBER}[%％‰℃]?)"
)
# a quantity is taken as far as it goes or not at all; early releases of Python 3.11 get possessive quantifiers wrong
RUN = re.compile(
    rf"[A-Za-z]+://[!-~]+"
    rf"|(?=(?P<all>{_QUANTITY}(?:[—–―~～－-]{{1,2}}{_QUANTITY})*))(?P=all)(?![{_L}{_D}])"
    rf"|[{_L}{_D}]+(?:[-–._/&'’@][{_L}{_D}]+)*(?:\+\+)?"
)
NEAR = re.compile(f"[{_L}{_D}]+")
DOTS = "·•‧・"
# the characters that foreign names are written with; none of them is a function word
_NAMES = frozenset(
    "阿埃艾爱安昂奥澳巴白拜班邦保鲍贝本彼毕宾波伯博勃布茨查察昌楚茨达戴丹道德登邓迪蒂丁杜敦顿多厄恩尔法范方菲芬丰冯佛夫弗福富盖甘"
    "冈高戈哥格葛根古圭哈海汉豪赫黑亨洪胡华怀惠霍基吉季加贾简杰金京喀卡凯坎康考柯科可克肯孔库夸奎昆拉莱赖兰朗劳勒雷蕾黎礼李里丽"
    "利莉连廉列林琳龙隆卢鲁路伦罗洛萝吕略玛马迈麦曼芒毛茅梅门蒙米密敏明缪摩莫墨默姆木穆纳娜乃奈南内嫩能尼妮涅宁纽农努诺欧帕潘庞培"
    "佩彭皮匹平珀泼普奇齐契钱强乔切钦琼丘屈让热仁日荣茹儒瑞若撒萨塞赛桑瑟森沙莎珊尚绍舍申圣施什史士舒斯丝思司松苏索塔泰坦汤唐陶特"
    "滕蒂提廷通图托瓦万旺威韦维魏温翁沃乌吾伍武西希锡席夏香肖谢辛欣兴熊休许雪雅亚延扬杨耶叶伊易因英尤于约泽曾扎詹张哲珍芝治朱兹子佐"
)


def hold_runs(text: str, held: np.ndarray, near: Sequence[int], terms: np.ndarray) -> None:
    """Hold numbers, dates, ranges and Latin runs too: 0 becomes -2 where one begins and -1 where it goes on.

    `near` are the places where Latin letters or digits begin, `terms` those where terms do: no run goes on into a term.
    """
    if not len(near):
        return
    limits = np.append(terms, len(text))[np.searchsorted(terms, near)].tolist()
    end = 0
    for begin, limit in zip(near, limits, strict=True):
        if begin < end or held[begin] != 0:
            continue
        run = RUN.match(text, begin, limit)
        if run:
            end = run.end()
            held[begin] = -2
            held[begin + 1 : end] = -1


def hold_names(
    part: Tokens, dots: Sequence[int], token: Callable[[int], str], terms: frozenset[str]
) -> Tokens:
    """Join the parts of foreign names in all texts; `dots` are the places of tokens that are a dot, `token` says what stands at a place."""
    numbers, other = part.numbers.copy(), list(part.other)
    keeps = np.ones(len(numbers), np.bool_)
    firsts = np.searchsorted(part.limits, dots, "right").tolist()
    limits = [0, *part.limits.tolist()]
    names: list[tuple[int, int]] = []
    for dot, text in zip(dots, firsts, strict=True):
        join_name(dot, limits[text], limits[text + 1], token, terms, names)
    for begin, end in names:
        numbers[begin] = ~len(other)
        other.append("".join(map(token, range(begin, end))))
        keeps[begin + 1 : end] = False
    limits_kept = np.concatenate([[0], np.cumsum(keeps)])[part.limits]
    return part._replace(numbers=numbers[keeps], limits=limits_kept, other=other)


def join_name(
    dot: int,
    first: int,
    last: int,
    token: Callable[[int], str],
    terms: frozenset[str],
    names: list[tuple[int, int]],
) -> None:
    """Join the parts of a foreign name (安娜·李维) where at least one side of the dot is written in the characters of such names.

    The text has the tokens from `first` to `last`; `names` are those joined so far, each from a token to another, and are told this one. A term of
    the lexicon is no part of a longer name: it stays as it is.
    """

    def before(end: int, known: int) -> tuple[int, int, str]:
        """Return where the piece begins that ends here, a token or a name, how many names lie before it, and what it says."""
        of_name = known > 0 and names[known - 1][1] == end
        begin = names[known - 1][0] if of_name else end - 1
        return begin, known - of_name, "".join(map(token, range(begin, end)))

    if dot == first or (names and dot < names[-1][1]):
        return
    left, known, right, steps = dot, len(names), dot + 1, 0
    while left > first and steps < 5:
        begin, fewer, said = before(left, known)
        if not _foreign(said, terms):
            break
        left, known, steps = begin, fewer, steps + 1
    while right < last and right - dot < 6 and _foreign(token(right), terms):
        right += 1
    if left == dot and right == dot + 1:
        return
    if left == dot:
        begin, fewer, said = before(left, known)
        left, known = (begin, fewer) if _chinese(said, terms) else (left, known)
    if right == dot + 1 and right < last and _chinese(token(right), terms):
        right += 1
    if left < dot and right > dot + 1:
        names[known:] = [(left, right)]


def _foreign(token: str, terms: frozenset[str]) -> bool:
    parts = re.split(f"[{DOTS}]", token)
    return token not in terms and all(parts) and all(_NAMES.issuperset(part) for part in parts)


def _chinese(token: str, terms: frozenset[str]) -> bool:
    return token not in terms and len(token) > 1 and all("一" <= letter <= "鿿" for letter in token)
