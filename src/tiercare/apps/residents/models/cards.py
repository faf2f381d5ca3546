"""The electronic health card (电子健康卡), its uses, and arrivals that a scan opened."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tiercare.kernel.ids import uuid7

from ..rules.vocabulary import CardEvent


class Card(models.Model):
    """A card of a resident. Its number is a plain fallback for the QR token; ended cards open nothing, at once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    number = models.CharField(max_length=16, unique=True)
    institution_id = models.UUIDField(null=True)
    division_code = models.CharField(max_length=12)
    issued_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__in=[event.value for event in CardEvent]),
                name="card_end_whole",
            ),
            models.UniqueConstraint(
                fields=["resident_id"], condition=Q(ended_at=None), name="card_one_of_a_resident"
            ),
        )


class CardUse(models.Model):
    """A token that was shown: its 128-bit nonce is taken once, anywhere in the region."""

    nonce = models.UUIDField(primary_key=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["expires_at"], name="card_use_by_age"),)


class Arrival(models.Model):
    """A resident stands at an institution, identified by card, for one of the uses that the packs name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    use = models.CharField(max_length=40)
    by_token = models.BooleanField()
    at = models.DateTimeField()
    window_start = models.DateTimeField(null=True)
    window_end = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(window_start=None, window_end=None) | Q(window_end__gt=F("window_start")),
                name="arrival_window",
            ),
        )
        indexes = (models.Index(fields=["institution_id", "at"], name="arrival_today"),)
