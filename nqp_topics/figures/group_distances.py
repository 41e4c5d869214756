"""Distances of groups: how far the mean shares of every two groups lie apart, beside what shuffled witnesses and other seeds give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import columns
from nqp_topics.compare import Grouped
from nqp_topics.compare.distances import between_rows
from nqp_topics.compare.given import known
from nqp_topics.counts import Counts
from nqp_topics.figures import by_group
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import extremes
from nqp_topics.figures.letters import broken, fitting, smallest
from nqp_topics.figures.page import FAINT, INK, SOFT, as_rows, hue, needs, panels, paper, preset
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.study import refuse_if

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

PAIR = ["group", "other"]
NUMBERS = ["distance", "low", "high", "unbiased", "chance"]
SIZE = ["detectable", "undetectable"]
BEHIND = ["articles", "other_articles", "witnesses", "other_witnesses"]


def at_hand(
    found: Any,
    counts: Counts,
    groups: Mapping[str, object] | pd.Series,
    within: Mapping[str, object] | pd.Series | None = None,
    least: int = 4,
) -> pd.DataFrame:
    """Measure how far groups of at least `least` articles are apart, in the reported run and in all others, and gather it for drawing.

    `groups`: article → group, a column of the registry; `within`: article → witness (`compare.witnesses`). The steps: `compare.grouped`,
    `compare.group_distances`, `compare.over_runs`, `figures.group_distances.table`.
    """
    shares = reported(found).articles(counts)
    some = compare.large(compare.grouped(shares, groups, within=within), least)

    def apart(shares: pd.DataFrame) -> pd.DataFrame:
        return compare.group_distances(compare.grouped(shares, some, within=within))

    voices = compare.grouped(shares, some, within=within)
    return table(apart(shares), by_group.over_seeds(found, counts, apart, "distance", PAIR), voices)


def table(
    pairs: pd.DataFrame, over: pd.DataFrame | None = None, voices: Grouped | None = None
) -> pd.DataFrame:
    """Gather the distances of groups for drawing: one row a pair, the farthest first.

    Columns: group, other, distance, low, high, unbiased, chance, run_low, run_high (over seeds; empty without `over`), p, bh, run_p, run_bh
    (the largest of all runs), detectable (the smallest distance that would be found in four of five cases), undetectable (why there is none), articles, other_articles, witnesses, other_witnesses (effective numbers), note, extreme ("most" or "least": of
    all pairs of groups of at least four witnesses, whichever article is left out; empty without `voices`), place (row, from 1). `pairs` is the
    table of `compare.group_distances`, `over` the same out of `compare.over_runs(…, "distance", ["group", "other"])`, `voices` that of
    `compare.grouped`. Refused: tables of another run.
    """
    where, given = "figures.group_distances.table", [*PAIR, *NUMBERS, "p", "bh", *BEHIND, *SIZE, "note"]
    refuse_if(columns(f"{where}(pairs)", pairs, given, "give the table of compare.group_distances"))
    found = by_group.with_runs(pairs[given].astype(dict.fromkeys(PAIR, str)), over, PAIR, "distance", where)
    found["extreme"] = ""
    if voices is not None:
        means, where = by_group.without_each(voices), f"{where}(voices)"
        names = list(voices.sizes["group"])
        known([*found["group"], *found["other"]], names, where, "group")
        cells = np.empty((len(means), len(found)))
        for number, pair in enumerate(found[PAIR].itertuples(index=False)):
            one, other = (np.ascontiguousarray(means[:, names.index(name)]) for name in pair)
            cells[:, number] = between_rows(one, other)
        by_group.same_run(where, found["distance"].to_numpy(), cells[0], found[PAIR].to_numpy())
        may = found[["witnesses", "other_witnesses"]].min(axis=1) >= by_group.LEAST
        found["extreme"] = extremes(cells, may.to_numpy())
    found = by_group.turned(found).sort_values(
        ["distance", *PAIR], ascending=[False, True, True], ignore_index=True
    )
    found["place"] = range(1, len(found) + 1)
    runs = ["run_low", "run_high", "p", "bh", "run_p", "run_bh"]
    return found[[*PAIR, *NUMBERS, *runs, *SIZE, *BEHIND, "note", "extreme", "place"]]


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say how many pairs are farther apart than chance, which are farthest and nearest, and how many were not tested."""
    tested = table[table["p"].notna()]
    alone = len(table) - len(tested)
    english = f"{len(table)} pairs of groups by the distance of their topics."
    chinese = f"{len(table)}对文章组按主题距离排列。"
    if len(tested):
        apart = int((by_group.worst(tested, "bh") < 0.05).sum())
        every, zh_every = by_group.in_every_run(tested)
        english += f" {apart} of {len(tested)} pairs tested are farther apart than chance{every} (BH-adjusted p < .05, "
        english += "whole witnesses shuffled)."
        chinese += f"检验的{len(tested)}对中，{zh_every}{apart}对的距离超出随机水平（整体打乱独立来源，BH 校正 p < .05）。"
        known = tested.reindex(columns=SIZE)["detectable"][by_group.worst(tested, "bh") >= 0.05].dropna()
        if len(known):
            low, high = f"{known.min():.2f}", f"{known.max():.2f}"
            english += (
                f" To be found in four of five cases the others would have to be {low} to {high} apart."
            )
            chinese += f"其余各对的距离须达{low}至{high}，才会在五次中有四次被发现。"
    words = {"most": ("Farthest apart", "相距最远"), "least": ("Nearest", "相距最近")}
    for row in table[table["extreme"].isin(list(words))].itertuples():
        en, zh = words[row.extreme]
        (one, zh_one), (other, zh_other) = (
            [label(x, to) for to in ("en", "zh")] for x in (row.group, row.other)
        )
        english += f" {en} of groups of at least four witnesses, whichever article is left out, are {one}"
        english += f" and {other} ({row.distance:.2f})."
        chinese += f"在至少有四个独立来源的组中，去掉任何一篇文章，{zh}的都是{zh_one}与{zh_other}（{row.distance:.2f}）。"
    if alone:
        english += f" {alone} pairs hold a group of too few witnesses and are not tested."
        chinese += f"{alone}对含独立来源过少的组，未检验。"
    return english, chinese


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a row a pair: its distance as seen and freed of chance with its interval, what chance gives, other seeds, its p."""
    numbers = [*NUMBERS, "run_low", "run_high", "p", "bh", "run_p", "run_bh", *BEHIND, "place"]
    table, runs = by_group.of_all_runs(needs(table, "group_distances", PAIR, numbers))
    table = table.sort_values("place", ignore_index=True)
    names = [
        f"{label(row.group, language)} {by_group.sizes(row.articles, row.witnesses)} – "
        f"{label(row.other, language)} {by_group.sizes(row.other_articles, row.other_witnesses)}"
        for row in table.itertuples()
    ]
    tone, shown, lines = hue(page), _explained(table, runs, page, language), 1.0
    for _ in range(2):  # names that need two lines need smaller letters
        # in sizes of the letters: what stands above and below, then the rows
        size = fitting(5 + 1.5 * len(shown) + 1.4 * lines * len(table), page)
        short = [broken(name, 0.4 * paper(page).width / 25.4 * 72, size * 0.95) for name in names]
        lines = 1.0 + 0.75 * any("\n" in name for name in short)
    above = 5 + 1.5 * -(-len(shown) // by_group.columns_of(shown, size, page))
    with preset(page, size) as wide:
        figure, (axes,) = panels((wide, (above + 1.4 * lines * (len(table) + 0.5)) * size / 72), 1)
        axes.grid(axis="x", color=FAINT, linewidth=0.4)
        axes.set_axisbelow(True)
        look: dict[str, Any] = {
            "xycoords": ("axes fraction", "data"),
            "textcoords": "offset points",
            "va": "center",
        }
        look |= {"fontsize": max(size * 0.85, smallest(page)), "annotation_clip": False}
        for place, row in enumerate(table.itertuples()):
            fill = tone if row.bh < 0.05 else "white"
            axes.hlines(place + 0.28, row.run_low, row.run_high, color=INK, linewidth=0.6)
            axes.hlines(place, row.low, row.high, color=tone, linewidth=1.6, alpha=0.6)
            freed: dict[str, Any] = {"marker": "D", "color": tone, "linewidth": 0, "zorder": 2}
            axes.scatter(row.unbiased, place, s=(0.32 * size) ** 2, **freed)
            axes.vlines(row.chance, place - 0.32, place + 0.32, color=SOFT, linewidth=1.0)
            seen: dict[str, Any] = {"facecolor": fill, "edgecolor": tone, "linewidth": 0.9, "zorder": 3}
            axes.scatter(row.distance, place, s=(0.6 * size) ** 2, **seen)
            said, tint = by_group.test(row.p, row.bh).removeprefix("* "), INK
            if not said:
                said, tint = label("not tested", language), SOFT
            axes.annotate(said, (1, place), xytext=(0.8 * size, 0), color=tint, **look)
        as_rows(axes, short)
        axes.set_xlim(0)
        axes.set_xlabel(label("distance of groups", language))
        by_group.legend_above(figure, shown, size, page)
    return figure


def _explained(table: pd.DataFrame, runs: bool, page: str, language: str) -> dict[str, Any]:
    """Return what the dots and lines are."""
    from matplotlib.lines import Line2D

    tone, size = hue(page), paper(page).letters
    dot: dict[str, Any] = {"linewidth": 0, "marker": "o", "markersize": 0.6 * size, "markeredgecolor": tone}
    freed: dict[str, Any] = {"marker": "D", "markersize": 0.32 * size, "markeredgewidth": 0}
    tick: dict[str, Any] = {"marker": "|", "markersize": 0.9 * size, "markeredgecolor": SOFT}
    shown = {
        "beyond chance in every run" if runs else "beyond chance": Line2D(
            [], [], markerfacecolor=tone, **dot
        ),
        "within chance": Line2D([], [], markerfacecolor="white", **dot),
        "freed of chance": Line2D([], [], color=tone, linewidth=1.6, **freed),
        "shuffled groups": Line2D([], [], linewidth=0, **tick),
    }
    if table["run_low"].notna().any():
        shown["other seeds"] = Line2D([], [], color=INK, linewidth=0.6)
    shown["witnesses"] = Line2D([], [], linewidth=0)
    return {label(key, language): line for key, line in shown.items()}


group_distances = Figure(table, draw, says, at_hand)
