"""Which files a folder holds, in the order of their names, and what each goes by."""

import os
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nqp_topics.checks import UNSEEN, said
from nqp_topics.files import NAME_BYTES
from nqp_topics.study import Problem, refuse_if

_PASSED_OVER = {"thumbs.db", "desktop.ini", "readme.md", "__macosx"}
_PAGES, _PARTS = (".html", ".htm"), ("_files", ".files")  # page.html, and what a browser saves beside it


@dataclass(frozen=True)
class Source:
    """A file to be read and the name it goes by; `id` is that of its document; `problem` where looking for it already failed."""

    path: Path
    file: str
    problem: str = ""
    id: str = ""


def listed(place: str | Path | Sequence[str | Path], endings: Container[str]) -> list[Source]:
    """List the files to read, each once, folders in the order of names; paths that do not exist are refused together.

    `endings` are those of files: a folder that bears one is told. Passed over: hidden files, lock files of Office, what systems leave
    behind, the folder of parts that a browser saves beside a page (frames in it are advertisements, and would be articles), and
    README.md, which describes a folder. A file that is asked for by its own name is always taken.
    """
    places = [Path(place)] if isinstance(place, str | Path) else [Path(one) for one in place]
    lost = [one for one in places if not os.path.lexists(one)]
    todo = "check the path; it is looked up from the folder you are in"
    allowed = "a folder of documents, or a document"
    refuse_if(Problem(said(str(one), 400)[1:-1], _not_there(one), allowed, todo) for one in lost)
    top = _top(places)
    found: dict[Path, Source] = {}
    for one in places:
        for source in _walk(one, top, endings):
            found.setdefault(_full(source.path), source)
    return _with_ids(list(found.values()))


def _not_there(place: Path) -> str:
    longest = max((len(os.fsencode(part)) for part in place.parts), default=0)
    return "no such file or folder" if longest <= NAME_BYTES else "a name that is too long"


def _with_ids(sources: list[Source]) -> list[Source]:
    """Give each file its own id: its stem; where files share it, the path too; where they share that, the ending too."""
    ids = [Path(source.file).stem.strip() or source.file.strip() for source in sources]
    for longer in (lambda file: file[: len(file) - len(Path(file).suffix)], lambda file: file):
        taken = Counter(ids)
        ids = [longer(s.file).strip() if taken[one] > 1 else one for s, one in zip(sources, ids, strict=True)]
    return [replace(source, id=one) for source, one in zip(sources, ids, strict=True)]


def _full(path: Path) -> Path:
    """Return a path from the root, without `..`; links keep their own names."""
    return Path(os.path.normpath(path.absolute()))


def _top(places: list[Path]) -> Path | None:
    folders = [_full(one if one.is_dir() else one.parent) for one in places]
    try:
        return Path(os.path.commonpath(folders)) if folders else None
    except ValueError:  # different drives
        return None


def _walk(place: Path, top: Path | None, endings: Container[str]) -> Iterator[Source]:
    """Walk a folder in the order of names; a link back to a folder above is told, not followed."""
    ahead: list[tuple[Path, tuple[str, ...]]] = [(place, ())]
    while ahead:
        one, above = ahead.pop()
        name = _name_of(one, top)
        if not os.path.isdir(one):  # noqa: PTH112 — it also says no where nobody may look
            yield Source(one, name)
            continue
        if above and one.suffix.lower() in endings:
            told = "a folder, although its name is that of a file; what lies in it is read file by file"
            yield Source(one, name, told)
        # a junction, which Windows has beside links, has a tag
        away = not above or one.is_symlink() or bool(getattr(one.lstat(), "st_reparse_tag", False))
        real = os.path.realpath(one) if away else os.path.join(above[-1], one.name)  # noqa: PTH118
        if real in above:
            yield Source(one, name, "a link to a folder that holds it; take the link out")
            continue
        try:
            entries = sorted(one.iterdir(), key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            yield Source(one, name, f"the folder cannot be opened: {trouble(error)}")
            continue
        parts = {one.stem + ending for one in entries if one.suffix.lower() in _PAGES for ending in _PARTS}
        for entry in entries:
            passed = entry.name.lower() in _PASSED_OVER or (entry.name in parts and entry.is_dir())
            if not passed and not entry.name.startswith((".", "~$")):
                ahead.append((entry, (*above, real)))


def _name_of(path: Path, top: Path | None) -> str:
    """Return the name a file goes by: relative to the folder read, with `/`, in characters that can be written."""
    full = _full(path)
    name = full.relative_to(top).as_posix() if top and full.is_relative_to(top) else full.as_posix()
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:  # a name that is not UTF-8, as unpacking a Chinese archive may leave it
        raw = os.fsencode(name)
        try:
            name = raw.decode("gb18030")
        except UnicodeDecodeError:
            name = raw.decode("utf-8", "backslashreplace")
    # a line end inside a name would cut the rows of every table that it stands in, a sign that turns letters their order
    return UNSEEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), name)


def trouble(error: OSError) -> str:
    """Return what the system says of a file it cannot give."""
    return error.strerror or str(error)
