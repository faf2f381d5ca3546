"""What was asked by a form, the alerts that answers raised, and whether a doctor took up the proposal to refer down."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.asked import Ground, PromptAnswer


class FormAnswer(models.Model):
    """A form of the packs as it was answered: at a contact (``contact_id``), or, of a survey, about a stay (``about_id``).

    ``institution_id`` asked, or is asked about; ``version`` is that of the form. ``by_resident``: answered by the resident,
    not by staff for them. ``year`` is that of the survey, or of the contact.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    form = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    contact_id = models.UUIDField(null=True)
    about_id = models.UUIDField(null=True)
    year = models.PositiveSmallIntegerField()
    answers = models.JSONField(default=dict)
    by_resident = models.BooleanField(default=False, db_default=False)
    by_name = models.CharField(max_length=50, default="", db_default="")
    answered_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["contact_id"], condition=Q(contact_id__isnull=False), name="formanswer_contact_once"
            ),
            models.UniqueConstraint(
                fields=["about_id", "form"], condition=Q(about_id__isnull=False), name="formanswer_about_once"
            ),
            models.CheckConstraint(
                condition=Q(contact_id__isnull=False, about_id=None)
                | Q(contact_id=None, about_id__isnull=False),
                name="formanswer_of_one",
            ),
        )
        indexes = (models.Index(fields=["institution_id", "form", "year"], name="formanswer_of_year"),)


class FollowUpAlert(models.Model):
    """Answers beyond the limits of a form: ``institution_id`` answers for the resident and handles it until ``due_at``,
    ``raiser_id`` asked. ``items`` are those answers by item: the form itself stays behind the
    wall of whoever asked. ``request_id`` is the referral that came of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    raiser_id = models.UUIDField()
    doctor_name = models.CharField(max_length=50, default="", db_default="")
    answer = models.OneToOneField("records.FormAnswer", on_delete=models.PROTECT, related_name="alert")
    form = models.CharField(max_length=40)
    items = models.JSONField(default=dict)
    raised_at = models.DateTimeField(db_default=TiercareNow())
    due_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    handled_by_name = models.CharField(max_length=50, default="", db_default="")
    handling = models.CharField(max_length=500, default="", db_default="")
    request_id = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(handled_at=None, handling="") | Q(handled_at__isnull=False) & ~Q(handling=""),
                name="followupalert_handled_says_how",
            ),
        )
        indexes = (
            models.Index(
                fields=["institution_id", "due_at"], condition=Q(handled_at=None), name="followupalert_open"
            ),
            models.Index(fields=["raiser_id", "raised_at"], name="followupalert_of_raiser"),
        )


class DownPrompt(models.Model):
    """That a doctor, or the admission centre, was shown that a patient can go down, and what they made of it (NHC-51, XH-66).

    ``source_id`` is the visit, or the case at the centre.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    ground = models.CharField(max_length=10)
    source_id = models.UUIDField()
    code = models.CharField(max_length=12, default="", db_default="")
    name = models.CharField(max_length=100, default="", db_default="")
    shown_at = models.DateTimeField(db_default=TiercareNow())
    answer = models.CharField(max_length=10, default="", db_default="")
    reason = models.CharField(max_length=200, default="", db_default="")
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=50, default="", db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["ground", "source_id"], name="downprompt_once"),
            models.CheckConstraint(
                condition=Q(ground__in=[each.value for each in Ground]), name="downprompt_ground"
            ),
            models.CheckConstraint(
                condition=Q(answer=PromptAnswer.OPEN.value, answered_at=None)
                | Q(answer=PromptAnswer.TAKEN.value, answered_at__isnull=False)
                | Q(answer=PromptAnswer.DECLINED.value, answered_at__isnull=False) & ~Q(reason=""),
                name="downprompt_answer",
            ),
        )
        indexes = (
            models.Index(fields=["institution_id", "shown_at"], name="downprompt_of"),
            models.Index(fields=["resident_id", "shown_at"], name="downprompt_of_resident"),
        )
