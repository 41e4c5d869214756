"""Counts: what they refuse, what is trimmed, how they travel, and what they say without a model."""

import json
import math
import re

import numpy as np
import pandas as pd
import pytest
from conftest import refuses
from gensim.matutils import corpus2csc
from scipy import io, sparse
from worlds import framed

from nqp_topics import counts as count
from nqp_topics.compare import contrast
from nqp_topics.counts import Counts, folder
from nqp_topics.study import Refused, Study


@pytest.fixture
def tokens():
    rows = [("p1", "a", "创新 产业 创新 企业"), ("p2", "a", "产业 土地")]
    rows += [("p3", "b", "土地 农民 土地"), ("p4", "b", "粮食")]
    return pd.DataFrame([(i, a, t.split()) for i, a, t in rows], columns=["id", "article", "tokens"])


@pytest.fixture
def counts(tokens):
    return count.count(tokens, made_from="abc").counts


# from tokens


def test_words_stand_in_the_order_of_their_code_points(counts):
    assert list(counts.words) == sorted(counts.words)
    assert counts.articles == ("a", "a", "b", "b")
    assert counts.tokens == 10
    table = framed(counts)
    assert table.loc["p1", "创新"] == 2 and table.loc["p3", "土地"] == 2 and table.loc["p2", "创新"] == 0


def test_what_was_trimmed_and_what_is_left_empty_is_told(tokens):
    counts, trimmed, empty = count.count(tokens, min_df=2)
    assert counts.words == ("产业", "土地")
    assert counts.ids == ("p1", "p2", "p3")
    assert empty.values.tolist() == [["p4", "b", 1]]
    assert trimmed["word"].iloc[0] == "创新" and trimmed["tokens"].iloc[0] == 2
    assert set(trimmed["reason"]) == {"in fewer than 2 passages"}
    assert trimmed["tokens"].sum() + counts.tokens == 10
    assert math.isclose(trimmed["share"].sum(), trimmed["tokens"].sum() / 10)
    assert "土地" in set(count.count(tokens, max_df=0.25).trimmed["word"])
    assert "土地" in set(count.count(tokens, max_df=0.49).trimmed["word"])
    assert "土地" in count.count(tokens, max_df=0.5).counts.words
    assert "土地" in count.count(tokens, max_df=2).counts.words


def test_shuffled_passages_change_only_their_order(tokens, counts):
    other = count.count(tokens.sample(frac=1, random_state=3)).counts
    assert other.words == counts.words
    assert framed(other).loc[list(counts.ids)].equals(framed(counts))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"min_df": 0}, "min_df"),
        ({"min_df": True}, "min_df"),
        ({"max_df": 0}, "max_df"),
        ({"max_df": 1.5}, "max_df"),
        ({"min_df": 3, "max_df": 0.5}, "the first not larger"),
        ({"min_df": 4}, "none of 6 words"),
        ({"articles": {"p1": "a"}}, "id p2"),
        ({"min_df": None}, "min_df"),
        ({"min_df": 2.5}, "min_df"),
        ({"max_df": math.inf}, "max_df"),
        ({"max_df": math.nan}, "max_df"),
        ({"max_df": "2"}, "max_df"),
        ({"max_df": 10**400}, "max_df"),
    ],
)
def test_limits_that_cannot_be_meant(tokens, settings, named):
    refuses(named, count.count, tokens, **settings)


def test_doubled_ids_and_empty_tables_are_refused(tokens):
    refuses("more than once: p1", count.count, tokens.assign(id="p1"))
    refuses("all passages are empty", count.count, pd.DataFrame({"id": ["a"], "tokens": [[]]}))
    refuses("the columns id, tokens", count.count, pd.DataFrame({"id": ["a"]}))


# the promise


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ([[1, -1]], "-1"),
        ([[1.5, 1]], "1.5"),
        ([[np.nan, 1]], "nan"),
        ([[np.inf, 1]], "inf"),
        ([[1, 2, 3]], "1 × 3"),
        ([[2**40, 1]], str(2**40)),
    ],
)
def test_a_matrix_that_is_no_count(bad, named):
    refuses(named, Counts, ("p",), ("甲", "乙"), sparse.csr_array(np.array(bad)))


def test_counts_show_themselves_in_one_line(counts):
    assert repr(counts) == "4 passages × 6 words of 2 articles"


def test_the_first_bad_count_is_named():
    matrix = sparse.csr_array(np.array([[1.0, 0, 2], [0, 1, 0.5]]))
    refuses("id q, word '丙'", Counts, ("p", "q"), ("甲", "乙", "丙"), matrix)


def test_names_that_disagree_are_told_together():
    with pytest.raises(Refused) as refused:
        Counts(("p", "p"), ("甲", "甲"), sparse.csr_array(np.ones((2, 2))), ("a",))
    assert len(refused.value.problems) == 3


def test_the_matrix_is_put_in_one_form_and_the_given_one_is_left_alone():
    data = (np.array([1, 2, 0, 3]), np.array([1, 0, 1, 0]), np.array([0, 3, 4]))
    given = sparse.csr_array(data, shape=(2, 2))
    made = Counts(("p", "q"), ("甲", "乙"), given)
    assert made.matrix.dtype == np.int32 and made.matrix.has_sorted_indices and made.matrix.nnz == 3
    assert given.nnz == 4
    same = Counts(("p", "q"), ("甲", "乙"), sparse.csr_array(np.array([[2, 1], [3, 0]])))
    assert made.fingerprint == same.fingerprint


def test_the_fingerprint_knows_every_part(counts):
    others = [
        Counts(counts.ids, counts.words, counts.matrix, ("a", "b", "b", "b")),
        Counts(counts.ids[::-1], counts.words, counts.matrix, counts.articles),
        Counts(counts.ids, counts.words[::-1], counts.matrix, counts.articles),
        Counts(counts.ids, counts.words, counts.matrix * 2, counts.articles),
    ]
    assert len({other.fingerprint for other in [counts, *others]}) == 5
    assert counts.fingerprint == counts.select(counts.ids).fingerprint


def test_passages_and_words_are_chosen_by_name(counts):
    some = counts.select(["p3", "p1"])
    assert some.ids == ("p3", "p1") and some.articles == ("b", "a")
    assert framed(some).equals(framed(counts).loc[["p3", "p1"]])
    refuses("'p9'", counts.select, ["p1", "p9"])
    less = counts.without(["土地", "not here"])
    assert "土地" not in less.words and less.tokens == 7 and less.made_from == "abc"


# to and from


def test_saved_and_loaded_is_equal_and_the_bytes_are_the_same(counts, tmp_path):
    count.save(counts, tmp_path / "one")
    count.save(count.load(tmp_path / "one"), tmp_path / "two")
    again = count.load(tmp_path / "two")
    assert again.fingerprint == counts.fingerprint and again.made_from == "abc"
    for name in ("counts.mtx", "passages.csv", "words.txt", "counts.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_other_programs_can_read_it(counts, tmp_path):
    count.save(counts, tmp_path)
    assert (io.mmread(tmp_path / "counts.mtx").toarray() == counts.matrix.toarray()).all()
    assert (tmp_path / "words.txt").read_text("utf-8").split() == list(counts.words)
    table = pd.read_csv(tmp_path / "passages.csv")
    assert list(table["id"]) == list(counts.ids) and list(table["article"]) == list(counts.articles)


@pytest.mark.parametrize("name", ["counts.mtx", "passages.csv", "words.txt", "counts.json"])
def test_a_file_that_was_cut_or_edited_or_lost_is_named(counts, tmp_path, name):
    count.save(counts, tmp_path)
    file = tmp_path / name
    whole = file.read_bytes()
    for changed in (
        whole[: len(whole) // 2],
        whole.replace(b"1", b"2", 1) if b"1" in whole else whole + "词\n".encode(),
    ):
        file.write_bytes(changed)
        refuses(name, count.load, tmp_path)
    file.unlink()
    refuses("no such file", count.load, tmp_path)


def test_a_folder_in_the_place_of_a_file_is_refused(counts, tmp_path):
    count.save(counts, tmp_path)
    (tmp_path / "counts.json").unlink()
    (tmp_path / "counts.json").mkdir()
    refuses("a folder", count.load, tmp_path)


def test_line_ends_of_another_system_are_no_edit(counts, tmp_path):
    count.save(counts, tmp_path)
    for name in ("counts.mtx", "words.txt", "passages.csv"):
        file = tmp_path / name
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert count.load(tmp_path).fingerprint == counts.fingerprint


def test_a_word_that_no_line_can_hold_is_refused(tmp_path):
    for word in ("甲\n乙", "\ud800"):
        with pytest.raises(Refused, match="half a character"):
            count.save(Counts(("p",), (word,), sparse.csr_array(np.array([[1]]))), tmp_path)


def test_gensim_has_the_same_counts(counts):
    names, corpus = counts.to_gensim()
    wanted = [(counts.words.index("创新"), 2), (counts.words.index("土地"), 1)]
    assert names.doc2bow(["创新", "土地", "创新"]) == wanted
    assert names.num_docs == 4 and names.cfs[counts.words.index("土地")] == 3
    assert corpus2csc(corpus, len(names)).T.toarray().tolist() == counts.matrix.toarray().tolist()


def test_what_pandas_and_scikit_learn_count_is_taken_as_it_is(counts):
    table, names = framed(counts), np.array(counts.words, dtype=object)
    for matrix in (table.to_numpy(), sparse.csr_matrix(counts.matrix), counts.matrix.tocoo()):
        again = Counts(table.index, names, matrix, counts.articles)
        assert again.fingerprint == counts.fingerprint
    assert counts.matrix.nnz == again.matrix.nnz


# without a model


def test_the_words_that_set_a_group_apart(counts):
    table = contrast.keywords(counts, {"a": "one", "b": "two"}, "one", prior=10, least=1)
    assert list(table["word"][:2]) == ["产业", "创新"] and table["word"].iloc[-1] == "土地"
    other = contrast.keywords(counts, {"a": "one", "b": "two"}, "two", prior=10, least=1)
    z = table.set_index("word")["z"] + other.set_index("word")["z"]
    assert np.allclose(z, 0)
    y, rest, inside, outside, alpha = 2, 0, 6, 4, 10 * 2 / 10
    odds = math.log((y + alpha) / (inside + 10 - y - alpha)) - math.log(
        (rest + alpha) / (outside + 10 - rest - alpha)
    )
    row = table.set_index("word").loc["创新"]
    assert math.isclose(row["log_odds"], odds)
    assert math.isclose(row["z"], odds / math.sqrt(1 / (y + alpha) + 1 / (rest + alpha)))
    assert row["per_thousand"] == 1000 * 2 / 6


def test_groups_that_cannot_be_compared(counts):
    refuses("no group", contrast.keywords, counts, {"a": "one"}, "one")
    for group in ("three", "one"):
        groups = {"a": "one", "b": "one" if group == "one" else "two"}
        refuses("choose one that is there", contrast.keywords, counts, groups, group)
    refuses("prior", contrast.keywords, counts, {"a": "one", "b": "two"}, "one", prior=0)


def lopsided(seed, wrote=([8, 1, 1], [1] * 20), alike=60):
    """Two groups that say the same, of witnesses with ways of their own; `wrote`: articles of each; `alike`: how much witnesses and articles are."""
    rng = np.random.default_rng(seed)
    usual, rows, voice, author = rng.dirichlet(np.full(60, 0.5)), [], {}, {}
    for group, sizes in zip("xy", wrote, strict=True):
        for who, many in enumerate(sizes):
            own = rng.dirichlet(alike * usual + 1e-6)
            for _ in range(many):
                name = f"a{len(voice):02d}"
                voice[name], author[name] = group, f"{group}{who}"
                rows.append(rng.multinomial(200, rng.dirichlet(alike * own + 1e-6)))
    names, words = list(voice), [f"词{number:02d}" for number in range(60)]
    return Counts(names, words, sparse.csr_array(np.array(rows)), names), voice, author


def spoken(seed, own=0.0):
    """Counts of 24 articles of four passages by twelve authors, each with words of its own; two groups, of which the first says 甲 more."""
    rng = np.random.default_rng(seed)
    words = [f"词{number:02d}" for number in range(60)]
    rows, articles = [], []
    for author in range(12):
        usual = rng.dirichlet(np.full(60, 0.5))
        usual[0] += own * (author < 6)
        for article in range(2):
            here = rng.dirichlet(40 * usual / usual.sum() + 1e-6)
            rows += [rng.multinomial(40, here) for _ in range(4)]
            articles += [f"a{author:02d}-{article}"] * 4
    ids = [f"{article}-p{number}" for number, article in enumerate(articles)]
    counts = Counts(tuple(ids), tuple(words), sparse.csr_array(np.array(rows)), tuple(articles))
    names = dict.fromkeys(articles)
    return counts, {n: "x" if n < "a06" else "y" for n in names}, {n: n[:3] for n in names}


def test_the_yardstick_of_telling_words_is_the_highest_that_shuffled_voices_reach():
    beyond = []
    for seed in range(40):
        counts, voice, author = spoken(seed)
        chance = contrast.largest_by_chance(counts, voice, pd.Series(author), draws=100)
        for group in ("x", "y"):
            highest = contrast.keywords(counts, voice, group)["z"].iloc[0]
            assert highest > 1.96  # which tells nothing here
            beyond.append(highest > chance[group])
    assert np.mean(beyond) <= 0.12
    # an author's articles are no two voices
    assert contrast.largest_by_chance(counts, voice)["x"] < chance["x"]
    assert contrast.largest_by_chance(counts, voice, author, draws=100) == chance
    counts, voice, author = spoken(1, own=0.5)
    found = contrast.keywords(counts, voice, "x").iloc[0]
    assert found["word"] == "词00" and found["z"] > contrast.largest_by_chance(counts, voice, author)["x"]
    refuses("200 is", contrast.largest_by_chance, counts, voice, draws=9)
    for wrong, says in (({"least": 0}, "5 is"), ({"prior": 0}, "1000 is")):
        refuses(says, contrast.keywords, counts, voice, "x", **wrong)
    refuses("two or more", contrast.largest_by_chance, counts, dict.fromkeys(voice, "x"))


def test_who_has_most_of_a_side_makes_no_word_telling_and_two_witnesses_have_no_yardstick():
    beyond = []
    for seed in range(15):
        counts, voice, author = lopsided(seed)
        chance = contrast.largest_by_chance(counts, voice, author, draws=100)
        beyond += [contrast.keywords(counts, voice, side)["z"].iloc[0] > chance[side] for side in "xy"]
    assert np.mean(beyond) <= 0.1  # by shuffled witnesses alone in most
    counts, voice, author = lopsided(1, ([5, 3, 2], [1] * 30), 1e6)
    chances = [contrast.largest_by_chance(counts, voice, within)["x"] for within in (author, None)]
    assert chances[0] < 1.25 * chances[1]  # who speaks is nothing where all speak alike
    counts, voice, author = lopsided(1, ([5, 5], [1] * 20))
    assert np.isnan(list(contrast.largest_by_chance(counts, voice, author, draws=100).values())).all()
    assert np.isfinite(list(contrast.largest_by_chance(counts, voice, draws=100).values())).all()


def test_numbers_of_numpy_are_numbers(tokens):
    plain = count.count(tokens, min_df=2, max_df=3).counts
    for two, three in ((np.int64(2), np.int32(3)), (np.uint8(2), np.float32(3))):
        assert count.count(tokens, min_df=two, max_df=three).counts.fingerprint == plain.fingerprint


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("counts.mtx", r"^\d+ ", "1000000000000 "),
        ("counts.mtx", r"^(\d+) \d+", r"\1 1000000000000"),
        ("counts.mtx", r" \d+$", " nan"),
        ("counts.mtx", r" \d+$", " 1.5"),
        ("counts.mtx", r" \d+$", " -1"),
        ("counts.mtx", r" \d+$", " 0"),
        ("counts.mtx", r" \d+$", " 9999999999999999999999"),
        ("counts.mtx", r" \d+$", " " + "9" * 5000),
        ("counts.mtx", r" \d+$", ""),
        ("counts.mtx", r"^\d+ (\d+ \d+)$", r"99 \1"),
        ("counts.mtx", r"^\d+ (\d+ \d+)$", r"0 \1"),
        ("counts.mtx", r"^(\d+) \d+ (\d+)$", r"\1 99 \2"),
        ("passages.csv", r",.*$", ""),
        ("passages.csv", r"$", ",more"),
        ("words.txt", r"^.*\n", ""),
    ],
)
def test_a_seal_that_fits_makes_no_content_believed(counts, tmp_path, name, old, new):
    """Whoever edits a file can make its fingerprints and its seal anew."""
    count.save(counts, tmp_path)
    file = tmp_path / name
    lines = file.read_text("utf-8").splitlines(keepends=True)
    for number in range(1, min(len(lines), 3)):
        changed = [*lines]
        changed[number] = re.sub(old, new, lines[number].rstrip("\n")) + ("\n" if old[-1] != "n" else "")
        if name == "words.txt":
            changed = lines[:number] + lines[number + 1 :]
        if changed == lines:
            continue
        file.write_text("".join(changed), "utf-8")
        about = folder._about(counts, tmp_path)
        (tmp_path / "counts.json").write_text(json.dumps(about), "utf-8")
        refuses(str(tmp_path), count.load, tmp_path)


def test_brackets_without_end_are_refused(counts, tmp_path):
    count.save(counts, tmp_path)
    (tmp_path / "counts.json").write_text("[" * 100_000, "utf-8")
    refuses(r"counts\.json", count.load, tmp_path)


# by study

TEXTS = [
    ("p1", "a", "新质生产力发展，和企业创新。"),
    ("p2", "a", "企业创新，2023年企业。"),
    ("p3", "b", "创新，创新。"),
]


@pytest.fixture
def study(tmp_path):
    (tmp_path / "lexicon.txt").write_text("新质生产力\n", "utf-8")
    (tmp_path / "stop.txt").write_text("发展  # in every text\n", "utf-8")
    settings = {"lexicon": "lexicon.txt", "stopwords": "stop.txt", "counts": "kept"}
    settings |= {"min_df": 2, "max_df": 1.0}
    return Study(folder=tmp_path, name="small").but(**settings)


def test_by_study_every_step_is_a_table(study):
    made = count.by_study(study, pd.DataFrame(TEXTS, columns=["id", "article", "text"]))
    wanted = [["新质生产力", "企业", "创新"], ["企业", "创新", "企业"], ["创新", "创新"]]
    assert made.tokens["tokens"].tolist() == wanted
    assert set(made.sifted["word"]) == {"，", "。", "和", "发展", "2023年"}
    assert made.audit[["term", "whole"]].values.tolist() == [["新质生产力", 1]]
    assert made.trimmed["word"].tolist() == ["新质生产力"] and not len(made.empty)
    assert made.counts.words == ("企业", "创新") and made.counts.articles == ("a", "a", "b")
    other = count.by_study(study.but(max_df=3), made.passages)
    assert (
        other.counts.fingerprint == made.counts.fingerprint != other.counts.made_from != made.counts.made_from
    )
    refuses("id, article, text", count.by_study, study, made.passages.drop(columns="article"))


def test_by_study_reads_the_documents_where_no_passages_are_given(study):
    (study.folder / "data/raw").mkdir(parents=True)
    for name in ("one", "two"):
        text = "新质生产力要靠企业创新，企业要靠人才，人才要靠教育和学校，学校办在城市和农村里，农村也有自己的企业和市场。"
        (study.folder / "data/raw" / f"{name}.txt").write_text(f"关于企业的报告\n{text}\n", "utf-8")
    made = count.by_study(study)
    assert set(made.passages["article"]) == set(made.counts.articles) and "企业" in made.counts.words


def test_the_counts_of_a_study_are_read_or_said_how_to_make(study, counts):
    refuses("nqp-topics share --study", count.of_study, study)
    count.save(counts, study.path(study.counts))
    assert count.of_study(study).fingerprint == counts.fingerprint
    refuses("no counts", count.of_study, study.but(counts=""))
