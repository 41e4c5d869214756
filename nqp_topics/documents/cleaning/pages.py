"""Pages: their numbers, heads and feet. Every function blanks whole lines and keeps their number."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate, pairwise
from operator import itemgetter

from nqp_topics.documents.cleaning.characters import HAN, width
from nqp_topics.documents.cleaning.furniture import CIRCLED, blank_all, counts_points, ends_sentence

# the number with which a line begins or ends: 12 Some Review, 第12页, 3/40
_OUTER = re.compile(
    r"^\W*第?\s*(\d{1,4})(?=[\s页頁期版·•|—])|(?<![\d年])(\d{1,4})\s*(?:[页頁期版]|/\s*\d+)?\W*$"
)
_YEARS = frozenset(range(1900, 2101))

LONGEST_NOTES = 12  # lines at the foot of a page
_SOURCE = re.compile(r"(?:《[^》]+》|https?:|www\.).*?(?:\d{4}|第\s*\d+\s*[页頁期]|$)")  # what a note names

# a title, dots or a wide space, perhaps a name, and a page
_ENTRY = re.compile(
    rf"\s*+(?P<title>[^。！？；…\s][^。！？；…]{{1,80}}?)(?:\s*+…{{2,}}+|\s*+[.．·](?:\s?[.．·]){{3,}}+|\t|\s{{3,}}+|　　)[…\s]*+"
    rf"[{HAN}·、\s]{{0,16}}[（(]?(?P<page>\d{{1,4}})[）)]?\s*+$"
)


def drop_page_numbers(text: str) -> str:
    """Blank page numbers: `— 45 —` (also over two lines), `第 3 页`, `3/10`, and bare numbers that count up page by page."""
    lines = text.split("\n")
    dash = "[—–―‐－·•~～-]"
    number_of = rf"{dash}+\s*\d{{1,4}}\s*{dash}+|第?\s*\d{{1,4}}\s*页(?:[\s,，/]*共\s*\d{{1,4}}\s*页)?|\d{{1,4}}\s*/\s*\d{{1,4}}"
    printed = [number for number, line in enumerate(lines) if line.strip()]
    for number, following in pairwise([*printed, len(lines)]):
        body = lines[number].strip(" \t\f　")
        if re.fullmatch(number_of, body):
            blank_all(lines, [number])
            continue
        after = lines[following].strip() if following < len(lines) else ""
        if re.fullmatch(rf"{dash}+\s*\d{{1,4}}", body) and re.fullmatch(rf"{dash}+", after):
            blank_all(lines, [number, following])
    blank_all(lines, _counting(lines))
    gone = [number for number in printed if not lines[number].strip()]
    # they alone show where pages end
    if len(gone) >= 3 and "\f" not in text and _part_sentences(_text(lines), gone):
        for number in gone:
            lines[number] = "\f"
    return "\n".join(lines)


def _counting(lines: list[str]) -> list[int]:
    """Return the lines that hold a bare number which goes up by about one a page: at least three, never far apart in value."""
    bare = re.compile(r"[ \t\f　]*\d{1,4}[ \t]*")
    numbers = [(n, int(line)) for n, line in enumerate(lines) if bare.fullmatch(line)]
    numbers = [(n, value) for n, value in numbers if not lines[max(n - 1, 0)].endswith(("[", "［", "〔"))]
    apart = 8
    if any(line.startswith("\f") for line in lines):
        apart = 1
        edges = {n for page in _pages(lines) for n in (*page[:2], *page[-2:])}
        numbers = [(n, value) for n, value in numbers if n in edges]
    else:  # nothing shows pages: 2019, 2020, 2021 head the years of a chronicle
        numbers = [(n, value) for n, value in numbers if value not in _YEARS]
    best = _rising(numbers, apart)
    if len(best) < 3:
        return []
    ends = [(-1, best[0][1] - 4), *best, (len(lines), best[-1][1] + 4)]  # short pages have their numbers too
    places = [number for number, _ in ends]
    gaps = [(n, value, bisect_left(places, n)) for n, value in numbers]
    short = [n for n, value, at in gaps if ends[at - 1][1] < value < ends[at][1]]
    return sorted({number for number, _ in best} | set(short))


def _rising(numbered: Iterable[tuple[int, int]], apart: int = 0) -> list[tuple[int, int]]:
    """Return the longest chain of lines, so many apart, whose number goes up by one to three from each to the next."""
    steps: list[tuple[int, int, int, int]] = []  # line, value, how long the chain is, and the step before
    ends: dict[int, int] = {}  # value → the last step of the chain that waits for its next
    for number, value in numbered:
        before = [ends[value - by] for by in (1, 2, 3) if value - by in ends]
        near = [step for step in before if number - steps[step][0] >= apart]
        last = max(near, key=lambda step: steps[step][2], default=-1)
        long = steps[last][2] + 1 if near else 1
        if value not in ends or long > steps[ends[value]][2]:  # what is longer waits for its next
            ends[value] = len(steps)
            steps.append((number, value, long, last))
    chain, step = [], max(range(len(steps)), key=lambda step: steps[step][2], default=-1)
    while step >= 0:
        chain.append(steps[step][:2])
        step = steps[step][3]
    return chain[::-1]


def _pages(lines: list[str]) -> list[list[int]]:
    """Return the printed lines of each page, pages being parted by form feeds."""
    pages: list[list[int]] = [[]]
    for number, line in enumerate(lines):
        if line.startswith("\f"):
            pages.append([])
        if line.strip():
            pages[-1].append(number)
    return [page for page in pages if page]


def drop_running_heads(text: str) -> str:
    """Blank what stands at the head or foot of page after page; digits may change from one to the next.

    Pages are known by form feeds, and by page numbers behind which sentences go on. A line counts as a running head when it stands in the first or last two lines of
    at least three pages and of a fifth of all, or of both pages where there are two: what returns inside pages as often (a speaker's label, the rows of a
    table) is left alone. What returns every so many pages, parts sentences and stands nowhere else counts too. Where nothing shows pages, a line counts
    when it returns in the middle of sentences.
    """
    lines = text.split("\n")
    pages = _pages(lines)
    if len(pages) > 1:
        _blank_edges(lines, pages)
    blank_all(lines, _inside_sentences(lines))
    return "\n".join(lines)


def _blank_edges(lines: list[str], pages: list[list[int]]) -> None:
    """Blank what returns in the first or last two lines of pages."""
    places: dict[str, list[int]] = {}
    printed = sorted(width(lines[number]) for page in pages for number in page)
    usual = printed[len(printed) // 2]
    inside = Counter(_shape(lines[number]) for page in pages for number in page[2:-2])
    page_of = {number: place for place, page in enumerate(pages) for number in page}
    for page in pages:
        for number in dict.fromkeys((*page[:2], *page[-2:])):
            if width(lines[number]) > 0.85 * usual and not re.search(r"\d|\s\s|　", lines[number].strip()):
                continue  # as wide as the text: a sentence that returns
            shape = _shape(lines[number])
            if 0 < len(shape) <= 40 and not ends_sentence(lines[number]):
                places.setdefault(shape, []).append(number)
    text = cache(lambda: _text(lines))  # once: a document may have many such marks
    for shape, numbers in places.items():
        often = len(numbers) >= max(min(3, len(pages)), len(pages) / 5) and inside[shape] < len(numbers)
        same = len(numbers) > 3 and len({lines[number].strip() for number in numbers}) == 1
        apart = [page_of[b] - page_of[a] for a, b in pairwise(numbers)] if same and not inside[shape] else []
        often = often or (_evenly(apart, 2, 0.1) and _part_sentences(text(), numbers))
        if often and re.search(rf"[{HAN}A-Za-z#]", shape):
            blank_all(lines, numbers)


def drop_contents(text: str) -> str:
    """Blank tables of contents: four entries or more one after another whose page never goes down, half of their titles heading lines of the text again.

    A title may run over three lines; the word above them (目录) goes too. Without it and without dots they may be a table of figures.
    """
    lines = text.split("\n")
    printed = [number for number, line in enumerate(lines) if line.strip()]
    begins, runs = set[str](), list[list[tuple[int, int, str]]]()
    for place, number in enumerate(printed):
        start = re.sub(r"\s", "", lines[number])[:6]
        if len(lines[number]) > 300 or not (entry := _ENTRY.match(lines[number])):
            begins.add(start)
            continue
        page, last = int(entry["page"]), runs[-1][-1] if runs else (-9, 0, "")
        between = "".join(lines[n] for n in printed[last[0] + 1 : place]) if place - last[0] <= 3 else "。"
        if page < last[1] or re.search("[。！？；]", between):
            runs.append([])
        runs[-1].append((place, page, re.sub(r"\s", "", entry["title"])[:6]))
    for run in runs:
        if len(run) >= 4 and sum(title in begins for *_, title in run) >= len(run) / 2:
            above = printed[max(run[0][0] - 2, 0) : run[0][0]]
            word = [n for n in above if re.fullmatch(r"[\W_]*目\s*[录錄次]\W*", lines[n])]
            entries = range((word or [printed[run[0][0]]])[0], printed[run[-1][0]] + 1)
            if word or any(re.search(r"…{2}|(?:[.．·]\s?){4}", lines[n]) for n in entries):
                blank_all(lines, entries)
    return "\n".join(lines)


def drop_notes_at_feet(text: str) -> str:
    """Blank notes at the foot of a page: from a line that opens with a circled number which the page has used as a mark, where what follows names its source."""
    lines = text.split("\n")
    pages = _pages(lines)
    for page in pages if len(pages) >= 3 else []:
        whole, seen = _together(page), ""  # the page so far
        for place, number in enumerate(page):
            note = re.match(rf"\s*([{CIRCLED}])\s*[{HAN}A-Za-z《“]", lines[number])
            below = whole[place : place + LONGEST_NOTES + 1]
            if note and 0 < len(below) <= LONGEST_NOTES and re.search(rf"\S{note[1]}", seen):
                below = _notes(lines, page, below)
                source = _SOURCE.search("".join(lines[n].strip() for n in below))
                if source and not counts_points(seen):
                    blank_all(lines, below)
                    break
            seen += lines[number].strip()
    return "\n".join(lines)


def _notes(lines: list[str], page: list[int], below: list[int]) -> list[int]:
    """Return these lines as far as they are notes: behind a short line that ends a sentence, what opens with no circled number is text."""
    full = max(width(lines[number]) for number in page) - 2.5
    for place, (before, after) in enumerate(pairwise(below), 1):
        ended = ends_sentence(lines[before]) and width(lines[before]) < full
        if ended and not re.match(rf"\s*[{CIRCLED}]", lines[after]):
            return below[:place]
    return below


def _together(page: list[int]) -> list[int]:
    """Return the lines of a page up to where more was taken out than stands between two others: there a page ended whose number was not seen."""
    usual = min((after - before for before, after in pairwise(page)), default=1)
    ends = (place for place, (before, after) in enumerate(pairwise(page), 1) if after - before > usual + 1)
    return page[: next(ends, len(page))]


def _inside_sentences(lines: list[str]) -> list[int]:
    """Return lines that return and part sentences: every so many lines, half of the times or more behind a full line; or with a number that goes up.

    No wrapped sentence has a short line in its middle, and no heading stands there; what sources of excerpts end with returns at no even distance.
    """
    printed = [number for number, line in enumerate(lines) if line.strip()]
    shapes = {number: _shape(lines[number]) for number in printed}
    often = Counter(shapes.values())
    unfinished, column = _unfinished(lines, printed)
    parts: list[int] = []
    places: dict[str, list[int]] = {}
    behind_full: Counter[str] = Counter()
    open_ends: Counter[str] = Counter()  # how often the text before a shape does not end a sentence
    before = -1  # the last line that is text
    for place, number in enumerate(printed):
        line, shape = lines[number].strip(), shapes[number]
        heads = often[shape] > 1 and (
            (width(line) < column - 2.5 if column else len(shape) <= 40) or re.search(r"\s\s|　", line)
        )
        if not heads or not re.search(f"[{HAN}A-Za-z]", shape) or ends_sentence(line):
            before = number
            continue
        places.setdefault(line, []).append(place)
        if before >= 0 and not re.search("[：:]$", lines[before].strip()):
            open_ends[shape] += not ends_sentence(lines[before])
            if before in unfinished:
                parts.append(number)
                behind_full[line] += column > 0
    parting = Counter(shapes[number] for number in parts)
    parts = [number for number in parts if 2 * parting[shapes[number]] >= open_ends[shapes[number]]]
    found = {shapes[number] for number in _going_up(lines, parts)}
    apart = {line: [b - a for a, b in pairwise(where)] for line, where in places.items() if len(where) > 3}
    even = {line for line, far in apart.items() if behind_full[line] > len(far) / 2 and _evenly(far, 10, 0.1)}
    return [number for number in printed if shapes[number] in found or lines[number].strip() in even]


def _unfinished(lines: list[str], printed: Sequence[int]) -> tuple[set[int], float]:
    """Return the lines that break off in the middle of a sentence, and how wide a full line is; 0 where the text is not wrapped.

    Wrapped text has ends of sentences inside its lines; verse and lists have none. Where paragraphs end without a full stop, what ends without one is no sign.
    """
    widths = {number: width(lines[number]) for number in printed}
    column, _ = max(Counter(map(round, widths.values())).items(), key=itemgetter(1), default=(0, 0))
    full = [number for number in printed if abs(widths[number] - column) <= 2.5]
    crossed = sum(bool(re.search(r"[。！？；.!?;]\s*\w", lines[number])) for number in full)
    if 15 <= column <= 60 and len(full) >= 0.4 * len(printed) and crossed >= 0.1 * len(full):
        return {number for number in full if not ends_sentence(lines[number])}, column
    said = [n for n in printed if widths[n] >= 20 and re.search("[，。；]", lines[n])]
    unfinished = {number for number in said if not ends_sentence(lines[number])}
    return (unfinished if 2 * len(unfinished) < len(said) else set()), 0


def _text(lines: list[str]) -> tuple[list[int], set[int]]:
    """Return the lines that are text, as no line that returns is, and those that break off in the middle of a sentence."""
    printed = [number for number, line in enumerate(lines) if line.strip()]
    shapes = {number: _shape(lines[number]) for number in printed}
    often = Counter(shapes.values())
    return [number for number in printed if often[shapes[number]] == 1], _unfinished(lines, printed)[0]


def _part_sentences(known: tuple[list[int], set[int]], numbers: Sequence[int]) -> bool:
    """Tell whether a third of these lines or more stand where a sentence goes on: letters, chapters and stanzas are numbered too."""
    text, unfinished = known
    before = [text[at - 1] for number in numbers if (at := bisect_left(text, number))]
    return 3 * sum(number in unfinished for number in before) >= len(numbers)


def _evenly(apart: Sequence[float], least: float, slack: float) -> bool:
    """Tell whether half of these distances or more are alike, none of them small."""
    usual = sorted(apart)[len(apart) // 2] if apart else 0
    return usual >= least and sum(abs(one - usual) <= slack * usual for one in apart) >= len(apart) / 2


def _going_up(lines: list[str], numbers: list[int]) -> list[int]:
    """Return of these lines those whose number goes up by one to three from each to the next: three at least, with as much text on each page; years go up too."""
    letters = [0, *accumulate(len(line.strip()) for line in lines)]
    values = [
        (n, {int(digits) for pair in _OUTER.findall(lines[n]) for digits in pair if digits} - _YEARS)
        for n in numbers
    ]
    longest = _rising(((number, value) for number, of in values for value in sorted(of, reverse=True)), 1)
    apart = [(letters[n] - letters[m]) / (now - then) for (m, then), (n, now) in pairwise(longest)]
    return [number for number, _ in longest] if len(longest) >= 3 and _evenly(apart, 200, 0.3) else []


def _shape(line: str) -> str:
    """Return a line without spaces, and with one sign for the number with which it begins or ends: days of a date tell texts apart."""
    return re.sub(r"\s+", "", _OUTER.sub("#", line.strip()))
