"""Progress: what is at work, how far it is and how long it takes still."""

import sys
from collections.abc import Iterable
from typing import Any, TypeVar

from nqp_topics.checks.chinese import told

Item = TypeVar("Item")


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterable[Item]:
    """Show a progress bar: in a notebook as a widget, in a terminal as a line, in a log not at all."""
    return bar(items, what, total) if _seen() else items


def bar(items: Iterable[Any], what: str, total: int | None = None) -> Any:
    """Return a bar that is moved by hand; in a log it shows nothing."""
    from tqdm.auto import tqdm

    return tqdm(items, desc=told(what), total=total, leave=False, delay=0.5, disable=not _seen())


def _seen() -> bool:
    return "ipykernel" in sys.modules or bool(sys.stderr and sys.stderr.isatty())
