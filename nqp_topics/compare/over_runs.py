"""Over runs: whether what one run finds is found with other seeds too, and with witnesses taken for the units."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, columns, refuse_if
from nqp_topics.compare.differences import overall
from nqp_topics.compare.effects import effects
from nqp_topics.compare.given import Names
from nqp_topics.compare.grouping import grouped
from nqp_topics.compare.matching import WEAK, match, named_as, renamed
from nqp_topics.compare.resample import corrected
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics

Finding = Callable[[pd.DataFrame], pd.DataFrame]  # shares of articles → a table
OfRun = Callable[[Topics], pd.DataFrame]
Many: TypeAlias = Sequence[Topics]


def over_runs(
    reference: Topics, runs: Many, counts: Counts, finding: Finding, value: str, keys: Sequence[str]
) -> pd.DataFrame:
    """Put the spread over runs (other seeds) beside a finding, so that what lives in one run alone is seen to.

    `finding` takes article shares and gives a table, such as `lambda shares: differences(grouped(shares, voice))`; `value` is its number,
    `keys` what a row is about. The topics of every run are matched to those of the reference. The table comes back as the reference gives
    it, with runs, run_mean, run_sd, run_low, run_high (least and largest), same_sign (in what part of the runs the number has the sign it
    has here), run_p (with a column p: the largest p of all runs and the reference), run_bh (with a column bh: the same of p corrected within
    each run), and, where topic is a key, likeness (of the topic's worst match) and not_found: how many runs lack the topic (none of theirs
    is like it by 0.6). Such a run tells nothing of the topic: it counts in none of the other columns but runs, and its p is not corrected for. All
    columns but run_p and run_bh are of `runs` alone; they are empty for a topic that no run has. Refused: fewer than two runs, runs of other
    counts or another number of topics.
    """

    def of_run(run: Topics) -> pd.DataFrame:
        return finding(run.articles(counts) if run is reference else renamed(run, reference, counts))

    return _beside(reference, runs, of_run, value, list(keys))


def effects_over_runs(
    reference: Topics, runs: Many, counts: Counts, about: pd.DataFrame, formula: str, **asked: Any
) -> pd.DataFrame:
    """Put the spread over runs (other seeds) beside the contrasts of `effects`, which draws the tokens of every run anew.

    One row a topic and contrast, as `effects` gives them (`asked`: its witness, tokens, draws, seed, level), with the columns of `over_runs`: run_mean, run_sd and so on.
    An interval tells of who was asked, not of the seed: where run_sd is a good part of it, say the mean over seeds too. Refused: as of both.
    """

    def of_run(run: Topics) -> pd.DataFrame:
        return named_as(effects(run, counts, about, formula, **asked).contrasts, run, reference)

    return _beside(reference, runs, of_run, "estimate", ["topic", "contrast"])


def _beside(reference: Topics, runs: Many, of_run: OfRun, value: str, wanted: list[str]) -> pd.DataFrame:
    """Put the spread over runs beside what the reference gives; `of_run` calls topics as the reference does."""
    if len(runs) < 2 or len({run.fingerprint for run in runs}) < len(runs):
        came = f"{len(runs)} runs, or one of them twice"
        todo = "train several seeds: train(counts, K, seeds=5)"
        raise Refused(Problem("over_runs(runs)", came, "at least two, each once", todo))
    table = of_run(reference)
    refuse_if(columns("over_runs(value, keys)", table, [*wanted, value], "use columns of the finding"))
    if table.duplicated(wanted).any():
        came, allowed = f"{', '.join(wanted)}: several rows alike", "keys that tell rows apart"
        raise Refused(Problem("over_runs(keys)", came, allowed, "name more columns"))
    by_topic, order = "topic" in wanted, table.set_index(wanted).index
    again, alike = [], []
    for run in runs:
        likeness = match(reference.words, run.words).set_index("topic")["likeness"]
        alike.append(table["topic"].map(likeness) if by_topic else pd.Series(1.0, table.index))
        rows = of_run(run).set_index(wanted).reindex(order)
        again.append(_without(rows, (alike[-1] < WEAK).to_numpy(), value))
    # masked, so that a topic that no run has is empty without a warning
    numbers = np.ma.masked_invalid([rows[value].to_numpy(dtype=np.float64) for rows in again])
    here = table[value].to_numpy(dtype=np.float64)
    hidden = np.ma.getmaskarray(numbers) | np.isnan(here)
    same = np.ma.array(np.sign(numbers.data) == np.sign(here), mask=hidden)
    spread = {"run_mean": numbers.mean(axis=0), "run_sd": numbers.std(axis=0, ddof=1)}
    spread |= {"run_low": numbers.min(axis=0), "run_high": numbers.max(axis=0)}
    spread["same_sign"] = same.mean(axis=0)
    result = table.assign(runs=len(runs), **{name: np.ma.filled(x, np.nan) for name, x in spread.items()})
    for name in [name for name in ("p", "bh") if name in table]:
        every = np.ma.masked_invalid([rows[name].to_numpy(dtype=np.float64) for rows in (table, *again)])
        result[f"run_{name}"] = np.ma.filled(every.max(axis=0), np.nan)
    if by_topic:
        result["likeness"] = np.min(alike, axis=0)
        result["not_found"] = (np.array(alike) < WEAK).sum(axis=0)
    return result


def _without(rows: pd.DataFrame, lacking: np.ndarray, value: str) -> pd.DataFrame:
    """Empty the rows of topics that a run lacks, and correct its other p without them, as the finding did: those of `effects` within a contrast."""
    if not lacking.any():
        return rows
    rows = rows.astype({value: float})
    rows.loc[lacking, [name for name in (value, "p", "bh") if name in rows]] = np.nan
    if "p" in rows and "bh" in rows:
        p, bh = rows["p"].to_numpy(dtype=np.float64), np.full(len(rows), np.nan)
        flat = rows.reset_index()
        for part in flat.groupby(flat.get("contrast", np.zeros(len(p)))).indices.values():
            bh[part] = corrected(p[part])[1]
        rows["bh"] = bh
    return rows


def both_countings(
    reference: Topics, runs: Many, counts: Counts, groups: Names, within: Names, draws: int = 10000
) -> pd.DataFrame:
    """Tell which topics differ between groups, once with articles and once with witnesses taken as the units, in this run and in all.

    One row a topic: topic; between, p, bh, run_p, run_bh, groups, units: the test of `overall` with every article for itself, its largest p
    over all runs that have the topic, and how many groups and articles were tested; witness_p to witness_units the same with whole witnesses
    shuffled (units: their effective number); runs (with the reference), found (in how many of them the topic is). Groups too small for a
    counting are left out of it alone: give the groups that both can test. Refused: what `grouped`, `overall` and `over_runs` refuse.
    """
    tables = []
    for witness, units in ((None, "articles"), (within, "witnesses")):

        def finding(shares: pd.DataFrame, by: Names | None = witness) -> pd.DataFrame:
            return overall(grouped(shares, groups, within=by), draws)

        table = over_runs(reference, runs, counts, finding, "between", ["topic"])
        tables.append(table.rename(columns={units: "units"}))
    columns = ["p", "bh", "run_p", "run_bh", "groups", "units"]
    one, other = tables
    both = one[["topic", "between", *columns]].join(other[columns].add_prefix("witness_"))
    return both.assign(runs=1 + one["runs"], found=1 + one["runs"] - one["not_found"])
