"""Choices: what a setting of study.toml is for, what it takes, and why it cannot have a value."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from nqp_topics.checks import Problem, number, one_of, path, said, text, whole_number
from nqp_topics.study.repairs import Repair

NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Choice:
    """What a setting is for, and what it takes: numbers within limits, one of some names, the path of a file."""

    section: str
    about: str
    least: float = 0
    most: float = math.inf
    above: bool = False
    among: tuple[str, ...] = ()
    path: bool = False
    keys: tuple[str, ...] = ()  # of study.toml, where they are not the name of the field


def choice(section: str, usual: Any, about: str, **takes: Any) -> Any:
    """Make a field of `Study` that study.toml may set; its usual value is always taken."""
    begins: dict[str, Any] = {"default_factory": dict} if usual == {} else {"default": usual}
    return field(metadata={"choice": Choice(section, about, **takes)}, **begins)


def wrong(where: str, asked: Any, value: Any, every: Mapping[str, Any] = NONE) -> list[Problem]:
    """Tell why a setting, which is a field of `Study`, cannot have a value; of those that vary `every` field is asked."""
    name, kind, takes = asked.name, asked.type, asked.metadata["choice"]
    if type(value) is type(asked.default) and value == asked.default:
        return []
    if kind == "str":
        if takes.among:
            return one_of(where, value, takes.among, "choose one of these")
        return (path if takes.path else text)(where, value)
    if kind == "int":
        return whole_number(where, value, int(takes.least), todo=takes.about)
    if kind == "float":
        return number(where, value, takes.least, takes.most, takes.above, takes.about)
    if kind == "bool":
        return [] if isinstance(value, bool) else _other(where, value, "true or false", takes.about)
    if name == "repairs":
        fine = isinstance(value, list | tuple) and all(isinstance(one, Repair) for one in value)
        return [] if fine else _other(where, value, "a list of rules", "correct the list")
    if kind == "tuple[str, ...]":
        return _texts(where, value) or (patterns(where, value) if name == "drop" else [])
    if not isinstance(value, dict):
        return _other(where, value, "a table of settings", "correct the value")
    if name == "varied":
        told = []
        for key, values in value.items():
            here = f"{where} {key}"
            told += one_of(here, key, takes.keys) or varied_problems(here, every.get(key), values)
        return told
    if name == "witness_of":
        return [problem for key, one in value.items() for problem in _texts(f"{where} {key}", one)]
    tables = {key: one for key, one in value.items() if not isinstance(one, dict)}
    return [Problem(where, said(one), "a table of settings", f"[train.{key}]") for key, one in tables.items()]


def varied_problems(where: str, asked: Any, values: Any) -> list[Problem]:
    """Tell why a setting cannot take these values in turn; without a field they are true or false."""
    if not isinstance(values, list) or not values:
        return _other(where, values, "a list of values", "correct the list")
    if asked is None:
        fine = isinstance(values[0], bool)
        return [] if fine else _other(where, values, "[true] or [false]", "correct the list")
    return [problem for value in values for problem in wrong(where, asked, value)]


def _other(where: str, value: Any, allowed: str, todo: str) -> list[Problem]:
    return [Problem(where, said(value), allowed, todo)]


def patterns(where: str, values: Any) -> list[Problem]:
    """Tell why texts are no regular expressions that find something."""
    told = []
    for one in values:
        try:
            empty = re.compile(one).match("")
            came = f"{one!r}, which takes nothing away" if empty else ""
        except re.error as error:
            came = f"{one!r} ({error})"
        if came:
            allowed = "a regular expression that finds characters"
            told.append(
                Problem(where, came, allowed, r"write it between ' and ', for example 'https?://\S+'")
            )
    return told


def _texts(where: str, value: Any) -> list[Problem]:
    if not isinstance(value, list | tuple):
        return _other(where, value, "a list of texts", "correct the list")
    found = [one for one in value if text(where, one)]
    return _other(where, found[0], "a list of texts", "correct the list") if found else []
