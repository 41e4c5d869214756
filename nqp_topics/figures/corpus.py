"""The corpus: how long the articles of each group are, and how many there are of each year."""

import re
from math import log10
from typing import Any

import pandas as pd

from nqp_topics.checks import Problem, columns, refuse_if
from nqp_topics.documents.registry import NUMERALS
from nqp_topics.figures.captions import label
from nqp_topics.figures.letters import broken, shortened, text_width, widest
from nqp_topics.figures.page import Axes, Drawing, as_rows, needs, panels, preset
from nqp_topics.figures.shown import Figure
from nqp_topics.figures.styles import FAINT, INK, Drawn, by_number, in_order, paper, styles

MOST_DOTS = 12  # above each other; of more articles in a year columns are drawn
OTHERS = ("id", "source", "year", "passages", "han")
YEAR = re.compile(r"(?<![0-9])((?:1[5-9]|20)[0-9]{2})(?=[0-9]{4}(?![0-9])|[0-9]{2}(?![0-9])|(?![0-9]))")


def table(registry: pd.DataFrame, passages: pd.DataFrame, by: str = "voice") -> pd.DataFrame:
    """Say how much each article holds: one row an article, in the registry's order.

    Columns: id, source, the group (a column of the registry, `by`), year (empty where the article bears no date), passages, han (Chinese characters).
    Refused: passages of articles that the registry lacks, a column that it lacks.
    """
    where, todo = "figures.corpus(passages)", "give both tables of one study"
    refuse_if(
        columns("figures.corpus(registry)", registry, ["id", "source", by, "date"]),
        columns(where, passages, ["article", "han"]),
    )
    came = (f"passages of article {name}" for name in sorted(set(passages["article"]) - set(registry["id"])))
    refuse_if(Problem(where, one, "articles of the registry", todo) for one in came)
    held = passages.groupby("article")["han"].agg(passages="size", han="sum")
    found = registry[list(dict.fromkeys(["id", "source", by]))].assign(year=registry["date"].map(year_of))
    found = found.merge(held, left_on="id", right_index=True, how="left", validate="1:1")
    return found.fillna({"passages": 0, "han": 0}).astype({"passages": int, "han": int})


def year_of(date: str) -> str:
    """Return the year that a date names, however it is written (May 2023, 24/4/2011, 20110424, 二〇二三年五月); empty where it names none."""
    plain = re.sub("[〇○零一二三四五六七八九]{4}(?=年)", lambda one: one[0].translate(NUMERALS), str(date))
    year = YEAR.search(plain)
    return year[1] if year else ""


def _by(table: pd.DataFrame) -> str:
    """Return the column of the group: the one that is no other."""
    return next((str(name) for name in table if name not in OTHERS), "source")


def groups(corpus: pd.DataFrame, by: str = "voice") -> pd.DataFrame:
    """Sum up articles by their group, source or year: one row a group, largest first, periods in their order.

    Columns: the group; articles; passages; han; share (of all Chinese characters); shortest, median and longest article.
    """
    ends = {"shortest": ("han", "min"), "median": ("han", "median"), "longest": ("han", "max")}
    sums = {"articles": ("han", "size"), "passages": ("passages", "sum"), "han": ("han", "sum")}
    found = corpus.groupby(by).agg(**sums, **ends).astype({"median": int})
    found.insert(3, "share", found["han"] / corpus["han"].sum())
    found = found.set_axis(found.index.map(str), axis=0).rename_axis(by)
    return found.loc[in_order(found["articles"])].reset_index()


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say how many articles there are, how long they are, whose most are and how many are dated."""
    by = _by(table)
    sizes, dated = groups(table, by), int((table["year"] != "").sum())
    sizes = sizes.sort_values("articles", ascending=False, kind="stable")  # periods come in their order
    total, numbers = len(table), sizes["articles"].tolist()
    low, high = f"{table['han'].min():,}", f"{table['han'].max():,}"
    english = (
        f"{total} articles as dots by {label(by, 'en')} and length, from {low} to {high} Chinese characters"
    )
    chinese = f"{total}篇文章按{label(by, 'zh')}和长度排列，每点一篇，{low}至{high}个汉字"
    # no single article makes it the largest
    if numbers[0] >= 4 and (len(numbers) == 1 or numbers[0] > numbers[1] + 1):
        name, part = sizes[by].iloc[0], f"{sizes['share'].iloc[0]:.0%}"
        english += f"; the largest group, {label(name, 'en')}, has {numbers[0]} and {part} of all characters"
        chinese += f"；最大一类为{label(name, 'zh')}，{numbers[0]}篇，占全部汉字的{part}"
    return f"{english}; {dated} bear a date.", f"{chinese}；{dated}篇有日期。"


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw every article as a dot by group and length, and below the articles of each year: dots, or columns where they are many."""
    by = _by(table)
    table = needs(table, "corpus", (by, "year"), ("han",))
    table = table.assign(group=table[by])
    drawn, sheet, years, below = styles(by_number(table["group"]), page), paper(page), pd.DataFrame(), 0.0
    dated = table[table["year"].str.fullmatch(r"\d+")].astype({"year": int})
    if len(dated):
        step = _step(dated["year"], 30 if sheet.narrow else 60)
        years = dated.assign(step=step, at=dated["year"] // step * step + (step - 1) / 2)
        years = years.assign(order=years["group"].map(list(drawn).index))
        years = years.sort_values(["at", "order"], kind="stable")
        years["up"] = years.groupby("at").cumcount()
        below = 0.75 * min(int(years["up"].max()) + 1, MOST_DOTS) + 4
    above = min(max(2.4 * len(drawn), 3.4), sheet.high / sheet.letters - below - 4) + 4
    shape: dict[str, Any] = {"height_ratios": [above, below]} if below else {}
    with preset(page) as wide:
        size = (wide, (above + below) * sheet.letters / 72)
        figure, axes = panels(size, 1 + bool(below), 1 + bool(below), **shape)
        _lengths_by_group(axes[0], table, drawn, language, page)
        if below:
            _years(axes[1], years, len(table) - len(dated), drawn, language, page)
    return figure


def _step(years: pd.Series, most: int) -> int:
    """Return how many years stand together, so that there are no more than so many columns."""
    steps = (1, 2, 5, 10, 20, 50, 100, 1000)
    return next(step for step in steps if years.max() // step - years.min() // step < most)


def _lengths_by_group(axes: Axes, table: pd.DataFrame, drawn: Drawn, language: str, page: str) -> None:
    from matplotlib.ticker import NullLocator

    size, grey, wide = paper(page).letters, paper(page).grey, paper(page).wide
    crowd = min(1.0, max(0.5, (60 / table["group"].value_counts().max()) ** 0.5))
    dot, names = 0.48 * size * crowd, []
    look: dict[str, Any] = {"linewidth": 0.3, "edgecolor": INK if grey else "white", "clip_on": False}
    axes.set_xscale("log")
    for row, (group, style) in enumerate(drawn.items()):
        # an article without a Chinese character stands at 1: the scale has no 0
        articles = table.loc[table["group"] == group, "han"].clip(lower=1).sort_values().tolist()
        shape = {"s": style.area(dot), "marker": style.marker} if grey else {"s": dot**2, "alpha": 0.85}
        axes.axhline(row, color=FAINT, linewidth=0.5, zorder=0)
        axes.scatter(articles, _spread(articles, row), color=style.colour, **shape, **look)
        names.append(f"{shortened(label(group, language), 0.36 * wide, size)}  {len(articles)}")
    as_rows(axes, names, 0.35)
    low, high = max(1, table["han"].min()), table["han"].max()
    few, many = (1, 2, 5, 10, 20, 50), (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000)
    ticks = [n for n in few if low <= n < high * 2] + [n for n in many if low / 2 < n < high * 2]
    room, decades = wide - widest(names, size * 0.95) - 2 * size, log10(max(high, 1) / low) + 0.2
    if 0.3 * room / decades < text_width("10,000", size * 0.95) + 0.4 * size:  # from 5,000 to 10,000
        ticks = [n for n in ticks if str(n)[0] == "1"] or ticks
    axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(label("articles by length", language))


def _spread(values: list[int], row: int) -> list[float]:
    """Set dots of nearly equal length beside each other instead of over each other."""
    taken: list[tuple[float, float]] = []
    for value in values:
        for step in range(7):  # not into the next row
            offset = (step + 1) // 2 * 0.14 * (-1) ** step
            if all(abs(offset - other) > 0.1 or value > 1.09 * near for near, other in taken[-12:]):
                break
        taken.append((value, offset))
    return [row + offset for _, offset in taken]


def _years(axes: Axes, rows: pd.DataFrame, undated: int, drawn: Drawn, language: str, page: str) -> None:
    """Draw the articles of every year as dots above each other, or as columns where they are too many; say how many bear no date."""
    grey, step, dot = paper(page).grey, int(rows["step"].iloc[0]), 0.55 * paper(page).letters
    dots, most = rows["up"].max() < MOST_DOTS, int(rows["up"].max()) + 1
    edge_of: dict[str, Any] = {"edgecolor": INK if grey else "white", "linewidth": 0.3}
    for group, style in drawn.items():
        some = rows[rows["group"] == group]
        look: dict[str, Any] = {"color": style.colour, **edge_of}
        if dots:
            look |= {"s": style.area(dot), "marker": style.marker} if grey else {"s": dot**2}
            axes.scatter(some["at"], some["up"] + 0.5, clip_on=False, **look)
        else:
            held, hatch = some.groupby("at")["up"].agg(["min", "size"]), style.hatch if grey else None
            axes.bar(held.index, held["size"], 0.84 * step, held["min"], hatch=hatch, **look)
    low, high = rows["at"].min(), rows["at"].max()
    edge = max(0.8 * step, 0.02 * (high - low))
    axes.set_xlim(low - edge, high + edge)
    apart = _step(rows["year"], 7)
    ticks = range(int(-(-(low - edge) // apart)) * apart, int(high + edge) + 1, apart)
    axes.set_xticks(ticks, [str(year) for year in ticks])
    axes.set_ylim(0, most + 0.2)
    if dots:
        axes.spines["left"].set_visible(False)
        axes.set_yticks([])
    else:
        axes.locator_params(axis="y", nbins=4, integer=True)
    said = [label("articles by year", language)]
    said += [label("spans", language).format(step=step)] * (step > 1)
    said += [label("without a date", language).format(articles=undated)] * (undated > 0)
    text = ("，" if language == "zh" else ", ").join(said)
    # names leave the panel so much
    axes.set_xlabel(broken(text, 0.6 * paper(page).wide, paper(page).letters))


corpus = Figure(table, draw, says)
