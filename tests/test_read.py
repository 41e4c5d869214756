"""Reading a folder: which files, in which order, under which ids, and that nothing stops the rest."""

import hashlib
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from test_readers_pdf import made, put
from test_readers_text import write
from test_readers_word_web import PARAGRAPHS, page, word

from nqp_topics import files
from nqp_topics.documents import read
from nqp_topics.documents.formats import workers
from nqp_topics.documents.formats.rows import REASONS, Found, document
from nqp_topics.study import Refused, Study

COLUMNS = [
    *("id", "file", "place", "format", "encoding", "title", "author", "outlet", "date", "voice"),
    *("keywords", "abstract", "fingerprint", "remarks", "text"),
]


def study(tmp_path, **settings):
    return Study(folder=tmp_path, name="s", **settings)


@pytest.fixture
def mixed(tmp_path):
    """A folder with a file of every kind, good and bad."""
    write(tmp_path, "乙.txt", "花开了，很好看。\n")
    write(tmp_path, "2023/a.txt", "春天来了。\n".encode("gbk"))
    write(tmp_path, "2024/a.md", "# 夏天\n\n雨水多。\n")
    write(tmp_path, "page.html", page())
    write(tmp_path, "w.docx", word(lambda document: document.add_paragraph("一段话。")))
    write(tmp_path, "p.pdf", made(lambda canvas: put(canvas, 80, 700, ["山上的花开得很好看"])))
    write(tmp_path, "t.csv", "text,title\n第一条。,甲\n第二条。,乙\n,丙\n")
    write(tmp_path, "empty.txt", b"")
    write(tmp_path, "picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(200))
    write(tmp_path, "old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(200))
    write(tmp_path, "scan.tif", b"II*\x00")
    write(tmp_path, "page_files/saved_resource.html", page())  # an advertisement in a frame
    for name in ".hidden.txt ~$w.docx .DS_Store Thumbs.db README.md .git/a.txt __MACOSX/a.txt".split():
        write(tmp_path, name, "不应读到。\n")
    return tmp_path


def test_a_folder_of_everything(mixed):
    reading = read.folder(mixed)
    found = reading.documents
    assert found.columns.tolist() == COLUMNS
    assert found["file"].tolist() == "2023/a.txt 2024/a.md p.pdf page.html t.csv t.csv w.docx 乙.txt".split()
    assert found["id"].tolist() == ["2023/a", "2024/a", "p", "page", "t-0001", "t-0002", "w", "乙"]
    assert found["format"].tolist() == ["text", "markdown", "pdf", "html", "csv", "csv", "docx", "text"]
    assert found["place"].tolist() == [None, None, None, None, "row 2", "row 3", None, None]
    assert reading.refusals.columns.tolist() == ["file", "place", "reason", "detail"]
    assert reading.refusals[["file", "place", "reason"]].values.tolist() == [
        ["empty.txt", None, "empty"],
        ["old.doc", None, "unknown format"],
        ["picture.txt", None, "binary"],
        ["scan.tif", None, "unknown format"],
        ["t.csv", "row 4", "no text in cell"],
    ]
    assert set(reading.refusals["reason"]) <= set(REASONS)
    strings = found.drop(columns="place")
    assert strings.map(lambda value: isinstance(value, str)).all(axis=None)


def test_fingerprints_are_those_of_the_files(mixed):
    found = read.folder(mixed).documents.set_index("id")
    assert found["fingerprint"]["乙"] == hashlib.sha256((mixed / "乙.txt").read_bytes()).hexdigest()
    assert found["fingerprint"].is_unique
    (mixed / "乙.txt").rename(mixed / "丁.txt")
    assert read.folder(mixed).documents.set_index("id")["fingerprint"]["丁"] == found["fingerprint"]["乙"]


def test_the_number_of_processes_changes_nothing(mixed):
    for number in range(150):
        write(mixed, f"many/{number:03d}.txt", f"第{number}篇，{PARAGRAPHS[number % 3]}\n")
    one, two = read.folder(mixed, workers=1), read.folder(mixed, workers=2)
    for name in ("documents", "refusals", "duplicates"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    assert len(one.documents) == 158


def test_nothing_depends_on_the_seed_of_hashes(tmp_path):
    for number in range(80):
        write(tmp_path, f"{number:03d}.txt", PARAGRAPHS[number % 3] * (3 + number // 3))
    code = (
        "import sys; from nqp_topics.documents import read; r = read.folder(sys.argv[1]);"
        "print(r.documents.to_json(), r.duplicates.to_json())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(said) == 1


def test_one_file_and_a_list(mixed):
    single = read.folder(mixed / "2023" / "a.txt").documents
    assert single[["id", "file"]].values.tolist() == [["a", "a.txt"]]
    places = [mixed / "乙.txt", str(mixed / "2024"), mixed / "2023" / "a.txt", mixed / "乙.txt"]
    several = read.folder(places).documents
    wanted = [["乙", "乙.txt"], ["2024/a", "2024/a.md"], ["2023/a", "2023/a.txt"]]
    assert several[["id", "file"]].values.tolist() == wanted
    assert read.folder(mixed / "README.md").documents["id"].tolist() == ["README"]


def test_ids_are_unique_and_as_short_as_that_allows(tmp_path):
    for name in ("a.txt", "a.md", "x/a.txt", "b.txt", "t-0001.txt"):
        write(tmp_path, name, f"{name}的内容。\n")
    write(tmp_path, "t.csv", "id,text\nb,甲。\nc,乙。\n")
    write(tmp_path, "t.tsv", "text\n丙。\n")
    found = read.folder(tmp_path).documents
    names = dict(zip(found["file"] + found["place"].fillna("").map(str), found["id"], strict=True))
    assert names["a.txt"] == "a.txt"
    assert names["a.md"] == "a.md"
    assert names["x/a.txt"] == "x/a"
    assert names["t.csvrow 3"] == "c"
    assert found["id"].is_unique
    again = read.folder(tmp_path).documents["id"].tolist()
    assert again == found["id"].tolist()


def test_files_are_told_by_their_bytes_where_the_name_lies(tmp_path):
    pdf = made(lambda canvas: put(canvas, 80, 700, ["山上的花开得很好看"]))
    write(tmp_path, "a.txt", pdf)
    write(tmp_path, "b.pdf", page())
    write(tmp_path, "c.xlsx", word(lambda document: document.add_paragraph("一段话。")))
    found = read.folder(tmp_path).documents
    assert found["format"].tolist() == ["pdf", "html", "docx"]
    assert found["remarks"].str.startswith(("the file is PDF", "the file is HTML", "the file is DOCX")).all()


@pytest.mark.parametrize("junctions", [False, True])  # the links of Windows, which are none to Python
def test_what_is_no_file_stops_nothing(tmp_path, monkeypatch, junctions):
    if junctions:
        linked = os.path.islink
        monkeypatch.setattr(Path, "is_symlink", lambda _: False)
        monkeypatch.setattr(Path, "lstat", lambda one: SimpleNamespace(st_reparse_tag=linked(one)))
    write(tmp_path, "good.txt", "花开了。\n")
    write(tmp_path, "folder.pdf/inside.txt", "里面的字。\n")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.txt")
    reading = read.folder(tmp_path)
    assert reading.documents["file"].tolist() == ["folder.pdf/inside.txt", "good.txt"]
    wanted = [[name, "unreadable"] for name in ("folder.pdf", "gone.txt", "loop", "pipe.txt", "self.txt")]
    assert reading.refusals[["file", "reason"]].values.tolist() == wanted


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_stops_nothing(tmp_path):
    write(tmp_path, "good.txt", "花开了。\n")
    write(tmp_path, "locked.txt", "不许读。\n").chmod(0)
    write(tmp_path, "closed/a.txt", "不许进。\n").parent.chmod(0)
    try:
        reading = read.folder(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert reading.documents["id"].tolist() == ["good"]
    assert reading.refusals["reason"].tolist() == ["unreadable", "unreadable"]


def test_a_file_that_vanishes_and_a_reader_that_fails_are_refusals(tmp_path, monkeypatch):
    file = write(tmp_path, "a.txt", "花开了。\n")

    def failing(content, study):
        raise ZeroDivisionError("inside a library")

    monkeypatch.setitem(read.READERS, ".txt", failing)
    monkeypatch.setattr(read, "_AT_ONCE", 1)
    stream = read.each([file, write(tmp_path, "gone.md", "甲。")])
    refusals = [next(stream).refusals]
    (tmp_path / "gone.md").unlink()
    refusals += [reading.refusals for reading in stream]
    assert [row["reason"][0] for row in refusals] == ["unreadable", "unreadable"]
    assert "ZeroDivisionError" in refusals[0]["detail"][0]


def test_documents_come_a_few_files_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(read, "_AT_ONCE", 1)
    first = write(tmp_path, "a.txt", "花开了。\n")
    second = write(tmp_path, "b.txt", "雨停了。\n")
    stream = read.each([first, second])
    assert next(stream).documents["id"].tolist() == ["a"]
    second.write_text("改了。\n", encoding="utf-8")  # not yet opened: nothing is read ahead
    assert next(stream).documents["text"].tolist() == ["改了。\n"]


def test_ctrl_c_is_passed_on(tmp_path, monkeypatch):
    file = write(tmp_path, "a.txt", "花开了。\n")

    def stopped(content, study):
        raise KeyboardInterrupt

    monkeypatch.setitem(read.READERS, ".txt", stopped)
    with pytest.raises(KeyboardInterrupt):
        read.folder(file)


@pytest.mark.parametrize(
    ("setting", "left"),
    [("keep", ["a", "b", "c"]), ("drop exact", ["a", "c"]), ("drop near", ["a"])],
)
def test_duplicates_leave_the_documents_but_not_their_table(tmp_path, setting, left):
    text = "".join(PARAGRAPHS) * 4
    write(tmp_path, "a.txt", text)
    write(tmp_path, "b.txt", text.replace("。", "。\n"))
    write(tmp_path, "c.txt", text + "另外加一句话。")
    reading = read.folder(tmp_path, study(tmp_path, duplicates=setting, near=0.9))
    assert reading.documents["id"].tolist() == left
    assert reading.duplicates.columns.tolist() == ["id", "of", "kind", "similarity", "kept"]
    wanted = [["b", "a", "exact"], ["c", "a", "near"]]
    assert reading.duplicates[["id", "of", "kind"]].values.tolist() == wanted
    assert reading.duplicates["kept"].tolist() == [name in left for name in ("b", "c")]
    assert reading.documents.index.tolist() == list(range(len(left)))


def test_the_threshold_is_the_studys(tmp_path):
    text = "".join(PARAGRAPHS)
    write(tmp_path, "a.txt", text)
    write(tmp_path, "b.txt", text + "另外加一句话。")
    assert len(read.folder(tmp_path, study(tmp_path, near=0.5)).duplicates) == 1
    assert len(read.folder(tmp_path, study(tmp_path, near=0.99)).duplicates) == 0


def test_places_that_cannot_be_read_are_refused_with_four_parts(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    write(tmp_path, "only/a.doc", b"x")
    for place in (tmp_path / "nowhere", empty, tmp_path / "only", []):
        with pytest.raises(Refused) as refused:
            read.folder(place)
        (problem,) = refused.value.problems
        assert all((problem.where, problem.came, problem.allowed, problem.todo))
    with pytest.raises(Refused) as refused:
        read.folder([tmp_path / "x", tmp_path / "y"])
    assert len(refused.value.problems) == 2
    for number in (0, -1, True, 1.5):
        with pytest.raises(Refused, match="workers"):
            read.folder(tmp_path / "only", workers=number)


def test_a_single_file_that_cannot_be_read_is_a_refusal_row(tmp_path):
    reading = read.folder(write(tmp_path, "a.doc", b"x"))
    assert len(reading.documents) == len(reading.duplicates) == 0
    assert reading.documents.columns.tolist() == COLUMNS
    assert reading.refusals["reason"].tolist() == ["unknown format"]


def test_the_studys_documents(corpus):
    found = read.folder(corpus)
    files = sorted(file for file in corpus.iterdir() if file.suffix == ".txt")
    assert found.documents["file"].tolist() == [file.name for file in files]
    assert found.documents["text"].tolist() == [file.read_bytes().decode() for file in files]
    assert not len(found.refusals)
    assert not len(found.duplicates)


def drawing_itself():
    """Return a PDF with a form that draws itself twenty times: reading it takes gigabytes, and its library ends the process."""
    form = b"/F Do " * 20
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>",
        b"<</Length 5>>stream\n/F Do\nendstream",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>/Length %d>>stream\n"
        % len(form)
        + form
        + b"\nendstream",
    ]
    body = b"".join(b"%d 0 obj%s endobj\n" % (n, part) for n, part in enumerate(parts, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size 6>>\n%%EOF"


def takes(what):
    def reader(content, study):
        if b"bad" not in content:
            return Found([document("html", "utf-8", content.decode())])
        if what == "memory":
            return bytearray(1 << 30)
        if what == "time":
            while True:
                pass
        return os.abort()

    return reader


@pytest.mark.parametrize("what", ["memory", "time", "abort"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_file_that_takes_too_much_is_refused_alone(tmp_path, monkeypatch, what, number):
    monkeypatch.setitem(read.READERS, ".html", takes(what))
    monkeypatch.setattr(workers, "_SECONDS", 0.3)
    for name, text in (("a", "甲"), ("b", "bad"), ("c", "丙"), ("d", "bad"), ("e", "戊")):
        write(tmp_path, f"{name}.html", text)
    write(tmp_path, "good.txt", "花开了。\n")
    reading = read.folder(tmp_path, workers=number)
    assert reading.documents["id"].tolist() == ["a", "c", "e", "good"]
    wanted = [["b.html", "too large"], ["d.html", "too large"]]
    assert reading.refusals[["file", "reason"]].values.tolist() == wanted
    assert not multiprocessing.active_children()


def test_files_too_large_to_be_read_and_a_pdf_that_draws_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_MEMORY", 256 << 20)
    write(tmp_path, "good.txt", "花开了。\n")
    with write(tmp_path, "huge.txt", "").open("wb") as stream:
        stream.truncate(8 << 30)
    write(tmp_path, "itself.pdf", drawing_itself())
    reading = read.folder(tmp_path)
    assert reading.documents["id"].tolist() == ["good"]
    assert set(reading.refusals["file"]) == {"huge.txt", "itself.pdf"}


def test_memory_that_ends_in_this_process_loses_one_file(tmp_path, monkeypatch):
    def without(content, study):
        raise MemoryError

    monkeypatch.setitem(read.READERS, ".md", without)
    write(tmp_path, "a.md", "春天。")
    write(tmp_path, "b.txt", "夏天。")
    reading = read.folder(tmp_path)
    assert (reading.documents["id"].tolist(), reading.refusals["reason"].tolist()) == (["b"], ["too large"])


def test_what_systems_leave_behind_is_no_document(tmp_path):
    for name in ("._a.txt", ".DS_Store", "Thumbs.db", "~$x.docx", "README.md"):
        write(tmp_path, f"data/raw/{name}", b"\x00\x05")
    assert not len(read.if_here(study(tmp_path)))
    write(tmp_path, "data/raw/a.txt", "花开了。\n")
    assert read.if_here(study(tmp_path))["id"].tolist() == ["a"]


@pytest.mark.parametrize(
    "name", ["a\rb.txt", "a\nb.txt", " .txt", " a .txt", "\u2028.txt", "\u202e\ufeff.txt"]
)
def test_names_of_files_that_would_break_a_table(tmp_path, name):
    (found,) = read.folder(write(tmp_path, name, "花开了。\n")).documents.to_dict("records")
    assert found["id"] == found["id"].strip() != ""
    assert len(found["file"].splitlines()) == len(found["id"].splitlines()) == 1


def test_nothing_is_read_whole_that_may_not_end(tmp_path):
    """Each of them raises with a reason, before memory is asked for."""
    names = ("huge", "pipe", "self", "endless", "folder", "gone", "n" * 300, "zero\0")
    with (tmp_path / "huge").open("wb") as stream:
        stream.truncate(8 << 30)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "endless").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    for name in names:
        with pytest.raises(OSError) as error:
            files.read_bytes(tmp_path / name)
        assert error.value.strerror, name
    assert files.read_bytes(write(tmp_path, "ten", "0123456789"), 10) == b"0123456789"
    with pytest.raises(OSError, match="up to"):
        files.read_bytes(tmp_path / "ten", 9)
    assert files.read_bytes("/proc/self/stat").startswith(b"%d " % os.getpid())


def test_folders_deeper_than_python_calls(tmp_path):
    """A thousand folders in one another, as a broken program leaves them: what lies in them is read, in the order of names."""
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for number in range(1100):
            if number in (0, 1050):
                Path("a.txt").write_text(f"第{number}层。\n", "utf-8")
            Path("d").mkdir()
            os.chdir("d")
    finally:
        os.chdir(here)
    found = read.folder(tmp_path).documents["file"]
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)  # Python's own way does not go so deep
    assert [file.count("/") for file in found] == [0, 1050]


def test_documents_of_a_study_are_read_once_and_again_where_anything_changed(tmp_path, monkeypatch):
    (tmp_path / "raw").mkdir()
    for name, text in (
        ("a", "春天来了。"),
        ("b", "春天来了。"),
        ("c", "\ud800".encode("utf-8", "surrogatepass")),
    ):
        (tmp_path / f"raw/{name}.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    study = Study(folder=tmp_path, name="s", documents="raw")
    reads = []
    folder = read.folder
    monkeypatch.setattr(read, "folder", lambda *given: reads.append(1) or folder(*given))
    first, again = read.of_study(study), read.of_study(study)
    for name in ("documents", "refusals", "duplicates"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(folder(study.raw, study), name))
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name))
    assert len(reads) == 1 and len(first.duplicates) == 1
    read.of_study(study.but(duplicates="drop exact"))
    (tmp_path / "raw/a.txt").write_text("秋天来了。", "utf-8")
    assert read.of_study(study).documents["text"].tolist()[0] == "秋天来了。" and len(reads) == 3
