"""Register keys as facts and indicators carry them, and which institutions stand behind each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.ledger.prepared import rows

# The lead of a consortium stands behind it and behind its members; a member behind itself.
_HOLDERS = """
SELECT i.slug AS institution, i.id, c.slug AS consortium, lead.institution_id AS lead,
       coalesce(nullif(v.township_code, ''), v.division_code, '') AS area, coalesce(w.division_code, '') AS consortium_area
FROM network_institution i
LEFT JOIN network_institutionversion v ON v.institution_id = i.id AND v.period @> %(on)s::date
LEFT JOIN network_membership m ON m.institution_id = i.id AND m.period @> %(on)s::date
LEFT JOIN network_consortium c ON c.id = m.consortium_id
LEFT JOIN network_consortiumversion w ON w.consortium_id = c.id AND w.period @> %(on)s::date
LEFT JOIN network_membership lead
       ON lead.consortium_id = c.id AND lead.role = 'LEAD' AND lead.period @> %(on)s::date
"""
_NAMES = """
SELECT DISTINCT ON (i.slug) i.slug AS key, v.name FROM network_institution i
JOIN network_institutionversion v ON v.institution_id = i.id WHERE lower(v.period) <= %(on)s::date
ORDER BY i.slug, lower(v.period) DESC
"""
_CONSORTIA = """
SELECT DISTINCT ON (c.slug) c.slug AS key, v.name FROM network_consortium c
JOIN network_consortiumversion v ON v.consortium_id = c.id WHERE lower(v.period) <= %(on)s::date
ORDER BY c.slug, lower(v.period) DESC
"""


@dataclass(frozen=True, slots=True)
class Holders:
    """Institutions behind register keys, by the key of an institution and of a consortium; ``areas`` is where the one stands
    and what the other answers for."""

    institutions: Mapping[str, tuple[UUID, ...]]
    consortia: Mapping[str, tuple[UUID, ...]]
    areas: Mapping[str, str]


def holders(*, on: date) -> Holders:
    """Who stands behind each institution (itself first, then the leads of its consortia) and each consortium (its leads)."""
    own: dict[str, UUID] = {}
    above: dict[str, set[UUID]] = defaultdict(set)
    leads: dict[str, set[UUID]] = defaultdict(set)
    areas: dict[str, str] = {}
    for row in rows(_HOLDERS, on=on):
        own[row["institution"]] = row["id"]
        areas[row["institution"]] = row["area"]
        if row["lead"] is not None:
            above[row["institution"]].add(row["lead"])
            leads[row["consortium"]].add(row["lead"])
            areas[row["consortium"]] = row["consortium_area"]
    return Holders(
        {key: (id_, *sorted(above[key] - {id_})) for key, id_ in own.items()},
        {key: tuple(sorted(ids)) for key, ids in leads.items()},
        areas,
    )


def names_by_key(*, on: date) -> Mapping[str, Mapping[str, str]]:
    """The names of institutions and of consortia by register key, under ``institution`` and ``consortium``: those of the day,
    or the last before."""
    return {
        "institution": {row["key"]: row["name"] for row in rows(_NAMES, on=on)},
        "consortium": {row["key"]: row["name"] for row in rows(_CONSORTIA, on=on)},
    }
