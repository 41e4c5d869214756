"""Words over time: which words rise and which fall inside one topic that stays the same, articles held together."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import number, one_of, refuse_if
from nqp_topics.compare.given import Names, known, number_problems
from nqp_topics.compare.grouping import witness_codes
from nqp_topics.compare.over_time import dated, said_time
from nqp_topics.compare.resample import corrected
from nqp_topics.compare.wording import expected, gathered
from nqp_topics.counts import Counts
from nqp_topics.topics.model import Topics, belong

WIDE = 3.0  # how far the log of a word's rate may well move over the whole time: e**3 is twentyfold
STEPS = 40


class _Spoken(NamedTuple):
    """A topic's words in dated articles: `found` (articles × words, expected tokens), the topic's tokens of articles, `moment`, and time from -1/2 to 1/2."""

    names: list[str]
    found: np.ndarray
    tokens: np.ndarray
    moment: np.ndarray
    time: np.ndarray
    voices: list[np.ndarray]

    def per_thousand(self, here: np.ndarray) -> np.ndarray:
        """Return how often each word stands in a thousand tokens of the topic in some articles; NaN where it has none."""
        tokens = float(self.tokens[here].sum())
        return 1000 * self.found[here].sum(axis=0) / (tokens if tokens > 0 else np.nan)


def words_over_time(
    topics: Topics,
    counts: Counts,
    dates: Names,
    topic: str,
    by: str = "year",
    held: Names | None = None,
    within: Names | None = None,
    least: float = 5.0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Tell which words of one topic rise and which fall over the years (or months), the topic being the same throughout.

    Every token is shared out over topics as the run expects it; a word's rate is its part of the topic's tokens, so that a topic that is
    spoken of more does not make its words rise. `rise` is how much the log of the rate changes from the first to the last moment along the best
    straight line (0.69: twice as often). The error is that of whole witnesses (Student's, with as many as there are), and no less than that of single tokens; `z` asks whether there is a slope at all.
    `dates`, `held` and `within` as in `over_time`: with `held` every voice has a rate of its own, and the slope is one.

    One row a word expected at least `least` times: word, count (expected tokens), early, late (per thousand of the topic's tokens in the first and the last
    third of the moments), rise, low, high, z, p, bh, articles (in which one token or more of it is expected); what rises most clearly first, what falls
    last. Refused: a topic that does not exist, what `over_time` refuses.
    """
    from scipy.special import stdtr, stdtrit

    least_problems = number("words_over_time(least)", least, todo="5 tokens is usual")
    refuse_if(number_problems("words_over_time", level=level), least_problems)
    said = _read("words_over_time", topics, counts, dates, topic, by, held)
    kept = np.flatnonzero(said.found.sum(axis=0) >= least)
    said = said._replace(found=said.found[:, kept])
    who = witness_codes(within, said.names, "words_over_time(within)")
    free = max(1, who.max() - len(said.voices))  # witnesses, less a rate of each voice and the slope
    slope = np.zeros(len(kept))
    pull, known_by = _pull(slope, said)
    z = pull.sum(axis=0) / np.sqrt(np.maximum(_by_witness(pull, who), np.maximum(known_by, 1e-12)))
    for _ in range(STEPS):
        pull, known_by = _pull(slope, said)
        slope += np.clip((pull.sum(axis=0) - slope / WIDE**2) / (known_by + 1 / WIDE**2), -1, 1)
    pull, known_by = _pull(slope, said)
    wide = float(stdtrit(free, (1 + level) / 2)) * np.sqrt(np.maximum(_by_witness(pull, who), known_by))
    wide /= known_by + 1 / WIDE**2
    times = np.array(sorted(set(said.moment)))
    thirds = times[: len(times) // 3], times[-(len(times) // 3) :]
    early, late = (said.per_thousand(np.isin(said.moment, part)) for part in thirds)
    table = {"word": np.array(counts.words, dtype=object)[kept], "count": said.found.sum(axis=0)}
    table |= {"early": early, "late": late, "rise": slope, "low": slope - wide, "high": slope + wide}
    table |= {"z": np.round(z, 9), "p": 2 * stdtr(free, -np.abs(z))}
    table |= {"bh": corrected(table["p"])[1], "articles": (said.found >= 1).sum(axis=0)}
    first = {"by": ["z", "word"], "ascending": [False, True]}
    return pd.DataFrame(table).sort_values(**first, kind="stable", ignore_index=True)


def word_course(
    topics: Topics, counts: Counts, dates: Names, topic: str, words: Iterable[str], by: str = "year"
) -> pd.DataFrame:
    """Count words of a topic moment by moment: one row a word and moment: word, time, per_thousand (of the topic's tokens), tokens (of the topic), articles.

    A moment without an article, or without a token of the topic, is a gap. Refused: words that were not counted, what `over_time` refuses.
    """
    wanted = known(words, counts.words, "word_course", "word")
    said = _read("word_course", topics, counts, dates, topic, by, None)
    column = {word: place for place, word in enumerate(counts.words)}
    rows = []
    for word in wanted:
        for moment in range(said.moment.min(), said.moment.max() + 1):
            here = said.moment == moment
            tokens = float(said.tokens[here].sum())
            per = 1000 * float(said.found[here, column[word]].sum()) / tokens if tokens > 0 else np.nan
            rows.append((word, said_time(moment, by), per, tokens, int(here.sum())))
    return pd.DataFrame(rows, columns=["word", "time", "per_thousand", "tokens", "articles"])


def _read(where: str, topics: Topics, counts: Counts, dates: Any, topic: str, by: str, held: Any) -> _Spoken:
    belong(topics, counts)
    known([topic], topics.names, where, "topic")
    refuse_if(one_of(f"{where}(by)", by, ("year", "month")))
    read = dated(where, sorted(set(counts.articles)), dates, by, None, held)
    names = list(read.moment)
    found = np.asarray((gathered(counts, names) @ expected(topics, counts, topic)).todense())
    moment, voice = (np.array([of[name] for name in names]) for of in (read.moment, read.voice))
    time = (moment - moment.min()) / (moment.max() - moment.min()) - 0.5
    voices = [voice == one for one in sorted(set(voice.tolist()))]
    return _Spoken(names, found, found.sum(axis=1), moment, time, voices)


def _pull(slope: np.ndarray, said: _Spoken) -> tuple[np.ndarray, np.ndarray]:
    """Return what every article adds to the slope of every word beyond the one that is given (articles × words), and how well that slope is known.

    A word's tokens of a voice are laid out over its articles by the topic's tokens there and the slope; what is left over pulls.
    """
    pull, known_by = np.zeros(said.found.shape), np.zeros(len(slope))
    for here in said.voices:
        time = said.time[here, None]
        part = said.tokens[here, None] * np.exp(time * slope)
        part /= np.maximum(part.sum(axis=0), 1e-300)
        away = time - (part * time).sum(axis=0)
        total = said.found[here].sum(axis=0)
        pull[here] = (said.found[here] - total * part) * away
        known_by += total * (part * away**2).sum(axis=0)
    return pull, known_by


def _by_witness(pull: np.ndarray, who: np.ndarray) -> np.ndarray:
    """Return the squared error of a sum of pulls, those of one witness taken together."""
    total = np.zeros((who.max() + 1, pull.shape[1]))
    np.add.at(total, who, pull)
    many = len(total)
    squares = ((total - total.mean(axis=0)) ** 2).sum(axis=0)
    return squares * many / (many - 1) if many > 1 else np.full(pull.shape[1], np.inf)
