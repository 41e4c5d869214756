"""Refusals: how this library says no, in four parts: where, what came, what is allowed, what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


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
    """What was asked cannot be done as asked; all problems of one call are told together."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def refuse_if(problems: Iterable[Problem]) -> None:
    """Raise one `Refused` that holds every problem, or do nothing where there is none."""
    if found := tuple(problems):
        raise Refused(*found)
