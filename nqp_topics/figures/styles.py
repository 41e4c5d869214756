"""Styles: kinds of page, colours, shapes and hatchings that are told apart by all readers, also in black and white, and the order in which groups stand."""

import re
from collections.abc import Iterable
from itertools import count
from typing import Any, NamedTuple, TypeAlias

import pandas as pd

from nqp_topics.checks import one_of, refuse_if

LEAST = 6.0  # points: smaller letters no journal prints
INK, SOFT, FAINT = "#1f2328", "#6b7280", "#d7dbe0"
# told apart by readers who see few colours
PALETTE = ("#0b5f8a", "#d1495b", "#e0a030", "#3d8b6d", "#7a5195", "#8c6d46", "#4aa3c7", "#9aa0a6")
# the same places in black and white: neighbours far apart in lightness
GREYS = ("#2b2b2b", "#b9b9b9", "#777777", "#e2e2e2", "#515151", "#cecece", "#949494", "#0f0f0f")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MARKERS = ("o", "s", "^", "D", "v", "P", "X", ">")  # no star: it says that groups differ
HATCHES = ("", "/////", ".....", "xxxxx", "\\\\\\\\\\", "-----", "|||||", "+++++")
# from nothing to all, ever darker
SHADES = ("#ffffff", "#d3e5ef", "#86b7d2", "#2f7fab", "#0b4a70", "#052438")
GREY_SHADES = ("#ffffff", "#e0e0e0", "#a8a8a8", "#6c6c6c", "#333333", "#000000")
# a voice has the same place in the palette, and so the same colour, in every figure
VOICES = "academic newspaper_commentary local_official leader_speech expert_opinion interview other official_report".split()
NUMBERED = re.compile(r"((?:1\d|20)\d\d|\d{1,2}(?=[ ._、．]))")
_order: list[str] = []


class Page(NamedTuple):
    """A kind of page: its width in mm, the size of its letters in points, its height in mm, and whether it is printed in black and white."""

    width: float
    letters: float
    height: float
    grey: bool = False

    @property
    def wide(self) -> float:
        """Its width in points."""
        return self.width / 25.4 * 72

    @property
    def high(self) -> float:
        """Its height in points."""
        return self.height / 25.4 * 72

    @property
    def narrow(self) -> bool:
        """Whether it is one column of a journal."""
        return self.width < 100


PRESETS = {
    "single": Page(85.0, 7.0, 235.0),
    "double": Page(174.0, 7.5, 235.0),
    "slide": Page(254.0, 14.0, 142.0),
    "journal-zh": Page(150.0, 8.0, 225.0, grey=True),
}


def paper(name: str) -> Page:
    """Return the kind of page of a name. Refused: a name that is none."""
    refuse_if(one_of("draw(page)", name, PRESETS, "choose one of these"))
    return PRESETS[name]


class Style(NamedTuple):
    """How a group is drawn: its colour, the shape of its dots, the hatching of its bars, and the letter that stands for it."""

    colour: str
    marker: str
    hatch: str
    letter: str

    def area(self, size: float) -> float:
        """Return the area of a dot so that all shapes look as large as a disc of this size in points."""
        return (size * {"P": 1.2, "X": 1.2, "D": 0.9}.get(self.marker, 1.0)) ** 2


Drawn: TypeAlias = dict[str, Style]  # group → how it is drawn


def topic_colour(place: int, page: str = "double") -> str:
    """Return the colour of the topic that stands at a place, from 0; the same in every figure."""
    places = GREYS if paper(page).grey else PALETTE
    return places[place % len(places)]


def hue(page: str) -> str:
    """Return the colour of what needs no telling apart: the first of the page's."""
    return topic_colour(0, page)


def shades(page: str) -> Any:
    """Return the colours for shares, from white to dark, ever darker, so that they keep their order in black and white."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("shares", GREY_SHADES if paper(page).grey else SHADES)


def styles(groups: Iterable[str], page: str) -> Drawn:
    """Return how each group is drawn, in the order given. Voices have their places; other groups take those that are left, by name, what has no group the last."""
    names = list(dict.fromkeys(groups))
    places = {name: VOICES.index(name) for name in names if name in VOICES}
    taken, found = set(places.values()), {}
    free = (place for place in count() if place not in taken)
    others = sorted(set(names) - set(places), key=lambda name: (not name, name))
    places |= dict(zip(others, free, strict=False))
    for name in names:
        place = places[name]
        shape = (place + place // len(PALETTE)) % len(PALETTE)
        letter = LETTERS[place % len(LETTERS)]
        found[name] = Style(topic_colour(place, page), MARKERS[shape], HATCHES[shape], letter)
    return found


def order(groups: Iterable[str]) -> None:
    """Have these groups stand in this order from now on, in all figures and tables; others stand behind them."""
    _order[:] = dict.fromkeys(groups)


def asked(names: Iterable[str]) -> list[str]:
    """Return those of some groups whose order was asked for, in that order."""
    there = set(names)
    return [name for name in _order if name in there]


def in_order(sizes: pd.Series) -> list[str]:
    """Return groups in the order in which they stand: the one that was asked for (`order`), then periods ("1978-1992") and numbered ones ("1 early") by number,
    else the largest first, ties by name.
    """
    first = asked(sizes.index)
    sizes = sizes.drop(first)
    numbers = {name: NUMBERED.match(str(name)) for name in sizes.index}
    if len(sizes) > 1 and all(numbers.values()):
        return [*first, *sorted(numbers, key=lambda name: (int(numbers[name][1]), str(name)))]  # type: ignore[index]
    return [*first, *sorted(sizes.index, key=lambda name: (-sizes[name], name))]


def by_number(groups: pd.Series) -> dict[str, int]:
    """Return group → its number of rows, in the order in which groups stand."""
    sizes = groups.value_counts()
    return {group: int(sizes[group]) for group in in_order(sizes)}
