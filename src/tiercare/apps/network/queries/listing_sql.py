"""The statements of the lists of institutions and consortia; ``listing`` fills and reads them."""

from __future__ import annotations

# Versions that a text is found in: each half by the index of its own table, which an OR between them is not.
FOUND = """
WITH found AS MATERIALIZED (
    SELECT id FROM network_institutionversion WHERE name LIKE %(text)s OR initials LIKE %(initials)s
    UNION
    SELECT v.id FROM network_institution i JOIN network_institutionversion v ON v.institution_id = i.id
    WHERE i.slug LIKE %(initials)s OR i.social_credit_code LIKE %(code)s
)
"""
FITS = "v.id IN (SELECT id FROM found)"
CALLED = """
WITH called AS MATERIALIZED (
    SELECT id FROM network_institution WHERE slug LIKE %(initials)s OR social_credit_code LIKE %(code)s
)
"""
FITS_SHORT = (
    "(v.name LIKE %(text)s OR v.initials LIKE %(initials)s OR v.institution_id IN (SELECT id FROM called))"
)
# The page is cut by the index alone; only its rows are visited.
INSTITUTIONS = """
SELECT
    (SELECT count(*) FROM network_institutionversion v WHERE {where}),
    (SELECT json_agg(json_build_array(p.institution_id, i.slug, p.name, p.category, p.level, p.grade, p.owner,
        p.affiliation, p.division_code, p.township_code, p.beds, p.licence_number, p.licence_until,
        i.social_credit_code, p.basis,
        (SELECT a.name FROM network_planningarea a WHERE a.division_code = p.division_code
         AND a.period @> %(on)s::date LIMIT 1),
        (SELECT count(*) FROM network_membership m
         WHERE m.institution_id = p.institution_id AND m.period @> %(on)s::date),
        (SELECT count(*) FROM network_membership m
         WHERE m.institution_id = p.institution_id AND m.period @> %(on)s::date AND m.role = 'LEAD'),
        (SELECT count(*) FROM network_department d
         WHERE d.institution_id = p.institution_id AND d.period @> %(on)s::date),
        (SELECT coalesce(sum(e.count), 0) FROM network_equipment e
         WHERE e.institution_id = p.institution_id AND e.period @> %(on)s::date),
        (SELECT count(*) FROM network_practicesite s
         WHERE s.institution_id = p.institution_id AND s.period @> %(on)s::date)) ORDER BY {placed})
     FROM network_institutionversion p JOIN network_institution i ON i.id = p.institution_id
     WHERE p.id = ANY(ARRAY(SELECT v.id FROM network_institutionversion v
                            WHERE {where} ORDER BY {order} LIMIT %(limit)s OFFSET %(skip)s))),
    (SELECT json_agg(json_build_array(institution_id, name, category, lng, lat, place_is_illustrative))
     FROM (SELECT v.* FROM network_institutionversion v
           WHERE {mapped} AND v.lng IS NOT NULL AND v.lat IS NOT NULL AND {where}
           ORDER BY v.level, v.id LIMIT %(signs)s) AS shown)
"""
# Consortia in which an institution from here takes part.
GUESTS = """
    SELECT m.consortium_id FROM network_membership m
    WHERE m.period @> %(on)s::date AND m.institution_id = ANY(ARRAY(
        SELECT h.institution_id FROM network_institutionversion h
        WHERE {here} AND h.period @> %(on)s::date))
"""
# Consortia whose lead has the text in its name.
LED_BY = """
    SELECT m.consortium_id FROM network_membership m WHERE m.role = 'LEAD' AND m.period @> %(on)s::date
    AND m.institution_id = ANY(ARRAY(SELECT institution_id FROM network_institutionversion
                                     WHERE name LIKE %(text)s AND period @> %(on)s::date))
"""
WITH_MEMBER = """EXISTS (SELECT 1 FROM network_membership m WHERE m.consortium_id = v.consortium_id
    AND m.institution_id = %(member)s AND m.period @> %(on)s::date)"""
# How far a consortium reaches, as ``rules.reach.reached`` has it of its members.
SPREAD = """(
    SELECT CASE WHEN bool_or(left(place, 2) <> left(v.division_code, 2)) THEN 'PROVINCES'
                WHEN count(DISTINCT left(place, 4)) > 1 THEN 'PREFECTURES' ELSE 'LOCAL' END
    FROM (SELECT o.division_code AS place FROM network_membership m
          JOIN network_institutionversion o ON o.institution_id = m.institution_id AND o.period @> %(on)s::date
          WHERE m.consortium_id = v.consortium_id AND m.period @> %(on)s::date
          UNION SELECT v.division_code WHERE length(v.division_code) >= 4) AS places)"""
CONSORTIA = """
WITH fitting AS MATERIALIZED (
    SELECT v.consortium_id, v.name, v.division_code, v.tight, c.slug, c.kind, c.basis, {own} AS local,
           {spread} AS reach,
           array_position(%(kinds)s::text[], c.kind::text) AS rank
    FROM network_consortiumversion v JOIN network_consortium c ON c.id = v.consortium_id
    WHERE {where}
)
SELECT
    (SELECT json_agg(json_build_array(kind, number))
     FROM (SELECT kind, count(*) AS number FROM fitting GROUP BY kind) AS counted),
    (SELECT json_agg(json_build_array(reach, number))
     FROM (SELECT reach, count(*) AS number FROM fitting GROUP BY reach) AS counted),
    (SELECT json_agg(json_build_array(f.consortium_id, f.slug, f.name, f.kind, f.division_code, f.tight, f.basis,
        (SELECT min(lower(a.period)) FROM network_consortiumversion a WHERE a.consortium_id = f.consortium_id),
        (SELECT json_build_array(m.institution_id, l.name) FROM network_membership m
         LEFT JOIN network_institutionversion l
              ON l.institution_id = m.institution_id AND l.period @> %(on)s::date
         WHERE m.consortium_id = f.consortium_id AND m.role = 'LEAD' AND m.period @> %(on)s::date LIMIT 1),
        (SELECT count(*) FROM network_membership m
         WHERE m.consortium_id = f.consortium_id AND m.period @> %(on)s::date),
        (SELECT count(*) FROM network_joining j
         WHERE j.parent_id = f.consortium_id AND j.period @> %(on)s::date),
        f.local,
        (SELECT json_agg(DISTINCT o.division_code) FROM network_membership m
         JOIN network_institutionversion o ON o.institution_id = m.institution_id AND o.period @> %(on)s::date
         WHERE m.consortium_id = f.consortium_id AND m.period @> %(on)s::date),
        (SELECT a.name FROM network_planningarea a WHERE a.division_code = f.division_code
         AND a.period @> %(on)s::date LIMIT 1)) ORDER BY f.local DESC, f.rank, f.division_code, f.name, f.consortium_id)
     FROM (SELECT * FROM fitting ORDER BY local DESC, rank, division_code, name, consortium_id
           LIMIT %(limit)s OFFSET %(skip)s) AS f)
"""
