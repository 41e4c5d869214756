"""Hostile inputs, made from valid ones by tables of mutations: each is tried in a process with limits on memory and time.

One row of the outcome is a case: refused clearly (four parts; for a file, a reason and what to do, and the file beside it is read), read
rightly (the text or the table that must come out, or a remark that tells what is not whole), silent wrong, traceback, hang, memory.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import pickle
import random
import re
import resource
import select
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
SECONDS, MEGABYTES = 20.0, 900  # processor time, and memory above that of an idle process
WALL, TOGETHER = 300, 40  # seconds by the clock; cases that one process tries


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
    worker = Worker(cases, world, room)
    try:
        for number, case in enumerate(cases):
            if case.expect is None and case.world and case.run not in usual:
                usual[case.run] = worker.came(number, lambda place: None)[0]
            yield _outcome(case, *worker.came(number, case.spoil), usual.get(case.run))
    finally:
        worker.end()


class Worker:
    """A process that tries cases until it dies of one, has trouble with one, or has tried enough; then another takes over."""

    def __init__(self, cases: list[Case], world: Path, room: Path) -> None:
        self.cases, self.world, self.room, self.child, self.left = cases, world, room, 0, 0

    def came(self, number: int, spoil: Callable[[Path], None]) -> tuple[Came, float, float]:
        """Try one case; return what came, the processor time, and the memory above that of an idle process."""
        # folders deeper than Python's own way goes
        subprocess.run(["rm", "-rf", str(self.room)], check=False)
        place, report = self.room / "w", self.room / "came"
        shutil.copytree(self.world, place) if self.cases[number].world else place.mkdir(parents=True)
        spoil(place)
        if not self.left:
            self.end()
        if not self.child:
            self._start()
        self.left -= 1
        with contextlib.suppress(BrokenPipeError):
            os.write(self.ask, b"%d\n" % number)
        until, ready = time.monotonic() + WALL, False
        while not ready and time.monotonic() < until and not self._gone():
            ready = bool(select.select([self.answer], [], [], 0.5)[0])
        if ready and os.read(self.answer, 1):
            came, seconds, megabytes = pickle.loads(report.read_bytes())
            if megabytes > 100 or came.how in ("traceback", "memory"):
                self.left = 0
            return came, seconds, megabytes
        status, used = self.end()
        stopped = status in (signal.SIGXCPU, signal.SIGKILL)
        file = self.room / "said"
        said = file.read_text("utf-8", "replace")[-300:] if file.is_file() else ""
        megabytes = max(0, used.ru_maxrss - self.idle) / 1024
        return Came("hang" if stopped else "died", f"status {status} {said}"), SECONDS * stopped, megabytes

    def _start(self) -> None:
        asked, self.ask = os.pipe()
        self.answer, answers = os.pipe()
        self.idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        gc.collect(), gc.freeze()
        self.child, self.left = os.fork(), TOGETHER
        if not self.child:
            os.close(self.ask), os.close(self.answer)
            os.setsid()
            with contextlib.suppress(OSError, ValueError):
                size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
                resource.setrlimit(resource.RLIMIT_AS, (size + 4 * MEGABYTES * 2**20,) * 2)
            with os.fdopen(asked) as numbers:
                for number in iter(numbers.readline, ""):
                    _try(self.cases[int(number)], self.room, self.idle)
                    os.write(answers, b".")
            os._exit(0)
        os.close(asked), os.close(answers)

    def _gone(self) -> bool:
        """Tell whether the process has died; what it started may live on and hold the pipe open."""
        stat = Path(f"/proc/{self.child}/stat")
        return stat.is_file() and stat.read_text().rpartition(")")[2].split()[0] == "Z"

    def end(self) -> tuple[int, Any]:
        """End the process, and all that it has started; return its status and what it used."""
        if not self.child:
            return 0, None
        with contextlib.suppress(ProcessLookupError):  # one that has died keeps its own status
            os.killpg(self.child, signal.SIGKILL)
        os.close(self.ask), os.close(self.answer)
        _, status, used = os.wait4(self.child, 0)
        self.child = self.left = 0
        return status, used


def _try(case: Case, room: Path, idle: int) -> None:
    """Try a case in this process and write its report."""
    before = sum(os.times()[:4])
    resource.setrlimit(
        resource.RLIMIT_CPU, (int(time.process_time() + 1.2 * SECONDS), resource.RLIM_INFINITY)
    )
    said = os.open(room / "said", os.O_CREAT | os.O_WRONLY)
    os.dup2(said, 1), os.dup2(said, 2), os.close(said)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "wb", closefd=False), "utf-8", write_through=True)
    try:
        os.chdir(room / "w")
        came = case.run(room / "w")
    except MemoryError:
        came = Came("memory", "MemoryError")
    except BaseException:
        came = Came("traceback", traceback.format_exc())
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    used = came, sum(os.times()[:4]) - before, max(0, most - idle) / 1024
    (room / "came").write_bytes(pickle.dumps(used))


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
