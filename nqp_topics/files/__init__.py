"""Files: known by their fingerprint, written whole or not at all; read up to a size, and only where they are files."""

import ctypes
import errno
import hashlib
import json
import os
import shutil
import stat
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from nqp_topics.checks import NAME_BYTES, Problem, Refused, refuse_if, said

PART = (".nqp-", ".part")  # how the name of what is being written begins and ends
LOCK = ".lock"
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds
TOML_CHARACTERS = 1_000_000
LARGEST = 1 << 28  # bytes of a table, of settings, of what this library wrote itself


def fingerprint(content: bytes | str) -> str:
    """Return the SHA-256 of a content; texts are taken as UTF-8, lone surrogates included."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


def in_language(file: str | Path, language: str) -> Path:
    """Return the place of a file in a language: NAME.end in English, NAME.zh.end in Chinese."""
    place = Path(file)
    return place if language == "en" else place.with_name(f"{place.stem}.{language}{place.suffix}")


def way_to(place: str | Path, start: str | Path = ".") -> str:
    """Return how a place is reached from a folder, with /; the whole path where they are on two disks of Windows."""
    try:
        return Path(os.path.relpath(place, start)).as_posix()
    except ValueError:
        return Path(place).resolve().as_posix()


def print_of(file: Path) -> str:
    """Return the fingerprint of a file's bytes; nothing where there is no such file."""
    return fingerprint(file.read_bytes()) if file.is_file() else ""


def read_bytes(file: str | Path, most: int = LARGEST) -> bytes:
    """Read a file whole. Raised for all that cannot be read, with a reason in `strerror`: OSError.

    That is also a folder, a device or a pipe, which may never end, more than `most` bytes, and a name that no file can have.
    """
    try:
        status = Path(file).stat()
    except ValueError as error:  # NUL in the name
        raise OSError(errno.EINVAL, str(error)) from None
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "it is no file (a device, a pipe?)"
        raise OSError(errno.EINVAL, kind)
    if (size := status.st_size) <= most:
        limit = min(most, size + (1 << 20))  # the system's own files hold more than they say
        with Path(file).open("rb") as stream:
            content = stream.read(limit + 1)
        if len(content) <= limit:
            return content
        size = len(content)
    raise OSError(errno.EFBIG, f"{size / 2**20:,.1f} MB, where up to {most / 2**20:,.0f} MB are read")


@contextmanager
def whole(file: str | Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Write a file whole or not at all: it appears under its name when the last byte is on the disk.

    Half a character, which no file in UTF-8 can hold, is written as Python and JSON write it: \\ud800.
    """
    target = Path(file)
    text: Any = {} if "b" in mode else {"encoding": "utf-8", "errors": "backslashreplace", "newline": "\n"}
    refuse_if(not_writable(target))
    try:
        if target.exists() and not target.is_file():  # a device or a pipe is written into, not replaced
            with target.open(mode, **text) as stream:
                yield stream
            return
        target = target.resolve()  # a link stays one
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as part:
            with part.open(mode, **text) as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            _patiently(lambda: part.replace(target))
    except OSError as error:
        raise Refused(_cannot_write(target, error)) from error


@contextmanager
def whole_folder(folder: str | Path, anew: tuple[str, ...] = ()) -> Iterator[Path]:
    """Fill a folder whole or not at all: what is written into the one that is given takes its place in one step at the end.

    Files of other names that stood in it stay, but those of `anew`. Refused: a folder that others stand in by their nature, such as the one worked in.
    """
    target, laid = Path(folder), None
    refuse_if(not_writable(target, folder=True))
    try:
        target = target.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as part:
            part.mkdir()
            yield part
            laid = part.parent / part.parent.name / part.name  # no target has the middle name
            mode = stat.S_IMODE((target if target.exists() else part).stat().st_mode)
            part.chmod(mode | stat.S_IRWXU)  # what cannot be written moves into no other folder
            if target.exists():
                _stay(target, part, anew)
            try:
                _patiently(lambda: _swap(part, target, laid))
            finally:
                with suppress(OSError):
                    target.chmod(mode)
    except OSError as error:
        raise Refused(_cannot_write(target, error, laid)) from error


def not_writable(place: str | Path, folder: bool = False) -> list[Problem]:
    """Tell whether a file, or a folder that is filled whole, cannot be written here; nothing is made to find out."""
    target = Path(place)
    try:
        if target.is_dir() and not folder:
            return [Problem(str(target), "a folder", "the name of a file", "add a file name to it")]
        if target.exists() and folder and not target.is_dir():
            return [Problem(str(target), "a file", "the name of a folder", "choose another name")]
        full = target.resolve()
        if folder and (full in (Path.cwd(), *Path.cwd().parents) or os.path.ismount(full)):
            came = "the folder that is worked in, one above it, or a disk"
            return [Problem(str(target), came, "a folder of its own", "add a name to it")]
        if target.exists() and not folder and not target.is_file():
            return []
        there = next(one for one in full.parents if one.exists())
        for name in full.relative_to(there).parts:
            if len(os.fsencode(name)) > NAME_BYTES:
                raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(there, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, ValueError, RuntimeError) as error:  # also NUL in a name, links that go in a circle
        return [_cannot_write(target, error)]
    return []


def _cannot_write(target: Path, error: Exception, laid: Path | None = None) -> Problem:
    where, came = said(str(target), 400)[1:-1], getattr(error, "strerror", None) or str(error)
    allowed = "a folder that can be written and has room; what stood under this name is untouched"
    todo = "make room, close it where it is open, or choose another place with -o"
    if laid and laid.exists() and not target.exists():
        allowed = f"a folder that can be moved; what stood under this name lies in {laid.parent}"
        todo = "close it where it is open and write here again: what lies there is put back first"
    return Problem(where, came, allowed, todo)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give a place for what will be a target, in a folder beside it that another run of this library knows as left behind when its writer is gone.

    The writer holds a lock in that folder, which the system takes back however the writer ends.
    """
    _sweep(target.parent)
    while True:  # until it is locked before another writer takes it for one that was left behind
        home = target.parent / f"{PART[0]}{token_hex(4)}{PART[1]}"
        with suppress(FileExistsError):
            home.mkdir()
            try:
                handle = os.open(home / LOCK, os.O_RDWR | os.O_CREAT)
            except FileNotFoundError:
                if home.exists():
                    raise
                continue
            locked(handle, wait=True)
            if not os.fstat(handle).st_size:
                break
            os.close(handle)
    try:
        yield home / target.name
    finally:
        os.close(handle)  # what is open cannot be taken away on Windows
        with suppress(OSError):
            _patiently(lambda: _clear(home))


def locked(handle: int, wait: bool = False) -> bool:
    """Take the lock of an open file, and tell whether it could be had."""
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    with suppress(ImportError, OSError):
        import msvcrt  # Windows

        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
                return True
            except PermissionError:  # another has it
                if not wait:
                    return False
                time.sleep(0.02)
    return False


def _sweep(folder: Path) -> None:
    """Take away what writers left behind that were killed: nobody holds its lock. Who waits for it sees that something is written in it.

    Writers of earlier versions lock their file or folder itself; who waits for it sees that it is gone.
    """
    for home in folder.glob(f"{PART[0]}*{PART[1]}"):
        with suppress(OSError):  # another run was quicker
            if home.is_dir() and not any(home.iterdir()):
                home.rmdir()  # a lock that is being made in it keeps it
                continue
            own = (home / LOCK).exists()
            handle = os.open(home / LOCK, os.O_RDWR) if own else os.open(home, os.O_RDONLY)
            try:
                if (left := locked(handle)) and own:
                    os.write(handle, b"left behind")
                elif left:
                    _clear(home)
            finally:
                os.close(handle)
            if left and own:
                _clear(home)


def _clear(home: Path) -> None:
    """Take away what a writer has; what it laid aside is put back first, and where that is denied all stays."""
    if not home.is_dir():
        return home.unlink()
    _put_back(home)
    for folder, _, _ in os.walk(home):
        if not os.access(folder, os.W_OK):
            Path(folder).chmod(stat.S_IRWXU)
    shutil.rmtree(home)


def _put_back(home: Path) -> None:
    """Give a folder that was laid aside its name again, where nothing has it."""
    for old in home.glob(f"{home.name}/*"):
        if not (home.parent / old.name).exists():
            old.rename(home.parent / old.name)


def _patiently(put: Callable[[], Any]) -> None:
    """Put what is written in its place, again after a moment where that is denied: on Windows while another program looks into what stands there."""
    for pause in PAUSES:
        with suppress(PermissionError):
            return put()
        time.sleep(pause)
    put()


def _stay(old: Path, new: Path, anew: tuple[str, ...]) -> None:
    """Give a new folder what stands in the old one under names that it does not have."""
    _sweep(old)  # which puts back what a writer laid aside in it
    for one in old.iterdir():
        other = new / one.name
        if other.exists() or one.name in anew or one.match(f"{PART[0]}*{PART[1]}"):
            continue
        with suppress(FileNotFoundError):  # another writer of the same folder was quicker
            if one.is_dir() and not one.is_symlink():
                shutil.copytree(one, other, symlinks=True, copy_function=_same_file)
            else:
                _same_file(one, other)


def _same_file(one: str | Path, other: str | Path) -> None:
    try:
        os.link(one, other, follow_symlinks=False)
    except (OSError, NotImplementedError):  # a disk without links, a system that follows them
        shutil.copy2(one, other, follow_symlinks=False)


def _swap(new: Path, old: Path, laid: Path) -> None:
    """Put a new folder in the place of the old one: in one step where the system can, so that either is there at any moment; else the old one is laid aside."""
    try:
        new.rename(old)  # where there is none
        return
    except OSError:
        if not old.is_dir():
            raise
    if not os.access(old, os.W_OK):
        old.chmod(stat.S_IMODE(old.stat().st_mode) | stat.S_IRWXU)
    try:
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
        here = -100  # paths are whole
        if exchange(here, os.fsencode(new), here, os.fsencode(old), ctypes.c_uint(2)) == 0:
            return
    except (AttributeError, OSError, TypeError):
        pass
    laid.parent.mkdir(exist_ok=True)
    old.rename(laid)
    try:
        new.rename(old)
        with suppress(OSError):
            laid.rename(new)  # nothing that is to be put back any more
    finally:
        _put_back(new.parent)


def from_json(text: str | bytes) -> Any:
    """Read JSON as it is defined. Raised, as for all that is none: ValueError for NaN and infinity, and for depths that nobody writes."""
    return _nested(json.loads, text, parse_constant=_no_number)


def _no_number(name: str) -> float:
    raise ValueError(f"{name}, which JSON does not have")


def from_toml(text: str) -> dict[str, Any]:
    """Read TOML. Raised for all that is none, also for a million characters and for depths that nobody writes: ValueError."""
    if len(text) > TOML_CHARACTERS:
        raise ValueError(f"{len(text):,} characters, more than settings take")
    return dict(_nested(tomllib.loads, text))


def _nested(read: Callable[..., Any], text: str | bytes, **form: Any) -> Any:
    try:
        return read(text, **form)
    except RecursionError:
        raise ValueError("brackets within brackets, deeper than can be read") from None


@cache
def font_file() -> Path:
    """Return the file of Noto Sans SC that the package zhplot carries: the only font used, so that no machine's own one matters."""
    from importlib import metadata

    with suppress(metadata.PackageNotFoundError):
        for one in metadata.files("zhplot") or []:
            if one.name == "NotoSansSC-Regular.ttf" and Path(str(one.locate())).is_file():
                return Path(str(one.locate()))
    where, allowed = "the font of figures and of PDFs", "the file that the package zhplot carries"
    todo = "install the packages again: pip install --force-reinstall -r requirements.lock"
    raise Refused(Problem(where, "no NotoSansSC-Regular.ttf", allowed, todo))
