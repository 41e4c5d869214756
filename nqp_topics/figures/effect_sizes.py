"""Effect sizes: by how much each thing that is known of articles moves the share of every topic."""

from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import columns, refuse_if
from nqp_topics.compare import Effects
from nqp_topics.counts import Counts
from nqp_topics.figures import by_group
from nqp_topics.figures.by_group import Over
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import Labels, Only, a_panel_each, heads, of_topics
from nqp_topics.figures.legends import legend, line, write_legends
from nqp_topics.figures.letters import fitting, text_width, widest
from nqp_topics.figures.page import Drawing, as_rows, lined, needs, panels, preset
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.figures.styles import INK, SOFT, hue, paper

GIVEN = ["topic", "term", "level", "reference", "estimate", "low", "high", "p", "bh", "articles", "witnesses"]
WORDS = ("topic", "en", "zh", "term", "level", "reference")
KEYS = ["topic", "term", "level"]


def at_hand(
    found: Any,
    counts: Counts,
    about: pd.DataFrame,
    formula: str,
    witness: pd.Series | None = None,
    labels: Labels = None,
    only: Only = None,
) -> pd.DataFrame:
    """Explain the shares of topics by a formula, hold the contrasts against other seeds, and gather them for drawing.

    The steps: `compare.effects_of_shares`, held against other seeds by `compare.over_runs`, and `figures.effect_sizes.table`. What `compare.effects`
    finds (over the sweeps of the run too, which takes longer) is drawn by `figures.effect_sizes.of(figures.effect_sizes.table(found))`.
    """

    def of_run(shares: pd.DataFrame) -> pd.DataFrame:
        return compare.effects_of_shares(shares, about, formula, witness).contrasts

    over = by_group.over_seeds(found, counts, of_run, "estimate", KEYS)
    return table(of_run(reported(found).articles(counts)), over, labels, only)


def table(
    found: Effects | pd.DataFrame, over: Over = None, labels: Labels = None, only: Only = None
) -> pd.DataFrame:
    """Gather contrasts for drawing: one row a topic and contrast, topics in the model's order.

    Columns: topic, en, zh (its label), term, level, reference, estimate, low, high, p, bh, articles, witnesses (as `compare.effects` has them), run_low,
    run_high, run_p, run_bh (over other seeds; empty without `over`). `found`: what `compare.effects` returned, or its contrasts; `over`: the
    contrasts out of `compare.over_runs(…, "estimate", ["topic", "term", "level"])`. `only` keeps some topics.
    """
    where = "figures.effect_sizes.table"
    contrasts = found.contrasts if isinstance(found, Effects) else found
    refuse_if(columns(f"{where}(found)", contrasts, GIVEN, "give what compare.effects returns"))
    rows = contrasts[GIVEN].astype(dict.fromkeys(("topic", "term", "level", "reference"), str))
    rows = of_topics(by_group.with_runs(rows, over, KEYS, "estimate", where), labels, only, where)
    by_topic = rows.groupby("topic", sort=False).ngroup().sort_values(kind="stable").index
    return rows.loc[by_topic, ["topic", "en", "zh", *GIVEN[1:], *by_group.RUNS]].reset_index(drop=True)


def clear(table: pd.DataFrame) -> pd.Series:
    """Tell which contrasts are beyond chance in every run, with one sign: what turns round with another seed holds in none."""
    sign = np.sign(table["estimate"])
    turned = [np.sign(pd.to_numeric(table[end], errors="coerce")) == -sign for end in ("run_low", "run_high")]
    return (by_group.worst(table, "bh") < 0.05) & ~turned[0] & ~turned[1]


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say how many contrasts are beyond chance, and the largest of them, with their references."""
    told = table[clear(table)]
    # which runs lack a topic the table does not say
    (every, zh_every), (here, zh_here) = by_group.in_every_run(table.assign(not_found=1))
    who, many = f"{table['articles'].iloc[0]:.0f}", f"{table['witnesses'].iloc[0]:.0f}"
    english = f"How shares of {table['topic'].nunique()} topics differ by what is known of {who} articles ({many} witnesses): {len(told)} of {len(table)} "
    english += f"contrasts are beyond chance{every}{', with one sign' * bool(every)} ({here}BH-adjusted p < .05, whole witnesses)."
    chinese = f"{table['topic'].nunique()}个主题的占比随{who}篇文章（{many}个独立来源）已知信息的差异：{len(table)}个对比中有{len(told)}个"
    chinese += f"{zh_every}超出随机水平{'且符号一致' * bool(zh_every)}（{zh_here}BH 校正 p < .05，以独立来源为单位）。"
    parts, zh_parts = [], []
    largest = told["estimate"].abs().sort_values(ascending=False, kind="stable").index[:4]
    for row in told.loc[largest].itertuples():
        estimate, low, high = map(_points, (row.estimate, row.low, row.high))
        parts.append(f"{row.topic} ({row.en}), {_contrast(row, 'en')}: {estimate} [{low}, {high}]")
        zh_parts.append(f"{row.topic}（{row.zh}），{_contrast(row, 'zh')}：{estimate}［{low}，{high}］")
    if parts:
        english += f" The largest, in points: {'; '.join(parts)}."
        chinese += f"最大的（百分点）：{'；'.join(zh_parts)}。"
    return english, chinese


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def _contrast(row: Any, language: str) -> str:
    """Return what is set against what: a level against the reference, one more of a number, two values of a curve."""
    if not row.reference:
        return f"{row.term} +1"
    between = "相对" if language == "zh" else " against "
    return between.join(label(level, language) for level in (row.level, row.reference))


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a panel a topic, a row a contrast: dot and interval, filled where beyond chance; a thin line over seeds; a line at no difference."""
    table = needs(table, "effect_sizes", WORDS, [*GIVEN[4:], *by_group.RUNS])
    table = table.assign(clear=clear(table))
    many, tone, rows = table["topic"].nunique(), hue(page), table.drop_duplicates(["term", "level"])
    place = {(row.term, row.level): number for number, row in enumerate(rows.itertuples())}
    names = [_contrast(row, language) for row in rows.itertuples()]
    for across in range(min(by_group.ACROSS[page], many), 0, -1):
        down = -(-many // across)
        high = down * (1.45 * len(place) + 4.2) + 5
        size = fitting(high, page)
        panel = (paper(page).wide - widest(names, size * 0.95) - 1.5 * size) / across - 1.6 * size
        if panel > text_width("T10 −20% +20%", size):
            break
    with preset(page, size) as wide:
        figure, axes = panels((wide, high * size / 72), many, down, across, sharex=True, sharey=True)
        above = heads(table, panel, size, language, 3)
        for one, part in a_panel_each(table, axes, above, across, size):
            lined(one)
            one.axvline(0, color=SOFT, linewidth=0.7)
            for row in part.itertuples():
                at = place[row.term, row.level]
                one.hlines(at + 0.3, row.run_low, row.run_high, color=INK, linewidth=0.6)
                one.hlines(at, row.low, row.high, color=tone, linewidth=1.6, alpha=0.7)
                look: dict[str, Any] = {"facecolor": tone if row.clear else "white", "edgecolor": tone}
                one.scatter(row.estimate, at, s=(0.45 * size) ** 2, linewidth=0.8, zorder=3, **look)
            as_rows(one, names)
        reach = 1.05 * float(np.nanmax(np.abs(table[["estimate", "low", "high"]].to_numpy())))
        axes[0].set_xlim(-reach, reach)
        axes[0].xaxis.set_major_formatter(
            lambda x, _: _points(x).removesuffix(".0") if abs(x) > 1e-9 else "0"
        )
        axes[0].locator_params(axis="x", nbins=3 if across > 2 else 5)
        figure.supxlabel(label("effect", language), fontsize=size)
        write_legends(figure, legend(_explained(table, size, tone, language), size, page))
    return figure


def _explained(table: pd.DataFrame, size: float, tone: str, language: str) -> dict[str, Any]:
    """Return what dots and lines are."""
    several = by_group.several_runs(table)
    far = "beyond chance in every run, one sign" if several else "effect beyond chance"
    near = "not in every run" if several else "effect within chance"
    dot: dict[str, Any] = {"marker": "o", "markersize": 0.55 * size}
    shown = {far: line(tone, 1.6, **dot), near: line(tone, 1.6, markerfacecolor="white", **dot)}
    if table["run_low"].notna().any():
        shown["other seeds"] = line()
    return {label(key, language): one for key, one in shown.items()}


effect_sizes = Figure(table, draw, says, at_hand)
