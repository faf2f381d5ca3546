"""Trials of a policy, with what they were asked, what they ran on and what came of them. Under row-level security (migration 0001)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from .rules.trials import Stage


class Trial(models.Model):
    """A comparison of two policies in a simulated region.

    ``a`` and ``b`` are levers set otherwise than the pack does; ``policy`` says for every lever what the pack set, by which clause, and what each
    side plays. ``inputs`` is the digest of all that the result follows from (pack, engine, levers, residents, seeds): with the same the same
    comes out, to the digit. ``progress`` is seeds done of how many.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.CharField(max_length=12)
    pack = models.CharField(max_length=40)
    title = models.CharField(max_length=60)
    base_on = models.DateField()
    a = models.JSONField(default=dict)
    b = models.JSONField(default=dict)
    policy = models.JSONField(default=list)
    notices = models.JSONField(
        default=list, help_text="what should be known beside the result: sentences in zh and en"
    )
    residents = models.PositiveIntegerField()
    seeds = models.PositiveIntegerField()
    first_seed = models.PositiveIntegerField()
    pack_digest = models.CharField(max_length=120)
    engine = models.CharField(max_length=60)
    inputs = models.CharField(max_length=64)
    stage = models.CharField(max_length=8)
    progress = models.JSONField(default=list)
    result = models.JSONField(null=True)
    why = models.JSONField(default=list, help_text="why there is no result: sentences in zh and en")
    origin = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="again")
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
                | Q(stage=Stage.DONE.value, over_at__isnull=False, result__isnull=False),
                name="trial_stage",
            ),
        )
        indexes = (models.Index(fields=["region", "-asked_at"], name="trial_of_region"),)

    def __str__(self) -> str:
        return f"{self.region} {self.title} {self.stage}"
