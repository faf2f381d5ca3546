"""Honesty checks beside every indicator: what is old, missing, rounded, pushed over a limit or impossible in the data it rests on.

A finding says what is unusual, with numbers and rows, and what to look at. It accuses nobody: most of it is a system that does not send,
a device that reads in tens, a list of staff that is out of date.
"""

from .beside import Checks, look
from .completeness import age, columns_asked, empty, optional_columns, silent, unfilled_months
from .digits import Heap, heaping
from .findings import Finding, Kind
from .piling import Edge, piling
from .schedules import overlapping, overworked

__all__ = [
    "Checks",
    "Edge",
    "Finding",
    "Heap",
    "Kind",
    "age",
    "columns_asked",
    "empty",
    "heaping",
    "look",
    "optional_columns",
    "overlapping",
    "overworked",
    "piling",
    "silent",
    "unfilled_months",
]
