"""Objections to recorded absences. Stands under row-level security (migration 0002)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.absence import AppealState


class Appeal(models.Model):
    """A resident says why they did not come; the institution that recorded it decides, by name and with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    booking_id = models.UUIDField(unique=True)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    words = models.CharField(max_length=500)
    state = models.CharField(max_length=10)
    made_at = models.DateTimeField(db_default=TiercareNow())
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in AppealState]), name="appeal_state"
            ),
            models.CheckConstraint(
                condition=Q(state=AppealState.OPEN.value)
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(answer=""),
                name="appeal_is_answered",
            ),
        )
        indexes = (models.Index(fields=["institution_id", "state"], name="appeal_at"),)
