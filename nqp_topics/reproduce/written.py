"""Written: the methods section and its checklist, as Markdown and Word, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from nqp_topics.figures.word_tables import prose
from nqp_topics.files import whole
from nqp_topics.files.tables import write_table
from nqp_topics.reproduce.facts import ANSWERED, MISSING, NOT_APPLICABLE, WORDS
from nqp_topics.reproduce.methods import methods
from nqp_topics.study import Study

# the sections, and whose questions they answer: the challenges of Maier et al. 2018, the checklist of Hagg et al. 2022, the review of Chen et al. 2023
SECTIONS, ITEMS = WORDS["sections"], WORDS["items"]
HEADS = ("section", "item", "state", "to do"), ("部分", "条目", "状态", "待办")
CHECKLIST = "Checklist", "报告清单"
STATES = {ANSWERED: "已回答", NOT_APPLICABLE: "不适用", MISSING: "缺失"}


def checklist(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the checklist as it is printed: one row an item: section, item, state, to do, all in the language."""
    zh = language == "zh"
    rows = [
        (
            SECTIONS[str(row.section)][zh],
            ITEMS[str(row.item)] if zh else row.item,
            STATES[str(row.state)] if zh else row.state,
            row.todo,
        )
        for row in table.itertuples()
    ]
    return pd.DataFrame(rows, columns=HEADS[zh])


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
    for language, end in (("en", ""), ("zh", ".zh")):
        file = place / f"methods{end}.md"
        with whole(file) as stream:
            stream.write(markdown(table, language))
        with whole(place / f"methods{end}.docx", "wb") as packed:
            told = [*_sections(table, language), (CHECKLIST[language == "zh"], "")]
            packed.write(prose(told, checklist(table, language), language))
        written += [file, place / f"methods{end}.docx"]
    write_table(table, place / "checklist.csv")
    return [*written, place / "checklist.csv"]


def tally(table: pd.DataFrame) -> dict[str, int]:
    """Count the items by state."""
    return {state: int((table["state"] == state).sum()) for state in (ANSWERED, NOT_APPLICABLE, MISSING)}


def outdated(study: Study, folder: str | Path) -> dict[str, bool]:
    """Tell of each methods text in a folder whether the study says something else by now."""
    files = {language: Path(folder) / f"methods{end}.md" for language, end in (("en", ""), ("zh", ".zh"))}
    here = {language: file for language, file in files.items() if file.is_file()}
    if not here:
        return {}
    table = methods(study)
    return {
        file.name: file.read_text("utf-8") != markdown(table, language) for language, file in here.items()
    }
