"""Files: who is killed, denied or stopped while writing leaves what stood there, and nothing that the next writer does not take away."""

import ctypes
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import told

from nqp_topics import files
from nqp_topics.files import locked, whole, whole_folder


def write(place, text):
    with whole_folder(place) as part:
        (part / "a.txt").write_text(text, "utf-8")


def contents(place):
    files = (file for file in place.rglob("*") if file.is_file())
    return {file.relative_to(place).as_posix(): file.read_text("utf-8") for file in files}


@pytest.fixture
def no_exchange(monkeypatch):
    """A system that cannot change two folders for each other; what is denied is denied at once."""
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: None)
    monkeypatch.setattr(files, "PAUSES", (0, 0))


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize(("at", "stays"), [("rename", "old"), ("rmtree", "new")])
def test_a_writer_killed_between_two_moves_loses_nothing_and_brings_nothing_back(tmp_path, at, stays):
    write(tmp_path / "run", "old")
    code = (
        "import ctypes, os, shutil, sys; from pathlib import Path; from nqp_topics.files import whole_folder\n"
        "ctypes.CDLL, move, moves = (lambda *_, **__: None), Path.rename, []\n"
        "def rename(one, other):\n"
        "    moves.append(one)\n"
        "    if len(moves) == 3: os.kill(os.getpid(), 9)\n"
        "    return move(one, other)\n"
        "if sys.argv[2] == 'rename': Path.rename = rename\n"
        "else: shutil.rmtree = lambda *_, **__: os.kill(os.getpid(), 9)\n"
        "with whole_folder(sys.argv[1]) as part: (part / 'a.txt').write_bytes(b'new')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "run"), at])
    assert done.returncode == -9 and (tmp_path / "run").exists() == (at == "rmtree")
    if at == "rmtree":
        shutil.rmtree(tmp_path / "run")
    with whole(tmp_path / "other.txt") as stream:
        stream.write("x")
    assert contents(tmp_path) == {"other.txt": "x"} | ({"run/a.txt": "old"} if stays == "old" else {})
    assert not list(tmp_path.glob(".nqp-*"))


@pytest.mark.parametrize("how", [KeyboardInterrupt, PermissionError])
def test_what_was_laid_aside_is_put_back_or_told_where_it_lies(tmp_path, monkeypatch, no_exchange, how):
    place, move = tmp_path / "outer" / "run", Path.rename
    write(place, "old")

    def rename(one, other):
        if Path(other) == place and (
            how is PermissionError or (not place.exists() and "new" in str(contents(one)))
        ):
            raise how(13, "Permission denied")
        return move(one, other)

    monkeypatch.setattr(Path, "rename", rename)
    if how is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):
            write(place, "new")
    else:
        (problem,) = told(lambda: write(place, "new"))
        (home,) = place.parent.iterdir()
        assert "untouched" not in str(problem) and str(home / home.name) in problem.allowed
        assert contents(home / home.name) == {"run/a.txt": "old"}
        write(place.parent / "other", "x")
        assert contents(home / home.name) == {"run/a.txt": "old"}
        monkeypatch.undo()
        shutil.rmtree(place.parent / "other")
        write(place.parent, "outer")
        (place.parent / "a.txt").unlink()
    assert contents(tmp_path) == {"outer/run/a.txt": "old"}


def test_a_folder_that_is_gone_is_told_and_one_that_another_took_for_left_behind_is_made_again(
    tmp_path, monkeypatch
):
    make, opened, taken = os.mkdir, os.open, []

    def mkdir(place, *mode, **more):
        if ".nqp-" in str(place):
            taken.append(place)
            assert len(taken) < 9, "made for ever"
            raise FileNotFoundError(2, "No such file or directory")
        return make(place, *mode, **more)

    monkeypatch.setattr(os, "mkdir", mkdir)
    (problem,) = told(lambda: write(tmp_path / "run", "x"))
    assert problem.came == "No such file or directory"
    monkeypatch.setattr(os, "mkdir", make)
    left = [1, 1]

    def swept(place, *flags, **more):
        if Path(place).name == files.LOCK and left and left.pop():
            Path(place).parent.rmdir()
        return opened(place, *flags, **more)

    monkeypatch.setattr(os, "open", swept)
    write(tmp_path / "run", "x")
    assert not left and contents(tmp_path) == {"run/a.txt": "x"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs rights of POSIX")
@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_that_may_not_be_written_into_is_written_anew_and_keeps_its_rights(monkeypatch, exchange):
    monkeypatch.setattr(files, "PAUSES", (0,))
    if not exchange:
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: None)
    with tempfile.TemporaryDirectory() as home:
        place = Path(home).resolve() / "run"
        (place / "kept").mkdir(parents=True)
        for file in (place / "a.txt", place / "notes.txt", place / "kept" / "b.txt"):
            file.write_text("old", "utf-8")
        root = os.geteuid() == 0
        if root:
            for one in (Path(home), *Path(home).rglob("*")):
                os.chown(one, 65534, 65534)
        (place / "kept").chmod(0o555)
        place.chmod(0o555)
        if root:
            os.setresuid(65534, 65534, 0)  # root may write anywhere
        try:
            write(place, "new")
        finally:
            if root:
                os.setresuid(0, 0, 0)
        assert contents(place) == {"a.txt": "new", "notes.txt": "old", "kept/b.txt": "old"}
        assert {stat.S_IMODE(one.stat().st_mode) for one in (place, place / "kept")} == {0o555}
        assert list(Path(home).iterdir()) == [Path(home) / "run"]
        for one in (place, place / "kept"):
            one.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="earlier versions wrote nothing there")
def test_what_earlier_versions_left_behind_goes_and_what_they_are_writing_stays(tmp_path):
    for name in ("left", "held"):
        (tmp_path / f".nqp-file-{name}.part").write_text(name, "utf-8")
        (tmp_path / f".nqp-folder-{name}.part").mkdir()
        (tmp_path / f".nqp-folder-{name}.part" / "a.txt").write_text(name, "utf-8")
    handles = [os.open(one, os.O_RDONLY) for one in tmp_path.glob("*held*")]
    assert all(map(locked, handles)) and len(handles) == 2
    with whole_folder(tmp_path / "run") as part:
        (part / "a.txt").write_text("x", "utf-8")
        write(tmp_path / "other", "x")
        assert part.is_dir()
    held = {".nqp-file-held.part": "held", ".nqp-folder-held.part/a.txt": "held"}
    assert contents(tmp_path) == {"run/a.txt": "x", "other/a.txt": "x"} | held
    for handle in handles:
        os.close(handle)
    write(tmp_path / "run", "x")
    assert contents(tmp_path) == {"run/a.txt": "x", "other/a.txt": "x"}
