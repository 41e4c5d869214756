"""Verify: everything is made again in another place, and set against what is there, number by number."""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, refuse_if
from nqp_topics.documents import read, registry
from nqp_topics.files.tables import read_own
from nqp_topics.reproduce.methods import outdated
from nqp_topics.reproduce.notebooks import code_cells, lacking, notebooks, run
from nqp_topics.reproduce.shared import share
from nqp_topics.study import Study

MATCH, DIFFERS, UNCHECKED = "match", "differs", "cannot be checked"
COLUMNS = ["file", "row", "column", "here", "again", "verdict", "why"]
# the folder that a page is shown from is another when made again
FRAME = re.compile(r'(<iframe src=")[^"]*/')
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?%?")
Rows = list[tuple[Any, ...]]


def verify(study: Study, tolerance: float = 1e-9) -> pd.DataFrame:
    """Make the figures, tables and shared facts of a study again in a temporary folder, nothing taken from the cache, and compare.

    One row a number of a csv, a number that a notebook prints, or another file as a whole: file, row, column, here, again, verdict
    (match, differs, cannot be checked), why. Numbers match when they are `tolerance` apart or nearer, relative to their size above 1;
    words and other files when they are the same. Without the documents what is made from them cannot be checked.
    """
    wrong = Problem("verify(tolerance)", repr(tolerance), "a number from 0 to 1", "1e-9 is usual")
    refuse_if([] if 0 <= tolerance < 1 else [wrong])
    place = study.path("notebooks")
    with tempfile.TemporaryDirectory() as scratch, _cache(Path(scratch) / "cache"):
        folder = Path(scratch)
        files = notebooks(place)
        places = folder / "notebooks", folder / "figures", study.topics or None, folder / "cache"
        run(files, *places, hide=None if study.publish_texts else study.raw, without=lacking(study))
        trial = study.topics != study.reported
        remade = folder / "figures" / study.figures.name if trial else folder / "figures"
        tables = [
            *_folders(study.figures, remade, tolerance),
            *_printed(files, folder / "notebooks", tolerance),
            *_shared(study, folder / "data", tolerance),
            *([] if trial else _methods(study)),
        ]
    return pd.DataFrame([row for rows in tables for row in rows], columns=COLUMNS)


@contextmanager
def _cache(folder: Path) -> Iterator[None]:
    """Keep what is made in a folder of its own for a while, so that what was read before is read again."""
    before = os.environ.get("NQP_CACHE")
    os.environ["NQP_CACHE"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["NQP_CACHE"]
        else:
            os.environ["NQP_CACHE"] = before


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Sum up a table of `verify`: one row a file: file, match, differs, cannot be checked, first (where the first difference stands)."""
    rows = []
    for file, part in table.groupby("file", sort=False):
        counted = part["verdict"].value_counts()
        other = part[part["verdict"] != MATCH]
        first = ""
        if len(other):
            one = other.iloc[0]
            where = ", ".join(str(part) for part in (one["row"], one["column"]) if part != "")
            first = f"{where}: {one['why']}" if where else str(one["why"])
        rows.append((file, *(int(counted.get(name, 0)) for name in (MATCH, DIFFERS, UNCHECKED)), first))
    return pd.DataFrame(rows, columns=["file", MATCH, DIFFERS, UNCHECKED, "first"])


def _folders(here: Path, again: Path, tolerance: float) -> Iterator[Rows]:
    files = (file for place in (here, again) if place.is_dir() for file in place.iterdir() if file.is_file())
    for name in sorted({file.name for file in files if not file.name.startswith("README.")}):
        yield _files(here / name, again / name, f"{here.name}/{name}", tolerance)


def _files(here: Path, again: Path, name: str, tolerance: float) -> Rows:
    for file, which in ((here, "here"), (again, "when made again")):
        if not file.is_file():
            return _whole(name, DIFFERS, f"no such file {which}")
    if here.suffix == ".csv":
        return _cells(read_own(here), read_own(again), name, tolerance)
    if here.read_bytes() == again.read_bytes():
        return _whole(name, MATCH)
    if here.suffix in (".png", ".pdf"):
        return _whole(name, UNCHECKED, "a picture of other bytes; its numbers are those of the csv")
    return _whole(name, DIFFERS, "other bytes")


def _whole(name: str, verdict: str, why: str = "", place: str = "") -> Rows:
    """Return the row of a file, or of a cell in it, that is compared as a whole."""
    return [(name, place, "", "", "", verdict, why)]


def _each(name: str, places: Iterable[tuple[Any, Any]], here: Any, again: Any, fine: Any) -> Rows:
    """Return a row for each number or word, which is where a table of `verify` says, and whether it is `fine`."""
    return [
        (name, *place, a, b, *((MATCH, "") if same else (DIFFERS, f"{a} here, {b} when made again")))
        for place, a, b, same in zip(places, here, again, fine, strict=True)
    ]


def _cells(here: pd.DataFrame, again: pd.DataFrame, name: str, tolerance: float) -> Rows:
    if list(here.columns) != list(again.columns) or len(here) != len(again):
        came = f"{len(here)} × {len(here.columns)} here, {len(again)} × {len(again.columns)} when made again, or other columns"
        return _whole(name, DIFFERS, came)
    rows: Rows = []
    for column in here:
        one, other = here[column].to_numpy(), again[column].to_numpy()
        places = [(row, column) for row in range(1, len(here) + 1)]
        rows += _each(name, places, one, other, _alike(one, other, tolerance))
    return rows


def _alike(one: np.ndarray, other: np.ndarray, tolerance: float) -> np.ndarray:
    same = np.asarray(one == other)
    a, b = (pd.to_numeric(pd.Series(side), errors="coerce").to_numpy(np.float64) for side in (one, other))
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= tolerance * np.maximum(1.0, np.abs(a))
    return np.asarray(same | near)


def _printed(files: list[Path], again: Path, tolerance: float) -> Iterator[Rows]:
    for file in files:
        name = f"notebooks/{file.name}"
        here, there = _outputs(file), _outputs(again / file.name)
        if not any(here):
            yield _whole(name, UNCHECKED, "it is kept without its outputs: make notebooks")
            continue
        for cell, (one, other) in enumerate(zip(here, there, strict=True), 1):
            sides, where = [NUMBER.findall(text) for text in (one, other)], f"code cell {cell}"
            if len(sides[0]) != len(sides[1]) or NUMBER.sub("", one) != NUMBER.sub("", other):
                yield _whole(name, DIFFERS, "other words, or more or fewer numbers", where)
                continue
            plain = [np.array([x.replace(",", "").rstrip("%") for x in side], object) for side in sides]
            places = [(where, f"number {place}") for place in range(1, len(sides[0]) + 1)]
            yield _each(name, places, sides[0], sides[1], _alike(plain[0], plain[1], tolerance))


def _outputs(file: Path) -> list[str]:
    """Return what each code cell printed and showed."""
    found = []
    for cell in code_cells(file):
        parts = [(output.get("data", {}), output.get("text", "")) for output in cell.outputs]
        shown = [text or data.get("text/html") or data.get("text/plain", "") for data, text in parts]
        found.append(FRAME.sub(r"\1", "\n".join(shown)))
    return found


def _shared(study: Study, again: Path, tolerance: float) -> Iterator[Rows]:
    documents, place = read.if_here(study), study.facts
    if not study.counts or not registry.complete(study, documents):
        yield _whole(f"{place.name}/", UNCHECKED, "the documents are not here, or not all of them")
        return
    for file in share(study, documents, again):
        for made in [file] if file.is_file() else sorted(file.iterdir()):
            inside = made.relative_to(again)
            yield _files(place / inside, made, f"{place.name}/{inside.as_posix()}", tolerance)


def _methods(study: Study) -> Iterator[Rows]:
    """Tell of methods texts whether the study says something else by now."""
    for name, old in outdated(study, study.path("methods")).items():
        said = (DIFFERS, "the study says something else by now") if old else (MATCH,)
        yield _whole(f"methods/{name}", *said)
