"""What insures a resident, behind the wall, and the one narrow question that crosses it."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

_SEEN = (
    "institution_id = ANY ((SELECT tiercare_scope())::uuid[])"
    " OR resident_id = ANY ((SELECT tiercare_persons())::uuid[]) OR tiercare_in_area('')"
)
WALL = f"""
ALTER TABLE residents_cover ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON residents_cover FOR SELECT USING ({_SEEN});
CREATE POLICY added ON residents_cover FOR INSERT WITH CHECK ({_SEEN});
CREATE POLICY changed ON residents_cover FOR UPDATE USING ({_SEEN}) WITH CHECK ({_SEEN});
"""
NO_WALL = """
DROP POLICY seen ON residents_cover; DROP POLICY added ON residents_cover; DROP POLICY changed ON residents_cover;
ALTER TABLE residents_cover DISABLE ROW LEVEL SECURITY;
"""
# Run with the owner's rights: by what somebody is insured on a day, for an estimate and for the insurer; not who they are.
# Found by the resident whatever the planner believes of the dates, as in 0005.
COVER_AT = """
CREATE FUNCTION residents_cover_at(person uuid[], at date) RETURNS TABLE (scheme text, insured_area text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT o.scheme, o.insured_area FROM unnest(person) WITH ORDINALITY AS entry (id, place)
    CROSS JOIN LATERAL (
        SELECT c.scheme::text, c.insured_area::text FROM residents_cover c
        WHERE c.resident_id = entry.id AND c.period @> at LIMIT 1) o
    ORDER BY entry.place LIMIT 1;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("residents", "0005_doctor_by_resident"), ("ledger", "0002_readings")]

    operations = [
        migrations.CreateModel(
            name="Cover",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("scheme", models.CharField(max_length=12)),
                ("insured_area", models.CharField(db_default="", default="", max_length=12)),
                ("source", models.CharField(max_length=8)),
                ("institution_id", models.UUIDField(null=True)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("recorded_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scheme__in", ["EMPLOYEE", "RESIDENT", "SELF_PAID", "OTHER"])),
                        name="cover_scheme",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["DESK", "FILE"])), name="cover_source"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("scheme__in", ["EMPLOYEE", "RESIDENT"]),
                                models.Q(("insured_area", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("scheme__in", ["EMPLOYEE", "RESIDENT"]), _negated=True),
                                ("insured_area", ""),
                            ),
                            _connector="OR",
                        ),
                        name="cover_area",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[(models.F("resident_id"), "="), (models.F("period"), "&&")],
                        name="cover_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
        migrations.RunSQL(COVER_AT, "DROP FUNCTION residents_cover_at(uuid[], date);"),
    ]
