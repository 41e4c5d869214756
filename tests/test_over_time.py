"""Shares over time: what is planted is found, gaps stay gaps, and too few dated articles are refused."""

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from scipy import sparse
from worlds import run_of

from nqp_topics import compare
from nqp_topics.counts import Counts


def planted(shares):
    """A run of one passage an article, whose shares are given: article → shares."""
    ids = tuple(shares)
    rows = np.array(list(shares.values()))
    counts = Counts(ids, ("甲", "乙"), sparse.csr_array(np.full((len(ids), 2), 10)), ids)
    return run_of(counts, np.full((rows.shape[1], 2), 0.5), rows, 1), counts


def years(means, each, seed=3, strength=30.0):
    """Articles drawn round the mean of their year: shares and dates."""
    rng = np.random.default_rng(seed)
    shares, dates = {}, {}
    for year, mean in means.items():
        for number in range(each):
            name = f"a{year}-{number}"
            shares[name], dates[name] = rng.dirichlet(strength * np.array(mean)), str(year)
    return *planted(shares), dates


RISING = {2000 + n: [0.1 + 0.04 * n, 0.5 - 0.04 * n, 0.4] for n in range(10) if n != 4}


def test_a_planted_rise_is_found_a_level_course_is_not_and_a_gap_stays_a_gap():
    run, counts, dates = years(RISING, 8)
    table = compare.over_time(run.articles(counts), dates, draws=400).set_index(["topic", "time"])
    assert not table.loc["T01", "flat"].any() and table.loc["T03", "flat"].all()
    numbers = ["share", "low", "high", "band_low", "band_high"]
    gap = table.xs("2004", level="time")
    assert gap[numbers].isna().all().all() and gap["note"].str.contains("gap").all()
    assert (gap["articles"] == 0).all()
    told = table.drop(index="2004", level="time")
    assert told[numbers].notna().all().all() and (told["dated"] == 72).all() and (told["note"] == "").all()
    assert (told["band_low"] <= told["low"]).all() and (told["high"] <= told["band_high"]).all()
    assert ((told["low"] <= told["share"]) & (told["share"] <= told["high"])).all()
    truth = [RISING[int(time)][0] for time in told.loc["T01"].index]
    assert np.abs(told.loc["T01", "share"] - truth).max() < 0.05
    assert np.allclose(told["share"].groupby("time").sum(), 1)


def test_means_are_those_of_the_definition_whatever_the_order():
    run, counts, dates = years(RISING, 8)
    shares = run.articles(counts)
    of = pd.Series(dates).loc[shares.index]
    alone = compare.over_time(run.articles(counts), dates, smooth=0, draws=200).set_index(["topic", "time"])[
        "share"
    ]
    assert alone["T02", "2003"] == pytest.approx(shares.loc[of == "2003", "T02"].mean())
    near = compare.over_time(run.articles(counts), dates, smooth=1, draws=200).set_index(["topic", "time"])[
        "share"
    ]
    weights = of.map({"2006": 0.5, "2007": 1.0, "2008": 0.5}).fillna(0.0)
    assert near["T02", "2007"] == pytest.approx((shares["T02"] * weights).sum() / weights.sum())
    # beside a gap only what is there counts
    weights = of.map({"2005": 1.0, "2006": 0.5}).fillna(0.0)
    assert near["T02", "2005"] == pytest.approx((shares["T02"] * weights).sum() / weights.sum())
    ids = sorted(counts.ids, key=lambda name: name[::-1])
    turned, some = planted({name: run.passages.loc[name].to_numpy() for name in ids})
    a, b = (compare.over_time(r.articles(c), dates, draws=200) for r, c in ((run, counts), (turned, some)))
    pd.testing.assert_frame_equal(a, b, check_exact=True)


def test_a_change_of_voices_is_not_taken_for_a_change_in_time():
    shares, dates, voice = {}, {}, {}
    rng = np.random.default_rng(5)
    for year in range(2000, 2010):
        for number in range(10):
            name = f"a{year}-{number}"
            voice[name] = "press" if number < year - 1999 - (year == 2009) else "party"
            mean = [0.6, 0.2, 0.2] if voice[name] == "press" else [0.2, 0.6, 0.2]
            shares[name], dates[name] = rng.dirichlet(50 * np.array(mean)), f"{year}-03"
    run, counts = planted(shares)
    plain = compare.over_time(run.articles(counts), dates, draws=200).set_index(["topic", "time"])
    held = compare.over_time(run.articles(counts), dates, held=voice, draws=200).set_index(["topic", "time"])
    assert not plain.loc["T01", "flat"].any() and held.loc["T01", "flat"].all()
    assert held.loc["T01", "share"].max() - held.loc["T01", "share"].min() < 0.1
    apart = compare.over_time(run.articles(counts), dates, groups=voice, draws=200)
    level = apart[apart["topic"] == "T01"].groupby("group")["share"].mean()
    assert level["press"] == pytest.approx(0.6, abs=0.05) and level["party"] == pytest.approx(0.2, abs=0.05)
    # a year in which one voice is silent has no mean with both held
    silent = {name: date for name, date in dates.items() if not (date < "2003" and voice[name] == "press")}
    gone = compare.over_time(run.articles(counts), silent, held=voice, draws=200).set_index(["topic", "time"])
    assert "no article of press" in gone.loc[("T01", "2000"), "note"]
    assert np.isnan(gone.loc[("T01", "2000"), "share"])


def test_what_one_witness_says_makes_bands_wider():
    run, counts, dates = years(RISING, 8)
    speaks = {name: f"{name[:5]}-{int(name[-1]) // 4}" for name in dates}
    wide, plain = (
        compare.over_time(run.articles(counts), dates, within=w, draws=200) for w in (speaks, None)
    )
    assert (wide["witnesses"] <= plain["witnesses"] + 1e-9).all()
    one = dict.fromkeys(dates, "one")
    alone = compare.over_time(run.articles(counts), dates, within=one, draws=200)
    assert alone["low"].isna().all()
    assert alone["note"].isin(["one witness: no interval", "no article: a gap"]).all()
    assert alone["flat"].all() and alone.loc[alone["articles"] > 0, "share"].notna().all()


def test_months_are_read_and_stand_in_order():
    rng = np.random.default_rng(2)
    dates = {f"a{n:02d}": f"{2000 + n // 24}年{n % 12 + 1}月" for n in range(48)}
    run, counts = planted({name: rng.dirichlet([3, 3, 3]) for name in dates})
    table = compare.over_time(run.articles(counts), dates, by="month", draws=200)
    assert table.loc[table["topic"] == "T01", "time"].tolist()[:2] == ["2000-01", "2000-02"]
    assert table["time"].max() == "2001-12" and table["dated"].eq(48).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"dates": {f"a2000-{n}": "2000" for n in range(8)}}, "8 dated articles of 72.*at least 20"),
        ({"dates": {"a2000-0": "last May", "a2000-1": "2001-13"}}, "a2000-0.*last May.*a2000-1.*2001-13"),
        ({"by": "month"}, "a2000-0.*a month, as 2015-03"),
        ({"by": "week"}, "week.*year, month"),
        ({"smooth": -1}, "smooth.*whole number from 0"),
        (
            {"groups": {f"a{y}-{n}": "x" if n else "y" for y in RISING for n in range(8)}},
            r"groups\) y.*9 dated",
        ),
        ({"within": {"nobody": "x"}}, "witnesses of nobody"),
        ({"held": {"nobody": "x"}}, "none with a group or voice"),
    ],
)
def test_a_course_that_cannot_be_told_is_refused(change, says):
    run, counts, dates = years(RISING, 8)
    refuses(f"(?s){says}", compare.over_time, run.articles(counts), **{"dates": dates} | change)
