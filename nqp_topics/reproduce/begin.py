"""Begin: a study from a folder of documents, every choice written down with its reason, so that figures are one command away."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from nqp_topics.checks import Problem, Refused, listed, refuse_if, typed
from nqp_topics.checks.chinese import in_chinese
from nqp_topics.documents import read, speaking, split
from nqp_topics.documents.clean import han
from nqp_topics.documents.formats import sources, spreadsheets
from nqp_topics.documents.registry import BESIDE, HEADS, REGISTRY
from nqp_topics.files import fingerprint, print_of, read_bytes, whole
from nqp_topics.files.workbook import write_workbook
from nqp_topics.reproduce.columns import NAMES, columns_of, rank
from nqp_topics.reproduce.first_look import proposed, too_many_folders
from nqp_topics.reproduce.notebooks import formats, opened
from nqp_topics.reproduce.shared import share
from nqp_topics.study import Study, load
from nqp_topics.study.choices import patterns
from nqp_topics.words import drafts

LARGE = 200_000  # Chinese characters: above, fits take minutes, and a first look takes fewer of them
# language → the texts of its files
BEGUN: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("begun.toml").read_text("utf-8"))


# what posts hold beside their author's words: what is passed on, accounts, addresses (of Markdown's links marks take care)
POSTS = (
    r"//@.*",
    r"(?<![A-Za-z0-9_.])(?:回复)?@[^\W\d][\w-]{1,15}(?:[:：]|(?=[\s@\[]|//|$))",
    r"(?<!\]\()(?<!<)https?://[A-Za-z0-9./?=&%#:~+_-]+",
)
TALK = 10  # turns of which a text is a talk
OFTEN = 0.01  # of the texts: what stands in fewer is no habit of theirs


def of_posts(texts: pd.Series) -> tuple[tuple[str, ...], int]:
    """Return which of `POSTS` are a habit of these texts, and how many texts hold one of them."""
    found = pd.DataFrame({one: texts.map(re.compile(one, re.M).search).notna() for one in POSTS})
    found = found.loc[:, found.sum() >= max(3, OFTEN * len(texts))]
    return tuple(found.columns), int(found.any(axis=1).sum())


def large(rows: pd.DataFrame) -> bool:
    """Tell whether the articles of a study (one row each, with `han`) are so many that a first look takes fewer fits."""
    return int(rows["han"].sum()) > LARGE


def settings(study: Study, raw: Path, columns: Mapping[str, str], rows: pd.DataFrame, language: str) -> str:
    """Return the text of study.toml: every choice that a beginner may want to change, with its reason."""
    says, home, documents = BEGUN[language], study.folder.resolve(), raw.resolve()
    documents = documents.relative_to(home) if documents.is_relative_to(home) else documents
    return str(says["settings"]).format(
        name=_quoted(study.name),
        documents=_quoted(documents.as_posix()),
        drop="".join(
            f"{says['drop']}\n".format(", ".join(f"'{one}'" for one in study.drop)) for _ in study.drop[:1]
        ),
        columns="".join(f"{what}_column = {_quoted(column)}\n" for what, column in columns.items()),
        seeds=says["seeds_large" if large(rows) else "seeds"],
        groups=says["groups" if (rows["voice"] != "").any() else "groups_none"],
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def readme(study: Study, articles: int, language: str, called: str = "nqp-topics") -> str:
    """Return the text of README.md: the commands of the study as they are typed where it was begun, in the reader's language."""
    says, where = BEGUN[language], typed(study.folder)
    lines = {}
    for command, does in says["commands"].items():
        verb, _, number = command.partition(" ")
        lines[f"{called} {verb} --study {where}{' ' * bool(number)}{number}"] = does
    wide = max(map(len, lines))
    commands = "\n".join(f"    {command:{wide}}  # {does}" for command, does in lines.items())
    return str(says["readme"]).format(name=study.name, articles=articles, commands=commands)


Say: TypeAlias = Callable[[str], None]
TABLES = (".csv", ".tsv", ".xlsx", ".jsonl")
MAKE_COUNTS = ("read", "clean", "split", "segment", "count")  # sections of study.toml that counts follow from

# cells that show text: a study that is begun has no sample to show instead of its documents
OF_DOCUMENTS = re.compile(r"\b(?:sample|reading|mined|places)\b")

FILL = ("title", "author", "outlet", "voice", "date")  # what a person corrects


def begin(
    folder: str | Path,
    documents: str | Path,
    name: str = "",
    columns: Mapping[str, str] | None = None,
    language: str = "en",
    say: Say = print,
    called: str = "nqp-topics",
    keep: Sequence[str] = (),
    begins: str = "",
    by_speaker: bool = False,
) -> Study:
    """Write a study into a new folder: study.toml, articles.xlsx, the notebooks, a README; the documents stay where they are.

    `columns`: what → column, where the guess is not right. `language`: that of the reasons in study.toml and of remarks. `called`: how README.md calls nqp-topics. `keep`: columns of tables that go along into articles.xlsx, to group by or for a formula.
    `begins`: an expression that is found in the lines with which articles begin; `by_speaker`: what each speaker says is one. Refused: a folder that is a study already, documents of which none can be read, a column that no table has.
    """
    place, raw = Path(folder), Path(documents)
    refuse_if(_problems(place, raw), patterns("--begins", [begins]) if begins else [])
    there_are = (one.path for one in sources.listed(raw, read.READERS))
    tables = [file for file in there_are if file.suffix.lower() in TABLES and file.is_file()]
    guessed, there = columns_of(tables)
    refuse_if(_no_columns(columns or {}, keep, there))
    chosen = {**guessed, **(columns or {})}
    _say_columns(chosen, there, columns or {}, say, keep)
    study = Study(folder=place, name=name or place.resolve().name, duplicates="drop exact")
    study = study.but(**{f"{what}_column": column for what, column in chosen.items()})
    reading = read.folder(raw, study)
    posts, many = of_posts(reading.documents["text"])
    study = study.but(drop=posts)
    articles = _cut(reading.documents, study, begins, by_speaker, say)
    rows = proposed(reading.documents, articles)
    if not len(rows):
        for line in read.not_read(reading.refusals):
            say(line)
        came, allowed = "nothing that can be read", "documents in Chinese or another language"
        raise Refused(Problem(str(raw), came, allowed, "nqp-topics read says why of each file"))
    place.mkdir(parents=True, exist_ok=True)
    read.of_study(study.but(documents=str(raw.resolve())), reading)
    rows = rows.assign(**_kept(tables, raw, reading.documents, rows, study, keep))
    rows = rows.assign(check=rows["check"].map(in_chinese)) if language == "zh" else rows
    write_workbook({"articles": rows}, place / "articles.xlsx", HEADS, fill=FILL)
    for file, text in {
        "study.toml": settings(study, raw, chosen, rows, language),
        "README.md": readme(study, len(rows), language, called),
        "lexicon.txt": "",
        "stopwords.txt": "",
        ".gitignore": _ignored(place, raw),
    }.items():
        with whole(place / file) as stream:
            stream.write(text)
    _notebooks(place / "notebooks", language, large(rows))
    if posts:
        say(
            f"{many} texts hold accounts (@…), addresses or what others wrote (//@…): left out, see drop under [clean] in study.toml"
        )
    _say_shared(articles, say)
    _say_read(reading, rows, too_many_folders(reading.documents, articles), say)
    return load(place)


def _cut(documents: pd.DataFrame, study: Study, begins: str, by_speaker: bool, say: Say) -> pd.DataFrame:
    """Cut documents into articles: at the lines that begin one, and by who speaks, where that is asked for; else as the look of their pages proposes."""
    if begins or by_speaker:
        known, once = speaking.speakers(documents["text"]) if by_speaker else ({}, [])
        if by_speaker and not known:
            came, allowed = (
                "texts without a speaker",
                "lines that begin with who speaks, such as 问： or 陈议员：",
            )
            raise Refused(Problem("--by-speaker", came, allowed, "leave it out"))
        rows = pd.DataFrame(speaking.cut(documents, begins, by_speaker), columns=REGISTRY).fillna("")
        if by_speaker:
            say(
                "what stands before the first turn is left out; so is what a speaker says (an interviewer) whose rows you delete in articles.xlsx"
            )
        if once:
            say(
                f"labels that stand once and so went with who spoke before: {listed(once, 10)}; lines of articles.xlsx can be corrected"
            )
        return split.articles(documents, rows, study.rules)
    talks = sum(speaking.speakers([text])[0].total() >= TALK for text in documents["text"])
    if 2 * talks > len(documents):
        say(f"{talks} texts have speakers: new --by-speaker makes an article of what each says")
    return split.by_study(documents, study)


def _say_read(reading: read.Reading, rows: pd.DataFrame, folders: int, say: Say) -> None:
    """Say how much was read, what could not be, and what a person has to look at."""
    groups = len(set(rows["voice"]) - {""})
    read_, not_, again = len(reading.documents), len(read.lost(reading.refusals)), len(reading.duplicates)
    say(f"{read_} documents read, {not_} not, {again} repeats")
    for line in read.not_read(reading.refusals):
        say(line)
    han, open_ = int(rows["han"].sum()), int((rows["check"] != "").sum())
    say(f"{len(rows)} articles, {han:,} Chinese characters, {groups} groups, {open_} rows to check")
    known = rows["source"].map(reading.documents.set_index("id")["date"].fillna(""))
    if found := int(((rows["date"] != "") & (known == "")).sum()):
        say(f"{found} dates were read from texts or names of files: look at some of them in articles.xlsx")
    if folders:
        say(
            f"too many folders to be taken for groups ({folders}): name groups in the column voice of articles.xlsx, where you compare some"
        )


def _say_shared(articles: pd.DataFrame, say: Say) -> None:
    """Say how much of the articles stands in others word for word, and how it is left out."""
    lost = split.without_shared(articles)[1]
    if many := lost["article"].nunique():
        part = lost["han"].sum() / max(1, articles["text"].map(han).sum())
        say(
            f'{many} articles have paragraphs that others have too, word for word: {part:.0%} of all characters; repeated = "drop" under [clean] in study.toml leaves them out (a reprint, of which less than a fifth would remain, keeps its text)'
        )


def _kept(
    tables: list[Path],
    raw: Path,
    documents: pd.DataFrame,
    rows: pd.DataFrame,
    study: Study,
    keep: Sequence[str],
) -> dict[str, list[str]]:
    """Return columns of tables for the rows of a registry: empty where an article's table lacks them."""
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for table in tables if keep else ():
        name = table.relative_to(raw).as_posix()
        there = spreadsheets.beside(read_bytes(table), study, table.suffix.lower()[1:], keep)
        cells |= {(name, place): of_row for place, of_row in there.items()}
    places = {row.id: cells.get((row.file, row.place), {}) for row in documents.itertuples()}
    return {column: [places[source].get(column, "") for source in rows["source"]] for column in keep}


def _say_columns(
    chosen: Mapping[str, str], there: list[str], given: Mapping[str, str], say: Say, keep: Sequence[str] = ()
) -> None:
    """Say which column is taken for what, how to take another, and which columns are not used."""
    for what, column in chosen.items():
        taken, names = {column, *column.split("; ")}, NAMES[what].split()
        more = [name for name in there if name not in taken and rank(name.strip(), names) is not None]
        if what in given:
            say(f"column {column}: {what}")
        elif more:
            say(f"column {column}: {what} (--{what}-column NAME for another, such as {listed(more)})")
        else:
            say(f"column {column}: {what} (--{what}-column NAME for another)")
    each = (names for column in chosen.values() for names in (column, *column.split("; ")))
    used = {*each, *keep, "id"}  # a column id names the rows
    if unused := [name for name in there if name not in used]:
        say(f"columns that are not used: {listed(unused)}")
        if "voice" not in chosen:
            say("groups by one of them: --voice-column NAME")
        say(
            "to have some of them in articles.xlsx too, for groups or a formula: --keep-column NAME (several with ; between)"
        )


def _ignored(place: Path, raw: Path) -> str:
    """Return what is never shared of a study: what holds text of its documents."""
    lines = [".nqp-cache/", "*.part", "labels.xlsx", "terms*.csv", "terms*.xlsx", "stopwords*.xlsx", "~$*"]
    lines.append(".ipynb_checkpoints/")
    home, raw = place.resolve(), raw.resolve()
    lines += [f"/{raw.relative_to(home).as_posix()}/"] if raw.is_relative_to(home) else []
    return "\n".join([*lines, ""])


def made_ready(study: Study) -> bool:
    """Cut and count the documents of a study where that was not done yet, or where documents, registry, words or settings have changed since.

    Counts that came with a study, or were made by hand with `share`, are left as they are. Tells whether anything was done.
    """
    if not study.raw.is_dir() or (study.has_counts and not outdated(study)):
        return False
    share(study, read.of_study(study).documents)
    ready(study)
    return True


def outdated(study: Study) -> bool:
    """Tell whether documents, registry, words or settings have changed since the counts of a study were made from them."""
    mark = study.cache / "ready.txt"
    there = study.has_counts and mark.is_file() and study.raw.is_dir()
    return there and mark.read_text("utf-8") != _state(study)


def ready(study: Study) -> None:
    """Note what the counts of a study were made from, so that they are made again where that changes."""
    with whole(study.cache / "ready.txt") as stream:
        stream.write(_state(study))


def _state(study: Study) -> str:
    """Return the fingerprint of what counts are made from, without reading the documents: their names, sizes and dates, the files a person edits."""
    documents = sorted((file for file in study.raw.rglob("*") if file.is_file()), key=str)
    seen = ((file, file.stat()) for file in documents)
    about = [[str(file.relative_to(study.raw)), here.st_size, here.st_mtime_ns] for file, here in seen]
    edited = (study.articles, study.sources, study.lexicon, study.stopwords)
    prints = [print_of(study.path(name)) for name in edited if name]
    settings = {name: repr(value) for name, value in study.set_in(*MAKE_COUNTS).items()}
    return fingerprint(json.dumps([about, prints, settings, drafts.answers(study)], ensure_ascii=False))


def _problems(place: Path, raw: Path) -> Iterator[Problem]:
    if (place / "study.toml").exists():
        todo = f"choose another name, or go on there: nqp-topics next --study {typed(place)}"
        yield Problem(str(place), "a folder that holds a study", "a new folder", todo)
    if raw.is_file():
        todo = "put it into a folder, and give the path of that folder"
        yield Problem(str(raw), "a file, not a folder", "the folder of the documents", todo)
    elif not raw.is_dir():
        yield Problem(str(raw), "no such folder", "the folder of the documents", "correct the path")
    elif place.resolve().is_relative_to(raw.resolve()):
        came = "a study inside the folder of its documents"
        yield Problem(str(place), came, "a new folder", "choose another name")


def _no_columns(given: Mapping[str, str], keep: Sequence[str], there: list[str]) -> Iterator[Problem]:
    wrong = [one for one in given.items() if spreadsheets.column_of(one[1], there) not in there]
    wrong += [("keep", column) for column in keep if column not in there]
    allowed = f"one of the columns {listed(there)}"
    for what, column in wrong:
        yield Problem(f"--{what}-column", repr(column), allowed, "correct the name")
    for column in keep:
        if column in there and column in (*REGISTRY, *BESIDE):
            allowed = "a column whose name articles.xlsx has not itself"
            yield Problem("--keep-column", repr(column), allowed, "give it another name in the table")


def _notebooks(place: Path, language: str, large: bool) -> None:
    """Copy the notebooks that come with the library, without the outputs of its first study; of a large corpus with a search that is a first look."""
    nbformat = formats()
    home = Path(__file__).parents[2] / "notebooks"
    if not home.is_dir():
        allowed = "the notebooks that come with the library"
        todo = "install nqp_topics from its repository: make setup"
        raise Refused(Problem(str(home), "no notebooks", allowed, todo))
    place.mkdir(exist_ok=True)
    prose = tomllib.loads((home / "zh.toml").read_text("utf-8")) if language == "zh" else {}
    for file in sorted(home.glob("*.ipynb")):
        notebook = opened(file)
        for cell in notebook.cells:
            cell.source = prose.get(file.stem, {}).get(cell.id, cell.source)
            if cell.cell_type == "code":
                if OF_DOCUMENTS.search(cell.source):
                    cell.metadata["tags"] = [*cell.metadata.get("tags", []), "documents"]
                cell.outputs, cell.execution_count = [], None
                cell.source = cell.source.replace('LANGUAGE = "en"', f'LANGUAGE = "{language}"')
                for line, other in BEGUN[language]["first_look"].items() if large else ():
                    cell.source = cell.source.replace(line, other)
        with whole(place / file.name) as stream:
            nbformat.write(notebook, stream)
