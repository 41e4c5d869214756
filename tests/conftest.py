"""Where the texts are that tests may need: the five documents and the answer files are not part of the repository."""

import ast
import builtins
import io
import multiprocessing
import os
import signal
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nqp_topics.study import Refused, load

os.environ["NQP_LANGUAGE"] = "en"  # whatever the machine speaks
ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
# files whose tests are few and long: they begin, so that no core waits for them at the end
LONG = "notebooks figures_compare other_study report walk blocks segment validate sampler compare standing shown vary clean setup hostile".split()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    place = {f"test_{name}": number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONG)))


def _beside(name: str) -> Path:
    place = SHARED / name
    if not place.is_dir():
        pytest.skip(
            f"{place.parent.name}/{name} is not beside the repository: the documents cannot be shared"
        )
    return place


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of the five documents; tests that need it skip where it is absent."""
    return _beside("corpus")


@pytest.fixture(scope="session")
def gold() -> Path:
    """The folder of hand-made answers; tests that need it skip where it is absent."""
    return _beside("gold")


@pytest.fixture(scope="session")
def documents(corpus: Path) -> Any:
    """The five documents as the study reads them."""
    from nqp_topics.documents import read

    return read.folder(corpus, load(ROOT)).documents


@pytest.fixture(scope="session")
def passages(documents: Any) -> Any:
    """The passages of the study."""
    from nqp_topics.documents import split

    study = load(ROOT)
    return split.passages(split.by_study(documents, study), study.shortest, study.longest)


@pytest.fixture(scope="session", autouse=True)
def fractions_are_added_one_way() -> Iterator[None]:
    """From Python 3.12 on, `sum` adds fractions otherwise than before: whatever the library adds so has other last digits on another machine."""
    real = builtins.sum

    def watched(values: Iterable[Any], /, start: Any = 0) -> Any:
        values = list(values)
        fractions = [one for one in values if type(one) is float and not (2 * one).is_integer()]
        who = sys._getframe(1).f_globals.get("__name__", "")
        assert len(fractions) < 3 or not who.startswith("nqp_topics"), f"{who} adds fractions with sum"
        return real(values, start)

    builtins.sum = watched
    yield
    builtins.sum = real


def refuses(says: str, call: Callable[..., object], *given: Any, **settings: Any) -> None:
    """Ask that a call is refused, and that the refusal says so."""
    with pytest.raises(Refused, match=says):
        call(*given, **settings)


def told(call: Callable[[], object]) -> Any:
    """Return the problems of a call that is refused."""
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.problems


def peak_of(work: Callable[[], object]) -> int:
    """Return the most bytes that Python held at once while something was done."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


class Copied:
    """Runs a notebook in a copy of this process, as nbclient does in a kernel, which loads everything anew for eight seconds."""

    def __init__(self, notebook, on_cell_executed, resources, skip_cells_with_tag, **_):
        self.done, self.folder = on_cell_executed, resources["metadata"]["path"]
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.cells = [cell for cell in code if skip_cells_with_tag not in cell.metadata.get("tags", [])]

    async def async_execute(self, env, **_):
        from nbclient.exceptions import CellExecutionError

        forks = multiprocessing.get_context("fork")
        mine, its = forks.Pipe(duplex=False)
        copy = forks.Process(target=self.run, args=(its, env))
        copy.start()
        its.close()
        for number, cell in enumerate(self.cells, 1):
            text, wrong = mine.recv()
            cell.outputs = [nbformat.v4.new_output("stream", text=text)] if text else []
            cell.execution_count = number
            if wrong:
                raise CellExecutionError("", *wrong)
            self.done()
        copy.join()

    def run(self, pipe, env):
        os.environ.clear()
        os.environ.update(env)
        os.chdir(self.folder)
        names = {"__name__": "__main__"}
        for cell in self.cells:
            tree, printed, wrong = ast.parse(cell.source), io.StringIO(), None
            last = [tree.body.pop()] if isinstance(tree.body[-1], ast.Expr) else []
            try:
                with redirect_stdout(printed), redirect_stderr(io.StringIO()):
                    exec(compile(tree, "cell", "exec"), names)
                    for one in last:
                        self.show(eval(compile(ast.Expression(one.value), "cell", "eval"), names))
            except Exception as error:
                wrong = type(error).__name__, str(error)
            pipe.send((printed.getvalue(), wrong))

    def show(self, value):
        """Show what a cell returns as a notebook does; a figure that was saved has been drawn."""
        if value is None:
            return
        print(getattr(value, "_repr_html_", str)())
        if not getattr(value, "_drawn", None):
            getattr(value, "_repr_png_", str)()


@contextmanager
def copied() -> Iterator[None]:
    """Have notebooks run in copies of this process for a while; in kernels they run in test_notebooks, and in test_report."""
    with pytest.MonkeyPatch.context() as patch:
        if hasattr(os, "fork"):
            patch.setattr("nbclient.NotebookClient", Copied)
        yield


@pytest.fixture(name="copied")
def _copied() -> Iterator[None]:
    with copied():
        yield


def heeds_ctrl_c() -> None:
    """Have a process heed Ctrl-C that is started by one that does not, as one behind nohup (`preexec_fn`)."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
