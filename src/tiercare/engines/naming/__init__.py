"""Chinese personal names for search and matching: one spelling, readings, tokens, masked form.

Pure functions of text. ``tokens`` says what an index holds for a name, ``query`` what to look up for what somebody
typed; a name is found by equality of tokens alone. ``problem`` answers why a text cannot be a name.
"""

from .index import MAX_ALTERNATIVES, MAX_TOKENS, Query, query, tokens
from .masking import mask
from .reading import MAX_READINGS, initials, readings, split
from .spelling import MAX_CHARACTERS, compound_surnames, fold, is_han, problem

__all__ = [
    "MAX_ALTERNATIVES",
    "MAX_CHARACTERS",
    "MAX_READINGS",
    "MAX_TOKENS",
    "Query",
    "compound_surnames",
    "fold",
    "initials",
    "is_han",
    "mask",
    "problem",
    "query",
    "readings",
    "split",
    "tokens",
]
