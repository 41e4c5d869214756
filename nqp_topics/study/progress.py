"""Progress: what is at work, how far it is and how long it takes still."""

import sys
from collections.abc import Iterable
from typing import TypeVar

from nqp_topics.checks.chinese import told

Item = TypeVar("Item")


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterable[Item]:
    """Show a progress bar: in a notebook as a widget, in a terminal as a line, in a log not at all."""
    if "ipykernel" not in sys.modules and not (sys.stderr and sys.stderr.isatty()):
        return items
    from tqdm.auto import tqdm

    return tqdm(items, desc=told(what), total=total, leave=False, delay=0.5)
