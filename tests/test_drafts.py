"""Drafts: terms and stop words are proposed on sheets, change nothing until they are answered, and are read back by everything that cuts."""

import shutil
import warnings

import pandas as pd
import pytest
from conftest import refuses
from openpyxl import load_workbook

from nqp_topics.checks import Remark
from nqp_topics.cli import main
from nqp_topics.counts import of_study
from nqp_topics.counts.over_workers import tokens_of
from nqp_topics.files.tables import read_table
from nqp_topics.files.workbook import write_workbook
from nqp_topics.reproduce.begin import begin, made_ready
from nqp_topics.reproduce.prepared import filters, segmentation
from nqp_topics.reproduce.standing import standing
from nqp_topics.study import load
from nqp_topics.words import drafts

THINGS = {"体育": "足球比赛", "财经": "股票市场"}
BODY = "{thing}今天第{n}次成为口袋公园里的话题，记者说{thing}与口袋公园都很重要。"


@pytest.fixture(scope="session")
def begun(tmp_path_factory):
    """A study that was begun of eight texts, its sheets written: begun once, copied for every test; its documents stay."""
    place = tmp_path_factory.mktemp("begun")
    for group, thing in THINGS.items():
        for number in range(4):
            file = place / "docs" / group / f"{group}{number}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            body = "".join(BODY.format(thing=thing, n=n) for n in range(9 * number, 9 * number + 9))
            lines = [f"{group}新闻之{number}", body]
            lines.append(f"{thing}的 marathon 也很热闹，这是第{number}次 marathon 的一年。" * 3)
            lines.append("本报编辑部声明以上内容不代表本报的任何观点和立场。")
            file.write_text("\n\n".join(lines), "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = begin(place / "study", place / "docs", say=lambda line: None).but(min_df=1)
        assert made_ready(made) and main(["terms", "--study", str(made.folder), "--fewest", "3"]) == 0
    return place


@pytest.fixture
def study(begun, tmp_path):
    shutil.copytree(begun / "study", tmp_path / "study")
    return load(tmp_path / "study").but(min_df=1)


def answer(file, answers, column="accept"):
    book = load_workbook(file)
    sheet = book.worksheets[0]
    heads = {str(cell.value).split()[-1]: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        word = sheet.cell(row, heads["word"]).value
        if word in answers:
            sheet.cell(row, heads[column], answers[word])
    book.save(file)


def words(study):
    return set(of_study(study).words)


def test_what_is_proposed_says_why_how_often_and_where(study):
    stops = read_table(study.path("stopwords.xlsx"), "", "").set_index("word")
    assert stops.loc["声明", "proposed_as"] == "repeating paragraph" and stops.loc["声明", "articles"] == "8"
    assert stops.loc["marathon", "proposed_as"] == "foreign word" and stops.loc["marathon", "count"] == "48"
    assert stops.loc["记者", "proposed_as"] == "web furniture" and "公园" not in stops.index
    assert stops.loc["声明", "where"].split("\n")[0] == "体育/体育0.txt:7"
    assert "编辑部声明以上内容" in stops.loc["声明", "context"]
    terms = read_table(study.path("terms.xlsx"), "", "").set_index("word")
    assert (
        terms.loc["口袋公园", "proposed_as"] == "term" and terms.loc["口袋公园", "default_cut"] == "口袋/公园"
    )
    assert terms.loc["口袋公园", "where"].startswith("体育/体育0.txt:3") and (terms["accept"] == "").all()
    ignored = study.path(".gitignore").read_text("utf-8").split()
    assert {"terms*.xlsx", "stopwords*.xlsx"} <= set(ignored)
    assert load_workbook(study.path("terms.xlsx")).worksheets[0].data_validations.dataValidation


def test_nothing_changes_until_it_is_answered_and_then_everything_follows(study, tmp_path, capsys):
    quiet = warnings.catch_warnings()
    with quiet:
        warnings.simplefilter("ignore", Remark)
        assert not made_ready(study) and {"marathon", "公园"} <= words(study)
        state = standing(study).set_index("step")["state"].str.join("; ")
        assert "without an answer" in state["terms"]
        assert not standing(study).set_index("step").loc["terms", "done"]
        answer(study.path("terms.xlsx"), {"口袋公园": "是"})
        answer(study.path("stopwords.xlsx"), {"marathon": "Yes", "记者": "no"})
        answer(study.path("stopwords.xlsx"), {"marathon": "not our subject"}, "note")
        assert made_ready(study) and not made_ready(study)
    assert "口袋公园" in words(study) and "marathon" not in words(study) and "记者" in words(study)
    sifted = pd.read_csv(study.path("sifted.csv")).set_index("word")
    assert sifted.loc["marathon", "why"] == "stop word: not our subject"
    assert "口袋公园" in set(pd.read_csv(study.path("audit.csv"))["term"])
    assert not any(study.path(name).read_text("utf-8") for name in ("lexicon.txt", "stopwords.txt"))

    class Facts:
        table = staticmethod(lambda name: None)

    Facts.study = study
    assert "lexicon, 1 in all, stay whole" in segmentation(Facts).en
    assert "own stop words (1)" in filters(Facts).en
    (tmp_path / "t.jsonl").write_text('{"id": "a", "text": "口袋公园的 marathon 很好"}\n', "utf-8")
    asked = ["segment", str(tmp_path / "t.jsonl"), "--study", str(study.folder)]
    assert main(asked) == 0 and "口袋公园" in capsys.readouterr().out
    assert main([*asked, "--stopwords", str(study.path("stopwords.txt"))]) == 0
    assert "marathon" not in capsys.readouterr().out
    [taken] = tokens_of(str(tmp_path / "t.jsonl"), study)["tokens"]  # as a worker of a cluster cuts them
    assert "口袋公园" in taken and "marathon" not in taken
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # answers stay where the draft is written again
        assert main(["terms", "--study", str(study.folder)]) == 0
    kept = read_table(study.path("stopwords.xlsx"), "", "").set_index("word")
    assert kept.loc["marathon", "accept"] == "Yes" and kept.loc["marathon", "note"] == "not our subject"
    assert drafts.accepted(study.path("terms.xlsx"))["word"].tolist() == ["口袋公园"]
    # without the lexicon its sheet is not asked either
    assert drafts.lexicon_of(study.but(lexicon="")) is None


def test_words_may_be_added_by_hand_and_bad_answers_are_told_together(study):
    sheet = study.path("stopwords.xlsx")
    table = read_table(sheet, "", "")
    own = dict.fromkeys(table, "") | {"accept": "是", "word": "热闹"}
    write_workbook({"s": pd.concat([table, pd.DataFrame([own])])}, sheet)
    assert drafts.accepted(sheet).values.tolist() == [["热闹", ""]]
    assert "热闹" in set(drafts.stop_words(study)["word"])
    write_workbook({"s": pd.concat([table, pd.DataFrame([own, own])])}, sheet)  # one answer, given twice
    again = pd.DataFrame([{**own, "proposed_as": "web furniture"}]).reindex(
        columns=drafts.COLUMNS, fill_value=""
    )
    drafts.write(again, sheet)
    assert read_table(sheet, "", "")["word"].tolist().count("热闹") == 1
    bad = [{**own, "accept": "maybe"}, {**own, "word": ""}, {**own, "accept": "否"}]
    write_workbook({"s": pd.concat([table, pd.DataFrame([own, *bad])])}, sheet)
    with pytest.raises(ValueError) as told:
        drafts.accepted(sheet)
    for says in ("'maybe'", "an answer without a word", "yes and no for one word"):
        assert says in str(told.value)
    write_workbook({"s": table.rename(columns={"accept": "采用"})}, sheet)
    refuses("the columns accept, word, note", made_ready, study)
    sheet.write_bytes(b"PK\x03\x04 no workbook")
    refuses("a workbook that cannot be read", drafts.accepted, sheet)
    write_workbook(
        {"s": pd.DataFrame({"accept": ["yes"], "word": ["甲=乙"], "note": [""]})}, study.path("terms.xlsx")
    )
    refuses("reads as another entry", drafts.lexicon_text, study)


def test_counts_stay_numbers_where_rows_of_an_older_sheet_stand_below(tmp_path):
    file = tmp_path / "terms.xlsx"
    row = {"proposed_as": "term", "count": 12, "articles": 3}
    row |= dict.fromkeys(("default_cut", "where", "context", "note"), "")
    for word, accept in (("绿色", ""), ("低碳", "")):
        drafts.write(pd.DataFrame([{"accept": accept, "word": word, **row}])[drafts.COLUMNS], file)
        book = load_workbook(file)
        book.active.cell(2, 1, "yes")
        book.save(file)
    sheet = load_workbook(file).active
    heads = [str(cell.value).split()[-1] for cell in sheet[1]]
    assert sheet.max_row == 3
    for name, number in (("count", 12), ("articles", 3)):
        assert [sheet.cell(place, heads.index(name) + 1).value for place in (2, 3)] == [number] * 2
