"""The serving role writes the ledger through two functions only: one appends, one seals. Indexes of audit search."""

from django.db import migrations, models

# Runs as the owner of the tables, with a search_path that no caller can turn. The parameters are named like the
# columns; those of the function carry its name wherever the two could be confused.
APPEND = """
CREATE FUNCTION ledger_append(
    id uuid, kind text, version integer, subject_type text, subject_id uuid, institution_id uuid,
    division_code text, actor_id uuid, actor_name text, actor_role text, channel text, request_id uuid,
    clauses text[], payload jsonb, handlers text[], residents uuid[],
    OUT drawn bigint, OUT moment timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- The chain hashes the payload: so it also covers whose records were read.
    IF (CASE WHEN jsonb_typeof(payload -> 'residents') = 'array' THEN payload -> 'residents' ELSE '[]' END)
            IS DISTINCT FROM to_jsonb(residents) THEN
        RAISE EXCEPTION 'the payload of a reading names exactly the residents whose records were read'
            USING ERRCODE = 'integrity_constraint_violation',
                  HINT = 'Pass them as residents= to tiercare.apps.ledger.commands.';
    END IF;
    INSERT INTO public.ledger_event (id, kind, version, subject_type, subject_id, institution_id, division_code,
                                     actor_id, actor_name, actor_role, channel, request_id, clauses, payload)
    VALUES (id, kind, version, subject_type, subject_id, institution_id, division_code,
            actor_id, actor_name, actor_role, channel, request_id, clauses, payload)
    RETURNING ledger_event.sequence, ledger_event.at INTO drawn, moment;
    INSERT INTO public.ledger_unsealed (event_id) VALUES (ledger_append.id);
    IF cardinality(residents) > 0 THEN
        INSERT INTO public.ledger_reading (resident_id, event_id, at, institution_id, division_code)
        SELECT resident, ledger_append.id, moment, ledger_append.institution_id, ledger_append.division_code
        FROM unnest(residents) AS resident;
    END IF;
    IF cardinality(handlers) > 0 THEN
        INSERT INTO public.ledger_delivery (event_id, handler, sequence, subject_id)
        SELECT ledger_append.id, handler, drawn, ledger_append.subject_id FROM unnest(handlers) AS handler;
        PERFORM pg_notify('ledger_delivery', '');  -- only where somebody waits: it serialises commits
    END IF;
END $$;
REVOKE ALL ON FUNCTION ledger_append FROM PUBLIC;
"""
NO_APPEND = "DROP FUNCTION ledger_append;"

# A batch goes on where the chain ends, and only with events that wait: so the role that seals cannot rewrite.
SEAL = """
CREATE FUNCTION ledger_seal_batch(after bigint, previous bytea, events uuid[], hashes bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head record;
    taken bigint;
BEGIN
    SELECT s.position, s.hash INTO head FROM public.ledger_seal s ORDER BY s.position DESC LIMIT 1;
    IF (coalesce(head.position, 0), coalesce(head.hash, decode(repeat('00', 32), 'hex')))
            IS DISTINCT FROM (after, previous) THEN
        RAISE EXCEPTION 'the chain ends at position %, not at %', coalesce(head.position, 0), after
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    DELETE FROM public.ledger_unsealed u USING unnest(events) AS event WHERE u.event_id = event;
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken <> cardinality(events) THEN
        RAISE EXCEPTION '% of % events do not wait to be sealed', cardinality(events) - taken, cardinality(events)
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    INSERT INTO public.ledger_seal (position, event_id, previous, hash)
    SELECT after + number, event, coalesce(lag(link) OVER (ORDER BY number), ledger_seal_batch.previous), link
    FROM unnest(events, hashes) WITH ORDINALITY AS sealed (event, link, number);
END $$;
REVOKE ALL ON FUNCTION ledger_seal_batch FROM PUBLIC;
"""
NO_SEAL = "DROP FUNCTION ledger_seal_batch;"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_readings"),
    ]
    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["actor_name", "at"], name="ledger_event_actor_name"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("institution_id__isnull", False)),
                fields=["institution_id", "at"],
                name="ledger_event_institution",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("payload__result", "refused")),
                fields=["at", "sequence"],
                name="ledger_event_refused",
            ),
        ),
        migrations.RunSQL(APPEND, NO_APPEND),
        migrations.RunSQL(SEAL, NO_SEAL),
    ]
