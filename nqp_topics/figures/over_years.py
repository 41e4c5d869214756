"""Over years: the share of every topic by year or month with its bands, gaps left open, the moments at which it turns marked."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import columns, listed, refuse_if
from nqp_topics.compare.given import Names, Some
from nqp_topics.compare.over_time import FEWEST, MOMENTS, enough, years_of
from nqp_topics.counts import Counts
from nqp_topics.figures import by_group
from nqp_topics.figures.by_group import Over
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import Labels, Only, a_panel_each, heads, of_topics
from nqp_topics.figures.legends import area, dot, legend, line, write_legends
from nqp_topics.figures.letters import fitting
from nqp_topics.figures.page import Axes, Drawing, lined, needs, panels, per_cent, preset, round_moments
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.figures.styles import INK, SOFT, Drawn, Style, hue, paper, styles

SHARES = ["share", "low", "high", "band_low", "band_high"]
GIVEN = ["group", "topic", "time", *SHARES, "flat", "articles", "dated"]
TURNED = ["topic", "of", "time", "since", "turn", "before", "after"]
TURNS = {"share": "turn", "words": "turn_words"}
ACROSS = {"single": 2, "double": 4, "slide": 5, "journal-zh": 3}
DASHED: dict[str, Any] = {"linewidth": 0.4, "linestyle": (0, (2, 1.5))}  # of other seeds


def dated(about: pd.DataFrame) -> tuple[str, str]:
    """Say how many articles of a registry have a date, and whether that is enough for a course over time."""
    years, many = years_of(about), len(about)
    english, chinese = f"{len(years)} of {many} articles have a date", f"{many}篇文章中{len(years)}篇有日期"
    if enough(about):
        low, high, of = years.min(), years.max(), years.nunique()
        span, zh_span = f", from {low} to {high}, of {of} years.", f"，{low}至{high}年，共{of}个年份。"
        return english + span, chinese + zh_span
    return (
        f"{english}: a course over time is not told below {FEWEST} dated articles of {MOMENTS} years, it would be that of single articles.",
        f"{chinese}：不足{FEWEST}篇、{MOMENTS}个年份时不谈历时变化，那只会是个别文章的变化。",
    )


def at_hand(
    found: Any,
    counts: Counts,
    dates: Names,
    labels: Labels = None,
    only: Only = None,
    by: str = "year",
    groups: Some = None,
    held: Some = None,
    within: Some = None,
    smooth: int = 1,
    span: int = 5,
) -> pd.DataFrame:
    """Measure the share of every topic over time and where it turns, and gather both for drawing.

    The steps: `compare.over_time`, held against other seeds by `compare.over_runs`; where there are no groups, `compare.turns`;
    `figures.over_years.table`. `dates`: article → date; `groups`, `held`, `within`, `smooth` and `span` as these have them.
    """
    run = reported(found)
    asked: dict[str, Any] = {"by": by, "groups": groups, "held": held, "within": within, "smooth": smooth}
    course = compare.over_time(run.articles(counts), dates, **asked)

    def of_run(shares: pd.DataFrame) -> pd.DataFrame:
        return compare.over_time(shares, dates, **asked, draws=100)

    over = by_group.over_seeds(found, counts, of_run, "share", ["group", "topic", "time"])
    turned = compare.turns(run, counts, dates, by, span, held, within) if groups is None else None
    return table(course, over, turned, labels, only)


def table(
    course: pd.DataFrame, over: Over = None, turned: Over = None, labels: Labels = None, only: Only = None
) -> pd.DataFrame:
    """Gather shares over time for drawing: one row a topic, group and moment, topics in the model's order.

    Columns: topic, en, zh (its label), group, time, share, low, high, band_low, band_high, flat (as `compare.over_time` has them), run_low, run_high (over other
    seeds), articles, dated, turn, turn_words (whether the share or the words of the topic turn here), since (the moment before, where they do), before, after
    (shares on either side of a turn). `course` is the table of `compare.over_time`, `over` the same out of `compare.over_runs(…, "share", ["group",
    "topic", "time"])`, `turned` that of `compare.turns`; without one its columns are empty. `only` keeps some topics.
    """
    where = "figures.over_years.table"
    refuse_if(columns(f"{where}(course)", course, GIVEN, "give the table of compare.over_time"))
    found = course[GIVEN].astype({"group": str, "topic": str, "time": str})
    found = by_group.with_runs(found, over, ["group", "topic", "time"], "share", where)
    found = of_topics(found, labels, only, where).assign(turn=False, turn_words=False, since="")
    found[["before", "after"]] = np.nan
    if turned is not None:
        refuse_if(columns(f"{where}(turned)", turned, TURNED, "give the table of compare.turns"))
        key = pd.MultiIndex.from_frame(found[["topic", "time"]])
        for of, name in TURNS.items():
            rows = turned[(turned["of"] == of) & turned["turn"]].set_index(["topic", "time"])
            found[name] = key.isin(rows.index)
            found["since"] = np.where(found[name], rows["since"].reindex(key).to_numpy(), found["since"])
            if of == "share":
                found[["before", "after"]] = rows[["before", "after"]].reindex(key).to_numpy()
    first = ["topic", "en", "zh", "group", "time", *SHARES, "flat", "run_low", "run_high"]
    return found[[*first, "articles", "dated", "turn", "turn_words", "since", "before", "after"]]


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say what time is covered and where it has gaps, which topics change at all, and where shares and words turn."""
    times, whole = table.drop_duplicates(["group", "time"]), list(dict.fromkeys(table["time"]))
    gaps = _runs(whole, times[times["share"].isna()]["time"].drop_duplicates())
    dated, many = int(times.drop_duplicates("group")["dated"].sum()), table["topic"].nunique()
    moved = table.loc[~table["flat"].astype(bool), "topic"].nunique()
    english = f"The share of {many} topics from {whole[0]} to {whole[-1]} in {dated} dated articles"
    english += f"; no article in {', '.join(gaps)}." if gaps else "."
    english += f" In {moved} of them no level line fits into the band that holds the whole course with 95%."
    year = "年" * whole[0].isdigit()  # a month says so itself: 2015-03
    chinese = f"{dated}篇有日期的文章中{many}个主题的占比，{whole[0]}至{whole[-1]}{year}"
    chinese += f"（{'、'.join(gaps)}无文章）。" if gaps else "。"
    chinese += f"其中{moved}个主题，整条曲线的95%区间容不下一条水平线。"
    turned, words, ups, zh_ups = table[table["turn"]], table[table["turn_words"]], [], []
    size = (turned["after"] - turned["before"]).abs().sort_values(ascending=False, kind="stable")
    for row in turned.loc[size.index[:5]].itertuples():
        when, zh_when = _when(whole, row)
        ups.append(f"{row.topic} ({row.en}) {when}, {row.before:.0%} to {row.after:.0%}")
        zh_ups.append(f"{row.topic}（{row.zh}）{zh_when}，{row.before:.0%}→{row.after:.0%}")
    if ups:
        topics = turned["topic"].nunique()
        english += f" The shares of {topics} topics turn beyond chance, at {len(turned)} moments; the largest: {'; '.join(ups)}."
        chinese += f"{topics}个主题的占比在{len(turned)}处有超出随机的转变，最大的：{'；'.join(zh_ups)}。"
    if len(words):
        english += f" The words of {words['topic'].nunique()} topics turn, at {len(words)} moments."
        chinese += f"{words['topic'].nunique()}个主题的用词在{len(words)}处发生转变。"
    if len(cut := _reaching(table).query("beyond")):
        cut = cut.sort_values("reach", ascending=False, kind="stable")
        named = [f"{row.topic} {row.time} ({row.reach:.0%})" for row in cut.itertuples()]
        english += f" Beyond the scale, at moments of one witness (the share or that of another seed): {listed(named, 5)}."
        zh_named = [f"{row.topic} {row.time}{year}（{row.reach:.0%}）" for row in cut.itertuples()]
        more = f"等{len(named)}处" * (len(named) > 5)
        chinese += (
            f"仅一个独立来源、超出纵轴的时点（该占比或其他种子的占比）：{'、'.join(zh_named[:5])}{more}。"
        )
    return english, chinese


def _reaching(table: pd.DataFrame) -> pd.DataFrame:
    """Put beside every moment how far it and the panel of its topic reach (`reach`, `top`), and whether it lies `beyond`: what one witness says, without an interval, sets no scale."""
    numbers, told = table[["band_high", "high", "share", "run_high"]].astype(float), table["low"].notna()
    sets = told | ~told.groupby(table["topic"]).transform("any")
    seen = numbers.max(axis=1).where(sets).groupby(table["topic"]).transform("max")
    top, reach = 1.22 * seen.where(seen > 0, 0.01), numbers[["share", "run_high"]].max(axis=1)
    return table.assign(top=top, reach=reach, beyond=~told & (reach > top))


def _when(times: list[str], row: Any) -> tuple[str, str]:
    """Say when a share turned: where moments without an article lie before it, only between which two."""
    year = "年" * row.time.isdigit()
    if row.since and times.index(row.time) - times.index(str(row.since)) > 1:
        return f"between {row.since} and {row.time}", f"{row.since}至{row.time}{year}间"
    return f"in {row.time}", f"{row.time}{year}"


def _runs(times: list[str], gaps: Iterable[str]) -> list[str]:
    """Return the gaps, neighbours joined: 1989–1991, 1996."""
    found: list[list[str]] = []
    for time in gaps:
        if found and times.index(time) == times.index(found[-1][-1]) + 1:
            found[-1].append(time)
        else:
            found.append([time])
    return [part[0] if len(part) == 1 else f"{part[0]}–{part[-1]}" for part in found]


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a panel a topic: its share with both bands, broken at gaps; turns of the share as a triangle above, of the words as an open one."""
    words = ("topic", "en", "zh", "group", "time")
    numbers = (*SHARES, "run_low", "run_high", "articles", "dated")
    table = _reaching(needs(table, "over_years", words, numbers, ("flat", "turn", "turn_words")))
    times, groups = (list(dict.fromkeys(table[name])) for name in ("time", "group"))
    many, several = table["topic"].nunique(), len(groups) > 1
    drawn = styles(groups, page) if several else {groups[0]: Style(hue(page), "o", "", "A")}
    across = min(ACROSS[page], many)
    down = -(-many // across)
    high = down * 9.6 + 5 + 1.5 * several
    size = fitting(high, page)
    with preset(page, size) as wide:
        figure, axes = panels((wide, high * size / 72), many, down, across, sharex=True)
        place = {time: number for number, time in enumerate(times)}
        above = heads(table, wide * 72 / across - 3.2 * size, size, language)
        for one, rows in a_panel_each(table, axes, above, across, size):
            for group in groups:
                _course(one, rows[rows["group"] == group], place, drawn[group], several, page)
            one.set_ylim(0, _marks(one, rows, place, drawn, size))
            one.set_xlim(-0.5, len(times) - 0.5)
            one.yaxis.set_major_formatter(per_cent)
            one.locator_params(axis="y", nbins=3)
            lined(one, "y")
            one.tick_params(axis="y", length=0)
            one.spines["left"].set_visible(False)
        ticks = round_moments(times)
        axes[0].set_xticks(ticks, [times[n] for n in ticks])
        write_legends(figure, legend(_explained(table, drawn, size, page, language), size, page))
    return figure


def _course(
    axes: Axes, rows: pd.DataFrame, place: dict[str, int], style: Style, several: bool, page: str
) -> None:
    """Draw one course; matplotlib leaves open what is missing. A moment between two gaps is a dot."""
    at, ink = rows["time"].map(place).to_numpy(), style.colour
    if not several:
        axes.fill_between(at, rows["band_low"], rows["band_high"], color=ink, alpha=0.14, linewidth=0)
    axes.fill_between(at, rows["low"], rows["high"], color=ink, alpha=0.2 if several else 0.26, linewidth=0)
    for side in ("run_low", "run_high"):
        axes.plot(at, rows[side], color=INK, **DASHED)
    look: dict[str, Any] = {"marker": style.marker if several else None, "markersize": 2, "linewidth": 1.1}
    axes.plot(at, rows["share"], color=SOFT if several and paper(page).grey else ink, **look)
    there = rows["share"].notna().to_numpy()
    alone = there & ~np.r_[False, there[:-1]] & ~np.r_[there[1:], False]
    at, share, low, high = at[alone], *(rows.loc[alone, name] for name in ("share", "low", "high"))
    axes.scatter(at, share, s=6, color=ink, linewidth=0, zorder=3)
    axes.vlines(at, rows.loc[alone, "run_low"], rows.loc[alone, "run_high"], color=INK, **DASHED)
    bars: dict[str, Any] = {"color": ink, "linewidth": 0, "elinewidth": 0.9, "alpha": 0.6}
    axes.errorbar(at, share, yerr=[share - low, high - share], **bars)


def _marks(axes: Axes, rows: pd.DataFrame, place: dict[str, int], drawn: Drawn, size: float) -> float:
    """Mark the turns in a line above the course, and at the edge what lies beyond; return how far up the panel reaches."""
    top = float(rows["top"].iloc[0])
    for row in rows[rows["beyond"]].itertuples():
        ink = drawn[str(row.group)].colour
        axes.scatter(place[str(row.time)], top, s=(0.4 * size) ** 2, marker="^", color=ink, clip_on=False)
    look: dict[str, Any] = {"marker": "v", "s": (0.5 * size) ** 2, "edgecolor": INK, "linewidth": 0.6}
    for name, fill in (("turn", INK), ("turn_words", "white")):
        for time in rows.loc[rows[name], "time"].drop_duplicates():
            both = bool(rows.loc[rows["time"] == time, ["turn", "turn_words"]].all(axis=1).any())
            height = top * (0.95 - 0.08 * (both and name == "turn_words"))
            axes.vlines(place[time] - 0.5, 0, top, color=SOFT, linewidth=0.5, linestyle=(0, (1, 2)), zorder=1)
            axes.scatter(place[time] - 0.5, height, facecolor=fill, zorder=4, clip_on=False, **look)
    return top


def _explained(table: pd.DataFrame, drawn: Drawn, size: float, page: str, language: str) -> dict[str, Any]:
    """Return what lines, bands and marks are."""
    shown: dict[str, Any] = {}
    if len(drawn) > 1:
        for group, style in drawn.items():
            tone = SOFT if paper(page).grey else style.colour
            shown[group] = line(tone, 1.5, marker=style.marker, markersize=0.4 * size)
        shown["band of a moment"] = area(SOFT, 0.3)
    else:
        shown["share of the moment"] = line(hue(page), 1.1)
        shown["band of a moment"], shown["band of the course"] = area(hue(page), 0.36), area(hue(page), 0.14)
    if table["run_low"].notna().any():
        shown["other seeds"] = line(INK, DASHED["linewidth"], linestyle=DASHED["linestyle"])
    for name, fill in (("turn", INK), ("turn_words", "white")):
        if table[name].any():
            shown[name] = dot(0.5 * size, fill, marker="v", markeredgewidth=0.6)
    if table["beyond"].any():
        shown["beyond the scale"] = dot(0.4 * size, SOFT if len(drawn) > 1 else hue(page), marker="^")
    return {label(key, language): one for key, one in shown.items()}


over_years = Figure(table, draw, says, at_hand)
