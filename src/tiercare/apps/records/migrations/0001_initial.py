"""The record of a resident."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "0002_readings")]

    operations = [
        migrations.CreateModel(
            name="CarePlan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("source", models.CharField(db_default="here", default="here", max_length=30)),
                ("source_key", models.CharField(db_default="", default="", max_length=120)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("receiver_id", models.UUIDField(null=True)),
                ("request_id", models.UUIDField(null=True)),
                ("author_name", models.CharField(db_default="", default="", max_length=50)),
                ("code", models.CharField(help_text="ICD-10 code of the condition", max_length=12)),
                ("name", models.CharField(help_text="name of the condition", max_length=100)),
                ("treatment", models.TextField()),
                ("rehabilitation", models.TextField(db_default="", default="")),
                ("nursing", models.TextField(db_default="", default="")),
                (
                    "warnings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), default=list, size=None
                    ),
                ),
                ("drugs", models.JSONField(default=list)),
                ("next_visit_on", models.DateField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["resident_id", "made_at", "id"], name="careplan_of_resident"),
                    models.Index(fields=["receiver_id", "made_at"], name="careplan_of_receiver"),
                    models.Index(
                        condition=models.Q(("request_id__isnull", False)),
                        fields=["request_id"],
                        name="careplan_request",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("source_key", ""), _negated=True),
                        fields=("institution_id", "source", "source_key"),
                        name="careplan_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("treatment", ""), _negated=True), name="careplan_has_treatment"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Encounter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("source", models.CharField(db_default="here", default="here", max_length=30)),
                ("source_key", models.CharField(db_default="", default="", max_length=120)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("kind", models.CharField(max_length=10)),
                ("department_id", models.UUIDField(null=True)),
                ("clinician_account", models.UUIDField(null=True)),
                ("clinician_name", models.CharField(db_default="", default="", max_length=50)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("complaint", models.CharField(db_default="", default="", max_length=500)),
                ("findings", models.TextField(db_default="", default="")),
                ("treatment", models.TextField(db_default="", default="")),
                ("disposition", models.CharField(db_default="", default="", max_length=200)),
                ("stage", models.CharField(db_default="", default="", max_length=20)),
                ("stage_at", models.DateTimeField(null=True)),
                ("kept_reason", models.CharField(db_default="", default="", max_length=200)),
                ("request_id", models.UUIDField(null=True)),
                ("digest", models.CharField(db_default="", default="", max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["resident_id", "started_at", "id"], name="encounter_of_resident"),
                    models.Index(
                        condition=models.Q(("stage", ""), _negated=True),
                        fields=["institution_id", "stage_at"],
                        name="encounter_ready_to_go",
                    ),
                    models.Index(
                        condition=models.Q(("request_id__isnull", False)),
                        fields=["request_id"],
                        name="encounter_request",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("source_key", ""), _negated=True),
                        fields=("institution_id", "source", "source_key"),
                        name="encounter_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["OUTPATIENT", "EMERGENCY", "INPATIENT", "HOME", "REMOTE"])
                        ),
                        name="encounter_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "stage__in",
                                [
                                    "",
                                    "ACUTE_RECOVERY",
                                    "POSTOP_RECOVERY",
                                    "CRITICAL_STABLE",
                                    "CHRONIC_STABLE",
                                ],
                            )
                        ),
                        name="encounter_stage",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), ("ended_at__gte", models.F("started_at")), _connector="OR"
                        ),
                        name="encounter_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stage", ""), ("stage_at", None)),
                            models.Q(models.Q(("stage", ""), _negated=True), ("stage_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="encounter_stage_since",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("source", models.CharField(db_default="here", default="here", max_length=30)),
                ("source_key", models.CharField(db_default="", default="", max_length=120)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("kind", models.CharField(max_length=10)),
                ("title", models.CharField(max_length=200)),
                ("media_type", models.CharField(db_default="", default="", max_length=60)),
                ("size", models.PositiveBigIntegerField(db_default=0, default=0, help_text="bytes")),
                ("sha256", models.CharField(db_default="", default="", max_length=64)),
                ("content", models.BinaryField(null=True)),
                ("reference", models.CharField(db_default="", default="", max_length=500)),
                ("request_id", models.UUIDField(null=True)),
                ("dated_at", models.DateTimeField()),
                ("digest", models.CharField(db_default="", default="", max_length=64)),
                (
                    "encounter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="records.encounter",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Condition",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("source", models.CharField(db_default="here", default="here", max_length=30)),
                ("source_key", models.CharField(db_default="", default="", max_length=120)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("code", models.CharField(max_length=12)),
                ("name", models.CharField(max_length=100)),
                ("role", models.CharField(default="MAIN", max_length=5)),
                ("status", models.CharField(default="ACTIVE", max_length=10)),
                ("onset_on", models.DateField(null=True)),
                ("noted_at", models.DateTimeField()),
                (
                    "encounter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conditions",
                        to="records.encounter",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Medication",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("source", models.CharField(db_default="here", default="here", max_length=30)),
                ("source_key", models.CharField(db_default="", default="", max_length=120)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("drug_code", models.CharField(db_default="", default="", max_length=30)),
                ("name", models.CharField(max_length=100)),
                ("dose", models.CharField(db_default="", default="", max_length=200)),
                ("since", models.DateField()),
                ("until", models.DateField(null=True)),
                ("long_term", models.BooleanField(db_default=False, default=False)),
                (
                    "encounter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="medications",
                        to="records.encounter",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlannedContact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("source", models.CharField(db_default="here", default="here", max_length=30)),
                ("source_key", models.CharField(db_default="", default="", max_length=120)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("planner_id", models.UUIDField()),
                ("account_id", models.UUIDField(null=True)),
                ("request_id", models.UUIDField(null=True)),
                ("kind", models.CharField(max_length=10)),
                ("level", models.PositiveSmallIntegerField(db_default=1, default=1)),
                ("due_on", models.DateField()),
                ("way", models.CharField(max_length=10)),
                ("words", models.CharField(db_default="", default="", max_length=500)),
                ("done_at", models.DateTimeField(null=True)),
                ("done_by_name", models.CharField(db_default="", default="", max_length=50)),
                ("outcome", models.CharField(db_default="", default="", max_length=12)),
                ("note", models.CharField(db_default="", default="", max_length=500)),
                ("answers", models.JSONField(default=dict)),
                (
                    "alerts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("cancel_reason", models.CharField(db_default="", default="", max_length=200)),
                (
                    "plan",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="records.careplan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Observation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("source", models.CharField(db_default="here", default="here", max_length=30)),
                ("source_key", models.CharField(db_default="", default="", max_length=120)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("item", models.CharField(max_length=40)),
                ("name", models.CharField(db_default="", default="", max_length=100)),
                ("value", models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                ("words", models.CharField(db_default="", default="", max_length=500)),
                ("unit", models.CharField(db_default="", default="", max_length=30)),
                ("low", models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                ("high", models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                ("flag", models.CharField(db_default="", default="", max_length=10)),
                ("taken_at", models.DateTimeField()),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="records.document",
                    ),
                ),
                (
                    "encounter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="records.encounter",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="records.plannedcontact",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["resident_id", "dated_at", "id"], name="document_of_resident"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("request_id__isnull", False)),
                fields=["request_id"],
                name="document_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_key", ""), _negated=True),
                fields=("institution_id", "source", "source_key"),
                name="document_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["SUMMARY", "DISCHARGE", "REPORT", "IMAGE", "LETTER", "OTHER"])
                ),
                name="document_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="document_has_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("content", None),
                    models.Q(("size__gt", 0), models.Q(("sha256", ""), _negated=True), ("reference", "")),
                    _connector="OR",
                ),
                name="document_content_is_known",
            ),
        ),
        migrations.AddIndex(
            model_name="condition",
            index=models.Index(fields=["resident_id", "noted_at"], name="condition_of_resident"),
        ),
        migrations.AddIndex(
            model_name="condition",
            index=models.Index(fields=["encounter"], name="condition_of_encounter"),
        ),
        migrations.AddConstraint(
            model_name="condition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_key", ""), _negated=True),
                fields=("institution_id", "source", "source_key"),
                name="condition_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="condition",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["MAIN", "OTHER"])), name="condition_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="condition",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["ACTIVE", "STABLE", "RESOLVED"])), name="condition_status"
            ),
        ),
        migrations.AddConstraint(
            model_name="condition",
            constraint=models.CheckConstraint(
                condition=models.Q(("code", ""), _negated=True), name="condition_has_code"
            ),
        ),
        migrations.AddIndex(
            model_name="medication",
            index=models.Index(fields=["resident_id", "since"], name="medication_of_resident"),
        ),
        migrations.AddIndex(
            model_name="medication",
            index=models.Index(fields=["encounter"], name="medication_of_encounter"),
        ),
        migrations.AddConstraint(
            model_name="medication",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_key", ""), _negated=True),
                fields=("institution_id", "source", "source_key"),
                name="medication_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="medication",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="medication_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="medication",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                name="medication_ends_after_start",
            ),
        ),
        migrations.AddIndex(
            model_name="plannedcontact",
            index=models.Index(
                condition=models.Q(("cancelled_at", None), ("done_at", None)),
                fields=["institution_id", "due_on", "id"],
                name="plannedcontact_due",
            ),
        ),
        migrations.AddIndex(
            model_name="plannedcontact",
            index=models.Index(fields=["resident_id", "due_on", "id"], name="plannedcontact_of_resident"),
        ),
        migrations.AddIndex(
            model_name="plannedcontact",
            index=models.Index(
                condition=models.Q(("request_id__isnull", False)),
                fields=["request_id"],
                name="plannedcontact_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedcontact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_key", ""), _negated=True),
                fields=("institution_id", "source", "source_key"),
                name="plannedcontact_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedcontact",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["FOLLOW_UP", "GUIDANCE", "REHAB", "NURSING", "RECALL"])),
                name="plannedcontact_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedcontact",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["VISIT", "HOME", "PHONE", "VIDEO", "MESSAGE"])),
                name="plannedcontact_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedcontact",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__gte", 1)), name="plannedcontact_level"
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedcontact",
            constraint=models.CheckConstraint(
                condition=models.Q(("done_at", None), ("cancelled_at", None), _connector="OR"),
                name="plannedcontact_one_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedcontact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("outcome", "")),
                    models.Q(
                        ("done_at__isnull", False),
                        ("outcome__in", ["REACHED", "NOT_REACHED", "REFUSED", "SENT_ON"]),
                    ),
                    _connector="OR",
                ),
                name="plannedcontact_done_has_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedcontact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancel_reason", ""), ("cancelled_at", None)),
                    models.Q(("cancelled_at__isnull", False), models.Q(("cancel_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="plannedcontact_cancelled_has_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(fields=["resident_id", "item", "taken_at"], name="observation_of_resident"),
        ),
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(
                condition=models.Q(("encounter__isnull", False)),
                fields=["encounter"],
                name="observation_encounter",
            ),
        ),
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(
                condition=models.Q(("document__isnull", False)),
                fields=["document"],
                name="observation_document",
            ),
        ),
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(
                condition=models.Q(("contact__isnull", False)), fields=["contact"], name="observation_contact"
            ),
        ),
        migrations.AddConstraint(
            model_name="observation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_key", ""), _negated=True),
                fields=("institution_id", "source", "source_key"),
                name="observation_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="observation",
            constraint=models.CheckConstraint(
                condition=models.Q(("flag__in", ["", "LOW", "HIGH", "NORMAL", "ABNORMAL"])),
                name="observation_flag",
            ),
        ),
        migrations.AddConstraint(
            model_name="observation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("value__isnull", False), models.Q(("words", ""), _negated=True), _connector="OR"
                ),
                name="observation_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="observation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("encounter__isnull", False),
                    ("document__isnull", False),
                    ("contact__isnull", False),
                    _connector="OR",
                ),
                name="observation_belongs",
            ),
        ),
    ]
