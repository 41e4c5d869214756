"""Spreadsheets: workbooks that come back as they were written, topics named in one, results for other programs, a study begun from a folder."""

import datetime as dt
import os
import re
import warnings

import pandas as pd
import pytest
from conftest import refuses
from openpyxl import Workbook, load_workbook
from test_name import make

from nqp_topics.checks import Remark
from nqp_topics.documents import read, registry, split
from nqp_topics.files.tables import read_table
from nqp_topics.files.workbook import write_workbook
from nqp_topics.naming import (
    SHEET,
    given,
    labels_of_study,
    read_sheet,
    topics_sheet,
    write_labels,
    write_sheet,
)
from nqp_topics.naming.labels import LABELS
from nqp_topics.reproduce import facts
from nqp_topics.reproduce.begin import _say_columns, begin, made_ready
from nqp_topics.reproduce.columns import columns_of
from nqp_topics.reproduce.facts import Facts
from nqp_topics.reproduce.prepared import size
from nqp_topics.reproduce.results import articles_tables, topics_tables, write_results
from nqp_topics.reproduce.shared import facts as shared_of
from nqp_topics.reproduce.standing import standing
from nqp_topics.study import Refused, Study, load

TEXTS = "公园里有绿地，服务很好。 老人在公园里散步。 养老服务要为老人着想。 图书可以借回家。 公园。".split()


def test_a_workbook_comes_back_as_it_was_written_and_runs_no_cell(tmp_path):
    table = pd.DataFrame(
        {"id": ["001", "=1+1", "公园\n绿地", ""], "share": [0.25, 0.5, None, 1.0], "count": [1, 2, 3, 4]}
    )
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(
            {"one": table, "two": table}, tmp_path / name, {"id": "编号"}, shares=("share",), fill=("id",)
        )
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    back = read_table(tmp_path / "a.xlsx", "a table", "")
    assert list(back.columns) == ["id", "share", "count"]
    assert list(back["id"]) == list(table["id"])
    assert list(back["count"]) == ["1", "2", "3", "4"]
    sheet = load_workbook(tmp_path / "a.xlsx").worksheets[1]
    assert sheet["A1"].value == "编号 id" and sheet["A3"].data_type == "s"
    assert sheet["B2"].number_format == "0.0%"
    assert sheet.print_title_rows == "$1:$1" and sheet.sheet_properties.pageSetUpPr.fitToPage
    wide = pd.DataFrame({f"column {n}": ["字" * 20] for n in range(9)})
    write_workbook({"wide": wide}, tmp_path / "c.xlsx")
    assert not load_workbook(tmp_path / "c.xlsx")["wide"].sheet_properties.pageSetUpPr.fitToPage
    # as many pages as there are rows for
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet["A2"].fill.fgColor.rgb.endswith("FFF7DC") and sheet["B2"].fill.fgColor.rgb == "00000000"


def test_a_table_that_no_sheet_holds_is_refused(tmp_path):
    with pytest.raises(Refused, match="1,048,577 rows"):
        write_workbook({"long": pd.DataFrame({"n": range(1_048_577)})}, tmp_path / "long.xlsx")
    assert not list(tmp_path.iterdir())


def test_names_filled_in_on_the_sheet_are_the_study_s_and_survive_another_run(tmp_path):
    run, counts = make()
    study = Study(folder=tmp_path, name="own", labels="labels.csv")
    texts = pd.DataFrame({"id": counts.ids, "text": TEXTS})
    sheet = topics_sheet(run, counts, given(study), texts)
    assert list(sheet["topic"]) == run.names and (sheet["zh"] == "").all()
    assert sheet["share"].sum() == pytest.approx(1)
    assert all(text in sheet["passage_1"][0] or "%" in sheet["passage_1"][0] for text in TEXTS[:1])
    assert TEXTS[0] in " ".join(sheet["passage_1"])
    sheet.loc[0, ["zh", "en", "who", "note"]] = ["公园", "Parks", "A. Reader", "clear"]
    write_sheet(sheet, tmp_path / SHEET)
    named = read_sheet(tmp_path / SHEET)
    wanted = [["T01", "公园", "Parks", "A. Reader", "clear"]]
    assert named[["topic", "zh", "en", "who", "note"]].values.tolist() == wanted
    other, _ = make(seed=2)
    later = topics_sheet(other, counts, given(study), None)
    assert list(later["topic"]) == [*other.names, "T01"]  # what was written for the first run is not lost
    write_sheet(later, tmp_path / SHEET)
    assert given(study)[["fingerprint", "zh"]].values.tolist() == [[run.fingerprint, "公园"]]


def test_the_sheet_wins_over_older_names_and_spoilt_sheets_are_refused(tmp_path):
    run, counts = make()
    study = Study(folder=tmp_path, name="own", labels="labels.csv")
    old = pd.DataFrame(
        [[run.fingerprint, "T01", "旧名", "Old", "", ""], [run.fingerprint, "T02", "养老", "Care", "", ""]],
        columns=LABELS,
    )
    write_labels(old, tmp_path / "labels.csv")
    sheet = topics_sheet(run, counts, given(study))
    assert list(sheet["zh"][:2]) == ["旧名", "养老"]
    sheet.loc[0, "zh"] = "新名"
    write_sheet(sheet, tmp_path / SHEET)
    assert dict(zip(given(study)["topic"], given(study)["zh"], strict=True)) == {"T01": "新名", "T02": "养老"}
    write_sheet(sheet.assign(zh=["新名", *[""] * (len(sheet) - 1)], en=""), tmp_path / SHEET)
    assert given(study)["topic"].tolist() == ["T01"]  # emptied cells take a name away
    later = (tmp_path / SHEET).stat().st_mtime_ns + 10**9
    os.utime(tmp_path / "labels.csv", ns=(later, later))
    assert sorted(given(study)["topic"]) == ["T01", "T02"]  # but not one that was given since
    twice = pd.concat([sheet, sheet.iloc[:1]], ignore_index=True)
    write_sheet(twice, tmp_path / SHEET)
    refuses("two rows with a name", given, study)
    write_sheet(sheet.rename(columns={"zh": "名称"}), tmp_path / SHEET)
    refuses("the columns fingerprint, topic, zh", given, study)


def test_results_open_in_a_spreadsheet_with_a_column_a_topic(tmp_path):
    run, counts = make()
    names = {"zh": ["公园", "养老", "图书"], "en": ["Parks", "Care", "Books"]}
    labels = pd.DataFrame({"topic": run.names, **names})
    registry = pd.DataFrame(
        {"id": ["a", "b", "c"], "title": ["甲", "乙", "丙"], "voice": ["x", "y", "x"], "notes": ["", "", ""]}
    ).assign(end_line=pd.array([9, None, None], "Int64"))  # a text file beside whole documents
    files = write_results(topics_tables(run, labels), tmp_path, "topics", run.names)
    files += write_results(articles_tables(run, counts, registry, labels), tmp_path, "articles", run.names)
    assert [file.name for file in files] == [
        "topics.xlsx", "topics.csv", "topics_words.csv", "articles.xlsx", "articles.csv", "articles_intervals.csv", "articles_names.csv",
    ]  # fmt: skip
    assert all(file.read_bytes().startswith(b"\xef\xbb\xbf") for file in files if file.suffix == ".csv")
    articles = pd.read_csv(tmp_path / "articles.csv", encoding="utf-8-sig")
    assert list(articles) == [*"article title voice end_line passages tokens".split(), *run.names]
    wanted = pytest.approx(run.articles(counts).loc[articles["article"]].to_numpy())
    assert articles[run.names].to_numpy() == wanted
    topics = read_table(tmp_path / "topics.xlsx", "", "")
    assert topics["share"].astype(float).is_monotonic_decreasing
    assert topics["words"].str.split().map(len).max() <= 10


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    place = tmp_path_factory.mktemp("own")
    for group, word in (("体育", "比赛"), ("财经", "市场")):
        for number in range(3):
            file = place / "docs" / group / f"{group}{number}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            body = "".join(
                f"{word}今天有第{n}件事情，记者说它很重要。" for n in range(30 * number, 30 * number + 30)
            )
            file.write_text(
                f"{group}新闻之{number}\n\n{body}\n\n本报编辑部声明以上内容不代表本报的任何观点和立场。\n",
                "utf-8",
            )
    rows = {
        "标题": ["甲", "乙"],
        "正文": ["某地的市场今天开门了。" * 30, "The market opened today. " * 30],
        "发布时间": ["2020/1/3"] * 2,
        "类别": ["表", "表"],
    }
    pd.DataFrame(rows).to_csv(place / "docs" / "表.csv", index=False, encoding="gb18030")
    said = []
    study = begin(place / "study", place / "docs", language="zh", say=said.append)
    return study, said


def test_a_study_is_begun_from_a_folder(begun):
    study, said = begun
    wanted = tuple("正文 标题 发布时间 类别".split())
    assert (study.text_column, study.title_column, study.date_column, study.voice_column) == wanted
    rows = read_table(study.path(study.articles), "", "")
    assert list(rows["voice"]) == ["体育"] * 3 + ["表"] * 2 + ["财经"] * 3
    assert rows["title"][0] == "体育新闻之0" and set(rows["begins"]) == {""}
    assert list(rows["body"][:2]) == ["2:5", "2:5"]  # the heading of a text file is no part of its body
    texts = split.by_study(read.of_study(study).documents, study)["text"]
    assert texts[0].startswith("比赛今天有第0件事情") and texts[1].startswith("比赛今天有第30件")
    assert any("6 articles have paragraphs that others have too" in line for line in said)
    # in the language of the study; what most rows have marks none
    assert list(rows["check"][3:5]) == ["", "没有汉字"]
    documents = read.of_study(study).documents
    whole, without = (shared_of(study.but(repeated=kind), documents) for kind in ("keep", "drop"))
    assert without["passages.csv"]["han"].sum() < whole["passages.csv"]["han"].sum()
    assert "drop_shared" in set(without["losses.csv"]["step"]) - set(whole["losses.csv"]["step"])
    assert any("8 documents read, 0 not" in line for line in said)
    settings = study.path("study.toml").read_text("utf-8")
    assert "理由" in settings and load(study.folder).articles == "articles.xlsx"
    assert len(list(study.path("notebooks").glob("*.ipynb"))) >= 6


@pytest.mark.parametrize("many", [20, 21])
def test_more_than_twenty_folders_are_no_groups_and_that_is_said(tmp_path, many):
    for number in range(many):
        (tmp_path / "docs" / f"f{number}").mkdir(parents=True)
        (tmp_path / "docs" / f"f{number}" / "a.txt").write_text(f"第{number}个市场今天开门了。" * 20, "utf-8")
    begin(tmp_path / "study", tmp_path / "docs", say=(said := []).append)
    assert any(f"{0 if many > 20 else many} groups" in line for line in said)
    assert any("too many folders to be taken for groups (21)" in line for line in said) == (many > 20)


NAMED = """2023-05-06 标题 → 2023-05-06 | 20230506_x → 2023-05-06 | 日报2023年5月6日头版 → 2023-05-06 | 202305 → 2023-05 | 2023年政府工作报告 → 2023
２０２１－０３－０５ → 2021-03-05 | 二〇一九年三月五日 → 2019-03-05 | 2021 → 2021 | 2023-13-45 → | 20231345 → | 2019_0012 → | 2001 张三 → | 2035 → | 2090年远景目标 →
GB2312-80 → | 样本12019 → | 13520231234 → | 第2035号 → | x2021 → | 2000字作文 → | 978-7-1900-1234-5 → | 1980年代 → | 受访者1801 → """


@pytest.mark.parametrize("case", re.split(r" \| |\n", NAMED))
def test_a_date_is_read_from_a_name(case):
    name, _, date = case.partition(" →")
    assert registry.date_in(name) == date.strip()


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ("2019/a 2020/b 2021/2021-03-05", ["2019", "2020", "2021-03-05"]),
        ("2001张 2002李 2003王", [""] * 3),  # numbers of people
        ("2001 2002 1 2 3", [""] * 5),  # numbers of files
        # the day on which they were saved
        ("2024-01-02_a 2024-01-02_b 2024-01-02_c 2024-01-02_d x", [""] * 5),
    ],
)
def test_articles_without_a_date_have_that_of_their_files_and_this_is_said(tmp_path, names, wanted):
    for name in names.split():
        (file := tmp_path / "docs" / f"{name}.txt").parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{name}号市场今天开门了。" * 20, "utf-8")
    study = begin(tmp_path / "study", tmp_path / "docs", say=(said := []).append)
    dates = registry.read(study.path(study.articles)).sort_values("source")["date"]
    assert sorted(dates) == sorted(wanted)
    told = [line for line in said if "names of files" in line]
    assert [re.findall(r"\d+", line)[0] for line in told] == ["3"] * any(wanted)


def test_posts_are_what_their_authors_wrote_and_this_is_said(tmp_path):
    own = [
        "写信到 a.b@park.cn 或 me@丙。",
        "3@甲",
        "据@平安公园通报称树多，草也多。",
        "公园//绿地",
        "[公园](http://a.cn/b)好",
    ]
    posts = [
        "公园真好http://t.cn/A1去看//@乙:绿地多",
        "回复@丙3_x:公园真好",
        "感谢@丁-4 的公园//@戊:http://t.cn/A2",
    ]
    (tmp_path / "docs").mkdir()
    texts = [*own, *posts, "公园//@己己:http://t.cn/A3"]
    pd.DataFrame({"text": texts}).to_csv(tmp_path / "docs" / "a.csv", index=False)
    study = begin(tmp_path / "study", tmp_path / "docs", say=(said := []).append)
    found = split.by_study(read.of_study(study).documents, study)["text"]
    assert [text.replace(" ", "") for text in found] == [
        *(text.replace(" ", "") for text in own[:-1]),
        *("公园好", "公园真好去看", "公园真好", "感谢的公园", "公园"),
    ]
    assert any(line.startswith("4 texts hold accounts") for line in said)
    with pytest.raises(Refused, match="without a speaker"):
        begin(tmp_path / "again", tmp_path / "docs", say=said.append, by_speaker=True)


def test_a_study_says_where_it_stands(begun):
    table = standing(begun[0])
    wanted = "documents|articles|terms|stop words|counts|number of topics|labels|figures".split("|")
    assert list(table["step"]) == wanted
    assert table["done"].tolist()[0] and not table["done"].tolist()[-1]
    assert (table["todo"] != "").all()


def test_a_folder_that_cannot_begin_is_refused_and_stays_as_it_is(begun, tmp_path):
    study, _ = begun
    refuses("holds a study", begin, study.folder, study.raw)
    refuses("no such folder", begin, tmp_path / "new", tmp_path / "nothing")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.exe").write_bytes(b"MZ")
    with pytest.raises(Refused):
        begin(tmp_path / "new", tmp_path / "docs")
    (tmp_path / "docs" / "a.csv").write_text("正文\n今天的市场很好。\n", "utf-8")
    refuses("one of the columns 正文", begin, tmp_path / "new", tmp_path / "docs", columns={"title": "题目"})
    assert not (tmp_path / "new").exists()


def test_columns_are_known_by_the_names_that_people_use(tmp_path):
    pd.DataFrame({"题名": ["a"], "摘要全文": ["很长" * 40], "来源": ["b"], "id": ["1"]}).to_csv(
        tmp_path / "a.csv", index=False
    )
    found, there = columns_of([tmp_path / "a.csv", tmp_path / "nothing.csv"])
    assert found == {"title": "题名", "outlet": "来源", "text": "摘要全文"}
    assert there == "题名 摘要全文 来源 id".split()
    said = []
    _say_columns({"text": "摘要全文"}, [*there, "备注"], {}, said.append)
    assert said[-3] == "columns that are not used: 题名, 来源, 备注"  # id names the rows


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ("mid 用户昵称 发布时间 微博正文 评论数", {"author": "用户昵称", "date": "发布时间", "text": "微博正文"}),
        ("新聞標題 內文 發佈時間 來源", {"title": "新聞標題", "text": "內文", "date": "發佈時間", "outlet": "來源"}),
        ("采集时间 所用时间 副标题 标题 网页链接 全文", {"title": "标题", "text": "全文"}),
        ("提交答卷时间 所用时间 单位 意见内容", {"date": "提交答卷时间", "text": "意见内容"}),
        ("题名 年/期 正文", {"title": "题名", "date": "年/期", "text": "正文"}),
        ("出生日期 正文", {"text": "正文"}),
        ("用户昵称 微博正文 评论(12) 是否回答", {"author": "用户昵称", "text": "微博正文"}),
        ("网页链接 单位 备注", {}),  # an address is long, and no text
    ],
)  # fmt: skip
def test_columns_are_known_by_how_their_names_end_and_in_both_scripts(tmp_path, columns, wanted):
    cells = {name: ["https://a.cn/" + "x" * 80 if "链接" in name else "某"] for name in columns.split()}
    cells = {name.removesuffix("(12)"): [12] if "(12)" in name else said for name, said in cells.items()}
    pd.DataFrame(cells).to_csv(tmp_path / "a.csv", index=False)
    assert columns_of([tmp_path / "a.csv"])[0] == wanted


def test_where_nothing_is_read_the_reasons_are_told(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.csv").write_text("说的话,地区\n房租太贵了。,北\n", "utf-8")
    said = []
    refuses("nothing that can be read", begin, tmp_path / "study", tmp_path / "docs", say=said.append)
    assert any("说的话, 地区" in line and "--text-column" in line for line in said)


def test_answers_of_many_people_are_as_many_articles(tmp_path):
    """Short answers are not looked at one by one, and two people may say the same; who answers is a witness; who says nothing is counted too."""
    (tmp_path / "docs").mkdir()
    said = "没有 房租太贵，孩子上学也很远。 没有 看病排队，房租很贵。 孩子看病要排队，上学很远。".split() * 3
    rows = [f"受访者{n},{answer}" for n, answer in enumerate(said)]
    (tmp_path / "docs" / "a.csv").write_text("\n".join(["受访者,回答", *rows]), "utf-8")
    study = begin(tmp_path / "study", tmp_path / "docs", say=list)
    found = read_table(study.path(study.articles), "", "")
    assert list(found["author"]) == [f"受访者{n}" for n in range(15)] and set(found["check"]) == {""}
    with pytest.warns(Remark, match="^6 articles without a word that is counted, left out: a-0001, "):
        made_ready(study)
    english, chinese = size(Facts(study))[:2]
    assert " 9 articles " in english and "not there: 6 further articles" in english and "6 篇" in chinese


def test_an_article_in_the_other_script_is_told_and_its_setting_stands_ready(tmp_path):
    (tmp_path / "docs").mkdir()
    for name, line in (
        ("简", "这个公园建在家门口，对老人来说很方便。"),
        ("繁", "這個公園建在家門口，對老人來說很方便。"),
    ):
        (tmp_path / "docs" / f"{name}.txt").write_text(f"{line}\n" * 9, "utf-8")
    study = begin(tmp_path / "study", tmp_path / "docs", say=list)
    found = read_table(study.path(study.articles), "", "").set_index("source")["check"]
    assert found.to_dict() == {"简": "", "繁": "in Traditional script, others in Simplified"}
    file = tmp_path / "study" / "study.toml"
    file.write_text(file.read_text("utf-8").replace("# script =", "script ="), "utf-8")
    assert load(tmp_path / "study").script == "simplified"


def test_columns_are_guessed_of_every_table_that_reading_reads(tmp_path):
    """A torn row, an older encoding, a hidden sheet or a name in two languages hides no other column."""
    rows = "标题,正文\n甲,公园建在家门口。\n乙,多,一格\n"
    (tmp_path / "torn.csv").write_text(rows, "utf-8")
    (tmp_path / "old.csv").write_text(
        "標題,正文\n" + "這個公園建在家門口，很多老人在樹下散步。,我們在這裡說話。\n" * 9, "big5"
    )
    as_saved(tmp_path / "wps.xlsx", [["标题", "正文"], ["甲", "公园"]], hidden=True)
    for name in ("torn.csv", "old.csv", "wps.xlsx"):
        assert columns_of([tmp_path / name])[0]["text"] == "正文", name
    found, there = columns_of([tmp_path / name for name in ("torn.csv", "wps.xlsx")])
    assert found == {"title": "标题", "text": "正文"} and there == ["标题", "正文"]
    (tmp_path / "two.csv").write_text("标题 title,正文\n甲,公园\n", "utf-8")
    assert columns_of([tmp_path / "two.csv"]) == ({"text": "正文"}, ["标题 title", "正文"])


def test_tables_whose_columns_have_other_names_are_all_read(tmp_path):
    """Two databases in one folder: the columns of both are named, and what is not read is told with its reason."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, heads in (("a.csv", "标题,正文,媒体"), ("b.csv", "题目,全文,报纸")):
        rows = (f"{name}{n},{'公园建在家门口，大家都来散步。' * (9 + n)}{name},晨报" for n in range(3))
        (docs / name).write_text("\n".join([heads, *rows]), "utf-8")
    (docs / "c.docx").write_bytes(b"PK\x03\x04 torn")
    said = []
    study = begin(tmp_path / "study", docs, say=said.append)
    assert (study.text_column, study.title_column) == ("正文; 全文", "标题; 题目")
    rows = read_table(study.path(study.articles), "", "")
    assert list(rows["outlet"]) == ["晨报"] * 6 and (rows["title"] != "").all()
    assert not any("columns that are not used" in line for line in said)
    refuses("one of the columns", begin, tmp_path / "new", docs, columns={"text": "正本;全本"})


def test_counts_are_made_when_something_changed_and_only_then(begun):
    from nqp_topics.reproduce.begin import made_ready

    study = begun[0].but(min_df=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert made_ready(study) and not made_ready(study)
        study.path("stopwords.txt").write_text("今天\tin every text\n", "utf-8")
        assert made_ready(study)
    assert "今天" not in study.path("counts/words.txt").read_text("utf-8").split()


HEADS = ["编号 id", "source", "start_line", "end_line", "正文行 body", "组别 voice", "日期 date"]


def as_saved(file, rows, merged=(), hidden=False):
    """Write a workbook as other programs save it: with merged cells, and a hidden sheet before the one that is seen."""
    book = Workbook()
    sheet = book.active
    if hidden:
        sheet.title, sheet.sheet_state = "WpsReserved_CellImgList", "hidden"
        sheet = book.create_sheet("articles")
        book.active = 1
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    book.save(file)
    return file


def test_a_registry_that_other_programs_saved_is_read_as_it_was_meant(tmp_path):
    rows = [
        # 1:3 turned into a time of the day
        ["a", "x", 1, 90, dt.time(1, 3), "官员", dt.datetime(2011, 4, 24)],
        ["b", "y", 1, 90, "2:5", None, "2011/4/24"],
        ["c", "z", 1, 1600, dt.timedelta(hours=25, minutes=40), None, "2011年4月24日"],
        ["d", "w", 1, 90, "１：０３", "学者", 40657],  # a date shown as a number, digits of an input method
    ]
    for hidden in (False, True):
        file = as_saved(tmp_path / "articles.xlsx", [HEADS, *rows], ["F2:F4"], hidden)
        found = registry.read(file)
        # one merged cell is the group of three rows
        assert list(found["voice"]) == ["官员", "官员", "官员", "学者"]
        assert list(found["date"]) == ["2011-04-24"] * 4
        assert list(found["body"]) == ["1:3", "2:5", "25:40", "1:03"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_cannot_be_read_says_so_in_both_languages(tmp_path, monkeypatch, language):
    monkeypatch.setenv("NQP_LANGUAGE", language)
    zh = language == "zh"
    as_saved(tmp_path / "title.xlsx", [["文章登记表"], HEADS], ["A1:G1"])
    refuses("各列为 文章登记表" if zh else "columns 文章登记表", registry.read, tmp_path / "title.xlsx")
    (tmp_path / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    refuses("另存为 .xlsx，不设密码" if zh else "an old workbook", registry.read, tmp_path / "old.xlsx")
    as_saved(
        tmp_path / "twice.xlsx", [HEADS, ["a", "x", 1, 9, "", "", ""], ["", "y", 1, 9, "", "", ""]], ["A2:A3"]
    )
    refuses("a", registry.read, tmp_path / "twice.xlsx")
    run, counts = make()
    study = Study(folder=tmp_path, name="own")
    sheet = topics_sheet(run, counts, given(study))
    write_sheet(sheet.assign(topic=["T01", "T09", "T03"], zh=["公园", "养老", "图书"]), tmp_path / SHEET)
    refuses("labels.xlsx 中命名的主题" if zh else "labels.xlsx, a name for", labels_of_study, study, run)


def test_two_columns_that_could_be_the_text_are_both_named(tmp_path):
    said, table = (
        [],
        {"题名": ["甲"] * 3, "正文": ["今天的市场很好，大家都来买菜。" * 9] * 3, "内容": ["短"] * 3},
    )
    (tmp_path / "docs").mkdir()
    pd.DataFrame(table).to_csv(tmp_path / "docs/a.csv", index=False)
    begin(tmp_path / "study", tmp_path / "docs", say=said.append)
    assert "column 正文: text (--text-column NAME for another, such as 内容)" in said


def test_a_row_taken_out_of_the_registry_leaves_its_document_out_and_says_so(begun, tmp_path):
    study = begun[0]
    rows = read_table(study.path(study.articles), "", "")
    write_workbook({"articles": rows.iloc[1:]}, tmp_path / "fewer.xlsx")
    less = study.but(articles=str(tmp_path / "fewer.xlsx"), min_df=1, max_df=1.0)
    told = f"1 document without a row in the registry, left out: {rows['source'][0]}"
    with pytest.warns(Remark, match=told):
        found = facts(less, read.of_study(less).documents)
    assert rows["id"][0] not in set(found["passages.csv"]["article"])


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_columns_that_are_kept_stand_in_the_registry_beside_their_articles(tmp_path, ending):
    texts = [f"第{n}个市场今天开门了，大家都很高兴。" * 5 for n in range(4)]
    table = pd.DataFrame({"正文": ["", *texts], "被引频次": ["9", "7", "5", "#REF!", "3"], "title": "甲"})
    table["部门"] = "R&amp;D"
    (tmp_path / "docs").mkdir()
    if ending == "csv":
        table.to_csv(tmp_path / "docs" / "a.csv", index=False)
    else:
        with pd.ExcelWriter(tmp_path / "docs" / "a.xlsx") as book:
            for sheet in ("one", "two"):
                table.to_excel(book, sheet_name=sheet, index=False)
    refuses("被引", begin, tmp_path / "no", tmp_path / "docs", say=list, keep=["被引"])
    own = "articles.xlsx has not itself"
    refuses(own, begin, tmp_path / "no", tmp_path / "docs", say=list, keep=["title"])
    study = begin(tmp_path / "study", tmp_path / "docs", say=(said := []).append, keep=["被引频次", "部门"])
    rows = registry.read(study.path(study.articles))
    assert rows["被引频次"].tolist() == [
        "7",
        "5",
        "",
        "3",
    ]  # what a formula left is none; the second sheet has the same texts
    cells = pd.read_excel(study.path(study.articles), dtype=str, keep_default_na=False).to_numpy()
    assert not (cells == "#REF!").any()  # nor does a person read it
    assert set(rows["部门"]) == {"R&D"}  # as a group is read that is chosen by --voice-column
    assert not any(line.startswith("columns that are not used") for line in said)
