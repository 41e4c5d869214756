"""Cutting: terms are whole, nothing is lost, all engines agree; the audit and the filters say what they did."""

import re
import warnings
from collections import Counter, deque
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import peak_of, refuses
from hypothesis import given, settings
from hypothesis import strategies as st

from nqp_topics.words import lexicon, segment
from nqp_topics.words.audit import Notes
from nqp_topics.words.cut import lines

SHARED = Path(__file__).resolve().parents[2] / "shared"
OWN = [
    "北京的工厂去年生产了三千台机器，比前年多10.5%。",
    "结合成分子的过程很慢，研究生命起源的人都知道。",
    "她在民主体制研究所工作，主体责任由所长承担。",
    "A股和B超、T恤、4S店，DNA型号与大SUV都在这里。",
    "小明硕士毕业于中国科学院计算所，后在日本京都大学深造。",
    "",
    "\n  \r\n",
    "〇一二三：〔六〕䶮、𠮷野家，é与ü；🙂",
]
TERMS = "新质生产力 生产力 创新链 产业链 5G PM2.5 3D打印 碳达峰碳中和 “十四五” 安娜·李维 AI".split()


@pytest.fixture(scope="module")
def by():
    return segment.cutter(lexicon.of(TERMS, {"新质生产力": ["新质态生产力"]}))


@pytest.fixture(scope="module")
def bare():
    return segment.cutter()


# the terms


def test_terms_are_whole_whatever_the_dictionary_says(by):
    text = "发展新质生产力，要5G和3D打印，PM2.5降了；“十四五”时碳达峰碳中和。安娜·李维说创新链产业链。"
    tokens = segment.cut(text, by)
    for term in "新质生产力 5G 3D打印 PM2.5 “十四五” 碳达峰碳中和 安娜·李维 创新链 产业链".split():
        assert term in tokens
    assert "".join(tokens) == text


def test_an_alias_becomes_its_term(by):
    assert segment.cut("新质态生产力好", by) == ["新质生产力", "好"]


def test_the_longest_goes_first_then_the_one_further_left():
    by = segment.cutter(lexicon.of(["现代产业", "现代", "产业体系建设", "体系"]))
    assert segment.cut("现代产业体系建设", by) == ["现代", "产业体系建设"]
    by = segment.cutter(lexicon.of(["甲乙丙", "丙丁戊"]))
    assert segment.cut("甲乙丙丁戊", by)[0] == "甲乙丙"


def audit(texts, by):
    notes = Notes(by)
    segment.tokens(texts, by, watch=notes.note)
    return notes.table()


def test_contexts_forbid_and_allow(tmp_path):
    file = tmp_path / "lexicon.txt"
    file.write_text(
        "主体; not after 民\n体制; only after 民主\n试点; not before 站\n工程; only before 师傅, 学\n",
        "utf-8",
    )
    by = segment.cutter(lexicon.read(file))
    assert "主体" in segment.cut("责任主体", by)
    assert segment.cut("民主体制", by) == ["民主", "体制"]
    table = audit([("a", "民主体制与管理体制，试点站和试点，工程学与工程部")], by).set_index("term")
    assert table.loc["主体", ["stands", "whole", "forbidden"]].tolist() == [1, 0, 1]
    assert table.loc["体制", ["stands", "whole", "forbidden"]].tolist() == [2, 1, 1]
    assert table.loc["试点", ["stands", "whole", "forbidden"]].tolist() == [2, 1, 1]
    assert table.loc["工程", ["stands", "whole", "forbidden"]].tolist() == [2, 1, 1]


def test_latin_terms_are_not_found_inside_longer_runs(by):
    tokens = segment.cut("SAIC与AI，15G不是5G", by)
    assert tokens == ["SAIC", "与", "AI", "，", "15G", "不是", "5G"]


@given(
    st.lists(st.text("甲乙丙丁", min_size=1, max_size=4), min_size=1, max_size=8, unique=True),
    st.text("甲乙丙丁，", max_size=30),
)
@settings(max_examples=150, deadline=None)
def test_the_scan_equals_the_rule_written_plainly(terms, text):
    from nqp_topics.words.cut import scan

    forms = scan.forms(lexicon.of(terms).to_dict("records"))
    tally = np.zeros((len(terms), 5), np.int64)
    _, spans, losses, _, _ = scan.scan(scan.codes(text), *forms.arrays, tally)
    matches = [(i, i + len(t), t) for i in range(len(text)) for t in terms if text.startswith(t, i)]
    taken, wanted = set(), []
    for begin, end, term in sorted(matches, key=lambda match: (match[0] - match[1], match[0])):
        if not taken & set(range(begin, end)):
            taken |= set(range(begin, end))
            wanted.append((begin, end, term))
    assert [(b, e, terms[f]) for b, e, f, _ in spans.tolist()] == sorted(wanted)
    assert tally[:, scan.STANDS].sum() == len(matches)
    assert len(losses) == tally[:, scan.OVERLAPPED].sum()
    assert len(matches) == len(spans) + tally[:, scan.LONGER].sum() + tally[:, scan.OVERLAPPED].sum()


# numbers, Latin runs, names


@pytest.mark.parametrize(
    "token",
    "10.5% 1,234.5 PM2.5 Wi-Fi 5G 2019—2023年 2023年9月7日 10%—15% R&D GPT-4 COVID-19 １９９８年 10:30 C++ 36℃ https://a.b/c?d=1".split(),
)
def test_runs_come_out_whole(bare, token):
    assert token in segment.cut(f"他说{token}，好", bare)


def test_dictionary_words_with_latin_letters_stay_whole_and_cut_no_run(bare):
    tokens = segment.cut(OWN[3], bare)
    assert {"A股", "B超", "T恤", "4S店", "DNA", "SUV"} <= set(tokens)


def test_foreign_names_hold(bare):
    tokens = segment.cut("记者问安娜·李维，卡萝塔·佩蕾丝提出，约瑟夫·熊彼特的书；中国·福州", bare)
    assert {"安娜·李维", "卡萝塔·佩蕾丝", "约瑟夫·熊彼特", "福州"} <= set(tokens)


def test_a_term_beside_a_dot_stays_as_it_is():
    by = segment.cutter(lexicon.of(["马克思"]))
    assert segment.cut("卡尔·马克思", by) == ["卡尔", "·", "马克思"]


# laws


@given(st.text(st.one_of(st.sampled_from("新质生产力的5GPM2.·安娜李维 年月日%—，\n"), st.characters())))
@settings(max_examples=200, deadline=None)
def test_joined_again_the_tokens_are_the_text(text):
    by = _cutter_of_terms()
    assert "".join(segment.cut(text, by)) == "".join(c for c in text if not c.isspace())


@given(st.lists(st.text(st.sampled_from("新质生产力的5G.·安娜，\n \ud800")), max_size=5))
@settings(max_examples=60, deadline=None)
def test_together_or_one_by_one_is_the_same(texts):
    by = _cutter_of_terms()
    assert segment.cut_all(texts, by) == [segment.cut(text, by) for text in texts]


def _cutter_of_terms(made=[]):  # noqa: B006
    if not made:
        made.append(segment.cutter(lexicon.of(TERMS)))
    return made[0]


# engines


def _han(tokens):
    return [token for token in tokens if re.search("[一-鿿]", token)]


def _sentences():
    yield from OWN
    if SHARED.is_dir():
        for file in sorted((SHARED / "corpus").glob("*.txt")):
            yield from file.read_text("utf-8", "replace").splitlines()[:4000:3]
        for file in sorted((SHARED / "bench" / "sighan2005" / "testing").glob("*.utf8")):
            yield from file.read_text("utf-8").splitlines()[::3]


def test_rjieba_cuts_as_jieba_does_with_words_of_the_user():
    import rjieba

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    reference = jieba.Tokenizer()
    reference.FREQ, reference.total = reference.gen_pfdict(reference.get_dict_file())
    reference.initialized = True
    rust = rjieba.Jieba()
    for word in ("新质生产力", "未来产业", "全要素生产率", "创新链", "千帆竞发"):
        reference.add_word(word)
        rust.add_word(word, None, None)
    for text in _sentences():
        assert _han(rust.cut(text, False)) == _han(reference.lcut(text, HMM=False)), text


@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_all_engines_give_the_same_tokens(engine):
    table = lexicon.of(TERMS, {"新质生产力": ["新质态生产力"]})
    ours, other = segment.cutter(table), segment.cutter(table, engine)
    for text in [*OWN, "新质态生产力在5G时代，\ud800安娜·李维"]:
        assert segment.cut(text, ours) == segment.cut(text, other)
    texts = list(_sentences())
    if engine == "rjieba":
        assert segment.cut_all(texts, ours) == segment.cut_all(texts, other)


def test_the_compiled_dictionary_is_jieba_without_guessing():
    plain = segment.cutter(None, "jieba").default
    bare = segment.cutter()
    from nqp_topics.words.cut import dictionary, scan

    for text in _sentences():
        points = scan.codes(text)
        held = np.zeros(len(points), np.int32)
        begin, end, _ = dictionary.cut(points, held, bare.of_form, 0, *dictionary.dictionary().arrays)
        cut = [text[a:b] for a, b in zip(begin.tolist(), end.tolist(), strict=True)]
        assert cut == [token for token in plain(text) if not token.isspace()]


def test_guessing_can_be_asked_for():
    guessing = segment.cutter(hmm=True)
    assert guessing.engine == "rjieba"
    assert "".join(segment.cut(OWN[4], guessing)) == OWN[4]
    assert segment.cut(OWN[4], guessing) != segment.cut(OWN[4], segment.cutter())
    refuses("hmm", segment.cutter, engine="compiled", hmm=True)
    refuses("rjieba", segment.cutter, engine="pkuseg")


def test_jieba_leaves_no_file_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    segment.cut("研究生命起源", segment.cutter(None, "jieba"))
    assert list(tmp_path.iterdir()) == []


# tables and streams


def _stream(texts, by, **how):
    return (row for part in segment.parts(texts, by, **how) for row in lines.words_of(part, by.words))


def test_processes_give_the_same_in_the_same_order(by):
    texts = [(f"t{n}", OWN[n % len(OWN)] + "新质生产力" * (n % 3)) for n in range(300)]
    one = list(_stream(texts, by, chunk=500))
    assert [name for name, _ in one] == [name for name, _ in texts]
    assert one == list(_stream(texts, by, workers=2, chunk=500))
    assert one == list(_stream(texts, by))


def test_memory_does_not_grow_with_the_texts(by):
    def peak(many):
        source = ((str(n), "发展新质生产力，结合成分子。" * 10) for n in range(many))
        return peak_of(lambda: deque(_stream(source, by, chunk=2000), 0))

    peak(50)
    assert peak(4000) < 1.5 * peak(400)


def test_tables_that_cannot_be_cut(by):
    refuses("more than once: x", segment.tokens, pd.DataFrame({"id": ["x", "x"], "text": ["一", "二"]}), by)
    refuses("id, text", segment.tokens, pd.DataFrame({"id": ["x"]}), by)
    refuses("id y", segment.tokens, [("y", None)], by)
    for nothing in ([], pd.DataFrame({"id": [], "text": []})):
        refuses("no text", segment.tokens, nothing, by)


def test_half_a_character_is_a_token(by):
    assert segment.cut("好\ud800新质生产力", by) == ["好", "\ud800", "新质生产力"]


def test_a_line_of_five_megabytes(by):
    text = "发展新质生产力甲乙AI" * (5_000_000 // 32)
    tokens = segment.cut(text, by)
    assert "".join(tokens) == text
    assert Counter(tokens)["新质生产力"] == 5_000_000 // 32


# the audit


def test_the_audit_counts_what_became_of_each_term():
    by = segment.cutter(
        lexicon.of(["新质生产力", "生产力", "主体", "创新链", "链产业"], {"新质生产力": ["新质态生产力"]})
    )
    texts = [("a", "新质生产力和新质态生产力是生产力"), ("b", "民主体制"), ("c", "创新链产业")]
    table = audit(texts, by).set_index("term")
    assert table.loc["新质生产力", ["stands", "whole", "default_whole"]].tolist() == [2, 2, 0]
    assert table.loc["新质生产力", "aliases"] == "新质态生产力 1"
    assert table.loc["新质生产力", "default_cut"] == "新/质/生产力"
    assert table.loc["生产力", ["stands", "whole", "in_longer"]].tolist() == [3, 1, 2]
    assert table.loc["主体", ["whole", "across"]].tolist() == [1, 1]
    assert table.loc["链产业", ["stands", "whole", "overlapped", "where"]].tolist() == [1, 0, 1, "c"]
    causes = ["whole", "in_longer", "forbidden", "overlapped", "in_run"]
    assert (table[causes].sum(axis=1) == table["stands"]).all()


def test_the_audit_counts_the_tokens_that_are_cut(by):
    texts = [(f"t{n}", text + "新质生产力") for n, text in enumerate(OWN)]
    notes = Notes(by)
    cut = segment.tokens(texts, by, watch=notes.note)
    counted = Counter(token for words in cut["tokens"] for token in words)
    assert notes.table().set_index("term").loc["新质生产力", "whole"] == counted["新质生产力"]
    refuses("audit", segment.tokens, texts, by, workers=2, watch=notes.note)


# the gold standards


@pytest.mark.parametrize(("name", "least"), [("pku", 0.836), ("msr", 0.827)])
def test_no_worse_than_jieba_on_the_gold_standards(name, least, bare):
    place = SHARED / "bench" / "sighan2005" / "gold" / f"{name}_test_gold.utf8"
    if not place.is_file():
        pytest.skip("the gold standards of SIGHAN 2005 are not beside the repository")
    gold = [line.split() for line in place.read_text("utf-8").splitlines()]
    cut = segment.cut_all(["".join(words) for words in gold], bare)
    right = sum(len(_spans(a) & _spans(b)) for a, b in zip(gold, cut, strict=True))
    assert 2 * right / (sum(map(len, gold)) + sum(map(len, cut))) >= least


def _spans(words):
    ends = np.cumsum([0, *map(len, words)]).tolist()
    return set(pairwise(ends))


def test_the_terms_of_the_answer_file_come_out_whole(gold, corpus):
    rows = [line.split("\t") for line in (gold / "terms.tsv").read_text("utf-8").splitlines()[1:]]
    by = segment.cutter(lexicon.of([row[0] for row in rows if row[1] == "keep"]))
    texts = [
        (file.name, file.read_text("utf-8", "replace").replace("\n", ""))
        for file in sorted(corpus.glob("0*.txt"))
    ]
    table = audit(texts, by)
    assert table["whole"].sum() >= 0.99 * (table["stands"] - table["in_longer"]).sum()
