"""Count: tokens → how often each word stands in each passage, without the order of words, so that it can be shared."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics.checks import is_number
from nqp_topics.counts.table import Counts, from_frame, from_gensim, from_sklearn
from nqp_topics.files import from_json, whole_folder
from nqp_topics.study import Problem, Refused, fingerprint, refuse_if, whole

__all__ = ["Counted", "Counts", "counts", "from_frame", "from_gensim", "from_sklearn", "load", "save"]

FILES = ("counts.mtx", "passages.csv", "words.txt")
_UNFIT = re.compile("[\n\r\ud800-\udfff]")


class Counted(NamedTuple):
    """What `counts` gives: the counts, the words that were trimmed, and the passages that are left empty."""

    counts: Counts
    trimmed: pd.DataFrame
    empty: pd.DataFrame


def counts(
    tokens: pd.DataFrame,
    articles: Mapping[str, str] | None = None,
    min_df: int = 1,
    max_df: float = 1.0,
    made_from: str = "",
) -> Counted:
    """Count the words of every passage; words stand in the order of their code points.

    `articles`: the article of each id (else a column `article` of the tokens, else the id itself). `min_df`: the fewest passages a word stands in; `max_df`:
    the most, as a share of all passages up to 1.0 or as a number above 1. Gives the counts; `trimmed`, one row a word: word, passages,
    tokens, share (of all tokens), reason; `empty`, one row a passage that keeps no word and is not counted: id, article,
    tokens (that it had). Refused: limits that leave nothing, ids twice, an id without an article.
    """
    if missing := [name for name in ("id", "tokens") if name not in tokens]:
        raise Refused(
            Problem(
                "count tokens",
                f"columns {', '.join(map(str, tokens.columns))}",
                f"also {', '.join(missing)}",
                "use the table that segment gives",
            )
        )
    ids = list(map(str, tokens["id"].tolist()))
    article = _articles(tokens, ids, articles)
    many = len(ids)
    refuse_if(_limit_problems(min_df, max_df, many))
    most = _most(max_df, many)
    lists = tokens["tokens"].tolist()
    lengths = np.fromiter(map(len, lists), np.int64, many)
    flat = list(chain.from_iterable(lists))
    words = sorted(set(flat))
    number = {word: place for place, word in enumerate(words)}
    indices = np.fromiter(map(number.__getitem__, flat), np.int32, len(flat))
    matrix = sparse.csr_array(
        (np.ones(len(flat), np.int32), indices, np.concatenate(([0], np.cumsum(lengths)))),
        shape=(many, len(words)),
    )
    matrix.sum_duplicates()
    passages = np.bincount(matrix.indices, minlength=len(words))
    totals = np.bincount(indices, minlength=len(words))
    stays = (passages >= min_df) & (passages <= most)
    if not stays.any():
        raise Refused(
            Problem(
                "count min_df, max_df",
                f"{min_df}, {max_df}: none of {len(words)} words stands in that many of {many} passages",
                "limits that leave a word",
                "widen the limits" if words else "check the tokens: all passages are empty",
            )
        )
    gone = np.flatnonzero(~stays)
    gone = gone[np.argsort(-totals[gone], kind="stable")]
    trimmed = pd.DataFrame(
        {
            "word": [words[place] for place in gone],
            "passages": passages[gone],
            "tokens": totals[gone],
            "share": totals[gone] / len(flat),
            "reason": [
                f"in fewer than {min_df} passages"
                if passages[place] < min_df
                else f"in more than {max_df:g} of passages"
                for place in gone
            ],
        }
    )
    matrix = matrix[:, np.flatnonzero(stays)]
    filled = np.diff(matrix.indptr) > 0
    left = pd.DataFrame({"id": ids, "article": article, "tokens": lengths})[~filled].reset_index(drop=True)
    rows = np.flatnonzero(filled).tolist()
    return Counted(
        Counts(
            tuple(ids[row] for row in rows),
            tuple(words[place] for place in np.flatnonzero(stays)),
            matrix if len(rows) == many else matrix[rows],
            tuple(article[row] for row in rows),
            made_from,
        ),
        trimmed,
        left,
    )


def _articles(tokens: pd.DataFrame, ids: list[str], articles: Mapping[str, str] | None) -> list[str]:
    if articles is None:
        return list(map(str, tokens["article"].tolist())) if "article" in tokens else ids
    known = dict(articles)
    refuse_if(
        Problem("count articles", f"no article for id {name}", "the article of every id", "add it")
        for name in [name for name in ids if name not in known][:20]
    )
    return [str(known[name]) for name in ids]


def _most(max_df: float, many: int) -> float:
    return round(max_df * many, 9) if max_df <= 1 else max_df


def _limit_problems(min_df: Any, max_df: Any, many: int) -> Iterable[Problem]:
    right = is_number(min_df) and min_df == int(min_df) and min_df >= 1
    if not right:
        yield Problem("count min_df", repr(min_df), "a number of passages from 1 on", "1 keeps every word")
    if not is_number(max_df) or not max_df > 0 or (max_df > 1 and max_df != int(max_df)):
        yield Problem(
            "count max_df", repr(max_df), "a share up to 1.0, or a number of passages", "1.0 keeps every word"
        )
    elif right and min_df > (most := _most(max_df, many)):
        yield Problem(
            "count min_df, max_df",
            f"{min_df} and {max_df} ({most:g} passages)",
            "the first not larger",
            "widen the limits",
        )


def save(counts: Counts, folder: str | Path) -> None:
    """Write counts that R (Matrix::readMM), Python and a spreadsheet can read, the same bytes for the same counts.

    counts.mtx: Matrix Market, passage and word numbered from 1; passages.csv: id, article; words.txt: one a line; counts.json:
    the fingerprints, by which `load` knows a file that was cut or edited. Refused: words that a line cannot hold.
    """
    refuse_if(
        Problem(
            f"counts {what} {name!r}",
            "a line end or half a character",
            "what a line of UTF-8 can hold",
            "leave it out with segment's sift, or rename it",
        )
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
        matrix = counts.matrix
        rows = np.repeat(np.arange(1, len(counts.ids) + 1), np.diff(matrix.indptr)).tolist()
        triples = zip(rows, (matrix.indices + 1).tolist(), matrix.data.tolist(), strict=True)
        with whole(place / "counts.mtx") as stream:
            stream.write("%%MatrixMarket matrix coordinate integer general\n")
            stream.write(f"{matrix.shape[0]} {matrix.shape[1]} {matrix.nnz}\n")
            stream.writelines(f"{row} {column} {count}\n" for row, column, count in triples)
        with whole(place / "counts.json") as stream:
            stream.write(json.dumps(_about(counts, place), indent=2, ensure_ascii=False) + "\n")


def _about(counts: Counts, place: Path) -> dict[str, Any]:
    """Return what counts.json says of the counts and of the files beside it, with a seal over all of it."""
    about = {
        "passages": len(counts.ids),
        "words": len(counts.words),
        "tokens": counts.tokens,
        "fingerprint": counts.fingerprint,
        "made_from": counts.made_from,
        "files": {name: _print_of(place / name) for name in FILES},
    }
    return {**about, "seal": fingerprint(json.dumps(about))}


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
    if list(map(int, sizes.split())) != [*limits, len(triples)]:
        raise ValueError(
            f"counts.mtx: not {len(rows)} passages × {len(words)} words with {len(triples)} counts"
        )
    if (triples < 1).any() or (triples[:, :2] > limits).any():
        raise ValueError("counts.mtx: a number of a passage or word that is not there, or a count below 1")
    matrix = sparse.csr_array((triples[:, 2], (triples[:, 0] - 1, triples[:, 1] - 1)), shape=tuple(limits))
    return Counts(
        tuple(row[0] for row in rows), tuple(words), matrix, tuple(row[1] for row in rows), made_from
    )


def _print_of(file: Path) -> str:
    """Return the fingerprint of a text file, the same with the line ends of any system."""
    return fingerprint(file.read_bytes().replace(b"\r\n", b"\n"))


def load(folder: str | Path) -> Counts:
    """Read what `save` wrote. Refused: a file that is missing, cut or edited, by name."""
    place = Path(folder)
    todo = "make the counts again, or take the folder from where it came"
    names = ("counts.json", *FILES)
    refuse_if(
        Problem(str(place / name), "no such file", ", ".join(names), todo)
        for name in names
        if not (place / name).is_file()
    )
    try:
        about = from_json((place / "counts.json").read_bytes())
        wanted = {name: str(about["files"][name]) for name in FILES}
        made_from = str(about["made_from"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refused(
            Problem(str(place / "counts.json"), f"{type(error).__name__}: {error}", "what save wrote", todo)
        ) from None
    refuse_if(
        Problem(
            str(place / name), "not the file that was saved: cut or edited", f"SHA-256 {wanted[name]}", todo
        )
        for name in FILES
        if _print_of(place / name) != wanted[name]
    )
    try:
        found = _read(place, made_from)
    except (ValueError, OverflowError, csv.Error) as error:  # a seal can be made for any content
        raise Refused(Problem(str(place), str(error), "what save wrote", todo)) from None
    if about != _about(found, place):
        raise Refused(
            Problem(
                str(place / "counts.json"), "not the file that was saved: edited", "what save wrote", todo
            )
        )
    return found
