"""Planted readers: who answers what they are asked of topics, with items that are hard or easy and readers who are good or bad, or who see nothing.

36 items of six choices (twelve topics, three each), answered by four readers. Who sees is right with logit(.6) + the item's ease (spread 1) + the
reader's skill (spread .5), the reader's mean being known; else the answer is a slip. Who does not see knows nothing of the right place, and is no even
guesser: every item draws all readers to one of its choices (with a chance of .67 on average, Beta(2, 1), that is the item's), every reader likes some
places better than others (Dirichlet, 3). So readers agree with each other, whatever is right: a test that takes their answers for independent finds topics that
nobody sees. True is the mean over items that might have been asked, of these readers: `naive` is the interval that takes every answer for one of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import binom

from nqp_topics import validate
from nqp_topics.validate.score import wilson
from nqp_topics.validate.tasks import CHOICES

TOPICS, EACH, READERS = 12, 3, 4
RIGHT, EASE, SKILL = 0.6, 1.0, 0.5


def asked(rng: np.random.Generator) -> validate.Tasks:
    """Return items of words with their key, drawn anew."""
    many, choices = TOPICS * EACH, len(CHOICES)
    names = [f"i{number:03d}" for number in range(1, many + 1)]
    items = pd.DataFrame({"item": names, "task": "words", "words": "", "passage": ""})
    items[CHOICES] = [[f"w{number}" for number in range(choices)]] * many
    topics = [f"T{number // EACH + 1:02d}" for number in range(many)]
    key = {"item": names, "topic": topics, "answer": rng.integers(1, choices + 1, many), "share": 0.0}
    return validate.Tasks(items, pd.DataFrame(key), "planted", 1)


def answered(tasks: validate.Tasks, sees: bool, rng: np.random.Generator) -> tuple[pd.DataFrame, float]:
    """Return the answers of readers, and how often these readers are right of items that might have been asked."""
    right = tasks.key["answer"].to_numpy() - 1
    many, choices = len(right), len(CHOICES)
    ease, skill = rng.normal(0, EASE, many), rng.normal(0, SKILL, READERS)
    lure, force = rng.integers(0, choices, many), rng.beta(2, 1, many)
    rows = []
    for reader in range(READERS):
        likes = np.cumsum(rng.dirichlet(np.full(choices, 3.0)))
        given = np.minimum(np.searchsorted(likes, rng.random(many)), choices - 1)
        given = np.where(rng.random(many) < force, lure, given)
        if sees:
            hit = rng.random(many) < expit(logit(RIGHT) + ease + skill[reader])
            slip = (right + rng.integers(1, choices, many)) % choices
            given = np.where(hit, right, slip)
        rows.append(pd.DataFrame({"coder": f"c{reader}", "item": tasks.items["item"], "answer": given + 1}))
    usual = np.random.default_rng(1).normal(0, EASE, 20_000)
    truth = expit(logit(RIGHT) + usual[:, None] + skill).mean() if sees else 1 / choices
    return pd.concat(rows, ignore_index=True), float(truth)


def readers(found: Any, seed: int) -> None:
    """Readers who see nothing: how often p < .05; readers who see: how often that is found, and what the interval holds."""
    for sees, called in ((False, "who see nothing"), (True, "who are right in .6")):
        rng = np.random.default_rng([seed, int(sees)])
        tasks = asked(rng)
        answers, truth = answered(tasks, sees, rng)
        table = validate.score(answers, tasks).precision.query("task == 'all'").set_index("topic")
        topics, every = table.drop(index="all"), table.loc["all"]
        kind, level = ("power", 0.8) if sees else ("test", 0.05)
        found["readers", kind, level, f"{called}, all topics"].ours.append(float(every["p"] < 0.05))
        of_topic = found["readers", kind, level, f"{called}, one topic"].ours
        of_topic.extend((topics["p"] < 0.05).astype(float))
        hits = round(every["right"] * every["answers"])
        naive = binom.sf(hits - 1, every["answers"], 1 / len(CHOICES)) < 0.05
        found["readers", kind, level, f"{called}, all topics"].naive.append(float(naive))
        cell = found["readers", "interval", 0.95, f"{called}, right"]
        low, high = wilson(every["right"], every["answers"], 0.95)
        cell.ours.append(float(every["low"] <= truth <= every["high"]))
        cell.naive.append(float(low <= truth <= high))
        cell.wide.append(every["high"] - every["low"])
        cell.naive_wide.append(high - low)
