"""Figures of time and of effects say what their tables say: lines, bands, gaps, marks and shades are read back off the axes."""

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from worlds import with_a_break as world

from nqp_topics import compare, figures
from nqp_topics.figures import page
from nqp_topics.study import Refused

pytestmark = pytest.mark.usefixtures("few_dots")

LABELS = pd.DataFrame(
    {
        "topic": ["T01", "T02", "T03", "T04"],
        "en": ["One", "Two", "Three", "Four"],
        "zh": ["甲题", "乙题", "丙题", "丁题"],
    }
)
YEARS = [str(year) for year in range(2000, 2020)]
GAPS = {"2008", "2009"}


@pytest.fixture(scope="module")
def planted():
    run, counts, dates, _ = world()
    return run, counts, dates


@pytest.fixture(scope="module")
def course(planted):
    return figures.over_years(*planted, labels=LABELS).table


@pytest.fixture(scope="module")
def words(planted):
    return figures.rising_words(*planted, labels=LABELS).table


@pytest.fixture(scope="module")
def effects(planted):
    run, counts, dates = planted
    late = {name: "late" if date > "2009" else "early" for name, date in dates.items()}
    about = pd.DataFrame({"late": late})
    return compare.effects(run, counts, about, "late", draws=400)


def test_one_call_is_the_same_as_the_steps(planted, course, words):
    run, counts, dates = planted
    steps = figures.over_years.table(
        compare.over_time(run.articles(counts), dates), None, compare.turns(run, counts, dates), LABELS
    )
    pd.testing.assert_frame_equal(course, steps)
    moved = {topic: compare.words_over_time(run, counts, dates, topic) for topic in run.names}
    shown = {
        topic: list(dict.fromkeys(part["word"]))
        for topic, part in words[words["word"] != ""].groupby("topic")
    }
    named = {name: compare.word_course(run, counts, dates, name, shown.get(name, [])) for name in run.names}
    pd.testing.assert_frame_equal(words, figures.rising_words.table(moved, named, LABELS))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_course_is_drawn_as_it_is_with_its_gaps_and_its_turns(course, language):
    drawing = figures.over_years.draw(course, language)
    panels = [axes for axes in drawing.axes if axes.get_visible()]
    for axes, (topic, part) in zip(panels, course.groupby("topic"), strict=True):
        line = axes.lines[2].get_ydata()  # behind those of other seeds
        assert np.allclose(line, part["share"], equal_nan=True)
        assert {year for year, share in zip(YEARS, line, strict=True) if np.isnan(share)} == GAPS
        wide, narrow = (
            np.concatenate([p.vertices for p in band.get_paths()])[:, 1] for band in axes.collections[:2]
        )
        assert wide.max() == pytest.approx(part["band_high"].max())
        assert narrow.max() == pytest.approx(part["high"].max())
        marks = [
            dots
            for dots in axes.collections
            if len(getattr(dots, "_sizes", ())) and dots.get_sizes().max() > 6
        ]
        at = sorted(float(dots.get_offsets()[0, 0]) for dots in marks)
        turned = part[part["turn"] | part["turn_words"]]["time"]
        # between this year and the one before
        assert at == sorted(YEARS.index(time) - 0.5 for time in turned)
        called = LABELS.set_index("topic").loc[topic, language]
        assert called in axes.get_title(loc="left").replace("\n", "")
        assert axes.get_ylim()[1] >= part["band_high"].max()
    texts = [text.get_text() for legend in drawing.legends for text in legend.get_texts()]
    assert figures.label("turn", language) in texts and figures.label("turn_words", language) in texts


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_one_witness_says_sets_no_scale_and_is_marked_at_the_edge(course, language):
    table = course.copy()
    of = (table["topic"] == "T04") & table["time"].isin(["2005", "2006", "2007"])
    bands = ["share", "low", "high", "band_low", "band_high", "run_low", "run_high"]
    table.loc[of, bands] = np.nan
    table.loc[of & (table["time"] == "2006"), ["share", "run_low", "run_high"]] = 0.1, 0.1, 0.9
    drawing, plain = (figures.over_years.draw(rows, language) for rows in (table, course))
    axes, top = drawing.axes[3], 1.22 * table.loc[table["topic"] == "T04", "band_high"].max()
    assert axes.get_ylim()[1] == pytest.approx(top) and top < 0.9
    assert [YEARS.index("2006"), pytest.approx(top)] in [
        list(dots.get_offsets()[0]) for dots in axes.collections if len(dots.get_offsets())
    ]
    beyond = figures.label("beyond the scale", language)
    texts = [{t.get_text() for legend in d.legends for t in legend.get_texts()} for d in (drawing, plain)]
    assert beyond in texts[0] and beyond not in texts[1]
    english, chinese = figures.over_years.says(table)
    assert english.endswith("seed): T04 2006 (90%).") and chinese.endswith("T04 2006年（90%）。")
    assert "Beyond" not in figures.over_years.says(course)[0]


def test_what_is_said_of_a_course_is_what_its_table_holds(course):
    english, chinese = figures.over_years.says(course)
    assert "4 topics from 2000 to 2019 in 54 dated articles; no article in 2008–2009." in english
    moved = course[~course["flat"].astype(bool)]["topic"].nunique()
    assert f"In {moved} of them no level line" in english and f"其中{moved}个主题" in chinese
    # nothing is known of the two years before: the turn lies somewhere between
    assert "T01 (One) between 2007 and 2010" in english and "T01（甲题）2007至2010年间" in chinese
    assert "T04" not in english
    turns = course[course["turn"]]
    assert f"{turns['topic'].nunique()} topics turn beyond chance, at {len(turns)} moments" in english
    flat = course[course["topic"] == "T04"]
    assert "shares of" not in figures.over_years.says(flat)[0]


def test_groups_stand_side_by_side_and_are_said_in_the_legend(planted):
    run, counts, dates = planted
    side = {name: ("甲组" if int(name[-1]) == 0 or name[-3] == "1" else "乙组") for name in dates}
    shown = figures.over_years(run, counts, dates, groups=side)
    assert set(shown.table["group"]) == {"甲组", "乙组"} and not shown.table["turn"].any()
    drawing = shown.draw("zh")
    assert {"甲组", "乙组"} <= {text.get_text() for legend in drawing.legends for text in legend.get_texts()}
    lines = [line for line in drawing.axes[0].lines if len(line.get_xdata()) == len(YEARS)]
    for group in ("甲组", "乙组"):
        part = shown.table[(shown.table["topic"] == "T01") & (shown.table["group"] == group)]
        assert any(np.allclose(line.get_ydata(), part["share"], equal_nan=True) for line in lines)


def test_of_words_that_only_fall_a_sentence_begins_with_them(words):
    falls = words[words["way"] == "falls"]
    english, chinese = figures.rising_words.says(falls)
    assert " Most clearly fall, from the first third of the time to the last: " in english
    assert "从前三分之一到后三分之一时段，下降最明显的：" in chinese
    rises, falls = (figures.rising_words.says(part)[0] for part in (words[words["way"] == "rises"], words))
    assert " Most clearly rise, from " in rises and rises.endswith("per thousand).")
    assert "; fall: " in falls and falls.endswith("per thousand).")


def test_months_are_no_years():
    months = [f"{year}-{month:02d}" for year in (2014, 2015, 2016) for month in range(1, 13)]
    table = pd.DataFrame(
        {"topic": "T01", "en": "T01", "zh": "T01", "group": "", "time": months, "share": 0.2}
    )
    table = table.assign(flat=False, dated=40, since="", turn=table["time"] == "2015-10", turn_words=False)
    table = table.assign(before=0.1, after=0.3, low=0.1, high=0.3, band_high=0.4, run_high=0.2)
    table = table.replace({"since": {"": "2015-09"}})
    chinese = figures.over_years.says(table)[1]
    assert "2014-01至2016-12。" in chinese and "2015-10，10%→30%" in chinese
    assert [months[n] for n in page.round_moments(months)] == ["2014-01", "2015-01", "2016-01"]
    years = [str(year) for year in range(2011, 2019)]  # none of them ends with 0
    assert [years[n] for n in page.round_moments(years, 5)] == ["2012", "2014", "2016", "2018"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_words_are_shaded_by_their_rate_and_gaps_are_hatched(words, language):
    drawing = figures.rising_words.draw(words, language)
    axes = next(a for a in drawing.axes if "T03" in a.get_title(loc="left"))
    part = words[words["topic"] == "T03"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["词7 ▲", "词6 ▽"]
    shades = axes.images[0].get_array()
    for row, word in enumerate(["词7", "词6"]):
        rates = part[part["word"] == word].set_index("time")["per_thousand"]
        times = sorted(rates.index)
        expected = (rates / rates.max()).reindex(times).to_numpy()
        assert np.allclose(np.ma.filled(shades[row], np.nan), expected, equal_nan=True)
    hatched = [box for box in axes.collections if box.get_hatch()]
    assert len(hatched) == len(GAPS)
    rates = [text.get_text() for text in axes.texts]
    one = part.drop_duplicates("word")
    assert rates == [f"{row.early:.1f} → {row.late:.1f}" for row in one.itertuples()]
    assert "词7 (T03" in figures.rising_words.says(words)[0]
    assert "词6（T03" in figures.rising_words.says(words)[1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_contrasts_are_drawn_where_they_are_filled_where_beyond_chance(effects, language):
    table = figures.effect_sizes.table(effects, None, LABELS)
    drawing = figures.effect_sizes.draw(table, language)
    for axes, row in zip(drawing.axes, table.itertuples(), strict=True):
        dots = axes.collections[-1]
        assert dots.get_offsets()[0, 0] == pytest.approx(row.estimate)
        assert (dots.get_facecolor()[0, :3].min() < 0.99) == (row.bh < 0.05)
        low, high = axes.collections[1].get_segments()[0][:, 0]
        assert (low, high) == (pytest.approx(row.low), pytest.approx(row.high))
        assert axes.get_xlim()[0] <= row.low and row.high <= axes.get_xlim()[1]
    assert "late" in drawing.axes[0].get_yticklabels()[0].get_text()
    english, chinese = figures.effect_sizes.says(table)
    assert f"{int((table['bh'] < 0.05).sum())} of 4 contrasts" in english
    best = table.loc[table["estimate"].abs().idxmax()]
    assert (
        f"{best['topic']} ({best['en']}), late against early: {100 * best['estimate']:+.1f}".replace("-", "−")
        in english
    )
    assert "相对" in chinese


def test_tables_of_something_else_are_refused(planted, course):
    run, counts, dates = planted
    other = compare.over_time(run.articles(counts), dates, draws=100).assign(run_low=0.0, run_high=1.0)
    other["share"] = other["share"] + 0.01
    with pytest.raises(Refused, match="same run"):
        figures.over_years.table(compare.over_time(run.articles(counts), dates, draws=100), other)
    refuses(r"compare\.over_time", figures.over_years.table, course.drop(columns="share"))
    with pytest.raises(Refused, match=r"compare\.turns"):
        figures.over_years.table(compare.over_time(run.articles(counts), dates, draws=100), None, course)
    refuses(r"compare\.effects", figures.effect_sizes.table, course)
    refuses(r"compare\.words_over_time", figures.rising_words.table, {"T01": course}, {})


def test_a_contrast_that_turns_round_with_another_seed_is_not_beyond_chance_in_every_run(effects):
    table = figures.effect_sizes.table(effects, None, LABELS).assign(bh=0.01, run_bh=0.02, run_p=0.01)
    table = table.assign(run_low=table["estimate"] * 0.9, run_high=table["estimate"] * 1.1)
    many = len(table)
    assert (
        f"{many} of {many} contrasts are beyond chance in every run that has the topic, with one sign"
        in figures.effect_sizes.says(table)[0]
    )
    table.loc[0, "run_low"] = -table.loc[0, "estimate"]
    english, chinese = figures.effect_sizes.says(table)
    assert f"{many - 1} of {many} contrasts" in english and f"{many}个对比中有{many - 1}个" in chinese
    axes = figures.effect_sizes.draw(table).axes
    filled = [one.collections[-1].get_facecolor()[0, :3].min() < 0.99 for one in axes]
    assert filled == [False, *[True] * (many - 1)]


@pytest.mark.parametrize("name", ["over_years", "rising_words", "effect_sizes"])
def test_a_saved_figure_is_read_back_as_it_was(name, course, words, effects, tmp_path):
    sizes = figures.effect_sizes.table(effects)
    table = {"over_years": course, "rising_words": words, "effect_sizes": sizes}[name]
    table = table[table["topic"].isin(["T01", "T03"])].reset_index(drop=True)  # fewer panels, same columns
    figure = figures.FIGURES[name]
    figure.of(table).save(tmp_path / name)
    again = figures.saved(tmp_path / name)
    assert again.sentences == figure.says(table)
    assert again.draw("zh", "single").axes[0].get_title(loc="left").startswith("T01")
    filled = table.astype(object).where(table.notna(), "")
    pd.testing.assert_frame_equal(
        again.table.astype(object).where(again.table.notna(), ""), filled, check_dtype=False
    )


def test_where_no_word_of_any_topic_moves_that_is_shown():
    """Of a short study no word may move: the figure says so, and is drawn."""
    row = {"word": ["甲"], "count": [9.0], "early": [1.0], "late": [1.0]}
    row |= {"rise": [0.0], "low": [-1.0], "high": [1.0]}
    moved = {
        topic: pd.DataFrame(row | {"z": [0.1], "p": [0.9], "bh": [0.9], "articles": [3]})
        for topic in ("T01", "T02")
    }
    courses = {
        topic: pd.DataFrame(columns=["word", "time", "per_thousand", "tokens", "articles"]) for topic in moved
    }
    table = figures.rising_words.table(moved, courses)
    assert table["topic"].tolist() == ["T01", "T02"] and (table["word"] == "").all()
    for said, language in zip(figures.rising_words.says(table), ("en", "zh"), strict=True):
        drawing = figures.rising_words.draw(table, language)
        assert not drawing.axes and said == figures.label("no word moves", language).format(many=2)
        lines = "".join(text.get_text() for text in drawing.texts)
        assert lines.replace(" ", "") == said.replace(" ", "")
