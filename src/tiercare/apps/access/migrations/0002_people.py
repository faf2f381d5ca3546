"""Second factors, invitations, sessions of our own, care relations, consents and broken glass, behind the wall."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tiercare.kernel.ids

# A row shows itself to its institution, to whoever may read this person now, and to a right that reaches by area.
# Functions are asked once a statement (the SELECT around them), not once a row.
_TABLES = {
    "access_carerelation": "institution_id",
    "access_consent": "grantee_id",
    "access_breakglass": "institution_id",
    "access_objection": "institution_id",
}
WALL = "".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON {table} USING (
    {owner} = ANY ((SELECT tiercare_scope())::uuid[])
    OR resident_id = ANY ((SELECT tiercare_persons())::uuid[])
    OR tiercare_in_area(division_code));
"""
    for table, owner in _TABLES.items()
)
NO_WALL = "".join(
    f"DROP POLICY wall ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;" for table in _TABLES
)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_readings"),
        ("access", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BreakGlass",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("account_id", models.UUIDField()),
                ("account_name", models.CharField(max_length=40)),
                ("institution_id", models.UUIDField()),
                ("institution_name", models.CharField(max_length=80)),
                ("division_code", models.CharField(max_length=12)),
                ("reason", models.CharField(max_length=20)),
                ("explanation", models.CharField(max_length=500)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("review_due", models.DateTimeField()),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("reviewed_by", models.UUIDField(null=True)),
                ("reviewer_name", models.CharField(db_default="", default="", max_length=40)),
                ("outcome", models.CharField(max_length=12, null=True)),
                ("remark", models.CharField(db_default="", default="", max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="CareRelation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("division_code", models.CharField(max_length=12)),
                ("account_id", models.UUIDField(null=True)),
                ("kind", models.CharField(max_length=20)),
                ("source_id", models.UUIDField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("grantee_id", models.UUIDField()),
                ("grantee_kind", models.CharField(max_length=12)),
                ("grantee_name", models.CharField(max_length=80)),
                ("division_code", models.CharField(max_length=12)),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), size=None
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("given_by", models.CharField(max_length=12)),
                ("evidence", models.CharField(db_default="", default="", max_length=200)),
                ("recorded_by", models.UUIDField(null=True)),
                ("recorded_at_institution", models.UUIDField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("token_hash", models.BinaryField(unique=True)),
                ("made_by", models.UUIDField(null=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("resident_id", models.UUIDField()),
                ("event_id", models.UUIDField()),
                ("institution_id", models.UUIDField(null=True)),
                ("institution_name", models.CharField(max_length=80)),
                ("division_code", models.CharField(max_length=12)),
                ("text", models.CharField(max_length=500)),
                ("made_at", models.DateTimeField()),
                ("due", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by", models.UUIDField(null=True)),
                ("answerer_name", models.CharField(db_default="", default="", max_length=40)),
                ("upheld", models.BooleanField(null=True)),
                ("answer", models.CharField(db_default="", default="", max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="Rate",
            fields=[
                ("key", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("window", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code_hash", models.BinaryField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("secret_sealed", models.BinaryField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("source", models.CharField(db_default="", default="", max_length=45)),
                ("device", models.CharField(db_default="", default="", max_length=80)),
                ("started_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SignInCode",
            fields=[
                ("resident_id", models.UUIDField(primary_key=True, serialize=False)),
                ("code_hash", models.BinaryField()),
                ("sent_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="grant",
            name="grant_role_known",
        ),
        migrations.AddField(
            model_name="account",
            name="resident_id",
            field=models.UUIDField(null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="grant",
            name="role",
            field=models.CharField(
                choices=[
                    ("commission", "卫生健康行政部门"),
                    ("consortium_office", "医联体办公室"),
                    ("referral_office", "转诊办"),
                    ("clinician", "医师"),
                    ("primary_doctor", "基层医生"),
                    ("insurance", "医保部门"),
                    ("auditor", "审计人员"),
                    ("operator", "平台管理员"),
                    ("registrar", "挂号登记员"),
                    ("index_keeper", "居民主索引管理员"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
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
                            "registrar",
                            "index_keeper",
                        ],
                    )
                ),
                name="grant_role_known",
            ),
        ),
        migrations.AddIndex(
            model_name="breakglass",
            index=models.Index(fields=["resident_id", "account_id"], name="break_glass_of"),
        ),
        migrations.AddIndex(
            model_name="breakglass",
            index=models.Index(
                condition=models.Q(("reviewed_at", None)),
                fields=["division_code", "review_due"],
                name="break_glass_to_review",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason__in", ["life_at_risk", "cannot_consent", "mass_casualty", "other"])
                ),
                name="break_glass_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("since"))), name="break_glass_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", None), ("reviewed_at", None), ("reviewed_by", None)),
                    models.Q(
                        ("outcome__in", ["justified", "unjustified"]),
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="break_glass_review_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reviewed_by", None),
                    models.Q(("reviewed_by", models.F("account_id")), _negated=True),
                    _connector="OR",
                ),
                name="break_glass_not_oneself",
            ),
        ),
        migrations.AddIndex(
            model_name="carerelation",
            index=models.Index(fields=["resident_id", "institution_id"], name="care_relation_of"),
        ),
        migrations.AddConstraint(
            model_name="carerelation",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["registration", "contract", "encounter", "request"])),
                name="care_relation_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelation",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                name="care_relation_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelation",
            constraint=models.UniqueConstraint(
                fields=("kind", "source_id", "institution_id"), name="care_relation_once"
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["resident_id", "grantee_id"], name="consent_of"),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("grantee_kind__in", ("institution", "consortium"))),
                name="consent_grantee_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("given_by__in", ("resident", "guardian"))), name="consent_given_by"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("purposes__contained_by", ["treatment", "referral", "family_doctor", "remote"]),
                    ("purposes__len__gte", 1),
                ),
                name="consent_purposes",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("since"))), name="consent_period"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="objection",
            index=models.Index(
                condition=models.Q(("answered_at", None)),
                fields=["division_code", "due"],
                name="objection_to_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.UniqueConstraint(fields=("resident_id", "event_id"), name="objection_once"),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("answered_by", None), ("upheld", None)),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        ("upheld__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="objection_answer_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="rate",
            index=models.Index(fields=["window"], name="rate_by_age"),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(condition=models.Q(("count__gte", 0)), name="rate_counts"),
        ),
        migrations.AddField(
            model_name="recoverycode",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="recoverycode",
            constraint=models.UniqueConstraint(fields=("account", "code_hash"), name="recovery_code_once"),
        ),
        migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop),
        migrations.RunSQL(WALL, NO_WALL),
    ]
