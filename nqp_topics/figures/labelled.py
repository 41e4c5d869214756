"""Names that stand on figures: the labels of topics in both languages, the names of articles, and which place is first whatever is left out."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from nqp_topics.checks import columns
from nqp_topics.compare.given import Names, known, name_of
from nqp_topics.study import Problem, Refused, refuse_if
from nqp_topics.topics.model import Topics


def topic_labels(
    topics: Iterable[str], labels: pd.DataFrame | None, where: str
) -> dict[str, tuple[str, str]]:
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


def first_words(run: Topics, words: int) -> dict[str, str]:
    """Return topic → its most probable words, which stand at it where it has no label."""
    ranked = {topic: run.words[topic].sort_values(ascending=False, kind="stable") for topic in run.names}
    return {topic: " ".join(weights.index[:words]) for topic, weights in ranked.items()}


def chosen(topics: Iterable[str], only: Iterable[str] | None, where: str) -> list[str]:
    """Return the topics to be shown, in the model's order. Refused: a topic that does not exist."""
    names = list(map(str, topics))
    wanted = names if only is None else set(known(only, names, where, "topic"))
    return [name for name in names if name in wanted]


def article_names(articles: Iterable[str], names: Names | None) -> list[str]:
    """Return what stands at each article: its name, or its id where it has none."""
    given = {} if names is None else {str(key): name_of(value) for key, value in dict(names).items()}
    return [given.get(article) or article for article in map(str, articles)]


def names_of(about: pd.DataFrame) -> pd.Series:
    """Return article → its id with its author, or its outlet where none is named; of several the first. `about` is the table of articles."""
    table = about.set_index("id") if "id" in about else about
    refuse_if(columns("figures.names_of(about)", table, ["author", "outlet"]))
    who = table["author"].where(table["author"] != "", table["outlet"]).str.split("[;（(]", regex=True).str[0]
    return (table.index.to_series() + " " + who).str.strip()


def article_groups(articles: Iterable[str], groups: Names, where: str) -> list[str]:
    """Return the group of each article, empty where it has none. Refused: groups of other articles."""
    names = list(map(str, articles))
    given = {str(key): name_of(value) for key, value in dict(groups).items()}
    if not any(name in given for name in names):
        came = f"groups for {', '.join(list(given)[:3]) or 'nothing'}, but articles {', '.join(names[:3])}"
        todo = "use a column of articles.csv, by its id"
        raise Refused(Problem(f"{where}(groups)", came, "article → group", todo))
    return [given.get(name, "") for name in names]


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
