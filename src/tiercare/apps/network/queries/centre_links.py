"""Specialty alliances and the provincial centres that they are linked to (NHC-18)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import PackSet, ParameterProblem, parameter
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refused

from .. import models
from ..rules import Affiliation
from ..rules.centre_links import AFFILIATIONS, RANKS, Candidate, CentreTerms, is_centre


@dataclass(frozen=True, slots=True)
class LinkedCentre:
    """A centre that an alliance is, was or will be linked to. ``holds``: the link holds on the day asked about;
    ``fits``: by its rank and affiliation of that day it is a provincial centre of the specialty."""

    id: UUID
    institution_id: UUID
    name: str
    period: Period
    linked_by: str
    holds: bool
    fits: bool


@dataclass(frozen=True, slots=True)
class AllianceRow:
    """A specialty alliance on a day with the provincial centres that it is linked to then, by name."""

    id: UUID
    slug: str
    name: str
    specialty_code: str
    centres: tuple[tuple[UUID, str], ...]


def centre_terms(pack: str, *, on: date, packs: PackSet | None = None) -> CentreTerms:
    """What the pack wants of a provincial centre on that day; nobody is one where no text in force says it."""
    known = packs or mandates.packs()
    try:
        ranks, affiliations = (parameter(known, key, pack, on=on).value for key in (RANKS, AFFILIATIONS))
    except ParameterProblem:
        return CentreTerms((), ())
    return CentreTerms.of(ranks, affiliations)


def candidate(version: models.InstitutionVersion, *, on: date) -> Candidate:
    """A hospital with the key specialties that it holds on the day."""
    held = models.KeySpecialty.objects.filter(institution_id=version.institution_id, period__contains=on)
    return Candidate(version.name, Affiliation(version.affiliation), dict(held.values_list("code", "rank")))


_LINKS = """
SELECT l.id, l.institution_id, l.linked_by, lower(l.period) AS start, upper(l.period) AS until, v.name, v.affiliation,
       v.period @> %(on)s::date AS stands, l.period @> %(on)s::date AS holds, c.specialty_code AS specialty,
       coalesce((SELECT jsonb_object_agg(k.code, k.rank) FROM network_keyspecialty k
                 WHERE k.institution_id = l.institution_id AND k.period @> %(on)s::date), '{}') AS ranks
FROM network_centrelink l
JOIN network_consortium c ON c.id = l.consortium_id
JOIN LATERAL (SELECT * FROM network_institutionversion v WHERE v.institution_id = l.institution_id
              ORDER BY v.period @> %(on)s::date DESC, v.period DESC LIMIT 1) v ON true
WHERE l.consortium_id = %(consortium)s
ORDER BY holds DESC, l.period DESC, v.name
"""
# Open hospitals that hold a rank in anything: which of them is a centre of the specialty, the rule says.
_HOLDERS = """
SELECT v.institution_id, v.name, v.affiliation, jsonb_object_agg(k.code, k.rank) AS ranks
FROM network_institutionversion v
JOIN network_keyspecialty k ON k.institution_id = v.institution_id AND k.period @> %(on)s::date
WHERE v.period @> %(on)s::date AND v.affiliation = ANY (%(affiliations)s::text[])
  AND NOT EXISTS (SELECT FROM network_centrelink l WHERE l.consortium_id = %(consortium)s
                  AND l.institution_id = v.institution_id AND l.period @> %(on)s::date)
GROUP BY v.institution_id, v.name, v.affiliation, v.division_code ORDER BY v.division_code, v.name
"""


def centres_of(consortium_id: UUID, area: str, *, on: date) -> list[LinkedCentre]:
    """Every centre that an alliance is, was or will be linked to, those of the day first, then the newest; ``area`` is the
    alliance's own, whose pack says what a centre is."""
    found = rows(_LINKS, on=on, consortium=consortium_id)
    terms = _terms(area, on) if found else CentreTerms((), ())
    return [
        LinkedCentre(
            id=row["id"],
            institution_id=row["institution_id"],
            name=row["name"],
            period=Period(row["start"], row["until"]),
            linked_by=row["linked_by"],
            holds=row["holds"],
            fits=row["stands"] and is_centre(_candidate(row), row["specialty"], terms),
        )
        for row in found
    ]


def centres_to_link(consortium_id: UUID, area: str, specialty: str, *, on: date) -> list[tuple[UUID, str]]:
    """Hospitals that an alliance of ``area`` and ``specialty`` could be linked to on the day and is not: key and name."""
    terms = _terms(area, on)
    found = rows(_HOLDERS, on=on, consortium=consortium_id, affiliations=list(terms.affiliations))
    return [
        (row["institution_id"], row["name"]) for row in found if is_centre(_candidate(row), specialty, terms)
    ]


def _candidate(row: Mapping[str, Any]) -> Candidate:
    ranks = row["ranks"]
    held = json.loads(ranks) if isinstance(ranks, str) else ranks
    return Candidate(row["name"], Affiliation(row["affiliation"]), held)


def _terms(area: str, on: date) -> CentreTerms:
    """Those of the pack in force there; nobody is a centre where none is."""
    try:
        pack = mandates.pack_in_force(area, on=on)
    except Refused:
        return CentreTerms((), ())
    return centre_terms(pack, on=on)


_ALLIANCES = """
SELECT c.id, c.slug, v.name, c.specialty_code AS specialty, l.institution_id AS centre, w.name AS centre_name
FROM network_consortium c
JOIN network_consortiumversion v ON v.consortium_id = c.id AND v.period @> %(on)s::date
LEFT JOIN network_centrelink l ON l.consortium_id = c.id AND l.period @> %(on)s::date
LEFT JOIN network_institutionversion w ON w.institution_id = l.institution_id AND w.period @> %(on)s::date
WHERE c.kind = 'SPECIALTY_ALLIANCE' AND (starts_with(v.division_code, %(region)s) OR EXISTS (
    SELECT FROM network_membership m
    JOIN network_institutionversion i ON i.institution_id = m.institution_id AND i.period @> %(on)s::date
    WHERE m.consortium_id = c.id AND m.period @> %(on)s::date AND starts_with(i.division_code, %(region)s)))
ORDER BY c.specialty_code, v.name, c.slug, w.name
"""


def alliances_of(region: str, *, on: date) -> list[AllianceRow]:
    """The specialty alliances of a region on the day (its own, and those in which one of its hospitals takes part) by
    specialty and name, each with its centres. A specialty matches by ``rules.profiles.same_specialty``."""
    found: dict[UUID, AllianceRow] = {}
    for row in rows(_ALLIANCES, on=on, region="" if region == "00" else region):
        centre = ((row["centre"], row["centre_name"] or ""),) if row["centre"] else ()
        before = found.get(row["id"])
        centres = (*before.centres, *centre) if before else centre
        found[row["id"]] = AllianceRow(row["id"], row["slug"], row["name"], row["specialty"], centres)
    return list(found.values())
