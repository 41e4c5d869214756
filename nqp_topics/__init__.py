"""Topic models for Chinese texts, from raw documents to figures whose numbers can be checked.

Each module is a step a researcher would name: read, clean, split, segment, terms, count,
train, choose, name, compare.
"""

from nqp_topics.study import Refused, Study

__version__ = "0.1.0"
__all__ = ["Refused", "Study", "__version__"]
