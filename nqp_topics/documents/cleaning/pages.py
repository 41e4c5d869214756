"""Pages: their numbers, heads and feet. Every function blanks whole lines and keeps their number."""

import re
from collections import Counter
from itertools import pairwise

from nqp_topics.documents.cleaning.characters import HAN, width
from nqp_topics.documents.cleaning.furniture import blank, ends_sentence


def drop_page_numbers(text: str) -> str:
    """Blank page numbers: `— 45 —` (also over two lines), `第 3 页`, `3/10`, and bare numbers that count up page by page."""
    lines = text.split("\n")
    dash = "[—–―‐－·•~～-]"
    number_of = rf"{dash}+\s*\d{{1,4}}\s*{dash}+|第?\s*\d{{1,4}}\s*页(?:[\s,，/]*共\s*\d{{1,4}}\s*页)?|\d{{1,4}}\s*/\s*\d{{1,4}}"
    printed = [number for number, line in enumerate(lines) if line.strip()]
    for number, following in pairwise([*printed, len(lines)]):
        body = lines[number].strip(" \t\f　")
        if re.fullmatch(number_of, body):
            lines[number] = blank(lines[number])
            continue
        after = lines[following].strip() if following < len(lines) else ""
        if re.fullmatch(rf"{dash}+\s*\d{{1,4}}", body) and re.fullmatch(rf"{dash}+", after):
            lines[number], lines[following] = blank(lines[number]), blank(lines[following])
    for number in _counting(lines):
        lines[number] = blank(lines[number])
    return "\n".join(lines)


def _counting(lines: list[str]) -> list[int]:
    """Return the lines that hold a bare number which goes up by about one a page: at least three, never far apart in value."""
    bare = re.compile(r"[ \t\f　]*\d{1,4}[ \t]*")
    bare_numbers = [(number, int(line)) for number, line in enumerate(lines) if bare.fullmatch(line)]
    apart = 8
    if any(line.startswith("\f") for line in lines):
        apart = 1
        edges = {n for page in _pages(lines) for n in (*page[:2], *page[-2:])}
        bare_numbers = [(n, value) for n, value in bare_numbers if n in edges]
    else:  # nothing shows pages: 2019, 2020, 2021 head the years of a chronicle
        bare_numbers = [(n, value) for n, value in bare_numbers if not 1900 <= value <= 2100]
    chain: list[tuple[int, int]] = []
    best: list[tuple[int, int]] = []
    for number, value in bare_numbers:
        if chain and not (0 < value - chain[-1][1] <= 3 and number - chain[-1][0] >= apart):
            chain = []
        chain.append((number, value))
        best = max(best, chain, key=len)
    return [number for number, _ in best] if len(best) >= 3 else []


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

    Pages are known by form feeds. A line counts as a running head when it stands in the first or last two lines of
    at least three pages and of a fifth of all, or of both pages where there are two: what returns
    inside pages as often (a speaker's label, the rows of a table) is left alone.
    """
    lines = text.split("\n")
    pages = _pages(lines)
    if len(pages) < 2:
        return text
    places: dict[str, list[int]] = {}
    printed = sorted(width(lines[number]) for page in pages for number in page)
    usual = printed[len(printed) // 2]
    inside = Counter(_shape(lines[number]) for page in pages for number in page[2:-2])
    for page in pages:
        for number in dict.fromkeys((*page[:2], *page[-2:])):
            if width(lines[number]) > 0.85 * usual and not re.search(r"\d|\s\s|　", lines[number].strip()):
                continue  # as wide as the text: a sentence that returns
            shape = _shape(lines[number])
            if 0 < len(shape) <= 40 and not ends_sentence(lines[number]):
                places.setdefault(shape, []).append(number)
    for shape, numbers in places.items():
        often = len(numbers) >= max(min(3, len(pages)), len(pages) / 5) and inside[shape] < len(numbers)
        if often and re.search(rf"[{HAN}A-Za-z#]", shape):
            for number in numbers:
                lines[number] = blank(lines[number])
    return "\n".join(lines)


def _shape(line: str) -> str:
    """Return a line without spaces, and with one sign for a number."""
    return re.sub(r"\d+", "#", re.sub(r"\s+", "", line))
