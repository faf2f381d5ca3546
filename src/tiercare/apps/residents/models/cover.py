"""What insures a resident, one thing at a time. Under row-level security (migration 0006)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.cover import BASIC, CoverSource, Scheme


class Cover(models.Model):
    """A spell of cover. ``insured_area`` is the division whose agency insures (参保地); ``institution_id`` recorded it,
    none where a file of the platform brought it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    scheme = models.CharField(max_length=12)
    insured_area = models.CharField(max_length=12, default="", db_default="")
    source = models.CharField(max_length=8)
    institution_id = models.UUIDField(null=True)
    period = DateRangeField()
    recorded_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(scheme__in=[each.value for each in Scheme]), name="cover_scheme"
            ),
            models.CheckConstraint(
                condition=Q(source__in=[each.value for each in CoverSource]), name="cover_source"
            ),
            models.CheckConstraint(
                condition=(Q(scheme__in=sorted(each.value for each in BASIC)) & ~Q(insured_area=""))
                | (~Q(scheme__in=sorted(each.value for each in BASIC)) & Q(insured_area="")),
                name="cover_area",
            ),
            ExclusionConstraint(
                name="cover_one_at_a_time",
                expressions=[
                    (F("resident_id"), RangeOperators.EQUAL),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
            ),
        )
