"""Tables: one row is one document; rows that cannot be read are refused one by one."""

import csv
import io
import json
import re
import zipfile

import openpyxl
import pytest
from conftest import refuses
from test_readers_text import one, write

from nqp_topics import cli
from nqp_topics.checks import Remark
from nqp_topics.documents import read, registry
from nqp_topics.reproduce.begin import begin
from nqp_topics.study import Refused, Study
from nqp_topics.topics.formula import read_about

ROWS = [
    ("编号", "题目", "作者", "正文", "日期"),
    ("x1", "甲", "张三", "甲地下雨了。", "2024-01-01"),
    ("x2", "乙", "李四", "乙地出太阳，\n丙地有风。", "2024-01-02"),
]
CUT = "长" * 32767


def as_csv(rows, encoding="utf-8", delimiter=","):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue().encode(encoding)


def as_xlsx(*sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_jsonl(rows):
    lines = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def study(tmp_path, **columns):
    return Study(folder=tmp_path, name="s", **{f"{name}_column": column for name, column in columns.items()})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", as_csv(ROWS)),
        ("t.csv", as_csv(ROWS, "utf-8-sig")),
        ("t.csv", as_csv(ROWS, "gbk")),
        ("t.csv", as_csv(ROWS, "utf-16")),
        ("t.csv", as_csv(ROWS, delimiter=";")),
        ("t.tsv", as_csv(ROWS, delimiter="\t")),
        ("t.xlsx", as_xlsx(ROWS)),
        ("t.jsonl", as_jsonl(ROWS)),
    ],
)
def test_one_row_is_one_document(tmp_path, name, content):
    settings = study(tmp_path, text="正文", title="题目", author="作者", date="日期")
    reading = read.folder(write(tmp_path, name, content), settings)
    assert not len(reading.refusals)
    rows = reading.documents.to_dict("records")
    assert [(row["id"], row["title"], row["author"], row["text"], row["date"]) for row in rows] == [
        ("t-0001", "甲", "张三", "甲地下雨了。", "2024-01-01"),
        ("t-0002", "乙", "李四", "乙地出太阳，\n丙地有风。", "2024-01-02"),
    ]
    first = 1 if name.endswith("jsonl") else 2
    assert [row["place"] for row in rows] == [f"row {first}", f"row {first + 1}"]
    assert len({row["fingerprint"] for row in rows}) == 2


@pytest.mark.parametrize("make", [as_csv, as_xlsx, as_jsonl])
def test_the_text_column_is_taken_only_where_it_is_plain(tmp_path, make):
    name = {as_csv: "t.csv", as_xlsx: "t.xlsx", as_jsonl: "t.jsonl"}[make]
    rows, _ = one(tmp_path, name, make(ROWS))
    assert rows[0]["text"] == "甲地下雨了。"
    assert rows[0]["remarks"] == "text from the column 正文"
    twice = [(*row, row[3]) for row in ROWS]
    twice[0] = (*ROWS[0], "text")
    rows, refusals = one(tmp_path, name, make(twice))
    assert not rows
    assert refusals[0]["reason"] == "column missing"
    assert "编号, 题目, 作者, 正文, 日期, text" in refusals[0]["detail"]
    rows, refusals = one(tmp_path, name, make([("甲", "乙"), ("1", "2")]))
    assert not rows
    assert "甲, 乙" in refusals[0]["detail"]


def test_a_column_that_does_not_exist(tmp_path):
    write(tmp_path, "t.csv", as_csv(ROWS))
    write(tmp_path, "a.txt", "一句话。")
    for reading in (read.folder, lambda *given: list(read.each(*given))):
        with pytest.raises(Refused, match=r"2 rows not read.*编号, 题目, 作者, 正文, 日期"):
            reading(tmp_path, study(tmp_path, text="内容"))
    write(tmp_path, "u.csv", "内容\n又一句话。\n")
    reading = read.folder(tmp_path, study(tmp_path, text="内容"))  # one table has it: the other is told
    assert reading.refusals[["file", "reason"]].values.tolist() == [["t.csv", "column missing"]]
    reading = read.folder(tmp_path / "t.csv", study(tmp_path, text="正文", outlet="报纸"))
    assert len(reading.documents) == 2
    assert reading.refusals[["place", "reason"]].values.tolist() == [["outlet_column", "column missing"]]


def test_a_table_that_lacks_a_column_counts_as_read_where_its_texts_were(tmp_path, capsys, monkeypatch):
    docs = tmp_path / "docs"
    docs.mkdir()
    write(docs, "t.csv", as_csv(ROWS))
    write(docs, "u.csv", "正文\n又一句话。\n")
    write(docs, "v.csv", "题目\n丁\n戊\n")
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "s"\n[read]\ntext_column = "正文"\ntitle_column = "题目"\n', "utf-8"
    )
    files = [str(docs / f"{name}.csv") for name in "tuv"]
    assert cli.main(["read", *files, "--study", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert "1 could not be read:\n  v.csv: column missing - 2 rows not read: column '正文'" in said
    assert "1 table was read without a column that [read] names:\n  u.csv title_column: " in said
    monkeypatch.setenv("NQP_LANGUAGE", "zh")
    assert cli.main(["read", *files, "--study", str(docs.parent)]) == 0
    assert "缺少列 - 2 行未读取：列 '正文' 不存在；现有的列：题目" in (zh := capsys.readouterr().err)
    assert "1 个表格已读入" in zh and "1 个未读入" in zh
    monkeypatch.setenv("NQP_LANGUAGE", "en")
    assert "so the title stays empty" in said and "3 documents" in said and "1 not read" in said
    study = begin(tmp_path / "new", docs, columns={"text": "正文", "title": "题目"}, say=(lines := []).append)
    # the list once, a line with its number elsewhere
    for verb, each in (("articles", False), ("read", True)):
        assert cli.main([verb, "--study", str(study.folder), "-o", str(tmp_path / "out.jsonl")]) == 0
        said = capsys.readouterr().err
        assert ("v.csv: column missing" in said) == each and "1 could not be read" in said
    assert (
        "3 documents read, 1 not, 0 repeats" in lines and len(registry.read(study.path(study.articles))) == 3
    )
    assert any("without a column" in line for line in lines)


def test_what_failed_formulas_left_is_empty_and_that_is_said(tmp_path):
    """In a table of documents and in a registry: no group, no date, no title, no id of an article."""
    cells = [("id", "title", "voice", "date", "正文"), ("#N/A", "#NAME?", "#REF!", "Err:502", "一句话。"), ("b", "N/A", "#甲", "2011", "又一句。")]  # fmt: skip
    for make, name in ((as_csv, "t.csv"), (as_xlsx, "t.xlsx")):
        row, other = one(tmp_path, name, make(cells))[0]
        assert row["title"] == row["voice"] == row["date"] == "" and row["id"] == "t-0001"
        assert (
            "errors of a spreadsheet, taken as empty: title #NAME?, date Err:502, voice #REF!"
            in row["remarks"]
        )
        assert (other["title"], other["voice"]) == ("N/A", "#甲") and "error" not in other["remarks"]
    (tmp_path / "t.xlsx").unlink()
    write(tmp_path, "t.csv", as_csv([("标题", "正文"), ("#N/A", "一句话。")]))
    (remarks,) = read.folder(tmp_path, study(tmp_path, title="标题")).documents["remarks"]
    assert "taken as empty: 标题 #N/A" in remarks  # as its author calls the column
    rows = "a,a,,,#VALUE!,#N/A,是\nb,b,,,晨报,2011,#NUM!\n"
    place = tmp_path / "articles.csv"
    place.write_text(f"编号,source,start_line,end_line,组别,date,立场\n{rows}", "utf-8")
    with pytest.warns(Remark, match=r"taken as empty: a 组别 #VALUE!, a date #N/A, b 立场 #NUM!"):
        found = registry.read(place)
    assert found[["voice", "date", "立场"]].values.tolist() == [["", "", "是"], ["晨报", "2011", ""]]
    place.write_text("id,source,start_line,end_line\n#N/A,a,,\n", "utf-8")
    refuses("a name for the article", registry.read, place)
    place.write_text(
        "id,region,2\na,#N/A,x\nb,北京,#DIV/0!\n", "utf-8"
    )  # what is known of articles for effects
    with pytest.warns(Remark, match=r"a region #N/A, b 2 #DIV/0!"):
        assert read_about(place).values.tolist() == [["", "x"], ["北京", ""]]


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_cells_cut_and_cells_empty(tmp_path, make):
    texts = ["甲地下雨了。", CUT, "", "乙" * 32766, "  ", "#REF!"]
    content = make([("title", "正文"), *((f"第{n}", text) for n, text in enumerate(texts))])
    rows, refusals = one(tmp_path, "t.csv" if make is as_csv else "t.xlsx", content)
    assert [(row["id"], row["title"]) for row in rows] == [("t-0001", "第0"), ("t-0004", "第3")]
    assert [(row["place"], row["reason"]) for row in refusals] == [
        ("row 3", "cell cut at 32767"),
        ("row 4", "no text in cell"),
        ("row 6", "no text in cell"),
        ("row 7", "no text in cell"),
    ]


def test_ids_from_a_column(tmp_path):
    rows = [("id", "text"), ("a7", "甲"), ("b3", "乙")]
    assert [row["id"] for row in one(tmp_path, "t.csv", as_csv(rows))[0]] == ["a7", "b3"]
    rows.append(("a7", "丙"))
    found = one(tmp_path, "t.csv", as_csv(rows))[0]
    assert [row["id"] for row in found] == ["t-0001", "t-0002", "t-0003"]
    assert "the column id is not complete and unique" in found[0]["remarks"]
    for name in ("a\nb", "x" * 5000, "\u202eq", "\x00"):
        lines = [json.dumps({"id": one, "text": "甲"}) for one in ("a7", name)]
        found = one(tmp_path, "t.jsonl", "\n".join(lines).encode())[0]
        assert [row["id"] for row in found] == ["t-0001", "t-0002"] and "on one line" in found[0]["remarks"]


def test_what_is_said_of_a_document_stands_on_one_line_and_can_be_seen(tmp_path):
    cells = {"text": "一\u200b\n", "title": "二\x00三\r\n 四\t五 六", "outlet": "\ufeff七\u202e"}
    (row,), _ = one(tmp_path, "t.jsonl", json.dumps(cells).encode())
    assert (row["title"], row["outlet"], row["text"]) == ("二三 四 五 六", "七", cells["text"])


def test_half_a_character_of_json_stands_as_lost_in_every_cell(tmp_path):
    cells = {"id": "甲\ud800", "text": "一\ud83c\udf33\ud800", "title": "二\udfff", "author": ["三\ud800"]}
    (row,), _ = one(tmp_path, "t.jsonl", json.dumps(cells).encode())
    assert [row[key] for key in cells] == ["甲\ufffd", "一🌳\ufffd", "二\ufffd", "三\ufffd"]


def test_numbers_and_dates_of_excel(tmp_path):
    from datetime import datetime

    content = as_xlsx([("text", "date", "title"), ("甲", datetime(2024, 3, 5), 2024.0)])
    rows, _ = one(tmp_path, "t.xlsx", content)
    assert (rows[0]["date"], rows[0]["title"]) == ("2024-03-05", "2024")


def test_all_sheets_with_the_column_are_read(tmp_path):
    content = as_xlsx([("正文",), ("甲",)], [("说明",), ("无",)], [("正文",), ("乙",)])
    rows, refusals = one(tmp_path, "t.xlsx", content)
    wanted = [("t-0001", "表1 row 2", "甲"), ("t-0002", "表3 row 2", "乙")]
    assert [(row["id"], row["place"], row["text"]) for row in rows] == wanted
    assert not refusals


def test_csv_rows_that_do_not_fit(tmp_path):
    rows, refusals = one(tmp_path, "t.csv", "题目,正文\n甲,一句,多一格\n乙,两句\n")
    assert [row["text"] for row in rows] == ["两句"]
    assert [(row["place"], row["reason"]) for row in refusals] == [("row 2", "unreadable")]


def test_csv_cut_inside_quotation_marks_or_a_row(tmp_path):
    rows, refusals = one(tmp_path, "t.csv", 'text,title\n甲,一\n"乙地出太阳，')
    assert [row["text"] for row in rows] == ["甲"]
    assert [(row["place"], row["reason"]) for row in refusals] == [("row 3", "truncated")]
    _, refusals = one(tmp_path, "t.csv", "text,title\n甲,一\n乙地")
    assert [(row["place"], row["reason"]) for row in refusals] == [("row 3", "truncated")]


def test_broken_lines_of_json(tmp_path):
    lines = [
        '{"text": "甲地下雨了。", "title": "甲"}',
        '{"text": "乙',
        '{"text": ["丙", "丁"]}',
        "",
        '["戊"]',
        '{"title": "己", "text": true}',
        '{"text": "庚\\ud83d"}',
        '{"text": "辛',
    ]
    rows, refusals = one(tmp_path, "t.jsonl", "\n".join(lines))
    assert [(row["id"], row["text"]) for row in rows] == [("t-0001", "甲地下雨了。"), ("t-0006", "庚\ufffd")]
    assert "damaged" in rows[1]["remarks"]
    assert [(row["place"], row["reason"]) for row in refusals] == [
        ("row 2", "unreadable"),
        ("row 3", "unreadable"),
        ("row 5", "unreadable"),
        ("row 6", "unreadable"),
        ("row 8", "truncated"),
    ]
    assert "line 2" in refusals[0]["detail"]


def test_a_workbook_cut_short_or_none_at_all(tmp_path):
    content = as_xlsx(ROWS)
    assert one(tmp_path, "t.xlsx", content[: len(content) // 2])[1][0]["reason"] == "truncated"
    assert one(tmp_path, "t.xlsx", "不是表格".encode())[1][0]["reason"] == "unreadable"
    assert one(tmp_path, "t.xlsx", as_xlsx([]))[1][0]["reason"] == "empty"


def test_a_table_exported_by_cnki(tmp_path):
    rows, _ = one(
        tmp_path,
        "t.xlsx",
        as_xlsx([("Title-题名", "Author-作者", "Summary-摘要"), ("甲地的港口", "张三;李四", "甲地有港口。")]),
    )
    wanted = tuple("甲地的港口 张三;李四 甲地有港口。".split())
    assert (rows[0]["title"], rows[0]["author"], rows[0]["text"]) == wanted


def with_part(content, part_name, change):
    """Return a container of which one part was changed as text."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part.decode()) if name.endswith(part_name) else part)
    return stream.getvalue()


def with_sheet(content, change):
    return with_part(content, "sheet1.xml", change)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(('<row r="2"', f'<row r="{place}"') for place in ("0", "-1", "9", "1", "x", "9" * 5000)),
        ('r="B3"', 'r="A3"'),
        ('r="A2"', 'r="C2"'),
    ],
)
def test_rows_and_cells_that_do_not_follow_each_other_are_refused(tmp_path, old, new):
    """Each of them made the reader pass over a row, or put one cell in the place of another, and say nothing."""
    content = as_xlsx([("title", "text"), ("一", "甲。"), ("二", "乙。"), ("三", "丙。")])
    assert len(one(tmp_path, "t.xlsx", content)[0]) == 3
    rows, refusals = one(tmp_path, "t.xlsx", with_sheet(content, lambda sheet: sheet.replace(old, new, 1)))
    assert not rows and refusals[0]["reason"] == "unreadable"


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_names_of_columns_alone_are_told(tmp_path, make):
    _, refusals = one(tmp_path, "t.csv" if make is as_csv else "t.xlsx", make([("title", "text")]))
    assert [row["reason"] for row in refusals] == ["empty"]


def test_rows_beyond_what_a_workbook_says_of_its_size(tmp_path):
    content = as_xlsx([("text",), *((f"第{n}句。",) for n in range(9))])
    content = with_sheet(
        content, lambda sheet: re.sub('<dimension ref="[^"]*"', '<dimension ref="A1:A3"', sheet)
    )
    assert [row["text"] for row in one(tmp_path, "t.xlsx", content)[0]] == [f"第{n}句。" for n in range(9)]


def test_a_row_beyond_the_last_of_excel(tmp_path):
    content = as_xlsx([("text",), ("甲。",), ("乙。",)])
    content = with_sheet(
        content, lambda sheet: sheet.replace('"3"', '"1000000000"').replace('"A3"', '"A1000000000"')
    )
    rows, refusals = one(tmp_path, "t.xlsx", content)
    assert [row["text"] for row in rows] == ["甲。"]
    assert [(row["place"], row["reason"]) for row in refusals] == [("row 1048577", "too large")]


def test_a_row_wider_than_excel_writes(tmp_path):
    content = as_xlsx([("text",), ("甲。",), ("乙。",)])
    cells = '<row r="9">' + "<c><v>1</v></c>" * 16385 + "</row></sheetData>"
    content = with_sheet(content, lambda sheet: sheet.replace("</sheetData>", cells))
    rows, refusals = one(tmp_path, "t.xlsx", content)
    assert [row["text"] for row in rows] == ["甲。", "乙。"]
    assert [(row["place"], row["reason"]) for row in refusals] == [("row 9", "too large")]


@pytest.mark.parametrize("name", ["t.xlsx", "t.docx", "t.txt"])
def test_a_container_that_swells(tmp_path, name):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in ("xl/workbook.xml", "word/document.xml"):
            new.writestr(part, bytes(40 << 20))
    _, refusals = one(tmp_path, name, stream.getvalue())
    assert [row["reason"] for row in refusals] == ["too large"]
    assert "80 MB when unpacked" in refusals[0]["detail"]
