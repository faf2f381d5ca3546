import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Matter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                ("state", models.CharField(max_length=10)),
                ("turn", models.CharField(db_default="", default="", max_length=6)),
                ("due_on", models.DateField(null=True)),
                ("first_due_on", models.DateField(help_text="as issued; extensions do not change it")),
                ("title", models.CharField(max_length=120)),
                ("words", models.TextField(db_default="", default="", help_text="what is asked")),
                (
                    "clauses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), default=list, size=None
                    ),
                ),
                ("pack", models.CharField(max_length=40)),
                (
                    "period",
                    models.CharField(
                        db_default="",
                        default="",
                        help_text="as of indicators: 2025, 2025Q3, 2025-07",
                        max_length=10,
                    ),
                ),
                ("issuer_area", models.CharField(max_length=12)),
                ("issuer_institution", models.UUIDField(null=True)),
                ("owner_area", models.CharField(max_length=12)),
                ("owner_institution", models.UUIDField(null=True)),
                ("subject_type", models.CharField(db_default="", default="", max_length=12)),
                ("subject_key", models.CharField(db_default="", default="", max_length=120)),
                ("subject_name", models.CharField(db_default="", default="", max_length=120)),
                ("origin", models.CharField(max_length=200, null=True, unique=True)),
                (
                    "escalated",
                    models.PositiveSmallIntegerField(
                        db_default=0, default=0, help_text="how often nobody did it in time"
                    ),
                ),
                ("payload", models.JSONField(default=dict)),
                ("result", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(db_default=1, default=1)),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("made_by_name", models.CharField(max_length=120)),
                ("changed_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("over_at", models.DateTimeField(null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="evaluation.matter",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("act", models.CharField(max_length=10)),
                ("state", models.CharField(help_text="afterwards", max_length=10)),
                ("by_id", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=120)),
                ("by_side", models.CharField(db_default="", default="", max_length=6)),
                ("words", models.TextField(db_default="", default="")),
                (
                    "figures",
                    models.JSONField(
                        default=dict,
                        help_text="numbers and choices beside the words, in the shape of the kind",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="evaluation.matter",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("purpose", models.CharField(db_default="", default="", max_length=40)),
                ("from_area", models.CharField(max_length=12)),
                ("to_area", models.CharField(db_default="", default="", max_length=12)),
                ("to_institution", models.UUIDField(null=True)),
                ("outside", models.CharField(db_default="", default="", max_length=120)),
                ("content", models.JSONField(default=dict)),
                ("sha256", models.CharField(max_length=64)),
                ("sent_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("sent_by_name", models.CharField(max_length=120)),
                ("read_at", models.DateTimeField(null=True)),
                ("read_by_name", models.CharField(db_default="", default="", max_length=120)),
                ("receipt", models.CharField(db_default="", default="", max_length=120)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="evaluation.matter",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Proof",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("media", models.CharField(max_length=80)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="evaluation.entry",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="evaluation.matter",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("pack", models.CharField(max_length=40)),
                ("pack_digest", models.CharField(max_length=64)),
                ("region", models.CharField(max_length=12)),
                (
                    "spans",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), size=None
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("sources", models.JSONField(default=dict)),
                ("synthetic", models.BooleanField()),
                ("made_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("made_by_name", models.CharField(max_length=120)),
            ],
            options={
                "indexes": [models.Index(fields=["region", "pack", "-made_at"], name="run_newest")],
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("region", models.CharField(max_length=12)),
                ("pack", models.CharField(max_length=40)),
                ("period", models.CharField(max_length=10)),
                ("audience", models.CharField(max_length=10)),
                (
                    "indicators",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), default=list, size=None
                    ),
                ),
                ("content", models.JSONField()),
                ("published_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("published_by_name", models.CharField(max_length=120)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_why", models.CharField(db_default="", default="", max_length=300)),
                (
                    "matter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publications",
                        to="evaluation.matter",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publications",
                        to="evaluation.run",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("span", models.CharField(max_length=10)),
                ("level", models.CharField(max_length=12)),
                ("key", models.CharField(max_length=120)),
                (
                    "holders",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("area", models.CharField(db_default="", default="", max_length=12)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=10)),
                ("name", models.CharField(max_length=60)),
                ("indicator", models.CharField(db_default="", default="", max_length=80)),
                ("content", models.JSONField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="evaluation.run",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RunStanding",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("target", models.CharField(max_length=80)),
                ("clause", models.CharField(max_length=10)),
                ("indicator", models.CharField(db_default="", default="", max_length=80)),
                ("span", models.CharField(db_default="", default="", max_length=10)),
                ("op", models.CharField(max_length=12)),
                ("limit", models.DecimalField(decimal_places=12, max_digits=38, null=True)),
                ("met", models.CharField(max_length=16)),
                ("value", models.DecimalField(decimal_places=12, max_digits=38, null=True)),
                ("reason_zh", models.TextField(db_default="", default="")),
                ("reason_en", models.TextField(db_default="", default="")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="standings",
                        to="evaluation.run",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                ("span", models.CharField(max_length=10)),
                ("level", models.CharField(max_length=12)),
                ("key", models.CharField(max_length=120)),
                (
                    "holders",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("area", models.CharField(db_default="", default="", max_length=12)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("card", models.CharField(max_length=80)),
                ("version", models.PositiveSmallIntegerField()),
                ("total", models.DecimalField(decimal_places=12, max_digits=20, null=True)),
                ("covered", models.DecimalField(decimal_places=12, max_digits=20)),
                (
                    "place",
                    models.PositiveSmallIntegerField(
                        help_text="its rank; empty where none is given", null=True
                    ),
                ),
                ("content", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scores",
                        to="evaluation.run",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Value",
            fields=[
                ("span", models.CharField(max_length=10)),
                ("level", models.CharField(max_length=12)),
                ("key", models.CharField(max_length=120)),
                (
                    "holders",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("area", models.CharField(db_default="", default="", max_length=12)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("indicator", models.CharField(max_length=80)),
                ("version", models.PositiveSmallIntegerField()),
                ("numerator", models.DecimalField(decimal_places=12, max_digits=38, null=True)),
                ("denominator", models.DecimalField(decimal_places=12, max_digits=38, null=True)),
                ("value", models.DecimalField(decimal_places=12, max_digits=38, null=True)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="evaluation.run",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(("state__in", ["APPROVED", "OPEN", "RETURNED", "SUBMITTED"])),
                fields=["due_on"],
                name="matter_due",
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["owner_area", "state"], name="matter_of_area"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["issuer_area", "kind", "period"], name="matter_issued"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(("owner_institution__isnull", False)),
                fields=["owner_institution", "state"],
                name="matter_of_house",
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["kind", "subject_type", "subject_key"], name="matter_about"),
        ),
        migrations.AddConstraint(
            model_name="matter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["OPEN", "SUBMITTED", "RETURNED", "APPROVED", "CLOSED", "LOCKED", "WITHDRAWN"],
                    )
                ),
                name="matter_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="matter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("over_at__isnull", False),
                        ("state__in", ["CLOSED", "LOCKED", "WITHDRAWN"]),
                        ("turn", ""),
                    ),
                    models.Q(
                        ("due_on__isnull", False),
                        ("over_at__isnull", True),
                        ("state__in", ["APPROVED", "OPEN", "RETURNED", "SUBMITTED"]),
                        ("turn__in", ["owner", "issuer"]),
                    ),
                    _connector="OR",
                ),
                name="matter_open_is_owed",
            ),
        ),
        migrations.AddConstraint(
            model_name="matter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("owner_area", ""), _negated=True), models.Q(("issuer_area", ""), _negated=True)
                ),
                name="matter_has_sides",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["matter", "at"], name="entry_of_matter"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "act__in",
                        [
                            "note",
                            "submit",
                            "return",
                            "close",
                            "approve",
                            "reopen",
                            "lock",
                            "extend",
                            "withdraw",
                            "escalate",
                            "issue",
                        ],
                    )
                ),
                name="entry_act",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["to_area"], name="delivery_to_area"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outside", ""), ("to_area", ""), ("to_institution__isnull", True), _negated=True
                ),
                name="delivery_to_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(("audience__in", ["SECTOR", "RESIDENTS"])), name="publication_audience"
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("region", "pack", "period", "audience"),
                name="publication_one_stands",
            ),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.UniqueConstraint(
                fields=("run", "card", "level", "span", "key"), name="score_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="value",
            constraint=models.UniqueConstraint(
                fields=("run", "indicator", "level", "span", "key"), name="value_once"
            ),
        ),
    ]
