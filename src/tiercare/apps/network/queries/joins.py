"""Every join of a time with what it rests on (NHC-83): one statement, and the exceptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates

from ..rules import Kind
from ..rules.joins import TAKEN, Ground, Join

# A member that changed its part did not join anew: what it was the day before counts. The approval of a consortium
# covers those that were there from its first day. A place lies in the grid of its township, else of its county.
_JOINS = """
WITH joined AS (
    SELECT m.consortium_id, m.institution_id AS member_id, false AS whole, lower(m.period) AS day
    FROM network_membership m
    WHERE m.role = ANY (%(roles)s::text[]) AND lower(m.period) BETWEEN %(first)s::date AND %(last)s::date
      AND NOT EXISTS (SELECT FROM network_membership b WHERE b.consortium_id = m.consortium_id
                      AND b.institution_id = m.institution_id AND upper(b.period) = lower(m.period)
                      AND b.role = ANY (%(roles)s::text[]))
    UNION ALL
    SELECT j.parent_id, j.child_id, true, lower(j.period)
    FROM network_joining j
    WHERE lower(j.period) BETWEEN %(first)s::date AND %(last)s::date
      AND NOT EXISTS (SELECT FROM network_joining b WHERE b.parent_id = j.parent_id AND b.child_id = j.child_id
                      AND upper(b.period) = lower(j.period))
),
named AS (
    SELECT j.*, c.slug AS consortium, c.kind, c.approved_on, v.name AS consortium_name, v.division_code AS area,
           CASE WHEN j.whole THEN k.slug ELSE i.slug END AS member,
           CASE WHEN j.whole THEN kv.name ELSE iv.name END AS member_name,
           CASE WHEN j.whole THEN ARRAY[kv.division_code]
                ELSE array_remove(ARRAY[nullif(iv.township_code, ''), iv.division_code], NULL) END AS places,
           (SELECT min(lower(w.period)) FROM network_consortiumversion w WHERE w.consortium_id = c.id) AS began
    FROM joined j
    JOIN network_consortium c ON c.id = j.consortium_id
    JOIN network_consortiumversion v ON v.consortium_id = c.id AND v.period @> j.day
    LEFT JOIN network_institution i ON NOT j.whole AND i.id = j.member_id
    LEFT JOIN network_institutionversion iv ON NOT j.whole AND iv.institution_id = j.member_id AND iv.period @> j.day
    LEFT JOIN network_consortium k ON j.whole AND k.id = j.member_id
    LEFT JOIN network_consortiumversion kv ON j.whole AND kv.consortium_id = j.member_id AND kv.period @> j.day
)
SELECT n.consortium_id, n.consortium, n.consortium_name, n.kind, n.member_id, n.member, n.member_name, n.whole, n.day,
       n.approved_on IS NOT NULL AND n.day = n.began AS founding,
       EXISTS (SELECT FROM network_gridplace p
               JOIN network_responsibility r ON r.grid_id = p.grid_id AND r.period @> n.day
               WHERE r.consortium_id = n.consortium_id AND p.period @> n.day
                 AND (p.division_code = ANY (n.places) OR n.whole AND left(p.division_code, 6) = ANY (n.places))) AS grid,
       ARRAY(SELECT DISTINCT a.state FROM network_application a
             WHERE a.state IN ('APPROVED', 'APPLIED') AND a.payload -> 'entries' @> jsonb_build_array(jsonb_build_object(
                 'register', CASE WHEN n.whole THEN 'joinings' ELSE 'memberships' END,
                 'cells', CASE WHEN n.whole THEN jsonb_build_object('parent', n.consortium, 'child', n.member, 'from', n.day)
                          ELSE jsonb_build_object('consortium', n.consortium, 'institution', n.member, 'from', n.day) END))
       ) AS decided,
       coalesce(lead.name, '') AS lead_name, coalesce(lead.level, 0) AS lead_level
FROM named n
LEFT JOIN LATERAL (
    SELECT v.name, v.level FROM network_membership m
    JOIN network_institutionversion v ON v.institution_id = m.institution_id AND v.period @> n.day
    WHERE m.consortium_id = n.consortium_id AND m.role = 'LEAD' AND m.period @> n.day LIMIT 1
) lead ON true
WHERE starts_with(n.area, %(region)s) AND n.member IS NOT NULL
ORDER BY n.consortium, n.day, n.member
"""


def joins_of(region: str, pack: str, *, first: date, last: date) -> list[Join]:
    """Everything that joined a consortium of the region from ``first`` to ``last`` (both inside), with every ground on
    record; ``pack`` is the one whose exceptions count."""
    found = rows(
        _JOINS,
        region="" if region == "00" else region,
        first=first,
        last=last,
        roles=[role.value for role in TAKEN],
    )
    return _with_exceptions((_join(row) for row in found), pack)


def _join(row: Any) -> Join:
    grounds = {Ground(state.lower()) for state in row["decided"]}
    grounds |= {ground for ground in (Ground.FOUNDING, Ground.GRID) if row[ground.value]}
    return Join(
        consortium_id=row["consortium_id"],
        consortium=row["consortium"],
        consortium_name=row["consortium_name"],
        kind=Kind(row["kind"]),
        lead_name=row["lead_name"],
        lead_level=row["lead_level"],
        member_id=row["member_id"],
        member=row["member"],
        member_name=row["member_name"] or row["member"],
        whole=row["whole"],
        on=row["day"],
        grounds=frozenset(grounds),
    )


def _with_exceptions(joins: Iterable[Join], pack: str) -> list[Join]:
    """An exception of the network's cards, granted by name to what joined or to the consortium, and in force on that day."""
    cards = {card.key for card in mandates.packs().cards_for(pack, app="network")}
    granted = [each for each in mandates.waivers_over([pack]).get(pack, ()) if each.card in cards]
    return [
        replace(join, grounds=join.grounds | {Ground.EXCEPTED})
        if any(
            join.on in each.period and each.subject in (join.subject, f"consortium:{join.consortium_id}")
            for each in granted
        )
        else join
        for join in joins
    ]
