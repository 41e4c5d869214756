"""Making counts: tokens → how often each word stands in each passage, without the order of words, so that it can be shared."""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics.checks import Problem, Refused, columns, number, refuse_if, whole_number
from nqp_topics.counts.table import Counts
from nqp_topics.files import fingerprint
from nqp_topics.study import Study

CHOICES = ("cut_by", "guess", "general_stopwords", "shortest_word", "numbers", "parts", "min_df", "max_df")


class Counted(NamedTuple):
    """What `count` gives: the counts, the words that were trimmed, and the passages that are left empty."""

    counts: Counts
    trimmed: pd.DataFrame
    empty: pd.DataFrame


def count(
    tokens: pd.DataFrame,
    articles: Mapping[str, str] | None = None,
    min_df: int = 1,
    max_df: float = 1.0,
    made_from: str = "",
) -> Counted:
    """Count the words of every passage; words stand in the order of their code points.

    `articles`: the article of each id (else a column `article` of the tokens, else the id itself). `min_df`: the fewest passages a word stands in; `max_df`:
    the most, as a share of all passages up to 1.0 or as a number above 1. Gives the counts; `trimmed`, one row a word: word, passages,
    tokens, share (of all tokens), reason; `empty`, one row a passage that keeps no word and is not counted: id, article,
    tokens (that it had). Refused: limits that leave nothing, ids twice, an id without an article.
    """
    refuse_if(columns("count(tokens)", tokens, ["id", "tokens"], "use the table that segment gives"))
    ids = list(map(str, tokens["id"].tolist()))
    article = _articles(tokens, ids, articles)
    many = len(ids)
    refuse_if(limits_problems(min_df, max_df, many))
    lists = tokens["tokens"].tolist()
    lengths = np.fromiter(map(len, lists), np.int64, many)
    flat = list(chain.from_iterable(lists))
    words = sorted(set(flat))
    place = {word: column for column, word in enumerate(words)}
    indices = np.fromiter(map(place.__getitem__, flat), np.int32, len(flat))
    totals = np.bincount(indices, minlength=len(words))
    matrix = summed(indices, lengths, len(words))
    passages = np.bincount(matrix.indices, minlength=len(words))
    kept, trimmed = by_limits(words, passages, totals, many, min_df, max_df)
    table = pd.DataFrame({"id": ids, "article": article, "tokens": lengths})
    return filled(table, [words[column] for column in kept], matrix[:, kept], trimmed, made_from)


def summed(columns: np.ndarray, lengths: Any, wide: int) -> sparse.csr_array:
    """Count tokens that are given by the columns of their words, passage after passage of so many."""
    limits = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    ones = np.ones(len(columns), np.int32)
    matrix = sparse.csr_array((ones, columns, limits), shape=(len(limits) - 1, wide))
    matrix.sum_duplicates()
    return matrix


def filled(
    passages: pd.DataFrame, words: list[str], matrix: Any, trimmed: Any, made_from: str = ""
) -> Counted:
    """Make counts of the passages (id, article, tokens) that keep a word, and a table of those that keep none."""
    full = np.diff(matrix.indptr) > 0
    rows = passages[full]
    ids, articles = rows["id"].tolist(), rows["article"].tolist()
    counts = Counts(ids, words, matrix[np.flatnonzero(full)], articles, made_from)
    return Counted(counts, trimmed, passages[~full].reset_index(drop=True))


def by_limits(
    words: list[str], passages: np.ndarray, totals: np.ndarray, many: int, min_df: int, max_df: float
) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the places of words that stand in enough of so many passages and not in too many, and what is left out, as `count` gives it. Refused: none stays."""
    stays = (passages >= min_df) & (passages <= most_passages(max_df, many))
    if not stays.any():
        came = f"{min_df}, {max_df}: none of {len(words)} words stands in that many of {many} passages"
        todo = "widen the limits" if words else "check the tokens: all passages are empty"
        raise Refused(Problem("count(min_df, max_df)", came, "limits that leave a word", todo))
    gone = np.flatnonzero(~stays)
    gone = gone[np.argsort(-totals[gone], kind="stable")]
    rare, often = f"in fewer than {min_df} passages", f"in more than {max_df:g} of passages"
    reason = [rare if passages[column] < min_df else often for column in gone]
    left_out = {"word": [words[column] for column in gone], "passages": passages[gone]}
    left_out |= {"tokens": totals[gone], "share": totals[gone] / totals.sum()}
    return np.flatnonzero(stays), pd.DataFrame(left_out | {"reason": pd.Series(reason, dtype=object)})


def _articles(tokens: pd.DataFrame, ids: list[str], articles: Mapping[str, str] | None) -> list[str]:
    if articles is None:
        return list(map(str, tokens["article"].tolist())) if "article" in tokens else ids
    known = dict(articles)
    allowed, without = "the article of every id", [name for name in ids if name not in known]
    refuse_if(Problem("count(articles)", f"no article for id {name}", allowed, "add it") for name in without)
    return [str(known[name]) for name in ids]


def most_passages(max_df: float, many: int) -> float:
    """Return how many of so many passages a word may stand in: `max_df` is a share up to 1, or a number above."""
    return round(max_df * many, 9) if max_df <= 1 else max_df


def limits_problems(min_df: Any, max_df: Any, many: int) -> Iterable[Problem]:
    """Tell what is wrong with limits."""
    least = whole_number("count(min_df)", min_df, 1, todo="1 keeps every word")
    most = number("count(max_df)", max_df, 0, 2**53, above=True, todo="1.0 keeps every word")
    yield from [*least, *most]
    if not most and max_df > 1 and max_df != int(max_df):
        allowed = "a share up to 1.0, or a whole number of passages"
        yield Problem("count(max_df)", f"{max_df}", allowed, "1.0 keeps every word")
    elif not least and not most and min_df > (limit := most_passages(max_df, many)):
        came = f"{min_df} and {max_df} ({limit:g} passages)"
        yield Problem("count(min_df, max_df)", came, "the first not larger", "widen the limits")


class Steps(NamedTuple):
    """What became of a study's texts on their way to counts, each step as a table.

    passages: one row a passage; tokens: one row a passage, the words that the filters left; sifted: one row a word that they took
    out; audit: one row a term of the lexicon; trimmed and empty as `count` gives them.
    """

    passages: pd.DataFrame
    tokens: pd.DataFrame
    sifted: pd.DataFrame
    audit: pd.DataFrame
    counts: Counts
    trimmed: pd.DataFrame
    empty: pd.DataFrame


def by_study(study: Study, passages: pd.DataFrame | None = None) -> Steps:
    """Cut, filter and count passages as `study.toml` says; without passages, those of the study's documents, which are read."""
    # the readers and numba take half a second, which everybody who imports Counts would wait
    from nqp_topics.documents import read, split
    from nqp_topics.words import drafts

    if passages is None:
        articles = split.by_study(read.of_study(study).documents, study)
        passages = split.passages(articles, study.shortest, study.longest)
    refuse_if(columns("counts.by_study(passages)", passages, ["id", "article", "text"]))
    kept, gone, audit = words_of(study, passages, audited=True)
    texts, stop = passages[["id", "article", "text"]], drafts.stop_words(study)[["word", "list"]]
    made_from = [texts.values.tolist(), drafts.lexicon_text(study), stop.values.tolist()]
    made_from += [{name: getattr(study, name) for name in CHOICES}]
    made_from += [{name: version(name) for name in ("nqp-topics", "jieba")}]
    known_by = fingerprint(json.dumps(made_from, ensure_ascii=False))
    counted = count(kept, None, study.min_df, study.max_df, known_by)
    return Steps(passages, kept, gone, audit, *counted)


def words_of(study: Study, texts: pd.DataFrame, audited: bool) -> tuple[pd.DataFrame, ...]:
    """Cut texts and filter their words as a study says; return the tokens that stay, the words that went, the audit of its lexicon if asked for."""
    from nqp_topics.words import audit, drafts, segment, sift

    listed = drafts.lexicon_of(study)
    by = segment.cutter(listed, study.cut_by, study.guess)
    notes = audit.Notes(by)
    watch = notes.note if audited and listed is not None else None
    tokens = segment.tokens(texts, by, watch=watch).assign(article=texts["article"].to_numpy())
    stop = drafts.stop_words(study)
    kept, gone = sift.keep(tokens, stop, study.shortest_word, study.numbers, study.parts, by.terms)
    return kept, gone, notes.table()
