"""Statements about first contact. ``facts`` are rows of the records' own functions: when and where, not whose; the number and
the list behind it come from the same words."""

from __future__ import annotations

from collections.abc import Mapping

from ..rules.first_contact import Section

_FIRST = """
WITH facts AS MATERIALIZED (
    SELECT row_number() OVER () AS n, f.*, v.name AS house, d.day, date_trunc('month', d.day)::date AS since,
           v.category = ANY (%(primary)s::text[]) AS part
    FROM records_first_contacts(%(institutions)s::uuid[], %(since)s, %(until)s, %(signed)s) f
    CROSS JOIN LATERAL (SELECT (f.at AT TIME ZONE 'Asia/Shanghai')::date AS day) d
    JOIN network_institutionversion v ON v.institution_id = f.institution AND v.period @> d.day
)
"""
_SPECIALIST = """
WITH facts AS MATERIALIZED (
    SELECT row_number() OVER () AS n, f.*, v.name AS house, d.day, date_trunc('quarter', d.day)::date AS since,
           f.referred OR f.seen_before AS part
    FROM records_specialist_visits(%(institutions)s::uuid[], %(since)s, %(until)s, %(primary)s::text[]) f
    CROSS JOIN LATERAL (SELECT (f.at AT TIME ZONE 'Asia/Shanghai')::date AS day) d
    JOIN network_institutionversion v ON v.institution_id = f.institution AND v.period @> d.day
    WHERE v.level >= %(level)s AND v.category <> ALL (%(primary)s::text[]) AND f.kind <> 'EMERGENCY'
)
"""
# Which consortium a fact belongs to: that of the institution, or of the one where the resident has signed. Alliances of one
# specialty and networks of telemedicine give no first contact.
_OF_HOUSE = """
, counted AS (
    SELECT f.*, NULL::uuid AS consortium, '' AS whose FROM facts f
    UNION ALL
    SELECT f.*, m.consortium_id, '' FROM facts f
    JOIN network_membership m ON m.institution_id = f.institution AND m.period @> f.day
    JOIN network_consortium c ON c.id = m.consortium_id AND c.kind = ANY (%(kinds)s::text[])
)
"""
_OF_SIGNED = """
, belonging AS (
    SELECT f.*, m.consortium_id AS consortium, f.part AND EXISTS (
        SELECT FROM network_membership o
        WHERE o.institution_id = f.institution AND o.consortium_id = m.consortium_id AND o.period @> f.day) AS within
    FROM facts f
    JOIN network_membership m ON m.institution_id = f.signed AND m.period @> f.day
    JOIN network_consortium c ON c.id = m.consortium_id AND c.kind = ANY (%(kinds)s::text[])
), counted AS (
    SELECT b.n, b.institution, b.at, b.kind, b.problem, b.house, b.day, b.since, bool_or(b.within) AS part,
           NULL::uuid AS consortium, '' AS whose
    FROM belonging b GROUP BY b.n, b.institution, b.at, b.kind, b.problem, b.house, b.day, b.since
    UNION ALL
    SELECT b.n, b.institution, b.at, b.kind, b.problem, b.house, b.day, b.since, b.within, b.consortium, '' FROM belonging b
)
"""
_OF_GROUPS = """
, counted AS (
    SELECT f.*, NULL::uuid AS consortium, '' AS whose FROM facts f
    UNION ALL
    SELECT f.*, NULL::uuid, g FROM facts f CROSS JOIN unnest(%(groups)s::text[]) g
    WHERE g = ANY (f.groups) OR f.problem = g OR g = 'elderly' AND f.age >= %(elderly)s
       OR g = 'maternal_child' AND (f.groups && %(mother)s::text[] OR starts_with(f.problem, 'O')
                                    OR f.age BETWEEN %(youngest)s AND %(oldest)s)
)
"""
_FACTS: Mapping[Section, str] = {
    Section.CONSORTIA: _FIRST + _OF_HOUSE,
    Section.SPECIALIST: _SPECIALIST + _OF_HOUSE,
    Section.GROUPS: _FIRST + _OF_GROUPS,
    Section.SIGNED: _FIRST + _OF_SIGNED,
}
_NUMBERS = """
SELECT c.consortium, c.whose, c.since, count(*)::integer AS whole, count(*) FILTER (WHERE c.part)::integer AS part
FROM counted c GROUP BY c.consortium, c.whose, c.since ORDER BY c.whose, c.since
"""
_LIST = """
SELECT c.at, c.house, c.kind, c.problem, c.part, count(*) OVER ()::integer AS found FROM counted c
WHERE c.consortium IS NOT DISTINCT FROM %(consortium)s::uuid AND c.whose = %(whose)s::text
  AND (%(only)s::boolean IS NULL OR c.part = %(only)s::boolean)
ORDER BY c.at DESC, c.n LIMIT %(limit)s OFFSET %(skip)s
"""
NUMBERS: Mapping[Section, str] = {section: facts + _NUMBERS for section, facts in _FACTS.items()}
CASES: Mapping[Section, str] = {section: facts + _LIST for section, facts in _FACTS.items()}
# What consortia were called on a day, or last.
NAMES = """
SELECT DISTINCT ON (v.consortium_id) v.consortium_id AS id, v.name FROM network_consortiumversion v
WHERE v.consortium_id = ANY (%(consortia)s::uuid[]) ORDER BY v.consortium_id, v.period @> %(on)s::date DESC, lower(v.period) DESC
"""
