"""One chain in blocks of passages, which any number of threads or machines work on to the same bytes.

How many blocks there are depends on the corpus and the settings alone. In a step all blocks work against the table of the step before, each with
random numbers of its own, and what they change is added: whole numbers, whose sum is the same in any order (EM counts in small parts of a token).
"""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from math import fsum
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np

from nqp_topics.checks import Problem, Refused
from nqp_topics.files import whole
from nqp_topics.study import progress
from nqp_topics.topics.engines import held as holding
from nqp_topics.topics.engines import kernels, sparse
from nqp_topics.topics.engines.bodies import (
    LEARN_FROM,
    PRIOR,
    Bodies,
    Chain,
    Plan,
    Start,
    chain_seed,
    label_type,
)
from nqp_topics.topics.engines.kernels import Prior

UNITS = 2.0**20  # parts of a token
SMALLEST, MOST = 250_000, 256  # tokens of a block where its number is not said, and blocks
COPY = 24  # bytes of a word and topic in a block that runs: its own table, and what EM makes of it
# of the sweeps, where the first topics are good ones: the mean of tables is nearer the truth than the last
MEAN_FROM = 1 / 3
FOLDS = 5  # passes that give a passage its first shares
KEEP = 60.0  # seconds from one keeping of labels to the next
KEPT = ("done", "rows", "trace", "labels", "total", "times")  # what a run needs to go on
SILENT = ("fold", "count")  # steps that find no table
IN_PARTS = ("place", "spread")  # steps that find one in parts of a token


def usual(tokens: int, passages: int, cells: int) -> int:
    """Return how many blocks suit a corpus: each large beside the table (words × topics), which it copies."""
    return min(max(2, tokens // max(SMALLEST, cells // 4)), MOST, passages)


def cut(bodies: Bodies, number: int) -> list[Bodies]:
    """Cut passages, in their order, into blocks of about as many tokens, each of one passage at least."""
    ends, words, times, vocabulary, held = bodies
    passages = len(ends) - 1
    after = np.cumsum(bodies.lengths)
    limits = np.searchsorted(after, after[-1] * np.arange(1, number) / number) + 1
    steps = np.arange(1, number)
    limits = np.minimum(np.maximum.accumulate(limits - steps) + steps, passages - number + steps)
    found = []
    for a, b in pairwise([0, *limits.tolist(), passages]):
        own = held and held._replace(of=held.of[a:b])
        at = slice(ends[a], ends[b])
        found.append(Bodies(ends[a : b + 1] - ends[a], words[at], times[at], vocabulary, own))
    return found


def split(labels: np.ndarray, parts: list[Bodies]) -> list[np.ndarray]:
    """Return the labels of each block."""
    return np.split(labels, np.cumsum([part.tokens for part in parts])[:-1])


class Step(NamedTuple):
    """What all blocks are asked to do: which step, its number among the random numbers, the priors, and whether they are to be learnt, or are lifted (`held`), and whether the likelihood is noted."""

    what: str
    number: int
    rows: np.ndarray
    word_prior: float
    learn: bool = False
    lift: bool = True
    noted: bool = False


class Found(NamedTuple):
    """What came of a step: the table (words × topics) or its changes, passages by their tokens of a topic, the likelihood of each block."""

    table: np.ndarray | None
    histogram: np.ndarray
    told: dict[int, float]


@dataclass
class Block:
    """Passages, and what is known of them: a topic for each token, or expected tokens of topics."""

    bodies: Bodies
    seed: int
    labels: Any = None
    shares: Any = None
    order: Any = None

    def work(self, step: Step, common: np.ndarray | None, mine: np.ndarray, histogram: np.ndarray) -> float:
        """Do a step against what all have in `common`; what becomes of it stands in `mine`."""
        ends, words, times, vocabulary, held = self.bodies
        passages, topics, seed = len(ends) - 1, len(step.rows), np.uint64(self.seed)
        usual, here = Prior(step.rows[None], np.zeros(passages, np.int64)), (ends, words, times)
        prior = holding.lifted(held, usual) if step.lift else usual
        told = 0.0
        if step.what == "place":
            self.shares = np.zeros((passages, topics))
            kernels.scatter_words(*here, self.shares, mine, seed)
            holding.keep_out(held, self.shares)
        elif step.what == "fold":
            self.shares = kernels.fold(*here, common, prior, FOLDS)
            self.shares *= self.bodies.lengths[:, None]
        elif step.what == "spread":
            mine[:] = common
            told = kernels.expectation(*here, self.shares, mine, prior, step.word_prior, 1)
        elif step.what == "draw":
            self.labels = np.zeros(self.bodies.tokens, label_type(topics))
            kernels.draw(*here, self.shares, common, prior, step.word_prior, seed, self.labels, mine)
            self.shares = None
        elif step.what == "tally":
            np.add.at(mine, (np.repeat(words, times), self.labels), 1)
        elif step.what == "count":
            self.shares, labels, self.labels = np.zeros((passages, topics)), self.labels, None
            kernels.tokens_of(ends, times, labels, self.shares)
        elif step.what == "sweep":
            mine[:] = common
            totals = mine.sum(axis=0, dtype=np.int64)
            state: tuple[Any, ...] = (self.labels, mine, totals)
            if topics < sparse.MANY:
                state += (prior, step.word_prior, seed, step.number, histogram, step.noted)
                told = kernels.sweep(*here, *state)
            else:
                self.order = self.order or sparse.order(*here, vocabulary, self.bodies.tokens)
                state += (step.rows, step.word_prior, seed, step.number)
                told = sparse.sweep_by_word(*self.order, *state)
                if step.learn:
                    sparse.count_lengths(self.order.firsts, self.labels, histogram)
            mine -= common
        return told


def in_units(table: np.ndarray) -> np.ndarray:
    """Return tokens as whole numbers of their parts; changes `table`."""
    table *= UNITS
    return np.rint(table, out=table).astype(np.int64)


@dataclass
class Hand:
    """Blocks that one process holds, and the table that all know: whole numbers of tokens, or of their parts while EM runs."""

    topics: int
    threads: int
    longest: int
    blocks: dict[int, Block] = field(default_factory=dict)
    table: Any = None

    def take(self, step: Step, found: np.ndarray | None) -> None:
        """Make of the table what a step found: the changes of a sweep are added, all else is the new table."""
        if step.what == "sweep":
            self.table += found
        elif found is not None:
            self.table = found

    def work(self, step: Step, names: Iterable[int] | None = None) -> Found:
        """Do a step with all blocks, or with those that are named, as many at once as there are threads; the table stays as it is."""
        names = list(self.blocks if names is None else names)
        shape = self.blocks[names[0]].bodies.vocabulary, self.topics
        common, silent, parts = self.common(step), step.what in SILENT, step.what in IN_PARTS
        total = None if silent else np.zeros(shape, np.int64 if parts else np.int32)
        counted = np.zeros((self.topics, self.longest + 1) if step.learn else (0, 0), np.int32)
        lock, free = threading.Lock(), list[np.ndarray]()

        def one(name: int) -> float:
            mine = free.pop() if free else np.empty((0, 0) if silent else shape, float if parts else np.int32)
            mine[:], histogram = 0, np.zeros_like(counted)
            told = self.blocks[name].work(step, common, mine, histogram)
            with lock:
                np.add(counted, histogram, out=counted)
                if total is not None:
                    np.add(total, in_units(mine) if parts else mine, out=total)
            free.append(mine)
            return told

        pool = ThreadPoolExecutor(max(1, min(self.threads, len(names))))
        try:
            return Found(total, counted, dict(zip(names, pool.map(one, names), strict=True)))
        finally:
            pool.shutdown(cancel_futures=True)

    def common(self, step: Step) -> Any:
        """Return the table as a step wants it, with what is held to topics on it."""
        held = next(iter(self.blocks.values())).bodies.held
        if step.what == "sweep":
            found = self.table if held is None else self.table.copy()
            holding.lay(held, found, np.zeros(self.topics, np.int64))
            return found
        if step.what not in ("fold", "spread", "draw"):
            return None
        found = holding.laid(held, self.table / UNITS)
        if step.what == "fold":
            found += step.word_prior
            found /= found.sum(axis=0)
        return found


class Crew:
    """Who works on the blocks of a chain: the threads of this process. `cluster.Crew` does the same on other machines."""

    def __init__(self, parts: list[Bodies], topics: int, seed: int, threads: int) -> None:
        self.parts = parts
        self.hand = Hand(topics, threads, max(int(part.lengths.max()) for part in parts))
        self.hand.blocks = {n: Block(part, chain_seed(seed, n)) for n, part in enumerate(parts)}

    def begin(self, table: np.ndarray | None = None, labels: np.ndarray | None = None) -> None:
        """Give all the table of a sample, or the labels of all tokens."""
        if table is not None:
            self.hand.table = in_units(table)
        if labels is not None:
            for block, own in zip(self.hand.blocks.values(), split(labels, self.parts), strict=True):
                block.labels = own.copy()

    def do(self, step: Step, table: np.ndarray | None = None) -> Found:
        """Do a step with all blocks; `table` is what all have after one that finds none."""
        found = self.hand.work(step)
        self.hand.take(step, found.table if table is None else table)
        return found

    def each(self, what: str) -> list[np.ndarray]:
        """Return the labels or the shares of each block."""
        return [getattr(block, what) for block in self.hand.blocks.values()]


class Kept(NamedTuple):
    """Where a run keeps how far it is, so that it goes on when it was stopped: a file, and what it says of the counts and of all else that made it."""

    file: Path
    counts: str
    made: str

    def write(self, **told: Any) -> None:
        """Write the labels of all tokens, the prior, the sum of tables, and how many sweeps are done."""
        with whole(self.file, "wb") as stream:
            np.savez(stream, counts=np.array(self.counts), made=np.array(self.made), **told)

    def read(self) -> dict[str, Any] | None:
        """Return what was kept, or None. Refused: what another run kept, and what counts kept that have changed."""
        try:
            with np.load(self.file, allow_pickle=False) as found:
                kept = {name: found[name] for name in (*KEPT, "counts", "made")}
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None
        if (str(kept["counts"]), str(kept["made"])) == (self.counts, self.made):
            return kept
        came = f"a run that was stopped, of counts {str(kept['counts'])[:12]}"
        allowed = f"the same run of the same counts ({self.counts[:12]}), with all its settings"
        todo = "put back what it was made from, or take this file away to begin anew"
        raise Refused(Problem(str(self.file), came, allowed, todo))


def chain(
    bodies: Bodies, topics: int, plan: Plan, begin: Callable[[], Start] | None, crew: Any, kept: Kept | None
) -> Chain:
    """Run one chain in blocks: from a random start, or where `begin` says; then sweeps and EM as `sampler.chain`."""
    rows, done, trace = np.full(topics, PRIOR / topics), 0, list[tuple[int, float]]()
    sweeps, settled = plan.sweeps, False
    tokens, lengths = bodies.tokens, np.bincount(bodies.lengths)

    def step(what: str, number: int = 0, table: np.ndarray | None = None, **more: bool) -> Found:
        return crew.do(Step(what, number, rows.copy(), plan.word_prior, **more), table)

    def note(number: int, found: Found) -> None:
        trace.append((number, fsum(found.told.values()) / tokens))

    total, times = np.zeros((bodies.vocabulary, topics), np.int64), 0
    if before := kept.read() if kept else None:
        done, rows, total, times = (before[name] for name in ("done", "rows", "total", "times"))
        trace += [(int(at), float(value)) for at, value in before["trace"]]
        crew.begin(labels=before["labels"])
        step("tally")
    elif begin:
        table, likely, rows, settled = begin()
        sweeps = 0 if settled else sweeps
        trace.append((plan.start, likely))
        crew.begin(table=table)
        step("fold")
    else:
        crew.begin()
        step("place")
        for number in range(plan.start):
            note(number + 1, step("spread"))
    if sweeps and not before:
        step("draw")
    last = time.monotonic()
    for sweep in progress(range(int(done), sweeps), "sweeps", sweeps - int(done)):
        learn, noted = plan.learns(sweep, 0 if begin else LEARN_FROM), plan.notes(sweep)
        found = step("sweep", sweep + 2, learn=learn, noted=noted)
        if learn:
            kernels.learn(rows, found.histogram, lengths, 1)
        if noted:
            note(plan.start + sweep + 1, found)
        if begin and sweep >= MEAN_FROM * sweeps:
            total, times = total + crew.hand.table, times + 1
        if kept and time.monotonic() - last >= KEEP:
            labels = np.concatenate(crew.each("labels"))
            likelihoods = np.array(trace, float).reshape(-1, 2)
            kept.write(done=sweep + 1, rows=rows, trace=likelihoods, labels=labels, total=total, times=times)
            last = time.monotonic()
    if sweeps:
        total, times = (total, int(times)) if times else (crew.hand.table.astype(np.int64), 1)
        step("count", table=(total * int(UNITS) + times // 2) // times)
    for _ in range(plan.finish):
        found = step("spread", lift=False)
    note(plan.start + sweeps + plan.finish, found)
    prior = Prior(rows[None], np.zeros(len(bodies.ends) - 1, np.int64))
    shares = np.concatenate(crew.each("shares"))
    return Chain(shares, crew.hand.table / UNITS, prior, plan.word_prior, trace, settled=settled)
