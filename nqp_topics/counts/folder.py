"""Counts as a folder that R (Matrix::readMM), Python and a spreadsheet can read, known by its seal."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from nqp_topics.checks import Problem, Refused, file_here, refuse_if
from nqp_topics.counts.table import Counts
from nqp_topics.files import fingerprint, from_json, read_bytes, whole, whole_folder
from nqp_topics.study import Study

FILES = ("counts.mtx", "passages.csv", "words.txt")
LARGEST = 1 << 33  # bytes of a file of counts
_AGAIN = "make the counts again, or take the folder from where it came"
_UNFIT = re.compile("[\n\r\ud800-\udfff]")


def save(counts: Counts, folder: str | Path) -> None:
    """Write counts, the same bytes for the same counts. Refused: words that a line cannot hold.

    counts.mtx: Matrix Market, passage and word numbered from 1; passages.csv: id, article; words.txt: one a line; counts.json:
    the fingerprints, by which `load` knows a file that was cut or edited.
    """
    came, allowed = "a line end or half a character", "what a line of UTF-8 can hold"
    refuse_if(
        Problem(f"counts {what} {name!r}", came, allowed, "leave it out with segment's sift, or rename it")
        for what, names in (("word", counts.words), ("id", counts.ids), ("article", counts.articles))
        for name in names
        if _UNFIT.search(name)
    )
    with whole_folder(folder) as place:
        with whole(place / "words.txt") as stream:
            stream.writelines(f"{word}\n" for word in counts.words)
        with whole(place / "passages.csv") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(["id", "article"])
            table.writerows(zip(counts.ids, counts.articles, strict=True))
        matrix = counts.matrix.tocoo()
        numbers = matrix.row + 1, matrix.col + 1, matrix.data
        triples = zip(*(part.tolist() for part in numbers), strict=True)
        with whole(place / "counts.mtx") as stream:
            stream.write("%%MatrixMarket matrix coordinate integer general\n")
            stream.write(f"{matrix.shape[0]} {matrix.shape[1]} {matrix.nnz}\n")
            stream.writelines(f"{row} {column} {count}\n" for row, column, count in triples)
        with whole(place / "counts.json") as stream:
            stream.write(json.dumps(_about(counts, place), indent=2, ensure_ascii=False) + "\n")


def _about(counts: Counts, place: Path) -> dict[str, Any]:
    """Return what counts.json says of the counts and of the files beside it, with a seal over all of it."""
    about: dict[str, Any] = {"passages": len(counts.ids), "words": len(counts.words), "tokens": counts.tokens}
    about |= {"fingerprint": counts.fingerprint, "made_from": counts.made_from}
    about["files"] = {name: _print_of(place / name) for name in FILES}
    return {**about, "seal": fingerprint(json.dumps(about))}


def _print_of(file: Path) -> str:
    """Return the fingerprint of a text file, the same with the line ends of any system."""
    return fingerprint(read_bytes(file, LARGEST).replace(b"\r\n", b"\n"))


def load(folder: str | Path) -> Counts:
    """Read what `save` wrote. Refused: a file that is missing, cut or edited, by name."""
    place = Path(folder)
    names = ("counts.json", *FILES)
    refuse_if(*(file_here(place / name, ", ".join(names), _AGAIN) for name in names))
    try:
        about = from_json(read_bytes(place / "counts.json"))
        wanted = {name: str(about["files"][name]) for name in FILES}
        made_from = str(about["made_from"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _other(place / "counts.json", f"{type(error).__name__}: {error}") from None
    cut = [name for name in FILES if _print_of(place / name) != wanted[name]]
    came = "another file than was saved: cut or edited"
    refuse_if(Problem(str(place / name), came, wanted[name], _AGAIN) for name in cut)
    try:
        found = _read(place, made_from)
    except (ValueError, OverflowError, csv.Error) as error:  # a seal can be made for any content
        raise _other(place, str(error)) from None
    if about != _about(found, place):
        raise _other(place / "counts.json", "another file than was saved: edited")
    return found


def _other(place: Path, came: str) -> Refused:
    return Refused(Problem(str(place), came, "what save wrote", _AGAIN))


def _read(place: Path, made_from: str) -> Counts:
    """Read the three files; a ValueError says what they do not hold, before memory is asked for."""
    words = (place / "words.txt").read_text("utf-8").split("\n")[:-1]
    with (place / "passages.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    if any(len(row) != 2 for row in rows):
        raise ValueError("passages.csv: a row that is not an id and an article")
    _, sizes, *lines = (place / "counts.mtx").read_text("utf-8").splitlines()
    triples = np.array(" ".join(lines).split(), np.int64).reshape(-1, 3)
    limits = [len(rows), len(words)]
    if list(map(int, sizes.split())) != (wanted := [*limits, len(triples)]):
        raise ValueError("counts.mtx: not {} passages × {} words with {} counts".format(*wanted))
    if (triples < 1).any() or (triples[:, :2] > limits).any():
        raise ValueError("counts.mtx: a number of a passage or word that is not there, or a count below 1")
    matrix = sparse.csr_array((triples[:, 2], (triples[:, 0] - 1, triples[:, 1] - 1)), shape=tuple(limits))
    return Counts([row[0] for row in rows], words, matrix, [row[1] for row in rows], made_from)


def of_study(study: Study) -> Counts:
    """Read the counts that a study keeps. Refused: none are named, or there are none yet."""
    todo = f"make them: nqp-topics share --study {study.folder}"
    if not study.counts:
        came, allowed = "no counts", 'a folder, such as counts = "data/counts" in [count]'
        raise Refused(Problem(f"{study.name}: study.toml", came, allowed, todo))
    folder = study.path(study.counts)
    refuse_if(file_here(folder / "counts.json", "the counts that the study keeps", todo))
    return load(folder)
