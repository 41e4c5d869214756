"""Draw: a table becomes a figure. No arithmetic on the numbers here; what is drawn is what stands in the table.

`draw.NAME(table, language, page)` returns a matplotlib figure; `draw.save(draw.NAME, table, stem, shows)` writes it in both languages
as pdf, png and csv under one stem, with the same bytes for the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nqp_topics.study import Problem, Refused, fingerprint, whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# preset → (width in mm, size of the letters in points)
PRESETS = {"single": (85.0, 7.0), "double": (174.0, 7.5), "slide": (254.0, 14.0), "journal-zh": (150.0, 8.0)}
INK, SOFT, FAINT = "#1f2328", "#6b7280", "#d7dbe0"
# told apart by readers who see few colours, and by lightness in black and white
PALETTE = ("#0b5f8a", "#d1495b", "#e0a030", "#3d8b6d", "#7a5195", "#8c6d46", "#4aa3c7", "#9aa0a6")

# a voice has the same colour in every figure
VOICE_COLOURS = {
    "academic": PALETTE[0],
    "newspaper_commentary": PALETTE[1],
    "local_official": PALETTE[2],
    "leader_speech": PALETTE[3],
    "expert_opinion": PALETTE[4],
    "interview": PALETTE[5],
    "other": PALETTE[6],
    "official_report": PALETTE[7],
}

# key → (English, Chinese)
LABELS = {
    "leader_speech": ("Leaders' speeches", "领导人讲话"),
    "official_report": ("Official reports", "官方报告"),
    "newspaper_commentary": ("Newspaper commentaries", "报刊评论"),
    "academic": ("Academics", "学者文章"),
    "interview": ("Interviews", "访谈"),
    "local_official": ("Local officials", "地方官员"),
    "expert_opinion": ("Experts' opinions", "专家观点"),
    "other": ("Other", "其他"),
    "": ("Not stated", "未注明"),
    "articles by length": ("Chinese characters in an article", "文章汉字数"),
    "articles by year": ("Articles by year", "各年份文章数"),
    "articles": ("articles", "篇"),
    "undated": ("no date", "无日期"),
    "passage length": ("Chinese characters in a passage", "每段汉字数"),
    "passages": ("Passages", "段落数"),
    "z": ("z of the weighted log-odds", "加权对数优势比的 z 值"),
}


def colour(voice: str) -> str:
    """Return the colour of a voice; grey for one that has none."""
    return VOICE_COLOURS.get(voice, PALETTE[-1])


def label(key: str, language: str) -> str:
    """Return the words for a key in a language; what has no entry is a name and stays as it is."""
    english, chinese = LABELS.get(key, (key, key))
    return chinese if language == "zh" else english


@cache
def font_file() -> Path:
    """Return the file of Noto Sans SC that the package zhplot carries."""
    try:
        found = [Path(str(f.locate())) for f in files("zhplot") or [] if f.name == "NotoSansSC-Regular.ttf"]
    except PackageNotFoundError:
        found = []
    if not found or not found[0].is_file():
        raise Refused(
            Problem(
                "the font of the figures",
                "no NotoSansSC-Regular.ttf",
                "the file that the package zhplot carries",
                "install the packages of requirements.lock again: make clean, then make figures",
            )
        )
    return found[0]


@contextmanager
def preset(name: str = "double") -> Iterator[float]:
    """Set letters, lines and font for one kind of page, and give its width in inches; all settings are undone behind it."""
    if name not in PRESETS:
        raise Refused(Problem("draw preset", repr(name), ", ".join(PRESETS), "choose one of these"))
    import matplotlib as mpl
    from matplotlib import font_manager

    font_manager.fontManager.addfont(str(font_file()))
    millimetres, size = PRESETS[name]
    settings: Any = {
        "font.family": "Noto Sans SC",
        "font.size": size,
        "axes.titlesize": size * 1.1,
        "axes.titlelocation": "left",
        "axes.labelsize": size,
        "axes.edgecolor": SOFT,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "text.parse_math": False,
        "axes.unicode_minus": True,
        "xtick.labelsize": size * 0.95,
        "ytick.labelsize": size * 0.95,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "text.color": INK,
        "axes.labelcolor": INK,
        "figure.dpi": 110,
        "figure.constrained_layout.use": True,
    }
    with mpl.rc_context(settings):
        yield millimetres / 25.4


def save(
    draw: Callable[..., Figure],
    table: pd.DataFrame,
    stem: str | Path,
    shows: tuple[str, str],
    language: str = "en",
    **options: Any,
) -> Figure:
    """Draw a table in both languages and write it under one stem; return the figure in `language`.

    `corpus` gives corpus.pdf and corpus.png (English, 300 dpi), corpus.zh.pdf and corpus.zh.png, and corpus.csv, the table that was
    drawn. `shows` says in a sentence, in English and in Chinese, what is seen: it goes into the files, and from them into
    the ledger. Refused: a letter that the font lacks.
    """
    import matplotlib as mpl

    stem = Path(stem)
    source = f"{draw.__module__.rpartition('.')[2]}.{draw.__name__} of {fingerprint(table.to_csv(index=False))[:12]}"
    figures = {}
    for other, sentence in zip(("en", "zh"), shows, strict=True):
        figure = figures[other] = draw(table, language=other, **options)
        check_glyphs(figure)
        name = stem.name if other == "en" else f"{stem.name}.{other}"
        about = {"Title": name, "Subject": sentence, "CreationDate": None}
        with whole(stem.with_name(f"{name}.pdf"), "wb") as stream, mpl.rc_context({"pdf.fonttype": 42}):
            figure.savefig(stream, format="pdf", metadata=about)
        facts = {"Title": name, "Description": sentence, "Source": source, "Software": None}
        with whole(stem.with_name(f"{name}.png"), "wb") as stream:
            figure.savefig(stream, format="png", dpi=300, metadata=facts)
    with whole(stem.with_name(f"{stem.name}.csv")) as stream:
        table.to_csv(stream, index=False, lineterminator="\n")
    return figures[language]


def check_glyphs(figure: Figure) -> None:
    """Refuse a figure with a letter that its font does not have, which would be printed as an empty box."""
    from matplotlib.ft2font import FT2Font
    from matplotlib.text import Text

    known = FT2Font(str(font_file())).get_charmap()
    texts = [text.get_text() for text in figure.findobj(Text)]
    missing = sorted({char for text in texts for char in text if char != "\n" and ord(char) not in known})
    if missing:
        names = ", ".join(f"{char} (U+{ord(char):04X})" for char in missing)
        raise Refused(
            Problem(
                "draw.save",
                f"letters that Noto Sans SC lacks: {names}",
                "letters of the font",
                "write them otherwise",
            )
        )


def corpus(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.corpus` found: every article a dot by voice and length, and the articles of each year."""
    from matplotlib import pyplot as plt

    voices = (
        table["voice"].value_counts().sort_index().sort_values(ascending=False, kind="stable").index.tolist()
    )
    with preset(page) as wide:
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(wide, wide * (0.14 + 0.035 * len(voices))), width_ratios=[3, 1.25]
        )
        _lengths_by_voice(left, table, voices, language)
        _years(right, table, voices, language)
        plt.close(figure)
    return figure


def _lengths_by_voice(axes: Axes, table: pd.DataFrame, voices: list[str], language: str) -> None:
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log")
    for row, voice in enumerate(voices):
        articles = table.loc[table["voice"] == voice, "han"].sort_values().tolist()
        axes.axhline(row, color=FAINT, linewidth=0.5, zorder=0)
        axes.scatter(
            articles,
            _spread(articles, row),
            s=13,
            color=colour(voice),
            alpha=0.85,
            linewidth=0.3,
            edgecolor="white",
        )
    names = [f"{label(voice, language)}  {sum(table['voice'] == voice)}" for voice in voices]
    axes.set_yticks(range(len(voices)), names)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(voices) - 0.45, -0.55)
    ticks = [n for n in (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000) if _within(n, table["han"])]
    axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(label("articles by length", language))


def _within(tick: int, values: pd.Series) -> bool:
    return values.min() / 2 < tick < values.max() * 2


def _spread(values: list[int], row: int) -> list[float]:
    """Set dots of nearly equal length beside each other instead of over each other."""
    taken: list[tuple[float, float]] = []
    for value in values:
        for step in range(12):
            offset = (step + 1) // 2 * 0.14 * (-1) ** step
            if all(abs(offset - other) > 0.1 or value / near > 1.09 for near, other in taken[-12:]):
                break
        taken.append((value, offset))
    return [row + offset for _, offset in taken]


def _years(axes: Axes, table: pd.DataFrame, voices: list[str], language: str) -> None:
    years = sorted(set(table["year"]) - {""})
    names = [*years, *([""] if (table["year"] == "").any() else [])]
    for place, year in enumerate(names):
        left = 0
        for voice in voices:
            number = int(((table["year"] == year) & (table["voice"] == voice)).sum())
            axes.barh(place, number, left=left, height=0.68, color=colour(voice), linewidth=0)
            left += number
        axes.annotate(
            f"{left}", (left, place), xytext=(2, 0), textcoords="offset points", va="center", color=SOFT
        )
    axes.set_yticks(range(len(names)), [year or label("undated", language) for year in names])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.margins(x=0.15)
    axes.set_xlabel(label("articles by year", language))


def lengths(table: pd.DataFrame, language: str = "en", page: str = "single") -> Figure:
    """Draw what `explore.lengths` counted: passages by number of Chinese characters."""
    from matplotlib import pyplot as plt

    with preset(page) as wide:
        figure, axes = plt.subplots(figsize=(wide, wide * 0.5))
        axes.bar(
            table["above"], table["passages"], width=table["upto"] - table["above"], align="edge",
            color=PALETTE[0], edgecolor="white", linewidth=0.4,
        )  # fmt: skip
        axes.set_xlabel(label("passage length", language))
        axes.set_ylabel(label("passages", language))
        axes.set_xlim(0)
        plt.close(figure)
    return figure


def telling_words(table: pd.DataFrame, language: str = "en", page: str = "double") -> Figure:
    """Draw what `explore.telling_words` found: a panel a group, its words with their z."""
    from matplotlib import pyplot as plt

    groups = table["group"].drop_duplicates().tolist()
    across = min(3, len(groups))
    down = -(-len(groups) // across)
    most = table.groupby("group").size().max()
    with preset(page) as wide:
        figure, grid = plt.subplots(
            down, across, figsize=(wide, down * (0.55 + 0.17 * most)), sharex=True, squeeze=False
        )
        for axes in grid.flat[len(groups) :]:
            axes.set_visible(False)
        for axes, group in zip(grid.flat, groups, strict=False):
            rows = table[table["group"] == group]
            places = range(len(rows))
            axes.hlines(places, 0, rows["z"], color=colour(group), linewidth=1.2, alpha=0.6)
            axes.scatter(rows["z"], places, s=14, color=colour(group), zorder=3)
            axes.set_yticks(places, rows["word"].tolist())
            axes.tick_params(axis="y", length=0)
            axes.tick_params(axis="x", labelbottom=True)
            axes.spines["left"].set_visible(False)
            axes.set_ylim(len(rows) - 0.4, -0.6)
            axes.set_title(f"{label(group, language)}  {rows['articles'].iloc[0]}")
        grid[0, 0].set_xlim(0)
        figure.supxlabel(label("z", language), fontsize=PRESETS[page][1])
        plt.close(figure)
    return figure
