"""The files of a study that is begun: its study.toml, every choice with its reason, and its README, in English or Chinese."""

import json
import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.study import Study

LARGE = 200_000  # Chinese characters: above, fits take minutes, and a first look takes fewer of them
# language → the texts of its files
BEGUN: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("begun.toml").read_text("utf-8"))


def large(rows: pd.DataFrame) -> bool:
    """Tell whether the articles of a study (one row each, with `han`) are so many that a first look takes fewer fits."""
    return int(rows["han"].sum()) > LARGE


def settings(study: Study, raw: Path, columns: Mapping[str, str], rows: pd.DataFrame, language: str) -> str:
    """Return the text of study.toml: every choice that a beginner may want to change, with its reason."""
    says, home, documents = BEGUN[language], study.folder.resolve(), raw.resolve()
    documents = documents.relative_to(home) if documents.is_relative_to(home) else documents
    return str(says["settings"]).format(
        name=_quoted(study.name),
        documents=_quoted(documents.as_posix()),
        columns="".join(f"{what}_column = {_quoted(column)}\n" for what, column in columns.items()),
        seeds=says["seeds_large" if large(rows) else "seeds"],
        groups=says["groups" if (rows["voice"] != "").any() else "groups_none"],
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def readme(study: Study, articles: int, language: str, called: str = "nqp-topics") -> str:
    """Return the text of README.md: the commands of the study as they are typed where it was begun, in the reader's language."""
    says, where = BEGUN[language], shlex.quote(str(study.folder))
    typed = {}
    for command, does in says["commands"].items():
        verb, _, number = command.partition(" ")
        typed[f"{called} {verb} --study {where}{' ' * bool(number)}{number}"] = does
    wide = max(map(len, typed))
    commands = "\n".join(f"    {command:{wide}}  # {does}" for command, does in typed.items())
    return str(says["readme"]).format(name=study.name, articles=articles, commands=commands)
