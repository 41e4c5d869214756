"""Where the texts are that tests may need: the five documents and the answer files are not part of the repository."""

import builtins
import os
import signal
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nqp_topics.study import Refused

os.environ["NQP_LANGUAGE"] = "en"  # whatever the machine speaks
ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
# files whose tests are few and long: they begin, so that no core waits for them at the end
LONG = "notebooks other_study walk government_reports vary blocks report shown compare sampler setup hostile".split()


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


def peak_of(work: Callable[[], object]) -> int:
    """Return the most bytes that Python held at once while something was done."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def heeds_ctrl_c() -> None:
    """Have a process heed Ctrl-C that is started by one that does not, as one behind nohup (`preexec_fn`)."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
