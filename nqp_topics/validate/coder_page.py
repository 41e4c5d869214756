"""The page on which a coder without Python answers: one file, no network, nothing in it that says what is right."""

import json
from pathlib import Path

import pandas as pd

from nqp_topics.checks import one_of, refuse_if
from nqp_topics.files import whole
from nqp_topics.validate.sealed import seal
from nqp_topics.validate.tasks import CHOICES, QUESTIONS, Tasks, minutes, shown

TEMPLATE = Path(__file__).with_suffix(".html")


def page(tasks: Tasks, texts: pd.DataFrame | None = None, language: str = "zh", title: str = "") -> str:
    """Return the page of the tasks, in Chinese or English (a button changes it); without texts only the items of words.

    The browser keeps every answer at once and gives them back as a file; such a file is taken up again on another machine.
    """
    refuse_if(one_of("validate.page(language)", language, ("en", "zh")))
    seen = shown(tasks.items, texts)
    keys = ("item", "task", "words", "passage")
    items = [
        {**{key: row[key] for key in keys}, "choices": [row[choice] for choice in CHOICES if row[choice]]}
        for row in seen.to_dict("records")
    ]
    told = {"seal": seal(tasks), "language": language, "title": title, "minutes": minutes(seen)}
    told |= {"questions": QUESTIONS, "items": items}
    written = json.dumps(told, ensure_ascii=False, sort_keys=True)
    written = written.replace("<", "\\u003c").replace("\u2028", "\\u2028")
    return TEMPLATE.read_text("utf-8").replace("__LANGUAGE__", language).replace("__TOLD__", written)


def write_page(
    tasks: Tasks, file: str | Path, texts: pd.DataFrame | None = None, language: str = "zh", title: str = ""
) -> None:
    """Write the page of the tasks into a file."""
    with whole(file) as stream:
        stream.write(page(tasks, texts, language, title))
