"""Captions: the words of `captions.toml` for groups, axes and legends; figures, tables and sentences take them from there."""

import tomllib
from pathlib import Path

# key → (English, Chinese)
LABELS: dict[str, list[str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def label(key: str, language: str) -> str:
    """Return the words for a key in a language; what has no entry is a name and stays as it is."""
    english, chinese = LABELS.get(key, (key, key))
    return chinese if language == "zh" else english
