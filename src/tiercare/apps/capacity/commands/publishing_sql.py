"""Statements of publishing."""

from __future__ import annotations

LOCK_SCHEDULE = "SELECT pg_advisory_xact_lock(hashtextextended('capacity.schedule:' || %s, 0))"
SESSION = """
INSERT INTO capacity_session (id, pool_id, institution_id, kind, grade, specialty_code, day, during, capacity, state,
                              clinician_id, clinician_name, equipment_id, place, published_at)
SELECT %(id)s, p.id, p.institution_id, p.kind, p.grade, p.specialty_code, %(day)s, tstzrange(%(starts)s, %(ends)s),
       %(capacity)s, 'PUBLISHED', coalesce(%(clinician)s, p.clinician_id), coalesce(c.name, ''), p.equipment_id,
       %(place)s, %(now)s
FROM capacity_pool p LEFT JOIN network_clinician c ON c.id = coalesce(%(clinician)s, p.clinician_id)
WHERE p.id = %(pool)s AND p.institution_id = %(institution)s
"""
SLOT = """
INSERT INTO capacity_slot (id, session_id, during, capacity)
VALUES (%(id)s, %(session)s, tstzrange(%(starts)s, %(ends)s), %(capacity)s)
"""
QUOTA = """
INSERT INTO capacity_quota (session_id, channel, holder_id, cap, release_at)
VALUES (%(session)s, %(channel)s, %(holder)s, %(cap)s, %(release)s)
"""
