"""Settings: a TOML file that a person writes, and what is wrong with a line of it, as that person sees it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nqp_topics.checks import UNSEEN, Problem, Refused, said
from nqp_topics.files import TOML_CHARACTERS, from_toml, read_bytes

# what an input method types in place of the marks of TOML
_TYPED = re.compile(
    f"[“”‘’，、。：；＝＃＿．－［］【】｛｝（）０-９ａ-ｚＡ-Ｚ\u3000\u00a0]|(?![\\t\\r\\n]){UNSEEN.pattern}"
)
_ASIDE = re.compile("\"[^\"]*\"|'[^']*'|#.*")  # texts and remarks, where they may stand
_WRONG = (  # what the parser says, what that is, what to do
    ("Cannot ", "a name that stands twice", "take one of the two out"),
    ("hex|scape", "a backslash in a text", "write / in place of each backslash"),
    ("Expected '=' ", "no = behind the name", "write: name = value"),
    ("newline", "more behind the value", "put a remark behind #, take all else out"),
    ("nclosed|nterminated|Illegal", "what is opened and not closed", 'add the " or ] to it'),
    ("Invalid", "no value that can be read", 'write a text in "…", a number or a list in […]; true and false in small letters'),
)  # fmt: skip


def read_settings(file: str | Path, allowed: str, as_typed: Callable[[str], str] = str) -> dict[str, Any]:
    """Read a TOML file that a person wrote; `as_typed` mends what is allowed there beside TOML. Refused: what is none, with its line."""
    text = ""
    try:
        text = read_bytes(file, 4 * TOML_CHARACTERS).decode("utf-8-sig")
        return from_toml(as_typed(text))
    except UnicodeDecodeError:
        came, todo = "an encoding that is not UTF-8", "save it as UTF-8 (in Notepad: Save as, Encoding)"
        raise Refused(Problem(str(file), came, allowed, todo)) from None
    except OSError as error:
        came, todo = error.strerror or str(error), "check the path and its disk"
        raise Refused(Problem(str(file), came, allowed, todo)) from None
    except ValueError as error:
        raise Refused(_of_line(str(file), text.splitlines() or [""], str(error), allowed)) from None


def _of_line(file: str, lines: list[str], error: str, allowed: str) -> Problem:
    """Tell what is wrong with the line that the parser names, or with the first before it that has a mark of an input method."""
    at = re.search(r"line (\d+)", error)
    number = min(int(at[1]), len(lines)) if at else len(lines)
    for place in (number, *range(1, number)):
        if found := _TYPED.search(_ASIDE.sub("", lines[place - 1])):
            came = f"{found[0]}, which an input method types"
            todo = "type it in English mode: \" ' , = [ ] # 0-9"
            if not found[0].strip() or UNSEEN.search(found[0]):
                came, todo = f"a character that cannot be seen: U+{ord(found[0]):04X}", "type the line anew"
            return Problem(_named(file, place, lines), came, allowed, todo)
    found_wrong = (one[1:] for one in _WRONG if re.search(one[0], error))
    came, todo = next(found_wrong, (said(error)[1:-1], "mend the line that is named"))
    return Problem(_named(file, number, lines) if at or "document" in error else file, came, allowed, todo)


def _named(file: str, number: int, lines: list[str]) -> str:
    return f"{file}, line {number}: {lines[number - 1].strip()[:60]}"
