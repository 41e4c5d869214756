"""Terms: planted words come back, the review table survives a spreadsheet, the lexicon keeps what stands in it."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import refuses

from nqp_topics.study import Refused, load
from nqp_topics.words import lexicon, terms

SENTENCES = [
    "市里公布了云杉指数，居民议论纷纷。",
    "云杉指数上升，商店开始打折。",
    "老师解释云杉指数，学生认真记录。",
    "今年的云杉指数比去年低，大家松了一口气。",
    "报纸每天刊登云杉指数。",
    "渔民修好5G基站，码头恢复了信号。",
    "山顶的5G基站被雪压住。",
    "邻居反对5G基站，投票没有通过。",
    "工人检查5G基站和水管。",
    "推动公园维修，推动道路维修，推动桥梁维修。",
    "推动公园开放，推动夜市开放，推动图书馆开放。",
    "公园维修，道路维修，桥梁维修，都要钱。",
]


def texts(sentences=SENTENCES):
    return pd.DataFrame({"id": [f"t{n:02d}" for n in range(len(sentences))], "text": sentences})


@pytest.fixture(scope="module")
def mined():
    return terms.mine(texts())


def test_planted_terms_come_back_first(mined):
    assert set(mined["term"].head(2)) == {"云杉指数", "5G基站"}


def test_counts_and_places_are_those_of_the_text(mined):
    by_id = texts().set_index("id")["text"]
    for row in mined.itertuples():
        assert row.count == sum(text.count(row.term) for text in by_id)
        assert row.passages == row.articles == sum(row.term in text for text in by_id)
        for place in filter(None, (row.place_1, row.place_2, row.place_3)):
            name, _, offset = place.partition(":")
            assert by_id[name].startswith(row.term, int(offset))
    assert mined.set_index("term")["default_cut"]["云杉指数"] == "云杉/指数"


def test_three_places_are_in_three_passages_where_there_are_three(mined):
    row = mined.set_index("term").loc["云杉指数"]
    assert [place.split(":")[0] for place in (row.place_1, row.place_2, row.place_3)] == ["t00", "t01", "t02"]


def test_no_term_begins_or_ends_with_a_function_word_or_inside_a_word(mined):
    assert not [
        term
        for term in mined["term"]
        if re.match("[的了和在是比]", term) or re.search("[的了和在是比]$", term)
    ]
    assert "杉指" not in set(mined["term"]) and "杉指数" not in set(mined["term"])


def test_a_verb_that_takes_any_object_makes_no_term(mined):
    scores = mined.set_index("term")["score"]
    assert scores.get("推动公园", 0) < scores["云杉指数"] / 2


def test_a_part_is_left_to_the_longer_term():
    sentences = "张家靠绿松湖水库灌溉。 绿松湖水库结冰了。 他游过绿松湖水库。 绿松湖水库，水很深。 雨后绿松湖水库涨水。".split()
    found = set(terms.mine(texts(sentences))["term"])
    assert "绿松湖水库" in found and not {"绿松", "绿松湖", "湖水库"} & found
    both = [*sentences, "湖水库很多。", "他爱湖水库。", "湖水库，鱼肥。", "看湖水库去。", "湖水库呢？"]
    assert {"绿松湖水库", "湖水库"} <= set(terms.mine(texts(both))["term"])


def test_ends_of_sentences_count_as_free():
    alone = terms.mine(texts(["云杉指数。", "云杉指数！", "云杉指数；"]))
    stuck = terms.mine(texts(["旧云杉指数表。", "旧云杉指数表！", "旧云杉指数表；"]))
    assert alone["freedom_left"][0] == alone["freedom_right"][0] == pytest.approx(1.0986, abs=1e-4)
    assert "云杉指数" not in set(stuck["term"])


def test_the_order_of_the_texts_changes_nothing_but_the_places(mined):
    turned = terms.mine(texts().iloc[::-1])
    same = [name for name in terms.COLUMNS if not name.startswith("place")]
    pd.testing.assert_frame_equal(turned[same], mined[same])


def test_articles_are_counted():
    table = texts().assign(article=["a"] * 6 + ["b"] * 6)
    found = terms.mine(table).set_index("term")
    assert found["articles"]["云杉指数"] == 1 and found["articles"]["5G基站"] == 2


def test_half_a_character_and_a_very_long_line_do_not_stop_the_mine():
    found = terms.mine([("odd", "云杉指数\ud83d。云杉指数；云杉指数"), ("long", "小河向东流，" * 40_000)])
    assert "云杉指数" in set(found["term"])


def test_nothing_to_find_is_an_empty_table():
    assert list(terms.mine(texts(["雨。", ""])).columns) == terms.COLUMNS
    assert not len(terms.mine(texts(["雨。", ""])))


def test_all_wrong_settings_are_told_at_once():
    with pytest.raises(Refused) as refused:
        terms.mine([], fewest=1, longest=1, fold=0)
    assert len(refused.value.problems) == 4
    refuses("id, text", terms.mine, pd.DataFrame({"id": ["a"]}))


def test_numbers_of_numpy_are_numbers(mined):
    again = terms.mine(texts(), fewest=np.int64(3), longest=np.int32(12), fold=np.float32(0.9))
    pd.testing.assert_frame_equal(again, mined)
    assert len(terms.kwic(texts(), "云杉指数", width=np.int64(3))) == 5


def fill(file, answers):
    table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    table["accept"] = [answers.get(term, "") for term in table["term"]]
    return table


def test_the_review_table_comes_back_from_a_spreadsheet(mined, tmp_path):
    file = tmp_path / "review.csv"
    terms.review(mined, file, texts())
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    table = fill(file, {"云杉指数": "是", "5G基站": " Yes "})
    table.loc[table["term"] == "云杉指数", "reason"] = "指标"
    assert table["context_1"][list(table["term"]).index("云杉指数")] == "市里公布了[云杉指数]，居民议论纷纷。"
    for written in (
        {},
        {"sep": ";", "encoding": "utf-8-sig"},
        {"sep": "\t", "encoding": "utf-16"},
        {"encoding": "gb18030"},
    ):
        table.to_csv(file, index=False, **written)
        entries = terms.accepted(file)
        assert sorted(entries["term"]) == ["5G基站", "云杉指数"]
        assert entries.set_index("term")["reason"]["云杉指数"] == "指标"


def test_an_answer_that_is_neither_yes_nor_no_is_refused_with_its_row(mined, tmp_path):
    file = tmp_path / "review.csv"
    terms.review(mined, file)
    fill(file, {"云杉指数": "maybe", "5G基站": "?"}).to_csv(file, index=False)
    with pytest.raises(Refused) as refused:
        terms.accepted(file)
    assert len(refused.value.problems) == 2
    assert "maybe" in str(refused.value) and "云杉指数" in str(refused.value)
    pd.DataFrame({"accept": ["是", "no", "x"], "term": ["甲乙", "甲乙", ""]}).to_csv(file, index=False)
    refuses(r"yes and no for one word[\s\S]*an answer without a word", terms.accepted, file)
    file.write_text("word,yes\n", "utf-8")
    refuses("accept, term", terms.accepted, file)
    refuses("no such file", terms.accepted, tmp_path / "nowhere.csv")


def test_contexts_need_the_texts_that_were_mined(mined, tmp_path):
    refuses("no text", terms.review, mined, tmp_path / "review.csv", [("other", "雨。")])


def test_a_term_of_lines_that_articles_repeat_is_noted(tmp_path):
    rows = [(f"t{n:02d}", f"{text}\n云杉周刊版权所有") for n, text in enumerate(SENTENCES)]
    found = terms.mine(rows)
    terms.review(found, tmp_path / "review.csv", rows)
    notes = pd.read_csv(tmp_path / "review.csv", keep_default_na=False).set_index("term")["note"]
    noted = [term for term, note in notes.items() if note]
    assert noted and all(term in "云杉周刊版权所有" for term in noted)
    assert notes[noted[0]].startswith("12 of its 12 places") and not notes["云杉指数"]


def test_adding_keeps_every_line_that_stands(tmp_path):
    file = tmp_path / "lexicon.txt"
    before = "# ours\n云杉指数 = 云杉指标; not after 旧  # 指标\n"
    file.write_text(before.rstrip("\n"), "utf-8")
    state = terms.add(lexicon.of(["云杉指标", "5G基站"]), file)
    assert list(state["state"]) == ["already there", "added"]
    assert file.read_text("utf-8") == before + "5G基站\n"
    assert list(terms.add(lexicon.of(["5G基站"]), file)["state"]) == ["already there"]
    assert list(terms.add(lexicon.of(["云杉"]), tmp_path / "new.txt")["state"]) == ["added"]
    assert list(lexicon.read(tmp_path / "new.txt")["term"]) == ["云杉"]


def test_an_entry_that_contradicts_the_file_is_refused_and_nothing_written(tmp_path):
    file = tmp_path / "lexicon.txt"
    file.write_text("云杉指数 = 杉指\n", "utf-8")
    with pytest.raises(Refused):
        terms.add(lexicon.of(["新词"], {"新词": ["杉指"]}), file)
    assert file.read_text("utf-8") == "云杉指数 = 杉指\n"


def test_a_term_that_the_grammar_would_read_as_another_is_not_added(tmp_path):
    file = tmp_path / "review.csv"
    file.write_text("accept,term\nyes,甲 # 乙\nyes,丙；丁\nyes,好词\n", "utf-8")
    with pytest.raises(Refused, match="another entry") as refused:
        terms.add(terms.accepted(file), tmp_path / "lexicon.txt")
    assert len(refused.value.problems) == 2 and not (tmp_path / "lexicon.txt").exists()


def test_kwic_shows_every_place_with_its_neighbours():
    table = texts().assign(article="a", voice=["甲", "乙"] * 6)
    found = terms.kwic(table, "云杉指数", width=3)
    assert list(found.columns) == ["id", "article", "voice", "place", "left", "term", "right"]
    assert len(found) == 5
    by_id = table.set_index("id")["text"]
    for row in found.itertuples():
        assert by_id[row.id].startswith(row.left + row.term + row.right, row.place - len(row.left))
    assert list(found.iloc[0][["left", "right"]]) == ["公布了", "，居民"]
    assert list(terms.kwic(table, "云杉指数", by="voice")["voice"]) == sorted(found["voice"])
    assert not len(terms.kwic(table, "海豚"))


def test_kwic_finds_the_other_forms_of_a_term():
    names = lexicon.of(["云杉指数"], {"云杉指数": ["云杉指标"]})
    table = [("a", "云杉指标与\n云杉指数")]
    assert list(terms.kwic(table, "云杉指标", lexicon=names)["term"]) == ["云杉指标", "云杉指数"]
    assert terms.kwic(table, "云杉指数")["left"][0] == "云杉指标与⏎"


def test_kwic_refuses_what_it_cannot_do():
    with pytest.raises(Refused) as refused:
        terms.kwic(texts(), " ", width=-1, by=["speaker"])
    assert len(refused.value.problems) == 3


def test_the_lexicon_and_the_stop_words_of_the_study_can_be_read_and_say_why():
    study = load()
    table = lexicon.read(study.path("data/lexicon.txt"))
    assert len(table) > 1500 and table["reason"].all()
    words = lexicon.read_words(study.path("data/stopwords.txt"))
    assert len(words) > 100 and words["reason"].all()


@pytest.fixture(scope="module")
def wanted(gold):
    return pd.read_csv(gold / "terms.tsv", sep="\t", quoting=3)


def test_the_most_frequent_terms_of_a_careful_reader_are_mined_first(passages, wanted):
    found = list(terms.mine(passages)["term"].head(300))
    frequent = wanted[wanted["label"] == "keep"].nlargest(40, "freq")["term"]
    assert set(frequent) <= set(found)
    rejected = set(wanted.loc[wanted["label"] == "reject", "term"])
    assert len(rejected & set(found)) < len(rejected) / 2


def test_the_lexicon_holds_what_the_reader_keeps_and_merges_nothing_it_rejects(wanted):
    held = lexicon.read(load().path("data/lexicon.txt"))
    forms = {form for row in held.itertuples() for form in (row.term, *row.aliases)}
    assert set(wanted.loc[wanted["label"] == "keep", "term"]) <= forms
    rejected = wanted.loc[wanted["label"] == "reject", "term"]
    assert not [(form, pair) for form in forms for pair in rejected if pair in form]


def test_the_stop_words_agree_with_the_reader(gold):
    study = load()
    read = pd.read_csv(gold / "stopwords.tsv", sep="\t", quoting=3)
    ours = set(lexicon.read_words(study.path("data/stopwords.txt"))["word"])
    assert not ours & set(read.loc[read["decision"] == "keep", "token"])
    general = set(lexicon.read_words(Path(terms.__file__).parent / "stopwords.txt")["word"])
    dropped = read.loc[(read["decision"] == "drop") & (read["class"] != "noise"), "token"]
    assert set(dropped) <= ours | general
