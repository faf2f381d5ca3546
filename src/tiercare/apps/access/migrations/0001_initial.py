"""Accounts, grants and the memory of failed sign-ins. btree_gist: a grant is not given twice for one period."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import tiercare.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("username", models.CharField(max_length=40, unique=True)),
                ("display_name", models.CharField(max_length=40)),
                ("is_active", models.BooleanField(default=True)),
                ("must_change_password", models.BooleanField(default=False)),
                ("synthetic", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("username", django.db.models.functions.text.Lower("username"))),
                        name="account_username_folded",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SignInFailures",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_hash", models.CharField(max_length=64)),
                ("source", models.CharField(max_length=45)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["last_at"], name="sign_in_failures_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("name_hash", "source"), name="sign_in_failures_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("commission", "卫生健康行政部门"),
                            ("consortium_office", "医联体办公室"),
                            ("referral_office", "转诊办"),
                            ("clinician", "医师"),
                            ("primary_doctor", "基层医生"),
                            ("insurance", "医保部门"),
                            ("auditor", "审计人员"),
                            ("operator", "平台管理员"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("REGION", "REGION"),
                            ("CONSORTIUM", "CONSORTIUM"),
                            ("INSTITUTION", "INSTITUTION"),
                        ],
                        max_length=12,
                    ),
                ),
                ("division_code", models.CharField(max_length=12)),
                ("institution_id", models.UUIDField(null=True)),
                ("consortium_id", models.UUIDField(null=True)),
                ("place_name", models.CharField(max_length=80)),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("granted_by", models.UUIDField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.UUIDField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "commission",
                                    "consortium_office",
                                    "referral_office",
                                    "clinician",
                                    "primary_doctor",
                                    "insurance",
                                    "auditor",
                                    "operator",
                                ],
                            )
                        ),
                        name="grant_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period__isempty", False)), name="grant_period_not_empty"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("consortium_id__isnull", True),
                                ("institution_id__isnull", True),
                                ("scope", "REGION"),
                            ),
                            models.Q(
                                ("consortium_id__isnull", True),
                                ("institution_id__isnull", False),
                                ("scope", "INSTITUTION"),
                            ),
                            models.Q(
                                ("consortium_id__isnull", False),
                                ("institution_id__isnull", False),
                                ("scope", "CONSORTIUM"),
                            ),
                            _connector="OR",
                        ),
                        name="grant_scope_filled",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        expressions=[
                            (models.F("account"), "="),
                            (models.F("role"), "="),
                            (models.F("division_code"), "="),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    "institution_id",
                                    models.Value(
                                        uuid.UUID("00000000-0000-0000-0000-000000000000"),
                                        output_field=models.UUIDField(),
                                    ),
                                ),
                                "=",
                            ),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    "consortium_id",
                                    models.Value(
                                        uuid.UUID("00000000-0000-0000-0000-000000000000"),
                                        output_field=models.UUIDField(),
                                    ),
                                ),
                                "=",
                            ),
                            (models.F("period"), "&&"),
                        ],
                        name="grant_not_twice",
                    ),
                ],
            },
        ),
    ]
