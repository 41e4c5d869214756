"""Figures say what their tables say: numbers are read back off the axes."""

import re

import numpy as np
import pandas as pd
import pytest

from nqp_topics import figures
from nqp_topics import figures as explore
from nqp_topics.figures import drawn as draw
from nqp_topics.figures.corpus import year_of
from nqp_topics.study import Refused


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
    assert ticks == [f"{draw.label(v, language)}  {sum(table['voice'] == v)}" for v in order]


def test_corpus_dots_stay_in_their_row_and_apart(table):
    crowd = pd.concat([table] * 3, ignore_index=True)
    left, _ = figures.corpus.draw(crowd).axes
    for row, dots in enumerate(left.collections):
        places = dots.get_offsets()
        assert np.abs(places[:, 1] - row).max() < 0.5


def test_corpus_counts_articles_by_year_and_the_undated(table):
    _, right = figures.corpus.draw(table, "zh").axes
    names = [tick.get_text() for tick in right.get_yticklabels()]
    shown = dict.fromkeys(names, 0)
    for bar in right.patches:
        shown[names[round(bar.get_y() + bar.get_height() / 2)]] += bar.get_width()
    assert shown == {"2019": 6, "2020": 7, "无日期": 6}
    assert [text.get_text() for text in right.texts] == ["6", "7", "6"]


def test_lengths_shows_the_classes_of_the_table():
    passages = pd.DataFrame({"han": [10, 50, 60, 60, 149, 151]})
    counted = explore.lengths(passages, 50)
    assert counted["passages"].tolist() == [2, 2, 1, 1]
    (axes,) = draw.lengths(counted).axes
    assert [bar.get_height() for bar in axes.patches] == [2, 2, 1, 1]
    assert [bar.get_x() for bar in axes.patches] == [0, 50, 100, 150]


def test_save_writes_both_languages_and_the_table_with_the_same_bytes(table, tmp_path):
    for folder in ("one", "two"):
        figures.corpus.of(table).save(tmp_path / folder / "corpus")
    names = ["corpus.csv", "corpus.pdf", "corpus.png", "corpus.zh.pdf", "corpus.zh.png"]
    assert sorted(f.name for f in (tmp_path / "one").iterdir()) == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    back = pd.read_csv(tmp_path / "one" / "corpus.csv", dtype={"year": str}, keep_default_na=False)
    pd.testing.assert_frame_equal(back, table, check_dtype=False)
    pdf = (tmp_path / "one" / "corpus.zh.pdf").read_bytes()
    assert b"/FontFile2" in pdf and b"/Type3" not in pdf
    assert re.search(rb"/BaseFont /[A-Z+]*NotoSansSC", pdf)


def test_the_png_carries_its_sentence(table, tmp_path):
    from PIL import Image

    figures.corpus.of(table).save(tmp_path / "corpus")
    with Image.open(tmp_path / "corpus.zh.png") as image:
        assert image.text["Description"] == figures.corpus.says(table)[1]
        assert round(image.info["dpi"][0]) == 300


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
    with pytest.raises(Refused, match="double"):
        figures.corpus.draw(table, page="poster")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_telling_words_are_read_back_from_their_panels(language):
    rows = [("academic", 9, n, f"词{n}", 10.0 - n) for n in range(1, 5)]
    rows += [("interview", 6, n, f"语{n}", 5.0 - n) for n in range(1, 4)]
    words = pd.DataFrame(rows, columns=["group", "articles", "rank", "word", "z"])
    words["chance"] = words["group"].map({"academic": 7.5, "interview": 4.5})
    panels = [axes for axes in draw.telling_words(words, language).axes if axes.get_visible()]
    for axes, (group, part) in zip(panels, words.groupby("group"), strict=True):
        assert [tick.get_text() for tick in axes.get_yticklabels()] == part["word"].tolist()
        assert axes.collections[-1].get_offsets()[:, 0].tolist() == part["z"].tolist()
        assert axes.lines[0].get_xdata()[0] == part["chance"].iloc[0]
        assert axes.get_title(loc="left") == f"{draw.label(group, language)}  {part['articles'].iloc[0]}"


def test_topic_words_show_a_subset_of_topics_and_words_with_their_weights():
    rows = [(topic, n, f"{topic}词{n}", 0.1 / n) for topic in ("T02", "T05", "T11") for n in range(1, 4)]
    words = explore.topic_words(pd.DataFrame(rows, columns=["topic", "rank", "word", "weight"]))
    panels = [axes for axes in draw.topic_words(words).axes if axes.get_visible()]
    for axes, (topic, part) in zip(panels, words.groupby("topic"), strict=True):
        assert axes.get_title(loc="left") == topic
        assert [tick.get_text() for tick in axes.get_yticklabels()] == part["word"].tolist()
        assert [bar.get_width() for bar in axes.patches] == part["weight"].tolist()


def test_evidence_and_stability_draw_what_their_tables_say():
    spread = pd.DataFrame(
        [("a", k, k / 10, k / 20, k / 5) for k in (5, 10, 20)],
        columns=["score", "K", "mean", "lowest", "highest"],
    )
    models = pd.DataFrame(
        {
            "K": [5, 10, 20],
            "top_words": [0.6, 0.5, 0.4],
            "chance_top_words": [0.1, 0.1, 0.1],
            "top_words_low": [0.5, 0.45, 0.3],
            "top_words_high": [0.7, 0.55, 0.6],
        }
    )
    table = explore.evidence(spread, models, {"held_out": "a"})
    first, second = (axes for axes in draw.evidence(table).axes if axes.get_visible())
    assert first.lines[0].get_ydata().tolist() == [0.5, 1.0, 2.0]
    assert second.lines[0].get_ydata().tolist() == [0.6, 0.5, 0.4]
    assert second.lines[1].get_ydata().tolist() == [0.1, 0.1, 0.1]
    edges = second.collections[0].get_paths()[0].vertices
    assert {(x, y) for x, y in edges.tolist()} >= {(5, 0.5), (5, 0.7), (20, 0.3), (20, 0.6)}
    entries = [text.get_text() for text in draw.evidence(table, "zh").legends[0].get_texts()]
    assert entries == ["不同种子的均值", "不同种子间的范围"]
    topics = pd.DataFrame(
        {"K": 2, "seed": 1, "topic": ["T01", "T02"], "share": 0.5, "top_words": [0.2, 0.7], "chance_top_words": 0.1,
         "cosine": 0.5, "passages": 0.5}
    )  # fmt: skip
    stable = explore.stability(topics, 1, 2, {"T01": "T01 a", "T02": "T02 b"})
    (axes,) = draw.stability(stable).axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["T02 b", "T01 a"]
    assert axes.collections[-1].get_offsets()[:, 0].tolist() == [0.7, 0.2]
    labels = pd.DataFrame({"topic": ["T02"], "en": ["Two"], "zh": ["二"]})
    called = explore.stability(topics, 1, 2, {"T01": "T01 a", "T02": "T02 b"}, labels)
    for language, names in (("en", ["T02 Two", "T01 a"]), ("zh", ["T02 二", "T01 a"])):
        (axes,) = draw.stability(called, language).axes
        assert [tick.get_text() for tick in axes.get_yticklabels()] == names
    (axes,) = draw.stability(called.drop(columns="title_zh"), "zh").axes
    assert axes.get_yticklabels()[0].get_text() == "T02 Two"


def test_lineage_bars_are_as_high_as_the_shares_and_bands_stay_inside_them():
    rng = np.random.default_rng(3)
    mass = rng.dirichlet(np.ones(6)).reshape(2, 3)
    flows = pd.DataFrame(
        [(2, f"T0{i + 1}", 3, f"T0{j + 1}", mass[i, j]) for i in range(2) for j in range(3)],
        columns=["K", "topic", "next_K", "next_topic", "mass"],
    )
    flows["of_topic"] = flows["mass"] / flows.groupby("topic")["mass"].transform("sum")
    flows["of_next"] = flows["mass"] / flows.groupby("next_topic")["mass"].transform("sum")
    words = pd.DataFrame(
        [(2, f"T0{n}", "词") for n in (1, 2)] + [(3, f"T0{n}", "语") for n in (1, 2, 3)],
        columns=["K", "topic", "words"],
    )
    table = explore.lineage(flows, words, least=0.0)
    (axes,) = draw.lineage(table).axes
    bars = [patch for patch in axes.patches if hasattr(patch, "get_height")]
    assert sum(bar.get_height() for bar in bars) == pytest.approx(2)
    assert len(axes.patches) - len(bars) == 6
    assert (table["bottom"] >= table["base"] - 1e-12).all()
    assert (table["bottom"] + table["mass"] <= table["base"] + table["share"] + 1e-12).all()
    assert (table["next_bottom"] + table["mass"] <= table["next_base"] + table["next_share"] + 1e-12).all()


def arranged(parts):
    """Arrange flows from two topics to three, where `parts` says how much of each goes where."""
    rows = [
        (2, f"T0{i + 1}", 3, f"T0{j + 1}", part / 2, part)
        for i, row in enumerate(parts)
        for j, part in enumerate(row)
    ]
    flows = pd.DataFrame(rows, columns=["K", "topic", "next_K", "next_topic", "mass", "of_topic"])
    flows["of_next"] = flows["mass"] / flows.groupby("next_topic")["mass"].transform("sum")
    words = [(2, "T01", "甲"), (2, "T02", "乙"), (3, "T01", "丙"), (3, "T02", "丁"), (3, "T03", "戊")]
    return explore.lineage(flows, pd.DataFrame(words, columns=["K", "topic", "words"]))


def test_what_becomes_of_topics_is_said_in_words():
    table = arranged([[0.1, 0.7, 0.2], [0.5, 0.0, 0.5]])
    found = explore.becomes(table)
    assert found[["K", "topic", "words", "next_K"]].values.tolist() == [
        [2, "T01", "甲", 3],
        [2, "T02", "乙", 3],
    ]
    assert found["kept"].tolist() == [0.7, 0.5]
    assert found["becomes"].tolist() == ["T02 丁 70%; T03 戊 20%", "T01 丙 50%; T03 戊 50%"]
    assert explore.becomes(table, 0.05)["becomes"][0] == "T02 丁 70%; T03 戊 20%; T01 丙 10%"
    # where no topic holds enough of it, the largest is named all the same
    assert explore.becomes(table, 0.6)["becomes"].tolist() == ["T02 丁 70%", "T01 丙 50%"]


def test_topics_are_carried_by_as_many_articles_as_hold_them():
    shares = pd.DataFrame(
        {"T01": [0.25, 0.5, 0.5, 1.0], "T02": [0.75, 0.0, 0.0, 0.0], "T03": [0.0, 0.5, 0.5, 0.0]},
        index=["a", "b", "c", "d"],
    )
    tokens = pd.Series({"d": 10, "c": 20, "b": 20, "a": 40, "elsewhere": 99})
    labels = pd.DataFrame({"topic": ["T02"], "en": ["Two"], "zh": ["二"]})
    found = explore.carried_by(shares, tokens, labels).set_index("topic")
    assert found["articles"].tolist() == pytest.approx([4, 1, 2])
    assert found["share"].tolist() == pytest.approx([40 / 90, 30 / 90, 20 / 90])
    assert found["part"].tolist() == pytest.approx([1 / 4, 1, 1 / 2])
    assert found.loc["T02", "largest"] == "a" and found.loc["T03", "largest"] == "b"
    assert found["en"].tolist() == ["T01", "Two", "T03"] and found["zh"].tolist() == ["T01", "二", "T03"]
    turned = explore.carried_by(shares.iloc[::-1], tokens).set_index("topic")
    assert turned["articles"].tolist() == pytest.approx(found["articles"].tolist())


@pytest.mark.parametrize("tokens", [{"a": 5}, {"a": 5, "b": 0}, {"a": 5, "b": float("nan")}])
def test_articles_without_tokens_are_refused_by_name(tokens):
    shares = pd.DataFrame({"T01": [0.5, 1.0], "T02": [0.5, 0.0]}, index=["a", "b"])
    with pytest.raises(Refused, match=r"no tokens of b\n"):
        explore.carried_by(shares, pd.Series(tokens))


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
    back = draw.saved(file)
    pd.testing.assert_frame_equal(back, table, check_exact=True, check_dtype=False)
    assert back["n"].dtype.kind == "i" and back["share"].dtype == float and back["drawn"].dtype == bool
    back.to_csv(tmp_path / "again.csv", index=False, lineterminator="\n")
    assert (tmp_path / "again.csv").read_bytes() == file.read_bytes()
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())  # as a spreadsheet saves it
    assert list(draw.saved(file).columns) == list(table.columns)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b'a,b\n1,2\n3,4,5\n"'])
def test_what_is_no_table_of_a_figure_is_refused(tmp_path, content):
    file = tmp_path / "figure.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Refused) as refused:
        draw.saved(file)
    assert refused.value.problems[0].where == str(file)


def test_a_figure_from_its_saved_table_is_the_same_figure(table, tmp_path):
    figures.corpus.of(table, "f" * 64).save(tmp_path / "one" / "corpus")
    figures.saved(tmp_path / "one" / "corpus").save(tmp_path / "two" / "corpus")
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_groups_sum_to_the_corpus(table):
    found = figures.groups(table)
    assert found["articles"].sum() == len(table)
    assert found["han"].sum() == table["han"].sum()
    assert found["share"].sum() == pytest.approx(1)
    assert found["articles"].is_monotonic_decreasing


def test_sentences_hold_the_numbers_of_the_table(table):
    english, chinese = figures.corpus.says(table)
    assert "Academics" in english and "学者文章" in chinese
    words = pd.DataFrame(
        {"group": "local_official", "rank": [1, 2], "word": ["词", "语"], "z": [4.0, 2.0], "chance": 3.0}
    )
    for sentence, said in zip(explore.telling_words_in_words(words), ("1 of 2", "2个词中有1个"), strict=True):
        assert said in sentence
    assert [
        ("Local officials: 词" in one, "地方官员：词" in one) for one in explore.telling_words_in_words(words)
    ] == [
        (True, False),
        (False, True),
    ]
    for sentence in (english, chinese):
        assert "19" in sentence and "13" in sentence and f"{table['han'].max():,}" in sentence


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
    english, chinese = explore.evidence_in_words(table)
    assert english.startswith("1 score over 3") and "highest at 20, the largest number tried" in english
    assert (
        "meets that of 10." in english and "所试的最大主题数" in chinese and "与10个主题的范围重叠" in chinese
    )
    table.loc[1, ["mean", "lowest"]] = -7.0, -7.1
    english, chinese = explore.evidence_in_words(table)
    assert english.endswith("highest at 10.") and chinese.endswith("10个主题时最高。")


def test_an_overlap_of_words_is_not_called_a_share_of_words():
    table = pd.DataFrame({"topic": ["T01", "T02"], "top_words": [0.43, 0.9], "chance_top_words": 0.05})
    english, chinese = explore.stability_in_words(table)
    assert (
        all(part in english for part in ("Jaccard", "0.43 to 0.90", "0.05")) and "%" not in english + chinese
    )
    assert all(part in chinese for part in ("Jaccard", "从0.43到0.90", "0.05"))
    assert all("Jaccard" in draw.label("agreement", language) for language in ("en", "zh"))


@pytest.mark.parametrize(
    "date, year",
    [("2023-05-06", "2023"), ("May 2023", "2023"), ("2023年5月", "2023"), ("2011/4/24", "2011"), ("24/4/2011", "2011"), ("20110424", "2011"),
     ("201104", "2011"), ("二〇二三年五月", "2023"), ("No. 123456", ""), ("", "")],
)  # fmt: skip
def test_the_year_of_a_date_however_it_is_written(date, year):
    assert year_of(date) == year


def test_many_years_are_drawn_as_spans_that_fit_a_page():
    table = pd.DataFrame(
        {
            "id": [f"a{n}" for n in range(44)],
            "source": "s",
            "voice": "academic",
            "year": [*map(str, range(1980, 2023)), ""],
            "passages": 1,
            "han": 500,
        }
    )
    for page in ("double", "single"):
        figure = figures.corpus.draw(table, "en", page)
        years = figure.axes[1]
        names = [tick.get_text() for tick in years.get_yticklabels()]
        assert names[0] == "1980–1984" and len(names) <= 17
        counted = [patch.get_width() for patch in years.patches]
        assert sum(counted) == 44 and counted[0] == 5
        assert figure.get_figheight() < 6
