"""Admissions and day surgeries as lists of steps. ``Case`` and ``CaseStep`` stand under row-level security."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.cases import CaseKind, CaseState, Step, StepState
from ..rules.criteria import Stage


class CareUnit(models.Model):
    """What an institution runs in a period: the functions of its one-stop centre, and whether it does day surgery."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    functions = ArrayField(models.CharField(max_length=40), default=list)
    day_surgery = models.BooleanField(default=False, db_default=False)
    period = DateRangeField()
    changed_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="one_care_unit_a_day",
                expressions=[
                    (F("institution_id"), RangeOperators.EQUAL),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
            ),
        )


class DayProcedure(models.Model):
    """A procedure that an institution does as day surgery, while it does (日间手术病种)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    name = models.CharField(max_length=80)
    period = DateRangeField()

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="day_procedure_once",
                expressions=[
                    (F("institution_id"), RangeOperators.EQUAL),
                    (F("name"), RangeOperators.EQUAL),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
            ),
        )
        indexes = (models.Index(fields=["institution_id"], name="day_procedure_of"),)

    def __str__(self) -> str:
        return self.name


class Criteria(models.Model):
    """By which a hospital admits or discharges patients of a disease (入、出院标准), while the version holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    disease = models.CharField(max_length=80)
    stage = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    items = ArrayField(models.CharField(max_length=120))
    during = DateTimeRangeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(stage__in=[each.value for each in Stage]), name="criteria_stage"
            ),
            models.UniqueConstraint(
                fields=["institution_id", "disease", "stage", "version"], name="criteria_version_once"
            ),
            ExclusionConstraint(
                name="one_version_of_criteria",
                expressions=[
                    (F("institution_id"), RangeOperators.EQUAL),
                    (F("disease"), RangeOperators.EQUAL),
                    (F("stage"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.disease} {self.stage} {self.version}"


class Case(models.Model):
    """One resident's admission or operation, from the request to the last follow-up. ``green``: an open request
    brings the resident, so that a bed is offered first (NHC-42). ``department_id`` of the institution's register."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    department_id = models.UUIDField(null=True)
    disease = models.CharField(max_length=80, default="", db_default="")
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
    """A step of a case. While it is open it has an owner and a time by which it is due, where one is set. ``criteria``
    and ``met``: the list that was shown when it was done, and which of it was met."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    institution_id = models.UUIDField(help_text="who does it")
    resident_id = models.UUIDField()
    position = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=30)
    state = models.CharField(max_length=12)
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.UUIDField(null=True)
    note = models.CharField(max_length=300, default="", db_default="")
    criteria = models.ForeignKey(Criteria, on_delete=models.PROTECT, null=True, related_name="steps")
    met = ArrayField(models.CharField(max_length=120), default=list, db_default=[])

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
            models.Index(
                fields=["institution_id", "done_at"],
                condition=Q(state=StepState.DONE.value),
                name="case_step_done",
            ),
        )
