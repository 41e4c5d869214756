"""Sealed: tasks on disk, hashed before the first answer, so that nobody can say that the questions or the key were changed afterwards."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from nqp_topics.checks import Problem, Refused, columns, refuse_if, said
from nqp_topics.counts import Counts, of_study
from nqp_topics.files import fingerprint, whole
from nqp_topics.files.tables import read_own, write_own
from nqp_topics.naming import labels_of_study
from nqp_topics.study import Study
from nqp_topics.topics.fit import train
from nqp_topics.topics.model import Topics
from nqp_topics.validate.tasks import ITEMS, KEY, Tasks, draw

ITEMS_FILE, KEY_FILE, SEAL_FILE, ANSWERS = "items.csv", "key.csv", "seal.json", "answers"
DRAW = "nqp-topics validate draws new ones into another folder"


def seal(tasks: Tasks) -> str:
    """Return the hash of what is asked: every answer bears it."""
    return _hashes(tasks)[ITEMS_FILE][:16]


def _hashes(tasks: Tasks) -> dict[str, str]:
    tables = ((ITEMS_FILE, tasks.items), (KEY_FILE, tasks.key))
    return {name: fingerprint(table.to_csv(index=False, lineterminator="\n")) for name, table in tables}


def write(tasks: Tasks, folder: str | Path) -> None:
    """Write items, key and seal into a folder. Refused: other tasks where answers are, which would belong to none."""
    place = Path(folder)
    answered = (place / SEAL_FILE).is_file() and any((place / ANSWERS).glob("*"))
    if answered and seal(read(place)) != seal(tasks):
        came = f"answers to other tasks in {place / ANSWERS}"
        raise Refused(Problem(str(place), came, "tasks that are drawn once", "take another folder"))
    place.mkdir(parents=True, exist_ok=True)
    write_own(tasks.items, place / ITEMS_FILE)
    write_own(tasks.key, place / KEY_FILE)
    with whole(place / SEAL_FILE) as stream:
        about = {"run": tasks.run, "seed": tasks.seed, **_hashes(tasks)}
        stream.write(json.dumps(about, indent=1) + "\n")


def read(folder: str | Path) -> Tasks:
    """Read tasks. Refused: files that are missing or are none, and items or a key that are not those that were sealed."""
    place = Path(folder)
    try:
        about = json.loads((place / SEAL_FILE).read_text("utf-8"))
        kinds = {"item": str, "topic": str, "answer": int, "share": float}
        items, key = read_own(place / ITEMS_FILE), read_own(place / KEY_FILE, kinds)
        refuse_if(columns(str(place / ITEMS_FILE), items, ITEMS), columns(str(place / KEY_FILE), key, KEY))
        tasks = Tasks(items, key, str(about["run"]), int(about["seed"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, Refused):
            raise
        came = getattr(error, "strerror", None) or said(str(error))
        allowed = f"{ITEMS_FILE}, {KEY_FILE} and {SEAL_FILE}, as they were drawn"
        raise Refused(Problem(str(place), came, allowed, "nqp-topics validate draws them")) from None
    refuse_if(_broken(place, about, tasks))
    return tasks


def begun(
    study: Study,
    run: Topics,
    counts: Counts,
    folder: str | Path | None = None,
    seed: int = 1,
    each: Mapping[str, int] | None = None,
    language: str = "",
) -> Tasks:
    """Return the tasks of a study, drawn and sealed where there are none. Refused: tasks of another run."""
    place = Path(folder) if folder else study.path(study.validation)
    if not (place / SEAL_FILE).is_file():
        labels = labels_of_study(study, run)
        tasks = draw(run, counts, labels, seed, each, language or study.language or "zh")
        write(tasks, folder or study.written(study.validation))
        return tasks
    tasks = read(place)
    if tasks.run != run.fingerprint:
        came, allowed = f"tasks of run {tasks.run[:12]} in {place}", f"tasks of run {run.fingerprint[:12]}"
        todo = "move this folder away, or name another: folder under [validate] in study.toml"
        raise Refused(Problem("validate", came, allowed, todo))
    return tasks


def outlived(study: Study) -> bool:
    """Tell whether the tasks of a study ask about another run than the one that is reported now: its number, seed or counts have changed."""
    place, now = study.path(study.validation), study.as_reported()
    if not (place / SEAL_FILE).is_file() or not now.topics or not now.has_counts:
        return False
    try:
        about = read(place)
    except Refused:  # the notebook that reads them says so
        return False
    return about.run != train(of_study(now), now.topics, now.seed, **now.fits).fingerprint


def given(folder: str | Path) -> list[Path]:
    """Return the files of answers beside tasks, by name."""
    files = (Path(folder) / ANSWERS).glob("*")
    return sorted(file for file in files if file.suffix.lower() in (".csv", ".xlsx"))


def _broken(place: Path, about: dict[str, str], tasks: Tasks) -> Iterator[Problem]:
    for name, found in _hashes(tasks).items():
        if about.get(name) != found:
            came = f"hash {found[:16]}, where {str(about.get(name))[:16]} was sealed"
            yield Problem(str(place / name), came, "the file that was sealed before the first answer", DRAW)
