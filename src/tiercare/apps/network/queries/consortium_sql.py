"""The statement behind the page of a consortium: each part as JSON, all in one round trip."""

from __future__ import annotations

from .institution_sql import written_out

CONSORTIUM = written_out("""
WITH papers AS MATERIALIZED (
    SELECT * FROM network_agreement WHERE consortium_id = %(id)s AND period @> %(on)s::date
),
belonging AS MATERIALIZED (SELECT * FROM network_membership WHERE consortium_id = %(id)s)
SELECT
    (SELECT json_build_array(c.slug, c.kind, c.specialty_code, c.basis, c.approved_on, c.approved_by, v.name,
        v.division_code, v.tight, v.effective, v.committee, v.unified,
        (SELECT min(lower(a.period)) FROM network_consortiumversion a WHERE a.consortium_id = c.id))
     FROM network_consortium c JOIN network_consortiumversion v ON v.consortium_id = c.id
     WHERE c.id = %(id)s AND v.period @> %(on)s::date),
    (SELECT json_build_array(adopted_on, text) FROM network_charter
     WHERE consortium_id = %(id)s AND adopted_on <= %(on)s::date ORDER BY adopted_on DESC LIMIT 1),
    (SELECT json_agg(json_build_array(office, held_by) ORDER BY office, held_by) FROM network_councilseat
     WHERE consortium_id = %(id)s AND period @> %(on)s::date),
    (SELECT json_agg(json_build_array(m.institution_id, v.name, m.role, v.category, v.level, v.grade, v.owner,
        v.beds, v.division_code, v.basis, lower(m.period), upper(m.period), m.consented_on))
     FROM belonging m JOIN network_institutionversion v USING (institution_id)
     WHERE m.period @> %(on)s::date AND v.period @> %(on)s::date),
    (SELECT json_agg(DISTINCT jsonb_build_array(p.institution_id, v.name, v.division_code))::json
     FROM papers a JOIN network_agreementparty p ON p.agreement_id = a.id
     JOIN network_institutionversion v ON v.institution_id = p.institution_id AND v.period @> %(on)s::date
     WHERE p.institution_id NOT IN (SELECT institution_id FROM belonging WHERE period @> %(on)s::date)),
    (SELECT json_agg(json_build_array(j.child_id, <consortium j.child_id>, lower(j.period), upper(j.period))
        ORDER BY j.child_id) FROM network_joining j WHERE j.parent_id = %(id)s AND j.period @> %(on)s::date),
    (SELECT json_agg(json_build_array(j.parent_id, <consortium j.parent_id>, lower(j.period), upper(j.period))
        ORDER BY j.parent_id) FROM network_joining j WHERE j.child_id = %(id)s AND j.period @> %(on)s::date),
    (SELECT json_agg(json_build_array(a.id, a.title, a.signed_on, lower(a.period), upper(a.period), a.sections,
        a.basis,
        (SELECT json_agg(CASE WHEN p.institution_id IS NULL THEN 'gov:' || p.government_of
                         ELSE <institution p.institution_id> END ORDER BY p.id)
         FROM network_agreementparty p WHERE p.agreement_id = a.id),
        (SELECT json_agg(json_build_array(<party o.debtor>, <party o.creditor>, o.text_zh, o.text_en, o.due,
            o.met_on, o.clause) ORDER BY o.due, o.text_zh)
         FROM network_obligation o WHERE o.agreement_id = a.id)) ORDER BY a.signed_on, a.title) FROM papers a),
    (SELECT json_agg(json_build_array(g.id, g.name,
        (SELECT json_agg(p.division_code ORDER BY p.division_code) FROM network_gridplace p
         WHERE p.grid_id = g.id AND p.period @> %(on)s::date), lower(r.period), upper(r.period)) ORDER BY g.name)
     FROM network_responsibility r JOIN network_grid g ON g.id = r.grid_id
     WHERE r.consortium_id = %(id)s AND r.period @> %(on)s::date AND g.period @> %(on)s::date),
    (SELECT json_agg(json_build_array(what, name, role, start, until)) FROM (
        SELECT 'version' AS what, name, '' AS role, lower(period) AS start, upper(period) AS until
        FROM network_consortiumversion WHERE consortium_id = %(id)s
        UNION ALL
        SELECT 'member', <institution m.institution_id>, m.role, lower(m.period), upper(m.period) FROM belonging m
        UNION ALL
        SELECT 'joined', <consortium j.child_id>, '', lower(j.period), upper(j.period)
        FROM network_joining j WHERE j.parent_id = %(id)s) AS happened),
    (SELECT json_agg(json_build_array(division_code, name)) FROM network_planningarea
     WHERE period @> %(on)s::date AND division_code IN (
        SELECT v.division_code FROM belonging m JOIN network_institutionversion v USING (institution_id)
        UNION SELECT division_code FROM network_consortiumversion WHERE consortium_id = %(id)s
        UNION SELECT p.government_of FROM papers a JOIN network_agreementparty p ON p.agreement_id = a.id))
""")
