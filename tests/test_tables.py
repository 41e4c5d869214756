"""Printed tables: the cells are known answers, and what LaTeX and Word files hold is read back."""

import io
import re
import zipfile

import docx
import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn

from nqp_topics import figures
from nqp_topics.figures import Column
from nqp_topics.study import Refused

NAN = float("nan")
SPECIAL = r"50% & a_b #1 $5 {x} ~ ^ \ <|> 人才"


@pytest.fixture
def topics():
    return pd.DataFrame(
        {
            "topic": ["T01", "T02", "T03"],
            "en": ["Talent and schools", "Green growth", SPECIAL],
            "zh": ["人才与教育", "绿色发展", "100%国产_化"],
            "words": ["人才 教育 高校 培养 创新 学科 队伍 机制 评价 激励 专业", "绿色 低碳 能源", "创新"],
            "share": [1 / 3, 0.05, 0.1 + 0.2],
            "low": [0.3, 0.02, NAN],
            "high": [0.35, 0.08, 0.4],
            "stability": [0.625, NAN, 1.0],
            "tokens": [12345, 678, 9],
        }
    )


COLUMNS = [
    Column("topic", heading=("Topic", "主题")),
    Column("en", zh="zh", heading=("Label", "名称")),
    Column("words", heading=("Most probable words", "概率最高的词")),
    Column("share", ".1%", ("Share", "占比")),
    Column(("low", "high"), "interval .1%", ("95%\n[interval]", "95%区间")),
    Column("stability", "no zero .2f", ("Stability", "稳定性")),
    Column("tokens", ",.0f", ("Tokens", "词次")),
]
CAPTION, NOTE = ("The topics & their words", "主题及其词"), ("A dash: 100% unknown.", "短线表示未知。")


@pytest.fixture
def tests():
    return pd.DataFrame(
        {
            "group": ["leader_speech", "leader_speech", "academic"],
            "other": ["academic", "academic", "interview"],
            "topic": ["T01", "T02", "T01"],
            "difference": [0.045, -0.0321, -0.0001],
            "low": [0.02, -0.11, NAN],
            "high": [0.11, 0.0, NAN],
            "p": [0.0004, 0.0496, NAN],
            "holm": [0.012, 1.0, NAN],
        }
    )


def one(values, form, **options):
    cells = figures.set_table(pd.DataFrame({"x": values}), [Column("x", form, ("X", "X"), **options)])
    return cells["X"].tolist()


@pytest.mark.parametrize(
    ("form", "number", "text"),
    [
        ("p", 0.0004, "<\u00a0.001"),
        ("p", 0.0, "<\u00a0.001"),
        ("p", 0.00099, "<\u00a0.001"),
        ("p", 0.001, ".001"),
        ("p", 0.012, ".012"),
        ("p", 0.0496, ".050"),
        ("p", 0.9996, ">\u00a0.999"),
        ("p", 1, "1.000"),
        (".1%", 0.1234, "12.3%"),
        (".3f", 0.0456, "0.046"),
        (".3f", -0.0456, "−0.046"),
        (".3f", -0.0001, "0.000"),
        (",.0f", 1234567, "1,234,567"),
        ("no zero .2f", -0.456, "−.46"),
        ("no zero .2f", 10.04, "10.04"),
        ("no zero .2f", -0.0001, ".00"),
        (".2f", NAN, "–"),
        ("p", None, "–"),
    ],
)
def test_numbers_are_set_as_journals_set_them(form, number, text):
    assert one([number, 0.5], form)[0] == text


def test_intervals_join_two_columns_and_need_both():
    table = pd.DataFrame({"low": [0.02, -0.25, NAN], "high": [0.11, 1.0, 0.3]})
    set_as = {
        form: figures.set_table(table, [Column(("low", "high"), form)]).iloc[:, 0].tolist()
        for form in ("interval", "interval .1%", "interval .3f", "interval no zero .1f")
    }
    assert set_as == {
        "interval": ["[.02, .11]", "[−.25, 1.00]", "–"],
        "interval .1%": ["[2.0%, 11.0%]", "[−25.0%, 100.0%]", "–"],
        "interval .3f": ["[0.020, 0.110]", "[−0.250, 1.000]", "–"],
        "interval no zero .1f": ["[.0, .1]", "[−.2, 1.0]", "–"],
    }


def test_words_and_whole_numbers_stay_and_missing_words_are_blank():
    assert one(["a  b\n c", None, "人才"], "") == ["a b c", "", "人才"]
    assert one([3, -4], "") == ["3", "−4"]
    assert one(pd.array([3, None], dtype="Int64"), "") == ["3", "–"]
    assert one(["0.25", ""], ".1f") == ["0.2", "–"]


def test_each_language_shows_its_column_its_headings_and_its_labels(topics, tests):
    english, chinese = (figures.set_table(topics, COLUMNS, language) for language in ("en", "zh"))
    assert english["Label"].tolist() == topics["en"].tolist()
    assert chinese["名称"].tolist() == topics["zh"].tolist()
    assert english["Share"].tolist() == chinese["占比"].tolist() == ["33.3%", "5.0%", "30.0%"]
    column = [Column("group", "label"), Column("K", heading=("", "数"))]
    table = tests.assign(K=7)
    assert list(figures.set_table(table, column)) == ["group", figures.label("K", "en")]
    assert list(figures.set_table(table, column, "zh")) == ["group", "数"]
    for language in ("en", "zh"):
        expected = [figures.label(group, language) for group in tests["group"]]
        assert figures.set_table(table, column, language).iloc[:, 0].tolist() == expected


def test_repeats_are_blank_within_the_columns_before(tests):
    columns = [Column("group", once=True), Column("topic"), Column("other", once=True, heading=("other", ""))]
    cells = figures.set_table(tests.assign(other="x"), columns)
    assert cells["group"].tolist() == ["leader_speech", "", "academic"]
    assert cells["other"].tolist() == ["x", "", "x"]
    assert cells["topic"].tolist() == ["T01", "T02", "T01"]


def test_files_have_the_same_bytes_and_the_csv_every_digit(topics, tmp_path):
    topics.index = [5, 5, 9]
    for folder in ("one", "two"):
        figures.save_table(topics, tmp_path / folder / "my topics", CAPTION, COLUMNS, NOTE)
    names = [f"my topics{end}" for end in (".csv", ".docx", ".tex", ".zh.docx", ".zh.tex")]
    assert sorted(file.name for file in (tmp_path / "one").iterdir()) == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    back = pd.read_csv(tmp_path / "one" / "my topics.csv", dtype=str, keep_default_na=False)
    assert list(back) == list(topics)
    for name in topics:
        if pd.api.types.is_numeric_dtype(topics[name]):
            wanted = pytest.approx(topics[name].tolist(), rel=0, abs=0, nan_ok=True)
            assert [float(cell or "nan") for cell in back[name]] == wanted
        else:
            assert back[name].tolist() == topics[name].tolist()


def latex_rows(text):
    body = text.split(r"\toprule")[1].split(r"\bottomrule")[0]
    lines = [line for line in body.strip().splitlines() if line != r"\midrule"]
    assert all(line.endswith(r" \\") for line in lines)
    return [re.split(r"(?<!\\)&", line.removesuffix(r" \\")) for line in lines]


def printed(latex):
    """What LaTeX prints of a cell; whatever is left of its special characters stops the test."""
    said = {r"\textbackslash": "⧵", r"\textasciitilde": "∼", r"\textasciicircum": "⌃", r"\textbar": "|",
            r"\textasciigrave": "‵", r"\textquotedbl": "″"}  # fmt: skip
    text = re.sub(r"(\\text[a-z]+)\{\}", lambda found: said[found[1]], latex.strip())
    text = re.sub(r"\$([<>-])\$", lambda found: found[1].replace("-", "−"), text)
    text = re.sub(r"\\([&%$#_{} ])", lambda found: chr(0xE000 + ord(found[1])), text)
    text = text.replace("{}", "").replace("--", "–")
    assert not re.search(r"[\\{}$&#%_~^]", text), latex
    text = "".join(chr(ord(c) - 0xE000) if 0xE000 <= ord(c) < 0xE080 else c for c in text)
    return text.translate({ord(a): b for a, b in zip("⧵∼⌃‵″", '\\~^`"', strict=True)})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_latex_prints_the_cells_as_they_are_set(topics, tmp_path, language):
    figures.save_table(topics, tmp_path / "t", CAPTION, COLUMNS, NOTE)
    cells = figures.set_table(topics, COLUMNS, language)
    text = (tmp_path / ("t.tex" if language == "en" else "t.zh.tex")).read_text("utf-8")
    head, *rows = latex_rows(text)
    assert [len(row) for row in (head, *rows)] == [len(COLUMNS)] * 4
    assert [[printed(cell) for cell in row] for row in rows] == cells.to_numpy().tolist()
    preamble = re.search(r"\\begin\{tabular\}\{@\{\}(.*)@\{\}\}\n", text)[1]
    sides = re.findall(r"l|r|p", re.sub(r">\{.*?\}|\{[^{}]*\}", "", preamble))
    assert len(sides) == len(COLUMNS) and sides[2:] == ["p", "r", "r", "r", "r"]
    assert sum(map(float, re.findall(r"p\{([\d.]+)\\linewidth\}", preamble))) < 1
    for wanted in (r"\label{tab:t}", r"\caption{", r"\begin{table}", r"\end{table}"):
        assert text.count(wanted) == 1
    expected = [1, 1, 1, 0]
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\hline")] == expected
    caption = re.search(r"\\caption\{(.*)\}\n", text)[1]
    assert printed(caption) == CAPTION[language == "zh"]
    assert (r"\textit{Note.} A dash: 100\% unknown." if language == "en" else "注：短线表示未知。") in text


def test_latex_escapes_each_special_character_and_keeps_spaces_between_chinese_words(tmp_path):
    expected = {
        SPECIAL: r"50\% \& a\_b \#1 \$5 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{} $<$\textbar{}$>$ 人才",
        "人才 教育 AI 创新": r"人才\ 教育 AI 创新",
        "a--b ''c'' −1 –": "a-{}-b '{}'c'{}' $-$1 --",
        "[a": "{}[a",
        "*a": "{}*a",
    }
    table = pd.DataFrame({"x": list(expected), "y": "z"})
    figures.save_table(table, tmp_path / "t", ("", ""), [Column("x"), Column("y")])
    _, *rows = latex_rows((tmp_path / "t.tex").read_text("utf-8"))
    assert [row[0].strip() for row in rows] == list(expected.values())


def test_a_heading_of_two_lines_is_stacked_and_cannot_be_taken_for_an_option(topics, tmp_path):
    figures.save_table(topics, tmp_path / "t", CAPTION, COLUMNS)
    assert r"\shortstack[r]{95\% \\ {}[interval]}" in (tmp_path / "t.tex").read_text("utf-8")


def test_a_table_that_fits_the_line_breaks_no_words(tests, tmp_path):
    figures.save_table(tests, tmp_path / "t", CAPTION, [Column("group"), Column("topic"), Column("p", "p")])
    assert r"\begin{tabular}{@{}llr@{}}" in (tmp_path / "t.tex").read_text("utf-8")


def test_a_table_longer_than_a_page_runs_over_pages_with_its_head(tests, tmp_path):
    rows = pd.concat([tests] * 20, ignore_index=True)
    figures.save_table(rows, tmp_path / "t", CAPTION, [Column("topic"), Column("p", "p")], NOTE)
    text = (tmp_path / "t.tex").read_text("utf-8")
    first, second, body = re.split(r"\\endfirsthead|\\endhead", text)
    for head in (first, second):
        assert head.endswith("\\toprule\ntopic & p \\\\\n\\midrule\n")
    assert body.count(" \\\\\n") == len(rows) and r"\begin{table}" not in text
    assert r"\usepackage{longtable}" in text.splitlines()[0] and text.count(r"\caption{") == 1


def borders(element):
    found = element.find(f".//{qn('w:tblBorders')}") if element.tag == qn("w:tblPr") else element
    return {} if found is None else {child.tag.split("}")[1]: child for child in found}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_word_holds_the_cells_under_three_rules(topics, tmp_path, language):
    figures.save_table(topics, tmp_path / "t", CAPTION, COLUMNS, NOTE)
    cells = figures.set_table(topics, COLUMNS, language)
    document = docx.Document(tmp_path / ("t.docx" if language == "en" else "t.zh.docx"))
    (table,) = document.tables
    wanted = [list(cells), *cells.to_numpy().tolist()]
    assert [[cell.text.replace("\u00a0", " ") for cell in row.cells] for row in table.rows] == wanted
    drawn = {name: rule.get(qn("w:val")) for name, rule in borders(table._tbl.tblPr).items()}
    nothing = dict.fromkeys(("left", "right", "insideH", "insideV"), "nil")
    assert drawn == {"top": "single", "bottom": "single", **nothing}
    for number, row in enumerate(table.rows):
        for place, cell in enumerate(row.cells):
            own = cell._tc.tcPr.find(qn("w:tcBorders"))
            rules = {} if own is None else {name: r.get(qn("w:val")) for name, r in borders(own).items()}
            assert rules == ({"bottom": "single"} if number == 0 else {})
            right = WD_ALIGN_PARAGRAPH.RIGHT if place >= 3 else WD_ALIGN_PARAGRAPH.LEFT
            assert cell.paragraphs[0].alignment == right
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [column.width for column in table.columns] == [cell.width for cell in table.rows[1].cells]
    section = document.sections[0]
    line = section.page_width - section.left_margin - section.right_margin
    assert sum(column.width for column in table.columns) <= line * 1.001


@pytest.mark.parametrize("language", ["en", "zh"])
def test_word_has_a_counted_caption_above_and_a_note_below_in_both_fonts(topics, tmp_path, language):
    figures.save_table(topics, tmp_path / "t", CAPTION, COLUMNS, NOTE)
    document = docx.Document(tmp_path / ("t.docx" if language == "en" else "t.zh.docx"))
    above, table, below = (child for child in document.element.body if child.tag != qn("w:sectPr"))
    said = ["".join(t.text for t in part.iter(qn("w:t"))) for part in (above, below)]
    assert table.tag == qn("w:tbl")
    expected = {
        "en": [f"Table 1. {CAPTION[0]}", f"Note. {NOTE[0]}"],
        "zh": [f"表 1\u3000{CAPTION[1]}", f"注：{NOTE[1]}"],
    }
    assert said == expected[language]
    (field,) = above.iter(qn("w:fldSimple"))
    assert field.get(qn("w:instr")).split()[:2] == ["SEQ", {"en": "Table", "zh": "表"}[language]]
    runs = list(document.element.body.iter(qn("w:r")))
    assert len(runs) > 4 * len(COLUMNS)
    for run in runs:
        fonts = run.rPr.find(qn("w:rFonts"))
        heavy = above in run.iterancestors()
        assert fonts.get(qn("w:eastAsia")) == ("黑体" if heavy else "宋体")
        assert fonts.get(qn("w:ascii")) == fonts.get(qn("w:hAnsi")) == "Times New Roman"
    wanted = {"zh-CN"}
    assert {speech.get(qn("w:eastAsia")) for speech in document.styles.element.iter(qn("w:lang"))} == wanted


def test_word_files_say_neither_who_nor_when(topics, tmp_path):
    figures.save_table(topics, tmp_path / "t", CAPTION, COLUMNS)
    content = (tmp_path / "t.docx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        texts = {name: parts.read(name).decode() for name in parts.namelist()}
    assert "[Content_Types].xml" in texts and list(texts) == sorted(texts)
    assert not re.search(r"creator|created|modified|python", texts["docProps/core.xml"])
    assert not any("python-docx" in text for text in texts.values())
    targets = re.findall(r'Target="([^"]+)"', texts["word/_rels/document.xml.rels"])
    assert targets and all(f"word/{target}" in texts for target in targets)


def test_what_cannot_be_printed_is_refused_together_and_nothing_is_written(topics, tests, tmp_path):
    columns = [
        Column("labels"),
        Column("en", zh="label_zh"),
        Column("share"),
        Column("low", "stars"),
        Column("high", "interval"),
        Column(("low", "high"), ".2f"),
        Column("words", ".2f", ("w", "w")),
        Column("tokens", "p"),
    ]
    with pytest.raises(Refused) as refused:
        figures.save_table(topics, tmp_path / "t", CAPTION, columns)
    problems = refused.value.problems
    assert len(problems) == len(columns)
    assert all(p.where and p.came and p.allowed and p.todo for p in problems)
    missing = problems[0]
    assert "'labels'" in missing.came and "topic, en, zh" in missing.allowed
    for problem, said in zip(
        problems[1:], ["label_zh", "decimals", "stars", "1 col", "2 col", "人才", "12345"], strict=True
    ):
        assert said in problem.came
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("table", "columns", "said"),
    [
        (pd.DataFrame({"x": []}), [Column("x", "p")], "no rows"),
        (pd.DataFrame({"x": [1]}), [], "none"),
        (pd.DataFrame({"x": [np.inf]}), [Column("x", ".2f")], "inf"),
        (pd.DataFrame({"x": [1.2]}), [Column("x", "p")], "1.2"),
        (pd.DataFrame({"x": ["a\x01"]}), [Column("x")], r"\\x01"),
        (pd.DataFrame({"x": [1]}), [Column("x", heading=("X", "\x02"))], r"heading '\\x02'"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), [Column("x")], "2 columns 'x'"),
        (pd.DataFrame({"x": [1], "y": [2]}), [Column("x"), Column("y", heading=("x", ""))], "called 'x'"),
        (pd.DataFrame({"x": [1.0], "y": [2.0]}), [Column(("x", "y"), "interval", zh="x")], "interval"),
    ],
)
def test_each_refusal_says_what_came(table, columns, said):
    refuses(said, figures.set_table, table, columns)


def test_a_caption_that_no_printer_has_is_refused(topics, tmp_path):
    refuses("caption", figures.save_table, topics, tmp_path / "t", ("a\x00", ""), COLUMNS)
    assert not list(tmp_path.iterdir())
