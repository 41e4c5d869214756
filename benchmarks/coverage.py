"""What intervals and tests cover, on worlds whose truth is planted.

python benchmarks/coverage.py [--seed 1] [--reps 20] [--only QUANTITY] [--out benchmarks/coverage.csv]   (with --only the other rows stay)

Writes one row a quantity and case: quantity, kind (interval | test | bias | power | join | shown), case, nominal, measured, naive, width, replications (how often
an interval or a p was looked at). An interval's figure is how often it holds the truth, a test's how often p < .05 where nothing was planted;
beside them stand the mean error of `article_distances` (kind bias) how often a difference called detectable is found (kind power), and joins of a tree that truly stand (kind join). `naive` is how
often the naive interval holds the truth of the same worlds, `width` how wide ours are by how wide those are (means). COVERAGE.md says what that means.

The world (`world`): 96 articles in eight groups of 34, 22, 13, 12 (excerpts of one or two passages), 6, 4, 4 and 1, as in the first study;
12 topics, of which an article holds .15 to .03 on average.

1. The mean of a group is drawn round that of the corpus (`groups`, a Dirichlet strength; none: all groups are equal).
2. A witness has habits of its own (`habits`, a strength round the group's mean; none: no habits). Witnesses write 1 to 7 articles.
3. An article is drawn round its witness (strength 9): these are the true shares of the article.
4. A passage is drawn round its article (strength 1.5); with a chance of `near` it repeats the one before it.

A second world has time (`courses`): twelve years, the fifth without an article, six topics; the first rises by .15 in even steps, the second falls
by .10 in the seventh year, the others give way. Witnesses write 1 to 3 articles of a year, with habits (strength 20). True is the mean of a year.

A third world has words (`turning`): 24 years of 1 to 4 articles, five topics; in the twelfth year the first topic goes from .10 to .40 and the second gives
way; in the third topic two words change places, and one of the fourth rises from year to year; the fifth is flat in all. Words come in bursts: an article has
words of its own round the topic's. A topic that is called flat, of whatever it is flat in, shall be flagged in one of twenty worlds at most.

Witnesses who open and close their articles, and mix topics, in ways of their own (`habits_of_witnesses`) are the world of `trends` and `together`.

Readers of topics have a world of their own (`coverage_readers.py`), and so have effects (`coverage_effects.py`) and what is asked of few and unequal
witnesses (`coverage_few.py`), and what figures say besides (`coverage_shown.py`): whole factors, telling words, wording, keywords beside topics, small groups, many topics.

True values: the group's mean, the article's shares, and what follows from them. The naive estimator draws articles of a group, or passages of an
article, again with replacement and takes percentiles: the column `naive` shows how far that is from what it promises, a third of the truths missed
where articles are short; with witnesses' habits of 9, shuffling articles instead of witnesses finds what is not there (rows of kind test).
"""

import argparse
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

if (
    __name__ == "coverage"
):  # numba looks for a package of that name, and must not take this file for it, whichever script runs
    raise ImportError("not the package coverage")

from coverage_effects import moved
from coverage_few import (
    as_told,
    cliffs_deltas,
    keywords_beside,
    many_topics,
    p_and_intervals,
    small_groups,
    telling,
    whole_terms,
    wordings,
)
from coverage_readers import readers
from coverage_shown import agreed, flat_courses, joins

from nqp_topics import compare
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics, topic_names

MEAN = np.array([0.151, 0.123, 0.096, 0.094, 0.086, 0.082, 0.075, 0.074, 0.075, 0.060, 0.050, 0.034])
# group: articles of each witness, fewest and most passages of an article
GROUPS = {
    "34": ([1] * 34, 5, 30),
    "22": ([7, 2, 2, *[1] * 11], 5, 12),
    "13": ([3, 2, 2, 2, 2, 1, 1], 2, 6),
    "12 excerpts": ([4, 3, 3, 1, 1], 1, 2),
    "6": ([2, 1, 1, 1, 1], 6, 30),
    "4": ([1] * 4, 4, 20),
    "4 again": ([1] * 4, 2, 27),
    "1": ([1], 8, 8),
}
LENGTHS = {"2-4": (2, 4), "5-7": (5, 7), "8-12": (8, 12), "13-20": (13, 20), "21+": (21, 999)}
SHARES = {".005-.02": (0.005, 0.02), ".02-.1": (0.02, 0.1), ".1-.3": (0.1, 0.3), ".3+": (0.3, 1.0)}


class World(NamedTuple):
    """A run and its counts, with the truth behind them."""

    run: Topics
    counts: Counts
    articles: pd.DataFrame  # true shares
    groups: pd.DataFrame
    voice: dict[str, str]
    witness: dict[str, str]


def world(seed: int, groups: float | None = 60.0, habits: float | None = None, near: float = 0.2) -> World:
    """Plant a world; the same seed gives the same one."""
    rng = np.random.default_rng(seed)
    names = topic_names(len(MEAN))
    mean = MEAN / MEAN.sum()
    means, truth, voice, witness, rows = {}, {}, {}, {}, []
    for group, (sizes, fewest, most) in GROUPS.items():
        means[group] = rng.dirichlet(groups * mean) if groups else mean
        for speaker, many in enumerate(sizes):
            speaks = rng.dirichlet(habits * means[group]) if habits else means[group]
            for _ in range(many):
                article = f"a{len(truth):03d}"
                truth[article] = rng.dirichlet(9 * speaks + 1e-6)
                voice[article], witness[article] = group, f"{group}/{speaker}"
                drawn = rng.dirichlet(1.5 * truth[article] + 1e-4, int(rng.integers(fewest, most + 1)))
                for place in range(1, len(drawn)):
                    if rng.random() < near:
                        drawn[place] = drawn[place - 1]
                rows += [(f"{article}-{place:02d}", article, share) for place, share in enumerate(drawn)]
    run, counts = _fitted(rows, rng, names)
    return World(
        run,
        counts,
        pd.DataFrame(truth, index=names).T,
        pd.DataFrame(means, index=names).T,
        voice,
        witness,
    )


def _fitted(
    rows: list[tuple[str, str, np.ndarray]], rng: np.random.Generator, names: list[str]
) -> tuple[Topics, Counts]:
    """Return a run that says of each passage what was drawn for it."""
    lengths = rng.integers(30, 150, len(rows))
    shares = np.array([share for _, _, share in rows])
    matrix = sparse.csr_array(lengths[:, None] * np.array([[1, 0, 0]]) + np.array([[0, 1, 1]]))
    words = rng.dirichlet(np.ones(3), len(names)).T
    ids, articles = [row[0] for row in rows], [row[1] for row in rows]
    counts = Counts(tuple(ids), ("甲", "乙", "丙"), matrix, tuple(articles))
    return _planted(counts, words, shares, names), counts


def _planted(counts: Counts, words: np.ndarray, shares: np.ndarray, names: list[str]) -> Topics:
    """Return a run of these topics (words × topics) and shares (passages × topics), as if it had been fitted."""
    return Topics(
        words=pd.DataFrame(words, index=pd.Index(counts.words, name="word"), columns=names),
        passages=pd.DataFrame(shares, index=pd.Index(counts.ids, name="id"), columns=names),
        tokens=pd.Series(
            (shares * counts.matrix.sum(axis=1)[:, None]).sum(axis=0), index=names, name="tokens"
        ),
        prior=pd.Series(0.1, index=names, name="prior"),
        word_prior=0.01,
        seed=0,
        engine="planted",
        version="1",
        iterations=1,
        trace=pd.DataFrame({"iteration": [1], "log_likelihood": [-1.0]}),
        counts_fingerprint=counts.fingerprint,
    )


class Looked(NamedTuple):
    """What was seen of one quantity and case: whether ours and the naive one held, and how wide both were."""

    ours: list[float]
    naive: list[float]
    wide: list[float]
    naive_wide: list[float]


Found = dict[tuple[str, str, float, str], Looked]
DRAWS = 400  # of the naive estimator


def _case(value: float, cases: dict[str, tuple[float, float]]) -> str:
    return next((name for name, (low, high) in cases.items() if low <= value <= high), "")


def _hold(
    found: Found,
    quantity: str,
    case: str,
    table: pd.DataFrame,
    truth: np.ndarray,
    naive: np.ndarray | None = None,
) -> None:
    """Look whether the intervals of a table hold the truth, and those of naive draws (draws × rows) do."""
    there, cell = table["low"].notna().to_numpy(), found[quantity, "interval", 0.95, case]
    for (low, high), hits, wide in (
        (table[["low", "high"]].to_numpy().T, cell.ours, cell.wide),
        (
            (None, None) if naive is None else np.quantile(naive, [0.025, 0.975], axis=0),
            cell.naive,
            cell.naive_wide,
        ),
    ):
        if low is not None:
            held = (low - 1e-12 <= truth) & (truth <= high + 1e-12)
            hits += held[there].astype(float).tolist()
            wide += (high - low)[there].tolist()


def _again(rows: np.ndarray, tokens: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw rows again with replacement and return their mean, weighted by tokens: draws × topics."""
    times = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), DRAWS) * tokens
    return times @ rows / times.sum(axis=1, keepdims=True)


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the distances of rows, as `compare.distances` has them."""
    middle = (one + other) / 2
    logs = [
        np.where(x > 0, x * np.log2(np.where(x > 0, x, 1.0)), 0.0).sum(axis=-1) for x in (one, other, middle)
    ]
    return np.sqrt(np.clip((logs[0] + logs[1]) / 2 - logs[2], 0.0, 1.0))


def shares_of_groups(found: Found, seed: int) -> None:
    """Intervals of groups, of their differences and their distances."""
    for habits, called in ((None, ""), (9.0, ", habits")):
        here, rng = world(seed, habits=habits), np.random.default_rng(seed)
        shares = here.run.articles(here.counts)
        voices = compare.grouped(shares, here.voice, within=here.witness)
        of = np.array([here.voice[name] for name in shares.index])
        again = {
            name: _again(shares.to_numpy()[of == name], np.ones((of == name).sum()), rng) for name in GROUPS
        }
        for group, part in compare.group_shares(voices).groupby("group"):
            truth = here.groups.loc[group].to_numpy()
            _hold(found, "group_shares", f"{group} articles{called}", part, truth, again[group])
        if not habits:
            alone = compare.group_shares(compare.grouped(shares, here.voice))
            for group, part in alone.groupby("group"):
                truth = here.groups.loc[group].to_numpy()
                _hold(
                    found, "group_shares", f"{group} articles, no witnesses named", part, truth, again[group]
                )
        gaps = compare.differences(voices, draws=100)
        for (one, other), part in gaps.groupby(["group", "other"]):
            truth, naive = (
                (here.groups.loc[one] - here.groups.loc[other]).to_numpy(),
                again[one] - again[other],
            )
            _hold(found, "differences", f"{one} and {other}{called}", part, truth, naive)
            _hold(found, "differences", f"all pairs{called}", part, truth, naive)
        for row in compare.group_distances(voices, draws=100, intervals=400).itertuples():
            truth = _apart(*(here.groups.loc[[name]].to_numpy() for name in (row.group, row.other)))
            naive, part = _apart(again[row.group], again[row.other])[:, None], pd.DataFrame([row])
            _hold(found, "group_distances", f"all pairs{called}", part, truth, naive)


def shares_of_articles(found: Found, seed: int) -> None:
    """Intervals of articles: shares, what drives two apart, themes, places on the map, distances."""
    here, rng = world(seed), np.random.default_rng(seed)
    article, lengths = np.array(here.counts.articles), here.counts.matrix.sum(axis=1)
    passages, names = here.run.passages.to_numpy(), here.run.articles(here.counts).index
    again = {name: _again(passages[article == name], lengths[article == name], rng) for name in names}
    table = compare.article_shares(here.run, here.counts)
    for name, part in table[table["passages"] > 1].groupby("article"):
        truth = here.articles.loc[name].to_numpy()
        for shares in SHARES:
            some = np.array([_case(share, SHARES) == shares for share in truth])
            case = f"shares {shares}, {_case(part['passages'].iloc[0], LENGTHS)} passages"
            _hold(found, "article_shares", case, part[some], truth[some], again[name][:, some])
    sizes = table.drop_duplicates("article").set_index("article")["passages"]
    long = sizes.index[sizes >= 8].tolist()
    for one, other in zip(long[::2], long[1::2], strict=False):
        drive = compare.drivers(here.run, here.counts, one, other).set_index("topic").loc[here.run.names]
        truth = (here.articles.loc[one] - here.articles.loc[other]).to_numpy()
        _hold(found, "drivers", "8 passages and more", drive, truth, again[one] - again[other])
    themes = compare.concentration(here.run, here.counts, draws=400).set_index("article")
    for name in names[sizes[names] > 1]:
        truth, naive = _themes(here.articles.loc[[name]].to_numpy()), _themes(again[name])[:, None]
        _hold(
            found,
            "concentration",
            f"{_case(sizes[name], LENGTHS)} passages",
            themes.loc[[name]],
            truth,
            naive,
        )
    pairs = compare.article_distances(here.run, here.counts, long, draws=400)
    one, other = (
        [np.array(here.articles.loc[name]) for name in pairs[side]] for side in ("article", "other")
    )
    truth = _apart(np.array(one), np.array(other))
    naive = np.array([_apart(again[row.article], again[row.other]) for row in pairs.itertuples()]).T
    _hold(found, "article_distances", "8 passages and more", pairs, truth, naive)
    for column in ("distance", "unbiased"):
        key = "article_distances", "bias", 0.0, f"{column}, 8 passages and more"
        found[key].ours.extend((pairs[column] - truth).tolist())
    places(found, here, sizes, again)


def _themes(shares: np.ndarray) -> np.ndarray:
    """Return the effective number of topics of rows."""
    return np.exp(-(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=1))


def places(found: Found, here: World, sizes: pd.Series, again: dict[str, np.ndarray]) -> None:
    """Intervals of the map: where an article would lie among the others if its true shares were known."""
    shares = here.run.articles(here.counts)
    drawn = compare.map_with_intervals(here.run, here.counts, draws=400).points.set_index("article")
    squares = compare.distances(shares).to_numpy() ** 2
    spots = drawn[["x", "y"]].to_numpy()

    def placed(rows: np.ndarray) -> np.ndarray:
        away = _apart(rows[:, None], shares.to_numpy()[None]) ** 2
        return 0.5 * (squares.mean(axis=0) - away - squares.mean() / 2) @ spots / (spots**2).sum(axis=0)

    for name in shares.index[sizes[shares.index] > 1]:
        truth, naive = placed(here.articles.loc[[name]].to_numpy())[0], placed(again[name])
        row = drawn.loc[name]
        part = pd.DataFrame(
            {"low": row[["x_low", "y_low"]].tolist(), "high": row[["x_high", "y_high"]].tolist()}
        )
        _hold(found, "map_with_intervals", f"{_case(sizes[name], LENGTHS)} passages", part, truth, naive)


def tests_of_groups(found: Found, seed: int) -> None:
    """How often p < .05 where no group differs: articles taken for witnesses, and witnesses."""
    for habits, called in ((None, "no habits"), (9.0, "habits")):
        here = world(seed, groups=None, habits=habits)
        shares = here.run.articles(here.counts)
        for within, how in ((None, "articles shuffled"), (here.witness, "witnesses shuffled")):
            voices = compare.grouped(shares, here.voice, within=within)
            for quantity, table in (
                ("overall", compare.overall(voices, draws=399)),
                ("group_distances", compare.group_distances(voices, draws=399, intervals=100)),
                ("differences", compare.differences(voices, draws=399)),
            ):
                p = table["p"].dropna()
                found[quantity, "test", 0.05, f"{called}, {how}"].ours.extend((p < 0.05).astype(float))


def found_differences(found: Found, seed: int) -> None:
    """How often a planted difference, or distance, of the size that is called detectable is found, by Holm."""
    rng = np.random.default_rng(seed)
    mean = MEAN[:6] / MEAN[:6].sum()
    for sizes in ((13, 34), (22, 34), (12, 12)):
        case = f"{sizes[0]} and {sizes[1]} articles"
        voices = _two_groups(rng, sizes, mean)
        more = compare.differences(voices, draws=1999).set_index("topic").loc["T01", "detectable"]
        if more == more:
            shifted = np.r_[mean[0] + more, mean[1:] * (1 - more / (1 - mean[0]))]
            holm = compare.differences(_two_groups(rng, sizes, shifted), draws=1999).set_index("topic")[
                "holm"
            ]
            found["differences", "power", 0.8, case].ours.append(float(holm["T01"] < 0.05))
        far = compare.group_distances(voices, draws=1999, intervals=500)["detectable"].iloc[0]
        if far == far:
            shifted = _as_far(rng, mean, far)
            p = compare.group_distances(_two_groups(rng, sizes, shifted), draws=1999, intervals=100)[
                "holm"
            ].iloc[0]
            found["group_distances", "power", 0.8, case].ours.append(float(p < 0.05))


def _as_far(rng: np.random.Generator, mean: np.ndarray, far: float) -> np.ndarray:
    """Return shares at this distance from a mean, in any direction."""
    toward = rng.dirichlet(2 * mean)
    while _apart(mean, toward) <= far:
        toward = rng.dirichlet(2 * mean)
    low, high = 0.0, 1.0
    for _ in range(30):
        half = (low + high) / 2
        low, high = (half, high) if _apart(mean, mean + half * (toward - mean)) < far else (low, half)
    return mean + high * (toward - mean)


def _two_groups(rng: np.random.Generator, sizes: tuple[int, int], shifted: np.ndarray) -> compare.Grouped:
    """Return two groups of articles; the mean of the first is shifted."""
    mean = MEAN[:6] / MEAN[:6].sum()
    rows = np.concatenate(
        [rng.dirichlet(9 * side + 1e-6, n) for side, n in zip((shifted, mean), sizes, strict=True)]
    )
    index = [f"{'x' if n < sizes[0] else 'y'}{n:02d}" for n in range(sum(sizes))]
    shares = pd.DataFrame(rows, index=index, columns=topic_names(6))
    return compare.grouped(shares, {name: name[0] for name in index})


def courses(seed: int) -> tuple[Topics, Counts, dict[str, str], dict[str, str], pd.DataFrame]:
    """Plant twelve years: a run and its counts, the dates and witnesses of articles, and the mean of every year."""
    rng, names = np.random.default_rng(seed), topic_names(6)
    rows, date, witness, means = [], {}, {}, {}
    for year in range(12):
        first, second = 0.1 + 0.15 * year / 11, 0.2 if year < 6 else 0.1
        mean = np.r_[first, second, (1 - first - second) * np.array([0.2, 0.2, 0.15, 0.15]) / 0.7]
        means[str(2000 + year)], articles = mean, 0 if year == 4 else int(rng.integers(6, 15))
        speaker = left = 0
        for number in range(articles):
            if not left:
                speaker, left, speaks = speaker + 1, int(rng.integers(1, 4)), rng.dirichlet(20 * mean)
            left -= 1
            name = f"a{year:02d}{number:02d}"
            date[name], witness[name] = str(2000 + year), f"{year}/{speaker}"
            drawn = rng.dirichlet(1.5 * rng.dirichlet(9 * speaks + 1e-6) + 1e-4, int(rng.integers(3, 15)))
            rows += [(f"{name}-{place:02d}", name, share) for place, share in enumerate(drawn)]
    return *_fitted(rows, rng, names), date, witness, pd.DataFrame(means, index=names).T


def over_time(found: Found, seed: int) -> None:
    """Bands of shares over time: of single years and of whole courses."""
    run, counts, date, witness, means = courses(seed)
    for smooth, called in ((1, ""), (0, ", not smoothed")):
        table = compare.over_time(run.articles(counts), date, within=witness, smooth=smooth, draws=400)
        for topic, part in table[table["articles"] > 0].groupby("topic"):
            kind = {"T01": "a rise", "T02": "a break"}.get(topic, "slow change")
            truth = means.loc[part["time"], topic].to_numpy()
            _hold(found, "over_time", f"{kind}, years{called}", part, truth)
            whole = ((part["band_low"] <= truth) & (truth <= part["band_high"])).all()
            found["over_time", "interval", 0.95, f"{kind}, whole course{called}"].ours.append(float(whole))
            if kind != "slow change":
                moved = found["over_time", "power", np.nan, f"{kind}, no level line fits{called}"].ours
                moved.append(float(not part["flat"].any()))


YEARS, TURN, RISE = 24, 12, 1.2
FLAT = {"share": ("T03", "T04", "T05"), "words": ("T01", "T02", "T05")}


def turning(seed: int) -> tuple[Topics, Counts, dict[str, str], dict[str, str]]:
    """Plant a break in shares and in words: a run and its counts, the dates and witnesses of articles."""
    rng, names, vocabulary = np.random.default_rng(seed), topic_names(5), [f"w{n:03d}" for n in range(60)]
    words = rng.dirichlet(np.full(60, 0.3), 5)
    words[:, 2:4] = 0  # no other topic has the word whose rise is known, or it would be shared out among them
    words *= 0.88 / words.sum(axis=1, keepdims=True)
    rows, ids, articles, date, witness, table, usual = [], [], [], {}, {}, [], []
    for year in range(YEARS):
        late, part = year >= TURN, year / (YEARS - 1)
        first = 0.4 if late else 0.1
        mean = np.array([first, 0.5 - first, 0.2, 0.2, 0.1])
        now = words.copy()
        now[2, [0, 1]] += (0.01, 0.11) if late else (0.11, 0.01)
        rate = 0.05 * np.exp(RISE * (part - 0.5))
        now[3, [2, 3]] += rate, 0.12 - rate
        now[[0, 1, 4], 4:6] += 0.06
        usual.append(now)
        speaker = left = 0
        for number in range(int(rng.integers(1, 5))):
            if not left:
                speaker, left, speaks = speaker + 1, int(rng.integers(1, 3)), rng.dirichlet(40 * mean)
            left -= 1
            name = f"a{year:02d}{number}"
            date[name], witness[name] = str(2000 + year), f"{year}/{speaker}"
            own = np.array([rng.dirichlet(150 * row + 1e-9) for row in now])
            for place, share in enumerate(rng.dirichlet(4 * rng.dirichlet(20 * speaks + 1e-6) + 1e-4, 12)):
                ids.append(f"{name}-{place:02d}")
                articles.append(name)
                rows.append(share)
                table.append(rng.multinomial(100, share @ own))
    counts = Counts(tuple(ids), tuple(vocabulary), sparse.csr_array(np.array(table)), tuple(articles))
    run = _planted(counts, np.array(usual).mean(axis=0).T, np.array(rows), names)
    return run, counts, date, witness


def turns(found: Found, seed: int) -> None:
    """Turns: the planted ones are found where they are, flat topics are not flagged; words that change places are first."""
    run, counts, date, witness = turning(seed)
    table = compare.turns(run, counts, date, within=witness, draws=199, seed=seed)
    for of, topic, called in (
        ("share", "T01", "a break of a share"),
        ("words", "T03", "two words change places"),
    ):
        part = table[(table["of"] == of) & (table["topic"] == topic)]
        at = part.loc[part["turn"], "time"].astype(int) - 2000 - TURN
        found["turns", "power", 0.9, f"{called}, found"].ours.append(float(len(at) > 0))
        if len(at):
            found["turns", "power", 0.9, f"{called}, within two years"].ours.append(
                float(at.abs().min() <= 2)
            )
    for of, topics in FLAT.items():
        part = table[(table["of"] == of) & table["topic"].isin(topics)].groupby("topic")
        flagged = (part["p"].min() < 0.05).astype(float).tolist()
        found["turns", "test", 0.05, f"{of} of a flat topic, p"].ours.extend(flagged)
        found["turns", "test", 0.05, f"{of} of a flat topic, called a turn"].ours.extend(
            part["turn"].max().astype(float).tolist()
        )
    for topic, planted in (("T03", {"w000", "w001"}), ("T04", {"w002", "w003"})):
        words = compare.words_over_time(run, counts, date, topic, within=witness)
        ends = {*words["word"].head(3), *words["word"].tail(3)}
        called = "changed places" if topic == "T03" else "rise and fall"
        found["words_over_time", "power", 0.9, f"words that {called}, among the first three"].ours.append(
            float(planted <= ends)
        )
    flat = compare.words_over_time(run, counts, date, "T05", within=witness)
    found["words_over_time", "test", 0.05, "words of a flat topic"].ours.extend(
        (flat["p"] < 0.05).astype(float)
    )
    row = words.set_index("word").loc["w002"]
    held = float(row["low"] <= RISE <= row["high"])
    found["words_over_time", "interval", 0.95, "rise of a word"].ours.append(held)


WROTE = {
    "12, 7, 3 of one, 30 alone": [12, 7, 3, *[1] * 30],
    "six wrote five each": [5] * 6,
    "40 alone": [1] * 40,
    "four alone": [1] * 4,
}


def habits_of_witnesses(found: Found, seed: int) -> None:
    """Trends and correlations where nothing rises and nothing goes together, but witnesses have ways of their own; naive is by articles."""
    for case, wrote in WROTE.items():
        rng = np.random.default_rng([seed, len(wrote)])
        names, rows, about, witness = topic_names(6), [], {}, {}
        for speaker, many in enumerate(wrote):
            steep, level = rng.normal(0, 1, 6), rng.normal(0, 0.8, 6)
            for _ in range(many):
                article, length = f"a{len(witness):02d}", int(rng.integers(4, 9))
                witness[article] = f"w{speaker:02d}"
                about[article] = np.exp(level + rng.normal(0, 0.5, 6))
                course = np.outer(np.linspace(-0.5, 0.5, length), steep + rng.normal(0, 0.7, 6))
                drawn = np.exp(course + rng.normal(0, 0.7, (length, 6)))
                rows += [(f"{article}-{n}", article, share / share.sum()) for n, share in enumerate(drawn)]
        shares = pd.DataFrame(about, names).T
        shares = shares.div(shares.sum(axis=1), axis=0)
        run, counts = _fitted(rows, rng, names)
        for within, ours in ((witness, True), (None, False)):
            for quantity, table in (
                ("trends", compare.trends(run, counts, within=within, draws=499, seed=seed)),
                ("together", compare.together(shares, within=within, draws=499, seed=seed)),
            ):
                held = ((table["low"] <= 0) & (table["high"] >= 0)).astype(float)
                wide = table["high"] - table["low"]
                cell = found[quantity, "interval", 0.95, case]
                (cell.ours if ours else cell.naive).extend(held)
                (cell.wide if ours else cell.naive_wide).extend(wide)
                cell = found[quantity, "test", 0.05, case]
                (cell.ours if ours else cell.naive).extend((table["p"] < 0.05).astype(float))


PARTS = {
    "habits": habits_of_witnesses,
    "effects": moved,
    "group_shares": shares_of_groups,
    "article_shares": shares_of_articles,
    "overall": tests_of_groups,
    "detectable": found_differences,
    "over_time": over_time,
    "turns": turns,
    "readers": readers,
    "flat": flat_courses,
    "tree": lambda found, seed: joins(found, seed, _fitted, MEAN / MEAN.sum()),
    "alpha": agreed,
    "terms": whole_terms,
    "telling_words": telling,
    "beside": lambda found, seed: keywords_beside(found, seed, _planted),
    "small groups": lambda found, seed: small_groups(found, seed, MEAN[:6] / MEAN[:6].sum(), _as_far),
    "many topics": many_topics,
    "wording": lambda found, seed: wordings(found, seed, _planted),
    "as told": lambda found, seed: as_told(found, seed, MEAN[:6] / MEAN[:6].sum()),
    "effect": lambda found, seed: cliffs_deltas(found, seed, MEAN[:6] / MEAN[:6].sum()),
    "p and intervals": lambda found, seed: p_and_intervals(found, seed, world),
}
OF = {
    "differences": ("group_shares", "overall", "detectable", "small groups"),
    "group_distances": ("group_shares", "overall", "detectable", "small groups", "many topics"),
    "words_over_time": ("turns",),
    **dict.fromkeys(("trends", "together"), ("habits",)),
    **dict.fromkeys(("drivers", "concentration", "article_distances", "map_with_intervals"), ("article_shares",)),
}  # fmt: skip
TIMES = {
    "effects": 10,
    "overall": 3,
    "detectable": 5,
    "over_time": 5,
    "turns": 5,
    "readers": 25,
    "flat": 10,
    "tree": 2,
    "alpha": 5,
    "habits": 10,
    "terms": 5,
    "telling_words": 10,
    "beside": 5,
    "small groups": 5,
    "many topics": 10,
    "wording": 5,
    "as told": 5,
    "p and intervals": 5,
    "effect": 5,
}  # worlds a replication: they are cheap and have few cases


def measured(seed: int = 1, reps: int = 20, only: str = "") -> pd.DataFrame:
    """Return the table of what was measured."""
    found: Found = defaultdict(lambda: Looked([], [], [], []))
    for name in PARTS if not only else OF.get(only, (only,)):
        for rep in range(reps * TIMES.get(name, 1)):
            PARTS[name](found, seed * 100_000 + rep)
    rows = []
    for key, cell in found.items():
        if cell.ours and (only in ("", key[0], "detectable") or only in PARTS):
            naive = np.mean(cell.naive) if cell.naive else np.nan
            width = np.mean(cell.wide) / np.mean(cell.naive_wide) if cell.naive_wide else np.nan
            rows.append((*key, np.mean(cell.ours), naive, width, len(cell.ours)))
    columns = ["quantity", "kind", "nominal", "case", "measured", "naive", "width", "replications"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(2, "case", table.pop("case"))
    table = table.sort_values(["kind", "quantity", "case"], ignore_index=True)
    table = table.round({"measured": 4, "naive": 4, "width": 2})
    return table.assign(measured=table["measured"] + 0.0)  # no -0.0


def among(file: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Put rows that were measured anew in the place of theirs among those of a file; a row of another case stays."""
    if not file.is_file():
        return table
    keys = ["quantity", "kind", "case"]
    old = pd.read_csv(file)
    stays = ~pd.MultiIndex.from_frame(old[keys]).isin(pd.MultiIndex.from_frame(table[keys]))
    return pd.concat([old[stays], table]).sort_values(["kind", "quantity", "case"], ignore_index=True)


def page(table: pd.DataFrame, file: Path) -> None:
    """Put the table at the end of a page, in place of the one that is there."""
    text = file.read_text("utf-8").split("\n| quantity |")[0].rstrip("\n")
    rows = [
        table.columns,
        ["---"] * len(table.columns),
        *table.astype(object).where(table.notna(), "").astype(str).to_numpy(),
    ]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    file.write_text(f"{text}\n\n{lines}\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reps", type=int, default=20)
    parser.add_argument("--only", choices=sorted({*PARTS, *OF}), default="")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("coverage.csv"))
    asked = parser.parse_args()
    table = measured(asked.seed, asked.reps, asked.only)
    every = among(asked.out, table) if asked.only else table
    every.to_csv(asked.out, index=False, lineterminator="\n")
    for name in ("COVERAGE.md", "COVERAGE.zh-CN.md") if asked.out.name == "coverage.csv" else ():
        page(every, Path(__file__).with_name(name))
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
