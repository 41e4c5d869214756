"""Modelled: what a methods section says of the model and of its number of topics."""

from importlib import import_module
from inspect import signature

from nqp_topics.figures.captions import label
from nqp_topics.reproduce.facts import Facts, Item, Said, missing, needless
from nqp_topics.topics.engines import ENGINES
from nqp_topics.topics.engines.held import DAMP, LIFT, TIMES
from nqp_topics.topics.model import Topics

OTHERS = {
    "gensim": ("online variational Bayes, LdaModel of gensim", "gensim 的 LdaModel（在线变分贝叶斯）"),
    "tomotopy": ("collapsed Gibbs sampling, LDAModel of tomotopy", "tomotopy 的 LDAModel（折叠 Gibbs 采样）"),
}


def engine(facts: Facts) -> Said:
    """Say what fitted the topics, with every setting."""
    run, many = facts.run, len(facts.run.names)
    en, zh = (
        f"Latent Dirichlet allocation with {many} topics, fitted by",
        f"采用潜在狄利克雷分配（LDA）模型，取 {many} 个主题，",
    )
    if run.engine == "sampler":
        how = _chains(run)
        return Said(
            f"{en} the sampler of nqp_topics {run.version} (seed {run.seed}): {how[0]}.",
            f"{zh}由 nqp_topics {run.version} 自带的采样器拟合（种子 {run.seed}）：{how[1]}。",
        )
    asked = signature(import_module(ENGINES[run.engine]).fit).parameters.values()
    usual = {one.name: one.default for one in asked if isinstance(one.default, int | float | str)}
    settings = {**usual, **run.settings, **run.ran}
    shown = ", ".join(f"{name} = {value}" for name, value in sorted(settings.items()))
    by, zh_by = OTHERS[run.engine]
    return Said(
        f"{en} {by} {run.version} (seed {run.seed}); {shown}.",
        f"{zh}由 {zh_by} {run.version} 拟合（种子 {run.seed}）；{shown}。",
    )


def _chains(run: Topics) -> tuple[str, str]:
    """Tell how the sampler's chains ran, and what became of them."""
    ran, topics = {**run.settings, **run.ran}, len(run.names)
    begun = ("", "")
    if ran["start"]:
        begun = f"begun by {ran['start']} passes of EM, ", f"先作 {ran['start']} 轮 EM 迭代，"
    sweeps = f"{ran['sweeps']} sweeps of collapsed Gibbs sampling", f"{ran['sweeps']} 轮折叠 Gibbs 采样"
    if ran["chains"] == 1:
        return (
            f"one chain, {begun[0]}{sweeps[0]} and {ran['finish']} passes of EM at the end",
            f"单链，{begun[1]}{sweeps[1]}，最后作 {ran['finish']} 轮 EM 迭代",
        )
    each = max(2, len(ran.get("anchors", ())), round(ran["finer"] * topics))
    each = min(each, len(run.passages), len(run.words))
    return (
        f"{ran['chains']} chains of {each} topics, {begun[0]}{sweeps[0]} each; passages that most chains put together make {topics} groups, from which "
        f"{ran['finish']} passes of EM give the topics",
        f"运行 {ran['chains']} 条链，每条 {each} 个主题，{begun[1]}{sweeps[1]}；多数链归在一起的段落合为 {topics} 组，再经 {ran['finish']} 轮 EM 迭代得到主题",
    )


def priors(facts: Facts) -> Said:
    """Say what was taken for likely beforehand."""
    run = facts.run
    many = f"{run.prior.sum():.3g}", f"{run.prior.min():.3g}", f"{run.prior.max():.3g}"
    of_words = f"{run.word_prior:.3g}"
    en, zh = f"that of words is {of_words}", f"词的先验为 {of_words}"
    if "word_prior" in run.ran:
        fitting = f"{run.ran['word_prior']:g}"
        en = f"that of words is {fitting} while the model is fitted and {of_words} in the distributions that come out"
        zh = f"词的先验在拟合时为 {fitting}，在所得分布中为 {of_words}"
    return Said(
        "The Dirichlet priors of topics in passages sum to {} (from {} to {} by topic); {}.".format(
            *many, en
        ),
        "段落中各主题的 Dirichlet 先验合计为 {}（各主题 {} 至 {}）；{}。".format(*many, zh),
    )


def anchors(facts: Facts) -> Said:
    """Say which words were given to topics beforehand."""
    anchored = facts.run.settings.get("anchors")
    if not anchored:
        return needless("No topic was given words beforehand.", "没有预先为主题指定锚词。")
    en = "; ".join(f"{name}: {', '.join(words)}" for name, words in anchored)
    zh = "；".join(f"{name}：{'、'.join(words)}" for name, words in anchored)
    return Said(
        f"{len(anchored)} topics began with words given by the authors. While chains run, these weigh {TIMES} times their frequency more in their topics, and the prior of a passage "
        f"has {LIFT} tokens more of the topic for each of its words, or {DAMP:g} of it where there is none: {en}.",
        f"{len(anchored)} 个主题预先指定了锚词。采样期间，锚词在所属主题中另加其词频 {TIMES} 倍的权重；段落每含一个锚词，其先验中该主题另加 {LIFT} 个词次，不含锚词的段落则降为 {DAMP:g} 倍：{zh}。",
    )


def prevalence(facts: Facts) -> Said:
    """Say what is known of articles that entered the model."""
    if not (formula := facts.run.formula):
        return needless("Nothing known of articles enters the model.", "文章的已知信息不进入模型。")
    return Said(
        f"What is known of articles enters the prior of their passages by Dirichlet-multinomial regression: {formula}.",
        f"文章的已知信息经狄利克雷-多项回归进入其段落的先验：{formula}。",
    )


def settled(facts: Facts) -> Said:
    """Say how far the fit still moved at its end; missing where the engine notes it only once."""
    trace = facts.run.trace["log_likelihood"].to_numpy()
    if len(trace) < 2:
        return missing('[train] engine = "sampler"')
    last = f"{trace[-1]:.3f}".replace("-", "−")
    many = facts.run.iterations, last, f"{abs(trace[-1] - trace[-2]):.3f}"
    return Said(
        "After {} iterations in all the log-likelihood per token is {}, {} from the value noted before.".format(
            *many
        ),
        "共迭代 {} 次，结束时每词次的对数似然为 {}，与前一次记录相差 {}。".format(*many),
    )


def number(facts: Facts) -> Said:
    """Give the author's reason for the number of topics, in quotes, as it stands in study.toml."""
    study = facts.study
    if study.topics != study.reported:
        return missing("[train] topics")
    why = facts.reason("topics")
    if not (why or study.reason_zh):
        return missing("[train] topics = … # …")
    why, own = (one.rstrip(".。") for one in (why or study.reason_zh, study.reason_zh or why))
    return Said(
        f"The number of topics is {study.topics}. The reason that study.toml gives: “{why}”.",
        f"主题数取 {study.topics}，study.toml 所记理由：“{own}”。",
    )


def tried(facts: Facts) -> Said:
    """Say which numbers of topics were compared, and by what."""
    found = facts.table("how_many")
    if found is None:
        return missing(facts.todo("3-choose"))
    numbers = [str(number) for number in sorted(found["K"].astype(int).unique())]
    scores = [str(score) for score in found["score"].unique()]
    en = "; ".join(label(score, "en") for score in scores)
    zh = "、".join(label(score, "zh") for score in scores)
    return Said(
        f"Models with {', '.join(numbers)} topics were compared by scores: {en}.",
        f"比较了 {'、'.join(numbers)} 个主题的模型，依据的指标：{zh}。",
    )


MODELLED: list[Item] = [
    ("model", "engine", engine),
    ("model", "priors", priors),
    ("model", "anchors", anchors),
    ("model", "prevalence", prevalence),
    ("model", "convergence", settled),
    ("number", "reason", number),
    ("number", "alternatives", tried),
]
