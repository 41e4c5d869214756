"""Corpora with labels that the project did not grow up with: do topics match the labels, for us and for the peers that are installed?

python benchmarks/outside.py FOLDER … [--first 0,50,7] [--topics K] [--seeds 10] [--min-df 3] [--max-df 0.5] [--only WORD,WORD] [-o FILE]

FOLDER holds one file a corpus, NAME.tsv or NAME.csv in UTF-8, one row a text. Either it has a header with the columns `label` and `tokens` (parted by
spaces) or `text` (Chinese: it is cut as `segment` does), or it has none, and the first column is the tokens and the last the label. Of every text the
first so many tokens are taken (`--first`, 0: all), which makes short texts of long ones. K is the number of labels unless it is said. A folder of counts
(data/counts) is a corpus without labels: its K must be said, and whole articles are held out.

One row is a corpus and an engine, means over seeds: ami and nmi (strongest topic and label; NMI is high by chance where topics are many), npmi, cpu_seconds
and cosine (of the words of topics, between seeds) of a fit on all texts, held_out of a fit on four fifths of them. `less_…` is how much less than ours an
engine has of each on the same seeds and splits, `pm_…` half the width of its 95 % interval (t).
"""

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from peers import Model, present
from quality import agreement, halves, held_out, npmi, plain_agreement, truth_found
from scipy.sparse import csr_array
from scipy.special import stdtrit

from nqp_topics import counts as count

MEASURES = ("ami", "nmi", "npmi", "held_out", "cpu_seconds")
csv.field_size_limit(2**31 - 1)


def texts(file: Path) -> tuple[list[list[str]], list[str]]:
    """Tokens and label of every row of a file."""
    with file.open(encoding="utf-8", newline="") as lines:
        quoting = csv.QUOTE_NONE if file.suffix == ".tsv" else csv.QUOTE_MINIMAL
        rows = [
            row
            for row in csv.reader(lines, delimiter="\t" if file.suffix == ".tsv" else ",", quoting=quoting)
            if row
        ]
    head = {name: place for place, name in enumerate(rows[0])}
    if "label" in head and ("tokens" in head or "text" in head):
        labels = [row[head["label"]] for row in rows[1:]]
        if "tokens" in head:
            return [row[head["tokens"]].split() for row in rows[1:]], labels
        from nqp_topics.words import segment, sift

        table = pd.DataFrame(
            {"id": [str(n) for n in range(len(labels))], "text": [row[head["text"]] for row in rows[1:]]}
        )
        kept, _ = sift.keep(segment.tokens(table, segment.cutter()), sift.stop_words(), 2, False)
        return list(kept["tokens"]), labels
    return [row[0].split() for row in rows], [row[-1] for row in rows]


def counted(
    tokens: list[list[str]], labels: list[str], min_df: int, max_df: float
) -> tuple[csr_array, np.ndarray]:
    """Counts of words that stand in enough texts and not in too many, without texts that have none of them."""
    passages = Counter(word for text in tokens for word in set(text))
    words = sorted(word for word, n in passages.items() if min_df <= n <= max_df * len(tokens))
    place = {word: number for number, word in enumerate(words)}
    bags = [Counter(place[word] for word in text if word in place) for text in tokens]
    there = [number for number, bag in enumerate(bags) if bag]
    cells = [(row, word, n) for row, number in enumerate(there) for word, n in sorted(bags[number].items())]
    rows, columns, times = np.array(cells).T
    matrix = csr_array((times.astype(np.int32), (rows, columns)), shape=(len(there), len(words)))
    return matrix, np.array(labels)[there]


def corpora(options: argparse.Namespace) -> Iterator[tuple[str, csr_array, np.ndarray | None, list[str]]]:
    """Give name, counts, labels (None where there are none) and what is held out together, of every corpus."""
    for folder in options.folder:
        if (folder / "counts.json").exists():
            known = count.load(folder)
            yield str(folder), known.matrix, None, list(known.articles)
            continue
        for file in sorted([*folder.glob("*.tsv"), *folder.glob("*.csv")]):
            tokens, labels = texts(file)
            for first in map(int, options.first.split(",")):
                cut = [text[: first or None] for text in tokens]
                matrix, label = counted(cut, labels, options.min_df, options.max_df)
                rows = [str(row) for row in range(matrix.shape[0])]
                yield f"{file.stem}, first {first}" if first else file.stem, matrix, label, rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--first", default="0")
    parser.add_argument("--topics", type=int)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--min-df", type=int, default=3)
    parser.add_argument("--max-df", type=float, default=0.5)
    parser.add_argument("--only", default="")
    parser.add_argument("-o", "--output")
    options = parser.parse_args()
    rows = []
    for name, matrix, label, articles in corpora(options):
        topics = options.topics or len(set(label if label is not None else ()))
        size = f"{matrix.shape[0]} texts, {matrix.shape[1]} words, {matrix.sum()} tokens"
        print(f"{name}: {size}, K = {topics}", flush=True)
        found = {}
        for engine, fit in present(options.only).items():
            fit(matrix[:200], 3, 1)  # compiling and importing are no part of a fit
            found[engine], cosine = measured(fit, matrix, label, articles, topics, options.seeds)
            mean = dict(zip(MEASURES, found[engine].mean(axis=1), strict=True))
            print(f"  {engine:30s}" + "".join(f"{value:10.3f}" for value in mean.values()), flush=True)
            rows.append({"corpus": name, "topics": topics, "engine": engine, "cosine": cosine} | mean)
        for row in rows[-len(found) :]:
            less = found.get("nqp_topics", found[row["engine"]])[:4] - found[row["engine"]][:4]
            half = stdtrit(options.seeds - 1, 0.975) * less.std(axis=1, ddof=1) / options.seeds**0.5
            for measure, mean, wide in zip(MEASURES[:4], less.mean(axis=1), half, strict=True):
                row |= {f"less_{measure}": mean, f"pm_{measure}": wide}
    table = pd.DataFrame(rows)
    print(table.to_string(index=False, float_format="%.3f"))
    if options.output:
        table.to_csv(options.output, index=False, lineterminator="\n", float_format="%.4f")


def measured(
    fit: Callable[..., Model],
    matrix: csr_array,
    label: np.ndarray | None,
    articles: list[str],
    topics: int,
    seeds: int,
) -> tuple[np.ndarray, float]:
    """Return measures × seeds, and how alike the words of topics are between seeds."""
    values, words = [], []
    for seed in range(1, seeds + 1):
        run = fit(matrix, topics, seed)
        training, first, second = halves(matrix, articles, seed)
        part = fit(training[np.diff(training.indptr) > 0], topics, seed)
        top, words = run.shares.argmax(axis=1), [*words, run.words]
        alike = [np.nan] * 2 if label is None else [agreement(label, top), plain_agreement(label, top)]
        unseen = held_out(*part.made_of, first, second)
        values.append([*alike, npmi(run.words, matrix), unseen, run.seconds])
    cosines = [truth_found(one, other) for one, other in combinations(words, 2)]
    return np.array(values).T, float(np.mean(cosines)) if cosines else float("nan")


if __name__ == "__main__":
    main()
