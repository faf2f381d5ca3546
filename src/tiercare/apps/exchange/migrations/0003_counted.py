"""What statistics count of requests and of patients marked as ready to go down: what and when, not whose."""

from django.db import migrations

# ``parties`` is looked up by an index that a reader behind the wall cannot use: the operator might tell them of rows
# which they may not see. The function answers no row of a resident.
COUNTED = """
CREATE FUNCTION exchange_counted(
    institutions uuid[], since timestamptz, until timestamptz,
    OUT id uuid, OUT number text, OUT kind text, OUT urgency integer, OUT state text,
    OUT sender uuid, OUT receiver uuid, OUT department uuid, OUT patients text,
    OUT sent timestamptz, OUT received timestamptz, OUT answered timestamptz, OUT accepted timestamptz,
    OUT scheduled timestamptz, OUT arrived timestamptz, OUT taken_in timestamptz, OUT reported timestamptz,
    OUT closed timestamptz, OUT bounces jsonb, OUT lost integer, OUT missed integer,
    OUT escalated integer, OUT unheard integer, OUT placed boolean)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT r.id, r.number, r.kind, r.urgency::integer, r.state, r.from_institution, r.to_institution, r.to_department,
           coalesce(r.payload ->> 'group', ''),
           s.sent, r.received_at, s.answered, s.accepted, s.scheduled, s.arrived, s.taken_in, s.reported, s.closed,
           coalesce(s.bounces, '[]'), s.lost::integer, s.missed::integer, n.escalated::integer, n.unheard::integer,
           -- With a place in hand when it was first sent, whatever became of that afterwards.
           EXISTS (SELECT FROM capacity_booking b
                   WHERE b.resident_id = r.resident_id AND b.source_id = r.id AND b.made_at <= s.sent
                     AND (b.state NOT IN ('CANCELLED', 'LAPSED') OR b.changed_at > s.sent))
    FROM exchange_request r
    CROSS JOIN LATERAL (
        SELECT min(t.at) FILTER (WHERE t.act = 'submit') AS sent,
               min(t.at) FILTER (WHERE t.act IN ('accept', 'return', 'redirect', 'arrive')) AS answered,
               -- Whoever lets the patient in has accepted them.
               min(t.at) FILTER (WHERE t.act = 'accept' OR t.act = 'arrive' AND t.source = 'SUBMITTED') AS accepted,
               min(t.at) FILTER (WHERE t.act = 'schedule') AS scheduled,
               min(t.at) FILTER (WHERE t.act = 'arrive') AS arrived,
               min(t.at) FILTER (WHERE t.act = 'take_in') AS taken_in,
               min(t.at) FILTER (WHERE t.act = 'report') AS reported,
               min(t.at) FILTER (WHERE t.act = 'acknowledge') AS closed,
               jsonb_agg(jsonb_build_object('act', t.act, 'code', t.code, 'by', t.institution_id))
                   FILTER (WHERE t.act IN ('return', 'redirect')) AS bounces,
               count(*) FILTER (WHERE t.act = 'lose_place') AS lost,
               count(*) FILTER (WHERE t.act IN ('miss', 'leave')) AS missed
        FROM exchange_step t WHERE t.request_id = r.id
    ) s
    CROSS JOIN LATERAL (
        -- Whoever sent it is told by name each time that it goes up the line.
        SELECT count(*) FILTER (WHERE e.about = 'escalated' AND e.account_id IS NOT NULL) AS escalated,
               count(*) FILTER (WHERE e.about = 'unheard' AND e.account_id IS NOT NULL) AS unheard
        FROM exchange_notice e WHERE e.request_id = r.id
    ) n
    WHERE r.parties && institutions AND r.sent_at >= since AND r.made_at < until
      AND s.sent >= since AND s.sent < until
$$;
"""
# When patients were marked as ready to go down, and when the first request to go down was sent after that.
WENT_DOWN = """
CREATE FUNCTION exchange_went_down(
    institutions uuid[], since timestamptz, until timestamptz,
    OUT institution uuid, OUT stage text, OUT ready timestamptz, OUT left_at timestamptz, OUT kept boolean,
    OUT sent timestamptz)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.institution_id, e.stage, e.stage_at, e.ended_at, e.kept_reason <> '',
           (SELECT min(t.at) FROM exchange_request r JOIN exchange_step t ON t.request_id = r.id AND t.act = 'submit'
            WHERE r.resident_id = ANY (residents_person(e.resident_id)) AND r.kind = 'down'
              AND r.from_institution = e.institution_id AND t.at >= e.stage_at)
    FROM records_encounter e
    WHERE e.institution_id = ANY (institutions) AND e.stage <> '' AND e.stage_at >= since AND e.stage_at < until
$$;
"""
# Which of these institutions sent a request or got one since then.
ACTIVE = """
CREATE FUNCTION exchange_active(institutions uuid[], since timestamptz) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT i FROM unnest(institutions) i
    WHERE EXISTS (SELECT FROM exchange_request r
                  WHERE r.from_institution = i AND r.made_at >= since AND r.sent_at IS NOT NULL)
       OR EXISTS (SELECT FROM exchange_request r WHERE r.to_institution = i AND r.sent_at >= since)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0002_steps"),
        ("capacity", "0001_initial"),
        ("records", "0001_initial"),
        ("residents", "0002_wall"),
    ]
    operations = [
        migrations.RunSQL(COUNTED, "DROP FUNCTION exchange_counted;"),
        migrations.RunSQL(ACTIVE, "DROP FUNCTION exchange_active;"),
        migrations.RunSQL(WENT_DOWN, "DROP FUNCTION exchange_went_down;"),
    ]
