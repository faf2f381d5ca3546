"""Who works in which department of the government. Under row-level security (migration 0010)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7


class Post(models.Model):
    """Somebody of an area's staff works for one of its departments, for a period of days: they see that workspace and no other.
    An end is the only thing that is ever written to a row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    division_code = models.CharField(max_length=12)
    department = models.CharField(max_length=80)
    account_id = models.UUIDField()
    account_name = models.CharField(max_length=120)
    period = DateRangeField()
    made_by_name = models.CharField(max_length=120)
    made_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="post_once",
                expressions=[
                    ("division_code", RangeOperators.EQUAL),
                    ("department", RangeOperators.EQUAL),
                    ("account_id", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        )
        indexes = (models.Index(fields=["account_id"], name="post_of"),)

    def __str__(self) -> str:
        return f"{self.account_name} {self.department}"
