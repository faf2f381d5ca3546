"""What is on offer: sessions, their slots, and the quotas of their places.

``Slot.used`` and ``Quota.used`` are counters of bookings. They are changed only by the functions of migration 0002,
each by one UPDATE that decides; ``commands.reconcile`` recomputes them from the bookings.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.vocabulary import Channel, SessionState


class Session(models.Model):
    """One stretch of time in which a pool is served: a morning's clinic, a day's admissions, a device's shift.

    ``capacity`` is what it offers, all quotas but the extra ones together; 0 where the hospital's own system has sold
    all of it (see ``Feed``). ``day`` is the day in China of its start.
    What a pool says of it (institution, kind, grade, specialty) is repeated: search and walls need no join.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pool = models.ForeignKey("capacity.Pool", on_delete=models.PROTECT, related_name="sessions")
    institution_id = models.UUIDField()
    kind = models.CharField(max_length=10)
    grade = models.CharField(max_length=10)
    specialty_code = models.CharField(max_length=11, default="", db_default="")
    day = models.DateField()
    during = DateTimeRangeField()
    capacity = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10)
    clinician_id = models.UUIDField(null=True)
    clinician_name = models.CharField(max_length=40, default="", db_default="")
    equipment_id = models.UUIDField(null=True)
    place = models.CharField(max_length=80, default="", db_default="")
    published_at = models.DateTimeField(null=True)
    stopped_reason = models.CharField(max_length=200, default="", db_default="")
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in SessionState]), name="session_state"
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="session_has_time",
            ),
            models.UniqueConstraint(
                fields=["pool", "during"], condition=~Q(state=SessionState.STOPPED.value), name="session_once"
            ),
            ExclusionConstraint(
                name="physician_in_one_place",
                expressions=[
                    (F("clinician_id"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
                condition=Q(clinician_id__isnull=False) & ~Q(state=SessionState.STOPPED.value),
            ),
            ExclusionConstraint(
                name="device_for_one_session",
                expressions=[
                    (F("equipment_id"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
                condition=Q(equipment_id__isnull=False) & ~Q(state=SessionState.STOPPED.value),
            ),
        )
        indexes = (
            models.Index(fields=["institution_id", "day"], name="session_of_day"),
            models.Index(
                fields=["specialty_code", "kind", "day"],
                condition=Q(state=SessionState.PUBLISHED.value),
                name="session_on_offer",
            ),
        )


class Slot(models.Model):
    """The part of a session that is booked: a quarter of an hour, or the whole session where it goes by number.

    ``issued`` numbers the bookings and never goes back.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="slots")
    during = DateTimeRangeField()
    capacity = models.PositiveSmallIntegerField()
    used = models.PositiveSmallIntegerField(default=0, db_default=0)
    issued = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(used__lte=F("capacity")), name="slot_not_oversold"),
            models.CheckConstraint(condition=Q(used__lte=F("issued")), name="slot_numbers_cover_bookings"),
            models.UniqueConstraint(fields=["session", "during"], name="slot_once"),
        )


class Quota(models.Model):
    """Places of a session kept for a channel; with ``holder_id`` for one institution of it, else for all (nil).

    From ``release_at`` on everybody may use what is left. Nothing has to happen at that moment: the UPDATE that
    takes a place looks at the clock.
    """

    pk = models.CompositePrimaryKey("session_id", "channel", "holder_id")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="quotas")
    channel = models.CharField(max_length=15)
    holder_id = models.UUIDField()
    cap = models.PositiveSmallIntegerField()
    used = models.PositiveSmallIntegerField(default=0, db_default=0)
    release_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(channel__in=[each.value for each in Channel]), name="quota_channel"
            ),
            models.CheckConstraint(condition=Q(used__lte=F("cap")), name="quota_not_oversold"),
        )


class Lending(models.Model):
    """Places of a session that went from one channel to another by somebody's order, with the reason."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="lendings")
    source = models.CharField(max_length=15)
    target = models.CharField(max_length=15)
    units = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=200)
    account_id = models.UUIDField(null=True)
    lent_at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(units__gte=1), name="lending_units"),)


class TurnedAway(models.Model):
    """Somebody asked for a place of a session through a channel and there was none, or none for that channel.

    It names nobody: it stands for the proof of what was refused.
    """

    id = models.BigAutoField(primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=15)
    outcome = models.CharField(max_length=10)
    at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(outcome__in=["full", "reserved"]), name="turned_away_outcome"),
        )
