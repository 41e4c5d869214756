"""Hostile inputs, made from valid ones by tables of mutations: each is tried in a process of its own, with limits on memory and time.

One row of the outcome is a case: refused clearly (four parts; for a file, a reason and what to do, and the file beside it is read), read
rightly (the text or the table that must come out, or a remark that tells what is not whole), silent wrong, traceback, hang, memory.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

OUTCOMES = ["refused clearly", "read rightly", "silent wrong", "traceback", "hang", "memory"]
REFUSE, READ, EITHER = {"refused"}, {"read"}, {"refused", "read", "told"}
ANYTHING = {"refused", "read", "told", "other"}  # where only a crash, a hang or a flood of memory is wrong
SECONDS, MEGABYTES, WALL = (
    20.0,
    900,
    300,
)  # processor time and memory above that of an idle process; time by the clock


class Case(NamedTuple):
    """One input: `spoil` makes it in an empty folder (or in a copy of the small world), `run` reads it, `right` says what may come of it.

    `expect` is what must come out; None: what the undisturbed world gives.
    """

    kind: str
    name: str
    spoil: Callable[[Path], None]
    run: Callable[[Path], Came]
    right: set[str]
    expect: str | None = None
    world: bool = True
    slow: bool = False


class Came(NamedTuple):
    """What came of a case: refused | gave | lost | exit, with its text; `told` is what was said beside it."""

    how: str
    text: str
    told: str = ""


class Outcome(NamedTuple):
    """One row of the table of outcomes."""

    kind: str
    name: str
    outcome: str
    said: str
    seconds: float
    megabytes: float


def command(*arguments: str, gives: Callable[[Path], str] = lambda place: "") -> Callable[[Path], Came]:
    """Return a run of the command line; what it gives is looked up in the folder afterwards."""

    def run(place: Path) -> Came:
        from nqp_topics.cli import main

        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
                code = main(list(arguments))
        except SystemExit as error:
            code = int(error.code or 0)
        told = said.getvalue()
        if "Traceback" in told or code == 3:
            return Came("traceback", told)
        if code == 0:
            return Came("gave", gives(place), told)
        return Came("refused" if code == 2 else "exit", told)

    return run


def in_python(use: Callable[[Path], Any]) -> Callable[[Path], Came]:
    """Return a run of the library, refused as the command line refuses."""

    def run(place: Path) -> Came:
        from nqp_topics.study import Refused

        try:
            return Came("gave", str(use(place)))
        except Refused as refused:
            return Came("refused", str(refused))

    return run


def squeezed(text: str) -> str:
    """Leave out white space, which readers may set otherwise."""
    return re.sub(r"[\s\u200b\ufeff]+", "", text)


def tried(cases: list[Case], world: Path, room: Path) -> Iterator[Outcome]:
    """Try the cases one after another, each in a copy of the world or in an empty folder, and yield what came of it."""
    usual: dict[Any, Came] = {}
    for case in cases:
        if case.expect is None and case.world and case.run not in usual:
            usual[case.run] = _came(case._replace(spoil=lambda place: None), world, room)[0]
        yield _outcome(case, *_came(case, world, room), usual.get(case.run))


def _came(case: Case, world: Path, room: Path) -> tuple[Came, float, float]:
    """Try one case in a child; return what came, the processor time and the memory above that of the parent."""
    subprocess.run(["rm", "-rf", str(room)], check=False)  # folders deeper than Python's own way goes
    place, report = room / "w", room / "came"
    shutil.copytree(world, place) if case.world else place.mkdir(parents=True)
    case.spoil(place)
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = os.fork()
    if not child:
        _in_child(case, place, report)
    until = time.monotonic() + WALL
    while (ended := os.wait4(child, os.WNOHANG))[0] == 0 and time.monotonic() < until:
        time.sleep(0.002)
    if not ended[0]:
        os.killpg(child, signal.SIGKILL)
        ended = os.wait4(child, 0)
    _, status, used = ended
    seconds, megabytes = used.ru_utime + used.ru_stime, max(0, used.ru_maxrss - idle) / 1024
    if report.is_file():
        came = pickle.loads(report.read_bytes())
    else:
        stopped = time.monotonic() >= until or status in (signal.SIGXCPU, signal.SIGKILL)
        said = (room / "said").read_text("utf-8", "replace")[-300:] if (room / "said").is_file() else ""
        came = Came("hang" if stopped else "died", f"status {status} {said}")
    return came, seconds, megabytes


def _in_child(case: Case, place: Path, report: Path) -> None:
    os.setsid()
    with contextlib.suppress(OSError, ValueError):
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + 4 * MEGABYTES * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(1.2 * SECONDS),) * 2)
    said = os.open(place.parent / "said", os.O_CREAT | os.O_WRONLY)
    os.dup2(said, 1), os.dup2(said, 2)
    sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", 0), "utf-8", write_through=True)
    try:
        os.chdir(place)
        came = case.run(place)
    except MemoryError:
        came = Came("memory", "MemoryError")
    except BaseException:
        came = Came("traceback", traceback.format_exc())
    with report.with_suffix(".part").open("wb") as stream:
        pickle.dump(came, stream)
    report.with_suffix(".part").rename(report)
    os._exit(0)


def _outcome(case: Case, came: Came, seconds: float, megabytes: float, usual: Came | None) -> Outcome:
    expect = case.expect if case.expect is not None else usual.text if usual else ""
    outcome, said = _judged(case, came, expect, usual.told if usual else "")
    if megabytes > MEGABYTES or came.how == "memory":
        outcome = "memory"
    elif seconds > SECONDS or came.how == "hang":
        outcome = "hang"
    elif outcome not in OUTCOMES:
        outcome = {"refused": OUTCOMES[0], "read": OUTCOMES[1], "told": OUTCOMES[1], "other": OUTCOMES[1]}[
            outcome
        ]
    return Outcome(case.kind, case.name, outcome, said, seconds, megabytes)


def _judged(case: Case, came: Came, expect: str, usually: str) -> tuple[str, str]:
    said = " ".join(came.text.split())
    if came.how in ("traceback", "died", "hang", "memory"):
        return "traceback", said[-300:]
    if came.how == "refused":
        clear = all(part in came.text for part in ("came:", "allowed:", "do next:"))
        found = "refused" if clear else "silent wrong"
        said = said if clear else f"refused without its four parts: {said}"
    elif came.how == "gave":
        told = [line for line in came.told.splitlines() if line.strip() and line not in usually.splitlines()]
        told = [line for line in told if not re.match(r"out\S*: \d+", line)]
        same = came.text == expect
        found = "read" if same else "told" if told and case.right != ANYTHING else "other"
        said = f"{' '.join(told)[:200]} | {came.text[:150]!r}" if not same else "as it must be"
    else:
        found = "silent wrong"
    return (found, said[:300]) if found in case.right else ("silent wrong", f"{came.how}: {said[:300]}")


def table(outcomes: list[Outcome]) -> str:
    """Return the table of outcomes, one row a kind, for the screen."""
    kinds = list(dict.fromkeys(one.kind for one in outcomes))
    rows = [
        [kind, *(sum(o.kind == kind and o.outcome == name for o in outcomes) for name in OUTCOMES)]
        for kind in kinds
    ]
    rows.append(["all", *(sum(o.outcome == name for o in outcomes) for name in OUTCOMES)])
    lines = [f"{'kind':16}" + "".join(f"{name:>17}" for name in OUTCOMES)]
    return "\n".join(lines + [f"{row[0]:16}" + "".join(f"{number:17}" for number in row[1:]) for row in rows])


def all_cases(seed: int = 1) -> list[Case]:
    """Return all cases of a seed; what is large is made when it is tried."""
    from hostile import documents, kept, office, settings, tables

    chance = random.Random(seed)
    return [case for room in (documents, office, tables, settings, kept) for case in room.cases(chance)]


def few(cases: list[Case], every: int) -> list[Case]:
    """Return every n-th of the quick cases of each kind, and the first of each."""
    chosen = []
    for kind in dict.fromkeys(case.kind for case in cases):
        chosen += [case for case in cases if case.kind == kind and not case.slow][::every]
    return chosen
