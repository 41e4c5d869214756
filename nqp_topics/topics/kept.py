"""Kept: runs and held-out values that were paid for once, in a folder, under the fingerprint of everything that made them."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from nqp_topics.checks import Refused, plain, refuse_if
from nqp_topics.files import fingerprint, not_writable, once, read_bytes, whole_folder
from nqp_topics.topics import engines
from nqp_topics.topics.model import Topics, table_said
from nqp_topics.topics.on_disk import load, write

# what makes a run; held-out values are made by the scores too
OWN = ("model.py", "formula.py", "anchoring.py", "fit.py", "engines")
FITTING = ("files/compiled.py", "similar.py", "counts/table.py", *(f"topics/{name}" for name in OWN))
SCORING = (*FITTING, "choose")


def key(engine: str, settings: dict[str, Any], *parts: Any, code: tuple[str, ...] = FITTING) -> str:
    """Return the fingerprint of an engine, its version, its settings, the code that it takes and other parts.

    `threads` changes nothing but the time. A run of another code is another run, also between two versions.
    """
    told = {name: value for name, value in settings.items() if name != "threads"}
    about = [engine, engines.engine(engine).version(), once.code(*code), told, *parts]
    return fingerprint(json.dumps(about, sort_keys=True, default=_told))


def _told(value: Any) -> Any:
    return fingerprint(table_said(value)) if hasattr(value, "columns") else plain(value)


def folder(place: str | Path | None) -> Path | None:
    """Return the folder that keeps runs, seen to be one before anything is fitted. Refused: a place that cannot be written."""
    if place is None:
        return None
    refuse_if(not_writable(Path(place) / "runs" / "one"))
    return Path(place)


def run(folder: Path | None, name: str, fit: Callable[[], Topics]) -> Topics:
    """Return the run of this name, fitted only where it is not kept; one that was cut, edited or put there from elsewhere is fitted again.

    A run appears under its name when all of it is there; an interruption leaves nothing. Who wants a run that another process is fitting waits for it.
    """
    if folder is None:
        return fit()
    place = folder / "runs" / name
    with once.alone(folder, name):
        try:
            found = load(place)
            if read_bytes(place / "kept.txt", most=1000).decode() == once.seal(name, found.fingerprint):
                return found
        except (Refused, OSError, ValueError):
            pass
        made = fit()
        if place.is_symlink() or place.is_file():
            place.unlink()
        with whole_folder(place) as part:
            write(made, part)
            (part / "kept.txt").write_bytes(once.seal(name, made.fingerprint).encode())
    return made


def value(folder: Path | None, name: str, find: Callable[[], float]) -> float:
    """Return the number of this name, found only where it is not kept; one that was edited or put there from elsewhere is found again."""
    return float(once.once(folder and folder / "held-out", name, find))


def at_once(
    folder: Path | None, names: Sequence[str], make: Callable[[list[int]], Iterable[Any]]
) -> Callable[[int], Any]:
    """Return what makes the one of a number that is not kept, and at once with it all later ones that have no place in the folder."""
    made: dict[int, Any] = {}

    def one(number: int) -> Any:
        if number not in made:
            later = (n for n in range(number + 1, len(names)) if n not in made)
            some = [number, *(n for n in later if folder is None or not any(folder.glob(f"{names[n]}*")))]
            made.update(zip(some, make(some), strict=True))
        return made.pop(number)

    return one
