"""Counts: what is handed from words to topics, and to and from other libraries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics.study import Problem, refuse_if


@dataclass(frozen=True, eq=False)
class Counts:
    """Passages × words: `matrix[i, j]` is how often `words[j]` stands in `ids[i]`, a passage of `articles[i]`.

    `made_from` is the fingerprint of what the counts were made from. The matrix is put in one form: int32, indices sorted, no zeros kept.
    Refused: lengths that disagree, an id or a word twice, counts that are negative, not finite or not whole.
    """

    ids: tuple[str, ...]
    words: tuple[str, ...]
    matrix: sparse.csr_array
    articles: tuple[str, ...] = ()
    made_from: str = ""

    def __post_init__(self) -> None:
        for name in ("ids", "words", "articles"):
            object.__setattr__(self, name, tuple(map(str, getattr(self, name))))
        if not self.articles:
            object.__setattr__(self, "articles", self.ids)
        matrix = sparse.csr_array(self.matrix, copy=True)
        refuse_if(self._problems(matrix))
        matrix = matrix.astype(np.int32)
        matrix.sum_duplicates()  # works on the arrays it is given: this is a copy
        matrix.eliminate_zeros()
        matrix.sort_indices()
        object.__setattr__(self, "matrix", matrix)

    def _problems(self, matrix: sparse.csr_array) -> Iterable[Problem]:
        if matrix.shape != (len(self.ids), len(self.words)):
            yield Problem(
                "Counts matrix",
                f"{matrix.shape[0]} × {matrix.shape[1]}",
                f"{len(self.ids)} ids × {len(self.words)} words",
                "give one row an id and one column a word",
            )
            return
        if len(self.articles) != len(self.ids):
            yield Problem(
                "Counts articles",
                f"{len(self.articles)}",
                f"{len(self.ids)}, one an id",
                "give the article of every id",
            )
        for name in ("ids", "words"):
            if twice := _first_twice(getattr(self, name)):
                yield Problem(f"Counts {name}", f"{twice!r} twice", "every one once", "rename or sum them")
        data = matrix.data
        with np.errstate(invalid="ignore"):
            for what, wrong in (
                ("not finite", ~np.isfinite(data)),
                ("negative", data < 0),
                ("not whole", np.isfinite(data) & (data != np.floor(data))),
                ("above what can be counted", np.isfinite(data) & (data > np.iinfo(np.int32).max)),
            ):
                if wrong.any():
                    place = int(np.flatnonzero(wrong)[0])
                    row = int(np.searchsorted(matrix.indptr, place, "right")) - 1
                    yield Problem(
                        f"Counts id {self.ids[row]}, word {self.words[matrix.indices[place]]!r}",
                        f"{data[place]}, which is {what}",
                        "whole numbers from 0 on",
                        "give counts, not weights",
                    )

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of all that is counted: ids, words, articles and the three arrays of the matrix."""
        print_ = hashlib.sha256()
        for names in (self.ids, self.words, self.articles):
            print_.update(json.dumps(names).encode())
        for array in (self.matrix.indptr, self.matrix.indices, self.matrix.data):
            print_.update(array.astype("<i8").tobytes())
        return print_.hexdigest()

    @property
    def tokens(self) -> int:
        """How many tokens are counted."""
        return int(self.matrix.sum())

    @property
    def lengths(self) -> pd.Series:
        """How many tokens each passage has, by its id."""
        return pd.Series(np.asarray(self.matrix.sum(axis=1)).ravel(), index=pd.Index(self.ids, name="id"))

    @property
    def frequencies(self) -> pd.Series:
        """How often each word stands in all passages together, by the word."""
        return pd.Series(np.asarray(self.matrix.sum(axis=0)).ravel(), index=pd.Index(self.words, name="word"))

    def select(self, ids: Iterable[str]) -> Counts:
        """Return the passages of these ids, in their order; words that no longer occur stay. Refused: ids that are not here."""
        wanted = list(ids)
        place = {name: number for number, name in enumerate(self.ids)}
        refuse_if(
            Problem(
                "Counts.select",
                f"id {name!r}",
                f"{len(self.ids)} ids, such as {self.ids[:3]}",
                "check the id",
            )
            for name in [name for name in wanted if name not in place][:20]
        )
        rows = [place[name] for name in wanted]
        return Counts(
            tuple(wanted),
            self.words,
            self.matrix[rows],
            tuple(self.articles[r] for r in rows),
            self.made_from,
        )

    def without(self, words: Iterable[str]) -> Counts:
        """Return the counts without some words; passages that are left empty stay. A word that is not here is no fault."""
        gone = set(words)
        places = [number for number, word in enumerate(self.words) if word not in gone]
        return Counts(
            self.ids,
            tuple(self.words[p] for p in places),
            self.matrix[:, places],
            self.articles,
            self.made_from,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return a table, one row a passage, one column a word."""
        return pd.DataFrame(
            self.matrix.toarray(), index=pd.Index(self.ids, name="id"), columns=list(self.words)
        )

    def to_gensim(self) -> tuple[Any, list[list[tuple[int, int]]]]:
        """Return gensim's Dictionary and corpus; its numbers are the columns of the matrix."""
        from gensim.corpora import Dictionary

        names = Dictionary()
        names.token2id = {word: number for number, word in enumerate(self.words)}
        passages = np.bincount(self.matrix.indices, minlength=len(self.words)).tolist()
        names.dfs = {number: n for number, n in enumerate(passages) if n}
        totals = np.asarray(self.matrix.sum(axis=0)).tolist()
        names.cfs = {number: n for number, n in enumerate(totals) if n}
        names.num_docs, names.num_pos, names.num_nnz = len(self.ids), self.tokens, self.matrix.nnz
        limits = self.matrix.indptr.tolist()
        pairs = list(zip(self.matrix.indices.tolist(), self.matrix.data.tolist(), strict=True))
        return names, [pairs[a:b] for a, b in pairwise(limits)]

    def to_sklearn(self) -> tuple[sparse.csr_array, np.ndarray]:
        """Return matrix and feature names as scikit-learn's CountVectorizer does."""
        return self.matrix.copy(), np.array(self.words, dtype=object)


def from_frame(table: pd.DataFrame, articles: Sequence[str] = ()) -> Counts:
    """Take a table, one row a passage (its index is the id), one column a word."""
    matrix = sparse.csr_array(table.to_numpy())
    return Counts(tuple(table.index), tuple(table.columns), matrix, tuple(articles))


def from_gensim(
    names: Mapping[int, str],
    corpus: Iterable[Iterable[tuple[int, int]]],
    ids: Sequence[str],
    articles: Sequence[str] = (),
) -> Counts:
    """Take gensim's Dictionary and corpus; `ids` are the passages in the order of the corpus. Refused: a number without a word."""
    numbers = sorted(names.keys())
    column = {number: place for place, number in enumerate(numbers)}
    rows = [list(passage) for passage in corpus]
    unknown = sorted({number for row in rows for number, _ in row if number not in column})
    refuse_if(
        Problem(
            "count.from_gensim",
            f"number {n} without a word",
            f"{len(numbers)} numbers",
            "give their Dictionary",
        )
        for n in unknown[:20]
    )
    limits = np.cumsum([0, *map(len, rows)])
    flat = list(chain.from_iterable(rows))
    matrix = sparse.csr_array(
        (np.array([n for _, n in flat]), np.array([column[w] for w, _ in flat], dtype=np.int64), limits),
        shape=(len(rows), len(numbers)),
    )
    return Counts(tuple(ids), tuple(names[number] for number in numbers), matrix, tuple(articles))


def from_sklearn(
    matrix: Any, names: Sequence[str], ids: Sequence[str], articles: Sequence[str] = ()
) -> Counts:
    """Take a matrix and its feature names, as scikit-learn's CountVectorizer gives them."""
    return Counts(tuple(ids), tuple(names), sparse.csr_array(matrix), tuple(articles))


def _first_twice(names: tuple[str, ...]) -> str:
    if len(set(names)) == len(names):
        return ""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""
