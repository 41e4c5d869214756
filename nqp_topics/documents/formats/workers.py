"""Read in processes of their own: where that saves time, and always what may bring a process down; results in the order of the files."""

import contextlib
import faulthandler
import math
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_PAYS = 4.0  # seconds of reading; below, starting processes costs more than it saves
# seconds of computing that any file may take, and so many times what files of its size take
_SECONDS, _TIMES = 15.0, 20.0
_MEMORY = 2 << 30  # bytes that reading may take at most beside what the process holds already;
_LEAST, _A_SECOND = 512 << 20, 32 << 20  # less where few seconds are guessed: twenty times the file's size
_TOO_LONG = "far longer than files of its size take"
_TOO_MUCH = "far more memory than files of its size take, or more than there is"
_NO_ROOM = 77  # how a process ends that has no more memory


@dataclass
class _Helper:
    """A process that reads one file at a time for this one; `task` is the number of what it has in work."""

    process: Any
    pipe: Connection
    task: int | None = None
    until: float = 0.0
    fresh: bool = True


@dataclass
class _Work(Generic[Task, Result]):
    """What is to be read and by whom: the tasks with the seconds guessed, the helpers, and what is done already."""

    function: Callable[[Task], Result]
    tasks: Sequence[Task]
    costs: Sequence[float]
    lost: Callable[[Task, str], Result]
    helpers: list[_Helper] = field(default_factory=list)
    done: dict[int, Result] = field(default_factory=dict)


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
    # one process, unless the work is long
    chosen = workers or (1 if math.fsum(costs) < _PAYS else min(os.cpu_count() or 1, 8))
    number = min(chosen, len(tasks))
    may, given = not multiprocessing.current_process().daemon, 0
    work = _Work(function, tasks, costs, lost)
    try:
        for turn in range(len(tasks)):
            if not may or (number <= 1 and not apart[turn]):
                try:
                    result = function(tasks[turn])
                except MemoryError:
                    result = lost(tasks[turn], _TOO_MUCH)
                yield result
                continue
            given = max(given, turn)
            while turn not in work.done:
                while given < len(tasks) and given < turn + (3 * number if number > 1 else 1):
                    if (helper := _free(work, number)) is None:
                        break
                    _give(work, helper, given)
                    given += 1
                _gather(work)
            yield work.done.pop(turn)
    finally:
        for helper in work.helpers:
            _end(helper)


def _free(work: _Work[Any, Any], most: int) -> _Helper | None:
    """Return a helper without work; a new one where there may be more."""
    idle = next((helper for helper in work.helpers if helper.task is None), None)
    if idle is None and len(work.helpers) < max(most, 1):
        context: Any = multiprocessing.get_context(_start())
        ours, theirs = context.Pipe()
        inherited = [ours, *(helper.pipe for helper in work.helpers)] if _start() == "fork" else []
        process = context.Process(target=_serve, args=(work.function, theirs, inherited), daemon=True)
        with _no_script():
            process.start()
        theirs.close()
        idle = _Helper(process, ours)
        work.helpers.append(idle)
    return idle


def _give(work: _Work[Any, Any], helper: _Helper, number: int) -> None:
    seconds = _SECONDS + _TIMES * work.costs[number]
    room = min(_MEMORY, _LEAST + int(_A_SECOND * work.costs[number]))
    helper.task = number
    # the process counts its own computing; a clock on the wall only where it cannot
    helper.until = time.monotonic() + 10 * seconds
    with contextlib.suppress(OSError):  # it has ended, as will be seen
        helper.pipe.send((work.tasks[number], seconds, room))


def _gather(work: _Work[Any, Any]) -> None:
    """Wait until something has been read, or cannot be."""
    busy = [helper for helper in work.helpers if helper.task is not None]
    ready = wait([helper.pipe for helper in busy], max(min(h.until for h in busy) - time.monotonic(), 0.0))
    for helper in busy:
        number, why = helper.task, ""
        assert number is not None
        if helper.pipe in ready:
            try:
                work.done[number] = helper.pipe.recv()
                helper.task, helper.fresh = None, False
                continue
            except MemoryError:
                why = _TOO_MUCH
            except (EOFError, OSError):
                helper.process.join(5)
                why = _reason(helper.process.exitcode)
        elif time.monotonic() >= helper.until:
            why = _TOO_LONG
        else:
            continue
        work.helpers.remove(helper)
        _end(helper)
        if helper.fresh or why == _TOO_LONG:
            work.done[number] = work.lost(work.tasks[number], why)
        else:  # what it read before may have weighed on it
            again = _free(work, len(work.helpers) + 1)
            assert again is not None
            _give(work, again, number)


def _reason(code: int | None) -> str:
    if code == -getattr(signal, "SIGPROF", 99):
        return _TOO_LONG
    broken = "so much that the program that opens it breaks down (too much memory, or damage)"
    return _TOO_MUCH if code == _NO_ROOM else broken


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
    clock = getattr(signal, "setitimer", lambda *given: None)
    which = getattr(signal, "ITIMER_PROF", 0)
    bound = _bound_memory()
    try:
        while True:
            task, seconds, room = pipe.recv()
            bound(room)
            clock(which, seconds)
            result = function(task)
            clock(which, 0)
            pipe.send(result)
    except (EOFError, OSError):
        os._exit(0)
    except MemoryError:
        os._exit(_NO_ROOM)
    except BaseException:
        os._exit(1)


def _bound_memory() -> Callable[[int], None]:
    """Return what lets this process take so many bytes more than it holds now; where the system knows no such bound there is none."""
    try:
        import resource

        held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        return lambda room: None

    def bound(room: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (held + room, most))

    return bound


@contextlib.contextmanager
def _no_script() -> Iterator[None]:
    """Have a process that is started afresh not run the caller's script again, as it does to find there what it is asked for."""
    script, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


def _start() -> str:
    return "fork" if sys.platform.startswith("linux") else "spawn"
