"""Measurements and results."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..rules.vocabulary import Flag
from .base import Withdrawable, among, once_standing, withdrawn_with_reason


class Observation(Withdrawable):
    """One value of one item. ``item`` is a fact of the guidelines (``sbp``), or the sending laboratory's code.

    It belongs to a visit, to a report or to a contact, with which readers see it. A number stands in ``value``, anything
    else in ``words``.
    """

    encounter = models.ForeignKey(
        "records.Encounter", on_delete=models.PROTECT, null=True, related_name="observations"
    )
    document = models.ForeignKey(
        "records.Document", on_delete=models.PROTECT, null=True, related_name="observations"
    )
    contact = models.ForeignKey(
        "records.PlannedContact", on_delete=models.PROTECT, null=True, related_name="observations"
    )
    item = models.CharField(max_length=40)
    name = models.CharField(max_length=100, default="", db_default="")
    value = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    words = models.CharField(max_length=500, default="", db_default="")
    unit = models.CharField(max_length=30, default="", db_default="")
    low = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    high = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    flag = models.CharField(max_length=10, default="", db_default="")
    taken_at = models.DateTimeField()

    class Meta:
        constraints = (
            once_standing("observation_once"),
            withdrawn_with_reason("observation_withdrawn"),
            among("flag", Flag, "observation_flag"),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(words=""), name="observation_says_something"
            ),
            models.CheckConstraint(
                condition=Q(encounter__isnull=False) | Q(document__isnull=False) | Q(contact__isnull=False),
                name="observation_belongs",
            ),
        )
        indexes = (
            models.Index(fields=["resident_id", "item", "taken_at"], name="observation_of_resident"),
            models.Index(
                fields=["encounter"], condition=Q(encounter__isnull=False), name="observation_encounter"
            ),
            models.Index(
                fields=["document"], condition=Q(document__isnull=False), name="observation_document"
            ),
            models.Index(fields=["contact"], condition=Q(contact__isnull=False), name="observation_contact"),
        )
