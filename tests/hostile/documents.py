"""Files that are read: text in all encodings, Markdown, web pages, CSV, JSON lines, names and links; PDF and Office stand in `office`."""

from __future__ import annotations

import codecs
import csv
import functools
import io
import json
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from hostile import ANYTHING, EITHER, READ, REFUSE, Came, Case, command, squeezed

GOOD = "桥修好了，两岸的人都来看。\n"
TEXT = (
    "公园门口新开了一家图书馆，孩子们放学以后常去看书。\n河边的步道修好了，老人早晚都在那里散步。\n"
    "菜市场搬到了车站旁边，早上六点就开始卖菜。\n学校的老师说，这几年来读书的人比过去多了。\n"
) * 3
COMPLEX = (
    "公園門口新開了一家圖書館，孩子們放學以後常去看書。\n河邊的步道修好了，老人早晚都在那裡散步。\n"
    "菜市場搬到了車站旁邊，早上六點就開始賣菜。\n學校的老師說，這幾年來讀書的人比過去多了。\n"
) * 3
USUAL = re.compile(r"text from the column \S+|rows are numbered[^;]*|[^;]*not embedded[^;]*")


def reads(*more: str) -> Callable[[Path], Came]:
    """Return a run that reads the folder `in`, in which good.txt stands beside what is tried."""

    def run(place: Path) -> Came:
        came = command("read", "in", "-o", "out.jsonl", "--refusals", "refused.csv", *more)(place)
        if came.how != "gave":  # a column that no table has stops the call: its name was mistyped
            stopped = came.how == "refused" and "text_column" not in came.text
            return came._replace(how="lost" if stopped else came.how)
        rows = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").split("\n")[:-1]]
        with Path("refused.csv").open(encoding="utf-8-sig", newline="") as stream:
            refused = list(csv.DictReader(stream))
        if not any(row["file"] == "good.txt" and row["text"] == GOOD for row in rows):
            return Came("lost", f"good.txt is gone; {refused}")
        rows = [row for row in rows if row["file"] != "good.txt"]
        told = [USUAL.sub("", row["remarks"] or "").strip("; ") for row in rows]
        told += [f"{row['reason']}: {row['detail']}" for row in refused]
        if rows:
            if any("root:x:" in row["text"] for row in rows):
                return Came("lost", "a file of the system came through")
            text = squeezed("".join(row["text"] for row in rows))
            return Came("gave", text, "\n".join(filter(None, told)))
        if refused and all(row["reason"] and row["detail"] for row in refused):
            return Came("refused", f"came: allowed: do next: {told}")
        return Came("lost", "neither read nor refused")

    return run


READ_IT = reads()
COLUMNS = reads("--text-column", "正文", "--title-column", "标题")


def file(
    kind: str, name: str, ending: str, content: bytes | Callable[[], bytes], right: set[str], expect: str = TEXT, **more: object
) -> Case:
    """Return the case of one file beside a good one."""

    def spoil(place: Path) -> None:
        (place / "in").mkdir()
        (place / "in/good.txt").write_text(GOOD, "utf-8")
        (place / f"in/bad{ending}").write_bytes(content() if callable(content) else content)

    return Case(kind, name, spoil, more.pop("run", READ_IT), right, squeezed(expect), False, **more)  # type: ignore[arg-type]


def cases(chance: random.Random) -> Iterator[Case]:
    """Yield the cases of plain files."""
    yield from _encodings()
    yield from _texts()
    yield from _repeated()
    yield from _pages()
    yield from _csv()
    yield from _jsonl()
    yield from _names()


def _encodings() -> Iterator[Case]:
    simplified = ["utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "utf-16", "utf-16-le", "utf-16-be"]
    for code in [*simplified, "big5", "big5hkscs", "cp950"]:
        text = COMPLEX if code in ("big5", "big5hkscs", "cp950") else TEXT
        content, wide = text.encode(code), "16" in code
        zero = "\x00".encode("utf-16-le" if wide else "utf-8")
        middle = len(content) // 2 // 2 * 2
        changes = {
            "as it is": (content, READ),
            "CRLF": (text.replace("\n", "\r\n").encode(code), READ),
            "CR": (text.replace("\n", "\r").encode(code), READ),
            "no last line end": (text.rstrip().encode(code), READ),
            "zeros at the end": (content + bytes(4096), EITHER),
            "zeros in the middle": (content[:middle] + bytes(128) + content[middle + 128 :], EITHER),
            "one zero character": (text[:60].encode(code) + zero + text[60:].encode(code.removesuffix("-sig")), EITHER),
            "only zeros": (bytes(len(content)), REFUSE),
            "a mark and zeros": (codecs.BOM_UTF8 + bytes(len(content)), REFUSE),
            "half a character": (content[:-2] if not wide else content[:-1], EITHER),
            "two marks": (codecs.BOM_UTF8 * 2 + content if not wide else codecs.BOM_UTF16_LE * 2 + content, EITHER),
            "the mark of another": ((codecs.BOM_UTF16_LE if not wide else codecs.BOM_UTF8) + content, EITHER),
            "twice in other codes": (content + TEXT.encode("utf-16-be" if not wide else "gbk"), EITHER),
        }
        if not wide:
            changes["FF in the middle"] = (content[:100] + b"\xff" + content[101:], EITHER)
            changes["80 in the middle"] = (content[:101] + b"\x80" + content[101:], EITHER)
        else:
            changes["a byte lost"] = (content[:41] + content[42:], EITHER)
        for name, (made, right) in changes.items():
            yield file("txt", f"{code}: {name}", ".txt", made, right, text)
    for code in ("utf-32", "utf-32-le", "utf-32-be", "hz", "utf-7", "iso2022_jp_2", "johab", "euc_kr", "cp437"):
        made = TEXT.encode(code, "ignore")
        if len(made) > 100:
            yield file("txt", f"{code}: as it is", ".txt", made, EITHER)
    yield file("txt", "utf-32 without a mark, no Chinese", ".txt", "park\n".encode("utf-32-le") * 9, EITHER, "park\n" * 9)
    for mark, code in ((codecs.BOM_UTF16_LE, "16le"), (codecs.BOM_UTF16_BE, "16be"), (codecs.BOM_UTF32_LE, "32le")):
        yield file("txt", f"utf-{code}: a mark and zeros", ".txt", mark + bytes(4000), REFUSE)
        yield file("txt", f"utf-{code}: a mark alone", ".txt", mark, REFUSE)


def _texts() -> Iterator[Case]:
    def text(name: str, content: bytes | str | Callable[[], bytes], right: set[str], expect: str = TEXT, **more: object) -> Case:
        made = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        return file("txt", name, ".txt", made, right, expect, **more)

    for name, content in {"empty": "", "a mark": "\ufeff", "spaces": " \n\t　\r\n" * 500, "a million line ends": "\n" * 10**6}.items():
        yield text(name, content, REFUSE)
    for sign in ("\u2028", "\x85", "\u200b", "\xad", "\x0c", "\x1b[31m", "\u202e", "\U000e0041"):
        yield text(f"with {sign!r}", TEXT.replace("，", f"，{sign}"), EITHER, TEXT.replace("，", f"，{sign}"))
    yield text("half characters", TEXT[:50] + "\ud840" + TEXT[50:], EITHER)
    yield text("noncharacters", TEXT[:50] + "\ufffe\uffff" + TEXT[50:], EITHER, TEXT[:50] + "\ufffe\uffff" + TEXT[50:])
    yield text("replaced characters", TEXT[:50] + "\ufffd" * 9 + TEXT[50:], EITHER)
    yield text("UTF-8 read as Latin and saved", TEXT.encode().decode("latin-1"), EITHER)
    yield text("overlong UTF-8", TEXT.encode() + b"\xc0\xaf\xe0\x80\xaf", EITHER)
    yield text("a line of a million", TEXT.replace("\n", "") * 8000, READ, TEXT * 8000)
    yield text("a hundred thousand lines", "字\n" * 10**5, READ, "字" * 10**5)
    yield text("an export whose abstract has a million lines", "%0 J\n%T 题\n%A 人\n%X 甲。\n" + "字\n" * 10**6, ANYTHING, "")
    yield text("50 MB", lambda: TEXT.encode() * 66000, READ, squeezed(TEXT) * 66000, slow=True)
    yield text("a line of 200 MB", lambda: b"x" * (200 << 20), ANYTHING, "", slow=True)
    heads = {"png": b"\x89PNG\r\n\x1a\n", "gzip": b"\x1f\x8b\x08", "elf": b"\x7fELF", "zip": b"PK\x03\x04", "old office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}
    heads |= {"jpeg": b"\xff\xd8\xff\xe0", "pdf": b"%PDF-1.7\n", "sqlite": b"SQLite format 3\x00", "wav": b"RIFF\xff\x00\x00\x00WAVE", "mp4": b"\x00\x00\x00 ftypisom"}
    noise = random.Random(7).randbytes(3000)
    for name, head in heads.items():
        yield text(f"{name} called .txt", head + noise, REFUSE)
    yield text("noise", noise, REFUSE)
    yield text("noise of letters and zeros", bytes(n % 3 and 65 + n % 26 for n in range(3000)), EITHER)


def _repeated() -> Iterator[Case]:
    """Yield signs that stand a hundred thousand times, or in so many lines: no rule of reading or cleaning may be quadratic in them."""
    run = command("articles", "in", "-o", "out.jsonl")
    signs = [*"[（(<《“*_#`~|>-.·…—=\t　、。1A一!&\\$@", "[](", "![", "<!--", "<a ", "- ", "1. ", "一、", "[1]", "参考文献", "“”", "\n\n", "&#x", "  \n", "记者 "]
    for number, sign in enumerate(signs):
        for name, made in (("", sign * 10**5), (" in lines", (sign + "\n") * 30000)):
            ending = (".md", ".txt", ".html", ".md")[(number + len(name)) % 4]
            content = (TEXT + made + TEXT).encode()
            case = file("repeated", f"{sign!r} {'30,000' if name else '10⁵'} times{name} in {ending}", ending, content, ANYTHING, "", run=run)
            yield case._replace(slow=number % 8 > 0)


def _pages() -> Iterator[Case]:
    lines = "".join(f"<p>{line}</p>" for line in TEXT.splitlines())

    def page(body: str = lines, head: str = '<meta charset="utf-8">', end: str = "</body></html>") -> str:
        return f"<!DOCTYPE html><html><head>{head}<title>一篇</title></head><body><article>{body}</article>{end}"

    whole = page().encode()
    made: dict[str, tuple[bytes, set[str]]] = {"as it is": (whole, READ)}
    for code in ("gbk", "gb18030", "big5", "utf-16"):
        made[f"in {code}, which it says"] = (page(head=f'<meta charset="{code}">').encode(code, "ignore"), EITHER)
    for code in ["gbk", "big5", "utf-16", "utf-16-le", "utf-32", "utf-7", "hz", "rot13", "hex", "zlib", "base64", "idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "cp037", "latin-1", "x-user-defined", "a" * 10**4, "-", "_", "utf-8\x00"]:
        made[f"says {code[:20]}"] = (page(head=f'<meta charset="{code}">').encode(), EITHER)
    for at in (0.2, 0.4, 0.6, 0.8):
        place = int(len(whole) * at)
        made[f"zeros at {at}"] = (whole[:place] + bytes(200) + whole[place + 200 :], EITHER)
        made[f"cut at {at}"] = (whole[:place], EITHER)
        made[f"FF at {at}"] = (whole[:place] + b"\xff\xfe" + whole[place:], EITHER)
    made["100,000 attributes"] = (page(f"<p {'a=1 ' * 10**5}>{TEXT}</p>").encode(), EITHER)
    made["different attributes"] = (page(f"<p {' '.join(f'a{n}=1' for n in range(10**5))}>{TEXT}</p>").encode(), EITHER)
    made["an attribute of a million"] = (page(f'<p title="{"长" * 10**6}">{TEXT}</p>').encode(), EITHER)
    for tag in ("div", "b", "table", "ul", "font", "span", "p"):
        made[f"{tag} in {tag}, 20,000 deep"] = (page(f"<{tag}>" * 20000 + TEXT + f"</{tag}>" * 20000).encode(), EITHER)
    made["an open comment"] = (page(f"{lines}<!-- ").encode(), EITHER)
    made["an open script"] = (page(f"<script>{lines}").encode(), EITHER)
    made["entities"] = (page("".join(f"<p>{''.join(f'&#{ord(c)};' for c in line)}</p>" for line in TEXT.splitlines())).encode(), READ)
    made["a huge entity"] = (page(f"{lines}<p>&#{'9' * 10**5};</p>").encode(), EITHER)
    made["an entity that grows"] = (('<!DOCTYPE html [<!ENTITY a "' + "长" * 99 + '">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 9}">' for n in range(9)) + "]>" + page(lines + "&j;")).encode(), ANYTHING)
    made["a file of the system"] = (('<!DOCTYPE html [<!ENTITY s SYSTEM "file:///etc/passwd">]>' + page(lines + "&s;")).encode(), ANYTHING)
    made["only links"] = (page("<ul>" + "<li><a href=x>公园</a></li>" * 99 + "</ul>").encode(), REFUSE)
    made["frames"] = (b"<html><frameset><frame src=a.html></frameset></html>", REFUSE)
    made["no page"] = (b"<html></html>", REFUSE)
    made["a page called .docx"] = (whole, EITHER)
    for name, (content, right) in made.items():
        expect = COMPLEX if "in big5" in name else TEXT
        content = page("".join(f"<p>{x}</p>" for x in COMPLEX.splitlines()), '<meta charset="big5">').encode("big5") if "in big5" in name else content
        yield file("html", name, ".docx" if ".docx" in name else ".html", content, right, expect, slow="deep" in name)


def _csv() -> Iterator[Case]:
    lines = TEXT.splitlines()
    rows = [["标题", "正文", "日期"], *([f"题{n}", line, "2024-01-31"] for n, line in enumerate(lines))]

    def as_csv(rows: list[list[str]], **how: object) -> str:
        stream = io.StringIO(newline="")
        csv.writer(stream, lineterminator="\n", **how).writerows(rows)  # type: ignore[arg-type]
        return stream.getvalue()

    plain = as_csv(rows)
    made: dict[str, tuple[str | bytes, set[str]]] = {"as it is": (plain, READ)}
    for code in ("utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le"):
        made[f"in {code}"] = (plain.encode(code), READ)
    for mark in ";\t":
        made[f"with {mark!r}"] = (as_csv(rows, delimiter=mark), READ)
    made["CRLF"] = (plain.replace("\n", "\r\n"), READ)
    made["all in quotes"] = (as_csv(rows, quoting=csv.QUOTE_ALL), READ)
    made["empty rows of a spreadsheet"] = (plain + ",,\n" * 500, EITHER)
    made["formulas"] = (as_csv([[row[0], row[1], "=1+1"] for row in rows[:1]] + [["=cmd()", row[1], "@x"] for row in rows[1:]]), READ)
    made["an open quote"] = (plain + '"长', EITHER)
    made["an open quote at the start"] = (plain.replace("题0", '"题0'), EITHER)
    made["a quote inside"] = (plain.replace("图书馆", '图"书馆', 1), EITHER)
    made["a cell too many"] = (plain.replace(",2024-01-31\n", ",2024-01-31,x\n", 1), EITHER)
    made["a cell too few"] = (plain.replace(",2024-01-31\n", "\n", 1), READ)
    made["cut in a row"] = (plain[: len(plain) - 25], EITHER)
    made["no rows"] = ("标题,正文,日期\n", EITHER)
    made["no text column"] = (plain.replace("正文", "内容"), REFUSE)
    made["two text columns"] = (plain.replace("日期", "正文"), REFUSE)
    made["an empty name"] = (plain.replace("标题", ""), EITHER)
    made["a zero"] = (plain[:50] + "\x00" + plain[50:], EITHER)
    made["zeros at the end"] = (plain.encode() + bytes(4096), EITHER)
    made["zeros in the middle"] = (plain.encode()[:300] + bytes(300) + plain.encode()[600:], EITHER)
    made["FF"] = (plain.encode()[:300] + b"\xff" + plain.encode()[300:], EITHER)
    made["100,000 columns"] = (as_csv([rows[0] + [f"c{n}" for n in range(10**5)], *(row + [""] * 10**5 for row in rows[1:])]), EITHER)
    made["100,000 columns without the text"] = (as_csv([[f"c{n}" for n in range(10**5)], ["1"] * 10**5]), REFUSE)
    made["100,000 separators"] = (plain + "," * 10**5 + "\n", EITHER)
    made["100,000 quotes"] = (plain + '"' * 10**5, EITHER)
    made["a cell as long as Excel's"] = (as_csv([rows[0], ["题", "长" * 32767, ""]]), REFUSE)
    made["only separators"] = (",,,\n" * 99, REFUSE)
    made["a workbook's head"] = (b"PK\x03\x04" + random.Random(3).randbytes(999), REFUSE)
    made["50,000 rows"] = (as_csv([rows[0], *([f"题{n}", f"第{n}座桥修好了，两岸的人都来看。", ""] for n in range(50000))]), READ)
    for name, (content, right) in made.items():
        content = content.encode() if isinstance(content, str) else content
        expect = "".join(f"第{n}座桥修好了，两岸的人都来看。" for n in range(50000)) if name == "50,000 rows" else TEXT
        expect = TEXT.replace("图书馆", '图"书馆', 1) if name == "a quote inside" else expect  # as it stands in the cell
        yield file("csv", name, ".csv", content, right, expect, run=COLUMNS, slow=name == "50,000 rows")


def _jsonl() -> Iterator[Case]:
    lines = TEXT.splitlines()
    rows = [json.dumps({"标题": f"题{n}", "正文": line}, ensure_ascii=False) for n, line in enumerate(lines)]
    plain = "\n".join(rows) + "\n"
    made: dict[str, tuple[str | bytes, set[str]]] = {"as it is": (plain, READ), "CRLF": (plain.replace("\n", "\r\n"), READ)}
    for code in ("utf-8-sig", "utf-16", "gb18030"):
        made[f"in {code}"] = (plain.encode(code), READ)
    made["escaped"] = ("\n".join(json.dumps(json.loads(row)) for row in rows), READ)
    odd = ["[" * 10**5, '{"a":' * 10**5, "[1,2]", "null", "NaN", '"text"', "1" * 5000, '{"正文": 1e999}', '{"正文": ' + "1" * 5000 + "}", '{"正文": null}', '{"正文": []}', '{"正文": {"a": 1}}']
    odd += ['{"正文": ""}', '{"正文": true}', "{'正文': 'x'}", '{"正文": "a" "b"}', '{"正文": "x",}', "//", "\x00", '{"正文": "\\u12"}', '{"正文": "\ud800"}', '{"正文": "\\ud800"}', '{"正文": "x\ny"}']
    for line in odd:
        made[f"a line {line[:12]!r}{'…' * (len(line) > 12)}"] = ("\n".join([*rows[:3], line, *rows[3:]]) + "\n", EITHER)
        made[f"alone {line[:12]!r}{'…' * (len(line) > 12)}"] = (line, REFUSE if "ud800" not in line and "true" not in line and "1e999" not in line and '": 1' not in line else EITHER)
    made["the text twice"] = (plain.replace('"正文"', '"正文": "短。", "正文"', 1), EITHER)
    made["cut"] = (plain[:-20], EITHER)
    made["one array"] = ("[" + ",\n".join(rows) + "]", EITHER)
    made["all in one line"] = (" ".join(rows), REFUSE)
    made["zeros in the middle"] = (plain.encode()[:300] + bytes(300) + plain.encode()[600:], EITHER)
    made["100,000 keys"] = (rows[0][:-1] + "".join(f', "k{n}": 1' for n in range(10**5)) + "}\n" + "\n".join(rows[1:]), EITHER)
    made["other keys in each row"] = ("\n".join(f'{row[:-1]}, "k{n}": 1}}' for n, row in enumerate(rows * 2000)), ANYTHING)
    for name, (content, right) in made.items():
        content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        yield file("json lines", name, ".jsonl", content, right, run=COLUMNS)
    yield file("json lines", "called .json", ".json", plain.encode(), EITHER, run=COLUMNS)


def _names() -> Iterator[Case]:
    def named(name: str, make: Callable[[Path], object], right: set[str], expect: str = TEXT, **more: object) -> Case:
        def spoil(place: Path) -> None:
            (place / "in").mkdir()
            (place / "in/good.txt").write_text(GOOD, "utf-8")
            make(place / "in")

        return Case("names and links", name, spoil, more.pop("run", READ_IT), right, squeezed(expect), False, **more)  # type: ignore[arg-type]

    def write(name: str | bytes) -> Callable[[Path], object]:
        return lambda place: Path(os.fsdecode(os.fsencode(place) + b"/" + os.fsencode(name))).write_text(TEXT, "utf-8")

    again = functools.partial(named, run=_registry_again)
    for name in ("a\rb.txt", "a\nb.txt", " .txt", "　.txt", "=1+1.txt", "@x.txt", "-x.txt", "+x.txt", 'a"b.txt', "a,b.txt", "a;b.txt", "a\tb.txt", "𠮷.txt", "名" * 80 + ".txt", "a\x01.txt", "\u202etxt.txt", "%s.txt", "'.txt", "#.txt", "nul.txt", "1.txt", "001.txt", "1e5.txt", "2024-01-02.txt", "TRUE.txt", "nan.txt", ".5.txt.txt"):
        if not name.startswith("."):
            yield named(f"a file called {name[:12]!r}", write(name), READ)
            yield again(f"a registry of {name[:12]!r}", write(name), {"read"}, "same")
    yield named("a name that is not UTF-8", write("名字.txt".encode("gbk")), READ)
    yield named("a name that is no code at all", write(b"\xff\xfe.txt"), READ)
    for name in ("._a.txt", ".a.txt", "~$a.docx", "Thumbs.db", "README.md"):
        yield named(f"passed over: {name}", write(name), READ, "", run=_passed_over)
    yield named("a link to nowhere", lambda place: (place / "a.txt").symlink_to("nowhere"), REFUSE)
    yield named("a link to itself", lambda place: (place / "a.txt").symlink_to("a.txt"), REFUSE)
    yield named("a folder linked to itself", lambda place: (place / "a").symlink_to("."), REFUSE)
    yield named("a folder called a.txt", lambda place: (place / "a.txt").mkdir(), REFUSE)
    yield named("a pipe", lambda place: os.mkfifo(place / "a.txt"), REFUSE)
    yield named("a device without end", lambda place: (place / "a.txt").symlink_to("/dev/zero"), REFUSE)
    yield named("a device of noise as a page", lambda place: (place / "a.html").symlink_to("/dev/urandom"), REFUSE)
    yield named("the terminal", lambda place: (place / "a.txt").symlink_to("/dev/tty"), REFUSE)
    yield named("memory of the process", lambda place: (place / "a.txt").symlink_to("/proc/self/mem"), REFUSE)
    for ending in (".txt", ".pdf", ".docx", ".csv", ".html", ".jsonl"):
        yield named(f"8 GB of nothing{ending}", lambda place, ending=ending: (place / f"a{ending}").open("wb").truncate(8 << 30), REFUSE)
    yield named("40 folders deep", lambda place: _deep(place, 40), READ)
    yield named("1,000 folders deep", lambda place: _deep(place, 1000), EITHER, slow=True)
    for ending in (".doc", ".wps", ".rtf", ".zip", ".png", ".exe", "", ".txt.bak", ".TXT~"):
        yield named(f"a format that is not read: {ending or 'none'}", write(f"a{ending}"), REFUSE)


def _passed_over(place: Path) -> Came:
    """Read a folder in which one file is none of the documents: it is neither read nor refused."""
    came = READ_IT(place)
    return Came("gave", "") if came == Came("lost", "neither read nor refused") else came


def _deep(place: Path, depth: int) -> None:
    here = Path.cwd()
    os.chdir(place)
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    Path("a.txt").write_text(TEXT, "utf-8")
    os.chdir(here)


def _registry_again(place: Path) -> Came:
    """Write a registry of the documents, and read it again: the same articles must come."""
    first = command("articles", "in", "--write-registry", "r.csv", "-o", "one.jsonl")(place)
    second = command("articles", "in", "--registry", "r.csv", "-o", "two.jsonl")(place)
    if first.how != "gave" or second.how != "gave":
        return Came("lost", f"{first} {second}")
    cells = [cell for row in csv.reader(Path("r.csv").read_text("utf-8-sig").splitlines()) for cell in row]
    raw = [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))]
    same = Path("one.jsonl").read_bytes() == Path("two.jsonl").read_bytes()
    return Came("gave", "same" if same and not raw else f"not the same, or raw formulas {raw}", "")
