"""Kept: runs and held-out values that were paid for once, in a folder, under the fingerprint of everything that made them."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from nqp_topics import engines
from nqp_topics.counts import Counts
from nqp_topics.study import Problem, Refused, fingerprint, whole
from nqp_topics.topics import Topics, load, save


def key(engine: str, settings: dict[str, Any], *parts: Any) -> str:
    """Return the fingerprint of an engine, its version, its settings and other parts; `threads` changes nothing but the time."""
    told = {name: value for name, value in settings.items() if name != "threads"}
    about = [engine, engines.engine(engine).version(), _code(), told, *parts]
    return fingerprint(json.dumps(about, sort_keys=True, default=repr))


def folder(place: str | Path | None) -> Path | None:
    """Return the folder that keeps runs, made ready before anything is fitted. Refused: a place that cannot be written."""
    if place is None:
        return None
    try:
        Path(place).mkdir(parents=True, exist_ok=True)
        came = "" if os.access(place, os.W_OK | os.X_OK) else "a folder that cannot be written"
    except OSError as error:
        came = error.strerror or str(error)
    if came:
        raise Refused(
            Problem(f"cache {place}", came, "a folder that can be written", "choose another, or leave it out")
        )
    return Path(place)


@cache
def _code() -> str:
    """Return the fingerprint of the engines' code: a run of another code is another run, also between two versions."""
    files = sorted(Path(engines.__file__).parent.glob("*.py"))
    return fingerprint("".join(fingerprint(file.read_bytes()) for file in files))


def run(folder: Path | None, name: str, counts: Counts, seed: int, fit: Callable[[], Topics]) -> Topics:
    """Return the run of this name, fitted only where it is not kept; one that was cut or edited is fitted again.

    A run appears under its name when all of it is there; an interruption leaves nothing.
    """
    if folder is None:
        return fit()
    place = folder / "runs" / name
    try:
        found = load(place)
        if found.counts_fingerprint == counts.fingerprint and found.seed == seed:
            return found
    except Refused:
        pass
    made = fit()
    part = place.with_name(f".{name}.{os.getpid()}.part")
    try:
        save(made, part)
        shutil.rmtree(place, ignore_errors=True)
        try:
            part.replace(place)
        except OSError:  # another process was quicker with the same run
            if not place.is_dir():
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return made


def value(folder: Path | None, name: str, find: Callable[[], float]) -> float:
    """Return the number of this name, found only where it is not kept; a file that holds something else is written again."""
    if folder is None:
        return find()
    place = folder / "held-out" / f"{name}.json"
    try:
        kept = json.loads(place.read_text("utf-8"))
        if kept["name"] == name and isinstance(kept["value"], float) and not math.isnan(kept["value"]):
            return float(kept["value"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = find()
    with whole(place) as stream:
        stream.write(json.dumps({"name": name, "value": found}) + "\n")
    return found
