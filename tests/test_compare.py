"""Comparisons: laws that hold for any run, the truth of planted corpora, and what is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from scipy import sparse
from worlds import mixes, run_of
from worlds import of_mixes as planted

from nqp_topics import compare
from nqp_topics.compare import grouping, resample, shares_of_articles
from nqp_topics.compare import shuffled as loops
from nqp_topics.counts import Counts
from nqp_topics.figures import told
from nqp_topics.study import Refused
from nqp_topics.topics import train
from nqp_topics.topics.model import topic_names

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample" / "key" / "articles.jsonl"


def selected(run, counts, ids):
    """The same run on some of its passages, in another order."""
    some = counts.select(ids)
    return run_of(some, run.words.to_numpy().T, run.passages.loc[list(ids)].to_numpy(), run.seed), some


def draw_shares(rng, n, mean, name, strength=6.0):
    index = [f"{name}{number:03d}" for number in range(n)]
    return pd.DataFrame(
        rng.dirichlet(strength * np.asarray(mean), n), index=index, columns=topic_names(len(mean))
    )


@pytest.fixture(scope="module")
def plant():
    return planted(mixes(8), {f"a{number:02d}": 3 + 3 * number for number in range(8)})


VOICES = {f"a{number:02d}": "one" if number < 4 else "two" for number in range(8)}


# laws


def test_shares_sum_to_one_and_are_the_weighted_passages(plant):
    run, counts = plant
    table = compare.article_shares(run, counts)
    assert np.allclose(table.groupby("article")["share"].sum(), 1)
    lengths = counts.matrix.sum(axis=1)
    for name in ("a00", "a05"):
        here = [place for place, article in enumerate(counts.articles) if article == name]
        long_way = sum(lengths[p] * run.passages.iloc[p] for p in here) / sum(lengths[p] for p in here)
        assert np.allclose(table[table["article"] == name].set_index("topic")["share"], long_way)
    assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()
    assert (table["low"] >= 0).all() and (table["high"] <= 1).all()


def test_distances_are_symmetric_zero_to_themselves_and_a_metric(plant):
    run, counts = plant
    shares = run.articles(counts)
    table = compare.distances(shares)
    numbers = table.to_numpy()
    assert (numbers == numbers.T).all() and (np.diag(numbers) == 0).all()
    assert numbers.min() >= 0 and numbers.max() <= 1
    assert (numbers[:, None, :] <= numbers[:, :, None] + numbers[None, :, :].transpose(0, 2, 1) + 1e-12).all()
    assert list(table.index) == list(table.columns) == list(shares.index)


def test_distances_are_those_of_scipy_and_keep_their_digits_near_zero():
    from scipy.spatial.distance import jensenshannon

    rng = np.random.default_rng(0)
    numbers = rng.dirichlet(np.full(30, 0.05), 300)
    numbers[1] = numbers[0]
    numbers[2] = numbers[0] * (1 + 1e-7 * rng.standard_normal(30))
    numbers[2] /= numbers[2].sum()
    numbers[3], numbers[4] = np.eye(30)[:2]
    table = compare.distances(pd.DataFrame(numbers)).to_numpy()
    for i in range(0, 300, 7):
        for j in range(5, 300, 11):
            assert abs(table[i, j] - jensenshannon(numbers[i], numbers[j], 2)) < 1e-7
    assert table[0, 1] == 0 and table[3, 4] == 1
    delta = numbers[2] - numbers[0]
    there = numbers[0] > 0
    near = np.sqrt((delta[there] ** 2 / numbers[0][there]).sum() / 8 / np.log(2))
    assert table[0, 2] == pytest.approx(near, rel=1e-5)


def test_contributions_sum_to_the_squared_distance(plant):
    run, counts = plant
    distance = compare.distances(run.articles(counts)).loc["a01", "a06"]
    table = compare.drivers(run, counts, "a01", "a06")
    assert table["contribution"].sum() == pytest.approx(distance**2)
    assert table["part"].sum() == pytest.approx(1)
    assert (table["contribution"].diff().dropna() <= 0).all()


def test_expected_words_over_all_topics_are_the_counts(plant):
    run, counts = plant
    total = sum(compare.expected(run, counts, topic) for topic in run.names)
    assert np.allclose(total.toarray(), counts.matrix.toarray())


def test_ids_survive_shuffle_drop_and_split(plant):
    run, counts = plant
    rng = np.random.default_rng(3)
    names = sorted(set(counts.articles))
    rng.shuffle(names)
    pairs = list(zip(counts.ids, counts.articles, strict=True))
    ids = [name for article in names for name, of in pairs if of == article]
    again, some = selected(run, counts, ids)
    keys = ["article", "topic"]
    a, b = (compare.article_shares(*pair).set_index(keys).sort_index() for pair in (plant, (again, some)))
    pd.testing.assert_frame_equal(a, b, check_exact=True)
    a, b = (
        compare.differences(compare.grouped(r.articles(c), VOICES), draws=500)
        for r, c in (plant, (again, some))
    )
    pd.testing.assert_frame_equal(a, b, check_exact=True)
    a, b = (
        compare.concentration(*pair, draws=200).set_index("article").sort_index()
        for pair in (plant, (again, some))
    )
    pd.testing.assert_frame_equal(a, b, check_exact=True)
    # an article keeps its shares when others are dropped; its interval learns of the spread from all
    kept = [name for name in ids if not name.startswith(("a02", "a05"))]
    less = compare.article_shares(*selected(run, counts, kept)).set_index(keys)
    full = compare.article_shares(run, counts).set_index(keys).loc[less.index]
    same = ["share", "passages", "tokens"]
    pd.testing.assert_frame_equal(less[same], full[same], check_exact=True)
    assert (less["high"] - full["high"]).abs().max() < 0.05
    pairs = compare.article_distances(run, counts, draws=200).set_index(["article", "other"])
    two = compare.article_distances(run, counts, ["a01", "a07"], draws=200).set_index(["article", "other"])
    pd.testing.assert_frame_equal(two, pairs.loc[[("a01", "a07")]], check_exact=True)


def drawn():
    """What is drawn at random of a planted run, as text."""
    run, counts = planted(mixes(6), 5)
    table = compare.grouped(run.articles(counts), VOICES)
    frames = [
        compare.article_distances(run, counts, draws=200),
        compare.differences(table, draws=300),
        compare.together(run.passages, counts.articles, draws=200),
        compare.trends(run, counts, draws=200),
    ]
    return "".join(frame.to_csv() for frame in frames)


def test_the_same_seed_gives_the_same_bytes_in_another_process():
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_compare; print(test_compare.drawn(), end='')"
    there = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)],
        env={**os.environ, "PYTHONHASHSEED": "1"},  # here it is another each time
        capture_output=True,
        check=True,
    )
    assert there.stdout.decode() == drawn() and len(there.stdout) > 1000


# neighbours, tree, map


def test_extremes_are_read_off_the_distances(plant):
    pairs = compare.article_distances(*plant, draws=200)
    ends = compare.extremes(pairs, 1).set_index("which")["distance"]
    assert ends["nearest"] == pairs["distance"].min() and ends["farthest"] == pairs["distance"].max()


def test_a_tree_joins_what_was_planted_and_orders_its_leaves():
    near, far = [0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]
    run, counts = planted({"a": near, "b": far, "c": near, "d": far, "e": near}, 40)
    table = compare.distances(run.articles(counts))
    tree = compare.tree(table, drawn=compare.redrawn(run, counts, draws=100))
    assert sorted(tree.order) == list("abcde")
    assert sorted("".join(tree.order).translate(str.maketrans("abcde", "01010"))) == list("00011")
    assert "".join(tree.order).translate(str.maketrans("abcde", "01010")) in ("00011", "11000")
    clusters = tree.merges.set_index("step")
    assert clusters["articles"].iloc[-1] == 5 and np.isnan(clusters["support"].iloc[-1])
    assert clusters.loc[clusters["articles"] == 3, "support"].max() == 1
    assert (clusters["height"].diff().dropna() >= 0).all() and 0.9 < tree.faith <= 1


def test_a_tree_of_many_articles_is_the_same_tree_laid_out_along_the_first_axis(monkeypatch):
    shares = pd.DataFrame(np.random.default_rng(2).dirichlet(np.full(4, 0.3), 40))
    table = compare.distances(shares)
    usual = compare.tree(table)
    monkeypatch.setattr("nqp_topics.compare.arrangement.MANY", 39)
    many = compare.tree(table)
    x = dict(zip(map(str, table.index), compare.article_map(table, 1).points["x"], strict=True))
    found = []
    for tree in (usual, many):
        below = {name: [name] for name in x}
        for row in tree.merges.itertuples():
            below[row.step] = below[row.left] + below[row.right]
        found.append({frozenset(members) for members in below.values()})
        assert below[tree.merges["step"].iloc[-1]] == tree.order
        middles = [
            (np.mean([x[n] for n in below[r.left]]), np.mean([x[n] for n in below[r.right]]))
            for r in tree.merges.itertuples()
        ]
        assert all(left <= right + 1e-12 for left, right in middles) == (tree is many)
    assert (many.merges[["height", "articles"]] == usual.merges[["height", "articles"]]).all(axis=None)
    assert many.faith == usual.faith and found[0] == found[1]


def test_of_many_articles_fewer_draws_are_taken(plant, monkeypatch):
    monkeypatch.setattr("nqp_topics.compare.arrangement.MANY", 1)
    assert len(compare.redrawn(*plant)) == 100


def test_a_cluster_that_no_draw_can_move_has_no_support():
    near, far = [0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]
    mixes = {"a": near, "b": near, "c": near, "d": far, "e": far}
    run, counts = planted(mixes, {"a": 1, "b": 1, "c": 1, "d": 30, "e": 30}, strength=200)
    drawn = compare.redrawn(run, counts, draws=100)
    tree = compare.tree(compare.distances(run.articles(counts)), drawn=drawn)
    fixed = {"a", "b", "c"}
    for row in tree.merges.itertuples():
        below = {row.left, row.right}
        while any(name.startswith("#") for name in below):
            steps = tree.merges[tree.merges["step"].isin(below)]
            below = {n for n in below if not n.startswith("#")} | {*steps["left"], *steps["right"]}
        whole = len(below) == len(mixes)  # which every tree has
        assert np.isnan(row.support) == (whole or below <= fixed), (below, row.support)
    assert tree.merges["support"].isna().sum() == 3


def test_a_map_says_what_it_shows_and_all_axes_show_everything(plant):
    run, counts = plant
    table = compare.distances(run.articles(counts))
    flat, full = compare.article_map(table), compare.article_map(table, len(table) - 1)
    assert full.shown == pytest.approx(1)
    points = full.points.drop(columns=["article", "shown"]).to_numpy()
    apart = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=-1))
    assert np.allclose(apart, table, atol=1e-7)
    assert flat.shown == pytest.approx(full.axes["share"][:2].sum()) and flat.shown < 1
    assert flat.points["shown"].between(0, 1).all() and np.allclose(full.points["shown"], 1)
    held = compare.map_with_intervals(run, counts, draws=200).points
    assert np.allclose(held[["x", "y"]], flat.points[["x", "y"]])
    assert (held["x_low"] < held["x_high"]).all()
    long = held.set_index("article").loc["a07"]
    assert long["x_high"] - long["x_low"] < (held["x_high"] - held["x_low"]).max()


def test_a_map_and_a_tree_of_equal_articles():
    table = compare.distances(pd.DataFrame([[0.5, 0.5]] * 3, index=list("abc"), columns=["T01", "T02"]))
    assert (table.to_numpy() == 0).all()
    assert compare.article_map(table).shown == 0 and compare.tree(table).faith == 1


# concentration, along


def test_concentration_draws_few_articles_at_a_time_and_none_of_one_passage(monkeypatch):
    run, counts = planted({name: [0.7, 0.1, 0.1, 0.1] for name in "abcde"}, 3)
    run, counts = selected(
        run, counts, [one for one in counts.ids if not one.startswith("e") or one == counts.ids[-1]]
    )
    whole = compare.concentration(run, counts, draws=200)
    asked = []
    drawn = resample.drawn_articles
    monkeypatch.setattr(resample, "drawn_articles", lambda *of: asked.append(of[3]) or drawn(*of))
    monkeypatch.setattr(shares_of_articles, "TOGETHER", 3)
    assert compare.concentration(run, counts, draws=200).equals(whole)
    assert asked == [[0, 1], [2, 3]] and whole["low"].isna().tolist() == [False] * 4 + [True]


def test_concentration_counts_themes():
    run, counts = planted({"one": [0.97, 0.01, 0.01, 0.01], "all": [0.25] * 4}, 30, strength=200)
    table = compare.concentration(run, counts, draws=200).set_index("article")
    assert table.loc["one", "topics"] < 1.3 and table.loc["one", "largest"] == "T01"
    assert table.loc["all", "topics"] > 3.8
    assert (table["topics"] >= table["within"]).all() and (table["across"] >= 1).all()
    assert ((table["low"] <= table["topics"] + 1e-9) & (table["topics"] <= table["high"] + 0.1)).all()


def test_a_planted_order_is_found_and_an_absent_one_is_not():
    rng = np.random.default_rng(4)
    rows = []
    for article in range(20):
        for place in range(10):
            mean = [0.5 - 0.04 * place, 0.1 + 0.04 * place, 0.2, 0.2]
            rows.append((f"a{article:02d}-{place}", f"a{article:02d}", rng.dirichlet(20 * np.array(mean))))
    shares = np.array([row[2] for row in rows])
    counts = Counts(
        tuple(r[0] for r in rows),
        ("甲", "乙"),
        sparse.csr_array(np.full((200, 2), 10)),
        tuple(r[1] for r in rows),
    )
    run = run_of(counts, np.full((4, 2), 0.5), shares)
    table = compare.trends(run, counts, draws=2000).set_index("topic")
    assert table.loc["T01", "rise"] == pytest.approx(-0.32, abs=0.06) and table.loc["T01", "holm"] < 0.01
    assert table.loc["T02", "low"] > 0 and (table.loc[["T03", "T04"], "p"] > 0.01).all()


def test_one_who_always_ends_alike_is_one_witness():
    found, taken = [], []
    for seed in range(15):
        rng, rows, witness = np.random.default_rng(seed), [], {}
        for article in range(30):
            witness[f"a{article:02d}"] = f"w{article % 6}"
        steep = rng.normal(0, 1.5, (6, 4))
        for article, speaker in witness.items():
            course = np.outer(np.linspace(-0.5, 0.5, 4), steep[int(speaker[1])] + rng.normal(0, 0.7, 4))
            drawn = np.exp(course + rng.normal(0, 0.5, (4, 4)))
            rows += [(f"{article}-{n}", article, share / share.sum()) for n, share in enumerate(drawn)]
        ids, articles, shares = zip(*rows, strict=True)
        counts = Counts(ids, ("甲", "乙"), sparse.csr_array(np.full((len(ids), 2), 10)), articles)
        run = run_of(counts, np.full((4, 2), 0.5), np.array(shares))
        for within, p in ((witness, found), (None, taken)):
            p += (compare.trends(run, counts, within=within, draws=199)["p"] < 0.05).tolist()
    assert np.mean(found) < 0.09 and np.mean(taken) > 0.2, (np.mean(found), np.mean(taken))


# groups


def test_shares_of_groups_hold_articles_together():
    shares = pd.DataFrame([[0.2, 0.8], [0.4, 0.6], [0.9, 0.1]], index=list("abc"), columns=["T01", "T02"])
    voice = {"a": "x", "b": "x", "c": "y"}
    plain = compare.group_shares(compare.grouped(shares, voice)).set_index(["group", "topic"])
    assert plain.loc[("x", "T01"), "share"] == pytest.approx(0.3)
    assert plain.loc[("x", "T01"), "low"] < 0.2 and plain.loc[("x", "T01"), "high"] > 0.4


def test_a_group_of_one_article_is_said_and_not_tested(plant):
    run, counts = plant
    voice = {**VOICES, "a07": "alone"}
    table = compare.grouped(run.articles(counts), voice)
    assert table.sizes.set_index("group").loc["alone", "note"]
    shares = compare.group_shares(table)
    alone = shares[shares["group"] == "alone"]
    assert alone[["low", "high"]].isna().all().all() and alone["note"].str.contains("one article").all()
    tests = compare.differences(table, draws=200)
    there = (tests["group"] == "alone") | (tests["other"] == "alone")
    assert tests.loc[there, ["p", "holm", "bh", "low", "high"]].isna().all().all()
    assert tests.loc[there, "note"].str.contains("alone").all() and tests.loc[~there, "p"].notna().all()
    apart = compare.group_distances(table, draws=200, intervals=200)
    wanted = ["alone" not in pair for pair in zip(apart["group"], apart["other"], strict=True)]
    assert apart["p"].notna().tolist() == wanted
    alone = compare.group_distances(table, draws=200, intervals=0)  # p is the same, and all that there is
    assert alone["p"].equals(apart["p"]) and alone[["low", "chance", "detectable"]].isna().all(axis=None)
    assert compare.overall(table, draws=200)["articles"].eq(7).all()
    # what is not tested is not counted among the tests
    fewer = compare.differences(
        compare.grouped(run.articles(counts), {k: v for k, v in voice.items() if v != "alone"}), draws=200
    )
    assert fewer["holm"].tolist() == tests.loc[~there, "holm"].tolist()


def test_a_voice_missing_for_some_articles_is_told(plant):
    run, counts = plant
    voice = pd.Series({**VOICES, "a01": None, "a02": "", "a03": np.nan, "zz": "one"})
    table = compare.grouped(run.articles(counts), voice)
    wanted = [["a01", "no group"], ["a02", "no group"], ["a03", "no group"], ["zz", "no passages"]]
    assert table.left_out.values.tolist() == wanted
    assert sorted(table.of.index) == ["a00", "a04", "a05", "a06", "a07"]


WITNESSES = dict(zip(VOICES, ["王", "王", "李", "张", "王", "赵", "钱", ""], strict=True))


def test_what_one_witness_says_is_counted_once(plant):
    run, counts = plant
    table = compare.grouped(run.articles(counts), VOICES, within=WITNESSES)
    sizes = table.sizes.set_index("group")
    assert sizes.loc["one", "witnesses"] == pytest.approx(16 / 6) and sizes.loc["two", "witnesses"] == 4
    assert "1 witness also in another group" in sizes.loc["one", "note"]
    assert "1 article without a witness" in sizes.loc["two", "note"]
    shares = compare.group_shares(table).set_index(["group", "topic"])
    alone = compare.group_shares(compare.grouped(run.articles(counts), VOICES)).set_index(["group", "topic"])
    assert np.allclose(shares["share"], alone["share"]) and (shares["high"] >= alone["low"]).all()
    found = compare.differences(table, draws=500)
    assert found["least_p"].iloc[0] == pytest.approx(1 / 35)  # three of seven witnesses
    for few in (found, compare.group_distances(table, draws=500, intervals=100)):
        ways = few["p"] * 35  # each way to tell them apart once, not 500 drawn
        assert np.allclose(ways, ways.round()) and ways.min() >= 1


def test_articles_of_one_witness_are_shuffled_together():
    """Six pairs of like articles are six witnesses: no p below what twelve articles shuffled in pairs allow."""
    shares = pd.DataFrame({"T01": [0.1] * 6 + [0.9] * 6}, index=[f"a{n:02d}" for n in range(12)])
    shares["T02"] = 1 - shares["T01"]
    groups = {name: "x" if name < "a06" else "y" for name in shares.index}
    pairs = {name: str(int(name[1:]) // 2) for name in shares.index}
    plain = compare.differences(compare.grouped(shares, groups), draws=5000)
    held = compare.differences(compare.grouped(shares, groups, within=pairs), draws=5000)
    assert plain["p"].max() < 0.01 and held["p"].min() > 0.08 and held["least_p"].iloc[0] == 0.1


@pytest.mark.parametrize("fewest", [1, 2])
def test_a_group_of_few_witnesses_is_shown_and_not_tested(plant, fewest):
    run, counts = plant
    shares = run.articles(counts)
    groups = {name: "xxyyyzzz"[int(name[1:])] for name in shares.index}
    within = {name: f"{int(name[1:]) % fewest}" if groups[name] == "x" else name for name in groups}
    table = compare.grouped(shares, groups, within=within)
    assert "fewer than three witnesses" in table.sizes.set_index("group").loc["x", "note"]
    found = compare.differences(table, draws=200)
    of_x = found["group"].eq("x") | found["other"].eq("x")
    assert found.loc[of_x, ["p", "bh", "detectable"]].isna().all().all() and found["difference"].notna().all()
    assert found.loc[of_x, "note"].str.contains("x: fewer than three").all()
    apart = compare.group_distances(table, draws=200, intervals=200)
    assert apart["p"].isna().tolist() == [True, True, False] and apart["distance"].notna().all()
    with pytest.raises(Refused, match="of three witnesses and more"):
        compare.overall(compare.grouped(shares, groups, within=dict.fromkeys(groups, "one")), draws=200)


def test_a_witness_is_the_first_that_is_filled():
    registry = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d", "e"],
            "author": ["王一;李二", "", " ", "赵", None],
            "outlet": ["", "日报", "", "日报", ""],
            "region": ["", "四川", "四川", "甘肃", ""],
            "voice": ["x", "x", "x", "y", "y"],
        }
    )
    found = compare.witnesses(registry)
    assert found.tolist() == ["王一", "日报", "四川", "赵", "article e"]
    assert found.index.tolist() == list("abcde")
    of_place = compare.witnesses(registry.set_index("id"), of_group={"y": ["region"]})
    assert of_place.tolist() == ["王一", "日报", "四川", "甘肃", "article e"]
    refuses("columns", compare.witnesses, registry, ["publisher"])


def test_names_that_stand_twice_are_refused(plant):
    run, counts = plant
    shares = run.articles(counts)
    twice = pd.Series(["one", "two", "one"], index=["a00", "a01", "a00"])
    for call in ({"groups": twice}, {"groups": VOICES, "within": twice}):
        refuses("a00", compare.grouped, shares, **call)
    refuses("within", compare.grouped, shares, VOICES, within={"other": "x"})


def test_groups_that_do_not_overlap_have_an_effect_with_width():
    shares = pd.DataFrame({"T01": [0.1, 0.2, 0.15, 0.7, 0.8, 0.75]}, index=list("abcdef"))
    shares["T02"] = 1 - shares["T01"]
    voices = compare.grouped(shares, dict(zip("abcdef", "xxxyyy", strict=True)))
    found = compare.differences(voices, draws=200)
    row = found.set_index("topic").loc["T01"]
    assert row["effect"] == -1 and row["effect_low"] == -1 and -0.7 < row["effect_high"] < 0.5


def test_effect_sizes_are_those_of_the_definition():
    shares = pd.DataFrame({"T01": [0.1, 0.3, 0.5, 0.3, 0.7]}, index=list("abcde"))
    shares["T02"] = 1 - shares["T01"]
    table = compare.grouped(shares, dict(zip("abcde", "xxxyy", strict=True)))
    row = compare.differences(table, draws=500).set_index("topic").loc["T01"]
    more = sum((a > b) - (a < b) for a in (0.1, 0.3, 0.5) for b in (0.3, 0.7))
    assert row["effect"] == pytest.approx(more / 6) and row["difference"] == pytest.approx(-0.2)
    assert row["least_p"] == pytest.approx(1 / 10) and row["p"] >= 0.07


def test_corrections_are_those_of_the_textbook():
    holm, share = compare.corrected(np.array([0.01, 0.04, 0.03, np.nan, 0.005]))
    assert np.allclose(holm, [0.03, 0.06, 0.06, np.nan, 0.02], equal_nan=True)
    assert np.allclose(share, [0.02, 0.04, 0.04, np.nan, 0.02], equal_nan=True)
    assert np.isnan(compare.corrected(np.array([np.nan]))[0]).all()


def test_p_values_are_uniform_where_nothing_was_planted():
    rng = np.random.default_rng(11)
    single, apart, whole, spread = [], [], [], []
    times = 160
    for _ in range(times):
        shares = pd.concat(
            [draw_shares(rng, 9, [0.3, 0.2, 0.4, 0.1], "x"), draw_shares(rng, 12, [0.3, 0.2, 0.4, 0.1], "y")]
        )
        table = compare.grouped(shares, {name: name[0] for name in shares.index})
        single.append(compare.differences(table, draws=199)["p"].iloc[0])
        apart.append(compare.group_distances(table, draws=199, intervals=0)["p"].iloc[0])
        whole.append(compare.overall(table, draws=199)["p"].iloc[1])
    for p in (single, apart, whole):
        # of uniform p-values, the share below a mark is within three standard errors of it
        for mark in (0.05, 0.25, 0.5, 0.75):
            spread.append(abs(np.mean(np.array(p) <= mark) - mark) / np.sqrt(mark * (1 - mark) / times))
    assert max(spread) < 3.3, spread


def three_tests(rng, sizes, strengths, means, draws=199):
    """The three tests of groups drawn round their means, each with a spread of its own."""
    shares = pd.concat(
        [
            draw_shares(rng, n, mean, name, strength)
            for n, mean, name, strength in zip(sizes, means, "xyz", strengths, strict=False)
        ]
    )
    table = compare.grouped(shares, {name: name[0] for name in shares.index})
    return {
        "difference": compare.differences(table, draws=draws),
        "distance": compare.group_distances(table, draws=draws, intervals=0),
        "overall": compare.overall(table, draws=draws),
    }


EVEN, UNEVEN = np.full(12, 1 / 12), np.array([20, 15, 12, 10, 10, 8, 7, 6, 5, 4, 2, 1]) / 100


@pytest.mark.parametrize(
    ("sizes", "mean"),
    [((34, 12), EVEN), ((34, 12), UNEVEN), ((12, 34), EVEN), ((12, 34), UNEVEN)],
    ids=["few wide, even", "few wide, uneven", "many wide, even", "many wide, uneven"],
)
def test_p_values_stay_honest_where_groups_are_unlike_in_spread(sizes, mean):
    rng = np.random.default_rng(12)
    false = {"difference": [], "distance": [], "overall": []}
    for _ in range(40):
        for name, found in three_tests(rng, sizes, (9, 1), [mean, mean]).items():
            false[name] += (found["p"] <= 0.05).tolist()
    rates = {name: np.mean(hits) for name, hits in false.items()}
    # a study has one pair, but twelve topics: five standard errors above .05 are .1 for 480 topics, two are .12 for 40 pairs
    assert rates["difference"] < 0.1 and rates["overall"] < 0.11 and rates["distance"] < 0.12, rates


def test_three_groups_of_unlike_spread_are_not_taken_for_different():
    rng = np.random.default_rng(14)
    sizes, strengths = (34, 22, 12), (9, 9, 1)
    false = []
    for _ in range(60):
        parts = zip(sizes, "xyz", strengths, strict=True)
        shares = pd.concat([draw_shares(rng, n, EVEN, name, strength) for n, name, strength in parts])
        table = compare.grouped(shares, {name: name[0] for name in shares.index})
        false += (compare.overall(table, draws=199)["p"] <= 0.05).tolist()
    assert np.mean(false) < 0.09


def test_what_was_planted_is_found_whatever_the_spread():
    rng = np.random.default_rng(15)
    shifted = UNEVEN + np.eye(12)[4] * 0.5
    shifted /= shifted.sum()
    cases = (((34, 22), (9, 9), 1.0), ((34, 12), (9, 1), 0.5), ((12, 34), (9, 1), 0.9))
    for sizes, strengths, least in cases:
        hits = {"difference": [], "distance": [], "overall": []}
        for _ in range(20):
            found = three_tests(rng, sizes, strengths, [UNEVEN, shifted])
            hits["distance"].append(found["distance"]["p"].iloc[0] <= 0.05)
            for name in ("difference", "overall"):
                hits[name].append(found[name].set_index("topic").loc["T05", "p"] <= 0.05)
        assert all(np.mean(hit) >= least for hit in hits.values()), (sizes, strengths, hits)


def test_the_shuffled_statistics_are_those_of_the_textbook():
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(16)
    sizes = [5, 8, 11]
    numbers = np.concatenate([rng.dirichlet(EVEN[:4] * s, n) for s, n in zip((9, 1, 4), sizes, strict=True)])
    share = numbers.mean(axis=0)
    usual = share * (1 - share)

    def moments(numbers, weights, sizes):
        means, errors = np.empty((2, 1, len(sizes), 4))
        loops.moments(numbers, weights, np.repeat(np.arange(len(sizes)), sizes)[None], means, errors)
        return means, errors

    def welch(means, errors, sizes):
        found = np.empty((1, 4))
        loops.welch(means, errors, np.array(sizes, dtype=float), usual, found)
        return found[0]

    two = numbers[:13]
    means, errors = moments(two, np.ones(13), sizes[:2])
    t = ttest_ind(two[:5], two[5:], equal_var=False).statistic
    np.testing.assert_allclose(welch(means, errors, sizes[:2]), t**2, rtol=1e-9)
    apart = np.empty(1)
    loops.welch_apart(means, errors, apart)
    gap, spread = two[:5].mean(axis=0) - two[5:].mean(axis=0), two[:5].var(axis=0, ddof=1) / 5
    spread += two[5:].var(axis=0, ddof=1) / 8
    assert apart[0] == pytest.approx((gap**2).sum() / spread.sum())

    means, errors = moments(numbers, np.ones(24), sizes)
    sides = np.split(numbers, np.cumsum(sizes)[:-1])
    w = np.array([len(side) / side.var(axis=0, ddof=1) for side in sides])
    middles = np.array([side.mean(axis=0) for side in sides])
    middle = (w * middles).sum(axis=0) / w.sum(axis=0)
    loose = ((1 - w / w.sum(axis=0)) ** 2 / (np.array(sizes)[:, None] - 1)).sum(axis=0)
    by_hand = (w * (middles - middle) ** 2).sum(axis=0) / 2 / (1 + 2 / 8 * loose)
    np.testing.assert_allclose(welch(means, errors, sizes), by_hand, rtol=1e-9)
    lifted = np.empty_like(errors)
    loops.lifted(errors, usual, lifted)
    floor = errors.sum(axis=2, keepdims=True) * usual / usual.sum()
    np.testing.assert_allclose(lifted, np.maximum(errors, floor), rtol=1e-12)

    # weights count for the mean and for its error; like weights are as none
    weighed, again = moments(numbers, np.full(24, 7.0), sizes)
    np.testing.assert_allclose(weighed, means)
    np.testing.assert_allclose(again, errors)
    weights = rng.integers(1, 9, 24).astype(float)
    weighed, again = moments(numbers, weights, sizes)
    for group, side in enumerate(np.split(np.arange(24), np.cumsum(sizes)[:-1])):
        w, x = weights[side, None], numbers[side]
        middle = (w * x).sum(axis=0) / w.sum()
        np.testing.assert_allclose(weighed[0, group], middle)
        part = (w**2).sum() / w.sum() ** 2  # one by the effective number
        spread = (w * (x - middle) ** 2).sum(axis=0) / w.sum() / (1 - part)
        np.testing.assert_allclose(again[0, group], spread * part)

    # groups without any spread: a difference is certain, sameness is none
    none = np.zeros((1, 2, 4))
    means = np.array([[[0.5, 0.5, 0, 0], [0.5, 0.25, 0.25, 0]]])
    sure = welch(means, none, [3, 3])
    assert sure[0] == 0 and sure[3] == 0 and sure[1] > 1e6 and np.isfinite(sure).all()


def test_intervals_cover_the_truth_at_about_their_rate():
    rng = np.random.default_rng(13)
    covered = {"share": [], "difference": [], "distance": [], "equal": []}
    x, y = np.array([0.35, 0.3, 0.2, 0.15]), np.array([0.15, 0.2, 0.3, 0.35])
    apart = compare.distances(pd.DataFrame([x, y])).iloc[0, 1]
    # of 600 shares .93 and .985 lie two and four standard errors from .95
    for _ in range(50):
        shares = pd.concat(
            [draw_shares(rng, 15, x, "x"), draw_shares(rng, 25, y, "y"), draw_shares(rng, 20, y, "z")]
        )
        table = compare.grouped(shares, {name: name[0] for name in shares.index})
        found = compare.group_shares(table)
        truth = np.concatenate((x, y, y))
        covered["share"] += ((found["low"] <= truth) & (truth <= found["high"])).tolist()
        gaps = compare.differences(table, draws=100)
        truth = np.concatenate((x - y, x - y, y - y))
        covered["difference"] += ((gaps["low"] <= truth) & (truth <= gaps["high"])).tolist()
        far = compare.group_distances(table, draws=100, intervals=200).set_index(["group", "other"])
        covered["distance"].append(far.loc[("x", "y"), "low"] <= apart <= far.loc[("x", "y"), "high"])
        covered["equal"].append(far.loc[("y", "z"), "low"] == 0)
    rates = {name: np.mean(hits) for name, hits in covered.items()}
    assert all(rate > 0.93 for rate in rates.values()), rates
    assert rates["share"] < 0.985 and rates["difference"] < 0.985, rates


def test_few_equal_groups_of_many_topics_are_not_held_apart():
    rng, mean, equal = np.random.default_rng(10), np.full(40, 1 / 40), []
    for _ in range(20):
        shares = pd.concat([draw_shares(rng, 4, mean, "x"), draw_shares(rng, 30, mean, "y")])
        table = compare.grouped(shares, {name: name[0] for name in shares.index})
        equal.append(compare.group_distances(table, draws=199, intervals=200)["low"].iloc[0] == 0)
    assert np.mean(equal) >= 0.85  # .75 where what is drawn again alone says so
    group = table.group("x")
    spread = grouping.means(group, 20_000, 1, "x").var(axis=0)
    assert spread == pytest.approx(group.shares.var(axis=0, ddof=1) / 4, rel=0.1)  # of other witnesses


def test_intervals_of_articles_cover_the_truth_at_about_their_rate():
    hits, far, equal, bias = [], [], [], []
    for seed in range(15):
        true = mixes(6, seed=seed, scale=3.0)
        true["same"] = true["a00"]
        run, counts = planted(true, 30, seed)
        mean = pd.DataFrame(true, index=run.names).T
        table = compare.article_shares(run, counts)
        truth = mean.to_numpy().ravel()
        hits += ((table["low"] <= truth) & (truth <= table["high"])).tolist()
        exact = compare.distances(mean)
        pairs = compare.article_distances(run, counts, draws=400)
        for row in pairs.itertuples():
            here = exact.loc[row.article, row.other]
            (equal if here == 0 else far).append(row.low <= here <= row.high)
            if here:
                bias.append((row.distance - here, row.unbiased - here))
    assert 0.93 < np.mean(hits) < 0.985 and 0.93 < np.mean(far) <= 0.99 and np.mean(equal) > 0.85
    plain, freed = np.abs(np.mean(bias, axis=0))
    assert freed < plain


# wording, together


def wordy(rng, articles, tilt, authors=None):
    """Articles of two groups on one topic and another; the first group of the topic's words is likelier by `tilt` in group x; an author repeats itself."""
    base = np.array([np.r_[np.full(20, 0.05), np.zeros(20)], np.r_[np.zeros(20), np.full(20, 0.05)]])
    rows, names, who, habits = [], [], {}, rng.gamma(4, 0.25, (authors or articles, 40))
    for number in range(articles):
        group, author = "xy"[number % 2], number % len(habits)
        mine = base[0] * habits[author]
        mine[:3] *= tilt if group == "x" else 1
        who[f"{group}{number:02d}"] = str(author)
        for _ in range(4):
            p = rng.dirichlet([2, 2])
            rows.append(rng.multinomial(60, (p[0] * mine / mine.sum() + p[1] * base[1])))
            names.append(f"{group}{number:02d}")
    counts = Counts(
        tuple(f"{name}-{place}" for place, name in enumerate(names)),
        tuple(f"词{place:02d}" for place in range(40)),
        sparse.csr_array(np.array(rows)),
        tuple(names),
    )
    first = counts.matrix[:, :20].sum(axis=1) / counts.matrix.sum(axis=1)
    run = run_of(counts, base, np.column_stack((first, 1 - first)))
    return compare.wording(
        run, counts, {name: name[0] for name in names}, "T01", "x", "y", within=authors and who
    )


def test_planted_wording_is_found_and_articles_are_not_taken_for_tokens():
    rng = np.random.default_rng(5)
    found = wordy(rng, 40, 3.0)
    assert set(found["word"][:3]) == {"词00", "词01", "词02"} and (found["bh"][:3] < 0.05).all()
    assert (found.loc[:2, "low"] > 0).all() and (found["word"] < "词20").all()
    for articles, authors in ((24, None), (6, None), (24, 6)):  # many, few, few who wrote four each
        false = [np.mean(wordy(rng, articles, 1.0, authors)["p"] < 0.05) for _ in range(30)]
        assert np.mean(false) < 0.08  # authors repeat themselves: tokens alone would say 0.2 and more


def test_what_shares_force_is_not_taken_for_being_apart():
    rng = np.random.default_rng(6)
    free, forced, covered = [], [], []
    for _ in range(25):
        numbers = rng.gamma([2.0, 1.5, 2.5, 1.0, 2.0, 3.0], 1.0, (60, 6))
        shares = pd.DataFrame(numbers / numbers.sum(axis=1, keepdims=True), columns=topic_names(6))
        table = compare.together(shares, draws=200)
        free.append(table["correlation"].mean())
        forced.append(np.corrcoef(shares.T)[np.triu_indices(6, 1)].mean())
        covered += ((table["low"] <= 0) & (table["high"] >= 0)).tolist()
    assert abs(np.mean(free)) < 0.06 and np.mean(forced) < -0.15
    assert np.mean(covered) > 0.85


def test_topics_planted_together_are_found():
    rng = np.random.default_rng(7)
    logs = rng.normal(size=(80, 8))
    logs[:, 1] = logs[:, 0] + 0.3 * rng.normal(size=80)
    shares = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    table = compare.together(pd.DataFrame(shares, columns=topic_names(8)), draws=300)
    first = table.iloc[0]
    assert (first["topic"], first["other"]) == ("T01", "T02") and first["low"] > 0.6 and first["holm"] < 0.001


def test_what_one_witness_mixes_is_not_what_goes_together():
    found, taken = [], []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        who = np.repeat(np.arange(6), 5)
        logs = rng.normal(0, 1, (6, 5))[who] + rng.normal(0, 0.4, (30, 5))
        shares = pd.DataFrame(np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True), columns=topic_names(5))
        shares.index = [f"a{n:02d}" for n in range(30)]
        witness = dict(zip(shares.index, (f"w{n}" for n in who), strict=True))
        for within, p in ((witness, found), (None, taken)):
            p += (compare.together(shares, within=within, draws=200)["p"] < 0.05).tolist()
    assert np.mean(found) < 0.09 and np.mean(taken) > 0.2, (np.mean(found), np.mean(taken))


# runs


def test_topics_are_matched_whatever_their_order_and_number(plant):
    run, _ = plant
    order = ["T03", "T01", "T05", "T02", "T04"]
    turned = run.words[order].set_axis(run.names, axis=1)
    table = compare.match(run.words, turned)
    assert [order[run.names.index(name)] for name in table["other"]] == run.names
    assert np.allclose(table["likeness"], 1) and np.allclose(table["distance"], 0) and not table["weak"].any()
    fewer = compare.match(run.words, run.words[["T02", "T04"]])
    assert fewer["other"].tolist() == ["", "T02", "", "T04", ""]
    assert fewer.loc[fewer["other"] == "", "weak"].all()
    other = run.words.iloc[5:]
    some = compare.match(run.words, other / other.sum())
    assert some["other"].tolist() == run.names and (some["shared"] < 1).any()


def test_a_difference_that_lives_in_one_run_is_seen_to():
    run, counts = planted(mixes(12, k=4), 6)
    voice = {name: "x" if number < 6 else "y" for number, name in enumerate(dict.fromkeys(counts.articles))}
    flipped = run.passages.copy()
    flipped[["T01", "T02"]] = flipped[["T02", "T01"]].to_numpy()
    runs = [run, run_of(counts, run.words.to_numpy().T, flipped.to_numpy(), 9)]

    def finding(shares):
        return compare.differences(compare.grouped(shares, voice), draws=200)

    table = compare.over_runs(
        run, runs, counts, finding, "difference", ["group", "other", "topic"]
    ).set_index("topic")
    assert table.loc["T03", "run_sd"] == 0 and table.loc["T03", "same_sign"] == 1
    a, b = table.loc["T01", "difference"], table.loc["T02", "difference"]
    assert table.loc["T01", "run_low"] == pytest.approx(min(a, b))
    assert table.loc["T01", "run_high"] == pytest.approx(max(a, b))
    # the largest of all, the reference with them, each corrected within its own run
    every = [
        finding(shares) for shares in (run.articles(counts), *(compare.renamed(r, run, counts) for r in runs))
    ]
    for name in ("p", "bh"):
        by_hand = np.max([one.set_index("topic")[name].reindex(table.index) for one in every], axis=0)
        np.testing.assert_array_equal(table[f"run_{name}"], by_hand)
    assert np.allclose(table["likeness"], 1)
    calls = iter([0.5, 0.01, 0.02])
    seen = compare.over_runs(
        run,
        [runs[1], run_of(counts, run.words.to_numpy().T, flipped.to_numpy() * 0.9 + 0.025, 3)],
        counts,
        lambda shares: shares.mean().rename_axis("topic").rename("mean").reset_index().assign(p=next(calls)),
        "mean",
        ["topic"],
    )
    assert (seen["run_p"] == 0.5).all() and "run_bh" not in seen
    refuses("at least two", compare.over_runs, run, [run, run], counts, finding, "difference", ["topic"])
    with pytest.raises(Refused, match="several rows alike"):
        compare.over_runs(
            run, runs, counts, lambda s: compare.group_shares(compare.grouped(s, voice)), "share", ["topic"]
        )


def test_a_finding_with_a_single_key_has_its_spread_over_runs_too():
    run, counts = planted(mixes(8, k=3), 4)
    order = ["T03", "T01", "T02"]
    noisy = 0.9 * run.passages.to_numpy() + 0.1 / 3
    runs = [
        run_of(counts, run.words[order].to_numpy().T, run.passages[order].to_numpy(), 7),
        run_of(counts, run.words.to_numpy().T, noisy, 8),
    ]

    def finding(shares):
        return shares.mean().rename_axis("topic").rename("mean").reset_index()

    table = compare.over_runs(run, runs, counts, finding, "mean", ["topic"])
    assert table["topic"].tolist() == run.names and table.notna().all().all()
    by_hand = np.array([run.articles(counts).mean(), runs[1].articles(counts).mean()])
    np.testing.assert_allclose(table["run_mean"], by_hand.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(table["run_sd"], by_hand.std(axis=0, ddof=1), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(table["run_low"], by_hand.min(axis=0), rtol=1e-12)
    np.testing.assert_allclose(table["run_high"], by_hand.max(axis=0), rtol=1e-12)
    assert (table["same_sign"] == 1).all() and np.allclose(table["likeness"], 1)
    assert "run_p" not in table

    def by_article(shares):
        return (shares["T01"] - shares["T02"]).rename("lead").rename_axis("article").reset_index()

    table = compare.over_runs(run, runs, counts, by_article, "lead", ["article"]).set_index("article")
    lead = by_article(run.articles(counts)).set_index("article")["lead"]
    pd.testing.assert_series_equal(table["lead"], lead)
    np.testing.assert_allclose(table["run_mean"], 0.95 * lead, rtol=1e-9)
    assert "likeness" not in table and (table["same_sign"] == 1).all()
    refuses("group", compare.over_runs, run, runs, counts, by_article, "lead", ["group"])


def test_what_flows_between_two_runs_is_told_passage_by_passage_and_a_run_keeps_itself(plant):
    from nqp_topics import choose, figures
    from nqp_topics.choose.agreement import flow

    run, counts = plant
    rng = np.random.default_rng(8)
    shares = rng.dirichlet(np.ones(3), len(counts.ids))
    shares[:, 2] = 0.0  # the strongest nowhere
    shares /= shares.sum(axis=1, keepdims=True)
    other = run_of(counts, rng.dirichlet(np.full(len(counts.words), 0.3), 3), shares, 4)
    by_hand = np.zeros((3, len(run.names)))
    sizes = counts.matrix.sum(axis=1)
    for row in range(len(counts.ids)):
        one, two = (side.passages.iloc[row].argmax() for side in (other, run))
        by_hand[one, two] += sizes[row]
    table = choose.lineage([run, other], counts)
    assert table[["topic", "next_topic"]].drop_duplicates().shape[0] == len(table) == by_hand.size
    np.testing.assert_allclose(table["mass"], by_hand.ravel() / counts.tokens, rtol=1e-9)
    assert (table[table["topic"] == "T03"]["of_topic"] == 0).all()
    assert figures.lineage.table([run, other], counts).drop(columns="cosine").notna().all().all()
    same = figures.becomes(
        flow(run, run, counts.lengths.to_numpy(float))
        .assign(words="", next_words="")
        .query("mass.groupby(topic).transform('sum') > 0")
    )
    assert len(same) and (same["kept"] == 1).all()


def without_one(run, counts, seed=5):
    """The run, but its first topic has quite other words and passages."""
    rng = np.random.default_rng(seed)
    words, shares = run.words.to_numpy().T.copy(), run.passages.to_numpy().copy()
    words[0] = np.where(words.max(axis=0) < 0.03, 1.0, 1e-9)
    words[0] /= words[0].sum()
    shares[:, 0] = rng.permutation(1 - shares[:, 0])
    return run_of(counts, words, shares / shares.sum(axis=1, keepdims=True), seed)


def test_a_topic_that_another_run_lacks_is_said_and_counted_and_feeds_nothing():
    run, counts = planted(mixes(12, k=4), 6)
    voice = {name: "xyz"[number % 3] for number, name in enumerate(dict.fromkeys(counts.articles))}
    near = run_of(counts, run.words.to_numpy().T, 0.9 * run.passages.to_numpy() + 0.025, 8)
    lacks = without_one(run, counts)
    assert compare.match(run.words, lacks.words)["likeness"].lt(0.6).tolist() == [True, False, False, False]

    def finding(shares):
        return compare.overall(compare.grouped(shares, voice), draws=200)

    table = compare.over_runs(run, [near, lacks], counts, finding, "between", ["topic"]).set_index("topic")
    assert table["not_found"].tolist() == [1, 0, 0, 0] and (table["runs"] == 2).all()
    here, there = (finding(r.articles(counts)).set_index("topic") for r in (run, near))
    for column in ("run_low", "run_high", "run_mean"):
        assert table.loc["T01", column] == pytest.approx(there.loc["T01", "between"])
    for name in ("p", "bh"):
        assert table.loc["T01", f"run_{name}"] == max(here.loc["T01", name], there.loc["T01", name])
    # nor does the p of what stands in its place count when the others are corrected
    odd = finding(compare.renamed(lacks, run, counts)).set_index("topic")["p"].drop("T01")
    bh = pd.Series(compare.corrected(odd.to_numpy())[1], odd.index)
    for topic in odd.index:
        assert table.loc[topic, "run_bh"] == max(here.loc[topic, "bh"], there.loc[topic, "bh"], bh[topic])
    alone = compare.over_runs(
        run, [lacks, without_one(run, counts, 6)], counts, finding, "between", ["topic"]
    ).set_index("topic")
    assert alone.loc["T01", "not_found"] == 2
    assert alone.loc["T01", ["run_mean", "run_sd", "run_low", "run_high", "same_sign"]].isna().all()
    assert alone.loc["T01", "run_p"] == here.loc["T01", "p"] and alone.drop("T01").notna().all().all()


def test_p_of_another_run_are_corrected_within_a_contrast_as_those_of_effects_are():
    run, counts = planted(mixes(24, k=4), 6)
    names = list(dict.fromkeys(counts.articles))
    about = pd.DataFrame({"voice": ["xyz"[number % 3] for number in range(24)]}, index=names)
    near = run_of(counts, run.words.to_numpy().T, 0.9 * run.passages.to_numpy() + 0.025, 8)
    lacks = without_one(run, counts)

    def finding(shares):
        return compare.effects_of_shares(shares, about, "voice", draws=100).contrasts

    keys = ["topic", "term", "level"]
    table = compare.over_runs(run, [near, lacks], counts, finding, "estimate", keys).set_index(keys)
    here, there, odd = (
        finding(compare.renamed(one, run, counts)).set_index(keys) for one in (run, near, lacks)
    )
    for level in "yz":
        rest = odd.xs(level, level="level")["p"].drop("T01", level="topic")
        bh = compare.corrected(rest.to_numpy())[1]
        for place, topic in enumerate(run.names[1:]):
            key = topic, "voice", level
            assert table.loc[key, "run_bh"] == max(here.loc[key, "bh"], there.loc[key, "bh"], bh[place])


def test_both_countings_stand_side_by_side_for_every_topic():
    run, counts = planted(mixes(24, k=4), 5)
    names = list(dict.fromkeys(counts.articles))
    voice = {name: "xy"[number % 2] for number, name in enumerate(names)}
    speaks = {name: f"{voice[name]}{number % 6}" for number, name in enumerate(names)}
    near = run_of(counts, run.words.to_numpy().T, 0.9 * run.passages.to_numpy() + 0.025, 8)
    runs = [near, without_one(run, counts)]
    table = compare.both_countings(run, runs, counts, voice, speaks, draws=200)
    assert table["topic"].tolist() == run.names
    assert (table["runs"] == 3).all() and table["found"].tolist() == [2, 3, 3, 3]
    for before, within in (("", None), ("witness_", speaks)):
        alone = compare.overall(compare.grouped(run.articles(counts), voice, within=within), draws=200)
        for name in ("p", "bh"):
            np.testing.assert_array_equal(table[f"{before}{name}"], alone[name])
            assert (table[f"{before}run_{name}"] >= table[f"{before}{name}"]).all()
    assert (table["units"] == 24).all() and (table["witness_units"] == 6).all()
    refuses("three witnesses", compare.both_countings, run, runs, counts, voice, voice, draws=200)


# the sample study: what was planted is found, what was not is not


@pytest.fixture(scope="module")
def sample():
    from nqp_topics import counts as count
    from nqp_topics.words import segment, sift

    rows = [json.loads(line) for line in SAMPLE.read_text("utf-8").splitlines()]
    table = pd.DataFrame(
        [
            {"id": f"{row['id']}-{n}", "article": row["id"], "text": part["text"], "theme": part["theme"]}
            for row in rows
            for n, part in enumerate(row["paragraphs"])
        ]
    )
    kept, _ = sift.keep(segment.tokens(table), sift.stop_words(), shortest=2)
    articles = dict(zip(table["id"], table["article"], strict=True))
    counts = count.count(kept, articles, min_df=3, max_df=0.5).counts
    runs = train(counts, 5, seeds=range(1, 4))
    theme = table.set_index("id")["theme"]
    mass = runs.medoid.passages.groupby(theme.reindex(runs.medoid.passages.index)).mean()
    return counts, runs, mass.idxmax(axis=1).to_dict(), {row["id"]: row["voice"] for row in rows}


def test_planted_differences_are_found_in_every_run_and_absent_ones_are_not(sample):
    counts, runs, topic, voice = sample
    assert len(set(topic.values())) == 5
    table = compare.over_runs(
        runs.medoid,
        list(runs),
        counts,
        lambda shares: compare.differences(compare.grouped(shares, voice), draws=2000),
        "difference",
        ["group", "other", "topic"],
    ).set_index(["group", "other", "topic"])
    elder = table.loc[("academic", "local_official", topic["ELDER"])]
    goods = table.loc[("academic", "local_official", topic["LOGISTICS"])]
    assert elder["holm"] < 0.05 and elder["low"] > 0 and elder["same_sign"] == 1 and elder["run_p"] < 0.05
    assert goods["holm"] < 0.05 and goods["high"] < 0 and goods["effect"] < 0
    books = table.xs(topic["LIBRARY"], level="topic")
    assert (books["p"] > 0.05).all() and ((books["low"] < 0) & (books["high"] > 0)).all()
    voices = compare.grouped(runs.medoid.articles(counts), voice)
    whole = compare.overall(voices, draws=2000).set_index("topic")
    assert whole.loc[topic["ELDER"], "holm"] < 0.05 and whole.loc[topic["LIBRARY"], "p"] > 0.05


def test_shares_of_voices_are_those_that_were_planted(sample):
    counts, runs, topic, voice = sample
    shares = compare.group_shares(compare.grouped(runs.medoid.articles(counts), voice))
    found = shares.set_index(["group", "topic"])
    cases = (("academic", "ELDER", 0.4), ("local_official", "LOGISTICS", 0.4), ("academic", "LIBRARY", 0.2))
    for group, theme, share in cases:
        row = found.loc[(group, topic[theme])]
        # the model shares a few words of one theme out to another: that is no matter of the articles drawn
        assert row["share"] == pytest.approx(share, abs=0.12), (group, theme, row.to_dict())
        assert row["low"] < row["share"] < row["high"] and row["high"] - row["low"] < 0.3


@pytest.mark.parametrize("name", ["COVERAGE.md", "COVERAGE.zh-CN.md"])
def test_the_page_of_what_is_covered_holds_the_table_that_was_measured(name):
    place = Path(__file__).resolve().parents[1] / "benchmarks"
    lines = [line for line in (place / name).read_text("utf-8").splitlines() if line.startswith("| ")]
    lines = lines[next(number for number, line in enumerate(lines) if line.startswith("| quantity")) :]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    table = pd.read_csv(place / "coverage.csv")
    assert rows[0] == list(table.columns)
    assert rows[2:] == table.astype(object).where(table.notna(), "").astype(str).to_numpy().tolist()
    # what it says of shortcomings is in the table
    said = (place / name).read_text("utf-8").split("\n| quantity")[0]
    found = table.set_index(["quantity", "kind", "case"])["measured"]
    for key in (
        ("map_with_intervals", "interval", "2-4 passages"),
        ("group_distances", "test", "habits, witnesses shuffled"),
        ("group_distances", "test", "habits, articles shuffled"),
        ("article_distances", "bias", "unbiased, 8 passages and more"),
        ("overall", "test", "no habits, witnesses shuffled"),
    ):
        assert f"{abs(found[key]):.3f}".lstrip("0") in said, key


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_what_the_readmes_say_of_planted_worlds_was_measured(name):
    root = Path(__file__).resolve().parents[1]
    text, table = (root / name).read_text("utf-8"), pd.read_csv(root / "benchmarks/coverage.csv")

    def measured(quantity, kind, part):
        rows = table[(table["quantity"] == quantity) & (table["kind"] == kind)]
        found = rows.loc[rows["case"].str.contains(part, regex=False), "measured"]
        assert len(found)
        return found

    for digits, quantity, kind, part in (
        (2, "over_time", "interval", "years"),
        (3, "over_time", "interval", "whole course"),
        (3, "turns", "test", "called a turn"),
    ):
        rows = measured(quantity, kind, part)
        low, high = (f"{one:.{digits}f}".lstrip("0") for one in (rows.min(), rows.max()))
        assert f"{low} to {high}" in text or f"{low}至{high}" in text, part
    assert measured("words_over_time", "power", "changed places").eq(1).all()
    of = "15 tokens, without the prior", "15 tokens, with the prior"
    for part in ("shares of articles without the prior", *of):
        rows = measured("effects", "bias", part)
        off = f"{abs(rows[table['case'].str.contains('±.15, 15', regex=False)].iloc[0]):.3f}".lstrip("0")
        assert f"{off}" in text, part


# bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda r, c: compare.article_distances(r, c, ["a00", "nobody"]), "nobody"),
        (lambda r, c: compare.article_distances(r, c, ["a00"]), "two or more"),
        (lambda r, c: compare.article_shares(r, c, level=2), "level.*0.95 is usual"),
        (lambda r, c: compare.drivers(r, c, "a00", "a00"), "twice"),
        (lambda r, c: compare.trends(r, c, bins=1), "from 2 on"),
        (lambda r, c: compare.grouped(r.articles(c), {"other": "x"}), "groups for other"),
        (lambda r, c: compare.grouped(r.articles(c), {"a00": ""}), "without a group"),
        (
            lambda r, c: compare.differences(compare.grouped(r.articles(c), dict.fromkeys(VOICES, "x"))),
            "one group",
        ),
        (
            lambda r, c: compare.overall(compare.grouped(r.articles(c), {n: n for n in VOICES})),
            "at least two",
        ),
        (lambda r, c: compare.wording(r, c, VOICES, "T99", "one"), "T99.*does not exist"),
        (lambda r, c: compare.wording(r, c, VOICES, "T01", "three"), "three.*does not exist"),
        (lambda r, c: compare.wording(r, c, {**VOICES, "a00": "solo"}, "T01", "solo"), "1 article"),
        (lambda r, c: compare.wording(r, c, VOICES, "T01", "one", prior=0, least=-1), "prior.*least"),
        (lambda r, c: compare.together(r.articles(c).iloc[:2]), "at least three"),
        (lambda r, c: compare.together(r.passages, ["a00"]), "one a row"),
        (lambda r, c: compare.distances(r.articles(c) * 2), "sums to 2"),
        (lambda r, c: compare.distances(r.articles(c).iloc[[0, 0]]), "more than once: a00"),
        (lambda r, c: compare.distances(r.articles(c).iloc[:0]), "0 × 5"),
        (lambda r, c: compare.tree(r.articles(c)), "other names beside"),
        (lambda r, c: compare.article_map(compare.distances(r.articles(c)), 8), "from 1 to 7"),
        (lambda r, c: compare.extremes(r.articles(c)), "article_distances"),
        (
            lambda r, c: compare.match(r.words, r.words.set_axis([f"w{n}" for n in range(40)])),
            "none in common",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(plant, call, says):
    refuses(f"(?s){says}", call, *plant)


def test_counts_of_another_run_are_refused(plant):
    run, counts = plant
    other = counts.select(counts.ids[:-1])
    for call in (compare.article_shares, compare.article_distances, compare.concentration, compare.trends):
        refuses("the counts that the run was made from", call, run, other)


def test_an_article_of_one_passage_has_no_interval_and_says_so():
    run, counts = planted(mixes(3), {"a00": 1, "a01": 6, "a02": 9})
    shares = compare.article_shares(run, counts).set_index("article")
    assert shares.loc["a00", ["low", "high"]].isna().all().all() and shares.loc["a00", "note"].iloc[0]
    assert shares.loc["a01", ["low", "high"]].notna().all().all()
    pairs = compare.article_distances(run, counts, draws=200).set_index(["article", "other"])
    assert np.isnan(pairs.loc[("a00", "a01"), "low"]) and pairs.loc[("a00", "a01"), "note"]
    assert pairs.loc[("a01", "a02"), "note"] == "" and pairs.loc[("a01", "a02"), "high"] > 0
    assert set(compare.trends(run, counts, draws=200)["articles"]) == {2}
    single = compare.trends(*planted(mixes(3), 1), draws=200)
    assert set(single["articles"]) == {0} and single[["rise", "low", "p", "bh"]].isna().all(axis=None)
    assert told.trends(single).sentences[0] == told.NO_COURSE
    assert (
        compare.map_with_intervals(run, counts, draws=200).points.set_index("article").loc["a00"].isna().any()
    )


def test_intervals_of_the_nearest_and_farthest_pairs_alone_are_those_of_all(plant):
    run, counts = plant[:2]
    every, ends = (compare.article_distances(run, counts, draws=100, ends=ends) for ends in (None, 2))
    pd.testing.assert_frame_equal(compare.extremes(every, 2), compare.extremes(ends, 2))
    assert ends["low"].notna().sum() <= 4 < every["low"].notna().sum()
    pd.testing.assert_series_equal(every["distance"], ends["distance"])
