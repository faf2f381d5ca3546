"""Plans of institutions, and what is said about proposals before somebody decides (XH-12, YN-01, YN-16).

The network is open to read for everybody who works here, as its other tables are; the wall keeps what was said from being rewritten.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.constraints
import django.db.models.deletion
from django.db import migrations, models

import tiercare.kernel.ids

# Nobody who serves changes or deletes a row; only the end of a plan is set by the version after it.
_KEPT = (
    "network_institutionplan",
    "network_institutionplanline",
    "network_planoverride",
    "network_confirmation",
    "network_proposalscore",
)
WALL = "".join(
    f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
    f"CREATE POLICY seen ON {table} FOR SELECT USING (true);"
    f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK (true);"
    for table in _KEPT
)
ENDED = "CREATE POLICY ended ON network_institutionplan FOR UPDATE USING (upper(period) IS NULL) WITH CHECK (true);"
NO_WALL = "DROP POLICY ended ON network_institutionplan;" + "".join(
    f"DROP POLICY seen ON {table}; DROP POLICY added ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
    for table in _KEPT
)


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0005_centre_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="InstitutionPlan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division_code", models.CharField(max_length=6)),
                ("kind", models.CharField(max_length=20)),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=200)),
                (
                    "document",
                    models.CharField(
                        blank=True, help_text="number or name of the paper that adopted it", max_length=200
                    ),
                ),
                ("adopted_on", models.DateField()),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("words", models.TextField(blank=True)),
                ("recorded_by", models.CharField(max_length=120)),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                        expressions=[("division_code", "="), ("kind", "="), ("period", "&&")],
                        name="one_institution_plan_at_a_time",
                    ),
                    models.UniqueConstraint(
                        fields=("division_code", "kind", "number"), name="institution_plan_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["HEALTH_SYSTEM", "INSTITUTION_SETTING"])),
                        name="institution_plan_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField()),
                ("digest", models.CharField(max_length=64)),
                ("agreed", models.BooleanField()),
                ("words", models.TextField(blank=True)),
                ("by_id", models.UUIDField()),
                ("by_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmations",
                        to="network.application",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(models.F("application"), models.F("at"), name="confirmation_of_application")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed", True), models.Q(("words", ""), _negated=True), _connector="OR"
                        ),
                        name="declined_with_words",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="InstitutionPlanLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area", models.CharField(max_length=9)),
                ("subject", models.CharField(max_length=12)),
                ("kind", models.CharField(blank=True, max_length=40)),
                ("level", models.CharField(blank=True, max_length=1)),
                ("allowed", models.PositiveIntegerField()),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="network.institutionplan",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "area", "subject", "kind", "level"), name="one_line_a_thing"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("subject__in", ["institutions", "beds", "equipment"])),
                        name="institution_plan_subject",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanOverride",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("marks", models.JSONField()),
                ("reason", models.TextField()),
                ("by_id", models.UUIDField()),
                ("by_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overrides",
                        to="network.application",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="override_has_reason"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProposalScore",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("clause", models.CharField(max_length=10)),
                ("criterion", models.CharField(max_length=40)),
                (
                    "met",
                    models.PositiveIntegerField(
                        blank=True, help_text="partners that meet it, by data", null=True
                    ),
                ),
                (
                    "of",
                    models.PositiveIntegerField(
                        blank=True, help_text="partners that were looked at", null=True
                    ),
                ),
                (
                    "grade",
                    models.CharField(
                        blank=True, help_text="what the clerk judged, where data say nothing", max_length=8
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("ground", models.JSONField(default=list)),
                ("by_id", models.UUIDField()),
                ("by_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="network.application",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(models.F("application"), models.F("at"), name="score_of_application")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("met__isnull", False), ("of__isnull", False)),
                            models.Q(
                                models.Q(("grade", ""), _negated=True), models.Q(("words", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="score_has_ground",
                    )
                ],
            },
        ),
        migrations.RunSQL(WALL + ENDED, NO_WALL),
    ]
