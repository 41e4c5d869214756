"""Topics: what is handed from training to everything that follows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.checks import Problem, Refused, listed, named_once, refuse_if
from nqp_topics.counts import Counts
from nqp_topics.files import fingerprint
from nqp_topics.topics import engines
from nqp_topics.topics.engines import Common
from nqp_topics.topics.engines.consensus import topical
from nqp_topics.topics.engines.kernels import Prior, fold
from nqp_topics.topics.engines.prevalence import priors
from nqp_topics.topics.formula import design, known, rows_of, strange

FOLD_PASSES = 200
# what agreement.csv tells of, and where a run has it
AGREED = {"topic": "topic_agreement", "passage": "passage_agreement"}


@dataclass(frozen=True, eq=False)
class Topics:
    """Topics of one run: what each is made of, where it stands, and everything that made it.

    `words`: one row a word, one column a topic (T01 …), each column summing to one. `passages`: one row a passage, one column a topic,
    each row summing to one. `tokens`: tokens of each topic. `prior`: the document prior of each topic; `word_prior` that of a word.
    `trace`: iteration and log_likelihood per token as the engine reckons it (to see that it settles; not comparable between engines).
    `ran`: what the engine ran where the settings left it to it. `topic_agreement`, `passage_agreement`: where a run is what several chains agree on, how
    far they do, from 0 to 1 (`engines.consensus.agreement` says how it is reckoned); None where it is one chain, or of another engine.
    `formula`, `prevalence` and `about`: what may move topics, λ of its columns (term × topic: the logarithm of the prior is their sum), and what was
    known of articles (one row an article); `prior` is then the mean of all passages. Without a formula, None.
    `common`: words of no topic in particular, where the engine set them apart (`engines.Common`, its words and passages as Series). `left_out`: the same of
    topics that a person left out (`naming.drop`), of passages their part of what is not common. Shares of topics are those of all other tokens. Refused: tables whose names disagree, and numbers that are no shares.
    """

    words: pd.DataFrame
    passages: pd.DataFrame
    tokens: pd.Series
    prior: pd.Series
    word_prior: float
    seed: int
    engine: str
    version: str
    iterations: int
    trace: pd.DataFrame
    counts_fingerprint: str
    settings: dict[str, Any] = field(default_factory=dict)
    ran: dict[str, Any] = field(default_factory=dict)
    topic_agreement: pd.Series | None = None
    passage_agreement: pd.Series | None = None
    formula: str = ""
    prevalence: pd.DataFrame | None = None
    about: pd.DataFrame | None = None
    left_out: Common | None = None
    common: Common | None = None

    def __post_init__(self) -> None:
        refuse_if(_problems(self))

    def __repr__(self) -> str:
        size = f"{len(self.names)} topics of {len(self.words):,} words in {len(self.passages):,} passages"
        return f"{size}: seed {self.seed}, {self.engine}, run {self.fingerprint[:12]}"

    @property
    def names(self) -> list[str]:
        """The topics' names, T01 to TK, in the model's order; those that a person joined are called by both: T03+T07."""
        return list(self.words.columns)

    @property
    def anchored(self) -> dict[str, str]:
        """The names of topics that were given words before the fit (`topics.anchoring`), by topic."""
        anchors = zip(topic_names(first_number(self)), self.settings.get("anchors", ()), strict=False)
        labels = {name: label for name, (label, _) in anchors}
        parts = {name: [labels[part] for part in name.split("+") if part in labels] for name in self.names}
        return {name: "／".join(found) for name, found in parts.items() if found}

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that this run says; two runs with the same one are the same run."""
        return fingerprint("\n".join(_said(self)))

    def articles(self, counts: Counts) -> pd.DataFrame:
        """Shares of articles, one row an article in the order of the counts: the sums of its passages, weighted by their tokens of topics.

        Refused: counts that this run was not made from.
        """
        belong(self, counts)
        lengths = self.mass(counts)
        article = pd.Index(counts.articles, name="article")
        mass = self.passages.mul(lengths, axis=0).set_axis(article).groupby(level=0, sort=False).sum()
        return mass.div(mass.sum(axis=1), axis=0)

    def mass(self, counts: Counts) -> np.ndarray:
        """Return how many tokens each passage has, less what was left out of it and what it has in common with all."""
        tokens = counts.lengths.to_numpy(dtype=np.float64)
        for part in self.apart.values():
            tokens = tokens * (1 - part.passages.to_numpy())
        return tokens

    @property
    def apart(self) -> dict[str, Common]:
        """What is no topic's by what it is called: what a person left out, and what the engine set apart."""
        both = {"left_out": self.left_out, "common": self.common}
        return {name: part for name, part in both.items() if part is not None}

    @property
    def chances(self) -> np.ndarray:
        """Words × topics, and last those that are no topic's (`apart`): with `mixture` what the run makes of texts."""
        words = self.words.to_numpy()
        return (
            np.column_stack([words, *(part.words for part in self.apart.values())]) if self.apart else words
        )

    @property
    def mixture(self) -> np.ndarray:
        """Passages × topics, and last what is no topic's; each row sums to one."""
        shares = self.passages.to_numpy()
        for part in self.apart.values():
            own = part.passages.to_numpy()[:, None]
            shares = np.hstack([shares * (1 - own), own])
        return shares

    @property
    def priors_of_all(self) -> np.ndarray:
        """The document prior of each column of `mixture`."""
        return np.append(self.prior.to_numpy(), [part.prior for part in self.apart.values()])

    def shares(self, counts: Counts, about: pd.DataFrame | None = None) -> pd.DataFrame:
        """Shares of texts that may be new, one row an id: topics stay as they are, words the run does not know are passed over.

        The same text has the same shares every time and beside any other. A text without a known word has the shares of the prior: of its article,
        where the run has a formula and `about` tells of it, else the usual one.
        Refused: texts that have no word in common with the run; articles of which the formula cannot be told.
        """
        found, topics = self.mixed(counts, about), len(self.names)
        if self.apart:
            found = topical(found, topics)
        return pd.DataFrame(found, index=counts.names[0], columns=self.names)

    def mixed(self, counts: Counts, about: pd.DataFrame | None = None) -> np.ndarray:
        """Return what `shares` gives, with the share of what is no topic's last. Refused: as there."""
        places = self.words.index.get_indexer(counts.names[1])
        columns = np.flatnonzero(places >= 0)
        if not len(columns):
            came = f"{len(counts.words)} words, none of which the run knows"
            allowed = "texts that were cut and filtered as those of the run"
            todo = "cut them with the same lexicon and stop words"
            raise Refused(Problem("shares(counts)", came, allowed, todo))
        numbers = places[columns].astype(np.int32)
        ends, words, times = engines.arrays(counts.matrix[:, columns])
        table, prior = np.ascontiguousarray(self.chances), self.priors(counts, about)
        return fold(ends, numbers[words], times, table, prior, FOLD_PASSES)

    def priors(self, counts: Counts, about: pd.DataFrame | None = None) -> Prior:
        """Return the prior of every passage: of what `about` says of its article where the run has a formula, else the usual one."""
        if self.prevalence is None or self.about is None or about is None:
            return Prior(self.priors_of_all[None].copy(), np.zeros(len(counts.ids), np.int64))
        codes, articles = pd.factorize(np.array(counts.articles, dtype=object))
        where = "shares"
        made = design(self.formula, self.about, where)
        table = known(rows_of(about, list(articles), where), list(self.about.columns), where)
        refuse_if(strange(made, table, where))
        own = priors(made.at(table), self.prevalence.to_numpy().copy())
        rest = (np.full(len(own), part.prior) for part in self.apart.values())
        return Prior(np.column_stack([own, *rest]), codes.astype(np.int64))

    def to_gensim(self) -> Any:
        """Return a `gensim.models.LdaModel` that holds these topics, with a Dictionary of these words.

        It serves gensim's CoherenceModel, pyLDAvis.gensim_models and similarity queries; `counts.to_gensim()` gives the corpus whose word
        numbers it uses, `model.id2word.doc2bow(tokens)` turns other texts into bags. What was set apart or left out is
        not handed on: gensim shares such words out to the topics.
        """
        from gensim.corpora import Dictionary
        from gensim.models import LdaModel

        names = Dictionary()
        names.token2id = {word: number for number, word in enumerate(self.words.index)}
        names.id2token = {number: word for word, number in names.token2id.items()}
        priors: Any = {"alpha": self.prior.to_numpy(), "eta": self.word_prior, "dtype": np.float64}
        own = np.random.RandomState(self.seed % 2**32)
        model = LdaModel(num_topics=len(self.names), id2word=names, random_state=own, **priors)
        # gensim adds the word prior to its counts: what is left after taking it away gives back the words to the last digits
        mass = self.tokens.to_numpy() + len(self.words) * self.word_prior
        counted = self.words.to_numpy().T * mass[:, None] - self.word_prior
        model.state.sstats = np.ascontiguousarray(np.maximum(counted, 0.0))
        model.sync_state()
        return model


def table_said(table: pd.DataFrame) -> str:
    """Return all that a table says, so that it can be fingerprinted."""
    cells = table.astype(object).to_numpy().tolist()
    return json.dumps([list(table.columns), list(map(str, table.index)), cells])


def topic_names(topics: int) -> list[str]:
    """Return T01 … TK; all names of a model are equally long."""
    digits = max(2, len(str(topics)))
    return [f"T{number:0{digits}d}" for number in range(1, topics + 1)]


def first_number(topics: Topics) -> int:
    """Return how many topics the engine gave."""
    changes = topics.ran.get("changes", [])
    return int(changes[0]["of"]) if changes else topics.words.shape[1]


def changed_names(names: list[str], change: dict[str, Any]) -> list[str]:
    """Return the names of topics after a change: those that were joined are one, where the first of them stood; those left out are gone."""
    if "merge" not in change:
        return [name for name in names if name not in change["drop"]]
    first, *gone = change["merge"]
    one = "+".join(sorted(part for name in change["merge"] for part in name.split("+")))
    return [one if name == first else name for name in names if name not in gone]


def belong(topics: Topics, counts: Counts) -> None:
    """Refuse counts that a run was not made from; the message shows the first id or word that differs."""
    if topics.counts_fingerprint == counts.fingerprint:
        return
    ids, words = (topics.passages.index, counts.ids), (topics.words.index, counts.words)
    for what, (mine, theirs) in (("id", ids), ("word", words)):
        pairs = enumerate(zip_longest(map(repr, mine), map(repr, theirs), fillvalue="nothing"), 1)
        if differs := next(((place, *pair) for place, pair in pairs if len(set(pair)) > 1), None):
            place, one, other = differs
            came = f"{what} number {place} is {one} in the run and {other} in the counts ({len(mine)} and {len(theirs)} in all)"
            break
    else:
        came = "the same ids and words, but other numbers or articles"
    allowed = "the counts that the run was made from"
    todo = "train again on these counts, or load the counts of the run"
    raise Refused(Problem("run and counts", came, allowed, todo))


def agreements(topics: Topics) -> dict[str, pd.Series]:
    """Return how far chains agree about topics and about passages, where a run says so."""
    every = {of: getattr(topics, name) for of, name in AGREED.items()}
    return {of: found for of, found in every.items() if found is not None}


def _problems(topics: Topics) -> Iterator[Problem]:
    names = topic_names(first_number(topics))
    for change in topics.ran.get("changes", []):
        names = changed_names(names, change)
    named = {"words": topics.words.columns, "passages": topics.passages.columns}
    named |= {"tokens": topics.tokens.index, "prior": topics.prior.index}
    named |= {} if topics.prevalence is None else {"prevalence": topics.prevalence.columns}
    for what, found in named.items():
        if list(found) != names:
            yield Problem(f"topics.{what}", listed(found, 5), f"{names[0]} to {names[-1]}", "keep the names")
    for what, table, axis in (("words", topics.words, 0), ("passages", topics.passages, 1)):
        numbers = table.to_numpy()
        sums = numbers.sum(axis=axis)
        if not numbers.size or not (np.isfinite(sums).all() and (numbers >= 0).all()):
            came = "none, or some below 0 or not finite"
            yield Problem(f"topics.{what}", came, "shares from 0 to 1", "train again")
        elif (np.abs(sums - 1) > 1e-6).any():
            yield Problem(f"topics.{what}", "shares that do not sum to one", "sums of one", "train again")
        if table.index.has_duplicates:
            yield from named_once(f"topics.{what}", table.index, "train again")
    ids, agreed = topics.passages.index, agreements(topics)
    beside = [(AGREED[of], found, names if of == "topic" else ids) for of, found in agreed.items()]
    for name, apart in topics.apart.items():
        beside.append((f"{name}.words", apart.words, topics.words.index))
        beside.append((f"{name}.passages", apart.passages, ids))
    for what, part, rows in beside:
        if list(part.index) != list(rows) or not part.between(0, 1).all():
            came = "other names, or numbers beyond 0 and 1"
            yield Problem(f"topics.{what}", came, "as the run has them", "train again")


def _said(topics: Topics) -> Iterator[str]:
    yield json.dumps([topics.engine, topics.version, topics.seed, topics.iterations, topics.word_prior])
    yield json.dumps([topics.settings, topics.counts_fingerprint], sort_keys=True)
    for rows in (topics.words.index, topics.passages.index):
        yield json.dumps(list(rows))
    for numbers in (topics.words, topics.passages, topics.tokens, topics.prior, topics.trace):
        yield fingerprint(np.ascontiguousarray(numbers.to_numpy(), dtype="<f8").tobytes())
    if topics.ran:
        yield json.dumps(topics.ran, sort_keys=True)
    if topics.prevalence is not None and topics.about is not None:
        yield json.dumps([topics.formula, table_said(topics.prevalence), table_said(topics.about)])
    for apart in topics.apart.values():
        yield json.dumps([apart.prior, apart.tokens])
        for part in apart[:2]:
            yield fingerprint(np.ascontiguousarray(part.to_numpy(), dtype="<f8").tobytes())
    for found in agreements(topics).values():
        yield json.dumps(list(found.index))
        yield fingerprint(np.ascontiguousarray(found.to_numpy(), dtype="<f8").tobytes())
