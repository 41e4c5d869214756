"""Messages in Chinese: every sentence of the library has a line, every line a sentence, and numbers and names come through."""

import ast
import errno
import json
import os
import re
import string
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from nqp_topics.checks import Problem, Refused, number, one_of, whole_number
from nqp_topics.checks.chinese import catalogue, in_chinese, language, speak, told
from nqp_topics.checks.plural import KINDS, singular
from nqp_topics.documents.formats.rows import REASONS
from nqp_topics.documents.read import not_read
from nqp_topics.reproduce.facts import WORDS

LIBRARY = Path(__file__).resolve().parents[1] / "nqp_topics"
LINES = tomllib.loads((LIBRARY / "checks" / "chinese.toml").read_text("utf-8"))
WORD = re.compile(r"(?<![\w./=-])[a-zA-Z][a-z]+(?![\w(=/])")
# written to files of their own language, never shown, or the same in both languages
NOT_SAID = re.compile(
    r"%%MatrixMarket|^File is not a zip file$|^\(\?i\)|^\[\{0\}\]\(|^the following arguments are required|invalid (choice: |\(int)|<meta name=|\^% \(shows|^(Reference Type|(Secondary|Tertiary) Title|Noto Sans SC)$"
    r"|came:    \{\}|^nqp[-_]topics|^(as printed|drop exact|drop near)$|^tuple\[|^\{\"id|^Journal\||^\w+ = \"|^\[\{\}\]\(|^TERM |^The \{\} terms stand|^name, source"
    r"|^\{\} (\[(study|train)\]|shortest|seed,|id \{\} voice)|^\{\}\((one, other|shares)\)|^\w+ = .*#|^# |^\| |Written by `nqp-topics figures`|^(choose|count|contrast|segment|sift|audit|explore|draw|split|lexicon|train|label"
    r"|likeness|match|renamed|carry|over_runs|compare|naming|figures|reproduce|words|topics|read|terms|Counts|study)\b[. ]?[\w.]*[ (]"
)


def template(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def sentences():
    """Every English sentence that stands in the code and is no docstring; of figures and methods, which speak both languages, only refusals."""
    for file in sorted(set(LIBRARY.rglob("*.py")) - {LIBRARY / "checks" / "plural.py"}):
        tree = ast.parse(file.read_text("utf-8"))
        bodies = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        skip = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, bodies) and node.body and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Tuple) and any(
                re.search("[\u4e00-\u9fff]", template(one) or "") for one in node.elts
            ):
                skip |= {id(one) for one in node.elts}  # both languages side by side
            if isinstance(node, ast.JoinedStr):
                skip |= {id(part) for part in node.values}
        refusing = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
            for inner in ast.walk(node)
        }
        told = file.name in ("prepared.py", "borne_out.py", "methods.py")
        drawn = told or "figures" in file.relative_to(LIBRARY).parts
        for node in ast.walk(tree):
            text = None if id(node) in skip or (drawn and id(node) not in refusing) else template(node)
            if text is None or " " not in text.strip():
                continue
            if len(re.findall("[\u4e00-\u9fff]", text)) > 2 * len(WORD.findall(text)):
                continue
            if len(WORD.findall(text)) >= 2 and not NOT_SAID.search(text):
                yield f"{file.relative_to(LIBRARY)}:{node.lineno}", text


def test_every_sentence_has_a_line_and_every_line_a_sentence():
    said = dict(map(reversed, sentences()))
    missing = [f"{place} {text!r}" for text, place in said.items() if text not in LINES]
    assert not missing, "\n".join(missing)
    code = "\n".join(file.read_text("utf-8") for file in LIBRARY.rglob("*.py"))
    stale = [line for line in LINES if line not in said and line.split("{}")[0][:20] not in code]
    assert not stale, "\n".join(stale)


def test_a_line_keeps_its_places():
    for english in (line for line in LINES if "{}" in line):
        many, parts = english.count("{}"), string.Formatter().parse(LINES[english])
        places = [field for _, field, _, _ in parts if field is not None]
        assert len(places) == many, f"as many places as in English: {english}"
        assert set(places) == {""} or sorted(map(int, places)) == list(range(many)), english


def test_a_refusal_is_said_in_chinese(monkeypatch):
    monkeypatch.setenv("NQP_LANGUAGE", "zh")
    said = str(
        Refused(
            *whole_number("train(seed)", -1, 0, todo="any will do: it is recorded"),
            *number("sift(share)", 7, 0, 1, todo="0.95 is usual"),
            *one_of("train(engine)", "samplr", ["sampler", "gensim"]),
            Problem(
                "train(counts)",
                "12 passages without a word: a, b",
                "passages with at least one word",
                "train again",
            ),
        )
    )
    parts = ["收到：-1", "允许：不小于 0 的整数", "下一步：任意一个均可", "是否想写 sampler？"]
    for part in (*parts, "12 个段落没有词：a, b", "重新训练"):
        assert part in said, said
    assert "收到：7\n  允许：0 至 1 的数" in said
    assert "came" not in said and "passages" not in said


def test_what_cannot_be_read_is_said_in_chinese(monkeypatch):
    monkeypatch.setenv("NQP_LANGUAGE", "zh")
    why = [
        ("a.doc", "unknown format", ".doc files are not read; open it in Word and save it as .docx"),
        ("b.pdf", "truncated", "the end of the PDF is missing; copy or download it again"),
    ]
    rows = [{"file": file, "place": None, "reason": reason, "detail": detail} for file, reason, detail in why]
    assert list(not_read(pd.DataFrame(rows))) == [
        "  a.doc: 未知格式 - 不读取 .doc 文件；用 Word 打开并另存为 .docx",
        "  b.pdf: 不完整 - PDF 缺少结尾；请重新复制或下载",
    ]
    missing = [reason for reason in REASONS if in_chinese(reason) == reason]
    assert not missing and in_chinese(os.strerror(errno.ENOENT)) == "没有这个文件或文件夹"


def test_what_is_inside_a_sentence_is_said_in_chinese_too():
    assert in_chinese("train: cannot be done as asked\nno such file") == "train：无法按要求执行\n没有这个文件"
    assert in_chinese("no such file; no rows") == "没有这个文件；没有行"
    assert in_chinese("Cao and Juan 2009 (lower is better)").endswith("（越低越好）")
    assert in_chinese("13 articles without a word that is counted, left out: a, b").startswith("13 篇文章")
    assert in_chinese("a-0001: no Chinese character in it") == "a-0001：其中没有汉字"
    assert in_chinese("a sentence nobody wrote") == "a sentence nobody wrote"
    assert in_chinese("1 witness also in another group: counted once in each").startswith("1 个独立来源同时")
    assert (
        in_chinese("1 damaged character (U+FFFD), the first in line 3")
        == "1 个损坏的字符（U+FFFD），第一个在第 3 行"
    )
    assert in_chinese("公园") == "公园" and in_chinese("/tmp/a b.txt") == "/tmp/a b.txt"


def test_the_most_particular_line_is_taken():
    exact, patterns = catalogue()
    assert len(exact) + len(patterns) == len(LINES)
    widths = [len(pattern.pattern) for _, pattern, _ in patterns]
    assert widths[0] > widths[-1]


@pytest.mark.parametrize(
    ("variable", "study", "system", "spoken"),
    [
        ("", "", "zh_CN.UTF-8", "zh"),
        ("", "", "C", "en"),
        ("", "en", "zh_CN.UTF-8", "en"),
        ("", "zh", "en_US.UTF-8", "zh"),
        ("en", "zh", "zh_CN.UTF-8", "en"),
        ("zh", "", "", "zh"),
        ("de", "", "de_DE.UTF-8", "en"),
    ],
)
def test_the_language_is_that_of_the_reader(monkeypatch, variable, study, system, spoken):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", system)
    monkeypatch.setenv("NQP_LANGUAGE", variable)
    speak(study)
    try:
        assert language() == spoken
    finally:
        speak("")


@pytest.mark.parametrize(
    "file", sorted((LIBRARY.parent / "notebooks").glob("*.ipynb")), ids=lambda file: file.stem
)
def test_the_prose_of_notebooks_is_there_in_chinese_and_names_the_same_things(file):
    prose = tomllib.loads((file.parent / "zh.toml").read_text("utf-8"))[file.stem]
    cells = json.loads(file.read_text("utf-8"))["cells"]
    english = {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"}
    assert list(prose) == list(english)
    for name, text in english.items():
        named = set(re.findall("`[^`]+`", text))
        assert named <= set(re.findall("`[^`]+`", prose[name])), name
        assert text.startswith("#") == prose[name].startswith("#")
        assert re.search("[\u4e00-\u9fff]", prose[name])


NOT_COUNTED = "is was has does always less names claims breaks stands stays sums checks guess witness declares"  # behind a name, or a number that is none of a thing


def test_one_of_a_thing_is_said_as_one():
    """Every count in an English sentence of messages, figures and methods; what counts a thing that `plural` does not know is named."""
    wrong, written = [], [("methods.toml", pair[0]) for pair in WORDS["sentences"].values()]
    for file in sorted(LIBRARY.rglob("*.py")):
        parts = ast.walk(ast.parse(file.read_text("utf-8")))
        said = [template(node) for node in parts if isinstance(node, ast.JoinedStr)]
        written += [(str(file.relative_to(LIBRARY)), text) for text in said if text]
    for place, text in written:
        for word in re.findall(
            rf"(?<!\S)(?<!\}} of )(?<!its )\{{\}} (?:(?:{KINDS.replace(' ', '|')}) )?([a-z]+s)\b(?![('])",
            text,
        ):
            said = singular(re.sub(r"\{.*?\}", "1", text))
            if word not in NOT_COUNTED.split() and re.search(rf"(?<!\S)1 (\w+ )?{word}\b", said):
                wrong.append(f"{place} {said!r}: {word}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("1 articles have no row and were left out: a", "1 article has no row and was left out: a"),
        ("1 of 14 topics are named", "1 of 14 topics is named"),
        ("The words of 1 topics turn, at 2 moments.", "The words of 1 topic turn, at 2 moments."),
        ("1 groups of one article are shown", "1 group of one article is shown"),
        ("1,001 words, 0.1 words, 21 words", "1,001 words, 0.1 words, 21 words"),
        ("1 Chinese characters, 1 rows to check", "1 Chinese character, 1 row to check"),
        ("passage 1 has other words; '1 tables'; 1 tables.csv", "passage 1 has other words; '1 tables'; 1 tables.csv"),
    ],
)  # fmt: skip
def test_what_is_counted_once_is_one(many, one, monkeypatch):
    monkeypatch.setenv("NQP_LANGUAGE", "en")
    assert singular(many) == told(many) == one
    assert f"came:    {one}\n" in str(Problem("here", many, "none", "none"))
