"""Score: do readers see the topics? How often they are right, against chance, how far they agree, and how their grades follow the shares."""

import warnings
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, columns, number, refuse_if
from nqp_topics.compare.resample import limits
from nqp_topics.validate.tasks import CHOICES, QUESTIONS, Tasks

DRAWS = 500
FEWEST = 10  # items of an interval of agreement: of six, most draws of which agree, it held the truth in .63 to .81
RARE = 3  # items in which two readers give the same rare answer: where nearly all answers are one, and none has, it held the truth in .59
# of a topic's answers are right: below, what is said of it is said of something readers do not see
LINE = 0.6
ALL = "all"


class Score(NamedTuple):
    """What answers say.

    `precision`: one row a task and topic, and of each for all together: task, topic, items, answers, right (a share), low, high, chance, p, seen.
    `agreement`: one row a task: task, coders, items (that two and more answered), alpha, low, high. `grades`: one row for all topics: items, rho
    (rank correlation of mean grades with shares), low, high, p. `coders`: one row a coder: coder, answered, of.
    """

    precision: pd.DataFrame
    agreement: pd.DataFrame
    grades: pd.DataFrame
    coders: pd.DataFrame

    @property
    def unseen(self) -> list[str]:
        """The topics below the line: greyed in figures, and nothing is claimed of them."""
        rows = self.precision[(self.precision["task"] == ALL) & (self.precision["topic"] != ALL)]
        return rows.loc[~rows["seen"], "topic"].tolist()


def score(
    answers: pd.DataFrame, tasks: Tasks, line: float = LINE, level: float = 0.95, seed: int = 1
) -> Score:
    """Score the answers of readers (`read_answers`).

    right: answers that are the key's; its interval is Wilson's, for so many items (several readers of one item are not several items). p: how
    often guessing gives as many: each item's right place is drawn anew beneath the answers as they stand, exactly, so that readers who
    guess alike are no evidence. alpha: Krippendorff's, of the answers (grades as ordinal), with an interval from items drawn with return: of ten
    at least, in three of which two readers agree on another answer than the commonest (who always say the same show nothing). seen: right is at least `line`. Refused: answers to other items, a line or level that is none.
    """
    refuse_if(
        columns("validate.score(answers)", answers, ["coder", "item", "answer"]),
        number("validate.score(line)", line, 0, 1),
        number("validate.score(level)", level, 0.5, 0.9999, todo="0.95 is usual"),
    )
    many = (tasks.items.set_index("item")[CHOICES] != "").sum(axis=1)
    key = tasks.key.assign(task=tasks.items["task"].to_numpy(), choices=many[tasks.key["item"]].to_numpy())
    key = key.rename(columns={"answer": "key"})
    joined = answers.merge(key, on="item", how="left", validate="many_to_one")
    if joined["topic"].isna().any():
        came = f"items {', '.join(joined.loc[joined['topic'].isna(), 'item'].unique()[:5])}"
        todo = "read_answers says which are which"
        raise Refused(Problem("validate.score(answers)", came, "items of these tasks", todo))
    asked = joined[joined["key"] > 0]
    rows = []
    for task in [*(name for name in QUESTIONS if (asked["task"] == name).any()), ALL]:
        of_task = asked if task == ALL else asked[asked["task"] == task]
        for topic in [*sorted(of_task["topic"].unique()), ALL]:
            some = of_task if topic == ALL else of_task[of_task["topic"] == topic]
            if len(some):
                rows.append([task, topic, *_right(some, level)])
    names = ["task", "topic", "items", "answers", "right", "low", "high", "chance", "p"]
    precision = pd.DataFrame(rows, columns=names)
    precision["seen"] = precision["right"] >= line
    agreed = [[task, *_alpha(part, task, level, seed)] for task, part in joined.groupby("task", sort=False)]
    coders = answers.groupby("coder", sort=True).size().rename("answered").reset_index()
    return Score(
        precision,
        pd.DataFrame(agreed, columns=["task", "coders", "items", "alpha", "low", "high"]),
        _grades(joined[joined["task"] == "ratings"], level),
        coders.assign(of=len(tasks.items)),
    )


def _right(some: pd.DataFrame, level: float) -> list[float]:
    """Return items, answers, the share that is right with its interval, chance, and how often guessing does as well."""
    hit = (some["answer"] == some["key"]).to_numpy()
    items = some["item"].nunique()
    share, chance = float(hit.mean()), float((1 / some["choices"]).mean())
    return [items, len(some), share, *wilson(share, items, level), chance, _guessed(some, int(hit.sum()))]


def wilson(share: float, many: int, level: float) -> tuple[float, float]:
    """Return the interval of Wilson (1927) for a share of so many."""
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    middle = (share + z * z / (2 * many)) / (1 + z * z / many)
    half = z / (1 + z * z / many) * np.sqrt(share * (1 - share) / many + z * z / (4 * many * many))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _guessed(some: pd.DataFrame, right: int) -> float:
    """Return the chance of as many right answers where the right place of each item is any of its choices, the answers as they stand."""
    items, answers, choices = (some[name].to_numpy() for name in ("item", "answer", "choices"))
    order, chances = np.argsort(items, kind="stable"), np.ones(1)
    for item in np.split(order, np.flatnonzero(items[order][1:] != items[order][:-1]) + 1):
        of_place = np.bincount(answers[item], minlength=choices[item[0]] + 1)[1:]
        step = np.bincount(of_place, minlength=len(item) + 1) / choices[item[0]]
        chances = np.convolve(chances, step)
    return float(min(1.0, chances[right:].sum()))


def _alpha(part: pd.DataFrame, task: str, level: float, seed: int) -> list[float]:
    """Return coders, items that several answered, alpha and its interval."""
    counted = pd.crosstab(part["item"], part["answer"]).to_numpy()
    counted = counted[counted.sum(axis=1) > 1]
    coders = part["coder"].nunique()
    if coders < 2 or not len(counted):
        return [coders, len(counted), np.nan, np.nan, np.nan]
    draws = np.random.default_rng([seed, 21]).integers(0, len(counted), (DRAWS, len(counted)))
    found = np.array([alpha(counted[rows], task) for rows in draws])
    rare = np.delete(counted, counted.sum(axis=0).argmax(), axis=1)
    told = len(counted) >= FEWEST and (rare > 1).any(axis=1).sum() >= RARE
    low, high = limits(found[np.isfinite(found)], len(counted), level) if told else (np.nan, np.nan)
    return [coders, len(counted), alpha(counted, task), float(low), float(high)]


def alpha(counted: np.ndarray, task: str) -> float:
    """Return Krippendorff's alpha of items × answers; not a number where all answers are the same."""
    import krippendorff

    used = counted[:, counted.sum(axis=0) > 0]
    if used.shape[1] < 2:
        return np.nan
    kind: Literal["ordinal", "nominal"] = "ordinal" if task == "ratings" else "nominal"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(krippendorff.alpha(value_counts=used, level_of_measurement=kind))


def _grades(rated: pd.DataFrame, level: float) -> pd.DataFrame:
    """Set mean grades beside shares: the interval is that of Bonett and Wright (2000)."""
    from scipy.special import ndtri
    from scipy.stats import spearmanr

    names = ["items", "rho", "low", "high", "p"]
    by_item = rated.groupby("item").agg(grade=("answer", "mean"), share=("share", "first"))
    many = len(by_item)
    if many < 5 or by_item["grade"].nunique() < 2 or by_item["share"].nunique() < 2:
        return pd.DataFrame([[many, np.nan, np.nan, np.nan, np.nan]], columns=names)
    rho, p = spearmanr(by_item["grade"], by_item["share"])
    half = float(ndtri((1 + level) / 2)) * np.sqrt((1 + rho * rho / 2) / (many - 3))
    at = np.arctanh(np.clip(rho, -1 + 1e-12, 1 - 1e-12))
    return pd.DataFrame([[many, rho, np.tanh(at - half), np.tanh(at + half), p]], columns=names)
