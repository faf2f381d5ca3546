"""Extracts that people bring: kept mappings and uploads, each seen and written by those whose area holds the region."""

from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids


def _area(table):
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON {table} FOR SELECT USING (tiercare_in_area(region));
CREATE POLICY added ON {table} FOR INSERT WITH CHECK (tiercare_in_area(region));
CREATE POLICY changed ON {table} FOR UPDATE USING (tiercare_in_area(region)) WITH CHECK (tiercare_in_area(region));
"""


def _open(table):
    return f"""
DROP POLICY seen ON {table}; DROP POLICY added ON {table}; DROP POLICY changed ON {table};
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


_TABLES = ("evaluation_factmapping", "evaluation_factupload")


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0003_facts_due"), ("ledger", "0002_readings")]

    operations = [
        migrations.CreateModel(
            name="FactMapping",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("region", models.CharField(max_length=12)),
                ("fact", models.CharField(max_length=40)),
                ("source", models.CharField(max_length=120)),
                ("version", models.PositiveIntegerField()),
                ("content", models.JSONField()),
                ("saved_by_name", models.CharField(max_length=120)),
                ("saved_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("region", "fact", "source"), name="one_mapping_of_a_source"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FactUpload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("region", models.CharField(max_length=12)),
                ("fact", models.CharField(max_length=40)),
                ("file_name", models.CharField(max_length=120)),
                ("size", models.BigIntegerField(help_text="bytes")),
                ("sha256", models.CharField(max_length=64)),
                ("mode", models.CharField(help_text="add or replace", max_length=10)),
                ("mapping", models.JSONField(help_text="a mapping file as plain values")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("DRAFT", "待核对映射"),
                            ("CHECKED", "已检查"),
                            ("TAKEN", "已入库"),
                            ("DROPPED", "已放弃"),
                        ],
                        default="DRAFT",
                        max_length=10,
                    ),
                ),
                (
                    "counts",
                    models.JSONField(
                        default=dict, help_text="of the trial: rows, months, indicators touched"
                    ),
                ),
                (
                    "batch",
                    models.CharField(
                        blank=True, help_text="its id in the store, once it was taken", max_length=40
                    ),
                ),
                ("uploaded_by_id", models.UUIDField(null=True)),
                ("uploaded_by_name", models.CharField(max_length=120)),
                ("uploaded_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("checked_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["region", "-uploaded_at"], name="fact_uploads")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["DRAFT", "CHECKED", "TAKEN", "DROPPED"])),
                        name="fact_upload_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "TAKEN"), _negated=True),
                            models.Q(("batch", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="fact_upload_taken_has_batch",
                    ),
                ],
            },
        ),
        migrations.RunSQL("".join(map(_area, _TABLES)), "".join(map(_open, _TABLES))),
    ]
