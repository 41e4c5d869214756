"""Script: whether a text is in Traditional script while a list is in Simplified, or the other way round."""

import warnings

from nqp_topics.checks import Remark
from nqp_topics.documents.cleaning.characters import script


def says_so(text: str, of_list: str, what: str) -> None:
    """Tell the reader, as a warning, where a text is in one script and the list it meets in the other (as `script` calls it)."""
    of_text = script(text)
    if {of_text, of_list} == {"Simplified", "Traditional"}:
        told = f"the texts are in {of_text} script and the {what} is in {of_list}: its words will not be found. Convert the texts ([clean] script in study.toml) or use a {what} in both scripts"
        warnings.warn(told, Remark, stacklevel=3)
