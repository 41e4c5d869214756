"""Passages by their length: what the topics are fitted on."""

from typing import Any

import pandas as pd

from nqp_topics.figures.captions import label
from nqp_topics.figures.page import Drawing, needs, panels, preset
from nqp_topics.figures.shown import Figure
from nqp_topics.figures.styles import hue


def table(passages: pd.DataFrame, step: int = 50) -> pd.DataFrame:
    """Count passages by length: one row a class of `step` Chinese characters. Columns: above, upto (included), passages."""
    low = (passages["han"] - 1).clip(lower=0) // step * step
    counted = low.value_counts()
    rows = [(at, at + step, int(counted.get(at, 0))) for at in range(0, int(low.max()) + step, step)]
    return pd.DataFrame(rows, columns=["above", "upto", "passages"])


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say how many passages there are, and in which classes the middle one, the middle half and the longest stand."""
    total, reached = int(table["passages"].sum()), table["passages"].cumsum()
    first, middle, last = (table[reached >= part * total].iloc[0] for part in (0.25, 0.5, 0.75))
    ends = (first, last), (middle, middle)
    half, median = ((f"{low['above'] + 1:,}", f"{high['upto']:,}") for low, high in ends)
    most = f"{table.loc[table['passages'] > 0, 'upto'].max():,}"
    return (
        f"{total:,} passages by length: the middle half of them lies within {half[0]} to {half[1]} Chinese characters, the median within "
        f"{median[0]} to {median[1]}; none is longer than {most}.",
        f"{total:,}个段落按长度分布：居中的一半在{half[0]}至{half[1]}个汉字之间，中位数在{median[0]}至{median[1]}之间；最长不超过{most}字。",
    )


def draw(table: pd.DataFrame, language: str = "en", page: str = "single") -> Drawing:
    """Draw passages by number of Chinese characters, a bar a class."""
    table = needs(table, "lengths", (), ("above", "upto", "passages"))
    look: dict[str, Any] = {"align": "edge", "color": hue(page), "edgecolor": "white", "linewidth": 0.4}
    with preset(page) as wide:
        figure, (axes,) = panels((wide, wide * 0.5), 1)
        axes.bar(table["above"], table["passages"], width=table["upto"] - table["above"], **look)
        axes.set_xlabel(label("passage length", language))
        axes.set_ylabel(label("passages", language))
        axes.set_xlim(0)
    return figure


lengths = Figure(table, draw, says)
