"""Saved: a figure that is there as files, shown again from its table."""

from pathlib import Path

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, file_here, one_of, refuse_if
from nqp_topics.figures.shown import FIGURES, Shown
from nqp_topics.files.tables import read_written

# these are names, also where all of them look like numbers
NAMES = "id article other source group voice region outlet year name topic next_topic en zh word title time since term level reference".split()

# numbers that no row may have: a csv does not say of an empty column what it would hold
MAY_LACK = frozenset(
    "low high run_low run_high run_sd p bh run_p run_bh detectable unbiased chance distance share likeness size place "
    "x_low x_high y_low y_high long short turn band_low band_high before after joins_next "
    "rank per_thousand articles early late rise z".split()
)


def table_of(file: str | Path) -> pd.DataFrame:
    """Read the csv that was written beside a figure; drawn again, it gives the same figure.

    Columns are numbers where every cell is one or empty, save those that hold names. Refused: a file that is not there or no table.
    """
    path = Path(file)
    try:
        table = read_written(path)
    except (OSError, ValueError) as error:
        came = (getattr(error, "strerror", None) or str(error)).splitlines()[0]
        todo = "nqp-topics figures, or correct the path"
        raise Refused(Problem(str(path), came, "the csv of a figure", todo)) from None
    for column in table:
        cells = table[column]
        if not (cells != "").any():
            table[column] = np.nan if column in MAY_LACK else cells
            continue
        if column in NAMES:
            continue
        if cells.isin(["True", "False"]).all():
            table[column] = cells == "True"
            continue
        if cells.str.fullmatch(r"-?0\d+").any():  # a code such as 007
            continue
        numbers = pd.to_numeric(cells.where(cells != ""), errors="coerce")
        if numbers.notna().equals(cells != ""):
            whole = (cells != "").all() and cells.str.fullmatch(r"-?\d+").all()
            table[column] = cells.map(int if whole else lambda cell: float(cell or "nan"))
    return table


def facts(file: str | Path) -> dict[str, str]:
    """Return what the png of a figure says of itself: Description, Source (by which figure, of which table) and Run."""
    from PIL import Image

    with Image.open(file) as image:
        return dict(getattr(image, "text", {}))


def made_by(source: str) -> str:
    """Return the name of the figure that a source tells of, or what else it is."""
    return source.partition(" ")[0].removeprefix("figures.")


def saved(stem: str | Path) -> Shown:
    """Show a figure that was saved under a stem: `figures.saved(study.figures / "corpus")`. Refused: files that are not those of a figure."""
    refuse_if(file_here(f"{stem}.png", "the png of a figure", "nqp-topics figures, or correct the path"))
    about = facts(f"{stem}.png")
    name = made_by(about.get("Source", ""))
    refuse_if(one_of(f"{stem}.png, made by", name, FIGURES, "give a figure that `figures` made"))
    return FIGURES[name].of(table_of(f"{stem}.csv"), about.get("Run", ""))
