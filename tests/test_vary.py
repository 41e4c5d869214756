"""Findings in many universes: a planted effect holds, a planted null does not, and what fails is a row too."""

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from worlds import of_one_topic_each as planted

from nqp_topics import cli, figures, naming, vary
from nqp_topics.checks import Remark
from nqp_topics.counts import of_study, save
from nqp_topics.study import Refused, load
from nqp_topics.topics import train
from nqp_topics.vary.asking import FAILED, FOUND, UNMATCHED

TOML = """[study]
name = "s"
[count]
counts = "counts"
min_df = 1
max_df = 1.0
[split]
articles = "articles.csv"
[train]
topics = 6
[train.sampler]
chains = 2
sweeps = 20
[vary]
topics = [5, 7]
seed = [2, 3, 4]
min_df = [4]
leave_out = [false]
"""
FINDING = '[[finding]]\nname = "{name}"\ntopic = "{topic}"\nmore = "academic"\nless = "interview"\nkind = "confirmatory"\ndate = "2026-01-01"\n'


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Articles of two groups; the first speaks more of one topic, by a third of all it says, and of the others as much."""
    folder = tmp_path_factory.mktemp("study")
    counts = planted(passages=240, seed=3)
    save(counts, folder / "counts")
    (folder / "study.toml").write_text(TOML, "utf-8")
    run = train(counts, 6, 1, chains=2, sweeps=20)
    home = run.passages.idxmax(axis=1).groupby(np.array(counts.articles)).agg(list)
    ids, draws = sorted(set(counts.articles)), np.random.default_rng(1)
    most, null = run.names[0], run.names[3]
    academic = {name: most in home[name] if draws.random() < 0.9 else draws.random() < 0.5 for name in ids}
    about = pd.DataFrame({"id": ids, "source": "x.txt", "start_line": range(1, len(ids) + 1)})
    about["end_line"] = about["start_line"]
    about["voice"] = ["academic" if academic[name] else "interview" for name in ids]
    for column in "body title author affiliation outlet region date notes fingerprint".split():
        about[column] = ""
    about.to_csv(folder / "articles.csv", index=False)
    text = (
        FINDING.format(name="planted", topic=most)
        + 'name_zh = "设定的结论"\n'
        + FINDING.format(name="null", topic=null)
    )
    (folder / "findings.toml").write_text(text, "utf-8")
    return load(folder)


@pytest.fixture(scope="module")
def table(world):
    return vary.run(world, vary.findings(world), 24, draws=500)


def test_every_universe_is_a_row_and_the_first_is_the_reported_one(world, table):
    assert len(table) == 24 * 2 * 2 and table["universe"].nunique() == 24
    first = table[table["universe"] == 0].iloc[0]
    assert [first[name] for name in ("topics", "seed", "min_df")] == [6, 1, 1]
    ways = table.drop_duplicates("universe")[["topics", "seed", "min_df"]]
    assert len(ways.drop_duplicates()) == 24 == 3 * 4 * 2


def test_a_planted_effect_holds_and_a_null_does_not(table):
    held = vary.holds(table).set_index("finding")
    assert held.loc["planted", "holds"] >= 0.9 and held.loc["planted", "same_sign"] == 1
    assert held["placebo"].max() <= 0.25
    assert (held[["found", "other", "unmatched", "failed"]].sum(axis=1) == 24).all()
    assert held.loc["planted", "median"] > 0.1


def test_shuffled_groups_hold_no_oftener_than_chance(world):
    """The placebo of many universes of one choice: about one in twenty."""
    study = world.but(seed=1)
    study = type(study)(**{**study.__dict__, "varied": {"seed": list(range(2, 22)), "leave_out": [False]}})
    table = vary.run(study, vary.findings(study)[:1], 21, draws=300)
    assert vary.holds(table)["placebo"].iloc[0] < 0.2


def test_the_same_seed_gives_the_same_table_and_another_other_universes(world):
    asked = vary.findings(world)
    plain = [one._replace(name_zh="") for one in asked]  # a name in Chinese changes nothing else
    part, again = (vary.run(world, named, 4, draws=500) for named in (asked, plain))
    assert part["zh"].replace("设定的结论", "planted").equals(again["zh"]) and part["zh"].nunique() == 2
    pd.testing.assert_frame_equal(again.drop(columns="zh"), part.drop(columns="zh"))
    assert part["universe"].nunique() == 4
    other = vary.run(world, vary.findings(world), 4, seed=2, draws=500)
    assert (
        part.drop_duplicates("universe")["seed"].tolist()
        != other.drop_duplicates("universe")["seed"].tolist()
    )


def test_a_universe_that_fails_and_one_without_the_topic_are_rows(world, monkeypatch):
    study = type(world)(
        **{
            **world.__dict__,
            "varied": {"topics": [4000], "min_df": [200], "shortest_word": [3], "leave_out": [False]},
        }
    )
    table = vary.run(study, vary.findings(world)[:1], 8, draws=200)
    real = table[~table["placebo"]]
    assert len(real) == 8
    assert (real["state"] == FAILED).sum() >= 6
    assert (real.loc[real["state"] == FAILED, "why"] != "").all()
    assert real.loc[real["shortest_word"] == 3, "why"].eq("the documents are not here").any()
    monkeypatch.setattr("nqp_topics.vary.asking.LIKE", 1.01)
    lost = vary.run(world, vary.findings(world)[:1], 3, draws=200)
    assert (lost["state"] == UNMATCHED).all() and vary.holds(lost)["unmatched"].iloc[0] == 3


def test_each_witness_is_left_out_in_turn(world):
    study = type(world)(**{**world.__dict__, "varied": {"seed": [2], "leave_out": [True]}})
    about = pd.DataFrame({"witness": ["a", "a", "b", "c"]}, index=list("wxyz"))
    ways = vary.universes(study, about, 20)
    assert ways["leave_out"].tolist() == ["", "", "a", "b", "c"] and ways["seed"].tolist() == [1, 2, 1, 1, 1]
    assert len(vary.universes(study, about, 3)) == 3
    table = vary.run(study, vary.findings(world)[:1], 12, draws=200)
    assert (table["leave_out"] != "").any() and (table["state"] == FOUND).any()


def test_what_a_choice_explains_is_found():
    rows = [
        (u, u % 2, u // 2, "f", False, FOUND, "T01", 1.0, u % 2 + 0.01 * (u // 2), 0, 1, 0.01, 0.01, "")
        for u in range(12)
    ]
    table = pd.DataFrame(rows, columns=["universe", "topics", "seed", "finding", "placebo", "state", "topic", "likeness", "size", "low", "high", "p", "bh", "why"])  # fmt: skip
    found = vary.moves(table).set_index("choice")["explained"]
    assert found["topics"] > 0.98 and found["seed"] < 0.02


def test_the_figure_shows_what_the_table_says(table):
    for language, called in (("en", "planted"), ("zh", "设定的结论")):
        shown = figures.multiverse(table, "planted")
        drawn = shown.draw(language)
        sizes = [
            one.get_offsets()
            for one in drawn.axes[0].collections
            if len(getattr(one, "get_offsets", list)()) > 1
        ]
        real = table[(table["finding"] == "planted") & ~table["placebo"]]["size"].dropna()
        np.testing.assert_allclose(np.sort(sizes[0][:, 1]), np.sort(real))
        assert drawn.axes[0].get_title(loc="left").split("\n")[0] == called  # which finding it is
        drawn.canvas.draw()
        points = [float(tick.get_text().replace("−", "-")) for tick in drawn.axes[0].get_yticklabels()]
        np.testing.assert_allclose(points, 100 * drawn.axes[0].get_yticks())  # as the head says
    held = vary.holds(table).set_index("finding").loc["planted"]
    assert f"in {int(held['found'])} of 24 universes" in shown.sentences[0]
    assert f"“设定的结论”在 24 种选择组合中的 {int(held['found'])} 种" in shown.sentences[1]
    unnamed = figures.multiverse(table.drop(columns="zh"), "planted")  # as it was written before
    assert unnamed.sentences[1].startswith("“planted”") and unnamed.draw("zh")
    refuses("did you mean planted", figures.multiverse, table, "plantd")


def test_the_verb_writes_what_is_read_back(world, table, capsys):
    assert cli.main(["vary", "--study", str(world.folder), "--universes", "6"]) == 0
    assert "“planted” is found" in capsys.readouterr().out
    again = vary.kept(world.folder / "multiverse.csv")
    pd.testing.assert_series_equal(again["size"], vary.run(world, vary.findings(world), 6)["size"], rtol=1e-5)
    assert cli.main(["vary", "--study", str(world.folder), "--findings", "nowhere.toml"]) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("topic", "T99"), "T99"),
        (("more", "academics"), "did you mean academic"),
        (("kind", "sure"), "confirmatory, exploratory"),
        (("nam", "x"), "did you mean name"),
        (("date", ""), "a text"),
    ],
)
def test_findings_that_cannot_be_are_refused(world, tmp_path, change, said):
    key, value = change
    lines = FINDING.format(name="a", topic="T01").splitlines()
    lines = [line for line in lines if not line.startswith(f"{key} =")] + [f'{key} = "{value}"']
    (tmp_path / "findings.toml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(Refused, match=said):
        vary.run(world, vary.findings(world, tmp_path / "findings.toml"), 2, draws=200)


@pytest.mark.parametrize("en", ["", ["", "公园"]], ids=["in one language", "in both together"])
def test_a_name_of_two_topics_is_no_topic_of_a_finding(world, tmp_path, en):
    run = train(of_study(world), 6, 1, **world.fits)
    labels = pd.DataFrame({"fingerprint": run.fingerprint, "topic": run.names[:2], "zh": "公园" if en == "" else ["公园", "花园"], "en": en, "who": "", "when": ""})  # fmt: skip
    naming.write_labels(labels, tmp_path / "labels.csv")
    study = world.but(labels=str(tmp_path / "labels.csv"))
    (tmp_path / "f.toml").write_text(FINDING.format(name="a", topic="公园"), "utf-8")
    asked = vary.findings(study, tmp_path / "f.toml")
    with pytest.warns(Remark, match=r"公园 \(T01, T02\)"):
        refuses("more than once: 公园\n", vary.run, study, asked, 2, draws=200)


def test_a_finding_of_the_run_is_not_confirmed_by_it(world, tmp_path):
    file = tmp_path / "f.toml"
    file.write_text(FINDING.format(name="a", topic="T01") + "from_run = true\n", "utf-8")
    refuses("drawn from the reported run", vary.findings, world, file)
    for text in ("", "[[", "finding = 3", FINDING.format(name="a", topic="T01") * 2):
        file.write_text(text, "utf-8")
        with pytest.raises(Refused):
            vary.findings(world, file)


@pytest.mark.parametrize(
    "line", ["topics = 3", "topics = []", 'topics = ["x"]', "topics = [1]", "leave_out = [3]", "seeds = [1]"]
)
def test_choices_that_cannot_vary_are_refused(world, tmp_path, line):
    (tmp_path / "study.toml").write_text(f'[study]\nname = "s"\n[vary]\n{line}\n', "utf-8")
    refuses("vary", load, tmp_path)
