"""Facts of a study: what its tables and its reported run say, each read when it is first asked for."""

import re
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from nqp_topics.counts import Counts, of_study
from nqp_topics.documents import registry
from nqp_topics.figures.saved import facts as drawn
from nqp_topics.figures.saved import table_of
from nqp_topics.study import Study
from nqp_topics.topics.fit import train
from nqp_topics.topics.model import Topics

ANSWERED, NOT_APPLICABLE, MISSING = "answered", "not applicable", "MISSING"


class Said(NamedTuple):
    """What an item says in both languages, or, with `todo`, that it is missing or why it is not asked."""

    en: str
    zh: str
    state: str = ANSWERED
    todo: str = ""


def missing(todo: str) -> Said:
    """Say that nobody has answered, and what to do."""
    return Said("", "", MISSING, todo)


def needless(en: str, zh: str) -> Said:
    """Say why an item is not asked of this study."""
    return Said(en, zh, NOT_APPLICABLE)


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
        if not self.study.articles:
            return pd.DataFrame({"id": sorted(set(self.counts.articles))})
        rows = registry.read(self.study.path(self.study.articles))
        return rows[rows["id"].isin(set(self.counts.articles))]

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
        """What stands beside a setting in study.toml, as its author's reason."""
        file = self.study.folder / "study.toml"
        lines = file.read_text("utf-8").splitlines() if file.is_file() else []
        for place, line in enumerate(lines):
            if re.match(rf"{key}\s*=", line) and "#" in line:
                said = [line.partition("#")[2]]
                for more in lines[place + 1 :]:
                    if not re.match(r"\s+#", more):
                        break
                    said.append(more.partition("#")[2])
                return " ".join(" ".join(said).split())
        return ""


# section, item, and what answers
Item = tuple[str, str, Callable[[Facts], Said]]
