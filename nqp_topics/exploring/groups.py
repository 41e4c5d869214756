"""Groups: the share of every topic in each, and how far they are apart; with what other seeds and chance would give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from nqp_topics.captions import label
from nqp_topics.exploring.labelled import chosen, group_order, has, topic_labels
from nqp_topics.study import Problem, refuse_if


def group_shares(
    shares_by_group: pd.DataFrame,
    over_seeds: pd.DataFrame | None = None,
    tests: pd.DataFrame | None = None,
    labels: pd.DataFrame | None = None,
    only: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Gather the shares of groups for drawing: one row a topic and group, topics in the model's order, groups from most articles to fewest.

    Columns: topic, en, zh (its label, of the table of `name.labels_of`), group, articles, share, low, high (over articles; none in a group of one),
    run_low, run_high (over seeds), p, bh (of the topic: whether groups differ in it at all). `shares_by_group` is the table of
    `compare.group_shares`, `over_seeds` the same out of `compare.over_runs(…, "share", ["group", "topic"])`, `tests` that of `compare.overall`; without
    one of these its columns are empty. `only` keeps some topics. Refused: tables of another run, a topic that does not exist.
    """
    where = "explore.group_shares"
    columns = ("group", "topic", "share", "low", "high", "articles")
    has(shares_by_group, columns, f"{where}(shares_by_group)", "give the table of compare.group_shares")
    names = list(dict.fromkeys(map(str, shares_by_group["topic"])))
    topics = chosen(names, only, where)
    called = topic_labels(names, labels, where)
    sizes = {str(name): int(n) for name, n in shares_by_group.groupby("group")["articles"].first().items()}
    groups = group_order(sizes)
    table = shares_by_group[list(columns)].astype({"group": str, "topic": str})
    table = _with_runs(table, over_seeds, ["group", "topic"], "share", where)
    table["p"], table["bh"] = np.nan, np.nan
    if tests is not None:
        has(tests, ("topic", "p", "bh"), f"{where}(tests)", "give the table of compare.overall")
        by_topic = tests.assign(topic=tests["topic"].astype(str)).set_index("topic")
        refuse_if(
            Problem(f"{where}(tests)", f"no row for {topic}", "a row a topic", "test the same run")
            for topic in topics
            if topic not in by_topic.index
        )
        table["p"], table["bh"] = table["topic"].map(by_topic["p"]), table["topic"].map(by_topic["bh"])
    table = table.set_index(["topic", "group"]).loc[pd.MultiIndex.from_product([topics, groups])]
    table = table.rename_axis(["topic", "group"]).reset_index()
    table["en"] = [called[topic][0] for topic in table["topic"]]
    table["zh"] = [called[topic][1] for topic in table["topic"]]
    order = [
        "topic",
        "en",
        "zh",
        "group",
        "articles",
        "share",
        "low",
        "high",
        "run_low",
        "run_high",
        "p",
        "bh",
    ]
    return table[order]


def group_shares_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of shares by group shows."""
    tests = table.drop_duplicates("topic")
    told = tests[tests["bh"] < 0.05]
    most = table.loc[table["share"].idxmax()]
    several = table[table["articles"] > 1]
    most = several.loc[several["share"].idxmax()] if len(several) else most
    many, groups = len(tests), table["group"].nunique()
    english = f"The mean share of {many} topics in {groups} groups of articles."
    chinese = f"{many}个主题在{groups}组文章中的平均占比。"
    if tests["bh"].notna().any():
        names = ", ".join(f"{row.topic} ({row.en})" for row in told.itertuples())
        zh_names = "、".join(f"{row.topic}（{row.zh}）" for row in told.itertuples())
        english += f" Groups differ in {len(told)} of them beyond chance (BH-adjusted p < .05)"
        english += f": {names}." if len(told) else "."
        chinese += f"其中{len(told)}个主题的组间差异超出随机水平（BH 校正 p < .05）"
        chinese += f"：{zh_names}。" if len(told) else "。"
    english += f" The largest mean share is that of {most['topic']} with {label(most['group'], 'en')}, {most['share']:.0%}."
    chinese += f"平均占比最高的是{label(most['group'], 'zh')}中的{most['topic']}，{most['share']:.0%}。"
    return english, chinese


def group_distances(pairs: pd.DataFrame, over_seeds: pd.DataFrame | None = None) -> pd.DataFrame:
    """Gather the distances of groups for drawing: one row a pair, the farthest first.

    Columns: group, other, distance, low, high, unbiased, chance, run_low, run_high (over seeds; empty without `over_seeds`), p, bh, articles,
    other_articles, note, place (row, from 1). `pairs` is the table of `compare.group_distances`, `over_seeds` the same out of
    `compare.over_runs(…, "distance", ["group", "other"])`. Refused: tables of another run.
    """
    where = "explore.group_distances"
    columns = [
        "group", "other", "distance", "low", "high", "unbiased", "chance", "p", "bh", "articles", "other_articles", "note",
    ]  # fmt: skip
    has(pairs, columns, f"{where}(pairs)", "give the table of compare.group_distances")
    table = _with_runs(
        pairs[columns].astype({"group": str, "other": str}), over_seeds, ["group", "other"], "distance", where
    )
    table = table.sort_values(
        ["distance", "group", "other"], ascending=[False, True, True], ignore_index=True
    ).assign(place=range(1, len(table) + 1))
    at = columns.index("chance") + 1
    return table[[*columns[:at], "run_low", "run_high", *columns[at:], "place"]]


def group_distances_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of distances between groups shows."""
    tested = table[table["p"].notna()]
    alone = len(table) - len(tested)
    english = f"{len(table)} pairs of groups by the distance of their topics."
    chinese = f"{len(table)}对文章组按主题距离排列。"
    if len(tested):
        far, near = tested.loc[tested["distance"].idxmax()], tested.loc[tested["distance"].idxmin()]
        apart = int((tested["bh"] < 0.05).sum())
        far_en, near_en = (f"{label(x['group'], 'en')} and {label(x['other'], 'en')}" for x in (far, near))
        far_zh, near_zh = (f"{label(x['group'], 'zh')}与{label(x['other'], 'zh')}" for x in (far, near))
        english += (
            f" Farthest apart are {far_en} ({far['distance']:.2f}), nearest {near_en} "
            f"({near['distance']:.2f}); {apart} of {len(tested)} pairs tested are farther apart than chance (BH-adjusted p < .05)."
        )
        chinese += (
            f"最远的是{far_zh}（{far['distance']:.2f}），最近的是{near_zh}（{near['distance']:.2f}）；"
            f"检验的{len(tested)}对中有{apart}对的距离超出随机水平（BH 校正 p < .05）。"
        )
    if alone:
        english += f" {alone} pairs hold a group of one article and are not tested."
        chinese += f"{alone}对含只有一篇文章的组，未检验。"
    return english, chinese


def _with_runs(
    table: pd.DataFrame, over_seeds: pd.DataFrame | None, keys: Sequence[str], value: str, where: str
) -> pd.DataFrame:
    """Put run_low and run_high beside a finding, by its keys. Refused: the finding of another run."""
    if over_seeds is None:
        return table.assign(run_low=np.nan, run_high=np.nan)
    todo = f'compare.over_runs(…, "{value}", {list(keys)!r}) makes it'
    has(over_seeds, [*keys, value, "run_low", "run_high"], f"{where}(over_seeds)", todo)
    runs = over_seeds.astype(dict.fromkeys(keys, str)).set_index(list(keys))
    runs = runs[[value, "run_low", "run_high"]].reindex(pd.MultiIndex.from_frame(table[list(keys)]))
    differs = ~np.isclose(runs[value].to_numpy(), table[value].to_numpy(), rtol=1e-9, atol=1e-12)
    refuse_if(
        Problem(
            f"{where}(over_seeds) {' '.join(map(str, row[1:3]))}",
            "nothing" if np.isnan(row[3]) else f"{value} {row[3]:.4g}",
            f"{value} {row[4]:.4g}, as in the other table",
            "take both from the same run: it is the reference of over_runs",
        )
        for row in table[list(keys)]
        .assign(run=runs[value].to_numpy(), here=table[value].to_numpy())[differs]
        .head(10)
        .itertuples()
    )
    return table.assign(run_low=runs["run_low"].to_numpy(), run_high=runs["run_high"].to_numpy())
