"""Read several files at a time where that pays; the results come in the order of the files, whatever the number of processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from nqp_topics.study import Problem, Refused

Task = TypeVar("Task")
Result = TypeVar("Result")

_PAYS = 4.0  # seconds of reading; below, starting processes costs more than it saves
_BUNDLE = 64  # small files travel together


def in_order(
    function: Callable[[Task], Result], tasks: list[Task], costs: list[float], workers: int | None
) -> Iterator[Result]:
    """Yield function(task) for every task, in order; `costs` are seconds guessed, `workers` None decides by them.

    At most a few bundles of tasks are in work at a time, so memory does not grow with their number. Ctrl-C ends the processes
    and is passed on.
    """
    number = min(workers or _chosen(sum(costs)), len(tasks))
    if number <= 1:
        yield from map(function, tasks)
        return
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(number, multiprocessing.get_context(_start()), initializer=_quiet)
    waiting: deque[Future[list[Result]]] = deque()
    finished = False
    try:
        for bundle in _bundles(tasks, costs):
            waiting.append(pool.submit(_run, function, bundle))
            if len(waiting) >= 3 * number:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
        finished = True
    except BrokenProcessPool:
        raise Refused(
            Problem(
                "read",
                "a process that was reading ended unexpectedly (out of memory?)",
                "files that fit into memory beside each other",
                "read with workers=1 (--workers 1); if that ends too, read the files one by one to find the one",
            )
        ) from None
    finally:
        if not finished:  # nobody waits for what is still in work
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


def _run(function: Callable[[Task], Result], bundle: list[Task]) -> list[Result]:
    return [function(task) for task in bundle]


def _bundles(tasks: list[Task], costs: list[float]) -> Iterator[list[Task]]:
    bundle: list[Task] = []
    total = 0.0
    for task, cost in zip(tasks, costs, strict=True):
        if bundle and (total + cost > 0.5 or len(bundle) >= _BUNDLE):
            yield bundle
            bundle, total = [], 0.0
        bundle.append(task)
        total += cost
    if bundle:
        yield bundle


def _chosen(seconds: float) -> int:
    """Choose the number of processes: one, unless the work is long and new processes can be started safely."""
    main = sys.modules.get("__main__")
    # where processes are started afresh they run the caller's script again: safe only without a script
    safe = _start() == "fork" or not hasattr(main, "__file__")
    if seconds < _PAYS or not safe or multiprocessing.parent_process() is not None:
        return 1
    return min(os.cpu_count() or 1, 8)


def _start() -> str:
    return "fork" if sys.platform.startswith("linux") else "spawn"


def _quiet() -> None:
    """End a process on Ctrl-C without a traceback; the one that asked tells."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
