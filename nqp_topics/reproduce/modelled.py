"""Modelled: what a methods section says of the model and of its number of topics."""

from importlib import import_module
from inspect import signature

from nqp_topics.reproduce.facts import NOTHING, Facts, Item, Said, joined, missing, named, needless, say
from nqp_topics.topics.engines import ENGINES
from nqp_topics.topics.engines.held import DAMP, LIFT, TIMES
from nqp_topics.topics.model import Topics


def engine(facts: Facts) -> Said:
    """Say what fitted the topics, with every setting."""
    run, many = facts.run, len(facts.run.names)
    if run.engine == "sampler":
        return say("engine-sampler", many, run.version, run.seed, _chains(run))
    asked = signature(import_module(ENGINES[run.engine]).fit).parameters.values()
    usual = {one.name: one.default for one in asked if isinstance(one.default, int | float | str)}
    settings = {**usual, **run.settings, **run.ran}
    shown = ", ".join(f"{name} = {value}" for name, value in sorted(settings.items()))
    return say("engine-other", many, say(run.engine), run.version, run.seed, shown)


def _chains(run: Topics) -> Said:
    """Tell how the sampler's chains ran, and what became of them."""
    ran, topics = {**run.settings, **run.ran}, len(run.names)
    begun = say("begun", ran["start"]) if ran["start"] else NOTHING
    sweeps = say("sweeps", ran["sweeps"])
    if ran["chains"] == 1:
        return say("chain", begun, sweeps, ran["finish"])
    each = max(2, len(ran.get("anchors", ())), round(ran["finer"] * topics))
    each = min(each, len(run.passages), len(run.words))
    return say("chains-of", ran["chains"], each, begun, sweeps, topics, ran["finish"])


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
    return say("alternatives", joined(numbers), joined(map(named, scores), "; ", "、"))


MODELLED: list[Item] = [
    ("model", "engine", engine),
    ("model", "priors", priors),
    ("model", "anchors", anchors),
    ("model", "prevalence", prevalence),
    ("model", "convergence", settled),
    ("number", "reason", number),
    ("number", "alternatives", tried),
]
