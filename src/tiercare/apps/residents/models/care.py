"""What residents ask of primary care (XH-23). Under row-level security (migration 0007)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.care import Service
from ..workflow import OPEN, CareState


class CareRequest(models.Model):
    """A service asked for. ``institution_id`` owns it, by name the doctor of the signed team where there is one;
    ``due_at`` is when it answers, after an agreement when it enters what came of it. ``asked_words`` are the
    resident's, ``words`` and ``instead`` the institution's: why not, and what else."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    clinician_id = models.UUIDField(null=True)
    doctor_name = models.CharField(max_length=50, default="", db_default="")
    signed = models.BooleanField()
    service = models.CharField(max_length=20)
    state = models.CharField(max_length=10)
    asked_words = models.CharField(max_length=200)
    words = models.CharField(max_length=200, default="", db_default="")
    instead = models.CharField(max_length=200, default="", db_default="")
    visit_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(db_default=TiercareNow())
    changed_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(service__in=[each.value for each in Service]), name="care_service"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in CareState]), name="care_state"
            ),
            # An open request has one due time (its owner is never empty); a closed one has none.
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in OPEN], due_at__isnull=False)
                | (~Q(state__in=[each.value for each in OPEN]) & Q(due_at__isnull=True)),
                name="care_open_is_due",
            ),
            models.CheckConstraint(
                condition=~Q(state=CareState.AGREED.value) | Q(visit_at__isnull=False),
                name="care_agreed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=CareState.DECLINED.value) | (~Q(words="") & ~Q(instead="")),
                name="care_declined_says_why",
            ),
            models.UniqueConstraint(
                fields=["resident_id", "service"],
                condition=Q(state__in=[each.value for each in OPEN]),
                name="care_once_open",
            ),
        )
        indexes = (
            models.Index(
                fields=["institution_id", "due_at"],
                condition=Q(state__in=[each.value for each in OPEN]),
                name="care_of_station",
            ),
            models.Index(fields=["institution_id", "changed_at"], name="care_lately"),
            models.Index(fields=["resident_id"], name="care_of_resident"),
        )
