"""Columns: what the tables of a study that is begun hold, by the names that people give their columns."""

import re
from collections import Counter
from pathlib import Path
from statistics import fmean

from nqp_topics.documents.formats import spreadsheets
from nqp_topics.files import read_bytes

# what people call the columns of their tables, by what the study calls them
NAMES = {
    "text": "正文 内容 全文 文本 内文 原文 博文 回答 答案 留言 评论 content text body fulltext article answer response",
    "title": "标题 题名 篇名 题目 title headline name",
    "author": "作者 记者 署名 作者姓名 受访者 被访者 博主 昵称 用户名 发布者 发布人 发帖人 author authors byline respondent",
    "outlet": "来源 媒体 媒体名称 报纸 报纸名称 刊名 期刊 期刊名称 机构 来源网站 outlet source publication journal newspaper",
    "date": "日期 发布时间 发表时间 发布日期 发表日期 成文日期 时间 年份 年 年/期 年期 年卷期 年,卷(期) 年，卷(期) 出版年 date published time year",
    "voice": "类别 分类 类型 组别 组 栏目 频道 群体 主体 class category label group voice type section",
}
SIMPLIFIED = str.maketrans(
    "標題內來報紙發佈時間類別組欄頻體記機構網訪評論稱戶", "标题内来报纸发布时间类别组栏频体记机构网访评论称户"
)
# days and hours that say nothing of when a text appeared
NOT_WHEN = re.compile("采集|抓取|爬取|入库|更新|截止|所用|用时|出生|入学|入职")
LINK = re.compile(r"https?://\S+")


def columns_of(places: list[Path]) -> tuple[dict[str, str], list[str]]:
    """Tell which columns of tables hold what, by the names that people use, else the longest texts: what → column, and all columns that there are.

    微博正文 is a 正文, and 用户昵称 a 昵称: a name that ends as a known one does counts where no column has a known one. Where tables differ, every column is named, with ; between them, the one that most of them have first. The longest texts count only where no
    table has a column of texts by its name.
    """
    votes: Counter[tuple[str, str]] = Counter()
    longest: Counter[tuple[str, str]] = Counter()
    seen: Counter[str] = Counter()
    for place in places:
        try:
            table = spreadsheets.first_rows(read_bytes(place), place.suffix.lower()[1:], 20)
        except Exception:  # reading says what is wrong with it
            continue
        seen.update(list(table))
        taken = set()
        for what, names in NAMES.items():
            # counts of comments, and yes or no, are no texts
            may = [name for name in table if what != "text" or _says(name, table[name])]
            ranks = {name: near for name in may if (near := rank(name, names.split())) is not None}
            if first := min(ranks, key=lambda name: ranks[name], default=None):
                votes[what, first] += 1
                taken.add(what)
        said = {name: [LINK.sub("", cell) for cell in cells] for name, cells in table.items()}
        lengths = {name: fmean(map(len, cells)) for name, cells in said.items() if cells}
        if "text" not in taken and lengths and max(lengths.values()) >= 40:
            longest["text", max(lengths, key=lambda name: lengths[name])] += 1
    found: dict[str, list[str]] = {}
    named = any(what == "text" for what, _ in votes)
    for (what, name), _ in [*votes.most_common(), *([] if named else longest.most_common())]:
        if all(name not in names for names in found.values()):
            found.setdefault(what, []).append(name)
    return {what: "; ".join(names) for what, names in found.items()}, list(seen)


def _says(column: str, cells: list[str]) -> bool:
    """Tell whether a column may hold texts: its first cells have letters, and it does not ask for yes or no."""
    return "是否" not in column and (not cells or any(map(str.isalpha, "".join(cells))))


def rank(column: str, known: list[str]) -> int | None:
    """Return how near a name comes to the known ones, the first of them the nearest; behind them all those that end as they do."""
    name = column.lower().translate(SIMPLIFIED)
    if name in known:
        return known.index(name)
    ends = (at for at, end in enumerate(known) if len(end) > 1 and not end.isascii() and name.endswith(end))
    return None if NOT_WHEN.search(name) else next((len(known) + at for at in ends), None)
