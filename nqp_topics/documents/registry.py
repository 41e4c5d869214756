"""Registry: what a person says of the documents: which there are (`sources.csv`), and where each article stands (`articles.csv`)."""

import datetime as dt
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from nqp_topics.checks import Remark, columns, listed, named_once, on_one_line, one_of, said
from nqp_topics.files.tables import ERROR, read_table, without_errors, write_table
from nqp_topics.files.workbook import write_workbook
from nqp_topics.study import Problem, Refused, Study, fingerprint, line_ranges, refuse_if

REGISTRY_IS = "a registry of articles"
WRITE_ONE = "write one with: nqp-topics articles FILE… --write-registry articles.csv"
SOURCES_ARE = "a table with the columns source, file, sha256"
WRITE_SOURCES = "write it, and set [split] sources in study.toml"
PLACE = ["id", "source", "start_line", "end_line"]
PRINTED = ["title", "author", "affiliation", "outlet", "voice", "region", "date"]
REGISTRY = [*PLACE, "body", *PRINTED, "notes", "fingerprint"]
BESIDE = ("begins", "han", "check")  # what `begin` puts beside a registry, for a person's eyes
HEADS = {
    "id": "编号", "source": "文件", "start_line": "起始行", "end_line": "结束行", "body": "正文行", "title": "标题", "author": "作者",
    "affiliation": "单位", "outlet": "来源", "voice": "组别", "region": "地区", "date": "日期", "notes": "备注", "fingerprint": "指纹",
    "begins": "开头", "han": "汉字数", "check": "请核对",
}  # fmt: skip
TYPED = str.maketrans("０１２３４５６７８９：；－／．", "0123456789:;-/.")  # what an input method types
NUMERALS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_SPELT = re.compile(
    "([〇○零一二三四五六七八九]{4})年(?:([一二三四五六七八九十]+)月)?(?:([一二三四五六七八九十]+)日)?"
)
# what catalogues say of a journal: 2021(03), 2021年第3期, 2021, 37(3): 5-18
_ISSUE = re.compile(
    r"((?:19|20)\d\d)年?[,，、\s]*(?:第?\d+卷[,，、\s]*)?(?:(?:\d+\s*)?[(（]\s*[A-Z]?\d+\s*[)）]|(?:第|No\.?)?\s*[A-Z]?\d+\s*期)(?:[:：,，]\s*\d[\d,，+\s–-]*)?"
)
_POSTED = re.compile(
    r"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) (\d\d?) \d\d:\d\d:\d\d (?:[+-]\d{4} |UTC )?((?:19|20)\d\d)"
)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_NAMED = re.compile(  # 2023-05-06, 20230506, 2023年5月6日, 2023.05, 202305, 2023年 in a name, not inside a longer number or word
    r"(?<!\d-)(?<![0-9A-Za-z第])((?:18|19|20)\d\d)(?:([-_. 年])(\d\d?)(?:\2|月)(\d\d?)|(\d\d)(\d\d)?|年(\d\d?)月|[-.](\d\d)|年(?!代))(?![\d号期页篇次])"
)
_NOTHING = "[\u200b-\u200f\u2060\ufeff]|^[ \u3000\u00a0]+|[ \u3000\u00a0]+$"  # would make two groups of one
_END = 10**9  # behind the last line of any document


def read(file: str | Path, voices: Sequence[str] = ()) -> pd.DataFrame:
    """Read `articles.csv`, or the workbook that a spreadsheet made of it: one row an article.

    `source` is the document's name in `sources.csv` (or its id, where a study has none); `start_line` to `end_line` (from 1) is all
    that belongs to the article, both empty for a document that is one article; `body` is its text without title and byline, as
    pieces `A:B;C:D` in reading order; `fingerprint` is that of the clean text. Refused: missing columns, ids that return, lines that do not exist or that two
    articles claim (what speakers say beside each other has the same lines, in pieces that differ), and where `voices` are given, a voice that is none of them.
    """
    table = read_table(file, REGISTRY_IS, WRITE_ONE)
    heads = {name: head for name, head in HEADS.items() if name not in table and head in table}
    table = table.rename(columns={head: name for name, head in heads.items()})
    refuse_if(columns(str(file), table, PLACE, "add the columns; data/README.md says what each holds"))
    own = [name for name in table if name not in (*REGISTRY, *BESIDE)]  # what the study says beside it
    table = table.reindex(columns=[*REGISTRY, *own], fill_value="")
    table = without_errors(table, file, (*PRINTED, *own, "fingerprint"), heads=heads)
    for name in (*PRINTED, *own):
        table[name] = table[name].str.replace(_NOTHING, "", regex=True)
    for name in ("start_line", "end_line", "body"):  # what spreadsheets make of 7 and of 9:12
        table[name] = table[name].str.translate(TYPED).str.strip()
        table[name] = table[name].str.replace(r"(?<=\d)\.0$|(?<=\d:\d\d):00$|(?<=\d:\d):00$", "", regex=True)
    table["date"] = table["date"].map(_iso)
    refuse_if(_problems(table, str(file), voices))
    wrong = table["date"].map(no_date).astype(bool)
    if wrong.any():
        which = listed((f"{row.id} ({row.date})" for row in table[wrong].itertuples()), 5)
        warnings.warn(f"{file}: dates that are none, taken as empty: {which}", Remark, stacklevel=2)
        table.loc[wrong, "date"] = ""
    for name in ("start_line", "end_line"):
        table[name] = pd.to_numeric(table[name]).astype("Int64")
    return table


def column(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of the registry, such as that of groups. Refused: one that it does not have."""
    refuse_if(one_of("registry.column(name)", name, list(table.columns), "choose one of these"))
    return table[name]


def of_study(study: Study) -> pd.DataFrame | None:
    """Read the registry of a study, whatever voices it has; None where the study names none. Refused: as `read`."""
    return read(study.path(study.articles)) if study.articles else None


def _problems(table: pd.DataFrame, file: str, voices: Sequence[str]) -> Iterator[Problem]:
    for number, name in enumerate(table["id"], 2):
        if not name.strip() or ERROR.fullmatch(name.strip()) or not on_one_line(name):
            came, allowed = said(name) if name else "nothing", "a name for the article, on one line"
            yield Problem(f"{file} row {number} id", came, allowed, "give it one")
    yield from named_once(f"{file} id", table["id"], "give each article an id of its own")
    todo = "choose one of these, leave it empty, or add it to study.toml"
    for row in table[table["voice"] != ""].itertuples() if voices else ():
        yield from one_of(f"{file} id {row.id} voice", row.voice, voices, todo)
    taken: dict[str, list[tuple[int, int, str, str]]] = {}
    beside: set[tuple[str, int, int]] = set()  # lines in which several speak, each in pieces of their own
    for row in table.itertuples():
        where, numbers = f"{file} id {row.id}", f"{row.start_line}:{row.end_line}"
        alone = numbers == ":" and not row.body
        try:
            ((first, last),) = [(1, _END)] if alone else line_ranges(numbers, where)
            body = [] if alone else line_ranges(row.body, f"{where} body")
        except (Refused, ValueError):
            came = f"lines {numbers[:60]}, body {row.body[:60]!r}"
            allowed = "start_line and end_line, two line numbers from 1 on, the first not larger, and pieces of them as A:B;C:D; all empty for a whole document"
            yield Problem(where, came, allowed, "correct the row")
            continue
        if outside := [piece for piece in body if not first <= piece[0] <= piece[1] <= last]:
            place = f"{where} body {outside[0][0]}:{outside[0][1]}"
            came = "lines that do not belong to the article"
            allowed = f"pieces of start_line to end_line, {numbers}"
            todo = "correct the body, or the lines that all of the article takes"
            yield Problem(place, came, allowed, todo)
        if not body or (row.source, first, last) not in beside:
            taken.setdefault(row.source, []).append((first, last, row.id, ""))
        beside |= {(row.source, first, last)} if body else set()
        here = taken.setdefault(f"{row.source}\0{first}:{last}", [])
        here += [(*piece, row.id, "body ") for piece in body]
    for pieces in taken.values():
        yield from _claimed_twice(sorted(pieces), file)


def _claimed_twice(pieces: list[tuple[int, int, str, str]], file: str) -> Iterator[Problem]:
    until, other = 0, ""
    for first, last, name, what in pieces:
        if first <= until:
            lines = "whole document" if last == _END else f"{first}:{last}"
            who = "this row" if name == other and what else f"id {other}"
            came = f"lines that {who} claims too (up to {until if until < _END else 'the end'})"
            todo = "correct the lines of one of them"
            yield Problem(f"{file} id {name} {what}{lines}", came, "every line in one article only", todo)
        until, other = max((until, other), (last, name))


def _iso(date: str) -> str:
    """Write 2023/5/6 and 二〇二三年五月 as 2023-05-06 and 2023-05, of an issue 2021(03) the year, of a post the day that its site writes; what is no date stays."""
    date = date.translate(TYPED)
    bare = date.strip()
    if issue := _ISSUE.fullmatch(bare):
        return issue[1]
    if spelt := _SPELT.fullmatch(bare):
        return "-".join([spelt[1].translate(NUMERALS), *map(_counted, filter(None, spelt.groups()[1:]))])
    if (posted := _POSTED.fullmatch(bare)) and posted[1] in _MONTHS:  # Thu May 04 10:00:00 +0800 2023
        return f"{posted[3]}-{_MONTHS.index(posted[1]) // 3 + 1:02d}-{int(posted[2]):02d}"
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?(?:[T ]\d.*)?", bare)
    match = match or re.fullmatch(r"((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)", bare)
    if re.fullmatch(r"[1-7]\d{4}", bare):  # days since 1899: a cell of a spreadsheet shown as a number
        return str(dt.date(1899, 12, 30) + dt.timedelta(int(date)))
    return "-".join([match[1], *(part.zfill(2) for part in match.groups()[1:] if part)]) if match else date


def date_in(name: str) -> str:
    """Return the date that the name of a file or folder holds, written as 2023-05-06, 2023-05 or 2023; empty where it holds none, or one that is to come.

    A year without more must be the whole name, or be called one (2023年): 2001 may count files, or people.
    """
    name = name.translate(TYPED).strip()
    spelt, found = _SPELT.search(name), _NAMED.search(name)
    if spelt:
        date = _iso(spelt[0])
    elif found:
        date = "-".join(part.zfill(2) for part in found.group(1, *range(3, 9)) if part)
    else:
        date = name if re.fullmatch(r"(?:19|20)\d\d", name) else ""
    return "" if no_date(date) or date > str(dt.date.today()) else date


def _counted(numeral: str) -> str:
    """Write 十二 as 12 and 五 as 05."""
    tens, ten, ones = numeral.translate(NUMERALS).rpartition("十")
    return f"{int(tens or 1) * 10 * bool(ten) + int(ones or 0):02d}"


def no_date(date: str) -> bool:
    """Tell whether what stands for a date is on no calendar (2011-13-45), names no year (去年) or more than a date (约2011年)."""
    said = _iso(date).strip().removesuffix("年")
    if match := re.fullmatch(r"(\d{4})(?:-?(\d\d))?(?:-?(\d\d))?", said):
        try:
            dt.date(*(int(part or 1) for part in match.groups()))
        except ValueError:
            return True
    return bool(said) and not match


def write(articles: pd.DataFrame, file: str | Path) -> None:
    """Write articles as a registry for a person to correct, with the fingerprints of their texts. Refused: the name of a workbook."""
    prints = [fingerprint(text) for text in articles["text"]]
    _write(articles.assign(fingerprint=prints).reindex(columns=REGISTRY), file)


def _write(table: pd.DataFrame, file: str | Path) -> None:
    if Path(file).suffix.lower() in (".xlsx", ".xls"):
        allowed = "a CSV file, which spreadsheets open too"
        todo = "call it articles.csv, or save the workbook as CSV UTF-8"
        raise Refused(Problem(str(file), "the name of a workbook", allowed, todo))
    write_table(table, file)


def renew(file: str | Path, articles: pd.DataFrame) -> int:
    """Write new fingerprints into a registry, for the articles that are here; rows, columns and order stay. Return how many."""
    table = read_table(file, REGISTRY_IS, WRITE_ONE)
    prints = {row.id: fingerprint(row.text) for row in articles.itertuples()}
    old = table["fingerprint"] if "fingerprint" in table else pd.Series("", index=table.index)
    table["fingerprint"] = table["id"].map(prints).fillna(old)
    _write(table, file)
    return int(table["id"].isin(prints).sum())


def without_texts(file: str | Path, other: str | Path) -> bool:
    """Write a registry to another place without what a person read beside it, first characters of texts among it; tell whether it had any."""
    table = read_table(file, REGISTRY_IS, WRITE_ONE)
    beside = [name for name in BESIDE if name in table]
    if beside and Path(file).suffix.lower() == ".xlsx":
        write_workbook({"articles": table.drop(columns=beside)}, other)
    elif beside:
        write_table(table.drop(columns=beside), other)
    return bool(beside)


def check(found: pd.DataFrame, registry: pd.DataFrame) -> pd.DataFrame:
    """Compare articles with the fingerprints a person approved: one row an article, `state` = same | changed | no fingerprint | not here."""
    prints = dict(zip(found["id"], found["text"].map(fingerprint), strict=True))
    now, approved = registry["id"].map(prints), registry["fingerprint"]
    which = [now.isna(), now == approved, approved != ""]
    states = np.select(which, ["not here", "same", "changed"], "no fingerprint")
    return registry[["id", "source"]].assign(state=states).reset_index(drop=True)


def read_sources(file: str | Path) -> pd.DataFrame:
    """Read `sources.csv`: one row a document of the study. Refused: missing columns, names and fingerprints that return."""
    found = read_table(file, SOURCES_ARE, WRITE_SOURCES)
    refuse_if(columns(str(file), found, ("source", "file", "sha256"), "add them"))
    prints = found["sha256"].str.strip().str.lower()
    todo = "give each document one row and a name of its own"
    twice = named_once(f"{file} source", found["source"], todo)
    refuse_if(twice, named_once(f"{file} sha256", prints[prints != ""], todo))
    return found.assign(sha256=prints)


def sources(file: str | Path, documents: pd.DataFrame) -> pd.DataFrame:
    """Find a study's documents among those that were read, by fingerprint, whatever their files are called.

    One row a row of `sources.csv`, with `state`: here, changed (a file of that name, other bytes) or not here, and
    `found`, the file that holds it.
    """
    known = read_sources(file)
    prints = dict(zip(documents["fingerprint"], documents["file"], strict=True))
    files = {Path(name).name: name for name in documents["file"]}
    pairs = list(zip(known["sha256"], known["file"], strict=True))
    found = [prints.get(sha) or files.get(Path(name).name, "") for sha, name in pairs]
    here = known["sha256"].isin(prints), np.array(found, dtype=object) != ""
    return known.assign(state=np.select(here, ["here", "changed"], "not here"), found=found)


def complete(study: Study, documents: pd.DataFrame) -> bool:
    """Tell whether all documents of a study are among those that were read; without a list of them, whether there are any."""
    if not study.sources:
        return len(documents) > 0
    return bool(sources(study.path(study.sources), documents)["state"].eq("here").all())


def naming(known: pd.DataFrame) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return what gives documents, as they are read, the names of `sources.csv`; those that it does not list keep theirs.

    Refused: a file that bears a listed name and has other bytes, or the bytes of one that was named before.
    """
    source_of = dict(zip(known["sha256"], known["source"], strict=True))
    listed, file_of = set(known["source"]), dict[str, str]()

    def named(documents: pd.DataFrame) -> pd.DataFrame:
        names, problems = [], []
        rows = zip(documents["file"], documents["id"], documents["fingerprint"], strict=True)
        for file, name, sha in rows:
            source = source_of.get(sha)
            if source is not None and file_of.setdefault(source, file) == file:
                name = source
            elif name in listed:
                came = f"{file}, which bears that name and has other bytes"
                if source:
                    came = f"{file}, which bears that name and has the bytes of {file_of[source]}"
                todo = "take the file away, rename it, or write its own SHA-256 (then check the registry)"
                allowed = "the document with the SHA-256 that stands there"
                problems.append(Problem(f"sources.csv {name}", came, allowed, todo))
            names.append(name)
        refuse_if(problems)
        return documents.assign(id=names)

    return named
