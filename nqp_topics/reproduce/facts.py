"""Facts of a study: what its tables and its reported run say, each read when it is first asked for."""

import re
import tomllib
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from nqp_topics.checks.plural import singular
from nqp_topics.counts import Counts, of_study
from nqp_topics.documents import registry
from nqp_topics.figures.captions import label
from nqp_topics.figures.saved import facts as drawn
from nqp_topics.figures.saved import table_of
from nqp_topics.reproduce.begin import BEGUN
from nqp_topics.study import Study
from nqp_topics.topics.fit import train
from nqp_topics.topics.model import Topics

ANSWERED, NOT_APPLICABLE, MISSING = "answered", "not applicable", "MISSING"
WORDS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("methods.toml").read_text("utf-8"))


class Said(NamedTuple):
    """What is said in both languages; of an item too whether it is answered, and what to do where it is missing."""

    en: str = ""
    zh: str = ""
    state: str = ANSWERED
    todo: str = ""


NOTHING = Said()


def say(key: str, *given: object, state: str = ANSWERED) -> Said:
    """Say a sentence of methods.toml; what is given for its places is the same in both languages, or said in both already."""
    en, zh = (
        sentence.format(*(one[side] if isinstance(one, tuple) else one for one in given))
        for side, sentence in enumerate(WORDS["sentences"][key])
    )
    return Said(singular(en), zh, state)


def joined(parts: Iterable[object], en: str = ", ", zh: str = "、") -> Said:
    """Put words, or what is said in both languages, one behind the other."""
    pairs = [part if isinstance(part, tuple) else (str(part), str(part)) for part in parts]
    return Said(en.join(pair[0] for pair in pairs), zh.join(pair[1] for pair in pairs))


def named(key: str) -> Said:
    """Return the words of figures for a group, a column or a score."""
    return Said(label(key, "en"), label(key, "zh"))


def missing(todo: str) -> Said:
    """Say that nobody has answered, and what to do."""
    return Said(state=MISSING, todo=todo)


def needless(key: str) -> Said:
    """Say why an item is not asked of this study."""
    return say(key, state=NOT_APPLICABLE)


class Facts:
    """What the items are filled in from, each read when it is first asked for."""

    def __init__(self, study: Study) -> None:
        self.study = study

    @cached_property
    def counts(self) -> Counts:
        """The counts of the study."""
        return of_study(self.study)

    @cached_property
    def run(self) -> Topics:
        """The run that is reported."""
        return train(self.counts, self.study.topics, self.study.seed, **self.study.fits)

    @cached_property
    def about(self) -> pd.DataFrame:
        """The registry of the articles that are counted."""
        counted, rows = set(self.counts.articles), registry.of_study(self.study)
        return pd.DataFrame({"id": sorted(counted)}) if rows is None else rows[rows["id"].isin(counted)]

    def table(self, name: str) -> pd.DataFrame | None:
        """A table that the study shares, or that a figure draws, or None; also where the figure says that it shows another run than the reported one."""
        for file in (self.study.facts / f"{name}.csv", self.study.figures / f"{name}.csv"):
            if file.is_file():
                picture = file.with_suffix(".png")
                shows = drawn(picture).get("Run") if picture.is_file() else None
                same = not shows or self.run.fingerprint.startswith(shows)
                return table_of(file) if same else None
        return None

    def todo(self, name: str) -> str:
        """The command that runs a notebook of the study, or which notebook it lacks."""
        there = self.study.path(f"notebooks/{name}.ipynb").is_file()
        return f"nqp-topics figures {name}" if there else f"notebooks/{name}.ipynb"

    def reason(self, key: str) -> str:
        """What stands beside a setting in study.toml, as its author's reason; what a new study has there is nobody's."""
        file = self.study.folder / "study.toml"
        written = file.read_text("utf-8") if file.is_file() else ""
        said = re.search(rf"^{key}[ \t]*=[^#\n]*#(.*(?:\n[ \t]+#.*)*)", written, re.MULTILINE)
        why = " ".join(re.sub(r"\n[ \t]+#", " ", said[1]).split()) if said else ""
        return "" if any(why in begun["settings"] for begun in BEGUN.values()) else why


# section, item, and what answers
Item = tuple[str, str, Callable[[Facts], Said]]
