"""Train: topics from counts. What comes out is the same kind of thing whichever engine made it.

topics = train(counts, topics=12, seed=1)
topics.words              # words × topics, each topic summing to one
topics.passages           # passages × topics, each passage summing to one
topics.articles(counts)   # articles as the weighted sums of their passages
topics.shares(others)     # shares of new texts
topics.to_gensim()        # for CoherenceModel, pyLDAvis, similarity queries
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import is_whole, named_once, number, plain, whole_number
from nqp_topics.counts import Counts
from nqp_topics.study import Problem, Refused, progress, refuse_if
from nqp_topics.topics import engines, kept
from nqp_topics.topics.model import Topics, belong, load, save, topic_names

__all__ = ["Runs", "Topics", "belong", "likeness", "load", "many", "save", "topic_names", "train"]

SEEDS = 1000  # fits of one number of topics: more is a slip of the finger
MOST = {"chains": 10**15, "threads": 1000}  # memory says how many chains; other settings go to a million


class Runs(NamedTuple):
    """Several runs on the same counts: `alike` (seeds × seeds, 1: the same topics) and `medoid`, the run most alike to all others."""

    runs: list[Topics]
    alike: pd.DataFrame
    medoid: Topics


def train(counts: Counts, topics: int, seed: int, engine: str = "sampler", **settings: Any) -> Topics:
    """Fit `topics` topics to passages. There is no default number of topics, and the seed is always said.

    `settings` go to the engine's `fit`. Refused, all together: an unknown setting, a number of topics below 2 or above the number of words
    or passages, a seed that is no whole number from 0 on, passages without a word, and more memory than is free.
    """
    room = engines.engine(engine)
    settings = {name: plain(value) for name, value in settings.items()}
    refuse_if(
        [
            *setting_problems(engine, settings),
            *_bad_numbers(counts, topics, seed),
            *_empty(counts),
            *_too_large(counts, topics, engine, settings),
        ]
    )
    found: engines.Fit = room.fit(counts.matrix, int(topics), int(seed), **settings)
    names = topic_names(int(topics))
    return Topics(
        words=pd.DataFrame(
            found.words.T, index=pd.Index(counts.words, name="word"), columns=names, copy=False
        ),
        passages=pd.DataFrame(found.shares, index=pd.Index(counts.ids, name="id"), columns=names, copy=False),
        tokens=pd.Series(found.tokens, index=names, name="tokens", dtype="float64"),
        prior=pd.Series(found.prior, index=names, name="prior", dtype="float64"),
        word_prior=float(found.word_prior),
        seed=int(seed),
        engine=engine,
        version=room.version(),
        iterations=int(found.iterations),
        trace=pd.DataFrame(found.trace, columns=["iteration", "log_likelihood"]).astype(
            {"iteration": "int64", "log_likelihood": "float64"}
        ),
        counts_fingerprint=counts.fingerprint,
        settings={name: value for name, value in settings.items() if name != "threads"},
        ran=found.ran,
        **_agreed(found, counts, names),
    )


def many(
    counts: Counts,
    topics: int,
    seeds: int | Iterable[int],
    engine: str = "sampler",
    cache: str | Path | None = None,
    **settings: Any,
) -> Runs:
    """Fit once for each seed and say how alike the runs are; the medoid is the one to report.

    `seeds` may say how many (1, 2, …). `cache`: a folder that keeps every run, so that it is fitted once. Refused: no seed, or one twice.
    """
    wanted = seeds_of("many(seeds)", seeds)
    refuse_if(*[_bad_numbers(counts, topics, seed) for seed in wanted[:1]])
    folder = kept.folder(cache)
    runs = [once(counts, topics, seed, engine, folder, **settings) for seed in progress(wanted, "seeds")]
    alike = np.ones((len(runs), len(runs)))
    for one in range(len(runs)):
        for other in range(one):
            alike[one, other] = alike[other, one] = likeness(runs[one], runs[other])
    labels = pd.Index(wanted, name="seed")
    medoid = runs[int(np.argmax(np.round(alike.sum(axis=1), 9)))]
    return Runs(runs, pd.DataFrame(alike, index=labels, columns=labels), medoid)


def seeds_of(where: str, seeds: Any) -> list[int]:
    """Return the seeds that are said, or as many as are asked for: 1, 2, …. Refused: none, one twice, thousands, what is no seed."""
    todo = "5 or range(1, 6) are usual"
    if not isinstance(seeds, Iterable):
        refuse_if(whole_number(where, seeds, 1, SEEDS, todo))
        return list(range(1, int(seeds) + 1))
    wanted = list(islice(seeds, SEEDS + 1))
    if not 0 < len(wanted) <= SEEDS:
        came = "none" if not wanted else f"more than {SEEDS}"
        raise Refused(Problem(where, came, f"from 1 to {SEEDS} seeds", todo))
    refuse_if(*[whole_number(where, seed, todo=todo) for seed in wanted], named_once(where, wanted))
    return list(map(int, wanted))


def once(counts: Counts, topics: int, seed: int, engine: str, folder: Path | None, **settings: Any) -> Topics:
    """Return the run that the folder keeps, or fit it and keep it."""
    refuse_if(_bad_numbers(counts, topics, seed))
    name = kept.key(engine, settings, counts.fingerprint, int(topics), int(seed))
    return kept.run(folder, name, partial(train, counts, topics, seed, engine, **settings))


def likeness(one: Topics, other: Topics) -> float:
    """Return how alike two runs are: topics matched one to one, the mean cosine of their word shares (1: the same topics).

    Refused: runs over different words or with different numbers of topics.
    """
    from nqp_topics.similar import cosines, matched

    if not one.words.index.equals(other.words.index) or len(one.names) != len(other.names):
        came = " and ".join(f"{len(run.words)} words × {len(run.names)} topics" for run in (one, other))
        allowed = "two runs over the same words with the same number of topics"
        raise Refused(Problem("likeness(one, other)", came, allowed, "train both on the same counts"))
    alike = cosines(one.words.to_numpy(), other.words.to_numpy())
    return float(np.mean(alike[np.arange(len(alike)), matched(alike)]))


def setting_problems(engine: str, settings: dict[str, Any]) -> Iterator[Problem]:
    """Tell which settings an engine does not have, or cannot have so."""
    room = engines.engine(engine)
    known = inspect.signature(room.fit).parameters
    names = [name for name in known if name not in ("counts", "topics", "seed")]
    for name, value in settings.items():
        where = f"train({name}=…)"
        if name not in names:
            yield Problem(
                where, f"a setting that {engine} does not have", ", ".join(names), "use one of these names"
            )
            continue
        usual = known[name].default
        if value is None and usual is None:
            continue
        if name in room.WHOLE:
            most = MOST.get(name, 10**6)
            yield from whole_number(where, value, room.WHOLE[name], most, "leave it out for the usual")
        elif isinstance(usual, float):
            yield from number(where, value, 0, above=True, todo=f"{usual} is the usual one")


def _bad_numbers(counts: Counts, topics: Any, seed: Any) -> Iterator[Problem]:
    passages, words = counts.matrix.shape
    most = min(passages, words)
    if most < 2:
        yield Problem(
            "train(counts)",
            f"{passages} passages, {words} words",
            "at least two of both",
            "use more texts, or cut them into shorter passages",
        )
    else:
        todo = f"there are {passages} passages and {words} words; choose shows what speaks for which number"
        yield from whole_number("train(topics)", topics, 2, most, todo)
    yield from whole_number("train(seed)", seed, todo="any will do: it is recorded")


def _empty(counts: Counts) -> Iterator[Problem]:
    empty = np.flatnonzero(np.diff(counts.matrix.indptr) == 0)
    if empty.size:
        shown = ", ".join(counts.ids[row] for row in empty[:5])
        yield Problem(
            "train(counts)",
            f"{empty.size} passages without a word: {shown}{' …' if empty.size > 5 else ''}",
            "passages with at least one word",
            "leave them out with counts.select, or keep more words",
        )


def _agreed(found: engines.Fit, counts: Counts, names: list[str]) -> dict[str, pd.Series]:
    if found.agreement is None:
        return {}
    of_topics, of_passages = found.agreement
    return {
        "topic_agreement": pd.Series(of_topics, index=names, name="agreement"),
        "passage_agreement": pd.Series(of_passages, index=pd.Index(counts.ids, name="id"), name="agreement"),
    }


def _too_large(counts: Counts, topics: Any, engine: str, settings: dict[str, Any]) -> Iterator[Problem]:
    if not is_whole(topics) or any(True for _ in setting_problems(engine, settings)):
        return
    passages, words = counts.matrix.shape
    # both tables of doubles twice while they change hands, the sampler's whole counts, two bytes a token
    need = 8 * int(topics) * (2 * passages + 4 * words) + 2 * counts.tokens
    if engine == "sampler":
        need += 2 * engines.engine(engine).memory(counts.matrix, int(topics), **settings)
    free = free_memory()
    if free is not None and need > free:
        yield Problem(
            "train(counts, topics)",
            f"{passages} passages × {words} words × {topics} topics: about {need / 2**30:.1f} GiB of memory",
            f"what is free now, {free / 2**30:.1f} GiB",
            "drop rare words (min_df), take fewer topics, or use a larger machine",
        )


def free_memory() -> int | None:
    """Return how many bytes are free for use, or None where the machine does not say."""
    try:
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
