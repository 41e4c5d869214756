"""The first study against its own documents and hand-made answers; skipped where the documents are not beside the repository."""

import csv
import json
from difflib import SequenceMatcher

import pandas as pd
import pytest

from nqp_topics.documents import registry, split
from nqp_topics.documents.clean import apply, assemble, clean, han, losses, steps
from nqp_topics.documents.propose import propose
from nqp_topics.study import fingerprint, line_ranges, load

# every row of `losses` was read: all of it is furniture, citations or the damaged font; counts of Chinese characters by step
LOST = {
    "000": {"drop_front_matter": 193, "drop_references": 318, "drop_labels": 2},
    "001": {"drop_author_notes": 114, "undouble": 19},
    "002": {
        "drop_front_matter": 821,
        "drop_author_notes": 6,
        "drop_references": 914,
        "drop_captions": 59,
        "drop_labels": 2,
    },
    "003": {"drop_author_notes": 16, "drop_captions": 6},
    "004": {"repair_characters": 122, "drop_author_years": 120},
}


@pytest.fixture(scope="module")
def study():
    return load()


@pytest.fixture(scope="module")
def texts(corpus):
    return {file.name[:3]: file.read_text("utf8") for file in sorted(corpus.glob("*.txt"))}


@pytest.fixture(scope="module")
def documents(corpus, texts):
    rows = [
        (name, f"{name}.txt", "text", "", "", "", "", "", fingerprint(text), text)
        for name, text in texts.items()
    ]
    columns = ["id", "file", "format", "title", "author", "outlet", "voice", "date", "fingerprint", "text"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize("name", LOST)
def test_no_chinese_character_of_the_body_is_lost_or_added(texts, study, name):
    repairs = [repair for repair in study.repairs if repair.source == name]
    text = texts[name]
    lost = losses(text, repairs=repairs)
    by_step = lost.groupby("step")["han"].sum()
    assert by_step[by_step > 0].to_dict() == LOST[name]
    assert han(text) - han(clean(text, repairs=repairs)) == sum(LOST[name].values())


def test_every_line_is_in_an_article_or_is_known_not_to_be(texts, study):
    rows = registry.read(study.path(study.articles))
    furniture = {"000": (99, 112), "002": (214, 263)}
    editor = {"003": [(28, 32), (136, 136), (232, 242), (389, 427)]}
    for name, text in texts.items():
        covered = set()
        for row in rows[rows["source"] == name].itertuples():
            for first, last in line_ranges(row.body):
                covered |= set(range(first, last + 1))
            body = [n for first, last in line_ranges(row.body) for n in (first, last)]
            covered |= set(range(row.start_line, body[0])) if min(body) == body[0] else set()
            if row.voice == "leader_speech" or name == "001":
                covered |= set(range(body[-1] + 1, row.end_line + 1))
        for first, last in [*([furniture[name]] if name in furniture else []), *editor.get(name, [])]:
            covered |= set(range(first, last + 1))
        if name == "002":
            covered |= set(range(1, 28))
        left = [n for n, line in enumerate(text.split("\n"), 1) if han(line) and n not in covered]
        assert not left, f"{name}: lines {left[:5]} belong to no article"


def test_fingerprints_of_the_registry(documents, study):
    rows = registry.read(study.path(study.articles))
    found = split.articles(documents, rows, study.repairs, study.script)
    assert set(registry.check(found, rows)["state"]) == {"same"}
    assert list(found["id"]) == list(rows["id"])


def test_clean_passages_agree_with_the_answers(texts, study, gold):
    scores, without = [], {}
    for name, text in texts.items():
        keep, join = steps(text, [repair for repair in study.repairs if repair.source == name])
        without[name] = apply(keep, text), join  # a document's furniture is looked for once
    for line in (gold / "clean.jsonl").read_text("utf8").splitlines():
        row = json.loads(line)
        kept, join = without[row["file"][:3]]
        made = assemble(kept, [(row["start_line"], row["end_line"])], join)
        same = made == row["clean_text"]
        scores.append(1.0 if same else SequenceMatcher(None, made, row["clean_text"], autojunk=False).ratio())
    assert sum(scores) / len(scores) >= 0.995 and min(scores) >= 0.97


def test_article_starts_of_the_compilation_are_proposed(texts, gold):
    with (gold / "articles_004_lines_1_9568.tsv").open(encoding="utf8") as stream:
        right = {
            int(row["start_line"]) for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        }
    found = {row["start_line"] for row in propose(texts["004"]) if row["start_line"] < 9569}
    assert len(found & right) >= 0.97 * len(right) and len(found & right) >= 0.97 * len(found)


def test_article_starts_agree_with_the_registry(texts, study):
    rows = registry.read(study.path(study.articles))
    right = {(row.source, row.start_line) for row in rows.itertuples()}
    found = {(name, row["start_line"]) for name, text in texts.items() for row in propose(text)}
    assert len(found & right) >= 0.97 * len(right) and len(found & right) >= 0.97 * len(found)
    assert {pair for pair in found if pair[0] == "001"} == {pair for pair in right if pair[0] == "001"}


def test_themes_stand_inside_passages(documents, study, gold):
    """The paragraphs that readers marked are whole in the passages, apart from the cuts of long ones."""
    rows = registry.read(study.path(study.articles))
    cut = split.passages(
        split.articles(documents, rows, study.repairs, study.script), study.shortest, study.longest
    )
    together = "\n".join(cut["text"]).replace("\n", "")
    marked = pd.read_csv(gold / "themes.tsv", sep="\t", quoting=csv.QUOTE_NONE, dtype=str)
    whole = [text.replace("\n", "") in together for text in marked["text"]]
    assert sum(whole) >= 0.9 * len(whole)
