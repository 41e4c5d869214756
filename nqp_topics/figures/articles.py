"""Articles × topics: what each article is about, in the order of the tree of all, with the tree and the groups at the left."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import Problem, Refused
from nqp_topics.compare import Tree
from nqp_topics.compare.given import Names, Some
from nqp_topics.counts import Counts
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import Labels, Only, article_rows, extremes, of_topics, titled
from nqp_topics.figures.legends import colour_scale, legend, line, write_legend
from nqp_topics.figures.letters import LEADING, broken, shortened, smallest, widest
from nqp_topics.figures.page import Axes, Drawing, beside, blank, needs, preset
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.figures.styles import INK, SOFT, Drawn, Style, by_number, paper, shades, styles

if TYPE_CHECKING:
    from matplotlib.collections import QuadMesh

CAPITAL = 0.8  # how high a capital letter stands, with some room, in sizes of the letters
TIGHT = 1.06  # names may stand so close, in sizes of their letters


def at_hand(
    found: Any, counts: Counts, groups: Names, names: Some = None, labels: Labels = None, only: Only = None
) -> pd.DataFrame:
    """Take the shares of every article in the reported run and put them into the order of the tree of their distances.

    The steps: `compare.distances`, `compare.tree`, `figures.articles.table`, which see for what is given and what one row is.
    """
    shares = reported(found).articles(counts)
    return table(shares, compare.tree(compare.distances(shares)), groups, names, labels, only)


def table(
    shares: pd.DataFrame,
    tree: Tree,
    groups: Names,
    names: Some = None,
    labels: Labels = None,
    only: Only = None,
) -> pd.DataFrame:
    """Put the shares of articles into the order of their tree: one row an article and topic.

    Columns: article, name (what stands at its row; its id where `names` has none), group, place (row, from 1), joins_next (the height at which it
    joins the article below it; none in the last row: these heights are the whole tree), topic, en, zh (its label, of the table of
    `naming.labels_of`), topic_place (column, from 1, in the model's order), share. `only` keeps some topics. Refused: a tree of other
    articles, groups of other articles, a topic that does not exist.
    """
    where, order, ids = "figures.articles.table", tree.order, list(map(str, shares.index))
    if strange := sorted(set(ids) ^ set(order)):
        came = f"{len(order)} articles, but shares of {len(ids)}; not in both: {', '.join(strange[:5])}"
        todo = "tree(distances(shares)) makes it"
        raise Refused(Problem(f"{where}(tree)", came, "the tree of these articles", todo))
    rows = article_rows(order, groups, names, where)
    rows["place"], rows["joins_next"] = range(1, len(order) + 1), _joins(tree)
    topics = list(map(str, shares.columns))
    numbers = shares.set_axis(ids, axis=0).loc[order].to_numpy(dtype=np.float64)
    found = rows.loc[rows.index.repeat(len(topics))].assign(topic=topics * len(order), share=numbers.ravel())
    found = of_topics(found, labels, only, where)
    found["topic_place"] = found.groupby("topic", sort=False).ngroup() + 1
    return found[[*rows, "topic", "en", "zh", "topic_place", "share"]]


def _joins(tree: Tree) -> list[float]:
    """Return for every article in the tree's order the height at which it joins the next one; none for the last."""
    spans = {name: (place, place) for place, name in enumerate(tree.order)}
    joins = [float("nan")] * len(spans)
    for row in tree.merges.itertuples():
        (low, edge), (_, high) = sorted((spans[row.left], spans[row.right]))
        joins[edge] = float(row.height)
        spans[row.step] = (low, high)
    return joins


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say how much is shown, which topic has the largest mean share whatever article is left out, and where articles join."""
    rows, cells = table.drop_duplicates("place"), _cells(table)
    topics = table.drop_duplicates("topic_place").sort_values("topic_place")
    many = f"{len(rows)} articles in rows, like ones beside each other, and {len(topics)} topics in columns."
    english, chinese = many, f"{len(rows)}篇文章为行（相近者相邻），{len(topics)}个主题为列。"
    means = np.vstack((cells.mean(axis=0), (cells.sum(axis=0) - cells) / max(len(cells) - 1, 1)))
    said = extremes(means, np.full(cells.shape[1], len(cells) >= 4))
    if "most" in said:
        most, mean = topics.iloc[said.index("most")], f"{means[0, said.index('most')]:.0%}"
        english += f" The largest mean share is that of {most['topic']} ({most['en']}), {mean}, whichever article is left out."
        chinese += f"平均占比最高的是{most['topic']}（{most['zh']}），{mean}，去掉任何一篇文章仍是如此。"
    if len(heights := rows["joins_next"].dropna()):
        low, high = f"{heights.min():.2f}", f"{heights.max():.2f}"
        english += f" In the tree the first two articles join at a distance of {low}, "
        english += f"the last groups at {high}."
        chinese += f"树中最先合并的两篇距离为{low}，最后合并处为{high}。"
    return english, chinese


def _cells(table: pd.DataFrame) -> np.ndarray:
    """Return shares as articles × topics."""
    return table.pivot(index="place", columns="topic_place", values="share").to_numpy()


class _Sheet(NamedTuple):
    """Where the parts of the heat map stand, in points from the left and from the top, and the sizes of its letters.

    Names stand in so many `columns`, of rows that are neighbours in turn; named is every so manieth row, and every so manieth topic.
    """

    size: float
    strip: float
    cells: float
    names: float
    wide: float
    top: float
    rows: float
    bottom: float
    row_size: float
    columns: int
    every: int
    heads: list[str]
    head_size: float
    lean: float
    every_head: int

    @property
    def high(self) -> float:
        return self.top + self.rows + self.bottom


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw articles × topics, the darker the larger the share, with the tree and the groups at the left.

    Names of rows that are too close for one column stand in two; of still more every second, third … is named, and the figure says so. It is
    the same with topics. Refused: a table that lacks articles or topics of some rows.
    """
    words = ["article", "name", "group", "topic", "en", "zh"]
    numbers = ["place", "joins_next", "topic_place", "share"]
    table = needs(table, "articles", words, numbers)
    _whole(table)
    rows = table.drop_duplicates("place").sort_values("place", ignore_index=True)
    columns = table.drop_duplicates("topic_place").sort_values("topic_place", ignore_index=True)
    heads = list(map(titled, columns["topic"], columns["zh" if language == "zh" else "en"]))
    names, groups, joins = (rows[name].tolist() for name in ("name", "group", "joins_next"))
    order = by_number(rows["group"])
    drawn = styles(order, page)
    # smaller where the page is low
    size = max(smallest(page), min(paper(page).letters, paper(page).height / 14.4))
    with preset(page) as wide:
        look: dict[str, Any] = {"width": 0, "marker": "s", "markersize": 1.1 * size, "markeredgewidth": 0}
        shown: dict[str, Any] = {
            f"{drawn[group].letter}  {label(group, language)}  {n}": line(drawn[group].colour, **look)
            for group, n in order.items()
        }
        said = legend(shown, size, page)
        for _ in range(2):  # what is not named is said below
            sheet = _sheet(names, heads, size, said.high, page)
            for key, every in (("articles named", sheet.every), ("topics named", sheet.every_head)):
                shown |= {label(key, language).format(every=every): None} if every > 1 else {}
            said = legend(shown, size, page)
        figure = blank(wide, sheet.high / 72)

        def part(left: float, width: float, top: float = sheet.top, high: float = sheet.rows) -> Axes:
            box = (left / 72 / wide, 1 - (top + high) / sheet.high, width / 72 / wide, high / sheet.high)
            axes = figure.add_axes(box)
            axes.tick_params(length=0)
            return axes

        tree = 0.012 * sheet.wide
        heat = _heat(part(sheet.cells, sheet.names - sheet.cells), _cells(table), sheet, page)
        _strip(part(sheet.strip, sheet.cells - sheet.strip), groups, drawn, sheet, smallest(page))
        _tree(part(tree, sheet.strip - tree - 1), joins, language, sheet)
        _names(part(sheet.names, sheet.wide - sheet.names), names, sheet)
        bar = part(sheet.cells, 9 * size, sheet.top + sheet.rows + 0.7 * size, 0.8 * size)
        colour_scale(bar, heat, label("share of the article", language), size)
        write_legend(figure, said, said.high - 0.4 * size)
    return figure


def _whole(table: pd.DataFrame) -> None:
    articles, topics = table["place"].nunique(), table["topic_place"].nunique()
    if len(table) != articles * topics or table.duplicated(["place", "topic_place"]).any():
        came = f"{len(table)} rows for {articles} articles and {topics} topics"
        allowed = f"one row an article and topic, {articles * topics} in all"
        todo = "give the whole table of figures.articles.table; its `only` keeps some topics"
        raise Refused(Problem("figures.articles.draw(table)", came, allowed, todo))


def _sheet(names: list[str], heads: list[str], size: float, foot: float, page: str) -> _Sheet:
    wide, high = paper(page).wide, paper(page).high
    least, bottom = smallest(page), 3.6 * size + foot
    strip = 0.142 * wide
    cells = strip + max(0.016 * wide, 1.6 * least)
    for columns in (1, 2):
        head_size = max(least, size * 0.9)
        name = min(widest(names, least if columns > 1 else size * 0.9), (0.3, 0.17)[columns - 1] * wide)
        right = columns * (name + size)
        # how high the topics' names stand depends on their lean, that on the width of a column, and that on the rows' names
        column = (wide - right - cells) / len(heads)
        lean = 55.0 if column >= 1.45 * head_size else 90.0
        if lean == 90:
            head_size = max(least, min(head_size, column))
        lines = 2 if lean < 90 and column * 0.82 >= 2.4 * head_size else 1
        room = min((0.22 if lines > 1 else 0.28) * wide, 0.3 * high)
        short = [broken(head, room, head_size, lines) for head in heads]
        long, rise = widest(short, head_size), 0.82 if lean < 90 else 1.0
        top = long * rise + (0.8 + 0.7 * lines) * head_size
        pitch = min((high - bottom - top) / len(names), 1.6 * size)
        if pitch >= TIGHT * least:
            break
    row_size = min(max(pitch / LEADING, least), size * 0.9) if columns == 1 else least
    for place, head in enumerate(short, 1):
        over = widest([head], head_size) * (1 - rise**2) ** 0.5 + lines * head_size
        right = max(right, over - (len(heads) - place + 0.5) * column)
    every = ceil(TIGHT * least / (pitch * columns) - 1e-9)
    every_head = ceil(head_size * 1.02 * len(heads) / (wide - right - cells) - 1e-9)
    spots = strip, cells, wide - right, wide, top, pitch * len(names), bottom
    return _Sheet(size, *spots, row_size, columns, every, short, head_size, lean, every_head)


def _heat(axes: Axes, numbers: np.ndarray, sheet: _Sheet, page: str) -> QuadMesh:
    many = numbers.size > 20000
    shown = axes.pcolormesh(numbers, cmap=shades(page), vmin=0, vmax=numbers.max(), rasterized=many)
    axes.set_ylim(len(numbers), 0)
    axes.vlines(range(1, len(sheet.heads)), 0, len(numbers), color="white", linewidth=0.6)
    axes.set(xticks=[], yticks=[])
    look: dict[str, Any] = {"rotation": sheet.lean, "rotation_mode": "anchor", "ha": "left", "va": "center"}
    look |= {"fontsize": sheet.head_size, "linespacing": 1.1, "annotation_clip": False}
    for place, head in list(enumerate(sheet.heads))[:: sheet.every_head]:
        beside(axes, head, place + 0.5, 0, 0, (0.7 + 0.35 * head.count("\n")) * sheet.head_size, **look)
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.4, edgecolor=SOFT)
    return shown


def _names(axes: Axes, names: list[str], sheet: _Sheet) -> None:
    """Write the names of rows beside them; in two columns a line leads to those of the second."""
    axes.set(xlim=(0, sheet.wide - sheet.names), ylim=(len(names), 0))
    axes.axis("off")
    column = (sheet.wide - sheet.names) / sheet.columns
    if sheet.columns == 1:
        column -= 0.3 * sheet.size
    for number, place in enumerate(range(0, len(names), sheet.every)):
        left = 0.4 * sheet.size + number % sheet.columns * column
        axes.plot([0, left - 1], [place + 0.5] * 2, color=SOFT, linewidth=0.3, alpha=0.6)
        short = shortened(names[place], column - 0.5 * sheet.size, sheet.row_size)
        axes.text(left, place + 0.5, short, fontsize=sheet.row_size, va="center_baseline")


def _strip(axes: Axes, groups: list[str], drawn: Drawn, sheet: _Sheet, least: float) -> None:
    """Draw the groups of rows, with their letters at every row, or where rows are low once at rows of one group that follow each other."""
    pitch, first = sheet.rows / len(groups), 0
    size = max(least, min(pitch / CAPITAL, sheet.size * 0.85))
    middles = [place + 0.5 for place in range(len(groups))]
    colours = [drawn[group].colour for group in groups]
    axes.barh(middles, 1, height=1, color=colours, linewidth=0)
    for place, group in enumerate(groups, 1):
        if place < len(groups) and groups[place] == group and pitch < CAPITAL * least:
            continue
        if (place - first) * pitch >= CAPITAL * size:
            _letter(axes, drawn[group], (0.5, (first + place) / 2), size)
        first = place
    axes.set(xlim=(-0.12, 1.12), ylim=(len(groups), 0), xticks=[], yticks=[])
    axes.axis("off")


def _letter(axes: Axes, style: Style, spot: tuple[float, float], size: float) -> None:
    """Write the letter of a group onto its colour, white or black, so that it can be read."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(style.colour)
    ink = "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.55 else INK
    axes.annotate(style.letter, spot, ha="center", va="center_baseline", fontsize=size, color=ink)


def _tree(axes: Axes, joins: list[float], language: str, sheet: _Sheet) -> None:
    """Draw the tree that the heights between neighbours say: the lowest gap is closed first."""
    from matplotlib.collections import LineCollection

    size, thin = sheet.size, min(0.5, 0.25 * sheet.rows / len(joins))
    first = {place: place for place in range(len(joins))}  # the last row of a branch → its first
    last = dict(first)
    middle = {place: place + 0.5 for place in first}  # the first row of a branch → where it stands
    at = dict.fromkeys(first, 0.0)
    lines = []
    for gap in sorted(range(len(joins) - 1), key=lambda gap: (joins[gap], gap)):
        up, down, end = first[gap], gap + 1, last[gap + 1]
        height, upper, lower = joins[gap], middle[up], middle[down]
        lines.append([(at[up], upper), (height, upper), (height, lower), (at[down], lower)])
        first[end], last[up] = up, end
        middle[up], at[up] = (upper + lower) / 2, height
    axes.add_collection(LineCollection(lines, colors=INK, linewidths=thin, joinstyle="miter"))
    axes.set_ylim(len(joins), 0)
    axes.set_xlim(max([*joins[:-1], 1e-9]) * 1.03, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=3)
    axes.tick_params(axis="x", length=2, labelsize=size * 0.9)
    axes.set_xlabel(label("distance", language), labelpad=1, fontsize=size * 0.9)


articles = Figure(table, draw, says, at_hand)
