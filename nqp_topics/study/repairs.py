"""Repairs: characters that one article's font printed wrongly, and the ranges of lines in which they, and articles, stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nqp_topics.checks import Problem, Refused, said


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


def read_repairs(rows: list[Any], where: str) -> tuple[tuple[Repair, ...], list[Problem]]:
    """Return the rules that stand in `[[clean.repair]]`, and what is wrong with those that cannot be used."""
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
            if not all(isinstance(word, str) for word in row.get("spare", ())):
                raise TypeError("spare that is no list of words")
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
    match = re.fullmatch(r"\s*([0-9]{1,9})\s*(?:[:-]\s*([0-9]{1,9})\s*)?", str(written))
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 0 < first <= last:
        raise Refused(
            Problem(
                where,
                said(written),
                "A:B, two line numbers from 1 on, the first not larger",
                "for example 120:345",
            )
        )
    return first, last


def line_ranges(written: str, where: str = "lines") -> list[tuple[int, int]]:
    """Read `A:B;C:D …`, in the order in which the pieces are to be read."""
    return [line_range(piece, where) for piece in str(written).split(";") if piece.strip()]
