"""Repairs: characters that one article's font printed wrongly, and the ranges of lines in which they, and articles, stand."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nqp_topics.checks import Problem, Refused, said

PIECES = 1000  # of one article, which somebody wrote down


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
    drop: str = ""  # or what goes from every document, as a regular expression


def rules_of(repairs: Iterable[Repair], source: str) -> list[Repair]:
    """Return the rules that hold for a document: its own, and what goes from all."""
    return [rule for rule in repairs if rule.source in (source, "")]


def read_repairs(rows: list[Any], where: str) -> tuple[tuple[Repair, ...], list[Problem]]:
    """Return the rules that stand in `[[clean.repair]]`, and what is wrong with those that cannot be used."""
    repairs: list[Repair] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, 1):
        try:
            repairs.append(_repair(row, f"{where} number {number}"))
        except Refused as refused:
            problems += refused.problems
    return tuple(repairs), problems


def _repair(row: Any, where: str) -> Repair:
    try:
        texts = [row["name"], row["source"], row.get("why", ""), *row["characters"].values()]
        spare = row.get("spare", [])
        if not isinstance(spare, list):
            raise TypeError("spare that is no list of words")
        if wrong := [one for one in [*texts, *spare] if not isinstance(one, str) or "\0" in one]:
            raise TypeError(said(wrong[0]))
        lines, characters = row["lines"], dict(row["characters"])
    except (KeyError, TypeError, AttributeError) as error:
        came = f"{type(error).__name__} {error}"
        allowed = 'name, source, lines = "A:B", characters = { from = "to" }, and if needed spare, why'
        raise Refused(Problem(where, came, allowed, "complete the rule")) from None
    for old, new in characters.items():
        if not old or "\n" in f"{old}{new}":
            came, allowed = f"{old!r} = {new!r}", "characters of one line to replace, and what was printed"
            todo = "correct the pair; lines may not change"
            raise Refused(Problem(f"{where} characters", came, allowed, todo))
    lines = line_range(lines, where)
    return Repair(row["name"], row["source"], lines, characters, tuple(spare), row.get("why", ""))


def line_range(written: Any, where: str = "lines") -> tuple[int, int]:
    """Read `A:B` (both counted from 1, both included) or `A`."""
    text = written if isinstance(written, str) else said(written)
    match = re.fullmatch(r"\s*([0-9]{1,9})\s*(?:[:-]\s*([0-9]{1,9})\s*)?", text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 0 < first <= last:
        allowed = "A:B, two line numbers from 1 on, the first not larger"
        raise Refused(Problem(where, said(written), allowed, "for example 120:345"))
    return first, last


def line_ranges(written: str, where: str = "lines") -> list[tuple[int, int]]:
    """Read `A:B;C:D …`, in the order in which the pieces are to be read."""
    pieces = [piece for piece in str(written).split(";") if piece.strip()]
    if len(pieces) > PIECES:
        came = f"{len(pieces):,} pieces"
        raise Refused(Problem(where, came, f"up to {PIECES:,} pieces", "name fewer, longer ones"))
    return [line_range(piece, where) for piece in pieces]
