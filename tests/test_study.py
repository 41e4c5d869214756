"""The study: what [train] says, which folders are meant, and how the study fits when something else is tried."""

import re
from pathlib import Path

import numpy as np
import pytest
from conftest import told
from scipy.sparse import csr_array

from nqp_topics import choose
from nqp_topics import topics as train
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
    said = [problem.where.partition("study.toml [train] ")[2] for problem in problems]
    assert said == ["topics", "seed", "seeds", "engine"]
    assert "gensim" in problems[3].allowed and "from 2 on" in problems[0].allowed


@pytest.mark.parametrize("name", ["seed", "topics", "cache", "engine"])
def test_what_the_study_says_is_not_the_engines_to_say(tmp_path, study, name):
    text = TRAIN.replace("chains = 1", f"{name} = 1")
    (problem,) = told(lambda: load(write(tmp_path, text)))
    assert problem.where.endswith(f"[train.sampler] {name}") and "[train]" in problem.todo
    (problem,) = told(lambda: study.but(engines={"gensim": {name: 1}}))
    assert problem.where == f"study.but [train.gensim] {name}"


def test_a_setting_that_the_engine_does_not_have_is_refused_before_it_fits(tmp_path, counts):
    study = load(write(tmp_path, TRAIN.replace("chains = 1", "passes = 1")))
    (problem,) = told(lambda: train.train(counts, 3, seeds=[1], **study.fits))
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
    assert problem.where == f"study.but({name}=…)" and "articles" in problem.allowed.split(", ")
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
    apart = study.but(engines={"sampler": {"chains": 2, "common": 0.3}}, articles="articles.csv")
    assert apart.fits == {"engine": "sampler", "cache": cache, "chains": 2, "common": 0.3}
    assert apart.but(topics=4).fits == {"engine": "sampler", "cache": cache, "common": 0.3}
    assert "common" not in apart.but(prevalence="voice").fits  # with a formula none are set apart


def test_the_engine_is_switched_in_the_file_or_in_a_copy(tmp_path, study, counts):
    in_copy = study.but(engine="gensim")
    in_file = load(write(tmp_path, TRAIN.replace('"sampler"', '"gensim"')))
    one, other = (train.train(counts, 3, 4, **tried.fits) for tried in (in_copy, in_file))
    plain = train.train(counts, 3, 4, "gensim", passes=2)
    assert one.fingerprint == other.fingerprint == plain.fingerprint
    assert (plain.engine, plain.iterations, one.settings) == ("gensim", 2, {"passes": 2})
    tried = train.train(counts, 4, 4, **in_copy.but(topics=4).fits)
    assert tried.engine == "gensim" and tried.iterations == 20 and tried.settings == {}
    ours = train.train(counts, 3, 4, **study.fits)
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


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[split]\nvoices = [1]", "[split] voices"),
        ("[segment]\nparts = [1]", "[segment] parts"),
        ("[count]\nmax_df = inf", "[count] max_df"),
        ("[count]\nmax_df = nan", "[count] max_df"),
        ('[count]\ncounts = "\\u0000"', "[count] counts"),
        ('[[clean.repair]]\nname="a"\nsource="b"\nlines="1:2"\ncharacters={}\nspare=[1]', "repair number 1"),
        ('[[clean.repair]]\nname="a"\nsource="b"\nlines="' + "9" * 5000 + '"\ncharacters={}', "number 1"),
        ("[clean]\nrepair = [1]", "[clean] repair"),
        ("[clean]\ndrop = ['(a']", "[clean] drop"),
        ("[clean]\ndrop = ['x*']", "[clean] drop"),
        ("[count]\nmin_fd = 2", "[count] min_fd"),
        ("[train]\ntopics = " + "9" * 5000, "study.toml"),
        ("[train]\nx = " + "[" * 10**5, "study.toml"),
        ("#" + "x" * 10**6, "study.toml"),
    ],
    ids=lambda value: value[:30],
)
def test_settings_that_no_step_could_use_are_refused_where_they_are_read(tmp_path, text, where):
    (problem,) = told(lambda: load(write(tmp_path, f'[study]\nname = "s"\n{text}\n')))
    assert where in problem.where and len(str(problem)) < 900


def test_a_setting_that_is_nearly_right_is_offered(tmp_path):
    (problem,) = told(lambda: load(write(tmp_path, '[study]\nname = "s"\n[count]\nmin_fd = 2\n')))
    assert problem.todo == "did you mean min_df?"


def test_numbers_of_numpy_are_numbers_in_a_copy(study):
    other = study.but(topics=np.int64(20), near=np.float64(0.8), seed=np.int32(2))
    assert other == study.but(topics=20, near=0.8, seed=2) and type(other.topics) is int
    cases = ({"topics": np.float64(2)}, {"near": np.nan}, {"topics": None}, {"voices": [1]}, {"title": 1})
    for wrong in cases:
        assert len(told(lambda wrong=wrong: study.but(**wrong))) == 1


def test_a_setting_alone_writes_nothing_outside_the_study(tmp_path, study):
    assert study.written("data/../counts") == tmp_path / "data/../counts"
    for place in ("../../../elsewhere", "/tmp/elsewhere", "a/../.."):
        (problem,) = told(lambda place=place: study.written(place))
        assert "outside the study" in problem.came and "-o" in problem.todo


def test_documents_are_hidden_where_outputs_are_kept(tmp_path, study, monkeypatch):
    monkeypatch.setenv("NQP_WITHOUT_DOCUMENTS", str(study.raw.resolve()))
    assert not study.raw.exists() and study.raw != study.path(study.documents)
    other = study.but(documents="others")
    assert other.raw == study.path("others")


@pytest.mark.parametrize(
    "seeds", [None, 0, -1, 2.5, True, "ab", [], [1, 1], [1.5], [-1], 10**9, range(10**9), [None], np.nan]
)
def test_seeds_that_are_none_are_refused_before_anything_is_fitted(counts, seeds, monkeypatch):
    monkeypatch.setattr("nqp_topics.topics.fit._fit", lambda *_: pytest.fail("fitted"))
    assert told(lambda: train.train(counts, 3, seeds=seeds)) and told(lambda: choose.runs(counts, 3, seeds))


@pytest.mark.parametrize("topics", [None, 2.9, "3", True, 1, 13, 10**9, np.nan, np.float64(3)])
def test_numbers_of_topics_that_are_none_are_refused_also_where_a_run_is_kept(counts, topics, tmp_path):
    quick = {"chains": 1, "sweeps": 2, "cache": tmp_path}
    kept = train.train(counts, np.int64(2), seeds=np.int64(2), **quick)
    assert [run.seed for run in kept] == [1, 2]
    assert told(lambda: train.train(counts, topics, seeds=[1], **quick))
    assert told(lambda: choose.runs(counts, topics, 1, **quick))


@pytest.mark.parametrize("settings", [{"threads": 10**6}, {"sweeps": 10**9}])
def test_settings_of_an_engine_have_bounds(counts, settings):
    assert "to 1000" in told(lambda: train.train(counts, 2, 1, **settings))[0].allowed


def test_settings_of_numpy_are_kept_as_numbers(counts, tmp_path):
    run = train.train(counts, 2, 1, chains=np.int64(1), sweeps=np.int32(2))
    train.save(run, tmp_path / "run")
    assert train.load(tmp_path / "run").settings == {"chains": 1, "sweeps": 2}


@pytest.mark.parametrize(
    ("line", "came"),
    [
        ("title = “研究”", "“, which an input method types"),
        ('order = ["晨报"，"晚报"]', "，, which an input method types"),
        ('order = [  # 组\n"晨报"，\n"晚报"]', "，, which an input method types"),
        ("【train】", "【, which an input method types"),
        ("title：1", "：, which an input method types"),
        ("title =\u00a01", "cannot be seen: U+00A0"),
        ("\u200btitle = 1", "cannot be seen: U+200B"),
        ('title = "C:\\Users"', "a backslash in a text"),
        ("title = True", "no value that can be read"),
        ("title = 12个", "more behind the value"),
        ('name = "again"', "a name that stands twice"),
        ("title", "no = behind the name"),
        ('title = "研究', "what is opened and not closed"),
    ],
)
def test_what_a_line_of_settings_has_wrong_is_said_of_that_line(tmp_path, line, came):
    file = tmp_path / "study.toml"
    file.write_text(f'[study]\nname = "甲：“乙”，丙"  # 说明：“好”\n{line}\n', "utf-8")
    with pytest.raises(Refused) as refused:
        load(file)
    (problem,) = refused.value.problems
    assert came in problem.came
    number, text = re.search(r", line (\d+): (.*)$", problem.where).groups()
    assert file.read_text("utf-8").split("\n")[int(number) - 1].strip() == text.strip()
    assert int(number) >= 3


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_settings_in_another_encoding_are_refused_as_that(tmp_path, encoding):
    (tmp_path / "study.toml").write_text('[study]\nname = "研究"\n', encoding)
    with pytest.raises(Refused, match="not UTF-8"):
        load(tmp_path)
    (tmp_path / "study.toml").write_bytes('\ufeff[study]\r\nname = "研究"\r\n'.encode())
    assert load(tmp_path).name == "研究"
