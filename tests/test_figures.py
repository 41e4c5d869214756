"""Figures say what their tables say: numbers are read back off the axes."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, refuses
from scipy import sparse
from worlds import of_four_kinds as planted
from worlds import run_of

from nqp_topics import figures
from nqp_topics.choose import SCORES, Stability
from nqp_topics.counts import Counts
from nqp_topics.figures.corpus import year_of
from nqp_topics.figures.lineage import arranged
from nqp_topics.figures.look import as_p
from nqp_topics.figures.saved import table_of
from nqp_topics.study import Refused
from nqp_topics.topics.engines import Common

FIGURES_OF_STUDIES = sorted([*ROOT.glob("figures/*.pdf"), *ROOT.glob("studies/*/figures/*.pdf")])


@pytest.fixture
def table():
    rng = np.random.default_rng(7)
    voices = ["academic"] * 9 + ["interview"] * 4 + ["leader_speech"] * 6
    years = ["2019", "2020", ""] * 6 + ["2020"]
    return pd.DataFrame(
        {
            "id": [f"a{n}" for n in range(19)],
            "source": "s",
            "voice": voices,
            "year": years,
            "passages": rng.integers(1, 30, 19),
            "han": rng.integers(80, 9000, 19),
        }
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_corpus_shows_every_article_at_its_length_in_its_row(table, language):
    left, _ = figures.corpus.draw(table, language).axes
    order = table["voice"].value_counts().index.tolist()
    for voice, dots in zip(order, left.collections, strict=True):
        shown = sorted(dots.get_offsets()[:, 0].tolist())
        assert shown == sorted(table.loc[table["voice"] == voice, "han"].tolist())
    ticks = [tick.get_text() for tick in left.get_yticklabels()]
    assert ticks == [f"{figures.label(v, language)}  {sum(table['voice'] == v)}" for v in order]


def test_corpus_shows_an_article_without_a_character_and_few_of_them_on_its_scale(table):
    left, _ = figures.corpus.draw(table.assign(han=[0, 12, *table["han"][2:]])).axes
    assert min(dots.get_offsets()[:, 0].min() for dots in left.collections) == 1
    assert {"10", "100"} <= {tick.get_text() for tick in left.get_xticklabels()}


def test_groups_keep_their_colours_where_some_articles_have_none():
    of = [figures.styles.styles(names, "double")["乙"] for names in (["乙", "甲"], ["乙", "", "甲"])]
    assert of[0] == of[1]


def test_corpus_dots_stay_in_their_row_and_apart(table):
    crowd = pd.concat([table] * 3, ignore_index=True)
    left, _ = figures.corpus.draw(crowd).axes
    for row, dots in enumerate(left.collections):
        places = dots.get_offsets()
        assert np.abs(places[:, 1] - row).max() < 0.5


def test_corpus_shows_every_dated_article_at_its_year_and_counts_the_undated(table):
    _, below = figures.corpus.draw(table, "zh").axes
    places = [tuple(spot) for dots in below.collections for spot in dots.get_offsets().tolist()]
    assert sorted(places) == [(2019, n + 0.5) for n in range(6)] + [(2020, n + 0.5) for n in range(7)]
    assert "6篇无日期" in below.get_xlabel()


def test_lengths_shows_the_classes_of_the_table():
    passages = pd.DataFrame({"han": [10, 50, 60, 60, 149, 151]})
    counted = figures.lengths.table(passages, 50)
    assert counted["passages"].tolist() == [2, 2, 1, 1]
    (axes,) = figures.lengths.draw(counted).axes
    assert [bar.get_height() for bar in axes.patches] == [2, 2, 1, 1]
    assert [bar.get_x() for bar in axes.patches] == [0, 50, 100, 150]


def test_save_writes_both_languages_and_the_table_and_from_what_it_wrote_the_same_bytes(table, tmp_path):
    from PIL import Image

    figures.corpus.of(table, "f" * 64).save(tmp_path / "one" / "corpus")
    figures.saved(tmp_path / "one" / "corpus").save(tmp_path / "two" / "corpus")
    names = ["corpus.csv", "corpus.pdf", "corpus.png", "corpus.zh.pdf", "corpus.zh.png"]
    assert sorted(f.name for f in (tmp_path / "one").iterdir()) == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    back = pd.read_csv(tmp_path / "one" / "corpus.csv", dtype={"year": str}, keep_default_na=False)
    pd.testing.assert_frame_equal(back, table, check_dtype=False)
    pdf = (tmp_path / "one" / "corpus.zh.pdf").read_bytes()
    assert b"/FontFile2" in pdf and b"/Type3" not in pdf
    assert re.search(rb"/BaseFont /[A-Z+]*NotoSansSC", pdf)
    with Image.open(tmp_path / "one" / "corpus.zh.png") as image:
        assert image.text["Description"] == figures.corpus.says(table)[1]
        assert round(image.info["dpi"][0]) == 300


@pytest.mark.parametrize(
    "file", FIGURES_OF_STUDIES, ids=lambda file: f"{file.parent.parent.name}/{file.stem}"
)
def test_a_figure_of_a_study_holds_the_letters_it_is_set_in_and_no_name_is_cut_short(file):
    from pypdfium2 import PdfDocument

    written = file.read_bytes()
    assert b"/FontFile2" in written and b"/Type3" not in written
    assert set(re.findall(rb"/BaseFont /(?:[A-Z]{6}\+)?([\w-]+)", written)) == {b"NotoSansSC-Regular"}
    assert "…" not in PdfDocument(written)[0].get_textpage().get_text_bounded()


def test_a_letter_that_the_font_lacks_stops_the_figure(table, tmp_path):
    strange = table.assign(voice=table["voice"].replace("interview", "\u1780"))
    with pytest.raises(Refused, match=r"U\+1780"):
        figures.corpus.of(strange).save(tmp_path / "corpus")
    assert not list(tmp_path.iterdir())


def test_settings_of_others_are_left_alone(table):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figures.corpus.draw(table)
    assert dict(mpl.rcParams) == before


def test_an_unknown_page_is_refused(table):
    refuses("double", figures.corpus.draw, table, page="poster")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_telling_words_are_read_back_from_their_panels(language):
    rows = [("academic", 9, n, f"词{n}", 10.0 - n) for n in range(1, 5)]
    rows += [("interview", 6, n, f"语{n}", 5.0 - n) for n in range(1, 4)]
    words = pd.DataFrame(rows, columns=["group", "articles", "rank", "word", "z"])
    words["chance"] = words["group"].map({"academic": 7.5, "interview": 4.5})
    panels = [axes for axes in figures.telling_words.draw(words, language).axes if axes.get_visible()]
    for axes, (group, part) in zip(panels, words.groupby("group"), strict=True):
        assert [tick.get_text() for tick in axes.get_yticklabels()] == part["word"].tolist()
        assert axes.collections[-1].get_offsets()[:, 0].tolist() == part["z"].tolist()
        assert axes.lines[0].get_xdata()[0] == part["chance"].iloc[0]
        assert axes.get_title(loc="left") == f"{figures.label(group, language)}  {part['articles'].iloc[0]}"


def test_topic_words_show_a_subset_of_topics_and_words_with_their_weights():
    run, _ = planted()
    labels = pd.DataFrame({"topic": ["T03"], "en": ["Three"], "zh": ["三"]})
    words = figures.topic_words.table(run, labels, 3, only=["T01", "T03"])
    for language, heads in (("en", ["T01", "T03 Three"]), ("zh", ["T01", "T03 三"])):
        panels = [axes for axes in figures.topic_words.draw(words, language).axes if axes.get_visible()]
        assert [axes.get_title(loc="left") for axes in panels] == heads
        for axes, (_, part) in zip(panels, words.groupby("topic"), strict=True):
            assert [tick.get_text() for tick in axes.get_yticklabels()] == part["word"].tolist()
            assert [bar.get_width() for bar in axes.patches] == part["weight"].tolist()
    assert words["word"].tolist() == ["甲", "乙", "丙", "丙", "甲", "丁"]


@pytest.mark.parametrize("most", [0.0075, 0.075, 0.6])
def test_the_marks_of_an_axis_say_where_they_stand(most):
    run, _ = planted()
    words = figures.topic_words.table(run, None, 3)
    words = words.assign(weight=words["weight"] * most / words["weight"].max())
    axes = figures.topic_words.draw(words, "zh").axes[0]
    found = [(place, axes.xaxis.get_major_formatter()(place)) for place in axes.get_xticks()]
    assert len(found) > 1
    assert all(float(text.removesuffix("%")) == pytest.approx(100 * place) for place, text in found)


def test_evidence_draws_what_the_search_found():
    name = SCORES["held_out"].name
    rows = [(name, "higher", k, k / part) for k in (5, 10, 20) for part in (4, 10, 20)]
    models = pd.DataFrame(
        [(5, 0.6, 0.1, 0.5, 0.7), (10, 0.5, 0.1, 0.45, 0.55), (20, 0.4, 0.1, 0.3, 0.6)],
        columns=["K", "top_words", "chance_top_words", "top_words_low", "top_words_high"],
    )
    grid = pd.DataFrame(rows, columns=["score", "better", "K", "value"])
    models = models.assign(chains=[1, 1, 2])
    table = figures.evidence.table(grid, Stability(models, models))
    assert table["chains"].tolist() == [1, 1, 2] * 2
    assert table["score"].tolist() == ["held_out"] * 3 + ["agreement"] * 3
    first, second = (axes for axes in figures.evidence.draw(table).axes if axes.get_visible())
    assert first.lines[0].get_ydata().tolist() == pytest.approx([k * 0.4 / 3 for k in (5, 10, 20)])
    assert second.lines[0].get_ydata().tolist() == [0.6, 0.5, 0.4]
    assert second.lines[1].get_ydata().tolist() == [0.1, 0.1, 0.1]
    cases = ((first, {(5, 0.25), (5, 1.25)}), (second, {(5, 0.5), (5, 0.7), (20, 0.3), (20, 0.6)}))
    for axes, wanted in cases:
        edges = axes.collections[0].get_paths()[0].vertices
        assert {(x, y) for x, y in edges.tolist()} >= wanted
    entries = [text.get_text() for text in figures.evidence.draw(table, "zh").legends[0].get_texts()]
    assert entries == ["不同种子的均值", "不同种子间的范围"]


def test_stability_draws_the_topics_of_one_run_by_their_labels_or_words():
    run, _ = planted()
    topics = pd.DataFrame(
        [(3, 1, "T01", 0.2), (3, 1, "T02", 0.7), (3, 1, "T03", 0.4), (3, 2, "T01", 0.9), (4, 1, "T01", 0.9)],
        columns=["K", "seed", "topic", "top_words"],
    ).assign(share=0.5, chance_top_words=0.1, cosine=0.5, passages=0.5)
    labels = pd.DataFrame({"topic": ["T02"], "en": ["Two"], "zh": ["二"]})
    plain = figures.stability.table(run, Stability(topics, topics))
    called = figures.stability.table(run, Stability(topics, topics), labels)
    words = ["T03 丙 甲 丁", "T01 甲 乙 丙"]
    for table, language, names in (
        (plain, "en", ["T02 丁 丙 乙", *words]),
        (called, "en", ["T02 Two", *words]),
        (called, "zh", ["T02 二", *words]),
        (called.drop(columns="title_zh"), "zh", ["T02 Two", *words]),
    ):
        (axes,) = figures.stability.draw(table, language).axes
        assert not any(dots.get_clip_on() for dots in axes.collections[1:])  # whole also at 0 and at 1
        assert [tick.get_text() for tick in axes.get_yticklabels()] == names
        assert axes.collections[-1].get_offsets()[:, 0].tolist() == [0.7, 0.4, 0.2]
    assert figures.stability.says(plain)[0].endswith("Below 0.50: T03, T01.")


def test_lineage_bars_are_as_high_as_the_shares_and_bands_stay_inside_them():
    rng = np.random.default_rng(3)
    mass = rng.dirichlet(np.ones(6)).reshape(2, 3)
    flows = pd.DataFrame(
        [(2, f"T0{i + 1}", 3, f"T0{j + 1}", mass[i, j]) for i in range(2) for j in range(3)],
        columns=["K", "topic", "next_K", "next_topic", "mass"],
    )
    flows["of_topic"] = flows["mass"] / flows.groupby("topic")["mass"].transform("sum")
    flows["of_next"] = flows["mass"] / flows.groupby("next_topic")["mass"].transform("sum")
    names = {(k, f"T0{n}"): (f"Name {n} of {k}", f"名称{n}") for k in (2, 3) for n in range(1, k + 1)}
    table = arranged(flows, names, least=0.0).assign(reported=3)
    (axes,) = figures.lineage.draw(table).axes
    said = [text.get_text().replace("\n", " ") for text in axes.texts]
    assert set(said) >= {*(f"T0{n} Name {n} of {k}" for k, n in ((2, 1), (2, 2), (3, 3))), "K = 3, reported"}
    scale, share = axes.lines[0].get_ydata(), said[-1].split("%")[0]
    assert scale[1] - scale[0] == pytest.approx(int(share) / 100)
    bars = [patch for patch in axes.patches if hasattr(patch, "get_height")]
    assert sum(bar.get_height() for bar in bars) == pytest.approx(2)
    assert len(axes.patches) - len(bars) == 6
    assert (table["bottom"] >= table["base"] - 1e-12).all()
    assert (table["bottom"] + table["mass"] <= table["base"] + table["share"] + 1e-12).all()
    assert (table["next_bottom"] + table["mass"] <= table["next_base"] + table["next_share"] + 1e-12).all()


def flowing(parts):
    """Arrange flows from two topics to three, where `parts` says how much of each goes where."""
    rows = [
        (2, f"T0{i + 1}", 3, f"T0{j + 1}", part / 2, part)
        for i, row in enumerate(parts)
        for j, part in enumerate(row)
    ]
    flows = pd.DataFrame(rows, columns=["K", "topic", "next_K", "next_topic", "mass", "of_topic"])
    flows["of_next"] = flows["mass"] / flows.groupby("next_topic")["mass"].transform("sum")
    names = [(2, "T01"), (2, "T02"), (3, "T01"), (3, "T02"), (3, "T03")]
    return arranged(flows, {name: (word, word) for name, word in zip(names, "甲乙丙丁戊", strict=True)})


def test_the_reported_number_bears_the_names_that_were_given():
    run, counts = planted()
    shares = run.passages[["T01"]].assign(T02=1 - run.passages["T01"])
    two = run_of(counts, run.words[["T01", "T02"]].T, shares)
    labels = pd.DataFrame({"topic": ["T02"], "en": ["Two"], "zh": ["二"]})
    table = figures.lineage.table([run, two], counts, labels)
    assert set(table["reported"]) == {3}
    last = table.drop_duplicates("next_topic").set_index("next_topic")
    assert last.loc["T02", ["next_words", "next_zh"]].tolist() == ["Two", "二"]
    assert last.loc["T01", "next_words"] == "甲 乙" and set(table["words"]) == {"甲 乙", "丁 丙"}


def test_what_becomes_of_topics_is_said_in_words():
    table = flowing([[0.1, 0.7, 0.2], [0.5, 0.0, 0.5]])
    found = figures.becomes(table)
    wanted = [[2, "T01", "甲", 3], [2, "T02", "乙", 3]]
    assert found[["K", "topic", "words", "next_K"]].values.tolist() == wanted
    assert found["kept"].tolist() == [0.7, 0.5]
    assert found["becomes"].tolist() == ["T02 丁 70%; T03 戊 20%", "T01 丙 50%; T03 戊 50%"]
    assert figures.becomes(table, 0.05)["becomes"][0] == "T02 丁 70%; T03 戊 20%; T01 丙 10%"
    # where no topic holds enough of it, the largest is named all the same
    assert figures.becomes(table, 0.6)["becomes"].tolist() == ["T02 丁 70%", "T01 丙 50%"]
    whole = "".join(figures.lineage.says(flowing([[1.0, 0, 0], [0, 1.0, 0]]).assign(reported=2)))
    assert "make up 100% of one" in whole and "占某一方100%的2对" in whole
    none = "".join(figures.lineage.says(table.assign(drawn=False, reported=2)))  # each goes everywhere
    assert "0 bands join" in none and "nan" not in none and "不以色带连接" in none


def test_topics_are_carried_by_as_many_articles_as_hold_them():
    run, counts = planted()
    found = figures.carried_by(run, counts, pd.DataFrame({"topic": ["T02"], "en": ["Two"], "zh": ["二"]}))
    assert found["topic"].tolist() == ["T01", "T02", "T03"] and found["share"].is_monotonic_decreasing
    assert found["articles"].tolist() == pytest.approx([4, 1, 2])
    assert found["share"].tolist() == pytest.approx([40 / 90, 30 / 90, 20 / 90])
    assert found["part"].tolist() == pytest.approx([1 / 4, 1, 1 / 2])
    assert found["largest"].tolist()[1:] == ["a", "b"]
    assert found["en"].tolist() == ["T01", "Two", "T03"] and found["zh"].tolist() == ["T01", "二", "T03"]
    with pytest.raises(Refused):
        figures.carried_by(run, planted((40, 20, 20, 12))[1])
    left_out = pd.Series(0.0, run.passages.index, name="left_out")
    left_out[counts.ids[0]] = 0.9  # what was left out of a passage is no topic's
    left = Common(run.words["T01"], left_out, 0.1, 36.0)
    fewer = figures.carried_by(dataclasses.replace(run, left_out=left), counts)
    sizes = run.passages.mul(counts.lengths * (1 - left_out), axis=0).sum()
    assert fewer.set_index("topic")["share"].to_dict() == pytest.approx((sizes / sizes.sum()).to_dict())


def test_the_table_of_a_figure_is_read_back_as_it_was_drawn(tmp_path):
    table = pd.DataFrame(
        {
            "id": ["001", "002", "003"],
            "year": ["2019", "2020", ""],
            "topic": ["1", "2", "3"],
            "code": ["007", "12", ""],
            "title": ["NA", "null", 'a,"b"\n'],
            "n": [3, -2, 10],
            "share": [1 / 3, 1e-17, 0.1 + 0.2],
            "gaps": [0.5, float("nan"), -1.0],
            "far": [float("inf"), 1e300, -0.0],
            "drawn": [True, False, True],
            "empty": ["", "", ""],
        }
    )
    file = tmp_path / "figure.csv"
    table.to_csv(file, index=False, lineterminator="\n")
    back = table_of(file)
    pd.testing.assert_frame_equal(back, table, check_exact=True, check_dtype=False)
    assert back["n"].dtype.kind == "i" and back["share"].dtype == float and back["drawn"].dtype == bool
    back.to_csv(tmp_path / "again.csv", index=False, lineterminator="\n")
    assert (tmp_path / "again.csv").read_bytes() == file.read_bytes()
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())  # as a spreadsheet saves it
    assert list(table_of(file).columns) == list(table.columns)


def test_numbers_that_no_row_has_are_read_back_as_none_and_told_as_drawn(tmp_path):
    """Two small groups: nothing is detectable, and the figure shown again from its csv says what it said when it was drawn."""
    row = {"group": "a", "other": "b", "distance": 0.3, "low": np.nan, "high": np.nan}
    row |= {"unbiased": 0.1, "chance": 0.2}
    row |= {"run_low": np.nan, "run_high": np.nan, "p": 0.3, "bh": 0.3, "run_p": np.nan, "run_bh": np.nan}
    row |= {"detectable": np.nan, "undetectable": "more than can be told apart by so few"}
    row |= {"articles": 4, "other_articles": 4}
    row |= {"witnesses": 4.0, "other_witnesses": 4.0, "note": "", "extreme": np.nan, "place": 1}
    table = pd.DataFrame([row])
    table.to_csv(tmp_path / "group_distances.csv", index=False)
    back = table_of(tmp_path / "group_distances.csv")
    assert back[["low", "run_bh", "detectable"]].isna().all(axis=None) and back["note"].tolist() == [""]
    assert figures.group_distances.says(back) == figures.group_distances.says(table)


def test_a_number_that_some_rows_lack_may_be_lacking_in_all(tmp_path):
    """As the intervals of a map of articles of one passage each: read back, the columns are numbers still, and what is said is said."""
    for file in {file.parent / f"{file.name.split('.')[0]}.csv" for file in FIGURES_OF_STUDIES}:
        table = table_of(file)
        some = [name for name in table if table[name].dtype.kind == "f" and table[name].isna().any()]
        lacking = table.assign(**dict.fromkeys(some, np.nan))
        lacking.to_csv(tmp_path / "t.csv", index=False)
        back = table_of(tmp_path / "t.csv")
        assert [name for name in some if back[name].dtype.kind != "f"] == [], file
        if file.stem == "article_map":
            assert figures.article_map.says(back) == figures.article_map.says(lacking)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b'a,b\n1,2\n3,4,5\n"'])
def test_what_is_no_table_of_a_figure_is_refused(tmp_path, content):
    file = tmp_path / "figure.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Refused) as refused:
        table_of(file)
    assert refused.value.problems[0].where == str(file)


def test_groups_sum_to_the_corpus(table):
    found = figures.groups(table)
    assert found["articles"].sum() == len(table)
    assert found["han"].sum() == table["han"].sum()
    assert found["share"].sum() == pytest.approx(1)
    assert found["articles"].is_monotonic_decreasing


def test_sentences_hold_the_numbers_of_the_table(table):
    english, chinese = figures.corpus.says(table)
    assert "Academics" in english and "学者文章" in chinese
    for sentence in (english, chinese):
        assert "19" in sentence and "13" in sentence and f"{table['han'].max():,}" in sentence


def test_articles_are_told_by_whatever_column_holds_their_groups(tmp_path):
    """Periods stand in their order, and the largest is named though it is not the first; what was saved draws itself again."""
    periods = [("1978-1988", 3), ("1992-2002", 6), ("2003-2013", 4)]
    of = [name for name, many in periods for _ in range(many)]
    rows = pd.DataFrame({"id": [f"r{n:02d}" for n in range(13)], "source": "s", "voice": "", "date": "2001"})
    passages = pd.DataFrame({"article": rows["id"], "han": range(100, 1400, 100)})
    shown = figures.corpus(rows.assign(period=of), passages, "period")
    assert list(shown.table) == ["id", "source", "period", "year", "passages", "han"]
    assert figures.groups(shown.table, "period")["period"].tolist() == [name for name, _ in periods]
    english, chinese = shown.sentences
    assert "by period and length" in english and "the largest group, 1992-2002, has 6" in english
    assert "按时期和长度" in chinese and "1992-2002，6篇" in chinese
    rows_of = [text.get_text() for text in shown.draw("zh").axes[0].get_yticklabels()]
    assert sorted(rows_of) == [f"{name}  {many}" for name, many in periods]
    shown.save(tmp_path / "corpus")
    assert figures.saved(tmp_path / "corpus").sentences == shown.sentences
    refuses("perod", figures.corpus, rows.assign(period=of), passages, "perod")
    # the source may be the group too
    assert "by source" in figures.corpus(rows, passages, "source").says


def test_the_first_word_is_named_only_where_witnesses_are_enough_and_no_single_article_makes_it():
    row = {"group": "local_official", "rank": [1, 2], "word": ["词", "语"], "z": [4.0, 2.0]}
    row |= {"chance": 3.0, "articles": 6}
    row |= {"per_thousand": 9.0, "rest_per_thousand": 2.0}
    for witnesses, stays, named in ((4, True, True), (3, True, False), (4, False, False)):
        words = pd.DataFrame({**row, "witnesses": witnesses, "stays": [stays, False]})
        english, chinese = figures.telling_words.says(words)
        assert "1 of 2 stand" in english and "2个词中有1个" in chinese
        assert ("Local officials: 词" in english) == ("地方官员：词" in chinese) == named
        assert english.endswith(": none.") == chinese.endswith("：无。") == (not named)
    english, chinese = figures.telling_words.says(words.assign(chance=np.nan))
    assert "0 of 0 stand" in english and "1 group of too few witnesses, or beside too few, has no" in english
    assert "1组自身或其余各组独立来源过少，没有虚线" in chinese


def test_a_word_stays_first_where_no_article_alone_makes_it_so():
    registry = pd.DataFrame({"id": list("abcdefgh"), "voice": ["x"] * 4 + ["y"] * 4})
    often = np.array(
        [[30, 1, 9], [1, 30, 9], [1, 30, 9], [1, 30, 9], [1, 1, 40], [1, 1, 40], [60, 1, 40], [1, 1, 40]]
    )
    counts = Counts(registry["id"], ["甲", "乙", "丙"], sparse.csr_array(often))
    found = figures.telling_words.table(
        counts, registry, least=4, draws=100, within=dict(zip("abcd", "ppqr", strict=True))
    )
    first = found[found["rank"] == 1].set_index("group")
    assert first["word"].to_dict() == {"x": "乙", "y": "丙"} and first["stays"].all()
    assert first["witnesses"].to_dict() == {"x": 3, "y": 4}
    assert not found.loc[found["rank"] > 1, "stays"].any()
    often[1:4, 1], often[0] = 1, [90, 5, 9]
    one = figures.telling_words.table(
        Counts(registry["id"], ["甲", "乙", "丙"], sparse.csr_array(often)), registry, least=4, draws=100
    )
    first = one[one["rank"] == 1].set_index("group")
    assert first.loc["x", "word"] == "甲" and not first.loc["x", "stays"]


def test_articles_without_a_group_have_no_panel_and_no_share_in_the_words():
    registry = pd.DataFrame({"id": list("abcdefghij"), "voice": ["x"] * 3 + ["y"] * 3 + [""] * 4})
    often = np.arange(30).reshape(10, 3) + 5
    counts = Counts(registry["id"], ["甲", "乙", "丙"], sparse.csr_array(often))
    found = figures.telling_words.table(counts, registry, least=3, draws=100)
    here = registry["id"][:6]
    without = figures.telling_words.table(counts.select(here), registry[:6], least=3, draws=100)
    pd.testing.assert_frame_equal(found, without)


def test_a_table_is_laid_out_crosswise_in_the_order_of_its_rows():
    rows = [("b", "x", 3), ("a", "y", 2), ("b", "y", 1)]
    found = figures.crossed(pd.DataFrame(rows, columns=["step", "source", "han"]), "step", "source", "han")
    assert list(found) == ["step", "x", "y"] and found.to_numpy().tolist() == [["b", 3, 1], ["a", 0, 2]]


def test_the_words_of_topics_by_four_measures_stand_side_by_side():
    run, _ = planted()
    found = figures.by_measure(run, 2, least=0)
    assert list(found) == ["topic", "probability", "frex", "lift", "relevance"]
    assert found["probability"].tolist() == ["甲 乙", "丁 丙", "丙 甲"]


def test_a_table_shows_its_numbers_in_the_form_of_their_names():
    table = pd.DataFrame(
        {"topic": ["T01", "<b>"], "share": [0.1234, np.nan], "low": [0.1, 0.2], "articles": [1234, 2], "K": [1400, 8],
         "difference": [0.05, -0.02], "high": [0.1, 0.0], "p": [0.0004, 0.0123], "z": [9.26, 1.0], "year": ["2020", ""]}
    )  # fmt: skip
    html = figures.look(table).to_html()
    cells = re.findall(r"<td[^>]*>(.*?)</td>", html)
    assert cells[:10] == "T01|12.3%|10.0%|1,234|1400|+5.0%|+10.0%|<\u00a0.001|9.3|2020".split("|")
    assert [as_p(p) for p in (0.00099, 0.001, 0.0094, float("nan"))] == ["<\u00a0.001", ".001", ".009", ""]
    assert cells[10:14] == ["&lt;b&gt;", "", "20.0%", "2"] and cells[17:19] == [".012", "1.0"]
    assert html == figures.look(table).to_html() and "text-align: left" in html


def test_the_largest_group_is_named_only_if_no_single_article_makes_it_so(table):
    even = pd.concat([table[table["voice"] == "academic"].head(7), table[table["voice"] == "leader_speech"]])
    assert not any(word in "".join(figures.corpus.says(even)) for word in ("largest", "最大"))


def test_the_sentence_about_numbers_of_topics_knows_the_edge_and_ranges_that_meet():
    rows = [
        ("held_out", 5, -8.0, -8.2, -7.9),
        ("held_out", 10, -7.5, -7.6, -7.4),
        ("held_out", 20, -7.4, -7.5, -7.3),
    ]
    table = pd.DataFrame(rows, columns=["score", "K", "mean", "lowest", "highest"])
    english, chinese = figures.evidence.says(table)
    assert english.startswith("1 score over 3") and "highest at 20, the largest number tried" in english
    assert "quickly" not in english + figures.evidence.says(table.assign(chains=[1, 2, 1]))[0]
    quick = figures.evidence.says(table.assign(chains=1))
    assert "quickly, by one chain a seed;" in quick[0] and "（均为快速拟合，每个种子一条链）；" in quick[1]
    assert "meets that of 10." in english and "所试的最大主题数" in chinese
    assert "与10个主题的范围重叠" in chinese
    table.loc[1, ["mean", "lowest"]] = -7.0, -7.1
    english, chinese = figures.evidence.says(table)
    assert english.endswith("highest at 10.") and chinese.endswith("10个主题时最高。")


def test_an_overlap_of_words_is_not_called_a_share_of_words():
    table = pd.DataFrame({"topic": ["T01", "T02"], "top_words": [0.43, 0.9], "chance_top_words": 0.05})
    english, chinese = figures.stability.says(table)
    assert all(part in english for part in ("Jaccard", "0.43 to 0.90", "0.05"))
    assert "%" not in english + chinese
    assert all(part in chinese for part in ("Jaccard", "从0.43到0.90", "0.05"))
    assert all("Jaccard" in figures.label("agreement", language) for language in ("en", "zh"))


@pytest.mark.parametrize(
    "date, year",
    [("2023-05-06", "2023"), ("May 2023", "2023"), ("2023年5月", "2023"), ("2011/4/24", "2011"), ("24/4/2011", "2011"), ("20110424", "2011"),
     ("201104", "2011"), ("二〇二三年五月", "2023"), ("No. 123456", ""), ("", "")],
)  # fmt: skip
def test_the_year_of_a_date_however_it_is_written(date, year):
    assert year_of(date) == year


def test_one_document_a_year_is_a_strip_of_dots_and_many_are_columns():
    years = pd.DataFrame({"voice": "academic", "year": [*map(str, range(1978, 2021)), ""], "han": 500})
    figure = figures.corpus.draw(years)
    (dots,) = figure.axes[1].collections
    assert dots.get_offsets()[:, 0].tolist() == list(range(1978, 2021))
    assert set(dots.get_offsets()[:, 1]) == {0.5}
    assert figure.get_figheight() * 25.4 < 45
    narrow = figures.corpus.draw(years, page="single").axes[1].collections[0].get_offsets()
    assert narrow[:, 0].tolist() == [year // 2 * 2 + 0.5 for year in range(1978, 2021)]
    columns = figures.corpus.draw(pd.concat([years] * 13)).axes[1]
    assert [bar.get_height() for bar in columns.patches] == [13] * 43 and "13" in columns.get_xlabel()
    assert len(figures.corpus.draw(years.assign(year="")).axes) == 1
