"""Documents: files of small size here, large ones by reference."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..rules.vocabulary import DocumentKind
from .base import Withdrawable, among, once_standing, withdrawn_with_reason


class Document(Withdrawable):
    """A summary, a report, a picture. ``content`` is the file itself, ``reference`` where it lies elsewhere (an image
    archive); a report that is nothing but its results has neither. ``dated_at`` is when what it tells of was done."""

    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    media_type = models.CharField(max_length=60, default="", db_default="")
    size = models.PositiveBigIntegerField(default=0, db_default=0, help_text="bytes")
    sha256 = models.CharField(max_length=64, default="", db_default="")
    content = models.BinaryField(null=True)
    reference = models.CharField(max_length=500, default="", db_default="")
    encounter = models.ForeignKey(
        "records.Encounter", on_delete=models.PROTECT, null=True, related_name="documents"
    )
    request_id = models.UUIDField(null=True)
    dated_at = models.DateTimeField()
    digest = models.CharField(max_length=64, default="", db_default="")

    class Meta:
        constraints = (
            once_standing("document_once"),
            withdrawn_with_reason("document_withdrawn"),
            among("kind", DocumentKind, "document_kind"),
            models.CheckConstraint(condition=~Q(title=""), name="document_has_title"),
            models.CheckConstraint(
                condition=Q(content=None) | Q(size__gt=0) & ~Q(sha256="") & Q(reference=""),
                name="document_content_is_known",
            ),
        )
        indexes = (
            models.Index(fields=["resident_id", "dated_at", "id"], name="document_of_resident"),
            models.Index(
                fields=["request_id"], condition=Q(request_id__isnull=False), name="document_request"
            ),
        )
