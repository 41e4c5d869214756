"""Effect sizes: by how much each thing that is known of articles moves the share of every topic."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import columns
from nqp_topics.compare import Effects
from nqp_topics.counts import Counts
from nqp_topics.figures import by_group
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import chosen, topic_labels
from nqp_topics.figures.legends import legend, write_legends
from nqp_topics.figures.letters import broken, fitting, text_width, widest
from nqp_topics.figures.page import FAINT, INK, SOFT, Drawing, hue, needs, panels, paper, preset
from nqp_topics.figures.shown import Figure, reported
from nqp_topics.study import refuse_if

GIVEN = ["topic", "term", "level", "reference", "estimate", "low", "high", "p", "bh", "articles", "witnesses"]
WORDS = ("topic", "en", "zh", "term", "level", "reference")
NUMBERS = [
    "estimate",
    "low",
    "high",
    "p",
    "bh",
    "run_low",
    "run_high",
    "run_p",
    "run_bh",
    "articles",
    "witnesses",
]
KEYS = ["topic", "term", "level"]
ACROSS = {"single": 2, "double": 4, "slide": 6, "journal-zh": 4}


def at_hand(
    found: Any,
    counts: Counts,
    about: pd.DataFrame,
    formula: str,
    witness: pd.Series | None = None,
    labels: pd.DataFrame | None = None,
    only: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Explain the shares of topics by a formula, hold the contrasts against other seeds, and gather them for drawing.

    The steps: `compare.effects_of_shares`, held against other seeds by `compare.over_runs`, and `figures.effect_sizes.table`. What `compare.effects`
    finds (over the sweeps of the run too, which takes longer) is drawn by `figures.effect_sizes.of(figures.effect_sizes.table(found))`.
    """

    def of_run(shares: pd.DataFrame) -> pd.DataFrame:
        return compare.effects_of_shares(shares, about, formula, witness).contrasts

    over = by_group.over_seeds(found, counts, of_run, "estimate", KEYS)
    seen = of_run(reported(found).articles(counts))
    return table(seen, over, labels, only)


def table(
    found: Effects | pd.DataFrame,
    over: pd.DataFrame | None = None,
    labels: pd.DataFrame | None = None,
    only: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Gather contrasts for drawing: one row a topic and contrast, topics in the model's order.

    Columns: topic, en, zh (its label), term, level, reference, estimate, low, high, p, bh, articles, witnesses (as `compare.effects` has them), run_low,
    run_high, run_p, run_bh (over other seeds; empty without `over`). `found`: what `compare.effects` returned, or its contrasts; `over`: the
    contrasts out of `compare.over_runs(…, "estimate", ["topic", "term", "level"])`. `only` keeps some topics.
    """
    where = "figures.effect_sizes.table"
    contrasts = found.contrasts if isinstance(found, Effects) else found
    refuse_if(columns(f"{where}(found)", contrasts, GIVEN, "give what compare.effects returns"))
    names = list(dict.fromkeys(map(str, contrasts["topic"])))
    topics, called = chosen(names, only, where), topic_labels(names, labels, where)
    rows = contrasts[GIVEN].astype(dict.fromkeys(("topic", "term", "level", "reference"), str))
    rows = by_group.with_runs(rows, over, KEYS, "estimate", where)
    place = {topic: number for number, topic in enumerate(topics)}
    rows = rows[rows["topic"].isin(place)]
    rows = rows.loc[rows["topic"].map(place).sort_values(kind="stable").index].reset_index(drop=True)
    rows["en"], rows["zh"] = ([called[topic][side] for topic in rows["topic"]] for side in (0, 1))
    return rows[["topic", "en", "zh", *GIVEN[1:], *by_group.RUNS]]


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
    rows = told.loc[told["estimate"].abs().sort_values(ascending=False, kind="stable").index[:4]]
    parts = [
        (
            f"{row.topic} ({row.en}), {_contrast(row, 'en')}: {_points(row.estimate)} [{_points(row.low)}, {_points(row.high)}]",
            f"{row.topic}（{row.zh}），{_contrast(row, 'zh')}：{_points(row.estimate)}［{_points(row.low)}，{_points(row.high)}］",
        )
        for row in rows.itertuples()
    ]
    if parts:
        english += f" The largest, in points: {'; '.join(one for one, _ in parts)}."
        chinese += f"最大的（百分点）：{'；'.join(other for _, other in parts)}。"
    return english, chinese


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def _contrast(row: Any, language: str) -> str:
    """Return what is set against what: a level against the reference, one more of a number, two values of a curve."""
    if not row.reference:
        return f"{row.term} +1"
    level, reference = label(row.level, language), label(row.reference, language)
    between = "相对" if language == "zh" else " against "
    return f"{level}{between}{reference}"


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a panel a topic, a row a contrast: dot and interval, filled where beyond chance; a thin line over seeds; a line at no difference."""
    table = needs(table, "effect_sizes", WORDS, NUMBERS)
    table = table.assign(clear=clear(table))
    runs = bool(by_group.of_runs(table, "bh").notna().any())
    topics = list(dict.fromkeys(table["topic"]))
    rows = table.drop_duplicates(["term", "level"])
    place = {(row.term, row.level): number for number, row in enumerate(rows.itertuples())}
    names = [_contrast(row, language) for row in rows.itertuples()]
    for across in range(min(ACROSS[page], len(topics)), 0, -1):
        down = -(-len(topics) // across)
        size = fitting(down * (1.45 * len(place) + 4.2) + 5, page)
        letters = widest(names, size * 0.95)
        panel = (paper(page).width / 25.4 * 72 - letters - 1.5 * size) / across - 1.6 * size
        if panel > text_width("T10 −20% +20%", size):
            break
    with preset(page, size) as wide:
        figure, axes = panels(
            (wide, (down * (1.45 * len(place) + 4.2) + 5) * size / 72),
            len(topics),
            down,
            across,
            sharex=True,
            sharey=True,
        )
        for number, (one, topic) in enumerate(zip(axes, topics, strict=True)):
            part = table[table["topic"] == topic]
            one.grid(axis="x", color=FAINT, linewidth=0.4)
            one.set_axisbelow(True)
            one.axvline(0, color=SOFT, linewidth=0.7)
            for row in part.itertuples():
                at = place[row.term, row.level]
                one.hlines(at + 0.3, row.run_low, row.run_high, color=INK, linewidth=0.6)
                one.hlines(at, row.low, row.high, color=hue(page), linewidth=1.6, alpha=0.7)
                look: dict[str, Any] = {
                    "facecolor": hue(page) if row.clear else "white",
                    "edgecolor": hue(page),
                }
                one.scatter(row.estimate, at, s=(0.45 * size) ** 2, linewidth=0.8, zorder=3, **look)
            name = part["zh" if language == "zh" else "en"].iloc[0]
            one.set_title(
                broken(f"{topic} {name}" if name != topic else topic, panel, size, 3), fontsize=size
            )
            one.tick_params(axis="y", length=0)
            one.spines["left"].set_visible(False)
            one.tick_params(axis="x", labelbottom=number + across >= len(topics), length=2)
        axes[0].set_yticks(range(len(place)), names)
        axes[0].set_ylim(len(place) - 0.4, -0.6)
        reach = 1.05 * float(np.nanmax(np.abs(table[["estimate", "low", "high"]].to_numpy())))
        axes[0].set_xlim(-reach, reach)
        axes[0].xaxis.set_major_formatter(
            lambda share, _: _points(share).removesuffix(".0") if abs(share) > 1e-9 else "0"
        )
        axes[0].locator_params(axis="x", nbins=3 if across > 2 else 5)
        figure.supxlabel(label("effect", language), fontsize=size)
        write_legends(figure, legend(_explained(table, runs, size, page, language), size, page))
    return figure


def _explained(table: pd.DataFrame, runs: bool, size: float, page: str, language: str) -> dict[str, Any]:
    """Return what dots and lines are."""
    from matplotlib.lines import Line2D

    dot: dict[str, Any] = {"marker": "o", "markersize": 0.55 * size, "color": hue(page), "linewidth": 1.6}
    shown: dict[str, Any] = {
        label("beyond chance in every run, one sign" if runs else "effect beyond chance", language): Line2D(
            [], [], **dot
        ),
        label("effect within chance", language): Line2D([], [], **dot, markerfacecolor="white"),
    }
    if table["run_low"].notna().any():
        shown[label("other seeds", language)] = Line2D([], [], color=INK, linewidth=0.6)
    return shown


effect_sizes = Figure(table, draw, says, at_hand)
