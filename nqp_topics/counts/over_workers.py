"""Counts of a folder of any size, over the workers of a cluster (Dask): texts and tokens are never all in one memory, counts come out."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from nqp_topics.checks import Problem, Refused, columns, named_once, refuse_if
from nqp_topics.counts.making import Counted, by_limits, filled, limits_problems, summed, words_of
from nqp_topics.study import Study, progress

KINDS = (".jsonl", ".parquet")


class Seen(NamedTuple):
    """What one file holds: its passages (id, article, tokens), and of each word in how many of them it stands and how often."""

    passages: pd.DataFrame
    stands: Counter[str]
    totals: Counter[str]


def of_folder(place: str | Path, client: Any, study: Study, min_df: int = 1, max_df: float = 1.0) -> Counted:
    """Count a folder's files (JSON lines or Parquet with id and tokens, or id and text, which is cut as the study says) as `count` does all their rows.

    Workers read each file twice, where it lies, which they must see under the same name: for the frequencies of words, and for the matrix of those that stay.
    Refused: what `count` refuses, a folder that is none or has no such files, an id that returns in another file.
    """
    files = [str(file.resolve()) for file in sorted(Path(place).glob("*")) if file.suffix in KINDS]
    allowed, todo = "files .jsonl or .parquet", "put the texts or their tokens there"
    refuse_if([] if files else [Problem(str(place), "no such file in the folder", allowed, todo)])
    found = list(_each(client, seen, files, study))
    passages = pd.concat([one.passages for one in found], ignore_index=True)
    refuse_if(named_once(str(place), passages["id"]), limits_problems(min_df, max_df, len(passages)))
    stands, totals = Counter[str](), Counter[str]()
    for one in found:
        stands.update(one.stands)
        totals.update(one.totals)
    words = sorted(totals)
    often, total = (np.array([counted[word] for word in words], np.int64) for counted in (stands, totals))
    places, trimmed = by_limits(words, often, total, len(passages), min_df, max_df)
    kept = [words[place] for place in places]
    sent = client.submit(list, kept, pure=False)  # workers fetch it from each other
    rows = _each(client, matrix, files, study, sent)
    parts = [sparse.csr_array(part, shape=(len(part[2]) - 1, len(kept))) for part in rows]
    return filled(passages, kept, sparse.csr_array(sparse.vstack(parts, format="csr")), trimmed)


def _each(client: Any, work: Any, files: list[str], *given: Any) -> Iterator[Any]:
    """Have each file worked on by some worker, and yield what came of it, in the order of the files."""
    waiting = [client.submit(work, file, *given, pure=False) for file in files]
    waiting.reverse()
    for _ in progress(files, "count"):
        yield waiting.pop().result()


def seen(file: str, study: Study) -> Seen:
    """Tell what a file holds: on the worker."""
    table = tokens_of(file, study)
    lists = table["tokens"].tolist()
    passages = table[["id", "article"]].assign(tokens=list(map(len, lists)))
    stands = Counter(chain.from_iterable(map(set, lists)))
    return Seen(passages, stands, Counter(chain.from_iterable(lists)))


def matrix(file: str, study: Study, words: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count those words in each passage of a file: on the worker; counts, columns and the ends of rows."""
    place = {word: column for column, word in enumerate(words)}
    lists = [[place[word] for word in some if word in place] for some in tokens_of(file, study)["tokens"]]
    flat = np.fromiter(chain.from_iterable(lists), np.int32)
    found = summed(flat, list(map(len, lists)), len(words))
    return found.data, found.indices, found.indptr


def tokens_of(file: str, study: Study) -> pd.DataFrame:
    """Read one file: id, article and tokens; texts are cut and filtered as the study says."""
    from nqp_topics.words.cut.lines import has_tokens, read_texts, read_tokens

    if file.endswith(".parquet"):
        table = parquet(file)
    else:
        table = read_tokens(file) if has_tokens(file) else read_texts(file)
    return table if "tokens" in table else words_of(study, table, audited=False)[0]


def parquet(file: str) -> pd.DataFrame:
    """Read a file of Parquet: id, article (the id where none is given), and tokens or text. Refused: pyarrow is not installed, columns that are missing."""
    try:
        table = pd.read_parquet(file)
    except ImportError:
        came, todo = "Parquet, which pyarrow reads", "pip install pyarrow, or write JSON lines"
        raise Refused(Problem(file, came, "a file that can be read here", todo)) from None
    what = "tokens" if "tokens" in table else "text"
    refuse_if(columns(file, table, ["id", what]))
    table = table.assign(id=table["id"].astype(str))
    table["article"] = table["article"].astype(str) if "article" in table else table["id"]
    return table.assign(tokens=table["tokens"].map(list)) if what == "tokens" else table
