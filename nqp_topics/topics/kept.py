"""Kept: runs and held-out values that were paid for once, in a folder, under the fingerprint of everything that made them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from nqp_topics.checks import Refused, is_number, plain, refuse_if
from nqp_topics.files import fingerprint, from_json, not_writable, read_bytes, whole, whole_folder
from nqp_topics.topics import engines
from nqp_topics.topics.model import Topics, table_said
from nqp_topics.topics.on_disk import load, write

# what makes a run; held-out values are made by the scores too
FITTING = (
    "files/compiled.py",
    "similar.py",
    "counts/table.py",
    "topics/model.py",
    "topics/formula.py",
    "topics/fit.py",
    "topics/engines",
)
SCORING = (*FITTING, "choose")


def key(engine: str, settings: dict[str, Any], *parts: Any, code: tuple[str, ...] = FITTING) -> str:
    """Return the fingerprint of an engine, its version, its settings, the code that it takes and other parts.

    `threads` changes nothing but the time. A run of another code is another run, also between two versions.
    """
    told = {name: value for name, value in settings.items() if name != "threads"}
    about = [engine, engines.engine(engine).version(), _code(code), told, *parts]
    return fingerprint(json.dumps(about, sort_keys=True, default=_told))


def _told(value: Any) -> Any:
    return fingerprint(table_said(value)) if hasattr(value, "columns") else plain(value)


@cache
def _code(names: tuple[str, ...]) -> str:
    places = [Path(__file__).parents[1] / name for name in names]
    files = [file for place in places for file in (sorted(place.glob("*.py")) if place.is_dir() else [place])]
    return fingerprint("".join(f"{file.name} {fingerprint(file.read_bytes())}\n" for file in files))


def folder(place: str | Path | None) -> Path | None:
    """Return the folder that keeps runs, seen to be one before anything is fitted. Refused: a place that cannot be written."""
    if place is None:
        return None
    refuse_if(not_writable(Path(place) / "runs" / "one"))
    return Path(place)


def run(folder: Path | None, name: str, fit: Callable[[], Topics]) -> Topics:
    """Return the run of this name, fitted only where it is not kept; one that was cut, edited or put there from elsewhere is fitted again.

    A run appears under its name when all of it is there; an interruption leaves nothing.
    """
    if folder is None:
        return fit()
    place = folder / "runs" / name
    try:
        found = load(place)
        if read_bytes(place / "kept.txt", most=1000).decode() == _seal(name, found.fingerprint):
            return found
    except (Refused, OSError, ValueError):
        pass
    made = fit()
    if place.is_symlink() or place.is_file():
        place.unlink()
    with whole_folder(place) as part:
        write(made, part)
        (part / "kept.txt").write_text(_seal(name, made.fingerprint), "utf-8")
    return made


def value(folder: Path | None, name: str, find: Callable[[], float]) -> float:
    """Return the number of this name, found only where it is not kept; one that was edited or put there from elsewhere is found again."""
    if folder is None:
        return find()
    place = folder / "held-out" / f"{name}.json"
    try:
        kept = from_json(read_bytes(place, most=10**6))
        if is_number(kept["value"]) and kept["seal"] == _seal(name, float(kept["value"])):
            return float(kept["value"])
    except (OSError, ValueError, LookupError, TypeError, OverflowError):
        pass
    found = find()
    with whole(place) as stream:
        stream.write(json.dumps({"name": name, "value": found, "seal": _seal(name, found)}) + "\n")
    return found


def _seal(name: str, content: str | float) -> str:
    return fingerprint(f"{name} {content!r}")
