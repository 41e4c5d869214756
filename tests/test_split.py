"""Articles and passages: laws, known answers, and refusals of registries that cannot be right."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nqp_topics.documents import registry, speaking, split
from nqp_topics.documents.clean import han
from nqp_topics.documents.propose import propose
from nqp_topics.reproduce.first_look import about, heading, proposed, to_check
from nqp_topics.study import Refused, fingerprint, load

PARAGRAPH = "公园是城市的客厅，树荫下坐着下棋的老人，孩子在草地上奔跑。"


def table(text, **more):
    row = {"id": "a", "file": "a.txt", "format": "text"}
    row |= dict.fromkeys(("title", "author", "outlet", "voice", "date"), "")
    return pd.DataFrame([{**row, "text": text, "fingerprint": fingerprint(text), **more}])


def article(text):
    return pd.DataFrame([{"id": "a", "text": text}])


def compilation(byline="临江日报评论员"):
    """Three articles of two pages each, printed as PDF extraction prints them: 22 lines a page, first pages short."""
    sentence = "绿道连着公园和社区，骑车的人不再绕路，散步的人有了树荫，"
    pages = []
    for number in range(3):
        first = [f"{byline} "] if number else []
        body = [sentence[:26]] + [sentence[:28]] * 17
        pages.append(first + body)
        pages.append([sentence[:28]] * 22)
        pages.append([sentence[:28]] * 5 + ["城市因此慢了下来。 "])
    return "".join(" " + "\n\n".join(page) + "\n" for page in pages)


def test_articles_of_a_compilation_are_found_by_page_length_and_byline():
    found = pd.DataFrame(propose(compilation()))
    assert len(found) == 3
    assert list(found["outlet"][1:]) == ["临江日报", "临江日报"]
    assert list(found["voice"][1:]) == ["newspaper_commentary"] * 2
    lines = compilation().split("\n")
    assert all("评论员" in lines[start - 1] for start in found["start_line"][1:])


def test_excerpts_end_with_their_dated_source_line():
    text = "\n".join(
        [
            PARAGRAPH,
            "——2021年3月5日，林小雨在临江市公园大会上的讲话",
            PARAGRAPH,
            "——2022年4月，林小雨在青禾区的讲话",
        ]
    )
    found = pd.DataFrame(propose(text))
    assert list(found["date"]) == ["2021-03-05", "2022-04"]
    assert list(found["author"]) == ["林小雨", "林小雨"]
    assert list(found["start_line"]) == [1, 3]


def test_a_newspaper_page_is_parted_by_its_notes_on_authors():
    piece = ["公园城市怎么建", "周 明", PARAGRAPH * 6, "（作者系南屏大学教授）"]
    found = pd.DataFrame(propose("\n\n".join([*piece, "老人怎么走得近", "陈小林", *piece[2:]])))
    assert list(found["title"]) == ["公园城市怎么建", "老人怎么走得近"]
    assert list(found["author"]) == ["周明", "陈小林"]


@pytest.mark.parametrize(
    "signature, author",
    [("张建国", "张建国"), ("作者：张建国", "张建国"), ("■ 张建国", "张建国"), ("本报记者 张建国", "张建国"),
     ("张建国（南屏大学教授）", "张建国"), ("国纪平", "国纪平"), ("令狐云", "令狐云"), ("佟 林", "佟林"), ("巴特尔", "巴特尔")],
)  # fmt: skip
def test_signed_articles_of_one_file_are_found(signature, author):
    piece = ["公园城市应当怎么建", signature, PARAGRAPH * 3, PARAGRAPH * 2]
    found = pd.DataFrame(propose("\n".join(["老人怎么才走得近", "陈小林", PARAGRAPH * 3, *piece])))
    assert list(found["title"]) == ["老人怎么才走得近", "公园城市应当怎么建"]
    assert list(found["author"]) == ["陈小林", author]


TITLE = "以口袋公园和绿道为重点扎实推进临江市与南屏市城市更新的若干思考"


@pytest.mark.parametrize(
    "head, known",
    [
        ([TITLE[:20], TITLE[20:], "临江市园林局　张建国　李小明"], (TITLE, "张建国;李小明", "")),
        ([TITLE[:20], TITLE[20:], "南屏大学公共管理学院", "张建国", "（2021年3月5日）"], (TITLE, "张建国", "2021-03-05")),
        (["公园与绿道：问题与对策", "张建国<sup>1</sup>，李小明<sup>2</sup>"], ("公园与绿道：问题与对策", "张建国;李小明", "")),
        (["公公园园与与绿绿道道如如何何相相连连", "张建国 李小明"], ("公园与绿道如何相连", "张建国;李小明", "")),
        (["公园与绿道如何相连", "记者张建国／临江报道"], ("公园与绿道如何相连", "张建国", "")),
        (["公園與綠道如何相連", "海峽時報／2021/03/05／B2版／地方", "【記者陳國華臺南市報導】"], ("公園與綠道如何相連", "陳國華", "2021-03-05")),
        (["公園與綠道如何相連", "記者馬潔台南市報導"], ("公園與綠道如何相連", "馬潔", "")),
        (["公園與綠道如何相連", "陳國華、張學東（本報特約撰述）", "中華民國110年3月5日"], ("公園與綠道如何相連", "陳國華;張學東", "2021-03-05")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", ["。", "\n临江市 12.3 45.6", "\n王大林"])
def test_titles_over_several_lines_bylines_of_several_names_and_what_the_press_prints_below(
    head, known, before
):
    body = PARAGRAPH * 3
    if "與" in head[0]:
        body = "這個公園為老人與孩子開門，樹蔭對過馬路的人來說是門前的涼意。" * 4
    other = ["老人怎么才走得近", "陈小林", f"{body}{before}"]
    found = propose("\n".join([*other, *head, body, body]))
    assert [row["title"] for row in found] == [other[0], known[0]]
    assert (found[1]["author"], found[1]["date"]) == known[1:]
    assert found[1]["body_line"] == found[1]["start_line"] + len(head)
    for front in ("首页 > 城市 > 正文", "园林评论　2023年第1期"):
        assert propose("\n".join([front, *head, body, body]))[0]["title"] == known[0]


@pytest.mark.parametrize(
    "below, author", [("引言", ""), ("——2021年3月5日在临江市大会上\n\n市长\n　林小雨", "林小雨")]
)
def test_a_title_that_names_an_office_is_no_byline_and_a_heading_no_person(below, author):
    piece = ["2021年临江市人民政府工作报告", "", below, "", PARAGRAPH * 3, ""]
    piece += ["本市实施条例所指的", "法规", PARAGRAPH]
    found = propose("\n".join(piece))
    assert [row["author"] for row in found] == [author] and "工作报告" not in found[0]["affiliation"]


def test_a_voice_is_guessed_only_where_the_study_has_that_kind():
    assert set(split.articles(table(compilation()))["voice"]) == {""}
    kinds = ["newspaper_commentary", "news"]
    assert set(split.articles(table(compilation()), voices=kinds)["voice"]) == {"", kinds[0]}


def test_the_cover_sheet_of_a_paper_online_first_is_no_article():
    sheet = "《青禾学刊》网络首发论文\n题目：公园的长椅\n作者：林小雨\n出版确认：本文经编辑部审定。\n"
    (only,) = propose(f"{sheet}公园的长椅\n林小雨\n{PARAGRAPH}\n{PARAGRAPH}")
    assert (only["start_line"], only["title"], only["author"]) == (5, "公园的长椅", "林小雨")


def test_a_plain_document_is_one_article():
    assert len(propose("\n".join([PARAGRAPH] * 5))) == 1
    assert not propose("")


@given(
    st.lists(st.text("公园绿地城市，。\u201c\u201d！", min_size=1, max_size=300), max_size=12),
    st.integers(1, 60),
    st.integers(61, 200),
)
def test_passages_keep_every_character_in_order(paragraphs, shortest, longest):
    text = "\n".join(paragraphs)
    cut = split.passages(article(text), shortest, longest)
    assert "".join(cut["text"]).replace("\n", "") == text.replace("\n", "")
    assert list(cut["place"]) == list(range(1, len(cut) + 1))
    assert cut["id"].is_unique


def test_short_paragraphs_are_joined_and_long_ones_cut_at_sentences():
    heading, long = "一、绿地", PARAGRAPH * 30
    cut = split.passages(article(f"{heading}\n{PARAGRAPH}{PARAGRAPH}\n{long}\n完"), 40, 300)
    assert cut["text"][0].startswith(heading + "\n")
    assert all(text.rstrip("完\n").endswith("。") for text in cut["text"])
    assert cut["han"].max() <= 300 and cut["han"].sum() == han(heading + long + "完") + 2 * han(PARAGRAPH)


def test_passages_refuse_limits_that_cannot_be():
    with pytest.raises(Refused, match="shortest, longest"):
        split.passages(article("公园"), 50, 50)


def written(tmp_path, *rows, columns="id,source,start_line,end_line,body,voice"):
    file = tmp_path / "articles.csv"
    file.write_text("\n".join([columns, *rows]) + "\n", "utf8")
    return file


@pytest.mark.parametrize(
    "rows, says",
    [
        (["x,a,1,5,,", "y,a,5,9,,"], "claims too"),
        (["x,a,7,5,,"], "start_line and end_line"),
        (["x,a,one,5,,"], "start_line and end_line"),
        (["x,a,1,5,,", "x,a,6,9,,"], "more than once: x"),
        (["x,a,1,5,3:2,"], "two line numbers"),
        (["x,a,1,9,1:2,", "y,a,5,12,11:12,"], "claims too"),  # the bodies are apart, the articles are not
        (["x,a,5,9,2:4,"], "do not belong to the article"),
        (["x,a,5,9,6:7;7:8,"], "this row claims too"),
        (["x,a,1," + "9" * 30 + ",,"], "start_line and end_line"),
        (["x,a,1,5,1:" + "9" * 30 + ","], "start_line and end_line"),
        (["x,a,1,٣,,"], "start_line and end_line"),
        ([f"x{n},a,1,5,," for n in range(300)], "claims too"),
        (["x,a,1,5,,,one too many"], "cells under 6 names"),
    ],
)
def test_a_registry_that_cannot_be_right_is_refused(tmp_path, rows, says):
    with pytest.raises(Refused, match=says):
        registry.read(written(tmp_path, *rows))


def test_a_line_beyond_the_document_is_refused_though_the_body_is_inside(tmp_path):
    rows = registry.read(written(tmp_path, "x,a,1,99999999,1:2,"))
    with pytest.raises(Refused, match="1:99999999"):
        split.articles(table("公园\n绿地"), rows)


def test_a_column_that_a_registry_does_not_have_is_refused_in_four_parts():
    table = pd.DataFrame({"voice": ["甲"], "outlet": ["乙"]})
    assert registry.column(table, "outlet").tolist() == ["乙"]
    with pytest.raises(Refused, match="voice, outlet"):
        registry.column(table, "不存在")


@pytest.mark.parametrize(
    "columns, says",
    [
        (",".join(f"c{n}" for n in range(100_000)), "100,000 columns"),
        ("id,start_line,end_line", "columns id, start_line, end_line"),
        ("id,source,start_line,end_line,body,body", "more than once: body"),
        ("id,source,start_line,start_line,end_line", "more than once: start_line"),
    ],
    ids=["many", "too few", "body twice", "lines twice"],
)
def test_a_registry_with_other_columns_is_refused_in_few_words(tmp_path, columns, says):
    with pytest.raises(Refused, match=says) as told:
        registry.read(written(tmp_path, columns=columns))
    assert len(str(told.value)) < 2_000


def sources(tmp_path, *rows):
    (tmp_path / "sources.csv").write_text("\n".join(["source,file,sha256", *rows]) + "\n", "utf8")
    return tmp_path / "sources.csv"


@pytest.mark.parametrize(
    "rows, says",
    [
        (["a,a.txt,0f", "a,b.txt,1f"], "more than once: a"),
        (["a,a.txt,0f", "b,b.txt,0F "], "more than once: 0f"),
        (["a,a.txt,0f,more"], "4 cells under 3 names"),
    ],
)
def test_a_list_of_sources_that_cannot_be_right_is_refused(tmp_path, rows, says):
    with pytest.raises(Refused, match=says):
        registry.read_sources(sources(tmp_path, *rows))


def test_a_document_is_named_by_its_bytes_once_and_no_other_bears_its_name(tmp_path):
    known = registry.read_sources(sources(tmp_path, f"a,x.txt,{fingerprint('公园')}", "b,b.txt,"))
    here = pd.concat([table("公园", id="one", file="one.txt"), table("公园", id="two", file="two.txt")])
    named = registry.naming(known)
    assert named(here)["id"].tolist() == ["a", "two"]
    assert named(here[1:])["id"].tolist() == ["two"]  # in another batch too
    for text, says in (("公园", "has the bytes of one.txt"), ("绿地", "has other bytes")):
        with pytest.raises(Refused, match=says):
            named(table(text))


def test_full_width_digits_are_numbers(tmp_path):
    rows = registry.read(written(tmp_path, "x,a,１,３,１：２；３：３,"))
    assert rows[["start_line", "end_line", "body"]].values.tolist() == [[1, 3, "1:2;3:3"]]


def test_a_registry_saved_as_a_workbook_is_the_same_registry(tmp_path):
    from datetime import date, time, timedelta

    from openpyxl import Workbook

    book = Workbook()
    for row in (
        ["id", "source", "start_line", "end_line", "body", "title", "date", None],
        ["001", "a", 3.0, 80, "30:40;50:60", "公园", date(2023, 5, 6), None],
        ["x2", "a", 81, 99, time(9, 12), None, "2023年5月", None],
        ["x3", "b", 25, 46, timedelta(hours=30, minutes=45), "=1+1", 2023, None],
    ):
        book.active.append(row)
    book.active["E3"] = "81:82"
    book.save(tmp_path / "r.xlsx")
    rows = registry.read(tmp_path / "r.xlsx")
    assert rows["id"].tolist() == ["001", "x2", "x3"] and rows["start_line"].tolist() == [3, 81, 25]
    assert rows["body"].tolist() == ["30:40;50:60", "81:82", "30:45"]
    assert rows["date"].tolist() == ["2023-05-06", "2023-05", "2023"]
    for content, says in (
        (b"PK\x03\x04 no workbook", "a workbook that cannot be read"),
        (b"\xd0\xcf\x11\xe0", "an old workbook"),
    ):
        (tmp_path / "r.xlsx").write_bytes(content)
        with pytest.raises(Refused, match=says):
            registry.read(tmp_path / "r.xlsx")
    with pytest.raises(Refused, match="the name of a workbook"):
        registry.write(article("公园").assign(source="a"), tmp_path / "new.xlsx")


CELLS = [*"=1+1 -公园 @a '=1 ''=1 '公园 -1.5 +3e2 = - 公园".split(), "+86 10", "\t=1", "\r=1"]


def test_no_cell_is_a_formula_and_every_cell_reads_back(tmp_path):
    rows = pd.DataFrame(
        {
            "id": [f"a{n}" for n in range(len(CELLS))],
            "source": CELLS,
            "title": CELLS,
            "text": ["公园"] * len(CELLS),
        }
    )
    registry.write(rows, tmp_path / "r.csv")
    raw = pd.read_csv(tmp_path / "r.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    alone = ["=", "-"]  # of which nothing runs
    assert [cell for cell in raw["source"] if cell[0] in "=+-@\t\r"] == ["-1.5", "+3e2", *alone]
    assert registry.read(tmp_path / "r.csv")["title"].tolist() == CELLS
    registry.renew(tmp_path / "r.csv", rows)
    assert registry.read(tmp_path / "r.csv")["source"].tolist() == CELLS


def test_an_article_without_text_is_told():
    with pytest.warns(UserWarning, match="no passage: empty"):
        cut = split.passages(pd.DataFrame([{"id": "empty", "text": ""}, {"id": "a", "text": PARAGRAPH}]))
    assert cut["article"].tolist() == ["a"]


def test_all_problems_of_a_registry_are_told_together(tmp_path):
    with pytest.raises(Refused) as told:
        registry.read(written(tmp_path, "x,a,1,5,,poet", "x,a,5,9,,"), ["academic"])
    assert len(told.value.problems) == 3


@pytest.mark.parametrize("read", [registry.read, registry.read_sources])
def test_a_registry_that_is_no_file_is_refused(tmp_path, read):
    (tmp_path / "folder").mkdir()
    for name, target in (("nowhere", "none.csv"), ("itself", "itself"), ("zero", "/dev/zero")):
        (tmp_path / name).symlink_to(target)
    for name in ("none.csv", "folder", "nowhere", "itself", "zero"):
        with pytest.raises(Refused, match=name):
            read(tmp_path / name)


def test_registry_rows_beyond_the_document_are_refused(tmp_path):
    rows = registry.read(written(tmp_path, "x,a,1,9,,"))
    with pytest.raises(Refused, match="lines 1:2, which is all the document has"):
        split.articles(table("公园\n绿地"), rows)


def test_pieces_are_read_in_the_order_of_the_registry(tmp_path):
    rows = registry.read(written(tmp_path, "x,a,1,3,3:3;1:1,"))
    assert split.articles(table("公园很大。\n广告\n绿地很小。"), rows)["text"][0] == "绿地很小。\n公园很大。"


def test_changed_text_is_told_by_its_fingerprint(tmp_path):
    rows = registry.read(written(tmp_path, "x,a,1,1,,"))
    found = split.articles(table("公园很大。"), rows)
    rows["fingerprint"] = [fingerprint("公园很大。")]
    assert list(registry.check(found, rows)["state"]) == ["same"]
    assert list(registry.check(found.assign(text="公园很小。"), rows)["state"]) == ["changed"]
    assert list(registry.check(found[:0], rows)["state"]) == ["not here"]


def test_a_written_registry_reads_back(tmp_path):
    found = split.articles(table(f"{PARAGRAPH}\n——2021年3月5日，林小雨在大会上的讲话\n{PARAGRAPH}"))
    registry.write(found, tmp_path / "r.csv")
    again = split.articles(
        table(f"{PARAGRAPH}\n——2021年3月5日，林小雨在大会上的讲话\n{PARAGRAPH}"),
        registry.read(tmp_path / "r.csv"),
    )
    assert list(again["id"]) == list(found["id"]) == ["a-01", "a-02"]


def test_the_registry_of_the_study_is_whole():
    study = load()
    rows = registry.read(study.path(study.articles))
    assert len(rows) == 96 and rows["voice"].isin(study.voices).all()
    assert (rows["fingerprint"].str.len() == 64).all()
    assert rows.groupby("source").size().to_dict() == {"000": 1, "001": 4, "002": 1, "003": 2, "004": 88}


BODY = [
    "昨天的比赛在体育馆里进行，主队在最后一分钟取得了胜利，全场响起掌声。",
    "教练在赛后说，队员们训练得很刻苦，这是他们应得的结果。",
]
INDENTED = [f"　　{line}" for line in BODY]
WRAPPED = [text[at : at + 20] for text in BODY for at in range(0, len(text), 20)]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["主队最后一分钟取胜", *BODY], ("主队最后一分钟取胜", 1)),
        (["", "主队最后一分钟取胜", "", *BODY], ("主队最后一分钟取胜", 2)),
        (["# 主队取胜", "", *BODY], ("主队取胜", 1)),
        (["谁是今年的冠军？", *INDENTED], ("谁是今年的冠军？", 1)),
        (["谁是今年的冠军？", *BODY], ("", 0)),  # a question may open the text
        (
            ["主队最后一分钟取胜 教练称队员训练刻苦应得此结果 下场比赛门票售完 观众期待周末再见", *INDENTED],
            ("主队最后一分钟取胜 教练称队员训练刻苦应得此结果 下场比赛门票售完 观众期待周末再见", 1),
        ),
        (
            ["主队最后一分钟取胜 教练称队员训练刻苦应得此结果 下场比赛门票售完 观众期待周末再见", *BODY],
            ("", 0),
        ),
        (["标题：主队取胜", "正文：" + BODY[0]], ("主队取胜", 1)),
        (["主队最后一分钟取胜　　" + BODY[0], *INDENTED], ("主队最后一分钟取胜", 0)),  # a line end was lost
        (["主队最后一分钟取胜\t" + BODY[0]], ("主队最后一分钟取胜", 0)),
        (["主队最后一分钟取胜", "一、比赛经过", *BODY], ("主队最后一分钟取胜", 1)),
        (["主队取胜", *WRAPPED], ("主队取胜", 1)),
        (WRAPPED, ("", 0)),
        (BODY, ("", 0)),
        (["各位代表：", *INDENTED], ("", 0)),
        (["主队取胜"], ("", 0)),
        (["本次会议审议了主席所作的", *BODY], ("", 0)),
        (["\f主队最后一分钟取胜球迷彻夜", "庆祝(下)", "", *BODY], ("主队最后一分钟取胜球迷彻夜庆祝(下)", 2)),
        (["\f主队最后一分钟取胜球迷彻夜", "张 三 李小四", "", *BODY], ("主队最后一分钟取胜球迷彻夜", 1)),
        (["\f主队最后一分钟取胜球迷彻夜", "临江日报社", "", *BODY], ("主队最后一分钟取胜球迷彻夜", 1)),
        (["\f主队最后一分钟取胜球迷彻夜", "庆祝到天亮"], ("主队最后一分钟取胜球迷彻夜", 1)),  # all there is
        (
            ["\f主队最后一分钟取胜球迷彻夜", "　　比赛是这样的", "　　大家都来了", ""],
            ("主队最后一分钟取胜球迷彻夜", 1),
        ),
        ([], ("", 0)),
    ],
)
def test_the_first_line_is_a_heading_where_it_looks_like_one(lines, wanted):
    assert heading(lines) == wanted


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["标题：主队取胜", "来源：晚报", "发布日期：2021-03-05 10:20", "浏览：12次", *BODY], ({"title": "主队取胜", "outlet": "晚报", "date": "2021-03-05"}, 4)),
        (["主队取胜", "", "【作者】：王小明", "时间：二〇二一年三月五日", *BODY], ({"author": "王小明", "date": "二〇二一年三月五日"}, 4)),
        (["受访者：你好", "访谈者：你好", "受访者：我是教练。", "访谈者：好"], ({}, 0)),  # speakers
        (["主队取胜", "出生日期：1960年5月1日", *BODY], ({}, 0)),
        (["原告：张某，男。", *BODY], ({}, 0)),
        (["时间：最公正的裁判", *BODY], ({}, 0)),  # a title
        (["专题报道：主队取胜", "来源：晚报", *BODY], ({"outlet": "晚报"}, 2)),
        (["主队取胜", "作者：张三 本报记者李四　来源：晚报 2021-03-05 10:20", *BODY], ({"author": "张三 本报记者李四", "outlet": "晚报", "date": "2021-03-05"}, 2)),
        (["主队取胜", "时间：2021年3月5日", "地点：礼堂", *BODY], ({}, 0)),  # a notice
        ([BODY[0], "图片来源：晚报", *BODY], ({}, 0)), ([BODY[0], "作者：张三", *BODY], ({}, 0)),  # no heading stands first
        (["主队取胜", "来源：晚报"], ({}, 0)), (["记者：请问您怎么看？"], ({}, 0)),  # nothing below
        (["记者：您怎么看待这场比赛", *BODY], ({}, 0)), (["作者：你为什么写这本书？", *BODY], ({}, 0)),  # somebody speaks
        (["主队取胜", "实施日期：2022-01-01", *BODY], ({}, 0)), (["主队取胜", "收入来源：工资", *BODY], ({}, 0)),
        (["主队取胜", "日期：2021-13-45", *BODY], ({}, 0)),
        (BODY, ({}, 0)),
    ],
)  # fmt: skip
def test_lines_with_labels_above_a_text_say_what_it_is(lines, wanted):
    assert about(lines) == wanted


def _first_look(texts, form="text"):
    documents = pd.DataFrame(
        {"id": list(texts), "file": [f"{name}.txt" for name in texts], "text": list(texts.values())}
    )
    documents = documents.assign(format=form, place=None, title="", author="", outlet="", date="", voice="")
    return proposed(documents, split.articles(documents)).set_index("id")


def test_a_day_on_a_line_of_its_own_near_an_end_is_the_date():
    body = "比赛在2019年1月2日开始。" * 20
    days = {"a": "二〇二一年三月五日", "b": "（2021年3月5日）", "c": "2021年3月5日起施行", "d": "三月五日"}
    table = _first_look({name: f"通知{name}\n{body}\n{day}\n书记员　王某" for name, day in days.items()})
    assert table["date"].tolist() == ["二〇二一年三月五日", "2021年3月5日", "", ""]
    table = _first_look(
        {
            "a": f"通知\n2021年3月5日\n{body}",
            "b": f"{body}\n2021年3月5日\n{body}\n{body}",
            "c": f"标题：通知\n作者：张三\n日期：2021-03-05\n{body}",
        }
    )
    assert table["date"].tolist() == ["2021年3月5日", "", "2021-03-05"]
    assert table.loc["c", ["title", "author", "body"]].tolist() == ["通知", "张三", "4:4"]
    assert table["check"].str.contains("date read").tolist() == [False] * 3  # of most: new says how many
    chronicle = "\n".join(f"2021年3月{day}日\n{body}" for day in (1, 2, 3))
    assert _first_look({"a": f"大事记\n{chronicle}"})["date"].tolist() == [""]


def test_a_heading_that_others_have_is_told_apart():
    """Judgments of one court: the number of the case tells them; answers under one heading: the name of the file does."""
    body = "　　原告与被告的争议如下。" * 20
    table = _first_look({f"j{n}": f"临江人民法院\n判决书\n（2021）第{n}号\n{body}" for n in range(3)})
    assert table["title"].tolist() == [f"临江人民法院 判决书 （2021）第{n}号" for n in range(3)]
    table = _first_look({"a": f"专题报道：主队取胜\n来源：晚报\n{body}"})
    assert table.iloc[0][["title", "outlet", "body"]].tolist() == ["专题报道：主队取胜", "晚报", "3:3"]
    table = _first_look({f"村民{n}": f"访谈记录\n问：您好。\n答：好{n}。{body}" for n in range(3)})
    assert table["title"].tolist() == ["村民0", "村民1", "村民2"]
    assert _first_look({"a": f"发布日期：2021-03-05\n主队取胜\n{body}"}).iloc[0][
        ["title", "body"]
    ].tolist() == ["主队取胜", "3:3"]


def test_paragraphs_that_three_articles_have_go_where_a_study_drops_them_and_are_told():
    form = "如不服本判决，可以在判决书送达之日起十五日内向本院递交上诉状。"
    ids = ["a", "b", "c", "d"]
    own = [f"{PARAGRAPH}{n}" for n in range(4)]
    rows = [f"{text}\n答：是的。\n{form}" if n < 3 else f"{text}\n答：是的。" for n, text in enumerate(own)]
    found, lost = split.without_shared(pd.DataFrame({"id": ids, "source": ids, "text": rows}))
    # short answers are nobody's form
    assert found["text"].tolist() == [f"{text}\n答：是的。" for text in own]
    assert lost["article"].tolist() == ids[:3] and set(lost["removed"]) == {form}
    two = pd.DataFrame({"id": ids[:2], "source": ids[:2], "text": rows[:2]})
    assert split.without_shared(two)[0].equals(two)


@pytest.mark.parametrize("many", [30, 41])
def test_short_lines_at_the_edges_of_a_tenth_of_the_articles_go_and_inside_they_stay(many):
    own = [f"{PARAGRAPH}{n}\n推荐阅读\n答：是的。\n{n}" for n in range(many)]
    rows = [
        f"点击关注\n{text}\nEND\n推荐阅读" if n < 4 else f"{text}\n答：是的。" for n, text in enumerate(own)
    ]
    wanted = [text if n < 4 and many == 30 else rows[n] for n, text in enumerate(own)]
    names = list(map(str, range(many)))
    found = split.without_shared(pd.DataFrame({"id": names, "source": names, "text": rows}))[0]["text"]
    assert found.tolist() == wanted


def test_a_reprint_keeps_its_text_though_every_paragraph_is_shared():
    form = "如不服本判决，可以在判决书送达之日起十五日内向本院递交上诉状。"
    report, ids = f"{PARAGRAPH}\n{form}", list("abcd")
    rows = pd.DataFrame({"id": ids, "source": ids, "text": [report] * 3 + [f"{form * 3}乙。\n{form}"]})
    found, lost = split.without_shared(rows)
    assert found["text"].tolist() == [report] * 3 + [f"{form * 3}乙。"] and lost["article"].tolist() == ["d"]
    few = rows.assign(text=[f"{n}日\n{report}" for n in range(4)])  # a fifth and more is an article
    assert split.without_shared(few)[0].equals(few) and not len(split.without_shared(few)[1])
    reprints = {f"r{n}": f"第{n}日。\n　　{PARAGRAPH}\n　　{form}" for n in range(3)} | {
        f"o{n}": f"{PARAGRAPH}{n}" for n in range(4)
    }
    marked = _first_look(reprints)["check"].str.contains("that other documents have too")
    assert set(marked.index[marked]) == {"r0", "r1", "r2"}  # a person is to look at them


def test_a_heading_that_ends_with_a_number_is_no_name_with_a_raised_mark():
    for above in ("体育新闻之0", "工作总结2021", "绿地报告*"):
        (row,) = propose(f"{above}\n\n{PARAGRAPH * 6}\n\n{PARAGRAPH * 6}")
        assert (row["body_line"], row["affiliation"], row["author"]) == (1, "", "")
    (row,) = propose(f"公园里的树荫\n张建国1 王静*\n{PARAGRAPH * 6}\n{PARAGRAPH * 6}")
    assert (row["author"], row["body_line"]) == ("张建国;王静", 3)


@pytest.mark.parametrize("above", ["出席会议的同志名单", "一等奖获得者", "各组参加人员如下"])
def test_a_list_of_names_begins_no_article(above):
    text = "\n".join([PARAGRAPH * 3, above, "王大林 李小明 陈国华", PARAGRAPH * 3, PARAGRAPH * 2])
    assert len(propose(text)) == 1
    titled = text.replace(above, "公园里的树荫与绿道")
    assert len(propose(titled)) == 2  # what it would be below a title
    assert len(propose(titled.replace("王大林 李小明 陈国华", "高明区 万州区 武侯区"))) == 1  # places


def test_what_reading_remarked_is_looked_at_too_unless_it_is_said_of_most():
    """A page without text, a damaged character: whoever begins a study hears of it, once a document."""
    documents = pd.DataFrame({"id": list("abcd"), "file": "x", "remarks": ["", "2 damaged", "", None]})
    of = documents.assign(format="text", text=PARAGRAPH, date="", author="", place=None)
    rows = split.articles(of).assign(voice="", author="", title="t", date="", han=200)
    assert to_check(rows, rows, of).tolist() == ["", "2 damaged", "", ""]
    twice = pd.concat([rows, rows], ignore_index=True)
    assert to_check(twice, twice, of).tolist() == ["", "2 damaged", "", "", *[""] * 4]
    assert not to_check(rows, rows, of.assign(remarks="abstract")).any()
    assert to_check(rows[:1], rows[:1], of.assign(remarks="abstract")).all()


def test_a_letter_that_is_signed_begins_no_article():
    letters = "\n".join([PARAGRAPH, "此致", "敬礼", "张建国", PARAGRAPH] * 3)
    assert len(propose(letters)) == 1


def test_a_pdf_of_several_articles_is_cut_where_titles_with_bylines_stand_and_nowhere_else():
    page = [PARAGRAPH * 3, "老人散步承担起", "承担起城市公园养护管理的市园林局方外流", PARAGRAPH]
    pieces = [
        f"\f公园年鉴\n{head}\n" + "\n".join(page)
        for head in ("公园怎么建\n张建国 李小明", "树怎么种\n城市里的树\n南屏大学 陈小林")
    ]
    one = "\n".join(page)
    documents = table("\n".join([*pieces, f"\f公园年鉴\n{one}"])).assign(format="pdf")
    found = split.articles(documents)
    assert list(found["title"]) == ["公园怎么建", "树怎么种城市里的树"]
    assert list(found["author"]) == ["张建国;李小明", "陈小林"]
    plain = split.articles(table(f"\f{one}\n\f{one}").assign(format="pdf", title="年鉴"))
    assert plain["start_line"].isna().all() and list(plain["title"]) == ["年鉴"]


TURNS = [
    ("问：{}", "答：{}"),
    ("**访谈者：** {}", "**受访者A：** {}"),
    ("1. [00:01:30] 访谈员：{}", "2. [00:02:30] A03：{}"),
    ("主席：{}", "陈议员（译文）：{}"),
    ("MR CHAN Kin-por: {}", "MS HO: {}"),
    ("访谈者 00:01:30\n{}", "受访者 00:02:10\n{}"),
    ("发言人 1 00:12\n{}", "发言人 2  00:30\n{}"),
    ("SPEAKER_00: {}", "SPEAKER_01: {}"),
    ("发言人1：{}", "发言人 00:12\n{}"),
]


@pytest.mark.parametrize("labels", TURNS)
def test_what_each_speaker_says_is_an_article_without_labels(tmp_path, labels):
    said = [f"公园第{n}处都有树。" for n in range(8)]
    spoken = [labels[n % 2].format(one) for n, one in enumerate(said)]
    text = "\n".join(["访谈记录", "编号：一", *spoken[:4], "访谈记录", *spoken[4:]])
    documents = table(text)
    rows = pd.DataFrame(speaking.cut(documents, "^访谈记录$", True), columns=registry.REGISTRY).fillna("")
    found = split.articles(documents, rows)
    assert [text.split("\n") for text in found["text"]] == [
        said[n : n + 4][k::2] for n in (0, 4) for k in (0, 1)
    ]
    assert found["id"].is_unique and list(found["start_line"].unique()) == [
        1,
        text[: text.rindex("访谈记录")].count("\n") + 1,
    ]
    registry.write(found, tmp_path / "articles.csv")
    again = registry.read(tmp_path / "articles.csv")
    assert list(split.articles(documents, again)["text"]) == list(found["text"])
    again.loc[1, "body"] = again.loc[0, "body"]
    again.to_csv(tmp_path / "articles.csv", index=False)
    with pytest.raises(Refused, match="claims too"):
        registry.read(tmp_path / "articles.csv")


def test_spaces_behind_a_clock_do_not_stop_the_reading():
    # where time grows with their square, this line takes minutes
    assert not speaking.speaks("张三 12:30" + " " * 100_000 + "完") and speaking.speaks("张三 12:30 ： ")


def test_who_speaks_once_for_all_is_no_speaker_and_a_label_of_an_article_stays():
    text = "目标：建公园。\n措施：种树。\n他说：好。\n问：好吗？\n答：好。\n问：多吗？\n答：多。"
    assert speaking.speakers([text]) == ({"问": 2, "答": 2}, ["目标", "措施", "他说"])
    debate = "陈大文议员：好。\n总之：很好。\n周议员：不好。\n陈大文议员：对。\nMr Li: no.\nMr Chan: yes.\nMr Chan: no."
    said = pd.DataFrame(speaking.cut(table(debate), "", True)).set_index("author")["body"].to_dict()
    assert said == {"陈大文议员": "1:2;4:4", "周议员": "3:3", "Mr Li": "5:5", "Mr Chan": "6:6;7:7"}
    row = {"id": "a", "source": "a", "start_line": 1, "end_line": 7, "body": "1:7", "author": "张三"}
    found = split.articles(table(text), pd.DataFrame([row], columns=registry.REGISTRY).fillna(""))
    assert found["text"][0].startswith("目标：")
    again = "总结：甲。\n文。\n总结：乙。"  # pieces of no speaker that begin alike
    assert speaking.without_labels(again, [(1, 2), (3, 3)], "张三", "a") == again
    for author, name in (("总结", "a"), ("张三", "a-总结")):
        assert speaking.without_labels(again, [(1, 2), (3, 3)], author, name) == "甲。\n文。\n乙。"
    (row,) = speaking.cut(table("公园。\n绿地。", author="张三", title="园", date="2021"), "湖", True)
    assert [row[key] for key in ("author", "title", "date", "body")] == ["张三", "园", "2021", "1:2"]
    assert speaking.parts("甲\n乙\n甲\n", "甲") == [(1, 2), (3, 4)] and speaking.parts("前\n甲", "甲") == [
        (1, 1),
        (2, 2),
    ]
