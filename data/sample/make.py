"""Write the documents of the sample study from its key: 60 clean articles in, every format and every kind of dirt out.

Run it from the repository's folder: `.venv/bin/python data/sample/make.py`. It writes `documents/`, `articles.csv`,
`sources.csv` and the key's tables `documents.csv`, `refusals.csv` and `duplicates.csv`. It writes the same bytes every time.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import dirt  # noqa: E402

OUT = HERE / "documents"
Article = dict[str, Any]
MENU = ["首页", "要闻", "评论", "视频", "专题", "客户端"]
DAY = datetime(2024, 1, 1, tzinfo=UTC)  # the date that documents carry inside: the same bytes every time


def main() -> None:
    """Write everything."""
    with (HERE / "key" / "articles.jsonl").open(encoding="utf-8") as stream:
        articles = {row["id"]: row for row in map(json.loads, stream)}
    for old in sorted(OUT.rglob("*"), reverse=True):
        old.unlink() if old.is_file() else old.rmdir()
    rows: list[dict[str, Any]] = []
    for write in (
        compilation,
        newspaper_page,
        web_pages,
        tables,
        single_texts,
        markdown,
        word,
        papers,
        exports,
    ):
        rows += write(articles)
    write_tables(articles, sorted(rows, key=lambda row: row["id"]))


def texts(article: Article) -> list[str]:
    """Return an article's clean paragraphs."""
    return [paragraph["text"] for paragraph in article["paragraphs"]]


def put(name: str, content: str | bytes, encoding: str = "utf-8") -> None:
    """Write one document."""
    file = OUT / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))


def row(
    article: str, source: str, file: str, kind: str, dirty: str, lines: str = "", body: str = ""
) -> dict[str, Any]:
    """Return what the key says of one article: where it stands and how it was spoilt."""
    first, _, last = lines.partition(":")
    return {
        "id": article, "source": source, "file": file, "format": kind, "start_line": first, "end_line": last,
        "body": body, "dirt": dirty,
    }  # fmt: skip


def compilation(articles: dict[str, Article]) -> list[dict[str, Any]]:
    """Twelve articles on pages of 22 lines with a line between; titles lost, bylines and dated source lines kept."""
    rows, printed = [], []  # printed: (line, opens a page)
    number = 31
    for name in ["s01", "s02", "s41", "s42", "s03", "s04", "s43", "s44", "s05", "s06", "s45", "s46"]:
        article = articles[name]
        local = article["voice"] == "local_official"
        head = [] if local else [article["author"]]
        lines = [line for text in texts(article) for line in _ended(dirt.wrap(dirt.space_numbers(text)))]
        year, month, day = (int(part) for part in article["date"].split("-"))
        foot = [f"——{year} 年 {month} 月 {day} 日，在{article['region']}工作会议上的讲话"] if local else []
        pages = dirt.paged([*head, *lines, *foot], 19)  # the first page is shorter: its title is lost
        rest = dirt.paged([line for page in pages[1:] for line in page], 22)
        start = len(printed) + 1
        for page in [pages[0], *rest]:
            for place, line in enumerate(page):
                printed.append(f" {line}" if place == 0 else line)
                printed.append("")
            if number % 3 == 0:
                printed += [f"— {number} —", ""]
            number += 1
        end = len(printed)
        written = [
            n
            for n, line in enumerate(printed[start - 1 :], start)
            if line.strip() and not line.startswith("—")
        ]
        body = f"{written[len(head)]}:{written[-1]}"
        rows.append(row(name, "compilation", "compilation.txt", "text",
                        "wrapped lines; lines lost titles; page numbers in mid-sentence; spaces around digits; pages of 22 lines",
                        f"{start}:{end}", body))  # fmt: skip
    put("compilation.txt", "\n".join(printed) + "\n")
    return rows


def _ended(lines: list[str]) -> list[str]:
    """Leave the space that some extractions put behind the last line of a paragraph."""
    return [*lines[:-1], lines[-1] + " "]


def newspaper_page(articles: dict[str, Article]) -> list[dict[str, Any]]:
    """Four signed articles in narrow columns, headline and name printed twice, the author's note behind each; GB18030."""
    rows, printed = [], []
    for name in ["s07", "s08", "s09", "s10"]:
        article = articles[name]
        start = len(printed) + 1
        printed += [article["title"] * 2, article["author"] * 2]
        first = len(printed) + 1
        paragraphs = texts(article)
        for place, text in enumerate(paragraphs):
            printed += dirt.wrap("　　" + dirt.ascii_marks(text), 17, 0)
            if place == 2:
                printed.append(f"— {len(rows) + 5} —")
        last = len(printed)
        printed += [f"（作者系{article['outlet'].strip('《》')}特约评论员）"]
        rows.append(row(name, "newspaper_page", "newspaper_page.txt", "text",
                        "narrow columns; doubled headlines and names; ASCII punctuation; author notes; GB18030",
                        f"{start}:{len(printed)}", f"{first}:{last}"))  # fmt: skip
    put("newspaper_page.txt", "\r\n".join(printed) + "\r\n", "gb18030")
    return rows


def web_pages(articles: dict[str, Article]) -> list[dict[str, Any]]:
    """Web pages with navigation, advertisement and footer; one in GBK."""
    rows = []
    for name, encoding in (("s11", "utf-8"), ("s12", "gbk"), ("s13", "utf-8"), ("s59", "gb18030")):
        article = articles[name]
        body = "\n".join(f"<p>　　{html.escape(text, quote=False)}</p>" for text in texts(article))
        menu = "".join(f'<li><a href="/{n}">{word}</a></li>' for n, word in enumerate(MENU))
        page = f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="{encoding}"><title>{article["title"]}_{article["outlet"].strip("《》")}</title>
<meta name="author" content="{article["author"]}"><meta property="article:published_time" content="{article["date"]}">
<script>var tracker = "{name}";</script><style>p {{ text-indent: 2em }}</style></head>
<body><nav><ul>{menu}</ul></nav>
<div class="ad"><a href="/ad">点击下载客户端</a></div>
<article><h1>{article["title"]}</h1>
<div class="content">
{body}
</div></article>
<aside><h3>相关推荐</h3><ul><li><a href="/a">往期专题</a></li><li><a href="/b">热门排行</a></li></ul></aside>
<footer><p>版权所有 未经授权不得转载</p></footer></body></html>
"""
        put(f"web/{name}.html", page, encoding)
        rows.append(
            row(name, name, f"web/{name}.html", "html", "navigation, advertisement, footer; encodings")
        )
    return rows


def tables(articles: dict[str, Article]) -> list[dict[str, Any]]:
    """A CSV, a spreadsheet and JSON lines, each with one article a row, and each with a row that cannot be used."""
    columns = ["标题", "作者", "来源", "日期", "正文"]

    def cells(name: str, text: str) -> list[str]:
        article = articles[name]
        return [article["title"], article["author"], article["outlet"], article["date"], text]

    rows = []
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\r\n")
    table.writerow(columns)
    for number, name in enumerate(["s14", "s15", "s16", "s17"], 1):
        table.writerow(cells(name, "\n".join(dirt.marks(texts(articles[name]), ["[1]", "［2］", "【3】"]))))
        rows.append(
            row(
                name,
                f"commentaries-{number:04d}",
                "tables/commentaries.csv",
                "csv",
                "citation marks; quoted line ends",
            )
        )
    table.writerow(["空白", "", "", "2020-01-01", ""])
    put("tables/commentaries.csv", stream.getvalue(), "utf-8-sig")

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "讲话"
    sheet.append(columns)
    for number, name in enumerate(["s47", "s48", "s49", "s50"], 1):
        sheet.append(cells(name, "\n".join(dirt.full_width(text) for text in texts(articles[name]))))
        rows.append(
            row(
                name,
                f"speeches-{number:04d}",
                "tables/speeches.xlsx",
                "xlsx",
                "full-width digits and letters",
            )
        )
    sheet.append(["过长", "", "", "2020-01-01", "字" * 32767])
    book.properties.created = book.properties.modified = DAY.replace(tzinfo=None)
    saved = io.BytesIO()
    book.save(saved)
    put("tables/speeches.xlsx", same_zip(saved.getvalue()))

    lines = [
        json.dumps(
            {"id": name, **dict(zip(columns, cells(name, "\n".join(texts(articles[name]))), strict=True))},
            ensure_ascii=False,
        )
        for name in ("s51", "s52", "s53", "s54")
    ]
    lines.insert(2, '{"id": "broken", "标题": "断行')
    rows += [
        row(name, name, "tables/reports.jsonl", "jsonl", "a broken line between good ones")
        for name in ("s51", "s52", "s53", "s54")
    ]
    put("tables/reports.jsonl", "\n".join(lines) + "\n")
    return rows


def single_texts(articles: dict[str, Article]) -> list[dict[str, Any]]:
    """Plain texts: Traditional script in Big5, UTF-16, invisible and compatibility characters, running heads, a broken font."""
    from opencc import OpenCC

    rows = []
    one = texts(articles["s18"])
    put("texts/s18.txt", OpenCC("s2t").convert("\n".join(one)) + "\n", "big5hkscs")
    rows.append(row("s18", "s18", "texts/s18.txt", "text", "Traditional script; Big5"))
    put("texts/s19.txt", "\r\n".join(f"　　{text}" for text in texts(articles["s19"])), "utf-16")
    rows.append(row("s19", "s19", "texts/s19.txt", "text", "UTF-16; indents"))
    spoilt = [dirt.compatibility(dirt.invisible(dirt.full_width(text))) for text in texts(articles["s20"])]
    put("texts/s20.txt", "\r".join(spoilt), "utf-8-sig")
    rows.append(row("s20", "s20", "texts/s20.txt", "text",
                    "zero-width characters; compatibility ideographs; full-width digits and letters"))  # fmt: skip
    words = {"s56": ["统筹", "村级服务站"], "s57": ["口袋公园", "城市书房"], "s58": ["群众", "慢行系统"]}
    for name, spaced in words.items():
        article = articles[name]
        lines = [
            line
            for text in texts(article)
            for line in dirt.wrap("　　" + dirt.letter_space(text, spaced), 30, 0)
        ]
        pages = [
            "\n".join([f"{article['outlet'].strip('《》')}　工作简报", *page, str(n)])
            for n, page in enumerate(dirt.paged(lines, 6), 1)
        ]
        put(f"texts/{name}.txt", "\n\f".join(pages) + "\n")
        rows.append(row(name, name, f"texts/{name}.txt", "text",
                        "letter-spaced words; running heads and page numbers in mid-sentence; form feeds"))  # fmt: skip
    broken = [text.replace("”", "冶") for text in texts(articles["s55"])]
    put("texts/s55.txt", "\n".join(broken) + "\n")
    rows.append(row("s55", "s55", "texts/s55.txt", "text", "a font that prints ” as 冶"))
    return rows


def markdown(articles: dict[str, Article]) -> list[dict[str, Any]]:
    """Four essays as an OCR writes them: Markdown marks, raised citation marks, abstract, references, English part."""
    rows = []
    for name in ["s28", "s29", "s30", "s31"]:
        article = articles[name]
        first, *rest = dirt.marks(
            texts(article), ["<sup>[1]</sup>", "［4］533", "〔17〕", "（陈一，2020；Li et al.，2021）", "①"]
        )
        body = [f"**[摘要]**{first}", "**[关键词]**样本；城市；研究", *rest]
        references = [
            f"[{n}] 陈一，李二. 公共服务与城市治理[J]. 城市观察，2020（{n}）：1{n}-2{n}." for n in range(1, 6)
        ]
        english = [
            "**Abstract:** This essay reads one city's public services as a whole.",
            "**Keywords:** city; service",
        ]
        head = [
            f"## {article['title']}",
            f"{article['author']}<sup>1</sup>",
            f"1. {article['outlet']}，临江 330000",
        ]
        about = f"作者简介：{article['author']}，研究员，研究方向为城市治理。"
        printed = "\n\n".join([*head, *body, "**[参考文献]**", *references, *english, about])
        put(f"markdown/{name}.md", printed + "\n")
        rows.append(row(
            name, name, f"markdown/{name}.md", "markdown",
            "Markdown; citation marks; abstract label; keywords; references; English abstract; author note",
            f"1:{printed.count(chr(10)) + 1}", f"{2 * len(head) + 1}:{2 * (len(head) + len(body)) - 1}",
        ))  # fmt: skip
    return rows


def word(articles: dict[str, Article]) -> list[dict[str, Any]]:
    """Word documents with properties, a heading and true paragraphs; in one of them a table of text."""
    from docx import Document

    rows = []
    for name in ["s32", "s33", "s34", "s35", "s60"]:
        article = articles[name]
        document = Document()
        properties = document.core_properties
        properties.title, properties.author = article["title"], article["author"]
        properties.created = properties.modified = DAY.replace(tzinfo=None)
        paragraphs = dirt.marks(texts(article), ["[3]", "[1-2]", "①"])
        for text in paragraphs[:4]:
            document.add_paragraph("　　" + text)
        if name == "s35":
            document.add_table(rows=1, cols=1).cell(0, 0).text = paragraphs[4]
        else:
            document.add_paragraph("　　" + paragraphs[4])
        saved = io.BytesIO()
        document.save(saved)
        put(f"word/{name}.docx", same_zip(saved.getvalue()))
        rows.append(row(name, name, f"word/{name}.docx", "docx", "citation marks; text in a table"))
    return rows


def papers(articles: dict[str, Article]) -> list[dict[str, Any]]:
    """Journal papers in PDF, four in two columns, three in one: heads, page numbers, notes at the foot, references."""
    import paper

    rows = []
    for place, name in enumerate(["s21", "s22", "s23", "s24", "s25", "s26", "s27"]):
        article = articles[name]
        columns = 2 if place < 4 else 1
        put(f"papers/{name}.pdf", paper.pdf(article, texts(article), columns))
        rows.append(row(name, name, f"papers/{name}.pdf", "pdf", (
            f"{columns} column{'s' if columns > 1 else ''}; running heads; page numbers; footnotes; references"
        )))  # fmt: skip
    put("unreadable/scanned.pdf", paper.scanned())
    put("unreadable/locked.pdf", paper.locked())
    return rows


def exports(articles: dict[str, Article]) -> list[dict[str, Any]]:
    """Records of a literature database in its four text formats; the abstract is all that such a record holds."""

    def record(name: str) -> tuple[str, str, str, str, str]:
        article = articles[name]
        return (
            article["title"],
            article["author"],
            article["outlet"],
            article["date"],
            "".join(texts(article)),
        )

    def note_express(name: str) -> str:
        title, author, outlet, date, text = record(name)
        return (f"{{Reference Type}}: Journal Article\n{{Title}}: {title}\n{{Author}}: {author};\n{{Journal}}: {outlet}\n"
                f"{{Year}}: {date[:4]}\n{{Keywords}}: 城市;服务\n{{Abstract}}: {text}\n")  # fmt: skip

    title, author, outlet, date, text = record("s38")
    end_note = f"%0 Journal Article\n%A {author}\n%T {title}\n%J {outlet}\n%D {date[:4]}\n%K 城市;服务\n%X {text}\n\n"
    put("cnki/endnote.txt", end_note)
    title, author, outlet, date, text = record("s39")
    ref_works = f"RT Journal Article\nSR 1\nA1 {author}\nT1 {title}\nJF {outlet}\nYR {date[:4]}\nK1 城市;服务\nAB {text}\n\n"
    put("cnki/refworks.txt", ref_works, "utf-8-sig")
    title, author, outlet, date, text = record("s40")
    own = (f"SrcDatabase-来源库: 期刊\nTitle-题名: {title}\nAuthor-作者: {author};\nSource-文献来源: {outlet}\n"
           f"Keyword-关键词: 城市;服务\nSummary-摘要: {text}\nPubTime-发表时间: {date}\nYear-年: {date[:4]}\n\n")  # fmt: skip
    put("cnki/own_fields.txt", own, "gb18030")
    put("cnki/noteexpress.txt", note_express("s36") + "\n" + note_express("s37"))
    places = {
        "s36": "noteexpress-0001",
        "s37": "noteexpress-0002",
        "s38": "endnote-0001",
        "s39": "refworks-0001",
        "s40": "own_fields-0001",
    }
    return [
        row(name, source, f"cnki/{source.split('-')[0]}.txt", "cnki", "fields; several records a file")
        for name, source in places.items()
    ]


def same_zip(content: bytes) -> bytes:
    """Pack an Office file again without the time of day, so that its bytes are the same every time."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2024-01-01T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def unreadable(articles: dict[str, Article]) -> list[dict[str, str]]:
    """Write what cannot be read, one file a reason."""
    text = "\n".join(texts(articles["s19"])).encode()
    put("unreadable/empty.txt", b"")
    put("unreadable/binary.txt", bytes(range(256)) * 8)
    put("unreadable/cut.txt", text[:301])
    put("unreadable/mixed.txt", text[:300] + "编码混在一起".encode("gb18030") * 3 + text[300:600])
    put("unreadable/cut.docx", (OUT / "word" / "s32.docx").read_bytes()[:9000])
    put("unreadable/old.doc", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2048))
    reasons = {
        "empty.txt": "empty", "binary.txt": "binary", "cut.txt": "truncated", "mixed.txt": "wrong encoding",
        "cut.docx": "truncated", "old.doc": "unknown format", "scanned.pdf": "no text (scanned)", "locked.pdf": "encrypted",
    }  # fmt: skip
    rows = [{"file": f"unreadable/{file}", "place": "", "reason": reason} for file, reason in reasons.items()]
    return [
        *rows,
        {"file": "tables/commentaries.csv", "place": "row 6", "reason": "no text in cell"},
        {"file": "tables/speeches.xlsx", "place": "row 6", "reason": "cell cut at 32767"},
        {"file": "tables/reports.jsonl", "place": "row 3", "reason": "unreadable"},
    ]


def reprints(articles: dict[str, Article]) -> list[dict[str, str]]:
    """Write one exact copy of an article, and a reprint with a line of its own."""
    put("texts/s19_again.txt", "\n".join(texts(articles["s19"])))
    put("texts/s16_reprint.txt", "\n".join(["本刊转载时标题有改动。", *texts(articles["s16"])]))
    return [
        {"file": "texts/s19_again.txt", "of": "s19", "kind": "exact"},
        {"file": "texts/s16_reprint.txt", "of": "commentaries-0003", "kind": "near"},
    ]


def write_tables(articles: dict[str, Article], rows: list[dict[str, Any]]) -> None:
    """Write the registry, the list of sources and the key's tables."""
    save("key/refusals.csv", unreadable(articles))
    save("key/duplicates.csv", reprints(articles))
    save(
        "key/documents.csv",
        [{name: line[name] for name in ("id", "source", "file", "format", "dirt")} for line in rows],
    )
    registry = []
    for line in rows:
        article = articles[line["id"]]
        clean = "\n".join(texts(article)) if line["format"] != "cnki" else "".join(texts(article))
        known = {name: article[name] for name in ("title", "author", "outlet", "voice", "region", "date")}
        place = {name: line[name] for name in ("id", "source", "start_line", "end_line", "body")}
        registry.append(
            {**place, **known, "notes": "", "fingerprint": hashlib.sha256(clean.encode()).hexdigest()}
        )
    save("articles.csv", registry)
    # a document that is a file of its own is known by its bytes; rows of tables and records go by their ids
    files = sorted(
        {OUT / line["file"] for line in rows if line["format"] not in ("csv", "xlsx", "jsonl", "cnki")}
    )
    save("sources.csv", [
        {"source": file.stem, "file": file.relative_to(OUT).as_posix(), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in files
    ])  # fmt: skip


def save(name: str, rows: list[dict[str, Any]]) -> None:
    """Write a table."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
