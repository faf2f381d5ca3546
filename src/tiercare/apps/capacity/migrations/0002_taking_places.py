"""The wall around bookings, and the only ways in which places are taken and go back (docs/adr/0007).

Locks are taken in one order by everybody: sessions, bookings, slots, quotas, each by id; so nobody waits in a ring.
"""

from django.db import migrations

_SCOPE = "ANY ((SELECT tiercare_scope())::uuid[])"
_PERSONS = "ANY ((SELECT tiercare_persons())::uuid[])"
_SEEN = (
    f"institution_id = {_SCOPE} OR booked_by = {_SCOPE} OR resident_id = {_PERSONS} OR tiercare_in_area('')"
)

_STAY = f"institution_id = {_SCOPE} OR resident_id = {_PERSONS} OR tiercare_in_area('')"


def _wall(table: str, seen: str) -> str:
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON {table} FOR SELECT USING ({seen});
CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({seen});
CREATE POLICY changed ON {table} FOR UPDATE USING ({seen}) WITH CHECK ({seen});
"""


def _no_wall(table: str) -> str:
    return f"""
DROP POLICY seen ON {table}; DROP POLICY added ON {table}; DROP POLICY changed ON {table};
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


_WALLED = {
    "capacity_booking": _SEEN,
    "capacity_waiting": _SEEN,
    "capacity_stay": _STAY,
    "capacity_appeal": _STAY,
    "capacity_case": _STAY,
    "capacity_casestep": _STAY,
}
WALL = "".join(_wall(table, seen) for table, seen in _WALLED.items())
NO_WALL = "".join(_no_wall(table) for table in _WALLED)

# Holds of a session whose time has run out give their places back. Run with the owner's rights: whoever wants a place
# does not see who let theirs lapse. Called first by whoever takes a place there, so that a lapsed hold never costs one.
SWEEP = """
CREATE FUNCTION capacity_give_back(bookings uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    place record;
BEGIN
    FOR place IN SELECT b.slot_id, count(*) AS units FROM capacity_booking b
                 WHERE b.id = ANY (bookings) AND b.quota_channel NOT IN ('WALK_IN', 'OVERBOOK')
                 GROUP BY b.slot_id ORDER BY b.slot_id LOOP
        UPDATE capacity_slot SET used = used - place.units WHERE id = place.slot_id;
    END LOOP;
    FOR place IN SELECT b.session_id, b.quota_channel, b.holder_id, count(*) AS units FROM capacity_booking b
                 WHERE b.id = ANY (bookings)
                 GROUP BY b.session_id, b.quota_channel, b.holder_id
                 ORDER BY b.session_id, b.quota_channel, b.holder_id LOOP
        UPDATE capacity_quota SET used = used - place.units
        WHERE session_id = place.session_id AND channel = place.quota_channel AND holder_id = place.holder_id;
    END LOOP;
END $$;

CREATE FUNCTION capacity_sweep(at uuid, note uuid, wanted uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    gone uuid[];
BEGIN
    SELECT array_agg(due.id) INTO gone FROM (
        SELECT b.id FROM capacity_booking b
        WHERE b.session_id = at AND b.state = 'HELD' AND b.held_until <= tiercare_now()
        ORDER BY b.id FOR NO KEY UPDATE) due;
    IF gone IS NULL THEN
        RETURN 0;
    END IF;
    -- With the slot that the caller is after: its lock must not come after those of the quotas.
    PERFORM FROM capacity_slot l
    WHERE l.id = wanted OR l.id IN (SELECT b.slot_id FROM capacity_booking b WHERE b.id = ANY (gone))
    ORDER BY l.id FOR NO KEY UPDATE;
    UPDATE capacity_booking SET state = 'LAPSED', changed_at = tiercare_now() WHERE id = ANY (gone);
    PERFORM capacity_give_back(gone);
    PERFORM ledger_append(note, 'capacity.holds_lapsed', 1, 'capacity.session', at, NULL, NULL, NULL, '系统',
                          'system', 'job', note, '{}', jsonb_build_object('bookings', to_jsonb(gone)), '{}', '{}');
    RETURN cardinality(gone);
END $$;

-- When a person did not come, of bookings made in the last nine months.
CREATE FUNCTION capacity_missed(persons uuid[], OUT at timestamptz, OUT excused boolean) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
    SELECT lower(l.during), EXISTS (SELECT FROM capacity_appeal a WHERE a.booking_id = b.id AND a.state = 'EXCUSED')
    FROM capacity_booking b JOIN capacity_slot l ON l.id = b.slot_id
    WHERE b.resident_id = ANY (persons) AND b.state = 'NO_SHOW' AND b.made_at > tiercare_now() - interval '270 days';
END;

-- The sessions in which there is something to sweep.
CREATE FUNCTION capacity_lapsed_sessions() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
    SELECT DISTINCT b.session_id FROM capacity_booking b WHERE b.state = 'HELD' AND b.held_until <= tiercare_now();
END;

-- Waits for whoever is ending the resident's booking there just now: before the slot, in the common order, else the
-- index would wait for them after it. Sees past the wall, tells nothing.
CREATE FUNCTION capacity_settle(at uuid, resident uuid, lapsed boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF lapsed THEN  -- with those that are to be swept, all by their ids
        PERFORM FROM capacity_booking b
        WHERE b.session_id = at AND (b.resident_id = resident AND b.state IN ('HELD', 'BOOKED', 'ARRIVED')
                                     OR b.state = 'HELD' AND b.held_until <= tiercare_now())
        ORDER BY b.id FOR NO KEY UPDATE;
    ELSE
        PERFORM FROM capacity_booking b
        WHERE b.session_id = at AND b.resident_id = resident AND b.state IN ('HELD', 'BOOKED', 'ARRIVED')
        FOR NO KEY UPDATE;
    END IF;
END $$;

-- Whether there is anything to sweep; sees past the wall, tells nothing else.
CREATE FUNCTION capacity_some_lapsed(at uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM capacity_booking b
                   WHERE b.session_id = at AND b.state = 'HELD' AND b.held_until <= tiercare_now());
END;
"""

# One place, if there is one. ``outcome``: taken; or why not: unknown, closed, past, full (no place at all), reserved
# (places, but none for this channel), twice (the resident has one in this session).
TAKE = """
CREATE FUNCTION capacity_take(
    booking uuid, at_slot uuid, resident uuid, as_channel text, draws text[], booker uuid, account uuid,
    wanted text, hold_for interval, source uuid, together uuid, note uuid, swept boolean,
    OUT outcome text, OUT session uuid, OUT host uuid, OUT starts timestamptz, OUT ends timestamptz,
    OUT drawn text, OUT drawn_for uuid, OUT number integer, OUT until timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    extra CONSTANT boolean := draws[1] IN ('WALK_IN', 'OVERBOOK');
    nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    place record;
    quota record;
    made integer;
    lapsed boolean;
BEGIN
    -- Whoever stops the session holds its row: we see what it is then, or stopping sees what we take. The foreign key
    -- of the booking would take the same lock, only later.
    SELECT l.session_id, s.state, l.during, s.institution_id
    INTO place FROM capacity_slot l JOIN capacity_session s ON s.id = l.session_id
    WHERE l.id = at_slot FOR KEY SHARE OF s;
    IF NOT FOUND THEN
        outcome := 'unknown'; RETURN;
    END IF;
    session := place.session_id; host := place.institution_id;
    starts := lower(place.during); ends := upper(place.during);
    IF place.state <> 'PUBLISHED' THEN
        outcome := 'closed'; RETURN;
    END IF;
    IF NOT swept THEN
        lapsed := capacity_some_lapsed(session);
        PERFORM capacity_settle(session, resident, lapsed);
        IF lapsed THEN
            PERFORM capacity_sweep(session, note, at_slot);
        END IF;
    END IF;
    -- The one UPDATE that decides about the slot.
    UPDATE capacity_slot l
    SET used = l.used + CASE WHEN extra THEN 0 ELSE 1 END, issued = l.issued + 1
    WHERE l.id = at_slot AND (extra OR l.used < l.capacity)
      AND (CASE WHEN draws[1] = 'WALK_IN' THEN upper(l.during) ELSE lower(l.during) END) > tiercare_now()
    RETURNING l.issued INTO number;
    IF NOT FOUND THEN
        outcome := CASE WHEN starts <= tiercare_now() THEN 'past' ELSE 'full' END;
        RETURN;
    END IF;
    -- And the one that decides about the quota: the channel's own first, then wider ones, then what was released.
    FOR quota IN
        SELECT q.channel, q.holder_id FROM capacity_quota q
        WHERE q.session_id = session AND q.used < q.cap AND (
            q.channel = ANY (draws) AND q.holder_id IN (nobody, booker)
            OR NOT extra AND q.release_at <= tiercare_now())
        ORDER BY array_position(draws, q.channel::text) NULLS LAST, q.holder_id = nobody
    LOOP
        UPDATE capacity_quota q SET used = q.used + 1
        WHERE q.session_id = session AND q.channel = quota.channel AND q.holder_id = quota.holder_id
          AND q.used < q.cap;
        IF FOUND THEN
            drawn := quota.channel; drawn_for := quota.holder_id; EXIT;
        END IF;
    END LOOP;
    IF drawn IS NOT NULL THEN
        until := CASE WHEN wanted = 'HELD' THEN tiercare_now() + hold_for END;
        INSERT INTO capacity_booking (id, session_id, slot_id, resident_id, institution_id, booked_by, account_id,
                                      channel, quota_channel, holder_id, state, number, source_id, group_id, held_until)
        VALUES (booking, session, at_slot, resident, host, booker, account, as_channel, drawn, drawn_for, wanted,
                number, source, together, until)
        ON CONFLICT (session_id, resident_id) WHERE state IN ('HELD', 'BOOKED', 'ARRIVED') DO NOTHING;
        GET DIAGNOSTICS made = ROW_COUNT;
        IF made = 1 THEN
            outcome := 'taken'; RETURN;
        END IF;
        UPDATE capacity_quota q SET used = q.used - 1
        WHERE q.session_id = session AND q.channel = drawn AND q.holder_id = drawn_for;
    END IF;
    UPDATE capacity_slot l SET used = l.used - CASE WHEN extra THEN 0 ELSE 1 END, issued = l.issued - 1
    WHERE l.id = at_slot;
    outcome := CASE WHEN drawn IS NULL THEN 'reserved' ELSE 'twice' END;
END $$;
"""

# A booking as one round trip: the key of the request, the wall, the place, the event, the answer. With ``call_key``
# NULL the caller looks after the key. ``outcome`` besides those of ``capacity_take``: twin, other, again.
BOOK = """
CREATE FUNCTION capacity_book(
    call_owner uuid, call_key text, call_hash bytea, call_route text, scope text, persons text,
    booking uuid, at_slot uuid, resident uuid, as_channel text, draws text[], booker uuid, account uuid,
    wanted text, hold_for interval, source uuid, together uuid, note uuid, swept boolean,
    actor_name text, actor_role text, via text, request uuid, division text, clauses text[], handlers text[],
    OUT outcome text, OUT made uuid, OUT session uuid, OUT host uuid, OUT starts timestamptz, OUT ends timestamptz,
    OUT drawn text, OUT number integer, OUT until timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    kept record;
    taken record;
BEGIN
    PERFORM set_config('tiercare.scope', scope, true), set_config('tiercare.persons', persons, true);
    IF call_key IS NOT NULL THEN
        SELECT * INTO kept FROM ledger_take_key(call_owner, call_key);
        IF NOT kept.free THEN
            outcome := 'twin'; RETURN;
        END IF;
        IF kept.body_hash <> call_hash THEN
            outcome := 'other'; RETURN;
        END IF;
        IF kept.body_hash = call_hash THEN
            outcome := 'again';  -- nothing of the answer changes with what became of the booking
            SELECT b.id, b.session_id, b.institution_id, lower(l.during), upper(l.during), b.quota_channel, b.number,
                   b.held_until
            INTO made, session, host, starts, ends, drawn, number, until
            FROM capacity_booking b JOIN capacity_slot l ON l.id = b.slot_id WHERE b.id = kept.location::uuid;
            RETURN;
        END IF;
    END IF;
    SELECT * INTO taken FROM capacity_take(booking, at_slot, resident, as_channel, draws, booker, account, wanted,
                                           hold_for, source, together, note, swept);
    outcome := taken.outcome; session := taken.session; host := taken.host; starts := taken.starts;
    ends := taken.ends;
    IF outcome <> 'taken' THEN
        IF outcome IN ('full', 'reserved') THEN
            INSERT INTO capacity_turnedaway (session_id, channel, outcome) VALUES (session, as_channel, outcome);
        END IF;
        RETURN;
    END IF;
    made := booking; drawn := taken.drawn; number := taken.number; until := taken.until;
    PERFORM ledger_append(
        booking, CASE WHEN wanted = 'HELD' THEN 'capacity.held' ELSE 'capacity.booked' END, 1, 'capacity.booking', booking,
        host, division, account, actor_name, actor_role, via, request, clauses,
        jsonb_build_object('session', session, 'slot', at_slot, 'resident', resident, 'channel', as_channel,
                           'drawn', drawn, 'number', number, 'until', until, 'source', source, 'group', together),
        handlers, '{}');
    IF call_key IS NOT NULL THEN
        INSERT INTO ledger_idempotencykey (actor_id, key, route, body_hash, status, content_type, location, response)
        VALUES (call_owner, call_key, call_route, call_hash, 201, 'application/json', booking::text, '');
    END IF;
END $$;
"""

# One step of the table of transitions (``workflow.TRANSITIONS``, passed in). ``outcome``: done; unknown (or not to be
# seen); lapsed (a hold whose time has run out); or the state in which the booking stands instead.
TURN = """
CREATE FUNCTION capacity_turn(booking uuid, sources text[], target text, frees boolean, note uuid,
    OUT outcome text, OUT was text, OUT session uuid, OUT host uuid, OUT resident uuid)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT b.session_id, b.institution_id, b.resident_id INTO session, host, resident
    FROM capacity_booking b WHERE b.id = booking;
    IF NOT FOUND THEN
        outcome := 'unknown'; RETURN;
    END IF;
    IF capacity_some_lapsed(session) THEN  -- before this one is locked: all of them in their order, it among them
        PERFORM capacity_lock(ARRAY[booking], '{}', ARRAY[note]);
    END IF;
    SELECT b.state INTO was FROM capacity_booking b WHERE b.id = booking FOR NO KEY UPDATE;
    IF was <> ALL (sources) THEN
        outcome := CASE WHEN was = 'LAPSED' THEN 'lapsed' ELSE 'elsewhere' END; RETURN;
    END IF;
    UPDATE capacity_booking b SET state = target, changed_at = tiercare_now() WHERE b.id = booking;
    IF frees THEN
        PERFORM capacity_give_back(ARRAY[booking]);
    END IF;
    outcome := 'done';
END $$;
"""

# Before several places are taken or given back in one act: everything they touch, locked in the common order.
LOCK = """
CREATE FUNCTION capacity_lock(bookings uuid[], slots uuid[], notes uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    places uuid[];
    sessions uuid[];
    at integer := 0;
    each uuid;
BEGIN
    SELECT array_agg(DISTINCT place) INTO places FROM (
        SELECT unnest(slots) AS place
        UNION SELECT b.slot_id FROM capacity_booking b WHERE b.id = ANY (bookings)) AS all_of_them;
    SELECT array_agg(DISTINCT l.session_id ORDER BY l.session_id) INTO sessions
    FROM capacity_slot l WHERE l.id = ANY (places);
    PERFORM FROM capacity_session s WHERE s.id = ANY (sessions) ORDER BY s.id FOR KEY SHARE;
    PERFORM FROM capacity_booking b
    WHERE b.id = ANY (bookings)
       OR b.session_id = ANY (sessions) AND b.state = 'HELD' AND b.held_until <= tiercare_now()
    ORDER BY b.id FOR NO KEY UPDATE;
    PERFORM FROM capacity_slot l
    WHERE l.id = ANY (places) OR l.id IN (
        SELECT b.slot_id FROM capacity_booking b
        WHERE b.session_id = ANY (sessions) AND b.state = 'HELD' AND b.held_until <= tiercare_now())
    ORDER BY l.id FOR NO KEY UPDATE;
    PERFORM FROM capacity_quota q WHERE q.session_id = ANY (sessions)
    ORDER BY q.session_id, q.channel, q.holder_id FOR NO KEY UPDATE;
    FOREACH each IN ARRAY coalesce(sessions, '{}') LOOP
        at := at + 1;
        IF at <= cardinality(notes) THEN
            PERFORM capacity_sweep(each, notes[at], NULL);
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION capacity_lock FROM PUBLIC;
"""

# What a session offers is what its quotas hold, the extra ones left out; seen at the end of the transaction.
WHOLE = """
CREATE FUNCTION capacity_quotas_are_whole() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    session CONSTANT uuid := coalesce(NEW.session_id, OLD.session_id);
    offered integer;
    held bigint;
BEGIN
    SELECT s.capacity INTO offered FROM capacity_session s WHERE s.id = session;
    SELECT coalesce(sum(q.cap), 0) INTO held FROM capacity_quota q
    WHERE q.session_id = session AND q.channel NOT IN ('WALK_IN', 'OVERBOOK');
    IF offered IS DISTINCT FROM held THEN
        RAISE EXCEPTION 'session % offers % places, its quotas hold %', session, offered, held
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'quotas_are_whole';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER quotas_are_whole AFTER INSERT OR DELETE OR UPDATE OF cap ON capacity_quota
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION capacity_quotas_are_whole();
"""
NO_FUNCTIONS = """
DROP TRIGGER quotas_are_whole ON capacity_quota;
DROP FUNCTION capacity_quotas_are_whole();
DROP FUNCTION capacity_lock;
DROP FUNCTION capacity_turn;
DROP FUNCTION capacity_book;
DROP FUNCTION capacity_take;
DROP FUNCTION capacity_some_lapsed;
DROP FUNCTION capacity_settle;
DROP FUNCTION capacity_lapsed_sessions;
DROP FUNCTION capacity_missed;
DROP FUNCTION capacity_sweep;
DROP FUNCTION capacity_give_back;
"""


class Migration(migrations.Migration):
    dependencies = [("capacity", "0001_initial"), ("ledger", "0004_one_answer")]
    operations = [
        migrations.RunSQL(WALL, NO_WALL),
        migrations.RunSQL("\n".join((SWEEP, TAKE, BOOK, TURN, LOCK, WHOLE)), NO_FUNCTIONS),
    ]
