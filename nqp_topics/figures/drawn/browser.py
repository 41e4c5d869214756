"""The topic browser: pyLDAvis's page as one file, which asks no other machine for anything.

The page is the one of Sievert and Shirley (2014): topics as circles on the left, the most relevant words of the chosen one on the right.
Script and style come out of the installed pyLDAvis and are mended on the way (`ldavis`); the numbers come from `explore.panel`.
"""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd

from nqp_topics.figures.drawn import ldavis
from nqp_topics.figures.page import FAINT, INK, PALETTE, SOFT
from nqp_topics.study import Problem, fingerprint, refuse_if, whole

# what the script reads
READ = ("mdsDat", "tinfo", "token.table", "R", "lambda.step", "topic.order", "names")
# what the page says around the panel: (English, Chinese)
HEAD = ("Topics and their words", "主题与词语")
HELP = (
    "Choose a topic here or click its circle: the bars show its words. Point at a word: the circles show the topics it stands in. "
    "λ = 1 ranks words by their share of the topic, λ = 0 by how exclusive they are to it.",
    "点击下列主题或图中圆圈，右侧显示该主题的词语；将鼠标移到词语上，圆圈显示该词分布在哪些主题。λ = 1 按词语在主题内的概率排序，λ = 0 按词语对该主题的独占程度排序。",
)
SOURCES = (
    "Drawn with LDAvis by way of pyLDAvis. Distances are Jensen-Shannon divergences laid out by principal coordinates. "
    "Chuang, Manning &amp; Heer 2012, doi:10.1145/2254556.2254572 · Sievert &amp; Shirley 2014, doi:10.3115/v1/W14-3110",
    "由 LDAvis（经 pyLDAvis）绘制。主题间距离为 Jensen-Shannon 散度，以主坐标分析排布。"
    "Chuang, Manning &amp; Heer 2012, doi:10.1145/2254556.2254572 · Sievert &amp; Shirley 2014, doi:10.3115/v1/W14-3110",
)

PAGE = Template("""<!DOCTYPE html>
<html lang="$lang">
<head>
<meta charset="utf-8">
<title>$title</title>
<meta name="description" content="$shows">
<meta name="source" content="draw.browser of $source">
<meta name="run" content="$run">
<style>
$style
body { margin: 12px 16px; color: $ink; background: white; }
body, text, label, button, input, #topics-panel * { font-family: "Noto Sans", "Helvetica Neue", Arial, "Noto Sans SC", "Noto Sans CJK SC",
  "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "WenQuanYi Micro Hei", "SimHei", sans-serif !important; }
text { font-size: 12px; }
.txt, .slideraxis text { stroke: none; }
#topics-panel svg { overflow: visible; }
h1 { font-size: 18px; margin: 0 0 4px; }
p { font-size: 12px; line-height: 1.5; color: $soft; margin: 0 0 8px; }
h1, p, #topics-list { max-width: ${width}px; }
#topics-list { display: grid; grid-template-columns: repeat(auto-fill, minmax($column, 1fr)); gap: 2px 8px; margin: 0 0 10px; }
#topics-list button { font-size: 12px; line-height: 1.45; text-align: left; padding: 1px 6px; border: 1px solid transparent;
  border-radius: 3px; background: none; color: inherit; cursor: pointer; }
#topics-list button:hover { border-color: $faint; }
#topics-list button[aria-pressed="true"] { border-color: $accent; background: ${accent}18; }
#topics-panel { width: ${width}px; }
</style>
</head>
<body>
<h1>$title</h1>
<p>$help</p>
<div id="topics-list">
$entries
</div>
<div id="topics-panel"><div id="$id" lang="zh"></div></div>
<p>$sources</p>
<script>
$d3
</script>
<script>
function settle(panel, most, topic) {
  ["bar-totals", "terms"].forEach(function(kind) {
    d3.selectAll(panel + " ." + kind).interrupt().filter(function(d, i) { return i >= most; }).remove();
  });
  d3.selectAll(panel + " .xaxis").interrupt().selectAll("*").interrupt();
  document.querySelectorAll("#topics-list button").forEach(function(entry) {
    entry.setAttribute("aria-pressed", String(+entry.value === +topic));
  });
}
</script>
<script>
$script
</script>
<script>
new LDAvis("#$id", $data);
function fit() {
  var room = (document.documentElement.clientWidth - 32) / $width;
  document.getElementById("topics-panel").style.zoom = Math.max(0.5, Math.min(1, room));
}
fit();
addEventListener("resize", fit);
document.querySelectorAll("#topics-list button").forEach(function(entry) {
  entry.addEventListener("click", function() {
    var box = document.getElementById("$id-topic");
    if (box.value === entry.value) { document.getElementById("$id-topic-clear").click(); return; }
    box.value = entry.value;
    box.dispatchEvent(new Event("keyup"));
  });
});
</script>
</body>
</html>
""")


def browser(
    numbers: Mapping[str, Any],
    labels: pd.DataFrame | None = None,
    language: str = "en",
    title: str = "",
    run: str = "",
) -> str:
    """Return the page of the numbers of `explore.panel`: topics in their order there, each with its words.

    `labels` has one row a topic with its name in both languages (topic, zh, en). Refused: numbers of another kind, labels of topics that
    are not there, another release of pyLDAvis whose script this module does not know.
    """
    refuse_if(_problems(numbers, labels, language))
    topics, passages = list(numbers["names"]), int(numbers["passages"])
    room = max(_width(word) for word in numbers["tinfo"]["Term"]) + 20
    data = json.dumps(
        {**{key: numbers[key] for key in READ}, "room": room}, ensure_ascii=False, separators=(",", ":")
    )
    data = data.replace("<", "\\u003c")  # a word must not close the script
    chinese = language == "zh"
    entries = list(_entries(topics, labels, chinese))
    return PAGE.substitute(
        lang="zh-Hans" if chinese else "en",
        title=markup.escape(title or HEAD[chinese]),
        help=HELP[chinese],
        shows=markup.escape(_shows(topics, passages, chinese), quote=True),
        source=fingerprint(data)[:12],
        run=run[:12],
        sources=SOURCES[chinese],
        entries="\n".join(entries),
        column=f"{min(360, max(_width(re.sub('<.*?>', '', entry)) for entry in entries))}px",
        width=1120 + room,
        id=f"topics-{fingerprint(data)[:8]}",
        data=data,
        script=ldavis.script(language),
        d3=ldavis.shipped("d3.v5.min.js"),
        style=ldavis.shipped("ldavis.v1.0.0.css"),
        ink=INK,
        soft=SOFT,
        faint=FAINT,
        accent=PALETTE[0],
    )


def _shows(topics: list[str], passages: int, chinese: bool) -> str:
    if chinese:
        return f"{topics[0]}至{topics[-1]}共{len(topics)}个主题的可点击面板：主题间距离、各主题的词及其在{passages:,}个段落中的次数。"
    return (
        f"A panel to click through: {len(topics)} topics ({topics[0]} to {topics[-1]}) by distance, "
        f"the words of each and how often they stand in {passages:,} passages."
    )


def save_browser(page: str, file: str | Path) -> None:
    """Write the page, whole or not at all."""
    with whole(file) as stream:
        stream.write(page)


def _width(word: str) -> int:
    """Return how many pixels a word takes at most, in letters of 12."""
    return sum(12 if ord(char) > 0x2E7F else 8 for char in word)


def _entries(names: list[str], labels: pd.DataFrame | None, chinese: bool) -> Iterator[str]:
    table = None if labels is None else labels.set_index("topic").fillna("")
    for number, name in enumerate(names, 1):
        both = (
            [table.at[name, key] for key in ("en", "zh")] if table is not None and name in table.index else []
        )
        words = [markup.escape(str(word)) for word in (both[::-1] if chinese else both) if str(word).strip()]
        text = " · ".join([f"<b>{markup.escape(str(name))}</b>", *words])
        yield f'<button value="{number}" aria-pressed="false">{text}</button>'


def _problems(numbers: Mapping[str, Any], labels: pd.DataFrame | None, language: str) -> Iterator[Problem]:
    if language not in ("en", "zh"):
        yield Problem("draw.browser(language)", repr(language), "'en' or 'zh'", "choose one of these")
    if missing := [key for key in (*READ, "passages") if key not in numbers]:
        yield Problem(
            "draw.browser(numbers)",
            f"no {', '.join(missing)}",
            "the numbers of a panel",
            "explore.panel(run.words, run.passages, counts.lengths, counts.frequencies) makes them",
        )
    elif labels is not None:
        yield from _label_problems(labels, list(numbers["names"]))


def _label_problems(labels: pd.DataFrame, topics: list[str]) -> Iterator[Problem]:
    if absent := [name for name in ("topic", "zh", "en") if name not in labels]:
        yield Problem(
            "draw.browser(labels)", f"no column {', '.join(absent)}", "topic, zh, en", "add the column"
        )
        return
    strange = sorted(set(labels["topic"].astype(str)) - set(topics))
    twice = labels.loc[labels["topic"].duplicated(), "topic"].astype(str).tolist()
    for came in (f"{strange[0]}, which is no topic" if strange else "", f"{twice[0]} twice" if twice else ""):
        if came:
            yield Problem("draw.browser(labels), topic", came, ", ".join(topics), "correct the labels")
