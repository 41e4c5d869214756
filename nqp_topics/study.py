"""The study: every choice a referee may question, read from `study.toml`.

All other modules may import this one, and find here too how to refuse (`refusals`) and how to write files (`files`).
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from tqdm.auto import tqdm

from nqp_topics.files import fingerprint, whole
from nqp_topics.refusals import Problem, Refused, refuse_if

__all__ = [
    "Problem",
    "Refused",
    "Repair",
    "Study",
    "fingerprint",
    "line_range",
    "line_ranges",
    "load",
    "progress",
    "refuse_if",
    "whole",
]

Item = TypeVar("Item")


@dataclass(frozen=True)
class Repair:
    """Characters that one article's font printed wrongly: a named rule of the study, never of the library.

    `characters` maps what stands in the file to what was printed. `spare` lists words in which the character is
    really meant (冶金). Only `lines` of `source` are touched.
    """

    name: str
    source: str
    lines: tuple[int, int]
    characters: dict[str, str]
    spare: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Study:
    """One study: its folder and the choices in its `study.toml`. `but()` makes a changed copy; the file stays."""

    folder: Path
    name: str
    title: str = ""
    # read
    documents: str = "data/raw"
    elsewhere: str = ""
    text_column: str = ""
    title_column: str = ""
    author_column: str = ""
    outlet_column: str = ""
    date_column: str = ""
    voice_column: str = ""
    duplicates: str = "keep"
    near: float = 0.9
    # clean
    script: str = "as printed"
    repairs: tuple[Repair, ...] = ()
    # split
    sources: str = ""
    articles: str = ""
    voices: tuple[str, ...] = ()
    shortest: int = 40
    longest: int = 600
    # segment
    lexicon: str = ""
    stopwords: str = ""
    general_stopwords: bool = True
    cut_by: str = "compiled"
    guess: bool = False
    shortest_word: int = 2
    numbers: bool = False
    parts: tuple[str, ...] = ()
    # count
    min_df: int = 3
    max_df: float = 0.5
    counts: str = ""

    def but(self, **changes: Any) -> Study:
        """Return the same study with other settings; the settings are checked as those of the file are."""
        known = {f.name for f in fields(self)} - {"folder"}
        refuse_if(
            Problem(
                f"study.but({name}=…)",
                f"a setting called {name!r}",
                ", ".join(sorted(known)),
                "use one of these names",
            )
            for name in changes
            if name not in known
        )
        study = replace(self, **changes)
        refuse_if(_problems(study, "study.but"))
        return study

    def path(self, place: str) -> Path:
        """Return a path of the study, relative to its folder."""
        return self.folder / place

    @property
    def raw(self) -> Path:
        """The folder of the documents; the environment variable that `elsewhere` names wins over `documents`."""
        return Path(
            (os.environ.get(self.elsewhere) if self.elsewhere else None) or self.path(self.documents)
        ).expanduser()

    @property
    def figures(self) -> Path:
        """The folder that notebooks save figures to; NQP_FIGURES wins, so that a trial does not touch the paper's."""
        return Path(os.environ.get("NQP_FIGURES") or self.path("figures"))


# section → (key in study.toml → (field of Study, type))
SETTINGS: dict[str, dict[str, tuple[str, type | tuple[type, ...]]]] = {
    "study": {"name": ("name", str), "title": ("title", str)},
    "read": {
        "documents": ("documents", str),
        "elsewhere": ("elsewhere", str),
        "text_column": ("text_column", str),
        "title_column": ("title_column", str),
        "author_column": ("author_column", str),
        "outlet_column": ("outlet_column", str),
        "date_column": ("date_column", str),
        "voice_column": ("voice_column", str),
        "duplicates": ("duplicates", str),
        "near": ("near", (int, float)),
    },
    "clean": {"script": ("script", str), "repair": ("repairs", list)},
    "split": {
        "sources": ("sources", str),
        "articles": ("articles", str),
        "voices": ("voices", list),
        "shortest": ("shortest", int),
        "longest": ("longest", int),
    },
    "segment": {
        "lexicon": ("lexicon", str),
        "stopwords": ("stopwords", str),
        "general_stopwords": ("general_stopwords", bool),
        "cut_by": ("cut_by", str),
        "guess": ("guess", bool),
        "shortest_word": ("shortest_word", int),
        "numbers": ("numbers", bool),
        "parts": ("parts", list),
    },
    "count": {
        "min_df": ("min_df", int),
        "max_df": ("max_df", (int, float)),
        "counts": ("counts", str),
    },
}

CHOICES = {
    "duplicates": ("keep", "drop exact", "drop near"),
    "script": ("as printed", "simplified"),
    "cut_by": ("compiled", "rjieba", "jieba"),
}


def load(place: str | Path | None = None) -> Study:
    """Read a study from its folder or its `study.toml`; every setting that cannot be used is named at once.

    Without a place, the study is the one of this folder or of the nearest folder above it.
    """
    above = (folder / "study.toml" for folder in (Path(), *Path.cwd().parents))
    file = Path(place) if place is not None else next((f for f in above if f.is_file()), Path("study.toml"))
    file = file / "study.toml" if file.is_dir() else file
    if not file.is_file():
        raise Refused(
            Problem(
                str(file),
                "no such file",
                "a study.toml, or the folder that holds one",
                "go to the study's folder, or give its path with --study",
            )
        )
    try:
        written = tomllib.loads(file.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(
            Problem(str(file), str(error), "a TOML file in UTF-8", "mend the line that is named")
        ) from None
    values: dict[str, Any] = {}
    problems = []
    for section, settings in written.items():
        known = SETTINGS.get(section)
        if known is None or not isinstance(settings, dict):
            problems.append(
                Problem(
                    f"{file} [{section}]",
                    "an unknown section",
                    ", ".join(f"[{name}]" for name in SETTINGS),
                    "correct the name",
                )
            )
            continue
        for key, value in settings.items():
            where = f"{file} [{section}] {key}"
            if key not in known:
                problems.append(Problem(where, "an unknown setting", ", ".join(known), "correct the name"))
                continue
            name, kind = known[key]
            if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
                allowed = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
                problems.append(
                    Problem(where, repr(value), f"a value of type {allowed}", "correct the value")
                )
                continue
            if key == "repair":
                value, wrong = _repairs(list(value), where)  # type: ignore[call-overload]
                problems += wrong
            values[name] = tuple(value) if isinstance(value, list) else value
    if "name" not in values:
        problems.append(Problem(f"{file} [study] name", "nothing", "a short name", "add it"))
    refuse_if(problems)
    study = Study(folder=file.parent, **values)
    refuse_if(_problems(study, str(file)))
    return study


def _problems(study: Study, where: str) -> Iterator[Problem]:
    for name, allowed in CHOICES.items():
        if (value := getattr(study, name)) not in allowed:
            yield Problem(
                f"{where} {name}", repr(value), " | ".join(map(repr, allowed)), "choose one of these"
            )
    if not 0 < study.near <= 1:
        yield Problem(
            f"{where} near",
            repr(study.near),
            "a similarity above 0 and up to 1",
            "0.9 finds reprints; 1 finds only equal texts",
        )
    if not 0 < study.shortest < study.longest:
        yield Problem(
            f"{where} shortest, longest",
            f"{study.shortest}, {study.longest}",
            "two numbers of characters, the first smaller and above 0",
            "40 and 600 suit newspaper and journal prose",
        )

    if study.shortest_word < 1:
        yield Problem(
            f"{where} shortest_word",
            repr(study.shortest_word),
            "a number of characters from 1 on",
            "2 is usual",
        )
    if study.guess and study.cut_by == "compiled":
        yield Problem(
            f"{where} guess",
            "true with cut_by = 'compiled'",
            "cut_by = 'rjieba' or 'jieba'",
            "only these can guess",
        )
    if study.min_df < 1 or study.max_df <= 0:
        yield Problem(
            f"{where} min_df, max_df",
            f"{study.min_df}, {study.max_df}",
            "a number of passages from 1 on; a share up to 1.0, or a number above 1",
            "3 and 0.5 leave out what is in hardly any passage and what is in most",
        )


def _repairs(rows: list[Any], where: str) -> tuple[tuple[Repair, ...], list[Problem]]:
    repairs, problems = [], []
    for number, row in enumerate(rows, 1):
        here = f"{where} number {number}"
        try:
            wrong = [
                pair for pair in row["characters"].items() if not pair[0] or "\n" in f"{pair[0]}{pair[1]}"
            ]
            if wrong:
                raise Refused(
                    Problem(
                        f"{here} characters",
                        f"{wrong[0][0]!r} = {wrong[0][1]!r}",
                        "characters of one line to replace, and what was printed",
                        "correct the pair; lines may not change",
                    )
                )
            repairs.append(
                Repair(
                    name=str(row["name"]),
                    source=str(row["source"]),
                    lines=line_range(row["lines"], here),
                    characters={str(key): str(value) for key, value in row["characters"].items()},
                    spare=tuple(row.get("spare", ())),
                    why=str(row.get("why", "")),
                )
            )
        except (KeyError, TypeError, AttributeError) as error:
            problems.append(
                Problem(
                    here,
                    f"{type(error).__name__} {error}",
                    'name, source, lines = "A:B", characters = { from = "to" }, and if needed spare, why',
                    "complete the rule",
                )
            )
        except Refused as refused:
            problems += refused.problems
    return tuple(repairs), problems


def line_range(written: str, where: str = "lines") -> tuple[int, int]:
    """Read `A:B` (both counted from 1, both included) or `A`."""
    match = re.fullmatch(r"\s*(\d+)\s*(?:[:-]\s*(\d+)\s*)?", str(written))
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 0 < first <= last:
        raise Refused(
            Problem(
                where,
                repr(written),
                "A:B, two line numbers from 1 on, the first not larger",
                "for example 120:345",
            )
        )
    return first, last


def line_ranges(written: str, where: str = "lines") -> list[tuple[int, int]]:
    """Read `A:B;C:D …`, in the order in which the pieces are to be read."""
    return [line_range(piece, where) for piece in str(written).split(";") if piece.strip()]


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterable[Item]:
    """Show a progress bar: in a notebook as a widget, in a terminal as a line, in a log not at all."""
    in_notebook = "ipykernel" in sys.modules
    hide = False if in_notebook else None
    return tqdm(items, desc=what, total=total, leave=False, disable=hide, delay=0.5)
