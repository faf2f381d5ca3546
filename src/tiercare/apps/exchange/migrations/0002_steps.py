"""The wall around requests, and the one way in which a request takes a step (docs/adr/0008)."""

from django.db import migrations

_PERSONS = "ANY ((SELECT tiercare_persons())::uuid[])"
# A draft has one party, its author's house; the resident sees what was sent.
_REQUEST = f"""
    parties && (SELECT tiercare_scope())::uuid[] OR state <> 'DRAFT' AND resident_id = {_PERSONS}
    OR tiercare_in_area('') OR owner_area <> '' AND tiercare_in_area(owner_area)
"""
_STEP = "EXISTS (SELECT FROM exchange_request r WHERE r.id = request_id)"
# Whoever may see the request may tell the other side of it; only they read what they are told.
_NOTICE = "institution_id = ANY ((SELECT tiercare_scope())::uuid[]) OR tiercare_in_area('')"
WALL = f"""
ALTER TABLE exchange_request ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON exchange_request FOR SELECT USING ({_REQUEST});
CREATE POLICY added ON exchange_request FOR INSERT WITH CHECK (
    from_institution = ANY ((SELECT tiercare_scope())::uuid[]) OR tiercare_in_area(''));
CREATE POLICY changed ON exchange_request FOR UPDATE USING ({_REQUEST}) WITH CHECK ({_REQUEST});
ALTER TABLE exchange_step ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON exchange_step FOR SELECT USING ({_STEP});
CREATE POLICY added ON exchange_step FOR INSERT WITH CHECK ({_STEP});
ALTER TABLE exchange_notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON exchange_notice FOR SELECT USING ({_NOTICE});
CREATE POLICY added ON exchange_notice FOR INSERT WITH CHECK ({_STEP});
CREATE POLICY changed ON exchange_notice FOR UPDATE USING ({_NOTICE}) WITH CHECK ({_NOTICE});
"""
NO_WALL = """
DROP POLICY seen ON exchange_request; DROP POLICY added ON exchange_request; DROP POLICY changed ON exchange_request;
ALTER TABLE exchange_request DISABLE ROW LEVEL SECURITY;
DROP POLICY seen ON exchange_step; DROP POLICY added ON exchange_step;
ALTER TABLE exchange_step DISABLE ROW LEVEL SECURITY;
DROP POLICY seen ON exchange_notice; DROP POLICY added ON exchange_notice; DROP POLICY changed ON exchange_notice;
ALTER TABLE exchange_notice DISABLE ROW LEVEL SECURITY;
"""

# One step of the table of transitions (``workflow.TRANSITIONS``, passed in as ``sources`` and ``target``): the state,
# the owner, the time and the history change in one statement, or nothing does. ``outcome``: done; unknown (or not to be
# seen); elsewhere (it stands in ``was``); changed (somebody was faster: its version is not the one that was read).
TURN = """
CREATE FUNCTION exchange_turn(
    request uuid, read_version integer, doing text, sources text[], towards text, ends boolean,
    new_level text, new_institution uuid, new_account uuid, new_area text, new_due timestamptz,
    new_to uuid, new_department uuid, new_booking uuid, new_planned timestamptz, new_hear timestamptz,
    frees boolean, by_institution uuid, by_account uuid,
    why text, said text, instead jsonb, what jsonb, step uuid,
    OUT outcome text, OUT was text, OUT version integer, OUT booking uuid)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    here record;
BEGIN
    SELECT r.state, r.version, r.resident_id, r.booking_id INTO here
    FROM exchange_request r WHERE r.id = request FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 'unknown'; RETURN;
    END IF;
    was := here.state; version := here.version; booking := here.booking_id;
    IF was <> ALL (sources) THEN
        outcome := 'elsewhere'; RETURN;
    END IF;
    IF read_version IS NOT NULL AND version <> read_version THEN
        outcome := 'changed'; RETURN;
    END IF;
    UPDATE exchange_request r
    SET state = towards, version = r.version + 1, changed_at = tiercare_now(),
        owner_level = new_level, owner_institution = new_institution, owner_account = new_account,
        owner_area = new_area, due_at = new_due,
        parties = (SELECT array_agg(DISTINCT each)
                   FROM unnest(r.parties || ARRAY[new_to, CASE WHEN towards <> 'DRAFT' THEN r.to_institution END,
                                                  new_institution]) AS each WHERE each IS NOT NULL),
        to_institution = coalesce(new_to, r.to_institution),
        to_department = CASE WHEN new_to IS NULL THEN coalesce(new_department, r.to_department)
                             ELSE new_department END,
        booking_id = CASE WHEN frees THEN new_booking ELSE coalesce(new_booking, r.booking_id) END,
        planned_at = CASE WHEN frees THEN new_planned ELSE coalesce(new_planned, r.planned_at) END,
        received_at = CASE WHEN doing IN ('submit', 'redirect') THEN NULL
                           ELSE coalesce(r.received_at, CASE WHEN by_institution = r.to_institution
                                                             THEN tiercare_now() END) END,
        hear_by = coalesce(new_hear, r.hear_by),
        alarmed_at = CASE WHEN doing IN ('submit', 'redirect') THEN NULL ELSE r.alarmed_at END,
        -- Sent, returned, mended and sent again: the clock of the receiver begins anew, the steps keep the first time.
        sent_at = CASE WHEN doing IN ('submit', 'redirect') THEN tiercare_now() ELSE r.sent_at END,
        over_at = CASE WHEN ends THEN tiercare_now() END
    WHERE r.id = request
    RETURNING r.version, r.booking_id INTO version, booking;
    INSERT INTO exchange_step (id, request_id, resident_id, act, source, target, institution_id, account_id, code,
                               words, alternative, content)
    VALUES (step, request, here.resident_id, doing, was, towards, by_institution, by_account, why, said, instead, what);
    outcome := 'done';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]
    operations = [
        migrations.RunSQL(WALL, NO_WALL),
        migrations.RunSQL(TURN, "DROP FUNCTION exchange_turn;"),
    ]
