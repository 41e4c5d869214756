"""How topics split and merge as their number grows."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import pandas as pd

from nqp_topics import choose
from nqp_topics.counts.table import Counts
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import Labels, labels_or_words
from nqp_topics.figures.letters import LEADING, broken, smallest, widest
from nqp_topics.figures.page import Axes, Drawing, blank, needs, preset
from nqp_topics.figures.shown import Figure
from nqp_topics.figures.styles import INK, paper, topic_colour
from nqp_topics.topics.model import Topics

GAP = 0.012  # between the bars of a column, in shares of all tokens
BOX = "#dde2e7"
BANDS = ("#d4d4d4", "#ececec", "#b4b4b4")  # on a page in black and white
SAME = 0.5  # a topic is whole where one topic of the next number holds so much of it


def table(
    runs: Sequence[Topics], counts: Counts, labels: Labels = None, words: int = 2, least: float = 0.25
) -> pd.DataFrame:
    """Gather what flows from topic to topic, with one run for each number of topics: one row a pair of topics of neighbouring numbers.

    The first of `runs` is the one that is reported: `labels` (of `naming.labels_of`) are its. Columns are those of `choose.lineage`, the places
    that `arranged` adds, and reported (its number of topics). At each topic stands its label, else its first `words`.
    """
    flows, said = choose.lineage(runs, counts), dict[tuple[int, str], tuple[str, str]]()
    for number, run in enumerate(runs):
        called = labels_or_words(run, None if number else labels, words, "figures.lineage")
        said |= {(len(run.names), topic): both for topic, both in called.items()}
    return arranged(flows, said, least).assign(reported=len(runs[0].names))


def arranged(
    flows: pd.DataFrame, said: Mapping[tuple[int, str], tuple[str, str]], least: float = 0.25
) -> pd.DataFrame:
    """Add to flows, as `choose.lineage` gives them, the places at which they are drawn.

    `said` is what stands at each (K, topic), in English and in Chinese: `words`, `zh`, `next_words`, `next_zh`. Topics of the first number stand in
    the model's order, later ones where most of what they hold comes from. `share`, `next_share`: of all tokens; `base`, `next_base`: where they
    begin; `bottom`, `next_bottom`: where the band begins; `drawn`: whether it makes up at least `least` of one of its two topics; `colour`: that
    of the first topic it came from.
    """
    order: list[str] = sorted(flows[flows["K"] == flows["K"].min()]["topic"].unique())
    colours = {name: number for number, name in enumerate(order)}
    parts = []
    for (k, next_k), step in flows.groupby(["K", "next_K"], sort=True):
        topic, following, mass = step["topic"], step["next_topic"], step["mass"]
        shares, next_shares = mass.groupby(topic).sum(), mass.groupby(following).sum()
        base = _stacked(order, shares)
        centre = {name: base[name] + shares[name] / 2 for name in order}
        pulled = (mass * topic.map(centre)).groupby(following).sum() / next_shares
        next_order = pulled.sort_values(kind="stable").index.tolist()
        here, there = [said[k, name] for name in topic], [said[next_k, name] for name in following]
        step = step.assign(
            share=topic.map(shares),
            next_share=following.map(next_shares),
            base=topic.map(base),
            next_base=following.map(_stacked(next_order, next_shares)),
            words=[one[0] for one in here],
            zh=[one[1] for one in here],
            next_words=[one[0] for one in there],
            next_zh=[one[1] for one in there],
            drawn=(step["of_topic"] >= least) | (step["of_next"] >= least),
            colour=topic.map(colours),
        )
        main = step.loc[mass.groupby(following).idxmax()].set_index("next_topic")["topic"]
        step["a"], step["b"] = topic.map(order.index), following.map(next_order.index)
        for side, by in (("", ["a", "b"]), ("next_", ["b", "a"])):
            step = step.sort_values(by)
            reached = step.groupby(f"{side}topic")["mass"].cumsum()
            step[f"{side}bottom"] = step[f"{side}base"] + reached - step["mass"]
        parts.append(step.sort_values(["a", "b"]).drop(columns=["a", "b"]))
        order, colours = next_order, {name: colours[main[name]] for name in next_order}
    return pd.concat(parts, ignore_index=True)


def _stacked(order: list[str], shares: pd.Series) -> dict[str, float]:
    """Return name → where its bar begins, one on top of the other in an order."""
    ends = accumulate((shares[name] + GAP for name in order), initial=0.0)
    return dict(zip(order, ends, strict=False))


def becomes(table: pd.DataFrame, least: float = 0.15) -> pd.DataFrame:
    """Say in words what becomes of each topic at the next number of topics: one row a topic, from the table of the figure.

    Columns: K, topic, words, next_K, kept (the largest part of it that stays in one topic), becomes (those topics that hold `least` of it and
    more, with their words and the part, the largest first).
    """
    rows = []
    for (k, topic), part in table.groupby(["K", "topic"], sort=True):
        part = part.sort_values(["of_topic", "next_topic"], ascending=[False, True])
        first = part.iloc[0]
        heirs = part[part["of_topic"] >= least] if first["of_topic"] >= least else part.head(1)
        said = (f"{row.next_topic} {row.next_words} {row.of_topic:.0%}" for row in heirs.itertuples())
        rows.append((k, topic, first["words"], first["next_K"], first["of_topic"], "; ".join(said)))
    return pd.DataFrame(rows, columns=["K", "topic", "words", "next_K", "kept", "becomes"])


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say how many pairs of topics share passages, and how many topics stay whole from one number to the next."""
    ks = sorted({*table["K"], *table["next_K"]})
    bands, pairs = int(table["drawn"].sum()), int((table["mass"] > 0).sum())
    least = table.loc[table["drawn"], ["of_topic", "of_next"]].max(axis=1).min()
    more, zh_more = (" and more", "及以上") if least < 0.995 else ("", "")
    which = f": those that make up {least:.0%}{more} of one of the two, in the colour of the first topic they came from"
    zh_which = f"，其中占某一方{least:.0%}{zh_more}的{bands}对以色带连接，颜色取自最初所属的主题"
    english = (
        f"Topics of models with {', '.join(map(str, ks))} topics as bars in columns; {bands} bands join topics of neighbouring columns that share "
        f"passages, out of {pairs} such pairs{which if bands else ''}."
    )
    chinese = f"主题数为{'、'.join(map(str, ks))}的模型，每个主题一个方框；相邻两列共有段落的主题有{pairs}对{zh_which if bands else '，占比均小，不以色带连接'}。"
    for (k, next_k), part in becomes(table).groupby(["K", "next_K"]):
        whole = part.loc[part["kept"] >= SAME, "topic"].tolist()
        english += f" From {k} to {next_k} topics, {len(whole)} of {len(part)} stay whole (half and more in one topic): {', '.join(whole) or 'none'}."
        chinese += f"从{k}个到{next_k}个主题，{len(part)}个中有{len(whole)}个保持完整（半数以上留在同一主题）：{'、'.join(whole) or '无'}。"
    return english, chinese


class _Sheet(NamedTuple):
    """How the columns stand, in points: how wide a topic and the way to the next column are, how high all of the words, a line, the sheet; size of the letters (0: none)."""

    topic: float
    way: float
    scale: float
    line: float
    high: float
    size: float


def _sheet(ends: pd.DataFrame, texts: Sequence[str], page: str) -> _Sheet:
    """Find the height at which the fullest column, where every topic has a line at least, fits the page."""
    many, most = ends["K"].nunique(), int(ends["K"].value_counts().max())
    wide, room = paper(page).wide, 0.94 * paper(page).high
    size = max(smallest(page), 0.9 * paper(page).letters)
    size = max(smallest(page), min(size, (room - 7 * size) / most / LEADING))
    wanted = max(2.9 * size * most, 0.4 * wide)
    high = min(wanted, room - 7 * size)
    line = min(LEADING * size, high / most)
    low, up = 0.0, high
    for _ in range(50):  # the slots grow with the scale: halve what is left
        middle = (low + up) / 2
        fullest = ends["share"].mul(middle).add(0.4 * line).clip(lower=line).groupby(ends["K"]).sum().max()
        low, up = (middle, up) if fullest <= high else (low, middle)
    topic = min(widest(texts, size) + 1.6 * size, wide / (many + 0.5 * (many - 1)))
    topic = min(topic, 0.36 * wide)
    way = (wide - 2 - many * topic) / max(many - 1, 1)
    return _Sheet(topic, way, low, line, high, size if line > 0.98 * size else 0.0)


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a column a number of topics, a box a topic as high as its share with its name in it, bands for what they have in common."""
    words, numbers = ["topic", "words", "zh"], ["K", "share", "base"]
    more = ["mass", "bottom", "next_bottom", "colour", "reported"]
    later = {name: f"next_{name}" for name in [*words, *numbers]}
    both = [[*names, *(later[name] for name in names)] for names in (words, numbers)]
    table = needs(table, "lineage", both[0], [*both[1], *more], ("drawn",))
    table = table.astype({"K": int, "next_K": int, "colour": int, "reported": int})
    following = table[list(later.values())].set_axis(list(later), axis=1)
    ends = pd.concat([table[list(later)], following]).drop_duplicates(["K", "topic"])
    ends = ends.sort_values(["K", "base"], ignore_index=True)
    texts = (ends["topic"] + " " + ends["zh" if language == "zh" else "words"]).tolist()
    sheet, ks = _sheet(ends, texts, page), sorted(set(ends["K"]))
    left = {k: place * (sheet.topic + sheet.way) for place, k in enumerate(ks)}
    slots = ends["share"].mul(sheet.scale).add(0.4 * sheet.line).clip(lower=sheet.line)
    middle = slots.groupby(ends["K"]).cumsum() - slots / 2
    middle += ends["K"].map((sheet.high - slots.groupby(ends["K"]).sum()) / 2)
    top = middle / sheet.scale - ends["share"] / 2  # in shares of all words, downwards
    begins = dict(zip(zip(ends["K"], ends["topic"], strict=True), top, strict=True))
    size = sheet.size or smallest(page)
    step = max((s for s in (0.01, 0.02, 0.05, 0.1, 0.2) if s * sheet.scale <= 4 * size), default=0.01)
    head, foot = 2.2 * size, max(step * sheet.scale, 1.5 * size) + 1.2 * size
    with preset(page) as wide:
        figure = blank(wide, (head + sheet.high + foot) / 72)
        axes = figure.add_axes((0.002, 0, 0.996, 1))
        axes.axis("off")
        for row in table[table["drawn"]].sort_values("mass", ascending=False).itertuples():
            sides = left[row.K] + sheet.topic, left[row.next_K]
            low = begins[row.K, row.topic] + row.bottom - row.base
            after = begins[row.next_K, row.next_topic] + row.next_bottom - row.next_base
            _band(axes, sides, (low, after), row.mass, row.colour, page)
        # no edge, which would strike a name in a low box
        axes.bar(ends["K"].map(left), ends["share"], sheet.topic, top, align="edge", color=BOX, linewidth=0)
        look: dict[str, Any] = {"va": "center", "fontsize": sheet.size, "linespacing": 1.05}
        for k, text, slot, at in zip(ends["K"], texts, slots, middle / sheet.scale, strict=True):
            if sheet.size:
                lines = max(1, min(3, int(slot / (1.1 * sheet.size))))
                text = broken(text, sheet.topic - 1.1 * sheet.size, sheet.size, lines)
                axes.text(left[k] + 0.4 * sheet.size, at, text, **look)
        for k in ks:
            name = label("reported", language).format(K=k) if k == table["reported"].iloc[0] else f"K = {k}"
            axes.text(left[k], -0.7 * size / sheet.scale, name, va="baseline", fontsize=size)
        low = (sheet.high + foot - 0.4 * size) / sheet.scale
        axes.plot([size / 2] * 2, [low - step, low], color=INK, linewidth=1.2, solid_capstyle="butt")
        name = label("of all words", language).format(share=step)
        axes.text(1.1 * size, low - step / 2, name, va="center", fontsize=size)
        axes.set_xlim(0, wide * 72)
        axes.set_ylim((sheet.high + foot) / sheet.scale, -head / sheet.scale)
    return figure


def _band(
    axes: Axes, sides: tuple[float, float], bottoms: tuple[float, float], mass: float, colour: int, page: str
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (left, right), (low, after) = sides, bottoms
    middle = (left + right) / 2
    there = [(left, low), (middle, low), (middle, after), (right, after)]
    back = [(x, y + mass) for x, y in reversed(there)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    # in black and white the edges, not the greys, tell bands apart where they cross
    grey: dict[str, Any] = {"facecolor": BANDS[colour % len(BANDS)], "edgecolor": INK, "linewidth": 0.4}
    hues: dict[str, Any] = {"facecolor": topic_colour(colour, page), "alpha": 0.5, "linewidth": 0}
    axes.add_patch(PathPatch(Path([*there, *back, there[0]], codes), **(grey if paper(page).grey else hues)))


lineage = Figure(table, draw, says)
