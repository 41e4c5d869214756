"""Blocks on other machines (Dask): workers hold blocks, and a step sends only what changed in the table.

A worker that is lost takes no work with it: its blocks are made again on others from the labels that were kept last, or from the start, by the steps
that were done since, which come out as they did.
"""

import re
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from itertools import zip_longest
from logging import CRITICAL
from typing import Any
from uuid import uuid4

import numba
import numpy as np

from nqp_topics import __version__
from nqp_topics.checks import Problem, Refused, listed, refuse_if, said
from nqp_topics.checks.chinese import told
from nqp_topics.files import once
from nqp_topics.topics.engines import worker as away
from nqp_topics.topics.engines.blocks import COPY, Found, Hand, Step, in_units, split
from nqp_topics.topics.engines.bodies import Bodies, Plan, chain_seed
from nqp_topics.topics.engines.worker import Answer, Entry, Gone, Lot, pack, unpack

ANSWER = 8.0  # seconds for an address to answer
WAIT = 60.0  # seconds for a worker to come where none is left
RATE = 20e-9, 3e-9  # seconds that a sweep takes a token: with few topics, and for each topic more
FULL, PYTHON = 0.8, 300 << 20  # of the memory of a worker that may be used, and bytes that Python takes
SLOW = 2.3  # how many sweeps a pass of EM takes
BEGIN = Step("begin", 0, np.zeros(0), 0.0)
LOCAL = re.compile("local:([1-9][0-9]{0,2})")


def who() -> tuple[str, ...]:
    """Return what must be the same on all machines: the version and code of this package, and of numba."""
    return f"nqp-topics {__version__}", f"code {once.code()[:12]}", f"numba {numba.__version__}"


class Crew:
    """The workers of a cluster, who do what `blocks.Crew` does."""

    def __init__(self, client: Any, parts: list[Bodies], topics: int, seed: int) -> None:
        self.client, self.run, self.topics = client, uuid4().hex, topics
        self.parts = {n: (part, chain_seed(seed, n)) for n, part in enumerate(parts)}
        self.longest = max(int(part.lengths.max()) for part in parts)
        self.hand = Hand(topics, 1, self.longest)
        self.homes: dict[str, list[int]] = {}

    @property
    def cells(self) -> int:
        """Words × topics."""
        return self.parts[0][0].vocabulary * self.topics

    def need(self, names: list[int], threads: int) -> int:
        """Return about how many bytes a worker takes for these blocks: counts, labels or shares, tables and their copies, and Python."""
        parts = [self.parts[name][0] for name in names]
        counts = sum(8 * len(part.words) + 2 * part.tokens for part in parts)
        shares = 8 * self.topics * sum(len(part.ends) for part in parts)
        return counts + shares + self.cells * (COPY * min(threads, len(names)) + 32) + PYTHON

    def tokens(self, names: Iterable[int]) -> int:
        """Return how many tokens blocks have."""
        return sum(self.parts[name][0].tokens for name in names)

    def expected(self, plan: Plan) -> str:
        """Say what the run takes."""
        threads, homes = self.alive(), self.shared(list(self.parts))
        need = max(self.need(names, threads[worker]) for worker, names in homes.items())
        tokens = {worker: self.tokens(names) for worker, names in homes.items()}
        most = min(max(tokens.values()) * 6, self.cells * 2)
        seconds = (plan.sweeps + SLOW * plan.finish) * (RATE[0] + RATE[1] * self.topics)
        seconds *= max(n / threads[one] for one, n in tokens.items())
        return (
            f"{len(homes)} workers, {sum(threads[one] for one in homes)} threads, {len(self.parts)} blocks: up to {need / 2**20:,.0f} MiB a worker, "
            f"{most / 1e6:,.1f} MB a worker and sweep, about {seconds / 60:,.1f} minutes"
        )

    def alive(self) -> dict[str, int]:
        """Return the workers that answer, and their threads; where none is left, wait for one. Refused: none comes."""
        end = time.monotonic() + WAIT
        while not (found := self.client.scheduler_info(n_workers=-1)["workers"]):
            if time.monotonic() > end:
                todo = "start workers and say the same again: a run that keeps its labels (resume, cache) goes on"
                raise Refused(Problem("train(cluster)", "no worker is left", "one worker at least", todo))
            time.sleep(0.2)
        return {address: int(one["nthreads"]) for address, one in sorted(found.items())}

    def shared(self, names: list[int]) -> dict[str, list[int]]:
        """Give each block to the worker that has least for each of its threads."""
        threads, found = self.alive(), dict[str, list[int]]()
        load = {worker: self.tokens(self.homes.get(worker, [])) for worker in threads}
        for name in sorted(names, key=lambda name: -self.tokens([name])):
            worker = min(threads, key=lambda worker: load[worker] / threads[worker])
            found.setdefault(worker, []).append(name)
            load[worker] += self.tokens([name])
        return found

    def sent(self, data: Any) -> Any:
        """Send something once; workers that need it fetch it from each other, and it outlives each of them."""
        return self.client.submit(away.itself, data, pure=False)

    def asked(self, function: Any, worker: str, *given: Any) -> Any:
        """Have one worker, and no other, do something."""
        return self.client.submit(function, self.run, *given, workers=[worker], pure=False)

    def size(self, worker: str) -> tuple[int, int, int]:
        """Return what a worker must know of all blocks: topics, its threads, tokens of the longest passage."""
        return self.topics, self.alive().get(worker, 1), self.longest

    def since(self, labels: list[np.ndarray] | None) -> None:
        """From now on blocks that are lost are made again from the table as it is and these labels."""
        self.lots = {n: Lot(n, *part, labels[n] if labels else None) for n, part in self.parts.items()}
        self.entries: list[Entry] = []
        self.last = Entry(None if self.hand.table is None else pack(self.hand.table), BEGIN)

    def begin(self, table: np.ndarray | None = None, labels: np.ndarray | None = None) -> None:
        """Give all the table of a sample, or the labels of all tokens."""
        self.hand.table = None if table is None else in_units(table)
        parts = [part for part, _ in self.parts.values()]
        self.since(None if labels is None else split(labels, parts))
        self.homes = self.shared(list(self.parts))
        # a block for each worker at a time, which is all that is under way
        for turn in zip_longest(*self.homes.values()):
            pairs = [pair for pair in zip(self.homes, turn, strict=True) if pair[1] is not None]
            asked = (self.asked(away.hold, one, self.size(one), self.lots[name]) for one, name in pairs)
            self.answers([(future, one, [name]) for future, (one, name) in zip(asked, pairs, strict=True)])

    def do(self, step: Step, table: np.ndarray | None = None) -> Found:
        """Do a step with all blocks; `table` is what all have after one that finds none."""
        answers = self.ask(self.last._replace(step=step))
        for one in answers:
            if one.table is not None:
                table = unpack(one.table) if table is None else table + unpack(one.table)
        self.hand.take(step, table)
        self.last = Entry(None if table is None else pack(table), step)
        told = {name: value for one in answers for name, value in one.told.items()}
        return Found(table, sum((one.histogram for one in answers[1:]), answers[0].histogram), told)

    def each(self, what: str) -> list[np.ndarray]:
        """Return the labels or the shares of each block; blocks that are lost later begin with these labels."""
        given: dict[int, np.ndarray] = {}
        for one in self.ask(self.last._replace(what=what)):
            given |= one.given
        found = [given[name] for name in sorted(given)]
        self.since(found if what == "labels" else None)
        return found

    def ask(self, entry: Entry) -> list[Answer]:
        """Ask all workers, and others for blocks whose worker is lost, until there is an answer for each block."""
        self.entries.append(entry)
        alive, sent = self.alive(), self.sent(entry)
        lost = [name for worker in list(self.homes) if worker not in alive for name in self.homes.pop(worker)]
        here = [(one, names) for one, names in self.homes.items() if names]
        waiting = [(self.asked(away.work, one, names, sent), one, names) for one, names in here]
        found, lost = self.answers([*waiting, *self.mended(lost)])
        while lost:
            for worker, names in self.homes.items():
                self.homes[worker] = [name for name in names if name not in lost]
            more, lost = self.answers(self.mended(lost))
            found += more
        return found

    def answers(self, waiting: list[tuple[Any, str, list[int]]]) -> tuple[list[Answer], list[int]]:
        """Wait for what workers were asked; return the answers, and the blocks of workers that are lost."""
        from distributed import KilledWorker, wait

        found, lost = list[Answer](), list[int]()
        while waiting:
            with suppress(TimeoutError):
                wait([future for future, _, _ in waiting], timeout=0.5, return_when="FIRST_COMPLETED")
            alive, still = self.alive(), []
            for future, worker, names in waiting:
                try:
                    if future.done():
                        found.append(future.result(timeout=ANSWER))
                    elif worker in alive:
                        still.append((future, worker, names))
                    else:
                        raise Gone(worker)
                except (TimeoutError, Gone, CancelledError, KilledWorker):
                    future.cancel()
                    lost += names
            waiting = still
        return found, lost

    def mended(self, names: list[int]) -> list[tuple[Any, str, list[int]]]:
        """Have lost blocks made again by workers that are left, which do the step that is asked now."""
        if not names:
            return []
        print(told(f"a worker is lost: {len(names)} blocks are made again elsewhere"), file=sys.stderr)
        waiting, entries = [], self.sent(self.entries)
        for worker, own in self.shared(names).items():
            for name in own:
                future = self.asked(away.again, worker, self.size(worker), self.lots[name], entries)
                waiting.append((future, worker, [name]))
            self.homes[worker] = self.homes.get(worker, []) + own
        return waiting


def problems(client: Any, crew: Crew) -> Iterator[Problem]:
    """Tell of workers with another version of what must be the same, and of those whose memory is too small."""
    for worker, theirs in sorted(client.run(who, on_error="return").items()):
        if theirs != who():
            came = listed(theirs) if isinstance(theirs, tuple) else said(str(theirs))
            todo = "install the same on all machines: pip install -r requirements.lock"
            yield Problem(f"train(cluster) {worker}", came, listed(who()), todo)
    workers, homes = client.scheduler_info(n_workers=-1)["workers"], crew.shared(list(crew.parts))
    for worker, names in homes.items():
        need, limit = crew.need(names, int(workers[worker]["nthreads"])), workers[worker]["memory_limit"] or 0
        if limit and need > FULL * limit:
            came = f"{limit / 2**30:.1f} GiB, of which about {need / 2**30:.1f} are needed"
            room = need / FULL / 2**30
            allowed = f"{room:.1f} GiB for {len(names)} blocks and {crew.cells:,} words × topics"
            todo = "take more workers, fewer threads on each, fewer topics or rarer words out (min_df)"
            yield Problem(f"train(cluster) {worker}", came, allowed, todo)


@contextmanager
def crew(where: Any, parts: list[Bodies], topics: int, seed: int, plan: Plan) -> Iterator[Crew]:
    """Open a cluster and put blocks on it; say what they take and how long it will be. Refused: what `opened` and `problems` say."""
    with opened(where) as client:
        found = Crew(client, parts, topics, seed)
        refuse_if(problems(client, found))
        print(told(found.expected(plan)), file=sys.stderr)
        try:
            yield found
        finally:
            found.answers([(found.asked(away.leave, one), one, []) for one in found.homes])


@contextmanager
def opened(where: Any) -> Iterator[Any]:
    """Return a client of distributed: the one that is given, of the address that is given, or of processes of this machine ("local:4").

    Refused: distributed is not installed, an address that is none or does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        came, todo = "distributed, which is not installed", 'pip install "nqp-topics[cluster]"'
        raise Refused(Problem("train(cluster)", came, "one machine, or that library", todo)) from None
    if isinstance(where, Client):
        yield where
        return
    if match := LOCAL.fullmatch(str(where)):
        here = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
        # what a worker meets is raised here; its own log says it again, and more
        quiet = {"scheduler_kwargs": {"dashboard": False}, "silence_logs": CRITICAL}
        with (
            LocalCluster(n_workers=int(match[1]), threads_per_worker=1, **here, **quiet) as machine,
            Client(machine) as client,
        ):
            yield client
        return
    try:
        client = Client(str(where), timeout=ANSWER)
    except (OSError, ValueError, TimeoutError) as error:
        came = f"{said(str(where))}: {said(str(error))[1:-1]}"
        allowed = "the address of a Dask scheduler that answers, such as tcp://node1:8786, or local:4"
        todo = "see whether it runs, and is reached from here"
        raise Refused(Problem("train(cluster)", came, allowed, todo)) from None
    with client:
        yield client
