"""What a region planned, which of its areas count as what, and changes that wait for a decision."""

from __future__ import annotations

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from tiercare.kernel.ids import uuid7

from ..rules import AreaKind
from ..workflow import State
from .base import Basis, never_twice, one_of


class PlanningArea(models.Model):
    """A county-level area as the region's plan counts it: district, development zone or county."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.CharField(max_length=6)
    division_code = models.CharField(max_length=6)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    period = DateRangeField()

    class Meta:
        constraints = [
            never_twice("one_area_kind_at_a_time", "region", "division_code"),
            one_of("kind", "planning_area_kind", AreaKind),
        ]

    def __str__(self) -> str:
        return self.name


class RegionalPlan(models.Model):
    """A plan that a government finished and reported (医共体建设规划 …)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    division_code = models.CharField(max_length=6)
    kind = models.SlugField(max_length=40)
    finished_on = models.DateField()
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.ENTERED)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["division_code", "kind", "finished_on"], name="one_plan_a_day"),
        ]

    def __str__(self) -> str:
        return self.kind


class LaidDown(models.Model):
    """Which edition of a region's data was laid down, so that laying it down twice changes nothing."""

    pack = models.CharField(max_length=40, primary_key=True)
    digest = models.CharField(max_length=64)
    region = models.CharField(max_length=6)
    verdict_on = models.DateField()
    laid_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.pack


class Application(models.Model):
    """A proposed change that somebody must decide: approved, or returned with its reason.

    ``decided_by_division`` is the area whose commission owns the decision; ``payload`` is the change as
    ``workflow`` knows it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.CharField(max_length=6)
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=200)
    payload = models.JSONField()
    state = models.CharField(max_length=10)
    applicant_id = models.UUIDField()
    applicant_name = models.CharField(max_length=120)
    institution_id = models.UUIDField(null=True, blank=True)
    decided_by_division = models.CharField(max_length=6)
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=120, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            one_of("state", "application_state", State),
            models.CheckConstraint(
                name="returned_with_reason", condition=~Q(state="RETURNED") | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="decision_has_person_and_time",
                condition=Q(state__in=["SUBMITTED", "WITHDRAWN"])
                | (Q(decided_at__isnull=False) & ~Q(decided_by="")),
            ),
        ]
        indexes = [models.Index(fields=["region", "state"], name="application_worklist")]

    def __str__(self) -> str:
        return self.title
