"""With whom the platform shares: the kinds of consortium on which a region's policy founds authorisation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.rules import Kind
from tiercare.engines.policy import ParameterProblem, carries, parameter

_PARAMETER = "authorisation_basis"
# The packs' words for the kinds (WH-41).
_KINDS: Mapping[str, Kind] = {
    "city_consortium": Kind.CITY_GROUP,
    "county_community": Kind.COUNTY_COMMUNITY,
    "urban_rural": Kind.URBAN_RURAL,
    "specialty_alliance": Kind.SPECIALTY_ALLIANCE,
    "telemedicine_network": Kind.TELEMEDICINE_NETWORK,
}


def kinds_that_share(division_code: str | None, *, on: date) -> frozenset[Kind]:
    """The kinds of consortium whose present members may be authorised there and then (WH-41).

    A region whose documents do not say founds it on every kind.
    """
    packs = mandates.packs()
    pack = packs.find(division_code) if division_code else None
    if pack is None:
        return frozenset(Kind)
    if not carries(packs, _PARAMETER, pack.id):
        return frozenset(Kind)
    try:
        words = parameter(packs, _PARAMETER, pack.id, on=on).value
    except ParameterProblem:
        return frozenset(Kind)
    if not isinstance(words, tuple):
        return frozenset()
    return frozenset(_KINDS[word] for word in map(str, words) if word in _KINDS)
