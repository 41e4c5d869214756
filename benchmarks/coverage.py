"""What intervals and tests cover, on worlds whose truth is planted.

python benchmarks/coverage.py [--seed 1] [--reps 20] [--only QUANTITY] [--out benchmarks/coverage.csv]

Writes one row a quantity and case: quantity, kind (interval | test), case, nominal, measured, replications (how often an interval or a p was
looked at). An interval's figure is how often it holds the truth, a test's how often p < .05 where nothing was planted; beside them stand the mean
error of `article_distances` (kind bias) and how often a difference called detectable is found (kind power). COVERAGE.md says what that means.

The world (`world`): 96 articles in eight groups of 34, 22, 13, 12 (excerpts of one or two passages), 6, 4, 4 and 1, as in the first study;
12 topics, of which an article holds .15 to .03 on average.

1. The mean of a group is drawn round that of the corpus (`groups`, a Dirichlet strength; none: all groups are equal).
2. A witness has habits of its own (`habits`, a strength round the group's mean; none: no habits). Witnesses write 1 to 7 articles.
3. An article is drawn round its witness (strength 9): these are the true shares of the article.
4. A passage is drawn round its article (strength 1.5); with a chance of `near` it repeats the one before it.

True values: the group's mean, the article's shares, and what follows from them. In these worlds (seed 1, 20 of them) the naive estimator, articles
or passages drawn again with replacement and percentiles taken, holds the means of groups in .70-.92 (with habits in .63-.89), articles' shares of
.1-.3 in .46-.85 and theirs of .005-.02 in .16-.47; an article's plain distance is .086 too large; with habits of 9, shuffling articles finds
p < .05 in .07 (`overall`) and .14 (`group_distances`) of the cases.
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
    mass = (shares * counts.matrix.sum(axis=1)[:, None]).sum(axis=0)
    return Topics(
        words=pd.DataFrame(words, index=pd.Index(counts.words, name="word"), columns=names),
        passages=pd.DataFrame(shares, index=pd.Index(ids, name="id"), columns=names),
        tokens=pd.Series(mass, index=names, name="tokens"),
        prior=pd.Series(0.1, index=names, name="prior"),
        word_prior=0.01,
        seed=0,
        engine="planted",
        version="1",
        iterations=1,
        trace=pd.DataFrame({"iteration": [1], "log_likelihood": [-1.0]}),
        counts_fingerprint=counts.fingerprint,
    ), counts


Found = dict[tuple[str, str, float, str], list[float]]


def _case(value: float, cases: dict[str, tuple[float, float]]) -> str:
    return next((name for name, (low, high) in cases.items() if low <= value <= high), "")


def _hold(found: Found, quantity: str, case: str, table: pd.DataFrame, truth: np.ndarray) -> None:
    held = ((table["low"] <= truth) & (truth <= table["high"]))[table["low"].notna()]
    found[quantity, "interval", 0.95, case] += held.astype(float).tolist()


def shares_of_groups(found: Found, seed: int) -> None:
    """Intervals of groups and of their differences."""
    for habits, called in ((None, ""), (9.0, ", habits")):
        here = world(seed, habits=habits)
        voices = compare.grouped(here.run.articles(here.counts), here.voice, within=here.witness)
        for group, part in compare.group_shares(voices).groupby("group"):
            _hold(found, "group_shares", f"{group} articles{called}", part, here.groups.loc[group].to_numpy())
        gaps = compare.differences(voices, draws=100)
        for (one, other), part in gaps.groupby(["group", "other"]):
            truth = (here.groups.loc[one] - here.groups.loc[other]).to_numpy()
            _hold(found, "differences", f"{one} and {other}{called}", part, truth)
            _hold(found, "differences", f"all pairs{called}", part, truth)


def shares_of_articles(found: Found, seed: int) -> None:
    """Intervals of articles: shares, what drives two apart, themes, places on the map, distances."""
    here = world(seed)
    table = compare.article_shares(here.run, here.counts)
    table["truth"] = here.articles.loc[table["article"].unique()].to_numpy().ravel()
    table["case"] = [
        f"shares {_case(share, SHARES)}, {_case(many, LENGTHS)} passages" if _case(share, SHARES) else ""
        for share, many in zip(table["truth"], table["passages"], strict=True)
    ]
    for case, part in table[(table["case"] != "") & (table["passages"] > 1)].groupby("case"):
        _hold(found, "article_shares", case, part, part["truth"].to_numpy())
    sizes = table.drop_duplicates("article").set_index("article")["passages"]
    long = sizes.index[sizes >= 8].tolist()
    for one, other in zip(long[::2], long[1::2], strict=False):
        drive = compare.drivers(here.run, here.counts, one, other).set_index("topic")
        truth = (here.articles.loc[one] - here.articles.loc[other]).reindex(drive.index).to_numpy()
        _hold(found, "drivers", "8 passages and more", drive, truth)
    themes = compare.concentration(here.run, here.counts, draws=400)
    logs = np.log(here.articles.where(here.articles > 0, 1.0))
    themes["truth"] = np.exp(-(here.articles * logs).sum(axis=1)).loc[themes["article"]].to_numpy()
    themes["case"] = [f"{_case(many, LENGTHS)} passages" for many in themes["passages"]]
    for case, part in themes[themes["passages"] > 1].groupby("case"):
        _hold(found, "concentration", case, part, part["truth"].to_numpy())
    pairs = compare.article_distances(here.run, here.counts, long, draws=400)
    exact = compare.distances(here.articles)
    truth = np.array([exact.loc[row.article, row.other] for row in pairs.itertuples()])
    _hold(found, "article_distances", "8 passages and more", pairs, truth)
    for column in ("distance", "unbiased"):
        found["article_distances", "bias", 0.0, f"{column}, 8 passages and more"] += (
            pairs[column] - truth
        ).tolist()
    places(found, here, sizes)


def places(found: Found, here: World, sizes: pd.Series) -> None:
    """Intervals of the map: where an article would lie among the others if its true shares were known."""
    shares = here.run.articles(here.counts)
    drawn = compare.map_with_intervals(here.run, here.counts, draws=400).points.set_index("article")
    squares = compare.distances(shares).to_numpy() ** 2
    both = pd.concat([here.articles.loc[shares.index].rename(index=lambda name: f"true {name}"), shares])
    away = compare.distances(both).to_numpy()[: len(shares), len(shares) :] ** 2
    gap = squares.mean(axis=0) - away - squares.mean() / 2
    for axis in ("x", "y"):
        spots = drawn[axis].to_numpy()
        truth = 0.5 * gap @ spots / (spots**2).sum()
        part = pd.DataFrame({"low": drawn[f"{axis}_low"], "high": drawn[f"{axis}_high"], "truth": truth})
        part["case"] = [f"{_case(sizes[name], LENGTHS)} passages" for name in part.index]
        for case, rows in part[part["low"].notna()].groupby("case"):
            _hold(found, "map_with_intervals", case, rows, rows["truth"].to_numpy())


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
                found[quantity, "test", 0.05, f"{called}, {how}"] += (p < 0.05).astype(float).tolist()


def found_differences(found: Found, seed: int) -> None:
    """How often a planted difference of the size that is called detectable is found, by Holm."""
    rng = np.random.default_rng(seed)
    for sizes in ((13, 34), (22, 34), (12, 12)):
        wanted = _two_groups(rng, sizes, 0.0)["detectable"]
        if wanted == wanted:
            holm = _two_groups(rng, sizes, wanted)["holm"]
            case = f"{sizes[0]} and {sizes[1]} articles"
            found["differences", "power", 0.8, case].append(float(holm < 0.05))


def _two_groups(rng: np.random.Generator, sizes: tuple[int, int], more: float) -> pd.Series:
    """Test two groups of articles; the first has so much more of the first topic, and less of all others."""
    mean = MEAN[:6] / MEAN[:6].sum()
    shifted = mean * (1 - more / (1 - mean[0]))
    shifted[0] = mean[0] + more
    rows = np.concatenate(
        [rng.dirichlet(9 * side, n) for side, n in zip((shifted, mean), sizes, strict=True)]
    )
    index = [f"{'x' if n < sizes[0] else 'y'}{n:02d}" for n in range(sum(sizes))]
    shares = pd.DataFrame(rows, index=index, columns=topic_names(6))
    voices = compare.grouped(shares, {name: name[0] for name in index})
    return compare.differences(voices, draws=1999).set_index("topic").loc["T01"]


PARTS = {
    "group_shares": shares_of_groups,
    "article_shares": shares_of_articles,
    "overall": tests_of_groups,
    "detectable": found_differences,
}
OF = {
    "differences": ("group_shares", "overall", "detectable"),
    "group_distances": ("overall",),
    **dict.fromkeys(("drivers", "concentration", "article_distances", "map_with_intervals"), ("article_shares",)),
}  # fmt: skip


def measured(seed: int = 1, reps: int = 20, only: str = "") -> pd.DataFrame:
    """Return the table of what was measured."""
    found: Found = defaultdict(list)
    for name in PARTS if not only else OF.get(only, (only,)):
        for rep in range(reps * (5 if name == "detectable" else 1)):
            PARTS[name](found, seed * 100_000 + rep)
    rows = [
        (*key, np.mean(hits), len(hits))
        for key, hits in found.items()
        if hits and only in ("", key[0], "detectable")
    ]
    table = pd.DataFrame(rows, columns=["quantity", "kind", "nominal", "case", "measured", "replications"])
    table = table[["quantity", "kind", "case", "nominal", "measured", "replications"]]
    return table.sort_values(["kind", "quantity", "case"], ignore_index=True).round({"measured": 4})


def page(table: pd.DataFrame, file: Path) -> None:
    """Put the table at the end of a page, in place of the one that is there."""
    text = file.read_text("utf-8").split("\n| quantity |")[0].rstrip("\n")
    rows = [table.columns, ["---"] * len(table.columns), *table.astype(str).to_numpy()]
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
    if not asked.only:
        table.to_csv(asked.out, index=False, lineterminator="\n")
        for name in ("COVERAGE.md", "COVERAGE.zh-CN.md") if asked.out.name == "coverage.csv" else ():
            page(table, Path(__file__).with_name(name))
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
