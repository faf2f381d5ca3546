"""Who waits for a place. Stands under row-level security (migration 0002)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.vocabulary import Channel
from ..rules.waiting import OPEN, Urgency, WaitingState


class Waiting(models.Model):
    """A resident waits for a place of a pool between two days; by urgency, then by who waits longer.

    An offer is a hold on a place (``booking_id``): confirmed it is taken, lapsed it goes to the next.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pool = models.ForeignKey("capacity.Pool", on_delete=models.PROTECT, related_name="waiting")
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    booked_by = models.UUIDField(null=True)
    account_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=15)
    urgency = models.PositiveSmallIntegerField()
    first = models.DateField()
    last = models.DateField()
    state = models.CharField(max_length=10)
    booking_id = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_default=TiercareNow())
    changed_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in WaitingState]), name="waiting_state"
            ),
            models.CheckConstraint(
                condition=Q(urgency__in=[each.value for each in Urgency]), name="waiting_urgency"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=[each.value for each in Channel]), name="waiting_channel"
            ),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="waiting_days"),
            models.CheckConstraint(
                condition=~Q(state=WaitingState.OFFERED.value) | Q(booking_id__isnull=False),
                name="waiting_offer_is_a_hold",
            ),
            models.UniqueConstraint(
                fields=["pool", "resident_id"],
                condition=Q(state__in=[each.value for each in OPEN]),
                name="waiting_once_a_pool",
            ),
        )
        indexes = (
            models.Index(
                fields=["pool", "urgency", "made_at"],
                condition=Q(state=WaitingState.WAITING.value),
                name="waiting_in_line",
            ),
            models.Index(fields=["institution_id", "state"], name="waiting_at"),
            models.Index(fields=["booked_by", "made_at"], name="waiting_put_by"),
            models.Index(fields=["resident_id"], name="waiting_of"),
            models.Index(fields=["booking_id"], condition=Q(booking_id__isnull=False), name="waiting_offer"),
        )
