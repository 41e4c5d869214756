"""Legends: what dots and lines are, in lines that begin at the left, and remarks below them; never wider than the page."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from nqp_topics.figures.letters import filled, shortened, text_width
from nqp_topics.figures.page import Axes, Drawing, beside, blank, per_cent, preset
from nqp_topics.figures.styles import INK, LEAST, paper

STEP = 1.5  # from line to line, in sizes of the letters


def line(colour: str = INK, width: float = 0.6, **look: Any) -> Any:
    """Return a line as it stands in a legend; a dot on it where a marker is named."""
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, linewidth=width, **look)


def dot(size: float, face: str, edge: str = INK, marker: str = "o", **look: Any) -> Any:
    """Return a dot of a size in points as it stands in a legend."""
    colours = {"markerfacecolor": face, "markeredgecolor": edge}
    return line(face, 0, marker=marker, markersize=size, **colours, **look)


def area(colour: str, alpha: float) -> Any:
    """Return a patch of a colour as it stands in a legend."""
    from matplotlib.patches import Patch

    return Patch(color=colour, alpha=alpha, linewidth=0)


class Legend(NamedTuple):
    """Lines of entries, each what is drawn (nothing in a remark) and what it is called, and the size of their letters."""

    lines: list[list[tuple[Any, str]]]
    size: float

    @property
    def high(self) -> float:
        """How high it stands, in points, with some room beside the panels."""
        return (STEP * len(self.lines) + 0.8) * self.size if self.lines else 0.0


def legend(shown: Mapping[str, Any], size: float, page: str, part: float = 1.0) -> Legend:
    """Put entries into lines as wide as the page, or a part of it; what is drawn as None is a remark: these follow each other below the rest."""
    wide, at = part * paper(page).wide, float("inf")
    lines: list[list[tuple[Any, str]]] = []
    for text, drawn in shown.items():
        if drawn is not None:
            short = shortened(text, wide - 4 * size, size)
            need = text_width(short, size) + 3.6 * size
            if at + need > wide:
                lines.append([])
                at = 0.0
            lines[-1].append((drawn, short))
            at += need
    if remarks := "  ".join(text for text, drawn in shown.items() if drawn is None):
        lines += [[(None, piece)] for piece in filled(remarks, 0.95 * wide, size, 9)]
    return Legend(lines, size)


def write_legend(figure: Drawing, said: Legend, top: float, left: float = 0.0) -> None:
    """Write a legend from so many points above the foot of the page downwards, and so many from the left."""
    wide, high = (72 * side for side in figure.get_size_inches())
    look: dict[str, Any] = {"frameon": False, "borderpad": 0, "borderaxespad": 0, "loc": "upper left"}
    look |= {"handlelength": 1.8, "handletextpad": 0.5, "columnspacing": 1.2, "fontsize": said.size}
    for number, line in enumerate(said.lines):
        spot = (left + 0.3 * said.size) / wide, (top - STEP * said.size * number) / high
        if line[0][0] is None:
            figure.text(*spot, line[0][1], fontsize=said.size, va="top")
        else:
            figure.legend(*zip(*line, strict=True), ncols=len(line), bbox_to_anchor=spot, **look)


def write_legends(figure: Drawing, above: Legend, below: Legend | None = None) -> None:
    """Write legends above and below the panels, which keep what is left of the page."""
    high, foot = 72 * figure.get_size_inches()[1], below.high if below else 0.0
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(0, foot / high, 1, 1 - (above.high + foot) / high))
    write_legend(figure, above, high - 0.3 * above.size)
    if below:
        write_legend(figure, below, foot - 0.5 * below.size)


def remark(text: str, page: str) -> Drawing:
    """Draw a page that only says something: that there is nothing to show."""
    with preset(page) as wide:
        said = legend({text: None}, paper(page).letters, page)
        figure = blank(wide, said.high / 72)
        write_legend(figure, said, said.high - 0.4 * said.size)
    return figure


def colour_scale(axes: Axes, shown: Any, text: str, size: float) -> None:
    """Say what share the colours stand for."""
    axes.figure.colorbar(shown, cax=axes, orientation="horizontal")
    beside(axes, text, 1, 0.5, 0.8 * size, xycoords="axes fraction", fontsize=size)
    axes.xaxis.set_major_formatter(per_cent)
    axes.locator_params(axis="x", nbins=3)
    axes.tick_params(length=2, labelsize=max(size * 0.85, LEAST))
    axes.spines["outline"].set_linewidth(0.4)
