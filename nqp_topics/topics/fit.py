"""Train: topics from counts. What comes out is the same kind of thing whichever engine made it.

run = train(counts, topics=12, seed=1)
run.words                 # words × topics, each topic summing to one
run.passages              # passages × topics, each passage summing to one
run.articles(counts)      # articles as the weighted sums of their passages
run.shares(others)        # shares of new texts
run.to_gensim()           # for CoherenceModel, pyLDAvis, similarity queries

run = train(counts, 12, 1, prevalence="voice + cr(year, df=4)", about=registry)  # what is known of articles, in the model
run.prevalence            # λ: terms × topics, in logarithms of the prior

found = train(counts, topics=12, seeds=5)
found.medoid, found[3], found.alike      # the run that is most like all others, that of seed 3, and how alike they are
"""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, overload

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, is_whole, listed, number, one_of, plain, refuse_if, whole_number
from nqp_topics.counts import Counts
from nqp_topics.study import progress
from nqp_topics.topics import engines, kept
from nqp_topics.topics.anchoring import Anchors, pairs, placed
from nqp_topics.topics.engines import Common, Fit
from nqp_topics.topics.engines.blocks import Kept
from nqp_topics.topics.formula import Design, known_of, of_articles, read_about
from nqp_topics.topics.model import Topics, table_said, topic_names
from nqp_topics.topics.seeds import Runs, seeds_of

# what train takes → the argument of an engine that can have it
TAKEN = {"prevalence": "known", "anchors": "anchored"}
MOST = {"chains": 10**15, "threads": 1000}  # memory says how many chains; other settings go to a million
Folder = str | Path | None
Named: TypeAlias = dict[str, Any]
Seeds: TypeAlias = int | Iterable[int]
About: TypeAlias = pd.DataFrame | str | Path | None


@overload
def train(counts: Counts, topics: int, seed: int, engine: str = ..., **asked: Any) -> Topics: ...
@overload
def train(
    counts: Counts, topics: int, seed: int | None = ..., engine: str = ..., *, seeds: Seeds, **asked: Any
) -> Runs: ...
def train(
    counts: Counts,
    topics: int,
    seed: int | None = None,
    engine: str = "sampler",
    *,
    seeds: Seeds | None = None,
    cache: Folder = None,
    prevalence: str = "",
    about: About = None,
    anchors: Anchors = None,
    cluster: Any = None,
    resume: Folder = None,
    **settings: Any,
) -> Topics | Runs:
    """Fit `topics` topics to passages. There is no default number of topics, and the seed is always said.

    `seed` gives one run; `seeds`, a list or how many (1, 2, …), gives `Runs`, of which `seed` is then the one to report. `cache` is a folder
    that keeps every run, so that it is fitted once. `settings` go to the engine's `fit`. `prevalence` is a formula of columns of `about` (one row an
    article, by id) that may move topics (`topics.formula`): passages have their article's prior, learnt with the topics, which matters where passages are
    short; `about` may be the file of that table. `anchors`: a name and words for some topics, or the file that has them (`topics.anchoring`).
    `blocks` cuts one chain into so many blocks of passages, on which `threads`, or the workers of a `cluster` (a client of distributed, its address, or
    "local:4"), work to the same bytes; usual from a million tokens on. A run in blocks keeps in `resume`, a folder, or in `cache` how far it is, and goes on.
    Refused, all together: an unknown setting, a number of topics below 2 or above the number of words or passages, a seed that is no whole number
    from 0 on, passages without a word, and more memory than is free; no seed, or one twice. Refused of a formula: what `topics.formula.design` refuses,
    articles that have no row, fewer articles than columns, a level with one article.
    """
    wanted: list[Any] = [seed] if seeds is None else seeds_of("train(seeds)", seeds)
    settings = {name: plain(value) for name, value in settings.items()}
    beside = {"prevalence": prevalence, "anchors": anchors}
    told = list(setting_problems(engine, settings, [name for name, value in beside.items() if value]))
    refuse_if(
        told,
        _bad_numbers(counts, topics, wanted[0] if seed is None else seed),
        [] if seed is None or seed in wanted else one_of("train(seed)", seed, map(str, wanted)),
        _empty(counts),
        () if told else _too_large(counts, topics, engine, settings | {"known": prevalence or None}),
        () if told else _common(counts, engine, settings, prevalence),
        () if told else _blocks(counts, engine, settings.get("blocks"), cluster),
    )
    place, made = kept.folder(cache), None
    given: Named = {}
    parts: list[Any] = [counts.fingerprint, int(topics)]
    if prevalence:
        made = of_articles(prevalence, read_about(about) if isinstance(about, str | Path) else about, counts)
        parts += [prevalence, table_said(made.table)]
    if anchored := pairs(anchors):
        given["anchored"] = placed(anchored, counts, int(topics))
        settings = {**settings, "anchors": anchored}

    def fitted(seed: int) -> Topics:
        name = kept.key(engine, settings, *parts, seed)
        folder = kept.folder(resume) or (place and place / "going" / name)
        going = Kept(folder / f"going-{seed}.npz", counts.fingerprint, name) if folder else None
        where = given | ({"cluster": cluster, "kept": going} if engine == "sampler" else {})
        return kept.run(place, name, partial(_fit, counts, int(topics), seed, engine, settings, made, where))

    if seeds is None:
        return fitted(int(wanted[0]))
    return Runs([fitted(one) for one in progress(wanted, "seeds")], None if seed is None else int(seed))


def train_abreast(
    counts: Counts, places: Sequence[tuple[int, int]], cache: Folder = None, **settings: Any
) -> list[Topics]:
    """Fit single chains of our sampler for several numbers of topics, each with its seed: the runs of `train`, for a third of the time.

    Refused: as of `train`.
    """
    settings = {name: plain(value) for name, value in settings.items()}
    told, most = list(setting_problems("sampler", settings)), max(topics for topics, _ in places)
    tables = {**settings, "chains": len(places)}  # which all have at once
    refuse_if(
        told,
        _empty(counts),
        () if told else _too_large(counts, most, "sampler", tables),
        () if told else _common(counts, "sampler", settings | {"chains": 1}),
    )
    place, room = kept.folder(cache), engines.engine("sampler")
    names = [kept.key("sampler", settings, counts.fingerprint, *one) for one in places]

    def fits(some: list[int]) -> list[Fit]:
        return room.fits(counts.matrix, [places[number] for number in some], **settings)

    ahead = kept.at_once(place and place / "runs", names, fits)

    def fitted(number: int) -> Topics:
        return _topics(counts, *places[number], "sampler", settings, None, ahead(number))

    return [kept.run(place, name, partial(fitted, number)) for number, name in enumerate(names)]


def _fit(
    counts: Counts, topics: int, seed: int, engine: str, settings: Named, made: Design | None, where: Named
) -> Topics:
    room = engines.engine(engine)
    asked: Named = {name: value for name, value in settings.items() if name != "anchors"} | where
    if made is not None:
        asked["known"] = known_of(made, counts)
    found: Fit = room.fit(counts.matrix, topics, seed, **asked)
    if going := where.get("kept"):
        going.file.unlink(missing_ok=True)
    return _topics(counts, topics, seed, engine, settings, made, found)


def _topics(
    counts: Counts, topics: int, seed: int, engine: str, settings: Named, made: Design | None, found: Fit
) -> Topics:
    """Return a fit as a run that knows its names and how it was made."""
    names, (ids, words) = topic_names(topics), counts.names
    agreed: Named = {}
    if found.agreement is not None:
        of_topics, of_passages = found.agreement
        agreed["topic_agreement"] = pd.Series(of_topics, index=names, name="agreement")
        agreed["passage_agreement"] = pd.Series(of_passages, index=ids, name="agreement")
    if made is not None:
        terms = pd.Index(made.names, name="term")
        agreed["prevalence"] = pd.DataFrame(found.prevalence, index=terms, columns=names)
        agreed |= {"about": made.table, "formula": made.formula}
    if found.common is not None:
        common = found.common
        told = pd.Series(common.words, words, name="weight"), pd.Series(common.passages, ids, name="share")
        agreed["common"] = Common(*told, common.prior, common.tokens)
    trace = pd.DataFrame(found.trace, columns=["iteration", "log_likelihood"])
    # what changes nothing: a run that sets no words apart says nothing of them
    unsaid = {"threads"} | ({"common"} if not settings.get("common") else set())
    return Topics(
        words=pd.DataFrame(found.words.T, index=words, columns=names, copy=False),
        passages=pd.DataFrame(found.shares, index=ids, columns=names, copy=False),
        tokens=pd.Series(found.tokens, index=names, name="tokens", dtype="float64"),
        prior=pd.Series(found.prior, index=names, name="prior", dtype="float64"),
        word_prior=float(found.word_prior),
        seed=seed,
        engine=engine,
        version=engines.engine(engine).version(),
        iterations=int(found.iterations),
        trace=trace.astype({"iteration": "int64", "log_likelihood": "float64"}),
        counts_fingerprint=counts.fingerprint,
        settings={name: value for name, value in settings.items() if name not in unsaid},
        ran=found.ran,
        **agreed,
    )


def setting_problems(engine: str, settings: Named, beside: Iterable[str] = ()) -> Iterator[Problem]:
    """Tell which settings an engine does not have, or cannot have so; `beside` them may be asked for prevalence and anchors."""
    room = engines.engine(engine)
    known = dict(inspect.signature(room.fit).parameters)
    for name in ("counts", "topics", "seed", "cluster", "kept"):
        known.pop(name, None)
    able = {name for name, takes in TAKEN.items() if known.pop(takes, None)}
    for name, value in [*settings.items(), *((name, None) for name in beside if name not in able)]:
        where = f"train({name}=…)"
        if name not in known:
            came = f"a setting that {engine} does not have"
            yield Problem(where, came, ", ".join(known), "use one of these names")
            continue
        usual = known[name].default
        if value is None and usual is None:
            continue
        if name == "common":
            yield from number(where, value, 0, 0.9, todo="leave it out for the usual; 0 sets nothing apart")
        elif name in room.WHOLE:
            todo = "leave it out for the usual"
            yield from whole_number(where, value, room.WHOLE[name], MOST.get(name, 10**6), todo)
        elif isinstance(usual, float):
            yield from number(where, value, 0, above=True, todo=f"{usual} is the usual one")
    plan = [settings.get(name) for name in ("sweeps", "start", "chains")]
    if engine == "sampler" and plan[0] == 0 and not plan[1] and plan[2] != 1:
        came, allowed = "0, and no passes of EM (start)", "from 1 on, or chains=1, which ends in EM"
        yield Problem("train(sweeps=…)", came, allowed, "chains that start at random find nothing without")


def number_problems(where: str, counts: Counts, topics: Any) -> list[Problem]:
    """Tell of a number of topics that these counts cannot carry: below 2, or more than they have passages or words."""
    passages, words = counts.matrix.shape
    todo = f"there are {passages} passages and {words} words; choose shows what speaks for which number"
    return whole_number(where, topics, 2, max(2, min(passages, words)), todo)


def _bad_numbers(counts: Counts, topics: Any, seed: Any) -> Iterator[Problem]:
    passages, words = counts.matrix.shape
    if min(passages, words) < 2:
        came = f"{passages} passages, {words} words"
        todo = "use more texts, or cut them into shorter passages"
        yield Problem("train(counts)", came, "at least two of both", todo)
    else:
        yield from number_problems("train(topics)", counts, topics)
    yield from whole_number("train(seed)", seed, todo="any will do: it is recorded")


def _blocks(counts: Counts, engine: str, blocks: int | None, cluster: Any) -> Iterator[Problem]:
    """Tell of more blocks than there are passages, and of a cluster that has nothing to do."""
    if blocks is not None:
        todo = "leave it out for the usual"
        yield from whole_number("train(blocks=…)", blocks, 1, len(counts.ids), todo)
    if cluster is not None and engine != "sampler":
        allowed, todo = "sampler, which works in blocks", "choose sampler, or leave the cluster out"
        yield Problem("train(cluster)", f"a cluster for {engine}", allowed, todo)
    elif cluster is not None and not blocks and counts.tokens < (least := engines.engine(engine).LARGE):
        came, allowed = f"a cluster for {counts.tokens:,} tokens", f"{least:,} tokens, or a number of blocks"
        todo = "leave the cluster out: one machine is quicker"
        yield Problem("train(cluster)", came, allowed, todo)


def _common(counts: Counts, engine: str, settings: Named, prevalence: str = "") -> Iterator[Problem]:
    """Tell of common words that are to be set apart where they cannot be: from one chain, or with what is known of articles."""
    part = settings.get("common") if engine == "sampler" else None
    allowed = "several chains and no prevalence, or common=0"
    if part and (settings.get("chains") or engines.engine(engine).usual_chains(counts.matrix)) == 1:
        todo = "common words are told by what several chains agree on: add chains=8"
        yield Problem("train(common=…)", f"{part}, with one chain", allowed, todo)
    elif part and prevalence:
        todo = "leave common out: with a formula none are set apart"
        yield Problem("train(common=…)", f"{part}, with a formula", allowed, todo)


def _empty(counts: Counts) -> Iterator[Problem]:
    if len(empty := np.flatnonzero(np.diff(counts.matrix.indptr) == 0)):
        names = listed([counts.ids[row] for row in empty.tolist()], 5)
        came = f"{len(empty)} passages without a word: {names}"
        todo = "leave them out with counts.select, or keep more words"
        yield Problem("train(counts)", came, "passages with at least one word", todo)


def _too_large(counts: Counts, topics: Any, engine: str, settings: Named) -> Iterator[Problem]:
    if not is_whole(topics):
        return
    passages, words = counts.matrix.shape
    # both tables of doubles twice while they change hands, the sampler's whole counts, two bytes a token
    need = 8 * int(topics) * (2 * passages + 4 * words) + 2 * counts.tokens
    if engine == "sampler":
        need += 2 * engines.engine(engine).memory(counts.matrix, int(topics), **settings)
    todo = "drop rare words (min_df), take fewer topics, or use a larger machine"
    what = f"{passages} passages × {words} words × {topics} topics"
    yield from memory_problems("train(counts, topics)", need, what, todo)


def memory_problems(where: str, need: float, what: str, todo: str) -> Iterator[Problem]:
    """Tell of what takes more memory than is free."""
    free = free_memory()
    if need > free:
        came = f"{what}: about {need / 2**30:.1f} GiB of memory"
        yield Problem(where, came, f"what is free now, {free / 2**30:.1f} GiB", todo)


def free_memory() -> int:
    """Return how many bytes are free for use."""
    import psutil

    return int(psutil.virtual_memory().available)
