"""Extracts of others come into the store: looked at, mapped, judged, taken or put aside with the reason, reported."""

from .faults import KINDS, Aspect, Weight
from .files import identify
from .mapping import FromFile, load_mapping, own_mapping
from .proposing import Proposal, name_of, propose, unit_of, word_of
from .quality import Counts, Filled, Finding, Report, read_report
from .run import Limits, import_file
from .touched import Touched, touched

__all__ = [
    "KINDS",
    "Aspect",
    "Counts",
    "Filled",
    "Finding",
    "FromFile",
    "Limits",
    "Proposal",
    "Report",
    "Touched",
    "Weight",
    "identify",
    "import_file",
    "load_mapping",
    "name_of",
    "own_mapping",
    "propose",
    "read_report",
    "touched",
    "unit_of",
    "word_of",
]
