"""The part of both READMEs on one's own documents, walked word by word in a fresh folder: its commands, and what it asks a person to do between them."""

import codecs
import re
import shlex
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from nqp_topics import compare
from nqp_topics.cli import main
from nqp_topics.counts import of_study
from nqp_topics.documents import registry
from nqp_topics.files.tables import read_table
from nqp_topics.study import load
from nqp_topics.topics import train

ROOT = Path(__file__).resolve().parents[1]
READMES = {"en": ("README.md", "## Your own documents"), "zh": ("README.zh-CN.md", "## 换成自己的文档")}
COMMAND = re.compile(r"(?m)^ +(\.venv/bin/nqp-topics .+)$|`(\.venv/bin/nqp-topics [^`]+)`")
# what keeps the walk short, and changes nothing of what is walked
LESS = {"choose": ["--set", "sweeps=10"], "vary": ["--universes", "3"]}
THEMES = {
    "农业": "水稻 小麦 农田 灌溉 收成 种子 化肥 耕地 村庄 粮仓 农机 果园 大豆 蔬菜 牧场",
    "航运": "渔船 港口 海浪 灯塔 水手 航线 船员 码头 海风 贝壳 货轮 船坞 渔民 海湾 潮水",
    "戏剧": "演员 剧院 舞台 观众 导演 剧本 灯光 掌声 布景 排练 道具 幕布 歌剧 话剧 编剧",
}
# English, in what is said in Chinese
SENTENCE = re.compile(r"(?<![\w./-])[a-z]+(?:,? [a-z]+){2,}(?![\w./-])")
FINDINGS = """[[finding]]
name = "farms"
topic = "T01"
more = "农业"
kind = "exploratory"
date = 2026-11-26
"""


def commands(language):
    """The commands of the part, in their order."""
    file, head = READMES[language]
    part = (ROOT / file).read_text("utf-8").split(f"\n{head}\n")[1].split("\n## ")[0]
    return [(match[1] or match[2]).strip() for match in COMMAND.finditer(part)]


def test_both_languages_give_the_same_commands():
    english, chinese = commands("en"), commands("zh")
    assert [line.replace(" --language zh", "") for line in chinese] == english
    verbs = [line.split()[1] for line in english]
    assert verbs[:2] == ["new", "figures"] and len(verbs) == len(english) >= 14
    some = "next read clean terms choose labels results validate vary methods"
    assert set(some.split()) <= set(verbs)


def write_documents(folder):
    """Fifteen articles of three groups, a folder each, about as many themes."""
    rng = np.random.default_rng(1)
    for group, words in THEMES.items():
        for number in range(5):
            said = [
                f"{'、'.join(rng.choice(words.split(), 16))}都在这一年里第{number}次受到重视。"
                for _ in range(5)
            ]
            file = folder / group / f"{group}{number}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n\n".join([f"{group}纪事之{number}", *said]) + "\n", "utf-8")


def fill(file, rows):
    """Fill in cells of a workbook as a person does: key → column → what is written; the key stands in the first column that holds it."""
    book = load_workbook(file)
    sheet = book.worksheets[0]
    heads = {str(cell.value).split()[-1]: cell.column for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        key = next((cell.value for cell in row if cell.value in rows), None)
        for column, value in rows.get(key, {}).items():
            sheet.cell(row[0].row, heads[column], value)
    book.save(file)


def after(verb, study, names):
    """Do what the README tells a person to do after a command."""
    if verb == "new":
        assert len(list((study / "notebooks").glob("*.ipynb"))) >= 8
        for file in (study / "notebooks").glob("*.ipynb"):
            if file.stem == "4-topics":
                file.write_text(file.read_text("utf-8").replace("WORDS = 8", "WORDS = 3"), "utf-8")
            else:  # the others run in test_other_study
                file.unlink()
    elif verb == "terms":
        fill(study / "stopwords.xlsx", {"一年": {"accept": "yes"}})
        fill(study / "terms.xlsx", {"纪事": {"accept": "是"}})
    elif verb == "choose":
        file = study / "study.toml"
        text = file.read_text("utf-8")
        assert "\n# topics = 12" in text
        file.write_text(text.replace("\n# topics = 12", "\ntopics = 10"), "utf-8")
        (study / "findings.toml").write_text(FINDINGS, "utf-8")
    elif verb == "labels":
        fill(study / "labels.xlsx", names)


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize("language", READMES)
def test_the_walk_leads_to_named_figures(language, tmp_path, monkeypatch, capsys):
    texts, here, study = tmp_path / "Documents/texts", tmp_path / "nqp_topics", tmp_path / "my_study"
    write_documents(texts)
    (here / "new_texts").mkdir(parents=True)
    (here / "new_texts/a.txt").write_text("水稻、小麦和农田今年都得到灌溉，收成很好，粮仓满了。" * 3, "utf-8")
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NQP_LANGUAGE", language)
    names = {
        f"T{number:02d}": {"zh": f"主题{number}号", "en": f"Theme {number}", "who": "甲"}
        for number in range(1, 11)
    }

    def walk(line):
        words = [word.replace("~", str(tmp_path)) for word in shlex.split(line)[1:]]
        words = [word.replace("NEW_TEXTS", "new_texts").replace("FILE", "农业/农业0.txt") for word in words]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert main(words + LESS.get(words[0], [])) == 0, (line, capsys.readouterr().err)
        out, err = capsys.readouterr()
        said = err if words[0] == "choose" else out + err  # its table has the names of scores, as its csv has
        assert language == "en" or not SENTENCE.search(said), (line, SENTENCE.findall(said))
        after(words[0], study, names)
        return words[0]

    lines = commands(language)
    for line in lines:
        if walk(line) == "new":
            assert set(read_table(study / "articles.xlsx", "", "")["voice"]) == set(THEMES)
        elif line == lines[1]:
            first = pd.read_csv(study / "figures/K10/topics.csv", dtype=str)
            assert first["title_zh"].str.contains("·").all()  # until they are named, topics go by their words
    walk(lines[1])  # "run figures again": the names stand on them
    made = load(study)
    drawn = pd.read_csv(made.figures / "topics.csv", dtype=str)
    for title, tongue in (("title", "en"), ("title_zh", "zh")):
        assert set(drawn[title]) == {f"{topic} {name[tongue]}" for topic, name in names.items()}
    counted = (study / "counts/words.txt").read_text("utf-8").split()
    assert "一年" not in counted and "水稻" in counted
    assert read_table(study / "results/topics.csv", "", "")["zh"].str.startswith("主题").all()
    opened = [
        file for file in study.rglob("*.csv") if {"counts", "validation", ".nqp-cache"}.isdisjoint(file.parts)
    ]
    assert {"figures", "results", study.name} <= {file.parent.name for file in opened}
    for file in opened:  # or Excel shows other letters than Chinese ones
        assert file.read_bytes().startswith(codecs.BOM_UTF8), file
    shares = load_workbook(here / "shares.xlsx").active
    assert shares.max_row == 2 and (here / "study.zip").is_file() and (here / "refused.csv").is_file()
    assert (study / "methods/methods.zh.md").is_file() and list((study / "validation").glob("page*.html"))
    if language == "en":  # the run of a study needs no folder, and its seed is not that of the draws
        walk("nqp-topics effects ~/my_study --formula voice --seed 7 --draws 100 -o effects.csv")
        kept = train(of_study(made), made.topics, made.seed, **made.fits)
        about = registry.read(made.path(made.articles)).set_index("id")
        witness = compare.witnesses(about, made.witness, made.witness_of, made.groups)
        moved = compare.effects(kept, of_study(made), about, "voice", witness, draws=100, seed=7).contrasts
        assert read_table(here / "effects.csv", "", "")["low"].astype(float).tolist() == pytest.approx(
            moved["low"]
        )
    title = nbformat.read(study / "notebooks/4-topics.ipynb", 4).cells[0].source
    assert bool(re.search("[\u4e00-\u9fff]", title)) == (language == "zh")
