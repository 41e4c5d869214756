"""Matching: which topic of one run is which of another: other seeds, other K, other engines, other corpora."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from nqp_topics.compare.differences import overall
from nqp_topics.compare.drivers import parts
from nqp_topics.compare.groups import grouped
from nqp_topics.compare.resample import corrected
from nqp_topics.compare.tables import number_problems
from nqp_topics.counts import Counts
from nqp_topics.study import Problem, Refused, refuse_if
from nqp_topics.topics.model import Topics

WEAK = 0.6  # a cosine below this joins topics that share little but frequent words
CLOSE = 0.1  # a second candidate this near is as good a match


def match(one: pd.DataFrame, other: pd.DataFrame, one_to_one: bool = True) -> pd.DataFrame:
    """Match the topics of two runs by their words (`topics.words`): one row a topic of `one`, in its order.

    Columns: topic, other ("" where none is left), likeness (cosine of word shares, 1: the same), distance (Jensen-Shannon), second (the
    next best topic), margin (by how much it is less like), shared (the least part of the two topics' mass that lies on words both runs
    know), weak (likeness below 0.6, or a margin below 0.1). `one_to_one`: each topic is used once and the sum of likeness is the largest
    possible; else each takes its most like one. Runs of unlike K or over unlike words can be matched, on the words they share. Refused: no
    word in common.
    """
    from scipy.optimize import linear_sum_assignment

    there = set(other.index)
    both = [word for word in one.index if word in there]
    if not both:
        raise Refused(
            Problem(
                "match(one, other)",
                f"{len(one)} and {len(other)} words, none in common",
                "runs over the same or overlapping words",
                "cut and filter both corpora alike",
            )
        )
    left, right = (np.array(table.loc[both].to_numpy(dtype=np.float64), order="C") for table in (one, other))
    kept = [side.sum(axis=0) for side in (left, right)]
    alike = _cosine(left, right)
    if one_to_one:
        rows, columns = linear_sum_assignment(-alike)
        found = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    else:
        found = dict(enumerate(alike.argmax(axis=1).tolist()))
    lines = []
    for k, topic in enumerate(one.columns):
        if k not in found:
            lines.append((topic, "", np.nan, np.nan, "", np.nan, np.nan, True))
            continue
        j = found[k]
        p, q = (side[:, place] / max(side[:, place].sum(), 1e-300) for side, place in ((left, k), (right, j)))
        rest = np.delete(alike[k], j)
        second = (
            "" if not rest.size else str(np.delete(np.asarray(other.columns, dtype=object), j)[rest.argmax()])
        )
        margin = float(alike[k, j] - rest.max()) if rest.size else 1.0
        distance = float(np.sqrt(min(parts(p, q).sum(), 1.0)))
        shared = float(min(kept[0][k], kept[1][j], 1.0))
        weak = bool(alike[k, j] < WEAK or margin < CLOSE)
        lines.append(
            (topic, str(other.columns[j]), float(alike[k, j]), distance, second, margin, shared, weak)
        )
    return pd.DataFrame(
        lines, columns=["topic", "other", "likeness", "distance", "second", "margin", "shared", "weak"]
    )


def _cosine(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (np.nan_to_num(side / np.sqrt((side**2).sum(axis=0))) for side in (left, right))
    # einsum without optimisation adds in one order on every machine; the matrix product of a BLAS does not
    return np.clip(np.einsum("wi,wj->ij", a, b, optimize=False), 0.0, 1.0)


def changes(one: pd.DataFrame, other: pd.DataFrame, matched: pd.DataFrame, n: int = 10) -> pd.DataFrame:
    """Tell what changed in each matched topic: the `n` words that give most to its distance.

    One row a topic and word: topic, other, rank, word, weight, other_weight, change (other less this), contribution (to the squared
    distance), part. Words that only one run knows have the weight 0 in the other. Refused: a match of other runs.
    """
    refuse_if(number_problems("changes", n=n))
    pairs = matched[matched["other"] != ""]
    refuse_if(
        Problem(
            "changes(matched)",
            f"topic {name!r}, which {side} does not have",
            "the match of these two runs",
            "match them again",
        )
        for side, column, table in (("one", "topic", one), ("other", "other", other))
        for name in pairs[column]
        if name not in table.columns
    )
    words = list(dict.fromkeys([*one.index, *other.index]))
    tables = []
    for topic, there in zip(pairs["topic"], pairs["other"], strict=True):
        p = one[topic].reindex(words, fill_value=0.0).to_numpy()
        q = other[there].reindex(words, fill_value=0.0).to_numpy()
        given = parts(p, q)
        first = np.argsort(-given, kind="stable")[:n]
        total = given.sum()
        tables.append(
            pd.DataFrame(
                {
                    "topic": topic,
                    "other": there,
                    "rank": np.arange(1, len(first) + 1),
                    "word": [words[place] for place in first],
                    "weight": p[first],
                    "other_weight": q[first],
                    "change": q[first] - p[first],
                    "contribution": given[first],
                    "part": given[first] / total if total > 0 else 0.0,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def renamed(run: Topics, reference: Topics, counts: Counts) -> pd.DataFrame:
    """Return article shares of a run under the topic names of a reference that they match. Refused: another number of topics."""
    if len(run.names) != len(reference.names):
        raise Refused(
            Problem(
                "renamed(run, reference)",
                f"{len(run.names)} and {len(reference.names)} topics",
                "the same number",
                "match shows what becomes of topics at another K",
            )
        )
    pairs = match(reference.words, run.words)
    return run.articles(counts)[list(pairs["other"])].set_axis(list(pairs["topic"]), axis=1)


def over_runs(
    reference: Topics,
    runs: Sequence[Topics],
    counts: Counts,
    finding: Callable[[pd.DataFrame], pd.DataFrame],
    value: str,
    keys: Sequence[str],
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
    if len(runs) < 2 or len({run.fingerprint for run in runs}) < len(runs):
        raise Refused(
            Problem(
                "over_runs(runs)",
                f"{len(runs)} runs, or one of them twice",
                "at least two, each once",
                "train several seeds: train(counts, K, seeds=5)",
            )
        )
    table = finding(reference.articles(counts))
    wanted = list(keys)
    missing = [name for name in [*wanted, value] if name not in table]
    if missing:
        raise Refused(
            Problem(
                "over_runs(value, keys)",
                ", ".join(missing),
                ", ".join(map(str, table.columns)),
                "use columns of the finding",
            )
        )
    order = table.set_index(wanted).index
    if order.has_duplicates:
        raise Refused(
            Problem(
                "over_runs(keys)",
                f"{', '.join(wanted)}: several rows alike",
                "keys that tell rows apart",
                "name more columns",
            )
        )
    again, alike = [], []
    for run in runs:
        likeness = match(reference.words, run.words).set_index("topic")["likeness"]
        alike.append(table["topic"].map(likeness) if "topic" in wanted else pd.Series(1.0, table.index))
        rows = finding(renamed(run, reference, counts)).set_index(wanted).reindex(order)
        again.append(_without(rows, (alike[-1] < WEAK).to_numpy(), value))
    # masked, so that a topic that no run has is empty without a warning
    numbers = np.ma.masked_invalid([rows[value].to_numpy(dtype=np.float64) for rows in again])
    here = table[value].to_numpy(dtype=np.float64)
    same = np.ma.array(
        np.sign(numbers.data) == np.sign(here), mask=np.ma.getmaskarray(numbers) | np.isnan(here)
    )
    spread = {
        "run_mean": numbers.mean(axis=0),
        "run_sd": numbers.std(axis=0, ddof=1),
        "run_low": numbers.min(axis=0),
        "run_high": numbers.max(axis=0),
        "same_sign": same.mean(axis=0),
    }
    result = table.assign(runs=len(runs), **{name: np.ma.filled(x, np.nan) for name, x in spread.items()})
    for name in ("p", "bh"):
        if name in table:
            every = np.ma.masked_invalid([rows[name].to_numpy(dtype=np.float64) for rows in (table, *again)])
            result[f"run_{name}"] = np.ma.filled(every.max(axis=0), np.nan)
    if "topic" in wanted:
        result["likeness"] = np.min(alike, axis=0)
        result["not_found"] = (np.array(alike) < WEAK).sum(axis=0)
    return result


def _without(rows: pd.DataFrame, lacking: np.ndarray, value: str) -> pd.DataFrame:
    """Empty the rows of topics that a run lacks, and correct its other p without them."""
    if not lacking.any():
        return rows
    rows = rows.astype({value: float})
    rows.loc[lacking, [name for name in (value, "p", "bh") if name in rows]] = np.nan
    if "p" in rows and "bh" in rows:
        rows["bh"] = corrected(rows["p"].to_numpy(dtype=np.float64))[1]
    return rows


def both_countings(
    reference: Topics,
    runs: Sequence[Topics],
    counts: Counts,
    groups: Mapping[str, object] | pd.Series,
    within: Mapping[str, object] | pd.Series,
    draws: int = 10000,
    seed: int = 1,
) -> pd.DataFrame:
    """Tell which topics differ between groups, once with articles and once with witnesses taken as the units, in this run and in all.

    One row a topic: topic; between, p, bh, run_p, run_bh, groups, units: the test of `overall` with every article for itself, its largest p
    over all runs that have the topic, and how many groups and articles were tested; witness_p to witness_units the same with whole witnesses
    shuffled (units: their effective number); runs (with the reference), found (in how many of them the topic is). Groups too small for a
    counting are left out of it alone: give the groups that both can test. Refused: what `grouped`, `overall` and `over_runs` refuse.
    """
    tables = []
    for witness, units in ((None, "articles"), (within, "witnesses")):
        table = over_runs(
            reference,
            runs,
            counts,
            lambda shares, by=witness: overall(grouped(shares, groups, within=by), draws, seed),  # type: ignore[misc]
            "between",
            ["topic"],
        )
        tables.append(table.rename(columns={units: "units"}))
    columns = ["p", "bh", "run_p", "run_bh", "groups", "units"]
    one, other = tables
    return (
        one[["topic", "between", *columns]]
        .join(other[columns].add_prefix("witness_"))
        .assign(runs=1 + one["runs"], found=1 + one["runs"] - one["not_found"])
    )
