"""Choose: the grid, what it keeps, what it refuses, stability and lineage through the front door."""

import math
from dataclasses import replace
from functools import wraps

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from scipy import sparse

from nqp_topics import choose
from nqp_topics import topics as train
from nqp_topics.choose import heldout
from nqp_topics.choose.scores import SCORES
from nqp_topics.counts import Counts, count
from nqp_topics.study import Refused
from nqp_topics.topics import likeness
from nqp_topics.topics.engines import Common, sampler
from nqp_topics.topics.on_disk import write

QUICK = {"chains": 1, "start": 0, "sweeps": 0, "finish": 25}
WORDS = {
    "芯": ["芯片", "算力", "数据", "平台", "算法", "软件", "网络", "模型"],
    "田": ["农田", "粮食", "种子", "农民", "乡村", "水利", "农机", "土地"],
    "绿": ["减排", "光伏", "风电", "生态", "节能", "低碳", "环保", "森林"],
}


@pytest.fixture(scope="module")
def tokens():
    draw = np.random.default_rng(5)
    common = ["发展", "建设", "推进", "能力"]
    rows = []
    for place in range(90):
        own = WORDS[list(WORDS)[place % 3]]
        words = [str(word) for word in draw.choice(own, 14)] + [str(word) for word in draw.choice(common, 6)]
        draw.shuffle(words)
        rows.append((f"p{place:02d}", f"a{place // 6:02d}", words))
    return pd.DataFrame(rows, columns=["id", "article", "tokens"])


@pytest.fixture(scope="module")
def counts(tokens):
    return count(tokens).counts


@pytest.fixture(scope="module")
def runs(counts):
    return choose.runs(counts, [2, 3, 5], 3, **QUICK)


@pytest.fixture
def fits(monkeypatch):
    """How often a model is fitted."""
    done = []
    fit, several = sampler.fit, sampler.fits

    @wraps(fit)
    def counted(matrix, topics, seed, **settings):
        done.append((topics, seed))
        return fit(matrix, topics, seed, **settings)

    def all_counted(matrix, places, **settings):
        done.extend(places)
        return several(matrix, places, **settings)

    monkeypatch.setattr(sampler, "fit", counted)
    monkeypatch.setattr(sampler, "fits", all_counted)
    return done


# the grid


def test_one_row_is_a_k_a_seed_and_a_score(counts, tokens):
    table = choose.grid(counts, [3, 2], 2, tokens, **QUICK)
    assert list(table.columns) == ["K", "seed", "score", "value", "better"]
    assert len(table) == 2 * 2 * len(SCORES) and not table.duplicated(["K", "seed", "score"]).any()
    assert np.isfinite(table["value"]).all()
    assert sorted(set(table["K"])) == [2, 3] and sorted(set(table["seed"])) == [1, 2]
    for name, better in zip(table["score"], table["better"], strict=True):
        assert f"({'neither way' if better == 'neither' else better} is better)" in name
    assert set(table["better"]) == {"higher", "lower", "neither"}


def test_the_long_way_equals_the_shortcut(counts, tokens):
    shortcut = choose.grid(counts, [2, 3], [4, 7], tokens, share=0.3, split_seed=2, **QUICK)
    found = choose.runs(counts, [2, 3], [4, 7], **QUICK)
    others = [name for name in SCORES if name != "held_out"]
    parts = [
        choose.held_out(counts, [2, 3], [4, 7], share=0.3, split_seed=2, **QUICK),
        choose.score(found, counts, tokens, others),
    ]
    long = pd.concat(parts).sort_values(["K", "seed"], kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(shortcut, long, check_exact=True)
    split = heldout.split(counts, 0.3, 2)
    run = train.train(split.train, 3, 7, **QUICK)
    row = shortcut[(shortcut["K"] == 3) & (shortcut["seed"] == 7)].iloc[0]
    assert row["score"] == SCORES["held_out"].name
    assert row["value"] == heldout.log_likelihood(run, split.first, split.second)


def test_the_planted_number_of_topics_stands_out(counts, tokens):
    table = choose.spread(choose.grid(counts, [2, 3, 6], 3, tokens, engine="sampler", chains=2))
    means = table.set_index(["score", "K"])["mean"]
    for name in ("held_out", "npmi_passages", "c_v"):
        score = SCORES[name].name
        assert means[score, 3] > means[score, 2] and means[score, 3] > means[score, 6], name


def test_without_tokens_the_scores_that_need_their_order_are_left_out(counts):
    table = choose.grid(counts, 3, 1, **QUICK)
    wanted = {about.name for name, about in SCORES.items() if name not in ("c_v", "npmi")}
    assert set(table["score"]) == wanted


def test_scores_of_one_run_do_not_depend_on_the_others(counts, tokens, runs):
    whole = choose.score(runs, counts, tokens)
    alone = choose.score(runs[4:5], counts, tokens)
    same = whole[(whole["K"] == len(runs[4].names)) & (whole["seed"] == runs[4].seed)]
    pd.testing.assert_frame_equal(alone, same.reset_index(drop=True), check_exact=True)


def test_some_scores_only(counts, runs, fits):
    table = choose.grid(counts, [2, 3], 1, scores=["umass", "cao_juan"], **QUICK)
    assert list(table["score"]) == 2 * [SCORES["umass"].name, SCORES["cao_juan"].name]
    choose.grid(counts, [2, 3], 1, scores="held_out", **QUICK)
    assert "held-out" in choose.held_out(counts, 2, 1, **QUICK)["score"].iloc[0]


def test_the_values_of_gensims_coherence_model(counts, tokens, runs):
    from gensim.models import CoherenceModel

    found = choose.score(runs[:1], counts, tokens, ["c_v"], top_n=5, as_gensim=True)["value"].iloc[0]
    model = CoherenceModel(
        model=runs[0].to_gensim(), texts=list(tokens["tokens"]), coherence="c_v", topn=5, processes=1
    )
    assert abs(found - model.get_coherence()) < 1e-9


def test_spread_over_seeds(counts):
    table = choose.grid(counts, [2, 3], 3, scores=["separation"], **QUICK)
    found = choose.spread(table)
    assert list(found.columns) == ["score", "better", "K", "seeds", "mean", "sd", "lowest", "highest"]
    values = table[table["K"] == 3]["value"]
    row = found[found["K"] == 3].iloc[0]
    assert row["seeds"] == 3 and math.isclose(row["mean"], values.mean())
    assert math.isclose(row["sd"], values.std(ddof=1), abs_tol=1e-15)
    assert row["lowest"] == values.min() and row["highest"] == values.max()


# what is kept


def test_a_grid_that_is_kept_is_not_fitted_again_and_gives_the_same(counts, tokens, tmp_path, fits):
    first = choose.grid(counts, [2, 3], 2, tokens, cache=tmp_path, **QUICK)
    assert len(fits) == 8
    again = choose.grid(counts, [2, 3], 2, tokens, cache=tmp_path, **QUICK)
    assert len(fits) == 8
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    choose.grid(counts, [2, 3, 4], 2, tokens, cache=tmp_path, **QUICK)
    assert len(fits) == 8 + 2 * 2  # only what is new
    pd.testing.assert_frame_equal(first, choose.grid(counts, [2, 3], 2, tokens, **QUICK), check_exact=True)


def test_another_setting_engine_or_corpus_is_another_run_and_threads_are_not(counts, tmp_path, fits):
    choose.runs(counts, 3, 1, cache=tmp_path, **QUICK)
    choose.runs(counts, 3, 1, cache=tmp_path, threads=2, **QUICK)
    assert len(fits) == 1
    choose.runs(counts, 3, 1, cache=tmp_path, **(QUICK | {"finish": 26}))
    (other,) = choose.runs(counts, 3, 1, engine="gensim", passes=1, cache=tmp_path)
    assert other.engine == "gensim" and len(fits) == 2
    choose.runs(counts.without(["发展"]), 3, 1, cache=tmp_path, **QUICK)
    choose.held_out(counts, 3, 1, cache=tmp_path, share=0.2, **QUICK)
    choose.held_out(counts, 3, 1, cache=tmp_path, share=0.4, **QUICK)
    choose.held_out(counts, 3, 1, cache=tmp_path, split_seed=1, **QUICK)
    assert len(fits) == 6


@pytest.mark.parametrize("threads", [1, 2])
def test_a_stopped_grid_leaves_nothing_half_and_goes_on(counts, tmp_path, monkeypatch, threads, fits):
    saved = []

    def stops(topics, folder):
        saved.append(folder)
        if len(saved) == 3:
            (folder / "topics.csv").write_text("half", "utf-8")
            raise KeyboardInterrupt
        write(topics, folder)

    monkeypatch.setattr("nqp_topics.topics.kept.write", stops)
    with pytest.raises(KeyboardInterrupt):
        choose.runs(counts, [2, 3], 2, cache=tmp_path, threads=threads, **QUICK)
    left = list((tmp_path / "runs").iterdir())
    assert 2 <= len(left) <= 1 + threads and not any(place.name.startswith(".") for place in left)
    assert all(train.load(place) for place in left)
    fits.clear()
    found = choose.runs(counts, [2, 3], 2, cache=tmp_path, **QUICK)
    assert len(fits) == 4 - len(left) and [len(run.names) for run in found] == [2, 2, 3, 3]


def test_runs_of_a_search_are_those_of_train(counts):
    found = choose.runs(counts, [2, 3, 6], 4, chains=1, sweeps=4)
    alone = [train.train(counts, k, seed, chains=1, sweeps=4) for k in (2, 3, 6) for seed in (1, 2, 3, 4)]
    assert [run.fingerprint for run in found] == [run.fingerprint for run in alone]


def test_how_many_run_at_once_changes_nothing(counts):
    one, three = (choose.runs(counts, [2, 3], 3, threads=threads, **QUICK) for threads in (1, 3))
    assert [run.fingerprint for run in one] == [run.fingerprint for run in three]
    assert [(len(run.names), run.seed) for run in one] == [(k, seed) for k in (2, 3) for seed in (1, 2, 3)]


@pytest.mark.parametrize("harm", ["edit", "cut", "swap"])
def test_a_kept_run_that_was_edited_or_cut_or_put_elsewhere_is_fitted_again(counts, tmp_path, fits, harm):
    one, two = choose.runs(counts, 3, 2, cache=tmp_path, **QUICK)
    for place in (tmp_path / "runs").iterdir():
        if harm == "edit":
            text = (place / "shares.csv").read_text("utf-8")
            (place / "shares.csv").write_text(text.replace("0.", "0.0", 1), "utf-8")
        elif harm == "cut":
            (place / "run.json").write_bytes((place / "run.json").read_bytes()[:40])
    if harm == "swap":
        here, there = sorted((tmp_path / "runs").iterdir())
        here.rename(tmp_path / "other")
        there.rename(here)
        (tmp_path / "other").rename(there)
    again = choose.runs(counts, 3, 2, cache=tmp_path, **QUICK)
    assert len(fits) == 4
    assert [run.fingerprint for run in again] == [one.fingerprint, two.fingerprint]
    choose.runs(counts, 3, 2, cache=tmp_path, **QUICK)
    assert len(fits) == 4


def test_a_kept_value_that_was_cut_is_found_again(counts, tmp_path, fits):
    first = choose.held_out(counts, 3, 1, cache=tmp_path, **QUICK)
    (file,) = (tmp_path / "held-out").iterdir()
    for text in ("", "{}", '{"name": "x", "value": 1.0}', file.read_text("utf-8").replace("-", '"-', 1)):
        file.write_text(text, "utf-8")
        pd.testing.assert_frame_equal(choose.held_out(counts, 3, 1, cache=tmp_path, **QUICK), first)
    assert len(fits) == 5


def test_a_cache_that_is_a_file_is_refused_before_anything_is_fitted(counts, tmp_path, fits):
    (tmp_path / "cache").write_text("x", "utf-8")
    for ask in (choose.runs, choose.held_out, choose.grid):
        refuses("a folder that can be written", ask, counts, 3, 1, cache=tmp_path / "cache", **QUICK)
    assert not fits


# stability, lineage, the run to report


def test_stability_stands_beside_chance_convergence_and_separation(counts, runs):
    found = choose.stability(runs, counts)
    models = found.models.set_index("K")
    assert list(models.index) == [2, 3, 5] and (models["seeds"] == 3).all()
    kinds = ["distance", "cosine", "top_words", "passages", "strongest"]
    more = "seeds gain moved moved_most separation top_words_low top_words_high chains".split()
    assert set(models) == {*more, *kinds, *(f"chance_{k}" for k in kinds)}
    assert models.loc[3, "cosine"] > 0.99 and models.loc[3, "strongest"] > 0.99
    assert models.loc[3, "cosine"] > models.loc[5, "cosine"]
    assert abs(models.loc[3, "chance_strongest"]) < 0.1 and abs(models.loc[3, "chance_passages"]) < 0.3
    assert (models["moved_most"] >= models["moved"]).all()
    assert (models["top_words_low"] <= models["top_words"]).all()
    assert (models["top_words"] <= models["top_words_high"]).all()
    topics = found.topics
    assert len(topics) == 3 * (2 + 3 + 5)
    for k in (2, 3, 5):
        for kind in (*kinds[:4], *(f"chance_{kind}" for kind in kinds[:4])):
            assert math.isclose(topics[topics["K"] == k][kind].mean(), models.loc[k, kind], rel_tol=1e-9)
    assert np.allclose(topics.groupby(["K", "seed"])["share"].sum(), 1)


def test_stability_does_not_care_for_the_order_of_runs(counts, runs):
    one, two = choose.stability(runs, counts), choose.stability(runs[::-1], counts)
    pd.testing.assert_frame_equal(one.models, two.models, rtol=1e-9)
    ordered = [
        table.sort_values(["K", "seed", "topic"], ignore_index=True) for table in (one.topics, two.topics)
    ]
    pd.testing.assert_frame_equal(*ordered, rtol=1e-9)


def test_articles_drawn_again_find_what_many_articles_say_and_not_what_one_does(counts, runs):
    found = choose.stability(runs[3:5], counts, over="articles", draws=3)
    again = choose.stability(runs[3:5], counts, over="articles", draws=3)
    pd.testing.assert_frame_equal(found.topics, again.topics, check_exact=True)
    assert list(found.models.columns) == list(choose.stability(runs, counts).models.columns)
    assert list(found.models["seeds"]) == [3] and len(found.topics) == 2 * 3
    assert found.models["cosine"][0] > 0.95 > found.models["chance_cosine"][0]
    # a fourth topic of words that one article alone has: draws without the article cannot find it
    names = (*counts.words, *"甲乙丙丁戊")
    extra = np.zeros((len(counts.ids), 5), int)
    extra[:3] = 9
    matrix = np.hstack([counts.matrix.toarray(), extra])
    matrix[:3, : len(counts.words)] = 0
    lone = Counts(counts.ids, names, sparse.csr_array(matrix), ("one",) * 3 + counts.articles[3:])
    run = train.train(lone, 4, 1, **QUICK)
    own = run.names[run.passages.iloc[0].to_numpy().argmax()]
    table = choose.stability([run], lone, over="articles", draws=8).topics.set_index("topic")
    assert table.loc[own, "cosine"] < table.drop(own)["cosine"].min()


@pytest.mark.parametrize(
    "wrong",
    [{"over": "seed"}, {"draws": 0}, {"draws": 2.5}, {"over": "articles", "draws": True}],
)
def test_what_stability_cannot_be_asked(counts, runs, wrong):
    refuses(r"choose\.stability", choose.stability, runs, counts, **wrong)
    single = Counts(counts.ids, counts.words, counts.matrix, ("a",) * len(counts.ids))
    with pytest.raises(Refused, match="of which there is one"):
        choose.stability([train.train(single, 2, 1, **QUICK)], single, over="articles")


def test_lineage_adds_up(counts, runs):
    chain = [choose.medoid(runs, k) for k in (5, 2, 3)]
    # of common words, in one run
    part = pd.Series(np.linspace(0, 0.9, len(counts.ids)), chain[1].passages.index)
    chain[1] = replace(chain[1], common=Common(chain[1].words.mean(axis=1), part, 0.1, 9.0))
    table = choose.lineage(chain, counts)
    assert list(zip(table["K"], table["next_K"], strict=True)) == 6 * [(2, 3)] + 15 * [(3, 5)]
    tokens = np.asarray(counts.matrix.sum(axis=1)).ravel() * (1 - part.to_numpy() / 3)
    for run in chain:
        k = len(run.names)
        sizes = np.bincount(run.passages.to_numpy().argmax(axis=1), tokens, k) / tokens.sum()
        for here, topic in (("K", "topic"), ("next_K", "next_topic")):
            part = table[table[here] == k]
            if len(part):
                assert np.allclose(part.groupby(topic)["mass"].sum(), sizes)
    for keys, part in ((["K", "topic"], "of_topic"), (["next_K", "next_topic"], "of_next")):
        sums = table.groupby(keys)[["mass", part]].sum()
        assert np.allclose(sums[part], sums["mass"] > 0)
    assert table["cosine"].between(0, 1 + 1e-12).all()


def test_a_planted_split_is_seen():
    # two topics, of which the second becomes the second and third: passages tell it exactly
    rows = np.array([[4, 0, 0], [0, 4, 0], [0, 0, 4], [4, 0, 0]])
    counts = Counts("abcd", ["甲", "乙", "丙"], sparse.csr_array(rows))
    run = train.train(counts, 2, 1, **QUICK)
    two = np.array([[1, 0], [0, 1], [0, 1], [1, 0]], float)
    three = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]], float)

    def made(shares):
        names = train.topic_names(shares.shape[1])
        words = rows.T @ shares
        return replace(
            run,
            words=pd.DataFrame(words / words.sum(axis=0), index=run.words.index, columns=names),
            passages=pd.DataFrame(shares, index=run.passages.index, columns=names),
            tokens=pd.Series(shares.sum(axis=0), index=names),
            prior=pd.Series(1.0, index=names),
        )

    table = choose.lineage([made(two), made(three)], counts)
    assert table["mass"].tolist() == [0.5, 0, 0, 0, 0.25, 0.25]
    assert table["of_topic"].tolist() == [1, 0, 0, 0, 0.5, 0.5]
    assert table["of_next"].tolist() == [1, 0, 0, 0, 1, 1]


def test_the_medoid_is_that_of_many_and_most_like_all_others(counts):
    settings = {"chains": 1, "start": 0, "sweeps": 0, "finish": 4}  # too few passes: the runs differ
    found = choose.runs(counts, 5, 4, **settings)
    medoid = choose.medoid(found, 5)
    assert medoid.fingerprint == train.train(counts, 5, seeds=4, **settings).medoid.fingerprint
    alike = [sum(likeness(run, other) for other in found) for run in found]
    assert medoid is found[int(np.argmax(alike))]
    refuses("that was fitted: 5", choose.medoid, found, 6)


# what is refused


@pytest.mark.parametrize("topics", [[], 0, 1, [2, 1], 91, [3, 3], [2.5], 2.5, "3", [True], None])
def test_numbers_of_topics_that_cannot_be_are_refused(counts, topics, fits):
    for ask in (choose.grid, choose.runs, choose.held_out):
        refuses("choose topics", ask, counts, topics, 2, **QUICK)
    assert not fits


@pytest.mark.parametrize("seeds", [[], 0, -1, [1, 1], [-1], [1.5], True, None])
def test_seeds_that_cannot_be_are_refused(counts, seeds, fits):
    for ask in (choose.grid, choose.runs, choose.held_out):
        refuses("choose seeds", ask, counts, 3, seeds, **QUICK)
    assert not fits


def test_all_that_is_wrong_is_told_together(counts):
    with pytest.raises(Refused) as refused:
        choose.runs(counts, [0, 1, 3, 500], [1, 1])
    assert len(refused.value.problems) == 4
    with pytest.raises(Refused) as refused:
        choose.grid(counts, 3, 1, scores=["c_v", "perplexity"], top_n=1)
    wanted = set("choose tokens|choose scores|choose top_n".split("|"))
    assert {problem.where for problem in refused.value.problems} == wanted


@pytest.mark.parametrize("top_n", [0, 1, 29, 2.5, True])
def test_more_top_words_than_words_are_refused(counts, runs, top_n):
    assert len(counts.words) == 28
    asked = (
        lambda: choose.score(runs, counts, top_n=top_n),
        lambda: choose.stability(runs, counts, top_n=top_n),
    )
    for ask in asked:
        refuses("top_n", ask)
    assert len(choose.score(runs[:1], counts, top_n=28)) == 9


def test_stability_needs_two_different_seeds(counts, runs):
    for some in (runs[:1], runs[:2] + runs[3:4], [runs[0], runs[0]]):
        refuses("at least two runs of every K", choose.stability, some, counts)
    refuses("no run", choose.stability, [], counts)


def test_lineage_needs_one_run_of_two_numbers_of_topics(counts, runs):
    for some in (runs[:1], runs[:2]):
        refuses("one for each number of topics", choose.lineage, some, counts)


def test_runs_of_other_counts_are_refused(counts, tokens, runs):
    other = counts.without(["发展"])
    for ask in (
        lambda: choose.score(runs, other),
        lambda: choose.stability(runs, other),
        lambda: choose.lineage([runs[0], runs[3]], other),
    ):
        refuses("run and counts", ask)


def test_tokens_that_are_no_table_or_of_other_texts_are_refused(counts, tokens, runs):
    refuses("the columns id, tokens", choose.score, runs, counts, tokens[["id"]])
    with pytest.raises(Refused, match="'p07' has other words"):
        changed = [
            row[:-1] if name == "p07" else row
            for name, row in zip(tokens["id"], tokens["tokens"], strict=True)
        ]
        choose.score(runs, counts, tokens.assign(tokens=changed))


def test_the_held_out_score_is_none_of_runs_on_all_articles(counts, runs):
    refuses(r"choose\.held_out", choose.score, runs, counts, scores=["held_out"])


def test_more_topics_than_the_passages_that_are_not_held_out_are_refused(counts, fits):
    with pytest.raises(Refused, match="passages to fit"):
        few = Counts(counts.ids[:10], counts.words, counts.matrix[:10], counts.ids[:10])
        choose.grid(few, 10, 1, **QUICK)
    assert not fits


def test_a_small_corpus_is_searched_with_the_numbers_that_it_can_carry(counts):
    assert choose.possible(counts, [4, 2, 10**6]) == [2, 4]
    few = counts.select(list(counts.ids)[:12])
    found = choose.possible(few, [8, 20, 30])
    assert found and max(found) <= min(*few.matrix.shape)
    choose.grid(few, found, 1, scores=["held_out"])
