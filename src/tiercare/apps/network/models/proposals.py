"""What a region planned to allow, and what was said about proposals before somebody decided: versions, overrides, confirmations, scores.

A row is never rewritten: row security lets nobody who serves do so. Only the end of a plan is set, once, by the version after it.
"""

from __future__ import annotations

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q

from tiercare.kernel.ids import uuid7

from ..rules.institution_plans import PlanKind, Subject
from .base import never_twice, one_of
from .region import Application


class InstitutionPlan(models.Model):
    """A numbered version of an area's plan of institutions (XH-12); the one before ends on the day on which it begins."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    division_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    document = models.CharField(
        max_length=200, blank=True, help_text="number or name of the paper that adopted it"
    )
    adopted_on = models.DateField()
    period = DateRangeField()
    words = models.TextField(blank=True)
    recorded_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            never_twice("one_institution_plan_at_a_time", "division_code", "kind"),
            models.UniqueConstraint(
                fields=["division_code", "kind", "number"], name="institution_plan_number"
            ),
            one_of("kind", "institution_plan_kind", PlanKind),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"


class InstitutionPlanLine(models.Model):
    """How many institutions or beds of a kind and level, or machines of a kind, a plan allows in an area; blank means any."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(InstitutionPlan, on_delete=models.PROTECT, related_name="lines")
    area = models.CharField(max_length=9)
    subject = models.CharField(max_length=12)
    kind = models.CharField(max_length=40, blank=True)
    level = models.CharField(max_length=1, blank=True)
    allowed = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "area", "subject", "kind", "level"], name="one_line_a_thing"
            ),
            one_of("subject", "institution_plan_subject", Subject),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.subject} {self.allowed}"


class PlanOverride(models.Model):
    """That an application may exceed the plan: by how much (``marks``, as they stood), why, and who decided so."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="overrides")
    marks = models.JSONField()
    reason = models.TextField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="override_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return self.reason


class Confirmation(models.Model):
    """What an institution says to a proposal that names it (YN-01: both sides choose). ``digest`` tells which proposal it saw: another
    partner, part or day is another proposal."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="confirmations")
    institution_id = models.UUIDField()
    digest = models.CharField(max_length=64)
    agreed = models.BooleanField()
    words = models.TextField(blank=True)
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="declined_with_words", condition=Q(agreed=True) | ~Q(words="")),
        ]
        indexes = [models.Index(F("application"), F("at"), name="confirmation_of_application")]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.agreed}"


class ProposalScore(models.Model):
    """How a proposal stands to one criterion of the pack: the share that data say, or what a clerk judged, with the ground of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="scores")
    digest = models.CharField(max_length=64)
    clause = models.CharField(max_length=10)
    criterion = models.CharField(max_length=40)
    met = models.PositiveIntegerField(null=True, blank=True, help_text="partners that meet it, by data")
    of = models.PositiveIntegerField(null=True, blank=True, help_text="partners that were looked at")
    grade = models.CharField(
        max_length=8, blank=True, help_text="what the clerk judged, where data say nothing"
    )
    words = models.TextField(blank=True)
    ground = models.JSONField(default=list)
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="score_has_ground",
                condition=Q(met__isnull=False, of__isnull=False) | (~Q(grade="") & ~Q(words="")),
            ),
        ]
        indexes = [models.Index(F("application"), F("at"), name="score_of_application")]

    def __str__(self) -> str:
        return self.criterion
