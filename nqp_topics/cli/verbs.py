"""The verbs and what each takes: the words of all help stand here, and what runs a verb is looked up when it is asked for."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any

from nqp_topics.checks.chinese import told
from nqp_topics.cli.arguments import (
    ABOUT,
    COLUMNS,
    COUNTS,
    DOCUMENTS,
    ENGINE,
    INSTEAD,
    LIMITS,
    MUST,
    REGISTRY,
    RUN,
    STUDY,
    Argument,
    switch,
    whole,
)

# verb → (the module that runs it, what it does, what it takes), in the order of the help
VERBS: dict[str, tuple[str, str, list[Argument]]] = {
    "new": (
        "studying",
        "Begin a study: look at a folder of documents, write down every choice, make a table of the articles.",
        [
            Argument("folder", "STUDY", "the folder of the study, which is made"),
            Argument("documents", "DOCUMENTS", "the folder of the documents; they stay where they are"),
            Argument("--name", "NAME", "what the study is called (default: its folder)", {"default": ""}),
            Argument("--language", "", "its language (default: the system's)", {"choices": ("en", "zh")}),
            *COLUMNS,
        ],
    ),
    "labels": (
        "studying",
        "Write labels.xlsx: what to read of each topic, and cells for its name; names in it are kept.",
        [*RUN, switch("--no-texts", "only the ids of the passages to read, not their texts")],
    ),
    "results": (
        "studying",
        "Write results/: topics and articles as workbooks and csv, for Excel, R, SPSS or Stata.",
        [*RUN, Argument("-o --output", "FOLDER", "write here (default: results, in the study's folder)")],
    ),
    "shares": (
        "studying",
        "Give new texts their topics, and say how much of their vocabulary the run knows.",
        [
            Argument("run", "RUN", "a folder that train wrote, or a study, whose run it is"),
            Argument("documents", "DOCUMENTS", "a folder, a document, or JSON lines with id and text"),
            *RUN,
            *COLUMNS,
            Argument("-o --output", "FILE", "one row a text, as CSV or xlsx", MUST),
        ],
    ),
    "next": ("studying", "Say where the study stands, and the one next thing to do.", []),
    "read": (
        "reading",
        "Read documents of any supported format; say what could not be read and what repeats.",
        [
            *DOCUMENTS,
            Argument("-o --output", "FILE", "write the documents as JSON lines (default: only report)"),
            Argument("--refusals", "FILE", "write what could not be read as CSV"),
            Argument("--duplicates", "FILE", "write what repeats as CSV"),
        ],
    ),
    "clean": (
        "reading",
        "Print the clean text of a document or of some of its lines.",
        [
            Argument("file", "FILE"),
            *COLUMNS,
            Argument(
                "--lines",
                "A:B",
                "only these lines, counted from 1; several pieces as A:B;C:D in reading order",
            ),
            switch("--losses", "print instead what cleaning takes away, as CSV"),
            INSTEAD,
        ],
    ),
    "articles": (
        "reading",
        "Cut documents into clean articles, one JSON object a line.",
        [
            *DOCUMENTS,
            REGISTRY,
            Argument("--write-registry", "FILE", "write the proposal as a registry to correct by hand"),
            INSTEAD,
        ],
    ),
    "passages": (
        "reading",
        "Cut articles into passages, one JSON object a line.",
        [*DOCUMENTS, REGISTRY, INSTEAD],
    ),
    "segment": (
        "segmenting",
        "Cut texts into words: JSON lines {id, text} become {id, tokens}.",
        [
            Argument("file", "TEXTS", "a file of JSON lines with id and text"),
            INSTEAD,
            Argument("--lexicon", "FILE", "terms that stay one token (default: that of --study)"),
            Argument(
                "--stopwords", "FILE", "filter the tokens: the general list, this list, numbers, short words"
            ),
            Argument("--removed", "FILE", "write what the filters took out as CSV"),
            Argument("--audit", "FILE", "write what became of each term of the lexicon as CSV"),
            Argument("--engine", "NAME", "compiled (default), rjieba or jieba", {"default": ""}),
            switch("--guess", "let jieba guess words it does not know (HMM)"),
            whole("--workers", "N", "processes (default: 1)", 1),
        ],
    ),
    "terms": (
        "cutting",
        "Propose terms to keep whole and words to leave out, on sheets for a person to answer; or mine files for terms.",
        [
            *DOCUMENTS,
            Argument(
                "-o --output", "FILE", "a review table instead (default: the study's sheets, else terms.csv)"
            ),
            whole("--top", "N", "how many candidates (default: 500)", 500),
            whole("--fewest", "N", "how often a term stands at least", 3),
            Argument("--accept", "FILE", "read a review table back into the lexicon"),
            Argument("--lexicon", "FILE", "the lexicon (default: that of the study)"),
        ],
    ),
    "kwic": (
        "cutting",
        "Show a word in its contexts, by voice and article.",
        [
            Argument("term", "WORD"),
            *DOCUMENTS,
            whole("--width", "N", "characters on either side", 20),
            Argument("--lexicon", "FILE", "find the aliases of the word too"),
            Argument("-o --output", "FILE", "write all places as CSV instead"),
        ],
    ),
    "count": (
        "cutting",
        "Count tokens: JSON lines {id, tokens} become a folder that R can read too.",
        [
            Argument("file", "TOKENS", "a file of JSON lines with id and tokens, as segment writes it"),
            Argument("-o --output", "FOLDER", "", MUST),
            *LIMITS,
            Argument("--trimmed", "FILE", "write the words that were left out as CSV"),
            Argument(
                "--cluster",
                "WHERE",
                "count a folder of such files, or of texts, over workers: an address or local:N",
            ),
        ],
    ),
    "train": (
        "fitting",
        "Fit topics to texts or counts; write a run as plain tables.",
        [
            *COUNTS,
            whole("--topics", "K", "how many topics: there is no default but the number in study.toml"),
            whole("--seed", "S", "where chance begins; always recorded (default: that of study.toml)"),
            *ENGINE,
            ABOUT,
            Argument(
                "--prevalence",
                "FORMULA",
                'columns of --about that may move topics, such as "group + cr(year, df=4)": they are learnt with the topics',
                {"default": ""},
            ),
            whole(
                "--blocks", "N", "one chain in so many blocks of passages (usual from a million tokens on)"
            ),
            whole(
                "--threads",
                "N",
                "how many chains or blocks run at once (default: as many as there are processors)",
            ),
            Argument(
                "--cluster",
                "WHERE",
                "the address of a Dask scheduler, or local:N for N processes of this machine",
            ),
            Argument(
                "--anchors",
                "FILE",
                'names and words that topics begin with, a line each: "绿色" = ["低碳", "减排"] (default: those of the study)',
            ),
            Argument("--merge", "T03+T07=WHY", "then join these topics", {"action": "append", "default": []}),
            Argument("--drop", "T05=WHY", "then leave this topic out", {"action": "append", "default": []}),
            Argument("--who", "NAME", "who decides that; recorded in the run", {"default": ""}),
            Argument("-o --output", "FOLDER", "the folder of the run", MUST),
        ],
    ),
    "effects": (
        "fitting",
        "Say what moves the topics of a run, by what is known of its articles; every effect with its interval.",
        [
            Argument("run", "RUN", "the folder of a run, as train writes it"),
            *COUNTS,
            ABOUT,
            Argument("--formula", "FORMULA", 'columns of --about, such as "group + cr(year, df=4)"', MUST),
            Argument(
                "--witness", "NAME", "the column that says who speaks: articles of one are held together"
            ),
            switch("--by-tokens", "long articles weigh more (default: each article the same)"),
            whole("--draws", "N", "how often shares and witnesses are drawn (default: 500)", 500),
            whole("--seed", "S", "where chance begins (default: 1)", 1),
            Argument("--level", "X", "of the intervals (default: 0.95)", {"type": float, "default": 0.95}),
            Argument("-o --output", "FILE", "one row a topic and contrast, as CSV", MUST),
        ],
    ),
    "choose": (
        "fitting",
        "Fit a grid of numbers of topics and seeds; write the scores of every run. Nothing is chosen for you.",
        [
            *COUNTS,
            Argument("--topics", "A:B", "numbers of topics: A:B, A:B:STEP or 8,12,20", MUST),
            whole("--seeds", "N", "fits of each number (default: 5)", 5),
            *ENGINE,
            Argument("--cache", "FOLDER", "keep every run here, so that a stopped grid goes on"),
            Argument("-o --output", "FILE", "the scores as CSV", MUST),
        ],
    ),
    "validate": (
        "validating",
        "Draw tasks by which readers tell whether they see the topics: a page, a sheet; score what they answered.",
        [
            *RUN,
            Argument(
                "--answers",
                "FILE",
                "score these (default: what lies in answers/, beside the tasks)",
                {"nargs": "+"},
            ),
            Argument(
                "--each",
                "TASK=N",
                "items a topic: words=2 passages=1 labels=1 ratings=0",
                {"nargs": "+", "default": []},
            ),
            whole("--draw", "N", "the seed by which tasks are drawn (default: 1)", 1),
            switch("--no-texts", "only what needs no text of the documents: words"),
            Argument(
                "-o --output", "FOLDER", "the folder of the tasks (default: that of study.toml, validation)"
            ),
        ],
    ),
    "vary": (
        "validating",
        "Ask whether findings hold: fit the study under other choices, and test every finding of findings.toml in each.",
        [
            *RUN,
            Argument("--findings", "FILE", "the findings (default: findings.toml of the study)"),
            whole("--universes", "N", "how many, the reported one first (default: 240)", 240),
            whole("--draw", "N", "the seed by which universes are drawn (default: 1)", 1),
            Argument(
                "-o --output",
                "FILE",
                "one row a finding and universe, as CSV (default: multiverse.csv of the study)",
            ),
        ],
    ),
    "methods": (
        "studying",
        "Write the methods section and the reporting checklist, in both languages, from study.toml, the run and the tables.",
        [*RUN, Argument("-o --output", "FOLDER", "write here (default: methods, in the study's folder)")],
    ),
    "share": (
        "handing",
        "Write what may be shared of the study's documents: lengths, losses, word counts, the audit of the lexicon.",
        [
            Argument(
                "-o --output", "FOLDER", "write here (default: beside the registry and where study.toml says)"
            )
        ],
    ),
    "figures": (
        "handing",
        "Run the notebooks from fresh kernels; they write the figures and the ledger.",
        [
            Argument("notebooks", "NAME", "only these, by number or name (default: all)", {"nargs": "*"}),
            switch(
                "--keep",
                "write the outputs back into the notebooks, as they are without the documents (unless study.toml says publish_texts = true)",
            ),
            whole("--topics", "K", "for another number of topics, into figures/KK"),
            switch("--again", "run what has not changed, too"),
            Argument(
                "--page",
                "NAME",
                "run nothing: draw the figures that are there for another page (single, double, slide, journal-zh), into figures/NAME",
            ),
        ],
    ),
    "bundle": (
        "handing",
        "Pack settings, counts, run, figures and answers into one archive, with the fingerprint of each; texts stay out.",
        [
            Argument("-o --output", "FILE", "the archive, a ZIP", MUST),
            switch("--texts", "the documents too, where study.toml says publish_texts = true"),
        ],
    ),
    "lab": (
        "handing",
        "Open the study's notebooks in JupyterLab, on this machine alone.",
        [whole("--port", "N", "the first port to try", 8888), switch("--no-browser", "only say the address")],
    ),
    "verify": (
        "handing",
        "Make everything again in a temporary folder and compare it with what is here, number by number.",
        [
            Argument("archive", "ARCHIVE", "check this archive of nqp-topics bundle instead", {"nargs": "?"}),
            Argument(
                "--tolerance",
                "X",
                "how far apart equal numbers may be (default: 1e-9)",
                {"type": float, "default": 1e-9},
            ),
            Argument("-o --output", "FILE", "every number with its verdict, as CSV"),
        ],
    ),
}


def add(verbs: Any) -> None:
    """Add every verb to the parser of the command line."""
    for name, (_, about, takes) in VERBS.items():
        command = verbs.add_parser(name, help=told(about), description=told(about))
        for flags, value, does, how in (STUDY, *takes):
            shown = {"metavar": value} if value else {}
            command.add_argument(*flags.split(), help=told(does) or None, **shown, **how)


def run(options: argparse.Namespace) -> int:
    """Run the verb that is asked for; its module is imported only now."""
    module = import_module(f"nqp_topics.cli.{VERBS[options.verb][0]}")
    return int(getattr(module, f"_{options.verb}")(options) or 0)
