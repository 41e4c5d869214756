"""Choose: what speaks for which number of topics. Tables come out, never a number: a person reads them and writes K and the reason down.

table = grid(counts, topics=range(5, 31, 5), seeds=5, tokens=tokens, cache=".nqp-cache")
spread(table)                                                    # each score with its spread over seeds
found = runs(counts, range(5, 31, 5), seeds=5, cache=".nqp-cache")     # at once: the grid has kept them
stability(found, counts).models                                  # agreement of seeds, beside chance, convergence, separation
lineage([medoid(found, K) for K in range(5, 31, 5)], counts)     # how topics split and merge
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from nqp_topics import checks
from nqp_topics.choose import asked, coherence, heldout, shape
from nqp_topics.choose.agreement import Stability, articles_drawn, compare, single_articles
from nqp_topics.choose.lineage import flows
from nqp_topics.choose.scores import HELD_OUT, ORDERED, SCORES
from nqp_topics.counts import Counts
from nqp_topics.study import Problem, Refused, progress, refuse_if
from nqp_topics.topics import engines, kept
from nqp_topics.topics.fit import likeness, once, train
from nqp_topics.topics.model import Topics, belong

__all__ = [
    "SCORES",
    "Stability",
    "grid",
    "held_out",
    "lineage",
    "medoid",
    "per_topic",
    "runs",
    "score",
    "spread",
    "stability",
]

Found = TypeVar("Found")

COLUMNS = ["K", "seed", "score", "value", "better"]


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
    cache: str | Path | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Fit every number of topics with every seed and score the runs: one row a K, seed and score.

    Columns: K, seed, score (its direction is in the name), value, better (higher, lower, neither). `seeds` may say how many (1, 2, …).
    `scores`: some of the keys of SCORES; usual are all, without `tokens` all that need no order of tokens. The held-out score has
    fits of its own, on the articles that are not held out (`share`, `split_seed`). `cache`: a folder that keeps every run, so that a
    stopped grid goes on where it was. A search fits quickly: our sampler takes one short chain for each seed. `settings` go to the engine: with
    those of the reported run, `chains=2, sweeps=400`, runs are the same as those of `train`. Refused, together: numbers of topics and seeds that cannot be, unknown scores.
    """
    wanted = asked.scores(scores, tokens, counts, top_n, usual=list(SCORES))
    split = heldout.split(counts, share, split_seed) if HELD_OUT in wanted else None
    ks, numbers = asked.sizes(split.train if split else counts, topics, seeds)
    fits = {"engine": engine, "cache": cache, **settings}
    found = runs(counts, ks, numbers, **fits)
    parts = [held_out(counts, ks, numbers, share=share, split_seed=split_seed, **fits)] if split else []
    others = [name for name in wanted if name != HELD_OUT]
    if others:
        parts.append(score(found, counts, tokens, others, top_n))
    return pd.concat(parts).sort_values(["K", "seed"], kind="stable", ignore_index=True)


def runs(
    counts: Counts,
    topics: int | Iterable[int],
    seeds: int | Iterable[int],
    engine: str = "sampler",
    cache: str | Path | None = None,
    **settings: Any,
) -> list[Topics]:
    """Fit every number of topics with every seed, K by K; what the cache has is not fitted again."""
    ks, numbers = asked.sizes(counts, topics, seeds)
    folder = kept.folder(cache)

    settings = _of_search(counts, engine, settings)

    def run(k: int, seed: int) -> Topics:
        return once(counts, k, seed, engine, folder, **settings)

    places = [(k, seed) for k in ks for seed in numbers]
    return _all(run, places, _at_once(engine, settings), "runs")


def held_out(
    counts: Counts,
    topics: int | Iterable[int],
    seeds: int | Iterable[int],
    engine: str = "sampler",
    share: float = 0.2,
    split_seed: int = 0,
    cache: str | Path | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Fit without the articles held out and say how well the runs foretell them: rows as those of `grid`, of this score alone.

    All K and seeds have the same articles held out, dealt into the same halves: values differ by the runs alone. Another
    `split_seed` shows how much depends on which articles were drawn.
    """
    split = heldout.split(counts, share, split_seed)
    ks, numbers = asked.sizes(split.train, topics, seeds)
    folder = kept.folder(cache)
    settings = _of_search(split.train, engine, settings)
    made_from = [part.fingerprint for part in (split.train, split.first, split.second)]

    def find(k: int, seed: int) -> float:
        run = train(split.train, k, seed, engine, **settings)
        return heldout.log_likelihood(run, split.first, split.second)

    def value(k: int, seed: int) -> float:
        name = kept.key(engine, settings, *made_from, k, seed, code=kept.SCORING)
        return kept.value(folder, name, partial(find, k, seed))

    places = [(k, seed) for k in ks for seed in numbers]
    values = _all(value, places, _at_once(engine, settings), "held out")
    return pd.DataFrame(
        [
            (k, seed, SCORES[HELD_OUT].name, value, SCORES[HELD_OUT].better)
            for (k, seed), value in zip(places, values, strict=True)
        ],
        columns=COLUMNS,
    )


def score(
    runs: Sequence[Topics],
    counts: Counts,
    tokens: pd.DataFrame | None = None,
    scores: Iterable[str] | None = None,
    top_n: int = 10,
    as_gensim: bool = False,
) -> pd.DataFrame:
    """Score runs that are there: rows as those of `grid`, run by run.

    `tokens`: the table that the counts were made from, in the order of the texts, for coherence in windows. `as_gensim`: coherence with the
    values of gensim's CoherenceModel (`scores.coherence.c_v` says where they differ). Refused: runs of other counts.
    """
    wanted = asked.scores(scores, tokens, counts, top_n, usual=[name for name in SCORES if name != HELD_OUT])
    if HELD_OUT in wanted:
        raise Refused(
            Problem(
                "choose.score(scores)",
                repr(HELD_OUT),
                "scores of runs on all articles",
                "choose.held_out, which fits without some articles",
            )
        )
    _alike(runs, counts, "choose.score(runs)")
    lengths = np.asarray(counts.matrix.sum(axis=1), dtype=np.float64).ravel()
    coherent = _coherences(runs, counts, tokens, wanted, top_n, as_gensim)
    rows = []
    for number, run in enumerate(runs):
        words, shares = np.ascontiguousarray(run.words.to_numpy()), run.passages.to_numpy()
        values: dict[str, Callable[[], Any]] = {
            **{name: partial(np.mean, found[number]) for name, found in coherent.items()},
            "exclusivity": partial(_mean_exclusivity, words, top_n),
            "separation": partial(shape.separation, words),
            "effective": partial(shape.effective, run.tokens.to_numpy()),
            "diversity": partial(shape.diversity, words, top_n),
            "cao_juan": partial(shape.cao_juan, words),
            "arun": partial(shape.arun, words, shares, lengths),
            "deveaud": partial(shape.deveaud, words),
        }
        for name in wanted:
            about = SCORES[name]
            rows.append((len(run.names), run.seed, about.name, float(values[name]()), about.better))
    return pd.DataFrame(rows, columns=COLUMNS)


def per_topic(
    run: Topics,
    counts: Counts,
    tokens: pd.DataFrame | None = None,
    top_n: int = 10,
    as_gensim: bool = False,
) -> pd.DataFrame:
    """Score the topics of one run: one row a topic, columns topic, share (of all tokens), coherences, exclusivity, nearest, divergence.

    `nearest` is the topic whose words are most like its own, `divergence` the Jensen-Shannon divergence to it (0: the same words).
    """
    names = ["npmi_passages", "umass", *(ORDERED if tokens is not None else ())]
    asked.scores(names, tokens, counts, top_n, usual=[])
    _alike([run], counts, "choose.per_topic(run)")
    words = run.words.to_numpy()
    apart = shape.separations(words) + 2 * np.eye(len(run.names))
    coherent = _coherences([run], counts, tokens, names, top_n, as_gensim)
    return pd.DataFrame(
        {
            "topic": run.names,
            "share": (run.tokens / run.tokens.sum()).to_numpy(),
            **{name: coherent[name][0] for name in SCORES if name in coherent},
            "exclusivity": shape.exclusivity(words, top_n),
            "nearest": [run.names[place] for place in apart.argmin(axis=1)],
            "divergence": apart.min(axis=1),
        }
    )


def spread(table: pd.DataFrame) -> pd.DataFrame:
    """Sum up a table of `grid` over seeds: one row a score and K, columns score, better, K, seeds, mean, sd, lowest, highest."""
    order = {about.name: place for place, about in enumerate(SCORES.values())}
    found = (
        table.groupby(["score", "better", "K"], sort=False)["value"]
        .agg(seeds="size", mean="mean", sd="std", lowest="min", highest="max")
        .reset_index()
    )
    places = found["score"].map(order)
    return (
        found.assign(place=places)
        .sort_values(["place", "K"], kind="stable", ignore_index=True)
        .drop(columns="place")
    )


def stability(
    runs: Sequence[Topics],
    counts: Counts,
    top_n: int = 10,
    seed: int = 0,
    over: str = "seeds",
    draws: int = 5,
) -> Stability:
    """Set runs with the same number of topics and different seeds against each other; `Stability` describes the two tables.

    `over="articles"` sets every run against `draws` fits of its own number, seed, engine and settings to articles drawn again, as many and with
    replacement: how much hangs on which articles were collected. `seeds` is then the number of fits. `seed` draws what chance would give, and
    articles. Refused: over seeds, a number of topics with a single run or with a seed twice; runs of other counts; fewer than two articles.
    """
    _alike(runs, counts, "choose.stability(runs)")
    refuse_if(
        [
            *asked.top_n_problems(top_n, counts),
            *checks.one_of("choose.stability(over)", over, ("seeds", "articles")),
            *checks.whole_number("choose.stability(draws)", draws, 1),
            *checks.whole_number("choose.stability(seed)", seed, 0),
            *single_articles(counts, over),
        ]
    )
    by_k: dict[int, list[Topics]] = {}
    for run in runs:
        by_k.setdefault(len(run.names), []).append(run)
    if over == "seeds":
        refuse_if(
            Problem(
                "choose.stability(runs)",
                f"K = {k} with seed{'s' if len(group) > 1 else ''} {', '.join(str(run.seed) for run in group)}",
                "at least two runs of every K, each with a seed of its own",
                "fit more seeds: five show more than two",
            )
            for k, group in by_k.items()
            if len(group) < 2 or len({run.seed for run in group}) < len(group)
        )
        again: dict[int, list[list[Topics]]] = {}
    else:
        drawn = [articles_drawn(counts, seed, draw) for draw in range(draws)]
        again = {k: [[_refitted(run, counts, part) for part in drawn] for run in by_k[k]] for k in by_k}
    jobs = [(by_k[k], counts, top_n, seed, again.get(k)) for k in sorted(by_k)]
    found = _all(compare, jobs, os.cpu_count() or 1, "stability")
    return Stability(
        pd.DataFrame([model for model, _ in found]).astype({"K": "int64", "seeds": "int64"}),
        pd.concat([rows for _, rows in found], ignore_index=True),
    )


def _refitted(run: Topics, counts: Counts, drawn: Counts) -> Topics:
    """Fit to the articles drawn as `run` was fitted, and give the shares that the passages of all articles have under those topics."""
    found = train(drawn, len(run.names), run.seed, run.engine, **run.settings)
    return replace(found, passages=found.shares(counts), passage_agreement=None)


def medoid(runs: Sequence[Topics], topics: int) -> Topics:
    """Return the run with this number of topics that is most like all others with it, the first of equals: the one to report."""
    group = [run for run in runs if len(run.names) == topics]
    if not group:
        there = sorted({len(run.names) for run in runs})
        raise Refused(
            Problem(
                "choose.medoid(topics)",
                repr(topics),
                f"a number of topics that was fitted: {', '.join(map(str, there)) or 'none was'}",
                "fit it with choose.runs",
            )
        )
    alike = [sum(likeness(run, other) for other in group if other is not run) for run in group]
    return group[int(np.argmax(np.round(alike, 9)))]


def lineage(runs: Sequence[Topics], counts: Counts) -> pd.DataFrame:
    """Show how topics split and merge from each number of topics to the next, with one run for each, taken in the order of K.

    One row is a pair of topics: K, topic, next_K, next_topic, mass, of_topic, of_next, cosine. `mass` is the share of all tokens that stand in
    passages whose strongest topic is the one here and the other there; it adds up to what each topic is the strongest in. `of_topic` and
    `of_next` are the parts of the two topics that it makes up (0 for a topic that is the strongest nowhere); `cosine` compares their words.
    The largest `of_topic` of a topic is what `explore.becomes` calls `kept`: a run would keep 1 of itself. Refused: fewer than two runs, two of one K.
    """
    _alike(runs, counts, "choose.lineage(runs)")
    ks = [len(run.names) for run in runs]
    if len(ks) < 2 or len(set(ks)) < len(ks):
        raise Refused(
            Problem(
                "choose.lineage(runs)",
                f"runs with K = {', '.join(map(str, ks))}",
                "at least two runs, one for each number of topics",
                "take the medoid of each K: choose.medoid(runs, K)",
            )
        )
    return flows(sorted(runs, key=lambda run: len(run.names)), counts)


def _of_search(counts: Counts, engine: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the engine's settings for a search, with those that were given in their place."""
    return {**engines.engine(engine).search(counts.matrix), **settings}


def _at_once(engine: str, settings: dict[str, Any]) -> int:
    """Return how many fits may run at once: several where a fit is one chain of our sampler, which leaves the interpreter free."""
    threads: Any = settings.get("threads") or os.cpu_count() or 1
    alone = engine == "sampler" and settings.get("chains") == 1 and checks.is_whole(threads)
    return max(1, int(threads)) if alone else 1


def _all(work: Callable[..., Found], jobs: list[tuple[Any, ...]], at_once: int, what: str) -> list[Found]:
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


def _mean_exclusivity(words: np.ndarray, top_n: int) -> float:
    return float(shape.exclusivity(words, top_n).mean())


def _coherences(
    runs: Sequence[Topics],
    counts: Counts,
    tokens: pd.DataFrame | None,
    wanted: Iterable[str],
    top_n: int,
    as_gensim: bool,
) -> dict[str, list[np.ndarray]]:
    """Return for each coherence that is wanted one array a run, with a value for each topic; words are counted once for all runs."""
    tops = np.concatenate([shape.top(run.words.to_numpy(), top_n) for run in runs])
    limits = np.cumsum([len(run.names) for run in runs])[:-1]
    found = {}
    if tokens is not None and set(ORDERED) & set(wanted):
        ends, numbers = coherence.ordered(tokens, counts)
        if "c_v" in wanted:
            found["c_v"] = coherence.c_v(tops, ends, numbers, as_gensim)
        if "npmi" in wanted:
            found["npmi"] = coherence.npmi(tops, ends, numbers, as_gensim)
    if "npmi_passages" in wanted:
        found["npmi_passages"] = coherence.npmi_passages(tops, counts.matrix)
    if "umass" in wanted:
        found["umass"] = coherence.umass(tops, counts.matrix, as_gensim)
    return {name: np.split(values, limits) for name, values in found.items()}


def _alike(runs: Sequence[Topics], counts: Counts, where: str) -> None:
    if not runs:
        raise Refused(Problem(where, "no run", "at least one", "fit some with choose.runs"))
    for run in runs:
        belong(run, counts)
