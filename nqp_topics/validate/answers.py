"""Answers: the page, the sheet and the buttons on which they are given, one row an answer (coder, item, answer, when, seal), appended at each click."""

import csv
import datetime as dt
import io
import json
import os
import re
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from nqp_topics.checks import Problem, Refused, columns, listed, one_of, refuse_if, said, text
from nqp_topics.files import whole
from nqp_topics.files.tables import IN_CHINESE, read_table
from nqp_topics.files.workbook import write_workbook
from nqp_topics.validate.sealed import ANSWERS, seal
from nqp_topics.validate.tasks import CHOICES, QUESTIONS, Tasks, minutes, shown

Texts: TypeAlias = pd.DataFrame | None  # one row a passage: id, text; None: only what needs no text is asked
ANSWER = ["coder", "item", "answer", "when", "seal"]
HEADS = {"coder": "编码者", "item": "题号", "task": "任务", "question": "问题", "words": "词", "passage": "段落", "answer": "答案", "seal": "题目指纹"} | {
    choice: f"选项{number}" for number, choice in enumerate(CHOICES, 1)
}  # fmt: skip


def append(file: str | Path, coder: str, item: str, answer: int, of: str) -> None:
    """Add one answer at the end of a file, and see it on the disk before going on: a power cut loses at most the one that is being written."""
    place = Path(file)
    new = not place.exists() or not place.stat().st_size  # a kill may leave a file without its first line
    row = [coder, item, str(answer), dt.datetime.now().isoformat(timespec="seconds"), of]
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    if new:
        writer.writerow(ANSWER)
    writer.writerow(row)
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("ab") as stream:
        if not new and place.read_bytes()[-1:] != b"\n":
            stream.write(b"\n")  # the line that a kill cut off stays a line of its own
        stream.write(line.getvalue().encode())
        stream.flush()
        os.fsync(stream.fileno())


def read_answers(files: Iterable[str | Path], tasks: Tasks) -> pd.DataFrame:
    """Read answers of several coders, from CSV and XLSX: one row a coder and item: coder, item, answer; of several answers to an item the last.

    A line that a kill cut off is passed over, and so are cells that are not filled in. Refused: answers to other tasks, items that do not exist,
    answers outside the choices, a file without a coder's name, one coder in two files.
    """
    tables: list[pd.DataFrame] = []
    problems: list[Problem] = []
    of: dict[str, str] = {}
    choices = dict(zip(tasks.items["item"], (tasks.items[CHOICES] != "").sum(axis=1), strict=True))
    for file in files:
        table = _one(Path(file))
        problems += _wrong(str(file), table, tasks, choices)
        for coder in dict.fromkeys(table["coder"]):
            if coder in of:
                came = f"answers of {said(coder)}, as in {of[coder]}"
                todo = "give each coder a name, or leave one out"
                problems.append(Problem(str(file), came, "one file a coder", todo))
            of[coder] = str(file)
        tables.append(table)
    refuse_if(problems)
    if not tables or not sum(map(len, tables)):
        todo = "have the page, the sheet or the notebook answered first"
        raise Refused(Problem("validate(answers)", "no answer", "answers of one coder at least", todo))
    every = pd.concat(tables, ignore_index=True).drop_duplicates(["coder", "item"], keep="last")
    return every[["coder", "item", "answer"]].astype({"answer": int}).reset_index(drop=True)


def _one(file: Path) -> pd.DataFrame:
    table = read_table(file, "the answers of a coder", "correct the path")
    table = table.rename(columns=lambda name: IN_CHINESE.sub("", str(name)))
    refuse_if(columns(str(file), table, ["coder", "item", "answer", "seal"]))
    sheet = "question" in table or file.suffix.lower() != ".csv"
    table = table[["coder", "item", "answer", "seal"]].map(lambda cell: str(cell).strip())
    named = table["coder"][table["coder"] != ""]
    if sheet and named.nunique() == 1:  # on a sheet, saved as whatever, the name is written once
        table["coder"] = named.iloc[0]
    cut = table.index == len(table) - 1
    whole_rows = (table["seal"].str.len() == 16) | ~cut
    return table[(table["answer"] != "") & whole_rows].reset_index(drop=True)


def _wrong(file: str, table: pd.DataFrame, tasks: Tasks, choices: dict[str, int]) -> Iterator[Problem]:
    if (table["coder"] == "").any():
        came, todo = "answers without a coder's name", "fill in the column coder"
        yield Problem(file, came, "the name of who answered", todo)
    mine = seal(tasks)
    if others := sorted(set(table["seal"]) - {mine}):
        came = f"answers to other tasks (seal {listed(others, 3)})"
        todo = "give the folder of the tasks that were answered"
        yield Problem(file, came, f"answers to these tasks (seal {mine})", todo)
        return
    if strange := sorted(set(table["item"]) - set(choices)):
        yield Problem(file, f"items {listed(strange, 5)}", "items of these tasks", "correct the column item")
    for row in table.itertuples():
        most = choices.get(str(row.item))
        if most and not (str(row.answer).isdecimal() and 1 <= int(str(row.answer)[:9]) <= most):
            allowed, todo = f"the number of a choice, from 1 to {most}", "correct the cell, or empty it"
            yield Problem(file, f"{row.item}: {said(row.answer)}", allowed, todo)


def write_sheet(tasks: Tasks, file: str | Path, texts: Texts = None, language: str = "zh") -> None:
    """Write the tasks as a workbook in which a coder chooses each answer from a list; without texts only the items of words."""
    seen = shown(tasks.items, texts)
    asked = [QUESTIONS[task][language == "zh"] for task in seen["task"]]
    table = seen.assign(question=asked, answer="", coder="", seal=seal(tasks))
    table = table[["item", "question", "words", "passage", *CHOICES, "answer", "coder", "seal"]]
    most = (seen[CHOICES] != "").sum(axis=1)
    drops = {"answer": [",".join(map(str, range(1, number + 1))) for number in most]}
    write_workbook({"answers": table}, file, HEADS, fill=("answer", "coder"), drops=drops)


def buttons(tasks: Tasks, folder: str | Path, coder: str, texts: Texts = None, language: str = "zh") -> Any:
    """Return buttons for a notebook: one item after another, each answer appended at the click to the coder's file in answers/, beside the tasks; what
    is answered already is passed over. Refused: no name of a coder, a file of another coder or of other tasks.
    """
    from ipywidgets import HTML, Button, Layout, VBox

    where, allowed = "validate.buttons(coder)", "the name of who answers"
    refuse_if(text(where, coder))
    coder = " ".join(coder.split())
    refuse_if([] if coder else [Problem(where, "no name", allowed, "give a name")])
    file = Path(folder) / ANSWERS / (re.sub(r"[^\w-]+", "_", coder)[:60] + ".csv")
    seen = shown(tasks.items, texts)
    done = set()
    if file.exists() and file.stat().st_size:
        before = read_answers([file], tasks)
        if others := sorted(set(before["coder"]) - {coder}):
            came = f"the answers of {listed(others, 3)}"
            raise Refused(Problem(str(file), came, f"a file of {coder}'s own", "choose another file"))
        done = set(before["item"])
    left = [row for row in seen.to_dict("records") if row["item"] not in done]
    box, of = VBox(layout=Layout(max_width="45em")), seal(tasks)

    def show(place: int) -> None:
        if place == len(left):
            end = ("All is answered. Thank you.", "全部完成，谢谢。")[language == "zh"]
            box.children = [HTML(f"<p>{end}</p>")]
            return
        item = left[place]
        question = QUESTIONS[str(item["task"])][language == "zh"]
        head = HTML(f"<p>{len(done) + place + 1} / {len(seen)}</p><h4>{question}</h4>")
        body = [HTML(f"<p>{escape(str(item[name]))}</p>") for name in ("words", "passage") if item[name]]
        rows: list[Any] = []
        for number, choice in enumerate((str(item[name]) for name in CHOICES), 1):
            if not choice:
                continue
            long = len(choice) > 40
            button = Button(description=str(number) if long else choice, layout=Layout(width="auto"))
            button.on_click(lambda _, number=number: click(place, number))
            rows += [HTML(f"<p>{number}. {escape(choice)}</p>"), button] if long else [button]
        box.children = [head, *body, *rows]

    def click(place: int, number: int) -> None:
        append(file, coder, str(left[place]["item"]), number, of)
        show(place + 1)

    show(0)
    return box


TEMPLATE = Path(__file__).with_name("coder_page.html")


def page(tasks: Tasks, texts: Texts = None, language: str = "zh", title: str = "") -> str:
    """Return the page of the tasks, in Chinese or English (a button changes it); without texts only the items of words.

    The browser keeps every answer at once and gives them back as a file; such a file is taken up again on another machine.
    """
    refuse_if(one_of("validate.page(language)", language, ("en", "zh")))
    seen = shown(tasks.items, texts)
    items = seen[["item", "task", "words", "passage"]].to_dict("records")
    for item, choices in zip(items, seen[CHOICES].to_numpy().tolist(), strict=True):
        item["choices"] = list(filter(None, choices))
    told = {"seal": seal(tasks), "language": language, "title": title, "minutes": minutes(seen)}
    told |= {"questions": QUESTIONS, "items": items}
    written = json.dumps(told, ensure_ascii=False, sort_keys=True)
    written = written.replace("<", "\\u003c").replace("\u2028", "\\u2028")
    return TEMPLATE.read_text("utf-8").replace("__LANGUAGE__", language).replace("__TOLD__", written)


def write_page(
    tasks: Tasks, file: str | Path, texts: Texts = None, language: str = "zh", title: str = ""
) -> None:
    """Write the page of the tasks into a file."""
    with whole(file) as stream:
        stream.write(page(tasks, texts, language, title))
