"""Universes: a study fitted under other choices that a referee might have made, and every finding asked of each."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, columns, named_once, one_of, refuse_if, whole_number
from nqp_topics.compare import differences, grouped, witnesses
from nqp_topics.compare.matching import match
from nqp_topics.compare.resample import keyed
from nqp_topics.counts import Counts, by_study, of_study
from nqp_topics.counts.making import most_passages
from nqp_topics.documents import read, registry, split
from nqp_topics.files.tables import read_table
from nqp_topics.naming import labels_of_study
from nqp_topics.study import Study, progress, unnumbered
from nqp_topics.topics import Topics, train
from nqp_topics.vary.findings import FILE, Finding

# with one of these the documents are cut anew
WORDS = ("lexicon", "stopwords", "general_stopwords", "shortest_word", "shortest", "longest")
LIKE = 0.5  # cosine of words: below, no topic of a universe is the reported one
DRAWS = 2000
CHAINS = {"chains": 8, "sweeps": 40}  # of the sampler; the reported run may have more
FOUND, OTHER, UNMATCHED, FAILED = "found", "not found", "not matched", "failed"
STATES = {"found": FOUND, "other": OTHER, "unmatched": UNMATCHED, "failed": FAILED}
ANSWER = ["state", "topic", "likeness", "size", "low", "high", "p", "bh", "why"]
COLUMNS = ["universe", "finding", "placebo", *ANSWER]


def choices(study: Study) -> dict[str, list[Any]]:
    """Return what may vary, by the name of the setting: [vary] in study.toml, the reported value first.

    Where it says nothing: three numbers of topics on either side, four other seeds, and one step up and down of the limits of words.
    """
    usual: dict[str, list[Any]] = {
        "topics": [max(2, study.topics + step) for step in (-3, -2, -1, 1, 2, 3)],
        "seed": [study.seed + step for step in (101, 102, 103, 104)],
        "min_df": [study.min_df + 2, study.min_df + 7],
        "max_df": [round(0.6 * study.max_df, 3)] if study.max_df <= 1 else [],
    }
    found = {name: list(values) for name, values in (study.varied or usual).items()}
    every = {name: [getattr(study, name), *values] for name, values in found.items() if name != "leave_out"}
    if found.get("leave_out", [True])[0]:
        every["leave_out"] = [""]
    for name, values in every.items():
        every[name] = [value for at, value in enumerate(values) if value not in values[:at]]
    return every


def universes(study: Study, about: pd.DataFrame, many: int = 240, seed: int = 1) -> pd.DataFrame:
    """Return the universes: one row each, a column a choice; the first is the reported one.

    All ways to combine the choices, or, where they are more than `many`, a part drawn by `seed`. Each witness left out in turn, all else as
    reported, comes on top, as long as `many` allows.
    """
    limits = whole_number("vary(universes)", many, 2, 100_000, "240 is usual")
    refuse_if(limits, whole_number("vary(seed)", seed))
    values = choices(study)
    reported, *rest = product(*values.values())
    who = sorted(set(about["witness"])) if "leave_out" in values else []
    at = list(values).index("leave_out") if who else 0
    alone = [(*reported[:at], one, *reported[at + 1 :]) for one in who]
    room = max(0, many - 1 - min(len(alone), many // 3))
    if len(rest) > room:
        drawn = np.random.default_rng([seed, 31]).permutation(len(rest))[:room]
        rest = [rest[place] for place in sorted(drawn)]
    ways = [reported, *rest, *alone[: many - 1 - len(rest)]]
    return pd.DataFrame(ways, columns=list(values), dtype=object)


def run(
    study: Study, asked: Sequence[Finding], many: int = 240, seed: int = 1, draws: int = DRAWS
) -> pd.DataFrame:
    """Ask every finding of every universe: one row a finding, universe and placebo (groups shuffled among witnesses).

    Columns: universe, the choices, finding, placebo, state (found: the sign is that of the finding and bh < .05, or p where it is confirmatory; not found; not matched: no topic
    is like the reported one; failed), topic, likeness (cosine of words), size (difference of mean shares), low, high, p, bh (over topics), why, zh (the finding in Chinese).
    Fits are kept, so that a run that was stopped goes on. Refused: a topic, column or group that does not exist, a study without a number of topics.
    """
    refuse_if(unnumbered(study))
    counts = of_study(study)
    reported = train(counts, study.topics, study.seed, **study.fits)
    about = registry.read(study.path(study.articles)).set_index("id")
    about["witness"] = witnesses(about, study.witness, study.witness_of, study.groups)
    named = _named(study, reported, asked, about)
    ways = universes(study, about, many, seed)
    made = _Counts(study, counts)
    rows: list[list[Any]] = []
    for number in progress(range(len(ways)), "universes"):
        way = dict(zip(ways.columns, ways.iloc[number], strict=True))
        try:
            fitted, used = _fit(study, way, made, about)
            pairs = match(reported.words, fitted.words).set_index("topic")
            shares = fitted.articles(used)
        except (Refused, ValueError, MemoryError) as error:
            why = error.problems[0].came if isinstance(error, Refused) else str(error)
            failed = _answer(FAILED, "", why=why)
            rows += [[number, one.name, placebo, *failed] for one in asked for placebo in (False, True)]
            continue
        for one, placebo in product(asked, (False, True)):
            pair = pairs.loc[named[one.name]]
            found = _asked(one, pair, shares, about, draws, seed, number if placebo else None)
            rows.append([number, one.name, placebo, *found])
    ways = ways.rename_axis("universe").reset_index()
    found = ways.merge(pd.DataFrame(rows, columns=COLUMNS), on="universe", validate="one_to_many")
    return found.assign(zh=found["finding"].map({one.name: one.name_zh or one.name for one in asked}))


class _Counts:
    """The counts of a universe, made once for each way to cut and count."""

    def __init__(self, study: Study, counts: Counts) -> None:
        self.study, self.counts = study, counts
        self.kept: dict[tuple[Any, ...], Counts] = {}
        self.texts: pd.DataFrame | None = None

    def of(self, way: dict[str, Any]) -> Counts:
        """Return the counts of these choices. Refused: words cut anew where the documents are not here."""
        may = [name for name in (*WORDS, "min_df", "max_df") if name in way]
        changed = {name: way[name] for name in may if way[name] != getattr(self.study, name)}
        key = tuple(sorted((name, str(value)) for name, value in changed.items()))
        if key not in self.kept:
            self.kept[key] = self._made(changed)
        return self.kept[key]

    def _made(self, changed: dict[str, Any]) -> Counts:
        if not changed:
            return self.counts
        fewest, most = changed.get("min_df", self.study.min_df), changed.get("max_df", self.study.max_df)
        stricter = fewest >= self.study.min_df and most <= self.study.max_df
        if stricter and set(changed) <= {"min_df", "max_df"}:
            return _trimmed(self.counts, changed.get("min_df", 1), changed.get("max_df", 1.0))
        if self.texts is None:
            documents = read.if_here(self.study)
            if not registry.complete(self.study, documents):
                came, allowed = "the documents are not here", "documents, where words are cut anew"
                todo = "vary what counts allow, or put the documents back"
                raise Refused(Problem("vary", came, allowed, todo))
            self.texts = split.by_study(documents, self.study)
        study = self.study.but(**changed)
        return by_study(study, split.passages(self.texts, study.shortest, study.longest)).counts


def _trimmed(counts: Counts, min_df: int, max_df: float) -> Counts:
    """Return counts without words of too few or too many passages, and without passages that keep none."""
    stands = np.bincount(counts.matrix.indices, minlength=len(counts.words))
    most = most_passages(max_df, len(counts.ids))
    fewer = counts.without(counts.names[1][(stands < min_df) | (stands > most)])
    return fewer.select(fewer.names[0][fewer.lengths > 0])


def _fit(study: Study, way: dict[str, Any], made: _Counts, about: pd.DataFrame) -> tuple[Topics, Counts]:
    counts = made.of(way)
    if out := way.get("leave_out"):
        gone, pairs = set(about.index[about["witness"] == out]), zip(counts.ids, counts.articles, strict=True)
        counts = _trimmed(counts.select(name for name, article in pairs if article not in gone), 1, 1.0)
    engine = way.get("engine", study.engine)
    sampled = engine == "sampler"
    settings = study.settings(engine, sampled, study.prevalence) | (CHAINS if sampled else {}) | study.model
    number, seed = int(way.get("topics", study.topics)), int(way.get("seed", study.seed))
    return train(counts, number, seed, engine, cache=study.cache, **settings), counts


def _named(study: Study, reported: Topics, asked: Sequence[Finding], about: pd.DataFrame) -> dict[str, str]:
    """Return finding → topic of the reported run. Refused: a topic, column or group that does not exist."""
    labels = labels_of_study(study, reported)
    called = {name: name for name in reported.names}
    both = pd.concat([labels[["topic", name]].set_axis(["topic", "name"], axis=1) for name in ("zh", "en")])
    both = both[both["name"] != ""].drop_duplicates()
    alike = sorted(set(both["name"][both["name"].duplicated()]) & {one.topic for one in asked})
    problems = list(named_once(f"{FILE} topic", [*alike, *alike], "call it T01, T02"))
    called |= dict(zip(both["name"], both["topic"], strict=True))
    for one in asked:
        where = f"finding {one.name}"
        problems += one_of(f"{where} topic", one.topic, called)
        if wrong := one_of(f"{where} by", one.by, list(about.columns)):
            problems += wrong
            continue
        groups = sorted(set(about[one.by].astype(str)) - {""})
        for group in filter(None, (one.more, one.less)):
            problems += one_of(f"{where} group", group, groups)
    refuse_if(problems)
    return {one.name: called[one.topic] for one in asked}


def _answer(
    state: str, topic: str, likeness: float = np.nan, numbers: Sequence[float] = (np.nan,) * 5, why: str = ""
) -> list[Any]:
    """Return one row of ANSWER; `numbers`: size, low, high, p, bh."""
    return [state, topic, likeness, *numbers, why]


def _asked(
    one: Finding, pair: Any, shares: pd.DataFrame, about: pd.DataFrame, draws: int, seed: int, at: int | None
) -> list[Any]:
    """Ask a finding of a universe; `at`: the number of the universe, where groups are shuffled among witnesses."""
    topic, likeness = pair["other"], pair["likeness"]
    if not topic or likeness < LIKE:
        return _answer(UNMATCHED, "", likeness, why="no topic is like the reported one")
    here = about.loc[[name for name in about.index if name in set(shares.index)]]
    of = here[one.by].astype(str)
    side = of.where(of == one.more, "").replace({one.more: "more"})
    side = side.where(of != one.less, "less") if one.less else side.where((side != "") | (of == ""), "less")
    if at is not None:
        rng = keyed(seed, "placebo", one.name, str(at))
        first = pd.Series(side.to_numpy(), here["witness"]).groupby(level=0).first()
        first[:] = rng.permutation(first.to_numpy())
        side = pd.Series(first.loc[here["witness"]].to_numpy(), here.index)
    try:
        found = differences(grouped(shares, side[side != ""], within=here["witness"]), draws, seed)
    except Refused as refused:
        return _answer(FAILED, topic, likeness, why=refused.problems[0].came)
    row = found[found["topic"] == topic].iloc[0]
    sign = 1.0 if row["group"] == "more" else -1.0
    low, high = sorted((sign * row["low"], sign * row["high"]))
    numbers = [sign * row["difference"], low, high, row["p"], row["bh"]]
    if np.isnan(row["p"]):
        numbers[3:] = [np.nan, np.nan]
        return _answer(FAILED, topic, likeness, numbers, "too few witnesses for a test")
    p = row["p"] if one.kind == "confirmatory" else row["bh"]  # what was said before is one test
    return _answer(FOUND if p < 0.05 and numbers[0] > 0 else OTHER, topic, likeness, numbers)


def kept(file: str | Path) -> pd.DataFrame:
    """Read what `run` found, as `nqp-topics vary` wrote it."""
    table = read_table(file, "what nqp-topics vary wrote", "nqp-topics vary")
    refuse_if(columns(str(file), table, COLUMNS, "nqp-topics vary writes it anew"))
    numbers = ["universe", *COLUMNS[5:11]]
    table[numbers] = table[numbers].replace("", np.nan).astype(float)
    return table.assign(universe=table["universe"].astype(int), placebo=table["placebo"] == "True")


def holds(table: pd.DataFrame) -> pd.DataFrame:
    """Say in which share of universes each finding holds: one row a finding.

    Columns: finding, universes, found, other (matched, and not found), unmatched, failed (numbers of universes), holds (found of all), same_sign (of
    those with a size), median, placebo (the share found where groups are shuffled).
    """
    rows = []
    for finding, some in table.groupby("finding", sort=False):
        real, shuffled = some[~some["placebo"]], some[some["placebo"]]
        states = {name: int((real["state"] == state).sum()) for name, state in STATES.items()}
        sizes, tried = real["size"].dropna(), shuffled[shuffled["state"].isin((FOUND, OTHER))]
        by_chance = (tried["state"] == FOUND).mean() if len(tried) else np.nan
        row = {"finding": finding, "universes": len(real), **states, "holds": states["found"] / len(real)}
        rows.append(row | {"same_sign": (sizes > 0).mean(), "median": sizes.median(), "placebo": by_chance})
    return pd.DataFrame(rows)


def moves(table: pd.DataFrame) -> pd.DataFrame:
    """Say which choice moves a finding most: one row a finding and choice: finding, choice, values, explained (share of the variance of sizes, adjusted for the number of values)."""
    names = list(table.columns[1 : table.columns.get_loc("finding")])
    rows = []
    for finding, some in table[~table["placebo"] & table["size"].notna()].groupby("finding", sort=False):
        whole = some["size"].var(ddof=0)
        for choice in names:
            by = some.groupby(some[choice].astype(str))["size"]
            between = (by.size() * (by.mean() - some["size"].mean()) ** 2).sum() / len(some)
            free = len(some) - by.ngroups  # a choice of many values explains much by chance
            explained = 1 - (1 - between / whole) * (len(some) - 1) / free if whole > 0 and free > 0 else 0.0
            rows.append([finding, choice, by.ngroups, max(0.0, explained)])
    found = pd.DataFrame(rows, columns=["finding", "choice", "values", "explained"])
    by = ["finding", "explained"]
    return found.sort_values(by, ascending=[True, False], kind="stable", ignore_index=True)
