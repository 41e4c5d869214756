"""Reporting, on a tiny study: what runs again and what does not, other numbers of topics, other pages, and what verify finds."""

import base64
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from importlib import import_module, metadata
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from conftest import Copied, heeds_ctrl_c

from nqp_topics import counts as count
from nqp_topics import figures, files, validate
from nqp_topics import naming as name
from nqp_topics import reproduce as report
from nqp_topics import topics as train
from nqp_topics.checks import Remark
from nqp_topics.cli import main
from nqp_topics.documents import read
from nqp_topics.figures import styles
from nqp_topics.figures.saved import table_of
from nqp_topics.reproduce.new_texts import shares_of_texts, texts_of
from nqp_topics.study import Refused, Study, fingerprint, load
from nqp_topics.topics.engines import Common
from nqp_topics.validate.tasks import ITEMS, KEY

# the modules, whose names their functions bear too
running, noting, verifying = (
    import_module(f"nqp_topics.reproduce.{name}") for name in ("notebooks", "unchanged", "verify")
)
ROOT = Path(__file__).resolve().parents[1]
FIELDS = {
    "farm": ("水稻", "小麦", "农田", "灌溉", "收成", "种子", "化肥", "村庄"),
    "sea": ("渔船", "港口", "海浪", "灯塔", "水手", "航线", "船员", "码头"),
    "stage": ("演员", "剧院", "舞台", "观众", "导演", "剧本", "灯光", "掌声"),
}
TOML = """
[study]
name = "tiny"
title = "三种行业"
[split]
articles = "data/articles.csv"
[segment]
stopwords = "words/stop.txt"
[count]
counts = "data/counts"
max_df = 0.9
[train]
topics = 3
seed = 2
seeds = 3
labels = "data/labels.csv"
[train.sampler]
chains = 1
sweeps = 12
"""
SIZES = (
    """from nqp_topics import counts as count
from nqp_topics import figures
from nqp_topics.study import load
study = load()
counts = count.of_study(study)
sizes = counts.lengths.groupby(list(counts.articles)).sum().rename_axis("article").rename("tokens").reset_index()
sizes = sizes.assign(share=sizes["tokens"] / counts.tokens)""",
    """columns = [figures.Column("article", heading=("Article", "文章")), figures.Column("share", ".1%", ("Share", "占比"))]
figures.save_table(sizes, study.figures / "sizes", ("Sizes of articles", "文章长度"), columns)
print(f"{len(counts.ids)} passages, {counts.tokens / len(counts.ids):.4f} tokens each")""",
)
TOPICS = (
    """from nqp_topics import counts as count, figures, naming as name
from nqp_topics.topics import train
from nqp_topics.study import load
study = load()
counts = count.of_study(study)
run = train(counts, study.topics, study.seed, **study.fits)
labels = name.labels_of_study(study, run)
shown = figures.topic_words(run, labels, 4)""",
    """shown.save(study.figures / "topics", page="single")
print("topics:", len(run.names))""",
    """figures.panel(run, counts, labels).save(study.figures / "topics.html")""",
)


def notebook(*cells):
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_markdown_cell("# What is here?")]
    made.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    for number, cell in enumerate(made.cells):
        cell["id"] = f"c{number}"
    return made


def texts():
    """Nine documents on farms, ships and theatres, of four paragraphs each."""
    rng = np.random.default_rng(4)
    for number in range(9):
        own = list(FIELDS.values())[number % 3]
        paragraphs = ["，".join(rng.choice(own, 24)) + "。" for _ in range(4)]
        yield f"d{number}", "\n".join(paragraphs) + "\n"


def build(place):
    """Write a study of nine documents with its counts, a label a topic and two notebooks."""
    for folder in ("data/raw", "data/sample", "notebooks", "words"):
        (place / folder).mkdir(parents=True)
    (place / "data/sample/key.csv").write_text("id\n", "utf-8")
    (place / "study.toml").write_text(TOML, "utf-8")
    (place / "words/stop.txt").write_text("今天\n", "utf-8")
    rows = ["id,source,start_line,end_line,title"]
    for id_, text in texts():
        (place / f"data/raw/{id_}.txt").write_text(text, "utf-8")
        rows.append(f"{id_},{id_},1,4,{id_}")
    (place / "data/articles.csv").write_text("\n".join(rows) + "\n", "utf-8")
    for stem, cells in (("1-sizes", SIZES), ("2-topics", TOPICS)):
        nbformat.write(notebook(*cells), place / f"notebooks/{stem}.ipynb")
    study = load(place)
    report.share(study, read.if_here(study))
    counts = count.load(place / "data/counts")
    run = train.train(counts, 3, 2, chains=1, sweeps=12)
    table = name.read_labels(place / "data/labels.csv")
    for topic in run.names:
        (field,) = (key for key, words in FIELDS.items() if run.words[topic].idxmax() in words)
        table = name.label(table, run, topic, run.words[topic].idxmax(), field)
    name.write_labels(table, place / "data/labels.csv")


def said(*arguments):
    """Run the command and return its exit code and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(one) for one in arguments])
    return code, out.getvalue() + err.getvalue()


def contents(folder):
    """Return file → its bytes."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(scope="module", autouse=True)
def alone():
    with pytest.MonkeyPatch.context() as patch:
        for setting in ("NQP_TOPICS", "NQP_CACHE", "NQP_FIGURES"):
            patch.delenv(setting, raising=False)
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The folder of the study, its notebooks run once and kept with their outputs."""
    folder = tmp_path_factory.mktemp("tiny")
    build(folder)
    code, printed = said("figures", "--study", folder, "--keep")
    assert code == 0, printed
    assert "1 figure, 1 table, 1 page" in printed
    return folder


@pytest.fixture
def study(place):
    return load(place)


@contextmanager
def changed(file, content):
    """Give a file another content (none: take it away) and put it back as it was, its time too."""
    before, times = (file.read_bytes(), file.stat()) if file.exists() else (None, None)
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)
        if before is not None:
            file.write_bytes(before)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def left(study):
    """Return the names of the notebooks that need not run."""
    return [file.stem for file in report.unchanged(study, report.notebooks(study.path("notebooks")))]


ALL = ["1-sizes", "2-topics"]


# what runs again, and what does not


def test_a_second_time_nothing_runs_and_not_a_byte_changes(place, monkeypatch):
    monkeypatch.setattr(running, "_failed", lambda *_: pytest.fail("a kernel ran"))
    before = contents(place / "figures")
    times = {file: file.stat().st_mtime_ns for file in (place / "figures").glob("*.p*")}
    code, printed = said("figures", "--study", place)
    assert code == 0 and "unchanged since they ran: 1-sizes, 2-topics" in printed
    assert "cells" not in printed and "1 figure, 1 table, 1 page" in printed
    assert contents(place / "figures") == before
    assert {file: file.stat().st_mtime_ns for file in times} == times


@pytest.mark.parametrize(
    ("file", "stay"),
    [
        ("study.toml", []),
        ("data/labels.csv", []),
        ("data/articles.csv", []),
        ("data/counts/counts.mtx", []),
        ("words/stop.txt", []),
        ("data/raw/d3.txt", []),
        ("data/sample/key.csv", []),
        ("figures/sizes.csv", []),
        ("figures/sizes.zh.docx", []),
        ("figures/topics.pdf", ["1-sizes"]),
        ("figures/topics.html", ["1-sizes"]),
        ("figures/topics.zh.png", ["1-sizes"]),
        ("figures/README.md", ALL),
        ("notes.txt", ALL),
    ],
)
def test_what_changed_runs_again_and_so_does_all_that_follows(place, study, file, stay):
    before = (place / file).read_bytes() if (place / file).exists() else b""
    with changed(place / file, before + b"\n"):
        assert left(study) == stay
    if before and file.startswith("figures"):
        with changed(place / file, None):
            assert left(study) == stay
    assert left(study) == ALL


def test_another_code_of_the_library_runs_everything_again(study, tmp_path, monkeypatch):
    library = Path(noting.__file__).parents[1]
    shutil.copytree(library, tmp_path / "nqp_topics", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(noting, "__file__", str(tmp_path / "nqp_topics/reproduce/unchanged.py"))
    assert left(study) == ALL
    for name_of in ("figures/page.py", "topics/engines/sampler.py", "words/stopwords.txt"):
        file = tmp_path / "nqp_topics" / name_of
        with changed(file, file.read_bytes() + b"\n"):
            assert left(study) == []
    monkeypatch.setattr(noting, "_versions", lambda: ["numpy 0"])
    assert left(study) == []


def edited(file, change):
    made = nbformat.read(file, as_version=4)
    change(made)
    return nbformat.writes(made)


def test_other_code_counts_and_other_words_or_outputs_do_not(place, study):
    first, second = (place / f"notebooks/{stem}.ipynb" for stem in ALL)

    def code(made):
        made.cells[-1].source += "\n1 + 1"

    def words(made):
        made.cells[0].source = "# Something else?"
        made.cells.insert(1, nbformat.v4.new_markdown_cell("A remark."))

    def outputs(made):
        for cell in made.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None

    cases = ((code, [], ["1-sizes"]), (words, ALL, ALL), (outputs, ALL, ALL))
    for change, after_first, after_second in cases:
        for file, stay in ((first, after_first), (second, after_second)):
            with changed(file, edited(file, change)):
                assert left(study) == stay, (change.__name__, file.name)


def test_a_notebook_that_draws_nothing_need_not_run_twice_either(place, study, tmp_path):
    with changed(place / "notebooks/3-look.ipynb", nbformat.writes(notebook("1 + 1"))) as file:
        assert left(study) == ALL
        notes = noting._place(study)
        with changed(notes, notes.read_bytes()):
            report.note(study, file, file.stat().st_mtime + 1000)
            assert left(study) == [*ALL, "3-look"]


def test_a_figure_with_a_point_in_its_name_is_in_the_ledger(place, study):
    files = [place / f"figures/fig1.2{end}" for end in (".png", ".zh.png")]
    for file in files:
        shutil.copy(place / "figures" / file.name.replace("fig1.2", "topics"), file)
    found = report.ledger(study)
    for file in files:
        file.unlink()
    assert found[found["kind"] == "figure"]["name"].tolist() == ["fig1.2", "topics"]


def test_outputs_are_kept_without_the_documents_unless_their_owner_says_otherwise(place, monkeypatch):
    hidden = []

    def run(files, *_, hide, **__):
        hidden.append(hide)
        return pd.DataFrame(columns=["notebook", "cells", "seconds"])

    monkeypatch.setattr(report, "run", run)
    for more in (["--keep"], []):
        assert said("figures", "--study", place, *more)[0] == 0
    with changed(place / "study.toml", TOML.replace('"tiny"', '"tiny"\npublish_texts = true')):
        assert said("figures", "--study", place, "--keep")[0] == 0
    assert hidden == [load(place).raw, None, None]


@pytest.mark.parametrize(
    "content", ["{}", "[" * 10**5, "x", '{"cells": 1, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}']
)
def test_what_is_no_notebook_is_refused_by_name(tmp_path, content):
    (tmp_path / "1-a.ipynb").write_text(content, "utf-8")
    cases = (lambda: running.code_cells(tmp_path / "1-a.ipynb"), lambda: report.run([tmp_path / "1-a.ipynb"]))
    for call in cases:
        with pytest.raises(Refused, match=r"1-a\.ipynb"):
            call()
    with (tmp_path / "2-b.ipynb").open("wb") as stream:
        stream.truncate(1 << 33)
    with pytest.raises(Refused, match="MB"):
        running.code_cells(tmp_path / "2-b.ipynb")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_figures_that_are_stopped_say_so_in_one_line(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "study.toml").write_text('[study]\nname = "s"\n', "utf-8")
    cell = "from pathlib import Path\nimport time\nPath('begun').touch()\ntime.sleep(600)"
    nbformat.write(notebook(cell), tmp_path / "notebooks/1-sleep.ipynb")
    command = [sys.executable, "-m", "nqp_topics.cli", "figures", "1", "--study", str(tmp_path)]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=heeds_ctrl_c
    ) as running:
        while not (tmp_path / "notebooks/begun").exists() and running.poll() is None:
            time.sleep(0.1)
        os.killpg(running.pid, signal.SIGINT)
        told = running.communicate(timeout=60)[1]
    assert running.returncode == 130 and "Traceback" not in told
    assert told.strip().splitlines()[-1].startswith("stopped;") and len(told.strip().splitlines()) < 3, told


def test_only_the_notebooks_that_must_are_run(place, monkeypatch):
    ran = []

    def run(files, *_, **__):
        ran.append([file.stem for file in files])
        return pd.DataFrame(columns=["notebook", "cells", "seconds"])

    monkeypatch.setattr(report, "run", run)
    for more in ([], ["--again"], ["2"], ["2", "--again"]):
        assert said("figures", "--study", place, *more)[0] == 0
    with changed(place / "figures/topics.csv", None):
        code, printed = said("figures", "--study", place)
        assert code == 0 and "unchanged since they ran: 1-sizes (" in printed
    assert ran == [[], ALL, [], ["2-topics"], ["2-topics"]]


def test_notes_that_were_spoilt_only_cost_time(place, study):
    with changed(noting._place(study), "[not json"):
        assert left(study) == []
    assert left(study) == ALL


# the ledger


def test_the_ledger_says_what_stands_where(place, study):
    table = report.ledger(study).set_index(["kind", "name"])
    figure, listed, panel = ("figure", "topics"), ("table", "sizes"), ("page", "topics")
    assert sorted(table.index) == sorted([figure, listed, panel])
    assert table["notebook"].to_dict() == {figure: "2-topics", listed: "1-sizes", panel: "2-topics"}
    assert table["cell"].to_dict() == {figure: 2, listed: 2, panel: 3}
    assert table.loc[listed, "shows"] == "Sizes of articles"
    assert "The most probable words of 3 topics" in table.loc[figure, "shows"]
    assert "3 topics" in table.loc[panel, "shows"]
    run = pd.read_csv(place / "data/labels.csv", encoding="utf-8-sig")["fingerprint"].iloc[0][:12]
    assert table["run"].to_dict() == {figure: run, listed: "", panel: run}
    for row, by in ((figure, "figures.topic_words"), (listed, "figures.save_table")):
        drawn = table_of(place / f"figures/{row[1]}.csv").to_csv(index=False)
        assert table.loc[row, "source"] == f"{by} of {fingerprint(drawn)[:12]}"


def test_every_link_of_the_written_ledger_leads_to_a_file(place):
    import re

    for file, head in (
        ("README.md", "# The figures: 三种行业\n"),
        ("README.zh-CN.md", "# 图表一览：三种行业\n"),
    ):
        text = (place / "figures" / file).read_text("utf-8")
        links = re.findall(r"\]\(([^)]+)\)", text)
        assert text.startswith(head) and len(links) == 15
        assert [link for link in links if not (place / "figures" / link).is_file()] == []
    assert "3个主题" in text and "[topics](topics.pdf), [中文](topics.zh.pdf)" in text


# another number of topics


@pytest.mark.usefixtures("copied")
def test_another_number_of_topics_has_a_folder_of_its_own(place, study):
    before = contents(place / "figures")
    try:
        code, printed = said("figures", "2", "--study", place, "--topics", "2")
        assert code == 0 and "2-topics: 4 cells" in printed
        other = place / "figures/K2"
        made = {file.name for file in other.iterdir()}
        assert made == {name for name in before if not name.startswith("sizes")}
        table = table_of(other / "topics.csv")
        assert table["topic"].unique().tolist() == ["T01", "T02"]
        assert table["title"].str.fullmatch(r"T0[12] (farm|sea|stage)\??").all()
        assert "K2" in printed and (other / "README.md").read_text("utf-8").count("code cell") == 2
        code, printed = said("figures", "2", "--study", place, "--topics", "2")
        assert code == 0 and "unchanged since they ran: 2-topics" in printed
        assert left(study) == ALL and left(study.but(topics=2)) == []
    finally:
        shutil.rmtree(place / "figures/K2", ignore_errors=True)
    assert contents(place / "figures") == before


def test_outputs_of_another_number_of_topics_are_not_kept_in_notebooks(place, monkeypatch):
    before = contents(place / "notebooks")
    code, printed = said("figures", "--study", place, "--topics", "2", "--keep")
    assert code == 2 and "--keep with --topics" in printed
    monkeypatch.setenv("NQP_TOPICS", "2")
    code, printed = said("figures", "--study", place, "--keep")
    assert code == 2 and "--keep with NQP_TOPICS" in printed
    assert contents(place / "notebooks") == before


@pytest.mark.parametrize("number", ["1", "-4"])
def test_a_number_of_topics_that_cannot_be_is_refused(place, number):
    code, printed = said("figures", "--study", place, f"--topics={number}")
    assert code == 2 and "topics" in printed and not list((place / "figures").glob("K*"))


# other pages


@pytest.fixture(scope="module")
def lengths():
    return figures.lengths.table(pd.DataFrame({"han": [10, 60, 70, 120]}), 50)


@pytest.fixture(scope="module")
def one_figure(tmp_path_factory, lengths):
    """A folder with one figure, which is drawn for a single column where nothing else is said."""
    folder = tmp_path_factory.mktemp("one") / "figures"
    figures.lengths.of(lengths, "f" * 64).save(folder / "lengths")
    return folder


@pytest.mark.parametrize("kind", ["single", "double", "slide", "journal-zh"])
def test_another_page_shows_the_same_numbers_on_its_own_width(place, one_figure, tmp_path, monkeypatch, kind):
    from PIL import Image

    stem = "lengths"
    shutil.copytree(one_figure, tmp_path / "figures")
    monkeypatch.setenv("NQP_FIGURES", str(tmp_path / "figures"))
    before = contents(tmp_path)
    code, printed = said("figures", "--study", place, "--page", kind)
    made = tmp_path / "figures" / kind
    assert code == 0 and printed.split() == [str(made / stem)]
    wanted = {f"{stem}.{ending}" for ending in ("csv", "pdf", "png", "zh.pdf", "zh.png")}
    assert {file.name for file in made.iterdir()} == wanted
    assert (made / f"{stem}.csv").read_bytes() == (one_figure / f"{stem}.csv").read_bytes()
    for file in (f"{stem}.png", f"{stem}.zh.png"):
        with Image.open(made / file) as new, Image.open(one_figure / file) as old:
            assert new.width == pytest.approx(styles.PRESETS[kind].width / 25.4 * 300, abs=2)
            assert {key: new.text[key] for key in old.text} == old.text
            if kind == "journal-zh":
                assert np.ptp(np.asarray(new.convert("RGB")).astype(int), axis=2).max() < 60
            if kind == "single":
                assert np.array_equal(np.asarray(new), np.asarray(old))
    assert {name: file for name, file in contents(tmp_path).items() if kind not in name} == before


def test_a_page_that_is_none_and_a_folder_without_figures_are_refused(place, tmp_path, monkeypatch):
    code, printed = said("figures", "--study", place, "--page", "poster")
    assert code == 2 and "'poster'" in printed and "journal-zh" in printed
    assert not (place / "figures/poster").exists()
    monkeypatch.setenv("NQP_FIGURES", str(tmp_path / "nothing"))
    code, printed = said("figures", "--study", place, "--page", "slide")
    assert code == 2 and "no figures" in printed and not (tmp_path / "nothing").exists()


def test_figures_that_cannot_be_redrawn_are_named_before_any_is_drawn(place, tmp_path, monkeypatch):
    from PIL import Image

    for file in (place / "figures").glob("topics.*"):
        shutil.copy(file, tmp_path)
    Image.new("RGB", (4, 4)).save(tmp_path / "mine.png")
    (tmp_path / "topics.csv").unlink()
    monkeypatch.setenv("NQP_FIGURES", str(tmp_path))
    with pytest.raises(Refused) as refused:
        report.redraw(load(place), "slide")
    wanted = "mine.csv mine.zh.png mine.png topics.csv".split()
    assert [Path(problem.where).name for problem in refused.value.problems] == wanted
    assert not (tmp_path / "slide").exists()


# verify


@pytest.fixture(scope="module")
def verified(place, tmp_path_factory):
    """What verify says of the untouched study, made again in earnest, and a copy of what it made."""
    kept, elsewhere = tmp_path_factory.mktemp("again"), tmp_path_factory.mktemp("cache") / "mine"
    before = contents(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NQP_CACHE", str(elsewhere))

        def run(files, keep, figures, topics, cache, **more):
            assert place not in Path(cache).parents and not Path(cache).exists()
            found = running.run(files, keep, figures, topics, cache, **more)
            assert any((Path(cache) / "runs").iterdir())
            shutil.copytree(keep, kept / "notebooks")
            shutil.copytree(figures, kept / "figures")
            return found

        patch.setattr(verifying, "run", run)
        patch.setattr("nbclient.NotebookClient", Copied)  # in kernels they ran in `place`
        code, printed = said("verify", "--study", place, "-o", kept / "all.csv")
    assert contents(place) == before and not elsewhere.exists()
    return code, printed, kept


@pytest.fixture
def quick(verified, monkeypatch):
    """Verify against what was made again before, so that no kernel has to run."""

    def run(files, keep, figures, *_, **__):
        shutil.copytree(verified[2] / "notebooks", keep)
        shutil.copytree(verified[2] / "figures", figures)

    monkeypatch.setattr(verifying, "run", run)


def test_an_untouched_study_matches_in_every_number(place, verified):
    code, printed, kept = verified
    assert code == 0, printed
    assert "0 differ, 0 cannot be checked" in printed
    table = pd.read_csv(kept / "all.csv", dtype=str, keep_default_na=False)
    assert (table["verdict"] == "match").all() and (table["why"] == "").all()
    rows = table.groupby("file").size()
    for file in (place / "figures").iterdir():
        if file.suffix == ".csv":
            assert rows[f"figures/{file.name}"] == table_of(file).size
        elif not file.name.startswith("README."):
            assert rows[f"figures/{file.name}"] == 1
    assert {"data/passages.csv", "data/counts/counts.mtx", "notebooks/1-sizes.ipynb"} <= set(rows.index)
    mean = table[(table["file"] == "notebooks/1-sizes.ipynb") & (table["here"].str.contains(r"\."))]
    assert len(mean) == 1 and mean["row"].tolist() == ["code cell 2"]


def test_a_changed_number_is_found_with_its_file_row_and_column(place, quick):
    file = place / "figures/sizes.csv"
    table = pd.read_csv(file, dtype=str, encoding="utf-8-sig")
    share = table.loc[1, "share"]
    wrong = f"{float(share) + 1e-6:.9f}"
    with changed(file, file.read_text("utf-8").replace(share, wrong, 1)):
        one = float(table.loc[0, "share"]) == float(share)
        row = 1 if one else 2
        code, printed = said("verify", "--study", place)
        assert code == 1 and "1 differ," in printed
        assert (
            f"figures/sizes.csv: 26 match, 1 DIFFER ({row}, share: {wrong} here, {share} when made again)"
            in printed
        )
        found = report.verify(load(place))
        (seen,) = found[found["verdict"] == "differs"].itertuples()
        assert (seen.file, seen.row, seen.column) == ("figures/sizes.csv", row, "share")
        assert (seen.here, seen.again) == (wrong, share)
        assert said("verify", "--study", place, "--tolerance", "1e-5")[0] == 0
        assert said("verify", "--study", place, "--tolerance", "1e-7")[0] == 1
    assert said("verify", "--study", place)[0] == 0


@pytest.mark.parametrize("tolerance", [-1, 1, float("nan")])
def test_a_tolerance_that_is_none_is_refused(study, tolerance):
    with pytest.raises(Refused, match="tolerance"):
        report.verify(study, tolerance)


def only(table, file):
    (row,) = table[(table["file"] == file) & (table["verdict"] != "match")].itertuples()
    return row.verdict, row.row, row.why


def test_files_that_are_missing_or_too_many_and_other_bytes_are_told(place, study, quick):
    passages = place / "data/passages.csv"
    with (
        changed(place / "figures/sizes.csv", None),
        changed(place / "figures/stray.pdf", "x"),
        changed(place / "figures/topics.html", "x"),
        changed(place / "figures/topics.png", (place / "figures/topics.zh.png").read_bytes()),
        changed(place / "figures/topics.csv", "topic,rank\nT01,1\n"),
        changed(passages, passages.read_text("utf-8").replace(",1,", ",7,", 1)),
    ):
        found = report.verify(study)
    assert only(found, "figures/sizes.csv") == ("differs", "", "no such file here")
    assert only(found, "figures/stray.pdf") == ("differs", "", "no such file when made again")
    assert only(found, "figures/topics.html") == ("differs", "", "other bytes")
    assert only(found, "figures/topics.png")[0] == "cannot be checked"
    assert only(found, "figures/topics.csv")[2].startswith("1 × 2 here, 12 × 6")
    assert only(found, "data/passages.csv") == ("differs", 1, "7 here, 1 when made again")
    summed = report.summary(found).set_index("file")
    assert summed["differs"].sum() == 5 and summed["cannot be checked"].sum() == 1
    assert summed.loc["data/passages.csv", "first"] == "1, place: 7 here, 1 when made again"


def test_other_printed_numbers_and_words_are_told_by_cell(place, study, quick):
    first = place / "notebooks/1-sizes.ipynb"
    text = first.read_text("utf-8")
    for old, new, why in (
        ("36 passages,", "35 passages,", "35 here, 36 when made again"),
        ("36 passages,", "36 paragraphs,", "other words, or more or fewer numbers"),
        ("36 passages,", "36 3 passages,", "other words, or more or fewer numbers"),
    ):
        with changed(first, text.replace(f'"{old}', f'"{new}')):
            assert only(report.verify(study), "notebooks/1-sizes.ipynb") == ("differs", "code cell 2", why)

    def bare(made):
        for cell in made.cells:
            if cell.cell_type == "code":
                cell.outputs = []

    with changed(first, edited(first, bare)):
        verdict, _, why = only(report.verify(study), "notebooks/1-sizes.ipynb")
    assert verdict == "cannot be checked" and "without its outputs" in why


def test_without_the_documents_what_is_made_from_them_cannot_be_checked(place, tmp_path, quick):
    (place / "data/raw").rename(tmp_path / "raw")
    try:
        code, printed = said("verify", "--study", place)
    finally:
        (tmp_path / "raw").rename(place / "data/raw")
    assert code == 0 and "data/: 1 cannot be checked (the documents are not here" in printed
    assert "0 differ, 1 cannot be checked" in printed and "data/passages.csv" not in printed


def test_what_cannot_be_shown_is_refused_by_what_went_wrong(tmp_path):
    shows = "class Broken:\n    def _repr_mimebundle_(self, **_):\n        raise KeyError('spoon')\nBroken()"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(shows)]), tmp_path / "1-a.ipynb")
    with pytest.raises(Refused, match=r"1-a\.ipynb code cell 1.*\n.*KeyError: 'spoon'"):
        report.run([tmp_path / "1-a.ipynb"])


# where nothing can be written, and without a font


@pytest.mark.usefixtures("copied")
def test_a_file_in_place_of_the_folder_is_refused_by_name(place, lengths, tmp_path, monkeypatch):
    (tmp_path / "figures").write_text("a file")
    with pytest.raises(Refused) as refused:
        figures.lengths.of(lengths).save(tmp_path / "figures" / "lengths")
    (problem,) = refused.value.problems
    assert "figures" in problem.where and "folder that can be written" in problem.allowed
    monkeypatch.setenv("NQP_FIGURES", str(tmp_path / "figures"))
    code, printed = said("figures", "1", "--study", place)
    assert code == 2 and "1-sizes.ipynb code cell 2" in printed and "figures/sizes." in printed
    assert "folder that can be written" in printed and "Traceback" not in printed
    assert contents(tmp_path) == {"figures": b"a file"}


@pytest.mark.parametrize("step", ["os.mkdir", "os.fsync"])
def test_a_folder_that_cannot_be_written_keeps_its_files_whole(
    lengths, one_figure, tmp_path, monkeypatch, step
):
    shutil.copytree(one_figure, tmp_path, dirs_exist_ok=True)
    before = contents(tmp_path)

    def fail(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(step, fail)
    with pytest.raises(Refused, match="Permission denied"):
        figures.lengths.of(lengths.assign(passages=1)).save(tmp_path / "lengths")
    assert contents(tmp_path) == before


def test_what_another_program_looks_into_is_written_a_moment_later_and_another_disk_has_its_whole_path(
    tmp_path, monkeypatch
):
    move, denied = Path.replace, [1, 1]

    def replace(*given):
        if denied and denied.pop():
            raise PermissionError(13, "in use")
        return move(*given)

    def of_two_disks(*_):
        raise ValueError

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(os.path, "relpath", of_two_disks)
    with files.whole(tmp_path / "a.txt") as stream:
        stream.write("一")
    assert not denied and contents(tmp_path) == {"a.txt": "一".encode()}
    assert files.way_to(tmp_path) == str(tmp_path)


@pytest.mark.parametrize("absent", ["the package", "the file"])
def test_a_font_that_is_absent_is_refused_with_what_to_do(place, lengths, tmp_path, monkeypatch, absent):
    def found(_):
        if absent == "the package":
            raise metadata.PackageNotFoundError
        return []

    monkeypatch.setattr(metadata, "files", found)
    files.font_file.cache_clear()
    try:
        for call in (
            lambda: figures.lengths.draw(lengths),
            lambda: figures.lengths.of(lengths).save(tmp_path / "lengths"),
            lambda: report.redraw(load(place), "slide"),
        ):
            with pytest.raises(Refused, match=r"(?s)NotoSansSC.*zhplot.*pip install --force-reinstall"):
                call()
    finally:
        monkeypatch.undo()
        files.font_file.cache_clear()
    assert not list(tmp_path.iterdir()) and not (place / "figures/slide").exists()
    assert files.font_file().is_file()


# places and pictures


def test_places_that_are_relative_mean_the_same_in_a_kernel(tmp_path, monkeypatch):
    seen = []

    class Client:
        km = "none"

        def __init__(self, *_, **__):
            pass

        async def async_execute(self, env, **_):
            seen.append({name: env.get(name) for name in ("NQP_FIGURES", "NQP_CACHE", "NQP_TOPICS")})

    monkeypatch.setattr("nbclient.NotebookClient", Client)
    monkeypatch.chdir(tmp_path)
    nbformat.write(notebook("1"), tmp_path / "1-a.ipynb")
    monkeypatch.setenv("NQP_FIGURES", "out")
    report.run([tmp_path / "1-a.ipynb"], cache="kept", topics=7)
    wanted = [{"NQP_FIGURES": str(tmp_path / "out"), "NQP_CACHE": str(tmp_path / "kept"), "NQP_TOPICS": "7"}]
    assert seen == wanted
    assert os.environ["NQP_FIGURES"] == "out" and "NQP_CACHE" not in os.environ


def test_pictures_of_notebooks_are_smaller_and_look_the_same():
    import matplotlib.pyplot as plt
    from PIL import Image

    figure, axes = plt.subplots()
    axes.scatter(*np.random.default_rng(1).random((2, 300)), c=np.arange(300))
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    plt.close(figure)
    data = base64.b64encode(stream.getvalue()).decode()
    made = notebook("1")
    picture = {"image/png": data, "text/plain": "<Figure size 3x3 at 0x7f12ab>"}
    made.cells[1].outputs = [nbformat.v4.new_output("display_data", picture)]
    made.cells[1].metadata = {"tags": ["knobs"], "execution": {"iopub.status.busy": "now"}}
    tidied = report.tidy(made)
    output = tidied.cells[1].outputs[0].data
    assert output["text/plain"] == "<Figure size 3x3>" and tidied.cells[1].metadata == {"tags": ["knobs"]}
    assert len(output["image/png"]) < len(data) / 2
    with Image.open(io.BytesIO(base64.b64decode(output["image/png"]))) as few, Image.open(stream) as many:
        assert few.size == many.size and len(few.convert("RGB").getcolors()) <= 48
        far = np.asarray(few.convert("RGB")).astype(int) - np.asarray(many.convert("RGB"))
        assert np.abs(far).mean() < 2


# new texts


def test_new_texts_have_the_topics_of_their_words_and_say_what_the_run_knows(place, study, tmp_path):
    fields = {name: "，".join(words * 6) + "。" for name, words in FIELDS.items()}
    texts = {**fields, "other": "火星探测器今天顺利着陆，传回第一批照片。" * 3}
    (tmp_path / "new").mkdir()
    for one, text in texts.items():
        (tmp_path / f"new/{one}.txt").write_text(text, "utf-8")
    lines = [json.dumps({"id": one, "text": text}, ensure_ascii=False) for one, text in sorted(texts.items())]
    (tmp_path / "new.jsonl").write_text("\n".join(lines), "utf-8")
    run = train.train(count.of_study(study), study.topics, study.seed, **study.fits)
    train.save(run, tmp_path / "run")
    found = []
    for what, which in ((place, "new"), (tmp_path / "run", "new"), (place, "new.jsonl")):
        code, printed = said("shares", what, tmp_path / which, "-o", tmp_path / "s.csv", "--study", place)
        assert code == 0 and "4 texts" in printed and "less than half of the words: other" in printed
        found.append(pd.read_csv(tmp_path / "s.csv").set_index("id"))
    pd.testing.assert_frame_equal(found[0], found[1])
    pd.testing.assert_frame_equal(found[0].drop(columns="title"), found[2].drop(columns="title"))
    labels = name.read_labels(place / "data/labels.csv").set_index("topic")["en"]
    table = found[0]
    for field in FIELDS:
        assert labels[table.loc[field, run.names].astype(float).idxmax()] == field
        assert table.loc[field, "known"] == 1
    assert table.loc["other", "note"].startswith("no word") and table.loc["other", run.names].isna().all()


def test_new_texts_lose_what_articles_of_the_study_share_where_its_documents_are_here(tmp_path):
    form = "如不服本判决，可以在判决书送达之日起十五日内向本院递交上诉状。"
    for folder, names in (("in", "甲乙丙"), ("new", "丁")):
        (tmp_path / folder).mkdir()
        for one in names:
            text = f"{one}在树荫下下棋，孩子在草地上奔跑。\n\n{form}\n"
            (tmp_path / folder / f"{one}.txt").write_text(text, "utf-8")
    of = Study(folder=tmp_path, name="a", documents="in", repeated="drop")
    assert texts_of(tmp_path / "new", of)["text"].tolist() == ["丁在树荫下下棋，孩子在草地上奔跑。"]
    with pytest.warns(Remark, match="which are not here"):
        assert form in texts_of(tmp_path / "new", of.but(documents="none"))["text"][0]


def test_a_passage_of_words_that_all_have_in_common_says_nothing_of_a_text(study):
    run = train.train(count.of_study(study), 3, 2, chains=1, sweeps=12)
    one, other = (run.words.loc[list(words)].sum().idxmax() for words in list(FIELDS.values())[:2])
    shares = pd.Series(0.1, run.passages.index, name="share")
    common = Common(run.words[other].rename("weight"), shares, 50.0, 10.0)  # as if all spoke of the second
    paragraphs = ["，".join(words * 6) + "。" for words in list(FIELDS.values())[:2]]
    new = pd.DataFrame({"id": ["a"], "title": "", "text": "\n".join(paragraphs)})
    found = [shares_of_texts(made, new, study) for made in (run, replace(run, common=common))]
    assert [table["passages"].item() for table in found] == [2, 2]
    assert found[0][one].item() < 0.7 and found[1][one].item() > 0.9


@pytest.mark.parametrize(
    ("what", "texts", "says"),
    [("nothing", "raw", "nothing"), (".", "nowhere", "no such file"), (".", "odd", "none of which")],
)
def test_shares_of_what_is_not_there_are_refused(place, tmp_path, what, texts, says):
    (tmp_path / "raw").mkdir()
    (tmp_path / "odd").mkdir()
    for folder in ("raw", "odd"):
        (tmp_path / folder / "a.txt").write_text("火星探测器今天顺利着陆，传回第一批照片。", "utf-8")
    run = place if what == "." else tmp_path / what
    code, printed = said("shares", run, tmp_path / texts, "-o", tmp_path / "s.csv", "--study", place)
    assert code == 2 and says in printed and "do next" in printed and not (tmp_path / "s.csv").exists()


def test_the_lab_opens_on_the_notebooks_of_the_study_for_this_machine_alone_and_stops(tmp_path):
    import re
    import socket
    from urllib.error import URLError
    from urllib.request import Request, urlopen

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "study.toml").write_text('[study]\nname = "s"\n', "utf-8")
    nbformat.write(notebook("1 + 1"), tmp_path / "notebooks/1-a.ipynb")
    command = [sys.executable, "-m", "nqp_topics.cli", "lab", "--no-browser"]
    command += ["--study", str(tmp_path), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as lab:
        try:
            lines = iter(lab.stderr.readline, "")
            said_so = next(line for line in lines if re.search(r"http://.*token=", line))
            base, token = re.search(
                r"(http://127\.0\.0\.1:\d+)/lab/tree/notebooks\?token=(\w+)", said_so
            ).groups()

            def ask(path, how="GET"):
                wanted = Request(base + path, headers={"Authorization": f"token {token}"}, method=how)
                for _ in range(300):  # it says where it is before it listens
                    try:
                        return urlopen(wanted).read()
                    except URLError:
                        time.sleep(0.2)
                return pytest.fail("it does not answer")

            assert [one["name"] for one in json.loads(ask("/api/contents/notebooks"))["content"]] == [
                "1-a.ipynb"
            ]
            ask("/api/shutdown", "POST")
            lab.stderr.read()
            assert lab.wait(60) == 0
        finally:
            if lab.poll() is None:
                os.killpg(lab.pid, signal.SIGKILL)


def test_a_lab_without_notebooks_is_refused(tmp_path):
    (tmp_path / "study.toml").write_text('[study]\nname = "s"\n', "utf-8")
    code, printed = said("lab", "--study", tmp_path)
    assert code == 2 and "no such folder" in printed and "do next" in printed


def test_the_bar_moves_while_a_cell_takes_long_and_notebooks_beside_each_other_overlap(tmp_path, monkeypatch):
    told = []

    class Bar:
        set_postfix_str = update = close = lambda self, *given: None

        def refresh(self):
            told.append(time.monotonic())

    monkeypatch.setattr(running, "moved", lambda *_: Bar())
    cell = (
        "import time; from pathlib import Path\n"
        "Path('{0}').touch()\n"
        "while not Path('{1}').exists(): time.sleep(0.05)\n"
        "time.sleep(2.5)"
    )
    for stem, own, other in (("1-a", "a", "b"), ("2-b", "b", "a"), ("3-c", "c", "b")):
        made = notebook(cell.format(own, other))
        made.cells[1].metadata["tags"] = ["beside"] if stem != "3-c" else []
        nbformat.write(made, tmp_path / f"{stem}.ipynb")
    order = []
    files = report.notebooks(tmp_path)
    # each of two waits for the other
    found = report.run(files, done=lambda file, _: order.append(file.stem), lanes=2)
    assert found["notebook"].tolist() == ["1-a", "2-b", "3-c"] and order[-1] == "3-c"
    gaps = np.diff(told)
    assert len(gaps) > 2 and np.median(gaps) < 2


@pytest.mark.usefixtures("copied")
def test_of_notebooks_beside_each_other_the_longest_begins_and_the_others_wait_for_all_before_them(tmp_path):
    for stem, cells, tags in (("1-a", 1, ["beside"]), ("2-b", 1, []), ("3-c", 3, ["beside"]), ("4-d", 1, [])):
        made = notebook(*["1 + 1"] * cells)
        made.cells[1].metadata["tags"] = tags
        nbformat.write(made, tmp_path / f"{stem}.ipynb")
    order = []
    found = report.run(report.notebooks(tmp_path), done=lambda file, _: order.append(file.stem), lanes=1)
    assert order == ["3-c", "1-a", "2-b", "4-d"] and found["notebook"].tolist() == sorted(order)


@pytest.mark.usefixtures("copied")
def test_what_is_asked_of_the_reported_run_waits_for_a_number(tmp_path):
    made = notebook("1 + 1", "raise KeyError('topics')")
    made.cells[2].metadata["tags"] = ["reported"]
    nbformat.write(made, tmp_path / "1-a.ipynb")
    assert len(report.run([tmp_path / "1-a.ipynb"], without={"reported"})) == 1
    with pytest.raises(Refused, match="KeyError"):
        report.run([tmp_path / "1-a.ipynb"])
    tags = [cell.metadata.get("tags", []) for cell in running.code_cells(ROOT / "notebooks/8-validate.ipynb")]
    assert all({"reported", "readers"} <= {*one} for one in tags[1:])


def test_thousands_of_articles_are_not_held_each_against_each(study, monkeypatch):
    assert "few" not in running.lacking(study)
    monkeypatch.setattr(running, "MANY", 3)
    assert "few" in running.lacking(study)
    tagged = running.code_cells(ROOT / "notebooks/5-compare.ipynb")
    few = {one.source.partition("(")[0] for one in tagged if "few" in one.metadata.get("tags", [])}
    assert few == {"figures.articles", "distances = compare.distances", "figures.article_map"}


def test_tasks_of_an_earlier_run_are_passed_over_not_a_stop(study, tmp_path):
    """Whoever takes another number of topics after readers were asked still gets every figure; what was answered stays what it is."""
    now = replace(study, validation=str(tmp_path / "asked"))
    counts = count.of_study(now)
    assert "readers" not in running.lacking(now)
    run = train.train(counts, now.topics, now.seed, **now.fits).fingerprint
    items, key = pd.DataFrame(columns=ITEMS), pd.DataFrame(columns=KEY)
    validate.write(validate.Tasks(items, key, run, 1), tmp_path / "asked")
    assert "readers" not in running.lacking(now) and "readers" not in running.lacking(now.but(topics=5))
    other = replace(now, reported=4)
    assert "readers" in running.lacking(other)
    assert "readers" not in running.lacking(replace(other, reported=0))
    (tmp_path / "asked/seal.json").write_text("{", "utf-8")  # the notebook says what is wrong with them
    assert "readers" not in running.lacking(other)
