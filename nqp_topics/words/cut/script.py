"""Script: whether a text is in Traditional script while a list is in Simplified, or the other way round."""

import re
import warnings

from nqp_topics.checks import Remark

# frequent characters that only one of the two scripts has, in the same order
_SIMPLIFIED = "这们为来个时会对发经学过与业产动开长间点关说还进实从机体应当将无种员样两东车见书头门问话电气质国门义军农创济战设团导让术权"
_TRADITIONAL = "這們為來個時會對發經學過與業產動開長間點關說還進實從機體應當將無種員樣兩東車見書頭門問話電氣質國門義軍農創濟戰設團導讓術權"
_ONLY = {
    "Simplified": re.compile(f"[{''.join(sorted(set(_SIMPLIFIED)))}]"),
    "Traditional": re.compile(f"[{''.join(sorted(set(_TRADITIONAL)))}]"),
}


def script(text: str) -> str:
    """Return Simplified, Traditional, both, or nothing where the text has too few characters that tell."""
    counts = {name: len(only.findall(text)) for name, only in _ONLY.items()}
    told = sum(counts.values())
    if told < 3:
        return ""
    for name, count in counts.items():
        if count >= 0.8 * told:
            return name
    return "both"


def says_so(text: str, of_list: str, what: str) -> None:
    """Tell the reader, as a warning, where a text is in one script and the list it meets in the other (as `script` calls it)."""
    of_text = script(text)
    if {of_text, of_list} == {"Simplified", "Traditional"}:
        told = f"the texts are in {of_text} script and the {what} is in {of_list}: its words will not be found. Convert the texts ([clean] script in study.toml) or use a {what} in both scripts"
        warnings.warn(told, Remark, stacklevel=3)
