"""The files of a study that is begun: its study.toml, every choice with its reason, and its README, in English or Chinese."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from nqp_topics.study import Study

LARGE = 200_000  # Chinese characters: above, fits take minutes, and a first look takes fewer of them


def large(rows: pd.DataFrame) -> bool:
    """Tell whether the articles of a study (one row each, with `han`) are so many that a first look takes fewer fits."""
    return int(rows["han"].sum()) > LARGE


def settings(study: Study, raw: Path, columns: Mapping[str, str], rows: pd.DataFrame, language: str) -> str:
    """Return the text of study.toml: every choice that a beginner may want to change, with its reason."""
    zh = language == "zh"
    where = Path(raw).resolve()
    try:
        documents = where.relative_to(study.folder.resolve()).as_posix()
    except ValueError:
        documents = where.as_posix()
    groups = (rows["voice"] != "").any()
    lines = [
        ("# 研究设置：每一项都可能被审稿人追问，理由写在旁边。", "# The study. Every choice below may be questioned by a referee, so each has its reason beside it."),
        "[study]", f"name = {_quoted(study.name)}", f'language = "{language}"',
        "", "[read]",
        (f"documents = {_quoted(documents)}  # 原始文件所在文件夹", f"documents = {_quoted(documents)}  # the folder of the documents"),
        *(f"{what}_column = {_quoted(column)}" for what, column in columns.items()),
        ('duplicates = "drop exact"  # 完全相同的文章只算一次', 'duplicates = "drop exact"  # the same article twice would count double'),
        "", "[split]",
        ('articles = "articles.xlsx"  # 文章登记表：在 Excel 里核对标题、组别、日期', 'articles = "articles.xlsx"  # the registry of articles: check titles, groups and dates in Excel'),
        ("shortest = 40  # 更短的段落与相邻段落合并（汉字数）", "shortest = 40  # a paragraph below this is joined to its neighbour (Chinese characters)"),
        ("longest = 600  # 更长的段落在句末切开", "longest = 600  # above this it is cut at the end of a sentence"),
        "", "[segment]",
        ('lexicon = "lexicon.txt"  # 专业术语，一行一个，分词时保持完整', 'lexicon = "lexicon.txt"  # terms of the field, one a line, which stay one word'),
        ('stopwords = "stopwords.txt"  # 本研究自己的停用词：词、制表符、理由', 'stopwords = "stopwords.txt"  # stop words of the study: the word, a tab, the reason'),
        ('terms_sheet = "terms.xlsx"  # nqp-topics terms 提出的术语，在 Excel 里采纳', 'terms_sheet = "terms.xlsx"  # terms that nqp-topics terms proposes: accepted in Excel'),
        ('stopwords_sheet = "stopwords.xlsx"  # 建议去掉的词，在 Excel 里采纳', 'stopwords_sheet = "stopwords.xlsx"  # words that it proposes to leave out: accepted in Excel'),
        "", "[count]", 'counts = "counts"',
        ("min_df = 3  # 只出现在一两个段落里的词看不出与哪些词同现", "min_df = 3  # a word in one or two passages cannot tell which words it goes with"),
        ("max_df = 0.5  # 一半以上段落都有的词区分不了段落", "max_df = 0.5  # a word in more than half of all passages tells none of them apart"),
        "", "[train]",
        ("# topics = 12  # 主题数没有默认值：先看 notebooks/3-choose，再写下数字和理由", "# topics = 12  # there is no default: look at notebook 3, then write the number and the reason"),
        ("seed = 1  # 随机数的起点，会记录下来", "seed = 1  # where chance begins; recorded"),
        ("seeds = 3  # 每项发现都与这么多次运行对照；语料较大，先取 3 次，发表前取 5 次", "seeds = 3  # runs that every finding is held against: 3 for a first look at a large corpus, 5 before you publish") if large(rows)
        else ("seeds = 5  # 每项发现都与这么多次运行对照", "seeds = 5  # runs that every finding is held against"),
        'labels = "labels.csv"',
        ('# anchors = "anchors.toml"  # 想看的主题及其锚词，每行一个："绿色" = ["低碳", "减排"]', '# anchors = "anchors.toml"  # themes that you look for and their words, a line each: "green" = ["低碳", "减排"]'),
        ('# prevalence = "voice + cr(year, df=4)"  # 登记表中可能影响主题的列：段落短时使效应不致低估', '# prevalence = "voice + cr(year, df=4)"  # columns of the registry that may move topics: with short passages effects come out at their size'),
        "", "[compare]",
        ('groups = "voice"  # 比较哪一列的各组', 'groups = "voice"  # the column of the registry whose groups are compared') if groups
        else ('groups = "voice"  # 该列为空：不比较组，直到在 articles.xlsx 中填写', 'groups = "voice"  # empty in this study: nothing is compared until articles.xlsx has groups'),
        *([("# order = [\"…\", \"…\"]  # 各组在图表中的次序；不写则按文章数", "# order = [\"…\", \"…\"]  # the groups in the order of figures and tables; else the largest first")] if groups else []),
        "",
    ]  # fmt: skip
    return "\n".join(line if isinstance(line, str) else line[0 if zh else 1] for line in lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def readme(study: Study, articles: int, language: str, called: str = "nqp-topics") -> str:
    """Return the text of README.md: the commands of the study as they are typed where it was begun, in the reader's language."""
    zh, where = language == "zh", shlex.quote(str(study.folder))
    does = {
        "next": ("做到哪一步，下一步做什么", "where the study stands, what comes next"),
        "terms": ("生成 terms.xlsx 和 stopwords.xlsx，答是或否", "terms.xlsx and stopwords.xlsx, to answer with yes or no"),
        "figures": ("全部图表，10 个主题", "all figures, with 10 topics"),
        "labels": ("生成 labels.xlsx，填写主题名称", "labels.xlsx, in which topics are named"),
        "results": ("结果表，可用 Excel、R、SPSS、Stata 打开", "tables for Excel, R, SPSS or Stata"),
    }  # fmt: skip
    number = {verb: " --topics 10" if verb in ("figures", "labels", "results") else "" for verb in does}
    typed = {verb: f"{called} {verb} --study {where}{number[verb]}" for verb in does}
    wide = max(map(len, typed.values()))
    commands = "\n".join(f"    {typed[verb]:{wide}}  # {said[1 - zh]}" for verb, said in does.items())
    begun = (
        f"{articles} 篇文章。在建立本研究时所在的文件夹中输入：",
        f"{articles} articles. Type where this study was begun:",
    )
    more = (
        "10 可换成您的主题数。设置及其理由见 study.toml；文章登记表是 articles.xlsx。",
        "Put your number of topics in place of 10. Choices and their reasons stand in study.toml; the registry of articles is articles.xlsx.",
    )
    return f"# {study.name}\n\n{begun[1 - zh]}\n\n{commands}\n\n{more[1 - zh]}\n"
