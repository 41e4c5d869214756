"""Over years: the share of every topic by year or month with its bands, gaps left open, the moments at which it turns marked."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import columns
from nqp_topics.compare.over_time import FEWEST, MOMENTS, courses, enough, years_of
from nqp_topics.counts import Counts
from nqp_topics.figures import by_group
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import chosen, topic_labels
from nqp_topics.figures.legends import legend, write_legends
from nqp_topics.figures.letters import broken, fitting
from nqp_topics.figures.page import (
    FAINT,
    INK,
    SOFT,
    Axes,
    Drawing,
    Style,
    hue,
    needs,
    panels,
    paper,
    preset,
    styles,
)
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.study import refuse_if

GIVEN = [
    "group",
    "topic",
    "time",
    "share",
    "low",
    "high",
    "band_low",
    "band_high",
    "flat",
    "articles",
    "dated",
]
NUMBERS = ["share", "low", "high", "band_low", "band_high", "run_low", "run_high", "articles", "dated"]
TURNS = {"share": "turn", "words": "turn_words"}
ACROSS = {"single": 2, "double": 4, "slide": 5, "journal-zh": 3}


def dated(about: pd.DataFrame) -> tuple[str, str]:
    """Say how many articles of a registry have a date, and whether that is enough for a course over time."""
    years, many = years_of(about), len(about)
    english, chinese = f"{len(years)} of {many} articles have a date", f"{many}篇文章中{len(years)}篇有日期"
    if enough(about):
        whole = f"{years.min()} to {years.max()}", f"{years.min()}至{years.max()}年"
        return (
            f"{english}, from {whole[0]}, of {years.nunique()} years.",
            f"{chinese}，{whole[1]}，共{years.nunique()}个年份。",
        )
    return (
        f"{english}: a course over time is not told below {FEWEST} dated articles of {MOMENTS} years, it would be that of single articles.",
        f"{chinese}：不足{FEWEST}篇、{MOMENTS}个年份时不谈历时变化，那只会是个别文章的变化。",
    )


def at_hand(
    found: Any,
    counts: Counts,
    dates: Mapping[str, object] | pd.Series,
    labels: pd.DataFrame | None = None,
    only: Iterable[str] | None = None,
    by: str = "year",
    groups: Mapping[str, object] | pd.Series | None = None,
    held: Mapping[str, object] | pd.Series | None = None,
    within: Mapping[str, object] | pd.Series | None = None,
    smooth: int = 1,
    span: int = 5,
) -> pd.DataFrame:
    """Measure the share of every topic over time and where it turns, and gather both for drawing.

    The steps: `compare.over_time`, held against other seeds by `compare.over_runs`; where there are no groups, `compare.turns`;
    `figures.over_years.table`. `dates`: article → date; `groups`, `held`, `within`, `smooth` and `span` as these have them.
    """
    run = reported(found)
    asked: dict[str, Any] = {"by": by, "groups": groups, "held": held, "within": within, "smooth": smooth}
    course = compare.over_time(run, counts, dates, **asked)

    def of_run(shares: pd.DataFrame) -> pd.DataFrame:
        return courses(shares, dates, **asked, draws=100)

    over = by_group.over_seeds(found, counts, of_run, "share", ["group", "topic", "time"])
    turned = compare.turns(run, counts, dates, by, span, held, within) if groups is None else None
    return table(course, over, turned, labels, only)


def table(
    course: pd.DataFrame,
    over: pd.DataFrame | None = None,
    turned: pd.DataFrame | None = None,
    labels: pd.DataFrame | None = None,
    only: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Gather shares over time for drawing: one row a topic, group and moment, topics in the model's order.

    Columns: topic, en, zh (its label), group, time, share, low, high, band_low, band_high, flat (as `compare.over_time` has them), run_low, run_high (over other
    seeds), articles, dated, turn, turn_words (whether the share or the words of the topic turn here), since (the moment before, where they do), before, after
    (shares on either side of a turn). `course` is the table of `compare.over_time`, `over` the same out of `compare.over_runs(…, "share", ["group",
    "topic", "time"])`, `turned` that of `compare.turns`; without one its columns are empty. `only` keeps some topics.
    """
    where = "figures.over_years.table"
    refuse_if(columns(f"{where}(course)", course, GIVEN, "give the table of compare.over_time"))
    names = list(dict.fromkeys(map(str, course["topic"])))
    topics, called = chosen(names, only, where), topic_labels(names, labels, where)
    found = course[GIVEN].astype({"group": str, "topic": str, "time": str})
    found = by_group.with_runs(found, over, ["group", "topic", "time"], "share", where)
    found = found[found["topic"].isin(topics)].reset_index(drop=True)
    found["en"], found["zh"] = ([called[topic][side] for topic in found["topic"]] for side in (0, 1))
    found = found.assign(turn=False, turn_words=False, since="", before=np.nan, after=np.nan)
    if turned is not None:
        todo, asked = (
            "give the table of compare.turns",
            ["topic", "of", "time", "since", "turn", "before", "after"],
        )
        refuse_if(columns(f"{where}(turned)", turned, asked, todo))
        key = pd.MultiIndex.from_frame(found[["topic", "time"]])
        for of, name in TURNS.items():
            rows = turned[(turned["of"] == of) & turned["turn"]].set_index(["topic", "time"])
            found[name] = key.isin(rows.index)
            since = rows["since"].reindex(key).to_numpy()
            found["since"] = np.where(found[name], since, found["since"])
            if of == "share":
                for side in ("before", "after"):
                    found[side] = rows[side].reindex(key).to_numpy()
    first = ["topic", "en", "zh", "group", "time", *GIVEN[3:9], "run_low", "run_high", "articles", "dated"]
    return found[[*first, "turn", "turn_words", "since", "before", "after"]]


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say what time is covered and where it has gaps, which topics change at all, and where shares and words turn."""
    topics = table.drop_duplicates(["group", "topic"])
    times = table.drop_duplicates(["group", "time"])
    gaps = _runs(
        list(times["time"].drop_duplicates()), times[times["share"].isna()]["time"].drop_duplicates()
    )
    dated = int(times.drop_duplicates("group")["dated"].sum())
    first, last, many = table["time"].iloc[0], table["time"].iloc[-1], topics["topic"].nunique()
    moved = topics[~topics["flat"].astype(bool)]
    english = f"The share of {many} topics from {first} to {last} in {dated} dated articles"
    english += f"; no article in {', '.join(gaps)}." if gaps else "."
    english += f" In {moved['topic'].nunique()} of them no level line fits into the band that holds the whole course with 95%."
    chinese = f"{dated}篇有日期的文章中{many}个主题的占比，{first}至{last}年"
    chinese += f"（{'、'.join(gaps)}无文章）。" if gaps else "。"
    chinese += f"其中{moved['topic'].nunique()}个主题，整条曲线的95%区间容不下一条水平线。"
    turned = table[table["turn"]]
    if len(turned):
        when = [_when(list(table["time"]), row) for row in _by_size(turned)]
        ups = [
            f"{row.topic} ({row.en}) {at}, {row.before:.0%} to {row.after:.0%}"
            for row, (at, _) in zip(_by_size(turned), when, strict=True)
        ]
        zh_ups = [
            f"{row.topic}（{row.zh}）{at}，{row.before:.0%}→{row.after:.0%}"
            for row, (_, at) in zip(_by_size(turned), when, strict=True)
        ]
        many = turned["topic"].nunique(), len(turned)
        english += f" The shares of {many[0]} topics turn beyond chance, at {many[1]} moments; the largest: {'; '.join(ups)}."
        chinese += f"{many[0]}个主题的占比在{many[1]}处有超出随机的转变，最大的：{'；'.join(zh_ups)}。"
    words = table[table["turn_words"]]
    if len(words):
        english += f" The words of {words['topic'].nunique()} topics turn, at {len(words)} moments."
        chinese += f"{words['topic'].nunique()}个主题的用词在{len(words)}处发生转变。"
    return english, chinese


def _when(times: list[str], row: Any) -> tuple[str, str]:
    """Say when a share turned: where moments without an article lie before it, only between which two."""
    if row.since and times.index(row.time) - times.index(str(row.since)) > 1:
        return f"between {row.since} and {row.time}", f"{row.since}至{row.time}年间"
    return f"in {row.time}", f"{row.time}年"


def _by_size(turned: pd.DataFrame) -> Any:
    size = (turned["after"] - turned["before"]).abs().sort_values(ascending=False, kind="stable")
    return turned.loc[size.index[:5]].itertuples()


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
    table = needs(
        table, "over_years", ("topic", "en", "zh", "group", "time"), NUMBERS, ("flat", "turn", "turn_words")
    )
    topics, groups = list(dict.fromkeys(table["topic"])), list(dict.fromkeys(table["group"]))
    drawn = styles(groups, page) if len(groups) > 1 else {groups[0]: Style(hue(page), "o", "", "A")}
    across = min(ACROSS[page], len(topics))
    down = -(-len(topics) // across)
    high = down * 9.6 + 5 + 1.5 * (len(groups) > 1)
    size = fitting(high, page)
    with preset(page, size) as wide:
        figure, axes = panels((wide, high * size / 72), len(topics), down, across, sharex=True)
        times = list(dict.fromkeys(table["time"]))
        place = {time: number for number, time in enumerate(times)}
        room = wide * 72 / across - 3.2 * size
        for number, (one, topic) in enumerate(zip(axes, topics, strict=True)):
            rows = table[table["topic"] == topic]
            for group in groups:
                _course(one, rows[rows["group"] == group], place, drawn[group], len(groups) > 1, page)
            top = _marks(one, rows, place, size, page)
            name = rows["zh" if language == "zh" else "en"].iloc[0]
            one.set_title(broken(f"{topic} {name}" if name != topic else topic, room, size), fontsize=size)
            one.set_ylim(0, top)
            one.set_xlim(-0.5, len(times) - 0.5)
            one.yaxis.set_major_formatter("{x:.0%}")
            one.locator_params(axis="y", nbins=3)
            one.grid(axis="y", color=FAINT, linewidth=0.4)
            one.set_axisbelow(True)
            one.tick_params(axis="x", labelbottom=number + across >= len(topics), length=2)
            one.tick_params(axis="y", length=0)
            one.spines["left"].set_visible(False)
        ticks = _ticks(times)
        axes[0].set_xticks(ticks, [times[n] for n in ticks])
        write_legends(figure, legend(_explained(table, drawn, size, page, language), size, page))
    return figure


def _ticks(times: list[str]) -> list[int]:
    """Return the places of about four round moments: years by ones, fives and tens, months by Januaries."""
    years = [int(time[:4]) for time in times]
    step = next(each for each in (1, 2, 5, 10, 20, 50, 10**9) if each * 4 >= years[-1] - years[0])
    return [n for n, time in enumerate(times) if years[n] % step == 0 and time[4:] in ("", "-01")] or [0]


def _course(
    axes: Axes, rows: pd.DataFrame, place: dict[str, int], style: Style, several: bool, page: str
) -> None:
    """Draw one course; matplotlib leaves open what is missing. A moment between two gaps is a dot."""
    at, ink = rows["time"].map(place).to_numpy(), style.colour
    if not several:
        axes.fill_between(at, rows["band_low"], rows["band_high"], color=ink, alpha=0.14, linewidth=0)
    axes.fill_between(at, rows["low"], rows["high"], color=ink, alpha=0.2 if several else 0.26, linewidth=0)
    for side in ("run_low", "run_high"):
        axes.plot(at, rows[side], color=INK, linewidth=0.4, linestyle=(0, (2, 1.5)))
    line = SOFT if several and paper(page).grey else ink
    axes.plot(
        at, rows["share"], color=line, linewidth=1.1, marker=style.marker if several else None, markersize=2
    )
    there = rows["share"].notna().to_numpy()
    alone = there & ~np.r_[False, there[:-1]] & ~np.r_[there[1:], False]
    axes.scatter(at[alone], rows["share"][alone], s=6, color=ink, linewidth=0, zorder=3)
    axes.errorbar(
        at[alone], rows["share"][alone], color=ink, linewidth=0, elinewidth=0.9, alpha=0.6,
        yerr=[rows["share"][alone] - rows["low"][alone], rows["high"][alone] - rows["share"][alone]],
    )  # fmt: skip


def _marks(axes: Axes, rows: pd.DataFrame, place: dict[str, int], size: float, page: str) -> float:
    """Mark the turns in a line above the course, and return how far up the panel reaches."""
    seen = rows[["band_high", "high", "share", "run_high"]].max().max()
    top = 1.22 * float(seen if seen == seen and seen > 0 else 0.01)
    for name, fill, up in (("turn", INK, 0.95), ("turn_words", "white", 0.95)):
        for time in rows.loc[rows[name], "time"].drop_duplicates():
            both = bool(rows.loc[rows["time"] == time, ["turn", "turn_words"]].all(axis=1).any())
            height = top * (up - 0.08 * (both and name == "turn_words"))
            axes.vlines(place[time] - 0.5, 0, top, color=SOFT, linewidth=0.5, linestyle=(0, (1, 2)), zorder=1)
            look: dict[str, Any] = {
                "marker": "v",
                "s": (0.5 * size) ** 2,
                "facecolor": fill,
                "edgecolor": INK,
            }
            axes.scatter(place[time] - 0.5, height, linewidth=0.6, zorder=4, clip_on=False, **look)
    return top


def _explained(
    table: pd.DataFrame, drawn: dict[str, Style], size: float, page: str, language: str
) -> dict[str, Any]:
    """Return what lines, bands and marks are."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shown: dict[str, Any] = {}
    if len(drawn) > 1:
        for group, style in drawn.items():
            grey = paper(page).grey
            shown[label(group, language)] = Line2D(
                [], [], color=SOFT if grey else style.colour, marker=style.marker, markersize=0.4 * size
            )
        shown[label("band of a moment", language)] = Patch(color=SOFT, alpha=0.3, linewidth=0)
    else:
        tone = hue(page)
        shown[label("share of the moment", language)] = Line2D([], [], color=tone, linewidth=1.1)
        shown[label("band of a moment", language)] = Patch(color=tone, alpha=0.36, linewidth=0)
        shown[label("band of the course", language)] = Patch(color=tone, alpha=0.14, linewidth=0)
    if table["run_low"].notna().any():
        shown[label("other seeds", language)] = Line2D(
            [], [], color=INK, linewidth=0.4, linestyle=(0, (2, 1.5))
        )
    dot: dict[str, Any] = {"linewidth": 0, "marker": "v", "markersize": 0.5 * size, "markeredgecolor": INK}
    for name, fill in (("turn", INK), ("turn_words", "white")):
        if table[name].any():
            shown[label(name, language)] = Line2D([], [], markerfacecolor=fill, markeredgewidth=0.6, **dot)
    return shown


over_years = Figure(table, draw, says, at_hand)
