"""Planted worlds for effects: articles of several short passages, speakers with habits, a group that moves two topics, years that move none.

40 speakers, half of them in each group, write 1 to 4 articles of 3 to 8 passages. Topics have .3, .3, .2, .2 on average; group b has .15 more of the first
and .15 less of the second (`step`). A speaker is drawn round the group's mean (strength 30), an article round its speaker (9), a passage round its article
(3), and its tokens (15 or 100) from topics of 200 words (Dirichlet, .05). True are the differences of the means that speakers are drawn round; bias is
reckoned from what a world's passages are about, so that the chance of who speaks is not in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from nqp_topics import compare
from nqp_topics.counts import Counts
from nqp_topics.topics import Topics, train

FORMULA = "group + year"
MEAN, STEP = np.array([0.3, 0.3, 0.2, 0.2]), 0.15
TRUE = {"group": np.array([STEP, -STEP, 0.0, 0.0]), "year": np.zeros(4)}
WORDS = [f"v{number:03d}" for number in range(200)]


def speakers(seed: int, length: int) -> tuple[Counts, pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Plant a world: counts, what is known of articles, topics × words, and what articles are about."""
    rng = np.random.default_rng(seed)
    words = rng.dirichlet(np.full(len(WORDS), 0.05), 4)
    rows, articles, about, shares = [], [], {}, []
    for speaker in range(40):
        group = "ab"[speaker % 2]
        habit = rng.dirichlet(30 * (MEAN + TRUE["group"] * (0.5 if group == "b" else -0.5)))
        for number in range(int(rng.choice([1, 1, 2, 4]))):
            article = f"a{speaker:02d}{number}"
            about[article] = {
                "group": group,
                "witness": f"w{speaker:02d}",
                "year": int(rng.integers(2000, 2020)),
            }
            own = rng.dirichlet(9 * habit + 1e-6)
            for _ in range(int(rng.integers(3, 9))):
                shares.append(rng.dirichlet(3 * own + 1e-4))
                rows.append(rng.multinomial(length, shares[-1] @ words))
                articles.append(article)
    ids = [f"{name}-{place:03d}" for place, name in enumerate(articles)]
    known = pd.DataFrame.from_dict(about, orient="index").rename_axis("id")
    return (
        Counts(ids, WORDS, np.array(rows), articles),
        known,
        words,
        pd.DataFrame(shares).groupby(articles).mean(),
    )


def planted_order(run: Topics, words: np.ndarray) -> list[str]:
    """Return the topics of a run in the order of those that were planted."""
    table = run.words.loc[WORDS].to_numpy()
    alike = words / np.linalg.norm(words, axis=1, keepdims=True) @ (table / np.linalg.norm(table, axis=0))
    return [run.names[place] for place in linear_sum_assignment(-alike)[1]]


def moved(found: Any, seed: int) -> None:
    """Effects of a group and of years: with the prior in the model always, without it, and on long passages, in every second world."""
    for length, formula in ((15, FORMULA), (15, ""), (100, FORMULA), (100, "")):
        if seed % 2 and (length, formula) != (15, FORMULA):
            continue
        counts, about, words, shares = speakers(seed, length)
        here = compare.effects_of_shares(shares, about, FORMULA, draws=100).contrasts
        run = train(counts, 4, 1, chains=8, prevalence=formula, about=about)
        if not formula:
            plain = compare.effects_of_shares(run.articles(counts), about, FORMULA, draws=100).contrasts
            order = planted_order(run, words)[:2]
            first, second = plain[plain["term"] == "group"].set_index("topic").loc[order, "estimate"]
            real = here.loc[here["term"] == "group", "estimate"].to_numpy()
            case = f"±.15, {length} tokens, shares of articles without the prior"
            found["effects", "bias", 0.0, case].ours.extend([first - real[0], real[1] - second])
        table = compare.effects(run, counts, about, FORMULA, about["witness"], draws=200).contrasts
        case = f"{length} tokens, {'with' if formula else 'without'} the prior"
        for term, rows in table.groupby("term"):
            rows, truth = rows.set_index("topic").loc[planted_order(run, words)], TRUE[term]
            real = here.loc[here["term"] == term, "estimate"].to_numpy()
            held = ((rows["low"] <= truth) & (truth <= rows["high"])).to_numpy().astype(float)
            for null, called in ((False, "±.15"), (True, "nothing")):
                some = (truth == 0) == null
                if some.any():
                    of = f"{term}, {called}" if null else called
                    found["effects", "interval", 0.95, f"{of}, {case}"].ours.extend(held[some])
                    off = (rows["estimate"] - real).to_numpy() * np.where(truth < 0, -1, 1)
                    found["effects", "bias", 0.0, f"{of}, {case}"].ours.extend(off[some])
                    if null:
                        found["effects", "test", 0.05, f"{of}, {case}"].ours.extend(
                            (rows["p"] < 0.05).to_numpy()[some].astype(float)
                        )
