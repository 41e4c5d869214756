"""Compiled: loops become machine code that is kept on disk, and never outlives the source that it was made from.

numba keeps code beside the source and looks at the date of that one file: a loop that calls the loop of another file would go
on with the old one. So what is kept is thrown away when any source with compiled loops has changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba

SOURCES = ("similar.py", "words/cut/*.py", "topics/engines/*.py", "choose/*.py", "compare/*.py")
PACKAGE = Path(__file__).resolve().parents[1]


def without(library: str, asking: str) -> None:
    """Import a module that is to do without a library, which no part of it that is used here needs, and which takes a tenth of a command's start and more."""
    if library not in sys.modules:
        sys.modules[library] = None  # type: ignore[assignment]
        try:
            importlib.import_module(asking)
        finally:
            del sys.modules[library]


without("scipy.linalg", "numba.np.arraymath")  # BLAS, whose sums differ between machines
without("cffi", "numba.core.typing.cffi_utils")


def compiled(function: Callable[..., Any]) -> Any:
    """Compile once for this machine and keep it where that can be written; the interpreter's lock is free while it runs.

    What a table lends is read-only and would be compiled for itself, at two seconds a loop: loops are given copies.
    """
    drop_stale(Path(function.__code__.co_filename).resolve().parent)
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # nowhere to keep it: an installation that is read only
        return numba.njit(nogil=True, error_model="numpy")(function)


@cache
def drop_stale(room: Path) -> None:
    """Throw away the compiled code of a room that was made from other sources than those that are here."""
    kept = room / "__pycache__"
    mark, now = kept / "compiled-from", sources()
    with contextlib.suppress(OSError):
        if mark.is_file() and mark.read_text("ascii") == now:
            return
        for file in (*kept.glob("*.nbi"), *kept.glob("*.nbc")):
            file.unlink(missing_ok=True)
        kept.mkdir(exist_ok=True)
        mark.write_bytes(now.encode())


@cache
def sources() -> str:
    """Return the fingerprint of all sources that hold compiled loops."""
    total = hashlib.sha256()
    for pattern in SOURCES:
        for file in sorted(PACKAGE.glob(pattern)):
            content = file.read_bytes()
            if b"@compiled" in content or b"@intrinsic" in content:
                total.update(file.name.encode() + content)
    return total.hexdigest()
