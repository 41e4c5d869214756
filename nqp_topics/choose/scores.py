"""Scores: what can be said of runs in numbers; each file is one way of looking, and every score says which way is better."""

from __future__ import annotations

from typing import NamedTuple


class Score(NamedTuple):
    """A score: its name, in which its direction stands, and the direction alone: higher, lower or neither."""

    name: str
    better: str


def _score(what: str, better: str) -> Score:
    return Score(f"{what} ({'neither way' if better == 'neither' else better} is better)", better)


HELD_OUT = "held_out"
ORDERED = ("c_v", "npmi")  # these need the order of the tokens

SCORES: dict[str, Score] = {
    HELD_OUT: _score("held-out log-likelihood per word", "higher"),
    "c_v": _score("c_v coherence", "higher"),
    "npmi": _score("NPMI coherence in windows", "higher"),
    "npmi_passages": _score("NPMI coherence in passages", "higher"),
    "umass": _score("UMass coherence in passages", "higher"),
    "exclusivity": _score("exclusivity of top words", "higher"),
    "separation": _score("separation of topics", "higher"),
    "effective": _score("effective number of topics", "neither"),
    "diversity": _score("diversity of top words", "higher"),
    "cao_juan": _score("Cao and Juan 2009", "lower"),
    "arun": _score("Arun 2010", "lower"),
    "deveaud": _score("Deveaud 2014", "higher"),
}
