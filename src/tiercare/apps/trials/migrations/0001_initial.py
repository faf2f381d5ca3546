"""Trials of a policy, with their wall: whoever oversees the area."""

import django.db.models.deletion
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

WALL = """
ALTER TABLE trials_trial ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON trials_trial FOR SELECT USING (tiercare_in_area(region));
CREATE POLICY added ON trials_trial FOR INSERT WITH CHECK (tiercare_in_area(region));
CREATE POLICY changed ON trials_trial FOR UPDATE USING (tiercare_in_area(region)) WITH CHECK (true);
"""
NO_WALL = """
DROP POLICY seen ON trials_trial; DROP POLICY added ON trials_trial; DROP POLICY changed ON trials_trial;
ALTER TABLE trials_trial DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    initial = True

    # ``tiercare_in_area`` is the residents'.
    dependencies = [("planning", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Trial",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("region", models.CharField(max_length=12)),
                ("pack", models.CharField(max_length=40)),
                ("title", models.CharField(max_length=60)),
                ("base_on", models.DateField()),
                ("a", models.JSONField(default=dict)),
                ("b", models.JSONField(default=dict)),
                ("policy", models.JSONField(default=list)),
                (
                    "notices",
                    models.JSONField(
                        default=list,
                        help_text="what should be known beside the result: sentences in zh and en",
                    ),
                ),
                ("residents", models.PositiveIntegerField()),
                ("seeds", models.PositiveIntegerField()),
                ("first_seed", models.PositiveIntegerField()),
                ("pack_digest", models.CharField(max_length=120)),
                ("engine", models.CharField(max_length=60)),
                ("inputs", models.CharField(max_length=64)),
                ("stage", models.CharField(max_length=8)),
                ("progress", models.JSONField(default=list)),
                ("result", models.JSONField(null=True)),
                (
                    "why",
                    models.JSONField(
                        default=list, help_text="why there is no result: sentences in zh and en"
                    ),
                ),
                ("asked_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("asked_by_id", models.UUIDField(null=True)),
                ("asked_by_name", models.CharField(max_length=120)),
                ("begun_at", models.DateTimeField(null=True)),
                ("over_at", models.DateTimeField(null=True)),
                (
                    "origin",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="again",
                        to="trials.trial",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["region", "-asked_at"], name="trial_of_region")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("over_at__isnull", True), ("stage__in", ["WAITING", "RUNNING"])),
                            models.Q(("over_at__isnull", False), ("stage__in", ["FAILED", "STOPPED"])),
                            models.Q(
                                ("over_at__isnull", False), ("result__isnull", False), ("stage", "DONE")
                            ),
                            _connector="OR",
                        ),
                        name="trial_stage",
                    )
                ],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
