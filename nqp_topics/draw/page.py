"""The page that figures are drawn on: sizes, letters, colours, words in both languages, and how a figure is written."""

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
    "held_out": ("Held-out log-likelihood per word", "留出文本每词对数似然"),
    "npmi_passages": ("NPMI coherence (passages)", "NPMI 一致性（按段落）"),
    "exclusivity": ("Exclusivity of top words", "主题词排他性"),
    "separation": ("Separation of topics", "主题区分度"),
    "agreement": ("Agreement of top words over seeds", "不同种子间主题词重合度"),
    "K": ("Number of topics", "主题数"),
    "by chance": ("by chance", "随机水平"),
    "weight": ("share of the topic", "占主题的比例"),
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

    if not any(font.fname == str(font_file()) for font in font_manager.fontManager.ttflist):
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
        "figure.dpi": 80,
        "figure.constrained_layout.use": True,
    }
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever the reader's own matplotlibrc says
        mpl.rcParams.update(settings)
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
    source = f"draw.{draw.__name__} of {fingerprint(table.to_csv(index=False))[:12]}"
    figures = {}
    for other, sentence in zip(("en", "zh"), shows, strict=True):
        figure = figures[other] = draw(table, language=other, **options)
        check_glyphs(figure)
        name = stem.name if other == "en" else f"{stem.name}.{other}"
        about = {"Title": name, "Subject": sentence, "CreationDate": None}
        with whole(stem.with_name(f"{name}.pdf"), "wb") as stream, mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams["pdf.fonttype"] = 42
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
