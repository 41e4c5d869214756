"""Bundle: a study as one archive that a stranger can check: counts, settings, runs, figures, answers, each with its fingerprint."""

import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from nqp_topics import counts as count
from nqp_topics.checks import Problem, Refused, file_here, refuse_if, said
from nqp_topics.documents import registry
from nqp_topics.files import fingerprint, from_json, whole
from nqp_topics.files.workbook import packed
from nqp_topics.reproduce.facts import Facts
from nqp_topics.reproduce.notebooks import formats, opened
from nqp_topics.study import Study, unnumbered
from nqp_topics.topics import load, save

MANIFEST = "manifest.json"
FORMAT = "nqp_topics bundle 1"
LARGEST = 500_000_000  # bytes of an archive, unpacked
# what holds text of the documents, or what anybody makes again
HELD_BACK = ("labels.xlsx", "terms*.csv", "stopwords.xlsx", "terms.xlsx", "*-with-texts.*", "*.part", ".*")
CHECKPOINTS = ".ipynb_checkpoints"  # what JupyterLab keeps of a notebook, with all that it showed
TEXTS = {"text", "left", "right", "removed", "context_1"}
PLACES = ("notebooks", "methods", "results")


def bundle(study: Study, file: str | Path, texts: bool = False) -> list[str]:
    """Write a study's settings, registry, lists, counts, reported run, figures, notebooks, answers and methods into one ZIP; return their names.

    A manifest holds the fingerprint of each, and those of counts and run. Texts of the documents stay out; with `texts` they come along, where
    study.toml says publish_texts. The same study gives the same bytes. Refused: texts that nobody has allowed, a study without a number of topics.
    """
    if texts and not study.publish_texts:
        allowed = "a study whose owner shares them"
        todo = "publish_texts = true in [study], which is yours to say"
        raise Refused(Problem("bundle --texts", "texts that nobody has allowed", allowed, todo))
    home, place = study.folder.resolve(), study.path(study.counts).resolve()
    came = f"counts = {said(study.counts)}, outside its folder"
    todo = "move them into it, and correct study.toml"
    elsewhere = Problem(f"{study.name}: study.toml", came, f"a place inside {home}", todo)
    refuse_if(unnumbered(study), [] if place.is_relative_to(home) else [elsewhere])
    known = Facts(study)
    counts, run = known.counts, known.run
    members = {_name(study, one): _content(one, study.publish_texts) for one in _files(study, texts)}
    with tempfile.TemporaryDirectory() as scratch:
        place = study.path(study.articles) if study.articles else Path()
        if not texts and place.is_file() and registry.without_texts(place, Path(scratch) / place.name):
            members[_name(study, place)] = (Path(scratch) / place.name).read_bytes()
        save(run, Path(scratch) / "run")
        members |= {f"run/{one.name}": one.read_bytes() for one in sorted((Path(scratch) / "run").iterdir())}
    about = {
        "format": FORMAT,
        "study": study.name,
        "counts": counts.fingerprint,
        "counts_in": _name(study, study.path(study.counts)),
        "run": run.fingerprint,
        "files": {name: fingerprint(content) for name, content in sorted(members.items())},
    }
    members[MANIFEST] = (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode()
    with whole(file, "wb") as stream:
        stream.write(packed(members, 0o644))
    return sorted(members)


def _name(study: Study, place: Path) -> str:
    return place.resolve().relative_to(study.folder.resolve()).as_posix()


def _content(file: Path, texts: bool) -> bytes:
    """Return the bytes of a file; of a notebook without what cells that show documents have shown to whoever ran and saved it."""
    if texts or file.suffix != ".ipynb":
        return file.read_bytes()
    notebook = opened(file)
    tagged = (cell for cell in notebook.cells if "documents" in cell.metadata.get("tags", []))
    shown = [cell for cell in tagged if cell.get("outputs")]
    for cell in shown:
        cell.outputs = []
    kept = notebook.metadata.pop("widgets", None)  # what buttons showed
    return str(formats().writes(notebook)).encode() if shown or kept else file.read_bytes()


def _files(study: Study, texts: bool) -> Iterator[Path]:
    """Find what goes into the archive: files of the study's own folder alone, no links, nothing that holds text."""
    single = ("study.toml", study.articles, study.sources, study.lexicon, study.stopwords, study.labels)
    places = [study.path(name) for name in (*single, study.anchors) if name]
    places += filter(_without_texts, sorted(study.facts.glob("*.csv"))) if study.articles else []
    folders = [study.path(name) for name in (*PLACES, study.counts, study.validation) if name]
    for folder in [*folders, study.figures, *([study.raw] if texts else [])]:
        below = (one for one in folder.rglob("*") if CHECKPOINTS not in one.parts)
        places += sorted(below) if folder.is_dir() else []
    home, seen = study.folder.resolve(), set()
    for place in places:
        hidden, real = any(map(place.match, HELD_BACK)), place.resolve()
        own = place.is_file() and not place.is_symlink() and home in real.parents
        if own and not hidden and real not in seen:
            seen.add(real)
            yield place


def _without_texts(table: Path) -> bool:
    """Tell whether a csv has none of the columns in which verbs of this library write text of documents (kwic, clean --losses, terms)."""
    if not table.is_file():
        return False
    with table.open(encoding="utf-8-sig", errors="replace") as stream:
        return TEXTS.isdisjoint(stream.readline().strip().split(","))


def check_bundle(file: str | Path) -> pd.DataFrame:
    """Check an archive against its manifest, and its counts and run against their fingerprints: one row a file: file, verdict, why.

    Verdicts are match and differs. Refused: what is no such archive, names that point outside it, more than half a gigabyte unpacked.
    """
    allowed, todo, came = "an archive that nqp-topics bundle wrote", "ask for it again", ""
    refuse_if(file_here(file, allowed))
    try:
        with zipfile.ZipFile(file) as archive:
            if came := _unsound(archive):
                raise ValueError(came)
            members = {one.filename: archive.read(one) for one in archive.infolist()}
        about = from_json(members.pop(MANIFEST))
        listed, counts_in = dict(about["files"]), str(about["counts_in"])
        prints = {"counts": str(about["counts"]), "run": str(about["run"])}
    except (OSError, ValueError, LookupError, TypeError, zipfile.BadZipFile, RuntimeError) as error:
        came = came or getattr(error, "strerror", None) or said(str(error))
        raise Refused(Problem(str(file), came, allowed, todo)) from None
    rows = []
    for name in sorted({*listed, *members}):
        if name not in members or name not in listed:
            why = "not in the archive" if name in listed else "not in the manifest"
        else:
            same = fingerprint(members[name]) == listed[name]
            why = "" if same else "other bytes than the manifest says"
        rows.append((name, "differs" if why else "match", why))
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in members.items():
            place = Path(scratch) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        for what, read, inside in (("counts", count.load, counts_in), ("run", load, "run")):
            try:
                same = read(Path(scratch) / inside).fingerprint == prints[what]
                why = "" if same else "another fingerprint"
            except Refused as refused:
                why = refused.problems[0].came
            rows.append((what, "differs" if why else "match", why))
    return pd.DataFrame(rows, columns=["file", "verdict", "why"])


def _unsound(archive: zipfile.ZipFile) -> str:
    """Say what is wrong with an archive: it unpacks to too much, names point elsewhere, a name stands twice."""
    names, size = archive.namelist(), sum(one.file_size for one in archive.infolist())
    for name in names:
        if name.startswith("/") or ".." in name.split("/") or re.search(r"[\\:]", name):
            return f"names that point outside the archive: {said(name)}"
    if len(set(names)) < len(names):
        return "a name twice"
    return f"{size:,} bytes unpacked" if size > LARGEST else ""
