"""Statements of the pages on which a hospital keeps what it offers."""

from __future__ import annotations

# Pools with what is named in them, the week that holds today, and how far ahead they are on offer. ``next_free`` is
# the first slot to come with room in it, whoever may have it.
POOLS = """
SELECT p.id, p.code, p.name, p.kind, p.grade, p.specialty_code, p.item, p.slot_minutes, p.details, p.shares,
       p.release_hours, p.changed_at, p.synthetic, p.department_id, p.clinician_id, p.equipment_id,
       coalesce(d.name, '') AS department, coalesce(c.name, '') AS clinician,
       coalesce(e.kind, '') AS equipment_kind, coalesce(e.model, '') AS equipment_model,
       week.lines, week.units, ahead.sessions, ahead.last_day, soon.starts AS next_free
FROM capacity_pool p
LEFT JOIN network_department d ON d.id = p.department_id
LEFT JOIN network_clinician c ON c.id = p.clinician_id
LEFT JOIN network_equipment e ON e.id = p.equipment_id
CROSS JOIN LATERAL (
    SELECT count(*) AS lines, coalesce(sum(t.capacity), 0) AS units FROM capacity_template t
    WHERE t.pool_id = p.id AND (upper(t.period) IS NULL OR upper(t.period) > %(on)s::date)
) week
CROSS JOIN LATERAL (
    SELECT count(*) AS sessions, max(s.day) AS last_day FROM capacity_session s
    WHERE s.pool_id = p.id AND s.state = 'PUBLISHED' AND lower(s.during) > tiercare_now()
) ahead
LEFT JOIN LATERAL (
    SELECT lower(l.during) AS starts FROM capacity_session s JOIN capacity_slot l ON l.session_id = s.id
    WHERE s.pool_id = p.id AND s.state = 'PUBLISHED' AND lower(s.during) > tiercare_now() AND l.used < l.capacity
    ORDER BY lower(l.during) LIMIT 1
) soon ON true
WHERE p.institution_id = %(institution)s AND p.period @> %(on)s::date
  AND (%(pool)s::uuid IS NULL OR p.id = %(pool)s::uuid)
ORDER BY p.kind, d.name NULLS LAST, p.name, p.id
"""
INSTITUTION_OF_POOL = "SELECT institution_id FROM capacity_pool WHERE id = %(pool)s"
CODES = "SELECT code, name FROM capacity_pool WHERE institution_id = %(institution)s AND code LIKE %(like)s"
POOL_WITH_CODE = "SELECT id FROM capacity_pool WHERE institution_id = %(institution)s AND code = %(code)s"
LINES = """
SELECT t.id, t.weekday, t.starts, t.ends, t.capacity, t.slot_capacity, t.walk_ins, t.clinician_id,
       coalesce(c.name, '') AS clinician, t.place, t.on_holidays, lower(t.period) AS since
FROM capacity_template t LEFT JOIN network_clinician c ON c.id = t.clinician_id
WHERE t.pool_id = %(pool)s AND (upper(t.period) IS NULL OR upper(t.period) > %(on)s::date)
ORDER BY t.weekday, t.starts, t.id
"""
DEPARTMENTS = """
SELECT d.id, d.name, d.specialty_code FROM network_department d
WHERE d.institution_id = %(institution)s AND d.period @> %(on)s::date ORDER BY d.specialty_code, d.name, d.id
"""
PHYSICIANS = """
SELECT DISTINCT c.id, c.name, c.initials, c.title, coalesce(c.code, '') AS code, c.scope_code
FROM network_clinician c JOIN network_practicesite s ON s.clinician_id = c.id
WHERE s.institution_id = %(institution)s AND s.period @> %(on)s::date ORDER BY c.name, c.id
"""
EQUIPMENT = """
SELECT e.id, e.kind, e.model, e.count FROM network_equipment e
WHERE e.institution_id = %(institution)s AND e.period @> %(on)s::date ORDER BY e.kind, e.model, e.id
"""
