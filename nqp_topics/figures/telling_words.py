"""The words that set each group of articles apart from the rest, before any topic is fitted."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from nqp_topics.checks import Problem, refuse_if
from nqp_topics.compare import contrast
from nqp_topics.counts.table import Counts
from nqp_topics.figures.captions import label
from nqp_topics.figures.letters import broken, grid, widest
from nqp_topics.figures.page import Axes, Drawing, as_rows, needs, panels, preset
from nqp_topics.figures.shown import Figure
from nqp_topics.figures.styles import INK, SOFT, Style, in_order, paper, styles


def table(
    counts: Counts,
    registry: pd.DataFrame,
    by: str = "voice",
    words: int = 10,
    least: int = 5,
    within: Mapping[str, str] | None = None,
    draws: int = 200,
    seed: int = 1,
) -> pd.DataFrame:
    """Find the words that set each group of articles apart from the rest: one row a group and word, the most telling first.

    Columns: group, articles and witnesses (in the group), rank, those of `contrast.keywords` (word, count, rest, per_thousand, rest_per_thousand,
    log_odds, z), chance: the z that the first word of this group stays below in 95 of 100 cases when groups are shuffled over articles (`draws`
    times), or over witnesses with all their articles (`within`: article → witness, as `compare.witnesses` gives it; empty where fewer than three witnesses stand on either side), and stays: whether the first
    word is first whichever article of the group is left out. Words below chance are no finding. Groups of fewer than `least` articles are left
    out: their words would be those of one author; so are articles without a group. Refused: fewer than two groups, or none that large.
    """
    here = registry[registry["id"].isin(set(counts.articles))]
    if len(bare := here[here[by].fillna("") == ""]):
        bare_ones = set(bare["id"])
        rows = zip(counts.ids, counts.articles, strict=True)
        counts = counts.select([name for name, article in rows if article not in bare_ones])
        here = here.drop(bare.index)
    group_of, sizes = dict(zip(here["id"], here[by], strict=True)), here[by].value_counts()
    came = f"{len(sizes)} groups, the largest of {sizes.max() if len(sizes) else 0} articles"
    allowed = f"two groups, one of them of at least {least} articles"
    todo = "lower `least`, or group by another column"
    fine = (sizes >= least).any() and len(sizes) > 1
    refuse_if([] if fine else [Problem(f"figures.telling_words(by={by!r})", came, allowed, todo)])
    speaks = dict(within) if within is not None else {}
    chance = contrast.largest_by_chance(counts, group_of, within, draws, seed)
    tables = []
    for group in in_order(sizes[sizes >= least]):
        found = contrast.keywords(counts, group_of, group).head(words)
        inside = [name for name in here["id"] if group_of[name] == group]
        behind = {"articles": len(inside), "witnesses": len({speaks.get(name) or name for name in inside})}
        head = {"group": group, **behind, "rank": range(1, len(found) + 1)}
        alone = contrast.first_words(counts, group_of, group) == {found["word"].iloc[0]}
        found = pd.concat([pd.DataFrame(head, found.index), found], axis=1)
        tables.append(found.assign(chance=chance[group], stays=(found["rank"] == 1) & alone))
    return pd.concat(tables, ignore_index=True)


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say how many words are beyond chance, and the first word of each group of four witnesses and more that no single article makes first."""
    told = table[table["chance"].notna()]
    beyond, total, groups = int((told["z"] > told["chance"]).sum()), len(told), table["group"].nunique()
    least, few = int(table["articles"].min()), groups - told["group"].nunique()
    have = "have" if few > 1 else "has"
    none = f"{few} groups of too few witnesses, or beside too few, {have} no such line. " * bool(few)
    first = told[(told["rank"] == 1) & told["stays"] & (told["witnesses"] >= 4)]
    forms = {
        "en": ": {0} (z = {1:.1f}, by chance {2:.1f}; {3:.1f} times in a thousand words, {4:.1f} elsewhere)",
        "zh": "：{0}（z = {1:.1f}，随机水平{2:.1f}；每千词{3:.1f}次，其他{4:.1f}次）",
    }
    rows = first[["group", "word", "z", "chance", "per_thousand", "rest_per_thousand"]].to_numpy().tolist()
    english, chinese = ([label(row[0], to) + forms[to].format(*row[1:]) for row in rows] for to in forms)
    return (
        f"The words that set {groups} groups of {least} articles and more apart from all others, by weighted log-odds; {beyond} of {total} stand beyond the z "
        f"that the first word of shuffled groups stays below in 95 of 100 cases (dashed). {none}First whichever article is left out, in groups of four witnesses and more: "
        f"{'; '.join(english) or 'none'}.",
        f"{groups}组文章（每组至少{least}篇）区别于其他各组的词，按加权对数优势比排列；{total}个词中有{beyond}个超出分组随机打乱时首位词 z 值的95%分位数（虚线）。"
        f"{f'{few}组自身或其余各组独立来源过少，没有虚线。' * bool(few)}独立来源不少于四个的组中，去掉任何一篇文章仍居首位的词：{'；'.join(chinese) or '无'}。",
    )


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a panel a group: its words with their z; dashed: the highest that chance gives."""
    table = needs(table, "telling_words", ("group", "word"), ("articles", "z", "chance"))
    groups = table["group"].drop_duplicates().tolist()
    drawn = styles(groups, page)
    each = 1.45 * int(table.groupby("group").size().max()) + 5
    usual = 2 if paper(page).narrow else 3
    across, _, size = grid(len(groups), (widest(table["word"], 0.95) + 8, each), usual, page, around=2)
    down = -(-len(groups) // across)
    high = min(down * each + 2, paper(page).high / size)
    with preset(page, size) as wide:
        room = wide * 72 / across - widest(table["word"], size * 0.95) - 1.2 * size
        figure, found = panels((wide, high * size / 72), len(groups), down, across, sharex=True)
        for axes, group in zip(found, groups, strict=True):
            rows = table[table["group"] == group]
            _panel(axes, rows, drawn[group], size, paper(page).grey)
            title = f"{label(group, language)}  {rows['articles'].iloc[0]:.0f}"
            axes.set_title(broken(title, room, size * 1.1))
        found[0].set_xlim(0)
        figure.supxlabel(label("z", language), fontsize=size)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, style: Style, size: float, grey: bool) -> None:
    places = range(len(rows))
    line, edge, marker = (SOFT, INK, style.marker) if grey else (style.colour, style.colour, "o")
    axes.hlines(places, 0, rows["z"], color=line, linewidth=1.2, alpha=0.6)
    look: dict[str, Any] = {"color": style.colour, "marker": marker, "edgecolor": edge}
    axes.scatter(rows["z"], places, s=style.area(0.5 * size), linewidth=0.4, zorder=3, **look)
    axes.axvline(rows["chance"].iloc[0], color=INK, linewidth=0.6, linestyle=(0, (4, 2)), zorder=1)
    as_rows(axes, rows["word"].tolist())
    axes.tick_params(axis="x", labelbottom=True)


telling_words = Figure(table, draw, says)
