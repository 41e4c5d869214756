"""The page that figures are drawn on: the table that is drawn, panels and rows, and how a figure is written."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nqp_topics.checks import Problem, Refused, refuse_if
from nqp_topics.figures.font import from_the_usual_letters
from nqp_topics.figures.styles import FAINT, INK, LEAST, SOFT, paper
from nqp_topics.files import fingerprint, font_file, in_language, whole
from nqp_topics.files.tables import write_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
else:  # matplotlib takes a second to import, and only drawing needs it
    Axes = Drawing = Any

Heads = Sequence[str]
DOTS = 300  # of a png, an inch


def needs(
    table: pd.DataFrame, name: str, words: Heads = (), numbers: Heads = (), flags: Heads = ()
) -> pd.DataFrame:
    """Return a table with its words as words (empty where there are none), its numbers as numbers and its flags as true or false.

    It may come from memory or out of a csv, read with or without types. Refused: columns that are missing, all of them named; a column of numbers
    that holds something else; a table without rows.
    """
    wanted = [*words, *numbers, *flags]
    where, todo = f"figures.{name}.draw(table)", f"give the table that figures.{name}.table makes, or its csv"
    missing = [name for name in wanted if name not in table]
    if missing or not len(table):
        came = f"no column {', '.join(missing)}" if missing else "a table without rows"
        raise Refused(Problem(where, came, f"a table with the columns {', '.join(wanted)}", todo))
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


def blank(wide: float, high: float) -> Drawing:
    """Begin a figure of so many inches on which everything is placed by hand."""
    from matplotlib import pyplot as plt

    figure = plt.figure(figsize=(wide, high), layout="none")
    plt.close(figure)
    return figure


def as_rows(axes: Axes, names: Heads, margin: float = 0.4, above: float = 0.0, **letters: Any) -> None:
    """Make of an axis rows from above to below, with a name at each and no line."""
    axes.set_yticks(range(len(names)), names, **letters)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(names) - margin, -(above or 1 - margin))


def per_cent(share: float, _: Any = None) -> str:
    """Write a share, or the mark of an axis, with the digits that it has: 2.5% is no 2%."""
    return f"{100 * share:.4g}%".replace("-", "−")


def lined(axes: Axes, axis: str = "x", width: float = 0.4) -> None:
    """Put faint lines behind what is drawn, at the numbers of an axis."""
    axes.grid(axis=axis, color=FAINT, linewidth=width)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def beside(
    axes: Axes, text: str, x: float, y: float, across: float = 2.0, up: float = 0.0, **letters: Any
) -> None:
    """Write a text so many points at the right of a point and above it, in the middle of its line."""
    look = {"va": "center", "textcoords": "offset points", **letters}
    axes.annotate(text, (x, y), xytext=(across, up), **look)


def at_right(axes: Axes, text: str, row: float, away: float, **letters: Any) -> None:
    """Write a text at the right of a panel, at the height of a row."""
    beside(axes, text, 1, row, away, xycoords=("axes fraction", "data"), annotation_clip=False, **letters)


def round_moments(times: Sequence[str], many: int = 4) -> list[int]:
    """Return the places of about so many round moments: years by ones, twos, fives and tens, months by Januaries; the first where none is round."""
    years = [int(time[:4]) for time in times]
    step = next(each for each in (1, 2, 5, 10, 20, 50, 10**9) if each * many >= years[-1] - years[0])
    return [n for n, time in enumerate(times) if years[n] % step == 0 and time[4:] in ("", "-01")] or [0]


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
    settings: Any = {
        **{"font.family": "Noto Sans SC", "font.size": size, "text.color": INK, "text.parse_math": False},
        **{"axes.titlesize": size * 1.1, "axes.titlelocation": "left"},
        **{"axes.labelsize": size, "axes.labelcolor": INK, "axes.edgecolor": SOFT, "axes.linewidth": 0.6},
        **{"axes.spines.top": False, "axes.spines.right": False, "axes.unicode_minus": True},
        **{"hatch.linewidth": 0.5, "figure.dpi": 80, "figure.constrained_layout.use": True},
    }
    ticks = {"labelsize": max(size * 0.95, LEAST), "color": SOFT, "labelcolor": INK, "major.width": 0.6}
    settings |= {f"{side}tick.{key}": value for side in "xy" for key, value in ticks.items()}
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever the reader's own matplotlibrc says
        mpl.rcParams.update(settings)
        yield millimetres / 25.4


def write(
    drawn: dict[str, Drawing], table: pd.DataFrame, stem: Path, shows: tuple[str, str], by: str, run: str
) -> None:
    """Write the drawings of a table, by language, and the table itself under one stem; what they show, by what, and of which run goes with them."""
    import matplotlib as mpl

    glyphs = {glyph for figure in drawn.values() for glyph in glyphs_of(figure)}  # before anything is written
    for figure in drawn.values():
        lay_out(figure)
    source = f"{by} of {fingerprint(table.to_csv(index=False))[:12]}"
    with mpl.rc_context(), from_the_usual_letters(glyphs):
        mpl.rcdefaults()
        mpl.rcParams["pdf.fonttype"] = 42
        for (language, figure), sentence in zip(drawn.items(), shows, strict=True):
            file = in_language(f"{stem}.pdf", language)
            about = {"Title": file.stem, "Subject": sentence, "CreationDate": None}
            with whole(file, "wb") as stream:
                figure.savefig(stream, format="pdf", metadata=about)
            facts = {"Title": file.stem, "Description": sentence, "Source": source, "Software": None}
            facts |= {"Run": run[:12]} if run else {}
            with whole(file.with_suffix(".png"), "wb") as stream:
                stream.write(in_few_colours(figure, facts))
    write_table(table, f"{stem}.csv")


def lay_out(figure: Drawing) -> None:
    """Find where everything stands, once for all files of a figure."""
    if engine := figure.get_layout_engine():
        shown, figure.dpi = figure.dpi, DOTS
        engine.execute(figure)
        figure.dpi = shown
        figure.set_layout_engine("none")


def in_few_colours(figure: Drawing, facts: dict[str, str | None]) -> bytes:
    """Return a figure as png of so many dots an inch with what it says of itself. Of 256 colours, which an eye does not tell from all: a third of the size."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    dots, said, written = io.BytesIO(), PngInfo(), io.BytesIO()
    figure.savefig(dots, format="rgba", dpi=DOTS)
    wide, high = (int(inches * DOTS) for inches in figure.get_size_inches())
    drawn = Image.frombytes("RGBA", (wide, high), dots.getvalue()).convert("RGB")
    for key, value in facts.items():
        if value is not None:
            said.add_text(key, value) if value.isascii() else said.add_itxt(key, value)
    few = drawn.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(written, "png", pnginfo=said, dpi=(DOTS, DOTS))
    return written.getvalue()


def glyphs_of(figure: Drawing) -> set[int]:
    """Return the glyphs of all that is written on a figure. Refused: a letter that its font does not have, which would be printed as an empty box."""
    from matplotlib.ft2font import FT2Font
    from matplotlib.text import Text

    known = FT2Font(str(font_file())).get_charmap()
    letters = {char for text in figure.findobj(Text) for char in text.get_text() if char != "\n"}
    if missing := sorted(char for char in letters if ord(char) not in known):
        came = ", ".join(f"{char} (U+{ord(char):04X})" for char in missing)
        came = f"letters that Noto Sans SC lacks: {came}"
        raise Refused(Problem("draw.save", came, "letters of the font", "write them otherwise"))
    return {known[ord(char)] for char in letters}
