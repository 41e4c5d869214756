"""Captions: the words for groups, axes and legends, in English and in Chinese; figures, tables and sentences take them from here."""

# key → (English, Chinese)
LABELS = {
    "leader_speech": ("Leaders' speeches", "领导人讲话"),
    "official_report": ("Official reports", "官方报告"),
    "newspaper_commentary": ("Newspaper commentaries", "报刊评论"),
    "academic": ("Academics", "学者文章"),
    "interview": ("Interviews", "访谈"),
    "local_official": ("Local officials", "地方官员"),
    "expert_opinion": ("Experts' opinions", "专家观点"),
    "other": ("Other", "其他"),
    "": ("Not stated", "未注明"),
    "articles by length": ("Chinese characters in an article", "文章汉字数"),
    "articles by year": ("Articles by year", "各年份文章数"),
    "articles": ("articles", "篇"),
    "undated": ("no date", "无日期"),
    "passage length": ("Chinese characters in a passage", "每段汉字数"),
    "passages": ("Passages", "段落数"),
    "held_out": ("Held-out log-likelihood per word", "留出文本每词对数似然"),
    "npmi_passages": ("NPMI coherence (passages)", "NPMI 一致性（按段落）"),
    "exclusivity": ("Exclusivity of top words", "主题词排他性"),
    "separation": ("Separation of topics", "主题区分度"),
    "agreement": ("Overlap of top words over seeds (Jaccard)", "不同种子间主题词重合度（Jaccard 系数）"),
    "K": ("Number of topics", "主题数"),
    "right answers": ("share of right answers, 95% interval", "正确回答的比例及95%区间"),
    "task words": ("All: the word that does not belong", "全部：找出异类词"),
    "task passages": ("All: the passage that does not belong", "全部：找出异类段落"),
    "task labels": ("All: the label of a passage", "全部：为段落选标签"),
    "by chance": ("by chance", "随机水平"),
    "weight": ("probability in the topic", "词在主题中的概率"),
    "z": ("z of the weighted log-odds", "加权对数优势比的 z 值"),
    "share of the article": ("share of the article", "占文章的比例"),
    "share of the group": ("mean share in the group's articles", "组内文章的平均主题占比"),
    "distance": ("distance", "距离"),
    "distance of groups": ("Jensen-Shannon distance between groups", "组间 Jensen-Shannon 距离"),
    "axis": ("axis {number} · {share:.0%} of squared distance", "第{number}轴 · 距离平方的{share:.0%}"),
    "interval over witnesses": ("95% interval over witnesses", "95%区间（以独立来源为单位）"),
    "interval over passages": ("95% interval over passages", "95%区间（按段落重抽样）"),
    "freed of chance": (
        "freed of chance, 95% interval over witnesses",
        "去除随机部分后的距离及95%区间（以独立来源为单位）",
    ),
    "witnesses": ("numbers: articles · witnesses (effective)", "数字：文章数 · 有效独立来源数"),
    "other seeds": ("other seeds", "其他种子的范围"),
    "found elsewhere": (
        "other seeds that have the topic († not all)",
        "找到该主题的其他种子的范围（† 并非全部）",
    ),
    "mean over seeds": ("mean over seeds", "不同种子的均值"),
    "range over seeds": ("range over seeds", "不同种子间的范围"),
    "shuffled groups": ("mean of shuffled groups", "随机分组的均值"),
    "beyond chance": ("beyond chance (BH-corrected p < .05)", "超出随机（BH 校正 p < .05）"),
    "beyond chance in every run": (
        "beyond chance in every run (largest BH-corrected p < .05)",
        "每次运行均超出随机（最大 BH 校正 p < .05）",
    ),
    "within chance": ("within chance, or not tested", "未超出随机，或未检验"),
    "one article": ("one article: no interval", "仅一篇：无区间"),
    "few witnesses": (
        "fewer than three witnesses: no interval, not tested",
        "独立来源不足三个：无区间，未检验",
    ),
    "not tested": ("not tested", "未检验"),
    "groups differ": ("* groups differ (BH-corrected p < .05)", "* 组间有差异（BH 校正 p < .05）"),
    "groups differ in every run that has the topic": (
        "* groups differ in every run that has the topic (largest BH-corrected p < .05)",
        "* 找到该主题的每次运行组间均有差异（最大 BH 校正 p < .05）",
    ),
    "groups differ in every run": (
        "* groups differ in every run (largest BH-corrected p < .05)",
        "* 每次运行组间均有差异（最大 BH 校正 p < .05）",
    ),
}


def label(key: str, language: str) -> str:
    """Return the words for a key in a language; what has no entry is a name and stays as it is."""
    english, chinese = LABELS.get(key, (key, key))
    return chinese if language == "zh" else english
