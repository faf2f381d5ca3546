"""What of the record went with a request, as it stood when it was sent. Under row-level security (migration 0002)."""

from __future__ import annotations

from django.db import models

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7


class Package(models.Model):
    """The summary that was chosen, with the digest of its content; the newest of a request counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey("exchange.Request", on_delete=models.PROTECT, related_name="packages")
    resident_id = models.UUIDField()
    content = models.JSONField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content as it was written")
    made_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        indexes = (models.Index(fields=["request", "-made_at"], name="package_of_request"),)
