"""The topic panel: a page to click through, in one file that asks no other machine for anything.

Topics are circles on the left, the most relevant words of the chosen one stand on the right (Sievert and Shirley 2014). The page and its script lie in
`panel_page`, the numbers come from `panel_numbers`.
"""

import html as markup
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any, Self

import pandas as pd

from nqp_topics.checks import columns, listed, one_of
from nqp_topics.counts import Counts
from nqp_topics.figures.page import FAINT, INK, PALETTE, SOFT
from nqp_topics.figures.panel_numbers import numbers
from nqp_topics.figures.shown import LANGUAGES, language
from nqp_topics.study import Problem, fingerprint, refuse_if, whole
from nqp_topics.topics.model import Topics, belong

FOLDER = Path(__file__).parent / "panel_page"
# what the script reads, and what it says: {} is filled in there
READ = ("topics", "words", "given")
SAYS = (
    {
        "all": "The {most} words that tell topics apart best",
        "topic": "{topic} ({share}% of tokens): its {most} most relevant words",
        "word": "How the word {word} is shared out among topics",
    },
    {
        "all": "最能区分各主题的{most}个词",
        "topic": "{topic}（占词次的{share}%）：相关度最高的{most}个词",
        "word": "词语“{word}”在各主题中的分布",
    },
)
# what the page says around the panel: (English, Chinese)
HEAD = ("Topics and their words", "主题与词语")
HELP = (
    "Choose a topic here or click its circle, or go from one to the next with the arrow keys; Esc shows all again. Point at a word: the circles show "
    "the topics it stands in. λ = 1 ranks words by their share of the topic, λ = 0 by how exclusive they are to it.",
    "点击下列主题或图中圆圈，也可用左右方向键逐个查看，按 Esc 回到全部主题。将鼠标移到词语上，圆圈显示该词分布在哪些主题。"
    "λ = 1 按词语在主题内的概率排序，λ = 0 按词语对该主题的独占程度排序。",
)
MAP = ("Topics by distance", "主题之间的距离")
BARS = (
    ("in the topic, as expected", "in all texts"),
    ("在该主题中的期望次数", "在全部文本中的次数"),
)
FORMULAS = (
    "Relevance of a word in a topic: λ · log p(w | t) + (1 - λ) · log[ p(w | t) / p(w) ]. How well it tells topics apart (saliency): "
    "p(w) · Σ p(t | w) · log[ p(t | w) / p(t) ]. The area of a circle is the topic's share of all tokens.",
    "词语在主题中的相关度：λ · log p(w | t) + (1 - λ) · log[ p(w | t) / p(w) ]；区分主题的能力（显著度）："
    "p(w) · Σ p(t | w) · log[ p(t | w) / p(t) ]。圆的面积表示该主题占全部词次的比例。",
)
SOURCES = (
    "Distances are Jensen-Shannon divergences laid out by principal coordinates. The idea of the panel: "
    "Chuang, Manning &amp; Heer 2012, doi:10.1145/2254556.2254572 · Sievert &amp; Shirley 2014, doi:10.3115/v1/W14-3110",
    "主题间距离为 Jensen-Shannon 散度，以主坐标分析排布。面板的思路来自："
    "Chuang, Manning &amp; Heer 2012, doi:10.1145/2254556.2254572 · Sievert &amp; Shirley 2014, doi:10.3115/v1/W14-3110",
)
SHOWS = (
    "A panel to click through: {topics} topics ({first} to {last}) by distance, the words of each and how often they stand in {passages:,} passages.",
    "{first}至{last}共{topics}个主题的可点击面板：主题间距离、各主题的词及其在{passages:,}个段落中的次数。",
)


class Panel:
    """The panel of a run. It saves itself as a page, and shows the page in a notebook once it is saved."""

    def __init__(self, numbers: Mapping[str, Any], labels: pd.DataFrame | None = None, run: str = "") -> None:
        self.numbers, self.labels, self.run = numbers, labels, run
        self.file: Path | None = None

    def page(self, spoken: str = "", title: str = "") -> str:
        """Return the page in a language (the chosen one): topics in their order, each with its words.

        Refused: numbers of another kind, labels of topics that are not there.
        """
        spoken = spoken or language()
        refuse_if(_problems(self.numbers, self.labels, spoken))
        topics, passages = list(self.numbers["topics"]["topic"]), int(self.numbers["passages"])
        place = LANGUAGES.index(spoken)
        says = {**SAYS[place], "most": self.numbers["most"]}
        read = {**{key: self.numbers[key] for key in READ}, "says": says}
        # a word must not close the script
        data = json.dumps(read, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        entries = list(_entries(topics, self.labels, place == 1))
        column = min(360, max(_width(re.sub("<.*?>", "", entry)) for entry in entries))
        shows = SHOWS[place].format(first=topics[0], last=topics[-1], topics=len(topics), passages=passages)
        inside, total = BARS[place]
        return Template(_part("page.html")).substitute(
            {"ink": INK, "soft": SOFT, "faint": FAINT, "accent": PALETTE[0], "chosen": PALETTE[1]},
            lang=("en", "zh-Hans")[place],
            title=markup.escape(title or HEAD[place]),
            help=HELP[place],
            map=MAP[place],
            shows=markup.escape(shows, quote=True),
            source=fingerprint(data)[:12],
            run=self.run[:12],
            inside=inside,
            total=total,
            formulas=FORMULAS[place],
            sources=SOURCES[place],
            entries="\n".join(entries),
            column=f"{column}px",
            data=data,
            script=_part("panel.js"),
        )

    def save(self, file: str | Path) -> Self:
        """Write NAME.html in English and NAME.zh.html in Chinese, each whole or not at all, and return the panel."""
        for spoken, name in zip(LANGUAGES, in_both(file), strict=True):
            with whole(name) as stream:
                stream.write(self.page(spoken))
        self.file = in_both(file)[LANGUAGES.index(language())]
        return self

    def _repr_html_(self) -> str:
        if self.file is None:
            return "<p>figures.panel(…).save(study.figures / &quot;topics.html&quot;)</p>"
        address = Path(os.path.relpath(self.file)).as_posix()  # a kernel works in the folder of its notebook
        return f'<iframe src="{markup.escape(address, quote=True)}" width="100%" height="800" frameborder="0"></iframe>'


def panel(run: Topics, counts: Counts, labels: pd.DataFrame | None = None) -> Panel:
    """Make the panel of a run; `labels` names its topics in both languages (topic, zh, en). Refused: counts of another run."""
    belong(run, counts)
    found = numbers(run.words, run.passages, counts.lengths, counts.frequencies)
    return Panel(found, labels, run.fingerprint)


def in_both(file: str | Path) -> tuple[Path, Path]:
    """Return a file's name for the page in English and in Chinese."""
    file = Path(file)
    return file, file.with_name(f"{file.stem}.zh{file.suffix}")


def _part(name: str) -> str:
    return (FOLDER / name).read_text("utf-8").rstrip("\n")


def _width(word: str) -> int:
    """Return how many pixels a word takes at most, in letters of 12."""
    return sum(12 if ord(char) > 0x2E7F else 8 for char in word)


def _entries(names: list[str], labels: pd.DataFrame | None, chinese: bool) -> Iterator[str]:
    table = pd.DataFrame() if labels is None else labels.set_index("topic").fillna("")
    for number, name in enumerate(names, 1):
        both = [table.at[name, key] for key in ("en", "zh")] if name in table.index else []
        words = [markup.escape(str(word)) for word in (both[::-1] if chinese else both) if str(word).strip()]
        text = " · ".join([f"<b>{markup.escape(str(name))}</b>", *words])
        yield f'<button value="{number}" aria-pressed="false">{text}</button>'


def _problems(given: Mapping[str, Any], labels: pd.DataFrame | None, spoken: str) -> Iterator[Problem]:
    yield from one_of("figures.panel.page(language)", spoken, LANGUAGES, "choose one of these")
    if missing := [key for key in (*READ, "most", "passages") if key not in given]:
        where, todo = "Panel(numbers)", "figures.panel(run, counts) makes them"
        yield Problem(where, f"no {', '.join(missing)}", "the numbers of a panel", todo)
    elif labels is not None:
        where, topics = "figures.panel(labels)", list(given["topics"]["topic"])
        if lacking := columns(where, labels, ("topic", "zh", "en"), "add the column"):
            yield from lacking
            return
        strange = sorted(set(labels["topic"].astype(str)) - set(topics))
        twice = labels.loc[labels["topic"].duplicated(), "topic"].astype(str).tolist()
        came_of = [f"{name}, which is no topic" for name in strange[:1]]
        for came in [*came_of, *(f"{name} twice" for name in twice[:1])]:
            yield Problem(f"{where}, topic", came, listed(topics), "correct the labels")
