"""Statements of stopping a session."""

from __future__ import annotations

BOOKED = """
SELECT b.id, b.slot_id, b.resident_id, b.institution_id, b.booked_by, b.channel, b.quota_channel, b.state, b.source_id, b.group_id,
       lower(l.during) AS starts_at
FROM capacity_booking b JOIN capacity_slot l ON l.id = b.slot_id
WHERE b.session_id = %(session)s
  AND (b.state IN ('BOOKED', 'ARRIVED') OR b.state = 'HELD' AND b.held_until > tiercare_now())
ORDER BY b.made_at, b.id
"""
PHYSICIAN = """
SELECT c.name FROM network_clinician c JOIN network_practicesite p ON p.clinician_id = c.id
WHERE c.id = %(clinician)s AND p.institution_id = %(institution)s AND p.period @> %(day)s::date
"""
