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
from typing import TYPE_CHECKING, Any

from nqp_topics.checks import UNSEEN, Problem, Refused, columns, file_here, refuse_if, said
from nqp_topics.files import read_bytes

if TYPE_CHECKING:
    import pandas as pd

RULES = ("not_before", "not_after", "only_before", "only_after")
FORMS = ["term", "aliases", *RULES]
COLUMNS = [*FORMS, "reason", "line"]
GRAMMAR = "TERM [= ALIAS, …] [; not before X, …] [; not after …] [; only before …] [; only after …]  # reason"
LARGEST = 1 << 26  # bytes of a list that people write

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
        row, wrong = _entry(text)
        if wrong:
            problems.append(Problem(f"{file} line {number}", wrong, GRAMMAR, "correct the line"))
        else:
            rows.append({**row, "line": number})
    table = _table(rows, COLUMNS)
    refuse_if(problems, _contrary(table, str(file)))
    return table


def read_words(file: str | Path) -> pd.DataFrame:
    """Read a list of stop words, `WORD  # reason`, or the word, a tab and the reason: one row a word, columns word, reason, line; a word that returns counts once.

    Refused: a word with a character that cannot be seen, which stands in no text.
    """
    lines = [(number, re.sub(r"^([^\t#]*[^\t# ]) *\t", r"\1  # ", text)) for number, text in _lines(file)]
    rows = [(*_remark(text), number) for number, text in lines]
    allowed = "a word without characters that cannot be seen"
    todo = "write the word again, in a plain text file"
    odd = [row for row in rows if UNSEEN.search(row[0])]
    refuse_if(Problem(f"{file} line {number}", said(word), allowed, todo) for word, _, number in odd)
    table = _table(rows, ["word", "reason", "line"])
    return table[table["word"] != ""].drop_duplicates("word", ignore_index=True)


def of(terms: Iterable[str], aliases: Mapping[str, Sequence[str]] | None = None) -> pd.DataFrame:
    """Make a lexicon of plain terms, without a file; `aliases` maps a term to its other forms."""
    other = aliases or {}
    terms = [terms] if isinstance(terms, str) else list(terms)
    empty = [term for term in terms if not term.strip()]
    absent = sorted(set(other) - set(terms))
    came, todo = "aliases of a term that is not given", "add the term, or correct its name"
    refuse_if(
        (Problem("lexicon.of(terms)", repr(term), "a term of a character", "leave it out") for term in empty),
        (Problem(f"lexicon.of(aliases) {term!r}", came, "one of the terms", todo) for term in absent),
    )
    same = {**dict.fromkeys(RULES, ()), "reason": ""}
    given = ((term, tuple(other.get(term, ()))) for term in terms)
    rows = [{"term": term, "aliases": forms, **same, "line": n} for n, (term, forms) in enumerate(given, 1)]
    table = _table(rows, COLUMNS)
    check(table, "lexicon")
    return table


def _table(rows: Sequence[Any], names: list[str]) -> pd.DataFrame:
    import pandas as pd  # a third of a second, which a cut without a lexicon does not wait

    return pd.DataFrame(rows, columns=names)


def forms(table: pd.DataFrame) -> set[str]:
    """Return every form in which the terms of a lexicon are written: they themselves and their aliases."""
    return {form for row in table.itertuples() for form in (row.term, *row.aliases)}


def check(table: pd.DataFrame, where: str) -> None:
    """Refuse a table that is not a lexicon: columns that are missing, doubled forms, contrary rules."""
    refuse_if(columns(where, table, FORMS, "use lexicon.read or lexicon.of"))
    refuse_if(_contrary(table, where))


def written(table: pd.DataFrame) -> list[str]:
    """Return the lines of entries as a lexicon has them. Refused: an entry that would read as another one."""
    rows = table.to_dict("records")
    lines = [_line(row) for row in rows]
    todo = "take the signs of the grammar (= , ; #) and outer spaces out"
    refuse_if(
        Problem(f"lexicon term {row['term']!r}", f"{line!r}, which reads as another entry", GRAMMAR, todo)
        for row, line in zip(rows, lines, strict=True)
        if any(_entry(line)[0].get(name) != row[name] for name in (*FORMS, "reason"))
    )
    return lines


def _line(row: Mapping[str, Any]) -> str:
    parts = [row["term"] + (f" = {', '.join(row['aliases'])}" if row["aliases"] else "")]
    parts += [f"{name.replace('_', ' ')} {', '.join(row[name])}" for name in RULES if row[name]]
    return "; ".join(parts) + (f"  # {row['reason']}" if row.get("reason") else "")


def _lines(file: str | Path) -> Iterator[tuple[int, str]]:
    refuse_if(file_here(file, "a text file in UTF-8, one entry a line"))
    try:
        data = read_bytes(file, LARGEST)
        text = data.decode("utf-8-sig")
    except OSError as error:
        allowed = "a list that people write"
        raise Refused(Problem(str(file), f"{error.strerror}", allowed, "give another file")) from None
    except UnicodeDecodeError as error:
        where = f"{file} line {data.count(bytes([10]), 0, error.start) + 1}"
        raise Refused(Problem(where, "bytes that are not UTF-8", "UTF-8", "save the file as UTF-8")) from None
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        line = line.strip()
        if line and line[0] not in "#＃":
            yield number, line


def _remark(line: str) -> tuple[str, str]:
    found = _REMARK.search(line)
    return (line[: found.start()].strip(), found[1].strip()) if found else (line.strip(), "")


def _entry(line: str) -> tuple[dict[str, Any], str]:
    """Read one line of the grammar; return its entry and what is wrong with it."""
    text, reason = _remark(line)
    head, *rules = re.split(r"\s*[;；]\s*", text)
    term, *others = re.split(r"\s*[=＝]\s*", head)
    row: dict[str, Any] = {"term": term, "aliases": (), **dict.fromkeys(RULES, ()), "reason": reason}
    wrong = ["two signs ="] if len(others) > 1 else []
    if len(others) == 1:
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
    if re.search(r"[,，]", term):
        wrong.append(f"a comma in the term {term!r}")
    if unseen := [form for form in forms if UNSEEN.search(form)]:
        wrong.append(f"a character that cannot be seen in {said(unseen[0])}")
    return row, f"{line!r}: {'; '.join(wrong)}" if wrong else ""


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
                came = f"{form!r}, which {_place(claimed[form], where)} ({claimed[form].term}) has too"
                allowed, todo = "every term and alias once, in one entry", "take one of them out"
                yield Problem(_place(row, where), came, allowed, todo)
            claimed.setdefault(form, row)
    ruled = [row for row in entries if any(getattr(row, name) for name in RULES)]
    for row in ruled:
        for side, meets in (("before", str.startswith), ("after", str.endswith)):
            forbidden, needed = getattr(row, f"not_{side}"), getattr(row, f"only_{side}")
            for context in needed:
                if any(meets(context, other) for other in forbidden):
                    came = f"{row.term!r}: only {side} {context}, and not {side} {context}"
                    allowed, todo = "rules that can hold at once", "take one of the two out"
                    yield Problem(_place(row, where), came, allowed, todo)
    for row in ruled:
        for form in (row.term, *row.aliases):
            for longer, other in claimed.items():
                if form in longer and other is not row:
                    yield from _against(row, form, other, longer, where)


def _against(row: Any, form: str, other: Any, longer: str, where: str) -> Iterator[Problem]:
    """Compare the rules of a form with those of a longer form that begins or ends with it."""
    here, there = _place(row, where), _place(other, where)
    for side, edge, outer, meets in (
        ("before", longer.endswith(form), longer.startswith(form), str.startswith),
        ("after", longer.startswith(form), longer.endswith(form), str.endswith),
    ):
        needed, forbidden = getattr(row, f"only_{side}"), getattr(row, f"not_{side}")
        others_needed, others_forbidden = getattr(other, f"only_{side}"), getattr(other, f"not_{side}")
        clash = (set(needed) & set(others_forbidden)) | (set(forbidden) & set(others_needed)) if edge else ()
        for near in sorted(clash):
            one, two = ("only", "not") if near in needed else ("not", "only")
            came = f"{form!r} {one} {side} {near}, and the longer {longer!r} {two} {side} {near} ({there})"
            allowed = "rules of a term and of a longer one that do not contradict each other"
            yield Problem(here, came, allowed, "change one of the two")
        free = not any(getattr(other, name) for name in RULES)
        if needed and outer and free and len(longer) > len(form):
            rest = longer[len(form) :] if side == "before" else longer[: -len(form)]
            if all(meets(context, rest) for context in needed):
                came = f"{form!r} only {side} {', '.join(needed)}, where the longer {longer!r} always stands ({there})"
                todo = "take one of the two out, or allow another context"
                yield Problem(here, came, "a term that can come out somewhere", todo)
