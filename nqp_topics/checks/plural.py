"""Plural: messages are written for many ("{} articles have no text"); where a number is one, they are read as one: 1 article has no text."""

import re

NOUNS = """articles bands blocks bytes candidates cells chains characters codes columns contrasts counts dates differences documents draws effects figures files fingerprints groups
ids items iterations joins letters lines minutes moments names numbers pages pairs parts passages passes pieces places points processes repeats rows rules runs scores seeds sweeps tables terms texts
themes threads times tokens topics universes witnesses words workers years zeros""".split()
KINDS = "Chinese damaged dated different more other zero"  # what may stand before them
VERBS = {"are": "is", "have": "has", "were": "was", "do": "does"}
_WITH_S = "bear belong correlate differ fall hold keep repeat rise say show stand stay turn"
VERBS |= {one: f"{one}s" for one in _WITH_S.split()}
_ONE = re.compile(  # a number that is no part of another, of a name, or of what somebody typed; then what is counted
    rf"(?<![\w.,:/='\"“‘-])1 (of (?:its |the |them )?(?:\d[\d,]* )?)?((?:{'|'.join(KINDS.split())}) )?({'|'.join(NOUNS)})\b(?!\.\w)([^.;:\n]*)"
)
_DOES = re.compile(rf"(^(?: of [a-z ]+?| tested)?|,? and|,? or) ({'|'.join(VERBS)})\b")


def singular(text: str) -> str:
    """Return an English sentence in which what is counted once is said of one."""
    return _ONE.sub(_of_one, text)


def _of_one(found: re.Match[str]) -> str:
    of, kind, noun, rest = found.groups(default="")
    if _DOES.match(rest) and not found.string[: found.start()].endswith("s of "):  # the words of 1 topic turn
        rest = _DOES.sub(lambda does: f"{does[1]} {VERBS[does[2]]}", rest)
    one = noun if of else noun.removesuffix("es") if noun.endswith("sses") else noun.removesuffix("s")
    return f"1 {of}{kind}{one}{singular(rest)}"
