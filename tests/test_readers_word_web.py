"""Word files and web pages: what of them is text, and what is said when there is none."""

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from test_readers_tables import as_xlsx, with_part
from test_readers_text import one

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def word(build):
    document = docx.Document()
    build(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_a_document_without_styles_is_read(tmp_path):
    def build(document):
        document.add_paragraph("春天的山")
        document.styles.element.clear()

    rows, refusals = one(tmp_path, "a.docx", word(build))
    assert not refusals and rows[0]["text"] == "春天的山"


def test_paragraphs_and_cells_in_order(tmp_path):
    def build(document):
        document.core_properties.title = "模板"
        document.add_paragraph("春天的山", "Title")
        document.core_properties.author = "张三"
        document.add_heading("一、开头", 1)
        document.add_paragraph("　　花开得很好。")
        table = document.add_table(2, 2)
        for row in range(2):
            for column in range(2):
                table.cell(row, column).text = f"格{row}{column}"
        table.cell(1, 0).merge(table.cell(1, 1))
        document.add_paragraph("表后一段。").add_run("还有一句。")

    rows, refusals = one(tmp_path, "a.docx", word(build))
    assert not refusals
    wanted = ["春天的山", "一、开头", "　　花开得很好。"]
    wanted += ["格00", "格01", "格10", "格11", "表后一段。还有一句。"]
    assert rows[0]["text"].split("\n") == wanted
    assert (rows[0]["title"], rows[0]["author"], rows[0]["format"]) == ("春天的山", "张三", "docx")


def test_inserted_text_counts_deleted_text_and_reading_aids_do_not(tmp_path):
    xml = f"""<w:p {W}><w:r><w:t>花</w:t></w:r><w:ins w:id="1" w:author="x"><w:r><w:t>开</w:t></w:r></w:ins>
      <w:del w:id="2" w:author="x"><w:r><w:delText>谢</w:delText></w:r></w:del>
      <w:hyperlink><w:r><w:t>了</w:t></w:r></w:hyperlink>
      <w:r><w:ruby><w:rt><w:r><w:t>ma</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>吗</w:t></w:r></w:rubyBase></w:ruby></w:r>
      <w:r><w:footnoteReference w:id="2"/></w:r></w:p>"""
    form = f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>表单里的字</w:t></w:r></w:p></w:sdtContent></w:sdt>"

    def build(document):
        for piece in (form, xml):
            document.element.body.insert(0, parse_xml(piece))

    rows, _ = one(tmp_path, "a.docx", word(build))
    assert rows[0]["text"].split("\n")[:2] == ["花开了吗", "表单里的字"]
    assert rows[0]["author"] == ""  # python-docx is no author


def test_word_files_that_cannot_be_read(tmp_path):
    content = word(lambda document: document.add_paragraph("花开"))
    assert one(tmp_path, "a.docx", content[:-300])[1][0]["reason"] == "truncated"
    assert one(tmp_path, "a.docx", word(lambda document: None))[1][0]["reason"] == "no text"
    assert one(tmp_path, "a.docx", "只是文字".encode())[1][0]["reason"] == "unreadable"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as container:
        container.writestr("a.txt", "花开")
    assert one(tmp_path, "a.docx", stream.getvalue())[1][0]["reason"] == "unreadable"


@pytest.mark.parametrize("name", ["word/document.xml", "docProps/core.xml", "_rels/.rels", "xl/workbook.xml"])
@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_a_document_type_hides_text_and_is_refused(tmp_path, name, code):
    """Behind an entity that is not resolved paragraphs would be lost and nothing said."""

    def change(part):
        part = part.replace("花开", "&j;").split("?>", 1)[-1]
        return f'<?xml version="1.0" encoding="{code}"?><!DOCTYPE r [<!ENTITY j "花开">]>{part}'.encode(code)

    book = name.startswith("xl")
    content = (
        as_xlsx([("text",), ("花开",)]) if book else word(lambda document: document.add_paragraph("花开"))
    )
    file = "a.xlsx" if book else "a.docx"
    assert one(tmp_path, file, content)[0]
    rows, refusals = one(tmp_path, file, with_part(content, name, change))
    assert not rows and refusals[0]["reason"] == "unreadable" and name in refusals[0]["detail"]


def test_older_office_and_passwords(tmp_path):
    _, refusals = one(tmp_path, "a.doc", OLD)
    assert refusals[0]["reason"] == "unknown format"
    assert ".docx" in refusals[0]["detail"]
    assert one(tmp_path, "a.docx", OLD)[1][0]["reason"] == "unknown format"
    locked = OLD + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 100
    for name in ("a.docx", "a.xlsx"):
        assert one(tmp_path, name, locked)[1][0]["reason"] == "encrypted"


PARAGRAPHS = [
    "春天来了，山上的花开得很好看，河边有许多人在散步，孩子们跑来跑去，老人坐在树下说话。",
    "到了夏天，雨水多了起来，河水涨高，船夫们把船系在岸边，等天晴了再出去打鱼。",
    "秋天的时候，稻子熟了，家家户户都忙着收割，晚上院子里堆满了金黄的谷子，大家都很高兴。",
]


def page(charset="utf-8", body=None):
    paragraphs = "".join(f"<p>{text}</p>" for text in PARAGRAPHS) if body is None else body
    return f"""<!DOCTYPE html><html lang="zh"><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">
<title>山里的四季_甲地新闻网</title><meta name="author" content="张三"><meta property="og:title" content="山里的四季">
<meta property="og:site_name" content="甲地新闻网"><meta property="article:published_time" content="2024-03-05T08:00:00+08:00"></head>
<body><nav><ul><li><a href="/">首页</a></li><li><a href="/b">体育频道</a></li></ul></nav>
<article><h1>山里的四季</h1>{paragraphs}</article>
<footer><p>版权所有 甲地新闻网 联系我们</p></footer></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk", "big5"])
def test_main_text_of_a_page(tmp_path, charset):
    simplified = page(charset)
    traditional = simplified.translate(str.maketrans("来树说话时满", "來樹說話時滿"))
    content = traditional if charset == "big5" else simplified
    raw = content.encode(charset, "ignore")
    rows, refusals = one(tmp_path, "a.html", raw)
    assert not refusals
    text = rows[0]["text"]
    if charset != "big5":
        assert [line for line in text.split("\n") if line in PARAGRAPHS] == PARAGRAPHS
        assert rows[0]["title"] == "山里的四季"
        assert (rows[0]["author"], rows[0]["outlet"], rows[0]["date"]) == ("张三", "甲地新闻网", "2024-03-05")
    assert "首页" not in text
    assert "版权所有" not in text
    assert rows[0]["format"] == "html"


def told(tmp_path, head, body, name="a.html"):
    rows, refusals = one(tmp_path, name, f"<html><head>{head}</head><body>{body}</body></html>".encode())
    return rows[0] if rows else refusals[0]


TEXT = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
BESIDE = "<h2>作者最新文章</h2><h3><a href='/9'>海边的另一篇文章讲了什么</a></h3>"


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        # a quotation mark ends what a tag holds
        ('<title>山里"四季"的花_甲地网</title><meta property="og:title" content="山里"四季"的花">', '<h1>山里"四季"的花</h1>', '山里"四季"的花'),
        # what others read stands in a heading, too, and the site's name in the first one
        ("<title>山里的四季</title>", f"<div><h2>山里的四季</h2></div>{BESIDE}", "山里的四季"),
        ("<title>山里的四季 - 甲地市政府门户网站</title>", "<h1>甲地市政府网站</h1><h2>山里的四季</h2>", "山里的四季"),
        # without a heading: what stands alone; what others are about does not
        ("<title>山里的四季又到了-乙地新闻网</title>", "<div><span>山里的四季又到了</span></div><p><a href='/'>乙地新闻网</a></p>", "山里的四季又到了"),
        ("<title>甲地市政府</title>", "<div>甲地市政府</div><h1>关于四季的通知</h1>", "关于四季的通知"),
        ('<title>甲地市政府</title><meta name="ArticleTitle" content="四季通告">', "<h1>栏目</h1>", "四季通告"),
        # broken over two lines or spaced
        ("<title>关于山里四季的通知_甲地网</title>", "<h1>关于山里<font>四季</font><br>的 通知</h1>", "关于山里四季的通知"),
        ("<title>新闻中心 山里的四季|花_甲地网</title>", "<h1>新闻中心</h1><h1>山里的四季</h1>", "山里的四季"),
    ],
)  # fmt: skip
def test_the_title_of_a_page_is_its_own(tmp_path, head, body, title):
    assert told(tmp_path, head, f"{body}<article>{TEXT}</article>")["title"] == title


@pytest.mark.parametrize(
    ("head", "body", "wanted"),
    [
        (
            '<meta name="author" content="甲地网"><title>山_甲地网</title>',
            "<div class='author'>山风吹过X</div>",
            "",
        ),
        ('<meta name="author" content="甲地网">', "<p>来源：甲地网　作者：王小山</p>", "王小山"),
        ('<meta name="author" content="name, email@mail.com">', "<p class='author'>责任编辑：王小山</p>", ""),
        ('<meta name="author" content="104363">', "<p class='author'>作者：佚名　责任编辑：小山</p>", ""),
        ('<meta property="article:author" content="李四">', "<a class='author'>山里的读书人</a>", "李四"),
        ("", "<p class='author'>李小四</p>", "李小四"),
        ("", "<p class='author'>发布于</p>", ""),
        ("", "<p class='author'>皇甫小山</p>", "皇甫小山"),
        ("", "<p class='author'>陈方小山</p>", "陈方小山"),
        ("", "<p class='author'>本报记者 张小山</p>", "张小山"),
        ("", "<p class='author'>Anna van der Berg</p>", "Anna van der Berg"),
        ("", "<p>作者：张 三、李小四 来源：乙地日报</p>", "张 三、李小四"),
        ("", "<p>作者：张 三</p>", "张三"),
        ("", "<p>作者：Anna Berg</p>", "Anna Berg"),
        ("", "<p>作者：<a href='/'>春山客</a> 来源：乙地日报</p>", "春山客"),
        ("", "<p>作者： 来源：乙地日报</p>", ""),
        ("", "<p>作者：</p><p>分享到</p>", ""),
        ('<meta name="author" content="admin">', "", ""),
        ('<meta name="author" content="春山客">', "", "春山客"),
        ('<title>山里的四季_王小山的博客</title><meta name="author" content="王小山">', "", "王小山"),
    ],
)
def test_the_author_is_who_wrote_and_no_editor_site_or_commenter(tmp_path, head, body, wanted):
    head = head if "<title>" in head else f"<title>山里的四季_甲地网</title>{head}"
    assert told(tmp_path, head, f"<h1>山里的四季</h1>{body}<article>{TEXT}</article>")["author"] == wanted


@pytest.mark.parametrize(
    ("head", "body", "wanted"),
    [
        (
            '<script type="application/ld+json">{"pubDate": "2019-09-05T11:10:00"}</script>',
            "2019-09-04",
            "2019-09-05",
        ),
        ('<meta name="PubDate" content="2016-11-22 09:53">', "2012年6月7日", "2016-11-22"),
        ('<meta itemprop="dateUpdate" content="2018-03-08 23:16:24">', "发布时间：18-03-08", "2018-03-08"),
        ("", "时间：2019年10月31日 星期四 23:00", "2019-10-31"),
        ('<meta name="PubDate" content="2016-13-42">', "", ""),
        ('<meta name="PubDate" content="2016-13-42">', "2024-03-05 10:30", "2024-03-05"),
        ('<meta name="PubDate" content="1970-01-01 08:00">', "", ""),
        ("", "发布日期：2024年03月05日", "2024-03-05"),
        ("", "2024年03月05日　来源：乙地日报", "2024-03-05"),
        ("", "<em id='publish_time'>2024年3月5日</em>", "2024-03-05"),
        ("", "<em>2024年3月5日</em>", ""),
    ],
)
def test_the_date_is_the_one_that_a_page_declares(tmp_path, head, body, wanted):
    about = f"<title>山里的四季</title>{head}", f"<h1>山里的四季</h1><p>{body}</p><article>{TEXT}</article>"
    assert told(tmp_path, *about)["date"] == wanted


def test_one_site_is_one_outlet(tmp_path):
    pages = [
        f'<title>山</title><link rel="canonical" href="http://{one}.site.com.cn/1">'
        for one in ("news", "sport")
    ]
    assert {told(tmp_path, head, TEXT)["outlet"] for head in pages} == {"site.com.cn"}
    assert told(tmp_path, '<meta name="copyright" content="甲地网版权所有">', TEXT)["outlet"] == "甲地网"
    assert told(tmp_path, '<meta name="ContentSource" content="乙地日报">', TEXT)["outlet"] == "乙地日报"
    ours = '<meta name="ContentSource" content="本站"><meta name="SiteName" content="甲地网">'
    assert told(tmp_path, ours, TEXT)["outlet"] == "甲地网"


def test_lists_of_links_are_no_text_and_a_paragraph_that_is_a_link_is(tmp_path):
    titles = [f"第{number}个人在山里，看见了花" for number in "一二三四五"]
    listed = "".join(
        f"<li><em>4{at}75</em><a href='/{at}'>{title}</a></li>" for at, title in enumerate(titles)
    )
    linked = "".join(f"<p><a href='/{at}'>{text}</a></p>" for at, text in enumerate(PARAGRAPHS))
    some = "<p>写花的有<a href='/1'>甲</a>、<a href='/2'>乙</a>、<a href='/3'>丙</a>，他们都住在山脚下的村里，每年春天上山一次。</p>"
    text = told(
        tmp_path,
        "<title>山</title>",
        f"<div>{linked}{some}<div><h3>热点新闻</h3><ul>{listed}</ul></div></div>",
    )["text"]
    assert [line for line in text.split("\n") if line in PARAGRAPHS] == PARAGRAPHS
    assert "甲、乙、丙，他们" in text.replace(" ", "")
    assert "看见了花" not in text
    assert (
        told(tmp_path, "<title>山</title>", f"<div><ul>{listed}</ul></div>", "b.html")["reason"] == "no text"
    )


@pytest.mark.parametrize("around", ["<table><tr><td>{}</td><td>版</td></tr></table>", "<ul><li>{}</li></ul>"])
@pytest.mark.parametrize("text", [TEXT, "<br>".join(PARAGRAPHS)])
def test_a_table_or_list_around_an_article_leaves_its_paragraphs_apart(tmp_path, around, text):
    body = f"<article>{around.format(text)}<table><tr><td>春</td><td>花开。</td></tr></table></article>"
    lines = told(tmp_path, "<title>山</title>", body)["text"].split("\n")
    assert [line for line in lines if line in PARAGRAPHS] == PARAGRAPHS


@pytest.mark.parametrize(
    ("around", "line"),
    [
        ("div", "<center><b>{}</b></center>"),
        ("div", "<center><p>{}</p></center>"),
        ("article", "<p align='center'><a href='/a.jpg'><img src='/a.jpg'></a><br>{}</p>"),
        (
            "div",
            "<p><a href='/1'>山里的甲先生</a>、<a href='/2'>山下的乙先生</a>和<a href='/3'>河边的丙先生</a>。</p>",
        ),
        ("div", "<div style='height:5em; overflow: hidden'><p>{}</p></div>"),
        ("div", "<section><span>{}</span></section>"),
    ],
)
def test_what_the_library_would_leave_out_of_an_article(tmp_path, around, line):
    wanted = "山里的甲先生、山下的乙先生和河边的丙先生。"
    body = f"<h1>山</h1><{around}>{TEXT * (around == 'article')}{line.format(wanted)}{TEXT}</{around}>"
    assert wanted in told(tmp_path, "<title>山</title>", body)["text"].split("\n")


def test_a_page_whose_charset_is_wrong_or_missing(tmp_path):
    for content in (page("utf-8").encode("gbk"), page("").replace("charset=", "").encode("gbk")):
        rows, _ = one(tmp_path, "a.htm", content)
        assert PARAGRAPHS[0] in rows[0]["text"]


def test_a_page_without_text_and_one_cut_short(tmp_path):
    _, refusals = one(tmp_path, "a.html", page(body=""))
    assert [row["reason"] for row in refusals] == ["no text"]
    rows, _ = one(tmp_path, "b.html", page().split("<footer>")[0])
    assert "end mark" in rows[0]["remarks"]


@pytest.mark.parametrize("attribute", ["a{}=1", "a{}", "a{}='>'", 'a{} = "<b>"'])
def test_a_tag_with_more_attributes_than_anybody_writes(tmp_path, attribute):
    """The parser compares each with all that came before it."""
    for number in (300, 3000):
        tag = " ".join(attribute.format(one) for one in range(number))
        body = f"<p {tag}>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>"
        rows, refusals = one(tmp_path, "a.html", page(body=body))
        wanted = (1, []) if number < 1000 else (0, ["too large"])
        assert (len(rows), [row["reason"] for row in refusals]) == wanted
