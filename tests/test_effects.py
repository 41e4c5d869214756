"""Effects: planted worlds in which a group moves a topic by a known step and years move nothing; refusals of what cannot be told."""

import numpy as np
import pandas as pd
import pytest
from conftest import refuses

from nqp_topics.compare.effects import effects_of_shares
from nqp_topics.study import Refused
from nqp_topics.topics.formula import design

STEP, TOPICS = 0.2, ["T01", "T02", "T03", "T04"]


def world(seed, step=0.0, many=24):
    """Witnesses of one, three or six articles with habits of their own; a third of them in group b, which has `step` more of T01. Years mean nothing.

    The wrong estimator, which takes articles for independent, covers the difference in .70 of such worlds and finds years in .12.
    """
    rng = np.random.default_rng(seed)
    sizes = rng.choice([1, 1, 1, 2, 3, 6], many)
    in_b = rng.permutation(np.arange(many) < many // 3)
    rows, who, group, year = [], [], [], []
    for witness in range(many):
        habit = rng.dirichlet(np.full(4, 3.0))
        habit[0] = np.clip(habit[0] + step * in_b[witness], 0.01, 0.99)
        habit /= habit.sum()
        for _ in range(sizes[witness]):
            rows.append(rng.dirichlet(habit * 10 + 0.05))
            who.append(f"w{witness}")
            group.append("ab"[int(in_b[witness])])
            year.append(2000 + int(rng.integers(0, 20)))
    ids = pd.Index([f"a{number:03}" for number in range(len(rows))], name="id")
    about = pd.DataFrame({"voice": group, "year": year, "witness": who}, index=ids)
    return pd.DataFrame(rows, index=ids, columns=TOPICS), about


def planted(step):
    rng = np.random.default_rng(99)
    means = []
    for more in (0.0, step):
        habit = rng.dirichlet(np.full(4, 3.0), 100_000)
        habit[:, 0] = np.clip(habit[:, 0] + more, 0.01, 0.99)
        habit = habit / habit.sum(axis=1, keepdims=True) * 10 + 0.05
        means.append((habit / habit.sum(axis=1, keepdims=True)).mean(axis=0))
    return means[1] - means[0]


def test_intervals_cover_a_planted_step_and_years_that_mean_nothing_are_not_found():
    truth, covered, years = planted(STEP), [], []
    for seed in range(45):
        shares, about = world(seed, STEP)
        found = effects_of_shares(shares, about, "voice + year", about["witness"], draws=200).contrasts
        step, null = found[found["term"] == "voice"], found[found["term"] == "year"]
        covered += list((step["low"] <= truth) & (truth <= step["high"]))
        years += list(null["p"] < 0.05)
    assert 0.90 <= np.mean(covered) <= 0.99
    assert np.mean(years) <= 0.09


@pytest.mark.parametrize("sizes", [([1] * 3, [1] * 30), ([30, 1, 1, 1], [1] * 8)])
def test_few_witnesses_or_one_who_outweighs_the_others_are_no_certainty(sizes):
    covered, found = [], []
    for seed in range(45):
        rng, rows, who = np.random.default_rng(seed), [], []
        for speaker, many in enumerate([*sizes[0], *sizes[1]]):
            habit = rng.dirichlet(12 * np.array([0.3, 0.3, 0.2, 0.2]))
            rows += [rng.dirichlet(9 * habit + 1e-6) for _ in range(many)]
            who += [f"w{speaker:02d}"] * many
        ids = pd.Index([f"a{number:02d}" for number in range(len(rows))], name="id")
        group = list("a" * sum(sizes[0]) + "b" * sum(sizes[1]))
        about = pd.DataFrame({"group": group, "who": who}, index=ids)
        shares = pd.DataFrame(rows, index=ids, columns=TOPICS)
        table = effects_of_shares(shares, about, "group", about["who"], draws=300).contrasts
        covered += list((table["low"] <= 0) & (table["high"] >= 0))
        found += list(table["p"] < 0.05)
    assert np.mean(covered) >= 0.92  # .87 where the three are taken for as many as all together
    assert np.mean(found) <= 0.08  # .22 where signs are flipped about a mean that one witness sets


def of_levels(seed, levels, more=0.0):
    """Return p of a factor for each topic; witnesses with habits wrote so many articles each of a level, the last of which has more of the first topic."""
    rng, rows, about = np.random.default_rng(seed), [], {}
    for level, sizes in levels.items():
        step = np.array([more, -more, 0, 0]) * (level == [*levels][-1])
        for speaker, many in enumerate(sizes):
            habit = rng.dirichlet(12 * (np.array([0.3, 0.3, 0.2, 0.2]) + step))
            for _ in range(many):
                about[f"a{len(rows):02d}"] = {"level": level, "who": f"{level}{speaker}"}
                rows.append(rng.dirichlet(9 * habit + 1e-6))
    known = pd.DataFrame.from_dict(about, orient="index").rename_axis("id")
    shares = pd.DataFrame(rows, index=known.index, columns=TOPICS)
    return effects_of_shares(shares, known, "level", known["who"], draws=100).terms["p"].tolist()


def test_levels_that_single_witnesses_set_are_no_finding_of_the_whole_term_and_many_levels_hide_none():
    found = [p for seed in range(10) for p in of_levels(seed, {"a": [1] * 12, "b": [30, 1, 1], "c": [1] * 6})]
    assert np.mean(np.array(found) < 0.05) <= 0.08  # by flipped signs alone .37
    few = dict.fromkeys("abcde", [1] * 10) | {"g": [3, 2, 1, 1]}
    found = [of_levels(seed, few, 0.29)[0] for seed in (8, 14)]
    assert max(found) < 0.05  # .15 were the clearest step corrected for the number of steps too


def test_the_p_of_a_factor_is_the_same_whichever_level_is_the_reference():
    others = dict.fromkeys("bcd", [1] * 10)
    for seed in range(3):
        first, last = (np.array(of_levels(seed, others | {name: [1] * 10}, 0.25)) for name in "az")
        assert np.abs(first - last).max() < 0.05  # .09 to .14, each column by its own spread


def test_who_speaks_on_both_sides_carries_both():
    """Twelve who speak once in either group: what they differ in by habit takes no part, and every p is a number."""
    covered, found = [], []
    for seed in range(45):
        rng = np.random.default_rng(seed)
        habits = np.repeat(rng.dirichlet(12 * np.array([0.3, 0.3, 0.2, 0.2]), 12), 2, axis=0)
        ids = pd.Index([f"a{number:02d}" for number in range(24)], name="id")
        who = [f"w{number // 2:02d}" for number in range(24)]
        about = pd.DataFrame({"group": list("ab") * 12, "who": who}, index=ids)
        shares = pd.DataFrame([rng.dirichlet(9 * habit + 1e-6) for habit in habits], ids, TOPICS)
        table = effects_of_shares(shares, about, "group", about["who"], draws=300).contrasts
        covered += list((table["low"] <= 0) & (table["high"] >= 0))
        found += list(table["p"] < 0.05)
        assert table["p"].notna().all()
    assert 0.9 <= np.mean(covered) <= 0.99 and np.mean(found) <= 0.09


def test_the_estimate_is_that_of_least_squares_and_correction_is_over_topics():
    shares, about = world(3, STEP)
    found = effects_of_shares(shares, about, "voice", about["witness"], draws=200)
    means = shares.groupby(about["voice"]).mean()
    table = found.contrasts.set_index("topic")
    wanted = pytest.approx((means.loc["b"] - means.loc["a"]).to_numpy(), abs=1e-9)
    assert table["estimate"].to_numpy() == wanted
    assert (table["reference"] == "a").all() and (table["level"] == "b").all()
    assert (table["bh"] >= table["p"]).all() and (table["holm"] >= table["bh"] - 1e-12).all()
    wanted = pytest.approx(means.loc["b"].to_numpy())
    assert found.predicted.pivot(index="level", columns="topic", values="share").loc["b"].to_numpy() == wanted
    assert found.terms["p"].to_numpy() == pytest.approx(found.contrasts["p"].to_numpy())


def test_the_same_table_gives_the_same_numbers_in_any_order_of_rows():
    shares, about = world(4, STEP)
    asked = "voice + cr(year, df=3)", about["witness"]
    one = effects_of_shares(shares, about, *asked, draws=150)
    mixed = about.sample(frac=1, random_state=1)
    turned = effects_of_shares(shares.iloc[::-1], mixed, *asked, draws=150)
    for here, there in zip(one, turned, strict=True):
        pd.testing.assert_frame_equal(here, there)


def test_a_curve_is_found_where_a_line_finds_nothing():
    rng = np.random.default_rng(7)
    year = np.arange(60)
    hump = 0.2 + 0.25 * np.exp(-(((year - 29.5) / 9) ** 2)) + rng.normal(0, 0.03, 60)
    shares = pd.DataFrame({"T01": hump, "T02": 1 - hump}, index=[f"a{n:02}" for n in year])
    about = pd.DataFrame({"year": year}, index=shares.index)
    line = effects_of_shares(shares, about, "year", draws=300).terms
    curve = effects_of_shares(shares, about, "cr(year, df=4)", draws=300)
    assert line["p"].min() > 0.2 and curve.terms["p"].max() < 0.05
    drawn = curve.predicted[curve.predicted["topic"] == "T01"]
    seen = np.interp(drawn["level"].astype(float), year, 0.2 + 0.25 * np.exp(-(((year - 29.5) / 9) ** 2)))
    assert np.abs(drawn["share"].to_numpy() - seen).max() < 0.06


def test_a_hill_that_no_column_of_the_curve_shows_alone_is_found():
    year, ids = np.arange(60) % 20 + 2000.0, [f"a{number:02}" for number in range(60)]
    about = pd.DataFrame({"year": year}, index=ids)
    first = 0.2 + 0.25 * np.sin((year - 2000) / 20 * np.pi)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        rows = [rng.dirichlet(9 * np.array([x, *(1 - x) * np.array([0.5, 0.3, 0.2])])) for x in first]
        found = effects_of_shares(pd.DataFrame(rows, ids, TOPICS), about, "cr(year, df=3)", draws=100).terms
        assert found.set_index("topic").loc["T01", "p"] < 0.03  # .13 to .47, each column by its own spread


def test_a_curve_is_straight_beyond_its_ends():
    about = pd.DataFrame({"year": np.arange(20.0)})
    made = design("cr(year, df=4)", about, "effects")
    start, *out = made.at(pd.DataFrame({"year": [0.0, 25.0, 30.0, 35.0]}))[:, 1:]
    assert out[2] - out[1] == pytest.approx(out[1] - out[0]) and start == pytest.approx(np.zeros(4))


def test_the_reference_is_the_one_that_is_said():
    shares, about = world(5)
    found = effects_of_shares(shares, about, "ref(voice, b)", about["witness"], draws=150).contrasts
    assert set(found["reference"]) == {"b"} and set(found["level"]) == {"a"}


@pytest.mark.parametrize(
    ("formula", "change", "said"),
    [
        ("voice + nothing", {}, "'nothing', which is no column\n  allowed: voice, year, witness"),
        ("voice + (year", {}, "voice \\+ \\(year"),
        ("0 + voice", {}, "no mean"),
        ("voice", {"a000": ""}, "nothing for a000"),
        ("ref(voice, c)", {}, "'c'"),
        ("cr(year, df=40)", {}, "df=40"),
        ("voice + copy", {}, "follows from the others"),
        ("witness", {}, "columns for 24 witnesses"),
        ("voice", "alone", "'z' with 1 witness"),
        ("one", {}, "one"),
    ],
)
def test_what_cannot_be_told_is_refused(formula, change, said):
    shares, about = world(6)
    about = about.assign(one="x", copy=about["voice"].map({"a": "c", "b": "d"}))[
        [
            "voice",
            "year",
            "witness",
            *([formula] if formula == "one" else ["copy"] if "copy" in formula else []),
        ]
    ]
    if change == "alone":
        about.loc[about["witness"] == "w0", "voice"] = "z"
    elif change:
        about.loc[list(change), "voice"] = list(change.values())
    refuses(said, effects_of_shares, shares, about, formula, about["witness"], draws=150)


def test_articles_that_the_table_lacks_are_told():
    shares, about = world(8)
    found = effects_of_shares(shares, about.iloc[2:], "voice", about["witness"], draws=150)
    assert list(found.left_out["article"]) == ["a000", "a001"]
    with pytest.raises(Refused, match="none of a000"):
        effects_of_shares(shares, about.set_axis([f"b{n}" for n in range(len(about))]), "voice", draws=150)
