"""The page that figures are drawn on: sizes, letters, colours, and how a figure is written."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from nqp_topics.figures.font import from_the_usual_letters
from nqp_topics.files.tables import write_own
from nqp_topics.study import Problem, Refused, fingerprint, font_file, refuse_if, whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
else:  # matplotlib takes a second to import, and only drawing needs it
    Axes = Drawing = Any


class Page(NamedTuple):
    """A kind of page: its width in mm, the size of its letters in points, its height in mm, and whether it is printed in black and white."""

    width: float
    letters: float
    height: float
    grey: bool = False


PRESETS = {
    "single": Page(85.0, 7.0, 235.0),
    "double": Page(174.0, 7.5, 235.0),
    "slide": Page(254.0, 14.0, 142.0),
    "journal-zh": Page(150.0, 8.0, 225.0, grey=True),
}
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


_order: list[str] = []
NUMBERED = re.compile(r"((?:1\d|20)\d\d|\d{1,2}(?=[ ._、．]))")


class Style(NamedTuple):
    """How a group is drawn: its colour, the shape of its dots, the hatching of its bars, and the letter that stands for it."""

    colour: str
    marker: str
    hatch: str
    letter: str

    def area(self, size: float) -> float:
        """Return the area of a dot so that all shapes look as large as a disc of this size in points."""
        return (size * {"P": 1.2, "X": 1.2, "D": 0.9}.get(self.marker, 1.0)) ** 2


def paper(name: str) -> Page:
    """Return the kind of page of a name. Refused: a name that is none."""
    if name not in PRESETS:
        raise Refused(Problem("draw(page)", repr(name), ", ".join(PRESETS), "choose one of these"))
    return PRESETS[name]


def colour(voice: str, page: str = "double") -> str:
    """Return the colour of a voice, on a black-and-white page its grey; the last of the palette for one that has no place of its own."""
    places = GREYS if paper(page).grey else PALETTE
    return places[VOICES.index(voice)] if voice in VOICES else places[-1]


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


def styles(groups: Iterable[str], page: str) -> dict[str, Style]:
    """Return how each group is drawn. Voices have their places; other groups take those that are left, by name."""
    names = list(dict.fromkeys(groups))
    places = {name: VOICES.index(name) for name in names if name in VOICES}
    taken = set(places.values())
    free = (place for place in count() if place not in taken)
    places |= {name: next(free) for name in sorted(names) if name not in places}
    many = len(PALETTE)
    return {
        name: Style(
            topic_colour(place, page),
            MARKERS[(place + place // many) % many],
            HATCHES[(place + place // many) % many],
            LETTERS[place % len(LETTERS)],
        )
        for name, place in places.items()
    }


def order(groups: Iterable[str]) -> None:
    """Have these groups stand in this order from now on, in all figures and tables; others stand behind them."""
    _order[:] = dict.fromkeys(groups)


def in_order(sizes: pd.Series) -> list[str]:
    """Return groups in the order in which they stand: the one that was asked for (`order`), then periods ("1978-1992") and numbered ones ("1 early") by number,
    else the largest first, ties by name.
    """
    first = asked(sizes.index)
    return [*first, *_by_themselves(sizes.drop(first))]


def asked(names: Iterable[str]) -> list[str]:
    """Return those of some groups whose order was asked for, in that order."""
    there = set(names)
    return [name for name in _order if name in there]


def _by_themselves(sizes: pd.Series) -> list[str]:
    numbers = [NUMBERED.match(str(name)) for name in sizes.index]
    if len(sizes) > 1 and all(numbers):
        first = {name: int(found[1]) for name, found in zip(sizes.index, numbers, strict=True) if found}
        return sorted(sizes.index, key=lambda name: (first[name], str(name)))
    return sorted(sizes.index, key=lambda name: (-sizes[name], name))


def by_number(groups: pd.Series) -> dict[str, int]:
    """Return group → its number of rows, in the order in which groups stand."""
    sizes = groups.value_counts()
    return {group: int(sizes[group]) for group in in_order(sizes)}


def needs(
    table: pd.DataFrame,
    name: str,
    words: Sequence[str] = (),
    numbers: Sequence[str] = (),
    flags: Sequence[str] = (),
) -> pd.DataFrame:
    """Return a table with its words as words (empty where there are none), its numbers as numbers and its flags as true or false.

    It may come from memory or out of a csv, read with or without types. Refused: columns that are missing, all of them named; a column of numbers
    that holds something else; a table without rows.
    """
    wanted = [*words, *numbers, *flags]
    where = f"figures.{name}.draw(table)"
    allowed = f"a table with the columns {', '.join(wanted)}"
    todo = f"give the table that figures.{name}.table makes, or its csv"
    missing = [name for name in wanted if name not in table]
    if missing or not len(table):
        came = f"no column {', '.join(missing)}" if missing else "a table without rows"
        raise Refused(Problem(where, came, allowed, todo))
    found = table.reset_index(drop=True).copy()
    problems = []
    for name in numbers:
        read = pd.to_numeric(found[name], errors="coerce")
        strange = found[name][read.isna() & found[name].notna() & (found[name].astype(str).str.strip() != "")]
        if len(strange):
            problems.append(Problem(f"{where}, {name}", repr(strange.iloc[0]), "numbers", todo))
        found[name] = read
    refuse_if(problems)
    for name in words:
        found[name] = pd.Series([_word(value) for value in found[name]], dtype=object)
    for name in flags:
        found[name] = found[name].astype(str).str.lower() == "true"
    return found


def _word(value: Any) -> str:
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def panels(
    size: tuple[float, float], number: int, down: int = 1, across: int = 1, **shared: Any
) -> tuple[Drawing, list[Axes]]:
    """Begin a figure of so many inches with panels in rows; of a grid that holds more than so many, the rest stays empty."""
    from matplotlib import pyplot as plt

    figure, grid = plt.subplots(down, across, figsize=size, squeeze=False, **shared)
    plt.close(figure)
    for axes in grid.flat[number:]:
        axes.set_visible(False)
    return figure, list(grid.flat[:number])


def as_rows(
    axes: Axes, names: Sequence[str], margin: float = 0.4, above: float = 0.0, **letters: Any
) -> None:
    """Make of an axis rows from above to below, with a name at each and no line."""
    axes.set_yticks(range(len(names)), names, **letters)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(names) - margin, -(above or 1 - margin))


def beside(
    axes: Axes,
    text: str,
    x: float,
    y: float,
    across: float = 2.0,
    up: float = 0.0,
    va: str = "center",
    **letters: Any,
) -> None:
    """Write a text so many points at the right of a point and above it."""
    axes.annotate(text, (x, y), xytext=(across, up), textcoords="offset points", va=va, **letters)


@contextmanager
def preset(name: str = "double", letters: float = 0.0) -> Iterator[float]:
    """Set letters, lines and font for one kind of page, and give its width in inches; all settings are undone behind it.

    `letters` is a size in points, where it is not that of the page.
    """
    import matplotlib as mpl
    from matplotlib import font_manager

    if not any(font.fname == str(font_file()) for font in font_manager.fontManager.ttflist):
        font_manager.fontManager.addfont(str(font_file()))
    millimetres, size = paper(name).width, letters or paper(name).letters
    ticks = [f"{side}tick" for side in "xy"]
    settings: Any = {
        **{"font.family": "Noto Sans SC", "font.size": size, "text.color": INK, "text.parse_math": False},
        **{"axes.titlesize": size * 1.1, "axes.titlelocation": "left"},
        **{"axes.labelsize": size, "axes.labelcolor": INK, "axes.edgecolor": SOFT, "axes.linewidth": 0.6},
        **{"axes.spines.top": False, "axes.spines.right": False, "axes.unicode_minus": True},
        **{f"{tick}.labelsize": max(size * 0.95, LEAST) for tick in ticks},
        **{f"{tick}.color": SOFT for tick in ticks},
        **{f"{tick}.labelcolor": INK for tick in ticks},
        **{f"{tick}.major.width": 0.6 for tick in ticks},
        **{"hatch.linewidth": 0.5, "figure.dpi": 80, "figure.constrained_layout.use": True},
    }
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever the reader's own matplotlibrc says
        mpl.rcParams.update(settings)
        yield millimetres / 25.4


def write(
    drawn: dict[str, Drawing], table: pd.DataFrame, stem: Path, shows: tuple[str, str], by: str, run: str
) -> None:
    """Write the drawings of a table, by language, and the table itself under one stem; what they show, by what, and of which run goes with them."""
    import matplotlib as mpl

    for figure in drawn.values():
        check_glyphs(figure)  # before anything is written
    source = f"{by} of {fingerprint(table.to_csv(index=False))[:12]}"
    for (other, figure), sentence in zip(drawn.items(), shows, strict=True):
        name = stem.name if other == "en" else f"{stem.name}.{other}"
        about = {"Title": name, "Subject": sentence, "CreationDate": None}
        with whole(stem.with_name(f"{name}.pdf"), "wb") as stream, mpl.rc_context(), from_the_usual_letters():
            mpl.rcdefaults()
            mpl.rcParams["pdf.fonttype"] = 42
            figure.savefig(stream, format="pdf", metadata=about)
        facts = {"Title": name, "Description": sentence, "Source": source, "Software": None}
        facts |= {"Run": run[:12]} if run else {}
        with whole(stem.with_name(f"{name}.png"), "wb") as stream:
            figure.savefig(stream, format="png", dpi=300, metadata=facts)
    write_own(table, stem.with_name(f"{stem.name}.csv"))


def check_glyphs(figure: Drawing) -> None:
    """Refuse a figure with a letter that its font does not have, which would be printed as an empty box."""
    from matplotlib.ft2font import FT2Font
    from matplotlib.text import Text

    known = FT2Font(str(font_file())).get_charmap()
    texts = [text.get_text() for text in figure.findobj(Text)]
    missing = sorted({char for text in texts for char in text if char != "\n" and ord(char) not in known})
    if missing:
        came = ", ".join(f"{char} (U+{ord(char):04X})" for char in missing)
        came = f"letters that Noto Sans SC lacks: {came}"
        raise Refused(Problem("draw.save", came, "letters of the font", "write them otherwise"))
