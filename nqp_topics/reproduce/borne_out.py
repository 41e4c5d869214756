"""Borne out: what a methods section says of reliability, validity, comparison, and of what others can do again."""

from collections.abc import Mapping
from inspect import signature
from typing import Any

import pandas as pd

from nqp_topics.compare import overall
from nqp_topics.figures.by_group import several_runs, worst
from nqp_topics.figures.effect_sizes import clear as one_sign
from nqp_topics.naming import given, has_name
from nqp_topics.naming.labels import scored, unseen
from nqp_topics.reproduce.facts import (
    ANSWERED,
    NOTHING,
    Facts,
    Item,
    Said,
    joined,
    missing,
    named,
    needless,
    say,
)
from nqp_topics.reproduce.notebooks import has_dates
from nqp_topics.reproduce.prepared import groups, own
from nqp_topics.vary.asking import holds
from nqp_topics.vary.findings import findings


def stable(facts: Facts) -> Said:
    """Say how far other seeds find the same topics."""
    found = facts.table("stability")
    if found is None:
        return missing(facts.todo("3-choose"))
    seen = found["top_words"].min(), found["top_words"].max(), found["chance_top_words"].mean()
    weak = ", ".join(found.loc[found["top_words"] < 0.5, "topic"])
    said = say("seeds", len(facts.study.run_seeds) - 1, *(f"{one:.2f}" for one in seen))
    return joined([said, say("seeds-weak", weak) if weak else NOTHING], "", "")


def agreed(facts: Facts) -> Said:
    """Say how far the chains of the run agree."""
    found = facts.run.topic_agreement
    if found is None:
        return needless("chains-one")
    return say("chains", f"{found.min():.2f}", f"{found.max():.2f}")


def varied(facts: Facts) -> Said:
    """Say which other choices were tried, and in how many of their combinations each registered finding holds."""
    if not facts.study.varied:
        return needless("choices-none")
    found = facts.table("multiverse")
    if found is None:
        return missing("nqp-topics vary")
    registered, each = {one.name: one for one in findings(facts.study)}, []
    for row in holds(found.assign(size=pd.to_numeric(found["size"], errors="coerce"))).itertuples():
        one = registered.get(row.finding)
        kind = say(f"finding-{one.kind}{'-from-run' if one.from_run else ''}") if one else NOTHING
        shuffled = row.placebo == row.placebo  # not where nothing was
        chance = say("finding-chance", f"{row.placebo:.0%}") if shuffled else NOTHING
        often = row.found, row.universes, f"{row.holds:.0%}", chance, row.unmatched, row.failed
        called = (row.finding, one.name_zh or row.finding) if one else row.finding
        each.append(say("finding", called, kind, *often))
    return say("choices", _choices(facts.study.varied), joined(each, "; ", "；"))


def _choices(varied: Mapping[str, list[Any]]) -> Said:
    """Tell which settings were varied, and to what."""
    told = []
    for name, values in varied.items():
        share = name == "max_df" and all(one <= 1 for one in values)
        shown = joined(f"{100 * one:g}%" if share else str(one) or named("none") for one in values)
        left_out = name == "leave_out"
        told.append(say("choice-leave-out") if left_out else say("choice", named(f"choice {name}"), shown))
    return joined(told, "; ", "；")


def labels(facts: Facts) -> Said:
    """Say how many topics have a name that a person gave, and how many of these names say that the topic is mixed."""
    rows = given(facts.study)
    mine = rows[(rows["fingerprint"] == facts.run.fingerprint) & has_name(rows)]
    if mine.empty:
        return missing("nqp-topics labels")
    who = sorted({one for one in mine["who"] if one})
    mixed = int((mine["en"] + mine["zh"]).str.contains(r"\(mixed\)|（混合）").sum())
    by = say("labels-by", joined(who)) if who else NOTHING
    of_these = say("labels-mixed", mixed) if mixed else NOTHING
    return say("labels", len(mine), len(facts.run.names), by, of_these)


def readers(facts: Facts) -> Said:
    """Say what readers answered."""
    mine = scored(facts.study, facts.run).query("topic == 'all'")
    if mine.empty:
        return missing("nqp-topics validate")
    one, below = mine.iloc[0], ", ".join(unseen(facts.study, facts.run))
    shares = (f"{float(one[name]):.0%}" for name in ("right", "low", "high", "chance"))
    said = say("readers", one["answers"], one["items"], *shares)
    return joined([said, say("readers-below", below) if below else NOTHING], "", "")


def compared(facts: Facts) -> Said:
    """Say how shares of groups, or contrasts of a formula, were tested, and what was found in every run."""
    if said := [one for one in (_groups_tested(facts), _contrasts(facts)) if one]:
        return joined(said, " ", "")
    if groups(facts).state == ANSWERED:
        return missing(facts.todo("5-compare"))
    return needless("compared-nothing")


def _runs(found: pd.DataFrame) -> Said:
    """Tell which runs were asked whether a row is beyond chance."""
    return say("in-every-run" if several_runs(found) else "in-one-run")


def _who(facts: Facts) -> Said:
    """Tell who counts as one witness."""
    study = facts.study
    own = [joined(map(named, study.witness), "/", "/"), say("article-else")]
    of_groups = (
        say("witness-of", named(group), joined(map(named, columns), "/", "/"))
        for group, columns in study.witness_of.items()
    )
    return joined([*(own if study.witness else [say("article")]), *of_groups], "", "")


def _groups_tested(facts: Facts) -> Said | None:
    found = facts.table("group_shares")
    if found is None or found["bh"].isna().all():
        return None
    topics = found.drop_duplicates("topic")
    names = topics.loc[worst(topics, "bh") < 0.05, "topic"].tolist()
    listed = say("groups-differ", joined(names)) if names else NOTHING
    small = found.loc[~found["tested"], "group"].unique()
    few = say("groups-small", joined(map(named, small))) if len(small) else NOTHING
    times = f"{signature(overall).parameters['draws'].default:,}"
    return say("groups-tested", times, _who(facts), len(topics), _runs(topics), len(names), listed, few)


def _contrasts(facts: Facts) -> Said | None:
    found = facts.table("effect_sizes")
    if found is None:
        return None
    terms = joined(map(named, dict.fromkeys(found["term"])), " + ", "、")
    many = int(found["articles"].max()), int(found["witnesses"].max()), len(found)
    return say("contrasts", terms, *many, say("one-sign", _runs(found)), int(one_sign(found).sum()))


def over_time(facts: Facts) -> Said:
    """Say how change over time was told."""
    found = facts.table("over_years")
    if found is None:
        return missing(facts.todo("7-time")) if has_dates(facts.study) else needless("time-few")
    moved = found.loc[~found["flat"].astype(bool), "topic"].nunique()
    turns = (int(found[name].sum()) for name in ("turn", "turn_words"))
    return say("time", found["topic"].nunique(), found["time"].min(), found["time"].max(), moved, *turns)


def again(facts: Facts) -> Said:
    """Say by what the run is known."""
    return say("rerun", facts.run.fingerprint[:12], facts.counts.fingerprint[:12])


def shared(facts: Facts) -> Said:
    """Say what may be shared."""
    study = facts.study
    texts = say("texts-shared" if study.publish_texts else "texts-kept")
    return say("sharing", texts, study.counts) if study.has_counts else say("sharing-nothing", texts)


BORNE_OUT: list[Item] = [
    ("reliability", "seeds", stable),
    ("reliability", "chains", agreed),
    ("reliability", "other choices", varied),
    ("validity", "labels", labels),
    ("validity", "readers", readers),
    ("comparison", "differences", compared),
    ("comparison", "time", over_time),
    ("transparency", "rerun", again),
    ("transparency", "sharing", shared),
    ("transparency", "limits", own("limits")),
]
