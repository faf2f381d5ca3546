"""Whom residents chose instead of their own area's institution (WH-03). Under row-level security (migration 0008)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from tiercare.kernel.ids import uuid7

from ..rules.territory import Territorial


class ChosenProvider(models.Model):
    """Another institution than the area's own provides a service; ``entered_at`` is the desk that entered it, nobody where the
    resident chose by themself. Without a row the area's own institution does."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    service = models.CharField(max_length=24)
    institution_id = models.UUIDField()
    entered_at = models.UUIDField(null=True)
    period = DateRangeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(service__in=[each.value for each in Territorial]), name="chosen_provider_service"
            ),
            ExclusionConstraint(
                name="chosen_provider_one",
                expressions=[
                    (F("resident_id"), RangeOperators.EQUAL),
                    (F("service"), RangeOperators.EQUAL),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
            ),
        )
        indexes = (models.Index(fields=["institution_id", "service"], name="chosen_provider_of"),)
