"""Redrawn: figures from their saved tables, on another page; nothing is fitted and no notebook runs."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from nqp_topics import figures
from nqp_topics.checks import Problem, refuse_if
from nqp_topics.figures.page import preset
from nqp_topics.figures.saved import made_by
from nqp_topics.files import in_language
from nqp_topics.reproduce.ledger import ledger
from nqp_topics.study import Study


def redraw(study: Study, page: str) -> list[Path]:
    """Draw every figure of the study's folder for another page, in both languages, into a folder of the page's name; return the stems.

    What is drawn, by which function, and the sentences about it come from the files that are there. Refused: a page that is none, a folder
    without figures; all together: figures that no function of `draw` made, and those of which the csv or the Chinese picture is missing.
    """
    with preset(page):  # refuses a page that is none before anything is drawn
        found = ledger(study)
    figures.order(study)
    made = found[found["kind"] == "figure"]
    where, allowed = str(study.figures), "figures that the notebooks made"
    none = [] if len(made) else [Problem(where, "no figures", allowed, "make figures")]
    refuse_if(none, _problems(study, made))
    stems = [study.figures / page / name for name in made["name"]]
    for stem in stems:
        figures.saved(study.figures / stem.name).save(stem, page=page)
    return stems


def _problems(study: Study, made: pd.DataFrame) -> Iterator[Problem]:
    todo = "draw it for this page in its notebook, or take it out of the folder"
    for row in made.itertuples():
        picture = study.figures / f"{row.name}.png"
        for file in (study.figures / f"{row.name}.csv", in_language(picture, "zh")):
            if not file.is_file():
                yield Problem(str(file), "no such file", "all files of a figure", "make figures")
        if made_by(row.source) not in figures.FIGURES:
            came = f"made by {row.source.partition(' ')[0] or 'nothing that it says'}"
            yield Problem(str(picture), came, "a figure of `figures`", todo)
