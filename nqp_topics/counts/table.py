"""The table of counts: what is handed from words to topics, and to and from other libraries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics.checks import Problem, listed, named_once, refuse_if

MOST = np.iinfo(np.int32).max  # times that a word can be counted in a passage


@dataclass(frozen=True, eq=False, repr=False)
class Counts:
    """Passages × words: `matrix[i, j]` is how often `words[j]` stands in `ids[i]`, a passage of `articles[i]`.

    `made_from` is the fingerprint of what the counts were made from. The matrix is put in one form: int32, indices sorted, no zeros kept.
    What pandas or scikit-learn has counted is given as it is: Counts(table.index, table.columns, table.to_numpy()).
    Refused: lengths that disagree, an id or a word twice, counts that are negative, not finite or not whole.
    """

    ids: Sequence[str]
    words: Sequence[str]
    matrix: sparse.csr_array
    articles: Sequence[str] = ()
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

    def __repr__(self) -> str:
        articles = len(set(self.articles))
        return f"{len(self.ids):,} passages × {len(self.words):,} words of {articles:,} articles"

    def _problems(self, matrix: sparse.csr_array) -> Iterable[Problem]:
        rows, wide = matrix.shape
        if (rows, wide) != (len(self.ids), len(self.words)):
            allowed = f"{len(self.ids)} ids × {len(self.words)} words"
            todo = "give one row an id, one column a word"
            yield Problem("Counts(matrix)", f"{rows} × {wide}", allowed, todo)
            return
        if len(self.articles) != rows:
            allowed, todo = f"{rows}, one an id", "give the article of every id"
            yield Problem("Counts(articles)", f"{len(self.articles)}", allowed, todo)
        yield from named_once("Counts(ids)", self.ids, "rename or sum them")
        yield from named_once("Counts(words)", self.words, "rename or sum them")
        data = matrix.data
        with np.errstate(invalid="ignore"):
            wrong = np.flatnonzero(~((data >= 0) & (data <= MOST) & (data == np.floor(data))))
        for place in wrong[:1].tolist():
            row = int(np.searchsorted(matrix.indptr, place, "right")) - 1
            where = f"Counts(matrix) id {self.ids[row]}, word {self.words[matrix.indices[place]]!r}"
            allowed = f"a whole number from 0 to {MOST}"
            yield Problem(where, f"{data[place]}", allowed, "give counts, not weights")

    @cached_property
    def names(self) -> tuple[pd.Index, pd.Index]:
        """The ids and the words as the tables of runs have them: made once, and shared by all runs of these counts."""
        return pd.Index(self.ids, name="id"), pd.Index(self.words, name="word")

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
        return pd.Series(np.asarray(self.matrix.sum(axis=1)).ravel(), index=self.names[0])

    @property
    def frequencies(self) -> pd.Series:
        """How often each word stands in all passages together, by the word."""
        return pd.Series(np.asarray(self.matrix.sum(axis=0)).ravel(), index=self.names[1])

    def select(self, ids: Iterable[str]) -> Counts:
        """Return the passages of these ids, in their order; words that no longer occur stay. Refused: ids that are not here."""
        wanted = list(ids)
        rows = self.names[0].get_indexer(wanted)
        where, allowed = "Counts.select(ids)", f"ids such as {listed(self.ids, 3)}"
        strange = [name for name, row in zip(wanted, rows, strict=True) if row < 0]
        refuse_if(Problem(where, repr(name), allowed, "check the id") for name in strange)
        articles = [self.articles[row] for row in rows]
        return Counts(wanted, self.words, self.matrix[rows], articles, self.made_from)

    def without(self, words: Iterable[str]) -> Counts:
        """Return the counts without some words; passages that are left empty stay. A word that is not here is no fault."""
        stays = ~self.names[1].isin(set(words))
        return Counts(self.ids, self.names[1][stays], self.matrix[:, stays], self.articles, self.made_from)

    def to_gensim(self) -> tuple[Any, list[list[tuple[int, int]]]]:
        """Return gensim's Dictionary and corpus; its numbers are the columns of the matrix."""
        from gensim.corpora import Dictionary

        names = Dictionary()
        names.token2id = {word: column for column, word in enumerate(self.words)}
        passages = np.bincount(self.matrix.indices, minlength=len(self.words)).tolist()
        names.dfs = {column: n for column, n in enumerate(passages) if n}
        names.cfs = {column: n for column, n in enumerate(self.frequencies.tolist()) if n}
        names.num_docs, names.num_pos, names.num_nnz = len(self.ids), self.tokens, self.matrix.nnz
        pairs = list(zip(self.matrix.indices.tolist(), self.matrix.data.tolist(), strict=True))
        return names, [pairs[a:b] for a, b in pairwise(self.matrix.indptr.tolist())]
