"""What all verbs share: the study they work for, and how rows are written."""

import json
import re
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from shutil import which
from typing import Any, TextIO

from nqp_topics.checks import Problem, file_here, typed
from nqp_topics.checks.chinese import told
from nqp_topics.files import not_writable, whole
from nqp_topics.study import Study, load, nearest

WHATS = ("text", "title", "author", "outlet", "date", "voice")  # what a column of a table may hold


def study_of(options: Namespace) -> Study:
    """Return the study that is named or, where nothing else is asked for, the one that stands here; else the defaults.

    A file that is named without a study has nothing to do with the one of this folder, except a document of its own,
    which `sources.csv` knows by its bytes.
    """
    study = load(options.study or None) if has_study(options) else Study(folder=Path(), name="documents")
    return study.but(**given(options, [f"{what}_column" for what in WHATS]))


def given(options: Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Return those of some options that were said, by their names."""
    return {name: value for name in names if (value := getattr(options, name, None)) is not None}


def has_study(options: Namespace) -> bool:
    """Tell whether a study is named or, where nothing else is asked for, stands here; texts, tokens or counts that are named carry no sign of one."""
    loose = options.verb in ("segment", "count", "train", "choose", "effects") and options.file is not None
    return bool(options.study) or (not loose and nearest() is not None)


def tell(message: object, file: TextIO | None = None) -> None:
    """Print a message in the reader's language; what a verb was asked for (texts, tables) is printed as it is."""
    print(as_typed(told(str(message))), file=file or sys.stdout)


def aside(message: object) -> None:
    """Tell beside the output, which may go on into another program."""
    tell(message, sys.stderr)


def called() -> str:
    """Return how nqp-topics is called where the user is: the bare name where the shell finds it, else as it was typed."""
    name = Path(sys.argv[0])
    return "nqp-topics" if name.stem != "nqp-topics" or which("nqp-topics") else str(name)


_study: list[str] = []  # the study that was named in this call


def here(options: Namespace) -> None:
    """Keep which study was named or is begun, so that the commands of messages name it too."""
    named = options.folder if options.verb == "new" else options.study
    _study[:] = [named] if named else []


def as_typed(text: str) -> str:
    """Return a message whose commands work as they stand: with the path of nqp-topics, and the study that was named; of a refusal what to do next."""

    def command(match: re.Match[str]) -> str:
        there = "--study" not in match[2] and _study and Path(_study[0]).exists()
        study = f" --study {typed(_study[0])}" if there else ""
        return f"{called()} {match[1]}{study}{match[2]}"

    lines = text.split("\n")
    refusal = any(line.startswith(("  do next: ", "  下一步：")) for line in lines)
    return "\n".join(
        line
        if refusal and not line.startswith(("  do next: ", "  下一步："))
        else re.sub(r"(?<![\w/.-])nqp-topics ([a-z]+)(?![a-z]|[:：])([^;；，。]*)", command, line)
        for line in lines
    )


INPUTS = ("file", "about", "registry", "lexicon", "stopwords", "accept", "study")
OUTPUTS = ("output", "refusals", "duplicates", "write_registry", "removed", "audit", "trimmed")


def outputs_problems(options: Namespace) -> Iterator[Problem]:
    """Find outputs that would replace what is read, or a registry that a person may have corrected."""
    read = [*given(options, INPUTS).values(), *getattr(options, "files", [])]
    inputs = [Path(str(name)) for name in read if name and not file_here(str(name), "")]
    taken: dict[Path, str] = {}
    for name, place in given(options, OUTPUTS).items():
        flag = name.replace("_", "-")
        folder = name == "output" and options.verb in ("train", "count", "share", "validate", "methods")
        if not place:
            yield Problem(f"--{flag}", "no name", "the name of a file or folder", "give a name")
            continue
        if wrong := not_writable(place, folder):  # before anything is read or fitted
            yield from wrong
            continue
        option = f"--{flag} {place}"
        if other := taken.get(Path(place).resolve()):
            yield Problem(option, f"the file of --{other} too", "a file of its own", "choose another name")
        taken[Path(place).resolve()] = flag
        if not Path(place).is_file():
            continue
        if name == "write_registry" and options.registry and Path(place).samefile(options.registry):
            continue  # its fingerprints are renewed
        if any(Path(place).samefile(one) for one in inputs):
            yield Problem(option, "a file that is read", "another file", "choose another name")
        elif options.verb == "terms" and name == "output":
            came = "a review table that is there and may have been filled in"
            yield Problem(option, came, "a new file", "choose another name")
        elif name == "write_registry":
            came = "a file that is there and may have been corrected by hand"
            allowed = "a new file, or the registry in use (--registry), whose fingerprints are then renewed"
            yield Problem(option, came, allowed, "choose another name, or take the old file away")


def _absent(value: Any) -> bool:
    return type(value).__name__ == "NAType" or value != value


def write_lines(rows: Iterable[dict[Any, Any]], place: str | None, what: str) -> None:
    """Write rows as JSON lines, to a file whole or not at all, or to the screen; say how many."""
    with whole(place) if place else nullcontext(sys.stdout) as stream:
        count = 0
        for count, row in enumerate(rows, 1):  # noqa: B007
            tidy = {key: None if _absent(value) else value for key, value in row.items()}
            line = json.dumps(tidy, ensure_ascii=False)
            # half a character, which no file in UTF-8 can hold, is written as \udXXX
            stream.write((json.dumps(tidy) if re.search("[\ud800-\udfff]", line) else line) + "\n")
    if place:
        aside(f"{place}: {count} {what}")
