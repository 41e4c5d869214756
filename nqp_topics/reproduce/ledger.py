"""The ledger: every figure and table of the paper, what it shows, and where it comes from; and figures drawn again from their tables, for another page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from nqp_topics import figures
from nqp_topics.checks import Problem, refuse_if
from nqp_topics.figures.saved import facts, made_by
from nqp_topics.figures.styles import paper
from nqp_topics.files import in_language, way_to, whole
from nqp_topics.reproduce.notebooks import code_cells
from nqp_topics.study import Study

COLUMNS = ["name", "kind", "shows", "shows_zh", "notebook", "cell", "source", "run"]


def ledger(study: Study) -> pd.DataFrame:
    """List the figures and tables of a study: one row each, from what its file says of itself and the notebook that saves it.

    Columns: name, kind (figure, table, page), shows and shows_zh (a sentence on what is seen, in English and Chinese), notebook, cell (of the code cells, from 1), source (function
    and fingerprint of the table), run (fingerprint of the run that it shows, where it shows one).
    """
    code = [
        (file.stem, number, cell.source)
        for file in sorted(study.path("notebooks").glob("*.ipynb"))
        for number, cell in enumerate(code_cells(file), 1)
    ]
    rows = []
    for name, kind, *shows, source, run in _found(study.figures):
        saved_as = f'/ "{name}.html"' if kind == "page" else f'/ "{name}"'
        where = next(((notebook, cell) for notebook, cell, text in code if saved_as in text), ("", 0))
        rows.append((name, kind, *shows, *where, source, run))
    return pd.DataFrame(rows, columns=COLUMNS)


def _found(folder: Path) -> Iterator[tuple[str, ...]]:
    for end, kind in ((".png", "figure"), (".tex", "table"), (".html", "page")):
        for file in sorted(folder.glob(f"*{end}")):
            if not file.stem.endswith(".zh"):  # the same in Chinese
                said, chinese = _said(file), in_language(file, "zh")
                shows = said.get("description", "")
                in_chinese = _said(chinese).get("description", "") if chinese.is_file() else shows
                yield file.stem, kind, shows, in_chinese, said.get("source", ""), said.get("run", "")


def _said(file: Path) -> dict[str, str]:
    """Return what a file says of itself: description, source, run."""
    if file.suffix == ".png":
        return {name.lower(): text for name, text in facts(file).items()}
    if file.suffix == ".html":
        meta = r'<meta name="(description|source|run)" content="([^"]*)"'
        return dict(re.findall(meta, file.read_text("utf-8")))
    told = dict(re.findall(r"^% (shows|source|run): (.*)$", file.read_text("utf-8"), re.MULTILINE))
    return {"description": told.get("shows", ""), **told}


FILES = {
    "figure": "[{0}]({0}.pdf), [中文]({0}.zh.pdf)",
    "table": "[{0}]({0}.docx), [中文]({0}.zh.docx), LaTeX [en]({0}.tex) [zh]({0}.zh.tex)",
    "page": "[{0}]({0}.html), [中文]({0}.zh.html)",
}


# the page, in English and in Chinese: its name, head, introduction, columns, and where a figure is made
PAGES = (
    (
        "README.md",
        "# The figures: {title}",
        "[中文](README.zh-CN.md)\n\nWritten by `nqp-topics figures` (in the repository: `make figures`). Each figure is a pdf, a png and the csv that was "
        "drawn, under one name; `NAME.zh` is the same in Chinese. Tables are Word, LaTeX and csv; pages (html) open in a browser. "
        'A csv opens in Excel; in R it is read with `fileEncoding = "UTF-8-BOM"`.',
        "| | what it shows | made in | by | run | numbers |",
        "[{notebook}]({file}), code cell {cell}",
    ),
    (
        "README.zh-CN.md",
        "# 图表一览：{title}",
        "[English](README.md)\n\n由 `nqp-topics figures` 生成（在本仓库中：`make figures`）。每张图有 pdf、png 和绘图所用数据的 csv，三者同名；`名称.zh` 为中文版，"
        "不带 `.zh` 的为英文版。表格有 Word、LaTeX 和 csv 三种格式；网页（html）用浏览器打开。"
        'csv 可直接用 Excel 打开；在 R 中读取时用 `fileEncoding = "UTF-8-BOM"`。',
        "| | 内容 | 出处 | 生成函数与数据指纹 | 模型运行 | 数据 |",
        "[{notebook}]({file})，第{cell}个代码单元格",
    ),
)


def write_ledger(study: Study) -> pd.DataFrame:
    """Write the ledger of a study as README.md and README.zh-CN.md of its folder of figures, for a reader of the repository; return its table."""
    table, there = ledger(study), way_to(study.path("notebooks"), study.figures)
    ways = zip(PAGES, ("shows", "shows_zh"), ("", ".zh"), strict=True)
    for (name, head, introduction, columns, made_in), shows, end in ways:
        title = head.format(title=study.title or study.name)
        lines = [title, "", introduction, "", columns, "|---|---|---|---|---|---|"]
        for row in table.to_dict("records"):
            numbers = "" if row["kind"] == "page" else f"[csv]({row['name']}.csv)"
            where = made_in.format(file=f"{there}/{row['notebook']}.ipynb", **row)
            first = FILES[row["kind"]].format(row["name"])
            lines.append(f"| {first} | {row[shows]} | {where} | {row['source']} | {row['run']} | {numbers} |")
        for row in table[table["kind"] == "figure"].to_dict("records"):
            lines += ["", f"## {row['name']}", "", f"![{row[shows]}]({row['name']}{end}.png)"]
        with whole(study.figures / name) as stream:
            stream.write("\n".join(lines) + "\n")
    return table


def redraw(study: Study, page: str) -> list[Path]:
    """Draw every figure of the study's folder for another page, in both languages, into a folder of the page's name; return the stems.

    What is drawn, by which function, and the sentences about it come from the files that are there. Refused: a page that is none, a folder
    without figures; all together: figures that no function of `draw` made, and those of which the csv or the Chinese picture is missing.
    """
    paper(page)  # refuses a page that is none before anything is drawn
    found = ledger(study)
    figures.order(study)
    made = found[found["kind"] == "figure"]
    where, allowed = str(study.figures), "figures that the notebooks made"
    none = [] if len(made) else [Problem(where, "no figures", allowed, "nqp-topics figures")]
    refuse_if(none, _problems(study, made))
    stems = [study.figures / page / name for name in made["name"]]
    for stem in stems:
        figures.saved(study.figures / stem.name).save(stem, page=page)
    return stems


def _problems(study: Study, made: pd.DataFrame) -> Iterator[Problem]:
    todo = "draw it for this page in its notebook, or take it out of the folder"
    for row in made.itertuples():
        picture = study.figures / f"{row.name}.png"
        for file in (study.figures / f"{row.name}.csv", in_language(picture, "zh")):
            if not file.is_file():
                yield Problem(str(file), "no such file", "all files of a figure", "nqp-topics figures")
        if made_by(row.source) not in figures.FIGURES:
            came = f"made by {row.source.partition(' ')[0] or 'nothing that it says'}"
            yield Problem(str(picture), came, "a figure of `figures`", todo)
