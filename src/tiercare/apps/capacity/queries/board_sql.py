"""Statements of the schedule: counts stand in the quotas, so nobody's booking is looked at but for holds that ran out."""

from __future__ import annotations

from .places import GONE_OF_QUOTA, GONE_OF_SLOT

# Of each session its quotas are added up, the extra ones apart; holds that ran out are nobody's any more (``gone``).
_GONE_OF_DAYS = """
WITH gone AS MATERIALIZED (SELECT * FROM capacity_lapsed(ARRAY(
    SELECT s.id FROM capacity_session s
    WHERE s.institution_id = %(institution)s AND s.day BETWEEN %(first)s::date AND %(last)s::date)))
"""
_GONE_OF_ONE = "WITH gone AS MATERIALIZED (SELECT * FROM capacity_lapsed(ARRAY[%(session)s]::uuid[]))"
_COLUMNS = """
SELECT s.id, s.pool_id, s.institution_id, p.name AS pool, coalesce(d.name, '') AS department, s.kind, s.grade, s.day,
       lower(s.during) AS starts_at, upper(s.during) AS ends_at, s.capacity, s.state, s.clinician_id,
       s.clinician_name AS physician, s.place, s.published_at, s.stopped_reason,
       total.used, total.reserved, total.reserved_used, total.extra, total.extra_used
FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id
LEFT JOIN network_department d ON d.id = p.department_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(q.used - taken.gone) FILTER (WHERE q.channel NOT IN ('WALK_IN', 'OVERBOOK')), 0)::integer AS used,
           coalesce(sum(q.cap) FILTER (WHERE q.channel NOT IN ('OPEN', 'WALK_IN', 'OVERBOOK')), 0)::integer AS reserved,
           coalesce(sum(q.used - taken.gone) FILTER (WHERE q.channel NOT IN ('OPEN', 'WALK_IN', 'OVERBOOK')), 0)::integer
               AS reserved_used,
           coalesce(sum(q.cap) FILTER (WHERE q.channel IN ('WALK_IN', 'OVERBOOK')), 0)::integer AS extra,
           coalesce(sum(q.used - taken.gone) FILTER (WHERE q.channel IN ('WALK_IN', 'OVERBOOK')), 0)::integer AS extra_used
    FROM capacity_quota q CROSS JOIN LATERAL (SELECT /*quota*/ AS gone) taken WHERE q.session_id = s.id
) total
""".replace("/*quota*/", GONE_OF_QUOTA)
SESSIONS = " ".join(
    (
        _GONE_OF_DAYS,
        _COLUMNS,
        """WHERE s.institution_id = %(institution)s AND s.day BETWEEN %(first)s::date AND %(last)s::date
ORDER BY s.kind, d.name NULLS LAST, s.day, s.during, p.name, s.id""",
    )
)
SESSION = " ".join((_GONE_OF_ONE, _COLUMNS, "WHERE s.id = %(session)s"))
QUOTAS = (
    _GONE_OF_ONE
    + """
SELECT q.channel, sum(q.cap)::integer AS cap, sum(q.used - /*quota*/)::integer AS used, min(q.release_at) AS release_at,
       coalesce(min(q.release_at) <= tiercare_now(), false) AS released
FROM capacity_quota q WHERE q.session_id = %(session)s GROUP BY q.channel
""".replace("/*quota*/", GONE_OF_QUOTA)
)
SLOTS = (
    _GONE_OF_ONE
    + """
SELECT l.id, lower(l.during) AS starts_at, upper(l.during) AS ends_at, l.capacity, (l.used - /*slot*/)::integer AS used
FROM capacity_slot l WHERE l.session_id = %(session)s ORDER BY l.during
""".replace("/*slot*/", GONE_OF_SLOT)
)
LENDINGS = """
SELECT source, target, units, reason, lent_at FROM capacity_lending
WHERE session_id = %(session)s ORDER BY lent_at DESC, id DESC
"""
BOOKED = """
SELECT b.id, b.session_id, b.slot_id, b.resident_id, b.institution_id, b.booked_by, b.channel, b.quota_channel,
       b.number, b.source_id, b.group_id, b.made_at, b.held_until, lower(l.during) AS starts_at,
       upper(l.during) AS ends_at, b.state
FROM capacity_booking b JOIN capacity_slot l ON l.id = b.slot_id
WHERE b.session_id = %(session)s AND b.institution_id = %(institution)s
  AND NOT (b.state = 'LAPSED' OR b.state = 'HELD' AND b.held_until <= tiercare_now())
ORDER BY lower(l.during), b.number, b.id
LIMIT %(limit)s OFFSET %(skip)s
"""
