"""Mandates, waivers and list editions, all with their period."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from tiercare.kernel.ids import uuid7


class Mandate(models.Model):
    """A pack is in force in an area (its division code) for a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    division_code = models.CharField(max_length=12)
    pack = models.CharField(max_length=40)
    period = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_pack_per_area",
                expressions=[
                    ("division_code", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.division_code}: {self.pack}"


class Waiver(models.Model):
    """A named person's exception from a 原则上 rule: which card, for whom, why, until when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pack = models.CharField(max_length=40, help_text="the region's pack under which it was granted")
    card = models.CharField(max_length=120, help_text="pack/id of the card")
    subject = models.CharField(max_length=120, help_text="stable key of what is excepted")
    subject_name = models.CharField(max_length=200)
    reason = models.TextField()
    period = DateRangeField()
    granted_by_id = models.UUIDField()
    granted_by_name = models.CharField(max_length=120)
    granted_at = models.DateTimeField()
    revoked_by_name = models.CharField(max_length=120, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_waiver_at_a_time",
                expressions=[
                    ("pack", RangeOperators.EQUAL),
                    ("card", RangeOperators.EQUAL),
                    ("subject", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(revoked_at__isnull=True),
            ),
            models.CheckConstraint(
                name="waiver_has_reason_and_end",
                condition=~Q(reason="") & Q(period__endswith__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card} {self.subject_name}"


class ListEdition(models.Model):
    """What a region put into a list that a text only names (六统一 …); the last one in force counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pack = models.CharField(max_length=40)
    list_id = models.CharField(max_length=80)
    items = models.JSONField(help_text="list of {zh, en}")
    period = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_edition_at_a_time",
                expressions=[
                    ("pack", RangeOperators.EQUAL),
                    ("list_id", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack}/{self.list_id}"
