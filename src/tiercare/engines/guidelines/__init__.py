"""Referral criteria and grading of diseases as decision tables: what was observed in, advice with its reasons out.

``load_guidelines`` reads the tables of a pack and of those it extends; ``advise`` answers which rows hold, why, how
urgent that is, and which could hold but for an observation that is missing.
"""

from .deciding import Advice, Follow, Held, Unsure, advise, grade
from .load import load_guidelines
from .model import Confidence, Direction, Fact, Grade, Guidelines, Kind, Row, Table, Urgency
from .observing import Observed, misread

__all__ = [
    "Advice",
    "Confidence",
    "Direction",
    "Fact",
    "Follow",
    "Grade",
    "Guidelines",
    "Held",
    "Kind",
    "Observed",
    "Row",
    "Table",
    "Unsure",
    "Urgency",
    "advise",
    "grade",
    "load_guidelines",
    "misread",
]
