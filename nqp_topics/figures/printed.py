"""Tables of the paper: set as words and numbers, then written as csv, LaTeX and Word in English and in Chinese."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from nqp_topics.checks import Problem, refuse_if
from nqp_topics.checks.chinese import LANGUAGES
from nqp_topics.figures.captions import label
from nqp_topics.figures.word_tables import HAN, three_lines
from nqp_topics.files import fingerprint, in_language, whole
from nqp_topics.files.tables import write_table

MISSING = "–"
NUMBER = r"(?:no zero ,?\.\d+f|,?\.\d+[f%])"
FORMS = re.compile(rf"|label|p|{NUMBER}|interval|interval {NUMBER}")
PLAIN = "words without control characters"
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1b\x7f\ud800-\udfff\ufffe\uffff]")

# widths are counted in letters of Latin print; a Chinese character takes two
LINE, GAP, NARROW = 86, 2, 12
# more rows than a page holds
LONG = 45

LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": "$<$", ">": "$>$", "|": r"\textbar{}",
    "`": r"\textasciigrave{}", '"': r"\textquotedbl{}", "−": "$-$", "–": "--", "\u00a0": "~",
}  # fmt: skip
SPECIAL = re.compile(rf"-(?=-)|'(?=')|[{re.escape(''.join(LATEX))}]")


@dataclass(frozen=True)
class Column:
    """One column of a printed table: what it shows, how its cells are set, and what stands above it.

    `shows` is a column of the table, or two for an interval (low, high); `zh` is the column that the Chinese table shows instead.
    `form` is "" (words and whole numbers, as they are), "label" (keys such as a voice, in the words of `captions.LABELS`), a number as Python
    sets it (".3f", ".1%", ",.0f"), the same without the zero before the point for what cannot pass one ("no zero .3f"), "p" (< .001, .012),
    "interval" ([.02, .11]) or one with a form of its own ("interval .1%"). `heading` is in English and in Chinese, its line breaks are
    kept; where it is empty, `captions.LABELS` has the words. `once` leaves a repeated cell blank below its first, for groups of rows.
    """

    shows: str | tuple[str, str]
    form: str = ""
    heading: tuple[str, str] = ("", "")
    zh: str = ""
    once: bool = False

    @property
    def names(self) -> list[str]:
        """The columns of the table that are read, in either language."""
        shown = [self.shows] if isinstance(self.shows, str) else list(self.shows)
        return [*shown, self.zh] if self.zh else shown

    @property
    def is_words(self) -> bool:
        """Whether the cells are words, not numbers."""
        return self.form in ("", "label")


def set_table(table: pd.DataFrame, columns: Sequence[Column], language: str = "en") -> pd.DataFrame:
    """Set a table for print: one row a row of the table, one column a `Column`, every cell a string; for a notebook, and the basis of the files.

    A missing number is an en dash, missing words are blank, a minus is a minus. Refused: a table without rows, no columns or two with one
    heading, a column that the table lacks, a form that is none or does not suit the column, numbers with decimals and no form, p-values
    outside [0, 1], infinite numbers, letters that no printer has.
    """
    refuse_if(_problems(table, columns))
    cells = {_heading(column, language): _cells(table, column, language) for column in columns}
    shown = pd.DataFrame(cells, dtype=object)
    repeated = pd.Series(True, index=shown.index)
    for column, name in zip(columns, shown, strict=True):
        if column.once:
            repeated &= shown[name] == shown[name].shift()
            shown[name] = shown[name].mask(repeated, "")
    return shown


def save_table(
    table: pd.DataFrame,
    stem: str | Path,
    caption: tuple[str, str],
    columns: Sequence[Column],
    note: tuple[str, str] = ("", ""),
    run: str = "",
) -> None:
    """Write a table under one stem for the paper, in both languages.

    `topics` gives topics.csv (the whole table, every column and digit), topics.tex and topics.docx (English), topics.zh.tex and
    topics.zh.docx. LaTeX files are for \\input; their first line says which packages they need; tables of more than 45 rows run over pages.
    Caption and note are in English and in Chinese; the number of the table and the word "Note" before the note are added. `run` is the
    fingerprint of the run that the table is about, for the ledger. Refused: what `set_table` refuses; then nothing is written.
    """
    stem = Path(stem)
    texts = [("caption", text) for text in caption] + [("note", text) for text in note]
    wrong = ((where, text) for where, text in texts if UNPRINTABLE.search(text))
    refuse_if(Problem(f"save_table({where})", repr(text), PLAIN, "take it out") for where, text in wrong)
    files = {}
    made = fingerprint(table.to_csv(index=False))[:12]
    said = [f"% source: figures.save_table of {made}", *[f"% run: {run[:12]}"] * bool(run)]
    for language, title, remark in zip(LANGUAGES, map(_one_line, caption), map(_one_line, note), strict=True):
        cells = set_table(table, columns, language)
        numeric = [pd.api.types.is_numeric_dtype(table[_source(column, language)]) for column in columns]
        right = [not column.is_words or number for column, number in zip(columns, numeric, strict=True)]
        widths, wraps = _widths(cells, right)
        sides = ["wide" if wrap else "lr"[number] for wrap, number in zip(wraps, right, strict=True)]
        latex = _latex(cells, sides, widths, title, remark, stem.name, language, said)
        files[in_language(f"{stem}.tex", language)] = latex.encode()
        files[in_language(f"{stem}.docx", language)] = three_lines(cells, right, title, remark, language)
    for file, content in files.items():
        with whole(file, "wb") as stream:
            stream.write(content)
    write_table(table, f"{stem}.csv")


def _heading(column: Column, language: str) -> str:
    own = column.heading[language == "zh"]
    return own or label(column.shows if isinstance(column.shows, str) else "interval", language)


def _source(column: Column, language: str) -> str:
    return column.zh if column.zh and language == "zh" else column.names[0]


def _cells(table: pd.DataFrame, column: Column, language: str) -> list[str]:
    if isinstance(column.shows, tuple):
        form = column.form.removeprefix("interval").strip() or "no zero .2f"
        pairs = zip(*(_numbers(table[name]) for name in column.shows), strict=True)
        set_as = (f"[{_number(a, form)}, {_number(b, form)}]" if a == a and b == b else "" for a, b in pairs)
        return [cell or MISSING for cell in set_as]
    cells = table[_source(column, language)]
    if not column.is_words:
        setting = _p if column.form == "p" else partial(_number, form=column.form)
        return [setting(x) if x == x else MISSING for x in _numbers(cells)]
    if pd.api.types.is_numeric_dtype(cells):
        return [MISSING if pd.isna(x) else str(x).replace("-", "−") for x in cells]
    words = ["" if pd.isna(x) else _one_line(str(x)) for x in cells]
    return [label(x, language) for x in words] if column.form == "label" else words


def _one_line(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text).strip()


def _numbers(cells: pd.Series) -> list[float]:
    return pd.to_numeric(cells, errors="coerce").astype(float).tolist()


def _number(number: float, form: str) -> str:
    text = format(number, f"z{form.removeprefix('no zero ')}")
    if form.startswith("no zero"):
        text = re.sub(r"^(-?)0\.", r"\1.", text)
    return text.replace("-", "−")


def _p(number: float) -> str:
    if number < 0.001:
        return "<\u00a0.001"
    text = _number(number, "no zero .3f")
    return ">\u00a0.999" if text == "1.000" and number < 1 else text


def _problems(table: pd.DataFrame, columns: Sequence[Column]) -> Iterator[Problem]:
    if table.empty:
        yield Problem("set_table(table)", "no rows", "a table with rows", "look where they went")
    if not columns:
        yield Problem("set_table(columns)", "none", "one Column and more", "say what to print")
    for language in LANGUAGES:
        todo = "give Column(…, heading=(English, Chinese))"
        headings = Counter(_heading(column, language) for column in columns)
        for heading in sorted(name for name, times in headings.items() if times > 1):
            came = f"{headings[heading]} columns called {heading!r}"
            yield Problem(f"set_table(columns), {language}", came, "headings that differ", todo)
    for column in columns:
        where = f"Column({column.shows!r}, {column.form!r})"
        for heading in filter(UNPRINTABLE.search, column.heading):
            yield Problem(where, f"the heading {heading!r}", PLAIN, "take it out")
        yield from _form_problems(column, where)
        for name in column.names:
            if (many := list(table.columns).count(name)) == 1:
                yield from _cell_problems(table[name], column, f"{where}, column {name!r}")
                continue
            came = f"a table with {f'{many} columns' if many else 'no column'} {name!r}"
            todo = "correct the name, or add the column to the table"
            yield Problem(where, came, ", ".join(map(str, table.columns)), todo)


def _form_problems(column: Column, where: str) -> Iterator[Problem]:
    pair = not isinstance(column.shows, str)
    suits = len(column.shows) == 2 and not column.zh if pair else bool(column.shows)
    if not FORMS.fullmatch(column.form):
        allowed = "'' | 'label' | 'p' | '.3f' | '.1%' | ',.0f' | 'no zero .3f' | 'interval' | 'interval .1%'"
        todo = "choose one of these, with as many digits as needed"
        yield Problem(where, f"the form {column.form!r}", allowed, todo)
    elif pair != column.form.startswith("interval") or not suits:
        came = f"{len(column.names)} columns for the form {column.form!r}"
        allowed = "two columns, low and high, for 'interval'; one, and another for Chinese, for all else"
        yield Problem(where, came, allowed, "for example Column(('low', 'high'), 'interval')")


def _cell_problems(cells: pd.Series, column: Column, where: str) -> Iterator[Problem]:
    if column.is_words:
        if pd.api.types.is_float_dtype(cells):
            came = "numbers with decimals and no form"
            yield Problem(where, came, "a form such as '.3f'", "say how many digits")
        strange = [x for x in cells if isinstance(x, str) and UNPRINTABLE.search(x)]
        allowed = PLAIN
    else:
        numbers = pd.Series(_numbers(cells), cells.index)
        given = cells.notna() & (cells.astype(str).str.strip() != "")
        wrong, allowed = given & (numbers.isna() | numbers.abs().eq(float("inf"))), "finite numbers"
        if column.form == "p":
            wrong, allowed = wrong | (numbers < 0) | (numbers > 1), "p-values, from 0 to 1"
        strange = cells[wrong].tolist()
    if strange:
        came = f"{', '.join(map(repr, strange[:3]))} in {len(strange)} rows"
        yield Problem(where, came, allowed, "correct the table or the form")


def _widths(shown: pd.DataFrame, right: list[bool]) -> tuple[list[float], list[bool]]:
    """Return the width of every column, and whether its words are broken into lines: long words share what numbers leave of the line."""
    heads = [str(name).split("\n") for name in shown]
    natural = [max(map(_length, [*head, *shown.iloc[:, place]])) for place, head in enumerate(heads)]
    columns = list(zip(natural, right, strict=True))
    room = LINE - GAP * len(natural) - sum(width for width, number in columns if number)
    words = [width for width, number in columns if not number]
    if sum(words) <= room:
        return [float(width) for width in natural], [False] * len(natural)
    room -= sum(width for width in words if width <= NARROW)
    long = sum(width for width in words if width > NARROW)
    wraps = [not number and width > NARROW for width, number in columns]
    pairs = zip(natural, wraps, strict=True)
    return [max(float(NARROW), width / long * room) if wrap else float(width) for width, wrap in pairs], wraps


def _length(text: str) -> int:
    return len(text) + len(re.findall(HAN, text))


def _latex(
    shown: pd.DataFrame,
    sides: list[str],
    widths: list[float],
    caption: str,
    note: str,
    name: str,
    language: str,
    said: list[str],
) -> str:
    heads, columns = [], ""
    for heading, side, width in zip(map(str, shown), sides, widths, strict=True):
        lines = [_line(_escaped(line)) for line in heading.split("\n")]
        stacked = len(lines) > 1 and side != "wide"
        heads.append(rf"\shortstack[{side}]{{" + r" \\ ".join(lines) + "}" if stacked else " ".join(lines))
        wide = rf">{{\raggedright\arraybackslash}}p{{{width / LINE:.3f}\linewidth}}"
        columns += wide if side == "wide" else side
    rows = [" & ".join(map(_escaped, row)) for row in shown.itertuples(index=False, name=None)]
    ctex = r"\usepackage{ctex}" if language == "zh" else r"\usepackage[scheme=plain]{ctex}"
    says = "注：" if language == "zh" else r"\textit{Note.} "
    long = len(rows) > LONG
    packages = [r"\usepackage{booktabs}", r"\usepackage{array}", *[r"\usepackage{longtable}"] * long, ctex]
    named = [rf"\caption{{{_escaped(caption)}}}", r"\label{tab:" + re.sub(r"[^\w.:-]", "-", name) + "}"]
    small = [r"\footnotesize", r"\setlength{\tabcolsep}{4pt}"]
    head = [r"\toprule", _line(" & ".join(heads)) + r" \\", r"\midrule"]
    body = [_line(row) + r" \\" for row in rows]
    below = [rf"\parbox{{\linewidth}}{{\footnotesize {says}{_escaped(note)}}}"] * bool(note)
    if long:
        again = [*head, r"\endfirsthead", *head, r"\endhead", r"\bottomrule", r"\endfoot"]
        start = [r"\begingroup", *small, rf"\begin{{longtable}}{{@{{}}{columns}@{{}}}}", *named, r"\\"]
        lines = [*start, *again, *body, r"\end{longtable}", *below, r"\endgroup"]
    else:
        begin = [r"\begin{table}[htbp]", r"\centering"]
        start = [*begin, *named, *small, rf"\begin{{tabular}}{{@{{}}{columns}@{{}}}}"]
        end = [r"\bottomrule", r"\end{tabular}", *[r"\par\smallskip"] * bool(note), *below, r"\end{table}"]
        lines = [*start, *head, *body, *end]
    needs = f"% needs {' '.join(packages)}; compile with xelatex"
    return "\n".join([needs, f"% shows: {caption}", *said, *lines, ""])


def _escaped(text: str) -> str:
    """Write a text so that LaTeX prints it as it is; a space between Chinese characters, which ctex would swallow, is kept."""
    text = SPECIAL.sub(lambda found: LATEX.get(found[0], found[0] + "{}"), text)
    return re.sub(rf"(?<={HAN}) (?={HAN})", r"\\ ", text)


def _line(text: str) -> str:
    """Protect the beginning of a line: after a line break LaTeX takes [ and * for its own."""
    return "{}" + text if text.startswith(("[", "*")) else text
