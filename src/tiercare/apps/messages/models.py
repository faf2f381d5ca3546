"""What residents were told. Stands under row-level security (migration 0002)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7


class Message(models.Model):
    """Words for one resident, in the language they read. ``institution_id`` is who tells; ``about`` names the kind of
    thing, ``about_id`` the thing. ``sent_at``: handed to the gateway; ``no_number``: read in the platform only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField(null=True)
    about = models.CharField(max_length=40)
    about_id = models.UUIDField()
    text = models.CharField(max_length=500)
    written_at = models.DateTimeField(db_default=TiercareNow())
    sent_at = models.DateTimeField(null=True)
    no_number = models.BooleanField(default=False, db_default=False)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="message_says_something"),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(no_number=False), name="message_sent_to_a_number"
            ),
        )
        indexes = (models.Index(fields=["resident_id", "written_at"], name="message_of_resident"),)
