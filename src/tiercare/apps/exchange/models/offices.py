"""Who answers for requests at an institution, who stands in for whom, and what each is told."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import F, Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7


class Desk(models.Model):
    """The department of an institution that answers for referrals, and its people (XH-42). Not of any resident."""

    institution_id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, default="", db_default="")
    staff = ArrayField(models.UUIDField(), help_text="accounts")
    changed_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(name="") & Q(staff__len__gte=1), name="desk_has_name_and_people"
            ),
        )

    def __str__(self) -> str:
        return self.name


class StandIn(models.Model):
    """While ``account_id`` is away, what would be theirs comes to ``deputy_id``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    account_id = models.UUIDField()
    deputy_id = models.UUIDField()
    period = DateRangeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(account_id=F("deputy_id")), name="stand_in_is_another"),
        )
        indexes = (models.Index(fields=["institution_id", "account_id"], name="stand_in_for"),)


class Notice(models.Model):
    """That a request went on, for the side that did not do it: a person, or the office where ``account_id`` is empty.
    Stands under row-level security: it tells of a resident's request."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    account_id = models.UUIDField(null=True)
    request = models.ForeignKey("exchange.Request", on_delete=models.PROTECT, related_name="notices")
    about = models.CharField(max_length=12, help_text="the act, or what time did: escalated, unheard")
    at = models.DateTimeField(db_default=TiercareNow())
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["institution_id", "-at"], name="notice_of_house"),
            models.Index(
                fields=["institution_id", "account_id"], condition=Q(seen_at=None), name="notice_unseen"
            ),
            models.Index(fields=["request"], name="notice_of_request"),
        )
