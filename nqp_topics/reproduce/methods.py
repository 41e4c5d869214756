"""Methods: what a paper must say of how it was made, filled in from study.toml, the run and the tables; what nobody has said stays missing."""

from collections.abc import Callable

import pandas as pd

from nqp_topics.compare.over_time import years_of
from nqp_topics.figures.captions import label
from nqp_topics.files.tables import read_table
from nqp_topics.naming import given
from nqp_topics.naming.labels import unseen
from nqp_topics.reproduce.facts import ANSWERED, Facts, Said, missing, needless
from nqp_topics.study import Study, refuse_if, unnumbered
from nqp_topics.topics.engines.held import TIMES
from nqp_topics.words import drafts, lexicon

COLUMNS = ["section", "item", "state", "en", "zh", "todo"]


def methods(study: Study) -> pd.DataFrame:
    """Answer what a methods section must say: one row an item: section, item, state (answered, not applicable, MISSING), en, zh, todo.

    Every number is read from the study's tables or its reported run; both languages hold the same numbers. Nothing is said of what was not done.
    Refused: a study without a number of topics.
    """
    refuse_if(unnumbered(study))
    facts = Facts(study)
    rows = [(section, item, answer(facts)) for section, item, answer in ITEMS]
    return pd.DataFrame(
        [(section, item, said.state, said.en, said.zh, said.todo) for section, item, said in rows],
        columns=COLUMNS,
    )


def _own(key: str) -> Callable[[Facts], Said]:
    def answer(facts: Facts) -> Said:
        words = str(getattr(facts.study, key)).strip()
        return Said(words, words) if words else missing(f"[methods] {key}")

    return answer


def _size(facts: Facts) -> Said:
    counts = facts.counts
    many = f"{len(facts.about):,}", f"{len(counts.ids):,}", f"{len(counts.words):,}", f"{counts.tokens:,}"
    return Said(
        "{} articles, cut into {} passages; {} different words and {} tokens are counted.".format(*many),
        "共 {} 篇文章，切分为 {} 个段落；计入 {} 个不同的词、{} 个词次。".format(*many),
    )


def _dates(facts: Facts) -> Said:
    years = years_of(facts.about)
    if years.empty:
        return needless("No article bears a date.", "没有文章注明日期。")
    many = len(years), len(facts.about), years.min(), years.max()
    return Said(
        "{} of {} articles bear a date, from {} to {}.".format(*many),
        "{1} 篇文章中有 {0} 篇注明日期，从 {2} 年到 {3} 年。".format(*many),
    )


def _groups(facts: Facts) -> Said:
    by = facts.study.groups
    named = facts.about[by][facts.about[by].astype(str) != ""] if by in facts.about else pd.Series(dtype=str)
    if named.nunique() < 2:
        return needless("Articles are not grouped.", "文章未分组。")
    sizes = named.value_counts()
    en = ", ".join(f"{label(name, 'en')} {size}" for name, size in sizes.items())
    zh = "、".join(f"{label(name, 'zh')} {size}" for name, size in sizes.items())
    return Said(f"Articles by {by}: {en}.", f"文章按 {by} 分组：{zh}。")


def _cleaning(facts: Facts) -> Said:
    lost, study = facts.table("losses"), facts.study
    if lost is None:
        return missing("nqp-topics share")
    many = f"{int(lost['han'].sum()):,}", lost.loc[lost["pieces"] > 0, "step"].nunique(), len(study.repairs)
    return Said(
        "Page furniture, notes, references and damaged marks were taken away by rule in {1} steps, {0} Chinese characters in all; rules that repair characters of single documents (study.toml): {2}.".format(
            *many
        ),
        "版面元素、注释、参考文献与损坏的符号按规则分 {1} 步去除，共 {0} 个汉字；另有 {2} 条针对个别文献的字符修复规则（study.toml）。".format(
            *many
        ),
    )


def _units(facts: Facts) -> Said:
    many = facts.study.shortest, facts.study.longest
    return Said(
        "The unit is the passage, a paragraph of the text: below {} characters it is joined to its neighbour, above {} cut at a sentence end.".format(
            *many
        ),
        "分析单位为段落，即原文的自然段：不足 {} 字的与相邻段落合并，超过 {} 字的在句末切开。".format(*many),
    )


def _segmentation(facts: Facts) -> Said:
    study = facts.study
    known = drafts.lexicon_of(study) if study.path(study.lexicon).is_file() else None
    many = 0 if known is None else len(known)
    guess = (
        ("unknown words are guessed", "未登录词由模型猜测")
        if study.guess
        else ("unknown words are not guessed", "不猜测未登录词")
    )
    return Said(
        f"Texts are cut by jieba's dictionary ({study.cut_by}); a lexicon of {many:,} terms keeps them whole; {guess[0]}.",
        f"用 jieba 词典分词（{study.cut_by}）；另有 {many:,} 条术语的词表，术语不拆开；{guess[1]}。",
    )


def _filters(facts: Facts) -> Said:
    study, went = facts.study, facts.table("sifted")
    place = study.path(study.stopwords) if study.stopwords else None
    own = len(lexicon.read_words(place)) if place and place.is_file() else 0
    own += len(drafts.accepted(study.path(study.stopwords_sheet))) if study.stopwords_sheet else 0
    share = "" if went is None else f"{went['share'].sum():.1%}"
    general = (
        ("and a general list of function words", "与通用虚词表") if study.general_stopwords else ("", "")
    )
    numbers = ("numbers stay", "数字保留") if study.numbers else ("numbers go", "数字去除")
    took = (
        (f"; with signs, this took {share} of the tokens", f"；连同标点共去掉 {share} 的词次")
        if share
        else ("", "")
    )
    return Said(
        f"Left out: {own} stop words of the study's own, each with its reason, {general[0]}; words below {study.shortest_word} characters; {numbers[0]}{took[0]}.",
        f"去除：本研究的停用词 {own} 个（各有理由）{general[1]}；不足 {study.shortest_word} 字的词；{numbers[1]}{took[1]}。",
    )


def _limits(facts: Facts) -> Said:
    trimmed, study = facts.table("trimmed"), facts.study
    many = "" if trimmed is None else f"{len(trimmed):,}"
    took = (f" ({many} words)", f"（{many} 个词）") if many else ("", "")
    return Said(
        f"Words in fewer than {study.min_df} passages or in more than {study.max_df:g} (a share up to 1, else a number) are left out{took[0]}.",
        f"少于 {study.min_df} 个段落、或多于 {study.max_df:g}（不超过 1 为比例，否则为个数）的段落中出现的词不计入{took[1]}。",
    )


def _engine(facts: Facts) -> Said:
    run = facts.run
    ran = {**run.settings, **run.ran}
    shown = ", ".join(
        f"{name} = {value:g}" if isinstance(value, int | float) else f"{name} = {value}"
        for name, value in sorted(ran.items())
        if name != "anchors"
    )
    return Said(
        f"Latent Dirichlet allocation with {len(run.names)} topics, engine {run.engine} {run.version}, seed {run.seed}; {shown or 'usual settings'}.",
        f"潜在狄利克雷分配（LDA），{len(run.names)} 个主题，引擎 {run.engine} {run.version}，种子 {run.seed}；{shown or '通常设置'}。",
    )


def _priors(facts: Facts) -> Said:
    prior = facts.run.prior
    many = f"{prior.sum():.3g}", f"{prior.min():.3g}", f"{prior.max():.3g}", f"{facts.run.word_prior:g}"
    return Said(
        "Document priors sum to {} (from {} to {} a topic); the word prior is {}.".format(*many),
        "文档先验之和为 {}（各主题 {} 至 {}）；词先验为 {}。".format(*many),
    )


def _anchors(facts: Facts) -> Said:
    anchored = facts.run.settings.get("anchors")
    if not anchored:
        return needless("No topic was given words beforehand.", "没有预先为主题指定锚词。")
    en = "; ".join(f"{name}: {', '.join(words)}" for name, words in anchored)
    zh = "；".join(f"{name}：{'、'.join(words)}" for name, words in anchored)
    return Said(
        f"{len(anchored)} topics began with words given by the authors, which weigh {TIMES} times their frequency in them while chains run: {en}.",
        f"{len(anchored)} 个主题预先指定了锚词，采样期间锚词在所属主题中另加其词频 {TIMES} 倍的权重：{zh}。",
    )


def _prevalence(facts: Facts) -> Said:
    if not (formula := facts.run.formula):
        return needless("Nothing known of articles enters the model.", "文章的已知信息不进入模型。")
    return Said(
        f"What is known of articles enters the prior of their passages by Dirichlet-multinomial regression: {formula}.",
        f"文章的已知信息经狄利克雷-多项回归进入其段落的先验：{formula}。",
    )


def _settled(facts: Facts) -> Said:
    trace = facts.run.trace["log_likelihood"].to_numpy()
    if len(trace) < 2:
        return missing("nqp-topics train")
    many = facts.run.iterations, f"{trace[-1]:.3f}", f"{abs(trace[-1] - trace[-2]):.3f}"
    return Said(
        "{} iterations; log-likelihood a token {} at the end, {} from the value noted before.".format(*many),
        "迭代 {} 次；结束时每词次对数似然为 {}，与前一次记录相差 {}。".format(*many),
    )


def _number(facts: Facts) -> Said:
    if facts.study.topics != facts.study.reported:
        return missing("[train] topics")
    why = facts.reason("topics")
    if not why:
        return missing("[train] topics = … # …")
    return Said(
        f"{facts.study.topics} topics. The reason given: {why}",
        f"取 {facts.study.topics} 个主题。所给理由：{why}",
    )


def _tried(facts: Facts) -> Said:
    tried = facts.table("how_many")
    if tried is None:
        return missing("nqp-topics figures 3")
    numbers = sorted(tried["K"].astype(int).unique())
    shown = ", ".join(map(str, numbers))
    return Said(
        f"Compared were {shown} topics, by {tried['score'].nunique()} scores.",
        f"比较了 {shown} 个主题，依据 {tried['score'].nunique()} 项指标。",
    )


def _stable(facts: Facts) -> Said:
    found = facts.table("stability")
    if found is None:
        return missing("nqp-topics figures 3")
    weak = ", ".join(found.loc[found["top_words"] < 0.5, "topic"])
    many = (
        f"{found['top_words'].min():.2f}",
        f"{found['top_words'].max():.2f}",
        f"{found['chance_top_words'].mean():.2f}",
    )
    return Said(
        "Top words overlap with those of other seeds (mean Jaccard) from {} to {} over topics; by chance {}.".format(
            *many
        )
        + (f" Below one half: {weak}." if weak else ""),
        "各主题的主题词与其他种子的重合度（Jaccard 均值）从 {} 到 {}；随机水平 {}。".format(*many)
        + (f"低于二分之一的：{weak}。" if weak else ""),
    )


def _agreed(facts: Facts) -> Said:
    found = facts.run.topic_agreement
    if found is None:
        return needless("The run is one chain.", "该次运行只有一条链。")
    many = f"{found.min():.2f}", f"{found.max():.2f}"
    return Said(
        "Chains agree about the passages of topics from {} to {} (1: entirely).".format(*many),
        "各链对主题所含段落的一致程度从 {} 到 {}（1 为完全一致）。".format(*many),
    )


def _labels(facts: Facts) -> Said:
    rows = given(facts.study)
    mine = rows[(rows["fingerprint"] == facts.run.fingerprint) & ((rows["zh"] != "") | (rows["en"] != ""))]
    if mine.empty:
        return missing("nqp-topics labels")
    who = ", ".join(sorted({one for one in mine["who"] if one})) or "—"
    many = len(mine), len(facts.run.names), who
    return Said(
        "{} of {} topics were named by reading their passages, by: {}.".format(*many),
        "{1} 个主题中有 {0} 个经阅读段落命名，命名者：{2}。".format(*many),
    )


def _readers(facts: Facts) -> Said:
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


def _compared(facts: Facts) -> Said:
    found = facts.table("group_shares")
    if found is None:
        grouped = _groups(facts).state == ANSWERED
        return (
            missing("nqp-topics figures 5")
            if grouped
            else needless("Nothing is compared by groups.", "未作组间比较。")
        )
    topics = found.drop_duplicates("topic")
    column = "run_bh" if topics["run_bh"].notna().any() else "bh"
    clear = topics.loc[topics["bh"].lt(0.05) & topics[column].lt(0.05), "topic"].tolist()
    many, who = len(topics), ", ".join(facts.study.witness)
    return Said(
        f"Shares of groups are tested by permuting witnesses (who speaks: {who}), corrected after Benjamini and Hochberg over {many} topics, in the reported run and in every other that has the topic. Topics that differ: {len(clear)}"
        + (f" ({', '.join(clear)})." if clear else "."),
        f"组间占比以独立来源（{who}）为单位作置换检验，对 {many} 个主题按 Benjamini-Hochberg 校正，报告的运行与其他找到该主题的运行均须成立：{len(clear)} 个有差异"
        + (f"（{'、'.join(clear)}）。" if clear else "。"),
    )


def _again(facts: Facts) -> Said:
    run, counts = facts.run.fingerprint[:12], facts.counts.fingerprint[:12]
    return Said(
        f"Run {run} of counts {counts}; the same settings and seed give the same bytes on every machine (nqp-topics verify).",
        f"运行 {run}，词频表 {counts}；同样的设置与种子在任何机器上得到逐字节相同的结果（nqp-topics verify）。",
    )


def _shared(facts: Facts) -> Said:
    study = facts.study
    texts = ("may be shared", "可以公开") if study.publish_texts else ("are not shared", "不公开")
    return Said(
        f"Texts {texts[0]}; counts, settings and tables are ({study.counts or study.facts.name}).",
        f"原文{texts[1]}；词频表、设置与各表可以公开（{study.counts or study.facts.name}）。",
    )


ITEMS: list[tuple[str, str, Callable[[Facts], Said]]] = [
    ("corpus", "question", _own("question")),
    ("corpus", "selection", _own("selection")),
    ("corpus", "size", _size),
    ("corpus", "dates", _dates),
    ("corpus", "groups", _groups),
    ("preprocessing", "cleaning", _cleaning),
    ("preprocessing", "units", _units),
    ("preprocessing", "segmentation", _segmentation),
    ("preprocessing", "filters", _filters),
    ("preprocessing", "thresholds", _limits),
    ("model", "engine", _engine),
    ("model", "priors", _priors),
    ("model", "anchors", _anchors),
    ("model", "prevalence", _prevalence),
    ("model", "convergence", _settled),
    ("number", "reason", _number),
    ("number", "alternatives", _tried),
    ("reliability", "seeds", _stable),
    ("reliability", "chains", _agreed),
    ("validity", "labels", _labels),
    ("validity", "readers", _readers),
    ("comparison", "differences", _compared),
    ("transparency", "rerun", _again),
    ("transparency", "sharing", _shared),
    ("transparency", "limits", _own("limits")),
]
