"""Figures say what their tables say: numbers are read back off the axes."""

import re

import numpy as np
import pandas as pd
import pytest

from nqp_topics import draw, explore
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
    left, _ = draw.corpus(table, language).axes
    order = table["voice"].value_counts().index.tolist()
    for voice, dots in zip(order, left.collections, strict=True):
        shown = sorted(dots.get_offsets()[:, 0].tolist())
        assert shown == sorted(table.loc[table["voice"] == voice, "han"].tolist())
    ticks = [tick.get_text() for tick in left.get_yticklabels()]
    assert ticks == [f"{draw.label(v, language)}  {sum(table['voice'] == v)}" for v in order]


def test_corpus_dots_stay_in_their_row_and_apart(table):
    crowd = pd.concat([table] * 3, ignore_index=True)
    left, _ = draw.corpus(crowd).axes
    for row, dots in enumerate(left.collections):
        places = dots.get_offsets()
        assert np.abs(places[:, 1] - row).max() < 0.5


def test_corpus_counts_articles_by_year_and_the_undated(table):
    _, right = draw.corpus(table, "zh").axes
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
        draw.save(draw.corpus, table, tmp_path / folder / "corpus", ("In English.", "中文。"))
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

    draw.save(draw.corpus, table, tmp_path / "corpus", ("In English.", "中文的说明。"))
    with Image.open(tmp_path / "corpus.zh.png") as image:
        assert image.text["Description"] == "中文的说明。"
        assert round(image.info["dpi"][0]) == 300


def test_a_letter_that_the_font_lacks_stops_the_figure(table, tmp_path):
    strange = table.assign(voice=table["voice"].replace("interview", "\u1780"))
    with pytest.raises(Refused, match=r"U\+1780"):
        draw.save(draw.corpus, strange, tmp_path / "corpus", ("", ""))
    assert not list(tmp_path.iterdir())


def test_settings_of_others_are_left_alone(table):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw.corpus(table)
    assert dict(mpl.rcParams) == before


def test_an_unknown_page_is_refused(table):
    with pytest.raises(Refused, match="double"):
        draw.corpus(table, page="poster")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_telling_words_are_read_back_from_their_panels(language):
    rows = [("academic", 9, n, f"词{n}", 10.0 - n) for n in range(1, 5)]
    rows += [("interview", 6, n, f"语{n}", 5.0 - n) for n in range(1, 4)]
    words = pd.DataFrame(rows, columns=["group", "articles", "rank", "word", "z"])
    panels = [axes for axes in draw.telling_words(words, language).axes if axes.get_visible()]
    for axes, (group, part) in zip(panels, words.groupby("group"), strict=True):
        assert [tick.get_text() for tick in axes.get_yticklabels()] == part["word"].tolist()
        assert axes.collections[-1].get_offsets()[:, 0].tolist() == part["z"].tolist()
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
        {"K": [5, 10, 20], "top_words": [0.6, 0.5, 0.4], "chance_top_words": [0.1, 0.1, 0.1]}
    )
    table = explore.evidence(spread, models, {"held_out": "a"})
    first, second = (axes for axes in draw.evidence(table).axes if axes.get_visible())
    assert first.lines[0].get_ydata().tolist() == [0.5, 1.0, 2.0]
    assert second.lines[0].get_ydata().tolist() == [0.6, 0.5, 0.4]
    assert second.lines[1].get_ydata().tolist() == [0.1, 0.1, 0.1]
    topics = pd.DataFrame(
        {"K": 2, "seed": 1, "topic": ["T01", "T02"], "share": 0.5, "top_words": [0.2, 0.7], "chance_top_words": 0.1,
         "cosine": 0.5, "passages": 0.5}
    )  # fmt: skip
    stable = explore.stability(topics, 1, 2, {"T01": "T01 a", "T02": "T02 b"})
    (axes,) = draw.stability(stable).axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["T02 b", "T01 a"]
    assert axes.collections[-1].get_offsets()[:, 0].tolist() == [0.7, 0.2]


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


def test_groups_sum_to_the_corpus(table):
    found = explore.groups(table)
    assert found["articles"].sum() == len(table)
    assert found["han"].sum() == table["han"].sum()
    assert found["share"].sum() == pytest.approx(1)
    assert found["articles"].is_monotonic_decreasing


def test_sentences_hold_the_numbers_of_the_table(table):
    english, chinese = explore.corpus_in_words(table)
    for sentence in (english, chinese):
        assert "19" in sentence and "13" in sentence and f"{table['han'].max():,}" in sentence
