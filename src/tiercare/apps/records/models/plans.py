"""What is to come: the care plan that goes down with a patient, and contacts planned for a day."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ..rules.vocabulary import ContactKind, ContactOutcome, Way
from .base import Entry, among, once


class CarePlan(Entry):
    """A plan for who goes on treating: the three parts of XH-50, warning signs, drugs, the next visit. Which parts must be
    there the pack says.

    ``institution_id`` wrote it, ``receiver_id`` goes on treating by it and sees it too. ``drugs`` is a list of mappings
    ``code, name, dose, days``.
    """

    receiver_id = models.UUIDField(null=True)
    request_id = models.UUIDField(null=True)
    author_name = models.CharField(max_length=50, default="", db_default="")
    code = models.CharField(max_length=12, help_text="ICD-10 code of the condition")
    name = models.CharField(max_length=100, help_text="name of the condition")
    treatment = models.TextField()
    rehabilitation = models.TextField(default="", db_default="")
    nursing = models.TextField(default="", db_default="")
    warnings = ArrayField(models.CharField(max_length=200), default=list)
    drugs = models.JSONField(default=list)
    next_visit_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            once("careplan_once"),
            models.CheckConstraint(condition=~Q(treatment=""), name="careplan_has_treatment"),
        )
        indexes = (
            models.Index(fields=["resident_id", "made_at", "id"], name="careplan_of_resident"),
            models.Index(fields=["receiver_id", "made_at"], name="careplan_of_receiver"),
            models.Index(
                fields=["request_id"], condition=Q(request_id__isnull=False), name="careplan_request"
            ),
        )


class PlannedContact(Entry):
    """Somebody is to be contacted by a day. ``institution_id`` is to do it (``account_id``, where it is one person's),
    ``planner_id`` planned it: both see it.

    ``level`` is that of the follow-up (TY-66). ``answers`` hold what was asked at the contact, facts of the guidelines by
    their id; ``alerts`` the criteria of referral that they meet.
    """

    planner_id = models.UUIDField()
    account_id = models.UUIDField(null=True)
    plan = models.ForeignKey("records.CarePlan", on_delete=models.PROTECT, null=True, related_name="contacts")
    request_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=10)
    level = models.PositiveSmallIntegerField(default=1, db_default=1)
    form = models.CharField(max_length=40, default="", db_default="", help_text="which form is asked")
    due_on = models.DateField()
    way = models.CharField(max_length=10)
    words = models.CharField(max_length=500, default="", db_default="")
    done_at = models.DateTimeField(null=True)
    done_by_name = models.CharField(max_length=50, default="", db_default="")
    outcome = models.CharField(max_length=12, default="", db_default="")
    note = models.CharField(max_length=500, default="", db_default="")
    answers = models.JSONField(default=dict)
    alerts = ArrayField(models.CharField(max_length=40), default=list)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = (
            once("plannedcontact_once"),
            among("kind", ContactKind, "plannedcontact_kind"),
            among("way", Way, "plannedcontact_way"),
            models.CheckConstraint(condition=Q(level__gte=1), name="plannedcontact_level"),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(cancelled_at=None), name="plannedcontact_one_end"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, outcome="")
                | Q(done_at__isnull=False, outcome__in=[each.value for each in ContactOutcome]),
                name="plannedcontact_done_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancel_reason="")
                | Q(cancelled_at__isnull=False) & ~Q(cancel_reason=""),
                name="plannedcontact_cancelled_has_reason",
            ),
        )
        indexes = (
            models.Index(
                fields=["institution_id", "due_on", "id"],
                condition=Q(done_at=None, cancelled_at=None),
                name="plannedcontact_due",
            ),
            models.Index(fields=["resident_id", "due_on", "id"], name="plannedcontact_of_resident"),
            models.Index(
                fields=["request_id"], condition=Q(request_id__isnull=False), name="plannedcontact_request"
            ),
        )
