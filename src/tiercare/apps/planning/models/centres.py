"""Medical centres that are planned (NHC-24) and what each institution of primary care serves (XH-89). Under row-level security
(migration 0002): everybody reads them, the commission of the area writes."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.centres import State


class Centre(models.Model):
    """A version of a planned centre; never changed once it is kept, the newest of a ``series`` holds.

    ``kind`` is a word of the packs; ``area`` are divisions (prefectures or counties) that it serves; ``demand`` is what it was planned on,
    as it was then: visits outside the province and at home, their share, what the register had, from which run and period.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    series = models.UUIDField()
    version = models.PositiveIntegerField()
    region = models.CharField(max_length=12)
    kind = models.CharField(max_length=40)
    specialty = models.CharField(max_length=11)
    institution_id = models.UUIDField()
    area = ArrayField(models.CharField(max_length=12))
    state = models.CharField(max_length=8)
    words = models.TextField(default="", db_default="")
    demand = models.JSONField(default=dict)
    made_at = models.DateTimeField(db_default=TiercareNow())
    made_by_id = models.UUIDField(null=True)
    made_by_name = models.CharField(max_length=120)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["series", "version"], name="centre_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="centre_version_counts"),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in State]), name="centre_state"
            ),
            models.CheckConstraint(condition=~Q(area=[]), name="centre_serves_somebody"),
        )
        indexes = (models.Index(fields=["region", "series", "-version"], name="centre_of_region"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.specialty} {self.version}"


class ServiceArea(models.Model):
    """What an institution of primary care serves and in which form it is there; one at a time.

    ``form`` is a word of the packs; ``contract`` names what was bought, where it serves by purchase; ``places`` are townships and villages.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    division = models.CharField(max_length=6, help_text="the county it stands in")
    form = models.CharField(max_length=40)
    contract = models.CharField(max_length=200, default="", db_default="")
    places = ArrayField(models.CharField(max_length=12))
    period = DateRangeField()
    made_at = models.DateTimeField(db_default=TiercareNow())
    made_by_id = models.UUIDField(null=True)
    made_by_name = models.CharField(max_length=120)

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="service_area_one",
                expressions=[
                    (F("institution_id"), RangeOperators.EQUAL),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=~Q(places=[]), name="service_area_is_somewhere"),
        )
        indexes = (models.Index(fields=["division"], name="service_area_of"),)

    def __str__(self) -> str:
        return f"{self.institution_id} {self.form}"
