"""Notebooks: run in order from fresh kernels, and left without what only says when and where they ran."""

import asyncio
import atexit
import base64
import io
import os
import re
import subprocess
import time
from collections.abc import Callable, Collection, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.checks import Problem, Refused, one_of, refuse_if, said
from nqp_topics.compare.grouping import FEWEST, witnesses
from nqp_topics.compare.over_time import enough
from nqp_topics.counts import of_study
from nqp_topics.documents import registry
from nqp_topics.files import from_json, read_bytes, whole
from nqp_topics.files.compiled import without
from nqp_topics.study import Study
from nqp_topics.study.progress import bar as moved
from nqp_topics.validate.sealed import outlived

SKIPPED = "skip-execution"
BESIDE = "beside"  # the tag of a notebook that reads nothing that those before it write
MANY = 2000  # articles: up to as many are held each against each
LARGEST = 64_000_000  # bytes of a notebook
# what one that is none, or damaged, makes its reader say
BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, AssertionError)


def notebooks(folder: str | Path, only: Sequence[str] = ()) -> list[Path]:
    """Return the notebooks of a folder in their order, or those that are named by number or name."""
    place = Path(folder)
    found = sorted(file for file in place.glob("*.ipynb") if not file.name.startswith("."))
    chosen = [file for file in found if not only or any(_is(file, name) for name in only)]
    wrong = [name for name in only if not any(_is(file, name) for file in found)]
    refuse_if(*(one_of("notebooks", name, [file.stem for file in found]) for name in wrong))
    if not chosen:
        todo = "run this from the study's folder"
        raise Refused(Problem(str(place), "no notebook", "files NUMBER-NAME.ipynb", todo))
    return chosen


def formats() -> Any:
    """Return nbformat, imported without the grammar of addresses that takes two seconds to make and that no notebook asks for."""
    without("rfc3987_syntax", "jsonschema")
    import nbformat

    return nbformat


def opened(file: Path) -> Any:
    """Read a notebook. Refused: what is none, more than 64 MB, and brackets deeper than anybody writes."""
    nbformat = formats()
    try:
        text = read_bytes(file, LARGEST).decode("utf-8-sig")
        from_json(text)
        made = nbformat.reads(text, as_version=4)
        assert isinstance(made.cells, list)
        return made
    except (*BROKEN, nbformat.ValidationError) as error:
        came = said(getattr(error, "strerror", None) or str(error) or type(error).__name__)[1:-1]
        todo = "open it with: nqp-topics lab, and save it"
        raise Refused(Problem(str(file), came, "a notebook of up to 64 MB", todo)) from None


def code_cells(file: Path) -> list[Any]:
    """Return the cells of a notebook that hold code."""
    return [cell for cell in opened(file).cells if cell.cell_type == "code"]


def _is(file: Path, name: str) -> bool:
    return name in (file.name, file.stem, file.stem.partition("-")[0])


def run(
    files: Sequence[Path],
    keep: str | Path | None = None,
    figures: str | Path | None = None,
    topics: int | None = None,
    cache: str | Path | None = None,
    done: Callable[[Path, float], None] | None = None,
    hide: str | Path | None = None,
    without: Collection[str] = (),
    lanes: int = 0,
) -> pd.DataFrame:
    """Run notebooks in order, each from a fresh kernel: one row a notebook (notebook, cells, seconds). Those that may run beside each other do, in
    as many `lanes` as there are processors.

    `keep` is a folder for the notebooks with their outputs; without it nothing is kept of them. `figures` is the folder that
    the notebooks write figures to, `topics` another number of topics than the study's, `cache` the folder that keeps runs. `done` is called
    after each notebook with its file and when it began. `hide` is a folder of documents that count as absent, so that nothing of their
    text is kept. Cells with a tag of `without` (`lacking` says which) are passed over. The first cell that fails stops the run; the message names it.
    """
    nbformat = formats()
    of_kernels = _of_kernels(figures, topics, cache, hide)
    tags = {*without, *(["documents"] if hide else [])}
    read = [(file, opened(file)) for file in files]
    many = sum(cell.cell_type == "code" for _, notebook in read for cell in notebook.cells)
    bar = moved(range(many), "notebooks")
    running: list[str] = []

    async def one(file: Path, notebook: Any) -> tuple[str, int, float]:
        began, clock = time.perf_counter(), time.time()
        running.append(file.stem)
        bar.set_postfix_str(", ".join(running))
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        passed = [cell for cell in notebook.cells if tags & set(cell.metadata.get("tags", []))]
        for cell in passed:
            cell.metadata["tags"] = [*cell.metadata["tags"], SKIPPED]
        await _execute(notebook, file, bar, of_kernels)
        for cell in passed:
            cell.metadata["tags"].remove(SKIPPED)
        if keep:
            # before the file is open: a picture that cannot be read is no folder that cannot be written
            notebook = tidy(notebook)
            with whole(Path(keep) / file.name) as stream:
                nbformat.write(notebook, stream)
        if done:
            done(file, clock)
        running.remove(file.stem)
        return file.stem, len(notebook.cells), round(time.perf_counter() - began, 1)

    rows = _waited(_with_a_clock(_in_lanes(read, one, lanes or os.cpu_count() or 1), bar))
    bar.close()
    return pd.DataFrame(rows, columns=["notebook", "cells", "seconds"])


def _of_kernels(figures: Any, topics: int | None, cache: Any, hide: Any) -> dict[str, str]:
    """Return the environment of the kernels."""
    settings = {
        "NQP_FIGURES": _from_here(figures or os.environ.get("NQP_FIGURES")),
        "NQP_TOPICS": str(topics) if topics else None,
        "NQP_CACHE": _from_here(cache or os.environ.get("NQP_CACHE")),
        "NQP_WITHOUT_DOCUMENTS": _from_here(hide),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "NQP_UNSEEN": "1",  # nobody waits for a figure
    }
    return {**os.environ, **{name: value for name, value in settings.items() if value is not None}}


async def _with_a_clock(work: Coroutine[Any, Any, list[Any]], bar: Any) -> list[Any]:
    """Have the bar go on telling the time while a cell takes long; end with the work all that it leaves running, such as the watch over a kernel."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(1)
            bar.refresh()

    clock = asyncio.create_task(tick())
    try:
        return await work
    finally:
        rest = {clock, *asyncio.all_tasks()} - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


def _waited(work: Coroutine[Any, Any, list[Any]]) -> list[Any]:
    """Return what comes of some work, done in a thread of its own: Ctrl-C reaches this one alone, and ends all kernels."""
    loop = asyncio.SelectorEventLoop()  # what kernels are spoken to through asks for this one
    task = loop.create_task(work)
    with ThreadPoolExecutor(1) as pool:
        try:
            done = pool.submit(loop.run_until_complete, task)
            while not wait([done], 0.5).done:  # on Windows Ctrl-C is heard between two waits
                pass
            return done.result()
        except KeyboardInterrupt:
            loop.call_soon_threadsafe(task.cancel)
            raise


async def _in_lanes(read: list[tuple[Path, Any]], one: Callable[..., Any], lanes: int) -> list[Any]:
    """Run notebooks, as many at once as there are lanes: those tagged `beside` first, the one of most cells of code before the others, as it is likely
    to take longest; each of the others once all that stand before it have ended.

    The first that fails stops the others. Returned is what came of each, in the order of the notebooks.
    """
    free, running = asyncio.Semaphore(lanes), dict[int, asyncio.Task[Any]]()
    beside = [_beside(notebook) for _, notebook in read]
    cells = [sum(cell.cell_type == "code" for cell in notebook.cells) for _, notebook in read]

    async def waiting(before: list[asyncio.Task[Any]], *given: Any) -> Any:
        if before:
            await asyncio.wait(before)
        async with free:
            return await one(*given)

    try:
        for place in sorted(range(len(read)), key=lambda at: (not beside[at], -cells[at] * beside[at])):
            before = [] if beside[place] else [running[other] for other in range(place)]
            running[place] = asyncio.create_task(waiting(before, *read[place]))
        return list(await asyncio.gather(*(running[place] for place in range(len(read)))))
    except BaseException:
        for task in running.values():
            task.cancel()
        await asyncio.wait(running.values())
        raise


def _beside(notebook: Any) -> bool:
    """Tell whether a notebook reads nothing that those before it write: its first cell of code says so."""
    first = next((cell for cell in notebook.cells if cell.cell_type == "code"), None)
    return first is not None and BESIDE in first.metadata.get("tags", [])


async def _execute(notebook: Any, file: Path, bar: Any, environment: dict[str, str]) -> None:
    """Run a notebook in a fresh kernel of its own, in its folder; the bar moves on with each cell. Refused: a cell that fails, a kernel that dies."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    settings: dict[str, Any] = {"timeout": 900, "kernel_name": "python3", "skip_cells_with_tag": SKIPPED}
    settings |= {"resources": {"metadata": {"path": str(file.parent)}}}
    settings |= {"extra_arguments": ["--IPKernelApp.log_level=ERROR"]}
    client = NotebookClient(notebook, on_cell_executed=lambda **_: bar.update(), **settings)
    try:
        # what a kernel says as it is stopped is of no use
        await client.async_execute(stderr=subprocess.DEVNULL, env=environment)
    except DeadKernelError:
        came, allowed = "its kernel died, as where memory runs out", "a notebook that runs to its end"
        todo = "run it with: nqp-topics lab, and watch it"
        raise Refused(Problem(file.name, came, allowed, todo)) from None
    except CellExecutionError as error:
        raise Refused(_failed(file, notebook, error)) from None
    finally:
        if client.km is None:  # stopped while its kernel ended: nothing is left to clear away as Python ends
            atexit.unregister(client._cleanup_kernel)


def has_few(study: Study) -> bool:
    """Tell whether a study has so few articles that each may be held against each: a tree of 5,000 takes minutes and gigabytes, and nobody reads it."""
    return not study.has_counts or len({*of_study(study).articles}) <= MANY


def has_groups(study: Study) -> bool:
    """Tell whether a study's registry has groups to compare: two at least of four articles or more, of as many witnesses as a test asks for."""
    rows = registry.of_study(study) if study.path(study.articles).is_file() else None
    if rows is None or study.groups not in rows:
        return False
    rows = rows[rows[study.groups] != ""]
    who = witnesses(rows, study.witness, study.witness_of, study.groups)
    sizes = rows.assign(who=who.to_numpy()).groupby(study.groups)["who"].agg(["size", "nunique"])
    return int(((sizes["size"] >= 4) & (sizes["nunique"] >= FEWEST)).sum()) > 1


def has_dates(study: Study) -> bool:
    """Tell whether a study's registry has as many dated articles as a course over time asks for."""
    rows = registry.of_study(study) if study.path(study.articles).is_file() else None
    return rows is not None and enough(rows)


def lacking(study: Study) -> set[str]:
    """Return the tags of cells that ask for what a study does not have: groups, documents, dates, a number of topics, few articles, four topics, tasks of its run."""
    there = {"groups": has_groups(study), "time": has_dates(study), "documents": study.raw.is_dir()}
    there |= {"reported": bool(study.reported), "few": has_few(study), "readers": not outlived(study)}
    there["four"] = study.topics not in (2, 3)
    return {tag for tag, has in there.items() if not has}


def _from_here(place: str | Path | None) -> str | None:
    """Return the whole path of a place: a kernel works in the folder of its notebook, where a relative one is another."""
    return str(Path(place).resolve()) if place else None


def _failed(file: Path, notebook: Any, error: Any) -> Problem:
    count = sum(1 for cell in notebook.cells if cell.cell_type == "code" and cell.get("execution_count"))
    # of what cannot be shown, the outputs alone tell what went wrong
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    error = next((output for output in outputs if output["output_type"] == "error"), error)
    said = re.sub(r"\x1b\[[0-9;]*m", "", f"{error.ename}: {error.evalue}").strip().splitlines()
    return Problem(
        f"{file.name} code cell {count}",
        "\n           ".join(line for line in said[:8] if line.strip()),
        "a notebook that runs from a fresh kernel",
        "open it with: nqp-topics lab, and run this cell",
    )


def tidy(notebook: Any) -> Any:
    """Take out of a notebook what only says when and on which machine it ran."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {name: value for name, value in cell.metadata.items() if name == "tags"}
        if cell.cell_type == "code":
            bar = "application/vnd.jupyter.widget-view+json"
            cell.outputs = _in_one([one for one in cell.outputs if bar not in one.get("data", {})])
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    output.data["image/png"] = _smaller(output.data["image/png"])
                if "text/plain" in output.get("data", {}):
                    output.data["text/plain"] = re.sub(r" at 0x[0-9a-f]+", "", output.data["text/plain"])
    return notebook


def _in_one(outputs: list[Any]) -> list[Any]:
    """Put what a cell printed into one piece: it comes in as many as the clock makes of it."""
    found: list[Any] = []
    for output in outputs:
        before = found[-1] if found else None
        if before and output.output_type == before.output_type == "stream" and output.name == before.name:
            before.text += output.text
        else:
            found.append(output)
    return found


def _smaller(picture: str) -> str:
    """Return a picture of a notebook in 48 colours: a third of the size; the figures themselves are files of their own."""
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        few = image.convert("RGB").quantize(48, dither=Image.Dither.NONE)
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True)
    return base64.b64encode(written.getvalue()).decode("ascii") + "\n"
