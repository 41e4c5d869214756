"""Changes: topics that a person joins or leaves out: what is summed, what keeps its name, and that the run says so."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from worlds import mixes
from worlds import of_mixes as planted
from worlds import of_two_groups as world

from nqp_topics import compare, figures, naming
from nqp_topics.cli import main
from nqp_topics.counts import save as save_counts
from nqp_topics.naming.labels import LABELS
from nqp_topics.topics import load, save, train
from nqp_topics.topics.drawn import drawn
from nqp_topics.topics.engines import Common

WHO, WHY = "A. Reader", "both are about the sea"


@pytest.fixture(scope="module")
def fitted():
    _, counts = planted(mixes(12), 4)
    return train(counts, 5, 1, chains=2, sweeps=20), counts


def test_joined_topics_hold_what_both_held_and_all_others_keep_their_names_and_numbers(fitted):
    run, counts = fitted
    joined = naming.merge(run, ["T04", "T02"], WHO, WHY)
    assert joined.names == ["T01", "T02+T04", "T03", "T05"] and joined.fingerprint != run.fingerprint
    for table in ("words", "passages"):
        pd.testing.assert_frame_equal(
            getattr(joined, table)[["T01", "T03", "T05"]], getattr(run, table)[["T01", "T03", "T05"]]
        )
    for what in ("passages", "tokens", "prior"):
        one, both = getattr(joined, what)["T02+T04"], getattr(run, what)["T02"] + getattr(run, what)["T04"]
        np.testing.assert_allclose(one, both)
    # no word is more or less
    np.testing.assert_allclose(joined.words @ joined.tokens, run.words @ run.tokens)
    np.testing.assert_allclose(joined.words.sum(), 1)
    agreed = run.topic_agreement[["T02", "T04"]]
    assert agreed.min() <= joined.topic_agreement["T02+T04"] <= agreed.max()
    shares = joined.articles(counts)
    np.testing.assert_allclose(shares["T02+T04"], run.articles(counts)[["T02", "T04"]].sum(axis=1))
    again = naming.merge(joined, ["T01", "T02+T04"], WHO, WHY)
    assert again.names == ["T01+T02+T04", "T03", "T05"]
    np.testing.assert_allclose(again.passages.sum(axis=1), 1)


def test_without_a_topic_articles_have_the_shares_of_the_tokens_that_remain(fitted):
    run, counts = fitted
    fewer = naming.drop(run, ["T03"], WHO, "licence notes")
    assert fewer.names == ["T01", "T02", "T04", "T05"]
    np.testing.assert_allclose(fewer.passages.sum(axis=1), 1)
    np.testing.assert_allclose(fewer.left_out.passages, run.passages["T03"])
    before = run.articles(counts)
    wanted = before[fewer.names].div(1 - before["T03"], axis=0)
    # not: passages that sum to one, weighted by all their tokens
    np.testing.assert_allclose(fewer.articles(counts), wanted)
    (change,) = fewer.ran["changes"]
    assert change["share"] == pytest.approx(run.tokens["T03"] / run.tokens.sum())
    said = [change[name] for name in ("who", "why", "run", "of")]
    assert said == [WHO, "licence notes", run.fingerprint, 5]
    table = compare.article_shares(fewer, counts)
    np.testing.assert_allclose(
        table.pivot(index="article", columns="topic", values="share").loc[wanted.index], wanted
    )
    # a passage that was left out for the most part is no example of what is left
    pure, mass = naming.purest(fewer, counts, 1000, least=20), fewer.mass(counts)
    assert set(pure["id"]) == set(counts.lengths.index[mass >= 20]) and len(set(pure["id"])) < len(mass)
    twice = naming.drop(fewer, "T05", WHO, WHY)
    np.testing.assert_allclose(twice.left_out.passages, run.passages[["T03", "T05"]].sum(axis=1))
    refuses("a run without some topics", drawn, fewer, counts, np.ones((1, len(wanted))), 1)


@pytest.mark.parametrize("common", [False, True])
def test_what_is_left_out_keeps_its_words_here_and_in_new_texts(fitted, common):
    run, counts = fitted
    if common:
        part = pd.Series(np.linspace(0.1, 0.6, len(counts.ids)), run.passages.index)
        run = replace(run, common=Common(run.words.mean(axis=1), part, 0.2, 900.0))
    fewer = naming.drop(run, ["T03"], WHO, WHY)
    np.testing.assert_allclose(fewer.mixture.sum(axis=1), 1)
    for topic in fewer.names:
        own, before = (compare.expected(one, counts, topic).toarray() for one in (fewer, run))
        np.testing.assert_allclose(own, before, atol=1e-9)  # no word of T03 goes to another topic
    new = run.mixed(counts)[:, [0, 1, 3, 4]]
    np.testing.assert_allclose(fewer.shares(counts), new / new.sum(axis=1, keepdims=True), atol=1e-6)
    of = [pd.DataFrame(figures.panel(one, counts).numbers["words"]) for one in (fewer, run)]
    both = of[0][of[0]["topic"] != ""].merge(of[1], on=["topic", "word"])
    assert len(both) > 50 and both["inside_x"].tolist() == pytest.approx(both["inside_y"].tolist(), rel=0.1)
    one, other = naming.drop(run, ["T03", "T05"], WHO, WHY), naming.drop(fewer, ["T05"], WHO, WHY)
    gone = ["T03", "T05"]
    wanted = (run.words[gone] * run.tokens[gone]).sum(axis=1) / run.tokens[gone].sum()
    for two in (one, other):
        np.testing.assert_allclose(two.left_out.words, wanted)
    np.testing.assert_allclose(one.mixture, other.mixture)


def test_a_passage_that_was_the_topic_alone_says_nothing(fitted):
    run, counts = fitted
    sure = run.passages.copy()
    sure.iloc[0] = [0.0, 0.0, 1.0, 0.0, 0.0]
    fewer = naming.drop(replace(run, passages=sure), ["T03"], WHO, WHY)
    assert fewer.left_out.passages.iloc[0] == 1 and fewer.passages.iloc[0].sum() == pytest.approx(1)
    assert np.isfinite(fewer.articles(counts).to_numpy()).all()


def test_topics_without_a_token_leave_whole_words_behind(fitted):
    run, _ = fitted
    fewer = naming.drop(replace(run, tokens=run.tokens * [1, 1, 0, 1, 0]), ["T03", "T05"], WHO, WHY)
    wanted = (run.words["T03"] + run.words["T05"]) / 2
    np.testing.assert_allclose(fewer.left_out.words, wanted)


def test_a_changed_run_is_saved_and_comes_back_and_figures_take_it(fitted, tmp_path):
    run, counts = fitted
    changed = naming.drop(naming.merge(run, ["T01", "T05"], WHO, WHY), ["T02"], WHO, WHY)
    save(changed, tmp_path / "run")
    back = load(tmp_path / "run")
    assert back.fingerprint == changed.fingerprint and back.ran == changed.ran and back.names == changed.names
    pd.testing.assert_series_equal(back.left_out.words, changed.left_out.words)
    pd.testing.assert_frame_equal(back.articles(counts), changed.articles(counts))
    about = json.loads((tmp_path / "run/run.json").read_text("utf-8"))
    about["ran"]["changes"][0]["why"] = "another reason"
    (tmp_path / "run/run.json").write_text(json.dumps(about), "utf-8")
    refuses("never edited by hand", load, tmp_path / "run")
    labels = pd.DataFrame({"topic": changed.names, "zh": changed.names, "en": changed.names})
    figures.topic_words(changed, labels, 3).save(tmp_path / "topics")
    assert set(pd.read_csv(tmp_path / "topics.csv")["topic"]) == {"T01+T05", "T03", "T04"}
    assert list(naming.topics_sheet(changed, counts, pd.DataFrame(columns=LABELS))["topic"]) == changed.names
    assert list(changed.shares(counts).columns) == changed.names


def test_labels_go_along_and_a_joined_topic_has_both(fitted):
    run, _ = fitted
    labels = pd.DataFrame(columns=LABELS)
    named = ("T01", "渔业", "Fishing"), ("T02", "港口", "Ports"), ("T03", "戏剧", ""), ("T04", "", "Farms")
    for topic, zh, en in named:
        labels = naming.label(labels, run, topic, zh, en)
    changed = naming.drop(naming.merge(run, ["T01", "T02"], WHO, WHY), ["T04"], WHO, WHY)
    found = naming.labels_of(labels, changed).set_index("topic")
    assert found.loc["T01+T02", ["zh", "en"]].tolist() == ["渔业／港口", "Fishing / Ports"]
    assert found.loc["T03", "zh"] == "戏剧" and not found.loc["T05", "labelled"]
    labels = naming.label(labels, changed, "T01+T02", "海洋经济", "The sea")  # a person's own word wins
    assert naming.labels_of(labels, changed)["zh"].tolist()[0] == "海洋经济"
    assert naming.labels_of(labels, run).set_index("topic").loc["T01", "zh"] == "渔业"


def test_anchored_names_go_along_too(fitted):
    _, counts = fitted
    words = list(counts.words)
    run = train(counts, 5, 1, anchors={"甲": words[:2], "乙": words[5:6]}, chains=1, sweeps=5)
    assert naming.merge(run, ["T01", "T02"], WHO, WHY).anchored == {"T01+T02": "甲／乙"}
    assert naming.drop(run, ["T01"], WHO, WHY).anchored == {"T02": "乙"}


@pytest.mark.parametrize(
    ("change", "topics", "who", "why", "said"),
    [
        (naming.merge, ["T01", "T09"], WHO, WHY, "'T09', which does not exist"),
        (naming.merge, ["T01"], WHO, WHY, "1 of 5 topics"),
        (naming.merge, ["T01", "T01"], WHO, WHY, "more than once: T01"),
        (naming.merge, ["T01", "T02", "T03", "T04", "T05"], WHO, WHY, "5 of 5 topics"),
        (naming.drop, ["T01", "T02", "T03", "T04"], WHO, WHY, "4 of 5 topics"),
        (naming.drop, ["T01"], " ", WHY, "who"),
        (naming.drop, ["T01"], WHO, "", "recorded in the run"),
        (naming.drop, [], WHO, WHY, "0 of 5 topics"),
    ],
)
def test_what_cannot_be_joined_or_left_out_is_refused(fitted, change, topics, who, why, said):
    refuses(said, change, fitted[0], topics, who, why)


def test_a_sum_of_priors_follows_no_formula():
    counts, about, _ = world(1)
    run = train(counts, 4, 1, prevalence="group", about=about, chains=1, sweeps=5)
    refuses("a run with the formula group", naming.merge, run, ["T01", "T02"], WHO, WHY)
    fewer = naming.drop(run, ["T01"], WHO, WHY)
    assert list(fewer.prevalence.columns) == fewer.names == ["T02", "T03", "T04"]


def test_the_shell_joins_and_leaves_out(fitted, tmp_path, capsys):
    save_counts(fitted[1], tmp_path / "counts")
    asked = ["train", str(tmp_path / "counts")]
    asked += "--topics 5 --seed 1 --set chains=1 --set sweeps=5".split()
    asked += ["--merge", f"T01+T04={WHY}", "--drop", "T03=licence notes", "-o", str(tmp_path / "run")]
    assert main(asked) == 2 and "merge(who)" in capsys.readouterr().err
    assert main([*asked, "--who", WHO]) == 0
    assert load(tmp_path / "run").names == ["T01+T04", "T02", "T05"]
    assert "\nT01+T04  " in "\n" + capsys.readouterr().out
