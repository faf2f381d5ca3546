"""Who comes too late is refused without a lock: a rush for places that are gone waits for nobody and writes nothing."""

from django.db import migrations

# As in 0002, but for the first look: one read of the slot and the quotas without any lock. Where there is nothing to be
# had and no hold has run out, it is the answer; it is as old as the statement. Everybody else goes on to the lock of
# the session and the two UPDATEs, which alone decide who gets a place.
_LOOK = """
    SELECT l.session_id, s.state, l.during, s.institution_id, l.used < l.capacity AS open,
           EXISTS (SELECT FROM capacity_quota q
                   WHERE q.session_id = l.session_id AND q.used < q.cap AND (
                       q.channel = ANY (draws) AND q.holder_id IN (nobody, booker)
                       OR q.channel NOT IN ('WALK_IN', 'OVERBOOK') AND q.release_at <= tiercare_now())) AS room
    INTO place FROM capacity_slot l JOIN capacity_session s ON s.id = l.session_id WHERE l.id = at_slot;
"""
_LATE = """
    IF NOT extra AND NOT (place.open AND place.room) AND (swept OR NOT capacity_some_lapsed(session)) THEN
        outcome := CASE WHEN starts <= tiercare_now() THEN 'past' WHEN place.open THEN 'reserved' ELSE 'full' END;
        RETURN;
    END IF;
    -- Whoever stops the session holds its row: we see what it is then, or stopping sees what we take. The foreign key
    -- of the booking would take the same lock, only later.
    PERFORM FROM capacity_session s WHERE s.id = session AND s.state = 'PUBLISHED' FOR KEY SHARE;
    IF NOT FOUND THEN
        outcome := 'closed'; RETURN;
    END IF;
"""
_LOCKED_LOOK = """
    -- Whoever stops the session holds its row: we see what it is then, or stopping sees what we take. The foreign key
    -- of the booking would take the same lock, only later.
    SELECT l.session_id, s.state, l.during, s.institution_id
    INTO place FROM capacity_slot l JOIN capacity_session s ON s.id = l.session_id
    WHERE l.id = at_slot FOR KEY SHARE OF s;
"""
_TAKE = """
CREATE OR REPLACE FUNCTION capacity_take(
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
    %(look)s
    IF NOT FOUND THEN
        outcome := 'unknown'; RETURN;
    END IF;
    session := place.session_id; host := place.institution_id;
    starts := lower(place.during); ends := upper(place.during);
    IF place.state <> 'PUBLISHED' THEN
        outcome := 'closed'; RETURN;
    END IF;
    %(late)s
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


class Migration(migrations.Migration):
    dependencies = [("capacity", "0006_day")]
    operations = [
        migrations.RunSQL(_TAKE % {"look": _LOOK, "late": _LATE}, _TAKE % {"look": _LOCKED_LOOK, "late": ""}),
    ]
