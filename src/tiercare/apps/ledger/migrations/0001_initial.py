"""The tables of the ledger, the one clock, and the triggers that keep the ledger append-only."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import tiercare.apps.ledger.clock
import tiercare.kernel.ids

# The body is bound to the table when the function is made (SQL-standard body), so no search_path can turn it.
CLOCK = """
INSERT INTO ledger_installation (id) VALUES (1);
CREATE FUNCTION tiercare_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce((SELECT clock_override FROM ledger_installation WHERE id = 1), now());
"""
NO_CLOCK = "DROP FUNCTION tiercare_now();"

# GENERATED ALWAYS: no statement of the application may choose its own number.
SEQUENCE = "ALTER TABLE ledger_event ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY;"
NO_SEQUENCE = "ALTER TABLE ledger_event ALTER COLUMN sequence DROP IDENTITY;"

# Grants already deny this to the application role; the triggers deny it to the owner of the tables as well.
APPEND_ONLY = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation',
              HINT = 'Append a correcting event through tiercare.apps.ledger.commands.append instead.';
END $$;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
CHANGEABLE = """
DROP TRIGGER ledger_append_only ON ledger_checkpoint;
DROP TRIGGER ledger_append_only ON ledger_seal;
DROP TRIGGER ledger_append_only ON ledger_event;
DROP FUNCTION ledger_refuse_change();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Installation",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("synthetic", models.BooleanField(db_default=False, default=False)),
                ("clock_override", models.DateTimeField(null=True)),
                ("schema_version", models.TextField(db_default="", default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="ledger_one_installation"),
                    models.CheckConstraint(
                        condition=models.Q(("clock_override", None), ("synthetic", True), _connector="OR"),
                        name="ledger_clock_only_synthetic",
                    ),
                ],
            },
        ),
        migrations.RunSQL(CLOCK, NO_CLOCK),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tiercare.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sequence", models.BigIntegerField(editable=False, unique=True)),
                ("at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.TiercareNow())),
                ("kind", models.CharField(max_length=100)),
                ("version", models.SmallIntegerField()),
                ("subject_type", models.CharField(max_length=100)),
                ("subject_id", models.UUIDField()),
                ("institution_id", models.UUIDField(null=True)),
                ("division_code", models.CharField(max_length=12, null=True)),
                ("actor_id", models.UUIDField(null=True)),
                ("actor_name", models.TextField()),
                ("actor_role", models.CharField(max_length=100)),
                ("channel", models.CharField(max_length=50)),
                ("request_id", models.UUIDField(null=True)),
                (
                    "clauses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), size=None
                    ),
                ),
                ("payload", models.JSONField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["at", "sequence"], name="ledger_event_at"),
                    models.Index(fields=["kind", "at"], name="ledger_event_kind"),
                    models.Index(fields=["subject_id", "sequence"], name="ledger_event_subject"),
                    models.Index(
                        condition=models.Q(("actor_id__isnull", False)),
                        fields=["actor_id", "at"],
                        name="ledger_event_actor",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SEQUENCE, NO_SEQUENCE),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("handler", models.CharField(max_length=100)),
                ("sequence", models.BigIntegerField()),
                ("subject_id", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[("PENDING", "待处理"), ("DONE", "已完成"), ("FAILED", "已放弃")],
                        db_default="PENDING",
                        default="PENDING",
                        max_length=10,
                    ),
                ),
                ("attempts", models.SmallIntegerField(db_default=0, default=0)),
                ("next_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.WallClock())),
                ("last_error", models.TextField(db_default="", default="")),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="ledger.event",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "DONE"), _negated=True),
                        fields=["handler", "subject_id", "sequence"],
                        name="ledger_delivery_open",
                    ),
                    models.Index(
                        condition=models.Q(("state", "PENDING")),
                        fields=["sequence"],
                        name="ledger_delivery_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "FAILED")),
                        fields=["sequence"],
                        name="ledger_delivery_dead",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("event", "handler"), name="ledger_delivery_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["PENDING", "DONE", "FAILED"])),
                        name="ledger_delivery_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", False), ("state", "DONE")),
                            models.Q(models.Q(("state", "DONE"), _negated=True), ("done_at", None)),
                            _connector="OR",
                        ),
                        name="ledger_delivery_done",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unsealed",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField(unique=True)),
                ("previous", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("sealed_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.WallClock())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1)), name="ledger_seal_from_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.BigIntegerField()),
                ("hash", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("signature", models.BinaryField()),
            ],
            options={
                "indexes": [models.Index(fields=["position"], name="ledger_checkpoint_position")],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("actor_id", models.UUIDField()),
                ("key", models.CharField(max_length=200)),
                ("route", models.TextField()),
                ("body_hash", models.BinaryField()),
                ("status", models.SmallIntegerField()),
                ("content_type", models.TextField()),
                ("location", models.TextField()),
                ("response", models.BinaryField()),
                ("created_at", models.DateTimeField(db_default=tiercare.apps.ledger.clock.WallClock())),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="ledger_idempotency_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("actor_id", "key"), name="ledger_idempotency_once")
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, CHANGEABLE),
    ]
