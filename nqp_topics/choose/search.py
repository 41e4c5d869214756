"""Search: many numbers of topics with many seeds, fitted at once and kept."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, islice, product
from typing import Any, TypeVar

import pandas as pd

from nqp_topics.checks import Problem, Refused, is_whole, listed, named_once, refuse_if, whole_number
from nqp_topics.choose import heldout
from nqp_topics.choose.scores import COLUMNS, HELD_OUT, SCORES, asked, score
from nqp_topics.counts import Counts
from nqp_topics.study import progress
from nqp_topics.topics import engines, kept
from nqp_topics.topics.anchoring import pairs
from nqp_topics.topics.engines.lanes import LANES
from nqp_topics.topics.fit import Folder, train, train_abreast
from nqp_topics.topics.model import Topics
from nqp_topics.topics.seeds import Runs, seeds_of

Found = TypeVar("Found")
Places = list[tuple[int, int]]  # number of topics and seed


def grid(
    counts: Counts,
    topics: int | Iterable[int],
    seeds: int | Iterable[int],
    tokens: pd.DataFrame | None = None,
    scores: Iterable[str] | None = None,
    engine: str = "sampler",
    top_n: int = 10,
    share: float = 0.2,
    split_seed: int = 0,
    cache: Folder = None,
    **settings: Any,
) -> pd.DataFrame:
    """Fit every number of topics with every seed and score the runs: one row a K, seed and score.

    Columns: K, seed, score (its direction is in the name), value, better (higher, lower, neither). `seeds` may say how many (1, 2, …).
    `scores`: some of the keys of SCORES; usual are all, without `tokens` all that need no order of tokens. The held-out score has
    fits of its own, on the articles that are not held out (`share`, `split_seed`). `cache`: a folder that keeps every run, so that a
    stopped grid goes on where it was. A search fits quickly: our sampler takes one short chain for each seed. `settings` go to the engine: with
    those of the reported run, `chains=2, sweeps=400`, runs are the same as those of `train`. Refused, together: numbers of topics and seeds that cannot be, unknown scores.
    """
    wanted = asked(scores, tokens, counts, top_n, usual=list(SCORES))
    split = heldout.split(counts, share, split_seed) if HELD_OUT in wanted else None
    ks, numbers = _sizes(split.train if split else counts, topics, seeds)
    fits = {"engine": engine, "cache": cache, **settings}
    found = runs(counts, ks, numbers, **fits)
    parts = [held_out(counts, ks, numbers, share=share, split_seed=split_seed, **fits)] if split else []
    if others := [name for name in wanted if name != HELD_OUT]:
        parts.append(score(found, counts, tokens, others, top_n))
    return pd.concat(parts).sort_values(["K", "seed"], kind="stable", ignore_index=True)


def possible(counts: Counts, topics: Iterable[int], reported: int | None = None) -> list[int]:
    """Return those numbers of topics that a search can fit, with a part of the articles held out; where it is none, the two that are nearest.

    A small corpus has fewer passages or words than the numbers that are usual. The number that is `reported` is one of them.
    """
    most = min(heldout.split(counts).train.matrix.shape)
    found = [k for k in sorted({*topics, *([reported] if reported else [])}) if k <= most]
    return found or sorted({max(2, most // 2), max(2, most)})


def runs(
    counts: Counts,
    topics: int | Iterable[int],
    seeds: int | Iterable[int],
    engine: str = "sampler",
    cache: Folder = None,
    **settings: Any,
) -> list[Topics]:
    """Fit every number of topics with every seed, K by K; what the cache has is not fitted again."""
    ks, numbers = _sizes(counts, topics, seeds)
    settings = _of_search(counts, engine, settings)
    fit = partial(_fitted, counts, engine, settings, cache)
    return _in_eights(fit, counts, ks, numbers, engine, settings, "runs")


def held_out(
    counts: Counts,
    topics: int | Iterable[int],
    seeds: int | Iterable[int],
    engine: str = "sampler",
    share: float = 0.2,
    split_seed: int = 0,
    cache: Folder = None,
    **settings: Any,
) -> pd.DataFrame:
    """Fit without the articles held out and say how well the runs foretell them: rows as those of `grid`, of this score alone.

    All K and seeds have the same articles held out, dealt into the same halves: values differ by the runs alone. Another
    `split_seed` shows how much depends on which articles were drawn.
    """
    split = heldout.split(counts, share, split_seed)
    ks, numbers = _sizes(split.train, topics, seeds)
    folder = kept.folder(cache)
    settings = _of_search(split.train, engine, settings)
    made_from = [part.fingerprint for part in (split.train, split.first, split.second)]

    def found(places: Places) -> list[float]:
        names = [kept.key(engine, settings, *made_from, *place, code=kept.SCORING) for place in places]

        def make(some: list[int]) -> Iterator[float]:
            for run in _fitted(split.train, engine, settings, None, [places[number] for number in some]):
                yield heldout.log_likelihood(run, split.first, split.second, settings.get("about"))

        find = kept.at_once(folder and folder / "held-out", names, make)
        return [kept.value(folder, name, partial(find, number)) for number, name in enumerate(names)]

    places, about = list(product(ks, numbers)), SCORES[HELD_OUT]
    values = _in_eights(found, split.train, ks, numbers, engine, settings, "held out")
    rows = [(*place, about.name, number, about.better) for place, number in zip(places, values, strict=True)]
    return pd.DataFrame(rows, columns=COLUMNS)


def medoid(runs: Iterable[Topics], topics: int) -> Topics:
    """Return the run with this number of topics that is most like all others with it, the first of equals: the one to report."""
    there = list(runs)
    if group := [run for run in there if len(run.names) == topics]:
        return Runs(group).medoid
    ks = sorted({len(run.names) for run in there})
    allowed = f"a number of topics that was fitted: {listed(ks) or 'none was'}"
    raise Refused(Problem("choose.medoid(topics)", repr(topics), allowed, "fit it with choose.runs"))


def worked(work: Callable[..., Found], jobs: list[Any], at_once: int, what: str) -> list[Found]:
    """Do the work for every job and return what was found in their order, which does not depend on how many run at once.

    When it is stopped, jobs that have begun are ended, and no other begins.
    """
    if at_once == 1:
        return [work(*job) for job in progress(jobs, what)]
    with ThreadPoolExecutor(at_once) as pool:
        waiting = [pool.submit(work, *job) for job in jobs]
        try:
            return [future.result() for future in progress(waiting, what)]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _of_search(counts: Counts, engine: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the engine's settings for a search, with those that were given in their place: seeds are chains enough, and short ones rank alike."""
    room = engines.engine(engine)
    if "anchors" in settings:  # a file may change, and a table loses its order, where runs are kept
        settings = {**settings, "anchors": pairs(settings["anchors"])}
    return {**(room.search(counts.matrix) if engine == "sampler" else {}), **settings}


def _in_eights(
    work: Callable[[Places], list[Found]],
    counts: Counts,
    ks: list[int],
    seeds: list[int],
    engine: str,
    settings: dict[str, Any],
    what: str,
) -> list[Found]:
    """Do the work for every number of topics and seed, and return what was found in their order.

    Single chains of our sampler go eight abreast, those with most topics first, on all processors (or `threads`); other fits one after another.
    """
    threads: Any = settings.get("threads") or os.cpu_count() or 1
    alone = engine == "sampler" and settings.get("chains") == 1 and is_whole(threads)
    plain = alone and not {"prevalence", "anchors", "blocks"} & {*settings}
    step = LANES if plain and engines.engine(engine).small(counts.matrix) else 1
    places = list(product(ks, seeds))
    order = sorted(places, key=lambda place: -place[0]) if alone else places
    jobs = [order[at : at + step] for at in range(0, len(order), step)]
    found = worked(work, [(job,) for job in jobs], max(1, int(threads)) if alone else 1, what)
    by_place = dict(zip(chain(*jobs), chain(*found), strict=True))
    return [by_place[place] for place in places]


def _fitted(
    counts: Counts, engine: str, settings: dict[str, Any], cache: Folder, places: Places
) -> list[Topics]:
    if len(places) > 1:
        return train_abreast(counts, places, cache, **settings)
    return [train(counts, *place, engine, cache=cache, **settings) for place in places]


def _sizes(counts: Counts, topics: Any, seeds: Any) -> tuple[list[int], list[int]]:
    """Return the numbers of topics in rising order, and the seeds. Refused, together: none, some twice, some that cannot be."""
    passages, words = counts.matrix.shape
    most = min(passages, words)
    # the numbers that can be are no more than `most`: one more says that there are too many, without listing a million
    ks = list(islice(topics, most + 1)) if isinstance(topics, Iterable) else [topics]
    todo = f"leave it out: there are {passages} passages to fit and {words} words"
    told = [problem for k in ks for problem in whole_number("choose topics", k, 2, most, todo)]
    told += named_once("choose topics", ks) if not told else []
    if not ks:
        allowed = f"whole numbers from 2 to {most}"
        told.append(Problem("choose topics", "no number", allowed, "for example range(5, 31, 5)"))
    numbers: list[int] = []
    try:
        numbers = seeds_of("choose seeds", seeds)
    except Refused as refused:
        told += refused.problems
    refuse_if(told)
    return sorted(map(int, ks)), numbers
