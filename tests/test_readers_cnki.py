"""Exports of CNKI and reference managers: one record is one document, its text the abstract."""

import pytest
from test_readers_text import one

CUSTOM = """SrcDatabase-来源库: 期刊
Title-题名: 甲地制造业的转型
Author-作者: 张三;李四；
Organ-单位: 甲大学
Source-文献来源: 甲学报
Keyword-关键词: 制造业;;转型；甲地
Summary-摘要: 本文讨论甲地。
注: 这一行仍属摘要。
PubTime-发表时间: 2024-01-15
Year-年: 2024
Period-期: 01

SrcDatabase-来源库: 报纸
Title-题名: 一则没有摘要的消息
Author-作者: 王五
Source-文献来源: 乙日报
Summary-摘要:
PubTime-发表时间: 2024-02-01
Year-年: 2024
Period-期: 02

SrcDatabase-来源库: 期刊
Title-题名: 乙地的港口
Author-作者: 赵六
Source-文献来源: 乙学报
Keyword-关键词: 港口
Summary-摘要: 乙地有三座港口。
PubTime-发表时间:
Year-年: 2023
Period-期: 03

"""
NOTEEXPRESS = """{Reference Type}: Journal Article
{Title}: 甲地制造业的转型
{Author}: 张三;李四;
{Author Address}: 甲大学;
{Journal}: 甲学报
{Year}: 2024
{Keywords}: 制造业;转型
{Abstract}: 本文讨论甲地。
{Database Provider}: CNKI

{Reference Type}: Journal Article
{Title}: 乙地的港口
{Author}: 赵六
{Author}: 孙七
{Journal}: 乙学报
{Year}: 2023
{Keywords}: 港口
{Keywords}: 航运
{Abstract}: 乙地有三座港口。
{Database Provider}: CNKI
"""
ENDNOTE = """%0 Journal Article
%A 张三%A 李四
%+ 甲大学;
%T 甲地制造业的转型
%J 甲学报
%D 2024
%K 制造业;转型
%X 本文讨论甲地。
%@ 1000-0000
%W CNKI

%0 Journal Article
%A 赵六
%A 孙七
%T 乙地的港口
%J 乙学报
%D 2023
%K 港口;航运
%X 乙地有三座港口。
%W CNKI
"""
REFWORKS = """RT Journal Article
SR 1
A1 张三;李四;
AD 甲大学;
T1 甲地制造业的转型
JF 甲学报
YR 2024
K1 制造业;转型
AB 本文讨论甲地。
DS CNKI

RT Journal Article
SR 1
A1 赵六;孙七
T1 乙地的港口
JF 乙学报
YR 2023
K1 港口;航运
AB 乙地有三座港口。
DS CNKI
"""
RIS = """TY  - JOUR
AU  - 张三
AU  - 李四
TI  - 甲地制造业的转型
JO  - 甲学报
PY  - 2024
KW  - 制造业
KW  - 转型
AB  - 本文讨论甲地。
ER  -

TY  - JOUR
AU  - 赵六
AU  - 孙七
TI  - 乙地的港口
JO  - 乙学报
PY  - 2023
KW  - 港口
KW  - 航运
AB  - 乙地有三座港口。
ER  -
"""
STYLES = [(NOTEEXPRESS, "a.net"), (NOTEEXPRESS, "a.txt"), (ENDNOTE, "a.enw"), (ENDNOTE, "a.txt")]
STYLES += [(REFWORKS, "a.txt"), (RIS, "a.ris")]


def test_fields_of_the_custom_export(tmp_path):
    rows, refusals = one(tmp_path, "CNKI.txt", CUSTOM)
    first, third = rows
    wanted = tuple("CNKI-0001|record 1|CNKI-0003|record 3".split("|"))
    assert (first["id"], first["place"], third["id"], third["place"]) == wanted
    assert first["title"] == "甲地制造业的转型"
    assert first["author"] == "张三;李四"
    assert first["outlet"] == "甲学报"
    assert (first["date"], third["date"]) == ("2024-01-15", "2023")
    assert first["keywords"] == "制造业;转型;甲地"
    assert first["text"] == first["abstract"] == "本文讨论甲地。\n注: 这一行仍属摘要。"
    assert first["format"] == "cnki"
    assert [(row["place"], row["reason"]) for row in refusals] == [("record 2", "no text")]
    assert "一则没有摘要的消息" in refusals[0]["detail"]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16", "gb18030"])
def test_exports_in_every_encoding(tmp_path, encoding):
    rows, _ = one(tmp_path, "a.txt", CUSTOM.replace("\n", "\r\n").encode(encoding))
    assert [row["title"] for row in rows] == ["甲地制造业的转型", "乙地的港口"]


@pytest.mark.parametrize(("content", "name"), STYLES)
def test_all_styles_give_the_same_documents(tmp_path, content, name):
    rows, refusals = one(tmp_path, name, content)
    assert not refusals
    keys = ("id", "title", "author", "outlet", "date", "keywords", "text")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("a-0001", "甲地制造业的转型", "张三;李四", "甲学报", "2024", "制造业;转型", "本文讨论甲地。"),
        ("a-0002", "乙地的港口", "赵六;孙七", "乙学报", "2023", "港口;航运", "乙地有三座港口。"),
    ]


@pytest.mark.parametrize(("content", "name"), STYLES)
def test_a_record_cut_in_its_abstract_is_truncated(tmp_path, content, name):
    cut = content[: content.rindex("三座")]
    rows, refusals = one(tmp_path, name, cut)
    assert [row["title"] for row in rows] == ["甲地制造业的转型"]
    assert [(row["place"], row["reason"]) for row in refusals] == [("record 2", "truncated")]


def test_a_record_cut_before_its_abstract_or_in_a_character_is_truncated(tmp_path):
    _, refusals = one(tmp_path, "a.net", NOTEEXPRESS[: NOTEEXPRESS.rindex("{Abstract}") + 5])
    assert [row["reason"] for row in refusals] == ["truncated"]
    content = NOTEEXPRESS.encode()
    rows, refusals = one(tmp_path, "b.net", content[: content.rindex("座".encode()) + 1])
    assert (len(rows), refusals[0]["reason"]) == (1, "truncated")


def test_an_unknown_export_is_refused_and_plain_text_is_no_export(tmp_path):
    _, refusals = one(tmp_path, "a.enw", "这是一段普通的文字，不是题录。\n")
    assert refusals[0]["reason"] == "unknown format"
    rows, _ = one(
        tmp_path, "b.txt", "Title: 会议通知\n请各单位按时参加。\nAuthor: 办公室\n以上内容请转告。\n" * 3
    )
    assert rows[0]["format"] == "text"
    rows, _ = one(tmp_path, "c.txt", "会议通知\nTitle: 会议\nAuthor: 办公室\nSummary: 无\n")
    assert rows[0]["format"] == "text"
