"""The index of residents."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "0002_readings"), ("access", "0002_people")]

    operations = [
        migrations.CreateModel(
            name="Household",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField()),
                ("division_code", models.CharField(max_length=12)),
            ],
        ),
        migrations.CreateModel(
            name="RecordMove",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField(null=True)),
                ("destination", models.CharField(max_length=80)),
                ("digest", models.BinaryField()),
                ("receipt", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "institution_id",
                        "token",
                        "resident_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("institution_id", models.UUIDField()),
                ("token", models.CharField(db_collation="C", max_length=120)),
                ("resident_id", models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("use", models.CharField(max_length=40)),
                ("by_token", models.BooleanField()),
                ("at", models.DateTimeField()),
                ("window_start", models.DateTimeField(null=True)),
                ("window_end", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["institution_id", "at"], name="arrival_today")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("window_end", None), ("window_start", None)),
                            ("window_end__gt", models.F("window_start")),
                            _connector="OR",
                        ),
                        name="arrival_window",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("number", models.CharField(max_length=16, unique=True)),
                ("institution_id", models.UUIDField(null=True)),
                ("division_code", models.CharField(max_length=12)),
                ("issued_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(max_length=10, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_by", None)),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("ended_by__in", ["lost", "replaced", "withdrawn"]),
                            ),
                            _connector="OR",
                        ),
                        name="card_end_whole",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("resident_id",),
                        name="card_one_of_a_resident",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CardUse",
            fields=[
                ("nonce", models.UUIDField(primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="card_use_by_age")],
            },
        ),
        migrations.CreateModel(
            name="Duplicate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("first_id", models.UUIDField()),
                ("second_id", models.UUIDField()),
                ("division_code", models.CharField(max_length=12)),
                ("weight", models.FloatField()),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None
                    ),
                ),
                ("source", models.CharField(max_length=12)),
                ("found_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("decision", models.CharField(max_length=12, null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.UUIDField(null=True)),
                ("remark", models.CharField(db_default="", default="", max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("decision", None)),
                        fields=["division_code", "-weight", "id"],
                        name="duplicate_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first_id__lt", models.F("second_id"))), name="duplicate_in_order"
                    ),
                    models.UniqueConstraint(fields=("first_id", "second_id"), name="duplicate_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decision", None)),
                            models.Q(
                                ("decided_at__isnull", False), ("decision__in", ("merged", "different"))
                            ),
                            _connector="OR",
                        ),
                        name="duplicate_decision_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Guardianship",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("guardian_id", models.UUIDField(null=True)),
                ("guardian_name", models.CharField(max_length=50)),
                ("phone_sealed", models.BinaryField(null=True)),
                ("relation", models.CharField(max_length=20)),
                ("institution_id", models.UUIDField()),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["resident_id"], name="guardian_of"),
                    models.Index(fields=["guardian_id"], name="guardian_wards"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("guardian_id", None),
                            models.Q(("guardian_id", models.F("resident_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="guardian_not_oneself",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KeyGroupMember",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("group", models.CharField(max_length=40)),
                ("institution_id", models.UUIDField()),
                ("evidence", models.CharField(max_length=200)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (models.F("resident_id"), "="),
                            (models.F("group"), "="),
                            (models.F("period"), "&&"),
                        ],
                        name="key_group_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kept_id", models.UUIDField()),
                ("merged_id", models.UUIDField()),
                ("division_code", models.CharField(max_length=12)),
                ("reason", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", models.UUIDField(null=True)),
                ("undone_reason", models.CharField(db_default="", default="", max_length=200)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kept_id", models.F("merged_id")), _negated=True),
                        name="merge_of_two",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)),
                        fields=("merged_id",),
                        name="merge_in_force_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Resident",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("master_id", models.UUIDField(null=True)),
                ("name", models.CharField(max_length=50)),
                ("sex", models.CharField(max_length=1)),
                ("birth_date", models.DateField(null=True)),
                ("nation", models.CharField(db_default="", default="", max_length=2)),
                ("division_code", models.CharField(max_length=12)),
                ("address_sealed", models.BinaryField(null=True)),
                ("identity_kind", models.CharField(max_length=20)),
                ("identity_sealed", models.BinaryField(null=True)),
                ("phone_sealed", models.BinaryField(null=True)),
                ("institution_id", models.UUIDField()),
                ("keeps_file", models.BooleanField(db_default=False, default=False)),
                (
                    "known_at",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None),
                ),
                ("temporary", models.BooleanField(db_default=False, default=False)),
                ("synthetic", models.BooleanField(db_default=False, default=False)),
                ("deceased_on", models.DateField(null=True)),
                ("moved_out_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(db_default=1, default=1)),
                ("registered_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("master_id__isnull", False)),
                        fields=["master_id"],
                        name="resident_merged",
                    ),
                    models.Index(fields=["division_code", "id"], name="resident_in_area"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["0", "1", "2", "9"])), name="resident_sex"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "identity_kind__in",
                                [
                                    "id_card",
                                    "foreign_resident",
                                    "hmt_resident",
                                    "hk_macao_permit",
                                    "taiwan_permit",
                                    "passport",
                                    "birth_certificate",
                                    "by_mother",
                                    "phone",
                                    "none",
                                ],
                            )
                        ),
                        name="resident_identity_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("master_id", None),
                            models.Q(("master_id", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="resident_not_own_master",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("deceased_on", None),
                            ("birth_date", None),
                            ("deceased_on__gte", models.F("birth_date")),
                            _connector="OR",
                        ),
                        name="resident_died_after_birth",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ResponsibleDoctor",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("clinician_id", models.UUIDField(null=True)),
                ("doctor_name", models.CharField(max_length=50)),
                ("source", models.CharField(max_length=20)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[(models.F("resident_id"), "="), (models.F("period"), "&&")],
                        name="responsible_doctor_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseholdMember",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("relation", models.CharField(max_length=1)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="residents.household",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["resident_id"], name="household_of")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("relation__in", ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
                        ),
                        name="household_relation",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[(models.F("resident_id"), "="), (models.F("period"), "&&")],
                        name="household_one_at_a_time",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("relation", "0")),
                        expressions=[(models.F("household"), "="), (models.F("period"), "&&")],
                        name="household_one_head",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Identifier",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("institution_id", models.UUIDField()),
                ("kind", models.CharField(max_length=20)),
                ("sealed", models.BinaryField()),
                ("blind", models.BinaryField()),
                ("note", models.CharField(db_default="", default="", max_length=40)),
                ("recorded_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "resident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="residents.resident"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("retired_at", None)), fields=["blind"], name="identifier_blind"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "id_card",
                                    "foreign_resident",
                                    "hmt_resident",
                                    "hk_macao_permit",
                                    "taiwan_permit",
                                    "passport",
                                    "birth_certificate",
                                    "by_mother",
                                    "phone",
                                    "none",
                                ],
                            )
                        ),
                        name="identifier_kind",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "id_card",
                                    "foreign_resident",
                                    "hmt_resident",
                                    "hk_macao_permit",
                                    "taiwan_permit",
                                    "passport",
                                    "birth_certificate",
                                    "by_mother",
                                ],
                            ),
                            ("retired_at", None),
                        ),
                        fields=("kind", "blind"),
                        name="identifier_of_one_person",
                    ),
                ],
            },
        ),
    ]
