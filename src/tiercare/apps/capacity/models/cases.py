"""Admissions and day surgeries as lists of steps. ``Case`` and ``CaseStep`` stand under row-level security."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.cases import CaseKind, CaseState, Step, StepState


class CareUnit(models.Model):
    """What an institution runs from a day on: the functions of its one-stop centre, and whether it does day surgery."""

    institution_id = models.UUIDField(primary_key=True)
    functions = ArrayField(models.CharField(max_length=40), default=list)
    day_surgery = models.BooleanField(default=False, db_default=False)
    changed_at = models.DateTimeField(db_default=TiercareNow())


class DayProcedure(models.Model):
    """A procedure that an institution does as day surgery, while it does (日间手术病种)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    name = models.CharField(max_length=80)
    period = DateRangeField()

    class Meta:
        indexes = (models.Index(fields=["institution_id"], name="day_procedure_of"),)

    def __str__(self) -> str:
        return self.name


class Case(models.Model):
    """One resident's admission or day surgery, from the request to the last follow-up. ``green``: an open request
    brings the resident, so that a bed is offered first (NHC-42)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    source_id = models.UUIDField(null=True)
    green = models.BooleanField(default=False, db_default=False)
    procedure = models.ForeignKey(DayProcedure, on_delete=models.PROTECT, null=True, related_name="cases")
    state = models.CharField(max_length=10)
    requested_at = models.DateTimeField(db_default=TiercareNow())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=[each.value for each in CaseKind]), name="case_kind"),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in CaseState]), name="case_state"
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.OPEN.value, closed_at=None)
                | ~Q(state=CaseState.OPEN.value) & Q(closed_at__isnull=False),
                name="case_closed_at",
            ),
        )
        indexes = (models.Index(fields=["institution_id", "state"], name="case_at"),)


class CaseStep(models.Model):
    """A step of a case. While it is open it has an owner and a time by which it is due."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    institution_id = models.UUIDField(help_text="who does it")
    resident_id = models.UUIDField()
    position = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=30)
    state = models.CharField(max_length=12)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.UUIDField(null=True)
    note = models.CharField(max_length=300, default="", db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["case", "step"], name="case_step_once"),
            models.CheckConstraint(condition=Q(step__in=[each.value for each in Step]), name="case_step"),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in StepState]), name="case_step_state"
            ),
            models.CheckConstraint(
                condition=Q(state=StepState.OPEN.value) | Q(done_at__isnull=False), name="case_step_done_at"
            ),
        )
        indexes = (
            models.Index(
                fields=["institution_id", "due_at"],
                condition=Q(state=StepState.OPEN.value),
                name="case_step_due",
            ),
        )
