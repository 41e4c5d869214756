"""How topics split and merge as their number grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from nqp_topics import choose
from nqp_topics.counts.table import Counts
from nqp_topics.figures.labelled import first_words
from nqp_topics.figures.letters import shortened, smallest
from nqp_topics.figures.page import SOFT, needs, panels, paper, preset, topic_colour
from nqp_topics.figures.shown import Figure
from nqp_topics.topics.model import Topics

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

GAP = 0.012  # between the bars of a column, in shares of all tokens
SAME = 0.5  # a topic is whole where one topic of the next number holds so much of it


def table(runs: Sequence[Topics], counts: Counts, words: int = 2, least: float = 0.25) -> pd.DataFrame:
    """Gather what flows from topic to topic, with one run for each number of topics: one row a pair of topics of neighbouring numbers.

    Columns are those of `choose.lineage` and the places that `arranged` adds; at each bar stand the topic's first `words`.
    """
    said = {(len(run.names), topic): text for run in runs for topic, text in first_words(run, words).items()}
    return arranged(choose.lineage(runs, counts), said, least)


def arranged(flows: pd.DataFrame, said: dict[tuple[int, str], str], least: float = 0.25) -> pd.DataFrame:
    """Add to flows, as `choose.lineage` gives them, the places at which they are drawn.

    `said` is what stands at the bar of each (K, topic). Topics of the first number stand in the model's order, later ones where most of what they
    hold comes from. `share`, `next_share`: of all tokens; `base`, `next_base`: where the bars begin; `bottom`, `next_bottom`: where the band
    begins; `drawn`: whether it makes up at least `least` of one of its two topics; `colour`: that of the first topic it came from.
    """
    order: list[str] = sorted(flows[flows["K"] == flows["K"].min()]["topic"].unique())
    colours = {name: number for number, name in enumerate(order)}
    parts = []
    for (k, next_k), step in flows.groupby(["K", "next_K"], sort=True):
        topic, following = step["topic"], step["next_topic"]
        shares, next_shares = (step.groupby(name)["mass"].sum() for name in ("topic", "next_topic"))
        base = _stacked(order, shares)
        centre = {name: base[name] + shares[name] / 2 for name in order}
        pulled = (step["mass"] * topic.map(centre)).groupby(following).sum() / next_shares
        next_order = pulled.sort_values(kind="stable").index.tolist()
        next_base = _stacked(next_order, next_shares)
        main = step.loc[step.groupby("next_topic")["mass"].idxmax()].set_index("next_topic")["topic"]
        step = step.assign(
            share=topic.map(shares),
            next_share=following.map(next_shares),
            base=topic.map(base),
            next_base=following.map(next_base),
            words=[said[k, name] for name in topic],
            next_words=[said[next_k, name] for name in following],
            drawn=(step["of_topic"] >= least) | (step["of_next"] >= least),
            colour=topic.map(colours),
        )
        places = {"a": topic.map(order.index), "b": following.map(next_order.index)}
        step = step.assign(**places).sort_values(["a", "b"])
        step["bottom"] = step["base"] + step.groupby("topic")["mass"].cumsum() - step["mass"]
        step = step.sort_values(["b", "a"])
        step["next_bottom"] = step["next_base"] + step.groupby("next_topic")["mass"].cumsum() - step["mass"]
        parts.append(step.sort_values(["a", "b"]).drop(columns=["a", "b"]))
        colours = {name: colours[main[name]] for name in next_order}
        order = next_order
    return pd.concat(parts, ignore_index=True)


def _stacked(order: list[str], shares: pd.Series) -> dict[str, float]:
    bases, at = {}, 0.0
    for name in order:
        bases[name] = at
        at += shares[name] + GAP
    return bases


def becomes(table: pd.DataFrame, least: float = 0.15) -> pd.DataFrame:
    """Say in words what becomes of each topic at the next number of topics: one row a topic, from the table of the figure.

    Columns: K, topic, words, next_K, kept (the largest part of it that stays in one topic), becomes (those topics that hold `least` of it and
    more, with their words and the part, the largest first).
    """
    rows = []
    for (k, topic), part in table.groupby(["K", "topic"], sort=True):
        part = part.sort_values(["of_topic", "next_topic"], ascending=[False, True])
        heirs = part[part["of_topic"] >= least] if part["of_topic"].iloc[0] >= least else part.head(1)
        said = "; ".join(
            f"{row.next_topic} {row.next_words} {row.of_topic:.0%}" for row in heirs.itertuples()
        )
        first = part.iloc[0]
        rows.append((k, topic, first["words"], first["next_K"], first["of_topic"], said))
    return pd.DataFrame(rows, columns=["K", "topic", "words", "next_K", "kept", "becomes"])


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say how many pairs of topics share passages, and how many topics stay whole from one number to the next."""
    ks = sorted({*table["K"], *table["next_K"]})
    bands, pairs = int(table["drawn"].sum()), int((table["mass"] > 0).sum())
    english = (
        f"Topics of models with {', '.join(map(str, ks))} topics as bars in columns; {bands} bands join topics of neighbouring columns that share "
        f"passages, out of {pairs} such pairs: those that make up much of one of the two."
    )
    chinese = f"主题数为{'、'.join(map(str, ks))}的模型，每个主题一条竖条；相邻两列共有段落的主题有{pairs}对，其中占某一方较大部分的{bands}对以色带连接。"
    for (k, next_k), part in becomes(table).groupby(["K", "next_K"]):
        whole = part.loc[part["kept"] >= SAME, "topic"].tolist()
        english += f" From {k} to {next_k} topics, {len(whole)} of {len(part)} stay whole (half and more in one topic): {', '.join(whole) or 'none'}."
        chinese += f"从{k}个到{next_k}个主题，{len(part)}个中有{len(whole)}个保持完整（半数以上留在同一主题）：{'、'.join(whole) or '无'}。"
    return english, chinese


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a column a number of topics, a bar a topic as high as its share, bands for what they have in common."""
    words = ("topic", "next_topic", "words", "next_words")
    numbers = (
        "K",
        "next_K",
        "mass",
        "share",
        "next_share",
        "base",
        "next_base",
        "bottom",
        "next_bottom",
        "colour",
    )
    whole = {"K": int, "next_K": int, "colour": int}
    table = needs(table, "lineage", words, numbers, ("drawn",)).astype(whole)
    ks = sorted({*table["K"], *table["next_K"]})
    place = {k: number for number, k in enumerate(ks)}
    with preset(page) as wide:
        letters = max(smallest(page), paper(page).letters * 0.8)
        tall = min(max(0.11 * wide + 2.3 * letters / 72 * max(ks), 0.5 * wide), paper(page).height / 25.4)
        figure, (axes,) = panels((wide, tall), 1)
        for row in table[table["drawn"]].itertuples():
            sides = place[row.K] + 0.03, place[row.next_K] - 0.03
            look: dict[str, Any] = {
                "facecolor": topic_colour(row.colour, page),
                "alpha": 0.85 if paper(page).grey else 0.45,
            }
            _band(axes, sides, (row.bottom, row.next_bottom), row.mass, look)
        _bars(axes, table, place, letters, 0.86 * wide * 72 / (len(ks) + 0.9))
        axes.set_xticks(range(len(ks)), [f"K = {k}" for k in ks])
        axes.tick_params(axis="x", length=0)
        axes.set_yticks([])
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.set_xlim(-0.95, len(ks) - 1 + 0.95)
    return figure


def _bars(axes: Axes, table: pd.DataFrame, place: dict[int, int], letters: float, room: float) -> None:
    """Draw the topics of every number and write at each what it is about, at the left, for the last number at the right."""
    seen = ["K", "topic", "base", "share", "words"]
    later = table[["next_K", *(f"next_{name}" for name in seen[1:])]].set_axis(seen, axis=1)
    ends = pd.concat([table[seen], later]).drop_duplicates(["K", "topic"])
    paper_white: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.4}
    for row in ends.itertuples():
        axes.bar(place[row.K], row.share, bottom=row.base, width=0.06, color=SOFT, linewidth=0)
        away, side = (0.05, "left") if max(place) == row.K else (-0.05, "right")
        text, spot = (
            shortened(f"{row.topic} {row.words}", room, letters),
            (place[row.K] + away, row.base + row.share / 2),
        )
        axes.annotate(text, spot, ha=side, va="center", fontsize=letters, bbox=paper_white)
    foot = (ends["base"] + ends["share"]).max()
    axes.set_ylim(foot * 1.01, -0.01 * foot)


def _band(
    axes: Axes, sides: tuple[float, float], bottoms: tuple[float, float], mass: float, look: dict[str, Any]
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (left, right), (low, after) = sides, bottoms
    middle = (left + right) / 2
    there = [(left, low), (middle, low), (middle, after), (right, after)]
    back = [(x, y + mass) for x, y in reversed(there)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path([*there, *back, there[0]], codes), linewidth=0, **look))


lineage = Figure(table, draw, says)
