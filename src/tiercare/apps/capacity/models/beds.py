"""The beds themselves, and who lies in which. ``Stay`` stands under row-level security (migration 0002)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.beds import BedSex, StayState


class Bed(models.Model):
    """A bed of a ward. ``day`` beds turn over within a day (日间病房); ``isolation`` ones are kept for who needs one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    ward = models.CharField(max_length=40)
    number = models.CharField(max_length=12)
    sex = models.CharField(max_length=3, default=BedSex.ANY.value, db_default=BedSex.ANY.value)
    isolation = models.BooleanField(default=False, db_default=False)
    day = models.BooleanField(default=False, db_default=False)
    out_of_use = models.CharField(max_length=200, default="", db_default="", help_text="why; empty: in use")
    changed_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["institution_id", "ward", "number"], name="bed_once"),
            models.CheckConstraint(condition=Q(sex__in=[each.value for each in BedSex]), name="bed_sex"),
        )

    def __str__(self) -> str:
        return f"{self.ward} {self.number}"


class DayBedSpan(models.Model):
    """While a bed counted as a day bed in use: for the days that are past, what there was then (NHC-50)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    bed = models.ForeignKey(Bed, on_delete=models.PROTECT, related_name="day_spans")
    during = DateTimeRangeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["bed"], condition=Q(during__upper_inf=True), name="one_open_day_span"
            ),
        )


class Stay(models.Model):
    """A resident in a bed for a time: planned, in it, or gone. Nobody else has the bed in that time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    bed = models.ForeignKey(Bed, on_delete=models.PROTECT, related_name="stays")
    institution_id = models.UUIDField()
    resident_id = models.UUIDField()
    booking_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True, help_text="the admission or operation that it is for")
    during = DateTimeRangeField()
    isolation = models.BooleanField(default=False, db_default=False, help_text="needs an isolation bed")
    state = models.CharField(max_length=10)
    made_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in StayState]), name="stay_state"
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False), name="stay_has_begin"
            ),
            models.UniqueConstraint(
                fields=["bed"], condition=Q(state=StayState.IN.value), name="one_lies_in_a_bed"
            ),
            models.UniqueConstraint(
                fields=["resident_id"], condition=Q(state=StayState.IN.value), name="resident_lies_once"
            ),
            ExclusionConstraint(
                name="bed_for_one",
                expressions=[(F("bed"), RangeOperators.EQUAL), (F("during"), RangeOperators.OVERLAPS)],
                condition=~Q(state=StayState.CANCELLED.value),
            ),
            ExclusionConstraint(
                name="resident_in_one_bed",
                expressions=[
                    (F("resident_id"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
                condition=~Q(state=StayState.CANCELLED.value),
            ),
        )
        indexes = (
            models.Index(fields=["institution_id", "state"], name="stay_at"),
            models.Index(fields=["case_id"], condition=Q(case_id__isnull=False), name="stay_of_case"),
        )
