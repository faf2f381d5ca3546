"""Visits: when a resident was seen, by whom, what was found and done, and how it ended."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from ..rules.vocabulary import Stage, VisitKind
from .base import Withdrawable, among, once_standing, withdrawn_with_reason


class Encounter(Withdrawable):
    """A visit or a stay; ``ended_at`` is empty while it goes on.

    ``stage`` says that the patient is ready to go down and since when (NHC-38, YN-52); ``kept_reason`` why one who was
    ready was discharged without going down (XH-49). ``request_id`` is the request that brought the resident.
    ``digest`` is that of what the sending system told, so that a repeated key with other words is noticed.

    An episode of care are visits for one ``problem`` of which none comes more than ``episode_gap`` days after those before
    it; the visit that opens it is ``episode_id``, and ``first_contact_id`` the institution of that visit (CX-06).
    """

    kind = models.CharField(max_length=10)
    department_id = models.UUIDField(null=True)
    clinician_account = models.UUIDField(null=True)
    clinician_name = models.CharField(max_length=50, default="", db_default="")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    complaint = models.CharField(max_length=500, default="", db_default="")
    findings = models.TextField(default="", db_default="")
    treatment = models.TextField(default="", db_default="")
    disposition = models.CharField(max_length=200, default="", db_default="")
    stage = models.CharField(max_length=20, default="", db_default="")
    stage_at = models.DateTimeField(null=True)
    kept_reason = models.CharField(max_length=200, default="", db_default="")
    request_id = models.UUIDField(null=True)
    digest = models.CharField(max_length=64, default="", db_default="")
    problem = models.CharField(max_length=20, default="", db_default="")
    episode_gap = models.PositiveSmallIntegerField(null=True, help_text="days; empty: belongs to no episode")
    episode_id = models.UUIDField(null=True)
    first_contact_id = models.UUIDField(null=True)

    class Meta:
        constraints = (
            once_standing("encounter_once"),
            withdrawn_with_reason("encounter_withdrawn"),
            among("kind", VisitKind, "encounter_kind"),
            among("stage", Stage, "encounter_stage"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="encounter_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(stage="", stage_at=None) | ~Q(stage="") & Q(stage_at__isnull=False),
                name="encounter_stage_since",
            ),
        )
        indexes = (
            models.Index(fields=["resident_id", "started_at", "id"], name="encounter_of_resident"),
            models.Index(
                fields=["institution_id", "stage_at"], condition=~Q(stage=""), name="encounter_ready_to_go"
            ),
            models.Index(
                fields=["request_id"], condition=Q(request_id__isnull=False), name="encounter_request"
            ),
            models.Index(
                fields=["institution_id", "started_at"],
                condition=Q(episode_id=F("id")),
                name="encounter_first_contact",
            ),
            models.Index(fields=["institution_id", "started_at"], name="encounter_of_institution"),
        )
