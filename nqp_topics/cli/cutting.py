"""The verbs of words: terms, kwic, count."""

from argparse import Namespace
from pathlib import Path

import pandas as pd

from nqp_topics import counts as count
from nqp_topics.checks import Problem, Refused, refuse_if, whole_number
from nqp_topics.cli.common import aside, given, study_of, tell
from nqp_topics.cli.reading import in_passages, passages_of, reading_of
from nqp_topics.documents import split
from nqp_topics.files.tables import write_table
from nqp_topics.study import Study
from nqp_topics.words.cut.lines import read_rows, read_tokens


def _texts(options: Namespace, study: Study) -> pd.DataFrame:
    """Return passages: those of a file of JSON lines with id and text as they are, else those of the documents."""
    files = options.files
    lines = len(files) == 1 and files[0].endswith(".jsonl") and not study.text_column
    rows = list(read_rows(files[0])) if lines else []
    if not rows:
        return passages_of(options, study)
    table = pd.DataFrame([row for *_, row in rows]).assign(id=[name for name, *_ in rows])
    for key in {"article", "voice"} & set(table):  # a number is a name too
        table[key] = ["" if (named := row.get(key)) is None else str(named) for *_, row in rows]
    return table


def _terms(options: Namespace) -> None:
    from nqp_topics.words import terms  # numba takes half a second, which count does not wait

    study = study_of(options)
    if options.accept:
        target = options.lexicon or (study.written(study.lexicon) if study.lexicon else None)
        if not target:
            todo = "name it, or set it in study.toml"
            raise Refused(Problem("terms --lexicon", "nothing", "the lexicon to add to", todo))
        done = terms.add(terms.accepted(options.accept), target)["state"].value_counts()
        tell(f"{target}: " + ", ".join(f"{count} {state}" for state, count in done.items()))
        return
    refuse_if(whole_number("--top", options.top, 1, todo="500 is usual"))
    if not options.files and not options.output and (study.terms_sheet or study.stopwords_sheet):
        _drafts(options, study)
        return
    texts = _texts(options, study)
    found = terms.mine(texts, options.fewest).head(options.top)
    file = options.output or "terms.csv"
    terms.review(found, file, texts)
    tell(f"{file}: {len(found)} candidates; write yes in the column accept, then")
    target = study.path(study.lexicon) if study.lexicon else "lexicon.txt"
    tell(f"nqp-topics terms --accept {file} --lexicon {target}")


def _drafts(options: Namespace, study: Study) -> None:
    """Write the sheets on which a study's terms and stop words are proposed; what was answered on them stays."""
    from nqp_topics.words import drafts

    documents = reading_of(options, study).documents
    articles = split.by_study(documents, study)
    texts = in_passages(articles, study)

    def write(found: pd.DataFrame, sheet: str) -> tuple[Path, int]:
        file = study.written(sheet)
        return file, drafts.write(drafts.shown(found, articles, documents, study), file)

    if study.terms_sheet:
        file, many = write(drafts.proposed_terms(texts, options.top, options.fewest), study.terms_sheet)
        tell(f"{file}: {many} terms to answer; yes keeps one whole")
    if study.stopwords_sheet:
        file, many = write(drafts.proposed_stops(texts, study), study.stopwords_sheet)
        tell(f"{file}: {many} words to answer; yes leaves one out")
    tell(
        "fill in the tinted cells and save the files (until then nothing changes), then run nqp-topics figures"
    )


def _kwic(options: Namespace) -> None:
    from nqp_topics.words import drafts, lexicon, terms

    study = study_of(options)
    known = lexicon.read(options.lexicon) if options.lexicon else drafts.lexicon_of(study)
    texts = _texts(options, study)
    by = [name for name in ("voice", "article") if name in texts]
    places = terms.kwic(texts, options.term, options.width, by, known)
    if options.output:
        write_table(places, options.output)
        return
    for row in places.itertuples():
        left = "　" * (options.width - len(row.left)) + row.left
        print(f"{getattr(row, 'voice', '') or '-':20s} {row.id:14s} {left}【{row.term}】{row.right}")
    articles = places["article"].nunique()
    aside(f"{len(places)} places in {articles} articles")


def _count(options: Namespace) -> None:
    study = study_of(options)
    limits = {"min_df": study.min_df, "max_df": study.max_df} | given(options, ("min_df", "max_df"))
    if options.cluster:
        from nqp_topics.counts.over_workers import of_folder
        from nqp_topics.topics.engines.cluster import opened

        came, allowed = "no folder", "a folder of files .jsonl or .parquet"
        todo = "name the folder, or leave the cluster out"
        refuse_if([] if Path(options.file).is_dir() else [Problem(options.file, came, allowed, todo)])
        with opened(options.cluster) as client:
            kept, trimmed, empty = of_folder(options.file, client, study, **limits)
    else:
        kept, trimmed, empty = count.count(read_tokens(options.file), **limits)
    count.save(kept, options.output)
    if options.trimmed:
        write_table(trimmed, options.trimmed)
    tell(f"{options.output}: {len(kept.ids)} passages, {len(kept.words)} words, {kept.tokens:,} tokens")
    if len(trimmed):
        share = trimmed["share"].sum()
        aside(f"{len(trimmed)} words left out ({share:.1%} of the tokens)")
    if len(empty):
        first = ", ".join(empty["id"].head(5))
        aside(f"{len(empty)} passages keep no word: {first}")
