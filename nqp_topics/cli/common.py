"""What all verbs share: the study they work for, and how rows are written."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from nqp_topics.study import Problem, Study, load, whole

# adds a verb: its name, the function that runs it, a sentence about it
Verb: TypeAlias = Callable[[str, Callable[[argparse.Namespace], None], str], argparse.ArgumentParser]


def study_of(options: argparse.Namespace) -> Study:
    """Return the study that is named or stands here; without one, the defaults for loose documents."""
    if options.study:
        study = load(options.study)
    elif any((folder / "study.toml").is_file() for folder in (Path(), *Path.cwd().parents)):
        study = load()
    else:
        study = Study(folder=Path(), name="documents")
    given = {
        f"{name}_column": getattr(options, f"{name}_column", None)
        for name in ("text", "title", "author", "outlet", "date", "voice")
    }
    return study.but(**{name: value for name, value in given.items() if value})


OUTPUTS = ("output", "refusals", "duplicates", "write_registry", "removed", "audit", "trimmed")


def outputs_problems(options: argparse.Namespace) -> Iterator[Problem]:
    """Find outputs that would replace what is read, or a registry that a person may have corrected."""
    given = [getattr(options, "file", None), *(getattr(options, "files", None) or [])]
    inputs = [Path(str(name)) for name in given if name and Path(str(name)).is_file()]
    for name in OUTPUTS:
        place = getattr(options, name, None)
        if not place or not Path(place).is_file():
            continue
        option = f"--{name.replace('_', '-')} {place}"
        if any(Path(place).samefile(one) for one in inputs):
            yield Problem(option, "the file that is read", "another file", "choose another name")
        elif name == "write_registry" and not (options.registry and Path(place).samefile(options.registry)):
            yield Problem(
                option,
                "a file that is there and may have been corrected by hand",
                "a new file, or the registry in use (--registry), whose fingerprints are then renewed",
                "choose another name, or take the old file away",
            )


def write_lines(rows: Iterable[dict[Any, Any]], place: str | None, what: str) -> None:
    """Write rows as JSON lines, to a file whole or not at all, or to the screen; say how many."""
    count = 0

    def lines() -> Iterable[str]:
        nonlocal count
        for row in rows:
            count += 1
            tidy = {
                key: None if value is pd.NA or (isinstance(value, float) and value != value) else value
                for key, value in row.items()
            }
            yield json.dumps(tidy, ensure_ascii=False) + "\n"

    if place:
        with whole(place) as stream:
            stream.writelines(lines())
        print(f"{place}: {count} {what}", file=sys.stderr)
    else:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        sys.stdout.writelines(lines())
