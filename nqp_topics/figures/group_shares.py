"""Shares of groups: how much of every topic each group holds, over its witnesses and over seeds, and whether groups differ in it."""

from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import columns, refuse_if
from nqp_topics.compare import Grouped
from nqp_topics.compare.given import Names, Some, known
from nqp_topics.counts import Counts
from nqp_topics.figures import by_group
from nqp_topics.figures.by_group import Over
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import Labels, Only, a_panel_each, extremes, heads, of_topics
from nqp_topics.figures.legends import STEP, dot, legend, line, write_legends
from nqp_topics.figures.letters import grid, shortened, text_width, widest
from nqp_topics.figures.page import Axes, Drawing, beside, lined, needs, panels, per_cent, preset
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.figures.styles import FAINT, INK, SOFT, Drawn, hue, in_order, paper, styles

TESTS = ["p", "bh", "run_p", "run_bh", "not_found", "runs"]
NUMBERS = ["articles", "witnesses", "share", "low", "high", "run_low", "run_high", *TESTS[:-1]]
PAD = 1.0  # em between the numbers of groups and their panel


def at_hand(
    found: Any,
    counts: Counts,
    groups: Names,
    within: Some = None,
    labels: Labels = None,
    only: Only = None,
    least: int = 4,
) -> pd.DataFrame:
    """Measure the share of every topic in every group, test groups of at least `least` articles against each other, and gather it for drawing.

    `groups`: article → group, a column of the registry; `within`: article → witness (`compare.witnesses`). The steps: `compare.grouped`,
    `compare.group_shares`, `compare.overall`, `compare.differences`, each `compare.over_runs`, and `figures.group_shares.table`.
    """
    shares = reported(found).articles(counts)
    voices = compare.grouped(shares, groups, within=within)
    some = compare.large(voices, least)

    def all_groups(shares: pd.DataFrame) -> pd.DataFrame:
        return compare.group_shares(compare.grouped(shares, groups, within=within))

    def differ(shares: pd.DataFrame) -> pd.DataFrame:
        return compare.overall(compare.grouped(shares, some, within=within))

    over = by_group.over_seeds(found, counts, all_groups, "share", ["group", "topic"])
    tests, gaps = None, None
    if some.nunique() > 1:
        tests = by_group.over_seeds(found, counts, differ, "between", ["topic"])
        tests = differ(shares) if tests is None else tests
        gaps = compare.differences(compare.grouped(shares, some, within=within))
    return table(compare.group_shares(voices), over, tests, labels, only, voices, gaps)


def table(
    shares: pd.DataFrame,
    over: Over = None,
    tests: Over = None,
    labels: Labels = None,
    only: Only = None,
    voices: Grouped | None = None,
    differences: Over = None,
) -> pd.DataFrame:
    """Gather the shares of groups for drawing: one row a topic and group, topics in the model's order, groups from most articles to fewest.

    Columns: topic, en, zh (its label, of the table of `naming.labels_of`), group, articles, witnesses (effective number), tested (whether the group
    has enough of them), share, low, high (over witnesses; none in a group that is not tested), run_low, run_high (over seeds), p, bh (of the topic: whether groups differ in it at
    all), run_p, run_bh (the largest of all runs), not_found (in how many of the other `runs` the topic is not), detectable (the smallest
    difference between any two groups that `differences` would find in four of five cases, and `overall`, whose p stands here, in .85 to .98), undetectable (why there is none), extreme ("most": the largest share of all groups of at least
    four witnesses, whichever article is left out). `shares` is the table of `compare.group_shares`, `over` the same out of
    `compare.over_runs(…, "share", ["group", "topic"])`, `tests` that of `compare.overall` or the same out of `over_runs`, `voices` that of
    `compare.grouped`, `differences` that of `compare.differences`; without one of these its columns are empty. `only` keeps some topics.
    An interval is of one group, p of all groups at once, corrected for their number: where two of many intervals lie apart p may well be above .05, and p may be
    small where all overlap a little. Refused: tables of another run, a topic that does not exist.
    """
    where = "figures.group_shares.table"
    given = ["group", "topic", "share", "low", "high", "articles", "witnesses", "note"]
    refuse_if(columns(f"{where}(shares)", shares, given, "give the table of compare.group_shares"))
    found = of_topics(shares[given].astype({"group": str, "topic": str}), labels, only, where)
    topics, groups = found["topic"].unique(), in_order(found.groupby("group")["articles"].first())
    found = by_group.with_runs(found, over, ["group", "topic"], "share", where)
    found["tested"] = ~found["note"].fillna("").str.contains("not tested")
    found.loc[~found["tested"], ["low", "high"]] = np.nan
    order = pd.MultiIndex.from_product([topics, groups], names=["topic", "group"])
    found = found.set_index(["topic", "group"]).loc[order].reset_index()
    found = _with_tests(found, tests, where)
    found["detectable"], found["undetectable"], found["extreme"] = np.nan, "", ""
    if differences is not None:
        todo, asked = "give the table of compare.differences", ["topic", "detectable", "undetectable"]
        refuse_if(columns(f"{where}(differences)", differences, asked, todo))
        by_topic = differences.groupby(differences["topic"].astype(str))
        found["detectable"] = found["topic"].map(by_topic["detectable"].min())
        why = found["topic"].map(by_topic["undetectable"].first())
        found["undetectable"] = why.where(found["detectable"].isna(), "")
    if voices is not None:
        means, where = by_group.without_each(voices), f"{where}(voices)"
        at = {name: place for place, name in enumerate(voices.sizes["group"])}
        column = {str(name): place for place, name in enumerate(voices.shares.columns)}
        known(groups, at, where, "group")
        known(topics, column, where, "topic")
        cells = means[:, found["group"].map(at), found["topic"].map(column)]
        by_group.same_run(where, found["share"].to_numpy(), cells[0], found[["topic", "group"]].to_numpy())
        said = extremes(cells, (found["witnesses"] >= by_group.LEAST).to_numpy())
        found["extreme"] = [word if word == "most" else "" for word in said]
    first = ["topic", "en", "zh", "group", "articles", "witnesses", "tested", "share", "low", "high"]
    return found[[*first, "run_low", "run_high", *TESTS, "detectable", "undetectable", "extreme"]]


def _with_tests(found: pd.DataFrame, tests: pd.DataFrame | None, where: str) -> pd.DataFrame:
    """Put the test of every topic beside it. Refused: tests of other topics."""
    if tests is None:
        return found.assign(**dict.fromkeys(TESTS, np.nan))
    where = f"{where}(tests)"
    refuse_if(columns(where, tests, ["topic", "p", "bh"], "give the table of compare.overall"))
    known(found["topic"].unique(), tests["topic"].astype(str), where, "topic")
    by_topic = tests.set_index(tests["topic"].astype(str)).reindex(columns=TESTS)
    return found.assign(**{name: found["topic"].map(by_topic[name]) for name in TESTS})


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say in which topics groups differ, what would have been found, what is not tested, where a topic is lacking, and the largest share."""
    topics, many = table.drop_duplicates("topic"), table["group"].nunique()
    topics = topics.reindex(columns=list(dict.fromkeys([*topics, "undetectable"])))
    told, lost = topics[by_group.worst(topics, "bh") < 0.05], topics[topics["not_found"] > 0]
    english = f"The mean share of {len(topics)} topics in {many} groups of articles."
    chinese = f"{len(topics)}个主题在{many}组文章中的平均占比。"
    if topics["bh"].notna().any():
        (every, zh_every), (here, zh_here) = by_group.in_every_run(topics)
        some = told if len(told) < len(topics) else told[:0]  # all need no names
        names = ", ".join(f"{row.topic} ({row.en})" for row in some.itertuples())
        zh_names = "、".join(f"{row.topic}（{row.zh}）" for row in some.itertuples())
        english += f" Groups differ in {len(told)} of them beyond chance{every} ({here}BH-adjusted p < .05, whole witnesses "
        english += f"shuffled){': ' * bool(names)}{names}."
        chinese += f"有{len(told)}个主题的组间差异{zh_every}超出随机水平（{zh_here}整体打乱独立来源，BH 校正 p < .05）"
        chinese += f"{'：' * bool(names)}{zh_names}。"
    for en, zh in (_unseen(topics[~topics["topic"].isin(told["topic"])], not len(told)), _untested(table)):
        english, chinese = english + en, chinese + zh
    if len(lost):
        runs, times = int(lost["runs"].iloc[0]), lost["not_found"].map("{:.0f}".format)
        english += f" Not found in so many of {runs} other runs: {', '.join(lost['topic'] + ' (' + times + ')')}; thin lines are of the rest."
        chinese += f"在其余{runs}次运行中未找到的次数：{'、'.join(lost['topic'] + '（' + times + '）')}；细线只取找到该主题的运行。"
    for row in table[table["extreme"] == "most"].itertuples():
        english += f" Of groups of at least four witnesses, the largest mean share is that of {row.topic} with {label(row.group, 'en')}, "
        english += f"{row.share:.0%}, whichever article is left out."
        chinese += f"在至少有四个独立来源的组中，平均占比最高的是{label(row.group, 'zh')}中的{row.topic}，{row.share:.0%}，去掉任何一篇文章仍是如此。"
    return english, chinese


def _unseen(others: pd.DataFrame, whole: bool) -> tuple[str, str]:
    """Say how large a difference would have had to be to be found, where none was, or why none would be found at any size."""
    known, english, chinese = others["detectable"].dropna(), "", ""
    of, zh_of = ("In them", "这些主题") if whole else ("In the others", "其余主题")
    if len(known):
        low, high = f"{100 * known.min():.0f}", f"{100 * known.max():.0f}"
        size, zh_size = (low, low) if low == high else (f"{low} to {high}", f"{low}至{high}")
        english = f" {of} two groups would have to differ by {size} points, by topic, for a test of these two, in one run, to find that in four of five cases."
        chinese = f"{zh_of}中，两组之差须达{zh_size}个百分点（因主题而异），单次运行中对这两组的检验才会在五次中有四次发现。"
    nothing = others[others["detectable"].isna() & others["undetectable"].fillna("").ne("")]
    for why, rows in nothing.groupby("undetectable"):
        said, zh_said = by_group.no_size(str(why))
        english += f" In {', '.join(rows['topic'])} no difference would be found at any size: {said}."
        chinese += f"在{'、'.join(rows['topic'])}中，无论差异多大都不会被发现：{zh_said}。"
    return english, chinese


def _untested(table: pd.DataFrame) -> tuple[str, str]:
    few = table[~table["tested"]].drop_duplicates("group")
    if not len(few):
        return "", ""
    what, zh_what = "fewer than three witnesses", "独立来源不足三个"
    if (few["articles"] < 2).all():
        what, zh_what = "one article", "只有一篇文章"
    english = f" {len(few)} groups of {what} are shown and not tested."
    return english, f"{len(few)}组{zh_what}，仅展示，未检验。"


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a panel a topic, a row a group: its share, over witnesses and over seeds; above it the test whether groups differ.

    Of more topics than fit the page those with the smallest p are drawn, and the figure says so.
    """
    words = ("topic", "en", "zh", "group")
    table, runs = by_group.of_all_runs(needs(table, "group_shares", words, NUMBERS, ("tested",)))
    groups, tested, sheet = list(dict.fromkeys(table["group"])), bool(table["p"].notna().any()), paper(page)
    drawn, all_topics = styles(groups, page), table["topic"].nunique()
    number = table.drop_duplicates("group").set_index("group")[["articles", "witnesses"]]
    short = {group: shortened(label(group, language), 0.3 * sheet.wide, sheet.letters) for group in groups}
    names = [f"{name}  {by_group.sizes(*number.loc[group])}" for group, name in short.items()]
    shown = _explained(table, runs if tested else None, sheet.letters, page)
    said = {label(key, language): one for key, one in shown.items()}
    left, least = widest(names, 1) + 1.1 + PAD, text_width("* < .001 (< .001)", 1) + 1.6
    each = 1.3 * len(groups) + 5.7 + 1.2 * tested
    around = STEP * (len(legend(said, sheet.letters, page).lines) + 1) + 4.5
    across, many, size = grid(all_topics, (least, each), by_group.ACROSS[page], page, left, around)
    if many < all_topics:
        first = table.drop_duplicates("topic").sort_values(["bh", "p"], kind="stable")["topic"]
        table = table[table["topic"].isin(first.head(many))]
        said[label("some topics", language).format(shown=many, all=all_topics)] = None
    above, many = legend(said, size, page), table["topic"].nunique()
    titles = heads(table, (sheet.wide - left * size) / across - 1.6 * size, size, language, 3)
    down, lines = -(-many // across), 1 + max(title.count("\n") for title in titles)
    high = (down * (each - 1.3 * (3 - lines)) + 3.4) * size + above.high
    with preset(page, size) as wide:
        figure, axes = panels((wide, high / 72), many, down, across, sharex=True, sharey=True)
        pad = (1.6 if tested else 0.5) * size
        for one, rows in a_panel_each(table, axes, titles, across, size, pad=pad):
            rows = rows.set_index("group").reindex(groups).reset_index()
            _panel(one, rows, drawn, size, page)
            test = by_group.test(rows["p"].iloc[0], rows["bh"].iloc[0]) if tested else ""
            look: dict[str, Any] = {"xycoords": "axes fraction", "va": "baseline", "fontsize": size}
            beside(one, test, 0, 1, 0, 0.4 * size, color=INK if test.startswith("*") else SOFT, **look)
        axes[0].set_yticks(range(len(groups)), names)
        for one in axes[::across]:
            one.tick_params(axis="y", pad=PAD * size)  # a mark at 0% reaches out of its panel
        axes[0].set_ylim(len(groups) - 0.4, -0.6)
        axes[0].set_autoscalex_on(True)
        axes[0].autoscale_view(scaley=False)
        axes[0].set_xlim(0)
        axes[0].xaxis.set_major_formatter(per_cent)
        axes[0].locator_params(axis="x", nbins=3 if across > 2 else 4)
        figure.supxlabel(label("share of the group", language), fontsize=size)
        write_legends(figure, above)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, drawn: Drawn, size: float, page: str) -> None:
    grey = paper(page).grey
    lined(axes)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_color(FAINT)
    axes.set_autoscale_on(False)  # once for all panels, when all are drawn: it looks at each of them again
    places = np.arange(len(rows))
    colours = [SOFT if grey else drawn[group].colour for group in rows["group"]]
    axes.hlines(places + 0.3, rows["run_low"], rows["run_high"], color=INK, linewidth=0.6)
    axes.hlines(places, rows["low"], rows["high"], color=colours, linewidth=1.6, alpha=0.75)
    for place, row in enumerate(rows.itertuples()):
        style, alone = drawn[row.group], not row.tested
        look: dict[str, Any] = {"marker": style.marker, "zorder": 3, "clip_on": False}
        look["facecolor"] = "white" if alone else style.colour
        look["edgecolor"] = style.colour if alone and not grey else INK
        axes.scatter(row.share, place, s=style.area(0.55 * size), linewidth=0.8 if alone else 0.3, **look)


def _explained(table: pd.DataFrame, runs: bool | None, size: float, page: str) -> dict[str, Any]:
    """Return what the lines, the open dot and the star are; `runs`: whether the star holds in every run, None without tests."""
    tone, lost = hue(page), bool((table["not_found"] > 0).any())
    shown = {"interval over witnesses": line(tone, 1.6, markeredgewidth=0, marker="o", markersize=0.5 * size)}
    if table["run_low"].notna().any():
        shown["found elsewhere" if lost else "other seeds"] = line()
    if (few := ~table["tested"]).any():
        one = (table.loc[few, "articles"] < 2).all()
        shown["one article" if one else "few witnesses"] = dot(0.5 * size, "white", tone)
    shown["witnesses"] = None
    if runs is not None:
        where = " in every run" + " that has the topic" * lost if runs else ""
        shown |= {"p and corrected": None, f"groups differ{where}": None}
    return shown


group_shares = Figure(table, draw, says, at_hand)
