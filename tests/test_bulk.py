"""JSON lines in bulk: the same bytes as line by line, whatever the lines look like; what is kept of the dictionary."""

import json
import multiprocessing
import pickle
import random
import re
import subprocess
import sys
from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import peak_of, refuses

from nqp_topics.study import Refused
from nqp_topics.words import lexicon, segment
from nqp_topics.words.cut import bulk, lines
from nqp_topics.words.cut import dictionary as room

TERMS = [*"新质生产力 生产力 5G PM2.5 安娜·李维 AI".split(), '"的\\']
# what texts, names and articles are made of, raw or as JSON escapes it
PIECES = [
    *"一的安娜·李维，。年5G%—\u3000 é\x7f\u2028한",
    *"新质生产力 新质生 马克·吐温 10.5% A股 🙂 \U0010fffc 𠮷".split(),
]
ESCAPED = r"\" \\ \/ \n \t \r \b \f \u4e00 \uD83d\uDe42 \ud800 \udc00\ud83d \u0000".split()
OTHER = r'"甲" "\u4e59" 1 -20 0 true false null 1.5 1e3 [1,{}] {"id":2} 123456789012345678901'.split()


@pytest.fixture(scope="module")
def by():
    return segment.cutter(lexicon.of(TERMS, {"新质生产力": ["新质生"]}))


def _string(rng, escapes, longest=9):
    said = [rng.choice(ESCAPED if rng.random() < escapes else PIECES) for _ in range(rng.randrange(longest))]
    return f'"{"".join(said)}"'


def _line(rng, number):
    name = rng.choice([*[f'"p{number}"'] * 7, str(number), f'"\\u0070{number}"', f"{number}.5"])
    fields = [
        ('"id"' if rng.random() < 0.97 else '"\\u0069d"', name),
        ('"text"', _string(rng, rng.choice([0, 0, 0.3]), 40)),
    ]
    if rng.random() < 0.4:
        fields.append(('"article"', rng.choice([_string(rng, 0), _string(rng, 0.3), "null", "7", "2.50"])))
    for _ in range(rng.choice([0, 0, 0, 1, 3])):
        fields.append((rng.choice(['"voice"', '"tex"', '"articlE"', '"里"']), rng.choice(OTHER)))
    rng.shuffle(fields)
    if rng.random() < 0.05:
        fields.append(('"text"', _string(rng, 0.1)))  # the last of two counts
    gap = rng.choice(["", " ", " ", " \t"])
    line = "{" + gap + f",{gap}".join(f"{key}:{gap}{value}" for key, value in fields) + gap + "}"
    return rng.choice([*[""] * 9, "\ufeff", " "]) + line + rng.choice(["", "", "", "\r", " ", "\n", "\n \t"])


def _files(many, spoilt):
    rng = random.Random(7)
    for _ in range(many):
        content = "\n".join(_line(rng, n if rng.random() < 0.995 else 0) for n in range(rng.randrange(1, 12)))
        content = (content + rng.choice(["", "\n", "\r\n"])).encode()
        for _ in range(spoilt):
            at = rng.randrange(len(content))
            other = rng.choice(
                [b"", b"\\", b'"', b"\n", b"\x80", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\x01", b"}", b","]
            )
            content = content[:at] + other + content[at + rng.randrange(2) :]
        yield content


def _slowly(file, by):
    """Every line by itself, with the JSON of the standard library."""
    done = []
    for name, text, row in lines.read_rows(file):
        noted = {} if row.get("article") is None else {"article": str(row["article"])}
        made = {"id": name, **noted, "tokens": segment.cut(text, by)}
        line = json.dumps(made, ensure_ascii=False)
        done.append(json.dumps(made) if re.search("[\ud800-\udfff]", line) else line)
    return "".join(f"{line}\n" for line in done).encode()


def _in_bulk(texts, by, **how):
    return b"".join(bulk.as_json(segment.parts(texts, by, **how), by.letters))


def _said(way, *given, **how):
    try:
        return way(*given, **how)
    except Refused as refused:
        return str(refused)


@pytest.mark.parametrize(("many", "spoilt"), [(100, 0), (300, 1), (200, 3)])
def test_lines_are_those_of_one_by_one_and_so_is_what_is_refused(many, spoilt, by, tmp_path):
    file, kinds = tmp_path / "texts.jsonl", set()
    for number, content in enumerate(_files(many, spoilt)):
        file.write_bytes(content)
        wanted = _said(_slowly, file, by)
        kinds.add(type(wanted))
        if wanted:
            assert _said(_in_bulk, file, by, chunk=(10, 60, 1000)[number % 3]) == wanted, content
    assert str in kinds if spoilt else kinds == {bytes}


def test_rows_and_engines_write_the_same_lines(by, tmp_path):
    file = tmp_path / "texts.jsonl"
    rust = segment.cutter(lexicon.of(TERMS, {"新质生产力": ["新质生"]}), "rjieba")
    for content in _files(40, 0):
        file.write_bytes(content)
        wanted = _slowly(file, by)
        assert _in_bulk(file, rust) == wanted
        texts = [(name, text) for name, text, _ in lines.read_rows(file)]
        plain = [json.loads(line) for line in wanted.splitlines()]
        assert [json.loads(line)["tokens"] for line in _in_bulk(texts, by, chunk=30).splitlines()] == [
            line["tokens"] for line in plain
        ]


def test_processes_write_the_same_lines_and_refuse_the_same(by, tmp_path):
    file = tmp_path / "texts.jsonl"
    good = [
        json.dumps({"id": f"t{n}", "article": f"a{n}", "text": "发展新质生产力，马克·吐温10.5%。" * (n % 7)})
        for n in range(400)
    ]
    file.write_text("\n".join(good), "utf-8")
    assert _in_bulk(file, by, workers=2, chunk=1000) == _in_bulk(file, by) == _slowly(file, by)
    for wrong in ('{"id": "t3", "text": ""}', '{"id": "x"}', "["):
        file.write_text("\n".join([*good[:200], wrong, *good[200:]]), "utf-8")
        for workers in (1, 2):
            refuses("line 201", _in_bulk, file, by, workers=workers, chunk=1000)


def test_what_a_process_is_given_and_sends_back_is_small(by):
    texts = [(f"t{n}", "发展新质生产力，结合成分子10.5%。" * 50) for n in range(20)]
    [part] = segment.parts(texts, by)
    tokens = sum(len(words) for _, words in lines.words_of(part, by.words))
    assert len(part.numbers) == tokens > 5000 and len(part.other) == 20 * 50
    assert len(pickle.dumps(part)) < 6 * tokens + 20_000
    again = pickle.loads(pickle.dumps(by))  # where processes do not inherit it
    assert len(pickle.dumps(by)) < 10_000 and _in_bulk(texts, again) == _in_bulk(texts, by)


def test_memory_does_not_grow_with_the_file(by, tmp_path):
    file = tmp_path / "texts.jsonl"

    def peak(many):
        line = json.dumps({"id": "t{}", "text": "发展新质生产力，结合成分子。" * 300}, ensure_ascii=False)
        file.write_text("\n".join(line.replace("{}", str(n)) for n in range(many)), "utf-8")
        return peak_of(lambda: deque(bulk.as_json(segment.parts(file, by, chunk=20_000), by.letters), 0))

    peak(5)
    assert peak(400) < 1.5 * peak(40)


def test_a_plain_cut_waits_for_no_library_that_it_does_not_need(tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text('{"id": "a", "text": "发展新质生产力"}\n', "utf-8")
    code = f"""import sys; from nqp_topics.cli import main
assert main(["segment", {str(file)!r}, "-o", {str(tmp_path / "out.jsonl")!r}]) == 0
print([name for name in ("pandas", "tqdm", "jieba", "rjieba", "matplotlib") if name in sys.modules])"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "[]\n"


def test_json_lines(tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text('{"id": 1, "text": "好"}\n\n{"id": "b", "text": "\\ud800"}\n', "utf-8")
    assert [row[:2] for row in lines.read_rows(file)] == [("1", "好"), ("b", "\ud800")]
    wrongs = ['{"id": 1}', "[1]", "{", '"text"', '{"id": 1, "text": "乙"}', '{"id": "1", "text": "乙"}']
    wrongs += [f'{{"id": {name}, "text": "乙"}}' for name in ("[1]", "{}", "true")]
    for wrong in [*wrongs, '{"id": 2, "article": ["甲"], "text": "乙"}', "[" * 100_000]:
        file.write_text('{"id": 1, "text": "好"}\n' + wrong, "utf-8")
        with pytest.raises(Refused, match="line 2"):
            list(lines.read_rows(file))


def test_tokens_as_json_lines(by, tmp_path):
    file = tmp_path / "tokens.jsonl"
    texts = [("a", "发展新质生产力"), ("b", "\ud800"), ("c", "")]
    done = segment.tokens(texts, by)
    file.write_bytes(_in_bulk(texts, by))
    read = lines.read_tokens(file)
    assert read[["id", "tokens"]].equals(done) and read["article"].equals(done["id"])
    for wrong in ('{"id": 1, "tokens": "一 二"}', '{"id": 1, "tokens": [1]}', '{"tokens": []}'):
        file.write_text(wrong, "utf-8")
        refuses("line 1", lines.read_tokens, file)
    file.write_text('{"id": 1, "article": null, "tokens": ["一"]}\n', "utf-8")
    assert list(lines.read_tokens(file)["article"]) == ["1"]
    file.write_text("\n", "utf-8")
    refuses("no line", lines.read_tokens, file)
    refuses("no text", _in_bulk, file, by)


# what is kept of the dictionary


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A small dictionary and a place of its own for what is kept of it; the file, a way to read anew, and what was made each time."""
    (tmp_path / "dict.txt").write_text(
        "的 90 uj\n发展 30 v\nT恤 3 n\n发 9 v\n展 0 v\n发展 40 n\n生产力 2 n\n", "utf-8"
    )
    here = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    found = SimpleNamespace(find_spec=lambda name: here)
    made, really = [], room._made
    monkeypatch.setattr(room, "importlib", SimpleNamespace(util=found))
    monkeypatch.setattr(room, "__file__", str(tmp_path / "dictionary.py"))
    monkeypatch.setattr(room, "_made", lambda source: made.append(source) or really(source))
    return tmp_path / "__pycache__" / "dictionary.kept", room.dictionary.__wrapped__, made


def _bytes(known):
    arrays = [np.asarray(array).tobytes() for array in (*known.letters, *known.arrays)]
    return known.size, known.mixed, arrays


def test_the_dictionary_is_kept_and_what_does_not_fit_its_seal_is_made_anew(kept, tmp_path, monkeypatch):
    file, read, made = kept
    wanted = _bytes(read())
    assert wanted[:2] == (5, ("T恤",)) and len(made) == 1
    right = file.read_bytes()
    assert _bytes(read()) == wanted and len(made) == 1
    for number, wrong in enumerate(
        (b"", right[:40], right[:-1], right[:1000] + b"\1" + right[1001:], b"\0" * 64), 2
    ):
        file.write_bytes(wrong)
        assert _bytes(read()) == wanted and file.read_bytes() == right and len(made) == number
    for name in ("sources", None):  # other code, another dictionary
        if name:
            monkeypatch.setattr(room, name, lambda: "other")
        else:
            (tmp_path / "dict.txt").write_text("的 90 uj\n", "utf-8")
        read()
        assert file.read_bytes() != right
        right = file.read_bytes()
    assert len(made) == 8


def test_a_place_that_cannot_be_written_stops_nobody(kept):
    file, read, made = kept
    wanted = _bytes(read())
    file.unlink()
    file.mkdir()
    assert _bytes(read()) == wanted and len(made) == 2 and file.is_dir()


def test_two_processes_at_once_keep_one_whole_file(kept):
    file, read, _ = kept
    wanted = _bytes(read())
    right = file.read_bytes()
    forks = multiprocessing.get_context("fork")
    for _ in range(5):
        file.unlink()
        both = [forks.Process(target=read) for _ in range(2)]
        for process in both:
            process.start()
        for process in both:
            process.join()
        assert [process.exitcode for process in both] == [0, 0] and file.read_bytes() == right
    assert _bytes(read()) == wanted
