"""Mining: strings of characters that hold together, stand free, and that the default cut takes apart.

The measures behind `terms.mine`. A text is a row of units: a Chinese character, or a run of Latin letters and digits (5G, 3D).
Everything else ends a stretch. No string crosses the end of a stretch.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from nqp_topics.study import progress

MEASURES = ["length", "count", "texts", "cohesion", "freedom_left", "freedom_right"]
MEASURES += ["begins", "ends", "first", "shown"]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNIT = re.compile(rf"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*|[{_HAN}]|(?<=[{_HAN}])[·•](?=[{_HAN}])")

_ODD = re.compile("[\ud800-\udfff]")  # halves of a character, which no cutter reads

# Words that join or point and so neither begin nor end a term; the tags of the dictionary miss them or call them verbs.
_EDGE = frozenset(
    """的 了 和 与 與 及 或 在 是 为 為 以 等 之 其 把 被 将 將 让 讓 使 对 對 从 從 向 到 也 都 就 而 但 并 並 且 不 地 得 着 著 过 過 所
    这 這 那 该 該 此 各 每 个 個 有 于 於 由 因 更 最 很 非常 时 時 中 上 下 内 內 外 里 裡 间 間 前 后 後 看 说 說 要 能 会 會 我 你 他 它 她
    们 們 我们 我們 他们 他們 这个 這個 这些 這些 这种 這種 通过 通過 以及 可以 能够 能夠 必须 必須 需要 应该 應該 一个 一個 一种 一種 一些 就是
    不是 成为 成為 作为 作為 进行 進行 由于 由於 因此 同时 同時 不断 不斷 进一步 進一步 已经 已經 正在 没有 沒有 具有""".split()
)
_INNER = frozenset("是在有")


@dataclass(frozen=True)
class Units:
    """The texts as one long row. One entry a unit; 0 in `code` ends a stretch. `border`: a word of the default cut begins here."""

    names: list[str]
    code: Ints
    offset: Ints
    text: Ints
    border: Flags
    tag: list[str]
    closing: dict[str, float]


def units(texts: Sequence[str]) -> Units:
    """Cut texts into units and lay the default cut (without HMM) over them.

    `closing` tells, for each word of the cut, how often it ends a phrase rather than begins one (0 to 1): 推动 begins phrases,
    升级 ends them. It is measured on these texts: the share of places before an end of stretch, 的 or a conjunction.
    """
    import rjieba

    dictionary = rjieba.Jieba()  # one of our own: the shared one may have been given words
    codes: dict[str, int] = {}
    found: list[tuple[int, int, int, bool, str]] = []
    ends: Counter[str] = Counter()
    begins: Counter[str] = Counter()
    for number, text in enumerate(progress(texts, "strings", len(texts))):
        starts: dict[int, str] = {}
        place, before, before_tag = 0, "", "x"
        for word, tag in dictionary.tag(_ODD.sub("\ufffd", text), False):
            starts[place] = tag
            place += len(word)
            ends[before] += tag[0] in "xc" or word in ("的", "等")
            begins[word] += before_tag[0] in "xcpdu"
            before, before_tag = word, tag
        ends[before] += 1
        last = 0
        for unit in _UNIT.finditer(text):
            start = unit.start()
            if start != last:
                found.append((0, last, number, True, ""))
            code = codes.setdefault(unit[0], len(codes) + 1)
            found.append((code, start, number, start in starts, starts.get(start, "")))
            last = unit.end()
        found.append((0, last, number, True, ""))
    closing = {word: (ends[word] + 1) / (ends[word] + begins[word] + 2) for word in set(ends) | set(begins)}
    *numbers, border, tags = zip(*found, strict=True)
    codes_of, offsets, text_of = (np.array(column, np.int64) for column in numbers)
    return Units(["", *codes], codes_of, offsets, text_of, np.array(border, bool), list(tags), closing)


def candidates(row: Units, longest: int, fewest: int) -> tuple[pd.DataFrame, dict[int, Ints]]:
    """Measure every string of 2 to `longest` units that stands `fewest` times and that the default cut takes apart.

    One row a string: term, length, count, texts, cohesion, freedom_left, freedom_right, begins and ends (the shares of its places
    where a word of the default cut begins and ends with it), parts, tags, first (where to find its places in the second
    result: length → units at which the strings of that length begin, string after string).
    """
    base = len(row.names) + 1
    one = np.where(row.code > 0, row.code, -1)
    ids: list[Ints] = [one, one]
    free: list[Ints] = [np.zeros(1, np.int64)]
    tables: list[pd.DataFrame] = []
    places: dict[int, Ints] = {}
    for length in range(1, longest + 1):
        if length > 1:
            ids.append(_longer(ids[-1], one, length, base, fewest))
        if not (ids[length] >= 0).any():
            break
        table, free_of, places[length] = _measured(row, ids, free, length, fewest)
        free.append(free_of)
        tables.append(table)
    table = pd.concat(tables[1:] or tables, ignore_index=True)
    cuts = [_parts(row, start, size) for start, size in zip(table["shown"], table["length"], strict=True)]
    table["parts"] = [tuple(part for part, _ in cut) for cut in cuts]
    table["tags"] = [tuple(tag for _, tag in cut) for cut in cuts]
    table["term"] = ["".join(parts) for parts in table["parts"]]
    return table, places


def _measured(
    row: Units, ids: list[Ints], free: list[Ints], length: int, fewest: int
) -> tuple[pd.DataFrame, Ints, Ints]:
    """Measure the strings of one length; return how often each stands at borders of words, and its places too."""
    total, border = len(row.code), row.border
    here = np.flatnonzero(ids[length] >= 0)
    string = ids[length][here]
    size = int(string.max()) + 1
    starts, stops = border[here], border[np.minimum(here + length, total - 1)]
    free_of = np.bincount(string[starts & stops], minlength=size)
    if length == 1:
        return pd.DataFrame(columns=MEASURES), free_of, here
    seen = np.concatenate([[0], np.cumsum(border, dtype=np.int64)])
    apart = seen[here + length] > seen[here + 1]
    count = np.bincount(string, minlength=size)
    chosen = np.flatnonzero((np.bincount(string[apart], minlength=size) > count / 2) & (count >= fewest))
    shown = np.full(size, 2 * total)
    better = starts & stops  # the cut to show is the first one at the borders of words, or else the first
    np.minimum.at(shown, string, np.where(better, here, here + total))
    shown = shown[chosen] % total
    measures = {
        "count": count,
        "texts": np.bincount(_pairs(string, row.text[here])[0], minlength=size),
        "freedom_left": _freedom(string, row.code[np.maximum(here - 1, 0)] * (here > 0), count),
        "freedom_right": _freedom(string, row.code[np.minimum(here + length, total - 1)], count),
        "begins": np.bincount(string[starts], minlength=size) / count,
        "ends": np.bincount(string[stops], minlength=size) / count,
        "first": np.concatenate([[0], np.cumsum(count)[:-1]]),
    }
    table = pd.DataFrame({name: measure[chosen] for name, measure in measures.items()})
    cohesion = _cohesion(ids, [*free, free_of], row, shown, length, chosen)
    table = table.assign(length=length, shown=shown, cohesion=cohesion)
    return table[MEASURES], free_of, here[np.argsort(string, kind="stable")]


def _longer(shorter: Ints, one: Ints, length: int, base: int, fewest: int) -> Ints:
    """Number the strings of `length` units by place; -1 where none stands or it stands fewer than `fewest` times."""
    following = np.full(len(one), -1, np.int64)
    following[: len(one) - length + 1] = one[length - 1 :]
    both = (shorter >= 0) & (following >= 0)
    result = np.full(len(one), -1, np.int64)
    if both.any():
        pairs = shorter[both] * base + following[both]
        _, inverse, count = np.unique(pairs, return_inverse=True, return_counts=True)
        kept = count >= fewest
        number = np.where(kept, np.cumsum(kept) - 1, -1)
        result[both] = number[inverse]
    return result


def _pairs(string: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return the different pairs of (string, other), as their strings and how often each pair stands."""
    base = int(other.max()) + 1
    pairs, count = np.unique(string * base + other, return_counts=True)
    return pairs // base, count


def _freedom(string: Ints, neighbour: Ints, count: Ints) -> Floats:
    """Entropy (natural logarithm) of what stands beside a string; every end of a stretch counts as a neighbour of its own."""
    inside = neighbour > 0
    result: Floats = np.zeros(len(count))
    if inside.any():
        owner, times = _pairs(string[inside], neighbour[inside])
        share = times / count[owner]
        result = np.bincount(owner, -share * np.log(share), len(count)).astype(float)
    return result + np.bincount(string[~inside], minlength=len(count)) / count * np.log(count)


def _cohesion(
    ids: list[Ints], free: list[Ints], row: Units, shown: Ints, length: int, chosen: Ints
) -> Floats:
    """Normalised pointwise mutual information at the weakest inner cut.

    Only cuts between words of the default cut are weighed, and a part counts where it stands at borders of that cut: else 新 in
    新质 would make 新技术 look like chance.
    """
    words = max(1, int(((row.code > 0) & row.border).sum()))
    whole = free[length][chosen].astype(float)
    weakest = np.ones(len(chosen))
    for cut in range(1, length):
        left = free[cut][ids[cut][shown]]
        right = free[length - cut][ids[length - cut][shown + cut]]
        with np.errstate(divide="ignore", invalid="ignore"):
            mutual = np.log(whole * words / (left * right.astype(float))) / np.log(words / whole)
        weakest = np.where(row.border[shown + cut], np.minimum(weakest, mutual), weakest)
    return weakest


def _parts(row: Units, start: int, length: int) -> list[tuple[str, str]]:
    """Return the words of the default cut of a string, each with its tag."""
    parts: list[tuple[str, str]] = []
    for place in range(start, start + length):
        unit, begins = row.names[row.code[place]], row.border[place] or not parts
        before, tag = ("", row.tag[place] or "x") if begins else parts.pop()
        parts.append((before + unit, tag))
    return parts


def scores(table: pd.DataFrame, closing: dict[str, float]) -> Floats:
    """Rank strings: frequent, cohesive, free on both sides, shaped like a noun phrase. 0 is no candidate at all.

    No candidate begins or ends with a function word, a number, or inside a word of the default cut most of the time. What
    begins with a verb that opens phrases (推动产业), ends with one (生产力加快), or only adds a word to a far more frequent term
    (形成新质生产力) ranks lower.
    """
    times = dict(zip(table["term"], table["count"], strict=True))
    result = []
    for row in table.itertuples():
        shape = _shape(row.parts, row.tags, closing) if row.begins > 0.5 and row.ends > 0.3 else 0.0
        if shape:
            cuts = (part for cut in range(1, len(row.parts)) for part in (row.parts[:cut], row.parts[cut:]))
            inner = [times.get("".join(part), 0) for part in cuts]
            shape *= min(1.0, row.count / max([1, *inner])) ** 0.3
            free = min(row.freedom_left, row.freedom_right)
            shape *= (max(row.cohesion + 0.15, 0.01) * free / (free + 1)) ** 0.5
            shape *= float(np.log(row.count)) ** 2 * (row.begins * row.ends) ** 0.5
        result.append(round(shape, 6))
    return np.array(result, float)


def _shape(parts: tuple[str, ...], tags: tuple[str, ...], closing: dict[str, float]) -> float:
    first, last = ("x" if tag == "eng" else tag[0] for tag in (tags[0], tags[-1]))
    edge = {parts[0], parts[-1]} & _EDGE or first in "upcryek" or last in "upcryef"
    if edge or parts[0].isdigit() or parts[-1].isdigit():
        return 0.0
    begins, ends = (min(1.0, 2 * closing.get(part, 0.5)) for part in (parts[0], parts[-1]))
    shape = 1.0
    if (first == "d" and begins < 1) or (first == "m" and parts[0][-1] in "个個種种批项項次大"):
        shape *= 0.3
    if last in "mq":
        shape *= 0.5
    if first == "v":
        shape *= begins if tags[0] == "v" else begins**0.5  # vn: a verb that is often a noun
    if last in "vad":
        shape *= ends**2
    if any(tag[0] in "upcry" or part in _INNER for part, tag in zip(parts[1:-1], tags[1:-1], strict=True)):
        shape *= 0.5
    return shape


def folded(terms: Sequence[str], count: Sequence[int], share: float) -> Flags:
    """Tell which terms stand, in at least `share` of their places, inside one longer term of the list."""
    inside: dict[str, int] = {}
    pairs = list(zip(terms, count, strict=True))
    for term, times in pairs:
        for length in range(2, len(term)):
            for start in range(len(term) - length + 1):
                part = term[start : start + length]
                inside[part] = max(times, inside.get(part, 0))
    return np.array([inside.get(term, 0) >= share * times for term, times in pairs], bool)
