"""Names that stand on figures: the labels of topics in both languages, above panels and beside rows, the names of articles, and which place is first
whatever is left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, columns, refuse_if
from nqp_topics.compare.given import Names, Some, by_name, known, name_of
from nqp_topics.figures.letters import broken
from nqp_topics.figures.page import Axes
from nqp_topics.topics.model import Topics

Labels: TypeAlias = pd.DataFrame | None  # of `naming.labels_of`, one row a topic: topic, en, zh
Only: TypeAlias = Iterable[str] | None  # the topics that are shown; None: all


def topic_labels(topics: Iterable[str], labels: Labels, where: str) -> dict[str, tuple[str, str]]:
    """Return topic → label in English and in Chinese; the topic's name where it has none.

    `labels` is the table of `naming.labels_of`: one row a topic, with columns topic, en, zh. Refused: other columns, a label for a topic that
    does not exist.
    """
    called = {name: (name, name) for name in map(str, topics)}
    if labels is None:
        return called
    todo = "give the table of naming.labels_of"
    refuse_if(columns(f"{where}(labels)", labels, ["topic", "en", "zh"], todo))
    known(map(str, labels["topic"]), called, f"{where}(labels)", "topic")
    for name, *both in labels[["topic", "en", "zh"]].itertuples(index=False):
        en, zh = map(name_of, both)
        called[str(name)] = en or zh or str(name), zh or en or str(name)
    return called


def labels_or_words(run: Topics, labels: Labels, words: int, where: str) -> dict[str, tuple[str, str]]:
    """Return topic → label in English and in Chinese; its most probable words, so many, where it has none."""
    called = topic_labels(run.names, labels, where)
    for topic, both in called.items():
        first = " ".join(run.words[topic].sort_values(ascending=False, kind="stable").index[:words])
        en, zh = (first if one == topic else one for one in both)
        called[topic] = en, zh
    return called


def titled(topic: str, name: str) -> str:
    """Return what stands above or at a topic: its name in the run and its label, or the one where they are the same."""
    return topic if topic == name else f"{topic} {name}"


def of_topics(table: pd.DataFrame, labels: Labels, only: Only, where: str) -> pd.DataFrame:
    """Keep the rows of some topics (`only` these, else all) as they stand, each with its label (en, zh). Refused: topics that do not exist."""
    names = list(dict.fromkeys(table["topic"]))
    topics, called = chosen(names, only, where), topic_labels(names, labels, where)
    return with_labels(table[table["topic"].isin(topics)].reset_index(drop=True), called)


def with_labels(table: pd.DataFrame, called: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Put the label of its topic (en, zh) beside every row; `called` is what `topic_labels` returns."""
    en, zh = ([called[topic][side] for topic in table["topic"]] for side in (0, 1))
    return table.assign(en=en, zh=zh)


def heads(table: pd.DataFrame, room: float, size: float, language: str, lines: int = 2) -> list[str]:
    """Return what stands above the panel of each topic, in lines of so many points; a double dagger where some run lacks it (`not_found`)."""
    rows = table.drop_duplicates("topic")
    lost = rows["not_found"] > 0 if "not_found" in rows else [False] * len(rows)
    called = rows["zh" if language == "zh" else "en"]
    said = []
    for topic, name, lacking in zip(rows["topic"], called, lost, strict=True):
        head = f"{topic}‡{titled(topic, name).removeprefix(topic)}" if lacking else titled(topic, name)
        said.append(broken(head, room, size, lines))
    return said


def a_panel_each(
    table: pd.DataFrame, axes: Sequence[Axes], above: Sequence[str], across: int, size: float, **title: Any
) -> Iterator[tuple[Axes, pd.DataFrame]]:
    """Give every topic its panel and its rows, with what stands above it and numbers below the lowest panels alone."""
    topics = (rows for _, rows in table.groupby("topic", sort=False))
    for number, (one, head, rows) in enumerate(zip(axes, above, topics, strict=True)):
        one.set_title(head, fontsize=size, **title)
        one.tick_params(axis="x", labelbottom=number + across >= len(axes), length=2)
        yield one, rows


def chosen(topics: Iterable[str], only: Only, where: str) -> list[str]:
    """Return the topics to be shown, in the model's order. Refused: a topic that does not exist."""
    names = list(map(str, topics))
    wanted = names if only is None else set(known(only, names, where, "topic"))
    return [name for name in names if name in wanted]


def article_rows(articles: Iterable[str], groups: Names, names: Some, where: str) -> pd.DataFrame:
    """Return one row an article: article, name (its id where it has none), group (empty where it has none). Refused: groups of other articles."""
    ids, given = list(map(str, articles)), by_name(groups, f"{where}(groups)")
    if not any(name in given for name in ids):
        came = f"groups for {', '.join(list(given)[:3]) or 'nothing'}, but articles {', '.join(ids[:3])}"
        todo = "use a column of articles.csv, by its id"
        raise Refused(Problem(f"{where}(groups)", came, "article → group", todo))
    called = {} if names is None else by_name(names, f"{where}(names)")
    rows = [(name, called.get(name) or name, given.get(name, "")) for name in ids]
    return pd.DataFrame(rows, columns=["article", "name", "group"])


def names_of(about: pd.DataFrame) -> pd.Series:
    """Return article → its id with its author, or its outlet where none is named; of several the first. `about` is the table of articles."""
    table = about.set_index("id") if "id" in about else about
    refuse_if(columns("figures.names_of(about)", table, ["author", "outlet"]))
    who = table["author"].where(table["author"] != "", table["outlet"]).str.split("[;（(]", regex=True).str[0]
    return (table.index.to_series() + " " + who).str.strip()


def extremes(without: np.ndarray, may: np.ndarray) -> list[str]:
    """Say which place holds the "most" and which the "least" whatever is left out; "" at all others.

    `without` has one row as things are, then one a thing left out; `may` says which places can be named. A sentence that calls something the
    largest or the smallest takes it from here: what one article makes is not said of its group.
    """
    said, places = [""] * len(may), np.flatnonzero(may)
    for word, sign in (("least", -1), ("most", 1)) if len(places) > 1 else ():
        numbers = sign * without[:, places]
        first = int(numbers[0].argmax())
        if (numbers[:, first] > np.delete(numbers, first, axis=1).max(axis=1)).all():
            said[places[first]] = word
    return said
