"""Whether readers see the topics: how often their answers are right, against chance."""

from typing import Any

import pandas as pd

from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import Labels, titled, topic_labels
from nqp_topics.figures.letters import fitting, shortened
from nqp_topics.figures.page import Drawing, as_rows, beside, needs, panels, preset
from nqp_topics.figures.shown import Figure
from nqp_topics.figures.styles import FAINT, INK, SOFT, hue
from nqp_topics.validate.score import ALL, Score

NUMBERS = ("right", "low", "high", "chance", "p")


def table(score: Score, labels: Labels = None) -> pd.DataFrame:
    """Take what `validate.score` found: one row a task for all topics, then one a topic for all tasks, those seen best first.

    Columns: task, topic ("" where it is all), title and title_zh (of `labels`, the table of `naming.labels_of_study`), items, answers, right, low,
    high, chance, p, seen, alpha, alpha_low, alpha_high (of tasks alone).
    """
    rows = score.precision
    tasks = rows[(rows["topic"] == ALL) & (rows["task"] != ALL)].assign(topic="")
    topics = rows[(rows["task"] == ALL) & (rows["topic"] != ALL)]
    topics = topics.sort_values(["right", "topic"], ascending=[False, True])
    called = topic_labels(topics["topic"], labels, "figures.readers")
    agreed = score.agreement.set_index("task")[["alpha", "low", "high"]]
    agreed = agreed.set_axis(["alpha", "alpha_low", "alpha_high"], axis=1)
    found = pd.concat([tasks.join(agreed, on="task"), topics], ignore_index=True)
    for side, name in ((0, "title"), (1, "title_zh")):
        said = {topic: titled(topic, both[side]) for topic, both in called.items()}
        of_task = (label(f"task {task}", ("en", "zh")[side]) for task in found["task"])
        found[name] = [said.get(topic, task) for topic, task in zip(found["topic"], of_task, strict=True)]
    first = ["task", "topic", "title", "title_zh", "items", "answers", *NUMBERS, "seen"]
    return found[[*first, "alpha", "alpha_low", "alpha_high"]]


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say how often answers are right, what guessing would give, how far readers agree, and which topics they do not see."""
    told: tuple[list[str], list[str]] = ([], [])
    for row in table[table["topic"] == ""].itertuples():
        p = "p < .001" if row.p < 0.001 else f"p = {row.p:.3f}".replace("0.", ".")
        between = f" [{row.alpha_low:.2f}, {row.alpha_high:.2f}]" if row.alpha_low == row.alpha_low else ""
        agreed = f", α {row.alpha:.2f}{between}" if row.alpha == row.alpha else ""
        share = f"{row.right:.0%} [{row.low:.0%}, {row.high:.0%}]"
        told[0].append(f"{row.title}: {share} right, {row.chance:.0%} by chance, {p}{agreed}")
        told[1].append(f"{row.title_zh}：正确率{share}，随机水平{row.chance:.0%}，{p}{agreed}")
    below = table.loc[~table["seen"] & (table["topic"] != ""), "topic"].tolist()
    line, zh_line = "No topic is below the line", "没有主题低于界线"
    if below:
        line = f"Below the line, so that nothing is claimed of them: {', '.join(below)}"
        zh_line = f"低于界线、对其不作论断的主题：{'、'.join(below)}"
    return f"{'; '.join(told[0])}. {line}.", f"{'；'.join(told[1])}。{zh_line}。"


def draw(table: pd.DataFrame, language: str = "en", page: str = "single") -> Drawing:
    """Draw a row a task and a topic: the share of right answers with its interval, and a tick where chance would be; grey below the line."""
    table = needs(table, "readers", ("topic", "title", "title_zh"), ("right", "low", "high", "chance"))
    high = 1.55 * len(table) + 5.5
    size = fitting(high, page)
    with preset(page, size) as wide:
        figure, (axes,) = panels((wide, high * size / 72), 1)
        whole: dict[str, Any] = {"zorder": 3, "clip_on": False}
        for place, row in enumerate(table.itertuples()):
            color = INK if row.topic == "" else hue(page) if row.seen else FAINT
            axes.hlines(place, row.low, row.high, color=color, linewidth=1.2)
            axes.vlines(row.chance, place - 0.28, place + 0.28, color=SOFT, linewidth=0.9)
            axes.scatter([row.right], [place], s=(0.52 * size) ** 2, color=[color], **whole)
        tasks = int((table["topic"] == "").sum())
        axes.axhline(tasks - 0.5, color=FAINT, linewidth=0.6)
        above: dict[str, Any] = {"across": 0, "up": 0.55 * size, "va": "baseline", "ha": "center"}
        beside(axes, label("by chance", language), table["chance"].iloc[0], 0, color=SOFT, **above)
        titles = table["title_zh" if language == "zh" else "title"]
        as_rows(axes, [shortened(title, 0.58 * wide * 72, size * 0.95) for title in titles], above=1.3)
        for text, seen in zip(axes.get_yticklabels(), table["seen"] | (table["topic"] == ""), strict=True):
            if not seen:
                text.set_color(SOFT)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel(label("right answers", language), loc="right")
    return figure


readers = Figure(table, draw, says)
