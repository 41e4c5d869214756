"""Rising words: which words of a topic rise and which fall over the years, the topic being the same throughout."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import columns
from nqp_topics.counts import Counts
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import chosen, topic_labels
from nqp_topics.figures.letters import broken, fitting, text_width, widest
from nqp_topics.figures.page import FAINT, INK, SOFT, Axes, Drawing, needs, panels, preset, shades
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.study import refuse_if

WORDS = ["word", "early", "late", "rise", "low", "high", "z", "bh"]
NUMBERS = ["per_thousand", "early", "late", "rank"]
ACROSS = {"single": 1, "double": 2, "slide": 3, "journal-zh": 2}


def at_hand(
    found: Any,
    counts: Counts,
    dates: Mapping[str, object] | pd.Series,
    labels: pd.DataFrame | None = None,
    only: Iterable[str] | None = None,
    words: int = 3,
    by: str = "year",
    held: Mapping[str, object] | pd.Series | None = None,
    within: Mapping[str, object] | pd.Series | None = None,
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


def table(
    moved: Mapping[str, pd.DataFrame],
    courses: Mapping[str, pd.DataFrame],
    labels: pd.DataFrame | None = None,
    words: int = 3,
) -> pd.DataFrame:
    """Gather words for drawing: one row a topic, word and moment; those that rise first, the clearest first.

    Columns: topic, en, zh (its label), way ("rises" or "falls"), rank, word, time, per_thousand (of the topic's words; none in a gap), articles, early, late (of
    the first and last third), rise, low, high, z, bh (as `compare.words_over_time` has them). `moved`: topic → that table, `courses`: topic →
    the table of `compare.word_course`. A topic of which no word moves beyond chance has one row without a word.
    """
    where, parts = "figures.rising_words.table", []
    called = topic_labels(
        moved, labels if labels is None else labels[labels["topic"].isin(list(moved))], where
    )
    for topic, found in moved.items():
        refuse_if(columns(f"{where}(moved)", found, WORDS, "give the tables of compare.words_over_time"))
        for way, some in _both_ways(found, words):
            ranked = some[WORDS].assign(way=way, rank=range(1, len(some) + 1))
            rows = ranked.merge(courses[topic], on="word", how="left")
            parts.append(rows.assign(topic=topic, en=called[topic][0], zh=called[topic][1]))
        if not len(parts[-1]) and not len(parts[-2]):
            nothing = {"topic": topic, "en": called[topic][0], "zh": called[topic][1], "way": "", "word": ""}
            parts.append(pd.DataFrame([nothing]))
    order = ["topic", "en", "zh", "way", "rank", "word", "time", "per_thousand", "articles", *WORDS[1:]]
    told = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return told.reindex(columns=order).round(6)  # where no word of any topic moves there are no numbers


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say of how many topics words move, and name the words that move most clearly."""
    told = table[table["word"].fillna("") != ""]
    words = told.drop_duplicates(["topic", "word"])
    many, moved = table["topic"].nunique(), words["topic"].nunique()
    english = f"In {moved} of {many} topics words rise or fall within the topic beyond chance (BH-adjusted p < .05, whole articles)."
    chinese = f"{many}个主题中有{moved}个，主题内的用词有超出随机的升降（BH 校正 p < .05，以文章为单位）。"
    for way, en, zh in (
        (
            "rises",
            "Most clearly rise, from the first third of the time to the last",
            "从前三分之一到后三分之一时段，上升最明显的",
        ),
        ("falls", "fall", "下降最明显的"),
    ):
        rows = words[words["way"] == way]
        rows = rows.loc[rows["z"].abs().sort_values(ascending=False, kind="stable").index[:4]]
        if len(rows):
            named = [
                f"{row.word} ({row.topic}: {row.early:.1f} to {row.late:.1f} per thousand)"
                for row in rows.itertuples()
            ]
            zh_named = [
                f"{row.word}（{row.topic}：每千词{row.early:.1f}→{row.late:.1f}）"
                for row in rows.itertuples()
            ]
            english += f" {en}: {', '.join(named)};" if way == "rises" else f" {en}: {', '.join(named)}."
            chinese += f"{zh}：{'、'.join(zh_named)}。"
    return english.rstrip(";") + ("." if english.endswith(";") else ""), chinese


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a panel a topic and a row a word: the darker a moment, the nearer the word is to its highest rate; gaps stay white."""
    table = needs(table, "rising_words", ("topic", "en", "zh", "way", "word", "time"), NUMBERS)
    topics, told = list(dict.fromkeys(table["topic"])), table[table["word"] != ""]
    times = sorted(set(told["time"])) or [""]
    across = min(ACROSS[page], len(topics))
    down = -(-len(topics) // across)
    rows = {topic: list(dict.fromkeys(told[told["topic"] == topic]["word"])) for topic in topics}
    most = max(1, *map(len, rows.values()))
    high = down * (1.25 * most + 2.9) + 4.5
    size = fitting(high, page)
    with preset(page, size) as wide:
        figure, axes = panels((wide, high * size / 72), len(topics), down, across)
        words = widest(told["word"], size * 0.95)
        room = wide * 72 / across - words - text_width("88.8 → 88.8", size) - 2 * size
        for number, (one, topic) in enumerate(zip(axes, topics, strict=True)):
            part = told[told["topic"] == topic]
            _strip(one, part, rows[topic], times, most, language, size, page)
            name = table[table["topic"] == topic]["zh" if language == "zh" else "en"].iloc[0]
            one.set_title(
                broken(f"{topic} {name}" if name != topic else topic, room + words, size), fontsize=size
            )
            one.tick_params(axis="x", labelbottom=number + across >= len(topics), length=2)
        figure.supxlabel(label("per thousand", language), fontsize=size)
        scale = _scale(axes[0], figure, page)
        scale.set_label(label("part of its most", language), fontsize=size * 0.95)
    return figure


def _scale(axes: Axes, figure: Drawing, page: str) -> Any:
    """Put the scale of the shades above the panels."""
    from matplotlib.cm import ScalarMappable

    bar = figure.colorbar(
        ScalarMappable(cmap=shades(page)), ax=figure.axes, location="top", shrink=0.3, aspect=40, pad=0.01
    )
    bar.set_ticks([0, 0.5, 1], labels=["0", "½", "1"])
    bar.outline.set_linewidth(0.4)
    return bar


def _strip(
    axes: Axes,
    part: pd.DataFrame,
    words: list[str],
    times: list[str],
    most: int,
    language: str,
    size: float,
    page: str,
) -> None:
    """Draw the words of a topic, a row each, and at the right their rates in the first and the last third."""
    cells = part.pivot(index="word", columns="time", values="per_thousand").reindex(
        index=words, columns=times
    )
    numbers = cells.to_numpy(dtype=np.float64)
    highest = (
        np.nanmax(np.where(np.isnan(numbers), 0.0, numbers), axis=1, keepdims=True) if len(words) else 1.0
    )
    look: dict[str, Any] = {
        "cmap": shades(page),
        "vmin": 0,
        "vmax": 1,
        "aspect": "auto",
        "interpolation": "none",
    }
    if len(words):
        axes.imshow(np.ma.masked_invalid(numbers / np.maximum(highest, 1e-12)), **look)
        for gap in np.flatnonzero(np.isnan(numbers).all(axis=0)):
            hatched: dict[str, Any] = {
                "hatch": "////////",
                "edgecolor": FAINT,
                "facecolor": "white",
                "linewidth": 0,
            }
            axes.fill_between([gap - 0.5, gap + 0.5], -0.5, len(words) - 0.5, **hatched)
    one = part.drop_duplicates("word").set_index("word")
    said = ["▲" if one.loc[word, "way"] == "rises" else "▽" for word in words]
    axes.set_yticks(range(len(words)), [f"{word} {mark}" for word, mark in zip(words, said, strict=True)])
    axes.set_ylim(most - 0.5, -0.5)
    ticks = [n for n, time in enumerate(times) if time[:4].isdigit() and time.endswith(("0", "-01"))]
    axes.set_xticks(ticks, [times[n] for n in ticks])
    axes.set_xlim(-0.5, len(times) - 0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    turned = sum(mark == "▲" for mark in said)
    if 0 < turned < len(words):
        axes.axhline(turned - 0.5, color="white", linewidth=1.6)
    for place, word in enumerate(words):
        rate = f"{one.loc[word, 'early']:.1f} → {one.loc[word, 'late']:.1f}"
        axes.annotate(
            rate, (1, place), xytext=(0.4 * size, 0), xycoords=("axes fraction", "data"), color=INK, va="center",
            textcoords="offset points", fontsize=size * 0.9, annotation_clip=False,
        )  # fmt: skip
    if not len(words):
        axes.text(0, 0, label("effect within chance", language), color=SOFT, va="center")


rising_words = Figure(table, draw, says, at_hand)
