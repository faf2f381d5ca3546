"""Who could receive a patient, and the first place that each has: one statement each, however many there are."""

from __future__ import annotations

# Who the resident is to the sender, and what insures them, past the wall and no more.
GROUND = """
WITH day AS (SELECT (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date AS today)
SELECT g.person, g.known, g.signed_at, g.deceased, day.today, c.scheme FROM day
CROSS JOIN LATERAL residents_ground_to_book(%(resident)s::uuid, %(sender)s::uuid, NULL, NULL, day.today) g
LEFT JOIN LATERAL residents_cover_at(g.person, day.today) c ON true
"""

# Consortia of the sender (own) and those that these joined as a whole (above); of each, who belongs to it, and who
# belongs to another consortium that joined it (beside).
_TIES = """
me AS (
    SELECT v.lng, v.lat, v.division_code FROM network_institutionversion v
    WHERE v.institution_id = %(sender)s::uuid AND v.period @> %(on)s::date
), own AS (
    SELECT m.consortium_id AS id FROM network_membership m
    WHERE m.institution_id = %(sender)s::uuid AND m.period @> %(on)s::date
), around AS (
    SELECT id, 'own' AS standing FROM own
    UNION
    SELECT j.parent_id, 'above' FROM network_joining j JOIN own ON own.id = j.child_id WHERE j.period @> %(on)s::date
), belongs AS (
    SELECT m.institution_id, a.id, m.role, a.standing FROM around a JOIN network_membership m ON m.consortium_id = a.id
    WHERE m.period @> %(on)s::date
    UNION
    SELECT m.institution_id, a.id, m.role, 'beside' FROM around a JOIN network_joining j ON j.parent_id = a.id
    JOIN network_membership m ON m.consortium_id = j.child_id
    WHERE j.period @> %(on)s::date AND m.period @> %(on)s::date
      AND j.child_id NOT IN (SELECT id FROM own)
), ties AS (
    SELECT b.institution_id, json_agg(DISTINCT jsonb_build_array(c.kind, b.role, b.standing)) AS belongings
    FROM belongs b JOIN network_consortium c ON c.id = b.id
    WHERE EXISTS (SELECT FROM network_consortiumversion w WHERE w.consortium_id = c.id AND w.period @> %(on)s::date)
    GROUP BY b.institution_id
), leads AS (
    SELECT DISTINCT m.institution_id FROM network_consortium c
    JOIN network_consortiumversion w ON w.consortium_id = c.id AND w.period @> %(on)s::date
    JOIN network_membership m ON m.consortium_id = c.id AND m.role = 'LEAD' AND m.period @> %(on)s::date, me
    WHERE c.kind = 'SPECIALTY_ALLIANCE' AND c.specialty_code = ANY (%(codes)s::text[])
      AND left(w.division_code, 2) = left(me.division_code, 2)
)
"""
# In the sender's prefecture, of a consortium around it, leading an alliance where that knows no areas, or near; each by
# its own index, so that a nation's register is not read through for one patient.
_WITHIN = """
, within AS (
    SELECT v.institution_id FROM me JOIN network_institutionversion v
        ON v.division_code BETWEEN left(me.division_code, 4) || '00' AND left(me.division_code, 4) || '99'
    WHERE greatest(v.level, v.managed_as_level) >= %(lowest)s::integer
    UNION SELECT institution_id FROM ties
    UNION SELECT institution_id FROM leads WHERE %(alliances)s::boolean
    UNION
    SELECT v.institution_id FROM me JOIN network_institutionversion v
        ON greatest(v.level, v.managed_as_level) >= %(lowest)s::integer
        AND v.lat BETWEEN me.lat - %(far)s::double precision / 111.0 AND me.lat + %(far)s::double precision / 111.0
        AND v.lng BETWEEN me.lng - %(far)s::double precision / (111.0 * cos(radians(me.lat)))
                      AND me.lng + %(far)s::double precision / (111.0 * cos(radians(me.lat)))
    WHERE %(far)s::double precision > 0
)
"""
# A licence for the specialty itself or for one below it; or for the one above where the institution has not divided
# that (诊疗科目名录使用说明: 未划分二级学科的，只填报一级科目).
_LICENCE = """
LEFT JOIN LATERAL (
    SELECT l.code FROM network_licensedspecialty l
    WHERE l.institution_id = v.institution_id AND l.period @> %(on)s::date
      AND (l.code = %(specialty)s::text OR l.code LIKE %(specialty)s::text || '.%%'
           OR l.code = ANY (%(codes)s::text[]) AND NOT EXISTS (
               SELECT FROM network_licensedspecialty d WHERE d.institution_id = l.institution_id
               AND d.period @> %(on)s::date AND d.code LIKE l.code || '.%%'))
    ORDER BY l.code = %(specialty)s::text DESC, length(l.code) DESC, l.code LIMIT 1
) licence ON %(specialty)s::text <> ''
"""
# 20 is 急诊医学科. An accepted county sub-centre counts as the level that it is managed as (TY-58 县域医疗卫生次中心).
_COLUMNS = """
SELECT v.institution_id, v.name, greatest(v.level, v.managed_as_level) AS level,
       v.category, v.owner, v.affiliation, v.division_code AS division, v.lng, v.lat,
       me.lng AS from_lng, me.lat AS from_lat, licence.code AS licence,
       %(specialty)s::text <> '' AS licence_asked, t.belongings,
       EXISTS (SELECT FROM leads WHERE leads.institution_id = v.institution_id) AS alliance,
       EXISTS (SELECT FROM network_membership m JOIN network_consortium c ON c.id = m.consortium_id
               WHERE m.institution_id = v.institution_id AND m.role = 'LEAD' AND c.kind = 'COUNTY_COMMUNITY'
               AND m.period @> %(on)s::date) AS leads_county,
       EXISTS (SELECT FROM network_licensedspecialty e WHERE e.institution_id = v.institution_id
               AND e.code = '20' AND e.period @> %(on)s::date) AS emergency,
       (SELECT k.rank FROM network_keyspecialty k
        WHERE k.institution_id = v.institution_id AND k.code = ANY (%(codes)s::text[]) AND k.period @> %(on)s::date
        ORDER BY length(k.code) DESC LIMIT 1) AS key_rank,
       (SELECT json_agg(json_build_array(d.id, d.name) ORDER BY d.name) FROM network_department d
        WHERE d.institution_id = v.institution_id AND d.specialty_code = licence.code
          AND d.period @> %(on)s::date) AS departments,
       CASE WHEN %(offers)s::boolean THEN ARRAY(SELECT l.code FROM network_licensedspecialty l
            WHERE l.institution_id = v.institution_id AND l.period @> %(on)s::date) ELSE '{}' END AS specialties,
       CASE WHEN %(offers)s::boolean THEN ARRAY(SELECT f.kind FROM network_facility f
            WHERE f.institution_id = v.institution_id AND f.period @> %(on)s::date) ELSE '{}' END AS facilities
"""
_FROM = """
FROM network_institutionversion v CROSS JOIN me LEFT JOIN ties t ON t.institution_id = v.institution_id
"""
# A specialty without a code is any.
_WHERE = """
WHERE v.period @> %(on)s::date
  AND (v.institution_id = ANY (%(always)s::uuid[])
       OR v.institution_id <> %(sender)s::uuid AND v.category = ANY (%(categories)s::text[])
       AND greatest(v.level, v.managed_as_level) >= %(lowest)s::integer)
  AND v.institution_id = ANY (ARRAY(SELECT institution_id FROM within) || %(always)s::uuid[])
"""
# One institution, as far as anything about it could speak against sending somebody there; a row of nothing where it is
# not open.
ONE = "".join(
    (
        """
SELECT v.name, v.category, v.level, v.owner, v.affiliation, v.division_code AS division, licence.code AS licence,
       ARRAY(SELECT l.code FROM network_licensedspecialty l
             WHERE l.institution_id = v.institution_id AND l.period @> %(on)s::date) AS specialties,
       ARRAY(SELECT f.kind FROM network_facility f
             WHERE f.institution_id = v.institution_id AND f.period @> %(on)s::date) AS facilities,
       EXISTS (SELECT FROM network_institutionversion w
               WHERE w.institution_id = %(sender)s::uuid AND w.period @> %(on)s::date) AS sends
FROM (VALUES (1)) AS once LEFT JOIN network_institutionversion v
    ON v.institution_id = %(to)s::uuid AND v.period @> %(on)s::date
""",
        _LICENCE,
    )
)
CANDIDATES = "".join(("WITH", _TIES, _WITHIN, _COLUMNS, _FROM, _LICENCE, _WHERE))

# The first free place of each institution, in the pools of the specialty that it is licensed for.
FIRST = """
WITH kin AS (
    SELECT * FROM unnest(%(institutions)s::uuid[], %(channels)s::text[], %(licences)s::text[])
        AS k (institution_id, channel, code)
)
SELECT f.*, k.channel FROM kin k CROSS JOIN LATERAL (
    SELECT l.id AS slot_id, s.id AS session_id, s.pool_id, s.institution_id, p.name AS pool, s.grade,
           s.clinician_name AS physician, lower(l.during) AS starts_at, upper(l.during) AS ends_at,
           least(l.capacity - l.used, room.units) AS free
    FROM capacity_session s JOIN capacity_pool p ON p.id = s.pool_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(q.cap - q.used), 0)::integer AS units FROM capacity_quota q
        WHERE q.session_id = s.id AND (
            q.channel = ANY (CASE k.channel WHEN 'FAMILY_DOCTOR' THEN %(family)s::text[]
                                            WHEN 'REFERRAL' THEN %(referral)s::text[]
                                            WHEN 'MEMBER' THEN %(member)s::text[] ELSE '{OPEN}' END)
            AND q.holder_id IN (%(nobody)s::uuid, %(sender)s::uuid)
            OR q.channel NOT IN ('WALK_IN', 'OVERBOOK') AND q.release_at <= (SELECT tiercare_now()))
    ) room
    CROSS JOIN LATERAL (
        SELECT * FROM capacity_slot e
        WHERE e.session_id = s.id AND e.used < e.capacity AND lower(e.during) > (SELECT tiercare_now())
        ORDER BY lower(e.during) LIMIT 1
    ) l
    WHERE s.institution_id = k.institution_id AND s.kind = 'CLINIC' AND s.state = 'PUBLISHED'
      AND (k.code = '' OR s.specialty_code = k.code) AND s.day BETWEEN %(first)s::date AND %(last)s::date
      AND upper(s.during) > (SELECT tiercare_now()) AND room.units > 0
    ORDER BY s.day, lower(l.during), l.id LIMIT 1
) f
"""
