"""How fast and how right the cut is, beside jieba in the same run.

python benchmarks/cutting.py [passages.jsonl]      (default: the government work reports in ../shared/bench)

Prints three tables: F1 against the PKU and MSR gold, with and without guessing; seconds for the same texts, the best of
several rounds that take turns, and how many times as fast as jieba.lcut with and without guessing; and the seconds
of whole commands, from a file of JSON lines to another, on the texts repeated up to 17 and 100 MB: processor time of
jieba.lcut, of segment and of segment with lexicon, stop words and audit; and by the clock with one and with two workers.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle, pairwise
from pathlib import Path

import pandas as pd

from nqp_topics.counts import count
from nqp_topics.words import lexicon, segment
from nqp_topics.words.audit import Notes
from nqp_topics.words.sift import keep, stop_words

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT.parent / "shared" / "bench"
TERMS = 5000


def spans(words: list[str]) -> Iterator[tuple[int, int]]:
    place = 0
    for word in words:
        yield place, place + len(word)
        place += len(word)


def f1(gold: list[str], cut: Callable[[str], list[str]]) -> float:
    right = found = wanted = 0
    for line in gold:
        words = line.split()
        a, b = set(spans(words)), set(spans(cut("".join(words))))
        right, found, wanted = right + len(a & b), found + len(b), wanted + len(a)
    return 2 * right / (found + wanted)


def library(engine: str, hmm: bool) -> Callable[[str], list[str]]:
    """The library itself, without ours around it."""
    found = segment.cutter(None, engine, hmm).default
    assert found
    return found


def accuracy() -> pd.DataFrame:
    ours, guessing = segment.cutter(), segment.cutter(hmm=True)
    ways: dict[str, Callable[[str], list[str]]] = {
        "jieba": library("jieba", False),
        "jieba, guessing": library("jieba", True),
        "nqp_topics": lambda text: segment.cut(text, ours),
        "nqp_topics, guessing": lambda text: segment.cut(text, guessing),
    }
    rows = []
    for name in ("pku", "msr"):
        gold = (BENCH / "sighan2005" / "gold" / f"{name}_test_gold.utf8").read_text("utf-8").splitlines()
        rows.append({"gold": name, **{way: round(f1(gold, cut), 4) for way, cut in ways.items()}})
    return pd.DataFrame(rows).set_index("gold")


def texts(file: str | Path) -> pd.DataFrame:
    rows = []
    for line in Path(file).read_text("utf-8").splitlines():
        row = json.loads(line)
        text = row.get("text") or row.get("content") or ""
        rows += [part for part in text.split("\n") if part.strip()]
    return pd.DataFrame({"id": [f"p{n:05d}" for n in range(len(rows))], "text": rows})


def terms(table: pd.DataFrame) -> pd.DataFrame:
    """The study's lexicon, filled up to 5,000 with the pairs of words that most often stand side by side."""
    file = ROOT / "data" / "lexicon.txt"
    chosen = list(lexicon.read(file)["term"]) if file.is_file() else []
    pairs: Counter[str] = Counter()
    for words in segment.tokens(table)["tokens"]:
        pairs.update(a + b for a, b in pairwise(words) if len(a) > 1 and len(b) > 1 and (a + b).isalpha())
    known = set(chosen)
    more = sorted((pair for pair in pairs if pair not in known), key=lambda pair: (-pairs[pair], pair))
    return lexicon.of((chosen + more)[:TERMS])


def speed(table: pd.DataFrame, rounds: int = 5) -> pd.DataFrame:
    by = segment.cutter(terms(table))
    plain, guessing, rust = library("jieba", False), library("jieba", True), library("rjieba", False)
    stop = stop_words()

    def whole() -> None:
        notes = Notes(by)
        tokens = segment.tokens(table, by, watch=notes.note)
        notes.table()
        count(keep(tokens, stop, shortest=2)[0], min_df=2)

    ways = {
        "jieba.lcut": lambda: [guessing(text) for text in table["text"]],
        "jieba.lcut(HMM=False)": lambda: [plain(text) for text in table["text"]],
        "rjieba.cut": lambda: [rust(text) for text in table["text"]],
        f"segment.tokens, {len(by.entries)} terms": lambda: segment.tokens(table, by),
        "segment + audit + sift + count": whole,
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            best[name] = min(best[name], time.perf_counter() - start)
    default, faster = best["jieba.lcut"], best["jieba.lcut(HMM=False)"]
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in table["text"]) / 1e6
    return pd.DataFrame(
        [
            (name, round(s, 3), round(size / s, 1), round(default / s, 1), round(faster / s, 1))
            for name, s in best.items()
        ],
        columns=["way", "seconds", "MB/s", "times jieba.lcut", "times HMM=False"],
    ).set_index("way")


PEER = """
import json, sys, jieba
with open(sys.argv[1], encoding="utf-8") as texts, open(sys.argv[2], "w", encoding="utf-8") as out:
    for row in map(json.loads, texts):
        tokens = [token for token in jieba.lcut(row["text"]) if not token.isspace()]
        out.write(json.dumps({"id": row["id"], "tokens": tokens}, ensure_ascii=False) + chr(10))
"""


def seconds(*command: str) -> tuple[float, float]:
    """Processor time that a command takes, start and end included, and time by the clock."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stderr=subprocess.DEVNULL)
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, end - start


def repeated(table: pd.DataFrame, file: Path, size: float) -> None:
    """Write the texts as JSON lines, again and again up to so many megabytes."""
    written = 0
    with file.open("w", encoding="utf-8") as stream:
        for number, text in enumerate(cycle(table["text"])):
            stream.write(json.dumps({"id": f"p{number:06d}", "text": text}, ensure_ascii=False) + "\n")
            written += len(text.encode("utf-8", "surrogatepass"))
            if written >= size * 1e6:
                break


def whole_commands(table: pd.DataFrame, sizes: tuple[int, ...] = (17, 100), rounds: int = 3) -> pd.DataFrame:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        file, out, listed, stop = (Path(folder) / name for name in ("texts.jsonl", "out", "terms", "stop"))
        listed.write_text("\n".join(lexicon.written(terms(table))), "utf-8")
        stop.write_text("我们\n", "utf-8")
        plain = ("-m", "nqp_topics.cli", "segment", str(file), "-o", str(out))
        more = ("--lexicon", str(listed), "--stopwords", str(stop), "--audit", f"{folder}/audit.csv")
        for size in sizes:
            repeated(table, file, size)
            # a peer of minutes is timed once: its start is nothing beside its work
            theirs, _ = seconds("-c", PEER, str(file), str(out))
            taken = [
                [seconds(*plain, *also) for also in ((), more, ("--workers", "2"))] for _ in range(rounds)
            ]
            ours, all_of_it, _ = (min(cpu for cpu, _ in way) for way in zip(*taken, strict=True))
            one, _, two = (min(clock for _, clock in way) for way in zip(*taken, strict=True))
            made = theirs, ours, theirs / ours, all_of_it, all_of_it / ours, one, two
            rows.append((f"{size} MB", *(round(value, 1 + (value < 10)) for value in made)))
    names = ["jieba.lcut", "segment", "times jieba", "with all", "times plain", "clock", "clock, 2 workers"]
    return pd.DataFrame(rows, columns=["texts", *names]).set_index("texts")


def main() -> None:
    file = sys.argv[1] if len(sys.argv) > 1 else BENCH / "gwr_national" / "government_work_reports.jsonl"
    if not Path(file).is_file():
        sys.exit(f"{file} is not here: give a file of JSON lines with a text in each")
    if (BENCH / "sighan2005").is_dir():
        print(accuracy().to_string(), end="\n\n")
    table = texts(file)
    print(speed(table).to_string(), end="\n\n")
    print(whole_commands(table).to_string())


if __name__ == "__main__":
    main()
