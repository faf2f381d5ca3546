"""Who works in which department: named by the commission of the area, read by everybody who works for it."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

WALL = """
ALTER TABLE evaluation_post ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON evaluation_post FOR SELECT USING (tiercare_in_area(division_code));
CREATE POLICY added ON evaluation_post FOR INSERT WITH CHECK (tiercare_in_area(division_code));
CREATE POLICY changed ON evaluation_post FOR UPDATE USING (tiercare_in_area(division_code)) WITH CHECK (true);
CREATE FUNCTION evaluation_post_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'period' <> to_jsonb(OLD) - 'period' OR lower(NEW.period) <> lower(OLD.period) THEN
        RAISE EXCEPTION 'a post is only ever ended' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evaluation_post_stays BEFORE UPDATE ON evaluation_post
    FOR EACH ROW EXECUTE FUNCTION evaluation_post_stays();
"""
NO_WALL = """
DROP TRIGGER evaluation_post_stays ON evaluation_post; DROP FUNCTION evaluation_post_stays();
DROP POLICY seen ON evaluation_post; DROP POLICY added ON evaluation_post; DROP POLICY changed ON evaluation_post;
ALTER TABLE evaluation_post DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0009_surveys"), ("ledger", "0002_readings")]

    operations = [
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division_code", models.CharField(max_length=12)),
                ("department", models.CharField(max_length=80)),
                ("account_id", models.UUIDField()),
                ("account_name", models.CharField(max_length=120)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("made_by_name", models.CharField(max_length=120)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
            ],
            options={
                "indexes": [models.Index(fields=["account_id"], name="post_of")],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        name="post_once",
                        expressions=[
                            ("division_code", "="),
                            ("department", "="),
                            ("account_id", "="),
                            ("period", "&&"),
                        ],
                    )
                ],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
