"""How a county or a city assesses, who is assessed with what numbers, and what a score is used for. Under row-level security
(migration 0005)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7


class Scheme(models.Model):
    """A commission's own scorecard in one version: indicators, weights, lines, and who assesses. It is never changed; another
    version ends it, which is the only thing that a trigger lets happen to a row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    division_code = models.CharField(max_length=12)
    card = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    assessor = models.CharField(max_length=120)
    definition = models.JSONField(help_text="in the shape of a pack's scorecard")
    pack = models.CharField(max_length=40)
    period = DateRangeField()
    made_at = models.DateTimeField(db_default=TiercareNow())
    made_by_name = models.CharField(max_length=120)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["division_code", "card", "version"], name="scheme_version_once"),
            ExclusionConstraint(
                name="scheme_one_in_force",
                expressions=[
                    ("division_code", RangeOperators.EQUAL),
                    ("card", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Assessed(models.Model):
    """One who is assessed: the platform's numbers as they were when it began, the unit's own as far as they were accepted, and
    what that came to. ``inputs`` and ``accepted`` are records that are computed again to the digit; what is locked is not
    written any more, which a policy holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assessment = models.ForeignKey("evaluation.Matter", on_delete=models.PROTECT, related_name="assessed")
    report = models.ForeignKey("evaluation.Matter", on_delete=models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=120)
    period = models.CharField(max_length=10)
    card = models.CharField(max_length=80)
    level = models.CharField(max_length=12)
    key = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    area = models.CharField(max_length=12)
    inputs = models.TextField(help_text="what the platform counted")
    digest = models.CharField(max_length=64)
    review = models.JSONField(default=dict, help_text="by indicator: whose number counts, and why")
    accepted = models.TextField(default="", db_default="", help_text="what the result rests on")
    result = models.JSONField(default=dict)
    result_digest = models.CharField(max_length=64, default="", db_default="")
    total = models.DecimalField(max_digits=20, decimal_places=12, null=True)
    place = models.PositiveSmallIntegerField(null=True)
    locked_on = models.DateField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["assessment", "level", "key"], name="assessed_once"),)
        indexes = (models.Index(fields=["level", "key"], name="assessed_who"),)

    def __str__(self) -> str:
        return self.name


class FactorTable(models.Model):
    """What a county makes of a score: from so many points on, this factor. The newest from its day on counts; ``active`` off
    means that nothing hangs on the score."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    division_code = models.CharField(max_length=12)
    active = models.BooleanField()
    uses = ArrayField(models.CharField(max_length=30), default=list)
    steps = models.JSONField(help_text="[[points, factor], …], from the least")
    since = models.DateField()
    made_at = models.DateTimeField(db_default=TiercareNow())
    made_by_name = models.CharField(max_length=120)

    class Meta:
        indexes = (models.Index(fields=["division_code", "-since", "-made_at"], name="factors_newest"),)

    def __str__(self) -> str:
        return self.division_code
