"""One call is the same as its steps; tables that no figure draws say what stands in them; printed tables go when nothing holds."""

import re

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from scipy import sparse

from nqp_topics import compare, figures
from nqp_topics.counts import Counts
from nqp_topics.figures import told
from nqp_topics.figures.captions import label
from nqp_topics.topics import train

KINDS = ("academic", "interview", "newspaper_commentary")
SETTINGS = {"chains": 2, "sweeps": 15}


@pytest.fixture(autouse=True)
def english():
    yield
    figures.language("en")


@pytest.fixture(scope="module")
def world():
    """Three groups of six articles by three witnesses each; the first topic stands out in one group."""
    rng = np.random.default_rng(3)
    ids = [f"{group}{n}" for group in "abc" for n in range(6)]
    means = {name: rng.dirichlet([6.0 if name[0] == "a" else 0.5, 1, 1, 1, 1]) for name in ids}
    words = rng.dirichlet(np.full(40, 0.1), 5)
    rows = [(f"{name}-{place}", name, means[name]) for name in ids for place in range(3 + int(name[1]))]
    matrix = np.vstack([rng.multinomial(60, rng.dirichlet(9 * mean + 0.01) @ words) for _, _, mean in rows])
    names = tuple(f"词{n:02d}" for n in range(40))
    counts = Counts(
        tuple(row[0] for row in rows), names, sparse.csr_array(matrix), tuple(row[1] for row in rows)
    )
    found = train(counts, 5, 1, seeds=3, **SETTINGS)
    about = pd.DataFrame({"id": ids, "author": [f"王{n}" for n in range(18)], "outlet": "", "region": ""})
    about["voice"] = [KINDS["abc".index(name[0])] for name in ids]
    topics = found.reported.names
    labels = pd.DataFrame(
        {"topic": topics, "en": [f"Label {t}" for t in topics], "zh": [f"名称{t}" for t in topics]}
    )
    about = about.set_index("id")
    within = pd.Series({name: f"{name[0]}-{int(name[1]) // 2}" for name in ids})
    return found, counts, about, within, labels


def grouped(world, shares):
    _, _, about, within, _ = world
    return compare.grouped(shares, about["voice"], within=within)


def steps_of_shares(world):
    found, counts, _, _, labels = world
    run, others, shares = found.reported, found.others, found.reported.articles(counts)
    over = compare.over_runs(
        run, others, counts, lambda s: compare.group_shares(grouped(world, s)), "share", ["group", "topic"]
    )
    tests = compare.over_runs(
        run, others, counts, lambda s: compare.overall(grouped(world, s)), "between", ["topic"]
    )
    voices = grouped(world, shares)
    gaps = compare.differences(voices)
    return figures.group_shares.table(compare.group_shares(voices), over, tests, labels, None, voices, gaps)


def steps_of_distances(world):
    found, counts, *_ = world
    voices = grouped(world, found.reported.articles(counts))

    def apart(shares):
        return compare.group_distances(grouped(world, shares))

    keys = ["group", "other"]
    over = compare.over_runs(found.reported, found.others, counts, apart, "distance", keys)
    return figures.group_distances.table(compare.group_distances(voices), over, voices)


def steps_of_articles(world):
    found, counts, about, _, labels = world
    shares = found.reported.articles(counts)
    tree = compare.tree(compare.distances(shares))
    return figures.articles.table(shares, tree, about["voice"], figures.names_of(about), labels)


def steps_of_the_map(world):
    found, counts, about, *_ = world
    drawn = compare.map_with_intervals(found.reported, counts)
    return figures.article_map.table(drawn, about["voice"], figures.names_of(about))


@pytest.mark.parametrize(
    ("name", "steps", "given"),
    [
        ("articles", steps_of_articles, ("names", "labels")),
        ("article_map", steps_of_the_map, ("names",)),
        ("group_shares", steps_of_shares, ("within", "labels")),
        ("group_distances", steps_of_distances, ("within",)),
    ],
)
def test_one_call_is_the_same_as_its_steps(world, name, steps, given):
    found, counts, about, within, labels = world
    options = {"names": figures.names_of(about), "labels": labels, "within": within}
    figure, options = figures.FIGURES[name], {key: options[key] for key in given}
    shown, table = figure(found, counts, about["voice"], **options), steps(world)
    pd.testing.assert_frame_equal(shown.table, table, check_exact=True)
    assert shown.run == found.reported.fingerprint and shown.sentences == figure.says(table)
    alone = figure(found.reported, counts, about["voice"], **options)
    assert alone.run == shown.run and len(alone.table) == len(table)
    if name.startswith("group"):
        assert table["run_low"].notna().all() and alone.table["run_low"].isna().all()


def test_groups_that_are_too_small_are_shown_and_not_tested(world):
    found, counts, about, within, _ = world
    shown = figures.group_shares(found.reported, counts, about["voice"], within=within, least=7)
    assert shown.table["p"].isna().all() and shown.table["share"].notna().all()
    voices = grouped(world, found.reported.articles(counts))
    assert compare.large(voices, 7).empty and set(compare.large(voices, 6)) == set(KINDS)
    few = compare.grouped(voices.shares, about["voice"], within=within.where(about["voice"] != KINDS[0], "x"))
    assert set(compare.large(few, 6)) == set(KINDS[1:])


def tables(world):
    found, counts, about, within, labels = world
    run, names = found.reported, figures.names_of(about)
    shares, voices = run.articles(counts), grouped(world, run.articles(counts))
    pairs = compare.article_distances(run, counts, draws=200)
    return {
        "article_shares": told.article_shares(compare.article_shares(run, counts), labels, names),
        "article_distances": told.article_distances(pairs, names),
        "concentration": told.concentration(compare.concentration(run, counts), names),
        "drivers": told.drivers(run, counts, pairs, labels, names),
        "tree": told.tree(compare.tree(compare.distances(shares), drawn=compare.redrawn(run, counts, 100))),
        "witnesses": told.witnesses(voices),
        "both_countings": told.both_countings(
            compare.both_countings(run, found.others, counts, about["voice"], within, draws=200), labels
        ),
        "differences": told.differences(found, counts, about["voice"], within, labels),
        "wording": told.wording(run, counts, about["voice"], labels, within=within),
        "trends": told.trends(compare.trends(run, counts), labels),
        "together": told.together(compare.together(shares), labels),
        "found_again": told.found_again(run, [train(counts, k, 1, **SETTINGS) for k in (4, 6)], labels),
    }


@pytest.fixture(scope="module")
def said(world):
    return tables(world)


NUMBERS = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?%?")


def test_both_languages_say_the_same_numbers_and_no_key_of_a_column(said):
    for name, one in said.items():
        english, chinese = (set(NUMBERS.findall(sentence)) for sentence in one.sentences)
        assert english == chinese, (name, one.sentences)
        assert not any(kind in sentence for sentence in one.sentences for kind in KINDS), name
        assert one.sentences[0].endswith(".") and one.sentences[1].endswith("。"), name


def test_sentences_are_read_off_their_tables(world, said, monkeypatch):
    found, counts, about, within, _ = world
    differ = said["differences"].table
    english = said["differences"].sentences[0]
    assert f"{len(differ)} differences between 3 groups" in english and len(differ) == 15
    assert f"{(differ['bh'] < 0.05).sum()} by Benjamini" in english
    assert f"{len(told.clear(differ))} of these in every run" in english
    mixed = compare.concentration(found.reported, counts)
    assert (
        f"18 articles of 3 passages and more mix {mixed['topics'].quantile(0.25):.1f} to"
        in said["concentration"].sentences[0]
    )
    assert said["concentration"].table["unbiased"].is_monotonic_increasing
    assert "0 of 3 groups have too few witnesses" in said["witnesses"].sentences[0]
    sizes = said["witnesses"].table
    assert sizes["of_it"].tolist() == [2, 2, 2] and set(sizes["largest"]) <= set(within)
    both = said["both_countings"].table
    assert (
        f"whole witnesses in {(both['witness_run_bh'] < 0.05).sum()}." in said["both_countings"].sentences[0]
    )
    unlike = told.found_again(found.reported, [train(counts, 4, 1, chains=1, sweeps=9)]).sentences
    assert "; other numbers were not fitted with the settings of the run." in unlike[0]
    assert "其他主题数未按" in unlike[1]
    again = said["found_again"]
    assert "settings" not in again.sentences[0]
    for k in (4, 6):
        lost = (again.table["among"] == k).sum()
        assert f"{5 - lost} of 5 are found among {k} topics" in again.sentences[0]
    for least, longer in ((4, 0), (8, 1)):  # the median article has five passages
        wanted = sorted(name for name in about.index if int(name[1]) > longer)
        assert told.long_articles(counts, least) == wanted
    monkeypatch.setattr(told, "SIDE_BY_SIDE", 2)
    sizes, few = pd.Series(counts.articles).value_counts(), told.long_articles(counts, 1)
    assert len(few) == 2 and sizes[few].min() >= sizes.drop(few).max()


def test_a_difference_that_no_size_would_make_is_said_with_its_reason(world, said):
    table = steps_of_shares(world)
    why = "no p below 0.1 is possible and 0.0033 is asked"
    table["detectable"], table["undetectable"], table["run_bh"] = np.nan, why, 0.5
    english, chinese = figures.group_shares.says(table)
    assert "In T01, T02, T03, T04, T05 no difference would be found at any size: so few witnesses" in english
    assert "在T01、T02、T03、T04、T05中，无论差异多大都不会被发现：独立来源太少" in chinese
    differ = said["differences"].table
    if none := int(differ["detectable"].isna().sum()):
        assert f"{none} would not be found at any size: " in said["differences"].sentences[0]
    assert (differ["undetectable"].ne("") == differ["detectable"].isna()).all()


def test_topics_articles_and_groups_are_shown_by_what_they_are_called(world, said, monkeypatch):
    import IPython.display

    seen = []
    monkeypatch.setattr(IPython.display, "display", lambda one, **_: seen.append(one))
    for spoken, topic, group in (("en", "T01 Label T01", "Academics"), ("zh", "T01 名称T01", "学者文章")):
        figures.language(spoken)
        differ = said["differences"]
        assert topic in set(said["both_countings"].named["topic"]) and group in set(differ.named["group"])
        assert {"witnesses", "other_witnesses"} <= set(differ.named) and len(differ.named) == 15
        differ._ipython_display_()
        assert seen[0]["text/plain"] == differ.says and len(seen) == 2
        seen.clear()
    assert set(said["article_shares"].named["article"]) <= set(figures.names_of(world[2]))
    said["tree"]._ipython_display_()
    assert [one["text/plain"] for one in seen] == [said["tree"].sentences[1]]


def test_the_farthest_article_is_named_only_if_neither_another_nor_its_own_interval_makes_it_so():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(0, 0.1, (12, 2)), columns=["x", "y"])
    table -= table.mean()
    table.loc[0] = 1.0, 0.0
    table = table.assign(name=[f"n{n}" for n in range(12)], shown=0.5, x_share=0.3, y_share=0.2)
    table[["x_low", "x_high", "y_low", "y_high"]] = np.nan
    near = table.assign(x_low=table["x"] - 0.05, x_high=table["x"] + 0.05, y_low=-0.02, y_high=0.02)
    wide = near.assign(x_low=near["x"] - 0.95)
    rival = table.copy()
    rival.loc[1, ["x", "y"]] = -0.999, 0.0
    for one, told_of in ((table, True), (near, True), (wide, False), (rival, False)):
        for sentence in figures.article_map.says(one):
            assert ("n0" in sentence) == told_of, sentence


def test_where_nothing_was_drawn_or_one_passage_is_all_there_is_no_number_is_said(world):
    found, counts, _, _, _ = world
    run = found.reported
    pairs = compare.article_distances(run, counts, draws=100).assign(low=np.nan, high=np.nan)
    tree = compare.tree(compare.distances(run.articles(counts)))
    for one in (told.drivers(run, counts, pairs), told.tree(tree)):
        assert all("nan" not in sentence for sentence in one.sentences)


def test_how_one_group_alone_speaks_is_refused(world):
    found, counts, about, _, _ = world
    refuses("at least two", told.wording, found.reported, counts, about["voice"].replace(KINDS, "x"))


def test_a_printed_table_saves_itself_and_goes_when_nothing_holds(world, said, tmp_path):
    found, counts, _, _, labels = world
    topics = figures.topics_table(found, counts, labels)
    assert topics.table["topic"].tolist() == found.reported.names and topics.run == found.reported.fingerprint
    assert "Jaccard" in topics.note[0] and "Jaccard" in topics.note[1] and "5 topics" in topics.caption[0]
    assert topics.save(tmp_path / "topics_table") is topics
    differ = said["differences"].table.assign(run_bh=0.5)
    differ.loc[:2, "run_bh"], differ["same_sign"] = 0.01, 1.0
    table = figures.differences_table(differ, labels).save(tmp_path / "differences_table")
    assert len(table.table) == 3 and len(list(tmp_path.glob("differences_table.*"))) == 5
    assert "Witnesses" in (tmp_path / "differences_table.tex").read_text("utf-8")
    nothing = figures.differences_table(differ.assign(run_bh=0.5), labels)
    nothing.save(tmp_path / "differences_table")
    assert not list(tmp_path.glob("differences_table.*")) and len(list(tmp_path.iterdir())) == 5
    assert repr(nothing).endswith(": none") and label("academic", "en") not in repr(nothing)
