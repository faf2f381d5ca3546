"""Whom residents chose instead of their own area's institution (WH-03), behind the wall."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

import tiercare.kernel.ids

_SEEN = (
    "institution_id = ANY ((SELECT tiercare_scope())::uuid[])"
    " OR entered_at = ANY ((SELECT tiercare_scope())::uuid[])"
    " OR resident_id = ANY ((SELECT tiercare_persons())::uuid[])"
)
WALL = f"""
ALTER TABLE residents_chosenprovider ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON residents_chosenprovider FOR SELECT USING ({_SEEN});
CREATE POLICY added ON residents_chosenprovider FOR INSERT WITH CHECK ({_SEEN});
CREATE POLICY changed ON residents_chosenprovider FOR UPDATE USING ({_SEEN}) WITH CHECK ({_SEEN});
"""
NO_WALL = """
DROP POLICY seen ON residents_chosenprovider; DROP POLICY added ON residents_chosenprovider;
DROP POLICY changed ON residents_chosenprovider;
ALTER TABLE residents_chosenprovider DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("residents", "0007_care_request")]

    operations = [
        migrations.CreateModel(
            name="ChosenProvider",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("service", models.CharField(max_length=24)),
                ("institution_id", models.UUIDField()),
                ("entered_at", models.UUIDField(null=True)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
            options={
                "indexes": [models.Index(fields=["institution_id", "service"], name="chosen_provider_of")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "service__in",
                                ["basic_public_health", "disease_prevention", "family_doctor_signing"],
                            )
                        ),
                        name="chosen_provider_service",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (models.F("resident_id"), "="),
                            (models.F("service"), "="),
                            (models.F("period"), "&&"),
                        ],
                        name="chosen_provider_one",
                    ),
                ],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
