"""Corpora with labels that the project did not grow up with: do topics match the labels, for us and for the peers that are installed?

python benchmarks/outside.py FOLDER [--first 0,50,7] [--topics K] [--seeds 3] [--min-df 3] [--max-df 0.5] [--only WORD,WORD] [-o FILE]

FOLDER holds one file a corpus, NAME.tsv or NAME.csv in UTF-8, one row a text. Either it has a header with the columns `label` and `tokens` (parted by
spaces) or `text` (Chinese: it is cut as `segment` does), or it has none, and the first column is the tokens and the last the label. Of every text the
first so many tokens are taken (`--first`, 0: all), which makes short texts of long ones. K is the number of labels unless it is said.

One row is a corpus and an engine, means over seeds: ami and nmi (strongest topic and label; NMI is high by chance where topics are many), npmi, cpu_seconds
and cosine (of the words of topics, between seeds) of a fit on all texts, held_out of a fit on four fifths of them.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from peers import Model, present
from quality import agreement, halves, held_out, npmi, plain_agreement, truth_found
from scipy.sparse import csr_array

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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", default="0")
    parser.add_argument("--topics", type=int)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--min-df", type=int, default=3)
    parser.add_argument("--max-df", type=float, default=0.5)
    parser.add_argument("--only", default="")
    parser.add_argument("-o", "--output")
    options = parser.parse_args()
    rows = []
    for file in sorted([*options.folder.glob("*.tsv"), *options.folder.glob("*.csv")]):
        tokens, labels = texts(file)
        for first in map(int, options.first.split(",")):
            name = f"{file.stem}, first {first}" if first else file.stem
            cut = [text[: first or None] for text in tokens]
            matrix, label = counted(cut, labels, options.min_df, options.max_df)
            topics = options.topics or len(set(labels))
            print(
                f"{name}: {matrix.shape[0]} texts, {matrix.shape[1]} words, {matrix.sum()} tokens, K = {topics}"
            )
            for engine, fit in present(options.only).items():
                fit(matrix[:200], 3, 1)  # compiling and importing are no part of a fit
                rows.append((name, engine, *measured(fit, matrix, label, topics, options.seeds)))
                print(f"  {engine:30s}" + "".join(f"{value:10.3f}" for value in rows[-1][2:]), flush=True)
    table = pd.DataFrame(
        rows, columns=["corpus", "engine", "ami", "nmi", "npmi", "held_out", "cosine", "cpu_seconds"]
    )
    print(table.to_string(index=False, float_format="%.3f"))
    if options.output:
        table.to_csv(options.output, index=False, lineterminator="\n")


def measured(
    fit: Callable[..., Model], matrix: csr_array, label: np.ndarray, topics: int, seeds: int
) -> tuple[float, ...]:
    """One row of the table, without corpus and engine."""
    runs = [fit(matrix, topics, seed) for seed in range(1, seeds + 1)]
    unseen = []
    for seed in range(1, seeds + 1):
        training, first, second = halves(matrix, [str(row) for row in range(matrix.shape[0])], seed)
        training = training[np.diff(training.indptr) > 0]
        model = fit(training, topics, seed)
        unseen.append(held_out(model.words, model.prior, first, second))
    top = [run.shares.argmax(axis=1) for run in runs]
    alike = [truth_found(one.words, other.words) for one, other in combinations(runs, 2)]
    return (
        float(np.mean([agreement(label, one) for one in top])),
        float(np.mean([plain_agreement(label, one) for one in top])),
        float(np.mean([npmi(run.words, matrix) for run in runs])),
        float(np.mean(unseen)),
        float(np.mean(alike)) if alike else float("nan"),
        float(np.mean([run.seconds for run in runs])),
    )


if __name__ == "__main__":
    main()
