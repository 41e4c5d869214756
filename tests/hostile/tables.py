"""Tables that people keep: the registry, the list of sources, labels, the review of terms, the lexicon, stop words, texts and tokens."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from hostile import EITHER, READ, REFUSE, Case, command, in_python

Change = Callable[[Path], object]
OUT = "out.jsonl"


def _text(*names: str) -> Callable[[Path], str]:
    return lambda place: "\n".join((place / name).read_text("utf-8") for name in names)


def _labels(place: Path) -> str:
    from nqp_topics.naming.labels import labels_of, read_labels
    from nqp_topics.topics import load

    return str(labels_of(read_labels("labels.csv"), load("run")).to_csv(index=False))


ARTICLES = command("articles", "--study", ".", "-o", OUT, gives=_text(OUT))
SEGMENT = command("segment", "passages.jsonl", "--study", ".", "--stopwords", "stopwords.txt", "-o", OUT, gives=_text(OUT))
COUNT = command("count", "tokens.jsonl", "-o", "again", gives=_text("again/counts.mtx", "again/words.txt"))
ACCEPT = command("terms", "--accept", "terms.csv", "--lexicon", "lexicon.txt", gives=_text("lexicon.txt"))
LABELS = in_python(_labels)
# file → what reads it, and the columns that it needs
TABLES = {
    "articles.csv": ("registry", ARTICLES, ("id", "source", "start_line", "end_line")),
    "sources.csv": ("sources", ARTICLES, ("source", "file", "sha256")),
    "labels.csv": ("labels", LABELS, ("fingerprint", "topic", "zh", "en")),
    "terms.csv": ("terms", ACCEPT, ("accept", "term")),
}
LINES = {
    "lexicon.txt": ("lexicon", SEGMENT),
    "stopwords.txt": ("stop words", SEGMENT),
    "passages.jsonl": ("texts", SEGMENT),
    "tokens.jsonl": ("tokens", COUNT),
}


def cases(chance: random.Random) -> Iterator[Case]:
    """Yield the cases of tables and lists."""
    for name, (kind, run, columns) in TABLES.items():
        for what, change, right in [*_files(name), *_shapes(name, columns)]:
            yield Case(kind, what, change, run, right)
    for name, column, value, right in _cells():
        shown = f"{value[:24]!r}{'…' * (len(value) > 24)}"
        kind, run, _ = TABLES[name]
        yield Case(kind, f"{column} is {shown}", _cell(name, column, value), run, right)
    for name, (kind, run) in LINES.items():
        for what, change, right in [*_files(name), *_lines(name)]:
            yield Case(kind, what, change, run, right)


def _on(name: str, make: Callable[[bytes], bytes]) -> Change:
    return lambda place: (place / name).write_bytes(make((place / name).read_bytes()))


def _files(name: str) -> Iterator[tuple[str, Change, set[str]]]:
    """Yield what may befall any file."""

    def instead(make: Callable[[Path], object]) -> Change:
        def change(place: Path) -> None:
            (place / name).unlink()
            make(place / name)

        return change

    gone = READ if name == "labels.csv" else REFUSE
    yield "missing", instead(lambda file: None), gone if name != "labels.csv" else EITHER | {"other"}
    yield "a folder in its place", instead(lambda file: file.mkdir()), REFUSE
    yield "a link to itself", instead(lambda file: file.symlink_to(file.name)), REFUSE
    yield "a link to nowhere", instead(lambda file: file.symlink_to("nowhere")), REFUSE
    yield "a device without end", instead(lambda file: file.symlink_to("/dev/zero")), REFUSE
    yield "8 GB of nothing", instead(lambda file: file.open("wb").truncate(8 << 30)), REFUSE
    noise = random.Random(name).randbytes(2000)
    for what, made in {"noise": noise, "zeros": bytes(2000), "a mark and zeros": b"\xff\xfe" + bytes(2000), "a picture": b"\x89PNG\r\n\x1a\n" + noise, "a workbook": b"PK\x03\x04" + noise}.items():
        yield what, _on(name, lambda old, made=made: made), REFUSE  # type: ignore[misc]
    yield "FF inside", _on(name, lambda old: old[: len(old) // 2] + b"\xff" + old[len(old) // 2 :]), REFUSE
    yield "half a character", _on(name, lambda old: old.replace("题".encode(), "题".encode()[:2], 1).replace("馆".encode(), "馆".encode()[:2], 1).replace("名".encode(), "名".encode()[:2], 1).replace("道".encode(), "道".encode()[:2], 1).replace("旁".encode(), "旁".encode()[:2], 1)), EITHER if name == "sources.csv" else REFUSE
    yield "a zero inside", _on(name, lambda old: old[: len(old) // 2] + b"\x00" + old[len(old) // 2 :]), EITHER
    yield "zeros at the end", _on(name, lambda old: old + bytes(4096)), EITHER
    yield "a mark", _on(name, lambda old: b"\xef\xbb\xbf" + old.removeprefix(b"\xef\xbb\xbf")), READ
    yield "CRLF", _on(name, lambda old: old.replace(b"\n", b"\r\n")), READ
    yield "no last line end", _on(name, lambda old: old.rstrip(b"\n")), READ


def _table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _csv(rows: list[list[str]], **how: object) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n", **how).writerows(rows)  # type: ignore[arg-type]
    return stream.getvalue().encode()


def _shapes(name: str, columns: tuple[str, ...]) -> Iterator[tuple[str, Change, set[str]]]:
    """Yield what spreadsheets, and people, make of a table."""

    def rows(make: Callable[[list[list[str]]], list[list[str]]], **how: object) -> Change:
        return _on(name, lambda old: _csv(make(_table(old)), **how))

    for code in ("gb18030", "utf-16"):
        yield f"in {code}", _on(name, lambda old, code=code: old.decode("utf-8-sig").encode(code)), READ  # type: ignore[misc]
    for mark in ";\t":
        yield f"with {mark!r}", rows(lambda t: t, delimiter=mark), READ
    yield "all in quotes", rows(lambda t: t, quoting=csv.QUOTE_ALL), READ
    yield "columns turned", rows(lambda t: [row[::-1] for row in t]), READ
    yield "one more column", rows(lambda t: [[*row, "x"] for row in t]), READ
    yield "spaces around names", rows(lambda t: [[f" {cell} " for cell in t[0]], *t[1:]]), READ
    yield "empty lines at the end", _on(name, lambda old: old + b"\n\n\n"), READ
    yield "empty rows of a spreadsheet", rows(lambda t: [*t, *([[""] * len(t[0])] * 3)]), EITHER
    yield "empty", _on(name, lambda old: b""), REFUSE
    yield "blank", _on(name, lambda old: b" \n \n"), REFUSE
    yield "the names alone", rows(lambda t: t[:1]), REFUSE if name == "articles.csv" else EITHER | {"other"}
    yield "without its names", rows(lambda t: t[1:]), REFUSE
    yield "an open quote", _on(name, lambda old: old + b'"x'), REFUSE
    yield "an open quote at the start", _on(name, lambda old: old.replace(b"\n", b'\n"', 1)), REFUSE
    yield "a cell too many", rows(lambda t: [t[0], [*t[1], "x", "y"], *t[2:]]), REFUSE
    yield "a cell too few", rows(lambda t: [t[0], t[1][:2], *t[2:]]), REFUSE
    yield "a row twice", rows(lambda t: [*t, t[1]]), REFUSE if name != "terms.csv" else EITHER
    yield "100,000 columns", rows(lambda t: [[*row, *(f"c{n}" for n in range(10**5))] for row in t[:2]]), EITHER | {"other"}
    yield "100,000 columns, none of them its own", rows(lambda t: [[f"c{n}" for n in range(10**5)]] * 2), REFUSE
    yield "no columns", _on(name, lambda old: b",,,\n" * 4), REFUSE
    for column in columns:
        without = rows(lambda t, column=column: [[c for c, n in zip(row, t[0], strict=True) if n != column] for row in t])  # type: ignore[misc]
        yield f"no column {column}", without, REFUSE
        twice = rows(lambda t, column=column: [[*row, row[t[0].index(column)]] for row in t])  # type: ignore[misc]
        yield f"column {column} twice", twice, REFUSE


def _cell(name: str, column: str, value: str) -> Change:
    def change(old: bytes) -> bytes:
        rows = _table(old)
        rows[1][rows[0].index(column)] = value
        return _csv(rows)

    return _on(name, change)


def _cells() -> Iterator[tuple[str, str, str, set[str]]]:
    odd = ["３", "三", "1" * 30, "1" * 5000, "-1", "0", "1.5", "nan", "inf", "1e9", "99999999", "0x1", "+1", "1_0", "x", "", "\x00", "=1+1", "1\n2", "٣", "²"]
    for column in ("start_line", "end_line"):
        for value in odd:
            yield "articles.csv", column, value, EITHER | {"other"} if value in ("+1", "３") else REFUSE  # an input method's 3
    for value in ("1:99", "99999999:99999999", "5:2", "0:3", "1:3;2:5", "7:9", "1:" + "9" * 5000, "１:３", "x", ";", "1:3;", "1", "-1:3", "1:3," * 9, "1;" * 10**5, "nan:nan"):
        yield "articles.csv", "body", value, EITHER
    for value in ("", " ", "a-2", "x\ny", "x\ry", "\x00", "=1+1", "名" * 10**5, "a/../b"):
        yield "articles.csv", "id", value, READ | {"other"} if value in ("=1+1", "a/../b") else REFUSE
    for value in ("", "nowhere", "b", "a.txt", "../documents/a", "A", "a ", "\x00"):
        yield "articles.csv", "source", value, EITHER
    for value in ("nobody", "Academic", "academic;academic", "\x00"):
        yield "articles.csv", "voice", value, REFUSE
    for value in ("zz", "", "0" * 64, "x" * 10**5):
        yield "articles.csv", "fingerprint", value, EITHER
    for value in ("", "x", "0" * 64, "0" * 63, "\x00", "A" * 10**5):
        yield "sources.csv", "sha256", value, EITHER
    for value in ("", "b", "x", "\x00", "a\nb", "=1"):
        yield "sources.csv", "source", value, EITHER if value != "b" else REFUSE
    for value in ("T00", "T03", "T99", "", "t01", "1", "T1", "T02", "\x00"):
        yield "labels.csv", "topic", value, REFUSE
    for value in ("", "x", "0" * 64):
        yield "labels.csv", "fingerprint", value, EITHER | {"other"}
    for value in ("perhaps", "是的", "0.5", "yes no", "\x00", "ＹＥＳ?", "=TRUE()", "nan"):
        yield "terms.csv", "accept", value, REFUSE


def _lines(name: str) -> Iterator[tuple[str, Change, set[str]]]:
    def more(line: bytes, times: int = 1) -> Change:
        return _on(name, lambda old: old + (line + b"\n") * times)

    if name.endswith(".txt"):
        yield "in gb18030", _on(name, lambda old: old.decode().encode("gb18030")), EITHER
        yield "in utf-16", _on(name, lambda old: old.decode().encode("utf-16")), EITHER
        yield "empty lines", more(b"  ", 1000), READ
        yield "remarks", more("# 一句".encode(), 1000), READ
    if name == "lexicon.txt":
        bad = ["= x", "x =", "x = = y", "x = x", "绿道", "x; not before", "x; not besides y", "x; not before y; only before y", "书馆", "x = 绿道", "; not after x", "a, b, ,", "x ; ; ;", "\x00", "一 = 二 = 三", "x; only after", "\ufeff\ufeff= y"]
        for line in bad:
            yield f"a line {line!r}", more(line.encode()), REFUSE if line != "a, b, ," else EITHER | {"other"}
        yield "an entry of a million", more(("长" * 10**6).encode()), EITHER | {"other"}
        yield "an entry with 100,000 aliases", more(("甲 = " + ", ".join(f"乙{n}" for n in range(10**5))).encode()), EITHER | {"other"}
        yield "50,000 bad lines", more(b"= x", 50000), REFUSE
        yield "50,000 entries", _on(name, lambda old: old + "".join(f"词{n}词\n" for n in range(50000)).encode()), EITHER | {"other"}
        yield "100,000 rules", more(("甲" + "; not before 乙" * 10**5).encode()), EITHER | {"other"}
    if name == "stopwords.txt":
        yield "a word twice", more("旁边".encode(), 3), READ
        yield "a word of a million", more(("长" * 10**6).encode()), READ
        yield "100,000 words", _on(name, lambda old: old + "".join(f"词{n}词\n" for n in range(10**5)).encode()), READ
        yield "a zero line", more(b"\x00"), EITHER
    if name.endswith(".jsonl"):
        key = "text" if name == "passages.jsonl" else "tokens"
        bad = ["[" * 10**5, '{"a":' * 10**5, "null", "[]", "1", "NaN", '"x"', "{", "{}", "1" * 5000, f'{{"id": "x", "{key}": null}}', f'{{"id": "x", "{key}": 1}}', f'{{"{key}": "x"}}', f'{{"id": null, "{key}": "x"}}', f'{{"id": "x", "{key}": [1]}}', f'{{"id": "x", "{key}": {{}}}}', "{'id': 1}", "\x00", "x" * 10**6]
        bad += [f'{{"id": "x", "{key}": {"1" * 5000}}}']
        for line in bad:
            yield f"a line {line[:30]!r}", more(line.encode()), REFUSE
        yield "a line twice", _on(name, lambda old: old + old.split(b"\n")[0] + b"\n"), REFUSE
        yield "no line", _on(name, lambda old: b"\n"), REFUSE
        yield "in one array", _on(name, lambda old: b"[" + old.replace(b"\n", b",") + b"]"), REFUSE
        yield "an id of a list", more(f'{{"id": [1], "{key}": ["x"]}}'.encode()), REFUSE
        yield "half a character", more(f'{{"id": "x", "{key}": {chr(34)}\\ud800{chr(34)}}}'.encode() if key == "text" else b'{"id": "x", "tokens": ["\\ud800"]}'), EITHER | {"other"}
