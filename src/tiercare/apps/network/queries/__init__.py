"""Reads of the network; every one takes ``on=``."""

from .answers import as_json
from .belonging import (
    PRIMARY_CARE,
    Place,
    fellows_of,
    institution_by_slug,
    names_of_institutions,
    place_of,
    primary_care_by_township,
    primary_care_of,
    share_a_consortium,
)
from .checking import Checked, Difference, check, difference
from .drilling import AreaRow, areas_below, counties_waived, names_in, narrowed
from .facts import network_facts
from .reading import (
    ConsortiumRow,
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
    "PRIMARY_CARE",
    "AreaRow",
    "Checked",
    "ConsortiumRow",
    "Difference",
    "Place",
    "Size",
    "areas_below",
    "as_json",
    "check",
    "consortium_row",
    "consortium_rows",
    "counties_waived",
    "demonstration_day",
    "difference",
    "divisions_of",
    "fellows_of",
    "institution_by_slug",
    "institution_rows",
    "laid_down_regions",
    "names_in",
    "names_of_institutions",
    "narrowed",
    "network_facts",
    "place_of",
    "primary_care_by_township",
    "primary_care_of",
    "region_of",
    "share_a_consortium",
    "things_named",
]
