"""Topics: how many, how they split and merge, whether another seed finds them, what they are made of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nqp_topics import checks
from nqp_topics.figures.labelled import topic_labels
from nqp_topics.study import Problem, Refused, refuse_if


def evidence(spread: pd.DataFrame, stability: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Gather what speaks for which number of topics: one row a score and K; columns score, K, mean, lowest, highest, chance.

    `spread` is the table of that name of `choose`, `stability` its models, `names` maps the scores to be shown to their names there. The last score is
    the overlap of top words between seeds (Jaccard: words in common by all words of both; lowest and highest: of two runs), beside what chance would give.
    """
    tables = [
        spread[spread["score"] == name].assign(score=key)[["score", "K", "mean", "lowest", "highest"]]
        for key, name in names.items()
    ]
    agreed = stability.assign(
        score="agreement", mean=stability["top_words"], chance=stability["chance_top_words"]
    )
    agreed = agreed.rename(columns={"top_words_low": "lowest", "top_words_high": "highest"})
    columns = ["score", "K", "mean", "lowest", "highest", "chance"]
    return pd.concat([*tables, agreed[columns]], ignore_index=True).reindex(columns=columns)


def evidence_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of evidence shows. Refused: a table without the held-out score, of which it speaks."""
    refuse_if(checks.columns("evidence_in_words(table)", table, ["K", "score", "mean"]))
    ks, scores = sorted(set(table["K"])), table["score"].unique().tolist()
    refuse_if(
        []
        if "held_out" in scores
        else [
            Problem(
                "evidence_in_words(table)",
                checks.listed(scores),
                "held_out among the scores",
                "give the table of explore.evidence",
            )
        ]
    )
    english = f"{len(scores)} score{'s' if len(scores) > 1 else ''} over {len(ks)} numbers of topics from {ks[0]} to {ks[-1]}, each with its range over seeds"
    chinese = f"{len(scores)}个指标随主题数（{ks[0]}至{ks[-1]}，共{len(ks)}种）的变化及其在不同种子间的范围"
    rows = table[(table["score"] == "held_out") & table["mean"].notna()]
    best = rows.loc[rows["mean"].idxmax()]
    english += f"; mean held-out likelihood is highest at {best['K']:.0f}"
    chinese += f"；留出似然的均值在{best['K']:.0f}个主题时最高"
    edge = {ks[-1]: ("largest", "最大"), ks[0]: ("smallest", "最小")}.get(best["K"])
    if edge and len(ks) > 1:
        english += f", the {edge[0]} number tried: the peak may lie beyond"
        chinese += f"，而这是所试的{edge[1]}主题数，峰值可能在此之外"
    near = sorted(rows.loc[(rows["highest"] >= best["lowest"]) & (rows["K"] != best["K"]), "K"])
    if near:
        english += f"; its range over seeds meets that of {', '.join(f'{k:.0f}' for k in near)}"
        chinese += f"；其种子间的范围与{'、'.join(f'{k:.0f}' for k in near)}个主题的范围重叠"
    return f"{english}.", f"{chinese}。"


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


def _stacked(order: list[str], shares: pd.Series, gap: float) -> dict[str, float]:
    bases, at = {}, 0.0
    for name in order:
        bases[name] = at
        at += shares[name] + gap
    return bases


def becomes(table: pd.DataFrame, least: float = 0.15) -> pd.DataFrame:
    """Say in words what becomes of each topic at the next number of topics: one row a topic, from a table of `lineage`.

    Columns: K, topic, words, next_K, kept (the largest part of it that stays in one topic), becomes (those topics that hold `least` of it and
    more, with their words and the part, the largest first).
    """
    rows = []
    for (k, topic), part in table.groupby(["K", "topic"], sort=True):
        part = part.sort_values(["of_topic", "next_topic"], ascending=[False, True])
        heirs = part[part["of_topic"] >= least] if (part["of_topic"] >= least).any() else part.head(1)
        said = "; ".join(
            f"{row.next_topic} {row.next_words} {row.of_topic:.0%}" for row in heirs.itertuples()
        )
        first = part.iloc[0]
        rows.append((k, topic, first["words"], first["next_K"], first["of_topic"], said))
    return pd.DataFrame(rows, columns=["K", "topic", "words", "next_K", "kept", "becomes"])


def lineage_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of lineage shows."""
    ks = sorted({*table["K"], *table["next_K"]})
    bands, pairs = int(table["drawn"].sum()), int((table["mass"] > 0).sum())
    return (
        f"Topics of models with {', '.join(map(str, ks))} topics as bars in columns; {bands} bands join topics of neighbouring columns that share "
        f"passages, out of {pairs} such pairs: those that make up much of one of the two.",
        f"主题数为{'、'.join(map(str, ks))}的模型，每个主题一条竖条；相邻两列共有段落的主题有{pairs}对，其中占某一方较大部分的{bands}对以色带连接。",
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


def stability(
    topics: pd.DataFrame, seed: int, k: int, titles: dict[str, str], labels: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Take one run out of the topics of `choose.stability`: one row a topic, the most stable first.

    `title` and `title_zh` are what stands at it in a figure: its name and its label, of the table of `name.labels_of`; what `titles` says
    (its first words) where it has none.
    """
    rows = topics[(topics["K"] == k) & (topics["seed"] == seed)]
    rows = rows.sort_values(["top_words", "topic"], ascending=[False, True], ignore_index=True)
    columns = ["topic", "share", "top_words", "chance_top_words", "cosine", "passages"]
    called = topic_labels(rows["topic"], labels, "explore.stability")
    said = {
        topic: [f"{topic} {label}" if label != topic else titles.get(topic, topic) for label in both]
        for topic, both in called.items()
    }
    return rows[columns].assign(
        title=[said[topic][0] for topic in rows["topic"]],
        title_zh=[said[topic][1] for topic in rows["topic"]],
    )


def stability_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of stability shows."""
    low, high, chance = (
        f"{x:.2f}"
        for x in (table["top_words"].min(), table["top_words"].max(), table["chance_top_words"].mean())
    )
    return (
        f"{len(table)} topics by how far their top words and those of other seeds overlap (mean Jaccard coefficient: words in common by all words of "
        f"both), from {low} to {high}; chance would give about {chance}.",
        f"{len(table)}个主题按其主题词与其他种子的重合度（Jaccard 系数的均值：共有词数除以两者全部词数）排列，从{low}到{high}；随机水平约{chance}。",
    )


def topic_words(words: pd.DataFrame, labels: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give the words of topics what stands above them in a figure, `title` and `title_zh`: the topic's name and its label. One row a topic and word.

    `labels` is the table of `name.labels_of` (topic, en, zh); it may name topics that are not shown.
    """
    topics = words["topic"].drop_duplicates()
    if labels is not None and "topic" in labels:
        labels = labels[labels["topic"].isin(topics)]
    called = topic_labels(topics, labels, "explore.topic_words")
    said = {
        topic: [topic if label == topic else f"{topic} {label}" for label in both]
        for topic, both in called.items()
    }
    return words[["topic", "rank", "word", "weight"]].assign(
        title=[said[topic][0] for topic in words["topic"]],
        title_zh=[said[topic][1] for topic in words["topic"]],
    )


def topic_words_in_words(table: pd.DataFrame) -> tuple[str, str]:
    """Say in English and in Chinese what the figure of topics shows."""
    first = table[table["rank"] <= 3].groupby("topic")["word"]
    english = "; ".join(f"{topic}: {', '.join(words)}" for topic, words in first)
    chinese = "；".join(f"{topic}：{'、'.join(words)}" for topic, words in first)
    topics = table["topic"].nunique()
    return (
        f"The most probable words of {topics} topics with their probability in the topic. {english}.",
        f"{topics}个主题各自概率最高的词及其在主题中的概率。{chinese}。",
    )


def carried_by(shares: pd.DataFrame, tokens: pd.Series, labels: pd.DataFrame | None = None) -> pd.DataFrame:
    """Say how many articles carry each topic: one row a topic; a topic that lives in one article is that article's, not the corpus's.

    `shares` is articles × topics, `tokens` the length of each article. Columns: topic, en, zh, share (of all tokens), articles (their effective number:
    as many that held equal parts of it would be as uneven), largest (the article with most of it) and its part. Refused: tokens of other
    articles, an article without tokens.
    """
    lengths = tokens.reindex(shares.index)
    if lengths.isna().any() or (lengths <= 0).any():
        strange = ", ".join(map(str, lengths.index[~(lengths > 0)][:5]))
        raise Refused(
            Problem(
                "explore.carried_by(tokens)",
                f"no tokens of {strange}",
                "a number above 0 for every article",
                "give counts.lengths summed by article",
            )
        )
    mass = shares.mul(lengths, axis=0)
    parts = (mass / mass.sum(axis=0)).fillna(0.0)  # a topic that nobody has is in no article
    called = topic_labels(shares.columns, labels, "explore.carried_by")
    logs = np.log(parts.where(parts > 0, 1.0))
    return pd.DataFrame(
        {
            "topic": list(shares.columns),
            "en": [called[topic][0] for topic in shares],
            "zh": [called[topic][1] for topic in shares],
            "share": (mass.sum(axis=0) / mass.to_numpy().sum()).to_numpy(),
            "articles": np.exp(-(parts * logs).sum(axis=0)).to_numpy(),
            "largest": parts.idxmax(axis=0).to_numpy(),
            "part": parts.max(axis=0).to_numpy(),
        }
    )
