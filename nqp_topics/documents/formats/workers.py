"""Read in processes of their own: where that saves time, and always what may bring a process down; results in the order of the files."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_PAYS = 4.0  # seconds of reading; below, starting processes costs more than it saves
_SECONDS = 20.0  # of computing that any file may take, and so many times what files of its size take
_TIMES = 20.0
_MEMORY = 2 << 30  # bytes that reading may take beside what the process holds already
_TOO_LONG = "far longer than files of its size take"
_NO_ROOM = 3  # how a process ends that has no more memory


@dataclass
class _Helper:
    """A process that reads one file at a time for this one; `task` is the number of what it has in work."""

    process: Any
    pipe: Connection
    task: int | None = None
    until: float = 0.0
    fresh: bool = True


def in_order(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    costs: Sequence[float],
    workers: int | None,
    apart: Sequence[bool],
    lost: Callable[[Task, str], Result],
) -> Iterator[Result]:
    """Yield function(task) for every task, in order; `costs` are seconds guessed, `workers` None decides by them.

    What is `apart` is never read in this process. A task that takes too much memory or time, or ends its process, yields
    lost(task, why); no other task is touched. Few tasks are in work at a time, so memory does not grow with their number. Ctrl-C ends
    the processes and is passed on.
    """
    number = min(workers or _chosen(sum(costs)), len(tasks))
    may = _may_start()
    helpers: list[_Helper] = []
    done: dict[int, Result] = {}
    given = 0
    try:
        for turn in range(len(tasks)):
            if not may or (number <= 1 and not apart[turn]):
                yield _here(function, tasks[turn], lost)
                continue
            given = max(given, turn)
            while turn not in done:
                while given < len(tasks) and given < turn + (3 * number if number > 1 else 1):
                    helper = _free(helpers, number, function)
                    if helper is None:
                        break
                    _give(helper, given, tasks[given], costs[given])
                    given += 1
                _gather(helpers, function, tasks, costs, done, lost)
            yield done.pop(turn)
    finally:
        for helper in helpers:
            _end(helper)


def _here(function: Callable[[Task], Result], task: Task, lost: Callable[[Task, str], Result]) -> Result:
    try:
        return function(task)
    except MemoryError:
        return lost(task, "more memory than there is")


def _free(helpers: list[_Helper], number: int, function: Callable[[Any], Any]) -> _Helper | None:
    """Return a helper without work; a new one where there may be more."""
    idle = next((helper for helper in helpers if helper.task is None), None)
    if idle is None and len(helpers) < max(number, 1):
        context: Any = multiprocessing.get_context(_start())
        ours, theirs = context.Pipe()
        fork = _start() == "fork"
        inherited = [ours, *(helper.pipe for helper in helpers)] if fork else []
        process = context.Process(target=_serve, args=(function, theirs, inherited), daemon=True)
        process.start()
        theirs.close()
        idle = _Helper(process, ours)
        helpers.append(idle)
    return idle


def _give(helper: _Helper, number: int, task: Any, cost: float) -> None:
    seconds = _SECONDS + _TIMES * cost
    helper.task = number
    # the process counts its own computing; a clock on the wall only where it cannot
    helper.until = time.monotonic() + 10 * seconds
    with contextlib.suppress(OSError):  # it has ended, as will be seen
        helper.pipe.send((task, seconds))


def _gather(
    helpers: list[_Helper],
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    costs: Sequence[float],
    done: dict[int, Result],
    lost: Callable[[Task, str], Result],
) -> None:
    """Wait until something has been read, or cannot be."""
    busy = [helper for helper in helpers if helper.task is not None]
    ready = wait([helper.pipe for helper in busy], max(min(h.until for h in busy) - time.monotonic(), 0.0))
    for helper in busy:
        number = helper.task
        assert number is not None
        why = ""
        if helper.pipe in ready:
            try:
                done[number] = helper.pipe.recv()
                helper.task, helper.fresh = None, False
                continue
            except MemoryError:
                why = "more memory than there is"
            except (EOFError, OSError):
                helper.process.join(5)
                why = _reason(helper.process.exitcode)
        elif time.monotonic() >= helper.until:
            why = _TOO_LONG
        else:
            continue
        helpers.remove(helper)
        _end(helper)
        if helper.fresh or why == _TOO_LONG:
            done[number] = lost(tasks[number], why)
        else:  # what it read before may have weighed on it
            again = _free(helpers, len(helpers) + 1, function)
            assert again is not None
            _give(again, number, tasks[number], costs[number])


def _reason(code: int | None) -> str:
    if code == _NO_ROOM:
        return f"more than {_MEMORY >> 30} GB of memory"
    if code == -getattr(signal, "SIGPROF", 99):
        return _TOO_LONG
    return "so much that the program that opens it breaks down (too much memory, or damage)"


def _end(helper: _Helper) -> None:
    helper.pipe.close()
    helper.process.kill()
    helper.process.join()


def _serve(function: Callable[[Any], Any], pipe: Connection, inherited: list[Connection]) -> None:
    """Read what comes through the pipe until it is closed; end when a file takes too much."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the process that asked tells
    for other in inherited:
        other.close()
    faulthandler.disable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what libraries cry when they break down
    clock = getattr(signal, "setitimer", None)
    _bound_memory()
    try:
        while True:
            task, seconds = pipe.recv()
            if clock:
                clock(signal.ITIMER_PROF, seconds)
            result = function(task)
            if clock:
                clock(signal.ITIMER_PROF, 0)
            pipe.send(result)
    except (EOFError, OSError):
        os._exit(0)
    except MemoryError:
        os._exit(_NO_ROOM)
    except BaseException:
        os._exit(1)


def _bound_memory() -> None:
    """Let this process take so much more than it holds; where the system knows no such bound there is none."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123
            held = int(stream.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + _MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        return


def _chosen(seconds: float) -> int:
    """Choose the number of processes: one, unless the work is long."""
    return 1 if seconds < _PAYS else min(os.cpu_count() or 1, 8)


def _may_start() -> bool:
    """Tell whether processes can be started: those started afresh run the caller's script again, which is safe only without a script."""
    if multiprocessing.current_process().daemon:
        return False
    return _start() == "fork" or not hasattr(sys.modules.get("__main__"), "__file__")


def _start() -> str:
    return "fork" if sys.platform.startswith("linux") else "spawn"
