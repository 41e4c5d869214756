"""Encodings: what a file's bytes stand for, short or long, and what is said when nothing explains them."""

import codecs
from pathlib import Path

import pytest
from conftest import peak_of
from hypothesis import given, settings
from hypothesis import strategies as st

from nqp_topics.documents import read, split
from nqp_topics.documents.formats.encoding import decode
from nqp_topics.reproduce.first_look import proposed

SIMPLIFIED = [
    "科技创新",
    "关于召开会议的通知",
    "今天下雨，我们没有去爬山。",
    "城市里的公园，是街坊日常散步的好去处。",
    "二〇二四年三月五日，代表们听取了报告",
    "老张说：“明天再来吧！”",
    "GDP增长5.2%，就业总体稳定。",
    "第一章　总则\r\n第一条　为了保护环境，制定本条例。\r\n",
    "图书馆周一闭馆（节假日除外）。",
    "苹果、梨、葡萄、樱桃",
]
TRADITIONAL = [
    "經濟發展",
    "關於召開會議的通知",
    "今天下雨，我們沒有去爬山。",
    "推動產業轉型，是社會共同的責任。",
    "臺北市立圖書館週一休館",
    "老張說：「明天再來吧！」",
    "GDP成長5.2%，就業大致穩定。",
    "第一章　總則\r\n第一條　為了保護環境，制定本條例。\r\n",
    "學生們在圖書館裡讀書，老師在旁邊看報。",
    "蘋果、梨、葡萄、櫻桃",
]
MAIL = "\n".join(SIMPLIFIED) + "\n"
CASES = [
    *((text, name) for text in SIMPLIFIED for name in ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16")),
    *((text, name) for text in TRADITIONAL for name in ("utf-8", "big5", "big5hkscs", "gb18030", "utf-16")),
    *((text, name) for text in SIMPLIFIED + TRADITIONAL for name in ("utf-16-le", "utf-16-be")),
]


def write(folder: Path, name: str, content: bytes | str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def one(folder: Path, name: str, content: bytes | str) -> tuple[list[dict], list[dict]]:
    reading = read.folder(write(folder, name, content))
    return reading.documents.to_dict("records"), reading.refusals.to_dict("records")


@pytest.mark.parametrize("times", [1, 40])
def test_every_encoding_is_found_for_short_and_long_texts(times):
    for text, name in CASES:
        found = decode((text * times).encode(name))
        assert found.text == text * times, name
        assert (text * times).encode(name).decode(found.encoding) == text * times, name


def test_names_of_encodings_are_those_python_reads():
    names = {
        name: decode("今天下雨，我们没有去爬山。".encode(name)).encoding
        for name in ("utf-8", "utf-8-sig", "gbk", "utf-16")
    }
    assert names == {"utf-8": "utf-8", "utf-8-sig": "utf-8-sig", "gbk": "gb18030", "utf-16": "utf-16"}
    assert decode("學生們在圖書館裡讀書".encode("big5")).encoding == "big5"
    assert decode("佢哋喺度食嘢，我唔知點解。".encode("big5hkscs")).encoding == "big5hkscs"
    assert decode(b"plain English words").encoding == "utf-8"


def test_gbk_that_is_utf8_by_chance():
    # two characters whose GBK bytes are also valid UTF-8
    content = "一些".encode("gbk")
    assert content.decode("utf-8") != "一些"
    assert decode(content).text == "一些"


def test_european_text_in_utf8_stays():
    assert decode("Café à Paris, naïve résumé".encode()).text == "Café à Paris, naïve résumé"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(SIMPLIFIED), min_size=1, max_size=4), st.sampled_from(["utf-8", "gbk", "utf-16"])
)
def test_round_trip(parts, name):
    text = "\n".join(parts)
    assert decode(text.encode(name)).text == text


def test_lines_keep_their_numbers(tmp_path):
    rows, _ = one(tmp_path, "a.txt", "甲\r\n\r\n乙\r丙\n\f丁　戊\u2028己\x0b庚\n")
    assert rows[0]["text"] == "甲\n\n乙\n丙\n\f丁　戊\u2028己\x0b庚\n"
    assert (rows[0]["format"], rows[0]["place"], rows[0]["encoding"]) == ("text", None, "utf-8")


def test_the_mark_is_no_part_of_the_text(tmp_path):
    rows, _ = one(tmp_path, "a.md", "\ufeff# 题目\n".encode())
    assert rows[0]["text"] == "# 题目\n"
    assert (rows[0]["format"], rows[0]["encoding"]) == ("markdown", "utf-8-sig")


def test_damaged_utf8_is_refused_with_its_place(tmp_path):
    content = (
        "第一行写得很好。\n第二行也很好。\n第三".encode() + b"\xe4\xff" + "行坏了一个字。\n".encode() * 5
    )
    _, refusals = one(tmp_path, "a.txt", content)
    assert refusals[0]["reason"] == "wrong encoding"
    offset = content.index(b"\xe4\xff")
    assert f"byte {offset} (line 3)" in refusals[0]["detail"]


def test_damaged_gbk_is_refused(tmp_path):
    text = "今天下雨，我们没有去爬山。\n"
    content = (text * 9).encode("gbk") + b"\xff\xff" + (text * 9).encode("gbk")
    _, refusals = one(tmp_path, "a.txt", content)
    assert refusals[0]["reason"] == "wrong encoding"
    assert "GB18030" in refusals[0]["detail"]
    assert "(line 10)" in refusals[0]["detail"]


def test_text_that_is_not_chinese_in_another_encoding_is_refused(tmp_path):
    _, refusals = one(tmp_path, "a.txt", "Съешь же ещё этих мягких булок".encode("koi8-r"))
    assert refusals[0]["reason"] == "wrong encoding"


@pytest.mark.parametrize("name", ["utf-8", "gbk", "utf-16-le"])
def test_a_file_cut_in_a_character_is_truncated(tmp_path, name):
    content = ("今天下雨，我们没有去爬山。\n" * 30).rstrip().encode(name)[:-1]
    _, refusals = one(tmp_path, "a.txt", content)
    assert [row["reason"] for row in refusals] == ["truncated"]
    assert "line 30" in refusals[0]["detail"]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, bytes(range(256)) * 40])
def test_bytes_that_are_no_text(tmp_path, content):
    _, refusals = one(tmp_path, "a.txt", content)
    assert [row["reason"] for row in refusals] == ["binary"]


@pytest.mark.parametrize("content", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", "　\n".encode()])
def test_empty_files(tmp_path, content):
    _, refusals = one(tmp_path, "a.txt", content)
    assert [row["reason"] for row in refusals] == ["empty"]


def test_columns_side_by_side_are_remarked(tmp_path):
    left, right = "口袋公园是家门口的绿地，", "老人散步孩子游戏都在这里"
    for many, said in ((30, "30 lines with two columns"), (10, "")):
        text = f"{left}      {right}\n" * many + f"{left}\n" * 40
        rows, _ = one(tmp_path, "a.txt", text)
        assert (rows[0]["remarks"] or "").startswith(said) and bool(rows[0]["remarks"]) == bool(said)
        documents = read.folder(tmp_path).documents
        check = proposed(documents, split.articles(documents))["check"]
        assert check.str.contains("side by side").all() == bool(said)


def test_characters_lost_before_are_remarked(tmp_path):
    rows, refusals = one(tmp_path, "a.txt", "甲乙\n丙\ufffd丁\ufffd\n")
    assert not refusals
    assert rows[0]["remarks"] == "2 damaged characters (U+FFFD), the first in line 2"


@pytest.mark.parametrize("name", ["hz", "utf-7", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", SIMPLIFIED[1:4])
def test_encodings_of_older_mail_and_of_four_bytes(text, name):
    found = decode((text * 3).encode(name))
    assert found.text == text * 3
    assert (text * 3).encode(name).decode(found.encoding) == text * 3


@pytest.mark.parametrize(
    "text", ["a +b- c~{x", "C++ and D+AAAA-", "+1234567 ~{AB~}", "https://a.b/?x=+Abc+Def"]
)
def test_ascii_that_only_looks_like_them(text):
    assert decode(text.encode()).text == text


@pytest.mark.parametrize("mark", ["", "utf-8-sig", "utf-16"])
def test_zeros_inside_a_text_are_refused(tmp_path, mark):
    text = "今天下雨。\n" * 9 + "\0" * 600 + "今天下雨。\n" * 9
    _, refusals = one(tmp_path, "a.txt", text.encode(mark or "utf-8"))
    assert refusals[0]["reason"] == ("unreadable" if mark else "binary")
    page = f'<html><meta charset="utf-8"><p>{text}</p></html>'
    assert one(tmp_path, "a.html", page)[1][0]["reason"] == "unreadable"


@pytest.mark.parametrize("line", ["今天下雨，我们没有去爬山。" * 20 + "\n", "park\n" * 150])
def test_utf8_costs_a_few_times_its_size_in_memory(line):
    content = line.encode() * 4000
    assert peak_of(lambda: decode(content)) < 4 * len(content)


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF16_LE + MAIL.encode(),
        MAIL.encode("utf-8").decode("latin-1").encode(),
        MAIL.encode("gbk").decode("latin-1").encode(),
        b"\x1b$)A" + bytes(range(0x21, 0x7E)) * 3,
    ],
)
def test_what_reads_like_noise_is_refused(tmp_path, content):
    rows, refusals = one(tmp_path, "a.txt", content)
    assert not rows and refusals[0]["reason"] == "wrong encoding"


def test_older_mail_is_read(tmp_path):
    text = "公园门口新开了一家图书馆，孩子们放学以后常去看书。\n" * 3
    assert one(tmp_path, "a.txt", text.encode("iso2022_jp_2"))[0][0]["text"] == text


def test_european_letters_are_no_chinese_in_disguise(tmp_path):
    cases = ("L'été, où déjà çà et là Noël fête à l'école. " * 9, "Straße für Mädchen, Größe, Übung. " * 9)
    for text in cases:
        assert one(tmp_path, "a.txt", text.encode())[0][0]["text"] == text
