"""How large each topic is, and how many articles carry it."""

import numpy as np
import pandas as pd

from nqp_topics.counts.table import Counts
from nqp_topics.figures.labelled import topic_labels
from nqp_topics.topics.model import Topics


def carried_by(run: Topics, counts: Counts, labels: pd.DataFrame | None = None) -> pd.DataFrame:
    """Say how many articles carry each topic: one row a topic, the largest first; one that lives in one article is that article's, not the corpus's.

    Columns: topic, en, zh, share (of all tokens), articles (their effective number: as many that held equal parts of it would be as uneven),
    largest (the article with most of it) and its part, prior (a high one: a little in many passages), and for a consensus agreement (how far its
    chains agree on the topic's passages). Refused: counts of another run.
    """
    shares = run.articles(counts)
    tokens = counts.lengths.groupby(list(counts.articles)).sum().reindex(shares.index)
    mass = shares.mul(tokens, axis=0)
    parts = (mass / mass.sum(axis=0)).fillna(0.0)  # a topic that nobody has is in no article
    called = topic_labels(shares.columns, labels, "figures.carried_by")
    logs = np.log(parts.where(parts > 0, 1.0))
    found = pd.DataFrame({"topic": list(shares.columns)})
    found["en"], found["zh"] = ([called[topic][side] for topic in shares] for side in (0, 1))
    found["share"] = (mass.sum(axis=0) / mass.to_numpy().sum()).to_numpy()
    found["articles"] = np.exp(-(parts * logs).sum(axis=0)).to_numpy()
    found["largest"], found["part"] = parts.idxmax(axis=0).to_numpy(), parts.max(axis=0).to_numpy()
    found["prior"] = run.prior.to_numpy()
    if run.topic_agreement is not None:
        found["agreement"] = run.topic_agreement.to_numpy()
    return found.sort_values("share", ascending=False, kind="stable", ignore_index=True)
