"""Methods: what a paper must say of how it was made, filled in from study.toml, the run and the tables, as Markdown and Word, in both languages.

What nobody has said stays missing.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from nqp_topics.checks import refuse_if
from nqp_topics.checks.chinese import LANGUAGES
from nqp_topics.figures.word_tables import prose
from nqp_topics.files import in_language, whole
from nqp_topics.files.tables import write_table
from nqp_topics.reproduce.borne_out import BORNE_OUT
from nqp_topics.reproduce.facts import ANSWERED, MISSING, NOT_APPLICABLE, WORDS, Facts
from nqp_topics.reproduce.prepared import PREPARED
from nqp_topics.study import Study, unnumbered

# the sections, and whose questions they answer: the challenges of Maier et al. 2018, the checklist of Hagg et al. 2022, the review of Chen et al. 2023
SECTIONS, ITEMS = WORDS["sections"], WORDS["items"]
HEADS = ("section", "item", "state", "to do"), ("部分", "条目", "状态", "待办")
CHECKLIST = "Checklist", "报告清单"
STATES = {ANSWERED: "已回答", NOT_APPLICABLE: "不适用", MISSING: "缺失"}


def methods(study: Study) -> pd.DataFrame:
    """Answer what a methods section must say: one row an item: section, item, state (answered, not applicable, MISSING), en, zh, todo.

    Every number is read from the study's tables or its reported run; both languages hold the same numbers. Nothing is said of what was not done.
    Refused: a study without a number of topics.
    """
    refuse_if(unnumbered(study))
    facts = Facts(study)
    rows = []
    for section, item, answer in (*PREPARED, *BORNE_OUT):
        said = answer(facts)
        rows.append((section, item, said.state, said.en, said.zh, said.todo))
    return pd.DataFrame(rows, columns=["section", "item", "state", "en", "zh", "todo"])


def checklist(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the checklist as it is printed: one row an item: section, item, state, to do, all in the language."""
    zh = language == "zh"
    rows = table[["section", "item", "state", "todo"]].set_axis(list(HEADS[zh]), axis=1)
    rows[HEADS[zh][0]] = [SECTIONS[section][zh] for section in table["section"]]
    return rows.replace({HEADS[1][1]: ITEMS, HEADS[1][2]: STATES}) if zh else rows


def markdown(table: pd.DataFrame, language: str) -> str:
    """Set the answers as a methods section in Markdown, with the checklist below it."""
    zh = language == "zh"
    lines = [f"# {'方法' if zh else 'Methods'}", ""]
    for section, text in _sections(table, language):
        lines += [f"## {section}", "", text, ""]
    rows = checklist(table, language)
    lines += [f"## {CHECKLIST[zh]}", "", f"| {' | '.join(rows)} |", "|---|---|---|---|"]
    for *said, todo in rows.itertuples(index=False):
        lines.append(f"| {' | '.join(said)} | {f'`{todo}`' if todo else ''} |")
    return "\n".join(lines) + "\n"


def _sections(table: pd.DataFrame, language: str) -> Iterator[tuple[str, str]]:
    zh = language == "zh"
    gap = "【缺失：{}】" if zh else "[MISSING: {}]"
    for section, some in table.groupby("section", sort=False):
        said = [
            getattr(row, language) or gap.format(f"{ITEMS[str(row.item)] if zh else row.item}, {row.todo}")
            for row in some.itertuples()
        ]
        yield SECTIONS[str(section)][zh], ("" if zh else " ").join(said)


def write_methods(table: pd.DataFrame, folder: str | Path) -> list[Path]:
    """Write methods.md and methods.docx in both languages, and the checklist as csv."""
    place, written = Path(folder), []
    place.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        written += [in_language(place / f"methods{end}", language) for end in (".md", ".docx")]
        with whole(written[-2]) as stream:
            stream.write(markdown(table, language))
        with whole(written[-1], "wb") as packed:
            told = [*_sections(table, language), (CHECKLIST[language == "zh"], "")]
            packed.write(prose(told, checklist(table, language), language))
    write_table(table, place / "checklist.csv")
    return [*written, place / "checklist.csv"]


def tally(table: pd.DataFrame) -> dict[str, int]:
    """Count the items by state."""
    return {state: int((table["state"] == state).sum()) for state in (ANSWERED, NOT_APPLICABLE, MISSING)}


def outdated(study: Study, folder: str | Path) -> dict[str, bool]:
    """Tell of each methods text in a folder whether the study says something else by now."""
    files = {language: in_language(Path(folder) / "methods.md", language) for language in LANGUAGES}
    here = {language: file for language, file in files.items() if file.is_file()}
    table = methods(study) if here else pd.DataFrame()
    return {file.name: file.read_text("utf-8") != markdown(table, spoken) for spoken, file in here.items()}
