"""What all verbs share: the study they work for, and how rows are written."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from nqp_topics.study import Study, load, whole

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


def write_lines(rows: Iterable[dict[Any, Any]], place: str | None) -> None:
    """Write rows as JSON lines, to a file whole or not at all, or to the screen."""

    def lines() -> Iterable[str]:
        for row in rows:
            tidy = {
                key: None if value is pd.NA or (isinstance(value, float) and value != value) else value
                for key, value in row.items()
            }
            yield json.dumps(tidy, ensure_ascii=False) + "\n"

    if place:
        with whole(place) as stream:
            stream.writelines(lines())
    else:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        sys.stdout.writelines(lines())
