"""Anchors: words that a person gives to topics find themes that plain runs merge, stay in the run's record, and are refused where they say nothing."""

import json

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from scipy.sparse import csr_array

from nqp_topics import naming
from nqp_topics.cli import main
from nqp_topics.counts import Counts, save
from nqp_topics.reproduce.methods import methods
from nqp_topics.study import load
from nqp_topics.topics import load as load_run
from nqp_topics.topics import save as save_run
from nqp_topics.topics import train
from nqp_topics.topics.engines import sampler, sparse

THEMES = "天地人山火水木"
WORDS = 60  # of a theme
FEW = {"chains": 8, "sweeps": 40, "common": 0}  # words of all passages are in the planted themes too
ANCHORS = {"木业": ["木01", "木03", "木05"]}


def world(seed=1, passages=500, length=50, small=0.05):
    """Seven themes, the last in 5 % of the passages and much like the one before it: counts, theme → words, the theme of each passage."""
    rng = np.random.default_rng(seed)
    words = sorted(f"{name}{number:02d}" for name in [*THEMES, "共", "常"] for number in range(WORDS))

    def own(name):
        said = [1 / (int(word[1:]) + 4) if word[0] == name else 0.0 for word in words]
        return np.array(said) / sum(said)

    themes = {name: own(name) for name in THEMES}
    themes |= {name: 0.3 * own(name) + 0.7 * own("共") for name in THEMES[-2:]}
    themes = {name: 0.7 * said + 0.3 * own("常") for name, said in themes.items()}
    main_theme = rng.choice(list(THEMES), passages, p=[*[(1 - small) / 6] * 6, small])
    rows = [
        rng.multinomial(length, 0.8 * themes[one] + 0.2 * themes[rng.choice(list(THEMES))])
        for one in main_theme
    ]
    ids = [f"p{number:04d}" for number in range(passages)]
    return Counts(ids, words, csr_array(np.array(rows, np.int32))), themes, main_theme


def alike(run, said):
    """The cosine of every topic's words with those of a theme."""
    words = run.words.to_numpy()
    return said @ words / np.linalg.norm(words, axis=0) / np.linalg.norm(said)


@pytest.fixture(scope="module")
def planted():
    counts, themes, theme = world()
    return counts, themes, theme, train(counts, 7, 1, anchors=ANCHORS, **FEW)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_theme_that_plain_runs_merge_is_found_with_its_words(seed):
    counts, themes, theme = world(seed)
    plain, run = (train(counts, 7, seed, anchors=anchors, **FEW) for anchors in (None, ANCHORS))
    of_wood, of_water = (plain.passages.to_numpy()[theme == name].mean(axis=0) for name in "木水")
    assert of_wood.max() > 0.6 and of_water[of_wood.argmax()] > 0.4  # one topic holds both
    shares = run.passages["T01"].to_numpy()
    assert alike(run, themes["木"])[0] > 0.94
    assert shares[theme == "木"].mean() > 0.65 and shares[theme == "水"].mean() < 0.08
    assert all(alike(run, themes[name]).max() > 0.95 for name in THEMES[:-1])  # and nothing else is lost
    clear = train(counts, 7, seed, anchors=ANCHORS, **{**FEW, "common": 0.5})
    own = themes["木"] * [not word.startswith("常") for word in counts.words]
    assert alike(clear, own)[0] > 0.94 and clear.common.words.idxmax().startswith("常")


@pytest.mark.parametrize(
    "settings", [{"chains": 1, "sweeps": 60}, {**FEW, "finer": 1.4}, {"chains": 2, "start": 3}]
)
def test_every_way_of_fitting_keeps_the_word_in_the_first_topics_in_their_order(planted, settings):
    counts, themes, _, _ = planted
    anchors = {"火候": ["火00", "火02"], "天气": ["天00", "天01"], "木业": ANCHORS["木业"]}
    run = train(counts, 8, 3, anchors=anchors, **settings)
    assert [int(alike(run, themes[name]).argmax()) for name in "火天"] == [0, 1]
    assert run.words["T03"].idxmax() in ANCHORS["木业"] or alike(run, themes["木"])[2] > 0.8
    assert run.anchored == {"T01": "火候", "T02": "天气", "T03": "木业"}


def test_with_many_topics_a_formula_or_a_large_corpus_anchors_hold_too(planted, monkeypatch):
    counts, themes, _, _ = planted
    about = pd.DataFrame({"group": np.where(np.arange(500) % 2, "a", "b")}, index=list(counts.ids))
    asked = {"anchors": {"火候": ["火00", "火02"]}, "chains": 2, "sweeps": 30}
    known = train(counts, 7, 1, prevalence="group", about=about, **asked)
    monkeypatch.setattr(sparse, "MANY", 2)
    by_word = train(counts, 7, 1, **asked)
    monkeypatch.setattr(sampler, "LARGE", 1000)
    large = train(counts, 7, 1, anchors=asked["anchors"])
    for run in (known, by_word, large):
        assert int(alike(run, themes["火"]).argmax()) == 0
        np.testing.assert_allclose(run.words.sum(), 1)


def test_all_topics_may_be_anchored(planted):
    counts, themes, _, _ = planted
    anchors = {name: [f"{name}00", f"{name}01"] for name in THEMES}
    run = train(counts, 7, 1, anchors=anchors, **FEW)
    assert [int(alike(run, themes[name]).argmax()) for name in THEMES] == list(range(7))


def test_an_anchored_run_is_the_same_everywhere_and_keeps_what_made_it(planted, tmp_path):
    counts, _, _, run = planted
    for threads in (1, 2):
        assert train(counts, 7, 1, anchors=ANCHORS, threads=threads, **FEW).fingerprint == run.fingerprint
    save_run(run, tmp_path / "run")
    again = load_run(tmp_path / "run")
    assert again.fingerprint == run.fingerprint and again.anchored == {"T01": "木业"}
    assert again.settings["anchors"] == [["木业", ["木01", "木03", "木05"]]]
    both = {"木业": ["木01"], "火候": ["火00"]}
    turned = dict(reversed(both.items()))
    quick = {"cache": tmp_path / "kept", "chains": 1, "sweeps": 4}
    kept = [train(counts, 7, 1, anchors=anchors, **quick) for anchors in (both, turned, {}, None)]
    one, other = {"T01": "木业", "T02": "火候"}, {"T01": "火候", "T02": "木业"}
    assert [run.anchored for run in kept[:2]] == [one, other]
    assert kept[2].fingerprint == kept[3].fingerprint and "anchors" not in kept[2].settings
    assert len(list((tmp_path / "kept/runs").iterdir())) == 3


@pytest.mark.parametrize(
    ("anchors", "said"),
    [
        ({"木业": ["木01", "木料"]}, "木料, which no passage has(.|\n)*take it out, or keep it whole"),
        ({"木业": ["木011"]}, "near it: 木01"),
        ({"木业": ["木01"], "水业": ["水01", "木01"]}, "木01, which is a word of 木业 too"),
        ({f"{name}业": [f"{name}01"] for name in "天地人"}, "3 topics with words of their own, of 2"),
        ({"木业": []}, "a name and a list of words"),
        ({"木业": "木01"}, "a name and a list of words"),
        ({" ": ["木01"]}, "a name and a list of words"),
        ({"木业": ["木01", 3]}, "a name and a list of words"),
        (["木业"], "a name and a list of words"),
    ],
)
def test_anchors_that_say_nothing_are_refused(planted, anchors, said):
    refuses(said, train, planted[0], 2, 1, anchors=anchors)


@pytest.mark.parametrize("engine", ["gensim", "tomotopy"])
def test_other_engines_have_no_anchors(planted, engine):
    if engine == "tomotopy":
        pytest.importorskip(engine)
    refuses(f"a setting that {engine} does not have", train, planted[0], 7, 1, engine, anchors=ANCHORS)


def test_a_file_of_anchors_is_read_as_people_write_it(planted, tmp_path):
    file = tmp_path / "anchors.toml"
    for text in (
        '"木业" = ["木01", "木03", "木05"]\n',
        '\ufeff# 锚词\n木业 = ["木01", "木03",\n  "木05", "木05"]\n',
    ):
        file.write_text(text, "utf-8")
        assert train(planted[0], 7, 1, anchors=file, **FEW).fingerprint == planted[3].fingerprint
    for text, said in (
        ("“木业” = [“木01”]", "an input method types"),
        ("a = 1\na = 2", "stands twice"),
        ("木业 = 3", "list of words"),
    ):
        file.write_text(text, "utf-8")
        refuses(said, train, planted[0], 7, 1, anchors=file)
    refuses("no such file", train, planted[0], 7, 1, anchors=tmp_path / "nothing.toml")


STUDY = """
[study]
name = "planted"
[split]
articles = "articles.csv"
[count]
counts = "counts"
[train]
topics = 7
labels = "labels.csv"
anchors = "anchors.toml"
prevalence = "group"
[train.sampler]
chains = 2
sweeps = 20
"""


@pytest.fixture
def study(planted, tmp_path):
    counts = planted[0]
    save(counts, tmp_path / "counts")
    about = pd.DataFrame(
        {"id": list(counts.ids), "source": "x", "start_line": range(1, 501), "end_line": range(1, 501)}
    )
    about.assign(date=[f"{2000 + n % 9}/4/24" for n in range(500)], group=["a", "b"] * 250).to_csv(
        tmp_path / "articles.csv", index=False
    )
    (tmp_path / "anchors.toml").write_text('"木业" = ["木01", "木03"]\n', "utf-8")
    (tmp_path / "study.toml").write_text(STUDY, "utf-8")
    return load(tmp_path)


def test_a_study_fits_with_what_it_knows_and_says_so(planted, study, capsys):
    counts = planted[0]
    run = train(counts, study.topics, study.seed, **study.fits)
    assert run.anchored == {"T01": "木业"} and list(run.prevalence.index) == ["mean", "group[T.b]"]
    names = naming.labels_of_study(study, run).set_index("topic")
    assert names.loc["T01", "zh"] == names.loc["T01", "en"] == "木业" and "·" in names.loc["T02", "zh"]
    given = naming.label(naming.read_labels(study.path(study.labels)), run, "T01", "林业", "Forests")
    naming.write_labels(given, study.path(study.labels))
    # a person's word wins
    assert naming.labels_of_study(study, run).set_index("topic").loc["T01", "zh"] == "林业"
    said = methods(study).set_index("item")
    assert "木业: 木01, 木03" in said.loc["anchors", "en"] and "木业：木01、木03" in said.loc["anchors", "zh"]
    assert "group" in said.loc["prevalence", "en"] and "anchors =" not in said.loc["engine", "en"]
    by_year = study.but(prevalence="group + cr(year, df=2)")  # the year of the column date
    assert len(train(counts, 7, 1, **by_year.fits).prevalence) == 4
    assert main(["train", "--study", str(study.folder), "-o", str(study.folder / "run")]) == 0
    assert load_run(study.folder / "run").fingerprint == run.fingerprint
    assert "T01 木业  共00" in capsys.readouterr().out
    plain = study.but(anchors="", prevalence="")
    assert methods(plain).set_index("item").loc[["anchors", "prevalence"], "state"].eq("not applicable").all()


def test_the_shell_takes_a_file_of_anchors(planted, tmp_path, capsys):
    save(planted[0], tmp_path / "counts")
    (tmp_path / "anchors.toml").write_text('火候 = ["火00"]\n', "utf-8")
    asked = ["train", str(tmp_path / "counts")]
    asked += "--topics 7 --seed 1 --set chains=1 --set sweeps=9".split()
    asked += ["--anchors", str(tmp_path / "anchors.toml"), "-o", str(tmp_path / "run")]
    assert main(asked) == 0
    assert json.loads((tmp_path / "run/run.json").read_text("utf-8"))["settings"]["anchors"] == [
        ["火候", ["火00"]]
    ]
    assert main([*asked, "--engine", "gensim"]) == 2
    assert "a setting that" in capsys.readouterr().err


def test_what_varies_and_what_is_known_are_choices_as_all_others(study):
    assert study.but(varied={"topics": [6, 8], "leave_out": [False]}).varied["topics"] == [6, 8]
    for changes, said in (
        ({"varied": {"topic": [6]}}, "did you mean topics"),
        ({"varied": {"topics": 6}}, "a list of values"),
        ({"varied": {"min_df": [0]}}, "a whole number from 1"),
        ({"varied": [6]}, "a table of settings"),
        ({"articles": ""}, "without a registry"),
        ({"anchors": 3}, "a text"),
    ):
        refuses(said, study.but, **changes)
    by_voice = study.but(prevalence="voice").fits
    refuses("'voice', which is no column", train, load_counts(study), 7, 1, **by_voice)


def load_counts(study):
    from nqp_topics.counts import of_study

    return of_study(study)
