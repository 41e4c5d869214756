"""Lexicon: the terms that must stay one token, written down by a person, one entry a line.

    TERM [= ALIAS, ALIAS …] [; not before X, Y] [; not after X, Y] [; only before X, Y] [; only after X, Y]   # reason

An alias is another way to write the term; it counts as the term. The rules hold for the term and its aliases: `not
before X` lets the entry go where X follows, `only after X` takes it where X precedes and nowhere else. A `#` at the start of a line
or after a space begins a remark, so that C# can be a term. Full-width ＝ ， ； ＃ are read like their ASCII twins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.study import Problem, Refused, refuse_if, whole

RULES = ("not_before", "not_after", "only_before", "only_after")
COLUMNS = ["term", "aliases", *RULES, "reason", "line"]
GRAMMAR = "TERM [= ALIAS, …] [; not before X, …] [; not after …] [; only before …] [; only after …]  # reason"

_REMARK = re.compile(r"(?:^|\s+)[#＃]\s*(.*)$")
_RULE = re.compile(r"(not|only)\s+(before|after)\s+(.+)")


def read(file: str | Path) -> pd.DataFrame:
    """Read a lexicon: one row an entry, in the order of the file.

    Columns: term; aliases, not_before, not_after, only_before, only_after (tuples); reason; line (from 1). Refused, all bad
    lines together: lines outside the grammar, a form (term or alias) that two entries claim, rules that contradict each other.
    """
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for number, text in _lines(file):
        row, wrong = _entry(text, f"{file} line {number}")
        problems += wrong
        if row:
            rows.append({**row, "line": number})
    table = pd.DataFrame(rows, columns=COLUMNS)
    refuse_if([*problems, *_contrary(table, str(file))])
    return table


def read_words(file: str | Path) -> pd.DataFrame:
    """Read a list of stop words, `WORD  # reason`: one row a word, columns word, reason, line; a word that returns counts once."""
    rows = []
    seen = set()
    for number, text in _lines(file):
        word, reason = _remark(text)
        if word and word not in seen:
            rows.append((word, reason, number))
            seen.add(word)
    return pd.DataFrame(rows, columns=["word", "reason", "line"])


def of(terms: Iterable[str], aliases: Mapping[str, Sequence[str]] | None = None) -> pd.DataFrame:
    """Make a lexicon of plain terms, without a file; `aliases` maps a term to its other forms."""
    other = aliases or {}
    terms = [terms] if isinstance(terms, str) else list(terms)
    refuse_if(
        Problem("lexicon.of(terms)", repr(term), "a term of at least one character", "leave it out")
        for term in terms
        if not term.strip()
    )
    refuse_if(
        Problem(
            f"lexicon.of(aliases) {term!r}",
            f"aliases {', '.join(map(str, forms))} of a term that is not given",
            "aliases of the terms that are given",
            "add the term, or correct its name",
        )
        for term, forms in other.items()
        if term not in set(terms)
    )
    rows = [
        {
            "term": term,
            "aliases": tuple(other.get(term, ())),
            **dict.fromkeys(RULES, ()),
            "reason": "",
            "line": n,
        }
        for n, term in enumerate(terms, 1)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    check(table, "lexicon")
    return table


def check(table: pd.DataFrame, where: str) -> None:
    """Refuse a table that is not a lexicon: columns that are missing, doubled forms, contrary rules."""
    if missing := [name for name in COLUMNS if name not in table and name not in ("reason", "line")]:
        raise Refused(
            Problem(
                where,
                f"columns {', '.join(map(str, table.columns))}",
                f"also {', '.join(missing)}",
                "use lexicon.read or lexicon.of",
            )
        )
    refuse_if(_contrary(table, where))


def write(table: pd.DataFrame, file: str | Path) -> None:
    """Write a lexicon in the order of the table; what is read back has the same entries, remark lines are not kept."""
    problems = []
    lines = []
    for number, row in enumerate(table.to_dict("records"), 1):
        text = entry(row)
        again, wrong = _entry(text, f"lexicon row {number}, {row['term']!r}")
        same = again is not None and all(again[name] == row[name] for name in COLUMNS[:-1])
        if not same and not wrong:
            wrong = [
                Problem(
                    f"lexicon row {number}",
                    f"{row['term']!r}, which would read as another entry",
                    GRAMMAR,
                    "take the signs of the grammar (= , ; #) and outer spaces out",
                )
            ]
        problems += wrong
        lines.append(text)
    refuse_if([*problems, *_contrary(table, str(file))])
    with whole(file) as stream:
        stream.writelines(f"{line}\n" for line in lines)


def entry(row: Mapping[str, Any]) -> str:
    """Return one entry as a line of the file."""
    parts = [row["term"] + (" = " + ", ".join(row["aliases"]) if row["aliases"] else "")]
    parts += [f"{name.replace('_', ' ')} {', '.join(row[name])}" for name in RULES if row[name]]
    return "; ".join(parts) + (f"  # {row['reason']}" if row.get("reason") else "")


def _lines(file: str | Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that say something, with their numbers from 1."""
    path = Path(file)
    if not path.is_file():
        raise Refused(
            Problem(str(path), "no such file", "a text file in UTF-8, one entry a line", "correct the path")
        )
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise Refused(
            Problem(f"{path} line {number}", "bytes that are not UTF-8", "UTF-8", "save the file as UTF-8")
        ) from None
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        line = line.strip()
        if line and line[0] not in "#＃":
            yield number, line


def _remark(line: str) -> tuple[str, str]:
    found = _REMARK.search(line)
    return (line[: found.start()].strip(), found[1].strip()) if found else (line.strip(), "")


def _entry(line: str, where: str) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Read one line of the grammar."""
    text, reason = _remark(line)
    head, *rules = re.split(r"\s*[;；]\s*", text)
    term, *others = re.split(r"\s*[=＝]\s*", head)
    row: dict[str, Any] = {"term": term, "aliases": (), **dict.fromkeys(RULES, ()), "reason": reason}
    wrong = []
    if len(others) > 1:
        wrong.append("two signs =")
    elif others:
        row["aliases"] = _list(others[0])
    for rule in rules:
        found = _RULE.fullmatch(rule)
        if not found:
            wrong.append(f"the rule {rule!r}" if rule else "an empty rule")
            continue
        name = f"{found[1]}_{found[2]}"
        if row[name]:
            wrong.append(f"the rule {found[1]} {found[2]} twice")
        row[name] = _list(found[3])
    forms = [term, *row["aliases"], *(context for name in RULES for context in row[name])]
    if not all(forms):
        wrong.append("an empty place where a term, an alias or a context should stand")
    if comma := [form for form in forms[:1] if re.search(r"[,，]", form)]:
        wrong.append(f"a comma in the term {comma[0]!r}")
    if control := [form for form in forms if re.search(r"[\x00-\x1f\x7f\u2028\u2029]", form)]:
        wrong.append(f"a tab or another control character in {control[0]!r}")
    if wrong:
        return None, [Problem(where, f"{line!r}: {'; '.join(wrong)}", GRAMMAR, "correct the line")]
    return row, []


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[,，]", text))


def _place(row: Any, where: str) -> str:
    return f"{where} line {row.line}" if hasattr(row, "line") else f"{where} {row.term}"


def _contrary(table: pd.DataFrame, where: str) -> Iterator[Problem]:
    """Find what cannot hold at once: forms claimed twice, rules against each other, terms that can never come out."""
    entries = list(table.itertuples())
    claimed: dict[str, Any] = {}
    for row in entries:
        for form in (row.term, *row.aliases):
            if form in claimed:
                other = claimed[form]
                yield Problem(
                    _place(row, where),
                    f"{form!r}, which {_place(other, where)} ({other.term}) has too",
                    "every term and alias once, in one entry",
                    "take one of them out",
                )
            claimed.setdefault(form, row)
    for row in entries:
        for side, meets in (("before", str.startswith), ("after", str.endswith)):
            forbidden, needed = getattr(row, f"not_{side}"), getattr(row, f"only_{side}")
            for context in needed:
                if any(meets(context, other) for other in forbidden):
                    yield Problem(
                        _place(row, where),
                        f"{row.term!r}: only {side} {context}, and not {side} {context}",
                        "rules that can hold at once",
                        "take one of the two out",
                    )
    ruled = [row for row in entries if any(getattr(row, name) for name in RULES)]
    for row in ruled:
        for form in (row.term, *row.aliases):
            for longer, other in claimed.items():
                if form in longer and other is not row:
                    yield from _against(row, form, other, longer, where)


def _against(row: Any, form: str, other: Any, longer: str, where: str) -> Iterator[Problem]:
    """Compare the rules of a form with those of a longer form that begins or ends with it."""
    for side, edge, outer in (
        ("before", longer.endswith(form), longer.startswith(form)),
        ("after", longer.startswith(form), longer.endswith(form)),
    ):
        needed, forbidden = getattr(row, f"only_{side}"), getattr(row, f"not_{side}")
        others_needed, others_forbidden = getattr(other, f"only_{side}"), getattr(other, f"not_{side}")
        clash = (set(needed) & set(others_forbidden)) | (set(forbidden) & set(others_needed)) if edge else ()
        for context in sorted(clash):
            yield Problem(
                _place(row, where),
                f"{form!r} {'only' if context in needed else 'not'} {side} {context}, and {longer!r}, which holds it, "
                f"{'not' if context in needed else 'only'} {side} {context} ({_place(other, where)})",
                "rules of a term and of a longer one that do not contradict each other",
                "change one of the two",
            )
        free = not any(getattr(other, name) for name in RULES)
        if needed and outer and free and len(longer) > len(form):
            rest = longer[len(form) :] if side == "before" else longer[: -len(form)]
            meets = str.startswith if side == "before" else str.endswith
            if all(meets(context, rest) for context in needed):
                yield Problem(
                    _place(row, where),
                    f"{form!r} only {side} {', '.join(needed)}, where the longer {longer!r} always stands ({_place(other, where)})",
                    "a term that can come out somewhere",
                    "take one of the two out, or allow another context",
                )
