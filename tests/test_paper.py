"""What goes into the paper: every number of the methods section comes from the study, both languages hold the same, and an archive shows what was changed."""

import io
import json
import re
import zipfile

import docx
import pandas as pd
import pytest
from test_validate import planted

from nqp_topics import cli
from nqp_topics.counts import save
from nqp_topics.files.tables import read_table
from nqp_topics.files.workbook import write_workbook
from nqp_topics.reproduce import bundle, check_bundle, methods, write_methods
from nqp_topics.reproduce.written import markdown, outdated, tally
from nqp_topics.study import Refused, load
from nqp_topics.topics import train

NUMBER = re.compile(r"-?\d[\d,.]*%?")
TOML = """[study]
name = "s"
[count]
counts = "counts"
[split]
articles = "articles.csv"
[train]
topics = 6  # six because the world was planted so,
            # and for no other reason
seed = 3
[train.sampler]
chains = 2
sweeps = 20
"""


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    counts = planted()
    save(counts, folder / "counts")
    (folder / "study.toml").write_text(TOML, "utf-8")
    ids = sorted(set(counts.articles))
    about = pd.DataFrame({"id": ids, "source": "x.txt", "start_line": range(1, len(ids) + 1)})
    about["end_line"] = about["start_line"]
    about["voice"] = ["academic" if number % 3 else "interview" for number in range(len(ids))]
    about["date"] = [f"{2001 + number % 7}" if number % 2 else "" for number in range(len(ids))]
    about = about.assign(
        body="", title="t", author="", affiliation="", outlet="", region="", notes="", fingerprint=""
    )
    about.to_csv(folder / "articles.csv", index=False)
    return load(folder)


def of(table, item):
    return table.set_index("item").loc[item]


def test_every_number_is_the_studys_and_both_languages_hold_the_same(study):
    table = methods(study)
    for row in table.itertuples():
        english, chinese = (sorted(NUMBER.findall(text.replace(",", ""))) for text in (row.en, row.zh))
        assert [one.rstrip(".") for one in english] == [one.rstrip(".") for one in chinese], row.item
    run = train(planted(), 6, 3, chains=2, sweeps=20)
    assert (
        NUMBER.findall(of(table, "size").en)[:3] == ["45", "180", "120"] and "3,600" in of(table, "size").en
    )
    assert "22 of 45" in of(table, "dates").en and "2001 to 2007" in of(table, "dates").en
    assert of(table, "groups").en == "Articles by voice: Academics 30, Interviews 15."
    assert "chains = 2" in of(table, "engine").en and "seed 3" in of(table, "engine").en
    assert (
        f"{run.prior.sum():.3g}" in of(table, "priors").en and run.fingerprint[:12] in of(table, "rerun").en
    )
    assert "six because the world was planted so, and for no other reason" in of(table, "reason").en


def test_what_nobody_has_said_is_missing_and_what_is_not_asked_says_why(study):
    table = methods(study)
    for item in ("question", "selection", "limits", "cleaning", "labels", "readers", "seeds", "alternatives"):
        row = of(table, item)
        assert row["state"] == "MISSING" and row["en"] == row["zh"] == "" and row["todo"], item
    (study.folder / "study.toml").write_text(
        TOML.replace("  # six", "\n# six") + '[methods]\nquestion = "何以如此"\n', "utf-8"
    )
    again = methods(load(study.folder))
    assert of(again, "question")["zh"] == "何以如此" and of(again, "reason")["state"] == "MISSING"
    about = pd.read_csv(study.folder / "articles.csv", dtype=str, keep_default_na=False)
    about.assign(voice="", date="").to_csv(study.folder / "articles.csv", index=False)
    bare = methods(load(study.folder))
    assert bare.loc[bare["item"] == "groups", "state"].iloc[0] == "not applicable"
    assert (bare.loc[bare["item"] == "dates", "state"] == "not applicable").all()
    assert sum(tally(bare).values()) == len(bare)
    (study.folder / "study.toml").write_text(TOML.replace("topics = 6", "# topics"), "utf-8")
    with pytest.raises(Refused, match="no number of topics"):
        methods(load(study.folder))


def test_methods_are_written_in_both_languages_and_known_when_they_are_old(study, capsys):
    table = methods(study)
    assert cli.main(["methods", "--study", str(study.folder)]) == 0
    place = study.folder / "methods"
    assert (place / "methods.md").read_text("utf-8") == markdown(table, "en")
    assert "missing: readers (nqp-topics validate)" in capsys.readouterr().err
    for end, head in (("", "Corpus"), (".zh", "语料")):
        words = [one.text for one in docx.Document(str(place / f"methods{end}.docx")).paragraphs]
        assert words[0] == head and any("180" in one for one in words)
    kept = {file.name: file.read_bytes() for file in place.iterdir()}
    write_methods(table, place)
    assert {file.name: file.read_bytes() for file in place.iterdir()} == kept
    assert outdated(study, place) == {"methods.md": False, "methods.zh.md": False}
    (study.folder / "study.toml").write_text(TOML.replace("seed = 3", "seed = 4"), "utf-8")
    assert outdated(load(study.folder), place) == {"methods.md": True, "methods.zh.md": True}
    assert outdated(study, study.folder) == {}


def test_a_bundle_is_checked_by_a_stranger_and_shows_what_was_changed(study, tmp_path, capsys):
    file, secret = tmp_path / "a.zip", study.folder / "data" / "raw"
    secret.mkdir(parents=True)
    (secret / "text.txt").write_text("原文", "utf-8")
    (study.folder / "labels.xlsx").write_bytes(b"texts")
    (study.folder / "validation").mkdir()
    (study.folder / "validation" / "page-with-texts.html").write_text("原文", "utf-8")
    (study.folder / "validation" / "items.csv").write_text("item\n", "utf-8")
    assert cli.main(["bundle", "--study", str(study.folder), "-o", str(file)]) == 0
    names = bundle(study, tmp_path / "b.zip")
    assert file.read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert {
        "study.toml",
        "articles.csv",
        "counts/counts.json",
        "run/run.json",
        "validation/items.csv",
        "manifest.json",
    } <= set(names)
    assert not any(word in name for name in names for word in ("raw", "labels.xlsx", "with-texts"))
    assert (check_bundle(file)["verdict"] == "match").all()
    assert cli.main(["verify", str(file)]) == 0
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for change, why in (
        ({"study.toml": members["study.toml"].replace(b"seed = 3", b"seed = 5")}, "other bytes"),
        ({"study.toml": None}, "not in the archive"),
        ({"new.csv": b"x"}, "not in the manifest"),
        ({"run/words.csv": members.get("run/words.csv", b"") + b"x"}, ""),
    ):
        other = rezip({**members, **change}, tmp_path)
        table = check_bundle(other)
        assert (table["verdict"] == "differs").any() and (not why or table["why"].str.contains(why).any()), (
            change
        )
        assert cli.main(["verify", str(other)]) == 1
    # hashes made anew do not make another run the reported one
    about = json.loads(members["manifest.json"])
    about["run"] = "0" * 64
    table = check_bundle(rezip({**members, "manifest.json": json.dumps(about).encode()}, tmp_path)).set_index(
        "file"
    )
    assert table.loc["run", "why"] == "another fingerprint"
    capsys.readouterr()


def rezip(members, folder):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content)
    file = folder / "other.zip"
    file.write_bytes(packed.getvalue())
    return file


def test_a_bundle_has_the_registry_of_a_workbook_without_first_characters_of_texts(study, tmp_path):
    about = pd.read_csv(study.folder / "articles.csv", dtype=str, keep_default_na=False)
    beside = about.assign(begins="秘而不宣的开头", han="5", check="very short", **{"国别": "甲"})
    write_workbook({"articles": beside}, study.folder / "articles.xlsx", {"begins": "开头"})
    (study.folder / "study.toml").write_text(TOML.replace("articles.csv", "articles.xlsx"), "utf-8")
    bundle(load(study.folder), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "out")
    there = read_table(tmp_path / "out" / "articles.xlsx", "", "")
    assert list(there) == [*about, "国别"] and (there["title"] == "t").all() and len(there) == len(about)
    assert "秘" not in there.to_string() and (check_bundle(tmp_path / "a.zip")["verdict"] == "match").all()
    beside.to_csv(study.folder / "articles.csv", index=False)
    (study.folder / "study.toml").write_text(TOML, "utf-8")
    bundle(load(study.folder), tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert (
            "秘" not in archive.read("articles.csv").decode()
            and "国别" in archive.read("articles.csv").decode()
        )


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"../../evil": b"x", "manifest.json": b"{}"}, "point outside"),
        ({"/etc/x": b"x", "manifest.json": b"{}"}, "point outside"),
        ({"a": b"x"}, "nqp-topics bundle wrote"),
        ({"manifest.json": b"[" * 100_000}, "nqp-topics bundle wrote"),
        ({"manifest.json": b"[1, 2]"}, "nqp-topics bundle wrote"),
        ({"manifest.json": b"{}"}, "nqp-topics bundle wrote"),
    ],
)
def test_what_is_no_bundle_is_refused(members, said, tmp_path):
    with pytest.raises(Refused, match=said):
        check_bundle(rezip(members, tmp_path))


def test_texts_go_along_only_where_their_owner_says_so(study, tmp_path):
    with pytest.raises(Refused, match="nobody has allowed"):
        bundle(study, tmp_path / "a.zip", texts=True)
    for content in (b"", b"no zip at all", b"PK\x03\x04"):
        (tmp_path / "c.zip").write_bytes(content)
        with pytest.raises(Refused, match="nqp-topics bundle wrote"):
            check_bundle(tmp_path / "c.zip")
    raw = study.folder / "data" / "raw"
    raw.mkdir(parents=True)
    (raw / "text.txt").write_text("原文", "utf-8")
    (study.folder / "study.toml").write_text(
        TOML.replace('name = "s"', 'name = "s"\npublish_texts = true'), "utf-8"
    )
    assert "data/raw/text.txt" in bundle(load(study.folder), tmp_path / "a.zip", texts=True)
    assert "data/raw/text.txt" not in bundle(load(study.folder), tmp_path / "b.zip")
