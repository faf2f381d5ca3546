"""Named statements of the network."""

# Refuses a circle of trusteeship, on whatever day it would close: the walk carries the days on which every
# step holds. By the lock it runs one transaction at a time, so that two
# half-circles committed at once cannot make a whole one. It refuses and never decides: rules.partners has
# the same rule in Python, and a test holds the two together.
NO_CYCLE_OF_TRUSTEESHIP = """
CREATE FUNCTION network_no_cycle_of_trusteeship() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('network_trusteeship'));
    IF EXISTS (
        WITH RECURSIVE chain(institution, days) AS (
            SELECT NEW.entrusted_id, NEW.period
            UNION
            SELECT t.entrusted_id, chain.days * t.period
            FROM chain
            JOIN network_trusteeship t ON t.trustee_id = chain.institution
            WHERE NOT isempty(chain.days * t.period)
        )
        SELECT 1 FROM chain WHERE institution = NEW.trustee_id
    ) THEN
        RAISE EXCEPTION 'trusteeship would close a circle'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'no_cycle_of_trusteeship';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER no_cycle_of_trusteeship
    AFTER INSERT OR UPDATE ON network_trusteeship
    DEFERRABLE INITIALLY IMMEDIATE
    FOR EACH ROW EXECUTE FUNCTION network_no_cycle_of_trusteeship();
"""

DROP_NO_CYCLE_OF_TRUSTEESHIP = """
DROP TRIGGER no_cycle_of_trusteeship ON network_trusteeship;
DROP FUNCTION network_no_cycle_of_trusteeship();
"""

# Everything that the rule cards look at, for the divisions from %(low)s up to (not including) %(high)s, on one
# day, in one statement: each part as a JSON array of arrays. Institutions outside come along where one inside
# shares a consortium, an agreement or a trusteeship with them; consortia of other areas ("beyond") where one
# inside belongs to them, or a community of here joined them, with their lead and those members only. An
# agreement counts once everybody has signed.
#
# What was found is handed on as an array: its size is unknown to the planner, which then looks rows up by index,
# as it should for a prefecture. Joined, it guesses large and reads whole tables (a country: 750 ms, not 15).
FACTS = """
WITH own AS MATERIALIZED (
    SELECT consortium_id FROM network_consortiumversion
    WHERE division_code >= %(low)s AND division_code < %(high)s AND period @> %(on)s::date
),
inside AS MATERIALIZED (
    SELECT institution_id FROM network_institutionversion
    WHERE division_code >= %(low)s AND division_code < %(high)s AND period @> %(on)s::date
),
beyond AS MATERIALIZED (
    (SELECT m.consortium_id FROM network_membership m
     WHERE m.institution_id = ANY(ARRAY(SELECT institution_id FROM inside)) AND m.period @> %(on)s::date
     UNION SELECT j.parent_id FROM network_joining j
     WHERE j.child_id = ANY(ARRAY(SELECT consortium_id FROM own)) AND j.period @> %(on)s::date)
    EXCEPT SELECT consortium_id FROM own
),
versions AS MATERIALIZED (
    SELECT v.*, c.kind, c.specialty_code, c.approved_on,
           v.consortium_id IN (SELECT consortium_id FROM beyond) AS beyond
    FROM network_consortiumversion v JOIN network_consortium c ON c.id = v.consortium_id
    WHERE v.consortium_id = ANY(ARRAY(SELECT consortium_id FROM own UNION ALL SELECT consortium_id FROM beyond))
      AND v.period @> %(on)s::date
),
members AS MATERIALIZED (
    SELECT m.consortium_id, m.institution_id, m.role, lower(m.period) AS start, m.consented_on
    FROM network_membership m JOIN versions v USING (consortium_id)
    WHERE m.consortium_id = ANY(ARRAY(SELECT consortium_id FROM versions)) AND m.period @> %(on)s::date
      AND (NOT v.beyond OR m.role = 'LEAD' OR m.institution_id IN (SELECT institution_id FROM inside))
),
signed AS MATERIALIZED (
    SELECT DISTINCT p.agreement_id
    FROM network_agreementparty p JOIN network_agreement a ON a.id = p.agreement_id
    WHERE p.institution_id = ANY(ARRAY(SELECT institution_id FROM inside))
      AND a.period @> %(on)s::date AND a.signed_on <= %(on)s::date
),
around AS MATERIALIZED (
    SELECT institution_id FROM members
    UNION SELECT p.institution_id FROM network_agreementparty p
          WHERE p.agreement_id = ANY(ARRAY(SELECT agreement_id FROM signed)) AND p.institution_id IS NOT NULL
    UNION SELECT t.trustee_id FROM network_trusteeship t
          WHERE t.entrusted_id = ANY(ARRAY(SELECT institution_id FROM inside)) AND t.period @> %(on)s::date
),
institutions AS MATERIALIZED (
    SELECT v.*, (SELECT i.slug FROM network_institution i WHERE i.id = v.institution_id) AS slug
    FROM network_institutionversion v
    WHERE v.institution_id = ANY(ARRAY(SELECT institution_id FROM inside UNION SELECT institution_id FROM around))
      AND v.period @> %(on)s::date
),
papers AS MATERIALIZED (
    SELECT a.id, a.consortium_id, a.sections
    FROM network_agreement a
    WHERE a.period @> %(on)s::date AND a.signed_on <= %(on)s::date
      AND (a.consortium_id = ANY(ARRAY(SELECT consortium_id FROM own))
           OR a.id = ANY(ARRAY(SELECT p.agreement_id FROM network_agreementparty p
                         WHERE p.institution_id = ANY(ARRAY(SELECT institution_id FROM institutions)))))
),
grids AS MATERIALIZED (
    SELECT g.id, g.name FROM network_grid g
    WHERE g.period @> %(on)s::date AND g.id IN (
        SELECT p.grid_id FROM network_gridplace p
        WHERE p.division_code >= %(low)s AND p.division_code < %(high)s AND p.period @> %(on)s::date)
)
SELECT
    (SELECT json_agg(json_build_array(institution_id, name, slug, category, level, grade, owner, affiliation,
        division_code, township_code, beds, qualified, subcentre, managed_as_level)) FROM institutions),
    (SELECT json_agg(json_build_array(s.institution_id, s.code)) FROM network_licensedspecialty s
        WHERE s.institution_id = ANY(ARRAY(SELECT institution_id FROM institutions)) AND s.period @> %(on)s::date),
    (SELECT json_agg(json_build_array(s.institution_id, s.code, s.rank)) FROM network_keyspecialty s
        WHERE s.institution_id = ANY(ARRAY(SELECT institution_id FROM institutions)) AND s.period @> %(on)s::date),
    (SELECT json_agg(json_build_array(f.institution_id, f.kind)) FROM network_facility f
        WHERE f.institution_id = ANY(ARRAY(SELECT institution_id FROM institutions)) AND f.period @> %(on)s::date),
    (SELECT json_agg(json_build_array(d.institution_id, d.specialty_code)) FROM network_department d
        WHERE d.institution_id = ANY(ARRAY(SELECT institution_id FROM institutions)) AND d.period @> %(on)s::date),
    (SELECT json_agg(json_build_array(p.institution_id, c.scope_code)) FROM network_practicesite p
        JOIN network_clinician c ON c.id = p.clinician_id
        WHERE p.institution_id = ANY(ARRAY(SELECT institution_id FROM institutions)) AND p.period @> %(on)s::date AND c.scope_code <> ''),
    (SELECT json_agg(json_build_array(v.consortium_id, v.name, v.kind, v.division_code, v.tight,
        v.specialty_code, v.approved_on <= %(on)s::date, v.effective, v.committee, v.unified,
        EXISTS (SELECT 1 FROM network_councilseat s
                WHERE s.consortium_id = v.consortium_id AND s.period @> %(on)s::date),
        (SELECT json_build_array(c.texts) FROM network_charter c
         WHERE c.consortium_id = v.consortium_id AND c.adopted_on <= %(on)s::date
         ORDER BY c.adopted_on DESC LIMIT 1), v.beyond)) FROM versions v),
    (SELECT json_agg(json_build_array(consortium_id, institution_id, role, start, consented_on)) FROM members),
    (SELECT json_agg(json_build_array(j.parent_id, j.child_id)) FROM network_joining j
        WHERE j.period @> %(on)s::date AND (
            j.child_id = ANY(ARRAY(SELECT consortium_id FROM own))
            AND j.parent_id IN (SELECT consortium_id FROM versions)
            OR j.parent_id = ANY(ARRAY(SELECT consortium_id FROM own))
            AND j.child_id IN (SELECT consortium_id FROM versions))),
    (SELECT json_agg(json_build_array(division_code, name, kind, region)) FROM network_planningarea
        WHERE (region = ANY(%(around)s) OR (region >= %(low)s AND region < %(high)s))
          AND division_code >= %(low)s AND division_code < %(high)s AND period @> %(on)s::date),
    (SELECT json_agg(json_build_array(id, name,
        (SELECT json_agg(p.division_code) FROM network_gridplace p
         WHERE p.grid_id = g.id AND p.period @> %(on)s::date),
        (SELECT json_agg(DISTINCT r.consortium_id) FROM network_responsibility r JOIN versions USING (consortium_id)
         WHERE r.grid_id = g.id AND r.period @> %(on)s::date))) FROM grids g),
    (SELECT json_agg(json_build_array(a.id, a.consortium_id, a.sections,
        (SELECT json_agg(coalesce(p.institution_id::text, 'gov:' || p.government_of))
         FROM network_agreementparty p WHERE p.agreement_id = a.id))) FROM papers a),
    (SELECT json_agg(json_build_array(t.trustee_id, t.entrusted_id, coalesce(a.period @> %(on)s::date, false)))
        FROM network_trusteeship t LEFT JOIN network_agreement a ON a.id = t.agreement_id
        WHERE t.period @> %(on)s::date AND t.trustee_id IN (SELECT institution_id FROM institutions)
          AND t.entrusted_id = ANY(ARRAY(SELECT institution_id FROM institutions))),
    (SELECT json_agg(json_build_array(p.division_code, p.kind, p.finished_on,
        (SELECT count(*) FROM network_planmilestone m WHERE m.plan_id = p.id)) ORDER BY p.finished_on)
        FROM network_regionalplan p
        WHERE p.finished_on <= %(on)s::date AND p.division_code = ANY(%(heads)s)
           OR p.finished_on <= %(on)s::date AND p.division_code >= %(low)s AND p.division_code < %(high)s),
    (SELECT json_agg(json_build_array(v.institution_id, lower(v.period), v.affiliation, v.owner, v.funding)
        ORDER BY v.institution_id, v.period)
        FROM network_institutionversion v WHERE v.institution_id = ANY(ARRAY(
            SELECT i.institution_id FROM network_institutionversion i
            WHERE i.institution_id = ANY(ARRAY(SELECT institution_id FROM members))
            GROUP BY i.institution_id HAVING count(*) > 1)))
"""
