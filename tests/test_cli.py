"""The command line: what it writes, and what it says to somebody who typed something wrong."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import heeds_ctrl_c
from scipy.sparse import csr_array

from nqp_topics import counts as count
from nqp_topics.checks import Problem
from nqp_topics.cli import _parser, main
from nqp_topics.cli.verbs import VERBS
from nqp_topics.reproduce.shared import rebuilt
from nqp_topics.study import fingerprint
from nqp_topics.study import load as load_study
from nqp_topics.topics import load

COMMAND = [sys.executable, "-m", "nqp_topics.cli"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NQP_RAW", raising=False)
    return tmp_path


def write(place, name="a.txt", text="第一段写得很短。\n第二段也不长。\n"):
    file = place / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return str(file)


def rows(file):
    return [json.loads(line) for line in Path(file).read_text("utf-8").splitlines()]


def refused(capsys, *arguments):
    """Run a command that must be refused, and return what it said."""
    assert main([str(a) for a in arguments]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def test_articles_are_json_lines_with_the_promised_keys(place):
    write(place, "in/b.txt", "公园要建在家门口。\n")
    write(place, "in/a.txt", "图书馆要开到晚上。\n")
    assert main(["articles", "in", "-o", "out.jsonl"]) == 0
    found = rows("out.jsonl")
    assert [row["id"] for row in found] == ["a", "b"]
    keys = ["id", "source", "start_line", "end_line", "title", "author", "outlet", "voice", "date", "text"]
    assert list(found[0]) == keys
    assert (found[0]["start_line"], found[0]["text"]) == (1, "图书馆要开到晚上。")


def test_lines_are_null_where_a_source_has_none(place):
    write(place, "t.csv", "题,正文\n甲,绿道通到河边。\n")
    assert main(["articles", "t.csv", "--text-column", "正文", "-o", "out.jsonl"]) == 0
    (row,) = rows("out.jsonl")
    assert (row["start_line"], row["end_line"], row["text"]) == (None, None, "绿道通到河边。")


def test_clean_prints_the_lines_asked_for(place, capsys):
    file = write(place, text="头一行。\n第 二 行 写 在 这 里 。\n末一行。\n")
    assert main(["clean", file, "--lines", "2:2"]) == 0
    assert capsys.readouterr().out == "第二行写在这里。\n"


def test_clean_tells_its_losses(place, capsys):
    file = write(place, text="公园要建在家门口[1]。\n— 3 —\n")
    assert main(["clean", file, "--losses"]) == 0
    out = capsys.readouterr().out
    assert "drop_page_numbers,2,0,— 3 —" in out and "drop_citation_marks" in out


def test_a_written_registry_is_read_back_to_the_same_articles(place):
    file = write(place)
    assert main(["articles", file, "--write-registry", "articles.csv", "-o", "one.jsonl"]) == 0
    assert main(["articles", file, "--registry", "articles.csv", "-o", "two.jsonl"]) == 0
    assert Path("one.jsonl").read_bytes() == Path("two.jsonl").read_bytes()


def test_passages_join_to_their_article(place):
    text = "\n".join("公园里有很多树，孩子们在树下读书，老人们在长椅上聊天。" * n for n in (1, 3, 30))
    file = write(place, text=text)
    assert main(["passages", file, "-o", "p.jsonl"]) == 0
    found = rows("p.jsonl")
    assert "".join(row["text"] for row in found).replace("\n", "") == text.replace("\n", "")
    assert [row["place"] for row in found] == list(range(1, len(found) + 1))


def test_names_that_are_numbers_stay_as_they_are_written(place):
    write(place, "p.jsonl", '{"id": 1, "article": 7, "text": "公园"}\n{"id": 2.5, "text": "公园"}\n')
    assert main(["kwic", "公园", "p.jsonl", "-o", "k.csv"]) == 0
    found = pd.read_csv("k.csv", dtype=str, keep_default_na=False)
    assert dict(zip(found["id"], found["article"], strict=True)) == {"1": "7", "2.5": ""}


def test_missing_file(place, capsys):
    said = refused(capsys, "articles", "nowhere.txt")
    assert "nowhere.txt" in said and "do next" in said


def test_folder_without_documents(place, capsys):
    (place / "empty").mkdir()
    assert "empty" in refused(capsys, "articles", "empty")


def test_only_unreadable_documents(place, capsys):
    (place / "a.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    said = refused(capsys, "articles", "a.pdf")
    assert "a.pdf" in said and "nothing that could be read" in said


def test_wrong_column_names_those_that_exist(place, capsys):
    file = write(place, "t.csv", "标题,正文\n甲,绿道通到河边。\n")
    said = refused(capsys, "articles", file, "--text-column", "全文内容")
    assert "全文内容" in said and "标题" in said and "正文" in said


@pytest.mark.parametrize("lines", ["5:2", "x", "0:1", "1:99"])
def test_wrong_lines(place, capsys, lines):
    assert "lines" in refused(capsys, "clean", write(place), "--lines", lines)


def test_registry_rows_that_overlap_or_do_not_exist(place, capsys):
    file = write(place)
    write(place, "r.csv", "id,source,start_line,end_line\nx,a,1,2\ny,a,2,2\n")
    assert "claims too" in refused(capsys, "articles", file, "--registry", "r.csv")
    write(place, "r.csv", "id,source,start_line,end_line\nx,a,1,400\n")
    assert "1:400" in refused(capsys, "articles", file, "--registry", "r.csv")
    write(place, "r.csv", "id,source\nx,a\n")
    assert "start_line" in refused(capsys, "articles", file, "--registry", "r.csv")


def test_a_document_changed_since_its_fingerprint_is_told(place, capsys):
    file = write(place)
    print_of = fingerprint("另一个版本。")
    write(place, "r.csv", f"id,source,start_line,end_line,fingerprint\nx,a,1,2,{print_of}\n")
    assert main(["articles", file, "--registry", "r.csv", "-o", "out.jsonl"]) == 0
    assert "x: the text is not the one" in capsys.readouterr().err


def test_a_study_that_cannot_be_read_is_told_in_four_parts(place, capsys):
    write(place, "study.toml", '[study]\nname = "s"\n[split]\nshortest = "long"\n')
    said = refused(capsys, "articles", write(place))
    for part in ("shortest", "came", "allowed", "do next"):
        assert part in said


def test_notebook_that_does_not_exist(place, capsys):
    write(place, "study.toml", '[study]\nname = "s"\n')
    write(place, "notebooks/1-read.ipynb", "{}")
    assert "1-read" in refused(capsys, "figures", "9-nothing")


STUDY = '[study]\nname = "s"\n[read]\ndocuments = "in"\n[split]\narticles = "articles.csv"\n'


def test_the_study_stands_for_its_folder_its_registry_and_its_settings(place):
    write(place, "in/a.txt", "甲的公园。\n乙的公园。\n丙的公园。\n")
    write(place, "in/b.txt", "没有登记的文章。\n")
    write(place, "study.toml", STUDY)
    write(place, "articles.csv", "id,source,start_line,end_line,title\nx,a,1,1,甲\ny,a,2,3,乙\n")
    for arguments in (["articles"], ["articles", "--study", "study.toml"]):
        assert main([*arguments, "-o", "out.jsonl"]) == 0
        assert [(row["id"], row["title"]) for row in rows("out.jsonl")] == [("x", "甲"), ("y", "乙")]
    assert main(["articles", "in", "-o", "out.jsonl"]) == 0
    assert [row["id"] for row in rows("out.jsonl")] == ["a", "b"]


def test_rows_and_documents_that_do_not_meet_are_told(place, capsys):
    write(place, "in/a.txt", "甲的公园。\n")
    write(place, "in/b.txt", "乙的公园。\n")
    write(place, "r.csv", "id,source,start_line,end_line\nx,a,1,1\nz,c,1,1\n")
    assert main(["articles", "in", "--registry", "r.csv", "-o", "out.jsonl"]) == 0
    said = capsys.readouterr().err
    assert "not among the documents: c" in said and "left out: b" in said
    write(place, "r.csv", "id,source,start_line,end_line\nz,1,1,1\n")
    assert "001" in refused(capsys, "articles", "in", "--registry", "r.csv")


def test_a_list_of_sources_that_the_study_names_and_has_not_is_refused(place, capsys):
    write(place, "in/a.txt", "甲的公园。\n")
    write(place, "study.toml", STUDY + 'sources = "sources.csv"\n')
    write(place, "articles.csv", "id,source,start_line,end_line\nx,a,1,1\n")
    assert "sources.csv" in refused(capsys, "articles", "--study", "study.toml")
    write(place, "elsewhere/r.csv", "id,source,start_line,end_line\nx,a,1,1\n")
    assert main(["articles", "in/a.txt", "--registry", "elsewhere/r.csv", "-o", "out.jsonl"]) == 0


@pytest.mark.parametrize(
    "name", ["a\rb", " ", "=1+1", "a\nb", "a,b'", "\u202etxt", "a\u3000\u200bb", "\ue000"]
)
def test_a_registry_of_a_file_of_any_name_reads_back(place, capsys, name):
    write(place, f"in/{name}.txt", "甲的公园。\n")
    assert main(["articles", "in", "--write-registry", "r.csv", "-o", "one.jsonl"]) == 0
    assert main(["articles", "in", "--registry", "r.csv", "-o", "two.jsonl"]) == 0
    assert rows("one.jsonl") == rows("two.jsonl")


def test_an_article_of_which_nothing_is_left_is_told(place, capsys):
    write(place, "in/a.txt", "甲的公园。\n")
    write(place, "in/b.txt", "责任编辑：周明\n")
    assert main(["passages", "in", "-o", "out.jsonl"]) == 0
    assert "b: no text is left of it" in capsys.readouterr().err


def test_a_registry_is_looked_up_and_not_walked_for_every_file(place, monkeypatch):
    """Three hundred files with a registry and a list of sources: rows are handed out once each, the list is read once."""
    from nqp_topics.documents import registry

    for number in range(300):
        write(place, f"in/{number}.txt", "公园。\n")
    lines = "".join(f"{number},{number},,\n" for number in range(300))
    write(place, "r.csv", f"id,source,start_line,end_line\n{lines}")
    write(place, "sources.csv", f"source,file,sha256\n0,0.txt,{fingerprint('公园。' + chr(10))}\n")
    seen, read = [], []
    check, table = registry.check, registry.read_table
    monkeypatch.setattr(registry, "check", lambda found, rows: seen.append(len(rows)) or check(found, rows))
    monkeypatch.setattr(registry, "read_table", lambda *given: read.append(given[0]) or table(*given))
    assert main(["articles", "in", "--registry", "r.csv", "-o", "out.jsonl"]) == 0
    assert sum(seen) <= 300 and len(read) == 2


def test_an_untouched_registry_gives_the_proposed_texts_and_keeps_hand_made_bodies(place, capsys):
    body = "公园是城市的客厅，树荫下坐着下棋的老人。"
    write(place, "in/a.txt", f"公园城市怎么建\n周明\n{body}\n{body}\n")
    assert main(["articles", "in", "--write-registry", "r.csv", "-o", "one.jsonl"]) == 0
    assert main("articles in --registry r.csv --write-registry r.csv -o two.jsonl".split()) == 0
    assert rows("one.jsonl") == rows("two.jsonl")
    assert rows("one.jsonl")[0]["text"] == f"{body}\n{body}"
    assert "not the one its fingerprint" not in capsys.readouterr().err


def test_every_way_through_a_study_drops_what_articles_share_and_fingerprints_are_those_before(place, capsys):
    form = "如不服本判决，可以在判决书送达之日起十五日内向本院递交上诉状。"
    for one in ("公园", "绿地", "河流"):
        write(place, f"in/{one}.txt", f"{one}的树荫下坐着下棋的老人，孩子在草地上奔跑。\n\n{form}\n")
    prints = []
    for kind in ("keep", "drop"):
        said = f'[study]\nname = "a"\n[read]\ndocuments = "in"\n[clean]\nrepeated = "{kind}"\n[split]\nshortest = 5\n'
        write(place, "study.toml", said)
        assert main(["articles", "--study", ".", "--write-registry", f"{kind}.csv", "-o", "a.jsonl"]) == 0
        prints.append(Path(f"{kind}.csv").read_text("utf-8"))
    assert prints[0] == prints[1]
    write(place, "study.toml", f'{said}articles = "drop.csv"\n')
    assert main(["articles", "--study", ".", "-o", "b.jsonl"]) == 0
    assert main(["passages", "--study", ".", "-o", "p.jsonl"]) == 0
    for row in [*rows("a.jsonl"), *rows("b.jsonl"), *rows("p.jsonl")]:
        assert "树荫" in row["text"] and form not in row["text"]
    found = rebuilt(load_study(place)).set_index("what")
    assert found.loc["articles", ["kept", "same"]].tolist() == [3, 3]
    assert "not the one its fingerprint" not in capsys.readouterr().err


def test_renewing_fingerprints_leaves_rows_and_columns_of_others_alone(place):
    write(place, "in/a.txt", "甲的公园。\n")
    write(place, "r.csv", "id,source,start_line,end_line,mine\nx,a,1,1,keep\nz,c,1,9,too\n")
    assert main(["articles", "in", "--registry", "r.csv", "--write-registry", "r.csv"]) == 0
    table = pd.read_csv("r.csv", dtype=str, keep_default_na=False)
    assert table["mine"].tolist() == ["keep", "too"]
    assert table["fingerprint"].tolist() == [fingerprint("甲的公园。"), ""]


def test_what_a_person_may_have_corrected_is_not_overwritten(place, capsys):
    file = write(place)
    write(place, "r.csv", "id,source,start_line,end_line\nx,a,1,1\n")
    assert "corrected" in refused(capsys, "articles", file, "--write-registry", "r.csv")
    assert "a file that is read" in refused(capsys, "clean", file, "-o", file)
    assert "a folder" in refused(capsys, "clean", file, "-o", ".")


@pytest.mark.parametrize(
    "arguments",
    [
        ["segment", "t.jsonl", "--lexicon", "l.txt", "-o", "l.txt"],
        ["segment", "t.jsonl", "--stopwords", "l.txt", "--removed", "l.txt"],
        ["articles", "a.txt", "--registry", "r.csv", "-o", "r.csv"],
        ["read", "a.txt", "--refusals", "x.csv", "--duplicates", "x.csv"],
        ["terms", "a.txt", "-o", "r.csv"],
        ["segment", "t.jsonl", "--removed", "x.csv"],
    ],
)
def test_no_output_replaces_a_file_that_is_read_or_another_output(place, capsys, arguments):
    write(place)
    write(place, "t.jsonl", '{"id": "a", "text": "公园"}\n')
    write(place, "l.txt", "公园\n")
    write(place, "r.csv", "id,source,start_line,end_line\nx,a,1,1\n")
    before = {file.name: file.read_bytes() for file in place.iterdir()}
    assert "do next" in refused(capsys, *arguments)
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before


def test_the_study_of_this_folder_leaves_strangers_alone(place):
    repair = '[[clean.repair]]\nname = "r"\nsource = "004"\nlines = "1:9"\ncharacters = { "新" = "旧" }\n'
    write(place, "study.toml", '[study]\nname = "s"\n[split]\nsources = "sources.csv"\n[clean]\n' + repair)
    write(place, "sources.csv", f"source,file,sha256\n004,x.txt,{'0' * 64}\n")
    write(place, "elsewhere/004.txt", "新公园。\n")
    assert main(["articles", "elsewhere/004.txt", "-o", "out.jsonl"]) == 0
    assert rows("out.jsonl")[0]["text"] == "新公园。"


def test_a_device_is_written_into_and_not_replaced(place):
    assert main(["clean", write(place), "-o", "/dev/null"]) == 0
    assert not Path("/dev/null").is_file()


def test_a_registry_is_read_as_spreadsheets_write_it(place):
    file = write(place)
    table = "id;source;start_line;end_line;body;title;date\nx;a;1.0;2;1:2:00;公园;2023/5/6\n"
    (place / "r.csv").write_bytes(table.encode("gb18030"))
    assert main(["articles", file, "--registry", "r.csv", "-o", "out.jsonl"]) == 0
    (row,) = rows("out.jsonl")
    assert (row["title"], row["date"], row["end_line"]) == ("公园", "2023-05-06", 2)


TRAIN = """[study]
name = "s"
[count]
counts = "data/counts"
[train]
topics = 3
seed = 4
[train.sampler]
chains = 1
sweeps = 7
[train.gensim]
passes = 3
"""


@pytest.fixture
def counted(place, monkeypatch):
    """A study with counts of three fields of words."""
    monkeypatch.delenv("NQP_TOPICS", raising=False)
    rng = np.random.default_rng(3)
    rows = np.zeros((18, 12), int)
    for row in range(18):
        rows[row, row % 3 * 4 : row % 3 * 4 + 4] = rng.integers(1, 6, 4)
    words = tuple(f"词{number:02d}" for number in range(12))
    ids = tuple(f"a{number // 3}-p{number % 3}" for number in range(18))
    count.save(count.Counts(ids, words, csr_array(rows)), place / "data/counts")
    write(place, "study.toml", TRAIN)
    return place


def fitted(folder):
    run = load(folder)
    return len(run.names), run.seed, run.engine, run.settings


def test_training_takes_what_is_not_said_from_the_study(counted, capsys):
    ours = {"chains": 1, "sweeps": 7}
    for more, wanted in (
        ([], (3, 4, "sampler", ours)),
        (["--seed", "9"], (3, 9, "sampler", ours)),
        (["--topics", "2"], (2, 4, "sampler", {})),
        (["--engine", "gensim"], (3, 4, "gensim", {"passes": 3})),
        (["--set", "sweeps=5"], (3, 4, "sampler", {"chains": 1, "sweeps": 5})),
        (
            ["--set", "word_prior=0.2", "--set", "chains=2"],
            (3, 4, "sampler", {**ours, "chains": 2, "word_prior": 0.2}),
        ),
        (["--engine", "gensim", "--topics", "2", "--set", "passes=1"], (2, 4, "gensim", {"passes": 1})),
    ):
        assert main(["train", *more, "-o", "run"]) == 0
        assert fitted("run") == wanted, more
        said = capsys.readouterr()
        assert f"{wanted[0]} topics, seed {wanted[1]}, engine {wanted[2]}" in said.err
        assert [line[:3] for line in said.out.splitlines()] == [f"T{n:02d}" for n in range(1, wanted[0] + 1)]


def test_a_study_without_a_number_of_topics_has_a_seed_all_the_same(counted):
    lines = (line for line in TRAIN.split("\n") if not line.startswith("topics"))
    write(counted, "study.toml", "\n".join(lines))
    assert main(["train", "--topics", "2", "-o", "run"]) == 0
    assert fitted("run")[:2] == (2, 4)


def test_the_run_of_the_command_is_that_of_the_notebooks(counted, monkeypatch):
    from nqp_topics import study
    from nqp_topics import topics as train

    counts = count.load("data/counts")
    for number in (3, 2):
        assert main(["train", "--topics", str(number), "-o", "run"]) == 0
        tried = study.load(counted).but(topics=number)
        kept = train.train(counts, number, tried.seed, **tried.fits)
        assert load("run").fingerprint == kept.fingerprint
        monkeypatch.setenv("NQP_TOPICS", "2")


def test_without_a_study_nothing_is_taken_for_granted(counted, capsys):
    said = refused(capsys, "train", "data/counts", "-o", "run")
    assert "--topics" in said and "--seed" in said and not Path("run").exists()
    assert (
        main(["train", "data/counts", "--topics", "2", "--seed", "1", "--set", "sweeps=3", "-o", "run"]) == 0
    )
    assert fitted("run") == (2, 1, "sampler", {"sweeps": 3})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (["sweeps"], ["'sweeps'", "NAME=NUMBER"]),
        (["sweeps=-3"], ["'sweeps=-3'", "NAME=NUMBER"]),
        (["sweeps=many", "speed=2"], ["'sweeps=many'", "train(speed=…)", "chains"]),
        (["passes=2"], ["train(passes=…)", "a setting that sampler does not have"]),
        (["finish=0", "chains=1.5"], ["train(finish=…)", "train(chains=…)"]),
        (["seed=4"], ["train(seed=…)"]),
    ],
)
@pytest.mark.parametrize("verb", ["train", "choose"])
def test_settings_that_cannot_be_are_told_together(counted, capsys, verb, settings, says):
    given = [part for setting in settings for part in ("--set", setting)]
    more = ["--topics", "2"] if verb == "choose" else []
    said = refused(capsys, verb, *given, *more, "-o", "out")
    assert all(part in said for part in says) and not Path("out").exists()


def test_choosing_fits_with_the_engine_and_settings_that_are_said(counted, monkeypatch):
    from nqp_topics import choose

    asked = []

    def grid(counts, numbers, seeds, tokens, **settings):
        asked.append((numbers, seeds, settings))
        raise KeyboardInterrupt

    monkeypatch.setattr(choose, "grid", grid)
    for more in ([], ["--engine", "gensim", "--set", "passes=2", "--seeds", "3", "--cache", "kept"]):
        assert main(["choose", "--topics", "2:4", *more, "-o", "out.csv"]) == 130
    usual, said = asked
    assert usual == ([2, 3, 4], 5, {"engine": "sampler", "cache": None})
    assert said == ([2, 3, 4], 3, {"engine": "gensim", "cache": "kept", "passes": 2})


def test_notebooks_and_pages_that_do_not_exist_are_refused_before_anything_runs(counted, capsys):
    assert "no notebook" in refused(capsys, "figures")
    assert "single, double, slide, journal-zh" in refused(capsys, "figures", "--page", "poster")
    assert "no figures" in refused(capsys, "figures", "--page", "slide")
    assert "tolerance" in refused(capsys, "verify", "--tolerance", "2")
    assert not Path("figures").exists()


def test_unknown_verb_says_which_exist(place):
    done = subprocess.run([*COMMAND, "artcles"], capture_output=True, text=True)
    assert done.returncode == 2 and "articles" in done.stderr and "Traceback" not in done.stderr


def limited():
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_disk_that_fills_up_leaves_the_old_file_whole(place):
    file = write(place, text="公园里有很多树，孩子们在树下读书。\n" * 400)
    (place / "out.jsonl").write_text("old\n")
    done = subprocess.run(
        [*COMMAND, "articles", file, "-o", "out.jsonl"], capture_output=True, text=True, preexec_fn=limited
    )
    assert done.returncode == 2 and "out.jsonl" in done.stderr and "Traceback" not in done.stderr
    assert (place / "out.jsonl").read_text() == "old\n"
    assert sorted(f.name for f in place.iterdir()) == ["a.txt", "out.jsonl"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_stopping_leaves_no_half_file(place):
    for number in range(300):
        write(place, f"in/{number:03d}.txt", "公园里有很多树，孩子们在树下读书。\n" * 300)
    with subprocess.Popen(
        [*COMMAND, "articles", "in", "-o", "out.jsonl"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heeds_ctrl_c,
    ) as running:
        while not list(place.glob(".nqp-*.part")) and running.poll() is None:  # until it is at work
            time.sleep(0.02)
        time.sleep(0.1)  # a file that was named this instant is taken away by the next that writes there
        os.killpg(running.pid, signal.SIGINT)
        said = running.communicate(timeout=30)[1]
    assert running.returncode == 130 and "Traceback" not in said
    assert [f.name for f in place.iterdir()] == ["in"]


@pytest.mark.parametrize("verb", VERBS)
def test_names_are_typed_as_they_are_called_in_chinese_too(place, capsys, monkeypatch, verb):
    monkeypatch.setenv("NQP_LANGUAGE", "zh")
    said = refused(capsys, f"{verb}q")
    allowed = said.split("允许：")[1].split(" ……")[0].split(", ")
    assert set(allowed) <= set(VERBS) and f"是否想写 {verb}？" in said
    said = refused(capsys, verb, *["x"] * 3, "-o", "x", "--formula", "x", "--topics", "3", "--stdy", "x")
    assert "是否想写 --study？" in said and "--study" in re.split(r", |\n", said.split("允许：")[1])
    one = Problem(verb, verb, ", ".join(VERBS), f"did you mean {verb}?")
    assert str(one).split("\n")[0] == verb and f"允许：{', '.join(VERBS)}\n" in str(one)


def test_no_option_may_be_cut_short_and_no_argument_is_asked_for_that_may_be_left_out(place, capsys):
    assert "did you mean --topics?" in refused(capsys, "labels", "--topic", "10")
    said = refused(capsys, "kwic", "--study", "x")
    assert "nothing for WORD\n" in said
    assert "from 2 to 1000" in refused(capsys, "figures", "--topics", "5000")


def test_more_topics_than_the_counts_can_have_are_refused_before_a_notebook_runs(place, capsys, monkeypatch):
    monkeypatch.setattr("nqp_topics.reproduce.run", lambda *args, **options: pytest.fail("a notebook ran"))
    kinds = (
        "公园里有很多树，孩子们在树下读书。",
        "渔船驶出港口，水手看见灯塔。",
        "演员走上舞台，观众热烈鼓掌。",
    )
    for number in range(12):
        write(place, f"in/{number}.txt", f"{kinds[number % 3]}这是第{number}次。\n" * 4)
    assert main(["new", "study", "in"]) == 0
    assert "no number of topics" in refused(capsys, "figures", "--study", "study")
    said = refused(capsys, "figures", "--study", "study", "--topics", "900")
    kept = count.load("study/counts").matrix.shape
    assert "900" in said and f"there are {kept[0]} passages and {kept[1]} words" in said
    assert f"from 2 to {min(kept)}" in said and not list(place.glob("study/figures/*"))


@pytest.mark.parametrize(
    ("typed", "found", "called"),
    [
        (".venv/bin/nqp-topics", None, ".venv/bin/nqp-topics"),
        ("/usr/bin/nqp-topics", "/usr/bin/nqp-topics", "nqp-topics"),
        ("pytest", None, "nqp-topics"),
    ],
)
def test_commands_in_messages_can_be_typed_as_they_stand(place, capsys, monkeypatch, typed, found, called):
    monkeypatch.setattr("sys.argv", [typed])
    monkeypatch.setattr("nqp_topics.cli.common.which", lambda name: found)
    for name in ("a.txt", *(f"{number}.odt" for number in range(21))):
        write(place, f"in/{name}")
    assert main(["new", "my study", "in"]) == 0
    last = f'{called} figures --study "my study" --topics 10'
    told = capsys.readouterr().out
    assert told.endswith(f"{last}\n") and f'{called} read --study "my study" --refusals FILE' in told
    said = (place / "my study/README.md").read_text("utf-8")
    lines = [line.split("  #")[0].strip() for line in said.split("\n") if line.startswith("    ")]
    assert last in lines and all(line.startswith(f"{called} ") for line in lines)
    for line in lines:
        options = _parser().parse_args(shlex.split(line)[len(shlex.split(called)) :])
        assert Path(options.study) == Path("my study")
        assert "topics" not in vars(options) or options.topics == 10
    assert main(["next", "--study", "my study"]) == 0
    next_ = capsys.readouterr().out.splitlines()[-1]
    assert "nqp-topics" not in next_ or (f"{called} " in next_ and '--study "my study"' in next_)
    assert main(["new", "my study", "in"]) == 2
    assert (
        f'do next: choose another name, or go on there: {called} next --study "my study"'
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ((), "VERB"),
        (("raed",), "did you mean read?"),
        (("train", "a.jsonl", "--topics", "x", "-o", "b"), "--topics"),
        (("train", "a.jsonl"), "-o"),
        (("read", "--no-such"), "--no-such"),
        (("read", "a\0b"), "NUL"),
        (("read", "x" * 300), "too long"),
    ],
)
def test_what_is_mistyped_is_refused_in_four_parts(place, capsys, line, says):
    said = refused(capsys, *line)
    assert says in said and all(part in said for part in ("came:", "allowed:", "do next:"))


def test_a_fault_of_the_program_is_told_in_four_parts(place, capsys, monkeypatch):
    def fault(options):
        raise KeyError("x")

    monkeypatch.setattr("nqp_topics.cli.reading._read", fault)
    assert main(["read", write(place)]) == 3
    said = capsys.readouterr().err
    assert "KeyError" in said and "do next:" in said and "Traceback" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_printing_on_a_full_disk_is_refused(place):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "clean", write(place)], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2 and "No space left" in done.stderr and "Exception ignored" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "--min-df", "2", "-o", "run"], "--min-df"),
        ("train data/counts --topics 3 --seed 1 --lexicon no.txt -o run".split(), "--lexicon"),
        ("choose --topics 2:3 --stopwords no.txt --max-df .5 -o out.csv".split(), "--max-df"),
        (["choose", "--topics", "2:999999999", "-o", "out.csv"], "how many numbers"),
        (["choose", "--topics", "2:3", "--seeds", "999999999", "-o", "out.csv"], "choose seeds"),
        (["choose", "--topics", "9" * 5000, "-o", "out.csv"], "--topics"),
        (["train", "--set", "chains=" + "9" * 5000, "-o", "run"], "--set"),
        (["train", "--set", "threads=99999999999", "-o", "run"], "to 1000"),
        (["choose", "--topics", "2:3", "-o", "x" * 300], "too long"),
        (["train", "-o", "study.toml"], "a file"),
        (["train", "-o", ""], "the name of a file or folder"),
        (["train", "--set", "sweeps=0", "-o", "run"], "from 1 on"),
        (["train", "-o", "."], "a folder of its own"),
        (["choose", "--topics", "2:3", "-o", "study.toml/out.csv"], "study.toml/out.csv"),
        (["figures", "--page", "slide", "--keep", "1"], "--keep too"),
        (["train", "table.csv", "--topics", "2", "--seed", "1", "-o", "run"], "nqp-topics passages"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_a_command_cannot_do_is_told_before_anything_is_fitted(
    counted, capsys, monkeypatch, arguments, says
):
    write(counted, "table.csv", "题,正文\n甲,绿道通到河边。\n")
    monkeypatch.setattr("nqp_topics.cli.fitting.train", lambda *_, **__: pytest.fail("fitted"))
    before = sorted(str(file) for file in counted.rglob("*"))
    said = refused(capsys, *arguments)
    assert says in said and len(said) < 3000
    assert sorted(str(file) for file in counted.rglob("*")) == before


def test_counts_are_shared_inside_the_study_or_where_it_is_said(place, capsys):
    write(place, "s/in/a.txt", "公园里有很多树，孩子们在树下读书。\n公园里有很多树，老人在树下下棋。\n" * 3)
    write(
        place,
        "s/study.toml",
        '[study]\nname = "s"\n[read]\ndocuments = "in"\n[count]\nmin_df = 1\nmax_df = 1.0\ncounts = "../out"\n',
    )
    assert "outside the study" in refused(capsys, "share", "--study", "s")
    assert not (place / "out").exists()
    assert main(["share", "--study", "s", "-o", "out"]) == 0
    assert count.load("out/counts").ids and not (place / "s/losses.csv").exists()


def test_a_reader_that_has_enough_is_told_in_one_line(place):
    text = "公园里有很多树，孩子们在树下读书。\n" * 2500
    with subprocess.Popen(
        [*COMMAND, "clean", write(place, text=text)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        running.stdout.read(10)
        running.stdout.close()
        said = running.stderr.read().decode("utf-8")
    assert running.returncode == 0 and said.count("\n") == 1 and "closed it" in said


def test_a_fault_shows_its_traceback_where_it_is_asked_for(place, capsys, monkeypatch):
    monkeypatch.setattr("nqp_topics.cli.reading._read", lambda _: [][1])
    monkeypatch.setenv("NQP_TRACEBACK", "1")
    assert main(["read", write(place)]) == 3
    assert "Traceback" in capsys.readouterr().err
