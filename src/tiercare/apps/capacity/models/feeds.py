"""What a hospital's own system (HIS) tells of its sessions, as it told it, and where that cannot be reconciled with ours.

Each thing told keeps the sequence of the message that told it last: whatever comes later with a smaller one is old.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiercare.apps.ledger.clock import TiercareNow
from tiercare.kernel.ids import uuid7

from ..rules.conflicts import ConflictKind, ConflictState


class Feed(models.Model):
    """One system of one institution; ``source`` is what it calls itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    institution_id = models.UUIDField()
    source = models.CharField(max_length=40)
    heard_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (models.UniqueConstraint(fields=["institution_id", "source"], name="feed_once"),)

    def __str__(self) -> str:
        return self.source


class FeedMessage(models.Model):
    """A message that was taken, and what was answered: sent again, it is answered the same."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="messages")
    sequence = models.BigIntegerField()
    full = models.BooleanField()
    digest = models.CharField(max_length=64)
    answer = models.JSONField()
    taken_at = models.DateTimeField(db_default=TiercareNow())

    class Meta:
        constraints = (models.UniqueConstraint(fields=["feed", "sequence"], name="feed_sequence_once"),)


class FeedDay(models.Model):
    """The last message that told the whole of a day: what an earlier one told of it and this one did not is gone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    sequence = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["feed", "day"], name="feed_day_once"),)


class FeedSession(models.Model):
    """A session as told. ``session`` is ours that stands for it; empty while there is none on offer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="sessions")
    key = models.CharField(max_length=64, help_text="the system's own")
    sequence = models.BigIntegerField()
    day = models.DateField()
    pool = models.CharField(max_length=40)
    physician = models.CharField(max_length=80, default="", db_default="")
    place = models.CharField(max_length=80, default="", db_default="")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    on_offer = models.BooleanField()
    reason = models.CharField(max_length=200, default="", db_default="")
    session = models.ForeignKey("capacity.Session", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["feed", "key"], name="feed_session_once"),)
        indexes = (models.Index(fields=["feed", "day"], name="feed_session_of_day"),)


class FeedSlot(models.Model):
    """A slot as told; ours is the one of the session with the same time. ``sold`` of it went elsewhere."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    told = models.ForeignKey(FeedSession, on_delete=models.PROTECT, related_name="slots")
    key = models.CharField(max_length=64)
    sequence = models.BigIntegerField()
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField()
    sold = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["told", "key"], name="feed_slot_once"),)


class Conflict(models.Model):
    """Where the hospital's system and the platform do not agree: ``said`` by it, ``kept`` here, and how it ended.

    ``words`` say more where a rule speaks. It stands open until both agree again; nobody can put it aside.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    told = models.ForeignKey(FeedSession, on_delete=models.PROTECT, related_name="conflicts")
    kind = models.CharField(max_length=15)
    slot_key = models.CharField(max_length=64, default="", db_default="")
    slot_id = models.UUIDField(null=True, help_text="ours")
    said = models.PositiveIntegerField()
    kept = models.PositiveIntegerField()
    words = models.JSONField(default=dict, db_default={})
    state = models.CharField(max_length=10)
    found_at = models.DateTimeField(db_default=TiercareNow())
    answered_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=12, default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=[each.value for each in ConflictKind]), name="conflict_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in ConflictState]), name="conflict_state"
            ),
            models.UniqueConstraint(
                fields=["told", "kind", "slot_key"],
                condition=Q(state=ConflictState.OPEN.value),
                name="conflict_open_once",
            ),
        )
