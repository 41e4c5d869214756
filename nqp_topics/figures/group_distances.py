"""Distances of groups: how far the mean shares of every two groups lie apart, beside what shuffled witnesses and other seeds give."""

from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import columns, refuse_if
from nqp_topics.compare import Grouped
from nqp_topics.compare.distances import between_rows
from nqp_topics.compare.given import Names, Some, known
from nqp_topics.counts import Counts
from nqp_topics.figures import by_group
from nqp_topics.figures.by_group import Over
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import extremes
from nqp_topics.figures.legends import dot, legend, line, write_legends
from nqp_topics.figures.letters import broken, smallest
from nqp_topics.figures.page import Drawing, as_rows, at_right, lined, needs, panels, preset
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.figures.styles import INK, SOFT, hue, in_order, paper

PAIR = ["group", "other"]
NUMBERS = ["distance", "low", "high", "unbiased", "chance"]
SIZE = ["detectable", "undetectable"]
TESTS = ["run_low", "run_high", "p", "bh", "run_p", "run_bh"]
BEHIND = ["articles", "other_articles", "witnesses", "other_witnesses"]


def at_hand(found: Any, counts: Counts, groups: Names, within: Some = None, least: int = 4) -> pd.DataFrame:
    """Measure how far groups of at least `least` articles are apart, in the reported run and in all others, and gather it for drawing.

    `groups`: article → group, a column of the registry; `within`: article → witness (`compare.witnesses`). The steps: `compare.grouped`,
    `compare.group_distances`, `compare.over_runs`, `figures.group_distances.table`.
    """
    shares = reported(found).articles(counts)
    some = compare.large(compare.grouped(shares, groups, within=within), least)
    voices = compare.grouped(shares, some, within=within)

    def apart(shares: pd.DataFrame) -> pd.DataFrame:
        return compare.group_distances(compare.grouped(shares, some, within=within), intervals=0)

    over = by_group.over_seeds(found, counts, apart, "distance", PAIR)
    return table(compare.group_distances(voices), over, voices)


def table(pairs: pd.DataFrame, over: Over = None, voices: Grouped | None = None) -> pd.DataFrame:
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
        of = {name: np.ascontiguousarray(means[:, place]) for place, name in enumerate(names)}
        pairs_of = found[PAIR].itertuples(index=False)
        cells = np.column_stack([between_rows(of[one], of[other]) for one, other in pairs_of])
        by_group.same_run(where, found["distance"].to_numpy(), cells[0], found[PAIR].to_numpy())
        may = found[["witnesses", "other_witnesses"]].min(axis=1) >= by_group.LEAST
        found["extreme"] = extremes(cells, may.to_numpy())
    first = {"by": ["distance", *PAIR], "ascending": [False, True, True]}
    found = by_group.turned(found).sort_values(**first, ignore_index=True)
    found["place"] = range(1, len(found) + 1)
    return found[[*PAIR, *NUMBERS, *TESTS, *SIZE, *BEHIND, "note", "extreme", "place"]]


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say how many pairs are farther apart than chance, which are farthest and nearest, and how many were not tested."""
    tested = table[table["p"].notna()]
    apart, alone = by_group.worst(tested, "bh") < 0.05, len(table) - len(tested)
    english = f"{len(table)} pairs of groups by the distance of their topics."
    chinese = f"{len(table)}对文章组按主题距离排列。"
    if len(tested):
        (every, zh_every), (here, zh_here) = by_group.in_every_run(tested)
        english += f" {apart.sum()} of {len(tested)} pairs tested are farther apart than chance{every} ({here}BH-adjusted p < .05, "
        english += "whole witnesses shuffled)."
        chinese += f"检验的{len(tested)}对中，有{apart.sum()}对的距离{zh_every}超出随机水平（{zh_here}整体打乱独立来源，BH 校正 p < .05）。"
        en, zh = _unseen(tested.reindex(columns=SIZE)[by_group.worst(tested, "bh") >= 0.05])
        english, chinese = english + en, chinese + zh
    words = {"most": ("Farthest apart", "相距最远"), "least": ("Nearest", "相距最近")}
    for row in table[table["extreme"].isin(list(words))].itertuples():
        en, zh = words[row.extreme]
        pair = " and ".join(label(x, "en") for x in (row.group, row.other))
        zh_pair = "与".join(label(x, "zh") for x in (row.group, row.other))
        english += f" {en} of groups of at least four witnesses, whichever article is left out, are {pair} ({row.distance:.2f})."
        chinese += (
            f"在至少有四个独立来源的组中，去掉任何一篇文章，{zh}的都是{zh_pair}（{row.distance:.2f}）。"
        )
    if alone:
        english += f" {alone} pairs hold a group of too few witnesses and are not tested."
        chinese += f"{alone}对含独立来源过少的组，未检验。"
    return english, chinese


def _unseen(others: pd.DataFrame) -> tuple[str, str]:
    """Say how far apart pairs that were not found would have to be, and which would be found at no distance."""
    known, english, chinese = others["detectable"].dropna(), "", ""
    if len(known):
        low, high = f"{known.min():.2f}", f"{known.max():.2f}"
        size, zh_size = (low, low) if low == high else (f"{low} to {high}", f"{low}至{high}")
        english = (
            f" To be found in four of five cases {len(known)} of the others would have to be {size} apart."
        )
        chinese = f"其余各对中，有{len(known)}对的距离须达{zh_size}，才会在五次中有四次被发现。"
    nothing = others.loc[others["detectable"].isna(), "undetectable"].dropna()
    for why, rows in nothing[nothing != ""].groupby(nothing):
        said, zh_said = by_group.no_size(str(why))
        english += f" {len(rows)} would not be found at any distance: {said}."
        chinese += f"有{len(rows)}对，无论距离多大都不会被发现：{zh_said}。"
    return english, chinese


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a row a pair: its distance and interval, a tick for what chance gives, and its p; how large groups are stands below."""
    table = needs(table, "group_distances", PAIR, [*NUMBERS, *TESTS, *BEHIND, "place"])
    table, runs = by_group.of_all_runs(table)
    table, tone, sheet = table.sort_values("place", ignore_index=True), hue(page), paper(page)
    pairs = table[PAIR].itertuples(index=False)
    names, size = [" – ".join(label(group, language) for group in pair) for pair in pairs], sheet.letters
    shown = _explained(table, runs, page, language)
    while True:  # the largest letters with which all rows fit the page
        short = [broken(name, 0.38 * sheet.wide, size * 0.95) for name in names]
        above, below = legend(shown, size, page), legend({_sizes(table, language): None}, size, page)
        lines, rest = 1 + max(name.count("\n") for name in short), above.high + below.high + 7.4 * size
        pitch = min(1.3 + 0.5 * lines, (sheet.high - rest) / len(table) / size)
        if pitch >= 1.15 * lines or size <= smallest(page):
            break
        size = max(size - 0.25, smallest(page))
    with preset(page, size) as wide:
        figure, (axes,) = panels((wide, (rest + pitch * size * len(table)) / 72), 1)
        lined(axes)
        axes.hlines(table.index, table["low"], table["high"], color=tone, linewidth=1.6, alpha=0.6)
        axes.vlines(table["chance"], table.index - 0.32, table.index + 0.32, color=INK, linewidth=1.2)
        fill = [tone if bh < 0.05 else "white" for bh in table["bh"]]
        look: dict[str, Any] = {"edgecolor": tone, "linewidth": 0.9, "zorder": 3, "clip_on": False}
        axes.scatter(table["distance"], table.index, s=(0.6 * size) ** 2, facecolor=fill, **look)
        at_right(axes, "p (BH)", -0.95, 0.8 * size)
        for row in table.itertuples():
            said = by_group.test(row.p, row.bh).removeprefix("* ") or label("not tested", language)
            at_right(axes, said, row.Index, 0.8 * size, color=INK if row.bh < 0.05 else SOFT)
        as_rows(axes, short)
        axes.set_xlim(0)
        axes.set_xlabel(label("distance of groups", language))
        write_legends(figure, above, below)
    return figure


def _explained(table: pd.DataFrame, runs: bool, page: str, language: str) -> dict[str, Any]:
    """Return what the dots and lines are."""
    tone, size = hue(page), paper(page).letters
    shown: dict[str, Any] = {}
    if (table["bh"] < 0.05).any():
        shown["beyond chance in every run" if runs else "beyond chance"] = dot(0.6 * size, tone, tone)
    if not (table["bh"] < 0.05).all():
        shown["within chance in some run" if runs else "within chance"] = dot(0.6 * size, "white", tone)
    if table["low"].notna().any():
        shown["interval freed of chance"] = line(tone, 1.6)
        shown["shuffled groups"] = dot(0.9 * size, INK, marker="|", markeredgewidth=1.2)
    return {label(key, language): one for key, one in shown.items()}


def _sizes(table: pd.DataFrame, language: str) -> str:
    """Say how many articles and witnesses each group has."""
    sides = ["group", "articles", "witnesses"], ["other", "other_articles", "other_witnesses"]
    rows = [row for side in sides for row in table[side].itertuples(index=False, name=None)]
    sizes = {group: (articles, witnesses) for group, articles, witnesses in rows}
    order = in_order(pd.Series({group: both[0] for group, both in sizes.items()}))
    said = [f"{label(group, language)} {by_group.sizes(*sizes[group])}" for group in order]
    said = [text.replace(" ", "\u00a0") if len(text) < 40 else text for text in said]  # kept in one line
    return f"{label('sizes of groups', language)} {('；' if language == 'zh' else '; ').join(said)}"


group_distances = Figure(table, draw, says, at_hand)
