"""A figure: its table, its drawing and its sentence tied together, so that one call shows it and each step can be called alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.checks import Problem, one_of, refuse_if
from nqp_topics.checks import said as shown
from nqp_topics.checks.chinese import LANGUAGES
from nqp_topics.checks.plural import singular
from nqp_topics.documents import registry
from nqp_topics.figures.page import Drawing, write
from nqp_topics.figures.styles import order as stand
from nqp_topics.naming.labels import BELOW, WEAK
from nqp_topics.study import Study
from nqp_topics.topics.model import Topics

# what signs behind names say
NOTES = {
    BELOW: (
        "† Readers did not see this topic: nothing is claimed of it.",
        "† 读者未能识别该主题：对其不作论断。",
    ),
    WEAK: (
        "? This name was carried over from another run, whose topic is not clearly the same.",
        "? 该名称沿用自另一次运行，两者的主题未必相同。",
    ),
}
NAMES = ("en", "zh", "title", "title_zh", "words", "next_words", "next_zh")  # columns of labels
FIGURES: dict[str, Figure] = {}  # every figure by its name, which is that of its file
_chosen = ["en"]


def language(name: str = "") -> str:
    """Choose the language in which figures show themselves from now on, "en" or "zh"; return the one that is chosen."""
    if name:
        refuse_if(one_of("figures.language(name)", name, LANGUAGES, "choose one of these"))
        _chosen[0] = name
    return _chosen[0]


def order(study: Study) -> None:
    """Have groups stand in the order that the study asks for ([compare] order). Refused: a group that no article has."""
    if study.order and study.articles:
        rows = registry.read(study.path(study.articles))
        there = sorted(set(rows[study.groups]) - {""}) if study.groups in rows else []
        where, todo = f"{study.name} [compare] order", "correct the name, or give the group to an article"
        refuse_if(*[one_of(where, name, there, todo) for name in study.order])
    stand(study.order)


def said(sentences: tuple[str, str]) -> str:
    """Return one of a sentence in English and in Chinese: that of the chosen language."""
    return sentences[LANGUAGES.index(language())]


class Figure:
    """One kind of figure, made of three steps: `table` gathers what is shown, `draw` draws it and `says` puts it into a sentence.

    Called as a whole it takes what `table` takes and returns a `Shown`: `figures.corpus(registry, passages)`; where tables have to be measured
    first, `at_hand` does so from a run and its counts: `figures.articles(found, counts, groups)`. The run that is shown is the first
    `Topics` among what it is given, or the one that is named by `run`. Refused: what `says` returns that is no pair of sentences.
    """

    def __init__(
        self,
        table: Callable[..., pd.DataFrame],
        draw: Callable[..., Drawing],
        says: Callable[[pd.DataFrame], tuple[str, str]],
        at_hand: Callable[..., pd.DataFrame] | None = None,
    ) -> None:
        self.table, self.draw, self._called = table, draw, at_hand or table

        @wraps(says)
        def both(table: pd.DataFrame) -> tuple[str, str]:
            found = says(table)
            pair = isinstance(found, tuple) and list(map(type, found)) == [str, str] and all(found)
            came, allowed = shown(found), "a sentence in English and one in Chinese"
            refuse_if([] if pair else [Problem(f"{self}.says(table)", came, allowed, "return both")])
            return singular(found[0]), found[1]

        self.says = both
        self.name = table.__module__.rpartition(".")[2]
        self.__doc__, self.__wrapped__ = self._called.__doc__, self._called  # what help and ? show
        FIGURES[self.name] = self

    def __call__(self, *given: Any, run: Topics | str | None = None, **options: Any) -> Shown:
        """Gather the table and show it."""
        run = run or next((one for one in map(reported, given) if isinstance(one, Topics)), "")
        return self.of(self._called(*given, **options), run if isinstance(run, str) else run.fingerprint)

    def of(self, table: pd.DataFrame, run: str = "") -> Shown:
        """Show a table that is there already."""
        return Shown(self, table, run)

    def __repr__(self) -> str:
        return f"figures.{self.name}"


class Shown:
    """A figure of one table. It shows itself in a notebook, with its sentence below, in the language that `figures.language` chose."""

    def __init__(self, figure: Figure, table: pd.DataFrame, run: str = "") -> None:
        self.figure, self.table, self.run = figure, table, run
        self._drawn: dict[str, Drawing] = {}
        self._seen = False

    @property
    def sentences(self) -> tuple[str, str]:
        """What the figure shows, in English and in Chinese, and what † and ? say where names bear them."""
        found = self.figure.says(self.table)
        names = {str(cell)[-2:] for key in NAMES if key in self.table for cell in self.table[key]}
        notes = [note for sign, note in NOTES.items() if any(sign in end for end in names)]
        en, zh = (" ".join([told, *(note[at] for note in notes)]) for at, told in enumerate(found))
        return en, zh

    @property
    def says(self) -> str:
        """What the figure shows, in the chosen language."""
        return said(self.sentences)

    def draw(self, language: str = "", page: str = "") -> Drawing:
        """Draw it in a language (the chosen one) for a page (the one that suits it): single, double, slide or journal-zh."""
        spoken = language or _chosen[0]
        refuse_if(one_of(f"{self.figure}.draw(language)", spoken, LANGUAGES, "choose one of these"))
        options = {"page": page} if page else {}
        return at_rest(muted(self.figure.draw(self.table, language=spoken, **options)))

    def save(self, stem: str | Path, page: str = "") -> Shown:
        """Write it under one stem in both languages, and return it.

        `corpus` gives corpus.pdf and corpus.png (English, 300 dpi), corpus.zh.pdf and corpus.zh.png, and corpus.csv, the table that was
        drawn. The sentence goes into the files, and from them into the ledger, with the run that is shown. In a notebook that a person
        runs it is shown first, as writing takes longer. Refused: a letter that the font lacks.
        """
        sentences = self.sentences
        if _in_a_notebook() and not os.environ.get("NQP_UNSEEN"):
            self._ipython_display_()
            self._seen = True
        # drawn anew: a drawing that was shown before is laid out a little otherwise
        self._drawn = {spoken: self.draw(spoken, page) for spoken in LANGUAGES}
        write(self._drawn, self.table, Path(stem), sentences, str(self.figure), self.run)
        return self

    def _repr_png_(self) -> bytes:
        written = BytesIO()
        drawing = self._drawn.get(language()) or self.draw()
        drawing.savefig(written, format="png", bbox_inches="tight")
        return written.getvalue()

    def _ipython_display_(self) -> None:
        from IPython.display import Image, display

        if self._seen:  # as it was saved, in this cell
            self._seen = False
            return
        display(Image(self._repr_png_()))
        tell_below(self.says)

    def __repr__(self) -> str:
        return f"{self.figure}: {self.says}"


def tell_below(text: str) -> None:
    """Show a sentence in a notebook, with lines that end between words: JupyterLab parts what is printed inside words and numbers."""
    from IPython.display import display

    as_html = f"<p>{escape(text)}</p>".replace("\n", "<br>")
    display({"text/plain": text, "text/html": as_html}, raw=True)


def muted(drawing: Drawing) -> Drawing:
    """Grey the names of topics that readers did not see."""
    from matplotlib.text import Text

    for text in drawing.findobj(Text):
        if BELOW in text.get_text():
            text.set_color("0.6")
    return drawing


def at_rest(drawing: Drawing) -> Drawing:
    """Say where labels and titles of axes would stand that have none: otherwise it is looked for in every panel, many times over."""
    for axes in drawing.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():
                axis.set_label_coords(0, 0)
        if not any(axes.get_title(place) for place in ("left", "center", "right")):
            axes.set_title("", y=1.0)
    return drawing


def reported(given: Any) -> Any:
    """Return the run that stands for several, or what came."""
    return getattr(given, "reported", given)


def _in_a_notebook() -> bool:
    """Tell whether somebody looks on: a kernel runs this."""
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")
