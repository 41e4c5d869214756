"""The notebooks on another study than the first: the sample, with its own formats, topics and voices, and without a lexicon."""

import shutil
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from conftest import copied

from nqp_topics import reproduce as report
from nqp_topics.documents import read, registry
from nqp_topics.reproduce.notebooks import has_dates
from nqp_topics.study import load

ROOT = Path(__file__).resolve().parents[1]
KNOBS = {
    "SEARCH = [8, 10, 12, 14, 16, 20, 30]": "SEARCH = [4]",
    "SEEDS = 5 ": "SEEDS = 2 ",
    "PATH = {8, study.topics, 20}": "PATH = {4, 5}",
}


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A copy of the sample as a study of its own, its voices shuffled over its articles: nothing sets them apart."""
    place = tmp_path_factory.mktemp("other")
    for name in ("articles.csv", "sources.csv", "study.toml"):
        shutil.copy(ROOT / "data/sample" / name, place / name)
    shutil.copytree(ROOT / "data/sample/documents", place / "documents")
    with (place / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[count]\ncounts = "counts"\n\n[train]\ntopics = 5\nseed = 7\nseeds = 3\n')
        stream.write("[train.sampler]\nchains = 2\nsweeps = 100\n")
    rows = registry.read(place / "articles.csv")
    voices = np.random.default_rng(4).permutation(rows["voice"].to_numpy())
    rows.assign(voice=voices).to_csv(place / "articles.csv", index=False)
    (place / "notebooks").mkdir()
    for file in report.notebooks(ROOT / "notebooks"):
        text = file.read_text("utf-8")
        for knob, less in KNOBS.items():
            text = text.replace(knob, less)
        (place / "notebooks" / file.name).write_text(text, "utf-8")
    study = load(place)
    report.share(study, read.folder(study.raw, study).documents)
    with copied():
        report.run(report.notebooks(place / "notebooks"), without=() if has_dates(study) else {"time"})
    return place


def test_all_run_and_make_their_figures(other):
    made = {file.stem for file in (other / "figures").glob("*.csv")}
    assert made >= {"corpus", "how_many", "lineage", "stability", "topics", "articles", "article_map"}
    assert made >= {"group_shares", "group_distances", "topics_table"}
    assert (other / "figures" / "topics.html").is_file()


def test_the_reported_number_is_among_those_that_are_compared(other):
    assert set(pd.read_csv(other / "figures/how_many.csv")["K"]) == {4, 5}


def test_every_knob_was_found_in_a_notebook():
    texts = "".join(file.read_text("utf-8") for file in report.notebooks(ROOT / "notebooks"))
    assert all(knob in texts for knob in KNOBS)


def test_the_seed_of_the_study_is_the_run_of_every_notebook(other):
    table = report.ledger(load(other))
    assert set(table.loc[table["run"] != "", "run"]) == {table["run"].iloc[0]}
    assert (table["cell"] > 0).all()
    for row in table.itertuples():
        cells = [
            c
            for c in nbformat.read(other / "notebooks" / f"{row.notebook}.ipynb", 4).cells
            if c.cell_type == "code"
        ]
        assert ".save" in cells[row.cell - 1].source or "save_table" in cells[row.cell - 1].source, row.name


def test_shuffled_voices_differ_in_no_topic(other):
    shares = pd.read_csv(other / "figures" / "group_shares.csv")
    assert shares["bh"].min() > 0.05
    apart = pd.read_csv(other / "figures" / "group_distances.csv")
    assert not (apart["bh"] < 0.05).any()
