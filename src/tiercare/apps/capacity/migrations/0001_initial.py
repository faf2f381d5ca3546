"""Pools, sessions, slots, quotas, bookings, beds, the waiting list, objections to absences."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "0002_readings"), ("terms", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="CareUnit",
            fields=[
                ("institution_id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "functions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("day_surgery", models.BooleanField(db_default=False, default=False)),
                ("changed_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
            ],
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("booking_id", models.UUIDField(unique=True)),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("words", models.CharField(max_length=500)),
                ("state", models.CharField(max_length=10)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(db_default="", default="", max_length=500)),
            ],
            options={
                "indexes": [models.Index(fields=["institution_id", "state"], name="appeal_at")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["OPEN", "EXCUSED", "UPHELD"])), name="appeal_state"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "OPEN"),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="appeal_is_answered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Bed",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField()),
                ("ward", models.CharField(max_length=40)),
                ("number", models.CharField(max_length=12)),
                ("sex", models.CharField(db_default="ANY", default="ANY", max_length=3)),
                ("isolation", models.BooleanField(db_default=False, default=False)),
                ("day", models.BooleanField(db_default=False, default=False)),
                (
                    "out_of_use",
                    models.CharField(
                        db_default="", default="", help_text="why; empty: in use", max_length=200
                    ),
                ),
                ("changed_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("institution_id", "ward", "number"), name="bed_once"),
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["M", "F", "ANY"])), name="bed_sex"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DayProcedure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField()),
                ("name", models.CharField(max_length=80)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
            options={
                "indexes": [models.Index(fields=["institution_id"], name="day_procedure_of")],
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("source_id", models.UUIDField(null=True)),
                ("green", models.BooleanField(db_default=False, default=False)),
                ("state", models.CharField(max_length=10)),
                ("requested_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "procedure",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="capacity.dayprocedure",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Pool",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField()),
                ("code", models.SlugField(help_text="the hospital's own number of it", max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=10)),
                ("grade", models.CharField(max_length=10)),
                ("specialty_code", models.CharField(db_default="", default="", max_length=11)),
                ("department_id", models.UUIDField(null=True)),
                ("clinician_id", models.UUIDField(null=True)),
                ("equipment_id", models.UUIDField(null=True)),
                ("item", models.CharField(db_default="", default="", max_length=80)),
                (
                    "slot_minutes",
                    models.PositiveSmallIntegerField(help_text="empty: by number, not by time", null=True),
                ),
                ("details", models.JSONField(db_default={}, default=dict)),
                ("shares", models.JSONField(db_default={}, default=dict)),
                ("release_hours", models.PositiveSmallIntegerField(null=True)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("synthetic", models.BooleanField(db_default=False, default=False)),
                ("changed_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
            ],
            options={
                "indexes": [models.Index(fields=["specialty_code", "kind"], name="pool_of_specialty")],
                "constraints": [
                    models.UniqueConstraint(fields=("institution_id", "code"), name="pool_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("grade__in", ["ORDINARY", "EXPERT", "NAMED"]), ("kind", "CLINIC")),
                            models.Q(("grade__in", ["INPATIENT", "DAY"]), ("kind", "BED")),
                            models.Q(("grade__in", ["EXAM"]), ("kind", "EXAM")),
                            _connector="OR",
                        ),
                        name="pool_grade_fits_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("slot_minutes", None), ("slot_minutes__gte", 1), _connector="OR"),
                        name="pool_slot_minutes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("grade", "NAMED"), _negated=True),
                            ("clinician_id__isnull", False),
                            _connector="OR",
                        ),
                        name="pool_named_physician",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "EXAM"), _negated=True),
                            models.Q(("item", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="pool_examination_item",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField()),
                ("kind", models.CharField(max_length=10)),
                ("grade", models.CharField(max_length=10)),
                ("specialty_code", models.CharField(db_default="", default="", max_length=11)),
                ("day", models.DateField()),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("capacity", models.PositiveSmallIntegerField()),
                ("state", models.CharField(max_length=10)),
                ("clinician_id", models.UUIDField(null=True)),
                ("clinician_name", models.CharField(db_default="", default="", max_length=40)),
                ("equipment_id", models.UUIDField(null=True)),
                ("place", models.CharField(db_default="", default="", max_length=80)),
                ("published_at", models.DateTimeField(null=True)),
                ("stopped_reason", models.CharField(db_default="", default="", max_length=200)),
                ("version", models.IntegerField(db_default=1, default=1)),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="capacity.pool",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "session_id",
                        "channel",
                        "holder_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("channel", models.CharField(max_length=15)),
                ("holder_id", models.UUIDField()),
                ("cap", models.PositiveSmallIntegerField()),
                ("used", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("release_at", models.DateTimeField(null=True)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotas",
                        to="capacity.session",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Lending",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("source", models.CharField(max_length=15)),
                ("target", models.CharField(max_length=15)),
                ("units", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("account_id", models.UUIDField(null=True)),
                ("lent_at", models.DateTimeField()),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lendings",
                        to="capacity.session",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("capacity", models.PositiveSmallIntegerField()),
                ("used", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("issued", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slots",
                        to="capacity.session",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("booked_by", models.UUIDField(help_text="institution", null=True)),
                ("account_id", models.UUIDField(null=True)),
                ("channel", models.CharField(max_length=15)),
                ("quota_channel", models.CharField(max_length=15)),
                ("holder_id", models.UUIDField()),
                ("state", models.CharField(max_length=10)),
                ("number", models.PositiveIntegerField()),
                (
                    "source_id",
                    models.UUIDField(help_text="the open request, where one brings the resident", null=True),
                ),
                ("group_id", models.UUIDField(null=True)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("held_until", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="capacity.session",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="capacity.slot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Stay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField()),
                ("resident_id", models.UUIDField()),
                ("booking_id", models.UUIDField(null=True)),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("state", models.CharField(max_length=10)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                (
                    "bed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stays", to="capacity.bed"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Template",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField(help_text="ISO: Monday is 1")),
                ("starts", models.TimeField()),
                ("ends", models.TimeField(help_text="00:00 is the end of the day")),
                ("capacity", models.PositiveSmallIntegerField()),
                ("slot_capacity", models.PositiveSmallIntegerField(db_default=1, default=1)),
                ("walk_ins", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("clinician_id", models.UUIDField(null=True)),
                ("place", models.CharField(db_default="", default="", max_length=80)),
                ("on_holidays", models.BooleanField(db_default=False, default=False)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="templates",
                        to="capacity.pool",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TurnedAway",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=15)),
                ("outcome", models.CharField(max_length=10)),
                ("at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="capacity.session"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("booked_by", models.UUIDField(null=True)),
                ("account_id", models.UUIDField(null=True)),
                ("channel", models.CharField(max_length=15)),
                ("urgency", models.PositiveSmallIntegerField()),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("state", models.CharField(max_length=10)),
                ("booking_id", models.UUIDField(null=True)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("changed_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiting",
                        to="capacity.pool",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField(help_text="who does it")),
                ("resident_id", models.UUIDField()),
                ("position", models.PositiveSmallIntegerField()),
                ("step", models.CharField(max_length=30)),
                ("state", models.CharField(max_length=12)),
                ("due_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("done_by", models.UUIDField(null=True)),
                ("note", models.CharField(db_default="", default="", max_length=300)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="capacity.case"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "OPEN")),
                        fields=["institution_id", "due_at"],
                        name="case_step_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "step"), name="case_step_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "step__in",
                                [
                                    "booking",
                                    "pre_assessment",
                                    "exam_booking",
                                    "insurance_review",
                                    "admission",
                                    "operation",
                                    "discharge",
                                    "discharge_settlement",
                                    "health_education",
                                    "post_discharge_followup",
                                ],
                            )
                        ),
                        name="case_step",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["OPEN", "DONE", "NOT_NEEDED"])),
                        name="case_step_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "OPEN"), ("done_at__isnull", False), _connector="OR"),
                        name="case_step_done_at",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["institution_id", "state"], name="case_at"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["ADMISSION", "DAY_SURGERY"])), name="case_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["OPEN", "CLOSED", "CANCELLED"])), name="case_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("state", "OPEN")),
                    models.Q(models.Q(("state", "OPEN"), _negated=True), ("closed_at__isnull", False)),
                    _connector="OR",
                ),
                name="case_closed_at",
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["institution_id", "day"], name="session_of_day"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("state", "PUBLISHED")),
                fields=["specialty_code", "kind", "day"],
                name="session_on_offer",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["DRAFT", "PUBLISHED", "STOPPED"])), name="session_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("capacity__gte", 1)), name="session_capacity"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("during__isempty", False), ("during__lower_inf", False), ("during__upper_inf", False)
                ),
                name="session_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "STOPPED"), _negated=True),
                fields=("pool", "during"),
                name="session_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(
                    ("clinician_id__isnull", False), models.Q(("state", "STOPPED"), _negated=True)
                ),
                expressions=[(models.F("clinician_id"), "="), (models.F("during"), "&&")],
                name="physician_in_one_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(
                    ("equipment_id__isnull", False), models.Q(("state", "STOPPED"), _negated=True)
                ),
                expressions=[(models.F("equipment_id"), "="), (models.F("during"), "&&")],
                name="device_for_one_session",
            ),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("channel__in", ["FAMILY_DOCTOR", "REFERRAL", "MEMBER", "OPEN", "WALK_IN", "OVERBOOK"])
                ),
                name="quota_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.CheckConstraint(
                condition=models.Q(("used__lte", models.F("cap"))), name="quota_not_oversold"
            ),
        ),
        migrations.AddConstraint(
            model_name="lending",
            constraint=models.CheckConstraint(condition=models.Q(("units__gte", 1)), name="lending_units"),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(("used__lte", models.F("capacity"))), name="slot_not_oversold"
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(("used__lte", models.F("issued"))), name="slot_numbers_cover_bookings"
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(fields=("session", "during"), name="slot_once"),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("state", "HELD")), fields=["session", "held_until"], name="booking_held"
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["resident_id", "made_at"], name="booking_of_resident"),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["booked_by", "made_at"], name="booking_made_by"),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["slot"], name="booking_in_slot"),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "HELD",
                            "BOOKED",
                            "ARRIVED",
                            "ATTENDED",
                            "NO_SHOW",
                            "CANCELLED",
                            "MOVED",
                            "STOPPED",
                            "LAPSED",
                        ],
                    )
                ),
                name="booking_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("channel__in", ["FAMILY_DOCTOR", "REFERRAL", "MEMBER", "OPEN", "WALK_IN", "OVERBOOK"]),
                    (
                        "quota_channel__in",
                        ["FAMILY_DOCTOR", "REFERRAL", "MEMBER", "OPEN", "WALK_IN", "OVERBOOK"],
                    ),
                ),
                name="booking_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "HELD"), _negated=True), ("held_until__isnull", False), _connector="OR"
                ),
                name="booking_hold_has_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["HELD", "BOOKED", "ARRIVED"])),
                fields=("session", "resident_id"),
                name="booking_once_a_session",
            ),
        ),
        migrations.AddIndex(
            model_name="stay",
            index=models.Index(fields=["institution_id", "state"], name="stay_at"),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["PLANNED", "IN", "OUT", "CANCELLED"])), name="stay_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.CheckConstraint(
                condition=models.Q(("during__isempty", False), ("during__lower_inf", False)),
                name="stay_has_begin",
            ),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state", "CANCELLED"), _negated=True),
                expressions=[(models.F("bed"), "="), (models.F("during"), "&&")],
                name="bed_for_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state", "CANCELLED"), _negated=True),
                expressions=[(models.F("resident_id"), "="), (models.F("during"), "&&")],
                name="resident_in_one_bed",
            ),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday__gte", 1), ("weekday__lte", 7)), name="template_weekday"
            ),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.CheckConstraint(
                condition=models.Q(("capacity__gte", 1), ("slot_capacity__gte", 1)), name="template_capacity"
            ),
        ),
        migrations.AddConstraint(
            model_name="turnedaway",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["full", "reserved"])), name="turned_away_outcome"
            ),
        ),
        migrations.AddIndex(
            model_name="waiting",
            index=models.Index(
                condition=models.Q(("state", "WAITING")),
                fields=["pool", "urgency", "made_at"],
                name="waiting_in_line",
            ),
        ),
        migrations.AddIndex(
            model_name="waiting",
            index=models.Index(
                condition=models.Q(("booking_id__isnull", False)), fields=["booking_id"], name="waiting_offer"
            ),
        ),
        migrations.AddConstraint(
            model_name="waiting",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["WAITING", "OFFERED", "TAKEN", "LAPSED", "WITHDRAWN"])),
                name="waiting_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiting",
            constraint=models.CheckConstraint(
                condition=models.Q(("urgency__in", [0, 1, 2, 3])), name="waiting_urgency"
            ),
        ),
        migrations.AddConstraint(
            model_name="waiting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("channel__in", ["FAMILY_DOCTOR", "REFERRAL", "MEMBER", "OPEN", "WALK_IN", "OVERBOOK"])
                ),
                name="waiting_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiting",
            constraint=models.CheckConstraint(
                condition=models.Q(("last__gte", models.F("first"))), name="waiting_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="waiting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "OFFERED"), _negated=True),
                    ("booking_id__isnull", False),
                    _connector="OR",
                ),
                name="waiting_offer_is_a_hold",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["WAITING", "OFFERED"])),
                fields=("pool", "resident_id"),
                name="waiting_once_a_pool",
            ),
        ),
    ]
