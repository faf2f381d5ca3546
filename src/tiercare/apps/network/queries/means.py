"""What institutions have of a specialty by the registers: the licence, the people who practise, equipment, alliances."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from tiercare.apps.ledger.prepared import rows

from ..rules import Kind

_LICENCES = """
SELECT institution_id, code FROM network_licensedspecialty
WHERE institution_id = ANY (%(ids)s::uuid[]) AND period @> %(on)s::date ORDER BY code
"""
# Somebody who practises on two grounds at one place is one person.
_STAFF = """
SELECT s.institution_id, c.scope_code AS code, count(DISTINCT c.id) AS people
FROM network_practicesite s JOIN network_clinician c ON c.id = s.clinician_id
WHERE s.institution_id = ANY (%(ids)s::uuid[]) AND s.period @> %(on)s::date AND c.scope_code <> '' GROUP BY 1, 2
"""
_EQUIPMENT = """
SELECT institution_id, kind, sum(count)::integer AS units FROM network_equipment
WHERE institution_id = ANY (%(ids)s::uuid[]) AND period @> %(on)s::date GROUP BY 1, 2
"""
_ALLIANCES = """
SELECT m.institution_id, c.specialty_code AS code, v.name FROM network_membership m
JOIN network_consortium c ON c.id = m.consortium_id AND c.kind = %(kind)s
JOIN network_consortiumversion v ON v.consortium_id = c.id AND v.period @> %(on)s::date
WHERE m.institution_id = ANY (%(ids)s::uuid[]) AND m.period @> %(on)s::date ORDER BY v.name
"""


@dataclass(frozen=True, slots=True)
class Means:
    """Of one institution: codes on its licence, people by the code of their scope of practice, equipment in use by kind,
    alliances as specialty code and name."""

    licences: tuple[str, ...] = ()
    staff: Mapping[str, int] = field(default_factory=dict)
    equipment: Mapping[str, int] = field(default_factory=dict)
    alliances: tuple[tuple[str, str], ...] = ()


def means_of(institutions: Collection[UUID], *, on: date) -> Mapping[UUID, Means]:
    """What each of them has on that day, by id; four statements, however many they are."""
    given = {"ids": sorted(institutions), "on": on}
    licences: dict[UUID, list[str]] = {each: [] for each in institutions}
    staff: dict[UUID, dict[str, int]] = {each: {} for each in institutions}
    equipment: dict[UUID, dict[str, int]] = {each: {} for each in institutions}
    alliances: dict[UUID, list[tuple[str, str]]] = {each: [] for each in institutions}
    for row in rows(_LICENCES, **given):
        licences[row["institution_id"]].append(row["code"])
    for row in rows(_STAFF, **given):
        staff[row["institution_id"]][row["code"]] = row["people"]
    for row in rows(_EQUIPMENT, **given):
        equipment[row["institution_id"]][row["kind"]] = row["units"]
    for row in rows(_ALLIANCES, kind=Kind.SPECIALTY_ALLIANCE.value, **given):
        alliances[row["institution_id"]].append((row["code"], row["name"]))
    return {
        each: Means(tuple(licences[each]), staff[each], equipment[each], tuple(alliances[each]))
        for each in institutions
    }
