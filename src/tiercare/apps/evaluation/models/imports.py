"""Extracts that people bring: how each office's file is read, and what was uploaded and is not yet decided. Under row-level
security (migration 0004). The rows themselves never lie here: files under ``FACTS_ROOT`` hold them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7


class FactMapping(models.Model):
    """How an extract of a fact table is read, kept for the next month. ``content`` is a mapping file as plain values;
    ``source`` is how people call where it comes from."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.CharField(max_length=12)
    fact = models.CharField(max_length=40)
    source = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    content = models.JSONField()
    saved_by_name = models.CharField(max_length=120)
    saved_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["region", "fact", "source"], name="one_mapping_of_a_source"),
        )

    def __str__(self) -> str:
        return f"{self.fact} {self.source} v{self.version}"


class FactUpload(models.Model):
    """A file that was uploaded: mapped, tried, then taken or not. It lies in a folder of its id until then, with what the
    trial said of it and the rows that would wait."""

    class State(models.TextChoices):
        """What became of it."""

        DRAFT = "DRAFT", "待核对映射"
        CHECKED = "CHECKED", "已检查"
        TAKEN = "TAKEN", "已入库"
        DROPPED = "DROPPED", "已放弃"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.CharField(max_length=12)
    fact = models.CharField(max_length=40)
    file_name = models.CharField(max_length=120)
    size = models.BigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    mode = models.CharField(max_length=10, help_text="add or replace")
    mapping = models.JSONField(help_text="a mapping file as plain values")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    counts = models.JSONField(default=dict, help_text="of the trial: rows, months, indicators touched")
    batch = models.CharField(max_length=40, blank=True, help_text="its id in the store, once it was taken")
    uploaded_by_id = models.UUIDField(null=True)
    uploaded_by_name = models.CharField(max_length=120)
    uploaded_at = models.DateTimeField(db_default=TiercareNow())
    checked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="fact_upload_state", condition=Q(state__in=["DRAFT", "CHECKED", "TAKEN", "DROPPED"])
            ),
            models.CheckConstraint(
                name="fact_upload_taken_has_batch", condition=~Q(state="TAKEN") | ~Q(batch="")
            ),
        )
        indexes = (models.Index(fields=["region", "-uploaded_at"], name="fact_uploads"),)

    def __str__(self) -> str:
        return self.file_name
