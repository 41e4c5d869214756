"""Drafts: what is proposed to a person in a spreadsheet: terms that stay whole (terms.xlsx), words to leave out (stopwords.xlsx).

Nothing of it is done until it is accepted there; what is accepted stands beside the lists of the study, whose files stay as they are.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nqp_topics.checks import columns, refuse_if
from nqp_topics.checks.chinese import language, told
from nqp_topics.documents.registry import naming, read_sources
from nqp_topics.documents.split import repeated
from nqp_topics.files.tables import read_table
from nqp_topics.files.workbook import write_workbook
from nqp_topics.study import Study
from nqp_topics.words import lexicon, segment, sift, terms

COLUMNS = ["accept", "word", "proposed_as", "count", "articles", "default_cut", "where", "context", "note"]
HEADS = {
    "accept": "采纳", "word": "词", "proposed_as": "建议理由", "count": "次数", "articles": "文章数", "default_cut": "默认切分",
    "where": "位置", "context": "上下文", "note": "备注",
}  # fmt: skip
REPEATING, FURNITURE, FOREIGN, TERM = "repeating paragraph", "web furniture", "foreign word", "term"
FEWEST, MOST = 3, 300  # how often a word stands, and how many are proposed
SHOWN, WIDTH = 3, 15  # places of a word, and characters on either side of it
OF_PAGES = frozenset(
    "编辑 责编 责任编辑 记者 本报 本报讯 本网讯 来源 转载 版权 版权所有 声明 免责声明 点击 阅读原文 扫码 二维码 公众号 微信 微博 分享 收藏 举报 登录 注册 下载 客户端 网址 链接 "
    "首页 上一页 下一页 相关阅读 相关链接 延伸阅读 打印 字号 浏览 阅读量 图源 供图 http https www com cn net html htm".split()
)


def proposed_terms(texts: pd.DataFrame, many: int, fewest: int = FEWEST) -> pd.DataFrame:
    """Propose the mined terms of passages: one row a term, the best first: the columns of a draft, and `here`, articles in which it stands."""
    found = terms.mine(texts, fewest).head(many)
    article = dict(zip(texts["id"], texts["article"], strict=True))
    spots = found[["place_1", "place_2", "place_3"]].to_numpy().tolist()
    here = [[article[spot.rpartition(":")[0]] for spot in row if spot] for row in spots]
    found = found.rename(columns={"term": "word"}).assign(proposed_as=TERM, here=here)
    return found.reindex(columns=[*COLUMNS, "here"], fill_value="")


def proposed_stops(texts: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Propose words of passages to leave out, which no list names yet: one row a word: the columns of a draft, and `here`.

    Words most of whose places are in lines that articles repeat, words of web pages and newspapers' mastheads, words in Latin letters.
    """
    by = segment.cutter(lexicon_of(study), study.cut_by, study.guess)
    stands: dict[str, Counter[str]] = {}
    for article, words in zip(texts["article"], segment.tokens(texts, by)["tokens"], strict=True):
        for word in words:
            stands.setdefault(word, Counter())[article] += 1
    again = repeated(texts["article"], texts["text"])
    repeats = Counter[str]()
    for words, times in zip(segment.cut_all(list(again), by), again.values(), strict=True):
        repeats.update({word: times * often for word, often in Counter(words).items()})
    often = {word: here.total() for word, here in stands.items() if here.total() >= FEWEST}
    gone = sift.judge(stop_words(study), study.shortest_word, study.numbers, study.parts, by.terms)(often)
    rows = []
    for word, count in often.items():
        kind = REPEATING if 2 * repeats[word] > count else FURNITURE if word.lower() in OF_PAGES else ""
        kind = kind or (FOREIGN if sift.latin(word) else "")
        if kind and word not in gone:
            rows.append((word, kind, count, len(stands[word]), list(stands[word])[:SHOWN]))
    rows.sort(key=lambda row: (-row[2], row[0]))
    table = pd.DataFrame(rows[:MOST], columns=["word", "proposed_as", "count", "articles", "here"])
    return table.reindex(columns=[*COLUMNS, "here"], fill_value="")


def shown(draft: pd.DataFrame, articles: pd.DataFrame, documents: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Say where words of a draft stand, by file and line, and what is printed there."""
    if study.sources:
        documents = naming(read_sources(study.path(study.sources)))(documents)
    of, document = articles.set_index("id"), {row.id: row for row in documents.itertuples()}
    where, context = [], []
    for word, here in zip(draft["word"], draft["here"], strict=True):
        spots = [_spot(word, of.loc[name], document[of.loc[name, "source"]]) for name in dict.fromkeys(here)]
        where.append("\n".join(place for place, _ in spots))
        context.append("\n".join(text for _, text in spots if text))
    return draft.assign(where=where, context=context)[COLUMNS]


def _spot(word: str, article: Any, document: Any) -> tuple[str, str]:
    """Return the first place of a word in an article, as file and line, and what stands round it; the file alone where cleaning has joined the word."""
    name = " ".join(filter(None, [document.file, document.place or ""]))
    lines = article["start_line"], article["end_line"]
    first, last = (None if pd.isna(line) else int(line) for line in lines)
    for number, line in enumerate(document.text.split("\n"), 1):
        if (first or 1) <= number <= (last or number) and (at := line.find(word)) >= 0:
            return f"{name}:{number}", line[max(0, at - WIDTH) : at + len(word) + WIDTH].strip()
    return name, ""


def write(draft: pd.DataFrame, file: str | Path) -> int:
    """Write a draft as a workbook, with the answers that stand in it already; return how many words wait for an answer."""
    old = _rows(file) if Path(file).is_file() else pd.DataFrame(columns=COLUMNS)
    old = old[(old["accept"] != "") | (old["note"] != "")].drop_duplicates("word")
    table = draft.assign(proposed_as=draft["proposed_as"].map(told)).set_index("word")
    for name in ("accept", "note"):
        table[name] = old.set_index("word")[name].reindex(table.index).fillna("")
    rest = old[~old["word"].isin(table.index)]
    table = pd.concat([table.reset_index(), rest], ignore_index=True)[COLUMNS].fillna("")
    for name in ("count", "articles"):  # numbers, also where rows of an older sheet stand below
        table[name] = pd.to_numeric(table[name], errors="coerce").round().astype("Int64")
    answer = "是,否" if language() == "zh" else "yes,no"
    empty = [name for name in ("default_cut", "context") if (table[name] == "").all()]
    sheets = {Path(file).stem: table.drop(columns=empty)}
    write_workbook(sheets, file, HEADS, fill=("accept", "note"), drops={"accept": [answer] * len(table)})
    return int((table["accept"] == "").sum())


def accepted(file: str | Path) -> pd.DataFrame:
    """Read which words of a draft a person accepted: one row a word: word, reason (the note, else why it was proposed). No file: none.

    Words may be added to the sheet by hand. Refused: heads that were changed, and what `terms.taken` refuses.
    """
    if not Path(file).is_file():
        return pd.DataFrame(columns=["word", "reason"], dtype=object)
    table = terms.taken(_rows(file), file, "word")
    reason = table["note"].where(table["note"] != "", table["proposed_as"])
    return table[["word"]].assign(reason=reason.str.split().str.join(" ")).reset_index(drop=True)


def _rows(file: str | Path) -> pd.DataFrame:
    table = read_table(file, "a sheet of proposals", "nqp-topics terms writes it")
    todo = "nqp-topics terms writes a new sheet; copy the answers into it"
    refuse_if(columns(str(file), table, ["accept", "word", "note"], todo))
    return table.reindex(columns=COLUMNS, fill_value="").map(lambda cell: str(cell).strip())


def _new_terms(study: Study, known: pd.DataFrame) -> pd.DataFrame:
    found = accepted(study.terms_sheet and study.path(study.terms_sheet))
    found = found[~found["word"].isin(lexicon.forms(known))]
    return lexicon.of(found["word"]).assign(reason=found["reason"].tolist())


def lexicon_of(study: Study) -> pd.DataFrame | None:
    """Return the lexicon of a study: that of its file, and the terms accepted on its sheet. Refused: what `lexicon.read` and `accepted` refuse."""
    if not study.lexicon:
        return None
    file = study.path(study.lexicon)
    known = lexicon.read(file)
    if len(new := _new_terms(study, known)):
        known = pd.concat([known, new], ignore_index=True)
        lexicon.check(known, str(file))
    return known


def lexicon_text(study: Study) -> str:
    """Return all that a lexicon says, as its file says it."""
    if not study.lexicon:
        return ""
    file = study.path(study.lexicon)
    return "\n".join([file.read_text("utf-8"), *lexicon.written(_new_terms(study, lexicon.read(file)))])


def stop_words(study: Study, *more: str | Path) -> pd.DataFrame:
    """Return the stop words of a study, as `sift.stop_words` does: the general list, its file (or other files), and what was accepted on its sheet."""
    own: Sequence[str | Path] = more or ([study.path(study.stopwords)] if study.stopwords else [])
    table = sift.stop_words(*own, general=study.general_stopwords)
    if own and study.stopwords_sheet:
        sheet = study.path(study.stopwords_sheet)
        table = pd.concat([table, accepted(sheet).assign(list=sheet.name)], ignore_index=True)
    return table.drop_duplicates("word", ignore_index=True)


def answers(study: Study) -> list[Any]:
    """Return what was accepted on the sheets of a study, from which its counts follow."""
    sheets: Iterable[str] = filter(None, (study.terms_sheet, study.stopwords_sheet))
    return [accepted(study.path(sheet)).to_numpy().tolist() for sheet in sheets]


def waiting(file: str | Path) -> tuple[int, int]:
    """Return how many words a sheet proposes, and how many of them wait for an answer."""
    table = _rows(file)
    return len(table), int((table["accept"] == "").sum())
