"""Versions of a region's grids, and the searches for a better one. Under row-level security (migration 0001)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.plans import Source, Stage


class Plan(models.Model):
    """A numbered version of how a region is divided; never changed once it is kept.

    ``lead_of`` names for each place (division code) the consortium that answers for it; ``wishes`` the weights that its ``costs`` were
    reckoned with, in minutes times people; ``bound`` is what no plan undercuts, where a search proved one. ``ground`` is the digest of
    what it was drawn on (people, places, leads, minutes): with another ground its numbers are of the past.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    words = models.TextField(default="", db_default="", help_text="why it is drawn like this")
    source = models.CharField(max_length=8)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    base_on = models.DateField()
    ground = models.CharField(max_length=64)
    wishes = models.JSONField()
    what_if = models.JSONField(default=list)
    lead_of = models.JSONField()
    layout = models.JSONField(
        default=list, help_text="every consortium of the region that day: id, name, kind, lead, members, area"
    )
    costs = models.JSONField()
    bound = models.FloatField(null=True)
    seed = models.PositiveIntegerField(null=True)
    made_at = models.DateTimeField(db_default=TiercareNow())
    made_by_id = models.UUIDField(null=True)
    made_by_name = models.CharField(max_length=120)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["region", "number"], name="plan_number"),
            models.CheckConstraint(
                condition=Q(source__in=[each.value for each in Source]), name="plan_source"
            ),
        )

    def __str__(self) -> str:
        return f"{self.region} {self.number}"


class Search(models.Model):
    """A search for a plan, as somebody asked for it; ``progress`` are (seconds, cost, bound) whenever one improved."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.CharField(max_length=12)
    title = models.CharField(max_length=120)
    base_on = models.DateField()
    wishes = models.JSONField()
    what_if = models.JSONField(default=list)
    seed = models.PositiveIntegerField(default=0)
    effort = models.FloatField(default=1.0)
    stage = models.CharField(max_length=8)
    progress = models.JSONField(default=list)
    why = models.JSONField(default=list, help_text="why there is no plan: sentences in zh and en")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="searches")
    asked_at = models.DateTimeField(db_default=TiercareNow())
    asked_by_id = models.UUIDField(null=True)
    asked_by_name = models.CharField(max_length=120)
    begun_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(stage__in=[Stage.WAITING.value, Stage.RUNNING.value], over_at__isnull=True)
                | Q(stage__in=[Stage.FAILED.value, Stage.STOPPED.value], over_at__isnull=False)
                | Q(stage=Stage.DONE.value, over_at__isnull=False, plan__isnull=False),
                name="search_stage",
            ),
        )
        indexes = (models.Index(fields=["region", "-asked_at"], name="search_of_region"),)

    def __str__(self) -> str:
        return f"{self.region} {self.stage}"
