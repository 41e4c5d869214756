"""Names: the four families of words, passages that speak for a topic, labels that survive another run."""

import warnings

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from scipy import sparse
from worlds import run_of

from nqp_topics import naming as name
from nqp_topics.checks import Remark
from nqp_topics.counts import Counts, save
from nqp_topics.study import load
from nqp_topics.topics import train

WORDS = ("公园", "绿地", "老人", "养老", "服务", "图书")
PHI = np.array(
    [
        [0.50, 0.20, 0.00, 0.00, 0.30, 0.00],
        [0.00, 0.00, 0.45, 0.25, 0.30, 0.00],
        [0.05, 0.00, 0.00, 0.00, 0.25, 0.70],
    ]
)
SHARES = np.array(
    [[0.90, 0.05, 0.05], [0.45, 0.45, 0.10], [0.05, 0.90, 0.05], [0.10, 0.10, 0.80], [0.98, 0.01, 0.01]]
)
LENGTHS = [40, 30, 50, 40, 4]


def make(phi=PHI, shares=SHARES, seed=1):
    table = np.round(SHARES @ PHI * np.array(LENGTHS)[:, None]).astype(int)
    counts = Counts(
        tuple(f"p{number}" for number in range(5)), WORDS, sparse.csr_array(table), ("a", "a", "b", "b", "c")
    )
    return run_of(counts, np.asarray(phi), shares, seed), counts


@pytest.fixture
def run():
    return make()[0]


@pytest.fixture
def counts():
    return make()[1]


def named(*labels, run):
    table = pd.DataFrame(columns=name.LABELS)
    for topic, zh, en in labels:
        table = name.label(table, run, topic, zh, en, "测试者", "2024-05-01")
    return table


@pytest.fixture
def labels(run):
    return named(("T01", "公园", "Parks"), ("T02", "养老", "Care"), ("T03", "图书", ""), run=run)


# words


def test_words_by_probability_are_the_largest_shares(run):
    table = name.words(run, 2)
    assert table["word"].tolist() == ["公园", "服务", "老人", "服务", "图书", "服务"]
    assert table["topic"].tolist() == ["T01", "T01", "T02", "T02", "T03", "T03"]
    assert table["weight"].tolist() == table["score"].tolist() == [0.5, 0.3, 0.45, 0.3, 0.7, 0.25]


def test_lift_and_relevance_are_those_of_their_formulas(run):
    whole = (run.words * run.tokens).sum(axis=1) / run.tokens.sum()
    assert whole.sum() == pytest.approx(1)
    for by, weight, formula in (
        ("lift", None, lambda p, q: p / q),
        ("relevance", None, lambda p, q: 0.6 * np.log(p) + 0.4 * np.log(p / q)),
        ("relevance", 0.2, lambda p, q: 0.2 * np.log(p) + 0.8 * np.log(p / q)),
    ):
        table = name.words(run, 3, by, weight).set_index(["topic", "word"])
        for (topic, word), row in table.iterrows():
            assert row["score"] == pytest.approx(formula(run.words.loc[word, topic], whole[word]))
        assert all((rows["score"].diff().dropna() <= 0).all() for _, rows in table.groupby("topic"))


def test_relevance_ends_in_probability_and_in_lift(run):
    for weight, by in ((1.0, "probability"), (0.0, "lift")):
        wanted = name.words(run, 2, by)["word"].tolist()
        assert name.words(run, 2, "relevance", weight)["word"].tolist() == wanted


def test_frex_prefers_words_that_are_frequent_and_the_topic_s_own(run):
    first = name.words(run, 2, "frex")
    assert first.loc[first["topic"] == "T01", "word"].tolist() == ["公园", "绿地"]
    # 公园 in T01: of six words none has a larger share; one other, 绿地, is more exclusive
    score = first.set_index(["topic", "word"]).loc[("T01", "公园"), "score"]
    assert score == pytest.approx(1 / (0.5 / (5 / 6) + 0.5 / (6 / 6)))
    assert name.words(run, 1, "frex", 1.0)["word"].iloc[0] == "绿地"


def test_rare_words_can_be_left_out_and_ties_stay_in_order(run):
    some = name.words(run, 6, "lift", least=10)
    assert (some["weight"] * some["topic"].map(run.tokens) >= 10).all() and len(some) < 18
    nothing = name.words(run, 6, only=["T02"])
    assert nothing["word"].tolist()[3:] == ["公园", "绿地", "图书"]


# passages


def test_the_purest_passages_are_long_enough_to_tell(run, counts):
    table = name.purest(run, counts, n=2)
    first = table.set_index(["topic", "rank"])
    assert first.loc[("T01", 1), "id"] == "p0" and first.loc[("T03", 1), "article"] == "b"
    assert "p4" not in set(table["id"]) and (table["tokens"] >= 20).all()
    assert ((table["low"] < table["share"]) & (table["share"] < table["high"])).all()
    short = name.purest(run, counts, n=2, least=1, only=["T01"])
    assert short["id"].tolist() == ["p4", "p0"]
    below = short["share"] - short["low"]
    assert below[0] > below[1]  # four tokens say less than forty


# labels


def test_labels_are_read_as_they_were_written(tmp_path, run, labels):
    file = tmp_path / "labels.csv"
    assert name.read_labels(file).empty
    name.write_labels(labels, file)
    once = file.read_bytes()
    pd.testing.assert_frame_equal(name.read_labels(file), labels)
    name.write_labels(name.read_labels(file), file)
    assert file.read_bytes() == once
    assert once.decode("utf-8-sig").startswith("fingerprint,topic,zh,en,who,when\n")


def test_labels_of_a_run_name_every_topic(run, labels):
    table = name.labels_of(labels.iloc[:2], run)
    assert table["topic"].tolist() == ["T01", "T02", "T03"]
    assert table["en"].tolist() == ["Parks", "Care", "T03"]
    assert table["labelled"].tolist() == [True, True, False]
    assert name.labels_of(labels, run)["en"].tolist()[2] == "图书"  # better one language than none
    assert name.labels_of(labels.iloc[:0], run)["zh"].tolist() == run.names


def test_a_second_label_takes_the_place_of_the_first(run, labels):
    table = name.label(labels, run, "T02", "老人", "Elders")
    assert len(table) == 3 and name.labels_of(table, run)["zh"].tolist() == ["公园", "老人", "图书"]
    assert labels["zh"].tolist() == ["公园", "养老", "图书"]


def test_labels_survive_a_refit(run, labels):
    other, _ = make(PHI[[2, 0, 1]] * 0.97 + 0.005, SHARES[:, [2, 0, 1]], seed=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = name.carry(labels, run, other)
    assert table["topic"].tolist() == ["T01", "T02", "T03"]
    assert table["zh"].tolist() == "图书 公园 养老".split()
    assert table["was"].tolist() == ["T03", "T01", "T02"] and (table["likeness"] > 0.95).all()
    assert (table["fingerprint"] == other.fingerprint).all() and (table["who"] == "测试者").all()
    assert name.labels_of(pd.concat([labels, table]), other)["zh"].tolist() == ["图书", "公园", "养老"]


def test_labels_go_to_another_number_of_topics_and_what_is_weak_is_warned_of(run, labels):
    mixed = np.array([PHI[0], (PHI[1] + PHI[2]) / 2])
    fewer, _ = make(mixed, np.column_stack((SHARES[:, 0], SHARES[:, 1:].sum(axis=1))), seed=3)
    with pytest.warns(name.WeakMatch, match=r"no topic for the labels of T02 \(most like T02, 0\.\d\d\)"):
        table = name.carry(labels, run, fewer)
    assert table["zh"].tolist() == ["公园", "图书"]
    level, _ = make(
        np.array([PHI[0], [0.0, 0.0, 0.3, 0.15, 0.2, 0.35]]),
        np.column_stack((SHARES[:, 0], SHARES[:, 1:].sum(axis=1))),
        seed=6,
    )
    with pytest.warns(name.WeakMatch, match=r"weak: T03 → T02 \(0\.7"):
        table = name.carry(labels, run, level)
    assert table["weak"].tolist() == [False, True]
    more, _ = make(
        np.vstack([PHI, np.full((1, 6), 1 / 6)]), np.column_stack((SHARES * 0.9, np.full(5, 0.1))), seed=4
    )
    with pytest.warns(name.WeakMatch, match="no label for T04"):
        assert name.carry(labels, run, more)["topic"].tolist() == ["T01", "T02", "T03"]


def test_labels_for_another_model_are_refused(run, labels):
    other, _ = make(seed=5)
    refuses(r"(?s)labels for run .* but this is run .*carry", name.labels_of, labels, other)
    refuses("no label for run", name.carry, labels, other, run)


def test_spoilt_labels_are_refused(tmp_path, run, labels):
    file = tmp_path / "labels.csv"
    file.write_text("topic,zh\nT01,公园\n", "utf-8")
    refuses("fingerprint, topic, zh, en", name.read_labels, file)
    file.write_bytes("fingerprint,topic,zh,en,who,when\nx,T01,公园,,,\n".encode("gb18030"))
    assert name.read_labels(file)[["topic", "zh"]].values.tolist() == [["T01", "公园"]]
    refuses("labelled twice", name.write_labels, pd.concat([labels, labels.iloc[:1]]), file)
    other = labels.assign(topic=["T01", "T02", "T09"])
    refuses(r"labels.xlsx(.|\n)*T09(.|\n)*T01, T02, T03", name.labels_of, other, run)
    refuses("two empty names", name.label, labels, run, "T01", " ", "")


# what the topics of a study are called


FIT = {"chains": 1, "sweeps": 15}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A study of three planted topics, its counts, its reported run and a label a topic."""
    rng = np.random.default_rng(2)
    rows = np.zeros((36, 18), int)
    for row in range(36):
        rows[row, row % 3 * 6 : row % 3 * 6 + 6] = rng.integers(2, 7, 6)
        rows[row, rng.integers(18)] += 1
    words = [f"{field}{n}" for field in "田海戏" for n in range(6)]
    counts = Counts([f"p{n:02d}" for n in range(36)], words, sparse.csr_array(rows))
    place = tmp_path_factory.mktemp("tiny")
    (place / "study.toml").write_text(
        '[study]\nname = "tiny"\n[count]\ncounts = "counts"\n[train]\ntopics = 3\nseed = 3\nlabels = "labels.csv"\n'
        "[train.sampler]\nchains = 1\nsweeps = 15\n[train.gensim]\npasses = 60\n"
    )
    study = load(place)
    save(counts, place / "counts")
    run = train(counts, 3, 3, **study.fits)
    table = pd.DataFrame(columns=name.LABELS)
    for topic in run.names:
        field = run.words[topic].idxmax()[0]
        table = name.label(table, run, topic, field, {"田": "Farm", "海": "Sea", "戏": "Stage"}[field])
    name.write_labels(table, place / "labels.csv")
    return study, counts, run


def field_of(run, topic):
    return run.words[topic].idxmax()[0]


def quiet(*arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("error", name.WeakMatch)
        return name.labels_of_study(*arguments)


def test_the_reported_run_is_called_by_its_own_labels(tiny):
    study, _, run = tiny
    table = quiet(study, run)
    assert list(table.columns) == ["topic", "zh", "en", "weak"] and table["topic"].tolist() == run.names
    assert table["zh"].tolist() == [field_of(run, topic) for topic in run.names]
    assert set(table["en"]) == {"Farm", "Sea", "Stage"} and not table["weak"].any()


def test_topics_of_one_name_are_told_of(tiny, tmp_path):
    study, _, run = tiny
    alike = name.read_labels(study.path("labels.csv")).assign(zh="田", en=["Farm", "Sea", "Farm"])
    name.write_labels(alike, tmp_path / "labels.csv")
    other = study.but(labels=str(tmp_path / "labels.csv"))
    said = r"topics that have one name: 田 \(T01, T02, T03\), Farm \(T01, T03\); a name of its own"
    with pytest.warns(Remark, match=said):
        table = name.labels_of_study(other, run)
    assert (table["zh"] == "田").all()


def test_what_a_failed_formula_left_is_no_name(tiny, tmp_path):
    study, _, _ = tiny
    failed = name.read_labels(study.path("labels.csv")).assign(zh="#N/A", en="#REF!")
    name.write_labels(failed, tmp_path / "labels.csv")
    with pytest.warns(Remark, match=r"T01 zh #N/A"):
        assert not name.read_labels(tmp_path / "labels.csv")[["zh", "en"]].any(axis=None)


@pytest.mark.parametrize("change", [{"seed": 5}, {"engine": "gensim"}, {"engine": "gensim", "seed": 4}])
def test_another_seed_or_engine_takes_the_labels_of_the_topics_that_are_the_same(tiny, change):
    study, counts, reported = tiny
    other = study.but(**change)
    run = train(counts, 3, other.seed, **other.fits)
    assert run.fingerprint != reported.fingerprint
    table = quiet(other, run)
    assert table["zh"].tolist() == [field_of(run, topic) for topic in run.names]
    assert not table["weak"].any() and not table["en"].str.endswith("?").any()


def test_another_number_of_topics_takes_labels_with_question_marks_and_says_so(tiny):
    study, counts, _ = tiny
    other = study.but(topics=5)
    run = train(counts, 5, 2, **FIT)
    with pytest.warns(name.WeakMatch, match="no label for") as said:
        table = name.labels_of_study(other, run)
    assert len([one for one in said if one.category is name.WeakMatch]) == 1
    assert table["topic"].tolist() == run.names
    labelled = table[~table["zh"].str.contains("·")]
    assert len(labelled) == 3 and sorted(labelled["zh"].str[0]) == sorted("田海戏")
    assert [field_of(run, topic) for topic in labelled["topic"]] == labelled["zh"].str[0].tolist()
    assert (labelled["zh"].str.endswith("?") == labelled["weak"]).all()
    assert (labelled["en"].str.endswith("?") == labelled["weak"]).all()
    bare = table[table["zh"].str.contains("·")]
    assert bare["en"].equals(bare["zh"]) and not bare["weak"].any() and len(bare) == 2


def test_a_label_that_is_carried_weakly_has_a_question_mark(tiny):
    study, counts, _ = tiny
    run = train(counts, 2, 2, **FIT)
    with pytest.warns(name.WeakMatch, match=r"weak: T0\d → T0\d"):
        table = name.labels_of_study(study.but(topics=2), run)
    weak = table[table["weak"]]
    assert len(weak) and weak["zh"].str.fullmatch(r"[田海戏]\?").all()
    assert weak["en"].str.fullmatch(r"(Farm|Sea|Stage)\?").all()


@pytest.mark.parametrize("reported", [3, 0])
def test_labels_of_unknown_runs_are_left_aside_and_that_is_said(tiny, tmp_path, reported):
    study, _, run = tiny
    strange = name.read_labels(study.path("labels.csv")).assign(fingerprint="f" * 64)
    name.write_labels(strange, tmp_path / "labels.csv")
    other = study.but(labels=str(tmp_path / "labels.csv"))
    if not reported:  # nothing has been decided yet
        (tmp_path / "study.toml").write_text('[study]\nname = "s"\n[train]\nlabels = "labels.csv"\n')
        other = load(tmp_path).but(topics=3)
    with pytest.warns(name.WeakMatch, match="belong to other runs .ffffffff.: topics go by their words"):
        table = name.labels_of_study(other, run)
    assert table["zh"].tolist() == table["en"].tolist() == telling(run) and not table["weak"].any()


def telling(run):
    first = name.words(run, 3, by="relevance")
    return ["·".join(first.loc[first["topic"] == topic, "word"]) for topic in run.names]


def test_without_labels_topics_go_by_their_most_telling_words(tiny, tmp_path):
    study, _, run = tiny
    for labels in ("", str(tmp_path / "none.csv")):
        table = quiet(study.but(labels=labels), run)
        assert table["zh"].tolist() == table["en"].tolist() == telling(run) and not table["weak"].any()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda r, c: name.words(r, 7), "from 1 to 6"),
        (lambda r, c: name.words(r, 0), "from 1 to"),
        (lambda r, c: name.words(r, 2, "tfidf"), "probability, frex"),
        (lambda r, c: name.words(r, 2, "lift", 0.5), "for relevance and frex"),
        (lambda r, c: name.words(r, 2, "relevance", 1.5), "from 0 on and up to 1"),
        (lambda r, c: name.words(r, 2, only=["T01", "T07", "T08"]), "(?s)T07.*T08"),
        (lambda r, c: name.purest(r, c, only="T09"), "T09.*does not exist"),
        (lambda r, c: name.purest(r, c, least=1000), "up to 50"),
        (lambda r, c: name.purest(r, c.select(["p0"])), "the counts that the run was made from"),
        (
            lambda r, c: name.label(pd.DataFrame(columns=name.LABELS), r, "T10", "甲", ""),
            "T10.*does not exist",
        ),
    ],
)
def test_what_cannot_be_named_is_refused(run, counts, call, says):
    refuses(says, call, run, counts)
