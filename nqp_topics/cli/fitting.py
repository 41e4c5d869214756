"""The verbs of topics: train, choose, effects."""

import json
import re
from argparse import Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics import choose, naming
from nqp_topics import counts as count
from nqp_topics.checks import Problem, Refused, columns, refuse_if, said, whole_number
from nqp_topics.checks.chinese import told
from nqp_topics.cli.common import aside, given, has_study, study_of
from nqp_topics.cli.studying import is_study, named_run
from nqp_topics.compare import effects, witnesses
from nqp_topics.counts import Counts
from nqp_topics.files import from_json, read_bytes, whole
from nqp_topics.files.tables import write_table
from nqp_topics.study import Study
from nqp_topics.topics import Topics, save, train
from nqp_topics.topics.fit import setting_problems
from nqp_topics.topics.formula import read_about
from nqp_topics.topics.model import belong
from nqp_topics.words.cut.lines import has_tokens, read_texts, read_tokens

MAKING = ("lexicon", "stopwords", "min_df", "max_df")  # options that say how counts are made of texts
MADE = "made.json"  # in the folder of a run: what was said of these
FEW = "[0-9]{1,9}"  # digits of a number that somebody means


def counts_of(options: Namespace, study: Study) -> tuple[Counts, pd.DataFrame | None]:
    """Return the counts asked for: those of a folder, those of the study, or texts cut, filtered and counted, with their tokens."""
    if options.file is None or Path(options.file).is_dir():
        refuse_if(_for_texts(options))
        return (count.load(options.file) if options.file else count.of_study(study)), None
    limits = given(options, ("min_df", "max_df"))
    if has_tokens(options.file):
        refuse_if(_for_texts(options, ("lexicon", "stopwords")))
        tokens = read_tokens(options.file)
        counted = count.count(tokens, **limits)
        _tell_empty(counted.empty)
        return counted.counts, tokens
    files = given(options, ("lexicon", "stopwords")).items()
    lists = {name: str(Path(file).absolute()) for name, file in files if file}
    made = count.by_study(study.but(**lists, **limits), read_texts(options.file))
    counts = made.counts
    left_out = made.sifted["share"].sum()
    aside(
        f"{len(counts.ids)} texts, {len(counts.words)} words; filters took {left_out:.0%} of the tokens, "
        f"{len(made.trimmed)} words were too rare or too frequent"
    )
    _tell_empty(made.empty)
    return counts, made.tokens


def _tell_empty(empty: pd.DataFrame) -> None:
    if len(empty):
        first = ", ".join(empty["id"].head(5))
        aside(f"{len(empty)} texts keep no word and have no topics: {first}")


def _for_texts(options: Namespace, names: Iterable[str] = MAKING) -> Iterator[Problem]:
    """Tell what was asked of counts, or tokens, that only texts can be asked: they are cut and filtered already."""
    for name, value in given(options, names).items():
        came = f"{said(value)}, for counts that are made"
        allowed = "texts in JSON lines, which are cut, filtered and counted"
        todo = "give the texts in place of the folder, or leave it out"
        yield Problem(f"--{name.replace('_', '-')}", came, allowed, todo)


def _numbers(written: str) -> list[int]:
    """Read 2:30, 5:50:5 or 8,12,20."""
    match = re.fullmatch(rf"({FEW}):({FEW})(?::({FEW}))?", written.strip())
    if match and int(match[1]) <= int(match[2]) and (match[3] is None or int(match[3]) > 0):
        asked = range(int(match[1]), int(match[2]) + 1, int(match[3] or 1))
        where = f"--topics {written}: how many numbers"
        refuse_if(whole_number(where, len(asked), 1, 1000, "take a larger step"))
        return list(asked)
    if re.fullmatch(rf"{FEW}(?:\s*,\s*{FEW})*", written.strip()):
        return sorted({int(number) for number in written.split(",")})
    allowed = "A:B, A:B:STEP, or numbers with commas"
    raise Refused(Problem("--topics", said(written), allowed, "for example 5:30:5"))


def _unsaid(number: int, seed: int | None) -> Iterator[Problem]:
    if not number:
        allowed = "how many topics: there is no default"
        yield Problem("--topics", "nothing", allowed, "nqp-topics choose shows what speaks for which")
    if seed is None:
        yield Problem("--seed", "nothing", "a whole number from 0 on", "any will do: it is recorded")


def _settings(written: list[str], engine: str) -> dict[str, Any]:
    """Read NAME=NUMBER as settings of an engine."""
    found: dict[str, Any] = {}
    problems = []
    for one in written:
        match = re.fullmatch(r"\s*([a-z_]+)\s*=\s*([0-9]{1,15}|[0-9]{0,15}\.[0-9]{1,30})\s*", one)
        if match:
            found[match[1]] = int(match[2]) if match[2].isdecimal() else float(match[2])
        else:
            problems.append(Problem("--set", said(one), "NAME=NUMBER", "for example chains=4"))
    refuse_if([*problems, *setting_problems(engine, found)])
    return found


def _choose(options: Namespace) -> None:
    numbers, study = _numbers(options.topics), study_of(options)
    engine = options.engine or study.engine
    settings = _settings(options.set, engine)
    counts, tokens = counts_of(options, study)
    if tokens is not None:
        tokens = tokens[tokens["id"].isin(set(counts.ids))]
    settings |= {"engine": engine, "cache": options.cache}
    table = choose.grid(counts, numbers, options.seeds, tokens, **settings)
    write_table(table, options.output)
    means = choose.spread(table).pivot(index="K", columns="score", values="mean").round(3).T
    means = means.rename(index={score: told(score) for score in means.index})
    means = means.rename_axis(index=told("mean over seeds"), columns=told("number of topics"))
    with pd.option_context("display.unicode.east_asian_width", True):
        print(means.to_string())
    aside(f"{options.output}: {len(numbers)} numbers of topics, {options.seeds} seeds")


def _train(options: Namespace) -> None:
    study = study_of(options)
    number = options.topics if options.topics is not None else study.topics
    # without a study no seed is taken for granted
    seed = options.seed if options.seed is not None else (study.seed if has_study(options) else None)
    todo = 'say what may move topics: --prevalence "group"'
    alone = Problem("--about", said(options.about), "a table, and a formula of its columns", todo)
    refuse_if(_unsaid(number, seed), [alone] if options.about and not options.prevalence else [])
    engine = options.engine or study.engine
    model = study.model if options.file is None else {}  # the study's own counts
    if options.anchors is not None:
        model |= {"anchors": options.anchors}
    if options.prevalence:
        model |= {"prevalence": options.prevalence, "about": _about(options, study)}
    settings = study.settings(engine, number != study.reported, model.get("prevalence", ""))
    settings |= _settings(options.set, engine) | given(options, ("blocks", "threads"))
    counts, _ = counts_of(options, study)
    place = {"cluster": options.cluster, "resume": options.output}
    run = train(counts, number, int(seed or 0), engine, **model, **place, **settings)
    run = _changed(run, options)
    save(run, options.output)
    made = {name: getattr(options, name) for name in MAKING}
    made = {name: str(Path(x).absolute()) if isinstance(x, str) else x for name, x in made.items()}
    with whole(Path(options.output) / MADE) as stream:
        json.dump(made, stream)
    aside(f"{options.output}: {number} topics, seed {seed}, engine {engine}, run {run.fingerprint[:12]}")
    if run.common is not None:
        part, first, mostly = run.common.told(counts.tokens, 8)
        aside(f"words of no topic in particular were set apart, {part} of the tokens: {' '.join(first)}")
        aside(f"{mostly} of the passages are such words by more than half: their topics rest on the others")
    for name in run.names:
        first = run.words[name].sort_values(ascending=False, kind="stable").head(8).index
        print(f"{' '.join([name, *run.anchored.get(name, '').split()])}  {' '.join(first)}")


def _changed(run: Topics, options: Namespace) -> Topics:
    """Join topics, then leave some out, as they are called in the run that was fitted."""
    for change, wanted in ((naming.merge, options.merge), (naming.drop, options.drop)):
        for one in wanted:
            names, _, why = one.partition("=")
            topics = names.split("+") if change is naming.merge else [names]
            run = change(run, [name.strip() for name in topics], options.who, why)
    return run


def _about(options: Namespace, study: Study) -> pd.DataFrame:
    """Return what is known of articles: the table that is named, else the registry of the study, by its column id."""
    return read_about(options.about or study.path(study.articles or "articles.csv"))


def _effects(options: Namespace) -> None:
    study, run = named_run(options, chosen=())  # --seed is that of the draws
    made = Path(options.run) / MADE
    if made.is_file() and options.file and not Path(options.file).is_dir():
        said_then = from_json(read_bytes(made, most=10**5))
        for name in MAKING:
            if getattr(options, name) is None:
                setattr(options, name, said_then.get(name))
    about = _about(options, study)
    refuse_if(columns(options.about or "articles.csv", about, [options.witness] if options.witness else []))
    counts, _ = counts_of(options, study)
    asked = given(options, ("draws", "seed", "level"))
    if options.by_tokens:
        belong(run, counts)
        asked["tokens"] = pd.Series(run.mass(counts), list(counts.articles)).groupby(level=0).sum()
    witness = about[options.witness] if options.witness else None
    if witness is None and is_study(options.run):
        witness = witnesses(about, study.witness, study.witness_of, study.groups)
    found = effects(run, counts, about, options.formula, witness, **asked)
    write_table(found.contrasts, options.output)
    if len(found.left_out):
        first = ", ".join(found.left_out["article"].head(5))
        aside(f"{len(found.left_out)} articles have no row in the table and were left out: {first}")
    aside(f"{options.output}: {len(found.contrasts)} effects")
    if options.formula != run.formula:
        aside("short texts: train with --prevalence and this formula; without it effects are found too small")
    for row in found.contrasts[found.contrasts["holm"] < 0.05].itertuples():
        size = f"{row.estimate:+.3f} [{row.low:+.3f}, {row.high:+.3f}]"
        print(f"{row.topic}  {row.contrast}  {size}  p {row.p:.3f}")
