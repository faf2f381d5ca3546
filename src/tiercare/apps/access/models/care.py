"""Why somebody may read a resident's record: a care relation, a consent, or glass broken in an emergency.

All four tables stand under row-level security (migration 0003): a row shows itself to the institution it
names and to whoever was just allowed this one person. ``resident_id`` is the entry of the index with which the
row was made; entries merged later are resolved by the reader, never rewritten here.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tiercare.kernel.ids import uuid7

from ..rules import Basis, BreakGlassReason, Outcome, Purpose


class CareRelation(models.Model):
    """An institution (or one member of its staff) looks after a resident for a time.

    Higher apps write these in their own transactions: a contract, an encounter, an open request from another
    institution or to one. ``source_id`` is the thing it stands for, so that ending the thing ends the relation.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    division_code = models.CharField(max_length=12)
    account_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=20)
    source_id = models.UUIDField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=Basis.of_care()), name="care_relation_kind"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="care_relation_period"
            ),
            models.UniqueConstraint(
                fields=["kind", "source_id", "institution_id"], name="care_relation_once"
            ),
        )
        indexes = (models.Index(fields=["resident_id", "institution_id"], name="care_relation_of"),)


class Consent(models.Model):
    """A resident lets an institution, or all present members of a consortium, read for purposes and a time.

    Withdrawn, it allows nothing from that moment; what was read before stays in the read record.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    grantee_id = models.UUIDField()
    grantee_kind = models.CharField(max_length=12)
    grantee_name = models.CharField(max_length=80)
    division_code = models.CharField(max_length=12)
    purposes = ArrayField(models.CharField(max_length=20))
    since = models.DateTimeField()
    until = models.DateTimeField()
    given_by = models.CharField(max_length=12)
    evidence = models.CharField(max_length=200, default="", db_default="")
    recorded_by = models.UUIDField(null=True)
    recorded_at_institution = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(grantee_kind__in=("institution", "consortium")), name="consent_grantee_kind"
            ),
            models.CheckConstraint(
                condition=Q(given_by__in=("resident", "guardian")), name="consent_given_by"
            ),
            models.CheckConstraint(
                condition=Q(
                    purposes__contained_by=[purpose.value for purpose in Purpose], purposes__len__gte=1
                ),
                name="consent_purposes",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="consent_period"),
        )
        indexes = (models.Index(fields=["resident_id", "grantee_id"], name="consent_of"),)


class BreakGlass(models.Model):
    """One member of staff opened one person's record in an emergency; somebody else reviews it by name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    account_id = models.UUIDField()
    account_name = models.CharField(max_length=40)
    institution_id = models.UUIDField()
    institution_name = models.CharField(max_length=80)
    division_code = models.CharField(max_length=12)
    reason = models.CharField(max_length=20)
    explanation = models.CharField(max_length=500)
    since = models.DateTimeField()
    until = models.DateTimeField()
    review_due = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.UUIDField(null=True)
    reviewer_name = models.CharField(max_length=40, default="", db_default="")
    outcome = models.CharField(max_length=12, null=True)
    remark = models.CharField(max_length=500, default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(reason__in=[reason.value for reason in BreakGlassReason]),
                name="break_glass_reason",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="break_glass_period"),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, outcome=None)
                | Q(
                    reviewed_at__isnull=False,
                    reviewed_by__isnull=False,
                    outcome__in=[outcome.value for outcome in Outcome],
                ),
                name="break_glass_review_whole",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("account_id")),
                name="break_glass_not_oneself",
            ),
        )
        indexes = (
            models.Index(fields=["resident_id", "account_id"], name="break_glass_of"),
            models.Index(
                fields=["division_code", "review_due"],
                condition=Q(reviewed_at=None),
                name="break_glass_to_review",
            ),
        )


class Objection(models.Model):
    """A resident objects to a reading of their record; it is answered by a date, in words the resident sees."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    event_id = models.UUIDField()
    institution_id = models.UUIDField(null=True)
    institution_name = models.CharField(max_length=80)
    division_code = models.CharField(max_length=12)
    text = models.CharField(max_length=500)
    made_at = models.DateTimeField()
    due = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)
    answerer_name = models.CharField(max_length=40, default="", db_default="")
    upheld = models.BooleanField(null=True)
    answer = models.CharField(max_length=500, default="", db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["resident_id", "event_id"], name="objection_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, upheld=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False, upheld__isnull=False),
                name="objection_answer_whole",
            ),
        )
        indexes = (
            models.Index(
                fields=["division_code", "due"], condition=Q(answered_at=None), name="objection_to_answer"
            ),
        )
