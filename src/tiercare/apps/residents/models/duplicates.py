"""Pairs that may be one person, what was decided about them, and records handed over to another region."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7


class Duplicate(models.Model):
    """Two entries that may be one person; decided once, by a person. ``first_id < second_id``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first_id = models.UUIDField()
    second_id = models.UUIDField()
    division_code = models.CharField(max_length=12)
    weight = models.FloatField()
    reasons = ArrayField(models.CharField(max_length=40))
    source = models.CharField(max_length=12)
    found_at = models.DateTimeField(db_default=TiercareNow())
    decision = models.CharField(max_length=12, null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    remark = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(first_id__lt=F("second_id")), name="duplicate_in_order"),
            models.UniqueConstraint(fields=["first_id", "second_id"], name="duplicate_once"),
            models.CheckConstraint(
                condition=Q(decision=None, decided_at=None)
                | Q(decision__in=("merged", "different"), decided_at__isnull=False),
                name="duplicate_decision_whole",
            ),
        )
        indexes = (
            models.Index(
                fields=["division_code", "-weight", "id"], condition=Q(decision=None), name="duplicate_open"
            ),
        )


class Merge(models.Model):
    """Two entries were declared one person, and perhaps parted again: the history of ``Resident.master_id``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kept_id = models.UUIDField()
    merged_id = models.UUIDField()
    division_code = models.CharField(max_length=12)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.UUIDField(null=True)
    undone_reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(kept_id=F("merged_id")), name="merge_of_two"),
            models.UniqueConstraint(
                fields=["merged_id"], condition=Q(undone_at=None), name="merge_in_force_once"
            ),
        )


class RecordMove(models.Model):
    """A resident's file was handed over to another region, with a signed receipt over what it held."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField(null=True)
    destination = models.CharField(max_length=80)
    digest = models.BinaryField()
    receipt = models.TextField()
    at = models.DateTimeField()
