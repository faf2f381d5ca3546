"""Requests between institutions, and every step they took. Both stand under row-level security (migration 0002)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.kinds import Urgency
from ..rules.owners import Level
from ..workflow import OPEN, OVER, Act, State


class Request(models.Model):
    """One institution asks another to see, treat, follow or advise on a resident.

    While it is open it has an owner, who must see to it by ``due_at``: a person of an institution, its office, the
    lead hospital, or the commission of an area (``owner_level``); a constraint holds that. ``from_…`` sends, ``to_…``
    is to receive; a draft may not have chosen yet. ``parties`` are all institutions that ever had a part in it: who
    redirected it still answers for that. ``payload`` is what the kind adds, in its own shape; ``basis`` what
    the guidelines said when it was sent, with their version.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=20, unique=True, help_text="on the sheet; not guessable")
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=10)
    urgency = models.PositiveSmallIntegerField()
    resident_id = models.UUIDField()
    problem_code = models.CharField(max_length=10, help_text="ICD-10, the category at least")
    problem = models.CharField(max_length=120)
    from_institution = models.UUIDField()
    from_account = models.UUIDField()
    area = models.CharField(
        max_length=12, help_text="division of the sender; whose pack and commission count"
    )
    to_institution = models.UUIDField(null=True)
    to_department = models.UUIDField(null=True)
    specialty = models.CharField(max_length=10, default="", db_default="")
    parties = ArrayField(models.UUIDField())
    owner_level = models.CharField(max_length=12, null=True)
    owner_institution = models.UUIDField(null=True)
    owner_account = models.UUIDField(null=True)
    owner_area = models.CharField(max_length=12, default="", db_default="")
    due_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True, help_text="the receiver's side has seen that it came")
    hear_by = models.DateTimeField(null=True, help_text="until then the receiver's side should have seen it")
    alarmed_at = models.DateTimeField(
        null=True, help_text="nobody saw in time that it came: both sides were told"
    )
    booking_id = models.UUIDField(null=True)
    planned_at = models.DateTimeField(null=True, help_text="of the place, or as agreed where there is none")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    payload = models.JSONField(default=dict)
    basis = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1, db_default=1)
    made_at = models.DateTimeField(db_default=TiercareNow())
    sent_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=TiercareNow())
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in State]), name="request_state"
            ),
            models.CheckConstraint(
                condition=Q(urgency__in=[each.value for each in Urgency]), name="request_urgency"
            ),
            models.CheckConstraint(
                # A comparison with NULL is not false to a constraint: that there is something is said first.
                condition=Q(state__in=[each.value for each in sorted(OVER)])
                | Q(owner_level__isnull=False, due_at__isnull=False)
                & (
                    Q(owner_level__in=[Level.PERSON.value, Level.OFFICE.value, Level.LEAD.value])
                    & Q(owner_institution__isnull=False)
                    | Q(owner_level=Level.COMMISSION.value) & ~Q(owner_area="")
                ),
                name="open_request_has_owner_and_due",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in sorted(OPEN)])
                | Q(owner_level=None, owner_institution=None, owner_account=None, due_at=None, owner_area="")
                & Q(over_at__isnull=False),
                name="request_that_is_over_has_no_owner",
            ),
            models.CheckConstraint(
                condition=Q(to_institution=None) | ~Q(to_institution=F("from_institution")),
                name="request_to_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.DRAFT.value, State.WITHDRAWN.value])
                | Q(to_institution__isnull=False, sent_at__isnull=False),
                name="request_sent_has_receiver",
            ),
        )
        indexes = (
            models.Index(
                fields=["to_institution", "urgency", "due_at", "id"],
                condition=Q(state__in=[each.value for each in sorted(OPEN)]),
                name="request_open_to",
            ),
            models.Index(
                fields=["from_institution", "urgency", "due_at", "id"],
                condition=Q(state__in=[each.value for each in sorted(OPEN)]),
                name="request_open_from",
            ),
            models.Index(
                fields=["owner_institution", "owner_account"],
                condition=Q(state__in=[each.value for each in sorted(OPEN)]),
                name="request_owner",
            ),
            models.Index(
                fields=["owner_area", "due_at"],
                condition=Q(owner_level=Level.COMMISSION.value),
                name="request_of_commission",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=[each.value for each in sorted(OPEN)]),
                name="request_due",
            ),
            models.Index(
                fields=["hear_by"],
                condition=Q(received_at=None, alarmed_at=None, state=State.SUBMITTED.value),
                name="request_unheard",
            ),
            GinIndex(fields=["parties"], name="request_of_party"),
            models.Index(fields=["resident_id", "made_at"], name="request_of_resident"),
            models.Index(
                fields=["booking_id"], condition=Q(booking_id__isnull=False), name="request_booking"
            ),
            models.Index(fields=["to_institution", "sent_at"], name="request_to"),
            models.Index(fields=["from_institution", "made_at"], name="request_from"),
        )

    def __str__(self) -> str:
        return self.number


class Step(models.Model):
    """What was done to a request, by whom, when, and who has owned it since. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="steps")
    resident_id = models.UUIDField()
    act = models.CharField(max_length=12)
    source = models.CharField(max_length=10)
    target = models.CharField(max_length=10)
    institution_id = models.UUIDField(null=True, help_text="who did it; empty: time")
    account_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=TiercareNow())
    code = models.CharField(max_length=30, default="", db_default="")
    words = models.CharField(max_length=1000, default="", db_default="")
    alternative = models.JSONField(null=True)
    content = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(act=Act.RETURN.value)
                | ~Q(code="") & ~Q(words="") & Q(alternative__isnull=False),
                name="return_says_why_and_what_instead",
            ),
        )
        indexes = (models.Index(fields=["request", "at"], name="step_of_request"),)
