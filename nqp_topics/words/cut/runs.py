"""Runs: numbers, dates, ranges, runs of Latin letters and foreign names, which are one token each whatever the dictionary says.

10.5%, 1,234.5, PM2.5, Wi-Fi, R&D, 2019—2023年, 2023年9月7日, 10%—15%; 安娜·李维 where one side of the dot is written with the
characters of foreign names.
"""

import re
from collections.abc import Sequence

import numpy as np

from nqp_topics.words.cut.lines import Tokens, words_of

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
_DOTS = "·•‧・"
DOT = re.compile(f"[{_DOTS}]")
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


def hold_names(part: Tokens, texts: Sequence[str], words: Sequence[str], terms: frozenset[str]) -> Tokens:
    """Join the parts of foreign names in all texts that have a dot."""
    numbers: list[np.ndarray] = []
    other = list(part.other)
    first = 0
    for text, last in zip(texts, part.limits.tolist(), strict=True):
        of_text = part.numbers[first:last]
        tokens: list[str] = []
        if DOT.search(text):
            [(_, tokens)] = words_of(Tokens([""], of_text, np.array([len(of_text)]), other), words)
        joined = join_names(tokens, terms)
        if len(joined) < len(tokens):
            kept: list[int] = []
            place = 0
            for token in joined:
                begin, size = place, 0
                while place == begin or size < len(token):
                    size += len(tokens[place])
                    place += 1
                if place > begin + 1:
                    other.append(token)
                kept.append(of_text[begin] if place == begin + 1 else -len(other))
            of_text = np.array(kept, np.int32)
        numbers.append(of_text)
        first = last
    return Tokens(part.names, np.concatenate(numbers), np.cumsum(list(map(len, numbers))), other)


def join_names(tokens: list[str], terms: frozenset[str]) -> list[str]:
    """Join the parts of a foreign name (安娜·李维) where at least one side of the dot is written in the characters of such names.

    A term of the lexicon is no part of a longer name: it stays as it is.
    """
    joined: list[str] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token not in _DOTS or not joined:
            joined.append(token)
            place += 1
            continue
        left, right = len(joined), place + 1
        while left and len(joined) - left < 5 and _foreign(joined[left - 1], terms):
            left -= 1
        while right < len(tokens) and right - place < 6 and _foreign(tokens[right], terms):
            right += 1
        known = left < len(joined) or right > place + 1
        if left == len(joined) and _chinese(joined[-1], terms):
            left -= 1
        if right == place + 1 and right < len(tokens) and _chinese(tokens[right], terms):
            right += 1
        if known and left < len(joined) and right > place + 1:
            joined[left:] = ["".join(joined[left:]) + "".join(tokens[place:right])]
            place = right
        else:
            joined.append(token)
            place += 1
    return joined


def _foreign(token: str, terms: frozenset[str]) -> bool:
    parts = re.split(f"[{_DOTS}]", token)
    return token not in terms and all(parts) and all(_NAMES.issuperset(part) for part in parts)


def _chinese(token: str, terms: frozenset[str]) -> bool:
    return token not in terms and len(token) > 1 and all("一" <= letter <= "鿿" for letter in token)
