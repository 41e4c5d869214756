"""Standing: what `next` advises moves on with every step; names on the sheet are neither lost nor moved, and go along when the counts are made anew."""

import warnings

import pandas as pd
import pytest
from conftest import refuses
from openpyxl import Workbook, load_workbook
from test_drafts import answer, begun, study  # noqa: F401

from nqp_topics.checks import Remark
from nqp_topics.cli import main
from nqp_topics.compare.over_time import DATE
from nqp_topics.counts import of_study
from nqp_topics.documents import registry
from nqp_topics.files.tables import read_table, write_table
from nqp_topics.files.workbook import write_workbook
from nqp_topics.naming import SHEET, given_for, labels_of_study, read_labels
from nqp_topics.reproduce.begin import made_ready
from nqp_topics.reproduce.first_look import doubtful_authors
from nqp_topics.reproduce.standing import standing
from nqp_topics.study import Refused, load
from nqp_topics.topics import train


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def settle(study, number=""):  # noqa: F811
    """Let a study count words of one text too, and bear a number of topics."""
    file = study.path("study.toml")
    text = file.read_text("utf-8").replace("min_df = 3", "min_df = 1")
    file.write_text(text.replace("\n# topics = 12", f"\ntopics = {number}") if number else text, "utf-8")
    return load(study.folder)


def labels(study, *more):  # noqa: F811
    return main(["labels", "--no-texts", "--study", str(study.folder), *more])


def write(study, cells, added=()):  # noqa: F811
    """Write cells of the sheet of names, as a person does: topic → column → text, and rows below."""
    book = load_workbook(study.path(SHEET))
    sheet = book.worksheets[0]
    heads = {str(cell.value).split()[-1]: cell.column for cell in sheet[1]}
    rows = {sheet.cell(row, heads["topic"]).value: row for row in range(sheet.max_row, 1, -1)}
    for topic, said in cells.items():
        for column, text in said.items():
            sheet.cell(rows[topic], heads[column]).value = text
    for number, said in enumerate(added, sheet.max_row + 1):
        for column, text in said.items():
            sheet.cell(number, heads[column]).value = text
    book.save(study.path(SHEET))


def names(study):  # noqa: F811
    return read_table(study.path(SHEET), "", "")[["topic", "zh", "fingerprint"]]


def run_of(study):  # noqa: F811
    return train(of_study(study), study.topics, study.seed, **study.fits)


def test_a_name_for_no_topic_is_refused_alike_and_nothing_is_written(study, capsys):  # noqa: F811
    study = settle(study, "3")
    made_ready(study)
    assert labels(study) == 0
    write(study, {"T01": {"zh": "甲"}, "T02": {"zh": "乙", "topic": "T22"}, "T03": {"zh": "丙"}})
    before = study.path(SHEET).read_bytes()
    capsys.readouterr()
    for verb in ("labels", "results"):
        assert main([verb, "--study", str(study.folder), *(["--no-texts"] if verb == "labels" else [])]) != 0
        said = capsys.readouterr().err
        assert "labels.xlsx, a name for" in said and "'T22'" in said and "did you mean T02?" in said, verb
        assert "T01, T02, T03" in said
    refuses("did you mean T02", labels_of_study, study, run_of(study))  # as figures ask
    assert study.path(SHEET).read_bytes() == before and not study.path("labels.csv").exists()
    assert "2 of 3 topics are named" in standing(study).set_index("step").loc["labels", "state"]
    write(study, {"T22": {"topic": "T02"}})
    assert labels(study) == 0 and "3 topics, 3 of them named" in capsys.readouterr().out
    assert labels_of_study(study, run_of(study))["zh"].tolist() == ["甲", "乙", "丙"]
    assert standing(study).set_index("step").loc["labels", "done"]
    # a name for no topic in labels.csv alone, of earlier days, is left aside
    old = read_labels(study.path("labels.csv"))
    write_table(pd.concat([old, old.iloc[1:2].assign(topic="T22")]), study.path("labels.csv"))
    with pytest.warns(Remark, match="labels.csv names T22"):
        assert set(given_for(study, run_of(study))["topic"]) == {"T01", "T02", "T03"}
    assert labels(study) == 0 and "T22" not in set(read_labels(study.path("labels.csv"))["topic"])


def test_a_row_that_a_person_adds_is_taken_or_refused(study, capsys):  # noqa: F811
    study = settle(study, "3")
    made_ready(study)
    labels(study)
    write(study, {"T01": {"zh": "甲"}}, [{"topic": "T99", "zh": "丁"}])
    for call in (lambda: given_for(study, run_of(study)), lambda: labels_of_study(study, run_of(study))):
        refuses("T99", call)
    assert labels(study) != 0
    write(study, {"T99": {"topic": "T01"}})
    refuses("two rows with a name", labels_of_study, study, run_of(study))
    write(study, {"T01": {"zh": "甲"}}, [{"topic": "", "zh": "戊"}])
    sheet = read_table(study.path(SHEET), "", "")
    sheet = sheet.iloc[[0, 1, 2, 3]].assign(topic=["T01", "T02", "T03", "T03"], when=["", "", "", "去年"])
    write_workbook({"labels": sheet}, study.path(SHEET))
    capsys.readouterr()
    assert labels(study) == 0
    said = capsys.readouterr().out
    assert "3 topics, 2 of them named" in said and "T03: 去年 is no date" in said
    assert names(study)["zh"].tolist() == ["甲", "", "丁"] and names(study)["fingerprint"].nunique() == 1


def test_next_moves_on_with_every_step(study):  # noqa: F811
    for sheet in ("terms.xlsx", "stopwords.xlsx"):
        study.path(sheet).unlink()
    write_workbook(
        {"articles": read_table(study.path("articles.xlsx"), "", "").assign(check="")},
        study.path("articles.xlsx"),
    )
    study = settle(study)
    advised = []

    def advice():
        table = standing(load(study.folder))
        assert "?" not in "".join(table["state"].sum())
        todo = table[~table["done"]]
        advised.append(todo["todo"].iloc[0] if len(todo) else "all is done")
        return advised[-1]

    assert advice() == "nqp-topics terms, answer in terms.xlsx"
    assert main(["terms", "--study", str(study.folder), "--fewest", "3"]) == 0
    assert advice().startswith(f"answer in {study.path('terms.xlsx')}")
    answer(study.path("terms.xlsx"), {"口袋公园": "是"})
    assert advice().startswith(f"answer in {study.path('stopwords.xlsx')}")
    answer(study.path("stopwords.xlsx"), {"marathon": "yes", "记者": "no"})
    state = standing(study).set_index("step")["state"].str.join("; ")
    assert " 1 accepted" in state["terms"] and " 1 accepted" in state["stop words"]
    assert (
        advice() == "nqp-topics figures --topics 10"
        and not standing(study).set_index("step").loc["counts", "done"]
    )
    trial = study.but(topics=3)
    made_ready(study)
    run_of(trial)
    (trial.figures).mkdir(parents=True)
    (trial.figures / "topics.pdf").write_bytes(b"")
    rows = standing(study).set_index("step")
    assert rows.loc["figures", "state"][0].endswith("K3") and rows.loc["figures", "done"]
    assert "labels --topics 3" in rows.loc["labels", "todo"]
    assert advice().startswith("nqp-topics choose")
    assert labels(study, "--topics", "3") == 0
    write(study, {f"T0{n}": {"zh": name} for n, name in enumerate("甲乙丙", 1)})
    assert advice().startswith("write topics = 3 under [train]")
    study = settle(study, "3")
    assert advice() == "nqp-topics figures"
    (study.figures / "topics.pdf").write_bytes(b"")
    assert advice() == "all is done"
    assert len(set(advised)) == len(advised)  # no step is advised twice
    # what is older than an answer is told, and names go along
    answer(study.path("stopwords.xlsx"), {"记者": "yes"})
    assert (
        advice() == "nqp-topics figures"
        and "older" in standing(study).set_index("step").loc["counts", "state"][0]
    )


def test_names_go_along_to_new_counts(study, capsys):  # noqa: F811
    study = settle(study, "3")
    made_ready(study)
    labels(study)
    write(study, {f"T0{n}": {"zh": name} for n, name in enumerate("甲乙丙", 1)})
    old = run_of(study)
    answer(study.path("stopwords.xlsx"), {"marathon": "yes"})
    capsys.readouterr()
    assert labels(study) == 0 and "the counts are older" in capsys.readouterr().out
    made_ready(study)
    new = run_of(study)
    assert new.fingerprint != old.fingerprint
    row = standing(study).set_index("step").loc["labels"]
    assert (
        not row["done"] and "0 of 3 topics are named, 3 names belong to a run on older counts" in row["state"]
    )
    called = labels_of_study(study, new)
    assert sorted(called["zh"].str.rstrip("?")) == sorted("甲乙丙")
    assert (called["zh"].str.endswith("?") == called["weak"]).all()
    assert labels(study) == 0
    said = capsys.readouterr().out
    weak = int(called["weak"].sum())
    assert f"{3 - weak} names carried over from the run on older counts, {weak} to be given again" in said
    assert "3 topics, 3 of them named" in said
    here = names(study)
    assert here[here["fingerprint"] == new.fingerprint]["zh"].tolist() == called["zh"].tolist()
    assert labels(study) == 0 and "carried" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("date", "none"),
    [
        (date, True)
        for date in (
            "2011-13-45",
            "2011/13/45",
            "20111345",
            "2011-02-30",
            "去年",
            "0000",
            "约2011年",
            "4/24/2011",
            "Thu Mai 04 10:00:00 +0800 2023",
            "2011-2012",
        )
    ]
    + [
        (date, False)
        for date in ("", "2011", "2011年", "2011-04", "2011年4月24日", "20110424", "40657", "二〇二三年五月")
    ]
    + [
        (date, False)
        for date in (
            "2021(03)",
            "2021（S1）",
            "2021,(11)",
            "2021年第3期",
            "2021, 37(3): 5-18",
            "Thu May 04 10:00:00 +0800 2023",
            "2021年37卷3期",
        )
    ],
)
def test_dates_that_are_none_are_known(date, none):
    """What is a date here is one in a course over time, which refuses what it cannot read."""
    assert registry.no_date(date) == none
    assert none or not date or DATE.fullmatch(registry._iso(date))


def test_a_registry_that_people_have_worked_on_is_the_one_they_mean(tmp_path):
    """Spaces make no second group, a sheet in front is passed over, heads may be Chinese alone, dates as an input method types them."""
    heads = ["编号 id", "文件　source", "起始行", "end_line", "组别", "date", "立场"]
    rows = [
        ["a", "a", "", "", " 晨报", "２０１１／4／24", "赞成 "],
        ["b", "b", "", "", "晨报\u3000", "二〇一一年十二月三十一日", "赞成"],
        ["c", "c", "", "", "晨\u200b报", "二○二〇年十月", "\u3000赞成"],
    ]
    book = Workbook()
    book.active.title = "Sheet1"
    book.create_sheet("汇总").append(["共", 3])
    sheet = book.create_sheet("articles")
    for row in (heads, *rows):
        sheet.append(row)
    book.save(tmp_path / "articles.xlsx")
    found = registry.read(tmp_path / "articles.xlsx")
    assert set(found["voice"]) == {"晨报"} and set(found["立场"]) == {"赞成"}
    assert list(found["date"]) == ["2011-04-24", "2011-12-31", "2020-10"]
    book.remove(sheet)
    book.save(tmp_path / "articles.xlsx")
    with pytest.raises(Refused, match="columns 共, 3"):  # an empty sheet in front is passed over too
        registry.read(tmp_path / "articles.xlsx")


def test_dates_that_are_none_are_told_and_no_year(study):  # noqa: F811
    rows = read_table(study.path("articles.xlsx"), "", "").assign(check="", date="2020-01-03")
    rows.loc[0, "date"] = "2011/13/45"
    write_workbook({"articles": rows}, study.path("articles.xlsx"))
    with pytest.warns(Remark, match=r"dates that are none.*2011-13-45"):
        assert registry.read(study.path("articles.xlsx"))["date"].tolist() == ["", *["2020-01-03"] * 7]
    row = standing(study).set_index("step").loc["articles"]
    assert (
        not row["done"]
        and "1 with a date that is none" in row["state"]
        and "mend the column date" in row["todo"]
    )


def test_a_sign_in_the_name_of_a_file_parts_no_state(study, capsys, monkeypatch):  # noqa: F811
    place = study.path("articles.xlsx").rename(study.path("文; 章.xlsx"))
    settings = study.path("study.toml")
    settings.write_text(settings.read_text("utf-8").replace('"articles.xlsx"', f'"{place.name}"'), "utf-8")
    monkeypatch.setenv("NQP_LANGUAGE", "zh")
    main(["next", "--study", str(study.folder)])
    assert f"8 篇文章，位于 {place}" in capsys.readouterr().out


def test_groups_of_a_column_that_is_none_are_told(study):  # noqa: F811
    row = standing(study.but(groups="vioce")).set_index("step").loc["articles"]
    assert (
        not row["done"]
        and "no column vioce for the groups" in row["state"]
        and "[compare] groups" in row["todo"]
    )


def test_every_clause_of_a_state_is_said_in_chinese(study, capsys, monkeypatch):  # noqa: F811
    rows = read_table(study.path("articles.xlsx"), "", "").assign(check="很短", date="2011-13-45")
    write_workbook({"articles": rows}, study.path("articles.xlsx"))
    monkeypatch.setenv("NQP_LANGUAGE", "zh")
    settings = study.folder / "study.toml"
    settings.write_text(settings.read_text("utf-8").replace('groups = "voice"', 'groups = "vioce"'), "utf-8")
    assert main(["next", "--study", str(study.folder)]) == 0
    said = next(line for line in capsys.readouterr().out.splitlines() if "vioce" in line)
    assert said.endswith("articles.xlsx；8 篇有待核对；8 篇日期有误；缺少分组所用的 vioce 列"), said
    tried = settle(study, "3").figures / "K08"
    tried.mkdir(parents=True)
    (tried / "a.pdf").touch()
    assert main(["next", "--study", str(study.folder)]) == 0
    assert "所定主题数尚无图，试过的有：K08" in capsys.readouterr().out


def test_authors_that_may_be_none_are_told():
    documents = pd.DataFrame({"id": ["a", "b"], "author": ["", "会主"]})
    table = pd.DataFrame(
        {
            "source": ["a"] * 6 + ["b"],
            "author": ["第五研", "门将", "李明;王小红", "", "令狐云;付明", "陳國華", "会主"],
        }
    )
    assert doubtful_authors(table, documents).tolist() == [True, True] + [False] * 5
