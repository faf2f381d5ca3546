"""What indicators came to: a run, its values, how the clauses' demands stand, the scores and what was noticed. Under
row-level security (migration 0002); nothing here is about one resident."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7


class Run(models.Model):
    """A pack's book evaluated over the facts of a region. ``digest`` is that of all definitions and counts: the same facts
    and pack give the same; ``sources`` says which months of which table it rests on, with their digests."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pack = models.CharField(max_length=40)
    pack_digest = models.CharField(max_length=64)
    region = models.CharField(max_length=12)
    spans = ArrayField(models.CharField(max_length=10))
    digest = models.CharField(max_length=64)
    sources = models.JSONField(default=dict)
    synthetic = models.BooleanField()
    made_at = models.DateTimeField(db_default=TiercareNow())
    made_by_name = models.CharField(max_length=120)

    class Meta:
        indexes = (models.Index(fields=["region", "pack", "-made_at"], name="run_newest"),)

    def __str__(self) -> str:
        return f"{self.pack} {self.made_at}"


class _OfSomebody(models.Model):
    """Something that a run says of a region, a county, a consortium or an institution. ``holders`` are the institutions
    that it is about: itself, or the lead of its consortium."""

    span = models.CharField(max_length=10)
    level = models.CharField(max_length=12)
    key = models.CharField(max_length=120)
    holders = ArrayField(models.UUIDField(), default=list)
    area = models.CharField(max_length=12, default="", db_default="")

    class Meta:
        abstract = True


class Value(_OfSomebody):
    """An indicator's value. Numerator and denominator are kept; ``value`` is empty without data or over zero. What of both
    sides is exact to the digit stands in the run's digest; here are twelve decimals."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="values", db_index=False)
    indicator = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField()
    numerator = models.DecimalField(max_digits=38, decimal_places=12, null=True)
    denominator = models.DecimalField(max_digits=38, decimal_places=12, null=True)
    value = models.DecimalField(max_digits=38, decimal_places=12, null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["run", "indicator", "level", "span", "key"], name="value_once"),
        )

    def __str__(self) -> str:
        return f"{self.indicator} {self.span} {self.key}"


class RunStanding(models.Model):
    """How a clause's demand stands, for the region: met, not met, no data, or not computable and why."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="standings")
    target = models.CharField(max_length=80)
    clause = models.CharField(max_length=10)
    indicator = models.CharField(max_length=80, default="", db_default="")
    span = models.CharField(max_length=10, default="", db_default="")
    op = models.CharField(max_length=12)
    limit = models.DecimalField(max_digits=38, decimal_places=12, null=True)
    met = models.CharField(max_length=16)
    value = models.DecimalField(max_digits=38, decimal_places=12, null=True)
    reason_zh = models.TextField(default="", db_default="")
    reason_en = models.TextField(default="", db_default="")

    def __str__(self) -> str:
        return f"{self.clause} {self.met}"


class Score(_OfSomebody):
    """A scorecard for somebody over some time; ``content`` are its lines and panels, ``digest`` everything it rests on."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="scores")
    card = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField()
    total = models.DecimalField(max_digits=20, decimal_places=12, null=True)
    covered = models.DecimalField(max_digits=20, decimal_places=12)
    place = models.PositiveSmallIntegerField(null=True, help_text="its rank; empty where none is given")
    content = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["run", "card", "level", "span", "key"], name="score_once"),
        )

    def __str__(self) -> str:
        return f"{self.card} {self.span} {self.key}"


class Finding(_OfSomebody):
    """What was noticed beside the numbers: doubts about data (``honesty``), signals of siphoning or land-grab (``signal``)."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=60)
    indicator = models.CharField(max_length=80, default="", db_default="")
    content = models.JSONField()

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.key}"
