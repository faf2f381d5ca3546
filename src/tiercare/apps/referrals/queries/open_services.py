"""Who in a city does what stands open to all who are qualified (WH-04): every one of them, by name or by distance and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.rules import Category, Owner
from tiercare.apps.terms import queries as terms
from tiercare.engines.policy import PackSet
from tiercare.kernel.geo import LngLat, distance_km
from tiercare.kernel.refusal import Refused

from ..rules.competition import Competition, Open, competition_of, qualified

_ALL = """
SELECT v.institution_id, v.name, v.initials, v.category, v.level, v.owner, v.division_code AS division, v.lng, v.lat,
       v.place_is_illustrative AS illustrative,
       ARRAY(SELECT l.code FROM network_licensedspecialty l
             WHERE l.institution_id = v.institution_id AND l.period @> %(on)s::date ORDER BY l.code) AS specialties,
       ARRAY(SELECT f.kind FROM network_facility f
             WHERE f.institution_id = v.institution_id AND f.period @> %(on)s::date) AS facilities
FROM network_institutionversion v
WHERE v.division_code LIKE %(area)s || '%%' AND v.period @> %(on)s::date
"""
_LEVELS = (6, 9)  # digits of a county and of a township: from where a distance is counted


class Order(StrEnum):
    """By what the list stands; nothing else is offered."""

    NAME = "name"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Provider:
    """One who is qualified. ``shown`` and ``facilities`` are the registered specialties and facilities that show it; ``km`` over the straight
    line, an estimate."""

    id: UUID
    name: str
    category: Category
    level: int
    owner: Owner
    division: str
    shown: tuple[str, ...]
    facilities: tuple[str, ...] = ()
    km: float | None = None
    illustrative: bool = False


@dataclass(frozen=True, slots=True)
class Directory:
    """What is open in a city, and who does one of the services; no service and nobody where no text opens any."""

    open: Competition
    service: Open | None
    providers: tuple[Provider, ...]
    near: str = ""


def open_services(
    pack_id: str,
    *,
    service: str = "",
    near: str = "",
    order: Order = Order.NAME,
    on: date,
    packs: PackSet | None = None,
) -> Directory:
    """The directory of a region, by its pack; the first open service where none, or one that is not open, is asked for. ``near`` is
    the division from whose point distances are counted; without one, or without a point, the list stands by name.

    Raises:
        Refused: 404, if it is no region's pack.
    """
    known = packs or mandates.packs()
    pack = known.packs.get(pack_id)
    if pack is None or not pack.region:
        raise Refused(mandates.region_without_pack(pack_id[:40]))
    found = competition_of(known, pack_id, on=on)
    chosen = found.service(service) or next(iter(found.services), None)
    if chosen is None:
        return Directory(found, None, ())
    here = _point(near, pack.region, on)
    listed = [
        (_provider(row, chosen, here), row["initials"] or row["name"])
        for row in rows(_ALL, area=pack.region, on=on)
        if qualified(chosen, Category(row["category"]), row["specialties"], row["facilities"])
    ]
    by_distance = order is Order.NEAR and here is not None
    listed.sort(
        key=lambda each: (
            each[0].km if by_distance and each[0].km is not None else float(by_distance) * 1e9,
            each[1],
            each[0].name,
            str(each[0].id),
        )
    )
    return Directory(found, chosen, tuple(each for each, _ in listed), near if here is not None else "")


def _point(near: str, region: str, on: date) -> LngLat | None:
    """Where a county or township of the region is drawn."""
    if len(near) not in _LEVELS or not near.startswith(region):
        return None
    division = terms.division(near, on=on)
    return division.point if division is not None else None


def _provider(row: dict[str, Any], service: Open, here: LngLat | None) -> Provider:
    at = (row["lng"], row["lat"]) if row["lng"] is not None and row["lat"] is not None else None
    return Provider(
        id=row["institution_id"],
        name=row["name"],
        category=Category(row["category"]),
        level=row["level"],
        owner=Owner(row["owner"]),
        division=row["division"],
        shown=tuple(
            code
            for code in row["specialties"]
            if any(code == each or code.startswith(f"{each}.") for each in service.offer.specialties)
        ),
        facilities=tuple(sorted(service.offer.facilities & set(row["facilities"]))),
        km=None if at is None or here is None else round(distance_km(here, at), 1),
        illustrative=row["illustrative"],
    )
