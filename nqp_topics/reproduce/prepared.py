"""Prepared: what a methods section says of the corpus, of how texts became counts, of the model and of its number of topics."""

from collections.abc import Callable
from importlib import import_module
from inspect import signature

import pandas as pd

from nqp_topics.compare.over_time import years_of
from nqp_topics.documents import registry
from nqp_topics.figures.evidence import quick
from nqp_topics.figures.styles import in_order
from nqp_topics.reproduce.facts import (
    NOTHING,
    WORDS,
    Facts,
    Item,
    Said,
    joined,
    missing,
    named,
    needless,
    say,
)
from nqp_topics.topics.engines import ENGINES
from nqp_topics.topics.engines.held import DAMP, LIFT, TIMES
from nqp_topics.topics.engines.settling import ENDS, KNOWN
from nqp_topics.topics.model import Topics
from nqp_topics.words import drafts, lexicon


def own(key: str) -> Callable[[Facts], Said]:
    """Return what answers with the author's words in study.toml; where they stand in one language only, both have them."""

    def answer(facts: Facts) -> Said:
        en, zh = (str(getattr(facts.study, name)).strip() for name in (key, f"{key}_zh"))
        return Said(en or zh, zh or en) if en or zh else missing(f"[methods] {key}")

    return answer


def size(facts: Facts) -> Said:
    """Say how much is counted, and how many articles of the registry hold nothing that is."""
    counts, rows = facts.counts, registry.of_study(facts.study)
    many = len(facts.about), len(counts.ids), len(counts.words), counts.tokens
    gone = 0 if rows is None else len(rows) - len(facts.about)
    rest = say("size-rest", f"{gone:,}") if gone else NOTHING
    return say("size", *(f"{one:,}" for one in many), rest)


def dates(facts: Facts) -> Said:
    """Say how many articles have a date."""
    years = years_of(facts.about)
    if years.empty:
        return needless("dates-none")
    return say("dates", len(years), len(facts.about), years.min(), years.max())


def groups(facts: Facts) -> Said:
    """Say how many articles each group has, in the order in which figures have them: periods by time, others by size."""
    by, rows = facts.study.groups, facts.about
    groups = rows[by].astype(str) if by in rows else pd.Series(dtype=str)
    sizes = groups[groups != ""].value_counts()
    if len(sizes) < 2:
        return needless("groups-none")
    order = [name for name in facts.study.order if name in sizes]
    order += in_order(sizes.drop(order))
    rest = say("groups-rest", many) if (many := int((groups == "").sum())) else NOTHING
    each = joined(say("counted", named(name), sizes[name]) for name in order)
    return say("groups", named(by), each, rest)


def cleaning(facts: Facts) -> Said:
    """Say what cleaning took away, kind by kind, and what it mended, which was not taken away."""
    lost, study = facts.table("losses"), facts.study
    if lost is None:
        return missing("nqp-topics share")
    by_step = lost.groupby("step")[["pieces", "han"]].sum().astype(int)
    mended = int(by_step["pieces"].get("repair_characters", 0))
    gone = by_step.drop("repair_characters", errors="ignore").query("pieces > 0")
    gone = gone.sort_values("pieces", ascending=False, kind="stable")
    said = say("cleaning-nothing")
    if len(gone):
        kinds = (tuple(WORDS["pieces"].get(step, (step, step))) for step in map(str, gone.index))
        each = (say("counted", kind, f"{many:,}") for kind, many in zip(kinds, gone["pieces"], strict=True))
        said = say("cleaning", joined(each), f"{int(gone['han'].sum()):,}")
    repaired = say("cleaning-mended", len(study.repairs), f"{mended:,}") if study.repairs else NOTHING
    written = say("cleaning-simplified") if study.script == "simplified" else NOTHING
    return joined([said, repaired, written], "", "")


def units(facts: Facts) -> Said:
    """Say what a passage is."""
    return say("units", facts.study.shortest, facts.study.longest)


def segmentation(facts: Facts) -> Said:
    """Say what cuts texts into words, and which terms stay whole."""
    study = facts.study
    known = drafts.lexicon_of(study) if study.path(study.lexicon).is_file() else None
    whole = say("lexicon-none") if known is None or known.empty else say("lexicon", f"{len(known):,}")
    guess = say("guessed" if study.guess else "not-guessed")
    return say("segmentation", say(f"cutter-{study.cut_by}"), whole, guess)


def filters(facts: Facts) -> Said:
    """Say which words are left out before counting, and what share of all tokens they were."""
    study, went = facts.study, facts.table("sifted")
    place = study.path(study.stopwords) if study.stopwords else None
    many = len(lexicon.read_words(place)) if place and place.is_file() else 0
    many += len(drafts.accepted(study.path(study.stopwords_sheet))) if study.stopwords_sheet else 0
    gone = [say("gone-signs")]
    gone += [say("gone-general")] if study.general_stopwords else []
    gone += [say("gone-own", many)] if many else []
    gone += [say("gone-short", study.shortest_word)] if study.shortest_word > 1 else []
    gone += [] if study.numbers else [say("gone-numbers")]
    gone += [say("gone-parts", ", ".join(study.parts))] if study.parts else []
    took = NOTHING if went is None else say("filters-share", f"{went['share'].sum():.1%}")
    return say("filters", joined(gone), took)


def limits(facts: Facts) -> Said:
    """Say which words stand in too few or too many passages to be counted."""
    trimmed, study, share = facts.table("trimmed"), facts.study, facts.study.max_df <= 1
    most = f"{100 * study.max_df:g}%" if share else f"{study.max_df:g}"
    said = say("thresholds", study.min_df, most, ("", "的" if share else "个"))
    end = say("thresholds-end")
    if trimmed is not None:
        rare = int(trimmed["reason"].str.startswith("in fewer").sum())
        end = say("thresholds-trimmed", f"{rare:,}", f"{len(trimmed) - rare:,}")
    return joined([said, end], "", "")


def engine(facts: Facts) -> Said:
    """Say what fitted the topics, with every setting."""
    run, many = facts.run, len(facts.run.names)
    if run.engine == "sampler":
        return say("engine-sampler", many, run.version, run.seed, _chains(run, facts.counts.tokens))
    asked = signature(import_module(ENGINES[run.engine]).fit).parameters.values()
    usual = {one.name: one.default for one in asked if isinstance(one.default, int | float | str)}
    settings = {**usual, **run.settings, **run.ran}
    shown = ", ".join(f"{name} = {value}" for name, value in sorted(settings.items()))
    return say("engine-other", many, say(run.engine), run.version, run.seed, shown)


def _chains(run: Topics, tokens: int) -> Said:
    """Tell how the sampler's chains ran, and what became of them."""
    ran, topics = {**run.settings, **run.ran}, len(run.names)
    begun = say("begun", ran["start"]) if ran["start"] else NOTHING
    sweeps = say("sweeps", ran["sweeps"])
    if ran["chains"] == 1:
        return say("chain", begun, sweeps, ran["finish"])
    each = max(2, len(ran.get("anchors", ())), round(ran["finer"] * topics))
    each = min(each, len(run.passages), len(run.words))
    settled = NOTHING
    if run.formula:
        settled = say("settled-by-what-is-known", KNOWN, ENDS)
    elif run.common is not None:
        part, first, mostly = run.common.told(tokens, 5)
        settled = say("set-apart", part, joined(first), mostly)
    return say("chains-of", ran["chains"], each, begun, sweeps, topics, ran["finish"], settled)


def priors(facts: Facts) -> Said:
    """Say what was taken for likely beforehand."""
    run = facts.run
    of_words = say("prior-of-words", f"{run.word_prior:.3g}")
    if "word_prior" in run.ran:
        of_words = say("prior-of-words-fitting", f"{run.ran['word_prior']:g}", f"{run.word_prior:.3g}")
    many = run.prior.sum(), run.prior.min(), run.prior.max()
    return say("priors", *(f"{one:.3g}" for one in many), of_words)


def anchors(facts: Facts) -> Said:
    """Say which words were given to topics beforehand."""
    anchored = facts.run.settings.get("anchors")
    if not anchored:
        return needless("anchors-none")
    each = joined((say("anchored", name, joined(words)) for name, words in anchored), "; ", "；")
    return say("anchors", len(anchored), TIMES, LIFT, f"{DAMP:g}", each)


def prevalence(facts: Facts) -> Said:
    """Say what is known of articles that entered the model."""
    return say("prevalence", facts.run.formula) if facts.run.formula else needless("prevalence-none")


def settled(facts: Facts) -> Said:
    """Say how far the fit still moved at its end; missing where the engine notes it only once."""
    trace = facts.run.trace["log_likelihood"].to_numpy()
    if len(trace) < 2:
        return missing('[train] engine = "sampler"')
    last = f"{trace[-1]:.3f}".replace("-", "−")
    return say("convergence", facts.run.iterations, last, f"{abs(trace[-1] - trace[-2]):.3f}")


def number(facts: Facts) -> Said:
    """Give the author's reason for the number of topics, in quotes, as it stands in study.toml."""
    study = facts.study
    if study.topics != study.reported:
        return missing("[train] topics")
    why = facts.reason("topics")
    if not (why or study.reason_zh):
        return missing("[train] topics = … # …")
    en, zh = (one.rstrip(".。") for one in (why or study.reason_zh, study.reason_zh or why))
    return say("reason", study.topics, (en, zh))


def tried(facts: Facts) -> Said:
    """Say which numbers of topics were compared, and by what."""
    found = facts.table("how_many")
    if found is None:
        return missing(facts.todo("3-choose"))
    numbers, scores = sorted(found["K"].astype(int).unique()), map(str, found["score"].unique())
    quickly = say("alternatives-quick") if quick(found) else NOTHING
    return say("alternatives", joined(numbers), quickly, joined(map(named, scores), "; ", "、"))


PREPARED: list[Item] = [
    ("corpus", "question", own("question")),
    ("corpus", "selection", own("selection")),
    ("corpus", "size", size),
    ("corpus", "dates", dates),
    ("corpus", "groups", groups),
    ("preprocessing", "cleaning", cleaning),
    ("preprocessing", "units", units),
    ("preprocessing", "segmentation", segmentation),
    ("preprocessing", "filters", filters),
    ("preprocessing", "thresholds", limits),
    ("model", "engine", engine),
    ("model", "priors", priors),
    ("model", "anchors", anchors),
    ("model", "prevalence", prevalence),
    ("model", "convergence", settled),
    ("number", "reason", number),
    ("number", "alternatives", tried),
]
