"""The small world that hostile cases are made from: a study with its documents, tables, counts, a run and what is kept of a grid."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

from hostile import Came, command

PARK = ["公园", "绿道", "树木", "河边", "步道", "长椅", "花坛", "草地", "湖面", "散步", "老人", "春天"]
READING = ["图书馆", "书店", "孩子", "读书", "故事", "课桌", "借阅", "展览", "老师", "放学", "讲座", "周末"]
STUDY = """[study]
name = "small"

[read]
documents = "documents"

[split]
sources = "sources.csv"
articles = "articles.csv"
voices = ["newspaper_commentary", "academic"]
shortest = 10
longest = 120

[segment]
lexicon = "lexicon.txt"
stopwords = "stopwords.txt"

[count]
counts = "counts"
min_df = 1
max_df = 0.9

[train]
topics = 2
seed = 1
seeds = 3
labels = "labels.csv"

[train.sampler]
sweeps = 20
"""


def sentences(chance: random.Random, count: int) -> list[str]:
    """Return invented sentences, each about the park or about reading."""
    lines = []
    for number in range(count):
        words = chance.sample((PARK, READING)[number % 2], 6)
        lines.append(
            f"{words[0]}旁边有{words[1]}，{words[2]}和{words[3]}也常见，{words[4]}不远，{words[5]}更近。"
        )
    return lines


def build(place: Path) -> None:
    """Make the world; everything in it is written by the library itself."""
    chance = random.Random(0)
    (place / "documents").mkdir(parents=True)
    for name in "abc":
        (place / "documents" / f"{name}.txt").write_text("\n".join(sentences(chance, 12)) + "\n", "utf-8")
    (place / "study.toml").write_text(STUDY, "utf-8")
    rows = [
        f"{name}-{n},{name},{6 * n - 5},{6 * n},,题{n},academic,2024-01-0{n},"
        for name in "abc"
        for n in (1, 2)
    ]
    head = "id,source,start_line,end_line,body,title,voice,date,fingerprint"
    (place / "articles.csv").write_text("\n".join([head, *rows, ""]), "utf-8")
    (place / "lexicon.txt").write_text("图书馆 = 书馆  # 一处\n长椅; not after 短\n绿道\n", "utf-8")
    (place / "stopwords.txt").write_text("旁边  # 到处都有\n常见\n", "utf-8")
    (place / "sources.csv").write_text(_sources(place), "utf-8")
    here = Path.cwd()
    os.chdir(place)
    try:
        renewed = ("--registry", "articles.csv", "--write-registry", "articles.csv")
        _do("articles", *renewed)
        _do("share", "--study", ".")
        _do("passages", "--study", ".", "-o", "passages.jsonl")
        _do("segment", "passages.jsonl", "--study", ".", "-o", "tokens.jsonl")
        _do("terms", "passages.jsonl", "--fewest", "2", "--top", "10", "-o", "terms.csv")
        _do("train", "counts", "--topics", "2", "--seed", "1", "--set", "sweeps=20", "-o", "run")
        _do("choose", "counts", "--topics", "2:3", "--seeds", "2", "--cache", "cache", "-o", "choose.csv")
        print_of = json.loads(Path("run/run.json").read_text("utf-8"))["fingerprint"]
        rows = "".join(f"{print_of},T0{n},名{n},name {n},somebody,2024-01-0{n}\n" for n in (1, 2))
        Path("labels.csv").write_text("fingerprint,topic,zh,en,who,when\n" + rows, "utf-8")
    finally:
        os.chdir(here)


def _sources(place: Path) -> str:
    from nqp_topics.study import fingerprint

    rows = [
        f"{name},{name}.txt,{fingerprint((place / 'documents' / f'{name}.txt').read_bytes())},12,invented\n"
        for name in "abc"
    ]
    return "source,file,sha256,lines,what\n" + "".join(rows)


def _do(*arguments: str) -> None:
    came: Came = command(*arguments)(Path())
    if came.how != "gave":
        raise RuntimeError(f"{arguments}: {came}")
