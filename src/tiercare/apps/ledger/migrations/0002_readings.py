"""Whose record a reading was about, and the second wall: what a transaction may see of residents' data."""

from django.db import migrations, models

import tiercare.apps.ledger.clock

# Three settings of the transaction, each unset = nothing. Bodies are bound when the functions are made.
SCOPE = """
CREATE FUNCTION tiercare_scope() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(nullif(current_setting('tiercare.scope', true), ''), '{}')::uuid[];
CREATE FUNCTION tiercare_persons() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(nullif(current_setting('tiercare.persons', true), ''), '{}')::uuid[];
CREATE FUNCTION tiercare_in_area(code text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE nullif(current_setting('tiercare.area', true), '')
               WHEN '*' THEN true
               ELSE coalesce(starts_with(code, nullif(current_setting('tiercare.area', true), '')), false)
           END;
"""
NO_SCOPE = "DROP FUNCTION tiercare_in_area(text), tiercare_persons(), tiercare_scope();"

# Anybody serving may add a reading (through ledger_append only, see 0003); seeing one needs a scope.
WALL = """
ALTER TABLE ledger_reading ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON ledger_reading FOR SELECT USING (
    institution_id = ANY ((SELECT tiercare_scope())::uuid[])
    OR resident_id = ANY ((SELECT tiercare_persons())::uuid[])
    OR tiercare_in_area(division_code));
CREATE POLICY added ON ledger_reading FOR INSERT WITH CHECK (true);
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_reading
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
NO_WALL = """
DROP TRIGGER ledger_append_only ON ledger_reading;
DROP POLICY added ON ledger_reading;
DROP POLICY seen ON ledger_reading;
ALTER TABLE ledger_reading DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "resident_id",
                        "event_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("event_id", models.UUIDField()),
                ("at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("institution_id", models.UUIDField(null=True)),
                ("division_code", models.CharField(max_length=12, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["resident_id", "at"], name="ledger_reading_of")],
            },
        ),
        migrations.RunSQL(SCOPE, NO_SCOPE),
        migrations.RunSQL(WALL, NO_WALL),
    ]
