"""What a worker of a cluster does with the blocks that it holds, and how tables are sent.

A table is sent as `Packed`: the cells that changed, where that is less than all of them, in the narrowest numbers.
"""

from typing import Any, NamedTuple

import numpy as np

from nqp_topics.topics.engines.blocks import Block, Found, Hand, Step
from nqp_topics.topics.engines.bodies import Bodies
from nqp_topics.topics.engines.held import Held


class Packed(NamedTuple):
    """A table of whole numbers as it is sent: all of it, or the places that are not 0."""

    shape: tuple[int, ...]
    kind: str
    places: np.ndarray | None
    values: np.ndarray


def pack(table: np.ndarray) -> Packed:
    """Make a table as small as it goes without loss."""
    flat = table.ravel()
    span = max(int(flat.max(initial=0)), -int(flat.min(initial=0)) - 1)
    narrow = next(kind for kind in (np.int8, np.int16, np.int32, np.int64) if span <= np.iinfo(kind).max)
    places = np.flatnonzero(flat)
    wide = np.uint32 if flat.size < 2**32 else np.uint64
    each, where = np.dtype(narrow).itemsize, np.dtype(wide).itemsize
    if len(places) * (each + where) < flat.size * each:
        return Packed(table.shape, table.dtype.str, places.astype(wide), flat[places].astype(narrow))
    return Packed(table.shape, table.dtype.str, None, flat.astype(narrow))


def unpack(packed: Packed) -> np.ndarray:
    """Return the table that was packed."""
    table = np.zeros(packed.shape, packed.kind)
    table.reshape(-1)[slice(None) if packed.places is None else packed.places] = packed.values
    return table


class Entry(NamedTuple):
    """One step as workers are told of it: what the step before found, that step, the step to do (or none), and what to hand over afterwards."""

    found: Packed | None = None
    before: Step | None = None
    step: Step | None = None
    what: str = ""


class Answer(NamedTuple):
    """What blocks of one worker found in a step, and what was asked of each."""

    table: Packed | None
    histogram: np.ndarray
    told: dict[int, float]
    given: dict[int, np.ndarray]


class Lot(NamedTuple):
    """A block as it is sent: its number, its passages, its seed, and the labels with which it begins, if any."""

    name: int
    bodies: Bodies
    seed: int
    labels: np.ndarray | None

    def block(self) -> Block:
        """Return the block, with arrays of its own: what comes over a network cannot be written to."""
        ends, words, times, vocabulary, held = self.bodies
        held = held and Held(*map(np.array, held))
        own = Bodies(np.array(ends), np.array(words), np.array(times), vocabulary, held)
        return Block(own, self.seed, None if self.labels is None else np.array(self.labels))


_HELD: dict[str, Hand] = {}  # what this worker holds of each run


class Gone(RuntimeError):
    """A worker that was started anew and does not hold what it held."""


def itself(data: Any) -> Any:
    """Return what came, which workers then fetch from each other."""
    return data


def hold(run: str, size: tuple[int, int, int], lot: Lot) -> None:
    """Take a block: on the worker."""
    _HELD.setdefault(run, Hand(*size)).blocks[lot.name] = lot.block()


def work(run: str, names: list[int], entry: Entry) -> Answer:
    """Take what the last step found, and do the next one with these blocks: on the worker."""
    held = _HELD.get(run)
    if held is None or not set(names) <= set(held.blocks):
        raise Gone(run)
    return answer(held, names, entry)


def again(run: str, size: tuple[int, int, int], lot: Lot, entries: list[Entry]) -> Answer:
    """Make a lost block by the steps that were done since it began as the lot says, and the one that is asked now: on the worker."""
    held = Hand(*size, blocks={lot.name: lot.block()})
    for entry in entries:
        last = answer(held, [lot.name], entry)
    kept = _HELD.setdefault(run, held)
    if kept is not held:
        kept.blocks |= held.blocks
    return last


def answer(held: Hand, names: list[int], entry: Entry) -> Answer:
    """Do what an entry says with some of the blocks that are held."""
    if entry.before:
        held.take(entry.before, None if entry.found is None else unpack(entry.found))
    done = held.work(entry.step, names) if entry.step else Found(None, np.zeros((0, 0), np.int32), {})
    given = {name: getattr(held.blocks[name], entry.what) for name in names if entry.what}
    return Answer(None if done.table is None else pack(done.table), done.histogram, done.told, given)


def leave(run: str) -> None:
    """Forget a run: on the worker."""
    _HELD.pop(run, None)
