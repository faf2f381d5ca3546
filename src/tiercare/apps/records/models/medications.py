"""Medicines."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .base import Withdrawable, once_standing, withdrawn_with_reason


class Medication(Withdrawable):
    """A medicine that is taken from ``since`` to ``until`` (open where empty), as a visit prescribed it."""

    encounter = models.ForeignKey(
        "records.Encounter", on_delete=models.PROTECT, null=True, related_name="medications"
    )
    drug_code = models.CharField(max_length=30, default="", db_default="")
    name = models.CharField(max_length=100)
    dose = models.CharField(max_length=200, default="", db_default="")
    since = models.DateField()
    until = models.DateField(null=True)
    long_term = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = (
            once_standing("medication_once"),
            withdrawn_with_reason("medication_withdrawn"),
            models.CheckConstraint(condition=~Q(name=""), name="medication_has_name"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="medication_ends_after_start"
            ),
        )
        indexes = (
            models.Index(fields=["resident_id", "since"], name="medication_of_resident"),
            models.Index(fields=["encounter"], name="medication_of_encounter"),
        )
