"""Saved: the table of a figure, read back as it was drawn."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nqp_topics.study import Problem, Refused

# these are names, also where all of them look like numbers
NAMES = (
    "id",
    "article",
    "other",
    "source",
    "group",
    "voice",
    "year",
    "name",
    "topic",
    "next_topic",
    "en",
    "zh",
    "word",
    "title",
)


def saved(file: str | Path) -> pd.DataFrame:
    """Read the csv that `draw.save` wrote beside a figure; drawn again, it gives the same figure.

    Columns are numbers where every cell is one or empty, save those that hold names. Refused: a file that is not there or no table.
    """
    path = Path(file)
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        came = str(error).splitlines()[0]
        raise Refused(
            Problem(str(path), came, "the csv of a figure", "make figures, or correct the path")
        ) from None
    for column in table:
        cells = table[column]
        if column in NAMES or not (cells != "").any():
            continue
        if cells.isin(["True", "False"]).all():
            table[column] = cells == "True"
            continue
        if cells.str.fullmatch(r"-?0\d+").any():  # a code such as 007
            continue
        numbers = pd.to_numeric(cells.where(cells != ""), errors="coerce")
        if numbers.notna().equals(cells != ""):
            whole = (cells != "").all() and cells.str.fullmatch(r"-?\d+").all()
            table[column] = (
                cells.map(int) if whole else cells.map(lambda cell: float(cell) if cell else float("nan"))
            )
    return table
