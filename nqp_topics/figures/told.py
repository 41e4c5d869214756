"""Told: what the tables of a comparison say, where no figure draws them: each function takes a table of `compare` and puts it into a sentence."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics import compare
from nqp_topics.checks import Problem, refuse_if
from nqp_topics.checks.chinese import LANGUAGES
from nqp_topics.checks.plural import singular
from nqp_topics.compare import Grouped, Tree
from nqp_topics.compare.given import Names, Some
from nqp_topics.compare.grouping import tested
from nqp_topics.counts import Counts
from nqp_topics.figures.by_group import no_size, over_seeds, turned
from nqp_topics.figures.captions import LABELS, label
from nqp_topics.figures.labelled import Labels, titled, topic_labels
from nqp_topics.figures.look import look
from nqp_topics.figures.shown import language, reported, said, tell_below
from nqp_topics.figures.styles import in_order
from nqp_topics.topics.model import Topics

SIDE_BY_SIDE = 200  # articles: 5,000 posts are thirteen million pairs
LOST = 0.6  # a cosine below this: the topic is not there
FOUND = 0.05  # a corrected p below this is told
KEYS = ("topic", "other", "article", "group")


class Told:
    """A table with its sentences, in English and in Chinese. It shows both in a notebook (or what is `shown` of it), in the language of `figures.language`.

    `labels` (of `naming.labels_of`) put a topic's label behind it, `names` (article → name) the name in place of an article's id.
    """

    def __init__(
        self,
        sentences: tuple[str, str],
        table: pd.DataFrame | None = None,
        labels: Labels = None,
        names: Some = None,
        shown: pd.DataFrame | None = None,
    ) -> None:
        self.sentences = singular(sentences[0]), sentences[1]
        self.table, self.labels, self.names = table, labels, names
        self.shown = table if shown is None else shown

    @property
    def says(self) -> str:
        """What the table says, in the chosen language."""
        return said(self.sentences)

    @property
    def named(self) -> pd.DataFrame:
        """What is shown of the table, with topics, articles and groups by what they are called."""
        known: dict[str, Any] = {key: label(key, language()) for key in LABELS}
        known |= {} if self.names is None else dict(self.names)
        if self.labels is not None:
            called = topic_labels(self.labels["topic"], self.labels, "figures.told").items()
            side = LANGUAGES.index(language())
            known |= {topic: titled(topic, both[side]) for topic, both in called}
        table = self.shown if self.shown is not None else pd.DataFrame()
        here = [key for key in KEYS if key in table]
        return table.assign(**{key: [known.get(cell, cell) for cell in table[key]] for key in here})

    def _ipython_display_(self) -> None:
        from IPython.display import display

        tell_below(self.says)
        if len(self.named):
            display(look(self.named))

    def __repr__(self) -> str:
        return self.says


def long_articles(counts: Counts, least: int = 8) -> list[str]:
    """Return the articles of at least so many passages or, where most have fewer, the longer half, at most 200 of them: only these are set side by side."""
    held = (
        pd.Series(list(counts.articles))
        .value_counts()
        .sort_index()
        .sort_values(ascending=False, kind="stable")
    )
    return sorted(held.index[held >= min(least, int(held.median()))][:SIDE_BY_SIDE])


def article_shares(table: pd.DataFrame, labels: Labels = None, names: Any = None) -> Told:
    """Show the articles that are most of one topic. `table` is that of `compare.article_shares`, or some articles of it."""
    top = table.sort_values(["share", "article"], ascending=[False, True]).drop_duplicates("article")
    many, least = len(top), table["passages"].min()
    english = f"Of {many} articles of {least} passages and more, those that are most of one topic."
    chinese = f"在{least}段及以上的{many}篇文章中，最集中于单一主题的文章。"
    shown = top[["article", "topic", "share", "low", "high", "passages"]].head(10)
    return Told((english, chinese), shown, labels, names)


def article_distances(pairs: pd.DataFrame, names: Any = None, most: int = 4) -> Told:
    """Show the pairs of articles that are nearest and farthest. `pairs` is the table of `compare.article_distances`."""
    far = compare.extremes(pairs, most)
    english = f"The nearest and the farthest of {len(pairs):,} pairs of articles, with their intervals."
    chinese = f"{len(pairs):,}对文章中距离最近与最远者及其区间。"
    shown = far[["which", "article", "other", "distance", "low", "high"]]
    return Told((english, chinese), shown, None, names)


def concentration(table: pd.DataFrame, names: Any = None) -> Told:
    """Say how many topics articles mix, and show those that mix fewest and most when freed of how short they are.

    `table` is that of `compare.concentration`, or some articles of it.
    """
    many, least = table.sort_values(["unbiased", "article"], ignore_index=True), table["passages"].min()
    half = many[["topics", "unbiased"]].quantile([0.25, 0.75]).map("{:.1f}".format)
    (low, high), (free_low, free_high) = half["topics"], half["unbiased"]
    within, across = many[["within", "across"]].median().map("{:.1f}".format)
    english = (
        f"The middle half of the {len(many)} articles of {least} passages and more mix {low} to {high} topics, {free_low} to {free_high} when freed of "
        f"how short they are; a single passage mixes {within}, so an article goes through {across} themes (medians)."
    )
    chinese = (
        f"{least}段及以上的文章共{len(many)}篇，居中的一半混合{low}至{high}个主题，去除篇幅短的影响后为{free_low}至{free_high}个；"
        f"单个段落混合{within}个，因此一篇文章先后涉及{across}个主题（中位数）。"
    )
    shown = many[["article", "topics", "unbiased", "low", "high", "within", "across", "passages"]]
    return Told((english, chinese), _ends(shown, 3), None, names)


def drivers(
    run: Topics, counts: Counts, pairs: pd.DataFrame, labels: Labels = None, names: Any = None
) -> Told:
    """Say what parts the two articles that are farthest apart in a table of `compare.article_distances`: the four topics that do most."""
    far, called = compare.extremes(pairs, 1).iloc[-1], {} if names is None else dict(names)
    one, other = (called.get(far[side], far[side]) for side in ("article", "other"))
    found = compare.drivers(run, counts, far["article"], far["other"]).head(4)
    free, zh_free = "", ""
    if far["low"] == far["low"]:  # none where an article has one passage
        free = f" (freed of chance {far['low']:.2f} to {far['high']:.2f})"
        zh_free = f"（去除随机部分后为{far['low']:.2f}至{far['high']:.2f}）"
    english = f"What parts {one} and {other}, which are {far['distance']:.2f} apart{free}: the topics that give most of it."
    chinese = f"{one}与{other}的距离为{far['distance']:.2f}{zh_free}，其主要来自以下主题。"
    shown = found[["topic", "share", "other_share", "difference", "low", "high", "part"]]
    return Told((english, chinese), shown, labels)


def tree(found: Tree) -> Told:
    """Say how far a tree repeats the distances, and how many of its joins come back when passages are redrawn."""
    support = found.merges.get("support", pd.Series(np.nan, found.merges.index))  # none without draws
    again = found.merges[support >= 0.5]
    held, known = int((again["articles"] >= 3).sum()), int(support.notna().sum())
    english = f"The tree repeats the distances with a correlation of {found.faith:.2f}."
    chinese = f"树状图与原距离的相关系数为{found.faith:.2f}。"
    if known:
        english += f" Of the {known} joins that redrawn passages can test, {len(again)} come back in half of the draws and more, {held} of them "
        english += f"groups of three articles and more (median of all {support.median():.0%})."
        chinese += f"可用重抽段落检验的合并有{known}处，其中{len(again)}处在半数及以上的重抽中重现，含三篇及以上文章的有{held}处"
        chinese += f"（全部合并的中位数为{support.median():.0%}）。"
    return Told((english, chinese))


def witnesses(voices: Grouped) -> Told:
    """Say how many groups have too few witnesses for a test, and show who stands behind each: the witness with most articles and how many."""
    behind = pd.DataFrame({"group": voices.of, "witness": voices.witness}).value_counts().reset_index()
    first = behind.drop_duplicates("group").set_index("group")
    order = in_order(voices.sizes.set_index("group")["articles"])
    sizes = voices.sizes.set_index("group").loc[order].reset_index()
    sizes["largest"], sizes["of_it"] = (sizes["group"].map(first[name]) for name in ("witness", "count"))
    sizes["largest"] = sizes["largest"].str.removeprefix("\0")  # an article that is its own witness
    few = int(sizes["note"].str.contains("not tested").sum())
    english = f"{few} of {len(sizes)} groups have too few witnesses for a test."
    chinese = f"{len(sizes)}组中有{few}组独立来源过少，不作检验。"
    return Told((english, chinese), sizes[["group", "articles", "witnesses", "largest", "of_it", "note"]])


def both_countings(table: pd.DataFrame, labels: Labels = None) -> Told:
    """Say in how many topics groups would differ if articles were independent, and in how many they do. `table` is that of `compare.both_countings`."""
    naive, sound = (int((table[name] < FOUND).sum()) for name in ("run_bh", "witness_run_bh"))
    every = " in every run that has the topic"
    english = f"With every article for itself groups differ in {naive} of {len(table)} topics{every}, with whole witnesses in {sound}."
    chinese = f"若每篇文章各自独立，{len(table)}个主题中有{naive}个在找到该主题的每次运行中组间均有差异；以独立来源为单位则为{sound}个。"
    columns = ["topic", "between", "bh", "run_bh", "witness_bh", "witness_run_bh", "found", "runs"]
    return Told((english, chinese), table.sort_values("run_bh")[columns], labels)


def differences(
    found: Any, counts: Counts, groups: Names, within: Some = None, labels: Labels = None
) -> Told:
    """Say how many differences between groups hold in all runs, and how large one would have to be; show those that come nearest.

    The table is that of `compare.differences`, with two runs and more out of `compare.over_runs`, the smallest p first.
    """

    def finding(shares: pd.DataFrame) -> pd.DataFrame:
        return compare.differences(compare.grouped(shares, groups, within=within))

    table = over_seeds(found, counts, finding, "difference", ["group", "other", "topic"])
    if table is None:
        table = finding(reported(found).articles(counts))
        table = table.assign(run_low=np.nan, run_high=np.nan, run_bh=table["bh"], same_sign=1.0)
    table = turned(table).sort_values(["run_bh", "p"], kind="stable", ignore_index=True)
    lacking = "not_found" in table and (table["not_found"] > 0).any()
    every, zh_every = (" that has the topic", "找到该主题的") if lacking else ("", "")
    holm, here = (int((table[name] < FOUND).sum()) for name in ("holm", "bh"))
    many, all_runs = len({*table["group"], *table["other"]}), len(clear(table))
    english = f"{len(table)} differences between {many} groups tested; {holm} hold by Holm, {here} by Benjamini and Hochberg, "
    english += f"{all_runs} of these in every run{every}."
    chinese = f"检验了{many}组之间的{len(table)}个差异：按 Holm 校正成立{holm}个，按 BH 校正成立{here}个，其中在每次{zh_every}运行中均成立{all_runs}个。"
    sizes = table["detectable"].dropna()
    if len(sizes):
        low, high = (f"{100 * sizes.quantile(part):.0f}" for part in (0.25, 0.75))
        english += f" To be found in four of five cases, the middle half of them would have to be {low} to {high} points."
        chinese += f"要在五次中有四次被发现，居中的一半差异须达{low}至{high}个百分点。"
    for why, none in table["undetectable"][table["detectable"].isna()].value_counts().items():
        said, zh_said = no_size(str(why))
        english += f" {none} would not be found at any size: {said}."
        chinese += f"{none}个无论多大都不会被发现：{zh_said}。"
    columns = ["group", "other", "topic", "difference", "low", "high", "detectable", "run_low", "run_high"]
    columns += ["p", "run_bh", "witnesses", "other_witnesses"]
    return Told((english, chinese), table, labels, shown=table[columns].head(15))


def clear(table: pd.DataFrame) -> pd.DataFrame:
    """Return the differences that hold in every run that has the topic, with one sign."""
    return table[(table["run_bh"] < FOUND) & (table["same_sign"] == 1)]


def wording(
    run: Topics, counts: Counts, groups: pd.Series, labels: Labels = None, most: int = 6, within: Some = None
) -> Told:
    """Say in what words the two largest groups that can be tested speak of the topic that they share most; show the most telling words of either.

    Refused: fewer than two such groups.
    """
    shares = run.articles(counts)
    voices = compare.grouped(shares, groups, within=within)
    there, sizes = tested(voices, "figures.told.wording"), voices.of.value_counts()
    one, other = sorted(there, key=lambda name: (-sizes[name], name))[:2]
    both = voices.shares.groupby(voices.of).mean().loc[[one, other]].min()
    topic = str(both.idxmax())
    found = compare.wording(run, counts, groups, topic, one, other, within=within)
    differ = int((found["bh"] < FOUND).sum())
    en, zh = topic_labels(shares.columns, labels, "figures.told.wording")[topic]
    (first, last), (zh_first, zh_last) = ([label(side, to) for side in (one, other)] for to in ("en", "zh"))
    english = (
        f"{topic} ({en}) has {both.max():.0%} and more in both {first} (words listed first) and {last} (last): "
        f"{differ} of {len(found)} words differ (BH-adjusted p < .05)."
    )
    chinese = f"{topic}（{zh}）在{zh_first}（列于前）与{zh_last}（列于后）中均不少于{both.max():.0%}：{len(found)}个词中有{differ}个用法有差异（BH 校正 p < .05）。"
    numbers = ["per_thousand", "other_per_thousand", "log_odds", "low", "high", "bh"]
    return Told((english, chinese), _ends(found[["word", *numbers, "articles", "other_articles"]], most))


NO_COURSE = (
    "Fewer than two articles have two passages: nothing can be told of how topics run through an article."
)


def trends(table: pd.DataFrame, labels: Labels = None) -> Told:
    """Say how many topics rise or fall from the beginning of an article to its end, and show them. `table` is that of `compare.trends`."""
    moving = table[table["bh"] < FOUND].sort_values("rise")
    if (table["articles"] < 2).all():
        return Told((NO_COURSE, "有两个以上段落的文章不足两篇，无从得知主题如何贯穿文章。"), moving)
    english = f"{len(moving)} of {len(table)} topics rise or fall from the beginning of an article to its end (BH-adjusted p < .05)."
    chinese = f"{len(table)}个主题中有{len(moving)}个从文章开头到结尾有升降（BH 校正 p < .05）。"
    return Told((english, chinese), moving[["topic", "rise", "low", "high", "bh"]], labels)


def together(table: pd.DataFrame, labels: Labels = None, most: int = 4) -> Told:
    """Say how many pairs of topics correlate over articles, and show the strongest of either sign. `table` is that of `compare.together`."""
    pairs = table[table["bh"] < FOUND]
    english = f"{len(pairs)} of {len(table)} pairs of topics correlate over articles (BH-adjusted p < .05)."
    chinese = f"{len(table)}对主题中有{len(pairs)}对在文章间相关（BH 校正 p < .05）。"
    shown = pairs[["topic", "other", "correlation", "low", "high", "bh"]]
    return Told((english, chinese), _ends(shown, most), labels)


def found_again(run: Topics, others: Iterable[Topics], labels: Labels = None) -> Told:
    """Say how many topics of a run are found among those of runs with other numbers of topics; show those that are not, and what is most like them."""
    english, chinese, lost, others = [], [], [], list(others)
    for other in others:
        matched = compare.match(run.words, other.words, one_to_one=False)
        missing = matched[matched["likeness"] < LOST]
        found, of, k = len(matched) - len(missing), len(matched), len(other.names)
        middle = f"{matched['likeness'].median():.2f}"
        english.append(f"{found} of {of} are found among {k} topics (median {middle})")
        chinese.append(f"在{k}个主题中找到{of}个中的{found}个（中位数{middle}）")
        lost.append(missing[["topic", "likeness"]].assign(among=k))
    table = pd.concat(lost, ignore_index=True)
    if any(other.settings != run.settings for other in others):
        english[-1] += "; other numbers were not fitted with the settings of the run"
        chinese[-1] += "；其他主题数未按该次运行的设置拟合"
    rest, zh_rest = (" Those that are not are listed.", "未找到者列于下。") if len(table) else ("", "")
    sentences = (
        f"Topics found again by their words (cosine {LOST} and more): {'; '.join(english)}.{rest}",
        f"按词语再次找到的主题（余弦不低于{LOST}）：{'；'.join(chinese)}。{zh_rest}",
    )
    return Told(sentences, table, labels)


def known_beforehand(
    run: Topics,
    known: Topics,
    counts: Counts,
    about: pd.DataFrame,
    witness: pd.Series | None = None,
    labels: pd.DataFrame | None = None,
    draws: int = 200,
) -> Told:
    """Say what becomes of effects where the prior of passages knows what is known of articles: `known` is a run with a formula (`prevalence`), `run` one without.

    The table is that of `compare.effects` on `run`, for the formula of `known`, with likeness (of its most like topic in `known`) and known, known_low,
    known_high, known_bh: the same there. Contrasts that move most are shown. Where passages are short effects of a plain run are too small
    (benchmarks/COVERAGE.md). Refused: a run without a formula, runs of other numbers of topics or other words.
    """
    asked = counts, about, known.formula, witness
    where, allowed = "figures.told.known_beforehand(known)", "a run with a formula"
    todo = "train(…, prevalence=FORMULA, about=…)"
    plainly = Problem(where, "a run that knows nothing of articles", allowed, todo)
    refuse_if([] if known.formula else [plainly])
    keys = ["topic", "contrast"]
    plain, inside = (
        compare.named_as(compare.effects(one, *asked, draws=draws).contrasts, one, run).set_index(keys)
        for one in (run, known)
    )
    numbers = {"estimate": "known", "low": "known_low", "high": "known_high", "bh": "known_bh"}
    table = plain.join(inside[list(numbers)].rename(columns=numbers)).reset_index()
    alike = compare.match(run.words, known.words).set_index("topic")["likeness"]
    table["likeness"] = table["topic"].map(alike)
    there = table[table["likeness"] >= LOST]
    moved = (there["known"] - there["estimate"]).abs()
    clear = there["bh"] < FOUND
    kept = (clear & (there["known_bh"] < FOUND) & (there["known"] * there["estimate"] > 0)).sum()
    many = len(run.names), there["topic"].nunique(), len(there), f"{100 * moved.median():.1f}"
    size = f"{there['known'].abs().mean() / max(there['estimate'].abs().mean(), 1e-12):.2f}"
    tokens = f"{counts.lengths.median():.0f}"
    english = f"{many[1]} of {many[0]} topics are found in a run whose prior knows {known.formula}. Their {many[2]} contrasts are {size} times as large there on average and "
    english += f"move by {many[3]} points (median); of {clear.sum()} that are beyond chance without it {kept} stay so, with the same sign. A passage has {tokens} tokens (median)."
    chinese = f"{many[0]}个主题中有{many[1]}个也见于先验含{known.formula}的运行。其{many[2]}个对比在该运行中平均为原来的{size}倍，变动{many[3]}个百分点（中位数）；"
    chinese += (
        f"不含时超出随机的{clear.sum()}个中，{kept}个仍超出随机且符号不变。每段{tokens}个词（中位数）。"
    )
    columns = ["topic", "contrast", "estimate", "low", "high", "known", "known_low", "known_high", "likeness"]
    order = moved.sort_values(ascending=False, kind="stable").index
    return Told((english, chinese), table, labels, shown=there.loc[order, columns].head(8))


def _ends(table: pd.DataFrame, many: int) -> pd.DataFrame:
    """Return the first and the last rows, none twice."""
    return table if len(table) <= 2 * many else pd.concat([table.head(many), table.tail(many)])
