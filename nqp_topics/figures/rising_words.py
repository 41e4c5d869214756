"""Rising words: which words of a topic rise and which fall over the years, the topic being the same throughout."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import columns, refuse_if
from nqp_topics.compare.given import Names, Some
from nqp_topics.counts import Counts
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import Labels, Only, a_panel_each, chosen, heads, topic_labels
from nqp_topics.figures.legends import remark
from nqp_topics.figures.letters import broken, fitting, smallest, text_width
from nqp_topics.figures.page import Axes, Drawing, at_right, needs, panels, preset, round_moments
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.figures.styles import FAINT, INK, SOFT, paper, shades

WORDS = ["word", "early", "late", "rise", "low", "high", "z", "bh"]
NUMBERS = ["per_thousand", "early", "late", "rank"]
# how what rises or falls is told first
SPAN = ("Most clearly {}, from the first third of the time to the last", "从前三分之一到后三分之一时段，")
ByTopic: TypeAlias = Mapping[str, pd.DataFrame]
ACROSS = {"single": 1, "double": 2, "slide": 3, "journal-zh": 2}


def at_hand(
    found: Any,
    counts: Counts,
    dates: Names,
    labels: Labels = None,
    only: Only = None,
    words: int = 3,
    by: str = "year",
    held: Some = None,
    within: Some = None,
) -> pd.DataFrame:
    """Find the words of topics that rise and fall beyond chance, count them moment by moment, and gather both for drawing.

    The steps: `compare.words_over_time` and `compare.word_course` for every topic (`only` these), `figures.rising_words.table`. `words`: how many
    of either kind a topic shows.
    """
    run, where = reported(found), "figures.rising_words"
    moved, courses = {}, {}
    for topic in chosen(run.names, only, where):
        moved[topic] = compare.words_over_time(run, counts, dates, topic, by, held, within)
        shown = [word for _, some in _both_ways(moved[topic], words) for word in some["word"]]
        courses[topic] = compare.word_course(run, counts, dates, topic, shown, by)
    return table(moved, courses, labels, words)


def _both_ways(moved: pd.DataFrame, words: int) -> list[tuple[str, pd.DataFrame]]:
    """Return the words that rise and fall most clearly, beyond chance."""
    told = moved[moved["bh"] < 0.05]
    up, down = told[told["z"] > 0].head(words), told[told["z"] < 0].iloc[::-1].head(words)
    return [("rises", up), ("falls", down)]


def table(moved: ByTopic, courses: ByTopic, labels: Labels = None, words: int = 3) -> pd.DataFrame:
    """Gather words for drawing: one row a topic, word and moment; those that rise first, the clearest first.

    Columns: topic, en, zh (its label), way ("rises" or "falls"), rank, word, time, per_thousand (of the topic's words; none in a gap), articles, early, late (of
    the first and last third), rise, low, high, z, bh (as `compare.words_over_time` has them). `moved`: topic → that table, `courses`: topic →
    the table of `compare.word_course`. A topic of which no word moves beyond chance has one row without a word.
    """
    where, parts = "figures.rising_words.table", []
    mine = None if labels is None else labels[labels["topic"].isin(list(moved))]
    called = topic_labels(moved, mine, where)
    for topic, found in moved.items():
        refuse_if(columns(f"{where}(moved)", found, WORDS, "give the tables of compare.words_over_time"))
        head = {"topic": topic, "en": called[topic][0], "zh": called[topic][1]}
        for way, some in _both_ways(found, words):
            ranked = some[WORDS].assign(way=way, rank=range(1, len(some) + 1))
            parts.append(ranked.merge(courses[topic], on="word", how="left").assign(**head))
        if not len(parts[-1]) and not len(parts[-2]):
            parts.append(pd.DataFrame([head | {"way": "", "word": ""}]))
    order = ["topic", "en", "zh", "way", "rank", "word", "time", "per_thousand", "articles", *WORDS[1:]]
    told = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return told.reindex(columns=order).round(6)  # where no word of any topic moves there are no numbers


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say of how many topics words move, and name the words that move most clearly."""
    told = table[table["word"].fillna("") != ""]
    words = told.drop_duplicates(["topic", "word"])
    many, moved = table["topic"].nunique(), words["topic"].nunique()
    if not moved:
        return label("no word moves", "en").format(many=many), label("no word moves", "zh").format(many=many)
    english = f"In {moved} of {many} topics words rise or fall within the topic beyond chance (BH-adjusted p < .05, whole articles)."
    chinese = f"{many}个主题中有{moved}个，主题内的用词有超出随机的升降（BH 校正 p < .05，以文章为单位）。"
    ways = {"rises": ("rise", "上升"), "falls": ("fall", "下降")}
    clauses: list[str] = []
    for way, (en, zh) in ways.items():
        rows = words[words["way"] == way]
        rows = rows.loc[rows["z"].abs().sort_values(ascending=False, kind="stable").index[:4]]
        rates = [(row.word, row.topic, f"{row.early:.1f}", f"{row.late:.1f}") for row in rows.itertuples()]
        if rates:
            span, zh_span = SPAN if not clauses else ("", "")
            named = ", ".join("{} ({}: {} to {} per thousand)".format(*rate) for rate in rates)
            clauses.append(f" {span.format(en) or en}: {named}")
            zh_named = "、".join("{}（{}：每千词{}→{}）".format(*rate) for rate in rates)
            chinese += f"{zh_span}{zh}最明显的：{zh_named}。"
    return english + ";".join(clauses) + "." * bool(clauses), chinese


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a panel a topic and a row a word: the darker a moment, the nearer the word is to its highest rate; gaps stay white. Where no word moves at all, say so."""
    table = needs(table, "rising_words", ("topic", "en", "zh", "way", "word", "time"), NUMBERS)
    told, many = table[table["word"] != ""], table["topic"].nunique()
    if told.empty:
        return remark(label("no word moves", language).format(many=many), page)
    times = sorted(set(told["time"]))
    across = min(ACROSS[page], many)
    down = -(-many // across)
    every = int(max(1, told.groupby("topic")["word"].nunique().max()))
    least = smallest(page) / 0.9  # the smallest letters are those of the rates
    of_scale = broken(label("part of its most", language), 0.75 * paper(page).wide, paper(page).letters)
    room = (paper(page).high / least - 6.9 - 1.2 * of_scale.count("\n")) / down - 2.9
    most = max(1, min(every, int(room / 1.25)))
    foot = broken(label("per thousand", language), 0.95 * paper(page).wide, paper(page).letters)
    if most < every:
        table = _first(table, most)
        foot += "\n" + label("words shown", language).format(most=most)
    high = down * (1.25 * most + 2.9) + 4.5 + 1.2 * (foot + of_scale).count("\n")
    size = max(fitting(high, page), least)
    with preset(page, size) as wide:
        figure, axes = panels((wide, high * size / 72), many, down, across)
        above = heads(table, wide * 72 / across - text_width("88.8 → 88.8", size) - 2 * size, size, language)
        for one, rows in a_panel_each(table, axes, above, across, size):
            _strip(one, rows[rows["word"] != ""], times, most, language, size, page)
        figure.supxlabel(foot, fontsize=size)
        scale = _scale(figure, page, max(0.01, 0.6 / high))
        scale.set_label(of_scale, fontsize=size * 0.95)
    return figure


def _first(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the rows of the first words of every topic, of those that rise and of those that fall by turns."""
    one = table.drop_duplicates(["topic", "word"])
    place = one.groupby(["topic", "way"]).cumcount()
    kept = one.assign(place=place).sort_values("place", kind="stable").groupby("topic").head(most)
    every, some = (pd.MultiIndex.from_frame(rows[["topic", "word"]]) for rows in (table, kept))
    return table[every.isin(some)]


def _scale(figure: Drawing, page: str, apart: float) -> Any:
    """Put the scale of the shades above the panels."""
    from matplotlib.cm import ScalarMappable

    where: dict[str, Any] = {"location": "top", "shrink": 0.3, "aspect": 40, "pad": apart}
    bar = figure.colorbar(ScalarMappable(cmap=shades(page)), ax=figure.axes, **where)
    bar.set_ticks([0, 0.5, 1], labels=["0", "½", "1"])
    bar.outline.set_linewidth(0.4)
    return bar


def _strip(
    axes: Axes, part: pd.DataFrame, times: list[str], most: int, language: str, size: float, page: str
) -> None:
    """Draw the words of a topic, a row each, and at the right their rates in the first and the last third."""
    one = part.drop_duplicates("word").set_index("word")
    words, rises = list(one.index), (one["way"] == "rises").tolist()
    if words:
        cells = part.pivot(index="word", columns="time", values="per_thousand")
        numbers = cells.reindex(index=words, columns=times).to_numpy(dtype=np.float64)
        highest = np.nanmax(np.where(np.isnan(numbers), 0.0, numbers), axis=1, keepdims=True)
        look: dict[str, Any] = {"cmap": shades(page), "vmin": 0, "vmax": 1, "aspect": "auto"}
        shares = np.ma.masked_invalid(numbers / np.maximum(highest, 1e-12))
        axes.imshow(shares, interpolation="none", **look)
        hatched: dict[str, Any] = {"hatch": "////////", "facecolor": "white", "linewidth": 0}
        for gap in np.flatnonzero(np.isnan(numbers).all(axis=0)):
            axes.fill_between([gap - 0.5, gap + 0.5], -0.5, len(words) - 0.5, edgecolor=FAINT, **hatched)
    else:
        axes.text(0, 0, label("effect within chance", language), color=SOFT, va="center")
    marked = [f"{word} {'▲' if up else '▽'}" for word, up in zip(words, rises, strict=True)]
    axes.set_yticks(range(len(words)), marked)
    axes.set_ylim(most - 0.5, -0.5)
    ticks = round_moments(times, 5)
    axes.set_xticks(ticks, [times[n] for n in ticks])
    axes.set_xlim(-0.5, len(times) - 0.5)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", length=2 * axes.xaxis.get_tick_params()["labelbottom"])
    axes.spines[["left", "bottom"]].set_visible(False)
    if 0 < sum(rises) < len(words):
        axes.axhline(sum(rises) - 0.5, color="white", linewidth=1.6)
    for row, (early, late) in enumerate(one[["early", "late"]].itertuples(index=False)):
        at_right(axes, f"{early:.1f} → {late:.1f}", row, 0.4 * size, color=INK, fontsize=size * 0.9)


rising_words = Figure(table, draw, says, at_hand)
