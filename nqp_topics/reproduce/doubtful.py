"""Doubtful: what a person looks at in the registry of a study that is begun."""

import re

import pandas as pd

from nqp_topics.documents import registry
from nqp_topics.words import terms

# the usual ones: what begins with another may be a name, and a person looks at it
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)


def doubtful_authors(table: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Tell which articles have an author that was read from the text, short as a name, that begins with no usual surname."""
    known = dict(zip(documents["id"], documents["author"].fillna(""), strict=True))
    rows = zip(table["source"], table["author"].fillna(""), strict=True)
    found = [
        author != known.get(source, "")
        and any(2 <= len(name) <= 4 and name[0] not in SURNAMES for name in author.split(";"))
        for source, author in rows
    ]
    return pd.Series(found, index=table.index, dtype=bool)


def to_check(table: pd.DataFrame, articles: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Return the remarks on each row of a registry, joined by semicolons; empty where there is none."""
    text = articles["text"]
    repeated = _repeated(articles.assign(article=articles["id"]))
    remarks = [
        ("no Chinese character", table["han"] == 0),
        (
            "mostly not Chinese",
            (table["han"] > 0) & (table["han"] < 0.3 * text.map(lambda t: max(1, len(re.sub(r"\s", "", t))))),
        ),
        ("very short", table["han"].between(1, 99)),
        ("a paragraph that other documents have too", repeated),
        ("no group", (table["voice"] == "") & (table["voice"] != "").any()),
        ("a date that is none", table["date"].fillna("").astype(str).map(registry.no_date).astype(bool)),
        ("author read from the text", doubtful_authors(table, documents)),
    ]
    check = pd.Series("", index=table.index)
    for remark, where in remarks:
        check = check.where(~where, check + check.map(lambda c: "; " if c else "") + remark)
    return check


def _repeated(articles: pd.DataFrame) -> pd.Series:
    """Tell which articles have a paragraph of twenty characters and more that three articles or more share."""
    again = {line for line in terms.repeated(articles) if len(line) >= 20}
    return articles["text"].map(lambda text: any(line.strip() in again for line in text.split("\n")))
