"""The study: every choice a referee may question, read from `study.toml`.

Each stands once, as a field of `Study`: its section, what it takes, its usual value and what it decides.
All other modules may import this one, and find here too how to refuse (`checks`) and how to write files (`files`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, Field, dataclass, fields, replace
from pathlib import Path
from typing import Any

from nqp_topics.checks import Problem, Refused, file_here, one_of, plain, refuse_if, said
from nqp_topics.checks.chinese import speak
from nqp_topics.files import fingerprint, font_file, whole
from nqp_topics.files.settings import read_settings
from nqp_topics.study.choices import choice, varied_problems, wrong
from nqp_topics.study.progress import progress
from nqp_topics.study.repairs import Repair, line_range, line_ranges, read_repairs, rules_of

SCRIPTS = ("as printed", "simplified")
ENGINES = ("sampler", "gensim", "tomotopy")
# settings that a referee may have chosen otherwise; leave_out: each witness in turn
VARIED = (
    "topics", "seed", "engine", "lexicon", "stopwords", "general_stopwords", "shortest_word", "min_df", "max_df", "shortest", "longest", "leave_out",
)  # fmt: skip


@dataclass(frozen=True)
class Study:
    """One study: its folder and the choices in its `study.toml`. `but()` makes a changed copy; the file stays."""

    folder: Path
    name: str = choice("study", MISSING, "a short name")
    title: str = choice("study", "", "the title of the paper")
    language: str = choice("study", "", "the language of what is written for it", among=("", "en", "zh"))
    publish_texts: bool = choice("study", False, "whether text of the documents may be shared, in notebooks")

    documents: str = choice("read", "data/raw", "the folder of the documents", path=True)
    elsewhere: str = choice("read", "", "an environment variable that names their folder on another machine")
    text_column: str = choice("read", "", "the column of a table that holds the text")
    title_column: str = choice("read", "", "the column that holds the title")
    author_column: str = choice("read", "", "the column that holds the author")
    outlet_column: str = choice("read", "", "the column that holds the outlet")
    date_column: str = choice("read", "", "the column that holds the date")
    voice_column: str = choice("read", "", "the column that holds the voice: who speaks, as a kind")
    duplicates: str = choice(
        "read", "keep", "what becomes of a repeat", among=("keep", "drop exact", "drop near")
    )
    near: float = choice("read", 0.9, "0.9 finds reprints; 1 finds only equal texts", most=1, above=True)

    script: str = choice(
        "clean", "as printed", "whether Traditional characters are made Simplified", among=SCRIPTS
    )
    repeated: str = choice(
        "clean", "keep", "what becomes of paragraphs that articles have word for word", among=("keep", "drop")
    )
    drop: tuple[str, ...] = choice("clean", (), "what goes from every text, as regular expressions")
    repairs: tuple[Repair, ...] = choice(
        "clean", (), "characters that a font printed wrongly", keys=("repair",)
    )

    sources: str = choice("split", "", "a table that knows the documents by their SHA-256", path=True)
    articles: str = choice("split", "", "a table of where articles begin and end", path=True)
    voices: tuple[str, ...] = choice("split", (), "the kinds of voice that an article may have")
    shortest: int = choice("split", 40, "40 characters suit newspaper and journal prose", least=1)
    longest: int = choice("split", 600, "600 characters suit newspaper and journal prose", least=1)

    lexicon: str = choice("segment", "", "a list of terms that stay one word", path=True)
    stopwords: str = choice("segment", "", "a list of words to leave out, each with its reason", path=True)
    terms_sheet: str = choice("segment", "", "a workbook in which proposed terms are accepted", path=True)
    stopwords_sheet: str = choice("segment", "", "a workbook in which proposed words go", path=True)
    general_stopwords: bool = choice("segment", True, "whether the general list of function words goes too")
    cut_by: str = choice(
        "segment", "compiled", "what cuts texts into words", among=("compiled", "rjieba", "jieba")
    )
    guess: bool = choice("segment", False, "whether words that no dictionary holds are guessed")
    shortest_word: int = choice("segment", 2, "2 is usual: one character says little alone", least=1)
    numbers: bool = choice("segment", False, "whether years and amounts stay")
    parts: tuple[str, ...] = choice("segment", (), "parts of speech that stay: n, v, a …")

    min_df: int = choice("count", 3, "3 leaves out what is in hardly any passage", least=1)
    max_df: float = choice(
        "count",
        0.5,
        "0.5 leaves out what is in most passages: a share up to 1.0, or a number above",
        above=True,
    )
    counts: str = choice("count", "", "the folder of the counts", path=True)

    topics: int = choice("train", 0, "choose shows what speaks for which", least=2)
    seed: int = choice("train", 1, "the seed of the run that is reported: 1 will do")
    seeds: int = choice("train", 5, "how many runs findings are held against: 5 will do", least=3)
    engine: str = choice("train", "sampler", "what fits the topics", among=ENGINES)
    engines: Mapping[str, dict[str, Any]] = choice("train", {}, "settings of an engine", keys=ENGINES)
    labels: str = choice("train", "", "a table of the topics' names", path=True)
    anchors: str = choice("train", "", "a file of names and words that some topics begin with", path=True)
    prevalence: str = choice("train", "", "columns of the registry that may move topics, as a formula")

    groups: str = choice("compare", "voice", "the column of the registry whose groups are compared")
    order: tuple[str, ...] = choice("compare", (), "the groups in the order in which they stand")
    witness: tuple[str, ...] = choice(
        "compare", ("author", "outlet", "region"), "columns that say who speaks: the first that is filled"
    )
    witness_of: Mapping[str, tuple[str, ...]] = choice("compare", {}, "the same for some groups alone")

    validation: str = choice(
        "validate",
        "validation",
        "the folder of what readers are asked and answer",
        path=True,
        keys=("folder",),
    )
    line: float = choice(
        "validate", 0.6, "the share of right answers below which a topic carries no claim", most=1
    )

    varied: Mapping[str, list[Any]] = choice(
        "vary", {}, "values that a setting may have as well", keys=VARIED
    )
    question: str = choice("methods", "", "what the study asks, in its author's words")
    selection: str = choice("methods", "", "how its documents were found and chosen, in its author's words")
    limits: str = choice("methods", "", "what the study cannot say, in its author's words")
    question_zh: str = choice("methods", "", "question, in Chinese")
    selection_zh: str = choice("methods", "", "selection, in Chinese")
    limits_zh: str = choice("methods", "", "limits, in Chinese")
    reason_zh: str = choice("methods", "", "the reason beside the number of topics, in Chinese")

    # what study.toml says, whatever is tried
    reported: int = 0
    reported_seed: int = 1
    reported_engine: str = "sampler"

    def but(self, **changes: Any) -> Study:
        """Return the same study with other settings; the settings are checked as those of the file are."""
        found: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, value in changes.items():
            where = f"study.but({name}=…)"
            found[name] = plain(value)
            unknown = one_of(where, name, sorted(CHOICES))
            problems += unknown or wrong(where, CHOICES[name], found[name], CHOICES)
        refuse_if(problems)
        study = replace(self, **found)
        refuse_if(_together(study, "study.but"))
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
        path, home = (os.path.normpath(Path.cwd() / one) for one in (self.folder / place, self.folder))
        if not Path(path).is_relative_to(home):
            came = "a place outside the study's folder, where its settings write nothing"
            todo = "correct study.toml, or say the place yourself with -o"
            raise Refused(Problem(f"{self.name}: {said(str(place))}", came, f"a place inside {home}", todo))
        return self.folder / place

    @property
    def has_counts(self) -> bool:
        """Whether the study keeps counts, and they are here."""
        return bool(self.counts) and self.path(self.counts).is_dir()

    def set_in(self, *sections: str) -> dict[str, Any]:
        """Return what stands in these sections of study.toml, by the names of the choices."""
        of = {name: one.metadata["choice"].section for name, one in CHOICES.items()}
        return {name: getattr(self, name) for name, section in of.items() if section in sections}

    @property
    def rules(self) -> tuple[Repair, ...]:
        """What cleaning does beside the usual steps: the repairs, and what goes from every text."""
        return (*self.repairs, *(Repair(one, "", (1, 1), {}, drop=one) for one in self.drop))

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
        unseen = hidden and folder.resolve() == Path(hidden).resolve()
        return folder.with_name("no-documents") if unseen else folder

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
        """How the study fits, for `train` and `choose`: its engine, the folder that keeps runs, and the settings of the engine.

        The settings are those of the number of topics that `study.toml` reports; another number, which is only tried, is fitted with the
        engine's usual ones, sooner, but sets as many words apart (`common`); with a formula none are.
        """
        settings = self.settings(self.engine, self.topics != self.reported, self.prevalence)
        return {"engine": self.engine, "cache": self.cache, **settings, **self.model}

    def settings(self, engine: str, tried: bool, formula: str) -> dict[str, Any]:
        """The settings of an engine, as `fits` says: of a number of topics that is only `tried` or is reported, with a formula or without."""
        every = self.engines.get(engine, {})
        return {name: one for name, one in every.items() if (not formula if name == "common" else not tried)}

    @property
    def model(self) -> dict[str, Any]:
        """What is known beforehand, for every number of topics: words of some of them, and what may move them."""
        found: dict[str, Any] = {"anchors": self.path(self.anchors)} if self.anchors else {}
        if self.prevalence:
            found |= {"prevalence": self.prevalence, "about": self.path(self.articles)}
        return found


def unnumbered(study: Study) -> list[Problem]:
    """Ask for a study whose number of topics has been chosen."""
    if study.topics:
        return []
    came, allowed = "no number of topics", "a number, from study.toml or --topics"
    return [Problem(f"{study.name} [train] topics", came, allowed, "choose shows what speaks for which")]


CHOICES: dict[str, Field[Any]] = {f.name: f for f in fields(Study) if f.metadata}
# section → key in study.toml → field of Study
KEYS: dict[str, dict[str, str]] = {}
for _name, _field in CHOICES.items():
    _takes = _field.metadata["choice"]
    KEYS.setdefault(_takes.section, {}).update(dict.fromkeys(_takes.keys or (_name,), _name))


def load(place: str | Path | None = None) -> Study:
    """Read a study from its folder or its `study.toml`; every setting that cannot be used is named at once.

    Without a place, the study is the one of this folder or of the nearest folder above it.
    """
    file, written = _read(place)
    if isinstance(about := written.get("study"), dict):
        speak(str(about.get("language", "")))
    values: dict[str, Any] = {}
    problems = []
    for section, settings in written.items():
        if section not in KEYS or not isinstance(settings, dict):
            problems += one_of(f"{file} [{section}]", section, KEYS, "begin a section with its name in […]")
            continue
        for key, value in settings.items():
            where = f"{file} [{section}] {key}"
            if unknown := one_of(where, key, KEYS[section], "correct the name"):
                problems += unknown
                continue
            name = KEYS[section][key]
            if name == "varied":
                told = varied_problems(where, CHOICES.get(key), value)
                value = {**values.get(name, {}), key: value}
            elif name == "engines":
                value, told = {**values.get(name, {}), key: value}, wrong(where, CHOICES[name], {key: value})
            elif name == "repairs" and isinstance(value, list):
                value, told = read_repairs(value, where)
            else:
                told = wrong(where, CHOICES[name], value)
            problems += told
            values[name] = tuple(value) if isinstance(value, list) else value
    if "name" not in values:
        problems.append(Problem(f"{file} [study] name", "nothing", "a short name", "add it"))
    refuse_if(problems)
    study = Study(folder=file.parent, **values)
    refuse_if(_together(study, str(file)))
    study = replace(study, reported=study.topics, reported_seed=study.seed, reported_engine=study.engine)
    return _tried(study)


def nearest() -> Path | None:
    """Return the study.toml of this folder or of the nearest folder above it."""
    above = (folder / "study.toml" for folder in (Path(), *Path.cwd().parents))
    return next((file for file in above if file.is_file()), None)


def _read(place: str | Path | None) -> tuple[Path, dict[str, Any]]:
    """Return the study.toml that is meant, and what stands in it."""
    file = Path(place) if place is not None else nearest() or Path("study.toml")
    with suppress(OSError):  # a name that is too long is told below
        file = file / "study.toml" if file.is_dir() else file
    todo = "go to the study's folder, or give its path with --study"
    refuse_if(file_here(file, "a study.toml, or the folder that holds one", todo))
    return file, read_settings(file, "a TOML file in UTF-8")


def _tried(study: Study) -> Study:
    """Return the study with the number of topics that NQP_TOPICS asks for, if it is set: `make figures K=20`."""
    asked = os.environ.get("NQP_TOPICS", "").strip()
    if not asked:
        return study
    if not re.fullmatch("[0-9]{1,9}", asked) or int(asked) < 2:
        raise Refused(Problem("NQP_TOPICS", said(asked), "a whole number from 2 on", "for example 20"))
    return study.but(topics=int(asked))


def _together(study: Study, where: str) -> Iterator[Problem]:
    """Tell which settings cannot stand beside each other."""
    if not study.shortest < study.longest:
        came, allowed = f"{study.shortest}, {study.longest}", "two numbers of characters, the first smaller"
        todo = "40 and 600 suit newspaper and journal prose"
        yield Problem(f"{where} shortest, longest", came, allowed, todo)
    if study.guess and study.cut_by == "compiled":
        came, allowed = "true with cut_by = 'compiled'", "cut_by = 'rjieba' or 'jieba'"
        yield Problem(f"{where} guess", came, allowed, "only these can guess")
    if study.prevalence and not study.articles:
        came, todo = f"{said(study.prevalence)} without a registry", "name it: [split] articles"
        yield Problem(f"{where} prevalence", came, "columns of the registry of articles", todo)
    reserved = {"counts", "topics", "seed", "seeds", "engine", "cache", "anchors", "prevalence", "about"}
    came, allowed = "what is not the engine's to say", "settings of the engine"
    todo = "say it in [train], or leave it out"
    for engine, settings in study.engines.items():
        for key in sorted(reserved & set(settings)):
            yield Problem(f"{where} [train.{engine}] {key}", came, allowed, todo)
