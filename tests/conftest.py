"""Where the texts are that tests may need: the five documents and the answer files are not part of the repository."""

import base64
import builtins
import gc
import io
import multiprocessing
import os
import signal
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from nqp_topics.reproduce.notebooks import formats
from nqp_topics.study import Refused, load

os.environ["NQP_LANGUAGE"] = "en"  # whatever the machine speaks
nbformat = formats()
ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
# files whose tests are few and long: they begin, so that no core waits for them at the end
LONG = "notebooks figures_compare report other_study validate sampler shown compare walk setup blocks segment hostile standing vary clean".split()


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Have the second of two processes read the files of tests from the last on: what one has compiled the other need not."""
    asked = [Path(place).resolve() for place in session.config.args]
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1" and asked == [ROOT / "tests"]:
        for file in sorted(ROOT.glob("tests/test_*.py"), reverse=True):
            import_module(file.stem)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    place = {f"test_{name}": number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONG)))


def pytest_collection_finish() -> None:
    """What was imported stays: it need not be looked through again and again for what may go."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_sessionfinish() -> None:
    """What is left goes with the process: it need not be looked through once more."""
    gc.freeze()


def _beside(name: str) -> Path:
    place = SHARED / name
    if not place.is_dir():
        here = f"{place.parent.name}/{name}"
        pytest.skip(f"{here} is not beside the repository: the documents cannot be shared")
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
        who = sys._getframe(1).f_globals.get("__name__", "")
        if who.startswith("nqp_topics"):
            values = list(values)
            fractions = [one for one in values if type(one) is float and not (2 * one).is_integer()]
            assert len(fractions) < 3, f"{who} adds fractions with sum"
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


NEEDED = """IPython.core.displaypub IPython.core.interactiveshell matplotlib.pyplot matplotlib.backends.backend_pdf pandas.io.formats.style
scipy.cluster.hierarchy scipy.optimize""".split()  # by every copy, or most


class Copied:
    """Runs a notebook in a copy of this process, as nbclient does in a kernel, which loads everything anew for eight seconds."""

    km = "none: a copy of this process"

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
        try:
            for number, cell in enumerate(self.cells, 1):
                shown, wrong = mine.recv()
                cell.outputs = [nbformat.from_dict(one) for one in shown]
                cell.execution_count = number
                if wrong:
                    raise CellExecutionError("", *wrong)
                self.done()
        except BaseException:
            copy.kill()
            raise
        finally:
            copy.join()

    def run(self, pipe, env):
        from IPython.core.displaypub import CapturingDisplayPublisher
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        os.environ.clear()
        os.environ.update(env)
        os.chdir(self.folder)
        shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
        shell.showtraceback = lambda *_, **__: None
        shell.display_pub = CapturingDisplayPublisher()
        for cell in self.cells:
            seen = Seen()
            shell.display_pub.publish = seen.publish
            shell.display_trap.hook = seen.hook(shell)
            with redirect_stdout(seen), redirect_stderr(io.StringIO()):
                done = shell.run_cell(cell.source)
            wrong = done.error_before_exec or done.error_in_exec
            pipe.send((seen.outputs, wrong and (type(wrong).__name__, str(wrong))))


class Seen(io.TextIOBase):
    """What a cell prints and shows, in its order."""

    def __init__(self):
        self.outputs = []

    def write(self, text):
        if not self.outputs or self.outputs[-1]["output_type"] != "stream":
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": ""})
        self.outputs[-1]["text"] += text
        return len(text)

    def publish(self, data, *_, **__):
        data = {
            kind: base64.b64encode(one).decode() if isinstance(one, bytes) else one
            for kind, one in data.items()
        }
        self.outputs.append({"output_type": "display_data", "data": data, "metadata": {}})

    def hook(self, shell):
        def shown(value):
            if value is not None and (data := shell.display_formatter.format(value)[0]):
                self.publish(data)

        return shown


@contextmanager
def copied() -> Iterator[None]:
    """Have notebooks run in copies of this process for a while, figures drawn but their files left blank; in kernels, and whole, they are in test_report."""
    for needed in NEEDED:
        import_module(needed)
    from matplotlib.figure import Figure
    from PIL import Image

    from nqp_topics.figures.shown import Shown

    with pytest.MonkeyPatch.context() as patch:
        if hasattr(os, "fork"):
            patch.setattr("nbclient.NotebookClient", Copied)
        few, dot = 60, io.BytesIO()
        Image.new("RGB", (1, 1)).save(dot, "png")

        def written(self, stream, *, format, **more):
            wide, high = (int(inches * few) for inches in self.get_size_inches())
            return stream.write({"pdf": b"%PDF", "rgba": bytes(4 * wide * high)}[format])

        patch.setattr(Shown, "_repr_png_", lambda self: dot.getvalue() if self._drawn or self.draw() else b"")
        patch.setattr("nqp_topics.figures.page.DOTS", few)
        patch.setattr(Figure, "savefig", written)
        yield


@pytest.fixture(name="copied")
def _copied() -> Iterator[None]:
    with copied():
        yield


@pytest.fixture
def few_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have figures written in few dots where their number is not what is asked."""
    monkeypatch.setattr("nqp_topics.figures.page.DOTS", 60)


def heeds_ctrl_c() -> None:
    """Have a process heed Ctrl-C that is started by one that does not, as one behind nohup (`preexec_fn`)."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
