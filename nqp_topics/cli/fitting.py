"""The verbs of topics: train, choose."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nqp_topics.checks import said, whole_number
from nqp_topics.cli.common import study_of, tell
from nqp_topics.study import Problem, Refused, Study, refuse_if

if TYPE_CHECKING:
    import pandas as pd

    from nqp_topics.counts import Counts

FEW = "[0-9]{1,9}"  # digits of a number that somebody means


def counts_of(options: argparse.Namespace, study: Study) -> tuple[Counts, pd.DataFrame | None]:
    """Return the counts asked for: those of a folder, those of the study, or texts cut, filtered and counted, with their tokens."""
    from nqp_topics import counts as count
    from nqp_topics.words.cut.lines import read_texts

    if options.file is None or Path(options.file).is_dir():
        refuse_if(_for_texts(options))
        return (count.load(options.file) if options.file else count.of_study(study)), None
    files = {name: getattr(options, name) for name in ("lexicon", "stopwords")}
    given = {name: str(Path(file).absolute()) for name, file in files.items() if file}
    limits = {name: getattr(options, name) for name in ("min_df", "max_df")}
    given |= {name: limit for name, limit in limits.items() if limit is not None}
    made = count.by_study(study.but(**given), read_texts(options.file))
    counts = made.counts
    left_out = made.sifted["share"].sum()
    tell(
        f"{len(counts.ids)} texts, {len(counts.words)} words; filters took {left_out:.0%} of the tokens, "
        f"{len(made.trimmed)} words were too rare or too frequent",
        file=sys.stderr,
    )
    if len(made.empty):
        first = ", ".join(made.empty["id"].head(5))
        tell(f"{len(made.empty)} texts keep no word and have no topics: {first}", file=sys.stderr)
    return counts, made.tokens


def _for_texts(options: argparse.Namespace) -> Iterator[Problem]:
    """Tell what was asked of counts that only texts can be asked: they are cut, filtered and trimmed already."""
    for name in ("lexicon", "stopwords", "min_df", "max_df"):
        if (value := getattr(options, name)) is not None:
            yield Problem(
                f"--{name.replace('_', '-')}",
                f"{said(value)}, for counts that are made",
                "texts in JSON lines, which are cut, filtered and counted",
                "give the texts in place of the folder, or leave it out",
            )


def _numbers(written: str) -> list[int]:
    """Read 2:30, 5:50:5 or 8,12,20."""
    match = re.fullmatch(rf"({FEW}):({FEW})(?::({FEW}))?", written.strip())
    if match and int(match[1]) <= int(match[2]) and (match[3] is None or int(match[3]) > 0):
        asked = range(int(match[1]), int(match[2]) + 1, int(match[3] or 1))
        refuse_if(
            whole_number(f"--topics {written}: how many numbers", len(asked), 1, 1000, "take a larger step")
        )
        return list(asked)
    if re.fullmatch(rf"{FEW}(?:\s*,\s*{FEW})*", written.strip()):
        return sorted({int(number) for number in written.split(",")})
    raise Refused(
        Problem("--topics", said(written), "A:B, A:B:STEP, or numbers with commas", "for example 5:30:5")
    )


def _unsaid(number: int, seed: int | None) -> Iterator[Problem]:
    if not number:
        yield Problem(
            "--topics",
            "nothing",
            "how many topics: there is no default",
            "nqp-topics choose shows what speaks for which",
        )
    if seed is None:
        yield Problem("--seed", "nothing", "a whole number from 0 on", "any will do: it is recorded")


def _settings(written: list[str], engine: str) -> dict[str, Any]:
    """Read NAME=NUMBER as settings of an engine."""
    from nqp_topics.topics.fit import setting_problems

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


def _choose(options: argparse.Namespace) -> None:
    from nqp_topics import choose
    from nqp_topics.files.tables import write_table

    numbers, study = _numbers(options.topics), study_of(options)
    engine = options.engine or study.engine
    settings = _settings(options.set, engine)
    counts, tokens = counts_of(options, study)
    if tokens is not None:
        tokens = tokens[tokens["id"].isin(set(counts.ids))]
    table = choose.grid(
        counts, numbers, options.seeds, tokens, engine=engine, cache=options.cache, **settings
    )
    write_table(table, options.output)
    print(choose.spread(table).pivot(index="K", columns="score", values="mean").round(3).T.to_string())
    tell(f"{options.output}: {len(numbers)} numbers of topics, {options.seeds} seeds", file=sys.stderr)


def _train(options: argparse.Namespace) -> None:
    from nqp_topics.topics import save, train

    study = study_of(options)
    number = options.topics if options.topics is not None else study.topics
    seed = options.seed if options.seed is not None else (study.seed if study.topics else None)
    refuse_if(_unsaid(number, seed))
    engine = options.engine or study.engine
    own = study.engines.get(engine, {}) if number == study.reported else {}
    settings = {**own, **_settings(options.set, engine)}
    counts, _ = counts_of(options, study)
    run = train(counts, number, int(seed or 0), engine, **settings)
    save(run, options.output)
    tell(
        f"{options.output}: {number} topics, seed {seed}, engine {engine}, run {run.fingerprint[:12]}",
        file=sys.stderr,
    )
    for name in run.names:
        first = run.words[name].sort_values(ascending=False, kind="stable").head(8).index
        print(f"{name}  {' '.join(first)}")
