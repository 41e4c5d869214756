"""Borne out: what a methods section says of reliability, validity, comparison, and of what others can do again."""

from typing import Any

import pandas as pd

from nqp_topics.figures.captions import label
from nqp_topics.figures.effect_sizes import clear as one_sign
from nqp_topics.files.tables import read_table
from nqp_topics.naming import given
from nqp_topics.naming.labels import unseen
from nqp_topics.reproduce.facts import ANSWERED, Facts, Item, Said, missing, needless
from nqp_topics.reproduce.notebooks import has_dates
from nqp_topics.reproduce.prepared import groups, own
from nqp_topics.vary.asking import holds
from nqp_topics.vary.findings import findings

# of a finding: its kind, and whether the reported run suggested it
KINDS = {
    ("confirmatory", False): (" (confirmatory)", "（验证性）"),
    ("exploratory", False): (" (exploratory)", "（探索性）"),
    ("exploratory", True): (
        " (exploratory, suggested by the reported run)",
        "（探索性，由所报告的运行得出）",
    ),
    ("", False): ("", ""),
}


def stable(facts: Facts) -> Said:
    """Say how far other seeds find the same topics."""
    found = facts.table("stability")
    if found is None:
        return missing(facts.todo("3-choose"))
    weak = ", ".join(found.loc[found["top_words"] < 0.5, "topic"])
    seen = found["top_words"].min(), found["top_words"].max(), found["chance_top_words"].mean()
    many = (len(facts.study.run_seeds) - 1, *(f"{one:.2f}" for one in seen))
    return Said(
        "The top words of topics overlap with those of {} runs with other seeds (mean Jaccard coefficient) from {} to {}; by chance {}.".format(
            *many
        )
        + (f" Below one half: {weak}." if weak else ""),
        "各主题的主题词与另外 {} 次不同种子运行的重合度（Jaccard 系数均值）为 {} 至 {}，随机水平为 {}。".format(
            *many
        )
        + (f"低于二分之一的：{weak}。" if weak else ""),
    )


def agreed(facts: Facts) -> Said:
    """Say how far the chains of the run agree."""
    found = facts.run.topic_agreement
    if found is None:
        return needless("The run is one chain.", "该次运行只有一条链。")
    many = f"{found.min():.2f}", f"{found.max():.2f}"
    return Said(
        "Single chains agree with the run about which passages a topic holds from {} to {} by topic (mean Dice coefficient; 1: entirely).".format(
            *many
        ),
        "各链与最终结果在主题所含段落上的一致程度，各主题为 {} 至 {}（Dice 系数均值，1 为完全一致）。".format(
            *many
        ),
    )


def varied(facts: Facts) -> Said:
    """Say which other choices were tried, and in how many of their combinations each registered finding holds."""
    if not facts.study.varied:
        return needless("The study names no other choices to try.", "研究没有列出须另行尝试的选择。")
    found = facts.table("multiverse")
    if found is None:
        return missing("nqp-topics vary")
    en, zh = (_choices(facts.study.varied, side) for side in ("en", "zh"))
    registered, each, zh_each = {one.name: one for one in findings(facts.study)}, [], []
    for row in holds(found.assign(size=_numbers(found, "size")["size"])).itertuples():
        one = registered.get(row.finding)
        kind, zh_kind = KINDS[one.kind if one else "", bool(one and one.from_run)]
        chance, zh_chance = "", ""
        if row.placebo == row.placebo:  # not where nothing was shuffled
            chance, zh_chance = (
                f", with shuffled groups in {row.placebo:.0%}",
                f"，随机分组时为 {row.placebo:.0%}",
            )
        each.append(
            f"“{row.finding}”{kind} holds in {row.found} of {row.universes} combinations ({row.holds:.0%}{chance}); {row.unmatched} lack its topic, {row.failed} fits failed"
        )
        zh_each.append(
            f"“{row.finding}”{zh_kind}在 {row.universes} 种组合中的 {row.found} 种成立（{row.holds:.0%}{zh_chance}），{row.unmatched} 种找不到该主题，{row.failed} 种拟合失败"
        )
    return Said(
        f"Registered findings (findings.toml) were asked again under other choices ({en}): {'; '.join(each)}.",
        f"登记的结论（findings.toml）在其他选择（{zh}）下重新检验：{'；'.join(zh_each)}。",
    )


def _choices(varied: dict[str, list[Any]], side: str) -> str:
    """Tell which settings were varied, and to what."""
    told = []
    for name, values in varied.items():
        if name == "leave_out":
            told.append("逐一略去独立来源" if side == "zh" else "each witness left out in turn")
        else:
            shown = ("、" if side == "zh" else ", ").join(str(one) or label("none", side) for one in values)
            told.append(f"{label(f'choice {name}', side)} {shown}")
    return ("；" if side == "zh" else "; ").join(told)


def labels(facts: Facts) -> Said:
    """Say how many topics have a name that a person gave, and how many of these names say that the topic is mixed."""
    rows = given(facts.study)
    mine = rows[(rows["fingerprint"] == facts.run.fingerprint) & ((rows["zh"] != "") | (rows["en"] != ""))]
    if mine.empty:
        return missing("nqp-topics labels")
    who = sorted({one for one in mine["who"] if one})
    many = len(mine), len(facts.run.names)
    mixed = int((mine["en"] + mine["zh"]).str.contains(r"\(mixed\)|（混合）").sum())
    en, zh = (f" by {', '.join(who)}", f"（命名者：{'、'.join(who)}）") if who else ("", "")
    return Said(
        "{} of {} topics were named{}".format(*many, en)
        + (f"; {mixed} of these names say that the topic is mixed." if mixed else "."),
        "{1} 个主题中有 {0} 个已命名{2}".format(*many, zh)
        + (f"，其中 {mixed} 个注明为混合主题。" if mixed else "。"),
    )


def readers(facts: Facts) -> Said:
    """Say what readers answered."""
    file = facts.study.path(facts.study.validation) / "scores.csv"
    if not file.is_file():
        return missing("nqp-topics validate")
    rows = read_table(file, "the scores of readers", "nqp-topics validate writes them")
    mine = rows[(rows["run"] == facts.run.fingerprint) & (rows["task"] == "all") & (rows["topic"] == "all")]
    if mine.empty:
        return missing("nqp-topics validate")
    one, below = mine.iloc[0], ", ".join(unseen(facts.study, facts.run))
    right, low, high, chance = (f"{float(one[name]):.0%}" for name in ("right", "low", "high", "chance"))
    return Said(
        f"Readers gave {one['answers']} answers to {one['items']} items: {right} right [{low}, {high}], {chance} by chance."
        + (f" Not seen: {below}." if below else ""),
        f"读者对 {one['items']} 道题给出 {one['answers']} 个回答：正确率 {right}［{low}，{high}］，随机水平 {chance}。"
        + (f"未被识别的主题：{below}。" if below else ""),
    )


def compared(facts: Facts) -> Said:
    """Say how shares of groups, or contrasts of a formula, were tested, and what was found in every run."""
    said = [one for one in (_groups_tested(facts), _contrasts(facts)) if one]
    if said:
        return Said(" ".join(one.en for one in said), "".join(one.zh for one in said))
    if groups(facts).state == ANSWERED:
        return missing(facts.todo("5-compare"))
    return needless("Nothing is compared by groups.", "未作组间比较。")


def _found(found: pd.DataFrame) -> tuple[pd.Series, str, str]:
    """Tell which rows are beyond chance in all runs that were asked, and which runs these are."""
    p = _numbers(found, "bh", "run_bh")
    if p["run_bh"].notna().any():
        where = "in the reported run and in every run with another seed that has the topic"
        return p.max(axis=1) < 0.05, where, "报告的运行与其他种子中找到该主题的运行均须成立"
    return p["bh"] < 0.05, "in the reported run alone", "仅就报告的运行而言"


def _numbers(found: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return columns as numbers, also where none of their cells is filled."""
    return found[list(columns)].apply(pd.to_numeric, errors="coerce")


def _who(facts: Facts) -> tuple[str, str]:
    """Tell who counts as one witness."""
    study = facts.study
    en, zh = (
        ["/".join(label(one, side) for one in study.witness) for side in ("en", "zh")]
        if study.witness
        else ("article", "文章")
    )
    for group, columns in study.witness_of.items():
        en += f"; {label(group, 'en')}: {'/'.join(label(one, 'en') for one in columns)}"
        zh += f"；{label(group, 'zh')}：{'/'.join(label(one, 'zh') for one in columns)}"
    return en, zh


def _groups_tested(facts: Facts) -> Said | None:
    found = facts.table("group_shares")
    if found is None or _numbers(found, "bh")["bh"].isna().all():
        return None
    topics = found.drop_duplicates("topic")
    clear, where, zh_where = _found(topics)
    names, who = topics.loc[clear, "topic"].tolist(), _who(facts)
    small = found.loc[~found["tested"], "group"].unique()
    few, zh_few = ("", "")
    if len(small):
        few = f" Groups of fewer than three independent witnesses are not tested: {', '.join(label(one, 'en') for one in small)}."
        zh_few = f"独立来源不足三个的组不检验：{'、'.join(label(one, 'zh') for one in small)}。"
    many = len(topics), len(names)
    listed, zh_listed = (f" ({', '.join(names)})", f"（{'、'.join(names)}）") if names else ("", "")
    return Said(
        f"Whether groups differ in the share of a topic is tested by shuffling whole witnesses between them (who speaks, the first that is known: {who[0]}), corrected after "
        f"Benjamini and Hochberg over {many[0]} topics. Topics that differ (p < .05, {where}): {many[1]}{listed}.{few}",
        f"组间占比差异以整个独立来源为单位作置换检验（独立来源取最先注明者：{who[1]}），对 {many[0]} 个主题作 Benjamini-Hochberg 校正。"
        f"有差异的主题（p < .05，{zh_where}）：{many[1]} 个{zh_listed}。{zh_few}",
    )


def _contrasts(facts: Facts) -> Said | None:
    found = facts.table("effect_sizes")
    if found is None:
        return None
    _, where, zh_where = _found(found)
    beyond = int(one_sign(found).sum())
    where, zh_where = f"with one sign, {where}", f"符号一致，{zh_where}"
    terms = list(dict.fromkeys(found["term"]))
    many = int(found["articles"].max()), int(found["witnesses"].max()), len(found), beyond
    return Said(
        "Shares of topics are explained by {}, over {} articles of {} independent witnesses: {} contrasts, tested by flipping the signs of whole witnesses and corrected after "
        "Benjamini and Hochberg over the topics of each. Beyond chance (p < .05, {}): {}.".format(
            " + ".join(label(one, "en") for one in terms), *many[:3], where, many[3]
        ),
        "以{}解释主题占比（{} 篇文章，{} 个独立来源）：共 {} 个对比，以整个独立来源翻转符号作检验，对每个对比的各主题作 Benjamini-Hochberg 校正。"
        "超出随机水平的（p < .05，{}）：{} 个。".format(
            "、".join(label(one, "zh") for one in terms), *many[:3], zh_where, many[3]
        ),
    )


def over_time(facts: Facts) -> Said:
    """Say how change over time was told."""
    found = facts.table("over_years")
    if found is None:
        few = needless(
            "Too few articles bear a date for a course over time.", "注明日期的文章过少，不作历时分析。"
        )
        return missing(facts.todo("7-time")) if has_dates(facts.study) else few
    moved = found.loc[~found["flat"].astype(bool), "topic"].nunique()
    turns, words = (int(found[name].sum()) for name in ("turn", "turn_words"))
    many = found["topic"].nunique(), f"{found['time'].min()}", f"{found['time'].max()}", moved, turns, words
    return Said(
        "Shares of {} topics are told from {} to {}, smoothed over neighbouring times; in {} of them no level line fits into the 95% band of the whole course. Shares turn beyond "
        "chance at {} moments, the words within topics at {}.".format(*many),
        "{} 个主题的占比（{} 至 {}）按相邻时点平滑；其中 {} 个主题，整条曲线的 95% 区间容不下一条水平线。超出随机的转变：占比 {} 处，主题内用词 {} 处。".format(
            *many
        ),
    )


def again(facts: Facts) -> Said:
    """Say by what the run is known."""
    run, counts = facts.run.fingerprint[:12], facts.counts.fingerprint[:12]
    return Said(
        f"The reported run is {run}, of counts {counts} (fingerprints); nqp-topics verify makes both again and compares.",
        f"所报告运行的指纹为 {run}，词频表的指纹为 {counts}；nqp-topics verify 可重新生成并核对。",
    )


def shared(facts: Facts) -> Said:
    """Say what may be shared."""
    study = facts.study
    texts = ("may be shared", "可以公开") if study.publish_texts else ("are not shared", "不公开")
    if not study.counts or not study.path(study.counts).is_dir():
        return Said(
            f"Texts {texts[0]}; counts are not there to share yet.", f"原文{texts[1]}；尚无可公开的词频表。"
        )
    return Said(
        f"Texts {texts[0]}; counts of words without their order ({study.counts}), settings (study.toml) and tables go with the study.",
        f"原文{texts[1]}；不含词序的词频表（{study.counts}）、设置（study.toml）与各表随研究提供。",
    )


BORNE_OUT: list[Item] = [
    ("reliability", "seeds", stable),
    ("reliability", "chains", agreed),
    ("reliability", "other choices", varied),
    ("validity", "labels", labels),
    ("validity", "readers", readers),
    ("comparison", "differences", compared),
    ("comparison", "time", over_time),
    ("transparency", "rerun", again),
    ("transparency", "sharing", shared),
    ("transparency", "limits", own("limits")),
]
