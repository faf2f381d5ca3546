"""Who has which place. Stands under row-level security (migration 0002): a booking names a resident."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.vocabulary import Channel
from ..workflow import OPEN, State


class Booking(models.Model):
    """A place held, booked, or once booked.

    ``channel`` is the one the evidence gave, ``quota_channel`` and ``holder_id`` name the quota whose place it takes:
    they differ where a wider quota was used, or one that had been released. ``arrived_at`` is when they checked in (a
    walk-in when it was made), ``called_at`` when they were last called in; ``changed_at`` of an attended one is when
    they were seen: nothing follows. ``booked_at`` is the institution that
    booked; empty for residents themselves. ``group_id`` joins bookings made in one act.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey("capacity.Session", on_delete=models.PROTECT, related_name="bookings")
    slot = models.ForeignKey("capacity.Slot", on_delete=models.PROTECT, related_name="bookings")
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    booked_by = models.UUIDField(null=True, help_text="institution")
    account_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=15)
    quota_channel = models.CharField(max_length=15)
    holder_id = models.UUIDField()
    state = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    source_id = models.UUIDField(null=True, help_text="the open request, where one brings the resident")
    group_id = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_default=TiercareNow())
    held_until = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)
    reminded_for = models.DateTimeField(null=True, help_text="the time of which the resident was reminded")
    changed_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in State]), name="booking_state"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=[each.value for each in Channel])
                & Q(quota_channel__in=[each.value for each in Channel]),
                name="booking_channel",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.HELD.value) | Q(held_until__isnull=False),
                name="booking_hold_has_end",
            ),
            models.UniqueConstraint(
                fields=["session", "resident_id"],
                condition=Q(state__in=[each.value for each in OPEN]),
                name="booking_once_a_session",
            ),
        )
        indexes = (
            models.Index(
                fields=["session", "held_until"], condition=Q(state=State.HELD.value), name="booking_held"
            ),
            models.Index(fields=["resident_id", "made_at"], name="booking_of_resident"),
            models.Index(fields=["booked_by", "made_at"], name="booking_made_by"),
            models.Index(fields=["slot"], name="booking_in_slot"),
        )
