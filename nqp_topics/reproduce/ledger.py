"""The ledger: every figure and table of the paper, what it shows, and where it comes from."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from nqp_topics.figures.saved import facts
from nqp_topics.reproduce.notebooks import code_cells
from nqp_topics.study import Study, whole

COLUMNS = ["name", "kind", "shows", "notebook", "cell", "source", "run"]


def ledger(study: Study, figures: str | Path | None = None, folder: str | Path = "notebooks") -> pd.DataFrame:
    """List the figures and tables of a folder: one row each, from what its file says of itself and the notebook that saves it.

    Columns: name, kind (figure, table, page), shows (a sentence on what is seen), notebook, cell (of the code cells, from 1), source (function
    and fingerprint of the table), run (fingerprint of the run that it shows, where it shows one).
    """
    code = _cells(study.path(str(folder)))
    rows = []
    for name, kind, shows, source, made_by in _found(Path(figures or study.figures)):
        saved_as = f'/ "{name}.html"' if kind == "page" else f'/ "{name}"'
        where = next(((notebook, cell) for notebook, cell, text in code if saved_as in text), ("", 0))
        rows.append((name, kind, shows, *where, source, made_by))
    return pd.DataFrame(rows, columns=COLUMNS)


def _found(folder: Path) -> Iterator[tuple[str, ...]]:
    for end, kind in ((".png", "figure"), (".tex", "table"), (".html", "page")):
        for file in sorted(folder.glob(f"*{end}")):
            if not file.stem.endswith(".zh"):  # the same in Chinese
                said = _said(file)
                yield file.stem, kind, *(said.get(name, "") for name in ("description", "source", "run"))


def _said(file: Path) -> dict[str, str]:
    """Return what a file says of itself: description, source, run."""
    if file.suffix == ".png":
        return {name.lower(): text for name, text in facts(file).items()}
    if file.suffix == ".html":
        return dict(
            re.findall(r'<meta name="(description|source|run)" content="([^"]*)"', file.read_text("utf-8"))
        )
    told = dict(re.findall(r"^% (shows|source|run): (.*)$", file.read_text("utf-8"), re.MULTILINE))
    return {"description": told.get("shows", ""), **told}


def _cells(folder: Path) -> list[tuple[str, int, str]]:
    return [
        (file.stem, number, cell.source)
        for file in sorted(folder.glob("*.ipynb"))
        for number, cell in enumerate(code_cells(file), 1)
    ]


FILES = {
    "figure": "[{0}]({0}.pdf), [中文]({0}.zh.pdf)",
    "table": "[{0}]({0}.docx), [中文]({0}.zh.docx), LaTeX [en]({0}.tex) [zh]({0}.zh.tex)",
    "page": "[{0}]({0}.html)",
}


def write_ledger(table: pd.DataFrame, file: str | Path, title: str, folder: str | Path = "notebooks") -> None:
    """Write the ledger as a page that a reader of the repository sees: `figures/README.md`."""
    notebooks = Path(os.path.relpath(folder, Path(file).parent)).as_posix()
    lines = [
        f"# The figures: {title}",
        "",
        "Written by `nqp-topics figures` (in the repository: `make figures`). Each figure is a pdf, a png and the csv that was drawn, under one name; `NAME.zh` is the same in Chinese. "
        "Tables are Word, LaTeX and csv; `topics.html` opens in a browser.",
        "",
        "| | what it shows | made in | by | run | numbers |",
        "|---|---|---|---|---|---|",
    ]
    for row in table.itertuples():
        numbers = "" if row.kind == "page" else f"[csv]({row.name}.csv)"
        where = f"[{row.notebook}]({notebooks}/{row.notebook}.ipynb), code cell {row.cell}"
        cells = FILES[row.kind].format(row.name), row.shows, where, row.source, row.run, numbers
        lines.append(f"| {' | '.join(cells)} |")
    for row in table[table["kind"] == "figure"].itertuples():
        lines += ["", f"## {row.name}", "", f"![{row.shows}]({row.name}.png)"]
    with whole(file) as stream:
        stream.write("\n".join(lines) + "\n")
