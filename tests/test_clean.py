"""Before and after: what each step of `clean` does, and what it must leave alone."""

import re
from itertools import accumulate
from time import process_time

import pandas as pd
import pytest

from nqp_topics.documents.clean import clean, han, losses
from nqp_topics.documents.cleaning import characters, marks, pages, paragraphs
from nqp_topics.documents.propose import propose
from nqp_topics.documents.split import passages
from nqp_topics.study import Refused, Repair

CASES = [
    (characters.unify_line_ends, "一\r\n二\r三", "一\n二\n三"),
    (
        characters.resolve_entities,
        "&ldquo;公园&rdquo;&nbsp;&amp;nbsp;R&amp;D&#10;p&lt;.05，A&B;",
        "“公园”  R&D p&lt;.05，A&B;",
    ),
    (characters.write_angles, "p&lt;.05，甲&gt;乙", "p<.05，甲>乙"),
    (characters.drop_invisible, "公\u200b园\ufeff与\u00ad绿地", "公园与绿地"),
    (
        characters.drop_invisible,
        "　\uf0b7 公园\uf061\n\uf06c\t绿\ue5e5地\ue812",
        "　▪ 公园\uf061\n▪ 绿　地\ue812",
    ),
    (characters.fold_compatibility, "⾦融与\uf90a属", "金融与金属"),
    (marks.drop_markup, "[公园](javascript:void(0);)与[绿地](javascript的)", "公园与[绿地](javascript的)"),
    (characters.fold_widths, "ＡＩ占比９．４％，（甲）", "AI占比9.4%，（甲）"),
    (pages.drop_page_numbers, "公园\n— 45 —\n绿地", "公园\n\n绿地"),
    (pages.drop_page_numbers, "公园\n— 106\n\n—\n绿地", "公园\n\n\n\n绿地"),
    (pages.drop_page_numbers, "占\n—18%，与\n共 12 页的册子", "占\n—18%，与\n共 12 页的册子"),
    (paragraphs.undouble, "让老人住近让老人住近\n林小雨林小雨\n研究研究", "让老人住近\n林小雨\n研究研究"),
    (
        paragraphs.undouble,
        "  口口袋袋公公园园年年\n绿绿地地公公园园\n绿地公园\n平平安安快快乐乐\n人人常常谢谢\n11223344",
        "  口袋公园年\n绿地公园\n绿地公园\n平平安安快快乐乐\n人人常常谢谢\n11223344",
    ),
    (marks.drop_citation_marks, "树荫多了”[1]，绿道通了［4］53。", "树荫多了”，绿道通了。"),
    (marks.drop_citation_marks, "此后。[18]2023年10月，新线开通〔17〕。", "此后。2023年10月，新线开通。"),
    (marks.drop_citation_marks, "此事②。又见<sup>[3-5]</sup>他文⑤ 一例", "此事。又见他文一例"),
    (marks.drop_citation_marks, "要求：①种树；②修路；③养护。", "要求：①种树；②修路；③养护。"),
    (marks.drop_citation_marks, "见[14《]园林年鉴》", "见《园林年鉴》"),
    (marks.drop_author_years, "已有研究（林小雨，2021；周明等，2019）认为", "已有研究认为"),
    (marks.drop_author_years, "《园林志（2021）》与（2019—2023年）", "《园林志（2021）》与（2019—2023年）"),
    (marks.widen_punctuation, "绿地,公园;约(甲)占1,000亩:8:30开", "绿地，公园；约（甲）占1,000亩：8:30开"),
    (marks.close_spaces, "注 重 绿 地 ，建 设 2023 年 的 5G 网络 。", "注重绿地，建设2023年的5G网络。"),
    (marks.close_spaces, "截 至 2 0 2 4 年 底 ， 绿 道 通 了 。", "截至2024年底，绿道通了。"),
    (marks.close_spaces, "得分为1 2 3 4 5 6 7 8 9，不变。", "得分为1 2 3 4 5 6 7 8 9，不变。"),
    (marks.close_spaces, "公园城市 绿道网络", "公园城市 绿道网络"),
    (marks.close_spaces, "减少80% ~85%与 Wi-Fi network 覆盖，", "减少80%~85%与Wi-Fi network覆盖，"),
    (marks.drop_web_inserts, "《绿源（73.00，-1.16，-1.56%）规划》", "《绿源规划》"),
    (marks.drop_labels, "<正>~~摘要：公园是城市的客厅。", "公园是城市的客厅。"),
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
    column = "口袋公园是家门口的绿地，老人散步、孩子 游戏都在这里。树要种得密，凳子要放得近。 绿道把公园连起来，骑车的人不再绕路，走 路的人也有了树荫，城市因此慢了下来。".split()
    first = column[0][:18]
    text = "\n\n".join(
        [first, column[0][18:] + column[1][:18], column[1][18:], column[2][:18], column[2][18:] + column[3]]
    )
    lines = "\n".join(["城市公园" * 5, "绿地绿道" * 5, "树荫凳子" * 5])
    assert "\n" not in paragraphs.join_lines(paragraphs.mark_paragraphs(lines, paragraphs.layout(lines)))
    assert han(clean(text)) == han(text)


@pytest.mark.parametrize("sign", ["&{};", "&amp;{};"])
def test_a_tag_that_is_written_about_is_no_markup(sign):
    less, more = (sign.format(name) for name in ("lt", "gt"))
    assert clean(f"写{less}br{more}表示<b>换行</b>，p{less}.05。") == "写<br>表示换行，p<.05。"
    assert clean(f"{less}正{more}写在文章之前的是记号。") == "写在文章之前的是记号。"


def test_a_repair_touches_only_its_lines_and_spares_words():
    rule = Repair("font", "a", (2, 2), {"冶": "”"}, ("冶金",))
    assert characters.repair_characters("“绿冶\n“绿冶与冶金\n冶", [rule]) == "“绿冶\n“绿”与冶金\n冶"


def test_what_a_study_drops_goes_line_by_line():
    text = "[00:12] 绿地@甲_1 多\n说//@乙:公园\n绿地\n"
    assert characters.drop_patterns(text, [r"\[[\d:]+\] ", "(?s)//@.*"]) == "绿地@甲_1 多\n说\n\n"


def test_losses_account_for_every_chinese_character():
    text = "公园多了[1]（林小雨，2021）。\n\n参考文献\n\n[1] 林小雨. 公园[J]. 园林, 2021.\n"
    lost = losses(text)
    assert han(text) - han(clean(text)) == lost["han"].sum() == 3 + 4 + 7


def test_lines_that_do_not_exist_are_refused():
    with pytest.raises(Refused, match="a document of 2 lines"):
        clean("一\n二", lines=[(2, 5)])


BODY = "公园是城市的客厅，树荫下坐着下棋的老人，孩子在草地上奔跑。"


def bare_letters(text):
    return re.sub(r"</?su[bp]>|[\s,;:?!，；：？！()（）<>/]", "", text)


LABELS = "编辑 责任编辑 责编 校对 责任校对 主持人 记者 作者 执笔人 通讯作者 第一作者 关键词 提要".split()


@pytest.mark.parametrize("form", ["text", "docx"])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("label", LABELS)
def test_a_speaker_loses_no_turn_whatever_the_label(label, between, form):
    turns = [
        f"{label}：请问公园应当建在哪里？",
        "周明：公园应当建在家门口，老人走得到。",
        f"{label}：周明",
        "周明：绿道把公园连起来。",
    ]
    for pieces in (["公园城市怎么建", *turns], turns, turns[:1]):
        if label in ("通讯作者", "第一作者", "提要"):
            pieces = [piece for piece in pieces if piece != f"{label}：周明"]
        said = between.join(pieces)
        kept = clean(said, form=form)
        assert bare_letters(kept) == bare_letters(said).replace(
            "提要请问", "请问" if label == "提要" else "提要请问"
        ).replace("提要那么", "那么")


@pytest.mark.parametrize("form", ["text", "docx"])
@pytest.mark.parametrize(
    "text",
    [
        f"（编辑：这里应当说明，公园的数字来自两份年鉴。）\n\n{BODY}",
        f"（作者是谁，无人知道。）\n\n（作者为此走访了三所大学。）\n\n（作者系统梳理了三所大学的年鉴。）\n\n{BODY}",
        f"{BODY}\n\n关键词：绿色\n\n{BODY}\n\n关键词：开放\n\n{BODY}",
        f"关键词：绿色是这一年说得最多的词，老人也挂在嘴边。\n\n{BODY}",
        f"资助项目：改造公园、绿道和凳子，每处不超过三万元。\n\n基金项目：今年新设三个，都用于公园。\n\n{BODY}",
        f"青禾区公园绿地面积合计 330108\n\n到年底登记参保的老人达到 234567\n人，比上年多一成。\n{BODY}",
        "提要求的时候，老人说得最多的是凳子。\n摘要写得好不好，读者看得出来。\n内容提要应当短，一百个字就够了。",
        "取值在区间[0,1]上，越大越好；又在[1,5]之间，另取范围[2, 7]；设x∈[1,3]，y=[2,4]，数列a[1]与a[2]相等。",
        "依照临政发〔2023〕12号和第〔88〕号令办理。",
        "占地5km<sup>2</sup>，体积3m<sup>3</sup>，约10<sup>6</sup>棵，R<sup>2</sup>为0.9。",
        "方案①优于方案②，公式③也说明了这一点。",
        "公园条例（修订，2021）与规划（试行2019），冬奥会（北京2022），人数（截至2023），图（江苏，2021）。",
        "若a<b且b>c，则公园更大；又若x<i 时y>k，绿地更小。",
        "三项指标（1.2，3.4，5.6%）都比上年高。",
        f"{BODY}\n\n135135\n\n{BODY}",
        f"{BODY}\n表1 的数据说明公园逐年增加，绿道的长度也\n跟着增加，老人有了去处。",
        f"{BODY}\n图 3 反映了十年间公园数量的变化，可以看\n到绿地越来越多。",
        f"来源：一是财政拨款，二是社会捐赠，三是公园自己的收入。\n\n{BODY}",
        f"数据来源：本文的数据来自两份年鉴。时间从2010年到2020年，缺失的年份用前后两年的平均数补上。\n\n{BODY}",
        "主要任务是①种树、②修路。\n\n①种树。树要种得密，夏天才有树荫。\n\n②修路。路要修得平，老人才走得稳。",
        "\n".join(f"{year}\n" + "\n".join([BODY] * 8) for year in (2019, 2020, 2021)),
        f"他在序言里写道：\n\nThe park is the living room of the city\n\n{BODY}",
        "\f".join("\n".join([BODY, "12 34", *["56 78"] * 9, BODY]) for _ in range(4)),
    ],
)  # fmt: skip
def test_what_looks_like_furniture_and_is_text_stays(text, form):
    assert bare_letters(clean(text, form=form)) == bare_letters(text)


@pytest.mark.parametrize(
    "furniture",
    ["责任编辑：周明", "编辑：周明　校对：陈小林", "（责任编辑：周明 陈小林）", "（编辑 周明）", "责编：欧阳明", "（作者系南屏大学教授）", "（作者：林小雨）",
     "（作者：林小雨，临江市市长助理；周明，南屏大学公共管理学院副教授。）", "作者简介：林小雨（1980—），女，教授。", "关键词：公园；绿地；绿道",
     "【关键词】公园 绿地", "1. 南屏大学 公共管理学院，临江 330108", "基金项目：国家社会科学基金重点项目“公园研究”（18AJL001）", "来源：临江日报",
     "图1 公园的分布\n资料来源：临江统计年鉴。", "参考文献\n[1] 林小雨. 公园. 临江出版社"],
)  # fmt: skip
def test_furniture_that_proves_itself_goes(furniture):
    assert clean(f"{BODY}\n\n{furniture}\n\n{BODY}") == f"{BODY}\n{BODY}"


@pytest.mark.parametrize(
    "cited, said",
    [("公园[3]12所，绿道[4] 35 条。", "公园12所，绿道35条。"), ("绿道延长[4]35公里。", "绿道延长35公里。"), ("“客厅”［6］52从公园看，“绿道”[7]75-76而且", "“客厅”从公园看，“绿道”而且")],
)  # fmt: skip
def test_a_quantity_behind_a_citation_mark_is_no_page(cited, said):
    assert clean(cited) == said


def test_full_lines_under_a_label_are_not_taken_for_its_value():
    assert (
        clean(
            "\n".join(["关键词：公园；绿地；绿道；树荫；凳子；老人；孩子", BODY[:25], BODY[:25], BODY[:12]])
        )
        == BODY[:25] * 2 + BODY[:12]
    )


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
    lines = [BODY[:20], BODY[:20], "绿道连着公园和社区。", "公园城市怎么建", "周明"]
    lines += [BODY[:20], BODY[:20], BODY[:12]]
    whole_text = clean("\n".join(lines)).split("\n")
    for first in range(1, len(lines) + 1):
        for last in range(first, len(lines) + 1):
            part = clean("\n".join(lines), [(first, last)]).split("\n")
            assert all(any(piece in paragraph for paragraph in whole_text) for piece in part)


def test_losses_of_long_paragraphs_are_the_marks_alone():
    text = "".join(f"公园{n}号有树荫[{n % 90 + 1}]，孩子在草地上奔跑。" for n in range(200))
    lost = losses(text)
    assert set(lost["step"]) == {"drop_citation_marks"} and lost["han"].sum() == 0
    assert "".join(lost["removed"]).count("[") == 200


def test_pictures_rules_and_comments_of_markdown_go():
    assert clean(f"{BODY}\n\n![](images/a.jpg)\n\n---\n\n<!-- 注 -->\n\n{BODY}") == f"{BODY}\n{BODY}"


def is_linear(seconds):
    """Ask that four times the text takes about four times as long: no step tries every place from every place. The clock may lie once."""
    few = max(seconds(5_000), 0.025)  # below that it tells of the machine
    assert any(seconds(20_000) < 10 * few for _ in range(2))


@pytest.mark.parametrize(
    "unit",
    [*"[ ![ [1 （ ① ①花 ，①花 ……".split(), "\t", "　", "\f", "记者：\n", "[\n", "参考文献\n", "**\n"],
)
def test_many_of_one_mark_do_not_hang(unit):
    def seconds(size):
        text, start = "花" + unit * (size // len(unit)) + "花，。", process_time()
        passages(pd.DataFrame([{"id": "a", "text": clean(text)}]))
        return process_time() - start

    is_linear(seconds)


def test_many_marks_that_return_at_pages_are_linear():
    """Whether sentences go on behind marks is looked for once, not for each of them."""

    def seconds(size):
        marks = [f"{chr(0x4E00 + n)}山水{chr(0x5E00 + n)}" for n in range(size // 100)] * 4
        printed = [
            "\n".join([mark, *(sentences(9 * n + i, 1) for i in range(5))]) for n, mark in enumerate(marks)
        ]
        text, start = "\n\f".join(printed), process_time()
        pages.drop_running_heads(text)
        return process_time() - start

    is_linear(seconds)


@pytest.mark.parametrize("unit", ["花，", "花。\n", "记者：\n", "——2021年3月5日，\n", "（作者系\n", "周明\n"])
def test_pieces_proposals_and_passages_are_linear_too(unit):
    def seconds(size):
        text, start = unit * (size // len(unit)), process_time()
        made = clean(text, [(n, n) for n in range(1, text.count("\n") + 1)])
        propose(text)
        passages(pd.DataFrame([{"id": "a", "text": text}, {"id": "b", "text": made}]))
        return process_time() - start

    is_linear(seconds)


def test_a_rule_with_a_word_behind_it_is_looked_at_once():
    assert clean("花开。\n" + "-" * 5000 + "花\n| --- | :--- |\n" + "-" * 500).count("花") == 2


def sentences(first, many):
    return "".join(
        f"第{n}座公园离家门口{3 * n}步，{'老人孩子树荫绿道'[n % 8 :]}各得其所。"
        for n in range(first, first + many)
    )


def printed_pages(head, foot, many=6):
    """Pages without form feeds: a long paragraph wrapped at 26 characters, parted every 20 lines."""
    text = sentences(1, many * 22)
    lines = [text[at : at + 26] for at in range(0, 26 * 20 * many, 26)]
    parts = [(lines[20 * n : 20 * n + 20], [foot(n), head(n + 1)]) for n in range(many)]
    return text[: 26 * 20 * many], "\n".join(line for page, mark in parts for line in (*page, *mark) if line)


@pytest.mark.parametrize(
    "head, foot",
    [
        # the number alone shows the page
        (lambda n: "公园年鉴选编" if n % 2 else "绿地论坛", lambda n: f"{n + 7}"),
        (lambda n: f"公园年鉴　　第 3 期　　{n + 7}", lambda n: ""),  # the number stands in the head
        (lambda n: "仅供内部交流", lambda n: ""),  # nothing but an even distance
    ],
)
def test_running_heads_are_known_without_form_feeds(head, foot):
    text, printed = printed_pages(head, foot)
    assert re.sub(r"\s", "", clean(printed)) == text


@pytest.mark.parametrize(
    "apart, end, left", [([6] * 6, -8, 0), ([3, 8, 6, 11, 4, 7], -8, 6), ([6] * 6, None, 6)]
)
def test_a_mark_on_every_sixth_page_goes_and_a_heading_at_uneven_pages_or_between_sentences_stays(
    apart, end, left
):
    marked = set(accumulate(apart))
    pages = [[sentences(9 * n, 4), sentences(9 * n + 4, 3), sentences(9 * n + 7, 4)[:end]] for n in range(42)]
    printed = ["\n".join([*page, *["思考与讨论"] * (n in marked)]) for n, page in enumerate(pages)]
    assert clean("\n\f".join(printed)).count("思考与讨论") == left


@pytest.mark.parametrize("dots", ["………………", " . . . . . ", "\t", "　　　"])
def test_contents_go_and_make_no_article_and_prices_and_rankings_stay(dots):
    titles = [f"{'老人孩子树荫绿道'[n]}与公园：问题与对策" for n in range(6)]
    names = ["陈小林", "周明", "李小明", "张建国", "王静", "吴大林"]
    entries = [
        f"{title}{dots}{name}（{3 + 8 * n}）"
        for n, (title, name) in enumerate(zip(titles, names, strict=True))
    ]
    entries[2:3] = [titles[2][:5], entries[2][5:]]
    articles = [
        f"{title}\n{name}\n{sentences(9 * n, 8)}\n{sentences(9 * n + 9, 2)}"
        for n, (title, name) in enumerate(zip(titles, names, strict=True))
    ]
    for above in ([], articles[:1]):
        text = "\n".join([*above, "目　录", *entries, *articles[len(above) :]])
        assert bare_letters(clean(text)) == bare_letters("".join(articles))
        assert [row["title"] for row in propose(text)] == titles
    for stays in (
        ["目录", *entries],
        [*reversed(entries), *articles],
        [*entries[:2], entries[-1], *articles],
        *([["参观人数", *entries, *articles]] * dots.isspace()),
    ):
        assert "吴大林（43）" in clean("\n".join(stays))


def test_what_returns_behind_unfinished_lines_is_no_running_head():
    excerpts = ""
    for n in range(6):
        said = sentences(9 * n, n % 3 + 2)
        printed = "\n".join(said[at : at + 26] for at in range(0, len(said), 26))
        excerpts += f"{printed}\n——20{10 + n}年3月5日，林小雨在临江市城市公园建设大会\n上的讲话\n"
    chapters = "".join(f"第{n}节\n{sentences(n, 3)}\n" for n in range(1, 7))
    song = "\n".join(["门前种一棵树，", "啦啦啦", "树下坐一个人，", "啦啦啦"] * 6)
    steps = "".join(
        f"{n} 种树\n先看地，再看水，然后挖坑，回头再浇水，最后{'培土' * n}\n" for n in range(1, 6)
    )
    stopless = "".join(f"{n} 月\n{sentences(9 * n, 8)[:-1]}，树都绿了\n" for n in range(1, 9))
    paragraphs = "\n".join(sentences(n, 4) for n in range(4))
    years = "".join(f"{n} 年\n{paragraphs}\n{sentences(n, 1)[:-1]}\n" for n in range(1990, 2000))
    verse = "".join(
        "".join(f"{'门前种树，树下坐着老人和孩子'[n % 3 :]}等着{m}树下\n" for m in range(n, n + 11))
        + "请等一等\n"
        for n in range(10, 16)
    )
    for text in (excerpts, chapters, song, steps, stopless, years, verse):
        assert pages.drop_running_heads(text) == text


def test_numbers_of_letters_and_stanzas_are_no_pages():
    said = [[sentences(9 * n + m, 2) for m in range(8)] for n in range(6)]
    letters = "\n".join("\n".join([f"{n}", "妈妈", *said[n], "小雨"]) for n in range(6))
    song = "\n".join(
        "\n".join([f"{n}", *"甲乙丙丁戊己庚".replace("", "树下\n").split(), "啦啦"]) for n in range(6)
    )
    for text, of in (letters, "妈妈小雨"), (song, "啦啦"):
        assert sum(clean(text).count(one) for one in of) == sum(text.count(one) for one in of)


def test_labels_and_names_are_known_in_traditional_script_too():
    body = "這個公園為老人與孩子開門，樹蔭對過馬路的人來說是門前的涼意。\n"
    said = f"關鍵詞：公園；綠道；樹蔭\n{body}（作者系南屏大學教授）\n編輯：請問公園應當建在哪裡？\n參考文獻\n[1] 陳國華. 綠道[J]. 園林, 2021.\n"
    assert clean(said).replace("\n", "") == body.strip() + "編輯：請問公園應當建在哪裡？"
    assert "drop_front_matter" in set(losses(said)["step"])


def test_notes_at_the_feet_of_pages_go_and_points_stay():
    text = sentences(1, 60)
    lines = [text[at : at + 26] for at in range(0, 26 * 40, 26)]
    pages_of = [lines[10 * n : 10 * n + 10] for n in range(4)]
    marked = []
    for n, page in enumerate(pages_of, 7):
        note = [
            f"①　参见{'陈林张王'[n % 4]}小林：《口袋公园与绿道》，《园林》20{n:02d}年",
            f"第{n}期，第{3 * n}页。",
        ]
        marked.append([f"{page[0][:9]}①{page[0][9:]}", *page[1:], *note, str(n)])
    assert re.sub(r"\s", "", clean("\n".join(line for page in marked for line in page))) == text[: 26 * 40]
    marked[1][1:10] = []  # a short page
    short = "\n".join(line for page in marked for line in page)
    assert "第8期" not in clean(short)
    assert not re.search(r"^\d+$", pages.drop_page_numbers(short), re.M)
    notes = "".join(f"{text[:80]}\n[\n{n}\n]\n" + "绿道\n" * 9 for n in range(1, 5))
    assert pages.drop_page_numbers(notes) == notes
    points = "\n".join(
        line
        for n, page in enumerate(pages_of, 7)
        for line in [*page, "两件事：①种树；②修路。", f"①种树，《园林年鉴》201{n % 7}年说过。", str(n)]
    )
    assert clean(points).count("园林年鉴") == 4
    behind = "\n\f".join(
        "\n".join([f"{page[0]}①", *page[1:], "①《口袋公园》，2019年。", f"老人{n}后来再没有写。"])
        for n, page in enumerate(pages_of)
    )
    assert clean(behind).count("后来再没有写") == 4 and "口袋公园" not in clean(behind)


def test_a_page_of_many_notes_does_not_hang():
    def seconds(size):
        text, start = "\f花①\n" * 3 + "①花\n" * (size // 3), process_time()
        pages.drop_notes_at_feet(text)
        return process_time() - start

    is_linear(seconds)
