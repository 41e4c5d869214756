"""What verbs take: an argument, and the groups of arguments that several verbs share."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from nqp_topics.cli.common import WHATS


class Argument(NamedTuple):
    """One argument of a verb: its names, what stands for its value, and what it does."""

    flags: str
    value: str
    about: str = ""
    how: Mapping[str, Any] = MappingProxyType({})


def whole(flags: str, value: str, about: str, usual: int | None = None) -> Argument:
    """Make an argument that takes a whole number."""
    return Argument(flags, value, about, {"type": int, "default": usual})


def switch(flags: str, about: str) -> Argument:
    """Make an argument that is said or not."""
    return Argument(flags, "", about, {"action": "store_true"})


STUDY = Argument("--study", "FILE", "study.toml (default: the one in this folder, if there is one)")
COLUMNS = [
    Argument(f"--{what}-column", "NAME", f"the column of a table that holds the {what}") for what in WHATS
]
DOCUMENTS = [
    Argument(
        "files",
        "FILE",
        "files or folders (default: the documents of the study)",
        {"nargs": "*", "default": []},
    ),
    *COLUMNS,
    whole("--workers", "N", "processes (default: as many as pay)"),
]
MUST = {"required": True}
INSTEAD = Argument("-o --output", "FILE", "write here instead of printing")
REGISTRY = Argument("--registry", "FILE", "articles.csv: a person's word on where articles begin and end")
LIMITS = [
    whole("--min-df", "N", "the fewest passages a word stands in"),
    Argument("--max-df", "X", "the most: a share up to 1.0, or a number above", {"type": float}),
]
COUNTS = [
    Argument(
        "file",
        "TEXTS",
        "JSON lines with id and text (or tokens), or a folder of counts (default: the counts of the study)",
        {"nargs": "?"},
    ),
    Argument("--lexicon", "FILE", "terms that stay one token (default: that of --study)"),
    Argument("--stopwords", "FILE", "words to leave out, beside the general list"),
    *LIMITS,
]
ENGINE = [
    Argument("--engine", "NAME", "sampler, gensim or tomotopy (default: that of study.toml, else sampler)"),
    Argument(
        "--set",
        "NAME=NUMBER",
        "a setting of the engine, such as chains=4 or passes=20",
        {"action": "append", "default": []},
    ),
]
ABOUT = Argument(
    "--about", "FILE", "what is known of articles: CSV or XLSX with a column id (default: the registry)"
)
RUN = [
    whole("--topics", "K", "how many topics (default: those of study.toml)"),
    whole("--seed", "S", "where chance begins (default: that of study.toml)"),
]
