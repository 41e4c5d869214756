"""Do topics match what a reader sees? Topics of all passages and of paragraphs that were read, against the themes they were given.

python benchmarks/agreement.py [--words study|gold] [--topics 14] [--seeds 6] [--only WORD,WORD]

Needs the documents and ../shared/gold. Prints the normalised mutual information between the theme of a paragraph and its
strongest topic, for all rows and for rows that the reader was sure of, as the mean over seeds, with CPU seconds.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import pandas as pd
from peers import present
from quality import agreement

from nqp_topics import count, lexicon, read, segment, sift, split
from nqp_topics.counts import Counts
from nqp_topics.study import load

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def rows(name: str) -> list[dict[str, str]]:
    with (SHARED / "gold" / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def corpus(words: str) -> tuple[Counts, pd.DataFrame]:
    """The passages of the study and the paragraphs that were read, cut and filtered as the study does or with the gold lists."""
    study = load(ROOT).but(documents=str(SHARED / "corpus"))
    from nqp_topics import catalogue

    documents = read.folder(study.raw, study).documents
    found = catalogue.sources(study.path(study.sources), documents)
    documents = catalogue.named(documents, found)
    documents = documents[documents["id"].isin(found["source"])]
    passages = split.passages(split.by_study(documents, study), study.shortest, study.longest)
    themes = pd.DataFrame(rows("themes.tsv"))
    table = pd.concat([passages[["id", "text"]], themes[["id", "text"]]], ignore_index=True)
    if words == "gold":
        kept = lexicon.of(row["term"] for row in rows("terms.tsv") if row["label"] == "keep")
        dropped = [row["token"] for row in rows("stopwords.tsv") if row["decision"] == "drop"]
        stop = pd.concat(
            [sift.stop_words(), pd.DataFrame({"word": dropped, "reason": "", "list": "gold"})]
        ).drop_duplicates("word", ignore_index=True)
    else:
        kept = lexicon.read(study.path(study.lexicon))
        stop = sift.stop_words(study.path(study.stopwords))
    tokens = segment.tokens(table, segment.cutter(kept))
    tokens, _ = sift.keep(tokens, stop, study.shortest_word, study.numbers, terms=frozenset(kept["term"]))
    return count.counts(tokens, None, study.min_df, study.max_df).counts, themes


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--words", choices=("study", "gold"), default="study")
    parser.add_argument("--topics", type=int, default=14)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    counts, themes = corpus(options.words)
    number = {name: row for row, name in enumerate(counts.ids)}
    themes = themes[themes["id"].isin(counts.ids)]
    places = themes["id"].map(number).to_numpy()
    sure = (themes["confidence"] == "high").to_numpy()
    theme = themes["theme"].to_numpy()
    print(
        f"{len(counts.ids)} passages, {len(counts.words)} words, {counts.tokens} tokens, {len(themes)} read, {sure.sum()} sure"
    )
    for name, fit in present(options.only).items():
        fit(counts.matrix[:100], 3, 1)
        found = []
        for seed in range(1, options.seeds + 1):
            model = fit(counts.matrix, options.topics, seed)
            topic = model.shares[places].argmax(axis=1)
            found.append((agreement(theme, topic), agreement(theme[sure], topic[sure]), model.seconds))
        mean, spread = np.mean(found, axis=0), np.std(found, axis=0)
        print(
            f"{name:30s} all {mean[0]:.3f} ± {spread[0]:.3f}   sure {mean[1]:.3f} ± {spread[1]:.3f}   {mean[2]:6.2f} CPU s",
            flush=True,
        )
