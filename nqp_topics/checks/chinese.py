"""Chinese: what this library says, for readers of Chinese. English stands in the code; `chinese.toml` has a line for each of its sentences.

A sentence with numbers or names in it is known by what stands around them: "{} passages without a word: {}" is a line, and what comes
in the places of {} is looked up in turn, unless it is a name: verbs, options, files and columns are typed as they are called. What has no
line stays English; a test finds it.
"""

import errno
import locale
import os
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

from nqp_topics.checks.plural import singular

LANGUAGES = ("en", "zh")
OF_SYSTEM = {  # what the system says of a file
    os.strerror(getattr(errno, code)): chinese
    for code, chinese in {
        "ENOENT": "没有这个文件或文件夹", "EACCES": "没有权限", "EPERM": "不允许这样做", "EISDIR": "这是文件夹，不是文件", "ENOTDIR": "路径中有一处不是文件夹",
        "ENAMETOOLONG": "名称太长", "ENOSPC": "磁盘已满", "EROFS": "此处只能读取，不能写入", "EFBIG": "文件太大", "EEXIST": "已有同名文件",
    }.items()
} | {"File is not a zip file": "文件不完整，或不是 Excel 工作簿"}  # fmt: skip
_of_study: list[str] = []


def speak(language: str) -> None:
    """Take the language that a study asks for; NQP_LANGUAGE wins, and where a study says nothing the system's language is taken."""
    _of_study[:] = [language] if language in LANGUAGES else []


def language() -> str:
    """Return the language of messages: en or zh."""
    for name in (os.environ.get("NQP_LANGUAGE", ""), *_of_study, _of_system()):
        if name[:2].lower() in LANGUAGES:
            return name[:2].lower()
    return "en"


def _of_system() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value
    if sys.platform == "win32":
        import ctypes

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return ""


def told(text: str) -> str:
    """Return a sentence of this library in the reader's language; in English one of a thing is said as one."""
    return singular(text) if language() == "en" else in_chinese(text)


def in_chinese(text: str) -> str:
    """Return a sentence in Chinese, line by line and clause by clause; what has no line in the catalogue stays as it is."""
    exact, patterns = catalogue()
    if found := exact.get(text) or OF_SYSTEM.get(text):
        return found
    if not re.search("[A-Za-z]{2}", text):
        return text
    for part, pattern, chinese in patterns:
        if part in text and (match := pattern.fullmatch(text)):
            return chinese.format(*(inside(group) for group in match.groups() if group is not None))
    for sign, chinese_sign in (("\n", "\n"), ("; ", "；"), (". ", "。"), (", ", "、")):
        if sign in text:
            parts = text.split(sign)
            if (said := [inside(part) for part in parts]) != parts:
                return chinese_sign.join(said)
    return text


def inside(text: str) -> str:
    """Return a part of a message in Chinese, or a name as it is: one word is a name, except one that says there is none."""
    return text if " " not in text and text not in ("nothing", "none") else in_chinese(text)


@cache
def catalogue() -> tuple[dict[str, str], list[tuple[str, re.Pattern[str], str]]]:
    """Return the sentences without places, and those with: their longest part, a pattern, the Chinese; the most particular first."""
    lines: dict[str, str] = tomllib.loads(Path(__file__).with_name("chinese.toml").read_text("utf-8"))
    exact = {english: chinese for english, chinese in lines.items() if "{}" not in english}
    open_ = [english for english in lines if "{}" in english]
    open_.sort(key=lambda english: (-len(english.replace("{}", "")), english))
    patterns = []
    for english in open_:
        parts = english.split("{}")
        pattern = "(.*?)".join(map(re.escape, parts))
        counted = "1".join(english.split("{}", 1))
        # what was said as one already
        if english.startswith("{} ") and (one := singular(counted)) != counted:
            pattern += "|(1)" + "(.*?)".join(map(re.escape, one[1:].split("{}")))
            parts = [part for part in parts if part in one]
        patterns.append((max(parts, key=len), re.compile(pattern, re.S), lines[english]))
    return exact, patterns
