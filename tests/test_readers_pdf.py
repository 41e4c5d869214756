"""PDF: reading order, indents and gaps of printed pages, and files that cannot be read."""

import io
import re

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from test_readers_text import one

from nqp_topics.documents.clean import clean
from nqp_topics.documents.formats import pdf
from nqp_topics.study import font_file

FONT = "STSong-Light"
WORDS = "春天来了山上的花开得很好看河边有许多人在散步孩子们跑来跑去老人坐着说话"


def sentence(start, length):
    return "".join(WORDS[(start + n) % len(WORDS)] for n in range(length)) + "。"


def wrapped(text, width):
    """Set a paragraph in lines of so many characters, the first indented by two."""
    text = "　　" + text
    return [text[at : at + width] for at in range(0, len(text), width)]


def made(draw, **options):
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    stream = io.BytesIO()
    page = Canvas(stream, pagesize=A4, **options)
    draw(page)
    page.save()
    return stream.getvalue()


def put(page, x, y, lines, size=10.0, pitch=16.0):
    """Print lines from (x, y) down; ideographic spaces become a shift, as typesetting programs do. Return the last y."""
    page.setFont(FONT, size)
    for line in lines:
        body = line.lstrip("　")
        page.drawString(x + (len(line) - len(body)) * size, y, body)
        y -= pitch
    return y


def text_of(tmp_path, content):
    rows, refusals = one(tmp_path, "a.pdf", content)
    assert not refusals
    assert rows[0]["format"] == "pdf"
    return rows[0]["text"]


def test_one_column_with_indents_gaps_and_pages(tmp_path):
    paragraphs = [sentence(3 * n, 50 + 9 * n) for n in range(4)]

    def draw(page):
        for number in (1, 2):
            y = put(page, 80, 760, [f"第{number}节"], 14) - 20
            for paragraph in paragraphs:
                y = put(page, 80, y, wrapped(paragraph, 30))
            page.showPage()

    pages = text_of(tmp_path, made(draw)).split("\f")
    assert pages[0] == ""
    assert len(pages) == 3
    expected = ["第1节", "", *(line for paragraph in paragraphs for line in wrapped(paragraph, 30))]
    assert pages[1].rstrip("\n").split("\n") == expected


@pytest.mark.parametrize("shift", [0, 7])
@pytest.mark.parametrize("columns", [2, 3])
def test_columns_are_read_one_after_another(tmp_path, columns, shift):
    """The columns' lines may stand at one height or not; the title above spans them and stays above."""
    width = {2: 22, 3: 14}[columns]
    texts = [[sentence(5 * c + 7 * n, 40 + 5 * n + c) for n in range(4)] for c in range(columns)]
    abstract = wrapped("摘要：" + sentence(1, 100), 44)

    def draw(page):
        y = put(page, 60, 760, abstract) - 20
        for number, paragraphs in enumerate(texts):
            at = y - shift * number
            for paragraph in paragraphs:
                at = put(page, 60 + number * (width * 10 + 18), at, wrapped(paragraph, width))

    lines = text_of(tmp_path, made(draw)).lstrip("\f").split("\n")
    expected = [*abstract, ""]
    for paragraphs in texts:
        expected += [line for paragraph in paragraphs for line in wrapped(paragraph, width)]
    assert lines == expected


def test_a_line_across_both_columns_parts_the_page_into_bands(tmp_path):
    parts = {name: [name + sentence(n, 60) for n in range(3)] for name in "甲乙丙丁"}

    def draw(page):
        for top, (left, right) in ((760, "甲乙"), (500, "丙丁")):
            for x, name in ((60, left), (60 + 238, right)):
                y = top
                for paragraph in parts[name]:
                    y = put(page, x, y, wrapped(paragraph, 22))
        put(page, 60, 530, ["戊" + sentence(0, 40)], 10)

    text = text_of(tmp_path, made(draw))
    assert [char for char in text if char in "甲乙丙丁戊"] == list("甲甲甲乙乙乙戊丙丙丙丁丁丁")


def test_running_heads_and_page_numbers_stay_first_and_last(tmp_path):
    def draw(page):
        for number in range(1, 5):
            page.setFont(FONT, 9)
            page.drawString(60, 805, "甲地学报")
            page.drawRightString(535, 805, f"2024年第{number}期")
            for x in (60, 298):
                y = 760
                for n in range(4):
                    y = put(page, x, y, wrapped(sentence(11 * number + 5 * n + x, 50 + n), 22))
            page.setFont(FONT, 9)
            page.drawCentredString(297, 40, str(10 + number))
            page.showPage()

    text = text_of(tmp_path, made(draw))
    for number, page in enumerate(text.split("\f")[1:], 1):
        lines = [line for line in page.split("\n") if line]
        assert lines[0] == f"甲地学报 2024年第{number}期"
        assert lines[-1] == str(10 + number)
    assert "学报" not in clean(text)
    assert "1" not in clean(text)


def test_note_marks_wide_letters_and_latin_words(tmp_path):
    def draw(page):
        line = page.beginText(80, 700)
        for text, size, rise in (("花开", 12, 0), ("[12]", 7, 4), ("得很好 and open ended 看", 12, 0)):
            line.setFont(FONT, size)
            line.setRise(rise)
            line.textOut(text)
        page.drawText(line)
        for x, word in ((80, "open"), (112, "ended")):
            page.setFont("Helvetica", 12)
            page.drawString(x, 660, word)
        line = page.beginText(200, 760)
        line.setFont(FONT, 18)
        line.setCharSpace(20)
        line.textOut("春天来了")
        line.setCharSpace(0)
        page.drawText(line)

    lines = [line for line in text_of(tmp_path, made(draw)).strip("\f").split("\n") if line]
    assert lines == ["春天来了", "花开[12]得很好 and open ended 看", "open ended"]


def test_a_gap_between_names_is_a_space_and_one_inside_a_sentence_or_a_heading_set_wide_is_none(tmp_path):
    def draw(page):
        page.setFont(FONT, 10)
        for y, line in ((700, "王德明 李小林 张静"), (680, "花开得 好看，人在 散步"), (660, "春 天 来 了")):
            x = 80.0
            for letter in line:
                if letter != " ":
                    page.drawString(x, y, letter)
                x += 2.6 if letter == " " else 10

    lines = [line for line in text_of(tmp_path, made(draw)).strip("\f").split("\n") if line]
    assert lines == ["王德明 李小林 张静", "花开得好看，人在散步", "春天来了"]


def test_letters_printed_twice_are_read_once_and_a_mark_across_the_page_comes_last(tmp_path):
    def draw(page):
        for shift in (0, 0.3):
            page.setFont(FONT, 12)
            page.drawString(80 + shift, 700, "花开得很好看")
        page.saveState()
        page.translate(200, 600)
        page.rotate(45)
        page.setFont(FONT, 40)
        page.drawString(0, 0, "内部资料")
        page.restoreState()
        put(page, 80, 684, [sentence(n, 20) for n in range(3)], 12)

    lines = text_of(tmp_path, made(draw)).strip("\f").split("\n")
    assert lines[0] == "花开得很好看"
    assert lines[-1] == "内部资料"


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_page_on_its_side_is_read_along_its_lines(tmp_path, angle):
    lines = [line for n in range(4) for line in wrapped(sentence(7 * n, 50), 22)]

    def draw(page):
        page.translate(300, 420)
        page.rotate(angle)
        put(page, -200, 150, lines)
        page.setFont(FONT, 30)
        page.rotate(40)
        page.drawString(0, 0, "内部")

    assert text_of(tmp_path, made(draw)).strip("\f").split("\n") == [*lines, "内部"]


def test_cells_of_a_table_stay_apart(tmp_path):
    def draw(page):
        put(page, 80, 720, wrapped(sentence(0, 70), 30))
        for row in range(3):
            page.setFont(FONT, 10)
            for column in range(4):
                page.drawString(80 + 30 * column, 640 - 16 * row, str(row * 4 + column))

    lines = text_of(tmp_path, made(draw)).split("\n")
    assert lines[-3:] == ["0 1 2 3", "4 5 6 7", "8 9 10 11"]


def test_rare_characters_come_whole(tmp_path):
    assert "𠀀" in text_of(tmp_path, made(lambda page: put(page, 80, 700, ["花𠀀开"])))


def test_title_and_author_only_where_they_are_real(tmp_path):
    def draw(title, author):
        def inside(page):
            page.setTitle(title)
            page.setAuthor(author)
            put(page, 80, 700, [WORDS])

        return inside

    rows, _ = one(tmp_path, "a.pdf", made(draw("春天的山", "张三")))
    assert (rows[0]["title"], rows[0]["author"]) == ("春天的山", "张三")
    cases = (("Microsoft Word - 稿.doc", "Administrator"), ("稿件.indd", "微软用户"), ("untitled", "lenovo"))
    for title, author in cases:
        rows, _ = one(tmp_path, "a.pdf", made(draw(title, author)))
        assert (rows[0]["title"], rows[0]["author"]) == ("", "")


def test_a_password_is_refused_and_protection_without_one_is_read(tmp_path):
    content = made(lambda page: put(page, 80, 700, [WORDS]), encrypt=StandardEncryption("geheim", canPrint=0))
    assert one(tmp_path, "a.pdf", content)[1][0]["reason"] == "encrypted"
    locked = StandardEncryption("", ownerPassword="x")
    content = made(lambda page: put(page, 80, 700, [WORDS]), encrypt=locked)
    assert WORDS in text_of(tmp_path, content)


def test_pages_without_text(tmp_path):
    def drawn(page):
        page.rect(50, 50, 400, 700, fill=1)
        page.showPage()

    _, refusals = one(tmp_path, "a.pdf", made(drawn))
    assert [row["reason"] for row in refusals] == ["no text (scanned)"]

    def half(page):
        put(page, 80, 700, [WORDS])
        page.showPage()
        drawn(page)

    rows, _ = one(tmp_path, "a.pdf", made(half))
    assert rows[0]["remarks"].startswith(
        "no text on page 2 of 2 (pictures or blank); fonts not embedded on page 1:"
    )


def test_files_that_are_no_whole_pdf(tmp_path):
    content = made(lambda page: put(page, 80, 700, [WORDS]))
    assert one(tmp_path, "a.pdf", content[:400])[1][0]["reason"] == "truncated"
    assert one(tmp_path, "a.pdf", b"%PDF-1.4\n" + b"x" * 500 + b"\n%%EOF\n")[1][0]["reason"] == "unreadable"
    assert one(tmp_path, "a.pdf", "只是文字".encode())[1][0]["reason"] == "unreadable"


def letters_apart(page, x, y, text, step):
    """Place every letter by itself, as many programs that set journals do."""
    page.setFont(FONT, 10)
    for number, letter in enumerate(text):
        page.drawString(x + step * number, y, letter)


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_letters_placed_one_by_one_without_a_font_in_the_file(tmp_path, columns, angle):
    """PDFium drops what has no width in the font it puts in place: a letter alone, a full stop alone, a title set wide."""
    width = {1: 40, 2: 18, 3: 12}[columns]
    texts = [[*wrapped(sentence(5 * c, 3 * width + 1), width)[:-1], "。"] for c in range(columns)]

    def draw(page):
        page.translate(300, 420)
        page.rotate(angle)
        letters_apart(page, -60, 190, "春天的山", 22)
        for column, lines in enumerate(texts):
            for row, line in enumerate(lines):
                body = line.lstrip("　")
                x = -230 + column * (width * 10 + 20) + 10 * (len(line) - len(body))
                letters_apart(page, x, 140 - 16 * row, body, 10)

    lines = text_of(tmp_path, made(draw)).strip("\f").split("\n")
    assert [line for line in lines if line] == ["春天的山", *(line for lines in texts for line in lines)]


@pytest.mark.parametrize(
    ("font", "text"), [("MSung-Light", "學生讀書，。「」"), ("HeiseiMin-W3", "日本語の文章。")]
)
def test_other_scripts_whose_fonts_are_not_in_the_file(tmp_path, font, text):
    def draw(page):
        pdfmetrics.registerFont(UnicodeCIDFont(font))
        page.setFont(font, 10)
        page.rotate(90)
        for number, letter in enumerate(text):
            page.drawString(100 + 10 * number, -200, letter)

    assert text_of(tmp_path, made(draw)).strip("\f") == text


def test_pages_whose_fonts_are_not_in_the_file_are_remarked(tmp_path):
    pdfmetrics.registerFont(TTFont("own", font_file()))

    def draw(page):
        page.setFont("own", 10)
        page.drawString(80, 700, WORDS)
        page.showPage()
        put(page, 80, 700, [WORDS])

    rows, _ = one(tmp_path, "a.pdf", made(draw))
    assert rows[0]["text"] == f"\f{WORDS}\n\f{WORDS}"
    assert "fonts not embedded on page 2:" in rows[0]["remarks"]


def test_several_pdfs_in_one_file_and_a_part_that_is_zero(tmp_path):
    content = made(lambda page: put(page, 80, 700, [WORDS]))
    _, refusals = one(tmp_path, "a.pdf", content + content)
    assert "2 PDFs one behind the other" in refusals[0]["detail"]
    rows, refusals = one(tmp_path, "a.pdf", content[:300] + bytes(512) + content[812:])
    assert refusals or "512 zero bytes from byte 300" in rows[0]["remarks"]
    end = content.rindex(b"startxref")
    rows, _ = one(tmp_path, "a.pdf", content[:end] + b"%" + bytes(600) + b"\n" + content[end:])
    assert "zero bytes" in rows[0]["remarks"]


@pytest.mark.parametrize("packed", [0, 1])
@pytest.mark.parametrize("at", [0.3, 0.5, 0.7])
def test_a_hole_in_the_stream_of_a_page_is_told(tmp_path, packed, at):
    """As few zeros as a sector's end: part of the text is gone, and the rest reads well."""
    content = made(lambda page: put(page, 80, 700, [WORDS] * 30), pageCompression=packed)
    rows, refusals = one(tmp_path, "a.pdf", content)
    assert not refusals and "damaged" not in rows[0]["remarks"]
    longest = max(re.finditer(rb"stream\r?\n(.*?)endstream", content, re.S), key=lambda found: len(found[1]))
    place = int(longest.start(1) + at * len(longest[1]))
    rows, refusals = one(tmp_path, "b.pdf", content[:place] + bytes(90) + content[place + 90 :])
    assert refusals or "1 damaged part inside" in rows[0]["remarks"]


def test_a_page_that_stands_many_times_in_the_list_of_pages(tmp_path):
    content = made(lambda page: put(page, 80, 700, [WORDS]))
    kids = re.search(rb"/Kids \[ (\d+ 0 R) \]", content)
    for times, read in ((3, True), (101, False)):
        changed = content.replace(kids[0], b"/Kids [ " + (kids[1] + b" ") * times + b"]").replace(
            b"/Count 1", b"/Count %d" % times
        )
        rows, refusals = one(tmp_path, "a.pdf", changed)
        assert len(rows) == read and [row["reason"] for row in refusals] == ["too large"] * (not read)


def test_more_letters_on_a_page_than_a_print_has(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "_LETTERS", 30)
    _, refusals = one(tmp_path, "a.pdf", made(lambda page: put(page, 80, 700, [WORDS])))
    assert refusals[0]["reason"] == "too large"
    monkeypatch.setattr(pdf, "_PAGES", 0)
    _, refusals = one(tmp_path, "a.pdf", made(lambda page: put(page, 80, 700, [WORDS])))
    assert "pages" in refusals[0]["detail"]
