"""Report: what is handed on. The facts of a study that may be shared, its notebooks run from fresh kernels, the ledger of figures."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nqp_topics.study import Problem, Refused, Study, fingerprint, progress, whole

if TYPE_CHECKING:
    from nqp_topics.counts import Counts

SHARED = 8  # characters of a mined term that is handed on: longer ones are clauses of somebody's text
PASSAGES = ["id", "article", "place", "han"]
WORDS = ("cut_by", "guess", "general_stopwords", "shortest_word", "numbers", "parts", "min_df", "max_df")
COLUMNS = ["figure", "shows", "notebook", "cell", "source"]


def facts(study: Study, documents: pd.DataFrame) -> dict[str, pd.DataFrame | Counts]:
    """Return what may be shared of documents whose text may not: tables by file name, and the counts.

    passages.csv: one row a passage, with its article, its place in it and its Chinese characters. losses.csv: one row a document and
    cleaning step, with the pieces and the Chinese characters it took away. counts: how often each word stands in each passage, without
    order. audit.csv: one row a term of the lexicon. sifted.csv: one row a word that the filters took out. trimmed.csv: one row a word
    that is in too few or too many passages. candidates.csv: one row a mined term, without its contexts.
    """
    from nqp_topics import catalogue, split
    from nqp_topics.clean import losses

    found = catalogue.sources(study.path(study.sources), documents)
    if absent := [
        f"{row.source} ({row.file}): {row.state}" for row in found.itertuples() if row.state != "here"
    ]:
        raise Refused(
            Problem(
                str(study.raw),
                f"without {', '.join(absent)}",
                "every document of sources.csv, byte for byte",
                f"put the documents there{f', or name their folder in {study.elsewhere}' if study.elsewhere else ''}",
            )
        )
    documents = catalogue.named(documents, found)
    documents = documents[documents["id"].isin(found["source"])]
    lost = []
    for row in documents.itertuples():
        repairs = [repair for repair in study.repairs if repair.source == row.id]
        lost.append(losses(row.text, (), repairs, study.script, row.format).assign(source=row.id))
    by_step = pd.concat(lost).groupby(["source", "step"], sort=True)["han"].agg(pieces="size", han="sum")
    cut = split.passages(split.by_study(documents, study), study.shortest, study.longest)
    return {"passages.csv": cut[PASSAGES], "losses.csv": by_step.reset_index(), **words(study, cut)}


def words(study: Study, passages: pd.DataFrame) -> dict[str, pd.DataFrame | Counts]:
    """Cut, filter and count passages as `study.toml` says; return the counts and the tables of what was changed and left out."""
    from nqp_topics import audit, count, lexicon, segment, sift, terms

    file = study.path(study.lexicon) if study.lexicon else None
    by = segment.cutter(lexicon.read(file) if file else None, study.cut_by, study.guess)
    notes = audit.Ledger(by)
    tokens = segment.tokens(passages, by, watch=notes.note).assign(article=passages["article"].to_numpy())
    own = [study.path(study.stopwords)] if study.stopwords else []
    stop = sift.stop_words(*own, general=study.general_stopwords)
    kept, gone = sift.keep(tokens, stop, study.shortest_word, study.numbers, study.parts)
    made_from = fingerprint(
        json.dumps(
            [
                passages[["id", "article", "text"]].values.tolist(),
                file.read_text("utf-8") if file else "",
                stop[["word", "list"]].values.tolist(),
                {name: getattr(study, name) for name in WORDS},
                {name: version(name) for name in ("nqp-topics", "jieba")},
            ],
            ensure_ascii=False,
        )
    )
    counted = count.counts(kept, None, study.min_df, study.max_df, made_from)
    mined = terms.mine(passages)
    mined = mined[mined["term"].str.len() <= SHARED].head(500)
    return {
        "counts": counted.counts,
        "audit.csv": notes.table(),
        "sifted.csv": gone,
        "trimmed.csv": counted.trimmed,
        "candidates.csv": mined,
    }


def share(study: Study, documents: pd.DataFrame, folder: str | Path | None = None) -> list[Path]:
    """Write the facts of a study beside its registry (or into a folder), and return the files."""
    from nqp_topics import count

    place = Path(folder) if folder else study.path(study.articles).parent
    written = []
    for name, table in facts(study, documents).items():
        if isinstance(table, pd.DataFrame):
            with whole(place / name) as stream:
                table.to_csv(stream, index=False, lineterminator="\n", float_format="%.6g")
            written.append(place / name)
        else:
            counts = place / name if folder else study.path(study.counts or "data/counts")
            count.save(table, counts)
            written.append(counts)
    return written


def notebooks(folder: str | Path, only: Sequence[str] = ()) -> list[Path]:
    """Return the notebooks of a folder in their order, or those that are named by number or name."""
    place = Path(folder)
    found = sorted(file for file in place.glob("*.ipynb") if not file.name.startswith("."))
    chosen = [file for file in found if not only or any(_is(file, name) for name in only)]
    if wrong := [name for name in only if not any(_is(file, name) for file in found)]:
        raise Refused(
            Problem(
                "notebooks",
                ", ".join(wrong),
                ", ".join(file.stem for file in found) or "none",
                "use one of these names",
            )
        )
    if not chosen:
        raise Refused(
            Problem(str(place), "no notebook", "files NUMBER-NAME.ipynb", "run this from the study's folder")
        )
    return chosen


def _is(file: Path, name: str) -> bool:
    return name in (file.name, file.stem, file.stem.partition("-")[0])


def run(
    files: Sequence[Path], keep: str | Path | None = None, figures: str | Path | None = None
) -> pd.DataFrame:
    """Run notebooks in order, each from a fresh kernel: one row a notebook (notebook, cells, seconds).

    `keep` is a folder for the notebooks with their outputs; without it nothing is kept of them. `figures` is the folder that
    the notebooks write figures to. The first cell that fails stops the run; the message names it.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    rows = []
    with _environment(
        NQP_FIGURES=str(Path(figures).resolve()) if figures else None, PYDEVD_DISABLE_FILE_VALIDATION="1"
    ):
        for file in progress(files, "notebooks"):
            began = time.perf_counter()
            notebook = nbformat.read(file, as_version=4)
            client = NotebookClient(
                notebook,
                timeout=900,
                kernel_name="python3",
                resources={"metadata": {"path": str(file.parent)}},
                extra_arguments=["--IPKernelApp.log_level=ERROR"],
            )
            try:
                client.execute()
            except CellExecutionError as error:
                raise Refused(_failed(file, notebook, error)) from None
            if keep:
                with whole(Path(keep) / file.name) as stream:
                    nbformat.write(tidy(notebook), stream)
            rows.append((file.stem, len(notebook.cells), round(time.perf_counter() - began, 1)))
    return pd.DataFrame(rows, columns=["notebook", "cells", "seconds"])


@contextmanager
def _environment(**settings: str | None) -> Iterator[None]:
    """Set environment variables for the kernels, and set them back."""
    before = {name: os.environ.get(name) for name in settings}
    try:
        os.environ.update({name: value for name, value in settings.items() if value is not None})
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _failed(file: Path, notebook: Any, error: Exception) -> Problem:
    count = sum(1 for cell in notebook.cells if cell.cell_type == "code" and cell.get("execution_count"))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()
    return Problem(
        f"{file.name} code cell {count}",
        "\n           ".join(line for line in plain[-4:] if line.strip()),
        "a notebook that runs from a fresh kernel",
        "open it with: make lab, and run this cell",
    )


def tidy(notebook: Any) -> Any:
    """Take out of a notebook what only says when and on which machine it ran."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {name: value for name, value in cell.metadata.items() if name == "tags"}
        if cell.cell_type == "code":
            cell.outputs = [
                output
                for output in cell.outputs
                if "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
            ]
            for output in cell.outputs:
                if "text/plain" in output.get("data", {}):
                    output.data["text/plain"] = re.sub(r" at 0x[0-9a-f]+", "", output.data["text/plain"])
    return notebook


def ledger(study: Study, figures: str | Path | None = None, folder: str | Path = "notebooks") -> pd.DataFrame:
    """List the figures of a folder: one row a figure, from what its png says of itself and the notebook that saves it.

    Columns: figure, shows (a sentence on what is seen), notebook, cell (of the code cells, from 1), source (function and
    fingerprint of the table).
    """
    from PIL import Image

    code = _cells(study.path(str(folder)))
    rows = []
    for file in sorted(Path(figures or study.figures).glob("*.png")):
        if "." in file.stem:
            continue  # the same figure in Chinese
        with Image.open(file) as image:
            facts: dict[str, str] = getattr(image, "text", {})
        where = next(((name, cell) for name, cell, text in code if f'"{file.stem}"' in text), ("", 0))
        rows.append((file.stem, facts.get("Description", ""), *where, facts.get("Source", "")))
    return pd.DataFrame(rows, columns=COLUMNS)


def _cells(folder: Path) -> list[tuple[str, int, str]]:
    import nbformat

    found = []
    for file in sorted(folder.glob("*.ipynb")):
        cells = [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
        found += [(file.stem, number, cell.source) for number, cell in enumerate(cells, 1)]
    return found


def write_ledger(table: pd.DataFrame, file: str | Path, title: str) -> None:
    """Write the ledger as a page that a reader of the repository sees: `figures/README.md`."""
    lines = [
        f"# The figures: {title}",
        "",
        "Written by `make figures`. Each figure is a pdf, a png and the csv that was drawn, under one name; `NAME.zh` is the same in Chinese.",
        "",
        "| figure | what it shows | made in | by | table |",
        "|---|---|---|---|---|",
    ]
    for row in table.itertuples():
        stem = row.figure
        lines.append(
            f"| [{stem}]({stem}.pdf), [中文]({stem}.zh.pdf) | {row.shows} | [{row.notebook}](../notebooks/{row.notebook}.ipynb), code cell {row.cell} "
            f"| {row.source} | [csv]({stem}.csv) |"
        )
    for row in table.itertuples():
        lines += ["", f"## {row.figure}", "", f"![{row.shows}]({row.figure}.png)"]
    with whole(file) as stream:
        stream.write("\n".join(lines) + "\n")
