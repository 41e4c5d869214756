"""What the library kept: counts (sealed anew, too), runs, and the cache of a grid: cut, edited, exchanged, linked; never believed, never a crash."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from hostile import EITHER, READ, REFUSE, Case, command, in_python
from hostile.tables import _on, _text

NEW = ("train", "counts", "--topics", "2", "--seed", "1", "--set", "sweeps=20", "-o", "new")
TRAIN = command(*NEW, gives=_text("new/run.json"))
GRID = command("choose", "counts", "--topics", "2:3", "--seeds", "2", "--cache", "cache", "-o", "again.csv", gives=_text("again.csv"))


def _run(place: Path) -> str:
    from nqp_topics.topics import load

    return load("run").fingerprint


LOAD = in_python(_run)
SAME = {"refused", "read"}  # what is not believed, or gives the very same


def cases(chance: random.Random) -> Iterator[Case]:
    """Yield the cases of counts, runs and caches."""
    for name in ("counts.mtx", "words.txt", "passages.csv", "counts.json"):
        for what, change in _spoilt(chance):
            yield Case("counts", f"{name}: {what}", _in("counts", name, change), TRAIN, SAME)
    for name in ("topics.csv", "shares.csv", "trace.csv", "run.json"):
        for what, change in _spoilt(chance):
            yield Case("runs", f"{name}: {what}", _in("run", name, change), LOAD, SAME)
    yield from _sealed()
    for key, values in {"seed": ["-1", '"x"', "null", "NaN", "2"], "topics": ["-1", "3", "null"], "word_prior": ["NaN", "-1", "Infinity", '"x"'], "iterations": ["-1", "null", '"x"'], "engine": ["null", "1"], "prior": ["{}", "[]", "null", '{"T01": NaN, "T02": 1}'], "tokens": ["{}", "null", '{"T01": 1}'], "settings": ["null", "[]"], "counts": ["null", '"x"'], "fingerprint": ["null", '"x"', "[]"], "version": ["null", "[[1]]"]}.items():
        for value in values:
            yield Case("runs", f"run.json {key} = {value}", _in("run", "run.json", _key(key, value)), LOAD, SAME)
    for old, new in (("0.", "nan0."), ("0.", "-0."), ("0.", "1e999"), ("T01", "T09"), ("T01", "")):
        for name in ("topics.csv", "shares.csv"):
            yield Case("runs", f"{name}: {old} is {new}", _in("run", name, lambda file, o=old, n=new: file.write_text(file.read_text("utf-8").replace(o, n, 1), "utf-8")), LOAD, REFUSE)  # type: ignore[misc]
    yield from _cached(chance)


def _in(folder: str, name: str, change: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda place: change(place / folder / name)


def _spoilt(chance: random.Random) -> Iterator[tuple[str, Callable[[Path], object]]]:
    """Yield what may befall a file that the library wrote."""

    def instead(make: Callable[[Path], object]) -> Callable[[Path], object]:
        return lambda file: (file.unlink(), make(file))

    def edit(make: Callable[[bytes], bytes]) -> Callable[[Path], object]:
        return lambda file: file.write_bytes(make(file.read_bytes()))

    yield "missing", lambda file: file.unlink()
    yield "empty", edit(lambda old: b"")
    yield "a folder", instead(lambda file: file.mkdir())
    yield "a link to nowhere", instead(lambda file: file.symlink_to("nowhere"))
    yield "a link to itself", instead(lambda file: file.symlink_to(file.name))
    yield "a device without end", instead(lambda file: file.symlink_to("/dev/zero"))
    yield "8 GB of nothing", instead(lambda file: file.open("wb").truncate(8 << 30))
    yield "zeros", edit(lambda old: bytes(len(old)))
    yield "zeros at the end", edit(lambda old: old + bytes(99))
    yield "FF inside", edit(lambda old: old[: len(old) // 2] + b"\xff" + old[len(old) // 2 :])
    yield "brackets", edit(lambda old: b"[" * 10**5)
    yield "its last line gone", edit(lambda old: old[: old.rstrip().rfind(b"\n") + 1])
    for at in (0.3, 0.7):
        yield f"cut at {at}", edit(lambda old, at=at: old[: int(len(old) * at)])  # type: ignore[misc]
    for _ in range(3):
        at = chance.random()
        yield f"a byte turned at {at:.3f}", edit(lambda old, at=at: _turned(old, int(len(old) * at)))  # type: ignore[misc]


def _turned(old: bytes, at: int) -> bytes:
    at = next((place for place in range(at, len(old)) if old[place : place + 1].isalnum()), 0)
    return old[:at] + (b"7" if old[at : at + 1] != b"7" else b"8") + old[at + 1 :]


def _key(key: str, value: str) -> Callable[[Path], object]:
    def change(file: Path) -> None:
        about = json.loads(file.read_text("utf-8"))
        about[key] = "VALUE"
        file.write_text(json.dumps(about).replace('"VALUE"', value), "utf-8")

    return change


def _sealed() -> Iterator[Case]:
    """Yield counts that were edited and sealed again, as one who knows the library could."""
    matrix = {
        "a size of 10¹²": lambda text: text.replace("\n12 ", "\n1000000000000 ", 1),
        "a width of 10¹²": lambda text: _line(text, 1, "12 1000000000000 9"),
        "a size of 2⁷⁰": lambda text: _line(text, 1, f"{2**70} 22 9"),
        "a size below 0": lambda text: _line(text, 1, "-12 22 9"),
        "a size of nan": lambda text: _line(text, 1, "nan nan nan"),
        "one size": lambda text: _line(text, 1, "12"),
        "no size": lambda text: _line(text, 1, ""),
        "a row out of range": lambda text: _line(text, 2, "999 1 1"),
        "a row of 0": lambda text: _line(text, 2, "0 1 1"),
        "a row below 0": lambda text: _line(text, 2, "-3 1 1"),
        "a word out of range": lambda text: _line(text, 2, "1 999 1"),
        "a word of 0": lambda text: _line(text, 2, "1 0 1"),
        "a count of nan": lambda text: _line(text, 2, "1 1 nan"),
        "a count of 1.5": lambda text: _line(text, 2, "1 1 1.5"),
        "a count below 0": lambda text: _line(text, 2, "1 1 -1"),
        "a count of 0": lambda text: _line(text, 2, "1 1 0"),
        "a count of 10¹²": lambda text: _line(text, 2, "1 1 1000000000000"),
        "a count of 30 digits": lambda text: _line(text, 2, "1 1 " + "9" * 30),
        "two numbers in a line": lambda text: _line(text, 2, "1 1"),
        "five numbers in a line": lambda text: _line(text, 2, "1 1 1 1 1"),
        "letters": lambda text: _line(text, 2, "a b c"),
        "no head": lambda text: _line(text, 0, ""),
        "the head alone": lambda text: text.split("\n")[0] + "\n",
        "nothing": lambda text: "",
        "a line twice": lambda text: text + text.rstrip("\n").split("\n")[-1] + "\n",
    }
    for what, make in matrix.items():
        yield Case("counts", f"sealed: {what}", _seal("counts.mtx", make), TRAIN, EITHER if what in ("no head", "a line twice", "a count of 0") else REFUSE)
    for what, make in {
        "a word less": lambda text: text.split("\n", 1)[1],
        "a word twice": lambda text: _line(text, 0, text.split("\n")[1]),
        "a word more": lambda text: text + "多\n",
        "no word": lambda text: "",
    }.items():
        yield Case("counts", f"sealed words: {what}", _seal("words.txt", make), TRAIN, REFUSE)
    for what, make in {
        "an id twice": lambda text: _line(text, 1, text.split("\n")[2]),
        "a row of one cell": lambda text: _line(text, 1, "x"),
        "a row of none": lambda text: _line(text, 1, ""),
        "a row less": lambda text: "\n".join(text.split("\n")[:-2]) + "\n",
        "an open quote": lambda text: text + '"',
        "nothing": lambda text: "",
    }.items():
        yield Case("counts", f"sealed passages: {what}", _seal("passages.csv", make), TRAIN, REFUSE)
    for key, value in {"passages": "NaN", "words": "-1", "tokens": "1e999", "fingerprint": '"x"', "files": "null", "seal": "null", "made_from": "[]", "more": "1"}.items():
        yield Case("counts", f"counts.json {key} = {value}", _in("counts", "counts.json", _key(key, value)), TRAIN, SAME)


def _line(text: str, number: int, made: str) -> str:
    lines = text.split("\n")
    lines[number : number + 1] = [made] if made else []
    return "\n".join(lines)


def _seal(name: str, make: Callable[[str], str]) -> Callable[[Path], object]:
    def change(place: Path) -> None:
        from nqp_topics.study import fingerprint

        folder = place / "counts"
        (folder / name).write_text(make((folder / name).read_text("utf-8")), "utf-8")
        about = json.loads((folder / "counts.json").read_text("utf-8"))
        del about["seal"]
        about["files"][name] = fingerprint((folder / name).read_bytes())
        (folder / "counts.json").write_text(json.dumps({**about, "seal": fingerprint(json.dumps(about))}), "utf-8")

    return change


def _cached(chance: random.Random) -> Iterator[Case]:
    """Yield caches that were exchanged, edited or linked: the grid must give the same bytes, or refuse."""
    right = SAME

    def runs(place: Path) -> list[Path]:
        return sorted((place / "cache/runs").iterdir(), key=lambda p: json.loads((p / "run.json").read_text("utf-8"))["topics"])

    def exchange(place: Path, one: int, other: int) -> None:
        found = runs(place)
        shutil.rmtree(found[one])
        shutil.copytree(found[other], found[one])

    for one, other in ((0, 2), (2, 0), (0, 3), (1, 2), (0, 1)):
        yield Case("caches", f"run {one} is run {other}", lambda place, a=one, b=other: exchange(place, a, b), GRID, right)  # type: ignore[misc]
    for what, make in {
        "a file": lambda run: (shutil.rmtree(run), run.write_text("x")),
        "an empty folder": lambda run: (shutil.rmtree(run), run.mkdir()),
        "a link to nowhere": lambda run: (shutil.rmtree(run), run.symlink_to("nowhere")),
        "a link to itself": lambda run: (shutil.rmtree(run), run.symlink_to(run.name)),
        "a link to another": lambda run: (shutil.rmtree(run), run.symlink_to(sorted(run.parent.iterdir())[-1].name)),
        "a pipe": lambda run: (shutil.rmtree(run), os.mkfifo(run)),
        "half written before": lambda run: run.rename(run.with_name(f".{run.name}.1.part")),
    }.items():
        yield Case("caches", f"a run that is {what}", lambda place, make=make: make(runs(place)[0]), GRID, right)  # type: ignore[misc]
    for name in ("topics.csv", "shares.csv", "trace.csv", "run.json"):
        for what, change in _spoilt(chance):
            yield Case("caches", f"{name}: {what}", lambda place, name=name, change=change: change(runs(place)[0] / name), GRID, right)  # type: ignore[misc]
    for value in ("-1.0", "Infinity", "-Infinity", "NaN", "0.5", "1e999", "1", "null", "[]", '"x"', "true", "-3.1", "1e-300"):
        yield Case("caches", f"held-out value {value}", lambda place, value=value: _key("value", value)(sorted((place / "cache/held-out").iterdir())[0]), GRID, right)  # type: ignore[misc]
    for what, change in _spoilt(chance):
        yield Case("caches", f"held-out: {what}", lambda place, change=change: change(sorted((place / "cache/held-out").iterdir())[0]), GRID, right)  # type: ignore[misc]
    held = lambda place: sorted((place / "cache/held-out").iterdir())  # noqa: E731
    yield Case("caches", "held-out: another's", lambda place: shutil.copy(held(place)[0], held(place)[1]), GRID, right)
    yield Case("caches", "held-out: another's, renamed inside", lambda place: held(place)[1].write_text(held(place)[0].read_text().replace(held(place)[0].stem, held(place)[1].stem)), GRID, right)
    for name in ("runs", "held-out"):
        yield Case("caches", f"{name} is a file", lambda place, name=name: (shutil.rmtree(place / "cache" / name), (place / "cache" / name).write_text("x")), GRID, right)  # type: ignore[misc]
        yield Case("caches", f"{name} is a link to nowhere", lambda place, name=name: (shutil.rmtree(place / "cache" / name), (place / "cache" / name).symlink_to("nowhere")), GRID, right)  # type: ignore[misc]
    yield Case("caches", "is a file", lambda place: (shutil.rmtree(place / "cache"), (place / "cache").write_text("x")), GRID, REFUSE)
    yield Case("caches", "as it is", lambda place: None, GRID, READ)
    yield Case("caches", "not there", lambda place: shutil.rmtree(place / "cache"), GRID, READ)
    yield Case("counts", "as they are", _on("counts/words.txt", lambda old: old.replace(b"\n", b"\r\n")), TRAIN, READ)
