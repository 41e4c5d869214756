"""Unchanged: notebooks whose figures are there, made from all that they would be made from now, need not run again."""

import json
import re
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from nqp_topics.files import fingerprint, font_file, from_json, print_of, read_bytes, whole
from nqp_topics.naming import SHEET
from nqp_topics.reproduce.notebooks import code_cells
from nqp_topics.study import Study


def unchanged(study: Study, files: Sequence[Path]) -> list[Path]:
    """Return the notebooks whose figures stand as they were made, and for which nothing has changed since.

    What counts: the code of the notebook and of those before it, the library and what it builds on, the choices and data of the study,
    the documents. A notebook that follows one that must run, must run too.
    """
    kept, found = _kept(study), []
    base = _base(study)
    for file in files:
        noted = kept.get(file.stem, {})
        if noted.get("from") != _made_from(base, file):
            break
        if any(print_of(study.figures / name) != seen for name, seen in noted["made"].items()):
            break
        found.append(file)
    return found


def note(study: Study, file: Path, began: float) -> None:
    """Note what a notebook that began at this time has made, and from what: all files that are new, but those that another one names."""
    named = {other.stem: _named(other) for other in file.parent.glob("*.ipynb")}
    theirs = set().union(*named.values()) - named[file.stem]
    new = (one for one in _files(study.figures) if one.stat().st_mtime >= began)
    new = (one for one in new if not theirs & {one.name, one.stem, one.stem.removesuffix(".zh")})
    own = (one for one in new if not one.name.startswith("README."))
    made = {one.relative_to(study.figures).as_posix(): print_of(one) for one in own}
    kept = _kept(study)
    kept[file.stem] = {"from": _made_from(_base(study), file), "made": made}
    with whole(_place(study)) as stream:
        json.dump(kept, stream, ensure_ascii=False, indent=1)


def _named(file: Path) -> set[str]:
    """Return the names under which a notebook writes or reads: `folder / "corpus"`."""
    return set(re.findall(r"/ \"([^\"]+)\"", "\n".join(cell.source for cell in code_cells(file))))


def _place(study: Study) -> Path:
    return study.cache / f"figures-{fingerprint(str(study.figures.resolve()))[:12]}.json"


def _kept(study: Study) -> dict[str, Any]:
    try:
        found = from_json(read_bytes(_place(study)))
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def _made_from(base: str, file: Path) -> str:
    """Return the fingerprint of everything that a notebook is made from; those before it are among it, as it may read what they wrote."""
    before = sorted(other for other in file.parent.glob("*.ipynb") if other.name <= file.name)
    code = [[cell.source for cell in code_cells(other)] for other in before]
    return fingerprint(json.dumps([base, code], ensure_ascii=False))


def _base(study: Study) -> str:
    library = Path(__file__).parents[1]
    code = [[file.name, print_of(file)] for file in _files(library) if "__pycache__" not in file.parts]
    named = [study.sources, study.articles, study.lexicon, study.stopwords, study.labels, study.anchors]
    named += [SHEET, study.terms_sheet, study.stopwords_sheet]
    data = {study.folder / "study.toml", *(study.path(place) for place in named if place)}
    # what lies beside them too, in folders of any depth; the documents below are known by size and time
    folders = {study.path("data"), study.path("notebooks"), *(file.parent for file in data)}
    folders |= {study.path(study.counts)} if study.counts else set()
    beside = (file for folder in folders - {study.folder} for file in _files(folder))
    beside = (file for file in beside if file.suffix != ".ipynb" and ".nqp-cache" not in file.parts)
    data |= {file for file in beside if study.raw not in file.parents}
    documents = [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in _files(study.raw)]
    held = [[str(file), print_of(file)] for file in sorted(data)]
    facts = [code, held, documents, study.topics, sys.version, _versions(), print_of(font_file())]
    return fingerprint(json.dumps(facts, ensure_ascii=False))


def _files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.is_file()]


def _versions() -> list[str]:
    found = []
    for line in requires("nqp-topics") or []:
        name = line.split(";")[0].split(">")[0].split("=")[0].split("<")[0].split("[")[0].strip()
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} none")
    return found
