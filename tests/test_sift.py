"""Filters after the cut: what goes, why, and what is refused."""

import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from nqp_topics.checks import Remark
from nqp_topics.study import Refused
from nqp_topics.words import lexicon, segment, sift
from nqp_topics.words.cut.lines import Tokens, words_of


def _table(*texts):
    ids = [f"t{n}" for n in range(len(texts))]
    return pd.DataFrame({"id": ids, "tokens": [text.split() for text in texts]})


def _numbered(table):
    """One part a row, in which 的 alone has a number."""
    for name, words in zip(table["id"], table["tokens"], strict=True):
        other = [word for word in words if word != "的"]
        places = iter(range(len(other)))
        numbers = np.array([0 if word == "的" else ~next(places) for word in words], np.int32)
        yield Tokens([name], numbers, np.array([len(words)]), other)


def test_filters_say_what_they_removed():
    table = _table("企业 的 创新 ， 10.5% 2023年 三千 的", "链 5G PM2.5 创新 \ud800")
    stop = sift.stop_words().query("word == '的'")
    kept, went = sift.keep(table, stop, shortest=2)
    assert kept["tokens"].tolist() == [["企业", "创新"], ["5G", "PM2.5", "创新"]]
    why = dict(zip(went["word"], went["why"], strict=True))
    assert why["的"].startswith("stop word: ") and why["，"] == "sign" and why["\ud800"] == "sign"
    assert {why["10.5%"], why["2023年"], why["三千"]} == {"number"} and why["链"] == "short"
    assert went["count"].sum() + sum(map(len, kept["tokens"])) == sum(map(len, table["tokens"]))
    assert went.iloc[0]["word"] == "的" and went.iloc[0]["count"] == 2
    assert dict(sift.summary(went)[["kind", "count"]].values)["number"] == 3


def test_dates_in_chinese_numerals_are_numbers_and_spans_are_words():
    dates = "一九七八年 二〇二一年 二三年 十一月 二十三日 九月".split()
    spans = "三年 十年 百年 三十年".split()
    assert sift.judge()([*dates, *spans]) == dict.fromkeys(dates, "number")


def test_numbers_stay_when_asked_and_parts_of_speech_go_when_asked():
    table = _table("企业 迅速 发展 三千 新质生产力")
    assert "三千" in sift.keep(table, numbers=True)[0]["tokens"][0]
    kept, went = sift.keep(table, parts=("n",), numbers=True)
    assert kept["tokens"][0] == ["企业", "新质生产力"]
    assert set(went["why"].str[:15]) == {"part of speech:"}


@pytest.mark.parametrize("engine", ["compiled", "rjieba"])
def test_a_stream_is_filtered_as_the_table_is(engine):
    by = segment.cutter(lexicon.of(["新质生产力", "A", "甲"]), engine)
    texts = [
        (f"t{n}", text * (1 + n % 3))
        for n, text in enumerate(
            ["新质生产力的A股A、3台PM2.5。", "安娜·李维说的甲乙", "", "2023年的🙂🙂", "的"] * 9
        )
    ]
    table = segment.tokens(texts, by)
    stop = sift.stop_words().query("word == '的'")
    kept, went = sift.keep(table, stop, shortest=2, terms=by.terms)
    why = sift.judge(stop, shortest=2, terms=by.terms)
    for chunk in (1, 100, 100_000):
        counts = Counter()
        parts = list(sift.kept_stream(segment.parts(texts, by, chunk=chunk), by.words, why, counts))
        rows = [row for part in parts for row in words_of(part, by.words)]
        assert rows == list(zip(kept["id"], kept["tokens"], strict=True))
        assert counts == Counter(word for words in table["tokens"] for word in words)
        assert sift.removed(counts, why(counts)).equals(went)


def test_nothing_left_is_refused():
    table = _table("的 了", "的")
    with pytest.raises(Refused, match="all 3 tokens went"):
        sift.keep(table, ["的", "了"])
    with pytest.raises(Refused, match="all 3 tokens went"):
        list(sift.kept_stream(_numbered(table), ["的"], sift.judge(["的", "了"]), Counter()))
    with pytest.raises(Refused, match="no token at all"):
        sift.keep(_table("", ""), ["的"])


def test_arguments_of_filters_that_cannot_be_meant():
    with pytest.raises(Refused, match="shortest"):
        sift.keep(_table("好"), shortest=0)
    with pytest.raises(Refused, match="stop_words"):
        sift.keep(_table("好"), "stopwords.txt")
    with pytest.raises(Refused, match="id, tokens"):
        sift.keep(pd.DataFrame({"id": ["a"]}))


def test_the_general_list_is_function_words_in_both_scripts():
    table = sift.stop_words()
    words = set(table["word"])
    assert {"的", "这", "這", "我们", "我們", "因为", "因為"} <= words
    assert not words & {"发展", "建设", "推进", "创新", "企业", "政策", "人民", "国家"}
    assert table["reason"].str.len().gt(0).all()


def test_traditional_text_with_a_simplified_list_is_told():
    text = "這個國家的產業發展經過對機關與學者說還沒有開始"
    with pytest.warns(Remark, match="Traditional script and the lexicon is in Simplified"):
        segment.tokens([("a", text)], segment.cutter(lexicon.of(["产业发展", "国家机关", "经过"])))
    with pytest.warns(Remark, match="stop list"):
        sift.keep(_table("這個 國家 產業 發展 經過 說"), ["这个", "说", "还", "对", "经过"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sift.keep(_table("這個 國家 產業 發展 經過 說"), sift.stop_words())
        sift.keep(_table("这个 国家 产业 发展"), ["这个", "说", "还", "对"])


ENGLISH = "The study of the economy is based on data from firms and on a survey of the regions that this paper describes in detail."


def test_words_of_another_language_are_told_and_its_function_words_go():
    """An abstract in English makes a topic of its own; an abbreviation or a name among Chinese words makes none."""
    texts = [("en", ENGLISH), ("zh", "企业用AI和iPhone做研究，IT与US标准不同。" * 9), ("short", "The study")]
    by = segment.cutter()
    table = segment.tokens(texts, by)
    with pytest.warns(Remark, match=r"1 text is mostly words in Latin letters \(en\)"):
        kept, went = sift.keep(table, sift.stop_words(), shortest=2)
    assert {"AI", "iPhone", "IT", "US"} <= set(kept["tokens"][1])
    why = dict(zip(went["word"], went["why"], strict=True))
    assert why["the"] == why["The"] == why["of"] == why["this"] == "stop word: English function word"
    judge = sift.judge(sift.stop_words(), shortest=2)
    for chunk in (1, 100_000):
        with pytest.warns(Remark, match=r"\(en\)"):
            parts = list(sift.kept_stream(segment.parts(texts, by, chunk=chunk), by.words, judge, Counter()))
        assert [words for part in parts for _, words in words_of(part, by.words)] == kept["tokens"].tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sift.keep(table[1:], sift.stop_words(), shortest=2)


def test_a_term_that_a_person_accepted_is_no_number_and_never_too_short():
    """A lexicon says what is a word; only a stop list may take it out again."""
    by = segment.cutter(lexicon.of(["十四五", "十五五", "三农", "链", "→"]))
    table = _table("十四五 十五五 三千 三农 链 环 →", "三千 企业")
    kept, went = sift.keep(table, ["三农"], shortest=2, terms=by.terms)
    assert kept["tokens"].tolist() == [["十四五", "十五五", "链", "→"], ["企业"]]
    wanted = {"三千": "number", "三农": "stop word", "环": "short"}
    assert dict(zip(went["word"], went["why"], strict=True)) == wanted
    assert sift.judge(parts=("v",), terms=by.terms)(["十四五", "企业"]) == {"企业": "part of speech: n"}


@pytest.mark.parametrize("parts", [[1], [""], "n", [None]])
def test_parts_of_speech_are_names(parts):
    with pytest.raises(Refused, match="parts"):
        sift.judge(parts=parts)


def test_a_stream_asks_each_word_once_and_walks_no_vocabulary():
    asked = Counter()
    walks = []

    class Watched(Counter):
        def __iter__(self):
            walks.append(len(self))
            return super().__iter__()

    def why(words):
        asked.update(words)
        return {}

    rows = [(str(n), [f"词{n}", "词0", "的"]) for n in range(50)]
    table = pd.DataFrame(rows, columns=["id", "tokens"])
    kept = sift.kept_stream(_numbered(table), ["的"], why, Watched())
    assert [row for part in kept for row in words_of(part, ["的"])] == rows
    assert len(walks) <= 1
    assert max(asked.values()) == 1 and asked.total() == 51
