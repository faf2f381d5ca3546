"""Statements of the proof. Each is asked once, however many days and institutions there are."""

from __future__ import annotations

# Institutions that offer places in the period, with the versions of it.
VERSIONS = """
SELECT v.institution_id, v.name, v.category, v.level, v.division_code,
       lower(v.period) AS since, upper(v.period) AS until
FROM network_institutionversion v
WHERE v.period && daterange(%(first)s::date, %(last)s::date, '[]')
  AND (v.institution_id = %(institution)s::uuid
       OR %(institution)s::uuid IS NULL AND v.division_code LIKE %(area)s::text || '%%')
  AND EXISTS (SELECT FROM capacity_session s
              WHERE s.institution_id = v.institution_id AND s.day BETWEEN %(first)s::date AND %(last)s::date)
"""
ROLES = """
SELECT m.institution_id, m.role, lower(m.period) AS since, upper(m.period) AS until
FROM network_membership m JOIN network_consortium c ON c.id = m.consortium_id
WHERE m.institution_id = ANY (%(institutions)s::uuid[]) AND c.kind = ANY (%(kinds)s::text[])
  AND m.period && daterange(%(first)s::date, %(last)s::date, '[]')
"""
# Materialised: inlined, a planner without statistics counts the bookings anew for every quota (minutes instead of one
# second). By pool, day and channel: places, and who used those that are kept. A booking is entitled to a quota if its channel is
# the quota's own or a narrower one (``channels.draws``), and the quota is for everybody of it or for its institution.
PLACES = """
WITH wanted AS (
    SELECT s.id, s.institution_id, s.day, s.pool_id, s.kind, s.grade FROM capacity_session s
    WHERE s.institution_id = ANY (%(institutions)s::uuid[]) AND s.state = 'PUBLISHED'
      AND s.day BETWEEN %(first)s::date AND %(last)s::date
), booked AS MATERIALIZED (
    SELECT q.session_id, q.channel, q.holder_id,
           b.state = ANY (%(counted)s::text[])
               AND (b.state <> 'HELD' OR b.held_until > (SELECT tiercare_now())) AS stands,
           coalesce(array_position(%(offered)s::text[], b.channel::text)
                    <= array_position(%(offered)s::text[], q.channel::text), false)
               AND q.holder_id IN (%(nobody)s::uuid, b.booked_by) AS entitled,
           coalesce(b.made_at >= q.release_at, false) AS late,
           b.made_at < q.release_at AS before, b.changed_at >= q.release_at AS turned_later
    FROM wanted w JOIN capacity_slot l ON l.session_id = w.id JOIN capacity_booking b ON b.slot_id = l.id
    JOIN capacity_quota q ON q.session_id = w.id AND q.channel = b.quota_channel AND q.holder_id = b.holder_id
    WHERE q.channel = ANY (%(reserved)s::text[])
), used AS MATERIALIZED (
    SELECT session_id, channel, holder_id,
           count(*) FILTER (WHERE stands AND entitled) AS entitled,
           count(*) FILTER (WHERE stands AND NOT entitled AND NOT late) AS early,
           count(*) FILTER (WHERE stands AND NOT entitled AND late) AS late,
           count(*) FILTER (WHERE before AND (stands OR turned_later)) AS at_release
    FROM booked GROUP BY session_id, channel, holder_id
), lent AS MATERIALIZED (
    SELECT n.session_id, n.source, sum(n.units) AS units
    FROM capacity_lending n JOIN wanted w ON w.id = n.session_id
    WHERE n.source = ANY (%(reserved)s::text[]) GROUP BY n.session_id, n.source
)
SELECT w.institution_id, w.day, w.pool_id, p.name AS pool, w.kind, w.grade, q.channel,
       sum(q.cap)::integer AS units,
       coalesce(sum(u.entitled), 0)::integer AS entitled, coalesce(sum(u.early), 0)::integer AS early,
       coalesce(sum(u.late), 0)::integer AS late, coalesce(sum(n.units), 0)::integer AS lent,
       coalesce(sum(greatest(q.cap - coalesce(u.at_release, 0), 0)) FILTER (
           WHERE q.channel = ANY (%(reserved)s::text[]) AND q.release_at <= (SELECT tiercare_now())), 0)::integer AS released
FROM wanted w
JOIN capacity_pool p ON p.id = w.pool_id
JOIN capacity_quota q ON q.session_id = w.id AND q.channel = ANY (%(offered)s::text[])
LEFT JOIN used u ON u.session_id = q.session_id AND u.channel = q.channel AND u.holder_id = q.holder_id
LEFT JOIN lent n ON n.session_id = q.session_id AND n.source = q.channel AND q.holder_id = %(nobody)s::uuid
GROUP BY w.institution_id, w.day, w.pool_id, p.name, w.kind, w.grade, q.channel
ORDER BY w.day, w.institution_id, p.name, w.pool_id
"""
# How often somebody got no place, by pool and day.
REFUSED = """
SELECT s.institution_id, s.day, s.pool_id, count(*)::integer AS refused,
       count(*) FILTER (WHERE t.channel = ANY (%(reserved)s::text[]))::integer AS refused_reserved
FROM capacity_session s JOIN capacity_turnedaway t ON t.session_id = s.id
WHERE s.institution_id = ANY (%(institutions)s::uuid[]) AND s.state = 'PUBLISHED'
  AND s.day BETWEEN %(first)s::date AND %(last)s::date
GROUP BY s.institution_id, s.day, s.pool_id
"""
# Visits kept for primary care by month; a month without any session is none to compare with.
MONTHS = """
SELECT s.institution_id, date_trunc('month', s.day)::date AS month,
       coalesce(sum(q.cap) FILTER (WHERE q.channel = ANY (%(reserved)s::text[])), 0)::integer AS kept
FROM capacity_session s JOIN capacity_quota q ON q.session_id = s.id
WHERE s.institution_id = ANY (%(institutions)s::uuid[]) AND s.state = 'PUBLISHED' AND s.kind = 'CLINIC'
  AND s.day BETWEEN %(first)s::date AND %(last)s::date
GROUP BY s.institution_id, month
"""
