"""Consortia with their lead and their members, by the keys that facts and indicators carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.ledger.prepared import rows

from ..rules import Category
from .belonging import PRIMARY_CARE

_CONSORTIA = """
SELECT c.id, c.slug AS key, v.name, c.kind, v.division_code AS area, l.institution_id AS lead,
       coalesce(nullif(w.township_code, ''), w.division_code) AS lead_area, w.name AS lead_name
FROM network_consortium c
JOIN network_consortiumversion v ON v.consortium_id = c.id AND v.period @> %(on)s::date
LEFT JOIN network_membership l ON l.consortium_id = c.id AND l.role = 'LEAD' AND l.period @> %(on)s::date
LEFT JOIN network_institutionversion w ON w.institution_id = l.institution_id AND w.period @> %(on)s::date
WHERE starts_with(v.division_code, %(area)s) ORDER BY c.slug
"""
_MEMBERS = """
SELECT m.consortium_id, i.slug AS key, v.name, v.category FROM network_membership m
JOIN network_institution i ON i.id = m.institution_id
JOIN network_institutionversion v ON v.institution_id = i.id AND v.period @> %(on)s::date
WHERE m.period @> %(on)s::date AND m.consortium_id = ANY (%(consortia)s::uuid[]) ORDER BY i.slug
"""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member; ``primary``: whether residents sign there."""

    key: str
    name: str
    primary: bool


@dataclass(frozen=True, slots=True)
class ConsortiumWith:
    """A consortium. ``lead`` is empty where nobody leads it on the day; ``lead_area`` is where the lead stands."""

    key: str
    name: str
    kind: str
    area: str
    lead: UUID | None
    lead_name: str
    lead_area: str
    members: tuple[MemberRow, ...]


def consortia_with_members(area: str, *, on: date) -> list[ConsortiumWith]:
    """The consortia of an area as they stand on that day, by key."""
    found = list(rows(_CONSORTIA, area=area, on=on))
    members: dict[UUID, list[MemberRow]] = {row["id"]: [] for row in found}
    for row in rows(_MEMBERS, on=on, consortia=list(members)):
        primary = Category(row["category"]) in PRIMARY_CARE
        members[row["consortium_id"]].append(MemberRow(row["key"], row["name"], primary))
    return [
        ConsortiumWith(
            row["key"],
            row["name"],
            row["kind"],
            row["area"],
            row["lead"],
            row["lead_name"] or "",
            row["lead_area"] or "",
            tuple(members[row["id"]]),
        )
        for row in found
    ]
