"""The verb segment, whose start does not wait for what only some of its options need."""

import sys
from argparse import Namespace
from collections import Counter

from nqp_topics.checks import Problem, refuse_if, whole_number
from nqp_topics.cli.common import study_of
from nqp_topics.files import whole
from nqp_topics.study import progress
from nqp_topics.words import lexicon, segment
from nqp_topics.words.cut.bulk import as_json


def _segment(options: Namespace) -> None:
    study = study_of(options)
    guess = options.guess or study.guess
    # --guess alone takes the engine that can guess; one that is named is never another
    engine = options.engine or ("" if guess and study.cut_by == "compiled" else study.cut_by)
    todo = "add --stopwords FILE, or leave it out"
    unfiltered = Problem("--removed", "no filter", "a list with --stopwords", todo)
    refuse_if(
        [unfiltered] if options.removed and not options.stopwords else [],
        whole_number("--workers", options.workers, 1, 256, "as many as there are cores"),
    )
    if options.study or options.audit or options.stopwords:
        # with pandas a third of a second, which a plain cut does not wait
        from nqp_topics.files.tables import write_table
        from nqp_topics.words import audit, drafts, sift

    own = drafts.lexicon_of(study) if options.study else None
    by = segment.cutter(lexicon.read(options.lexicon) if options.lexicon else own, engine, guess)
    notes = audit.Notes(by) if options.audit else None
    cut = segment.parts(options.file, by, options.workers, notes.note if notes else None)
    parts = progress(cut, "segment")
    counts: Counter[str] = Counter()
    if options.stopwords:
        stop = drafts.stop_words(study, options.stopwords)
        why = sift.judge(stop, study.shortest_word, study.numbers, study.parts, by.terms)
        parts = sift.kept_stream(parts, by.words, why, counts)
    lines = as_json(parts, by.letters)
    if options.output:
        with whole(options.output, "wb") as file:
            file.writelines(lines)
    else:
        sys.stdout.writelines(line.decode() for line in lines)
    if options.stopwords:
        sift.tell_script(counts, stop)
        went = sift.removed(counts, why(counts))
        print(sift.summary(went).to_string(index=False), file=sys.stderr)
        if options.removed:
            write_table(went, options.removed)
    if notes:
        write_table(notes.table(), options.audit)
