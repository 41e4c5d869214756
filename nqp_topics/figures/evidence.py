"""What speaks for which number of topics: the scores of a search, and how far its seeds agree."""

from typing import Any

import pandas as pd

from nqp_topics import choose
from nqp_topics.checks import columns, one_of, refuse_if
from nqp_topics.figures.captions import label
from nqp_topics.figures.legends import area, line
from nqp_topics.figures.page import Axes, Drawing, beside, lined, needs, panels, preset
from nqp_topics.figures.shown import Figure
from nqp_topics.figures.styles import SOFT, hue, paper


def table(grid: pd.DataFrame, stable: choose.Stability) -> pd.DataFrame:
    """Gather what speaks for which number of topics: one row a score and K; columns score, K, mean, lowest, highest, chance,
    chains (of a run of our sampler: one is a quick fit).

    `grid` is the table of `choose.grid`, `stable` what `choose.stability` found for the same numbers. The last score is the overlap of top words
    between seeds (Jaccard: words in common by all words of both; lowest and highest: of two runs), beside what chance would give.
    """
    keys = {about.name: key for key, about in choose.SCORES.items()}
    names = {"top_words": "mean", "chance_top_words": "chance"}
    names |= {"top_words_low": "lowest", "top_words_high": "highest"}
    agreed = stable.models.rename(columns=names).assign(score="agreement")
    scores = choose.spread(grid).replace({"score": keys})
    wanted = ["score", "K", "mean", "lowest", "highest", "chance", "chains"]
    found = pd.concat([scores[wanted[:5]], agreed.reindex(columns=wanted)], ignore_index=True)
    return found.assign(chains=found.groupby("K")["chains"].transform("max"))


def quick(table: pd.DataFrame) -> bool:
    """Tell whether models were fitted quickly, by one chain a seed; a table from before the column was there does not say."""
    return "chains" in table and bool(pd.to_numeric(table["chains"], errors="coerce").max() == 1)


def says(table: pd.DataFrame) -> tuple[str, str]:
    """Say at which number of topics held-out likelihood is highest, and which others are as good. Refused: a table without that score."""
    refuse_if(columns("figures.evidence.says(table)", table, ["K", "score", "mean"]))
    ks, scores = sorted(set(table["K"])), table["score"].unique().tolist()
    found = table.loc[table["mean"].notna(), "score"].unique().tolist()
    todo = "give the table of figures.evidence, of a search that scored held_out"
    refuse_if(one_of("figures.evidence.says(table), score", "held_out", found, todo))
    english = f"{len(scores)} scores over {len(ks)} numbers of topics from {ks[0]} to {ks[-1]}, each with its range over seeds"
    chinese = f"{len(scores)}个指标随主题数（{ks[0]}至{ks[-1]}，共{len(ks)}种）的变化及其在不同种子间的范围"
    if quick(table):
        english += ", fitted quickly, by one chain a seed"
        chinese += "（均为快速拟合，每个种子一条链）"
    rows = table[(table["score"] == "held_out") & table["mean"].notna()]
    best = rows.loc[rows["mean"].idxmax()]
    english += f"; mean held-out likelihood is highest at {best['K']:.0f}"
    chinese += f"；留出似然的均值在{best['K']:.0f}个主题时最高"
    edge = {ks[-1]: ("largest", "最大"), ks[0]: ("smallest", "最小")}.get(best["K"])
    if edge and len(ks) > 1:
        english += f", the {edge[0]} number tried: the peak may lie beyond"
        chinese += f"，而这是所试的{edge[1]}主题数，峰值可能在此之外"
    if near := sorted(rows.loc[(rows["highest"] >= best["lowest"]) & (rows["K"] != best["K"]), "K"]):
        english += f"; its range over seeds meets that of {', '.join(f'{k:.0f}' for k in near)}"
        chinese += f"；其种子间的范围与{'、'.join(f'{k:.0f}' for k in near)}个主题的范围重叠"
    return f"{english}.", f"{chinese}。"


def draw(table: pd.DataFrame, language: str = "en", page: str = "double") -> Drawing:
    """Draw a panel a score over the number of topics: its mean over seeds, its range, and what chance gives."""
    table = needs(table, "evidence", ("score",), ("K", "mean", "lowest", "highest", "chance"))
    scores = table["score"].drop_duplicates().tolist()
    across = min(1 if paper(page).narrow else 2, len(scores))
    down = -(-len(scores) // across)
    tall = min(0.31 if across > 1 else 0.42, 0.94 * paper(page).height / paper(page).width / down)
    dots: dict[str, Any] = {"marker": "o", "markersize": 0.4 * paper(page).letters}
    with preset(page) as wide:
        figure, grid = panels((wide, tall * wide * down), len(scores), down, across, sharex=True)
        for number, (axes, score) in enumerate(zip(grid, scores, strict=True)):
            _panel(axes, table[table["score"] == score], hue(page), label("by chance", language), dots)
            axes.set_title(label(score, language))
            if number + across >= len(scores):
                axes.set_xlabel(label("K", language))
                axes.set_xticks(sorted(set(table["K"])))
                axes.tick_params(labelbottom=True)
        said = [label(key, language) for key in ("mean over seeds", "range over seeds")]
        place: dict[str, Any] = {"loc": "outside upper center", "ncols": 2, "frameon": False}
        shown = [line(hue(page), 1.2, **dots), area(hue(page), 0.18)]
        figure.legend(shown, said, handlelength=1.8, columnspacing=1.6, **place)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, tone: str, by_chance: str, dots: dict[str, Any]) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.fill_between(rows["K"], rows["lowest"], rows["highest"], color=tone, alpha=0.18, linewidth=0)
    axes.plot(rows["K"], rows["mean"], color=tone, linewidth=1.2, **dots)
    if rows["chance"].notna().any():
        axes.plot(rows["K"], rows["chance"], color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
        above: dict[str, Any] = {"across": 0, "up": 4, "va": "baseline", "ha": "right", "color": SOFT}
        beside(axes, by_chance, rows["K"].iloc[-1], rows["chance"].iloc[-1], **above)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    lined(axes, "y", 0.5)


evidence = Figure(table, draw, says)
