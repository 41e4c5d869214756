"""Clean: what the printing put between the words goes, the words stay as they are.

Every step is a function from text to text. The first steps keep the number of lines, so that a person's line numbers hold;
then printed lines become paragraphs; the last steps work inside paragraphs.
"""

import re
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from functools import cache, partial

import pandas as pd

from nqp_topics.documents.cleaning import characters, furniture, marks, pages, paragraphs
from nqp_topics.study import Problem, Refused, Repair, Study, rules_of

Step = Callable[[str], str]
Lines = Iterable[tuple[int, int]]
Repairs = Iterable[Repair]

CHARACTERS: tuple[Step, ...] = (
    characters.unify_line_ends,
    characters.resolve_entities,
    characters.drop_invisible,
    characters.fold_compatibility,
    characters.fold_widths,
)
FURNITURE: tuple[Step, ...] = (
    furniture.drop_marks_of_layout,
    pages.drop_page_numbers,
    pages.drop_running_heads,
    pages.drop_contents,
    pages.drop_notes_at_feet,
    characters.read_as_simplified(furniture.drop_front_matter),
    characters.read_as_simplified(furniture.drop_references),
    characters.read_as_simplified(furniture.drop_author_notes),
    furniture.drop_footnotes,
    characters.read_as_simplified(furniture.drop_captions),
    furniture.drop_english,
    paragraphs.undouble,
)
MARKS: tuple[Step, ...] = (
    marks.drop_labels,
    marks.drop_citation_marks,
    marks.drop_markup,
    characters.write_angles,
    marks.drop_web_inserts,
    marks.widen_punctuation,
    marks.drop_author_years,
    marks.close_spaces,
    marks.drop_empty_lines,
)
PARAGRAPHS_ARE_KNOWN = ("docx", "html")
_TAIL = 1_000  # characters of a paragraph's end that show whether it ends a sentence


def steps(
    habits_of: str, repairs: Repairs = (), script: str = "as printed", form: str = "text"
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Return the steps for one document: those that keep its lines, and those that make paragraphs of them.

    `form` is the document's format: a Word file or a web page says itself where its paragraphs end.
    """
    rules, goes = tuple(r for r in repairs if not r.drop), tuple(r.drop for r in repairs if r.drop)
    repair: list[Step] = [partial(characters.repair_characters, repairs=rules)] if rules else []
    repair += [partial(characters.drop_patterns, patterns=goes)] if goes else []
    habits = paragraphs.layout(habits_of)
    ends: Step = partial(paragraphs.mark_paragraphs, habits=habits)
    ends = paragraphs.mark_lines if form in PARAGRAPHS_ARE_KNOWN else ends
    turns = partial(paragraphs.split_turns, habits=habits)
    written = [characters.to_simplified] if script == "simplified" else []
    return (*CHARACTERS, *repair, *FURNITURE, ends), (paragraphs.join_lines, turns, *MARKS, *written)


def clean(
    text: str, lines: Lines = (), repairs: Repairs = (), script: str = "as printed", form: str = "text"
) -> str:
    """Return the clean text of a document, or of the given lines of it, one paragraph a line.

    What is furniture and where paragraphs end is decided on the whole document; `lines` are pairs of first and last line, counted from 1, in reading order.
    """
    keep, join = steps(text, repairs, script, form)
    return assemble(apply(keep, text), lines, join)


def assemble(kept: str, lines: Lines, join: Iterable[Step]) -> str:
    """Make paragraphs of these lines of a text whose furniture is gone, piece by piece in the order given.

    A piece that breaks off in mid-sentence (the foot of a column) goes on in the next.
    """
    functions, made = tuple(join), list[str]()
    text_of = cache(partial(apply, functions))
    tail, inside = "", False  # the end of the last paragraph, and whether it has a mark of a sentence
    for piece in _pieces(kept, lines):
        if not (text := text_of(piece)):
            continue
        if made and (not inside or furniture.ends_sentence(tail)):
            made.append("\n")
            tail, inside = "", False
        made.append(text)
        _, parted, last = text.rpartition("\n")
        inside = (inside and not parted) or bool(re.search("[，。；：]", last))
        tail = last[-_TAIL:] if parted else (tail + last)[-_TAIL:]
    return "".join(made)


def apply(functions: Iterable[Step], text: str) -> str:
    """Run the steps one after another."""
    for function in functions:
        text = function(text)
    return text


def _pieces(text: str, lines: Lines) -> list[str]:
    """Return these lines of a text, a piece a range in the order given; all of it when none are given."""
    ranges, printed = list(lines), text.split("\n")
    for first, last in ranges:
        if not 1 <= first <= last <= len(printed):
            came, todo = f"a document of {len(printed)} lines", "count lines as a text editor shows them"
            allowed = f"A:B with 1 ≤ A ≤ B ≤ {len(printed)}"
            raise Refused(Problem(f"lines {first}:{last}", came, allowed, todo))
    return ["\n".join(printed[first - 1 : last]) for first, last in ranges] if ranges else [text]


def losses(
    text: str, lines: Lines = (), repairs: Repairs = (), script: str = "as printed", form: str = "text"
) -> pd.DataFrame:
    """Say what cleaning took away: one row a piece.

    Columns: step; line (of the document, for steps that keep lines, else 0); han, how many Chinese characters went; removed, the
    piece itself. The Chinese characters of text and clean text differ by exactly these rows.
    """
    keep, join = steps(text, repairs, script, form)
    ranges = list(lines)
    rows: list[tuple[str, int, int, str]] = []
    wanted = {n for first, last in set(ranges) for n in range(first, min(last, len(text) + 1) + 1)}
    for function in keep:
        before, text = text, function(text)
        for number, (old, new) in enumerate(zip(before.split("\n"), text.split("\n"), strict=True), 1):
            if old != new and (not wanted or number in wanted):
                rows += [(name(function), number, han(piece), piece) for piece in _removed(old, new)]
    text = "\n".join(_pieces(text, ranges))
    for function in join:
        before, text = text, function(text)
        if before != text:
            rows += [(name(function), 0, han(piece), piece) for piece in _removed(before, text)]
    table = pd.DataFrame(rows, columns=["step", "line", "han", "removed"])
    return table[table["removed"].str.strip() != ""].reset_index(drop=True)


def changes(text: str, repairs: Repairs = (), script: str = "as printed", form: str = "text") -> pd.DataFrame:
    """Show what each step did to a document: one row a step that changed it, with the first place it changed.

    Columns: step; does, in words; line (of the text as that step got it, from 1); before and after, with twelve characters
    on both sides, ⏎ for a line end and the code point of what cannot be seen. What a step took away altogether leaves
    `after` empty.
    """
    keep, join = steps(text, repairs, script, form)
    rows = []
    for function in (*keep, *join):
        before, text = text, function(text)
        if not (place := _first_change(before.split("\n"), text.split("\n"))):
            continue
        line, pair = place[0], _around(place[1], place[2])
        does = (getattr(function, "func", function).__doc__ or "").strip().split("\n")[0]
        rows.append((name(function), does, line, *pair))
    return pd.DataFrame(rows, columns=["step", "does", "line", "before", "after"])


def examples(documents: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Show for each step of cleaning what it did to the last document of a study that it changed: rows of `changes`, and the document's id."""
    tables = []
    for row in documents.itertuples():
        repairs = rules_of(study.rules, row.id)
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


def _around(old: str, new: str) -> tuple[str, str]:
    """Cut two readings of one place down to where they first differ."""
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            return _visible(old[max(i - 12, 0) : j + 12]), _visible(new[max(k - 12, 0) : m + 12])
    return old, new


def _visible(text: str) -> str:
    """Write code points for characters that cannot be seen or that look like others; a page break is no character."""
    unseen = r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\uf900-\ufaff\ufeff]"
    text = text.replace("\f", "").replace(paragraphs.END, "")
    return re.sub(unseen, lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


def name(function: Step) -> str:
    """Return the name of a step, also of one that carries settings."""
    return function.func.__name__ if isinstance(function, partial) else function.__name__


def han(text: str) -> int:
    """Count Chinese characters."""
    return len(re.findall(f"[{characters.HAN}]", text))


def _removed(before: str, after: str) -> list[str]:
    """Return the pieces of `before` that are not in `after`; what only changed its form counts as kept."""
    if re.sub(r"\s", "", before) == re.sub(r"\s", "", after):
        return []
    if not after.strip():
        return [before.strip()]
    olds, news = before.split("\n"), after.split("\n")
    if len(olds) == 1:
        pairs = _clauses(before, after) if len(before) > 400 else [(before, after)]
        return [piece for pair in pairs for piece in _by_character(*pair)]
    if len(olds) != len(news):
        olds, news = [line for line in olds if line.strip()], [line for line in news if line.strip()]
        if len(olds) != len(news):
            return _skipped(before, after)
    return [piece for pair in zip(olds, news, strict=True) for piece in _removed(*pair)]


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
