"""Do topics match what a reader sees? Topics of all passages and of paragraphs that were read, against the themes they were given.

python benchmarks/agreement.py [--words study|gold] [--topics 14] [--seeds 6] [--only WORD,WORD]

Needs the documents and ../shared/gold (or the folder that NQP_SHARED names). Prints the adjusted mutual information between the theme of a paragraph and
its strongest topic, for all rows and for rows that the reader was sure of, as the mean over seeds, with an interval over rows that might have
been read; the share of paragraphs whose strongest topic is of their main or secondary theme; CPU seconds; and what each engine has more than the first, with an
interval from the same rows.
"""

import argparse
import csv
import os
from pathlib import Path

import numpy as np
import pandas as pd
from peers import present
from quality import agreement, drawn_again, first_is_right

from nqp_topics import counts as count
from nqp_topics.counts import Counts
from nqp_topics.documents import read, split
from nqp_topics.study import load
from nqp_topics.words import lexicon, segment, sift

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("NQP_SHARED", ROOT.parent / "shared"))


def rows(name: str) -> list[dict[str, str]]:
    with (SHARED / "gold" / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def corpus(words: str) -> tuple[Counts, pd.DataFrame]:
    """The passages of the study and the paragraphs that were read, cut and filtered as the study does or with the gold lists."""
    study = load(ROOT).but(documents=str(SHARED / "corpus"))
    from nqp_topics.documents import registry

    documents = read.folder(study.raw, study).documents
    found = registry.sources(study.path(study.sources), documents)
    documents = registry.naming(found)(documents)
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
    return count.count(tokens, None, study.min_df, study.max_df).counts, themes


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
    second = themes["secondary"].to_numpy()
    runs: dict[str, list[np.ndarray]] = {}
    for name, fit in present(options.only).items():
        fit(counts.matrix[:100], 3, 1)
        found = [fit(counts.matrix, options.topics, seed) for seed in range(1, options.seeds + 1)]
        runs[name] = [model.shares[places].argmax(axis=1) for model in found]
        values = [
            (
                agreement(theme, topic),
                agreement(theme[sure], topic[sure]),
                first_is_right(theme, second, topic),
            )
            for topic in runs[name]
        ]
        mean, spread = np.mean(values, axis=0), np.std(values, axis=0)
        print(
            f"{name:30s} all {mean[0]:.3f} ± {spread[0]:.3f}   sure {mean[1]:.3f} ± {spread[1]:.3f}   first {mean[2]:.3f}   "
            f"{np.mean([model.seconds for model in found]):6.2f} CPU s",
            flush=True,
        )
    for what, rows_of in (("all", np.full(len(theme), True)), ("sure", sure)):
        drawn = drawn_again(theme[rows_of], [[topic[rows_of] for topic in some] for some in runs.values()])
        for number, name in enumerate(runs):
            one = np.quantile(drawn[number], (0.025, 0.975))
            more = np.quantile(drawn[number] - drawn[0], (0.025, 0.975))
            print(
                f"{what:5s}{name:30s} {one[0]:.3f} to {one[1]:.3f}   more than the first: {more[0]:+.3f} to {more[1]:+.3f}"
            )
