"""Topics: what is handed from training to everything that follows, and to and from the disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nqp_topics.checks import file_here, said
from nqp_topics.counts import Counts
from nqp_topics.files import from_json, whole_folder
from nqp_topics.files.tables import read_own, write_own
from nqp_topics.study import Problem, Refused, fingerprint, refuse_if, whole
from nqp_topics.topics import engines

FOLD_PASSES = 200


@dataclass(frozen=True, eq=False)
class Topics:
    """Topics of one run: what each is made of, where it stands, and everything that made it.

    `words`: one row a word, one column a topic (T01 …), each column summing to one. `passages`: one row a passage, one column a topic,
    each row summing to one. `tokens`: tokens of each topic. `prior`: the document prior of each topic; `word_prior` that of a word.
    `trace`: iteration and log_likelihood per token as the engine reckons it (to see that it settles; not comparable between engines).
    `ran`: what the engine ran where the settings left it to it. `topic_agreement`, `passage_agreement`: where a run is what several chains agree on, how
    far they do, from 0 to 1 (`engines.consensus.agreement` says how it is reckoned); None where it is one chain, or of another engine.
    Refused: tables whose names disagree, and numbers that are no shares.
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

    def __post_init__(self) -> None:
        refuse_if(_problems(self))

    @property
    def names(self) -> list[str]:
        """The topics' names, T01 to TK, in the model's order."""
        return list(self.words.columns)

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that this run says; two runs with the same one are the same run."""
        return fingerprint("\n".join(_said(self)))

    def articles(self, counts: Counts) -> pd.DataFrame:
        """Shares of articles, one row an article in the order of the counts: the sums of its passages, weighted by their tokens.

        Refused: counts that this run was not made from.
        """
        belong(self, counts)
        lengths = np.asarray(counts.matrix.sum(axis=1), dtype=np.float64).ravel()
        article = pd.Index(counts.articles, name="article")
        mass = self.passages.mul(lengths, axis=0).set_axis(article).groupby(level=0, sort=False).sum()
        return mass.div(mass.sum(axis=1), axis=0)

    def shares(self, counts: Counts) -> pd.DataFrame:
        """Shares of texts that may be new, one row an id: topics stay as they are, words the run does not know are passed over.

        The same text has the same shares every time and beside any other. A text without a known word has the shares of the prior.
        Refused: texts that have no word in common with the run.
        """
        from nqp_topics.topics.engines.kernels import fold

        known = {word: number for number, word in enumerate(self.words.index)}
        both = [(column, known[word]) for column, word in enumerate(counts.words) if word in known]
        if not both:
            raise Refused(
                Problem(
                    "shares(counts)",
                    f"{len(counts.words)} words, none of which the run knows",
                    "texts that were cut and filtered as those of the run",
                    "cut them with the same lexicon and stop words",
                )
            )
        columns, numbers = (np.array(part, dtype=np.int32) for part in zip(*both, strict=True))
        ends, words, times = engines.arrays(counts.matrix[:, columns])
        found = fold(
            ends,
            numbers[words],
            times,
            np.ascontiguousarray(self.words.to_numpy()),
            self.prior.to_numpy(),
            FOLD_PASSES,
        )
        return pd.DataFrame(found, index=pd.Index(counts.ids, name="id"), columns=self.names)

    def to_gensim(self) -> Any:
        """Return a `gensim.models.LdaModel` that holds these topics, with a Dictionary of these words.

        It serves gensim's CoherenceModel, pyLDAvis.gensim_models and similarity queries; `counts.to_gensim()` gives the corpus whose word
        numbers it uses, `model.id2word.doc2bow(tokens)` turns other texts into bags.
        """
        from gensim.corpora import Dictionary
        from gensim.models import LdaModel

        names = Dictionary()
        names.token2id = {word: number for number, word in enumerate(self.words.index)}
        names.id2token = {number: word for word, number in names.token2id.items()}
        model = LdaModel(
            num_topics=len(self.names),
            id2word=names,
            alpha=self.prior.to_numpy(),
            eta=self.word_prior,
            random_state=np.random.RandomState(self.seed % 2**32),
            dtype=np.float64,
        )
        # gensim adds the word prior to its counts: what is left after taking it away gives back the words to the last digits
        mass = self.tokens.to_numpy() + len(self.words) * self.word_prior
        counted = self.words.to_numpy().T * mass[:, None] - self.word_prior
        model.state.sstats = np.ascontiguousarray(np.maximum(counted, 0.0))
        model.sync_state()
        return model


def topic_names(topics: int) -> list[str]:
    """Return T01 … TK; all names of a model are equally long."""
    digits = max(2, len(str(topics)))
    return [f"T{number:0{digits}d}" for number in range(1, topics + 1)]


def belong(topics: Topics, counts: Counts) -> None:
    """Refuse counts that a run was not made from; the message shows the first id or word that differs."""
    if topics.counts_fingerprint == counts.fingerprint:
        return
    for what, mine, theirs in (
        ("id", list(topics.passages.index), list(counts.ids)),
        ("word", list(topics.words.index), list(counts.words)),
    ):
        if mine != theirs:
            shorter = min(len(mine), len(theirs))
            place = next((n for n in range(shorter) if mine[n] != theirs[n]), shorter)
            one, other = (repr(rows[place]) if place < len(rows) else "nothing" for rows in (mine, theirs))
            came = f"{what} number {place + 1} is {one} in the run and {other} in the counts ({len(mine)} and {len(theirs)} in all)"
            break
    else:
        came = "the same ids and words, but other numbers or articles"
    raise Refused(
        Problem(
            "run and counts",
            came,
            "the counts that the run was made from",
            "train again on these counts, or load the counts of the run",
        )
    )


def save(topics: Topics, folder: str | Path) -> None:
    """Write a run as plain tables: topics.csv (topic, word, weight), shares.csv (id, topic, share), trace.csv and run.json.

    A run that several chains agree on has agreement.csv too: one row a topic or a passage: of, name, agreement.
    Numbers are written so that they are read back to the last digit. An earlier run of this name is there until all of the new one is.
    """
    with whole_folder(folder, anew=("agreement.csv",)) as place:
        write(topics, place)


def write(topics: Topics, place: Path) -> None:
    """Write the tables of a run into a folder that somebody else fills whole."""
    about = {
        "topics": len(topics.names),
        "passages": len(topics.passages),
        "words": len(topics.words),
        "seed": topics.seed,
        "engine": topics.engine,
        "version": topics.version,
        "settings": topics.settings,
        "ran": topics.ran,
        "iterations": topics.iterations,
        "prior": dict(zip(topics.names, topics.prior.tolist(), strict=True)),
        "word_prior": topics.word_prior,
        "tokens": dict(zip(topics.names, topics.tokens.tolist(), strict=True)),
        "counts": topics.counts_fingerprint,
        "fingerprint": topics.fingerprint,
    }
    for name, table in _tables(topics).items():
        write_own(table, place / name)
    with whole(place / "run.json") as stream:
        json.dump(about, stream, ensure_ascii=False, indent=1)
        stream.write("\n")


def load(folder: str | Path) -> Topics:
    """Read a run that `save` wrote, equal to the one that was saved. Refused: a folder that is none, and one edited or cut short."""
    place = Path(folder)
    refuse_if(
        file_here(place / "run.json", "a folder that nqp-topics train wrote", "train, or correct the path")
    )
    try:
        about = from_json((place / "run.json").read_bytes())
        names = list(about["prior"])
        topics = Topics(
            words=_wide(place / "topics.csv", "word", "weight", names, down=True),
            passages=_wide(place / "shares.csv", "id", "share", names, down=False),
            tokens=pd.Series(about["tokens"], dtype="float64", name="tokens"),
            prior=pd.Series(about["prior"], dtype="float64", name="prior"),
            word_prior=about["word_prior"],
            seed=about["seed"],
            engine=about["engine"],
            version=about["version"],
            iterations=about["iterations"],
            trace=read_own(place / "trace.csv", {}),
            counts_fingerprint=about["counts"],
            settings=about["settings"],
            ran=about.get("ran", {}),
            **_read_agreement(place / "agreement.csv"),
        )
        came = (
            "" if topics.fingerprint == about["fingerprint"] else "tables that are not those that were saved"
        )
    except (OSError, LookupError, AttributeError, TypeError, ValueError, OverflowError) as error:
        came = f"tables that cannot be put together ({type(error).__name__}: {said(str(error))})"
    if came:
        raise Refused(
            Problem(
                str(place),
                came,
                "the folder as nqp-topics train left it",
                "train again: a run is never edited by hand",
            )
        )
    return topics


def _read_agreement(file: Path) -> dict[str, pd.Series]:
    if not file.is_file():
        return {}
    long = read_own(file, {"name": str})
    parts = {of: rows.set_index("name")["agreement"].astype("float64") for of, rows in long.groupby("of")}
    return {
        "topic_agreement": parts["topic"].rename_axis(None),
        "passage_agreement": parts["passage"].rename_axis("id"),
    }


def _agreements(topics: Topics) -> dict[str, pd.Series]:
    both = {"topic": topics.topic_agreement, "passage": topics.passage_agreement}
    return {of: found for of, found in both.items() if found is not None}


def _tables(topics: Topics) -> dict[str, pd.DataFrame]:
    count = len(topics.names)
    agreed = [
        pd.DataFrame({"of": of, "name": found.index, "agreement": found.to_numpy()})
        for of, found in _agreements(topics).items()
    ]
    return {
        **({"agreement.csv": pd.concat(agreed)} if agreed else {}),
        "topics.csv": pd.DataFrame(
            {
                "topic": np.repeat(topics.names, len(topics.words)),
                "word": np.tile(topics.words.index.to_numpy(dtype=object), count),
                "weight": topics.words.to_numpy().ravel(order="F"),
            }
        ),
        "shares.csv": pd.DataFrame(
            {
                "id": np.repeat(topics.passages.index.to_numpy(dtype=object), count),
                "topic": np.tile(topics.names, len(topics.passages)),
                "share": topics.passages.to_numpy().ravel(),
            }
        ),
        "trace.csv": topics.trace,
    }


def _wide(file: Path, key: str, value: str, names: list[str], down: bool) -> pd.DataFrame:
    """Read a long table as it was written, topic by topic (`down`) or row by row, into one column a topic."""
    long = read_own(file, {key: str, "topic": str, value: float})
    shape = (len(names), -1) if down else (-1, len(names))
    numbers, keys, topics = (long[name].to_numpy().reshape(shape) for name in (value, key, "topic"))
    if down:
        numbers, keys, topics = numbers.T, keys.T, topics.T
    if not ((keys == keys[:, :1]).all() and (topics == np.array(names, dtype=object)).all()):
        raise ValueError(f"{file.name}: rows in another order")
    return pd.DataFrame(numbers, index=pd.Index(keys[:, 0], name=key), columns=names)


def _problems(topics: Topics) -> Iterator[Problem]:
    names = topic_names(topics.words.shape[1])
    for what, found in (
        ("words", topics.words.columns),
        ("passages", topics.passages.columns),
        ("tokens", topics.tokens.index),
        ("prior", topics.prior.index),
    ):
        if list(found) != names:
            yield Problem(
                f"topics.{what}", f"{list(found)[:5]} …", f"{names[0]} to {names[-1]}", "keep the names"
            )
    for what, table, axis in (("words", topics.words, 0), ("passages", topics.passages, 1)):
        numbers = table.to_numpy()
        sums = numbers.sum(axis=axis)
        if not numbers.size or not (np.isfinite(sums).all() and (numbers >= 0).all()):
            yield Problem(
                f"topics.{what}", "none, or some below 0 or not finite", "shares from 0 to 1", "train again"
            )
        elif (np.abs(sums - 1) > 1e-6).any():
            yield Problem(f"topics.{what}", "shares that do not sum to one", "sums of one", "train again")
        if table.index.has_duplicates:
            twice = table.index[table.index.duplicated()][0]
            yield Problem(f"topics.{what}", f"{twice!r} twice", "every name once", "train again")

    for of, found in _agreements(topics).items():
        rows = names if of == "topic" else list(topics.passages.index)
        if list(found.index) != rows or not found.between(0, 1).all():
            yield Problem(
                f"topics.{of}_agreement",
                "other names, or numbers beyond 0 and 1",
                "as the run has them",
                "train again",
            )


def _said(topics: Topics) -> Iterator[str]:
    yield json.dumps([topics.engine, topics.version, topics.seed, topics.iterations, topics.word_prior])
    yield json.dumps([topics.settings, topics.counts_fingerprint], sort_keys=True)
    for rows in (topics.words.index, topics.passages.index):
        yield json.dumps(list(rows))
    for numbers in (topics.words, topics.passages, topics.tokens, topics.prior, topics.trace):
        yield fingerprint(np.ascontiguousarray(numbers.to_numpy(), dtype="<f8").tobytes())
    if topics.ran:
        yield json.dumps(topics.ran, sort_keys=True)
    for found in _agreements(topics).values():
        yield json.dumps(list(found.index))
        yield fingerprint(np.ascontiguousarray(found.to_numpy(), dtype="<f8").tobytes())
