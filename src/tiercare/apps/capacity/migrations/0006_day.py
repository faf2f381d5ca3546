"""The day at the hospital: when somebody came, was called, and of which time they were reminded."""

from django.db import migrations, models

# As in 0002; the one UPDATE keeps when somebody came.
_TURN = """
CREATE OR REPLACE FUNCTION capacity_turn(booking uuid, sources text[], target text, frees boolean, note uuid,
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
    UPDATE capacity_booking b SET state = target, changed_at = tiercare_now()%(arrived)s
    WHERE b.id = booking;
    IF frees THEN
        PERFORM capacity_give_back(ARRAY[booking]);
    END IF;
    outcome := 'done';
END $$;
"""
_ARRIVED = """,
        arrived_at = CASE WHEN target = 'ARRIVED' THEN tiercare_now() ELSE b.arrived_at END"""

# What holds of these sessions would give back whose time has run out and that nobody has swept yet: lists count them as
# free, as whoever takes a place does. Sees past the wall, and shows numbers of places.
_LAPSED = """
CREATE FUNCTION capacity_lapsed(
    sessions uuid[], OUT session uuid, OUT slot uuid, OUT channel text, OUT holder uuid, OUT units integer)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
    SELECT b.session_id, b.slot_id, b.quota_channel::text, b.holder_id, count(*)::integer FROM capacity_booking b
    WHERE b.session_id = ANY (sessions) AND b.state = 'HELD' AND b.held_until <= tiercare_now()
    GROUP BY b.session_id, b.slot_id, b.quota_channel, b.holder_id;
END;
"""

# Waiting lists and absences. Each answers one narrow question past the wall, and shows nobody.
# ``capacity_booked_as``: whether one of these entries has a place in the session, ``besides`` one booking.
# ``capacity_ahead``: how many stand before each entry in line and want one of the same days.
# ``capacity_waited_for``: the sessions in which something is free for somebody who waits; ``offered`` the channels from
# the narrowest on. ``capacity_waiting_over``: the institutions on whose lists somebody's last day has passed.
_WAITING = """
CREATE FUNCTION capacity_booked_as(at uuid, person uuid[], besides uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM capacity_booking b
                   WHERE b.session_id = at AND b.resident_id = ANY (person) AND b.id IS DISTINCT FROM besides
                     AND b.state IN ('HELD', 'BOOKED', 'ARRIVED')
                     AND (b.state <> 'HELD' OR b.held_until > tiercare_now()));
END;

CREATE FUNCTION capacity_ahead(entries uuid[], OUT entry uuid, OUT ahead integer) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
    SELECT w.id, (SELECT count(*)::integer FROM capacity_waiting o
                  WHERE o.pool_id = w.pool_id AND o.state = 'WAITING' AND o.first <= w.last AND o.last >= w.first
                    AND o.last >= (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date
                    AND (o.urgency, o.made_at, o.id) < (w.urgency, w.made_at, w.id))
    FROM capacity_waiting w WHERE w.id = ANY (entries);
END;

CREATE FUNCTION capacity_waited_for(offered text[], pool uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
    SELECT DISTINCT s.id
    FROM capacity_waiting w JOIN capacity_session s ON s.pool_id = w.pool_id AND s.day BETWEEN w.first AND w.last
    WHERE w.state = 'WAITING' AND s.state = 'PUBLISHED' AND upper(s.during) > tiercare_now()
      AND (pool IS NULL OR w.pool_id = pool)
      AND EXISTS (SELECT FROM capacity_quota q
                  WHERE q.session_id = s.id AND q.used < q.cap AND q.channel = ANY (offered) AND (
                      q.release_at <= tiercare_now()
                      OR array_position(offered, q.channel::text) >= array_position(offered, w.channel::text)))
      AND EXISTS (SELECT FROM capacity_slot l
                  WHERE l.session_id = s.id AND l.used < l.capacity AND lower(l.during) > tiercare_now());
END;

CREATE FUNCTION capacity_waiting_over() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
    SELECT DISTINCT w.institution_id FROM capacity_waiting w
    WHERE w.state = 'WAITING' AND w.last < (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date;
END;
"""
_NO_WAITING = """
DROP FUNCTION capacity_waiting_over; DROP FUNCTION capacity_waited_for; DROP FUNCTION capacity_ahead;
DROP FUNCTION capacity_booked_as;
"""
# As in 0002, without a bound of its own: how far back absences count is the pack's to say.
_MISSED = """
CREATE OR REPLACE FUNCTION capacity_missed(persons uuid[], OUT at timestamptz, OUT excused boolean)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
    SELECT lower(l.during), EXISTS (SELECT FROM capacity_appeal a WHERE a.booking_id = b.id AND a.state = 'EXCUSED')
    FROM capacity_booking b JOIN capacity_slot l ON l.id = b.slot_id
    WHERE b.resident_id = ANY (persons) AND b.state = 'NO_SHOW'%(bound)s;
END;
"""
_BOUND = " AND b.made_at > tiercare_now() - interval '270 days'"
_STATES = ["WAITING", "OFFERED", "TAKEN", "LAPSED", "DECLINED", "WITHDRAWN", "EXPIRED"]


class Migration(migrations.Migration):
    dependencies = [("capacity", "0005_office")]
    operations = [
        migrations.AddField("booking", "arrived_at", models.DateTimeField(null=True)),
        migrations.AddField("booking", "called_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "booking",
            "reminded_for",
            models.DateTimeField(null=True, help_text="the time of which the resident was reminded"),
        ),
        migrations.RunSQL(_TURN % {"arrived": _ARRIVED}, _TURN % {"arrived": ""}),
        migrations.RunSQL(_LAPSED, "DROP FUNCTION capacity_lapsed;"),
        migrations.RemoveConstraint("waiting", "waiting_state"),
        migrations.AddConstraint(
            "waiting",
            models.CheckConstraint(condition=models.Q(state__in=_STATES), name="waiting_state"),
        ),
        migrations.AddIndex("waiting", models.Index(fields=["institution_id", "state"], name="waiting_at")),
        migrations.AddIndex("waiting", models.Index(fields=["booked_by", "made_at"], name="waiting_put_by")),
        migrations.AddIndex("waiting", models.Index(fields=["resident_id"], name="waiting_of")),
        migrations.RunSQL(_WAITING, _NO_WAITING),
        migrations.RunSQL(_MISSED % {"bound": ""}, _MISSED % {"bound": _BOUND}),
    ]
