"""Reads of the network; every one takes ``on=``."""

from .answers import as_json
from .belonging import (
    PRIMARY_CARE,
    Place,
    fellows_of,
    institution_by_slug,
    institution_codes,
    led_by,
    names_of_institutions,
    place_of,
    primary_care_by_township,
    primary_care_of,
    share_a_consortium,
)
from .centre_links import AllianceRow, LinkedCentre, alliances_of, centres_of, centres_to_link
from .checking import Checked, Difference, check, difference
from .drilling import AreaRow, areas_below, counties_waived, names_in, narrowed
from .fact_places import Places, Where, fact_places
from .fact_rows import (
    fact_agreements,
    fact_capabilities,
    fact_consortia,
    fact_grids,
    fact_institutions,
    fact_milestones,
    fact_staff,
)
from .facts import network_facts
from .joins import joins_of
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
    "AllianceRow",
    "AreaRow",
    "Checked",
    "ConsortiumRow",
    "Difference",
    "LinkedCentre",
    "Place",
    "Places",
    "Size",
    "Where",
    "alliances_of",
    "areas_below",
    "as_json",
    "centres_of",
    "centres_to_link",
    "check",
    "consortium_row",
    "consortium_rows",
    "counties_waived",
    "demonstration_day",
    "difference",
    "divisions_of",
    "fact_agreements",
    "fact_capabilities",
    "fact_consortia",
    "fact_grids",
    "fact_institutions",
    "fact_milestones",
    "fact_places",
    "fact_staff",
    "fellows_of",
    "institution_by_slug",
    "institution_codes",
    "institution_rows",
    "joins_of",
    "laid_down_regions",
    "led_by",
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
