"""Refusals: how this library says no, in four parts: where, what came, what is allowed, what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

TOLD = 20  # problems that one message shows


@dataclass(frozen=True)
class Problem:
    """One thing that cannot be honoured: where it stands, what came, what is allowed, what to do next."""

    where: str
    came: str
    allowed: str
    todo: str

    def __str__(self) -> str:
        return f"{self.where}\n  came:    {self.came}\n  allowed: {self.allowed}\n  do next: {self.todo}"


class Refused(ValueError):
    """What was asked cannot be done as asked; all problems of one call are told together, the first twenty in full."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        more = [f"… and {len(problems) - TOLD:,} more of this kind"] if len(problems) > TOLD else []
        super().__init__("\n".join([*map(str, problems[:TOLD]), *more]))

    def __reduce__(self) -> tuple[Any, ...]:  # from a process of a pool it comes with its problems
        return type(self), self.problems


def refuse_if(*found: Iterable[Problem]) -> None:
    """Raise one `Refused` that holds every problem of every check, or do nothing where there is none."""
    if problems := tuple(chain.from_iterable(found)):
        raise Refused(*problems)
