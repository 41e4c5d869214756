"""The topic panel: a page to click through, in one file that asks no other machine for anything.

Topics are circles on the left, the most relevant words of the chosen one stand on the right (Sievert and Shirley 2014). The page and its script lie in
`panel_page`, the numbers come from `panel_numbers`.
"""

import html as markup
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any, Self

import pandas as pd

from nqp_topics.checks import Problem, columns, named_once, one_of, refuse_if
from nqp_topics.checks.chinese import LANGUAGES
from nqp_topics.counts import Counts
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import Labels, topic_labels
from nqp_topics.figures.panel_numbers import numbers
from nqp_topics.figures.shown import language
from nqp_topics.figures.styles import FAINT, INK, PALETTE, SOFT
from nqp_topics.files import fingerprint, in_language, way_to, whole
from nqp_topics.topics.model import Topics, belong

FOLDER = Path(__file__).parent / "panel_page"
READ = ("topics", "words", "given")  # what the script reads
SAYS = ("all", "topic", "word")  # and says, as captions has it; {} is filled in there
WORDS = ("help", "map", "inside", "total", "formulas", "sources")  # of the page


class Panel:
    """The panel of a run. It saves itself as a page, and shows the page in a notebook once it is saved."""

    def __init__(self, numbers: Mapping[str, Any], labels: Labels = None, run: str = "") -> None:
        self.numbers, self.labels, self.run = numbers, labels, run
        self.file: Path | None = None

    def page(self, spoken: str = "", title: str = "") -> str:
        """Return the page in a language (the chosen one): topics in their order, each with its words.

        Refused: numbers of another kind, labels of topics that are not there.
        """
        spoken = spoken or language()
        refuse_if(_problems(self.numbers, self.labels, spoken))
        topics, passages = list(self.numbers["topics"]["topic"]), int(self.numbers["passages"])
        read: dict[str, Any] = {key: self.numbers[key] for key in READ}
        read["says"] = {key: label(f"panel {key}", spoken) for key in SAYS} | {"most": self.numbers["most"]}
        # a word must not close the script
        data = json.dumps(read, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        called = topic_labels(topics, self.labels, "figures.panel")
        entries = list(_entries(called, spoken == "zh"))
        words = (re.sub("<.*?>", "", entry) for entry in entries)
        # so many pixels a word takes at most, in letters of 12
        column = min(360, max(sum(12 if ord(char) > 0x2E7F else 8 for char in word) for word in words))
        told = {"first": topics[0], "last": topics[-1], "topics": len(topics), "passages": passages}
        shows = label("panel shows", spoken).format(**told)
        said = {key: label(f"panel {key}", spoken) for key in WORDS}
        said["title"] = markup.escape(title or label("panel title", spoken))
        said["shows"] = markup.escape(shows, quote=True)
        said |= {"lang": "zh-Hans" if spoken == "zh" else "en", "column": f"{column}px", "data": data}
        said |= {"source": fingerprint(data)[:12], "run": self.run[:12], "script": _part("panel.js")}
        said |= {"ink": INK, "soft": SOFT, "faint": FAINT, "accent": PALETTE[0], "chosen": PALETTE[1]}
        return Template(_part("page.html")).substitute(said, entries="\n".join(entries))

    def save(self, file: str | Path) -> Self:
        """Write NAME.html in English and NAME.zh.html in Chinese, each whole or not at all, and return the panel."""
        for spoken in LANGUAGES:
            with whole(in_language(file, spoken)) as stream:
                stream.write(self.page(spoken))
        self.file = in_language(file, language())
        return self

    def _repr_html_(self) -> str:
        if self.file is None:
            return "<p>figures.panel(…).save(study.figures / &quot;topics.html&quot;)</p>"
        address = way_to(self.file)  # a kernel works in the folder of its notebook
        return f'<iframe src="{markup.escape(address, quote=True)}" width="100%" height="800" frameborder="0"></iframe>'


def panel(run: Topics, counts: Counts, labels: Labels = None) -> Panel:
    """Make the panel of a run; `labels` names its topics in both languages (topic, zh, en). Refused: counts of another run."""
    belong(run, counts)
    mass = pd.Series(run.mass(counts), run.passages.index)
    apart = [part.words * part.tokens for part in run.apart.values()]
    found = numbers(run.words, run.passages, mass, counts.frequencies, sum(apart) if apart else None)
    return Panel(found, labels, run.fingerprint)


def _part(name: str) -> str:
    return (FOLDER / name).read_text("utf-8").rstrip("\n")


def _entries(called: dict[str, tuple[str, str]], chinese: bool) -> Iterator[str]:
    """Yield what stands in the list of topics: the name of each and its label, in the language of the page first; nothing twice."""
    for number, (name, both) in enumerate(called.items(), 1):
        topic, *words = map(markup.escape, dict.fromkeys((name, *(both[::-1] if chinese else both))))
        text = " · ".join([f"<b>{topic}</b>", *words])
        yield f'<button value="{number}" aria-pressed="false">{text}</button>'


def _problems(given: Mapping[str, Any], labels: Labels, spoken: str) -> Iterator[Problem]:
    yield from one_of("figures.panel.page(language)", spoken, LANGUAGES, "choose one of these")
    if missing := [key for key in (*READ, "most", "passages") if key not in given]:
        where, todo = "Panel(numbers)", "figures.panel(run, counts) makes them"
        yield Problem(where, f"no {', '.join(missing)}", "the numbers of a panel", todo)
    elif labels is not None:
        where, topics = "figures.panel(labels)", list(given["topics"]["topic"])
        lacking = columns(where, labels, ("topic", "zh", "en"), "add the column")
        named = [] if lacking else labels["topic"].astype(str).tolist()
        yield from lacking
        yield from named_once(f"{where}, topic", named, "correct the labels")
        for name in dict.fromkeys(named):
            yield from one_of(f"{where}, topic", name, topics, "correct the labels")
