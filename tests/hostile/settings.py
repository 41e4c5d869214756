"""Settings: study.toml, key by key, and the options of the command line."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from hostile import EITHER, READ, REFUSE, Case, command
from hostile.tables import _files as files
from hostile.tables import _on, _text

OUT = "out.jsonl"
ALL = EITHER | {"other"}
SHARE = command("share", "--study", ".", gives=_text("passages.csv", "counts/counts.mtx", "audit.csv"))
KINDS = {
    "text": ["1", "true", "[]", "{}", "1.5", "2024-01-01", "nan"],
    "whole": ['"x"', "true", "1.5", "[]", "{}", "nan", "inf", "-1", "-9999999999999999999999999"],
    "number": ['"x"', "true", "[]", "nan", "-inf", "-1", "0"],
    "switch": ['"x"', "1", "0", "[]", '"true"'],
    "list": ['"x"', "1", "true", "{}", "[1]", "[[]]", "[true]", '["a", 1]', "[nan]", "[{}]"],
}
SETTINGS = {
    "study": {"name": "text", "title": "text"},
    "read": {"documents": "text", "elsewhere": "text", "text_column": "text", "date_column": "text", "duplicates": "text", "near": "number"},
    "clean": {"script": "text"},
    "split": {"sources": "text", "articles": "text", "voices": "list", "shortest": "whole", "longest": "whole"},
    "segment": {"lexicon": "text", "stopwords": "text", "general_stopwords": "switch", "cut_by": "text", "guess": "switch", "shortest_word": "whole", "numbers": "switch", "parts": "list"},
    "count": {"min_df": "whole", "max_df": "number", "counts": "text"},
    "train": {"topics": "whole", "seed": "whole", "seeds": "whole", "engine": "text", "labels": "text"},
}
PATHS = ("documents", "sources", "articles", "lexicon", "stopwords", "counts")
REPAIR = {"name": '"r"', "source": '"a"', "lines": '"1:3"', "characters": '{ "冶" = "”" }', "spare": '["冶金"]', "why": '"x"'}


def cases(chance: random.Random) -> Iterator[Case]:
    """Yield the cases of study.toml and of options."""
    for name, change, right in files("study.toml"):
        right = ALL if name == "half a character" else right  # there is none in it
        yield Case("study.toml", name, change, SHARE, right)
    for section, settings in SETTINGS.items():
        for name, kind in settings.items():
            for value in chance.sample(KINDS[kind], 4):
                yield Case("study.toml", f"{name} = {value}", _set(section, name, value), SHARE, REFUSE)
            if kind == "text" and name in PATHS:
                odd = ['"\\u0000"', '"nowhere/x"', f'"{"x" * 300}"', f'"{"x/" * 3000}"', '"/dev/null"', '"study.toml"', '"documents"', '"../../../outside"', '"~/x"', '"a\\nb"', '" "']
                for value in chance.sample(odd, 7):
                    yield Case("study.toml", f"{name} = {value[:20]}", _set(section, name, value), SHARE, ALL)
            elif name in ("duplicates", "script", "cut_by", "engine"):
                yield Case("study.toml", f"{name} = 'x'", _set(section, name, '"x"'), SHARE, REFUSE)
    for number in ("99999999999999999999", "1" * 5000, "0x" + "f" * 5000):
        for name in ("shortest", "longest", "min_df", "topics", "seed", "seeds"):
            section = next(s for s, names in SETTINGS.items() if name in names)
            yield Case("study.toml", f"{name} = {number[:12]}…", _set(section, name, number), SHARE, ALL)
    for value in ("inf", "1e400", "2.5", "1e-300", "1.0000001"):
        yield Case("study.toml", f"max_df = {value}", _set("count", "max_df", value), SHARE, ALL)
    for key in REPAIR:
        for value in ('"\\u0000"', "1", "[1]", "{}", "true", "nan", '""', "[[]]", '"３:４"', f'"{"9" * 5000}"', "{ x = 1 }"):
            given = {**REPAIR, key: value}
            text = "\n[[clean.repair]]\n" + "".join(f"{k} = {v}\n" for k, v in given.items())
            yield Case("study.toml", f"repair {key} = {value[:12]}", _more(text), SHARE, ALL)
        text = "\n[[clean.repair]]\n" + "".join(f"{k} = {v}\n" for k, v in REPAIR.items() if k != key)
        yield Case("study.toml", f"repair without {key}", _more(text), SHARE, ALL)
    for name, text in {
        "an unknown section": "[trian]\n",
        "an unknown setting": "[tomotopy]\nx = 1\n",
        "a section twice": "[study]\n",
        "100,000 brackets": "x = " + "[" * 10**5,
        "a table 50,000 deep": "[" + ".".join("a" * 50000) + "]\n",
        "inline tables 5,000 deep": "[x]\ny = " + "{a = " * 5000 + "1" + "}" * 5000,
        "no value": "[x]\ny =\n",
        "a settings' table for a value": "[train.topics]\nx = 1\n",
        "an engine's unknown setting": "[train.gensim]\ncounts = 1\n",
        "a control character": "# \x01\n",
        "100,000 unknown settings": "[x]\n" + "".join(f"k{n} = 1\n" for n in range(10**5)),
    }.items():
        yield Case("study.toml", name, _more(text), SHARE, REFUSE)
    yield from _options()


def _set(section: str, name: str, value: str):
    def change(old: bytes) -> bytes:
        text = re.sub(rf"(?m)^{name} = .*\n", "", old.decode())
        head = f"[{section}]\n"
        return (text.replace(head, f"{head}{name} = {value}\n", 1) if head in text else f"{text}\n{head}{name} = {value}\n").encode()

    return _on("study.toml", change)


def _more(text: str):
    return _on("study.toml", lambda old: old + text.encode())


def _options() -> Iterator[Case]:
    train, choose = ("train", "counts", "--set", "sweeps=5", "-o", "new"), ("choose", "counts", "--set", "sweeps=5", "-o", "new.csv")
    whole = ["x", "", "-1", "1.5", "nan", "inf", "1e3", "３", "9" * 30, "9" * 5000, "1,2", " ", "\x00", "0x3", "+", "=2"]
    lines: list[tuple[tuple[str, ...], set[str]]] = []
    lines += [((*train, "--seed", "1", "--topics", value), REFUSE if value != "３" else ALL) for value in [*whole, "0", "1", "999999999"]]
    lines += [((*train, "--topics", "2", "--seed", value), REFUSE if value != "３" else ALL) for value in whole]
    lines += [((*train, "--topics", "2", "--seed", "1", "--min-df", value), ALL) for value in ("x", "-1", "0", "nan", "9" * 30)]
    lines += [((*train, "--topics", "2", "--seed", "1", "--max-df", value), ALL) for value in ("x", "-1", "0", "nan", "inf", "9" * 400)]
    for setting in ("chains=99999999999", "sweeps=99999999999999999999", "sweeps=0", "sweeps=1.5", "chains=-1", "x=1", "chains", "=", "chains=" + "9" * 5000, "chains=x", "threads=999999999", "alpha=nan", "seed=1", "topics=3", "finish=" + "9" * 12, "counts=1", "chains=３"):
        lines.append((("train", "counts", "--topics", "2", "--seed", "1", "-o", "new", "--set", setting), REFUSE if "threads" not in setting else ALL))
    lines += [((*choose, "--topics", value, "--seeds", "1"), REFUSE) for value in ("2:999999999", "5:2", "x", "", "2:3:0", "2;3", "-2:3", "0:3", "1", "2:" + "9" * 5000, "9" * 5000, "２:３", "2,,3", ",", "2:3:4:5", "1e1:2e1")]
    lines += [((*choose, "--topics", "2", "--seeds", value), REFUSE) for value in ("999999999", "0", "-1", "x", "9" * 5000, "1.5")]
    places = ["x" * 300, "/proc/x/y", "/dev/full", "documents", "study.toml/x", "\x00", "/", ".", "a\x00b", "x/" * 3000 + "y", ""]
    lines += [(("articles", "documents", "-o", value), REFUSE) for value in places]
    lines += [((*train[:-1], value, "--topics", "2", "--seed", "1"), REFUSE) for value in places if value not in ("documents", ".", "/")]
    lines += [((*choose[:-1], value, "--topics", "2", "--seeds", "1"), REFUSE) for value in places]
    lines += [((*choose, "--topics", "2", "--seeds", "1", "--cache", value), REFUSE) for value in places if value not in ("documents", ".", "", "/")]
    lines += [(("clean", "documents/a.txt", "--lines", value), REFUSE if value != "1:3;" else ALL) for value in ("5:2", "x", "0:1", "1:99", "", ";", "1:3;", "9" * 5000, "1:" + "9" * 5000, "３:４", "-1:2", "nan", "1:2;" * 10**5)]
    for option in ("--study", "--registry", "--text-column", "--workers", "--refusals", "--no-such"):
        lines += [(("articles", "documents", option, value, "-o", OUT), ALL) for value in ("nowhere", "\x00", "x" * 300, "documents", "9" * 30, "-1", "")]
    for option in ("--lexicon", "--stopwords", "--engine", "--workers", "--removed", "--audit"):
        lines += [(("segment", "passages.jsonl", option, value, "-o", OUT), ALL) for value in ("nowhere/x", "\x00", "x" * 300, "documents", "-1")]
    for option, value in (("--width", "-1"), ("--width", "9" * 30), ("--width", "x"), ("--lexicon", "nowhere"), ("-o", "/dev/full")):
        lines.append((("kwic", "公园", "passages.jsonl", option, value), REFUSE if "9" not in value else ALL))
    lines += [(("kwic", word, "passages.jsonl"), right) for word, right in (("", REFUSE), (" ", REFUSE), ("[", READ), ("\x00", EITHER), ("长" * 10**5, EITHER))]
    for option in ("--top", "--fewest"):
        lines += [(("terms", "passages.jsonl", option, value, "-o", "new.csv"), ALL) for value in ("-1", "0", "x", "9" * 30, "1.5")]
    lines += [(("count", "tokens.jsonl", "-o", "new", option, value), ALL) for option in ("--min-df", "--max-df") for value in ("-1", "0", "nan", "inf", "x", "9" * 400, "1e-9")]
    lines += [(("figures", "--topics", value), REFUSE) for value in ("1", "-1", "x", "9" * 30)]
    lines += [(("figures", value), REFUSE) for value in ("9", "nothing", "../x", "\x00", "")]
    lines += [(("figures", "--page", value), REFUSE) for value in ("x", "", "\x00", "../x")]
    lines += [(("verify", "--tolerance", value), REFUSE) for value in ("-1", "nan", "x", "inf")]
    lines += [((), READ), (("raed",), REFUSE), (("",), REFUSE), (("read", "\x00"), REFUSE), (("read", "nowhere"), REFUSE), (("read", "x" * 5000), REFUSE), (("train", "articles.csv", *train[2:], "--topics", "2", "--seed", "1"), REFUSE), (("train", "study.toml", *train[2:], "--topics", "2", "--seed", "1"), REFUSE), (("train", "documents", *train[2:], "--topics", "2", "--seed", "1"), REFUSE), (("train", "documents/a.txt", *train[2:], "--topics", "2", "--seed", "1"), REFUSE)]
    for line, right in lines:
        shown = " ".join(word[:16] + "…" * (len(word) > 16) for word in line)
        yield Case("options", shown or "nothing", lambda place: None, command(*line), right, "")
