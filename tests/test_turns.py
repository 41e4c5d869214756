"""Turns and words over time: what is planted is found where it is, what is flat is not flagged, gaps stay gaps."""

import numpy as np
import pandas as pd
import pytest
from worlds import WORDS, YEARS, spoken
from worlds import with_a_break as world

from nqp_topics import compare
from nqp_topics.study import Refused


@pytest.fixture(scope="module")
def table():
    run, counts, dates, _ = world()
    return compare.turns(run, counts, dates, draws=400)


def test_a_planted_break_is_found_where_it_is_with_its_words_and_nothing_else(table):
    found = table[table["turn"]].set_index(["topic", "of"])
    assert set(found.index) == {("T01", "share"), ("T02", "share"), ("T03", "words")}
    assert (found["time"] == "2010").all() and (found["since"] == "2007").all()  # between them lies the gap
    assert found.loc[("T01", "share"), "change"] == pytest.approx(0.3, abs=0.05)
    words = found.loc[("T03", "words")]
    assert words["more"].split()[0] == "词7" and words["less"].split()[0] == "词6" and words["change"] > 0.4
    assert (table.loc[~table["turn"], ["more", "less"]] == "").all().all()


def test_numbers_are_those_of_the_definition(table):
    run, counts, dates, _ = world()
    shares, year = run.articles(counts), pd.Series(dates).astype(int)
    row = table[(table["topic"] == "T02") & (table["of"] == "share") & (table["time"] == "2012")].iloc[0]
    sides = [[2006, 2007, 2010, 2011], [2012, 2013, 2014, 2015, 2016]]
    sides[0].insert(0, 2005)  # five moments that have articles
    for name, side in zip(("before", "after"), sides, strict=True):
        here = shares.index[year.loc[shares.index].isin(side)]
        assert row[name] == pytest.approx(shares.loc[here, "T02"].mean())
    assert (row["articles_before"], row["articles_after"]) == (15, 15)
    assert row["change"] == pytest.approx(row["after"] - row["before"])
    assert ((table["p"] > 0) & (table["p"] <= 1) & (table["bh"] >= 0)).all()
    assert ((table["strength"] > table["chance"]) <= (table["p"] < 0.051)).all()
    words = table[table["of"] == "words"]
    assert words["before"].isna().all() and words["change"].between(0, 1).all()
    assert table["time"].min() == "2003" and table["time"].max() == "2017"  # half a span at either end


def test_the_order_of_articles_changes_nothing(table):
    run, counts, dates, _ = world(lambda rows: sorted(rows, key=lambda name: name[::-1]))
    again = compare.turns(run, counts, dates, draws=400)
    exact = ["topic", "of", "time", "turn", "more", "less"]
    assert again["p"].tolist() == table["p"].tolist()
    pd.testing.assert_frame_equal(again[exact], table[exact])


def test_a_change_of_voices_is_no_turn_where_they_are_held():
    run, counts, dates, voice = world(voices=True)
    plain, held = (compare.turns(run, counts, dates, held=h, draws=200) for h in (None, voice))
    first = [t[(t["topic"] == "T01") & (t["of"] == "share")] for t in (plain, held)]
    assert first[0]["p"].min() < 0.05 < first[1]["p"].min()


def test_what_one_witness_says_is_laid_out_whole():
    run, counts, dates, _ = world()
    early = {name: ("one" if int(date) < 2010 else "other") for name, date in dates.items()}
    table = compare.turns(run, counts, dates, within=early, draws=200)
    assert not table["turn"].any() and table["p"].min() > 0.3  # two witnesses have two orders


@pytest.mark.parametrize("alone", [True, False])
def test_what_one_article_says_in_a_sparse_year_is_no_turn(alone):
    usual, rng = np.kron(np.eye(2), np.full(6, 1 / 6)), np.random.default_rng(3)
    years, rows, dates = [2012, 2014, 2016, *[2018] * 3, *[2019] * 46, *[2020] * 9, *[2021] * 2], {}, {}
    for number, year in enumerate(years):
        own = np.array([rng.dirichlet(60 * words + 1e-9) for words in usual])  # each has its words
        if number < (1 if alone else 3):
            own[0] = np.eye(12)[0]
        share = 0.9 if number < (1 if alone else 3) else 0.005 if number < 6 else 0.3
        rows[name := f"a{year}-{number}"] = ((share, 1 - share), own)
        dates[name] = str(year)
    table = compare.turns(*spoken(rows, usual), dates, draws=300)
    words = table[(table["topic"] == "T01") & (table["of"] == "words")]
    assert words[["p", "bh"]].min().max() < 0.05  # it differs beyond chance …
    assert words["turn"].sum() == (0 if alone else 1)  # … and says nothing of its time


def test_one_odd_article_of_three_is_rarely_a_turn_and_three_alike_are_one():
    words, found = np.kron(np.eye(4), np.full(3, 1 / 3)), {1: 0, 3: 0}
    years = [2000, 2002, 2004, *[2005] * 2, *[2006] * 10, *[2007] * 10, *[2008] * 6, *[2009] * 4, *[2010] * 3]
    for seed in range(20):
        for odd in found:
            rng, rows, dates = np.random.default_rng(seed), {}, {}
            for number, year in enumerate(years):
                share = 0.5 + 0.2 * (odd == 1) if number < odd else 0.1
                mean = np.array([share, *(1 - share) * np.array([0.56, 0.28, 0.16])])
                rows[name := f"a{year}-{number}"] = (rng.dirichlet(30 * mean), words)
                dates[name] = str(year)
            table = compare.turns(*spoken(rows, words), dates, draws=100)
            found[odd] += table.loc[(table["topic"] == "T01") & (table["of"] == "share"), "turn"].any()
    assert found[1] <= 1 and found[3] >= 18, found


def test_words_that_change_places_are_first_and_last_inside_their_topic():
    run, counts, dates, _ = world()
    words = compare.words_over_time(run, counts, dates, "T03")
    assert words["word"].iloc[0] == "词7" and words["word"].iloc[-1] == "词6"
    ends = words.iloc[[0, -1]]
    assert (ends["bh"] < 0.001).all() and (np.sign(ends["low"]) == np.sign(ends["high"])).all()
    assert set(words["word"]) == set(WORDS[6:9])
    assert (words["low"] <= words["rise"]).all() and (words["rise"] <= words["high"]).all()
    flat = compare.words_over_time(run, counts, dates, "T01")  # its share breaks, its words do not
    assert (flat["bh"] > 0.05).all()
    course = compare.word_course(run, counts, dates, "T03", ["词6"]).set_index("time")
    assert course.index.tolist() == [str(year) for year in range(2000, 2020)]
    assert course.loc[["2008", "2009"], "per_thousand"].isna().all() and (course.loc["2008"] == 0)["articles"]
    early = course.loc["2000":"2005"]
    mean = (early["per_thousand"] * early["tokens"]).sum() / early["tokens"].sum()
    assert words.set_index("word").loc["词6", "early"] == pytest.approx(mean)


def test_a_rise_is_the_slope_that_was_planted():
    usual, rng = np.kron(np.eye(2), np.full(6, 1 / 6)), np.random.default_rng(6)
    rows, dates = {}, {}
    for year in YEARS:
        now = usual.copy()
        now[0, 0] = 0.1 * np.exp(1.5 * ((year - 2000) / 19 - 0.5))
        now[0, 1:6] = (1 - now[0, 0]) / 5
        for number in range(6):
            rows[f"a{year}-{number}"] = (rng.dirichlet([5, 5]), now)
            dates[f"a{year}-{number}"] = str(year)
    run, counts = spoken(rows, usual, 200)
    row = compare.words_over_time(run, counts, dates, "T01").iloc[0]
    assert row["word"] == "词0" and row["rise"] == pytest.approx(1.5, abs=0.25)
    assert row["low"] < 1.5 < row["high"] and row["high"] - row["low"] < 0.6


@pytest.mark.parametrize(
    ("verb", "change", "says"),
    [
        ("turns", {"dates": {f"a2000-{n}": "2000" for n in range(3)}}, "3 dated articles of 54.*at least 20"),
        ("turns", {"dates": {"a2000-0": "May"}}, r"turns\(dates\) a2000-0.*May"),
        ("turns", {"span": 1}, "span.*whole number from 2 on"),
        ("turns", {"by": "week"}, "week.*year, month"),
        ("turns", {"within": {"nobody": "x"}}, "witnesses of nobody"),
        ("turns", {"draws": 1, "least": -1}, "least.*draws|draws.*least"),
        ("words_over_time", {"topic": "T09"}, "T09.*does not exist"),
        ("words_over_time", {"by": "month"}, "a2000-0.*a month"),
        ("words_over_time", {"dates": {}}, "0 dated articles of 54"),
        ("word_course", {"words": ["nothing"]}, "nothing.*does not exist"),
    ],
)
def test_what_cannot_be_told_is_refused(verb, change, says):
    run, counts, dates, _ = world()
    given = {"dates": dates} | ({"topic": "T01"} if verb != "turns" else {})
    given |= {"words": ["词0"]} if verb == "word_course" else {}
    with pytest.raises(Refused, match=f"(?s){says}"):
        getattr(compare, verb)(run, counts, **(given | change))
