"""Agreement: do other seeds find the same topics, and what becomes of topics at other numbers? Never by itself: beside it stand what chance
gives, whether the runs had settled, and how far apart their topics are.

The least settled runs look most stable: topics that are all alike, each the corpus over again, agree with anything. So every agreement
is given a second time for runs without meaning (`chance_…`): their words have changed places with words about as frequent, and their
passages have each other's shares. Topics that are far apart agree little by chance; topics that are all alike agree by chance as much
as they do in truth. Chance is that of topics without meaning, not of a corpus without topics: in small planted corpora of one distribution
of words, or one an article, top words of seeds agree in .32 and .42 (chance .24 and .26), passages in .29 and .44 (.01 and .01).
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, combinations, pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from nqp_topics import similar
from nqp_topics.checks import Problem, Refused, listed, one_of, refuse_if, whole_number
from nqp_topics.choose import shape
from nqp_topics.choose.scores import of_counts, top_n_problems
from nqp_topics.choose.search import worked
from nqp_topics.counts import Counts
from nqp_topics.topics import engines
from nqp_topics.topics.fit import train
from nqp_topics.topics.model import Topics

AGREEMENT = ("distance", "cosine", "top_words", "passages")


class Stability(NamedTuple):
    """What `choose.stability` gives: one row a number of topics, and one row a topic of a run; `agreement` has the columns' meanings.

    `models`: K, seeds, the means over all pairs of runs of distance, cosine, top_words, passages and strongest, the same by chance,
    top_words_low and top_words_high (of the pair that agrees least, and most), and then gain, moved, moved_most, separation (means over runs; `convergence` has their meanings)
    and chains (of a run of our sampler). `topics`: K, seed, topic, the means over all
    other runs of distance, cosine, top_words and passages, the same by chance, then share (of all tokens) and nearest, the divergence
    to the topic of the same run that is most like it.
    """

    models: pd.DataFrame
    topics: pd.DataFrame


def stability(
    runs: Iterable[Topics], counts: Counts, top_n: int = 10, over: str = "seeds", draws: int = 5
) -> Stability:
    """Set runs with the same number of topics and different seeds against each other; `Stability` describes the two tables.

    `over="articles"` sets every run against `draws` fits of its own number, seed, engine and settings to articles drawn again, as many and with
    replacement: how much hangs on which articles were collected. `seeds` is then the number of fits. Refused: over seeds, a number of topics with a single run or with a seed twice; runs of other counts; fewer than two articles.
    """
    of_counts(runs := list(runs), counts, "choose.stability(runs)")
    by_k = {k: [run for run in runs if len(run.names) == k] for k in sorted({len(run.names) for run in runs})}
    where, alone = "choose.stability(over)", over == "articles" and len(set(counts.articles)) < 2
    one = Problem(where, "'articles', of which there is one", "two or more", "compare seeds instead")
    asked = one_of(where, over, ("seeds", "articles")), whole_number("choose.stability(draws)", draws, 1)
    refuse_if(top_n_problems(top_n, counts), *asked, [one] * alone)
    again: dict[int, list[list[Topics]]] = {}
    if over == "seeds":
        todo = "fit more seeds: five show more than two"
        allowed = "at least two runs of every K, each with a seed of its own"
        seeds = {k: [run.seed for run in group] for k, group in by_k.items()}
        few = {k: some for k, some in seeds.items() if len(some) < 2 or len(set(some)) < len(some)}
        came = (f"K = {k} with seed{'s' if len(some) > 1 else ''} {listed(some)}" for k, some in few.items())
        refuse_if(Problem("choose.stability(runs)", one, allowed, todo) for one in came)
    else:
        drawn = [articles_drawn(counts, draw) for draw in range(draws)]
        again = {k: [[_refitted(run, counts, part) for part in drawn] for run in by_k[k]] for k in by_k}
    jobs = [(group, counts, top_n, again.get(k)) for k, group in by_k.items()]
    found = worked(compare, jobs, os.cpu_count() or 1, "stability")
    models = pd.DataFrame([model for model, _ in found]).astype({"K": "int64", "seeds": "int64"})
    return Stability(models, pd.concat([rows for _, rows in found], ignore_index=True))


def _refitted(run: Topics, counts: Counts, drawn: Counts) -> Topics:
    """Fit to the articles drawn as `run` was fitted, and give the shares that the passages of all articles have under those topics."""
    asked = {"prevalence": run.formula, "about": run.about, **run.settings}
    found = train(drawn, len(run.names), run.seed, run.engine, **asked)
    return replace(found, passages=found.shares(counts, run.about), passage_agreement=None)


def lineage(runs: Iterable[Topics], counts: Counts) -> pd.DataFrame:
    """Show how topics split and merge from each number of topics to the next, with one run for each, taken in the order of K.

    One row is a pair of topics: K, topic, next_K, next_topic, mass, of_topic, of_next, cosine. `mass` is the share of the tokens of topics (what runs set apart is none; the mean of all runs) that stand in
    passages whose strongest topic is the one here and the other there; it adds up to what each topic is the strongest in. `of_topic` and
    `of_next` are the parts of the two topics that it makes up (0 for a topic that is the strongest nowhere); `cosine` compares their words.
    The largest `of_topic` of a topic is what figures call `kept`: a run would keep 1 of itself. Refused: fewer than two runs, two of one K.
    """
    runs = sorted(runs, key=lambda run: len(run.names))
    of_counts(runs, counts, "choose.lineage(runs)")
    ks = [len(run.names) for run in runs]
    if len(ks) < 2 or len(set(ks)) < len(ks):
        allowed = "at least two runs, one for each number of topics"
        todo = "take the medoid of each K: choose.medoid(runs, K)"
        raise Refused(Problem("choose.lineage(runs)", f"runs with K = {listed(ks)}", allowed, todo))
    tokens = np.mean([run.mass(counts) for run in runs], axis=0)
    return pd.concat([flow(one, other, tokens) for one, other in pairwise(runs)], ignore_index=True)


def flow(one: Topics, other: Topics, tokens: np.ndarray) -> pd.DataFrame:
    """Return what flows from every topic of a run to every topic of another.

    A passage flows whole, from its strongest topic to its strongest topic, and weighs as much as it has tokens: a run keeps all of itself.
    """
    mass = np.zeros((len(one.names), len(other.names)))
    np.add.at(mass, tuple(run.passages.to_numpy().argmax(axis=1) for run in (one, other)), tokens)
    mass /= mass.sum()
    # a topic that is the strongest nowhere has nothing to give
    sums = [np.maximum(mass.sum(axis=axis, keepdims=True), 1e-300) for axis in (1, 0)]
    pairs = {"K": len(one.names), "topic": np.repeat(one.names, len(other.names))}
    pairs |= {"next_K": len(other.names), "next_topic": np.tile(other.names, len(one.names))}
    parts = {"mass": mass, "of_topic": mass / sums[0], "of_next": mass / sums[1]}
    parts["cosine"] = similar.cosines(one.words.to_numpy(), other.words.to_numpy())
    return pd.DataFrame(pairs | {name: part.ravel() for name, part in parts.items()})


class Side(NamedTuple):
    """One run as it is set against others: words × topics with their entropies and of length one, the strongest topics of passages, shares of passages
    less their mean and of length one, and the places of top words, topics × their number."""

    words: np.ndarray
    entropies: np.ndarray
    unit_words: np.ndarray
    unit_shares: np.ndarray
    strongest: np.ndarray
    top: np.ndarray


def agreement(one: Side, other: Side) -> tuple[np.ndarray, np.ndarray, float]:
    """Match topics one to one so that their words are least apart, and say how alike the matched ones are.

    Returned are the topic of `other` that each is matched to, a table with a row for each, and the adjusted mutual information of the strongest topics of
    passages, 1 for the same grouping and about 0 for unrelated ones. Columns: distance, the Jensen-Shannon divergence of their words (0: the same); cosine of their words; top_words, the share that their
    top words have in common (Jaccard); passages, the correlation of their shares over passages.
    """
    apart = similar.apart(one.words, other.words, one.entropies, other.entropies)
    matched = similar.matched(-apart)
    common = (one.top[:, :, None] == other.top[matched][:, None, :]).sum(axis=(1, 2))
    rows = np.arange(len(matched))
    words = similar.cosines_of(one.unit_words, other.unit_words)[rows, matched]
    passages = similar.cosines_of(one.unit_shares, other.unit_shares)[rows, matched]
    top = common / (one.top.shape[1] + other.top.shape[1] - common)
    table = np.column_stack([apart[rows, matched], words, top, passages])
    return matched, table, adjusted_information(one.strongest, other.strongest)


def adjusted_information(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mutual information of two labellings above what chance gives, over the mean of their entropies above the same.

    (Vinh, Epps and Bailey 2010.) Two labellings of a single label each say the same: 1.
    """
    from scipy.special import gammaln

    from nqp_topics.choose.loops import chance_information

    rows, columns = (np.unique(labels, return_inverse=True)[1] for labels in (one, other))
    table = np.zeros((rows.max() + 1, columns.max() + 1), np.int64)
    np.add.at(table, (rows, columns), 1)
    many = int(table.sum())
    sizes, others = table.sum(axis=1), table.sum(axis=0)
    if len(sizes) == len(others) and len(sizes) in (1, many):
        return 1.0
    both = table[table > 0]
    expected_product = np.outer(sizes, others)[table > 0]
    mutual = float(np.sum(both / many * np.log(many * both / expected_product)))
    chance = float(chance_information(sizes, others, gammaln(np.arange(many + 1) + 1.0)))
    entropy = float(sum(-np.sum(part / many * np.log(part / many)) for part in (sizes, others)) / 2)
    room = entropy - chance
    return (mutual - chance) / room if abs(room) > 1e-12 else 0.0


def articles_drawn(counts: Counts, draw: int) -> Counts:
    """Return as many articles as there are, drawn with replacement, each with all its passages; one drawn twice is two articles."""
    codes, names = pd.factorize(np.array(counts.articles, dtype=object))
    chosen = np.random.default_rng([0, draw]).integers(0, len(names), len(names))
    held = [np.flatnonzero(codes == name).tolist() for name in range(len(names))]
    rows = [(place, row) for place, name in enumerate(chosen) for row in held[name]]
    ids, articles = ([f"{place}:{of[row]}" for place, row in rows] for of in (counts.ids, counts.articles))
    return Counts(ids, counts.words, counts.matrix[[row for _, row in rows]], articles)


def by_chance(run: Topics, counts: Counts, top_n: int, seed: int) -> Side:
    """Return a run without meaning: topics as large, as even and as far apart as those of `run`, over words as frequent.

    Words change places, in all topics alike, with words about as frequent: within the ranks 1-8, 9-16, 17-32, 33-64 … Passages
    change places too.
    """
    numbers = np.random.default_rng([seed, len(run.names), run.seed])
    ranked = np.argsort(-counts.frequencies.to_numpy(), kind="stable")
    places = np.empty(len(ranked), np.int64)
    begin, end = 0, 8
    while begin < len(ranked):
        places[ranked[begin:end]] = numbers.permutation(ranked[begin:end])
        begin, end = end, 2 * end
    passages = numbers.permutation(len(counts.ids))
    return side(run.words.to_numpy()[places], run.passages.to_numpy()[passages], top_n)


def side(words: np.ndarray, shares: np.ndarray, top_n: int) -> Side:
    """Return the tables of a run as the loops want them."""
    words, shares, unit = np.array(words, order="C"), np.array(shares, order="C"), similar.unit
    tables = words, similar.entropies(words), unit(words), unit(shares - shares.mean(axis=0))
    return Side(*tables, shares.argmax(axis=1), shape.top(words, top_n))


def convergence(run: Topics, counts: Counts) -> dict[str, float]:
    """Say whether a run had settled.

    gain: what its trace rose at last, in log-likelihood per token and iteration; empty where the engine notes one value only. (Our
    sampler notes Gibbs sweeps and then EM, which are reckoned differently: its last step is from one to the other.)
    moved: the share of its words' weight that one more round of EM over all tokens would move to other words, the same for every engine
    (0: none).
    """
    from nqp_topics.choose.loops import divided

    trace = run.trace
    gain = float("nan")
    if len(trace) > 1:
        steps = trace["iteration"].iloc[-1] - trace["iteration"].iloc[-2]
        gain = float((trace["log_likelihood"].iloc[-1] - trace["log_likelihood"].iloc[-2]) / max(1, steps))
    words, shares = (np.array(part, order="C") for part in (run.chances, run.mixture))
    table = divided(*engines.arrays(counts.matrix), words, shares)
    sizes = table.sum(axis=0)
    table = table + run.word_prior
    table /= table.sum(axis=0)
    apart = np.abs(table - words).sum(axis=0) / 2
    return {"gain": gain, "moved": float((apart * sizes).sum() / sizes.sum())}


def compare(
    runs: list[Topics], counts: Counts, top_n: int, again: list[list[Topics]] | None = None
) -> tuple[dict[str, float], pd.DataFrame]:
    """Set runs with the same number of topics against each other: the row of `models` and the rows of `topics` that `Stability` describes.

    Where `again` gives fits for each run, a run is set against these and not against the other runs.
    """
    topics, many = len(runs[0].names), len(runs)
    pairs, everyone, each = list(combinations(range(many), 2)), runs, many - 1  # each run against so many
    if again:
        everyone, each = [*runs, *chain(*again)], len(again[0])
        pairs = [(one, many + one * each + other) for one in range(many) for other in range(each)]
    real = [side(run.words.to_numpy(), run.passages.to_numpy(), top_n) for run in everyone]
    chance = [by_chance(run, counts, top_n, place // many) for place, run in enumerate(everyone)]
    sums = {kind: np.zeros((len(everyone), topics, len(AGREEMENT))) for kind in ("", "chance_")}
    strongest: dict[str, list[float]] = {"": [], "chance_": []}
    in_common: list[float] = []
    for one, other in pairs:
        for kind, sides in (("", real), ("chance_", chance)):
            matched, table, same = agreement(sides[one], sides[other])
            sums[kind][one] += table
            sums[kind][other][matched] += table
            strongest[kind].append(same)
            if not kind:
                in_common.append(float(table[:, AGREEMENT.index("top_words")].mean()))
    model: dict[str, float] = {"K": topics, "seeds": each if again else many}
    seeds = np.repeat([run.seed for run in runs], topics)
    rows = pd.DataFrame({"K": topics, "seed": seeds, "topic": [name for run in runs for name in run.names]})
    for kind in ("", "chance_"):
        means = sums[kind][:many] / each
        for place, name in enumerate(AGREEMENT):
            rows[kind + name] = means[:, :, place].ravel()
            model[kind + name] = float(means[:, :, place].mean())
        model[f"{kind}strongest"] = float(np.mean(strongest[kind]))
    model["top_words_low"], model["top_words_high"] = min(in_common), max(in_common)
    settled = pd.DataFrame([convergence(run, counts) for run in runs])
    apart = [similar.divergences(run.words) for run in real[:many]]
    model["gain"] = float(settled["gain"].mean())
    model["moved"], model["moved_most"] = float(settled["moved"].mean()), float(settled["moved"].max())
    model["separation"] = float(np.mean([shape.pairs_mean(table) for table in apart]))
    model["chains"] = max(run.ran.get("chains", np.nan) for run in runs)
    rows["share"] = np.concatenate([(run.tokens / run.tokens.sum()).to_numpy() for run in runs])
    rows["nearest"] = np.concatenate([(table + 2 * np.eye(topics)).min(axis=1) for table in apart])
    return model, rows
