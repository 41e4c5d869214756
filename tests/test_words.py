"""The words of the study against its documents and hand-made answers, and the verbs of words on the command line."""

import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from worlds import framed

from nqp_topics import counts as count
from nqp_topics import figures
from nqp_topics.cli import main
from nqp_topics.documents import registry
from nqp_topics.study import load
from nqp_topics.words import lexicon, segment

ROOT = load().folder


@pytest.fixture(scope="module")
def study():
    return load()


@pytest.fixture(scope="module")
def answers(gold):
    with (gold / "terms.tsv").open(encoding="utf8") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_occurrences_of_the_gold_terms_come_out_whole(passages, study, answers):
    """Counted longest first over the terms that a reader wants kept; inside a longer term of the lexicon is whole too."""
    keep = sorted((row["term"] for row in answers if row["label"] == "keep"), key=len, reverse=True)
    by = segment.cutter(lexicon.read(study.path(study.lexicon)))
    terms = set(by.terms)
    pattern = re.compile("|".join(map(re.escape, keep)))
    wanted = whole = 0
    for text, tokens in zip(passages["text"], segment.tokens(passages, by)["tokens"], strict=True):
        plain, spans, at = re.sub(r"\s", "", text), [], 0
        for token in tokens:
            at = plain.find(token, at) if plain.find(token, at) >= 0 else at
            spans.append((at, at + len(token), token))
            at += len(token)
        for found in pattern.finditer(plain):
            wanted += 1
            whole += any(
                first <= found.start() and found.end() <= last and (token == found[0] or token in terms)
                for first, last, token in spans
            )
    assert wanted > 3500 and whole / wanted >= 0.99


def test_terms_that_nobody_pointed_out_are_found_by_mining(study, answers):
    """The candidates know nothing of the answers: what they hold of them, any other list of wanted terms may expect."""
    keep = {row["term"] for row in answers if row["label"] == "keep"}
    mined = pd.read_csv(study.facts / "candidates.csv")["term"]
    assert len(keep & set(mined)) >= 0.88 * len(keep)
    listed = lexicon.read(study.path(study.lexicon))["term"]
    assert not {row["term"] for row in answers if row["label"] == "reject"} & set(listed)


def test_accepted_terms_are_counted_though_they_begin_with_a_number(study):
    sifted = pd.read_csv(study.facts / "sifted.csv")
    terms = set(lexicon.read(study.path(study.lexicon))["term"])
    assert set(sifted.loc[sifted["word"].isin(terms), "why"].str.partition(":")[0]) == {"stop word"}
    assert "十四五" in count.of_study(study).words


def test_no_rejected_pair_is_one_token(passages, study, answers):
    reject = {row["term"] for row in answers if row["label"] == "reject"}
    by = segment.cutter(lexicon.read(study.path(study.lexicon)))
    cut = {token for tokens in segment.tokens(passages, by)["tokens"] for token in tokens}
    assert not reject & cut


def test_the_shipped_counts_load_with_every_article(study):
    counts = count.of_study(study)
    rows = registry.read(study.path(study.articles))
    assert set(counts.articles) == set(rows["id"])
    assert counts.matrix.sum() == counts.tokens > 40_000


def test_telling_words_are_those_of_the_group(study):
    counts = count.of_study(study)
    rows = registry.read(study.path(study.articles))
    table = figures.telling_words.table(counts, rows, words=6)
    assert (table["z"] > 0).all()
    assert (table.groupby("group")["rank"].max() == 6).all()
    assert table.loc[table["group"] == "local_official", "word"].isin(["项目"]).any()
    sizes = rows["voice"].value_counts()
    assert (sizes[table["group"].unique()] >= 5).all()


def write(place, name, text):
    (place / name).write_text(text, "utf-8")
    return str(place / name)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


TEXTS = [("a", "口袋公园里有人下棋，口袋公园不大。"), ("b", "社区养老服务中心在口袋公园旁边，2023年开门。")]


def texts(place):
    lines = [json.dumps({"id": name, "text": text}, ensure_ascii=False) for name, text in TEXTS]
    return write(place, "texts.jsonl", "\n".join(lines) + "\n")


def rows(file):
    return [json.loads(line) for line in Path(file).read_text("utf-8").splitlines()]


def test_segment_gives_every_token_and_then_the_filtered_stream(place):
    listed = write(place, "lexicon.txt", "口袋公园  # a kind of park\n社区养老服务中心\n")
    assert main(["segment", texts(place), "-o", "t.jsonl", "--lexicon", listed, "--audit", "audit.csv"]) == 0
    found = rows("t.jsonl")
    assert [row["id"] for row in found] == ["a", "b"]
    for row, (_, text) in zip(found, TEXTS, strict=True):
        assert "".join(row["tokens"]) == text
    assert found[0]["tokens"].count("口袋公园") == 2
    audit = pd.read_csv("audit.csv").set_index("term")
    assert audit.loc["口袋公园", "whole"] == 3 and audit.loc["社区养老服务中心", "whole"] == 1
    stop = write(place, "stop.txt", "下棋  # not what it is about\n")
    arguments = ["--lexicon", listed, "--stopwords", stop, "--removed", "gone.csv"]
    assert main(["segment", "texts.jsonl", "-o", "k.jsonl", *arguments]) == 0
    assert "下棋" not in rows("k.jsonl")[0]["tokens"] and "口袋公园" in rows("k.jsonl")[0]["tokens"]
    gone = pd.read_csv("gone.csv").set_index("word")
    assert gone.loc["下棋", "why"] == "stop word: not what it is about"
    assert gone.loc["2023年", "why"] == "number"


@pytest.mark.parametrize("verb", [["kwic", "口袋公园"], ["terms", "--fewest", "2"]], ids=lambda verb: verb[0])
def test_each_line_is_parsed_once(place, monkeypatch, verb):
    from nqp_topics.words.cut import lines

    parsed = []
    read = lines._object
    monkeypatch.setattr(lines, "_object", lambda line: parsed.append(line) or read(line))
    assert main([*verb, texts(place), "-o", "out"]) == 0
    assert [json.loads(line)["id"] for line in parsed] == [name for name, _ in TEXTS]


def test_count_writes_what_load_reads(place):
    write(
        place, "t.jsonl", '{"id": "a", "tokens": ["公园", "公园", "棋"]}\n{"id": "b", "tokens": ["公园"]}\n'
    )
    assert main(["count", "t.jsonl", "-o", "counts", "--min-df", "1", "--max-df", "1.0"]) == 0
    counts = count.load("counts")
    assert framed(counts).to_dict("index") == {"a": {"公园": 2, "棋": 1}, "b": {"公园": 1, "棋": 0}}


def test_terms_are_mined_reviewed_and_accepted(place):
    many = [
        json.dumps({"id": f"t{n}", "text": f"{w}口袋公园{v}，{v}绿道{w}。"}, ensure_ascii=False)
        for n, (w, v) in enumerate(zip("去看建修爱走问画拍说", "很好不错真美大小安静", strict=True))
    ]
    write(place, "texts.jsonl", "\n".join(many) + "\n")
    assert main(["terms", "texts.jsonl", "-o", "terms.csv"]) == 0
    table = pd.read_csv("terms.csv", keep_default_na=False)
    assert "口袋公园" in table["term"].tolist()
    table.loc[table["term"] == "口袋公园", "accept"] = "是"
    table.to_csv("terms.csv", index=False)
    assert main(["terms", "--accept", "terms.csv", "--lexicon", "lexicon.txt"]) == 0
    assert lexicon.read("lexicon.txt")["term"].tolist() == ["口袋公园"]


def test_kwic_shows_a_word_in_its_contexts(place, capsys):
    assert main(["kwic", "口袋公园", texts(place), "--width", "4"]) == 0
    said = capsys.readouterr()
    assert "【口袋公园】里有人下" in said.out and "3 places in 2 articles" in said.err


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["segment", "none.jsonl"], "none.jsonl"),
        (["segment", "bad.jsonl"], "line 2"),
        (["segment", "texts.jsonl", "--lexicon", "bad.txt"], "bad.txt line 1"),
        (["segment", "texts.jsonl", "--engine", "thulac"], "compiled"),
        (["segment", "texts.jsonl", "--stopwords", "none.txt"], "none.txt"),
        (["kwic", " ", "texts.jsonl"], "word"),
        (["terms", "--accept", "none.csv", "--lexicon", "l.txt"], "none.csv"),
        (["count", "texts.jsonl", "-o", "c"], "tokens"),
        (["count", "tokens.jsonl", "-o", "c", "--max-df", "inf"], "max_df"),
        (["count", "tokens.jsonl", "-o", "c", "--max-df", "9" * 400], "max_df"),
        (["count", "tokens.jsonl", "-o", "c", "--min-df", "9" * 400], "min_df"),
        (["kwic", "公园", "texts.jsonl", "--width", "9" * 30], "width"),
        (["kwic", "公园", "texts.jsonl", "--width", "-1"], "width"),
        (["terms", "texts.jsonl", "--fewest", "9" * 30], "fewest"),
        (["terms", "texts.jsonl", "--top", "-1"], "--top"),
        (["segment", "texts.jsonl", "--workers", "9" * 30], "--workers"),
        (["segment", "texts.jsonl", "--engine", "compiled", "--guess"], "rjieba, jieba"),
        (["terms", "--accept", "terms.csv", "--study", "out.toml"], "outside the study's folder"),
    ],
)
def test_wrong_things_are_refused(place, capsys, arguments, says):
    texts(place)
    write(place, "bad.jsonl", '{"id": "a", "text": "公园"}\n{"id": "b"\n')
    write(place, "bad.txt", "公园 ; not beside 口袋\n")
    write(place, "tokens.jsonl", '{"id": "a", "tokens": ["公园"]}\n')
    write(place, "terms.csv", "accept,term\nyes,口袋公园\n")
    write(place, "out.toml", '[study]\nname = "s"\n[segment]\nlexicon = "../lexicon.txt"\n')
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert says in said and "Traceback" not in said


def test_train_and_choose_write_plain_tables(place, capsys):
    words = {
        "g": ["公园", "绿地", "树荫", "花草", "湿地", "草坪"],
        "e": ["老人", "养老", "照护", "餐桌", "护工", "床位"],
    }
    rows_of = [
        {"id": f"{kind}{n}", "tokens": [words[kind][(n + m * m) % 6] for m in range(20)]}
        for n in range(12)
        for kind in words
    ]
    write(place, "t.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows_of))
    assert main(["count", "t.jsonl", "-o", "counts", "--min-df", "1", "--max-df", "1.0"]) == 0
    assert main(["train", "counts", "--topics", "2", "--seed", "3", "-o", "run"]) == 0
    topics = pd.read_csv("run/topics.csv")
    shares = pd.read_csv("run/shares.csv")
    assert list(topics.columns) == ["topic", "word", "weight"]
    assert list(shares.columns) == "id topic share".split()
    assert topics.groupby("topic")["weight"].sum().tolist() == pytest.approx([1, 1])
    strongest = shares.loc[shares.groupby("id")["share"].idxmax()].set_index("id")["topic"]
    assert len({strongest[f"g{n}"] for n in range(12)}) == 1 and strongest["g0"] != strongest["e0"]
    about = json.loads(Path("run/run.json").read_text("utf-8"))
    assert (about["topics"], about["seed"], about["engine"]) == (2, 3, "sampler")
    before = {file.name: file.read_bytes() for file in Path("run").iterdir()}
    assert main(["train", "counts", "--topics", "2", "--seed", "3", "-o", "again"]) == 0
    assert {file.name: file.read_bytes() for file in Path("again").iterdir()} == before
    assert main(["choose", "counts", "--topics", "2:3", "--seeds", "2", "-o", "choose.csv"]) == 0
    table = pd.read_csv("choose.csv")
    assert list(table.columns) == ["K", "seed", "score", "value", "better"]
    assert set(table["K"]) == {2, 3} and set(table["seed"]) == {1, 2}


@pytest.mark.parametrize("topics", ["0", "1", "99", "3:2", "some"])
def test_numbers_of_topics_that_cannot_be(place, capsys, topics):
    lines = [{"id": f"a{n}", "tokens": ["公园", "绿地", f"词{n}"]} for n in range(6)]
    write(place, "t.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in lines))
    assert main(["count", "t.jsonl", "-o", "counts", "--min-df", "1", "--max-df", "1.0"]) == 0
    assert main(["choose", "counts", "--topics", topics, "-o", "c.csv"]) == 2
    assert "topics" in capsys.readouterr().err
    if topics.isdigit():
        assert main(["train", "counts", "--topics", topics, "--seed", "1", "-o", "r"]) == 2
        assert not Path("r").exists()


def test_articles_of_texts_are_held_together(place):
    rows_of = [{"id": f"p{n}", "article": f"a{n // 3}", "text": "口袋公园里有人下棋。"} for n in range(6)]
    write(place, "t.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows_of))
    assert main(["segment", "t.jsonl", "-o", "tokens.jsonl"]) == 0
    assert [row["article"] for row in rows("tokens.jsonl")] == [row["article"] for row in rows_of]
    assert main(["count", "tokens.jsonl", "-o", "counts", "--max-df", "1.0"]) == 0
    assert count.load("counts").articles == tuple(row["article"] for row in rows_of)
