"""Groups: the share of every topic in each, and how far they are apart; with what other seeds and chance would give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from nqp_topics.compare import kernels
from nqp_topics.compare.groups import FEW, ONE_ARTICLE, Grouped
from nqp_topics.figures.captions import label
from nqp_topics.figures.labelled import chosen, extremes, group_order, has, topic_labels
from nqp_topics.study import Problem, refuse_if

LEAST = 4  # effective witnesses of a group that a sentence may call first or last
RUNS = ["run_low", "run_high", "run_p", "run_bh"]
TESTS = ["p", "bh", "run_p", "run_bh", "not_found", "runs"]


def group_shares(
    shares_by_group: pd.DataFrame,
    over_seeds: pd.DataFrame | None = None,
    tests: pd.DataFrame | None = None,
    labels: pd.DataFrame | None = None,
    only: Iterable[str] | None = None,
    voices: Grouped | None = None,
    differences: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Gather the shares of groups for drawing: one row a topic and group, topics in the model's order, groups from most articles to fewest.

    Columns: topic, en, zh (its label, of the table of `name.labels_of`), group, articles, witnesses (effective number), tested (whether the group
    has enough of them), share, low, high (over witnesses; none in a group that is not tested), run_low, run_high (over seeds), p, bh (of the topic: whether groups differ in it at
    all), run_p, run_bh (the largest of all runs), not_found (in how many of the other `runs` the topic is not), detectable (the smallest
    difference between any two groups that would be found in four of five cases), extreme ("most": the largest share of all groups of at least
    four witnesses, whichever article is left out). `shares_by_group` is the table of `compare.group_shares`, `over_seeds` the same out of
    `compare.over_runs(…, "share", ["group", "topic"])`, `tests` that of `compare.overall` or the same out of `over_runs`, `voices` that of
    `compare.grouped`, `differences` that of `compare.differences`; without one of these its columns are empty. `only` keeps some topics.
    Refused: tables of another run, a topic that does not exist.
    """
    where = "explore.group_shares"
    columns = ["group", "topic", "share", "low", "high", "articles", "witnesses", "note"]
    has(shares_by_group, columns, f"{where}(shares_by_group)", "give the table of compare.group_shares")
    names = list(dict.fromkeys(map(str, shares_by_group["topic"])))
    topics = chosen(names, only, where)
    called = topic_labels(names, labels, where)
    sizes = {str(name): int(n) for name, n in shares_by_group.groupby("group")["articles"].first().items()}
    groups = group_order(sizes)
    table = shares_by_group[columns].astype({"group": str, "topic": str})
    table = _with_runs(table, over_seeds, ["group", "topic"], "share", where)
    table["tested"] = _enough(table["note"])
    table.loc[~table["tested"], ["low", "high"]] = np.nan
    table = table.set_index(["topic", "group"]).loc[pd.MultiIndex.from_product([topics, groups])]
    table = table.rename_axis(["topic", "group"]).reset_index()
    table = _with_tests(table, tests, where)
    smallest = pd.Series(dtype=float)
    if differences is not None:
        todo = "give the table of compare.differences"
        has(differences, ("topic", "detectable"), f"{where}(differences)", todo)
        smallest = (
            differences.assign(topic=differences["topic"].astype(str)).groupby("topic")["detectable"].min()
        )
    table["detectable"] = table["topic"].map(smallest).astype(float)
    table["extreme"] = ""
    if voices is not None:
        means = _without_each(voices)
        at = {name: place for place, name in enumerate(voices.sizes["group"])}
        column = {str(name): place for place, name in enumerate(voices.shares.columns)}
        _same_groups(where, set(groups) - set(at), set(topics) - set(column))
        cells = means[:, table["group"].map(at), table["topic"].map(column)]
        _same_shares(where, cells[0], table["share"].to_numpy())
        found = extremes(cells, (table["witnesses"] >= LEAST).to_numpy())
        table["extreme"] = [word if word == "most" else "" for word in found]
    table["en"] = [called[topic][0] for topic in table["topic"]]
    table["zh"] = [called[topic][1] for topic in table["topic"]]
    first = ["topic", "en", "zh", "group", "articles", "witnesses", "tested", "share", "low", "high"]
    return table[[*first, "run_low", "run_high", *TESTS, "detectable", "extreme"]]


def group_shares_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of shares by group shows."""
    topics = table.drop_duplicates("topic")
    english = f"The mean share of {len(topics)} topics in {table['group'].nunique()} groups of articles."
    chinese = f"{len(topics)}个主题在{table['group'].nunique()}组文章中的平均占比。"
    told = topics[_worst(topics, "bh") < 0.05]
    if topics["bh"].notna().any():
        names = ", ".join(f"{row.topic} ({row.en})" for row in told.itertuples())
        zh_names = "、".join(f"{row.topic}（{row.zh}）" for row in told.itertuples())
        every, zh_every = _every(topics)
        english += f" Groups differ in {len(told)} of them beyond chance{every} (BH-adjusted p < .05"
        english += ", whole witnesses shuffled)" + (f": {names}." if len(told) else ".")
        chinese += f"{zh_every}{len(told)}个主题的组间差异超出随机水平（整体打乱独立来源，BH 校正 p < .05）"
        chinese += f"：{zh_names}。" if len(told) else "。"
        other = topics[~topics["topic"].isin(told["topic"])]
        said = _unseen(other["detectable"], len(topics) == len(other))
        english, chinese = english + said[0], chinese + said[1]
    said = _untested(table)
    english, chinese = english + said[0], chinese + said[1]
    lost = topics[topics["not_found"] > 0]
    if len(lost):
        runs = int(lost["runs"].iloc[0])
        times = [f"{row.topic} ({row.not_found:.0f})" for row in lost.itertuples()]
        english += (
            f" Not found in so many of {runs} other runs: {', '.join(times)}; thin lines are of the rest."
        )
        chinese += f"在其余{runs}次运行中未找到的次数：{'、'.join(times)}；细线只取找到该主题的运行。"
    for row in table[table["extreme"] == "most"].itertuples():
        english += (
            f" Of groups of at least four witnesses, the largest mean share is that of {row.topic} with "
            f"{label(row.group, 'en')}, {row.share:.0%}, whichever article is left out."
        )
        chinese += (
            f"在至少有四个独立来源的组中，平均占比最高的是{label(row.group, 'zh')}中的{row.topic}，{row.share:.0%}，"
            "去掉任何一篇文章仍是如此。"
        )
    return english, chinese


def group_distances(
    pairs: pd.DataFrame, over_seeds: pd.DataFrame | None = None, voices: Grouped | None = None
) -> pd.DataFrame:
    """Gather the distances of groups for drawing: one row a pair, the farthest first.

    Columns: group, other, distance, low, high, unbiased, chance, run_low, run_high (over seeds; empty without `over_seeds`), p, bh, run_p, run_bh
    (the largest of all runs), articles, other_articles, witnesses, other_witnesses (effective numbers), note, extreme ("most" or "least": of
    all pairs of groups of at least four witnesses, whichever article is left out; empty without `voices`), place (row, from 1). `pairs` is the
    table of `compare.group_distances`, `over_seeds` the same out of `compare.over_runs(…, "distance", ["group", "other"])`, `voices` that of
    `compare.grouped`. Refused: tables of another run.
    """
    where = "explore.group_distances"
    columns = [
        "group", "other", "distance", "low", "high", "unbiased", "chance", "p", "bh", "articles", "other_articles",
        "witnesses", "other_witnesses", "note",
    ]  # fmt: skip
    has(pairs, columns, f"{where}(pairs)", "give the table of compare.group_distances")
    table = _with_runs(
        pairs[columns].astype({"group": str, "other": str}), over_seeds, ["group", "other"], "distance", where
    )
    table["extreme"] = ""
    if voices is not None:
        means = _without_each(voices)
        at = {name: place for place, name in enumerate(voices.sizes["group"])}
        _same_groups(where, {*table["group"], *table["other"]} - set(at), set())
        cells = np.empty((len(means), len(table)))
        for number, (one, other) in enumerate(
            zip(table["group"].map(at), table["other"].map(at), strict=True)
        ):
            apart = np.empty(len(means))
            kernels.between_rows(*(np.ascontiguousarray(means[:, place]) for place in (one, other)), apart)
            cells[:, number] = apart
        _same_shares(where, cells[0], table["distance"].to_numpy())
        may = table[["witnesses", "other_witnesses"]].min(axis=1) >= LEAST
        table = table.assign(extreme=extremes(cells, may.to_numpy()))
    table = table.sort_values(
        ["distance", "group", "other"], ascending=[False, True, True], ignore_index=True
    ).assign(place=range(1, len(table) + 1))
    first = [*columns[: columns.index("p")], "run_low", "run_high", "p", "bh", "run_p", "run_bh"]
    return table[[*first, *columns[columns.index("articles") :], "extreme", "place"]]


def group_distances_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of distances between groups shows."""
    tested = table[table["p"].notna()]
    alone = table[table["p"].isna()]
    english = f"{len(table)} pairs of groups by the distance of their topics."
    chinese = f"{len(table)}对文章组按主题距离排列。"
    if len(tested):
        apart = int((_worst(tested, "bh") < 0.05).sum())
        every, zh_every = _every(tested)
        english += (
            f" {apart} of {len(tested)} pairs tested are farther apart than chance{every} "
            "(BH-adjusted p < .05, whole witnesses shuffled)."
        )
        chinese += f"检验的{len(tested)}对中，{zh_every}{apart}对的距离超出随机水平（整体打乱独立来源，BH 校正 p < .05）。"
    words = {"most": ("Farthest apart", "相距最远"), "least": ("Nearest", "相距最近")}
    for row in table[table["extreme"] != ""].itertuples():
        en, zh = words[row.extreme]
        english += f" {en} of groups of at least four witnesses, whichever article is left out, are {label(row.group, 'en')}"
        english += f" and {label(row.other, 'en')} ({row.distance:.2f})."
        chinese += f"在至少有四个独立来源的组中，去掉任何一篇文章，{zh}的都是{label(row.group, 'zh')}与{label(row.other, 'zh')}"
        chinese += f"（{row.distance:.2f}）。"
    if len(alone):
        english += f" {len(alone)} pairs hold a group of too few witnesses and are not tested."
        chinese += f"{len(alone)}对含独立来源过少的组，未检验。"
    return english, chinese


def _enough(note: pd.Series) -> pd.Series:
    return ~note.fillna("").astype(str).str.startswith((ONE_ARTICLE, FEW))


def _worst(table: pd.DataFrame, name: str) -> pd.Series:
    """Return p of the run, or the largest of all runs where there are several."""
    return table[f"run_{name}"].fillna(table[name])


def _every(table: pd.DataFrame) -> tuple[str, str]:
    """Say whether a number counts every run, and how many hold in the reported one."""
    if not table["run_bh"].notna().any():
        return "", "其中"
    here = int((table["bh"] < 0.05).sum())
    return f" in every run ({here} in the one that is shown)", f"在每次运行中都（所示运行中为{here}）有"


def _unseen(detectable: pd.Series, whole: bool) -> tuple[str, str]:
    """Say how large a difference would have had to be to be found, where none was."""
    known = detectable.dropna()
    if not len(known):
        return "", ""
    low, high = f"{100 * known.min():.0f}", f"{100 * known.max():.0f}"
    size, zh_size = (low, low) if low == high else (f"{low} to {high}", f"{low}至{high}")
    of, zh_of = ("In them", "这些主题") if whole else ("In the others", "其余主题")
    return (
        f" {of} two groups would have to differ by {size} points, by topic, for that to be found in four of five cases.",
        f"{zh_of}中，两组之差须达{zh_size}个百分点（因主题而异），才会在五次中有四次被发现。",
    )


def _untested(table: pd.DataFrame) -> tuple[str, str]:
    few = table[~table["tested"]].drop_duplicates("group")
    if not len(few):
        return "", ""
    one = (few["articles"] < 2).all()
    what, zh_what = (
        ("one article", "只有一篇文章") if one else ("fewer than three witnesses", "独立来源不足三个")
    )
    many, are = (f"{len(few)} groups", "are") if len(few) > 1 else ("1 group", "is")
    return f" {many} of {what} {are} shown and not tested.", f"{len(few)}组{zh_what}，仅展示，未检验。"


def _without_each(voices: Grouped) -> np.ndarray:
    """Return the mean shares of groups, as they are and then with each article left out: tables × groups × topics."""
    shares, weights = voices.shares.to_numpy(dtype=np.float64), voices.weights.to_numpy(dtype=np.float64)
    names = list(voices.sizes["group"])
    codes = np.array([names.index(name) for name in voices.of])
    parts = shares * weights[:, None]
    sums, mass = np.zeros((len(names), shares.shape[1])), np.bincount(codes, weights)
    np.add.at(sums, codes, parts)
    means = np.repeat((sums / mass[:, None])[None], 1 + len(codes), axis=0)
    left = np.where(np.bincount(codes)[codes] > 1, mass[codes] - weights, np.nan)
    means[1 + np.arange(len(codes)), codes] = (sums[codes] - parts) / left[:, None]
    return means


def _same_groups(where: str, groups: set[str], topics: set[str]) -> None:
    refuse_if(
        Problem(
            f"{where}(voices)",
            f"without {name}",
            "the groups and topics of the other table",
            "take both from the same run",
        )
        for name in sorted(groups | topics)[:10]
    )


def _same_shares(where: str, here: np.ndarray, there: np.ndarray) -> None:
    if not np.allclose(here, there, rtol=1e-7, atol=1e-9):
        at = int(np.abs(here - there).argmax())
        came = f"{here[at]:.4g} where the other table has {there[at]:.4g}"
        refuse_if([Problem(f"{where}(voices)", came, "the same numbers", "take both from the same run")])


def _with_tests(table: pd.DataFrame, tests: pd.DataFrame | None, where: str) -> pd.DataFrame:
    """Put the test of every topic beside it. Refused: tests of other topics."""
    if tests is None:
        return table.assign(**dict.fromkeys(TESTS, np.nan))
    has(tests, ("topic", "p", "bh"), f"{where}(tests)", "give the table of compare.overall")
    by_topic = tests.assign(topic=tests["topic"].astype(str)).set_index("topic")
    refuse_if(
        Problem(f"{where}(tests)", f"no row for {topic}", "a row a topic", "test the same run")
        for topic in table["topic"].unique()
        if topic not in by_topic.index
    )
    return table.assign(
        **{name: table["topic"].map(by_topic[name]) if name in by_topic else np.nan for name in TESTS}
    )


def _with_runs(
    table: pd.DataFrame, over_seeds: pd.DataFrame | None, keys: Sequence[str], value: str, where: str
) -> pd.DataFrame:
    """Put run_low and run_high, run_p and run_bh beside a finding, by its keys. Refused: the finding of another run."""
    if over_seeds is None:
        return table.assign(**dict.fromkeys(RUNS, np.nan))
    todo = f'compare.over_runs(…, "{value}", {list(keys)!r}) makes it'
    has(over_seeds, [*keys, value, "run_low", "run_high"], f"{where}(over_seeds)", todo)
    runs = over_seeds.astype(dict.fromkeys(keys, str)).set_index(list(keys))
    runs = runs.reindex(columns=[value, *RUNS]).reindex(pd.MultiIndex.from_frame(table[list(keys)]))
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
    return table.assign(**{name: runs[name].to_numpy() for name in RUNS})
