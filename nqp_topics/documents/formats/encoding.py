"""Which characters the bytes of a file stand for: UTF-8, GB18030 (with GBK and GB2312), Big5 (with HKSCS), UTF-16.

Every candidate is decoded strictly; what looks most like Chinese text wins. Nothing is ever decoded with losses.
"""

import codecs
import contextlib
import re
from functools import cache
from itertools import product
from typing import NamedTuple

from nqp_topics.documents.formats.rows import Unread

# The characters that make up about half of any modern text, in both scripts: they tell two readings of the same bytes apart
# even in a note of a dozen characters.
_FREQUENT = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市"
    "社经济建设制度改革质量展总书记党中央会议指出强调必须坚持推动提升创科技术业型领域战略体系全面深化研究院报告编辑本报讯记者基础结构环境服务企业投资消费供需求区农村民政府治理安全保障促进加快构筑关键核优势"
    "這來個們為時會著過學對後麼當無開經動長現將與進實點種聲話兒問機給幾業間電門東聽氣關並內產萬濟設質總書記黨議調須堅領戰體係系統員環務資費區農環構鍵優勢國說裡裏還發樣頭從題應見變該讓車達戲臺灣網題選舉報導據單計劃論認識讀寫語詞義歷"
)
_PUNCTUATION = frozenset("，。、；：？！“”‘’（）《》〈〉【】「」『』〔〕…—·～　％－／．＋＝")
_MARKS = {
    # before UTF-16, of which one begins alike
    **dict.fromkeys((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE), "utf-32"),
    codecs.BOM_UTF8: "utf-8-sig",
    **dict.fromkeys((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "utf-16"),
}
# Files whose first bytes say that they are no text: pictures, archives, programs, sound.
_NO_TEXT = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"Rar!"),
    *(b"7z\xbc\xaf", b"\x1f\x8b", b"\x7fELF", b"MZ\x90", b"%PDF-"),
)
SAVE_AGAIN = "open it in a text editor with the right encoding and save it as UTF-8"


class Decoded(NamedTuple):
    """The text of a file; `cut` where the last character came only in part."""

    text: str
    encoding: str
    cut: bool = False


def decode(content: bytes, declared: str = "") -> Decoded:
    """Find a file's encoding and decode it strictly; `declared` is what the file says about itself, tried first.

    `encoding` is the name under which Python reads the file. Refused: bytes that are no text,
    bytes that no encoding explains (with the place of the first such byte). A last character that is there only in
    part is left away and told as `cut`.
    """
    if not content.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n\f"):
        raise Unread("empty", "the file holds no characters; take it out or get it again")
    if content.startswith(_NO_TEXT):
        raise _binary()
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            if found := _strict(content, encoding):
                return _without_zeros(found)
            raise _damaged(content, encoding)
    if found := _strict(content, declared) if declared else None:
        return _without_zeros(found)
    if b"\x00" in content:
        if found := _wide(content):
            return _without_zeros(found)
        raise _binary()
    # a few characters in UTF-16 may pass for ASCII, but not without control characters among them
    if re.search(rb"[\x01-\x08\x0b\x0e-\x1f]", content[:200]) and (found := _wide(content)):
        return found
    if content.isascii():
        return _in_ascii(content) or _no_controls(Decoded(content.decode("ascii"), "utf-8"))
    if (found := _strict(content, "utf-8")) and not _may_be_gbk(found.text, content):
        if _twice(found.text):
            raise _not_so("holds Chinese that was taken for Latin letters and saved again")
        return _no_controls(found)
    return _guess(content)


def _guess(content: bytes) -> Decoded:
    """Choose among the encodings without a mark by what the text then looks like."""
    found = _strictly(content, "gb18030", "big5", "big5hkscs", "cp950", "utf-16-le", "utf-16-be")
    best = max(found, key=_looks, default=None)
    if best and _looks(best) > 0 and not _controls(best.text):
        return best
    if plain := _strict(content, "utf-8"):
        return plain
    _no_controls(Decoded(content.decode("latin-1"), ""))
    damaged = {name: content.decode(name, "replace") for name in ("utf-8", "gb18030", "big5hkscs")}
    raise _damaged(content, max(damaged, key=lambda name: score(damaged[name])))


def _without_zeros(found: Decoded) -> Decoded:
    """Refuse a text in which zeros stand, which is what a disk leaves where a part was lost, and one that is no text."""
    if count := found.text.count("\x00"):
        line = found.text.count("\n", 0, found.text.index("\x00")) + 1
        detail = f"{count:,} zeros in place of characters, from line {line} on: a part is lost; copy or download it again"
        raise Unread("unreadable", detail)
    sample = found.text[:20000]
    noise = sum(not char.isprintable() and not char.isspace() for char in sample)
    if "16" in found.encoding and noise > 0.05 * len(sample):  # codes that stand for nothing
        raise _not_so(f"is marked as {found.encoding.upper()}, but reads like noise")
    return _no_controls(found)


def _no_controls(found: Decoded) -> Decoded:
    if _controls(found.text):
        raise _binary()
    return found


def _not_so(what: str) -> Unread:
    return Unread("wrong encoding", f"the file {what}; {SAVE_AGAIN}")


def _twice(text: str) -> bool:
    """Tell Chinese whose bytes were taken for Latin letters and saved again, as ÎÒ for 我."""
    sample = text[:20000]
    if re.search("[\u0100-\u0151\u0180-\u02c5\u02dd-\u2012\u2123-\U0010ffff]", sample):
        return False
    if sum(not c.isascii() for c in sample) < 12:
        return False
    for wrong, code in product(("latin-1", "cp1252"), ("utf-8", "gb18030")):
        with contextlib.suppress(UnicodeError):
            if score(sample[: len(sample) // 2].encode(wrong).decode(code, "ignore")) > 0.8:
                return True
    return False


def _in_ascii(content: bytes) -> Decoded | None:
    """Read Chinese that older mail wrote in ASCII (HZ, UTF-7), where what comes out is Chinese."""
    signs = (("iso2022_jp_2", rb"\x1b\$"), ("hz", rb"~\{[!-w][!-~]"), ("utf-7", rb"\+[A-Za-z0-9+/]{3,}"))
    for encoding, sign in signs:
        found = _strict(content, encoding) if re.search(sign, content) else None
        if found and score(found.text) > 0.8 and not _controls(found.text):
            return found
    if b"\x1b$" in content:
        raise _not_so("is written in ISO 2022, as old mail was")
    return None


def _strictly(content: bytes, *encodings: str) -> list[Decoded]:
    return [found for encoding in encodings if (found := _strict(content, encoding))]


def _strict(content: bytes, encoding: str) -> Decoded | None:
    """Decode without a fault, or with one only at the very end, where a character was cut."""
    try:
        return Decoded(content.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        short = ("unexpected end of data", "incomplete multibyte sequence", "truncated data")
        if error.reason in short and len(content) - error.start < 4 and error.start > 0:
            with contextlib.suppress(UnicodeDecodeError):
                return Decoded(content[: error.start].decode(encoding), encoding, cut=True)
    except (LookupError, UnicodeError):  # no encoding of texts
        pass
    return None


def _wide(content: bytes) -> Decoded | None:
    """Read bytes with zeros among them as UTF-16 without a mark, where that looks like text."""
    found = _strictly(content, "utf-32-le", "utf-32-be") or _strictly(content, "utf-16-le", "utf-16-be")
    best = max(found, key=_looks, default=None)
    plain = best and b"\x00" in content and sum(map(str.isascii, best.text)) > 0.9 * len(best.text)
    if best and (_looks(best) > 0 or plain) and not _controls(best.text):
        return best
    return None


def _looks(decoded: Decoded) -> float:
    # a cut last character is possible in any encoding, but a whole file is likelier
    return score(decoded.text) - (0.5 if decoded.cut else 0)


def score(text: str) -> float:
    """Say how much a text looks like Chinese prose: above 0 when it does, about 1.5 to 2 for ordinary sentences."""
    frequent, common = _common()
    points, counted = 0.0, 0
    for char in text[:20000]:
        if char.isascii():
            # a letter costs nothing, a control character tells that the reading is wrong
            if char < " " and char not in "\t\n\r\f":
                points, counted = points - 5, counted + 1
            continue
        counted += 1
        if char in frequent:
            points += 3
        elif char in _PUNCTUATION:
            points += 2
        elif char in common:
            points += 0.7
        elif "\u4e00" <= char <= "\u9fff":
            points -= 1.5
        elif "\u2000" <= char <= "\u27ff" or "\u3000" <= char <= "\u303f" or "\uff01" <= char <= "\uff5e":
            points -= 0.2
        elif char == "\ufffd" or not char.isprintable() or "\ue000" <= char <= "\uf8ff":
            points -= 5
        else:
            points -= 2.5
    return points / counted if counted else 0.0


@cache
def _common() -> tuple[frozenset[str], frozenset[str]]:
    """Return the frequent characters, and all that the first levels of GB2312 and Big5 count as common."""
    lows = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    simplified = bytes(byte for pair in product(range(0xB0, 0xD8), range(0xA1, 0xFF)) for byte in pair)
    traditional = bytes(byte for pair in product(range(0xA4, 0xC7), lows) for byte in pair)
    common = simplified.decode("gb2312", "ignore") + traditional.decode("big5", "ignore")
    return frozenset(_FREQUENT), frozenset(char for char in common if "\u4e00" <= char <= "\u9fff")


def _may_be_gbk(text: str, content: bytes) -> bool:
    """Tell the few short GBK texts that are valid UTF-8 by chance: two-byte sequences only, and no European words."""
    if re.search("[\u0800-\U0010ffff]|(?:[^\x00-\x7f][\x00-\x7f]*){13}", text):
        return False
    try:
        other = content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    frequent, common = _common()
    words = re.search(r"[A-Za-z][\u00c0-\u017f]|[\u00c0-\u017f][A-Za-z]|[\u0370-\u052f]{3}", text)
    return not words and all(char.isascii() or char in common or char in frequent for char in other)


def _controls(text: str) -> bool:
    """Tell whether control characters show that this is no text."""
    sample = text[:20000]
    odd = len(re.findall(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]", sample))
    return odd > max(2, 0.02 * len(sample))


def _binary() -> Unread:
    what = "the bytes are not text (a picture, an archive, a program?)"
    return Unread("binary", f"{what}; give the document in a supported format")


def _damaged(content: bytes, encoding: str) -> Unread:
    offset = 0
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        offset = error.start
    where = f"byte {offset} (line {content[:offset].count(10) + 1})"
    detail = f"reads like {encoding.upper()} but breaks at {where}; {SAVE_AGAIN}, or get an undamaged copy"
    return Unread("wrong encoding", detail)
