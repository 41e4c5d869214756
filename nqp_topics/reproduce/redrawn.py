"""Redrawn: figures from their saved tables, on another page; nothing is fitted and no notebook runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from nqp_topics.figures import drawn as draw
from nqp_topics.reproduce.ledger import ledger
from nqp_topics.study import Problem, Refused, Study, refuse_if


def redraw(study: Study, page: str) -> list[Path]:
    """Draw every figure of the study's folder for another page, in both languages, into a folder of the page's name; return the stems.

    What is drawn, by which function, and the sentences about it come from the files that are there. Refused: a page that is none, a folder
    without figures; all together: figures that no function of `draw` made, and those of which the csv or the Chinese picture is missing.
    """
    from PIL import Image

    with draw.preset(page):  # refuses a page that is none before anything is drawn
        found = ledger(study)
    figures = found[found["kind"] == "figure"]
    if not len(figures):
        raise Refused(
            Problem(str(study.figures), "no figures", "figures that the notebooks made", "make figures")
        )
    refuse_if(_problems(study, figures))
    stems = []
    for row in figures.itertuples():
        by = getattr(draw, _made_by(row.source))
        with Image.open(study.figures / f"{row.name}.zh.png") as image:
            chinese = getattr(image, "text", {}).get("Description", "")
        stem = study.figures / page / row.name
        table = draw.saved(study.figures / f"{row.name}.csv")
        draw.save(by, table, stem, (row.shows, chinese), run=row.run, page=page)
        stems.append(stem)
    return stems


def _made_by(source: str) -> str:
    """Return the name of the function of `draw` that made a figure, or nothing."""
    name = source.partition(" ")[0].removeprefix("draw.")
    return name if name in draw.__all__ else ""


def _problems(study: Study, figures: pd.DataFrame) -> Iterator[Problem]:
    for row in figures.itertuples():
        for file in (study.figures / f"{row.name}.csv", study.figures / f"{row.name}.zh.png"):
            if not file.is_file():
                yield Problem(str(file), "no such file", "all files of a figure", "make figures")
        if not _made_by(row.source):
            yield Problem(
                str(study.figures / f"{row.name}.png"),
                f"made by {row.source.partition(' ')[0] or 'nothing that it says'}",
                "a figure that a function of draw made",
                "draw it for this page in its notebook, or take it out of the folder",
            )
