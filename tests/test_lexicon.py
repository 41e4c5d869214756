"""The lexicon file: what is read, what is refused, what is written."""

import pytest

from nqp_topics.study import Refused
from nqp_topics.words import lexicon

GOOD = """# 自己写的词表
新质生产力 = 新质态生产力, 新质的生产力  # concept
主体; not after 民  # 民主体制 is another thing
“十四五”  # plan
安娜·李维  # a name
C#
PM2.5
碳达峰碳中和；only before 目标，工作 # policy
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "lexicon.txt"


def refusal(file, text):
    file.write_text(text, "utf-8")
    with pytest.raises(Refused) as refused:
        lexicon.read(file)
    return refused.value.problems


def test_reads_every_part_of_the_grammar(file):
    file.write_text(GOOD, "utf-8")
    table = lexicon.read(file)
    assert list(table["term"]) == "新质生产力 主体 “十四五” 安娜·李维 C# PM2.5 碳达峰碳中和".split()
    assert table["aliases"][0] == ("新质态生产力", "新质的生产力")
    assert table["not_after"][1] == ("民",)
    assert table["only_before"][6] == ("目标", "工作")
    assert table["reason"][3] == "a name"
    assert list(table["line"]) == [2, 3, 4, 5, 6, 7, 8]


def test_what_is_written_is_read_back_equal(file):
    file.write_text(GOOD, "utf-8")
    table = lexicon.read(file)
    file.write_text("\n".join(lexicon.written(table)), "utf-8")
    again = lexicon.read(file)
    assert again.drop(columns="line").equals(table.drop(columns="line"))
    assert lexicon.written(again) == lexicon.written(table)


def test_all_lines_that_cannot_be_read_are_named_together(file):
    problems = refusal(file, "好词\n甲 = 乙 = 丙\n丁; sometimes before 戊\n己 =\n庚, 辛\n; not before 壬\n")
    assert [problem.where.rpartition(" ")[2] for problem in problems] == ["2", "3", "4", "5", "6"]
    assert "sometimes before 戊" in problems[1].came


def test_bytes_that_are_not_utf8_name_the_line(file):
    file.write_bytes("第一\n".encode() + b"\xd0\xc2\n")
    with pytest.raises(Refused, match="line 2"):
        lexicon.read(file)


@pytest.mark.parametrize("sign", ["\x00", "\t", "\x85", "\u200b", "\u202e", "\ufeff"])
def test_what_cannot_be_seen_stands_in_no_list(file, sign):
    assert "cannot be seen" in refusal(file, f"甲{sign}乙\n")[0].came
    assert "cannot be seen" in refusal(file, f"甲乙; not before 丙{sign}丁\n")[0].came
    file.write_text(f"好词\n甲{sign}乙  # 一处\n", "utf-8")
    if sign == "\t":  # behind it stands the reason of a stop word
        return
    with pytest.raises(Refused, match=r"line 2\n.*came: .*(x00|x85|u200b|u202e|ufeff)"):
        lexicon.read_words(file)


@pytest.mark.parametrize(
    "text",
    ["创新\n创新\n", "创新 = 革新\n革新\n", "创新 = 革新\n变革 = 革新\n", "创新 = 创新\n"],
    ids=["term twice", "alias is a term", "alias of two", "alias of itself"],
)
def test_a_form_belongs_to_one_entry(file, text):
    assert "which" in str(refusal(file, text)[0])


def test_rules_that_cannot_hold_at_once(file):
    assert "only before 目标" in str(refusal(file, "碳中和; only before 目标; not before 目标\n")[0])
    assert refusal(file, "碳中和; only before 目标; not before 目\n")
    assert refusal(file, "体制; only after 民主; not after 主\n")


def test_a_term_inside_another_with_contrary_rules(file):
    both = refusal(file, "主体; not before 责\n责任主体; only before 责\n")
    assert "责任主体" in str(both[0]) and "line 2" in both[0].came
    never = refusal(file, "人才; only before 强国\n人才强国\n")
    assert "人才强国" in never[0].came


def test_rules_of_different_places_are_no_contradiction(file):
    file.write_text("人才; not before 强国\n人才强国; not after 非\n人才队伍; only before 建设\n", "utf-8")
    assert len(lexicon.read(file)) == 3


def test_a_table_made_by_hand(file):
    table = lexicon.of(["新质生产力", "5G"], {"新质生产力": ["新质态生产力"]})
    file.write_text("\n".join(lexicon.written(table)), "utf-8")
    assert lexicon.read(file).drop(columns="line").equals(table.drop(columns="line"))
    with pytest.raises(Refused):
        lexicon.of(["一样", "一样"])
    with pytest.raises(Refused, match="another entry"):
        lexicon.written(lexicon.of(["甲 # 乙"]))


def test_columns_and_files_that_are_missing(file):
    with pytest.raises(Refused, match="term, aliases"):
        lexicon.check(lexicon.of(["词"])[["term"]], "lexicon")
    with pytest.raises(Refused, match="no such file"):
        lexicon.read(file)


def test_no_more_is_read_than_people_write(file, monkeypatch):
    monkeypatch.setattr(lexicon, "LARGEST", 10)
    file.write_text("词\n" * 10, "utf-8")
    for read in (lexicon.read, lexicon.read_words):
        with pytest.raises(Refused, match="MB are read"):
            read(file)


def test_stop_words_with_reasons(file):
    file.write_text("﻿发展  # in every text\n的\n发展\n# 说明\n", "utf-8")
    table = lexicon.read_words(file)
    assert table.values.tolist() == [["发展", "in every text", 1], ["的", "", 2]]


def test_aliases_of_a_term_that_is_not_given_are_refused():
    with pytest.raises(Refused, match="工业和信息化部"):
        lexicon.of(["新质生产力"], {"工业和信息化部": ["工信部"]})


def test_the_reason_of_a_stop_word_stands_behind_a_sign_or_a_tab(tmp_path):
    (tmp_path / "stop.txt").write_text("今天  # in every text\n昨天\t到处都有 # 真的\n明天\n", "utf-8")
    found = lexicon.read_words(tmp_path / "stop.txt")
    assert found["word"].tolist() == ["今天", "昨天", "明天"]
    assert found["reason"].tolist() == ["in every text", "到处都有 # 真的", ""]
