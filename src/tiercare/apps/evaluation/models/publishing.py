"""What was made public, as it was made public, and what was handed to whom. Under row-level security (migration 0002)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7


class Publication(models.Model):
    """A result made public to the sector or to residents. ``content`` is what is shown, small numbers already taken out:
    nothing that is hidden stands in it. It is never changed; it can be taken back, with the reason."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey(
        "evaluation.Matter", on_delete=models.PROTECT, null=True, related_name="publications"
    )
    run = models.ForeignKey("evaluation.Run", on_delete=models.PROTECT, related_name="publications")
    region = models.CharField(max_length=12)
    pack = models.CharField(max_length=40)
    period = models.CharField(max_length=10)
    audience = models.CharField(max_length=10)
    indicators = ArrayField(models.CharField(max_length=80), default=list)
    content = models.JSONField()
    published_at = models.DateTimeField(db_default=TiercareNow())
    published_by_name = models.CharField(max_length=120)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=300, default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(audience__in=["SECTOR", "RESIDENTS"]), name="publication_audience"
            ),
            models.UniqueConstraint(
                fields=["matter", "audience"],
                condition=Q(withdrawn_at__isnull=True),
                name="publication_one_stands",
            ),
        )

    def __str__(self) -> str:
        return f"{self.audience} {self.period}"


class Delivery(models.Model):
    """Something handed to somebody, who says that it came: a bulletin to a county, a result to another assessment, a
    report to the province. ``outside`` names who is not on the platform; ``receipt`` is then their number, ``number`` ours.
    ``content`` is the whole paper as it was sent, ``sha256`` its digest; neither is ever changed. What no matter asked for
    (a report that was drawn up and sent) has none."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey(
        "evaluation.Matter", on_delete=models.PROTECT, null=True, related_name="deliveries"
    )
    number = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200, default="", db_default="")
    purpose = models.CharField(max_length=40, default="", db_default="")
    feed = models.CharField(
        max_length=60, default="", db_default="", help_text="which other assessment a result entered"
    )
    from_area = models.CharField(max_length=12)
    to_area = models.CharField(max_length=12, default="", db_default="")
    to_institution = models.UUIDField(null=True)
    outside = models.CharField(max_length=120, default="", db_default="")
    content = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField(db_default=TiercareNow())
    sent_by_name = models.CharField(max_length=120)
    read_at = models.DateTimeField(null=True)
    read_by_name = models.CharField(max_length=120, default="", db_default="")
    receipt = models.CharField(max_length=120, default="", db_default="")
    reminded = models.PositiveSmallIntegerField(default=0, db_default=0)
    reminded_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=300, default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(to_area="", outside="", to_institution__isnull=True), name="delivery_to_somebody"
            ),
        )
        indexes = (
            models.Index(fields=["to_area"], name="delivery_to_area"),
            models.Index(
                fields=["to_institution"],
                condition=Q(to_institution__isnull=False),
                name="delivery_to_house",
            ),
            models.Index(fields=["from_area", "-sent_at"], name="delivery_sent"),
        )

    def __str__(self) -> str:
        return f"{self.matter_id} → {self.to_area or self.outside}"
