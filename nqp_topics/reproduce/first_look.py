"""First look: the registry of a study that is begun: articles with the titles that they seem to have, and what a person is to check."""

import re
from collections.abc import Sequence
from itertools import compress, takewhile
from pathlib import PurePosixPath

import pandas as pd

from nqp_topics.documents import registry
from nqp_topics.documents.clean import han
from nqp_topics.documents.cleaning.furniture import HAN, POSTS, SURNAMES, ends_sentence
from nqp_topics.words import terms
from nqp_topics.words.cut.script import script

MOST = 20  # folders that are taken for groups, or a third of the articles
FIRST = 12  # characters that tell a person which article a row is
LONGEST, APART = 40, 60  # characters of a heading; of one that stands apart from the text below it
SHORTEST = 12  # of a line that is broken where the page ends
_SAID = re.compile(r"^(?:标题|题目|题名|篇名)\s*[:：]\s*")
_GLUED = re.compile(
    r"([^。；：，\t\u3000]{2,40})(?:\u3000{2,}|\t+| {3,})(?=[^\s\u3000]{15})"
)  # where a line end was lost
_OPEN = re.compile(r"[。；：，、的]$")
_BESIDE = re.compile(
    rf"[。；：:，]|(?:{POSTS})$|^\s*[{SURNAMES}](?:\s?[{HAN}]){{1,3}}(?:\s|$)|\d{{4}}"
)  # a byline or date below a title


def proposed(documents: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """Return articles as rows for a person to look at: the columns of the registry, then begins (its first characters, where there is no title), han, check (what to look at).

    The group is the column `voice` of a table, or else the folder that the file lies in, where there are several and not too many.
    """
    said = documents.set_index("id")
    given = articles["source"].map(said["voice"].fillna("")).fillna("")
    folders = _folders(documents, articles)
    use = folders[folders != ""].nunique() > 1 and not too_many_folders(documents, articles)
    table = articles.assign(voice=given.where(given != "", folders if use else ""), fingerprint="")
    table = table.reindex(columns=registry.REGISTRY)
    text = articles["text"]
    table = table.assign(begins=text.map(lambda t: re.sub(r"\s+", " ", t)[:FIRST]), han=text.map(han))
    check = to_check(table, articles, documents)
    table = _headed(table.assign(check=check), documents)
    return table.assign(begins=table["begins"].where(table["title"] == "", ""))  # a title tells which it is


def too_many_folders(documents: pd.DataFrame, articles: pd.DataFrame) -> int:
    """Return in how many folders articles lie, where these are too many to be groups: more than 20, and than a third of the articles; else 0."""
    folders = _folders(documents, articles)
    many = folders[folders != ""].nunique()
    return many if many > max(MOST, len(articles) // 3) else 0


def _folders(documents: pd.DataFrame, articles: pd.DataFrame) -> pd.Series:
    """Return the folder that each article's file lies in, empty where it is the outermost."""
    files = documents.set_index("id")["file"].str.replace("\\", "/")
    return articles["source"].map(files.map(lambda file: PurePosixPath(file).parent.name)).fillna("")


def _headed(table: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Give articles without a title the heading that their first line is; of a text file that line is no part of the body."""
    rows = documents.itertuples()
    known = {row.id: (row.text.split("\n"), row.format in ("text", "markdown")) for row in rows}
    titles, bodies = [], []
    for row in table.itertuples():
        lines, plain = known.get(row.source, ([], False))
        first, last = (None if pd.isna(line) else int(line) for line in (row.start_line, row.end_line))
        title, above = heading(lines[(first or 1) - 1 : last]) if not row.title else (row.title, 0)
        above_it = plain and above and first and last and row.body == f"{first}:{last}"
        titles.append(title)
        bodies.append(f"{(first or 1) + above}:{last}" if above_it else row.body)
    return table.assign(title=titles, body=bodies)


def heading(lines: Sequence[str]) -> tuple[str, int]:
    """Return the heading with which an article begins, and how many of its lines are above the text: none where both share a line.

    A heading is short and has no end of a sentence, or that of a question where it stands apart (a blank line, or only the text is indented); of a text
    whose lines are all broken at one width the first is none.
    """
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if not filled:
        return "", 0
    first = lines[filled[0]].strip().lstrip("# ")
    if glued := _GLUED.match(first):
        return glued[1].strip(), 0
    if len(filled) < 2:
        return "", 0
    if over := _over_lines(lines, filled[0]):
        return "".join(over), filled[0] + len(over)
    if _OPEN.search(first):
        return "", 0
    above, below = lines[filled[0]], lines[filled[1]]
    apart = filled[1] > filled[0] + 1 or bool(re.match(r"[ \t\u3000]{2}|\u3000", below) and above[:1].strip())
    asks = bool(re.search(r"[？！?!…]$", first))
    size = len(below.strip())
    broken = size >= SHORTEST and len(first) >= (1.0 if ends_sentence(below) else 0.8) * size
    if _SAID.match(first) or (
        len(first) <= (APART if apart else LONGEST) and (apart or not (asks or broken))
    ):
        return _SAID.sub("", first), filled[0] + 1
    return "", 0


def _over_lines(lines: Sequence[str], first: int) -> list[str]:
    """Return the lines of a title at the head of a printed page that is broken over two or three, a blank line below; else none."""
    if not lines[first].startswith("\f"):
        return []
    block = [line.strip() for line in takewhile(str.strip, lines[first : first + 4])]
    below = lines[first + 1 : first + len(block) + 1]  # to the blank line, which there must be
    whole = len(block[0]) >= SHORTEST and sum(map(len, block)) <= APART and len(below) == len(block)
    indented = any(line.startswith(("\u3000", "  ")) for line in below)  # a paragraph begins
    others = indented or any(map(_BESIDE.search, block[1:]))
    return block if len(block) in (2, 3) and whole and not others else []


def doubtful_authors(table: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Tell which articles have an author that was read from the text, short as a name, that begins with no usual surname."""
    known = dict(zip(documents["id"], documents["author"].fillna(""), strict=True))
    rows = zip(table["source"], table["author"].fillna(""), strict=True)
    found = [
        author != known.get(source, "")
        and any(2 <= len(name) <= 4 and name[0] not in SURNAMES for name in author.split(";"))
        for source, author in rows
    ]
    return pd.Series(found, index=table.index, dtype=bool)


def to_check(table: pd.DataFrame, articles: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Return the remarks on each row of a registry, joined by semicolons; empty where there is none."""
    text = articles["text"]
    lines = terms.repeated(articles.assign(article=articles["id"]))  # of three articles or more
    again = {line for line in lines if len(line) >= 20}
    repeated = text.map(lambda body: any(line.strip() in again for line in body.split("\n")))
    letters = text.map(lambda t: max(1, len(re.sub(r"\s", "", t))))
    scripts = text.map(script)
    remarks = {
        "no Chinese character": table["han"] == 0,
        "mostly not Chinese": (table["han"] > 0) & (table["han"] < 0.3 * letters),
        "very short": table["han"].between(1, 99) & ~_answers(table, documents),
        "a paragraph that other documents have too": repeated,
        "in Traditional script, others in Simplified": (scripts == "Traditional")
        & (scripts == "Simplified").any(),
        "no group": (table["voice"] == "") & (table["voice"] != "").any(),
        "a date that is none": table["date"].fillna("").astype(str).map(registry.no_date).astype(bool),
        "author read from the text": doubtful_authors(table, documents),
    }
    check = ["; ".join(compress(remarks, here)) for here in zip(*remarks.values(), strict=True)]
    return pd.Series(check, table.index, dtype=str)


def _answers(table: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Tell which articles are rows of a table most of whose rows are as short: answers, not articles of which something is missing."""
    said = documents.set_index("id")
    usual = table["han"].groupby(table["source"].map(said["file"])).transform("median")
    return table["source"].map(said["place"]).notna() & (usual < 100)
