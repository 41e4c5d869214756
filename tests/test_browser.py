"""The topic browser: its numbers against the tables, its page without a network, and what a real browser shows after a click."""

import html as markup
import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from worlds import of_common_words

from nqp_topics import counts as count
from nqp_topics import figures
from nqp_topics import topics as train
from nqp_topics.figures.panel import Panel
from nqp_topics.figures.panel_numbers import coordinates, numbers
from nqp_topics.study import Refused

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), "")  # fmt: skip
LABELS = pd.DataFrame(
    {"topic": ["T02", "T01"], "zh": ["农业", "芯片与 <b> 算力"], "en": ["Farms & villages", "Chips"]}
)


def planted(topics=3, passages=40, words=50, seed=1):
    """Return the four tables of a model whose marginals are exactly those that were counted."""
    draws = np.random.default_rng(seed)
    names = [f"T{number:02d}" for number in range(1, topics + 1)]
    terms = ["R&D", "</script>", "社会主义现代化强国建设"]
    terms += [f"词{chr(0x4E00 + n)}" for n in range(words - 3)]
    by_word = draws.dirichlet(np.full(words, 0.2), topics).T + 1e-4
    by_word = pd.DataFrame(by_word / by_word.sum(axis=0), terms, names)
    ids = [f"a{number // 4}-{number % 4}" for number in range(passages)]
    shares = pd.DataFrame(draws.dirichlet(np.full(topics, 0.5), passages), ids, names)
    lengths = pd.Series(draws.integers(20, 90, passages), ids)
    return by_word, shares, lengths, by_word @ (shares.T @ lengths)


@pytest.fixture(scope="module")
def study_run():
    counts = count.load(ROOT / "data" / "counts")
    run = train.train(counts, 6, 1, chains=1, sweeps=20)
    lengths = pd.Series(np.asarray(counts.matrix.sum(axis=1)).ravel(), list(counts.ids))
    return run.words, run.passages, lengths, pd.Series(np.asarray(counts.matrix.sum(axis=0)).ravel(), list(counts.words))  # fmt: skip


def data(page):
    return json.loads(re.search(r'id="numbers">(.*?)</script>', page)[1])


def relevant(tables, topic, step, most=30):
    """Return the words of a topic as the paper ranks them, from the tables alone."""
    words, _, _, frequencies = tables
    own = np.log(words[topic])
    lift = own - np.log(frequencies / frequencies.sum())
    return (step * own.round(4) + (1 - step) * lift.round(4)).round(9).nlargest(most).index.tolist()


def inside(tables, topic):
    """Return how often each word is expected in a topic: its count, shared out among the topics."""
    words, passages, lengths, frequencies = tables
    joint = words * passages.mul(lengths, axis=0).sum()
    return frequencies * joint[topic] / joint.sum(axis=1)


# the numbers


def test_numbers_are_those_of_pyldavis_where_the_counts_are_what_the_model_expects():
    pyldavis = pytest.importorskip("pyLDAvis")
    words, passages, lengths, frequencies = planted(topics=4)
    theirs = pyldavis.prepare(
        words.T.to_numpy(), passages.to_numpy(), lengths.to_numpy(), list(words.index), frequencies.to_numpy(),
        R=30, n_jobs=1, sort_topics=False,
    )  # fmt: skip
    ours = numbers(words, passages, lengths, frequencies)
    places = theirs.topic_coordinates
    assert places["topics"].tolist() == [1, 2, 3, 4] and ours["topics"]["topic"] == list(words)
    np.testing.assert_allclose(places["Freq"] / 100, ours["topics"]["share"], rtol=1e-5)
    for axis in "xy":
        np.testing.assert_allclose(np.abs(places[axis]), np.abs(ours["topics"][axis]), atol=1e-5)
    info = pd.DataFrame(ours["words"])
    for number, topic in enumerate(words, 1):
        one = theirs.topic_info[theirs.topic_info["Category"] == f"Topic{number}"].set_index("Term")
        other = info[info["topic"] == topic].set_index("word")
        assert set(one.index) == set(other.index)
        names = {"Freq": "inside", "Total": "total", "logprob": "log_share", "loglift": "log_lift"}
        for column, its in names.items():
            np.testing.assert_allclose(one[column], other.loc[one.index, its], rtol=1e-5, atol=1e-4)
    pairs = pd.DataFrame(ours["given"]).set_index(["word", "topic"])["share"]
    theirs_pairs = theirs.token_table.reset_index()
    theirs_pairs["Topic"] = theirs_pairs["Topic"].map(lambda number: f"T{number:02d}")
    theirs_pairs = theirs_pairs.set_index(["Term", "Topic"])["Freq"]
    both = pairs.index.intersection(theirs_pairs.index)
    assert len(both) >= 40  # theirs are whole tokens divided by the total, ours are not rounded
    total = frequencies.loc[[term for term, _ in both]].to_numpy()
    assert (np.abs(pairs[both] - theirs_pairs[both]) * total <= 0.5 + 1e-3).all()


@pytest.mark.parametrize("topics", [2, 5])
def test_numbers_stand_in_the_tables(topics):
    tables = words, passages, lengths, frequencies = planted(topics)
    shown = data(Panel(numbers(*tables)).page())
    share = passages.mul(lengths, axis=0).sum() / lengths.sum()
    assert shown["topics"]["topic"] == list(words.columns) and shown["says"]["most"] == 30
    np.testing.assert_allclose(shown["topics"]["share"], share[list(words)], rtol=1e-5)
    info = pd.DataFrame(shown["words"])
    for topic in words.columns:
        rows = info[info["topic"] == topic].set_index("word")
        np.testing.assert_allclose(np.exp(rows["log_share"]), words.loc[rows.index, topic], rtol=1e-3)
        np.testing.assert_allclose(rows["total"], frequencies[rows.index], rtol=1e-5)
        np.testing.assert_allclose(rows["inside"], inside(tables, topic)[rows.index], rtol=1e-5)
        for step in (0.0, 0.35, 1.0):
            assert set(relevant(tables, topic, step, 30)) <= set(rows.index)
    pairs = pd.DataFrame(shown["given"])
    assert (pairs.groupby("word")["share"].sum() <= 1 + 1e-4).all()


def test_salient_words_follow_the_formula_on_the_page():
    words, passages, lengths, frequencies = planted(4)
    share = passages.mul(lengths, axis=0).sum() / lengths.sum()
    joint = words * share
    given = joint.div(joint.sum(axis=1), axis=0)
    saliency = frequencies / frequencies.sum() * (given * np.log(given / share)).sum(axis=1)
    info = pd.DataFrame(numbers(words, passages, lengths, frequencies)["words"])
    assert info[info["topic"] == ""]["word"].tolist() == saliency.nlargest(30).index.tolist()


def test_tables_are_joined_by_name_whatever_their_order():
    words, passages, lengths, frequencies = planted()
    turned = numbers(words, passages.iloc[:, ::-1], lengths.iloc[::-1], frequencies.iloc[::-1])
    assert turned == numbers(words, passages, lengths, frequencies)
    assert numbers(words.iloc[:, ::-1], passages, lengths, frequencies)["topics"]["topic"][0] == "T03"


def test_a_word_or_topic_without_any_share_has_numbers():
    words = pd.DataFrame({"T01": [0.5, 0.5, 0.0], "T02": [0.0, 0.4, 0.6]}, ["甲", "乙", "丙"])
    passages = pd.DataFrame({"T01": [1.0, 1.0], "T02": [0.0, 0.0]}, ["p", "q"])
    counted = pd.Series([3, 2], ["p", "q"]), pd.Series([2, 2, 1], words.index)
    page = Panel(numbers(words, passages, *counted)).page()
    assert not re.search(r"NaN|Infinity", json.dumps(data(page)))
    assert data(page)["topics"]["share"] == [1.0, 0.0]
    counted[1]["乙"] = 0  # a word that no passage has any more
    assert "乙" not in numbers(words, passages, *counted)["words"]["word"]


def test_what_was_set_apart_as_common_is_no_topics():
    matrix, truth, _ = of_common_words()
    names = [f"词{number}" for number in range(truth.shape[1])]
    counts = count.Counts([f"p{number}" for number in range(matrix.shape[0])], names, matrix)
    run = train.train(counts, 6, 1, chains=4)
    found = figures.panel(run, counts).numbers
    sizes = run.passages.mul(run.mass(counts), axis=0).sum()
    np.testing.assert_allclose(found["topics"]["share"], sizes / sizes.sum(), rtol=1e-5)
    info = pd.DataFrame(found["words"])
    whole = info[info["topic"] == ""].set_index("word")["total"]
    given = pd.DataFrame(found["given"]).groupby("word")["share"].sum()
    own, shared = (given.index.isin(part) for part in (names[:300], names[300:]))
    assert (whole.index.isin(names[:300])).all()  # common words part no topics
    assert given[own].median() > 0.9 and given[shared].median() < 0.3


# the map


@pytest.mark.parametrize("topics", [1, 2, 3, 8])
def test_identical_topics_stand_on_one_spot(topics):
    words = planted(topics)[0]
    same = pd.DataFrame(np.tile(words[["T01"]], topics), words.index, words.columns)
    assert not coordinates(same).any()
    assert coordinates(words).shape == (topics, 2) and np.isfinite(coordinates(words)).all()


def test_two_equal_topics_among_others():
    words = planted(5)[0].assign(T04=lambda table: table["T02"])
    places = coordinates(words)
    np.testing.assert_array_equal(places[1], places[3])
    assert places[0, 0] > 0 and len(np.unique(places, axis=0)) == 4


def test_two_topics_stand_as_far_apart_as_they_differ():
    words = pd.DataFrame({"T01": [1.0, 0.0], "T02": [0.0, 1.0]}, ["甲", "乙"])
    np.testing.assert_allclose(coordinates(words), [[np.log(2) / 2, 0], [-np.log(2) / 2, 0]], atol=1e-6)


# the page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_asks_no_other_machine_and_is_the_same_twice(study_run, language, tmp_path, monkeypatch):
    page = Panel(numbers(*study_run), labels=LABELS).page(language)
    assert page == Panel(numbers(*study_run), labels=LABELS).page(language)
    assert not re.search(r"""(src|href)\\?["']?\s*[=:,]\s*\\?["']?\s*(https?:)?//""", page)
    assert not re.search(r"@import|[:\s]url\(|<link|<img|<iframe|<script src|fetch\(|import\(", page)
    assert set(re.findall(r"https?://([\w.]+)", page)) <= {"www.w3.org"} and "default-src 'none'" in page
    figures.language(language)
    panel = Panel(numbers(*study_run), labels=LABELS).save(tmp_path / "topics.html")
    figures.language("en")
    # both are written, the chosen one is shown
    name = {"en": "topics.html", "zh": "topics.zh.html"}[language]
    assert (tmp_path / name).read_text("utf-8") == page and len(list(tmp_path.iterdir())) == 2
    monkeypatch.chdir(tmp_path.parent)
    assert f'<iframe src="{tmp_path.name}/{name}"' in panel._repr_html_()


def test_labels_are_shown_as_they_are_written():
    page = Panel(numbers(*planted()), labels=LABELS).page(title="<i> & co")
    assert "<b>T01</b> · Chips · 芯片与 &lt;b&gt; 算力</button>" in page
    assert '<button value="2" aria-pressed="false"><b>T02</b> · Farms &amp; villages · 农业' in page
    assert "<b>T03</b></button>" in page and "<title>&lt;i&gt; &amp; co</title>" in page
    assert "<b>T02</b> · 农业 · Farms" in Panel(numbers(*planted()), labels=LABELS).page("zh")
    one = LABELS.assign(zh=LABELS["en"])  # one name in both languages stands once
    assert "<b>T02</b> · Farms &amp; villages</button>" in Panel(numbers(*planted()), labels=one).page("zh")


def test_the_footnotes_are_the_formulas_of_the_papers():
    for language in ("en", "zh"):
        page = Panel(numbers(*planted())).page(language)
        assert "λ · log p(w | t) + (1 - λ) · log[ p(w | t) / p(w) ]" in page
        assert "p(w) · Σ p(t | w) · log[ p(t | w) / p(t) ]" in page


# refusals


def test_several_problems_are_told_together():
    with pytest.raises(Refused) as refused:
        Panel(numbers(*planted()), labels=LABELS.assign(topic="T77")).page("de")
    assert len(refused.value.problems) == 3
    with pytest.raises(Refused, match="no words, passages"):
        given = numbers(*planted())
        Panel({key: given[key] for key in given if key not in ("words", "passages")}).page()
    with pytest.raises(Refused, match="columns topic, en\n"):
        Panel(numbers(*planted()), labels=LABELS.drop(columns="zh")).page()


def test_the_panel_is_made_of_a_run_and_its_counts():
    counts = count.load(ROOT / "data" / "counts")
    run = train.train(counts, 3, 1, chains=1, sweeps=4)
    panel = figures.panel(run, counts)
    assert panel.numbers == numbers(run.words, run.passages, counts.lengths, counts.frequencies)
    assert f'name="run" content="{run.fingerprint[:12]}"' in panel.page() and "panel" in panel._repr_html_()


# a real browser

READER = """<script>
addEventListener("load", async function() {
  const errors = [];
  addEventListener("error", event => errors.push(event.message));
  const all = selector => [...document.querySelectorAll(selector)];
  const press = (key, at) => at.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
  const circle = topic => all("circle")[all("circle").findIndex(dot => dot.getAttribute("aria-label").startsWith(topic))];
  const click = element => element.dispatchEvent(new MouseEvent("click", {bubbles: true}));
  const slide = value => { const slider = document.querySelector("input[type=range]");
    slider.value = value; slider.dispatchEvent(new Event("input")); };
  const number = (element, name) => +element.getAttribute(name);
  const seen = {};
  const look = name => { seen[name] = {
    title: document.querySelector("h2").textContent,
    terms: all("#bars button").map(word => word.textContent),
    totals: all(".track i:first-child").map(bar => parseFloat(bar.style.width)),
    overlay: all(".track i + i").map(bar => parseFloat(bar.style.width)),
    written: all("#bars span").map(text => text.textContent),
    middles: ["#bars button", ".track"].map(kind => all(kind).map(part => { const box = part.getBoundingClientRect(); return (box.top + box.bottom) / 2; })),
    left: Math.min(...all("#bars button").map(word => word.getBoundingClientRect().left)),
    map: document.querySelector("#map").getBoundingClientRect().right,
    spots: all("circle").map(dot => [number(dot, "cx"), number(dot, "cy")]),
    pressed: all("#topics-list button[aria-pressed=true]").map(entry => +entry.value),
    dots: all("circle[aria-pressed=true]").length,
    names: all("circle").map(dot => dot.getAttribute("aria-label").slice(0, 3)),
    circles: all("circle").map(dot => number(dot, "r")),
    texts: all("#map text").map(text => text.textContent),
    across: document.documentElement.scrollWidth}; };
  look("first");
  click(circle("T02")); look("clicked");
  click(all("#topics-list button")[0]); look("legend");
  slide(0.3); look("slid");
  slide(0.9); click(circle("T02")); look("hasty");
  const term = all("#bars button").find(text => text.textContent === "R&D") || all("#bars button")[0];
  term.dispatchEvent(new MouseEvent("mouseenter")); look("pointed");
  term.dispatchEvent(new MouseEvent("mouseleave")); look("left");
  click(all("#topics-list button")[1]); look("cleared");
  slide(1); press("ArrowRight", document.body); press("ArrowRight", document.body); look("next");
  press("ArrowLeft", document.querySelector("input")); look("slider");
  press("Escape", document.body); look("escaped");
  press("Enter", circle("T02")); look("entered");
  seen.fetched = performance.getEntriesByType("resource").map(entry => entry.name);
  seen.errors = errors;
  const note = document.createElement("pre");
  note.id = "seen"; note.textContent = JSON.stringify(seen);
  parent.document.body.replaceChildren(note);
});
</script>"""


def open_in_chromium(page, folder, framed=False, at=""):
    """Open a page in a browser that finds no host, let the reader click, and return what it saw."""
    page = page.replace("</body>", f"{READER}</body>")
    frame = f'<!DOCTYPE html><body><iframe srcdoc="{markup.escape(page)}" width="900" height="900"></iframe></body>'
    file = folder / "page.html"
    file.write_text(frame if framed else page, "utf-8")
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}",
        "--window-size=1400,1000", "--virtual-time-budget=60000", "--dump-dom", file.as_uri() + at,
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            out, _ = process.communicate(timeout=120)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    found = re.search(r'<pre id="seen">(.*?)</pre>', out.decode("utf-8"), re.S)
    assert found, "the page did not come to its end"
    return json.loads(markup.unescape(found[1]))


def same_bars(look, words, tables, topic=None):
    """Hold the bars of a look against the tables: the words in their order, widths in the proportion of the counts, the numbers beside them."""
    assert look["terms"] == words
    counted = tables[3][words].to_numpy()
    np.testing.assert_allclose(look["totals"], 100 * counted / counted.max(), rtol=1e-4)
    parts = inside(tables, topic)[words] if topic else []
    np.testing.assert_allclose(look["overlay"], 100 * np.array(parts) / counted.max(), rtol=1e-4, atol=1e-4)
    for place, written in enumerate(look["written"]):
        numbers = [float(part.replace(",", "")) for part in written.split(" / ")]
        wanted = [parts.iloc[place], counted[place]] if topic else [counted[place]]
        np.testing.assert_allclose(numbers, wanted, atol=0.5001)


def by_name(look, what):
    """Return what a look saw of each circle, by the name of its topic."""
    return pd.Series(np.array(look[what], float), look["names"]).sort_index()


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
@pytest.mark.parametrize(("language", "framed"), [("en", False), ("zh", False), ("zh", True)])
def test_a_topic_is_clicked_in_a_real_browser(language, framed, tmp_path):
    tables = planted(4, words=30)
    seen = open_in_chromium(Panel(numbers(*tables), labels=LABELS).page(language), tmp_path, framed)
    assert seen["fetched"] == seen["errors"] == []
    info = pd.DataFrame(numbers(*tables)["words"])
    salient = info[info["topic"] == ""]["word"].tolist()
    share = tables[1].mul(tables[2], axis=0).sum() / tables[2].sum()
    chosen = {"clicked": 2, "legend": 1, "next": 2, "slider": 2, "entered": 2}
    for name in ("first", "cleared", "escaped"):
        same_bars(seen[name], salient, tables)
        assert seen[name]["pressed"] == [] and seen[name]["dots"] == 0
    for name, number in chosen.items():
        same_bars(seen[name], relevant(tables, f"T0{number}", 1), tables, f"T0{number}")
        assert seen[name]["pressed"] == [number] and seen[name]["dots"] == 1
    same_bars(seen["slid"], relevant(tables, "T01", 0.3), tables, "T01")
    same_bars(seen["hasty"], relevant(tables, "T02", 0.9), tables, "T02")
    assert sorted(seen["first"]["names"]) == sorted(seen["first"]["texts"]) == ["T01", "T02", "T03", "T04"]
    for name in ("first", "left"):
        circles = np.square(by_name(seen[name], "circles"))
        np.testing.assert_allclose(circles / circles.sum(), share, rtol=1e-4)
    percent = f"{share['T02'] * 100:.1f}"
    said = {
        "en": (
            f"T02 ({percent}% of the tokens of topics): its 30 most relevant words",
            "How the word R&D is shared out among topics",
        ),
        "zh": (f"T02（占主题词次的{percent}%）：相关度最高的30个词", "词语“R&D”在各主题中的分布"),
    }
    assert (seen["clicked"]["title"], seen["pointed"]["title"]) == said[language]
    for look in (seen[name] for name in ("first", "clicked", "slid")):
        assert framed or look["left"] >= look["map"]
        assert look["across"] <= (900 if framed else 1400)


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
def test_the_study_in_a_real_browser_and_a_word_that_is_pointed_at(study_run, tmp_path):
    words, passages, lengths, frequencies = study_run
    term = relevant(study_run, "T02", 0.9)[0]
    seen = open_in_chromium(Panel(numbers(*study_run)).page(), tmp_path)
    assert seen["fetched"] == seen["errors"] == []
    cases = (("clicked", "T02", 1), ("legend", "T01", 1), ("slid", "T01", 0.3), ("hasty", "T02", 0.9))
    for name, topic, step in cases:
        same_bars(seen[name], relevant(study_run, topic, step), study_run, topic)
    assert seen["pointed"]["title"] == f"How the word {term} is shared out among topics"
    given = words.loc[term] * passages.mul(lengths, axis=0).sum()
    given = (given / given.sum()).where(given / given.sum() * frequencies[term] >= 0.5, 0)
    circles = np.square(by_name(seen["pointed"], "circles"))
    np.testing.assert_allclose(circles / circles.sum(), given / given.sum(), atol=1e-3)
    places = coordinates(words)
    spots = pd.DataFrame(seen["first"]["spots"], seen["first"]["names"]).sort_index().to_numpy()
    apart = [
        np.linalg.norm(table[:, None] - table[None], axis=2)[np.triu_indices(6, 1)]
        for table in (places, spots)
    ]
    np.testing.assert_allclose(apart[1] / apart[0], (apart[1] / apart[0]).mean(), rtol=1e-6)


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
def test_identical_topics_can_be_told_apart_in_a_real_browser(tmp_path):
    words, passages, lengths, frequencies = planted(2)
    words = words.assign(T02=words["T01"])
    frequencies = words @ (passages.T @ lengths)
    tables = words, passages, lengths, frequencies
    seen = open_in_chromium(Panel(numbers(*tables)).page(), tmp_path)
    assert seen["errors"] == []
    same_bars(seen["clicked"], relevant(tables, "T02", 1), tables, "T02")
    same_bars(seen["legend"], relevant(tables, "T01", 1), tables, "T01")
    spots = np.array(seen["first"]["spots"], float)
    assert np.isfinite(spots).all() and (spots[0] == spots[1]).all()


@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
def test_few_words_stand_beside_their_bars_in_a_real_browser(tmp_path, monkeypatch):
    monkeypatch.setattr("nqp_topics.figures.panel_numbers.ROOM", 8)
    seen = open_in_chromium(Panel(numbers(*planted(3))).page(), tmp_path, at="#T03")
    assert seen["first"]["pressed"] == [3]
    for name in ("first", "clicked", "slid", "hasty"):
        words, bars = np.array(seen[name]["middles"])
        assert len(words) == 8
        np.testing.assert_allclose(words, bars, atol=2.5)
