"""Filing a referral with the insurer: one row a filing, what was answered, and when it is tried again. Under row-level
security (migration 0003)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.filing import DUE, OVER, State

_DUE = sorted(each.value for each in DUE)
_OVER = sorted(each.value for each in OVER)


class Filing(models.Model):
    """``scheme`` and ``insured_area`` are what insured the resident when it began. ``round`` counts the times that it was
    begun: id and round are the key under which the insurer knows it. ``number``, ``words`` and ``answered_at`` are the
    last answer; ``next_try_at`` stands as long as a worker has something to hand over."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey("exchange.Request", on_delete=models.PROTECT, related_name="filings")
    resident_id = models.UUIDField()
    state = models.CharField(max_length=14)
    scheme = models.CharField(max_length=12, default="", db_default="")
    insured_area = models.CharField(max_length=12, default="", db_default="")
    round = models.SmallIntegerField(default=1, db_default=1)
    tries = models.SmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True)
    number = models.CharField(max_length=60, default="", db_default="")
    words = models.CharField(max_length=300, default="", db_default="")
    answered_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in State]), name="filing_state"
            ),
            models.CheckConstraint(
                condition=Q(state__in=_DUE, next_try_at__isnull=False)
                | (~Q(state__in=_DUE) & Q(next_try_at=None)),
                name="filing_due",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.BY_HAND.value) | ~Q(number=""), name="filing_by_hand_has_number"
            ),
            models.UniqueConstraint(
                fields=["request"], condition=~Q(state__in=_OVER), name="filing_one_of_a_request"
            ),
        )
        indexes = (
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="filing_next"),
            models.Index(fields=["request", "-made_at"], name="filing_of_request"),
        )
