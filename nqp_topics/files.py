"""Files: known by their fingerprint, written whole or not at all; tables read as spreadsheets write them."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import IO, Any

import pandas as pd

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


def read_table(file: str | Path, what: str, todo: str) -> pd.DataFrame:
    """Read a CSV as spreadsheets write it: with or without a mark, in GB 18030, with semicolons or tabs.

    `what` it is and what `todo` where there is none are for the refusal of a file that does not exist.
    """
    path = Path(file)
    if not path.is_file():
        raise Refused(Problem(str(path), "no such file", what, todo))
    content = path.read_bytes()
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = _chinese(path, content)
    head = text.split("\n", 1)[0]
    sign = max(",;\t", key=head.count)
    try:
        table = pd.read_csv(io.StringIO(text), sep=sign, dtype=str, keep_default_na=False, index_col=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise Refused(
            Problem(str(path), str(error).strip(), "a CSV file", "save it again as CSV UTF-8")
        ) from None
    return table.rename(columns=str.strip)


def _chinese(path: Path, content: bytes) -> str:
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError:
        raise Refused(
            Problem(str(path), "another encoding", "UTF-8 or GB 18030", "save it again as CSV UTF-8")
        ) from None


@cache
def font_file() -> Path:
    """Return the file of Noto Sans SC that the package zhplot carries: the only font used, so that no machine's own one matters."""
    try:
        found = [Path(str(f.locate())) for f in files("zhplot") or [] if f.name == "NotoSansSC-Regular.ttf"]
    except PackageNotFoundError:
        found = []
    if not found or not found[0].is_file():
        raise Refused(
            Problem(
                "the font of figures and of PDFs",
                "no NotoSansSC-Regular.ttf",
                "the file that the package zhplot carries",
                "install the packages of requirements.lock again: make clean, then make figures",
            )
        )
    return found[0]
