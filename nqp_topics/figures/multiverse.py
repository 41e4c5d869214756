"""Whether a finding holds with other choices: its size in every universe, and the choices below."""

from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.checks import one_of, refuse_if
from nqp_topics.figures.captions import label
from nqp_topics.figures.letters import broken, shortened, text_width
from nqp_topics.figures.page import Axes, Drawing, needs, panels, per_cent, preset
from nqp_topics.figures.shown import Figure
from nqp_topics.figures.styles import FAINT, SOFT, hue, paper
from nqp_topics.vary.asking import FOUND, OTHER, holds, moves

SIZE = 8.0  # points of the letters
ROW = 1.25  # lines of a value of a choice
TALL = 11  # lines of the sizes
LEFT = 0.24  # of the width, for what the rows are called


def table(universes: pd.DataFrame, finding: str = "") -> pd.DataFrame:
    """Take one finding (or all of them, as `says` wants them) out of what `vary.run` found, universes from the smallest size to the largest.

    Columns as there, and place: from left to right, of universes that have a size; none for those without one.
    """
    if finding:
        refuse_if(one_of("figures.multiverse(finding)", finding, universes["finding"].unique()))
        universes = universes[universes["finding"] == finding]
    real = universes[~universes["placebo"] & universes["size"].notna()]
    order = real.sort_values(["finding", "size", "universe"], kind="stable")
    place = order.groupby("finding", sort=False).cumcount().reindex(universes.index)
    return universes.assign(place=place).reset_index(drop=True)


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say in how many universes each finding holds, what shuffled groups give, and which choice moves it most."""
    told, zh_told = [], []
    in_chinese = dict(zip(table["finding"], table.get("zh", table["finding"]), strict=True))
    first = moves(table).groupby("finding", sort=False).first()
    for row in holds(table).itertuples():
        chance, zh_chance, moved, zh_moved = "", "", "", ""
        if not np.isnan(row.placebo):
            chance = f"; {row.placebo:.0%} with shuffled groups"
            zh_chance = f"；随机分组时为 {row.placebo:.0%}"
        if row.finding in first.index:
            key, part = first.loc[row.finding, ["choice", "explained"]]
            moved = f" Its size is moved most by the choice of {label(f'choice {key}', 'en')} ({part:.0%} of the variance)."
            zh_moved = f"对效应大小影响最大的选择是{label(f'choice {key}', 'zh')}（占方差的 {part:.0%}）。"
        told.append(
            f"“{row.finding}” is found (same sign, beyond chance) in {row.found} of {row.universes} universes ({row.holds:.0%}{chance}); of those with a size "
            f"{row.same_sign:.0%} have the same sign; the topic is not matched in {row.unmatched}, {row.failed} failed.{moved}"
        )
        zh_told.append(
            f"“{in_chinese[row.finding]}”在 {row.universes} 种选择组合中的 {row.found} 种成立（符号相同且超出随机；{row.holds:.0%}{zh_chance}）；可计算的组合中 {row.same_sign:.0%} 符号相同；"
            f"{row.unmatched} 种找不到该主题，{row.failed} 种失败。{zh_moved}"
        )
    return "\n".join(told), "\n".join(zh_told)


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw the sizes of one finding, which stands above them, with their intervals, from the smallest to the largest, and below them which choices were made."""
    table = needs(table, "multiverse", ("finding", "state"), ("size", "low", "high", "place"))
    rows = table[(table["finding"] == table["finding"].iloc[0]) & ~table["placebo"] & table["place"].notna()]
    rows = rows.sort_values("place")
    choices = table.columns[1 : table.columns.get_loc("finding")]
    names = [name for name in choices if table[name].astype(str).nunique() > 1]
    values = [(name, value) for name in names for value in _values(rows, name)]
    found, other = (int((rows["state"] == state).sum()) for state in (FOUND, OTHER))
    foot = label("universes by size", language).format(many=len(rows), found=found, other=other)
    foot = broken(foot, (0.985 - LEFT) * paper(page).wide, SIZE)
    more = 1.3 * foot.count("\n")
    called = table.get("zh", table["finding"]) if language == "zh" else table["finding"]
    heads = called.iloc[0], label("size in universes", language)
    head = "\n".join(broken(text, 0.97 * paper(page).wide, SIZE, 3) for text in heads)
    above = 2.5 + 1.3 * head.count("\n")
    lines = TALL + ROW * (len(values) + len(names)) + 3.1 + above + more
    with preset(page, SIZE) as wide:
        figure, (axes,) = panels((wide, lines * SIZE / 72), 1)
        width, top = 0.985 - LEFT, (TALL + above) / lines
        axes.set_position((LEFT, 1 - top, width, TALL / lines))
        below = figure.add_axes((LEFT, (2.6 + more) / lines, width, 1 - top - (3.2 + more) / lines))
        at, clear = rows["place"].to_numpy(), (rows["state"] == FOUND).to_numpy()
        thin = max(0.3, min(1.2, 150 / max(1, len(rows))))
        axes.vlines(at, rows["low"], rows["high"], color=np.where(clear, hue(page), FAINT), linewidth=thin)
        axes.scatter(at, rows["size"], s=5, color=np.where(clear, hue(page), SOFT), zorder=3, clip_on=False)
        reported = rows[rows["universe"] == 0]
        ring: dict[str, Any] = {"s": 26, "facecolor": "none", "edgecolor": "black", "linewidth": 0.9}
        axes.scatter(reported["place"], reported["size"], zorder=4, clip_on=False, **ring)
        axes.axhline(0, color=SOFT, linewidth=0.7)
        beyond: dict[str, Any] = {"loc": "left", "x": -LEFT / width, "pad": SIZE * 0.4}
        axes.set_title(head, fontsize=SIZE, linespacing=1.3, ha="left", **beyond)
        axes.yaxis.set_major_formatter(lambda share, _: per_cent(share).removesuffix("%"))
        axes.set_xlim(-1, max(1, len(rows)))
        axes.tick_params(bottom=False, labelbottom=False)
        axes.spines["bottom"].set_visible(False)
        _choices(below, rows, values, language, LEFT * wide * 72 - SIZE)
        below.set_xlabel(foot, loc="right")
    return figure


def _values(rows: pd.DataFrame, name: str) -> list[str]:
    found = list(dict.fromkeys(rows[name].astype(str)))
    if name == "leave_out":
        return ["*"] if any(found) else []
    numbers = {one: float(one) if one.replace(".", "", 1).isdigit() else np.inf for one in found}
    return sorted(found, key=lambda one: (numbers[one], one))


def _choices(
    axes: Axes, rows: pd.DataFrame, values: list[tuple[str, str]], language: str, room: float
) -> None:
    """Draw a row a value of a choice, with a tick at every universe that has it."""
    place, last, ticks, titles = 0.0, "", [], []
    for name, value in values:
        place += ROW * 0.6 if last and name != last else 0.0
        last, cells = name, rows[name].astype(str)
        here = rows[(cells != "") if value == "*" else (cells == value)]
        colours = np.where(here["state"] == FOUND, "black", FAINT)
        axes.vlines(here["place"], place - 0.42, place + 0.42, color=colours, linewidth=0.7)
        ticks.append(place)
        shown = label("one left out", language) if value == "*" else value or label("none", language)
        if name == "max_df" and float(value) <= 1:
            shown = per_cent(float(value))
        called = label(f"choice {name}", language)
        if text_width(f"{called} {shown}", SIZE) > room:  # what was chosen stays whole before its name does
            shown = shortened(shown, max(0.6 * room, room - text_width(f"{called} ", SIZE)), SIZE)
            called = shortened(called, room - text_width(f" {shown}", SIZE), SIZE)
        titles.append(f"{called} {shown}")
        place += ROW
    axes.set_yticks(ticks, titles)
    axes.set_ylim(place, -1)
    axes.set_xlim(-1, max(1, len(rows)))
    axes.tick_params(left=False, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)


multiverse = Figure(table, draw, says)
