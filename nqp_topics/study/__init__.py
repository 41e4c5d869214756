"""The study: every choice a referee may question, read from `study.toml`.

All other modules may import this one, and find here too how to refuse (`refusals`) and how to write files (`files`).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from tqdm.auto import tqdm

from nqp_topics.checks import (
    Problem,
    Refused,
    file_here,
    is_number,
    is_whole,
    number,
    one_of,
    plain,
    refuse_if,
    said,
    text,
    whole_number,
)
from nqp_topics.files import TOML_CHARACTERS, fingerprint, font_file, from_toml, read_bytes, whole
from nqp_topics.study.repairs import Repair, line_range, line_ranges, read_repairs

__all__ = [
    "Problem",
    "Refused",
    "Repair",
    "Study",
    "fingerprint",
    "font_file",
    "line_range",
    "line_ranges",
    "load",
    "progress",
    "refuse_if",
    "whole",
]

Item = TypeVar("Item")


@dataclass(frozen=True)
class Study:
    """One study: its folder and the choices in its `study.toml`. `but()` makes a changed copy; the file stays."""

    folder: Path
    name: str
    title: str = ""
    language: str = ""
    publish_texts: bool = False
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
    # train
    topics: int = 0
    seed: int = 1
    seeds: int = 5
    engine: str = "sampler"
    engines: dict[str, dict[str, Any]] = field(default_factory=dict)
    labels: str = ""
    # compare
    groups: str = "voice"
    witness: tuple[str, ...] = ("author", "outlet", "region")
    witness_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # what study.toml says, whatever is tried
    reported: int = 0
    reported_seed: int = 1
    reported_engine: str = "sampler"

    def but(self, **changes: Any) -> Study:
        """Return the same study with other settings; the settings are checked as those of the file are."""
        known = {f.name for f in fields(self)} - {"folder", "reported", "reported_seed", "reported_engine"}
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
        kinds = dict(pair for settings in SETTINGS.values() for pair in settings.values())
        refuse_if(
            *[
                _wrong(f"study.but({name}=…)", kinds[name], value)
                for name, value in changes.items()
                if name in kinds
            ]
        )
        study = replace(self, **{name: plain(value) for name, value in changes.items()})
        refuse_if(_problems(study, "study.but"))
        return study

    def as_reported(self) -> Study:
        """Return the study with the number of topics, the seed and the engine that `study.toml` reports."""
        return replace(self, topics=self.reported, seed=self.reported_seed, engine=self.reported_engine)

    def path(self, place: str) -> Path:
        """Return a path of the study, relative to its folder."""
        return self.folder / place

    def written(self, place: str | Path) -> Path:
        """Return a path of the study that something is written to. Refused: one outside its folder, which a setting alone cannot ask for."""
        # links are followed by their owner's will: the path is taken as it is written
        path, home = (os.path.normpath(Path.cwd() / self.folder / one) for one in (place, ""))
        if os.path.commonpath([path, home]) != home:
            raise Refused(
                Problem(
                    f"{self.name}: {said(str(place))}",
                    "a place outside the study's folder, where its settings write nothing",
                    f"a place inside {home}",
                    "correct study.toml, or say the place yourself with -o",
                )
            )
        return self.folder / place

    @property
    def facts(self) -> Path:
        """The folder of what the study shares of its documents: that of the registry."""
        return self.path(self.articles).parent if self.articles else self.folder

    @property
    def raw(self) -> Path:
        """The folder of the documents; the environment variable that `elsewhere` names wins over `documents`.

        Where NQP_WITHOUT_DOCUMENTS names it, it is one that does not exist: so notebooks run whose outputs are kept.
        """
        named = os.environ.get(self.elsewhere) if self.elsewhere else None
        folder = Path(named or self.path(self.documents)).expanduser()
        hidden = os.environ.get("NQP_WITHOUT_DOCUMENTS")
        return (
            folder.with_name("no-documents")
            if hidden and folder.resolve() == Path(hidden).resolve()
            else folder
        )

    @property
    def figures(self) -> Path:
        """The folder that notebooks save figures to; NQP_FIGURES wins, so that a trial does not touch the paper's.

        Another number of topics, seed or engine than `study.toml` reports has a folder of its own in it: K20, K12-seed7, K12-gensim.
        """
        folder = Path(os.environ.get("NQP_FIGURES") or self.path("figures"))
        trial = [f"K{self.topics}"]
        trial += [f"seed{self.seed}"] if self.seed != self.reported_seed else []
        trial += [self.engine] if self.engine != self.reported_engine else []
        return folder if self.topics == self.reported and len(trial) == 1 else folder / "-".join(trial)

    @property
    def run_seeds(self) -> list[int]:
        """The seeds of all runs: that of the reported one, and those that its findings are held against."""
        return sorted({self.seed, *range(1, self.seeds + 1)})

    @property
    def cache(self) -> Path:
        """The folder that keeps what was paid for once; NQP_CACHE wins, so that everything can be made anew."""
        return Path(os.environ.get("NQP_CACHE") or self.path(".nqp-cache"))

    @property
    def fits(self) -> dict[str, Any]:
        """How the study fits, for `train.many` and `choose`: its engine, the folder that keeps runs, and the settings of the engine.

        The settings are those of the number of topics that `study.toml` reports; another number, which is only tried, is fitted with the
        engine's usual ones, sooner.
        """
        settings = self.engines.get(self.engine, {}) if self.topics == self.reported else {}
        return {"engine": self.engine, "cache": self.cache, **settings}


# section → (key in study.toml → (field of Study, type))
SETTINGS: dict[str, dict[str, tuple[str, type | tuple[type, ...]]]] = {
    "study": {
        "name": ("name", str),
        "title": ("title", str),
        "language": ("language", str),
        "publish_texts": ("publish_texts", bool),
    },
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
    "train": {
        "topics": ("topics", int),
        "seed": ("seed", int),
        "seeds": ("seeds", int),
        "engine": ("engine", str),
        "labels": ("labels", str),
        "sampler": ("sampler", dict),
        "gensim": ("gensim", dict),
        "tomotopy": ("tomotopy", dict),
    },
    "compare": {
        "groups": ("groups", str),
        "witness": ("witness", list),
        "witness_of": ("witness_of", dict),
    },
}

CHOICES = {
    "language": ("", "en", "zh"),
    "duplicates": ("keep", "drop exact", "drop near"),
    "script": ("as printed", "simplified"),
    "cut_by": ("compiled", "rjieba", "jieba"),
    "engine": ("sampler", "gensim", "tomotopy"),
}


def load(place: str | Path | None = None) -> Study:
    """Read a study from its folder or its `study.toml`; every setting that cannot be used is named at once.

    Without a place, the study is the one of this folder or of the nearest folder above it.
    """
    above = (folder / "study.toml" for folder in (Path(), *Path.cwd().parents))
    file = Path(place) if place is not None else next((f for f in above if f.is_file()), Path("study.toml"))
    with suppress(OSError):  # a name that is too long is told below
        file = file / "study.toml" if file.is_dir() else file
    todo = "go to the study's folder, or give its path with --study"
    refuse_if(file_here(file, "a study.toml, or the folder that holds one", todo))
    try:
        written = from_toml(read_bytes(file, 4 * TOML_CHARACTERS).decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        came = said(str(error))[1:-1]
        raise Refused(
            Problem(str(file), came, "a TOML file in UTF-8", "mend the line that is named")
        ) from None
    values: dict[str, Any] = {}
    problems = []
    for section, settings in written.items():
        known = SETTINGS.get(section)
        if known is None or not isinstance(settings, dict):
            came, allowed = "an unknown section", ", ".join(f"[{name}]" for name in SETTINGS)
            problems.append(Problem(f"{file} [{section}]", came, allowed, "correct the name"))
            continue
        for key, value in settings.items():
            where = f"{file} [{section}] {key}"
            if key not in known:
                problems += one_of(where, key, known, "correct the name")
                continue
            name, kind = known[key]
            if wrong := _wrong(where, kind, value):
                problems += wrong
                continue
            if key == "repair":
                value, told = read_repairs(list(value), where)
                problems += told
            if section == "train" and kind is dict:
                values.setdefault("engines", {})[name] = value
                continue
            values[name] = tuple(value) if isinstance(value, list) else value
    if "name" not in values:
        problems.append(Problem(f"{file} [study] name", "nothing", "a short name", "add it"))
    refuse_if(problems)
    study = Study(folder=file.parent, **values)
    refuse_if(_problems(study, str(file)))
    study = replace(study, reported=study.topics, reported_seed=study.seed, reported_engine=study.engine)
    return _tried(study)


def _tried(study: Study) -> Study:
    """Return the study with the number of topics that NQP_TOPICS asks for, if it is set: `make figures K=20`."""
    asked = os.environ.get("NQP_TOPICS", "").strip()
    if not asked:
        return study
    if not re.fullmatch("[0-9]{1,9}", asked) or int(asked) < 2:
        raise Refused(Problem("NQP_TOPICS", said(asked), "a whole number from 2 on", "for example 20"))
    return study.but(topics=int(asked))


def _wrong(where: str, kind: type | tuple[type, ...], value: Any) -> list[Problem]:
    """Tell whether a setting has another kind of value than it takes."""
    if kind is str:
        return text(where, value)
    if kind is list:
        if isinstance(value, (list, tuple)):
            # a repair is a table in the file and a Repair in Python
            kinds = (dict, Repair) if where.endswith(("] repair", "(repairs=…)")) else (str,)
            bad = [item for item in value if not isinstance(item, kinds)]
            said_so = "a list of rules" if dict in kinds else "a list of texts"
            return [Problem(where, said(one), said_so, "correct the list") for one in bad[:1]]
    elif (
        (kind is int and is_whole(value))
        or (kind == (int, float) and is_number(value))
        or (kind in (bool, dict) and isinstance(value, kind))
    ):
        return []
    names = {int: "int", bool: "bool", dict: "dict", list: "list"}
    allowed = "int or float, and finite" if isinstance(kind, tuple) else names[kind]
    return [Problem(where, said(value), f"a value of type {allowed}", "correct the value")]


def _problems(study: Study, where: str) -> Iterator[Problem]:
    for name, choices in CHOICES.items():
        yield from one_of(f"{where} {name}", getattr(study, name), choices, "choose one of these")
    todo = "0.9 finds reprints; 1 finds only equal texts"
    yield from number(f"{where} near", study.near, 0, 1, above=True, todo=todo)
    if not 0 < study.shortest < study.longest:
        yield Problem(
            f"{where} shortest, longest",
            f"{study.shortest}, {study.longest}",
            "two numbers of characters, the first smaller and above 0",
            "40 and 600 suit newspaper and journal prose",
        )

    yield from whole_number(f"{where} shortest_word", study.shortest_word, 1, todo="2 is usual")
    if study.guess and study.cut_by == "compiled":
        came, allowed = "true with cut_by = 'compiled'", "cut_by = 'rjieba' or 'jieba'"
        yield Problem(f"{where} guess", came, allowed, "only these can guess")
    if study.topics:
        yield from whole_number(f"{where} topics", study.topics, 2, todo="choose shows what speaks for which")
    if study.seed < 0 or study.seeds < 3:
        yield Problem(
            f"{where} seed, seeds",
            f"{study.seed}, {study.seeds}",
            "the seed of the reported run, from 0 on; how many runs findings are held against, from 3 on",
            "1 and 5 will do",
        )
    reserved = {"counts", "topics", "seed", "seeds", "engine", "cache"}
    came, allowed = "what is not the engine's to say", "settings of the engine"
    for engine, settings in study.engines.items():
        for key in sorted(reserved & set(settings)):
            yield Problem(
                f"{where} [train.{engine}] {key}", came, allowed, "say it in [train], or leave it out"
            )
    if study.min_df < 1 or study.max_df <= 0:
        yield Problem(
            f"{where} min_df, max_df",
            f"{study.min_df}, {study.max_df}",
            "a number of passages from 1 on; a share up to 1.0, or a number above 1",
            "3 and 0.5 leave out what is in hardly any passage and what is in most",
        )


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterable[Item]:
    """Show a progress bar: in a notebook as a widget, in a terminal as a line, in a log not at all."""
    in_notebook = "ipykernel" in sys.modules
    hide = False if in_notebook else None
    return tqdm(items, desc=what, total=total, leave=False, disable=hide, delay=0.5)
