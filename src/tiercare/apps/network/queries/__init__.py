"""Reads of the network; every one takes ``on=``."""

from .answers import as_json
from .checking import Checked, Difference, check, difference
from .drilling import AreaRow, areas_below, counties_waived, names_in, narrowed
from .facts import network_facts
from .reading import (
    ConsortiumRow,
    application,
    applications,
    consortium_row,
    consortium_rows,
    demonstration_day,
    divisions_of,
    institution_rows,
    laid_down_regions,
    region_of,
    things_named,
)
from .standing import Size

__all__ = [
    "AreaRow",
    "Checked",
    "ConsortiumRow",
    "Difference",
    "Size",
    "application",
    "applications",
    "areas_below",
    "as_json",
    "check",
    "consortium_row",
    "consortium_rows",
    "counties_waived",
    "demonstration_day",
    "difference",
    "divisions_of",
    "institution_rows",
    "laid_down_regions",
    "names_in",
    "narrowed",
    "network_facts",
    "region_of",
    "things_named",
]
