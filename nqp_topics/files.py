"""Files: known by their fingerprint, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from nqp_topics.refusals import Problem, Refused


def fingerprint(content: bytes | str) -> str:
    """Return the SHA-256 of a content; texts are taken as UTF-8, lone surrogates included."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


@contextmanager
def whole(file: str | Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Write a file whole or not at all: it appears under its name when the last byte is on the disk."""
    target = Path(file)
    text: dict[str, Any] = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    if target.is_dir():
        raise Refused(Problem(str(target), "a folder", "the name of a file", "add a file name to it"))
    if target.exists() and not target.is_file():  # a device or a pipe is written into, not replaced
        with target.open(mode, **text) as stream:
            yield stream
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    except OSError as error:
        raise Refused(_cannot_write(target, error)) from error
    try:
        with os.fdopen(handle, mode, **text) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(target)
    except OSError as error:
        raise Refused(_cannot_write(target, error)) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _cannot_write(target: Path, error: OSError) -> Problem:
    return Problem(
        str(target),
        error.strerror or str(error),
        "a folder that can be written and has room; an earlier file of this name is untouched",
        "make room or choose another place with -o",
    )
