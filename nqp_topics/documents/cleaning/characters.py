"""Characters: what stands for what. Every function keeps the number of lines."""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, partial, wraps
from typing import Any

from nqp_topics.study import Repair

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\U00020000-\U0003ffff"
# marks that are printed as wide as a Chinese character, or belong to Chinese sentences
WIDE = "，。、；：？！“”‘’（）《》〈〉「」『』【】〔〕［］…—～·•％"

# zero-width and directional signs, soft hyphen, byte-order mark; control characters apart from tab, line and page ends
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f"
    "\ufeff\ufff9-\ufffb\x00-\x08\x0e-\x1f\x7f\U000e0000-\U000e0fff]"
)
_ENTITY = re.compile("&(?:amp;)?(#\\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_WAIT = {"<": "&lt;", ">": "&gt;"}
_LINE_ENDS = re.compile("\r\n?|[\x0b\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
# the bullet of an item as Word sets it in Symbol or Wingdings; U+E5E5, the wide space of Chinese code pages
_BULLET = re.compile("^([ \t\f\u3000]*)[\uf020-\uf0ff]+[ \t\u3000]*", re.M)
# so much parts no more than sixty do, and later patterns try every place in it
_WHITE = re.compile("[ \t\f\u3000]{61,}")
# compatibility ideographs and the radicals that some fonts hand out in place of characters
_COMPATIBILITY = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]")
_HALVED = {chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F) if chr(code).isalnum()}
_FULL_WIDTH = str.maketrans(_HALVED | {"％": "%"})
_FULL_WIDTH_DOT = re.compile(r"(?<=[0-9A-Za-z])．(?=[0-9A-Za-z])")
# radicals without a compatibility mapping of their own
_RADICALS = str.maketrans(
    "⺠⺟⻅⻆⻉⻋⻓⻔⻘⻚⻛⻜⻝⻢⻣⻥⻦⻨⻩⻬⻰⺎⺏⺝⻄⻒⻤",
    "民母见角贝车长门青页风飞食马骨鱼鸟麦黄齐龙兀尢月西长鬼",
)


def unify_line_ends(text: str) -> str:
    """Write every line end as one newline; form feeds, which begin a page, stay."""
    return _LINE_ENDS.sub("\n", text)


def resolve_entities(text: str) -> str:
    """Write the characters that &nbsp;, &ldquo; and &#8212; stand for, as tables and web pages leave them in a text; < and > wait as &lt; and &gt;."""
    return _ENTITY.sub(_resolved, text) if "&" in text else text


def _resolved(match: re.Match[str]) -> str:
    character = html.unescape(f"&{match[1]};")
    return " " if character.isspace() else match[0] if len(character) > 2 else _WAIT.get(character, character)


def write_angles(text: str) -> str:
    """Write < and > for &lt; and &gt;, once marks of HTML are gone: they were printed, and mark nothing."""
    return text.replace("&lt;", "<").replace("&gt;", ">")


def printed(text: str) -> str:
    """Write all that entities stand for, in what has no marks of HTML: a title, a name."""
    return write_angles(resolve_entities(text))


def drop_invisible(text: str) -> str:
    """Take out signs that print nothing, so that a word is one string wherever it stands; bullets in private codes are ▪, other such codes stay: they may be rare characters."""
    text = _BULLET.sub(r"\1▪ ", text.replace("\ue5e5", "\u3000"))
    return _WHITE.sub(lambda run: run[0][:60], _SPACES.sub(" ", _INVISIBLE.sub("", text)))


def fold_compatibility(text: str) -> str:
    """Give ideographs that exist twice (金 U+F90A, ⼯ U+2F2F) their ordinary code."""
    text = text.translate(_RADICALS)
    return _COMPATIBILITY.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


def fold_widths(text: str) -> str:
    """Write full-width letters, digits and the percent sign half as wide; punctuation stays as printed."""
    return _FULL_WIDTH_DOT.sub(".", text.translate(_FULL_WIDTH))


def repair_characters(text: str, repairs: Iterable[Repair]) -> str:
    """Apply a study's named repairs, each on its own lines and nowhere else."""
    lines = text.split("\n")
    for repair in repairs:
        first, last = repair.lines
        keep = [re.escape(word) for word in sorted(repair.spare, key=len, reverse=True)]
        wrong = [re.escape(piece) for piece in sorted(repair.characters, key=len, reverse=True)]
        pattern = re.compile("|".join([f"({'|'.join(keep)})" if keep else "(?!)()", *wrong]))
        for number in range(first - 1, min(last, len(lines))):
            lines[number] = pattern.sub(partial(_repaired, repair.characters), lines[number])
    return "\n".join(lines)


def drop_patterns(text: str, patterns: Iterable[str]) -> str:
    """Take out what the study's own expressions find (accounts, addresses, clocks …). Keeps the number of lines."""
    for pattern in patterns:
        text = re.sub(pattern, lambda found: "\n" * found[0].count("\n"), text, flags=re.M)
    return text


def _repaired(characters: dict[str, str], match: re.Match[str]) -> str:
    return match[1] or characters[match[0]]


# frequent characters that only one of the two scripts has, in the same order
_SIMPLIFIED = "这们为来个时会对发经学过与业产动开长间点关说还进实从机体应当将无种员样两东车见书头门问话电气质国门义军农创济战设团导让术权"
_TRADITIONAL = "這們為來個時會對發經學過與業產動開長間點關說還進實從機體應當將無種員樣兩東車見書頭門問話電氣質國門義軍農創濟戰設團導讓術權"
_ONLY = {
    "Simplified": re.compile(f"[{''.join(sorted(set(_SIMPLIFIED)))}]"),
    "Traditional": re.compile(f"[{''.join(sorted(set(_TRADITIONAL)))}]"),
}


def script(text: str) -> str:
    """Return Simplified, Traditional, both, or nothing where the text has too few characters that tell."""
    counts = {name: len(only.findall(text)) for name, only in _ONLY.items()}
    told = sum(counts.values())
    if told < 3:
        return ""
    for name, count in counts.items():
        if count >= 0.8 * told:
            return name
    return "both"


def to_simplified(text: str) -> str:
    """Turn Traditional characters into Simplified ones, character by character: wording is never adapted."""
    return _converter().convert(text)


def as_simplified(text: str) -> str:
    """Return a Traditional text in Simplified characters, one for each, to read labels and names in; any other as it is."""
    read = to_simplified(text) if script(text[:20_000]) == "Traditional" else text
    return read if len(read) == len(text) else text


def read_as_simplified(step: Callable[[str], str]) -> Callable[[str], str]:
    """Return a step that knows the lines to blank of a Traditional text by what they are in Simplified characters."""

    @wraps(step)
    def of_both(text: str) -> str:
        if (read := as_simplified(text)) is text:
            return step(text)
        lines = zip(text.split("\n"), read.split("\n"), step(read).split("\n"), strict=True)
        return "\n".join(line if left == known else left for line, known, left in lines)

    return of_both


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


_BETWEEN = re.compile(rf"(?<=[{HAN}{WIDE}]) +(?=[{HAN}{WIDE}])")
_FULL = re.compile("[^\0-\u2000]+")


def width(line: str) -> float:
    """Return how wide a line is printed, in Chinese characters; spaces between wide characters count nothing."""
    closed = _BETWEEN.sub("", line.strip())
    return len(closed) - len(_FULL.sub("", closed)) / 2
