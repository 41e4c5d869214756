"""Tasks: what readers are asked about topics, drawn by a seed, and the key, which lies apart from them."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, columns, listed, named_once, one_of, refuse_if, whole_number
from nqp_topics.counts import Counts
from nqp_topics.naming import words
from nqp_topics.topics.model import Topics, belong

CHOICES = [f"choice_{number}" for number in range(1, 7)]
ITEMS = ["item", "task", "words", "passage", *CHOICES]
KEY = ["item", "topic", "answer", "share"]
# a topic: twelve topics take a reader under twenty minutes; grades, which take ten more, are for those who ask
EACH = {"words": 2, "passages": 1, "labels": 1, "ratings": 0}
SHORT, LONG = 10, 25  # tokens of a passage that is given to read, where there are enough of them
SEVERAL, FEW = 5, 2  # words and passages beside an intruder
GRADES = 5
# what is asked, in English and in Chinese
QUESTIONS = {
    "words": ("Which word does not belong with the others?", "哪个词与其余各词不属于同一主题？"),
    "passages": ("Which passage is about something else?", "哪个段落谈的是另一回事？"),
    "labels": ("Which label fits this passage best?", "哪个标签最符合这个段落？"),
    "ratings": ("How well does the passage fit the words above it? 1 not at all, 5 entirely", "段落与上方各词的契合程度如何？1 完全不符，5 完全符合"),
}  # fmt: skip


class Tasks(NamedTuple):
    """What is asked and what would be right.

    `items`: one row an item: item, task, words (to read), passage (the id of the one to read), choice_1 to choice_6 (words, labels, grades, or ids
    of passages). `key`: one row an item: item, topic, answer (the number of the right choice; 0 where there is none), share (of the topic in the
    passage that is rated). `run`: the fingerprint of the run; `seed`: by which they were drawn.
    """

    items: pd.DataFrame
    key: pd.DataFrame
    run: str
    seed: int


class _Item(NamedTuple):
    task: str
    topic: str
    words: str
    passage: str
    choices: list[str]
    right: int  # the place of the right choice, before they are mixed; -1 where there is none
    share: float


def draw(
    run: Topics,
    counts: Counts,
    labels: pd.DataFrame | None = None,
    seed: int = 1,
    each: Mapping[str, int] | None = None,
    language: str = "zh",
) -> Tasks:
    """Draw the tasks by which readers tell whether they see a run's topics.

    words: five telling words of a topic and one of another. passages: two that speak for a topic and one that does not. labels: a passage and
    four labels, of which one is its topic's (`labels`: topic, zh, en; without them topics have no names to choose among and this task is left
    out). ratings: how well a passage fits a topic's words, for passages of every share. `each` says how many items a topic has of a task.
    Refused: a task that does not exist, fewer topics than choices, too few passages.
    """
    belong(run, counts)
    many = dict(EACH if each is None else each)
    if labels is None:
        many["labels"] = 0
    todo = "readers are asked to tell them apart: give each topic a name of its own"
    asked = () if labels is None or not many.get("labels") else labels.get(language, ())
    refuse_if(
        *(one_of("validate.draw(each)", task, QUESTIONS) for task in many),
        *(whole_number(f"validate.draw(each) {task}", number, 0) for task, number in many.items()),
        whole_number("validate.draw(seed)", seed, todo="any will do: it is recorded"),
        one_of("validate.draw(language)", language, ("en", "zh")),
        [] if labels is None else columns("validate.draw(labels)", labels, ["topic", "en", "zh"]),
        named_once("validate.draw(labels)", asked, todo),
        _too_few(run, counts),
    )
    draws = np.random.default_rng([seed, 20])
    pool = _Pool(run, counts, draws)
    named = {} if labels is None else dict(zip(labels["topic"], labels[language], strict=True))
    makers: dict[str, Callable[[str], _Item]] = {
        "words": lambda topic: _word(run, topic, draws),
        "passages": lambda topic: _passages(pool, topic),
        "labels": lambda topic: _label(pool, topic, named),
        "ratings": lambda topic: _rating(run, pool, topic),
    }
    made: list[_Item] = []
    for task in QUESTIONS:
        drawn = [makers[task](topic) for topic in run.names for _ in range(many.get(task, 0))]
        made += [drawn[place] for place in draws.permutation(len(drawn))]
    rows, key = [], []
    for number, item in enumerate(made, 1):
        name = f"i{number:03d}"
        order = draws.permutation(len(item.choices)) if item.right >= 0 else np.arange(len(item.choices))
        choices = [item.choices[place] for place in order] + [""] * (len(CHOICES) - len(item.choices))
        rows.append([name, item.task, item.words, item.passage, *choices])
        answer = int(np.flatnonzero(order == item.right)[0]) + 1 if item.right >= 0 else 0
        key.append([name, item.topic, answer, round(item.share, 4)])
    items, right = pd.DataFrame(rows, columns=ITEMS), pd.DataFrame(key, columns=KEY)
    return Tasks(items, right, run.fingerprint, int(seed))


def _too_few(run: Topics, counts: Counts) -> Iterator[Problem]:
    least = 4
    if len(run.names) < least or len(counts.ids) < 10 * least or len(run.words) < 40:
        came = f"{len(run.names)} topics, {len(counts.ids)} passages, {len(run.words)} words"
        allowed = f"{least} topics, {10 * least} passages and 40 words at least"
        todo = "readers choose among topics: with so few their answers say little"
        yield Problem("validate.draw(run)", came, allowed, todo)


class _Pool:
    """Passages to be read, each given once as long as there are others."""

    def __init__(self, run: Topics, counts: Counts, draws: np.random.Generator) -> None:
        tokens = counts.lengths.to_numpy()
        fit = (tokens >= SHORT) & (tokens <= LONG)
        if fit.sum() < 20 * len(run.names):
            fit = tokens >= min(SHORT, int(np.median(tokens)))
        self.names, self.draws = run.names, draws
        self.shares = run.passages.to_numpy()[fit]
        self.ids = np.array(counts.ids, dtype=object)[fit]
        self.articles = np.array(counts.articles, dtype=object)[fit]
        self.used = np.zeros(len(self.ids), bool)

    def take(self, good: np.ndarray, order: np.ndarray, among: int, apart: set[str]) -> int:
        """Take one of the first `among` passages that are good, in an order: of other articles than those named, and not given yet, if it can be."""
        for fine in (good & ~self.used & ~np.isin(self.articles, list(apart)), good & ~self.used, good):
            first = order[fine[order]][:among]
            if len(first):
                place = int(self.draws.choice(first))
                self.used[place] = True
                return place
        return int(order[0])

    def about(self, topic: str, apart: set[str]) -> int:
        """Take a passage that speaks for a topic: one of the purest, where it is the first topic."""
        column = self.shares[:, self.names.index(topic)]
        first = column >= self.shares.max(axis=1)
        return self.take(first, np.argsort(-column, kind="stable"), 12, apart)

    def not_about(self, topic: str, apart: set[str]) -> int:
        """Take a passage that speaks for another topic, and of this one as little as any."""
        mine = self.names.index(topic)
        others = np.delete(self.shares, mine, axis=1).max(axis=1)
        little = self.shares[:, mine] <= np.quantile(self.shares[:, mine], 0.4)
        return self.take(little, np.argsort(-others, kind="stable"), 12 * len(self.names), apart)


def _word(run: Topics, topic: str, draws: np.random.Generator) -> _Item:
    own = words(run, min(10, len(run.words)), by="relevance", only=[topic])["word"].tolist()
    shown = [own[place] for place in sorted(draws.choice(len(own), SEVERAL, replace=False))]
    rank = run.words[topic].rank(method="first")
    low = set(rank.index[rank <= len(rank) / 2])
    telling = words(run, min(10, len(run.words)), by="relevance")
    strange = telling[(telling["topic"] != topic) & telling["word"].isin(low) & ~telling["word"].isin(own)]
    intruder = str(draws.choice(strange["word"] if len(strange) else sorted(low - set(own))))
    return _Item("words", topic, "", "", [intruder, *shown], 0, 0.0)


def _passages(pool: _Pool, topic: str) -> _Item:
    chosen: list[int] = []
    for _ in range(FEW):
        chosen.append(pool.about(topic, {pool.articles[place] for place in chosen}))
    strange = pool.not_about(topic, {pool.articles[place] for place in chosen})
    return _Item("passages", topic, "", "", [str(pool.ids[place]) for place in (strange, *chosen)], 0, 0.0)


def _label(pool: _Pool, topic: str, named: dict[str, str]) -> _Item:
    place = pool.about(topic, set())
    own = named.get(topic, topic)
    shares = dict(zip(pool.names, pool.shares[place], strict=True))
    strange = [name for name in sorted(shares, key=lambda name: (shares[name], name)) if name != topic]
    little = strange[: max(3, len(strange) // 2)]
    others = [named.get(name, name) for name in pool.draws.choice(little, 3, replace=False)]
    return _Item("labels", topic, "", str(pool.ids[place]), [own, *others], 0, shares[topic])


def _rating(run: Topics, pool: _Pool, topic: str) -> _Item:
    column = pool.shares[:, pool.names.index(topic)]
    # every share is as likely, though most passages have none
    wanted = pool.draws.uniform(0.0, float(column.max()))
    nearest = np.argsort(np.abs(column - wanted), kind="stable")
    place = pool.take(np.ones(len(column), bool), nearest, 5, set())
    first = " ".join(words(run, min(8, len(run.words)), by="relevance", only=[topic])["word"])
    grades = [str(grade) for grade in range(1, GRADES + 1)]
    return _Item("ratings", topic, first, str(pool.ids[place]), grades, -1, float(column[place]))


def shown(items: pd.DataFrame, texts: pd.DataFrame | None) -> pd.DataFrame:
    """Return items with the texts of their passages in place of the ids: as a reader sees them. Without texts only the items of words are left.

    `texts`: one row a passage, id and text. Refused: a passage that has no text.
    """
    if texts is None:
        return items[items["task"] == "words"].reset_index(drop=True)
    refuse_if(columns("validate(texts)", texts, ["id", "text"]))
    text = {"": "", **dict(zip(texts["id"], texts["text"], strict=True))}
    of_passages = items["task"] == "passages"
    wanted = {*items["passage"], *items.loc[of_passages, CHOICES].to_numpy().ravel()}
    if lost := sorted(wanted - set(text)):
        came = f"{len(lost)} passages without a text: {listed(lost, 5)}"
        todo = "give the passages of the study, cut as its counts were"
        refuse_if([Problem("validate(texts)", came, "the text of every passage that is asked about", todo)])
    full = items.copy()
    full["passage"] = items["passage"].map(text)
    full.loc[of_passages, CHOICES] = items.loc[of_passages, CHOICES].map(text.__getitem__)
    return full


def minutes(seen: pd.DataFrame) -> int:
    """Return about how many minutes the items take: 450 characters a minute, and three seconds to decide."""
    read = seen[["words", "passage", *CHOICES]].map(len).to_numpy().sum()
    return round(read / 450 + len(seen) / 20)


def overview(tasks: Tasks, texts: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one row a task: task, question, items, choices, chance (of guessing right; none for ratings), minutes (a reader)."""
    seen = shown(tasks.items, texts)
    rows = []
    for task, some in seen.groupby("task", sort=False):
        choices = int((some[CHOICES] != "").sum(axis=1).iloc[0])
        chance = float("nan") if task == "ratings" else 1 / choices
        rows.append([task, QUESTIONS[str(task)][0], len(some), choices, chance, minutes(some)])
    return pd.DataFrame(rows, columns=["task", "question", "items", "choices", "chance", "minutes"])
