"""Train: what a run is, what is refused, and that it goes to the disk and to gensim and comes back the same."""

import dataclasses
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import told
from scipy.sparse import csr_array
from worlds import framed

from nqp_topics import topics as train
from nqp_topics.choose import heldout
from nqp_topics.compare.wording import expected
from nqp_topics.counts import Counts
from nqp_topics.reproduce.results import articles_tables
from nqp_topics.topics import drawn, engines, fit, kept

FIELDS = {
    "farm": ["水稻", "小麦", "农田", "灌溉", "收成", "种子", "化肥", "耕地", "村庄", "粮仓"],
    "sea": ["渔船", "港口", "海浪", "灯塔", "水手", "航线", "船员", "码头", "海风", "贝壳"],
    "stage": ["演员", "剧院", "舞台", "观众", "导演", "剧本", "灯光", "掌声", "布景", "排练"],
}
WORDS = (*sorted(word for words in FIELDS.values() for word in words), "今天")


def sample(passages=60, length=25, seed=5):
    """Passages on farms, ships and theatres, three an article; 今天 stands in every one of them."""
    random = np.random.default_rng(seed)
    place = {word: number for number, word in enumerate(WORDS)}
    rows = np.zeros((passages, len(WORDS)), np.int32)
    for row, main in zip(rows, np.arange(passages) % 3, strict=True):
        for _ in range(length):
            words = list(FIELDS.values())[main if random.random() < 0.85 else random.integers(3)]
            row[place[words[random.integers(10)]]] += 1
        row[place["今天"]] += 2
    ids = tuple(f"a{number // 3:02d}-p{number % 3 + 1}" for number in range(passages))
    return Counts(ids, WORDS, csr_array(rows), tuple(name[:3] for name in ids))


@pytest.fixture(scope="module")
def counts():
    return sample()


@pytest.fixture(scope="module")
def topics(counts):
    return train.train(counts, 3, 1, chains=2, sweeps=30)


def same(one, other):
    assert one.fingerprint == other.fingerprint
    for name in ("words", "passages", "trace"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    agreed = ("topic_agreement", "passage_agreement") if one.topic_agreement is not None else ()
    for name in ("tokens", "prior", *agreed):
        pd.testing.assert_series_equal(getattr(one, name), getattr(other, name), check_exact=True)
    for name in "word_prior ran seed engine version iterations counts_fingerprint settings".split():
        assert getattr(one, name) == getattr(other, name)


def test_a_run_is_full_named_and_sums_to_one(counts, topics):
    assert topics.names == ["T01", "T02", "T03"]
    assert tuple(topics.words.index) == counts.words and tuple(topics.passages.index) == counts.ids
    assert np.allclose(topics.words.sum(), 1) and np.allclose(topics.passages.sum(axis=1), 1)
    assert topics.tokens.sum() + topics.common.tokens == pytest.approx(counts.tokens)
    assert topics.counts_fingerprint == counts.fingerprint
    assert topics.settings == {"chains": 2, "sweeps": 30}
    assert list(topics.trace.columns) == ["iteration", "log_likelihood"]


def test_the_fields_are_told_apart(topics):
    strongest = topics.passages.to_numpy().argmax(axis=1).reshape(-1, 3)
    assert (strongest == strongest[0]).all() and set(strongest[0]) == {0, 1, 2}
    tops = [set(topics.words[name].drop("今天").nlargest(10).index) for name in topics.names]
    assert sorted(map(sorted, tops)) == sorted(sorted(words) for words in FIELDS.values())


def test_same_seed_same_run_and_threads_are_no_part_of_it(counts, topics):
    same(topics, train.train(counts, 3, 1, chains=2, sweeps=30, threads=1))
    assert train.train(counts, 3, 2, chains=2, sweeps=30).fingerprint != topics.fingerprint


@pytest.mark.parametrize(
    ("engine", "settings"),
    [("sampler", {"chains": 1, "sweeps": 5}), ("gensim", {"passes": 2}), ("tomotopy", {"iterations": 20})],
)
def test_every_engine_gives_the_same_kind_of_thing(counts, engine, settings):
    if engine == "tomotopy":
        pytest.importorskip("tomotopy", reason="tomotopy is an optional extra")
    one, other = (train.train(counts, 3, 4, engine, **settings) for _ in range(2))
    same(one, other)
    assert one.engine == engine and one.version
    assert np.allclose(one.words.sum(), 1) and (one.words.to_numpy() > 0).all()
    assert one.tokens.sum() == pytest.approx(counts.tokens)
    assert np.allclose(one.shares(counts).sum(axis=1), 1)
    assert one.to_gensim().num_topics == 3


def test_an_engine_that_is_not_installed_says_how_to_get_it(counts, monkeypatch):
    monkeypatch.setitem(sys.modules, "tomotopy", None)
    (problem,) = told(lambda: train.train(counts, 3, 1, "tomotopy"))
    assert "nqp-topics[tomotopy]" in problem.todo


def test_an_unknown_engine_is_refused_with_the_names_of_all(counts):
    (problem,) = told(lambda: train.train(counts, 3, 1, "mallet"))
    assert all(name in problem.allowed for name in engines.ENGINES)


@pytest.mark.parametrize("number", [0, 1, -3, 32, 61, 2.5, "12", None, True])
def test_numbers_of_topics_that_cannot_be(counts, number):
    (problem,) = told(lambda: train.train(counts, number, 1))
    assert problem.where == "train(topics)" and "from 2 to 31" in problem.allowed
    assert repr(number) == problem.came


@pytest.mark.parametrize("seed", [-1, 0.5, None, "1", 2**63])
def test_seeds_that_cannot_be(counts, seed):
    (problem,) = told(lambda: train.train(counts, 3, seed))
    assert problem.where == "train(seed)"


def test_the_largest_number_of_topics_works():
    few = sample(passages=6)
    assert train.train(few, 6, 2**63 - 1, chains=1, sweeps=3).words.shape == (31, 6)


def test_problems_are_told_together(counts):
    wrong = {"sweeps": -2, "chains": 0, "finish": 0, "word_prior": 0.0, "passes": 3}
    problems = told(lambda: train.train(counts, 0, -1, **wrong))
    assert (
        [problem.where for problem in problems]
        == "train(sweeps=…) train(chains=…) train(finish=…) train(word_prior=…) train(passes=…) train(topics) train(seed)".split()
    )


def test_empty_passages_are_named(counts):
    rows = counts.matrix.toarray()
    rows[[4, 9]] = 0
    (problem,) = told(lambda: train.train(Counts(counts.ids, counts.words, csr_array(rows)), 3, 1))
    assert "2 passages" in problem.came and counts.ids[4] in problem.came and counts.ids[9] in problem.came


def test_one_passage_is_too_few():
    (problem,) = told(lambda: train.train(sample(passages=1), 2, 1))
    assert "1 passages" in problem.came


def test_a_word_in_every_passage_is_no_fault(topics):
    assert topics.words.loc["今天"].min() > 0


@pytest.mark.parametrize("wrong", [-1.0, 0.5, np.nan, np.inf])
def test_counts_that_are_no_counts_are_refused(counts, wrong):
    rows = counts.matrix.toarray().astype(float)
    rows[3, 2] = wrong
    assert told(lambda: Counts(counts.ids, counts.words, csr_array(rows)))


def test_memory_that_would_not_do_is_said_before_the_start(counts, monkeypatch):
    monkeypatch.setattr(fit, "free_memory", lambda: 1000)
    room = engines.engine("sampler")
    monkeypatch.setattr(room, "fit", lambda counts, topics, seed: pytest.fail("it started"))
    (problem,) = told(lambda: train.train(counts, 3, 1))
    assert "GiB" in problem.came and "60 passages × 31 words × 3 topics" in problem.came


def test_free_memory_is_a_number_of_bytes():
    free = fit.free_memory()
    assert free is None or free > 2**20


def test_articles_are_the_weighted_sums_of_their_passages(counts, topics):
    found = topics.articles(counts)
    lengths = topics.mass(counts)
    assert np.allclose(lengths, counts.matrix.sum(axis=1) * (1 - topics.common.passages))
    assert list(found.index) == sorted(set(counts.articles)) and np.allclose(found.sum(axis=1), 1)
    rows = [number for number, name in enumerate(counts.articles) if name == "a07"]
    by_hand = sum(lengths[row] * topics.passages.iloc[row] for row in rows) / lengths[rows].sum()
    assert np.allclose(found.loc["a07"], by_hand)


def test_other_counts_than_those_of_the_run_are_refused(counts, topics):
    fewer = counts.select(counts.ids[:5])
    (problem,) = told(lambda: topics.articles(fewer))
    assert "id number 6 is 'a01-p3' in the run and nothing in the counts" in problem.came
    renamed = Counts(counts.ids, ("别的", *counts.words[1:]), counts.matrix, counts.articles)
    (problem,) = told(lambda: topics.articles(renamed))
    assert "word number 1" in problem.came and "'别的'" in problem.came
    moved = Counts(counts.ids, counts.words, counts.matrix, counts.ids)
    (problem,) = told(lambda: topics.articles(moved))
    assert "other numbers or articles" in problem.came


def test_new_texts_get_shares(counts, topics):
    new = Counts(
        ("n1", "n2", "n3"), ("剧院", "水稻", "没见过"), csr_array(np.array([[6, 0, 1], [0, 9, 0], [0, 0, 4]]))
    )
    found = topics.shares(new)
    assert found.loc["n1"].idxmax() == topics.words.loc["剧院"].idxmax()
    assert found.loc["n2"].idxmax() == topics.words.loc["水稻"].idxmax()
    assert np.allclose(found.loc["n3"], topics.prior / topics.prior.sum())
    pd.testing.assert_frame_equal(topics.shares(new), found, check_exact=True)
    alone = topics.shares(new.select(["n2"]))
    pd.testing.assert_frame_equal(alone, found.loc[["n2"]], check_exact=True)


def test_shares_of_the_texts_of_the_run_are_about_those_of_the_run(counts, topics):
    assert (topics.shares(counts) - topics.passages).abs().to_numpy().mean() < 0.05


def test_the_order_of_words_of_new_texts_does_not_matter(counts, topics):
    turned = Counts(counts.ids, counts.words[::-1], counts.matrix[:, ::-1], counts.articles)
    assert np.allclose(topics.shares(turned), topics.shares(counts), atol=1e-7)


def test_texts_without_a_known_word_are_refused(topics):
    (problem,) = told(lambda: topics.shares(Counts(("n",), ("没见过",), csr_array(np.array([[3]])))))
    assert "none of which the run knows" in problem.came


def test_more_chains_than_memory_holds_are_refused_before_anything_is_fitted(counts):
    (problem,) = told(lambda: train.train(counts, 3, 1, chains=99_999_999_999))
    assert "GiB" in problem.came


def test_a_saved_run_comes_back_equal(topics, tmp_path):
    train.save(topics, tmp_path / "run")
    wanted = "agreement.csv common.csv run.json shares.csv topics.csv trace.csv".split()
    assert sorted(file.name for file in (tmp_path / "run").iterdir()) == wanted
    same(train.load(tmp_path / "run"), topics)
    alone = train.train(counts := sample(), 3, 1, chains=1, sweeps=5)
    assert alone.topic_agreement is None and counts.fingerprint == alone.counts_fingerprint
    train.save(alone, tmp_path / "run")  # in the place of one that has it
    assert not (tmp_path / "run/agreement.csv").exists()
    same(train.load(tmp_path / "run"), alone)
    train.save(topics, tmp_path / "run")
    assert list(pd.read_csv(tmp_path / "run/topics.csv").columns) == ["topic", "word", "weight"]
    assert list(pd.read_csv(tmp_path / "run/shares.csv").columns) == ["id", "topic", "share"]


def test_names_that_look_like_something_else_come_back_as_they_were(tmp_path):
    words = ("NA", "null", "1", "1.0", "a,b", '"', "真")
    ids = ("001", "nan", "2e3", "x y", "", "7")
    random = np.random.default_rng(1)
    counts = Counts(ids, words, csr_array(random.integers(1, 5, (6, 7))))
    topics = train.train(counts, 2, 1, chains=1, sweeps=2)
    train.save(topics, tmp_path)
    same(train.load(tmp_path), topics)


def test_saving_twice_gives_the_same_bytes(topics, tmp_path):
    for name in ("one", "two"):
        train.save(topics, tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def edit(text):
    """Change the first digit that stands behind a point."""
    return re.sub(r"\.(\d)", lambda match: f".{(int(match[1]) + 1) % 10}", text, count=1)


@pytest.mark.parametrize("file", ["topics.csv", "shares.csv", "trace.csv", "agreement.csv", "run.json"])
@pytest.mark.parametrize("harm", ["edited", "cut short", "gone", "empty"])
def test_a_run_that_was_harmed_is_refused(topics, tmp_path, file, harm):
    train.save(topics, tmp_path)
    text = (tmp_path / file).read_text("utf-8")
    match harm:
        case "edited":
            (tmp_path / file).write_text(edit(text), "utf-8")
        case "cut short":
            (tmp_path / file).write_text(text[: len(text) // 2], "utf-8")
        case "gone":
            (tmp_path / file).unlink()
        case "empty":
            (tmp_path / file).write_text("", "utf-8")
    (problem,) = told(lambda: train.load(tmp_path))
    assert problem.where.startswith(str(tmp_path))


def test_two_rows_that_changed_places_are_seen(topics, tmp_path):
    train.save(topics, tmp_path)
    lines = (tmp_path / "shares.csv").read_text("utf-8").splitlines(keepends=True)
    lines[1:4], lines[4:7] = lines[4:7], lines[1:4]
    (tmp_path / "shares.csv").write_text("".join(lines), "utf-8")
    assert told(lambda: train.load(tmp_path))


def test_a_save_that_is_stopped_leaves_the_earlier_run(topics, tmp_path, monkeypatch):
    train.save(topics, tmp_path)
    monkeypatch.setattr(pd.DataFrame, "to_csv", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        train.save(topics, tmp_path)
    assert train.load(tmp_path).fingerprint == topics.fingerprint
    assert not any(".part" in file.name for file in (*tmp_path.parent.iterdir(), *tmp_path.iterdir()))


def test_tables_that_are_no_topics_are_refused(topics):
    from dataclasses import replace

    assert "sum to one" in told(lambda: replace(topics, words=topics.words * 2))[0].came
    assert told(lambda: replace(topics, passages=-topics.passages))
    assert told(lambda: replace(topics, prior=topics.prior.rename({"T01": "X"})))
    twice = topics.passages.rename({topics.passages.index[1]: topics.passages.index[0]})
    assert "more than once" in told(lambda: replace(topics, passages=twice))[0].came


def test_seeds_give_the_run_most_alike_to_all_others(counts):
    runs = train.train(counts, 3, seeds=[1, 2, 3], chains=1, sweeps=20)
    assert [run.seed for run in runs] == runs.seeds == list(runs.alike.index) == [1, 2, 3]
    alike = runs.alike.to_numpy()
    assert (alike == alike.T).all() and (np.diag(alike) == 1).all() and (alike <= 1 + 1e-12).all()
    assert runs.medoid.seed == runs.alike.sum().idxmax()
    same(runs[2], train.train(counts, 3, 2, chains=1, sweeps=20))


def test_a_run_that_is_kept_is_fitted_once(counts, tmp_path, monkeypatch):
    fitted = []

    def counting(*arguments):
        fitted.append(arguments[2])
        return made(*arguments)

    made = fit._fit
    monkeypatch.setattr(fit, "_fit", counting)
    quick = {"cache": tmp_path / "kept", "chains": 1, "sweeps": 5}
    first = train.train(counts, 3, seeds=[1, 2], **quick)
    again = train.train(counts, 3, seeds=[2, 3, 1], **quick)
    assert fitted == [1, 2, 3]
    same(first[1], again[1])
    same(first[2], again[2])
    assert again.alike.loc[1, 2] == first.alike.loc[1, 2]
    train.train(counts, 3, seeds=[1], **quick, threads=1)
    assert fitted == [1, 2, 3]  # threads change nothing but the time
    for other in (
        lambda: train.train(counts, 4, seeds=[1], **quick),
        lambda: train.train(counts, 3, seeds=[1], **(quick | {"sweeps": 6})),
        lambda: train.train(counts.without(["今天"]), 3, 1, **quick),
    ):
        other()
    assert fitted == [1, 2, 3, 1, 1, 1]
    folders = list((tmp_path / "kept/runs").iterdir())
    assert len(folders) == 6 and not [place for place in folders if place.name.startswith(".")]


@pytest.mark.parametrize("harm", ["edited", "cut short", "gone"])
def test_a_kept_run_that_was_harmed_is_fitted_again(counts, tmp_path, harm):
    def once():
        return train.train(counts, 3, 1, cache=tmp_path, chains=1, sweeps=5)

    run = once()
    (place,) = (tmp_path / "runs").iterdir()
    file = place / "shares.csv"
    whole = file.read_bytes()
    match harm:
        case "edited":
            file.write_text(edit(whole.decode()), "utf-8")
        case "cut short":
            file.write_bytes(whole[: len(whole) // 2])
        case "gone":
            file.unlink()
    same(once(), run)
    assert file.read_bytes() == whole
    assert [found.name for found in (tmp_path / "runs").iterdir()] == [place.name]


def test_a_cache_that_cannot_be_written_is_refused_before_anything_is_fitted(counts, tmp_path, monkeypatch):
    monkeypatch.setattr(fit, "_fit", lambda *_: pytest.fail("it was fitted"))
    (tmp_path / "kept").write_text("a file")
    (problem,) = told(lambda: train.train(counts, 3, seeds=[1], cache=tmp_path / "kept"))
    assert str(tmp_path / "kept") in problem.where and "can be written" in problem.allowed


@pytest.mark.parametrize("engine", ["sampler", "gensim"])
def test_settings_that_an_engine_cannot_have_are_told_by_name(engine):
    most = {"sampler": "chains", "gensim": "passes"}[engine]
    assert not list(fit.setting_problems(engine, {most: 1}))
    for value in (0, -1, 2.5, "3", True):
        (problem,) = fit.setting_problems(engine, {most: value})
        assert problem.where == f"train({most}=…)" and problem.came == repr(value)
    (problem,) = fit.setting_problems(engine, {"speed": 3})
    assert most in problem.allowed.split(", ") and "seed" not in problem.allowed.split(", ")
    for name in ("counts", "topics", "seed"):
        assert list(fit.setting_problems(engine, {name: 1}))


def test_common_words_that_cannot_be_set_apart_are_refused(counts, monkeypatch):
    for asked in ({"chains": 1}, {"chains": 1, "engine": "sampler"}):
        (problem,) = told(lambda asked=asked: train.train(counts, 3, 1, common=0.5, **asked))
        assert problem.where == "train(common=…)" and problem.came == "0.5, with one chain"
    (problem,) = told(lambda: fit.train_abreast(counts, [(3, 1)], common=0.5))
    assert problem.came == "0.5, with one chain"
    about = pd.DataFrame({"kind": list("xy") * 10}, index=list(dict.fromkeys(counts.articles)))
    with_formula = {"prevalence": "kind", "about": about}
    (problem,) = told(lambda: train.train(counts, 3, 1, common=0.5, **with_formula))
    assert problem.came == "0.5, with a formula"
    assert train.train(counts, 3, 1, chains=2, sweeps=2, **with_formula).common is None
    for part in (0.95, -0.1, "half"):
        (problem,) = told(lambda part=part: train.train(counts, 3, 1, common=part))
        assert problem.came == repr(part)
    room = engines.engine("sampler")
    few, known = (
        room.memory(counts.matrix, 200, chains=2, finer=0.01, threads=1, known=known) for known in (None, "x")
    )
    assert few < known
    monkeypatch.setattr(room, "LARGE", 10)
    assert told(lambda: train.train(counts, 3, 1, common=0.5))  # one chain is usual there
    assert train.train(counts, 3, 1, common=0.5, chains=2, sweeps=2).ran["common"] == 0.5


def test_what_was_set_apart_is_part_of_all_that_is_made_of_a_run(tmp_path):
    counts = sample()
    run, whole = (train.train(counts, 3, 1, chains=4, common=part) for part in (None, 0))
    assert run.common.words.idxmax() == "今天" and run.words.loc["今天"].max() < whole.words.loc["今天"].min()
    # two of 27 words, and .15 of the others are those of any field
    assert 2 / 27 < run.common.passages.mean() < 2 / 27 + 0.15 * 25 / 27
    train.save(run, tmp_path / "run")
    train.save(run, tmp_path / "run")
    again = train.load(tmp_path / "run")
    same(again, run)
    for one, other in zip(again.common[:2], run.common[:2], strict=True):
        pd.testing.assert_series_equal(one, other, check_exact=True)
    train.save(whole, tmp_path / "run")  # in its place: nothing of the other stays
    assert not (tmp_path / "run/common.csv").exists() and train.load(tmp_path / "run").common is None
    edited = run.common._replace(passages=run.common.passages * 0.9)
    assert dataclasses.replace(run, common=edited).fingerprint != run.fingerprint
    (problem,) = told(lambda: dataclasses.replace(run, common=run.common._replace(words=run.common.passages)))
    assert problem.where == "topics.common.words"
    # tokens of all columns are the tokens of the counts; of topics, those that are not common
    made_of = sum(expected(run, counts, topic) for topic in run.names)
    assert made_of.sum() == pytest.approx(counts.tokens * (1 - run.common.passages.mean()), rel=0.03)


def test_how_much_of_an_article_is_no_topics_stands_in_the_results_and_the_methods():
    counts = sample()
    run, whole = (train.train(counts, 3, 1, chains=4, common=part) for part in (None, 0))
    part = run.common.passages.where(run.common.passages.index != counts.ids[0], 0.9)
    edited = dataclasses.replace(run, common=run.common._replace(passages=part))
    assert edited.common.told(counts.tokens, 1)[1:] == (["今天"], f"{1 / len(counts.ids):.1%}")
    registry, labels = (
        pd.DataFrame({"id": sorted(set(counts.articles))}),
        pd.DataFrame(columns=["topic", "zh", "en"]),
    )
    table = articles_tables(edited, counts, registry, labels)["articles"].set_index("article")
    lengths = np.asarray(counts.matrix.sum(axis=1)).ravel()
    sums = (
        pd.DataFrame({"of": counts.articles, "all": lengths, "apart": lengths * part.to_numpy()})
        .groupby("of")
        .sum()
    )
    assert np.allclose(table["apart"], (sums["apart"] / sums["all"]).reindex(table.index))
    assert "apart" not in articles_tables(whole, counts, registry, labels)["articles"]
    assert run.mass(counts).sum() == pytest.approx(run.tokens.sum(), rel=0.02)
    assert np.allclose(run.mixture.sum(axis=1), 1) and np.allclose(run.chances.sum(axis=0), 1)
    # texts that are new have the shares of those that were there, and are as likely as without
    assert np.abs(run.shares(counts) - run.passages).to_numpy().mean() < 0.02
    split = heldout.split(counts, 0.2, 1)
    fits = [train.train(split.train, 3, 1, chains=4, common=part) for part in (None, 0)]
    clear, blurred = (heldout.log_likelihood(one, split.first, split.second) for one in fits)
    assert clear > blurred - 0.01
    found = drawn.drawn(run, counts, np.ones((20, 20)), 1)
    assert np.allclose(found.draws.sum(axis=2), 1) and np.allclose(found.mean.sum(axis=1), 1)
    assert np.abs(found.mean - run.articles(counts).loc[found.articles]).to_numpy().mean() < 0.03


@pytest.mark.parametrize("seeds", [[], [1, 1], 0])
def test_no_seed_and_a_seed_twice_are_refused(counts, seeds):
    (problem,) = told(lambda: train.train(counts, 3, seeds=seeds))
    assert problem.where == "train(seeds)"


def test_likeness_does_not_depend_on_the_order_of_topics(topics):
    from dataclasses import replace

    turned = replace(topics, words=topics.words[topics.names[::-1]].set_axis(topics.names, axis=1))
    assert train.likeness(topics, turned) == pytest.approx(1)
    assert told(lambda: train.likeness(topics, replace(topics, words=topics.words.rename({"水稻": "稻"}))))


def test_gensim_holds_the_same_topics(topics):
    model = topics.to_gensim()
    assert type(model).__module__ == "gensim.models.ldamodel"
    assert np.allclose(model.get_topics(), topics.words.T, atol=1e-12)
    assert np.allclose(model.alpha, topics.prior)
    assert [word for word, _ in model.show_topic(1, 5)] == list(topics.words["T02"].nlargest(5).index)


def test_gensim_measures_coherence_and_similarity(counts, topics):
    from gensim.matutils import Sparse2Corpus
    from gensim.models import CoherenceModel
    from gensim.similarities import MatrixSimilarity

    names, corpus = counts.to_gensim()
    model = topics.to_gensim()
    texts = [[counts.words[word] for word, times in row for _ in range(times)] for row in corpus]
    for measure in ("u_mass", "c_v"):
        coherence = CoherenceModel(
            model=model, texts=texts, corpus=corpus, dictionary=names, coherence=measure, processes=1
        )
        assert np.isfinite(coherence.get_coherence())
    assert Sparse2Corpus(counts.matrix.T.tocsc())
    index = MatrixSimilarity([model[row] for row in corpus], num_features=3)
    nearest = int(np.argsort(index[model[corpus[0]]], kind="stable")[-2])
    assert nearest % 3 == 0
    assert model[model.id2word.doc2bow(["水稻", "小麦"])]


def test_pyldavis_shows_the_model(counts, topics):
    import pyLDAvis.gensim_models

    names, corpus = counts.to_gensim()
    shown = pyLDAvis.gensim_models.prepare(topics.to_gensim(), corpus, names, sort_topics=False, n_jobs=1)
    assert list(shown.topic_order) == [1, 2, 3]
    assert json.loads(shown.to_json())["lambda.step"]


def test_lengths_and_frequencies_are_the_sums_of_the_table(counts):
    table = framed(counts)
    pd.testing.assert_series_equal(counts.lengths, table.sum(axis=1), check_dtype=False, check_names=False)
    pd.testing.assert_series_equal(
        counts.frequencies, table.sum(axis=0), check_dtype=False, check_names=False
    )
    assert (counts.lengths.index.name, counts.frequencies.index.name) == ("id", "word")
    assert counts.lengths.sum() == counts.frequencies.sum() == counts.tokens
    few = counts.select(counts.ids[5:7]).without(["今天"])
    assert few.lengths.tolist() == (table.drop(columns="今天").iloc[5:7].sum(axis=1)).tolist()
    assert "今天" not in few.frequencies.index


# what is kept, and how it is written


def test_a_kept_run_is_a_hit_only_where_it_was_kept(counts, tmp_path):
    """The run of another number, seed, setting or code under this name, a file or a link that leads nowhere: all are fitted again."""
    quick = {"chains": 1, "sweeps": 3, "cache": tmp_path}
    wanted = train.train(counts, 2, 1, **quick)
    (place,) = (tmp_path / "runs").iterdir()
    shutil.copytree(place, tmp_path / "right")
    others = {
        "K": train.train(counts, 3, 1, chains=1, sweeps=3),
        "set": train.train(counts, 2, 1, chains=1, sweeps=4),
    }
    for name, run in others.items():
        train.save(run, tmp_path / name)
        (tmp_path / name / "kept.txt").write_bytes((tmp_path / "right/kept.txt").read_bytes())
    for harm in (*others, "file", "link", "unsealed"):
        shutil.rmtree(place)
        match harm:
            case "file":
                place.write_text("x", "utf-8")
            case "link":
                place.symlink_to("nowhere")
            case "unsealed":
                shutil.copytree(tmp_path / "right", place)
                (place / "kept.txt").unlink()
            case _:
                shutil.copytree(tmp_path / harm, place)
        assert train.train(counts, 2, 1, **quick).fingerprint == wanted.fingerprint, harm
        assert (place / "kept.txt").read_bytes() == (tmp_path / "right/kept.txt").read_bytes()


def test_what_is_kept_is_known_by_the_code_that_makes_it():
    """Whatever of the library a fit or a held-out value runs through is part of its key."""
    library = Path(kept.__file__).parents[1]
    for names, begin in ((kept.FITTING, "topics/fit.py"), (kept.SCORING, "choose/heldout.py")):
        places = [library / name for name in names]
        files = {one for place in places for one in (place.glob("*.py") if place.is_dir() else [place])}
        assert library / begin in files and all(file.is_file() for file in files)
        # what refuses, shows and keeps makes no number
        spared = set(
            "checks checks/chinese counts files files/settings files/tables study topics topics/kept topics/on_disk topics/seeds".split()
        )
        for file in files if names == kept.FITTING else ():
            for name in re.findall(r"from nqp_topics\.([a-z._]+) import", file.read_text("utf-8")):
                place = name.replace(".", "/")
                there = {library / f"{place}.py", library / place / "__init__.py"}
                assert place in spared or there & files, f"{file}: {name}"
    codes = {kept.key("sampler", {}, code=code) for code in (kept.FITTING, kept.SCORING)}
    assert len(codes) == 2


@pytest.mark.parametrize("text", ["-1.0", "Infinity", "NaN", "[" * 10**5, '"-3.0"', "1e999"])
def test_a_kept_value_that_was_edited_is_found_again(tmp_path, text):
    assert kept.value(tmp_path, "a", lambda: -2.5) == -2.5
    (file,) = (tmp_path / "held-out").iterdir()
    written = file.read_text("utf-8")
    assert kept.value(tmp_path, "a", lambda: pytest.fail("a hit")) == -2.5
    file.write_text(written.replace("-2.5", text), "utf-8")
    assert kept.value(tmp_path, "a", lambda: -2.5) == -2.5 and file.read_text("utf-8") == written
    file.rename(file.with_name("b.json"))
    assert kept.value(tmp_path, "b", lambda: -7.0) == -7.0


def test_a_folder_is_the_earlier_or_the_new_one_at_any_moment(topics, tmp_path):
    """Files of others stay; what a killed writer left is taken away by the next one."""
    place = tmp_path / "run"
    train.save(topics, place)
    (place / "notes.txt").write_text("mine", "utf-8")
    before = {file.name: file.read_bytes() for file in place.iterdir()}
    code = (
        "import os, sys; from nqp_topics.files import whole, whole_folder\n"
        "with whole_folder(sys.argv[1]) as part, whole(part / 'topics.csv') as stream:\n"
        "    stream.write('half'); stream.flush(); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(place)]).returncode == -9
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before
    assert any(file.name.endswith(".part") for file in tmp_path.iterdir())
    train.save(topics, place)
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before
    assert [file.name for file in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("name", ["a" * 300, "a\0b", "file/run", "file"])
def test_a_place_that_cannot_be_written_is_told_without_making_anything(topics, tmp_path, name):
    (tmp_path / "file").write_text("x", "utf-8")
    (problem,) = told(lambda: train.save(topics, tmp_path / name))
    assert problem.came and [file.name for file in tmp_path.iterdir()] == ["file"]


def test_two_processes_that_want_the_same_make_it_once(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from nqp_topics.files.once import once\n"
        "def make(): Path(sys.argv[1], f'made-{time.time_ns()}').touch(); time.sleep(0.5); return [1, 'a', None]\n"
        "print(once(Path(sys.argv[1], 'kept'), 'x', make))"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert {one.communicate()[0] for one in both} == {b"[1, 'a', None]\n"}
    assert len(list(tmp_path.glob("made-*"))) == 1
