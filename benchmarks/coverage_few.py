"""Planted worlds of few and unequal witnesses: whole factors and their levels, telling words, wording of topics, keywords beside topics, detectable differences, distances over many topics.

Witnesses have ways of their own and nothing differs, unless it is said so. A case is named by how many articles each witness of a group wrote.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics import compare, validate
from nqp_topics.compare import contrast
from nqp_topics.compare.distances import between_rows
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics, topic_names

MEAN = np.array([0.3, 0.3, 0.2, 0.1, 0.07, 0.03])
LEVELS = {
    "four levels of ten alone": {level: [1] * 10 for level in "abcd"},
    "30 alone, three levels of three": {"a": [1] * 30, "b": [3, 2, 1], "c": [1, 1, 1], "d": [4, 2, 1]},
    "one wrote 30 of 33 in a level": {"a": [1] * 20, "b": [30, 1, 1, 1], "c": [1] * 10, "d": [2, 1, 1]},
}
TELLING = {
    "30 alone and 30 alone": ([1] * 30, [1] * 30),
    "three wrote 5, 3, 2; 30 alone": ([5, 3, 2], [1] * 30),
    "one wrote 8 of 10; 30 alone": ([8, 1, 1], [1] * 30),
    "20 alone; one wrote 8 of 10": ([1] * 20, [8, 1, 1]),
    "34 alone; one wrote 12, one seven": ([1] * 34, [7, 2, 2, *[1] * 11], [12], [2, 2], [1] * 6),
    "five groups": ([1] * 34, [7, 2, 2, *[1] * 11], [3, 2, 2, 2, 2, 1, 1], [4, 3, 3, 1, 1], [2, 1, 1, 1, 1]),
}
TWICE = {f"{many} alone; 30 alone": ([1] * many, [1] * 30) for many in (5, 10, 20, 40)} | {
    "three wrote 5, 3, 2; 30 alone": TELLING["three wrote 5, 3, 2; 30 alone"],
    "14 wrote 22, one seven; 30 alone": ([7, 2, 2, *[1] * 11], [1] * 30),
}
WORDED = {
    "30 alone and 30 alone": ([1] * 30, [1] * 30),
    "four alone and four alone": ([1] * 4, [1] * 4),
    "two wrote 5 each; three wrote 3 each": ([5, 5], [3, 3, 3]),
    "three wrote 5, 3, 2; 30 alone": ([5, 3, 2], [1] * 30),
    "one wrote 8 of 10; 30 alone": ([8, 1, 1], [1] * 30),
}
TOLD = {
    "two groups": {"a": [1] * 12, "b": [1] * 12},
    "three groups": {"a": [1] * 30, "b": [1] * 20, "c": [1] * 10},
    "five groups": dict(zip("abcde", TELLING["five groups"], strict=True)),
}
WROTE = {"5 alone": [1] * 5, "12 alone": [1] * 12, "40 alone": [1] * 40, "six wrote five each": [5] * 6}
SMALL = {
    "6 and 34": ([1] * 6, [1] * 34),
    "5 and 12": ([1] * 5, [1] * 12),
    "8 and 8": ([1] * 8, [1] * 8),
    "6 and 6": ([1] * 6, [1] * 6),
    "4 and 34": ([1] * 4, [1] * 34),
    "13 of 7 and 22 of 14": ([3, 2, 2, 2, 2, 1, 1], [7, 2, 2, *[1] * 11]),
}
FAR = {name: SMALL[name] for name in ("4 and 34", "6 and 34", "13 of 7 and 22 of 14")} | {
    "12 and 34": ([1] * 12, [1] * 34)
}


def _articles(
    rng: np.random.Generator,
    groups: dict[str, Any],
    means: dict[str, np.ndarray],
    habits: float | None = 12.0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw articles round witnesses round the means of their groups: shares, and what is known of articles."""
    rows, about = [], {}
    for group, sizes in groups.items():
        for speaker, many in enumerate(sizes):
            own = rng.dirichlet(habits * means[group] + 1e-9) if habits else means[group]
            year = rng.uniform(0, 20)
            for _ in range(many):
                known = {"group": group, "witness": f"{group}{speaker}", "year": year + rng.uniform(0, 2)}
                about[f"a{len(rows):03d}"] = known
                rows.append(rng.dirichlet(9 * own + 1e-6))
    table = pd.DataFrame.from_dict(about, orient="index").rename_axis("id")
    shares = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    return pd.DataFrame(shares, table.index, topic_names(shares.shape[1])), table


def whole_terms(found: Any, seed: int) -> None:
    """p of a factor of four levels and of a curve where neither moves anything, and of a factor one of whose levels has .25 more of a topic; intervals of its levels and of the curve."""
    for case, groups in LEVELS.items():
        for step in (0.0, 0.25):
            means = dict.fromkeys("abc", MEAN) | {"d": MEAN + np.array([step, -step, 0, 0, 0, 0])}
            shares, about = _articles(np.random.default_rng([seed, 7]), groups, means)
            formula = "group + cr(year, df=3)"
            told = compare.effects_of_shares(shares, about, formula, about["witness"], draws=400)
            usual = np.mean([means[group] for group in about["group"]], axis=0)
            for kind, table in (("contrasts", told.contrasts), ("predicted", told.predicted)):
                for (term, level), rows in table.groupby(["term", "level"]):
                    truth = means.get(level, usual) if kind == "predicted" else 0 * MEAN
                    if kind == "contrasts" and term == "group":
                        truth = means[level] - means["a"]
                    of = "a level" if term == "group" else "a curve"
                    held = (rows["low"] <= truth) & (truth <= rows["high"])
                    found[kind, "interval", 0.95, f"{of}, {case}"].ours.extend(held.astype(float))
            for term, rows in told.terms.groupby("term"):
                small = (rows.set_index("topic")["p"] < 0.05).astype(float)
                of = "a factor" if term == "group" else "a curve"
                if not step:
                    found["terms", "test", 0.05, f"{of}, {case}"].ours.extend(small)
                elif term == "group":
                    found["terms", "power", np.nan, f"a level with .25 more, {case}"].ours.append(
                        small["T01"]
                    )


def _said(rng: np.random.Generator, groups: Any, alike: float, more: float = 1.0) -> tuple[Any, ...]:
    """Plant counts of groups that say the same, but for ten words that the first says oftener (`more`); witnesses and articles are so much alike."""
    usual, rows, voice, author = rng.dirichlet(np.full(300, 0.3)), [], {}, {}
    planted = np.argsort(-usual)[20:60:4]
    often = usual.copy()
    often[planted] *= more
    for group, sizes in zip("abcde", groups, strict=False):
        for speaker, many in enumerate(sizes):
            own = rng.dirichlet(alike * (often / often.sum() if group == "a" else usual) + 1e-9)
            for _ in range(many):
                name = f"a{len(rows):03d}"
                voice[name], author[name] = group, f"{group}{speaker}"
                rows.append(rng.multinomial(int(rng.integers(150, 800)), rng.dirichlet(alike * own + 1e-9)))
    words = tuple(f"v{number:03d}" for number in range(300))
    counts = Counts(tuple(voice), words, sparse.csr_array(np.array(rows)), tuple(voice))
    return counts, voice, author, {words[place] for place in planted}


def telling(found: Any, seed: int) -> None:
    """How often the first word of a group is beyond what is called chance where all groups say the same, naive: shuffled articles; how many of ten words that it says twice as often are."""
    for case, groups in TELLING.items():
        counts, voice, author, _ = _said(np.random.default_rng([seed, 3]), groups, 200)
        ours, naive = (contrast.largest_by_chance(counts, voice, within) for within in (author, None))
        for group in sorted(set(voice.values())) if "one seven" not in case else "a":
            first = contrast.keywords(counts, voice, group)["z"].iloc[0]
            cell = found["telling_words", "test", 0.05, case]
            cell.ours.append(float(first > ours[group]))
            cell.naive.append(float(first > naive[group]))
    for case, groups in TWICE.items():
        counts, voice, author, planted = _said(np.random.default_rng([seed, 4]), groups, 2000, 2.0)
        told = contrast.keywords(counts, voice, "a").set_index("word")["z"]
        beyond = told[list(planted)] > contrast.largest_by_chance(counts, voice, author)["a"]
        found["telling_words", "power", np.nan, f"said twice as often, {case}"].ours.append(beyond.mean())


def wordings(found: Any, seed: int, planted: Any) -> None:
    """p, bh and intervals of words of a topic that both groups word alike, and of two of another, one of which a group says twice, one half as often; naive: by articles."""
    for case, groups in WORDED.items():
        rng = np.random.default_rng([seed, 5])
        words = rng.dirichlet(np.full(60, 0.3), 4)
        words[:, :2] = 0  # no other topic has the words whose log-odds are known
        words *= 0.94 / words.sum(axis=1, keepdims=True)
        words[0, :2], words[1:, 2] = 0.03, words[1:, 2] + 0.06
        other = words.copy()
        other[0, :2] *= 2.0, 0.5
        other[0] /= other[0].sum()
        shares, rows, articles, voice, who = [], [], [], {}, {}
        for group, sizes, mine in zip("xy", groups, (other, words), strict=True):
            for speaker, many in enumerate(sizes):
                own = np.array([rng.dirichlet(150 * row + 1e-9) for row in mine])
                for _ in range(many):
                    voice[name := f"a{len(voice):03d}"], mix = group, rng.dirichlet(np.full(4, 2.0))
                    who[name], here = f"{group}{speaker}", [rng.dirichlet(150 * row + 1e-9) for row in own]
                    for _ in range(6):
                        shares.append(rng.dirichlet(2 * mix + 1e-3))
                        rows.append(rng.multinomial(80, shares[-1] @ np.array(here)))
                        articles.append(name)
        ids = tuple(f"{name}-{place}" for place, name in enumerate(articles))
        called = tuple(f"v{number:02d}" for number in range(60))
        counts = Counts(ids, called, sparse.csr_array(np.array(rows)), tuple(articles))
        run = planted(counts, words.T, np.array(shares), topic_names(4))
        odds = [np.log(side[0, :2] / (1 - side[0, :2])) for side in (other, words)]
        true = dict(zip(called, odds[0] - odds[1], strict=False))
        for within in (who, None):
            even, moved = (
                compare.wording(run, counts, voice, k, "x", "y", within=within) for k in ("T02", "T01")
            )
            moved = moved[moved["word"].isin(list(true))]
            truth = moved["word"].map(true)
            for kind, of, seen in (
                ("test", "a word", even["p"] < 0.05),
                ("test", "a world with a word at bh < .05", [(even["bh"] < 0.05).any()]),
                ("interval", "words said alike", (even["low"] <= 0) & (even["high"] >= 0)),
                (
                    "interval",
                    "words said twice or half as often",
                    (moved["low"] <= truth) & (truth <= moved["high"]),
                ),
            ):
                cell = found["wording", kind, 0.05 if kind == "test" else 0.95, f"{of}, {case}"]
                (cell.ours if within else cell.naive).extend(np.array(seen, float))


def as_told(found: Any, seed: int, mean: np.ndarray) -> None:
    """How often the smallest difference that `differences` calls detectable of any two groups is found by `overall` (BH), whose p figures show."""
    for case, groups in TOLD.items():
        rng, means = np.random.default_rng([seed, 6]), dict.fromkeys(groups, mean)
        shares, about = _articles(rng, groups, means, None)
        table = compare.differences(
            compare.grouped(shares, about["group"], within=about["witness"]), draws=4999
        )
        table = table[(table["topic"] == "T01") & table["detectable"].notna()]
        row = table.loc[table["detectable"].idxmin()]
        more, small = row["detectable"], "group" if row["witnesses"] <= row["other_witnesses"] else "other"
        means[row[small]] = np.r_[mean[0] + more, mean[1:] * (1 - more / (1 - mean[0]))]
        shares, about = _articles(rng, groups, means, None)
        p = compare.overall(compare.grouped(shares, about["group"], within=about["witness"]), draws=4999)
        of_first = p.set_index("topic").loc["T01", "bh"]
        found["overall", "power", 0.8, f"detectable in pairs, {case}"].ours.append(float(of_first < 0.05))


def _with_a_word(
    rng: np.random.Generator, wrote: list[int], planted: Any
) -> tuple[Topics, Counts, dict[str, str]]:
    """Plant passages whose first topic has a word that some witnesses and articles use oftener than others."""
    words = np.full((3, 30), 0.01)
    for topic in range(3):
        words[topic, 6 * topic : 6 * topic + 6] += 0.7 / 6
    shares, rows, articles, who = [], [], [], {}
    for speaker, many in enumerate(wrote):
        likes, way = rng.dirichlet([2.0] * 3), rng.normal(0, 0.8)
        for _ in range(many):
            who[name := f"a{len(who):04d}"] = f"w{speaker}"
            own, here = rng.dirichlet(5 * likes + 1e-6), words.copy()
            here[0, 0] *= np.exp(way + rng.normal(0, 0.5))
            here /= here.sum(axis=1, keepdims=True)
            for _ in range(int(rng.integers(3, 14))):
                shares.append(rng.dirichlet(2 * own + 1e-3))
                rows.append(rng.multinomial(50, shares[-1] @ here))
                articles.append(name)
    ids = tuple(f"{name}-{place}" for place, name in enumerate(articles))
    called = tuple(f"v{number:02d}" for number in range(30))
    counts = Counts(ids, called, sparse.csr_array(np.array(rows)), tuple(articles))
    return planted(counts, words.T, np.array(shares), topic_names(3)), counts, who


TRUE: dict[str, float] = {}


def keywords_beside(found: Any, seed: int, planted: Any) -> None:
    """Intervals of the correlation of a topic with one of its words; naive: by articles. True is that of 3000 witnesses of an article each."""

    def looked(run: Topics, counts: Counts, within: Any, draws: int) -> pd.Series:
        return validate.beside(run, counts, {"T01": ["v00"]}, draws=draws, within=within).iloc[0]

    if not TRUE:
        run, counts, _ = _with_a_word(np.random.default_rng(0), [1] * 3000, planted)
        TRUE["value"] = float(looked(run, counts, None, 2)["value"])
    for case, wrote in WROTE.items():
        run, counts, who = _with_a_word(np.random.default_rng([seed, 4]), wrote, planted)
        cell = found["beside", "interval", 0.95, f"keywords, {case}"]
        ours, naive = (looked(run, counts, within, 200) for within in (who, None))
        cell.ours.append(float(ours["low"] <= TRUE["value"] <= ours["high"]))
        cell.naive.append(float(naive["low"] <= TRUE["value"] <= naive["high"]))
        cell.wide.append(ours["high"] - ours["low"])
        cell.naive_wide.append(naive["high"] - naive["low"])


def _two(
    rng: np.random.Generator, sizes: Any, means: tuple[np.ndarray, np.ndarray], habits: float | None = None
) -> compare.Grouped:
    """Return two groups of articles, of these witnesses and means."""
    groups, mean = dict(zip("xy", sizes, strict=True)), dict(zip("xy", means, strict=True))
    shares, about = _articles(rng, groups, mean, habits)
    return compare.grouped(shares, about["group"], within=about["witness"])


def small_groups(found: Any, seed: int, mean: np.ndarray, as_far: Any) -> None:
    """How often a difference, or distance, that is called detectable is found where a group has four to eight articles, or few who wrote most."""
    for case, sizes in SMALL.items():
        rng = np.random.default_rng([seed, 31])
        voices = _two(rng, sizes, (mean, mean))
        more = compare.differences(voices, draws=999).set_index("topic").loc["T01", "detectable"]
        if mean[0] + more < 1:
            shifted = np.r_[mean[0] + more, mean[1:] * (1 - more / (1 - mean[0]))]
            holm = compare.differences(_two(rng, sizes, (shifted, mean)), draws=999).set_index("topic")[
                "holm"
            ]
            found["differences", "power", 0.8, f"few, {case}"].ours.append(float(holm["T01"] < 0.05))
        far = compare.group_distances(voices, draws=999, intervals=200)["detectable"].iloc[0]
        if far == far:
            shifted = as_far(rng, mean, far)
            again = compare.group_distances(_two(rng, sizes, (shifted, mean)), draws=999, intervals=0)
            found["group_distances", "power", 0.8, f"few, {case}"].ours.append(
                float(again["holm"].iloc[0] < 0.05)
            )


def many_topics(found: Any, seed: int) -> None:
    """Intervals of distances over 12 and 60 topics, witnesses with habits, groups apart by .25 to .7 on average."""
    for case, sizes in FAR.items():
        for topics in (12, 60):
            for apart in (60.0, 15.0):
                rng = np.random.default_rng([seed, topics])
                mean = rng.dirichlet(np.full(topics, 0.7 if topics > 12 else 4.0))
                means = tuple(rng.dirichlet(apart * mean + 1e-9) for _ in "xy")
                voices = _two(rng, sizes, means, 9.0)
                row = compare.group_distances(voices, draws=199, intervals=300).iloc[0]
                true = float(between_rows(means[0][None], means[1][None])[0])
                cell = found["group_distances", "interval", 0.95, f"{case}, {topics} topics, habits"]
                cell.ours.append(float(row["low"] <= true <= row["high"]))


def p_and_intervals(found: Any, seed: int, world: Any) -> None:
    """How often p of `overall` is below .001 where no group differs; where groups do, in how many topics of p < .001 all intervals overlap, and how often p > .05 where two lie apart."""
    for strength, habits in ((None, 9.0), (20.0, None), (20.0, 9.0)):
        here = world(seed, groups=strength, habits=habits)
        voices = compare.grouped(here.run.articles(here.counts), here.voice, within=here.witness)
        p = compare.overall(voices, draws=1999).set_index("topic")["p"]
        of = compare.group_shares(voices)
        limits = of[~of["note"].str.contains("not tested")].groupby("topic")
        overlap = limits["low"].max() <= limits["high"].min()
        called = f"groups {'differ' if strength else 'alike'}{', habits' * bool(habits)}"
        if not strength:
            found["overall", "test", 0.001, f"p < .001, {called}"].ours.extend((p < 0.001).astype(float))
            continue
        found["overall", "overlap", np.nan, f"of p < .001, {called}"].ours.extend(
            overlap[p < 0.001].astype(float)
        )
        found["overall", "overlap", np.nan, f"p > .05 of intervals apart, {called}"].ours.extend(
            (p[~overlap] > 0.05).astype(float)
        )


DELTAS: dict[str, np.ndarray] = {}


def cliffs_deltas(found: Any, seed: int, mean: np.ndarray) -> None:
    """Intervals of Cliff's delta of small and unequal groups, one of which has .15 more of the first topic; true is that of 1500 articles a side."""
    means = mean + np.array([0.15, -0.05, -0.05, -0.05, 0.0, 0.0]), mean
    for habits in (None, 9.0):
        called = ", habits" if habits else ""
        if called not in DELTAS:
            many = _two(np.random.default_rng(0), ([1] * 1500, [1] * 1500), means, habits)
            one, other = many.members("x"), many.members("y")
            signs = (np.sign(one[:, k, None] - other[:, k]).mean() for k in range(len(mean)))
            DELTAS[called] = np.array(list(signs))
        for case, sizes in SMALL.items():
            table = compare.differences(
                _two(np.random.default_rng([seed, 9]), sizes, means, habits), draws=100
            )
            held = (table["effect_low"] <= DELTAS[called]) & (DELTAS[called] <= table["effect_high"])
            found["differences", "interval", 0.95, f"effect, {case}{called}"].ours.extend(held.astype(float))
