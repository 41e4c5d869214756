"""A figure in one call is the same as its steps; it shows itself, knows its table and its sentence, and saves when asked."""

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from PIL import Image
from test_figures_compare import rendered
from worlds import of_four_kinds as planted
from worlds import run_of

from nqp_topics import figures
from nqp_topics.choose import SCORES, Stability
from nqp_topics.figures.shown import Figure
from nqp_topics.study import Refused

pytestmark = pytest.mark.usefixtures("few_dots")


@pytest.fixture(autouse=True)
def english():
    yield
    figures.language("en")


REGISTRY = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "source": "s",
        "voice": ["academic", "academic", "interview"],
        "date": ["2020", "", "2021"],
    }
)
PASSAGES = pd.DataFrame({"article": list("aabbbc"), "han": [120, 80, 300, 40, 60, 500]})
SPOKEN = pd.DataFrame({"id": list("abcd"), "voice": ["academic", "academic", "interview", "interview"]})
RUN, COUNTS = planted()
TWO = run_of(COUNTS, RUN.words[["T01", "T02"]].T, RUN.passages[["T01"]].assign(T02=1 - RUN.passages["T01"]))
GRID = pd.DataFrame(
    {"score": SCORES["held_out"].name, "better": "higher", "K": [2, 2, 3, 3], "value": [0.1, 0.2, 0.4, 0.3]}
)
AGREED = {"seeds": 2, "seed": 1, "share": 0.5, "cosine": 0.5, "passages": 0.5}
AGREED |= {"top_words": 0.6, "chance_top_words": 0.1}
AGREED |= {"top_words_low": 0.5, "top_words_high": 0.7, "chains": 1}
STABLE = Stability(
    pd.DataFrame({"K": [2, 3], **AGREED}), pd.DataFrame({"K": 3, "topic": RUN.names, **AGREED})
)
# what each figure is given; those of groups and of articles are held against their steps beside their own tests
GIVEN = {
    "corpus": (REGISTRY, PASSAGES),
    "lengths": (PASSAGES,),
    "telling_words": (COUNTS, SPOKEN, "voice", 3, 2),
    "evidence": (GRID, STABLE),
    "lineage": ([TWO, RUN], COUNTS),
    "stability": (RUN, STABLE),
    "topic_words": (RUN, None, 3),
}


@pytest.mark.parametrize("name", GIVEN)
def test_one_call_is_the_same_as_the_steps(name, tmp_path):
    figure = getattr(figures, name)
    assert isinstance(figure, Figure) and figures.FIGURES[name] is figure
    assert repr(figure) == f"figures.{name}"
    shown, table = figure(*GIVEN[name]), figure.table(*GIVEN[name])
    pd.testing.assert_frame_equal(shown.table, table, check_exact=True)
    assert shown.sentences == figure.says(table) and all(shown.sentences)
    for spoken, sentence in zip(("en", "zh"), shown.sentences, strict=True):
        assert figures.language(spoken) == spoken and shown.says == sentence
    # in the language that stands last; that files of one table are the same is asked in test_figures
    assert np.array_equal(rendered(figure.draw(table, language="zh")), rendered(shown.draw()))
    assert shown.run == (RUN.fingerprint if GIVEN[name][0] is RUN else "")
    assert shown.save(tmp_path / name) is shown
    assert shown._repr_png_().startswith(b"\x89PNG")
    with Image.open(tmp_path / f"{name}.png") as image:
        assert image.text["Source"].startswith(f"figures.{name} of ")
        assert image.text.get("Run", "") == shown.run[:12]
    pd.testing.assert_frame_equal(figures.saved(tmp_path / name).table, table, check_dtype=False)


def test_a_figure_shows_itself_with_its_sentence_below(monkeypatch):
    import IPython.display

    seen = []
    monkeypatch.setattr(IPython.display, "display", lambda one, **_: seen.append(one))
    shown = figures.corpus(*GIVEN["corpus"])
    shown._ipython_display_()
    assert seen[0].data == shown._repr_png_() and seen[1]["text/plain"] == shown.sentences[0]
    assert repr(shown) == f"figures.corpus: {shown.says}"


def test_the_run_that_is_shown_is_known(tmp_path):
    assert figures.corpus(*GIVEN["corpus"]).run == ""
    shown = figures.corpus(*GIVEN["corpus"], run="f" * 64).save(tmp_path / "corpus")
    assert shown.run == "f" * 64 and figures.saved(tmp_path / "corpus").run == "f" * 12


def test_what_is_no_language_or_no_figure_is_refused(tmp_path):
    refuses("'de'", figures.language, "de")
    with pytest.raises(Refused, match="'de'"):
        figures.corpus(*GIVEN["corpus"]).draw("de")
    refuses("no such file", figures.saved, tmp_path / "nothing")
    Image.new("RGB", (4, 4)).save(tmp_path / "mine.png")
    refuses("made by", figures.saved, tmp_path / "mine")


@pytest.mark.parametrize("spoken", ["one", ("one",), ("one", ""), ("one", "two", "three"), None])
def test_a_figure_that_does_not_say_two_sentences_writes_nothing(tmp_path, monkeypatch, spoken):
    monkeypatch.setattr("nqp_topics.figures.shown.FIGURES", {})
    figure = Figure(figures.corpus.table, figures.corpus.draw, lambda table: spoken)
    refuses("a sentence in English and one in Chinese", figure(*GIVEN["corpus"]).save, tmp_path / "corpus")
    assert not list(tmp_path.iterdir())


def test_tables_without_what_a_sentence_needs_are_refused():
    for table in (GRID.assign(score=SCORES["c_v"].name), GRID.assign(value=np.nan)):
        with pytest.raises(Refused, match=r"held_out(.|\n)*a search that scored held_out"):
            figures.evidence.says(figures.evidence.table(table, STABLE))
    with pytest.raises(
        Refused, match=r"figures.corpus\(registry\)(.|\n)*date(.|\n)*figures.corpus\(passages\)(.|\n)*han"
    ):
        figures.corpus(REGISTRY.drop(columns="date"), PASSAGES.drop(columns="han"))


def test_a_pdf_shows_the_same_whether_they_come_from_the_usual_letters_or_from_all(tmp_path, monkeypatch):
    import contextlib
    import io

    import matplotlib.backends._backend_pdf_ps as backend
    import pypdfium2

    from nqp_topics.figures import font, page

    def seen(file):
        page = pypdfium2.PdfDocument(file)[0]
        return page.render(scale=6).to_pil().tobytes(), page.get_textpage().get_text_range()

    opened, load = [], backend.subset.load_font
    monkeypatch.setattr(
        backend.subset,
        "load_font",
        lambda file, *more, **all: opened.append(file) or load(file, *more, **all),
    )
    kept = font._usual()
    assert font._made()[0] == kept[0]
    table = pd.DataFrame({"han": [50, 100], "passages": [2, 3]})
    # fi is drawn as one letter, and brackets beside figures stand otherwise; 龘 is none of the usual ones
    for letters, usual in (("新质 fi (1)", True), ("龘", False)):
        written = []
        for how in (font.from_the_usual_letters, lambda _: contextlib.nullcontext()):
            monkeypatch.setattr(page, "from_the_usual_letters", how)
            opened.clear()
            with page.preset():
                figure, (axes,) = page.panels((2, 1), 1)
                axes.set_title(letters)
            page.write({"en": figure}, table, tmp_path / "x", ("a",), "x", "")
            quick = all(isinstance(file, io.BytesIO) for file in opened)
            assert opened and quick == (usual and how is font.from_the_usual_letters)
            written.append(seen(tmp_path / "x.pdf"))
        assert written[0] == written[1]
        assert written[0][1].replace("ﬁ", "fi").endswith(letters)


def test_groups_stand_in_the_order_of_the_study_everywhere(tmp_path):
    from nqp_topics import compare
    from nqp_topics.figures import by_group, styles, told
    from nqp_topics.study import Study

    names = [f"a{number}" for number in range(12)]
    groups = pd.Series(["one", "two", "three"] * 4, index=names)
    shares = pd.DataFrame(np.random.default_rng(1).dirichlet([1, 1], 12), names, ["T01", "T02"])
    rows = pd.DataFrame(
        {"id": names, "source": names, "start_line": "", "end_line": "", "voice": groups.to_numpy()}
    )
    rows.to_csv(tmp_path / "articles.csv", index=False)
    study = Study(folder=tmp_path, name="s", articles="articles.csv", order=("two", "three", "one"))
    voices = compare.grouped(shares, groups)
    pairs = compare.differences(voices, draws=100)
    try:
        figures.order(study)
        assert styles.in_order(groups.value_counts()) == list(styles.by_number(groups)) == list(study.order)
        assert told.witnesses(voices).table["group"].tolist() == list(study.order)
        table = rows[["id", "source", "voice"]].assign(year="", passages=1, han=range(100, 112))
        labels = figures.corpus.draw(table).axes[0].get_yticklabels()
        assert [one.get_text() for one in labels] == [f"{name}  4" for name in study.order]
        turned = by_group.turned(pairs)
        assert set(zip(turned["group"], turned["other"], strict=True)) == {
            ("two", "three"),
            ("two", "one"),
            ("three", "one"),
        }
        again = pairs.set_index(["group", "other", "topic"]).loc[("one", "two", "T01")]
        back = turned.set_index(["group", "other", "topic"]).loc[("two", "one", "T01")]
        assert back["difference"] == -again["difference"] and back["low"] == -again["high"]
        assert back["share"] == again["other_share"] and back["p"] == again["p"]
        with pytest.raises(Refused, match=r"tow[\s\S]*one, three, two"):
            figures.order(study.but(order=["tow"]))
    finally:
        figures.order(study.but(order=[]))
    pd.testing.assert_frame_equal(by_group.turned(pairs), pairs)


def test_a_person_s_notebook_shows_a_figure_before_it_is_written_and_once(tmp_path, monkeypatch):
    from IPython import display

    done = []
    monkeypatch.setattr("nqp_topics.figures.shown._in_a_notebook", lambda: True)
    monkeypatch.setattr(
        display,
        "display",
        lambda shown, **_: isinstance(shown, dict) or done.append(len(list(tmp_path.iterdir()))),
    )
    monkeypatch.setenv("NQP_UNSEEN", "1")
    figures.topic_words(RUN, None, 3).save(tmp_path / "topics")._ipython_display_()
    kept = {file: file.read_bytes() for file in tmp_path.iterdir()}
    for file in kept:
        file.unlink()
    monkeypatch.setenv("NQP_UNSEEN", "")
    shown = figures.topic_words(RUN, None, 3).save(tmp_path / "topics")
    shown._ipython_display_()  # what the notebook asks of the last line of a cell
    assert done == [5, 0]  # files that stood there as it was shown
    shown._ipython_display_()
    assert len(done) == 3 and {file: file.read_bytes() for file in tmp_path.iterdir()} == kept
