"""What the topics are made of: their most probable words."""

from math import fsum

import pandas as pd

from nqp_topics import naming
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import Labels, Only, titled, topic_labels
from nqp_topics.figures.letters import broken, grid, widest
from nqp_topics.figures.page import Drawing, as_rows, needs, panels, per_cent, preset
from nqp_topics.figures.shown import Figure
from nqp_topics.figures.styles import LEAST, hue
from nqp_topics.topics.model import Topics


def table(run: Topics, labels: Labels = None, words: int = 8, only: Only = None) -> pd.DataFrame:
    """List the most probable words of topics: one row a topic and word; columns topic, rank, word, weight (its share of the topic), title, title_zh.

    The titles stand above the topics: the topic's name and its label, of `labels` (topic, en, zh: the table of `naming.labels_of`), which may name
    topics that are not shown. `only` keeps some topics.
    """
    found = naming.words(run, words, only=only)
    called = topic_labels(run.names, labels, "figures.topic_words")
    found = found[["topic", "rank", "word", "weight"]]
    en, zh = ([titled(topic, called[topic][side]) for topic in found["topic"]] for side in (0, 1))
    return found.assign(title=en, title_zh=zh)


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say which three words are the most probable of each topic."""
    first = table[table["rank"] <= 3].groupby("topic")["word"]
    english = "; ".join(f"{topic}: {', '.join(words)}" for topic, words in first)
    chinese = "；".join(f"{topic}：{'、'.join(words)}" for topic, words in first)
    topics = table["topic"].nunique()
    return (
        f"The most probable words of {topics} topics with their probability in the topic. {english}.",
        f"{topics}个主题各自概率最高的词及其在主题中的概率。{chinese}。",
    )


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a panel a topic: its title, and its words as bars as long as their weight; as many words as fit the page, three at least."""
    table = table.assign(title_zh=table.get("title_zh", table.get("title")))
    table = needs(table, "topic_words", ("topic", "word", "title", "title_zh"), ("weight",))
    topics = table["topic"].drop_duplicates().tolist()
    most, usual = int(table.groupby("topic").size().max()), {"single": 2, "journal-zh": 3}.get(page, 4)
    room = widest(table["word"], 1) + 6
    while True:  # fewer words where the page would not hold all topics
        across, shown, size = grid(len(topics), (room, 1.35 * most + 5.1), usual, page, around=3.5)
        if shown == len(topics) or most <= 3:
            break
        most -= 1
    table, topics = table[table.groupby("topic").cumcount() < most], topics[:shown]
    titles = table.drop_duplicates("topic")["title_zh" if language == "zh" else "title"].tolist()
    down = -(-len(topics) // across)
    with preset(page, size) as wide:
        columns = [table["word"][table["topic"].isin(topics[place::across])] for place in range(across)]
        room = (wide * 72 - fsum(widest(words, size) for words in columns)) / across - 1.2 * size
        titles = [broken(title, room, size, 3) for title in titles[:shown]]
        lines = 1 + max(title.count("\n") for title in titles)
        high = down * (1.35 * most + 1.3 * lines + 1.2) + 3.5
        figure, found = panels((wide, high * size / 72), len(topics), down, across, sharex=True)
        for number, (axes, topic) in enumerate(zip(found, topics, strict=True)):
            rows = table[table["topic"] == topic]
            axes.barh(range(len(rows)), rows["weight"], color=hue(page), height=0.66, alpha=0.85)
            as_rows(axes, rows["word"].tolist())
            axes.tick_params(axis="y", labelsize=max(size * 0.9, LEAST))
            axes.set_title(titles[number], fontsize=size, y=1.0)
            axes.xaxis.set_major_formatter(per_cent)
            axes.tick_params(axis="x", labelbottom=number + across >= len(topics))
        figure.supxlabel(label("weight", language), fontsize=size)
    return figure


topic_words = Figure(table, draw, says)
