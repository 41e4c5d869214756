"""Findings: what a study claims, registered in findings.toml, so that it cannot be chosen after the fact."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from nqp_topics.checks import Problem, Refused, file_here, named_once, one_of, refuse_if, said, text
from nqp_topics.files.settings import read_settings
from nqp_topics.study import Study

FILE = "findings.toml"
KINDS = ("confirmatory", "exploratory")
KEYS = ("name", "topic", "by", "more", "less", "kind", "date", "from_run", "why", "name_zh")


class Finding(NamedTuple):
    """One claim: articles of `more` have more of the topic than those of `less` (or than all others, where it is empty), by a column of the registry.

    `topic`: its name in the reported run. `kind`: confirmatory (said before the run was seen) or exploratory; `from_run`: drawn from the reported
    run. `date`: when it was registered. `name_zh`: what it is called in Chinese, where that is said; it may be said later, as nothing is reckoned from it.
    """

    name: str
    topic: str
    by: str
    more: str
    less: str
    kind: str
    date: str
    from_run: bool
    name_zh: str


def findings(study: Study, file: str | Path | None = None) -> list[Finding]:
    """Read findings.toml of a study, beside its registry: [[finding]] with name, topic (T05, or its label), by, more, less, kind, date, from_run, name_zh.

    Refused, all together: no such file, unknown keys, a name twice, a kind that is none, a finding drawn from the run that calls itself
    confirmatory, and later, when the run is known, a topic, column or group that does not exist.
    """
    place = Path(file) if file else study.facts / FILE
    todo = "write them down: [[finding]] name, topic, more, less, kind, date"
    refuse_if(file_here(place, "the findings of a study", todo))
    rows = read_settings(place, "a TOML file in UTF-8").get("finding", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        allowed = "one [[finding]] at least"
        raise Refused(Problem(str(place), "no finding", allowed, "write down what the study claims"))
    wrong = (_wrong(f"{place} finding {number}", row) for number, row in enumerate(rows, 1))
    refuse_if(*wrong, named_once(f"{place} name", [str(row.get("name")) for row in rows]))
    usual = {"by": study.groups, "less": "", "from_run": False, "name_zh": ""}
    rows = [{**usual, **row, "date": str(row["date"])} for row in rows]
    return [Finding(*(row[name] for name in Finding._fields)) for row in rows]


def _wrong(where: str, row: dict[str, Any]) -> Iterator[Problem]:
    for key in row:
        yield from one_of(where, key, KEYS, "correct the name")
    for key in ("name", "topic", "more", "kind", "date"):
        value = str(row.get(key, "")).strip() if isinstance(row.get(key, ""), str) or key == "date" else ""
        if not value:
            yield Problem(f"{where} {key}", said(row.get(key, "nothing")), "a text", "add it")
    for key in ("by", "less", "why", "name_zh"):
        yield from text(f"{where} {key}", row.get(key, ""))
    if isinstance(row.get("kind"), str):
        yield from one_of(f"{where} kind", row["kind"], KINDS)
    if not isinstance(row.get("from_run", False), bool):
        yield Problem(f"{where} from_run", said(row["from_run"]), "true or false", "correct the value")
    if row.get("kind") == "confirmatory" and row.get("from_run") is True:
        came = "confirmatory, and drawn from the reported run"
        todo = "a claim that the run suggested is not confirmed by it"
        yield Problem(f"{where} kind", came, "exploratory", todo)
