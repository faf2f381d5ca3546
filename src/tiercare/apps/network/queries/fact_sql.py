"""Statements behind the fact tables of the network: how it stands on a day, in the words of ``facts.yaml``."""

from __future__ import annotations

# Every institution as it stood on the day; of one that is closed by then, as it stood last: what was done there is counted
# there. Its consortium is that of its area before any other; by name where there are several.
PLACES = """
SELECT DISTINCT ON (v.institution_id) v.institution_id AS id, i.slug, v.division_code AS county,
       coalesce(nullif(v.township_code, ''), v.division_code) AS division, v.category, v.level, v.grade, v.owner,
       v.period @> %(on)s::date AS stands, v.beds, c.slug AS consortium, c.role, c.tight, c.kind AS form, a.kind AS area
FROM network_institutionversion v
JOIN network_institution i ON i.id = v.institution_id
LEFT JOIN LATERAL (
    SELECT c.slug, m.role, w.tight, c.kind
    FROM network_membership m JOIN network_consortium c ON c.id = m.consortium_id
    JOIN network_consortiumversion w ON w.consortium_id = c.id AND w.period @> %(on)s::date
    WHERE m.institution_id = v.institution_id AND m.period @> %(on)s::date
    ORDER BY c.kind <> ALL (%(areal)s::text[]), c.slug LIMIT 1
) c ON true
LEFT JOIN LATERAL (
    SELECT p.kind FROM network_planningarea p
    WHERE p.division_code = v.division_code AND p.period @> %(on)s::date ORDER BY length(p.region) DESC LIMIT 1
) a ON true
WHERE lower(v.period) <= %(on)s::date
ORDER BY v.institution_id, lower(v.period) DESC
"""
# Which consortium answers for a place: of its grid, by name where there are several.
ANSWERS = """
SELECT DISTINCT ON (p.division_code) p.division_code AS division, c.slug AS consortium
FROM network_gridplace p
JOIN network_responsibility r ON r.grid_id = p.grid_id AND r.period @> %(on)s::date
JOIN network_consortium c ON c.id = r.consortium_id
WHERE p.period @> %(on)s::date
ORDER BY p.division_code, c.slug
"""
FACILITIES = """
SELECT f.institution_id AS id, f.kind, lower(f.period) AS since FROM network_facility f
WHERE f.period @> %(on)s::date ORDER BY f.kind
"""
SPECIALTIES = """
SELECT s.institution_id AS id, s.code, lower(s.period) AS since FROM network_licensedspecialty s
WHERE s.period @> %(on)s::date AND s.code = ANY (%(codes)s::text[])
"""
CONSORTIA = """
SELECT c.slug, c.kind, v.division_code AS division, v.tight, v.effective,
       (SELECT min(lower(a.period)) FROM network_consortiumversion a WHERE a.consortium_id = c.id) AS started,
       (SELECT m.institution_id FROM network_membership m
        WHERE m.consortium_id = c.id AND m.role = 'LEAD' AND m.period @> %(on)s::date) AS lead,
       EXISTS (SELECT FROM network_membership m JOIN network_facility f ON f.institution_id = m.institution_id
               WHERE m.consortium_id = c.id AND m.period @> %(on)s::date
                 AND f.kind = 'telemedicine_node' AND f.period @> %(on)s::date) AS telemedicine
FROM network_consortium c JOIN network_consortiumversion v ON v.consortium_id = c.id
WHERE v.period @> %(on)s::date AND starts_with(v.division_code, %(region)s) ORDER BY c.slug
"""
STAFF = """
SELECT DISTINCT c.id AS person, s.institution_id AS id, c.title, c.scope_code
FROM network_practicesite s JOIN network_clinician c ON c.id = s.clinician_id
WHERE s.period @> %(on)s::date
"""
# Signed by all, in force; its parties that are institutions, and whether it stands behind a trusteeship or a posting.
AGREEMENTS = """
SELECT a.slug, lower(a.period) AS since, c.kind AS consortium, c.specialty_code AS specialty,
       ARRAY(SELECT p.institution_id FROM network_agreementparty p
             WHERE p.agreement_id = a.id AND p.institution_id IS NOT NULL) AS parties,
       EXISTS (SELECT FROM network_trusteeship t WHERE t.agreement_id = a.id AND t.period @> %(on)s::date) AS trust,
       EXISTS (SELECT FROM network_practicesite s WHERE s.agreement_id = a.id AND s.period @> %(on)s::date) AS posts
FROM network_agreement a LEFT JOIN network_consortium c ON c.id = a.consortium_id
WHERE a.period @> %(on)s::date AND a.signed_on <= %(on)s::date ORDER BY a.slug
"""
COMMUNITIES = """
SELECT v.division_code AS division FROM network_consortiumversion v
JOIN network_consortium c ON c.id = v.consortium_id
WHERE c.kind = 'COUNTY_COMMUNITY' AND v.period @> %(on)s::date
UNION
SELECT p.division_code FROM network_gridplace p
JOIN network_responsibility r ON r.grid_id = p.grid_id AND r.period @> %(on)s::date
JOIN network_consortium c ON c.id = r.consortium_id AND c.kind = 'COUNTY_COMMUNITY'
WHERE p.period @> %(on)s::date
"""
# A duty is one of a body under a clause; several of them are done when all are.
DUTIES = """
SELECT o.clause, o.debtor AS body, max(o.due) AS due,
       CASE WHEN bool_and(o.met_on IS NOT NULL AND o.met_on <= %(on)s::date) THEN max(o.met_on) END AS done
FROM network_obligation o JOIN network_agreement a ON a.id = o.agreement_id
WHERE o.clause <> '' AND a.signed_on <= %(on)s::date AND lower(a.period) <= %(on)s::date
GROUP BY o.clause, o.debtor ORDER BY o.clause, o.debtor
"""
