"""Which drugs an institution has (基层用药目录)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7


class FormularyItem(models.Model):
    """A drug that an institution has while ``period`` lasts; ``code`` is its ATC code or a national one, where known.

    ``key`` is the name as drugs are compared by (``rules.formularies.normalised``).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    code = models.CharField(max_length=30, default="", db_default="")
    name = models.CharField(max_length=100)
    strength = models.CharField(max_length=100, default="", db_default="")
    key = models.CharField(max_length=100)
    period = DateRangeField()
    changed_by = models.CharField(max_length=50, default="", db_default="")
    changed_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(name="") & ~Q(key=""), name="formulary_has_name"),
            ExclusionConstraint(
                name="formulary_drug_once",
                expressions=[
                    (F("institution_id"), RangeOperators.EQUAL),
                    (F("key"), RangeOperators.EQUAL),
                    (F("strength"), RangeOperators.EQUAL),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
            ),
        )
        indexes = (models.Index(fields=["institution_id", "key"], name="formulary_of"),)

    def __str__(self) -> str:
        return f"{self.name} {self.strength}".strip()
