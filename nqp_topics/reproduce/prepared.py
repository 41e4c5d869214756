"""Prepared: what a methods section says of the corpus and of how texts became counts."""

from collections.abc import Callable

import pandas as pd

from nqp_topics.compare.over_time import years_of
from nqp_topics.figures.captions import label
from nqp_topics.figures.styles import in_order
from nqp_topics.reproduce.facts import Facts, Item, Said, missing, needless
from nqp_topics.words import drafts, lexicon

# what a step of cleaning takes away; a step without a line here goes by its name
PIECES = {
    "drop_invisible": ("signs that print nothing", "不可见字符"),
    "drop_marks_of_layout": ("marks of layout", "版面标记"),
    "drop_page_numbers": ("page numbers", "页码"),
    "drop_running_heads": ("running heads", "页眉页脚"),
    "drop_front_matter": ("front matter of journals", "期刊文前信息"),
    "drop_references": ("references", "参考文献"),
    "drop_author_notes": ("notes on authors and editors", "作者与编辑信息"),
    "drop_footnotes": ("footnotes", "脚注"),
    "drop_captions": ("captions", "图表标题"),
    "drop_english": ("English titles and abstracts", "英文题名与摘要"),
    "undouble": ("headlines and names printed twice", "重复印出的标题与姓名"),
    "drop_labels": ("labels of abstracts", "“摘要”字样"),
    "drop_citation_marks": ("note marks", "注释序号"),
    "drop_markup": ("marks of Markdown and HTML", "Markdown 与 HTML 标记"),
    "drop_web_inserts": ("inserts of web pages", "网页插入内容"),
    "drop_author_years": ("brackets of author and year", "作者与年份的夹注"),
    "drop_empty_lines": ("brackets left empty", "空括号"),
}
CUTTERS = {
    "compiled": ("the cutter of nqp_topics", "nqp_topics 自带的程序"),
    "rjieba": ("rjieba", "rjieba "),
    "jieba": ("jieba", "jieba "),
}


def own(key: str) -> Callable[[Facts], Said]:
    """Return what answers with the author's words in study.toml; where they stand in one language only, both have them."""

    def answer(facts: Facts) -> Said:
        en, zh = (str(getattr(facts.study, name)).strip() for name in (key, f"{key}_zh"))
        return Said(en or zh, zh or en) if en or zh else missing(f"[methods] {key}")

    return answer


def size(facts: Facts) -> Said:
    """Say how much is counted."""
    counts = facts.counts
    many = f"{len(facts.about):,}", f"{len(counts.ids):,}", f"{len(counts.words):,}", f"{counts.tokens:,}"
    return Said(
        "The corpus holds {} articles with {} passages; {} different words and {} tokens are counted.".format(
            *many
        ),
        "语料共 {} 篇文章、{} 个段落，计入 {} 个不同的词、{} 个词次。".format(*many),
    )


def dates(facts: Facts) -> Said:
    """Say how many articles have a date."""
    years = years_of(facts.about)
    if years.empty:
        return needless("No article bears a date.", "没有文章注明日期。")
    many = len(years), len(facts.about), years.min(), years.max()
    return Said(
        "{} of {} articles bear a date, the first of {}, the last of {}.".format(*many),
        "{1} 篇文章中有 {0} 篇注明日期，最早为 {2} 年，最晚为 {3} 年。".format(*many),
    )


def groups(facts: Facts) -> Said:
    """Say how many articles each group has, in the order in which figures have them: periods by time, others by size."""
    by, rows = facts.study.groups, facts.about
    named = rows[by].astype(str) if by in rows else pd.Series(dtype=str)
    if named[named != ""].nunique() < 2:
        return needless("Articles are not grouped.", "文章未分组。")
    sizes = named.value_counts()
    order = [name for name in facts.study.order if name in sizes]
    order += in_order(sizes.drop(order))
    en = ", ".join(f"{label(name, 'en')} ({sizes[name]})" for name in order)
    zh = "、".join(f"{label(name, 'zh')}（{sizes[name]}）" for name in order)
    return Said(
        f"Articles by {label(by, 'en')}: {en}.", f"文章按{label(by, 'zh')}分组（括号内为篇数）：{zh}。"
    )


def cleaning(facts: Facts) -> Said:
    """Say what cleaning took away, kind by kind, and what it mended, which was not taken away."""
    lost, study = facts.table("losses"), facts.study
    if lost is None:
        return missing("nqp-topics share")
    by_step = lost.groupby("step")[["pieces", "han"]].sum().astype(int)
    mended = int(by_step["pieces"].get("repair_characters", 0))
    gone = by_step.drop("repair_characters", errors="ignore").query("pieces > 0")
    gone = gone.sort_values("pieces", ascending=False, kind="stable")
    en, zh = "Nothing was taken away from the texts by rule.", "清洗规则没有从原文中去除任何内容。"
    if len(gone):
        each = [
            (*PIECES.get(step, (step, step)), f"{many:,}")
            for step, many in zip(map(str, gone.index), gone["pieces"], strict=True)
        ]
        han = f"{int(gone['han'].sum()):,}"
        en = f"Taken away by rule (pieces): {', '.join(f'{one} ({many})' for one, _, many in each)}; {han} Chinese characters in all."
        zh = f"按规则去除（括号内为处数）：{'、'.join(f'{one}（{many}）' for _, one, many in each)}；共去除 {han} 个汉字。"
    if study.repairs:
        many = len(study.repairs), f"{mended:,}"
        en += " Characters that single documents print wrongly are mended by rules of study.toml: {} (places: {}).".format(
            *many
        )
        zh += "个别文献中印错的字符按 study.toml 中的规则修复（{} 条规则，{} 处）。".format(*many)
    if study.script == "simplified":
        en, zh = f"{en} Traditional characters are written as Simplified ones.", f"{zh}繁体字转为简体字。"
    return Said(en, zh)


def units(facts: Facts) -> Said:
    """Say what a passage is."""
    many = facts.study.shortest, facts.study.longest
    return Said(
        "The unit of analysis is the passage: a paragraph, joined to its neighbour where it has fewer than {} Chinese characters and cut at ends of sentences where it has more than {}.".format(
            *many
        ),
        "分析单位为段落，即原文的自然段：不足 {} 个汉字的与相邻段落合并，超过 {} 个汉字的在句末切开。".format(
            *many
        ),
    )


def segmentation(facts: Facts) -> Said:
    """Say what cuts texts into words, and which terms stay whole."""
    study = facts.study
    known = drafts.lexicon_of(study) if study.path(study.lexicon).is_file() else None
    by, zh_by = CUTTERS[study.cut_by]
    kept = ("no terms are kept whole", "没有自定义词表")
    if known is not None and len(known):
        kept = (
            f"terms of the study's lexicon stay whole ({len(known):,})",
            f"本研究词表中的 {len(known):,} 条术语不拆开",
        )
    guess = (
        ("words that the dictionary lacks are guessed", "未登录词由模型猜测")
        if study.guess
        else ("words that the dictionary lacks are not guessed", "不猜测未登录词")
    )
    return Said(
        f"Texts are cut into words with the dictionary of jieba by {by}; {kept[0]}; {guess[0]}.",
        f"以 jieba 词典为底，由 {zh_by}分词；{kept[1]}；{guess[1]}。",
    )


def filters(facts: Facts) -> Said:
    """Say which words are left out before counting, and what share of all tokens they were."""
    study, went = facts.study, facts.table("sifted")
    place = study.path(study.stopwords) if study.stopwords else None
    many = len(lexicon.read_words(place)) if place and place.is_file() else 0
    many += len(drafts.accepted(study.path(study.stopwords_sheet))) if study.stopwords_sheet else 0
    gone = [("punctuation", "标点")]
    gone += [("the general list of function words", "通用虚词表所列的词")] if study.general_stopwords else []
    gone += [(f"the study's own stop words ({many})", f"本研究自列的停用词（{many} 个）")] if many else []
    if study.shortest_word > 1:
        gone.append(
            (f"words of fewer than {study.shortest_word} characters", f"不足 {study.shortest_word} 字的词")
        )
    gone += [] if study.numbers else [("numbers and dates", "数字与日期")]
    if study.parts:
        parts = ", ".join(study.parts)
        gone.append((f"words of other parts of speech than {parts}", f"{parts} 以外词性的词"))
    took = ("", "")
    if went is not None:
        share = f"{went['share'].sum():.1%}"
        took = (f", together {share} of all tokens", f"，合计占全部词次的 {share}")
    return Said(
        f"Left out before counting: {', '.join(one for one, _ in gone)}{took[0]}.",
        f"计数前去除：{'、'.join(other for _, other in gone)}{took[1]}。",
    )


def limits(facts: Facts) -> Said:
    """Say which words stand in too few or too many passages to be counted."""
    trimmed, study = facts.table("trimmed"), facts.study
    most = f"{100 * study.max_df:g}%" if study.max_df <= 1 else f"{study.max_df:g}"
    en = f"Counted are words that stand in at least {study.min_df} and in at most {most} of the passages"
    zh = (
        f"只计入至少见于 {study.min_df} 个段落、至多见于 {most} {'的' if study.max_df <= 1 else '个'}段落的词"
    )
    if trimmed is None:
        return Said(f"{en}.", f"{zh}。")
    rare = int(trimmed["reason"].str.startswith("in fewer").sum())
    many = f"{rare:,}", f"{len(trimmed) - rare:,}"
    return Said(
        "{}; {} words stand in too few, {} in too many.".format(en, *many),
        "{}；因过少略去 {} 个词，因过多略去 {} 个。".format(zh, *many),
    )


PREPARED: list[Item] = [
    ("corpus", "question", own("question")),
    ("corpus", "selection", own("selection")),
    ("corpus", "size", size),
    ("corpus", "dates", dates),
    ("corpus", "groups", groups),
    ("preprocessing", "cleaning", cleaning),
    ("preprocessing", "units", units),
    ("preprocessing", "segmentation", segmentation),
    ("preprocessing", "filters", filters),
    ("preprocessing", "thresholds", limits),
]
