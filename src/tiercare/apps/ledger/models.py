"""Tables of the ledger. Event, seal and checkpoint are append-only: by grants and by triggers (migration 0001)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tiercare.kernel.ids import uuid7

from .clock import TiercareNow, WallClock


class Installation(models.Model):
    """The one row about this database: may its clock be set, is it set, and which version migrated it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    synthetic = models.BooleanField(default=False, db_default=False)
    clock_override = models.DateTimeField(null=True)
    # Moved about for a while, over many transactions: what it is set to again afterwards, also by another process.
    clock_lent = models.BooleanField(default=False, db_default=False)
    clock_before = models.DateTimeField(null=True)
    schema_version = models.TextField(default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(name="ledger_one_installation", condition=Q(id=1)),
            models.CheckConstraint(
                name="ledger_clock_only_synthetic", condition=Q(clock_override=None) | Q(synthetic=True)
            ),
            models.CheckConstraint(
                name="ledger_clock_before_it_was_lent", condition=Q(clock_before=None) | Q(clock_lent=True)
            ),
        )


class Event(models.Model):
    """Something that happened: audit record and outbox in one row.

    ``sequence`` is drawn by the database when the row is written. Commands lock their subject first, so the
    events of one subject stand in the order in which they happened.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sequence = models.BigIntegerField(unique=True, editable=False)
    at = models.DateTimeField(db_default=TiercareNow())
    kind = models.CharField(max_length=100)
    version = models.SmallIntegerField()
    subject_type = models.CharField(max_length=100)
    subject_id = models.UUIDField()
    institution_id = models.UUIDField(null=True)
    division_code = models.CharField(max_length=12, null=True)
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField()
    actor_role = models.CharField(max_length=100)
    channel = models.CharField(max_length=50)
    request_id = models.UUIDField(null=True)
    clauses = ArrayField(models.CharField(max_length=30))
    payload = models.JSONField()

    class Meta:
        indexes = (
            models.Index(name="ledger_event_at", fields=["at", "sequence"]),
            models.Index(name="ledger_event_kind", fields=["kind", "at"]),
            models.Index(name="ledger_event_subject", fields=["subject_id", "sequence"]),
            models.Index(
                name="ledger_event_actor", fields=["actor_id", "at"], condition=Q(actor_id__isnull=False)
            ),
            models.Index(name="ledger_event_actor_name", fields=["actor_name", "at"]),
            models.Index(
                name="ledger_event_institution",
                fields=["institution_id", "at"],
                condition=Q(institution_id__isnull=False),
            ),
            models.Index(
                name="ledger_event_refused", fields=["at", "sequence"], condition=Q(payload__result="refused")
            ),
        )


class Reading(models.Model):
    """Whose record an event of reading is about: one row a person, so that each finds who read theirs.

    The event itself (who, when, for which institution, why, what) stands in ``Event`` and in the chain. Stands
    under row-level security.
    """

    pk = models.CompositePrimaryKey("resident_id", "event_id")
    resident_id = models.UUIDField()
    event_id = models.UUIDField()
    at = models.DateTimeField(db_default=TiercareNow())
    institution_id = models.UUIDField(null=True)
    division_code = models.CharField(max_length=12, null=True)

    class Meta:
        indexes = (models.Index(name="ledger_reading_of", fields=["resident_id", "at"]),)


class DeliveryState(models.TextChoices):
    """How far one handler is with one event. ``FAILED`` is a dead letter: it waits for a person."""

    PENDING = "PENDING", "待处理"
    DONE = "DONE", "已完成"
    FAILED = "FAILED", "已放弃"


class Delivery(models.Model):
    """One event on its way to one handler. ``next_at`` is the machine's time, not the synthetic clock's."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, db_index=False, related_name="deliveries")
    handler = models.CharField(max_length=100)
    sequence = models.BigIntegerField()
    subject_id = models.UUIDField()
    state = models.CharField(
        max_length=10, choices=DeliveryState, default=DeliveryState.PENDING, db_default=DeliveryState.PENDING
    )
    attempts = models.SmallIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(db_default=WallClock())
    last_error = models.TextField(default="", db_default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="ledger_delivery_once", fields=["event", "handler"]),
            models.CheckConstraint(name="ledger_delivery_state", condition=Q(state__in=DeliveryState.values)),
            models.CheckConstraint(
                name="ledger_delivery_done",
                condition=Q(state="DONE", done_at__isnull=False) | (~Q(state="DONE") & Q(done_at=None)),
            ),
        )
        indexes = (
            models.Index(
                name="ledger_delivery_open",
                fields=["handler", "subject_id", "sequence"],
                condition=~Q(state="DONE"),
            ),
            models.Index(name="ledger_delivery_due", fields=["sequence"], condition=Q(state="PENDING")),
            models.Index(name="ledger_delivery_dead", fields=["sequence"], condition=Q(state="FAILED")),
        )


class Unsealed(models.Model):
    """An event that waits for the sealer. A table of its own, because late commits leave no order to go by."""

    event_id = models.UUIDField(primary_key=True)


class Seal(models.Model):
    """The place of one event in the hash chain. No foreign key: a deleted event must not take its seal along."""

    position = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    previous = models.BinaryField()
    hash = models.BinaryField()
    sealed_at = models.DateTimeField(db_default=WallClock())

    class Meta:
        constraints = (models.CheckConstraint(name="ledger_seal_from_one", condition=Q(position__gte=1)),)


class Checkpoint(models.Model):
    """A signed head of the chain; the same line stands in a file outside the database."""

    position = models.BigIntegerField()
    hash = models.BinaryField()
    at = models.DateTimeField()
    signature = models.BinaryField()

    class Meta:
        indexes = (models.Index(name="ledger_checkpoint_position", fields=["position"]),)


class IdempotencyKey(models.Model):
    """The answer to a write that was done, kept so that the same request gets the same answer.

    The row is written in the transaction of the write: it exists exactly if the write took place. ``response`` is sealed:
    it may repeat what somebody was shown of a resident, and the table stands behind no wall.
    """

    actor_id = models.UUIDField()
    key = models.CharField(max_length=200)
    route = models.TextField()
    body_hash = models.BinaryField()
    status = models.SmallIntegerField()
    content_type = models.TextField()
    location = models.TextField()
    response = models.BinaryField()
    created_at = models.DateTimeField(db_default=WallClock())

    class Meta:
        constraints = (models.UniqueConstraint(name="ledger_idempotency_once", fields=["actor_id", "key"]),)
        indexes = (models.Index(name="ledger_idempotency_age", fields=["created_at"]),)
