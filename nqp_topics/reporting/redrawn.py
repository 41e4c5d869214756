"""Redrawn: figures from their saved tables, on another page; nothing is fitted and no notebook runs."""

from __future__ import annotations

from pathlib import Path

from nqp_topics import draw
from nqp_topics.reporting.ledger import ledger
from nqp_topics.study import Problem, Refused, Study


def redraw(study: Study, page: str) -> list[Path]:
    """Draw every figure of the study's folder for another page, in both languages, into a folder of the page's name; return the stems.

    What is drawn, by which function, and the sentences about it come from the files that are there. Refused: a page that is none, a folder
    without figures.
    """
    from PIL import Image

    with draw.preset(page):  # refuses a page that is none before anything is drawn
        found = ledger(study)
    figures = found[found["kind"] == "figure"]
    if not len(figures):
        raise Refused(
            Problem(str(study.figures), "no figures", "figures that the notebooks made", "make figures")
        )
    stems = []
    for row in figures.itertuples():
        by = getattr(draw, row.source.partition(" ")[0].removeprefix("draw."))
        with Image.open(study.figures / f"{row.name}.zh.png") as image:
            chinese = getattr(image, "text", {}).get("Description", "")
        stem = study.figures / page / row.name
        table = draw.saved(study.figures / f"{row.name}.csv")
        draw.save(by, table, stem, (row.shows, chinese), run=row.run, page=page)
        stems.append(stem)
    return stems
