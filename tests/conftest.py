"""Where the texts are that tests may need: the five documents and the answer files are not part of the repository."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nqp_topics.study import Refused

os.environ["NQP_LANGUAGE"] = "en"  # whatever the machine speaks
ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def _beside(name: str) -> Path:
    place = SHARED / name
    if not place.is_dir():
        pytest.skip(
            f"{place.parent.name}/{name} is not beside the repository: the documents cannot be shared"
        )
    return place


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of the five documents; tests that need it skip where it is absent."""
    return _beside("corpus")


@pytest.fixture(scope="session")
def gold() -> Path:
    """The folder of hand-made answers; tests that need it skip where it is absent."""
    return _beside("gold")


def refuses(says: str, call: Callable[..., object], *given: Any, **settings: Any) -> None:
    """Ask that a call is refused, and that the refusal says so."""
    with pytest.raises(Refused, match=says):
        call(*given, **settings)
