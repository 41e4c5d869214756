"""The second study, as it stands in the repository: counts without texts, labels of its run, figures of its notebook; with the texts, every fingerprint."""

import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from nqp_topics import figures
from nqp_topics import reproduce as report
from nqp_topics.compare.over_time import enough
from nqp_topics.counts import of_study
from nqp_topics.documents import registry
from nqp_topics.figures.saved import facts
from nqp_topics.naming import given
from nqp_topics.reproduce.notebooks import has_dates
from nqp_topics.study import load

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "studies/government_reports"
MISSING = {1989, 1990, 1991, 1996, 2020}
OF_RUN = (
    *("topics", "stability", "articles", "article_map", "group_shares", "group_distances"),
    *("over_years", "rising_words", "effect_sizes", "topics_table"),
)
OF_NO_RUN = ("lineage", "corpus", "passage_lengths", "telling_words", "how_many", "differences_table")
OWN = {"time-14", "time-16"}  # cells that the first study has not
KNOB = re.compile(r"^(SEARCH|SEEDS|WORD) = .*$", re.M)


@pytest.fixture(scope="module")
def study():
    return load(PLACE)


def test_it_holds_43_reports_and_the_years_that_the_source_lacks_are_gaps(study):
    rows = registry.read(study.path(study.articles))
    assert set(rows["date"].astype(int)) == set(range(1978, 2026)) - MISSING and len(rows) == 43
    counts = of_study(study)
    assert set(counts.articles) == set(rows["id"])
    table = figures.saved(study.figures / "over_years").table
    gaps = table[table["share"].isna()]
    assert set(gaps["time"].astype(int)) == MISSING and (gaps["articles"] == 0).all()
    assert (table["dated"] == 43).all() and set(table["topic"]) == {f"T{n:02d}" for n in range(1, 19)}


def test_labels_and_figures_are_those_of_its_reported_run(study):
    labels = given(study)
    assert len(labels) == study.topics and labels["fingerprint"].nunique() == 1
    assert (labels[["zh", "en"]] != "").all().all()
    assert {file.stem for file in study.figures.glob("*.csv")} == {*OF_RUN, *OF_NO_RUN}
    for name in OF_RUN[:-1]:
        assert labels["fingerprint"].iloc[0].startswith(facts(study.figures / f"{name}.png")["Run"])
        shown = figures.saved(study.figures / name)
        about = tuple(facts(study.figures / f"{name}{end}.png")["Description"] for end in ("", ".zh"))
        assert shown.sentences == about  # the sentence is that of the table beside it


def test_its_notebooks_are_those_of_the_first_study_with_other_knobs():
    files = report.notebooks(PLACE / "notebooks")
    assert [file.stem[0] for file in files] == list("1234567")
    for file in files:
        first, own = (
            {
                cell.id: KNOB.sub(r"\1", cell.source)
                for cell in nbformat.read(one, 4).cells
                if cell.cell_type == "code"
            }
            for one in (ROOT / "notebooks" / file.name, file)
        )
        assert {name: own[name] for name in own if name not in OWN} == first, file.name


def test_no_number_of_topics_stands_in_what_is_said_before_a_cell():
    """What holds for one number of topics is told by a table; whoever changes the number reads prose that holds."""
    for file in report.notebooks(PLACE / "notebooks"):
        for cell in nbformat.read(file, 4).cells:
            if cell.cell_type == "markdown":
                assert not re.search(r"\b(fifteen|15) topics\b|\bT\d\d\b", cell.source), cell.source


def test_no_text_is_in_it():
    """Words of counts stand without order, mined terms are short, and no cell of a table is a sentence."""
    for file in sorted(PLACE.rglob("*")):
        if (
            file.suffix in (".csv", ".txt")
            and ".nqp-cache" not in file.parts
            and "documents" not in file.parts
        ):
            for line in file.read_text("utf-8-sig").splitlines():
                assert line.startswith("#") or line.count("，") + line.count("。") <= 4, (
                    f"{file.name}: {line[:40]}"
                )
    for file in report.notebooks(PLACE / "notebooks"):
        for cell in nbformat.read(file, 4).cells:
            for output in cell.get("outputs", []):
                assert "。" not in str(output.get("data", {}).get("text/html", ""))


def test_enough_dates_and_too_few_are_told_apart():
    few = registry.read(ROOT / "data/articles.csv")
    many = registry.read(PLACE / "articles.csv")
    assert enough(many) and not enough(few)
    assert (
        "16 of 96 articles have a date" in figures.dated(few)[0] and "96篇文章中16篇" in figures.dated(few)[1]
    )
    assert "43 of 43" in figures.dated(many)[0] and "1978 to 2025" in figures.dated(many)[0]
    assert not enough(pd.DataFrame({"id": ["a"]}))


def test_with_the_texts_every_fingerprint_is_rebuilt(study, tmp_path, monkeypatch):
    bench = ROOT.parent / "shared" / "bench" / "gwr_national" / "government_work_reports.jsonl"
    if not bench.is_file():
        pytest.skip("shared/bench/gwr_national is not beside the repository: the reports are not part of it")
    (tmp_path / bench.name).write_bytes(bench.read_bytes())
    monkeypatch.setenv("NQP_REPORTS", str(tmp_path))
    found = report.rebuilt(study).set_index("what")
    assert found["state"].eq("same").all() and found.loc["articles", "kept"] == 43


@pytest.mark.usefixtures("copied")
def test_what_is_told_over_time_is_passed_over_where_too_few_have_a_date(tmp_path):
    cells = [
        nbformat.v4.new_code_cell("print(1)"),
        nbformat.v4.new_code_cell("1 / 0", metadata={"tags": ["time"]}),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "7-time.ipynb")
    report.run([tmp_path / "7-time.ipynb"], tmp_path / "kept", without={"time"})
    kept = nbformat.read(tmp_path / "kept" / "7-time.ipynb", 4).cells
    assert kept[0].outputs[0].text == "1\n" and not kept[1].outputs and kept[1].metadata["tags"] == ["time"]
    assert has_dates(load(PLACE)) and not has_dates(load(ROOT))
