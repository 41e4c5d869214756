"""Coherence: do the top words of a topic stand together in the texts? Pairs of words are counted once for all topics of all runs.

`topics` are rows of top words, the likeliest first, as numbers of words; what comes back is one value a topic.
"""

from collections.abc import Callable
from functools import partial
from itertools import chain

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics.checks import Problem, Refused
from nqp_topics.counts import Counts

# words → how often each pair stands together, of how many; how often pairs of top words do → a value a topic
Counting = Callable[[np.ndarray], tuple[np.ndarray, int]]
Scoring = Callable[[np.ndarray, int], np.ndarray]
EPSILON = 1e-12  # added to the share of windows that hold both words (Röder, Both and Hinneburg 2015)
C_V_WINDOW = 110
NPMI_WINDOW = 10
# words: the table of pairs of so many takes 128 MB; more top words than these are counted in parts
UNION = 4000


def c_v(topics: np.ndarray, ends: np.ndarray, tokens: np.ndarray, as_gensim: bool = False) -> np.ndarray:
    """Return C_V: the mean cosine of each top word's NPMI with all top words and the sum of these over the words, in windows of 110.

    A window is a boolean document: a word is in it or not (Röder, Both and Hinneburg 2015). gensim counts otherwise: its
    WordOccurrenceAccumulator forgets a word as soon as one of its tokens leaves the window, although another is still inside, and takes
    a text without a token for a window. Hence its counts are too low where a word is repeated within a window, which is usual
    in texts with themes; passages shorter than the window are one window and are not touched. `as_gensim` counts as gensim does, and then the values
    are those of its CoherenceModel.
    """
    return _in_windows(topics, ends, tokens, C_V_WINDOW, as_gensim, _indirect)


def npmi(topics: np.ndarray, ends: np.ndarray, tokens: np.ndarray, as_gensim: bool = False) -> np.ndarray:
    """Return the mean NPMI of all pairs of top words in windows of 10; `as_gensim` as in `c_v`, where it matters far more often."""
    return _in_windows(topics, ends, tokens, NPMI_WINDOW, as_gensim, _mean_npmi)


def npmi_passages(topics: np.ndarray, matrix: sparse.csr_array) -> np.ndarray:
    """Return the mean NPMI of all pairs of top words in whole passages: needs counts alone, no order of tokens."""
    return _in_parts(topics, partial(_in_passages, matrix), _mean_npmi)


def umass(topics: np.ndarray, matrix: sparse.csr_array, as_gensim: bool = False) -> np.ndarray:
    """Return the mean of log (D(w, v) + 1) / D(v) over all pairs of top words, v likelier than w, D in passages (Mimno et al. 2011).

    `as_gensim`: with 1e-12 of all passages in the place of the 1, so that one pair that never stands together decides the mean.
    """

    def score(both: np.ndarray, total: int) -> np.ndarray:
        alone = both[:, np.arange(both.shape[1]), np.arange(both.shape[1])].astype(np.float64)
        later, sooner = np.tril_indices(both.shape[1], -1)
        pairs = both[:, later, sooner].astype(np.float64)
        if as_gensim:
            return np.log((pairs / total + EPSILON) / (alone[:, sooner] / total)).mean(axis=1)
        return np.log((pairs + 1) / alone[:, sooner]).mean(axis=1)

    return _in_parts(topics, partial(_in_passages, matrix), score)


def ordered(tokens: pd.DataFrame, counts: Counts) -> tuple[np.ndarray, np.ndarray]:
    """Return where each text ends and the number of the word of each token, -1 for tokens that are not counted.

    `tokens` is the table that `segment` or `sift` gives, in the order of the text; rows of passages that are not counted are left out.
    Refused: tokens that are not those of the counts; the message shows the first passage that differs.
    """
    lists = dict(zip(map(str, tokens["id"].tolist()), tokens["tokens"].tolist(), strict=True))
    if missing := [name for name in counts.ids if name not in lists]:
        raise _strange(f"no tokens of {len(missing)} passages, such as {missing[0]!r}")
    rows = [lists[name] for name in counts.ids]
    number = {word: place for place, word in enumerate(counts.words)}
    flat = np.fromiter((number.get(token, -1) for token in chain.from_iterable(rows)), np.int64)
    ends = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    passage = np.repeat(np.arange(len(rows)), np.diff(ends))[flat >= 0]
    places = passage, flat[flat >= 0]
    again = sparse.csr_array((np.ones(len(passage), np.int32), places), shape=counts.matrix.shape)
    if (different := (again != counts.matrix)).nnz:
        first = int(different.tocoo().coords[0].min())
        raise _strange(f"passage {counts.ids[first]!r} has other words in the tokens than in the counts")
    return ends, flat


def _strange(came: str) -> Refused:
    todo = "count these tokens again, or leave the tokens out: the scores that need no order remain"
    return Refused(Problem("tokens and counts", came, "the tokens that the counts were made from", todo))


def _in_windows(
    topics: np.ndarray, ends: np.ndarray, tokens: np.ndarray, size: int, as_gensim: bool, score: Scoring
) -> np.ndarray:
    from nqp_topics.choose.loops import windows

    highest = int(max(tokens.max(initial=-1), topics.max())) + 1

    def count(words: np.ndarray) -> tuple[np.ndarray, int]:
        number = np.full(highest + 1, -1, np.int64)  # the last place serves tokens that are no counted word
        number[words] = np.arange(len(words))
        both, total = windows(ends, number[tokens], size, len(words), as_gensim)
        return both, int(total)

    return _in_parts(topics, count, score)


def _in_passages(matrix: sparse.csr_array, words: np.ndarray) -> tuple[np.ndarray, int]:
    there = matrix[:, words].astype(bool).astype(np.int64)
    return (there.T @ there).toarray(), matrix.shape[0]


def _in_parts(topics: np.ndarray, count: Counting, score: Scoring) -> np.ndarray:
    """Count the pairs of all top words at once, or of halves of the topics where there are too many different ones."""
    words, places = np.unique(topics, return_inverse=True)
    if len(words) > UNION and len(topics) > 1:
        half = len(topics) // 2
        return np.concatenate([_in_parts(part, count, score) for part in (topics[:half], topics[half:])])
    both, total = count(words)
    places = places.reshape(topics.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        return score(both[places[:, :, None], places[:, None, :]], total)


def _npmi(both: np.ndarray, total: int) -> np.ndarray:
    shares = both / total
    alone = np.diagonal(shares, axis1=1, axis2=2)
    return np.log((shares + EPSILON) / (alone[:, :, None] * alone[:, None, :])) / -np.log(shares + EPSILON)


def _mean_npmi(both: np.ndarray, total: int) -> np.ndarray:
    later, sooner = np.tril_indices(both.shape[1], -1)
    return _npmi(both, total)[:, later, sooner].mean(axis=1)


def _indirect(both: np.ndarray, total: int) -> np.ndarray:
    pairs = _npmi(both, total)
    sums = pairs.sum(axis=1)
    lengths = np.sqrt((pairs**2).sum(axis=2)) * np.sqrt((sums**2).sum(axis=1))[:, None]
    return ((pairs * sums[:, None, :]).sum(axis=2) / lengths).mean(axis=1)
