"""The sample study, end to end: sixty articles in every format come out as its key says."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from nqp_topics.documents import read, registry, split
from nqp_topics.documents.clean import han
from nqp_topics.study import load

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
PLAN = {
    "newspaper_commentary": {"GREEN": 25, "ELDER": 20, "LIBRARY": 20, "LOGISTICS": 10, "TRANSIT": 25},
    "academic": {"GREEN": 10, "ELDER": 40, "LIBRARY": 20, "LOGISTICS": 10, "TRANSIT": 20},
    "local_official": {"GREEN": 20, "ELDER": 5, "LIBRARY": 20, "LOGISTICS": 40, "TRANSIT": 15},
}


@pytest.fixture(scope="module")
def study():
    return load(SAMPLE)


@pytest.fixture(scope="module")
def key():
    with (SAMPLE / "key" / "articles.jsonl").open(encoding="utf-8") as stream:
        return {row["id"]: row for row in map(json.loads, stream)}


@pytest.fixture(scope="module")
def reading(study):
    return read.folder(study.raw, study)


@pytest.fixture(scope="module")
def articles(study, reading):
    documents = registry.naming(registry.read_sources(study.path(study.sources)))(reading.documents)
    rows = registry.read(study.path(study.articles))
    return split.articles(documents, rows, study.repairs, study.script)


def listed(name):
    return pd.read_csv(SAMPLE / "key" / name, dtype=str, keep_default_na=False)


def test_every_article_comes_out_to_the_character(articles, key):
    texts = dict(zip(articles["id"], articles["text"], strict=True))
    formats = dict(zip(listed("documents.csv")["id"], listed("documents.csv")["format"], strict=True))
    assert sorted(texts) == sorted(key)
    for name, article in key.items():
        joint = "" if formats[name] == "cnki" else "\n"
        assert texts[name] == joint.join(p["text"] for p in article["paragraphs"]), name


def test_what_cannot_be_read_is_refused_with_its_reason_and_nothing_else_is(reading):
    found = {(row.file, row.reason) for row in reading.refusals.itertuples()}
    assert found == {(row.file, row.reason) for row in listed("refusals.csv").itertuples()}
    assert reading.refusals["detail"].str.len().min() > 20


def test_repeats_are_told_with_what_they_repeat(reading):
    files = dict(zip(reading.documents["id"], reading.documents["file"], strict=True))
    found = {(row.of, row.kind) for row in reading.duplicates.itertuples()}
    assert found == {(row.of, row.kind) for row in listed("duplicates.csv").itertuples()}
    assert not reading.duplicates["kept"].any()
    assert not set(listed("duplicates.csv")["file"]) & set(files.values())


def test_all_formats_and_voices_are_there(articles, reading):
    assert set(reading.documents["format"]) >= set("text markdown pdf docx html csv xlsx jsonl cnki".split())
    wanted = {name.lower().replace("hkscs", "") for name in reading.documents["encoding"]}
    assert {"gb18030", "big5"} <= wanted
    wanted = {"newspaper_commentary": 20, "academic": 20, "local_official": 20}
    assert articles.groupby("voice").size().to_dict() == wanted


def test_the_planted_plan_is_what_the_readme_says(key):
    rows = [(a["voice"], p["theme"]) for a in key.values() for p in a["paragraphs"]]
    found = pd.DataFrame(rows, columns=["voice", "theme"]).groupby(["voice", "theme"]).size()
    for voice, plan in PLAN.items():
        assert found[voice].to_dict() == plan


def test_passages_hold_every_character_of_their_article(articles, study):
    passages = split.passages(articles, study.shortest, study.longest)
    joined = passages.groupby("article")["han"].sum()
    assert joined.to_dict() == {row.id: han(row.text) for row in articles.itertuples()}


def test_metadata_comes_from_the_formats_that_carry_it(reading, key):
    documents = reading.documents.set_index("id")
    for name in ("s11", "s32", "s51"):
        assert documents.loc[name, "title"] == key[name]["title"]
        assert documents.loc[name, "author"] == key[name]["author"]


def test_the_documents_are_what_make_writes(tmp_path):
    """The generator and its output belong together; packed formats, whose bytes depend on the system's zlib, are checked by the tests above."""
    for name in ("make.py", "dirt.py", "paper.py"):
        (tmp_path / name).write_bytes((SAMPLE / name).read_bytes())
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "articles.jsonl").write_bytes((SAMPLE / "key" / "articles.jsonl").read_bytes())
    subprocess.run([sys.executable, str(tmp_path / "make.py")], check=True)
    files = (file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".pyc")
    made = {file.relative_to(tmp_path).as_posix(): file for file in files}
    here = {
        f.relative_to(SAMPLE).as_posix(): f
        for f in SAMPLE.rglob("*")
        if f.is_file() and f.suffix != ".pyc" and ".nqp-cache" not in f.parts
    }
    assert set(here) - set(made) == {"README.md", "study.toml"}
    packed = (".docx", ".xlsx", ".pdf")
    for name, file in made.items():
        if not name.endswith(packed) and name != "sources.csv":
            assert file.read_bytes() == here[name].read_bytes(), name
