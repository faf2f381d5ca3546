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
