"""Matters of evaluation and supervision, what was done to each, and the files that prove it. Under row-level security
(migration 0002)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..workflow import OPEN, OVER, Act, Side, State

_OPEN = sorted(each.value for each in OPEN)
_OVER = sorted(each.value for each in OVER)


class Matter(models.Model):
    """Something that somebody owes by a day.

    It is owed by an institution, or where ``owner_institution`` is empty by the commission of ``owner_area``; it was
    issued by a commission or by a lead hospital in the same way. While it is open, ``turn`` says which side must see to it
    and ``due_on`` until when; a constraint holds that. ``subject_…`` is what it is about (a register's key), ``payload``
    what its kind adds when it is issued, ``result`` what was last submitted. ``origin`` is the key of what called for it:
    the same signal of the same period opens one matter, not two.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=10)
    turn = models.CharField(max_length=6, default="", db_default="")
    due_on = models.DateField(null=True)
    first_due_on = models.DateField(help_text="as issued; extensions do not change it")
    title = models.CharField(max_length=120)
    words = models.TextField(default="", db_default="", help_text="what is asked")
    clauses = ArrayField(models.CharField(max_length=10), default=list)
    pack = models.CharField(max_length=40)
    period = models.CharField(
        max_length=10, default="", db_default="", help_text="as of indicators: 2025, 2025Q3, 2025-07"
    )
    issuer_area = models.CharField(max_length=12)
    issuer_institution = models.UUIDField(null=True)
    owner_area = models.CharField(max_length=12)
    owner_institution = models.UUIDField(null=True)
    subject_type = models.CharField(max_length=12, default="", db_default="")
    subject_key = models.CharField(max_length=120, default="", db_default="")
    subject_name = models.CharField(max_length=120, default="", db_default="")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    origin = models.CharField(max_length=200, null=True, unique=True)
    escalated = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="how often nobody did it in time"
    )
    payload = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1, db_default=1)
    made_at = models.DateTimeField(db_default=TiercareNow())
    made_by_name = models.CharField(max_length=120)
    changed_at = models.DateTimeField(db_default=TiercareNow())
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in State]), name="matter_state"
            ),
            models.CheckConstraint(
                condition=Q(state__in=_OVER, turn="", over_at__isnull=False)
                | Q(
                    state__in=_OPEN,
                    turn__in=[each.value for each in Side],
                    due_on__isnull=False,
                    over_at__isnull=True,
                ),
                name="matter_open_is_owed",
            ),
            models.CheckConstraint(condition=~Q(owner_area="") & ~Q(issuer_area=""), name="matter_has_sides"),
        )
        indexes = (
            models.Index(fields=["due_on"], condition=Q(state__in=_OPEN), name="matter_due"),
            models.Index(fields=["owner_area", "state"], name="matter_of_area"),
            models.Index(fields=["issuer_area", "kind", "period"], name="matter_issued"),
            models.Index(
                fields=["owner_institution", "state"],
                condition=Q(owner_institution__isnull=False),
                name="matter_of_house",
            ),
            models.Index(fields=["kind", "subject_type", "subject_key"], name="matter_about"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.title}"


class Entry(models.Model):
    """One thing that was done to a matter; never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField(db_default=TiercareNow())
    act = models.CharField(max_length=10)
    state = models.CharField(max_length=10, help_text="afterwards")
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=120)
    by_side = models.CharField(max_length=6, default="", db_default="")
    words = models.TextField(default="", db_default="")
    figures = models.JSONField(
        default=dict, help_text="numbers and choices beside the words, in the shape of the kind"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(act__in=[each.value for each in Act]), name="entry_act"),
        )
        indexes = (models.Index(fields=["matter", "at"], name="entry_of_matter"),)

    def __str__(self) -> str:
        return f"{self.act} {self.at}"


class Proof(models.Model):
    """A file that proves what an entry says; its type was read from its content."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="proofs")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="proofs")
    name = models.CharField(max_length=120)
    media = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.name
