"""Before and after: what each step of `clean` does, and what it must leave alone."""

import pytest

from nqp_topics.clean import clean, han, losses
from nqp_topics.cleaners import characters, furniture, marks, paragraphs
from nqp_topics.study import Refused, Repair

CASES = [
    (characters.unify_line_ends, "一\r\n二\r三", "一\n二\n三"),
    (characters.drop_invisible, "公\u200b园\ufeff与\u00ad绿地", "公园与绿地"),
    (characters.fold_compatibility, "⾦融与\uf90a属", "金融与金属"),
    (characters.fold_widths, "ＡＩ占比９．４％，（甲）", "AI占比9.4%，（甲）"),
    (furniture.drop_page_numbers, "公园\n— 45 —\n绿地", "公园\n\n绿地"),
    (furniture.drop_page_numbers, "公园\n— 106\n\n—\n绿地", "公园\n\n\n\n绿地"),
    (furniture.drop_page_numbers, "占\n—18%，与\n共 12 页的册子", "占\n—18%，与\n共 12 页的册子"),
    (
        paragraphs.undouble,
        "让老人住得近让老人住得近\n林小雨林小雨\n研究研究",
        "让老人住得近\n林小雨\n研究研究",
    ),
    (marks.drop_citation_marks, "树荫多了”[1]，绿道通了［4］53。", "树荫多了”，绿道通了。"),
    (marks.drop_citation_marks, "此后。[18]2023年10月，新线开通〔17〕。", "此后。2023年10月，新线开通。"),
    (marks.drop_citation_marks, "此事②。又见<sup>[3-5]</sup>他文⑤ 一例", "此事。又见他文一例"),
    (marks.drop_citation_marks, "要求：①种树；②修路；③养护。", "要求：①种树；②修路；③养护。"),
    (marks.drop_citation_marks, "见[14《]园林年鉴》", "见《园林年鉴》"),
    (marks.drop_author_years, "已有研究（林小雨，2021；周明等，2019）认为", "已有研究认为"),
    (
        marks.drop_author_years,
        "《园林年鉴（2021）》与（2019—2023年）",
        "《园林年鉴（2021）》与（2019—2023年）",
    ),
    (marks.widen_punctuation, "绿地,公园;约(甲)占1,000亩:8:30开", "绿地，公园；约（甲）占1,000亩：8:30开"),
    (marks.close_spaces, "注 重 绿 地 ，建 设 2023 年 的 5G 网络 。", "注重绿地，建设2023年的5G网络。"),
    (marks.close_spaces, "公园城市 绿道网络", "公园城市 绿道网络"),
    (marks.close_spaces, "减少80% ~85%与 Wi-Fi network 覆盖，", "减少80%~85%与Wi-Fi network覆盖，"),
    (marks.drop_web_inserts, "《绿源（12.340，-1.16，-1.56%）规划》", "《绿源规划》"),
    (marks.drop_labels, "**[摘要]**公园是城市的客厅。", "公园是城市的客厅。"),
]


@pytest.mark.parametrize("step, before, after", CASES)
def test_before_and_after(step, before, after):
    assert step(before) == after


@pytest.mark.parametrize("step", [case[0] for case in CASES])
def test_a_step_leaves_clean_text_alone(step):
    text = "第3号公园占地2.5公顷，PM2.5下降10.5%。\n“15分钟生活圈”在2019—2023年建成。"
    assert step(text) == text


def test_wrapped_lines_become_paragraphs():
    column = [
        "口袋公园是家门口的绿地，老人散步、孩子",
        "游戏都在这里。树要种得密，凳子要放得近。",
        "绿道把公园连起来，骑车的人不再绕路，走",
        "路的人也有了树荫，城市因此慢了下来。",
    ]
    first = column[0][:18]
    text = "\n\n".join(
        [first, column[0][18:] + column[1][:18], column[1][18:], column[2][:18], column[2][18:] + column[3]]
    )
    lines = "\n".join(["城市公园" * 5, "绿地绿道" * 5, "树荫凳子" * 5])
    assert "\n" not in paragraphs.join_lines(paragraphs.mark_paragraphs(lines))
    assert han(clean(text)) == han(text)


def test_a_repair_touches_only_its_lines_and_spares_words():
    rule = Repair("font", "a", (2, 2), {"冶": "”"}, ("冶金",))
    assert characters.repair_characters("“绿冶\n“绿冶与冶金\n冶", [rule]) == "“绿冶\n“绿”与冶金\n冶"


def test_losses_account_for_every_chinese_character():
    text = "公园多了[1]（林小雨，2021）。\n\n参考文献\n\n[1] 林小雨. 公园[J]. 园林, 2021.\n"
    lost = losses(text)
    assert han(text) - han(clean(text)) == lost["han"].sum() == 3 + 4 + 7


def test_lines_that_do_not_exist_are_refused():
    with pytest.raises(Refused, match="a document of 2 lines"):
        clean("一\n二", lines=[(2, 5)])


BODY = "公园是城市的客厅，树荫下坐着下棋的老人，孩子在草地上奔跑。"


@pytest.mark.parametrize(
    "label", ["关键词：公园；绿地", "收稿日期：2024-01-05", "责任编辑：周明", "通讯作者：林小雨"]
)
def test_a_label_takes_its_own_line_and_not_what_follows(label):
    assert clean(f"{label}\n{BODY}\n{BODY}\n").replace("\n", "") == BODY * 2


@pytest.mark.parametrize(
    "text",
    [
        "（作者为了写这本书，走访了三个村子，\n又查了县志（见第三章），\n写成了十万字。）" + BODY,
        "（编辑部的故事有很多，这里只说一个。）" + BODY,
        "作者：我认为公园应当建在家门口，绿地应当连成片。",
        f"注释\n{BODY}",
    ],
)
def test_sentences_that_look_like_notes_stay(text):
    assert han(clean(text)) == han(text)


def test_no_paragraph_begins_with_a_mark_that_closes():
    text = "各地严格执行\n《\n公园管理条例\n》、《绿地管理办法\n》，\n做好日常养护。\n"
    assert clean(text) == "各地严格执行《公园管理条例》、《绿地管理办法》，做好日常养护。"


def test_breaks_do_not_depend_on_the_lines_asked_for():
    lines = [
        BODY[:20],
        BODY[:20],
        "绿道连着公园和社区。",
        "公园城市怎么建",
        "周明",
        BODY[:20],
        BODY[:20],
        BODY[:12],
    ]
    whole_text = clean("\n".join(lines)).split("\n")
    for first in range(1, len(lines) + 1):
        for last in range(first, len(lines) + 1):
            part = clean("\n".join(lines), [(first, last)]).split("\n")
            assert all(any(piece in paragraph for paragraph in whole_text) for piece in part)


def test_losses_of_long_paragraphs_are_the_marks_alone():
    text = "".join(f"公园{n}号有树荫[{n % 90 + 1}]，孩子在草地上奔跑。" for n in range(400))
    lost = losses(text)
    assert set(lost["step"]) == {"drop_citation_marks"} and lost["han"].sum() == 0
    assert "".join(lost["removed"]).count("[") == 400


def test_pictures_rules_and_comments_of_markdown_go():
    assert clean(f"{BODY}\n\n![](images/a.jpg)\n\n---\n\n<!-- 注 -->\n\n{BODY}") == f"{BODY}\n{BODY}"
