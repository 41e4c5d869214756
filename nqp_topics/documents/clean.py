"""Clean: what the printing put between the words goes, the words stay as they are.

Every step is a function from text to text. The first steps keep the number of lines, so that a person's line numbers hold;
then printed lines become paragraphs; the last steps work inside paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from functools import partial

import pandas as pd

from nqp_topics.documents.cleaning.characters import (
    HAN,
    drop_invisible,
    fold_compatibility,
    fold_widths,
    repair_characters,
    to_simplified,
    unify_line_ends,
)
from nqp_topics.documents.cleaning.furniture import (
    drop_author_notes,
    drop_captions,
    drop_english,
    drop_footnotes,
    drop_front_matter,
    drop_marks_of_layout,
    drop_references,
    ends_sentence,
)
from nqp_topics.documents.cleaning.marks import (
    close_spaces,
    drop_author_years,
    drop_citation_marks,
    drop_empty_lines,
    drop_labels,
    drop_markup,
    drop_web_inserts,
    widen_punctuation,
)
from nqp_topics.documents.cleaning.pages import drop_page_numbers, drop_running_heads
from nqp_topics.documents.cleaning.paragraphs import (
    END,
    join_lines,
    layout,
    mark_lines,
    mark_paragraphs,
    split_turns,
    undouble,
)
from nqp_topics.study import Problem, Refused, Repair, Study

Step = Callable[[str], str]

CHARACTERS: tuple[Step, ...] = (unify_line_ends, drop_invisible, fold_compatibility, fold_widths)
FURNITURE: tuple[Step, ...] = (
    drop_marks_of_layout,
    drop_page_numbers,
    drop_running_heads,
    drop_front_matter,
    drop_references,
    drop_author_notes,
    drop_footnotes,
    drop_captions,
    drop_english,
    undouble,
)
MARKS: tuple[Step, ...] = (
    drop_labels,
    drop_citation_marks,
    drop_markup,
    drop_web_inserts,
    widen_punctuation,
    drop_author_years,
    close_spaces,
    drop_empty_lines,
)

PARAGRAPHS_ARE_KNOWN = ("docx", "html")


def steps(
    habits_of: str,
    repairs: Iterable[Repair] = (),
    script: str = "as printed",
    form: str = "text",
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Return the steps for one document: those that keep its lines, and those that make paragraphs of them.

    `form` is the document's format: a Word file or a web page says itself where its paragraphs end.
    """
    rules = tuple(repairs)
    keep: list[Step] = [*CHARACTERS, *FURNITURE]
    if rules:
        keep.insert(len(CHARACTERS), partial(repair_characters, repairs=rules))
    habits = layout(habits_of)
    keep.append(mark_lines if form in PARAGRAPHS_ARE_KNOWN else partial(mark_paragraphs, habits=habits))
    join: list[Step] = [join_lines, partial(split_turns, habits=habits), *MARKS]
    if script == "simplified":
        join.append(to_simplified)
    return tuple(keep), tuple(join)


def clean(
    text: str,
    lines: Iterable[tuple[int, int]] = (),
    repairs: Iterable[Repair] = (),
    script: str = "as printed",
    form: str = "text",
) -> str:
    """Return the clean text of a document, or of the given lines of it, one paragraph a line.

    What is furniture and where paragraphs end is decided on the whole document; `lines` are pairs of first and last line, counted from 1, in reading order.
    """
    keep, join = steps(text, repairs, script, form)
    return assemble(apply(keep, text), lines, join)


def assemble(kept: str, lines: Iterable[tuple[int, int]], join: Iterable[Step]) -> str:
    """Make paragraphs of these lines of a text whose furniture is gone, piece by piece in the order given.

    A piece that breaks off in mid-sentence (the foot of a column) goes on in the next.
    """
    functions, text = tuple(join), ""
    for piece in [[span] for span in lines] or [[]]:
        made = apply(functions, pick(kept, piece))
        before = text.rsplit("\n", 1)[-1]
        goes_on = before and not ends_sentence(before) and re.search("[，。；：]", before)
        text += made if not text or goes_on else f"\n{made}" if made else ""
    return text


def apply(functions: Iterable[Step], text: str) -> str:
    """Run the steps one after another."""
    for function in functions:
        text = function(text)
    return text


def pick(text: str, lines: Iterable[tuple[int, int]]) -> str:
    """Return these lines of a text in the order given; all of it when none are given."""
    ranges = list(lines)
    if not ranges:
        return text
    printed = text.split("\n")
    for first, last in ranges:
        if not 1 <= first <= last <= len(printed):
            raise Refused(
                Problem(
                    f"lines {first}:{last}",
                    f"a document of {len(printed)} lines",
                    f"A:B with 1 ≤ A ≤ B ≤ {len(printed)}",
                    "count lines as a text editor shows them",
                )
            )
    return "\n".join("\n".join(printed[first - 1 : last]) for first, last in ranges)


def losses(
    text: str,
    lines: Iterable[tuple[int, int]] = (),
    repairs: Iterable[Repair] = (),
    script: str = "as printed",
    form: str = "text",
) -> pd.DataFrame:
    """Say what cleaning took away: one row a piece.

    Columns: step; line (of the document, for steps that keep lines, else 0); han, how many Chinese characters went; removed, the
    piece itself. The Chinese characters of text and clean text differ by exactly these rows.
    """
    keep, join = steps(text, repairs, script, form)
    ranges = list(lines)
    wanted = {n for first, last in ranges for n in range(first, last + 1)}
    rows: list[tuple[str, int, int, str]] = []
    for function in keep:
        before, text = text, function(text)
        for number, (old, new) in enumerate(zip(before.split("\n"), text.split("\n"), strict=True), 1):
            if old != new and (not wanted or number in wanted):
                rows += [(name(function), number, han(piece), piece) for piece in _removed(old, new)]
    text = pick(text, ranges)
    for function in join:
        before, text = text, function(text)
        if before != text:
            rows += [(name(function), 0, han(piece), piece) for piece in _removed(before, text)]
    table = pd.DataFrame(rows, columns=["step", "line", "han", "removed"])
    return table[table["removed"].str.strip() != ""].reset_index(drop=True)


def changes(
    text: str,
    repairs: Iterable[Repair] = (),
    script: str = "as printed",
    form: str = "text",
    around: int = 12,
) -> pd.DataFrame:
    """Show what each step did to a document: one row a step that changed it, with the first place it changed.

    Columns: step; does, in words; line (of the text as that step got it, from 1); before and after, with `around` characters
    on both sides, ⏎ for a line end and the code point of what cannot be seen. What a step took away altogether leaves
    `after` empty.
    """
    keep, join = steps(text, repairs, script, form)
    rows = []
    for function in (*keep, *join):
        before, text = text, function(text)
        if not (place := _first_change(before.split("\n"), text.split("\n"))):
            continue
        line, pair = place[0], _around(place[1], place[2], around)
        does = (getattr(function, "func", function).__doc__ or "").strip().split("\n")[0]
        rows.append((name(function), does, line, *pair))
    return pd.DataFrame(rows, columns=["step", "does", "line", "before", "after"])


def examples(documents: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Show for each step of cleaning what it did to the last document of a study that it changed: rows of `changes`, and the document's id."""
    tables = []
    for row in documents.itertuples():
        repairs = [repair for repair in study.repairs if repair.source == row.id]
        tables.append(changes(row.text, repairs, study.script, row.format).assign(id=row.id))
    found = pd.concat(tables).drop_duplicates("step", keep="last")
    return found[["step", "does", "id", "before", "after"]]


def _first_change(old: list[str], new: list[str]) -> tuple[int, str, str] | None:
    """Return the first line (from 1) that changed in more than its outer spaces, as it was and as it is now."""
    if len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True), 1)
        return next(((n, *pair) for n, pair in pairs if pair[0].strip() != pair[1].strip()), None)
    at = 0
    for paragraph in new:
        first, taken, letters = at, "", len(re.sub(r"\s", "", paragraph))
        while at < len(old) and len(re.sub(r"[\s⏎]", "", taken)) < letters:
            taken += ("⏎" if taken and old[at].strip() else "") + old[at].strip()
            at += 1
        if "⏎" in taken:
            return first + 1, taken, paragraph
    return None


def _around(old: str, new: str, around: int) -> tuple[str, str]:
    """Cut two readings of one place down to where they first differ."""
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            pieces = old[max(i - around, 0) : j + around], new[max(k - around, 0) : m + around]
            return _visible(pieces[0]), _visible(pieces[1])
    return old, new


def _visible(text: str) -> str:
    """Write code points for characters that cannot be seen or that look like others; a page break is no character."""
    unseen = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\uf900-\ufaff\ufeff]")
    return unseen.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text.replace("\f", "").replace(END, ""))


def name(function: Step) -> str:
    """Return the name of a step, also of one that carries settings."""
    return function.func.__name__ if isinstance(function, partial) else function.__name__


def han(text: str) -> int:
    """Count Chinese characters."""
    return len(re.findall(f"[{HAN}]", text))


def _removed(before: str, after: str) -> list[str]:
    """Return the pieces of `before` that are not in `after`; what only changed its form counts as kept."""
    if re.sub(r"\s", "", before) == re.sub(r"\s", "", after):
        return []
    if not after.strip():
        return [before.strip()]
    olds, news = before.split("\n"), after.split("\n")
    if len(olds) == len(news) > 1:
        return [
            piece for old, new in zip(olds, news, strict=True) if old != new for piece in _removed(old, new)
        ]
    if len(olds) > 1:
        olds, news = [line for line in olds if line.strip()], [line for line in news if line.strip()]
        return (
            _removed("\n".join(olds), "\n".join(news)) if len(olds) == len(news) else _skipped(before, after)
        )
    pairs = _clauses(before, after) if len(before) > 400 else [(before, after)]
    return [piece for old, new in pairs for piece in _by_character(old, new)]


def _by_character(before: str, after: str) -> list[str]:
    pieces = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "delete" or (tag == "replace" and han(before[i:j]) > han(after[k:m])):
            pieces.append(before[i:j].strip())
    return pieces


def _clauses(before: str, after: str) -> list[tuple[str, str]]:
    """Pair the clauses that differ: long readings are compared clause by clause first, which is fast."""
    olds, news = (re.split(r"(?<=[。；！？，,;])", text) for text in (before, after))
    changes = SequenceMatcher(None, olds, news, autojunk=False).get_opcodes()
    return [("".join(olds[i:j]), "".join(news[k:m])) for tag, i, j, k, m in changes if tag != "equal"]


def _skipped(before: str, after: str) -> list[str]:
    """Return the runs of `before` that are left over when `after` is read off it from left to right."""
    pieces, run, at = [], "", 0
    kept = re.sub(r"\s", "", after)
    for char in re.sub(r"\s", "", before):
        if at < len(kept) and char == kept[at]:
            at += 1
            pieces += [run] if run else []
            run = ""
        else:
            run += char
    return [*pieces, run] if run else pieces
