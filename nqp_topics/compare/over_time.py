"""Over time: shares of topics by year or month, with bands for a single moment and for the whole course."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, one_of, refuse_if, whole_number
from nqp_topics.compare.given import Names, by_name, number_problems
from nqp_topics.compare.grouping import witness_codes
from nqp_topics.compare.resample import keyed, share_limits, weighted

FEWEST = 20  # dated articles, of a group too: with fewer a course is drawn by single ones
MOMENTS = 5  # years or months that hold them
DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?|年)?")
GAP, ALONE = "no article: a gap", "one witness: no interval"


class Dated(NamedTuple):
    """Articles with a date: article → `moment` (a year, or a month counted from year 0), `group` and `voice` (empty where none is asked for)."""

    moment: dict[str, int]
    group: dict[str, str]
    voice: dict[str, str]


class Course(NamedTuple):
    """The articles of one group in time: shares (articles × topics), the moment and witness of each, and the weights (moments × articles) by which they are smoothed."""

    shares: np.ndarray
    moment: np.ndarray
    witness: np.ndarray
    weights: np.ndarray
    note: list[str]


def over_time(
    shares: pd.DataFrame,
    dates: Names,
    by: str = "year",
    groups: Names | None = None,
    held: Names | None = None,
    within: Names | None = None,
    smooth: int = 1,
    draws: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Mean share of every topic in every year (or `by` month), smoothed over its neighbours, with two bands; `shares` of articles are those of `run.articles(counts)`.

    `dates`: article → date (2015, 2015-03, 2015-03-05, 2015年3月); articles without one are left out. `groups`: article → group, each with a
    course of its own. `held`: article → who speaks; every one keeps the same weight at all times, else a change of voices looks like a change of
    what is said. `within`: article → witness, as in `grouped`. `smooth`: over how many neighbours on either side a mean reaches, the nearer the
    heavier; 0 shows each year for itself. With 1 a sudden break becomes a slope, and the years beside it are held less often.

    One row a group, topic and moment: group, topic, time, share, low, high (they hold the mean of that moment), band_low, band_high (they hold
    the whole course of the topic), flat (whether a level line fits into the band: no change is then shown, nor
    that there is none: it fits in .83 of planted courses that rise by .15 in twelve years, and in .99 of flat ones and more), articles (of the moment), witnesses
    (effective number behind the mean), dated (articles of the group), note. A moment without an article is a gap: nothing is put there, and with
    `held` neither where a voice is silent. Refused: fewer than 20 dated articles, or 5 moments, in all or in a group; dates that cannot be read.
    """
    shares = shares.set_axis(shares.index.map(str), axis=0).sort_index()
    numbers = number_problems("over_time", draws=draws, seed=seed, level=level)
    choice = one_of("over_time(by)", by, ("year", "month"))
    refuse_if(numbers, choice, whole_number("over_time(smooth)", smooth, 0, 50, "1 is usual"))
    read = dated("over_time", shares.index, dates, by, groups, held)
    moments, names = read.moment, list(read.moment)
    members = {key: [n for n in names if read.group[n] == key] for key in sorted(set(read.group.values()))}
    first, last = min(moments.values()), max(moments.values())
    tables = []
    for key, names in members.items():
        moment = np.array([moments[name] - first for name in names])
        witness = witness_codes(within, names, "over_time(within)")
        weights, note = _weights(moment, [read.voice[name] for name in names], 1 + last - first, smooth)
        course = Course(shares.loc[names].to_numpy(), moment, witness, weights, note)
        table = _banded(course, list(map(str, shares.columns)), keyed(seed, "time", key), draws, level)
        table.insert(0, "group", key)
        table.insert(2, "time", [said_time(first + step, by) for step in table.pop("step")])
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def dated(
    where: str,
    articles: Iterable[object],
    dates: Names,
    by: str,
    groups: Names | None = None,
    held: Names | None = None,
) -> Dated:
    """Return the articles that have a date (and a group, and a voice, where these are asked for), in the order of the articles.

    Refused: dates that cannot be read, all at once; fewer than 20 dated articles, or 5 moments, in all or in a group.
    """
    names = list(map(str, articles))
    moments = _moments(where, by_name(dates, f"{where}(dates)"), names, by)
    given = {"groups": groups, "held": held}
    read = {what: by_name(of, f"{where}({what})") for what, of in given.items() if of is not None}
    kept = {name: moment for name, moment in moments.items() if all(of.get(name) for of in read.values())}
    group, voice = ({name: read.get(what, {}).get(name, "") for name in kept} for what in given)
    refuse_if(_too_few(where, kept, group, len(moments), len(names)))
    return Dated(kept, group, voice)


def years_of(about: pd.DataFrame) -> pd.Series:
    """Return the years of the articles of a registry that have a date."""
    if "date" not in about:
        return pd.Series([], dtype=int)
    return about["date"].astype(str).str.extract(r"^(\d{4})", expand=False).dropna().astype(int)


def enough(about: pd.DataFrame) -> bool:
    """Tell whether a registry has as many dated articles, of as many years, as a course over time asks for."""
    years = years_of(about)
    return len(years) >= FEWEST and years.nunique() >= MOMENTS


def _moments(where: str, dates: dict[str, str], articles: Sequence[str], by: str) -> dict[str, int]:
    """Return the year, or month counted from year 0, of every dated article. Refused: dates that cannot be read, all at once."""
    found, wrong = {}, []
    for name in articles:
        if not (date := dates.get(name, "")):
            continue
        read = DATE.fullmatch(date)
        year, month, day = (int(part or 0) for part in read.groups()) if read else (0, 0, 0)
        if not year or month > 12 or day > 31 or (by == "month" and not month):
            wrong.append((name, date))
        found[name] = year if by == "year" else 12 * year + month - 1
    allowed = "a year, as 2015 or 2015-03-05" if by == "year" else "a month, as 2015-03 or 2015-03-05"
    todo = "correct the date, or leave it empty"
    refuse_if(Problem(f"{where}(dates) {name}", repr(date), allowed, todo) for name, date in wrong)
    return found


def said_time(moment: int, by: str) -> str:
    """Return a moment as it is written: 2015, or 2015-03."""
    return str(moment) if by == "year" else f"{moment // 12}-{moment % 12 + 1:02d}"


def _too_few(
    where: str, kept: dict[str, int], group: dict[str, str], dates: int, articles: int
) -> Iterator[Problem]:
    allowed = f"at least {FEWEST} dated articles of {MOMENTS} moments"
    todo = "a course of so few is that of single articles: date more articles, or join groups"
    if not kept:
        came = f"{dates} dated articles of {articles}, none with a group or voice"
        yield Problem(f"{where}(dates)", came, allowed, todo)
    for key in sorted(set(group.values())):
        names = [name for name in kept if group[name] == key]
        there = len({kept[name] for name in names})
        if len(names) < FEWEST or there < MOMENTS:
            came = f"{len(names)} dated articles of {articles} in all, from {there} moments"
            yield Problem(f"{where}(groups) {key}" if key else f"{where}(dates)", came, allowed, todo)


def _weights(moment: np.ndarray, voice: list[str], steps: int, smooth: int) -> tuple[np.ndarray, list[str]]:
    """Return the weights of articles in every moment, each voice with its part of all articles; none, and why, where nothing can be said."""
    near = np.maximum(1 - np.abs(np.arange(steps)[:, None] - moment) / (smooth + 1), 0.0)
    here, speaks = np.bincount(moment, minlength=steps) > 0, np.array(voice, dtype=object)
    note = ["" if there else GAP for there in here]
    found = np.zeros(near.shape)
    for name in sorted(set(voice)):
        mine = near * (speaks == name)
        total = mine.sum(axis=1, keepdims=True)
        found += (speaks == name).mean() * mine / np.where(total > 0, total, 1.0)
        silent = np.where(total[:, 0] > 0, "", f"no article of {name}: a gap").tolist()
        note = [said or gap for said, gap in zip(note, silent, strict=True)]
    return found * (np.array(note) == "")[:, None], note


def _banded(
    course: Course, topics: Sequence[str], rng: np.random.Generator, draws: int, level: float
) -> pd.DataFrame:
    """Return the smoothed shares of one group with both bands: one row a topic and moment."""
    from scipy.special import ndtr

    weights = course.weights
    share = weighted(weights, course.shares)
    mixed, like, reach = _spread(course, share)
    by_witness = np.zeros((len(weights), course.witness.max() + 1))
    np.add.at(by_witness.T, course.witness, weights.T)
    error = (1 - like) * (weights**2).sum(axis=1) + like * (by_witness**2).sum(axis=1)
    told = (by_witness > 0).sum(axis=1) > 1
    units = 1 / np.where(told, error, 1.0)
    # how far the worst moment of a course strays: neighbours share articles, and articles their witnesses
    own = rng.standard_normal((draws, len(course.moment)))
    shared = rng.standard_normal((draws, by_witness.shape[1]))
    strayed = np.sqrt(1 - like) * own + np.sqrt(like) * shared[:, course.witness]
    worst = np.abs(weighted(strayed, weights[told].T) * np.sqrt(units[told])).max(axis=1, initial=0.0)
    whole = max(2 * float(ndtr(np.round(np.quantile(worst, level), 6))) - 1, level)
    empty = np.array([said != "" for said in course.note])
    voices, shown = units[:, None] / mixed, (told & ~empty)[:, None]
    limits = (edge for x in (level, whole) for edge in share_limits(share, voices, x, reach))
    low, high, band_low, band_high = (np.where(shown, edge, np.nan) for edge in limits)
    flat = ~(np.fmax.reduce(band_low, axis=0) > np.fmin.reduce(band_high, axis=0))  # no band shows no change
    edges = {"share": np.where(empty[:, None], np.nan, share), "low": low, "high": high}
    edges |= {"band_low": band_low, "band_high": band_high}
    alone = [said or ("" if enough else ALONE) for said, enough in zip(course.note, told, strict=True)]
    steps, many = len(weights), len(topics)
    table: dict[str, Any] = {"topic": np.repeat(np.array(topics, dtype=object), steps)}
    table["step"] = np.tile(np.arange(steps), many)
    table |= {name: edge.T.ravel() for name, edge in edges.items()}
    table |= {"flat": np.repeat(flat, steps), "articles": np.bincount(course.moment, minlength=steps)}
    table["witnesses"] = np.where(empty, 0.0, 1 / np.where(error > 0, error, np.inf))
    table |= {"dated": len(course.moment), "note": np.array(alone, dtype=object)}
    each = ("articles", "witnesses", "note")  # of moments, the same for every topic
    return pd.DataFrame(table | {name: np.tile(table[name], many) for name in each})


def _spread(course: Course, share: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return how far articles spread round the course (relative to m(1 - m), one a topic), how like those of one witness are, and degrees of freedom.

    All moments are taken together, as one holds too few articles; what is like in witnesses too, and no less than their number allows.
    """
    here = share[course.moment]
    away = course.shares - here
    own = course.weights[course.moment, np.arange(len(here))]
    # what of the spread is left where an article draws its own mean to itself
    left = np.maximum(1 - 2 * own + (course.weights[course.moment] ** 2).sum(axis=1), 0.0)
    room = np.maximum(here * (1 - here), 1e-12)
    seen, most = (away**2).sum(axis=0), (left[:, None] * room).sum(axis=0)
    whole = min(max(float(seen.sum() / most.sum()), 1e-6), 1.0)
    free = max(float(left.sum()), 0.5)
    mixed = np.minimum(np.maximum(whole, (10 * whole + free * seen / most) / (10 + free)), 1.0)
    one, other = np.triu_indices(len(here), 1)
    both = course.witness[one] == course.witness[other]
    one, other = one[both], other[both]
    squares = (away**2).sum(axis=1)
    alike = float((away[one] * away[other]).sum() / max((squares[one] + squares[other]).sum() / 2, 1e-12))
    like = min(max((len(one) * alike + 10) / (len(one) + 10), 0.0), 1.0)
    return mixed, like, free * max(float(most.sum() ** 2 / (most**2).sum()) / 2, 1.0)
