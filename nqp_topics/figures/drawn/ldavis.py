"""The script of the topic browser, as pyLDAvis brings it along, with its faults mended and its words in both languages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from nqp_topics.study import Problem, Refused, refuse_if

INSTALL = "install the packages of requirements.lock again: make clean, then make figures"

# what the script does wrongly → (how often it stands there, what is put there)
MENDED = {
    # the axis keeps the numbers of the first view while the bars change
    '.attr("x", "xaxis")': (1, '.attr("class", "xaxis")'),
    # a bar starts at 1: a word counted once has none, and widths are not proportional
    ".domain([1, d3.max(": (4, ".domain([0, d3.max("),
    # the address of a page in a frame or of a file may not be rewritten, and an error there stops the click
    'history.replaceState(vis_state, "Query", state_url());': (
        1,
        'try { history.replaceState(vis_state, "Query", state_url()); } catch (error) { /* no address to keep */ }',
    ),
    'location.origin + location.pathname + "#topic="': (1, '"#topic="'),
    # R&D was shown as R&amp;D
    "term.innerHTML": (2, "term.textContent"),
    # the slider did not obey the keyboard
    '.on("mouseup", function() {': (1, '.on("change", function() {'),
    "console.log('lambda_select', lambda_select);": (1, ""),
    "console.log('lambda_select mouseup');": (1, ""),
    # words stand in the middle of their bars whatever their number
    "y(d.Term) + 12": (8, "y(d.Term) + y.bandwidth() / 2 + 4"),
    ".text(1);": (1, '.text("(1)");'),
    # bars that still move after the slider was used mixed with those of the next topic
    "circle.style.fill = color2;": (1, "circle.style.fill = color2;\n            settle(to_select, R, d.topics);"),
    "circle.style.fill = color1;": (1, "circle.style.fill = color1;\n            settle(to_select, R, 0);"),
    # topics have their own names
    "return d.topics;": (1, "return data['names'][d.topics - 1];"),
    # links to other machines; the references stand in the text
    '.attr("xlink:href", "http://vis.stanford.edu/files/2012-Termite-AVI.pdf")': (1, ""),
    '.attr("xlink:href", "http://nlp.stanford.edu/events/illvi2014/papers/sievert-illvi2014.pdf")': (1, ""),
    # room for the longest word
    "termwidth = 90,": (1, "termwidth = data_or_file_name['room'],"),
    '"width: 1210px"': (1, '"width: " + (1120 + termwidth) + "px"'),
}  # fmt: skip

SALIENCY = "(1) saliency(w) = p(w) · Σ_t p(t | w) · log[ p(t | w) / p(t) ]; Chuang et al. 2012"
RELEVANCE = (
    "(2) relevance(w | t) = λ · log p(w | t) + (1 - λ) · log[ p(w | t) / p(w) ]; Sievert & Shirley 2014"
)
# what the script says → (how often, in English, in Chinese)
SAID = {
    '"Intertopic Distance Map (via multidimensional scaling)"': (
        1,
        '"Intertopic Distance Map (via multidimensional scaling)"',
        '"主题间距离图（多维标度）"',
    ),
    '"Marginal topic distribution"': (
        2,
        '"Share of the topic in all tokens"',
        '"主题占全部词次的比例"',
    ),
    '"Conditional topic distribution given term = \'" + ': (
        1,
        '"Share of each topic in the term \'" + ',
        '"各主题在该词中所占比例：\'" + ',
    ),
    '"Overall term frequency"': (1, '"Overall term frequency (as counted)"', '"该词在语料中的频次（实际计数）"'),
    '"Estimated term frequency within the selected topic"': (
        1,
        '"Estimated term frequency within the selected topic"',
        '"该词在所选主题内的频次（估计）"',
    ),
    '"1. saliency(term w) = frequency(w) * [sum_t p(t | w) * log(p(t | w)/p(t))] for topics t; '
    'see Chuang et. al (2012)"': (1, f'"{SALIENCY}"', f'"{SALIENCY.replace("saliency", "显著度")}"'),
    '"2. relevance(term w | topic t) = \\u03BB * p(w | t) + (1 - \\u03BB) * p(w | t)/p(w); '
    'see Sievert & Shirley (2014)"': (1, f'"{RELEVANCE}"', f'"{RELEVANCE.replace("relevance", "相关度")}"'),
    '"Top-" + R + " Most Salient Terms"': (
        2,
        '"Top-" + R + " Most Salient Terms"',
        '"显著度最高的 " + R + " 个词"',
    ),
    '"Top-" + R + " Most Relevant Terms for Topic " + topics + " (" + Freq + "% of tokens)"': (
        1,
        '"Top-" + R + " Most Relevant Terms for Topic " + data[\'names\'][topics - 1] + " (" + Freq + "% of tokens)"',
        '"主题 " + data[\'names\'][topics - 1] + " 相关度最高的 " + R + " 个词（占词次的 " + Freq + "%）"',
    ),
    '"Selected Topic: <span': (1, '"Selected Topic: <span', '"所选主题：<span'),
    '"Previous Topic"': (1, '"Previous Topic"', '"上一个主题"'),
    '"Next Topic"': (1, '"Next Topic"', '"下一个主题"'),
    '"Clear Topic"': (1, '"Clear Topic"', '"清除选择"'),
    "data['plot.opts'].xlab": (1, '"PC1"', '"主坐标 1"'),
    "data['plot.opts'].ylab": (1, '"PC2"', '"主坐标 2"'),
    '"Slide to adjust relevance metric:"': (1, '"Slide to adjust relevance metric:"', '"拖动滑块调整相关度："'),
}  # fmt: skip


def script(language: str) -> str:
    """Return the script that draws the panel, in English or Chinese."""
    said = {old: (times, zh if language == "zh" else en) for old, (times, en, zh) in SAID.items()}
    return mended(shipped("ldavis.v3.0.0.js"), MENDED | said)


def mended(script: str, changes: dict[str, tuple[int, str]]) -> str:
    """Put in a script one text for another; refused where a text is not found as often as it should be."""
    refuse_if(
        Problem(
            "the script of pyLDAvis",
            f"{found} times {old!r}",
            f"{times} times, as in pyLDAvis 3.4.1",
            INSTALL,
        )
        for old, (times, _) in changes.items()
        if (found := script.count(old)) != times
    )
    for old, (_, new) in changes.items():
        script = script.replace(old, new)
    return script


def shipped(name: str) -> str:
    """Read a file that pyLDAvis brings along; the package itself, which takes seconds to import, is not needed."""
    package = find_spec("pyLDAvis")
    folders = list(package.submodule_search_locations or []) if package else []
    file = next((file for folder in folders if (file := Path(folder) / "js" / name).is_file()), None)
    if file is None:
        raise Refused(
            Problem("the topic browser", f"no {name}", "the file that pyLDAvis brings along", INSTALL)
        )
    return file.read_text("utf-8").strip()
