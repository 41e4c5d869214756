"""Explore: what there is, counted before anything is modelled. Tables in, tables out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from nqp_topics import contrast
from nqp_topics.study import Problem, Refused, fingerprint, refuse_if

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

    from nqp_topics.counts import Counts


def show(table: pd.DataFrame, **formats: str) -> Styler:
    """Set a table for reading in a notebook: no index, numbers to the right, words to the left; `share=".1%"` formats a column."""
    table = table.reset_index(drop=True)
    words = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    given: dict[Any, Any] = {name: "{:" + form + "}" for name, form in formats.items()}
    left = [{"selector": f".col{table.columns.get_loc(name)}", "props": "text-align: left"} for name in words]
    body = table.style.hide().format(given, na_rep="", escape="html").set_table_styles(left, overwrite=False)
    return body.set_properties(subset=words, **{"white-space": "pre-wrap"}).set_uuid(
        fingerprint(table.to_csv())[:8]
    )


def corpus(registry: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Say how much each article holds: one row an article, in the registry's order.

    Columns: id, source, voice, year (empty where the article bears no date), passages, han (Chinese characters).
    """
    unknown = sorted(set(passages["article"]) - set(registry["id"]))
    refuse_if(
        Problem(
            "explore.corpus(passages)",
            f"passages of article {name}",
            "articles of the registry",
            "give both tables of one study",
        )
        for name in unknown[:20]
    )
    held = passages.groupby("article")["han"].agg(passages="size", han="sum")
    table = registry[["id", "source", "voice"]].assign(year=registry["date"].str[:4])
    table = table.merge(held, left_on="id", right_index=True, how="left", validate="1:1")
    return table.fillna({"passages": 0, "han": 0}).astype({"passages": int, "han": int})


def groups(corpus: pd.DataFrame, by: str = "voice") -> pd.DataFrame:
    """Sum up articles by voice, source or year: one row a group, largest first.

    Columns: the group; articles; passages; han; share (of all Chinese characters); shortest, median and longest article.
    """
    grouped = corpus.groupby(by)["han"]
    table = pd.DataFrame(
        {
            "articles": grouped.size(),
            "passages": corpus.groupby(by)["passages"].sum(),
            "han": grouped.sum(),
            "share": grouped.sum() / corpus["han"].sum(),
            "shortest": grouped.min(),
            "median": grouped.median().astype(int),
            "longest": grouped.max(),
        }
    )
    return table.reset_index().sort_values(["articles", by], ascending=[False, True], ignore_index=True)


def lengths(passages: pd.DataFrame, step: int = 50) -> pd.DataFrame:
    """Count passages by length: one row a class of `step` Chinese characters. Columns: above, upto (included), passages."""
    low = (passages["han"] - 1).clip(lower=0) // step * step
    counted = low.value_counts()
    floors = range(0, int(low.max()) + step, step)
    rows = [(floor, floor + step, int(counted.get(floor, 0))) for floor in floors]
    return pd.DataFrame(rows, columns=["above", "upto", "passages"])


def telling_words(
    counts: Counts, registry: pd.DataFrame, by: str = "voice", words: int = 10, articles: int = 5
) -> pd.DataFrame:
    """Find the words that set each group of articles apart from the rest: one row a group and word, the most telling first.

    Columns: group, articles (in the group), rank, and those of `contrast.keywords`: word, count, rest, per_thousand, rest_per_thousand, log_odds, z.
    Groups with fewer than `articles` articles are left out: their words would be those of one author.
    """
    group_of = dict(zip(registry["id"], registry[by], strict=True))
    here = registry[registry["id"].isin(set(counts.articles))]
    sizes = here[by].value_counts()
    tables = []
    if not (sizes >= articles).any() or len(sizes) < 2:
        raise Refused(
            Problem(
                f"explore.telling_words(by={by!r})",
                f"{len(sizes)} groups, the largest of {sizes.max() if len(sizes) else 0} articles",
                f"two groups, one of them of at least {articles} articles",
                "lower `articles`, or group by another column",
            )
        )
    for group in sorted(sizes[sizes >= articles].index, key=lambda name: (-sizes[name], name)):
        found = contrast.keywords(counts, group_of, group).head(words)
        found.insert(0, "rank", range(1, len(found) + 1))
        tables.append(found.assign(group=group, articles=int(sizes[group])))
    table = pd.concat(tables, ignore_index=True)
    return table[["group", "articles", *(name for name in table if name not in ("group", "articles"))]]


def telling_words_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of telling words shows."""
    first = table[table["rank"] == 1]
    english = "; ".join(f"{row.group}: {row.word} (z = {row.z:.1f})" for row in first.itertuples())
    chinese = "；".join(f"{row.group}：{row.word}（z = {row.z:.1f}）" for row in first.itertuples())
    return (
        f"The words that set each kind of voice apart from the others, by weighted log-odds; the first of each: {english}.",
        f"各类发言者区别于其他人的词，按加权对数优势比排列；每类第一个：{chinese}。",
    )


def evidence(spread: pd.DataFrame, stability: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Gather what speaks for which number of topics: one row a score and K; columns score, K, mean, lowest, highest, chance.

    `spread` is the table of that name of `choose`, `stability` its models, `names` maps the scores to be shown to their names there. The last score is
    the agreement of top words between seeds, beside what chance would give.
    """
    tables = [
        spread[spread["score"] == name].assign(score=key)[["score", "K", "mean", "lowest", "highest"]]
        for key, name in names.items()
    ]
    agreed = stability.assign(
        score="agreement", mean=stability["top_words"], chance=stability["chance_top_words"]
    )
    agreed = agreed.assign(lowest=agreed["mean"], highest=agreed["mean"])
    columns = ["score", "K", "mean", "lowest", "highest", "chance"]
    return pd.concat([*tables, agreed[columns]], ignore_index=True).reindex(columns=columns)


def evidence_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of evidence shows."""
    ks = sorted(set(table["K"]))
    best = table[table["score"] == "held_out"].sort_values("mean").iloc[-1]
    return (
        f"Four panels over {len(ks)} numbers of topics from {ks[0]} to {ks[-1]}, each with its range over seeds; held-out likelihood is highest at {best['K']:.0f}.",
        f"四个指标随主题数（{ks[0]}至{ks[-1]}，共{len(ks)}种）的变化及其在不同种子间的范围；留出似然在{best['K']:.0f}个主题时最高。",
    )


def lineage(flows: pd.DataFrame, words: pd.DataFrame, least: float = 0.25) -> pd.DataFrame:
    """Arrange flows for drawing: one row a pair of topics of neighbouring numbers, as `choose.lineage` gives it, with places added.

    `words` has K, topic and words (to stand at the bar). Topics of the first number stand in the model's order, later ones where most of what they hold comes
    from. `share`, `next_share`: of all tokens; `base`, `next_base`: where the bars begin; `bottom`, `next_bottom`: where the band begins; `drawn`: whether it
    makes up at least `least` of one of its two topics; `colour`: that of the first topic it came from.
    """
    gap = 0.012
    said = {(row.K, row.topic): row.words for row in words.itertuples()}
    order: list[str] = sorted(flows[flows["K"] == flows["K"].min()]["topic"].unique())
    colours = {name: number for number, name in enumerate(order)}
    base: dict[str, float] = {}
    parts = []
    for (k, next_k), step in flows.groupby(["K", "next_K"], sort=True):
        shares = step.groupby("topic")["mass"].sum()
        next_shares = step.groupby("next_topic")["mass"].sum()
        if not base:
            base = _stacked(order, shares, gap)
        centre = {name: base[name] + shares[name] / 2 for name in order}
        pulled = (
            step.assign(pull=step["mass"] * step["topic"].map(centre)).groupby("next_topic")["pull"].sum()
            / next_shares
        )
        next_order = pulled.sort_values(kind="stable").index.tolist()
        next_base = _stacked(next_order, next_shares, gap)
        main = step.loc[step.groupby("next_topic")["mass"].idxmax()].set_index("next_topic")["topic"]
        step = step.assign(
            share=step["topic"].map(shares), next_share=step["next_topic"].map(next_shares),
            base=step["topic"].map(base), next_base=step["next_topic"].map(next_base),
            words=[said[k, name] for name in step["topic"]], next_words=[said[next_k, name] for name in step["next_topic"]],
            drawn=(step["of_topic"] >= least) | (step["of_next"] >= least), colour=step["topic"].map(colours),
        )  # fmt: skip
        rank, next_rank = {n: i for i, n in enumerate(order)}, {n: i for i, n in enumerate(next_order)}
        step = step.assign(a=step["topic"].map(rank), b=step["next_topic"].map(next_rank)).sort_values(
            ["a", "b"]
        )
        step["bottom"] = step["base"] + step.groupby("topic")["mass"].cumsum() - step["mass"]
        step = step.sort_values(["b", "a"])
        step["next_bottom"] = step["next_base"] + step.groupby("next_topic")["mass"].cumsum() - step["mass"]
        parts.append(step.sort_values(["a", "b"]).drop(columns=["a", "b"]))
        colours = {name: colours[main[name]] for name in next_order}
        order, base = next_order, next_base
    return pd.concat(parts, ignore_index=True)


def lineage_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of lineage shows."""
    ks = sorted({*table["K"], *table["next_K"]})
    steps = ", ".join(map(str, ks))
    return (
        f"Topics of models with {steps} topics as bars in columns; {int(table['drawn'].sum())} bands join topics that share passages.",
        f"主题数为{'、'.join(map(str, ks))}的模型，每个主题一条竖条；{int(table['drawn'].sum())}条色带连接共有段落的主题。",
    )


def first_words(topics: dict[int, pd.DataFrame], words: int) -> pd.DataFrame:
    """Name topics by their most probable words: one row a number of topics and topic; columns K, topic, words."""
    rows = [
        (k, name, " ".join(table[name].sort_values(ascending=False, kind="stable").index[:words]))
        for k, table in topics.items()
        for name in table
    ]
    return pd.DataFrame(rows, columns=["K", "topic", "words"])


def titles(words: pd.DataFrame) -> dict[str, str]:
    """Return topic → what stands at it in a figure: its name and its first words."""
    return {row.topic: f"{row.topic} {row.words}" for row in words.itertuples()}


def stability(topics: pd.DataFrame, seed: int, k: int, titles: dict[str, str]) -> pd.DataFrame:
    """Take one run out of the topics of `choose.stability`: one row a topic, the most stable first, with its title."""
    rows = topics[(topics["K"] == k) & (topics["seed"] == seed)]
    rows = rows.sort_values(["top_words", "topic"], ascending=[False, True], ignore_index=True)
    columns = ["topic", "share", "top_words", "chance_top_words", "cosine", "passages"]
    return rows[columns].assign(title=rows["topic"].map(titles))


def stability_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of stability shows."""
    most, least = table.iloc[0], table.iloc[-1]
    return (
        f"{len(table)} topics by how many of their top words other seeds find, from {least['top_words']:.0%} ({least['topic']}) "
        f"to {most['top_words']:.0%} ({most['topic']}); chance would give about {table['chance_top_words'].mean():.0%}.",
        f"{len(table)}个主题按其他种子重现其主题词的比例排列，从{least['top_words']:.0%}（{least['topic']}）到{most['top_words']:.0%}（{most['topic']}）；"
        f"随机水平约{table['chance_top_words'].mean():.0%}。",
    )


def topic_words(words: pd.DataFrame) -> pd.DataFrame:
    """Give the words of topics what stands above them in a figure: the topic's name. One row a topic and word."""
    return words[["topic", "rank", "word", "weight"]].assign(title=words["topic"])


def topic_words_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of topics shows."""
    first = table[table["rank"] <= 3].groupby("topic")["word"]
    english = "; ".join(f"{topic}: {', '.join(words)}" for topic, words in first)
    chinese = "；".join(f"{topic}：{'、'.join(words)}" for topic, words in first)
    topics = table["topic"].nunique()
    return (
        f"The most probable words of {topics} topics with their share of the topic. {english}.",
        f"{topics}个主题各自概率最高的词及其占主题的比例。{chinese}。",
    )


def _stacked(order: list[str], shares: pd.Series, gap: float) -> dict[str, float]:
    bases, at = {}, 0.0
    for name in order:
        bases[name] = at
        at += shares[name] + gap
    return bases


def corpus_in_words(corpus: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of the corpus shows."""
    most, dated = groups(corpus).iloc[0], int((corpus["year"] != "").sum())
    low, high, total = corpus["han"].min(), corpus["han"].max(), len(corpus)
    return (
        f"{total} articles as dots by kind of voice and length, from {low:,} to {high:,} Chinese characters; "
        f"the largest group has {most['articles']}; {dated} bear a date.",
        f"{total}篇文章按发言者类别和长度排列，每点一篇，{low:,}至{high:,}个汉字；最大一类{most['articles']}篇；{dated}篇有日期。",
    )


def lengths_in_words(passages: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of passage lengths shows."""
    quarter, middle, most = (int(passages["han"].quantile(q)) for q in (0.25, 0.5, 0.75))
    total = len(passages)
    return (
        f"{total:,} passages by length: half of them hold {quarter} to {most} Chinese characters, the median is {middle}.",
        f"{total:,}个段落按长度分布：半数在{quarter}至{most}个汉字之间，中位数为{middle}。",
    )
