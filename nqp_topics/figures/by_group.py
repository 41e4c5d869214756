"""By group: what the figures of groups share: the same run behind all tables, what no single article makes, and the words for p and witnesses."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import Problem, columns, refuse_if
from nqp_topics.compare import Grouped
from nqp_topics.figures.look import as_p
from nqp_topics.figures.shown import reported
from nqp_topics.figures.styles import asked, in_order

Over: TypeAlias = pd.DataFrame | None  # a finding out of `compare.over_runs`, where there are several runs
LEAST = 4  # effective witnesses of a group that a sentence may call first or last
SIGNED = [(name, name) for name in ("difference", "effect")]
SIGNED += [(f"{of}low", f"{of}high") for of in ("", "run_", "effect_")]
RUNS = ["run_low", "run_high", "run_p", "run_bh"]
# panels of topics side by side
ACROSS = {"single": 2, "double": 4, "slide": 6, "journal-zh": 4}


def over_seeds(found: Any, counts: Any, finding: Any, value: str, keys: Sequence[str]) -> Over:
    """Put the spread over the other runs beside a finding; nothing where there is one run alone."""
    others = getattr(found, "others", ())
    return compare.over_runs(reported(found), others, counts, finding, value, keys) if others else None


def with_runs(table: pd.DataFrame, over: Over, keys: Sequence[str], value: str, where: str) -> pd.DataFrame:
    """Put run_low and run_high, run_p and run_bh beside a finding, by its keys. Refused: the finding of another run."""
    if over is None:
        return table.assign(**dict.fromkeys(RUNS, np.nan))
    where, todo = f"{where}(over)", f'compare.over_runs(…, "{value}", {list(keys)!r}) makes it'
    refuse_if(columns(where, over, [*keys, value, "run_low", "run_high"], todo))
    rows = pd.MultiIndex.from_frame(table[list(keys)])
    runs = over.astype(dict.fromkeys(keys, str)).set_index(list(keys)).reindex(rows)
    same_run(where, table[value].to_numpy(), runs[value].to_numpy(), rows)
    return table.assign(**{name: runs[name].to_numpy() if name in runs else np.nan for name in RUNS})


def same_run(where: str, here: np.ndarray, there: np.ndarray, rows: Sequence[Any]) -> None:
    """Refuse numbers of another table that should be those of this one; `rows` says what each is about."""
    todo, problems = "take both from the same run: it is the reference of over_runs", []
    for place in np.flatnonzero(~np.isclose(there, here, rtol=1e-7, atol=1e-9, equal_nan=True)).tolist():
        came = "nothing" if np.isnan(there[place]) else f"{there[place]:.4g}"
        allowed = f"{here[place]:.4g}, as in the other table"
        problems.append(Problem(f"{where} {', '.join(rows[place])}", came, allowed, todo))
    refuse_if(problems)


def turned(pairs: pd.DataFrame) -> pd.DataFrame:
    """Have the group that stands first be the first of its pair, where an order was asked for: what is said of either changes places, differences their sign."""
    names = sorted({*pairs["group"], *pairs["other"]})
    if not asked(names):
        return pairs.copy()
    place = {name: at for at, name in enumerate(in_order(pd.Series(0, index=names)))}
    back = pairs["group"].map(place) > pairs["other"].map(place)
    sides = [("group", "other", 1)]
    sides += [(name.removeprefix("other_"), name, 1) for name in pairs if name.startswith("other_")]
    sides += [(low, high, -1) for low, high in SIGNED if low in pairs and "difference" in pairs]
    found = pairs.copy()
    for one, other, sign in sides:
        for here, there in ((one, other), (other, one)):
            found[here] = pairs[here].mask(back, pairs[there] if sign > 0 else -pairs[there])
    return found


def without_each(voices: Grouped) -> np.ndarray:
    """Return the mean shares of groups, as they are and then with each article left out: tables × groups × topics."""
    shares = voices.shares.to_numpy(dtype=np.float64)
    names = list(voices.sizes["group"])
    codes = np.array([names.index(name) for name in voices.of])
    sums, many = np.zeros((len(names), shares.shape[1])), np.bincount(codes)
    np.add.at(sums, codes, shares)
    means = np.repeat((sums / many[:, None])[None], 1 + len(codes), axis=0)
    left = np.where(many[codes] > 1, many[codes] - 1, np.nan)
    means[1 + np.arange(len(codes)), codes] = (sums[codes] - shares) / left[:, None]
    return means


def worst(table: pd.DataFrame, name: str) -> pd.Series:
    """Return p (or bh) of the run, or the largest of all runs where there are several."""
    return of_runs(table, name).fillna(table[name])


def of_runs(table: pd.DataFrame, name: str) -> pd.Series:
    """Return the largest p (or bh) of all runs; NaN where there is one run alone, also out of a csv, where all cells are then empty."""
    return pd.to_numeric(table[f"run_{name}"], errors="coerce")


def several_runs(table: pd.DataFrame) -> bool:
    """Tell whether a table is of several runs."""
    return bool(of_runs(table, "bh").notna().any())


def of_all_runs(table: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Put the largest p of all runs in the place of one run's, where there are several, and tell whether."""
    return table.assign(p=worst(table, "p"), bh=worst(table, "bh")), several_runs(table)


def in_every_run(table: pd.DataFrame) -> tuple[tuple[str, str], tuple[str, str]]:
    """Say whether a number counts every run (of topics: every one that has the topic), and, for brackets, how many hold in the one that is shown."""
    if not several_runs(table):
        return ("", ""), ("", "")
    here = int((table["bh"] < 0.05).sum())
    lacking = "not_found" in table and (table["not_found"] > 0).any()
    that, zh_that = (" that has the topic", "找到该主题的") if lacking else ("", "")
    every = f" in every run{that}", f"在每次{zh_that}运行中都"
    return every, (f"in the one that is shown: {here}; ", f"所示运行中为{here}个；")


WHY = {
    "no p below": ("so few witnesses allow no p that is small enough", "独立来源太少，p 值达不到所需的水平"),
    "more than": ("so few witnesses cannot tell it from chance", "独立来源太少，无法分辨"),
    "not tested": ("they are not tested", "未检验"),
}


def no_size(why: str) -> tuple[str, str]:
    """Say why no difference would be found however large, in the words of a sentence; `why` is a reason of `compare.differences`."""
    return next((said for start, said in WHY.items() if why.startswith(start)), (why, why))


def sizes(articles: float, witnesses: float) -> str:
    """Set the number of articles and the effective number of witnesses behind them."""
    few = f"{witnesses:.0f}" if witnesses >= 9.95 else f"{witnesses:.1f}".replace(".0", "")
    return f"{articles:.0f} / {few}"


def test(p: float, bh: float) -> str:
    """Set p and, in brackets, the corrected one, with a star where that is below .05; nothing without a test."""
    return "" if p != p else f"{'* ' if bh < 0.05 else ''}{as_p(p)} ({as_p(bh)})"
