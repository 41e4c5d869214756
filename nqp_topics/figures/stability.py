"""Whether another seed finds each topic of a run."""

from typing import Any

import pandas as pd

from nqp_topics.choose import Stability
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import Labels, labels_or_words
from nqp_topics.figures.letters import fitting, shortened
from nqp_topics.figures.page import Drawing, as_rows, beside, needs, panels, preset
from nqp_topics.figures.shown import Figure
from nqp_topics.figures.styles import FAINT, SOFT, hue, paper
from nqp_topics.topics.model import Topics

WEAK = 0.5  # topics below carry no claim


def table(run: Topics, stable: Stability, labels: Labels = None) -> pd.DataFrame:
    """Take one run out of what `choose.stability` found: one row a topic, the most stable first.

    `title` and `title_zh` are what stands at it in a figure: its name and its label, of `labels` (the table of `naming.labels_of`), or its first words
    where it has none.
    """
    topics = stable.topics
    rows = topics[(topics["K"] == len(run.names)) & (topics["seed"] == run.seed)]
    rows = rows.sort_values(["top_words", "topic"], ascending=[False, True], ignore_index=True)
    called = labels_or_words(run, labels, 3, "figures.stability")
    both = [[f"{name} {one}" for one in called[name]] for name in rows["topic"]]
    found = rows[["topic", "share", "top_words", "chance_top_words", "cosine", "passages"]]
    return found.assign(title=[pair[0] for pair in both], title_zh=[pair[1] for pair in both])


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say within what the topics lie, what chance would give, and which are too weak to carry a claim."""
    seen = table["top_words"]
    low, high, chance = (f"{x:.2f}" for x in (seen.min(), seen.max(), table["chance_top_words"].mean()))
    weak = table.loc[seen < WEAK, "topic"].tolist()
    return (
        f"{len(table)} topics by how far their top words and those of other seeds overlap (mean Jaccard coefficient: words in common by all words of "
        f"both), from {low} to {high}; chance would give about {chance}. Below {WEAK:.2f}: {', '.join(weak) or 'none'}.",
        f"{len(table)}个主题按其主题词与其他种子的重合度（Jaccard 系数的均值：共有词数除以两者全部词数）排列，从{low}到{high}；随机水平约{chance}。"
        f"低于{WEAK:.2f}的：{'、'.join(weak) or '无'}。",
    )


def draw(table: pd.DataFrame, language: str = "en", page: str = "single") -> Drawing:
    """Draw a row a topic: how far its top words agree with other seeds, and what chance would give."""
    table = table.assign(title_zh=table.get("title_zh", table.get("title")))
    table = needs(table, "stability", ("title", "title_zh"), ("top_words", "chance_top_words"))
    size = fitting(1.55 * len(table) + 5.5, page)
    high = min(1.55 * len(table) + 5.5, paper(page).high / size)
    with preset(page, size) as wide:
        figure, (axes,) = panels((wide, high * size / 72), 1)
        titles = table["title_zh" if language == "zh" else "title"]
        places, chance, seen = range(len(table)), table["chance_top_words"], table["top_words"]
        axes.hlines(places, chance, seen, color=FAINT, linewidth=1.2)
        whole: dict[str, Any] = {"zorder": 3, "clip_on": False}  # also at 0 and at 1
        hollow: dict[str, Any] = {"facecolor": "white", "edgecolor": SOFT, "linewidth": 0.8}
        axes.scatter(chance, places, s=(0.42 * size) ** 2, **hollow, **whole)
        axes.scatter(seen, places, s=(0.52 * size) ** 2, color=hue(page), **whole)
        above: dict[str, Any] = {"across": -0.25 * size, "up": 0.55 * size, "va": "baseline"}
        beside(axes, label("by chance", language), chance.iloc[0], 0, color=SOFT, **above)
        as_rows(axes, [shortened(title, 0.58 * wide * 72, size * 0.95) for title in titles], above=1.3)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        axes.set_xlabel(label("agreement", language), loc="right")
    return figure


stability = Figure(table, draw, says)
