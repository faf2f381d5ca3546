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
    goal = models.TextField(blank=True)
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.ENTERED)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["division_code", "kind", "finished_on"], name="one_plan_a_day"),
        ]

    def __str__(self) -> str:
        return self.kind


class PlanMilestone(models.Model):
    """What a plan wants done by when (YN-92: goals and a schedule)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(RegionalPlan, on_delete=models.CASCADE, related_name="milestones")
    text_zh = models.TextField()
    text_en = models.TextField(blank=True)
    due = models.DateField()
    met_on = models.DateField(null=True, blank=True)
    met_by = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.text_zh


class ImportBatch(models.Model):
    """An uploaded file, checked and waiting to be taken over; nothing of it holds before."""

    class State(models.TextChoices):
        """What became of it."""

        CHECKED = "CHECKED", "已检查"
        APPLIED = "APPLIED", "已导入"
        DISCARDED = "DISCARDED", "已放弃"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.CharField(max_length=6)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    register = models.CharField(max_length=20, blank=True, help_text="of a CSV, which has no sheet names")
    state = models.CharField(max_length=10, choices=State, default=State.CHECKED)
    counts = models.JSONField(default=dict)
    uploaded_by_id = models.UUIDField(null=True, blank=True)
    uploaded_by = models.CharField(max_length=120)
    institution_id = models.UUIDField(null=True, blank=True)
    uploaded_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "import batches"
        constraints = [
            models.CheckConstraint(
                name="import_batch_state", condition=Q(state__in=["CHECKED", "APPLIED", "DISCARDED"])
            ),
            models.CheckConstraint(
                name="import_applied_has_time", condition=~Q(state="APPLIED") | Q(applied_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["region", "uploaded_at"], name="import_worklist")]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """A row of a batch in quarantine: its cells as text by column, and what is wrong with them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    register = models.CharField(max_length=20)
    sheet = models.CharField(max_length=60)
    number = models.PositiveIntegerField(help_text="the row as the spreadsheet counts it")
    cells = models.JSONField()
    problems = models.JSONField()
    mended_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "sheet", "number"], name="one_row_once")]

    def __str__(self) -> str:
        return f"{self.sheet}!{self.number}"


class Stamp(models.Model):
    """Counts the changes of one prefecture's network. Who changes it holds the row: changes of a prefecture
    come one after the other, so that two, each allowed by itself, cannot together break a rule card."""

    prefecture = models.CharField(max_length=4, primary_key=True)
    version = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefecture} {self.version}"


class Judged(models.Model):
    """That a prefecture was held against a pack on a day: ``version`` is the stamp, ``digest`` the pack and
    its waivers that it was held against. Another version or digest makes it stale."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pack = models.CharField(max_length=40)
    prefecture = models.CharField(max_length=4)
    on = models.DateField()
    version = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    consortia = models.PositiveIntegerField(default=0)
    institutions = models.PositiveIntegerField(default=0)
    grids = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "judged"
        constraints = [
            models.UniqueConstraint(fields=["pack", "on", "prefecture"], name="judged_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.pack} {self.prefecture} {self.on}"


class CardOutcome(models.Model):
    """What one rule card found in one prefecture."""

    id = models.BigAutoField(primary_key=True)
    judged = models.ForeignKey(Judged, on_delete=models.CASCADE, related_name="outcomes")
    card = models.CharField(max_length=80)
    checked = models.PositiveIntegerField()
    numerator = models.PositiveIntegerField(null=True, blank=True)
    denominator = models.PositiveIntegerField(null=True, blank=True)
    target = models.FloatField(default=1.0)
    found = models.PositiveIntegerField()
    findings = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.card


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
    """A set of changes of the network on its way: drafted, submitted, approved or returned with its reason.

    ``payload["entries"]`` are rows of the registers (``rules.registers``); ``inverse`` those that would take
    them back, known once they took effect. ``decided_by_division`` is the area whose commission owns the
    decision; ``starts_on`` the first day of any of the changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.CharField(max_length=6)
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=200)
    payload = models.JSONField()
    inverse = models.JSONField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10)
    applicant_id = models.UUIDField()
    applicant_name = models.CharField(max_length=120)
    institution_id = models.UUIDField(null=True, blank=True)
    decided_by_division = models.CharField(max_length=6)
    drafted_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
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
                condition=Q(state__in=["DRAFT", "SUBMITTED", "WITHDRAWN"])
                | (Q(decided_at__isnull=False) & ~Q(decided_by="")),
            ),
        ]
        indexes = [models.Index(fields=["region", "state"], name="application_worklist")]

    def __str__(self) -> str:
        return self.title
