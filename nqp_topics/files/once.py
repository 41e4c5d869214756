"""Once: what cost time is kept by the fingerprint of everything that made it, and made by one process where several want it at a time."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from nqp_topics.files import LARGEST, fingerprint, from_json, locked, not_writable, read_bytes, whole

DOORS = 256  # locks: a fixed number, so that none need be taken away; two names behind one door only wait for each other


@cache
def code(*names: str) -> str:
    """Return the fingerprint of the library's sources: of the files and rooms that are named, else of all."""
    home = Path(__file__).parents[1]
    places = [home / name for name in names] or [home]
    each = (sorted(place.rglob("*.py")) if place.is_dir() else [place] for place in places)
    files = [file for some in each for file in some]
    return fingerprint("".join(f"{file.name} {fingerprint(file.read_bytes())}\n" for file in files))


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Let one process or thread at a time make what goes by this name; where locks cannot be had, all make it."""
    door = folder / "locks" / f"{int(fingerprint(name)[:8], 16) % DOORS:02x}"
    try:
        door.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(door, os.O_RDWR | os.O_CREAT)
    except OSError:
        yield
        return
    try:
        locked(handle, wait=True)
        yield
    finally:
        os.close(handle)


def once(
    folder: Path | None, name: str, make: Callable[[], Any], lasts: Callable[[Any], bool] | None = None
) -> Any:
    """Return what was kept under this name in a folder, made only where it is not, or where it was edited or put there from elsewhere.

    It is what JSON can hold. What is too large, cannot be written, or does not last (`lasts`), is made every time.
    """
    if folder is None:
        return make()
    place = folder / f"{name}.json"
    with alone(folder.parent, name):
        with suppress(OSError, ValueError, LookupError, TypeError, OverflowError):
            kept = from_json(read_bytes(place))
            if kept["seal"] == seal(name, kept["value"]):
                return kept["value"]
        found = make()
        if lasts and not lasts(found):
            return found
        written = json.dumps({"name": name, "value": found, "seal": seal(name, found)}) + "\n"
        if len(written) <= LARGEST and not not_writable(place):
            with whole(place) as stream:
                stream.write(written)
    return found


def seal(name: str, content: Any) -> str:
    """Return what shows that a content was kept under this name and by nobody else's hand."""
    return fingerprint(f"{name} {json.dumps(content)}")
