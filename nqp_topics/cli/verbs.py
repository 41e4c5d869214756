"""The verbs and what each takes: the words of all help stand here, and what runs a verb is looked up when it is asked for."""

from __future__ import annotations

from argparse import Namespace
from importlib import import_module
from typing import Any, NamedTuple

from nqp_topics.checks.chinese import told
from nqp_topics.cli.common import WHATS


class Argument(NamedTuple):
    """One argument of a verb: its names, what it does, and how argparse takes it."""

    names: list[str]
    about: str
    how: dict[str, Any]


def takes(names: str, about: str = "", **how: Any) -> Argument:
    """Make an argument: its names and what stands for its value, as help shows them (`-o --output FILE`), what it does, and how argparse takes it."""
    first, *more = names.split()
    options = [name for name in more if name.startswith("-")]
    values = [name for name in more if not name.startswith("-")]
    return Argument([first, *options], about, how | ({"metavar": values[0]} if values else {}))


def whole(names: str, about: str, usual: int | None = None) -> Argument:
    """Make an argument that takes a whole number."""
    return takes(names, about, type=int, default=usual)


def switch(names: str, about: str) -> Argument:
    """Make an argument that is said or not."""
    return takes(names, about, action="store_true")


# module → the verbs that it runs
MODULES = {
    "studying": ["new", "labels", "results", "shares", "next", "methods"],
    "reading": ["read", "clean", "articles", "passages"],
    "segmenting": ["segment"],
    "cutting": ["terms", "kwic", "count"],
    "fitting": ["train", "effects", "choose"],
    "validating": ["validate", "vary"],
    "handing": ["share", "figures", "bundle", "verify"],
    "lab": ["lab"],
}

# arguments that several verbs share
STUDY = takes("--study FILE", "study.toml (default: the one in this folder, if there is one)")
COLUMNS = [takes(f"--{what}-column NAME", f"the column of a table that holds the {what}") for what in WHATS]
DOCUMENTS = [
    takes("files FILE", "files or folders (default: the documents of the study)", nargs="*", default=[]),
    *COLUMNS,
    whole("--workers N", "processes (default: as many as pay)"),
]
INSTEAD = takes("-o --output FILE", "write here instead of printing")
REGISTRY = takes("--registry FILE", "articles.csv: a person's word on where articles begin and end")
LIMITS = [
    whole("--min-df N", "the fewest passages a word stands in"),
    takes("--max-df X", "the most: a share up to 1.0, or a number above", type=float),
]
COUNTS = [
    takes(
        "file TEXTS",
        "JSON lines with id and text (or tokens), or a folder of counts (default: the counts of the study)",
        nargs="?",
    ),
    takes("--lexicon FILE", "terms that stay one token (default: that of --study)"),
    takes("--stopwords FILE", "words to leave out, beside the general list"),
    *LIMITS,
]
SEVERAL: dict[str, Any] = {"action": "append", "default": []}
ENGINE = [
    takes("--engine NAME", "sampler, gensim or tomotopy (default: that of study.toml, else sampler)"),
    takes("--set NAME=NUMBER", "a setting of the engine, such as chains=4 or passes=20", **SEVERAL),
]
ABOUT = takes(
    "--about FILE", "what is known of articles: CSV or XLSX with a column id (default: the registry)"
)
RUN = [
    whole("--topics K", "how many topics (default: those of study.toml)"),
    whole("--seed S", "where chance begins (default: that of study.toml)"),
]

# what each does, and what it takes; in the order of the help
VERBS: dict[str, tuple[Any, ...]] = {
    "new": (
        "Begin a study: look at a folder of documents, write down every choice, make a table of the articles.",
        takes("folder STUDY", "the folder of the study, which is made"),
        takes("documents DOCUMENTS", "the folder of the documents; they stay where they are"),
        takes("--name NAME", "what the study is called (default: its folder)", default=""),
        takes("--language", "its language (default: the system's)", choices=("en", "zh")),
        *COLUMNS,
        takes("--keep-column NAME", "further columns for articles.xlsx, with ; between", default=""),
        takes("--begins REGEX", "an article begins at each line in which this is found", default=""),
        switch("--by-speaker", "what each speaker says (问：, 受访者A：, 陈议员：) is an article of its own"),
    ),
    "labels": (
        "Write labels.xlsx: what to read of each topic, and cells for its name; names in it are kept.",
        *RUN,
        switch("--no-texts", "only the ids of the passages to read, not their texts"),
    ),
    "results": (
        "Write results/: topics and articles as workbooks and csv, for Excel, R, SPSS or Stata.",
        *RUN,
        takes("-o --output FOLDER", "write here (default: results, in the study's folder)"),
    ),
    "shares": (
        "Give new texts their topics, and say how much of their vocabulary the run knows.",
        takes("run RUN", "a folder that train wrote, or a study, whose run it is"),
        takes("documents DOCUMENTS", "a folder, a document, or JSON lines with id and text"),
        *RUN,
        *COLUMNS,
        takes("-o --output FILE", "one row a text, as CSV or xlsx", required=True),
    ),
    "next": ("Say where the study stands, and the one next thing to do.",),
    "read": (
        "Read documents of any supported format; say what could not be read and what repeats.",
        *DOCUMENTS,
        takes("-o --output FILE", "write the documents as JSON lines (default: only report)"),
        takes("--refusals FILE", "write what could not be read as CSV"),
        takes("--duplicates FILE", "write what repeats as CSV"),
    ),
    "clean": (
        "Print the clean text of a document or of some of its lines.",
        takes("file FILE"),
        *COLUMNS,
        takes("--lines A:B", "only these lines, counted from 1; several pieces as A:B;C:D in reading order"),
        switch("--losses", "print instead what cleaning takes away, as CSV"),
        INSTEAD,
    ),
    "articles": (
        "Cut documents into clean articles, one JSON object a line.",
        *DOCUMENTS,
        REGISTRY,
        takes("--write-registry FILE", "write the proposal as a registry to correct by hand"),
        INSTEAD,
    ),
    "passages": ("Cut articles into passages, one JSON object a line.", *DOCUMENTS, REGISTRY, INSTEAD),
    "segment": (
        "Cut texts into words: JSON lines {id, text} become {id, tokens}.",
        takes("file TEXTS", "a file of JSON lines with id and text"),
        INSTEAD,
        takes("--lexicon FILE", "terms that stay one token (default: that of --study)"),
        takes("--stopwords FILE", "filter the tokens: the general list, this list, numbers, short words"),
        takes("--removed FILE", "write what the filters took out as CSV"),
        takes("--audit FILE", "write what became of each term of the lexicon as CSV"),
        takes("--engine NAME", "compiled (default), rjieba or jieba", default=""),
        switch("--guess", "let jieba guess words it does not know (HMM)"),
        whole("--workers N", "processes (default: 1)", 1),
    ),
    "terms": (
        "Propose terms to keep whole and words to leave out, on sheets for a person to answer; or mine files for terms.",
        *DOCUMENTS,
        takes("-o --output FILE", "a review table instead (default: the study's sheets, else terms.csv)"),
        whole("--top N", "how many candidates (default: 500)", 500),
        whole("--fewest N", "how often a term stands at least", 3),
        takes("--accept FILE", "read a review table back into the lexicon"),
        takes("--lexicon FILE", "the lexicon (default: that of the study)"),
    ),
    "kwic": (
        "Show a word in its contexts, by voice and article.",
        takes("term WORD"),
        *DOCUMENTS,
        whole("--width N", "characters on either side", 20),
        takes("--lexicon FILE", "find the aliases of the word too"),
        takes("-o --output FILE", "write all places as CSV instead"),
    ),
    "count": (
        "Count tokens: JSON lines {id, tokens} become a folder that R can read too.",
        takes("file TOKENS", "a file of JSON lines with id and tokens, as segment writes it"),
        takes("-o --output FOLDER", "", required=True),
        *LIMITS,
        takes("--trimmed FILE", "write the words that were left out as CSV"),
        takes(
            "--cluster WHERE",
            "count a folder of such files, or of texts, over workers: an address or local:N",
        ),
    ),
    "train": (
        "Fit topics to texts or counts; write a run as plain tables.",
        *COUNTS,
        whole("--topics K", "how many topics: there is no default but the number in study.toml"),
        whole("--seed S", "where chance begins; always recorded (default: that of study.toml)"),
        *ENGINE,
        ABOUT,
        takes(
            "--prevalence FORMULA",
            'columns of --about that may move topics, such as "group + cr(year, df=4)": they are learnt with the topics',
            default="",
        ),
        whole("--blocks N", "one chain in so many blocks of passages (usual from a million tokens on)"),
        whole(
            "--threads N", "how many chains or blocks run at once (default: as many as there are processors)"
        ),
        takes(
            "--cluster WHERE", "the address of a Dask scheduler, or local:N for N processes of this machine"
        ),
        takes(
            "--anchors FILE",
            'names and words that topics begin with, a line each: "绿色" = ["低碳", "减排"] (default: those of the study)',
        ),
        takes("--merge T03+T07=WHY", "then join these topics", **SEVERAL),
        takes("--drop T05=WHY", "then leave this topic out", **SEVERAL),
        takes("--who NAME", "who decides that; recorded in the run", default=""),
        takes("-o --output FOLDER", "the folder of the run", required=True),
    ),
    "effects": (
        "Say what moves the topics of a run, by what is known of its articles; every effect with its interval.",
        takes("run RUN", "a folder that train wrote, or a study, whose run it is"),
        *COUNTS,
        ABOUT,
        takes("--formula FORMULA", 'columns of --about, such as "group + cr(year, df=4)"', required=True),
        takes(
            "--witness NAME",
            "the column that says who speaks: articles of one are held together (default: as study.toml says, where RUN is a study)",
        ),
        switch("--by-tokens", "long articles weigh more (default: each article the same)"),
        whole("--draws N", "how often shares and witnesses are drawn (default: 500)", 500),
        whole("--seed S", "where chance begins (default: 1)", 1),
        takes("--level X", "of the intervals (default: 0.95)", type=float, default=0.95),
        takes("-o --output FILE", "one row a topic and contrast, as CSV", required=True),
    ),
    "choose": (
        "Fit a grid of numbers of topics and seeds; write the scores of every run. Nothing is chosen for you.",
        *COUNTS,
        takes("--topics A:B", "numbers of topics: A:B, A:B:STEP or 8,12,20", required=True),
        whole("--seeds N", "fits of each number (default: 5)", 5),
        *ENGINE,
        takes("--cache FOLDER", "keep every run here, so that a stopped grid goes on"),
        takes("-o --output FILE", "the scores as CSV", required=True),
    ),
    "validate": (
        "Draw tasks by which readers tell whether they see the topics: a page, a sheet; score what they answered.",
        *RUN,
        takes("--answers FILE", "score these (default: what lies in answers/, beside the tasks)", nargs="+"),
        takes("--each TASK=N", "items a topic: words=2 passages=1 labels=1 ratings=0", nargs="+", default=[]),
        whole("--draw N", "the seed by which tasks are drawn (default: 1)", 1),
        switch("--no-texts", "only what needs no text of the documents: words"),
        takes("-o --output FOLDER", "the folder of the tasks (default: that of study.toml, validation)"),
    ),
    "vary": (
        "Ask whether findings hold: fit the study under other choices, and test every finding of findings.toml in each.",
        *RUN,
        takes("--findings FILE", "the findings (default: findings.toml of the study)"),
        whole("--universes N", "how many, the reported one first (default: 240)", 240),
        whole("--draw N", "the seed by which universes are drawn (default: 1)", 1),
        takes(
            "-o --output FILE",
            "one row a finding and universe, as CSV (default: multiverse.csv of the study)",
        ),
    ),
    "methods": (
        "Write the methods section and the reporting checklist, in both languages, from study.toml, the run and the tables.",
        *RUN,
        takes("-o --output FOLDER", "write here (default: methods, in the study's folder)"),
    ),
    "share": (
        "Write what may be shared of the study's documents: lengths, losses, word counts, the audit of the lexicon.",
        takes("-o --output FOLDER", "write here (default: beside the registry and where study.toml says)"),
    ),
    "figures": (
        "Run the notebooks from fresh kernels; they write the figures and the ledger.",
        takes("notebooks NAME", "only these, by number or name (default: all)", nargs="*"),
        switch(
            "--keep",
            "write the outputs back into the notebooks, as they are without the documents (unless study.toml says publish_texts = true)",
        ),
        whole("--topics K", "for another number of topics, into figures/KK"),
        switch("--again", "run what has not changed, too"),
        takes(
            "--page NAME",
            "run nothing: draw the figures that are there for another page (single, double, slide, journal-zh), into figures/NAME",
        ),
    ),
    "bundle": (
        "Pack settings, counts, run, figures and answers into one archive, with the fingerprint of each; texts stay out.",
        takes("-o --output FILE", "the archive, a ZIP", required=True),
        switch("--texts", "the documents too, where study.toml says publish_texts = true"),
    ),
    "lab": (
        "Open the study's notebooks in JupyterLab, on this machine alone.",
        whole("--port N", "the first port to try", 8888),
        switch("--no-browser", "only say the address"),
    ),
    "verify": (
        "Make everything again in a temporary folder and compare it with what is here, number by number.",
        takes("archive ARCHIVE", "check this archive of nqp-topics bundle instead", nargs="?"),
        takes(
            "--tolerance X", "how far apart equal numbers may be (default: 1e-9)", type=float, default=1e-9
        ),
        takes("-o --output FILE", "every number with its verdict, as CSV"),
    ),
}


def add(verbs: Any) -> None:
    """Add every verb to the parser of the command line."""
    for name, (about, *arguments) in VERBS.items():
        command = verbs.add_parser(name, help=told(about), description=told(about))
        for one in (STUDY, *arguments):
            command.add_argument(*one.names, help=told(one.about) or None, **one.how)


def run(options: Namespace) -> int:
    """Run the verb that is asked for; its module is imported only now."""
    module = next(module for module, verbs in MODULES.items() if options.verb in verbs)
    return int(getattr(import_module(f"nqp_topics.cli.{module}"), f"_{options.verb}")(options) or 0)
