"""The statement behind the page of an institution: each part as JSON, all in one round trip."""

from __future__ import annotations

import re

# In the statement ``<institution x>`` stands for what the institution of id ``x`` is called on the day (else
# lately), ``<consortium x>`` likewise, and ``<party x>`` for a party's key as people read it (a government's
# stays its code).
_WORDS = {
    "institution": """(SELECT n.name FROM network_institutionversion n WHERE n.institution_id = {0}
        ORDER BY n.period @> %(on)s::date DESC, n.period DESC LIMIT 1)""",
    "consortium": """(SELECT n.name FROM network_consortiumversion n WHERE n.consortium_id = {0}
        ORDER BY n.period @> %(on)s::date DESC, n.period DESC LIMIT 1)""",
    "party": """CASE WHEN {0} LIKE 'institution:%%' THEN coalesce((SELECT n.name
        FROM network_institution i JOIN network_institutionversion n ON n.institution_id = i.id
        WHERE i.slug = substr({0}, 13) ORDER BY n.period @> %(on)s::date DESC, n.period DESC LIMIT 1), {0})
        ELSE {0} END""",
}


def written_out(statement: str) -> str:
    """The statement with ``<institution x>``, ``<consortium x>`` and ``<party x>`` written out."""
    return re.sub(r"<(\w+) ([\w.]+)>", lambda found: _WORDS[found[1]].format(found[2]), statement)


INSTITUTION = written_out("""
WITH mine AS MATERIALIZED (
    SELECT m.consortium_id, m.role, m.period, m.consented_on
    FROM network_membership m WHERE m.institution_id = %(id)s
),
today AS MATERIALIZED (SELECT consortium_id, role FROM mine WHERE period @> %(on)s::date),
wider AS MATERIALIZED (
    SELECT j.parent_id, j.child_id, j.period, t.role
    FROM today t JOIN network_joining j ON j.child_id = t.consortium_id AND j.period @> %(on)s::date
),
papers AS MATERIALIZED (
    SELECT a.id, a.title, a.signed_on, a.period, a.consortium_id
    FROM network_agreementparty p JOIN network_agreement a ON a.id = p.agreement_id
    WHERE p.institution_id = %(id)s AND a.period @> %(on)s::date AND a.signed_on <= %(on)s::date
),
ties AS MATERIALIZED (
    SELECT m.institution_id AS other, 'consortium' AS how, m.consortium_id AS key
    FROM network_membership m
    WHERE m.consortium_id IN (SELECT consortium_id FROM today UNION SELECT parent_id FROM wider)
      AND m.period @> %(on)s::date AND m.institution_id <> %(id)s
    UNION
    SELECT p.institution_id, 'agreement', p.agreement_id
    FROM papers a JOIN network_agreementparty p ON p.agreement_id = a.id
    WHERE p.institution_id <> %(id)s
    UNION
    SELECT t.entrusted_id, 'runs', t.id FROM network_trusteeship t
    WHERE t.trustee_id = %(id)s AND t.period @> %(on)s::date
    UNION
    SELECT t.trustee_id, 'run_by', t.id FROM network_trusteeship t
    WHERE t.entrusted_id = %(id)s AND t.period @> %(on)s::date
),
partners AS MATERIALIZED (
    SELECT other, count(*) AS ties, count(*) FILTER (WHERE how = 'consortium') AS consortia,
           count(*) FILTER (WHERE how = 'agreement') AS agreements,
           coalesce(min(how) FILTER (WHERE how LIKE 'run%%'), '') AS trusteeship
    FROM ties GROUP BY other
),
sites AS MATERIALIZED (
    SELECT s.clinician_id, s.ground, lower(s.period) AS since, s.agreement_id,
           (SELECT json_agg(json_build_array(o.institution_id, <institution o.institution_id>, o.ground)
                            ORDER BY o.ground DESC, lower(o.period))
            FROM network_practicesite o
            WHERE o.clinician_id = s.clinician_id AND o.period @> %(on)s::date
              AND o.institution_id <> %(id)s) AS elsewhere
    FROM network_practicesite s WHERE s.institution_id = %(id)s AND s.period @> %(on)s::date
)
SELECT
    (SELECT json_build_array(slug, social_credit_code) FROM network_institution WHERE id = %(id)s),
    (SELECT json_agg(json_build_object('name', name, 'category', category, 'level', level, 'grade', grade,
        'owner', owner, 'affiliation', affiliation, 'funding', funding, 'division_code', division_code,
        'township_code', township_code, 'beds', beds, 'beds_basis', beds_basis,
        'licence_number', licence_number, 'licence_until', licence_until, 'lng', lng, 'lat', lat,
        'place_is_illustrative', place_is_illustrative, 'qualified', qualified, 'subcentre', subcentre,
        'managed_as_level', managed_as_level, 'basis', basis,
        'start', lower(period), 'end', upper(period)) ORDER BY period)
     FROM network_institutionversion WHERE institution_id = %(id)s),
    (SELECT json_agg(json_build_array(s.on, s.kind, s.old_id = %(id)s,
        CASE WHEN s.old_id = %(id)s THEN s.new_id ELSE s.old_id END,
        CASE WHEN s.old_id = %(id)s THEN <institution s.new_id> ELSE <institution s.old_id> END) ORDER BY s.on)
     FROM network_succession s WHERE s.old_id = %(id)s OR s.new_id = %(id)s),
    (SELECT json_agg(json_build_array(m.consortium_id, <consortium m.consortium_id>, c.kind, m.role,
        lower(m.period), upper(m.period), m.consented_on, '') ORDER BY m.role <> 'LEAD', c.kind, lower(m.period))
     FROM mine m JOIN network_consortium c ON c.id = m.consortium_id),
    (SELECT json_agg(json_build_array(w.parent_id, <consortium w.parent_id>, c.kind, w.role,
        lower(w.period), upper(w.period), NULL, <consortium w.child_id>) ORDER BY c.kind)
     FROM wider w JOIN network_consortium c ON c.id = w.parent_id),
    (SELECT json_agg(json_build_array(other, name, level, consortia, agreements, trusteeship)
        ORDER BY ties DESC, level DESC, name)
     FROM (SELECT p.*, <institution p.other> AS name, coalesce((SELECT v.level FROM network_institutionversion v
           WHERE v.institution_id = p.other AND v.period @> %(on)s::date), 0) AS level
           FROM partners p ORDER BY ties DESC, level DESC, name LIMIT %(partners)s) AS first),
    (SELECT count(*) FROM partners),
    (SELECT json_agg(json_build_array(name, specialty_code) ORDER BY specialty_code, name)
     FROM network_department WHERE institution_id = %(id)s AND period @> %(on)s::date),
    (SELECT json_agg(json_build_array(kind, model, count) ORDER BY kind, model)
     FROM network_equipment WHERE institution_id = %(id)s AND period @> %(on)s::date),
    (SELECT json_agg(json_build_array(name, code, title, scope_code, ground, since, agreement, elsewhere)
        ORDER BY place)
     FROM (SELECT c.name, c.code, c.title, c.scope_code, s.ground, s.since, s.elsewhere,
               (SELECT a.title FROM network_agreement a WHERE a.id = s.agreement_id) AS agreement,
               row_number() OVER (ORDER BY s.ground, s.elsewhere IS NULL, c.name, c.id) AS place
           FROM sites s JOIN network_clinician c ON c.id = s.clinician_id
           ORDER BY place LIMIT %(people)s OFFSET %(skip)s) AS shown),
    (SELECT json_build_object('total', count(*), 'guests', count(*) FILTER (WHERE ground = 'AGREEMENT'),
        'also', count(*) FILTER (WHERE ground = 'REGISTERED' AND elsewhere IS NOT NULL)) FROM sites),
    (SELECT json_agg(kind ORDER BY kind) FROM network_facility
     WHERE institution_id = %(id)s AND period @> %(on)s::date),
    (SELECT json_agg(json_build_array(code, rank) ORDER BY code) FROM network_keyspecialty
     WHERE institution_id = %(id)s AND period @> %(on)s::date),
    (SELECT json_agg(code ORDER BY code) FROM network_licensedspecialty
     WHERE institution_id = %(id)s AND period @> %(on)s::date),
    (SELECT json_agg(json_build_array(a.id, a.title, a.signed_on, lower(a.period), upper(a.period),
        a.consortium_id, <consortium a.consortium_id>,
        (SELECT json_agg(CASE WHEN p.institution_id IS NULL THEN 'gov:' || p.government_of
                         ELSE <institution p.institution_id> END ORDER BY p.id)
         FROM network_agreementparty p
         WHERE p.agreement_id = a.id AND p.institution_id IS DISTINCT FROM %(id)s),
        (SELECT json_agg(json_build_array(<party o.debtor>, <party o.creditor>, o.text_zh, o.text_en,
            o.due, o.met_on, o.clause) ORDER BY o.due, o.text_zh)
         FROM network_obligation o JOIN network_institution i ON i.id = %(id)s
         WHERE o.agreement_id = a.id
           AND ('institution:' || i.slug) IN (o.debtor, o.creditor))) ORDER BY a.signed_on, a.title)
     FROM papers a),
    (SELECT json_agg(json_build_array(register, at, by)) FROM network_reported WHERE institution_id = %(id)s),
    json_build_object(
        'institutions', (SELECT json_build_array(count(*), max(lower(period)))
            FROM network_institutionversion WHERE institution_id = %(id)s AND period @> %(on)s::date),
        'departments', (SELECT json_build_array(count(*), max(lower(period)))
            FROM network_department WHERE institution_id = %(id)s AND period @> %(on)s::date),
        'equipment', (SELECT json_build_array(count(*), max(lower(period)))
            FROM network_equipment WHERE institution_id = %(id)s AND period @> %(on)s::date),
        'clinicians', (SELECT json_build_array(count(*), max(since)) FROM sites)),
    (SELECT a.name FROM network_planningarea a JOIN network_institutionversion v
        ON v.institution_id = %(id)s AND a.division_code = v.division_code
     WHERE a.period @> %(on)s::date ORDER BY v.period @> %(on)s::date DESC, v.period DESC LIMIT 1)
""")
