"""Reads of the network; every one takes ``on=``."""

from .answers import as_json
from .checking import Checked, check, check_changes
from .facts import network_facts
from .reading import (
    ConsortiumRow,
    application,
    applications,
    consortium_row,
    consortium_rows,
    demonstration_day,
    institution_rows,
    laid_down_regions,
    region_of,
)

__all__ = [
    "Checked",
    "ConsortiumRow",
    "application",
    "applications",
    "as_json",
    "check",
    "check_changes",
    "consortium_row",
    "consortium_rows",
    "demonstration_day",
    "institution_rows",
    "laid_down_regions",
    "network_facts",
    "region_of",
]
