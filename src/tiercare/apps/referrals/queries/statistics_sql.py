"""Statements of the statistics. What a number counts stands once, in ``MEASURES``: the number and the list behind it come
from the same words."""

from __future__ import annotations

from collections.abc import Mapping

# Requests first sent in the period, as ``exchange_counted`` tells of them, on the side that is asked for.
_FACTS = """
WITH facts AS MATERIALIZED (
    SELECT f.* FROM exchange_counted(%(institutions)s::uuid[], %(since)s, %(until)s) f
    WHERE f.kind = ANY (%(kinds)s::text[])
      AND (%(side)s <> 'in' AND f.sender = ANY (%(institutions)s::uuid[])
           OR %(side)s <> 'out' AND (
               f.receiver = ANY (%(institutions)s::uuid[])
               OR EXISTS (SELECT FROM jsonb_array_elements(f.bounces) b
                          WHERE (b ->> 'by')::uuid = ANY (%(institutions)s::uuid[]))))
)
"""
MEASURES: Mapping[str, str] = {
    "sent": "true",
    "up": "f.kind = 'up'",
    "down": "f.kind = 'down'",
    "lateral": "f.kind = 'lateral'",
    "advice": "f.kind = 'advice'",
    "answered": "f.answered IS NOT NULL",
    "accepted": "f.accepted IS NOT NULL",
    "bounced": "jsonb_array_length(f.bounces) > 0",
    "planned": "f.kind <> 'advice' AND f.urgency > 0",
    "without_place": "f.kind <> 'advice' AND f.urgency > 0 AND NOT f.placed",
    "arrived": "f.arrived IS NOT NULL",
    "missed": "f.missed > 0",
    "lost_place": "f.lost > 0",
    "closed": "f.closed IS NOT NULL",
    "without_note": "f.arrived IS NOT NULL AND f.reported IS NULL AND f.state <> ALL (%(open)s::text[])",
    "open": "f.state = ANY (%(open)s::text[])",
    "escalated": "f.escalated > 0",
    "unheard": "f.unheard > 0",
    "emergency": "f.urgency = 0",
}
_COUNTS = (f"count(*) FILTER (WHERE {words})::integer AS {name}" for name, words in MEASURES.items())
_SUMMARY = " ".join(("SELECT", ", ".join(_COUNTS), "FROM facts f"))
# Seconds from when it was first sent to when it first got there; of all, and of emergencies.
_TIMES = """
SELECT m.step, f.urgency = 0 AS emergency,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM m.at - f.sent)::float) AS seconds,
       count(*)::integer AS cases, grouping(f.urgency = 0) = 1 AS every
FROM facts f CROSS JOIN LATERAL (VALUES
    ('received', f.received), ('answered', f.answered), ('accepted', f.accepted), ('scheduled', f.scheduled),
    ('arrived', f.arrived), ('taken_in', f.taken_in), ('reported', f.reported), ('closed', f.closed)
) m(step, at)
WHERE m.at >= f.sent
GROUP BY GROUPING SETS ((m.step), (m.step, f.urgency = 0))
"""
_BOUNCES = """
SELECT b ->> 'act' AS act, b ->> 'code' AS code, (b ->> 'by')::uuid AS institution, f.department,
       coalesce(d.name, '') AS department_name, count(*)::integer AS cases
FROM facts f CROSS JOIN LATERAL jsonb_array_elements(f.bounces) b
LEFT JOIN network_department d ON d.id = f.department AND d.institution_id = (b ->> 'by')::uuid
GROUP BY 1, 2, 3, 4, 5 ORDER BY count(*) DESC, 1, 2, 5
"""
_DOWN = """
SELECT f.patients, f.receiver AS institution, count(*)::integer AS sent,
       count(f.accepted)::integer AS accepted, count(f.arrived)::integer AS arrived
FROM facts f WHERE f.kind = 'down'
GROUP BY 1, 2 ORDER BY 1, count(*) DESC, 2
"""
_MONTHS = """
SELECT date_trunc('month', f.sent AT TIME ZONE 'Asia/Shanghai')::date AS month,
       count(*) FILTER (WHERE f.kind = 'up')::integer AS up, count(*) FILTER (WHERE f.kind = 'down')::integer AS down
FROM facts f GROUP BY 1 ORDER BY 1
"""
# All of them from one look at the requests; each part as JSON.
NUMBERS = " ".join(
    (
        *(_FACTS, "SELECT (SELECT to_json(x) FROM (", _SUMMARY, ") x) AS counts,"),
        *("(SELECT json_agg(x) FROM (", _TIMES, ") x) AS times,"),
        *("(SELECT json_agg(x) FROM (", _BOUNCES, ") x) AS bounced,"),
        *("(SELECT json_agg(x) FROM (", _DOWN, ") x) AS down,"),
        *("(SELECT json_agg(x) FROM (", _MONTHS, ") x) AS months"),
    )
)
_LIST = """
SELECT f.id, f.number, f.kind, f.urgency, f.state, f.sender, f.receiver, coalesce(d.name, '') AS department,
       f.sent, f.answered, f.arrived, f.closed, count(*) OVER ()::integer AS found
FROM facts f LEFT JOIN network_department d ON d.id = f.department
WHERE {measure}
  AND (%(code)s = '' OR EXISTS (SELECT FROM jsonb_array_elements(f.bounces) b WHERE b ->> 'code' = %(code)s))
  AND (%(by)s::uuid IS NULL OR EXISTS (SELECT FROM jsonb_array_elements(f.bounces) b
                                       WHERE (b ->> 'by')::uuid = %(by)s::uuid
                                         AND (%(code)s = '' OR b ->> 'code' = %(code)s)))
  AND (%(department)s::uuid IS NULL OR f.department = %(department)s::uuid)
  AND (%(patients)s::text IS NULL OR f.patients = %(patients)s::text)
  AND (%(to)s::uuid IS NULL OR f.receiver = %(to)s::uuid)
ORDER BY f.sent DESC, f.id LIMIT %(limit)s OFFSET %(skip)s
"""
CASES: Mapping[str, str] = {
    name: _FACTS + _LIST.replace("{measure}", words) for name, words in MEASURES.items()
}
# Referrals down from hospitals of levels 2 and 3 to primary care, rehabilitation and nursing, that arrived there (XH-130).
GROWTH = """
SELECT count(*) FILTER (WHERE f.sent >= %(this_since)s AND f.sent < %(this_until)s)::integer AS this,
       count(*) FILTER (WHERE f.sent >= %(last_since)s AND f.sent < %(last_until)s)::integer AS last
FROM exchange_counted(%(institutions)s::uuid[], %(last_since)s, %(this_until)s) f
JOIN network_institutionversion a ON a.institution_id = f.sender
    AND a.period @> (f.sent AT TIME ZONE 'Asia/Shanghai')::date AND a.level >= %(level)s
JOIN network_institutionversion b ON b.institution_id = f.receiver
    AND b.period @> (f.sent AT TIME ZONE 'Asia/Shanghai')::date AND b.category = ANY (%(lower)s::text[])
WHERE f.kind = 'down' AND f.arrived IS NOT NULL AND f.sender = ANY (%(institutions)s::uuid[])
"""
# Days from the mark that somebody is ready to go down to the request that sends them (NHC-38, YN-52).
STAGES = """
SELECT w.stage, count(*)::integer AS marked, count(w.sent)::integer AS sent,
       count(*) FILTER (WHERE w.sent IS NULL AND w.left_at IS NULL)::integer AS waiting,
       count(*) FILTER (WHERE w.sent IS NULL AND w.left_at IS NOT NULL AND w.kept)::integer AS kept,
       count(*) FILTER (WHERE w.sent IS NULL AND w.left_at IS NOT NULL AND NOT w.kept)::integer AS left_without,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM w.sent - w.ready)::float / 86400)
           FILTER (WHERE w.sent IS NOT NULL) AS days
FROM exchange_went_down(%(institutions)s::uuid[], %(since)s, %(until)s) w
GROUP BY w.stage ORDER BY w.stage
"""
# Institutions that stand in the area on some day of the period.
INSTITUTIONS = """
SELECT v.institution_id AS id, v.name FROM network_institutionversion v
WHERE v.period && daterange(%(first)s::date, %(last)s::date, '[]') AND starts_with(v.division_code, %(area)s::text)
ORDER BY v.name, lower(v.period)
"""
