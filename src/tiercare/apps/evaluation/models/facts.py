"""Which parts of the fact tables wait to be written from what the platform knows, and when they were written.

No wall stands around it: it names tables, areas and months, and nobody.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.kernel.ids import uuid7


class FactsDue(models.Model):
    """A month of a fact table of a region, as the platform itself writes it.

    Something it is made from changed at ``since_at``; empty: it stands as written. ``taken_at``: somebody is writing it,
    or was killed while writing; what changes meanwhile empties it, so that it is written once more. ``held`` is the code
    of the refusal for which it was not written (the month is locked, or holds what others sent).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    fact = models.CharField(max_length=20)
    region = models.CharField(max_length=12)
    month = models.PositiveIntegerField(help_text="YYYYMM")
    since_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(null=True)
    held = models.CharField(max_length=40, default="", db_default="")

    class Meta:
        verbose_name_plural = "facts due"
        constraints = (
            models.UniqueConstraint(fields=["fact", "region", "month"], name="facts_due_once"),
            models.CheckConstraint(
                condition=Q(taken_at=None) | Q(since_at__isnull=False), name="facts_taken_because_due"
            ),
        )
        indexes = (
            models.Index(fields=["region", "month"], condition=Q(since_at__isnull=False), name="facts_due"),
        )

    def __str__(self) -> str:
        return f"{self.region} {self.fact} {self.month}"
