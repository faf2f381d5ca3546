"""Files with pools, weeks and beds that a hospital uploaded. Nothing of one holds before it is taken over."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.kernel.ids import uuid7

from ..rules.files import FileState


class PlaceFile(models.Model):
    """One file with what its check found: ``counts`` by register, ``faults`` by row, ``notes`` about the whole."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    register = models.CharField(max_length=20, default="", db_default="")
    state = models.CharField(max_length=10)
    counts = models.JSONField(default=dict, db_default={})
    faults = models.JSONField(default=list, db_default=[])
    notes = models.JSONField(default=list, db_default=[])
    uploaded_by_id = models.UUIDField(null=True)
    uploaded_by = models.TextField()
    uploaded_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in FileState]), name="place_file_state"
            ),
        )
        indexes = (models.Index(fields=["institution_id", "uploaded_at"], name="place_file_of"),)

    def __str__(self) -> str:
        return self.file_name
