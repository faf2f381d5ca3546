"""Planned medical centres with their versions (NHC-24), and what institutions of primary care serve (XH-89), with their wall: everybody
reads them, the commission of the area writes."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

# Versions of centres are never changed; a service area ends when another is laid down.
WALL = """
ALTER TABLE planning_centre ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON planning_centre FOR SELECT USING (true);
CREATE POLICY added ON planning_centre FOR INSERT WITH CHECK (tiercare_in_area(region));
ALTER TABLE planning_servicearea ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON planning_servicearea FOR SELECT USING (true);
CREATE POLICY added ON planning_servicearea FOR INSERT WITH CHECK (tiercare_in_area(division));
CREATE POLICY changed ON planning_servicearea FOR UPDATE USING (tiercare_in_area(division)) WITH CHECK (tiercare_in_area(division));
"""
NO_WALL = """
DROP POLICY seen ON planning_centre; DROP POLICY added ON planning_centre; ALTER TABLE planning_centre DISABLE ROW LEVEL SECURITY;
DROP POLICY seen ON planning_servicearea; DROP POLICY added ON planning_servicearea; DROP POLICY changed ON planning_servicearea;
ALTER TABLE planning_servicearea DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("planning", "0001_initial"), ("ledger", "0002_readings")]

    operations = [
        migrations.CreateModel(
            name="Centre",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("series", models.UUIDField()),
                ("version", models.PositiveIntegerField()),
                ("region", models.CharField(max_length=12)),
                ("kind", models.CharField(max_length=40)),
                ("specialty", models.CharField(max_length=11)),
                ("institution_id", models.UUIDField()),
                (
                    "area",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), size=None
                    ),
                ),
                ("state", models.CharField(max_length=8)),
                ("words", models.TextField(db_default="", default="")),
                ("demand", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("made_by_id", models.UUIDField(null=True)),
                ("made_by_name", models.CharField(max_length=120)),
            ],
            options={
                "indexes": [models.Index(fields=["region", "series", "-version"], name="centre_of_region")],
                "constraints": [
                    models.UniqueConstraint(fields=("series", "version"), name="centre_version"),
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="centre_version_counts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["PLANNED", "BUILDING", "NAMED", "DROPPED"])),
                        name="centre_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("area", []), _negated=True), name="centre_serves_somebody"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceArea",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField()),
                ("division", models.CharField(help_text="the county it stands in", max_length=6)),
                ("form", models.CharField(max_length=40)),
                ("contract", models.CharField(db_default="", default="", max_length=200)),
                (
                    "places",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), size=None
                    ),
                ),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("made_by_id", models.UUIDField(null=True)),
                ("made_by_name", models.CharField(max_length=120)),
            ],
            options={
                "indexes": [models.Index(fields=["division"], name="service_area_of")],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (models.F("institution_id"), "="),
                            (models.F("period"), "&&"),
                        ],
                        name="service_area_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("places", []), _negated=True),
                        name="service_area_is_somewhere",
                    ),
                ],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
