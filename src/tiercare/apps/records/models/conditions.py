"""Diagnoses."""

from __future__ import annotations

from django.db import models

from ..rules.vocabulary import ConditionRole, ConditionStatus
from .base import Withdrawable, among, once_standing, withdrawn_with_reason


class Condition(Withdrawable):
    """A diagnosis as one visit made it (or, without a visit, as it was entered): ICD-10 code, name, how it stands."""

    encounter = models.ForeignKey(
        "records.Encounter", on_delete=models.PROTECT, null=True, related_name="conditions"
    )
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=5, default=ConditionRole.MAIN.value)
    status = models.CharField(max_length=10, default=ConditionStatus.ACTIVE.value)
    onset_on = models.DateField(null=True)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = (
            once_standing("condition_once"),
            withdrawn_with_reason("condition_withdrawn"),
            among("role", ConditionRole, "condition_role"),
            among("status", ConditionStatus, "condition_status"),
            models.CheckConstraint(condition=~models.Q(code=""), name="condition_has_code"),
        )
        indexes = (
            models.Index(fields=["resident_id", "noted_at"], name="condition_of_resident"),
            models.Index(fields=["encounter"], name="condition_of_encounter"),
        )
