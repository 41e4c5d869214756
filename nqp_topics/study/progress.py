"""Progress: what is at work, how far it is and how long it takes still."""

import sys
from collections.abc import Iterable
from typing import TypeVar

from nqp_topics.checks.chinese import told

Item = TypeVar("Item")


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterable[Item]:
    """Show a progress bar: in a notebook as a widget, in a terminal as a line, in a log not at all."""
    from tqdm.auto import tqdm

    hide = False if "ipykernel" in sys.modules else None
    return tqdm(items, desc=told(what), total=total, leave=False, disable=hide, delay=0.5)
