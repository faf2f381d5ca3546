"""Statements of bringing our sessions into line with what a hospital's own system tells."""

from __future__ import annotations

# Sessions that have a physician, device or pool of these in that time and are no part of the feed's day.
TAKEN = """
SELECT s.clinician_id, s.equipment_id, s.pool_id, lower(s.during) AS starts, upper(s.during) AS ends
FROM capacity_session s
WHERE s.state <> 'STOPPED' AND s.id <> ALL (%(own)s::uuid[]) AND s.during && tstzrange(%(first)s::timestamptz, %(last)s::timestamptz)
  AND (s.clinician_id = ANY (%(clinicians)s::uuid[]) OR s.equipment_id = ANY (%(devices)s::uuid[])
       OR s.pool_id = ANY (%(pools)s::uuid[]))
"""
PHYSICIANS = """
SELECT DISTINCT c.code, c.id, c.name FROM network_clinician c JOIN network_practicesite p ON p.clinician_id = c.id
WHERE p.institution_id = %(institution)s AND p.period @> %(day)s::date AND c.code = ANY (%(codes)s::text[])
"""
SET_SLOT = "UPDATE capacity_slot SET capacity = %(capacity)s WHERE id = %(id)s"
SET_QUOTA = """
INSERT INTO capacity_quota (session_id, channel, holder_id, cap, release_at)
VALUES (%(session)s, %(channel)s, %(holder)s, %(cap)s, %(release)s)
ON CONFLICT (session_id, channel, holder_id) DO UPDATE SET cap = excluded.cap
"""
# What was kept opens as long before the new start as it did before the old one.
SHIFT_RELEASE = """
UPDATE capacity_quota SET release_at = release_at + %(by)s WHERE session_id = %(session)s AND release_at IS NOT NULL
"""
# The last who booked there come beyond the offer: counted apart, as the quota that they leave and enter.
BEYOND = """
WITH gone AS (
    UPDATE capacity_booking SET quota_channel = 'OVERBOOK', holder_id = %(nobody)s, changed_at = tiercare_now()
    WHERE id = ANY (%(bookings)s::uuid[]) RETURNING 1
), slot AS (
    UPDATE capacity_slot SET used = used - (SELECT count(*) FROM gone) WHERE id = %(slot)s
)
UPDATE capacity_quota q
SET used = q.used + CASE WHEN q.channel = 'OVERBOOK' THEN %(units)s ELSE -coalesce(drawn.units, 0) END
FROM capacity_quota e LEFT JOIN (
    SELECT b.quota_channel, b.holder_id, count(*) AS units FROM capacity_booking b
    WHERE b.id = ANY (%(bookings)s::uuid[]) GROUP BY b.quota_channel, b.holder_id
) drawn ON drawn.quota_channel = e.channel AND drawn.holder_id = e.holder_id
WHERE q.session_id = %(session)s AND e.session_id = q.session_id AND e.channel = q.channel AND e.holder_id = q.holder_id
  AND (q.channel = 'OVERBOOK' AND q.holder_id = %(nobody)s OR drawn.units > 0)
"""
