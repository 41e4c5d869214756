"""The study: what [train] says, which folders are meant, and how the study fits when something else is tried."""

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from nqp_topics import train
from nqp_topics.counts import Counts
from nqp_topics.study import Refused, Study, load

TRAIN = """
[study]
name = "tiny"
[train]
topics = 3
seed = 4
seeds = 3
engine = "sampler"
labels = "labels.csv"
[train.sampler]
chains = 1
sweeps = 9
[train.gensim]
passes = 2
"""


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    for setting in ("NQP_TOPICS", "NQP_CACHE", "NQP_FIGURES"):
        monkeypatch.delenv(setting, raising=False)


def write(place, text=TRAIN):
    (place / "study.toml").write_text(text, "utf-8")
    return place


@pytest.fixture
def study(tmp_path):
    return load(write(tmp_path))


@pytest.fixture(scope="module")
def counts():
    rng = np.random.default_rng(6)
    rows = np.zeros((24, 12), int)
    for row in range(24):
        rows[row, row % 3 * 4 : row % 3 * 4 + 4] = rng.integers(2, 6, 4)
    return Counts([f"p{n:02d}" for n in range(24)], [f"词{n:02d}" for n in range(12)], csr_array(rows))


def told(call):
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.problems


def test_the_section_on_training_is_read(study):
    assert (study.topics, study.seed, study.seeds) == (3, 4, 3)
    assert (study.engine, study.labels) == ("sampler", "labels.csv")
    assert study.engines == {"sampler": {"chains": 1, "sweeps": 9}, "gensim": {"passes": 2}}
    assert (study.reported, study.reported_seed, study.reported_engine) == (3, 4, "sampler")


def test_there_is_no_default_number_of_topics(tmp_path):
    study = load(write(tmp_path, '[study]\nname = "s"\n'))
    assert (study.topics, study.reported, study.seed, study.seeds) == (0, 0, 1, 5)
    assert study.fits == {"engine": "sampler", "cache": tmp_path / ".nqp-cache"}
    assert study.figures == tmp_path / "figures"


def test_all_that_cannot_be_used_is_told_at_once(tmp_path):
    wrong = (
        '[study]\nname = "s"\n[train]\ntopics = "12"\nseed = true\nengin = "gensim"\nsampler = 3\n[tran]\n'
    )
    problems = told(lambda: load(write(tmp_path, wrong)))
    said = [problem.where.partition("study.toml ")[2] for problem in problems]
    assert said == ["[train] topics", "[train] seed", "[train] engin", "[train] sampler", "[tran]"]
    wrong = '[study]\nname = "s"\n[train]\ntopics = 1\nseed = -1\nseeds = 0\nengine = "mallet"\n'
    problems = told(lambda: load(write(tmp_path, wrong)))
    assert [problem.where.rpartition("study.toml ")[2] for problem in problems] == [
        "engine",
        "topics",
        "seed, seeds",
    ]
    assert "'gensim'" in problems[0].allowed and "from 2 on" in problems[1].allowed


@pytest.mark.parametrize("name", ["seed", "topics", "cache", "engine"])
def test_what_the_study_says_is_not_the_engines_to_say(tmp_path, study, name):
    text = TRAIN.replace("chains = 1", f"{name} = 1")
    (problem,) = told(lambda: load(write(tmp_path, text)))
    assert problem.where.endswith(f"[train.sampler] {name}") and "[train]" in problem.todo
    (problem,) = told(lambda: study.but(engines={"gensim": {name: 1}}))
    assert problem.where == f"study.but [train.gensim] {name}"


def test_a_setting_that_the_engine_does_not_have_is_refused_before_it_fits(tmp_path, counts):
    study = load(write(tmp_path, TRAIN.replace("chains = 1", "passes = 1")))
    (problem,) = told(lambda: train.many(counts, 3, [1], **study.fits))
    assert problem.where == "train(passes=…)" and "chains" in problem.allowed


def test_a_changed_copy_leaves_the_study_and_its_file_alone(tmp_path, study):
    before = (tmp_path / "study.toml").read_bytes()
    other = study.but(topics=20, seed=9, engine="gensim")
    assert (other.topics, other.seed, other.engine) == (20, 9, "gensim")
    assert (other.reported, other.reported_seed, other.reported_engine) == (3, 4, "sampler")
    assert other.as_reported() == study == load(tmp_path)
    assert (tmp_path / "study.toml").read_bytes() == before


@pytest.mark.parametrize("name", ["topic", "folder", "reported", "reported_seed", "reported_engine"])
def test_what_cannot_be_changed_in_a_copy(study, name):
    (problem,) = told(lambda: study.but(**{name: 1}))
    assert problem.where == f"study.but({name}=…)" and "topics" in problem.allowed.split(", ")
    assert name not in problem.allowed.split(", ")


def test_another_number_of_topics_has_a_folder_of_its_own(tmp_path, study, monkeypatch):
    assert study.figures == tmp_path / "figures"
    assert study.but(seed=8, engine="gensim").figures == tmp_path / "figures" / "K3-seed8-gensim"
    assert study.but(topics=20).figures == tmp_path / "figures" / "K20"
    assert study.but(topics=20).but(topics=3).figures == tmp_path / "figures"
    monkeypatch.setenv("NQP_FIGURES", str(tmp_path / "elsewhere"))
    assert study.figures == tmp_path / "elsewhere"
    assert study.but(topics=5).figures == tmp_path / "elsewhere" / "K5"


def test_runs_are_kept_in_the_study_or_where_the_reader_says(tmp_path, study, monkeypatch):
    assert study.cache == study.fits["cache"] == tmp_path / ".nqp-cache"
    monkeypatch.setenv("NQP_CACHE", str(tmp_path / "kept"))
    assert study.cache == study.fits["cache"] == tmp_path / "kept"


def test_a_number_that_is_asked_for_from_outside(tmp_path, study, monkeypatch):
    for asked in ("", "  "):
        monkeypatch.setenv("NQP_TOPICS", asked)
        assert load(tmp_path) == study
    monkeypatch.setenv("NQP_TOPICS", "20")
    tried = load(tmp_path)
    assert tried == study.but(topics=20) and tried.reported == 3
    assert tried.figures.name == "K20" and tried.as_reported() == study
    monkeypatch.setenv("NQP_TOPICS", "3")
    assert load(tmp_path) == study


@pytest.mark.parametrize("asked", ["twelve", "-3", "2.5", "1", "1:5"])
def test_a_number_from_outside_that_cannot_be_is_refused(tmp_path, monkeypatch, asked):
    write(tmp_path)
    monkeypatch.setenv("NQP_TOPICS", asked)
    (problem,) = told(lambda: load(tmp_path))
    assert "from 2 on" in problem.allowed and asked.strip("'") in problem.came


def test_the_settings_of_an_engine_are_those_of_the_reported_number(study):
    cache = study.cache
    assert study.fits == {"engine": "sampler", "cache": cache, "chains": 1, "sweeps": 9}
    assert study.but(seed=7).fits == study.fits
    assert study.but(topics=4).fits == {"engine": "sampler", "cache": cache}
    assert study.but(engine="gensim").fits == {"engine": "gensim", "cache": cache, "passes": 2}
    assert study.but(engine="gensim", topics=4).fits == {"engine": "gensim", "cache": cache}
    assert study.but(engine="tomotopy").fits == {"engine": "tomotopy", "cache": cache}


def test_the_engine_is_switched_in_the_file_or_in_a_copy(tmp_path, study, counts):
    in_copy = study.but(engine="gensim")
    in_file = load(write(tmp_path, TRAIN.replace('"sampler"', '"gensim"')))
    one, other = (train.many(counts, 3, [4], **tried.fits).medoid for tried in (in_copy, in_file))
    plain = train.train(counts, 3, 4, "gensim", passes=2)
    assert one.fingerprint == other.fingerprint == plain.fingerprint
    assert (plain.engine, plain.iterations, one.settings) == ("gensim", 2, {"passes": 2})
    tried = train.many(counts, 4, [4], **in_copy.but(topics=4).fits).medoid
    assert tried.engine == "gensim" and tried.iterations == 20 and tried.settings == {}
    ours = train.many(counts, 3, [4], **study.fits).medoid
    assert ours.engine == "sampler" and ours.settings == {"chains": 1, "sweeps": 9}


def test_the_folder_of_the_documents_can_be_elsewhere(tmp_path, monkeypatch):
    study = Study(folder=tmp_path, name="s", documents="docs", elsewhere="TINY_RAW")
    monkeypatch.delenv("TINY_RAW", raising=False)
    assert study.raw == tmp_path / "docs"
    monkeypatch.setenv("TINY_RAW", "~/mine")
    assert study.raw == Path.home() / "mine"


def test_facts_stand_beside_the_registry(tmp_path):
    study = Study(folder=tmp_path, name="s")
    assert study.facts == tmp_path
    assert study.but(articles="data/articles.csv").facts == tmp_path / "data"


def test_the_study_of_a_folder_is_found_from_below(tmp_path, study, monkeypatch):
    below = tmp_path / "notebooks" / "old"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert load() == study
    monkeypatch.chdir(tmp_path)
    assert load().topics == 3
    (problem,) = told(lambda: load(below))
    assert "no such file" in problem.came and "--study" in problem.todo
