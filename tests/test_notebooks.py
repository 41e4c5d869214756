"""The notebooks, each from a fresh copy of this process: without the documents, and with them where they are beside the repository.

In kernels: test_report. Those that fit the study with all its seeds and numbers of topics take minutes: `make verify` runs these too.
"""

import asyncio
import atexit
import gc
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import nbclient
import nbformat
import pytest
from conftest import copied

from nqp_topics import reproduce as report
from nqp_topics.reproduce.notebooks import has_dates
from nqp_topics.reproduce.verify import FRAME
from nqp_topics.study import Refused, load

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = report.notebooks(ROOT / "notebooks")
LONG = {"3-choose", "5-compare"}
HERE = [file for file in NOTEBOOKS if file.stem not in LONG]
running = sys.modules["nqp_topics.reproduce.notebooks"]


def printed(file):
    """Return what the code cells of a notebook printed and showed."""
    texts = []
    for cell in nbformat.read(file, as_version=4).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts.append(output.get("text") or data.get("text/html") or data.get("text/plain", ""))
    return FRAME.sub(r"\1", "\n".join(texts))  # the folder of the panel is another here


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The notebooks that take seconds, run where the documents are not, beside what the others have made."""
    place = tmp_path_factory.mktemp("alone")
    for folder in ("notebooks", "figures"):
        (place / folder).mkdir()
    kept = report.ledger(load(ROOT)).drop_duplicates("name").set_index("name")["notebook"]
    for file in [*NOTEBOOKS, *(ROOT / "figures").iterdir()]:
        if file.stem in LONG or kept.get(file.name.partition(".")[0]) in LONG:
            shutil.copy(file, place / file.parent.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NQP_RAW", str(place / "nothing"))
        without = () if has_dates(load(ROOT)) else {"time"}
        with copied():
            report.run(HERE, place / "notebooks", place / "figures", without=without)
    return place


def test_they_run_without_the_documents_and_print_what_is_committed(alone):
    for file in HERE:
        assert printed(alone / "notebooks" / file.name) == printed(file), file.name


def test_they_make_every_figure_that_is_committed_with_the_same_numbers(alone):
    made = {file.name for file in (alone / "figures").iterdir() if file.is_file()}
    here = {file.name for file in (ROOT / "figures").iterdir() if file.is_file()}
    assert made == here - {"README.md", "README.zh-CN.md"}
    for name in made:
        if name.endswith(".csv"):
            assert (alone / "figures" / name).read_bytes() == (ROOT / "figures" / name).read_bytes()


def test_the_ledger_is_that_of_the_figures(alone, monkeypatch):
    monkeypatch.setenv("NQP_FIGURES", str(alone / "figures"))
    table = report.write_ledger(replace(load(ROOT), folder=alone))
    for page in ("README.md", "README.zh-CN.md"):
        assert (alone / "figures" / page).read_text("utf-8") == (ROOT / "figures" / page).read_text("utf-8")
    assert (table["cell"] > 0).all() and (table["shows"].str.len() > 40).all()


@pytest.mark.usefixtures("copied")
def test_with_the_documents_every_fingerprint_is_rebuilt(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("NQP_RAW", str(corpus))
    report.run(report.notebooks(ROOT / "notebooks", ["1"]), tmp_path, tmp_path)
    found = report.rebuilt(load(ROOT)).set_index("what")
    assert found["kept"].to_dict() == {"documents": 5, "articles": 96, "passages": 1158, "counts": 1}
    assert found["state"].eq("same").all() and "not here" not in printed(tmp_path / "1-read.ipynb")


def test_what_is_rebuilt_is_compared_and_what_cannot_be_is_not_here(monkeypatch):
    sample = load(ROOT / "data/sample")
    found = report.rebuilt(sample).set_index("what")
    assert found.loc["articles"].tolist() == [60, 60, "same"] and "passages" not in found.index
    monkeypatch.setenv("NQP_WITHOUT_DOCUMENTS", str(sample.raw))
    found = report.rebuilt(sample).set_index("what")
    assert found.loc["articles"].tolist() == [60, 0, "not here"]


def test_the_shared_facts_are_those_of_the_documents(corpus, documents, tmp_path):
    study = load(ROOT).but(documents=str(corpus))
    for file in report.share(study, documents, tmp_path):
        for made in [file] if file.is_file() else file.iterdir():
            assert made.read_bytes() == (ROOT / "data" / made.relative_to(tmp_path)).read_bytes(), made.name


def test_facts_are_refused_without_all_documents(corpus, tmp_path):
    from nqp_topics.documents import read

    shutil.copy(next(corpus.glob("000*")), tmp_path / "a.txt")
    with pytest.raises(Refused, match="004"):
        report.facts(load(ROOT), read.folder(tmp_path).documents)


def test_what_a_notebook_that_fails_leaves_running_is_ended_in_silence(caplog):
    async def failing():
        asyncio.create_task(asyncio.sleep(60))  # noqa: RUF006  such as the watch over a kernel
        await asyncio.sleep(0)
        raise ValueError("a cell")

    with pytest.raises(ValueError, match="a cell"):
        running._waited(running._with_a_clock(failing(), SimpleNamespace(refresh=lambda: None)))
    gc.collect()
    assert not caplog.records


@pytest.mark.usefixtures("copied")
def test_a_cell_that_fails_is_named(tmp_path):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell("1"), nbformat.v4.new_code_cell("raise KeyError('topics')")]
    nbformat.write(notebook, tmp_path / "1-bad.ipynb")
    with pytest.raises(Refused, match=r"code cell 2[\s\S]*KeyError"):
        report.run([tmp_path / "1-bad.ipynb"])


def test_a_notebook_that_is_stopped_as_its_kernel_ends_leaves_nothing_to_do_as_python_ends(monkeypatch):
    """Another notebook had failed: a traceback stood below the refusal."""
    left = []

    class Client:
        km = None

        def __init__(self, *given, **settings):
            pass

        def _cleanup_kernel(self):
            pass

        async def async_execute(self, **settings):
            left.append(self._cleanup_kernel)
            raise asyncio.CancelledError

    monkeypatch.setattr(nbclient, "NotebookClient", Client)
    monkeypatch.setattr(atexit, "unregister", left.remove)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(running._execute(None, Path("1-read.ipynb"), None, {}))
    assert not left
