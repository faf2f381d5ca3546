"""One answer per key: its lock and what was answered before, in one round trip."""

from django.db import migrations

# The look stands in a statement of its own after the lock: it sees what a twin has committed until then.
TAKE_KEY = """
CREATE FUNCTION ledger_take_key(
    owner uuid, asked text, OUT free boolean, OUT body_hash bytea, OUT status smallint, OUT response bytea,
    OUT content_type text, OUT location text)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    free := pg_try_advisory_xact_lock(hashtextextended(owner || asked, 0));
    IF free THEN
        SELECT k.body_hash, k.status, k.response, k.content_type, k.location
        INTO body_hash, status, response, content_type, location
        FROM ledger_idempotencykey k WHERE k.actor_id = owner AND k.key = asked;
    END IF;
END $$;
REVOKE ALL ON FUNCTION ledger_take_key FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_one_way_in")]
    operations = [migrations.RunSQL(TAKE_KEY, "DROP FUNCTION ledger_take_key;")]
