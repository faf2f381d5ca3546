"""What somebody has recorded of a scorecard's panels. Under row-level security (migration 0008), never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7


class PanelMark(models.Model):
    """A panel of a region's scorecard was recorded as complete on a day, or that record was taken back. The last row of a
    panel is what counts; indicators are grounds for it and do not make it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.CharField(max_length=12)
    card = models.CharField(max_length=80)
    panel = models.CharField(max_length=80)
    complete = models.BooleanField()
    since_on = models.DateField(help_text="the day from which it counts")
    evidence = models.CharField(max_length=1000)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=120)
    made_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(evidence=""), name="panel_mark_has_evidence"),)
        indexes = (models.Index(fields=["region", "card", "panel", "-made_at"], name="panel_mark_last"),)

    def __str__(self) -> str:
        return f"{self.card} {self.panel} {self.since_on}"
