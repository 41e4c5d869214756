"""The verbs of topics: train."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nqp_topics.cli.common import Verb, study_of
from nqp_topics.study import Study

if TYPE_CHECKING:
    from nqp_topics.counts import Counts


def add(verb: Verb) -> None:
    """Add the verbs to the command line."""
    command = verb("train", _train, "Fit topics to texts or counts; write a run as plain tables.")
    counts_arguments(command)
    command.add_argument(
        "--topics", type=int, required=True, metavar="K", help="how many topics; there is no default"
    )
    command.add_argument(
        "--seed", type=int, required=True, metavar="S", help="where chance begins; always recorded"
    )
    command.add_argument(
        "--engine", default="sampler", metavar="NAME", help="sampler (default), gensim or tomotopy"
    )
    command.add_argument("-o", "--output", required=True, metavar="FOLDER", help="the folder of the run")


def counts_arguments(command: argparse.ArgumentParser) -> None:
    """Add what says which counts, and how texts become counts."""
    command.add_argument(
        "file",
        metavar="TEXTS",
        nargs="?",
        help="JSON lines with id and text, or a folder of counts (default: the counts of the study)",
    )
    command.add_argument(
        "--lexicon", metavar="FILE", help="terms that stay one token (default: that of --study)"
    )
    command.add_argument("--stopwords", metavar="FILE", help="words to leave out, beside the general list")
    command.add_argument("--min-df", type=int, metavar="N", help="the fewest passages a word stands in")
    command.add_argument(
        "--max-df", type=float, metavar="X", help="the most: a share up to 1.0, or a number above"
    )


def counts_of(options: argparse.Namespace, study: Study) -> Counts:
    """Return the counts asked for: those of a folder, those of the study, or texts cut, filtered and counted."""
    from nqp_topics import count, lexicon, segment, sift

    if options.file is None or Path(options.file).is_dir():
        return count.load(options.file or study.path(study.counts))
    named = bool(options.study)
    listed = options.lexicon or (study.path(study.lexicon) if named and study.lexicon else None)
    own = options.stopwords or (study.path(study.stopwords) if named and study.stopwords else None)
    by = segment.cutter(lexicon.read(listed) if listed else None, study.cut_by, study.guess)
    tokens = segment.tokens(segment.read_lines(options.file), by)
    stop = sift.stop_words(*([own] if own else []), general=study.general_stopwords)
    kept, gone = sift.keep(tokens, stop, study.shortest_word, study.numbers, study.parts)
    least = study.min_df if options.min_df is None else options.min_df
    most = study.max_df if options.max_df is None else options.max_df
    counted = count.counts(kept, None, least, most)
    left_out = gone["share"].sum()
    print(
        f"{len(counted.counts.ids)} texts, {len(counted.counts.words)} words; filters took {left_out:.0%} of the tokens, "
        f"{len(counted.trimmed)} words were too rare or too frequent",
        file=sys.stderr,
    )
    if len(counted.empty):
        first = ", ".join(counted.empty["id"].head(5))
        print(f"{len(counted.empty)} texts keep no word and have no topics: {first}", file=sys.stderr)
    return counted.counts


def _train(options: argparse.Namespace) -> None:
    from nqp_topics import topics, train

    counts = counts_of(options, study_of(options))
    run = train.train(counts, options.topics, options.seed, options.engine)
    topics.save(run, options.output)
    print(
        f"{options.output}: {options.topics} topics, seed {options.seed}, run {run.fingerprint[:12]}",
        file=sys.stderr,
    )
    for name in run.names:
        first = run.words[name].sort_values(ascending=False, kind="stable").head(8).index
        print(f"{name}  {' '.join(first)}")
