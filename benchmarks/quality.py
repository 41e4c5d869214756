"""How good topics are, told by one estimator for all engines: held-out likelihood, coherence, truth found, agreement with a reader."""

from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array, vstack

from nqp_topics.choose.agreement import adjusted_information
from nqp_topics.topics.engines import arrays
from nqp_topics.topics.engines.kernels import Prior, fold


def halves(
    counts: csr_array, articles: list[str], seed: int, share: float = 0.2
) -> tuple[csr_array, csr_array, csr_array]:
    """Hold out a fifth of the articles; give the passages of the others, and two random halves of each passage held out."""
    random = np.random.default_rng(seed)
    names = sorted(set(articles))
    order = random.permutation(len(names))
    out = {names[number] for number in order[: max(1, round(share * len(names)))]}
    held = np.array([name in out for name in articles])
    first, second = [], []
    ends, words, times = arrays(counts[held])
    for a, b in pairwise(ends):
        tokens = np.repeat(words[a:b], times[a:b])
        random.shuffle(tokens)
        middle = len(tokens) // 2
        for part, rows in ((tokens[:middle], first), (tokens[middle:], second)):
            rows.append(csr_array(np.bincount(part, minlength=counts.shape[1])[None, :]))
    return csr_array(counts[~held]), csr_array(vstack(first)), csr_array(vstack(second))


def held_out(words: np.ndarray, prior: np.ndarray, first: csr_array, second: csr_array) -> float:
    """Log-likelihood per word of second halves, with the shares that the first halves have under the model (EM, its own prior)."""
    same = Prior(np.array(prior, dtype=float)[None], np.zeros(first.shape[0], np.int64))
    shares = fold(*arrays(first), np.ascontiguousarray(words.T), same, 200)
    rows = second.tocoo()
    chance = np.einsum("nk,nk->n", shares[rows.row], words.T[rows.col])
    return float((rows.data * np.log(np.maximum(chance, 1e-300))).sum() / rows.data.sum())


def npmi(words: np.ndarray, counts: csr_array, top: int = 10) -> float:
    """Mean NPMI of all pairs of the top words of a topic; two words are together where they stand in one passage."""
    here = csr_array(counts > 0).astype(float)
    passages = here.shape[0]
    scores = []
    for topic in words:
        chosen = np.argsort(-topic, kind="stable")[:top]
        part = here[:, chosen]
        both = (part.T @ part).toarray() / passages
        alone = np.diag(both)
        for one in range(top):
            for other in range(one):
                p = both[one, other]
                known = 0 < p < 1
                scores.append(
                    np.log(p / alone[one] / alone[other]) / -np.log(p) if known else (1.0 if p else -1.0)
                )
    return float(np.mean(scores))


def truth_found(words: np.ndarray, truth: np.ndarray) -> float:
    """Mean cosine of planted topics with those that were found, matched one to one."""
    one, other = (table / np.linalg.norm(table, axis=1, keepdims=True) for table in (words, truth))
    cosine = one @ other.T
    return float(cosine[linear_sum_assignment(-cosine)].mean())


def agreement(theme: np.ndarray, topic: np.ndarray) -> float:
    """Adjusted mutual information of two labellings: 1 for the same, about 0 for unrelated ones however many topics there are."""
    return adjusted_information(theme, topic)


def plain_agreement(theme: np.ndarray, topic: np.ndarray) -> float:
    """Mutual information of two labellings, divided by the mean of their entropies (NMI): high by chance where topics are many and rows few."""
    _, rows = np.unique(theme, return_inverse=True)
    _, columns = np.unique(topic, return_inverse=True)
    both = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(both, (rows, columns), 1 / len(rows))
    left, right = both.sum(axis=1), both.sum(axis=0)
    seen = both > 0
    shared = (both[seen] * np.log(both[seen] / np.outer(left, right)[seen])).sum()
    entropy = [-(side * np.log(side)).sum() for side in (left, right)]
    return float(2 * shared / sum(entropy))


def drawn_again(theme: np.ndarray, topics: list[np.ndarray], draws: int = 1000, seed: int = 0) -> np.ndarray:
    """Mean agreement of each list of runs (runs × rows) when rows are drawn again: lists × draws, the same rows for all.

    A row that is drawn twice would make any two labellings agree more, so four fifths of the rows are drawn and none of them twice. Such draws lie
    half as far from their mean as draws of as many rows from all that could be read do, and are moved twice as far out.
    """
    random = np.random.default_rng(seed)
    found = np.empty((len(topics), draws))
    for draw in range(draws):
        rows = random.permutation(len(theme))[: round(0.8 * len(theme))]
        for one, runs in enumerate(topics):
            found[one, draw] = np.mean([agreement(theme[rows], run[rows]) for run in runs])
    middle = found.mean(axis=1, keepdims=True)
    return middle + 2 * (found - middle)


def first_is_right(themes: np.ndarray, others: np.ndarray, topic: np.ndarray) -> float:
    """Share of rows whose strongest topic is of their main or secondary theme: the theme that most other rows of that topic have."""
    right = 0
    for row in range(len(themes)):
        mates = (topic == topic[row]) & (np.arange(len(themes)) != row)
        names, times = np.unique(themes[mates], return_counts=True)
        right += bool(len(names)) and names[times.argmax()] in (themes[row], others[row])
    return right / len(themes)


def planted(
    seed: int,
    passages: int,
    length: int = 200,
    words: int = 20_000,
    topics: int = 50,
    prior: float = 0.1,
    word_prior: float = 0.05,
    labels: np.ndarray | None = None,
) -> tuple[csr_array, np.ndarray]:
    """Passages drawn from topics that are known: counts (int32) and topics × words. A thousand passages are made at a time.

    `labels` is filled with the topic of every token, in the order of counts.
    """
    random = np.random.default_rng(seed)
    truth = random.dirichlet(np.full(words, word_prior), topics)
    steps = np.cumsum(truth, axis=1)
    steps /= steps[:, -1:]
    ends, indices, data = [np.zeros(1, np.int64)], [], []
    for start in range(0, passages, 1000):
        rows = min(1000, passages - start)
        shares = np.cumsum(random.dirichlet(np.full(topics, prior), rows), axis=1)
        topic = (shares[:, None, :] < random.random((rows, length, 1))).sum(axis=2).clip(0, topics - 1)
        chance = random.random((rows, length))
        word = np.empty((rows, length), np.int64)
        for number in range(topics):
            mine = topic == number
            word[mine] = np.searchsorted(steps[number], chance[mine]).clip(0, words - 1)
        cells = np.arange(rows)[:, None] * words + word
        if labels is not None:
            order = cells.ravel().argsort(kind="stable")
            labels[start * length : (start + rows) * length] = topic.ravel()[order]
        cell, times = np.unique(cells, return_counts=True)
        indices.append((cell % words).astype(np.int32))
        data.append(times.astype(np.int32))
        ends.append(ends[-1][-1] + np.cumsum(np.bincount(cell // words, minlength=rows)))
    matrix = csr_array(
        (np.concatenate(data), np.concatenate(indices), np.concatenate(ends)), shape=(passages, words)
    )
    return matrix, truth
