"""Statements about channels: who belongs together, who has a desk, and whose connection is alive."""

from __future__ import annotations

# Members of a consortium on a day, and the people of each one's referral desk; the lead first.
MEMBERS = """
SELECT m.institution_id AS id, v.name, m.role, v.division_code, c.kind, coalesce(cardinality(d.staff), 0) AS people
FROM network_membership m
JOIN network_consortium c ON c.id = m.consortium_id
JOIN network_institutionversion v ON v.institution_id = m.institution_id AND v.period @> %(on)s::date
LEFT JOIN exchange_desk d ON d.institution_id = m.institution_id
WHERE m.consortium_id = %(consortium)s AND m.period @> %(on)s::date
ORDER BY m.role <> 'LEAD', v.name, m.institution_id
"""
# Institutions of an area and kind on a day: their desk, and whether anybody sent, got or signed in lately.
CONNECTED = """
WITH here AS MATERIALIZED (
    SELECT v.institution_id AS id, v.name FROM network_institutionversion v
    WHERE v.period @> %(on)s::date AND starts_with(v.division_code, %(area)s::text)
      AND (%(levels)s::integer[] IS NULL OR v.level = ANY (%(levels)s::integer[]))
      AND v.category = ANY (%(categories)s::text[])
), active AS MATERIALIZED (
    SELECT a AS id FROM exchange_active((SELECT array_agg(id) FROM here), %(since)s) a
)
SELECT h.id, h.name, coalesce(cardinality(d.staff), 0) AS people,
       h.id IN (SELECT id FROM active) OR EXISTS (
           SELECT FROM access_grant g
           JOIN ledger_event e ON e.subject_id = g.account_id AND e.kind = 'access.signed_in' AND e.at >= %(since)s
           WHERE g.institution_id = h.id AND g.period @> %(on)s::date) AS alive
FROM here h LEFT JOIN exchange_desk d ON d.institution_id = h.id
ORDER BY h.name, h.id
"""
