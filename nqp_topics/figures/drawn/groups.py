"""Figures of groups: the share of every topic in each, and how far they are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from nqp_topics.figures.captions import label
from nqp_topics.figures.letters import broken, fitting, smallest, text_width, widest
from nqp_topics.figures.page import FAINT, INK, SOFT, Style, hue, needs, paper, preset, styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = {"single": 2, "double": 4, "slide": 6, "journal-zh": 4}


def group_shares(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.group_shares` gathered: a panel a topic, a row a group; dot and line over witnesses, a thin line over seeds."""
    from matplotlib import pyplot as plt

    table = needs(
        table, "draw.group_shares", ("topic", "en", "zh", "group"),
        ("articles", "witnesses", "share", "low", "high", "run_low", "run_high", "p", "bh", "run_p", "run_bh", "not_found"), ("tested",),
    )  # fmt: skip
    table, runs = _of_all_runs(table)
    topics = list(dict.fromkeys(table["topic"]))
    groups = list(dict.fromkeys(table["group"]))
    drawn = styles(groups, page)
    sizes = table.drop_duplicates("group").set_index("group")
    names = [
        f"{label(group, language)}  {_sizes(*sizes.loc[group, ['articles', 'witnesses']])}"
        for group in groups
    ]
    lost = set(table.loc[table["not_found"] > 0, "topic"])
    tested = bool(table["p"].notna().any())
    for across in range(min(ACROSS[page], len(topics)), 0, -1):
        down = -(-len(topics) // across)
        # in sizes of the letters: the rows and the title of a panel, and what stands above and below all
        size = fitting(down * (1.45 * len(groups) + 2.7 + 1.2 * tested + 2.4) + 5, page)
        room = paper(page).width / 25.4 * 72 - widest(names, size * 0.95) - 1.5 * size
        panel = room / across - 1.6 * size
        if panel + size > text_width("* p < .001, BH < .001", size * 0.85):
            break
    with preset(page, size) as wide:
        said = table.drop_duplicates("topic").set_index("topic")["zh" if language == "zh" else "en"]
        titles = [
            broken(topic + "†" * (topic in lost) + f" {said[topic]}" * (topic != said[topic]), panel, size, 3)
            for topic in topics
        ]
        lines = 1 + max(title.count("\n") for title in titles)
        high = down * (1.45 * len(groups) + 1.35 * lines + 1.2 * tested + 2.4) + 5
        figure, grid = plt.subplots(
            down, across, figsize=(wide, high * size / 72), sharex=True, sharey=True, squeeze=False
        )
        for axes in grid.flat[len(topics) :]:
            axes.set_visible(False)
        for number, (axes, topic, title) in enumerate(zip(grid.flat, topics, titles, strict=False)):
            rows = table[table["topic"] == topic].set_index("group").reindex(groups).reset_index()
            _panel(axes, rows, drawn, size, page)
            test = _test(rows["p"].iloc[0], rows["bh"].iloc[0]) if tested else ""
            axes.set_title(title, fontsize=size, pad=(1.6 if tested else 0.5) * size)
            axes.annotate(
                test, (0, 1), xytext=(0, 0.4 * size), xycoords="axes fraction", textcoords="offset points",
                fontsize=max(size * 0.85, smallest(page)), color=INK if test.startswith("*") else SOFT,
            )  # fmt: skip
            axes.tick_params(axis="x", labelbottom=number + across >= len(topics), length=2)
        first = grid[0, 0]
        first.set_yticks(range(len(groups)), names)
        first.set_ylim(len(groups) - 0.4, -0.6)
        first.set_xlim(0)
        first.xaxis.set_major_formatter("{x:.0%}")
        first.locator_params(axis="x", nbins=3 if across > 2 else 4)
        figure.supxlabel(label("share of the group", language), fontsize=size)
        _explained(figure, table, runs if tested else None, size, language, page)
        plt.close(figure)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, drawn: dict[str, Style], size: float, page: str) -> None:
    axes.grid(axis="x", color=FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_color(FAINT)
    for place, row in enumerate(rows.itertuples()):
        style, alone = drawn[row.group], not row.tested
        axes.hlines(place + 0.3, row.run_low, row.run_high, color=INK, linewidth=0.6)
        line = SOFT if paper(page).grey else style.colour
        axes.hlines(place, row.low, row.high, color=line, linewidth=1.6, alpha=0.75)
        axes.scatter(
            row.share, place, s=style.area(0.55 * size), marker=style.marker, facecolor="white" if alone else style.colour,
            edgecolor=style.colour if alone else INK, linewidth=0.8 if alone else 0.3, zorder=3, clip_on=False,
        )  # fmt: skip


def _sizes(articles: float, witnesses: float) -> str:
    """Set the number of articles and the effective number of witnesses behind them."""
    return (
        f"{articles:.0f} · {witnesses:.0f}"
        if witnesses >= 9.95
        else f"{articles:.0f} · {witnesses:.1f}".replace(".0", "")
    )


def _of_all_runs(table: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Put the largest p of all runs in the place of one run's, where there are several, and tell whether."""
    worst = {name: table[f"run_{name}"].fillna(table[name]) for name in ("p", "bh")}
    return table.assign(**worst), bool(table["run_bh"].notna().any())


def _explained(
    figure: Figure, table: pd.DataFrame, runs: bool | None, size: float, language: str, page: str
) -> None:
    """Say above the panels what the lines, the open dot and the star are; `runs`: whether the star holds in every run, None without tests."""
    from matplotlib.lines import Line2D

    tone = hue(page)
    shown = [
        Line2D([], [], linewidth=0),
        Line2D([], [], color=tone, linewidth=1.6, marker="o", markersize=0.5 * size, markeredgewidth=0),
    ]
    said = [label("witnesses", language), label("interval over witnesses", language)]
    if table["run_low"].notna().any():
        shown.append(Line2D([], [], color=INK, linewidth=0.6))
        said.append(label("found elsewhere" if (table["not_found"] > 0).any() else "other seeds", language))
    if (~table["tested"]).any():
        shown.append(
            Line2D([], [], linewidth=0, marker="o", markersize=0.5 * size, markerfacecolor="white", markeredgecolor=tone)
        )  # fmt: skip
        one = (table.loc[~table["tested"], "articles"] < 2).all()
        said.append(label("one article" if one else "few witnesses", language))
    if runs is not None:
        shown.append(Line2D([], [], linewidth=0))
        said.append(label("groups differ in every run" if runs else "groups differ", language))
    _legend_above(figure, shown, said, size, page)


def _legend_above(figure: Figure, shown: list, said: list[str], size: float, page: str) -> None:
    wide = paper(page).width / 25.4 * 72
    columns = len(said)
    while columns > 1 and columns * (widest(said, size) + 4 * size) > wide:
        columns -= 1
    figure.legend(
        shown, said, loc="outside upper center", ncols=columns, frameon=False, fontsize=size, handlelength=1.6,
        handletextpad=0.5, columnspacing=1.4,
    )  # fmt: skip


def _p(name: str, value: float) -> str:
    if value < 0.001:
        return f"{name} < .001"
    return f"{name} = {value:.3f}".replace("= 0.", "= .")


def _test(p: float, bh: float) -> str:
    if p != p:
        return ""
    return f"{'* ' if bh < 0.05 else ''}{_p('p', p)}, {_p('BH', bh)}".replace("BH =", "BH")


def group_distances(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.group_distances` gathered: a row a pair, its distance as seen and freed of chance with its interval, what chance gives, other seeds, its p."""
    from matplotlib import pyplot as plt

    table = needs(
        table, "draw.group_distances", ("group", "other"),
        ("distance", "low", "high", "unbiased", "chance", "run_low", "run_high", "p", "bh", "run_p", "run_bh", "articles",
         "other_articles", "witnesses", "other_witnesses", "place"),
    )  # fmt: skip
    table, runs = _of_all_runs(table)
    table = table.sort_values("place", ignore_index=True)
    names = [
        f"{label(row.group, language)} {_sizes(row.articles, row.witnesses)} – "
        f"{label(row.other, language)} {_sizes(row.other_articles, row.other_witnesses)}"
        for row in table.itertuples()
    ]
    tone = hue(page)
    size = fitting(1.4 * len(table) + 7.5, page)
    with preset(page, size) as wide:
        names = [broken(name, 0.4 * wide * 72, size * 0.95) for name in names]
        lines = 1.0 + 0.75 * any("\n" in name for name in names)
        figure, axes = plt.subplots(
            figsize=(wide, max(1.4 * lines * len(table) + 7.5, 12 * lines) * size / 72)
        )
        axes.grid(axis="x", color=FAINT, linewidth=0.4)
        axes.set_axisbelow(True)
        for place, row in enumerate(table.itertuples()):
            sure = row.bh < 0.05
            axes.hlines(place + 0.28, row.run_low, row.run_high, color=INK, linewidth=0.6)
            axes.hlines(place, row.low, row.high, color=tone, linewidth=1.6, alpha=0.6)
            axes.scatter(
                row.unbiased, place, s=(0.32 * size) ** 2, marker="D", color=tone, linewidth=0, zorder=2
            )
            axes.vlines(row.chance, place - 0.32, place + 0.32, color=SOFT, linewidth=1.0)
            axes.scatter(
                row.distance, place, s=(0.6 * size) ** 2, facecolor=tone if sure else "white", edgecolor=tone, linewidth=0.9, zorder=3,
            )  # fmt: skip
        axes.set_yticks(range(len(table)), names)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_ylim(len(table) - 0.4, -0.6)
        axes.set_xlim(0)
        axes.set_xlabel(label("distance of groups", language))
        letters = max(size * 0.85, smallest(page))
        for place, row in enumerate(table.itertuples()):
            alone = row.p != row.p
            text = label("not tested", language) if alone else _test(row.p, row.bh).removeprefix("* ")
            axes.annotate(
                text, (1, place), xytext=(0.8 * size, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                va="center", fontsize=letters, color=SOFT if alone else INK, annotation_clip=False,
            )  # fmt: skip
        _pairs_explained(figure, table, runs, size, language, page)
        plt.close(figure)
    return figure


def _pairs_explained(
    figure: Figure, table: pd.DataFrame, runs: bool, size: float, language: str, page: str
) -> None:
    from matplotlib.lines import Line2D

    tone = hue(page)
    dot: dict[str, Any] = {"linewidth": 0, "marker": "o", "markersize": 0.6 * size, "markeredgecolor": tone}
    shown = [
        Line2D([], [], markerfacecolor=tone, **dot),
        Line2D([], [], markerfacecolor="white", **dot),
        Line2D([], [], color=tone, linewidth=1.6, marker="D", markersize=0.32 * size, markeredgewidth=0),
        Line2D([], [], linewidth=0, marker="|", markersize=0.9 * size, markeredgecolor=SOFT),
    ]
    keys = [
        "beyond chance in every run" if runs else "beyond chance",
        "within chance",
        "freed of chance",
        "shuffled groups",
    ]
    if table["run_low"].notna().any():
        shown.append(Line2D([], [], color=INK, linewidth=0.6))
        keys.append("other seeds")
    shown.append(Line2D([], [], linewidth=0))
    keys.append("witnesses")
    _legend_above(figure, shown, [label(key, language) for key in keys], size, page)
