"""The sample study's journal papers: PDF pages in one or two columns, and two PDFs that cannot be read."""

from __future__ import annotations

import io
from typing import Any

import dirt
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

WIDE, HIGH = 210 * mm, 297 * mm
MARGIN, GAP = 22 * mm, 8 * mm
FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def pdf(article: dict[str, Any], paragraphs: list[str], columns: int) -> bytes:
    """Print a paper: title over both columns, paragraphs with indents, a note at the foot, references behind the text."""
    content = io.BytesIO()
    page = Canvas(content, pagesize=(WIDE, HIGH), invariant=1, pageCompression=0)
    page.setTitle(article["title"])
    page.setAuthor(article["author"])
    size = 10.5 if columns == 1 else 9.5
    lead = size * 1.6
    across = (WIDE - 2 * MARGIN - (columns - 1) * GAP) / columns
    wide = int(across / size)
    spoilt = dirt.marks(paragraphs, ["[1]", "①", "[2-3]"])
    lines = [line for text in spoilt for line in dirt.wrap("　　" + dirt.space_numbers(text), wide, 0)]
    lines += ["", "参考文献："]
    for n in range(1, 4):
        lines += dirt.wrap(
            f"[{n}] 陈一，李二. 城市公共服务研究[J]. 城市观察，202{n}（{n}）：1{n}-2{n}.", wide, 0
        )
    outlet, number, foot = article["outlet"].strip("《》"), 47, 40 * mm
    top, first = HIGH - 78 * mm, True
    while lines:
        page.setFont(FONT, 8)
        page.drawString(MARGIN, HIGH - 15 * mm, f"{outlet}　{article['date'][:4]} 年第 3 期")
        page.drawCentredString(WIDE / 2, 12 * mm, f"· {number} ·")
        if first:
            page.setFont(FONT, 16)
            page.drawCentredString(WIDE / 2, HIGH - 40 * mm, article["title"])
            page.setFont(FONT, 11)
            page.drawCentredString(WIDE / 2, HIGH - 52 * mm, article["author"])
        # the paper is short: the first page ends after a third, so that text runs over columns and pages
        room = 13 if first else int((HIGH - 65 * mm) / lead)
        for column in range(columns):
            left = MARGIN + column * (across + GAP)
            here, lines = lines[:room], lines[room:]
            page.setFont(FONT, size)
            for place, line in enumerate(here):
                if line:
                    indent = 2 * size if line.startswith("　　") else 0
                    page.drawString(left + indent, top - place * lead, line.lstrip("　"))
        if first:
            page.setFont(FONT, 7.5)
            page.line(MARGIN, foot - 4 * mm, MARGIN + 40 * mm, foot - 4 * mm)
            page.drawString(MARGIN, foot - 9 * mm, f"作者简介：{article['author']}，{outlet}研究人员。")
            page.drawString(MARGIN, foot - 14 * mm, "① 数据来自作者整理。")
        page.showPage()
        number, first, top = number + 1, False, HIGH - 30 * mm
    page.save()
    return content.getvalue()


def scanned() -> bytes:
    """Print a page that is a picture only."""
    content = io.BytesIO()
    page = Canvas(content, pagesize=(WIDE, HIGH), invariant=1, pageCompression=0)
    page.setFillGray(0.8)
    page.rect(MARGIN, MARGIN, WIDE - 2 * MARGIN, HIGH - 2 * MARGIN, stroke=0, fill=1)
    page.showPage()
    page.save()
    return content.getvalue()


def locked() -> bytes:
    """Print a page that opens only with a password."""
    content = io.BytesIO()
    lock = StandardEncryption("reader", ownerPassword="owner", canPrint=0)
    page = Canvas(content, pagesize=(WIDE, HIGH), invariant=1, encrypt=lock)
    page.setFont(FONT, 12)
    page.drawString(MARGIN, HIGH - MARGIN, "加密文件")
    page.save()
    return content.getvalue()
