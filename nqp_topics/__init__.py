"""Topic models for Chinese texts, from raw documents to figures whose numbers can be checked.

import nqp_topics as nqp: what a researcher calls stands here by name (nqp.load, nqp.read, nqp.train, nqp.figures …) and is
imported when it is first asked for.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from nqp_topics.checks import remarks_as_lines
from nqp_topics.study import Refused, Study, load

__version__ = "0.1.0"
if "ipykernel" in sys.modules:
    remarks_as_lines()

# name → where it is: a module, or a function of one
VERBS = {
    "read": "documents.read:folder",
    "clean": "documents.clean:clean",
    "losses": "documents.clean:losses",
    "articles": "documents.split:by_study",
    "passages": "documents.split:passages",
    "registry": "documents.registry",
    "lexicon": "words.lexicon",
    "segment": "words.segment",
    "terms": "words.terms",
    "kwic": "words.terms:kwic",
    "counts": "counts",
    "train": "topics:train",
    "choose": "choose",
    "compare": "compare",
    "naming": "naming",
    "figures": "figures",
    "share": "reproduce:share",
    "verify": "reproduce:verify",
}
__all__ = ["Refused", "Study", "__version__", "load", *VERBS]


def __getattr__(name: str) -> Any:
    if name not in VERBS:
        raise AttributeError(f"nqp_topics has no {name}; it has {', '.join(__dir__())}")
    module, _, function = VERBS[name].partition(":")
    found = import_module(f"nqp_topics.{module}")
    return getattr(found, function) if function else found


def __dir__() -> list[str]:
    return sorted(["Refused", "Study", "load", *VERBS])
