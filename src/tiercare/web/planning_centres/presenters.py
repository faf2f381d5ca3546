"""Planned centres and proposals in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tiercare.apps.network import queries as network
from tiercare.apps.network.rules.words import RANK_NAMES
from tiercare.apps.planning.queries.centres import CentreVersion, Proposed, positions
from tiercare.apps.planning.rules.centres import KIND_NAMES, STATE_NAMES, Hospital, State
from tiercare.apps.terms import queries as terms
from tiercare.web import labels
from tiercare.web.pages import said

from . import maps

_TERTIARY = 3  # 三级: what a hospital of this kind is, not a number of policy
_TONES = {
    State.PLANNED: "advice",
    State.BUILDING: "at_risk",
    State.NAMED: "met",
    State.DROPPED: "not_applicable",
}
_SHOWN = 3


def lines(found: Sequence[CentreVersion], *, on: date) -> list[dict[str, Any]]:
    """Each with its names."""
    names = network.names_of_institutions({each.institution_id for each in found}, on=on)
    specialties = terms.specialty_names(on=on)
    areas = terms.divisions({code for each in found for code in each.area}, on=on)
    return [
        {
            "of": each,
            "kind": said(KIND_NAMES[each.kind]) if each.kind in KIND_NAMES else each.kind,
            "specialty": specialties.get(each.specialty, each.specialty),
            "hospital": names.get(each.institution_id, ""),
            "area": [areas[code].name if code in areas else code for code in each.area],
            "state": said(STATE_NAMES[each.state]),
            "tone": _TONES[each.state],
            "demand": dict(each.demand),
            "share": _share(each.demand),
        }
        for each in found
    ]


def proposals(found: Proposed, planned: Sequence[CentreVersion], *, on: date) -> list[dict[str, Any]]:
    """Each proposed specialty with what it rests on, the hospitals that could, and whether a centre is planned already."""
    specialties = terms.specialty_names(on=on)
    taken = {each.specialty: each.series for each in planned}
    return [
        {
            "of": each,
            "specialty": specialties.get(each.specialty, each.specialty),
            "kind": said(KIND_NAMES[each.kind]),
            "share": f"{float(each.demand.share) * 100:.0f}%",
            "load": None if each.load is None else f"{float(each.load):.1f}",
            "hospitals": [_hospital(one) for one in each.hospitals[:_SHOWN]],
            "more": max(0, len(each.hospitals) - _SHOWN),
            "planned": taken.get(each.specialty),
        }
        for each in found.proposals
    ]


def picture(
    region: str, planned: Sequence[CentreVersion], chosen: CentreVersion | None, *, on: date
) -> maps.Picture:
    """The map of the province with the area of the chosen one and all hospitals that are planned."""
    if len(region) < 4 or not planned:
        return maps.Picture()
    ids = {each.institution_id for each in planned}
    names = network.names_of_institutions(ids, on=on)
    at = positions(ids, on=on)
    hospitals = {names[key]: place for key, place in at.items() if key in names}
    here = names.get(chosen.institution_id, "") if chosen else ""
    return maps.drawn(region[:2], chosen.area if chosen else (), hospitals, here, on=on)


def able(found: Sequence[Hospital], *, on: date) -> list[dict[str, str]]:
    """Tertiary hospitals that are licensed, with where they stand."""
    areas = terms.divisions({each.division for each in found}, on=on)
    return [
        {
            "id": each.id,
            "name": each.name,
            "where": areas[each.division].name if each.division in areas else each.division,
            "rank": said(RANK_NAMES[each.rank]) if each.rank in RANK_NAMES else "",
        }
        for each in found
        if each.level >= _TERTIARY
    ]


def typed(last: CentreVersion) -> dict[str, Any]:
    """The form filled with the newest version."""
    return {
        "kind": last.kind,
        "specialty": last.specialty,
        "institution": str(last.institution_id),
        "area": list(last.area),
        "words": last.words,
        "state": last.state.value,
    }


def _hospital(each: Hospital) -> dict[str, Any]:
    return {
        "of": each,
        "level": labels.name("level", str(each.level)),
        "rank": said(RANK_NAMES[each.rank]) if each.rank in RANK_NAMES else "",
    }


def _share(demand: Any) -> str:
    outside, every = demand.get("outside"), demand.get("all")
    return f"{outside / every * 100:.0f}%" if outside and every else ""
