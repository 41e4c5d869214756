"""Checks: how this library says no, in four parts, and what may be asked of an argument. A check returns the one problem it finds, or none:

refuse_if(
    whole_number("train(seed)", seed, 0),
    one_of("train(engine)", engine, ENGINES),
    columns("kwic(texts)", texts, ["id", "text"]),
)
"""

import difflib
import math
import numbers
import os
import re
import shlex
import sys
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from nqp_topics.checks.chinese import inside, language, told
from nqp_topics.checks.plural import singular

TOLD = 20  # problems that one message shows
NAME_BYTES, PATH_BYTES = 255, 4096  # of a name and of a path, on every usual disk
UNSEEN = re.compile(  # control characters, line ends, and what joins, parts or turns letters without being one
    "[\\x00-\\x1f\\x7f-\\x9f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U000e007f]"
)


@dataclass(frozen=True)
class Problem:
    """One thing that cannot be honoured: where it stands, what came, what is allowed, what to do next."""

    where: str
    came: str
    allowed: str
    todo: str

    def __str__(self) -> str:
        if language() == "zh":
            where, came, allowed, todo = map(inside, (self.where, self.came, self.allowed, self.todo))
            return f"{where}\n  收到：{came}\n  允许：{allowed}\n  下一步：{todo}"
        came, allowed, todo = map(singular, (self.came, self.allowed, self.todo))
        return f"{self.where}\n  came:    {came}\n  allowed: {allowed}\n  do next: {todo}"


Problems: TypeAlias = list[Problem]  # of a check: one or none


class Refused(ValueError):
    """What was asked cannot be done as asked; all problems of one call are told together, the first twenty in full."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        more = [f"… and {len(problems) - TOLD:,} more of this kind"] if len(problems) > TOLD else []
        super().__init__("\n".join([*map(str, problems[:TOLD]), *more]))

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the refusal, and not the lines of this library."""
        return [str(self)]

    def __reduce__(self) -> tuple[Any, ...]:  # from a process of a pool it comes with its problems
        return type(self), self.problems


class Remark(UserWarning):
    """Something that can be done as asked, and probably is not what was meant; it is read in the reader's language."""

    def __str__(self) -> str:
        return told(super().__str__())


def remarks_as_lines() -> None:
    """Have remarks come as a line in the reader's language, in a notebook below its cell: no place in a file, and no red box."""
    usual: Any = warnings.showwarning
    if getattr(usual, "in_lines", False):
        return

    def show(message: Any, category: Any, *where: Any, **more: Any) -> None:
        if issubclass(category, Remark):
            in_notebook = "ipykernel" in sys.modules
            print(message, file=sys.stdout if in_notebook else sys.stderr)
        else:
            usual(message, category, *where, **more)

    show.in_lines = True  # type: ignore[attr-defined]
    warnings.showwarning = show


def refuse_if(*found: Iterable[Problem]) -> None:
    """Raise one `Refused` that holds every problem of every check, or do nothing where there is none."""
    if problems := tuple(chain.from_iterable(found)):
        raise Refused(*problems)


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number, numpy's included; True and False are none."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number, numpy's included; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    return is_whole(value) or math.isfinite(value)


def plain(value: Any) -> Any:
    """Return a number of numpy as one of Python, which JSON can hold; all else as it is."""
    return value.item() if hasattr(value, "dtype") and not getattr(value, "shape", True) else value


def whole_number(
    where: str, value: Any, least: int = 0, most: int = 2**63 - 1, todo: str = "correct the number"
) -> Problems:
    """Ask for a whole number from `least` on, up to `most` where that is said."""
    if is_whole(value) and least <= value <= most:
        return []
    allowed = f"a whole number from {least} to {most}" if most < 2**53 else f"a whole number from {least} on"
    return [Problem(where, said(value), allowed, todo)]


def number(
    where: str,
    value: Any,
    least: float = 0.0,
    most: float = math.inf,
    above: bool = False,
    todo: str = "correct the number",
) -> Problems:
    """Ask for a finite number from `least` on (or `above` it), up to `most` where that is said."""
    if is_number(value) and (least < value if above else least <= value) and value <= most:
        return []
    if most < math.inf:
        up = f"a number above {least:g} and up to {most:g}"
        allowed = up if above else f"a number from {least:g} on and up to {most:g}"
    else:
        allowed = f"a number above {least:g}" if above else f"a number from {least:g} on"
    return [Problem(where, said(value), allowed, todo)]


def one_of(where: str, value: Any, allowed: Iterable[str], todo: str = "use one of these names") -> Problems:
    """Ask for one of some names; the one that is most like what came is offered."""
    names = list(allowed)
    if isinstance(value, str) and value in names:
        return []
    near = difflib.get_close_matches(value[:60], names, 1) if isinstance(value, str) else []
    todo = f"did you mean {near[0]}?" if near else todo
    return [Problem(where, said(value), listed(filter(None, names)) or "none", todo)]


def columns(
    where: str, table: Any, names: Iterable[str], todo: str = "correct the names of the columns"
) -> Problems:
    """Ask for a table that has these columns, each once."""
    if not hasattr(table, "columns"):
        return [Problem(where, said(table), f"a table with the columns {listed(names)}", todo)]
    wanted, there = list(names), Counter(table.columns)
    if all(there[name] == 1 for name in wanted):
        return []
    came = f"columns {listed(table.columns) or 'none'}"
    return [Problem(where, came, f"the columns {listed(wanted)}, each once", todo)]


def named_once(where: str, names: Iterable[Any], todo: str = "name each once") -> Problems:
    """Ask for names of which none stands twice, such as the index of a table."""
    twice = [name for name, times in Counter(names).items() if times > 1]
    return [Problem(where, f"more than once: {listed(twice, 5)}", "every name once", todo)] if twice else []


def text(where: str, value: Any, todo: str = "correct the value") -> Problems:
    """Ask for a text that may name a file or stand in a cell: one without NUL."""
    if not isinstance(value, str):
        return [Problem(where, said(value), "a text", todo)]
    return [Problem(where, said(value), "a text without the character NUL", todo)] * ("\0" in value)


def path(where: str, value: Any, todo: str = "correct the path") -> Problems:
    """Ask for a text that may be the path of a file: no name in it is too long, and it is not the whole disk."""
    if found := text(where, value, todo):
        return found
    names = [len(name.encode("utf-8", "surrogatepass")) for name in value.split("/")]
    if max(names) > NAME_BYTES or sum(names) + len(names) > PATH_BYTES:
        return [Problem(where, said(value), f"a path of names of up to {NAME_BYTES} bytes", todo)]
    if Path(value) == Path(Path(value).anchor) != Path():
        return [Problem(where, said(value), "a place on the disk, not all of it", todo)]
    return []


def on_one_line(name: str) -> bool:
    """Tell whether a name can stand in a cell and be typed again: not too long, and without characters that cannot be seen."""
    return len(name) <= PATH_BYTES and not UNSEEN.search(name)


def file_here(file: str | Path, allowed: str, todo: str = "correct the path") -> Problems:
    """Ask for a file that is there and is no folder."""
    try:
        if Path(file).is_file():
            return []
        came = "a folder" if Path(file).is_dir() else "no such file"
    except (OSError, ValueError) as error:  # a name that is too long, or holds NUL
        came = getattr(error, "strerror", None) or str(error)
    return [Problem(said(str(file))[1:-1], came, allowed, todo)]


def said(value: Any, most: int = 120) -> str:
    """Return how a refusal shows what came: on one line, and no longer than a reader reads."""
    try:
        lines = repr(plain(value)).splitlines() or [""]
    except ValueError:  # more digits than Python writes
        return "a number of thousands of digits"
    first = lines[0] + (" …" if len(lines) > 1 else "")
    return first if len(first) <= most else f"{first[: most - 20]} … ({len(first):,} characters)"


def typed(place: str | Path) -> str:
    """Return a path as it is typed: with / on every system, and quotes that every shell knows, those of Windows too."""
    path = str(place).replace(os.sep, "/")
    quoted = shlex.quote(path)
    return quoted if quoted == path or re.search(r'["$`!\\]', path) else f'"{path}"'


def listed(names: Iterable[Any], most: int = 20) -> str:
    """Return names with commas between them; of many the first ones and how many there are."""
    every = list(names)
    shown = ", ".join(str(name) if len(str(name)) <= 60 else f"{str(name)[:60]}…" for name in every[:most])
    return f"{shown} … ({len(every):,} in all)" if len(every) > most else shown
